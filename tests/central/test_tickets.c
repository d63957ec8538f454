/* Reading: one ticket, lists, pages of a queue, and that the interface says what it does. */
#include "group.h"

static const char *const fast[] = {"--rate", "100000", "--burst", "100000", NULL};

static int setup(void **state)
{
	return group_start(state, fast);
}

static void test_etag(void **state)
{
	static const char *const same[] = {"If-None-Match: \"v9\", \"v1\"", NULL};
	static const char *const other[] = {"If-None-Match: \"v11\"", NULL};
	struct group *g = *state;
	char id[37], path[100];
	struct http h;

	service_ticket(&g->service, g->an, "Versie", id);
	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(http_header(&h, "ETag"), "\"v1\"");
	http_free(&h);
	http_call(&g->service, g->an, "GET", path, NULL, same, &h);
	assert_int_equal(h.status, 304);
	assert_int_equal(h.len, 0);
	http_free(&h);
	http_call(&g->service, g->an, "GET", path, NULL, other, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
}

static void test_by_number_in_any_writing(void **state)
{
	struct group *g = *state;
	char id[37], path[100], number[20];
	struct http h;

	service_ticket(&g->service, g->an, "Nummer", id);
	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	http_get(&g->service, g->an, path, &h);
	snprintf(number, sizeof(number), "%s", http_text(&h, "number"));
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/by-number/%.2s%.6s%.2s", number, number + 3,
		 number + 10);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(http_text(&h, "id"), id);
	http_free(&h);
	http_get(&g->service, g->an, "/v1/tickets/by-number/123", &h);
	assert_problem(&h, 400, "bad-request");
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets?number=%s", number);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(http_text(&h, "items.0.id"), id);
	http_free(&h);
}

/* Walks all pages and gives how many rows there were; each must be new. */
static int walk(struct group *g, const char *start, int limit)
{
	static char seen[500][37];
	char path[300];
	char next[100] = "";
	const cJSON *item;
	struct http h;
	int count = 0;
	int i;

	do {
		snprintf(path, sizeof(path), "%s&limit=%d%s%s", start, limit,
			 next[0] ? "&after=" : "", next);
		http_get(&g->service, g->an, path, &h);
		assert_int_equal(h.status, 200);
		assert_true(cJSON_GetArraySize(http_at(&h, "items")) <= limit);
		cJSON_ArrayForEach(item, http_at(&h, "items"))
		{
			const char *id = cJSON_GetObjectItem(item, "id")->valuestring;

			for (i = 0; i < count; i++)
				assert_string_not_equal(seen[i], id);
			snprintf(seen[count++], 37, "%s", id);
		}
		snprintf(next, sizeof(next), "%s",
			 http_text(&h, "next") ? http_text(&h, "next") : "");
		http_free(&h);
	} while (next[0]);
	return count;
}

static void test_pages_meet(void **state)
{
	struct group *g = *state;
	char id[37], key[37];
	struct http h;
	int before = walk(g, "/v1/tickets?view=all", 100);
	int i;

	for (i = 0; i < 25; i++)
		service_ticket(&g->service, g->an, "Blad", id);
	/* Equal keys: all without a deadline. */
	assert_int_equal(walk(g, "/v1/tickets?view=all&sort=due", 7), before + 25);
	assert_int_equal(walk(g, "/v1/tickets?view=all&sort=created&desc=1", 7), before + 25);
	assert_int_equal(walk(g, "/v1/tickets?view=unassigned&sort=updated", 3), before + 25);
	assert_int_equal(walk(g, "/v1/tickets?view=mine", 3), 0);
	assert_int_equal(walk(g, "/v1/tickets?desk=1", 4), before + 25);
	service_act(&g->service, g->an, "due", id, 1, "\"due_at\":\"2020-01-01T00:00:00Z\"", key,
		    &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	assert_int_equal(walk(g, "/v1/tickets?view=overdue", 3), 1);
	assert_int_equal(walk(g, "/v1/tickets?view=overdue&sort=created&desc=1", 3), 1);
	http_get(&g->service, g->an, "/v1/tickets?view=all&sort=due&limit=1", &h);
	assert_string_equal(http_text(&h, "items.0.id"), id);
	http_free(&h);
	http_get(&g->service, g->an, "/v1/tickets?state=dansend", &h);
	assert_problem(&h, 400, "bad-request");
	http_free(&h);
	http_get(&g->service, g->an, "/v1/tickets?view=all&limit=100000", &h);
	assert_problem(&h, 400, "bad-request");
	http_free(&h);
}

/* One ticket is for the reader, behind so many that are not that a page must look further in steps. */
static void test_a_page_looks_further(void **state)
{
	struct group *g = *state;
	char first[37], id[37], key[37], team[37], agent[37], path[200];
	char *more;
	struct http h;
	int i;

	group_find(g, "/v1/teams", "Wegen", team);
	group_find(g, "/v1/agents", "bob", agent);
	service_ticket(&g->service, g->an, "Ver weg", first);
	for (i = 0; i < 45; i++)
		service_ticket(&g->service, g->an, "Ertussen", id);
	more = xasprintf("\"team_id\":\"%s\",\"agent_id\":\"%s\"", team, agent);
	service_act(&g->service, g->an, "assign", first, 1, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets?view=all&sort=created&desc=1&agent=%s", agent);
	assert_int_equal(walk(g, path, 1), 1);
	assert_int_equal(walk(g, path, 40), 1);
	snprintf(path, sizeof(path), "/v1/tickets?view=all&sort=created&agent=%s", agent);
	assert_int_equal(walk(g, path, 1), 1);
	/* Of nobody: all the way to the end. */
	snprintf(path, sizeof(path), "/v1/tickets?view=unassigned&agent=%s", agent);
	assert_int_equal(walk(g, path, 1), 0);
	snprintf(path, sizeof(path), "/v1/tickets?agent=%s&team=%s", agent, team);
	assert_int_equal(walk(g, path, 1), 1);
	free(more);
}

static void test_reference_lists(void **state)
{
	static const char *const paths[] = {
		"/v1/teams",	      "/v1/agents",   "/v1/topics",	    "/v1/parties",
		"/v1/parties?desk=1", "/v1/contacts", "/v1/contacts?desk=1"};
	struct group *g = *state;
	char path[100], id[37];
	struct http h;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		http_get(&g->service, g->an, paths[i], &h);
		assert_int_equal(h.status, 200);
		assert_non_null(http_at(&h, "items"));
		assert_true(cJSON_IsNull(http_at(&h, "next")));
		assert_null(strstr(h.body, "argon2"));
		http_free(&h);
		http_get(&g->service, g->ext, paths[i], &h);
		assert_int_equal(h.status, 200);
		http_free(&h);
	}
	group_find(g, "/v1/teams", "Wegen", id);
	snprintf(path, sizeof(path), "/v1/teams/%s", id);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(http_text(&h, "name"), "Wegen");
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/messages/%s/raw", id);
	http_get(&g->service, g->an, path, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/attachments/%s", id);
	http_get(&g->service, g->an, path, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
}

/* Every address of the document answers, and with a method that it does not list says 405. */
static void test_openapi_and_service_agree(void **state)
{
	struct group *g = *state;
	const cJSON *path, *method;
	struct http doc, h;
	char url[200], id[37];
	int paths = 0;

	http_get(&g->service, NULL, "/v1/openapi.json", &doc);
	assert_int_equal(doc.status, 200);
	assert_string_equal(http_text(&doc, "openapi"), "3.1.0");
	service_ticket(&g->service, g->an, "Beschreven", id);
	cJSON_ArrayForEach(path, http_at(&doc, "paths"))
	{
		const char *brace = strchr(path->string, '{');

		paths++;
		if (brace)
			snprintf(url, sizeof(url), "%.*s%s%s", (int)(brace - path->string),
				 path->string, id, strchr(brace, '}') + 1);
		else
			snprintf(url, sizeof(url), "%s", path->string);
		http_call(&g->service, g->an, "DELETE", url, NULL, NULL, &h);
		assert_problem(&h, 405, "method");
		assert_non_null(http_header(&h, "Allow"));
		http_free(&h);
		cJSON_ArrayForEach(method, path)
			assert_non_null(cJSON_GetObjectItem(method, "responses"));
	}
	assert_int_equal(paths, 33);
	assert_non_null(http_at(&doc, "components.schemas.ticket.properties.subject"));
	assert_non_null(http_at(&doc, "components.schemas.action-assign.properties.team_id"));
	http_free(&doc);
	http_get(&g->service, NULL, "/v1/niets", &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
}

/* What a ticket's JSON holds is what the document says, and no more. */
static void test_ticket_has_the_documents_fields(void **state)
{
	struct group *g = *state;
	char id[37], path[100];
	const cJSON *field, *properties;
	struct http doc, h;

	http_get(&g->service, NULL, "/v1/openapi.json", &doc);
	service_ticket(&g->service, g->an, "Velden", id);
	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	http_get(&g->service, g->an, path, &h);
	properties = http_at(&doc, "components.schemas.ticket.properties");
	assert_int_equal(cJSON_GetArraySize(h.json), cJSON_GetArraySize(properties));
	cJSON_ArrayForEach(field, h.json)
		assert_non_null(cJSON_GetObjectItemCaseSensitive(properties, field->string));
	http_free(&h);
	http_free(&doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_etag),
		cmocka_unit_test(test_by_number_in_any_writing),
		cmocka_unit_test(test_pages_meet),
		cmocka_unit_test(test_a_page_looks_further),
		cmocka_unit_test(test_reference_lists),
		cmocka_unit_test(test_openapi_and_service_agree),
		cmocka_unit_test(test_ticket_has_the_documents_fields),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
