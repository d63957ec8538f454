/* merge, unmerge, link, unlink, split: what tickets have to do with each other.
 *
 * Merging sets a pointer and nothing else: messages and notes keep the ticket they came with, and so
 * un-merging gives each its own back. A link stands with both. A message that is split off moves. */
#include "../central_rule.h"
#include <string.h>
#include "central_sql.h"

static bool one_already(struct outcome *out)
{
	out->pointer = "/into_id";
	return rule_fail(out, PROBLEM_STATE, "These two are one already",
			 "Deze twee zijn al dezelfde");
}

static bool merge(struct town *t, const struct envelope *e, const struct viewer *v,
		  const struct ticket *before, struct outcome *out)
{
	struct envelope own = *e;
	struct ticket into;

	if (!rule_ticket_reference(t, e->args.into_id, "/into_id", v, true, &into, out))
		return false;
	/* Two that point at each other would both be gone. */
	if (strcmp(into.id, before->id) == 0)
		return one_already(out);
	if (state_is_open(before->state) && !state_is_open(into.state)) {
		out->pointer = "/into_id";
		return rule_fail(out, PROBLEM_STATE,
				 "The other ticket is answered or closed: open it again first",
				 "De andere melding is beantwoord of afgesloten: heropen ze eerst");
	}
	own.args.into_id = into.id;
	return rule_apply(t, &own, v, before, &out->record.ticket, out);
}

/* The state it had before it was merged stands in the journal; in one that was blanked, nowhere. */
static bool read_before(struct town *t, const struct ticket *merged, struct ticket *ret,
			struct outcome *out)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_JOURNAL_MERGE);
	struct ticket was = *merged;
	struct err err = {0};
	enum store_step step;
	const char *json = NULL;

	store_bind_text(q, 1, merged->id);
	step = store_step(q, &err);
	if (step == STORE_ROW && store_column_text(q, 0))
		json = arena_strdup(out->arena, store_column_text(q, 0));
	store_done(q);
	if (step == STORE_FAILED)
		return rule_fail_err(out, &err);
	if (!json)
		return true;
	if (!rule_overlay(RECORD_TICKET, json, &was, out))
		return false;
	ret->state = was.state != STATE_MERGED ? was.state : STATE_OPEN;
	ret->closed_at = was.closed_at;
	ret->wait_until = was.wait_until;
	return true;
}

static bool unmerge(struct town *t, const struct envelope *e, const struct viewer *v,
		    const struct ticket *before, struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket *after = &out->record.ticket;
	struct err err = {0};

	*after = *before;
	if (!ticket_apply(after, e, NULL, v->agent_id, out->now, &err))
		return rule_fail_err(out, &err);
	if (!read_before(t, before, after, out))
		return false;
	if (!town_update(t, RECORD_TICKET, before, after, &mark, &err))
		return rule_fail_err(out, &err);
	return true;
}

bool rule_merge(struct town *t, const struct envelope *e, const struct viewer *v,
		struct outcome *out)
{
	struct ticket before;

	if (!rule_ticket(t, e, v, &before, out))
		return false;
	return e->action->id == ACT_MERGE ? merge(t, e, v, &before, out)
					  : unmerge(t, e, v, &before, out);
}

/* The other side of a link. */
static bool link_other(struct town *t, const struct envelope *e, const struct viewer *v,
		       const struct ticket *one, const struct ticket *other, struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket after = *other;
	struct err err = {0};

	if (e->action->id == ACT_UNLINK) {
		after.links = links_without(other->links, one->id, out->arena);
	} else if (links_read(other->links, NULL, 0, NULL) >= LINKS_MAX) {
		out->pointer = "/other_id";
		return rule_fail(out, PROBLEM_STATE, "The other ticket has too many links already",
				 "De andere melding heeft al te veel koppelingen");
	} else {
		after.links = links_with(other->links, one->id, one->number, out->arena);
	}
	after.updated_at = out->now;
	if (!town_update(t, RECORD_TICKET, other, &after, &mark, &err))
		return rule_fail_err(out, &err);
	return true;
}

bool rule_link(struct town *t, const struct envelope *e, const struct viewer *v,
	       struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct envelope own = *e;
	struct ticket before, other;
	struct ticket *after = &out->record.ticket;
	bool link = e->action->id == ACT_LINK;
	struct err err = {0};

	if (!rule_ticket(t, e, v, &before, out) ||
	    !rule_ticket_reference(t, e->args.other_id, "/other_id", v, link, &other, out))
		return false;
	own.args.other_id = other.id;
	*after = before;
	if (!ticket_apply(after, &own, NULL, v->agent_id, out->now, &err)) {
		out->pointer = "/other_id";
		return rule_fail_err(out, &err);
	}
	after->links = link ? links_with(before.links, other.id, other.number, out->arena)
			    : links_without(before.links, other.id, out->arena);
	if (!town_update(t, RECORD_TICKET, &before, after, &mark, &err))
		return rule_fail_err(out, &err);
	return link_other(t, e, v, &before, &other, out);
}

/* What the old ticket has left without the message. */
struct rest {
	int64_t messages, last_in_at;
};

static bool read_rest(struct town *t, const struct message *m, struct rest *ret,
		      struct outcome *out)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_TICKET_WITHOUT);
	struct err err = {0};
	enum store_step step;

	store_bind_text(q, 1, m->ticket_id);
	store_bind_text(q, 2, m->id);
	step = store_step(q, &err);
	if (step == STORE_ROW) {
		ret->messages = store_column_int(q, 0);
		ret->last_in_at = store_column_int(q, 1);
	}
	store_done(q);
	return step == STORE_ROW || rule_fail_err(out, &err);
}

static bool check_split(struct town *t, const struct envelope *e, const struct ticket *from,
			struct message *m, struct rest *rest, struct outcome *out)
{
	memset(m, 0, sizeof(*m));
	if (!rule_reference(t, RECORD_MESSAGE, e->args.message_id, "/message_id", m, out))
		return false;
	out->pointer = "/message_id";
	if (strcmp(m->ticket_id, from->id) != 0)
		return rule_fail(out, PROBLEM_STATE,
				 "This message belongs to another ticket; if that was merged into "
				 "this one, un-merge it first",
				 "Dit bericht hoort bij een andere melding; als die met deze "
				 "samengevoegd is, maak dat eerst ongedaan");
	if (m->direction != DIRECTION_IN || m->state != MESSAGE_RECEIVED)
		return rule_fail(
			out, PROBLEM_STATE,
			"Only what a citizen said or wrote can become a ticket of its own",
			"Alleen wat een klant zei of schreef kan een eigen melding worden");
	if (!read_rest(t, m, rest, out))
		return false;
	if (rest->messages == 0)
		return rule_fail(
			out, PROBLEM_STATE,
			"This is the only message: nothing would be left of the ticket",
			"Dit is het enige bericht: er zou niets overblijven van de melding");
	if (links_read(from->links, NULL, 0, NULL) >= LINKS_MAX)
		return rule_fail(out, PROBLEM_STATE, "This ticket has too many links already",
				 "Deze melding heeft al te veel koppelingen");
	out->pointer = NULL;
	return true;
}

/* It was asked when the message came in: from then on the deadline counts. The number is of the year in
 * which it is registered. */
static bool make_ticket(struct town *t, const struct envelope *e, const struct viewer *v,
			const struct ticket *from, const struct message *m, struct ticket *ret,
			struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct topic row;
	const struct topic *topic;
	char number[TRACKING_TEXT];
	struct err err = {0};

	if (!rule_topic(t, from->topic_id, &row, &topic, out))
		return false;
	*ret = (struct ticket){
		/* The envelope's id is free for it: two answers to one envelope are the same. */
		.id = e->id,
		.kind = from->kind,
		.state = STATE_NEW,
		.priority = from->priority,
		.channel = m->channel,
		.subject = e->args.subject && e->args.subject[0] ? e->args.subject
			   : m->subject && m->subject[0]	 ? m->subject
								 : from->subject,
		.topic_id = from->topic_id,
		.team_id = from->team_id,
		.agent_id = from->agent_id,
		.party_id = from->party_id,
		.party_name = from->party_name,
		.created_at = m->created_at,
		.updated_at = out->now,
		.due_at = deadline_for(topic, m->created_at),
		.last_in_at = m->created_at,
		.links = links_with(NULL, from->id, from->number, out->arena),
	};
	if (!town_number(t, out->now, number, &err))
		return rule_fail_err(out, &err);
	ret->number = arena_strdup(out->arena, number);
	if (!ticket_insert(t, ret, &mark, out->arena, &err))
		return rule_fail_err(out, &err);
	return true;
}

/* Its deadline stays: that counts from when it came in itself. */
static bool leave_rest(struct town *t, const struct envelope *e, const struct viewer *v,
		       const struct ticket *from, const struct ticket *made,
		       const struct message *m, const struct rest *rest, struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket *after = &out->record.ticket;
	int64_t last = rest->last_in_at;
	struct err err = {0};

	if (from->channel != CHANNEL_INTERNAL && last < from->created_at)
		last = from->created_at;
	after->links = links_with(from->links, made->id, made->number, out->arena);
	if (from->last_in_at <= m->created_at && last < from->last_in_at)
		after->last_in_at = last;
	if (!town_update(t, RECORD_TICKET, from, after, &mark, &err))
		return rule_fail_err(out, &err);
	return true;
}

bool rule_split(struct town *t, const struct envelope *e, const struct viewer *v,
		struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket before, made;
	struct message m, after;
	struct rest rest = {0};
	struct err err = {0};

	if (!rule_ticket(t, e, v, &before, out))
		return false;
	out->record.ticket = before;
	if (!ticket_apply(&out->record.ticket, e, NULL, v->agent_id, out->now, &err))
		return rule_fail_err(out, &err);
	if (!check_split(t, e, &before, &m, &rest, out) ||
	    !make_ticket(t, e, v, &before, &m, &made, out) ||
	    !leave_rest(t, e, v, &before, &made, &m, &rest, out))
		return false;
	after = m;
	after.ticket_id = made.id;
	after.reason = arena_printf(out->arena, "split-from %s", before.number);
	if (!town_update(t, RECORD_MESSAGE, &m, &after, &mark, &err))
		return rule_fail_err(out, &err);
	return true;
}
