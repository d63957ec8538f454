/* team-, topic-, agent-, template- and mailbox-change, and -create: what an administrator does. */
#include "../central_rule.h"
#include <string.h>
#include "../tell.h"
#include "balie/text.h"
#include "central_sql.h"

static bool apply(const struct envelope *e, union any_record *r, struct err *err)
{
	switch ((enum record_kind)e->action->about) {
	case RECORD_TEAM:
		return team_apply(&r->team, e, err);
	case RECORD_TOPIC:
		return topic_apply(&r->topic, e, err);
	case RECORD_AGENT:
		return agent_apply(&r->agent, e, err);
	case RECORD_TEMPLATE:
		return template_apply(&r->template, e, err);
	case RECORD_MAILBOX:
		return mailbox_apply(&r->mailbox, e, err);
	case RECORD_PARTY:
	case RECORD_TICKET:
	case RECORD_CONTACT:
	case RECORD_MESSAGE:
	case RECORD_NOTE:
		break;
	}
	return false;
}

/* Only a team that is in use is newly given. */
static bool check_team(struct town *t, const struct envelope *e, struct outcome *out)
{
	struct team team = {0};

	if (!e->args.team_id || !e->args.team_id[0])
		return true;
	if (!rule_reference(t, RECORD_TEAM, e->args.team_id, "/team_id", &team, out))
		return false;
	if (team.active)
		return true;
	out->pointer = "/team_id";
	return rule_fail(out, PROBLEM_BAD_FIELD, "This team is no longer in use",
			 "Deze behandelaarsgroep is niet meer in gebruik");
}

static bool check_topic(struct town *t, const struct envelope *e, struct outcome *out)
{
	struct topic topic;

	return !e->args.topic_id || !e->args.topic_id[0] ||
	       rule_reference(t, RECORD_TOPIC, e->args.topic_id, "/topic_id", &topic, out);
}

/* A name that another has, told as such; the rest as it is. */
static bool fail_write(struct outcome *out, const struct err *err)
{
	if (err->kind != ERR_CONFLICT)
		return rule_fail_err(out, err);
	out->pointer = "/name";
	return rule_fail(out, PROBLEM_STATE, "There is one with this name already",
			 "Er is er al een met deze naam");
}

/* ---- who can still rule ---- */

static bool somebody_rules(struct town *t, bool *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_ADMIN_ANY);
	enum store_step step = store_step(q, err);

	store_done(q);
	*ret = step == STORE_ROW;
	return step != STORE_FAILED;
}

static bool check_rule(struct town *t, struct outcome *out)
{
	struct err err = {0};
	bool any = false;

	if (!somebody_rules(t, &any, &err))
		return rule_fail_err(out, &err);
	return any ||
	       rule_fail(out, PROBLEM_STATE, "Nobody would be left who can administer the town",
			 "Er zou niemand overblijven die de gemeente kan beheren");
}

static bool end_sessions(struct town *t, const char *agent_id, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_SESSION_REMOVE_AGENT);

	store_bind_text(q, 1, agent_id);
	return store_run(q, err);
}

static bool settle_agent(struct town *t, const struct agent *before, const struct agent *after,
			 const struct viewer *v, struct outcome *out)
{
	struct err err = {0};

	if (before->active == after->active && before->role == after->role &&
	    strcmp(before->team_id, after->team_id) == 0)
		return true;
	if (before->active && !after->active) {
		if (v->agent_id && strcmp(v->agent_id, after->id) == 0)
			return rule_fail(out, PROBLEM_STATE, "You cannot lock yourself out",
					 "Je kan jezelf niet buitensluiten");
		if (!end_sessions(t, after->id, &err))
			return rule_fail_err(out, &err);
	}
	if (!tell_agent(t, after->id, &err))
		return rule_fail_err(out, &err);
	return !v->agent_id || check_rule(t, out);
}

static const char *name_of(enum record_kind kind, const union any_record *r)
{
	return kind == RECORD_TEAM	 ? r->team.name
	       : kind == RECORD_TOPIC	 ? r->topic.name
	       : kind == RECORD_TEMPLATE ? r->template.name
					 : NULL;
}

/* Two that nobody can tell apart in a list. A login name has small letters only and no spaces, and so
 * the database tells. */
static bool check_name(struct town *t, enum record_kind kind, const union any_record *before,
		       const union any_record *after, struct outcome *out)
{
	const char *name = name_of(kind, after);
	struct err err = {0};
	bool taken = false;

	/* Those that were there already go on. */
	if (!name || (before && text_same(name_of(kind, before), name)))
		return true;
	if (!town_name_taken(t, kind, after->head.id, name, &taken, &err))
		return rule_fail_err(out, &err);
	if (!taken)
		return true;
	out->pointer = "/name";
	return rule_fail(out, PROBLEM_STATE,
			 "There is one with this name already, but for capitals or spaces",
			 "Er is er al een met deze naam, op hoofdletters of spaties na");
}

bool admin_settle(struct town *t, enum record_kind kind, const union any_record *before,
		  const union any_record *after, const struct viewer *v, struct outcome *out)
{
	if (!check_name(t, kind, before, after, out))
		return false;
	if (kind == RECORD_AGENT)
		return settle_agent(t, &before->agent, &after->agent, v, out);
	if (kind == RECORD_TEAM && before->team.kind != after->team.kind && v->agent_id)
		return check_rule(t, out);
	return true;
}

/* ---- doing ---- */

static bool create(struct town *t, const struct envelope *e, const struct mark *mark,
		   struct outcome *out)
{
	struct err err = {0};

	memset(&out->record, 0, sizeof(out->record));
	if (!apply(e, &out->record, &err))
		return rule_fail_err(out, &err);
	if (!town_insert(t, out->type, &out->record, NULL, mark, out->arena, &err))
		return fail_write(out, &err);
	return check_name(t, out->type, NULL, &out->record, out);
}

static bool change(struct town *t, const struct envelope *e, const struct viewer *v,
		   const struct mark *mark, struct outcome *out)
{
	union any_record before;
	struct err err = {0};

	memset(&before, 0, sizeof(before));
	if (!town_read(t, out->type, e->record, NULL, &before, out->arena, &err))
		return err.kind == ERR_NOT_FOUND ? rule_fail(out, PROBLEM_NOT_FOUND, NULL, NULL)
						 : rule_fail_err(out, &err);
	if (!rule_base(e, out->type, &before, out))
		return false;
	out->record = before;
	if (!apply(e, &out->record, &err))
		return rule_fail_err(out, &err);
	if (!town_update(t, out->type, &before, &out->record, mark, &err))
		return fail_write(out, &err);
	return admin_settle(t, out->type, &before, &out->record, v, out);
}

bool admin_run(struct town *t, const struct envelope *e, const struct viewer *v,
	       struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	int id = e->action->id;

	out->problem = PROBLEM_COUNT;
	out->type = (enum record_kind)e->action->about;
	if (!check_team(t, e, out) || !check_topic(t, e, out))
		return false;
	return id == ACT_TEAM_CREATE || id == ACT_TOPIC_CREATE || id == ACT_AGENT_CREATE ||
			       id == ACT_TEMPLATE_CREATE
		       ? create(t, e, &mark, out)
		       : change(t, e, v, &mark, out);
}

bool rule_admin(struct town *t, const struct envelope *e, const struct viewer *v,
		struct outcome *out)
{
	if (!can(v, e->action->id, NULL))
		return rule_fail(out, PROBLEM_DENIED, NULL, NULL);
	return admin_run(t, e, v, out);
}
