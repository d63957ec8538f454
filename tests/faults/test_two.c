/* Two real clients on a real service over a line that loses answers, while the service is killed now
 * and then: in the end everything that was typed is there exactly once, for both the same, and nobody
 * has written over the other unseen. */
#include "fixture.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/sync.h"
#include "balie/text.h"
#include "proxy.h"
#include "service.h"

#define TICKETS 6
#define ROUNDS 60
#define NOTES_MAX 2000

struct client {
	char dir[160], token_file[200], server[200];
	struct sync_spec spec;
	struct work *work;
	char team[37];
};

struct world {
	struct service service;
	char *dir;
	struct proxy *proxy;
	struct client clients[2];
	char tickets[TICKETS][37];
	char notes[NOTES_MAX][37];
	size_t note_count;
	uint64_t random;
	struct arena arena;
};

static const char *const limits[] = {"--rate", "100000", "--burst", "100000", NULL};

static void start_client(struct world *w, int i, const char *name)
{
	struct client *c = &w->clients[i];
	struct err err = {0};
	struct cache *cache;
	struct agent me;

	snprintf(c->dir, sizeof(c->dir), "%.100s/%s", w->dir, name);
	assert_int_equal(mkdir(c->dir, 0700), 0);
	snprintf(c->token_file, sizeof(c->token_file), "%.100s/%s.token", w->dir, name);
	snprintf(c->server, sizeof(c->server), "unix:%.100s/line", w->dir);
	c->spec = (struct sync_spec){.server = c->server,
				     .name = name,
				     .password = SERVICE_PASSWORD,
				     .dir_cache = c->dir,
				     .dir_work = c->dir,
				     .token_file = c->token_file,
				     .language = "nl"};
	assert_ok(work_open(&c->work, c->dir, &err), err);
	assert_ok(sync_once(&c->spec, NULL, &err), err);
	c->spec.password = NULL;
	assert_ok(cache_open(&cache, c->dir, false, NULL, &err), err);
	assert_ok(cache_me(cache, &me, &w->arena, &err), err);
	snprintf(c->team, sizeof(c->team), "%s", me.team_id);
	cache_close(cache);
}

static void set_up(struct world *w)
{
	char *path;

	memset(w, 0, sizeof(*w));
	w->random = fixture_seed();
	w->dir = fixture_dir();
	service_make(&w->service);
	service_start_unix(&w->service, limits);
	path = xasprintf("%s/line", w->dir);
	w->proxy = proxy_start(path, w->service.socket, w->random);
	free(path);
	start_client(w, 0, "an");
	start_client(w, 1, "bob");
}

static void tear_down(struct world *w)
{
	work_close(w->clients[0].work);
	work_close(w->clients[1].work);
	proxy_stop(w->proxy);
	service_stop(&w->service, SIGTERM);
	service_remove(&w->service);
	arena_finish(&w->arena);
	fixture_remove(w->dir);
}

static void append(struct client *c, int action, const char *record, int64_t base,
		   const struct args *args, char id[37])
{
	struct envelope e = {.action = &actions.rows[action],
			     .record = record,
			     .base_version = base,
			     .args = *args};
	struct err err = {0};

	e.id = id_new(id);
	assert_ok(work_append(c->work, &e, clock_now(), false, &err), err);
}

/* The version that the agent sees, 0 when the ticket is not there yet. */
static int64_t seen(struct client *c, const char *ticket)
{
	struct queue_row row;
	struct arena a = {0};
	struct err err = {0};
	struct cache *cache;
	int64_t ret = 0;

	assert_ok(cache_open(&cache, c->dir, false, NULL, &err), err);
	if (cache_ticket(cache, NULL, ticket, &row, &a, &err))
		ret = row.ticket.version;
	cache_close(cache);
	arena_finish(&a);
	return ret;
}

static void act(struct world *w, struct client *c)
{
	const char *ticket = w->tickets[fixture_random(&w->random) % TICKETS];
	struct args args = args_none;
	int64_t version = seen(c, ticket);
	char text[64], id[37];

	switch (fixture_random(&w->random) % 4) {
	case 0:
		args.priority = (int)(fixture_random(&w->random) % 3);
		append(c, ACT_PRIORITY, ticket, version, &args, id);
		break;
	case 1:
		snprintf(text, sizeof(text), "Onderwerp %d",
			 (int)(fixture_random(&w->random) % 90));
		args.subject = text;
		append(c, ACT_SUBJECT, ticket, version, &args, id);
		break;
	default:
		snprintf(text, sizeof(text), "Notitie %zu", w->note_count);
		args.body = text;
		append(c, ACT_NOTE, ticket, version, &args, w->notes[w->note_count++]);
		break;
	}
}

/* The agent looks at what stands in the way: mine, or theirs. */
static void decide(struct world *w, struct client *c)
{
	struct outbox_row *rows;
	struct err err = {0};
	struct arena a = {0};
	size_t n;

	assert_ok(work_outbox(c->work, 0, &rows, &n, &a, &err), err);
	for (size_t i = 0; i < n; i++) {
		assert_int_not_equal(rows[i].state, OUTBOX_REFUSED);
		if (rows[i].state != OUTBOX_CONFLICT)
			continue;
		assert_non_null(rows[i].theirs);
		if (fixture_random(&w->random) % 2) {
			const char *at = strstr(rows[i].theirs, "\"version\":");

			assert_non_null(at);
			assert_ok(
				work_rebase(c->work, rows[i].seq, strtoll(at + 10, NULL, 10), &err),
				err);
		} else {
			assert_ok(work_take_back(c->work, rows[i].seq, &err), err);
		}
	}
	arena_finish(&a);
}

static size_t open_rows(struct client *c)
{
	struct work_counts counts;
	struct err err = {0};

	assert_ok(work_count(c->work, &counts, &err), err);
	return (size_t)(counts.waiting + counts.conflict + counts.refused);
}

static void make_tickets(struct world *w)
{
	struct args args = args_none;
	struct err err = {0};
	char id[37];

	for (int i = 0; i < TICKETS; i++) {
		args.subject = "Putdeksel weg";
		args.channel = CHANNEL_PHONE;
		args.team_id = w->clients[0].team;
		append(&w->clients[0], ACT_CREATE, id_new(w->tickets[i]), 0, &args, id);
	}
	assert_ok(sync_once(&w->clients[0].spec, NULL, &err), err);
	assert_ok(sync_once(&w->clients[1].spec, NULL, &err), err);
	assert_int_equal(open_rows(&w->clients[0]), 0);
}

/* Each note once in this client's mirror, and the same text of every ticket for both. */
static void check_mirror(struct world *w, struct client *c, struct buf *all)
{
	struct arena a = {0};
	struct err err = {0};
	struct cache *cache;
	size_t notes = 0;

	assert_ok(cache_open(&cache, c->dir, false, NULL, &err), err);
	for (int i = 0; i < TICKETS; i++) {
		struct timeline_row *rows;
		struct queue_row row;
		bool complete;
		size_t n;

		assert_ok(cache_ticket(cache, NULL, w->tickets[i], &row, &a, &err), err);
		buf_printf(all, "%s %lld %d %s\n", row.ticket.id, (long long)row.ticket.version,
			   row.ticket.priority, row.ticket.subject);
		assert_ok(
			cache_timeline(cache, NULL, w->tickets[i], &rows, &n, &complete, &a, &err),
			err);
		for (size_t k = 0; k < n; k++) {
			if (rows[k].kind == TIMELINE_NOTE) {
				notes++;
				assert_int_equal(rows[k].note.version, 1);
			}
		}
		for (size_t k = 0; k < w->note_count; k++)
			for (size_t m = 0, found = 0; m < n; m++)
				if (rows[m].kind == TIMELINE_NOTE &&
				    strcmp(rows[m].note.id, w->notes[k]) == 0)
					assert_int_equal(++found, 1);
	}
	assert_int_equal(notes, w->note_count);
	cache_close(cache);
	arena_finish(&a);
}

static void nothing_lost_nothing_doubled(void **state)
{
	struct world w;
	struct buf texts[2] = {{0}, {0}};
	struct err err = {0};
	int failures = 0;

	set_up(&w);
	make_tickets(&w);
	proxy_set(w.proxy, 200, 100);
	for (int round = 0; round < ROUNDS; round++) {
		struct client *c = &w.clients[fixture_random(&w.random) % 2];

		for (uint64_t n = fixture_random(&w.random) % 6; n > 0; n--)
			act(&w, c);
		if (round % 20 == 19) {
			service_stop(&w.service, SIGKILL);
			failures += !sync_once(&c->spec, NULL, &err);
			service_start_unix(&w.service, limits);
		}
		failures += !sync_once(&c->spec, NULL, &err);
		decide(&w, c);
	}
	assert_true(proxy_broken(w.proxy) > 0);
	assert_true(failures > 0);
	proxy_set(w.proxy, 0, 0);
	for (int i = 0; i < 400 && open_rows(&w.clients[0]) + open_rows(&w.clients[1]) > 0; i++) {
		assert_ok(sync_once(&w.clients[i % 2].spec, NULL, &err), err);
		decide(&w, &w.clients[i % 2]);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(open_rows(&w.clients[i]), 0);
		assert_ok(sync_once(&w.clients[i].spec, NULL, &err), err);
	}
	for (int i = 0; i < 2; i++)
		check_mirror(&w, &w.clients[i], &texts[i]);
	assert_string_equal(texts[0].data, texts[1].data);
	print_message("%zu notes, %d answers lost, %d synchronisations failed\n", w.note_count,
		      proxy_broken(w.proxy), failures);
	buf_finish(&texts[0]);
	buf_finish(&texts[1]);
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_lost_nothing_doubled),
	};

	return id_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
