/* Mail of ours to a real postfix, with STARTTLS and a login, and by TLS from the start; what lies in the
 * mailbox of the citizen is what was built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/mail_build.h"
#include "../../src/central/mail/smtp.h"
#include "balie/clock.h"
#include "servers.h"

static struct mail_servers servers;
static struct arena arena;
static bool can;

static struct smtp_config config_of(const char *scheme, int port)
{
	return (struct smtp_config){
		.url = arena_printf(&arena, "%s://%s:%d", scheme,
				    strcmp(scheme, "smtp+plain") == 0 ? "127.0.0.1" : "localhost",
				    port),
		.user = "info",
		.password = MAIL_SERVERS_PASSWORD,
		.ca_file = servers.ca_file};
}

static struct mail_built build(const char *to, const char *body)
{
	static char data[70000];
	struct mail_attachment file = {.name = "naïef €.bin",
				       .type = "application/pdf",
				       .data = data,
				       .len = sizeof(data)};
	struct mail_out m = {.from_name = "Stad Voorbeeld, dienst \"Wegen\"",
			     .from_addr = "info@stad.example",
			     .to = to,
			     .subject = "[26-004217-69] Re: één put in de straat",
			     .body = body,
			     .message_id = "b.1.x@stad.example",
			     .date = INT64_C(1795500000000),
			     .files = &file,
			     .file_count = 1};
	struct mail_built ret;
	struct err err = {0};

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 256);
	if (!mail_build(&m, &arena, &ret, &err))
		fail_msg("%s", err.text);
	return ret;
}

static struct smtp_result send_with(const struct smtp_config *c, const struct mail_built *b)
{
	struct smtp_message m = {.from = "info@stad.example",
				 .recipients = b->recipients,
				 .recipient_count = b->recipient_count,
				 .bytes = b->bytes,
				 .len = b->len};
	struct smtp_result ret;

	smtp_send(c, &m, &arena, &ret);
	return ret;
}

/* What was built stands whole behind what the servers put before it. Gives that mail of the citizen, once
 * it is there; to be freed. */
static char *wait_for_mail(const struct mail_built *b)
{
	char *lines = arena_alloc(&arena, b->len + 1), *to = lines, *raw;
	int64_t until = clock_mono() + 20000;

	for (size_t i = 0; i < b->len; i++)
		if (b->bytes[i] != '\r')
			*to++ = b->bytes[i];
	for (;;) {
		for (int n = 0; (raw = mail_servers_get(&servers, MAIL_SERVERS_CITIZEN, "", n));
		     n++) {
			if (strstr(raw, lines) != NULL)
				return raw;
			free(raw);
		}
		assert_true(clock_mono() < until);
	}
}

static void it_arrives_whole(void **state)
{
	static const char *const schemes[] = {"smtp", "smtps"};
	int ports[] = {servers.submission, servers.smtps};
	static const char body[] = "Dag\r\n.\n..\nFrom hier\n-- \nStad é\n";

	if (!can)
		skip();
	for (int i = 0; i < 2; i++) {
		struct smtp_config c = config_of(schemes[i], ports[i]);
		struct mail_built b = build("Burger <burger@voorbeeld.example>", body);
		struct smtp_result r = send_with(&c, &b);
		struct mail_parsed p;
		char *raw;

		if (r.state != SMTP_SENT)
			fail_msg("%s: %s", schemes[i], r.evidence);
		assert_int_equal(r.code, 250);
		raw = wait_for_mail(&b);
		mail_parse(raw, strlen(raw), &arena, &p);
		assert_string_equal(p.subject, "[26-004217-69] Re: één put in de straat");
		assert_string_equal(p.from_name, "Stad Voorbeeld, dienst \"Wegen\"");
		assert_string_equal(p.body, "Dag\n.\n..\nFrom hier\n-- \nStad é");
		assert_int_equal(p.attachment_count, 1);
		assert_string_equal(p.attachments[0].name, "naïef €.bin");
		assert_int_equal(p.attachments[0].len, 70000);
		free(raw);
	}
}

static void what_is_wrong_is_told(void **state)
{
	struct smtp_config c;
	struct mail_built b;
	struct smtp_result r;

	if (!can)
		skip();
	b = build("burger@voorbeeld.example", "x");
	c = config_of("smtp", servers.submission);
	c.password = "mis";
	r = send_with(&c, &b);
	assert_int_equal(r.state, SMTP_TEMPORARY);
	assert_true(r.of_server);
	assert_non_null(strstr(r.evidence, "535"));
	/* A certificate that nobody vouches for. */
	c = config_of("smtp", servers.submission);
	c.ca_file = NULL;
	r = send_with(&c, &b);
	assert_int_equal(r.state, SMTP_TEMPORARY);
	assert_true(r.of_server);
	/* Without a login. */
	c = config_of("smtp", servers.submission);
	c.user = NULL;
	r = send_with(&c, &b);
	assert_int_equal(r.state, SMTP_PERMANENT);
	assert_int_equal(strncmp(r.evidence, "RCPT 554 ", 9), 0);
	assert_int_equal(mail_servers_count(&servers, MAIL_SERVERS_CITIZEN, ""), 2);
}

static int setup(void **state)
{
	mail_init();
	can = mail_servers_can();
	if (can)
		mail_servers_make(&servers, MAIL_SERVERS_IMAP | MAIL_SERVERS_SMTP);
	return 0;
}

static int teardown(void **state)
{
	if (can)
		mail_servers_remove(&servers);
	arena_finish(&arena);
	mail_finish();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_arrives_whole),
		cmocka_unit_test(what_is_wrong_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
