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
bool mail_parts_blank(const struct buf *b); /* nothing but white space */

/* Collects text and attachments of everything below top. */
void mail_parts_walk(struct mail_walk *w, GMimeObject *top);
/* Adds a code to what could not be read or must be known, each once; about may be NULL. */
void mail_parts_flaw(struct mail_walk *w, const char *code, const char *about);
bool mail_parts_is(GMimeObject *o, const char *type, const char *subtype);
GByteArray *mail_parts_bytes(GMimePart *part); /* decoded */
GByteArray *mail_parts_write(GMimeObject *o);  /* as it stands; empty for NULL */

/* ---- files (mail_files.c) ---- */
struct mail_attachment *mail_files_add(struct mail_walk *w, const char *name, const char *type,
				       const void *data, size_t len);
void mail_files_add_part(struct mail_walk *w, GMimePart *part);
void mail_files_add_message(struct mail_walk *w, GMimeMessagePart *part);
/* "[cid:ID]" in the text becomes "[NAME]" of the picture that it stands for. */
void mail_files_name_pictures(struct mail_walk *w);
/* Makes a text of the calendar that came along, for a message that has none (mail_calendar.c). */
void mail_calendar_text(struct mail_walk *w);
/* Says that a part is signed or encrypted, and by what. */
void mail_files_tell_sealed(struct mail_walk *w, GMimeObject *o);

/* Fills the fields of ret that the headers say, the sender too (mail_head.c). */
void mail_head_read(GMimeMessage *m, struct arena *a, struct mail_parsed *ret);
/* enum sender of a message, from its headers. */
int mail_machine_sender(GMimeMessage *m, const char *from_addr);
/* Fills the fields of ret that say what came back, from the report and the returned message, or from
 * the text when there are none. */
void mail_bounce_read(struct mail_walk *w, GMimeMessage *m);
/* Message-IDs in text, "<a@b> <c@d>", without <>, each at most 500 bytes (the same cut is made
 * everywhere, so that they still meet). Appends to ids and gives the new count. */
size_t mail_ids_scan(struct arena *a, const char *text, const char **ids, size_t count, size_t max);
