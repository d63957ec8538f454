/* Keeps what waits in the outbox up with the two files. Ten thousand rows may wait, and each answer of the
 * service changes both files: so rows that are known already are only asked for their state, and a
 * ticket is made again only when a row of it or the ticket itself changed. */
#include <stdlib.h>
#include <string.h>
#include "balie/text.h"
#include "cache_sql.h"
#include "room.h"
#include "work_sql.h"

#define GARBAGE_MAX 60000 /* tickets made since memory was given back, at most */

static bool has_failed(const struct waiting *w)
{
	return w->row.state == OUTBOX_CONFLICT || w->row.state == OUTBOX_REFUSED;
}

static int compare_order(const void *a, const void *b)
{
	const struct outbox_row *left = &(*(struct waiting *const *)a)->row;
	const struct outbox_row *right = &(*(struct waiting *const *)b)->row;
	int order = strcmp(left->envelope.record, right->envelope.record);

	if (order != 0)
		return order;
	return left->seq < right->seq ? -1 : left->seq > right->seq;
}

static bool same_record(const struct waiting *a, const struct waiting *b)
{
	return strcmp(a->row.envelope.record, b->row.envelope.record) == 0;
}

/* What it makes of its ticket follows more than that ticket and the rows about it. */
static bool looks_elsewhere(const struct waiting *w)
{
	int action = w->row.envelope.action->id;

	return action == ACT_CREATE || action == ACT_LINK || action == ACT_UNLINK;
}

static void forget(struct pending *p)
{
	arena_reset(&p->arena);
	free(p->tickets);
	free(p->before);
	p->tickets = NULL;
	p->before = NULL;
	p->out_count = p->ticket_count = p->built = 0;
	p->last_seq = 0;
	p->me = NULL;
}

void pending_finish(struct pending *p)
{
	forget(p);
	free(p->out);
	free(p->order);
	free(p->stamp);
	arena_finish(&p->arena);
}

/* ---- the outbox ---- */

static void make_room(struct pending *p, size_t count)
{
	if (count <= p->out_cap)
		return;
	p->out_cap = count + count / 2 + 64;
	p->out = xrealloc(p->out, p->out_cap * sizeof(*p->out));
	p->order = xrealloc(p->order, p->out_cap * sizeof(*p->order));
}

/* The id changes when it is tried once more under another; its text is that of before. */
static void take_state(struct pending *p, struct waiting *w, struct store_query *q)
{
	bool failed = has_failed(w);
	const char *id = store_column_text(q, 3);

	w->row.state = (enum outbox_state)store_column_int(q, 1);
	if (!(w->row.envelope.action->flags & ACTION_ADDITIVE))
		w->row.envelope.base_version = store_column_int(q, 2);
	if (!text_same(w->row.envelope.id, id))
		w->row.envelope.id = arena_strdup(&p->arena, id);
	w->fresh = w->fresh || failed != has_failed(w);
}

/* Those that are known: both stand in the order of their numbers. */
static bool read_states(struct pending *p, struct work *w, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_OPEN_STATES);
	enum store_step step;
	size_t i = 0;

	while (i < p->out_count && (step = store_step(q, err)) == STORE_ROW) {
		int64_t seq = store_column_int(q, 0);

		while (i < p->out_count && p->out[i]->row.seq < seq)
			p->out[i++]->gone = true;
		if (i < p->out_count && p->out[i]->row.seq == seq)
			take_state(p, p->out[i++], q);
	}
	store_done(q);
	if (i < p->out_count && step == STORE_FAILED)
		return false;
	while (i < p->out_count)
		p->out[i++]->gone = true;
	return true;
}

/* What is left of a ticket's rows says something else of it. */
static void drop_gone(struct pending *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->out_count; i++) {
		struct waiting *w = p->order[i];

		if (!w->gone)
			continue;
		if (i > 0 && same_record(p->order[i - 1], w))
			p->order[i - 1]->fresh = true;
		if (i + 1 < p->out_count && same_record(p->order[i + 1], w))
			p->order[i + 1]->fresh = true;
	}
	for (size_t i = 0; i < p->out_count; i++)
		if (!p->order[i]->gone)
			p->order[kept++] = p->order[i];
	kept = 0;
	for (size_t i = 0; i < p->out_count; i++)
		if (!p->out[i]->gone)
			p->out[kept++] = p->out[i];
	p->out_count = kept;
}

/* From behind, so that no second list is needed. */
static void merge_order(struct pending *p, struct waiting **more, size_t count)
{
	size_t at = p->out_count + count, i = p->out_count, j = count;

	qsort(more, count, sizeof(struct waiting *), compare_order);
	while (j > 0)
		p->order[--at] = i > 0 && compare_order(&p->order[i - 1], &more[j - 1]) > 0
					 ? p->order[--i]
					 : more[--j];
}

static bool read_new(struct pending *p, struct work *w, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_OUTBOX_OPEN_BEHIND);
	struct outbox_row *rows = NULL;
	struct waiting *items;
	struct arena scratch = {0};
	struct waiting **more;
	size_t count = 0;

	store_bind_int(q, 1, p->last_seq);
	if (!outbox_read_known(q, SIZE_MAX, &rows, &count, &p->arena, err))
		return false;
	if (count == 0)
		return true;
	items = arena_alloc(&p->arena, count * sizeof(*items));
	more = arena_alloc(&scratch, count * sizeof(struct waiting *));
	make_room(p, p->out_count + count);
	for (size_t i = 0; i < count; i++) {
		items[i] = (struct waiting){.row = rows[i], .fresh = true};
		more[i] = p->out[p->out_count + i] = &items[i];
	}
	merge_order(p, more, count);
	p->out_count += count;
	p->last_seq = rows[count - 1].seq;
	arena_finish(&scratch);
	return true;
}

static bool follow_outbox(struct pending *p, struct work *w, struct err *err)
{
	bool within = store_in_transaction(w->store), ok;

	if (!within && !store_begin_read(w->store, err))
		return false;
	ok = (p->out_count == 0 || read_states(p, w, err));
	if (ok) {
		drop_gone(p);
		ok = read_new(p, w, err);
	}
	if (!within)
		store_rollback(w->store);
	return ok;
}

/* ---- the mirror ---- */

static void touch(struct pending *p, const char *ticket_id)
{
	size_t low = 0, high = p->out_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(p->order[middle]->row.envelope.record, ticket_id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < p->out_count && strcmp(p->order[low]->row.envelope.record, ticket_id) == 0)
		p->order[low]->fresh = true;
}

static void touch_all(struct pending *p)
{
	for (size_t i = 0; i < p->out_count; i++)
		p->out[i]->fresh = true;
}

/* Who did what is told apart by who we are; a topic says how much time there is. */
static bool has_new_stamp(struct cache *c, const char *me, struct arena *a)
{
	const char *reference = cache_get(c, "reference", a);
	char *stamp = arena_printf(a, "%s %s", me != NULL ? me : "", reference ? reference : "");

	if (c->pending.stamp != NULL && strcmp(c->pending.stamp, stamp) == 0)
		return false;
	free(c->pending.stamp);
	c->pending.stamp = xstrdup(stamp);
	return true;
}

/* Marks the tickets that became different since the last time. */
static bool follow_mirror(struct cache *c, struct pending *p, bool anew, struct err *err)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_TOUCHED_RANGE);
	int64_t first = 0, last = 0;
	enum store_step step = store_step(q, err);

	if (step == STORE_ROW) {
		first = store_column_int(q, 0);
		last = store_column_int(q, 1);
	}
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	/* The writer sees what may yet be rolled back. */
	if (anew || c->writer || last < p->touched || first > p->touched + 1) {
		touch_all(p);
	} else if (last > p->touched && p->out_count > 0) {
		q = store_query(c->store, CACHE_SQL_TOUCHED_SINCE);
		store_bind_int(q, 1, p->touched);
		while ((step = store_step(q, err)) == STORE_ROW)
			touch(p, store_column_text(q, 0));
		store_done(q);
		if (step == STORE_FAILED)
			return false;
	}
	p->touched = last;
	return true;
}

/* ---- the tickets ---- */

struct made {
	struct queue_row *tickets;
	struct ticket *before;
	size_t count, old; /* old: place in those of before */
};

/* The rows from the first to before the end are about one record. */
static void take_ticket(struct cache *c, struct made *m, size_t first, size_t end, const char *me)
{
	struct pending *p = &c->pending;
	const char *record = p->order[first]->row.envelope.record;
	bool fresh = false, there = false;

	for (size_t i = first; i < end; i++) {
		fresh = fresh || p->order[i]->fresh || looks_elsewhere(p->order[i]);
		p->order[i]->fresh = false;
	}
	while (m->old < p->ticket_count && strcmp(p->tickets[m->old].ticket.id, record) < 0)
		m->old++;
	if (fresh) {
		there = pending_build(c, &p->order[first], end - first, me, &m->tickets[m->count],
				      &m->before[m->count]);
		p->built++;
	} else if (m->old < p->ticket_count && strcmp(p->tickets[m->old].ticket.id, record) == 0) {
		m->tickets[m->count] = p->tickets[m->old];
		m->before[m->count] = p->before[m->old];
		there = true;
	}
	m->count += there;
}

/* They come out in the order of their ids. */
static void make_tickets(struct cache *c, struct pending *p, const char *me)
{
	struct made m = {.count = 0};
	size_t end;

	m.tickets = xrealloc(NULL, (p->out_count + 1) * sizeof(*m.tickets));
	m.before = xrealloc(NULL, (p->out_count + 1) * sizeof(*m.before));
	for (size_t i = 0; i < p->out_count; i = end) {
		end = i + 1;
		while (end < p->out_count && same_record(p->order[end], p->order[i]))
			end++;
		take_ticket(c, &m, i, end, me);
	}
	free(p->tickets);
	free(p->before);
	p->tickets = m.tickets;
	p->before = m.before;
	p->ticket_count = m.count;
}

/* In one look at the mirror: that is right, and it is faster than one for each. */
static bool follow(struct cache *c, struct work *w, struct err *err)
{
	struct pending *p = &c->pending;
	bool within = store_in_transaction(c->store), anew, ok;
	struct arena scratch = {0};
	const char *me;

	anew = !p->loaded || p->built > GARBAGE_MAX + 2 * p->out_count;
	if (anew)
		forget(p);
	if (!within && !store_begin_read(c->store, err))
		return false;
	me = cache_get(c, "me", &scratch);
	/* Tickets that are taken point to it. */
	if (!text_same(p->me, me))
		p->me = arena_strdup(&p->arena, me);
	anew = has_new_stamp(c, me, &scratch) || anew;
	ok = follow_outbox(p, w, err) && follow_mirror(c, p, anew, err);
	if (ok)
		make_tickets(c, p, p->me);
	if (!within)
		store_rollback(c->store);
	arena_finish(&scratch);
	/* Whatever stood between does no harm any more: the memory goes back. */
	if (ok && p->out_count == 0)
		forget(p);
	return ok;
}

bool pending_load(struct cache *c, struct work *w, struct err *err)
{
	struct pending *p = &c->pending;
	int64_t cache_version, work_version;

	if (w == NULL) {
		forget(p);
		p->loaded = false;
		return true;
	}
	cache_version = store_data_version(c->store);
	work_version = store_data_version(w->store);
	if (p->loaded && !c->writer && p->cache_version == cache_version &&
	    p->work_version == work_version && p->work_writes == w->writes)
		return true;
	/* With nothing waiting, a change of the mirror changes nothing here. */
	if (p->loaded && p->out_count == 0 && p->work_version == work_version &&
	    p->work_writes == w->writes)
		return true;
	if (!follow(c, w, err)) {
		p->loaded = false;
		return false;
	}
	p->loaded = true;
	p->cache_version = cache_version;
	p->work_version = work_version;
	p->work_writes = w->writes;
	return true;
}
