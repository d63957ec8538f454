/* Pages of a queue: the open tickets of a view in the order of a key, each one range of an index. */
#include "lists.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/text.h"
#include "central_sql.h"

/* Few rows of an index may be for the reader, so a page looks further in steps: rows come whole from
 * some databases, and most pages are full after the first. */
#define LOOK_MAX 20000
#define STEP_MAX 2000

enum queue_key { KEY_DUE, KEY_CREATED, KEY_UPDATED, KEYS };
enum queue_index { INDEX_ALL, INDEX_OVERDUE, INDEX_AGENT, INDEX_NOBODY, INDEX_TEAM, INDEXES };
static const char *const key_codes[] = {"due", "created", "updated"};
static const struct words key_words = {key_codes, key_codes, KEYS};

/* clang-format off */
#define BOTH(name) {CENTRAL_SQL_QUEUE_##name##_UP, CENTRAL_SQL_QUEUE_##name##_DOWN}
/* clang-format on */
static const enum central_sql statements[INDEXES][KEYS][2] = {
	[INDEX_ALL] = {BOTH(ALL_DUE_KEY), BOTH(ALL_CREATED_AT), BOTH(ALL_UPDATED_AT)},
	[INDEX_OVERDUE] = {BOTH(OVERDUE_DUE_KEY), BOTH(OVERDUE_CREATED_AT),
			   BOTH(OVERDUE_UPDATED_AT)},
	[INDEX_AGENT] = {BOTH(AGENT_ID_DUE_KEY), BOTH(AGENT_ID_CREATED_AT),
			 BOTH(AGENT_ID_UPDATED_AT)},
	[INDEX_NOBODY] = {BOTH(NOBODY_DUE_KEY), BOTH(NOBODY_CREATED_AT), BOTH(NOBODY_UPDATED_AT)},
	[INDEX_TEAM] = {BOTH(TEAM_ID_DUE_KEY), BOTH(TEAM_ID_CREATED_AT), BOTH(TEAM_ID_UPDATED_AT)},
};

struct queue {
	struct request *rq;
	struct worker *w;
	int view, key;
	bool down;
	int64_t now;
	const char *team, *agent; /* further filters, NULL: any */
	int state;		  /* -1: any */
	size_t limit;
	/* the place looked at last, at first that of the page before */
	int64_t from_key;
	char from_id[ID_TEXT];
	size_t looked, written;
	bool more;
};

static bool bad(struct request *rq, const char *en, const char *nl)
{
	answer_problem(rq, PROBLEM_BAD_REQUEST, en, nl);
	return false;
}

/* "KEY.ID", the place of the last row of the page before. */
static bool read_place(struct queue *u, const char *after)
{
	char *copy, *dot;

	u->from_key = u->down ? INT64_MAX : INT64_MIN;
	if (!after)
		return true;
	copy = arena_strdup(&u->rq->arena, after);
	dot = strchr(copy, '.');
	if (!dot)
		return false;
	*dot = '\0';
	/* Longer than an id is no place that we gave. */
	if (snprintf(u->from_id, sizeof(u->from_id), "%s", dot + 1) >= (int)sizeof(u->from_id))
		return false;
	return text_to_int(copy, INT64_MIN, INT64_MAX, &u->from_key);
}

static bool read_params(struct queue *u)
{
	const char *view = param_text(u->rq, "view");
	const char *sort = param_text(u->rq, "sort");

	u->view = view ? words_find(&filter_views, view) : VIEW_ALL;
	u->key = sort ? words_find(&key_words, sort) : KEY_DUE;
	u->down = param_flag(u->rq, "desc");
	if (u->view < 0)
		return bad(u->rq, "view is mine, team, unassigned, overdue or all",
			   "view is mine, team, unassigned, overdue of all");
	if (u->key < 0)
		return bad(u->rq, "sort is due, created or updated",
			   "sort is due, created of updated");
	if (!read_place(u, param_text(u->rq, "after")))
		return bad(u->rq, "after is no place in this list",
			   "after is geen plaats in deze lijst");
	return true;
}

static struct store_query *bind_page(const struct queue *u, size_t step)
{
	bool outside = u->rq->viewer.team_kind != TEAM_INSIDE;
	enum queue_index index = INDEX_ALL;
	int64_t from_key = u->from_key;
	struct store_query *q;

	switch ((enum filter_view)u->view) {
	case VIEW_MINE:
		index = INDEX_AGENT;
		break;
	case VIEW_UNASSIGNED:
		index = INDEX_NOBODY;
		break;
	case VIEW_TEAM:
		index = INDEX_TEAM;
		break;
	case VIEW_OVERDUE:
		index = INDEX_OVERDUE;
		break;
	case VIEW_ALL:
		break;
	}
	/* Few of the town's tickets are an outside organisation's: its own index, the rest below. */
	if (outside)
		index = INDEX_TEAM;
	/* Nothing overdue is later than now: the range starts there. */
	if (index == INDEX_OVERDUE && u->key == KEY_DUE && u->down && from_key > u->now)
		from_key = u->now;
	q = store_query(u->w->town.store, statements[index][u->key][u->down]);
	store_bind_text(q, 1, u->rq->agent_id);
	store_bind_int(q, 2, from_key);
	store_bind_text(q, 3, u->from_id);
	store_bind_int(q, 4, (int64_t)step);
	if (index == INDEX_TEAM)
		store_bind_text(q, 5, u->rq->team_id);
	else if (index == INDEX_OVERDUE)
		store_bind_int(q, 5, u->now);
	else if (index == INDEX_AGENT)
		store_bind_text(q, 5, u->rq->agent_id);
	return q;
}

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static bool fits(const struct queue *u, const struct ticket *t)
{
	if (!sees(&u->rq->viewer, t) || (u->team && !same(u->team, t->team_id)) ||
	    (u->agent && !same(u->agent, t->agent_id)) || (u->state >= 0 && u->state != t->state))
		return false;
	switch ((enum filter_view)u->view) {
	case VIEW_MINE:
		return same(t->agent_id, u->rq->agent_id);
	case VIEW_UNASSIGNED:
		return !t->agent_id;
	case VIEW_OVERDUE:
		return t->due_at && t->due_at < u->now;
	case VIEW_TEAM:
	case VIEW_ALL:
		return true;
	}
	return true;
}

/* Puts the rows that fit, of so many behind the last place. *ret_end when there are no others. */
static bool put_step(struct queue *u, size_t count, bool *ret_end, struct err *err)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct store_query *q = bind_page(u, count);
	struct buf *out = &u->w->out;
	struct arena a = {0};
	char from_id[ID_TEXT] = "";
	enum store_step step;
	struct ticket t;
	size_t rows = 0;

	while ((step = store_step(q, err)) == STORE_ROW) {
		rows++;
		if (u->written == u->limit || u->looked == LOOK_MAX - 1) {
			u->more = true;
			break;
		}
		memset(&t, 0, sizeof(t));
		store_column_fields(q, 0, type->fields, type->field_count, &t, &a);
		u->looked++;
		u->from_key = store_column_int(q, (int)type->field_count);
		snprintf(from_id, sizeof(from_id), "%s", t.id);
		if (fits(u, &t)) {
			if (u->written++)
				buf_add_char(out, ',');
			wire_put_record(out, RECORD_TICKET, &t);
		}
		arena_reset(&a);
	}
	store_done(q);
	/* Not earlier: it was bound. */
	if (from_id[0])
		memcpy(u->from_id, from_id, sizeof(from_id));
	*ret_end = rows < count;
	arena_finish(&a);
	return step != STORE_FAILED;
}

static bool put_page(struct queue *u, struct err *err)
{
	struct buf *out = &u->w->out;
	char place[ID_TEXT + 24];
	size_t count = u->limit + 1;
	bool end = false;

	buf_reset(out);
	buf_add_str(out, "{\"items\":[");
	while (!end && !u->more) {
		if (!put_step(u, count, &end, err))
			return false;
		count = count * 4 < STEP_MAX ? count * 4 : STEP_MAX;
	}
	buf_add_str(out, "],\"next\":");
	snprintf(place, sizeof(place), "%lld.%s", (long long)u->from_key, u->from_id);
	wire_put_text(out, u->more ? place : NULL);
	buf_add_char(out, '}');
	return true;
}

void queue_answer(struct request *rq, struct worker *w, const char *team, const char *agent,
		  int state, size_t limit)
{
	struct queue u = {.rq = rq,
			  .w = w,
			  .team = team,
			  .agent = agent,
			  .state = state,
			  .limit = limit,
			  .now = clock_now()};
	struct err err = {0};

	if (!read_params(&u))
		return;
	if (put_page(&u, &err))
		answer_json(rq, MHD_HTTP_OK, &w->out);
	else
		answer_err(rq, &err);
}
