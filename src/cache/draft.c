/* work.db: opening it, and the drafts. */
#include "balie/cache.h"
#include <stdlib.h>
#include "balie/i18n.h"
#include "room.h"
#include "work_sql.h"

#define WORK_APPLICATION 0x42616c77 /* "Balw" */

bool work_open(struct work **ret, const char *dir, struct err *err)
{
	struct work *w = xcalloc(1, sizeof(*w));
	char *path = xasprintf("%s/work.db", dir);
	bool ok = false;

	w->schema = (struct store_schema){
		.what = "work",
		.application_id = WORK_APPLICATION,
		.dialects[STORE_SQLITE] = {.migrations = work_sqlite_migrations,
					   .migration_count = work_sqlite_migration_count,
					   .statements = work_sqlite_statements},
		.statement_count = WORK_SQL_COUNT,
	};
	/* Broken or too new is told, never mended by throwing away: it holds what was typed. */
	if (!store_open(&w->store, path, &w->schema, STORE_CREATE, err))
		goto out;

	*ret = w;
	w = NULL;
	ok = true;
out:
	work_close(w);
	free(path);
	return ok;
}

void work_close(struct work *w)
{
	if (w == NULL)
		return;
	store_close(w->store);
	free(w);
}

bool work_put_draft(struct work *w, const struct draft *d, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_DRAFT_PUT);

	store_bind_text(q, 1, d->ticket_id);
	store_bind_text(q, 2, d->kind);
	store_bind_text(q, 3, d->to);
	store_bind_text(q, 4, d->subject);
	store_bind_text(q, 5, d->body);
	store_bind_int(q, 6, d->cursor);
	store_bind_int(q, 7, d->at);
	store_bind_text(q, 8, d->envelope_id);
	store_bind_text(q, 9, d->cc);
	store_bind_text(q, 10, d->files);
	store_bind_text(q, 11, d->message_id);
	return store_run(q, err);
}

static void read_draft(struct store_query *q, struct draft *ret, struct arena *a)
{
	ret->ticket_id = arena_strdup(a, store_column_text(q, 0));
	ret->kind = arena_strdup(a, store_column_text(q, 1));
	ret->to = arena_strdup(a, store_column_text(q, 2));
	ret->subject = arena_strdup(a, store_column_text(q, 3));
	ret->body = arena_strdup(a, store_column_text(q, 4));
	ret->cursor = store_column_int(q, 5);
	ret->at = store_column_int(q, 6);
	ret->envelope_id = arena_strdup(a, store_column_text(q, 7));
	ret->cc = arena_strdup(a, store_column_text(q, 8));
	ret->files = arena_strdup(a, store_column_text(q, 9));
	ret->message_id = arena_strdup(a, store_column_text(q, 10));
}

bool work_draft(struct work *w, const char *ticket_id, const char *kind, struct draft *ret,
		struct arena *a, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_DRAFT_GET);
	enum store_step step;

	store_bind_text(q, 1, ticket_id);
	store_bind_text(q, 2, kind);
	step = store_step(q, err);
	if (step == STORE_ROW)
		read_draft(q, ret, a);
	else if (step == STORE_DONE)
		err_set(err, ERR_NOT_FOUND, _("there is no draft"));
	store_done(q);
	return step == STORE_ROW;
}

bool work_drafts(struct work *w, struct draft **ret, size_t *n, struct arena *a, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_DRAFT_LIST);
	struct draft *drafts = arena_alloc(a, 1000 * sizeof(*drafts));
	enum store_step step = STORE_DONE;
	size_t count = 0;

	while (count < 1000 && (step = store_step(q, err)) == STORE_ROW)
		read_draft(q, &drafts[count++], a);
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = drafts;
	*n = count;
	return true;
}

bool work_move_draft(struct work *w, const char *from_id, const char *to_id, const char *kind,
		     struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_DRAFT_MOVE);

	store_bind_text(q, 1, from_id);
	store_bind_text(q, 2, to_id);
	store_bind_text(q, 3, kind);
	return store_run(q, err);
}

bool work_drop_draft(struct work *w, const char *ticket_id, const char *kind, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_DRAFT_DROP);

	store_bind_text(q, 1, ticket_id);
	store_bind_text(q, 2, kind);
	return store_run(q, err);
}
