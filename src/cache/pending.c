/* Tickets as they will be once the service has done what waits in the outbox. */
#include <stdlib.h>
#include <string.h>
#include "cache_sql.h"
#include "room.h"

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
		const struct outbox_row *out = &p->out[i]->row;
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

bool pending_build(struct cache *c, struct waiting *const *rows, size_t count, const char *me,
		   struct queue_row *ret, struct ticket *ret_before)
{
	struct arena *a = &c->pending.arena;
	const char *record = rows[0]->row.envelope.record;
	bool there;

	memset(ret, 0, sizeof(*ret));
	there = mirror_ticket(c, record, ret, a, NULL);
	*ret_before = there ? ret->ticket : (struct ticket){0};
	if (!there) {
		memset(ret, 0, sizeof(*ret));
		ret->ticket.id = record;
		ret->ticket.subject = "";
		/* Below all rowids of the mirror, and each its own. */
		ret->place.rowid = -rows[0]->row.seq;
	}
	for (size_t i = 0; i < count; i++) {
		const struct outbox_row *out = &rows[i]->row;
		bool creates = out->envelope.action->id == ACT_CREATE;

		if (out->envelope.action->about != RECORD_TICKET)
			continue;
		ret->pending = true;
		ret->conflict |= has_failed(out);
		/* The mirror may already hold what an answer that is still to be marked has made. */
		if (has_failed(out) || (creates && there))
			continue;
		if (!there && !creates)
			continue;
		if (pending_apply(c, &ret->ticket, out, me, a) && creates)
			there = true;
	}
	name_reporter(c, &ret->ticket, a);
	return there;
}
