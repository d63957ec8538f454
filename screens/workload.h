/* Who has how much work, by team and colleague. */
#pragma once
#include "parts.h"

struct workload {
	struct load pool;   /* what nobody has */
	struct load *teams; /* as names.teams: all of the team, and what of it nobody has */
	struct load *team_pools;
	struct load *agents; /* as names.agents: whatever team the tickets are of */
	struct load none;    /* what belongs to no team */
	int64_t most_team, most_agent;
	bool more; /* nothing yet, but some was counted: ask again */
};
/* False: the mirror cannot be read, or is not there yet; or more is true. max: how
 * many tickets may be read in one go; 0 for all. */
bool workload_read(struct desk *d, const struct names *names, size_t max, struct workload *ret,
		   struct arena *a);
/* Rows of a picker, at most one a team and one an agent: keys "tID" and "aID". */
size_t workload_choices(struct desk *d, const struct names *names, struct choice *ret,
			struct arena *a);
