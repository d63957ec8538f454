/* Days as people type them. */
#include "balie/model.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DAYS_MAX 36500

static const struct {
	const char *name;
	int days;
} named[] = {
	{"today", 0},	   {"vandaag", 0},   {"tomorrow", 1},	{"morgen", 1},
	{"yesterday", -1}, {"gisteren", -1}, {"overmorgen", 2}, {"eergisteren", -2},
};

static int64_t days_from(int64_t now, int days)
{
	/* By way of noon, which every day has once. */
	return clock_day_start(clock_add_days(clock_day_start(now) + CLOCK_DAY_MS / 2, days));
}

/* "7d", "-2w". */
static bool relative(const char *text, int *ret)
{
	char number[8];
	size_t len = strlen(text);
	int64_t n;

	if (len < 2 || len > sizeof(number))
		return false;
	memcpy(number, text, len - 1);
	number[len - 1] = '\0';
	if (!text_to_int(number[0] == '+' ? number + 1 : number, -DAYS_MAX, DAYS_MAX, &n))
		return false;
	if ((text[len - 1] | 32) == 'w')
		n *= 7;
	else if ((text[len - 1] | 32) != 'd')
		return false;
	*ret = (int)n;
	return n >= -DAYS_MAX && n <= DAYS_MAX;
}

/* Fills the three parts of a date; false when it is not one. A missing year is 0. */
static bool parts(const char *text, int *year, int *month, int *day)
{
	int end = 0;

	*year = 0;
	if (strspn(text, "0123456789-/.") != strlen(text) || strlen(text) > 10)
		return false;
	if (sscanf(text, "%4d-%2d-%2d%n", year, month, day, &end) == 3 && !text[end])
		return *year >= 1900;
	*year = 0;
	end = 0;
	if (sscanf(text, "%2d%*1[/.-]%2d%*1[/.-]%4d%n", day, month, year, &end) == 3 && end &&
	    !text[end])
		return *year >= 1900;
	*year = 0;
	end = 0;
	return sscanf(text, "%2d/%2d%n", day, month, &end) == 2 && end && !text[end];
}

static bool calendar(const char *text, int64_t now, int64_t *ret)
{
	struct clock_local at = {0};
	struct clock_local back, today;
	int64_t noon;

	if (!parts(text, &at.year, &at.month, &at.day))
		return false;
	if (at.year == 0) {
		clock_local(now, &today);
		at.year = today.year;
	}
	if (at.month < 1 || at.month > 12 || at.day < 1 || at.day > 31)
		return false;
	at.hour = 12;
	noon = clock_from_local(&at);
	/* 31 February comes back as a day of March. */
	clock_local(noon, &back);
	if (back.month != at.month || back.day != at.day || back.year != at.year)
		return false;
	*ret = clock_day_start(noon);
	return true;
}

static const char *nearest_name(const char *text)
{
	const char *ret = NULL;
	int best = 3;
	size_t i;

	for (i = 0; i < COUNT(named); i++) {
		int d = text_distance(text, named[i].name, 2);

		if (d < best) {
			best = d;
			ret = named[i].name;
		}
	}
	return ret;
}

bool day_parse(const char *text, int64_t now, int64_t *ret, struct err *err)
{
	struct buf b = {0};
	const char *folded, *nearest;
	bool ok = true;
	size_t i;
	int days;

	text_fold(&b, text);
	folded = b.data ? b.data : "";
	for (i = 0; i < COUNT(named); i++) {
		if (strcmp(folded, named[i].name) == 0) {
			*ret = days_from(now, named[i].days);
			goto out;
		}
	}
	if (relative(text, &days)) {
		*ret = days_from(now, days);
		goto out;
	}
	if (calendar(text, now, ret))
		goto out;
	ok = false;
	nearest = nearest_name(folded);
	if (nearest)
		err_set(err, ERR_INPUT, _("\"%.40s\" is not a day; do you mean %s?"), text,
			nearest);
	else
		err_set(err, ERR_INPUT, _("\"%.40s\" is not a day; type 31/01/2026, today or 7d"),
			text);
out:
	buf_finish(&b);
	return ok;
}
