/* Mail: what became of it, who else it goes to, what goes along; and the mailboxes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/mem.h"
#include "scenarios.h"

#define HOUR INT64_C(3600000)

static void must(bool ok, const struct err *err)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", err->text);
	abort();
}

/* The mirror beside the folder of work.db. */
static struct cache *open_mirror(const char *dir_work)
{
	const char *at = strstr(dir_work, "/data/");
	char *dir = xasprintf("%.*s/cache/%s", (int)(at - dir_work), dir_work, at + 6);
	struct cache *c = NULL;
	struct err err = {0};

	must(cache_open(&c, dir, true, NULL, &err), &err);
	must(cache_begin(c, &err), &err);
	free(dir);
	return c;
}

static void close_mirror(struct cache *c)
{
	struct err err = {0};

	must(cache_commit(c, &err), &err);
	cache_close(c);
}

static void put_mailbox(struct cache *c, int number, const char *name, struct mailbox m)
{
	char id[37], team[37];
	char address[64];
	struct err err = {0};

	snprintf(address, sizeof(address), "%s@izegem.example", name);
	m.id = town_id('b', number, id);
	m.version = 1;
	m.name = name;
	m.address = address;
	m.team_id = town_id('t', TOWN_TEAM_DESK, team);
	must(cache_put(c, RECORD_MAILBOX, &m, &err), &err);
}

static void put_message(struct cache *c, int number, struct message m)
{
	char id[37], ticket[37];
	struct err err = {0};

	m.id = town_id('m', number, id);
	m.version = 1;
	m.ticket_id = town_id('k', 1, ticket);
	m.channel = CHANNEL_MAIL;
	must(cache_put(c, RECORD_MESSAGE, &m, &err), &err);
}

static void put_out(struct cache *c, int number, int64_t at, int state, const char *reason,
		    const char *body)
{
	char agent[37];

	put_message(c, number,
		    (struct message){.direction = DIRECTION_OUT,
				     .state = state,
				     .reason = reason,
				     .agent_id = town_id('a', TOWN_AGENT_AN, agent),
				     .to_text = "lieselot@example.be",
				     .body = body,
				     .created_at = at,
				     .send_at = state == MESSAGE_QUEUED ? at + 12000 : 0});
}

static int64_t town_now(void)
{
	int64_t now;

	clock_from_rfc3339(TOWN_NOW, &now);
	return now;
}

static void prepare_mailbox(const char *dir_work)
{
	struct cache *c = open_mirror(dir_work);

	put_mailbox(c, 1, "info",
		    (struct mailbox){.active = true, .since = town_now() - 50 * HOUR});
	close_mirror(c);
}

static void prepare_mailboxes(const char *dir_work)
{
	struct cache *c = open_mirror(dir_work);
	int64_t now = town_now();

	put_mailbox(c, 1, "info", (struct mailbox){.active = true, .since = now - 50 * HOUR});
	put_mailbox(c, 2, "milieu",
		    (struct mailbox){.active = true,
				     .state = MAILBOX_FAILING,
				     .since = now - 48 * 60000,
				     .reason = "login-refused",
				     .waiting = 2});
	put_mailbox(c, 3, "sport", (struct mailbox){.active = false, .since = now - 20 * HOUR});
	put_mailbox(c, 4, "werken",
		    (struct mailbox){.active = true,
				     .state = MAILBOX_UNKNOWN,
				     .since = now - 2 * HOUR,
				     .unknown = 3});
	close_mirror(c);
}

/* What may become of a mail; the newest can still be taken back. */
static void prepare_delivery(const char *dir_work)
{
	static const char own[] = "Hij ligt er nog altijd.\n\n";
	static const char signed_off[] = "--\nLieselot Van den Broeck\nKerkstraat 12\n";
	struct cache *c = open_mirror(dir_work);
	char *body =
		xasprintf("%s%s\nOp 23 november schreef u:\n> We komen langs.\n", own, signed_off);
	int64_t now = town_now();

	put_mailbox(c, 1, "info", (struct mailbox){.active = true, .since = now - 50 * HOUR});
	put_message(c, 10,
		    (struct message){.direction = DIRECTION_OUT,
				     .state = MESSAGE_SENT,
				     .sender = SENDER_MACHINE,
				     .to_text = "lieselot@example.be",
				     .subject = "We kregen je bericht goed aan",
				     .body = "Beste\n\nJe hoort van ons.\n",
				     .created_at = now - 50 * 60000});
	put_out(c, 11, now - 40 * 60000, MESSAGE_FAILED, "returned 5.1.1 mailbox unknown",
		"Welk huisnummer is het?");
	put_out(c, 12, now - 30 * 60000, MESSAGE_UNCERTAIN,
		"uncertain after the last dot, no reply in 60 s", "De ploeg komt dinsdag.");
	put_message(c, 13,
		    (struct message){.direction = DIRECTION_IN,
				     .state = MESSAGE_RECEIVED,
				     .from_text = "Van den Broeck, Lieselot <lieselot@example.be>",
				     .cc_text = "ploeg@izegem.example",
				     .body = body,
				     .signature_at = (int64_t)strlen(own),
				     .quoted_at = (int64_t)(strlen(own) + strlen(signed_off)),
				     .created_at = now - 20 * 60000});
	put_out(c, 14, now - 2000, MESSAGE_QUEUED, NULL, "Beste, we kijken het na.");
	close_mirror(c);
	free(body);
}

const struct scenario mail_scenarios[] = {
	{"mail-delivery",
	 50,
	 100,
	 5,
	 prepare_delivery,
	 NULL,
	 {{"v m Enter", NULL, "Goes out in"}, {"g g", NULL, "Voor de school"}}},
	{"mail-delivery-dutch",
	 24,
	 80,
	 5,
	 prepare_delivery,
	 "nl",
	 {{"v m Enter", NULL, "Vertrekt over"}, {NULL, NULL, "neemt hem terug"}}},
	{"mail-unfolded",
	 50,
	 100,
	 5,
	 prepare_delivery,
	 NULL,
	 {{"v m Enter", NULL, "Goes out in"}, {"z G", NULL, "Kerkstraat 12"}}},
	{"mail-answer",
	 24,
	 80,
	 5,
	 prepare_delivery,
	 NULL,
	 {{"v m Enter", NULL, "Goes out in"},
	  {"r", NULL, "signature of info"},
	  {NULL, "Dag", "Dag"},
	  {"Ctrl+G", NULL, "schreef Van den Broeck"}}},
	{"mail-cc-wrong",
	 24,
	 80,
	 5,
	 prepare_mailbox,
	 NULL,
	 {{"v m Enter r", NULL, "signature of info"},
	  {NULL, "Dag", "Dag"},
	  {"Ctrl+B", NULL, "Cc"},
	  {NULL, "jan@izegem.example, mieke", "mieke"},
	  {"Ctrl+S", NULL, "is no mail address"}}},
	{"mail-sent",
	 24,
	 80,
	 5,
	 prepare_mailbox,
	 NULL,
	 {{"v m Enter r", NULL, "signature of info"},
	  {NULL, "Dag", "Dag"},
	  {"Ctrl+S", NULL, "kept here until there is a connection"}}},
	{"mail-taken-back",
	 24,
	 80,
	 5,
	 prepare_mailbox,
	 NULL,
	 {{"v m Enter r", NULL, "signature of info"},
	  {NULL, "Dag", "Dag"},
	  {"Ctrl+S", NULL, "kept here until there is a connection"},
	  {"u", NULL, "Taken back: answer"},
	  {NULL, NULL, "kept on this computer"}}},
	{"mail-forward",
	 24,
	 80,
	 5,
	 prepare_mailbox,
	 NULL,
	 {{"v m Enter c f", NULL, "they read this"},
	  {NULL, "dienst@fluvius.example", "fluvius"},
	  {"Tab Tab", NULL, "schreef Lieselot"}}},
	{"mail-forwarded",
	 30,
	 100,
	 5,
	 prepare_mailbox,
	 NULL,
	 {{"v m Enter c f", NULL, "they read this"},
	  {NULL, "Fluvius <dienst@fluvius.example>", "fluvius"},
	  {"Ctrl+S", NULL, "takes it back"},
	  {"c f", NULL, "they read this"},
	  {NULL, "flu", "Tab: Fluvius"}}},
	{"mail-to-whom",
	 24,
	 80,
	 5,
	 prepare_mailbox,
	 "nl",
	 {{"v m Enter c f", NULL, "zij lezen dit"}, {"Ctrl+S", NULL, "Aan wie"}}},
	{"mailboxes",
	 24,
	 80,
	 5,
	 prepare_mailboxes,
	 NULL,
	 {{"g p", NULL, "werken"}, {NULL, NULL, OFFLINE}}},
	{"mailboxes-wide",
	 40,
	 150,
	 5,
	 prepare_mailboxes,
	 "nl",
	 {{"g p", NULL, "werken"}, {NULL, NULL, "geen netwerk"}}},
	{"mailboxes-none",
	 24,
	 80,
	 5,
	 NULL,
	 NULL,
	 {{"g p", NULL, "no mailboxes"}, {NULL, NULL, OFFLINE}}},
	{"mail-undelivered",
	 24,
	 80,
	 5,
	 prepare_delivery,
	 NULL,
	 {{"v a /", NULL, "Filter:"},
	  {NULL, "undelivered:yes", "undelivered:yes"},
	  {"Enter", NULL, "[all 1]"},
	  {NULL, NULL, OFFLINE}}},
	{"mail-news",
	 24,
	 80,
	 5,
	 prepare_delivery,
	 NULL,
	 {{"g n", NULL, "did not arrive"}, {NULL, NULL, OFFLINE}}},
};
const size_t mail_scenario_count = sizeof(mail_scenarios) / sizeof(mail_scenarios[0]);
