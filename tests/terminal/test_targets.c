/* What an agent does all day, in no more keys than was promised: each task is done on a real terminal
 * against a real service, its keys are counted, and what came of it is looked up in the town. Text that is
 * typed does not count; letters that narrow a list do. With BALIE_RECORD=FILE the table is written there. */
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct targets {
	struct town town;
	struct terminal *t;
	FILE *table;
	int keys;
	char pressed[200];
};

static void press(struct targets *d, const char *names)
{
	size_t len = strlen(d->pressed);

	snprintf(d->pressed + len, sizeof(d->pressed) - len, "%s%s", len ? " " : "", names);
	d->keys += terminal_keys(d->t, names);
}

/* Text that would be typed on any desk. */
static void type(struct targets *d, const char *text)
{
	size_t len = strlen(d->pressed);

	snprintf(d->pressed + len, sizeof(d->pressed) - len, " “%s”", text);
	terminal_type(d->t, text);
}

/* Letters that choose from a list, each a key. */
static void letters(struct targets *d, const char *text)
{
	char one[2] = {0};

	for (; *text; text++) {
		one[0] = *text;
		press(d, one);
	}
}

static void begin(struct targets *d)
{
	d->keys = 0;
	d->pressed[0] = '\0';
}

static void within(struct targets *d, const char *task, int most)
{
	print_message("%-44s at most %d, pressed %d: %s\n", task, most, d->keys, d->pressed);
	if (d->table)
		fprintf(d->table, "| %s | %d | %d | %s |\n", task, most, d->keys, d->pressed);
	assert_in_range(d->keys, 1, most);
}

static const char list[] =
	"kenmerk;betreft;omschrijving;kanaal;groep;familienaam;voornaam;geboortedatum;straat;"
	"huisnummer;"
	"postcode;gemeente;telefoon\n"
	"1;Losse tegel Markt;Ik viel "
	"bijna;mail;Contactcenter;Claes;An;12/03/1964;Kerkstraat;12;8870;"
	"Izegem;051 30 12 34\n"
	"2;Losse tegel Markt, nog eens;Hij ligt nog los;mail;Contactcenter;Claes;An;12/03/1964;"
	"Kerkstraat;12;8870;Izegem;051 30 12 34\n"
	"3;Lamp defect "
	"Kerkstraat;Donker;mail;Contactcenter;Maes;Jan;01/02/1980;Nieuwstraat;3;8870;Izegem;"
	"051 30 99 99\n";

static int setup(void **state)
{
	static struct targets d;
	const char *path = getenv("BALIE_RECORD");
	char row[100];
	char *file;
	FILE *f;

	d.table = path ? fopen(path, "we") : NULL;
	town_make(&d.town);
	town_balied(&d.town, "team", "add", "Wegen");
	town_balied_words(&d.town,
			  (const char *const[]){"template", "add", "Ontvangstmelding", NULL},
			  "Beste {naam}\n\nWe kregen je melding {nummer} goed aan.\n");
	file = town_path(&d.town, "list.csv");
	f = fopen(file, "we");
	assert_non_null(f);
	fputs(list, f);
	for (int i = 0; i < 20; i++) {
		snprintf(row, sizeof(row),
			 "b%d;Boom %d;Hij staat scheef;mail;Contactcenter;;;;;;;;\n", i, i);
		fputs(row, f);
	}
	fclose(f);
	town_balied(&d.town, "import", "tickets", file);
	free(file);
	*state = &d;
	return 0;
}

static int teardown(void **state)
{
	struct targets *d = *state;

	if (d->table)
		fclose(d->table);
	if (d->t)
		town_leave(&d->town, d->t);
	town_remove(&d->town);
	return 0;
}

/* The client stays open from task to task, as it does all day. */
static void open_queue(struct targets *d)
{
	if (!d->t)
		d->t = town_log_in(&d->town, "an", 24, 80);
	terminal_keys(d->t, "g q v a");
	see(d->t, "Tickets: all");
	see(d->t, "all sent");
}

static void next_and_answer(void **state)
{
	struct targets *d = *state;

	open_queue(d);
	begin(d);
	press(d, "n");
	see(d->t, "Ticket 2");
	within(d, "Open the next ticket of the queue", 1);
	begin(d);
	press(d, "r");
	see(d->t, "the citizen reads this");
	press(d, "Ctrl+T");
	see(d->t, "Which text?");
	letters(d, "ont");
	press(d, "Enter");
	see(d->t, "We kregen je melding");
	press(d, "Ctrl+S");
	see(d->t, "Your answer to");
	within(d, "Reply with a template", 7);
	see(d->t, "all sent");
	town_wait(&d->town,
		  "SELECT count(*) FROM message WHERE direction = 'out' AND body LIKE ? || '%'",
		  "Beste", 1);
}

static void state_and_team(void **state)
{
	struct targets *d = *state;

	open_queue(d);
	terminal_keys(d->t, "n");
	see(d->t, "Ticket 2");
	begin(d);
	press(d, "s w");
	see(d->t, "Waiting for citizen");
	within(d, "Change the state (not close)", 2);
	begin(d);
	press(d, "a");
	see(d->t, "Hand over to");
	letters(d, "weg");
	press(d, "Enter");
	see(d->t, "Assign: Wegen");
	within(d, "Assign to another team", 5);
	begin(d);
	press(d, "s c");
	see(d->t, "State: closed");
	within(d, "Close", 2);
	see(d->t, "all sent");
	assert_int_equal(
		town_number(&d->town,
			    "SELECT count(*) FROM ticket k JOIN team m ON m.id = k.team_id "
			    "WHERE k.state = 'closed' AND m.name = ?",
			    "Wegen"),
		1);
}

static void find_citizens(void **state)
{
	struct targets *d = *state;

	open_queue(d);
	begin(d);
	press(d, "F7");
	see(d->t, "Find a citizen");
	type(d, "claes 12031964");
	see(d->t, "Claes, An");
	press(d, "Enter");
	see(d->t, "Kerkstraat 12");
	within(d, "Find a citizen by surname and birth date", 3);
	terminal_keys(d->t, "Esc Esc");
	see(d->t, "Tickets:");
	begin(d);
	press(d, "F7");
	see(d->t, "Find a citizen");
	type(d, "8870 3");
	see(d->t, "Maes, Jan");
	press(d, "Enter");
	see(d->t, "Nieuwstraat 3");
	within(d, "Find a citizen by postcode and house number", 3);
	terminal_keys(d->t, "Esc Esc");
	see(d->t, "Tickets:");
}

static void many_at_once(void **state)
{
	struct targets *d = *state;

	open_queue(d);
	begin(d);
	press(d, "/");
	see(d->t, "Filter:");
	type(d, "boom");
	press(d, "Enter");
	see(d->t, "Filter: boom");
	press(d, "*");
	see(d->t, "20 marked");
	press(d, "a");
	see(d->t, "Hand over to");
	letters(d, "w");
	press(d, "Enter");
	see(d->t, "before it is done");
	press(d, "y");
	see(d->t, "(20 tickets)");
	within(d, "Reassign 20 tickets, with preview", 8);
	see(d->t, "all sent");
	assert_int_equal(
		town_number(&d->town,
			    "SELECT count(*) FROM ticket k JOIN team m ON m.id = k.team_id "
			    "WHERE k.subject LIKE 'Boom%' AND m.name = ?",
			    "Wegen"),
		20);
	begin(d);
	press(d, "u");
	see(d->t, "Undone");
	within(d, "Undo all twenty", 1);
	see(d->t, "all sent");
	assert_int_equal(
		town_number(&d->town,
			    "SELECT count(*) FROM ticket k JOIN team m ON m.id = k.team_id "
			    "WHERE k.subject LIKE 'Boom%' AND m.name = ?",
			    "Wegen"),
		0);
}

static void a_call(void **state)
{
	struct targets *d = *state;

	open_queue(d);
	begin(d);
	press(d, "F2");
	see(d->t, "empty is anonymous");
	type(d, "claes 12031964");
	see(d->t, "Claes, An");
	press(d, "Enter");
	type(d, "Afvoer verstopt");
	press(d, "Tab Tab Tab Tab");
	type(d, "weg");
	press(d, "Ctrl+S");
	see(d->t, "Afvoer verstopt, Wegen");
	press(d, "Ctrl+S");
	see(d->t, "26-0");
	within(d, "Register a phone call of a known citizen", 8);
	see_not(d->t, "number follows");
	terminal_key(d->t, "Esc");
	see(d->t, "Tickets:");
	town_wait(&d->town,
		  "SELECT count(*) FROM ticket k JOIN team m ON m.id = k.team_id JOIN party p ON "
		  "p.id = k.party_id JOIN message g ON g.ticket_id = k.id JOIN contact c ON "
		  "c.id = g.contact_id WHERE m.name = 'Wegen' AND p.family = 'Claes' AND "
		  "k.subject = ?",
		  "Afvoer verstopt", 1);
}

static void three_questions(void **state)
{
	struct targets *d = *state;

	open_queue(d);
	begin(d);
	press(d, "F2 Enter");
	see(d->t, "Question 1 of 1");
	type(d, "Eerste vraag");
	press(d, "Ctrl+N");
	see(d->t, "Question 2 of 2");
	type(d, "Tweede vraag");
	press(d, "Ctrl+N");
	see(d->t, "Question 3 of 3");
	type(d, "Derde vraag");
	press(d, "Ctrl+S");
	see(d->t, "3. Derde vraag");
	press(d, "Ctrl+S");
	see(d->t, "26-0");
	within(d, "One contact with three questions", 8);
	see_not(d->t, "number follows");
	terminal_key(d->t, "Esc");
	see(d->t, "Tickets:");
	town_wait(&d->town,
		  "SELECT count(*) FROM message g JOIN ticket k ON k.id = g.ticket_id WHERE "
		  "g.contact_id = (SELECT contact_id FROM message h JOIN ticket t ON t.id = "
		  "h.ticket_id WHERE t.subject = ?)",
		  "Eerste vraag", 3);
}

static void merge_doubles(void **state)
{
	struct targets *d = *state;

	open_queue(d);
	terminal_keys(d->t, "/");
	see(d->t, "Filter:");
	terminal_type(d->t, "tegel nog");
	terminal_key(d->t, "Enter");
	see(d->t, "Filter: tegel nog");
	see(d->t, "[all 1]");
	begin(d);
	press(d, "m");
	see(d->t, "Goes into which one?");
	press(d, "Enter");
	see(d->t, "This one stays:");
	press(d, "y");
	see(d->t, "Merged into 2");
	within(d, "Merge duplicate tickets", 4);
	see(d->t, "all sent");
	assert_int_equal(
		town_number(&d->town,
			    "SELECT count(*) FROM ticket k JOIN ticket t ON t.id = k.merged_into "
			    "WHERE t.subject = ?",
			    "Losse tegel Markt"),
		1);
	begin(d);
	press(d, "u");
	see(d->t, "Undone");
	within(d, "Undo the merge", 1);
	town_wait(&d->town, "SELECT count(*) FROM ticket WHERE state = ?", "merged", 0);
	terminal_key(d->t, "Esc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(find_citizens),   cmocka_unit_test(a_call),
		cmocka_unit_test(three_questions), cmocka_unit_test(merge_doubles),
		cmocka_unit_test(next_and_answer), cmocka_unit_test(state_and_team),
		cmocka_unit_test(many_at_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
