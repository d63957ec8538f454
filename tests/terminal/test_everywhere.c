/* What is the same on every screen: doing again, the palette, the news, own views, macros, the mouse. */
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
	static struct town town;

	town_make(&town);
	town_ticket(&town, "Put in de weg", "Er is een put.");
	town_ticket(&town, "Lamp stuk", "De lamp is stuk.");
	BALIE(&town, "an", "sync");
	BALIE(&town, "bart", "sync");
	*state = &town;
	return 0;
}

static int teardown(void **state)
{
	town_remove(*state);
	return 0;
}

static struct terminal *opened(struct town *t, const char *user, const char *const *words)
{
	struct terminal *a = town_open(t, user, words, NULL, 24, 80);

	see(a, "Lamp stuk");
	see(a, words ? "verbonden" : "connected");
	return a;
}

static void the_palette_is_found_in_both_languages(void **state)
{
	struct town *t = *state;
	struct terminal *a = opened(t, "an", (const char *const[]){"--language", "nl", NULL});

	terminal_key(a, "F9");
	see(a, "Wat wil je doen?");
	terminal_type(a, "dringend");
	see(a, "priority              Zeg hoe dringend");
	terminal_key(a, "Ctrl+U");
	terminal_type(a, "how urgent");
	see(a, "priority              Zeg hoe dringend");
	terminal_key(a, "Enter");
	see(a, "Hoe dringend is het?");
	terminal_key(a, "Enter");
	see(a, "Volgende keer: druk c p");
	terminal_keys(a, "j .");
	see(a, "alles verstuurd");
	town_leave(t, a);
}

/* Another's change is counted and waits: the keys stay where they were. */
static void news_waits_until_it_is_asked_for(void **state)
{
	struct town *t = *state;
	struct terminal *a = opened(t, "an", NULL), *b = opened(t, "bart", NULL);

	terminal_keys(b, "a");
	see(b, "Hand over to");
	terminal_type(b, "an cl");
	terminal_key(b, "Enter");
	see(b, "Assign: Contactcenter / An Claes");
	see(a, "1 new (");
	see(a, "Tickets:");
	terminal_keys(a, "g n");
	see(a, "given to you by Bart");
	see_not(a, "1 new (");
	terminal_key(a, "Enter");
	see(a, "Ticket 2");
	town_leave(t, a);
	/* It was seen: so it is after starting again too. */
	a = opened(t, "an", NULL);
	terminal_keys(a, "g n");
	see(a, "given to you by Bart");
	check(a, !terminal_has_text(a, "* 2"));
	check(a, !terminal_has_text(a, "1 new"));
	town_leave(t, a);
	town_leave(t, b);
}

/* A list with its filter under a name: in the picker, after starting again, on the command line. */
static void own_views_stand_with_the_others(void **state)
{
	struct town *t = *state;
	struct terminal *a = opened(t, "an", NULL);
	char *out;
	int code = -1;

	terminal_keys(a, "v a /");
	see(a, "Filter:");
	terminal_type(a, "lamp\r");
	see_not(a, "Put in de weg");
	terminal_keys(a, "v s");
	see(a, "under the name");
	terminal_type(a, "Openbare Verlichting\r");
	see(a, "Tickets: Openbare Verlichting, by deadline");
	terminal_keys(a, "v a Esc");
	see(a, "Put in de weg");
	town_leave(t, a);
	a = opened(t, "an", NULL);
	see(a, "Put in de weg");
	terminal_keys(a, "v v");
	see(a, "your own");
	terminal_type(a, "verli");
	terminal_key(a, "Enter");
	see(a, "Tickets: Openbare Verlichting, by deadline");
	see_not(a, "Put in de weg");
	out = town_balie(t, "an", NULL,
			 (const char *const[]){"list", "--view=openbare verlichting", NULL});
	assert_non_null(strstr(out, "Lamp stuk"));
	assert_null(strstr(out, "Put in de weg"));
	free(out);
	free(town_balie(t, "an", &code, (const char *const[]){"list", "--view=niets", NULL}));
	assert_int_equal(code, 2);
	terminal_type(a, ":rename-view Licht\r");
	see(a, "Tickets: Licht, by deadline");
	terminal_type(a, ":drop-view\r");
	see(a, "Throw away the view “Licht”?");
	terminal_type(a, "y");
	see(a, "Tickets: all, by deadline");
	terminal_type(a, ":view licht\r");
	see(a, "There is no view “licht”");
	town_leave(t, a);
}

/* Two changes and a note by one name; what does not go through stops the rest. */
static void a_macro_does_several_things(void **state)
{
	struct town *t = *state;
	struct terminal *a = opened(t, "an", NULL);

	terminal_type(a, ":macro dringend priority high; due 5d; note \"gebeld; komt terug\"\r");
	see(a, "Kept: :dringend does this from now on.");
	terminal_type(a, ":dringend\r");
	see(a, "3 actions done; u pressed 2 times takes them back.");
	see(a, "all sent");
	assert_int_equal(
		town_number(t, "SELECT count(*) FROM note WHERE body = ?", "gebeld; komt terug"),
		1);
	assert_int_equal(town_number(t, "SELECT count(*) FROM ticket WHERE priority = ?", "high"),
			 1);
	terminal_type(a, ":macro fout priority high; prioity low\r");
	see(a, "did you mean 'priority'?");
	terminal_type(a, ":run topic bestaatniet; note nooit\r");
	see(a, "Not done: note nooit");
	/* A step that asks: when that is left, the rest is left too. */
	terminal_type(a, ":run priority; note nooit\r");
	see(a, "How urgent is it?");
	terminal_key(a, "Esc");
	see(a, "Stopped. Not done: note nooit");
	terminal_type(a, ":run priority; note wel\r");
	see(a, "How urgent is it?");
	terminal_key(a, "Enter");
	see(a, "2 actions done");
	see(a, "all sent");
	assert_int_equal(town_number(t, "SELECT count(*) FROM note WHERE body = ?", "nooit"), 0);
	assert_int_equal(town_number(t, "SELECT count(*) FROM note WHERE body = ?", "wel"), 1);
	terminal_keys(a, "g m");
	see(a, "Which macro?");
	see(a, "priority high; due 5d");
	terminal_key(a, "Esc");
	see_not(a, "Which macro?");
	terminal_type(a, ":drop-macro dringend\r");
	see(a, "is gone");
	town_leave(t, a);
}

static void click(struct terminal *a, int button, int row, int col)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "\033[<%d;%d;%dM\033[<%d;%d;%dm", button, col + 1,
			 row + 1, button, col + 1, row + 1);

	terminal_raw(a, text, (size_t)n);
}

/* What keys do too: selecting, opening, a key of the help bar. In a paste it does nothing. */
static void the_mouse_is_an_extra(void **state)
{
	struct town *t = *state;
	struct terminal *a = opened(t, "an", NULL);
	int row = terminal_row_of(a, "Lamp stuk");

	terminal_paste(a, "\033[<0;2;23M\033[<0;2;23m");
	see(a, "Pasted text is not taken as keys");
	click(a, 0, row, 10);
	terminal_keys(a, "c p");
	see(a, "How urgent is it?");
	/* A question is answered by keys. */
	click(a, 0, 20, 5);
	terminal_type(a, "high");
	terminal_key(a, "Enter");
	see(a, "Priority: high");
	see(a, "all sent");
	assert_int_equal(town_number(t,
				     "SELECT count(*) FROM ticket WHERE priority = 'high' AND "
				     "subject = ?",
				     "Lamp stuk"),
			 1);
	click(a, 0, row, 10);
	click(a, 0, row, 10);
	see(a, "Ticket 2");
	/* "q back" is the first of the bar. */
	see(a, " q back");
	click(a, 0, 22, 2);
	see(a, "Tickets:");
	see(a, "Next time: press q");
	town_leave(t, a);
	a = opened(t, "an", (const char *const[]){"--language", "nl", "--mouse=no", NULL});
	/* What no key sends is none: its letters do not act one by one. */
	click(a, 0, 22, 2);
	terminal_keys(a, "F9");
	see(a, "Wat wil je doen?");
	terminal_key(a, "Esc");
	see_not(a, "Wat wil je doen?");
	town_leave(t, a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_palette_is_found_in_both_languages, setup,
						teardown),
		cmocka_unit_test_setup_teardown(news_waits_until_it_is_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(a_macro_does_several_things, setup, teardown),
		cmocka_unit_test_setup_teardown(the_mouse_is_an_extra, setup, teardown),
		cmocka_unit_test_setup_teardown(own_views_stand_with_the_others, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
