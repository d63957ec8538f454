/* Tickets: one, its timeline, lists and pages of a queue. */
#include "../routes.h"
#include "../lists.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/text.h"
#include "central_sql.h"

#define TIMELINE_MAX 10000

/* ---- one ticket ---- */

/* A follower's view differs while the version is the same. */
static void etag_of(const struct ticket *t, char ret[40])
{
	snprintf(ret, 40, t->followed ? "\"v%lld-f\"" : "\"v%lld\"", (long long)t->version);
}

/* One of "a", "b", or *: also weak ones. */
static bool etag_matches(const char *header, const char *etag)
{
	const char *at = header;
	size_t n = strlen(etag);

	if (!header)
		return false;
	if (strcmp(header, "*") == 0)
		return true;
	while ((at = strstr(at, etag)) != NULL) {
		if (at[n] == '\0' || at[n] == ',' || at[n] == ' ')
			return true;
		at += n;
	}
	return false;
}

/* survivor: of one that was merged, the one that it went into, and the answer says so. */
static void serve_ticket(struct request *rq, struct worker *w, const char *id, bool survivor)
{
	struct ticket t = {0};
	struct MHD_Response *response;
	const char *merged = NULL;
	char etag[40];
	bool same;
	struct err err = {0};

	if (!town_read(&w->town, RECORD_TICKET, id, rq->agent_id, &t, &rq->arena, &err)) {
		answer_err(rq, &err);
		return;
	}
	if (survivor && t.merged_into) {
		merged = t.number;
		if (!ticket_survivor(&w->town, &t, rq->agent_id, &rq->arena, &err)) {
			answer_err(rq, &err);
			return;
		}
	}
	if (!sees(&rq->viewer, &t)) {
		answer_problem(rq, PROBLEM_NOT_FOUND, NULL, NULL);
		return;
	}
	etag_of(&t, etag);
	same = etag_matches(
		MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, "If-None-Match"),
		etag);
	buf_reset(&w->out);
	if (!same)
		wire_put_record(&w->out, RECORD_TICKET, &t);
	response = MHD_create_response_from_buffer(
		w->out.len, w->out.data ? w->out.data : (char *)"", MHD_RESPMEM_MUST_COPY);
	if (response) {
		MHD_add_response_header(response, "ETag", etag);
		if (merged)
			MHD_add_response_header(response, "Merged-From", merged);
		if (!same)
			MHD_add_response_header(response, "Content-Type", "application/json");
	}
	answer_response(rq, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
}

void route_ticket(struct request *rq)
{
	serve_ticket(rq, worker_get(rq), rq->args[0], false);
}

void route_ticket_by_number(struct request *rq)
{
	struct worker *w = worker_get(rq);
	const char *id;
	struct err err = {0};

	if (!ticket_by_number(&w->town, rq->args[0], &id, &rq->arena, &err)) {
		if (err.kind == ERR_INPUT)
			answer_problem(rq, PROBLEM_BAD_REQUEST, "This is no tracking number",
				       "Dit is geen volgnummer");
		else
			answer_err(rq, &err);
		return;
	}
	serve_ticket(rq, w, id, true);
}

/* ---- timeline ---- */

static bool put_children(struct worker *w, struct request *rq, enum central_sql statement,
			 enum record_kind kind, const char *name, struct err *err)
{
	struct list_spec list = {
		.town = &w->town,
		.statement = statement,
		.kind = kind,
		.reader = rq->agent_id,
		.after = rq->args[0],
		.limit = TIMELINE_MAX,
		.extra5 = rq->viewer.team_kind == TEAM_INSIDE ? NULL : rq->team_id,
		.out = &w->out,
		.arena = &rq->arena,
	};

	buf_printf(&w->out, ",\"%s\":[", name);
	if (!list_run(&list, err))
		return false;
	buf_add_char(&w->out, ']');
	return true;
}

static bool put_history(struct worker *w, struct request *rq, struct err *err)
{
	struct store_query *q = store_query(w->town.store, CENTRAL_SQL_JOURNAL_OF_TICKET);
	struct arena a = {0};
	struct change c;
	enum store_step step;
	bool any = false;

	buf_add_str(&w->out, ",\"changes\":[");
	store_bind_text(q, 1, rq->agent_id);
	store_bind_text(q, 2, rq->args[0]);
	store_bind_int(q, 3, TIMELINE_MAX);
	store_bind_text(q, 5, rq->viewer.team_kind == TEAM_INSIDE ? NULL : rq->team_id);
	while ((step = store_step(q, err)) == STORE_ROW) {
		memset(&c, 0, sizeof(c));
		store_column_fields(q, 0, change_fields, change_field_count, &c, &a);
		if (any)
			buf_add_char(&w->out, ',');
		change_put(&w->out, &c);
		any = true;
		arena_reset(&a);
	}
	store_done(q);
	arena_finish(&a);
	buf_add_char(&w->out, ']');
	return step == STORE_DONE;
}

static bool put_timeline(struct worker *w, struct request *rq, bool *ret_hidden, struct err *err)
{
	struct ticket t = {0};
	char cursor[CURSOR_TEXT];
	int64_t last;

	if (!town_last_seq(&w->town, &last, err) ||
	    !town_read(&w->town, RECORD_TICKET, rq->args[0], rq->agent_id, &t, &rq->arena, err))
		return false;
	*ret_hidden = !sees(&rq->viewer, &t);
	if (*ret_hidden)
		return true;
	buf_add_str(&w->out, "{\"ticket\":");
	wire_put_record(&w->out, RECORD_TICKET, &t);
	if (!put_children(w, rq, CENTRAL_SQL_MERGED_LIST, RECORD_TICKET, "merged", err) ||
	    !put_children(w, rq, CENTRAL_SQL_MESSAGE_LIST, RECORD_MESSAGE, "messages", err) ||
	    !put_children(w, rq, CENTRAL_SQL_NOTE_LIST, RECORD_NOTE, "notes", err) ||
	    !put_history(w, rq, err))
		return false;
	buf_printf(&w->out, ",\"cursor\":\"%s\"}",
		   cursor_make(rq->service, &rq->viewer, last, cursor));
	return true;
}

void route_timeline(struct request *rq)
{
	struct worker *w = worker_get(rq);
	bool hidden = false;
	bool ok;
	struct err err = {0};

	buf_reset(&w->out);
	if (!store_begin_read(w->town.store, &err)) {
		answer_err(rq, &err);
		return;
	}
	ok = put_timeline(w, rq, &hidden, &err) && store_commit(w->town.store, &err);
	store_rollback(w->town.store);
	if (!ok)
		answer_err(rq, &err);
	else if (hidden)
		answer_problem(rq, PROBLEM_NOT_FOUND, NULL, NULL);
	else
		answer_json(rq, MHD_HTTP_OK, &w->out);
}

/* ---- lists by id ---- */

struct filter_args {
	const char *team, *agent;
	int state;	    /* -1: any */
	int64_t desk;	    /* only what is on the desk at this time; 0: all */
	struct arena arena; /* of a row that was merged */
};

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* One that cannot be followed to its end is left out, as one that is not there. */
static bool keep_merged(struct list_spec *list, const struct ticket *t, bool *ret, struct err *err)
{
	struct filter_args *f = list->user;
	struct err own = {0};

	arena_reset(&f->arena);
	if (ticket_on_desk(list->town, list->viewer, t, f->desk, ret, &f->arena, &own))
		return true;
	*ret = false;
	*(err ? err : &own) = own;
	return own.kind == ERR_NOT_FOUND || own.kind == ERR_CORRUPT;
}

static bool keep_ticket(struct list_spec *list, const void *record, bool *ret, struct err *err)
{
	struct filter_args *f = list->user;
	const struct ticket *t = record;

	if (t->merged_into && f->desk)
		return keep_merged(list, t, ret, err);
	*ret = sees(list->viewer, t) && (!f->team || same(f->team, t->team_id)) &&
	       (!f->agent || same(f->agent, t->agent_id)) &&
	       (f->state < 0 || f->state == t->state) &&
	       (!f->desk || on_desk(list->viewer, t, f->desk));
	return true;
}

/* False after an answer. */
static bool read_filter(struct request *rq, struct filter_args *f)
{
	const char *state = param_text(rq, "state");

	f->team = param_text(rq, "team");
	f->agent = param_text(rq, "agent");
	f->state = state ? words_find(&ticket_states, state) : -1;
	if (state && f->state < 0) {
		answer_problem(rq, PROBLEM_BAD_REQUEST, "There is no such state",
			       "Die toestand bestaat niet");
		return false;
	}
	return true;
}

/* The index that has the fewest rows for it. */
static void choose_list(struct request *rq, const struct filter_args *f, struct list_spec *list)
{
	bool outside = rq->viewer.team_kind != TEAM_INSIDE;

	if (f->desk) {
		list->statement =
			outside ? CENTRAL_SQL_DESK_TICKET_OUTSIDE : CENTRAL_SQL_DESK_TICKET;
		list->since = f->desk - DESK_DAYS * CLOCK_DAY_MS;
		list->extra5 = outside ? rq->team_id : NULL;
	} else if (f->agent) {
		list->statement = CENTRAL_SQL_TICKET_LIST_AGENT;
		list->extra4 = f->agent;
	} else if (f->team || outside) {
		list->statement = CENTRAL_SQL_TICKET_LIST_TEAM;
		list->extra4 = outside ? rq->team_id : f->team;
	} else if (f->state >= 0) {
		list->statement = CENTRAL_SQL_TICKET_LIST_STATE;
		list->extra4 = words_code(&ticket_states, f->state);
	} else {
		list->statement = CENTRAL_SQL_TICKET_LIST;
	}
}

static void list_by_id(struct request *rq, struct worker *w, struct filter_args *f, int64_t limit)
{
	struct list_spec list = {
		.town = &w->town,
		.kind = RECORD_TICKET,
		.reader = rq->agent_id,
		.after = param_text(rq, "after"),
		.limit = (size_t)limit,
		.out = &w->out,
		.arena = &rq->arena,
		.viewer = &rq->viewer,
		.keep = keep_ticket,
		.user = f,
	};

	f->desk = param_flag(rq, "desk") ? clock_now() : 0;
	choose_list(rq, f, &list);
	list_answer(rq, &list);
	arena_finish(&f->arena);
}

static void list_by_number(struct request *rq, struct worker *w, const char *number)
{
	struct ticket t = {0};
	const char *id;
	struct err err = {0};
	bool there = ticket_by_number(&w->town, number, &id, &rq->arena, &err) &&
		     town_read(&w->town, RECORD_TICKET, id, rq->agent_id, &t, &rq->arena, &err) &&
		     ticket_survivor(&w->town, &t, rq->agent_id, &rq->arena, &err);

	if (!there && err.kind != ERR_NOT_FOUND && err.kind != ERR_INPUT) {
		answer_err(rq, &err);
		return;
	}
	buf_reset(&w->out);
	buf_add_str(&w->out, "{\"items\":[");
	if (there && sees(&rq->viewer, &t))
		wire_put_record(&w->out, RECORD_TICKET, &t);
	buf_add_str(&w->out, "],\"next\":null}");
	answer_json(rq, MHD_HTTP_OK, &w->out);
}

void route_tickets(struct request *rq)
{
	struct worker *w = worker_get(rq);
	struct filter_args f = {.state = -1};
	const char *number = param_text(rq, "number");
	bool queue = param_text(rq, "view") || param_text(rq, "sort");
	int64_t limit = queue ? 50 : 500;

	if (!param_number(rq, "limit", 1, PAGE_MAX, &limit) || !read_filter(rq, &f))
		return;
	if (number)
		list_by_number(rq, w, number);
	else if (queue)
		queue_answer(rq, w, f.team, f.agent, f.state, (size_t)limit);
	else
		list_by_id(rq, w, &f, limit);
}
