/* The connection between a service and its PostgreSQL ends at each message in turn. Whatever is asked
 * then is answered as it always is, or with "try again": a read that failed is never "there is none". */
#include "cutter.h"
#include "fixture.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/id.h"
#include "balie/mem.h"
#include "balie/store.h"
#include "service.h"

#define MESSAGES_MAX 200 /* of one request; it has a few */

/* ---- a town ---- */

static const char mail[] = "From: Lies Peeters <lies@example.be>\r\nTo: info@example.be\r\n"
			   "Subject: Foto van de put\r\nMessage-ID: <put-1@example.be>\r\n"
			   "Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
			   "Content-Type: multipart/mixed; boundary=grens\r\n\r\n"
			   "--grens\r\nContent-Type: text/plain\r\n\r\nZie bijlage.\r\n"
			   "--grens\r\nContent-Type: image/jpeg\r\n"
			   "Content-Disposition: attachment; filename=\"put.jpg\"\r\n"
			   "Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--grens--\r\n";

static struct world {
	struct service s;
	struct cutter *cutter;
	char direct[POSTGRES_URL];
	char *an, *ext;
	char ticket[37], number[20], message[37], attachment[37], party[37], team[37];
	char cursor[100];
} w;

static void keep(const struct http *h, const char *path, char *ret, size_t size)
{
	const char *text = http_text(h, path);

	if (!text)
		fail_msg("no %s in %s", path, h->body);
	snprintf(ret, size, "%s", text);
}

static void take_mail_in(void)
{
	const char *take[] = {"import", "mail", NULL, "--team", "Aannemer", "--db", w.direct, NULL};
	char *path = xasprintf("%s/een.eml", w.s.dir);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(mail, f);
	assert_int_equal(fclose(f), 0);
	take[2] = path;
	assert_int_equal(service_run(take, NULL, NULL), 0);
	free(path);
}

static void find_all(void)
{
	char path[100];
	struct http h;

	http_get(&w.s, w.ext, "/v1/tickets?limit=1", &h);
	keep(&h, "items.0.id", w.ticket, sizeof(w.ticket));
	keep(&h, "items.0.number", w.number, sizeof(w.number));
	keep(&h, "items.0.party_id", w.party, sizeof(w.party));
	keep(&h, "items.0.team_id", w.team, sizeof(w.team));
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", w.ticket);
	http_get(&w.s, w.ext, path, &h);
	keep(&h, "messages.0.id", w.message, sizeof(w.message));
	keep(&h, "messages.0.attachments.0.id", w.attachment, sizeof(w.attachment));
	http_free(&h);
}

static int begin(void **state)
{
	static const char *const args[] = {"--threads", "1",	   "--rate", "1000000",
					   "--burst",	"1000000", NULL};
	const char *disable[] = {"user", "disable", "bob", "--db", w.direct, NULL};
	char id[37], key[37];
	struct http h;

	(void)state;
	service_make(&w.s);
	snprintf(w.direct, sizeof(w.direct), "%s", w.s.db);
	w.cutter = cutter_start(w.direct, w.s.db);
	service_start_unix(&w.s, args);
	w.an = service_login(&w.s, "an");
	w.ext = service_login(&w.s, "ext");
	http_get(&w.s, w.an, "/v1/snapshot", &h);
	keep(&h, "cursor", w.cursor, sizeof(w.cursor));
	http_free(&h);
	take_mail_in();
	assert_int_equal(service_run(disable, NULL, NULL), 0);
	service_ticket(&w.s, w.an, "Put in de weg", id);
	service_act(&w.s, w.an, "note", id, 1, "\"body\":\"Gezien.\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	find_all();
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(service_stop(&w.s, SIGTERM), 0);
	cutter_remove(w.cutter);
	service_remove(&w.s);
	free(w.an);
	free(w.ext);
	return 0;
}

/* ---- reading ---- */

static bool says(const struct http *h, const char *problem)
{
	const char *type = http_text(h, "type");

	return h->status == 503 && type && strncmp(type, "urn:problem-type:balie:", 23) == 0 &&
	       strcmp(type + 23, problem) == 0 && http_header(h, "Retry-After") != NULL;
}

struct question {
	const char *token, *method, *path, *body;
};

static void ask(const struct question *q, struct http *ret)
{
	http_call(&w.s, q->token, q->method, q->path, q->body, NULL, ret);
}

static void same_or_busy(const struct question *q, const struct http *usual, const struct http *h)
{
	if (says(h, "busy") || (h->status == usual->status && h->len == usual->len &&
				memcmp(h->body, usual->body, h->len) == 0))
		return;
	fail_msg("%s %s: %ld %s\nand not %s", q->method, q->path, h->status, h->body, usual->body);
}

/* A service asks a server that was away not more than once a second. */
static void until_usual(const struct question *q, const struct http *usual)
{
	struct http h;
	bool busy;

	do {
		ask(q, &h);
		same_or_busy(q, usual, &h);
		busy = h.status == 503;
		http_free(&h);
		if (busy)
			poll(NULL, 0, 20);
	} while (busy);
}

/* Cut at each message in turn, until it needs no more of them. */
static void read_with_cuts(const struct question *q, bool stays)
{
	struct http usual, h;
	int busy = 0, n = 0;
	bool fired;

	ask(q, &usual);
	if (usual.status != 200 && usual.status != 204)
		fail_msg("%s: %ld %s", q->path, usual.status, usual.body);
	do {
		cutter_arm(w.cutter, CUT_MESSAGE, ++n, stays, "");
		ask(q, &h);
		fired = cutter_disarm(w.cutter);
		same_or_busy(q, &usual, &h);
		assert_true(fired || h.status == usual.status);
		busy += h.status == 503;
		http_free(&h);
		if (fired)
			until_usual(q, &usual);
	} while (fired && n < MESSAGES_MAX);
	http_free(&usual);
	if (busy == 0)
		fail_msg("%s: nothing was cut", q->path);
	print_message("%s: cut at %d messages, %d times told to try again\n", q->path, n - 1, busy);
}

static void feed(void **state)
{
	char *path = xasprintf("/v1/changes?after=%s", w.cursor);
	struct question inside = {w.an, "GET", path, NULL};
	struct http h;

	(void)state;
	/* What it is about: a record of each kind of reading. */
	ask(&inside, &h);
	assert_non_null(strstr(h.body, "\"type\":\"ticket\""));
	assert_non_null(strstr(h.body, "\"type\":\"message\""));
	assert_non_null(strstr(h.body, "\"type\":\"note\""));
	assert_non_null(strstr(h.body, "\"type\":\"party\""));
	assert_non_null(strstr(h.body, "\"type\":\"agent\""));
	assert_null(strstr(h.body, "\"op\":\"gone\""));
	http_free(&h);
	read_with_cuts(&inside, false);
	read_with_cuts(&inside, true);
	free(path);
}

static void one_by_one(void **state)
{
	static const struct {
		bool outside;
		const char *form, *arg;
	} reads[] = {
		{false, "/v1/me", ""},
		{false, "/v1/snapshot", ""},
		{false, "/v1/tickets?desk=1", ""},
		{false, "/v1/tickets?number=%s", w.number},
		{false, "/v1/tickets?view=all", ""},
		{false, "/v1/tickets/by-number/%s", w.number},
		{false, "/v1/tickets/%s", w.ticket},
		{false, "/v1/tickets/%s/timeline", w.ticket},
		{false, "/v1/teams", ""},
		{false, "/v1/teams/%s", w.team},
		{false, "/v1/parties", ""},
		{true, "/v1/parties/%s", w.party},
		{false, "/v1/contacts", ""}, /* those outside get none, without a question */
		{true, "/v1/messages/%s/raw", w.message},
		{true, "/v1/attachments/%s", w.attachment},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		char path[120];

		snprintf(path, sizeof(path), "%.60s", reads[i].form);
		if (strstr(path, "%s"))
			snprintf(path, sizeof(path), "%.*s%s%s",
				 (int)(strstr(reads[i].form, "%s") - reads[i].form), reads[i].form,
				 reads[i].arg, strstr(reads[i].form, "%s") + 2);
		read_with_cuts(
			&(struct question){reads[i].outside ? w.ext : w.an, "GET", path, NULL},
			true);
	}
}

static void asked_with_a_body(void **state)
{
	char *look = xasprintf("{\"ticket_id\":\"%s\",\"typing\":false}", w.ticket);

	(void)state;
	read_with_cuts(&(struct question){w.an, "POST", "/v1/parties/search", "{\"q\":\"lies\"}"},
		       true);
	read_with_cuts(&(struct question){w.an, "PUT", "/v1/presence", look}, true);
	free(look);
}

static int number_of(const char *sql)
{
	char *text = postgres_run(w.direct, sql);
	int ret = text ? atoi(text) : -1;

	free(text);
	return ret;
}

/* A good password is never told wrong, and leaves no miss. */
static void logins(void **state)
{
	const struct question q = {NULL, "POST", "/v1/login",
				   "{\"name\":\"an\",\"password\":\"" SERVICE_PASSWORD "\"}"};
	struct http h;
	int busy = 0, n = 0;
	bool fired;

	(void)state;
	do {
		cutter_arm(w.cutter, CUT_MESSAGE, ++n, true, "");
		ask(&q, &h);
		fired = cutter_disarm(w.cutter);
		if (h.status != 200 && !says(&h, "busy"))
			fail_msg("%ld %s", h.status, h.body);
		busy += h.status == 503;
		while (h.status == 503) {
			poll(NULL, 0, 20);
			http_free(&h);
			ask(&q, &h);
		}
		assert_int_equal(h.status, 200);
		http_free(&h);
	} while (fired && n < MESSAGES_MAX);
	assert_true(busy > 0);
	assert_int_equal(number_of("SELECT count(*) FROM login_miss"), 0);
}

/* ---- writing ---- */

struct sending {
	char ticket[37], key[37], header[80];
	char *body;
};

static void new_sending(struct sending *s)
{
	id_new(s->ticket);
	id_new(s->key);
	snprintf(s->header, sizeof(s->header), "Idempotency-Key: %s", s->key);
	s->body = xasprintf("{\"id\":\"%s\",\"action\":\"create\",\"record\":\"%s\","
			    "\"subject\":\"Put\",\"body\":\"Put\",\"channel\":\"phone\"}",
			    s->key, s->ticket);
}

static void send_it(const struct sending *s, struct http *ret)
{
	const char *headers[] = {s->header, NULL};

	http_call(&w.s, w.an, "POST", "/v1/actions", s->body, headers, ret);
}

static int tickets_of(const struct sending *s)
{
	char *ids = postgres_run(w.direct, "SELECT string_agg(id, ' ') FROM ticket");
	int ret = 0;

	for (const char *at = ids; at && (at = strstr(at, s->ticket)); at++)
		ret++;
	free(ids);
	return ret;
}

/* Until it is done; *ret_replayed: it was done before. */
static void send_until_done(struct sending *s, bool *ret_replayed)
{
	struct http h;
	long status;

	do {
		send_it(s, &h);
		status = h.status;
		assert_true(status == 200 || says(&h, "busy") || says(&h, "outcome-unknown"));
		*ret_replayed = http_header(&h, "Idempotent-Replayed") != NULL;
		http_free(&h);
		if (status != 200)
			poll(NULL, 0, 20);
	} while (status != 200);
	assert_int_equal(tickets_of(s), 1);
	free(s->body);
}

static void commits(void **state)
{
	for (int after = 0; after < 2; after++) {
		struct sending s;
		struct http h;
		bool replayed;

		(void)state;
		new_sending(&s);
		cutter_arm(w.cutter, after ? CUT_AFTER_COMMIT : CUT_BEFORE_COMMIT, 0, false,
			   s.ticket);
		send_it(&s, &h);
		assert_true(cutter_disarm(w.cutter));
		if (!says(&h, "outcome-unknown"))
			fail_msg("%ld %s", h.status, h.body);
		http_free(&h);
		assert_int_equal(tickets_of(&s), after);
		send_until_done(&s, &replayed);
		assert_int_equal(replayed, after);
	}
}

/* "Busy" is a promise: it was not done, and so may be taken back. */
static void acts(void **state)
{
	int busy = 0, unknown = 0, n = 0;
	bool fired, replayed;

	(void)state;
	do {
		struct sending s;
		struct http h;

		new_sending(&s);
		cutter_arm(w.cutter, CUT_MESSAGE, ++n, false, s.key);
		send_it(&s, &h);
		fired = cutter_disarm(w.cutter);
		if (says(&h, "busy")) {
			busy++;
			assert_int_equal(tickets_of(&s), 0);
		} else if (says(&h, "outcome-unknown")) {
			unknown++;
		} else if (h.status != 200) {
			fail_msg("%ld %s", h.status, h.body);
		}
		http_free(&h);
		send_until_done(&s, &replayed);
	} while (fired && n < MESSAGES_MAX);
	print_message("an action: cut at %d messages, %d times busy, %d times unknown\n", n - 1,
		      busy, unknown);
	assert_true(busy > 0 && unknown > 0);
}

/* Whoever comes too late is shown all that came before, or nothing. */
static void too_late(void **state)
{
	char id[37], key[37];
	struct http h;
	int refused = 0, n = 0;
	bool fired;

	(void)state;
	service_ticket(&w.s, w.an, "Lantaarn", id);
	service_act(&w.s, w.an, "priority", id, 1, "\"priority\":\"high\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	do {
		cutter_arm(w.cutter, CUT_MESSAGE, ++n, false, id);
		service_act(&w.s, w.an, "priority", id, 1, "\"priority\":\"low\"", key, &h);
		fired = cutter_disarm(w.cutter);
		if (h.status == 412) {
			refused++;
			assert_int_equal(http_number(&h, "current.version"), 2);
			assert_int_equal(http_number(&h, "changes.0.version"), 2);
		} else if (!says(&h, "busy") && !says(&h, "outcome-unknown")) {
			fail_msg("%ld %s", h.status, h.body);
		}
		http_free(&h);
	} while (fired && n < MESSAGES_MAX);
	assert_true(refused > 0 && refused < n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feed),	    cmocka_unit_test(one_by_one),
		cmocka_unit_test(logins),   cmocka_unit_test(asked_with_a_body),
		cmocka_unit_test(commits),  cmocka_unit_test(acts),
		cmocka_unit_test(too_late),
	};

	store_know_postgres();
	return id_init() ? cmocka_run_group_tests(tests, begin, end) : 1;
}
