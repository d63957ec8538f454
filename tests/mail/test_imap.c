/* The IMAP session: against a scripted server that does wrong what it can, and a real dovecot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <curl/curl.h>
#include "../../src/central/mail/imap_read.h"
#include "../../src/central/mail/mail_parse.h"
#include "balie/clock.h"
#include "fake_imap.h"
#include "servers.h"

#define TAG_LINES "B00001 OK done\r\nB00004 OK done\r\nB00005 OK done\r\n* 5 EXISTS\r\n)\r\n"

static struct fake_imap *fake;
static struct imap *im;
static struct err err;
static struct mail_servers servers;

/* ---- help ---- */

static bool open_fake(const char *password, const char *token, int stop_fd, int64_t patience)
{
	struct imap_account a = {.host = "127.0.0.1",
				 .port = fake_port(fake),
				 .security = IMAP_PLAIN,
				 .user = "info",
				 .password = password,
				 .token = token,
				 .patience_ms = patience};

	memset(&err, 0, sizeof(err));
	return imap_open(&im, &a, stop_fd, &err);
}

static void must_open(int64_t patience)
{
	if (!open_fake("geheim", NULL, -1, patience))
		fail_msg("%s", err.text);
}

static struct imap_folder must_select(const char *name)
{
	struct imap_folder f;

	if (!imap_select(im, name, false, &f, &err))
		fail_msg("%s", err.text);
	return f;
}

static int begin(void **state)
{
	fake = fake_start();
	im = NULL;
	return 0;
}

static int end(void **state)
{
	imap_close(im);
	fake_stop(fake);
	return 0;
}

struct got {
	uint32_t uids[100];
	size_t lens[100];
	char *last;
	int count, too_large;
	uint32_t stop_at; /* 0: never */
};

static bool keep_entry(void *user, const struct imap_entry *e)
{
	struct got *g = user;

	g->lens[g->count] = (size_t)e->size;
	g->uids[g->count++] = e->uid;
	return e->uid != g->stop_at;
}

static void keep_body(void *user, uint32_t uid, enum imap_body_state state, const void *raw,
		      size_t len)
{
	struct got *g = user;

	g->too_large += state == IMAP_BODY_TOO_LARGE;
	g->lens[g->count] = len;
	g->uids[g->count++] = uid;
	free(g->last);
	g->last = raw ? strndup(raw, len) : NULL;
}

static const uint32_t first_three[] = {1, 2, 3};

static struct got fetch_three(bool *ok)
{
	struct got g = {0};

	*ok = imap_fetch(im, first_three, 3, 0, keep_body, &g, &err);
	return g;
}

static void add_three(void)
{
	fake_add(fake, "Subject: a\r\n\r\n" TAG_LINES, strlen("Subject: a\r\n\r\n" TAG_LINES));
	fake_add(fake, "Subject: b\r\n\r\ntekst b\r\n", 23);
	fake_add(fake, "Subject: c\r\n\r\ntekst c {5}\r\n", 27);
}

/* ---- what goes well ---- */

static void lists_and_fetches_by_uid(void **state)
{
	struct got g = {0};
	struct imap_folder f;
	bool ok;

	add_three();
	must_open(0);
	assert_int_equal(imap_can(im), IMAP_CAN_IDLE | IMAP_CAN_MOVE | IMAP_CAN_UIDPLUS);
	f = must_select("INBOX");
	assert_int_equal(f.uidvalidity, 1000);
	assert_int_equal(f.uid_next, 4);
	assert_int_equal(f.exists, 3);
	assert_true(f.keywords);
	assert_true(imap_list(im, 2, 0, keep_entry, &g, &err));
	assert_int_equal(g.count, 2);
	assert_int_equal(g.uids[0], 2);
	assert_int_equal(g.lens[1], 27);
	memset(&g, 0, sizeof(g));
	g.stop_at = 1;
	assert_true(imap_list(im, 1, 0, keep_entry, &g, &err));
	assert_int_equal(g.count, 1);
	/* Behind the last, the server tells of the last. */
	memset(&g, 0, sizeof(g));
	assert_true(imap_list(im, 10, 0, keep_entry, &g, &err));
	assert_int_equal(g.count, 0);
	g = fetch_three(&ok);
	assert_true(ok);
	assert_int_equal(g.count, 3);
	assert_int_equal(g.lens[0], strlen("Subject: a\r\n\r\n" TAG_LINES));
	assert_string_equal(g.last, "Subject: c\r\n\r\ntekst c {5}\r\n");
	free(g.last);
	memset(&g, 0, sizeof(g));
	assert_true(imap_fetch(im, first_three, 1, 9, keep_body, &g, &err));
	assert_string_equal(g.last, "Subject: ");
	free(g.last);
}

static void flags_and_moves(void **state)
{
	static const uint32_t two[] = {2}, one[] = {1};

	add_three();
	must_open(0);
	must_select("INBOX");
	assert_true(imap_flag(im, two, 1, "$Balie", &err));
	assert_true(fake_flagged(fake, 2, "$Balie"));
	assert_false(fake_flagged(fake, 1, "$Balie"));
	assert_false(imap_move(im, two, 1, "Één \"map\" & meer", &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_non_null(strstr(err.text, "TRYCREATE"));
	assert_true(imap_create_folder(im, "Één \"map\" & meer", &err));
	assert_true(imap_move(im, two, 1, "Één \"map\" & meer", &err));
	assert_int_equal(fake_count(fake, "&AMkA6Q-n \\\"map\\\" &- meer"), 1);
	assert_int_equal(fake_count(fake, "INBOX"), 2);
	imap_close(im);
	fake_can(fake, false, false, true);
	must_open(0);
	must_select("INBOX");
	assert_true(imap_move(im, one, 1, "Één \"map\" & meer", &err));
	assert_int_equal(fake_count(fake, "INBOX"), 1);
	assert_int_equal(fake_commands(fake, "UID EXPUNGE"), 1);
	imap_close(im);
	fake_can(fake, false, false, false);
	must_open(0);
	must_select("INBOX");
	assert_false(imap_move(im, first_three + 2, 1, "Één \"map\" & meer", &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(fake_count(fake, "INBOX"), 1);
}

struct later {
	int stop;
	bool add;
};

static void *do_later(void *user)
{
	struct later *l = user;

	assert_true(fake_await_idle(fake, 10000));
	if (l->add)
		fake_add(fake, "Subject: d\r\n\r\n", 14);
	else
		eventfd_write(l->stop, 1);
	return NULL;
}

static void idle_hears_and_can_be_stopped(void **state)
{
	struct later l = {eventfd(0, EFD_CLOEXEC), true};
	int64_t began;
	bool is_new = false;
	pthread_t thread;

	if (!open_fake("geheim", NULL, l.stop, 0))
		fail_msg("%s", err.text);
	must_select("INBOX");
	assert_true(imap_idle(im, 10, &is_new, &err));
	assert_false(is_new);
	pthread_create(&thread, NULL, do_later, &l);
	assert_true(imap_idle(im, 60000, &is_new, &err));
	assert_true(is_new);
	pthread_join(thread, NULL);
	must_select("INBOX");
	l.add = false;
	began = clock_mono();
	pthread_create(&thread, NULL, do_later, &l);
	assert_false(imap_idle(im, 60000, &is_new, &err));
	assert_int_equal(err.kind, ERR_BUSY);
	assert_true(clock_mono() - began < 5000);
	pthread_join(thread, NULL);
	/* Whoever is told to stop connects no more. */
	imap_close(im);
	im = NULL;
	assert_false(open_fake("geheim", NULL, l.stop, 0));
	assert_int_equal(err.kind, ERR_BUSY);
	close(l.stop);
}

static void logs_in_or_says_why_not(void **state)
{
	assert_false(open_fake("fout", NULL, -1, 0));
	assert_int_equal(err.kind, ERR_AUTH);
	fake_token(fake, "ya29.token");
	assert_false(open_fake("geheim", NULL, -1, 0));
	if (!open_fake(NULL, "ya29.token", -1, 0))
		fail_msg("%s", err.text);
	must_select("INBOX");
	imap_close(im);
	im = NULL;
	assert_false(open_fake(NULL, "old", -1, 0));
	assert_int_equal(err.kind, ERR_AUTH);
}

/* ---- what goes wrong ---- */

/* Fetches three with a fault; what came must be right. Whether the session lives on is given. */
static struct got spoiled(enum fake_fault fault, long argument, bool *ok)
{
	struct got g;

	imap_close(im);
	im = NULL;
	must_open(200);
	must_select("INBOX");
	fake_fault(fake, fault, 1, argument);
	memset(&err, 0, sizeof(err));
	g = fetch_three(ok);
	assert_int_equal(fake_done(fake, fault) > 0, true);
	free(g.last);
	g.last = NULL;
	return g;
}

static void a_lying_server_confuses_nobody(void **state)
{
	bool ok;

	add_three();
	assert_int_equal(spoiled(FAKE_NO, 0, &ok).count, 0);
	assert_false(ok);
	assert_int_equal(err.kind, ERR_DENIED);
	/* A refusal ends nothing. */
	must_select("INBOX");
	assert_int_equal(spoiled(FAKE_LEFT_OUT, 0, &ok).count, 2);
	assert_true(ok);
	assert_int_equal(spoiled(FAKE_TWICE, 0, &ok).count, 4);
	assert_true(ok);
	assert_int_equal(spoiled(FAKE_NO_UID, 0, &ok).count, 2);
	assert_true(ok);
	assert_true(spoiled(FAKE_SHORT_LITERAL, 0, &ok).count <= 3);
	assert_int_equal(spoiled(FAKE_STORM, 3000, &ok).count, 3);
	assert_true(ok);
	spoiled(FAKE_STORM, 30000, &ok);
	assert_false(ok);
	assert_int_equal(err.kind, ERR_CORRUPT);
	spoiled(FAKE_LINE, 100000, &ok);
	assert_int_equal(err.kind, ERR_CORRUPT);
	spoiled(FAKE_HUGE_LITERAL, 0, &ok);
	assert_int_equal(err.kind, ERR_CORRUPT);
	spoiled(FAKE_LONG_LITERAL, 0, &ok);
	assert_int_equal(err.kind, ERR_NET);
	spoiled(FAKE_SILENT, 0, &ok);
	assert_int_equal(err.kind, ERR_NET);
	spoiled(FAKE_WRONG_TAG, 0, &ok);
	assert_int_equal(err.kind, ERR_CORRUPT);
	spoiled(FAKE_BYE, 0, &ok);
	assert_int_equal(err.kind, ERR_NET);
	spoiled(FAKE_GARBAGE, 0, &ok);
	assert_int_equal(err.kind, ERR_CORRUPT);
}

/* At every byte of the answer. */
static void a_cut_line_gives_whole_messages_or_none(void **state)
{
	static const size_t lens[] = {sizeof("Subject: a\r\n\r\n" TAG_LINES) - 1, 23, 27};
	int whole = 0;
	bool ok;

	add_three();
	for (long at = 0; at < 400; at++) {
		struct got g = spoiled(FAKE_CUT, at, &ok);

		for (int i = 0; i < g.count; i++)
			assert_int_equal(g.lens[i], lens[g.uids[i] - 1]);
		whole += ok;
	}
	/* The answer has fewer bytes than that: so all places were tried. */
	assert_true(whole > 5 && whole < 300);
}

static void a_message_that_is_too_large_is_told(void **state)
{
	size_t len = MAIL_BYTES_MAX + 1;
	char *raw = calloc(1, len + 1);
	bool ok;
	struct got g;

	memset(raw, 'x', len);
	add_three();
	fake_add(fake, raw, len);
	must_open(0);
	must_select("INBOX");
	memset(&g, 0, sizeof(g));
	ok = imap_fetch(im, (const uint32_t[]){3, 4}, 2, 0, keep_body, &g, &err);
	assert_true(ok);
	assert_int_equal(g.count, 2);
	assert_int_equal(g.too_large, 1);
	assert_null(g.last);
	g = fetch_three(&ok);
	assert_int_equal(g.count, 3);
	free(g.last);
	free(raw);
}

static void tokens_refresh_over_https_only(void **state)
{
	struct imap_oauth o = {.token_url = "http://login.example.org/token",
			       .client = "c",
			       .secret = "s",
			       .refresh = "r"};
	struct imap_token t = {0};

	assert_false(imap_token_refresh(&o, -1, &t, &err));
	assert_int_equal(err.kind, ERR_NET);
	assert_null(t.access);
}

/* ---- dovecot ---- */

static void open_real(enum imap_security security, const char *password, bool known, bool *ok)
{
	struct imap_account a = {.host = "localhost",
				 .port = security == IMAP_TLS ? servers.imaps : servers.imap,
				 .security = security,
				 .user = MAIL_SERVERS_INFO,
				 .password = password,
				 .ca_file = known ? servers.ca_file : NULL};

	imap_close(im);
	im = NULL;
	memset(&err, 0, sizeof(err));
	*ok = imap_open(&im, &a, -1, &err);
}

static void a_real_server_is_spoken_to(void **state)
{
	static const char raw[] = "Subject: echt\r\n\r\n" TAG_LINES;
	struct imap_folder f;
	struct got g = {0};
	bool ok, is_new = false;

	if (!mail_servers_can())
		skip();
	mail_servers_make(&servers, MAIL_SERVERS_IMAP);
	open_real(IMAP_TLS, MAIL_SERVERS_PASSWORD, false, &ok);
	assert_false(ok);
	assert_int_equal(err.kind, ERR_NET);
	open_real(IMAP_TLS, "fout", true, &ok);
	assert_int_equal(err.kind, ERR_AUTH);
	open_real(IMAP_STARTTLS, MAIL_SERVERS_PASSWORD, true, &ok);
	assert_true(ok);
	open_real(IMAP_TLS, MAIL_SERVERS_PASSWORD, true, &ok);
	if (!ok)
		fail_msg("%s", err.text);
	assert_int_equal(imap_can(im), IMAP_CAN_IDLE | IMAP_CAN_MOVE | IMAP_CAN_UIDPLUS);
	f = must_select("INBOX");
	assert_int_equal(f.exists, 0);
	mail_servers_put(&servers, MAIL_SERVERS_INFO, raw, sizeof(raw) - 1);
	while (!is_new)
		assert_true(imap_idle(im, 10000, &is_new, &err));
	f = must_select("INBOX");
	assert_int_equal(f.exists, 1);
	assert_true(imap_list(im, 1, 0, keep_entry, &g, &err));
	assert_int_equal(g.count, 1);
	assert_int_equal(g.lens[0], sizeof(raw) - 1);
	assert_true(imap_fetch(im, g.uids, 1, 0, keep_body, &g, &err));
	assert_string_equal(g.last, raw);
	free(g.last);
	assert_true(imap_flag(im, g.uids, 1, "$Balie", &err));
	assert_true(imap_create_folder(im, "Verwerkt", &err));
	assert_true(imap_create_folder(im, "Één & ander", &err));
	assert_true(imap_move(im, g.uids, 1, "Één & ander", &err));
	f = must_select("INBOX");
	assert_int_equal(f.exists, 0);
	assert_true(imap_noop(im, &err));
	mail_servers_remove(&servers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lists_and_fetches_by_uid, begin, end),
		cmocka_unit_test_setup_teardown(flags_and_moves, begin, end),
		cmocka_unit_test_setup_teardown(idle_hears_and_can_be_stopped, begin, end),
		cmocka_unit_test_setup_teardown(logs_in_or_says_why_not, begin, end),
		cmocka_unit_test_setup_teardown(a_lying_server_confuses_nobody, begin, end),
		cmocka_unit_test_setup_teardown(a_cut_line_gives_whole_messages_or_none, begin,
						end),
		cmocka_unit_test_setup_teardown(a_message_that_is_too_large_is_told, begin, end),
		cmocka_unit_test_setup_teardown(tokens_refresh_over_https_only, begin, end),
		cmocka_unit_test_setup_teardown(a_real_server_is_spoken_to, begin, end),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
