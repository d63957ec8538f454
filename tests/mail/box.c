#include "box.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <sqlite3.h>
#include "balie/clock.h"
#include "balie/mem.h"
#include "postgres.h"

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

void box_configure_text(struct box *b, const char *text)
{
	write_text(b->config, text);
}

void box_configure(struct box *b, const char *more)
{
	struct buf text = {0};

	for (int i = 0; i < b->count; i++)
		buf_printf(&text,
			   "[mailbox m%d]\nimap = imap+plain://127.0.0.1:%d/INBOX\nuser = info\n"
			   "password-file = %s/password\nteam = Onthaal\npoll = 5\n%s\n",
			   i, fake_port(b->fakes[i]), b->s.dir, more);
	box_configure_text(b, text.data != NULL ? text.data : "");
	buf_finish(&text);
}

void box_make(struct box *b, int count, const char *more, int ms)
{
	char path[100], text[20];

	memset(b, 0, sizeof(*b));
	if (ms > 0) {
		snprintf(text, sizeof(text), "%d", ms);
		setenv("BALIE_MAIL_MS", text, 1);
	} else {
		unsetenv("BALIE_MAIL_MS");
	}
	service_make(&b->s);
	snprintf(path, sizeof(path), "%s/password", b->s.dir);
	write_text(path, "geheim\n");
	snprintf(b->config, sizeof(b->config), "%s/balied.conf", b->s.dir);
	b->count = count;
	for (int i = 0; i < count; i++)
		b->fakes[i] = fake_start();
	box_configure(b, more);
}

void box_start(struct box *b)
{
	service_start(&b->s, (const char *[]){"--config", b->config, NULL});
}

void box_start_second(struct box *b)
{
	b->second = b->s;
	b->second.pid = 0;
	service_start(&b->second, (const char *[]){"--config", b->config, NULL});
}

void box_remove(struct box *b)
{
	char path[100];

	if (b->second.pid > 0)
		service_stop(&b->second, SIGTERM);
	if (b->s.pid > 0)
		assert_int_equal(service_stop(&b->s, SIGTERM), 0);
	for (int i = 0; i < b->count; i++)
		fake_stop(b->fakes[i]);
	snprintf(path, sizeof(path), "%s/password", b->s.dir);
	unlink(path);
	unlink(b->config);
	service_remove(&b->s);
}

/* ---- the town, past the service ---- */

char *box_text(struct box *b, const char *sql)
{
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;
	char *ret = NULL;

	if (postgres_wanted())
		return postgres_run(b->s.db, sql);
	assert_int_equal(sqlite3_open_v2(b->s.db, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	if (sqlite3_step(q) == SQLITE_ROW && sqlite3_column_text(q, 0))
		ret = strdup((const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	sqlite3_close(db);
	return ret;
}

long long box_number(struct box *b, const char *sql)
{
	char *text = box_text(b, sql);
	long long ret = text ? atoll(text) : -1;

	free(text);
	return ret;
}

void box_await(struct box *b, const char *sql, long long wanted, int ms)
{
	int64_t until = clock_mono() + ms;
	long long now;

	/* The town tells nobody outside the service that it changed. */
	while ((now = box_number(b, sql)) != wanted) {
		if (clock_mono() > until)
			fail_msg("%s gives %lld, not %lld", sql, now, wanted);
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
}

int box_command(struct box *b, const char *const *words, char **output)
{
	const char *args[20] = {"mailbox"};
	int n = 1;

	for (; *words; words++)
		args[n++] = *words;
	args[n++] = "--db";
	args[n++] = b->s.db;
	args[n++] = "--config";
	args[n++] = b->config;
	args[n] = NULL;
	return service_run(args, NULL, output);
}

char *box_message(int number, size_t *len)
{
	struct buf b = {0};

	/* Some with what a reader of lines would take for the server's words, some that are hardly mail. */
	if (number % 29 == 7)
		buf_printf(&b, "%d", number);
	else if (number % 31 == 5)
		buf_printf(&b, "\r\n\r\n%d {12}\r\n", number);
	else
		buf_printf(
			&b,
			"From: Klant %d <k%d@k.example>\r\nTo: info@stad.example\r\n"
			"Subject: Vraag %d\r\nMessage-ID: <m%d@k.example>\r\n\r\nVraag %d\r\n"
			"B00003 OK done\r\nB00004 OK done\r\nB00005 NO done\r\n* 5 EXISTS\r\n)\r\n",
			number, number, number, number, number);
	for (int i = 0; number % 7 == 3 && i < 200; i++)
		buf_printf(&b, "%d nog een regel tekst, om het langer te maken {%d}\r\n", number,
			   i);
	*len = b.len;
	return buf_take(&b);
}
