#include "workload.h"
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"

/* Where the names stand by id, since there may be hundreds, and as many loads. */
struct index {
	const char *id;
	size_t at;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct index *)a)->id, ((const struct index *)b)->id);
}

static struct index *index_teams(const struct names *names, struct arena *a)
{
	struct index *ret = arena_alloc(a, (names->team_count + 1) * sizeof(*ret));

	for (size_t i = 0; i < names->team_count; i++)
		ret[i] = (struct index){names->teams[i].id, i};
	qsort(ret, names->team_count, sizeof(*ret), compare);
	return ret;
}

static struct index *index_agents(const struct names *names, struct arena *a)
{
	struct index *ret = arena_alloc(a, (names->agent_count + 1) * sizeof(*ret));

	for (size_t i = 0; i < names->agent_count; i++)
		ret[i] = (struct index){names->agents[i].id, i};
	qsort(ret, names->agent_count, sizeof(*ret), compare);
	return ret;
}

static struct load *find(const struct index *index, size_t count, const char *id,
			 struct load *loads)
{
	struct index key = {.id = id};
	const struct index *found =
		id ? bsearch(&key, index, count, sizeof(*index), compare) : NULL;

	return found ? &loads[found->at] : NULL;
}

static void add(struct load *to, const struct load *more)
{
	if (!to)
		return;
	to->open += more->open;
	to->overdue += more->overdue;
	to->today += more->today;
}

static int64_t most(const struct load *loads, size_t count)
{
	int64_t ret = 0;

	for (size_t i = 0; i < count; i++)
		if (loads[i].open > ret)
			ret = loads[i].open;
	return ret;
}

bool workload_read(struct desk *d, const struct names *names, size_t max, struct workload *ret,
		   struct arena *a)
{
	struct index *teams, *agents;
	const struct load_row *rows;
	size_t n;
	bool ready;

	memset(ret, 0, sizeof(*ret));
	ret->teams = arena_alloc(a, (names->team_count + 1) * sizeof(*ret->teams));
	ret->team_pools = arena_alloc(a, (names->team_count + 1) * sizeof(*ret->team_pools));
	ret->agents = arena_alloc(a, (names->agent_count + 1) * sizeof(*ret->agents));
	if (!d->cache || !cache_loads(d->cache, d->work, clock_now(), max, &ready, &rows, &n, NULL))
		return false;
	ret->more = !ready;
	if (!ready)
		return false;
	teams = index_teams(names, a);
	agents = index_agents(names, a);
	for (size_t i = 0; i < n; i++) {
		const struct load_row *row = &rows[i];

		if (row->team_id)
			add(find(teams, names->team_count, row->team_id, ret->teams), &row->load);
		else
			add(&ret->none, &row->load);
		if (row->agent_id) {
			add(find(agents, names->agent_count, row->agent_id, ret->agents),
			    &row->load);
			continue;
		}
		add(&ret->pool, &row->load);
		add(find(teams, names->team_count, row->team_id, ret->team_pools), &row->load);
	}
	ret->most_team = most(ret->teams, names->team_count);
	if (ret->pool.open > ret->most_team)
		ret->most_team = ret->pool.open;
	ret->most_agent = most(ret->agents, names->agent_count);
	return true;
}

static const char *hint_of(const struct load *load, const char *more, struct arena *a)
{
	if (!load)
		return more;
	if (load->overdue > 0)
		return arena_printf(a, _("%s  %lld open, %lld late"), more, (long long)load->open,
				    (long long)load->overdue);
	return arena_printf(a, _("%s  %lld open"), more, (long long)load->open);
}

size_t workload_choices(struct desk *d, const struct names *names, struct choice *ret,
			struct arena *a)
{
	struct workload work;
	bool known = workload_read(d, names, 0, &work, a);
	size_t count = 0;

	for (size_t i = 0; i < names->team_count; i++) {
		const struct team *team = &names->teams[i];

		if (team->active)
			ret[count++] = (struct choice){
				arena_printf(a, "t%s", team->id), team->name,
				hint_of(known ? &work.teams[i] : NULL,
					_(words_label(&team_kinds, team->kind)), a)};
	}
	for (size_t i = 0; i < names->agent_count; i++) {
		const struct agent *agent = &names->agents[i];

		if (agent->active)
			ret[count++] =
				(struct choice){arena_printf(a, "a%s", agent->id),
						agent->display ? agent->display : agent->name,
						hint_of(known ? &work.agents[i] : NULL,
							parts_team(names, agent->team_id), a)};
	}
	return count;
}
