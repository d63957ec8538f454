/* Searching for a citizen by what is typed. */
#include "finds.h"
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

static void test_by_beginnings_of_names(void **state)
{
	struct group *g = *state;

	finds(g, "zoe", "Zoë Vandenbröeck,");
	finds(g, "ZOË", "Zoë Vandenbröeck,");
	finds(g, "vandenbroeck zo", "Zoë Vandenbröeck,");
	finds(g, "  emile,  JANS ", "Émile Janssens,");
	/* Who is called so first, then by name without diacritics; not by the middle of a word. */
	finds(g, "jan", "Jan van den Broeck,Anna D'Hondt-Jansen,Émile Janssens,");
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

/* One party of each, so that what is found says by what. */
static void put_known(struct group *g)
{
	static const struct party known[] = {
		{.id = "01900000-0000-7000-8000-0000000000d1",
		 .name = "Claes, An",
		 .given = "An",
		 .family = "Claes",
		 .birth_date = "1964-03-12",
		 .addresses = "[{\"street\":\"Kerkstraat\",\"number\":\"12B\","
			      "\"postcode\":\"8870\",\"city\":\"Izegem\"}]"},
		{.id = "01900000-0000-7000-8000-0000000000d2",
		 .name = "Claes, Bo",
		 .birth_date = "1964-03-12",
		 .addresses = "[{\"number\":\"12\",\"postcode\":\"8870\"}]"},
		{.id = "01900000-0000-7000-8000-0000000000d3",
		 .name = "Claes, Cas",
		 .birth_date = "1970"},
		{.id = "01900000-0000-7000-8000-0000000000d4", .name = "Van de Voorde, Dirk"},
		{.id = "01900000-0000-7000-8000-0000000000d5", .name = "Vandenvoorde, Eva"},
		{.id = "01900000-0000-7000-8000-0000000000d6",
		 .name = "Claes, A. (oud)",
		 .merged_into = "01900000-0000-7000-8000-0000000000d1",
		 .birth_date = "1964-03-13"},
		{.id = "01900000-0000-7000-8000-0000000000d7",
		 .name = "Harmonie",
		 .kind = PARTY_ASSOCIATION,
		 .identifiers = "[{\"scheme\":\"vcode\",\"value\":\"V0001001\"}]"},
	};
	struct town t = {0};
	struct arena a = {0};
	struct err err = {0};

	assert_true(town_open(&t, g->service.db, 0, &err));
	assert_true(town_begin(&t, &err));
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct party p = known[i];

		if (!town_insert(&t, RECORD_PARTY, &p, NULL, &mark, &a, &err))
			fail_msg("%s", err.text);
	}
	assert_true(town_commit(&t, &err));
	arena_finish(&a);
	town_close(&t);
}

static void test_by_all_that_is_known(void **state)
{
	struct group *g = *state;

	put_known(g);
	finds(g, "claes", "Claes, An,Claes, Bo,Claes, Cas,");
	finds(g, "claes 12031964", "Claes, An,Claes, Bo,");
	finds(g, "12 maart 1964 bo", "Claes, Bo,");
	finds(g, "12/3/64", "Claes, An,Claes, Bo,");
	/* What the record that stayed says holds. */
	finds(g, "13/3/64", "");
	finds(g, "claes 1970", "Claes, Cas,");
	finds(g, "1970", "Claes, Cas,");
	finds(g, "12/3/64 niemand", "");
	finds(g, "8870 12", "Claes, Bo,");
	finds(g, "8870 12b", "Claes, An,");
	finds(g, "8870 12 an", "");
	finds(g, "claes 8870", "Claes, An,Claes, Bo,");
	finds(g, "8870", "Claes, An,Claes, Bo,");
	finds(g, "8870 13", "");
	finds(g, "12/3/64 8870 12", "Claes, Bo,");
	finds(g, "V0001001", "Harmonie,");
	/* Particles together, apart, shortened. */
	finds(g, "vandevoorde", "Van de Voorde, Dirk,Vandenvoorde, Eva,");
	finds(g, "van den voorde", "Van de Voorde, Dirk,Vandenvoorde, Eva,");
	finds(g, "vd voorde", "Van de Voorde, Dirk,Vandenvoorde, Eva,");
	finds(g, "v.d. voorde eva", "Vandenvoorde, Eva,");
	finds(g, "vandenvo", "Vandenvoorde, Eva,Van de Voorde, Dirk,");
	finds(g, "vandev", "Van de Voorde, Dirk,Vandenvoorde, Eva,");
}

static void refuses(struct group *g, const char *text, const char *word)
{
	struct http h;

	search(g, g->an, text, &h);
	assert_problem(&h, 422, "bad-field");
	if (!strstr(h.body, word))
		fail_msg("%s: %s", text, h.body);
	http_free(&h);
}

static void test_says_what_cannot_be(void **state)
{
	struct group *g = *state;

	refuses(g, "claes 31/02/1964", "31/02/1964");
	refuses(g, "26-000001-02", "typing mistake");
	refuses(g, "85.07.30-033.29", "typing mistake");
	refuses(g, "0470 12 34 5", "nothing");
}

#define CARD "/v1/parties/01900000-0000-7000-8000-0000000000d1/card"

/* A ticket of a party, one that it takes part in, one of the party that went into it. */
static void put_asked(struct group *g, char number[TRACKING_TEXT], char old_number[TRACKING_TEXT])
{
	struct ticket tickets[] = {
		{.id = "01900000-0000-7000-8000-0000000000e1",
		 .subject = "Eigen",
		 .party_id = "01900000-0000-7000-8000-0000000000d1",
		 .created_at = mark.at},
		{.id = "01900000-0000-7000-8000-0000000000e2",
		 .subject = "Betrokken",
		 .involved = "[{\"role\":\"concerned\",\"party_id\":"
			     "\"01900000-0000-7000-8000-0000000000d1\",\"name\":\"Claes, An\"}]",
		 .created_at = mark.at + 1000},
		{.id = "01900000-0000-7000-8000-0000000000e3",
		 .subject = "Van voor de samenvoeging",
		 .party_id = "01900000-0000-7000-8000-0000000000d6",
		 .state = STATE_CLOSED,
		 .created_at = mark.at + 2000},
	};
	struct contact contact = {.id = "01900000-0000-7000-8000-0000000000f1",
				  .party_id = "01900000-0000-7000-8000-0000000000d6",
				  .started_at = mark.at,
				  .summary = "Belde"};
	struct town t = {0};
	struct arena a = {0};
	struct err err = {0};

	assert_true(town_open(&t, g->service.db, 0, &err));
	assert_true(town_begin(&t, &err));
	for (size_t i = 0; i < 3; i++)
		if (!ticket_insert(&t, &tickets[i], &mark, &a, &err))
			fail_msg("%s", err.text);
	assert_true(town_insert(&t, RECORD_CONTACT, &contact, NULL, &mark, &a, &err));
	assert_true(town_commit(&t, &err));
	snprintf(number, TRACKING_TEXT, "%s", tickets[0].number);
	snprintf(old_number, TRACKING_TEXT, "%s", tickets[2].number);
	arena_finish(&a);
	town_close(&t);
}

static void test_card(void **state)
{
	struct group *g = *state;
	char number[TRACKING_TEXT], old_number[TRACKING_TEXT];
	struct http h;

	put_asked(g, number, old_number);
	http_get(&g->service, g->an, CARD, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "party.name"), "Claes, An");
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "tickets")), 3);
	assert_string_equal(http_text(&h, "tickets.0.subject"), "Van voor de samenvoeging");
	assert_string_equal(http_text(&h, "tickets.1.subject"), "Betrokken");
	assert_string_equal(http_text(&h, "tickets.2.subject"), "Eigen");
	assert_true(cJSON_IsFalse(http_at(&h, "more_tickets")));
	assert_string_equal(http_text(&h, "contacts.0.summary"), "Belde");
	assert_string_equal(http_text(&h, "merged.0.name"), "Claes, A. (oud)");
	http_free(&h);
	/* The card of the one that went is that of the one that stayed. */
	http_get(&g->service, g->an, "/v1/parties/01900000-0000-7000-8000-0000000000d6/card", &h);
	assert_string_equal(http_text(&h, "party.name"), "Claes, An");
	http_free(&h);
	/* By the number of a ticket: the party, and the ticket itself. */
	search(g, g->an, number, &h);
	assert_string_equal(http_text(&h, "items.0.name"), "Claes, An");
	assert_string_equal(http_text(&h, "ticket.subject"), "Eigen");
	http_free(&h);
	search(g, g->an, old_number, &h);
	assert_string_equal(http_text(&h, "items.0.name"), "Claes, An");
	http_free(&h);
	/* An outside organisation sees neither party nor ticket, until one is handed to it. */
	http_get(&g->service, g->ext, CARD, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
	search(g, g->ext, number, &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "items")), 0);
	assert_null(http_at(&h, "ticket"));
	http_free(&h);
	http_get(&g->service, g->an, "/v1/parties/01900000-0000-7000-8000-00000000ffff/card", &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
}

/* What is found can be read, as long as it is on the desk. */
static void test_card_of_what_they_closed(void **state)
{
	struct group *g = *state;
	char party[37], ticket[37], team[37], key[37], path[80], more[80];
	struct http h;

	group_find(g, "/v1/teams", "Aannemer", team);
	service_act(&g->service, g->an, "party-create", id_new(party), 0,
		    "\"family\":\"Afgewerkt\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	service_ticket(&g->service, g->an, "Gedaan", ticket);
	snprintf(more, sizeof(more), "\"party_id\":\"%s\"", party);
	service_act(&g->service, g->an, "reporter", ticket, 1, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	snprintf(more, sizeof(more), "\"team_id\":\"%s\"", team);
	service_act(&g->service, g->an, "assign", ticket, 2, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	service_act(&g->service, g->ext, "state", ticket, 3, "\"state\":\"closed\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	search(g, g->ext, "afgewerkt", &h);
	assert_string_equal(http_text(&h, "items.0.id"), party);
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/parties/%s/card", party);
	http_get(&g->service, g->ext, path, &h);
	assert_string_equal(http_text(&h, "tickets.0.id"), ticket);
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/parties/%s", party);
	http_get(&g->service, g->ext, path, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
}

static void test_the_feed_tells_of_who_took_over(void **state)
{
	struct group *g = *state;
	char gone[37], stays[37], ticket[37], key[37], feed[200], more[80];
	struct http h;

	for (int i = 0; i < 2; i++) {
		service_act(&g->service, g->an, "party-create", id_new(i ? gone : stays), 0,
			    "\"family\":\"Tweemaal\"", key, &h);
		assert_int_equal(h.status, 200);
		http_free(&h);
	}
	service_ticket(&g->service, g->an, "Van de eerste", ticket);
	snprintf(more, sizeof(more), "\"party_id\":\"%s\"", gone);
	service_act(&g->service, g->an, "reporter", ticket, 1, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	snprintf(more, sizeof(more), "\"into_id\":\"%s\"", stays);
	service_act(&g->service, g->an, "party-merge", gone, 1, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	http_get(&g->service, g->an, "/v1/snapshot", &h);
	snprintf(feed, sizeof(feed), "/v1/changes?after=%s", http_text(&h, "cursor"));
	http_free(&h);
	service_act(&g->service, g->an, "party-change", stays, 1, "\"family\":\"Eenmaal\"", key,
		    &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	http_get(&g->service, g->an, feed, &h);
	assert_string_equal(http_text(&h, "changes.0.record.family"), "Eenmaal");
	http_free(&h);
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
	finds(g, "vandenbroeck", "Jan van den Broeck,");
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

/* What is known of a party follows it too, and is no word of its name. */
static void test_facts_may_change(void **state)
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
	after.birth_date = "1985-07";
	after.addresses = "[{\"street\":\"Markt\",\"number\":\"7/2\",\"postcode\":\"9300\"},"
			  "{\"number\":\"31C\",\"postcode\":\"9310\"},"
			  "{\"number\":\"4\",\"postcode\":\"93\"},"
			  "{\"number\":5,\"postcode\":null},{}]";
	assert_true(town_update(&t, RECORD_PARTY, &before, &after, &mark, &err));
	assert_true(town_commit(&t, &err));
	finds(g, "zoe 1985", "Zoë Vandenbröeck,");
	finds(g, "1985", "Zoë Vandenbröeck,");
	finds(g, "zoe 07/1985", "Zoë Vandenbröeck,");
	finds(g, "zoe 08/1985", "");
	/* The day is not known: whoever says one may mean another. */
	finds(g, "zoe 30/07/1985", "");
	finds(g, "9300", "Zoë Vandenbröeck,");
	finds(g, "9300 7", "");
	finds(g, "9310 31c 1985", "Zoë Vandenbröeck,");
	finds(g, "9310 31", "");
	finds(g, "9300 31c", "");
	finds(g, "vandenbr 9310 31C", "Zoë Vandenbröeck,");
	finds(g, "jan 9310 31C", "");
	finds(g, "0470 12 34 56 zoe 1985", "Zoë Vandenbröeck,");
	finds(g, "0470 12 34 56 zoe 1986", "");
	finds(g, "p9300 zoe", "");
	finds(g, "=p9300 zoe", "");
	finds(g, "h931031c zoe", "");
	finds(g, "b1985 zoe", "");
	assert_true(town_begin(&t, &err));
	before.version = after.version;
	assert_true(town_update(&t, RECORD_PARTY, &after, &before, &mark, &err));
	assert_true(town_commit(&t, &err));
	finds(g, "1985", "");
	finds(g, "9310", "");
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
	assert_null(http_at(&h, "ticket"));
	assert_true(cJSON_IsTrue(http_at(&h, "more")));
	http_free(&h);
	/* A number at the end may be a date that is still being typed. */
	search(g, g->an, "5 vele", &h);
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
	finds(g, "8870 12", "Claes, Bo,");
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
		cmocka_unit_test(test_by_all_that_is_known),
		cmocka_unit_test(test_says_what_cannot_be),
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_card_of_what_they_closed),
		cmocka_unit_test(test_the_feed_tells_of_who_took_over),
		cmocka_unit_test(test_names_may_change),
		cmocka_unit_test(test_facts_may_change),
		cmocka_unit_test(test_outside_finds_its_own),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_an_older_town_gets_words),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
