/* balied check: what is there and what the journal says are the same, and each way of changing one
 * behind the other's back is found and said in a sentence. */
#include "group.h"
#include <sqlite3.h>
#include "balie/err.h"
#include "command.h"

struct place {
	struct service service;
	char whole[160], copy[160];
};

static int setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	const char *seed[] = {"seed", "--db", p->whole, "--size", "small", NULL};

	service_make(&p->service);
	snprintf(p->whole, sizeof(p->whole), "%s/whole.db", p->service.dir);
	snprintf(p->copy, sizeof(p->copy), "%s/copy.db", p->service.dir);
	assert_int_equal(service_run(seed, NULL, NULL), 0);
	*state = p;
	return 0;
}

static void forget(const char *db)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[200];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", db, ends[i]);
		unlink(path);
	}
}

static int teardown(void **state)
{
	struct place *p = *state;

	forget(p->whole);
	forget(p->copy);
	service_remove(&p->service);
	free(p);
	return 0;
}

static int check(const char *db, struct err *err)
{
	struct settings s = {.db = db};
	struct option_list operands = {0};

	memset(err, 0, sizeof(*err));
	return command_check(&s, &operands, err);
}

static void make_copy(struct place *p, const char *from)
{
	const char *args[] = {"backup", p->copy, "--db", from, "--replace", NULL};

	forget(p->copy);
	assert_int_equal(service_run(args, NULL, NULL), 0);
}

/* As somebody with the file and a program could. */
static void tamper(const char *db, const char *sql)
{
	sqlite3 *raw;
	char *message = NULL;

	assert_int_equal(sqlite3_open(db, &raw), SQLITE_OK);
	if (sqlite3_exec(raw, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	assert_int_equal(sqlite3_changes(raw), 1);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static void test_seeded_town_is_well(void **state)
{
	struct place *p = *state;
	struct err err;

	if (check(p->whole, &err) != 0)
		fail_msg("%s", err.text);
}

#define LAST_WITH(field) \
	"(SELECT record_id FROM journal WHERE type = 'ticket' AND after LIKE '%\"" field \
	"\"%' ORDER BY seq DESC LIMIT 1)"

static void test_each_change_is_found(void **state)
{
	static const struct {
		const char *sql, *says;
	} rows[] = {
		{"UPDATE ticket SET state = 'inadmissible' WHERE id = " LAST_WITH("state"),
		 "its state is \"inadmissible\", but the journal says"},
		{"UPDATE ticket SET team_id = (SELECT id FROM team WHERE id <> ticket.team_id) "
		 "WHERE id = " LAST_WITH("team_id"),
		 "its team_id is \""},
		{"UPDATE ticket SET agent_id = NULL WHERE id = " LAST_WITH("agent_id"),
		 "its agent_id is null, but the journal says \""},
		{"UPDATE ticket SET answered_at = answered_at + 1 WHERE id = " LAST_WITH(
			 "answered_at"),
		 "its answered_at is"},
		{"UPDATE ticket SET is_open = 1 - is_open WHERE id = (SELECT min(id) FROM ticket)",
		 "is kept among the open ones or the others"},
		{"UPDATE ticket SET version = version + 1 "
		 "WHERE id = (SELECT max(id) FROM ticket)",
		 "but the journal left it at"},
		{"UPDATE message SET version = 9000000000000000000 "
		 "WHERE id = (SELECT min(id) FROM message)",
		 "is of version 9000000000000000000, but the journal left it at 1"},
		{"UPDATE party SET version = 2 WHERE id = (SELECT min(id) FROM party)",
		 "is of version 2, but the journal left it at 1"},
		{"DELETE FROM note WHERE id = (SELECT min(id) FROM note)",
		 "is in the journal, but it is gone"},
		{"INSERT INTO note (id, version, ticket_id, body, created_at) "
		 "SELECT 'made-up', 1, min(id), 'x', 1 FROM ticket",
		 "note made-up is there, but not in the journal"},
		{"UPDATE note SET removed = 1 WHERE id = (SELECT min(id) FROM note)",
		 "was taken back, or not"},
		{"INSERT INTO follow SELECT min(t.id), min(a.id) FROM ticket t, agent a",
		 "who follows which ticket (1) is not what the journal says (0)"},
		{"DELETE FROM journal WHERE seq = 100", "the journal misses row 100"},
		{"DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)", "the journal"},
		{"UPDATE journal SET after = '{}' "
		 "WHERE seq = (SELECT min(seq) FROM journal WHERE after IS NOT NULL)",
		 "of the journal was changed"},
		{"UPDATE journal SET at = at + 1 WHERE seq = 50",
		 "the chain of the journal breaks at row 50"},
		{"UPDATE ticket SET party_id = 'nobody' WHERE id = (SELECT min(id) FROM ticket)",
		 "a row of ticket points to a row of party that is gone"},
		{"UPDATE agent SET team_id = 'nowhere' WHERE id = (SELECT min(id) FROM agent)",
		 "a row of agent points to a row of team that is gone"},
	};
	struct place *p = *state;
	struct err err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_copy(p, p->whole);
		tamper(p->copy, rows[i].sql);
		if (check(p->copy, &err) != 1 || err.kind != ERR_CORRUPT ||
		    strstr(err.text, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].sql, err.text);
	}
}

/* What erasure does to the journal is no fault. */
static void test_blanked_row_is_no_fault(void **state)
{
	struct place *p = *state;
	struct err err;

	make_copy(p, p->whole);
	tamper(p->copy, "UPDATE journal SET before = NULL, after = NULL "
			"WHERE seq = (SELECT min(seq) FROM journal WHERE after IS NOT NULL)");
	if (check(p->copy, &err) != 0)
		fail_msg("%s", err.text);
}

static void act(struct service *s, const char *token, const char *action, const char *ticket,
		int64_t base, const char *more, char id[37])
{
	struct http h;

	service_act(s, token, action, ticket, base, more, id, &h);
	if (h.status != 200)
		fail_msg("%s: %s", action, h.body);
	http_free(&h);
}

static void undo(struct service *s, const char *token, const char *ticket, const char *operation)
{
	char more[80], id[37];

	snprintf(more, sizeof(more), "\"operation\":\"%s\"", operation);
	act(s, token, "undo", ticket, 0, more, id);
}

#define BLANK \
	"UPDATE journal SET before = NULL, after = NULL " \
	"WHERE (before IS NOT NULL OR after IS NOT NULL) AND "

/* Blanks rows of the journal, of which there must be some. */
static void blank(struct place *p, const char *sql)
{
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(p->copy, &raw), SQLITE_OK);
	if (sqlite3_exec(raw, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(raw));
	if (sqlite3_changes(raw) == 0)
		fail_msg("%s: there is no such row", sql);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/* Of each sort of row alone, and of all of them: the law may ask for any. */
static void check_blanked(struct place *p)
{
	static const char *const sorts[] = {
		BLANK "action = 'follow'",
		BLANK "action = 'unfollow'",
		BLANK "action = 'undo' AND after LIKE '{\"followed\":false}'",
		BLANK "action = 'undo' AND after LIKE '{\"followed\":true}'",
		BLANK "action = 'undo' AND after LIKE '%\"subject\"%'",
		BLANK "action IN ('follow', 'unfollow', 'undo')",
		BLANK "action = 'priority'",
		BLANK "type = 'ticket'",
		BLANK "1",
	};
	struct err err;

	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		make_copy(p, p->service.db);
		blank(p, sorts[i]);
		if (check(p->copy, &err) != 0)
			fail_msg("%s: %s", sorts[i], err.text);
		/* And what is not as it was is still found. */
		tamper(p->copy, "DELETE FROM follow WHERE (ticket_id, agent_id) = (SELECT "
				"ticket_id, agent_id FROM follow LIMIT 1)");
		assert_int_equal(check(p->copy, &err), 1);
		assert_non_null(strstr(err.text, "who follows which ticket (1) is not what the "
						 "journal says (2)"));
	}
}

/* Everything that agents do leaves both sides alike: also while the service runs. */
static void test_used_town_is_well(void **state)
{
	struct place *p = *state;
	struct service *s = &p->service;
	struct err err;
	char ticket[37], id[37];
	char *an, *bob;

	service_start(s, NULL);
	an = service_login(s, "an");
	bob = service_login(s, "bob");
	service_ticket(s, an, "Put in de weg", ticket);
	act(s, an, "priority", ticket, 1, "\"priority\":\"high\"", id);
	act(s, an, "subject", ticket, 2, "\"subject\":\"Een \\\"put\\\", {diep}\"", id);
	undo(s, an, ticket, id);
	act(s, an, "follow", ticket, 0, NULL, id);
	act(s, bob, "follow", ticket, 0, NULL, id);
	undo(s, bob, ticket, id);
	act(s, an, "note", ticket, 0, "\"body\":\"Voor ons\"", id);
	undo(s, an, ticket, id);
	act(s, an, "note", ticket, 0, "\"body\":\"Nog eens \\\"ons\\\", {[\"", id);
	act(s, an, "answer", ticket, 0, "\"body\":\"Dank u\"", id);
	undo(s, an, ticket, id);
	act(s, an, "unfollow", ticket, 0, NULL, id);
	act(s, an, "follow", ticket, 0, NULL, id);
	act(s, bob, "follow", ticket, 0, NULL, id);
	act(s, bob, "unfollow", ticket, 0, NULL, id);
	undo(s, bob, ticket, id);
	if (check(s->db, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(service_stop(s, SIGTERM), 0);
	if (check(s->db, &err) != 0)
		fail_msg("%s", err.text);
	check_blanked(p);
	tamper(s->db, "UPDATE message SET removed = 0 WHERE removed = 1");
	assert_int_equal(check(s->db, &err), 1);
	assert_non_null(strstr(err.text, "was taken back, or not"));
	tamper(s->db, "UPDATE message SET removed = 1 "
		      "WHERE id = (SELECT record_id FROM journal WHERE op = 'gone' AND "
		      "type = 'message')");
	tamper(s->db, "DELETE FROM follow WHERE agent_id = (SELECT id FROM agent WHERE name = "
		      "'bob')");
	tamper(s->db, "DELETE FROM follow");
	assert_int_equal(check(s->db, &err), 1);
	assert_non_null(strstr(err.text, "who follows which ticket (0)"));
	free(an);
	free(bob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_seeded_town_is_well, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_change_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_blanked_row_is_no_fault, setup, teardown),
		cmocka_unit_test_setup_teardown(test_used_town_is_well, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
