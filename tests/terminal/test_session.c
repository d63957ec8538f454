/* A working day of a contact centre on a small and on a large terminal: a call with two questions, a visitor
 * without a name, a supervisor who hands twenty tickets over and takes it back, a merge and its
 * un-merge. With BALIE_RECORD=FILE every screen is written there with what was pressed before it. */
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct session {
	struct town town;
	struct terminal *t;
	FILE *record;
};

static const char list[] =
	"kenmerk;betreft;omschrijving;kanaal;groep;familienaam;voornaam;geboortedatum;straat;"
	"huisnummer;postcode;gemeente;telefoon\n"
	"1;Losse tegel op de Markt;Ik viel bijna;mail;Contactcenter;Claes;An;12/03/1964;Kerkstraat;"
	"12;8870;Izegem;051 30 12 34\n"
	"2;Losse tegel op de Markt, nog eens;Hij ligt nog los;mail;Contactcenter;Claes;An;"
	"12/03/1964;Kerkstraat;12;8870;Izegem;051 30 12 34\n";

static void shot(struct session *d, const char *caption)
{
	record_screen(d->record, d->t, caption);
}

static int setup(void **state)
{
	static struct session d;
	char *file;
	FILE *f;

	town_make(&d.town);
	town_balied(&d.town, "team", "add", "Wegen");
	town_balied(&d.town, "user", "change", "an", "--role", "supervisor");
	file = town_path(&d.town, "list.csv");
	f = fopen(file, "we");
	assert_non_null(f);
	fputs(list, f);
	for (int i = 1; i <= 20; i++)
		fprintf(f,
			"b%d;Boom %d staat scheef;In de Stationsstraat;app;Contactcenter;;;;;;;;\n",
			i, i);
	fclose(f);
	town_balied(&d.town, "import", "tickets", file);
	free(file);
	*state = &d;
	return 0;
}

static int teardown(void **state)
{
	struct session *d = *state;

	town_remove(&d->town);
	return 0;
}

static void keys(struct session *d, const char *names)
{
	terminal_keys(d->t, names);
}

/* She gives her name and birth date; one question is answered at once, one goes to the roads team. */
static void phone_call(struct session *d)
{
	keys(d, "F2");
	see(d->t, "empty is anonymous");
	terminal_type(d->t, "claes 12/3/64");
	see(d->t, "Claes, An");
	shot(d, "F2, “claes 12/3/64”: the phone rings, she gives her name and birth date");
	keys(d, "Enter");
	terminal_type(d->t, "Tot hoe laat is het stadhuis open?");
	keys(d, "Ctrl+T");
	see(d->t, "answered at once");
	terminal_type(d->t, "Vandaag tot 19 uur.");
	see(d->t, "tot 19 uur.");
	shot(d, "Enter, the question, Ctrl+T, “Vandaag tot 19 uur.”: answered at once");
	keys(d, "Ctrl+N");
	see(d->t, "Question 2 of 2");
	terminal_type(d->t, "Put in het voetpad Kerkstraat 12");
	keys(d, "Tab Tab Tab Tab");
	terminal_type(d->t, "weg");
	see(d->t, "weg");
	shot(d, "Ctrl+N, the second question, Tab to the team, “weg”");
	keys(d, "Ctrl+S");
	see(d->t, "Put in het voetpad Kerkstraat 12, Wegen");
	shot(d, "Ctrl+S: the wrap-up is written already");
	keys(d, "Ctrl+S");
	see(d->t, "26-0");
	see_not(d->t, "number follows");
	shot(d, "Ctrl+S: kept; the numbers to read to her");
	keys(d, "Esc");
	see(d->t, "Tickets:");
}

static void visitor(struct session *d)
{
	keys(d, "F2");
	see(d->t, "empty is anonymous");
	keys(d, "F4");
	see(d->t, "Contact: counter");
	shot(d, "F2 F4: somebody at the counter");
	keys(d, "Enter");
	terminal_type(d->t, "Waar is de bib?");
	keys(d, "Ctrl+T");
	terminal_type(d->t, "Achter het stadhuis.");
	see(d->t, "Achter het stadhuis.");
	keys(d, "Ctrl+S");
	see(d->t, "nonymous");
	shot(d, "Enter, “Waar is de bib?”, Ctrl+T, the answer, Ctrl+S: nobody's name is needed");
	keys(d, "Ctrl+S");
	see(d->t, "26-0");
	see_not(d->t, "number follows");
	keys(d, "Esc");
	see(d->t, "Tickets:");
}

static void hand_over(struct session *d)
{
	keys(d, "g q v a");
	see(d->t, "Tickets: all");
	keys(d, "/");
	see(d->t, "Filter:");
	terminal_type(d->t, "boom");
	keys(d, "Enter");
	see(d->t, "Filter: boom");
	keys(d, "*");
	see(d->t, "20 marked");
	shot(d, "/ boom Enter *: twenty tickets, all marked");
	keys(d, "a w e Enter");
	see(d->t, "before it is done");
	shot(d, "a w e Enter: what would happen, before it does");
	keys(d, "y");
	see(d->t, "(20 tickets)");
	see(d->t, "all sent");
	shot(d, "y: done");
	keys(d, "u");
	see(d->t, "Undone");
	see(d->t, "all sent");
	shot(d, "u: all twenty taken back");
	keys(d, "Esc");
	town_wait(&d->town,
		  "SELECT count(*) FROM ticket k JOIN team m ON m.id = k.team_id "
		  "WHERE k.subject LIKE 'Boom%' AND m.name = ?",
		  "Wegen", 0);
	keys(d, "g a");
	see(d->t, "Wegen");
	shot(d, "g a: who has how much");
	keys(d, "q");
}

static void merge(struct session *d)
{
	keys(d, "g q /");
	see(d->t, "Filter:");
	terminal_type(d->t, "markt nog");
	keys(d, "Enter");
	see(d->t, "[all 1]");
	keys(d, "m");
	see(d->t, "Goes into which one?");
	shot(d, "m: the same citizen's tickets stand first");
	keys(d, "Enter");
	see(d->t, "This one stays:");
	shot(d, "Enter: both, and which one stays");
	keys(d, "y");
	see(d->t, "Merged into 2");
	see(d->t, "all sent");
	town_wait(&d->town, "SELECT count(*) FROM ticket WHERE state = ?", "merged", 1);
	shot(d, "y: merged");
	keys(d, "u");
	see(d->t, "Undone");
	town_wait(&d->town, "SELECT count(*) FROM ticket WHERE state = ?", "merged", 0);
	see(d->t, "all sent");
	shot(d, "u: two tickets again");
	keys(d, "Esc");
	see_not(d->t, "Filter:");
}

static void day(struct session *d, int rows, int cols, const char *ending)
{
	d->record = record_open(ending);
	d->t = town_log_in(&d->town, "an", rows, cols);
	see(d->t, "all sent");
	shot(d, "The list of the contact centre in the morning");
	phone_call(d);
	visitor(d);
	hand_over(d);
	merge(d);
	town_leave(&d->town, d->t);
	if (d->record)
		fclose(d->record);
	d->record = NULL;
}

static void small(void **state)
{
	day(*state, 24, 80, ".80");
}

static void large(void **state)
{
	day(*state, 50, 160, ".160");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(small, setup, teardown),
		cmocka_unit_test_setup_teardown(large, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
