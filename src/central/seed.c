/* balied seed: an invented town for trying, showing and measuring. */
#include "seed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"

#define BATCH 20000 /* records a transaction: bounds the write-ahead log */
#define YEARS 3

/* ---- chance ---- */

uint64_t seed_roll(struct seed_dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

size_t seed_below(struct seed_dice *d, size_t n)
{
	return (size_t)(seed_roll(d) % n);
}

bool seed_chance(struct seed_dice *d, int per_mille)
{
	return (int)seed_below(d, 1000) < per_mille;
}

const char *seed_pick(struct seed_dice *d, const char *const *list, size_t count)
{
	return list[seed_below(d, count)];
}

const char *seed_id(struct seed_dice *d, int64_t ms, char ret[ID_TEXT])
{
	unsigned long long hi = (unsigned long long)ms << 16;

	hi |= 0x7000 | (seed_roll(d) & 0xfff);
	return id_from(hi, (seed_roll(d) >> 2) | UINT64_C(0x8000000000000000), ret);
}

/* ---- help for all parts ---- */

void seed_mark(struct seed *s, const char *action, const char *agent_id, int64_t at)
{
	s->mark.operation = seed_id(&s->dice, at, s->operation);
	s->mark.action = action;
	s->mark.agent_id = agent_id;
	s->mark.at = at;
}

bool seed_step(struct seed *s, struct err *err)
{
	if (++s->pending < BATCH)
		return true;
	s->pending = 0;
	return town_commit(&s->town, err) && town_begin(&s->town, err);
}

/* The text of a slot "{straat}", or NULL when there is none of that name. */
static const char *slot(struct seed *s, const char *name, size_t n, const struct seed_face *face)
{
	struct seed_dice *d = &s->dice;

	if (n == 6 && memcmp(name, "straat", n) == 0)
		return seed_chance(d, 500) ? face->street
					   : seed_pick(d, seed_streets.items, seed_streets.count);
	if (n == 2 && memcmp(name, "nr", n) == 0)
		return arena_printf(&s->arena, "%zu", 1 + seed_below(d, 180));
	if (n == 4 && memcmp(name, "stad", n) == 0)
		return face->place->city;
	if (n == 4 && memcmp(name, "plek", n) == 0)
		return seed_pick(d, seed_spots.items, seed_spots.count);
	if (n == 7 && memcmp(name, "wanneer", n) == 0)
		return seed_pick(d, seed_when.items, seed_when.count);
	if (n == 4 && memcmp(name, "naam", n) == 0)
		return face->name;
	if (n == 5 && memcmp(name, "getal", n) == 0)
		return arena_printf(&s->arena, "%zu", 2 + seed_below(d, 8));
	return NULL;
}

static void fill(struct seed *s, struct buf *ret, const char *text, const struct seed_face *face,
		 int depth)
{
	const char *end, *words;

	for (; *text != '\0'; text++) {
		end = *text == '{' ? strchr(text, '}') : NULL;
		words = end != NULL ? slot(s, text + 1, (size_t)(end - text) - 1, face) : NULL;
		if (words == NULL) {
			buf_add_char(ret, *text);
			continue;
		}
		if (depth < 2)
			fill(s, ret, words, face, depth + 1);
		text = end;
	}
}

void seed_fill(struct seed *s, struct buf *ret, const char *text, const struct seed_face *face)
{
	size_t start = ret->len;

	fill(s, ret, text, face, 0);
	if (ret->len > start && ret->data[start] >= 'a' && ret->data[start] <= 'z')
		ret->data[start] = (char)(ret->data[start] - 32);
}

/* ---- teams, agents, topics ---- */

static bool add_teams(struct seed *s, struct err *err)
{
	struct team team = {.active = true};

	for (size_t i = 0; i < seed_team_count; i++) {
		team.id = seed_id(&s->dice, s->start, s->team_ids[i]);
		team.name = seed_teams[i].name;
		team.kind = seed_teams[i].kind;
		if (!town_insert(&s->town, RECORD_TEAM, &team, NULL, &s->mark, &s->arena, err))
			return false;
	}
	return true;
}

static bool add_agent(struct seed *s, const struct seed_agent *from, const char *hash,
		      struct err *err)
{
	size_t i = s->agents++;
	struct agent agent = {
		.id = seed_id(&s->dice, s->start, s->agent_ids[i]),
		.name = from->name,
		.display = from->display,
		.role = from->role,
		.active = true,
		.team_id = s->team_ids[from->team],
	};

	s->team_agents[from->team][s->team_agent_count[from->team]++] = (uint16_t)i;
	if (!town_insert(&s->town, RECORD_AGENT, &agent, NULL, &s->mark, &s->arena, err))
		return false;
	return hash == NULL || agent_set_password(&s->town, agent.id, hash, err);
}

static bool add_agents(struct seed *s, const char *hash, int64_t wanted, struct err *err)
{
	struct seed_agent more = {.role = ROLE_AGENT};

	for (size_t i = 0; i < seed_agent_count; i++)
		if (!add_agent(s, &seed_agents[i], hash, err))
			return false;
	while ((int64_t)s->agents < wanted) {
		const struct seed_words *given =
			seed_chance(&s->dice, 500) ? &seed_women : &seed_men;

		more.name = arena_printf(&s->arena, "medewerker%zu", s->agents);
		more.display = arena_printf(
			&s->arena, "%s %s", seed_pick(&s->dice, given->items, given->count),
			seed_pick(&s->dice, seed_families.items, seed_families.count));
		more.team = (int)seed_below(&s->dice, seed_team_count);
		if (!add_agent(s, &more, hash, err))
			return false;
	}
	return true;
}

/* Texts of one topic stand together in their table. */
static bool find_texts(struct seed *s, size_t topic, struct err *err)
{
	for (size_t i = 0; i < seed_text_count; i++) {
		if (strcmp(seed_texts[i].topic, seed_topics[topic].name) != 0)
			continue;
		if (s->texts_of[topic][1] == 0)
			s->texts_of[topic][0] = i;
		s->texts_of[topic][1]++;
	}
	if (s->texts_of[topic][1] == 0)
		err_set(err, ERR_INTERNAL, "no texts for topic %s", seed_topics[topic].name);
	return s->texts_of[topic][1] > 0;
}

static bool add_topics(struct seed *s, struct err *err)
{
	for (size_t i = 0; i < seed_topic_count; i++) {
		struct topic *topic = &s->topics[i];

		topic->id = seed_id(&s->dice, s->start, s->topic_ids[i]);
		topic->name = seed_topics[i].name;
		topic->kind = seed_topics[i].kind;
		topic->team_id = s->team_ids[seed_topics[i].team];
		topic->deadline_days = seed_topics[i].days;
		topic->deadline_basis =
			seed_topics[i].days > 0 ? DEADLINE_CALENDAR_DAYS : DEADLINE_NONE;
		topic->active = true;
		s->topic_weights += seed_topics[i].weight;
		if (!find_texts(s, i, err) ||
		    !town_insert(&s->town, RECORD_TOPIC, topic, NULL, &s->mark, &s->arena, err))
			return false;
	}
	return true;
}

static const char *topic_named(const struct seed *s, const char *name)
{
	for (size_t i = 0; name != NULL && i < seed_topic_count; i++)
		if (strcmp(seed_topics[i].name, name) == 0)
			return s->topics[i].id;
	return NULL;
}

static bool add_templates(struct seed *s, struct err *err)
{
	for (size_t i = 0; i < seed_template_count; i++) {
		const struct seed_template *from = &seed_templates[i];
		char id[ID_TEXT];
		struct template row = {
			.name = from->name,
			.language = from->language,
			.topic_id = topic_named(s, from->topic),
			.body = from->body,
			.active = true,
		};

		row.id = seed_id(&s->dice, s->start, id);
		if (!town_insert(&s->town, RECORD_TEMPLATE, &row, NULL, &s->mark, &s->arena, err))
			return false;
	}
	return true;
}

bool seed_reference(struct seed *s, const char *password, int64_t agents, struct err *err)
{
	char hash[PASSWORD_TEXT];

	if (password != NULL && !password_hash(password, hash, err))
		return false;
	seed_mark(s, "seed", NULL, s->start);
	return add_teams(s, err) && add_agents(s, password != NULL ? hash : NULL, agents, err) &&
	       add_topics(s, err) && add_templates(s, err);
}

/* ---- the command ---- */

static bool size_by_name(const char *size, struct seed *s, struct err *err)
{
	static const struct {
		const char *name;
		int64_t tickets, parties;
	} sizes[] = {
		{"small", 200, 150},	  {"demo", 2000, 1500},		{"town", 20000, 28000},
		{"city", 200000, 150000}, {"region", 1000000, 1000000},
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (strcmp(size, sizes[i].name) == 0) {
			s->tickets = sizes[i].tickets;
			s->parties = sizes[i].parties;
			return true;
		}
	}
	err_set(err, ERR_INPUT, _("'%s' is no size; there are small, demo, town, city and region"),
		size);
	return false;
}

/* The first line of the input, so that no password stands in a list of processes. */
static bool read_password(char *ret, size_t size, struct err *err)
{
	if (fgets(ret, (int)size, stdin) == NULL)
		ret[0] = '\0';
	ret[strcspn(ret, "\r\n")] = '\0';
	if (ret[0] == '\0')
		err_set(err, ERR_INPUT, _("no password stands on the first line of the input"));
	return ret[0] != '\0';
}

static bool check_empty(struct seed *s, struct err *err)
{
	int64_t seq = 0;

	if (!town_last_seq(&s->town, &seq, err))
		return false;
	if (seq > 0)
		err_set(err, ERR_CONFLICT,
			_("this town is not empty, and only an empty one can be filled: begin "
			  "again with an empty database"));
	return seq == 0;
}

static bool prepare(struct seed *s, const struct settings *from, struct err *err)
{
	if (!size_by_name(from->size != NULL ? from->size : "demo", s, err))
		return false;
	if (from->tickets >= 0)
		s->tickets = from->tickets;
	if (from->parties >= 0)
		s->parties = from->parties;
	if (s->tickets > 2500000 || s->parties > 10000000 || from->agents > SEED_AGENTS_MAX) {
		err_set(err, ERR_INPUT,
			_("at most 2500000 tickets, 10000000 citizens and %d agents"),
			SEED_AGENTS_MAX);
		return false;
	}
	s->random = (uint64_t)from->random;
	s->dice.state = s->random * UINT64_C(0x2545f4914f6cdd1d) + 1;
	s->now = clock_now();
	s->start = clock_add_days(s->now, -365 * YEARS);
	return true;
}

static bool fill_town(struct seed *s, const char *password, int64_t agents, struct err *err)
{
	return store_fill_begin(s->town.store, err) && town_begin(&s->town, err) &&
	       seed_reference(s, password, agents, err) && seed_parties(s, err) &&
	       seed_tickets(s, err) && town_commit(&s->town, err) &&
	       store_fill_end(s->town.store, err);
}

int command_seed(const struct settings *settings, const struct option_list *operands,
		 struct err *err)
{
	struct seed *s = xcalloc(1, sizeof(*s));
	char password[256];
	int ret = 1;

	if (operands->count > 0) {
		command_extra(operands->items[0], err);
		ret = 2;
		goto out;
	}
	if (!prepare(s, settings, err) ||
	    (settings->password && !read_password(password, sizeof(password), err)) ||
	    !town_open(&s->town, settings->db, STORE_CREATE | STORE_RELAXED | STORE_BULK, err) ||
	    !check_empty(s, err))
		goto out;
	if (!fill_town(s, settings->password ? password : NULL, settings->agents, err)) {
		town_rollback(&s->town);
		goto out;
	}
	printf(_("%lld tickets, %lld citizens and %zu agents are in %s\n"), (long long)s->tickets,
	       (long long)s->parties, s->agents, settings->db_shown);
	ret = 0;
out:
	explicit_bzero(password, sizeof(password));
	town_close(&s->town);
	arena_finish(&s->arena);
	buf_finish(&s->text);
	buf_finish(&s->part);
	free(s);
	return ret;
}
