/* Tickets as they will be once the service has done what waits in the outbox. Kept in memory until
 * one of the two files changes: every page of the queue asks for them. */
#include "room.h"
#include <stdlib.h>
#include <string.h>
#include "cache_sql.h"

/* Only these look at the topic. */
static bool needs_topic(int action)
{
	return action == ACT_CREATE || action == ACT_TOPIC;
}

/* The other one shows it once the service has done it. */
static void apply_link(struct cache *c, struct ticket *t, const struct envelope *e, struct arena *a)
{
	const char *other = e->args.other_id;
	struct queue_row row = {0};

	if (e->action->id == ACT_UNLINK)
		t->links = links_without(t->links, other, a);
	else if (mirror_ticket(c, other, &row, a, NULL))
		t->links = links_with(t->links, other, row.ticket.number, a);
	else
		t->links = links_with(t->links, other, NULL, a);
}

bool pending_apply(struct cache *c, struct ticket *t, const struct outbox_row *row, const char *me,
		   struct arena *a)
{
	const struct envelope *e = &row->envelope;
	const char *topic_id = e->args.topic_id != NULL ? e->args.topic_id : t->topic_id;
	struct topic topic = {0};
	bool has_topic = needs_topic(e->action->id) && mirror_topic(c, topic_id, &topic, a);
	struct ticket changed = *t;

	if (!ticket_apply(&changed, e, has_topic ? &topic : NULL, me, row->at, NULL))
		return false;
	if (e->action->id == ACT_LINK || e->action->id == ACT_UNLINK)
		apply_link(c, &changed, e, a);
	/* The version stays that of the service: it becomes the base of the next action. */
	changed.version = t->version;
	*t = changed;
	return true;
}

static bool has_failed(const struct outbox_row *row)
{
	return row->state == OUTBOX_CONFLICT || row->state == OUTBOX_REFUSED;
}

/* A new ticket has the name of its citizen from the mirror, or from what waits too. */
static void name_reporter(struct cache *c, struct ticket *t, struct arena *a)
{
	struct store_query *q;
	struct party party = {0};

	if (t->party_id == NULL || t->party_name != NULL)
		return;
	q = store_query(c->store, CACHE_SQL_PARTY_BY_ID);
	store_bind_text(q, 1, t->party_id);
	if (store_step(q, NULL) == STORE_ROW)
		store_column_fields(q, 0, record_types[RECORD_PARTY].fields,
				    record_types[RECORD_PARTY].field_count, &party, a);
	store_done(q);
	pending_party(&c->pending, t->party_id, &party, a);
	t->party_name = party.name;
}

bool pending_party(const struct pending *p, const char *id, struct party *party, struct arena *a)
{
	bool any = false;

	for (size_t i = 0; id != NULL && i < p->out_count; i++) {
		const struct outbox_row *out = &p->out[i];
		struct party next = *party;

		if (out->envelope.action->about != RECORD_PARTY || has_failed(out) ||
		    strcmp(out->envelope.record, id) != 0 ||
		    (party->id == NULL && out->envelope.action->id != ACT_PARTY_CREATE) ||
		    (party->id != NULL && out->envelope.action->id == ACT_PARTY_CREATE) ||
		    !party_apply(&next, &out->envelope, out->at, NULL))
			continue;
		*party = next;
		any = true;
	}
	/* Outbox rows are freed by the next load: the caller gets copies. */
	if (any) {
		struct party copy = *party;

		record_copy(RECORD_PARTY, &copy, party, a);
	}
	return any;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct queue_row *)a)->ticket.id,
		      ((const struct queue_row *)b)->ticket.id);
}

const struct queue_row *pending_find(const struct pending *p, const char *id)
{
	struct queue_row key = {0};

	if (p->ticket_count == 0 || id == NULL)
		return NULL;
	key.ticket.id = id;
	return bsearch(&key, p->tickets, p->ticket_count, sizeof(*p->tickets), compare_ids);
}

/* Builds the ticket that these rows of the outbox are about, in their order. */
static bool build(struct cache *c, struct pending *p, struct outbox_row *const *rows, size_t count,
		  const char *me)
{
	struct queue_row *row = &p->tickets[p->ticket_count];
	const char *record = rows[0]->envelope.record;
	bool there;

	memset(row, 0, sizeof(*row));
	there = mirror_ticket(c, record, row, &p->arena, NULL);
	p->before[p->ticket_count] = there ? row->ticket : (struct ticket){0};
	if (!there) {
		memset(row, 0, sizeof(*row));
		row->ticket.id = record;
		row->ticket.subject = "";
		/* Below all rowids of the mirror, and each its own. */
		row->place.rowid = -rows[0]->seq;
	}
	for (size_t i = 0; i < count; i++) {
		const struct outbox_row *out = rows[i];
		bool creates = out->envelope.action->id == ACT_CREATE;

		if (out->envelope.action->about != RECORD_TICKET)
			continue;
		row->pending = true;
		row->conflict |= has_failed(out);
		/* The mirror may already hold what an answer that is still to be marked has made. */
		if (has_failed(out) || (creates && there))
			continue;
		if (!there && !creates)
			continue;
		if (pending_apply(c, &row->ticket, out, me, &p->arena) && creates)
			there = true;
	}
	name_reporter(c, &row->ticket, &p->arena);
	return there;
}

static int compare_records(const void *a, const void *b)
{
	const struct outbox_row *left = *(struct outbox_row *const *)a;
	const struct outbox_row *right = *(struct outbox_row *const *)b;
	int order = strcmp(left->envelope.record, right->envelope.record);

	if (order != 0)
		return order;
	return left->seq < right->seq ? -1 : left->seq > right->seq;
}

/* In one look at the mirror: that is right, and it is faster than one for each. */
static void build_all(struct cache *c, struct pending *p, struct outbox_row **order)
{
	bool within = store_in_transaction(c->store);
	const char *me = cache_get(c, "me", &p->arena);
	size_t end;

	if (!within && !store_begin_read(c->store, NULL))
		within = true;
	for (size_t i = 0; i < p->out_count; i = end) {
		end = i + 1;
		while (end < p->out_count &&
		       strcmp(order[end]->envelope.record, order[i]->envelope.record) == 0)
			end++;
		if (build(c, p, &order[i], end - i, me))
			p->ticket_count++;
	}
	if (!within)
		store_rollback(c->store);
}

static bool load(struct cache *c, struct pending *p, struct work *w, struct err *err)
{
	struct outbox_row **order;

	arena_reset(&p->arena);
	p->ticket_count = 0;
	if (!work_outbox(w, 0, &p->out, &p->out_count, &p->arena, err))
		return false;
	order = arena_alloc(&p->arena, (p->out_count + 1) * sizeof(*order));
	for (size_t i = 0; i < p->out_count; i++)
		order[i] = &p->out[i];
	qsort(order, p->out_count, sizeof(*order), compare_records);
	p->tickets = arena_alloc(&p->arena, (p->out_count + 1) * sizeof(*p->tickets));
	p->before = arena_alloc(&p->arena, (p->out_count + 1) * sizeof(*p->before));
	build_all(c, p, order);
	/* They were built in the order of their ids. */
	return true;
}

bool pending_load(struct cache *c, struct work *w, struct err *err)
{
	struct pending *p = &c->pending;
	int64_t cache_version, work_version;

	if (w == NULL) {
		p->loaded = false;
		p->out_count = p->ticket_count = 0;
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
	p->loaded = false;
	if (!load(c, p, w, err))
		return false;
	p->loaded = true;
	p->cache_version = cache_version;
	p->work_version = work_version;
	p->work_writes = w->writes;
	return true;
}
