/* One character at a time; the text was checked or cleaned before. */
#include "term.h"

uint32_t utf8_next(const char *s, size_t len, size_t *pos)
{
	unsigned char c = (unsigned char)s[*pos];
	size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t ch = n == 1 ? c : c & (0xffu >> (n + 1));

	for (size_t i = 1; i < n && *pos + i < len; i++)
		ch = ch << 6 | ((unsigned char)s[*pos + i] & 0x3f);
	*pos = *pos + n < len ? *pos + n : len;
	return ch;
}

size_t utf8_put(uint32_t ch, char ret[4])
{
	if (ch < 0x80) {
		ret[0] = (char)ch;
		return 1;
	}
	if (ch < 0x800) {
		ret[0] = (char)(0xc0 | ch >> 6);
		ret[1] = (char)(0x80 | (ch & 0x3f));
		return 2;
	}
	if (ch < 0x10000) {
		ret[0] = (char)(0xe0 | ch >> 12);
		ret[1] = (char)(0x80 | (ch >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (ch & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | ch >> 18);
	ret[1] = (char)(0x80 | (ch >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (ch >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (ch & 0x3f));
	return 4;
}
