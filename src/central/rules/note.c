/* note: words for colleagues, never sent. */
#include "../central_rule.h"

bool rule_note(struct town *t, const struct envelope *e, const struct viewer *v,
	       struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket before;
	struct note note = {
		.id = e->id,
		.ticket_id = e->record,
		.agent_id = v->agent_id,
		.body = e->args.body,
		.created_at = out->now,
	};
	struct err err = {0};

	if (!rule_ticket(t, e, v, &before, out) ||
	    !rule_apply(t, e, v, &before, &out->record.ticket, out))
		return false;
	if (!town_insert(t, RECORD_NOTE, &note, NULL, &mark, out->arena, &err))
		return rule_fail_err(out, &err);
	return true;
}
