#include "digits.h"

static uint32_t decode(const unsigned char *s, size_t *len)
{
	*len = 1;
	if (s[0] < 0x80)
		return s[0];
	if (s[0] >= 0xC2 && s[0] <= 0xDF && (s[1] & 0xC0) == 0x80) {
		*len = 2;
		return (uint32_t)(s[0] & 0x1F) << 6 | (s[1] & 0x3F);
	}
	if ((s[0] & 0xF0) == 0xE0 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80) {
		*len = 3;
		return (uint32_t)(s[0] & 0x0F) << 12 | (uint32_t)(s[1] & 0x3F) << 6 | (s[2] & 0x3F);
	}
	if (s[0] >= 0xF0 && s[0] <= 0xF4 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80 &&
	    (s[3] & 0xC0) == 0x80) {
		*len = 4;
		return 0x10000;
	}
	return 0xFFFD;
}

static enum glyph ascii(uint32_t c)
{
	switch (c) {
	case ' ':
	case '\t':
		return GLYPH_SPACE;
	case '\n':
	case '\r':
		return GLYPH_NEWLINE;
	case '-':
		return GLYPH_DASH;
	case '.':
		return GLYPH_DOT;
	case '/':
		return GLYPH_SLASH;
	case '#':
		return GLYPH_HASH;
	case '+':
		return GLYPH_PLUS;
	case '>':
		return GLYPH_QUOTE;
	default:
		return (c | 32) >= 'a' && (c | 32) <= 'z' ? GLYPH_LETTER : GLYPH_OTHER;
	}
}

static enum glyph wide(uint32_t c)
{
	/* Hyphen to horizontal bar, minus, small and full-width hyphen; the soft hyphen too. */
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFE63 ||
	    c == 0xFF0D || c == 0xAD)
		return GLYPH_DASH;
	if (c == 0xA0 || (c >= 0x2000 && c <= 0x200D) || c == 0x202F || c == 0x205F ||
	    c == 0x2060 || c == 0x3000 || c == 0xFEFF)
		return GLYPH_SPACE;
	if (c == 0x2028 || c == 0x2029)
		return GLYPH_NEWLINE;
	if (c == 0xFF0E || c == 0x2024 || c == 0xB7)
		return GLYPH_DOT;
	if (c == 0xFF0F || c == 0x2044)
		return GLYPH_SLASH;
	if (c == 0xFF03)
		return GLYPH_HASH;
	if (c == 0xFF0B)
		return GLYPH_PLUS;
	/* Punctuation that stands next to a number in running text. */
	if (c == 0xFFFD || (c >= 0xA1 && c <= 0xBF) || (c >= 0x2016 && c <= 0x206F) ||
	    (c >= 0x3001 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFF20))
		return GLYPH_OTHER;
	return GLYPH_LETTER;
}

enum glyph glyph_read(const char *s, size_t *len, int *digit)
{
	uint32_t c = decode((const unsigned char *)s, len);

	if (c == 0)
		return GLYPH_END;
	if (c >= '0' && c <= '9') {
		*digit = (int)(c - '0');
		return GLYPH_DIGIT;
	}
	if (c >= 0xFF10 && c <= 0xFF19) {
		*digit = (int)(c - 0xFF10);
		return GLYPH_DIGIT;
	}
	return c < 0x80 ? ascii(c) : wide(c);
}

bool digits_only(const char *text, size_t count, char *ret)
{
	size_t n = 0;
	size_t len = 0;
	int digit = 0;

	for (;; text += len) {
		enum glyph g = glyph_read(text, &len, &digit);

		if (g == GLYPH_END)
			break;
		if (g == GLYPH_SPACE || g == GLYPH_DASH || g == GLYPH_DOT || g == GLYPH_SLASH ||
		    g == GLYPH_NEWLINE)
			continue;
		if (g != GLYPH_DIGIT || n == count)
			return false;
		ret[n++] = (char)('0' + digit);
	}
	ret[n] = '\0';
	return n == count;
}

int64_t digits_value(const char *digits, size_t count)
{
	int64_t v = 0;
	size_t i;

	for (i = 0; i < count; i++)
		v = v * 10 + (digits[i] - '0');
	return v;
}
