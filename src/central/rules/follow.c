/* follow, unfollow: between the agent and the ticket; nobody else's version changes. */
#include "../central_rule.h"

bool rule_follow(struct town *t, const struct envelope *e, const struct viewer *v,
		 struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	bool follow = e->action->id == ACT_FOLLOW;
	bool changed;
	struct err err = {0};

	if (!rule_ticket(t, e, v, &out->record.ticket, out))
		return false;
	if (!follow_set(t, &out->record.ticket, v->agent_id, follow, &mark, &changed, &err))
		return rule_fail_err(out, &err);
	out->record.ticket.followed = follow;
	return true;
}
