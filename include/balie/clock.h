/* One clock. All times are UTC milliseconds since 1970 (int64_t) in storage and on the wire's
 * inside, RFC 3339 "2026-11-24T05:31:56.123Z" in JSON, Europe/Brussels on screen and in day buckets.
 *
 * 0 means "no time". A test sets the clock with clock_set() or with BALIE_NOW (RFC 3339) in the
 * environment of a program. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT 25 /* room for an RFC 3339 time with milliseconds and its NUL */
#define CLOCK_DAY_MS INT64_C(86400000)

int64_t clock_now(void);    /* wall clock, or what a test set */
void clock_set(int64_t ms); /* freezes clock_now(); 0 lets it run again */
int64_t clock_mono(void);   /* milliseconds of a clock that never jumps; never frozen */
uint64_t clock_mono_ns(void);

/* Writes "2026-11-24T05:31:56.123Z" ("" for 0) and returns ret. */
const char *clock_to_rfc3339(int64_t ms, char ret[CLOCK_TEXT]);
/* Reads RFC 3339 with "Z" or an offset, with or without fraction. Years 1900 to 9999. */
bool clock_from_rfc3339(const char *text, int64_t *ret);

/* A moment in Brussels, without touching the TZ of the process (EU rule: last Sunday of March and
 * of October at 01:00 UTC, Directive 2000/84/EC). */
struct clock_local {
	int year, month, day, hour, minute, second; /* month and day from 1 */
	int weekday;				    /* 0 = Sunday */
	int yday;				    /* 0 = 1 January */
};
void clock_local(int64_t ms, struct clock_local *ret);
int64_t clock_from_local(const struct clock_local *at); /* uses year to second only */
int64_t clock_day_start(int64_t ms);	      /* 00:00 in Brussels of the day that ms is in */
int64_t clock_add_days(int64_t ms, int days); /* same local time of day, days later */

/* What an agent reads: "09:41" today, "ma 23/11" in the last six days, "23/11/2025" before.
 * Uses the words of the current translation. Writes "" for 0. */
const char *clock_to_short(int64_t ms, int64_t now, char *ret, size_t size);
/* In eleven cells: "24/11 06:31", and of another year "24/11/2025". "" for 0. */
const char *clock_to_stamp(int64_t ms, int64_t now, char *ret, size_t size);
/* "di 24/11/2026 06:31". */
const char *clock_to_long(int64_t ms, char *ret, size_t size);
/* "3 d", "4 u", "12 min", and "2 j" from a thousand days on: how long from a to b, coarse; negative gives
 * "-3 d". */
const char *clock_to_span(int64_t from, int64_t to, char *ret, size_t size);
