/* Before tickets are merged: which one stays, which ones go into it, and what each holds. The agent swaps
 * them with one key and says yes with another. It looks again when tickets, their timelines, the outbox or
 * who is where change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "relate.h"

#define MERGE_MAX 100 /* at once */

struct side {
	struct queue_row row;
	size_t messages;
	bool there;
};

struct merge {
	char (*ids)[ID_TEXT]; /* the first one stays */
	size_t count;
	struct side *sides; /* in arena */
	struct arena arena;
};

void merge_show(struct screen *s, const char *into, const char (*ids)[ID_TEXT], size_t count)
{
	struct buf args = {0};
	struct err err = {0};

	buf_add_str(&args, into);
	for (size_t i = 0; i < count; i++)
		if (strcmp(ids[i], into) != 0)
			buf_printf(&args, " %s", ids[i]);
	if (!host_open(screen_host(s), "merge", args.data, &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	buf_finish(&args);
}

static bool merge_open(struct screen *s, const char *args, struct err *err)
{
	struct merge *v = screen_state(s);

	v->ids = xcalloc(MERGE_MAX + 1, sizeof(*v->ids));
	while (*args) {
		size_t len = strcspn(args, " ");

		if (v->count > MERGE_MAX) {
			err_set(err, ERR_INPUT, _("at most %d tickets are merged at once"),
				MERGE_MAX);
			return false;
		}
		snprintf(v->ids[v->count++], ID_TEXT, "%.*s", (int)len, args);
		args += len + (args[len] == ' ');
	}
	if (v->count >= 2)
		return true;
	err_set(err, ERR_INPUT, _("choose two tickets that are the same question"));
	return false;
}

static size_t count_messages(struct desk *d, const char *id, struct arena *a)
{
	struct timeline_row *rows = NULL;
	size_t count = 0, messages = 0;
	bool complete;

	if (!cache_timeline(d->cache, d->work, id, &rows, &count, &complete, a, NULL))
		return 0;
	for (size_t i = 0; i < count; i++)
		messages += rows[i].kind == TIMELINE_MESSAGE;
	if (!complete)
		desk_want_timeline(d, id);
	return messages;
}

static bool merge_load(struct screen *s, struct err *err)
{
	struct merge *v = screen_state(s);
	struct desk *d = parts_desk(s);

	arena_reset(&v->arena);
	v->sides = arena_alloc(&v->arena, v->count * sizeof(*v->sides));
	for (size_t i = 0; i < v->count; i++) {
		struct side *side = &v->sides[i];

		memset(side, 0, sizeof(*side));
		side->there = d->cache && cache_ticket(d->cache, d->work, v->ids[i], &side->row,
						       &v->arena, NULL);
		if (side->there)
			side->messages = count_messages(d, v->ids[i], &v->arena);
	}
	return true;
}

static void merge_close(struct screen *s)
{
	struct merge *v = screen_state(s);

	free(v->ids);
	arena_finish(&v->arena);
}

/* ---- drawing ---- */

static void put_facts(const struct side *side, struct buf *ret)
{
	const struct ticket *t = &side->row.ticket;
	struct clock_local at;

	buf_printf(ret, "%s, %s", parts_who(t), parts_state(t->state));
	if (side->row.topic_name[0])
		buf_printf(ret, ", %s", side->row.topic_name);
	buf_printf(ret, ", %s ", _("came in:"));
	relate_put_age(ret, t);
	if (t->due_at) {
		clock_local(t->due_at, &at);
		buf_printf(ret, _(", deadline %02d/%02d/%d"), at.day, at.month, at.year);
	}
	buf_printf(ret, _(", messages: %zu"), side->messages);
}

static int draw_side(const struct screen *s, struct cells c, int row, const struct side *side,
		     bool stays)
{
	const struct merge *v = screen_state(s);
	const struct ticket *t = &side->row.ticket;
	const struct ticket *into = &v->sides[0].row.ticket;
	struct buf text = {0};

	if (!side->there) {
		cells_put(c, row, 4, STYLE_WARNING, _("This ticket left your desk meanwhile."));
		return row + 2;
	}
	cells_putf(c, row, 4, STYLE_STRONG, "%s  %s", parts_number(t), t->subject);
	put_facts(side, &text);
	cells_put(c, row + 1, 4, STYLE_NORMAL, text.data);
	row += 2;
	buf_reset(&text);
	if (!stays && parts_put_others(parts_desk(s), t->id, &text)) {
		cells_put(c, row++, 4, STYLE_WARNING, text.data);
		cells_put(c, row++, 4, STYLE_DIM,
			  _("What a colleague is writing there goes on in the one that stays."));
	}
	if (!stays && t->due_at && (!into->due_at || t->due_at < into->due_at))
		cells_put(c, row++, 4, STYLE_WARNING,
			  _("Its deadline is earlier than that of the one that stays."));
	buf_finish(&text);
	return row + 1;
}

static void merge_draw(const struct screen *s, struct cells c)
{
	const struct merge *v = screen_state(s);
	struct buf hint = {0};
	int row = 1;

	if (!v->sides)
		return;
	cells_put(c, row++, 2, STYLE_GOOD, _("This one stays:"));
	row = draw_side(s, c, row, &v->sides[0], true);
	cells_put(c, row++, 2, STYLE_PENDING,
		  v->count > 2 ? _("These go into it; their numbers lead to it from then on:")
			       : _("This one goes into it; its number leads to it from then on:"));
	for (size_t i = 1; i < v->count && row < c.height - 4; i++)
		row = draw_side(s, c, row, &v->sides[i], false);
	parts_put_hint(&hint, s, "merge", "confirm", "",
		       _("%s merges them; nothing is done yet. "));
	parts_put_hint(&hint, s, "merge", "swap", "",
		       v->count > 2 ? _("%s lets the next one stay.")
				    : _("%s lets the other one stay."));
	cells_put(c, row, 2, STYLE_NORMAL, hint.data);
	cells_cursor(c, row, 2, false);
	buf_finish(&hint);
}

static void merge_title(const struct screen *s, struct buf *ret)
{
	buf_add_str(ret, _("Merging, before it is done"));
}

/* ---- acting ---- */

static bool append(struct screen *s, size_t *done, struct err *err)
{
	struct merge *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct args args = args_none;
	struct batch batch;
	bool ok;

	args.into_id = v->ids[0];
	if (v->count == 2) {
		*done = 1;
		return desk_do(d, ACT_MERGE, &v->sides[1].row.ticket, &args, NULL, err);
	}
	batch_begin(&batch, ACT_MERGE, &args, (const char(*)[ID_TEXT]) & v->ids[1], v->count - 1);
	/* It was shown that somebody types there, and nothing of that is lost. */
	batch.with_typing = true;
	ok = desk_do_many(d, &batch, done, err);
	batch_finish(&batch);
	return ok;
}

static void do_it(struct screen *s)
{
	struct merge *v = screen_state(s);
	struct buf hint = {0};
	struct err err = {0};
	size_t done = 0;

	if (!v->sides[0].there || !v->sides[1].there) {
		host_say(screen_host(s), STYLE_ERROR, "%s",
			 _("A ticket left your desk meanwhile: nothing was done."));
		return;
	}
	if (state_is_open(v->sides[1].row.ticket.state) &&
	    !state_is_open(v->sides[0].row.ticket.state)) {
		host_say(screen_host(s), STYLE_ERROR, "%s",
			 _("The one that stays is answered or closed: open it again first."));
		return;
	}
	if (!append(s, &done, &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		return;
	}
	if (done == 0) {
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 _("Nothing was done: none of them can be changed so."));
		return;
	}
	parts_place(s)->bulk.done++;
	parts_put_hint(&hint, s, "queue", "undo", "", _(" %s takes it back."));
	host_say(screen_host(s), STYLE_GOOD, _("Merged into %s.%s"),
		 parts_number(&v->sides[0].row.ticket), hint.data ? hint.data : "");
	buf_finish(&hint);
	host_back(screen_host(s));
	host_changed(screen_host(s), WATCH_TICKETS | WATCH_TIMELINE | WATCH_OUTBOX);
}

/* The next one stays; with two that is the other one. */
static void swap(struct screen *s)
{
	struct merge *v = screen_state(s);
	char first[ID_TEXT];

	memcpy(first, v->ids[0], ID_TEXT);
	memmove(v->ids[0], v->ids[1], (v->count - 1) * ID_TEXT);
	memcpy(v->ids[v->count - 1], first, ID_TEXT);
	screen_reload(s);
}

static bool merge_act(struct screen *s, const struct act *act)
{
	switch (act->action->id) {
	case ACT_CONFIRM:
		do_it(s);
		return true;
	case ACT_SWAP:
		swap(s);
		return true;
	case ACT_REJECT:
	case ACT_BACK:
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("Nothing was done."));
		host_back(screen_host(s));
		return true;
	case ACT_OPEN:
		return true; /* Enter is no yes */
	}
	return false;
}

static const int merge_offered[] = {ACT_CONFIRM, ACT_SWAP, ACT_REJECT, -1};

const struct screen_ops merge_screen = {
	.name = "merge",
	.label = N_("before tickets are merged"),
	.state_size = sizeof(struct merge),
	.watches = WATCH_TICKETS | WATCH_TIMELINE | WATCH_OUTBOX | WATCH_PRESENCE,
	.offered = merge_offered,
	.open = merge_open,
	.load = merge_load,
	.title = merge_title,
	.draw = merge_draw,
	.act = merge_act,
	.close = merge_close,
};
