/* Mail into a town: who may follow up, what is seen twice, and a run that is killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sqlite3.h>
#include "../../src/central/command.h"
#include "../../src/central/mail/mail.h"
#include "balie/config.h"
#include "postgres.h"

#define MAILS 60

static struct town town;
static char folder[] = "/tmp/balie-mail-XXXXXX";
static char path[POSTGRES_URL];
static const struct mail_source source = {.mailbox = "test", .now = INT64_C(1795500000000)};

static struct mail_outcome take(const char *raw)
{
	struct mail_outcome ret;
	struct err err = {0};

	assert_true(town_begin(&town, &err));
	if (!mail_take(&town, &source, raw, strlen(raw), &ret, &err))
		fail_msg("%s", err.text);
	assert_true(town_commit(&town, &err));
	return ret;
}

static void a_stranger_with_a_number_is_suspected(void **state)
{
	struct mail_outcome first, out;
	char raw[500];

	first = take("From: An <an@a.example>\nSubject: Put\nMessage-ID: <p1@a.example>\n\nEr is "
		     "een put.\n");
	assert_int_equal(first.result, MAIL_TICKET);
	out = take("From: An <an@a.example>\nSubject: Put\nMessage-ID: <p1@a.example>\n\nEr is een "
		   "put.\n");
	assert_int_equal(out.result, MAIL_SEEN);
	snprintf(raw, sizeof(raw),
		 "From: Eva <eva@b.example>\nSubject: Betr: [%s]\n\nMag ik meelezen?\n",
		 first.number);
	out = take(raw);
	assert_int_equal(out.result, MAIL_SUSPECTED);
	assert_string_equal(out.ticket_id, first.ticket_id);
	/* Having been suspected makes nobody a participant. */
	snprintf(raw, sizeof(raw), "From: Eva <eva@b.example>\nSubject: %s nog eens\n\nHallo?\n",
		 first.number);
	assert_int_equal(take(raw).result, MAIL_SUSPECTED);
	snprintf(raw, sizeof(raw), "From: An <an@a.example>\nSubject: Antw: %s\n\nNog erger nu.\n",
		 first.number);
	out = take(raw);
	assert_int_equal(out.result, MAIL_FOLLOW_UP);
	assert_string_equal(out.ticket_id, first.ticket_id);
	out = take("From: An <an@a.example>\nSubject: Re: Put\nIn-Reply-To: "
		   "<p1@a.example>\n\nDank.\n");
	assert_int_equal(out.result, MAIL_FOLLOW_UP);
	out = take("From: Piet <p@c.example>\nSubject: 26-004217-68\n\nx\n");
	assert_int_equal(out.result, MAIL_TICKET);
	assert_non_null(strstr(out.reason, "26-004217-68"));
	out = take("From: MAILER-DAEMON@x.example\nSubject: failure notice\n\nNiet bezorgd.\n");
	assert_int_equal(out.result, MAIL_BOUNCE);
}

/* Takes all messages, each in its own transaction, and writes a byte after each to told. */
static void run_all(int told)
{
	struct town own = {0};
	struct mail_outcome out;
	char raw[200];

	if (!town_open(&own, path, 0, NULL))
		_exit(2);
	for (int i = 0; i < MAILS; i++) {
		snprintf(raw, sizeof(raw), "From: k%d@k.example\nSubject: kill %d\n\nTekst %d\n", i,
			 i, i);
		if (!town_begin(&own, NULL) ||
		    !mail_take(&own, &source, raw, strlen(raw), &out, NULL) ||
		    !town_commit(&own, NULL))
			_exit(3);
		if (told >= 0 && write(told, "", 1) != 1)
			_exit(4);
	}
	town_close(&own);
}

static int64_t last_seq(void)
{
	int64_t ret = 0;

	assert_true(town_last_seq(&town, &ret, NULL));
	return ret;
}

/* Each mail of a stranger makes four rows: party, ticket, contact, message. */
static void a_killed_run_loses_and_doubles_nothing(void **state)
{
	int64_t before = last_seq();
	int killed = 0;

	for (int i = 1; i <= 20; i++) {
		int told[2], status = -1;
		pid_t pid;
		char c;

		assert_int_equal(pipe(told), 0);
		pid = fork();
		if (pid == 0) {
			run_all(told[1]);
			_exit(0);
		}
		close(told[1]);
		/* Once that many are in: wherever it is then in the next one. */
		for (int n = 0; n < i; n++)
			assert_int_equal(read(told[0], &c, 1), 1);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		close(told[0]);
		killed += WIFSIGNALED(status);
		assert_true(last_seq() - before >= i * 4);
		assert_int_equal((last_seq() - before) % 4, 0);
	}
	assert_true(killed > 0);
	run_all(-1);
	assert_int_equal(last_seq() - before, MAILS * 4);
}

/* Runs SQL of the test's own, past the store. */
static void run_sql(const char *sql)
{
	sqlite3 *raw;

	if (postgres_wanted()) {
		free(postgres_run(path, sql));
		return;
	}
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	if (sqlite3_exec(raw, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(raw));
	sqlite3_close(raw);
}

static const char *mail_path(int i)
{
	static char ret[100];

	snprintf(ret, sizeof(ret), "%s/%d.eml", folder, i);
	return ret;
}

static int import(struct err *err)
{
	const char *items[] = {"mail", folder};
	struct settings s = {.db = path};
	struct option_list operands = {items, 2};
	int ret;

	memset(err, 0, sizeof(*err));
	/* The command begins and ends this itself. */
	mail_finish();
	ret = command_import(&s, &operands, err);
	mail_init();
	return ret;
}

/* A mail that the database refuses ends an import; those before it are in, and nothing of itself. */
static void what_came_before_a_failure_stays(void **state)
{
	int64_t before = last_seq();
	struct err err;

	for (int i = 0; i < 15; i++) {
		FILE *f = fopen(mail_path(i), "w");

		assert_non_null(f);
		fprintf(f, "From: f%d@f.example\nSubject: fail %d\n\nTekst %d\n", i, i, i);
		assert_int_equal(fclose(f), 0);
	}
	run_sql(postgres_wanted()
			? "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
			  "IF (SELECT count(*) FROM message WHERE subject LIKE 'fail %') >= 13 "
			  "THEN "
			  "RAISE 'never more'; END IF; RETURN new; END $$;"
			  "CREATE TRIGGER no BEFORE INSERT ON message FOR EACH ROW EXECUTE "
			  "FUNCTION no()"
			: "CREATE TRIGGER no BEFORE INSERT ON message WHEN (SELECT count(*) FROM "
			  "message WHERE subject LIKE 'fail %') >= 13 BEGIN SELECT raise(ABORT, "
			  "'never more'); END");
	assert_int_equal(import(&err), 1);
	assert_non_null(strstr(err.text, "never more"));
	assert_int_equal(last_seq() - before, 13 * 4);
	run_sql(postgres_wanted() ? "DROP TRIGGER no ON message" : "DROP TRIGGER no");
	assert_int_equal(import(&err), 0);
	assert_int_equal(last_seq() - before, 15 * 4);
	for (int i = 0; i < 15; i++)
		unlink(mail_path(i));
}

static int64_t files_there, files_told;

static int count_file(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	files_there += type != FTW_D;
	return 0;
}

static bool take_found(void *user, const struct mail_found *found, struct err *err)
{
	struct mail_outcome out;
	bool ok = true;

	files_told++;
	if (found->refused != NULL)
		return true;
	ok = town_begin(&town, err) &&
	     mail_take(&town, &source, found->raw, found->len, &out, err) &&
	     town_commit(&town, err);
	return ok;
}

/* Mail of the real world, when there is some: no file is passed over, a second run adds nothing. */
static void every_file_is_accounted_for(void **state)
{
	const char *corpus = env_get("BALIE_CORPUS");
	struct err err = {0};
	int64_t seq;

	if (corpus == NULL)
		skip();
	assert_int_equal(nftw(corpus, count_file, 32, FTW_PHYS), 0);
	if (!mail_read_path(corpus, take_found, NULL, &err))
		fail_msg("%s", err.text);
	assert_int_equal(files_told, files_there);
	seq = last_seq();
	assert_true(mail_read_path(corpus, take_found, NULL, &err));
	assert_int_equal(last_seq(), seq);
}

static int setup(void **state)
{
	id_init();
	mail_init();
	store_know_postgres();
	if (mkdtemp(folder) == NULL)
		return -1;
	if (postgres_wanted())
		postgres_database(path);
	else
		snprintf(path, sizeof(path), "%s/t.db", folder);
	return town_open(&town, path, STORE_CREATE | STORE_PREPARE, NULL) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char name[POSTGRES_URL + 10];

	town_close(&town);
	mail_finish();
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	rmdir(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stranger_with_a_number_is_suspected),
		cmocka_unit_test(a_killed_run_loses_and_doubles_nothing),
		cmocka_unit_test(what_came_before_a_failure_stays),
		cmocka_unit_test(every_file_is_accounted_for),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
