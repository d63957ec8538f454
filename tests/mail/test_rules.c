/* What becomes of a mail beyond its ticket: tokens, first answers, twins, what came back, own addresses; and
 * the configuration of mailboxes. On both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../src/central/mail/mail.h"
#include "../../src/central/mail/mail_config.h"
#include "../../src/central/mail/mail_token.h"
#include "../../src/central/mail/outgoing.h"
#include "balie/store.h"
#include "central_sql.h"
#include "postgres.h"

#define NOW INT64_C(1795500000000)

static struct town town;
static struct arena arena;
static char folder[] = "/tmp/balie-mailrules-XXXXXX";
static char path[POSTGRES_URL];
static struct mail_source source = {
	.mailbox = "info", .uidvalidity = 1, .now = NOW, .tell = true, .acknowledge = true};

static struct mail_outcome take(const char *raw)
{
	struct mail_outcome ret;
	struct err err = {0};

	source.uid++;
	assert_true(town_begin(&town, &err));
	if (!mail_take(&town, &source, raw, strlen(raw), &ret, &err))
		fail_msg("%s", err.text);
	assert_true(town_commit(&town, &err));
	return ret;
}

static struct ticket ticket(const char *id)
{
	struct ticket ret = {0};

	assert_true(town_read(&town, RECORD_TICKET, id, NULL, &ret, &arena, NULL));
	return ret;
}

static struct message message(const char *id)
{
	struct message ret = {0};

	assert_true(town_read(&town, RECORD_MESSAGE, id, NULL, &ret, &arena, NULL));
	return ret;
}

/* The mails of ours on a ticket, the newest last; at most max. */
static size_t mails_out(const char *ticket_id, struct message *ret, size_t max)
{
	struct store_query *q = store_query(town.store, CENTRAL_SQL_MESSAGE_LIST);
	size_t n = 0;

	store_bind_text(q, 1, NULL);
	store_bind_text(q, 2, ticket_id);
	store_bind_int(q, 3, 1000);
	while (store_step(q, NULL) == STORE_ROW) {
		struct message m = {0};

		store_column_fields(q, 0, record_types[RECORD_MESSAGE].fields,
				    record_types[RECORD_MESSAGE].field_count, &m, &arena);
		if (m.direction == DIRECTION_OUT && n < max)
			ret[n++] = m;
	}
	store_done(q);
	return n;
}

static const char *out_id(const char *message_id)
{
	static char ret[MAIL_TOKEN_TEXT];
	unsigned char key[MAIL_KEY];
	struct ticket t = ticket(message(message_id).ticket_id);

	assert_true(mail_token_key(&town, key, NULL));
	mail_token_message(key, t.number, message_id, "izegem.example", ret);
	return ret;
}

static const char *printed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *printed(const char *fmt, ...)
{
	static char ret[4000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ret, sizeof(ret), fmt, ap);
	va_end(ap);
	return ret;
}

static void tokens_are_right_or_nothing(void **state)
{
	unsigned char key[MAIL_KEY] = {7}, other[MAIL_KEY] = {8};
	char id[MAIL_TOKEN_TEXT], address[MAIL_TOKEN_TEXT], number[TRACKING_TEXT],
		good[TRACKING_TEXT];

	(void)state;
	tracking_make(26, 4217, good);
	mail_token_message(key, good, "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee", "izegem.example", id);
	assert_true(mail_token_find(key, id, number));
	assert_string_equal(number, good);
	assert_false(mail_token_find(other, id, number));
	assert_true(mail_token_address(key, good, "info@izegem.example", address));
	assert_int_equal(strncmp(address, "info+b.2600421769.", 18), 0);
	assert_true(mail_token_find(key, address, number));
	/* Some programs change the case; no other letter may change. */
	for (char *p = address; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	assert_true(mail_token_find(key, address, number));
	for (size_t i = 7; i < strcspn(id, "@") && id[i] != '-'; i++) {
		char bad[MAIL_TOKEN_TEXT];

		memcpy(bad, id, sizeof(bad));
		bad[i] = bad[i] == 'a' ? 'b' : 'a';
		if (i < 2 + 10 + 1 + 16)
			assert_false(mail_token_find(key, bad, number));
	}
	assert_false(mail_token_find(key, "b.2600421769", number));
	assert_false(mail_token_find(key, "", number));
	assert_false(mail_token_address(key, good, "no address", address));
	assert_false(mail_token_address(
		key, good, "a.very.long.local.part.that.leaves.no.room@izegem.example", address));
}

static void a_person_gets_a_first_answer_and_a_machine_none(void **state)
{
	struct message out[4];
	struct mail_outcome o;

	(void)state;
	o = take("From: An Claes <an@a.example>\nSubject: Put\nMessage-ID: <r1@a.example>\n\nEen "
		 "put.\n");
	assert_int_equal(o.result, MAIL_TICKET);
	assert_int_equal(mails_out(o.ticket_id, out, 4), 1);
	assert_int_equal(out[0].state, MESSAGE_QUEUED);
	assert_int_equal(out[0].sender, SENDER_MACHINE);
	assert_non_null(strstr(out[0].body, o.number));
	assert_null(strchr(out[0].body, '{'));
	assert_string_equal(out[0].to_text, "an@a.example");
	/* The first answer is no answer: somebody still has to. */
	assert_int_equal(ticket(o.ticket_id).last_out_at, 0);
	o = take("From: Rob <rob@m.example>\nSubject: Afwezig\nAuto-Submitted: "
		 "auto-replied\n\nWeg.\n");
	assert_int_equal(mails_out(o.ticket_id, out, 4), 0);
	o = take("From: no-reply@shop.example\nSubject: Factuur\n\nZie bijlage.\n");
	assert_int_equal(mails_out(o.ticket_id, out, 4), 0);
	assert_null(ticket(o.ticket_id).party_id);
	/* One of our own, as from another town's Balie. */
	o = take("From: info@izegem.example\nSubject: Van ons\n\nIets.\n");
	assert_int_equal(o.result, MAIL_TICKET);
	assert_int_equal(mails_out(o.ticket_id, out, 4), 0);
	o = take(
		"From: An <an@a.example>\nSubject: Mens\nAuto-Submitted: no\n\nIk ben het zelf.\n");
	assert_int_equal(mails_out(o.ticket_id, out, 4), 1);
}

static void one_address_gets_so_many_in_a_day(void **state)
{
	struct message out[2];
	struct mail_outcome o;
	int sent = 0, held = 0;

	(void)state;
	for (int i = 0; i < 30; i++) {
		o = take(printed("From: lus@l.example\nSubject: Lus %d\n\nTekst %d\n", i, i));
		assert_int_equal(mails_out(o.ticket_id, out, 2), 1);
		sent += out[0].state == MESSAGE_QUEUED;
		held += out[0].state == MESSAGE_NOT_SENT &&
			strncmp(out[0].reason, "too-many-automatic", 18) == 0;
	}
	assert_int_equal(sent, 20);
	assert_int_equal(held, 10);
}

static void whom_we_wrote_to_is_believed(void **state)
{
	struct message out[2];
	struct mail_outcome o, reply;
	char address[MAIL_TOKEN_TEXT];
	unsigned char key[MAIL_KEY];

	(void)state;
	o = take("From: Bea <bea@b.example>\nSubject: Boom\n\nEen boom.\n");
	assert_int_equal(mails_out(o.ticket_id, out, 2), 1);
	/* From another address, without the number: the Message-ID is enough. */
	reply = take(printed("From: Bea <bea.werk@c.example>\nSubject: Re\nReferences: <x@y> "
			     "<%s>\n\nEn nog iets.\n",
			     out_id(out[0].id)));
	assert_int_equal(reply.result, MAIL_FOLLOW_UP);
	assert_string_equal(reply.ticket_id, o.ticket_id);
	assert_true(mail_token_key(&town, key, NULL));
	assert_true(mail_token_address(key, o.number, "info@izegem.example", address));
	reply = take(printed("From: Bea <bea.thuis@d.example>\nTo: %s\nSubject: Nog\n\nEn dit.\n",
			     address));
	assert_int_equal(reply.result, MAIL_FOLLOW_UP);
	assert_string_equal(reply.ticket_id, o.ticket_id);
	/* The number alone is not. */
	reply = take(printed("From: Vreemd <v@e.example>\nTo: "
			     "info+b.%.2s%.6s%.2s.aaaaaaaaaaaaaaaa@izegem.example\n"
			     "Subject: [%s]\n\nWat staat daar?\n",
			     o.number, o.number + 3, o.number + 10, o.number));
	assert_int_equal(reply.result, MAIL_SUSPECTED);
	assert_int_equal(ticket(o.ticket_id).suspected, 1);
	/* A token of another ticket opens none that a Message-ID names. */
	o = take("From: Eva <eva@x.example>\nSubject: Van Eva\nMessage-ID: "
		 "<eva1@x.example>\n\nEigen vraag.\n");
	assert_int_equal(mails_out(o.ticket_id, out, 2), 1);
	reply = take("From: An <an@y.example>\nSubject: Van An\nMessage-ID: "
		     "<an1@y.example>\n\nVraag van An.\n");
	snprintf(address, sizeof(address), "%s", out_id(out[0].id));
	reply = take(printed("From: Eva <eva@x.example>\nSubject: Hallo\nReferences: <%s> "
			     "<an1@y.example>\n\nMag ik mee?\n",
			     address));
	assert_int_equal(reply.result, MAIL_SUSPECTED);
	/* No first answer to those. */
	assert_int_equal(mails_out(o.ticket_id, out, 2), 1);
}

static void a_twin_is_heard_once(void **state)
{
	static const char raw[] =
		"From: Cas <cas@c.example>\nSubject: Twee\nMessage-ID: <twin@c.example>\n"
		"X-Way: %d\n\nEen keer gezegd.\n";
	struct mail_outcome first, second, third, other;
	struct message out[4];

	(void)state;
	first = take(printed(raw, 1));
	second = take(printed(raw, 2));
	assert_string_equal(second.ticket_id, first.ticket_id);
	assert_non_null(strstr(second.reason, "twin"));
	assert_int_equal(mails_out(first.ticket_id, out, 4), 1);
	/* To another desk it is work there. */
	source.mailbox = "klachten";
	third = take(printed(raw, 3));
	source.mailbox = "info";
	assert_string_not_equal(third.ticket_id, first.ticket_id);
	assert_non_null(strstr(third.reason, first.number));
	/* Our own first answer, which some rule of a mail server brought back: nobody said that. */
	other = take(printed("From: Stad <info@izegem.example>\nSubject: Ontvangen\nMessage-ID: "
			     "<%s>\n\nDag Cas\n",
			     out_id(out[0].id)));
	assert_string_equal(other.ticket_id, first.ticket_id);
	assert_int_equal(other.result, MAIL_MACHINE);
	assert_int_equal(message(other.message_id).state, MESSAGE_RECEIVED);
	assert_int_equal(mails_out(first.ticket_id, out, 4), 1);
	/* The same Message-ID on another text is another mail. */
	other = take("From: Dirk <d@d.example>\nSubject: Iets\nMessage-ID: "
		     "<twin@c.example>\n\nAnders.\n");
	assert_string_not_equal(other.ticket_id, first.ticket_id);
	assert_null(strstr(other.reason, "twin"));
}

static void settle(const char *id, int state_now, const char *agent_id)
{
	struct message before = message(id), after = before;
	struct mark mark = {.operation = id, .action = "test", .at = NOW};

	assert_true(town_begin(&town, NULL));
	after.state = state_now;
	after.agent_id = agent_id;
	assert_true(town_update(&town, RECORD_MESSAGE, &before, &after, &mark, NULL));
	assert_true(town_commit(&town, NULL));
}

static const char *bounce(const char *status, const char *action, const char *header_id)
{
	return printed(
		"From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n"
		"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; "
		"boundary=x\n\n"
		"--x\nContent-Type: text/plain\n\nNiet bezorgd.\n"
		"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
		"Final-Recipient: rfc822; eva@e.example\nAction: %s\nStatus: %s\n\n"
		"--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <%s>\nSubject: x\n\n--x--\n",
		action, status, header_id);
}

static void what_comes_back_is_tied_to_what_was_sent(void **state)
{
	struct message out[4];
	struct mail_outcome o, b;
	struct party party;

	(void)state;
	o = take("From: Eva <eva@e.example>\nSubject: Vraag\n\nVraag.\n");
	assert_int_equal(mails_out(o.ticket_id, out, 4), 1);
	settle(out[0].id, MESSAGE_SENT, NULL);
	b = take(bounce("4.4.1", "delayed", out_id(out[0].id)));
	assert_int_equal(b.result, MAIL_BOUNCE);
	assert_string_equal(b.ticket_id, o.ticket_id);
	assert_int_equal(message(out[0].id).state, MESSAGE_SENT);
	b = take(bounce("5.1.1", "failed", out_id(out[0].id)));
	assert_string_equal(b.ticket_id, o.ticket_id);
	assert_int_equal(message(out[0].id).state, MESSAGE_FAILED);
	assert_non_null(strstr(message(out[0].id).reason, "5.1.1"));
	assert_true(town_read(&town, RECORD_PARTY, ticket(o.ticket_id).party_id, NULL, &party,
			      &arena, NULL));
	assert_non_null(strstr(party.emails, "\"bad\":true"));
	/* That, and nothing is sent about what could not be sent. */
	assert_int_equal(mails_out(o.ticket_id, out, 4), 1);
}

static bool config(const char *text, struct mail_config *ret, struct err *err)
{
	char name[200];
	FILE *f;

	snprintf(name, sizeof(name), "%s/balied.conf", folder);
	f = fopen(name, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	memset(err, 0, sizeof(*err));
	return mail_config_read(name, ret, &arena, err);
}

static void the_configuration_says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{"[mailbox a]\nteam = x\n", "imap"},
		{"[mailbox a]\nimap = http://x/\n", "imaps://"},
		{"[mailbox a]\nimap = imaps://u:secret@x/\nuser = u\n", "address"},
		{"[mailbox a]\nimap = imaps://x/\n", "user"},
		{"[mailbox a]\nimap = imaps://x/\nuser = u\n", "password-file"},
		{"[mailbox a]\nimap = imaps://x/\nuser = u\npassword-file = f\ndone = delete\n",
		 "move FOLDER"},
		{"[mailbox a]\nimap = imaps://x/\nuser = u\npassword-file = f\npoll = 0\n", ":5:"},
		{"[mailbox a]\nimap = imaps://x/\nuser = u\npassword-file = f\naddress = geen\n",
		 "address"},
		{"[mailbox a]\nsmtp = smtp://x\n", "address"},
		{"[mailbox a]\nimpa = imaps://x/\n", "imap"},
		{"[mailbox a]\nimap = imaps://x/\nuser = u\npassword-file = f\n[mailbox b]\nimap = "
		 "imaps://x/\n",
		 "'b'"},
	};
	struct mail_config c;
	struct err err;

	(void)state;
	assert_true(config("db = x\n[serve]\nlisten = y\n", &c, &err));
	assert_int_equal(c.count, 0);
	assert_true(config(
		"db = x\n[mailbox info]\nimap = imaps://mx.example/INBOX\nuser = info\n"
		"password-file = /x\ndone = move Verwerkt\naddress = Info@Izegem.Example\nplus = "
		"yes\n"
		"[mailbox klachten]\nimap = imap://mx.example/\nuser = k\npassword-file = /y\n",
		&c, &err));
	assert_int_equal(c.count, 2);
	assert_string_equal(c.mailboxes[0].name, "info");
	assert_int_equal(c.mailboxes[0].done, DONE_MOVE);
	assert_string_equal(c.mailboxes[0].done_folder, "Verwerkt");
	assert_true(c.mailboxes[0].plus);
	assert_int_equal(c.mailboxes[1].done, DONE_LEAVE);
	assert_int_equal(c.mailboxes[1].poll, 60);
	assert_false(c.mailboxes[1].plus);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(config(wrong[i].text, &c, &err));
		if (strstr(err.text, wrong[i].says) == NULL)
			fail_msg("case %zu: %s", i, err.text);
	}
}

static void a_secret_is_for_its_owner(void **state)
{
	char name[200], *secret = NULL;
	struct err err = {0};
	FILE *f;

	(void)state;
	snprintf(name, sizeof(name), "%s/secret", folder);
	f = fopen(name, "w");
	assert_non_null(f);
	fputs("geheim woord\nmeer\n", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(name, 0644), 0);
	assert_false(mail_secret_read(name, &secret, &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(chmod(name, 0600), 0);
	assert_true(mail_secret_read(name, &secret, &err));
	assert_string_equal(secret, "geheim woord");
	mail_secret_free(secret);
}

static bool add_mailbox(void)
{
	struct mailbox box = {.id = "0190aaaa-bbbb-7ccc-8ddd-000000000001",
			      .name = "info",
			      .address = "info@izegem.example",
			      .active = true,
			      .since = NOW};
	struct mark mark = {.operation = box.id, .action = "test", .at = NOW};

	return town_begin(&town, NULL) &&
	       town_insert(&town, RECORD_MAILBOX, &box, NULL, &mark, &arena, NULL) &&
	       town_commit(&town, NULL);
}

static int setup(void **state)
{
	(void)state;
	id_init();
	mail_init();
	store_know_postgres();
	if (mkdtemp(folder) == NULL)
		return -1;
	if (postgres_wanted())
		postgres_database(path);
	else
		snprintf(path, sizeof(path), "%s/t.db", folder);
	return town_open(&town, path, STORE_CREATE | STORE_PREPARE, NULL) && add_mailbox() ? 0 : -1;
}

static int teardown(void **state)
{
	char command[100];

	(void)state;
	town_close(&town);
	arena_finish(&arena);
	mail_finish();
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_right_or_nothing),
		cmocka_unit_test(a_person_gets_a_first_answer_and_a_machine_none),
		cmocka_unit_test(one_address_gets_so_many_in_a_day),
		cmocka_unit_test(whom_we_wrote_to_is_believed),
		cmocka_unit_test(a_twin_is_heard_once),
		cmocka_unit_test(what_comes_back_is_tied_to_what_was_sent),
		cmocka_unit_test(the_configuration_says_what_is_wrong),
		cmocka_unit_test(a_secret_is_for_its_owner),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
