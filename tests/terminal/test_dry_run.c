/* One action on many tickets, and what the service says of it before it is done: on the screen and at the
 * command line; and what is said when it cannot be asked. */
#include "fixture.h"
#include <stdlib.h>
#include <string.h>

static const char high[] = "SELECT count(*) FROM ticket WHERE priority = ?";

static const char mine[] = "SELECT count(*) FROM ticket WHERE agent_id = "
			   "(SELECT id FROM agent WHERE name = ?)";

static int setup(void **state)
{
	static struct town town;

	memset(&town, 0, sizeof(town));
	town_make(&town);
	town_ticket(&town, "Losse tegel rood", "Aan de school");
	town_ticket(&town, "Losse tegel blauw", "Aan de kerk");
	town_ticket(&town, "Losse tegel groen", "Aan de markt");
	*state = &town;
	return 0;
}

static int teardown(void **state)
{
	town_remove(*state);
	return 0;
}

static void dry_run(struct town *t, int wanted, const char *const *says)
{
	int code = -1;
	char *out = town_balie(t, "an", &code,
			       (const char *const[]){"do", "priority", "high", "--filter=tegel",
						     "--dry-run", NULL});

	for (; *says; says++)
		if (!strstr(out, *says)) {
			print_message("“%s” is not in:\n%s", *says, out);
			fail();
		}
	assert_int_equal(code, wanted);
	free(out);
}

static void the_command_asks_the_service(void **state)
{
	struct town *t = *state;

	BALIE(t, "an", "sync");
	dry_run(t, 0,
		(const char *const[]){"would be done",
				      "Of 3 tickets 3 would be changed, 0 cannot be. Nothing was "
				      "done.",
				      NULL});
	town_wait(t, high, "high", 0);
	/* What a colleague changed since is known to the service alone. */
	BALIE(t, "bart", "sync");
	BALIE(t, "bart", "do", "priority", "low", "--filter=rood");
	dry_run(t, 1,
		(const char *const[]){"the service would refuse it: ",
				      "Of 3 tickets 2 would be changed, 1 cannot be.", NULL});
	town_wait(t, high, "high", 0);
	BALIE(t, "an", "sync");
	town_cut(t, "an");
	dry_run(t, 0,
		(const char *const[]){"The service could not be asked",
				      "Of 3 tickets 3 would be changed", NULL});
	town_join(t, "an");
	town_wait(t, high, "high", 0);
}

static void the_preview_asks_the_service(void **state)
{
	struct town *t = *state;
	struct terminal *an = town_log_in(t, "an", 30, 100);

	see(an, "Losse tegel rood");
	see(an, "connected");
	terminal_keys(an, "v a Space Space Space");
	see(an, "3 marked");
	terminal_keys(an, "a");
	terminal_type(an, "bart");
	terminal_keys(an, "Enter");
	see(an, "3  will be changed");
	see(an, "3  the service would do so too");
	town_wait(t, mine, "bart", 0);
	/* With a reason it is another question. */
	terminal_keys(an, "r");
	see(an, "Why");
	terminal_type(an, "storm\r");
	see(an, "Reason: storm");
	see(an, "3  the service would do so too");
	terminal_keys(an, "y");
	town_wait(t, mine, "bart", 3);
	town_stop(t);
	see(an, "no network");
	terminal_keys(an, "Home Space Space c p");
	see(an, "How urgent");
	terminal_type(an, "low\r");
	see(an, "2  will be changed");
	see(an, "the service was not asked");
	terminal_keys(an, "n");
	see(an, "Nothing was done");
	town_serve(t);
	town_leave(t, an);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_command_asks_the_service, setup, teardown),
		cmocka_unit_test_setup_teardown(the_preview_asks_the_service, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
