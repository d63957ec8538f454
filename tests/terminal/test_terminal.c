/* The terminal itself: sizes, suspension, paste, colours, languages, hostile text. */
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
		TEST(resize),	      TEST(too_small),	       TEST(suspend),
		TEST(ending_signals), TEST(killed_in_compose), TEST(paste),
		TEST(type_ahead),     TEST(colours),	       TEST(languages),
		TEST(hostile_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
