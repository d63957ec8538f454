/* contact: a conversation that an agent had. said: what the citizen said in it about a ticket that was
 * there already. */
#include "../central_rule.h"
#include <string.h>

bool rule_contact(struct town *t, const struct envelope *e, const struct viewer *v,
		  struct outcome *out)
{
	struct contact *contact = &out->record.contact;
	struct mark mark = rule_mark(e, v, out);
	struct party party;
	struct err err = {0};

	memset(contact, 0, sizeof(*contact));
	if (!can(v, e->action->id, NULL))
		return rule_fail(out, PROBLEM_DENIED, NULL, NULL);
	if (!contact_apply(contact, e, v->agent_id, &err))
		return rule_fail_err(out, &err);
	if (contact->party_id) {
		if (!rule_party_reference(t, contact->party_id, "/party_id", &party, out))
			return false;
		contact->party_id = party.id;
	}
	if (!town_insert(t, RECORD_CONTACT, contact, NULL, &mark, out->arena, &err))
		return rule_fail_err(out, &err);
	return true;
}

/* Of a conversation that he may not see nobody is told that it is there. */
static bool check_contact(struct town *t, const struct envelope *e, const struct viewer *v,
			  struct outcome *out)
{
	struct contact contact = {0};

	if (!e->args.contact_id)
		return true;
	if (sees_contacts(v))
		return rule_reference(t, RECORD_CONTACT, e->args.contact_id, "/contact_id",
				      &contact, out);
	return rule_no_reference(out, "/contact_id");
}

bool rule_said(struct town *t, const struct envelope *e, const struct viewer *v,
	       struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket before;
	struct message m;
	struct err err = {0};

	if (!rule_ticket(t, e, v, &before, out) || !check_contact(t, e, v, out) ||
	    !rule_apply(t, e, v, &before, &out->record.ticket, out))
		return false;
	m = (struct message){
		.id = e->id,
		.ticket_id = before.id,
		.contact_id = e->args.contact_id,
		.direction = DIRECTION_IN,
		.channel = e->args.channel >= 0 ? e->args.channel : CHANNEL_PHONE,
		.state = MESSAGE_RECEIVED,
		.sender = SENDER_PERSON,
		.from_text = before.party_name,
		.subject = before.subject,
		.body = e->args.body,
		.created_at = out->now,
	};
	if (!message_insert(t, &m, NULL, 0, NULL, 0, &mark, out->arena, &err))
		return rule_fail_err(out, &err);
	return true;
}
