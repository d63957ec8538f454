/* The outbox: what became of an action. */
#include "balie/cache.h"
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/wire.h"
#include "room.h"
#include "work_sql.h"

/* Runs one statement of which parameter 1 is seq. */
static bool mark(struct work *w, struct store_query *q, int64_t seq, struct err *err)
{
	store_bind_int(q, 1, seq);
	w->writes++;
	return store_run(q, err);
}

static bool mark_in_order(struct work *w, const unsigned *statements, size_t count, int64_t seq,
			  struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (!mark(w, store_query(w->store, statements[i]), seq, err))
			return false;
	return true;
}

bool work_set_sending(struct work *w, int64_t seq, int64_t now, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_SENDING);

	store_bind_int(q, 2, now);
	if (!mark(w, q, seq, err))
		return false;
	if (store_changes(w->store) == 0) {
		err_set(err, ERR_NOT_FOUND, _("it was taken back"));
		return false;
	}
	return true;
}

bool work_set_waiting(struct work *w, int64_t seq, const char *reason, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_WAITING);

	store_bind_text(q, 2, reason);
	return mark(w, q, seq, err);
}

bool work_set_unsure(struct work *w, int64_t seq, const char *reason, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_UNSURE);

	store_bind_text(q, 2, reason);
	return mark(w, q, seq, err);
}

static bool set_done(struct work *w, int64_t seq, int64_t version, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_SET_DONE);

	store_bind_int(q, 2, version);
	if (!mark(w, q, seq, err))
		return false;
	q = store_query(w->store, WORK_SQL_OUTBOX_CHAIN);
	store_bind_int(q, 2, version);
	return mark(w, q, seq, err);
}

bool work_set_done(struct work *w, int64_t seq, int64_t version, struct err *err)
{
	struct work_result result = {.seq = seq, .state = OUTBOX_DONE, .version = version};

	return work_set_results(w, &result, 1, err);
}

bool work_set_number(struct work *w, const char *record, const char *number, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_NUMBER);

	store_bind_text(q, 1, record);
	store_bind_text(q, 2, number);
	return store_run(q, err);
}

bool work_set_conflict(struct work *w, int64_t seq, const char *theirs, const char *reason,
		       struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_CONFLICT);

	store_bind_text(q, 2, theirs);
	store_bind_text(q, 3, reason);
	return mark(w, q, seq, err);
}

static bool set_refused(struct work *w, int64_t seq, const char *reason, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_REFUSED);

	store_bind_text(q, 2, reason);
	/* An undo that was refused has undone nothing. */
	return mark(w, q, seq, err) &&
	       mark(w, store_query(w->store, WORK_SQL_OUTBOX_UNDO_FAILED), seq, err);
}

bool outbox_set_aside(struct work *w, int64_t seq, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_REFUSED);

	store_bind_text(q, 2, outbox_aside);
	return mark(w, q, seq, err);
}

bool work_set_refused(struct work *w, int64_t seq, const char *reason, struct err *err)
{
	struct work_result result = {.seq = seq, .state = OUTBOX_REFUSED, .reason = reason};

	return work_set_results(w, &result, 1, err);
}

static bool set_result(struct work *w, const struct work_result *r, struct err *err)
{
	switch (r->state) {
	case OUTBOX_WAITING:
		return work_set_waiting(w, r->seq, r->reason, err);
	case OUTBOX_SENDING:
		return work_set_unsure(w, r->seq, r->reason, err);
	case OUTBOX_CONFLICT:
		return work_set_conflict(w, r->seq, r->theirs, r->reason, err);
	case OUTBOX_REFUSED:
		return set_refused(w, r->seq, r->reason, err);
	case OUTBOX_DONE:
		return set_done(w, r->seq, r->version, err) &&
		       (r->number == NULL || work_set_number(w, r->record, r->number, err));
	}
	return false;
}

bool work_set_results(struct work *w, const struct work_result *results, size_t n, struct err *err)
{
	bool done = false, ok = false;

	if (!store_begin(w->store, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!set_result(w, &results[i], err))
			goto out;
		done = done || results[i].state == OUTBOX_DONE;
	}
	if (done && !store_run(store_query(w->store, WORK_SQL_OUTBOX_PRUNE), err))
		goto out;
	ok = store_commit(w->store, err);
out:
	if (!ok)
		store_rollback(w->store);
	return ok;
}

bool work_set_sending_many(struct work *w, struct outbox_row *rows, size_t *n, int64_t now,
			   struct err *err)
{
	size_t kept = 0;
	bool ok = false;

	if (!store_begin(w->store, err))
		return false;
	for (size_t i = 0; i < *n; i++) {
		struct err why = {0};

		if (work_set_sending(w, rows[i].seq, now, &why)) {
			rows[kept++] = rows[i];
		} else if (why.kind != ERR_NOT_FOUND) {
			if (err != NULL)
				*err = why;
			goto out;
		}
	}
	ok = store_commit(w->store, err);
	if (ok)
		*n = kept;
out:
	if (!ok)
		store_rollback(w->store);
	return ok;
}

/* The text of an answer or a note goes back to where it came from, unless a newer draft is there. */
bool outbox_keep_text(struct work *w, const struct outbox_row *row, struct err *err)
{
	const struct envelope *e = &row->envelope;
	struct store_query *q;
	char id[ID_TEXT];

	/* Whatever it says, it is not for this program to throw away. */
	if (row->unreadable)
		return work_keep(w, KEPT_UNREADABLE, e->id,
				 e->args.body != NULL ? e->args.body : "", err);
	if ((e->action->id != ACT_ANSWER && e->action->id != ACT_FORWARD &&
	     e->action->id != ACT_NOTE) ||
	    e->args.body == NULL)
		return true;
	q = store_query(w->store, WORK_SQL_DRAFT_KEEP);
	store_bind_text(q, 1, e->record);
	store_bind_text(q, 2, e->action->name);
	store_bind_text(q, 3, e->args.to);
	store_bind_text(q, 4, e->args.subject);
	store_bind_text(q, 5, e->args.body);
	store_bind_int(q, 6, 0);
	store_bind_int(q, 7, clock_now());
	/* Its old id may be known to the service with the old text. */
	store_bind_text(q, 8, id_new(id));
	store_bind_text(q, 9, e->args.cc);
	store_bind_text(q, 10, e->args.attachments);
	store_bind_text(q, 11, e->args.message_id);
	return store_run(q, err);
}

bool work_take_back(struct work *w, int64_t seq, struct err *err)
{
	static const unsigned statements[] = {WORK_SQL_OUTBOX_UNDO_FAILED, WORK_SQL_OUTBOX_HAND_ON,
					      WORK_SQL_OUTBOX_DELETE};
	struct arena a = {0};
	struct outbox_row row;
	bool ok = false;

	if (!store_begin(w->store, err))
		return false;
	if (!outbox_get(w, seq, &row, &a, err))
		goto out;
	if (row.state == OUTBOX_SENDING || row.state == OUTBOX_DONE) {
		err_set(err, ERR_CONFLICT, _("it is already under way"));
		goto out;
	}
	if (!outbox_keep_text(w, &row, err) || !mark_in_order(w, statements, 3, seq, err))
		goto out;
	ok = store_commit(w->store, err);
out:
	if (!ok)
		store_rollback(w->store);
	arena_finish(&a);
	return ok;
}

/* Once more under a new id: the service has answered the old one, and may hold that answer against
 * it for ever. */
static bool send_anew(struct work *w, int64_t seq, unsigned statement, int64_t version,
		      struct err *err)
{
	struct arena a = {0};
	struct buf text = {0};
	struct outbox_row row;
	struct store_query *q;
	char id[ID_TEXT];
	bool ok = false;

	if (!store_begin(w->store, err))
		return false;
	if (!outbox_get(w, seq, &row, &a, err))
		goto out;
	if (row.state == OUTBOX_SENDING || row.state == OUTBOX_DONE) {
		err_set(err, ERR_CONFLICT, _("it is already under way"));
		goto out;
	}
	if (row.unreadable) {
		err_set(err, ERR_VERSION, _("this program cannot read it"));
		goto out;
	}
	if (row.state != OUTBOX_WAITING &&
	    (row.reason == NULL || strcmp(row.reason, outbox_aside) != 0))
		row.envelope.id = id_new(id);
	wire_put_envelope(&text, &row.envelope);
	q = store_query(w->store, WORK_SQL_OUTBOX_NEW_ID);
	store_bind_text(q, 2, row.envelope.id);
	store_bind_text(q, 3, text.data);
	if (!mark(w, q, seq, err))
		goto out;
	q = store_query(w->store, WORK_SQL_FILE_AGAIN);
	store_bind_int(q, 1, seq);
	if (!store_run(q, err))
		goto out;
	q = store_query(w->store, statement);
	if (statement == WORK_SQL_OUTBOX_REBASE)
		store_bind_int(q, 2, version);
	if (!mark(w, q, seq, err))
		goto out;
	ok = store_commit(w->store, err);
out:
	if (!ok)
		store_rollback(w->store);
	buf_finish(&text);
	arena_finish(&a);
	return ok;
}

bool work_retry(struct work *w, int64_t seq, struct err *err)
{
	return send_anew(w, seq, WORK_SQL_OUTBOX_RETRY, 0, err);
}

bool work_rebase(struct work *w, int64_t seq, int64_t version, struct err *err)
{
	return send_anew(w, seq, WORK_SQL_OUTBOX_REBASE, version, err);
}

bool outbox_undo_mail(struct work *w, const struct outbox_row *row, const struct envelope *e,
		      const struct ticket *about, int64_t now, struct err *err)
{
	bool ok = false;

	if (!store_begin(w->store, err))
		return false;
	if (!outbox_insert(w, e, about, NULL, now, err) || !outbox_keep_text(w, row, err))
		goto out;
	ok = store_commit(w->store, err);
out:
	if (!ok)
		store_rollback(w->store);
	w->writes++;
	return ok;
}
