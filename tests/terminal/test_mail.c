/* Mail on a real terminal against a real service that has a mailbox and no mail server: an answer with a copy and
 * a file, taken back and sent again, while there is no network, and a question to somebody outside. */
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES (2 * 1024 * 1024 + 77)

static int setup(void **state)
{
	static struct town town;
	char *path;
	FILE *f;

	town_make(&town);
	/* Each test has the first that is still open. */
	town_ticket(&town, "Losse tegel", "Ik viel bijna");
	town_ticket(&town, "Losse steen", "Ik viel bijna");
	town_ticket(&town, "Losse plank", "Ik viel bijna");
	town_stop(&town);
	/* Nobody listens there: what goes out waits. */
	path = town_path(&town, "balied.conf");
	f = fopen(path, "we");
	assert_non_null(f);
	fputs("[mailbox info]\naddress = info@izegem.example\n"
	      "smtp = smtp+plain://127.0.0.1:1\n",
	      f);
	fclose(f);
	free(path);
	town_change(&town, "UPDATE agent SET role = 'admin' WHERE name = ?", "an");
	town_serve(&town);
	path = town_path(&town, "het plan.pdf");
	f = fopen(path, "we");
	assert_non_null(f);
	fputs("%PDF-1.4\n", f);
	for (int i = 9; i < FILE_BYTES; i++)
		fputc('a' + i % 23, f);
	fclose(f);
	free(path);
	*state = &town;
	return 0;
}

static int teardown(void **state)
{
	town_remove(*state);
	return 0;
}

static const char mails[] = "SELECT count(*) FROM message WHERE removed = 0 AND direction = 'out' "
			    "AND body LIKE ? || '%'";

static void attach(struct terminal *a, const char *typed)
{
	terminal_key(a, "Ctrl+O");
	see(a, "File to send along");
	terminal_type(a, typed);
	terminal_key(a, "Tab");
	see(a, "het plan.pdf");
	terminal_key(a, "Enter");
	see(a, "Goes along");
}

static void answer(struct town *t, struct terminal *a)
{
	terminal_keys(a, "v a Enter");
	see(a, "Ik viel bijna");
	terminal_key(a, "r");
	see(a, "signature of info@izegem.example");
	terminal_type(a, "Beste, in bijlage het plan.");
	terminal_key(a, "Ctrl+B");
	terminal_type(a, "mieke");
	terminal_key(a, "Ctrl+S");
	see(a, "“mieke” is no mail address");
	terminal_type(a, "@izegem.example");
	attach(a, "~/het");
	see(a, "(2 MB, application/pdf)");
}

static void test_answer_taken_back_and_sent(void **state)
{
	struct town *t = *state;
	struct terminal *a = town_log_in(t, "an", 40, 100);
	char *path = town_path(t, "het plan.pdf");

	answer(t, a);
	/* The citizen has no address: it goes where the agent says. */
	terminal_keys(a, "Shift+Tab");
	terminal_type(a, "lieselot@example.be");
	/* From now on the draft has all of it. */
	remove(path);
	terminal_key(a, "Ctrl+S");
	see(a, "goes out in a moment. u takes it back");
	see(a, "all sent");
	town_wait(t, mails, "Beste, in bijlage", 1);
	assert_int_equal(town_number(t, "SELECT count(*) FROM mail_out", NULL), 1);
	terminal_key(a, "u");
	see(a, "Undone: answer");
	see(a, "het plan.pdf");
	see(a, "Beste, in bijlage het plan.");
	town_wait(t, mails, "Beste, in bijlage", 0);
	town_wait(t, "SELECT count(*) FROM mail_out", NULL, 0);
	see(a, "all sent");
	terminal_key(a, "Ctrl+S");
	see(a, "goes out in a moment");
	see(a, "all sent");
	town_wait(t, mails, "Beste, in bijlage", 1);
	assert_int_equal(town_number(t,
				     "SELECT length(b.data) FROM attachment a JOIN blob b ON "
				     "b.sha256 = a.sha256 WHERE a.name = ?",
				     "het plan.pdf"),
			 FILE_BYTES);
	assert_int_equal(
		town_number(
			t,
			"SELECT count(*) FROM message WHERE removed = 0 AND state = 'queued' AND "
			"cc_text = ?",
			"mieke@izegem.example"),
		1);
	see(a, "Cc: mieke@izegem.example");
	see(a, "Goes out in");
	/* The time to take it back goes by. */
	see(a, "Waits: not sent yet");
	/* What the service does with a mail of ours is no news. */
	see_not(a, "new (F4)");
	free(path);
	town_leave(t, a);
}

/* Killed in the middle of it and without network: the draft has the file, and both wait. */
static void test_killed_and_offline(void **state)
{
	struct town *t = *state;
	struct terminal *a;
	char *path = town_path(t, "nog.txt");
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs("nog iets\n", f);
	fclose(f);
	town_cut(t, "an");
	a = town_open(t, "an", NULL, NULL, 24, 100);
	see(a, "no network");
	terminal_keys(a, "v a r");
	see(a, "signature of info");
	terminal_type(a, "Nog iets.");
	terminal_key(a, "Shift+Tab");
	terminal_key(a, "Shift+Tab");
	terminal_type(a, "lieselot@example.be");
	terminal_key(a, "Ctrl+O");
	see(a, "File to send along");
	terminal_type(a, "~/nog.txt");
	terminal_key(a, "Enter");
	see(a, "Goes along");
	terminal_stop(a);
	for (int i = 0; i < TOWN_TERMINALS; i++)
		if (t->open[i] == a)
			t->open[i] = NULL;
	remove(path);
	a = town_open(t, "an", NULL, NULL, 24, 100);
	see(a, "no network");
	terminal_keys(a, "v a r");
	see(a, "nog.txt");
	see(a, "Nog iets.");
	terminal_key(a, "Ctrl+S");
	see(a, "kept here until there is a connection");
	see(a, "1 wait");
	town_join(t, "an");
	terminal_key(a, "F5");
	see(a, "all sent");
	town_wait(t, mails, "Nog iets.", 1);
	assert_int_equal(
		town_number(t, "SELECT count(*) FROM attachment WHERE name = ?", "nog.txt"), 1);
	free(path);
	town_leave(t, a);
}

static void test_forward_and_unsure(void **state)
{
	struct town *t = *state;
	struct terminal *a = town_open(t, "an", NULL, NULL, 40, 100);

	see(a, "connected");
	terminal_keys(a, "v a c f");
	see(a, "they read this");
	see(a, "> Ik viel bijna");
	terminal_key(a, "Ctrl+S");
	see(a, "To whom?");
	terminal_type(a, "Fluvius <dienst@fluvius.example>");
	terminal_keys(a, "Tab Tab");
	terminal_type(a, "Kunnen jullie dit bekijken?");
	terminal_key(a, "Ctrl+S");
	see(a, "goes out in a moment");
	see(a, "all sent");
	town_wait(t, "SELECT count(*) FROM ticket WHERE state = ?", "waiting-third", 1);
	town_wait(t, "SELECT count(*) FROM message WHERE state = 'queued' AND to_text = ?",
		  "Fluvius <dienst@fluvius.example>", 1);
	/* The line breaks behind the last dot: a person decides. */
	town_stop(t);
	town_change(t, "DELETE FROM mail_out", NULL);
	town_change(t,
		    "UPDATE message SET state = 'uncertain', version = 2, reason = 'uncertain no "
		    "reply' WHERE to_text = ?",
		    "Fluvius <dienst@fluvius.example>");
	town_serve(t);
	town_leave(t, a);
	a = town_log_in(t, "bart", 40, 100);
	terminal_keys(a, "v a Enter");
	see(a, "NOT SURE whether it went out");
	terminal_keys(a, "b g");
	town_wait(t, "SELECT count(*) FROM message WHERE state = 'sent' AND to_text = ?",
		  "Fluvius <dienst@fluvius.example>", 1);
	see_not(a, "NOT SURE");
	town_leave(t, a);
}

static void test_mailboxes(void **state)
{
	struct town *t = *state;
	struct terminal *a = town_open(t, "an", NULL, NULL, 24, 80);

	see(a, "connected");
	terminal_keys(a, "g p");
	see(a, "info@izegem.example");
	terminal_key(a, "p");
	town_wait(t, "SELECT active FROM mailbox WHERE name = ?", "info", 0);
	see(a, "is paused");
	see(a, "mailbox info is paused");
	terminal_key(a, "p");
	town_wait(t, "SELECT active FROM mailbox WHERE name = ?", "info", 1);
	see_not(a, "mailbox info is paused");
	town_leave(t, a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_taken_back_and_sent),
		cmocka_unit_test(test_killed_and_offline),
		cmocka_unit_test(test_forward_and_unsure),
		cmocka_unit_test(test_mailboxes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
