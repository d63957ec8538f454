/* What goes wrong between a service and its PostgreSQL: told in a sentence at the start, met while it
 * runs, and in the end everything is there once. No password is ever shown. */
#include "fixture.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/id.h"
#include "balie/store.h"
#include "postgres.h"
#include "service.h"

#define SENDERS 3
#define TICKETS 120 /* a sender */
#define SECRET "Zeer-Geheim-7261"

static const char *const fast[] = {"--rate", "1000000", "--burst", "1000000", NULL};

/* ---- what a program says on its error output ---- */

struct said {
	char path[64];
	int before;
};

static void listen_to_errors(struct said *said)
{
	int fd;

	snprintf(said->path, sizeof(said->path), "/tmp/balie-said-XXXXXX");
	fd = mkstemp(said->path);
	assert_true(fd >= 0);
	fflush(stderr);
	said->before = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
}

/* To be freed. */
static char *what_was_said(struct said *said)
{
	char *text = xcalloc(1, 65536);
	int fd = open(said->path, O_RDONLY | O_CLOEXEC);

	fflush(stderr);
	dup2(said->before, STDERR_FILENO);
	close(said->before);
	assert_true(fd >= 0 && read(fd, text, 65535) >= 0);
	close(fd);
	unlink(said->path);
	fputs(text, stderr);
	return text;
}

/* The command on that URL ends at once, saying this and nothing secret. */
static void refused(const char *command, const char *url, const char *sentence)
{
	const char *args[] = {command, "--db", url, "--verbose", "--listen", "127.0.0.1:0", NULL};
	struct said said;
	char *output, *text;
	int status;

	if (strcmp(command, "serve") != 0)
		args[4] = NULL;
	listen_to_errors(&said);
	status = service_run(args, NULL, &output);
	text = what_was_said(&said);
	assert_int_equal(status, 1);
	if (!strstr(text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", text, sentence);
	assert_null(strstr(text, SECRET));
	assert_null(strstr(output, SECRET));
	free(output);
	free(text);
}

/* ---- at the start ---- */

static void refused_at_start(const char *url, const char *sentence)
{
	refused("serve", url, sentence);
}

static void absent_server(void **state)
{
	(void)state;
	refused_at_start("postgresql:///town?host=/nonexistent&user=balied&password=" SECRET,
			 "no server answers there");
	refused_at_start("postgresql://balied:" SECRET "@/town?host=/nonexistent",
			 "no server answers there");
}

static void absent_database(void **state)
{
	char url[POSTGRES_URL], empty[POSTGRES_URL];

	(void)state;
	postgres_database(empty);
	postgres_url("postgresql:///nowhere?", POSTGRES_ROLE, "", url);
	refused_at_start(url, "there is no town at");
	refused("init", url, "there is no such database");
	refused_at_start(empty, "run balied init first");
	postgres_url(empty, "stranger", "", url);
	refused_at_start(url, "refuses this user");
}

static void newer_database(void **state)
{
	struct service s;

	(void)state;
	service_make(&s);
	free(postgres_run(s.db, "UPDATE balie_schema SET version = version + 1"));
	refused_at_start(s.db, "made by a newer version of this program");
	/* And it was left as it was. */
	free(postgres_run(s.db, "UPDATE balie_schema SET version = version - 1"));
	service_start_unix(&s, NULL);
	assert_int_equal(service_stop(&s, SIGTERM), 0);
	free(postgres_run(s.db, "UPDATE balie_schema SET application_id = 7"));
	refused_at_start(s.db, "another program");
	service_remove(&s);
}

/* The town wants none today: what would be said is asked of the engine. */
static void missing_extension(void **state)
{
	static const struct store_text migration = {"first", "CREATE EXTENSION nowhere", NULL};
	static const struct store_text statement = {"one", "SELECT 1", NULL};
	static const struct store_schema schema = {
		.what = "town",
		.application_id = 1,
		.dialects[STORE_POSTGRES] = {&migration, 1, &statement},
		.statement_count = 1,
	};
	char url[POSTGRES_URL];
	struct err err = {0};
	struct store *st;
	char *text;

	(void)state;
	postgres_database(url);
	assert_false(store_open(&st, url, &schema, STORE_CREATE, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "lacks an extension that is needed"));
	text = postgres_run(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'");
	assert_string_equal(text, "0");
	free(text);
}

static void passwords(void **state)
{
	struct service s;
	struct said said;
	char wrong[POSTGRES_URL], id[37], *token, *text;

	(void)state;
	service_make(&s);
	free(postgres_run(NULL, "CREATE ROLE " POSTGRES_LOCKED_ROLE " LOGIN IN ROLE " POSTGRES_ROLE
				" PASSWORD '" SECRET "'"));
	postgres_url(s.db, POSTGRES_LOCKED_ROLE, "&password=not-" SECRET, wrong);
	refused_at_start(wrong, "refuses this user or password");
	postgres_url(s.db, POSTGRES_LOCKED_ROLE, "", wrong);
	refused_at_start(wrong, "asks for a password");
	postgres_url(s.db, POSTGRES_LOCKED_ROLE, "&password=" SECRET, s.db);
	listen_to_errors(&said);
	const char *const loud[] = {"--verbose", NULL};
	service_start_unix(&s, loud);
	token = service_login(&s, "an");
	service_ticket(&s, token, "Achter slot", id);
	postgres_kill();
	struct http h;
	http_get(&s, token, "/v1/tickets?limit=1", &h);
	assert_int_equal(h.status, 503);
	assert_null(strstr(h.body, SECRET));
	http_free(&h);
	postgres_restart();
	assert_int_equal(service_stop(&s, SIGTERM), 0);
	text = what_was_said(&said);
	assert_non_null(strstr(text, "serving on"));
	assert_null(strstr(text, SECRET));
	service_remove(&s);
	free(text);
	free(token);
}

/* ---- while it runs ---- */

struct asker {
	pthread_t thread;
	struct world *world;
	char *token;
	char ids[TICKETS][37];
	long refused, replayed;
	char wrong[300]; /* the first answer that is neither done nor try again */
};
struct world {
	struct service s;
	struct asker senders[SENDERS];
	pthread_mutex_t lock;
	pthread_cond_t more;
	int done;
};

static bool must_try_again(const struct http *h)
{
	const char *type = http_text(h, "type");

	return h->status == 503 && type &&
	       (strcmp(type, "urn:problem-type:balie:busy") == 0 ||
		strcmp(type, "urn:problem-type:balie:outcome-unknown") == 0) &&
	       http_header(h, "Retry-After") != NULL;
}

/* One new ticket, asked for with the same key until it is said to be there. */
static void send_one(struct asker *me, int i)
{
	char key[37], header[80];
	const char *headers[] = {header, NULL};
	struct http h;
	long status;

	id_new(me->ids[i]);
	id_new(key);
	snprintf(header, sizeof(header), "Idempotency-Key: %s", key);
	char *body = xasprintf("{\"id\":\"%s\",\"action\":\"create\",\"record\":\"%s\","
			       "\"subject\":\"Lijn %d\",\"body\":\"x\",\"channel\":\"phone\"}",
			       key, me->ids[i], i);
	do {
		http_call(&me->world->s, me->token, "POST", "/v1/actions", body, headers, &h);
		status = h.status;
		if (status != 200 && !must_try_again(&h) && !me->wrong[0])
			snprintf(me->wrong, sizeof(me->wrong), "%ld %.200s", status, h.body);
		me->refused += status != 200;
		me->replayed += status == 200 && http_header(&h, "Idempotent-Replayed") != NULL;
		http_free(&h);
		/* As a client that cannot wait for what Retry-After says, but is no flood. */
		if (status != 200)
			poll(NULL, 0, 50);
	} while (status != 200 && !me->wrong[0]);
	free(body);
}

static void *send_all(void *user)
{
	struct asker *me = user;
	struct world *w = me->world;

	for (int i = 0; i < TICKETS; i++) {
		if (!me->wrong[0])
			send_one(me, i);
		pthread_mutex_lock(&w->lock);
		w->done++;
		pthread_cond_signal(&w->more);
		pthread_mutex_unlock(&w->lock);
	}
	return NULL;
}

static void await_done(struct world *w, int count)
{
	pthread_mutex_lock(&w->lock);
	while (w->done < count)
		pthread_cond_wait(&w->more, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

static int number_of(const char *url, const char *sql)
{
	char *text = postgres_run(url, sql);
	int ret = text ? atoi(text) : -1;

	free(text);
	return ret;
}

/* One that is writing at this moment. */
static void drop_in_transaction(struct world *w)
{
	while (w->done < SENDERS * TICKETS &&
	       number_of(w->s.db, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
				  "WHERE usename = 'balied' AND datname = current_database() "
				  "AND backend_xid IS NOT NULL") < 1)
		;
}

/* Behind another drop the service may not have connected again yet. */
static void drop_all(struct world *w)
{
	while (number_of(w->s.db, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
				  "WHERE usename = 'balied' AND datname = current_database()") < 1)
		;
}

static void await_health(struct world *w)
{
	struct http h;
	long status;

	do {
		http_get(&w->s, NULL, "/v1/health", &h);
		status = h.status;
		assert_true(status == 200 || must_try_again(&h));
		http_free(&h);
	} while (status != 200);
}

/* By the database's own word. */
static void nothing_lost_nothing_doubled(struct world *w)
{
	const char *check[] = {"check", "--db", w->s.db, NULL};
	const int expected = SENDERS * TICKETS;
	char path[100];
	struct http h;

	for (int k = 0; k < SENDERS; k++)
		for (int i = 0; i < TICKETS; i++) {
			snprintf(path, sizeof(path), "/v1/tickets/%s", w->senders[k].ids[i]);
			/* A thread of the service that did nothing since may still find out. */
			http_get(&w->s, w->senders[k].token, path, &h);
			while (must_try_again(&h)) {
				http_free(&h);
				http_get(&w->s, w->senders[k].token, path, &h);
			}
			assert_int_equal(h.status, 200);
			assert_int_equal(http_number(&h, "version"), 1);
			http_free(&h);
		}
	assert_int_equal(number_of(w->s.db, "SELECT count(*) FROM ticket"), expected);
	assert_int_equal(number_of(w->s.db, "SELECT count(*) FROM idempotency"), expected);
	assert_int_equal(number_of(w->s.db, "SELECT count(DISTINCT number) FROM ticket"), expected);
	assert_int_equal(number_of(w->s.db, "SELECT max(seq) - count(*) FROM journal"), 0);
	assert_int_equal(service_stop(&w->s, SIGTERM), 0);
	assert_int_equal(service_run(check, NULL, NULL), 0);
}

static void begin(struct world *w)
{
	service_make(&w->s);
	service_start_unix(&w->s, fast);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	for (int k = 0; k < SENDERS; k++) {
		w->senders[k].world = w;
		w->senders[k].token = service_login(&w->s, k == 0 ? "an" : k == 1 ? "bob" : "chef");
	}
	for (int k = 0; k < SENDERS; k++)
		assert_int_equal(
			pthread_create(&w->senders[k].thread, NULL, send_all, &w->senders[k]), 0);
}

static void finish(struct world *w, const char *what)
{
	long refused = 0, replayed = 0;
	pid_t pid = w->s.pid;

	for (int k = 0; k < SENDERS; k++) {
		pthread_join(w->senders[k].thread, NULL);
		if (w->senders[k].wrong[0])
			fail_msg("%s", w->senders[k].wrong);
		refused += w->senders[k].refused;
		replayed += w->senders[k].replayed;
	}
	/* It is the same program that goes on. */
	assert_int_equal(kill(pid, 0), 0);
	await_health(w);
	assert_true(refused > 0);
	nothing_lost_nothing_doubled(w);
	print_message("%s: %d tickets, %ld times told to try again, %ld were there already; "
		      "lost 0, doubled 0\n",
		      what, SENDERS * TICKETS, refused, replayed);
	service_remove(&w->s);
	for (int k = 0; k < SENDERS; k++)
		free(w->senders[k].token);
	free(w);
}

static void dropped_in_a_transaction(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	(void)state;
	begin(w);
	for (int i = 1; i <= 8; i++) {
		await_done(w, i * SENDERS * TICKETS / 10);
		if (i % 3 == 0)
			drop_all(w);
		else
			drop_in_transaction(w);
	}
	finish(w, "connections dropped");
}

static void server_killed(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	(void)state;
	begin(w);
	for (int i = 1; i <= 4; i++) {
		await_done(w, i * SENDERS * TICKETS / 6);
		postgres_kill();
		postgres_restart();
	}
	finish(w, "server killed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_server),  cmocka_unit_test(absent_database),
		cmocka_unit_test(newer_database), cmocka_unit_test(missing_extension),
		cmocka_unit_test(passwords),	  cmocka_unit_test(dropped_in_a_transaction),
		cmocka_unit_test(server_killed),
	};

	store_know_postgres();
	return id_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
