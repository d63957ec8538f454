/* An administrator at the prompt and behind balie do: teams, topics and colleagues, also while there is no
 * network. */
#include "fixture.h"
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
	static struct town town;

	town_make(&town);
	town_stop(&town);
	town_change(&town, "UPDATE agent SET role = 'admin' WHERE name = ?", "an");
	town_serve(&town);
	town_ticket(&town, "Vraag", "Wanneer zijn jullie open?");
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

static void type(struct terminal *a, const char *command)
{
	terminal_key(a, ":");
	terminal_type(a, command);
	terminal_key(a, "Enter");
}

static void test_at_the_prompt(void **state)
{
	struct town *t = *state;
	struct terminal *a = town_open(t, "an", NULL, NULL, 24, 100);

	see(a, "connected");
	type(a, "team-create Openbaar groen");
	see(a, "New team: Openbaar groen.");
	town_wait(t, "SELECT count(*) FROM team WHERE name = ?", "Openbaar groen", 1);
	see(a, "all sent");
	type(a, "topic-create Bomen kind=melding team=openbaar deadline_days=20");
	town_wait(t,
		  "SELECT k.deadline_days FROM topic k JOIN team m ON m.id = k.team_id "
		  "WHERE k.kind = 'report' AND m.name = 'Openbaar groen' AND k.name = ?",
		  "Bomen", 20);
	type(a, "team-change Onbekend active=no");
	see(a, "othing here is called");
	type(a, "team-change openbaar groen name=Groendienst en bos active=no");
	town_wait(t, "SELECT active FROM team WHERE name = ?", "Groendienst en bos", 0);
	see(a, "all sent");
	/* Out of use, and in use again; then taken back. */
	type(a, "team-change groendienst en bos active=ja");
	town_wait(t, "SELECT active FROM team WHERE name = ?", "Groendienst en bos", 1);
	see(a, "all sent");
	terminal_key(a, "u");
	town_wait(t, "SELECT active FROM team WHERE name = ?", "Groendienst en bos", 0);
	type(a, "agent-change an active=no");
	see(a, "was refused");
	town_wait(t, "SELECT active FROM agent WHERE name = ?", "an", 1);
	town_leave(t, a);
}

static void test_without_network(void **state)
{
	struct town *t = *state;
	struct terminal *a;

	town_cut(t, "an");
	a = town_open(t, "an", NULL, NULL, 24, 100);
	see(a, "no network, work goes on");
	type(a, "team-create Sport");
	see(a, "New team: Sport.");
	town_leave(t, a);
	assert_int_equal(town_number(t, "SELECT count(*) FROM team WHERE name = ?", "Sport"), 0);
	town_join(t, "an");
	BALIE(t, "an", "sync");
	assert_int_equal(town_number(t, "SELECT count(*) FROM team WHERE name = ?", "Sport"), 1);
}

static void test_only_who_may(void **state)
{
	struct town *t = *state;
	char *out;
	int code;

	out = town_balie(t, "bart", &code,
			 (const char *const[]){"do", "team-create", "Van bart", NULL});
	assert_int_not_equal(code, 0);
	free(out);
	assert_int_equal(town_number(t, "SELECT count(*) FROM team WHERE name = ?", "Van bart"), 0);
	BALIE(t, "an", "do", "agent-change", "bart", "active=nee");
	assert_int_equal(town_number(t, "SELECT active FROM agent WHERE name = ?", "bart"), 0);
	assert_int_equal(
		town_number(t,
			    "SELECT count(*) FROM session s JOIN agent a ON a.id = s.agent_id "
			    "WHERE a.name = ?",
			    "bart"),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_the_prompt),
		cmocka_unit_test(test_without_network),
		cmocka_unit_test(test_only_who_may),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
