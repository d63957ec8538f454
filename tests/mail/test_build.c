/* What goes out, read back by the reader of mail that comes in: the same headers, the same text, the same
 * files, and nothing that was not meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../src/central/mail/mail_build.h"
#include "../../src/central/mail/mail_text.h"
#include "balie/clock.h"
#include "balie/model.h"
#include "balie/text.h"

static struct arena arena;

static struct mail_out plain_mail(void)
{
	return (struct mail_out){
		.from_name = "Stad Voorbeeld",
		.from_addr = "info@stad.example",
		.to = "\"Claes, An\" <an@x.example>",
		.subject = "[26-004217-69] Re: put",
		.body = "Dag An\n\nDe put is dicht.\n",
		.message_id = "b.1.abc@stad.example",
		.date = INT64_C(1795500000000),
	};
}

static struct mail_built build(const struct mail_out *m)
{
	struct mail_built ret;
	struct err err = {0};

	if (!mail_build(m, &arena, &ret, &err))
		fail_msg("%s", err.text);
	return ret;
}

static struct mail_parsed back(const struct mail_built *b)
{
	struct mail_parsed ret;

	mail_parse(b->bytes, b->len, &arena, &ret);
	assert_null(ret.flaws);
	return ret;
}

static bool has_line(const struct mail_built *b, const char *line)
{
	char *text = arena_printf(&arena, "\r\n%.*s", (int)b->len, b->bytes);

	return strstr(text, arena_printf(&arena, "\r\n%s\r\n", line)) != NULL;
}

static void expect_refused(const struct mail_out *m, const char *words)
{
	struct mail_built ret;
	struct err err = {0};

	assert_false(mail_build(m, &arena, &ret, &err));
	assert_int_equal(err.kind, ERR_INPUT);
	if (strstr(err.text, words) == NULL)
		fail_msg("%s", err.text);
}

static void a_plain_answer_comes_back_as_it_was(void **state)
{
	static const char *const refs[] = {"a@x.example", "b@x.example"};
	struct mail_out m = plain_mail();
	struct mail_built b;
	struct mail_parsed p;

	m.cc = "b@y.example; AN@X.example, an@x.example";
	m.reply_to = "info+b.1.x@stad.example";
	m.in_reply_to = "b@x.example";
	m.refs = refs;
	m.ref_count = 2;
	m.language = "nl";
	b = build(&m);
	p = back(&b);
	assert_string_equal(p.subject, m.subject);
	assert_string_equal(p.from_text, "Stad Voorbeeld <info@stad.example>");
	assert_string_equal(p.body, "Dag An\n\nDe put is dicht.");
	assert_string_equal(p.message_id, m.message_id);
	assert_int_equal(p.date, m.date);
	assert_int_equal(p.sender, SENDER_PERSON);
	assert_string_equal(p.refs[0], "b@x.example");
	assert_int_equal(p.ref_count, 2);
	assert_int_equal(b.recipient_count, 3); /* what is before the @ may mind its capitals */
	assert_string_equal(b.recipients[0], "an@x.example");
	assert_string_equal(b.recipients[2], "AN@x.example");
	assert_true(has_line(&b, "Date: Tue, 24 Nov 2026 07:00:00 +0100"));
	assert_true(has_line(&b, "To: \"Claes, An\" <an@x.example>"));
	assert_true(has_line(&b, "References: <a@x.example> <b@x.example>"));
	assert_true(has_line(&b, "Content-Language: nl"));
	assert_true(has_line(&b, "Content-Transfer-Encoding: 7bit"));
	assert_false(b.utf8);
}

static void a_machine_says_that_it_is_one(void **state)
{
	struct mail_out m = plain_mail();
	struct mail_built b;

	m.auto_submitted = "auto-replied";
	b = build(&m);
	assert_int_equal(back(&b).sender, SENDER_AUTO_REPLY);
	assert_true(has_line(&b, "X-Auto-Response-Suppress: All"));
}

/* Each line of it is at most 998 bytes, of 7 bits, whatever the text. */
static void any_text_passes_anywhere(void **state)
{
	static const char *const texts[] = {
		"Één é\n",
		"From het begin\n.\n..\n",
		"-- \nStad\n",
		"tab\there\nbel\a\n",
		"Привет, это длинный текст\n",
		"regel\r\nregel\rregel",
		"",
	};
	struct mail_out m = plain_mail();
	struct buf lang = {0};
	struct mail_built b;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf clean = {0};

		m.body = texts[i];
		b = build(&m);
		for (size_t k = 0; k < b.len; k++)
			assert_true((unsigned char)b.bytes[k] < 0x80);
		text_clean(&clean, texts[i], strlen(texts[i]), TEXT_LINES);
		buf_add_str(&clean, "");
		while (clean.len > 0 && strchr("\n ", clean.data[clean.len - 1]))
			clean.data[--clean.len] = '\0';
		assert_string_equal(back(&b).body, clean.data);
		assert_null(strstr(b.bytes, "\nFrom "));
		buf_finish(&clean);
	}
	for (int i = 0; i < 5000; i++)
		buf_add_str(&lang, "lang");
	m.body = lang.data;
	b = build(&m);
	assert_string_equal(back(&b).body, lang.data);
	buf_finish(&lang);
}

static void words_in_headers_are_coded(void **state)
{
	static const char *const subjects[] = {"Één put in de Kërkstraat 😀",
					       "=?utf-8?q?x?= is geen code",
					       "een heel lang onderwerp dat gevouwen wordt omdat "
					       "het niet op een regel past, en dat "
					       "gaat zo nog een hele tijd door tot het over is",
					       "=?utf-8?b?w6k=?= é =?utf-8?b?w6k=?= nog wat langer "
					       "zodat er twee woorden van komen",
					       "dubbele  spatie"};
	struct mail_out m = plain_mail();
	struct mail_built b;

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		m.subject = subjects[i];
		b = build(&m);
		assert_string_equal(back(&b).subject, subjects[i]);
	}
	m.to = "\"=?utf-8?q?x?=\" <an@x.example>, Ünal Ö <u@x.example>, \"a \\\"b\\\" c\" "
	       "<c@x.example>";
	m.from_name = "Dienst \"Zwart\", Één";
	b = build(&m);
	assert_string_equal(back(&b).from_name, m.from_name);
	assert_string_equal(back(&b).to_text,
			    "= utf-8?q?x?= <an@x.example>, Ünal Ö <u@x.example>, a "
			    "\"b\" c <c@x.example>");
}

static void nothing_can_be_slipped_into_a_header(void **state)
{
	struct mail_out m = plain_mail();

	m.subject = "put\r\nBcc: x@y.example";
	expect_refused(&m, "the subject");
	m.subject = "put\nBcc: x@y.example";
	expect_refused(&m, "the subject");
	m = plain_mail();
	m.from_name = "Stad\r\nBcc: x@y.example";
	expect_refused(&m, "the name of the sender");
	m = plain_mail();
	m.to = "An\n <an@x.example>";
	expect_refused(&m, "line end");
	m = plain_mail();
	m.cc = "\"An\r\nBcc: b@y.example\" <an@x.example>";
	expect_refused(&m, "line end");
	m = plain_mail();
	m.message_id = "a@b\r\nBcc: x";
	expect_refused(&m, "id");
	m = plain_mail();
	m.auto_submitted = "no\r\nBcc: x";
	expect_refused(&m, "header");
	m = plain_mail();
	m.to = NULL;
	expect_refused(&m, "nobody");
	m.to = "an@x.example";
	m.from_addr = "a@x.example, b@x.example";
	expect_refused(&m, "one sender");
	m = plain_mail();
	m.body = "\xff";
	expect_refused(&m, "UTF-8");
}

/* What strangers wrote in their ids must not keep an answer from going out. */
static void ids_of_strangers_are_bounded(void **state)
{
	const char *refs[300];
	struct mail_out m = plain_mail();
	struct mail_built b;
	struct mail_parsed p;

	for (int i = 0; i < 300; i++)
		refs[i] = arena_printf(&arena, "%080d@x.example", i);
	refs[3] = "a b@c\r\nBcc: x@y.example";
	refs[4] = "a>b@c";
	m.in_reply_to = "x y@z\r\n";
	m.refs = refs;
	m.ref_count = 300;
	b = build(&m);
	p = back(&b);
	assert_int_equal(p.ref_count, 20);
	assert_string_equal(p.refs[19], refs[0]);
	assert_string_equal(p.refs[0], refs[299]);
	assert_null(strstr(b.bytes, "Bcc"));
}

static void files_go_along_byte_for_byte(void **state)
{
	static const char data[] = "a\nb\r\nc\rd\0e\xff";
	struct mail_attachment files[] = {
		{.name = "naïef €.txt", .type = "text/plain", .data = data, .len = sizeof(data)},
		{.name = "../../etc/passwd",
		 .type = "IMAGE/png\r\nBcc: x",
		 .data = data,
		 .len = sizeof(data)},
		{.name = "brief.eml",
		 .type = "message/rfc822",
		 .data = "Subject: é\n\nx\n",
		 .len = 14},
		{.name = "", .type = "x", .data = "", .len = 0},
	};
	struct mail_out m = plain_mail();
	struct mail_built b;
	struct mail_parsed p;

	m.files = files;
	m.file_count = 4;
	b = build(&m);
	p = back(&b);
	assert_string_equal(p.body, "Dag An\n\nDe put is dicht.");
	assert_int_equal(p.attachment_count, 4);
	assert_string_equal(p.attachments[0].name, "naïef €.txt");
	assert_string_equal(p.attachments[1].name, "passwd");
	assert_string_equal(p.attachments[2].type, "application/octet-stream");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(p.attachments[i].len, files[i].len);
		assert_memory_equal(p.attachments[i].data, files[i].data, files[i].len);
	}
	files[0].len = MAIL_OUT_BYTES_MAX + 1;
	expect_refused(&m, "too large");
}

/* ---- addresses ---- */

static void expect_address(const char *text, const char *name, const char *addr)
{
	struct mail_addresses list;
	struct err err = {0};

	if (!mail_addresses_parse(text, &arena, &list, &err))
		fail_msg("%s", err.text);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].addr, addr);
	if (name == NULL)
		assert_null(list.items[0].name);
	else
		assert_string_equal(list.items[0].name, name);
}

static void expect_no_address(const char *text, const char *words)
{
	struct mail_addresses list;
	struct err err = {0};

	if (mail_addresses_parse(text, &arena, &list, &err))
		fail_msg("%s was taken", text);
	if (strstr(err.text, words) == NULL)
		fail_msg("%s", err.text);
}

static void addresses_are_read_as_they_are_typed(void **state)
{
	struct mail_addresses list;
	struct err err = {0};
	struct buf many = {0};

	expect_address("an@x.be", NULL, "an@x.be");
	expect_address(" An Claes <An.Claes@X.BE> ", "An Claes", "An.Claes@x.be");
	expect_address("\"Claes, An\" <an@x.be>,", "Claes, An", "an@x.be");
	expect_address("An \"de\" Claes <an@x.be>", "An \"de\" Claes", "an@x.be");
	expect_address("<an+x@sub.x.be>", NULL, "an+x@sub.x.be");
	expect_address("an@köln.example", NULL, "an@xn--kln-sna.example");
	expect_address("jürgen@x.example", NULL, "jürgen@x.example");
	assert_true(mail_addresses_parse("a@x.be, b@x.be; C <c@x.be>", &arena, &list, &err));
	assert_int_equal(list.count, 3);
	assert_true(mail_addresses_parse(NULL, &arena, &list, &err));
	assert_int_equal(list.count, 0);
	expect_no_address("an@x.be, bo@, cas@x.be", "\"bo@\"");
	expect_no_address("Claes, An <an@x.be>", "\"Claes\"");
	expect_no_address("An <an@x.be> x", "An <an@x.be> x");
	expect_no_address("an @x.be", "an @x.be");
	expect_no_address("an@x..be", "an@x..be");
	expect_no_address("an@[127.0.0.1]", "no mail address");
	expect_no_address("<an@x.be", "no mail address");
	expect_no_address("\"an@x.be", "no mail address");
	expect_no_address("Ploeg: a@x.be, b@x.be;", "group");
	expect_no_address("an@x.be\r\nb@x.be", "line end");
	expect_no_address("an@x.be\xff", "control");
	for (int i = 0; i < 101; i++)
		buf_printf(&many, "a%d@x.be,", i);
	expect_no_address(many.data, "more than 100");
	buf_finish(&many);
}

/* ---- answering ---- */

static void expect_subject(const char *subject, const char *number, enum mail_prefix prefix,
			   const char *expected)
{
	assert_string_equal(mail_subject_make(&arena, subject, number, prefix), expected);
}

static void prefixes_do_not_pile_up(void **state)
{
	static const char *const before[] = {
		"put",
		"Re: put",
		"RE: Re: re: put",
		"Antw: [26-004217-69] Re: put",
		"[26-004217-69] Antw.: FW: TR: put",
		"Betr: Doorst: WG: AW: SV: VS: put",
		"RE[2]: Re(3): Re^4: put",
		"RE : TR : put",
		"Fwd: [26-004217-69] [26-004217-69] put",
		"put [26-004217-69]",
		"[26-004217-69]put",
		"Re:put",
		"  Re:   put  ",
		"Re: [26 004217 69] put",
	};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		expect_subject(before[i], "26-004217-69", MAIL_PREFIX_REPLY,
			       "[26-004217-69] Re: put");
	expect_subject("Antw: put", NULL, MAIL_PREFIX_FORWARD, "Fwd: put");
	expect_subject("Antw: put", "26-004217-69", MAIL_PREFIX_NONE, "[26-004217-69] put");
	expect_subject(NULL, "26-004217-69", MAIL_PREFIX_REPLY, "[26-004217-69] Re:");
	expect_subject("Re: ", NULL, MAIL_PREFIX_NONE, "");
	/* Words that only begin like one, and numbers that are none. */
	expect_subject("Reactie: put", NULL, MAIL_PREFIX_REPLY, "Re: Reactie: put");
	expect_subject("Regen", NULL, MAIL_PREFIX_REPLY, "Re: Regen");
	expect_subject("[spoed] put", NULL, MAIL_PREFIX_REPLY, "Re: [spoed] put");
	expect_subject("[26-004217-70] put", NULL, MAIL_PREFIX_REPLY, "Re: [26-004217-70] put");
	expect_subject("put\r\nBcc: x", NULL, MAIL_PREFIX_NONE, "put Bcc: x");
	/* The own result gives itself again. */
	expect_subject("[26-004217-69] Re: put", "26-004217-69", MAIL_PREFIX_REPLY,
		       "[26-004217-69] Re: put");
}

static void a_long_subject_is_cut_at_a_letter(void **state)
{
	struct buf b = {0};
	const char *s;

	for (int i = 0; i < 400; i++)
		buf_add_str(&b, "é");
	s = mail_subject_make(&arena, b.data, "26-004217-69", MAIL_PREFIX_REPLY);
	assert_true(strlen(s) <= 250 && strlen(s) > 245);
	assert_true(text_valid(s, strlen(s)));
	buf_finish(&b);
}

static void quoted_text_is_known_again(void **state)
{
	static const char *const languages[] = {"nl", "fr", "en", "de", NULL};
	const char *quote, *all;

	for (size_t i = 0; i < 5; i++) {
		quote = mail_quote_text(&arena, languages[i], "An <an@x.be>",
					INT64_C(1795500000000), "\nDag\n\n> ouder\nGroet\n\n");
		all = arena_printf(&arena, "Ja hoor\n\n%s", quote);
		assert_int_equal(mail_quote_find(all, MAIL_REPLY), strlen("Ja hoor\n\n"));
		assert_non_null(strstr(quote, ":\n> Dag\n>\n>> ouder\n> Groet\n"));
	}
	assert_string_equal(mail_quote_text(&arena, "nl", "An", INT64_C(1795500000000), "Dag"),
			    "Op 24/11/2026 om 07:00 schreef An:\n> Dag\n");
	assert_string_equal(mail_quote_text(&arena, "nl", NULL, 0, "Dag"), "> Dag\n");
	assert_string_equal(mail_quote_text(&arena, "nl", NULL, 0, NULL), "");
	assert_null(strstr(mail_quote_text(&arena, "en", "An\nBo", INT64_C(1795500000000), "x"),
			   "An\n"));
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
		cmocka_unit_test(a_plain_answer_comes_back_as_it_was),
		cmocka_unit_test(a_machine_says_that_it_is_one),
		cmocka_unit_test(any_text_passes_anywhere),
		cmocka_unit_test(words_in_headers_are_coded),
		cmocka_unit_test(nothing_can_be_slipped_into_a_header),
		cmocka_unit_test(ids_of_strangers_are_bounded),
		cmocka_unit_test(files_go_along_byte_for_byte),
		cmocka_unit_test(addresses_are_read_as_they_are_typed),
		cmocka_unit_test(prefixes_do_not_pile_up),
		cmocka_unit_test(a_long_subject_is_cut_at_a_letter),
		cmocka_unit_test(quoted_text_is_known_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
