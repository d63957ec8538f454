/* Charsets, flowed text and names. */
#include "mail_text.h"
#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>
#include "balie/text.h"

#define NAME_MAX_BYTES 120
#define TYPE_MAX_BYTES 100

static bool one_of(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcasecmp(s, *list) == 0)
			return true;
	return false;
}

/* Valid UTF-8 with NUL taken as a character: text_clean() draws it later. */
static bool is_utf8(const char *data, size_t len, bool *ret_beyond_ascii)
{
	const char *nul;
	size_t n;

	*ret_beyond_ascii = false;
	while (len > 0) {
		nul = memchr(data, '\0', len);
		n = nul != NULL ? (size_t)(nul - data) : len;
		if (!text_valid(data, n))
			return false;
		for (size_t i = 0; i < n && !*ret_beyond_ascii; i++)
			*ret_beyond_ascii = (unsigned char)data[i] >= 0x80;
		if (nul == NULL)
			break;
		data += n + 1;
		len -= n + 1;
	}
	return true;
}

/* Is it UTF-8 that was damaged, rather than something else? A cut in the middle of a character, or a
 * byte that a relay broke, must not spoil the rest. */
static bool is_damaged_utf8(const char *data, size_t len)
{
	size_t right = 0, wrong = 0, need, n;

	for (size_t i = 0; i < len; i += n) {
		unsigned char c = (unsigned char)data[i];

		need = c < 0xc2 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 0;
		for (n = 1;
		     n <= need && i + n < len && ((unsigned char)data[i + n] & 0xc0) == 0x80;)
			n++;
		if (c < 0x80)
			continue;
		if (need > 0 && n == need + 1)
			right++;
		else if (i + n < len)
			wrong++;
	}
	return right > 0 && wrong <= right;
}

/* Names that mail programs use and iconv does not know, or knows as something smaller. */
static const char *iconv_name(const char *charset)
{
	static const char *const other[][2] = {
		{"ks_c_5601-1987", "CP949"},
		{"ks_c_5601-1989", "CP949"},
		{"euc-kr", "CP949"},
		{"gb2312", "GB18030"},
		{"x-gbk", "GB18030"},
		{"gbk", "GB18030"},
		{"shift_jis", "CP932"},
		{"x-sjis", "CP932"},
		{"big5", "BIG5-HKSCS"},
		{"iso-8859-8-i", "ISO-8859-8"},
		{"x-mac-roman", "MACINTOSH"},
		{"macintosh", "MACINTOSH"},
		{"iso-8859-9", "WINDOWS-1254"},
		{"cp-850", "CP850"},
		{"x-unicode", "UTF-16"},
	};

	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (strcasecmp(other[i][0], charset) == 0)
			return other[i][1];
	return charset;
}

/* False when the charset is unknown or more than a little is wrong in it. */
static bool convert(struct buf *ret, const char *data, size_t len, const char *charset)
{
	iconv_t cd = iconv_open("UTF-8", iconv_name(charset));
	size_t start = ret->len, bad = 0, left, n;
	char out[4096], *in = (char *)(uintptr_t)data, *to;

	if (cd == (iconv_t)-1)
		return false;
	while (len > 0) {
		to = out;
		left = sizeof(out);
		n = iconv(cd, &in, &len, &to, &left);
		buf_add(ret, out, sizeof(out) - left);
		if (n != (size_t)-1 || errno == E2BIG)
			continue;
		buf_add_str(ret, "\xef\xbf\xbd");
		bad++;
		in++;
		len--;
	}
	to = out;
	left = sizeof(out);
	iconv(cd, NULL, NULL, &to, &left);
	buf_add(ret, out, sizeof(out) - left);
	iconv_close(cd);
	if (bad > 0 && bad * 20 > ret->len - start) {
		ret->len = start;
		return false;
	}
	return true;
}

/* Every byte means something in windows-1252, once its five holes are filled with U+FFFD. */
static void convert_1252(struct buf *ret, const char *data, size_t len)
{
	static const unsigned short high[32] = {
		0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
		0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
		0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
		0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
	};

	for (size_t i = 0; i < len; i++) {
		unsigned c = (unsigned char)data[i];

		if (c >= 0x80 && c < 0xa0)
			c = high[c - 0x80];
		if (c < 0x80) {
			buf_add_char(ret, (char)c);
		} else if (c < 0x800) {
			buf_add_char(ret, (char)(0xc0 | c >> 6));
			buf_add_char(ret, (char)(0x80 | (c & 0x3f)));
		} else {
			buf_add_char(ret, (char)(0xe0 | c >> 12));
			buf_add_char(ret, (char)(0x80 | (c >> 6 & 0x3f)));
			buf_add_char(ret, (char)(0x80 | (c & 0x3f)));
		}
	}
}

void mail_text_decode(struct buf *ret, const char *data, size_t len, const char *charset)
{
	/* Charsets in which text beyond ASCII is never valid UTF-8 by accident: when it is, the
	 * message lies. */
	static const char *const liars[] = {
		"us-ascii",  "ascii",	     "iso-8859-1",     "iso-8859-15",
		"latin1",    "windows-1252", "cp1252",	       "utf-8",
		"utf8",	     "unknown-8bit", "8bit",	       "binary",
		"x-unknown", "default",	     "ansi_x3.4-1968", NULL};
	static const char *const western[] = {"us-ascii", "ascii",	  "iso-8859-1",
					      "latin1",	  "windows-1252", "cp1252",
					      "utf-8",	  "utf8",	  NULL};
	bool beyond;

	if (charset == NULL || charset[0] == '\0' || one_of(charset, liars)) {
		if (is_utf8(data, len, &beyond) || is_damaged_utf8(data, len)) {
			buf_add(ret, data, len);
			return;
		}
	}
	if (charset != NULL && charset[0] != '\0' && !one_of(charset, western) &&
	    strlen(charset) < 40 && convert(ret, data, len, charset))
		return;
	if (is_utf8(data, len, &beyond))
		buf_add(ret, data, len);
	else
		convert_1252(ret, data, len);
}

static size_t quote_depth(const char *s, size_t n)
{
	size_t d = 0;

	while (d < n && s[d] == '>')
		d++;
	return d;
}

void mail_text_unflow(struct buf *ret, const char *text, size_t len, bool delsp)
{
	const char *end = text + len, *nl;
	size_t n, depth, last_depth = 0;
	bool soft = false;

	for (; text < end; text = nl < end ? nl + 1 : end) {
		nl = memchr(text, '\n', (size_t)(end - text));
		if (nl == NULL)
			nl = end;
		n = (size_t)(nl - text);
		if (n > 0 && text[n - 1] == '\r')
			n--;
		depth = quote_depth(text, n);
		if (soft && depth == last_depth) {
			text += depth;
			n -= depth;
			if (n > 0 && text[0] == ' ')
				text++, n--;
		} else {
			if (soft)
				buf_add_char(ret, '\n');
			if (depth == 0 && n > 0 && text[0] == ' ')
				text++, n--;
		}
		soft = n > 0 && text[n - 1] == ' ' && !(n == 3 && memcmp(text, "-- ", 3) == 0);
		buf_add(ret, text, soft && delsp ? n - 1 : n);
		if (!soft && nl < end)
			buf_add_char(ret, '\n');
		last_depth = depth;
	}
	if (soft)
		buf_add_char(ret, '\n');
}

char *mail_name_clean(struct arena *a, const char *name)
{
	struct buf clean = {0};
	const char *base, *end;
	char *ret, *dot;
	size_t len, ext;

	text_clean(&clean, name, strlen(name), TEXT_ONE_LINE);
	buf_add_str(&clean, "");
	for (char *p = clean.data; p != NULL && *p != '\0'; p++)
		if (strchr("\\:*?\"<>|", *p) != NULL)
			*p = *p == '\\' ? '/' : '_';
	base = clean.data != NULL ? clean.data : "";
	end = strrchr(base, '/');
	base = end != NULL ? end + 1 : base;
	base += strspn(base, ". ");
	len = strlen(base);
	while (len > 0 && (base[len - 1] == '.' || base[len - 1] == ' '))
		len--;
	ret = arena_strndup(a, base, len);
	if (len > NAME_MAX_BYTES) {
		/* The ending says what it is: cut before it. */
		dot = strrchr(ret, '.');
		ext = dot != NULL && strlen(dot) <= 12 ? strlen(dot) : 0;
		len = NAME_MAX_BYTES - ext;
		while (len > 0 && ((unsigned char)ret[len] & 0xc0) == 0x80)
			len--;
		ret = arena_printf(a, "%.*s%s", (int)len, ret, ext > 0 ? dot : "");
	}
	buf_finish(&clean);
	return ret;
}

char *mail_type_clean(struct arena *a, const char *type)
{
	size_t n = type != NULL ? strlen(type) : 0, slashes = 0;
	char *ret;

	if (n == 0 || n > TYPE_MAX_BYTES)
		return arena_strdup(a, "application/octet-stream");
	ret = arena_strdup(a, type);
	for (char *p = ret; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
		slashes += *p == '/';
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9') &&
		    strchr("/.+-_", *p) == NULL)
			slashes = 9;
	}
	if (slashes != 1 || ret[0] == '/' || ret[n - 1] == '/')
		return arena_strdup(a, "application/octet-stream");
	return ret;
}
