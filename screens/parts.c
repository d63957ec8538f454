#include "parts.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

struct workplace *parts_place(const struct screen *s)
{
	return host_app(screen_host(s));
}

struct desk *parts_desk(const struct screen *s)
{
	return &parts_place(s)->desk;
}

void workplace_finish(struct workplace *w)
{
	batch_finish(&w->bulk.batch);
	arena_finish(&w->bulk.arena);
	arena_finish(&w->order.arena);
	w->order.set = false;
	arena_finish(&w->repeat.arena);
	w->repeat.action = NULL;
}

void screens_names(struct desk *d, struct names *ret, struct arena *a)
{
	memset(ret, 0, sizeof(*ret));
	if (!d->cache)
		return;
	if (!cache_teams(d->cache, &ret->teams, &ret->team_count, a, NULL))
		ret->team_count = 0;
	if (!cache_agents(d->cache, NULL, &ret->agents, &ret->agent_count, a, NULL))
		ret->agent_count = 0;
	if (!cache_topics(d->cache, &ret->topics, &ret->topic_count, a, NULL))
		ret->topic_count = 0;
}

const char *parts_team(const struct names *n, const char *id)
{
	if (!id || !id[0])
		return "";
	for (size_t i = 0; i < n->team_count; i++)
		if (strcmp(n->teams[i].id, id) == 0)
			return n->teams[i].name ? n->teams[i].name : "?";
	return "?";
}

const struct agent *parts_agent_row(const struct names *n, const char *id)
{
	if (!id)
		return NULL;
	for (size_t i = 0; i < n->agent_count; i++)
		if (strcmp(n->agents[i].id, id) == 0)
			return &n->agents[i];
	return NULL;
}

const char *parts_agent(const struct names *n, const char *id)
{
	const struct agent *agent = parts_agent_row(n, id);

	if (!id || !id[0])
		return "";
	if (!agent)
		return "?";
	return agent->display ? agent->display : agent->name;
}

const char *parts_topic(const struct names *n, const char *id)
{
	if (!id || !id[0])
		return "";
	for (size_t i = 0; i < n->topic_count; i++)
		if (strcmp(n->topics[i].id, id) == 0)
			return n->topics[i].name ? n->topics[i].name : "?";
	return "?";
}

/* Shorter than the labels of the model where those do not fit a column of ten cells. */
static const char *const state_short[] = {
	[STATE_NEW] = N_("new"),
	[STATE_OPEN] = N_("open"),
	[STATE_WAITING_CITIZEN] = N_("waiting"),
	[STATE_WAITING_THIRD] = N_("waiting"),
	[STATE_PLANNED] = N_("planned"),
	[STATE_ANSWERED] = N_("answered"),
	[STATE_CLOSED] = N_("closed"),
	[STATE_REJECTED] = N_("rejected"),
	[STATE_INADMISSIBLE] = N_("refused"),
	[STATE_WITHDRAWN] = N_("withdrawn"),
	[STATE_MERGED] = N_("merged"),
};

const char *parts_state_short(int state)
{
	if (state < 0 || state >= (int)(sizeof(state_short) / sizeof(state_short[0])))
		return "?";
	return _(state_short[state]);
}

const char *parts_state(int state)
{
	return _(words_label(&ticket_states, state));
}

enum style parts_state_style(int state)
{
	if (state == STATE_NEW)
		return STYLE_STRONG;
	return state_is_open(state) ? STYLE_NORMAL : STYLE_DONE;
}

enum style parts_due_style(const struct ticket *t, int64_t now)
{
	if (!t->due_at || !state_is_open(t->state))
		return STYLE_DIM;
	if (t->due_at < now)
		return STYLE_OVERDUE;
	return t->due_at < clock_add_days(clock_day_start(now), 2) ? STYLE_SOON : STYLE_NORMAL;
}

const char *screens_due(const struct ticket *t, int64_t now, char *ret, size_t size)
{
	char span[32];
	int64_t today = clock_day_start(now);

	ret[0] = '\0';
	if (!t->due_at || !state_is_open(t->state))
		return ret;
	if (t->due_at < now)
		snprintf(ret, size, _("%s late"),
			 clock_to_span(t->due_at, now, span, sizeof(span)));
	else if (t->due_at < clock_add_days(today, 1))
		snprintf(ret, size, "%s", _("today"));
	else if (t->due_at < clock_add_days(today, 2))
		snprintf(ret, size, "%s", _("tomorrow"));
	else
		snprintf(ret, size, "%s", clock_to_span(now, t->due_at, span, sizeof(span)));
	return ret;
}

const char *parts_who(const struct ticket *t)
{
	return t->party_name && t->party_name[0] ? t->party_name : _("anonymous");
}

const char *parts_number(const struct ticket *t)
{
	return t->number && t->number[0] ? t->number : _("no number");
}

void parts_put_size(struct buf *ret, int64_t bytes)
{
	if (bytes < 1000)
		buf_printf(ret, _("%lld bytes"), (long long)bytes);
	else if (bytes < 1000000)
		buf_printf(ret, _("%lld kB"), (long long)((bytes + 500) / 1000));
	else
		buf_printf(ret, _("%lld MB"), (long long)((bytes + 500000) / 1000000));
}

void parts_put_start(struct buf *ret, const char *text, size_t max)
{
	size_t pos = 0, from = 0;
	int width;

	if (!text)
		return;
	text += strspn(text, " \t\r\n");
	while (pos < max && text_next(text, strlen(text), &pos, &width)) {
		if (strchr("\r\n", text[from]))
			break;
		buf_add(ret, text + from, pos - from);
		from = pos;
	}
	if (text[from + strspn(text + from, " \t\r\n")])
		buf_add_str(ret, " …");
}

bool parts_put_others(const struct desk *d, const char *ticket_id, struct buf *ret)
{
	const char *p = desk_others(d, ticket_id);
	size_t before = ret->len;

	if (!p)
		return false;
	while (*p) {
		size_t line = strcspn(p, "\n"), name = strcspn(p, "\t\n");
		bool types = name < line && strncmp(p + name + 1, "types", 5) == 0;

		if (name > 0) {
			if (ret->len > before)
				buf_add_str(ret, ", ");
			buf_printf(ret, types ? _("%.*s is typing") : _("%.*s is reading this too"),
				   (int)(name > 60 ? 60 : name), p);
		}
		p += line;
		if (*p)
			p++;
	}
	return ret->len > before;
}

static void draw_centred(struct cells c, int row, enum style style, const char *text)
{
	int col = (c.width - text_width(text)) / 2;

	cells_put(c, row, col > 1 ? col : 1, style, text);
}

void parts_draw_empty(struct cells c, const char *heading, const char *const *lines, size_t count)
{
	int row = (c.height - (int)count - 2) / 2;

	if (row < 0)
		row = 0;
	draw_centred(c, row, STYLE_STRONG, heading);
	for (size_t i = 0; i < count; i++)
		if (lines[i] && lines[i][0])
			draw_centred(c, row + 2 + (int)i, STYLE_NORMAL, lines[i]);
}

const char *parts_key(const struct screen *s, const char *screen, const char *action,
		      const char *args)
{
	return keymap_key_of(host_keymap(screen_host(s)), screen, action, args);
}

void parts_put_hint(struct buf *ret, const struct screen *s, const char *screen, const char *action,
		    const char *args, const char *sentence)
{
	const char *key = parts_key(s, screen, action, args);
	char typed[80];

	snprintf(typed, sizeof(typed), args[0] ? ":%s %s" : ":%s", action, args);
	buf_printf(ret, sentence, key ? key : typed);
}

void parts_put_links(struct buf *ret, const char *links)
{
	struct ticket_link *rows;
	struct arena a = {0};
	size_t count;

	rows = arena_alloc(&a, LINKS_MAX * sizeof(*rows));
	count = links_read(links, rows, LINKS_MAX, &a);
	for (size_t i = 0; i < count; i++)
		buf_printf(ret, "%s%s", i ? ", " : "", rows[i].number ? rows[i].number : "?");
	arena_finish(&a);
}
