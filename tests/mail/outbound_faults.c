/* Mail that goes out through faults at random: outbound_faults FAULTS KILLS [SEED]. A server that refuses,
 * cuts, says nothing or nonsense; a service that dies between any two steps, and a real balied that is
 * killed (-9) at random moments. In the end each mail was taken exactly once, or stands as failed or
 * uncertain for a person; none was taken twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "../central/service.h"
#include "balie/clock.h"
#include "fake_smtp.h"
#include "post.h"

#define MAILS_MAX 20000
#define ROUND_MAILS 5

static struct {
	uint64_t random;
	long faults, kills;
	long faults_done, deaths, kills_done;
	struct fake_smtp *server;
	char ids[MAILS_MAX][ID_TEXT];
	size_t count;
} run;

static uint64_t next_random(void)
{
	uint64_t z = (run.random += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static bool chance(int percent)
{
	return (int)(next_random() % 100) < percent;
}

static void must(bool ok, const struct err *err)
{
	if (!ok)
		fail_msg("%s", err->text);
}

/* ---- what the server does ---- */

/* Called under the server's lock. silence: whether it may say nothing, which costs time. */
static void choose(struct fake_script *ret, bool silence)
{
	static const char *const replies[] = {"451 later\r\n", "550 no\r\n",
					      "421 bye\r\n",   FAKE_CUT,
					      "nonsense\r\n",  "250-a\r\n999 b\r\n"};
	int step = (int)(next_random() % FAKE_STEPS);

	*ret = (struct fake_script){0};
	if (run.faults_done >= run.faults || chance(40))
		return;
	run.faults_done++;
	ret->reset = chance(30);
	switch (next_random() % 5) {
	case 0:
		ret->cut_at = 1 + (long)(next_random() % 900);
		break;
	case 1:
		ret->body_cut_at = 1 + (long)(next_random() % 800);
		break;
	case 2:
		ret->replies[FAKE_END] = silence && chance(10) ? FAKE_SILENT : FAKE_CUT;
		break;
	case 3:
		ret->replies[FAKE_DATA] = "354 go\r\n250 taken already\r\n";
		break;
	default:
		ret->replies[step] =
			silence && chance(5)
				? FAKE_SILENT
				: replies[next_random() % (sizeof(replies) / sizeof(replies[0]))];
	}
}

static void choose_any(void *user, struct fake_script *ret)
{
	choose(ret, true);
}

static void choose_loud(void *user, struct fake_script *ret)
{
	choose(ret, false);
}

/* ---- what became of all ---- */

static int by_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The ids of our messages in the Message-IDs of all that the server took, sorted. */
static char (*taken_ids(size_t *ret))[ID_TEXT]
{
	size_t n = fake_smtp_taken(run.server);
	char(*ids)[ID_TEXT] = xcalloc(n + 1, ID_TEXT);

	for (size_t i = 0; i < n; i++) {
		const char *at = strstr(fake_smtp_mail(run.server, i)->bytes, "Message-Id: <");

		assert_non_null(at);
		at = memchr(at, '@', 200);
		assert_non_null(at);
		snprintf(ids[i], ID_TEXT, "%.36s", at - 36);
	}
	qsort(ids, n, ID_TEXT, by_id);
	*ret = n;
	return ids;
}

static int times_taken(char (*ids)[ID_TEXT], size_t n, const char *id)
{
	char(*found)[ID_TEXT] = bsearch(id, ids, n, ID_TEXT, by_id);
	int times = 0;

	if (found == NULL)
		return 0;
	while (found > ids && strcmp(found[-1], id) == 0)
		found--;
	for (; found < ids + n && strcmp(*found, id) == 0; found++)
		times++;
	return times;
}

static void count_all(struct post *p, const char *what, size_t from)
{
	int sent = 0, failed = 0, uncertain = 0, lost = 0, doubled = 0, open = 0;
	size_t taken;
	char(*ids)[ID_TEXT] = taken_ids(&taken);

	for (size_t i = from; i < run.count; i++) {
		struct message m = post_message(p, run.ids[i]);
		int times = times_taken(ids, taken, run.ids[i]);

		doubled += times > 1;
		sent += m.state == MESSAGE_SENT;
		failed += m.state == MESSAGE_FAILED;
		uncertain += m.state == MESSAGE_UNCERTAIN;
		open += m.state == MESSAGE_QUEUED;
		lost += m.state == MESSAGE_SENT && times == 0;
		assert_false(m.state == MESSAGE_FAILED && times > 0);
		if (i % 1000 == 0)
			arena_reset(&p->arena);
	}
	printf("%s: %zu mails, %ld faults, %ld deaths, %ld kills: sent %d, failed %d, uncertain "
	       "%d, "
	       "taken by the server %zu, lost %d, doubled %d\n",
	       what, run.count - from, run.faults_done, run.deaths, run.kills_done, sent, failed,
	       uncertain, taken, lost, doubled);
	free(ids);
	assert_int_equal(lost, 0);
	assert_int_equal(doubled, 0);
	assert_int_equal(open, 0);
	assert_true(sent > 0);
}

static void add_mail(struct post *p, bool automatic, int64_t now)
{
	char *id = run.ids[run.count];
	char to[60], body[100];

	assert_true(run.count < MAILS_MAX);
	snprintf(to, sizeof(to), "c%zu@x.example", run.count);
	snprintf(body, sizeof(body), "Dag\n.\n..punt\n");
	post_answer(p, to, NULL, body, automatic, now, id);
	run.count++;
}

/* ---- a service that dies between its steps ---- */

/* One mail, as the thread does it; it may die after each step, and the next run is another holder. */
static bool work(struct post *p, const char *holder, int64_t now, int death, bool *died)
{
	struct smtp_config config = {
		.url = fake_smtp_url(run.server), .connect_ms = 80, .reply_ms = 80, .final_ms = 80};
	struct outbound_claim c;
	struct smtp_result r;
	struct err err = {0};
	bool found;

	*died = true;
	must(town_begin(&p->town, &err), &err);
	must(outbound_claim(&p->town, &p->box, holder, now, &c, &found, &p->arena, &err), &err);
	if (death == 1) {
		town_rollback(&p->town);
		return found;
	}
	must(town_commit(&p->town, &err), &err);
	*died = false;
	if (!found)
		return false;
	*died = death == 2;
	if (*died)
		return true;
	struct smtp_message m = {.from = c.row.sender,
				 .recipients = c.recipients,
				 .recipient_count = c.recipient_count,
				 .bytes = c.raw,
				 .len = c.len};

	smtp_send(&config, &m, &p->arena, &r);
	*died = death == 3 || death == 4;
	if (death == 3)
		return true;
	must(town_begin(&p->town, &err), &err);
	must(outbound_settle(&p->town, &c, &r, holder, now, &p->arena, &err), &err);
	if (death == 4)
		town_rollback(&p->town);
	else
		must(town_commit(&p->town, &err), &err);
	return true;
}

static void deaths_between_the_steps(void **state)
{
	struct post p;
	int64_t now = POST_NOW;
	char holder[ID_TEXT];
	struct err err = {0};
	bool died = true;

	post_open(&p, NULL, now);
	post_take(&p, "From: An <an@x.example>\nSubject: put\n\nEen put.\n", now);
	fake_smtp_choose(run.server, choose_any, NULL);
	while (run.faults_done + run.deaths < run.faults) {
		if (post_hurry(&p, now) < 20)
			add_mail(&p, false, now - RECALL_MS);
		if (died) {
			id_new(holder);
			must(town_begin(&p.town, &err), &err);
			must(outbound_orphans(&p.town, p.box.name, holder, now, &p.arena, &err),
			     &err);
			must(town_commit(&p.town, &err), &err);
		}
		work(&p, holder, now, chance(10) ? 1 + (int)(next_random() % 4) : 0, &died);
		run.deaths += died;
		now += 1000;
		arena_reset(&p.arena);
	}
	fake_smtp_choose(run.server, NULL, NULL);
	fake_smtp_script(run.server, &(struct fake_script){0});
	must(town_begin(&p.town, &err), &err);
	must(outbound_orphans(&p.town, p.box.name, "last", now, &p.arena, &err), &err);
	must(town_commit(&p.town, &err), &err);
	while (post_hurry(&p, now) > 0)
		work(&p, "last", now, 0, &died);
	count_all(&p, "deaths between the steps", 0);
	post_close(&p);
}

/* ---- a balied that is killed ---- */

/* A lease lives on for ten seconds after who held it; the test knows that he is dead. */
static void drop_leases(const struct service *s)
{
	sqlite3 *db;

	if (postgres_wanted()) {
		free(postgres_run(s->db, "DELETE FROM lease"));
		return;
	}
	assert_int_equal(sqlite3_open(s->db, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM lease", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void write_config(const struct service *s, char path[100])
{
	FILE *f;

	snprintf(path, 100, "%s/balied.conf", s->dir);
	f = fopen(path, "w");
	fprintf(f, "[mailbox info]\naddress = %s\nsmtp = %s\n", POST_ADDRESS,
		fake_smtp_url(run.server));
	fclose(f);
}

static void start(struct service *s, const char *config)
{
	const char *args[] = {"--config", config, NULL};

	drop_leases(s);
	service_start(s, args);
}

static void kills_at_any_moment(void **state)
{
	static const enum fake_step moments[] = {FAKE_GREETING, FAKE_EHLO, FAKE_MAIL,
						 FAKE_RCPT,	FAKE_DATA, FAKE_END};
	struct service s;
	struct post p;
	char config[100];
	size_t first = run.count;

	if (run.kills == 0)
		return;
	run.faults += run.kills;
	service_make(&s);
	post_open(&p, s.db, clock_now());
	post_take(&p, "From: An <an@x.example>\nSubject: put\n\nEen put.\n", clock_now());
	write_config(&s, config);
	fake_smtp_choose(run.server, choose_loud, NULL);
	while (run.kills_done < run.kills) {
		enum fake_step step = moments[next_random() % 6];
		int times = fake_smtp_steps(run.server, step) + 1 + (int)(next_random() % 3);

		for (int i = 0; i < ROUND_MAILS; i++)
			add_mail(&p, true, clock_now());
		post_hurry(&p, clock_now());
		start(&s, config);
		/* It may not come that far: the server may have sent it away. */
		fake_smtp_wait_step(run.server, step, times, 300);
		for (volatile uint64_t spin = next_random() % 200000; spin > 0; spin--)
			;
		service_stop(&s, SIGKILL);
		run.kills_done++;
		arena_reset(&p.arena);
	}
	fake_smtp_choose(run.server, NULL, NULL);
	fake_smtp_script(run.server, &(struct fake_script){0});
	post_hurry(&p, clock_now());
	start(&s, config);
	for (int64_t until = clock_mono() + 60000; post_hurry(&p, clock_now()) > 0;) {
		assert_true(clock_mono() < until);
		fake_smtp_wait_step(run.server, FAKE_END, fake_smtp_steps(run.server, FAKE_END) + 1,
				    50);
		arena_reset(&p.arena);
	}
	assert_int_equal(service_stop(&s, SIGTERM), 0);
	count_all(&p, "kills at any moment", first);
	post_close(&p);
	service_remove(&s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deaths_between_the_steps),
		cmocka_unit_test(kills_at_any_moment),
	};
	int ret;

	run.faults = argc > 1 ? atol(argv[1]) : 100;
	run.kills = argc > 2 ? atol(argv[2]) : 3;
	run.random = argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)time(NULL);
	printf("seed %llu\n", (unsigned long long)run.random);
	fflush(stdout);
	run.server = fake_smtp_start();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	fake_smtp_stop(run.server);
	return ret;
}
