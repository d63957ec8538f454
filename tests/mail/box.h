/* A town with mailboxes on scripted servers, and a real service that reads them. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "fake_imap.h"
#include "service.h"

#define BOX_MAX 12

struct box {
	struct service s;
	struct service second; /* on the same town; only PostgreSQL; pid 0: not there */
	char config[80];
	struct fake_imap *fakes[BOX_MAX]; /* mailbox m0, m1, … */
	int count;
};
/* The town, and count servers with a mailbox each. more: further lines of each section. ms: see
 * BALIE_MAIL_MS. The service is not started. */
void box_make(struct box *b, int count, const char *more, int ms);
/* Writes the configuration: a server of the test's own each, or the lines given. */
void box_configure(struct box *b, const char *more);
void box_configure_text(struct box *b, const char *text);
void box_start(struct box *b);
void box_start_second(struct box *b);
void box_remove(struct box *b);
/* First column of the first row; -1 when there is none. */
long long box_number(struct box *b, const char *sql);
char *box_text(struct box *b, const char *sql); /* to be freed; NULL */
/* Until the number is that, or the test fails. */
void box_await(struct box *b, const char *sql, long long wanted, int ms);
/* Runs `balied mailbox WORDS…` and gives its exit status. */
int box_command(struct box *b, const char *const *words, char **output);
/* A message of its own each time; len of it. To be freed. */
char *box_message(int number, size_t *len);
