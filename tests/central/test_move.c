/* balied move: every row of every table, between engines and back, killed and gone on with, and the town
 * that it came from untouched to the byte. */
/* Of sqlite3.h: the comparison of two tables. */
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "group.h"
#include <fcntl.h>
#include <sched.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include "balie/err.h"
#include "central_sql.h"
#include "command.h"
#include "move.h"
#include "postgres.h"
#include "town.h"

#define KILLS 8

struct place {
	char dir[64];
	char from[100], to[100], back[100];
};

static void run_sql(const char *db, const char *sql)
{
	sqlite3 *raw;
	char *message = NULL;

	assert_int_equal(sqlite3_open(db, &raw), SQLITE_OK);
	if (sqlite3_exec(raw, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/* What an invented town has none of: files, mails, leftovers of logins, rows that point to younger and
 * older ones of their own table, rows that are the same. */
static const char more[] =
	"UPDATE ticket SET merged_into = (SELECT max(id) FROM ticket) "
	"WHERE id = (SELECT min(id) FROM ticket);"
	"UPDATE ticket SET merged_into = (SELECT min(id) FROM ticket), "
	"links = '[]' "
	"WHERE id = (SELECT id FROM ticket ORDER BY id DESC LIMIT 1 OFFSET 1);"
	"UPDATE party SET merged_into = (SELECT max(id) FROM party) "
	"WHERE id < (SELECT id FROM party ORDER BY id LIMIT 1 OFFSET 1200);"
	"INSERT INTO number_alias SELECT '99' || number, id FROM ticket LIMIT 50;"
	"INSERT INTO ticket_import SELECT 'lijst', 'sleutel' || number, 'x', id FROM ticket LIMIT "
	"900;"
	"INSERT INTO involvement SELECT id, 0, 'concerned', party_id, 'Jan' || char(9) || '\\N' || "
	"char(10) || 'é' FROM ticket LIMIT 3000;"
	"INSERT INTO follow SELECT t.id, a.id FROM ticket t, agent a LIMIT 5000;"
	"INSERT INTO blob SELECT 'hash' || rowid, randomblob(900000) FROM message LIMIT 40;"
	"INSERT INTO blob VALUES ('empty', x''), ('zero', x'00ff0000');"
	"INSERT INTO attachment SELECT 'file' || rowid, id, 0, 'a\"\\b', 'text/plain', 3, 'zero' "
	"FROM message LIMIT 100;"
	"INSERT INTO raw SELECT 'raw' || rowid, id, 'x', randomblob(20000) FROM message LIMIT 300;"
	"INSERT INTO mail_ref SELECT '<' || rowid || '@x>', id, ticket_id FROM message LIMIT 500;"
	"INSERT INTO mail_ledger (id, mailbox, uidvalidity, uid, sha256, outcome, at) "
	"SELECT 1000 + rowid, 'info', 1, rowid, 'x', 'ticket', 1 FROM message LIMIT 400;"
	"INSERT INTO idempotency SELECT 'key' || rowid, 'a', randomblob(32), '{}', rowid "
	"FROM message LIMIT 3000;"
	"INSERT INTO session SELECT randomblob(32), (SELECT min(id) FROM agent), 1, 2 "
	"FROM message LIMIT 2500;"
	"INSERT INTO login_miss SELECT 'name', 'x', rowid / 700 FROM message LIMIT 3000;"
	"INSERT INTO mailbox (id, version, name, active, state, unknown, waiting) "
	"SELECT 'b' || rowid, 1, 'box ' || rowid, 1, 'ok', 0, 0 FROM message LIMIT 150;"
	"INSERT INTO mailbox_place SELECT 'box ' || rowid, 1, 0, rowid, 1, 1 FROM message LIMIT "
	"150;"
	"INSERT INTO mailbox_retry SELECT 'box', 1, rowid, 1, 2, NULL FROM message LIMIT 700;"
	"INSERT INTO mail_out (message_id, mailbox, sender, recipients, state, tries, next_at, "
	"made_at, auto) SELECT id, 'box 1', 'a@x', '[]', 'waiting', 0, 1, 1, 0 FROM message LIMIT "
	"600;"
	"INSERT INTO mail_auto SELECT 'a' || rowid || '@x', rowid % 7, 3 FROM message LIMIT 800;"
	"INSERT INTO upload SELECT sha256, (SELECT min(id) FROM agent), 10, 1 FROM blob;"
	"UPDATE mail_ledger SET uid = NULL, sha256 = 'y' || id WHERE id % 3 = 0;";

static void forget(const char *db)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[140];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", db, ends[i]);
		unlink(path);
	}
}

static int setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	const char *base = getenv("TMPDIR");
	const char *seed[] = {"seed", "--db",	   p->from, "--tickets",
			      "4000", "--parties", "2500",  NULL};

	assert_true(id_init());
	snprintf(p->dir, sizeof(p->dir), "%.40s/move-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->from, sizeof(p->from), "%s/from.db", p->dir);
	snprintf(p->to, sizeof(p->to), "%s/to.db", p->dir);
	snprintf(p->back, sizeof(p->back), "%s/back.db", p->dir);
	assert_int_equal(service_run(seed, NULL, NULL), 0);
	run_sql(p->from, more);
	*state = p;
	return 0;
}

/* The source is for all of them: none may change it. */
static int clean(void **state)
{
	struct place *p = *state;

	forget(p->to);
	forget(p->back);
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	forget(p->from);
	forget(p->to);
	forget(p->back);
	rmdir(p->dir);
	free(p);
	return 0;
}

static void hash_file(const char *path, unsigned char ret[32])
{
	crypto_hash_sha256_state h;
	unsigned char part[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	crypto_hash_sha256_init(&h);
	while ((n = read(fd, part, sizeof(part))) > 0)
		crypto_hash_sha256_update(&h, part, (size_t)n);
	close(fd);
	crypto_hash_sha256_final(&h, ret);
}

/* In a process of its own, which the clock ends after so many microseconds, as kill -9 would: nothing
 * in it looks at that signal. 0: let it come to its end. */
static pid_t begin_move(const char *from, const char *to, long after)
{
	struct settings s = {.from = from, .to = to};
	struct option_list operands = {0};
	struct itimerval timer = {.it_value = {after / 1000000, after % 1000000}};
	struct err err = {0};
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int code;

		if (!freopen("/dev/null", "w", stdout))
			_exit(99);
		setitimer(ITIMER_REAL, &timer, NULL);
		code = command_move(&s, &operands, &err);
		if (code != 0)
			fprintf(stderr, "move: %s\n", err.text);
		_exit(code);
	}
	return pid;
}

/* Gives the exit status, 128 + signal. */
static int end_move(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int move(const char *from, const char *to, long after, int64_t *ret_took)
{
	struct timespec begun, ended;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	status = end_move(begin_move(from, to, after));
	clock_gettime(CLOCK_MONOTONIC, &ended);
	if (ret_took)
		*ret_took = (ended.tv_sec - begun.tv_sec) * 1000000 +
			    (ended.tv_nsec - begun.tv_nsec) / 1000;
	return status;
}

static const char *table_name(int i)
{
	return town_schema()
		       ->dialects[STORE_SQLITE]
		       .statements[CENTRAL_SQL_MOVE_ADD_META + i]
		       .name +
	       strlen("move_add_");
}
#define TABLES (CENTRAL_SQL_MOVE_ADD_LOGIN_MISS - CENTRAL_SQL_MOVE_ADD_META + 1)

/* The number of the first row; text (NULL: none) is its parameter. */
static int64_t ask(sqlite3 *raw, const char *sql, const char *text)
{
	sqlite3_stmt *stmt;
	int64_t ret;

	if (sqlite3_prepare_v2(raw, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(raw));
	if (text)
		sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	ret = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return ret;
}

static void columns_moved(int table, struct buf *ret)
{
	const char *sql = town_schema()
				  ->dialects[STORE_SQLITE]
				  .statements[CENTRAL_SQL_MOVE_ADD_META + table]
				  .sql;
	const char *from = strchr(sql, '('), *end = strchr(from, ')');

	for (const char *s = from + 1; s < end; s++)
		if (*s != ' ' && *s != '\n')
			buf_add_char(ret, *s);
}

/* What a changeset from one to the other would hold: by SQLite itself, and for all columns. */
static void assert_alike(sqlite3 *raw, const char *name)
{
	sqlite3_session *session;
	char *words = NULL;

	assert_int_equal(sqlite3session_create(raw, "main", &session), SQLITE_OK);
	assert_int_equal(sqlite3session_attach(session, name), SQLITE_OK);
	if (sqlite3session_diff(session, "other", name, &words) != SQLITE_OK)
		fail_msg("%s: %s", name, words);
	if (!sqlite3session_isempty(session))
		fail_msg("%s differs", name);
	sqlite3session_delete(session);
}

/* Their own number is each database's own. */
static void assert_same_words(sqlite3 *raw)
{
	static const char ours[] =
		"SELECT count(*) FROM (SELECT party_id, words, facts FROM main.party_words EXCEPT "
		"SELECT party_id, words, facts FROM other.party_words)";
	static const char theirs[] =
		"SELECT count(*) FROM (SELECT party_id, words, facts FROM other.party_words EXCEPT "
		"SELECT party_id, words, facts FROM main.party_words)";

	assert_int_equal(ask(raw, ours, NULL), 0);
	assert_int_equal(ask(raw, theirs, NULL), 0);
}

/* Not by the checksums of move itself. */
static void assert_same(const char *one, const char *two)
{
	static const char filled[] = "SELECT sum(ncell) FROM dbstat WHERE name = ?1";
	sqlite3_stmt *attach;
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(one, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(raw, "ATTACH ?1 AS other", -1, &attach, NULL),
			 SQLITE_OK);
	sqlite3_bind_text(attach, 1, two, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(attach), SQLITE_DONE);
	sqlite3_finalize(attach);
	for (int i = 0; i < TABLES; i++) {
		if (ask(raw, filled, table_name(i)) == 0)
			fail_msg("%s is empty: nothing is tried with it", table_name(i));
		if (strcmp(table_name(i), "party_words") == 0)
			assert_same_words(raw);
		else
			assert_alike(raw, table_name(i));
	}
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/* ---- the list ---- */

static void columns_of(sqlite3 *raw, const char *table, struct buf *ret)
{
	/* hidden: 2 and 3 are generated. The words' own number is each database's own. */
	static const char sql[] = "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0 AND "
				  "(name <> 'id' OR ?1 <> 'party_words')";
	sqlite3_stmt *stmt;

	assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &stmt, NULL), SQLITE_OK);
	sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		buf_printf(ret, ret->len > 0 ? ",%s" : "%s",
			   (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
}

static void test_every_table_and_column_is_moved(void **state)
{
	/* lease: who does what at this moment; it ends by itself. party_search: made by party_words. */
	static const char list[] =
		"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
		"AND name NOT LIKE 'party_search%' AND name <> 'lease' ORDER BY rowid";
	const struct store_text *texts = town_schema()->dialects[STORE_SQLITE].statements;
	struct place *p = *state;
	sqlite3 *raw;
	sqlite3_stmt *stmt;
	int found = 0;

	assert_int_equal(sqlite3_open(p->from, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(raw, list, -1, &stmt, NULL), SQLITE_OK);
	for (; sqlite3_step(stmt) == SQLITE_ROW; found++) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		struct buf is = {0}, moved = {0};
		int i = 0;

		while (i < TABLES && strcmp(table_name(i), name) != 0)
			i++;
		if (i == TABLES)
			fail_msg("%s does not move", name);
		assert_string_equal(texts[CENTRAL_SQL_MOVE_FIRST_META + 3 * i].name + 11, name);
		columns_of(raw, name, &is);
		columns_moved(i, &moved);
		assert_string_equal(is.data, moved.data);
		buf_finish(&is);
		buf_finish(&moved);
	}
	assert_int_equal(found, TABLES);
	sqlite3_finalize(stmt);
	sqlite3_close(raw);
}

/* ---- moving ---- */

/* Killed at moments all over it, then let go on. */
static void move_with_kills(const char *from, const char *to, int64_t took)
{
	int killed = 0, status = 128;

	srandom(20261124);
	for (int i = 0; i < KILLS && status != 0; i++) {
		status = move(from, to, 1000 + random() % (long)(took / 3), NULL);
		assert_true(status == 0 || status == 128 + SIGALRM);
		killed += status != 0;
	}
	assert_true(killed > 0);
	if (status != 0)
		assert_int_equal(move(from, to, 0, NULL), 0);
}

static void test_file_to_file(void **state)
{
	struct place *p = *state;
	unsigned char before[32], after[32];
	int64_t took;

	hash_file(p->from, before);
	assert_int_equal(move(p->from, p->back, 0, &took), 0);
	assert_same(p->from, p->back);
	move_with_kills(p->from, p->to, took);
	assert_same(p->from, p->to);
	hash_file(p->from, after);
	assert_memory_equal(before, after, 32);
	/* Once more is refused, whichever it is. */
	assert_int_equal(move(p->from, p->to, 0, NULL), 1);
	assert_int_equal(move(p->from, p->from, 0, NULL), 1);
}

/* The ledger gives numbers behind those that came along. */
static void add_to_ledger(const char *url)
{
	struct mail_entry e = {.mailbox = "later", .uid = 1, .sha256 = "z", .outcome = "ticket"};
	struct town t = {0};
	struct err err = {0};

	if (!town_open(&t, url, 0, &err) || !town_begin(&t, &err) || !ledger_add(&t, &e, &err))
		fail_msg("%s", err.text);
	town_rollback(&t);
	town_close(&t);
}

static void test_to_postgres_and_back(void **state)
{
	struct place *p = *state;
	const char *check[] = {"check", "--db", NULL, NULL};
	char url[POSTGRES_URL], second[POSTGRES_URL];
	unsigned char before[32], after[32];
	int64_t took;

	hash_file(p->from, before);
	postgres_database(url);
	postgres_database(second);
	assert_int_equal(move(p->from, second, 0, &took), 0);
	move_with_kills(p->from, url, took);
	add_to_ledger(url);
	assert_int_equal(move(url, p->back, 0, &took), 0);
	assert_same(p->from, p->back);
	forget(p->back);
	move_with_kills(second, p->back, took);
	assert_same(p->from, p->back);
	hash_file(p->from, after);
	assert_memory_equal(before, after, 32);
	check[2] = url;
	/* What this test wrote in is no work of an action. */
	assert_int_equal(service_run(check, NULL, NULL), 1);
}

static void test_half_a_town_is_refused(void **state)
{
	struct place *p = *state;
	struct town t = {0};
	struct err err = {0};

	assert_int_equal(move(p->from, p->to, 0, NULL), 0);
	run_sql(p->to, "DELETE FROM login_miss; DELETE FROM session WHERE token_hash > x'80';"
		       "INSERT INTO meta SELECT 'moving', value || ' ' || "
		       "(SELECT max(seq) FROM journal) FROM meta WHERE key = 'epoch'");
	assert_false(town_open(&t, p->to, 0, &err));
	assert_int_equal(err.kind, ERR_BUSY);
	assert_non_null(strstr(err.text, "has not come to its end"));
	assert_false(town_open(&t, p->to, STORE_READONLY, &err));
	/* Neither can it move on itself, but what was begun can come to its end. */
	assert_int_equal(move(p->to, p->back, 0, NULL), 1);
	assert_int_equal(move(p->from, p->to, 0, NULL), 0);
	assert_same(p->from, p->to);
	assert_true(town_open(&t, p->to, STORE_READONLY, &err));
	town_close(&t);
}

static void test_what_changed_since_is_refused(void **state)
{
	struct place *p = *state;
	const char *init[] = {"init", "--db", p->back, NULL};

	assert_int_equal(move(p->from, p->to, 0, NULL), 0);
	run_sql(p->to, "INSERT INTO meta SELECT 'moving', value || ' 1' FROM meta "
		       "WHERE key = 'epoch'");
	assert_int_equal(move(p->from, p->to, 0, NULL), 1);
	/* A difference that only the checksum sees. */
	run_sql(p->to, "UPDATE meta SET value = (SELECT value FROM meta WHERE key = 'epoch') || "
		       "' ' || (SELECT max(seq) FROM journal) WHERE key = 'moving';"
		       "UPDATE message SET body = body || '!' WHERE id = (SELECT min(id) FROM "
		       "message)");
	assert_int_equal(move(p->from, p->to, 0, NULL), 1);
	/* A town that was only made is empty enough; one with something in it is not. */
	assert_int_equal(service_run(init, NULL, NULL), 0);
	assert_int_equal(move(p->from, p->back, 0, NULL), 0);
	forget(p->back);
	assert_int_equal(service_run(init, NULL, NULL), 0);
	run_sql(p->back, "INSERT INTO counter VALUES ('x', 1)");
	assert_int_equal(move(p->from, p->back, 0, NULL), 1);
}

/* Whether a move there has committed its mark, and so reads its source in one snapshot. */
static bool has_begun(const char *db)
{
	static const char sql[] = "SELECT 1 FROM meta WHERE key = 'moving'";
	sqlite3_stmt *stmt = NULL;
	sqlite3 *raw;
	bool ret = sqlite3_open_v2(db, &raw, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
		   sqlite3_prepare_v2(raw, sql, -1, &stmt, NULL) == SQLITE_OK &&
		   sqlite3_step(stmt) == SQLITE_ROW;

	sqlite3_finalize(stmt);
	sqlite3_close(raw);
	return ret;
}

/* By a service that nobody stopped. */
static void test_a_change_meanwhile_is_refused(void **state)
{
	struct place *p = *state;
	struct town t = {0};
	struct err err = {0};
	pid_t pid = begin_move(p->from, p->to, 0);

	while (!has_begun(p->to))
		sched_yield();
	assert_int_equal(kill(pid, SIGSTOP), 0);
	run_sql(p->from,
		"INSERT INTO journal (seq, operation, action, type, record_id, version, at, op, "
		"payload_hash, chain_hash) SELECT max(seq) + 1, 'x', 'note', 'note', 'x', 1, 1, "
		"'put', x'00', x'00' FROM journal");
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_int_equal(end_move(pid), 1);
	/* Nobody can take it for a town, and no move goes on with it. */
	assert_false(town_open(&t, p->to, 0, &err));
	assert_non_null(strstr(err.text, "has not come to its end"));
	assert_int_equal(move(p->from, p->to, 0, NULL), 1);
	run_sql(p->from, "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)");
}

/* Tens of megabytes each may they be: no page, not even the first, may have many of them. */
static void test_large_rows_come_a_few_at_a_time(void **state)
{
	static const char *const tables[] = {"blob", "raw"};
	struct place *p = *state;
	struct store *st = NULL;
	struct err err = {0};

	assert_true(store_open(&st, p->from, town_schema(), STORE_READONLY, &err));
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct move_pages pages;
		int table = 0, rows = 0;

		while (strcmp(move_table(table), tables[i]) != 0)
			table++;
		move_pages_begin(&pages, st, table);
		while (move_pages_next(&pages, &err) == STORE_ROW) {
			assert_true(pages.limit <= (rows == 0 ? 1 : 4));
			rows++;
		}
		assert_true(rows > 40);
		move_pages_end(&pages);
	}
	store_close(st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_every_table_and_column_is_moved, clean),
		cmocka_unit_test_teardown(test_file_to_file, clean),
		cmocka_unit_test_teardown(test_half_a_town_is_refused, clean),
		cmocka_unit_test_teardown(test_what_changed_since_is_refused, clean),
		cmocka_unit_test_teardown(test_a_change_meanwhile_is_refused, clean),
		cmocka_unit_test_teardown(test_large_rows_come_a_few_at_a_time, clean),
		cmocka_unit_test_teardown(test_to_postgres_and_back, clean),
	};

	store_know_postgres();
	return cmocka_run_group_tests(tests, setup, teardown);
}
