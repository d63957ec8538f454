/* work.db: chaining, conflicts, decisions, and that a killed writer loses and doubles nothing. */
#include "fixture.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/text.h"
#include "balie/wire.h"

#define TICKET "00000000-0000-7000-8000-000000000001"
#define OTHER "00000000-0000-7000-8000-000000000002"

struct world {
	char *dir;
	struct work *ui, *sync;
	struct arena arena;
};

static void set_up(struct world *w)
{
	struct err err = {0};

	memset(w, 0, sizeof(*w));
	w->dir = fixture_dir();
	assert_ok(work_open(&w->ui, w->dir, &err), err);
	assert_ok(work_open(&w->sync, w->dir, &err), err);
}

static void tear_down(struct world *w)
{
	work_close(w->ui);
	work_close(w->sync);
	arena_finish(&w->arena);
	fixture_remove(w->dir);
}

static const char *append(struct world *w, int action, const char *record, int64_t base)
{
	struct envelope e = {.action = &actions.rows[action],
			     .record = record,
			     .base_version = base,
			     .args = args_none};
	char *id = arena_alloc(&w->arena, 37);
	struct err err = {0};

	e.id = id_new(id);
	if (action == ACT_PRIORITY)
		e.args.priority = PRIORITY_HIGH;
	if (action == ACT_KIND)
		e.args.kind = KIND_REQUEST;
	if (action == ACT_NOTE || action == ACT_ANSWER)
		e.args.body = "tekst";
	if (action == ACT_SUBJECT)
		e.args.subject = "onderwerp";
	assert_ok(work_append(w->ui, &e, 1000, false, &err), err);
	return id;
}

static struct outbox_row *next(struct world *w, size_t expected)
{
	struct outbox_row *rows;
	struct err err = {0};
	size_t n;

	assert_ok(work_next(w->sync, 10, &rows, &n, &w->arena, &err), err);
	assert_int_equal(n, expected);
	return rows;
}

static void done(struct world *w, const struct outbox_row *row, int64_t version)
{
	struct err err = {0};

	assert_ok(work_set_sending(w->sync, row->seq, 2000, &err), err);
	assert_ok(work_set_done(w->sync, row->seq, version, &err), err);
}

static void own_actions_chain(void **state)
{
	struct world w;
	struct outbox_row *rows;

	set_up(&w);
	append(&w, ACT_PRIORITY, TICKET, 5);
	append(&w, ACT_SUBJECT, TICKET, 5);
	append(&w, ACT_KIND, TICKET, 5);
	append(&w, ACT_PRIORITY, OTHER, 3);
	rows = next(&w, 2);
	assert_string_equal(rows[0].envelope.record, TICKET);
	assert_int_equal(rows[0].envelope.base_version, 5);
	assert_int_equal(rows[1].envelope.base_version, 3);
	done(&w, &rows[0], 6);
	rows = next(&w, 2);
	assert_int_equal(rows[0].envelope.action->id, ACT_SUBJECT);
	assert_int_equal(rows[0].envelope.base_version, 6);
	done(&w, &rows[0], 7);
	rows = next(&w, 2);
	assert_int_equal(rows[0].envelope.base_version, 7);
	tear_down(&w);
}

/* A note asks for no version. When another wrote before it, what is behind it must not be carried
 * over that other's change. */
static void a_note_does_not_hide_anothers_change(void **state)
{
	struct world w;
	struct outbox_row *rows;

	set_up(&w);
	append(&w, ACT_NOTE, TICKET, 5);
	append(&w, ACT_PRIORITY, TICKET, 5);
	append(&w, ACT_NOTE, OTHER, 5);
	append(&w, ACT_PRIORITY, OTHER, 5);
	rows = next(&w, 2);
	assert_int_equal(rows[0].envelope.base_version, 0);
	done(&w, &rows[0], 6); /* the very next version: carried along */
	done(&w, &rows[1], 8); /* somebody wrote 6 or 7 */
	rows = next(&w, 2);
	assert_int_equal(rows[0].envelope.base_version, 6);
	assert_int_equal(rows[1].envelope.base_version, 5);
	tear_down(&w);
}

/* The screen still shows the version from before our own action, which was answered just now. */
static void a_screen_a_moment_behind_makes_no_conflict(void **state)
{
	struct world w;
	struct outbox_row *rows;

	set_up(&w);
	append(&w, ACT_PRIORITY, TICKET, 5);
	rows = next(&w, 1);
	done(&w, &rows[0], 6);
	append(&w, ACT_SUBJECT, TICKET, 5);
	rows = next(&w, 1);
	assert_int_equal(rows[0].envelope.base_version, 6);
	/* But one who has seen more than that is on his own. */
	done(&w, &rows[0], 7);
	append(&w, ACT_SUBJECT, TICKET, 9);
	rows = next(&w, 1);
	assert_int_equal(rows[0].envelope.base_version, 9);
	tear_down(&w);
}

static void a_conflict_stops_only_its_own_record(void **state)
{
	struct world w;
	struct outbox_row *rows;
	struct work_counts counts;
	struct err err = {0};
	size_t n;
	int64_t first;

	set_up(&w);
	append(&w, ACT_PRIORITY, TICKET, 5);
	append(&w, ACT_SUBJECT, TICKET, 5);
	append(&w, ACT_PRIORITY, OTHER, 3);
	rows = next(&w, 2);
	first = rows[0].seq;
	assert_ok(work_set_sending(w.sync, first, 1, &err), err);
	assert_ok(work_set_conflict(w.sync, first, "{\"version\":8}", "te laat", &err), err);
	rows = next(&w, 1);
	assert_string_equal(rows[0].envelope.record, OTHER);
	assert_ok(work_count(w.ui, &counts, &err), err);
	assert_int_equal(counts.waiting, 2);
	assert_int_equal(counts.conflict, 1);
	assert_ok(work_outbox(w.ui, 0, &rows, &n, &w.arena, &err), err);
	assert_string_equal(rows[0].theirs, "{\"version\":8}");
	assert_string_equal(rows[0].reason, "te laat");
	/* Mine: on their version, and what waits behind it follows. A new key: the old one has its
	 * answer. */
	assert_ok(work_rebase(w.ui, first, 8, &err), err);
	const char *old_id = rows[0].envelope.id;
	rows = next(&w, 2);
	assert_int_equal(rows[0].envelope.base_version, 8);
	assert_string_not_equal(rows[0].envelope.id, old_id);
	done(&w, &rows[0], 9);
	rows = next(&w, 2);
	assert_int_equal(rows[0].envelope.base_version, 9);
	tear_down(&w);
}

/* A call from somebody new: the citizen, then the contact, then the question, whatever the order in
 * which the network would take them. */
static void what_is_named_is_made_first(void **state)
{
	static const char *const party = "00000000-0000-7000-8000-000000000003";
	static const char *const contact = "00000000-0000-7000-8000-000000000004";
	struct envelope e = {.record = party, .args = args_none};
	struct err err = {0};
	struct outbox_row *rows;
	struct world w;
	char id[3][37];

	set_up(&w);
	e.id = id_new(id[0]);
	e.action = &actions.rows[ACT_PARTY_CREATE];
	e.args.name = "Claes, An";
	assert_ok(work_append(w.ui, &e, 1000, false, &err), err);
	e = (struct envelope){.record = contact, .args = args_none};
	e.id = id_new(id[1]);
	e.action = &actions.rows[ACT_CONTACT];
	e.args.channel = CHANNEL_PHONE;
	e.args.started_at = 1000;
	e.args.party_id = party;
	assert_ok(work_append(w.ui, &e, 1000, false, &err), err);
	e = (struct envelope){.record = TICKET, .args = args_none};
	e.id = id_new(id[2]);
	e.action = &actions.rows[ACT_CREATE];
	e.args.subject = "Tegel";
	e.args.party_id = party;
	e.args.contact_id = contact;
	assert_ok(work_append(w.ui, &e, 1000, false, &err), err);
	append(&w, ACT_PRIORITY, OTHER, 3);

	rows = next(&w, 2);
	assert_string_equal(rows[0].envelope.record, party);
	assert_string_equal(rows[1].envelope.record, OTHER);
	done(&w, &rows[1], 4);
	/* Not while it may still be refused. */
	assert_ok(work_set_sending(w.sync, rows[0].seq, 2000, &err), err);
	next(&w, 1);
	done(&w, &rows[0], 1);
	rows = next(&w, 1);
	assert_string_equal(rows[0].envelope.record, contact);
	done(&w, &rows[0], 1);
	rows = next(&w, 1);
	assert_string_equal(rows[0].envelope.record, TICKET);
	tear_down(&w);
}

static void taking_back(void **state)
{
	struct world w;
	struct outbox_row *rows;
	struct draft draft;
	struct err err = {0};

	set_up(&w);
	append(&w, ACT_ANSWER, TICKET, 5);
	append(&w, ACT_PRIORITY, TICKET, 5);
	rows = next(&w, 1);
	assert_ok(work_set_sending(w.sync, rows[0].seq, 1, &err), err);
	assert_false(work_take_back(w.ui, rows[0].seq, &err));
	assert_int_equal(err.kind, ERR_CONFLICT);
	/* It may have arrived: still under way. */
	assert_ok(work_set_unsure(w.sync, rows[0].seq, "weg", &err), err);
	assert_false(work_take_back(w.ui, rows[0].seq, &err));
	assert_ok(work_set_refused(w.sync, rows[0].seq, "nee", &err), err);
	next(&w, 0);
	assert_ok(work_take_back(w.ui, rows[0].seq, &err), err);
	/* The text is a draft again, and what waited behind it goes on. */
	assert_ok(work_draft(w.ui, TICKET, "answer", &draft, &w.arena, &err), err);
	assert_string_equal(draft.body, "tekst");
	rows = next(&w, 1);
	assert_int_equal(rows[0].envelope.action->id, ACT_PRIORITY);
	assert_int_equal(rows[0].envelope.base_version, 5);
	tear_down(&w);
}

static void undoing(void **state)
{
	struct world w;
	struct outbox_row row;
	struct envelope e = {
		.action = &actions.rows[ACT_UNDO], .record = TICKET, .args = args_none};
	struct outbox_row *rows;
	struct err err = {0};
	const char *first;
	char id[37];

	set_up(&w);
	assert_false(work_last_undoable(w.ui, NULL, &row, &w.arena, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	first = append(&w, ACT_PRIORITY, TICKET, 5);
	append(&w, ACT_NOTE, TICKET, 5);
	assert_ok(work_last_undoable(w.ui, TICKET, &row, &w.arena, &err), err);
	assert_string_equal(row.envelope.id, first);
	assert_int_equal(row.state, OUTBOX_WAITING);
	rows = next(&w, 1);
	done(&w, &rows[0], 6);
	rows = next(&w, 1);
	done(&w, &rows[0], 7);
	e.id = id_new(id);
	e.args.operation = first;
	assert_ok(work_append(w.ui, &e, 1, false, &err), err);
	assert_false(work_last_undoable(w.ui, TICKET, &row, &w.arena, &err));
	/* An undo that is refused has undone nothing. */
	rows = next(&w, 1);
	assert_ok(work_set_sending(w.sync, rows[0].seq, 1, &err), err);
	assert_ok(work_set_refused(w.sync, rows[0].seq, "nee", &err), err);
	assert_ok(work_last_undoable(w.ui, TICKET, &row, &w.arena, &err), err);
	assert_string_equal(row.envelope.id, first);
	tear_down(&w);
}

static void the_same_id_is_added_once(void **state)
{
	struct world w;
	struct err err = {0};
	struct outbox_row *rows;
	char id[37];
	struct envelope e = {
		.action = &actions.rows[ACT_NOTE], .record = TICKET, .args = args_none};
	struct draft draft = {.ticket_id = TICKET, .kind = "note", .body = "x", .at = 1};
	size_t n;

	set_up(&w);
	e.id = id_new(id);
	e.args.body = "één keer";
	assert_ok(work_put_draft(w.ui, &draft, &err), err);
	assert_true(work_has_unsent(w.ui));
	assert_ok(work_append(w.ui, &e, 1, true, &err), err);
	assert_ok(work_append(w.ui, &e, 2, true, &err), err);
	assert_ok(work_outbox(w.ui, 5, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].envelope.args.body, "één keer");
	assert_false(work_draft(w.ui, TICKET, "note", &draft, &w.arena, &err));
	assert_true(work_has_unsent(w.ui));
	rows = next(&w, 1);
	done(&w, &rows[0], 2);
	assert_false(work_has_unsent(w.ui));
	tear_down(&w);
}

/* ---- what cannot be read ---- */

/* As a newer program, or a disk, may leave it. */
static void spoil(struct world *w, const char *id, const char *envelope)
{
	char *path = xasprintf("%s/work.db", w->dir);
	sqlite3 *db;
	sqlite3_stmt *q;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_prepare_v2(db, "UPDATE outbox SET envelope = ?1 WHERE id = ?2", -1,
					    &q, NULL),
			 SQLITE_OK);
	sqlite3_bind_text(q, 1, envelope, -1, SQLITE_STATIC);
	sqlite3_bind_text(q, 2, id, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(q), SQLITE_DONE);
	assert_int_equal(sqlite3_changes(db), 1);
	sqlite3_finalize(q);
	sqlite3_close(db);
	free(path);
}

static void what_cannot_be_read_stops_no_other(void **state)
{
	static const char strange[] = "{\"action\":\"teleport\",\"body\":\"tekst van morgen\"}";
	struct world w;
	struct outbox_row *rows;
	struct err err = {0};
	const char *bad;
	char *kept;
	size_t n;

	set_up(&w);
	bad = append(&w, ACT_NOTE, TICKET, 5);
	append(&w, ACT_PRIORITY, OTHER, 3);
	spoil(&w, bad, strange);
	/* One at a time: the first must not stand before the second for ever. */
	assert_ok(work_next(w.sync, 1, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].envelope.record, OTHER);
	assert_int_equal(work_new_aside(w.sync), 1);
	assert_int_equal(work_new_aside(w.sync), 0);
	done(&w, &rows[0], 4);
	next(&w, 0);

	assert_ok(work_outbox_alone(w.ui, 0, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 1);
	assert_true(rows[0].unreadable);
	assert_int_equal(rows[0].state, OUTBOX_REFUSED);
	assert_non_null(strstr(rows[0].reason, "cannot read"));
	assert_string_equal(rows[0].envelope.id, bad);
	assert_string_equal(rows[0].envelope.args.body, strange);
	assert_false(work_retry(w.ui, rows[0].seq, &err));

	/* Let go of, it still says what it said. */
	assert_ok(work_take_back(w.ui, rows[0].seq, &err), err);
	kept = work_kept(w.ui, KEPT_UNREADABLE, bad, &w.arena);
	assert_non_null(kept);
	assert_string_equal(kept, strange);
	assert_false(work_has_unsent(w.ui));
	tear_down(&w);
}

/* It was on its way when it became unreadable: that it was set aside is no answer of the service. */
static void after_an_update_it_goes_with_its_own_id(void **state)
{
	struct world w;
	struct outbox_row *rows;
	struct err err = {0};
	const char *id;
	struct buf text = {0};

	set_up(&w);
	id = append(&w, ACT_NOTE, TICKET, 5);
	rows = next(&w, 1);
	wire_put_envelope(&text, &rows[0].envelope);
	assert_ok(work_set_sending(w.sync, rows[0].seq, 2000, &err), err);
	spoil(&w, id, "{");
	next(&w, 0);
	spoil(&w, id, text.data);
	next(&w, 0);
	assert_ok(work_retry(w.ui, rows[0].seq, &err), err);
	rows = next(&w, 1);
	assert_string_equal(rows[0].envelope.id, id);
	buf_finish(&text);
	tear_down(&w);
}

/* One of a batch, also its first: the list of batches and the rest of it are shown and sent. */
static void a_batch_goes_on_without_it(void **state)
{
	struct world w;
	struct work_item items[2];
	struct work_batch *batches;
	struct outbox_row *rows;
	struct err err = {0};
	char ids[2][37], batch[37];
	size_t n;

	set_up(&w);
	for (size_t i = 0; i < 2; i++) {
		items[i] = (struct work_item){.envelope = {.action = &actions.rows[ACT_NOTE],
							   .id = id_new(ids[i]),
							   .record = i ? OTHER : TICKET,
							   .args = args_none}};
		items[i].envelope.args.body = "allemaal";
	}
	assert_ok(work_append_many(w.ui, id_new(batch), items, 2, 1000, &err), err);
	spoil(&w, ids[0], "");
	rows = next(&w, 1);
	assert_string_equal(rows[0].envelope.record, OTHER);
	assert_string_equal(rows[0].envelope.args.body, "allemaal");
	assert_ok(work_batches(w.ui, &batches, &n, &w.arena, &err), err);
	assert_int_equal(n, 1);
	assert_int_equal(batches[0].refused, 1);
	assert_ok(work_batch_rows(w.ui, batch, 10, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 2);
	assert_true(rows[0].unreadable);
	assert_false(rows[1].unreadable);
	tear_down(&w);
}

/* ---- kill -9 ---- */

/* Appends for ever; an id is reported only after work_append() said that it is there. */
static void writer(const char *dir, int report)
{
	struct work *w;
	char id[37];

	if (!work_open(&w, dir, NULL))
		_exit(1);
	for (;;) {
		struct envelope e = {
			.action = &actions.rows[ACT_NOTE], .record = TICKET, .args = args_none};

		e.id = id_new(id);
		e.args.body = "door een moord heen";
		if (!work_append(w, &e, clock_now(), false, NULL) || write(report, id, 36) != 36)
			_exit(1);
	}
}

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, 36);
}

static void a_killed_writer_loses_nothing(void **state)
{
	uint64_t random = fixture_seed();
	char *dir = fixture_dir();
	char *reported = xcalloc(200000, 36);
	size_t count = 0, n;
	struct arena a = {0};
	struct work *w;
	struct outbox_row *rows;
	struct err err = {0};

	for (int round = 0; round < 15; round++) {
		size_t enough = count + fixture_random(&random) % 40;
		int ends[2];
		pid_t pid;

		assert_int_equal(pipe(ends), 0);
		pid = fork();
		if (pid == 0) {
			close(ends[0]);
			writer(dir, ends[1]);
		}
		close(ends[1]);
		while (count < enough && read(ends[0], reported + count * 36, 36) == 36)
			count++;
		/* At whatever it is doing now. */
		for (uint64_t spin = fixture_random(&random) % 300000; spin > 0; spin--)
			__asm__ volatile("");
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		while (count < 200000 && read(ends[0], reported + count * 36, 36) == 36)
			count++;
		close(ends[0]);
	}
	assert_ok(work_open(&w, dir, &err), err);
	assert_ok(work_outbox(w, 0, &rows, &n, &a, &err), err);
	assert_true(n >= count);
	/* One more a round may be there than was told. */
	assert_true(n <= count + 15);
	for (size_t i = 1; i < n; i++)
		assert_true(rows[i - 1].seq < rows[i].seq);
	qsort(reported, count, 36, compare_ids);
	size_t found = 0;
	for (size_t i = 0; i < n; i++)
		found += bsearch(rows[i].envelope.id, reported, count, 36, compare_ids) != NULL;
	assert_int_equal(found, count);
	work_close(w);
	arena_finish(&a);
	free(reported);
	fixture_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_actions_chain),
		cmocka_unit_test(a_note_does_not_hide_anothers_change),
		cmocka_unit_test(a_screen_a_moment_behind_makes_no_conflict),
		cmocka_unit_test(a_conflict_stops_only_its_own_record),
		cmocka_unit_test(what_is_named_is_made_first),
		cmocka_unit_test(taking_back),
		cmocka_unit_test(undoing),
		cmocka_unit_test(the_same_id_is_added_once),
		cmocka_unit_test(what_cannot_be_read_stops_no_other),
		cmocka_unit_test(after_an_update_it_goes_with_its_own_id),
		cmocka_unit_test(a_batch_goes_on_without_it),
		cmocka_unit_test(a_killed_writer_loses_nothing),
	};

	return id_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
