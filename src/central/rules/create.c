/* create: a new ticket, and what the citizen said as its first message. */
#include "../central_rule.h"
#include <string.h>

static bool person_name(struct town *t, struct ticket *ticket, struct outcome *out)
{
	struct party party = {0};

	if (!ticket->party_id)
		return true;
	if (!rule_reference(t, RECORD_PARTY, ticket->party_id, "/party_id", &party, out))
		return false;
	ticket->party_name = party.name;
	return true;
}

static bool first_message(struct town *t, const struct envelope *e, const struct ticket *ticket,
			  const struct mark *mark, struct outcome *out)
{
	struct message m = {
		.id = e->id,
		.ticket_id = ticket->id,
		.direction = DIRECTION_IN,
		.channel = ticket->channel,
		.state = MESSAGE_RECEIVED,
		.sender = SENDER_PERSON,
		.from_text = ticket->party_name,
		.subject = ticket->subject,
		.body = e->args.body,
		.created_at = out->now,
	};
	struct err err = {0};

	if (!m.body || !m.body[0])
		return true;
	if (!message_insert(t, &m, NULL, 0, NULL, 0, mark, out->arena, &err))
		return rule_fail_err(out, &err);
	return true;
}

bool rule_create(struct town *t, const struct envelope *e, const struct viewer *v,
		 struct outcome *out)
{
	struct ticket *ticket = &out->record.ticket;
	struct mark mark = rule_mark(e, v, out);
	struct topic row;
	const struct topic *topic;
	struct err err = {0};

	memset(ticket, 0, sizeof(*ticket));
	if (!can(v, ACT_CREATE, NULL))
		return rule_fail(out, PROBLEM_DENIED, NULL, NULL);
	if (!rule_topic(t, e->args.topic_id, &row, &topic, out))
		return false;
	if (!ticket_apply(ticket, e, topic, v->agent_id, out->now, &err))
		return rule_fail_err(out, &err);
	if (!rule_handler(t, ticket->team_id, ticket->agent_id, out) ||
	    !person_name(t, ticket, out))
		return false;
	if (!ticket_insert(t, ticket, &mark, out->arena, &err)) {
		if (err.kind == ERR_CONFLICT) {
			out->pointer = "/record";
			return rule_fail(out, PROBLEM_STATE, "This ticket exists already",
					 "Deze melding bestaat al");
		}
		return rule_fail_err(out, &err);
	}
	return first_message(t, e, ticket, &mark, out);
}
