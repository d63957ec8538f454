/* state, topic, kind, priority, subject, due: one change of the ticket, all by ticket_apply(); and the
 * reason that was given becomes a note, so that colleagues can read it. */
#include "../central_rule.h"

static bool keep_reason(struct town *t, const struct envelope *e, const struct viewer *v,
			struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct note note = {
		.id = e->id,
		.ticket_id = e->record,
		.agent_id = v->agent_id,
		.body = e->args.reason,
		.created_at = out->now,
	};
	struct err err = {0};

	if (!e->args.reason || !e->args.reason[0])
		return true;
	if (!town_insert(t, RECORD_NOTE, &note, NULL, &mark, out->arena, &err))
		return rule_fail_err(out, &err);
	return true;
}

bool rule_change(struct town *t, const struct envelope *e, const struct viewer *v,
		 struct outcome *out)
{
	struct ticket before;

	return rule_ticket(t, e, v, &before, out) &&
	       rule_apply(t, e, v, &before, &out->record.ticket, out) && keep_reason(t, e, v, out);
}

bool rule_assign(struct town *t, const struct envelope *e, const struct viewer *v,
		 struct outcome *out)
{
	struct ticket before;

	return rule_ticket(t, e, v, &before, out) &&
	       rule_handler(t, e->args.team_id, e->args.agent_id, out) &&
	       rule_apply(t, e, v, &before, &out->record.ticket, out) && keep_reason(t, e, v, out);
}
