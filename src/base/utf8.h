/* Reading UTF-8 that may be broken. Private to this room. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD 0xFFFD

/* Reads one code point of the len (> 0) bytes at s into *ret and returns how many bytes it took.
 * For a bad sequence *ret is -1 and the bytes are its longest part that could have become a good one
 * (Unicode 3.9, "maximal subpart"), so that one wrong byte costs one U+FFFD. */
static inline size_t utf8_read(const char *s, size_t len, int32_t *ret)
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned low = 0x80, high = 0xbf;
	size_t need, i;
	int32_t cp;

	*ret = -1;
	if (u[0] < 0x80) {
		*ret = u[0];
		return 1;
	}
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 1;
	need = u[0] < 0xe0 ? 1 : u[0] < 0xf0 ? 2 : 3;
	cp = u[0] & (0x3f >> need);
	/* Overlong forms, surrogates and numbers over U+10FFFF show in the second byte. */
	if (u[0] == 0xe0)
		low = 0xa0;
	else if (u[0] == 0xed)
		high = 0x9f;
	else if (u[0] == 0xf0)
		low = 0x90;
	else if (u[0] == 0xf4)
		high = 0x8f;
	for (i = 1; i <= need; i++) {
		if (i >= len || u[i] < low || u[i] > high)
			return i;
		cp = cp << 6 | (u[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	*ret = cp;
	return i;
}

/* Writes cp and returns how many bytes that took. */
static inline size_t utf8_write(int32_t cp, char ret[4])
{
	if (cp < 0x80) {
		ret[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		ret[0] = (char)(0xc0 | cp >> 6);
		ret[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		ret[0] = (char)(0xe0 | cp >> 12);
		ret[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | cp >> 18);
	ret[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* The length of s without a character at its end that was cut off halfway. */
static inline size_t utf8_whole(const char *s, size_t len)
{
	size_t at = len, back = 0, need;
	unsigned char c;

	while (at > 0 && back < 3 && ((unsigned char)s[at - 1] & 0xc0) == 0x80) {
		at--;
		back++;
	}
	if (at == 0)
		return len;
	c = (unsigned char)s[at - 1];
	need = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	return need > back ? at - 1 : len;
}
