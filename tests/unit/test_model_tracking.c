/* Tracking numbers: made, read back in any spelling, and found in running text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "balie/model.h"

#define ROUNDS 2000

static uint64_t seed, rng;

static uint64_t random_next(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

static int setup(void **state)
{
	const char *given = getenv("BALIE_SEED");

	(void)state;
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761u + 1;
	rng = seed | 1;
	print_message("BALIE_SEED=%llu\n", (unsigned long long)seed);
	return 0;
}

static void known(void **state)
{
	char ret[TRACKING_TEXT];

	(void)state;
	/* 26004217 = 97 * 268084 + 69 */
	assert_string_equal(tracking_make(26, 4217, ret), "26-004217-69");
	/* 0 becomes 97. */
	assert_string_equal(tracking_make(0, 97, ret), "00-000097-97");
	assert_string_equal(tracking_make(2026, 4217, ret), "26-004217-69");
	assert_int_equal(strlen(tracking_make(99, 999999, ret)), 12);
}

static void every_typing_mistake_shows(void **state)
{
	char good[TRACKING_TEXT], bad[TRACKING_TEXT], ret[TRACKING_TEXT];
	int round, i, j;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		tracking_make((int)(random_next() % 100), (int64_t)(random_next() % 1000000), good);
		assert_int_equal(tracking_parse(good, ret), CHECK_OK);
		assert_string_equal(ret, good);
		for (i = 0; i < 12; i++) {
			if (good[i] == '-')
				continue;
			for (j = '0'; j <= '9'; j++) {
				memcpy(bad, good, sizeof(bad));
				bad[i] = (char)j;
				assert_int_equal(tracking_parse(bad, ret),
						 j == good[i] ? CHECK_OK : CHECK_DIGITS);
			}
			/* The next digit, over the dash. */
			j = i + 1 + (good[i + 1] == '-');
			if (i == 11 || good[i] == good[j])
				continue;
			memcpy(bad, good, sizeof(bad));
			bad[i] = good[j];
			bad[j] = good[i];
			assert_int_equal(tracking_parse(bad, ret), CHECK_DIGITS);
		}
	}
}

static void spellings(void **state)
{
	static const char *const good[] = {
		"2600421769",
		"26-004217-69",
		"26 004217 69",
		"26.004217.69",
		"26/004217/69",
		" 26 - 004217 - 69 ",
		"26 00 42 17 69",
		"#26-004217-69",
		"# 2600421769",
		"２６－００４２１７－６９",
		"２６００４２１７６９",
		"26\xc2\xa0"
		"004217\xc2\xa0"
		"69",
		"26\xe2\x80\x91"
		"004217\xe2\x80\x93"
		"69",
		"26-\r\n004217-69",
		"26-004217-69.",
	};
	static const char *const form[] = {
		"",
		"26-004217-6",
		"26-004217-690",
		"a26-004217-69",
		"26-004217-69b",
		"zesentwintig",
		"26+004217+69",
		"26-004217-69 x",
		"##2600421769",
		"\xff",
		"26\xe2",
		"-",
	};
	char ret[TRACKING_TEXT] = "as before";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		assert_int_equal(tracking_parse(form[i], ret), CHECK_FORM);
		assert_string_equal(ret, "as before");
	}
	assert_int_equal(tracking_parse("26-004217-70", ret), CHECK_DIGITS);
	assert_int_equal(tracking_parse("26-004217-00", ret), CHECK_DIGITS);
	assert_string_equal(ret, "as before");
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(ret, 0, sizeof(ret));
		assert_int_equal(tracking_parse(good[i], ret), CHECK_OK);
		assert_string_equal(ret, "26-004217-69");
	}
}

struct list {
	char text[400];
	size_t count;
};

static void collect(void *user, const char *number, enum check check)
{
	struct list *l = user;
	size_t len = strlen(l->text);

	l->count++;
	if (len + 16 < sizeof(l->text))
		snprintf(l->text + len, sizeof(l->text) - len, "%s%s%s", len ? " " : "", number,
			 check == CHECK_OK ? "" : "!");
}

static void assert_finds(const char *text, const char *want)
{
	struct list l = {0};

	tracking_scan(text, collect, &l);
	if (strcmp(l.text, want) != 0)
		print_message("in: %s\n", text);
	assert_string_equal(l.text, want);
}

static void scan_finds(void **state)
{
	static const char *const one[] = {
		"26-004217-69",
		"Re: [#26-004217-69] Losse tegel",
		"Antw: RE: Betr: 26-004217-69",
		"uw melding 2600421769.",
		"melding 26 004217 69 graag",
		"26.004217.69",
		"nr. 26 00 42 17 69, dank u",
		"(26-004217-69)",
		"dossier ２６－００４２１７－６９です",
		"melding: 26-\n004217-69",
		"> nummer 26-004217-\r\n> 69 van",
		"26-0042\n17-69",
		"26 -004217- 69",
		"in 2026 26-004217-69 gekregen",
		"26-004217-69, 5 keer gebeld",
		"26-004217-69. 5 keer gebeld",
		"26-004217-69 - 5 stuks",
		"2026 - 26-004217-69",
		"- 26-004217-69\n- iets",
		"1. 26-004217-69",
		"Ticket#26-004217-69",
		"#2600421769",
		"#26004\n21769",
		"26\xe2\x80\x91"
		"004217\xe2\x80\x91"
		"69",
		"_26-004217-69_",
		"ref26-004217-69",
		"https://x.be/t/?n=26-004217-69&x=1",
		"<b>26-004217-69</b>",
		"26\xc2\xa0"
		"004217\xc2\xa0"
		"69",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		assert_finds(one[i], "26-004217-69");
	assert_finds("26-004217-69 en 26-004218-70", "26-004217-69 26-004218-70");
	assert_finds("26-004217-69\n26-004218-70\n", "26-004217-69 26-004218-70");
	/* A mistake is told where the form leaves no doubt. */
	assert_finds("over 26-004217-68 dus", "26-004217-68!");
	assert_finds("[#2600421768]", "26-004217-68!");
	assert_finds("26-004217-68 26-004217-69", "26-004217-68! 26-004217-69");
}

static void scan_leaves_alone(void **state)
{
	static const char *const none[] = {
		"",
		"geen nummer",
		"2600421768",
		"26 004217 68",
		"26.004217.68",
		/* phones */
		"0475 12 34 56",
		"0475/12.34.56",
		"0475123456",
		"+32 475 12 34 56",
		"09 123 45 67",
		"02/555.12.12",
		"0032 475 12 34 56",
		/* bank reference, account, national number, enterprise */
		"+++123/4567/89012+++",
		"123456789012",
		"***090/9337/55493***",
		"BE68 5390 0754 7034",
		"85.07.30-033.28",
		"85073003328",
		"0403.019.261",
		"BE 0403.019.261",
		/* a part of something longer */
		"126-004217-69",
		"26-004217-691",
		"26-004217-69-1",
		"1-26-004217-69",
		"26-004217-69.5",
		"126004217690",
		"12 26 004217 69",
		"26 004217 69 12",
		"2600421769x",
		"x2600421769",
		"+2600421769",
		/* cut elsewhere */
		"260-0421-769",
		"2-6004217-69",
		"26-00421769",
		"26004217-69",
		"26004\n21769",
		"24/11/2026 09:30",
		"2026-11-24",
		"\xff\xfe\x80",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_finds(none[i], "");
}

/* Whatever is written around it, a made number in its normal form is found once. */
static void scan_random(void **state)
{
	static const char *const around[] = {" ",  "\n", "(",	 ", ", "é",
					     "] ", "[#", "\xff", "。", "> "};
	char number[TRACKING_TEXT];
	char text[200];
	int round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		const char *a = around[random_next() % 10];
		const char *b = around[random_next() % 5];

		tracking_make((int)(random_next() % 100), (int64_t)(random_next() % 1000000),
			      number);
		snprintf(text, sizeof(text), "dag 12%s%s%sx 0475 12 34 56", a, number, b);
		if (strcmp(b, "é") != 0)
			assert_finds(text, number);
	}
}

/* No input makes it slow or read past the end. */
static void scan_hostile(void **state)
{
	static const char alphabet[] = "0123456789 -./#+>\n\xef\xbc\x91x";
	size_t size = 262144;
	char *text = malloc(size + 1);
	struct list l = {0};
	size_t i;

	(void)state;
	assert_non_null(text);
	memset(text, '7', size);
	text[size] = '\0';
	tracking_scan(text, collect, &l);
	memset(text, ' ', size);
	text[size - 1] = '5';
	tracking_scan(text, collect, &l);
	for (i = 0; i < size; i++)
		text[i] = i % 2 ? ' ' : '1';
	tracking_scan(text, collect, &l);
	assert_int_equal(l.count, 0);
	for (i = 0; i < size; i++)
		text[i] = alphabet[random_next() % (sizeof(alphabet) - 1)];
	tracking_scan(text, collect, &l);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),
		cmocka_unit_test(every_typing_mistake_shows),
		cmocka_unit_test(spellings),
		cmocka_unit_test(scan_finds),
		cmocka_unit_test(scan_leaves_alone),
		cmocka_unit_test(scan_random),
		cmocka_unit_test(scan_hostile),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
