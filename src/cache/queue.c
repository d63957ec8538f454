/* Pages of the queue. The mirror gives rows in the order of an index; tickets on which actions of
 * ours wait are taken out of that stream and merged in again where their changed values put them. */
#include "balie/cache.h"
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "cache_sql.h"
#include "room.h"

static const char *const sort_codes[] = {"due", "created", "updated", "priority"};
static const char *const sort_labels[] = {N_("deadline"), N_("created"), N_("changed"),
					  N_("priority")};
const struct words queue_sorts = {sort_codes, sort_labels, 4};

/* The statements stand as view, sort, way, the last turning fastest. */
_Static_assert(CACHE_SQL_QUEUE_MINE_DUE_DOWN == CACHE_SQL_QUEUE_MINE_DUE_UP + 1, "way");
_Static_assert(CACHE_SQL_QUEUE_MINE_PRIORITY_UP == CACHE_SQL_QUEUE_MINE_DUE_UP + 2 * SORT_PRIORITY,
	       "sort");
_Static_assert(CACHE_SQL_QUEUE_ALL_DUE_UP == CACHE_SQL_QUEUE_MINE_DUE_UP + 8 * VIEW_ALL, "view");

_Static_assert(CACHE_SQL_QUEUE_OVERDUE_MANY_DUE_UP == CACHE_SQL_QUEUE_MINE_DUE_UP + 48, "many");
#define MANY 4000 /* the limit in the probes */

/* One page being read. */
struct page {
	struct cache *c;
	const struct queue_query *query;
	bool down; /* towards smaller keys */
	int open;  /* 1: only what is open; 0: all that is on the desk */
	struct queue_row *ret;
	size_t count, max;
	bool more;
	struct arena *arena;
	struct arena scratch;		/* of the row at hand */
	const struct queue_row **merge; /* waiting ones of this view, in the order of reading */
	size_t merge_count, merge_at;
	bool skip; /* some tickets are to be taken out of the stream */
};

static bool has_term(const struct filter *f, enum filter_field field, bool negated_too)
{
	for (size_t i = 0; f != NULL && i < f->count; i++)
		if (f->terms[i].field == field && (negated_too || !f->terms[i].negated))
			return true;
	return false;
}

/* Words about states ask for more than what is open; else finished tickets stay out of sight. */
static bool asks_states(const struct filter *f)
{
	/* What was answered by a mail that did not arrive counts as answered. */
	return has_term(f, FILTER_STATE, false) || has_term(f, FILTER_UNDELIVERED, false);
}

/* Such mails are few, and an index has them. */
static bool is_undelivered(struct cache *c, const char *ticket_id)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_IS_UNDELIVERED);
	bool ret;

	store_bind_text(q, 1, ticket_id);
	ret = store_step(q, NULL) == STORE_ROW;
	store_done(q);
	return ret;
}

static int compare_places(const struct queue_place *a, const struct queue_place *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->rowid < b->rowid ? -1 : a->rowid > b->rowid;
}

static bool is_mine(const struct queue_query *q, const struct ticket *t)
{
	return q->me != NULL && t->agent_id != NULL && strcmp(q->me, t->agent_id) == 0;
}

static bool filter_holds(struct cache *c, const struct queue_query *q, const struct ticket *t)
{
	struct filter_names names;

	if (q->filter == NULL || q->filter->count == 0)
		return true;
	names.team = names_get_folded(c, NAME_TEAM, t->team_id);
	names.agent = names_get_folded(c, NAME_AGENT, t->agent_id);
	names.topic = names_get_folded(c, NAME_TOPIC, t->topic_id);
	names.mine = is_mine(q, t);
	names.undelivered =
		has_term(q->filter, FILTER_UNDELIVERED, true) && is_undelivered(c, t->id);
	return filter_match(q->filter, t, &names);
}

static bool in_view(const struct queue_query *q, const struct ticket *t, int open)
{
	if (open && !state_is_open(t->state))
		return false;
	switch (q->view) {
	case VIEW_MINE:
		return is_mine(q, t);
	case VIEW_TEAM:
		return q->my_team != NULL && t->team_id != NULL &&
		       strcmp(q->my_team, t->team_id) == 0;
	case VIEW_UNASSIGNED:
		return t->agent_id == NULL;
	case VIEW_OVERDUE:
		return state_is_open(t->state) && t->due_at != 0 && t->due_at < q->now;
	case VIEW_ALL:
		return true;
	}
	return false;
}

static int compare_up(const void *a, const void *b)
{
	return compare_places(&(*(const struct queue_row *const *)a)->place,
			      &(*(const struct queue_row *const *)b)->place);
}

static int compare_down(const void *a, const void *b)
{
	return compare_up(b, a);
}

/* Chooses and orders the waiting tickets that belong on this page or beyond it. */
static void prepare_merge(struct page *p, const struct queue_place *from)
{
	struct pending *pending = &p->c->pending;

	p->skip = pending->ticket_count > 0;
	p->merge = arena_alloc(p->arena, (pending->ticket_count + 1) * sizeof(*p->merge));
	for (size_t i = 0; i < pending->ticket_count; i++) {
		struct queue_row *row = &pending->tickets[i];
		int order;

		row->place.key = queue_key(p->query->sort, &row->ticket);
		if (!in_view(p->query, &row->ticket, p->open) ||
		    !filter_holds(p->c, p->query, &row->ticket))
			continue;
		order = from != NULL ? compare_places(&row->place, from) : 0;
		if (from != NULL && (p->down ? order >= 0 : order <= 0))
			continue;
		p->merge[p->merge_count++] = row;
	}
	qsort(p->merge, p->merge_count, sizeof(*p->merge), p->down ? compare_down : compare_up);
}

static bool add_row(struct page *p, const struct queue_row *row)
{
	struct queue_row *ret;

	if (p->count == p->max) {
		p->more = true;
		return false;
	}
	ret = &p->ret[p->count++];
	*ret = *row;
	queue_row_name(p->c, ret, p->arena);
	return true;
}

/* Adds the waiting tickets that stand before place (all of them when NULL). */
static bool merge_until(struct page *p, const struct queue_place *place)
{
	while (p->merge_at < p->merge_count) {
		const struct queue_row *from = p->merge[p->merge_at];
		int order = place != NULL ? compare_places(&from->place, place) : 0;
		struct queue_row row = *from;

		if (place != NULL && (p->down ? order < 0 : order > 0))
			return true;
		record_copy(RECORD_TICKET, &from->ticket, &row.ticket, p->arena);
		if (!add_row(p, &row))
			return false;
		p->merge_at++;
	}
	return true;
}

/* Takes the row that the query stands on. False when the page is full. */
static bool take_row(struct page *p, struct store_query *q)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	bool filtered = p->query->filter != NULL && p->query->filter->count > 0;
	struct queue_row row = {0};

	row.place.rowid = store_column_int(q, 0);
	row.place.key = store_column_int(q, 1);
	if (p->skip && pending_find(&p->c->pending, store_column_text(q, 2)) != NULL)
		return true;
	if (filtered) {
		struct ticket t = {0};

		arena_reset(&p->scratch);
		store_column_fields(q, 2, type->fields, type->field_count, &t, &p->scratch);
		if (!filter_holds(p->c, p->query, &t))
			return true;
	}
	if (!merge_until(p, &row.place))
		return false;
	if (p->count == p->max) {
		p->more = true;
		return false;
	}
	store_column_fields(q, 2, type->fields, type->field_count, &row.ticket, p->arena);
	return add_row(p, &row);
}

/* Which statements read the view: for two of them it depends on how many there are. */
static unsigned choose_view(struct page *p)
{
	const struct queue_query *query = p->query;
	bool overdue = query->view == VIEW_OVERDUE;
	struct store_query *q;
	bool many;

	if (query->sort == SORT_DUE || (!overdue && query->view != VIEW_UNASSIGNED))
		return query->view;
	q = store_query(p->c->store,
			overdue ? CACHE_SQL_PROBE_OVERDUE : CACHE_SQL_PROBE_UNASSIGNED);
	if (overdue)
		store_bind_int(q, 1, query->now);
	many = store_step(q, NULL) == STORE_ROW && store_column_int(q, 0) >= MANY;
	store_done(q);
	if (!many)
		return query->view;
	return overdue ? VIEW_ALL + 2 : VIEW_ALL + 1;
}

static struct store_query *bind_page(struct page *p, const struct queue_place *from)
{
	const struct queue_query *query = p->query;
	unsigned statement = CACHE_SQL_QUEUE_MINE_DUE_UP + 8 * choose_view(p) + 2 * query->sort +
			     (p->down ? 1 : 0);
	struct store_query *q = store_query(p->c->store, statement);

	store_bind_int(q, 1, from != NULL ? from->key : p->down ? INT64_MAX : INT64_MIN);
	store_bind_int(q, 2, from != NULL ? from->rowid : p->down ? INT64_MAX : INT64_MIN);
	if (query->view == VIEW_MINE || query->view == VIEW_TEAM)
		store_bind_text(q, 3, query->view == VIEW_MINE ? query->me : query->my_team);
	store_bind_int(q, 4, p->open);
	if (query->view == VIEW_OVERDUE)
		store_bind_int(q, 5, query->now);
	return q;
}

static bool read_page(struct page *p, const struct queue_place *from, struct err *err)
{
	struct store_query *q = bind_page(p, from);
	enum store_step step;
	size_t scanned = 0;

	while ((step = store_step(q, err)) == STORE_ROW) {
		if (!take_row(p, q))
			break;
		if (++scanned == SCAN_MAX) {
			p->more = true;
			break;
		}
	}
	store_done(q);
	/* After a scan that was cut off, what waits farther on belongs to a later page. */
	if (step == STORE_DONE)
		merge_until(p, NULL);
	return step != STORE_FAILED;
}

static void reverse(struct queue_row *rows, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct queue_row row = rows[i];

		rows[i] = rows[count - 1 - i];
		rows[count - 1 - i] = row;
	}
}

bool cache_queue(struct cache *c, struct work *w, const struct queue_query *q,
		 const struct queue_place *from, bool backwards, size_t max, struct queue_row *ret,
		 size_t *ret_count, bool *more, struct arena *a, struct err *err)
{
	struct page p = {
		.c = c,
		.query = q,
		.down = q->descending != backwards,
		.open = asks_states(q->filter) ? 0 : 1,
		.ret = ret,
		.max = max,
		.arena = a,
	};
	bool ok;

	cache_follow(c);
	names_check(c);
	if (!pending_load(c, w, err))
		return false;
	prepare_merge(&p, from);
	ok = read_page(&p, from, err);
	arena_finish(&p.scratch);
	if (!ok)
		return false;
	if (backwards)
		reverse(ret, p.count);
	*ret_count = p.count;
	*more = p.more;
	return true;
}

static void count_ticket(const struct queue_query *query, const struct ticket *t, int open,
			 struct queue_counter *n)
{
	struct queue_query one = *query;

	for (int view = VIEW_MINE; view <= VIEW_ALL; view++) {
		one.view = (enum filter_view)view;
		n->counts[view] += in_view(&one, t, open);
	}
}

/* Adds the row that the query stands on to the counts it belongs to. */
static void count_row(struct cache *c, const struct queue_query *query, struct store_query *q,
		      bool filtered, int open, struct queue_counter *n, struct arena *scratch)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct ticket t = {0};

	if (store_column_int(q, 1) < open ||
	    pending_find(&c->pending, store_column_text(q, 3)) != NULL)
		return;
	if (filtered) {
		arena_reset(scratch);
		store_column_fields(q, 3, type->fields, type->field_count, &t, scratch);
		if (!filter_holds(c, query, &t))
			return;
	} else {
		t.state = store_column_int(q, 1) ? STATE_OPEN : STATE_CLOSED;
		t.due_at = store_column_int(q, 2) < KEY_NO_DUE ? store_column_int(q, 2) : 0;
		t.agent_id = store_column_text(q, 4);
		t.team_id = store_column_text(q, 5);
	}
	count_ticket(query, &t, open, n);
}

/* Those on which actions of ours wait, as they will be: the rows of the mirror passed them over. */
static void count_waiting(struct cache *c, const struct queue_query *query, int open,
			  struct queue_counter *n)
{
	for (size_t i = 0; i < c->pending.ticket_count; i++) {
		const struct ticket *t = &c->pending.tickets[i].ticket;

		if (filter_holds(c, query, t))
			count_ticket(query, t, open, n);
	}
}

bool cache_count(struct cache *c, struct work *w, const struct queue_query *q,
		 struct queue_counter *n, int max_rows, struct err *err)
{
	bool filtered = q->filter != NULL && q->filter->count > 0;
	int open = asks_states(q->filter) ? 0 : 1;
	struct arena scratch = {0};
	struct store_query *rows;
	enum store_step step;
	int read = 0;

	cache_follow(c);
	names_check(c);
	if (!pending_load(c, w, err))
		return false;
	rows = store_query(c->store, filtered ? CACHE_SQL_COUNT_FILTERED : CACHE_SQL_COUNT_PLAIN);
	store_bind_int(rows, 1, n->at);
	store_bind_int(rows, 2, max_rows);
	while ((step = store_step(rows, err)) == STORE_ROW) {
		n->at = store_column_int(rows, 0);
		count_row(c, q, rows, filtered, open, n, &scratch);
		read++;
	}
	store_done(rows);
	arena_finish(&scratch);
	if (step == STORE_FAILED)
		return false;
	n->done = read < max_rows;
	if (n->done)
		count_waiting(c, q, open, n);
	return true;
}
