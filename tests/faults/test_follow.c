/* What waits is kept up with the two files step by step: after every change it is what a program that has
 * just been started makes of the same files. */
#include "fixture.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/text.h"

#define TICKETS 30
#define STEPS 600
#define ROWS 200

struct world {
	char *dir;
	struct cache *writer, *cache;
	struct work *work, *sender;
	struct town town;
	struct arena arena, kept; /* kept: text of the tickets */
	struct ticket tickets[TICKETS];
	uint64_t random;
};

static size_t below(struct world *w, size_t n)
{
	return (size_t)(fixture_random(&w->random) % n);
}

static void set_up(struct world *w)
{
	struct err err = {0};

	memset(w, 0, sizeof(*w));
	w->random = fixture_seed();
	w->dir = fixture_dir();
	assert_ok(cache_open(&w->writer, w->dir, true, NULL, &err), err);
	fixture_town(&w->town, w->writer);
	assert_ok(cache_begin(w->writer, &err), err);
	for (size_t i = 0; i < TICKETS; i++) {
		w->tickets[i] = fixture_ticket(&w->town, i + 1, &w->random, &w->kept);
		w->tickets[i].state = STATE_OPEN;
		assert_ok(cache_put(w->writer, RECORD_TICKET, &w->tickets[i], &err), err);
	}
	assert_ok(cache_set(w->writer, "me", w->town.agent[0], &err), err);
	assert_ok(cache_commit(w->writer, &err), err);
	assert_ok(cache_open(&w->cache, w->dir, false, NULL, &err), err);
	assert_ok(work_open(&w->work, w->dir, &err), err);
	assert_ok(work_open(&w->sender, w->dir, &err), err);
}

static void tear_down(struct world *w)
{
	cache_close(w->cache);
	cache_close(w->writer);
	work_close(w->work);
	work_close(w->sender);
	arena_finish(&w->arena);
	arena_finish(&w->kept);
	fixture_remove(w->dir);
}

/* ---- what changes ---- */

static void append(struct world *w)
{
	static const int kinds[] = {ACT_PRIORITY, ACT_ASSIGN, ACT_ANSWER, ACT_STATE,
				    ACT_NOTE,	  ACT_LINK,   ACT_CREATE, ACT_TOPIC};
	char id[ID_TEXT], anew[ID_TEXT];
	struct envelope e = {.id = id_new(id), .args = args_none};
	struct err err = {0};

	e.action = &actions.rows[kinds[below(w, 8)]];
	e.record = w->tickets[below(w, TICKETS)].id;
	e.base_version = 1;
	e.args.priority = (int)below(w, 3);
	e.args.team_id = w->town.team[below(w, TEAMS)];
	e.args.state = STATE_CLOSED;
	e.args.topic_id = w->town.topic[below(w, TOPICS)];
	e.args.body = "Gebeld";
	e.args.subject = "Putdeksel weg";
	e.args.other_id = w->tickets[below(w, TICKETS)].id;
	if (e.action->id == ACT_CREATE)
		e.record = id_new(anew);
	/* An action that lacks something is refused, and nothing changed. */
	work_append(w->work, &e, clock_now(), false, &err);
}

/* One of those that wait goes a step on, as the network thread or the agent may do it. */
static void go_on(struct world *w)
{
	struct outbox_row *rows;
	struct err err = {0};
	size_t n;

	assert_ok(work_outbox(w->sender, 0, &rows, &n, &w->arena, &err), err);
	if (n == 0)
		return;
	int64_t seq = rows[below(w, n)].seq;
	switch (below(w, 7)) {
	case 0:
	case 1:
		work_set_sending(w->sender, seq, 1, &err);
		work_set_done(w->sender, seq, 9, &err);
		break;
	case 2:
		work_set_sending(w->sender, seq, 1, &err);
		work_set_conflict(w->sender, seq, NULL, "eerder", &err);
		break;
	case 3:
		work_set_sending(w->sender, seq, 1, &err);
		work_set_refused(w->sender, seq, "neen", &err);
		break;
	case 4:
		work_take_back(w->work, seq, &err);
		break;
	case 5:
		work_retry(w->work, seq, &err);
		break;
	default:
		work_rebase(w->work, seq, 12, &err);
	}
}

static void change_mirror(struct world *w)
{
	struct ticket *t = &w->tickets[below(w, TICKETS)];
	struct err err = {0};

	if (below(w, 8) == 0) {
		assert_ok(cache_gone(w->writer, RECORD_TICKET, t->id, &err), err);
		return;
	}
	t->version++;
	t->priority = (int)below(w, 3);
	t->state = below(w, 4) ? STATE_OPEN : STATE_CLOSED;
	assert_ok(cache_put(w->writer, RECORD_TICKET, t, &err), err);
}

/* Who else has the same topic gets another deadline by it. */
static void change_reference(struct world *w)
{
	struct err err = {0};
	struct topic topic = {.id = w->town.topic[below(w, TOPICS)],
			      .version = 20,
			      .name = "Zwerfvuil",
			      .active = true,
			      .team_id = w->town.team[below(w, TEAMS)]};

	assert_ok(cache_begin(w->writer, &err), err);
	assert_ok(cache_put(w->writer, RECORD_TOPIC, &topic, &err), err);
	assert_ok(cache_commit(w->writer, &err), err);
}

static void flood(struct world *w)
{
	struct err err = {0};

	assert_ok(cache_begin(w->writer, &err), err);
	for (int i = 0; i < 6000; i++) {
		struct ticket *t = &w->tickets[below(w, TICKETS)];

		t->version++;
		assert_ok(cache_put(w->writer, RECORD_TICKET, t, &err), err);
	}
	assert_ok(cache_commit(w->writer, &err), err);
}

/* ---- what is seen ---- */

static size_t read_rows(struct world *w, struct cache *c, struct work *work, struct queue_row *ret)
{
	struct queue_query q = {.view = VIEW_ALL, .now = 1};
	struct err err = {0};
	size_t n = 0;
	bool more;

	assert_ok(cache_queue(c, work, &q, NULL, false, ROWS, ret, &n, &more, &w->arena, &err),
		  err);
	return n;
}

static void assert_same_text(const char *a, const char *b)
{
	assert_string_equal(a != NULL ? a : "-", b != NULL ? b : "-");
}

static void compare(struct world *w)
{
	static struct queue_row followed[ROWS], fresh[ROWS];
	struct cache *c;
	struct work *work;
	struct err err = {0};
	size_t n = read_rows(w, w->cache, w->work, followed);

	assert_ok(cache_open(&c, w->dir, false, NULL, &err), err);
	assert_ok(work_open(&work, w->dir, &err), err);
	assert_int_equal(read_rows(w, c, work, fresh), n);
	for (size_t i = 0; i < n; i++) {
		const struct ticket *a = &followed[i].ticket, *b = &fresh[i].ticket;

		assert_string_equal(a->id, b->id);
		assert_int_equal(followed[i].pending, fresh[i].pending);
		assert_int_equal(followed[i].conflict, fresh[i].conflict);
		assert_int_equal(a->version, b->version);
		assert_int_equal(a->priority, b->priority);
		assert_int_equal(a->state, b->state);
		assert_int_equal(a->due_at, b->due_at);
		assert_same_text(a->team_id, b->team_id);
		assert_same_text(a->agent_id, b->agent_id);
		assert_same_text(a->links, b->links);
	}
	cache_close(c);
	work_close(work);
}

/* Counted ticket by ticket and kept up, against counted in one go. */
static void compare_loads(struct world *w)
{
	const struct load_row *followed, *counted;
	size_t n = 0, count = 0, same = 0;
	struct cache *c;
	struct err err = {0};
	int64_t now = clock_now();
	bool ready = false;

	while (!ready)
		assert_ok(cache_loads(w->cache, w->work, now, 7, &ready, &followed, &n, &err), err);
	assert_ok(cache_open(&c, w->dir, false, NULL, &err), err);
	assert_ok(cache_loads(c, w->work, now, 0, &ready, &counted, &count, &err), err);
	for (size_t i = 0; i < n; i++) {
		size_t j = 0;

		while (j < count && (!text_same(counted[j].team_id, followed[i].team_id) ||
				     !text_same(counted[j].agent_id, followed[i].agent_id)))
			j++;
		if (j == count) {
			assert_int_equal(followed[i].load.open, 0);
			continue;
		}
		assert_memory_equal(&followed[i].load, &counted[j].load, sizeof(struct load));
		same++;
	}
	assert_int_equal(same, count);
	cache_close(c);
}

static void it_is_what_a_new_start_would_make(void **state)
{
	struct world w;

	set_up(&w);
	for (int i = 0; i < STEPS; i++) {
		for (size_t changes = 1 + below(&w, 3); changes > 0; changes--) {
			switch (below(&w, 20)) {
			case 0:
				change_reference(&w);
				break;
			case 1:
			case 2:
			case 3:
			case 4:
			case 5:
				append(&w);
				break;
			case 6:
			case 7:
			case 8:
			case 9:
			case 10:
			case 11:
				change_mirror(&w);
				break;
			default:
				go_on(&w);
			}
		}
		if (i % 200 == 100)
			flood(&w);
		compare(&w);
		compare_loads(&w);
		arena_reset(&w.arena);
	}
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_a_new_start_would_make),
	};

	return id_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
