#include "check.h"

#include <string.h>

#include "balie/mem.h"
#include "balie/text.h"

#define FFFD "\xef\xbf\xbd"
#define ESC_PICTURE "\xe2\x90\x9b"

static struct arena arena;

static void check_clean(const char *text, size_t len, enum text_keep keep, const char *expected)
{
	struct buf b = {0};

	text_clean(&b, text, len, keep);
	assert_non_null(b.data);
	assert_string_equal(b.data, expected);
	assert_true(text_valid(b.data, b.len));
	buf_finish(&b);
}

#define clean_one(text, expected) check_clean(text, sizeof(text) - 1, TEXT_ONE_LINE, expected)
#define clean_lines(text, expected) check_clean(text, sizeof(text) - 1, TEXT_LINES, expected)

static void valid_is_strict(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		bool valid;
	} rows[] = {
		{"", 0, true},
		{"plain ascii that is longer than eight bytes", 43, true},
		{"12345678\xc3\xa9", 10, true},
		{"\xf0\x9f\x98\x80", 4, true},
		{"\xf4\x8f\xbf\xbf", 4, true},
		{"12345678\x00"
		 "1234567",
		 16, false},
		{"1234567\x00", 8, false},
		{"\xc0\xaf", 2, false}, /* overlong */
		{"\xe0\x80\xaf", 3, false},
		{"\xf0\x80\x80\xaf", 4, false},
		{"\xed\xa0\x80", 3, false},	/* surrogate */
		{"\xf4\x90\x80\x80", 4, false}, /* over U+10FFFF */
		{"\xf5\x80\x80\x80", 4, false},
		{"\x80", 1, false},
		{"\xff", 1, false},
		{"abc\xe2\x82", 5, false},	  /* cut */
		{"12345678\xe9t\xe9", 11, false}, /* Latin-1 */
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_valid(rows[i].text, rows[i].len) != rows[i].valid)
			fail_msg("row %zu", i);
}

static void clean_shows_controls(void **state)
{
	(void)state;
	clean_one("a\033[31mb", "a" ESC_PICTURE "[31mb");
	clean_one("\x07", "\xe2\x90\x87");
	clean_one("a\0b", "a\xe2\x90\x80"
			  "b");
	clean_one("\x7f", "\xe2\x90\xa1");
	clean_one("\xc2\x9b"
		  "2J",
		  FFFD "2J"); /* C1 as UTF-8 */
	clean_one("\x9b"
		  "2J",
		  FFFD "2J"); /* C1 as a byte */
	clean_one("", "");
}

static void clean_mends_bytes(void **state)
{
	(void)state;
	clean_one("caf\xe9", "caf" FFFD);
	clean_one("\xe2\x82", FFFD); /* one for the part of one character */
	clean_one("\xe2\x82"
		  "x",
		  FFFD "x");
	clean_one("\xc0\xaf", FFFD FFFD);
	clean_one("\xed\xa0\x80", FFFD FFFD FFFD);
	clean_one("\xef\xbf\xbe", FFFD); /* U+FFFE, no character */
	clean_one("\xef\xb7\x90", FFFD); /* U+FDD0 */
	clean_one("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

static void clean_drops_what_hides(void **state)
{
	(void)state;
	clean_one("a\xe2\x80\xae"
		  "b\xe2\x80\xac"
		  "c",
		  "abc");				   /* bidi override */
	clean_one("\xe2\x81\xa6x\xe2\x81\xa9", "x");	   /* isolates */
	clean_one("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", ""); /* marks */
	clean_one("\xef\xbb\xbf"
		  "bom",
		  "bom");
	clean_one("a\xe2\x80\xa8\xe2\x80\xa9"
		  "b",
		  "ab");
	clean_one("a\xf3\xa0\x81\xa1"
		  "b",
		  "ab"); /* tag */
	clean_one("a\xef\xbf\xb9"
		  "b",
		  "ab"); /* interlinear */
	clean_one("a\xe2\x80\x8b"
		  "b\xc2\xad"
		  "c",
		  "abc");
	/* ZWJ and variation selectors belong to what is seen. */
	clean_one("\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f");
	clean_one("\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
		  "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9");
}

static void clean_bounds_marks(void **state)
{
	struct buf in = {0}, out = {0};
	(void)state;

	buf_add_char(&in, 'a');
	for (int i = 0; i < 1000; i++)
		buf_add_str(&in, "\xcc\x81");
	buf_add_str(&in, "b\xcc\x81");
	text_clean(&out, in.data, in.len, TEXT_ONE_LINE);
	assert_int_equal(out.len, 1 + 8 * 2 + 1 + 2);
	buf_finish(&in);
	buf_finish(&out);
}

static void clean_treats_lines(void **state)
{
	(void)state;
	clean_one("a\r\nb\rc\nd\te", "a b c d e");
	clean_lines("a\r\nb\rc\n\nd", "a\nb\nc\n\nd");
	clean_lines("\ta", "        a");
	clean_lines("abc\td", "abc     d");
	clean_lines("12345678\td", "12345678        d");
	clean_lines("\xe6\x97\xa5\xe6\x97\xa5\td", "\xe6\x97\xa5\xe6\x97\xa5    d");
	clean_lines("x\nab\t\tc\td", "x\nab              c       d");
}

static void clean_appends(void **state)
{
	struct buf b = {0};
	(void)state;

	buf_add_str(&b, "123");
	text_clean(&b, "\tx", 2, TEXT_LINES);
	assert_string_equal(b.data, "123        x");
	buf_finish(&b);
	assert_null(text_clean_dup(&arena, NULL, TEXT_LINES));
	assert_string_equal(text_clean_dup(&arena, "plain", TEXT_ONE_LINE), "plain");
	assert_string_equal(text_clean_dup(&arena, "", TEXT_ONE_LINE), "");
	assert_string_equal(text_clean_dup(&arena, "a\nb", TEXT_ONE_LINE), "a b");
}

static void widths(void **state)
{
	static const struct {
		const char *text;
		int width;
	} rows[] = {
		{"", 0},
		{"plain", 5},
		{"caf\xc3\xa9", 4},
		{"cafe\xcc\x81", 4},		 /* combining */
		{"\xcc\x81", 0},		 /* nothing to combine with */
		{"\xe6\x97\xa5\xe6\x9c\xac", 4}, /* wide */
		{"\xef\xbc\xa1", 2},		 /* fullwidth A */
		{"\xf0\x9f\x98\x80", 2},
		{"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7", 2},
		{"\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", 2}, /* skin tone */
		{"\xf0\x9f\x87\xa7\xf0\x9f\x87\xaa", 2}, /* flag */
		{"\xf0\x9f\x87\xa7\xf0\x9f\x87\xaa\xf0\x9f\x87\xb3\xf0\x9f\x87\xb1", 4},
		{"a\xff"
		 "b",
		 3},
		{"\xe2\x82", 1},
		{"\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", 2}, /* Hangul by parts */
		{"\xe2\x80\xa6", 1},
		{"\xc2\xa0", 1},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_width(rows[i].text) != rows[i].width)
			fail_msg("row %zu: %d", i, text_width(rows[i].text));
}

static void next_goes_by_graphemes(void **state)
{
	static const char text[] = "a\xcc\x81"					  /* 3 bytes, 1 */
				   "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9" /* 11, 2 */
				   "\r\n"					  /* 2, 0 */
				   "\xc3\xa9\xcc\x82"				  /* 4, 1 */
				   "z";
	static const size_t ends[] = {3, 14, 16, 20, 21};
	static const int widths_of[] = {1, 2, 0, 1, 1};
	size_t pos = 0;
	int width;
	(void)state;

	for (size_t i = 0; i < 5; i++) {
		assert_true(text_next(text, sizeof(text) - 1, &pos, &width));
		assert_int_equal(pos, ends[i]);
		assert_int_equal(width, widths_of[i]);
	}
	assert_false(text_next(text, sizeof(text) - 1, &pos, &width));
	/* The length counts, not what stands behind it. */
	pos = 0;
	assert_true(text_next(text, 1, &pos, &width));
	assert_int_equal(pos, 1);
}

static void fit_never_cuts_a_grapheme(void **state)
{
	int width = -1;
	(void)state;

	assert_int_equal(text_fit("abc", 2, &width), 2);
	assert_int_equal(width, 2);
	assert_int_equal(text_fit("abc", 10, &width), 3);
	assert_int_equal(width, 3);
	assert_int_equal(text_fit("abc", 0, &width), 0);
	assert_int_equal(text_fit("", 5, &width), 0);
	assert_int_equal(text_fit("abe\xcc\x81x", 3, &width), 5);
	assert_int_equal(width, 3);
	assert_int_equal(text_fit("abe\xcc\x81x", 2, &width), 2);
	assert_int_equal(text_fit("a\xe6\x97\xa5", 2, &width), 1);
	assert_int_equal(width, 1);
	assert_int_equal(text_fit("\xe6\x97\xa5", 1, NULL), 0);
}

struct lines {
	struct buf text;
	int most; /* stop after so many; 0 = never */
	int count;
};

static bool take_line(void *user, const char *s, size_t len)
{
	struct lines *lines = user;

	buf_add(&lines->text, s, len);
	buf_add_char(&lines->text, '|');
	return ++lines->count != lines->most;
}

static void check_wrap(const char *text, int width, const char *expected)
{
	struct lines lines = {0};

	text_wrap(text, width, take_line, &lines);
	assert_string_equal(lines.text.data != NULL ? lines.text.data : "", expected);
	buf_finish(&lines.text);
}

static void wrap_breaks_at_spaces(void **state)
{
	struct lines two = {.most = 2};
	(void)state;

	check_wrap("", 10, "");
	check_wrap("one two three", 7, "one two|three|");
	check_wrap("one two three", 8, "one two|three|");
	check_wrap("one two three", 5, "one|two|three|");
	check_wrap("one  two", 5, "one|two|");
	check_wrap("one two", 100, "one two|");
	check_wrap("a\n\nb\n", 10, "a||b|");
	check_wrap("abcdefgh", 3, "abc|def|gh|");
	check_wrap("ab cdefgh", 3, "ab|cde|fgh|");
	check_wrap("> quoted text", 8, "> quoted|text|");
	check_wrap("  indented more", 10, "  indented|more|");
	check_wrap("      abc", 3, "|abc|");
	check_wrap("abc      ", 3, "abc|");
	check_wrap("\xe6\x97\xa5\xe6\x97\xa5", 1, "\xe6\x97\xa5|\xe6\x97\xa5|");
	check_wrap("\xe6\x97\xa5\xe6\x97\xa5", 3, "\xe6\x97\xa5|\xe6\x97\xa5|");
	text_wrap("a b c d", 1, take_line, &two);
	assert_string_equal(two.text.data, "a|b|");
	buf_finish(&two.text);
}

static bool narrow_line(void *user, const char *s, size_t len)
{
	char *copy = arena_strndup(&arena, s, len);

	assert_true(text_width(copy) <= *(int *)user);
	return true;
}

/* Whatever the bytes, no line is wider than asked and every call ends. */
static void wrap_is_never_too_wide(void **state)
{
	static const char *const parts[] = {" ",
					    "a",
					    "bc",
					    "\n",
					    "\xe6\x97\xa5",
					    "e\xcc\x81",
					    "\xff",
					    "  ",
					    "\xf0\x9f\x98\x80",
					    "-",
					    "\xe2\x82"};
	unsigned seed = 7;
	(void)state;

	for (int round = 0; round < 2000; round++) {
		struct buf b = {0};
		int width;

		buf_add(&b, "", 0);
		for (int i = 0; i < 30; i++) {
			seed = seed * 1103515245 + 12345;
			buf_add_str(&b, parts[seed / 65536 % (sizeof(parts) / sizeof(*parts))]);
		}
		width = 2 + round % 9;
		text_wrap(b.data, width, narrow_line, &width);
		assert_true(text_fit(b.data, width, NULL) <= b.len);
		buf_finish(&b);
		arena_reset(&arena);
	}
}

static void folds(void **state)
{
	static const char *const rows[][2] = {
		{"Van den Br\xc3\xb6"
		 "eck-\xc3\x85ngstr\xc3\xb6m",
		 "van den broeck angstrom"},
		{"", ""},
		{"  --  ", ""},
		{" a  b ", "a b"},
		{"d'Hondt", "d hondt"},
		{"e\xcc\x81t\xc3\xa9", "ete"},
		{"\xc5\x93uvre \xc3\x86sop", "oeuvre aesop"},
		{"Stra\xc3\x9f"
		 "e",
		 "strasse"},
		{"\xef\xac\x81 x", "fi x"}, /* ligature */
		{"\xc4\xb2ssel", "ijssel"},
		{"\xc3\x98rsted \xc5\x81\xc3\xb3"
		 "d\xc5\xba",
		 "orsted lodz"},
		{"straat\xc2\xadnaam", "straatnaam"},
		{"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd"},
		{"a\xff"
		 "b",
		 "a b"},
		{"N\xc2\xb0 12\xe2\x82\xac", "n 12"},
	};
	struct buf b = {0};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(text_fold_dup(&arena, rows[i][0]), rows[i][1]);
	assert_null(text_fold_dup(&arena, NULL));
	buf_add_str(&b, "x ");
	text_fold(&b, " A");
	assert_string_equal(b.data, "x a");
	buf_finish(&b);
}

static void capitals(void **state)
{
	static const char *const rows[][2] = {
		{"no network", "No network"},
		{"\xc3\xa9\xc3\xa9n keer", "\xc3\x89\xc3\xa9n keer"},
		{"Already", "Already"},
		{"26-000101-27", "26-000101-27"},
		{"", ""},
		{"\xff x", "\xff x"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b = {0};

		text_capital(&b, rows[i][0]);
		assert_string_equal(b.data, rows[i][1]);
		buf_finish(&b);
	}
}

static void numbers(void **state)
{
	int64_t n = 5;
	(void)state;

	assert_true(text_to_int("0", 0, 10, &n) && n == 0);
	assert_true(text_to_int("-12", -20, 10, &n) && n == -12);
	assert_true(text_to_int("007", 0, 10, &n) && n == 7);
	assert_true(text_to_int("-9223372036854775808", INT64_MIN, INT64_MAX, &n) &&
		    n == INT64_MIN);
	assert_true(text_to_int("9223372036854775807", INT64_MIN, INT64_MAX, &n) && n == INT64_MAX);
	n = 5;
	assert_false(text_to_int("9223372036854775808", INT64_MIN, INT64_MAX, &n));
	assert_false(text_to_int("-9223372036854775809", INT64_MIN, INT64_MAX, &n));
	assert_false(text_to_int("99999999999999999999999", INT64_MIN, INT64_MAX, &n));
	assert_false(text_to_int("11", 0, 10, &n));
	assert_false(text_to_int("", 0, 10, &n));
	assert_false(text_to_int("-", -10, 10, &n));
	assert_false(text_to_int(" 1", 0, 10, &n));
	assert_false(text_to_int("1 ", 0, 10, &n));
	assert_false(text_to_int("+1", 0, 10, &n));
	assert_false(text_to_int("1x", 0, 10, &n));
	assert_false(text_to_int(NULL, 0, 10, &n));
	assert_int_equal(n, 5);
}

static void sameness_and_distance(void **state)
{
	char long_word[400];
	(void)state;

	assert_true(text_same(NULL, ""));
	assert_true(text_same(NULL, NULL));
	assert_true(text_same("a", "a"));
	assert_false(text_same("a", NULL));
	assert_int_equal(text_distance("kitten", "sitting", 5), 3);
	assert_int_equal(text_distance("kitten", "sitting", 2), 3);
	assert_int_equal(text_distance("", "abc", 3), 3);
	assert_int_equal(text_distance("abc", "abc", 0), 0);
	assert_int_equal(text_distance("\xc3\xa9", "e", 3), 1);
	assert_int_equal(text_distance("a", "abcdefgh", 3), 4);
	memset(long_word, 'a', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_int_equal(text_distance(long_word, "a", 3), 4);
	assert_int_equal(text_distance(long_word, long_word, 3), 0);
}

static int finish(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_is_strict),
		cmocka_unit_test(clean_shows_controls),
		cmocka_unit_test(clean_mends_bytes),
		cmocka_unit_test(clean_drops_what_hides),
		cmocka_unit_test(clean_bounds_marks),
		cmocka_unit_test(clean_treats_lines),
		cmocka_unit_test(clean_appends),
		cmocka_unit_test(widths),
		cmocka_unit_test(next_goes_by_graphemes),
		cmocka_unit_test(fit_never_cuts_a_grapheme),
		cmocka_unit_test(wrap_breaks_at_spaces),
		cmocka_unit_test(wrap_is_never_too_wide),
		cmocka_unit_test(folds),
		cmocka_unit_test(capitals),
		cmocka_unit_test(numbers),
		cmocka_unit_test(sameness_and_distance),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
