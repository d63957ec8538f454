/* Finding somebody whom only the service knows, key by key, with as few keys as were promised; making and
 * correcting him; two that are one; a ticket that is on nobody's desk any more. */
#include "fixture.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Presses and counts; what is typed as text does not count. */
static int keys;

static void press(struct terminal *t, const char *names)
{
	keys += terminal_keys(t, names);
}

static void at_most(const char *task, int most)
{
	print_message("%s: %d keys (at most %d)\n", task, keys, most);
	assert_in_range(keys, 1, most);
	keys = 0;
}

static int setup(void **state)
{
	static struct town town;

	town_make(&town);
	*state = &town;
	return 0;
}

static int teardown(void **state)
{
	town_remove(*state);
	return 0;
}

/* Back over the box, in which q is a letter, to the queue. */
static void leave_card(struct terminal *t)
{
	press(t, "q");
	see(t, "Find a citizen");
	press(t, "Esc");
	see(t, "Tickets: my team");
}

/* From the queue: the key, what is known, Ctrl+N, what is new, save. */
static void make_somebody(struct town *town, struct terminal *t, const char *known,
			  const char *address, const char *name)
{
	press(t, "F7");
	see(t, "Who is it?");
	terminal_type(t, known);
	see(t, "Nobody like that is known");
	press(t, "Ctrl+N");
	see(t, "A new citizen");
	press(t, "Up Up");
	terminal_type(t, address);
	press(t, "Ctrl+S");
	see(t, name);
	see(t, "all sent");
	see(t, "Nothing was asked yet");
	leave_card(t);
	town_wait(town, "SELECT count(*) FROM party WHERE name = ?", name, 1);
}

static void find_by_all(struct terminal *t)
{
	keys = 0;
	press(t, "F7");
	see(t, "Who is it?");
	terminal_type(t, "claes 12031964");
	see(t, "Claes, An");
	see(t, "12/03/1964");
	press(t, "Enter");
	see(t, "Kerkstraat 12, 8870 Izegem");
	at_most("find a citizen by surname and birth date", 3);
	/* The service's word: nothing on screen is marked as of this computer. */
	see_not(t, "only what is on this computer");
	leave_card(t);

	keys = 0;
	press(t, "F7");
	see(t, "Who is it?");
	terminal_type(t, "8870 12");
	see(t, "Claes, An");
	press(t, "Enter");
	see(t, "Kerkstraat 12, 8870 Izegem");
	at_most("find a citizen by postcode and house number", 3);
	leave_card(t);
}

static void somebody_is_found_elsewhere(void **state)
{
	struct town *town = *state;
	struct terminal *an = town_log_in(town, "an", 24, 80);
	struct terminal *bart = town_log_in(town, "bart", 24, 80);

	make_somebody(town, an, "claes an 12/3/1964", "Kerkstraat 12, 8870 Izegem", "Claes, An");
	/* Written as it was typed, and not as it is looked for. */
	make_somebody(town, an, "zoe@voorbeeld.be müller, zoë lea", "Kerkstraat 13, 8870 Izegem",
		      "Müller, Zoë Lea");
	/* Bart's desk has no ticket of hers: only the service can tell. */
	find_by_all(bart);
	town_leave(town, an);
	town_leave(town, bart);
}

static void two_are_made_one(void **state)
{
	struct town *town = *state;
	struct terminal *t = town_open(town, "an", NULL, NULL, 24, 80);

	see(t, "Tickets: my team");
	make_somebody(town, t, "claes annie 0470123456", "Markt 1, 8870 Izegem", "Claes, Annie");
	press(t, "F7");
	terminal_type(t, "claes an 12/3/64");
	see(t, "12/03/1964");
	press(t, "Enter");
	see(t, "Kerkstraat 12");
	keys = 0;
	press(t, "m");
	see(t, "Who is the same?");
	terminal_type(t, "annie");
	see(t, "Claes, Annie");
	see_not(t, "the service is asked");
	press(t, "Enter");
	see(t, "Are these two one?");
	press(t, "y");
	see(t, "Also called");
	at_most("say that two are one", 4);
	see(t, "all sent");
	town_wait(town, "SELECT count(*) FROM party WHERE merged_into IS NOT NULL AND name = ?",
		  "Claes, Annie", 1);
	press(t, "M");
	see(t, "Who is another one after all?");
	press(t, "Enter");
	see(t, "is another one again");
	town_wait(town, "SELECT count(*) FROM party WHERE merged_into IS NULL AND name = ?",
		  "Claes, Annie", 1);
	town_leave(town, t);
}

/* Closed by a colleague: on nobody's desk but his, and still a number on a letter. */
static void an_old_ticket_is_fetched(void **state)
{
	struct town *town = *state;
	struct terminal *t;
	time_t now = time(NULL);
	struct tm at;
	long body;
	char number[48];

	localtime_r(&now, &at);
	body = (at.tm_year % 100) * 1000000L + 1;
	snprintf(number, sizeof(number), "%02d-000001-%02ld", at.tm_year % 100,
		 body % 97 ? body % 97 : 97);
	town_ticket(town, "Losse stoeptegel", "Voor de kerk ligt een tegel los.");
	town_wait(town, "SELECT count(*) FROM ticket WHERE subject = ?", "Losse stoeptegel", 1);
	BALIE(town, "loket", "sync");
	BALIE(town, "loket", "do", "state", number, "closed");
	t = town_open(town, "bart", NULL, NULL, 24, 80);
	see(t, "Tickets: my team");
	press(t, ":");
	terminal_type(t, "open ");
	terminal_type(t, number);
	press(t, "Enter");
	see(t, "Losse stoeptegel");
	see(t, "Voor de kerk ligt een tegel los.");
	press(t, "q :");
	terminal_type(t, "open 26-004217-69");
	press(t, "Enter");
	see(t, "The service has no such ticket for you");
	town_leave(town, t);
}

/* The program dies under a form: what was typed is found again in the outbox, and saved from there. */
static void a_form_is_not_lost(void **state)
{
	struct town *town = *state;
	struct terminal *t = town_open(town, "bart", NULL, NULL, 24, 80);

	see(t, "Tickets: my team");
	press(t, "F7");
	see(t, "Who is it?");
	terminal_type(t, "verstraete");
	see(t, "Nobody like that is known");
	press(t, "Ctrl+N");
	see(t, "A new citizen");
	press(t, "Tab");
	terminal_type(t, "Godelieve");
	see(t, "Godelieve");
	terminal_signal(t, SIGKILL);
	assert_true(terminal_wait_exit(t, TERMINAL_LIMIT_MS));
	town_close(town, t);
	t = town_open(town, "bart", NULL, NULL, 24, 80);
	see(t, "Tickets: my team");
	press(t, "O");
	see(t, "Form: ");
	press(t, "Enter");
	see(t, "was not saved yet");
	see(t, "Godelieve");
	press(t, "Ctrl+S");
	see(t, "all sent");
	town_wait(town, "SELECT count(*) FROM party WHERE given = ?", "Godelieve", 1);
	press(t, "q q");
	see(t, "Tickets: my team");
	press(t, "O");
	see_not(t, "Form: ");
	town_leave(town, t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(somebody_is_found_elsewhere),
		cmocka_unit_test(two_are_made_one),
		cmocka_unit_test(an_old_ticket_is_fetched),
		cmocka_unit_test(a_form_is_not_lost),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
