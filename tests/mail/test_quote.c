/* Trimming never eats an answer: every way in which programs quote, with every answer in every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "../../src/central/mail/mail_text.h"
#include "balie/mem.h"

#define WHO "Stad Damburg <info@stad-damburg.example.be>"
#define HEAD_NL \
	"Van: " WHO "\nVerzonden: maandag 23 november 2026 16:02\nAan: An Claes\nOnderwerp: Put\n"
#define HEAD_FR "De : " WHO "\nEnvoyé : lundi 23 novembre 2026 16:02\nÀ : An Claes\nObjet : Put\n"
#define HEAD_DE \
	"Von: " WHO "\nGesendet: Montag, 23. November 2026 16:02\nAn: An Claes\nBetreff: Put\n"
#define HEAD_EN \
	"From: " WHO "\nSent: Monday, November 23, 2026 4:02 PM\nTo: An Claes\nSubject: Put\n"
#define ZIMBRA \
	"Van: \"Stad\" <i@s.example.be>\nAan: \"An\" <an@s.example.be>\nVerzonden: Maandag 23 " \
	"november 2026 16:02:41\nOnderwerp: Put\n"

static const struct style {
	const char *intro;
	bool marks; /* '>' before what is old */
} styles[] = {
	{"Op ma 23 nov 2026 om 16:02 schreef " WHO ":\n", true},
	{"Op ma 23 nov 2026 om 16:02 schreef Stad Damburg <\ninfo@stad-damburg.example.be>:\n",
	 true},
	{"Op 23-11-2026 om 16:02 schreef Stad Damburg:\n", true},
	{"Op 23 nov. 2026, om 16:02 heeft " WHO " het volgende geschreven:\n", true},
	{"Op 23/11/2026 16:02 CET schreef " WHO ":\n", true},
	{"Op maandag 23 november 2026 om 16:02, schreef " WHO ":\n", true},
	{"Le lun. 23 nov. 2026 à 16:02, " WHO " a\nécrit :\n", true},
	{"Le 23/11/2026 à 16:02, Stad Damburg a écrit :\n", true},
	{"Am Mo., 23. Nov. 2026 um 16:02 Uhr schrieb " WHO ":\n", true},
	{"Am 23.11.26 um 16:02 schrieb Stad Damburg:\n", true},
	{"On Mon, Nov 23, 2026 at 4:02 PM " WHO "\nwrote:\n", true},
	{"On 11/23/26 16:02, Stad Damburg wrote:\n", true},
	{"Op 23 nov 2026 om 16:02 heeft " WHO " het volgende geschreven:\n", false},
	{"Op maandag 23 november 2026 om 16:02:41 CET schreef " WHO ":\n", false},
	{"Le 23 nov. 2026 à 16:02, " WHO " a écrit :\n", false},
	{"On Monday, 11/23/26 at 16:02 " WHO " wrote:\n", false},
	{HEAD_NL, false},
	{HEAD_FR, false},
	{HEAD_DE, false},
	{HEAD_EN, false},
	{ZIMBRA, false},
	{"________________________________\n" HEAD_NL, false},
	{"________________________________\n" HEAD_EN, false},
	{"-----Oorspronkelijk bericht-----\n" HEAD_NL, false},
	{"-----Original Message-----\n" HEAD_EN, false},
	{"-----Message d'origine-----\n" HEAD_FR, false},
	{"-----Ursprüngliche Nachricht-----\n" HEAD_DE, false},
	{"-------- Oorspronkelijk bericht --------\nVan: " WHO "\nDatum: 23-11-2026 16:02 "
	 "(GMT+01:00)\nAan: An\nOnderwerp: Put\n",
	 false},
	{"-------- Original Message --------\nOn 23 Nov 2026, 16:02, Stad <i@s.be> wrote:\n",
	 false},
	{">>> " WHO " 23/11/2026 16:02 >>>\n", false},
};
#define STYLES (sizeof(styles) / sizeof(styles[0]))

static const char *const answers[] = {
	"Ja.",
	"Op maandag kan ik niet, dinsdag om 10:30 wel.",
	"Van: het stadhuis\nAan: mijn deur\nDatum: 3 december",
	"1) ja\n2) nee\n- misschien",
	"Le livre est chez moi, je l'ai écrit hier :\nle 3 mai.",
	"On Monday I wrote to you: nothing came.",
	"Dag,\n\nBedankt voor uw antwoord.\n\nMet vriendelijke groeten\nAn Claes",
	"Am Montag um 9:00 komme ich.\n-- \nKlaus",
	"Zie: artikel 5\n____\nen artikel 6",
};
#define ANSWERS (sizeof(answers) / sizeof(answers[0]))

static const char *const old_lines[] = {
	"Beste An",	"",  "Wanneer past het?", "Hoe laat: 9:00?", "Met vriendelijke groeten",
	"Stad Damburg", NULL};

static void add_old(struct buf *b, const struct style *s, const char *between)
{
	buf_add_str(b, s->intro);
	if (!s->marks)
		buf_add_char(b, '\n');
	for (int i = 0; old_lines[i] != NULL; i++) {
		buf_printf(b, "%s%s\n", s->marks ? "> " : "", old_lines[i]);
		if (between != NULL && i % 2 == 0)
			buf_printf(b, "\n%s\n\n", between);
	}
}

static void fail_with(const char *what, const struct buf *b, size_t at)
{
	printf("%s, folded from %zu of:\n%s\n", what, at, b->data);
	fail();
}

/* What is old is folded where it begins, neither earlier nor later. */
static void an_answer_above_stays(void **state)
{
	struct buf b = {0};
	size_t at, expected;

	for (size_t i = 0; i < STYLES; i++) {
		for (size_t k = 0; k < ANSWERS; k++) {
			buf_reset(&b);
			buf_printf(&b, "%s\n\n", answers[k]);
			expected = b.len;
			add_old(&b, &styles[i], NULL);
			at = mail_quote_find(b.data, MAIL_REPLY);
			if (at != expected)
				fail_with("an answer above", &b, at);
		}
	}
	buf_finish(&b);
}

/* Below, on both sides, or between the lines: no line of an answer is folded. */
static void an_answer_elsewhere_stays(void **state)
{
	static const char *const above[] = {"", "Verstuurd vanaf mijn iPhone\n\n",
					    "Dag, hier mijn antwoord\n\n"};
	struct buf b = {0};
	size_t at;

	for (size_t i = 0; i < STYLES; i++) {
		for (size_t k = 0; k < ANSWERS; k++) {
			/* Without marks nobody can know, when something stands above too. */
			for (size_t j = 0; j < (styles[i].marks ? 3 : 2); j++) {
				buf_reset(&b);
				buf_add_str(&b, above[j]);
				add_old(&b, &styles[i], NULL);
				buf_printf(&b, "\n%s\n", answers[k]);
				at = mail_quote_find(b.data, MAIL_REPLY);
				if (at != 0)
					fail_with("an answer below", &b, at);
				buf_reset(&b);
				buf_add_str(&b, above[j]);
				add_old(&b, &styles[i], answers[k]);
				at = mail_quote_find(b.data, MAIL_REPLY);
				if (styles[i].marks && at != 0 &&
				    strstr(b.data + at, answers[k]) != NULL)
					fail_with("an answer between the lines", &b, at);
			}
		}
	}
	buf_finish(&b);
}

/* Of what was forwarded nothing is folded but what that message answers. */
static void what_was_forwarded_stays(void **state)
{
	struct buf b = {0};
	size_t at, expected;

	for (size_t i = 0; i < STYLES; i++) {
		if (strstr(styles[i].intro, "Onderwerp") == NULL &&
		    strstr(styles[i].intro, "Subject") == NULL)
			continue;
		buf_reset(&b);
		buf_add_str(&b, "Voor jullie.\n\n");
		add_old(&b, &styles[i], NULL);
		assert_int_equal(mail_quote_find(b.data, MAIL_FORWARD), 0);
		buf_add_char(&b, '\n');
		expected = b.len;
		add_old(&b, &styles[i], NULL);
		at = mail_quote_find(b.data, MAIL_FORWARD);
		if (at != expected)
			fail_with("a forward", &b, at);
	}
	buf_finish(&b);
}

static void kinds_are_known(void **state)
{
	static const struct {
		const char *subject;
		enum mail_kind kind;
	} rows[] = {
		{"Re: put", MAIL_REPLY},
		{"RE : put", MAIL_REPLY},
		{"Antw: put", MAIL_REPLY},
		{"Betr.: put", MAIL_REPLY},
		{"AW: put", MAIL_REPLY},
		{"Re[2]: put", MAIL_REPLY},
		{"[EXT] Re: put", MAIL_REPLY},
		{"Doorst: put", MAIL_FORWARD},
		{"FW: put", MAIL_FORWARD},
		{"Fwd: Re: put", MAIL_FORWARD},
		{"TR: put", MAIL_FORWARD},
		{"WG: put", MAIL_FORWARD},
		{"[EXTERN] FW: put", MAIL_FORWARD},
		{"Recht op antwoord", MAIL_NEW},
		{"Tr: put", MAIL_FORWARD},
		{"put", MAIL_NEW},
		{"[26-004217-69] put", MAIL_NEW},
		{NULL, MAIL_NEW},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(mail_kind_of(rows[i].subject, false), rows[i].kind);
	assert_int_equal(mail_kind_of("put", true), MAIL_REPLY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_above_stays),
		cmocka_unit_test(an_answer_elsewhere_stays),
		cmocka_unit_test(what_was_forwarded_stays),
		cmocka_unit_test(kinds_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
