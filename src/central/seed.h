/* An invented town: words it is made of, and the hands that make it. Same number in, same town out. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/id.h"
#include "command.h"
#include "town.h"

/* ---- chance: splitmix64, ours so that it never changes ---- */
struct seed_dice {
	uint64_t state;
};
uint64_t seed_roll(struct seed_dice *d);
size_t seed_below(struct seed_dice *d, size_t n); /* 0 to n-1; n > 0 */
bool seed_chance(struct seed_dice *d, int per_mille);
const char *seed_pick(struct seed_dice *d, const char *const *list, size_t count);
/* A UUID with the time in front, so that rows made in order of time lie together on disk. */
const char *seed_id(struct seed_dice *d, int64_t ms, char ret[ID_TEXT]);

/* ---- words (seed_words.c, seed_topics.c, seed_templates.c,
 * seed_texts.c) ---- */
struct seed_words {
	const char *const *items;
	size_t count;
};
extern const struct seed_words seed_women, seed_men, seed_families, seed_streets, seed_clubs,
	seed_trades, seed_greetings, seed_extras, seed_closings, seed_answers_done,
	seed_answers_more, seed_followups, seed_notes, seed_handovers, seed_phone_lines, seed_spots,
	seed_when;

struct seed_place {
	const char *postcode, *city;
	int weight;
};
extern const struct seed_place seed_places[];
extern const size_t seed_place_count;

struct seed_team {
	const char *name;
	int kind; /* enum team_kind */
};
extern const struct seed_team seed_teams[];
extern const size_t seed_team_count;
#define SEED_CONTACT_CENTRE 0 /* index in seed_teams */

struct seed_agent {
	const char *name, *display;
	int team, role;
};
extern const struct seed_agent seed_agents[];
extern const size_t seed_agent_count;

struct seed_topic {
	const char *name;
	int kind, team;
	int days; /* deadline; 0: none */
	int weight;
};
extern const struct seed_topic seed_topics[];
extern const size_t seed_topic_count;

struct seed_template {
	const char *name, *language;
	const char *topic; /* its name, or NULL */
	const char *body;
};
extern const struct seed_template seed_templates[];
extern const size_t seed_template_count;

/* What people ask. {straat} {nr} {stad} {plek} {wanneer} {naam} {getal} are filled in. */
struct seed_text {
	const char *topic; /* its name */
	const char *subject, *body;
};
extern const struct seed_text seed_texts[];
extern const size_t seed_text_count;

/* ---- the work ---- */
#define SEED_TOPICS_MAX 100
#define SEED_TEAMS_MAX 30
#define SEED_AGENTS_MAX 2000

struct seed {
	struct town town;
	struct seed_dice dice;
	struct arena arena; /* of the record at hand */
	struct buf text, part;
	uint64_t random;
	int64_t now, start, tickets, parties;
	char team_ids[SEED_TEAMS_MAX][ID_TEXT], topic_ids[SEED_TOPICS_MAX][ID_TEXT];
	struct topic topics[SEED_TOPICS_MAX];
	char agent_ids[SEED_AGENTS_MAX][ID_TEXT];
	uint16_t team_agents[SEED_TEAMS_MAX][SEED_AGENTS_MAX];
	size_t team_agent_count[SEED_TEAMS_MAX];
	size_t agents;
	size_t texts_of[SEED_TOPICS_MAX][2]; /* first text of a topic and how many */
	int topic_weights;
	struct mark mark;
	char operation[ID_TEXT];
	size_t pending; /* records since the last commit */
};
bool seed_reference(struct seed *s, const char *password, int64_t extra_agents, struct err *err);
bool seed_parties(struct seed *s, struct err *err);
bool seed_tickets(struct seed *s, struct err *err);
/* A person as number i of the town is, made anew each time he is needed: a million need no memory. */
struct seed_face {
	char id[ID_TEXT];
	int kind; /* enum party_kind */
	bool woman;
	int64_t created_at;
	const char *name, *given, *family, *email; /* owned by s->arena */
	const char *street, *number;
	const struct seed_place *place;
};
/* rest: dice for what is not in the face; may be NULL. */
void seed_face(struct seed *s, int64_t i, struct seed_face *ret, struct seed_dice *rest);
/* Appends a template with its {slots} filled, and makes its first letter large. */
void seed_fill(struct seed *s, struct buf *ret, const char *text, const struct seed_face *face);
/* Sets the mark for the next rows: a new operation. */
void seed_mark(struct seed *s, const char *action, const char *agent_id, int64_t at);
bool seed_step(struct seed *s, struct err *err); /* commits now and then */
