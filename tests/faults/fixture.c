#include "fixture.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/config.h"
#include "balie/id.h"
#include "balie/text.h"

char *fixture_dir(void)
{
	const char *top = env_get("TMPDIR");
	char *dir = xasprintf("%s/balie-faults-XXXXXX", top != NULL ? top : "/tmp");

	if (mkdtemp(dir) == NULL)
		abort();
	return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void fixture_remove(char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

uint64_t fixture_seed(void)
{
	const char *set = env_get("BALIE_SEED");
	int64_t seed = 0;

	if (set == NULL || !text_to_int(set, 0, INT64_MAX, &seed))
		seed = (int64_t)(clock_mono_ns() & 0xffffffffff);
	print_message("seed %lld\n", (long long)seed);
	return (uint64_t)seed | 1;
}

uint64_t fixture_random(uint64_t *state)
{
	/* xorshift64*: any good mixing will do here */
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717u;
}

void fixture_town(struct town *t, struct cache *c)
{
	static const char *const topics[] = {"Zwerfvuil",    "Straatverlichting", "Rijbewijs",
					     "Speelpleinen", "Bouwvergunning",	  "Écologie"};
	struct err err = {0};

	if (c != NULL)
		assert_ok(cache_begin(c, &err), err);
	for (int i = 0; i < TEAMS; i++) {
		char name[32];
		struct team team = {.version = 1, .name = name, .active = true};

		snprintf(name, sizeof(name), "Team %c", 'A' + i);
		team.id = id_from(1, (unsigned)i + 1, t->team[i]);
		if (c != NULL)
			assert_ok(cache_put(c, RECORD_TEAM, &team, &err), err);
	}
	for (int i = 0; i < AGENTS; i++) {
		char name[32], display[32];
		struct agent agent = {.version = 1,
				      .name = name,
				      .display = display,
				      .team_id = t->team[i % TEAMS],
				      .active = true};

		snprintf(name, sizeof(name), "agent%d", i);
		snprintf(display, sizeof(display), "Agent Número %d", i);
		agent.id = id_from(2, (unsigned)i + 1, t->agent[i]);
		if (c != NULL)
			assert_ok(cache_put(c, RECORD_AGENT, &agent, &err), err);
	}
	for (int i = 0; i < TOPICS; i++) {
		struct topic topic = {.version = 1,
				      .name = topics[i],
				      .active = true,
				      .kind = i % 5,
				      .team_id = t->team[i % TEAMS]};

		topic.id = id_from(3, (unsigned)i + 1, t->topic[i]);
		if (c != NULL)
			assert_ok(cache_put(c, RECORD_TOPIC, &topic, &err), err);
	}
	if (c != NULL)
		assert_ok(cache_commit(c, &err), err);
}

struct ticket fixture_ticket(const struct town *t, uint64_t n, uint64_t *random, struct arena *a)
{
	static const char *const subjects[] = {"Glasbol vol", "Lamp stuk in de Kerkstraat",
					       "Afspraak rijbewijs", "Vraag over speelplein",
					       "Klacht: geen antwoord gekregen"};
	const int64_t base = INT64_C(1790000000000);
	struct ticket ret = {0};
	char number[TRACKING_TEXT];
	char *id = arena_alloc(a, 37);

	ret.id = id_from(4, n, id);
	ret.version = 1 + (int64_t)(fixture_random(random) % 5);
	ret.number = arena_strdup(a, tracking_make(26, (int64_t)n, number));
	ret.kind = (int)(fixture_random(random) % 5);
	ret.state = (int)(fixture_random(random) % 11);
	ret.priority = (int)(fixture_random(random) % 3);
	ret.channel = (int)(fixture_random(random) % 8);
	ret.subject = subjects[fixture_random(random) % 5];
	if (fixture_random(random) % 4 != 0)
		ret.topic_id = t->topic[fixture_random(random) % TOPICS];
	if (fixture_random(random) % 5 != 0)
		ret.team_id = t->team[fixture_random(random) % TEAMS];
	if (fixture_random(random) % 2 != 0)
		ret.agent_id = t->agent[fixture_random(random) % AGENTS];
	if (fixture_random(random) % 2 != 0)
		ret.party_name = "Van den Broeck, Lieselot";
	/* Few different moments, so that many tickets share a key. */
	ret.created_at = base + (int64_t)(fixture_random(random) % 40) * 3600000;
	ret.updated_at = ret.created_at + (int64_t)(fixture_random(random) % 20) * 60000;
	if (fixture_random(random) % 3 != 0)
		ret.due_at = base + (int64_t)(fixture_random(random) % 30) * 7200000;
	return ret;
}
