/* What was done here and is not with the service yet, what the service refused and why, unfinished
 * texts, and below them what went out last. The agent tries again, takes back, or opens what it is
 * about; when that left the desk, what was sent is shown here. It loads again when the outbox or the drafts change. */
#include "person.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"

#define DONE_MAX 50
#define FOOT 3 /* rows below the list: a rule and what is to be said of the selected row */

struct entry {
	const struct outbox_row *row; /* NULL for a draft or a batch */
	const struct draft *draft;
	const struct work_batch *batch; /* one thing done to many tickets */
	const char *what, *number, *subject;
	int64_t at;
};

struct outbox {
	struct arena arena;
	struct entry *entries;
	size_t count;
	struct list list;
	struct textview *sent; /* of the one being read; NULL: the list is shown */
};

static bool outbox_open(struct screen *s, const char *args, struct err *err)
{
	struct outbox *v = screen_state(s);

	v->list.selected = -1;
	return true;
}

static void outbox_close(struct screen *s)
{
	struct outbox *v = screen_state(s);

	textview_destroy(v->sent);
	arena_finish(&v->arena);
}

/* When the ticket left the desk, what it was called is still known. */
static void fill_ticket(struct desk *d, struct entry *e, const char *id, struct arena *a)
{
	struct queue_row row;

	e->number = e->row && e->row->number ? e->row->number : "";
	e->subject = e->row && e->row->subject ? e->row->subject : "";
	if (!d->cache || !id || !cache_ticket(d->cache, d->work, id, &row, a, NULL))
		return;
	e->number = parts_number(&row.ticket);
	e->subject = row.ticket.subject ? row.ticket.subject : "";
}

static void fill_row(struct desk *d, const struct names *names, struct entry *e,
		     const struct outbox_row *row, struct arena *a)
{
	struct buf what = {0};

	screens_put_envelope(names, &row->envelope, &what);
	e->row = row;
	e->what = arena_strdup(a, what.data);
	e->at = row->at;
	fill_ticket(d, e, row->envelope.record, a);
	buf_finish(&what);
}

/* Of a citizen who is made or corrected, and not saved yet. */
static bool is_form(const struct draft *draft)
{
	return strcmp(draft->kind, PERSON_DRAFT) == 0;
}

static void fill_draft(struct desk *d, struct entry *e, const struct draft *draft, struct arena *a)
{
	struct buf what = {0};

	text_capital(&what, is_form(draft)		       ? _("form")
			    : strcmp(draft->kind, "note") == 0 ? _("note")
							       : _("answer"));
	buf_add_str(&what, ": ");
	parts_put_start(&what, is_form(draft) ? draft->subject : draft->body, 60);
	e->draft = draft;
	e->what = arena_strdup(a, what.data);
	e->at = draft->at;
	fill_ticket(d, e, draft->ticket_id, a);
	buf_finish(&what);
}

static int64_t batch_open_count(const struct work_batch *b)
{
	return b->waiting + b->conflict + b->refused;
}

static void fill_batch(const struct names *names, struct entry *e, const struct work_batch *b,
		       struct arena *a)
{
	struct buf what = {0};

	screens_put_envelope(names, &b->first.envelope, &what);
	e->batch = b;
	e->what = arena_strdup(a, what.data);
	e->at = b->at;
	e->number = arena_printf(a, _("%lld tickets"), (long long)b->count);
	e->subject = "";
	buf_finish(&what);
}

static bool outbox_load(struct screen *s, struct err *err)
{
	struct outbox *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct outbox_row *rows;
	struct draft *drafts;
	struct names names;
	struct arena a = {0};
	struct entry *entries;
	struct work_batch *batches;
	size_t row_count, draft_count, batch_count, count = 0, i = 0;

	if (!work_outbox_alone(d->work, DONE_MAX, &rows, &row_count, &a, err) ||
	    !work_batches(d->work, &batches, &batch_count, &a, err) ||
	    !work_drafts(d->work, &drafts, &draft_count, &a, err)) {
		arena_finish(&a);
		return false;
	}
	screens_names(d, &names, &a);
	entries = arena_alloc(&a, (row_count + draft_count + batch_count + 1) * sizeof(*entries));
	for (size_t n = 0; n < batch_count; n++)
		if (batch_open_count(&batches[n]) > 0)
			fill_batch(&names, &entries[count++], &batches[n], &a);
	for (; i < row_count && rows[i].state != OUTBOX_DONE; i++)
		fill_row(d, &names, &entries[count++], &rows[i], &a);
	for (size_t n = 0; n < draft_count; n++)
		fill_draft(d, &entries[count++], &drafts[n], &a);
	for (size_t n = 0; n < batch_count; n++)
		if (batch_open_count(&batches[n]) == 0)
			fill_batch(&names, &entries[count++], &batches[n], &a);
	for (; i < row_count; i++)
		fill_row(d, &names, &entries[count++], &rows[i], &a);
	arena_finish(&v->arena);
	v->arena = a;
	v->entries = entries;
	v->count = count;
	list_set_count(&v->list, (int64_t)count);
	return true;
}

static const struct entry *selected(const struct outbox *v)
{
	if (v->list.selected < 0 || v->list.selected >= (int64_t)v->count)
		return NULL;
	return &v->entries[v->list.selected];
}

static const char *batch_words(const struct work_batch *b, enum style *style)
{
	*style = b->conflict + b->refused > 0 ? STYLE_ERROR
		 : b->waiting > 0	      ? STYLE_PENDING
					      : STYLE_DIM;
	if (b->conflict + b->refused > 0)
		return b->refused > 0 ? _("refused") : _("conflict");
	return b->waiting > 0 ? _("waits") : b->done > 0 ? _("done") : _("undone");
}

static const char *state_words(const struct entry *e, enum style *style)
{
	*style = STYLE_NORMAL;
	if (e->batch)
		return batch_words(e->batch, style);
	if (!e->row) {
		*style = STYLE_PENDING;
		return _("unfinished");
	}
	switch (e->row->state) {
	case OUTBOX_WAITING:
		*style = STYLE_PENDING;
		return _("waits");
	case OUTBOX_SENDING:
		*style = STYLE_PENDING;
		return _("on its way");
	case OUTBOX_CONFLICT:
		*style = STYLE_ERROR;
		return _("conflict");
	case OUTBOX_REFUSED:
		*style = STYLE_ERROR;
		return e->row->unreadable ? _("set aside") : _("refused");
	case OUTBOX_DONE:
		*style = STYLE_DIM;
		return e->row->undone ? _("undone") : _("done");
	}
	return "";
}

static void draw_entry(struct cells c, int line, const struct entry *e, bool is_selected)
{
	enum style style, base = is_selected ? STYLE_SELECTED : STYLE_NORMAL;
	const char *state = state_words(e, &style);
	bool done =
		e->batch ? batch_open_count(e->batch) == 0 : e->row && e->row->state == OUTBOX_DONE;
	int about = c.width >= 110 ? 34 : 0, what = c.width - 44 - (about ? about + 2 : 0);
	char when[48];

	if (is_selected)
		style = base;
	else if (done)
		base = STYLE_DIM;
	cells_fill(c, line, 0, c.width, base);
	cells_put_in(c, line, 2, 12, ALIGN_LEFT, style, state);
	cells_put_in(c, line, 16, what, ALIGN_LEFT, base, e->what);
	cells_put_in(c, line, 18 + what, 12, ALIGN_LEFT, base, e->number);
	if (about)
		cells_put_in(c, line, 32 + what, about, ALIGN_LEFT, base, e->subject);
	clock_to_short(e->at, clock_now(), when, sizeof(when));
	cells_put_in(c, line, c.width - 12, 11, ALIGN_LEFT, base, when);
}

static void draw_headings(struct cells c)
{
	int about = c.width >= 110 ? 34 : 0, what = c.width - 44 - (about ? about + 2 : 0);

	cells_fill(c, 0, 0, c.width, STYLE_HEADER);
	cells_put_in(c, 0, 2, 12, ALIGN_LEFT, STYLE_HEADER, _("How far"));
	cells_put_in(c, 0, 16, what, ALIGN_LEFT, STYLE_HEADER, _("What"));
	cells_put_in(c, 0, 18 + what, 12, ALIGN_LEFT, STYLE_HEADER, _("Ticket"));
	if (about)
		cells_put_in(c, 0, 32 + what, about, ALIGN_LEFT, STYLE_HEADER, _("Subject"));
	cells_put_in(c, 0, c.width - 12, 11, ALIGN_LEFT, STYLE_HEADER, _("When"));
}

/* Why the selected one is where it is, in one or two sentences. */
static void draw_foot(const struct screen *s, const struct outbox *v, struct cells c)
{
	const struct entry *e = selected(v);
	const struct desk *d = parts_desk(s);
	struct buf text = {0}, hint = {0}, why = {0};

	cells_rule(c, 0, STYLE_DIM, "");
	if (e && e->batch) {
		parts_put_hint(&hint, s, "outbox", "open", "",
			       _("Done to many tickets at once: %s shows what became of each."));
		buf_add_str(&text, hint.data);
	} else if (e && !e->row) {
		buf_add_str(&text, _("A text that was begun and not sent. Open it to go on."));
	} else if (e && e->row->unreadable && e->row->state == OUTBOX_REFUSED) {
		buf_add_str(&text, _("It was set aside; what you did on other tickets goes on."));
	} else if (e && (e->row->state == OUTBOX_WAITING || e->row->state == OUTBOX_SENDING)) {
		buf_add_str(&text,
			    d->link == LINK_ONLINE
				    ? _("It is being sent.")
				    : _("It is sent by itself as soon as there is a connection, "
					"once."));
	} else if (e && e->row->state == OUTBOX_CONFLICT) {
		parts_put_hint(&hint, s, "outbox", "conflict", "",
			       _("A colleague changed the same first: %s shows both."));
		buf_add_str(&text, hint.data);
	} else if (e && e->row->state == OUTBOX_REFUSED) {
		buf_add_str(&text, _("The service refused it."));
	}
	if (text.len)
		cells_put_in(c, 1, 2, c.width - 4, ALIGN_LEFT, STYLE_NORMAL, text.data);
	if (e && e->row && e->row->reason && e->row->reason[0] && e->row->state != OUTBOX_DONE) {
		text_capital(&why, _(e->row->reason));
		cells_put_in(c, 2, 2, c.width - 4, ALIGN_LEFT, STYLE_WARNING, why.data);
	}
	buf_finish(&text);
	buf_finish(&hint);
	buf_finish(&why);
}

static void outbox_draw(const struct screen *s, struct cells c)
{
	const struct outbox *v = screen_state(s);
	struct cells body = cells_sub(c, 1, 0, c.height - 1 - FOOT, c.width);
	const char *lines[] = {_("What you do is sent at once when there is a connection,"),
			       _("and waits here when there is none.")};
	int64_t top = v->list.top;

	if (v->sent) {
		textview_draw(v->sent, cells_sub(c, 0, 1, c.height, c.width - 2));
		return;
	}
	if (v->count == 0) {
		parts_draw_empty(c, _("Nothing waits to be sent"), lines, 2);
		cells_cursor(c, 0, 0, false);
		return;
	}
	draw_headings(c);
	if (v->list.selected < top)
		top = v->list.selected;
	if (v->list.selected >= top + body.height)
		top = v->list.selected - body.height + 1;
	for (int line = 0; line < body.height && top + line < (int64_t)v->count; line++)
		draw_entry(body, line, &v->entries[top + line], top + line == v->list.selected);
	draw_foot(s, v, cells_sub(c, c.height - FOOT, 0, FOOT, c.width));
	cells_cursor(body, (int)(v->list.selected - top), 0, false);
}

static void outbox_title(const struct screen *s, struct buf *ret)
{
	const struct outbox *v = screen_state(s);
	size_t open = 0;

	for (size_t i = 0; i < v->count; i++)
		open += v->entries[i].batch
				? (size_t)batch_open_count(v->entries[i].batch)
				: !v->entries[i].row || v->entries[i].row->state != OUTBOX_DONE;
	if (open)
		buf_printf(ret, _("Outbox: %zu not sent yet"), open);
	else
		buf_add_str(ret, _("Outbox: all is sent"));
}

/* All of what one action said, for a ticket that cannot be opened here any more. */
static void read_sent(struct screen *s, const struct entry *e)
{
	struct outbox *v = screen_state(s);
	const struct envelope *sent = &e->row->envelope;
	struct buf text = {0};
	enum style style;
	char when[48];

	textview_destroy(v->sent);
	v->sent = textview_create();
	buf_printf(&text, "%s  %s", e->number, e->subject);
	textview_add(v->sent, STYLE_STRONG, "", text.data, 0);
	buf_reset(&text);
	text_capital(&text, state_words(e, &style));
	buf_printf(&text, ", %s", clock_to_short(e->at, clock_now(), when, sizeof(when)));
	textview_add(v->sent, style, "", text.data, 0);
	textview_add(v->sent, STYLE_NORMAL, "", "", 0);
	if (sent->args.to) {
		buf_reset(&text);
		buf_printf(&text, _("To: %s"), sent->args.to);
		textview_add(v->sent, STYLE_DIM, "", text.data, 0);
	}
	if (sent->args.body) {
		buf_reset(&text);
		text_capital(&text, _(sent->action->label));
		textview_add(v->sent, STYLE_STRONG, "", text.data, 0);
		textview_add(v->sent, STYLE_OUTGOING, "", sent->args.body, 0);
	} else {
		textview_add(v->sent, STYLE_NORMAL, "", e->what, 0);
	}
	buf_finish(&text);
	screen_redraw(s);
}

static bool on_desk_now(struct desk *d, const char *id)
{
	struct arena a = {0};
	struct queue_row row;
	bool there = d->cache && cache_ticket(d->cache, d->work, id, &row, &a, NULL);

	arena_finish(&a);
	return there;
}

static void open_entry(struct screen *s, const struct entry *e)
{
	struct err err = {0};
	char args[ID_TEXT + 16];
	bool ok;

	if (e->batch) {
		ok = host_open(screen_host(s), "batch", e->batch->id, &err);
	} else if (!e->row && is_form(e->draft)) {
		ok = host_open(screen_host(s), "person", e->draft->ticket_id, &err);
	} else if (!e->row) {
		snprintf(args, sizeof(args), "%s %s", e->draft->kind, e->draft->ticket_id);
		ok = host_open(screen_host(s), "compose", args, &err);
	} else if (e->row->state == OUTBOX_CONFLICT) {
		snprintf(args, sizeof(args), "%lld", (long long)e->row->seq);
		ok = host_open(screen_host(s), "conflict", args, &err);
	} else if (e->row->unreadable || !on_desk_now(parts_desk(s), e->row->envelope.record)) {
		read_sent(s, e);
		return;
	} else {
		parts_place(s)->order.set = false;
		ok = host_open(screen_host(s), "ticket", e->row->envelope.record, &err);
	}
	if (!ok)
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
}

static void decide(struct screen *s, const struct entry *e, bool retry)
{
	struct desk *d = parts_desk(s);
	struct err err = {0};
	bool ok;

	if (e->batch) {
		open_entry(s, e);
		return;
	}
	if (!e->row || e->row->state == OUTBOX_DONE) {
		host_say(screen_host(s), STYLE_NORMAL, "%s",
			 e->row ? _("That was sent already: undo it instead.")
				: _("That is a text you began: open it to send or discard it."));
		return;
	}
	ok = retry ? work_retry(d->work, e->row->seq, &err)
		   : work_take_back(d->work, e->row->seq, &err);
	if (ok) {
		host_say(screen_host(s), STYLE_GOOD, "%s",
			 retry ? _("It is tried again.") : _("Taken back: nothing was sent."));
		if (d->port)
			port_to_sync(d->port, PORT_OUTBOX, NULL, 0, false, NULL);
	} else {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	}
	host_changed(screen_host(s), WATCH_OUTBOX | WATCH_TICKETS | WATCH_TIMELINE | WATCH_DRAFTS);
}

/* While one is read: up and down in it, and back to the list. */
static bool act_sent(struct screen *s, const struct act *act)
{
	struct outbox *v = screen_state(s);

	if (act->action->id == ACT_BACK) {
		textview_destroy(v->sent);
		v->sent = NULL;
	} else if (!textview_act(v->sent, act)) {
		return act->action->id == ACT_OPEN || act->action->id == ACT_CONFLICT ||
		       act->action->id == ACT_RETRY || act->action->id == ACT_TAKE_BACK;
	}
	screen_redraw(s);
	return true;
}

static bool outbox_act(struct screen *s, const struct act *act)
{
	struct outbox *v = screen_state(s);
	const struct entry *e = selected(v);
	int height, width;

	if (v->sent)
		return act_sent(s, act);
	screen_size(s, &height, &width);
	v->list.height = height > FOOT + 1 ? height - FOOT - 1 : 1;
	if (list_act(&v->list, act)) {
		screen_redraw(s);
		return true;
	}
	if (!e || act->args[0])
		return false;
	switch (act->action->id) {
	case ACT_OPEN:
		open_entry(s, e);
		return true;
	case ACT_CONFLICT:
		if (e->row && e->row->state == OUTBOX_CONFLICT)
			open_entry(s, e);
		else
			host_say(screen_host(s), STYLE_NORMAL, "%s",
				 _("This one has no conflict."));
		return true;
	case ACT_RETRY:
		decide(s, e, true);
		return true;
	case ACT_TAKE_BACK:
		decide(s, e, false);
		return true;
	}
	return false;
}

static const int outbox_offered[] = {
	ACT_BACK, ACT_OPEN, ACT_RETRY, ACT_TAKE_BACK, ACT_CONFLICT, -1,
};

const struct screen_ops outbox_screen = {
	.name = "outbox",
	.label = N_("outbox"),
	.state_size = sizeof(struct outbox),
	.watches = WATCH_OUTBOX | WATCH_DRAFTS | WATCH_TICKETS,
	.offered = outbox_offered,
	.open = outbox_open,
	.load = outbox_load,
	.title = outbox_title,
	.draw = outbox_draw,
	.act = outbox_act,
	.close = outbox_close,
};
