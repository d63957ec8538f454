/* Many write through the proxy and many follow, while services are killed at random. Then the journal
 * is read: every action that was acknowledged stands in it once, and every follower has seen all of
 * it in order.
 *
 *	storm [ACTIONS [WRITERS [FOLLOWERS [SEED]]]]
 *
 * On three services of a PostgreSQL when BALIE_ENGINE is postgres, else on one of a file. */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/mem.h"
#include "central_sql.h"
#include "many.h"
#include "postgres.h"
#include "town.h"

#define THREADS_MAX 64
#define KILL_EVERY 600 /* actions between two kills, at most */
#define DOWN_FOR 150   /* actions that others do meanwhile, at most */
#define CREATE_EVERY 10
#define PAGE 4096

struct deed {
	char id[37];
	bool create;
};
struct numbers {
	int64_t *items;
	size_t count, cap;
};
struct storm;
struct part { /* of one thread */
	struct storm *storm;
	pthread_t thread;
	uint64_t random;
	char ticket[37];     /* a writer's last one */
	struct numbers seen; /* by a follower */
	int64_t tries, replayed;
};
struct storm {
	struct many many;
	char *token;
	int total, writers, followers;
	unsigned long long seed;
	struct deed *actions; /* in the order of their acknowledgement */
	struct part parts[THREADS_MAX];
	atomic_llong end; /* of the journal, for followers; -1: not known yet */
	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t change; /* something was acknowledged, or a service began or ended */
	int begun, acknowledged;
	char cursor[100];
};

static uint64_t next_random(uint64_t *state)
{
	/* xorshift64*: the same seed, the same numbers. */
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717) >> 16;
}

/* Until something happens, for who found nobody; not for long, since it may have just happened. */
static void await_change(struct storm *s)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_nsec += 100000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&s->lock);
	pthread_cond_timedwait(&s->change, &s->lock, &at);
	pthread_mutex_unlock(&s->lock);
}

static void tell_change(struct storm *s)
{
	pthread_mutex_lock(&s->lock);
	pthread_cond_broadcast(&s->change);
	pthread_mutex_unlock(&s->lock);
}

static size_t collect(char *data, size_t size, size_t n, void *user)
{
	buf_add(user, data, size * n);
	return size * n;
}

/* Counts answers that say that the action had been done before. */
static size_t look_at_header(char *data, size_t size, size_t n, void *user)
{
	struct part *p = user;

	p->replayed += size * n > 24 && strncasecmp(data, "Idempotent-Replayed: true", 25) == 0;
	return size * n;
}

/* The status, 0 when nobody answered. The connection is kept for the next time. */
static long call(CURL *curl, const char *url, struct curl_slist *headers, const char *body,
		 struct buf *answer)
{
	long status = 0;

	buf_reset(answer);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	if (curl_easy_perform(curl) != CURLE_OK)
		return 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	char *line = xasprintf("%s: %s", name, value);

	list = curl_slist_append(list, line);
	free(line);
	return list;
}

static struct curl_slist *login_header(struct storm *s)
{
	char *bearer = xasprintf("Bearer %s", s->token);
	struct curl_slist *list = add_header(NULL, "Authorization", bearer);

	free(bearer);
	return list;
}

/* ---- writers ---- */

static char *make_body(struct part *p, const struct deed *a)
{
	if (a->create)
		return xasprintf("{\"id\":\"%s\",\"action\":\"create\",\"record\":\"%s\","
				 "\"subject\":\"Storm\",\"body\":\"Dak weg\",\"channel\":"
				 "\"phone\"}",
				 a->id, p->ticket);
	return xasprintf("{\"id\":\"%s\",\"action\":\"note\",\"record\":\"%s\","
			 "\"body\":\"Gebeld, komt morgen langs.\"}",
			 a->id, p->ticket);
}

/* The same action with the same id until it is acknowledged. */
static void do_action(struct part *p, CURL *curl, const struct deed *a)
{
	struct storm *s = p->storm;
	struct curl_slist *headers = login_header(s);
	struct buf answer = {0};
	char *url = xasprintf("%s/v1/actions", s->many.proxy.url);
	char *body = make_body(p, a);
	long status;

	headers = add_header(headers, "Content-Type", "application/json");
	headers = add_header(headers, "Idempotency-Key", a->id);
	headers = curl_slist_append(headers, "Expect:");
	for (;;) {
		status = call(curl, url, headers, body, &answer);
		p->tries++;
		if (status == 200)
			break;
		if (status != 0 && status < 500) {
			fprintf(stderr, "refused with %ld: %s\n", status, answer.data);
			exit(1);
		}
		await_change(s);
	}
	curl_slist_free_all(headers);
	buf_finish(&answer);
	free(body);
	free(url);
}

static void *write_on(void *user)
{
	struct part *p = user;
	struct storm *s = p->storm;
	CURL *curl = curl_easy_init();
	struct deed a;
	bool more;

	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, look_at_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, p);
	for (;;) {
		pthread_mutex_lock(&s->lock);
		more = s->begun < s->total;
		s->begun += more;
		pthread_mutex_unlock(&s->lock);
		if (!more)
			break;
		id_new(a.id);
		a.create = !p->ticket[0] || next_random(&p->random) % CREATE_EVERY == 0;
		if (a.create)
			id_new(p->ticket);
		do_action(p, curl, &a);
		pthread_mutex_lock(&s->lock);
		s->actions[s->acknowledged++] = a;
		pthread_cond_broadcast(&s->change);
		pthread_mutex_unlock(&s->lock);
	}
	curl_easy_cleanup(curl);
	return NULL;
}

/* ---- followers ---- */

static void add_number(struct numbers *n, int64_t value)
{
	if (n->count == n->cap) {
		n->cap = n->cap ? 2 * n->cap : 1024;
		n->items = xrealloc(n->items, n->cap * sizeof(*n->items));
	}
	n->items[n->count++] = value;
}

/* Takes one page in and moves the cursor on. */
static void take_page(struct part *p, const char *text, char cursor[100])
{
	cJSON *json = cJSON_Parse(text);
	const cJSON *next = cJSON_GetObjectItem(json, "next");
	const cJSON *row;

	if (!cJSON_IsString(next)) {
		fprintf(stderr, "no page of the feed: %s\n", text);
		exit(1);
	}
	cJSON_ArrayForEach(row, cJSON_GetObjectItem(json, "changes"))
		add_number(&p->seen, atoll(cJSON_GetObjectItem(row, "seq")->valuestring));
	snprintf(cursor, 100, "%s", next->valuestring);
	cJSON_Delete(json);
}

static void *follow(void *user)
{
	struct part *p = user;
	struct storm *s = p->storm;
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = login_header(s);
	struct buf answer = {0};
	char cursor[100];
	char url[300];
	int64_t at = 0;

	snprintf(cursor, sizeof(cursor), "%s", s->cursor);
	while (atomic_load(&s->end) < 0 || at < atomic_load(&s->end)) {
		int i = (int)(next_random(&p->random) % (uint64_t)s->many.count);

		snprintf(url, sizeof(url), "http://%s/v1/changes?after=%s&wait=1&limit=%d",
			 s->many.listen[i], cursor, 1 + (int)(next_random(&p->random) % 300));
		p->tries++;
		if (call(curl, url, headers, NULL, &answer) == 200) {
			take_page(p, answer.data, cursor);
			at = atoll(strchr(cursor, '.') + 1);
		} else {
			await_change(s);
		}
	}
	buf_finish(&answer);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return NULL;
}

/* ---- the storm ---- */

/* Waits until so many are acknowledged, or all. */
static void await_actions(struct storm *s, int count)
{
	pthread_mutex_lock(&s->lock);
	while (s->acknowledged < count && s->acknowledged < s->total)
		pthread_cond_wait(&s->change, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

/* Kills and starts again until all is acknowledged; how often. */
static int kill_on(struct storm *s)
{
	uint64_t random = s->seed * 2 + 1;
	int kills = 0;
	int at = 0;
	int i;

	for (;;) {
		at += 1 + (int)(next_random(&random) % KILL_EVERY);
		await_actions(s, at);
		if (at >= s->total)
			return kills;
		i = (int)(next_random(&random) % (uint64_t)s->many.count);
		service_stop(&s->many.services[i], SIGKILL);
		kills++;
		if (s->many.count > 1) {
			at += (int)(next_random(&random) % DOWN_FOR);
			await_actions(s, at);
		}
		many_start(&s->many, i);
		tell_change(s);
	}
}

static void start_threads(struct storm *s)
{
	int n = s->writers + s->followers;
	int i;

	for (i = 0; i < n; i++) {
		struct part *p = &s->parts[i];

		p->storm = s;
		p->random = (s->seed + (uint64_t)i + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
		if (pthread_create(&p->thread, NULL, i < s->writers ? write_on : follow, p) != 0)
			exit(1);
	}
}

/* ---- the reckoning ---- */

struct row {
	char operation[37];
	char type[16];
	int64_t seq;
};
struct journal {
	struct row *rows;
	size_t count, cap;
};

static void read_journal(struct storm *s, int64_t after, struct journal *ret)
{
	struct town t = {0};
	struct err err = {0};
	size_t before;

	if (!town_open(&t, s->many.services[0].db, STORE_READONLY, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	do {
		struct store_query *q = store_query(t.store, CENTRAL_SQL_JOURNAL_AFTER);

		before = ret->count;
		store_bind_int(q, 1, after);
		store_bind_int(q, 2, PAGE);
		while (store_step(q, &err) == STORE_ROW) {
			struct row *row;

			if (ret->count == ret->cap) {
				ret->cap = ret->cap ? 2 * ret->cap : PAGE;
				ret->rows = xrealloc(ret->rows, ret->cap * sizeof(*ret->rows));
			}
			row = &ret->rows[ret->count++];
			row->seq = after = store_column_int(q, 0);
			snprintf(row->operation, 37, "%s", store_column_text(q, 1));
			snprintf(row->type, sizeof(row->type), "%s", store_column_text(q, 3));
		}
		store_done(q);
	} while (ret->count > before);
	town_close(&t);
}

static int by_operation(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;
	int d = strcmp(x->operation, y->operation);

	return d ? d : strcmp(x->type, y->type);
}

static int row_is_of(const void *key, const void *row)
{
	return strcmp(key, ((const struct row *)row)->operation);
}

/* Sorts the rows. An action makes one row of each kind of record that it touches. */
static int count_doubled(struct journal *j)
{
	int doubled = 0;
	size_t i;

	qsort(j->rows, j->count, sizeof(*j->rows), by_operation);
	for (i = 1; i < j->count; i++)
		doubled += by_operation(&j->rows[i - 1], &j->rows[i]) == 0;
	return doubled;
}

static int count_lost(const struct storm *s, const struct journal *j)
{
	int lost = 0;
	int i;

	for (i = 0; i < s->acknowledged; i++)
		lost += !bsearch(s->actions[i].id, j->rows, j->count, sizeof(*j->rows), row_is_of);
	return lost;
}

/* Rows of the journal that a follower did not see in their place. The journal is in its order. */
static int count_gaps(const struct storm *s, const struct journal *j, int64_t start)
{
	int gaps = 0;
	size_t k;
	int i;

	for (k = 0; k < j->count; k++)
		gaps += j->rows[k].seq != start + 1 + (int64_t)k;
	for (i = s->writers; i < s->writers + s->followers; i++) {
		const struct numbers *n = &s->parts[i].seen;

		gaps += n->count != j->count;
		for (k = 0; k < n->count && k < j->count; k++)
			gaps += n->items[k] != j->rows[k].seq;
	}
	return gaps;
}

static int reckon(struct storm *s, int64_t start, int kills, int64_t ms)
{
	const char *check[] = {"check", "--db", s->many.services[0].db, NULL};
	struct journal j = {0};
	int lost, doubled, gaps, i;
	int64_t tries = 0;
	int64_t replayed = 0;

	read_journal(s, start, &j);
	gaps = count_gaps(s, &j, start);
	doubled = count_doubled(&j);
	lost = count_lost(s, &j);
	for (i = 0; i < s->writers; i++) {
		tries += s->parts[i].tries;
		replayed += s->parts[i].replayed;
	}
	printf("actions %d acknowledged %d lost %d doubled %d gaps %d kills %d\n", s->total,
	       s->acknowledged, lost, doubled, gaps, kills);
	printf("%d services, %d writers, %d followers, %zu rows of the journal, %lld requests sent "
	       "again by the writers, %lld actions done before they were answered, %.1f s, seed "
	       "%llu\n",
	       s->many.count, s->writers, s->followers, j.count, (long long)(tries - s->total),
	       (long long)replayed, (double)ms / 1000, s->seed);
	free(j.rows);
	return lost || doubled || gaps || s->acknowledged != s->total ||
	       service_run(check, NULL, NULL) != 0;
}

static void prepare(struct storm *s, int64_t *ret_start)
{
	struct http h;

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->change, NULL);
	atomic_init(&s->end, -1);
	s->actions = xcalloc((size_t)s->total, sizeof(*s->actions));
	many_begin(&s->many, postgres_wanted() ? MANY_MAX : 1);
	s->token = service_login(&s->many.proxy, "an");
	http_get(&s->many.proxy, s->token, "/v1/snapshot", &h);
	snprintf(s->cursor, sizeof(s->cursor), "%s", http_text(&h, "cursor"));
	http_free(&h);
	*ret_start = atoll(strchr(s->cursor, '.') + 1);
}

static void finish(struct storm *s)
{
	int i;

	for (i = 0; i < s->writers + s->followers; i++)
		free(s->parts[i].seen.items);
	free(s->actions);
	free(s->token);
	many_end(&s->many);
}

static struct storm storm = {.total = 20000, .writers = 16, .followers = 4};

static void test_storm(void **state)
{
	struct storm *s = *state;
	struct http h;
	int64_t start, began;
	int kills, i, code;

	prepare(s, &start);
	began = clock_mono();
	start_threads(s);
	kills = kill_on(s);
	for (i = 0; i < s->writers; i++)
		pthread_join(s->parts[i].thread, NULL);
	http_get(&s->many.proxy, s->token, "/v1/snapshot", &h);
	atomic_store(&s->end, atoll(strchr(http_text(&h, "cursor"), '.') + 1));
	http_free(&h);
	for (; i < s->writers + s->followers; i++)
		pthread_join(s->parts[i].thread, NULL);
	code = reckon(s, start, kills, clock_mono() - began);
	finish(s);
	assert_int_equal(code, 0);
}

int main(int argc, char **argv)
{
	/* As a test, so that the harness can say what went wrong. */
	const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_storm, &storm)};

	if (argc > 1)
		storm.total = atoi(argv[1]);
	if (argc > 2)
		storm.writers = atoi(argv[2]);
	if (argc > 3)
		storm.followers = atoi(argv[3]);
	storm.seed = argc > 4 ? strtoull(argv[4], NULL, 10) : (unsigned long long)clock_now();
	if (storm.total < 1 || storm.writers < 1 || storm.followers < 0 ||
	    storm.writers + storm.followers > THREADS_MAX) {
		fprintf(stderr, "storm [ACTIONS [WRITERS [FOLLOWERS [SEED]]]]\n");
		return 2;
	}
	/* In case of trouble, how to have it again. */
	printf("seed %llu\n", storm.seed);
	fflush(stdout);
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
