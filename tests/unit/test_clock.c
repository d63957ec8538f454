#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "balie/clock.h"

static int64_t at(const char *text)
{
	int64_t ms;

	if (!clock_from_rfc3339(text, &ms))
		fail_msg("cannot read %s", text);
	return ms;
}

static void check_at(int64_t ms, const char *expected)
{
	char text[CLOCK_TEXT];

	assert_string_equal(clock_to_rfc3339(ms, text), expected);
}

static void environment_freezes(void **state)
{
	(void)state;
	/* Before anybody else asks for the time: it is read once. */
	check_at(clock_now(), "2026-11-24T05:31:56.000Z");
	clock_set(0);
	assert_true(clock_now() > 0);
	clock_set(42);
	assert_int_equal(clock_now(), 42);
	clock_set(0);
	assert_true(clock_now() > 42);
}

static void mono_goes_forward(void **state)
{
	uint64_t a = clock_mono_ns(), b;
	int64_t c = clock_mono();
	(void)state;

	b = clock_mono_ns();
	assert_true(a <= b);
	assert_true(c >= (int64_t)(a / 1000000));
}

static void rfc3339_both_ways(void **state)
{
	static const char *const same[] = {"1970-01-01T00:00:00.001Z", "1969-12-31T23:59:59.999Z",
					   "1900-01-01T00:00:00.000Z", "2000-02-29T12:00:00.000Z",
					   "2026-11-24T05:31:56.123Z", "9999-12-31T23:59:59.999Z",
					   "1900-03-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z"};
	(void)state;

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		check_at(at(same[i]), same[i]);
	check_at(0, "");
	check_at(INT64_MAX, "");
	check_at(INT64_MIN, "");
	assert_int_equal(at("1970-01-01T00:00:00Z"), 0);
	check_at(at("2026-11-24T06:31:56+01:00"), "2026-11-24T05:31:56.000Z");
	check_at(at("2026-11-24T00:31:56-05:30"), "2026-11-24T06:01:56.000Z");
	check_at(at("2026-11-24T05:31:56.9Z"), "2026-11-24T05:31:56.900Z");
	check_at(at("2026-11-24T05:31:56.123456789Z"), "2026-11-24T05:31:56.123Z");
	check_at(at("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z");
	check_at(at("2026-11-24t05:31:56z"), "2026-11-24T05:31:56.000Z");
}

static void rfc3339_refuses(void **state)
{
	static const char *const wrong[] = {"",
					    "2026-11-24",
					    "2026-11-24T05:31:56",
					    "2026-11-24 05:31:56Z",
					    "2026-11-24T05:31:56.Z",
					    "2026-02-29T00:00:00Z",
					    "2026-13-01T00:00:00Z",
					    "2026-00-01T00:00:00Z",
					    "2026-04-31T00:00:00Z",
					    "2026-01-01T24:00:00Z",
					    "2026-01-01T00:60:00Z",
					    "2026-01-01T00:00:61Z",
					    "1899-12-31T23:59:59Z",
					    "1900-01-01T00:00:00+01:00",
					    "9999-12-31T23:59:59-01:00",
					    "2026-1-01T00:00:00Z",
					    "2026-01-01T00:00:00Zx",
					    "2026-01-01T00:00:00+1:00",
					    "2026-01-01T00:00:00+24:00",
					    "2026-01-01T00:00:00+0100",
					    "-026-01-01T00:00:00Z",
					    "2100-02-29T00:00:00Z"};
	int64_t ms = 7;
	(void)state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (clock_from_rfc3339(wrong[i], &ms))
			fail_msg("took %s", wrong[i]);
	assert_false(clock_from_rfc3339(NULL, &ms));
	assert_int_equal(ms, 7);
}

static void check_local(const char *utc, int day, int hour, int minute)
{
	struct clock_local local;

	clock_local(at(utc), &local);
	assert_int_equal(local.day, day);
	assert_int_equal(local.hour, hour);
	assert_int_equal(local.minute, minute);
}

static void summer_time_starts_and_ends(void **state)
{
	(void)state;
	/* 2026: 29 March and 25 October. */
	check_local("2026-03-29T00:59:59.999Z", 29, 1, 59);
	check_local("2026-03-29T01:00:00Z", 29, 3, 0);
	check_local("2026-10-25T00:59:59.999Z", 25, 2, 59);
	check_local("2026-10-25T01:00:00Z", 25, 2, 0);
	check_local("2026-10-25T01:59:00Z", 25, 2, 59);
	/* Years in which the 31st itself is the Sunday, and the 25th. */
	check_local("2019-03-31T00:59:00Z", 31, 1, 59);
	check_local("2019-03-31T01:00:00Z", 31, 3, 0);
	check_local("2021-10-31T00:59:00Z", 31, 2, 59);
	check_local("2021-10-31T01:00:00Z", 31, 2, 0);
	check_local("2018-03-25T01:00:00Z", 25, 3, 0);
	/* New Year is a year earlier in UTC. */
	check_local("2025-12-31T23:00:00Z", 1, 0, 0);
}

static void local_parts(void **state)
{
	struct clock_local local;
	(void)state;

	clock_local(at("2026-11-24T05:31:56Z"), &local);
	assert_int_equal(local.year, 2026);
	assert_int_equal(local.month, 11);
	assert_int_equal(local.second, 56);
	assert_int_equal(local.weekday, 2);
	assert_int_equal(local.yday, 327);
	clock_local(at("2024-12-31T12:00:00Z"), &local);
	assert_int_equal(local.yday, 365);
	clock_local(at("1969-12-31T12:00:00Z"), &local);
	assert_int_equal(local.weekday, 3);
}

static void local_and_back(void **state)
{
	struct clock_local local;
	int64_t ms, back;
	(void)state;

	/* Every half hour of two years: only the repeated hour does not come back to itself. */
	for (ms = at("2025-01-01T00:00:00Z"); ms < at("2027-01-01T00:00:00Z"); ms += 1800000) {
		clock_local(ms, &local);
		back = clock_from_local(&local);
		if (local.month == 10 && local.day >= 25 && local.weekday == 0 && local.hour == 2)
			assert_true(back == ms || back == ms - 3600000);
		else
			assert_int_equal(back, ms);
	}
	/* The hour that is not there. */
	local = (struct clock_local){.year = 2026, .month = 3, .day = 29, .hour = 2, .minute = 30};
	check_at(clock_from_local(&local), "2026-03-29T01:30:00.000Z");
	/* The hour that is there twice: the first. */
	local = (struct clock_local){.year = 2026, .month = 10, .day = 25, .hour = 2, .minute = 30};
	check_at(clock_from_local(&local), "2026-10-25T00:30:00.000Z");
}

static void days_are_local(void **state)
{
	(void)state;
	check_at(clock_day_start(at("2026-11-24T05:31:56Z")), "2026-11-23T23:00:00.000Z");
	check_at(clock_day_start(at("2026-11-23T22:59:59Z")), "2026-11-22T23:00:00.000Z");
	check_at(clock_day_start(at("2026-07-01T22:30:00Z")), "2026-07-01T22:00:00.000Z");
	/* On the days of 23 and 25 hours. */
	check_at(clock_day_start(at("2026-03-29T20:00:00Z")), "2026-03-28T23:00:00.000Z");
	check_at(clock_day_start(at("2026-10-25T20:00:00Z")), "2026-10-24T22:00:00.000Z");
	check_at(clock_add_days(at("2026-03-28T11:00:00.250Z"), 1), "2026-03-29T10:00:00.250Z");
	check_at(clock_add_days(at("2026-10-24T10:00:00Z"), 1), "2026-10-25T11:00:00.000Z");
	check_at(clock_add_days(at("2026-12-31T10:00:00Z"), 1), "2027-01-01T10:00:00.000Z");
	check_at(clock_add_days(at("2026-03-01T10:00:00Z"), -1), "2026-02-28T10:00:00.000Z");
	check_at(clock_add_days(at("2026-01-31T10:00:00Z"), 3650), "2036-01-29T10:00:00.000Z");
	assert_int_equal(clock_add_days(clock_day_start(at("2026-10-25T12:00:00Z")), 1) -
				 clock_day_start(at("2026-10-25T12:00:00Z")),
			 25 * INT64_C(3600000));
}

/* The numbers that a damaged file may hold. */
static void far_times_do_no_harm(void **state)
{
	static const int64_t far[] = {
		INT64_MIN,     INT64_MIN + 1, -INT64_C(70000000000000), INT64_C(300000000000000),
		INT64_MAX - 1, INT64_MAX};
	struct clock_local local;
	char text[64];
	(void)state;

	for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++) {
		clock_local(far[i], &local);
		assert_true(local.month >= 1 && local.month <= 12);
		clock_day_start(far[i]);
		clock_add_days(far[i], INT32_MAX);
		clock_add_days(far[i], INT32_MIN);
		clock_to_short(far[i], 1, text, sizeof(text));
		clock_to_short(1, far[i], text, sizeof(text));
		clock_to_long(far[i], text, sizeof(text));
		check_at(far[i], "");
		for (size_t k = 0; k < sizeof(far) / sizeof(*far); k++)
			clock_to_span(far[i], far[k], text, sizeof(text));
	}
}

static void check_short(const char *ms, const char *expected)
{
	char text[32];

	assert_string_equal(clock_to_short(at(ms), at("2026-11-24T05:31:56Z"), text, sizeof(text)),
			    expected);
}

static void short_and_long(void **state)
{
	char text[32];
	(void)state;

	check_short("2026-11-24T08:41:00Z", "09:41");
	check_short("2026-11-23T23:00:00Z", "00:00");
	check_short("2026-11-23T22:59:00Z", "mo 23/11");
	check_short("2026-11-18T12:00:00Z", "we 18/11");
	check_short("2026-11-17T12:00:00Z", "17/11/2026");
	check_short("2025-11-23T12:00:00Z", "23/11/2025");
	check_short("2026-11-25T12:00:00Z", "we 25/11");
	check_short("2026-12-01T12:00:00Z", "01/12/2026");
	assert_string_equal(clock_to_short(0, 1, text, sizeof(text)), "");
	assert_string_equal(clock_to_stamp(at("2026-01-01T08:41:00Z"), at("2026-11-24T05:31:56Z"),
					   text, sizeof(text)),
			    "01/01 09:41");
	/* By then it was the new year here. */
	assert_string_equal(clock_to_stamp(at("2025-12-31T22:59:00Z"), at("2025-12-31T23:00:00Z"),
					   text, sizeof(text)),
			    "31/12/2025");
	assert_string_equal(clock_to_stamp(0, 1, text, sizeof(text)), "");
	assert_string_equal(clock_to_long(at("2026-11-24T05:31:56Z"), text, sizeof(text)),
			    "tu 24/11/2026 06:31");
	assert_string_equal(clock_to_long(0, text, sizeof(text)), "");
	assert_string_equal(clock_to_long(at("2026-11-24T05:31:56Z"), text, 6), "tu 24");
}

static void check_span(int64_t span, const char *expected)
{
	char text[32];

	assert_string_equal(clock_to_span(INT64_C(1000000000000), INT64_C(1000000000000) + span,
					  text, sizeof(text)),
			    expected);
}

static void spans(void **state)
{
	char text[32];
	(void)state;

	check_span(0, "0 min");
	check_span(-59999, "0 min");
	check_span(12 * 60000, "12 min");
	check_span(INT64_C(999) * CLOCK_DAY_MS, "999 d");
	check_span(INT64_C(1000) * CLOCK_DAY_MS, "2 y");
	check_span(3599999, "59 min");
	check_span(3600000, "1 h");
	check_span(4 * 3600000 + 1, "4 h");
	check_span(CLOCK_DAY_MS - 1, "23 h");
	check_span(3 * CLOCK_DAY_MS, "3 d");
	check_span(-3 * CLOCK_DAY_MS - 1, "-3 d");
	check_span(-60000, "-1 min");
	assert_string_equal(clock_to_span(0, 5, text, sizeof(text)), "");
	assert_string_equal(clock_to_span(5, 0, text, sizeof(text)), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment_freezes),
		cmocka_unit_test(mono_goes_forward),
		cmocka_unit_test(rfc3339_both_ways),
		cmocka_unit_test(rfc3339_refuses),
		cmocka_unit_test(summer_time_starts_and_ends),
		cmocka_unit_test(local_parts),
		cmocka_unit_test(local_and_back),
		cmocka_unit_test(days_are_local),
		cmocka_unit_test(far_times_do_no_harm),
		cmocka_unit_test(short_and_long),
		cmocka_unit_test(spans),
	};

	setenv("BALIE_NOW", "2026-11-24T05:31:56Z", 1);
	/* What the process is told about the time zone must not matter. */
	setenv("TZ", "America/New_York", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
