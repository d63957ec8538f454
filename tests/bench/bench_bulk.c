/* Ten thousand tickets given to a colleague in one go, on a desk of a hundred thousand: what the thread of
 * the screens does at each step, measured in that thread's own time. The service's answers are played
 * by this program, a hundred at a time, as the network thread would write them.
 *   bench_bulk DIR */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "balie/cache.h"
#include "balie/clock.h"
#include "balie/id.h"

#define TEAMS 50
#define AGENTS 500
#define TICKETS 100000
#define MANY 10000
#define STEP 100
#define ROWS 60
#define SLICE 3000 /* of the board */

static struct cache *writer;
static struct desk desk;
static struct work *theirs; /* the network thread's own connection */
static struct err err;

struct times {
	const char *name;
	uint64_t ns[2048];
	size_t n;
};

static void must(bool ok)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", err.text);
	exit(1);
}

static uint64_t own_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void add(struct times *t, uint64_t from)
{
	if (t->n < sizeof(t->ns) / sizeof(t->ns[0]))
		t->ns[t->n++] = own_ns() - from;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(struct times *t)
{
	qsort(t->ns, t->n, sizeof(*t->ns), by_size);
	printf("%-36s %5zu times   p50 %7.2f ms   p99 %7.2f ms   most %7.2f ms\n", t->name, t->n,
	       (double)t->ns[t->n / 2] / 1e6, (double)t->ns[t->n * 99 / 100] / 1e6,
	       (double)t->ns[t->n - 1] / 1e6);
}

static struct times counting = {.name = "a slice of the board's first count"};

static void put_ticket(unsigned long long i, int64_t version, unsigned long long agent)
{
	char id[ID_TEXT], team[ID_TEXT], who[ID_TEXT], number[TRACKING_TEXT];
	int64_t now = clock_now();
	struct ticket t = {
		.id = id_from(1, i, id),
		.version = version,
		.number = tracking_make(26, (int64_t)i, number),
		.state = STATE_OPEN,
		.subject = "Losse tegel in het voetpad",
		.team_id = id_from(2, agent % TEAMS, team),
		.agent_id = id_from(3, agent, who),
		.created_at = now,
		.updated_at = now,
		.due_at = now + ((int64_t)(i * 7919 % 1000) - 100) * CLOCK_DAY_MS / 10,
	};

	must(cache_put(writer, RECORD_TICKET, &t, &err));
}

/* The first ten thousand are one agent's. */
static void fill(void)
{
	char id[ID_TEXT], team[ID_TEXT], name[32];

	must(cache_begin(writer, &err));
	for (unsigned long long i = 0; i < TEAMS; i++) {
		struct team t = {id_from(2, i, id), 1, name, TEAM_INSIDE, true};

		snprintf(name, sizeof(name), "Team %llu", i);
		must(cache_put(writer, RECORD_TEAM, &t, &err));
	}
	for (unsigned long long i = 0; i < AGENTS; i++) {
		struct agent a = {id_from(3, i, id),	       1,   name, name, ROLE_AGENT,
				  id_from(2, i % TEAMS, team), true};

		snprintf(name, sizeof(name), "agent%llu", i);
		must(cache_put(writer, RECORD_AGENT, &a, &err));
	}
	for (unsigned long long i = 0; i < TICKETS; i++)
		put_ticket(i, 1, i < MANY ? 0 : i % AGENTS);
	must(cache_set(writer, "me", id_from(3, 0, id), &err));
	must(cache_commit(writer, &err));
}

/* What a screen does after a change. */
static void look(struct times *queue, struct times *board, enum filter_view view)
{
	static struct queue_row rows[ROWS];
	static struct arena arena;
	struct queue_query q = {.view = view, .me = desk.me.agent_id, .now = clock_now()};
	const struct load_row *loads;
	uint64_t at = own_ns();
	size_t n;
	bool more, ready = false;

	arena_reset(&arena);
	must(cache_queue(desk.cache, desk.work, &q, NULL, false, ROWS, rows, &n, &more, &arena,
			 &err));
	add(queue, at);
	while (!ready) {
		at = own_ns();
		must(cache_loads(desk.cache, desk.work, clock_now(), SLICE, &ready, &loads, &n,
				 &err));
		add(ready ? board : &counting, at);
	}
}

static void answer_some(struct times *queue, struct times *board, struct arena *a)
{
	struct work_result results[STEP];
	struct outbox_row *rows;
	size_t n;

	must(work_next(theirs, STEP, &rows, &n, a, &err));
	must(work_set_sending_many(theirs, rows, &n, clock_now(), &err));
	look(queue, board, VIEW_MINE);
	must(cache_begin(writer, &err));
	for (size_t i = 0; i < n; i++) {
		unsigned long long which = strtoull(rows[i].subject, NULL, 10);

		put_ticket(which, 2, 1);
		results[i] = (struct work_result){
			.seq = rows[i].seq, .state = OUTBOX_DONE, .version = 2};
	}
	must(cache_commit(writer, &err));
	look(queue, board, VIEW_ALL);
	must(work_set_results(theirs, results, n, &err));
	look(queue, board, VIEW_MINE);
}

static void append(char (*ids)[ID_TEXT], struct times *confirm)
{
	static struct work_item items[MANY];
	static char envelopes[MANY][ID_TEXT], numbers[MANY][8];
	char batch[ID_TEXT], who[ID_TEXT], team[ID_TEXT];
	uint64_t at;

	for (size_t i = 0; i < MANY; i++) {
		struct args args = args_none;

		args.agent_id = id_from(3, 1, who);
		args.team_id = id_from(2, 1, team);
		snprintf(numbers[i], sizeof(numbers[i]), "%zu", i);
		items[i] = (struct work_item){{.id = id_new(envelopes[i]),
					       .action = &actions.rows[ACT_ASSIGN],
					       .record = ids[i],
					       .base_version = 1,
					       .args = args},
					      NULL,
					      numbers[i]};
	}
	at = own_ns();
	must(work_append_many(desk.work, id_new(batch), items, MANY, clock_now(), &err));
	add(confirm, at);
}

int main(int argc, char **argv)
{
	static struct times confirm = {"the append of 10,000"}, first = {"the first list after it"},
			    board1 = {"the first board after it"}, queue = {"the list at a change"},
			    board = {"the board at a change"},
			    bare = {"the list with nothing waiting"},
			    bare_board = {"the board with nothing waiting"};
	static char ids[MANY][ID_TEXT];
	struct arena a = {0};
	struct work_counts counts = {.waiting = 1};
	char me[ID_TEXT];

	if (argc < 2 || !id_init())
		return 2;
	must(cache_open(&writer, argv[1], true, NULL, &err));
	fill();
	must(cache_open(&desk.cache, argv[1], false, NULL, &err));
	must(work_open(&desk.work, argv[1], &err));
	must(work_open(&theirs, argv[1], &err));
	desk.me.agent_id = id_from(3, 0, me);
	for (unsigned long long i = 0; i < MANY; i++)
		id_from(1, i, ids[i]);
	for (int i = 0; i < 20; i++) {
		must(cache_begin(writer, &err));
		put_ticket(TICKETS - 1, i + 2, 7);
		must(cache_commit(writer, &err));
		look(&bare, &bare_board, VIEW_ALL);
	}
	append(ids, &confirm);
	look(&first, &board1, VIEW_MINE);
	while (counts.waiting > 0) {
		arena_reset(&a);
		answer_some(&queue, &board, &a);
		must(work_count(desk.work, &counts, &err));
	}
	report(&bare);
	report(&counting);
	report(&bare_board);
	report(&confirm);
	report(&first);
	report(&board1);
	report(&queue);
	report(&board);
	arena_finish(&a);
	work_close(theirs);
	work_close(desk.work);
	cache_close(desk.cache);
	cache_close(writer);
	return 0;
}
