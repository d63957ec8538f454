/* The text of a message: from bytes in any charset, or HTML, to clean UTF-8. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "balie/mem.h"

/* Appends bytes as UTF-8. charset is what the message says and may be NULL, unknown or a lie. */
void mail_text_decode(struct buf *ret, const char *data, size_t len, const char *charset);
/* Joins the soft line ends of format=flowed (RFC 3676). */
void mail_text_unflow(struct buf *ret, const char *text, size_t len, bool delsp);
/* Appends what a reader of the page would see. html is UTF-8. False when something was left out
 * because it is too long or too deep. */
bool mail_html_to_text(struct buf *ret, const char *html, size_t len);
/* Byte where the older text begins that this message answers; 0 when there is none, or when
 * something new stands behind it or nothing before it. */
size_t mail_quote_find(const char *text);
/* A file name without any power: no path, no control or bidi characters, no leading dot. */
char *mail_name_clean(struct arena *a, const char *name);
/* "image/png" in lower case and known letters only, else "application/octet-stream". */
char *mail_type_clean(struct arena *a, const char *type);
