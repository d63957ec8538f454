/* Dates of birth as people write them. */
#include "birth.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/model.h"
#include "balie/text.h"
#include "digits.h"

#define FIRST_YEAR 1850
#define GROUPS 3
#define GROUP_TEXT 16

int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

/* Folded; the languages of the country and English. A beginning of three letters is enough, but "mar"
 * could be two of them in none of these. */
static const char *const months[12][4] = {
	{"januari", "janvier", "january", "januar"},
	{"februari", "fevrier", "february", "februar"},
	{"maart", "mars", "march", "marz"},
	{"april", "avril", "april", "april"},
	{"mei", "mai", "may", "mai"},
	{"juni", "juin", "june", "juni"},
	{"juli", "juillet", "july", "juli"},
	{"augustus", "aout", "august", "august"},
	{"september", "septembre", "september", "september"},
	{"oktober", "octobre", "october", "oktober"},
	{"november", "novembre", "november", "november"},
	{"december", "decembre", "december", "dezember"},
};

int month_find(const char *word)
{
	size_t len = strlen(word);
	int i, j;

	if (strcmp(word, "mrt") == 0)
		return 3;
	/* "jui" begins two months in French, and "ma" many. */
	for (i = 0; len >= 3 && strcmp(word, "jui") != 0 && i < 12; i++)
		for (j = 0; j < 4; j++)
			if (strncmp(months[i][j], word, len) == 0)
				return i + 1;
	return 0;
}

/* One run of digits or letters of a date. */
struct group {
	char text[GROUP_TEXT];
	size_t len;
	bool letters;
};

/* Cuts text into at most three groups; 0 when it holds anything else than a date may. */
static size_t cut(const char *text, struct group groups[GROUPS])
{
	size_t count = 0, len = 0;
	bool open = false;
	int digit = 0;

	for (;; text += len) {
		enum glyph g = glyph_read(text, &len, &digit);
		bool letters = g == GLYPH_LETTER;
		struct group *now = &groups[count > 0 ? count - 1 : 0];

		if (g == GLYPH_END)
			return count;
		if (g != GLYPH_DIGIT && g != GLYPH_LETTER) {
			if (g == GLYPH_OTHER && *text != ',')
				return 0;
			open = false;
			continue;
		}
		if (!open || now->letters != letters) {
			if (count == GROUPS)
				return 0;
			now = &groups[count++];
			*now = (struct group){.letters = letters};
			open = true;
		}
		if (now->len + len >= GROUP_TEXT)
			return 0;
		if (letters)
			memcpy(now->text + now->len, text, len);
		else
			now->text[now->len] = (char)('0' + digit);
		now->len += letters ? len : 1;
	}
}

static int month_of(const struct group *g)
{
	struct buf b = {0};
	int month;

	if (!g->letters)
		return g->len <= 2 ? (int)digits_value(g->text, g->len) : -1;
	text_fold(&b, g->text);
	month = month_find(b.data);
	buf_finish(&b);
	return month > 0 ? month : -1;
}

/* Day 0, and then maybe month 0, is unknown. */
static enum check check_date(int year, int month, int day, int64_t now, char ret[11])
{
	struct clock_local today;

	clock_local(now, &today);
	if (year < FIRST_YEAR || month > 12 ||
	    (day > 0 && (month < 1 || day > days_in(year, month))))
		return CHECK_DATE;
	if (year > today.year || (year == today.year && month > today.month) ||
	    (year == today.year && month == today.month && day > today.day))
		return CHECK_DATE;
	if (month == 0)
		snprintf(ret, 11, "%04u", (unsigned)year % 10000);
	else if (day == 0)
		snprintf(ret, 11, "%04u-%02u", (unsigned)year % 10000, (unsigned)month % 100);
	else
		snprintf(ret, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
			 (unsigned)day % 100);
	return CHECK_OK;
}

/* Two digits are of the last hundred years. */
static int whole_year(const struct group *g, int month, int day, int64_t now)
{
	int year = (int)digits_value(g->text, g->len);
	struct clock_local today;

	if (g->len != 2)
		return year;
	clock_local(now, &today);
	year += 2000;
	if (year > today.year ||
	    (year == today.year &&
	     (month > today.month || (month == today.month && day > today.day))))
		year -= 100;
	return year;
}

static enum check run_of_digits(const struct group *g, int64_t now, char ret[11])
{
	const char *d = g->text;
	struct group year = {0};
	int month, day;

	if (g->len == 4)
		return check_date((int)digits_value(d, 4), 0, 0, now, ret);
	if (g->len != 6 && g->len != 8)
		return CHECK_FORM;
	day = (int)digits_value(d, 2);
	month = (int)digits_value(d + 2, 2);
	year.len = g->len - 4;
	memcpy(year.text, d + 4, year.len);
	if (day == 0 || month == 0)
		return CHECK_DATE;
	if (check_date(whole_year(&year, month, day, now), month, day, now, ret) == CHECK_OK)
		return CHECK_OK;
	/* The other way round, as computers write it. */
	if (g->len == 8 && digits_value(d + 4, 2) > 0 && digits_value(d + 6, 2) > 0)
		return check_date((int)digits_value(d, 4), (int)digits_value(d + 4, 2),
				  (int)digits_value(d + 6, 2), now, ret);
	return CHECK_DATE;
}

static enum check three_groups(const struct group g[GROUPS], int64_t now, char ret[11])
{
	int month = month_of(&g[1]), day;
	bool year_first = g[0].len == 4 && !g[0].letters;
	const struct group *y = &g[year_first ? 0 : 2], *d = &g[year_first ? 2 : 0];

	if (month < 0 || y->letters || d->letters || (y->len != 4 && y->len != 2) || d->len > 2)
		return CHECK_FORM;
	day = (int)digits_value(d->text, d->len);
	if (month == 0 || day == 0)
		return CHECK_DATE;
	return check_date(whole_year(y, month, day, now), month, day, now, ret);
}

enum check birth_parse(const char *text, int64_t now, char ret[11])
{
	struct group g[GROUPS] = {{{0}, 0, false}};
	size_t count = cut(text, g);
	bool year_first;
	int month;

	if (count == 1)
		return g[0].letters ? CHECK_FORM : run_of_digits(&g[0], now, ret);
	if (count == 3)
		return three_groups(g, now, ret);
	if (count != 2)
		return CHECK_FORM;
	year_first = !g[0].letters && g[0].len == 4;
	month = month_of(&g[year_first ? 1 : 0]);
	if (month < 0 || g[year_first ? 0 : 1].letters || g[year_first ? 0 : 1].len != 4)
		return CHECK_FORM;
	if (month == 0)
		return CHECK_DATE;
	return check_date((int)digits_value(g[year_first ? 0 : 1].text, 4), month, 0, now, ret);
}

const char *birth_show(const char *date, char ret[11])
{
	unsigned year = 0, month = 0, day = 0;
	int parts = date ? sscanf(date, "%4u-%2u-%2u", &year, &month, &day) : 0;

	ret[0] = '\0';
	if (parts == 3)
		snprintf(ret, 11, "%02u/%02u/%04u", day % 100, month % 100, year % 10000);
	else if (parts == 2)
		snprintf(ret, 11, "%02u/%04u", month % 100, year % 10000);
	else if (parts == 1)
		snprintf(ret, 11, "%04u", year % 10000);
	return ret;
}
