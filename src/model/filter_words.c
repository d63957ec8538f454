/* Dutch words stand here beside the English ones and not in a translation: an agent types either,
 * whatever the language of his screen. */
#include "filter.h"
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NEAR 3 /* more letters apart is another word */

const struct filter_row filter_rows[] = {
	{FILTER_STATE, "state", "status", "toestand", SORT_WORD, &ticket_states},
	{FILTER_KIND, "kind", "soort", "type", SORT_WORD, &ticket_kinds},
	{FILTER_TEAM, "team", "groep", "group", SORT_NAME, NULL},
	{FILTER_AGENT, "agent", "medewerker", "behandelaar", SORT_NAME, NULL},
	{FILTER_TOPIC, "topic", "onderwerp", NULL, SORT_NAME, NULL},
	{FILTER_CHANNEL, "channel", "kanaal", NULL, SORT_WORD, &channels},
	{FILTER_PRIORITY, "priority", "prioriteit", NULL, SORT_WORD, &priorities},
	{FILTER_DUE, "due", "deadline", "termijn", SORT_DAY, NULL},
	{FILTER_CREATED, "created", "gemaakt", NULL, SORT_DAY, NULL},
	{FILTER_UPDATED, "updated", "gewijzigd", NULL, SORT_DAY, NULL},
	{FILTER_FOLLOWED, "followed", "gevolgd", NULL, SORT_WORD, &yes_no},
	{FILTER_SUSPECTED, "suspected", "vermoed", NULL, SORT_WORD, &yes_no},
	{FILTER_UNDELIVERED, "undelivered", "onbesteld", NULL, SORT_WORD, &yes_no},
	{FILTER_TEXT, "text", "tekst", NULL, SORT_TEXT, NULL},
};
const size_t filter_row_count = COUNT(filter_rows);

static const char *const dutch_kinds[] = {"melding", "vraag", "klacht", "aanvraag",
					  "openbaarheidsvraag"};
static const char *const dutch_states[] = {
	[STATE_NEW] = "nieuw",
	[STATE_OPEN] = "open",
	[STATE_WAITING_CITIZEN] = "wacht-op-burger",
	[STATE_WAITING_THIRD] = "wacht-op-derde",
	[STATE_PLANNED] = "gepland",
	[STATE_ANSWERED] = "beantwoord",
	[STATE_CLOSED] = "gesloten",
	[STATE_REJECTED] = "geweigerd",
	[STATE_INADMISSIBLE] = "onontvankelijk",
	[STATE_WITHDRAWN] = "ingetrokken",
	[STATE_MERGED] = "samengevoegd",
};
static const char *const dutch_channels[] = {"telefoon", "balie", "mail", "formulier",
					     "app",	 "brief", "chat", "intern"};
static const char *const dutch_priorities[] = {"laag", "normaal", "hoog"};
static const char *const dutch_yes_no[] = {"nee", "ja"};
static const char *const dutch_views[] = {"van-mij", "team", "niet-toegewezen", "te-laat", "alle"};

static const struct {
	const struct words *words;
	const char *const *dutch;
	size_t count;
} dutch[] = {
	{&ticket_kinds, dutch_kinds, COUNT(dutch_kinds)},
	{&ticket_states, dutch_states, COUNT(dutch_states)},
	{&channels, dutch_channels, COUNT(dutch_channels)},
	{&priorities, dutch_priorities, COUNT(dutch_priorities)},
	{&yes_no, dutch_yes_no, COUNT(dutch_yes_no)},
	{&filter_views, dutch_views, COUNT(dutch_views)},
};

const char *filter_dutch(const struct words *words, int value)
{
	size_t i;

	for (i = 0; i < COUNT(dutch); i++)
		if (dutch[i].words == words && value >= 0 && (size_t)value < dutch[i].count)
			return dutch[i].dutch[value];
	return NULL;
}

/* How typed fits name: 2 when it is the same, 1 when it begins it, 0 when neither. */
static int fits(const char *typed, const char *name)
{
	struct buf b = {0};
	size_t len = strlen(typed);
	int ret = 0;

	if (!name)
		return 0;
	text_fold(&b, name);
	if (b.data && strncmp(b.data, typed, len) == 0)
		ret = b.data[len] ? 1 : 2;
	buf_finish(&b);
	return len ? ret : 0;
}

/* Keeps in *nearest the name that is least letters away. */
static void keep_nearest(const char *typed, const char *name, int *best, const char **nearest)
{
	int d = name ? text_distance(typed, name, NEAR) : NEAR + 1;

	/* Three letters off from a word of three letters is no likeness. */
	if (d < *best && (size_t)d < strlen(typed)) {
		*best = d;
		*nearest = name;
	}
}

const struct filter_row *filter_row_find(const char *folded, const char **nearest)
{
	const struct filter_row *begun = NULL;
	int begun_count = 0;
	int best = NEAR + 1;
	size_t i;
	int j;

	*nearest = NULL;
	for (i = 0; i < filter_row_count; i++) {
		const struct filter_row *row = &filter_rows[i];
		const char *names[] = {row->english, row->dutch, row->other};
		int fit = 0;

		for (j = 0; j < 3; j++) {
			int one = fits(folded, names[j]);

			fit = one > fit ? one : fit;
			keep_nearest(folded, names[j], &best, nearest);
		}
		if (fit == 2)
			return row;
		if (fit == 1) {
			begun = row;
			begun_count++;
		}
	}
	return begun_count == 1 ? begun : NULL;
}

uint64_t filter_word_bits(const struct words *words, const char *folded, const char **nearest)
{
	uint64_t same = 0;
	uint64_t begun = 0;
	int best = NEAR + 1;
	int i, j;

	*nearest = NULL;
	for (i = 0; i < words->count; i++) {
		const char *names[] = {words->code[i], words->label[i], _(words->label[i]),
				       filter_dutch(words, i)};

		for (j = 0; j < 4; j++) {
			int one = fits(folded, names[j]);

			if (one == 2)
				same |= UINT64_C(1) << i;
			if (one == 1)
				begun |= UINT64_C(1) << i;
			keep_nearest(folded, names[j], &best, nearest);
		}
	}
	return same ? same : begun;
}

int word_parse(const struct words *words, const char *text, struct err *err)
{
	struct buf b = {0};
	const char *nearest = NULL;
	uint64_t bits;

	text_fold(&b, text);
	bits = filter_word_bits(words, b.data ? b.data : "", &nearest);
	buf_finish(&b);
	if (bits && (bits & (bits - 1)) == 0)
		return __builtin_ctzll(bits);
	if (bits)
		err_set(err, ERR_INPUT, _("\"%.60s\" can be several; type more of it"), text);
	else if (nearest)
		err_set(err, ERR_INPUT, _("there is no \"%.60s\"; do you mean %s?"), text, nearest);
	else
		err_set(err, ERR_INPUT, _("there is no \"%.60s\""), text);
	return -1;
}

static bool is_in(const char *word, const char *const *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

bool filter_is_none(const char *folded)
{
	static const char *const none[] = {"none", "nobody", "geen", "niemand", "leeg"};

	return is_in(folded, none, COUNT(none));
}

bool filter_is_me(const char *folded)
{
	static const char *const me[] = {"me", "ik", "mij"};

	return is_in(folded, me, COUNT(me));
}
