/* What goes out by mail, as far as the service writes it down: to whom, with which files, how long it can be
 * taken back, and what a person says of one that is not sure. */
#include "group.h"
#include "../../src/central/town.h"
#include "balie/clock.h"
#include "balie/store.h"

#define BOX "0190aaaa-bbbb-7ccc-8ddd-000000000001"
#define PDF "%PDF-1.4 een formulier"

static void add_mailbox(const struct service *s)
{
	struct town t = {0};
	struct arena a = {0};
	struct mailbox box = {.id = BOX,
			      .name = "info",
			      .address = "info@izegem.example",
			      .active = true,
			      .since = 1};
	struct mark mark = {.operation = box.id, .action = "test", .at = 1};
	struct err err = {0};

	store_know_postgres();
	if (!town_open(&t, s->db, 0, &err) || !town_begin(&t, &err) ||
	    !town_insert(&t, RECORD_MAILBOX, &box, NULL, &mark, &a, &err) || !town_commit(&t, &err))
		fail_msg("%s", err.text);
	town_close(&t);
	arena_finish(&a);
}

/* Nobody listens there: what waits goes nowhere while the test looks at it. */
static void write_config(const struct service *s, char path[100])
{
	FILE *f;

	snprintf(path, 100, "%s/balied.conf", s->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "[mailbox info]\naddress = info@izegem.example\nsmtp = "
		   "smtp+plain://127.0.0.1:1\n");
	fclose(f);
}

static int start(void **state)
{
	struct group *g = xcalloc(1, sizeof(*g));
	char path[100];
	const char *args[] = {"--config", path, NULL};

	id_init();
	service_make(&g->service);
	add_mailbox(&g->service);
	write_config(&g->service, path);
	service_start(&g->service, args);
	g->an = service_login(&g->service, "an");
	g->bob = service_login(&g->service, "bob");
	g->chef = service_login(&g->service, "chef");
	g->ext = service_login(&g->service, "ext");
	*state = g;
	return 0;
}

/* A ticket of a citizen with these addresses (JSON). */
static void ticket_of(struct group *g, const char *emails, char ret[37])
{
	char party[37], key[37], more[600];
	struct http h;

	id_new(party);
	snprintf(more, sizeof(more), "\"name\":\"Claes, An\",\"emails\":%s", emails);
	service_act(&g->service, g->an, "party-create", party, 0, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	id_new(ret);
	snprintf(more, sizeof(more), "\"subject\":\"Put\",\"party_id\":\"%s\"", party);
	service_act(&g->service, g->an, "create", ret, 0, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
}

static void act(struct group *g, const char *action, const char *ticket, const char *more,
		char key[37], int status)
{
	struct http h;

	service_act(&g->service, g->an, action, ticket, 0, more, key, &h);
	if (h.status != status)
		fail_msg("%s: %ld %s", action, h.status, h.body);
	http_free(&h);
}

/* A value of the newest message of ours on the ticket. */
static char *message_text(struct group *g, const char *ticket, const char *field)
{
	char path[100];
	const cJSON *item, *last = NULL, *value;
	struct http h;
	char *ret;

	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", ticket);
	http_get(&g->service, g->an, path, &h);
	assert_int_equal(h.status, 200);
	cJSON_ArrayForEach(
		item,
		http_at(&h,
			"messages")) if (strcmp(cJSON_GetObjectItem(item, "direction")->valuestring,
						"out") == 0) last = item;
	value = last ? cJSON_GetObjectItem(last, field) : NULL;
	ret = !value || cJSON_IsNull(value) ? NULL
	      : cJSON_IsString(value)	    ? xstrdup(value->valuestring)
					    : cJSON_PrintUnformatted(value);
	http_free(&h);
	return ret;
}

static void expect(struct group *g, const char *ticket, const char *field, const char *wanted)
{
	char *value = message_text(g, ticket, field);

	if (!wanted)
		assert_null(value);
	else if (!value || !strstr(value, wanted))
		fail_msg("%s is %s, not %s", field, value ? value : "nothing", wanted);
	free(value);
}

static void test_an_answer_waits_and_can_be_taken_back(void **state)
{
	struct group *g = *state;
	char ticket[37], key[37], undo[37], more[100];
	char *at;
	int64_t send_at = 0;

	ticket_of(g, "[{\"raw\":\"an@a.example\"}]", ticket);
	act(g, "answer", ticket, "\"body\":\"Komt in orde.\",\"cc\":\"Bo <bo@b.example>\"", key,
	    200);
	expect(g, ticket, "state", "queued");
	expect(g, ticket, "to_text", "an@a.example");
	expect(g, ticket, "cc_text", "Bo <bo@b.example>");
	at = message_text(g, ticket, "send_at");
	assert_true(clock_from_rfc3339(at, &send_at));
	assert_true(send_at > clock_now() && send_at <= clock_now() + 15000);
	free(at);
	snprintf(more, sizeof(more), "\"operation\":\"%s\"", key);
	act(g, "undo", ticket, more, undo, 200);
	expect(g, ticket, "state", NULL);
}

static void test_why_it_cannot_go(void **state)
{
	struct group *g = *state;
	char ticket[37], key[37];
	struct http h;

	service_ticket(&g->service, g->an, "Zonder naam", ticket);
	act(g, "answer", ticket, "\"body\":\"Dag\"", key, 200);
	expect(g, ticket, "state", "not-sent");
	expect(g, ticket, "reason", "no-address");
	act(g, "send-again", ticket, NULL, key, 422);
	/* To another address it can. */
	{
		char *id = message_text(g, ticket, "id"), more[200];

		snprintf(more, sizeof(more), "\"message_id\":\"%s\",\"to\":\"x@y.example\"", id);
		act(g, "send-again", ticket, more, key, 200);
		free(id);
	}
	expect(g, ticket, "state", "queued");
	expect(g, ticket, "to_text", "x@y.example");
	service_act(&g->service, g->an, "answer", ticket, 0,
		    "\"body\":\"Dag\",\"to\":\"geen adres\"", key, &h);
	assert_int_equal(h.status, 422);
	assert_string_equal(http_text(&h, "fields.0") ? http_text(&h, "fields.0")
						      : http_text(&h, "pointer"),
			    "/to");
	http_free(&h);
	/* One that cannot be breaks no header: it is refused whole. */
	act(g, "answer", ticket, "\"body\":\"Dag\",\"to\":\"a@b.example, c d@e\"", key, 422);
	act(g, "answer", ticket, "\"body\":\"Dag\",\"to\":\"a@b.example\",\"cc\":\"x\"", key, 422);
}

static void put_file(struct group *g, const char *token, const char *hash, const char *body,
		     int status)
{
	static const char *const headers[] = {"Content-Type: application/octet-stream", NULL};
	char path[120];
	struct http h;

	snprintf(path, sizeof(path), "/v1/uploads/%s", hash);
	http_call(&g->service, token, "PUT", path, body, headers, &h);
	if (h.status != status)
		fail_msg("%ld %s", h.status, h.body);
	http_free(&h);
}

static void test_files_go_along(void **state)
{
	struct group *g = *state;
	char ticket[37], key[37], hash[HASH_TEXT], more[400];
	char *file, *at, path[100];
	struct http h;

	hash_hex(PDF, strlen(PDF), hash);
	put_file(g, g->an, hash, "iets anders", 400);
	put_file(g, NULL, hash, PDF, 401);
	put_file(g, g->an, hash, PDF, 204);
	put_file(g, g->an, hash, PDF, 204);
	ticket_of(g, "[{\"raw\":\"bea@a.example\"}]", ticket);
	snprintf(more, sizeof(more),
		 "\"body\":\"Zie het "
		 "formulier.\",\"attachments\":[{\"sha256\":\"%s\",\"name\":\"formulier.pdf\","
		 "\"type\":\"application/pdf\"}]",
		 hash);
	/* Whoever knows a hash has no right to the file. */
	service_act(&g->service, g->bob, "answer", ticket, 0, more, key, &h);
	assert_int_equal(h.status, 422);
	http_free(&h);
	act(g, "answer", ticket, more, key, 200);
	file = message_text(g, ticket, "attachments");
	assert_non_null(strstr(file, "formulier.pdf"));
	at = strstr(file, "\"id\":\"") + 6;
	snprintf(path, sizeof(path), "/v1/attachments/%.36s", at);
	free(file);
	http_get(&g->service, g->an, path, &h);
	assert_int_equal(h.len, strlen(PDF));
	assert_memory_equal(h.body, PDF, h.len);
	http_free(&h);
	act(g, "answer", ticket,
	    "\"body\":\"x\",\"attachments\":[{\"sha256\":\"00\",\"name\":\"../../etc/passwd\"}]",
	    key, 422);
	act(g, "answer", ticket, "\"body\":\"x\",\"attachments\":{}", key, 422);
}

static void test_a_question_to_somebody_outside(void **state)
{
	struct group *g = *state;
	char ticket[37], key[37], path[100];
	struct http h;

	ticket_of(g, "[{\"raw\":\"cas@a.example\"}]", ticket);
	act(g, "forward", ticket, "\"body\":\"Is dit voor jullie?\"", key, 422);
	act(g, "forward", ticket,
	    "\"body\":\"Is dit voor jullie?\",\"to\":\"Net <meld@net.example>\"", key, 200);
	expect(g, ticket, "state", "queued");
	expect(g, ticket, "to_text", "Net <meld@net.example>");
	snprintf(path, sizeof(path), "/v1/tickets/%s", ticket);
	http_get(&g->service, g->an, path, &h);
	assert_string_equal(http_text(&h, "state"), "waiting-third");
	/* It is no answer to the citizen. */
	assert_null(http_text(&h, "last_out_at"));
	http_free(&h);
	service_act(&g->service, g->ext, "forward", ticket, 0,
		    "\"body\":\"x\",\"to\":\"a@b.example\"", key, &h);
	assert_int_equal(h.status, 404);
	http_free(&h);
}

static void test_what_is_sure_is_not_settled(void **state)
{
	struct group *g = *state;
	char ticket[37], other[37], key[37], more[200];
	char *id;

	ticket_of(g, "[{\"raw\":\"dirk@a.example\"}]", ticket);
	act(g, "answer", ticket, "\"body\":\"Dag\"", key, 200);
	id = message_text(g, ticket, "id");
	snprintf(more, sizeof(more), "\"message_id\":\"%s\"", id);
	/* It still waits. */
	act(g, "settle", ticket, more, key, 409);
	act(g, "send-again", ticket, more, key, 409);
	service_ticket(&g->service, g->an, "Een andere", other);
	act(g, "settle", other, more, key, 422);
	free(id);
	service_ticket(&g->service, g->an, "Geen adres", other);
	act(g, "answer", other, "\"body\":\"Dag\"", key, 200);
	id = message_text(g, other, "id");
	snprintf(more, sizeof(more), "\"message_id\":\"%s\",\"reason\":\"afgegeven aan de balie\"",
		 id);
	act(g, "settle", other, more, key, 200);
	expect(g, other, "state", "sent");
	expect(g, other, "reason", "settled afgegeven aan de balie");
	free(id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_waits_and_can_be_taken_back),
		cmocka_unit_test(test_why_it_cannot_go),
		cmocka_unit_test(test_files_go_along),
		cmocka_unit_test(test_a_question_to_somebody_outside),
		cmocka_unit_test(test_what_is_sure_is_not_settled),
	};

	return cmocka_run_group_tests(tests, start, group_stop);
}
