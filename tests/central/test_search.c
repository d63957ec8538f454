/* Searching for a citizen by what is typed. */
#include "group.h"
#include "central_sql.h"
#include "town.h"

static const char *const an_id = "01900000-0000-7000-8000-0000000000a1";
static const struct mark mark = {
	.operation = "01900000-0000-7000-8000-000000000001", .action = "test", .at = 1700000000000};

static const struct party people[] = {
	{.id = "01900000-0000-7000-8000-0000000000a1",
	 .name = "Zoë Vandenbröeck",
	 .given = "Zoë",
	 .family = "Vandenbröeck",
	 .phones = "[{\"value\":\"+32470123456\"}]",
	 .emails = "[{\"value\":\"zoe@example.be\"}]",
	 .identifiers = "[{\"scheme\":\"rrn\",\"value\":\"85073003328\"}]"},
	{.id = "01900000-0000-7000-8000-0000000000a2", .name = "Jan van den Broeck"},
	{.id = "01900000-0000-7000-8000-0000000000a3", .name = "Émile Janssens"},
	{.id = "01900000-0000-7000-8000-0000000000a4", .name = "Anna D'Hondt-Jansen"},
	{.id = "01900000-0000-7000-8000-0000000000a5",
	 .name = "Broers Øst",
	 .merged_into = "01900000-0000-7000-8000-0000000000a2",
	 .phones = "[{\"value\":\"+3292345678\"}]"},
	{.id = "01900000-0000-7000-8000-0000000000a6",
	 .name = "Bakkerij Løvenbrød",
	 .identifiers = "[{\"scheme\":\"kbo\",\"value\":\"0403019261\"}]"},
};

static void put_people(const struct service *s)
{
	struct town t = {0};
	struct arena a = {0};
	struct err err = {0};

	if (!town_open(&t, s->db, 0, &err) || !town_begin(&t, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		struct party p = people[i];

		if (!town_insert(&t, RECORD_PARTY, &p, NULL, &mark, &a, &err))
			fail_msg("%s", err.text);
	}
	if (!town_commit(&t, &err))
		fail_msg("%s", err.text);
	arena_finish(&a);
	town_close(&t);
}

static void search(struct group *g, const char *token, const char *text, struct http *ret)
{
	char body[1300];

	snprintf(body, sizeof(body), "{\"q\":\"%s\"}", text);
	http_post(&g->service, token, "/v1/parties/search", body, ret);
}

/* names: those found, in order, with a comma behind each. */
static void finds_for(struct group *g, const char *token, const char *text, const char *names)
{
	struct buf b = {0};
	const cJSON *item;
	struct http h;

	search(g, token, text, &h);
	if (h.status != 200)
		fail_msg("%s: %s", text, h.body);
	cJSON_ArrayForEach(item, http_at(&h, "items"))
		buf_printf(&b, "%s,", cJSON_GetObjectItem(item, "name")->valuestring);
	if (strcmp(b.len ? b.data : "", names) != 0)
		fail_msg("%s: %s", text, b.len ? b.data : "nothing");
	buf_finish(&b);
	http_free(&h);
}

static void finds(struct group *g, const char *text, const char *names)
{
	finds_for(g, g->an, text, names);
}

static void test_by_beginnings_of_names(void **state)
{
	struct group *g = *state;

	finds(g, "zoe", "Zoë Vandenbröeck,");
	finds(g, "ZOË", "Zoë Vandenbröeck,");
	finds(g, "vandenbroeck zo", "Zoë Vandenbröeck,");
	finds(g, "  emile,  JANS ", "Émile Janssens,");
	/* Ordered by name without diacritics; a word is not found by its middle. */
	finds(g, "jan", "Anna D'Hondt-Jansen,Émile Janssens,Jan van den Broeck,");
	finds(g, "jans", "Anna D'Hondt-Jansen,Émile Janssens,");
	finds(g, "anssens", "");
	finds(g, "j v d b", "Jan van den Broeck,");
	finds(g, "d'hon", "Anna D'Hondt-Jansen,");
	finds(g, "lovenbrod", "Bakkerij Løvenbrød,");
	finds(g, "jan piet", "");
	/* Two records of one person: the one that stayed. */
	finds(g, "bro", "Jan van den Broeck,");
}

static void test_by_numbers_and_addresses(void **state)
{
	struct group *g = *state;

	finds(g, "0470 12 34 56", "Zoë Vandenbröeck,");
	finds(g, "+32 (0)470/12.34.56", "Zoë Vandenbröeck,");
	finds(g, "0470 12 34 57", "");
	finds(g, "zoe@EXAMPLE.be", "Zoë Vandenbröeck,");
	finds(g, "85.07.30-033.28", "Zoë Vandenbröeck,");
	finds(g, "0403.019.261", "Bakkerij Løvenbrød,");
	finds(g, "BE 0403.019.261", "Bakkerij Løvenbrød,");
	finds(g, "09 234 56 78", "Jan van den Broeck,");
}

static void test_names_may_change(void **state)
{
	struct group *g = *state;
	struct town t = {0};
	struct arena a = {0};
	struct party before = {0}, after;
	struct err err = {0};

	assert_true(town_open(&t, g->service.db, 0, &err));
	assert_true(town_begin(&t, &err));
	assert_true(town_read(&t, RECORD_PARTY, an_id, NULL, &before, &a, &err));
	after = before;
	after.name = "Zita Peeters";
	after.given = "Zita";
	after.family = "Peeters";
	assert_true(town_update(&t, RECORD_PARTY, &before, &after, &mark, &err));
	assert_true(town_commit(&t, &err));
	finds(g, "zoe", "");
	finds(g, "vandenbroeck", "");
	finds(g, "peet zi", "Zita Peeters,");
	assert_true(town_begin(&t, &err));
	before.version = after.version;
	assert_true(town_update(&t, RECORD_PARTY, &after, &before, &mark, &err));
	assert_true(town_commit(&t, &err));
	finds(g, "peet", "");
	finds(g, "zoe", "Zoë Vandenbröeck,");
	assert_true(store_check(t.store, &err));
	arena_finish(&a);
	town_close(&t);
}

/* An outside organisation finds who has an open ticket of its team, and nobody else. */
static void test_outside_finds_its_own(void **state)
{
	struct group *g = *state;
	struct town t = {0};
	struct arena a = {0};
	struct ticket ticket = {.id = "01900000-0000-7000-8000-0000000000b1",
				.subject = "Put in de weg",
				.party_id = an_id,
				.created_at = mark.at};
	struct err err = {0};

	finds_for(g, g->ext, "zoe", "");
	finds_for(g, g->ext, "0470 12 34 56", "");
	assert_true(town_open(&t, g->service.db, 0, &err));
	assert_true(team_by_name(&t, "Aannemer", &ticket.team_id, &a, &err));
	assert_true(town_begin(&t, &err));
	if (!ticket_insert(&t, &ticket, &mark, &a, &err))
		fail_msg("%s", err.text);
	assert_true(town_commit(&t, &err));
	finds_for(g, g->ext, "zoe", "Zoë Vandenbröeck,");
	finds_for(g, g->ext, "0470 12 34 56", "Zoë Vandenbröeck,");
	finds_for(g, g->ext, "jan", "");
	arena_finish(&a);
	town_close(&t);
}

static void test_bounds(void **state)
{
	struct group *g = *state;
	struct town t = {0};
	struct arena a = {0};
	char long_text[1100], id[ID_TEXT];
	struct err err = {0};
	struct http h;

	search(g, g->an, "a b c d e f g h i", &h);
	assert_problem(&h, 422, "bad-field");
	http_free(&h);
	search(g, g->an, " .,- ", &h);
	assert_problem(&h, 422, "bad-field");
	assert_string_equal(http_text(&h, "pointer"), "/q");
	http_free(&h);
	memset(long_text, 'a', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	search(g, g->an, long_text, &h);
	assert_problem(&h, 422, "bad-field");
	http_free(&h);
	http_post(&g->service, g->an, "/v1/parties/search", "{}", &h);
	assert_problem(&h, 422, "bad-field");
	http_free(&h);
	http_post(&g->service, NULL, "/v1/parties/search", "{\"q\":\"jan\"}", &h);
	assert_int_equal(h.status, 401);
	http_free(&h);
	/* In words of the search's own language. */
	finds(g, "jan* OR zoe", "");
	finds(g, "\\\" OR \\\"zoe", "");

	assert_true(town_open(&t, g->service.db, 0, &err));
	assert_true(town_begin(&t, &err));
	for (int i = 0; i < 60; i++) {
		struct party p = {.id = arena_strdup(&a, id_new(id)),
				  .name = arena_printf(&a, "Vele %02d", 59 - i)};

		assert_true(town_insert(&t, RECORD_PARTY, &p, NULL, &mark, &a, &err));
	}
	assert_true(town_commit(&t, &err));
	search(g, g->an, "vel", &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "items")), 50);
	assert_string_equal(http_text(&h, "items.0.name"), "Vele 00");
	assert_string_equal(http_text(&h, "items.49.name"), "Vele 49");
	assert_true(cJSON_IsTrue(http_at(&h, "more")));
	http_free(&h);
	search(g, g->an, "vele 5", &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "items")), 10);
	assert_true(cJSON_IsFalse(http_at(&h, "more")));
	http_free(&h);
	search(g, g->an, "niemand", &h);
	assert_true(cJSON_IsFalse(http_at(&h, "more")));
	http_free(&h);
	search(g, g->an, "0470 12 34 56", &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "items")), 1);
	assert_true(cJSON_IsFalse(http_at(&h, "more")));
	http_free(&h);
	arena_finish(&a);
	town_close(&t);
}

/* A town that was made before parties had words gets them when it is opened. */
static void test_an_older_town_gets_words(void **state)
{
	struct group *g = *state;
	struct town t = {0};
	struct arena a = {0};
	struct err err = {0};

	assert_true(town_open(&t, g->service.db, 0, &err));
	assert_non_null(town_meta(&t, "words", &a));
	assert_true(town_begin(&t, &err));
	assert_true(store_run(store_query(t.store, CENTRAL_SQL_WORDS_FORGET), &err));
	assert_true(town_set_meta(&t, "words", "0", &err));
	assert_true(town_commit(&t, &err));
	town_close(&t);
	finds(g, "emil", "");
	assert_true(town_open(&t, g->service.db, 0, &err));
	town_close(&t);
	finds(g, "emil", "Émile Janssens,");
	finds(g, "bro", "Jan van den Broeck,");
	arena_finish(&a);
}

static int setup(void **state)
{
	int ret = group_start(state, NULL);

	put_people(&((struct group *)*state)->service);
	return ret;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_beginnings_of_names),
		cmocka_unit_test(test_by_numbers_and_addresses),
		cmocka_unit_test(test_names_may_change),
		cmocka_unit_test(test_outside_finds_its_own),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_an_older_town_gets_words),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
