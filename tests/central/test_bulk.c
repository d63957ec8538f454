/* Many changes at once: tried without doing them, done in turns with others, each once. */
#include "group.h"

static const char *const fast[] = {"--rate", "100000", "--burst", "100000", NULL};

static int setup(void **state)
{
	return group_start(state, fast);
}

static void post(struct group *g, const char *token, const char *path, const char *key,
		 const char *body, struct http *ret)
{
	char header[80];
	const char *headers[] = {header, NULL};

	snprintf(header, sizeof(header), "Idempotency-Key: %s", key ? key : "");
	http_call(&g->service, token, "POST", path, body, key ? headers : NULL, ret);
}

static double version_of(struct group *g, const char *id)
{
	char path[100];
	struct http h;
	double ret;

	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	http_get(&g->service, g->an, path, &h);
	ret = http_number(&h, "version");
	http_free(&h);
	return ret;
}

static void test_a_dry_run_changes_nothing(void **state)
{
	struct group *g = *state;
	char id[37], none[37], key[37], k[5][37], made[37], path[100], epoch[120];
	struct http h;
	char *body;

	service_ticket(&g->service, g->an, "Op proef", id);
	id_new(none);
	id_new(key);
	id_new(made);
	for (int i = 0; i < 5; i++)
		id_new(k[i]);
	http_get(&g->service, g->an, "/v1/snapshot", &h);
	snprintf(epoch, sizeof(epoch), "%s", http_text(&h, "cursor"));
	http_free(&h);
	body = xasprintf(
		"[{\"id\":\"%s\",\"action\":\"priority\",\"record\":\"%s\",\"base_version\":1,"
		"\"priority\":\"high\"},"
		"{\"id\":\"%s\",\"action\":\"priority\",\"record\":\"%s\",\"base_version\":1,"
		"\"priority\":\"low\"},"
		"{\"id\":\"%s\",\"action\":\"note\",\"record\":\"%s\",\"body\":\"x\"},"
		"{\"id\":\"%s\",\"action\":\"subject\",\"record\":\"%s\",\"base_version\":7,"
		"\"subject\":\"x\"},"
		"{\"id\":\"%s\",\"action\":\"create\",\"record\":\"%s\",\"subject\":\"x\"}]",
		k[0], id, k[1], id, k[2], none, k[3], id, k[4], made);
	post(g, g->an, "/v1/actions?dry_run=1", NULL, body, &h);
	assert_int_equal(h.status, 200);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "results")), 5);
	/* Each is tried on what is there, not on what the one before would make of it. */
	assert_true(http_number(&h, "results.0.status") == 200);
	assert_string_equal(http_text(&h, "results.0.record.priority"), "high");
	assert_true(http_number(&h, "results.1.version") == 2);
	assert_string_equal(http_text(&h, "results.1.record.priority"), "low");
	assert_true(http_number(&h, "results.2.status") == 404);
	assert_null(http_at(&h, "results.2.others"));
	assert_true(http_number(&h, "results.3.status") == 412);
	assert_true(http_number(&h, "results.4.status") == 200);
	assert_null(http_text(&h, "results.4.record.number"));
	http_free(&h);
	/* No row of the journal, no ticket, no number, and no answer kept under a key. */
	http_get(&g->service, g->an, "/v1/snapshot", &h);
	assert_string_equal(http_text(&h, "cursor"), epoch);
	http_free(&h);
	assert_true(version_of(g, id) == 1);
	snprintf(path, sizeof(path), "/v1/tickets/%s", made);
	http_get(&g->service, g->an, path, &h);
	assert_int_equal(h.status, 404);
	http_free(&h);
	/* Who wrote it in other words meant it all the same. */
	post(g, g->an, "/v1/actions?dry_run=yes", key, body, &h);
	assert_problem(&h, 400, "bad-request");
	http_free(&h);
	post(g, g->an, "/v1/actions", key, body, &h);
	assert_true(http_number(&h, "results.0.version") == 2);
	assert_true(http_number(&h, "results.1.status") == 412);
	assert_non_null(http_text(&h, "results.4.record.number"));
	http_free(&h);
	free(body);
}

static void test_a_dry_run_says_who_is_there(void **state)
{
	struct group *g = *state;
	char id[37], k[37];
	struct http h;
	char *body, *look;

	service_ticket(&g->service, g->an, "Bob schrijft", id);
	look = xasprintf("{\"ticket_id\":\"%s\",\"typing\":true}", id);
	http_call(&g->service, g->bob, "PUT", "/v1/presence", look, NULL, &h);
	assert_int_equal(h.status, 204);
	http_free(&h);
	body = xasprintf("{\"id\":\"%s\",\"action\":\"priority\",\"record\":\"%s\",\"base_version\""
			 ":1,\"priority\":\"high\"}",
			 id_new(k), id);
	/* On PostgreSQL a service hears by way of the server who is where. */
	for (int i = 0; i < 1000; i++) {
		post(g, g->an, "/v1/actions?dry_run=1", NULL, body, &h);
		assert_int_equal(h.status, 200);
		if (http_text(&h, "others.0.name"))
			break;
		http_free(&h);
	}
	assert_string_equal(http_text(&h, "others.0.name"), "bob");
	assert_true(http_number(&h, "others.0.typing") == 1);
	http_free(&h);
	/* He does not stand in his own way. */
	post(g, g->bob, "/v1/actions?dry_run=1", NULL, body, &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "others")), 0);
	http_free(&h);
	/* Who may not see the ticket hears nothing of who does. */
	post(g, g->ext, "/v1/actions?dry_run=1", NULL, body, &h);
	assert_problem(&h, 404, "not-found");
	assert_null(strstr(h.body, "bob"));
	http_free(&h);
	/* Done for good, it is an action like others. */
	post(g, g->an, "/v1/actions", NULL, body, &h);
	assert_problem(&h, 428, "key-missing");
	http_free(&h);
	post(g, g->an, "/v1/actions", k, body, &h);
	assert_int_equal(h.status, 200);
	assert_null(http_at(&h, "others"));
	http_free(&h);
	free(body);
	free(look);
}

/* A hundred notes on one ticket, so that each needs the one before: the list is done in several turns,
 * and sent again it says the same. */
static void test_a_long_list_is_done_once(void **state)
{
	struct group *g = *state;
	char id[37], key[37], k[37];
	struct buf body = {0};
	struct http h, again;

	service_ticket(&g->service, g->an, "Veel", id);
	for (int i = 0; i < 100; i++)
		buf_printf(
			&body,
			"%s{\"id\":\"%s\",\"action\":\"note\",\"record\":\"%s\",\"body\":\"%d\"}",
			i ? "," : "[", id_new(k), id, i);
	buf_add_char(&body, ']');
	post(g, g->an, "/v1/actions", id_new(key), body.data, &h);
	assert_int_equal(h.status, 200);
	for (int i = 0; i < 100; i++) {
		char at[40];

		snprintf(at, sizeof(at), "results.%d.version", i);
		assert_true(http_number(&h, at) == i + 2);
	}
	post(g, g->an, "/v1/actions", key, body.data, &again);
	assert_string_equal(again.body, h.body);
	assert_true(version_of(g, id) == 101);
	http_free(&again);
	http_free(&h);
	buf_finish(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_dry_run_changes_nothing),
		cmocka_unit_test(test_a_dry_run_says_who_is_there),
		cmocka_unit_test(test_a_long_list_is_done_once),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
