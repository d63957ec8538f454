/* Three services of one town, and a proxy before them: what is done at one is true at all. */
#include "many.h"
#include <cjson/cJSON.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/mem.h"
#include "postgres.h"

#define SECOND 1000
#define TAKEN_OVER_MS 15000
#define ROUNDS 5
#define LAST_CHUNK "\r\n0\r\n\r\n"

struct all {
	struct many many;
	char *an, *bob, *chef;
};

static int setup(void **state)
{
	struct all *a = xcalloc(1, sizeof(*a));

	many_begin(&a->many, MANY_MAX);
	a->an = service_login(&a->many.services[0], "an");
	a->bob = service_login(&a->many.services[1], "bob");
	a->chef = service_login(&a->many.proxy, "chef");
	*state = a;
	return 0;
}

static int teardown(void **state)
{
	struct all *a = *state;

	many_end(&a->many);
	free(a->an);
	free(a->bob);
	free(a->chef);
	free(a);
	return 0;
}

/* ---- event streams ---- */

/* Reads until text has come; false when the stream ended before. */
static bool read_until(int fd, char *buf, size_t size, const char *text)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t len = strlen(buf);
	ssize_t n;

	while (!strstr(buf, text)) {
		assert_int_equal(poll(&p, 1, 45000), 1);
		n = read(fd, buf + len, size - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		buf[len] = '\0';
	}
	return true;
}

static int open_stream(const struct service *s, const char *token, char *buf, size_t size)
{
	int fd = service_connect(s);

	dprintf(fd,
		"GET /v1/changes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
		"Accept: text/event-stream\r\n\r\n",
		token);
	buf[0] = '\0';
	assert_true(read_until(fd, buf, size, "event: upto\n"));
	return fd;
}

/* ---- news ---- */

static void snapshot(const struct service *s, const char *token, char ret[100])
{
	struct http h;

	http_get(s, token, "/v1/snapshot", &h);
	assert_int_equal(h.status, 200);
	snprintf(ret, 100, "%s", http_text(&h, "cursor"));
	http_free(&h);
}

struct waiter {
	const struct service *s;
	const char *token;
	char path[200];
	struct http answer;
	int64_t answered_at;
};

static void *wait_for_news(void *user)
{
	struct waiter *w = user;

	http_get(w->s, w->token, w->path, &w->answer);
	w->answered_at = clock_mono();
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* How long until both a long poll at one and an event stream at another know what is done here. */
static int64_t measure_news(struct all *a, const struct service *here,
			    const struct service *poll_at, const struct service *stream_at)
{
	struct waiter w = {.s = poll_at, .token = a->bob};
	static char text[65536];
	int fd = open_stream(stream_at, a->bob, text, sizeof(text));
	char cursor[100], id[37];
	pthread_t thread;
	int64_t began, heard;

	snapshot(poll_at, a->bob, cursor);
	snprintf(w.path, sizeof(w.path), "/v1/changes?after=%s&wait=30", cursor);
	text[0] = '\0';
	pthread_create(&thread, NULL, wait_for_news, &w);
	began = clock_mono();
	service_ticket(here, a->an, "Nieuws", id);
	assert_true(read_until(fd, text, sizeof(text), "event: upto\n"));
	heard = clock_mono();
	close(fd);
	pthread_join(thread, NULL);
	assert_int_equal(w.answer.status, 200);
	assert_string_equal(http_text(&w.answer, "changes.0.id"), id);
	http_free(&w.answer);
	return (w.answered_at > heard ? w.answered_at : heard) - began;
}

static void test_news_crosses_within_a_second(void **state)
{
	struct all *a = *state;
	struct service *s = a->many.services;
	int64_t took[ROUNDS];
	int i;

	for (i = 0; i < ROUNDS; i++)
		took[i] = measure_news(a, &s[i % 3], &s[(i + 1) % 3], &s[(i + 2) % 3]);
	qsort(took, ROUNDS, sizeof(took[0]), by_size);
	print_message("news at the others after %lld ms, at most %lld\n",
		      (long long)took[ROUNDS / 2], (long long)took[ROUNDS - 1]);
	assert_true(took[ROUNDS / 2] < SECOND);
	/* And nothing is held back by the proxy. */
	assert_true(measure_news(a, &a->many.proxy, &a->many.proxy, &a->many.proxy) < 5 * SECOND);
}

/* ---- logging in and out ---- */

static long me(const struct service *s, const char *token)
{
	struct http h;
	long status;

	http_get(s, token, "/v1/me", &h);
	status = h.status;
	http_free(&h);
	return status;
}

/* Asks again until the token is known no more; a request is its own pause. */
static void await_end(struct all *a, const char *token)
{
	int64_t began = clock_mono();
	int i;

	for (i = 0; i < a->many.count; i++)
		while (me(&a->many.services[i], token) != 401)
			assert_true(clock_mono() - began < 10 * SECOND);
	assert_true(clock_mono() - began < 2 * SECOND + SECOND);
}

static void test_a_login_is_one_everywhere(void **state)
{
	struct all *a = *state;
	struct service *s = a->many.services;
	static char text[65536];
	char *token = service_login(&s[0], "chef");
	const char *disable[] = {"user", "disable", "chef", "--db", s[0].db, NULL};
	struct http h;
	int fd;

	assert_int_equal(me(&s[1], token), 200);
	assert_int_equal(me(&s[2], token), 200);
	assert_int_equal(me(&a->many.proxy, token), 200);
	fd = open_stream(&s[1], token, text, sizeof(text));
	http_call(&s[2], token, "POST", "/v1/logout", NULL, NULL, &h);
	assert_int_equal(h.status, 204);
	http_free(&h);
	await_end(a, token);
	/* It ends by itself, and does not live until its next sign of life. */
	assert_true(read_until(fd, text, sizeof(text), LAST_CHUNK));
	close(fd);
	free(token);

	assert_int_equal(me(&s[0], a->chef), 200);
	fd = open_stream(&s[2], a->chef, text, sizeof(text));
	assert_int_equal(service_run(disable, NULL, NULL), 0);
	await_end(a, a->chef);
	assert_true(read_until(fd, text, sizeof(text), LAST_CHUNK));
	close(fd);
}

static long try_login(const struct service *s, const char *name, const char *from)
{
	char header[100];
	const char *headers[] = {header, NULL};
	char *body = xasprintf("{\"name\":\"%s\",\"password\":\"niet dit\"}", name);
	struct http h;
	long status;

	snprintf(header, sizeof(header), "X-Forwarded-For: %s", from);
	http_call(s, NULL, "POST", "/v1/login", body, headers, &h);
	status = h.status;
	http_free(&h);
	free(body);
	return status;
}

static void test_misses_are_counted_together(void **state)
{
	struct all *a = *state;
	struct service *s = a->many.services;
	char name[20];
	int i;

	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "niemand%d", i);
		assert_int_equal(try_login(&s[i % 3], name, "10.9.9.9"), 401);
	}
	/* What stands before the last address is what the client says of itself. */
	assert_int_equal(try_login(&s[0], "iemand", "10.1.1.1, 10.9.9.9"), 429);
	assert_int_equal(try_login(&s[1], "iemand", "10.9.9.9"), 429);
	assert_int_equal(try_login(&s[1], "iemand", "10.1.1.1"), 401);
	/* The proxy says whom it sees, and drops what it was told. */
	assert_int_equal(try_login(&a->many.proxy, "iemand", "10.9.9.9"), 401);
}

/* ---- presence ---- */

static void look(const struct service *s, const char *token, const char *id, bool typing)
{
	char body[200];
	struct http h;

	if (id)
		snprintf(body, sizeof(body), "{\"ticket_id\":\"%s\",\"typing\":%s}", id,
			 typing ? "true" : "false");
	else
		snprintf(body, sizeof(body), "{\"ticket_id\":null}");
	http_call(s, token, "PUT", "/v1/presence", body, NULL, &h);
	assert_int_equal(h.status, 204);
	http_free(&h);
}

static void test_presence_crosses(void **state)
{
	struct all *a = *state;
	struct service *s = a->many.services;
	static char text[65536];
	char id[37], cursor[100], news[50];
	int fd, other, i;

	service_ticket(&s[0], a->an, "Wie kijkt", id);
	other = open_stream(&s[2], a->bob, text, sizeof(text));
	fd = open_stream(&s[1], a->bob, text, sizeof(text));
	text[0] = '\0';
	look(&s[0], a->an, id, true);
	assert_true(read_until(fd, text, sizeof(text), "\"typing\":true"));
	assert_non_null(strstr(text, id));
	/* Requests of one agent come in at any of them: the last word counts at all. */
	text[0] = '\0';
	for (i = 0; i < 10; i++)
		look(&s[i % 3], a->an, i % 2 ? NULL : id, false);
	look(&s[2], a->an, id, true);
	look(&s[0], a->an, NULL, false);
	service_ticket(&s[1], a->an, "Teken", id);
	close(fd);
	/* What was said before that ticket is known where the news of it is. */
	snapshot(&s[1], a->bob, cursor);
	snprintf(news, sizeof(news), "{\"seq\":\"%lld\"}", atoll(strchr(cursor, '.') + 1));
	text[0] = '\0';
	assert_true(read_until(other, text, sizeof(text), news));
	close(other);
	fd = open_stream(&s[2], a->bob, text, sizeof(text));
	assert_null(strstr(text, "presence"));
	close(fd);
}

/* ---- one that dies ---- */

static int who_cleans(struct all *a, int except)
{
	struct http h;
	int found = -1;
	int i;

	for (i = 0; i < a->many.count; i++) {
		if (i == except)
			continue;
		http_get(&a->many.services[i], NULL, "/v1/health", &h);
		if (h.status == 200 && cJSON_GetArraySize(http_at(&h, "leases")) > 0) {
			assert_int_equal(found, -1);
			found = i;
		}
		http_free(&h);
	}
	return found;
}

/* Asks again after each second that a service itself waits for news. */
static int await_cleaner(struct all *a, int except)
{
	int64_t began = clock_mono();
	const struct service *s = &a->many.services[(except + 1) % a->many.count];
	char cursor[100], path[200];
	struct http h;
	int found;

	while ((found = who_cleans(a, except)) < 0) {
		assert_true(clock_mono() - began < TAKEN_OVER_MS);
		snapshot(s, a->an, cursor);
		snprintf(path, sizeof(path), "/v1/changes?after=%s&wait=1", cursor);
		http_get(s, a->an, path, &h);
		http_free(&h);
	}
	if (except >= 0)
		print_message("taken over after %lld ms\n", (long long)(clock_mono() - began));
	return found;
}

static void test_work_is_taken_over(void **state)
{
	struct all *a = *state;
	struct service *s = a->many.services;
	static char text[65536];
	char id[37];
	int first, second, fd;

	first = await_cleaner(a, -1);
	second = (first + 1) % 3;
	service_ticket(&s[first], a->an, "Weg", id);
	fd = open_stream(&s[second], a->bob, text, sizeof(text));
	look(&s[first], a->an, id, true);
	assert_true(read_until(fd, text, sizeof(text), "\"typing\":true"));
	text[0] = '\0';
	service_stop(&s[first], SIGKILL);
	second = await_cleaner(a, first);
	many_start(&a->many, first);

	kill(s[second].pid, SIGSTOP);
	assert_int_not_equal(await_cleaner(a, second), second);
	kill(s[second].pid, SIGCONT);
	/* It knows at once that it no longer is. */
	assert_int_not_equal(who_cleans(a, -1), second);
	/* Who spoke to the one that died is forgotten by the others too. */
	assert_true(read_until(fd, text, sizeof(text), "\"who\":[]"));
	close(fd);
}

static void test_the_proxy_goes_on(void **state)
{
	struct all *a = *state;
	char id[37], key[37], path[100];
	struct http h;
	int round, i;

	service_ticket(&a->many.proxy, a->an, "Door", id);
	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	for (round = 0; round < a->many.count; round++) {
		for (i = 0; i < 30; i++) {
			if (i == 10)
				service_stop(&a->many.services[round], SIGKILL);
			service_act(&a->many.proxy, a->an, "note", id, 0, "\"body\":\"door\"", key,
				    &h);
			assert_int_equal(h.status, 200);
			http_free(&h);
			http_get(&a->many.proxy, a->an, path, &h);
			assert_int_equal(h.status, 200);
			http_free(&h);
		}
		many_start(&a->many, round);
		/* It leaves one that failed alone for a while: not all three in one breath. */
		service_stop(&a->many.proxy, SIGTERM);
		many_start_proxy(&a->many);
	}
	/* Each is there once. */
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", id);
	http_get(&a->many.proxy, a->an, path, &h);
	assert_int_equal(cJSON_GetArraySize(http_at(&h, "notes")), 30 * a->many.count);
	http_free(&h);
}

/* ---- a database that goes away ---- */

/* Until the service has found the database again; then the others hear of it. */
static void write_again(struct all *a, const char *id, int fd, char *text, size_t size)
{
	char key[37];
	struct http h;
	long status;

	text[0] = '\0';
	do {
		service_act(&a->many.services[0], a->an, "note", id, 0, "\"body\":\"terug\"", key,
			    &h);
		status = h.status;
		http_free(&h);
		assert_true(status == 200 || status == 503);
	} while (status != 200);
	assert_true(read_until(fd, text, size, "event: upto\n"));
}

static void test_news_after_the_connections_are_cut(void **state)
{
	struct all *a = *state;
	struct service *s = a->many.services;
	static char text[65536];
	char id[37];
	int fd;

	service_ticket(&s[0], a->an, "Afgesneden", id);
	fd = open_stream(&s[1], a->bob, text, sizeof(text));
	free(postgres_run(s[0].db, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
				   "WHERE usename = '" POSTGRES_ROLE "'"));
	write_again(a, id, fd, text, sizeof(text));
	postgres_kill();
	postgres_restart();
	write_again(a, id, fd, text, sizeof(text));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_news_crosses_within_a_second),
		cmocka_unit_test(test_a_login_is_one_everywhere),
		cmocka_unit_test(test_misses_are_counted_together),
		cmocka_unit_test(test_presence_crosses),
		cmocka_unit_test(test_the_proxy_goes_on),
		cmocka_unit_test(test_work_is_taken_over),
		cmocka_unit_test(test_news_after_the_connections_are_cut),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
