/* A mail of ours from the answer to what became of it: claimed, handed over to a server that does what the
 * test says, settled; on both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "fake_smtp.h"
#include "post.h"

#define AFTER (POST_NOW + RECALL_MS)
#define MINUTE INT64_C(60000)

static struct post post;
static struct fake_smtp *server;

static void must(bool ok, const struct err *err)
{
	if (!ok)
		fail_msg("%s", err->text);
}

static void script(const struct fake_script *s)
{
	fake_smtp_script(server, s);
}

static bool claim(const char *holder, int64_t now, struct outbound_claim *ret)
{
	struct err err = {0};
	bool found;

	must(town_begin(&post.town, &err), &err);
	must(outbound_claim(&post.town, &post.box, holder, now, ret, &found, &post.arena, &err),
	     &err);
	must(town_commit(&post.town, &err), &err);
	return found;
}

static struct smtp_result hand_over(const struct outbound_claim *c)
{
	struct smtp_config config = {.url = fake_smtp_url(server),
				     .connect_ms = 3000,
				     .reply_ms = 3000,
				     .final_ms = 3000};
	struct smtp_message m = {.from = c->row.is_auto ? "" : c->row.sender,
				 .recipients = c->recipients,
				 .recipient_count = c->recipient_count,
				 .bytes = c->raw,
				 .len = c->len};
	struct smtp_result ret;

	smtp_send(&config, &m, &post.arena, &ret);
	return ret;
}

static void settle(const char *holder, const struct outbound_claim *c, const struct smtp_result *r,
		   int64_t now)
{
	struct err err = {0};

	must(town_begin(&post.town, &err), &err);
	must(outbound_settle(&post.town, c, r, holder, now, &post.arena, &err), &err);
	must(outbound_tell(&post.town, post.box.name, now, &post.arena, &err), &err);
	must(town_commit(&post.town, &err), &err);
}

/* One mail all the way; false when none was due. */
static bool work(int64_t now)
{
	struct outbound_claim c;
	struct smtp_result r;

	if (!claim("me", now, &c))
		return false;
	r = hand_over(&c);
	settle("me", &c, &r, now);
	return true;
}

static void orphans(const char *holder, int64_t now)
{
	struct err err = {0};

	must(town_begin(&post.town, &err), &err);
	must(outbound_orphans(&post.town, post.box.name, holder, now, &post.arena, &err), &err);
	must(town_commit(&post.town, &err), &err);
}

static void again(const char *id, const char *to, int64_t now)
{
	struct message before = post_message(&post, id), after;
	struct mark mark = {.operation = id, .action = "send-again", .at = now};
	const char *pointer;
	struct err err = {0};

	must(town_begin(&post.town, &err), &err);
	must(outgoing_again(&post.town, &before, &after, to, &pointer, &mark, &post.arena, &err),
	     &err);
	must(town_commit(&post.town, &err), &err);
}

static void expect_state(const char *id, int state, const char *reason)
{
	struct message m = post_message(&post, id);

	assert_int_equal(m.state, state);
	if (reason == NULL)
		assert_null(m.reason);
	else if (m.reason == NULL || strncmp(m.reason, reason, strlen(reason)) != 0)
		fail_msg("reason is %s, not %s", m.reason, reason);
}

static const char *reporter_emails(void)
{
	struct ticket ticket = {0};
	struct party party = {0};

	assert_true(town_read(&post.town, RECORD_TICKET, post.ticket_id, NULL, &ticket, &post.arena,
			      NULL));
	assert_true(town_read(&post.town, RECORD_PARTY, ticket.party_id, NULL, &party, &post.arena,
			      NULL));
	return party.emails;
}

static int64_t waiting_out(void)
{
	struct mailbox box = {0};
	const char *id;

	assert_true(mailbox_by_name(&post.town, post.box.name, &id, &post.arena, NULL));
	assert_true(town_read(&post.town, RECORD_MAILBOX, id, NULL, &box, &post.arena, NULL));
	return box.waiting;
}

static void an_answer_goes_out_and_is_kept(void **state)
{
	struct mail_parsed p;
	struct message m;
	const struct fake_mail *taken;
	const char *body;
	char id[ID_TEXT], name[60];
	size_t n = fake_smtp_taken(server);

	script(&(struct fake_script){0});
	body = arena_printf(&post.arena, "Dag An\n\nDe put is dicht.\n\n%s",
			    mail_quote_text(&post.arena, "nl", "An", POST_NOW, "een put"));
	post_answer(&post, NULL, "Bo <bo@y.example>", body, false, POST_NOW, id);
	assert_false(work(AFTER - 1)); /* it can still be taken back */
	assert_true(work(AFTER));
	assert_false(work(AFTER));
	expect_state(id, MESSAGE_SENT, NULL);
	assert_int_equal(post_row_state(&post, id), -1);
	taken = fake_smtp_mail(server, n);
	assert_string_equal(taken->from, "MAIL FROM:<" POST_ADDRESS ">");
	assert_string_equal(taken->to, "RCPT TO:<an@x.example>\nRCPT TO:<bo@y.example>");
	mail_parse(taken->bytes, taken->len, &post.arena, &p);
	snprintf(name, sizeof(name), "[%s] Re: put", post.number);
	assert_string_equal(p.subject, name);
	assert_string_equal(p.from_text, "Stad Voorbeeld <" POST_ADDRESS ">");
	assert_int_equal(p.sender, SENDER_PERSON);
	assert_string_equal(p.refs[0], "vraag-1@x.example");
	assert_int_equal(strncmp(p.message_id, "b.", 2), 0);
	assert_non_null(strstr(p.body, "dicht.\n\n-- \nStad Voorbeeld\n\nOp 24/11/2026 om 07:00 "
				       "schreef An:\n> een put"));
	m = post_message(&post, id);
	assert_true(m.has_raw);
}

static void what_is_sent_is_what_is_kept(void **state)
{
	struct outbound_claim one, two;
	char id[ID_TEXT];

	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, id);
	assert_true(claim("me", AFTER, &one));
	assert_true(outbound_release(&post.town, post.box.name, "me", NULL));
	/* Another time, the same bytes. */
	assert_true(claim("me", AFTER + 5 * MINUTE, &two));
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.raw, two.raw, one.len);
	script(&(struct fake_script){0});
	settle("me", &two, &(struct smtp_result){.recipients = (struct smtp_recipient[1]){{0}}},
	       AFTER);
	expect_state(id, MESSAGE_SENT, NULL);
}

static void it_can_be_taken_back_until_it_goes(void **state)
{
	struct outbound_claim c;
	struct smtp_result r;
	char id[ID_TEXT];
	bool late;

	script(&(struct fake_script){0});
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, id);
	assert_true(outgoing_recall(&post.town, id, &late, NULL));
	assert_false(late);
	assert_false(work(AFTER));
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, id);
	assert_true(claim("me", AFTER, &c));
	assert_true(outgoing_recall(&post.town, id, &late, NULL));
	assert_true(late);
	r = hand_over(&c);
	settle("me", &c, &r, AFTER);
	expect_state(id, MESSAGE_SENT, NULL);
}

static void a_no_for_now_is_tried_again_for_three_days(void **state)
{
	static const int minutes[] = {1, 2, 5, 15, 60, 60};
	struct fake_script s = {0};
	int64_t now = AFTER;
	char id[ID_TEXT];
	int tries = 0;

	s.replies[FAKE_END] = "451 4.3.0 try later; please\r\n";
	script(&s);
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, id);
	for (size_t i = 0; i < 6; i++) {
		assert_true(work(now));
		expect_state(id, MESSAGE_QUEUED, "try-again end 451 4.3.0 try later, please");
		assert_false(work(now + minutes[i] * MINUTE - 1));
		now += minutes[i] * MINUTE;
	}
	assert_int_equal(waiting_out(), 1);
	while (post_row_state(&post, id) == OUTBOUND_WAITING && ++tries < 200) {
		assert_true(work(now));
		now += 60 * MINUTE;
	}
	expect_state(id, MESSAGE_FAILED, "given-up end 451");
	assert_true(now - POST_NOW > 3 * CLOCK_DAY_MS && now - POST_NOW < 4 * CLOCK_DAY_MS);
	assert_int_equal(waiting_out(), 0);
	/* A person can let it go once more. */
	script(&(struct fake_script){0});
	again(id, NULL, now);
	assert_false(work(now));
	assert_true(work(now + RECALL_MS));
	expect_state(id, MESSAGE_SENT, NULL);
}

static void a_no_is_told_with_its_reason(void **state)
{
	struct fake_script s = {.refused = "weg@", .refusal = "550 5.1.1 no one here\r\n"};
	size_t n = fake_smtp_taken(server);
	char id[ID_TEXT], ticket[ID_TEXT];

	strcpy(ticket, post.ticket_id);
	post_take(&post, "From: weg@x.example\nSubject: put\n\nEen put.\n", POST_NOW);
	script(&s);
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, id);
	assert_true(work(AFTER));
	expect_state(id, MESSAGE_FAILED, "refused weg@x.example: 550 5.1.1 no one here");
	assert_non_null(strstr(reporter_emails(), "\"bad\":true"));
	/* To another address its head is another. */
	again(id, "an2@x.example", POST_NOW);
	script(&(struct fake_script){0});
	assert_true(work(AFTER));
	expect_state(id, MESSAGE_SENT, NULL);
	assert_non_null(strstr(fake_smtp_mail(server, n)->bytes, "To: an2@x.example\r\n"));
	assert_int_equal(fake_smtp_taken(server), n + 1);
	strcpy(post.ticket_id, ticket);
}

/* Who has it never gets it again. */
static void some_have_it_and_some_do_not(void **state)
{
	struct fake_script s = {.refused = "bo@", .refusal = "450 later\r\n"};
	size_t n = fake_smtp_taken(server);
	char id[ID_TEXT];
	bool late;

	script(&s);
	post_answer(&post, "an@x.example, bo@y.example, cas@z.example", NULL, "Dag\n", false,
		    POST_NOW, id);
	assert_true(work(AFTER));
	expect_state(id, MESSAGE_QUEUED, "try-again");
	assert_true(outgoing_recall(&post.town, id, &late, NULL));
	assert_true(late); /* two have it */
	s.refusal = "550 no bo\r\n";
	script(&s);
	assert_true(work(AFTER + MINUTE));
	expect_state(id, MESSAGE_FAILED, "refused bo@y.example: 550 no bo");
	script(&(struct fake_script){0});
	again(id, NULL, POST_NOW);
	assert_true(work(AFTER));
	expect_state(id, MESSAGE_SENT, NULL);
	assert_int_equal(fake_smtp_taken(server), n + 2);
	assert_string_equal(fake_smtp_mail(server, n)->to,
			    "RCPT TO:<an@x.example>\nRCPT TO:<cas@z.example>");
	assert_string_equal(fake_smtp_mail(server, n + 1)->to, "RCPT TO:<bo@y.example>");
}

static void what_is_not_sure_waits_for_a_person(void **state)
{
	struct fake_script s = {0};
	size_t n = fake_smtp_taken(server);
	char id[ID_TEXT];
	bool late;

	s.replies[FAKE_END] = FAKE_CUT;
	script(&s);
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, id);
	assert_true(work(AFTER));
	expect_state(id, MESSAGE_UNCERTAIN, "uncertain end");
	script(&(struct fake_script){0});
	assert_false(work(AFTER + 30 * CLOCK_DAY_MS));
	assert_int_equal(fake_smtp_taken(server), n + 1); /* it had it */
	assert_true(outgoing_settle(&post.town, id, &late, NULL));
	assert_false(late);
	assert_int_equal(post_row_state(&post, id), -1);
}

static void a_death_in_between_is_not_sure(void **state)
{
	struct outbound_claim c;
	struct smtp_result r;
	char id[ID_TEXT];

	script(&(struct fake_script){0});
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, id);
	assert_true(claim("first", AFTER, &c));
	orphans("first", AFTER);
	assert_int_equal(post_row_state(&post, id), OUTBOUND_HANDING);
	orphans("second", AFTER);
	expect_state(id, MESSAGE_UNCERTAIN, "service-ended");
	assert_false(claim("second", AFTER + CLOCK_DAY_MS, &c));
	/* It was not dead but slow: it knows. */
	r = hand_over(&c);
	settle("first", &c, &r, AFTER);
	expect_state(id, MESSAGE_SENT, NULL);
	/* Unless a person has decided meanwhile. */
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, id);
	assert_true(claim("first", AFTER, &c));
	orphans("second", AFTER);
	again(id, NULL, AFTER);
	settle("first", &c, &r, AFTER);
	expect_state(id, MESSAGE_QUEUED, NULL);
	assert_true(work(AFTER + RECALL_MS));
	expect_state(id, MESSAGE_SENT, NULL);
}

static void a_server_that_is_away_is_waited_for(void **state)
{
	struct fake_script s = {0};
	char ids[3][ID_TEXT];
	int64_t now = AFTER;

	for (int i = 0; i < 3; i++)
		post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, ids[i]);
	s.replies[FAKE_GREETING] = "421 too busy\r\n";
	script(&s);
	assert_true(work(now));
	assert_int_equal(waiting_out(), 3); /* all that was due is late */
	expect_state(ids[0], MESSAGE_QUEUED, "try-again connect");
	/* When it is back, all can go at once. */
	script(&(struct fake_script){0});
	for (int i = 0; i < 3; i++)
		assert_true(work(now));
	for (int i = 0; i < 3; i++)
		expect_state(ids[i], MESSAGE_SENT, NULL);
	assert_int_equal(waiting_out(), 0);
	/* And one that is away for ever is told of. */
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, ids[0]);
	script(&s);
	for (int i = 0; i < 9; i++, now += 8 * 60 * MINUTE)
		assert_true(work(now));
	now += 3 * CLOCK_DAY_MS;
	assert_true(work(now));
	expect_state(ids[0], MESSAGE_FAILED, "given-up connect");
}

/* A server that falls over one mail gets the others meanwhile. */
static void one_mail_that_breaks_the_line_waits_by_itself(void **state)
{
	struct fake_script s = {.body_cut_at = 5, .reset = true};
	char bad[ID_TEXT], good[ID_TEXT];
	struct buf body = {0};

	while (body.len < 3000000)
		buf_add_str(&body, "een lange tekst\n");
	script(&s);
	post_answer(&post, NULL, NULL, body.data, false, POST_NOW, bad);
	buf_finish(&body);
	assert_true(work(AFTER));
	expect_state(bad, MESSAGE_QUEUED, "try-again DATA");
	script(&(struct fake_script){0});
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, good);
	assert_true(work(AFTER + 1));
	expect_state(good, MESSAGE_SENT, NULL);
	assert_false(work(AFTER + MINUTE - 1));
	assert_true(work(AFTER + MINUTE));
	expect_state(bad, MESSAGE_SENT, NULL);
}

static void a_machine_wants_no_answer(void **state)
{
	size_t n = fake_smtp_taken(server);
	struct mail_parsed p;
	char id[ID_TEXT];

	script(&(struct fake_script){0});
	post_answer(&post, NULL, NULL, "Goed ontvangen\n", true, POST_NOW, id);
	assert_true(work(POST_NOW));
	assert_string_equal(fake_smtp_mail(server, n)->from, "MAIL FROM:<>");
	mail_parse(fake_smtp_mail(server, n)->bytes, fake_smtp_mail(server, n)->len, &post.arena,
		   &p);
	assert_int_equal(p.sender, SENDER_AUTO_REPLY);
}

static void mail_of_no_mailbox_is_seen(void **state)
{
	struct mail_config none = {0}, all = {&post.box, 1};
	struct err err = {0};
	char id[ID_TEXT];

	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, id);
	must(town_begin(&post.town, &err), &err);
	must(outbound_strays(&post.town, &all, AFTER, &post.arena, &err), &err);
	assert_int_equal(post_row_state(&post, id), OUTBOUND_WAITING);
	must(outbound_strays(&post.town, &none, AFTER, &post.arena, &err), &err);
	must(town_commit(&post.town, &err), &err);
	expect_state(id, MESSAGE_FAILED, "mailbox-gone info");
}

/* One that cannot be built is told of, and the next goes. */
static void one_that_cannot_go_holds_up_no_other(void **state)
{
	char bad[ID_TEXT], good[ID_TEXT];
	struct outbound_claim c;

	script(&(struct fake_script){0});
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, bad);
	post_answer(&post, NULL, NULL, "Dag\n", false, POST_NOW, good);
	post.box.from_name = "Stad\nBcc: x@y.example";
	assert_false(claim("me", AFTER, &c));
	expect_state(bad, MESSAGE_FAILED, "unsendable");
	expect_state(good, MESSAGE_FAILED, "unsendable");
	post.box.from_name = "Stad";
	again(good, NULL, POST_NOW);
	post.box.smtp = NULL;
	assert_false(claim("me", AFTER, &c));
	expect_state(good, MESSAGE_FAILED, "no-mail");
	post.box.smtp = "smtp+plain://127.0.0.1:1";
	again(good, NULL, POST_NOW);
	assert_true(work(AFTER));
	expect_state(good, MESSAGE_SENT, NULL);
}

static int setup(void **state)
{
	FILE *f;
	static char path[100];

	post_open(&post, NULL, POST_NOW);
	snprintf(path, sizeof(path), "%s/signature", post.folder);
	f = fopen(path, "w");
	fputs("Stad Voorbeeld\n", f);
	fclose(f);
	post.box.signature_file = path;
	server = fake_smtp_start();
	post_take(&post,
		  "From: An Claes <an@x.example>\nSubject: put\nMessage-ID: "
		  "<vraag-1@x.example>\n\nEen put.\n",
		  POST_NOW);
	return 0;
}

static int teardown(void **state)
{
	fake_smtp_stop(server);
	post_close(&post);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_goes_out_and_is_kept),
		cmocka_unit_test(what_is_sent_is_what_is_kept),
		cmocka_unit_test(it_can_be_taken_back_until_it_goes),
		cmocka_unit_test(a_no_for_now_is_tried_again_for_three_days),
		cmocka_unit_test(a_no_is_told_with_its_reason),
		cmocka_unit_test(some_have_it_and_some_do_not),
		cmocka_unit_test(what_is_not_sure_waits_for_a_person),
		cmocka_unit_test(a_death_in_between_is_not_sure),
		cmocka_unit_test(a_server_that_is_away_is_waited_for),
		cmocka_unit_test(one_mail_that_breaks_the_line_waits_by_itself),
		cmocka_unit_test(a_machine_wants_no_answer),
		cmocka_unit_test(mail_of_no_mailbox_is_seen),
		cmocka_unit_test(one_that_cannot_go_holds_up_no_other),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
