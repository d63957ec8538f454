/* A day in the demo on a terminal of 80 by 24, key by key, with as few keys as were promised. With
 * BALIE_RECORD=FILE each screen is written there with a caption, as a recorded session. */
#include "fixture.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct day {
	struct town town;
	struct terminal *t;
	FILE *record;
	int keys; /* pressed since the last count(); text that is written does not count */
};

static void press(struct day *d, const char *names)
{
	d->keys += terminal_keys(d->t, names);
}

static void count(struct day *d, const char *task, int most)
{
	if (d->keys > most)
		print_message("%s takes %d keys, not %d\n", task, d->keys, most);
	assert_in_range(d->keys, 1, most);
	if (d->record)
		fprintf(d->record, "(%s: %d keys)\n\n", task, d->keys);
	d->keys = 0;
}

static void record(struct day *d, const char *caption)
{
	char *text;

	d->keys = 0;
	if (!d->record)
		return;
	text = terminal_screen_text(d->t);
	fprintf(d->record, "== %s\n\n%s\n", caption, text);
	free(text);
}

static int setup(void **state)
{
	static struct day day;

	town_folder(&day.town);
	day.record = NULL;
	*state = &day;
	return 0;
}

static int teardown(void **state)
{
	struct day *d = *state;

	if (d->record)
		fclose(d->record);
	town_remove(&d->town);
	return 0;
}

/* Files in the folder where the demo lives, whatever they are. */
static int left_behind(struct town *t)
{
	char *home = town_home(t, "x"), path[128];
	struct dirent *e;
	int n = 0;
	DIR *dir;

	free(home);
	snprintf(path, sizeof(path), "%s/home/run", t->dir);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		n += strncmp(e->d_name, "demo-", 5) == 0;
	if (dir)
		closedir(dir);
	return n;
}

static void open_demo(struct day *d)
{
	const char *argv[] = {program_balie(), "--demo", NULL};

	d->t = town_run(&d->town, argv, NULL, 24, 80);
	see(d->t, "connected");
	see(d->t, "Tickets: my team");
	see(d->t, "-00");
	see(d->t, "all sent");
	record(d, "balie --demo: the queue of the contact centre");
}

/* "Ticket 26-000217-69": what is open, as the title says. */
static void open_title(struct day *d, char ret[24])
{
	char *line = terminal_row_text(d->t, 0), *at = strstr(line, "Ticket 2");

	check(d->t, at);
	snprintf(ret, sizeof("Ticket 26-000000-00"), "%s", at);
	free(line);
}

static void read_and_answer(struct day *d)
{
	char first[24], second[24];

	press(d, "n");
	see(d->t, "Ticket 2");
	see(d->t, "Came by"); /* what was asked may stand above the screen */
	count(d, "open the next ticket", 1);
	record(d, "n: the next ticket");
	open_title(d, first);

	press(d, "r");
	see(d->t, "the citizen reads this");
	terminal_type(d->t, "Beste\r\rDank voor uw bericht. We komen morgen kijken.\r\rAn Claes");
	see(d->t, "We komen morgen kijken.");
	see(d->t, "kept on this computer");
	record(d, "r: an answer; it is kept on disk as it is typed");
	d->keys = 1;
	press(d, "Ctrl+S");
	see(d->t, "Your answer to");
	count(d, "answer", 2);
	see(d->t, "Ticket 2");
	see(d->t, "all sent");
	press(d, "G");
	see(d->t, "We komen morgen kijken.");
	record(d, "Ctrl+S: sent");

	/* Send and go on: the next ticket is there without a key of its own. */
	press(d, "n");
	see_not(d->t, first);
	open_title(d, second);
	press(d, "r");
	see(d->t, "the citizen reads this");
	terminal_type(d->t, "Dat is in orde.");
	press(d, "Ctrl+N");
	see_not(d->t, second);
	see(d->t, "Ticket 2");
	record(d, "Ctrl+N: sent, and the next ticket is open");
}

static void work_on_ticket(struct day *d)
{
	press(d, "i");
	see(d->t, "only colleagues read this");
	terminal_type(d->t, "Gebeld, neemt niet op.");
	press(d, "Ctrl+S");
	see(d->t, "is kept");
	count(d, "note", 2);
	press(d, "G");
	see(d->t, "Gebeld, neemt niet op.");
	record(d, "i: a note for colleagues");

	press(d, "s");
	see(d->t, "waiting for citizen");
	record(d, "s: what can follow stands below");
	d->keys = 1;
	press(d, "w");
	see(d->t, "Waiting for citizen");
	count(d, "change the state", 2);
	record(d, "s w: it waits for the citizen");

	press(d, "a");
	see(d->t, "Hand over to");
	press(d, "w e");
	see(d->t, "> we");
	record(d, "a w e: the team, by two letters");
	d->keys = 3;
	press(d, "Enter");
	see(d->t, "Assign: Wegen");
	count(d, "hand over to another team", 5);
	see(d->t, "all sent");
	record(d, "Enter: handed over");
	press(d, "u");
	see(d->t, "Undone");
	count(d, "undo", 1);
	record(d, "u: taken back");

	press(d, "s c");
	see(d->t, "State: closed");
	count(d, "close", 2);
	see(d->t, "all sent");
	record(d, "s c: closed");
	press(d, "q");
	see(d->t, "Tickets: my team");
}

static void find_and_list(struct day *d)
{
	static const char *const views[][2] = {
		{"v m", "Tickets: mine"},    {"v u", "Tickets: unassigned"},
		{"v o", "Tickets: overdue"}, {"v a", "Tickets: all"},
		{"v t", "Tickets: my team"},
	};

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		press(d, views[i][0]);
		see(d->t, views[i][1]);
	}
	press(d, "v a");
	see(d->t, "[all");
	record(d, "v a: all tickets of the desk");
	press(d, "/");
	see(d->t, "Filter:");
	terminal_type(d->t, "state:open rijbewijs");
	press(d, "Enter");
	see(d->t, "state:open rijbewijs");
	see_not(d->t, " new ");
	record(d, "/ state:open rijbewijs: narrowed");
	press(d, "Esc");
	see_not(d->t, "state:open rijbewijs");
	/* A filter that is no filter is told, and nothing is lost. */
	press(d, "/");
	see(d->t, "Filter:");
	terminal_type(d->t, "state:bogus");
	press(d, "Enter");
	see(d->t, "bogus");
	see(d->t, "Tickets: all");
	press(d, "Down");
	see_not(d->t, "bogus");
}

static void many_at_once(struct day *d)
{
	press(d, "v a");
	d->keys = 0;
	press(d, "/");
	see(d->t, "Filter:");
	/* A word that is in many subjects whenever the town is made: its tickets follow the clock. */
	terminal_type(d->t, "niet");
	press(d, "Enter");
	see(d->t, "Filter: niet");
	press(d, "*");
	see(d->t, "* 2");
	press(d, "a");
	see(d->t, "Hand over to");
	press(d, "b u Enter");
	see(d->t, "before it is done");
	press(d, "y");
	see(d->t, "tickets).");
	count(d, "hand over all that the filter lists", 8);
	see(d->t, "all sent");
	see_not(d->t, "* 2");
	record(d, "/ niet Enter, * a b u Enter y: all of them to Burgerzaken");
	press(d, "Esc");
	press(d, "v t");
	see(d->t, "Tickets: my team");
}

static void ask_help(struct day *d)
{
	press(d, "?");
	see(d->t, "Help: what you can do here (list)");
	see(d->t, "In this screen");
	record(d, "?: everything that can be done here, with its keys");
	terminal_type(d->t, "colleague");
	see(d->t, "Give the ticket to a team or a colleague");
	see_not(d->t, "Go one line down");
	record(d, "? colleague: narrowed by typing");
	press(d, "Esc");
	see(d->t, "Tickets: my team");
}

static void use_prompt(struct day *d)
{
	press(d, ":");
	terminal_type(d->t, "view mine");
	see(d->t, ":view mine");
	press(d, "Enter");
	see(d->t, "Tickets: mine");
	see(d->t, "v m"); /* the shorter way is told */
	record(d, ":view mine: and the key for it is told");
	press(d, "v t");
	see(d->t, "Tickets: my team");
	press(d, ": Up");
	see(d->t, ":view mine");
	press(d, "Enter");
	see(d->t, "Tickets: mine");
	press(d, ":");
	terminal_type(d->t, "assing x");
	press(d, "Enter");
	see(d->t, "did you mean 'assign'?");
	press(d, "O");
	see(d->t, "Outbox: all is sent");
	press(d, "G");
	see(d->t, "Answer: Beste");
	record(d, "O: the outbox, with what went out last");
	press(d, "q");
	see(d->t, "Tickets: mine");
}

static void whole_day(void **state)
{
	struct day *d = *state;
	const char *path = getenv("BALIE_RECORD");
	pid_t service;

	d->record = path ? fopen(path, "we") : NULL;
	open_demo(d);
	service = process_child(terminal_pid(d->t));
	assert_int_not_equal(service, 0);
	assert_int_equal(left_behind(&d->town), 1);
	read_and_answer(d);
	work_on_ticket(d);
	find_and_list(d);
	many_at_once(d);
	ask_help(d);
	use_prompt(d);
	town_leave(&d->town, d->t);
	assert_false(process_runs(service));
	assert_int_equal(left_behind(&d->town), 0);
}

/* However it ends, the service of the demo does not stay. */
static void demo_ends_with_client(void **state)
{
	struct day *d = *state;
	const int signals[] = {SIGTERM, SIGHUP};
	pid_t service;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		open_demo(d);
		service = process_child(terminal_pid(d->t));
		terminal_signal(d->t, signals[i]);
		check(d->t, terminal_wait_exit(d->t, TERMINAL_LIMIT_MS));
		check(d->t, terminal_is_restored(d->t));
		town_close(&d->town, d->t);
		assert_false(process_runs(service));
		assert_int_equal(left_behind(&d->town), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_day, setup, teardown),
		cmocka_unit_test_setup_teardown(demo_ends_with_client, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
