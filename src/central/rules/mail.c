/* forward, send-again, settle: mails of ours beyond the answer. Whether one went out is sometimes not sure; it is
 * never sent again without a person who says so. */
#include "../central_rule.h"
#include <string.h>
#include "../mail/outgoing.h"

/* What outgoing says is wrong, with the field at fault. */
static bool fail(struct outcome *out, const char *pointer, const struct err *err)
{
	out->pointer = pointer;
	return rule_fail_err(out, err);
}

bool rule_mail(struct town *t, struct outgoing *o, const struct mark *mark, struct outcome *out)
{
	const char *pointer = NULL;
	struct err err = {0};

	o->now = out->now;
	return outgoing_add(t, o, &pointer, mark, out->arena, &err) || fail(out, pointer, &err);
}

/* The message that an argument names, of this ticket or of one that was merged into it. */
static bool read_message(struct town *t, const struct envelope *e, const struct viewer *v,
			 const struct ticket *ticket, struct message *ret, struct outcome *out)
{
	struct ticket own;

	if (!rule_reference(t, RECORD_MESSAGE, e->args.message_id, "/message_id", ret, out))
		return false;
	out->pointer = "/message_id";
	if (!rule_ticket_reference(t, ret->ticket_id, "/message_id", v, true, &own, out))
		return false;
	if (strcmp(own.id, ticket->id) != 0 && strcmp(ret->ticket_id, ticket->id) != 0)
		return rule_fail(out, PROBLEM_BAD_FIELD, "This message is not of this ticket",
				 "Dit bericht hoort niet bij deze melding");
	out->pointer = NULL;
	return true;
}

bool rule_forward(struct town *t, const struct envelope *e, const struct viewer *v,
		  struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket before;
	struct agent me = {0};
	struct message m, other;
	struct outgoing o = {.message = &m,
			     .ticket = &before,
			     .to = e->args.to,
			     .cc = e->args.cc,
			     .mailbox_id = e->args.mailbox_id,
			     .attachments = e->args.attachments,
			     .with_id = e->args.message_id};
	struct err err = {0};

	if (!rule_ticket(t, e, v, &before, out))
		return false;
	if (e->args.message_id && !read_message(t, e, v, &before, &other, out))
		return false;
	/* A stranger's text goes to nobody before a person said that it belongs here. */
	if (e->args.message_id && other.state == MESSAGE_SUSPECTED) {
		out->pointer = "/message_id";
		return rule_fail(out, PROBLEM_STATE,
				 "First say whether this message belongs to the ticket",
				 "Zeg eerst of dit bericht bij de melding hoort");
	}
	if (!rule_apply(t, e, v, &before, &out->record.ticket, out))
		return false;
	if (!town_read(t, RECORD_AGENT, v->agent_id, NULL, &me, out->arena, &err))
		return rule_fail_err(out, &err);
	m = (struct message){
		.id = e->id,
		.ticket_id = before.id,
		.sender = SENDER_PERSON,
		.agent_id = v->agent_id,
		.from_text = me.display,
		.subject = e->args.subject ? e->args.subject : before.subject,
		.body = e->args.body,
		.created_at = out->now,
	};
	return rule_mail(t, &o, &mark, out);
}

static bool unsure(const struct message *m)
{
	return m->direction == DIRECTION_OUT && m->channel == CHANNEL_MAIL &&
	       (m->state == MESSAGE_NOT_SENT || m->state == MESSAGE_FAILED ||
		m->state == MESSAGE_UNCERTAIN);
}

static bool read_unsure(struct town *t, const struct envelope *e, const struct viewer *v,
			struct message *ret, struct outcome *out)
{
	struct ticket ticket;

	if (!rule_ticket(t, e, v, &ticket, out) || !read_message(t, e, v, &ticket, ret, out))
		return false;
	out->record.ticket = ticket;
	if (unsure(ret))
		return true;
	out->pointer = "/message_id";
	return rule_fail(out, PROBLEM_STATE, "Of this message it is known what became of it",
			 "Van dit bericht is bekend wat ervan geworden is");
}

bool rule_send_again(struct town *t, const struct envelope *e, const struct viewer *v,
		     struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct message before, after;
	const char *pointer = NULL;
	struct err err = {0};

	if (!read_unsure(t, e, v, &before, out))
		return false;
	return outgoing_again(t, &before, &after, e->args.to, &pointer, &mark, out->arena, &err) ||
	       fail(out, pointer, &err);
}

bool rule_settle(struct town *t, const struct envelope *e, const struct viewer *v,
		 struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct message before, after;
	struct err err = {0};
	bool late;

	if (!read_unsure(t, e, v, &before, out))
		return false;
	after = before;
	after.state = MESSAGE_SENT;
	after.reason = arena_printf(out->arena, "settled %.200s",
				    e->args.reason && e->args.reason[0] ? e->args.reason : "-");
	if (!outgoing_settle(t, before.id, &late, &err) ||
	    !town_update(t, RECORD_MESSAGE, &before, &after, &mark, &err))
		return rule_fail_err(out, &err);
	return true;
}
