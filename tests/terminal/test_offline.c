/* Two agents, one service that comes and goes: nothing lost, nothing doubled, no change overwritten
 * without a choice. */
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES "SELECT count(*) FROM message WHERE body = ? AND removed = 0"
#define NOTES "SELECT count(*) FROM note WHERE body = ?"
#define JOURNAL "SELECT count(*) FROM journal WHERE action = ?"

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

static void three_tickets(struct town *t)
{
	town_ticket(t, "Put in de weg", "Er is een put in de Kerkstraat.");
	town_ticket(t, "Afval niet opgehaald", "De zak staat er nog.");
	town_ticket(t, "Verlichting stuk", "Het is donker in onze straat.");
}

/* Keys are taken in order: once these are seen to come and go, those before them were done. */
static void settle(struct terminal *a)
{
	terminal_type(a, ":zzz");
	see(a, "zzz");
	terminal_key(a, "Esc");
	see_not(a, "zzz");
}

/* Goes to the ticket with this subject in the queue, wherever the cursor stands. */
static void select_ticket(struct terminal *a, const char *subject)
{
	int row, col, wanted;

	terminal_keys(a, "g g");
	settle(a);
	terminal_cursor(a, &row, &col);
	wanted = terminal_row_of(a, subject);
	check(a, wanted >= row);
	while (row++ < wanted)
		terminal_key(a, "j");
	settle(a);
	terminal_cursor(a, &row, &col);
	check(a, row == wanted);
}

static void answer(struct terminal *a, const char *subject, const char *text)
{
	select_ticket(a, subject);
	terminal_key(a, "r");
	see(a, "the citizen reads this");
	terminal_type(a, text);
	terminal_key(a, "Ctrl+S");
	see(a, "Your answer to");
}

static void note(struct terminal *a, const char *subject, const char *text)
{
	select_ticket(a, subject);
	terminal_key(a, "i");
	see(a, "only colleagues read this");
	terminal_type(a, text);
	terminal_key(a, "Ctrl+S");
	see(a, "is kept");
}

static void assign_to_bart(struct terminal *a, const char *subject)
{
	select_ticket(a, subject);
	terminal_key(a, "a");
	see(a, "Hand over to");
	terminal_type(a, "bart");
	terminal_key(a, "Enter");
	see(a, "Bart Declercq");
}

static void all_arrived_once(struct town *t)
{
	assert_int_equal(town_number(t, MESSAGES, "We komen kijken."), 1);
	assert_int_equal(town_number(t, NOTES, "Gebeld met de ploeg."), 1);
	assert_int_equal(town_number(t, JOURNAL, "assign"), 1);
}

/* The service stops in the middle of the day, the client too, and each comes back. */
static void outage(void **state)
{
	struct town *t = *state;
	struct terminal *a, *b;

	three_tickets(t);
	a = town_log_in(t, "an", 24, 80);
	b = town_log_in(t, "bart", 24, 80);
	see(a, "Put in de weg");
	see(b, "Put in de weg");
	town_stop(t);
	see(a, "no network, work goes on");
	see(b, "no network, work goes on");

	answer(a, "Put in de weg", "We komen kijken.");
	note(a, "Afval niet opgehaald", "Gebeld met de ploeg.");
	assign_to_bart(a, "Verlichting stuk");
	see(a, "3 wait");
	terminal_key(a, "O");
	see(a, "Outbox: 3 not sent yet");
	see(a, "waits");
	see(a, "We komen kijken.");
	town_leave(t, a);

	/* From disk alone. */
	a = town_open(t, "an", NULL, NULL, 24, 80);
	see(a, "no network, work goes on");
	see(a, "3 wait");
	select_ticket(a, "Afval niet opgehaald");
	terminal_key(a, "Enter");
	see(a, "Gebeld met de ploeg.");
	see(a, "waits to be sent");
	terminal_key(a, "O");
	see(a, "Outbox: 3 not sent yet");

	town_serve(t);
	see(a, "connected");
	see(a, "all sent");
	see(a, "Outbox: all is sent");
	see(b, "connected");
	all_arrived_once(t);
	/* In the order they were made. */
	assert_int_equal(town_number(t,
				     "SELECT (SELECT min(seq) FROM journal WHERE action = 'answer')"
				     " < (SELECT min(seq) FROM journal WHERE action = 'note') AND"
				     " (SELECT max(seq) FROM journal WHERE action = 'note')"
				     " < (SELECT min(seq) FROM journal WHERE action = 'assign')",
				     NULL),
			 1);
	select_ticket(b, "Afval niet opgehaald");
	terminal_key(b, "Enter");
	see(b, "Gebeld met de ploeg.");
	town_leave(t, b);
	town_leave(t, a);

	/* Nothing is sent again by a later start. */
	a = town_open(t, "an", NULL, NULL, 24, 80);
	see(a, "connected");
	see(a, "all sent");
	town_leave(t, a);
	all_arrived_once(t);
}

static char *number_of(struct town *t, const char *subject)
{
	char *list = town_balie(t, "bart", NULL, (const char *[]){"list", NULL});
	char *at = strstr(list, subject), *ret;

	assert_non_null(at);
	while (at > list && at[-1] != '\n')
		at--;
	ret = strndup(at, 12);
	free(list);
	return ret;
}

static void bart_does(struct town *t, const char *action, const char *subject, const char *args)
{
	char *number = number_of(t, subject);

	BALIE(t, "bart", "do", action, number, args);
	free(number);
}

/* An works without network while Bart, who has it, changes the same tickets. */
static struct terminal *quarrel(struct town *t)
{
	struct terminal *a;

	three_tickets(t);
	BALIE(t, "bart", "sync");
	bart_does(t, "state", "Put in de weg", "open");
	bart_does(t, "state", "Afval niet opgehaald", "open");
	bart_does(t, "state", "Verlichting stuk", "open");
	BALIE(t, "an", "sync");
	town_cut(t, "an");
	a = town_open(t, "an", NULL, NULL, 24, 80);
	see(a, "no network, work goes on");
	select_ticket(a, "Put in de weg");
	terminal_keys(a, "s w");
	see(a, "1 wait");
	select_ticket(a, "Afval niet opgehaald");
	terminal_keys(a, "s w");
	see(a, "2 wait");
	select_ticket(a, "Verlichting stuk");
	terminal_keys(a, "s w");
	see(a, "3 wait");
	return a;
}

/* From the outbox to the conflict of this ticket. */
static void open_conflict(struct terminal *a, const char *number)
{
	terminal_keys(a, "g q");
	see(a, "by deadline");
	terminal_key(a, "O");
	see(a, "Outbox");
	for (int i = 0; i < 10; i++) {
		int row, col, wanted;

		terminal_wait_frames(a, terminal_frames(a) + 1, 200);
		terminal_cursor(a, &row, &col);
		wanted = terminal_row_of(a, number);
		check(a, wanted >= 0);
		if (row == wanted)
			break;
		terminal_key(a, row < wanted ? "j" : "k");
	}
	terminal_key(a, "c");
	see(a, "Conflict on");
	see(a, number);
	see(a, "Yours");
	see(a, "As it is now");
}

#define STATE_IS "SELECT count(*) FROM ticket WHERE subject = ? AND state = "

static void conflict(void **state)
{
	struct town *t = *state;
	struct terminal *a = quarrel(t);
	char *put = number_of(t, "Put in de weg"), *bag = number_of(t, "Afval niet opgehaald");
	char *light = number_of(t, "Verlichting stuk");

	bart_does(t, "state", "Put in de weg", "waiting-third");
	bart_does(t, "state", "Afval niet opgehaald", "waiting-third");
	bart_does(t, "priority", "Verlichting stuk", "high");
	town_join(t, "an");
	terminal_key(a, "F5");
	see(a, "3 in conflict");
	see(a, "conflict");
	/* Until it is decided nothing of theirs is overwritten. */
	assert_int_equal(town_number(t, STATE_IS "'waiting-third'", "Put in de weg"), 1);

	open_conflict(a, put);
	terminal_keys(a, "c m");
	see(a, "Yours is sent");
	town_wait(t, STATE_IS "'waiting-citizen'", "Put in de weg", 1);
	see(a, "2 in conflict");

	open_conflict(a, bag);
	terminal_keys(a, "c t");
	see(a, "Theirs stays");
	see(a, "1 in conflict");

	open_conflict(a, light);
	terminal_keys(a, "c b");
	see(a, "Both stand");
	town_wait(t, STATE_IS "'waiting-citizen' AND priority = 'high'", "Verlichting stuk", 1);
	see(a, "all sent");
	see_not(a, "in conflict");
	assert_int_equal(town_number(t, STATE_IS "'waiting-third'", "Afval niet opgehaald"), 1);
	/* Bart's five, and the two of An that stand. */
	assert_int_equal(town_number(t, JOURNAL, "state"), 7);
	assert_int_equal(town_number(t, JOURNAL, "priority"), 1);
	town_leave(t, a);
	free(put);
	free(bag);
	free(light);
}

/* What adds never conflicts: a note and an answer go through beside a colleague's change. */
static void adding(void **state)
{
	struct town *t = *state;
	struct terminal *a;

	three_tickets(t);
	BALIE(t, "an", "sync");
	BALIE(t, "bart", "sync");
	town_cut(t, "an");
	a = town_open(t, "an", NULL, NULL, 24, 80);
	see(a, "no network, work goes on");
	note(a, "Put in de weg", "Ook gezien.");
	answer(a, "Put in de weg", "Dank voor de melding.");
	bart_does(t, "state", "Put in de weg", "open");
	town_join(t, "an");
	terminal_key(a, "F5");
	see(a, "all sent");
	see_not(a, "conflict");
	assert_int_equal(town_number(t, NOTES, "Ook gezien."), 1);
	assert_int_equal(town_number(t, MESSAGES, "Dank voor de melding."), 1);
	town_leave(t, a);
}

/* Who looks and who types. */
static void presence(void **state)
{
	struct town *t = *state;
	struct terminal *a, *b;

	three_tickets(t);
	a = town_log_in(t, "an", 24, 80);
	b = town_log_in(t, "bart", 24, 80);
	see(a, "Put in de weg");
	see(b, "Put in de weg");
	select_ticket(a, "Put in de weg");
	terminal_key(a, "Enter");
	see(a, "Ticket ");
	select_ticket(b, "Put in de weg");
	terminal_key(b, "Enter");
	see(b, "An Claes is reading this too");
	see(a, "Bart Declercq is reading this too");
	terminal_key(b, "r");
	see(b, "the citizen reads this");
	see(a, "Bart Declercq is typing");
	/* Both write; who is second is told before he sends. */
	terminal_key(a, "r");
	see(a, "Bart Declercq is typing");
	terminal_type(a, "Mijn antwoord.");
	terminal_type(b, "Antwoord van Bart.");
	terminal_key(b, "Ctrl+S");
	see(b, "Your answer to");
	see(a, "A colleague ANSWERED");
	terminal_key(a, "Ctrl+S");
	see(a, "Send yours now?");
	terminal_key(a, "n");
	see_not(a, "Send yours now?");
	see(a, "Mijn antwoord.");
	assert_int_equal(town_number(t, MESSAGES, "Mijn antwoord."), 0);
	terminal_key(b, "q");
	see_not(a, "is typing");
	see_not(a, "is reading");
	town_leave(t, a);
	town_leave(t, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(outage, setup, teardown),
		cmocka_unit_test_setup_teardown(conflict, setup, teardown),
		cmocka_unit_test_setup_teardown(adding, setup, teardown),
		cmocka_unit_test_setup_teardown(presence, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
