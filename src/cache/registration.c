/* work.db: contacts that are being registered, until they are wrapped up. */
#include "balie/cache.h"
#include "balie/i18n.h"
#include "room.h"
#include "work_sql.h"

#define OPEN_MAX 100
#define VALUES_MAX 10000

static bool put_value(struct work *w, const char *contact_id, const struct registration_value *v,
		      struct err *err)
{
	struct store_query *q =
		store_query(w->store, v->value != NULL ? WORK_SQL_REGISTRATION_VALUE_PUT
						       : WORK_SQL_REGISTRATION_VALUE_DROP);

	store_bind_text(q, 1, contact_id);
	store_bind_int(q, 2, v->question);
	store_bind_text(q, 3, v->field);
	if (v->value != NULL)
		store_bind_text(q, 4, v->value);
	return store_run(q, err);
}

bool work_put_registration(struct work *w, const struct registration *r,
			   const struct registration_value *values, size_t count, struct err *err)
{
	struct store_query *q;
	bool ok = false;

	if (!store_begin(w->store, err))
		return false;
	q = store_query(w->store, WORK_SQL_REGISTRATION_PUT);
	store_bind_text(q, 1, r->contact_id);
	store_bind_int(q, 2, r->started_at);
	store_bind_int(q, 3, r->channel);
	store_bind_text(q, 4, r->who != NULL ? r->who : "");
	ok = store_run(q, err);
	for (size_t i = 0; ok && i < count; i++)
		ok = put_value(w, r->contact_id, &values[i], err);
	ok = ok && store_commit(w->store, err);
	if (!ok)
		store_rollback(w->store);
	return ok;
}

bool work_registrations(struct work *w, struct registration **ret, size_t *n, struct arena *a,
			struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_REGISTRATION_LIST);
	struct registration *rows = arena_alloc(a, OPEN_MAX * sizeof(*rows));
	enum store_step step = STORE_DONE;
	size_t count = 0;

	while (count < OPEN_MAX && (step = store_step(q, err)) == STORE_ROW) {
		rows[count].contact_id = arena_strdup(a, store_column_text(q, 0));
		rows[count].started_at = store_column_int(q, 1);
		rows[count].channel = (int)store_column_int(q, 2);
		rows[count++].who = arena_strdup(a, store_column_text(q, 3));
	}
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = rows;
	*n = count;
	return true;
}

bool work_registration_values(struct work *w, const char *contact_id,
			      struct registration_value **ret, size_t *n, struct arena *a,
			      struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_REGISTRATION_VALUES);
	size_t cap = 64, count = 0;
	struct registration_value *rows = arena_alloc(a, cap * sizeof(*rows));
	enum store_step step = STORE_DONE;

	store_bind_text(q, 1, contact_id);
	while (count < VALUES_MAX && (step = store_step(q, err)) == STORE_ROW) {
		if (count == cap) {
			struct registration_value *more = arena_alloc(a, cap * 2 * sizeof(*more));

			for (size_t i = 0; i < count; i++)
				more[i] = rows[i];
			rows = more;
			cap *= 2;
		}
		rows[count].question = store_column_int(q, 0);
		rows[count].field = arena_strdup(a, store_column_text(q, 1));
		rows[count++].value = arena_strdup(a, store_column_text(q, 2));
	}
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = rows;
	*n = count;
	return true;
}

/* Within the caller's transaction. */
static bool drop(struct work *w, const char *contact_id, struct err *err)
{
	static const unsigned statements[] = {WORK_SQL_REGISTRATION_VALUES_DROP,
					      WORK_SQL_REGISTRATION_DROP};

	for (size_t i = 0; i < 2; i++) {
		struct store_query *q = store_query(w->store, statements[i]);

		store_bind_text(q, 1, contact_id);
		if (!store_run(q, err))
			return false;
	}
	return true;
}

bool work_drop_registration(struct work *w, const char *contact_id, struct err *err)
{
	bool ok;

	if (!store_begin(w->store, err))
		return false;
	ok = drop(w, contact_id, err) && store_commit(w->store, err);
	if (!ok)
		store_rollback(w->store);
	return ok;
}

bool work_wrap_up(struct work *w, const char *contact_id, const struct wrap_up *items, size_t count,
		  int64_t now, struct err *err)
{
	bool ok = true;

	if (!store_begin(w->store, err))
		return false;
	for (size_t i = 0; ok && i < count; i++)
		ok = outbox_insert(w, &items[i].envelope, items[i].about, NULL, now, err);
	ok = ok && drop(w, contact_id, err) && store_commit(w->store, err);
	if (!ok)
		store_rollback(w->store);
	w->writes++;
	return ok;
}
