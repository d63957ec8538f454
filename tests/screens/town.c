#include "town.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/mem.h"

#define HOUR INT64_C(3600000)
#define DAY CLOCK_DAY_MS
#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static int64_t now;

static void must(bool ok, const char *what, const struct err *err)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, err->text);
	abort();
}

const char *town_id(char kind, int number, char ret[37])
{
	return id_from((unsigned long long)kind, (unsigned long long)number, ret);
}

static const char *id(char kind, int number, struct arena *a)
{
	char text[37];

	return arena_strdup(a, town_id(kind, number, text));
}

static void put(struct cache *c, enum record_kind kind, const void *record)
{
	struct err err = {0};

	must(cache_put(c, kind, record, &err), "put", &err);
}

/* clang-format off */
static void put_reference(struct cache *c, struct arena *a)
{
	static const char *const teams[] = {"Onthaal", "Wegen", "Groen", "Riolering en water"};
	static const struct {
		const char *name, *display;
		int team, role;
	} agents[] = {
		{"an", "An Claes", TOWN_TEAM_DESK, ROLE_AGENT},
		{"jan", "Jan Peeters", TOWN_TEAM_ROADS, ROLE_AGENT},
		{"mieke", "Mieke Maes", TOWN_TEAM_DESK, ROLE_SUPERVISOR},
	};
	static const struct {
		const char *name;
		int team, kind, days;
	} topics[] = {
		{"Put in de weg", TOWN_TEAM_ROADS, KIND_REPORT, 14},
		{"Huisvuil niet opgehaald", TOWN_TEAM_DESK, KIND_REPORT, 5},
		{"Rijbewijs", TOWN_TEAM_DESK, KIND_QUESTION, 10},
		{"Overhangende takken", TOWN_TEAM_PARKS, KIND_REPORT, 30},
	};

	for (int i = 0; i < COUNT(teams); i++)
		put(c, RECORD_TEAM, &(struct team){.id = id('t', i + 1, a), .version = 1,
			.name = teams[i], .kind = i == 3 ? TEAM_OUTSIDE : TEAM_INSIDE, .active = true});
	for (int i = 0; i < COUNT(agents); i++)
		put(c, RECORD_AGENT, &(struct agent){.id = id('a', i + 1, a), .version = 1,
			.name = agents[i].name, .display = agents[i].display, .role = agents[i].role,
			.team_id = id('t', agents[i].team, a), .active = true});
	for (int i = 0; i < COUNT(topics); i++)
		put(c, RECORD_TOPIC, &(struct topic){.id = id('o', i + 1, a), .version = 1,
			.name = topics[i].name, .kind = topics[i].kind,
			.team_id = id('t', topics[i].team, a),
			.deadline_basis = DEADLINE_CALENDAR_DAYS, .deadline_days = topics[i].days,
			.active = true});
	for (int i = 0; i < 3; i++)
		put(c, RECORD_TEMPLATE, &(struct template){.id = id('s', i + 1, a), .version = 1,
			.name = i == 0 ? "Ontvangstmelding" : i == 1 ? "Lamp gemeld" : "Receipt",
			.language = i == 2 ? "en" : "nl",
			.topic_id = i == 1 ? id('o', 1, a) : NULL,
			.body = "Beste {naam}\n\nWe kregen {nummer}. Je hoort van ons voor {termijn}.\n"
				"\n{medewerker}\n{dienst}\n",
			.active = true});
}

static void put_people(struct cache *c, struct arena *a)
{
	put(c, RECORD_PARTY, &(struct party){.id = id('p', 1, a), .version = 1,
		.kind = PARTY_CITIZEN, .name = "Van den Broeck, Lieselot", .given = "Lieselot",
		.family = "Van den Broeck", .language = "nl",
		.phones = "[{\"value\":\"+32471123456\"}]",
		.emails = "[{\"value\":\"lieselot@example.be\"}]",
		.addresses = "[{\"street\":\"Kerkstraat\",\"number\":\"12\",\"postcode\":\"8870\","
			     "\"city\":\"Izegem\"}]",
		.created_at = now - 400 * DAY, .updated_at = now - 400 * DAY});
	put(c, RECORD_PARTY, &(struct party){.id = id('p', 2, a), .version = 1,
		.kind = PARTY_CITIZEN, .name = "Claes, An", .given = "An", .family = "Claes",
		.birth_date = "1964-03-12", .language = "nl",
		.phones = "[{\"value\":\"+3251301234\"},{\"value\":\"+32470123456\"}]",
		.addresses = "[{\"street\":\"Roeselaarsestraat\",\"number\":\"12B\",\"box\":\"3\","
			     "\"postcode\":\"8870\",\"city\":\"Izegem\"}]",
		.created_at = now - 30 * DAY, .updated_at = now - 30 * DAY});
	put(c, RECORD_PARTY, &(struct party){.id = id('p', 3, a), .version = 1,
		.kind = PARTY_CITIZEN, .name = "Claes, Bo", .given = "Bo", .family = "Claes",
		.birth_date = "1985-07-30",
		.identifiers = "[{\"scheme\":\"rrn\",\"value\":\"85073003328\"}]",
		.created_at = now - 20 * DAY, .updated_at = now - 20 * DAY});
	put(c, RECORD_PARTY, &(struct party){.id = id('p', 4, a), .version = 1,
		.kind = PARTY_ENTERPRISE, .name = "Bakkerij Claes bv",
		.identifiers = "[{\"scheme\":\"kbo\",\"value\":\"0403019261\"}]",
		.created_at = now - 20 * DAY, .updated_at = now - 20 * DAY});
}
/* clang-format on */

static void put_message(struct cache *c, struct arena *a, int number, struct message m)
{
	m.id = id('m', number, a);
	m.version = 1;
	m.ticket_id = id('k', 1, a);
	put(c, RECORD_MESSAGE, &m);
}

static void put_change(struct cache *c, struct arena *a, int number, struct change change)
{
	struct err err = {0};

	change.seq = number;
	change.operation = id('j', number, a);
	change.type = RECORD_TICKET;
	change.record_id = change.ticket_id = id('k', 1, a);
	must(cache_put_change(c, &change, &err), "change", &err);
}

static const char *number_of(int n, struct arena *a)
{
	char text[TRACKING_TEXT];

	return arena_strdup(a, tracking_make(26, 101 + n, text));
}

/* The ticket with a history: in, a note, out, and in again with a quote and an attachment. */
/* clang-format off */
static void put_first(struct cache *c, struct arena *a)
{
	struct err err = {0};
	static const char again[] = "Dank u, maar de put is nog altijd open.\n\nLieselot\n";
	char *body = arena_printf(a, "%s\nOp 23 november schreef Onthaal:\n> Beste mevrouw,\n> Wij "
				     "sturen de ploeg langs.\n", again);

	put(c, RECORD_TICKET, &(struct ticket){.id = id('k', 1, a), .version = 4,
		.number = number_of(0, a), .kind = KIND_REPORT, .state = STATE_OPEN,
		.priority = PRIORITY_HIGH, .channel = CHANNEL_MAIL,
		.subject = "Diepe put voor de school in de Kerkstraat", .topic_id = id('o', 1, a),
		.team_id = id('t', TOWN_TEAM_DESK, a), .agent_id = id('a', TOWN_AGENT_AN, a),
		.party_id = id('p', 1, a), .party_name = "Van den Broeck, Lieselot",
		.created_at = now - 2 * DAY, .updated_at = now - HOUR, .due_at = now + 6 * HOUR,
		.last_in_at = now - HOUR, .last_out_at = now - DAY});
	put_message(c, a, 1, (struct message){.direction = DIRECTION_IN, .channel = CHANNEL_MAIL,
		.state = MESSAGE_RECEIVED, .from_text = "Lieselot Van den Broeck <lieselot@example.be>",
		.subject = "Put", .body = "Beste,\n\nVoor de school ligt een diepe put in het wegdek. "
		"Gisteren is een kind met de fiets gevallen.\n\nLieselot Van den Broeck",
		.has_raw = true, .created_at = now - 2 * DAY});
	put_change(c, a, 1, (struct change){.action = "assign", .version = 2,
		.agent_id = id('a', TOWN_AGENT_MIEKE, a), .at = now - 2 * DAY + HOUR,
		.before = "{\"agent_id\":null}", .after = arena_printf(a, "{\"agent_id\":\"%s\"}",
								       id('a', TOWN_AGENT_AN, a))});
	put(c, RECORD_NOTE, &(struct note){.id = id('n', 1, a), .version = 1,
		.ticket_id = id('k', 1, a), .agent_id = id('a', TOWN_AGENT_JAN, a),
		.body = "De ploeg is al langs geweest, maar vond geen put. Juiste plaats vragen.",
		.created_at = now - DAY - 2 * HOUR});
	put_message(c, a, 2, (struct message){.direction = DIRECTION_OUT, .channel = CHANNEL_MAIL,
		.state = MESSAGE_SENT, .agent_id = id('a', TOWN_AGENT_AN, a),
		.to_text = "lieselot@example.be", .body = "Beste mevrouw,\nWij sturen de ploeg langs.",
		.created_at = now - DAY});
	put_change(c, a, 2, (struct change){.action = "state", .version = 3,
		.agent_id = id('a', TOWN_AGENT_AN, a), .at = now - DAY + 1000,
		.before = "{\"state\":\"new\"}", .after = "{\"state\":\"open\"}"});
	put_message(c, a, 3, (struct message){.direction = DIRECTION_IN, .channel = CHANNEL_MAIL,
		.state = MESSAGE_RECEIVED, .from_text = "Lieselot Van den Broeck <lieselot@example.be>",
		.subject = "Re: Put", .body = body, .quoted_at = (int64_t)strlen(again),
		.attachments = "[{\"id\":\"00000000-0000-0000-0000-0000000000a1\",\"name\":\"put.jpg\","
			       "\"type\":\"image/jpeg\",\"size\":240512}]",
		.has_raw = true, .created_at = now - HOUR});
	must(cache_set_complete(c, id('k', 1, a), &err), "complete", &err);
}
/* clang-format on */

static void put_others(struct cache *c, struct arena *a, int tickets)
{
	static const char *const subjects[] = {
		"Huisvuil niet opgehaald in de Dorpsstraat",
		"Wanneer kan ik mijn rijbewijs afhalen?",
		"Takken hangen over het voetpad",
		"Verstopte rioolkolk aan de markt",
		"Klacht over lawaai van de werken",
		"Vraag om inzage in een bouwdossier",
	};
	static const char *const people[] = {"Maes, Ilse", "De Smet, Karel", NULL,
					     "Harmonie Sint-Cecilia vzw", "Willems, Fatima"};
	static const int states[] = {STATE_NEW,	    STATE_OPEN, STATE_WAITING_CITIZEN,
				     STATE_PLANNED, STATE_OPEN, STATE_ANSWERED};

	for (int i = 1; i <= tickets; i++) {
		struct err err = {0};
		int state = states[i % COUNT(states)];

		put(c, RECORD_TICKET,
		    &(struct ticket){.id = id('k', i + 1, a),
				     .version = 1,
				     .number = number_of(i, a),
				     .kind = i % 4,
				     .state = state,
				     .priority = PRIORITY_NORMAL,
				     .channel = i % 3,
				     .subject = subjects[i % COUNT(subjects)],
				     .topic_id = id('o', i % 4 + 1, a),
				     .team_id =
					     id('t', i % 3 ? TOWN_TEAM_DESK : TOWN_TEAM_ROADS, a),
				     .agent_id = i % 5 == 0   ? id('a', TOWN_AGENT_MIEKE, a)
						 : i % 7 == 0 ? id('a', TOWN_AGENT_AN, a)
							      : NULL,
				     .party_name = people[i % COUNT(people)],
				     .created_at = now - i * 5 * HOUR,
				     .updated_at = now - i * 3 * HOUR,
				     .due_at = i % 6 == 4 ? 0 : now + (i - 5) * DAY + HOUR,
				     .wait_until = state == STATE_PLANNED ? now + 9 * DAY : 0,
				     .last_in_at = now - i * 5 * HOUR});
		must(cache_set_complete(c, id('k', i + 1, a), &err), "complete", &err);
	}
}

static char *make_dir(const char *home, const char *kind, const char *name)
{
	char *path = xasprintf("%s/%s", home, kind), *ret;

	mkdir(home, 0700);
	mkdir(path, 0700);
	ret = xasprintf("%s/%s", path, name);
	mkdir(ret, 0700);
	free(path);
	return ret;
}

/* A login that is kept: without it the client would ask for a password. */
static void put_token(const char *dir_work)
{
	char *path = xasprintf("%s/token", dir_work);
	FILE *f = fopen(path, "w");

	if (!f)
		abort();
	fprintf(f, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
	fclose(f);
	free(path);
}

char *town_make(const char *home, int tickets)
{
	struct cache *c = NULL;
	struct err err = {0};
	struct arena a = {0};
	char hash[HASH_TEXT], name[64], text[24];
	char *dir_cache, *dir_work;

	must(id_init(), "ids", &err);
	clock_from_rfc3339(TOWN_NOW, &now);
	hash_hex(TOWN_SERVER, strlen(TOWN_SERVER), hash);
	snprintf(name, sizeof(name), "%s-%.12s", TOWN_USER, hash);
	dir_cache = make_dir(home, "cache", name);
	dir_work = make_dir(home, "data", name);
	must(cache_open(&c, dir_cache, true, NULL, &err), "cache", &err);
	must(cache_begin(c, &err), "begin", &err);
	put_reference(c, &a);
	put_people(c, &a);
	if (tickets > 0) {
		put_first(c, &a);
		put_others(c, &a, tickets);
	}
	snprintf(text, sizeof(text), "%lld", (long long)(now - 3000));
	must(cache_set(c, "me", id('a', TOWN_AGENT_AN, &a), &err) &&
		     cache_set(c, "synced_at", text, &err) && cache_commit(c, &err),
	     "set", &err);
	cache_close(c);
	arena_finish(&a);
	free(dir_cache);
	put_token(dir_work);
	return dir_work;
}

struct work *town_work(const char *dir_work)
{
	struct work *w = NULL;
	struct err err = {0};

	must(work_open(&w, dir_work, &err), "work", &err);
	return w;
}
