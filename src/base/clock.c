#include "balie/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "balie/config.h"
#include "balie/i18n.h"

#define HOUR_MS INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)
/* Times that are shown lie between these, in the years 0 and 9999 and somewhat around them: numbers
 * from a damaged or hostile place must not overflow. */
#define EARLIEST INT64_C(-62167000000000)
#define LATEST INT64_C(253500000000000)
#define DAYS_MOST 4000000

/* ---- what time it is ---- */

static pthread_once_t clock_once = PTHREAD_ONCE_INIT;
static _Atomic int64_t clock_frozen; /* 0: runs */

static void clock_read_env(void)
{
	const char *text = env_get("BALIE_NOW");
	int64_t ms;

	if (text != NULL && clock_from_rfc3339(text, &ms))
		atomic_store(&clock_frozen, ms);
}

int64_t clock_now(void)
{
	struct timespec ts;
	int64_t frozen;

	pthread_once(&clock_once, clock_read_env);
	frozen = atomic_load_explicit(&clock_frozen, memory_order_relaxed);
	if (frozen != 0)
		return frozen;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clock_set(int64_t ms)
{
	pthread_once(&clock_once, clock_read_env);
	atomic_store(&clock_frozen, ms);
}

uint64_t clock_mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int64_t clock_mono(void)
{
	return (int64_t)(clock_mono_ns() / 1000000u);
}

/* ---- the calendar ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap
 * day is the last one; month and day may lie outside their year and month. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year + floor_div(month - 3, 12);
	int64_t m = month - 3 - 12 * floor_div(month - 3, 12);
	int64_t era = floor_div(y, 400), yoe = y - era * 400;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + (153 * m + 2) / 5 + day - 1 -
	       719468;
}

static void date_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), m = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(yoe + era * 400 + (m >= 10));
}

/* 0 = Sunday; 1970-01-01 was a Thursday. */
static int weekday_of(int64_t days)
{
	return (int)(days + 4 - 7 * floor_div(days + 4, 7));
}

static int days_in_month(int year, int month)
{
	return (int)(days_from_date(year, month + 1, 1) - days_from_date(year, month, 1));
}

static int64_t tame(int64_t ms)
{
	return ms < EARLIEST ? EARLIEST : ms > LATEST ? LATEST : ms;
}

static void clock_split(int64_t ms, struct clock_local *ret)
{
	int64_t days = floor_div(ms, CLOCK_DAY_MS);
	int second = (int)((ms - days * CLOCK_DAY_MS) / 1000);

	date_from_days(days, &ret->year, &ret->month, &ret->day);
	ret->hour = second / 3600;
	ret->minute = second / 60 % 60;
	ret->second = second % 60;
	ret->weekday = weekday_of(days);
	ret->yday = (int)(days - days_from_date(ret->year, 1, 1));
}

static int64_t clock_join(const struct clock_local *at)
{
	int64_t days = days_from_date(at->year, at->month, at->day);

	return ((days * 24 + at->hour) * 60 + at->minute) * MINUTE_MS + at->second * INT64_C(1000);
}

/* ---- RFC 3339 ---- */

/* n digits of a number that is not negative; what is written is n long whatever the number. */
static void put_digits(char *to, int value, int n)
{
	for (int i = n - 1; i >= 0; i--) {
		to[i] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* Without printf(), which would cost more than all the rest of a ticket's JSON. */
const char *clock_to_rfc3339(int64_t ms, char ret[CLOCK_TEXT])
{
	struct clock_local at;

	ret[0] = '\0';
	if (ms == 0 || ms != tame(ms))
		return ret;
	clock_split(ms, &at);
	if (at.year < 0 || at.year > 9999)
		return ret;
	memcpy(ret, "0000-00-00T00:00:00.000Z", CLOCK_TEXT);
	put_digits(ret, at.year, 4);
	put_digits(ret + 5, at.month, 2);
	put_digits(ret + 8, at.day, 2);
	put_digits(ret + 11, at.hour, 2);
	put_digits(ret + 14, at.minute, 2);
	put_digits(ret + 17, at.second, 2);
	put_digits(ret + 20, (int)(ms - floor_div(ms, 1000) * 1000), 3);
	return ret;
}

/* Reads exactly n digits with a value from min to max and goes past them. */
static bool read_digits(const char **s, int n, int min, int max, int *ret)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if ((*s)[i] < '0' || (*s)[i] > '9')
			return false;
		value = value * 10 + ((*s)[i] - '0');
	}
	*s += n;
	*ret = value;
	return value >= min && value <= max;
}

static bool read_char(const char **s, const char *any)
{
	if (**s == '\0' || strchr(any, **s) == NULL)
		return false;
	(*s)++;
	return true;
}

/* ".123" and the like: milliseconds, what is finer is cut off. */
static bool read_fraction(const char **s, int *ret)
{
	int scale = 100;

	*ret = 0;
	if (**s != '.')
		return true;
	(*s)++;
	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		*ret += (**s - '0') * scale;
		scale /= 10;
	}
	return true;
}

static bool read_offset(const char **s, int *ret)
{
	int sign, hours, minutes;

	*ret = 0;
	if (read_char(s, "Zz"))
		return true;
	sign = **s == '-' ? -1 : 1;
	if (!read_char(s, "+-") || !read_digits(s, 2, 0, 23, &hours) || !read_char(s, ":") ||
	    !read_digits(s, 2, 0, 59, &minutes))
		return false;
	*ret = sign * (hours * 60 + minutes);
	return true;
}

bool clock_from_rfc3339(const char *text, int64_t *ret)
{
	struct clock_local at = {0}, utc;
	int ms, offset;
	const char *s = text;
	int64_t value;

	if (s == NULL || !read_digits(&s, 4, 1900, 9999, &at.year) || !read_char(&s, "-") ||
	    !read_digits(&s, 2, 1, 12, &at.month) || !read_char(&s, "-") ||
	    !read_digits(&s, 2, 1, days_in_month(at.year, at.month), &at.day))
		return false;
	/* Second 60 is a leap second; it becomes the first of the next minute. */
	if (!read_char(&s, "Tt") || !read_digits(&s, 2, 0, 23, &at.hour) || !read_char(&s, ":") ||
	    !read_digits(&s, 2, 0, 59, &at.minute) || !read_char(&s, ":") ||
	    !read_digits(&s, 2, 0, 60, &at.second))
		return false;
	if (!read_fraction(&s, &ms) || !read_offset(&s, &offset) || *s != '\0')
		return false;
	value = clock_join(&at) + ms - offset * MINUTE_MS;
	clock_split(value, &utc);
	if (utc.year < 1900 || utc.year > 9999)
		return false;
	*ret = value;
	return true;
}

/* ---- Brussels ---- */

/* 01:00 UTC on the last Sunday of a month of 31 days. */
static int64_t last_sunday(int year, int month)
{
	int64_t days = days_from_date(year, month, 31);

	return (days - weekday_of(days)) * CLOCK_DAY_MS + HOUR_MS;
}

/* The rule of today for all years: nothing that we show in local time is older than it. */
static int64_t brussels_offset(int64_t ms)
{
	int year, month, day;

	date_from_days(floor_div(ms, CLOCK_DAY_MS), &year, &month, &day);
	return ms >= last_sunday(year, 3) && ms < last_sunday(year, 10) ? 2 * HOUR_MS : HOUR_MS;
}

void clock_local(int64_t ms, struct clock_local *ret)
{
	ms = tame(ms);
	clock_split(ms + brussels_offset(ms), ret);
}

/* The hour that comes twice in October is its first one; the hour that is left out in March is read
 * as winter time, so 02:30 becomes 03:30. */
int64_t clock_from_local(const struct clock_local *at)
{
	int64_t naive = clock_join(at), summer = naive - 2 * HOUR_MS;

	return brussels_offset(summer) == 2 * HOUR_MS ? summer : naive - HOUR_MS;
}

int64_t clock_day_start(int64_t ms)
{
	struct clock_local at;

	clock_local(ms, &at);
	at.hour = at.minute = at.second = 0;
	return clock_from_local(&at);
}

int64_t clock_add_days(int64_t ms, int days)
{
	struct clock_local at;

	ms = tame(ms);
	clock_local(ms, &at);
	at.day += days < -DAYS_MOST ? -DAYS_MOST : days > DAYS_MOST ? DAYS_MOST : days;
	return clock_from_local(&at) + ms - floor_div(ms, 1000) * 1000;
}

/* ---- for people ---- */

static const char *weekday_word(int weekday)
{
	static const char *const words[] = {N_("su"), N_("mo"), N_("tu"), N_("we"),
					    N_("th"), N_("fr"), N_("sa")};

	return _(words[weekday]);
}

const char *clock_to_short(int64_t ms, int64_t now, char *ret, size_t size)
{
	struct clock_local at, today;
	int64_t days;

	if (size == 0)
		return ret;
	ret[0] = '\0';
	if (ms == 0)
		return ret;
	clock_local(ms, &at);
	clock_local(now, &today);
	days = days_from_date(at.year, at.month, at.day) -
	       days_from_date(today.year, today.month, today.day);
	if (days == 0)
		snprintf(ret, size, "%02d:%02d", at.hour, at.minute);
	else if (days >= -6 && days <= 6)
		snprintf(ret, size, "%s %02d/%02d", weekday_word(at.weekday), at.day, at.month);
	else
		snprintf(ret, size, "%02d/%02d/%04d", at.day, at.month, at.year);
	return ret;
}

const char *clock_to_stamp(int64_t ms, int64_t now, char *ret, size_t size)
{
	struct clock_local at, today;

	if (size == 0)
		return ret;
	ret[0] = '\0';
	if (ms == 0)
		return ret;
	clock_local(ms, &at);
	clock_local(now, &today);
	if (at.year == today.year)
		snprintf(ret, size, "%02d/%02d %02d:%02d", at.day, at.month, at.hour, at.minute);
	else
		snprintf(ret, size, "%02d/%02d/%04d", at.day, at.month, at.year);
	return ret;
}

const char *clock_to_long(int64_t ms, char *ret, size_t size)
{
	struct clock_local at;

	if (size == 0)
		return ret;
	ret[0] = '\0';
	if (ms == 0)
		return ret;
	clock_local(ms, &at);
	snprintf(ret, size, "%s %02d/%02d/%04d %02d:%02d", weekday_word(at.weekday), at.day,
		 at.month, at.year, at.hour, at.minute);
	return ret;
}

const char *clock_to_span(int64_t from, int64_t to, char *ret, size_t size)
{
	int64_t span = tame(to) - tame(from);
	char text[64];

	if (size == 0)
		return ret;
	ret[0] = '\0';
	if (from == 0 || to == 0)
		return ret;
	if (span < 0)
		span = -span;
	/* Years only where a number of days would take the place of what stands behind it. */
	if (span >= 1000 * CLOCK_DAY_MS)
		snprintf(text, sizeof(text), _("%d y"), (int)(span / (365 * CLOCK_DAY_MS)));
	else if (span >= CLOCK_DAY_MS)
		snprintf(text, sizeof(text), _("%d d"), (int)(span / CLOCK_DAY_MS));
	else if (span >= HOUR_MS)
		snprintf(text, sizeof(text), _("%d h"), (int)(span / HOUR_MS));
	else
		snprintf(text, sizeof(text), _("%d min"), (int)(span / MINUTE_MS));
	snprintf(ret, size, "%s%s", to < from && span >= MINUTE_MS ? "-" : "", text);
	return ret;
}
