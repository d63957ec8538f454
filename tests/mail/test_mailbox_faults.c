/* Mailboxes under faults: scripted servers that do wrong what a server can do wrong at any command, mailboxes
 * that count anew and are emptied by others, and a service that is killed. What they were given stands in
 * the town exactly once. BALIE_MAIL_FAULTS: how many faults at least (300); BALIE_SEED repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/config.h"
#include "balie/id.h"
#include "balie/mem.h"
#include "box.h"
#include "postgres.h"

#define FAULTS_DEFAULT 300
#define MS 60	  /* patience and back-off of the service */
#define CHAOS 250 /* of a thousand commands */
#define SETTLE_MS 120000

struct given { /* a message that a server was given */
	char sha256[HASH_TEXT];
	bool may_miss; /* another deleted it before it was sent */
};
struct run {
	struct box box;
	struct given *given;
	size_t count;
	uint64_t seed;
	long kills, expunged, counted_anew, hung_up;
};

static struct run run;

static uint64_t next(void)
{
	uint64_t z = (run.seed += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static long faults_done(void)
{
	long ret = run.kills + run.expunged + run.counted_anew + run.hung_up;

	for (int i = 0; i < run.box.count; i++)
		for (int k = 0; k < FAKE_FAULTS; k++)
			ret += fake_done(run.box.fakes[i], (enum fake_fault)k);
	return ret;
}

static void give(struct fake_imap *f)
{
	size_t len;
	char *raw = box_message((int)run.count, &len);

	run.given = xrealloc(run.given, (run.count + 1) * sizeof(*run.given));
	hash_hex(raw, len, run.given[run.count].sha256);
	run.given[run.count++].may_miss = false;
	fake_add(f, raw, len);
	free(raw);
}

/* ---- what others do ---- */

static void expunge_one(struct fake_imap *f)
{
	int n = fake_count(f, "INBOX");
	uint32_t uid = n > 0 ? fake_uid(f, (int)(next() % (unsigned)n)) : 0;
	char sha256[HASH_TEXT];
	bool sent = false;

	if (uid == 0 || !fake_sha(f, uid, sha256) || !fake_expunge(f, uid, &sent))
		return;
	run.expunged++;
	/* Sent, it may still not have come. */
	for (size_t i = 0; i < run.count; i++)
		if (strcmp(run.given[i].sha256, sha256) == 0)
			run.given[i].may_miss = true;
}

/* Renumbered, and when it comes to as low numbers again the service must have seen it before new ones
 * come: nobody could tell them apart. */
static void count_anew(struct fake_imap *f)
{
	if (next() % 2) {
		fake_renumber(f);
	} else if (fake_count(f, "INBOX") > 0) {
		long before = fake_commands(f, "SELECT") + fake_commands(f, "EXAMINE");

		fake_chaos(f, 0, 0);
		fake_remake(f);
		for (int i = 0; i < 200; i++) {
			if (fake_commands(f, "SELECT") + fake_commands(f, "EXAMINE") > before)
				break;
			nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
		}
		fake_chaos(f, next(), CHAOS);
	}
	run.counted_anew++;
}

static void kill_service(void)
{
	struct service *s = &run.box.s;

	if (run.box.second.pid > 0 && next() % 2)
		s = &run.box.second;
	service_stop(s, SIGKILL);
	run.kills++;
	service_start(s, (const char *[]){"--config", run.box.config, NULL});
	/* What the killed one held is free when its time is over. */
	for (int i = 0; i < 1500 && fake_connected(run.box.fakes[0]) == 0; i++)
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static void make_trouble(int kill_one_in)
{
	struct fake_imap *f = run.box.fakes[next() % (unsigned)run.box.count];
	unsigned what = (unsigned)(next() % 240);

	if (what < 8)
		expunge_one(f);
	else if (what < 10)
		count_anew(f);
	else if (what < 16 && fake_connected(f) > 0) {
		fake_hang_up(f);
		run.hung_up++;
	} else if (what < 160)
		give(f);
	if (next() % (unsigned)kill_one_in == 0)
		kill_service();
}

/* ---- the account ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Hashes of the raw messages in the town, in order. */
static size_t read_town(char ***ret)
{
	char *all =
		box_text(&run.box, postgres_wanted() ? "SELECT string_agg(sha256, ',') FROM raw"
						     : "SELECT group_concat(sha256, ',') FROM raw");
	size_t n = all ? (strlen(all) + 1) / HASH_TEXT : 0;
	char **list = xcalloc(n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = xstrndup(all + i * HASH_TEXT, HASH_TEXT - 1);
	qsort(list, n, sizeof(*list), by_text);
	free(all);
	*ret = list;
	return n;
}

static void count_all(long *lost, long *doubled, long *missed, size_t *in_town)
{
	char **list;
	size_t n = read_town(&list);

	*lost = *doubled = *missed = 0;
	for (size_t i = 0; i < run.count; i++) {
		char *key = run.given[i].sha256;
		char **at = bsearch(&key, list, n, sizeof(*list), by_text);

		if (!at && run.given[i].may_miss)
			++*missed;
		else if (!at)
			++*lost;
	}
	for (size_t i = 1; i < n; i++)
		*doubled += strcmp(list[i], list[i - 1]) == 0;
	for (size_t i = 0; i < n; i++)
		free(list[i]);
	free(list);
	*in_town = n;
}

static void print_faults(void)
{
	for (int k = 0; k < FAKE_FAULTS; k++) {
		long n = 0;

		for (int i = 0; i < run.box.count; i++)
			n += fake_done(run.box.fakes[i], (enum fake_fault)k);
		printf("  %-15s %6ld\n", fake_fault_names[k], n);
	}
	printf("  %-15s %6ld\n  %-15s %6ld\n  %-15s %6ld\n  %-15s %6ld\n", "killed", run.kills,
	       "deleted", run.expunged, "counts anew", run.counted_anew, "hung up", run.hung_up);
}

/* Until all is in that must be, and the servers are told. */
static void settle(void)
{
	int64_t until = clock_mono() + SETTLE_MS;
	long lost, doubled, missed;
	size_t n;

	for (int i = 0; i < run.box.count; i++) {
		fake_chaos(run.box.fakes[i], 0, 0);
		fake_hang_up(run.box.fakes[i]);
	}
	do {
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
		count_all(&lost, &doubled, &missed, &n);
	} while (lost > 0 && clock_mono() < until);
	box_await(&run.box, "SELECT count(*) FROM mail_ledger WHERE told = 0", 0, 30000);
	box_await(&run.box, "SELECT count(*) FROM mailbox_retry", 0, 30000);
	box_await(&run.box, "SELECT count(*) FROM mailbox WHERE state <> 'ok'", 0, 30000);
}

static void go(const char *more, int boxes, bool two, long share)
{
	const char *given = env_get("BALIE_SEED"), *wanted = env_get("BALIE_MAIL_FAULTS");
	long faults = (wanted ? atol(wanted) : FAULTS_DEFAULT) * share / 100;
	long lost, doubled, missed;
	size_t in_town;
	int64_t began = clock_mono();

	memset(&run, 0, sizeof(run));
	run.seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	printf("seed %llu, %s, at least %ld faults\n", (unsigned long long)run.seed, more, faults);
	fflush(stdout);
	box_make(&run.box, boxes, more, MS);
	for (int i = 0; i < boxes; i++) {
		fake_can(run.box.fakes[i], i % 4 != 3, i % 3 != 2, i % 6 != 5);
		fake_chaos(run.box.fakes[i], next(), CHAOS);
	}
	box_start(&run.box);
	if (two)
		box_start_second(&run.box);
	while (faults_done() < faults) {
		make_trouble(faults > 1000 ? 1500 : 500);
		nanosleep(&(struct timespec){.tv_nsec = 4000000}, NULL);
	}
	settle();
	count_all(&lost, &doubled, &missed, &in_town);
	print_faults();
	printf("%zu given, %zu in the town, %ld deleted by others before they were read, lost %ld, "
	       "doubled %ld, %ld faults, %lld s\n",
	       run.count, in_town, missed, lost, doubled, faults_done(),
	       (long long)(clock_mono() - began) / 1000);
	assert_int_equal(lost, 0);
	assert_int_equal(doubled, 0);
	assert_int_equal(
		service_run((const char *[]){"check", "--db", run.box.s.db, NULL}, NULL, NULL), 0);
}

static int end(void **state)
{
	box_remove(&run.box);
	free(run.given);
	return 0;
}

static void left_in_the_mailbox(void **state)
{
	go("existing = take", 6, false, 30);
}

static void moved_away(void **state)
{
	go("existing = take\ndone = move Verwerkt", 6, false, 50);
}

/* Only one of them reads at a time, and whoever is killed, the other goes on. */
static void flagged_by_two_services(void **state)
{
	go("existing = take\ndone = flag", 6, postgres_wanted(), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(left_in_the_mailbox, end),
		cmocka_unit_test_teardown(moved_away, end),
		cmocka_unit_test_teardown(flagged_by_two_services, end),
	};

	id_init();
	setvbuf(stdout, NULL, _IOLBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
