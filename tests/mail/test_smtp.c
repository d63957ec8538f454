/* How far a message came is known for sure: every answer of a server at every step, a line cut at every
 * byte, silence, nonsense. What the client says is held against what the server took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include "../../src/central/mail/smtp.h"
#include "balie/clock.h"
#include "balie/mem.h"
#include "balie/text.h"
#include "fake_smtp.h"

#define TEXT_FROM \
	(long)(sizeof("EHLO stad.example\r\nMAIL FROM:<info@stad.example>\r\nRCPT " \
		      "TO:<an@x.example>\r\nDATA\r\n") - \
	       1)
#define BODY "Subject: x\r\n\r\n.dot\r\n..\r\nDag\r\n"

static struct fake_smtp *server;
static struct arena arena;

static const char *const recipients[] = {"an@x.example", "bo@y.example", "cas@z.example"};

static struct smtp_config config_of(void)
{
	return (struct smtp_config){.url = fake_smtp_url(server),
				    .reply_ms = 5000,
				    .final_ms = 5000,
				    .connect_ms = 5000};
}

static struct smtp_message message_of(size_t count)
{
	return (struct smtp_message){.from = "info@stad.example",
				     .recipients = recipients,
				     .recipient_count = count,
				     .bytes = BODY,
				     .len = strlen(BODY)};
}

static struct smtp_result send_with(const struct smtp_config *c, size_t count)
{
	struct smtp_message m = message_of(count);
	struct smtp_result ret;

	smtp_send(c, &m, &arena, &ret);
	assert_true(text_valid(ret.evidence, strlen(ret.evidence)));
	return ret;
}

/* Sends one; gives how many the server took of it. */
static size_t run(const struct fake_script *script, struct smtp_result *ret)
{
	struct smtp_config c = config_of();
	size_t before = fake_smtp_taken(server);

	c.reply_ms = c.final_ms = c.connect_ms = 250; /* only the silent ones wait for it */
	fake_smtp_script(server, script);
	*ret = send_with(&c, 1);
	return fake_smtp_taken(server) - before;
}

static void it_goes_out_byte_for_byte(void **state)
{
	struct fake_script well = {0};
	size_t before = fake_smtp_taken(server);
	struct smtp_config c = config_of();
	struct smtp_result r;
	const struct fake_mail *m;

	fake_smtp_script(server, &well);
	r = send_with(&c, 3);
	assert_int_equal(r.state, SMTP_SENT);
	assert_int_equal(r.sent_count, 3);
	assert_string_equal(r.evidence, "end 250 taken");
	m = fake_smtp_mail(server, before);
	assert_string_equal(m->bytes, BODY);
	assert_string_equal(m->from, "MAIL FROM:<info@stad.example>");
	assert_string_equal(m->to, "RCPT TO:<an@x.example>\nRCPT TO:<bo@y.example>\nRCPT "
				   "TO:<cas@z.example>");
	assert_int_equal(fake_smtp_taken(server), before + 1);
}

static void every_refusal_is_understood(void **state)
{
	static const struct {
		const char *reply;
		enum smtp_state early, end;
		bool of_server;
	} cases[] = {
		{"451 4.3.0 later\r\n", SMTP_TEMPORARY, SMTP_TEMPORARY, false},
		{"550-no\r\n550 5.7.1 never\r\n", SMTP_PERMANENT, SMTP_PERMANENT, false},
		{"421 closing\r\n", SMTP_TEMPORARY, SMTP_TEMPORARY, true},
		{FAKE_CUT, SMTP_TEMPORARY, SMTP_UNCERTAIN, true},
		{FAKE_SILENT, SMTP_TEMPORARY, SMTP_UNCERTAIN, true},
		{"nonsense\r\n", SMTP_TEMPORARY, SMTP_UNCERTAIN, true},
		{"250-a\r\n251 b\r\n", SMTP_TEMPORARY, SMTP_UNCERTAIN, true},
		{"999 x\r\n", SMTP_TEMPORARY, SMTP_UNCERTAIN, true},
	};
	struct smtp_result r;

	for (int step = FAKE_MAIL; step <= FAKE_END; step++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct fake_script s = {0};
			size_t taken;

			s.replies[step] = cases[i].reply;
			taken = run(&s, &r);
			assert_int_equal(r.state, step == FAKE_END ? cases[i].end : cases[i].early);
			if (r.state != SMTP_UNCERTAIN)
				assert_int_equal(taken, 0);
			if (step != FAKE_END && step != FAKE_RCPT)
				assert_int_equal(r.of_server, cases[i].of_server);
			assert_true(strlen(r.evidence) > 5);
		}
	}
}

/* Before the message is spoken of nothing is held against it. */
static void trouble_before_it_is_of_the_server(void **state)
{
	static const char *const replies[] = {"554 go away\r\n", "421 busy\r\n", "x\r\n", FAKE_CUT,
					      FAKE_SILENT};
	struct smtp_config c = config_of();
	struct smtp_result r;

	for (int step = FAKE_GREETING; step <= FAKE_AUTH; step++) {
		for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
			struct fake_script s = {0};

			s.replies[step] = replies[i];
			fake_smtp_script(server, &s);
			c.connect_ms = 250;
			c.user = "info";
			c.password = "geheim";
			r = send_with(&c, 1);
			assert_int_equal(r.state, SMTP_TEMPORARY);
			assert_true(r.of_server);
		}
	}
	c.url = "smtp+plain://127.0.0.1:1";
	r = send_with(&c, 1);
	assert_null(strstr(r.evidence, " ms"));
	assert_int_equal(r.state, SMTP_TEMPORARY);
	assert_true(r.of_server);
	/* No TLS is offered, and it must be. */
	c.url = arena_printf(&arena, "smtp://127.0.0.1:%d", fake_smtp_port(server));
	c.connect_ms = 5000;
	fake_smtp_script(server, &(struct fake_script){0});
	r = send_with(&c, 1);
	assert_int_equal(r.state, SMTP_TEMPORARY);
	assert_true(r.of_server);
	/* Without it only to this machine. */
	c.url = "smtp+plain://mail.stad.example:25";
	assert_int_equal(send_with(&c, 1).state, SMTP_TEMPORARY);
}

static void the_login_is_said(void **state)
{
	struct smtp_config c = config_of();
	struct fake_script s = {0};
	struct smtp_result r;

	fake_smtp_script(server, &s);
	c.user = "info";
	c.password = "geheim";
	assert_int_equal(send_with(&c, 1).state, SMTP_SENT);
	assert_string_equal(fake_smtp_auth(server), "AGluZm8AZ2VoZWlt");
	c.bearer = "token";
	assert_int_equal(send_with(&c, 1).state, SMTP_SENT);
	/* "n,a=info,^Ahost=…" */
	assert_int_equal(strncmp(fake_smtp_auth(server), "bixhPWluZm8sAWhvc3Q9", 20), 0);
	/* Nothing goes without the login that it should have. */
	s.no_auth = true;
	fake_smtp_script(server, &s);
	r = send_with(&c, 1);
	assert_int_equal(r.state, SMTP_TEMPORARY);
	assert_string_equal(r.evidence, "connect: the mail server offers no login");
	s.no_auth = false;
	s.replies[FAKE_AUTH] = "535 5.7.8 who?\r\n";
	fake_smtp_script(server, &s);
	assert_int_equal(send_with(&c, 1).state, SMTP_TEMPORARY);
}

/* Cut at each byte that it sends, softly and hard: what is called sure is so. */
static void a_cut_at_any_byte_is_known(void **state)
{
	struct smtp_result r;
	int uncertain = 0, sent = 0, doubted = 0;
	size_t taken;

	for (long at = 1; at < 190; at++) {
		for (int hard = 0; hard < 2; hard++) {
			struct fake_script s = {.cut_at = at, .reset = hard};

			taken = run(&s, &r);
			if (r.state == SMTP_SENT)
				assert_int_equal(taken, 1);
			else if (r.state != SMTP_UNCERTAIN)
				assert_int_equal(taken, 0);
			sent += r.state == SMTP_SENT;
			uncertain += r.state == SMTP_UNCERTAIN;
			doubted += r.state == SMTP_UNCERTAIN && taken == 0;
			assert_true(r.state != SMTP_PERMANENT);
			/* It is sure for all of the time before the text. */
			assert_true(r.state != SMTP_UNCERTAIN || at >= TEXT_FROM);
		}
	}
	print_message("sent %d, uncertain %d, of which not taken %d\n", sent, uncertain, doubted);
	assert_true(sent > 0);
	assert_true(uncertain > 0);
}

static void some_recipients_may_be_refused(void **state)
{
	struct fake_script s = {.refused = "bo@", .refusal = "550 5.1.1 no bo here\r\n"};
	struct smtp_config c = config_of();
	struct smtp_result r;

	fake_smtp_script(server, &s);
	r = send_with(&c, 3);
	assert_int_equal(r.state, SMTP_SENT);
	assert_int_equal(r.sent_count, 2);
	assert_int_equal(r.recipients[0].state, SMTP_SENT);
	assert_int_equal(r.recipients[1].state, SMTP_PERMANENT);
	assert_string_equal(r.recipients[1].words, "5.1.1 no bo here");
	s.refusal = "450 later\r\n";
	fake_smtp_script(server, &s);
	r = send_with(&c, 3);
	assert_int_equal(r.recipients[1].state, SMTP_TEMPORARY);
	assert_int_equal(r.sent_count, 2);
	/* The end is not sure: of whom it was refused before, it is. */
	s.refusal = "550 no\r\n";
	s.replies[FAKE_END] = FAKE_CUT;
	fake_smtp_script(server, &s);
	r = send_with(&c, 3);
	assert_int_equal(r.state, SMTP_UNCERTAIN);
	assert_int_equal(r.recipients[0].state, SMTP_UNCERTAIN);
	assert_int_equal(r.recipients[1].state, SMTP_PERMANENT);
	s = (struct fake_script){.refused = "@", .refusal = "550 no\r\n"};
	fake_smtp_script(server, &s);
	r = send_with(&c, 3);
	assert_int_equal(r.state, SMTP_PERMANENT);
	assert_string_equal(r.evidence, "RCPT 550 no");
}

/* A reply that comes before it was asked for never counts as the one to the end. */
static void words_out_of_turn_are_no_answer(void **state)
{
	struct fake_script s = {0};
	struct smtp_result r;

	s.replies[FAKE_DATA] = "354 go\r\n250 taken\r\n";
	assert_int_equal(run(&s, &r), 0);
	assert_int_equal(r.state, SMTP_TEMPORARY);
}

static void a_long_message_can_be_refused_half_way(void **state)
{
	struct fake_script s = {.body_cut_at = 100000, .reset = true};
	struct smtp_config c = config_of();
	struct smtp_message m = message_of(1);
	struct smtp_result r;
	struct buf b = {0};

	while (b.len < 20000000)
		buf_add_str(&b, "een regel van een lange tekst\r\n");
	m.bytes = b.data;
	m.len = b.len;
	fake_smtp_script(server, &s);
	smtp_send(&c, &m, &arena, &r);
	assert_int_equal(r.state, SMTP_TEMPORARY);
	/* Its reason is read, though all of it went out. */
	s = (struct fake_script){.early = "552 5.3.4 too large\r\n"};
	fake_smtp_script(server, &s);
	smtp_send(&c, &m, &arena, &r);
	assert_int_equal(r.state, SMTP_PERMANENT);
	assert_string_equal(r.evidence, "DATA 552 5.3.4 too large");
	buf_finish(&b);
}

static void letters_of_any_language_only_where_offered(void **state)
{
	static const char *const to[] = {"jürgen@x.example"};
	struct smtp_config c = config_of();
	struct smtp_message m = message_of(1);
	struct fake_script s = {0};
	struct smtp_result r;
	size_t n = fake_smtp_taken(server);

	m.recipients = to;
	m.utf8 = true;
	fake_smtp_script(server, &s);
	smtp_send(&c, &m, &arena, &r);
	assert_int_equal(r.state, SMTP_SENT);
	assert_string_equal(fake_smtp_mail(server, n)->from,
			    "MAIL FROM:<info@stad.example> SMTPUTF8");
	s.no_utf8 = true;
	fake_smtp_script(server, &s);
	smtp_send(&c, &m, &arena, &r);
	assert_int_equal(r.state, SMTP_PERMANENT);
	assert_int_equal(fake_smtp_taken(server), n + 1);
}

static void what_is_not_well_formed_does_not_leave(void **state)
{
	static const char *const bad[] = {"x@y.example>\r\nRCPT TO:<z@z.example"};
	static const char *const bodies[] = {"a\n.\nb\r\n", "a\rb\r\n", "a", "a\r\n.\r", "a\r\r\n"};
	struct smtp_config c = config_of();
	struct smtp_message m = message_of(1);
	struct smtp_result r;
	int greetings;

	fake_smtp_script(server, &(struct fake_script){0});
	greetings = fake_smtp_steps(server, FAKE_GREETING);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		m.bytes = bodies[i];
		m.len = strlen(bodies[i]);
		smtp_send(&c, &m, &arena, &r);
		assert_int_equal(r.state, SMTP_PERMANENT);
	}
	m = message_of(1);
	m.recipients = bad;
	smtp_send(&c, &m, &arena, &r);
	assert_int_equal(r.state, SMTP_PERMANENT);
	assert_int_equal(fake_smtp_steps(server, FAKE_GREETING), greetings);
}

struct stopper {
	enum fake_step step;
	int times, fd;
};

static void *stop_main(void *user)
{
	struct stopper *s = user;
	uint64_t one = 1;

	fake_smtp_await_step(server, s->step, s->times);
	assert_int_equal(write(s->fd, &one, sizeof(one)), sizeof(one));
	return NULL;
}

/* Another thread ends it at each step while the server is silent; after the end it waits a while yet. */
static void it_can_be_stopped(void **state)
{
	struct smtp_config c = config_of();
	struct smtp_result r;
	int64_t from;

	c.grace_ms = 50;
	for (int step = FAKE_GREETING; step <= FAKE_END; step++) {
		struct fake_script s = {0};
		struct stopper stop = {.step = step, .fd = eventfd(0, EFD_CLOEXEC)};
		pthread_t thread;

		if (step == FAKE_AUTH)
			continue;
		s.replies[step] = FAKE_SILENT;
		fake_smtp_script(server, &s);
		stop.times = fake_smtp_steps(server, step) + 1;
		c.stop_fd = stop.fd;
		from = clock_mono();
		assert_int_equal(pthread_create(&thread, NULL, stop_main, &stop), 0);
		r = send_with(&c, 1);
		pthread_join(thread, NULL);
		close(stop.fd);
		assert_int_equal(r.state, step == FAKE_END ? SMTP_UNCERTAIN : SMTP_TEMPORARY);
		assert_true(clock_mono() - from < 4000); /* and not when all patience is over */
	}
}

/* Who is slow at the end is waited for, a stop or not. */
static void *release_main(void *user)
{
	struct stopper *s = user;

	stop_main(s);
	fake_smtp_release(server);
	return NULL;
}

static void a_late_yes_is_a_yes(void **state)
{
	struct fake_script s = {0};
	struct stopper stop = {.step = FAKE_END, .fd = eventfd(0, EFD_CLOEXEC)};
	struct smtp_config c = config_of();
	pthread_t thread;

	s.replies[FAKE_END] = FAKE_HELD;
	fake_smtp_script(server, &s);
	stop.times = fake_smtp_steps(server, FAKE_END) + 1;
	c.stop_fd = stop.fd;
	assert_int_equal(pthread_create(&thread, NULL, release_main, &stop), 0);
	assert_int_equal(send_with(&c, 1).state, SMTP_SENT);
	pthread_join(thread, NULL);
	close(stop.fd);
}

static int setup(void **state)
{
	server = fake_smtp_start();
	return 0;
}

static int teardown(void **state)
{
	fake_smtp_stop(server);
	arena_finish(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_out_byte_for_byte),
		cmocka_unit_test(every_refusal_is_understood),
		cmocka_unit_test(trouble_before_it_is_of_the_server),
		cmocka_unit_test(the_login_is_said),
		cmocka_unit_test(a_cut_at_any_byte_is_known),
		cmocka_unit_test(some_recipients_may_be_refused),
		cmocka_unit_test(words_out_of_turn_are_no_answer),
		cmocka_unit_test(a_long_message_can_be_refused_half_way),
		cmocka_unit_test(letters_of_any_language_only_where_offered),
		cmocka_unit_test(what_is_not_well_formed_does_not_leave),
		cmocka_unit_test(it_can_be_stopped),
		cmocka_unit_test(a_late_yes_is_a_yes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
