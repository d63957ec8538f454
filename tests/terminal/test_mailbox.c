/* A question by mail from its first word to its last, on a small and on a large terminal, with real mail servers:
 * a citizen writes and gets the first answer, the agent answers with a ready text, the citizen writes
 * back without the number, and a stranger who quotes it is looked at first. With BALIE_RECORD=FILE every
 * screen is written there with what was pressed before it. */
#include "fixture.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "servers.h"

#define CITIZEN "burger@burgers.example"

struct session {
	struct town town;
	struct mail_servers mail;
	struct terminal *t;
	FILE *record;
	char number[16];
};

static void shot(struct session *d, const char *caption)
{
	record_screen(d->record, d->t, caption);
}

static void write_file(struct session *d, const char *name, const char *text)
{
	char *path = town_path(&d->town, name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(chmod(path, 0600), 0);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	free(path);
}

static void configure(struct session *d)
{
	char text[2000];

	write_file(d, "password", MAIL_SERVERS_PASSWORD "\n");
	write_file(d, "signature", "Stad Izegem, Korenmarkt 10\n");
	snprintf(
		text, sizeof(text),
		"[mailbox info]\nimap = imaps://localhost:%d/INBOX\nuser = " MAIL_SERVERS_INFO "\n"
		"password-file = %s/password\nca-file = %s\nteam = Contactcenter\n"
		"address = info@izegem.example\nname = Stad Izegem\nsignature-file = %s/signature\n"
		"plus = yes\ndone = move Verwerkt\nacknowledge = yes\nsmtp = smtp://localhost:%d\n",
		d->mail.imaps, d->town.dir, d->mail.ca_file, d->town.dir, d->mail.submission);
	write_file(d, "balied.conf", text);
}

static int setup(void **state)
{
	static struct session d;

	memset(&d, 0, sizeof(d));
	if (!mail_servers_can())
		skip();
	mail_servers_make(&d.mail, MAIL_SERVERS_IMAP | MAIL_SERVERS_SMTP);
	town_make(&d.town);
	town_stop(&d.town);
	town_balied_words(
		&d.town,
		(const char *const[]){"template", "add", "Put gemeld", "--language", "nl", NULL},
		"Beste {naam}\n\nDank je voor je melding {nummer}. We herstellen de put.\n");
	configure(&d);
	town_serve(&d.town);
	*state = &d;
	return 0;
}

static int teardown(void **state)
{
	struct session *d = *state;

	town_remove(&d->town);
	mail_servers_remove(&d->mail);
	return 0;
}

/* Until so many mails lie with the citizen; gives the newest, to be freed. */
static char *citizen_gets(struct session *d, int count)
{
	for (int i = 0; i < TERMINAL_LIMIT_MS / 20; i++) {
		if (mail_servers_count(&d->mail, MAIL_SERVERS_CITIZEN, "") >= count)
			break;
		poll(NULL, 0, 20);
	}
	assert_int_equal(mail_servers_count(&d->mail, MAIL_SERVERS_CITIZEN, ""), count);
	return mail_servers_get(&d->mail, MAIL_SERVERS_CITIZEN, "", count - 1);
}

/* What stands behind a header's name, to the end of its line. */
static void header_of(const char *mail, const char *name, char *ret, size_t size)
{
	const char *at = strcasestr(mail, name);

	if (!at)
		fail_msg("no %s in:\n%s", name, mail);
	at += strlen(name);
	at += strspn(at, " \r\n\t");
	snprintf(ret, size, "%.*s", (int)strcspn(at, "\r\n"), at);
}

static void citizen_writes(struct session *d)
{
	char subject[200];
	char *ack;

	/* What lay there before the first look is left alone. */
	town_wait(&d->town, "SELECT count(*) FROM mailbox_place WHERE name = ?", "info", 1);
	mail_servers_send(
		&d->mail, CITIZEN, "info@izegem.example",
		"From: An Claes <" CITIZEN ">\r\nTo: info@izegem.example\r\n"
		"Subject: Put in de Kerkstraat\r\nMessage-ID: <eerste@burgers.example>\r\n\r\n"
		"Voor nummer 12 ligt een diepe put.\r\n\r\nGroeten\r\nAn\r\n");
	see(d->t, "Put in de Kerkstraat");
	shot(d, "A mail came in by itself");
	ack = citizen_gets(d, 1);
	header_of(ack, "\nSubject:", subject, sizeof(subject));
	assert_non_null(strstr(ack, "\nAuto-Submitted: auto-replied"));
	assert_non_null(strchr(subject, '['));
	snprintf(d->number, sizeof(d->number), "%.12s", strchr(subject, '[') + 1);
	if (d->record)
		fprintf(d->record, "== What the citizen got at once\n\n%s\n", ack);
	free(ack);
}

static void agent_answers(struct session *d, char id[300])
{
	char *answer;

	terminal_keys(d->t, "Enter");
	see(d->t, "diepe put");
	shot(d, "Enter: the question and the first answer");
	terminal_keys(d->t, "r Ctrl+T");
	see(d->t, "Put gemeld");
	terminal_keys(d->t, "p u t Enter");
	see(d->t, "We herstellen de put");
	shot(d, "r Ctrl+T p u t Enter: a ready text");
	terminal_keys(d->t, "Ctrl+S");
	see(d->t, "u takes it back");
	shot(d, "Ctrl+S: it can be taken back for 15 seconds");
	answer = citizen_gets(d, 2);
	header_of(answer, "\nMessage-ID:", id, 300);
	assert_non_null(strstr(answer, "We herstellen de put"));
	assert_non_null(strstr(answer, "Korenmarkt"));
	assert_null(strstr(answer, "\nAuto-Submitted:"));
	assert_non_null(strstr(answer, "eerste@burgers.example"));
	if (d->record)
		fprintf(d->record, "== What the citizen got\n\n%s\n", answer);
	free(answer);
	town_wait(&d->town, "SELECT count(*) FROM message WHERE state = ? AND direction = 'out'",
		  "sent", 2);
}

/* Without the number: the mail that is answered says which ticket it is. */
static void citizen_writes_back(struct session *d, const char *id)
{
	char raw[1000];

	snprintf(raw, sizeof(raw),
		 "From: An Claes <" CITIZEN ">\r\nTo: info@izegem.example\r\nSubject: Dank je\r\n"
		 "Message-ID: <tweede@burgers.example>\r\nIn-Reply-To: %s\r\nReferences: %s\r\n\r\n"
		 "Wanneer komen jullie?\r\n",
		 id, id);
	mail_servers_send(&d->mail, CITIZEN, "info@izegem.example", raw);
	see(d->t, "Wanneer komen jullie?");
	shot(d, "The citizen writes back without the number");
	town_wait(&d->town, "SELECT count(*) FROM ticket WHERE state = ?", "open", 1);
}

static void stranger_quotes(struct session *d)
{
	char raw[1000];

	snprintf(raw, sizeof(raw),
		 "From: Vreemd <vreemd@elders.example>\r\nTo: info@izegem.example\r\n"
		 "Subject: Betr: %s\r\nMessage-ID: <vreemd@elders.example>\r\n\r\nWat staat er in "
		 "die melding?\r\n",
		 d->number);
	mail_servers_send(&d->mail, "vreemd@elders.example", "info@izegem.example", raw);
	town_wait(&d->town, "SELECT count(*) FROM message WHERE state = ?", "suspected", 1);
	see(d->t, "Perhaps a reply");
	shot(d, "A stranger quotes the number: is it of this ticket?");
	/* Nothing is answered to him, and his words open nothing. */
	assert_int_equal(
		town_number(
			&d->town,
			"SELECT count(*) FROM message WHERE direction = 'out' AND to_text LIKE ?",
			"%vreemd%"),
		0);
	terminal_keys(d->t, "b n");
	town_wait(&d->town, "SELECT count(*) FROM message WHERE state = ?", "suspected", 0);
	town_wait(&d->town, "SELECT count(*) FROM ticket WHERE number <> ?", d->number, 1);
	see(d->t, "all sent");
	shot(d, "b n: no, it is a question of its own");
}

static void talk(struct session *d, int rows, int cols, const char *ending)
{
	char id[300];

	d->record = record_open(ending);
	d->t = town_log_in(&d->town, "an", rows, cols);
	citizen_writes(d);
	agent_answers(d, id);
	citizen_writes_back(d, id);
	stranger_quotes(d);
	town_leave(&d->town, d->t);
	if (d->record)
		fclose(d->record);
	d->record = NULL;
	/* All that came in was moved on the server, and nothing twice. */
	assert_int_equal(
		town_number(&d->town, "SELECT count(*) FROM mail_ledger WHERE mailbox = ?", "info"),
		3);
}

static void small(void **state)
{
	talk(*state, 24, 80, ".80");
}

static void large(void **state)
{
	talk(*state, 50, 160, ".160");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(small, setup, teardown),
		cmocka_unit_test_setup_teardown(large, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
