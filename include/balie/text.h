/* UTF-8 text: what is fit to show, how wide it is, and how it compares. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/mem.h"

/* True when text is well-formed UTF-8 (no surrogates, no overlong forms, nothing over U+10FFFF)
 * and holds no NUL. len is in bytes. */
bool text_valid(const char *text, size_t len);
/* No control characters in it, but with lines their ends and tabs. */
bool text_plain(const char *s, bool lines);

enum text_keep { TEXT_ONE_LINE, TEXT_LINES };
/* Appends text made fit to be drawn, whatever it was: bad bytes become U+FFFD; ESC, C0, C1 and DEL
 * become visible pictures (U+2400 block) or U+FFFD; bidi controls (U+202A-202E, 2066-2069, 200E,
 * 200F, 061C) and other invisible format characters that can hide text (U+2028, 2029, FEFF, tags,
 * interlinear) are dropped; CRLF and CR become LF. TEXT_ONE_LINE turns line ends and tabs into one
 * space each; TEXT_LINES keeps LF and turns tab into spaces up to the next stop of 8. */
void text_clean(struct buf *ret, const char *text, size_t len, enum text_keep keep);
char *text_clean_dup(struct arena *a, const char *text, enum text_keep keep); /* NULL gives NULL */

/* One grapheme cluster (UAX 29) from *pos on: advances *pos past it and gives its cell width
 * (0, 1 or 2). False at the end. The one width function of the house. */
bool text_next(const char *text, size_t len, size_t *pos, int *width);
int text_width(const char *text); /* cells of the whole */
/* Bytes of the longest prefix of whole graphemes that fits in width cells; *ret_width is its width. */
size_t text_fit(const char *text, int width, int *ret_width);

/* Breaks text in lines of at most width cells at spaces, or inside a word that is longer. Calls
 * line() for each with its bytes (no LF, no spaces at the end). A LF ends a line, so "" gives none and
 * "a\n" one. Stops early when line() returns false. */
void text_wrap(const char *text, int width, bool (*line)(void *user, const char *s, size_t len),
	       void *user);

/* Folded for searching: lower case, without diacritics and ligatures, runs of anything that is not
 * a letter or digit become one space ("Van den Bröeck-Ångström" -> "van den broeck angstrom"). */
void text_fold(struct buf *ret, const char *text);
char *text_fold_dup(struct arena *a, const char *text);
/* Text with its first letter as a capital: what stands at the start of a line. */
void text_capital(struct buf *ret, const char *text);
bool text_to_int(const char *text, int64_t min, int64_t max,
		 int64_t *ret);		      /* whole text, decimal */
bool text_same(const char *a, const char *b); /* NULL equals NULL and "" */
/* The same to a reader's eye: but for capitals, how accents are written, and spaces around and between. */
bool text_same_name(const char *a, const char *b);
/* Levenshtein distance, at most cap+1: for "did you mean". */
int text_distance(const char *a, const char *b, int cap);
