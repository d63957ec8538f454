/* What the scripted service tells of. */
#include "scripted_records.h"
#include "balie/model.h"
#include "balie/wire.h"

void scripted_put_ticket(struct buf *b, const struct scripted_ticket *t)
{
	struct ticket ticket = {
		.id = t->id,
		.version = t->version,
		.state = STATE_OPEN,
		.priority = t->priority,
		.subject = "Glasbol vol",
		.team_id = SCRIPTED_TEAM,
		.agent_id = SCRIPTED_ME,
		.created_at = INT64_C(1790000000000),
		.updated_at = INT64_C(1790000000000),
	};

	wire_put_record(b, RECORD_TICKET, &ticket);
}

void scripted_put_agent(struct buf *b)
{
	struct agent agent = {.id = SCRIPTED_ME,
			      .version = 1,
			      .name = "an",
			      .display = "An Claes",
			      .team_id = SCRIPTED_TEAM,
			      .active = true};

	wire_put_record(b, RECORD_AGENT, &agent);
}

void scripted_put_team(struct buf *b)
{
	struct team team = {.id = SCRIPTED_TEAM, .version = 1, .name = "Balie", .active = true};

	wire_put_record(b, RECORD_TEAM, &team);
}
