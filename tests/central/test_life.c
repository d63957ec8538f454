/* Starting, stopping, being killed: nothing lost, nothing doubled. */
#include "group.h"
#include <pthread.h>
#include <sys/wait.h>

static void test_restart_keeps_all(void **state)
{
	char log[100];
	struct service s;
	char id[37], path[100];
	char *token;
	struct http h;

	(void)state;
	service_make(&s);
	service_start_unix(&s, NULL);
	token = service_login(&s, "an");
	service_ticket(&s, token, "Blijft", id);
	assert_int_equal(service_stop(&s, SIGTERM), 0);
	/* Who copies the file of a service that has stopped has all of it. */
	snprintf(log, sizeof(log), "%s/town.db-wal", s.dir);
	assert_int_not_equal(access(log, F_OK), 0);
	service_start(&s, NULL);
	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	/* The token too. */
	http_get(&s, token, path, &h);
	assert_string_equal(http_text(&h, "subject"), "Blijft");
	http_free(&h);
	assert_int_equal(service_stop(&s, SIGINT), 0);
	service_remove(&s);
	free(token);
}

static const char *const fast[] = {"--rate", "1000000", "--burst", "1000000", NULL};

struct writer {
	struct service *s;
	char *token;
	int answered;
	char ids[2000][37];
};

/* Sends until the service is gone; remembers what was answered. */
static void *write_on(void *user)
{
	struct writer *w = user;
	int fd;

	while (w->answered < 2000) {
		char id[37], key[37], body[300];
		char answer[4096];
		ssize_t n;

		id_new(id);
		id_new(key);
		snprintf(body, sizeof(body),
			 "{\"id\":\"%s\",\"action\":\"create\",\"record\":\"%s\","
			 "\"subject\":\"k\"}",
			 key, id);
		fd = service_try_connect(w->s);
		if (fd < 0)
			break;
		dprintf(fd,
			"POST /v1/actions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
			"Content-Type: application/json\r\nIdempotency-Key: %s\r\n"
			"Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
			w->token, key, strlen(body), body);
		n = read(fd, answer, sizeof(answer) - 1);
		close(fd);
		if (n <= 0)
			break;
		answer[n] = '\0';
		if (!strstr(answer, "HTTP/1.1 200"))
			break;
		snprintf(w->ids[w->answered++], 37, "%s", id);
		if (w->answered == 40)
			kill(w->s->pid, SIGKILL);
	}
	return NULL;
}

static void test_killed_loses_nothing_that_was_answered(void **state)
{
	static struct writer w;
	struct service s;
	const char *check[] = {"check", "--db", s.db, NULL};
	char path[100];
	struct http h;
	int status;
	int i;

	(void)state;
	service_make(&s);
	service_start_unix(&s, fast);
	w.s = &s;
	w.token = service_login(&s, "an");
	signal(SIGPIPE, SIG_IGN);
	write_on(&w);
	waitpid(s.pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	s.pid = 0;
	assert_true(w.answered >= 40);
	/* The socket that the kill left behind is taken over. */
	service_start_unix(&s, fast);
	for (i = 0; i < w.answered; i++) {
		snprintf(path, sizeof(path), "/v1/tickets/%s", w.ids[i]);
		http_get(&s, w.token, path, &h);
		assert_int_equal(h.status, 200);
		http_free(&h);
	}
	assert_int_equal(service_stop(&s, SIGTERM), 0);
	assert_int_equal(service_run(check, NULL, NULL), 0);
	service_remove(&s);
	free(w.token);
}

struct poller {
	struct service *s;
	const char *token;
	char path[200];
	struct http answer;
};

static void *poll_on(void *user)
{
	struct poller *p = user;

	http_get(p->s, p->token, p->path, &p->answer);
	return NULL;
}

static void test_stop_answers_those_who_wait(void **state)
{
	struct service s;
	struct poller p = {.s = &s};
	pthread_t thread;
	char *token;
	struct http h;
	int fd;
	char text[4096];
	ssize_t n;
	double waiting;

	(void)state;
	service_make(&s);
	service_start(&s, NULL);
	token = service_login(&s, "an");
	http_get(&s, token, "/v1/snapshot", &h);
	snprintf(p.path, sizeof(p.path), "/v1/changes?after=%s&wait=50", http_text(&h, "cursor"));
	http_free(&h);
	p.token = token;
	fd = service_connect(&s);
	dprintf(fd,
		"GET /v1/changes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
		"Accept: text/event-stream\r\n\r\n",
		token);
	n = read(fd, text, sizeof(text));
	assert_true(n > 0);
	pthread_create(&thread, NULL, poll_on, &p);
	for (waiting = 0; waiting < 1;) {
		http_get(&s, NULL, "/v1/health", &h);
		waiting = http_number(&h, "waiting");
		http_free(&h);
	}
	assert_int_equal(service_stop(&s, SIGTERM), 0);
	pthread_join(thread, NULL);
	assert_int_equal(p.answer.status, 200);
	http_free(&p.answer);
	while ((n = read(fd, text, sizeof(text))) > 0)
		;
	assert_int_equal(n, 0);
	close(fd);
	service_remove(&s);
	free(token);
}

static void test_users(void **state)
{
	struct service s;
	const char *list[] = {"user", "list", "--db", s.db, NULL};
	const char *disable[] = {"user", "disable", "an", "--db", s.db, NULL};
	const char *again[] = {"user", "add", "bob", "--team", "Wegen", "--db", s.db, NULL};
	const char *weak[] = {"user", "add", "kort", "--team", "Wegen", "--db", s.db, NULL};
	const char *wrong[] = {"user", "ad", "x", NULL};
	char *text;
	char *token;
	struct http h;
	int i;

	(void)state;
	service_make(&s);
	service_start(&s, fast);
	token = service_login(&s, "an");
	assert_int_equal(service_run(list, NULL, &text), 0);
	assert_non_null(strstr(text, "an\tan\tagent\tOnthaal"));
	free(text);
	assert_int_equal(service_run(again, SERVICE_PASSWORD "\n", NULL), 1);
	assert_int_equal(service_run(weak, "kort\n", NULL), 1);
	assert_int_equal(service_run(wrong, NULL, NULL), 2);
	/* Disabled while the service runs: out within a moment, and cannot come back. */
	assert_int_equal(service_run(disable, NULL, NULL), 0);
	for (i = 0; i < 100000; i++) {
		http_get(&s, token, "/v1/me", &h);
		if (h.status == 401)
			break;
		http_free(&h);
	}
	assert_problem(&h, 401, "login-expired");
	http_free(&h);
	http_post(&s, NULL, "/v1/login", "{\"name\":\"an\",\"password\":\"" SERVICE_PASSWORD "\"}",
		  &h);
	assert_problem(&h, 401, "login");
	http_free(&h);
	assert_int_equal(service_stop(&s, SIGTERM), 0);
	service_remove(&s);
	free(token);
}

static void test_serve_without_a_town(void **state)
{
	const char *args[] = {"serve",	  "--db",	 "/nonexistent/town.db",
			      "--listen", "127.0.0.1:0", NULL};
	const char *manual[] = {"api-manual", NULL};
	char *text;

	(void)state;
	assert_int_equal(service_run(args, NULL, NULL), 1);
	assert_int_equal(service_run(manual, NULL, &text), 0);
	assert_non_null(strstr(text, "/v1/actions"));
	assert_non_null(strstr(text, "## assign"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restart_keeps_all),
		cmocka_unit_test(test_killed_loses_nothing_that_was_answered),
		cmocka_unit_test(test_stop_answers_those_who_wait),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_serve_without_a_town),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
