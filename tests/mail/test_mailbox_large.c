/* Mailboxes on a real dovecot: how soon a mail is a ticket, a service that is killed, and what a look costs
 * when very many messages lie there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../src/central/mail/imap.h"
#include "balie/clock.h"
#include "balie/id.h"
#include "box.h"
#include "servers.h"

#define RAWS "SELECT count(*) FROM raw"
#define MANY 200000
#define FEW 200
#define LOOKS 20

static struct mail_servers servers;
static struct box box;
static int numbers;

static void put(void)
{
	size_t len;
	char *raw = box_message(1 + 100 * numbers++, &len);

	mail_servers_put(&servers, MAIL_SERVERS_INFO, raw, len);
	free(raw);
}

static void a_mail_is_a_ticket_at_once(void **state)
{
	char text[800];
	int64_t began, took;

	mail_servers_make(&servers, MAIL_SERVERS_IMAP);
	box_make(&box, 0, "", 0);
	snprintf(text, sizeof(text),
		 "[mailbox info]\nimap = imaps://localhost:%d/INBOX\nuser = info\n"
		 "password-file = %s/password\nca-file = %s\nteam = Onthaal\npoll = 3600\n"
		 "done = move Één & klaar\n",
		 servers.imaps, box.s.dir, servers.ca_file);
	box_configure_text(&box, text);
	put();
	box_start(&box);
	box_await(&box, "SELECT count(*) FROM mailbox_place", 1, 10000);
	for (int i = 1; i <= 5; i++) {
		/* Until it waits for word again: what was taken in is moved. */
		box_await(&box, "SELECT count(*) FROM mail_ledger WHERE told = 0", 0, 5000);
		began = clock_mono();
		put();
		box_await(&box, RAWS, i, 10000);
		took = clock_mono() - began;
		printf("from the mailbox to the ticket: %lld ms\n", (long long)took);
		assert_true(took < 1000);
	}
	/* The one from before the first time is as it was. */
	box_await(&box, "SELECT count(*) FROM mail_ledger WHERE told = 0", 0, 5000);
	assert_int_equal(mail_servers_count(&servers, MAIL_SERVERS_INFO, ""), 1);
	service_stop(&box.s, SIGKILL);
	put();
	put();
	box_start(&box);
	box_await(&box, RAWS, 7, 30000);
	box_await(&box, "SELECT count(*) FROM mail_ledger WHERE told = 0", 0, 5000);
	assert_int_equal(mail_servers_count(&servers, MAIL_SERVERS_INFO, ""), 1);
}

/* One file with all of them. */
static void fill(const char *user, int count)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/mail/%s/inbox", servers.dir, user);
	f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < count; i++)
		fprintf(f,
			"From k@k.example Tue Nov 24 10:00:00 2026\nFrom: k%d@k.example\n"
			"Subject: Vraag %d\nMessage-ID: <%d@k.example>\n\nTekst %d\n\n",
			i, i, i, i);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chown(path, 65534, 65534), 0);
}

static bool count_entry(void *user, const struct imap_entry *e)
{
	(void)e;
	++*(int *)user;
	return true;
}

struct cost {
	int64_t commands, bytes, ns;
};

/* What the service does at each look when nothing is new. */
static struct cost look(int count)
{
	struct imap_account a = {.host = "localhost",
				 .port = servers.imaps,
				 .user = MAIL_SERVERS_BIG,
				 .password = MAIL_SERVERS_PASSWORD,
				 .ca_file = servers.ca_file};
	int64_t commands, bytes, best = INT64_MAX;
	struct cost ret = {0};
	struct imap_folder f;
	struct err err;
	struct imap *im;
	int told = 0;

	fill(MAIL_SERVERS_BIG, count);
	if (!imap_open(&im, &a, -1, &err) || !imap_select(im, "INBOX", true, &f, &err))
		fail_msg("%s", err.text);
	assert_int_equal(f.exists, count);
	imap_count(im, &commands, &bytes);
	for (int i = 0; i < LOOKS; i++) {
		int64_t began = (int64_t)clock_mono_ns();

		assert_true(imap_noop(im, &err));
		assert_true(imap_list(im, (uint32_t)f.uid_next, 0, count_entry, &told, &err));
		if ((int64_t)clock_mono_ns() - began < best)
			best = (int64_t)clock_mono_ns() - began;
	}
	imap_count(im, &ret.commands, &ret.bytes);
	ret.commands = (ret.commands - commands) / LOOKS;
	ret.bytes = (ret.bytes - bytes) / LOOKS;
	ret.ns = best;
	imap_close(im);
	assert_int_equal(told, 0);
	printf("%d messages: %lld commands, %lld bytes, %.2f ms a look\n", count,
	       (long long)ret.commands, (long long)ret.bytes, (double)ret.ns / 1e6);
	return ret;
}

static void a_look_costs_the_same_in_a_large_mailbox(void **state)
{
	struct cost few = look(FEW), many;

	mail_servers_remove(&servers);
	mail_servers_make(&servers, MAIL_SERVERS_IMAP);
	many = look(MANY);
	assert_int_equal(few.commands, many.commands);
	/* Numbers of more digits. */
	assert_true(many.bytes < few.bytes + 60);
}

static int end(void **state)
{
	box_remove(&box);
	return 0;
}

static int end_servers(void **state)
{
	mail_servers_remove(&servers);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_mail_is_a_ticket_at_once, end),
		cmocka_unit_test_teardown(a_look_costs_the_same_in_a_large_mailbox, end_servers),
	};

	if (!mail_servers_can())
		return 77;
	id_init();
	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
