/* The tracking numbers that a message names. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "balie/model.h"
#include "mail_parse.h"

#define MAIL_NUMBERS_MAX 8

struct mail_numbers {
	char right[MAIL_NUMBERS_MAX]
		  [TRACKING_TEXT]; /* each once, in the order in which they stand */
	bool grouped
		[MAIL_NUMBERS_MAX]; /* written as 26-004217-69: ten digits alone may be a phone */
	size_t count;
	char wrong[TRACKING_TEXT]; /* the first with a typing mistake, written so; "" for none */
};
/* In the subject, the text and what came back; in the names of files only those written in groups. */
void mail_numbers_find(const struct mail_parsed *m, struct mail_numbers *ret);
