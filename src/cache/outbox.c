/* The outbox: adding to it and reading it. */
#include "balie/cache.h"
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "balie/wire.h"
#include "room.h"
#include "work_sql.h"

#define OPEN_MAX 200000
#define RECALL_MS 15000 /* so long the service holds a mail back */

/* Kept in this language: which one is shown is decided when it is. */
const char *const outbox_aside =
	N_("This program cannot read it. It is kept: try it again after an update");

/* Stands for an action that cannot be read: what asks for an action finds one that does nothing. */
static const struct action unreadable_action = {
	.id = -1,
	.about = RECORD_TICKET,
	.name = "unreadable",
	.kind = ACTION_SENT,
	.usage = "",
	.help = "",
	.label = N_("unreadable"),
};

/* The place of a new action in the chain of the agent's own ones on that record. */
struct place {
	int64_t base, behind;
};

static bool find_place(struct work *w, const struct envelope *e, struct place *ret, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_LAST_OPEN);
	enum store_step step;

	ret->base = e->base_version;
	ret->behind = 0;
	store_bind_text(q, 1, e->record);
	step = store_step(q, err);
	if (step == STORE_ROW) {
		ret->behind = store_column_int(q, 0);
		if (store_column_int(q, 1) > ret->base)
			ret->base = store_column_int(q, 1);
	}
	store_done(q);
	if (step == STORE_FAILED || ret->behind != 0)
		return step != STORE_FAILED;
	/* The screen may still show the version from before an action of ours that was answered a
	 * moment ago. */
	for (int i = 0; i < 100; i++) {
		q = store_query(w->store, WORK_SQL_OUTBOX_NEXT_VERSION);
		store_bind_text(q, 1, e->record);
		store_bind_int(q, 2, ret->base);
		step = store_step(q, err);
		if (step == STORE_ROW)
			ret->base = store_column_int(q, 0);
		store_done(q);
		if (step != STORE_ROW)
			break;
	}
	return step != STORE_FAILED;
}

/* Other records that the envelope names; NULL when there are none. */
static char *needs_of(const struct envelope *e, struct buf *ret)
{
	for (size_t i = 0; i < e->action->field_count; i++) {
		const struct field *f = &e->action->fields[i];
		const char *id;

		if (f->type != FIELD_ID)
			continue;
		id = *(const char *const *)(const void *)((const char *)&e->args + f->offset);
		if (id != NULL && id[0] != '\0')
			buf_printf(ret, "%s%s", ret->len > 0 ? " " : "", id);
	}
	return ret->data;
}

/* Hashes of the files that go along; NULL when there are none. The list was checked: a hash stands
 * nowhere else behind that name. */
static char *files_of(const struct envelope *e, struct buf *ret)
{
	static const char name[] = "\"sha256\":\"";
	const char *at = e->args.attachments;

	while (at != NULL && (at = strstr(at, name)) != NULL) {
		at += sizeof(name) - 1;
		if (strspn(at, "0123456789abcdef") >= HASH_TEXT - 1)
			buf_printf(ret, "%s%.64s", ret->len > 0 ? " " : "", at);
	}
	return ret->data;
}

/* 1: always; 2: a mail, for a moment. What was said aloud cannot be taken back. */
static int undoable(const struct envelope *e)
{
	if (e->action->id == ACT_FORWARD || e->action->id == ACT_SEND_AGAIN ||
	    (e->action->id == ACT_ANSWER &&
	     (e->args.channel < 0 || e->args.channel == CHANNEL_MAIL)))
		return 2;
	return (e->action->flags & ACTION_UNDOABLE) != 0;
}

bool outbox_insert(struct work *w, const struct envelope *e, const struct ticket *about,
		   const char *batch, int64_t now, struct err *err)
{
	struct store_query *q;
	struct buf text = {0}, needs = {0}, files = {0};
	struct place place;
	bool ok;

	if (e->record == NULL || e->id == NULL) {
		err_set(err, ERR_INTERNAL, "an action without a record");
		return false;
	}
	/* What the service would not understand must not block the record's later actions. */
	if (!args_check(e->action, &e->args, err))
		return false;
	if (!find_place(w, e, &place, err))
		return false;
	wire_put_envelope(&text, e);
	q = store_query(w->store, WORK_SQL_OUTBOX_APPEND);
	store_bind_text(q, 1, e->id);
	store_bind_text(q, 2, e->record);
	store_bind_int(q, 3, (e->action->flags & ACTION_ADDITIVE) != 0);
	store_bind_int(q, 4, undoable(e));
	store_bind_text(q, 5, text.data);
	store_bind_int(q, 6, e->base_version);
	store_bind_int(q, 7, place.base);
	store_bind_int_or_null(q, 8, place.behind);
	store_bind_int(q, 9, now);
	store_bind_text(q, 10, e->action->id == ACT_UNDO ? e->args.operation : NULL);
	store_bind_text(q, 11, about != NULL ? about->number : NULL);
	store_bind_text(q, 12, about != NULL ? about->subject : e->args.subject);
	store_bind_text(q, 13, needs_of(e, &needs));
	store_bind_text(q, 14, batch);
	store_bind_text(q, 15, files_of(e, &files));
	ok = store_run(q, err);
	buf_finish(&files);
	buf_finish(&text);
	buf_finish(&needs);
	if (!ok || e->action->id != ACT_UNDO)
		return ok;
	q = store_query(w->store, WORK_SQL_OUTBOX_UNDONE_BY);
	store_bind_text(q, 1, e->args.operation);
	return store_run(q, err);
}

bool work_append(struct work *w, const struct envelope *e, int64_t now, bool drop_draft,
		 struct err *err)
{
	return work_append_about(w, e, NULL, now, drop_draft, err);
}

bool work_append_about(struct work *w, const struct envelope *e, const struct ticket *about,
		       int64_t now, bool drop_draft, struct err *err)
{
	bool ok = false;

	if (!store_begin(w->store, err))
		return false;
	if (!outbox_insert(w, e, about, NULL, now, err))
		goto out;
	if (drop_draft && !work_drop_draft(w, e->record, e->action->name, err))
		goto out;
	ok = store_commit(w->store, err);
out:
	if (!ok)
		store_rollback(w->store);
	w->writes++;
	return ok;
}

/* The rows of a batch say the same of different tickets: it is read once, and the rest follows it. An
 * undo names the action that it undoes, so each of its rows has something of its own. */
static bool read_as_before(struct store_query *q, const char *batch, const struct outbox_row *like,
			   struct envelope *ret, struct arena *a)
{
	if (batch == NULL || like == NULL || like->unreadable || like->batch == NULL ||
	    strcmp(batch, like->batch) != 0)
		return false;
	*ret = like->envelope;
	ret->id = arena_strdup(a, store_column_text(q, 14));
	ret->record = arena_strdup(a, store_column_text(q, 15));
	if (ret->action->id == ACT_UNDO)
		ret->args.operation = arena_strdup(a, store_column_text(q, 16));
	return true;
}

/* It stays in the file: a newer program may have written it. */
static void stand_in(struct store_query *q, struct outbox_row *row, struct arena *a)
{
	row->unreadable = true;
	row->envelope = (struct envelope){
		.id = arena_strdup(a, store_column_text(q, 14)),
		.action = &unreadable_action,
		.record = arena_strdup(a, store_column_text(q, 15)),
		.args = args_none,
	};
	row->envelope.args.body = arena_strdup(a, store_column_text(q, 2));
}

static void read_envelope(struct store_query *q, struct outbox_row *row, struct arena *a)
{
	const char *text = store_column_text(q, 2);
	struct err err = {0};
	struct cJSON *json =
		wire_parse(text != NULL ? text : "", text != NULL ? strlen(text) : 0, &err);

	if (json == NULL || !wire_get_envelope(json, &row->envelope, a, NULL, &err)) {
		log_line(LOG_LEVEL_ERROR, "outbox row %lld cannot be read: %s", (long long)row->seq,
			 err.text);
		stand_in(q, row, a);
	}
	wire_free(json);
}

void outbox_read(struct store_query *q, const struct outbox_row *like, struct outbox_row *ret,
		 struct arena *a)
{
	const char *batch = store_column_text(q, 13);

	memset(ret, 0, sizeof(*ret));
	ret->seq = store_column_int(q, 0);
	if (read_as_before(q, batch, like, &ret->envelope, a)) {
		ret->batch = like->batch;
	} else {
		read_envelope(q, ret, a);
		ret->batch = arena_strdup(a, batch);
	}
	ret->state = (enum outbox_state)store_column_int(q, 1);
	ret->envelope.base_version =
		ret->envelope.action->flags & ACTION_ADDITIVE ? 0 : store_column_int(q, 3);
	ret->at = store_column_int(q, 4);
	ret->tried_at = store_column_int(q, 5);
	ret->tries = store_column_int(q, 6);
	ret->reason = arena_strdup(a, store_column_text(q, 7));
	ret->theirs = arena_strdup(a, store_column_text(q, 8));
	ret->result_version = store_column_int(q, 9);
	ret->undone = store_column_int(q, 10) != 0;
	ret->number = arena_strdup(a, store_column_text(q, 11));
	ret->subject = arena_strdup(a, store_column_text(q, 12));
}

bool outbox_read_rows(struct store_query *q, size_t max, struct outbox_row **rows, size_t *n,
		      struct arena *a, struct err *err)
{
	size_t cap = *n + 16;
	struct outbox_row *ret = arena_alloc(a, cap * sizeof(*ret));
	enum store_step step = STORE_DONE;
	size_t read = 0;

	if (*n > 0)
		memcpy(ret, *rows, *n * sizeof(*ret));
	while (read < max && (step = store_step(q, err)) == STORE_ROW) {
		if (*n == cap) {
			struct outbox_row *more = arena_alloc(a, cap * 2 * sizeof(*more));

			memcpy(more, ret, cap * sizeof(*ret));
			ret = more;
			cap *= 2;
		}
		read++;
		outbox_read(q, *n > 0 ? &ret[*n - 1] : NULL, &ret[*n], a);
		(*n)++;
	}
	store_done(q);
	*rows = ret;
	return step != STORE_FAILED;
}

bool outbox_read_known(struct store_query *q, size_t max, struct outbox_row **rows, size_t *n,
		       struct arena *a, struct err *err)
{
	size_t kept = *n, count = *n;

	if (!outbox_read_rows(q, max, rows, &count, a, err))
		return false;
	for (size_t i = kept; i < count; i++)
		if (!(*rows)[i].unreadable)
			(*rows)[kept++] = (*rows)[i];
	*n = kept;
	return true;
}

static bool read_open_and_done(struct work *w, unsigned statement, size_t max_done,
			       struct outbox_row **ret, size_t *n, struct arena *a, struct err *err)
{
	struct store_query *q;
	struct outbox_row *rows = NULL;
	size_t count = 0;

	if (!outbox_read_rows(store_query(w->store, statement), OPEN_MAX, &rows, &count, a, err))
		return false;
	if (max_done > 0) {
		q = store_query(w->store, WORK_SQL_OUTBOX_DONE);
		store_bind_int(q, 1, (int64_t)max_done);
		if (!outbox_read_rows(q, max_done, &rows, &count, a, err))
			return false;
	}
	*ret = rows;
	*n = count;
	return true;
}

bool work_outbox(struct work *w, size_t max_done, struct outbox_row **ret, size_t *n,
		 struct arena *a, struct err *err)
{
	return read_open_and_done(w, WORK_SQL_OUTBOX_OPEN, max_done, ret, n, a, err);
}

bool work_outbox_alone(struct work *w, size_t max_done, struct outbox_row **ret, size_t *n,
		       struct arena *a, struct err *err)
{
	return read_open_and_done(w, WORK_SQL_OUTBOX_OPEN_ALONE, max_done, ret, n, a, err);
}

bool work_outbox_of(struct work *w, const char *record, struct outbox_row **ret, size_t *n,
		    struct arena *a, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_OPEN_OF);
	struct outbox_row *rows = NULL;
	size_t count = 0;

	store_bind_text(q, 1, record);
	if (!outbox_read_known(q, OPEN_MAX, &rows, &count, a, err))
		return false;
	*ret = rows;
	*n = count;
	return true;
}

static bool read_next(struct work *w, int64_t seq, size_t max, struct outbox_row **ret, size_t *n,
		      struct arena *a, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_NEXT);

	*n = 0;
	store_bind_int(q, 1, (int64_t)max);
	store_bind_int(q, 2, seq);
	return outbox_read_rows(q, max, ret, n, a, err);
}

bool work_next(struct work *w, size_t max, struct outbox_row **ret, size_t *n, struct arena *a,
	       struct err *err)
{
	return work_next_behind(w, 0, max, ret, n, a, err);
}

bool work_next_behind(struct work *w, int64_t seq, size_t max, struct outbox_row **ret, size_t *n,
		      struct arena *a, struct err *err)
{
	struct outbox_row *rows = NULL;
	size_t count = 0, aside;

	/* Those that are set aside make room for others. */
	do {
		aside = 0;
		if (!read_next(w, seq, max, &rows, &count, a, err))
			return false;
		for (size_t i = 0; i < count; i++) {
			if (!rows[i].unreadable)
				continue;
			if (!outbox_set_aside(w, rows[i].seq, err))
				return false;
			aside++;
		}
		w->aside += aside;
	} while (aside > 0);
	*ret = rows;
	*n = count;
	return true;
}

size_t work_new_aside(struct work *w)
{
	size_t ret = w->aside;

	w->aside = 0;
	return ret;
}

static bool read_single(struct store_query *q, struct outbox_row *ret, struct arena *a,
			struct err *err)
{
	enum store_step step = store_step(q, err);

	if (step == STORE_ROW) {
		outbox_read(q, NULL, ret, a);
	} else if (step == STORE_DONE) {
		err_set(err, ERR_NOT_FOUND, _("there is no such action"));
	}
	store_done(q);
	return step == STORE_ROW;
}

bool outbox_get(struct work *w, int64_t seq, struct outbox_row *ret, struct arena *a,
		struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_GET);

	store_bind_int(q, 1, seq);
	return read_single(q, ret, a, err);
}

bool work_last_undoable(struct work *w, const char *record, struct outbox_row *ret, struct arena *a,
			struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_UNDOABLE);
	struct err why = {0};

	store_bind_text(q, 1, record);
	store_bind_int(q, 2, clock_now() - RECALL_MS);
	if (read_single(q, ret, a, &why))
		return true;
	if (why.kind == ERR_NOT_FOUND)
		err_set(&why, ERR_NOT_FOUND, _("there is nothing to undo"));
	if (err != NULL)
		*err = why;
	return false;
}

bool work_count(struct work *w, struct work_counts *ret, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_COUNTS);
	enum store_step step = store_step(q, err);

	if (step == STORE_ROW) {
		ret->waiting = store_column_int(q, 0);
		ret->conflict = store_column_int(q, 1);
		ret->refused = store_column_int(q, 2);
		ret->contacts = store_column_int(q, 3);
	}
	store_done(q);
	return step == STORE_ROW;
}

bool work_has_unsent(struct work *w)
{
	struct work_counts counts = {0};
	struct store_query *q;
	bool drafts;

	/* When it cannot be told, there may be something: asking is the safe side. */
	if (!work_count(w, &counts, NULL))
		return true;
	q = store_query(w->store, WORK_SQL_DRAFT_COUNT);
	drafts = store_step(q, NULL) != STORE_ROW || store_column_int(q, 0) > 0;
	store_done(q);
	return drafts || counts.waiting + counts.conflict + counts.refused > 0;
}
