/* The news: what others did on the agent's tickets and on those that he follows, and what of his own
 * the service did not take. The newest first; what he did not see yet stands out. He opens what it is
 * about. It loads again when tickets, timelines or the outbox change. Nothing here comes by itself:
 * the status line counts, and the agent looks when he wants. */
#include "parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"

struct notice {
	int64_t at;
	bool fresh, trouble;
	const char *screen, *id; /* what opens it */
	const char *number, *subject, *text;
};

struct notices {
	struct arena arena;
	struct notice *rows;
	size_t count;
	struct list list;
	int64_t before; /* what came after this was not seen when the list was opened */
};

/* ---- how far was read ---- */

static void keep_seen(struct workplace *w, int64_t at)
{
	char text[24];

	w->news.seen_at = at;
	snprintf(text, sizeof(text), "%lld", (long long)at);
	work_keep(w->desk.work, "mark", "news", text, NULL);
}

/* At the very first there is a whole history and no news. */
void notices_begin(struct workplace *w)
{
	struct arena a = {0};
	char *text;

	if (w->news.seen_at)
		return;
	text = work_kept(w->desk.work, "mark", "news", &a);
	if (text)
		w->news.seen_at = strtoll(text, NULL, 10);
	if (w->news.seen_at <= 0)
		keep_seen(w, clock_now());
	arena_finish(&a);
}

bool notices_count(struct workplace *w)
{
	struct news *rows;
	struct arena a = {0};
	size_t count = 0;
	int64_t before = w->news.count, mails = w->news.mails;

	if (!w->desk.cache)
		return false;
	notices_begin(w);
	rows = arena_alloc(&a, NOTICES_MAX * sizeof(*rows));
	if (cache_news(w->desk.cache, w->desk.me.agent_id, w->news.seen_at, NOTICES_MAX, rows,
		       &count, &a, NULL))
		w->news.count = (int64_t)count;
	if (cache_mail_troubles(w->desk.cache, w->desk.me.agent_id, NOTICES_MAX,
				arena_alloc(&a, NOTICES_MAX * sizeof(struct mail_trouble)), &count,
				&a, NULL))
		w->news.mails = (int64_t)count;
	arena_finish(&a);
	return w->news.count != before || w->news.mails != mails;
}

/* ---- in words ---- */

static const char *tell(struct notices *v, const struct names *names, const struct news *n)
{
	struct buf what = {0};
	const char *who = n->agent_name[0] ? n->agent_name : NULL, *ret = NULL;

	switch (n->kind) {
	case NEWS_GIVEN:
		ret = who ? arena_printf(&v->arena, _("given to you by %s"), who)
			  : arena_strdup(&v->arena, _("given to you"));
		break;
	case NEWS_ANSWER:
		ret = arena_strdup(&v->arena, _("the citizen wrote"));
		break;
	case NEWS_TAKEN:
	case NEWS_CHANGE:
	case NEWS_NONE:
		screens_put_change(names, &n->change, &what);
		ret = who ? arena_printf(&v->arena, "%s: %s", who, what.data ? what.data : "")
			  : arena_strdup(&v->arena, what.data ? what.data : "");
		break;
	}
	buf_finish(&what);
	return ret;
}

/* The agent's own that did not go through: these stay until he has decided. */
static bool add_trouble(struct notices *v, struct desk *d, const struct names *names,
			struct err *err)
{
	struct outbox_row *rows;
	size_t count;

	if (!work_outbox(d->work, 0, &rows, &count, &v->arena, err))
		return false;
	for (size_t i = count; i-- > 0 && v->count < 2 * NOTICES_MAX;) {
		const struct outbox_row *r = &rows[i];
		bool conflict = r->state == OUTBOX_CONFLICT;
		struct buf what = {0};

		if (!conflict && r->state != OUTBOX_REFUSED)
			continue;
		screens_put_envelope(names, &r->envelope, &what);
		v->rows[v->count++] = (struct notice){
			.at = r->tried_at ? r->tried_at : r->at,
			.trouble = true,
			.screen = conflict ? "conflict" : "outbox",
			.id = conflict ? r->envelope.record : "",
			.number = r->number ? r->number : "",
			.subject = r->subject ? r->subject : "",
			.text = arena_printf(&v->arena,
					     conflict	     ? _("a colleague was first: %s")
					     : r->unreadable ? _("set aside: %s")
							     : _("refused: %s"),
					     what.data ? what.data : ""),
		};
		buf_finish(&what);
	}
	return true;
}

/* What is wrong with a mailbox, and mails of his own that did not arrive, stand first: somebody waits for
 * an answer that he does not get. */
static bool add_mail(struct notices *v, struct desk *d, struct err *err)
{
	struct mailbox_alarm alarms[10];
	struct mail_trouble *rows = arena_alloc(&v->arena, NOTICES_MAX * sizeof(*rows));
	size_t count = mailboxes_alarms(d, alarms, 10, &v->arena);

	for (size_t i = 0; i < count; i++)
		v->rows[v->count++] = (struct notice){.at = alarms[i].since,
						      .trouble = true,
						      .screen = "mailboxes",
						      .id = "",
						      .number = alarms[i].name,
						      .subject = _("mailbox"),
						      .text = alarms[i].text};
	if (!d->cache)
		return true;
	if (!cache_mail_troubles(d->cache, d->me.agent_id, NOTICES_MAX - 20, rows, &count,
				 &v->arena, err))
		return false;
	for (size_t i = 0; i < count; i++)
		v->rows[v->count++] = (struct notice){
			.at = rows[i].at,
			.trouble = true,
			.screen = "ticket",
			.id = rows[i].ticket_id,
			.number = rows[i].number ? rows[i].number : _("no number"),
			.subject = rows[i].subject,
			.text = rows[i].unsure ? _("a mail perhaps did not go out")
					       : _("a mail did not arrive"),
		};
	return true;
}

static bool add_news(struct notices *v, struct desk *d, const struct names *names, struct err *err)
{
	struct news *rows = arena_alloc(&v->arena, NOTICES_MAX * sizeof(*rows));
	size_t count = 0;

	if (!d->cache)
		return true;
	if (!cache_news(d->cache, d->me.agent_id, 0, NOTICES_MAX, rows, &count, &v->arena, err))
		return false;
	for (size_t i = 0; i < count && v->count < 3 * NOTICES_MAX; i++)
		v->rows[v->count++] = (struct notice){
			.at = rows[i].at,
			.fresh = rows[i].at > v->before,
			.screen = "ticket",
			.id = rows[i].change.ticket_id,
			.number = rows[i].number ? rows[i].number : _("no number"),
			.subject = rows[i].subject,
			.text = tell(v, names, &rows[i]),
		};
	return true;
}

/* ---- the screen ---- */

static bool notices_open(struct screen *s, const char *args, struct err *err)
{
	struct notices *v = screen_state(s);
	struct workplace *w = parts_place(s);

	notices_begin(w);
	v->before = w->news.seen_at;
	v->list.selected = -1;
	return true;
}

static void notices_close(struct screen *s)
{
	struct notices *v = screen_state(s);

	arena_finish(&v->arena);
}

static bool notices_load(struct screen *s, struct err *err)
{
	struct notices *v = screen_state(s);
	struct workplace *w = parts_place(s);
	struct names names;
	int64_t newest = w->news.seen_at;

	arena_reset(&v->arena);
	v->count = 0;
	v->rows = arena_alloc(&v->arena, 3 * NOTICES_MAX * sizeof(*v->rows));
	screens_names(&w->desk, &names, &v->arena);
	if (!add_mail(v, &w->desk, err) || !add_trouble(v, &w->desk, &names, err) ||
	    !add_news(v, &w->desk, &names, err))
		return false;
	list_set_count(&v->list, (int64_t)v->count);
	for (size_t i = 0; i < v->count; i++)
		if (!v->rows[i].trouble && v->rows[i].at > newest)
			newest = v->rows[i].at;
	/* What comes while another screen lies over this one was not seen. */
	if (!screen_is_top(s))
		return true;
	if (newest > w->news.seen_at)
		keep_seen(w, newest);
	if (w->news.count) {
		w->news.count = 0;
		host_status_changed(screen_host(s));
	}
	return true;
}

static void notices_title(const struct screen *s, struct buf *ret)
{
	buf_add_str(ret, _("News: what others did on your tickets"));
}

static void draw_row(const struct notice *r, struct cells c, int row, bool selected)
{
	enum style style = selected	? STYLE_SELECTED
			   : r->trouble ? STYLE_WARNING
			   : r->fresh	? STYLE_STRONG
					: STYLE_NORMAL;
	char when[48];
	int half = (c.width - 28) / 2;

	clock_to_stamp(r->at, clock_now(), when, sizeof(when));
	cells_fill(c, row, 0, c.width, style);
	/* Not by colour alone. */
	cells_put(c, row, 0, style, r->trouble ? "!" : r->fresh ? "*" : "");
	cells_put_in(c, row, 2, 11, ALIGN_LEFT, style, when);
	cells_put_in(c, row, 14, 12, ALIGN_LEFT, style, r->number);
	cells_put_in(c, row, 27, half, ALIGN_LEFT, style, r->text);
	cells_put_in(c, row, 28 + half, c.width - 28 - half, ALIGN_LEFT, style, r->subject);
	if (selected)
		cells_cursor(c, row, 0, false);
}

static void notices_draw(const struct screen *s, struct cells c)
{
	struct notices *v = screen_state(s);
	const char *lines[] = {_("What others do on your tickets, or on those that you follow,"),
			       _("is counted on the bottom line and told here.")};

	if (v->count == 0) {
		parts_draw_empty(c, _("There is no news."), lines, 2);
		return;
	}
	list_show(&v->list, c.height);
	for (int row = 0; row < c.height && v->list.top + row < v->list.count; row++)
		draw_row(&v->rows[v->list.top + row], c, row,
			 v->list.top + row == v->list.selected);
}

static bool notices_act(struct screen *s, const struct act *act)
{
	struct notices *v = screen_state(s);
	struct err err = {0};
	const struct notice *r;

	if (list_act(&v->list, act)) {
		screen_redraw(s);
		return true;
	}
	if (act->action->id != ACT_OPEN || act->args[0] || v->list.selected < 0)
		return false;
	r = &v->rows[v->list.selected];
	parts_place(s)->order.set = false;
	if (!host_open(screen_host(s), r->screen, r->id, &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	return true;
}

static const int notices_offered[] = {ACT_BACK,	    ACT_OPEN,	   ACT_OUTBOX,
				      ACT_CONFLICT, ACT_MAILBOXES, -1};

const struct screen_ops notices_screen = {
	.name = "notices",
	.label = N_("news"),
	.state_size = sizeof(struct notices),
	.watches = WATCH_TICKETS | WATCH_TIMELINE | WATCH_OUTBOX | WATCH_REFERENCE,
	.offered = notices_offered,
	.open = notices_open,
	.load = notices_load,
	.title = notices_title,
	.draw = notices_draw,
	.act = notices_act,
	.close = notices_close,
};
