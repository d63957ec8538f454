/* Several envelopes in one call. Each keeps its own key, so a list whose answer was lost is as safe to
 * send again as one envelope: what was done then is answered as it was. Two lists can be under way: while
 * the service does one, the answer to the other is taken in here. */
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "room.h"

#define BODY_MAX ((size_t)600 * 1024) /* the service takes a megabyte */

struct list {
	struct sync *s;
	struct outbox_row *rows;
	struct work_result *results; /* one a row, in their order */
	size_t n;
	struct arena arena, rows_arena; /* of their text */
	struct call *call;
	size_t done, conflicts, refused;
	bool later;
};

static void put_body(const struct list *l, struct buf *ret)
{
	for (size_t i = 0; i < l->n; i++) {
		buf_add_char(ret, i > 0 ? ',' : '[');
		wire_put_envelope(ret, &l->rows[i].envelope);
	}
	buf_add_char(ret, ']');
}

/* How many of the rows go into one call. */
static size_t count_fitting(const struct list *l)
{
	struct buf one = {0};
	size_t len = 0, n = 0;

	for (; n < l->n; n++) {
		buf_reset(&one);
		wire_put_envelope(&one, &l->rows[n].envelope);
		len += one.len + 1;
		if (n > 0 && len > BODY_MAX)
			break;
	}
	buf_finish(&one);
	return n;
}

/* That it was not done this time says nothing of a time before of which the answer never came. */
static enum outbox_state not_this_time(const struct outbox_row *row)
{
	return row->state == OUTBOX_WAITING ? OUTBOX_WAITING : OUTBOX_SENDING;
}

static const struct cJSON *find_result(const struct cJSON *results, const char *id)
{
	const struct cJSON *at = json_first(results);

	for (; at != NULL; at = json_next(at)) {
		const char *of = json_text(at, "id");

		if (of != NULL && strcmp(of, id) == 0)
			break;
	}
	return at;
}

static void set_reason(struct list *l, struct work_result *r, const struct cJSON *problem)
{
	const char *detail = NULL;

	wire_get_problem(problem, &detail);
	r->reason = arena_strdup(&l->arena, detail != NULL ? detail : _("it was not done"));
}

static bool take_done(struct list *l, const struct outbox_row *row, struct work_result *r,
		      const struct cJSON *json, struct err *err)
{
	r->state = OUTBOX_DONE;
	r->version = send_version_of(json);
	if (row->envelope.action->id == ACT_CREATE) {
		r->record = row->envelope.record;
		r->number =
			arena_strdup(&l->arena, json_text(json_member(json, "record"), "number"));
	}
	l->done++;
	return send_put_result(l->s, row, json, err);
}

static bool take_conflict(struct list *l, const struct outbox_row *row, struct work_result *r,
			  const struct cJSON *problem, struct err *err)
{
	const struct cJSON *current = json_member(problem, "current");
	char *theirs = json_print(current);

	r->state = OUTBOX_CONFLICT;
	r->theirs = arena_strdup(&l->arena, theirs);
	free(theirs);
	l->conflicts++;
	return send_put_current(l->s, row, current, err);
}

/* One result, into the mirror and what is to be marked. */
static bool take_result(struct list *l, size_t i, const struct cJSON *json, struct err *err)
{
	const struct outbox_row *row = &l->rows[i];
	struct work_result *r = &l->results[i];
	const struct cJSON *problem = json_member(json, "problem");

	r->seq = row->seq;
	r->state = OUTBOX_SENDING;
	if (json == NULL) {
		l->later = true;
		return true;
	}
	if (problem != NULL)
		set_reason(l, r, problem);
	switch (send_fate((long)json_number(json, "status"), problem)) {
	case FATE_DONE:
		return take_done(l, row, r, json, err);
	case FATE_CONFLICT:
		return take_conflict(l, row, r, problem, err);
	case FATE_REFUSED:
		r->state = OUTBOX_REFUSED;
		l->refused++;
		return true;
	case FATE_LATER:
	case FATE_LOGIN:
		r->state = not_this_time(row);
		l->later = true;
		return true;
	case FATE_UNSURE:
		l->later = true;
		return true;
	}
	return true;
}

/* The mirror knows before the outbox lets go, each in one transaction. */
static bool take_results(struct list *l, const struct cJSON *results, struct err *err)
{
	bool ok = cache_begin(l->s->cache, err);

	for (size_t i = 0; ok && i < l->n; i++)
		ok = take_result(l, i, find_result(results, l->rows[i].envelope.id), err);
	ok = ok && cache_commit(l->s->cache, err);
	if (!ok) {
		cache_rollback(l->s->cache);
		return false;
	}
	return work_set_results(l->s->work, l->results, l->n, err);
}

static bool take_list(struct list *l, const struct call *c, struct err *err)
{
	struct cJSON *json = apply_parse(c, err);
	bool ok = json != NULL && take_results(l, json_member(json, "results"), err);
	struct sync *s = l->s;

	wire_free(json);
	if (!ok)
		return false;
	s->report.sent += (int64_t)l->done;
	s->report.conflicts += (int64_t)l->conflicts;
	s->report.refused += (int64_t)l->refused;
	s->bell = s->bell || l->done > 0;
	if (l->done > 0)
		s->send_wait = 0;
	if (l->conflicts > 0)
		send_tell(s, TOLD_CONFLICT);
	if (l->refused > 0)
		send_tell(s, TOLD_REFUSED);
	if (l->later)
		send_wait_before_next(s, c);
	return true;
}

/* The same for all of them: the list as a whole came to nothing. */
static bool set_all(struct list *l, bool surely, const char *why, struct err *err)
{
	for (size_t i = 0; i < l->n; i++) {
		struct work_result *r = &l->results[i];

		r->seq = l->rows[i].seq;
		r->state = surely ? not_this_time(&l->rows[i]) : OUTBOX_SENDING;
		r->reason = why;
	}
	return work_set_results(l->s->work, l->results, l->n, err);
}

static bool take_answer(struct list *l, const struct call *c, struct err *err)
{
	struct err why = {0};

	switch (send_fate_of(c)) {
	case FATE_DONE:
		return take_list(l, c, err);
	case FATE_LATER:
		answer_error(c, &why);
		send_wait_before_next(l->s, c);
		return set_all(l, true, why.text, err);
	case FATE_UNSURE:
		answer_error(c, &why);
		send_wait_before_next(l->s, c);
		return set_all(l, false, why.text, err);
	case FATE_CONFLICT:
	case FATE_REFUSED:
		/* Of which of them that is true shows one by one. */
		l->s->send_alone = l->n;
		return set_all(l, true, NULL, err);
	case FATE_LOGIN:
		answer_error(c, err);
		set_all(l, true, NULL, NULL);
		return false;
	}
	return false;
}

static void list_free(struct list *l)
{
	sync_changed(l->s, WATCH_OUTBOX);
	call_finish(l->call);
	arena_finish(&l->arena);
	arena_finish(&l->rows_arena);
	free(l);
}

bool list_start(struct sync *s, struct outbox_row *rows, size_t n, struct arena *a,
		struct list **ret, struct err *err)
{
	struct list *l = xcalloc(1, sizeof(*l));
	struct buf body = {0};
	char key[ID_TEXT];

	l->s = s;
	l->rows = rows;
	l->n = n;
	l->n = count_fitting(l);
	/* From here on it may have arrived, whatever becomes of us. */
	if (!work_set_sending_many(s->work, rows, &l->n, clock_now(), err)) {
		free(l);
		return false;
	}
	*ret = NULL;
	if (l->n == 0) {
		free(l);
		return true;
	}
	l->rows_arena = *a;
	*a = (struct arena){0};
	l->results = arena_alloc(&l->arena, l->n * sizeof(*l->results));
	put_body(l, &body);
	l->call = http_start(&s->http, "POST", "/v1/actions", body.data, id_new(key));
	buf_finish(&body);
	http_poll(&s->http, 0);
	cache_expect_many(s->cache, true);
	*ret = l;
	return true;
}

int64_t list_last(const struct list *l)
{
	return l->rows[l->n - 1].seq;
}

bool list_finish(struct list *l, struct err *err)
{
	bool ok = http_wait(&l->s->http, l->call, err);

	if (ok)
		ok = take_answer(l, l->call, err);
	else if (call_unsent(l->call))
		set_all(l, true, NULL, NULL);
	list_free(l);
	return ok;
}

void list_drop(struct list *l)
{
	if (call_unsent(l->call))
		set_all(l, true, NULL, NULL);
	list_free(l);
}
