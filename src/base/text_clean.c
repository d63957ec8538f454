#include "balie/text.h"

#include <string.h>
#include <utf8proc.h>

#include "utf8.h"

#define TAB_STOP 8
#define MARKS_MAX 8 /* on one letter; more is a text that wants to paint over its neighbours */

struct cleaner {
	struct buf *ret;
	enum text_keep keep;
	size_t line; /* place in ret up to which column counts */
	int column;
	int marks;
};

static bool in_range(int32_t cp, int32_t first, int32_t last)
{
	return cp >= first && cp <= last;
}

/* Characters that show nothing but turn, hide or break what stands around them. ZWJ, ZWNJ and the
 * variation selectors stay: emoji and several scripts need them. */
static bool is_hidden(int32_t cp)
{
	if (cp < 0x300)
		return cp == 0xad;
	return cp == 0x61c || cp == 0x180e || cp == 0x200b || in_range(cp, 0x200e, 0x200f) ||
	       in_range(cp, 0x2028, 0x202e) || in_range(cp, 0x2060, 0x206f) || cp == 0xfeff ||
	       in_range(cp, 0xfff9, 0xfffb) || in_range(cp, 0x1d173, 0x1d17a) ||
	       in_range(cp, 0xe0000, 0xe007f);
}

static void add_point(struct buf *ret, int32_t cp)
{
	char bytes[4];

	buf_add(ret, bytes, utf8_write(cp, bytes));
}

static void clean_tab(struct cleaner *c)
{
	size_t len = c->ret->len;
	int width;

	while (text_next(c->ret->data, len, &c->line, &width))
		c->column += width;
	do {
		buf_add_char(c->ret, ' ');
		c->column++;
	} while (c->column % TAB_STOP != 0);
	c->line = c->ret->len;
}

static void clean_ascii(struct cleaner *c, int32_t cp)
{
	if (cp == '\n' || cp == '\t') {
		if (c->keep == TEXT_ONE_LINE) {
			buf_add_char(c->ret, ' ');
		} else if (cp == '\t') {
			clean_tab(c);
		} else {
			buf_add_char(c->ret, '\n');
			c->line = c->ret->len;
			c->column = 0;
		}
	} else if (cp < 0x20) {
		add_point(c->ret, 0x2400 + cp);
	} else if (cp == 0x7f) {
		add_point(c->ret, 0x2421);
	} else {
		buf_add_char(c->ret, (char)cp);
	}
}

static void clean_point(struct cleaner *c, int32_t cp)
{
	utf8proc_category_t category;

	if (cp >= 0 && is_hidden(cp))
		return;
	if (cp < 0 || cp < 0xa0 || (cp & 0xfffe) == 0xfffe || in_range(cp, 0xfdd0, 0xfdef))
		cp = UTF8_BAD;
	category = cp < 0x300 ? UTF8PROC_CATEGORY_LO : utf8proc_category(cp);
	if (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME) {
		if (++c->marks > MARKS_MAX)
			return;
	} else {
		c->marks = 0;
	}
	add_point(c->ret, cp);
}

/* How many bytes at s are plain letters and signs, fit as they are. */
static size_t plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= 0x20 && s[n] < 0x7f)
		n++;
	return n;
}

void text_clean(struct buf *ret, const char *text, size_t len, enum text_keep keep)
{
	struct cleaner c = {.ret = ret, .keep = keep, .line = ret->len};
	size_t pos = 0, n;
	int32_t cp;

	/* At least the empty string, never NULL. */
	buf_add(ret, "", 0);
	while (pos < len) {
		n = plain_run(text + pos, len - pos);
		if (n > 0) {
			buf_add(ret, text + pos, n);
			pos += n;
			c.marks = 0;
			continue;
		}
		pos += utf8_read(text + pos, len - pos, &cp);
		if (cp == '\r') {
			if (pos < len && text[pos] == '\n')
				pos++;
			cp = '\n';
		}
		if (cp >= 0 && cp < 0x80) {
			clean_ascii(&c, cp);
			c.marks = 0;
		} else {
			clean_point(&c, cp);
		}
	}
}

char *text_clean_dup(struct arena *a, const char *text, enum text_keep keep)
{
	struct buf buf = {0};
	size_t len;
	char *ret;

	if (text == NULL)
		return NULL;
	len = strlen(text);
	if (plain_run(text, len) == len)
		return arena_strndup(a, text, len);
	text_clean(&buf, text, len, keep);
	ret = arena_strndup(a, buf.data, buf.len);
	buf_finish(&buf);
	return ret;
}

/* A client may not put control characters in a line: they would end a mail header or move a
 * cursor. What the service says is taken as it is, and cleaned before it is shown. */
bool text_plain(const char *s, bool lines)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c != 0x7F)
			continue;
		if (lines && (c == '\n' || c == '\r' || c == '\t'))
			continue;
		return false;
	}
	return true;
}
