/* The language in which a queue is filtered, and days as people type them. Part of the model: who includes
 * that has this. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/err.h"
#include "balie/field.h"
#include "balie/mem.h"

struct ticket;

/* Words separated by spaces, all must hold: field:value, -field:value, field:a,b, due<7d, due<today,
 * created>2026-01-01, and free words searched in subject, number and name. Names in Dutch and
 * English. See balie(1). */
enum filter_view { VIEW_MINE, VIEW_TEAM, VIEW_UNASSIGNED, VIEW_OVERDUE, VIEW_ALL };
extern const struct words filter_views;
enum filter_field {
	FILTER_STATE,
	FILTER_KIND,
	FILTER_TEAM,
	FILTER_AGENT,
	FILTER_TOPIC,
	FILTER_CHANNEL,
	FILTER_PRIORITY,
	FILTER_DUE,
	FILTER_CREATED,
	FILTER_UPDATED,
	FILTER_FOLLOWED,
	FILTER_SUSPECTED,
	FILTER_UNDELIVERED,
	FILTER_TEXT,
};
enum filter_op { FILTER_IS, FILTER_BEFORE, FILTER_AFTER, FILTER_HAS };
struct filter_term {
	enum filter_field field;
	enum filter_op op;
	bool negated;
	/* Names and free words: folded; several names stand with commas between them, and an empty
	 * one means nobody, "me" among agents the reader. */
	const char *text;
	uint64_t words; /* bit set of enum values; bit 1 is yes and bit 0 no for yes/no fields */
	/* FILTER_IS: the start of a day, and it holds for that day; 0: has no such time.
	 * FILTER_BEFORE: earlier than it. FILTER_AFTER: at it or later. */
	int64_t time;
};
struct filter {
	struct filter_term terms[16];
	size_t count;
};
/* The error names the word and its place, and the nearest valid one. */
bool filter_parse(const char *text, int64_t now, struct filter *ret, struct arena *a,
		  struct err *err);
/* A day as people type it: today, morgen, 7d, -2w, 2026-01-31, 31/01/2026, 31/01. Gives its 00:00 in
 * Brussels. The filter and the prompts share it. */
bool day_parse(const char *text, int64_t now, int64_t *ret, struct err *err);
/* A word of words as people type it: its code, its label in English, Dutch or the current language,
 * or the beginning of one. -1 when there is none or more than one; err names the nearest. */
int word_parse(const struct words *words, const char *text, struct err *err);
/* names: folded names of the ticket's team, agent and topic, for the fields that compare names. */
struct filter_names {
	const char *team, *agent, *topic;
	bool mine;	  /* the agent is the reader */
	bool undelivered; /* a mail of ours did not arrive, or perhaps not */
};
bool filter_match(const struct filter *f, const struct ticket *t, const struct filter_names *names);
/* What can stand in place of the last word of text, "state:" or "-state:new,open": for completion. */
size_t filter_complete(const char *text, const char **ret, size_t max, struct arena *a);
