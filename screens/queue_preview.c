/* What stands beside or below the list: enough of the selected ticket to know what it asks. */
#include "queue.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"

static void put_part(struct buf *ret, const char *text)
{
	if (text && text[0])
		buf_printf(ret, "%s%s", ret->len ? " · " : "", text);
}

static void add_head(struct textview *v, const struct queue_row *row, const struct desk *d)
{
	const struct ticket *t = &row->ticket;
	struct buf others = {0}, line = {0};

	textview_add(v, STYLE_STRONG, "", t->subject ? t->subject : "", 0);
	put_part(&line, parts_who(t));
	put_part(&line, row->topic_name);
	put_part(&line, row->team_name);
	put_part(&line, row->agent_name[0] ? row->agent_name : _("nobody yet"));
	textview_add(v, STYLE_DIM, "", line.data, 0);
	buf_finish(&line);
	if (row->conflict)
		textview_add(v, STYLE_ERROR, "", _("You and a colleague both changed this ticket."),
			     0);
	else if (row->pending)
		textview_add(v, STYLE_PENDING, "", _("What you did here waits to be sent."), 0);
	if (parts_put_others(d, t->id, &others))
		textview_add(v, STYLE_WARNING, "", others.data, 0);
	buf_finish(&others);
}

/* The newest text says best what is asked now. */
static void add_newest(struct textview *v, const struct timeline_row *rows, size_t count)
{
	char when[48];
	struct buf head = {0};

	for (size_t i = count; i-- > 0;) {
		const struct timeline_row *row = &rows[i];
		bool out = row->message.direction == DIRECTION_OUT;
		struct buf body = {0};

		if (row->kind != TIMELINE_MESSAGE || !row->message.body)
			continue;
		clock_to_short(row->at, clock_now(), when, sizeof(when));
		buf_printf(&head, out ? _("Our answer, %s") : _("The citizen, %s"), when);
		textview_add(v, out ? STYLE_OUTGOING : STYLE_INCOMING, "", head.data, 0);
		if (row->message.quoted_at > 0)
			buf_add(&body, row->message.body,
				strnlen(row->message.body, (size_t)row->message.quoted_at));
		else
			buf_add_str(&body, row->message.body);
		textview_add(v, STYLE_NORMAL, "", body.data ? body.data : "", 0);
		buf_finish(&body);
		break;
	}
	buf_finish(&head);
}

void queue_preview_load(struct screen *s)
{
	struct queue *q = screen_state(s);
	struct desk *d = parts_desk(s);
	const struct queue_row *row = queue_window_row(&q->window);
	struct timeline_row *rows = NULL;
	struct arena a = {0};
	struct cells c = {0};
	size_t count = 0;
	bool complete;

	screen_size(s, &c.height, &c.width);
	textview_clear(q->preview);
	q->preview_id[0] = '\0';
	if (!row || !d->cache || !queue_layout(q, c).has_preview)
		return;
	snprintf(q->preview_id, sizeof(q->preview_id), "%s", row->ticket.id);
	add_head(q->preview, row, d);
	if (cache_timeline(d->cache, d->work, row->ticket.id, &rows, &count, &complete, &a, NULL)) {
		add_newest(q->preview, rows, count);
		if (!complete)
			desk_want_timeline(d, row->ticket.id);
	}
	arena_finish(&a);
}
