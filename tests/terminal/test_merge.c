/* Tickets that are the same question: merged with four keys, seen with what they hold, undone with one;
 * and nothing is taken from a colleague who is typing in one of them. */
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
	static struct town town;

	memset(&town, 0, sizeof(town));
	town_make(&town);
	*state = &town;
	return 0;
}

static int teardown(void **state)
{
	town_remove(*state);
	return 0;
}

static void four_keys_and_one_back(void **state)
{
	struct town *town = *state;
	struct terminal *an;
	int keys;

	town_ticket(town, "Zwerfvuil in het park", "Er ligt veel");
	town_ticket(town, "Vuil in het park", "Overal papier");
	an = town_log_in(town, "an", 24, 80);
	see(an, "Zwerfvuil in het park");
	see(an, "Vuil in het park");
	terminal_keys(an, "v a End");
	keys = terminal_keys(an, "m");
	see(an, "Goes into which one?");
	keys += terminal_keys(an, "Enter");
	see(an, "This one stays:");
	see(an, "messages: 1");
	keys += terminal_keys(an, "y");
	see(an, "Merged into 2");
	assert_in_range(keys, 1, 4);
	town_wait(town, "SELECT count(*) FROM ticket WHERE state = ?", "merged", 1);
	/* Its words stand with the one that stays. */
	see(an, "all sent");
	see(an, "[all 1]");
	terminal_keys(an, "Enter");
	see(an, "Merged into this one: 2");
	see(an, "Overal papier");
	see(an, "Er ligt veel");
	terminal_keys(an, "q");
	terminal_keys(an, "u");
	see(an, "Undone: merge");
	town_wait(town, "SELECT count(*) FROM ticket WHERE state = ?", "merged", 0);
	see(an, "[all 2]");
	see(an, "all sent");
	/* The other way round, and then un-merged from the one that stayed. */
	terminal_keys(an, "Home m");
	see(an, "Goes into which one?");
	terminal_keys(an, "Enter");
	see(an, "This one stays:");
	terminal_keys(an, "x y");
	see(an, "Merged into 2");
	town_wait(town, "SELECT count(*) FROM ticket WHERE state = ?", "merged", 1);
	see(an, "all sent");
	terminal_keys(an, "Enter");
	see(an, "Merged into this one: 2");
	terminal_keys(an, "c u");
	see(an, "Un-merge");
	town_wait(town, "SELECT count(*) FROM ticket WHERE state = ?", "merged", 0);
	town_leave(town, an);
}

static void linked_and_split(void **state)
{
	struct town *town = *state;
	struct terminal *an;

	town_ticket(town, "Afval en licht", "De bak is vol");
	town_ticket(town, "Lamp stuk", "Al een week");
	an = town_log_in(town, "an", 24, 80);
	see(an, "Lamp stuk");
	terminal_keys(an, "v a Home");
	terminal_keys(an, "Enter");
	see(an, "IN ");
	terminal_keys(an, "c l");
	see(an, "Link to");
	terminal_keys(an, "Enter");
	town_wait(town, "SELECT count(*) FROM ticket WHERE links IS NOT NULL AND id <> ?", "", 2);
	see(an, "Linked to: 2");
	terminal_keys(an, "L");
	see(an, "Linked to: 2");
	terminal_keys(an, "q");
	terminal_keys(an, "c x");
	town_wait(town, "SELECT count(*) FROM ticket WHERE links IS NOT NULL AND id <> ?", "", 0);
	see_not(an, "Linked to: 2");
	/* A second question in one ticket. */
	terminal_keys(an, ":");
	terminal_type(an, "said En de lamp is stuk");
	terminal_keys(an, "Enter");
	see(an, "En de lamp is stuk");
	see(an, "all sent");
	terminal_keys(an, "End b s");
	see(an, "Subject of the new ticket:");
	terminal_keys(an, "Enter");
	town_wait(town, "SELECT count(*) FROM ticket WHERE id <> ?", "", 3);
	see(an, "Linked to: 2");
	town_leave(town, an);
}

static void typing_goes_on(void **state)
{
	struct town *town = *state;
	struct terminal *an, *bart;

	town_ticket(town, "Zwerfvuil in het park", "Er ligt veel");
	town_ticket(town, "Vuil in het park", "Overal papier");
	bart = town_log_in(town, "bart", 24, 80);
	see(bart, "Vuil in het park");
	terminal_keys(bart, "v a End r");
	see(bart, "Answer to 2");
	terminal_type(bart, "We komen morgen");
	an = town_log_in(town, "an", 24, 80);
	see(an, "Vuil in het park");
	terminal_keys(an, "v a End m");
	see(an, "Goes into which one?");
	terminal_keys(an, "Enter");
	see(an, "is typing");
	see(an, "goes on in the one that stays");
	terminal_keys(an, "y");
	see(an, "Merged into 2");
	see(bart, "This ticket was merged into 2");
	see(bart, "We komen morgen");
	terminal_keys(bart, "Ctrl+S y");
	town_wait(town,
		  "SELECT count(*) FROM message m JOIN ticket t ON t.id = m.ticket_id "
		  "WHERE m.body = ? AND t.state = 'answered'",
		  "We komen morgen", 1);
	town_leave(town, bart);
	town_leave(town, an);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(four_keys_and_one_back, setup, teardown),
		cmocka_unit_test_setup_teardown(linked_and_split, setup, teardown),
		cmocka_unit_test_setup_teardown(typing_goes_on, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
