/* The box that finds people: everything an agent may type of somebody, in any writing and order. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "balie/model.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW INT64_C(1795500000000) /* 24 November 2026 */

static const char *shown(const struct party_query *q, struct buf *b)
{
	size_t i;

	buf_reset(b);
	buf_add(b, "", 0);
	for (i = 0; i < q->word_count; i++)
		buf_printf(b, "%s ", q->words[i]);
	for (i = 0; i < q->joined_count; i++)
		buf_printf(b, "|%s ", q->joined[i]);
	if (q->birth[0])
		buf_printf(b, "born=%s ", q->birth);
	if (q->postcode[0])
		buf_printf(b, "at=%s/%s ", q->postcode, q->number);
	if (q->tracking[0])
		buf_printf(b, "tracking=%s ", q->tracking);
	if (q->phone[0])
		buf_printf(b, "phone=%s ", q->phone);
	if (q->email[0])
		buf_printf(b, "mail=%s ", q->email);
	if (q->rrn[0])
		buf_printf(b, "%s=%s ", q->is_bis ? "bis" : "rrn", q->rrn);
	if (q->kbo[0])
		buf_printf(b, "kbo=%s ", q->kbo);
	if (q->vcode[0])
		buf_printf(b, "vcode=%s ", q->vcode);
	if (q->unfinished)
		buf_printf(b, "(%s) ", q->unfinished);
	while (b->len > 0 && b->data[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
	return b->data;
}

struct row {
	const char *text, *is; /* is: what shown() says, or a part of the sentence after '!' */
};

static void check(const struct row *rows, size_t count)
{
	struct buf b = {0};
	size_t i;

	for (i = 0; i < count; i++) {
		struct party_query q;
		struct arena a = {0};
		struct err err = {0};
		const char *is;

		if (party_query_parse(rows[i].text, NOW, &q, &a, &err)) {
			is = shown(&q, &b);
			if (strcmp(is, rows[i].is) != 0)
				fail_msg("\"%s\" is \"%s\", not \"%s\"", rows[i].text, is,
					 rows[i].is);
		} else if (rows[i].is[0] != '!' || !strstr(err.text, rows[i].is + 1)) {
			fail_msg("\"%s\": %s", rows[i].text, err.text);
		}
		arena_finish(&a);
	}
	buf_finish(&b);
}

static void names(void **state)
{
	static const struct row rows[] = {
		{"", ""},
		{"     \t  ", ""},
		{"v", "v"},
		{"Claes", "claes"},
		{"claes an", "claes an"},
		{"Claes, An", "claes an"},
		{"ZOË Ångström", "zoe angstrom"},
		{"zoe\xcc\x88", "zoe"},
		{"Øst Łuk straße", "ost luk strasse"},
		{"محمد علي", "محمد علي"},
		{"van den broeck", "van den broeck |v0broeck"},
		{"Vandenbroeck", "vandenbroeck |v0broeck"},
		{"vd broeck", "vd broeck |v0broeck"},
		{"v.d. Broeck", "v d broeck |v0broeck"},
		{"v/d Broeck", "v d broeck |v0broeck"},
		{"Van de Broeck jan", "van de broeck jan |v0broeck |jan"},
		{"jan van den", "jan van den |jan |vanden"},
		{"de smet", "de smet |desmet"},
		{"desmet", "desmet"},
		{"d'Hondt", "d hondt |dhondt"},
		{"Van 't Hof", "van t hof |v0hof"},
		{"vanessa", "vanessa"},
		{"mei lin", "mei lin"},
		{"Studio 100 bv", "studio 100 bv"},
		{"a b c d e f g h", "a b c d e f g h |abcdefgh"},
		{"a b c d e f g h i", "!at most 8 words"},
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void dates(void **state)
{
	static const struct row rows[] = {
		{"claes 12031964", "claes born=1964-03-12"},
		{"12031964 claes", "claes born=1964-03-12"},
		{"claes 120364", "claes born=1964-03-12"},
		{"claes 12/3/64", "claes born=1964-03-12"},
		{"claes 12-03-1964", "claes born=1964-03-12"},
		{"claes 12.03.1964", "claes born=1964-03-12"},
		{"claes 1964-03-12", "claes born=1964-03-12"},
		{"claes 19640312", "claes born=1964-03-12"},
		{"claes 12 maart 1964", "claes born=1964-03-12"},
		{"12 mrt 1964, claes", "claes born=1964-03-12"},
		{"12 Maart 64 claes an", "claes an born=1964-03-12"},
		{"claes 12 3 1964", "claes born=1964-03-12"},
		{"claes 1er 1964", "claes 1er born=1964"},
		{"an 12 août 1950", "an born=1950-08-12"},
		{"an 12 märz 1950", "an born=1950-03-12"},
		{"claes １２０３１９６４", "claes born=1964-03-12"},
		{"claes 12‑03‑1964", "claes born=1964-03-12"},
		{"claes 010126", "claes born=2026-01-01"},
		{"claes 311226", "claes born=1926-12-31"},
		{"claes 1964", "claes born=1964"},
		{"29/02/1964 claes", "claes born=1964-02-29"},
		{"claes 12", "claes (12)"},
		{"claes 12/3", "claes (12/3)"},
		{"claes 1203196", "claes (1203196)"},
		{"claes 29/02/1963", "!29/02/1963 is not a day"},
		{"claes 31121", "claes (31121)"},
		{"claes 12131964", "!12131964 is not a day"},
		{"claes 31/04/1964", "!not a day"},
		{"claes 0/3/1964", "!not a day"},
		{"claes 25/11/2026", "!not a day"},
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void addresses(void **state)
{
	static const struct row rows[] = {
		{"8870 12", "at=8870/12"},
		{"8870 12B", "at=8870/12b"},
		{"8870, 12b", "at=8870/12b"},
		{"8870 12/3", "at=8870/12"},
		{"12 8870", "at=8870/12"},
		{"claes 8870 12", "claes at=8870/12"},
		{"8870 12 claes 12/3/64", "claes born=1964-03-12 at=8870/12"},
		{"8870 12 12/3/64", "born=1964-03-12 at=8870/12"},
		{"1930 12", "at=1930/12"},
		{"claes 8870", "claes at=8870/"},
		{"8870", "at=8870/"},
		{"0870 12", "(0870 12)"},
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void phones(void **state)
{
	static const struct row rows[] = {
		{"0470123456", "phone=+32470123456"},
		{"0470 12 34 56", "phone=+32470123456"},
		{"0470/12.34.56", "phone=+32470123456"},
		{"+32 470 12 34 56", "phone=+32470123456"},
		{"+32 (0)470/12.34.56", "phone=+32470123456"},
		{"0032470123456", "phone=+32470123456"},
		{"051 30 12 34", "phone=+3251301234"},
		{"claes 051/30.12.34", "claes phone=+3251301234"},
		{"04 222 33 44", "phone=+3242223344"},
		{"+31 20 123 4567", "phone=+31201234567"},
		{"+33 1 23 45 67 89", "phone=+33123456789"},
		{"+49 30 901820", "phone=+4930901820"},
		{"+44 20 7946 0958", "phone=+442079460958"},
		{"+352 27 12 34 56", "phone=+35227123456"},
		{"+1 202-555-0143", "phone=+12025550143"},
		{"+48 22 123 45 67", "phone=+48221234567"},
		{"+90 212 123 45 67", "phone=+902121234567"},
		{"+212 522-123456", "phone=+212522123456"},
		{"0034 912 34 56 78", "phone=+34912345678"},
		{"0470 12 34 5", "(0470 12 34 5)"},
		{"+32", "(+32)"},
		{"1234567890123456", "!too long"},
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void numbers(void **state)
{
	static const struct row rows[] = {
		{"26-004217-69", "tracking=26-004217-69"},
		{"2600421769", "tracking=26-004217-69"},
		{"26 004217 69", "tracking=26-004217-69"},
		{"#26-004217-69", "tracking=26-004217-69"},
		/* As it is typed: nothing before the tenth digit, and a word at it. */
		{"26-0042", "(26-0042)"},
		{"26-004217", "(26-004217)"},
		{"26-004217-6", "(26-004217-6)"},
		{"26-004217-68", "!the tracking number 26-004217-68 has a typing mistake"},
		{"26-004271-69", "!typing mistake"},
		{"85.07.30-033.28", "rrn=85073003328"},
		{"85073003328 claes", "claes rrn=85073003328"},
		{"850730 033 28", "rrn=85073003328"},
		{"98472899765", "bis=98472899765"},
		{"85.07.30-033.29", "!national number 85.07.30-033.29 has a typing mistake"},
		{"71715100070", "!test cards"},
		{"0403.019.261", "kbo=0403019261"},
		{"BE 0403.019.261", "kbo=0403019261"},
		{"BE0403019261", "kbo=0403019261"},
		{"403019261", "kbo=0403019261"},
		{"0403.019.262", "!enterprise number it has a typing mistake"},
		{"V0001001", "vcode=V0001001"},
		{"an.claes@example.be", "mail=an.claes@example.be"},
		{"claes An@EXAMPLE.be", "claes mail=An@example.be"},
		{"an.claes@exam", "(an.claes@exam)"},
		{"claes an@example.be 0470123456 8870 12",
		 "claes at=8870/12 phone=+32470123456 mail=an@example.be"},
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void bounds(void **state)
{
	char text[PARTY_QUERY_TEXT + 8];
	struct party_query q = {.word_count = 77};
	struct arena a = {0};
	struct err err = {0};

	(void)state;
	memset(text, 'x', 300);
	text[300] = '\0';
	assert_true(party_query_parse(text, NOW, &q, &a, &err));
	assert_int_equal(q.word_count, 1);
	assert_int_equal(strlen(q.words[0]), 300);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	q.word_count = 77;
	assert_false(party_query_parse(text, NOW, &q, &a, &err));
	assert_non_null(strstr(err.text, "too long"));
	assert_int_equal(q.word_count, 77);
	for (size_t i = 0; i < 500; i++)
		memcpy(text + 2 * i, "x ", 3);
	assert_false(party_query_parse(text, NOW, &q, &a, &err));
	for (size_t i = 0; i < 500; i++)
		memcpy(text + 2 * i, "1 ", 3);
	assert_false(party_query_parse(text, NOW, &q, &a, &err));
	arena_finish(&a);
}

static const char *describe(const char *text, struct buf *b, struct arena *a)
{
	struct party_query q;

	buf_reset(b);
	buf_add(b, "", 0);
	assert_true(party_query_parse(text, NOW, &q, a, NULL));
	party_query_describe(&q, b);
	return b->data;
}

static void described(void **state)
{
	struct buf b = {0};
	struct arena a = {0};

	(void)state;
	assert_string_equal(
		describe("claes 12/3/64 8870 12b 047", &b, &a),
		"name claes, born 12/03/1964, living at 8870 12b, (047: not whole yet)");
	assert_string_equal(describe("85073003328", &b, &a), "national number 85.07.30-033.28");
	assert_string_equal(describe("", &b, &a), "");
	buf_finish(&b);
	arena_finish(&a);
}

static void words_of_a_party(void **state)
{
	static const struct {
		struct party party;
		const char *words;
	} rows[] = {
		{{.name = "Van den Broeck, Lieselot",
		  .given = "Lieselot",
		  .family = "Van den Broeck"},
		 " van den broeck lieselot vandenbroeck v0broeck"},
		{{.name = "Zoë Vandenbröeck"}, " zoe vandenbroeck v0broeck"},
		{{.name = "De Smet, Jan"}, " de smet jan desmet"},
		{{.name = "Claes, An"}, " claes an"},
		{{.name = "Bakkerij 't Broodje bv"}, " bakkerij t broodje bv tbroodje"},
		{{.name = "???"}, ""},
	};
	struct buf b = {0};
	struct arena a = {0};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_reset(&b);
		party_words(&b, &rows[i].party, &a);
		assert_string_equal(b.data, rows[i].words);
	}
	buf_finish(&b);
	arena_finish(&a);
}

static void births(void **state)
{
	static const struct {
		const char *text;
		enum check check;
		const char *is;
	} rows[] = {
		{"1964", CHECK_OK, "1964"},
		{"03/1964", CHECK_OK, "1964-03"},
		{"maart 1964", CHECK_OK, "1964-03"},
		{"1964-03", CHECK_OK, "1964-03"},
		{"12 MEI 1971", CHECK_OK, "1971-05-12"},
		{"01.MÄR 1950", CHECK_OK, "1950-03-01"},
		{"13/1964", CHECK_DATE, NULL},
		{"1849", CHECK_DATE, NULL},
		{"2027", CHECK_DATE, NULL},
		{"gisteren", CHECK_FORM, NULL},
		{"12 jui 1964", CHECK_FORM, NULL},
		{"1/2/3/4", CHECK_FORM, NULL},
		{"", CHECK_FORM, NULL},
	};
	char ret[11], back[11];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		strcpy(ret, "before");
		assert_int_equal(birth_parse(rows[i].text, NOW, ret), rows[i].check);
		assert_string_equal(ret, rows[i].is ? rows[i].is : "before");
	}
	assert_string_equal(birth_show("1964-03-12", back), "12/03/1964");
	assert_string_equal(birth_show("1964-03", back), "03/1964");
	assert_string_equal(birth_show("1964", back), "1964");
	assert_string_equal(birth_show(NULL, back), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),     cmocka_unit_test(dates),
		cmocka_unit_test(addresses), cmocka_unit_test(phones),
		cmocka_unit_test(numbers),   cmocka_unit_test(bounds),
		cmocka_unit_test(described), cmocka_unit_test(words_of_a_party),
		cmocka_unit_test(births),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
