/* National, enterprise and phone numbers, mail addresses. The national numbers are published
 * examples, or those of the specimen cards. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "balie/model.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void national_numbers(void **state)
{
	static const struct {
		const char *text;
		enum check check;
		const char *digits, *birth;
		bool bis;
	} rows[] = {
		{"85.07.30-033.28", CHECK_OK, "85073003328", "1985-07-30", false},
		{"85073003328", CHECK_OK, "85073003328", "1985-07-30", false},
		{" 850730 033 28 ", CHECK_OK, "85073003328", "1985-07-30", false},
		{"８５０７３００３３２８", CHECK_OK, "85073003328", "1985-07-30", false},
		{"17073003384", CHECK_OK, "17073003384", "2017-07-30", false},
		{"98472899765", CHECK_OK, "98472899765", "1998-07-28", true},
		{"01490700185", CHECK_OK, "01490700185", "2001-09-07", true},
		{"01050399963", CHECK_OK, "01050399963", "2001-05-03", false},
		/* The specimen card: a month that cannot be. */
		{"71715100070", CHECK_DATE, NULL, NULL, false},
		{"85073003329", CHECK_DIGITS, NULL, NULL, false},
		{"85073003300", CHECK_DIGITS, NULL, NULL, false},
		{"8507300332", CHECK_FORM, NULL, NULL, false},
		{"850730033288", CHECK_FORM, NULL, NULL, false},
		{"85073O03328", CHECK_FORM, NULL, NULL, false},
		{"00000000097", CHECK_FORM, NULL, NULL, false},
		{"", CHECK_FORM, NULL, NULL, false},
	};
	char digits[12], birth[11];
	bool bis;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		strcpy(digits, "before");
		strcpy(birth, "before");
		bis = !rows[i].bis;
		assert_int_equal(rrn_parse(rows[i].text, digits, birth, &bis), rows[i].check);
		assert_string_equal(digits, rows[i].digits ? rows[i].digits : "before");
		assert_string_equal(birth, rows[i].birth ? rows[i].birth : "before");
		assert_int_equal(bis, rows[i].check == CHECK_OK ? rows[i].bis : !rows[i].bis);
	}
	assert_string_equal(rrn_show("85073003328", (char[16]){0}), "85.07.30-033.28");
}

static const char *with_check(int64_t body, int64_t century, char ret[12])
{
	int64_t whole = body * 100 + 97 - (century + body) % 97;
	int i;

	for (i = 10; i >= 0; i--, whole /= 10)
		ret[i] = (char)('0' + whole % 10);
	ret[11] = '\0';
	return ret;
}

static void birth_dates(void **state)
{
	static const struct {
		int64_t body;
		bool new_century;
		enum check check;
		const char *birth;
		bool bis;
	} rows[] = {
		{640012001, false, CHECK_OK, "1964", false},
		{640300001, false, CHECK_OK, "1964-03", false},
		{640000001, false, CHECK_OK, "1964", false},
		{642000001, false, CHECK_OK, "1964", true},
		{644000001, false, CHECK_OK, "1964", true},
		{643212001, false, CHECK_OK, "1964-12-12", true},
		{645212001, false, CHECK_OK, "1964-12-12", true},
		{1001, false, CHECK_OK, "", false},	     /* 00 00 01 */
		{2001001, true, CHECK_OK, "2000-20", false}, /* replaced below */
		{40229001, false, CHECK_OK, "1904-02-29", false},
		{229001, false, CHECK_DATE, NULL, false}, /* 29 February 1900 */
		{229001, true, CHECK_OK, "2000-02-29", false},
		{640231001, false, CHECK_DATE, NULL, false},
		{641312001, false, CHECK_DATE, NULL, false},
		{643312001, false, CHECK_DATE, NULL, false},
		{645312001, false, CHECK_DATE, NULL, false},
		{640332001, false, CHECK_DATE, NULL, false},
		{640312000, false, CHECK_FORM, NULL, false},
	};
	char text[12], digits[12], birth[11];
	bool bis;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		enum check want = rows[i].check;
		const char *date = rows[i].birth;
		bool is_bis = rows[i].bis;

		if (rows[i].body == 2001001) { /* 00 20 01: born nobody knows when */
			date = "";
			is_bis = true;
		}
		with_check(rows[i].body, rows[i].new_century ? 2000000000 : 0, text);
		assert_int_equal(rrn_parse(text, digits, birth, &bis), want);
		if (want != CHECK_OK)
			continue;
		assert_string_equal(birth, date);
		assert_int_equal(bis, is_bis);
	}
}

/* The check digits tell the century: for no body do both hold. */
static void one_century(void **state)
{
	int64_t body;
	char digits[12], birth[11], text[12], ret[12];
	bool bis;

	(void)state;
	for (body = 500101001; body < 501231998; body += 997) {
		assert_true(body % 97 != (2000000000 + body) % 97);
		with_check(body, 2000000000, text);
		memcpy(ret, text, sizeof(ret));
		if (rrn_parse(text, digits, birth, &bis) == CHECK_OK && birth[0])
			assert_memory_equal(birth, "20", 2);
	}
}

static void enterprises(void **state)
{
	static const char *const good[] = {
		"0403019261",  "0428759497",   "0316380841",	  "0643634986",
		"0353456320",  "0403.019.261", "BE 0403.019.261", "BE0403019261",
		"be403019261", "403.019.261",  " 0403 019 261",
	};
	static const char *const form[] = {
		"",	    "BE",	    "2147812701",   "2147812897", "04030192611",
		"40301926", "0403.O19.261", "FR0403019261", "B"};
	char ret[11];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++)
		assert_int_equal(kbo_parse(good[i], ret), CHECK_OK);
	assert_string_equal(ret, "0403019261");
	strcpy(ret, "before");
	assert_int_equal(kbo_parse("0403019262", ret), CHECK_DIGITS);
	assert_int_equal(kbo_parse("9403019261", ret), CHECK_FORM);
	for (i = 0; i < COUNT(form); i++)
		assert_int_equal(kbo_parse(form[i], ret), CHECK_FORM);
	assert_string_equal(ret, "before");
	/* Numbers that begin with 1 are given out since 2023. */
	assert_int_equal(kbo_parse("1000000075", ret),
			 97 - 10000000 % 97 == 75 ? CHECK_OK : CHECK_DIGITS);
	assert_string_equal(kbo_show("0403019261", (char[13]){0}), "0403.019.261");
}

/* clang-format off */
static void phones(void **state)
{
	static const char *const rows[][2] = {
		{"0475 12 34 56", "+32475123456"},	{"0475/12.34.56", "+32475123456"},
		{"0475-123456", "+32475123456"},	{"+32 475 12 34 56", "+32475123456"},
		{"+32 (0)475 12 34 56", "+32475123456"}, {"+320475123456", "+32475123456"},
		{"0032 475 12 34 56", "+32475123456"},	{"475123456", "+32475123456"},
		{"32475123456", "+32475123456"},	{"(0475) 12 34 56", "+32475123456"},
		{"０４７５１２３４５６", "+32475123456"},	{"0460 12 34 56", "+32460123456"},
		{"0499123456", "+32499123456"},		{"0456 12 34 56", "+32456123456"},
		/* Liège: 04 and seven digits. */
		{"04 222 33 44", "+3242223344"},	{"04/344.55.66", "+3243445566"},
		{"02 555 12 12", "+3225551212"},	{"09/123.45.67", "+3291234567"},
		{"03 123 45 67", "+3231234567"},	{"056 22 33 44", "+3256223344"},
		{"(056) 22 33 44", "+3256223344"},	{"0800 12345", "+3280012345"},
		{"0900 12 345", "+3290012345"},		{"078 15 02 15", "+3278150215"},
		{"070 22 33 44", "+3270223344"},	{"+32 2 555 12 12", "+3225551212"},
		{"0032(0)2 555 12 12", "+3225551212"},	{"3225551212", "+3225551212"},
		{"+31 20 123 4567", "+31201234567"},	{"0031201234567", "+31201234567"},
		{"+33 1 23 45 67 89", "+33123456789"},	{"+1 (212) 555-0100", "+12125550100"},
		{"+44 20 7946 0958", "+442079460958"},
	};
	static const char *const bad[] = {
		"", "+", "0", "00", "112", "1700", "0475 12 34 5", "0475 12 34 567", "047512345",
		"02 555 12 1", "02 555 12 123", "+32", "+32475", "+32 00475123456", "abc",
		"0475 12 34 56 ext 3", "+0475123456", "+1234567890123456", "555 12 12",
		"00 00 00 00 00", "0475+123456", "12345678901234567890123456789", "+12",
		"0475;123456", "0000475123456",
	};
	char ret[17];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		strcpy(ret, "before");
		if (phone_parse(rows[i][0], ret) != CHECK_OK)
			print_message("%s\n", rows[i][0]);
		assert_string_equal(ret, rows[i][1]);
	}
	strcpy(ret, "before");
	for (i = 0; i < COUNT(bad); i++) {
		if (phone_parse(bad[i], ret) != CHECK_FORM)
			print_message("%s\n", bad[i]);
		assert_string_equal(ret, "before");
	}
}
/* clang-format on */

/* clang-format off */
static void mails(void **state)
{
	static const char *const rows[][2] = {
		{"an@example.be", "an@example.be"},
		{" An.Claes+x@Example.BE\n", "An.Claes+x@example.be"},
		{"<an@example.be>", "an@example.be"},
		{"\"a b@c\"@example.be", "\"a b@c\"@example.be"},
		{"o'neill_{}@x-y.example.be", "o'neill_{}@x-y.example.be"},
		{"andré@exämple.be", "andré@exämple.be"},
		{"root@localhost", "root@localhost"},
	};
	static const char *const bad[] = {
		"", "@", "an", "an@", "@example.be", "an@example", "an@.be", "an@example..be",
		"an@-x.be", "an@x-.be", "an@x.be-", ".an@x.be", "an.@x.be", "a..n@x.be", "a n@x.be",
		"an@x y.be", "an@x.be, bo@x.be", "<an@x.be> x", "a\rn@x.be", "\"@x.be", "\"\"@x.be",
		"\"a\"b\"@x.be", "an@x.be.", "an@[127.0.0.1]", "An <an@x.be>",
	};
	char ret[255], text[400];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(email_parse(rows[i][0], ret), CHECK_OK);
		assert_string_equal(ret, rows[i][1]);
	}
	strcpy(ret, "before");
	for (i = 0; i < COUNT(bad); i++) {
		if (email_parse(bad[i], ret) != CHECK_FORM)
			print_message("%s\n", bad[i]);
		assert_string_equal(ret, "before");
	}
	/* 64 before the sign, 254 in all. */
	memset(text, 'a', sizeof(text));
	strcpy(text + 64, "@x.be");
	assert_int_equal(email_parse(text, ret), CHECK_OK);
	memset(text, 'a', sizeof(text));
	strcpy(text + 65, "@x.be");
	assert_int_equal(email_parse(text, ret), CHECK_FORM);
	memset(text, 'a', sizeof(text));
	text[1] = '@';
	for (i = 60; i < 250; i += 50)
		text[i] = '.';
	text[254] = '\0';
	assert_int_equal(email_parse(text, ret), CHECK_OK);
	assert_int_equal(strlen(ret), 254);
	text[254] = 'a';
	text[255] = '\0';
	assert_int_equal(email_parse(text, ret), CHECK_FORM);
}
/* clang-format on */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(national_numbers), cmocka_unit_test(birth_dates),
		cmocka_unit_test(one_century),	    cmocka_unit_test(enterprises),
		cmocka_unit_test(phones),	    cmocka_unit_test(mails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
