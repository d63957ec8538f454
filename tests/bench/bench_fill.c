/* Fills or keeps writing a mirror for the benchmarks, through the cache room as the sync thread does.
 *   bench_fill fill DIR N     N open tickets, 50 teams and 500 agents
 *   bench_fill write DIR      writes small batches of them until it is stopped */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "balie/cache.h"
#include "balie/clock.h"
#include "balie/id.h"

#define BATCH 100
#define TEAMS 50
#define AGENTS 500

static volatile sig_atomic_t stop;

static void on_stop(int signo)
{
	stop = signo;
}

static void die(const struct err *err)
{
	fprintf(stderr, "%s\n", err->text);
	exit(1);
}

static void put_ticket(struct cache *c, unsigned long long i, int64_t version, struct err *err)
{
	char id[ID_TEXT], team[ID_TEXT], agent[ID_TEXT], number[TRACKING_TEXT], subject[80];
	char name[40];
	int64_t now = clock_now();
	struct ticket t = {
		.id = id_from(1, i, id),
		.version = version,
		.number = tracking_make(26, (int64_t)i, number),
		.kind = (int)(i % 5),
		.state = (int)(i % 3),
		.priority = PRIORITY_NORMAL,
		.channel = (int)(i % 6),
		.subject = subject,
		.team_id = id_from(2, i % TEAMS, team),
		.agent_id = i / TEAMS % 10 == 9 ? NULL : id_from(3, i % AGENTS, agent),
		.party_name = name,
		.created_at = now - (int64_t)(i % 400) * CLOCK_DAY_MS / 4,
		.updated_at = now,
		.due_at = now + ((int64_t)(i * 7919 % 1000) - 100) * CLOCK_DAY_MS / 10,
	};
	snprintf(subject, sizeof(subject), "Losse tegel in het voetpad aan nummer %llu", i % 977);
	snprintf(name, sizeof(name), "Van den Broeck, Lies %llu", i % 4999);
	if (!cache_put(c, RECORD_TICKET, &t, err))
		die(err);
}

/* One a ticket: what a desk holds. */
static void put_party(struct cache *c, unsigned long long i, struct err *err)
{
	static const char *const families[] = {"Van den Broeck", "Claes", "De Smet", "Janssens",
					       "Vandevelde",	 "Maes",  "Peeters"};
	static const char *const given[] = {"Lies", "Jan", "An", "Dirk", "Fatima"};
	char id[ID_TEXT], name[60], birth[11], home[100];
	struct party p = {.id = id_from(4, i, id),
			  .version = 1,
			  .name = name,
			  .birth_date = birth,
			  .addresses = home};

	snprintf(name, sizeof(name), "%s, %s %llu", families[i % 7], given[i / 7 % 5], i);
	snprintf(birth, sizeof(birth), "%04u-%02u-%02u", (unsigned)(1930 + i % 80),
		 (unsigned)(1 + i % 12), (unsigned)(1 + i % 28));
	snprintf(home, sizeof(home),
		 "[{\"street\":\"Kerkstraat\",\"number\":\"%u\",\"postcode\":\"%u\"}]",
		 (unsigned)(1 + i % 200), (unsigned)(8800 + i % 100));
	if (!cache_put(c, RECORD_PARTY, &p, err))
		die(err);
}

static void fill(struct cache *c, unsigned long long n, struct err *err)
{
	char id[ID_TEXT], team[ID_TEXT], name[32];

	if (!cache_begin(c, err))
		die(err);
	for (unsigned long long i = 0; i < TEAMS; i++) {
		snprintf(name, sizeof(name), "Team %llu", i);
		struct team t = {id_from(2, i, id), 1, name, TEAM_INSIDE, true};
		if (!cache_put(c, RECORD_TEAM, &t, err))
			die(err);
	}
	for (unsigned long long i = 0; i < AGENTS; i++) {
		snprintf(name, sizeof(name), i == 0 ? "an" : "agent%llu", i);
		struct agent a = {id_from(3, i, id),	       1,   name, name, ROLE_SUPERVISOR,
				  id_from(2, i % TEAMS, team), true};
		if (!cache_put(c, RECORD_AGENT, &a, err))
			die(err);
	}
	if (!cache_set(c, "me", id_from(3, 0, id), err) ||
	    !cache_set(c, "synced_at", "1790000000000", err))
		die(err);
	for (unsigned long long i = 0; i < n; i++)
		put_ticket(c, i, 1, err);
	for (unsigned long long i = 0; i < n; i++)
		put_party(c, i, err);
	if (!cache_commit(c, err))
		die(err);
}

static void keep_writing(struct cache *c, struct err *err)
{
	const struct timespec pause = {0, 20 * 1000 * 1000};
	int64_t version = 2;

	puts("writing");
	fflush(stdout);
	while (!stop) {
		if (!cache_begin(c, err))
			die(err);
		for (unsigned long long i = 0; i < BATCH; i++)
			put_ticket(c, (unsigned long long)version * 131 + i * 37, version, err);
		if (!cache_commit(c, err))
			die(err);
		version++;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL); /* the pace of the feed */
	}
}

int main(int argc, char **argv)
{
	struct cache *c = NULL;
	struct err err;

	if (argc < 3 || !id_init())
		return 2;
	signal(SIGTERM, on_stop);
	if (!cache_open(&c, argv[2], true, NULL, &err))
		die(&err);
	if (!strcmp(argv[1], "fill") && argc == 4)
		fill(c, strtoull(argv[3], NULL, 10), &err);
	else if (!strcmp(argv[1], "write"))
		keep_writing(c, &err);
	cache_close(c);
	return 0;
}
