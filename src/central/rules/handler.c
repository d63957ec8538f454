/* Who can be given a ticket. */
#include "../central_rule.h"
#include <string.h>

bool rule_handler(struct town *t, const char *team_id, const char *agent_id, struct outcome *out)
{
	struct team team = {0};
	struct agent agent = {0};

	if (team_id && !rule_reference(t, RECORD_TEAM, team_id, "/team_id", &team, out))
		return false;
	if (team_id && !team.active) {
		out->pointer = "/team_id";
		return rule_fail(out, PROBLEM_BAD_FIELD, "This team is no longer in use",
				 "Deze behandelaarsgroep is niet meer in gebruik");
	}
	if (!agent_id)
		return true;
	if (!rule_reference(t, RECORD_AGENT, agent_id, "/agent_id", &agent, out))
		return false;
	if (!agent.active || !team_id || strcmp(agent.team_id, team_id) != 0) {
		out->pointer = "/agent_id";
		return rule_fail(out, PROBLEM_BAD_FIELD,
				 "This agent is not in that team, or no longer active",
				 "Deze medewerker zit niet in die groep of is niet meer actief");
	}
	return true;
}
