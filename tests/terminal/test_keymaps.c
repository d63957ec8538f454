/* Each keymap that comes with the program: a day's basic loop with its own keys. */
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct keys {
	const char *map, *down, *up, *open, *answer, *send, *note, *assign, *back, *filter, *all,
		*mark, *help, *prompt, *outbox, *quit;
} maps[] = {
	{"default", "j", "k", "Enter", "r", "Ctrl+S", "i", "a", "q", "/", "v a", "Space", "?", ":",
	 "O", "Q"},
	{"azerty", "Down", "Up", "Enter", "r", "Ctrl+S", "i", "a", "q", "=", "(", "Space", ",", ";",
	 "O", "Q"},
	{"vi", "j", "k", "Enter", "r", "Ctrl+S", "i", "a", "q", "/", "v a", "x", "?", ":", "O",
	 "Z Z"},
	{"classic", "Down", "Up", "Enter", "F6", "F10", "F9", "F10", "F12", "F6", "v a", "F11",
	 "F1", "F4", "Shift+F8", "Shift+F3"},
};

static int setup(void **state)
{
	static struct town town;

	town_make(&town);
	/* One for each, and one that stays. */
	for (size_t i = 0; i <= sizeof(maps) / sizeof(maps[0]); i++) {
		char subject[32];

		snprintf(subject, sizeof(subject), "Vraag %zu", i);
		town_ticket(&town, subject, "Wanneer zijn jullie open?");
	}
	BALIE(&town, "an", "sync");
	*state = &town;
	return 0;
}

static int teardown(void **state)
{
	town_remove(*state);
	return 0;
}

static void in_ticket(struct terminal *a, const struct keys *k)
{
	terminal_keys(a, k->open);
	see(a, "Ticket 2");
	terminal_keys(a, k->note);
	see(a, "only colleagues read this");
	terminal_type(a, k->map);
	terminal_keys(a, k->send);
	see(a, "is kept");
	terminal_keys(a, k->assign);
	see(a, "Hand over to");
	terminal_type(a, "an cl");
	terminal_key(a, "Enter");
	see(a, "Assign: Contactcenter / An Claes");
	terminal_keys(a, k->answer);
	see(a, "the citizen reads this");
	terminal_type(a, "Dank u.");
	terminal_keys(a, k->send);
	see(a, "Your answer to");
	terminal_keys(a, k->back);
	see(a, "Tickets: all");
}

static void in_queue(struct terminal *a, const struct keys *k)
{
	terminal_keys(a, k->filter);
	see(a, "Filter:");
	terminal_type(a, "Vraag");
	terminal_key(a, "Enter");
	see(a, "Filter");
	terminal_keys(a, k->mark);
	see(a, "* 2");
	terminal_key(a, "Esc");
	see_not(a, "* 2");
	terminal_key(a, "Esc");
	terminal_keys(a, k->help);
	see(a, "Help: what you can do here (list)");
	terminal_key(a, "Esc");
	see(a, "Tickets: all");
	terminal_keys(a, k->prompt);
	terminal_type(a, "view mine\r");
	see(a, "Tickets: mine");
	terminal_keys(a, k->outbox);
	see(a, "Outbox: all is sent");
	terminal_keys(a, k->back);
	see(a, "Tickets: mine");
}

/* The cursor stands on the selected line. */
static void wait_row(struct terminal *a, int wanted)
{
	int row = -1, col;

	for (int i = 0; i < TERMINAL_LIMIT_MS / 100 && row != wanted; i++) {
		terminal_wait_frames(a, terminal_frames(a) + 1, i ? 100 : 0);
		terminal_cursor(a, &row, &col);
	}
	check(a, row == wanted);
}

/* The ticket under the cursor is never the one that another map has answered already. */
static void each_map(void **state)
{
	struct town *t = *state;

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		const struct keys *k = &maps[i];
		struct terminal *a = town_open(
			t, "an", (const char *const[]){"--keymap", k->map, NULL}, NULL, 24, 80);
		int row, status;

		print_message("%s\n", k->map);
		see(a, "Vraag");
		see(a, "connected");
		terminal_keys(a, k->all);
		see(a, "[all");
		terminal_keys(a, "Home");
		row = terminal_row_of(a, "Vraag");
		wait_row(a, row);
		terminal_keys(a, k->down);
		wait_row(a, row + 1);
		terminal_keys(a, k->up);
		wait_row(a, row);
		in_ticket(a, k);
		in_queue(a, k);
		terminal_keys(a, k->quit);
		check(a, terminal_wait_exit(a, TERMINAL_LIMIT_MS));
		check(a, terminal_is_restored(a));
		status = town_close(t, a);
		assert_int_equal(status, 0);
		assert_int_equal(town_number(t, "SELECT count(*) FROM note WHERE body = ?", k->map),
				 1);
	}
	assert_int_equal(town_number(t, "SELECT count(*) FROM message WHERE body = ?", "Dank u."),
			 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_map, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
