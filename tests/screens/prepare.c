/* What was there before: in the outbox, in the drafts. */
#include "scenarios.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "balie/clock.h"
#include "balie/id.h"

static struct ticket first_ticket(char id[37])
{
	return (struct ticket){.id = town_id('k', 1, id), .version = 4};
}

static void append(struct work *w, int action, const struct ticket *t, struct args args, int number)
{
	struct err err = {0};
	struct envelope e = {.action = &actions.rows[action],
			     .record = t->id,
			     .base_version = t->version,
			     .args = args};
	char id[37];
	int64_t now;

	clock_from_rfc3339(TOWN_NOW, &now);
	e.id = town_id('e', number, id);
	assert_true(work_append(w, &e, now - 60000, false, &err));
}

/* I corrected a name and a phone; a colleague corrected the phone otherwise. */
void prepare_party_conflict(const char *dir_work)
{
	struct work *w = town_work(dir_work);
	char id[37], envelope[37];
	struct envelope e = {.action = &actions.rows[ACT_PARTY_CHANGE],
			     .record = town_id('p', 1, id),
			     .base_version = 1,
			     .args = args_none};
	struct ticket about = {.subject = "Vandenbroeck, Lieselot"};
	struct err err = {0};
	struct outbox_row *rows;
	struct arena a = {0};
	size_t count;
	int64_t now;
	char *theirs = xasprintf("{\"id\":\"%s\",\"version\":2,\"name\":\"Van den Broeck, "
				 "Lieselot\",\"language\":null,\"phones\":[{\"value\":"
				 "\"+32471999999\",\"raw\":\"0471 99 99 99\"}]}",
				 id);

	clock_from_rfc3339(TOWN_NOW, &now);
	e.id = town_id('e', 1, envelope);
	e.args.name = "Vandenbroeck, Lieselot";
	e.args.phones = "[{\"value\":\"+32471111111\",\"raw\":\"0471 11 11 11\"}]";
	assert_true(work_append_about(w, &e, &about, now - 60000, false, &err));
	assert_true(work_outbox(w, 0, &rows, &count, &a, &err));
	assert_true(work_set_conflict(w, rows[0].seq, theirs, "somebody else was first", &err));
	work_close(w);
	arena_finish(&a);
	free(theirs);
}

/* I closed it; the service answers that Jan handed it over meanwhile. */
void prepare_conflict(const char *dir_work)
{
	struct work *w = town_work(dir_work);
	struct args args = args_none;
	struct err err = {0};
	struct outbox_row *rows;
	struct arena a = {0};
	size_t count;
	char id[37], team[37];
	struct ticket t = first_ticket(id);
	char *theirs = xasprintf("{\"id\":\"%s\",\"version\":5,\"state\":\"answered\","
				 "\"team_id\":\"%s\"}",
				 id, town_id('t', TOWN_TEAM_DESK, team));

	args.state = STATE_CLOSED;
	append(w, ACT_STATE, &t, args, 1);
	assert_true(work_outbox(w, 0, &rows, &count, &a, &err));
	assert_true(work_set_conflict(w, rows[0].seq, theirs, "somebody else was first", &err));
	work_close(w);
	arena_finish(&a);
	free(theirs);
}

void prepare_outbox(const char *dir_work)
{
	struct work *w = town_work(dir_work);
	struct args note = args_none, state = args_none;
	struct err err = {0};
	struct outbox_row *rows;
	struct arena a = {0};
	size_t count;
	char id[37], draft_id[37];
	struct ticket t = first_ticket(id);
	struct draft draft = {.ticket_id = id,
			      .kind = "answer",
			      .body = "Beste mevrouw,\nWij",
			      .envelope_id = town_id('e', 9, draft_id)};

	clock_from_rfc3339(TOWN_NOW, &draft.at);
	note.body = "Ploeg gebeld, komt morgen.";
	append(w, ACT_NOTE, &t, note, 1);
	state.state = STATE_CLOSED;
	append(w, ACT_STATE, &t, state, 2);
	assert_true(work_outbox(w, 0, &rows, &count, &a, &err));
	assert_true(work_set_refused(w, rows[1].seq, "you may not close this ticket", &err));
	assert_true(work_put_draft(w, &draft, &err));
	work_close(w);
	arena_finish(&a);
}

/* The first of two was made by a program that is newer than this one. */
void prepare_unreadable(const char *dir_work)
{
	struct work *w = town_work(dir_work);
	struct args note = args_none;
	struct outbox_row *rows;
	struct err err = {0};
	struct arena a = {0};
	char id[37], other[37];
	struct ticket t = first_ticket(id),
		      second = {.id = town_id('k', 9999, other), .version = 4};
	char *path = xasprintf("%s/work.db", dir_work);
	sqlite3 *db;
	size_t count;

	note.body = "Ploeg gebeld, komt morgen.";
	append(w, ACT_NOTE, &t, note, 1);
	append(w, ACT_NOTE, &second, note, 2);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "UPDATE outbox SET envelope = '{\"action\":\"teleport\"}'"
				      " WHERE seq = (SELECT min(seq) FROM outbox)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_true(work_next(w, 10, &rows, &count, &a, &err));
	assert_int_equal(count, 1);
	work_close(w);
	arena_finish(&a);
	free(path);
}

/* An answer went out, and the ticket is no longer on the desk. */
void prepare_left(const char *dir_work)
{
	struct work *w = town_work(dir_work);
	char id[37], ticket_id[37];
	struct ticket t = {.id = town_id('k', 9999, ticket_id),
			   .version = 4,
			   .number = "26-000777-51",
			   .subject = "Slagboom blijft open staan"};
	struct envelope e = {.action = &actions.rows[ACT_ANSWER],
			     .id = town_id('e', 1, id),
			     .record = t.id,
			     .args = args_none};
	struct outbox_row *rows;
	struct err err = {0};
	struct arena a = {0};
	size_t count;
	int64_t now;

	clock_from_rfc3339(TOWN_NOW, &now);
	e.args.to = "karel@example.org";
	e.args.body = "Beste meneer,\n\nDe slagboom is hersteld.";
	assert_true(work_append_about(w, &e, &t, now - 60000, false, &err));
	assert_true(work_outbox(w, 0, &rows, &count, &a, &err));
	assert_true(work_set_done(w, rows[0].seq, 5, &err));
	work_close(w);
	arena_finish(&a);
}
