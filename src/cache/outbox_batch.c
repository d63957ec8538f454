/* The outbox: many actions made together, to be seen and undone as one. */
#include "balie/cache.h"
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "room.h"
#include "work_sql.h"

bool work_append_many(struct work *w, const char *batch, const struct work_item *items, size_t n,
		      int64_t now, struct err *err)
{
	struct store_query *q;
	bool ok = false;

	if (!store_begin(w->store, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct ticket about = {.number = items[i].number, .subject = items[i].subject};

		if (!outbox_insert(w, &items[i].envelope, &about, batch, now, err))
			goto out;
	}
	q = store_query(w->store, WORK_SQL_BATCH_PRUNE);
	ok = store_run(q, err) && store_commit(w->store, err);
out:
	if (!ok)
		store_rollback(w->store);
	w->writes++;
	return ok;
}

static bool run_batch(struct work *w, unsigned statement, const char *batch, int from,
		      struct err *err)
{
	struct store_query *q = store_query(w->store, statement);

	store_bind_text(q, 1, batch);
	store_bind_int(q, 2, from);
	return store_run(q, err);
}

/* Within a transaction: forgets the rows that are surely not done. from: the lowest state of them. */
static bool take_back(struct work *w, const char *batch, int from, size_t *ret_taken,
		      struct err *err)
{
	if (!run_batch(w, WORK_SQL_BATCH_UNDO_FAILED, batch, from, err) ||
	    !run_batch(w, WORK_SQL_BATCH_HAND_ON, batch, from, err) ||
	    !run_batch(w, WORK_SQL_BATCH_DELETE, batch, from, err))
		return false;
	*ret_taken = (size_t)store_changes(w->store);
	return true;
}

/* Under way its result is not known yet; it may be by the time this is written. The outbox follows the
 * chain from what it was made on. */
static bool insert_undo(struct work *w, const struct outbox_row *row, const char *batch,
			int64_t now, struct err *err)
{
	struct envelope e = {.action = &actions.rows[ACT_UNDO],
			     .record = row->envelope.record,
			     .args = args_none};
	struct ticket about = {.number = row->number, .subject = row->subject};
	char id[ID_TEXT];

	e.id = id_new(id);
	e.base_version = row->result_version > 0 ? row->result_version : row->envelope.base_version;
	e.args.operation = row->envelope.id;
	return outbox_insert(w, &e, &about, batch, now, err);
}

bool work_undo_batch(struct work *w, const char *batch, int64_t now, size_t *ret_taken,
		     size_t *ret_undone, struct err *err)
{
	struct store_query *q;
	struct arena a = {0};
	struct outbox_row *rows = NULL;
	size_t n = 0, taken = 0;
	char anew[ID_TEXT];
	bool ok = false;

	id_new(anew);
	if (!store_begin(w->store, err))
		return false;
	if (!take_back(w, batch, OUTBOX_WAITING, &taken, err))
		goto out;
	q = store_query(w->store, WORK_SQL_BATCH_TO_UNDO);
	store_bind_text(q, 1, batch);
	if (!outbox_read_rows(q, SIZE_MAX, &rows, &n, &a, err))
		goto out;
	for (size_t i = 0; i < n; i++)
		if (!insert_undo(w, &rows[i], anew, now, err))
			goto out;
	ok = store_commit(w->store, err);
	if (ok) {
		*ret_taken = taken;
		*ret_undone = n;
	}
out:
	if (!ok)
		store_rollback(w->store);
	w->writes++;
	arena_finish(&a);
	return ok;
}

bool work_drop_failed(struct work *w, const char *batch, size_t *ret_taken, struct err *err)
{
	bool ok;

	if (!store_begin(w->store, err))
		return false;
	ok = take_back(w, batch, OUTBOX_CONFLICT, ret_taken, err) && store_commit(w->store, err);
	if (!ok)
		store_rollback(w->store);
	w->writes++;
	return ok;
}

bool work_batches(struct work *w, struct work_batch **ret, size_t *n, struct arena *a,
		  struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_BATCHES);
	struct work_batch *rows = arena_alloc(a, 50 * sizeof(*rows));
	enum store_step step;
	size_t count = 0;

	while (count < 50 && (step = store_step(q, err)) == STORE_ROW) {
		struct work_batch *b = &rows[count++];

		b->id = arena_strdup(a, store_column_text(q, 0));
		b->first_seq = store_column_int(q, 1);
		b->at = store_column_int(q, 2);
		b->count = store_column_int(q, 3);
		b->waiting = store_column_int(q, 4);
		b->conflict = store_column_int(q, 5);
		b->refused = store_column_int(q, 6);
		b->done = store_column_int(q, 7);
		b->undone = store_column_int(q, 8);
	}
	store_done(q);
	if (count < 50 && step == STORE_FAILED)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!outbox_get(w, rows[i].first_seq, &rows[i].first, a, err))
			return false;
	*ret = rows;
	*n = count;
	return true;
}

bool work_batch_rows(struct work *w, const char *batch, size_t max, struct outbox_row **ret,
		     size_t *n, struct arena *a, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_BATCH_ROWS);
	struct outbox_row *rows = NULL;
	size_t count = 0;

	store_bind_text(q, 1, batch);
	store_bind_int(q, 2, (int64_t)max);
	if (!outbox_read_rows(q, max, &rows, &count, a, err))
		return false;
	*ret = rows;
	*n = count;
	return true;
}
