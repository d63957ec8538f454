/* Undo: a new action that writes back what was, where nobody changed it since. */
#include "group.h"
#include "balie/clock.h"
#include "town.h"

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

/* A message that may belong to a ticket, as mail leaves it: written beside the running service. */
static void suspect(struct group *g, const char *ticket_id, char message_id[37])
{
	struct town town = {0};
	struct arena a = {0};
	char operation[ID_TEXT], file_id[ID_TEXT];
	struct mark mark = {.operation = id_new(operation), .action = "mail", .at = clock_now()};
	struct ticket before = {0}, after;
	struct message m = {
		.id = id_new(message_id),
		.ticket_id = ticket_id,
		.channel = CHANNEL_MAIL,
		.state = MESSAGE_SUSPECTED,
		.subject = "Over iets anders",
		.body = "Dag",
		.created_at = mark.at,
	};
	static const char raw[] = "Subject: Over iets anders\r\n\r\nDag\r\n";
	struct attachment file = {
		.name = "plan \xc3\xa9.html", .type = "text/html", .data = "<b>", .size = 3};
	struct err err = {0};

	assert_true(town_open(&town, g->service.db, 0, &err));
	assert_true(town_begin(&town, &err));
	assert_true(town_read(&town, RECORD_TICKET, ticket_id, NULL, &before, &a, &err));
	after = before;
	after.suspected++;
	file.id = arena_strdup(&a, id_new(file_id));
	assert_true(town_update(&town, RECORD_TICKET, &before, &after, &mark, &err));
	assert_true(message_insert(&town, &m, raw, strlen(raw), &file, 1, &mark, &a, &err));
	assert_true(town_commit(&town, &err));
	town_close(&town);
	arena_finish(&a);
}

static void test_accept_and_undo(void **state)
{
	struct group *g = *state;
	char id[37], message[37], key[37], path[100];
	char *more;
	struct http h;

	service_ticket(&g->service, g->an, "Vermoeden", id);
	suspect(g, id, message);
	more = xasprintf("\"message_id\":\"%s\"", message);
	service_act(&g->service, g->an, "accept", id, 0, more, key, &h);
	assert_int_equal(h.status, 200);
	assert_true(http_number(&h, "record.suspected") == 0);
	assert_string_equal(http_text(&h, "record.state"), "open");
	http_free(&h);
	undo(g, g->an, id, key, &h);
	assert_int_equal(h.status, 200);
	assert_true(http_number(&h, "record.suspected") == 1);
	assert_string_equal(http_text(&h, "record.state"), "new");
	http_free(&h);
	/* Raw and attachment are served as files, never as pages. */
	snprintf(path, sizeof(path), "/v1/messages/%s/raw", message);
	http_get(&g->service, g->an, path, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_header(&h, "Content-Type"), "message/rfc822");
	assert_non_null(strstr(h.body, "Over iets anders"));
	http_free(&h);
	http_get(&g->service, g->ext, path, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", id);
	http_get(&g->service, g->an, path, &h);
	snprintf(path, sizeof(path), "/v1/attachments/%s",
		 http_text(&h, "messages.1.attachments.0.id"));
	http_free(&h);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(h.body, "<b>");
	assert_non_null(strstr(http_header(&h, "Content-Disposition"), "attachment; filename="));
	assert_non_null(strstr(http_header(&h, "Content-Disposition"), "plan%20%C3%A9.html"));
	assert_string_equal(http_header(&h, "X-Content-Type-Options"), "nosniff");
	http_free(&h);
	free(more);
}

static void test_decline_makes_a_ticket_of_it(void **state)
{
	struct group *g = *state;
	char id[37], message[37], key[37], path[100];
	char *more;
	struct http h;

	service_ticket(&g->service, g->an, "Vermoeden", id);
	suspect(g, id, message);
	more = xasprintf("\"message_id\":\"%s\"", message);
	service_act(&g->service, g->an, "decline", id, 0, more, key, &h);
	assert_int_equal(h.status, 200);
	assert_true(http_number(&h, "record.suspected") == 0);
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", key);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(http_text(&h, "ticket.subject"), "Over iets anders");
	assert_string_equal(http_text(&h, "messages.0.id"), message);
	assert_string_equal(http_text(&h, "messages.0.state"), "received");
	http_free(&h);
	undo(g, g->an, id, key, &h);
	assert_int_equal(h.status, 200);
	assert_true(http_number(&h, "record.suspected") == 1);
	http_free(&h);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(http_text(&h, "ticket.state"), "withdrawn");
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "messages")), 0);
	http_free(&h);
	service_act(&g->service, g->an, "accept", id, 0, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	service_act(&g->service, g->an, "accept", id, 0, more, key, &h);
	assert_problem(&h, 409, "state");
	http_free(&h);
	free(more);
}

/* Who leads an outside organisation leads nobody of the town, and cannot do by an undo what he may not do. */
static void test_undo_from_outside(void **state)
{
	struct group *g = *state;
	const char *args[] = {"user",	     "add",	  "baas",     "--db",
			      g->service.db, "--team",	  "Aannemer", "--role",
			      "supervisor",  "--outside", NULL};
	char id[37], team[37], key[37], note[37], own[37], more[80];
	struct http h;
	char *baas;

	assert_int_equal(service_run(args, SERVICE_PASSWORD "\n", NULL), 0);
	baas = service_login(&g->service, "baas");
	group_find(g, "/v1/teams", "Aannemer", team);
	service_ticket(&g->service, g->an, "Voor buiten", id);
	snprintf(more, sizeof(more), "\"team_id\":\"%s\"", team);
	service_act(&g->service, g->an, "assign", id, 1, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	service_act(&g->service, g->an, "priority", id, 2, "\"priority\":\"high\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	service_act(&g->service, g->an, "note", id, 0, "\"body\":\"Van ons\"", note, &h);
	http_free(&h);
	service_act(&g->service, g->ext, "note", id, 0, "\"body\":\"Van hen\"", own, &h);
	http_free(&h);
	undo(g, baas, id, key, &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
	undo(g, baas, id, note, &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
	undo(g, baas, id, own, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	undo(g, g->chef, id, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	free(baas);
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
		cmocka_unit_test(test_accept_and_undo),
		cmocka_unit_test(test_decline_makes_a_ticket_of_it),
		cmocka_unit_test(test_undo_from_outside),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
