/* Mailboxes on a real dovecot: each message of a folder is accounted for, IDLE is enough to hear of one, and a
 * service that is killed goes on where it was. The folder is that of the fixtures, or BALIE_CORPUS. */
#include "box.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "balie/clock.h"
#include "balie/mem.h"
#include "servers.h"

#define WAIT_MS 120000
#define KILLS 5
#define MAILS 150

struct real {
	struct box box;
	struct mail_servers mail;
};

static struct real *current; /* for nftw() */
static long long put_count;
static size_t put_bytes;

/* done: what the server is told; poll: seconds. */
static void configure(struct real *r, const char *done, int poll)
{
	struct buf text = {0};

	buf_printf(&text,
		   "[mailbox info]\nimap = imaps://localhost:%d/INBOX\nuser = " MAIL_SERVERS_INFO
		   "\n"
		   "password-file = %s/password\nca-file = %s\nteam = Onthaal\npoll = %d\n"
		   "existing = take\ndone = %s\n",
		   r->mail.imaps, r->box.s.dir, r->mail.ca_file, poll, done);
	box_configure_text(&r->box, text.data);
	buf_finish(&text);
}

static int setup(void **state)
{
	struct real *r;

	if (!mail_servers_can())
		return 0;
	r = xcalloc(1, sizeof(*r));
	mail_servers_make(&r->mail, MAIL_SERVERS_IMAP);
	box_make(&r->box, 0, "", 0);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct real *r = *state;

	if (!r)
		return 0;
	box_remove(&r->box);
	mail_servers_remove(&r->mail);
	free(r);
	return 0;
}

static int put_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	FILE *f;
	char *raw;

	(void)ftw;
	/* Beside each of ours stands what is expected of it. */
	if (type != FTW_F || st->st_size == 0 || strstr(path, ".expect"))
		return 0;
	f = fopen(path, "r");
	assert_non_null(f);
	raw = xcalloc(1, (size_t)st->st_size);
	assert_int_equal(fread(raw, 1, (size_t)st->st_size, f), (size_t)st->st_size);
	fclose(f);
	mail_servers_put(&current->mail, MAIL_SERVERS_INFO, raw, (size_t)st->st_size);
	free(raw);
	put_count++;
	put_bytes += (size_t)st->st_size;
	return 0;
}

static void print_outcomes(struct real *r)
{
#define OUTCOME(word) \
	{ \
		word, "SELECT count(*) FROM mail_ledger WHERE outcome = '" word "'" \
	}
	static const struct {
		const char *word, *sql;
	} outcomes[] = {OUTCOME("ticket"), OUTCOME("follow-up"), OUTCOME("suspected"),
			OUTCOME("bounce"), OUTCOME("machine"),	 OUTCOME("seen")};
	long long n, sum = 0;

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		n = box_number(&r->box, outcomes[i].sql);
		sum += n;
		print_message("%s %lld, ", outcomes[i].word, n);
	}
	print_message("all %lld\n", sum);
	assert_int_equal(sum, put_count);
}

static void every_message_is_accounted_for(void **state)
{
	const char *folder = getenv("BALIE_CORPUS");
	struct real *r = *state;
	int64_t begun;

	if (!r)
		skip();
	current = r;
	put_count = 0;
	assert_int_equal(nftw(folder ? folder : FIXTURES, put_file, 32, FTW_PHYS), 0);
	assert_true(put_count > 20);
	configure(r, "move Verwerkt", 3600);
	begun = clock_mono();
	box_start(&r->box);
	box_await(&r->box, "SELECT count(*) FROM mail_ledger", put_count, WAIT_MS);
	print_message("%lld messages, %zu kB, in %lld ms: ", put_count, put_bytes / 1024,
		      (long long)(clock_mono() - begun));
	print_outcomes(r);
	/* Each with its bytes and its place, and the server knows of each. */
	assert_int_equal(box_number(&r->box,
				    "SELECT count(*) FROM mail_ledger l JOIN raw r "
				    "ON r.message_id = l.message_id AND r.sha256 = l.sha256"),
			 put_count);
	assert_int_equal(box_number(&r->box, "SELECT count(*) FROM message WHERE has_raw = 1"),
			 put_count);
	assert_int_equal(box_number(&r->box, "SELECT count(*) FROM mailbox_retry"), 0);
	box_await(&r->box, "SELECT count(*) FROM mail_ledger WHERE told = 0", 0, WAIT_MS);
	assert_int_equal(mail_servers_count(&r->mail, MAIL_SERVERS_INFO, "Verwerkt"), put_count);
	assert_int_equal(mail_servers_count(&r->mail, MAIL_SERVERS_INFO, ""), 0);
}

/* It looks by itself once an hour: what comes sooner was announced. */
static void idle_is_enough(void **state)
{
	struct real *r = *state;
	int64_t begun, most = 0;
	char *raw;
	size_t len;

	if (!r)
		skip();
	configure(r, "leave", 3600);
	box_start(&r->box);
	box_await(&r->box, "SELECT count(*) FROM mailbox_place", 1, WAIT_MS);
	for (int i = 0; i < 10; i++) {
		raw = box_message(i, &len);
		begun = clock_mono();
		mail_servers_put(&r->mail, MAIL_SERVERS_INFO, raw, len);
		box_await(&r->box, "SELECT count(*) FROM mail_ledger", i + 1, WAIT_MS);
		if (clock_mono() - begun > most)
			most = clock_mono() - begun;
		free(raw);
	}
	print_message("from the delivery to the ticket at most %lld ms\n", (long long)most);
	assert_int_equal(mail_servers_count(&r->mail, MAIL_SERVERS_INFO, ""), 10);
}

static void killed_it_goes_on_where_it_was(void **state)
{
	struct real *r = *state;
	char *raw;
	size_t len;
	int killed = 0;

	if (!r)
		skip();
	configure(r, "move Verwerkt", 3600);
	for (int i = 0; i < MAILS; i++) {
		raw = box_message(i, &len);
		mail_servers_put(&r->mail, MAIL_SERVERS_INFO, raw, len);
		free(raw);
	}
	for (int i = 0; i < KILLS; i++) {
		long long before = box_number(&r->box, "SELECT count(*) FROM mail_ledger");

		box_start(&r->box);
		/* Somewhere between two of its steps. */
		while (box_number(&r->box, "SELECT count(*) FROM mail_ledger") == before &&
		       before < MAILS)
			;
		killed += service_stop(&r->box.s, SIGKILL) == 128 + SIGKILL;
	}
	assert_int_equal(killed, KILLS);
	box_start(&r->box);
	box_await(&r->box, "SELECT count(*) FROM mail_ledger WHERE told = 1", MAILS, WAIT_MS);
	assert_int_equal(box_number(&r->box, "SELECT count(*) FROM mail_ledger"), MAILS);
	assert_int_equal(box_number(&r->box, "SELECT count(DISTINCT sha256) FROM mail_ledger"),
			 MAILS);
	assert_int_equal(box_number(&r->box, "SELECT count(*) FROM message"), MAILS);
	assert_int_equal(mail_servers_count(&r->mail, MAIL_SERVERS_INFO, "Verwerkt"), MAILS);
	assert_int_equal(mail_servers_count(&r->mail, MAIL_SERVERS_INFO, ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_message_is_accounted_for, setup, teardown),
		cmocka_unit_test_setup_teardown(idle_is_enough, setup, teardown),
		cmocka_unit_test_setup_teardown(killed_it_goes_on_where_it_was, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
