/* Searching among many who share a part of what is typed. */
#include "finds.h"
#include "group.h"
#include "town.h"

static const struct mark mark = {
	.operation = "01900000-0000-7000-8000-000000000001", .action = "test", .at = 1700000000000};

/* More share a name and a year than are looked at in one of them alone: who is meant is found. */
static void test_all_must_hold(void **state)
{
	struct group *g = *state;
	struct town t = {0};
	struct arena a = {0};
	char id[ID_TEXT];
	struct err err = {0};

	assert_true(town_open(&t, g->service.db, 0, &err));
	assert_true(town_begin(&t, &err));
	for (int i = 0; i < 600; i++) {
		struct party p = {.id = arena_strdup(&a, id_new(id)),
				  .name = i % 2 ? "Dubbel, Ganger" : "Enkel, Ganger",
				  .birth_date = i % 2 ? "1971-02-03" : "1972-02-03",
				  .addresses = "[{\"number\":\"1\",\"postcode\":\"9999\"}]"};

		if (i == 599) {
			p.name = "Dubbel, Laatste";
			p.birth_date = "1972-02-03";
		}
		assert_true(town_insert(&t, RECORD_PARTY, &p, NULL, &mark, &a, &err));
	}
	assert_true(town_commit(&t, &err));
	town_close(&t);
	finds(g, "dubbel 1972", "Dubbel, Laatste,");
	finds(g, "d 3/2/1972", "Dubbel, Laatste,");
	finds(g, "9999 1 dubbel 3/2/1972", "Dubbel, Laatste,");
	finds(g, "laatste 9999", "Dubbel, Laatste,");
	arena_finish(&a);
}

static int setup(void **state)
{
	return group_start(state, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_must_hold),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
