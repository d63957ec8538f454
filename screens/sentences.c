/* Changes and envelopes in the words of the desk. */
#include "parts.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "facts.h"

#define FACTS_MAX 48

/* The fields worth a word in a history, in the order they are told. The others follow from them. */
enum told_as { AS_LINKS, AS_WORD, AS_TEAM, AS_AGENT, AS_TOPIC, AS_TEXT, AS_DAY, AS_TIME };
static const struct {
	const char *field;
	const char *label;
	enum told_as as;
	const struct words *words;
} told[] = {
	{"state", N_("state"), AS_WORD, &ticket_states},
	{"wait_until", N_("until"), AS_DAY, NULL},
	{"team_id", N_("team"), AS_TEAM, NULL},
	{"agent_id", N_("handled by"), AS_AGENT, NULL},
	{"topic_id", N_("topic"), AS_TOPIC, NULL},
	{"kind", N_("kind"), AS_WORD, &ticket_kinds},
	{"priority", N_("priority"), AS_WORD, &priorities},
	{"due_at", N_("deadline"), AS_DAY, NULL},
	{"subject", N_("subject"), AS_TEXT, NULL},
	{"party_name", N_("citizen"), AS_TEXT, NULL},
	{"links", N_("linked to"), AS_LINKS, NULL},
};

static void put_value(const struct names *names, size_t row, const struct fact *fact,
		      struct buf *ret)
{
	const struct words *words;
	struct clock_local at;
	int64_t ms;
	int word;

	if (!fact || fact->kind == FACT_NULL || !fact->text[0]) {
		buf_add_str(ret, _("none"));
		return;
	}
	switch (told[row].as) {
	case AS_LINKS:
		parts_put_links(ret, fact->text);
		break;
	case AS_WORD:
		words = told[row].words;
		word = words_find(words, fact->text);
		/* A message has a state too, in words of its own. */
		if (word < 0 && words == &ticket_states) {
			words = &message_states;
			word = words_find(words, fact->text);
		}
		buf_add_str(ret, word < 0 ? fact->text : _(words_label(words, word)));
		break;
	case AS_TEAM:
		buf_add_str(ret, parts_team(names, fact->text));
		break;
	case AS_AGENT:
		buf_add_str(ret, parts_agent(names, fact->text));
		break;
	case AS_TOPIC:
		buf_add_str(ret, parts_topic(names, fact->text));
		break;
	case AS_TEXT:
		parts_put_start(ret, fact->text, 60);
		break;
	case AS_DAY:
	case AS_TIME:
		if (!clock_from_rfc3339(fact->text, &ms))
			break;
		clock_local(ms, &at);
		buf_printf(ret, "%02d/%02d/%d", at.day, at.month, at.year);
		break;
	}
}

static const char *action_words(const char *name)
{
	const struct action *action = action_find(&actions, name ? name : "");

	if (action && action->id == ACT_CREATE)
		return _("registered");
	if (name && strcmp(name, "import") == 0)
		return _("came in by mail");
	if (name && strcmp(name, "import-list") == 0)
		return _("came in from a list");
	return action ? _(action->label) : name ? name : "";
}

void screens_put_change(const struct names *names, const struct change *change, struct buf *ret)
{
	struct arena a = {0};
	struct fact *before = arena_alloc(&a, FACTS_MAX * sizeof(*before));
	struct fact *after = arena_alloc(&a, FACTS_MAX * sizeof(*after));
	size_t before_count = facts_read(change->before, before, FACTS_MAX, &a);
	size_t after_count = facts_read(change->after, after, FACTS_MAX, &a);
	size_t start = ret->len;

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		const struct fact *new = fact_find(after, after_count, told[i].field);
		const struct fact *old = fact_find(before, before_count, told[i].field);

		if (!new || (old && strcmp(old->text, new->text) == 0 && old->kind == new->kind))
			continue;
		/* What a new ticket does not have is not news. */
		if (before_count == 0 && (new->kind == FACT_NULL || told[i].as == AS_TEXT))
			continue;
		if (ret->len > start)
			buf_add_str(ret, ", ");
		buf_printf(ret, "%s: ", _(told[i].label));
		if (old) {
			put_value(names, i, old, ret);
			buf_add_str(ret, " → ");
		}
		put_value(names, i, new, ret);
	}
	if (ret->len == start)
		buf_add_str(ret, action_words(change->action));
	arena_finish(&a);
}

static void put_day(struct buf *ret, int64_t ms)
{
	struct clock_local at;

	clock_local(ms, &at);
	buf_printf(ret, "%02d/%02d/%d", at.day, at.month, at.year);
}

static void put_args(const struct names *names, const struct envelope *e, struct buf *ret)
{
	const struct args *args = &e->args;

	switch (e->action->id) {
	case ACT_STATE:
		buf_add_str(ret, parts_state(args->state));
		if (args->until) {
			buf_printf(ret, " %s ", _("until"));
			put_day(ret, args->until);
		}
		break;
	case ACT_ASSIGN:
		buf_add_str(ret, parts_team(names, args->team_id));
		if (args->agent_id)
			buf_printf(ret, " / %s", parts_agent(names, args->agent_id));
		break;
	case ACT_TOPIC:
		buf_add_str(ret, parts_topic(names, args->topic_id));
		break;
	case ACT_KIND:
		buf_add_str(ret, _(words_label(&ticket_kinds, args->kind)));
		break;
	case ACT_PRIORITY:
		buf_add_str(ret, _(words_label(&priorities, args->priority)));
		break;
	case ACT_DUE:
		put_day(ret, args->due_at);
		break;
	case ACT_SUBJECT:
	case ACT_CREATE:
		parts_put_start(ret, args->subject, 60);
		break;
	case ACT_ANSWER:
	case ACT_FORWARD:
	case ACT_NOTE:
	case ACT_SAID:
		parts_put_start(ret, args->body, 60);
		break;
	case ACT_SEND_AGAIN:
		parts_put_start(ret, args->to, 60);
		break;
	case ACT_SETTLE:
		parts_put_start(ret, args->reason, 60);
		break;
	case ACT_CONTACT:
		parts_put_start(ret, args->summary, 60);
		break;
	case ACT_PARTY_CREATE:
	case ACT_PARTY_CHANGE:
	case ACT_TEAM_CREATE:
	case ACT_TEAM_CHANGE:
	case ACT_TOPIC_CREATE:
	case ACT_TOPIC_CHANGE:
	case ACT_AGENT_CREATE:
	case ACT_AGENT_CHANGE:
	case ACT_MAILBOX_CHANGE:
		parts_put_start(ret, args->name, 60);
		break;
	}
}

void screens_put_envelope(const struct names *names, const struct envelope *e, struct buf *ret)
{
	struct buf rest = {0};

	text_capital(ret, _(e->action->label));
	put_args(names, e, &rest);
	if (rest.len)
		buf_printf(ret, ": %s", rest.data);
	buf_finish(&rest);
}
