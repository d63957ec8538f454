#include "balie/text.h"

#include <string.h>
#include <utf8proc.h>

#include "balie/mem.h"
#include "utf8.h"

#define DISTANCE_MAX 128 /* code points; longer words are no slips of the finger */

bool text_valid(const char *text, size_t len)
{
	size_t pos = 0;
	uint64_t word;
	int32_t cp;

	while (pos < len) {
		/* Eight bytes of plain ASCII without a NUL at a time. */
		while (len - pos >= sizeof(word)) {
			memcpy(&word, text + pos, sizeof(word));
			if ((word & UINT64_C(0x8080808080808080)) != 0 ||
			    ((word - UINT64_C(0x0101010101010101)) &
			     UINT64_C(0x8080808080808080)) != 0)
				break;
			pos += sizeof(word);
		}
		if (pos == len)
			break;
		pos += utf8_read(text + pos, len - pos, &cp);
		if (cp <= 0)
			return false;
	}
	return true;
}

/* ---- width ---- */

/* True when the byte at s is a grapheme of its own one cell wide, seen from it and the byte behind
 * it: 0xcc starts U+0300, the first character that can join the one before it. */
static inline bool is_plain(const char *s)
{
	unsigned char c = (unsigned char)s[0];

	return c >= 0x20 && c < 0x7f && (unsigned char)s[1] < 0xcc;
}

static bool is_regional(int32_t cp)
{
	return cp >= 0x1f1e6 && cp <= 0x1f1ff;
}

static int width_of(int32_t cp)
{
	if (cp < 0)
		return 1; /* shown as U+FFFD */
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		return 0;
	if (cp < 0x300)
		return cp == 0xad ? 0 : 1;
	/* Characters younger than our tables; a width of none would hide them. */
	if (utf8proc_category(cp) == UTF8PROC_CATEGORY_CN)
		return (cp >= 0x1f000 && cp < 0x1fb00) || (cp >= 0x20000 && cp < 0x3fffe) ? 2 : 1;
	return utf8proc_charwidth(cp);
}

/* The general case of text_next(). */
static void next_slow(const char *text, size_t len, size_t *pos, int *width)
{
	size_t at = *pos, n;
	int32_t cp, next, state = 0;
	int most;

	at += utf8_read(text + at, len - at, &cp);
	most = width_of(cp);
	while (at < len && cp >= 0) {
		n = utf8_read(text + at, len - at, &next);
		if (next < 0 || (cp >= 0x20 && cp < 0x300 && next < 0x300) ||
		    utf8proc_grapheme_break_stateful(cp, next, &state))
			break;
		if (width_of(next) > most || is_regional(next))
			most = is_regional(next) ? 2 : width_of(next);
		at += n;
		cp = next;
	}
	*pos = at;
	*width = most;
}

bool text_next(const char *text, size_t len, size_t *pos, int *width)
{
	unsigned char c;

	if (*pos >= len)
		return false;
	c = (unsigned char)text[*pos];
	if (c >= 0x20 && c < 0x7f && (*pos + 1 == len || (unsigned char)text[*pos + 1] < 0xcc)) {
		(*pos)++;
		*width = 1;
	} else {
		next_slow(text, len, pos, width);
	}
	return true;
}

int text_width(const char *text)
{
	size_t pos = 0, len;
	int total = 0, width;

	while (is_plain(text + pos)) {
		pos++;
		total++;
	}
	if (text[pos] == '\0')
		return total;
	len = pos + strlen(text + pos);
	while (text_next(text, len, &pos, &width))
		total += width;
	return total;
}

size_t text_fit(const char *text, int width, int *ret_width)
{
	size_t pos = 0, len, next;
	int total = 0, cells;

	while (total < width && is_plain(text + pos)) {
		pos++;
		total++;
	}
	/* Most texts end here: the rest, and its length, is only looked at when it matters. */
	if (text[pos] != '\0' && !(total >= width && is_plain(text + pos))) {
		len = pos + strlen(text + pos);
		for (next = pos; text_next(text, len, &next, &cells); pos = next) {
			if (total + cells > width)
				break;
			total += cells;
		}
	}
	if (ret_width != NULL)
		*ret_width = total;
	return pos;
}

/* ---- lines ---- */

struct wrap {
	int width;
	bool (*line)(void *user, const char *s, size_t len);
	void *user;
};

/* Spaces at the end hang over the edge and are not shown. */
static bool wrap_give(const struct wrap *w, const char *s, size_t len)
{
	while (len > 0 && s[len - 1] == ' ')
		len--;
	return w->line(w->user, s, len);
}

static bool wrap_paragraph(const struct wrap *w, const char *s, size_t len)
{
	size_t start = 0, pos = 0, at, gap = 0, word = 0; /* gap to word: the last spaces */
	bool can_break = false, seen_word = false;
	int column = 0, cells;

	for (;;) {
		at = pos;
		if (!text_next(s, len, &pos, &cells))
			break;
		if (s[at] == ' ' && pos == at + 1) {
			/* Spaces before the first word are its indent and no place to break. */
			if (seen_word) {
				if (!can_break || word != at)
					gap = at;
				word = pos;
				can_break = true;
			}
			column++;
			continue;
		}
		if (column + cells > w->width && at > start) {
			if (!wrap_give(w, s + start, (can_break ? gap : at) - start))
				return false;
			start = pos = can_break ? word : at;
			can_break = seen_word = false;
			column = 0;
			continue;
		}
		seen_word = true;
		column += cells;
	}
	return wrap_give(w, s + start, len - start);
}

void text_wrap(const char *text, int width, bool (*line)(void *user, const char *s, size_t len),
	       void *user)
{
	const struct wrap wrap = {.width = width < 1 ? 1 : width, .line = line, .user = user};
	size_t len;

	while (*text != '\0') {
		len = strcspn(text, "\n");
		if (!wrap_paragraph(&wrap, text, len))
			break;
		text += len;
		if (*text == '\n')
			text++;
	}
}

/* ---- comparing ---- */

bool text_to_int(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	bool negative;
	int64_t value = 0;

	if (text == NULL)
		return false;
	negative = *text == '-';
	if (negative)
		text++;
	if (*text == '\0')
		return false;
	/* Counted below zero, where there is one number more. */
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, *text - '0', &value))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, value, &value))
		return false;
	if (value < min || value > max)
		return false;
	*ret = value;
	return true;
}

bool text_same(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static int read_points(const char *s, int32_t ret[DISTANCE_MAX])
{
	size_t len = strlen(s), pos = 0;
	int count = 0;

	while (pos < len && count < DISTANCE_MAX)
		pos += utf8_read(s + pos, len - pos, &ret[count++]);
	return pos < len ? -1 : count;
}

int text_distance(const char *a, const char *b, int cap)
{
	int32_t x[DISTANCE_MAX], y[DISTANCE_MAX];
	int row[DISTANCE_MAX + 1];
	int n = read_points(a, x), m = read_points(b, y);

	if (n < 0 || m < 0)
		return strcmp(a, b) == 0 ? 0 : cap + 1;
	if (n - m > cap || m - n > cap)
		return cap + 1;
	for (int k = 0; k <= m; k++)
		row[k] = k;
	for (int i = 1; i <= n; i++) {
		int corner = row[0], least;

		row[0] = least = i;
		for (int k = 1; k <= m; k++) {
			int best = corner + (x[i - 1] != y[k - 1]);

			corner = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
			if (best < least)
				least = best;
		}
		if (least > cap)
			return cap + 1;
	}
	return row[m] > cap ? cap + 1 : row[m];
}
