/* What a screen does: actions through the desk, drafts, undo. */
#include "fixture.h"
#include <string.h>
#include "balie/clock.h"
#include "balie/id.h"

struct world {
	char *dir;
	struct cache *writer, *reader;
	struct desk desk;
	struct town town;
	struct ticket ticket;
	struct arena arena;
};

static void set_up(struct world *w)
{
	uint64_t random = 11;
	struct err err = {0};

	memset(w, 0, sizeof(*w));
	w->dir = fixture_dir();
	assert_ok(cache_open(&w->writer, w->dir, true, NULL, &err), err);
	fixture_town(&w->town, w->writer);
	w->ticket = fixture_ticket(&w->town, 1, &random, &w->arena);
	w->ticket.state = STATE_OPEN;
	w->ticket.version = 4;
	w->ticket.priority = PRIORITY_LOW;
	assert_ok(cache_put(w->writer, RECORD_TICKET, &w->ticket, &err), err);
	assert_ok(cache_set(w->writer, "me", w->town.agent[0], &err), err);
	assert_ok(cache_open(&w->reader, w->dir, false, NULL, &err), err);
	w->desk.cache = w->reader;
	assert_ok(work_open(&w->desk.work, w->dir, &err), err);
	w->desk.port = port_create(NULL, NULL, NULL, NULL);
	w->desk.me = (struct viewer){.agent_id = w->town.agent[0],
				     .team_id = w->town.team[0],
				     .role = ROLE_AGENT,
				     .team_kind = TEAM_INSIDE};
}

static void tear_down(struct world *w)
{
	cache_close(w->reader);
	cache_close(w->writer);
	work_close(w->desk.work);
	port_destroy(w->desk.port);
	arena_finish(&w->arena);
	fixture_remove(w->dir);
}

static void a_draft_is_sent_under_its_own_id(void **state)
{
	struct world w;
	struct err err = {0};
	struct args args = args_none;
	struct port_message m;
	char draft_id[37], id[37];
	struct outbox_row *rows;
	size_t count;
	struct draft draft = {.kind = "note", .body = "Terugbellen", .at = 1};

	set_up(&w);
	draft.ticket_id = w.ticket.id;
	draft.envelope_id = id_new(draft_id);
	assert_ok(work_put_draft(w.desk.work, &draft, &err), err);
	/* Another text, typed at the prompt, leaves it alone. */
	args.body = "Iets anders";
	assert_ok(desk_do(&w.desk, ACT_NOTE, &w.ticket, &args, id, &err), err);
	assert_string_not_equal(id, draft_id);
	assert_ok(work_draft(w.desk.work, w.ticket.id, "note", &draft, &w.arena, &err), err);
	args.body = "Terugbellen";
	assert_ok(desk_do(&w.desk, ACT_NOTE, &w.ticket, &args, id, &err), err);
	assert_string_equal(id, draft_id);
	/* What the ticket is called stays known when it leaves the desk. */
	assert_ok(work_outbox(w.desk.work, 0, &rows, &count, &w.arena, &err), err);
	assert_int_equal(count, 2);
	assert_string_equal(rows[1].number, w.ticket.number);
	assert_string_equal(rows[1].subject, w.ticket.subject);
	assert_false(work_draft(w.desk.work, w.ticket.id, "note", &draft, &w.arena, &err));
	assert_true(port_take_sync(w.desk.port, &m));
	assert_int_equal(m.kind, PORT_OUTBOX);
	port_message_finish(&m);
	tear_down(&w);
}

static void what_cannot_be_is_refused_at_once(void **state)
{
	struct world w;
	struct err err = {0};
	struct args args = args_none;
	struct work_counts counts;

	set_up(&w);
	assert_false(desk_do(&w.desk, ACT_NOTE, &w.ticket, &args, NULL, &err));
	assert_int_equal(err.kind, ERR_INPUT);
	args.state = STATE_OPEN;
	assert_false(desk_do(&w.desk, ACT_STATE, &w.ticket, &args, NULL, &err));
	assert_int_equal(err.kind, ERR_CONFLICT);
	w.desk.me.team_kind = TEAM_OUTSIDE;
	w.desk.me.team_id = "00000000-0000-7000-8000-0000000000ff";
	w.desk.me.agent_id = w.desk.me.team_id;
	args.priority = PRIORITY_HIGH;
	assert_false(desk_do(&w.desk, ACT_PRIORITY, &w.ticket, &args, NULL, &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_ok(work_count(w.desk.work, &counts, &err), err);
	assert_int_equal(counts.waiting, 0);
	tear_down(&w);
}

static void undo_takes_back_or_undoes(void **state)
{
	struct world w;
	struct err err = {0};
	struct args args = args_none;
	struct buf told = {0};
	struct outbox_row *rows;
	struct queue_row row;
	char id[37];
	size_t n;

	set_up(&w);
	args.priority = PRIORITY_HIGH;
	assert_ok(desk_do(&w.desk, ACT_PRIORITY, &w.ticket, &args, id, &err), err);
	assert_ok(cache_ticket(w.reader, w.desk.work, w.ticket.id, &row, &w.arena, &err), err);
	assert_int_equal(row.ticket.priority, PRIORITY_HIGH);
	assert_int_equal(row.ticket.version, 4);
	assert_true(row.pending);
	assert_ok(desk_undo(&w.desk, w.ticket.id, &told, &err), err);
	assert_ok(cache_ticket(w.reader, w.desk.work, w.ticket.id, &row, &w.arena, &err), err);
	assert_int_equal(row.ticket.priority, PRIORITY_LOW);
	assert_false(row.pending);
	/* Done by the service: then an undo is sent. */
	assert_ok(desk_do(&w.desk, ACT_PRIORITY, &w.ticket, &args, id, &err), err);
	assert_ok(work_next(w.desk.work, 1, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 1);
	assert_ok(work_set_sending(w.desk.work, rows[0].seq, 1, &err), err);
	assert_ok(work_set_done(w.desk.work, rows[0].seq, 5, &err), err);
	assert_ok(desk_undo(&w.desk, NULL, &told, &err), err);
	assert_ok(work_next(w.desk.work, 1, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].envelope.action->id, ACT_UNDO);
	assert_string_equal(rows[0].envelope.args.operation, id);
	assert_false(desk_undo(&w.desk, NULL, &told, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	buf_finish(&told);
	tear_down(&w);
}

/* Who is at one ticket says nothing of another. */
static void others_are_kept_by_ticket(void **state)
{
	struct desk d = {0};

	(void)state;
	desk_set_others(&d, "a", "An Claes\tlooks\n");
	desk_set_others(&d, "b", "Bo Maes\ttypes\n");
	assert_string_equal(desk_others(&d, "a"), "An Claes\tlooks\n");
	desk_set_others(&d, "b", "");
	assert_null(desk_others(&d, "b"));
	desk_set_others(&d, "a", "An Claes\ttypes\n");
	assert_string_equal(desk_others(&d, "a"), "An Claes\ttypes\n");
	desk_forget_others(&d);
	assert_null(desk_others(&d, "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_kept_by_ticket),
		cmocka_unit_test(a_draft_is_sent_under_its_own_id),
		cmocka_unit_test(what_cannot_be_is_refused_at_once),
		cmocka_unit_test(undo_takes_back_or_undoes),
	};

	return id_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
