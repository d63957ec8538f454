/* The terminal itself: sizes, suspension, paste, colours, languages, hostile text, and what is said
 * when something around the program is wrong. */
#include "fixture.h"
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TICKETS 6

static int setup(void **state)
{
	static struct town town;

	town_make(&town);
	for (int i = 0; i < TICKETS; i++) {
		char subject[32];

		snprintf(subject, sizeof(subject), "Vraag %c", 'a' + i);
		town_ticket(&town, subject, "Dag,\n\nWanneer zijn jullie open?\n\nGroeten");
	}
	*state = &town;
	return 0;
}

static int setup_bare(void **state)
{
	static struct town town;

	town_folder(&town);
	*state = &town;
	return 0;
}

static int teardown(void **state)
{
	town_remove(*state);
	return 0;
}

static struct terminal *synced(struct town *t, const char *const *env)
{
	struct terminal *a;

	BALIE(t, "an", "sync");
	a = town_open(t, "an", NULL, env, 24, 80);
	see(a, "Vraag a");
	see(a, "connected");
	return a;
}

/* ---- sizes ---- */

static unsigned random_state;

static int between(int low, int high)
{
	random_state = random_state * 1103515245u + 12345u;
	return low + (int)((random_state >> 16) % (unsigned)(high - low + 1));
}

/* The status stands in the last row and the title in the first: the whole screen has this size. */
static bool fills(struct terminal *a, int rows, const char *title)
{
	for (int i = 0; i < TERMINAL_LIMIT_MS / 100; i++) {
		if (terminal_row_of(a, "all sent") == rows - 1 && terminal_row_of(a, title) == 0)
			return true;
		terminal_wait_frames(a, terminal_frames(a) + 1, 100);
	}
	return false;
}

static void resize_to(struct terminal *a, int rows, int cols, const char *title)
{
	terminal_resize(a, rows, cols);
	if (!fills(a, rows, title))
		print_message("not drawn for %d rows of %d\n", rows, cols);
	check(a, terminal_row_of(a, title) == 0 && terminal_row_of(a, "all sent") == rows - 1);
}

static void resize(void **state)
{
	static const struct {
		const char *keys, *title;
	} screens[] = {
		{"v a", "Tickets: all"}, {"Enter", "Ticket 2"},	    {"r", "Answer to"},
		{"F1", "Help: what"},	 {"Esc Esc q O", "Outbox"}, {"q v t", "Tickets: my team"},
	};
	const char *given = getenv("BALIE_RANDOM");
	struct terminal *a = synced(*state, NULL);

	random_state = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	print_message("BALIE_RANDOM=%u gives these sizes again\n", random_state);
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
		terminal_keys(a, screens[i].keys);
		see(a, screens[i].title);
		resize_to(a, 15, 60, screens[i].title);
		resize_to(a, 60, 200, screens[i].title);
		for (int n = 0; n < 8; n++)
			resize_to(a, between(15, 60), between(60, 200), screens[i].title);
		resize_to(a, 24, 80, screens[i].title);
	}
	/* Many sizes without waiting: the last one counts. */
	for (int n = 0; n < 50; n++)
		terminal_resize(a, between(5, 60), between(20, 200));
	resize_to(a, 30, 100, "Tickets: my team");
	town_leave(*state, a);
}

static void too_small(void **state)
{
	struct terminal *a = synced(*state, NULL);
	static const int sizes[][2] = {{14, 59}, {14, 80}, {24, 59}, {2, 20}, {1, 1}, {14, 59}};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned frames = terminal_frames(a);

		terminal_resize(a, sizes[i][0], sizes[i][1]);
		check(a, terminal_wait_frames(a, frames + 1, TERMINAL_LIMIT_MS));
		if (sizes[i][1] > 50) {
			see(a, "too small: 60 by 15");
			see_not(a, "Vraag");
		}
	}
	/* What a key would do cannot be seen, so it does nothing. */
	terminal_type(a, "sc");
	terminal_key(a, "Ctrl+L");
	resize_to(a, 24, 80, "Tickets: my team");
	see(a, "Vraag a");
	see_not(a, "State:");
	town_leave(*state, a);
}

/* ---- the shell's signals ---- */

static void suspend_with(struct terminal *a, int signo)
{
	if (signo)
		terminal_signal(a, signo);
	else
		terminal_key(a, "Ctrl+Z");
	check(a, terminal_wait_stopped(a, TERMINAL_LIMIT_MS));
	check(a, terminal_is_restored(a));
	check(a, !terminal_in_altscreen(a));
	terminal_signal(a, SIGCONT);
	see(a, "all sent");
	check(a, terminal_in_altscreen(a));
	check(a, !terminal_is_restored(a));
}

static void suspend(void **state)
{
	struct terminal *a = synced(*state, NULL);

	suspend_with(a, 0);
	suspend_with(a, SIGTSTP);
	terminal_key(a, "n");
	see(a, "Ticket 2");
	suspend_with(a, 0);
	see(a, "Wanneer zijn jullie open?");
	/* Its size may be another one when it comes back. */
	terminal_key(a, "Ctrl+Z");
	check(a, terminal_wait_stopped(a, TERMINAL_LIMIT_MS));
	terminal_resize(a, 40, 120);
	terminal_signal(a, SIGCONT);
	check(a, fills(a, 40, "Ticket 2"));
	/* Stopped without a warning it could not tidy up; it draws anew all the same. */
	terminal_signal(a, SIGSTOP);
	check(a, terminal_wait_stopped(a, TERMINAL_LIMIT_MS));
	terminal_signal(a, SIGCONT);
	terminal_key(a, "q");
	see(a, "Vraag b");
	town_leave(*state, a);
}

static void ending_signals(void **state)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
	struct town *t = *state;
	struct terminal *a;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		a = synced(t, NULL);
		terminal_keys(a, "n r");
		see(a, "the citizen reads this");
		terminal_signal(a, signals[i]);
		check(a, terminal_wait_exit(a, TERMINAL_LIMIT_MS));
		check(a, terminal_is_restored(a));
		check(a, !terminal_in_altscreen(a));
		town_close(t, a);
	}
	/* The window is closed. */
	a = synced(t, NULL);
	terminal_hang_up(a);
	assert_true(terminal_wait_exit(a, TERMINAL_LIMIT_MS));
	town_close(t, a);
}

/* Killed in the middle of a word: what was on screen is on disk. */
static void killed_in_compose(void **state)
{
	struct town *t = *state;
	struct terminal *a = synced(t, NULL);

	terminal_keys(a, "n r");
	see(a, "the citizen reads this");
	terminal_type(a, "Wij zijn open van negen tot vij");
	see(a, "negen tot vij");
	terminal_signal(a, SIGKILL);
	check(a, terminal_wait_exit(a, TERMINAL_LIMIT_MS));
	assert_int_equal(town_close(t, a), 128 + SIGKILL);

	a = synced(t, NULL);
	terminal_key(a, "n");
	see(a, "Your answer is not finished");
	terminal_key(a, "r");
	see(a, "negen tot vij");
	terminal_type(a, "f.");
	see(a, "negen tot vijf.");
	terminal_key(a, "Ctrl+S");
	see(a, "Your answer to");
	see(a, "all sent");
	town_leave(t, a);
	assert_int_equal(town_number(t, "SELECT count(*) FROM message WHERE body = ?",
				     "Wij zijn open van negen tot vijf."),
			 1);
}

/* ---- keys ---- */

static void paste(void **state)
{
	static const char text[] = "Q\nsc\nq\033[A\033Qy\nregel twee\n";
	struct town *t = *state;
	struct terminal *a = synced(t, NULL);

	terminal_paste(a, text);
	see(a, "Pasted text is not taken as keys");
	terminal_key(a, "a");
	see(a, "Hand over to");
	terminal_paste(a, text);
	see(a, "0/");
	terminal_key(a, "Esc");
	see_not(a, "Hand over to");
	terminal_key(a, ":");
	terminal_paste(a, "quit\nquit\n");
	see(a, ":quit");
	terminal_key(a, "Esc");
	see_not(a, ":quit");

	terminal_keys(a, "n i");
	see(a, "only colleagues read this");
	terminal_paste(a, text);
	see(a, "regel twee");
	see(a, "only colleagues read this");
	terminal_type(a, "einde");
	see(a, "einde");
	terminal_key(a, "Ctrl+S");
	see(a, "is kept");
	see(a, "all sent");
	town_leave(t, a);
	assert_int_equal(town_number(t,
				     "SELECT count(*) FROM note WHERE body LIKE '%Q' || char(10)"
				     " || 'sc' || char(10) || '%regel twee' || char(10) || 'einde'"
				     " AND instr(body, char(27)) = 0",
				     NULL),
			 1);
	assert_int_equal(town_number(t,
				     "SELECT count(*) FROM journal WHERE action IN ('state',"
				     " 'assign')",
				     NULL),
			 0);
}

/* Everything that is typed counts, however fast: also before the first frame. */
static void type_ahead(void **state)
{
	static const char keys[] = "jjkjjkjjkkkkkgg"
				   "ni"
				   "Vooruit getypt"
				   "\x13"
				   "q"
				   "va"
				   "jjjjkk"
				   "O";
	struct town *t = *state;
	struct terminal *a = synced(t, NULL);

	assert_true(sizeof(keys) > 40);
	terminal_raw(a, keys, sizeof(keys) - 1);
	see(a, "Outbox: all is sent");
	see(a, "Note: Vooruit getypt");
	town_leave(t, a);
	assert_int_equal(
		town_number(t, "SELECT count(*) FROM note WHERE body = ?", "Vooruit getypt"), 1);

	a = town_open(t, "an", NULL, NULL, 24, 80);
	terminal_type(a, "vaO");
	see(a, "Outbox: all is sent");
	town_leave(t, a);
}

/* ---- colours, languages, kinds of terminal ---- */

static void colours(void **state)
{
	struct town *t = *state;
	struct terminal *a = synced(t, NULL);

	check(a, terminal_is_coloured(a));
	town_leave(t, a);
	a = synced(t, (const char *const[]){"NO_COLOR=1", NULL});
	check(a, !terminal_is_coloured(a));
	terminal_keys(a, "n r");
	see(a, "the citizen reads this");
	check(a, !terminal_is_coloured(a));
	town_leave(t, a);
}

static void languages(void **state)
{
	struct town *t = *state;
	struct terminal *a;

	BALIE(t, "an", "sync");
	a = town_open(t, "an", NULL, (const char *const[]){"LANGUAGE=nl", NULL}, 24, 80);
	see(a, "Meldingen: mijn groep");
	see(a, "verbonden");
	terminal_type(a, ":language en\r");
	see(a, "Tickets: my team");
	terminal_type(a, ":language nl\r");
	see(a, "Meldingen: mijn groep");
	terminal_type(a, ":language fr\r");
	see(a, "nl");
	town_leave(t, a);
	a = town_open(t, "an", (const char *const[]){"--language", "nl", NULL},
		      (const char *const[]){"LC_ALL=C", NULL}, 24, 80);
	see(a, "Meldingen: mijn groep");
	town_leave(t, a);
}

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
	char path[128];

	BALIE(t, "an", "sync");
	refuses(t, (const char *const[]){"--kaymap", "vi", NULL}, NULL, 2, "keymap");
	refuses(t, (const char *const[]){"--keymap", "emacs", NULL}, NULL, 1,
		"there is no keymap “emacs”");
	refuses(t, (const char *const[]){"--view", "some", NULL}, NULL, 2, "view must be");
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

static void hostile_text(void **state)
{
	static const char text[] =
		"\033]0;overgenomen\007\033[31mrood\033[2J\033[?1049l\033P0;1|x\033\\ \302\233"
		"5n"
		"\342\200\256omgekeerd\342\200\254 \342\201\246eiland\342\201\251 \r\b\b\b\016\177 "
		"\377\300\200 \360\237\217\263\357\270\217 "
		"e\314\201\314\202\314\203\314\204\314\205 slot";
	static const char *const never[] = {"\033]0;overgenomen", "\033[31mrood", "\033P0",
					    "\302\233",		  "\342\200\256", "\342\201\246",
					    "\016\177",		  "\377"};
	struct town *t = *state;
	struct terminal *a;
	const char *bytes;
	size_t len;

	town_stop(t);
	town_change(t, "UPDATE ticket SET subject = ?, party_name = ? WHERE subject = 'Vraag a'",
		    text);
	town_change(t, "UPDATE message SET body = ?, from_text = ?, subject = ?", text);
	town_serve(t);
	BALIE(t, "an", "sync");
	a = town_open(t, "an", NULL, NULL, 30, 140);
	see(a, "Vraag b");
	see(a, "connected");
	terminal_keys(a, "g g Enter");
	see(a, "Ticket 2");
	see(a, "slot");
	terminal_key(a, "d");
	see(a, "slot");
	terminal_key(a, "r");
	see(a, "the citizen reads this");
	see(a, "slot");
	terminal_keys(a, "Esc c s");
	see(a, "Subject: ");
	terminal_key(a, "Esc");
	see_not(a, "Subject: ");
	see(a, "Ticket 2");
	check(a, terminal_in_altscreen(a));
	bytes = terminal_bytes(a, &len);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		check(a, !memmem(bytes, len, never[i], strlen(never[i])));
	town_leave(t, a);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(resize),
		TEST(too_small),
		TEST(suspend),
		TEST(ending_signals),
		TEST(killed_in_compose),
		TEST(paste),
		TEST(type_ahead),
		TEST(colours),
		TEST(languages),
		TEST(terminals),
		TEST(settings),
		cmocka_unit_test_setup_teardown(homes, setup_bare, teardown),
		TEST(damaged_files),
		TEST(second_program),
		TEST(wrong_password),
		TEST(hostile_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
