/* Undo: a new action that writes back what was, where nobody changed it since. */
#include "group.h"

static const char *const fast[] = {"--rate", "100000", "--burst", "100000", NULL};

static int setup(void **state)
{
	return group_start(state, fast);
}

static void undo(struct group *g, const char *token, const char *ticket, const char *operation,
		 struct http *ret)
{
	char *more = xasprintf("\"operation\":\"%s\"", operation);
	char key[37];

	service_act(&g->service, token, "undo", ticket, 0, more, key, ret);
	free(more);
}

static void test_undo_writes_back(void **state)
{
	struct group *g = *state;
	char id[37], key[37];
	struct http h;

	service_ticket(&g->service, g->an, "Terug", id);
	service_act(&g->service, g->an, "priority", id, 1, "\"priority\":\"high\"", key, &h);
	http_free(&h);
	undo(g, g->an, id, key, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.priority"), "normal");
	assert_string_equal(http_text(&h, "record.state"), "new");
	assert_true(http_number(&h, "version") == 3);
	http_free(&h);
	undo(g, g->an, id, key, &h);
	assert_problem(&h, 409, "undo-conflict");
	http_free(&h);
}

static void test_undo_leaves_other_fields(void **state)
{
	struct group *g = *state;
	char id[37], key[37], other[37];
	struct http h;

	service_ticket(&g->service, g->an, "Samen", id);
	service_act(&g->service, g->an, "priority", id, 1, "\"priority\":\"high\"", key, &h);
	http_free(&h);
	service_act(&g->service, g->bob, "subject", id, 2, "\"subject\":\"Beter\"", other, &h);
	http_free(&h);
	undo(g, g->an, id, key, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.priority"), "normal");
	assert_string_equal(http_text(&h, "record.subject"), "Beter");
	http_free(&h);
}

static void test_undo_of_what_changed_again(void **state)
{
	struct group *g = *state;
	char id[37], key[37], other[37];
	struct http h;

	service_ticket(&g->service, g->an, "Nogmaals", id);
	service_act(&g->service, g->an, "subject", id, 1, "\"subject\":\"A\"", key, &h);
	http_free(&h);
	service_act(&g->service, g->bob, "subject", id, 2, "\"subject\":\"B\"", other, &h);
	http_free(&h);
	undo(g, g->an, id, key, &h);
	assert_problem(&h, 409, "undo-conflict");
	assert_string_equal(http_text(&h, "current.subject"), "B");
	http_free(&h);
}

static void test_undo_of_an_unsent_answer(void **state)
{
	struct group *g = *state;
	char id[37], key[37], path[100];
	struct http h;

	service_ticket(&g->service, g->an, "Antwoord", id);
	service_act(&g->service, g->an, "answer", id, 0, "\"body\":\"fout\"", key, &h);
	assert_string_equal(http_text(&h, "record.state"), "answered");
	http_free(&h);
	undo(g, g->an, id, key, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.state"), "new");
	assert_null(http_text(&h, "record.answered_at"));
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", id);
	http_get(&g->service, g->an, path, &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "messages")), 1);
	/* The history keeps that it was there. */
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "changes")), 6);
	http_free(&h);
}

static void test_undo_of_note_and_follow(void **state)
{
	struct group *g = *state;
	char id[37], key[37], path[100];
	struct http h;

	service_ticket(&g->service, g->an, "Nota", id);
	service_act(&g->service, g->an, "note", id, 0, "\"body\":\"oeps\"", key, &h);
	http_free(&h);
	undo(g, g->an, id, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	service_act(&g->service, g->an, "follow", id, 0, NULL, key, &h);
	http_free(&h);
	undo(g, g->an, id, key, &h);
	assert_int_equal(h.status, 200);
	assert_true(http_number(&h, "record.followed") == 0);
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", id);
	http_get(&g->service, g->an, path, &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "notes")), 0);
	http_free(&h);
}

static void test_undo_of_colleagues_and_of_nothing(void **state)
{
	struct group *g = *state;
	char id[37], key[37], none[37], path[100];
	char operation[37];
	struct http h;

	service_ticket(&g->service, g->an, "Collega", id);
	service_act(&g->service, g->an, "priority", id, 1, "\"priority\":\"high\"", key, &h);
	http_free(&h);
	undo(g, g->bob, id, key, &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
	undo(g, g->chef, id, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	undo(g, g->an, id, id_new(none), &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
	/* What came in cannot be undone. */
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", id);
	http_get(&g->service, g->an, path, &h);
	snprintf(operation, sizeof(operation), "%s", http_text(&h, "changes.0.operation"));
	http_free(&h);
	undo(g, g->an, id, operation, &h);
	assert_problem(&h, 409, "state");
	http_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_undo_writes_back),
		cmocka_unit_test(test_undo_leaves_other_fields),
		cmocka_unit_test(test_undo_of_what_changed_again),
		cmocka_unit_test(test_undo_of_an_unsent_answer),
		cmocka_unit_test(test_undo_of_note_and_follow),
		cmocka_unit_test(test_undo_of_colleagues_and_of_nothing),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
