/* The child that reads HTML: what it may do, and what becomes of a mail on which it dies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/mail_child.h"
#include "../../src/central/mail/mail_parse.h"
#include "balie/clock.h"
#include "balie/model.h"

#define PAGE "From: an@voorbeeld.example\nContent-Type: text/html; charset=utf-8\n\n<p>"
#define PATIENCE 300

static const char *balied, *bad_child;
static struct arena arena;

static struct mail_parsed parse(const char *text)
{
	struct mail_parsed ret;

	mail_parse(text, strlen(text), &arena, &ret);
	return ret;
}

static void expect_unreadable(const char *word)
{
	char text[200];
	struct mail_parsed m;

	snprintf(text, sizeof(text), PAGE "%s</p>", word);
	m = parse(text);
	assert_string_equal(m.flaws, "html-unreadable");
	assert_string_equal(m.body, "");
	assert_int_equal(m.attachment_count, 1);
	assert_string_equal(m.attachments[0].name, "page-1.html");
	assert_string_equal(m.from_addr, "an@voorbeeld.example");
	/* The next mail does not suffer. */
	m = parse(PAGE "fine</p>");
	assert_null(m.flaws);
	assert_string_equal(m.body, "good");
}

static void a_page_that_kills_the_child_stops_nothing(void **state)
{
	mail_child_use(bad_child, PATIENCE);
	expect_unreadable("DIE");
	expect_unreadable("LIE");
	expect_unreadable("HALF");
}

static void a_page_that_takes_too_long_is_given_up(void **state)
{
	int64_t before = clock_mono();

	mail_child_use(bad_child, PATIENCE);
	expect_unreadable("HANG");
	assert_true(clock_mono() - before < 10 * PATIENCE);
}

static void the_plain_text_is_shown_instead(void **state)
{
	struct mail_parsed m;

	mail_child_use(bad_child, PATIENCE);
	m = parse("From: an@voorbeeld.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
		  "Content-Type: text/plain\n\nDe gewone tekst.\n--b\nContent-Type: text/html\n\n"
		  "<p>DIE</p>\n--b--\n");
	assert_string_equal(m.body, "De gewone tekst.");
	assert_string_equal(m.flaws, "html-unreadable");
}

static void without_a_child_that_starts_the_mail_stays(void **state)
{
	struct mail_parsed m;

	mail_child_use("/nowhere/balied", PATIENCE);
	m = parse(PAGE "x</p>");
	assert_string_equal(m.flaws, "html-unreadable");
	mail_child_use("/bin/false", PATIENCE);
	m = parse(PAGE "x</p>");
	assert_string_equal(m.flaws, "html-unreadable");
}

static void a_dead_child_is_started_again(void **state)
{
	pid_t first;

	mail_child_use(balied, MAIL_CHILD_PATIENCE);
	assert_string_equal(parse(PAGE "een</p>").body, "een");
	first = mail_child_pid();
	assert_true(first > 0);
	assert_string_equal(parse(PAGE "twee</p>").body, "twee");
	assert_int_equal(mail_child_pid(), first);
	assert_int_equal(kill(first, SIGKILL), 0);
	assert_string_equal(parse(PAGE "drie</p>").body, "drie");
	assert_int_not_equal(mail_child_pid(), first);
	mail_child_stop();
	assert_int_equal(mail_child_pid(), 0);
	assert_string_equal(parse(PAGE "vier</p>").body, "vier");
	assert_true(mail_child_pid() > 0);
}

/* The value of a line of /proc/PID/limits: "Max open files  0  0  files". */
static void limit_of(pid_t pid, const char *name, char ret[32])
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	ret[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			assert_int_equal(sscanf(line + strlen(name), "%31s", ret), 1);
	fclose(f);
}

static void the_child_can_open_nothing(void **state)
{
	char value[32];

	mail_child_use(balied, MAIL_CHILD_PATIENCE);
	assert_string_equal(parse(PAGE "x</p>").body, "x");
	limit_of(mail_child_pid(), "Max open files", value);
	assert_string_equal(value, "0");
	limit_of(mail_child_pid(), "Max processes", value);
	assert_string_equal(value, "0");
	limit_of(mail_child_pid(), "Max file size", value);
	assert_string_equal(value, "0");
	limit_of(mail_child_pid(), "Max cpu time", value);
	assert_string_not_equal(value, "unlimited");
#ifndef __SANITIZE_ADDRESS__
	limit_of(mail_child_pid(), "Max address space", value);
	assert_string_not_equal(value, "unlimited");
#endif
}

/* Broken pages, deep and wide ones: the same with and without a child. */
static void hostile_pages_are_read_alike(void **state)
{
	struct buf b = {0};
	struct mail_parsed inside, outside;

	buf_add_str(&b, PAGE);
	for (int i = 0; i < 100000; i++)
		buf_add_str(&b, i % 2 ? "<table><tr><td>" : "<b>x<p><blockquote>");
	mail_child_use(NULL, 0);
	inside = parse(b.data);
	mail_child_use(balied, MAIL_CHILD_PATIENCE);
	outside = parse(b.data);
	assert_string_equal(inside.body, outside.body);
	assert_string_equal(inside.flaws, outside.flaws);
	buf_finish(&b);
}

static int setup(void **state)
{
	mail_init();
	return 0;
}

static int teardown(void **state)
{
	arena_finish(&arena);
	mail_finish();
	assert_int_equal(mail_child_pid(), 0);
	mail_child_use(NULL, 0);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_that_kills_the_child_stops_nothing),
		cmocka_unit_test(a_page_that_takes_too_long_is_given_up),
		cmocka_unit_test(the_plain_text_is_shown_instead),
		cmocka_unit_test(without_a_child_that_starts_the_mail_stays),
		cmocka_unit_test(a_dead_child_is_started_again),
		cmocka_unit_test(the_child_can_open_nothing),
		cmocka_unit_test(hostile_pages_are_read_alike),
	};

	if (argc != 3)
		return 2;
	balied = argv[1];
	bad_child = argv[2];
	return cmocka_run_group_tests(tests, setup, teardown);
}
