/* Small things of the agent's own that are never lost: saved views, macros, how far the news was read. */
#include "balie/cache.h"
#include "room.h"
#include "work_sql.h"

#define KEPT_MAX 200

bool work_keep(struct work *w, const char *kind, const char *name, const char *value,
	       struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_KEPT_PUT);

	store_bind_text(q, 1, kind);
	store_bind_text(q, 2, name);
	store_bind_text(q, 3, value);
	return store_run(q, err);
}

bool work_forget(struct work *w, const char *kind, const char *name, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_KEPT_DROP);

	store_bind_text(q, 1, kind);
	store_bind_text(q, 2, name);
	return store_run(q, err);
}

char *work_kept(struct work *w, const char *kind, const char *name, struct arena *a)
{
	struct store_query *q = store_query(w->store, WORK_SQL_KEPT_GET);
	char *ret = NULL;

	store_bind_text(q, 1, kind);
	store_bind_text(q, 2, name);
	if (store_step(q, NULL) == STORE_ROW)
		ret = arena_strdup(a, store_column_text(q, 0));
	store_done(q);
	return ret;
}

bool work_kept_all(struct work *w, const char *kind, struct kept **ret, size_t *n, struct arena *a,
		   struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_KEPT_LIST);
	struct kept *rows = arena_alloc(a, KEPT_MAX * sizeof(*rows));
	enum store_step step = STORE_DONE;
	size_t count = 0;

	store_bind_text(q, 1, kind);
	while (count < KEPT_MAX && (step = store_step(q, err)) == STORE_ROW) {
		rows[count].name = arena_strdup(a, store_column_text(q, 0));
		rows[count++].value = arena_strdup(a, store_column_text(q, 1));
	}
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = rows;
	*n = count;
	return true;
}
