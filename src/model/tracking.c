/* Tracking numbers: year, six digits, and two check digits modulo 97 (0 becomes 97), the way that
 * Belgians know from bank references. One wrong digit or a swap of neighbours always shows. */
#include "balie/model.h"
#include <stdio.h>
#include <string.h>
#include "digits.h"

#define DIGITS 10
#define GAP_BYTES 16

static int check_of(const char *digits)
{
	int rest = (int)(digits_value(digits, 8) % 97);

	return rest ? rest : 97;
}

static void write_number(const char digits[DIGITS + 1], char ret[TRACKING_TEXT])
{
	snprintf(ret, TRACKING_TEXT, "%.2s-%.6s-%.2s", digits, digits + 2, digits + 8);
}

const char *tracking_make(int year, int64_t serial, char ret[TRACKING_TEXT])
{
	int64_t body = (int64_t)((year % 100 + 100) % 100) * 1000000;
	int64_t rest;
	char digits[DIGITS + 1];
	int i;

	body += (serial % 1000000 + 1000000) % 1000000;
	rest = body % 97;
	body = body * 100 + (rest ? rest : 97);
	for (i = DIGITS - 1; i >= 0; i--, body /= 10)
		digits[i] = (char)('0' + body % 10);
	digits[DIGITS] = '\0';
	write_number(digits, ret);
	return ret;
}

static enum check check_digits(const char digits[DIGITS + 1])
{
	return digits_value(digits + 8, 2) == check_of(digits) ? CHECK_OK : CHECK_DIGITS;
}

enum check tracking_parse(const char *text, char ret[TRACKING_TEXT])
{
	char digits[DIGITS + 1];
	size_t len = 0;
	int digit = 0;

	while (glyph_read(text, &len, &digit) == GLYPH_SPACE)
		text += len;
	if (glyph_read(text, &len, &digit) == GLYPH_HASH)
		text += len;
	if (!digits_only(text, DIGITS, digits))
		return CHECK_FORM;
	if (check_digits(digits) != CHECK_OK)
		return CHECK_DIGITS;
	write_number(digits, ret);
	return CHECK_OK;
}

/* ---- finding them in running text ---- */

/* What joins two groups of digits. */
enum gap {
	GAP_NONE, /* nothing joins them: another character, or too much space */
	GAP_SPACE,
	GAP_LINE,  /* a line end, maybe with the marks of a quoted line after it */
	GAP_TIGHT, /* dot or slash, without space */
	GAP_DASH,  /* dash without space */
	GAP_LOOSE_DASH,
};
/* A run of digits without anything between. */
struct group {
	const char *start, *end;
	char digits[DIGITS];
	size_t count;	 /* DIGITS + 1: that many or more */
	enum gap before; /* joins it to the group before it */
	bool hash;	 /* '#' stands directly before it */
	bool plus;	 /* '+' stands directly before it */
	bool letter;	 /* a letter stands directly before or after it */
};

struct gap_scan {
	unsigned spaces, lines, dashes, points, others;
	enum glyph last;
};

/* One more character of what stands between two groups. */
static void gap_step(struct gap_scan *g, enum glyph c)
{
	g->last = c;
	if (c == GLYPH_SPACE)
		g->spaces++;
	else if (c == GLYPH_NEWLINE)
		g->lines++;
	else if (c == GLYPH_DASH)
		g->dashes++;
	else if (c == GLYPH_DOT || c == GLYPH_SLASH)
		g->points++;
	else if (c != GLYPH_QUOTE || g->lines == 0)
		g->others++;
}

static enum gap gap_end(const struct gap_scan *g)
{
	bool loose = g->spaces || g->lines;

	if (g->others || g->dashes + g->points > 1)
		return GAP_NONE;
	if (g->dashes)
		return loose ? GAP_LOOSE_DASH : GAP_DASH;
	/* A full stop and a space end a sentence. */
	if (g->points)
		return loose ? GAP_NONE : GAP_TIGHT;
	return g->lines ? GAP_LINE : GAP_SPACE;
}

/* The next group from s on; false at the end. */
static bool group_next(const char *s, struct group *ret)
{
	struct gap_scan gap = {.last = GLYPH_END};
	const char *start = s;
	size_t len = 0;
	int digit = 0;
	enum glyph g = glyph_read(s, &len, &digit);

	while (g != GLYPH_DIGIT) {
		if (g == GLYPH_END)
			return false;
		gap_step(&gap, g);
		s += len;
		g = glyph_read(s, &len, &digit);
	}
	*ret = (struct group){.start = s, .before = gap_end(&gap), .hash = gap.last == GLYPH_HASH};
	if (s - start > GAP_BYTES)
		ret->before = GAP_NONE;
	ret->letter = gap.last == GLYPH_LETTER;
	ret->plus = gap.last == GLYPH_PLUS;
	for (; g == GLYPH_DIGIT; g = glyph_read(s, &len, &digit)) {
		if (ret->count < DIGITS)
			ret->digits[ret->count] = (char)('0' + digit);
		if (ret->count <= DIGITS)
			ret->count++;
		s += len;
	}
	ret->end = s;
	if (g == GLYPH_LETTER)
		ret->letter = true;
	return true;
}

struct window {
	char digits[DIGITS + 1];
	size_t groups;
	const char *end;
	bool hash, plus, letter, spaced, dashed;
};

/* Joins groups from first on until there are ten digits. False when it does not come out at ten, or
 * when the groups are not cut after the year and before the check digits: a mobile phone number
 * and an enterprise number have ten digits too, but are cut elsewhere. */
static bool window_fill(const struct group *first, struct window *w)
{
	struct group g = *first;
	size_t n = 0;
	size_t cuts = 0;
	size_t dashes = 0;
	bool at2 = false;
	bool at8 = false;

	*w = (struct window){.hash = g.hash};
	for (;;) {
		if (n + g.count > DIGITS)
			return false;
		memcpy(w->digits + n, g.digits, g.count);
		n += g.count;
		w->groups++;
		w->plus = w->plus || g.plus;
		w->letter = w->letter || g.letter;
		w->end = g.end;
		if (n == DIGITS)
			break;
		if (!group_next(g.end, &g) || g.before == GAP_NONE)
			return false;
		w->spaced = w->spaced || g.before == GAP_SPACE;
		if ((n == 2 || n == 8) && (g.before == GAP_DASH || g.before == GAP_LOOSE_DASH))
			dashes++;
		at2 = at2 || n == 2;
		at8 = at8 || n == 8;
		/* A line may break anywhere. */
		if (g.before != GAP_LINE || n == 2 || n == 8)
			cuts++;
	}
	w->dashed = dashes == 2 && cuts == 2;
	if (cuts == 0)
		return w->groups == 1 || w->hash;
	return at2 && at8;
}

/* Is the window only a part of a longer number? */
static bool is_part(const struct window *w, enum gap before, enum gap after)
{
	if (before == GAP_TIGHT || before == GAP_DASH || after == GAP_TIGHT || after == GAP_DASH)
		return true;
	/* With spaces between, groups next to it could belong to it. */
	return w->spaced && !w->dashed && (before == GAP_SPACE || after == GAP_SPACE);
}

/* "26-004217-69, 5 keer" and a full stop: what joins must join to a digit. */
static enum gap gap_after(const char *end)
{
	struct group g;

	return group_next(end, &g) ? g.before : GAP_NONE;
}

void tracking_scan(const char *text, void (*found)(void *user, const char *number, enum check),
		   void *user)
{
	struct group g;
	struct window w;
	char number[TRACKING_TEXT];
	enum check check;
	const char *s = text;

	while (group_next(s, &g)) {
		enum gap before = s == text ? GAP_NONE : g.before;

		s = g.end;
		if (!window_fill(&g, &w) || w.plus || (w.letter && !w.dashed) ||
		    is_part(&w, before, gap_after(w.end)))
			continue;
		check = check_digits(w.digits);
		/* Other numbers of ten digits are common: only what is surely meant as a tracking
		 * number is worth a word about a typing mistake, and what begins with 0 is a phone
		 * number. */
		if (!w.dashed && !w.hash && (check != CHECK_OK || w.digits[0] == '0'))
			continue;
		write_number(w.digits, number);
		found(user, number, check);
		s = w.end;
	}
}
