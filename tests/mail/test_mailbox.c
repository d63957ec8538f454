/* Mailboxes that a real service reads, on scripted servers: what is taken in, what the server is told, what
 * a person sees when it fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "box.h"

#define RAWS "SELECT count(*) FROM raw"
#define STATE(what) \
	"SELECT CASE WHEN state = '" what "' THEN 1 ELSE 0 END FROM mailbox WHERE name = 'm0'"

static struct box box;
static int numbers;

static uint32_t add(void)
{
	size_t len;
	char *raw = box_message(1000 + numbers++, &len);
	uint32_t uid = fake_add(box.fakes[0], raw, len);

	free(raw);
	return uid;
}

static int end(void **state)
{
	box_remove(&box);
	return 0;
}

static void await_idle(void)
{
	assert_true(fake_await_idle(box.fakes[0], 10000));
}

static void what_was_there_is_left_and_what_comes_is_taken(void **state)
{
	int64_t began;

	box_make(&box, 1, "", 0);
	add();
	add();
	box_start(&box);
	await_idle();
	assert_int_equal(box_number(&box, RAWS), 0);
	began = clock_mono();
	add();
	box_await(&box, RAWS, 1, 5000);
	printf("from the server's word to the ticket: %lld ms\n",
	       (long long)(clock_mono() - began));
	/* left as it was */
	assert_int_equal(fake_commands(box.fakes[0], "UID STORE"), 0);
	assert_int_equal(fake_commands(box.fakes[0], "SELECT"), 0);
	assert_int_equal(fake_count(box.fakes[0], "INBOX"), 3);
	assert_int_equal(box_number(&box, "SELECT count(*) FROM ticket t JOIN team e ON e.id = "
					  "t.team_id WHERE e.name = 'Onthaal'"),
			 1);
	/* A service that was away has lost nothing. */
	assert_int_equal(service_stop(&box.s, SIGTERM), 0);
	add();
	add();
	box_start(&box);
	box_await(&box, RAWS, 3, 5000);
	/* Twins are two. */
	fake_add(box.fakes[0], "Subject: dubbel\r\n\r\n", 19);
	fake_add(box.fakes[0], "Subject: dubbel\r\n\r\n", 19);
	box_await(&box, RAWS, 5, 5000);
}

static void taken_in_it_is_moved(void **state)
{
	box_make(&box, 1, "done = move Verwerkt\nexisting = take", 0);
	add();
	add();
	box_start(&box);
	box_await(&box, RAWS, 2, 5000);
	await_idle();
	assert_int_equal(fake_count(box.fakes[0], "Verwerkt"), 2);
	assert_int_equal(fake_count(box.fakes[0], "INBOX"), 0);
	assert_int_equal(box_number(&box, "SELECT count(*) FROM mail_ledger WHERE told = 0"), 0);
}

static void a_refusal_is_told_and_tried_again(void **state)
{
	box_make(&box, 1, "done = flag", 100);
	box_start(&box);
	await_idle();
	fake_fault(box.fakes[0], FAKE_NO_STORE, 4, 0);
	add();
	box_await(&box, RAWS, 1, 5000);
	box_await(&box, STATE("failing"), 1, 5000);
	box_await(&box, "SELECT count(*) FROM mail_ledger WHERE told = 1", 1, 10000);
	box_await(&box, STATE("ok"), 1, 5000);
	assert_true(fake_flagged(box.fakes[0], 1, "$Balie"));
	assert_int_equal(box_number(&box, RAWS), 1);
}

static void a_mailbox_that_counts_anew_doubles_nothing(void **state)
{
	uint32_t first;
	bool sent;

	box_make(&box, 1, "existing = take", 50);
	first = add();
	add();
	fake_add(box.fakes[0], "Subject: dubbel\r\n\r\n", 19);
	fake_add(box.fakes[0], "Subject: dubbel\r\n\r\n", 19);
	box_start(&box);
	box_await(&box, RAWS, 4, 5000);
	fake_renumber(box.fakes[0]);
	box_await(&box, "SELECT count(*) FROM mail_ledger WHERE outcome = 'seen'", 4, 5000);
	assert_int_equal(box_number(&box, RAWS), 4);
	add();
	box_await(&box, RAWS, 5, 5000);
	/* Made anew under the same UIDVALIDITY, with fewer messages; then with as many. */
	await_idle();
	assert_true(fake_expunge(box.fakes[0], first, &sent));
	fake_remake(box.fakes[0]);
	box_await(&box, "SELECT count(*) FROM mail_ledger WHERE outcome = 'seen'", 8, 5000);
	await_idle();
	assert_true(fake_expunge(box.fakes[0], first, &sent));
	add();
	box_await(&box, RAWS, 6, 5000);
	await_idle();
	fake_remake(box.fakes[0]);
	add();
	box_await(&box, RAWS, 7, 5000);
	box_await(&box, "SELECT generation FROM mailbox_place", 3, 100);
	assert_int_equal(
		box_number(&box, "SELECT count(*) FROM mail_ledger WHERE outcome = 'seen'"), 12);
}

static void one_that_does_not_come_is_tried_again(void **state)
{
	box_make(&box, 1, "", 200);
	box_start(&box);
	await_idle();
	fake_fault(box.fakes[0], FAKE_LEFT_OUT, 1, 0);
	add();
	box_await(&box, RAWS, 1, 5000);
	/* Half of it, with a count that fits: it is asked for once more. */
	fake_fault(box.fakes[0], FAKE_CUT_LITERAL, 1, 0);
	add();
	box_await(&box, RAWS, 2, 5000);
	box_await(&box, "SELECT count(*) FROM raw WHERE length(data) < 100", 0, 100);
	/* Gone before it could be read: nothing waits for it. */
	fake_fault(box.fakes[0], FAKE_LEFT_OUT, 1, 0);
	add();
	box_await(&box, "SELECT count(*) FROM mailbox_retry", 0, 5000);
	box_await(&box, RAWS, 3, 5000);
	box_await(&box, STATE("ok"), 1, 5000);
}

static void one_at_which_the_line_breaks_stops_no_other(void **state)
{
	box_make(&box, 1, "existing = take", 50);
	add();
	add();
	fake_fault(box.fakes[0], FAKE_HUGE_LITERAL, 4, 0);
	box_start(&box);
	box_await(&box, RAWS, 2, 10000);
	assert_int_equal(fake_done(box.fakes[0], FAKE_HUGE_LITERAL), 4);
}

static void failing_is_seen_and_over_is_seen(void **state)
{
	box_make(&box, 1, "", 50);
	fake_token(box.fakes[0], "another");
	box_start(&box);
	box_await(&box, STATE("failing"), 1, 5000);
	assert_int_equal(box_number(&box,
				    "SELECT CASE WHEN reason LIKE 'login-refused%' THEN 1 ELSE 0 "
				    "END FROM mailbox"),
			 1);
	fake_token(box.fakes[0], NULL);
	box_await(&box, STATE("ok"), 1, 5000);
}

static void paused_it_is_left_within_a_second(void **state)
{
	int64_t began;
	char *out = NULL;

	box_make(&box, 1, "", 0);
	box_start(&box);
	await_idle();
	began = clock_mono();
	assert_int_equal(box_command(&box, (const char *[]){"pause", "m0", NULL}, NULL), 0);
	while (fake_connected(box.fakes[0]) > 0 && clock_mono() - began < 5000)
		usleep(5000);
	printf("paused after %lld ms\n", (long long)(clock_mono() - began));
	assert_true(clock_mono() - began < 1500);
	add();
	assert_int_equal(box_command(&box, (const char *[]){"list", NULL}, &out), 0);
	assert_non_null(strstr(out, "m0"));
	free(out);
	assert_int_equal(box_command(&box, (const char *[]){"test", "m0", NULL}, &out), 0);
	assert_non_null(strstr(out, "1"));
	free(out);
	assert_int_equal(box_number(&box, RAWS), 0);
	assert_int_equal(box_command(&box, (const char *[]){"resume", "m0", NULL}, NULL), 0);
	box_await(&box, RAWS, 1, 5000);
}

static void reconcile(const char *option, const char *wanted)
{
	char *out = NULL;

	assert_int_equal(
		box_command(&box,
			    (const char *[]){"reconcile", "m0", "--format", "json", option, NULL},
			    &out),
		0);
	if (!strstr(out, wanted))
		fail_msg("%s is not in %s", wanted, out);
	free(out);
}

static void reconciling_finds_what_is_unknown(void **state)
{
	box_make(&box, 1, "existing = take", 200);
	add();
	add();
	box_start(&box);
	box_await(&box, RAWS, 2, 5000);
	reconcile(NULL, "\"taken\":2,\"before\":0,\"waiting\":0,\"unknown\":[]");
	assert_int_equal(service_stop(&box.s, SIGTERM), 0);
	/* A hand in the database. */
	free(box_text(&box, "DELETE FROM mail_ledger WHERE uid = 1"));
	add();
	reconcile(NULL, "\"taken\":1,\"before\":0,\"waiting\":1,\"unknown\":[1]");
	reconcile("--take", "\"unknown\":[1]");
	assert_int_equal(fake_commands(box.fakes[0], "UID STORE"), 0);
	box_start(&box);
	box_await(&box, RAWS, 4, 5000);
	reconcile(NULL, "\"taken\":3,\"before\":0,\"waiting\":0,\"unknown\":[]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_was_there_is_left_and_what_comes_is_taken, end),
		cmocka_unit_test_teardown(taken_in_it_is_moved, end),
		cmocka_unit_test_teardown(a_refusal_is_told_and_tried_again, end),
		cmocka_unit_test_teardown(a_mailbox_that_counts_anew_doubles_nothing, end),
		cmocka_unit_test_teardown(one_that_does_not_come_is_tried_again, end),
		cmocka_unit_test_teardown(one_at_which_the_line_breaks_stops_no_other, end),
		cmocka_unit_test_teardown(failing_is_seen_and_over_is_seen, end),
		cmocka_unit_test_teardown(paused_it_is_left_within_a_second, end),
		cmocka_unit_test_teardown(reconciling_finds_what_is_unknown, end),
	};

	id_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
