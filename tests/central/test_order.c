/* The journal's numbers are handed out in the order of the commits: whoever reads what stands behind
 * the number that he knows never misses a row. Several connections write, take their time, commit or
 * take back, while others read all along. */
#include "group.h"
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include "balie/clock.h"
#include "central_sql.h"
#include "postgres.h"
#include "town.h"

#define WRITERS 4
#define READERS 3
#define ROUNDS 40
#define ROWS_MAX (WRITERS * ROUNDS * 4 + 100)

static struct service s;
static atomic_int writing;
static int64_t start_seq;

struct writer {
	pthread_t thread;
	uint64_t random;
	int committed, taken_back, refused, rows;
	char why[200];
};
struct seen {
	pthread_t thread;
	int64_t seqs[ROWS_MAX];
	char ids[ROWS_MAX][ID_TEXT];
	int count, looks;
	bool skipped, failed;
};

static unsigned next(struct writer *w, unsigned below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (unsigned)(w->random >> 32) % below;
}

static bool append(struct town *t, struct writer *w, int rows, struct err *err)
{
	char operation[ID_TEXT], id[ID_TEXT];
	struct mark mark = {.operation = id_new(operation), .action = "order", .at = clock_now()};
	bool ok = true;

	for (int i = 0; ok && i < rows; i++) {
		struct journal_row row = {
			.mark = &mark, .type = RECORD_TEAM, .record_id = id_new(id), .version = 1};

		ok = journal_append(t, &row, err);
		/* The disorder itself, which is what is tested: no event could stand for it. */
		if (next(w, 2) == 0)
			poll(NULL, 0, (int)next(w, 4));
	}
	return ok;
}

static void *write_on(void *user)
{
	struct writer *w = user;
	struct town t = {0};
	struct err err = {0};

	if (!town_open(&t, s.db, 0, &err))
		goto out;
	for (int i = 0; i < ROUNDS; i++) {
		int rows = 1 + (int)next(w, 4);
		bool ok = town_begin(&t, &err) && append(&t, w, rows, &err);

		if (ok && next(w, 4) == 0) {
			town_rollback(&t);
			w->taken_back++;
		} else if (ok && town_commit(&t, &err)) {
			w->committed++;
			w->rows += rows;
		} else {
			town_rollback(&t);
			w->refused++;
		}
	}
out:
	if (err.kind != ERR_NONE)
		snprintf(w->why, sizeof(w->why), "%.199s", err.text);
	town_close(&t);
	atomic_fetch_sub(&writing, 1);
	return NULL;
}

/* As the feed is followed. False when there was nothing new. */
static bool look(struct town *t, struct seen *r, int64_t *cursor)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_JOURNAL_AFTER);
	struct err err = {0};
	enum store_step step;
	bool any = false;

	store_bind_int(q, 1, *cursor);
	store_bind_int(q, 2, 50);
	while ((step = store_step(q, &err)) == STORE_ROW && r->count < ROWS_MAX) {
		int64_t seq = store_column_int(q, 0);

		/* What was taken back had numbers too: the next one has them again. */
		r->skipped = r->skipped || seq != *cursor + 1;
		*cursor = seq;
		r->seqs[r->count] = seq;
		snprintf(r->ids[r->count++], ID_TEXT, "%s", store_column_text(q, 4));
		any = true;
	}
	r->failed = r->failed || step != STORE_DONE;
	store_done(q);
	r->looks++;
	return any;
}

static void *read_on(void *user)
{
	struct seen *r = user;
	struct town t = {0};
	int64_t cursor = start_seq;
	struct err err = {0};
	bool last;

	if (!town_open(&t, s.db, STORE_READONLY, &err)) {
		r->failed = true;
		return NULL;
	}
	do {
		/* Asked before looking: after the end there is one more look, at all of it. */
		last = atomic_load(&writing) == 0;
		while (look(&t, r, &cursor))
			;
		sched_yield();
	} while (!last);
	town_close(&t);
	return NULL;
}

static void run_all(struct writer *writers, struct seen *readers)
{
	uint64_t seed = (uint64_t)clock_mono_ns() & 0xffffffff;
	const char *set = getenv("BALIE_SEED");

	if (set)
		seed = strtoull(set, NULL, 10);
	print_message("seed %llu\n", (unsigned long long)seed);
	atomic_store(&writing, WRITERS);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
	for (int i = 0; i < WRITERS; i++) {
		writers[i].random = (seed + 1) * 0x9E3779B97F4A7C15u + (uint64_t)i * 7919;
		assert_int_equal(pthread_create(&writers[i].thread, NULL, write_on, &writers[i]),
				 0);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i].thread, NULL);
}

static void test_no_reader_skips_a_row(void **state)
{
	struct writer writers[WRITERS] = {0};
	struct seen *readers = xcalloc(READERS, sizeof(*readers));
	struct seen *all = xcalloc(1, sizeof(*all));
	int rows = 0, committed = 0, taken_back = 0, looks = 0;

	(void)state;
	run_all(writers, readers);
	for (int i = 0; i < WRITERS; i++) {
		if (writers[i].refused > 0 || writers[i].why[0])
			fail_msg("%d refused: %s", writers[i].refused, writers[i].why);
		rows += writers[i].rows;
		committed += writers[i].committed;
		taken_back += writers[i].taken_back;
	}
	read_on(all);
	assert_false(all->failed);
	assert_int_equal(all->count, rows);
	for (int i = 0; i < READERS; i++) {
		assert_false(readers[i].failed);
		assert_int_equal(readers[i].count, rows);
		assert_memory_equal(readers[i].seqs, all->seqs, sizeof(all->seqs));
		assert_memory_equal(readers[i].ids, all->ids, sizeof(all->ids));
		assert_false(readers[i].skipped);
		looks += readers[i].looks;
	}
	print_message("%d rows in %d commits of %d writers, %d taken back; %d readers looked %d "
		      "times, skipped 0\n",
		      rows, committed, WRITERS, taken_back, READERS, looks);
	free(readers);
	free(all);
}

static int setup(void **state)
{
	struct town t = {0};
	struct err err = {0};

	(void)state;
	service_make(&s);
	if (!town_open(&t, s.db, STORE_READONLY, &err) || !town_last_seq(&t, &start_seq, &err))
		return -1;
	town_close(&t);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	service_remove(&s);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_reader_skips_a_row),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
