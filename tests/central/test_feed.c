/* The feed: in order, once a record a page, only what is on the reader's desk, at once. */
#include "group.h"
#include <poll.h>
#include <pthread.h>

static const char *const fast[] = {"--rate", "100000", "--burst", "100000", NULL};

static int setup(void **state)
{
	return group_start(state, fast);
}

static void snapshot(struct group *g, const char *token, char ret[100])
{
	struct http h;

	http_get(&g->service, token, "/v1/snapshot", &h);
	assert_int_equal(h.status, 200);
	snprintf(ret, 100, "%s", http_text(&h, "cursor"));
	http_free(&h);
}

static void changes(struct group *g, const char *token, const char *after, const char *more,
		    struct http *ret)
{
	char path[300];

	snprintf(path, sizeof(path), "/v1/changes?after=%s%s", after, more);
	http_get(&g->service, token, path, ret);
}

static void test_rows_in_order_and_records_once(void **state)
{
	struct group *g = *state;
	char cursor[100], id[37], key[37];
	struct http h, rest;
	const cJSON *row;
	long long last = 0;
	int records = 0;

	snapshot(g, g->an, cursor);
	service_ticket(&g->service, g->an, "Rij", id);
	service_act(&g->service, g->an, "priority", id, 1, "\"priority\":\"high\"", key, &h);
	http_free(&h);
	service_act(&g->service, g->an, "subject", id, 2, "\"subject\":\"Rij 2\"", key, &h);
	http_free(&h);
	changes(g, g->an, cursor, "", &h);
	assert_int_equal(h.status, 200);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "changes")), 4);
	cJSON_ArrayForEach(row, http_at(&h, "changes"))
	{
		long long seq = atoll(cJSON_GetObjectItem(row, "seq")->valuestring);

		assert_true(seq > last);
		last = seq;
		if (cJSON_GetObjectItem(row, "record") &&
		    strcmp(cJSON_GetObjectItem(row, "type")->valuestring, "ticket") == 0)
			records++;
	}
	assert_int_equal(records, 1);
	assert_string_equal(http_text(&h, "changes.3.record.subject"), "Rij 2");
	assert_string_equal(http_text(&h, "changes.3.before.subject"), "Rij");
	assert_string_equal(http_text(&h, "changes.3.action"), "subject");
	assert_true(http_number(&h, "more") == 0);
	/* Page by page gives the same rows. */
	changes(g, g->an, cursor, "&limit=1", &rest);
	assert_int_equal(cJSON_GetArraySize(http_at(&rest, "changes")), 1);
	assert_true(http_number(&rest, "more") == 1);
	assert_non_null(http_at(&rest, "changes.0.record"));
	http_free(&rest);
	changes(g, g->an, http_text(&h, "next"), "", &rest);
	assert_int_equal(cJSON_GetArraySize(http_at(&rest, "changes")), 0);
	http_free(&rest);
	http_free(&h);
}

static void test_gone_when_it_leaves_the_desk(void **state)
{
	struct group *g = *state;
	char cursor[100], ext[100], id[37], key[37], team[37], other[37];
	char *more;
	struct http h;

	group_find(g, "/v1/teams", "Aannemer", team);
	group_find(g, "/v1/teams", "Wegen", other);
	snapshot(g, g->ext, ext);
	service_ticket(&g->service, g->an, "Uitbesteed", id);
	changes(g, g->ext, ext, "", &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "changes")), 0);
	http_free(&h);
	more = xasprintf("\"team_id\":\"%s\"", team);
	service_act(&g->service, g->an, "assign", id, 1, more, key, &h);
	http_free(&h);
	free(more);
	changes(g, g->ext, ext, "", &h);
	assert_string_equal(http_text(&h, "changes.0.op"), "put");
	snprintf(ext, sizeof(ext), "%s", http_text(&h, "next"));
	http_free(&h);
	more = xasprintf("\"team_id\":\"%s\"", other);
	service_act(&g->service, g->an, "assign", id, 2, more, key, &h);
	http_free(&h);
	free(more);
	service_act(&g->service, g->an, "note", id, 0, "\"body\":\"geheim\"", key, &h);
	http_free(&h);
	changes(g, g->ext, ext, "", &h);
	assert_null(strstr(h.body, "geheim"));
	assert_null(strstr(h.body, "\"before\""));
	http_free(&h);
	/* Closed by a colleague: not on the desk of one who had nothing to do with it. */
	snapshot(g, g->bob, cursor);
	service_act(&g->service, g->an, "state", id, 4, "\"state\":\"closed\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	changes(g, g->bob, cursor, "", &h);
	assert_string_equal(http_text(&h, "changes.0.op"), "gone");
	assert_null(http_at(&h, "changes.0.record"));
	http_free(&h);
}

static void test_gone_for_the_team_that_had_it(void **state)
{
	struct group *g = *state;
	char ext[100], id[37], key[37], team[37], other[37];
	char *more;
	struct http h;

	group_find(g, "/v1/teams", "Aannemer", team);
	group_find(g, "/v1/teams", "Wegen", other);
	service_ticket(&g->service, g->an, "Heen en weer", id);
	more = xasprintf("\"team_id\":\"%s\"", team);
	service_act(&g->service, g->an, "assign", id, 1, more, key, &h);
	http_free(&h);
	free(more);
	snapshot(g, g->ext, ext);
	more = xasprintf("\"team_id\":\"%s\"", other);
	service_act(&g->service, g->an, "assign", id, 2, more, key, &h);
	http_free(&h);
	free(more);
	changes(g, g->ext, ext, "", &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "changes")), 1);
	assert_string_equal(http_text(&h, "changes.0.op"), "gone");
	assert_string_equal(http_text(&h, "changes.0.id"), id);
	http_free(&h);
}

static void test_cursors(void **state)
{
	struct group *g = *state;
	char cursor[100], other[100], far[140];
	char *dot;
	struct http h;

	http_get(&g->service, g->an, "/v1/changes", &h);
	assert_problem(&h, 400, "bad-request");
	http_free(&h);
	changes(g, g->an, "onzin", "", &h);
	assert_problem(&h, 400, "bad-request");
	http_free(&h);
	snapshot(g, g->an, cursor);
	snapshot(g, g->bob, other);
	changes(g, g->an, other, "", &h);
	assert_problem(&h, 410, "gone-cursor");
	http_free(&h);
	dot = strchr(cursor, '.');
	snprintf(far, sizeof(far), "%.*s.99999999%s", (int)(dot - cursor), cursor,
		 strchr(dot + 1, '.'));
	changes(g, g->an, far, "", &h);
	assert_problem(&h, 410, "gone-cursor");
	http_free(&h);
	cursor[0] = cursor[0] == 'f' ? 'e' : 'f';
	changes(g, g->an, cursor, "", &h);
	assert_problem(&h, 410, "gone-cursor");
	http_free(&h);
}

struct waiter {
	struct group *g;
	char cursor[100];
	struct http answer;
};

static void *wait_for_news(void *user)
{
	struct waiter *w = user;

	changes(w->g, w->g->bob, w->cursor, "&wait=30", &w->answer);
	return NULL;
}

static void test_long_poll_is_woken(void **state)
{
	struct group *g = *state;
	struct waiter w = {.g = g};
	struct http h;
	pthread_t thread;
	char id[37], key[37];
	char *more;

	snapshot(g, g->bob, w.cursor);
	pthread_create(&thread, NULL, wait_for_news, &w);
	/* Whether it already waits or not: it must hear of this. */
	service_ticket(&g->service, g->an, "Wakker", id);
	pthread_join(thread, NULL);
	assert_int_equal(w.answer.status, 200);
	assert_string_equal(http_text(&w.answer, "changes.0.id"), id);
	http_free(&w.answer);
	/* An action that is taken back half-way is no news, also not a number that never was. */
	snapshot(g, g->bob, w.cursor);
	more = xasprintf("\"subject\":\"x\",\"body\":\"y\"");
	service_act(&g->service, g->an, "create", id, 0, more, key, &h);
	assert_problem(&h, 409, "state");
	http_free(&h);
	free(more);
	changes(g, g->bob, w.cursor, "&wait=1", &h);
	assert_int_equal(h.status, 200);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "changes")), 0);
	http_free(&h);
}

/* Reads until text has come. */
static void read_until(int fd, char *buf, size_t size, const char *text)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t len = strlen(buf);
	ssize_t n;

	while (!strstr(buf, text)) {
		assert_int_equal(poll(&p, 1, 15000), 1);
		n = read(fd, buf + len, size - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
		buf[len] = '\0';
	}
}

static int open_stream(struct group *g, const char *token, char *buf, size_t size)
{
	int fd = service_connect(&g->service);

	dprintf(fd,
		"GET /v1/changes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
		"Accept: text/event-stream\r\n\r\n",
		token);
	buf[0] = '\0';
	read_until(fd, buf, size, "event: upto\n");
	return fd;
}

static void test_event_stream_says_upto(void **state)
{
	struct group *g = *state;
	static char text[65536];
	char id[37], body[200], path[100];
	int fd = open_stream(g, g->bob, text, sizeof(text));
	struct http h;

	assert_non_null(strstr(text, "200 OK"));
	assert_non_null(strstr(text, "text/event-stream"));
	text[0] = '\0';
	service_ticket(&g->service, g->an, "Gebeurtenis", id);
	read_until(fd, text, sizeof(text), "event: upto\n");
	assert_non_null(strstr(text, "id: "));
	text[0] = '\0';
	snprintf(body, sizeof(body), "{\"ticket_id\":\"%s\",\"typing\":true}", id);
	http_call(&g->service, g->an, "PUT", "/v1/presence", body, NULL, &h);
	assert_int_equal(h.status, 204);
	http_free(&h);
	read_until(fd, text, sizeof(text), "\"typing\":true");
	assert_non_null(strstr(text, "event: presence"));
	text[0] = '\0';
	http_call(&g->service, g->an, "PUT", "/v1/presence", "{\"ticket_id\":null}", NULL, &h);
	assert_int_equal(h.status, 204);
	http_free(&h);
	read_until(fd, text, sizeof(text), "\"who\":[]");
	close(fd);
	/* A stranger hears nothing of it. */
	fd = open_stream(g, g->ext, text, sizeof(text));
	text[0] = '\0';
	http_call(&g->service, g->an, "PUT", "/v1/presence", body, NULL, &h);
	http_free(&h);
	service_ticket(&g->service, g->an, "Teken", path);
	read_until(fd, text, sizeof(text), "event: upto\n");
	assert_null(strstr(text, "presence"));
	close(fd);
}

static void test_own_follow_is_not_for_others(void **state)
{
	struct group *g = *state;
	char cursor[100], mine[100], id[37], key[37];
	struct http h;

	service_ticket(&g->service, g->an, "Stil volgen", id);
	snapshot(g, g->bob, cursor);
	snapshot(g, g->an, mine);
	service_act(&g->service, g->an, "follow", id, 0, NULL, key, &h);
	http_free(&h);
	changes(g, g->bob, cursor, "", &h);
	assert_null(strstr(h.body, "\"action\":\"follow\""));
	http_free(&h);
	changes(g, g->an, mine, "", &h);
	assert_true(http_number(&h, "changes.0.record.followed") == 1);
	http_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_in_order_and_records_once),
		cmocka_unit_test(test_gone_when_it_leaves_the_desk),
		cmocka_unit_test(test_gone_for_the_team_that_had_it),
		cmocka_unit_test(test_cursors),
		cmocka_unit_test(test_long_poll_is_woken),
		cmocka_unit_test(test_event_stream_says_upto),
		cmocka_unit_test(test_own_follow_is_not_for_others),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
