/* Digits as people and mail programs write them: full-width ones too, with any dash or space. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum glyph {
	GLYPH_END,
	GLYPH_DIGIT,
	GLYPH_SPACE, /* also the no-break ones and the zero-width ones that mail brings */
	GLYPH_NEWLINE,
	GLYPH_DASH,
	GLYPH_DOT,
	GLYPH_SLASH,
	GLYPH_HASH,
	GLYPH_PLUS,
	GLYPH_QUOTE,  /* '>' before a quoted line */
	GLYPH_LETTER, /* ASCII letters and nearly everything else over U+007F */
	GLYPH_OTHER,
};
/* Reads one character at s; *len gets its bytes and *digit is set for GLYPH_DIGIT. A bad byte is
 * GLYPH_OTHER. */
enum glyph glyph_read(const char *s, size_t *len, int *digit);

/* Copies the digits of text to ret when there are exactly count of them and between and around them
 * only spaces, dashes, dots and slashes. False otherwise. ret gets count bytes and a NUL. */
bool digits_only(const char *text, size_t count, char *ret);
int64_t digits_value(const char *digits, size_t count);
