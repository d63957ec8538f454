/* Registering contacts on a real terminal against a real service: as few keys as were promised, several
 * questions and several contacts at once, and a kill that takes nothing of what was typed. */
#include "fixture.h"
#include <signal.h>
#include <string.h>

struct desk_test {
	struct town town;
	struct terminal *t;
	int keys; /* pressed; text that is written does not count */
};

static void press(struct desk_test *d, const char *names)
{
	d->keys += terminal_keys(d->t, names);
}

static int setup(void **state)
{
	static struct desk_test d;

	memset(&d, 0, sizeof(d));
	town_make(&d.town);
	town_balied(&d.town, "team", "add", "Wegen");
	d.t = town_log_in(&d.town, "an", 24, 80);
	*state = &d;
	return 0;
}

static int teardown(void **state)
{
	struct desk_test *d = *state;

	town_remove(&d->town);
	return 0;
}

/* A citizen whom nobody knew, then known, calls: at most eight keys and the text. */
static void a_call(void **state)
{
	struct desk_test *d = *state;

	press(d, "F2");
	see(d->t, "empty is anonymous");
	terminal_type(d->t, "Claes, An 051 30 12 34");
	see(d->t, "New citizen");
	press(d, "Enter Enter");
	terminal_type(d->t, "Losse tegel op de markt");
	see(d->t, "op de markt");
	press(d, "Ctrl+S");
	see(d->t, "Summary of the contact");
	press(d, "Ctrl+S");
	see(d->t, "Losse tegel");
	see_not(d->t, "number follows");
	see(d->t, "26-0");
	town_wait(&d->town,
		  "SELECT count(*) FROM ticket k JOIN party p ON p.id = k.party_id "
		  "JOIN message m ON m.ticket_id = k.id JOIN contact c ON c.id = m.contact_id "
		  "WHERE p.name = ? AND c.party_id = p.id AND c.ended_at >= c.started_at",
		  "Claes, An", 1);
	press(d, "Esc");
	see(d->t, "Tickets:");
	assert_in_range(d->keys, 1, 8);
	d->keys = 0;
	press(d, "F2");
	see(d->t, "empty is anonymous");
	terminal_type(d->t, "claes");
	see(d->t, "Claes, An");
	press(d, "Enter");
	terminal_type(d->t, "Lamp stuk");
	press(d, "Tab Tab Tab Tab");
	terminal_type(d->t, "weg");
	press(d, "Ctrl+S");
	see(d->t, "Lamp stuk, Wegen");
	press(d, "Ctrl+S");
	see(d->t, "26-0");
	see_not(d->t, "number follows");
	assert_in_range(d->keys, 1, 8);
	terminal_key(d->t, "Esc");
	see(d->t, "Tickets:");
	town_wait(&d->town,
		  "SELECT count(*) FROM ticket k JOIN team m ON m.id = k.team_id "
		  "WHERE k.subject = 'Lamp stuk' AND m.name = ?",
		  "Wegen", 1);
	assert_int_equal(
		town_number(&d->town, "SELECT count(*) FROM party WHERE name = ?", "Claes, An"), 1);
	town_leave(&d->town, d->t);
}

/* Whatever was typed of a new citizen is kept, and none of it in the name. */
static void all_that_was_typed(void **state)
{
	struct desk_test *d = *state;

	press(d, "F2");
	see(d->t, "empty is anonymous");
	terminal_type(d->t, "Maes, Zoë 30 juli 1985 zoe@voorbeeld.be 85.07.30-033.28");
	see(d->t, "New citizen");
	press(d, "Enter");
	see(d->t, "30/07/1985");
	press(d, "Enter");
	terminal_type(d->t, "Stoep ligt los");
	see(d->t, "ligt los");
	press(d, "Ctrl+S");
	see(d->t, "Summary of the contact");
	press(d, "Ctrl+S");
	see_not(d->t, "number follows");
	town_wait(&d->town,
		  "SELECT count(*) FROM party p JOIN party_email e ON e.party_id = p.id "
		  "JOIN party_identifier i ON i.party_id = p.id WHERE p.name = ? AND "
		  "p.birth_date = '1985-07-30' AND e.value = 'zoe@voorbeeld.be' AND "
		  "i.value = '85073003328'",
		  "Maes, Zoë", 1);
	terminal_key(d->t, "Esc");
	see(d->t, "Tickets:");
	town_leave(&d->town, d->t);
}

/* Three questions are one contact. */
static void three_questions(void **state)
{
	struct desk_test *d = *state;

	press(d, "F2 Enter");
	see(d->t, "Question 1 of 1");
	terminal_type(d->t, "Eerste vraag");
	press(d, "Ctrl+N");
	see(d->t, "Question 2 of 2");
	terminal_type(d->t, "Tweede vraag");
	press(d, "Ctrl+T");
	see(d->t, "answered at once");
	terminal_type(d->t, "Dinsdag open.");
	press(d, "Ctrl+N");
	see(d->t, "Question 3 of 3");
	terminal_type(d->t, "Derde vraag");
	press(d, "Ctrl+S");
	see(d->t, "3. Derde vraag");
	press(d, "Ctrl+S");
	see_not(d->t, "number follows");
	town_wait(&d->town,
		  "SELECT count(*) FROM message WHERE direction = ? AND contact_id IS NOT NULL",
		  "in", 3);
	assert_int_equal(town_number(&d->town,
				     "SELECT count(DISTINCT contact_id) FROM message WHERE ? <> ''",
				     "x"),
			 1);
	assert_int_equal(town_number(&d->town,
				     "SELECT count(*) FROM ticket WHERE state = 'closed' AND "
				     "subject = ?",
				     "Tweede vraag"),
			 1);
	assert_in_range(d->keys, 1, 8);
	terminal_key(d->t, "Esc");
	see(d->t, "Tickets:");
	town_leave(&d->town, d->t);
}

/* A kill, a long paste, and another contact meanwhile: all is there again. */
static void killed(void **state)
{
	struct desk_test *d = *state;
	static char pad[40000];

	for (int i = 0; i < 3000; i++)
		strcat(pad, i % 100 ? "lange lijn\n" : "regel\n");
	press(d, "F2 Enter");
	see(d->t, "Question 1 of 1");
	terminal_type(d->t, "Van voor de kill");
	see(d->t, "voor de kill");
	press(d, "Shift+Tab Shift+Tab");
	terminal_paste(d->t, pad);
	see(d->t, "lange lijn");
	terminal_type(d->t, "LAATSTE WOORD");
	see(d->t, "LAATSTE WOORD");
	press(d, "F2");
	see(d->t, "[2 phone");
	terminal_type(d->t, "tweede");
	see(d->t, "[2 phone tweede");
	terminal_signal(d->t, SIGKILL);
	assert_true(terminal_wait_exit(d->t, TERMINAL_LIMIT_MS));
	town_close(&d->town, d->t);
	assert_int_equal(town_number(&d->town, "SELECT count(*) FROM contact WHERE ? <> ''", "x"),
			 0);
	d->t = town_open(&d->town, "an", NULL, NULL, 24, 80);
	see(d->t, "2 contacts were not wrapped up yet");
	terminal_keys(d->t, "F12 F12");
	see(d->t, "Van voor de kill");
	see(d->t, "LAATSTE WOORD");
	see(d->t, "2 phone tweede");
	terminal_keys(d->t, "Ctrl+S");
	see(d->t, "note on the first");
	terminal_keys(d->t, "Ctrl+S");
	see_not(d->t, "number follows");
	town_wait(&d->town, "SELECT count(*) FROM note WHERE body LIKE '%' || ?", "LAATSTE WOORD",
		  1);
	town_close(&d->town, d->t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_call, setup, teardown),
		cmocka_unit_test_setup_teardown(all_that_was_typed, setup, teardown),
		cmocka_unit_test_setup_teardown(three_questions, setup, teardown),
		cmocka_unit_test_setup_teardown(killed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
