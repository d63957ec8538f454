/* Writing: done once, in order, never over somebody else's change. */
#include "group.h"

static const char *const fast[] = {"--rate", "100000", "--burst", "100000", NULL};

static int setup(void **state)
{
	return group_start(state, fast);
}

static void post_actions(struct group *g, const char *token, const char *key, const char *body,
			 struct http *ret)
{
	char header[80];
	const char *headers[] = {header, NULL};

	snprintf(header, sizeof(header), "Idempotency-Key: %s", key);
	http_call(&g->service, token, "POST", "/v1/actions", body, key ? headers : NULL, ret);
}

static void test_create_gives_number_and_message(void **state)
{
	struct group *g = *state;
	char id[37], key[37], path[100];
	struct http h;

	id_new(id);
	service_act(
		&g->service, g->an, "create", id, 0,
		"\"subject\":\"Put in de weg\",\"body\":\"Voor nummer 5\",\"channel\":\"phone\"",
		key, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "id"), key);
	assert_string_equal(http_text(&h, "type"), "ticket");
	assert_string_equal(http_text(&h, "record.id"), id);
	assert_string_equal(http_text(&h, "record.state"), "new");
	assert_int_equal(strlen(http_text(&h, "record.number")), 12);
	assert_true(http_number(&h, "version") == 1);
	assert_non_null(http_text(&h, "seq"));
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", id);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(http_text(&h, "messages.0.id"), key);
	assert_string_equal(http_text(&h, "messages.0.body"), "Voor nummer 5");
	assert_string_equal(http_text(&h, "messages.0.direction"), "in");
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "changes")), 2);
	http_free(&h);
	/* The same ticket under another key is somebody else's mistake. */
	service_act(&g->service, g->an, "create", id, 0, "\"subject\":\"x\"", key, &h);
	assert_problem(&h, 409, "state");
	http_free(&h);
}

static void test_same_key_is_done_once(void **state)
{
	struct group *g = *state;
	char id[37], key[37], path[100];
	char *body;
	struct http h, again;

	service_ticket(&g->service, g->an, "Eenmaal", id);
	id_new(key);
	body = xasprintf("{\"id\":\"%s\",\"action\":\"note\",\"record\":\"%s\",\"body\":\"x\"}",
			 key, id);
	post_actions(g, g->an, key, body, &h);
	assert_int_equal(h.status, 200);
	assert_null(http_header(&h, "Idempotent-Replayed"));
	post_actions(g, g->an, key, body, &again);
	assert_int_equal(again.status, 200);
	assert_string_equal(http_header(&again, "Idempotent-Replayed"), "true");
	assert_string_equal(again.body, h.body);
	http_free(&again);
	/* Of another agent it is another thing. */
	post_actions(g, g->bob, key, body, &again);
	assert_problem(&again, 422, "key-reused");
	http_free(&again);
	http_free(&h);
	free(body);
	body = xasprintf("{\"id\":\"%s\",\"action\":\"note\",\"record\":\"%s\",\"body\":\"y\"}",
			 key, id);
	post_actions(g, g->an, key, body, &h);
	assert_problem(&h, 422, "key-reused");
	http_free(&h);
	free(body);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", id);
	http_get(&g->service, g->an, path, &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "notes")), 1);
	http_free(&h);
}

static void test_keys_are_needed(void **state)
{
	struct group *g = *state;
	char id[37], key[37];
	char *body;
	struct http h;

	id_new(id);
	id_new(key);
	body = xasprintf(
		"{\"id\":\"%s\",\"action\":\"create\",\"record\":\"%s\",\"subject\":\"x\"}", key,
		id);
	http_post(&g->service, g->an, "/v1/actions", body, &h);
	assert_problem(&h, 428, "key-missing");
	http_free(&h);
	post_actions(g, g->an, id, body, &h);
	assert_problem(&h, 422, "key-reused");
	http_free(&h);
	free(body);
}

static void test_stale_tells_what_changed(void **state)
{
	struct group *g = *state;
	char id[37], key[37];
	struct http h;

	service_ticket(&g->service, g->an, "Samen", id);
	service_act(&g->service, g->bob, "priority", id, 1, "\"priority\":\"high\"", key, &h);
	assert_int_equal(h.status, 200);
	assert_true(http_number(&h, "version") == 2);
	http_free(&h);
	service_act(&g->service, g->an, "subject", id, 1, "\"subject\":\"Anders\"", key, &h);
	assert_problem(&h, 412, "stale");
	assert_string_equal(http_text(&h, "current.priority"), "high");
	assert_true(http_number(&h, "current.version") == 2);
	assert_string_equal(http_text(&h, "changes.0.action"), "priority");
	assert_string_equal(http_text(&h, "changes.0.after.priority"), "high");
	assert_string_equal(http_text(&h, "changes.0.before.priority"), "normal");
	http_free(&h);
	service_act(&g->service, g->an, "subject", id, 0, "\"subject\":\"Anders\"", key, &h);
	assert_problem(&h, 428, "no-base");
	http_free(&h);
	service_act(&g->service, g->an, "subject", id, 9, "\"subject\":\"Anders\"", key, &h);
	assert_problem(&h, 412, "stale");
	http_free(&h);
	service_act(&g->service, g->an, "subject", id, 2, "\"subject\":\"Anders\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
}

static void test_a_note_makes_nobody_stale(void **state)
{
	struct group *g = *state;
	char id[37], key[37];
	struct http h;

	service_ticket(&g->service, g->an, "Nota", id);
	service_act(&g->service, g->bob, "note", id, 0, "\"body\":\"ik kijk ernaar\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	service_act(&g->service, g->an, "priority", id, 1, "\"priority\":\"low\"", key, &h);
	assert_int_equal(h.status, 200);
	assert_true(http_number(&h, "version") == 3);
	http_free(&h);
}

static void test_states_follow_the_workflow(void **state)
{
	struct group *g = *state;
	char id[37], key[37];
	struct http h;

	service_ticket(&g->service, g->an, "Toestand", id);
	service_act(&g->service, g->an, "state", id, 1,
		    "\"state\":\"closed\",\"reason\":\"dubbel\"", key, &h);
	assert_string_equal(http_text(&h, "record.state"), "closed");
	http_free(&h);
	service_act(&g->service, g->an, "state", id, 2,
		    "\"state\":\"planned\","
		    "\"until\":\"2027-01-01T08:00:00Z\"",
		    key, &h);
	assert_problem(&h, 409, "state");
	http_free(&h);
}

static void test_answer_waits_for_mail(void **state)
{
	struct group *g = *state;
	char id[37], key[37], path[100];
	struct http h;

	service_ticket(&g->service, g->an, "Vraag", id);
	service_act(&g->service, g->an, "answer", id, 0, "\"body\":\"Geacht\",\"close\":true", key,
		    &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.state"), "closed");
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", id);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(http_text(&h, "messages.1.state"), "not-sent");
	assert_string_equal(http_text(&h, "messages.1.reason"), "no-mail");
	assert_string_equal(http_text(&h, "messages.1.subject"), "Re: Vraag");
	http_free(&h);
}

static void test_assign_wants_team_and_member(void **state)
{
	struct group *g = *state;
	char id[37], key[37], team[37], agent[37];
	char *more;
	struct http h;

	group_find(g, "/v1/teams", "Wegen", team);
	group_find(g, "/v1/agents", "an", agent);
	service_ticket(&g->service, g->an, "Toewijzen", id);
	more = xasprintf("\"team_id\":\"%s\",\"agent_id\":\"%s\"", team, agent);
	service_act(&g->service, g->an, "assign", id, 1, more, key, &h);
	assert_problem(&h, 422, "bad-field");
	assert_string_equal(http_text(&h, "pointer"), "/agent_id");
	http_free(&h);
	free(more);
	group_find(g, "/v1/agents", "bob", agent);
	more = xasprintf("\"team_id\":\"%s\",\"agent_id\":\"%s\"", team, agent);
	service_act(&g->service, g->an, "assign", id, 1, more, key, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.agent_id"), agent);
	http_free(&h);
	free(more);
}

static void test_outside_teams_see_what_was_handed_to_them(void **state)
{
	struct group *g = *state;
	char id[37], key[37], team[37], path[100];
	char *more;
	struct http h;

	service_ticket(&g->service, g->an, "Intern", id);
	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	http_get(&g->service, g->ext, path, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
	service_act(&g->service, g->ext, "note", id, 0, "\"body\":\"x\"", key, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
	group_find(g, "/v1/teams", "Aannemer", team);
	more = xasprintf("\"team_id\":\"%s\"", team);
	service_act(&g->service, g->an, "assign", id, 1, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	free(more);
	http_get(&g->service, g->ext, path, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	service_act(&g->service, g->ext, "priority", id, 2, "\"priority\":\"low\"", key, &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
	service_act(&g->service, g->ext, "create", key, 0, "\"subject\":\"x\"", key, &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
}

static void test_list_has_a_result_each(void **state)
{
	struct group *g = *state;
	char id[37], none[37], key[37], k1[37], k2[37], k3[37];
	char *body;
	struct http h, again;

	service_ticket(&g->service, g->an, "Lijst", id);
	id_new(none);
	id_new(key);
	id_new(k1);
	id_new(k2);
	id_new(k3);
	body = xasprintf(
		"[{\"id\":\"%s\",\"action\":\"note\",\"record\":\"%s\",\"body\":\"a\"},"
		"{\"id\":\"%s\",\"action\":\"note\",\"record\":\"%s\",\"body\":\"b\"},"
		"{\"id\":\"%s\",\"action\":\"priority\",\"record\":\"%s\",\"base_version\":1,"
		"\"priority\":\"high\"},"
		"{\"action\":\"dansen\"}]",
		k1, id, k2, none, k3, id);
	post_actions(g, g->an, key, body, &h);
	assert_int_equal(h.status, 200);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "results")), 4);
	assert_true(http_number(&h, "results.0.status") == 200);
	assert_true(http_number(&h, "results.1.status") == 404);
	assert_true(http_number(&h, "results.2.status") == 200);
	assert_string_equal(http_text(&h, "results.2.record.priority"), "high");
	assert_true(http_number(&h, "results.3.status") >= 400);
	http_free(&h);
	post_actions(g, g->an, key, body, &again);
	assert_true(http_number(&again, "results.2.version") == 3);
	http_free(&again);
	free(body);
	post_actions(g, g->an, key, "[]", &h);
	assert_problem(&h, 400, "bad-request");
	http_free(&h);
}

static void test_following_is_the_readers_own(void **state)
{
	struct group *g = *state;
	char id[37], key[37], path[100];
	struct http h;

	service_ticket(&g->service, g->an, "Volgen", id);
	service_act(&g->service, g->an, "follow", id, 0, NULL, key, &h);
	assert_true(http_number(&h, "record.followed") == 1);
	assert_true(http_number(&h, "version") == 1);
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	http_get(&g->service, g->bob, path, &h);
	assert_true(http_number(&h, "followed") == 0);
	http_free(&h);
	http_get(&g->service, g->an, path, &h);
	assert_true(http_number(&h, "followed") == 1);
	http_free(&h);
	service_act(&g->service, g->an, "unfollow", id, 0, NULL, key, &h);
	assert_true(http_number(&h, "record.followed") == 0);
	http_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create_gives_number_and_message),
		cmocka_unit_test(test_same_key_is_done_once),
		cmocka_unit_test(test_keys_are_needed),
		cmocka_unit_test(test_stale_tells_what_changed),
		cmocka_unit_test(test_a_note_makes_nobody_stale),
		cmocka_unit_test(test_states_follow_the_workflow),
		cmocka_unit_test(test_answer_waits_for_mail),
		cmocka_unit_test(test_assign_wants_team_and_member),
		cmocka_unit_test(test_outside_teams_see_what_was_handed_to_them),
		cmocka_unit_test(test_list_has_a_result_each),
		cmocka_unit_test(test_following_is_the_readers_own),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
