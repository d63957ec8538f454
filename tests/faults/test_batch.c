/* One thing done to many tickets: seen beforehand, appended in one piece, sent as lists, undone in one
 * piece; and what becomes of it when the service or the line fails in the middle. */
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/sync.h"
#include "scripted.h"

struct world {
	char *dir;
	struct cache *writer;
	struct desk desk;
	struct town town;
	struct arena arena;
	char (*ids)[ID_TEXT];
	size_t count;
};

static void set_up(struct world *w, size_t count)
{
	uint64_t random = 11;
	struct err err = {0};

	memset(w, 0, sizeof(*w));
	w->dir = fixture_dir();
	w->count = count;
	w->ids = arena_alloc(&w->arena, (count + 1) * sizeof(*w->ids));
	assert_ok(cache_open(&w->writer, w->dir, true, NULL, &err), err);
	fixture_town(&w->town, w->writer);
	assert_ok(cache_begin(w->writer, &err), err);
	for (size_t i = 0; i < count; i++) {
		struct ticket t = fixture_ticket(&w->town, (int)i + 1, &random, &w->arena);

		t.state = STATE_OPEN;
		t.version = 4;
		t.priority = PRIORITY_LOW;
		snprintf(w->ids[i], ID_TEXT, "%s", t.id);
		assert_ok(cache_put(w->writer, RECORD_TICKET, &t, &err), err);
	}
	assert_ok(cache_set(w->writer, "me", w->town.agent[0], &err), err);
	assert_ok(cache_commit(w->writer, &err), err);
	assert_ok(cache_open(&w->desk.cache, w->dir, false, NULL, &err), err);
	assert_ok(work_open(&w->desk.work, w->dir, &err), err);
	w->desk.me = (struct viewer){.agent_id = w->town.agent[0],
				     .team_id = w->town.team[0],
				     .role = ROLE_AGENT,
				     .team_kind = TEAM_INSIDE};
}

static void tear_down(struct world *w)
{
	desk_forget_others(&w->desk);
	cache_close(w->desk.cache);
	cache_close(w->writer);
	work_close(w->desk.work);
	arena_finish(&w->arena);
	fixture_remove(w->dir);
}

static void begin(struct world *w, struct batch *b, int priority)
{
	struct args args = args_none;

	args.priority = priority;
	batch_begin(b, ACT_PRIORITY, &args, (const char(*)[ID_TEXT])w->ids, w->count);
}

static struct queue_row shown(struct world *w, size_t i)
{
	struct queue_row row;
	struct err err = {0};

	assert_ok(cache_ticket(w->desk.cache, w->desk.work, w->ids[i], &row, &w->arena, &err), err);
	return row;
}

static void put(struct world *w, size_t i, int state, int priority)
{
	struct queue_row row = shown(w, i);
	struct err err = {0};

	row.ticket.state = state;
	row.ticket.priority = priority;
	row.ticket.version++;
	assert_ok(cache_put(w->writer, RECORD_TICKET, &row.ticket, &err), err);
}

static void a_plan_says_what_would_become_of_each(void **state)
{
	struct world w;
	struct batch b;
	struct err err = {0};
	size_t done = 0;

	set_up(&w, 6);
	put(&w, 1, STATE_OPEN, PRIORITY_HIGH);
	put(&w, 2, STATE_MERGED, PRIORITY_LOW);
	assert_ok(cache_gone(w.writer, RECORD_TICKET, w.ids[3], &err), err);
	desk_set_others(&w.desk, w.ids[4], "An Claes\tlooks\nBo Maes\ttypes\n");
	desk_set_others(&w.desk, w.ids[5], "An Claes\tlooks\n");
	begin(&w, &b, PRIORITY_HIGH);
	assert_ok(desk_plan(&w.desk, &b, 2, &err), err);
	assert_int_equal(b.planned, 2);
	assert_ok(desk_plan(&w.desk, &b, 100, &err), err);
	assert_int_equal(b.items[0].fate, BATCH_DOES);
	assert_int_equal(b.items[1].fate, BATCH_SAME);
	assert_int_equal(b.items[2].fate, BATCH_CANNOT);
	assert_non_null(b.items[2].why);
	assert_int_equal(b.items[3].fate, BATCH_GONE);
	assert_int_equal(b.items[4].fate, BATCH_TYPING);
	assert_int_equal(b.items[5].fate, BATCH_DOES);
	/* Nothing is done by looking. */
	assert_int_equal(shown(&w, 0).ticket.priority, PRIORITY_LOW);
	/* One more began to type after it was looked at. */
	desk_set_others(&w.desk, w.ids[5], "An Claes\ttypes\n");
	assert_ok(desk_do_many(&w.desk, &b, &done, &err), err);
	assert_int_equal(done, 1);
	assert_int_equal(shown(&w, 0).ticket.priority, PRIORITY_HIGH);
	assert_true(shown(&w, 0).pending);
	assert_int_equal(shown(&w, 4).ticket.priority, PRIORITY_LOW);
	assert_int_equal(shown(&w, 5).ticket.priority, PRIORITY_LOW);
	batch_finish(&b);
	/* Unless the agent says otherwise. */
	begin(&w, &b, PRIORITY_NORMAL);
	b.with_typing = true;
	assert_ok(desk_do_many(&w.desk, &b, &done, &err), err);
	assert_int_equal(done, 4);
	assert_int_equal(shown(&w, 4).ticket.priority, PRIORITY_NORMAL);
	batch_finish(&b);
	tear_down(&w);
}

static struct work_batch *batches(struct world *w, size_t expected)
{
	struct work_batch *ret;
	struct err err = {0};
	size_t n;

	assert_ok(work_batches(w->desk.work, &ret, &n, &w->arena, &err), err);
	assert_int_equal(n, expected);
	return ret;
}

static void what_waits_is_taken_back_in_one_go(void **state)
{
	struct world w;
	struct batch b;
	struct buf told = {0};
	struct err err = {0};
	size_t done;

	set_up(&w, 20);
	begin(&w, &b, PRIORITY_HIGH);
	assert_ok(desk_do_many(&w.desk, &b, &done, &err), err);
	assert_int_equal(done, 20);
	assert_int_equal(batches(&w, 1)[0].waiting, 20);
	assert_string_equal(batches(&w, 1)[0].id, b.id);
	assert_ok(desk_undo(&w.desk, NULL, &told, &err), err);
	assert_non_null(strstr(told.data, "20"));
	batches(&w, 0);
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(shown(&w, i).ticket.priority, PRIORITY_LOW);
		assert_false(shown(&w, i).pending);
	}
	assert_false(desk_undo(&w.desk, NULL, &told, &err));
	buf_finish(&told);
	batch_finish(&b);
	tear_down(&w);
}

/* Half of it was done, one met a conflict and one was refused. */
static void what_was_done_is_undone_and_the_rest_taken_back(void **state)
{
	struct world w;
	struct batch b;
	struct buf told = {0};
	struct outbox_row *rows;
	struct work_batch *list;
	struct work_result results[5];
	struct err err = {0};
	size_t done, n;

	set_up(&w, 10);
	begin(&w, &b, PRIORITY_HIGH);
	assert_ok(desk_do_many(&w.desk, &b, &done, &err), err);
	assert_ok(work_next(w.desk.work, 6, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 6);
	assert_ok(work_set_sending_many(w.desk.work, rows, &n, 1, &err), err);
	for (int i = 0; i < 5; i++)
		results[i] = (struct work_result){.seq = rows[i].seq,
						  .state = i < 3    ? OUTBOX_DONE
							   : i == 3 ? OUTBOX_CONFLICT
								    : OUTBOX_REFUSED,
						  .version = 5,
						  .reason = "waarom"};
	assert_ok(work_set_results(w.desk.work, results, 5, &err), err);
	list = batches(&w, 1);
	assert_int_equal(list[0].done, 3);
	assert_int_equal(list[0].conflict, 1);
	assert_int_equal(list[0].refused, 1);
	assert_int_equal(list[0].waiting, 5);
	/* What went wrong stands first, with its reason. */
	assert_ok(work_batch_rows(w.desk.work, b.id, 100, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 10);
	assert_int_equal(rows[0].state, OUTBOX_REFUSED);
	assert_string_equal(rows[0].reason, "waarom");
	assert_int_equal(rows[1].state, OUTBOX_CONFLICT);
	assert_int_equal(rows[9].state, OUTBOX_DONE);
	assert_ok(desk_undo(&w.desk, NULL, &told, &err), err);
	list = batches(&w, 2);
	/* Four undos: of the three, and of the one under way, of which nobody knows. */
	assert_int_equal(list[0].count, 4);
	assert_int_equal(list[0].first.envelope.action->id, ACT_UNDO);
	assert_int_equal(list[1].count, 4);
	assert_int_equal(list[1].undone, 3);
	assert_ok(work_batch_rows(w.desk.work, list[0].id, 100, &rows, &n, &w.arena, &err), err);
	for (size_t i = 1; i < n; i++)
		assert_string_not_equal(rows[i].envelope.args.operation,
					rows[i - 1].envelope.args.operation);
	/* It is not undone twice. */
	assert_false(desk_undo(&w.desk, NULL, &told, &err));
	buf_finish(&told);
	batch_finish(&b);
	tear_down(&w);
}

static void ten_thousand_are_no_trouble(void **state)
{
	struct world w;
	struct batch b;
	struct buf told = {0};
	struct queue_query q = {.view = VIEW_ALL, .now = clock_now()};
	struct queue_row *rows;
	struct err err = {0};
	size_t done, n;
	bool more;
	int64_t at = clock_mono();

	set_up(&w, 10000);
	rows = arena_alloc(&w.arena, 60 * sizeof(*rows));
	begin(&w, &b, PRIORITY_HIGH);
	at = clock_mono();
	assert_ok(desk_plan(&w.desk, &b, 100000, &err), err);
	print_message("plan %lld ms, ", (long long)(clock_mono() - at));
	at = clock_mono();
	assert_ok(desk_do_many(&w.desk, &b, &done, &err), err);
	assert_int_equal(done, 10000);
	print_message("append %lld ms, ", (long long)(clock_mono() - at));
	at = clock_mono();
	assert_ok(cache_queue(w.desk.cache, w.desk.work, &q, NULL, false, 60, rows, &n, &more,
			      &w.arena, &err),
		  err);
	print_message("queue %lld ms, ", (long long)(clock_mono() - at));
	at = clock_mono();
	assert_ok(desk_undo(&w.desk, NULL, &told, &err), err);
	print_message("undo %lld ms\n", (long long)(clock_mono() - at));
	batches(&w, 0);
	buf_finish(&told);
	batch_finish(&b);
	tear_down(&w);
}

/* ---- sending ---- */

#define TICKETS 60

struct line {
	char *dir, *server, *token_file;
	struct scripted *service;
	struct sync_spec spec;
	struct work *work;
	struct arena arena;
};

static void connect(struct line *l)
{
	struct err err = {0};

	memset(l, 0, sizeof(*l));
	l->dir = fixture_dir();
	l->service = scripted_start(l->dir, TICKETS);
	l->server = xasprintf("unix:%s", l->service->path);
	l->token_file = xasprintf("%s/token", l->dir);
	l->spec = (struct sync_spec){.server = l->server,
				     .name = "an",
				     .password = "geheim",
				     .dir_cache = l->dir,
				     .dir_work = l->dir,
				     .token_file = l->token_file,
				     .language = "nl"};
	assert_ok(work_open(&l->work, l->dir, &err), err);
	assert_ok(sync_once(&l->spec, NULL, &err), err);
}

static void hang_up(struct line *l)
{
	work_close(l->work);
	scripted_stop(l->service);
	arena_finish(&l->arena);
	free(l->server);
	free(l->token_file);
	fixture_remove(l->dir);
}

static const char *append_all(struct line *l)
{
	struct work_item *items = arena_alloc(&l->arena, TICKETS * sizeof(*items));
	char *batch = arena_alloc(&l->arena, ID_TEXT);
	struct err err = {0};

	for (int i = 0; i < TICKETS; i++) {
		char *id = arena_alloc(&l->arena, ID_TEXT);

		items[i].envelope = (struct envelope){.id = id_new(id),
						      .action = &actions.rows[ACT_PRIORITY],
						      .record = l->service->tickets[i].id,
						      .base_version = 1,
						      .args = args_none};
		items[i].envelope.args.priority = PRIORITY_HIGH;
	}
	assert_ok(work_append_many(l->work, id_new(batch), items, TICKETS, clock_now(), &err), err);
	return batch;
}

static struct work_batch first_batch(struct line *l)
{
	struct work_batch *ret;
	struct err err = {0};
	size_t n;

	assert_ok(work_batches(l->work, &ret, &n, &l->arena, &err), err);
	assert_int_equal(n, 1);
	return ret[0];
}

/* Whatever happens to the answer, each is done once. */
static void a_list_whose_answer_is_lost_is_done_once(void **state)
{
	for (int fault = 0; fault < FAULT_KINDS; fault++) {
		struct line l;
		struct err err = {0};

		connect(&l);
		append_all(&l);
		scripted_fault(l.service, (enum scripted_fault)fault, 2);
		sync_once(&l.spec, NULL, &err);
		scripted_fault(l.service, (enum scripted_fault)fault, 0);
		assert_ok(sync_once(&l.spec, NULL, &err), err);
		if (fault == FAULT_DENIED)
			/* Refused as a list it went one by one, and the first was refused again. */
			assert_int_equal(first_batch(&l).refused, 1);
		assert_int_equal(first_batch(&l).done,
				 fault == FAULT_DENIED ? TICKETS - 1 : TICKETS);
		assert_int_equal(scripted_get(l.service, &l.service->applied),
				 fault == FAULT_DENIED ? TICKETS - 1 : TICKETS);
		assert_int_equal(scripted_get(l.service, &l.service->conflicts), 0);
		hang_up(&l);
	}
}

static void a_conflict_within_a_list_stops_only_itself(void **state)
{
	struct line l;
	struct outbox_row *rows;
	struct sync_report report = {0};
	struct err err = {0};
	const char *batch;
	size_t n;

	connect(&l);
	scripted_change(l.service, 7, PRIORITY_LOW);
	batch = append_all(&l);
	assert_ok(sync_once(&l.spec, &report, &err), err);
	assert_int_equal(report.sent, TICKETS - 1);
	assert_int_equal(report.conflicts, 1);
	assert_int_equal(scripted_get(l.service, &l.service->lists), 1);
	assert_ok(work_batch_rows(l.work, batch, 10, &rows, &n, &l.arena, &err), err);
	assert_int_equal(rows[0].state, OUTBOX_CONFLICT);
	assert_string_equal(rows[0].envelope.record, l.service->tickets[7].id);
	assert_non_null(strstr(rows[0].theirs, "\"version\":2"));
	assert_string_equal(rows[0].reason, "words of the service");
	/* Let go of, it is as if it had never been asked. */
	assert_ok(work_drop_failed(l.work, batch, &n, &err), err);
	assert_int_equal(n, 1);
	assert_int_equal(first_batch(&l).conflict, 0);
	hang_up(&l);
}

/* As the sync thread would. */
static void say(struct world *w, const struct port_message *asked, bool ok, const char *text)
{
	struct port_message m;

	port_to_ui(w->desk.port, PORT_ANSWER, NULL, asked->number, ok, text);
	assert_true(port_take_ui(w->desk.port, &m));
	assert_true(desk_take_answer(&w->desk, &m));
	port_message_finish(&m);
}

static void plan(struct world *w, struct batch *b)
{
	struct err err = {0};

	desk_plan_again(b);
	assert_ok(desk_plan(&w->desk, b, b->count, &err), err);
}

static void the_service_is_asked_beforehand(void **state)
{
	struct port_message m;
	struct batch b;
	struct world w;
	struct err err = {0};

	(void)state;
	set_up(&w, 3);
	w.desk.port = port_create(NULL, NULL, NULL, NULL);
	begin(&w, &b, PRIORITY_HIGH);
	plan(&w, &b);
	/* Without network nobody is asked. */
	w.desk.link = LINK_OFFLINE;
	desk_plan_ask(&w.desk, &b);
	assert_false(port_take_sync(w.desk.port, &m));
	w.desk.link = LINK_ONLINE;
	desk_plan_ask(&w.desk, &b);
	assert_int_equal(b.asked, 3);
	assert_true(port_take_sync(w.desk.port, &m));
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr(m.text, b.items[i].envelope_id));
	assert_false(desk_plan_hear(&w.desk, &b));
	/* One of them became another while the answer was on its way. */
	assert_ok(cache_begin(w.writer, &err), err);
	put(&w, 2, STATE_OPEN, PRIORITY_LOW);
	assert_ok(cache_commit(w.writer, &err), err);
	plan(&w, &b);
	say(&w, &m, true, "{\"results\":[{\"status\":200},{\"problem\":{\"detail\":\"Nee\"}},{}]}");
	port_message_finish(&m);
	assert_true(desk_plan_hear(&w.desk, &b));
	assert_int_equal(b.items[0].word, BATCH_WOULD);
	assert_int_equal(b.items[1].word, BATCH_WOULD_NOT);
	assert_string_equal(b.items[1].refusal, "Nee");
	assert_int_equal(b.would, 1);
	assert_int_equal(b.would_not, 1);
	/* It alone is asked again. */
	desk_plan_ask(&w.desk, &b);
	assert_int_equal(b.asked, 1);
	assert_true(port_take_sync(w.desk.port, &m));
	assert_non_null(strstr(m.text, b.items[2].envelope_id));
	assert_null(strstr(m.text, b.items[0].envelope_id));
	/* What failed is not asked again before something changes. */
	say(&w, &m, false, "no network");
	port_message_finish(&m);
	assert_true(desk_plan_hear(&w.desk, &b));
	assert_string_equal(b.not_asked, "No network");
	desk_plan_ask(&w.desk, &b);
	assert_false(port_take_sync(w.desk.port, &m));
	batch_forget_words(&b);
	desk_plan_ask(&w.desk, &b);
	assert_int_equal(b.asked, 3);
	batch_finish(&b);
	port_destroy(w.desk.port);
	w.desk.port = NULL;
	desk_forget_answers(&w.desk);
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_says_what_would_become_of_each),
		cmocka_unit_test(what_waits_is_taken_back_in_one_go),
		cmocka_unit_test(what_was_done_is_undone_and_the_rest_taken_back),
		cmocka_unit_test(the_service_is_asked_beforehand),
		cmocka_unit_test(ten_thousand_are_no_trouble),
		cmocka_unit_test(a_list_whose_answer_is_lost_is_done_once),
		cmocka_unit_test(a_conflict_within_a_list_stops_only_itself),
	};

	return id_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
