/* Mails as Flemish programs write them, and as nobody should: what is shown of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/mail_parse.h"
#include "../../src/central/mail/mail_text.h"
#include "balie/model.h"
#include "balie/text.h"

#define HEAD \
	"From: \"An Claes\" <an@voorbeeld.example>\nTo: info@stad.example\nDate: Tue, 24 Nov " \
	"2026 09:12:00 +0100\nMessage-ID: <1@voorbeeld.example>\n"
#define PLAIN "Content-Type: text/plain; charset=utf-8\n\n"

static struct arena arena;

static struct mail_parsed parse(const char *text)
{
	struct mail_parsed ret;

	mail_parse(text, strlen(text), &arena, &ret);
	assert_true(text_valid(ret.body, strlen(ret.body)));
	return ret;
}

static void expect_quote(const char *body, const char *quoted)
{
	size_t at = mail_quote_find(body, MAIL_REPLY);

	if (quoted == NULL)
		assert_int_equal(at, 0);
	else
		assert_string_equal(body + at, quoted);
}

static void headers_are_read(void **state)
{
	struct mail_parsed m = parse(
		HEAD "Subject: =?iso-8859-1?Q?Antw:_caf=E9_in_de_Nieuwstraat?=\n" PLAIN "Dag\n");

	assert_string_equal(m.subject, "Antw: café in de Nieuwstraat");
	/* Each word padded, as many programs do. */
	assert_string_equal(parse(HEAD "Subject: =?utf-8?B?w6k=?= =?utf-8?B?bg==?=\n =?utf-8?B?"
				       "w6k=?=\r\n\t=?UTF-8?B?w6k=?= x\n" PLAIN "Dag\n")
				    .subject,
			    "énéé x");
	assert_string_equal(m.from_addr, "an@voorbeeld.example");
	assert_string_equal(m.from_text, "An Claes <an@voorbeeld.example>");
	assert_string_equal(m.message_id, "1@voorbeeld.example");
	assert_int_equal(m.sender, SENDER_PERSON);
	assert_string_equal(m.body, "Dag");
}

static void quotes_are_found(void **state)
{
	expect_quote("Ja\n\nOp di 24 nov 2026 om 09:12 schreef Stad <info@stad.example>:\n> Dag\n",
		     "Op di 24 nov 2026 om 09:12 schreef Stad <info@stad.example>:\n> Dag\n");
	expect_quote("Ja\n\nOp 24 nov. 2026, om 09:12 heeft Stad <i@s.example>\nhet volgende "
		     "geschreven:\n\n> Dag\n",
		     "Op 24 nov. 2026, om 09:12 heeft Stad <i@s.example>\nhet volgende "
		     "geschreven:\n\n> Dag\n");
	expect_quote(
		"Ja\n\nVan: Stad\nVerzonden: dinsdag 24 november 2026\nAan: An\nOnderwerp: "
		"put\n\nDag\n",
		"Van: Stad\nVerzonden: dinsdag 24 november 2026\nAan: An\nOnderwerp: put\n\nDag\n");
	expect_quote("Ja\n-----Oorspronkelijk bericht-----\nDag\n",
		     "-----Oorspronkelijk bericht-----\nDag\n");
	/* An answer between the lines must never be folded away. */
	expect_quote("Op di schreef Stad:\n> Welk nummer?\nNummer 12\n", NULL);
	expect_quote("> Welk nummer?\nNummer 12\n", NULL);
	expect_quote("Op maandag was de straat vuil.\nGroeten\n", NULL);
}

static void machines_are_known(void **state)
{
	assert_int_equal(parse(HEAD "Subject: Afwezig: vakantie\n" PLAIN "x").sender,
			 SENDER_AUTO_REPLY);
	assert_int_equal(parse(HEAD "Auto-Submitted: auto-replied\n" PLAIN "x").sender,
			 SENDER_AUTO_REPLY);
	assert_int_equal(parse(HEAD "Auto-Submitted: no\n" PLAIN "x").sender, SENDER_PERSON);
	assert_int_equal(parse(HEAD "Auto-Submitted: auto-notified\n" PLAIN "x").sender,
			 SENDER_MACHINE);
	assert_int_equal(parse(HEAD "Precedence: bulk\n" PLAIN "x").sender, SENDER_LIST);
	assert_int_equal(parse(HEAD "X-Auto-Response-Suppress: DR, RN\n" PLAIN "x").sender,
			 SENDER_PERSON);
}

static void html_shows_what_is_seen(void **state)
{
	struct mail_parsed m = parse(HEAD "Content-Type: text/html; charset=utf-8\n\n"
					  "<html><head><title>T</title><style>p{}</style></"
					  "head><body><p>Dag <b>iedereen</b></p>"
					  "<script>kwaad()</script><div style=\"display: "
					  "none\">geheim</div><p>Einde</p></body></html>");

	assert_string_equal(m.body, "Dag iedereen\n\nEinde");
}

static void charsets_may_lie(void **state)
{
	assert_string_equal(
		parse(HEAD "Content-Type: text/plain; charset=klingon\n\ncaf\xe9 \x80").body,
		"café €");
	assert_string_equal(
		parse(HEAD "Content-Type: text/plain; charset=iso-8859-1\n\ncaf\xc3\xa9").body,
		"café");
}

static void names_have_no_power(void **state)
{
	struct mail_parsed m =
		parse(HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n" PLAIN "Zie\n--b\n"
			   "Content-Type: application/ms-tnef; name=\"winmail.dat\"\n\nx\n--b\n"
			   "Content-Type: image/png\nContent-Disposition: attachment; "
			   "filename=\"../../etc/passwd\"\n\nx\n--b--\n");

	assert_int_equal(m.attachment_count, 2);
	assert_string_equal(m.attachments[0].name, "winmail.dat");
	assert_string_equal(m.attachments[1].name, "passwd");
	assert_non_null(m.flaws);
}

static void what_cannot_be_read_is_kept(void **state)
{
	struct mail_parsed m = parse("zomaar een tekst\nzonder kop\n");
	struct buf b = {0};

	assert_int_equal(m.attachment_count, 1);
	assert_non_null(m.flaws);
	buf_add_str(&b, HEAD);
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	m = parse(b.data);
	assert_non_null(m.flaws);
	buf_reset(&b);
	buf_add_str(&b, HEAD PLAIN "voor");
	buf_add(&b, "\0na", 3);
	mail_parse(b.data, b.len, &arena, &m);
	assert_non_null(strstr(m.body, "voor"));
	assert_non_null(strstr(m.body, "na"));
	buf_finish(&b);
}

/* Groups of addresses in each other, in the message and in one within it: GMime would go down by
 * recursion until the stack ends. */
static void nested_groups_are_cut(void **state)
{
	struct buf b = {0};
	struct mail_parsed m;

	buf_add_str(&b, "To: info@stad.example\nContent-Type: multipart/mixed; boundary=b\nFrom: ");
	for (int i = 0; i < 400000; i++)
		buf_add_str(&b, i % 100 == 99 ? "a:\n " : "a:");
	buf_add_str(&b, "\n\n--b\nContent-Type: message/rfc822\n\nFrom: ");
	for (int i = 0; i < 400000; i++)
		buf_add_str(&b, "a:");
	buf_add_str(&b, "\n\nbinnen\n--b\n" PLAIN "buiten\n--b--\n");
	mail_parse(b.data, b.len, &arena, &m);
	assert_string_equal(m.body, "buiten");
	assert_int_equal(m.attachment_count, 1);
	buf_finish(&b);
}

/* What costs GMime fifty times its bytes is not taken apart, but nothing of it is lost. */
static void monsters_stay_whole(void **state)
{
	struct buf b = {0};
	struct mail_parsed m;

	buf_add_str(&b, HEAD "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 30000; i++)
		buf_add_str(&b, "--b\nContent-Type: text/plain\n\nx\n");
	mail_parse(b.data, b.len, &arena, &m);
	assert_string_equal(m.flaws, "too-deep-whole");
	assert_int_equal(m.attachment_count, 1);
	assert_string_equal(m.from_addr, "an@voorbeeld.example");
	buf_reset(&b);
	buf_add_str(&b, HEAD PLAIN "Een gewoon verslag:\n");
	for (int i = 0; i < 30000; i++)
		buf_add_str(&b, "--\nuur: 10:12\n");
	mail_parse(b.data, b.len, &arena, &m);
	assert_string_equal(m.flaws, "text-cut");
	buf_reset(&b);
	buf_add_str(&b, HEAD "Subject: lang\n");
	for (int i = 0; i < 100000; i++)
		buf_add_str(&b, "Delivered-To: an@voorbeeld.example\n");
	buf_add_str(&b, "\nDe tekst.\n");
	mail_parse(b.data, b.len, &arena, &m);
	assert_string_equal(m.flaws, "header-cut");
	assert_string_equal(m.subject, "lang");
	assert_string_equal(m.body, "De tekst.");
	buf_finish(&b);
}

static int setup(void **state)
{
	mail_init();
	return 0;
}

static int teardown(void **state)
{
	arena_finish(&arena);
	mail_finish();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read),
		cmocka_unit_test(quotes_are_found),
		cmocka_unit_test(machines_are_known),
		cmocka_unit_test(html_shows_what_is_seen),
		cmocka_unit_test(charsets_may_lie),
		cmocka_unit_test(names_have_no_power),
		cmocka_unit_test(what_cannot_be_read_is_kept),
		cmocka_unit_test(nested_groups_are_cut),
		cmocka_unit_test(monsters_stay_whole),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
