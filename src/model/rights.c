/* Who may do and see what. Own teams see everything and help each other; an outside organisation
 * sees what was handed to it, and can work on that and hand it back. */
#include "balie/model.h"
#include <string.h>
#include "balie/clock.h"

enum who { WHO_INSIDE = 1, WHO_OUTSIDE = 2, WHO_ADMIN = 4 };

/* Indexed by the sent actions. What tells a stranger from the citizen, and what decides about law
 * and workflow, stays inside. */
static const unsigned allowed[ACT_LOCAL_FIRST] = {
	[ACT_CREATE] = WHO_INSIDE,
	[ACT_ANSWER] = WHO_INSIDE | WHO_OUTSIDE,
	[ACT_FORWARD] = WHO_INSIDE,
	[ACT_SEND_AGAIN] = WHO_INSIDE,
	[ACT_SETTLE] = WHO_INSIDE,
	[ACT_NOTE] = WHO_INSIDE | WHO_OUTSIDE,
	[ACT_STATE] = WHO_INSIDE | WHO_OUTSIDE,
	[ACT_TOPIC] = WHO_INSIDE,
	[ACT_KIND] = WHO_INSIDE,
	[ACT_PRIORITY] = WHO_INSIDE,
	[ACT_SUBJECT] = WHO_INSIDE,
	[ACT_DUE] = WHO_INSIDE,
	[ACT_ASSIGN] = WHO_INSIDE | WHO_OUTSIDE,
	[ACT_FOLLOW] = WHO_INSIDE | WHO_OUTSIDE,
	[ACT_UNFOLLOW] = WHO_INSIDE | WHO_OUTSIDE,
	[ACT_ACCEPT] = WHO_INSIDE,
	[ACT_DECLINE] = WHO_INSIDE,
	[ACT_SAID] = WHO_INSIDE | WHO_OUTSIDE,
	[ACT_REPORTER] = WHO_INSIDE,
	[ACT_MERGE] = WHO_INSIDE,
	[ACT_UNMERGE] = WHO_INSIDE,
	[ACT_LINK] = WHO_INSIDE,
	[ACT_UNLINK] = WHO_INSIDE,
	[ACT_SPLIT] = WHO_INSIDE,
	[ACT_CONTACT] = WHO_INSIDE,
	[ACT_PARTY_CREATE] = WHO_INSIDE,
	[ACT_PARTY_CHANGE] = WHO_INSIDE,
	[ACT_PARTY_MERGE] = WHO_INSIDE,
	[ACT_PARTY_UNMERGE] = WHO_INSIDE,
	[ACT_TEAM_CREATE] = WHO_ADMIN,
	[ACT_TEAM_CHANGE] = WHO_ADMIN,
	[ACT_TOPIC_CREATE] = WHO_ADMIN,
	[ACT_TOPIC_CHANGE] = WHO_ADMIN,
	[ACT_AGENT_CREATE] = WHO_ADMIN,
	[ACT_AGENT_CHANGE] = WHO_ADMIN,
	[ACT_TEMPLATE_CREATE] = WHO_ADMIN,
	[ACT_TEMPLATE_CHANGE] = WHO_ADMIN,
	[ACT_MAILBOX_CHANGE] = WHO_ADMIN,
	[ACT_UNDO] = WHO_INSIDE | WHO_OUTSIDE,
};

static bool same_id(const char *a, const char *b)
{
	return a && b && a[0] && strcmp(a, b) == 0;
}

bool can(const struct viewer *v, int action, const struct ticket *t)
{
	unsigned who = v->team_kind == TEAM_INSIDE ? WHO_INSIDE : WHO_OUTSIDE;

	/* Of an outside organisation nobody rules the town. */
	if (who == WHO_INSIDE && v->role == ROLE_ADMIN)
		who |= WHO_ADMIN;
	if (action >= ACT_LOCAL_FIRST && action < ACT_COUNT)
		return true;
	if (action < 0 || action >= ACT_LOCAL_FIRST || !v->agent_id || !(allowed[action] & who))
		return false;
	if (!t)
		return action == ACT_CREATE || actions.rows[action].about != RECORD_TICKET;
	return sees(v, t);
}

bool sees(const struct viewer *v, const struct ticket *t)
{
	return v->team_kind == TEAM_INSIDE || same_id(v->team_id, t->team_id);
}

bool sees_contacts(const struct viewer *v)
{
	return v->team_kind == TEAM_INSIDE;
}

bool on_desk(const struct viewer *v, const struct ticket *t, int64_t now)
{
	if (!sees(v, t))
		return false;
	if (state_is_open(t->state))
		return true;
	/* Answered and final ones: what he handled or follows, as long as it is recent. */
	return (same_id(v->agent_id, t->agent_id) || t->followed) &&
	       t->updated_at > now - DESK_DAYS * CLOCK_DAY_MS;
}
