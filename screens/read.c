/* Words as a person types them behind an action's name, at the prompt or on the command line. */
#include "balie/screens.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

#define WORDS_MAX 8
enum { NAME_NONE = -1, NAME_SEVERAL = -2 };

/* Something with a name, and perhaps a second one (an agent's login). */
struct named {
	const char *name, *other;
	bool skip;
};

static const char *first_word(const char *text, struct arena *a, const char **rest)
{
	size_t len = strcspn(text, " \t");

	*rest = text + len + strspn(text + len, " \t");
	return arena_strndup(a, text, len);
}

/* 3: the same, 2: begins with it, 1: holds it, 0: not at all. Both are folded. */
static int closeness(const char *name, const char *text)
{
	const char *at = name ? strstr(name, text) : NULL;

	if (!at)
		return 0;
	if (at != name)
		return 1;
	return name[strlen(text)] ? 2 : 3;
}

static int find_named(const struct named *rows, size_t count, const char *folded, int least)
{
	int best = NAME_NONE, best_level = least - 1;

	if (!folded[0])
		return NAME_NONE;
	for (size_t i = 0; i < count; i++) {
		int level = closeness(rows[i].name, folded),
		    other = closeness(rows[i].other, folded);

		if (rows[i].skip)
			continue;
		level = other > level ? other : level;
		if (level > best_level) {
			best_level = level;
			best = (int)i;
		} else if (level == best_level && level >= least && level < 3) {
			best = NAME_SEVERAL;
		}
	}
	return best;
}

/* The most words from the start of text that name exactly one row. *rest is what stands behind. */
static int find_longest(const struct named *rows, size_t count, const char *text, int least,
			const char **rest, struct arena *a)
{
	const char *ends[WORDS_MAX];
	size_t words = 0;
	int found = NAME_NONE;

	for (const char *p = text; *p && words < WORDS_MAX;) {
		p += strcspn(p, " \t");
		ends[words++] = p;
		p += strspn(p, " \t");
	}
	while (words-- > 0) {
		/* Those below words were set above. */
		/* cppcheck-suppress uninitvar */
		const char *part = arena_strndup(a, text, (size_t)(ends[words] - text));

		found = find_named(rows, count, text_fold_dup(a, part), least);
		if (found >= 0) {
			*rest = ends[words] + strspn(ends[words], " \t");
			return found;
		}
	}
	return found;
}

static struct named *team_names(const struct names *n, struct arena *a)
{
	struct named *rows = arena_alloc(a, (n->team_count + 1) * sizeof(*rows));

	for (size_t i = 0; i < n->team_count; i++) {
		rows[i].name = text_fold_dup(a, n->teams[i].name);
		rows[i].skip = !n->teams[i].active;
	}
	return rows;
}

static struct named *agent_names(const struct names *n, const char *team_id, struct arena *a)
{
	struct named *rows = arena_alloc(a, (n->agent_count + 1) * sizeof(*rows));

	for (size_t i = 0; i < n->agent_count; i++) {
		const struct agent *agent = &n->agents[i];

		rows[i].name = text_fold_dup(a, agent->display);
		rows[i].other = text_fold_dup(a, agent->name);
		rows[i].skip = !agent->active || (team_id && !text_same(agent->team_id, team_id));
	}
	return rows;
}

static bool read_assign(const struct desk *d, const struct names *names, const char *text,
			struct args *ret, struct arena *a, struct err *err)
{
	struct named *teams = team_names(names, a), *agents;
	const char *rest = text;
	int team, agent;

	if (strcmp(text, "me") == 0 || strcmp(text, _("me")) == 0) {
		ret->team_id = d->me.team_id;
		ret->agent_id = d->me.agent_id;
		return true;
	}
	team = find_longest(teams, names->team_count, text, 1, &rest, a);
	if (team < 0) {
		agents = agent_names(names, NULL, a);
		agent = find_longest(agents, names->agent_count, text, 1, &rest, a);
		if (agent < 0) {
			err_set(err, ERR_INPUT,
				team == NAME_SEVERAL || agent == NAME_SEVERAL
					? _("“%s” fits several teams or colleagues: type more "
					    "letters")
					: _("no team or colleague is called “%s”"),
				text);
			return false;
		}
		ret->agent_id = names->agents[agent].id;
		ret->team_id = names->agents[agent].team_id;
	} else {
		ret->team_id = names->teams[team].id;
		agents = agent_names(names, ret->team_id, a);
		agent = find_longest(agents, names->agent_count, rest, 2, &rest, a);
		if (agent >= 0)
			ret->agent_id = names->agents[agent].id;
	}
	if (rest[0])
		ret->reason = arena_strdup(a, rest);
	return true;
}

static bool read_topic(const struct names *names, const char *text, struct args *ret,
		       struct arena *a, struct err *err)
{
	struct named *rows = arena_alloc(a, (names->topic_count + 1) * sizeof(*rows));
	int found;

	for (size_t i = 0; i < names->topic_count; i++) {
		rows[i].name = text_fold_dup(a, names->topics[i].name);
		rows[i].skip = !names->topics[i].active;
	}
	found = find_named(rows, names->topic_count, text_fold_dup(a, text), 1);
	if (found < 0) {
		err_set(err, ERR_INPUT,
			found == NAME_SEVERAL ? _("“%s” fits several topics: type more letters")
					      : _("no topic is called “%s”"),
			text);
		return false;
	}
	ret->topic_id = names->topics[found].id;
	return true;
}

/* A word of a list by its code, or by its label in the language of the screen. */
static bool read_word(const struct words *words, const char *text, int *ret, struct arena *a,
		      struct err *err)
{
	struct named *rows = arena_alloc(a, ((size_t)words->count + 1) * sizeof(*rows));
	struct buf list = {0};
	int found = words_find(words, text);

	for (int i = 0; i < words->count; i++) {
		rows[i].name = text_fold_dup(a, words_code(words, i));
		rows[i].other = text_fold_dup(a, _(words_label(words, i)));
		buf_printf(&list, "%s%s", i ? ", " : "", words_code(words, i));
	}
	if (found < 0)
		found = find_named(rows, (size_t)words->count, text_fold_dup(a, text), 2);
	if (found >= 0)
		*ret = found;
	else
		err_set(err, ERR_INPUT, _("“%s” is none of: %s"), text, list.data);
	buf_finish(&list);
	return found >= 0;
}

static bool read_date(const char *text, int64_t now, int64_t *ret)
{
	struct clock_local today, at = {0};
	int a, b, c, n = 0, fields;

	clock_local(now, &today);
	fields = sscanf(text, "%4d-%2d-%2d%n", &a, &b, &c, &n);
	if (fields == 3 && !text[n]) {
		at.year = a, at.month = b, at.day = c;
	} else {
		n = 0;
		fields = sscanf(text, "%2d/%2d%n/%4d%n", &a, &b, &n, &c, &n);
		if (fields < 2 || text[n])
			return false;
		at.day = a, at.month = b, at.year = fields == 3 ? c : today.year;
		if (at.year < 100)
			at.year += 2000;
		/* "1/2" in December is that of next year. */
		if (fields == 2 && (b < today.month || (b == today.month && a < today.day)))
			at.year++;
	}
	if (at.month < 1 || at.month > 12 || at.day < 1 || at.day > 31 || at.year < 1900)
		return false;
	*ret = clock_from_local(&at);
	clock_local(*ret, &today);
	return today.day == at.day;
}

bool screens_read_day(const char *text, int64_t now, int64_t *ret)
{
	int64_t today = clock_day_start(now);
	int count, n = 0;
	char unit;

	if (strcmp(text, "today") == 0 || strcmp(text, _("today")) == 0) {
		*ret = today;
		return true;
	}
	if (strcmp(text, "tomorrow") == 0 || strcmp(text, _("tomorrow")) == 0) {
		*ret = clock_add_days(today, 1);
		return true;
	}
	if (sscanf(text, "%4d%c%n", &count, &unit, &n) == 2 && !text[n] && count >= 0 &&
	    strchr("dw", unit)) {
		*ret = clock_add_days(today, unit == 'w' ? count * 7 : count);
		return true;
	}
	return read_date(text, now, ret);
}

static bool read_state(const char *text, struct args *ret, struct arena *a, struct err *err)
{
	const char *rest, *after;
	const char *word = first_word(text, a, &rest);

	if (!read_word(&ticket_states, word, &ret->state, a, err))
		return false;
	if (ret->state == STATE_PLANNED && rest[0]) {
		const char *day = first_word(rest, a, &after);

		if (screens_read_day(day, clock_now(), &ret->until))
			rest = after;
	}
	if (rest[0])
		ret->reason = arena_strdup(a, rest);
	return true;
}

static bool read_due(const char *text, struct args *ret, struct err *err)
{
	int64_t day;

	if (!screens_read_day(text, clock_now(), &day)) {
		err_set(err, ERR_INPUT, _("“%s” is no day: write 1/12, 5d or 2026-12-01"), text);
		return false;
	}
	/* Until midnight, as the law counts. */
	ret->due_at = clock_add_days(day, 1) - 1000;
	return true;
}

static bool read_ticket(const struct desk *d, const char *ref, const char **ret, struct arena *a,
			struct err *err)
{
	struct desk own = *d;
	struct queue_row row;

	if (!d->cache) {
		err_set(err, ERR_NOT_FOUND, _("nothing was fetched from the service yet"));
		return false;
	}
	if (!screens_find_ticket(&own, ref, &row, a, err))
		return false;
	*ret = row.ticket.id;
	return true;
}

/* The first word says which message, the rest is for *ret_rest; of a mail to others it is the address. */
static void read_two(const char *text, const char **ret_first, const char **ret_rest,
		     struct arena *a)
{
	const char *rest;

	*ret_first = first_word(text, a, &rest);
	if (rest[0])
		*ret_rest = arena_strdup(a, rest);
}

bool screens_read_args(const struct desk *d, const struct names *names, const struct action *action,
		       const char *text, struct args *ret, struct arena *a, struct err *err)
{
	text += strspn(text, " \t");
	if (!text[0])
		return true;
	switch (action->id) {
	case ACT_STATE:
		return read_state(text, ret, a, err);
	case ACT_ASSIGN:
		return read_assign(d, names, text, ret, a, err);
	case ACT_TOPIC:
		return read_topic(names, text, ret, a, err);
	case ACT_KIND:
		return read_word(&ticket_kinds, text, &ret->kind, a, err);
	case ACT_PRIORITY:
		return read_word(&priorities, text, &ret->priority, a, err);
	case ACT_DUE:
		return read_due(text, ret, err);
	case ACT_CREATE:
	case ACT_SUBJECT:
		ret->subject = arena_strdup(a, text);
		return true;
	case ACT_ANSWER:
	case ACT_NOTE:
	case ACT_SAID:
		ret->body = arena_strdup(a, text);
		return true;
	case ACT_FORWARD:
		read_two(text, &ret->to, &ret->body, a);
		return true;
	case ACT_SEND_AGAIN:
		read_two(text, &ret->message_id, &ret->to, a);
		return true;
	case ACT_SETTLE:
		read_two(text, &ret->message_id, &ret->reason, a);
		return true;
	case ACT_ACCEPT:
	case ACT_DECLINE:
		ret->message_id = arena_strdup(a, text);
		return true;
	case ACT_MERGE:
		return read_ticket(d, text, &ret->into_id, a, err);
	case ACT_LINK:
	case ACT_UNLINK:
		return read_ticket(d, text, &ret->other_id, a, err);
	case ACT_SPLIT:
		read_two(text, &ret->message_id, &ret->subject, a);
		return true;
	case ACT_REPORTER:
		ret->party_id = arena_strdup(a, text);
		return true;
	case ACT_PARTY_MERGE:
		ret->into_id = arena_strdup(a, text);
		return true;
	case ACT_UNDO:
		ret->operation = arena_strdup(a, text);
		return true;
	}
	err_set(err, ERR_INPUT, _("%s takes nothing behind its name"), action->name);
	return false;
}

bool screens_find_ticket(struct desk *d, const char *ref, struct queue_row *ret, struct arena *a,
			 struct err *err)
{
	char number[TRACKING_TEXT];

	if (tracking_parse(ref, number) == CHECK_DIGITS) {
		err_set(err, ERR_INPUT,
			_("%s cannot be right: its last two digits do not fit the others"), ref);
		return false;
	}
	return cache_ticket(d->cache, d->work, ref, ret, a, err);
}
