/* The text of a message: from bytes in any charset, or HTML, to clean UTF-8. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "balie/mem.h"

/* Appends bytes as UTF-8. charset is what the message says and may be NULL, unknown or a lie. */
void mail_text_decode(struct buf *ret, const char *data, size_t len, const char *charset);
/* Joins the soft line ends of format=flowed (RFC 3676). */
void mail_text_unflow(struct buf *ret, const char *text, size_t len, bool delsp);
/* A file name without any power: no path, no control or bidi characters, no leading dot. */
char *mail_name_clean(struct arena *a, const char *name);
/* "image/png" in lower case and known letters only, else "application/octet-stream". */
char *mail_type_clean(struct arena *a, const char *type);

/* ---- read in a child process: ask through mail_child.h ---- */
void mail_html_init(void);
void mail_html_finish(void);
/* Appends what a reader of the page would see; "[cid:ID]" stands for a picture of the message itself.
 * html is UTF-8. False when something was left out because it is too long or too deep. */
bool mail_html_to_text(struct buf *ret, const char *html, size_t len);

#define MAIL_TYPE_BYTES 8192 /* of a file are looked at */
void mail_type_init(void);
void mail_type_finish(void);
/* Appends the type that the bytes of a file show, "application/pdf"; nothing when they show none. */
void mail_type_guess(struct buf *ret, const void *data, size_t len);

/* ---- what is new in a text ---- */
enum mail_kind { MAIL_NEW, MAIL_REPLY, MAIL_FORWARD };
/* By the prefix of its subject: "Antw: …" or "[EXT] RE: …" is a reply. refs: it names a message. */
enum mail_kind mail_kind_of(const char *subject, bool refs);
/* Byte where the older text begins that this message answers; 0 when there is none, or when
 * something new stands behind it or nothing before it. Of what was forwarded the newest message is
 * no older text. */
size_t mail_quote_find(const char *text, enum mail_kind kind);
/* Byte where the signature of the newest text begins, which ends at byte len; 0 when there is none
 * that is surely one. */
size_t mail_sign_find(const char *text, size_t len);
/* "Verstuurd vanaf mijn iPhone": a line that a program puts under what is written with it. */
bool mail_sign_is_program(const char *line);
void mail_language_init(void);
/* "nl", "fr", "en" or "de"; NULL when the words do not say. */
const char *mail_language_guess(const char *text, size_t len);
