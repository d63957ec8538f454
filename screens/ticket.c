/* One ticket: who asks what, what was said so far, whose it is and until when.
 *
 * The agent reads the timeline, answers, writes a note, hands over, changes the state, saves an
 * attachment, and goes on to the next ticket of the list he came from. It loads again when tickets,
 * their timeline, drafts, the outbox or the presence of others change. */
#include "ticket.h"
#include "people.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"

static void take_order(struct screen *s)
{
	struct ticket_view *v = screen_state(s);
	const struct order *o = &parts_place(s)->order;

	v->ordered = o->set && strcmp(o->ticket_id, v->id) == 0;
	if (v->ordered)
		v->place = o->place;
}

/* An id or a number: what is on no desk, long closed or of another team, the service may have. */
static bool may_be_asked(const char *ref)
{
	char number[TRACKING_TEXT];

	return id_valid(ref) || tracking_parse(ref, number) == CHECK_OK;
}

/* A number that was merged leads to what it became; the head says so. */
static void follow_merge(struct ticket_view *v, struct desk *d, struct queue_row *row,
			 struct arena *a)
{
	struct ticket was = row->ticket;

	if (!was.merged_into || !cache_survivor(d->cache, d->work, row, a, NULL))
		return;
	snprintf(v->from, sizeof(v->from), "%s", was.id);
	snprintf(v->from_number, sizeof(v->from_number), "%s", was.number ? was.number : "");
	snprintf(v->id, sizeof(v->id), "%s", row->ticket.id);
}

/* What led here is no part of this one any more: back to it. */
static void leave_merge(struct ticket_view *v, struct desk *d, struct arena *a)
{
	struct queue_row row;

	if (!v->from[0] || !cache_ticket(d->cache, d->work, v->from, &row, a, NULL) ||
	    row.ticket.merged_into)
		return;
	memcpy(v->id, v->from, ID_TEXT);
	v->from[0] = v->from_number[0] = '\0';
	v->placed = v->counted = false;
}

/* A second went by: that a mail still can be taken back is told anew. */
static void on_tick(void *user)
{
	struct screen *s = user;
	struct ticket_view *v = screen_state(s);

	ticket_text_build(v);
	loop_set_timer(v->tick, ticket_mail_next_tick(v));
	screen_redraw(s);
}

static bool ticket_open(struct screen *s, const char *args, struct err *err)
{
	struct ticket_view *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct queue_row row;
	struct arena a = {0};
	struct err why = {0};
	bool ok = false;

	if (!args[0]) {
		err_set(err, ERR_INPUT, _("which ticket? Type its number behind the name"));
		goto out;
	}
	if (!d->cache) {
		err_set(err, ERR_NOT_FOUND, _("nothing was fetched from the service yet"));
		goto out;
	}
	if (screens_find_ticket(d, args, &row, &a, &why)) {
		follow_merge(v, d, &row, &a);
		snprintf(v->id, sizeof(v->id), "%s", row.ticket.id);
	} else if (why.kind == ERR_NOT_FOUND && may_be_asked(args)) {
		snprintf(v->id, sizeof(v->id), "%s", args);
		v->fetching = true;
		desk_ask(d, ASK_TICKET, v->id);
	} else {
		err_set(err, why.kind, "%s", why.text);
		goto out;
	}
	v->text = textview_create();
	v->screen = s;
	v->tick = loop_add_timer(parts_place(s)->loop, -1, on_tick, s);
	take_order(s);
	ok = true;
out:
	arena_finish(&a);
	return ok;
}

static void ticket_close(struct screen *s)
{
	struct ticket_view *v = screen_state(s);

	desk_presence(parts_desk(s), NULL, false);
	loop_remove(v->tick);
	free(v->save_name);
	textview_destroy(v->text);
	deed_finish(&v->deed);
	arena_finish(&v->arenas[0]);
	arena_finish(&v->arenas[1]);
}

static void load_around(struct ticket_view *v, struct desk *d, struct arena *a)
{
	struct draft draft;

	screens_names(d, &v->names, a);
	v->merged = arena_alloc(a, FAMILY_MAX * sizeof(*v->merged));
	v->merged_count = cache_merged(d->cache, d->work, v->id, v->merged, FAMILY_MAX, a);
	v->has_draft = work_draft(d->work, v->id, "answer", &draft, a, NULL);
	v->has_note_draft = work_draft(d->work, v->id, "note", &draft, a, NULL);
	/* What was begun on one that was merged since is offered here. */
	for (size_t i = 0; i < v->merged_count; i++) {
		const char *id = v->merged[i].id;

		v->has_draft |= work_draft(d->work, id, "answer", &draft, a, NULL);
		v->has_note_draft |= work_draft(d->work, id, "note", &draft, a, NULL);
	}
	v->has_party = v->details && v->row.ticket.party_id &&
		       cache_party(d->cache, d->work, v->row.ticket.party_id, &v->party, a, NULL);
}

static bool waits(struct desk *d, const char *id)
{
	struct arena a = {0};
	struct outbox_row *rows;
	size_t count;

	if (!work_outbox_of(d->work, id, &rows, &count, &a, NULL))
		count = 0;
	arena_finish(&a);
	return count > 0;
}

/* It left the desk, most often by what was done here. What is on screen stays to be read; that it
 * waits is said no longer than it is true. */
static bool load_left(struct ticket_view *v, struct desk *d)
{
	char at[ID_TEXT];

	if (!v->row.ticket.id)
		return false;
	v->left = true;
	if (v->row.pending && !waits(d, v->id)) {
		snprintf(at, sizeof(at), "%s", ticket_text_id(v));
		v->row.pending = false;
		for (size_t i = 0; i < v->count; i++)
			v->rows[i].pending = false;
		ticket_text_build(v);
		ticket_text_place(v, at);
	}
	return true;
}

/* Until it is here; then under its id, whatever was typed. */
static void load_fetched(struct ticket_view *v, struct desk *d)
{
	const struct answer *answer = desk_answer(d, ASK_TICKET);
	char number[TRACKING_TEXT];

	v->why = NULL;
	if (!answer->asked || strcmp(answer->asked, v->id) != 0)
		return;
	if (answer->state == ANSWER_FAILED)
		v->why = answer->why;
	else if (answer->ticket && answer->ticket->id) {
		/* It may have been merged: then this is what it became. */
		if (tracking_parse(v->id, number) == CHECK_OK && answer->ticket->number &&
		    strcmp(number, answer->ticket->number) != 0)
			memcpy(v->from_number, number, sizeof(number));
		snprintf(v->id, sizeof(v->id), "%s", answer->ticket->id);
	}
}

static bool ticket_load(struct screen *s, struct err *err)
{
	struct ticket_view *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct arena *a = &v->arenas[!v->arena_now];
	struct queue_row row;
	struct timeline_row *rows = NULL;
	char at[ID_TEXT];
	size_t count = 0;
	bool complete = false;

	snprintf(at, sizeof(at), "%s", ticket_text_id(v));
	arena_reset(a);
	leave_merge(v, d, a);
	if (v->fetching)
		load_fetched(v, d);
	if (!cache_ticket(d->cache, d->work, v->id, &row, a, err))
		return v->fetching || load_left(v, d);
	v->fetching = false;
	follow_merge(v, d, &row, a);
	if (!cache_timeline(d->cache, d->work, v->id, &rows, &count, &complete, a, err))
		return false;
	v->arena_now = !v->arena_now;
	v->row = row;
	v->rows = rows;
	v->count = count;
	v->complete = complete;
	v->left = false;
	load_around(v, d, a);
	ticket_text_build(v);
	ticket_text_place(v, at);
	ticket_text_follow(v, d->me.agent_id);
	loop_set_timer(v->tick, ticket_mail_next_tick(v));
	if (!complete)
		desk_want_timeline(d, v->id);
	if (screen_is_top(s))
		desk_presence(d, v->id, false);
	return true;
}

static void ticket_title(const struct screen *s, struct buf *ret)
{
	const struct ticket_view *v = screen_state(s);

	if (v->row.ticket.id)
		buf_printf(ret, _("Ticket %s"), parts_number(&v->row.ticket));
}

static void ticket_draw(const struct screen *s, struct cells c)
{
	const struct ticket_view *v = screen_state(s);
	int head;

	if (v->fetching) {
		parts_draw_empty(c,
				 v->why ? _("This ticket is not on your desk")
					: _("This ticket is being fetched…"),
				 &v->why, v->why ? 1 : 0);
		cells_cursor(c, 0, 0, false);
		return;
	}
	if (!v->row.ticket.id)
		return;
	head = ticket_head_draw(s, c);
	textview_draw(v->text, cells_sub(c, head, 1, c.height - head, c.width - 2));
}

/* The next or the previous one of the list, as it is now. */
static void go_on(struct screen *s, bool backwards)
{
	struct ticket_view *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct order *o = &parts_place(s)->order;
	struct queue_row row;
	struct arena a = {0};
	struct err err = {0};
	size_t count = 0;
	bool more;

	if (!v->ordered) {
		host_say(screen_host(s), STYLE_NORMAL, "%s",
			 _("This ticket was not opened from a list, so there is no next one."));
		return;
	}
	o->query.now = clock_now();
	if (!cache_queue(d->cache, d->work, &o->query, &v->place, backwards, 1, &row, &count, &more,
			 &a, &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	} else if (count == 0) {
		host_say(screen_host(s), STYLE_NORMAL, "%s",
			 backwards ? _("This is the first ticket of the list.")
				   : _("That was the last ticket of the list."));
	} else {
		snprintf(v->id, sizeof(v->id), "%s", row.ticket.id);
		snprintf(o->ticket_id, sizeof(o->ticket_id), "%s", row.ticket.id);
		v->place = o->place = row.place;
		o->moved = true;
		v->placed = v->left = v->counted = false;
		screen_reload(s);
	}
	arena_finish(&a);
}

/* Which message "accept" and "decline" are about: the one under the cursor, else the only one. */
static const char *suspected_message(const struct ticket_view *v)
{
	const struct timeline_row *at = ticket_text_row(v);

	if (at && at->kind == TIMELINE_MESSAGE && at->message.state == MESSAGE_SUSPECTED)
		return at->message.id;
	for (size_t i = 0; i < v->count; i++)
		if (v->rows[i].kind == TIMELINE_MESSAGE &&
		    v->rows[i].message.state == MESSAGE_SUSPECTED)
			return v->rows[i].message.id;
	return NULL;
}

/* The message under the cursor, or the one that the change under it came from. */
static const struct timeline_row *message_at(const struct ticket_view *v)
{
	const struct timeline_row *at = ticket_text_row(v);

	while (at && at->kind == TIMELINE_CHANGE)
		at = at > v->rows ? at - 1 : NULL;
	return at && at->kind == TIMELINE_MESSAGE ? at : NULL;
}

static void unmerge_one(struct screen *s, const char *id)
{
	struct ticket_view *v = screen_state(s);
	struct act act = {&actions.rows[ACT_UNMERGE], ""};
	char one[1][ID_TEXT];

	snprintf(one[0], ID_TEXT, "%s", id);
	deed_begin(s, &v->deed, &act, (const char(*)[ID_TEXT])one, 1);
}

/* Of those that were merged into it: the only one, or one that the agent picks, the one that the cursor
 * stands in first. */
static void unmerge(struct screen *s)
{
	struct ticket_view *v = screen_state(s);
	const struct timeline_row *at = ticket_text_row(v);
	struct choice rows[FAMILY_MAX];
	const char *now = NULL;

	if (v->merged_count == 0) {
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 _("No other ticket was merged into this one."));
		return;
	}
	if (v->merged_count == 1) {
		unmerge_one(s, v->merged[0].id);
		return;
	}
	for (size_t i = 0; i < v->merged_count; i++) {
		const char *number = v->merged[i].number;

		rows[i] = (struct choice){v->merged[i].id, number ? number : "?", NULL};
		if (at && at->number && number && strcmp(at->number, number) == 0)
			now = v->merged[i].id;
	}
	host_pick(s, ASK_UNMERGE, _("Which one on its own again?"), rows, v->merged_count, now);
}

static void open_ticket(struct screen *s, const char *id)
{
	struct err err = {0};

	parts_place(s)->order.set = false;
	if (!host_open(screen_host(s), "ticket", id, &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
}

static void open_linked(struct screen *s)
{
	struct ticket_view *v = screen_state(s);
	struct ticket_link links[LINKS_MAX];
	struct choice rows[LINKS_MAX];
	struct desk *d = parts_desk(s);
	struct arena a = {0};
	size_t count = links_read(v->row.ticket.links, links, LINKS_MAX, &a);

	for (size_t i = 0; i < count; i++) {
		struct queue_row row;
		const char *number = links[i].number ? links[i].number : "?";

		rows[i] = (struct choice){links[i].id, number, _("not on your desk")};
		if (cache_ticket(d->cache, d->work, links[i].id, &row, &a, NULL)) {
			rows[i].label = arena_printf(&a, "%s  %s", number, row.ticket.subject);
			rows[i].hint = parts_state(row.ticket.state);
		}
	}
	if (count == 0)
		host_say(screen_host(s), STYLE_NORMAL, "%s",
			 _("This ticket is linked to no other one."));
	else if (count == 1)
		open_ticket(s, links[0].id);
	else
		host_pick(s, ASK_LINKED, _("Linked to"), rows, count, NULL);
	arena_finish(&a);
}

static bool change(struct screen *s, const struct act *act)
{
	struct ticket_view *v = screen_state(s);
	struct act with = *act;
	const struct timeline_row *at;
	char one[1][ID_TEXT];
	char *own = NULL;
	bool taken;

	if ((act->action->id == ACT_ACCEPT || act->action->id == ACT_DECLINE) && !act->args[0]) {
		with.args = suspected_message(v);
		if (!with.args) {
			host_say(screen_host(s), STYLE_NORMAL, "%s",
				 _("No message here waits for such a choice."));
			return true;
		}
	}
	if ((act->action->id == ACT_SEND_AGAIN || act->action->id == ACT_SETTLE) &&
	    strcspn(act->args, " ") != ID_TEXT - 1) {
		const char *id = ticket_mail_unsure(v);

		if (!id) {
			host_say(screen_host(s), STYLE_NORMAL, "%s",
				 _("Every mail here went out, as far as is known."));
			return true;
		}
		with.args = own = xasprintf("%s %s", id, act->args);
	}
	if (act->action->id == ACT_FORWARD && (at = message_at(v)) && !strchr(act->args, ' '))
		with.args = own = xasprintf("%s %s", at->message.id, act->args);
	if (act->action->id == ACT_UNMERGE && !v->row.ticket.merged_into) {
		unmerge(s);
		return true;
	}
	if (act->action->id == ACT_SPLIT) {
		at = message_at(v);
		if (!at) {
			host_say(screen_host(s), STYLE_WARNING, "%s",
				 _("Go to the message that has to become a ticket of its own."));
			return true;
		}
		with.args = own = xasprintf("%s %s", at->message.id, act->args);
	}
	snprintf(one[0], ID_TEXT, "%s", v->id);
	taken = deed_begin(s, &v->deed, &with, (const char(*)[ID_TEXT])one, 1);
	free(own);
	return taken;
}

static void open_conflict(struct screen *s)
{
	struct ticket_view *v = screen_state(s);
	struct err err = {0};

	if (!host_open(screen_host(s), "conflict", v->id, &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
}

/* Answering in one's own editor, without a stop on the way. */
static void open_editor(struct screen *s)
{
	struct ticket_view *v = screen_state(s);
	struct act edit = {&actions.rows[ACT_EDITOR], ""};
	struct err err = {0};
	char args[ID_TEXT + 8];

	snprintf(args, sizeof(args), "answer %s", v->id);
	if (host_open(screen_host(s), "compose", args, &err))
		host_run_act(screen_host(s), &edit);
	else
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
}

static bool ticket_act(struct screen *s, const struct act *act)
{
	struct ticket_view *v = screen_state(s);

	if (v->fetching)
		return false;
	switch (act->action->id) {
	case ACT_NEXT_TICKET:
		go_on(s, false);
		return true;
	case ACT_PREVIOUS_TICKET:
		go_on(s, true);
		return true;
	case ACT_FOLD:
		v->unfolded = !v->unfolded;
		screen_reload(s);
		return true;
	case ACT_DETAILS:
		v->details = !v->details;
		screen_reload(s);
		return true;
	case ACT_SAVE:
		ticket_save_begin(s);
		return true;
	case ACT_OPEN_FILE:
		ticket_open_begin(s);
		return true;
	case ACT_RAW:
		ticket_save_raw(s);
		return true;
	case ACT_CARD:
		people_open_card(s, &v->row);
		return true;
	case ACT_CONFLICT:
		open_conflict(s);
		return true;
	case ACT_EDITOR:
		open_editor(s);
		return true;
	case ACT_LINKED:
		open_linked(s);
		return true;
	}
	if ((act->action->kind == ACTION_SENT && act->action->id != ACT_CREATE) ||
	    act->action->id == ACT_REPEAT)
		return change(s, act);
	if (textview_act(v->text, act)) {
		screen_redraw(s);
		return true;
	}
	return false;
}

static void ticket_answer(struct screen *s, int intent, const char *text)
{
	struct ticket_view *v = screen_state(s);

	if (intent == ASK_ATTACHMENT || intent == ASK_OPEN || intent == ASK_WHERE)
		ticket_save_answer(s, intent, text);
	else if (intent == ASK_LINKED && text)
		open_ticket(s, text);
	else if (intent == ASK_UNMERGE && text)
		unmerge_one(s, text);
	else
		deed_answer(s, &v->deed, intent, text);
}

static const int ticket_offered[] = {
	ACT_BACK,   ACT_ANSWER, ACT_NOTE,    ACT_NEXT_TICKET, ACT_STATE,
	ACT_ASSIGN, ACT_TOPIC,	ACT_FOLD,    ACT_SAVE,	      ACT_DETAILS,
	ACT_CARD,   ACT_UNDO,	ACT_FORWARD, ACT_OPEN_FILE,   ACT_FOLLOW,
	ACT_REPEAT, ACT_MERGE,	ACT_LINK,    ACT_PRIORITY,    -1,
};

const struct screen_ops ticket_screen = {
	.name = "ticket",
	.label = N_("ticket"),
	.state_size = sizeof(struct ticket_view),
	.watches = WATCH_TICKETS | WATCH_TIMELINE | WATCH_REFERENCE | WATCH_OUTBOX |
		   WATCH_PRESENCE | WATCH_DRAFTS | WATCH_ANSWER,
	.offered = ticket_offered,
	.open = ticket_open,
	.load = ticket_load,
	.title = ticket_title,
	.draw = ticket_draw,
	.act = ticket_act,
	.answer = ticket_answer,
	.close = ticket_close,
};
