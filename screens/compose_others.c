/* While something is written: what it answers, and what colleagues and the citizen do meanwhile. */
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "compose.h"

static void read_question(struct compose *v, const struct message *in)
{
	struct buf body = {0};

	textview_clear(v->question);
	textview_add(v->question, STYLE_STRONG, "",
		     v->row.ticket.subject ? v->row.ticket.subject : "", 0);
	if (in && in->body) {
		size_t len = strlen(in->body);
		size_t own = in->quoted_at > 0 && (size_t)in->quoted_at < len
				     ? (size_t)in->quoted_at
				     : len;

		buf_add(&body, in->body, own);
		textview_add(v->question, STYLE_NORMAL, "", body.data ? body.data : "", 0);
	}
	buf_finish(&body);
}

static void read_news(struct compose *v, const struct timeline_row *rows, size_t count,
		      const char *me)
{
	char when[48];

	v->notice[0] = '\0';
	for (size_t i = count; i-- > 0;) {
		const struct timeline_row *row = &rows[i];
		const char *by =
			row->kind == TIMELINE_MESSAGE ? row->message.agent_id : row->note.agent_id;

		if (row->kind == TIMELINE_CHANGE || row->pending || row->at <= v->began)
			continue;
		/* A stranger's word is none yet, and a machine's is not news. */
		if (row->kind == TIMELINE_MESSAGE && (row->message.state == MESSAGE_SUSPECTED ||
						      row->message.sender != SENDER_PERSON))
			continue;
		if (by && text_same(by, me))
			continue;
		clock_to_short(row->at, clock_now(), when, sizeof(when));
		if (row->kind == TIMELINE_NOTE)
			snprintf(v->notice, sizeof(v->notice),
				 _("%.80s wrote a note at %s, after you began."),
				 row->agent_name ? row->agent_name : "?", when);
		else if (row->message.direction == DIRECTION_IN)
			snprintf(v->notice, sizeof(v->notice),
				 _("The citizen wrote again at %s, after you began."), when);
		else
			snprintf(v->notice, sizeof(v->notice),
				 _("%.80s ANSWERED at %s, after you began. Read it before you "
				   "send."),
				 row->agent_name ? row->agent_name : "?", when);
		return;
	}
}

/* Nothing that is being typed is moved: it is sent under the ticket it was begun on, and the service takes
 * it where that one went. */
static void tell_merged(struct compose *v, struct desk *d, struct arena *a)
{
	struct queue_row row = v->row;

	if (v->row.ticket.merged_into && cache_survivor(d->cache, d->work, &row, a, NULL))
		snprintf(v->notice, sizeof(v->notice),
			 _("This ticket was merged into %s: what you write goes there."),
			 parts_number(&row.ticket));
}

bool compose_load(struct screen *s, struct err *err)
{
	struct compose *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct timeline_row *rows = NULL;
	struct queue_row row;
	struct arena a = {0};
	struct buf others = {0};
	size_t count = 0;
	bool complete, left = true;

	/* A ticket that left the desk meanwhile can still be answered from what was known of it. Most
	 * often it left because a colleague answered it. */
	if (cache_ticket(d->cache, d->work, v->id, &row, &a, NULL)) {
		arena_finish(&v->arena);
		v->arena = a;
		v->row = row;
		memset(&a, 0, sizeof(a));
		left = false;
	}
	if (left) {
		snprintf(v->notice, sizeof(v->notice), "%s",
			 _("A colleague ANSWERED, closed or handed over this ticket after you "
			   "began."));
	} else if (cache_timeline(d->cache, d->work, v->id, &rows, &count, &complete, &a, NULL)) {
		read_question(v, compose_asked(d, v, rows, count, &a));
		read_news(v, rows, count, d->me.agent_id);
		tell_merged(v, d, &a);
	}
	compose_find_mailbox(v, d);
	v->typing[0] = '\0';
	if (parts_put_others(d, v->id, &others))
		snprintf(v->typing, sizeof(v->typing), "%s", others.data);
	buf_finish(&others);
	arena_finish(&a);
	return true;
}
