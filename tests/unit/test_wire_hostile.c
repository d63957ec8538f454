/* JSON from strangers: everything that is not exactly JSON is refused, with its place. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A copy of exactly the size, so that a read past the end is seen. */
static bool parses(const char *text, size_t len, struct err *err)
{
	char *copy = malloc(len ? len : 1);
	struct cJSON *json;

	assert_non_null(copy);
	memcpy(copy, text, len);
	json = wire_parse(copy, len, err);
	free(copy);
	wire_free(json);
	return json != NULL;
}

static void assert_refused(const char *text, size_t len)
{
	struct err err = {0};

	if (parses(text, len, &err))
		fail_msg("should refuse: %.200s", text);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_true(err.text[0]);
}

static void assert_taken(const char *text)
{
	struct err err = {0};

	if (!parses(text, strlen(text), &err))
		fail_msg("%s: %.200s", err.text, text);
}

static void good(void **state)
{
	static const char *const rows[] = {
		"{}",
		"[]",
		" \t\r\n{ } \n",
		"null",
		"true",
		"false",
		"0",
		"-0",
		"-1",
		"1.5e-3",
		"1E2",
		"\"\"",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"",
		"\"\\ud83d\\ude00\"",
		"[1,[2,{\"a\":[]}]]",
		"9007199254740991",
		"-9007199254740991",
		"{\"a\":1,\"A\":2,\"b\":{\"a\":1}}",
		"\"\xF0\x9F\x98\x80 \xE2\x82\xAC \x7f\"",
		"{\"\":1}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_taken(rows[i]);
}

/* clang-format off */
static void not_json(void **state)
{
	static const char *const rows[] = {
		"", " ", "{", "}", "[", "]", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]",
		"{a:1}", "{'a':1}", "{1:2}", "{\"a\" 1}", "[1 2]", "nul", "nulll", "True", "NaN",
		"Infinity", "-Infinity", "undefined", "01", "-01", "+1", ".5", "1.", "1.e5", "1e", "1e+",
		"-", "0x10", "1_000", "\"", "\"a", "'a'", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
		"\"a\nb\"", "\"a\tb\"", "// c\n1", "/* c */1", "{}{}", "{} x", "1 2", "[1]]", "\xEF\xBB\xBF{}",
		"\\u0041", "{\"a\":1 \"b\":2}", "{\"a\"::1}", "[1,,2]", "--1", "1-", "\x0b{}", "{}\xc2\xa0",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_refused(rows[i], strlen(rows[i]));
	assert_refused("{}\0", 3);
	assert_refused("\"a\0b\"", 5);
	assert_refused("\0", 1);
}
/* clang-format on */

static void nul_and_halves(void **state)
{
	static const char *const rows[] = {
		"\"\\u0000\"",	"{\"a\\u0000b\":1}", "\"x\\u0000\"",	   "\"\\ud800\"",
		"\"\\ud800x\"", "\"\\ud800\\n\"",    "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"",
		"\"\\udc00\"",	"\"\\ud83d\\ude0\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_refused(rows[i], strlen(rows[i]));
}

static void bad_utf8(void **state)
{
	static const char *const rows[] = {
		"\"\xff\"",	    "\"\xc3\"",
		"\"\xc3(\"",	    "\"\xc0\x80\"",
		"\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
		"\"\xe2\x82\"",	    "\"\x80\"",
		"{\"\xfe\":1}",	    "\"\xf8\x88\x80\x80\x80\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_refused(rows[i], strlen(rows[i]));
}

static void double_names(void **state)
{
	struct buf b = {0};
	int i;

	(void)state;
	assert_refused("{\"a\":1,\"a\":1}", 13);
	assert_refused("{\"a\":1,\"\\u0061\":1}", 18);
	assert_refused("[0,{\"x\":[{\"a\":1,\"b\":2,\"a\":3}]}]", 32);
	assert_refused("{\"\":1,\"\":1}", 11);
	/* Very many names do not make it slow. */
	buf_add_char(&b, '{');
	for (i = 0; i < 100000; i++)
		buf_printf(&b, "\"%d\":0,", i);
	buf_add_str(&b, "\"x\":0}");
	assert_taken(b.data);
	b.len -= 6;
	buf_add_str(&b, "\"7\":0}");
	assert_refused(b.data, b.len);
	buf_finish(&b);
}

static void deep(void **state)
{
	static char text[400001];
	int i, depth;

	(void)state;
	for (depth = 64; depth <= 65; depth++) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		text[2 * depth] = '\0';
		if (depth == 64)
			assert_taken(text);
		else
			assert_refused(text, 2 * (size_t)depth);
	}
	memset(text, '[', 400000);
	assert_refused(text, 400000);
	for (i = 0; i + 5 <= 400000; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	assert_refused(text, 400000);
}

static void numbers(void **state)
{
	static const char *const rows[] = {
		"9007199254740992",
		"9007199254740993",
		"-9007199254740993",
		"18446744073709551616",
		"1e16",
		"1e400",
		"-1e400",
		"123456789012345678901234567890123",
		"9.9e99999999999999",
		"0.00000000000000000000000000000000001",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_refused(rows[i], strlen(rows[i]));
}

static void says_where(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"{\"a\":x}", "byte 5"},
		{"{} x", "byte 3"},
		{"[1,2,\"\xff\"]", "byte 6"},
		{"\"\xe2\x82\xac\xc3(\"", "byte 4"},
		{"[1,", "byte 3"},
		{"{\"b\":1,\"b\":2}", "\"b\""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct err err = {0};

		assert_false(parses(rows[i].text, strlen(rows[i].text), &err));
		if (!strstr(err.text, rows[i].want))
			fail_msg("%s", err.text);
	}
}

/* A good document with bytes changed, cut or doubled: taken or refused, never more than that. */
static void mutated(void **state)
{
	static const char base[] = "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"action\":"
				   "\"state\",\"base_version\":17,"
				   "\"state\":\"closed\",\"reason\":\"\\u00e9\\ud83d\\ude00 "
				   "\xE2\x82\xAC\",\"x\":[1,-2.5e3,null]}";
	static const char alphabet[] = "{}[]\",:\\u0d8e-+.19tfn \xff\x80\xc3";
	const char *given = getenv("BALIE_SEED");
	uint64_t rng = given ? strtoull(given, NULL, 10) : (uint64_t)clock_mono_ns() | 1;
	char text[sizeof(base)];
	struct arena arena = {0};
	int round, i;

	(void)state;
	print_message("BALIE_SEED=%llu\n", (unsigned long long)rng);
	for (round = 0; round < 20000; round++) {
		size_t len = sizeof(base) - 1;
		struct envelope e;
		struct cJSON *json;
		const char *pointer;
		struct err err = {0};

		memcpy(text, base, sizeof(text));
		for (i = 0; i < 3; i++) {
			rng ^= rng << 13;
			rng ^= rng >> 7;
			rng ^= rng << 17;
			text[(rng >> 8) % len] = alphabet[(rng >> 40) % (sizeof(alphabet) - 1)];
		}
		if (rng % 4 == 0)
			len = (rng >> 16) % len;
		json = wire_parse(text, len, &err);
		if (json)
			wire_get_envelope(json, &e, &arena, &pointer, &err);
		else
			assert_int_equal(err.kind, ERR_INPUT);
		wire_free(json);
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),		  cmocka_unit_test(not_json),
		cmocka_unit_test(nul_and_halves), cmocka_unit_test(bad_utf8),
		cmocka_unit_test(double_names),	  cmocka_unit_test(deep),
		cmocka_unit_test(numbers),	  cmocka_unit_test(says_where),
		cmocka_unit_test(mutated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
