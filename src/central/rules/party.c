/* party-create, party-change, party-merge, party-unmerge: who the citizens are; and reporter: whose
 * ticket it is. Merging sets a pointer and nothing else: tickets keep the party they came with, and
 * so un-merging gives each his own back. */
#include "../central_rule.h"
#include <string.h>
#include "balie/id.h"

static bool create(struct town *t, const struct envelope *e, const struct mark *mark,
		   struct outcome *out)
{
	struct party *party = &out->record.party;
	struct err err = {0};

	memset(party, 0, sizeof(*party));
	if (!party_apply(party, e, out->now, &err) ||
	    !town_insert(t, RECORD_PARTY, party, NULL, mark, out->arena, &err))
		return rule_fail_err(out, &err);
	return true;
}

/* Two that point at each other would both be gone. */
static bool check_into(struct town *t, const struct envelope *e, struct outcome *out)
{
	struct party into;

	if (!rule_party_reference(t, e->args.into_id, "/into_id", &into, out))
		return false;
	if (strcmp(into.id, e->record) != 0)
		return true;
	out->pointer = "/into_id";
	return rule_fail(out, PROBLEM_STATE, "These two are one already",
			 "Deze twee zijn al dezelfde");
}

static bool change(struct town *t, const struct envelope *e, const struct mark *mark,
		   struct outcome *out)
{
	struct party before = {0};
	struct party *after = &out->record.party;
	struct err err = {0};

	if (!town_read(t, RECORD_PARTY, e->record, NULL, &before, out->arena, &err))
		return err.kind == ERR_NOT_FOUND ? rule_fail(out, PROBLEM_NOT_FOUND, NULL, NULL)
						 : rule_fail_err(out, &err);
	if (!rule_base(e, RECORD_PARTY, &before, out))
		return false;
	if (e->action->id == ACT_PARTY_MERGE && !check_into(t, e, out))
		return false;
	*after = before;
	if (!party_apply(after, e, out->now, &err) ||
	    !town_update(t, RECORD_PARTY, &before, after, mark, &err))
		return rule_fail_err(out, &err);
	return true;
}

bool rule_party(struct town *t, const struct envelope *e, const struct viewer *v,
		struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct envelope own = *e;
	struct err err = {0};
	bool whole = e->action->id == ACT_PARTY_CREATE || e->action->id == ACT_PARTY_CHANGE;

	if (!can(v, e->action->id, NULL))
		return rule_fail(out, PROBLEM_DENIED, NULL, NULL);
	if (whole && !wire_party_args(&own.args, out->arena, &err))
		return rule_fail_err(out, &err);
	return e->action->id == ACT_PARTY_CREATE ? create(t, &own, &mark, out)
						 : change(t, &own, &mark, out);
}

bool rule_reporter(struct town *t, const struct envelope *e, const struct viewer *v,
		   struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct ticket before;
	struct ticket *after = &out->record.ticket;
	struct party party;
	struct err err = {0};

	if (!rule_ticket(t, e, v, &before, out) ||
	    !rule_party_reference(t, e->args.party_id, "/party_id", &party, out))
		return false;
	*after = before;
	if (!ticket_apply(after, e, NULL, v->agent_id, out->now, &err))
		return rule_fail_err(out, &err);
	after->party_id = party.id;
	after->party_name = party.name;
	if (!town_update(t, RECORD_TICKET, &before, after, &mark, &err))
		return rule_fail_err(out, &err);
	return true;
}
