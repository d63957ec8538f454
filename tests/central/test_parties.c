/* Citizens, and the conversations with them: made, corrected, merged and un-merged, undone; questions
 * asked in a contact, some answered at once. */
#include "group.h"

static const char *const fast[] = {"--rate", "100000", "--burst", "100000", NULL};

static void party_act(struct group *g, const char *token, const char *action, const char *id,
		      int64_t base, const char *more, char ret_operation[37], struct http *ret)
{
	service_act(&g->service, token, action, id, base, more, ret_operation, ret);
}

static void make(struct group *g, const char *more, char id[37])
{
	char operation[37];
	struct http h;

	id_new(id);
	party_act(g, g->an, "party-create", id, 0, more, operation, &h);
	if (h.status != 200)
		fail_msg("%s", h.body);
	http_free(&h);
}

static void get(struct group *g, const char *id, struct http *ret)
{
	char path[80];

	snprintf(path, sizeof(path), "/v1/parties/%s", id);
	http_get(&g->service, g->an, path, ret);
	assert_int_equal(ret->status, 200);
}

static size_t found(struct group *g, const char *text)
{
	struct http h;
	char body[200];
	size_t count;

	snprintf(body, sizeof(body), "{\"q\":\"%s\"}", text);
	http_post(&g->service, g->an, "/v1/parties/search", body, &h);
	assert_int_equal(h.status, 200);
	count = (size_t)cJSON_GetArraySize(http_at(&h, "items"));
	http_free(&h);
	return count;
}

static void test_made_in_its_normal_form(void **state)
{
	struct group *g = *state;
	struct http h;
	char id[37];

	make(g,
	     "\"given\":\"Lieselot\",\"family\":\"Van den Broeck\",\"birth_date\":\"1985-07-30\","
	     "\"language\":\"nl\",\"identifiers\":[{\"raw\":\"85.07.30-033.28\"}],"
	     "\"phones\":[{\"raw\":\"0470 12 34 56\"},{\"raw\":\"+32 470 12 34 56\"}],"
	     "\"emails\":[{\"raw\":\"Lies@EXAMPLE.be\"}],"
	     "\"addresses\":[{\"street\":\"Markt\",\"number\":\"1\",\"postcode\":\"8870\","
	     "\"city\":\"Izegem\"},{}]",
	     id);
	get(g, id, &h);
	assert_string_equal(http_text(&h, "name"), "Van den Broeck, Lieselot");
	assert_string_equal(http_text(&h, "kind"), "citizen");
	assert_string_equal(http_text(&h, "identifiers.0.scheme"), "rrn");
	assert_string_equal(http_text(&h, "identifiers.0.value"), "85073003328");
	assert_string_equal(http_text(&h, "phones.0.value"), "+32470123456");
	assert_null(http_at(&h, "phones.1"));
	assert_string_equal(http_text(&h, "emails.0.value"), "Lies@example.be");
	assert_null(http_at(&h, "addresses.1"));
	assert_int_equal(http_number(&h, "version"), 1);
	http_free(&h);
	assert_int_equal(found(g, "broeck lies"), 1);
	assert_int_equal(found(g, "0470123456"), 1);
}

static void refuses(struct group *g, const char *more, const char *words)
{
	char id[37], operation[37];
	struct http h;

	id_new(id);
	party_act(g, g->an, "party-create", id, 0, more, operation, &h);
	assert_problem(&h, 422, "bad-field");
	if (!strstr(h.body, words))
		fail_msg("%s", h.body);
	http_free(&h);
}

static void test_bad_input_is_told(void **state)
{
	struct group *g = *state;
	char many[4096] = "\"name\":\"x\",\"phones\":[{}";
	char operation[37], id[37];
	struct http h;

	refuses(g, "\"language\":\"nl\"", "name is missing");
	refuses(g, "\"name\":\"   \"", "name is missing");
	refuses(g, "\"name\":\"x\",\"language\":\"it\"", "the language is nl, fr, en or de");
	refuses(g, "\"name\":\"x\",\"birth_date\":\"2999-01-01\"", "lies in the future");
	refuses(g, "\"name\":\"x\",\"birth_date\":\"1985-02-30\"", "must be a date");
	refuses(g, "\"name\":\"x\",\"phones\":[{\"raw\":\"123\"}]", "phone “123”");
	refuses(g, "\"name\":\"x\",\"identifiers\":[{\"raw\":\"85.07.30-033.29\"}]",
		"check digits are not right");
	refuses(g, "\"name\":\"x\",\"identifiers\":[{\"raw\":\"V1\",\"scheme\":\"kbo\"}]",
		"number “V1”");
	refuses(g, "\"name\":\"x\",\"emails\":[{\"raw\":\"nobody\"}]", "mail address “nobody”");
	refuses(g, "\"name\":\"x\",\"phones\":{\"raw\":\"1\"}", "phones must be a list");
	refuses(g, "\"name\":\"x\",\"phones\":[{\"nr\":\"1\"}]", "no field");
	for (int i = 0; i < 16; i++)
		strcat(many, ",{}");
	strcat(many, "]");
	refuses(g, many, "at most 16");
	/* An outside organisation has no business with who citizens are. */
	id_new(id);
	party_act(g, g->ext, "party-create", id, 0, "\"name\":\"x\"", operation, &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
}

static void test_corrected_and_undone(void **state)
{
	struct group *g = *state;
	char id[37], operation[37], undo[37], more[100];
	struct http h;

	make(g, "\"name\":\"Claes, An\",\"phones\":[{\"raw\":\"051 30 12 34\"}]", id);
	party_act(g, g->an, "party-change", id, 0, "\"name\":\"Claeys, An\"", operation, &h);
	assert_problem(&h, 428, "no-base");
	http_free(&h);
	party_act(g, g->an, "party-change", id, 7, "\"name\":\"Claeys, An\"", operation, &h);
	assert_problem(&h, 412, "stale");
	assert_string_equal(http_text(&h, "current.name"), "Claes, An");
	http_free(&h);
	party_act(g, g->an, "party-change", id, 1, "\"name\":\"Claeys, An\"", operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "type"), "party");
	assert_int_equal(http_number(&h, "version"), 2);
	http_free(&h);
	/* The form is whole: what is not in it is gone. */
	assert_int_equal(found(g, "051301234"), 0);
	snprintf(more, sizeof(more), "\"operation\":\"%s\"", operation);
	party_act(g, g->bob, "undo", id, 0, more, undo, &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
	party_act(g, g->an, "undo", id, 0, more, undo, &h);
	if (h.status != 200)
		fail_msg("%s", h.body);
	assert_string_equal(http_text(&h, "record.name"), "Claes, An");
	http_free(&h);
	assert_int_equal(found(g, "051301234"), 1);
	/* Twice is once too often. */
	party_act(g, g->an, "undo", id, 0, more, undo, &h);
	assert_problem(&h, 409, "undo-conflict");
	http_free(&h);
}

static void test_merged_and_unmerged(void **state)
{
	struct group *g = *state;
	char one[37], two[37], three[37], operation[37], more[100], ticket[37];
	struct http h;

	make(g, "\"name\":\"Dewulf, Piet\",\"phones\":[{\"raw\":\"0471 11 11 11\"}]", one);
	make(g, "\"name\":\"Dewulf, Pieter\"", two);
	make(g, "\"name\":\"Dewulf, Petrus\"", three);
	snprintf(more, sizeof(more), "\"into_id\":\"%s\"", one);
	party_act(g, g->an, "party-merge", one, 1, more, operation, &h);
	assert_problem(&h, 409, "state");
	http_free(&h);
	snprintf(more, sizeof(more), "\"into_id\":\"%s\"", two);
	party_act(g, g->an, "party-merge", one, 1, more, operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.merged_into"), two);
	http_free(&h);
	/* Round in a circle: no. */
	snprintf(more, sizeof(more), "\"into_id\":\"%s\"", one);
	party_act(g, g->an, "party-merge", two, 1, more, operation, &h);
	assert_problem(&h, 409, "state");
	http_free(&h);
	/* Two go into a third: who asks for the first gets the third. */
	snprintf(more, sizeof(more), "\"into_id\":\"%s\"", three);
	party_act(g, g->an, "party-merge", two, 1, more, operation, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	snprintf(more, sizeof(more), "\"subject\":\"Tegel\",\"party_id\":\"%s\"", one);
	id_new(ticket);
	party_act(g, g->an, "create", ticket, 0, more, operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.party_id"), three);
	http_free(&h);
	assert_int_equal(found(g, "dewulf"), 1);
	/* A record that went into another is not changed any more. */
	party_act(g, g->an, "party-change", one, 2, "\"name\":\"x\"", operation, &h);
	assert_problem(&h, 409, "state");
	http_free(&h);
	party_act(g, g->an, "party-unmerge", one, 2, NULL, operation, &h);
	assert_int_equal(h.status, 200);
	assert_null(http_text(&h, "record.merged_into"));
	http_free(&h);
	assert_int_equal(found(g, "dewulf"), 2);
	assert_int_equal(found(g, "0471111111"), 1);
}

/* A phone call by party; id gets the contact's. */
static void call(struct group *g, const char *party, char id[37])
{
	char operation[37], more[300];
	struct http h;

	id_new(id);
	snprintf(
		more, sizeof(more),
		"\"channel\":\"phone\",\"party_id\":\"%s\",\"started_at\":\"2026-11-24T09:00:00Z\","
		"\"ended_at\":\"2026-11-24T09:04:00Z\",\"summary\":\"Twee vragen\"",
		party);
	party_act(g, g->an, "contact", id, 0, more, operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "type"), "contact");
	assert_string_equal(http_text(&h, "record.direction"), "in");
	http_free(&h);
}

/* Each new one is made the one that stays: what is known of the first leads to the last. */
static void test_merged_again_and_again(void **state)
{
	enum { MANY = 110 };
	struct group *g = *state;
	char id[MANY][37], team[37], operation[37], ticket[37], more[200], path[80];
	struct http h;

	make(g, "\"name\":\"Baele, Zoë\",\"phones\":[{\"raw\":\"0478 11 22 33\"}]", id[0]);
	group_find(g, "/v1/teams", "Aannemer", team);
	id_new(ticket);
	snprintf(more, sizeof(more), "\"subject\":\"Put\",\"party_id\":\"%s\",\"team_id\":\"%s\"",
		 id[0], team);
	party_act(g, g->an, "create", ticket, 0, more, operation, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	for (int i = 1; i < MANY; i++) {
		snprintf(more, sizeof(more), "\"name\":\"Baele, %d\"", i);
		make(g, more, id[i]);
		snprintf(more, sizeof(more), "\"into_id\":\"%s\"", id[i]);
		party_act(g, g->an, "party-merge", id[i - 1], 1, more, operation, &h);
		assert_int_equal(h.status, 200);
		http_free(&h);
	}
	http_post(&g->service, g->an, "/v1/parties/search", "{\"q\":\"0478 112233\"}", &h);
	assert_string_equal(http_text(&h, "items.0.id"), id[MANY - 1]);
	http_free(&h);
	http_post(&g->service, g->ext, "/v1/parties/search", "{\"q\":\"0478 112233\"}", &h);
	assert_string_equal(http_text(&h, "items.0.id"), id[MANY - 1]);
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/parties/%s/card", id[0]);
	http_get(&g->service, g->ext, path, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "party.id"), id[MANY - 1]);
	assert_string_equal(http_text(&h, "tickets.0.id"), ticket);
	http_free(&h);
	snprintf(more, sizeof(more), "\"subject\":\"Nog een put\",\"party_id\":\"%s\"", id[0]);
	id_new(ticket);
	party_act(g, g->an, "create", ticket, 0, more, operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.party_id"), id[MANY - 1]);
	http_free(&h);
}

static void test_answered_at_once(void **state)
{
	struct group *g = *state;
	char party[37], contact[37], ticket[37], operation[37], more[400];
	struct http h;

	make(g, "\"name\":\"Maes, Els\"", party);
	call(g, party, contact);
	id_new(ticket);
	snprintf(more, sizeof(more),
		 "\"subject\":\"Openingsuren\",\"channel\":\"phone\",\"party_id\":\"%s\","
		 "\"contact_id\":\"%s\",\"answer\":\"Tot vijf uur\",\"close\":true",
		 party, contact);
	party_act(g, g->an, "create", ticket, 0, more, operation, &h);
	if (h.status != 200)
		fail_msg("%s", h.body);
	assert_string_equal(http_text(&h, "record.state"), "closed");
	assert_non_null(http_text(&h, "record.answered_at"));
	assert_non_null(http_text(&h, "record.agent_id"));
	http_free(&h);
	snprintf(more, sizeof(more), "/v1/tickets/%s/timeline", ticket);
	http_get(&g->service, g->an, more, &h);
	assert_string_equal(http_text(&h, "messages.0.direction"), "in");
	assert_string_equal(http_text(&h, "messages.0.contact_id"), contact);
	assert_string_equal(http_text(&h, "messages.0.body"), "Openingsuren");
	assert_string_equal(http_text(&h, "messages.1.direction"), "out");
	assert_string_equal(http_text(&h, "messages.1.state"), "sent");
	assert_string_equal(http_text(&h, "messages.1.channel"), "phone");
	http_free(&h);
}

static void test_for_somebody_else_and_again(void **state)
{
	struct group *g = *state;
	char party[37], child[37], contact[37], ticket[37], operation[37], more[400];
	struct http h;

	make(g, "\"name\":\"Maes, Mia\"", party);
	make(g, "\"name\":\"Maes, Jef\"", child);
	call(g, party, contact);
	id_new(ticket);
	snprintf(more, sizeof(more),
		 "\"subject\":\"Kapotte lamp\",\"channel\":\"phone\",\"party_id\":\"%s\","
		 "\"contact_id\":\"%s\",\"on_behalf_id\":\"%s\",\"body\":\"Voor de deur\"",
		 party, contact, child);
	party_act(g, g->an, "create", ticket, 0, more, operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.state"), "new");
	assert_string_equal(http_text(&h, "record.involved.0.role"), "on-behalf-of");
	assert_string_equal(http_text(&h, "record.involved.0.party_id"), child);
	http_free(&h);
	/* She calls again: it is our turn. */
	party_act(g, g->an, "state", ticket, 1, "\"state\":\"answered\"", operation, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	party_act(g, g->an, "said", ticket, 0, "\"body\":\"Nog altijd stuk\",\"channel\":\"phone\"",
		  operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.state"), "open");
	http_free(&h);
}

static void test_contacts_that_cannot_be(void **state)
{
	struct group *g = *state;
	char party[37], id[37], operation[37], more[200];
	struct http h;

	make(g, "\"name\":\"Maes, Stan\"", party);
	id_new(id);
	party_act(g, g->an, "contact", id, 0,
		  "\"channel\":\"phone\",\"started_at\":\"2026-11-24T09:00:00Z\","
		  "\"ended_at\":\"2026-11-24T08:00:00Z\"",
		  operation, &h);
	assert_problem(&h, 422, "bad-field");
	http_free(&h);
	snprintf(more, sizeof(more), "\"subject\":\"x\",\"contact_id\":\"%s\"", party);
	id_new(id);
	party_act(g, g->an, "create", id, 0, more, operation, &h);
	assert_problem(&h, 422, "bad-field");
	assert_string_equal(http_text(&h, "pointer"), "/contact_id");
	http_free(&h);
}

static void test_whose_ticket_it_is(void **state)
{
	struct group *g = *state;
	char party[37], ticket[37], operation[37], undo[37], more[100];
	struct http h;

	make(g, "\"name\":\"Baert, Rik\"", party);
	service_ticket(&g->service, g->an, "Zonder naam", ticket);
	snprintf(more, sizeof(more), "\"party_id\":\"%s\"", party);
	party_act(g, g->an, "reporter", ticket, 1, more, operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.party_name"), "Baert, Rik");
	assert_string_equal(http_text(&h, "record.state"), "open");
	http_free(&h);
	snprintf(more, sizeof(more), "\"operation\":\"%s\"", operation);
	party_act(g, g->an, "undo", ticket, 0, more, undo, &h);
	assert_int_equal(h.status, 200);
	assert_null(http_text(&h, "record.party_id"));
	assert_null(http_text(&h, "record.party_name"));
	assert_string_equal(http_text(&h, "record.state"), "new");
	http_free(&h);
}

static int start(void **state)
{
	return group_start(state, fast);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_in_its_normal_form),
		cmocka_unit_test(test_bad_input_is_told),
		cmocka_unit_test(test_corrected_and_undone),
		cmocka_unit_test(test_merged_and_unmerged),
		cmocka_unit_test(test_merged_again_and_again),
		cmocka_unit_test(test_answered_at_once),
		cmocka_unit_test(test_for_somebody_else_and_again),
		cmocka_unit_test(test_contacts_that_cannot_be),
		cmocka_unit_test(test_whose_ticket_it_is),
	};

	return cmocka_run_group_tests(tests, start, group_stop);
}
