/* Between the files that take a message apart. Nobody else includes this. */
#pragma once
#include <gmime/gmime.h>
#include "mail_parse.h"

#define MAIL_BODY_MAX 262144 /* bytes of text shown; the whole stays in the raw message */

struct mail_walk {
	struct arena *arena;
	struct mail_parsed *ret;
	struct buf body;
	struct buf returned; /* what a bounce brought back */
	struct buf report;   /* its message/delivery-status */
	struct buf flaws;
	size_t parts, attachments_cap;
};

/* Collects text and attachments of everything below top. */
void mail_parts_walk(struct mail_walk *w, GMimeObject *top);
void mail_parts_attach(struct mail_walk *w, const char *name, const char *type, const void *data,
		       size_t len);
/* Adds words to what could not be read, each once. */
void mail_parts_flaw(struct mail_walk *w, const char *code);

/* enum sender of a message, from its headers. */
int mail_machine_sender(GMimeMessage *m, const char *from_addr);
/* Fills the fields of ret that say what came back, from the report and the returned message, or from
 * the text when there are none. */
void mail_bounce_read(struct mail_walk *w);
/* Message-IDs in text, "<a@b> <c@d>", without <>, each at most 500 bytes (the same cut is made
 * everywhere, so that they still meet). Appends to ids and gives the new count. */
size_t mail_ids_scan(struct arena *a, const char *text, const char **ids, size_t count, size_t max);
