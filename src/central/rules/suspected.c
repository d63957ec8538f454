/* accept, decline: a message that may belong to the ticket. A declined one becomes a ticket of its
 * own, so that nothing that came in is lost. */
#include "../central_rule.h"
#include <string.h>

static bool new_ticket(struct town *t, const struct envelope *e, const struct viewer *v,
		       const struct ticket *from, const struct message *m, struct message *ret,
		       struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket ticket = {
		/* The envelope's id is free for it: two answers to one envelope are the same. */
		.id = e->id,
		.kind = KIND_QUESTION,
		.state = STATE_NEW,
		.priority = PRIORITY_NORMAL,
		.channel = m->channel,
		.subject = m->subject && m->subject[0] ? m->subject : from->subject,
		.team_id = from->team_id,
		.created_at = out->now,
		.last_in_at = m->created_at,
	};
	struct err err = {0};

	if (!ticket_insert(t, &ticket, &mark, out->arena, &err))
		return rule_fail_err(out, &err);
	ret->ticket_id = ticket.id;
	ret->state = MESSAGE_RECEIVED;
	ret->reason = arena_printf(out->arena, "declined-from %s", from->number);
	return true;
}

bool rule_suspected(struct town *t, const struct envelope *e, const struct viewer *v,
		    struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket before;
	struct message m = {0}, after;
	struct err err = {0};

	if (!rule_ticket(t, e, v, &before, out) ||
	    !rule_reference(t, RECORD_MESSAGE, e->args.message_id, "/message_id", &m, out))
		return false;
	if (strcmp(m.ticket_id, before.id) != 0 || m.state != MESSAGE_SUSPECTED) {
		out->pointer = "/message_id";
		return rule_fail(out, PROBLEM_STATE, "This message does not wait for a judgement",
				 "Dit bericht wacht niet op een oordeel");
	}
	if (!rule_apply(t, e, v, &before, &out->record.ticket, out))
		return false;
	after = m;
	after.state = MESSAGE_RECEIVED;
	if (e->action->id == ACT_DECLINE && !new_ticket(t, e, v, &before, &m, &after, out))
		return false;
	if (!town_update(t, RECORD_MESSAGE, &m, &after, &mark, &err))
		return rule_fail_err(out, &err);
	return true;
}
