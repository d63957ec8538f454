/* What no client of ours would send. */
#include "group.h"
#include <poll.h>

static const char *const fast[] = {"--rate", "100000",	      "--burst", "100000", "--patience",
				   "1",	     "--connections", "64",	 NULL};

static int setup(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	return group_start(state, fast);
}

static void test_bad_documents(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"nul",
		"{\"id\":1}x",
		"{\"a\":1,\"a\":2}",
		"\"\\ud800\"",
		"{\"a\":\"\\u0000\"}",
		"{\"id\":\"\xff\xfe\"}",
		"{\"base_version\":123456789012345678901234567890}",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	};
	struct group *g = *state;
	struct http h;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		http_post(&g->service, g->an, "/v1/actions", bad[i], &h);
		assert_problem(&h, 400, "bad-json");
		http_free(&h);
		http_post(&g->service, NULL, "/v1/login", bad[i], &h);
		assert_problem(&h, 400, "bad-json");
		http_free(&h);
	}
}

static void test_bad_envelopes(void **state)
{
	static const struct {
		const char *more;
		int status;
		const char *problem, *pointer;
	} bad[] = {
		{"\"action\":\"dansen\"", 422, "unknown-action", "/action"},
		{"\"action\":\"quit\"", 422, "unknown-action", "/action"},
		{"\"action\":\"note\"", 422, "bad-field", "/body"},
		{"\"action\":\"note\",\"body\":7", 422, "bad-field", "/body"},
		{"\"action\":\"note\",\"body\":\"x\",\"extra\":1", 422, "bad-field", "/extra"},
		{"\"action\":\"subject\",\"subject\":\"a\\nb\",\"base_version\":1", 422,
		 "bad-field", "/subject"},
		{"\"action\":\"state\",\"state\":\"dood\",\"base_version\":1", 422, "bad-field",
		 "/state"},
		{"\"action\":\"priority\",\"priority\":\"high\",\"base_version\":-1", 422,
		 "bad-field", "/base_version"},
		{"\"action\":\"priority\",\"priority\":\"high\",\"base_version\":1.5", 422,
		 "bad-field", "/base_version"},
		{"\"action\":\"due\",\"due_at\":\"morgen\",\"base_version\":1", 422, "bad-field",
		 "/due_at"},
		{"\"action\":\"topic\",\"topic_id\":\"geen\",\"base_version\":1", 422, "bad-field",
		 "/topic_id"},
	};
	struct group *g = *state;
	char id[37], key[37], header[80];
	const char *headers[] = {header, NULL};
	char *body;
	struct http h;
	size_t i;

	service_ticket(&g->service, g->an, "Doel", id);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		id_new(key);
		snprintf(header, sizeof(header), "Idempotency-Key: %s", key);
		body = xasprintf("{\"id\":\"%s\",\"record\":\"%s\",%s}", key, id, bad[i].more);
		http_call(&g->service, g->an, "POST", "/v1/actions", body, headers, &h);
		assert_problem(&h, bad[i].status, bad[i].problem);
		assert_string_equal(http_text(&h, "pointer"), bad[i].pointer);
		http_free(&h);
		free(body);
	}
}

static void test_unknown_references(void **state)
{
	struct group *g = *state;
	char id[37], key[37], none[37];
	char *more;
	struct http h;

	id_new(none);
	more = xasprintf("\"subject\":\"x\",\"topic_id\":\"%s\"", none);
	service_act(&g->service, g->an, "create", id_new(id), 0, more, key, &h);
	assert_problem(&h, 422, "bad-field");
	assert_string_equal(http_text(&h, "pointer"), "/topic_id");
	http_free(&h);
	free(more);
	more = xasprintf("\"subject\":\"x\",\"party_id\":\"%s\"", none);
	service_act(&g->service, g->an, "create", id_new(id), 0, more, key, &h);
	assert_string_equal(http_text(&h, "pointer"), "/party_id");
	http_free(&h);
	free(more);
	service_act(&g->service, g->an, "note", none, 0, "\"body\":\"x\"", key, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
}

/* Reads what the service says until it closes or has said text. */
static bool reads(int fd, const char *text)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	static char buf[65536];
	size_t len = 0;
	ssize_t n;

	buf[0] = '\0';
	while (!strstr(buf, text)) {
		if (poll(&p, 1, 45000) != 1)
			return false;
		n = read(fd, buf + len, sizeof(buf) - 1 - len);
		if (n <= 0)
			return strstr(buf, text) != NULL;
		len += (size_t)n;
		buf[len] = '\0';
	}
	return true;
}

static void test_large_bodies(void **state)
{
	struct group *g = *state;
	size_t size = 1500000;
	char *body = malloc(size + 1);
	struct http h;
	int fd;

	/* A gigabyte announced is refused before it is sent. */
	fd = service_connect(&g->service);
	dprintf(fd,
		"POST /v1/actions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
		"Content-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n{",
		g->an);
	assert_true(reads(fd, "413"));
	close(fd);
	/* In pieces, without saying how much. */
	memset(body, ' ', size);
	body[size] = '\0';
	static const char *const chunked[] = {"Transfer-Encoding: chunked", NULL};

	http_call(&g->service, g->an, "POST", "/v1/actions", body, chunked, &h);
	assert_problem(&h, 413, "too-large");
	http_free(&h);
	free(body);
}

static void test_wrong_type_of_content(void **state)
{
	static const char *const form[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
	struct group *g = *state;
	struct http h;

	http_call(&g->service, g->an, "POST", "/v1/actions", "a=b", form, &h);
	assert_problem(&h, 415, "type");
	http_free(&h);
}

static void test_odd_addresses(void **state)
{
	static const char *const paths[] = {
		"/",
		"/v1",
		"/v1/",
		"/v1/tickets/",
		"/v1/tickets/%00",
		"/v1/tickets/../../etc/passwd",
		"/v1/tickets/'%20OR%201=1",
		"/v1/tickets/a/b/c/d",
		"/v1//me",
	};
	struct group *g = *state;
	struct http h;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		http_get(&g->service, g->an, paths[i], &h);
		assert_problem(&h, 404, "not-found");
		http_free(&h);
	}
}

/* What is no text is refused before any database is asked, which would each say something else. */
static void test_addresses_that_are_no_text(void **state)
{
	static const char *const paths[] = {
		"/v1/tickets/%ff",
		"/v1/tickets/%ff/timeline",
		"/v1/messages/%c3%28/raw",
		"/v1/tickets?after=%ff",
		"/v1/tickets?team=%ff",
		"/v1/tickets?%ff=1",
		"/v1/parties?desk=1&after=%ff",
	};
	struct group *g = *state;
	struct http h;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		http_get(&g->service, g->an, paths[i], &h);
		assert_problem(&h, 400, "bad-request");
		http_free(&h);
	}
}

static void test_nonsense_does_not_stop_it(void **state)
{
	static const char *const lines[] = {
		"GET\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01",
		"GET /v1/me HTTP/9.9\r\n\r\n",
		"POST /v1/actions HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
		"POST /v1/actions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
	};
	struct group *g = *state;
	struct http h;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		fd = service_connect(&g->service);
		assert_true(write(fd, lines[i], strlen(lines[i])) > 0);
		close(fd);
	}
	http_get(&g->service, g->an, "/v1/me", &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
}

/* One byte a while must not hold a place for ever. */
static void test_slow_headers_are_cut(void **state)
{
	struct group *g = *state;
	struct pollfd p = {.events = POLLIN};
	char c;
	int i;

	p.fd = service_connect(&g->service);
	dprintf(p.fd, "GET /v1/me HTTP/1.1\r\n");
	for (i = 0; i < 100; i++) {
		if (poll(&p, 1, 200) == 1)
			break;
		if (write(p.fd, "X", 1) != 1)
			break;
	}
	/* The end of the connection, not an answer. */
	assert_true(i < 50);
	assert_true(read(p.fd, &c, 1) <= 0);
	close(p.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_documents),
		cmocka_unit_test(test_bad_envelopes),
		cmocka_unit_test(test_unknown_references),
		cmocka_unit_test(test_large_bodies),
		cmocka_unit_test(test_wrong_type_of_content),
		cmocka_unit_test(test_odd_addresses),
		cmocka_unit_test(test_addresses_that_are_no_text),
		cmocka_unit_test(test_nonsense_does_not_stop_it),
		cmocka_unit_test(test_slow_headers_are_cut),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
