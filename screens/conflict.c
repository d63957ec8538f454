/* You and a colleague changed the same: both stand here, and you choose. Nothing is done before.
 *
 * It loads again when the outbox or the ticket's timeline changes. */
#include "conflict.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/mem.h"
#include "balie/text.h"
#include "facts.h"

#define FACTS_MAX 64
#define NEWS_MAX 8

struct conflict {
	int64_t seq;
	struct arena arena;
	struct outbox_row row;
	bool found;
	const char *number, *subject;
	int64_t their_version;
	const char *mine;	    /* what I wanted, in words */
	const char *field;	    /* the field it is about, NULL when it is about none */
	const char *theirs;	    /* that field as it is now, in words */
	const char *news[NEWS_MAX]; /* what others did since, in words */
	size_t news_count;
	bool apart; /* they touched other fields: both can stand */
	/* Of a citizen, who has no fields in a history here. */
	struct conflict_pair pairs[CONFLICT_PAIRS];
	size_t pair_count;
};

/* The fields that an action of ours writes: what a colleague changed beside them is no quarrel. */
static const struct {
	int action;
	const char *fields[3];
} written[] = {
	{ACT_STATE, {"state", "wait_until"}},
	{ACT_ASSIGN, {"team_id", "agent_id"}},
	{ACT_TOPIC, {"topic_id"}},
	{ACT_KIND, {"kind"}},
	{ACT_PRIORITY, {"priority"}},
	{ACT_SUBJECT, {"subject"}},
	{ACT_DUE, {"due_at"}},
};

static const char *const *fields_of(int action)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		if (written[i].action == action)
			return written[i].fields;
	return NULL;
}

static bool find_row(struct desk *d, const char *args, struct outbox_row *ret, struct arena *a,
		     struct err *err)
{
	struct outbox_row *rows;
	int64_t seq = 0;
	size_t count;

	if (!work_outbox(d->work, 0, &rows, &count, a, err))
		return false;
	if (args[0])
		text_to_int(args, 1, INT64_MAX, &seq);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].state != OUTBOX_CONFLICT)
			continue;
		if (!args[0] || rows[i].seq == seq || text_same(rows[i].envelope.record, args)) {
			*ret = rows[i];
			return true;
		}
	}
	err_set(err, ERR_NOT_FOUND, _("nothing is in conflict here"));
	return false;
}

static bool conflict_open(struct screen *s, const char *args, struct err *err)
{
	struct conflict *v = screen_state(s);
	struct arena a = {0};
	struct outbox_row row;
	bool ok = find_row(parts_desk(s), args, &row, &a, err);

	if (ok)
		v->seq = row.seq;
	arena_finish(&a);
	return ok;
}

static void conflict_close(struct screen *s)
{
	struct conflict *v = screen_state(s);

	arena_finish(&v->arena);
}

/* Who did what since the version I worked on; and whether it touched my fields. */
static void read_news(struct conflict *v, struct desk *d, const struct names *names)
{
	const char *const *mine = fields_of(v->row.envelope.action->id);
	struct timeline_row *rows;
	size_t count;
	bool complete;

	v->apart = mine != NULL;
	if (!d->cache || !cache_timeline(d->cache, d->work, v->row.envelope.record, &rows, &count,
					 &complete, &v->arena, NULL))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct change *change = &rows[i].change;
		struct fact facts[FACTS_MAX];
		struct buf text = {0};
		size_t n;

		if (rows[i].kind != TIMELINE_CHANGE || change->type != RECORD_TICKET ||
		    change->version <= v->row.envelope.base_version)
			continue;
		n = facts_read(change->after, facts, FACTS_MAX, &v->arena);
		for (int f = 0; mine && f < 3 && mine[f]; f++)
			if (fact_find(facts, n, mine[f]))
				v->apart = false;
		if (v->news_count < NEWS_MAX) {
			char when[48];

			screens_put_change(names, change, &text);
			clock_to_short(rows[i].at, clock_now(), when, sizeof(when));
			v->news[v->news_count++] = arena_printf(
				&v->arena, _("%s, %s: %s"), when,
				rows[i].agent_name ? rows[i].agent_name : "?", text.data);
		}
		buf_finish(&text);
	}
	/* Without knowing what they did, both is not offered. */
	if (v->news_count == 0)
		v->apart = false;
}

/* The field in question as it stands with the service now. */
static void read_theirs(struct conflict *v, const struct names *names)
{
	struct fact *facts = arena_alloc(&v->arena, FACTS_MAX * sizeof(*facts));
	size_t n = facts_read(v->row.theirs, facts, FACTS_MAX, &v->arena);
	const char *const *mine = fields_of(v->row.envelope.action->id);
	struct change change = {0};
	struct buf json = {0}, text = {0};

	v->their_version = fact_number(facts, n, "version");
	if (!mine)
		return;
	buf_add_char(&json, '{');
	for (int f = 0; f < 3 && mine[f]; f++) {
		const struct fact *fact = fact_find(facts, n, mine[f]);

		if (!fact || fact->kind == FACT_NULL)
			continue;
		buf_printf(&json, "%s\"%s\":", json.len > 1 ? "," : "", mine[f]);
		buf_add_char(&json, '"');
		for (const char *p = fact->text; *p; p++) {
			if (strchr("\"\\", *p))
				buf_add_char(&json, '\\');
			buf_add_char(&json, *p);
		}
		buf_add_char(&json, '"');
	}
	buf_add_char(&json, '}');
	/* Told as a change from nothing: the same words as in the history. */
	change.before = "{\"-\":1}";
	change.after = json.data;
	screens_put_change(names, &change, &text);
	v->theirs = arena_strdup(&v->arena, text.data);
	buf_finish(&json);
	buf_finish(&text);
}

static bool conflict_load(struct screen *s, struct err *err)
{
	struct conflict *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct names names;
	struct queue_row ticket;
	struct buf mine = {0};
	char seq[24];

	arena_finish(&v->arena);
	v->number = v->subject = v->theirs = "";
	v->news_count = 0;
	snprintf(seq, sizeof(seq), "%lld", (long long)v->seq);
	v->found = find_row(d, seq, &v->row, &v->arena, NULL);
	if (!v->found)
		return true;
	screens_names(d, &names, &v->arena);
	if (d->cache &&
	    cache_ticket(d->cache, d->work, v->row.envelope.record, &ticket, &v->arena, NULL)) {
		v->number = parts_number(&ticket.ticket);
		v->subject = ticket.ticket.subject ? ticket.ticket.subject : "";
	} else {
		/* What a colleague did may have taken it off the desk. */
		v->number = v->row.number ? v->row.number : "";
		v->subject = v->row.subject ? v->row.subject : "";
	}
	screens_put_envelope(&names, &v->row.envelope, &mine);
	v->mine = arena_strdup(&v->arena, mine.data);
	buf_finish(&mine);
	read_theirs(v, &names);
	v->pair_count = 0;
	if (v->row.envelope.action->about == RECORD_TICKET)
		read_news(v, d, &names);
	else
		v->pair_count = conflict_party(&v->row.envelope, v->row.theirs, v->pairs,
					       CONFLICT_PAIRS, &v->arena);
	return true;
}

static int put_choice(const struct screen *s, struct cells c, int row, const char *action,
		      const char *what)
{
	const char *key = parts_key(s, "conflict", action, "");

	cells_put_in(c, row, 4, 10, ALIGN_LEFT, STYLE_STRONG, key ? key : action);
	cells_put_in(c, row, 14, c.width - 15, ALIGN_LEFT, STYLE_NORMAL, what);
	return row + 1;
}

struct wrapped {
	struct cells c;
	int row, col;
};

static bool draw_line(void *user, const char *text, size_t len)
{
	struct wrapped *w = user;
	char *line = xasprintf("%.*s", (int)len, text);

	if (w->row < w->c.height)
		cells_put_in(w->c, w->row++, w->col, w->c.width - w->col - 2, ALIGN_LEFT,
			     STYLE_NORMAL, line);
	free(line);
	/* What follows belongs to the line above it. */
	w->col = 6;
	return w->row < w->c.height;
}

/* What a colleague did is read whole: it decides what is chosen. */
static int draw_news(const struct conflict *v, struct cells c, int row)
{
	struct wrapped w = {c, row, 4};

	if (!v->news_count)
		return row;
	cells_put(c, w.row++, 2, STYLE_STRONG, _("What happened meanwhile"));
	for (size_t i = 0; i < v->news_count; i++) {
		w.col = 4;
		text_wrap(v->news[i], c.width - 8, draw_line, &w);
	}
	return w.row + 1;
}

static int draw_pair(const struct conflict_pair *pair, struct cells c, int row, int half)
{
	struct buf text = {0};

	buf_printf(&text, "%s: %s", pair->label, pair->mine[0] ? pair->mine : _("none"));
	cells_put_in(c, row, 2, half, ALIGN_LEFT, STYLE_OUTGOING, text.data);
	buf_reset(&text);
	buf_printf(&text, "%s: %s", pair->label, pair->theirs[0] ? pair->theirs : _("none"));
	cells_put_in(c, row, half + 4, half, ALIGN_LEFT, STYLE_INCOMING, text.data);
	buf_finish(&text);
	return row + 1;
}

static int draw_sides(const struct conflict *v, struct cells c, int row)
{
	int half = (c.width - 6) / 2;
	char when[48];

	clock_to_short(v->row.at, clock_now(), when, sizeof(when));
	cells_fill(c, row, 0, c.width, STYLE_HEADER);
	cells_put_in(c, row, 2, half, ALIGN_LEFT, STYLE_HEADER, _("Yours"));
	cells_put_in(c, row, half + 4, half, ALIGN_LEFT, STYLE_HEADER, _("As it is now"));
	row++;
	for (size_t i = 0; i < v->pair_count; i++)
		row = draw_pair(&v->pairs[i], c, row, half);
	if (!v->pair_count) {
		cells_put_in(c, row, 2, half, ALIGN_LEFT, STYLE_OUTGOING, v->mine);
		cells_put_in(c, row++, half + 4, half, ALIGN_LEFT, STYLE_INCOMING, v->theirs);
	}
	cells_put_in(c, row, 2, half, ALIGN_LEFT, STYLE_DIM, when);
	return draw_news(v, c, row + 2);
}

static void conflict_draw(const struct screen *s, struct cells c)
{
	const struct conflict *v = screen_state(s);
	const char *line = _("It was decided, here or by the service. Go back.");
	int row;

	if (!v->found) {
		parts_draw_empty(c, _("Nothing is in conflict any more"), &line, 1);
		cells_cursor(c, 0, 0, false);
		return;
	}
	cells_put_in(c, 0, 2, c.width - 4, ALIGN_LEFT, STYLE_STRONG, v->subject);
	cells_put_in(c, 1, 2, c.width - 4, ALIGN_LEFT, STYLE_NORMAL,
		     _("A colleague changed it before yours arrived. Nothing was overwritten."));
	row = draw_sides(v, c, 3);
	cells_put(c, row++, 2, STYLE_STRONG, _("What should it be?"));
	row = put_choice(s, c, row, "mine", _("Yours: it is done on top of what is there now."));
	row = put_choice(s, c, row, "theirs", _("Theirs: yours is dropped."));
	if (v->apart)
		row = put_choice(s, c, row, "both",
				 _("Both: they changed something else than you did."));
	put_choice(s, c, row, "back", _("Decide later: what you did here waits."));
	cells_cursor(c, row, 4, false);
}

static void conflict_title(const struct screen *s, struct buf *ret)
{
	const struct conflict *v = screen_state(s);

	buf_printf(ret, _("Conflict on %s"),
		   v->number && v->number[0] ? v->number
		   : v->subject		     ? v->subject
					     : "");
}

static void settle(struct screen *s, bool ok, const char *told, const struct err *err)
{
	struct desk *d = parts_desk(s);
	struct host *h = screen_host(s);

	if (!ok) {
		host_say(h, STYLE_ERROR, "%s", err->text);
		return;
	}
	if (d->port)
		port_to_sync(d->port, PORT_OUTBOX, NULL, 0, false, NULL);
	host_say(h, STYLE_GOOD, "%s", told);
	host_changed(h, WATCH_OUTBOX | WATCH_TICKETS | WATCH_TIMELINE);
	host_back(h);
}

static bool conflict_act(struct screen *s, const struct act *act)
{
	struct conflict *v = screen_state(s);
	struct work *work = parts_desk(s)->work;
	struct err err = {0};

	if (!v->found)
		return false;
	switch (act->action->id) {
	case ACT_BOTH:
		if (!v->apart) {
			host_say(screen_host(s), STYLE_WARNING, "%s",
				 _("You both changed the same field: only one of the two can "
				   "stand."));
			return true;
		}
		settle(s, work_rebase(work, v->seq, v->their_version, &err), _("Both stand."),
		       &err);
		return true;
	case ACT_MINE:
		settle(s, work_rebase(work, v->seq, v->their_version, &err), _("Yours is sent."),
		       &err);
		return true;
	case ACT_THEIRS:
		settle(s, work_take_back(work, v->seq, &err), _("Theirs stays; yours is dropped."),
		       &err);
		return true;
	}
	return false;
}

static const int conflict_offered[] = {ACT_MINE, ACT_THEIRS, ACT_BOTH, ACT_BACK, -1};

const struct screen_ops conflict_screen = {
	.name = "conflict",
	.label = N_("conflict"),
	.state_size = sizeof(struct conflict),
	.watches = WATCH_OUTBOX | WATCH_TICKETS | WATCH_TIMELINE,
	.offered = conflict_offered,
	.open = conflict_open,
	.load = conflict_load,
	.title = conflict_title,
	.draw = conflict_draw,
	.act = conflict_act,
	.close = conflict_close,
};
