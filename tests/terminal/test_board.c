/* The board with real keys: into a team, into a colleague, what nobody has handed out, all of a colleague
 * handed over, and taken back. */
#include "fixture.h"
#include <stdio.h>
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

static void handed_out_and_over(void **state)
{
	static const char count[] = "SELECT count(*) FROM ticket WHERE agent_id = "
				    "(SELECT id FROM agent WHERE name = ?)";
	struct town *town = *state;
	struct terminal *an;

	for (int i = 0; i < 5; i++) {
		char subject[40];

		snprintf(subject, sizeof(subject), "Losse tegel %d", i);
		town_ticket(town, subject, "Aan de school");
	}
	an = town_log_in(town, "an", 30, 100);
	see(an, "Losse tegel 4");
	terminal_keys(an, "g a");
	see(an, "Workload of the teams");
	see(an, "nobody has it yet");
	/* Enter on the top row shows those tickets in a list. */
	terminal_keys(an, "Home Enter");
	see(an, "Losse tegel 4");
	terminal_keys(an, "g a");
	see(an, "Workload of the teams");
	terminal_keys(an, "Down Enter");
	see(an, "Workload of ");
	see(an, "Colleague");
	terminal_keys(an, "Home Down");
	terminal_keys(an, "t 3 Enter");
	see(an, "will be changed");
	town_wait(town, count, "an", 0);
	terminal_keys(an, "y");
	see(an, "takes it all back");
	town_wait(town, count, "an", 3);
	/* All of it to somebody else, seen first, and taken back with one key. */
	terminal_keys(an, "a");
	terminal_type(an, "bart");
	terminal_keys(an, "Enter");
	see(an, "will be changed");
	terminal_keys(an, "y");
	town_wait(town, count, "bart", 3);
	town_wait(town, count, "an", 0);
	terminal_keys(an, "u");
	town_wait(town, count, "an", 3);
	town_leave(town, an);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(handed_out_and_over, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
