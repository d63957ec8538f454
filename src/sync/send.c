/* Everything that goes out: the outbox in order, and where the agent is looking. */
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "room.h"

#define SEND_MAX 100 /* records a round: what the service takes as one list */
#define WAIT_FIRST_MS 1000
#define WAIT_MAX_MS 30000

enum fate send_fate(long status, const struct cJSON *problem)
{
	if (status == 200 || status == 201)
		return FATE_DONE;
	if (status == 401)
		return FATE_LOGIN;
	if (status == 412)
		return FATE_CONFLICT;
	if (status == 429 || status == 408 || status == 425)
		return FATE_LATER;
	/* Without our problem document it is a proxy that speaks, which knows nothing of what the
	 * service behind it did. */
	if (problem == NULL || status < 400)
		return FATE_UNSURE;
	if (status >= 500)
		return wire_get_problem(problem, NULL) != PROBLEM_OUTCOME_UNKNOWN ? FATE_LATER
										  : FATE_UNSURE;
	return FATE_REFUSED;
}

enum fate send_fate_of(const struct call *c)
{
	bool ours = strncmp(c->content_type, "application/problem+json", 24) == 0;
	struct cJSON *json = NULL;
	enum fate ret;

	if (ours)
		json = wire_parse(c->body.data != NULL ? c->body.data : "", c->body.len, NULL);
	ret = send_fate(c->status, json);
	/* Cut off on the way it says less, but it was ours. */
	if (ours && json == NULL && ret == FATE_UNSURE && c->status >= 400)
		ret = c->status >= 500 ? FATE_LATER : FATE_REFUSED;
	wire_free(json);
	return ret;
}

/* What the action made stands in the mirror before the outbox lets go of it, so that no screen shows
 * the time before for a moment. */
bool send_put_result(struct sync *s, const struct outbox_row *row, const struct cJSON *json,
		     struct err *err)
{
	int kind = record_kind_find(json_text(json, "type"));
	const struct cJSON *record = json_member(json, "record");
	struct message message = {0};
	struct note note = {0};

	if (record != NULL && kind >= 0 && !apply_record(s, (enum record_kind)kind, record, err))
		return false;
	if (!timeline_provisional(&row->envelope, s->me, row->at, &message, &note))
		return true;
	return note.id != NULL ? cache_put(s->cache, RECORD_NOTE, &note, err)
			       : cache_put(s->cache, RECORD_MESSAGE, &message, err);
}

static bool put_result(struct sync *s, const struct outbox_row *row, const struct cJSON *json,
		       struct err *err)
{
	bool ok = cache_begin(s->cache, err);

	ok = ok && send_put_result(s, row, json, err) && cache_commit(s->cache, err);
	if (!ok)
		cache_rollback(s->cache);
	return ok;
}

bool send_put_current(struct sync *s, const struct outbox_row *row, const struct cJSON *current,
		      struct err *err)
{
	enum record_kind kind = (enum record_kind)row->envelope.action->about;

	return !json_is_object(current) || apply_record(s, kind, current, err);
}

int64_t send_version_of(const struct cJSON *json)
{
	int64_t version = json_number(json, "version");

	return version > 0 ? version : json_number(json_member(json, "record"), "version");
}

static bool take_done(struct sync *s, const struct outbox_row *row, const struct call *c,
		      struct err *err)
{
	struct cJSON *json = apply_parse(c, err);
	const char *number;
	bool ok;

	if (json == NULL)
		return false;
	number = json_text(json_member(json, "record"), "number");
	ok = put_result(s, row, json, err) &&
	     work_set_done(s->work, row->seq, send_version_of(json), err);
	if (ok && number != NULL && row->envelope.action->id == ACT_CREATE)
		ok = work_set_number(s->work, row->envelope.record, number, err);
	wire_free(json);
	s->report.sent += ok;
	s->bell = true;
	s->send_wait = 0;
	return ok;
}

/* A sentence for the agent: what went wrong with his own work he must not have to look for. */
void send_tell(struct sync *s, enum told what)
{
	static const char *const words[] = {
		[TOLD_CONFLICT] = N_("A colleague changed a ticket before you did: the outbox "
				     "shows both."),
		[TOLD_REFUSED] = N_("Something you did was refused: the outbox says why."),
		[TOLD_ASIDE] = N_("Something in the outbox cannot be read: it was set aside, and "
				  "the rest goes on."),
	};

	if (s->port != NULL)
		port_to_ui(s->port, PORT_TOLD, "", 0, false, _(words[what]));
}

static bool take_conflict(struct sync *s, const struct outbox_row *row, const struct call *c,
			  struct err *err)
{
	struct cJSON *json =
		wire_parse(c->body.data != NULL ? c->body.data : "", c->body.len, NULL);
	const struct cJSON *current = json_member(json, "current");
	char *theirs = json_print(current);
	struct err why = {0};
	bool ok = true;

	answer_error(c, &why);
	if (json_is_object(current)) {
		ok = cache_begin(s->cache, err) && send_put_current(s, row, current, err) &&
		     cache_commit(s->cache, err);
		if (!ok)
			cache_rollback(s->cache);
	}
	ok = ok && work_set_conflict(s->work, row->seq, theirs, why.text, err);
	free(theirs);
	wire_free(json);
	s->report.conflicts += ok;
	if (ok)
		send_tell(s, TOLD_CONFLICT);
	return ok;
}

void send_wait_before_next(struct sync *s, const struct call *c)
{
	int64_t ms = c->retry_after_ms;

	if (ms <= 0) {
		s->send_wait = s->send_wait == 0 ? WAIT_FIRST_MS : s->send_wait * 2;
		if (s->send_wait > WAIT_MAX_MS)
			s->send_wait = WAIT_MAX_MS;
		ms = s->send_wait;
	}
	s->send_at = clock_mono() + ms;
}

/* That it was not done this time says nothing of a time before of which the answer never came. */
static bool not_this_time(struct sync *s, const struct outbox_row *row, const char *why,
			  struct err *err)
{
	return row->state == OUTBOX_WAITING ? work_set_waiting(s->work, row->seq, why, err)
					    : work_set_unsure(s->work, row->seq, why, err);
}

/* A mail that could not be taken back any more: what is open as a draft by now must not go out twice. */
static void tell_refused(struct sync *s, const struct outbox_row *row, const char *why)
{
	char *text;

	if (row->envelope.action->id != ACT_UNDO || s->port == NULL) {
		send_tell(s, TOLD_REFUSED);
		return;
	}
	text = xasprintf(_("NOT undone: %s"), why);
	port_to_ui(s->port, PORT_TOLD, "", 0, false, text);
	free(text);
}

static bool take_answer(struct sync *s, const struct outbox_row *row, const struct call *c,
			struct err *err)
{
	struct err why = {0};

	switch (send_fate_of(c)) {
	case FATE_DONE:
		return take_done(s, row, c, err);
	case FATE_CONFLICT:
		return take_conflict(s, row, c, err);
	case FATE_REFUSED:
		answer_error(c, &why);
		s->report.refused++;
		tell_refused(s, row, why.text);
		return work_set_refused(s->work, row->seq, why.text, err);
	case FATE_LATER:
		answer_error(c, &why);
		send_wait_before_next(s, c);
		return not_this_time(s, row, why.text, err);
	case FATE_UNSURE:
		answer_error(c, &why);
		send_wait_before_next(s, c);
		return work_set_unsure(s->work, row->seq, why.text, err);
	case FATE_LOGIN:
		answer_error(c, err);
		not_this_time(s, row, NULL, NULL);
		return false;
	}
	return false;
}

static bool send_row(struct sync *s, const struct outbox_row *row, struct err *err)
{
	struct buf body = {0};
	struct err why = {0};
	struct call *c;
	bool ok;

	/* From here on it may have arrived, whatever becomes of us. Taken back in this very moment:
	 * nothing to do. */
	if (!work_set_sending(s->work, row->seq, clock_now(), &why)) {
		if (why.kind != ERR_NOT_FOUND && err != NULL)
			*err = why;
		return why.kind == ERR_NOT_FOUND;
	}
	wire_put_envelope(&body, &row->envelope);
	c = http_do(&s->http, "POST", "/v1/actions", body.data, row->envelope.id, &ok, err);
	if (ok)
		ok = take_answer(s, row, c, err);
	else if (call_unsent(c) && row->state == OUTBOX_WAITING)
		work_set_waiting(s->work, row->seq, NULL, NULL);
	call_finish(c);
	buf_finish(&body);
	sync_changed(s, WATCH_OUTBOX);
	return ok;
}

static bool send_rows(struct sync *s, const struct outbox_row *rows, size_t n, struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < n && s->send_at <= 0; i++) {
		ok = send_row(s, &rows[i], err);
		s->send_alone -= s->send_alone > 0;
	}
	return ok;
}

/* One of each record that has something to send. A list is under way until the one behind it is sent too,
 * so that neither side waits for the other. *progress: it is worth to ask again. */
static bool send_round(struct sync *s, struct list **under_way, bool *progress, struct err *err)
{
	struct list *first = *under_way;
	struct arena a = {0};
	struct outbox_row *rows;
	size_t n;
	bool ok = work_next_behind(s->work, first != NULL ? list_last(first) : 0, SEND_MAX, &rows,
				   &n, &a, err);

	if (work_new_aside(s->work) > 0) {
		send_tell(s, TOLD_ASIDE);
		sync_changed(s, WATCH_OUTBOX);
	}
	*progress = ok && (n > 0 || first != NULL);
	*under_way = NULL;
	if (ok && n > 1 && s->send_alone == 0)
		ok = list_start(s, rows, n, &a, under_way, err);
	else if (ok && first == NULL)
		ok = send_rows(s, rows, n, err);
	if (first != NULL && ok)
		ok = list_finish(first, err);
	else if (first != NULL)
		list_drop(first);
	if (ok && n == 0 && first == NULL)
		s->send_at = -1;
	arena_finish(&a);
	return ok;
}

bool send_some(struct sync *s, int64_t ms, struct err *err)
{
	int64_t until = clock_mono() + ms;
	struct list *under_way = NULL;
	bool progress = true, ok = true;

	if (s->send_at < 0 || s->send_at > clock_mono())
		return true;
	s->send_at = 0;
	while (ok && progress && s->send_at == 0) {
		ok = send_round(s, &under_way, &progress, err);
		if (clock_mono() >= until)
			break;
	}
	if (under_way != NULL && ok)
		ok = list_finish(under_way, err);
	else if (under_way != NULL)
		list_drop(under_way);
	/* What was sent comes back in the feed: before the screens are told, not after. */
	return ok;
}

bool send_outbox(struct sync *s, struct err *err)
{
	return send_some(s, INT64_MAX / 2, err);
}

bool send_presence(struct sync *s, struct err *err)
{
	struct buf body = {0};
	struct call *c;
	bool ok;

	buf_add_str(&body, "{\"ticket_id\":");
	wire_put_text(&body, s->at_ticket[0] != '\0' ? s->at_ticket : NULL);
	buf_add_str(&body, s->typing ? ",\"typing\":true}" : ",\"typing\":false}");
	c = http_do(&s->http, "PUT", "/v1/presence", body.data, NULL, &ok, err);
	/* It is a courtesy: an answer of any kind will do, but for an expired login. */
	if (ok && c->status == 401) {
		answer_error(c, err);
		ok = false;
	}
	call_finish(c);
	buf_finish(&body);
	s->presence_at = clock_mono();
	s->presence_changed = false;
	return ok;
}
