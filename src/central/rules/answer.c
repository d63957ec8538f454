/* answer: a message to the citizen. Until mail is set up it is kept and marked as not sent, so that
 * nothing old goes out on the day that it is. */
#include "../central_rule.h"
#include "../mail/outgoing.h"
#include <string.h>
#include <strings.h>
#include "balie/i18n.h"

static const char *reply_subject(const struct ticket *ticket, struct arena *a)
{
	if (strncasecmp(ticket->subject, "re:", 3) == 0)
		return ticket->subject;
	return arena_printf(a, "Re: %s", ticket->subject);
}

bool answer_channel(struct message *m, int channel)
{
	bool spoken =
		channel == CHANNEL_PHONE || channel == CHANNEL_COUNTER || channel == CHANNEL_CHAT;

	if (!spoken && channel != CHANNEL_LETTER && channel != CHANNEL_INTERNAL)
		return false;
	m->channel = channel;
	m->state = spoken ? MESSAGE_SENT : MESSAGE_NOT_SENT;
	m->reason = spoken ? NULL : "no-mail";
	return true;
}

bool rule_answer(struct town *t, const struct envelope *e, const struct viewer *v,
		 struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket before;
	struct agent me = {0};
	struct message m;
	struct contact contact;
	struct outgoing o = {.message = &m,
			     .ticket = &before,
			     .to = e->args.to,
			     .cc = e->args.cc,
			     .mailbox_id = e->args.mailbox_id,
			     .attachments = e->args.attachments};
	struct err err = {0};

	if (!rule_ticket(t, e, v, &before, out) ||
	    !rule_apply(t, e, v, &before, &out->record.ticket, out))
		return false;
	if (!town_read(t, RECORD_AGENT, v->agent_id, NULL, &me, out->arena, &err))
		return rule_fail_err(out, &err);
	m = (struct message){
		.id = e->id,
		.ticket_id = before.id,
		.contact_id = e->args.contact_id,
		.direction = DIRECTION_OUT,
		.sender = SENDER_PERSON,
		.agent_id = v->agent_id,
		.from_text = me.display,
		.to_text = e->args.to ? e->args.to : before.party_name,
		.subject = e->args.subject ? e->args.subject : reply_subject(&before, out->arena),
		.body = e->args.body,
		.created_at = out->now,
	};
	if (e->args.contact_id &&
	    !rule_reference(t, RECORD_CONTACT, e->args.contact_id, "/contact_id", &contact, out))
		return false;
	if (!answer_channel(&m, e->args.channel))
		return rule_mail(t, &o, &mark, out);
	if (!message_insert(t, &m, NULL, 0, NULL, 0, &mark, out->arena, &err))
		return rule_fail_err(out, &err);
	return true;
}
