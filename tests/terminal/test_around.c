/* What is said when something around the program is wrong: terminals, settings, folders, files. */
#include "questions.h"
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* It says why, in one line, and the terminal was not touched. */
static void refuses(struct town *t, const char *const *words, const char *const *env, int code,
		    const char *why)
{
	struct terminal *a = town_open(t, "an", words, env, 24, 80);

	check(a, terminal_wait_exit(a, TERMINAL_LIMIT_MS));
	see(a, why);
	check(a, terminal_is_restored(a));
	check(a, !terminal_in_altscreen(a));
	assert_int_equal(town_close(t, a), code);
}

static void terminals(void **state)
{
	struct town *t = *state;
	char *out;
	int code;

	BALIE(t, "an", "sync");
	refuses(t, NULL, (const char *const[]){"TERM=dumb", NULL}, 1, "terminal type is dumb");
	refuses(t, NULL, (const char *const[]){"TERM=nonesuch", NULL}, 1, "nonesuch is unknown");
	refuses(t, NULL, (const char *const[]){"TERM", NULL}, 1, "terminal type is not set");
	out = town_balie(t, "an", &code, (const char *const[]){NULL});
	assert_int_equal(code, 1);
	assert_non_null(strstr(out, "the screens need a terminal"));
	free(out);
	for (size_t i = 0; i < 4; i++) {
		static const char *const names[] = {"TERM=xterm", "TERM=vt100", "TERM=linux",
						    "TERM=screen"};
		const char *const env[] = {names[i], NULL};
		struct terminal *a = town_open(t, "an", NULL, env, 24, 80);

		see(a, "Vraag a");
		terminal_keys(a, "Down Enter");
		see(a, "Ticket 2");
		town_leave(t, a);
	}
}

/* ---- what is around the program ---- */

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void settings(void **state)
{
	struct town *t = *state;
	struct terminal *a;
	char path[128];

	BALIE(t, "an", "sync");
	refuses(t, (const char *const[]){"--kaymap", "vi", NULL}, NULL, 2, "keymap");
	refuses(t, (const char *const[]){"--keymap", "emacs", NULL}, NULL, 1,
		"there is no keymap “emacs”");
	refuses(t, (const char *const[]){"list", "--view", "some", NULL}, NULL, 2, "view must be");
	refuses(t, (const char *const[]){"shwo", NULL}, NULL, 2, "there is no command “shwo”");
	snprintf(path, sizeof(path), "%s/home-an/config", t->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/home-an/config/balie.conf", t->dir);
	write_file(path, "# mine\nkeymap = vi\nlanguaeg = nl\n");
	refuses(t, NULL, NULL, 2, "balie.conf:3");
	write_file(path, "# mine\nlanguage = fr\n");
	refuses(t, NULL, NULL, 2, "language must be nl or en");
	unlink(path);
	snprintf(path, sizeof(path), "%s/home-an/config/keymap", t->dir);
	write_file(path, "[queue]\nn = next\nx = nxet\n");
	refuses(t, NULL, NULL, 1, "keymap, line 3");
	write_file(path, "[queue]\nx = next\n");
	town_leave(t, synced(t, NULL));
	a = town_open(t, "an", (const char *const[]){"--view", "mine", NULL}, NULL, 24, 80);
	see(a, "Tickets: mine");
	town_leave(t, a);
}

/* A folder that cannot be written in, and one that cannot be there. */
static void homes(void **state)
{
	struct town *t = *state;
	char home[128], file[96], path[96];

	snprintf(file, sizeof(file), "%s/file", t->dir);
	write_file(file, "no folder");
	snprintf(home, sizeof(home), "BALIE_HOME=%s/home", file);
	refuses(t, NULL, (const char *const[]){home, NULL}, 2, file);
	snprintf(path, sizeof(path), "%s/locked", t->dir);
	mkdir(path, 0500);
	snprintf(home, sizeof(home), "BALIE_HOME=%s", path);
	if (geteuid() != 0)
		refuses(t, NULL, (const char *const[]){home, NULL}, 2, "cannot make the folder");
	snprintf(home, sizeof(home), "BALIE_HOME=%s", "/proc/balie");
	refuses(t, NULL, (const char *const[]){home, NULL}, 2,
		"cannot make the folder /proc/balie");
}

static void find_file(struct town *t, const char *folder, const char *name, char ret[160])
{
	char command[256];
	FILE *found;

	snprintf(command, sizeof(command), "ls %s/home-an/%s/*/%s", t->dir, folder, name);
	found = popen(command, "re");
	assert_non_null(found);
	assert_non_null(fgets(ret, 160, found));
	pclose(found);
	ret[strcspn(ret, "\n")] = '\0';
}

/* Runs SQL on each agent's file of this name, or writes garbage over it. */
static void damage(struct town *t, const char *folder, const char *name, const char *sql)
{
	char path[160] = "";

	find_file(t, folder, name, path);
	if (sql) {
		sqlite3 *db;

		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
	} else {
		FILE *f = fopen(path, "we");

		for (int i = 0; i < 3000; i++)
			fputs("rommel ", f);
		fclose(f);
	}
}

/* The version of the work's schema stands in the header, byte 60 to 63 (sqlite.org/fileformat2). */
static void swap_version(struct town *t, unsigned char version[4])
{
	unsigned char was[4];
	char path[160] = "";
	FILE *f;

	damage(t, "data", "work.db", "PRAGMA wal_checkpoint(TRUNCATE)");
	find_file(t, "data", "work.db", path);
	f = fopen(path, "r+e");
	assert_non_null(f);
	assert_int_equal(fseek(f, 60, SEEK_SET), 0);
	assert_int_equal(fread(was, 1, 4, f), 4);
	assert_int_equal(fseek(f, 60, SEEK_SET), 0);
	assert_int_equal(fwrite(version, 1, 4, f), 4);
	assert_int_equal(fclose(f), 0);
	memcpy(version, was, 4);
}

static void damaged_files(void **state)
{
	unsigned char version[4] = {0, 0, 3, 231}; /* 999 */
	struct town *t = *state;
	struct terminal *a = synced(t, NULL);

	terminal_keys(a, "n i");
	see(a, "only colleagues read this");
	terminal_type(a, "Half af");
	terminal_key(a, "Esc");
	see(a, "is kept");
	town_leave(t, a);
	/* The mirror is fetched again, whatever is in it; what was typed stays. */
	damage(t, "cache", "cache.db", "PRAGMA user_version = 999");
	a = town_open(t, "an", NULL, NULL, 24, 80);
	see(a, "Vraag a");
	see(a, "connected");
	terminal_key(a, "n");
	see(a, "Your note is not finished");
	town_leave(t, a);
	damage(t, "cache", "cache.db", NULL);
	a = town_open(t, "an", NULL, NULL, 24, 80);
	see(a, "Vraag a");
	see(a, "connected");
	terminal_key(a, "n");
	see(a, "Your note is not finished");
	town_leave(t, a);
	/* The work is never moved: it is said, and the file is as it was. */
	swap_version(t, version);
	refuses(t, NULL, NULL, 1, "work.db");
	swap_version(t, version);
	a = synced(t, NULL);
	terminal_key(a, "n");
	see(a, "Your note is not finished");
	town_leave(t, a);
}

static void second_program(void **state)
{
	struct town *t = *state;
	struct terminal *a = synced(t, NULL);

	refuses(t, NULL, NULL, 1, "Balie is already open for an");
	town_leave(t, a);
}

static void wrong_password(void **state)
{
	struct town *t = *state;
	struct terminal *a = town_open(t, "an", NULL, NULL, 24, 80);

	see(a, "Password of");
	terminal_type(a, "verkeerd wachtwoord\r");
	check(a, terminal_wait_exit(a, TERMINAL_LIMIT_MS));
	check(a, !terminal_has_text(a, "verkeerd"));
	see(a, "balie: ");
	check(a, terminal_is_restored(a));
	assert_int_equal(town_close(t, a), 1);
}

/* ---- text of strangers ---- */

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(terminals),
		TEST(settings),
		cmocka_unit_test_setup_teardown(homes, setup_bare, teardown),
		TEST(damaged_files),
		TEST(second_program),
		TEST(wrong_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
