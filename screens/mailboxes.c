/* The mailboxes of the town: whether each is read and sent from, since when, and why not. An administrator pauses
 * one here, or lets it go on. What is wrong is told on the status line too, and in the news: mail that does not
 * come in must not wait until somebody misses it. */
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "parts.h"

#define TALL 2 /* rows of one */

struct mailboxes {
	struct arena arena;
	struct mailbox *rows;
	size_t count;
	struct names names;
	struct list list;
};

static bool is_wrong(const struct mailbox *m)
{
	return !m->active || m->state != MAILBOX_OK || m->unknown > 0;
}

/* "fails since 10:12", "paused since di 09:00", "2 messages not taken in". */
static void put_state(struct buf *ret, const struct mailbox *m)
{
	char when[48];

	clock_to_short(m->since, clock_now(), when, sizeof(when));
	if (!m->active)
		buf_add_str(ret, _("is paused"));
	else if (m->state == MAILBOX_FAILING)
		buf_printf(ret, _("fails since %s"), when);
	else if (m->unknown > 0)
		buf_printf(ret,
			   m->unknown == 1 ? _("%lld message not taken in")
					   : _("%lld messages not taken in"),
			   (long long)m->unknown);
	else if (m->state == MAILBOX_UNKNOWN)
		buf_add_str(ret, _("holds messages that were not taken in"));
	else
		buf_printf(ret, _("works since %s"), when);
}

/* ---- told elsewhere ---- */

static bool read_all(struct desk *d, struct mailbox **rows, size_t *count, struct arena *a)
{
	return d->cache && d->me.team_kind == TEAM_INSIDE &&
	       cache_mailboxes(d->cache, rows, count, a, NULL);
}

static int weight(const struct mailbox *m)
{
	if (!is_wrong(m))
		return 0;
	return !m->active ? 1 : m->state == MAILBOX_FAILING ? 3 : 2;
}

bool mailboxes_watch(struct workplace *w)
{
	struct mailbox *rows = NULL;
	const struct mailbox *worst = NULL;
	struct arena a = {0};
	struct buf text = {0};
	size_t count = 0, wrong = 0;
	bool changed;

	if (!read_all(&w->desk, &rows, &count, &a))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		wrong += is_wrong(&rows[i]);
		if (is_wrong(&rows[i]) && (!worst || weight(&rows[i]) > weight(worst)))
			worst = &rows[i];
	}
	if (worst) {
		buf_printf(&text, _("mailbox %.30s "), worst->name);
		put_state(&text, worst);
		if (wrong > 1)
			buf_printf(&text, _(" (and %zu more)"), wrong - 1);
	}
	changed = strcmp(w->mail_alarm, text.data ? text.data : "") != 0;
	snprintf(w->mail_alarm, sizeof(w->mail_alarm), "%s", text.data ? text.data : "");
	buf_finish(&text);
	arena_finish(&a);
	return changed;
}

size_t mailboxes_alarms(struct desk *d, struct mailbox_alarm *ret, size_t max, struct arena *a)
{
	struct mailbox *rows = NULL;
	size_t count = 0, n = 0;

	if (!read_all(d, &rows, &count, a))
		return 0;
	for (size_t i = 0; i < count && n < max; i++) {
		struct buf text = {0};

		if (!is_wrong(&rows[i]))
			continue;
		put_state(&text, &rows[i]);
		if (rows[i].reason && rows[i].reason[0]) {
			buf_add_str(&text, ": ");
			reason_put(&text, rows[i].reason);
		}
		ret[n++] = (struct mailbox_alarm){rows[i].since, rows[i].name,
						  arena_strdup(a, text.data)};
		buf_finish(&text);
	}
	return n;
}

/* ---- the screen ---- */

static bool mailboxes_open(struct screen *s, const char *args, struct err *err)
{
	struct mailboxes *v = screen_state(s);

	v->list.selected = -1;
	return true;
}

static void mailboxes_close(struct screen *s)
{
	struct mailboxes *v = screen_state(s);

	arena_finish(&v->arena);
}

static bool mailboxes_load(struct screen *s, struct err *err)
{
	struct mailboxes *v = screen_state(s);
	struct desk *d = parts_desk(s);

	arena_reset(&v->arena);
	v->count = 0;
	screens_names(d, &v->names, &v->arena);
	if (d->cache && !cache_mailboxes(d->cache, &v->rows, &v->count, &v->arena, err))
		return false;
	list_set_count(&v->list, (int64_t)v->count);
	return true;
}

static void mailboxes_title(const struct screen *s, struct buf *ret)
{
	buf_add_str(ret, _("Mailboxes"));
}

static void put_details(struct buf *ret, const struct mailbox *m)
{
	if (m->reason && m->reason[0])
		reason_put(ret, m->reason);
	/* Else it is told already. */
	if (m->unknown > 0 && (!m->active || m->state == MAILBOX_FAILING))
		buf_printf(ret, _("%s%lld in the mailbox not taken in"), ret->len ? "; " : "",
			   (long long)m->unknown);
	if (m->waiting > 0)
		buf_printf(ret, _("%s%lld of ours wait to be sent"), ret->len ? "; " : "",
			   (long long)m->waiting);
}

static void draw_row(const struct mailboxes *v, const struct mailbox *m, struct cells c, int row,
		     bool selected)
{
	enum style style = selected ? STYLE_SELECTED : is_wrong(m) ? STYLE_WARNING : STYLE_NORMAL;
	int wide = c.width > 110 ? 40 : 26, at = 15 + wide;
	struct buf text = {0};

	cells_fill(c, row, 0, c.width, style);
	/* Not by colour alone. */
	cells_put(c, row, 0, style, is_wrong(m) ? "!" : "");
	cells_put_in(c, row, 2, 12, ALIGN_LEFT, style, m->name);
	cells_put_in(c, row, 15, wide - 1, ALIGN_LEFT, style, m->address ? m->address : "");
	cells_put_in(c, row, at, 14, ALIGN_LEFT, style, parts_team(&v->names, m->team_id));
	put_state(&text, m);
	cells_put_in(c, row, at + 15, c.width - at - 15, ALIGN_LEFT, style, text.data);
	if (selected)
		cells_cursor(c, row, 0, false);
	buf_reset(&text);
	put_details(&text, m);
	if (text.len)
		cells_put_in(c, row + 1, 15, c.width - 15, ALIGN_LEFT,
			     is_wrong(m) ? STYLE_WARNING : STYLE_DIM, text.data);
	buf_finish(&text);
}

static void mailboxes_draw(const struct screen *s, struct cells c)
{
	struct mailboxes *v = screen_state(s);
	const char *lines[] = {_("They stand in the configuration of the service: balied.conf(5)."),
			       _("Without one no answer goes out by mail.")};

	if (v->count == 0) {
		parts_draw_empty(c, _("There are no mailboxes."), lines, 2);
		return;
	}
	list_show(&v->list, c.height / TALL);
	for (int i = 0; i < c.height / TALL && v->list.top + i < v->list.count; i++)
		draw_row(v, &v->rows[v->list.top + i], c, i * TALL,
			 v->list.top + i == v->list.selected);
}

static void pause_one(struct screen *s, const struct mailbox *m)
{
	struct desk *d = parts_desk(s);
	struct args args = args_none;
	struct err err = {0};

	args.active = !m->active;
	if (!desk_do_reference(d, ACT_MAILBOX_CHANGE, m->id, m->version, m->name, &args, NULL,
			       &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		return;
	}
	host_say(screen_host(s), STYLE_GOOD,
		 m->active ? _("%s is paused: nothing is read nor sent with it.")
			   : _("%s goes on: it is read and sent with again."),
		 m->name);
	host_changed(screen_host(s), WATCH_OUTBOX);
}

static bool mailboxes_act(struct screen *s, const struct act *act)
{
	struct mailboxes *v = screen_state(s);
	int height, width;

	screen_size(s, &height, &width);
	v->list.height = height / TALL;
	if (list_act(&v->list, act)) {
		screen_redraw(s);
		return true;
	}
	if (act->action->id != ACT_PAUSE || v->list.selected < 0)
		return false;
	pause_one(s, &v->rows[v->list.selected]);
	return true;
}

static const int mailboxes_offered[] = {ACT_BACK, ACT_PAUSE, ACT_REFRESH, ACT_NOTICES, -1};

const struct screen_ops mailboxes_screen = {
	.name = "mailboxes",
	.label = N_("mailboxes"),
	.state_size = sizeof(struct mailboxes),
	.watches = WATCH_REFERENCE,
	.offered = mailboxes_offered,
	.open = mailboxes_open,
	.load = mailboxes_load,
	.title = mailboxes_title,
	.draw = mailboxes_draw,
	.act = mailboxes_act,
	.close = mailboxes_close,
};
