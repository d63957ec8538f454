/* create: a new ticket, and what the citizen said as its first message. */
#include "../central_rule.h"
#include <string.h>
#include "balie/id.h"
#include "../mail/outgoing.h"

static bool person_name(struct town *t, struct ticket *ticket, struct outcome *out)
{
	struct party party;

	if (!ticket->party_id)
		return true;
	if (!rule_party_reference(t, ticket->party_id, "/party_id", &party, out))
		return false;
	ticket->party_id = party.id;
	ticket->party_name = party.name;
	return true;
}

/* For whom the reporter speaks: the mother for her son, the accountant for the bakery. */
static bool on_behalf(struct town *t, const struct envelope *e, struct ticket *ticket,
		      struct outcome *out)
{
	struct party party;
	struct buf b = {0};

	if (!e->args.on_behalf_id)
		return true;
	if (!rule_party_reference(t, e->args.on_behalf_id, "/on_behalf_id", &party, out))
		return false;
	buf_printf(&b, "[{\"role\":\"%s\",\"party_id\":\"%s\",\"name\":",
		   words_code(&involvement_roles, INVOLVED_ON_BEHALF_OF), party.id);
	wire_put_text(&b, party.name);
	buf_add_str(&b, "}]");
	ticket->involved = arena_strndup(out->arena, b.data, b.len);
	buf_finish(&b);
	return true;
}

/* A contact leaves its trace in each question that was asked in it. */
static bool first_message(struct town *t, const struct envelope *e, const struct ticket *ticket,
			  const struct mark *mark, struct outcome *out)
{
	struct message m = {
		.id = e->id,
		.ticket_id = ticket->id,
		.contact_id = e->args.contact_id,
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

	if ((!m.body || !m.body[0]) && m.contact_id)
		m.body = ticket->subject;
	if (!m.body || !m.body[0])
		return true;
	if (!message_insert(t, &m, NULL, 0, NULL, 0, mark, out->arena, &err))
		return rule_fail_err(out, &err);
	return true;
}

/* Said at once, at the counter or on the phone: nothing is left to send. */
static bool answer_at_once(struct town *t, const struct envelope *e, const struct ticket *ticket,
			   const struct mark *mark, struct outcome *out)
{
	char id[ID_TEXT];
	struct message m = {
		.id = id_new(id),
		.ticket_id = ticket->id,
		.contact_id = e->args.contact_id,
		.direction = DIRECTION_OUT,
		.sender = SENDER_PERSON,
		.agent_id = mark->agent_id,
		.to_text = ticket->party_name,
		.subject = ticket->subject,
		.body = e->args.answer,
		/* Behind the question, also in a list by time. */
		.created_at = out->now + 1,
	};
	struct outgoing o = {.message = &m, .ticket = ticket};
	struct err err = {0};

	if (!m.body || !m.body[0])
		return true;
	if (!answer_channel(&m, ticket->channel))
		return rule_mail(t, &o, mark, out);
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
	struct contact contact;
	struct err err = {0};

	memset(ticket, 0, sizeof(*ticket));
	if (!can(v, ACT_CREATE, NULL))
		return rule_fail(out, PROBLEM_DENIED, NULL, NULL);
	if (!rule_topic(t, e->args.topic_id, &row, &topic, out))
		return false;
	if (!ticket_apply(ticket, e, topic, v->agent_id, out->now, &err))
		return rule_fail_err(out, &err);
	if (!rule_handler(t, ticket->team_id, e->args.agent_id, out) ||
	    !person_name(t, ticket, out) || !on_behalf(t, e, ticket, out))
		return false;
	if (e->args.contact_id &&
	    !rule_reference(t, RECORD_CONTACT, e->args.contact_id, "/contact_id", &contact, out))
		return false;
	if (!ticket_insert(t, ticket, &mark, out->arena, &err)) {
		if (err.kind == ERR_CONFLICT) {
			out->pointer = "/record";
			return rule_fail(out, PROBLEM_STATE, "This ticket exists already",
					 "Deze melding bestaat al");
		}
		return rule_fail_err(out, &err);
	}
	return first_message(t, e, ticket, &mark, out) && answer_at_once(t, e, ticket, &mark, out);
}
