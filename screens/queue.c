/* The queue: what waits, for whom, until when.
 *
 * The agent sees one of five views (mine, my team's, unassigned, overdue, all), narrows it with a
 * filter, moves, opens, and does one action on the selected ticket or on all marked ones. The list is
 * read page by page from the mirror; counts are made in slices while nothing else is to be done. It
 * loads again when tickets, names or the outbox change; the selected ticket stays under the cursor. */
#include "queue.h"
#include "people.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

#define COUNT_SLICE 2000 /* rows a slice: a millisecond or so */
#define COUNT_AFTER_MS 15
#define PREVIEW_REST_MS 40 /* a cursor that is held down reads nothing */

bool queue_set_filter(struct queue *q, const char *text, struct err *err)
{
	struct filter filter;
	struct arena a = {0};

	if (!filter_parse(text, clock_now(), &filter, &a, err)) {
		arena_finish(&a);
		return false;
	}
	arena_finish(&q->filter_arena);
	q->filter_arena = a;
	q->filter = filter;
	q->filter_text = arena_strdup(&q->filter_arena, text);
	q->query.filter = filter.count ? &q->filter : NULL;
	return true;
}

static void count_again(struct queue *q)
{
	memset(&q->counter, 0, sizeof(q->counter));
	/* After the frame: a slice that runs before it is time that a key waits. */
	loop_set_timer(q->count_timer, COUNT_AFTER_MS);
}

static void count_slice(void *user)
{
	struct screen *s = user;
	struct queue *q = screen_state(s);
	struct desk *d = parts_desk(s);

	queue_load_rest(q, d, NULL);
	if (!d->cache || !cache_count(d->cache, d->work, &q->query, &q->counter, COUNT_SLICE, NULL))
		return;
	if (!q->counter.done) {
		loop_set_timer(q->count_timer, 1);
		return;
	}
	if (!q->counted || memcmp(q->counts, q->counter.counts, sizeof(q->counts)) != 0) {
		memcpy(q->counts, q->counter.counts, sizeof(q->counts));
		q->counted = true;
		screen_redraw(s);
	}
}

static void preview_rested(void *user)
{
	struct screen *s = user;

	queue_preview_load(s);
	screen_redraw(s);
}

static void preview_soon(struct queue *q)
{
	loop_set_timer(q->preview_timer, PREVIEW_REST_MS);
}

static void name_whose(struct screen *s)
{
	struct queue *q = screen_state(s);
	struct names names;

	if (!q->whose[0])
		return;
	screens_names(parts_desk(s), &names, &q->whose_arena);
	q->whose_name = q->query.view == VIEW_MINE ? parts_agent(&names, q->whose)
						   : parts_team(&names, q->whose);
}

static bool queue_open(struct screen *s, const char *args, struct err *err)
{
	struct queue *q = screen_state(s);
	struct loop *loop = parts_place(s)->loop;
	char word[32], rest[400] = "";
	int view = VIEW_TEAM, read = 0;

	/* "VIEW [ID [FILTER]]": the list of that colleague or team. */
	if (sscanf(args, "%31s%n", word, &read) == 1)
		view = words_find(&filter_views, word);
	if (view >= 0 && sscanf(args + read, " %36s%n", q->whose, &read) == 1 &&
	    !id_valid(q->whose))
		view = -1;
	if (view >= 0 && q->whose[0])
		snprintf(rest, sizeof(rest), "%s", strstr(args, q->whose) + strlen(q->whose));
	if (rest[0] && !queue_set_filter(q, rest + strspn(rest, " "), err))
		return false;
	if (view < 0) {
		err_set(err, ERR_INPUT, _("there is no view “%s”"), args);
		return false;
	}
	q->query.view = (enum filter_view)view;
	name_whose(s);
	q->settling = !args[0];
	q->bulk_done = parts_place(s)->bulk.done;
	q->query.sort = SORT_DUE;
	q->window.list.selected = -1;
	q->preview = textview_create();
	q->count_timer = loop_add_timer(loop, -1, count_slice, s);
	q->preview_timer = loop_add_timer(loop, -1, preview_rested, s);
	return true;
}

static void queue_close(struct screen *s)
{
	struct queue *q = screen_state(s);

	loop_remove(q->count_timer);
	loop_remove(q->preview_timer);
	textview_destroy(q->preview);
	queue_window_finish(&q->window);
	arena_finish(&q->filter_arena);
	deed_finish(&q->deed);
	arena_finish(&q->whose_arena);
	marks_clear(&q->marks);
}

/* ---- reading ---- */

static void set_height(struct screen *s)
{
	struct queue *q = screen_state(s);
	struct cells c = {0};
	struct queue_layout l;

	screen_size(s, &c.height, &c.width);
	l = queue_layout(q, c);
	q->window.list.height = l.list.height > 4 ? l.list.height - 3 : 1;
}

static void prepare_query(struct queue *q, const struct desk *d)
{
	bool other = q->whose[0] != '\0';

	q->query.me = other && q->query.view == VIEW_MINE ? q->whose : d->me.agent_id;
	q->query.my_team = other && q->query.view == VIEW_TEAM ? q->whose : d->me.team_id;
	q->query.now = clock_now();
}

/* Selects the ticket that was read last, wherever in the list it stands. */
static bool go_to_order(struct screen *s, struct err *err)
{
	struct queue *q = screen_state(s);
	struct order *o = &parts_place(s)->order;

	o->moved = false;
	return queue_window_go(&q->window, parts_desk(s), &q->query, &o->place, o->ticket_id, err);
}

static bool queue_load(struct screen *s, struct err *err)
{
	struct queue *q = screen_state(s);
	struct desk *d = parts_desk(s);
	bool ok;

	if (q->bulk_done != parts_place(s)->bulk.done) {
		q->bulk_done = parts_place(s)->bulk.done;
		marks_clear(&q->marks);
	}
	set_height(s);
	if (!d->cache)
		return true;
	prepare_query(q, d);
	if (q->settling)
		ok = queue_settle(q, d, err);
	else if (parts_place(s)->order.moved)
		ok = go_to_order(s, err);
	else
		ok = queue_load_around(q, d, err);
	count_again(q);
	preview_soon(q);
	return ok;
}

/* Another view, sort or filter: from the start. */
void queue_begin_list(struct screen *s)
{
	struct queue *q = screen_state(s);
	struct desk *d = parts_desk(s);
	struct err err = {0};

	set_height(s);
	q->counted = q->settling = false;
	q->wanted[0] = q->view_name[0] = '\0';
	if (d->cache) {
		prepare_query(q, d);
		if (!queue_window_first(&q->window, d, &q->query, &err))
			host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		count_again(q);
		preview_soon(q);
	}
	screen_redraw(s);
}

/* ---- views, filter, sort, columns ---- */

static void set_view(struct screen *s, int view)
{
	struct queue *q = screen_state(s);
	bool counted = q->counted;

	q->whose[0] = '\0';
	q->whose_name = NULL;
	q->query.view = (enum filter_view)((view + filter_views.count) % filter_views.count);
	queue_begin_list(s);
	q->counted = counted;
}

static void pick_words(struct screen *s, int intent, const char *title, const struct words *words,
		       int now)
{
	struct choice rows[16];
	size_t count = 0;

	for (int i = 0; i < words->count && count < 16; i++)
		rows[count++] =
			(struct choice){words_code(words, i), _(words_label(words, i)), NULL};
	host_pick(s, intent, title, rows, count, words_code(words, now));
}

static void view_by_name(struct screen *s, const char *name)
{
	int view = words_find(&filter_views, name);

	if (view >= 0)
		set_view(s, view);
	else if (!queue_view_show(s, name))
		host_say(screen_host(s), STYLE_ERROR, _("There is no view “%s”."), name);
}

static void sort_by_name(struct screen *s, const char *name)
{
	struct queue *q = screen_state(s);
	int sort = words_find(&queue_sorts, name);

	if (sort < 0) {
		host_say(screen_host(s), STYLE_ERROR, _("There is no order “%s”."), name);
		return;
	}
	/* The same again turns it round. */
	q->query.descending = q->query.sort == (enum queue_sort)sort ? !q->query.descending : false;
	q->query.sort = (enum queue_sort)sort;
	queue_begin_list(s);
}

static void apply_filter(struct screen *s, const char *text)
{
	struct queue *q = screen_state(s);
	struct err err = {0};

	if (!queue_set_filter(q, text, &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		return;
	}
	queue_begin_list(s);
}

static size_t complete_filter(void *user, const char *text, size_t cursor, size_t *start,
			      const char **ret, size_t max, struct arena *a)
{
	const char *before = arena_strndup(a, text, cursor);
	const char *space = strrchr(before, ' ');

	*start = space ? (size_t)(space - before) + 1 : 0;
	return filter_complete(before, ret, max, a);
}

static void ask_filter(struct screen *s)
{
	struct queue *q = screen_state(s);
	struct line_spec spec = {.initial = q->filter_text ? q->filter_text : "",
				 .history = "filter",
				 .complete = complete_filter,
				 .user = q};

	host_ask(s, ASK_FILTER, _("Filter: "), &spec);
}

/* ---- opening ---- */

static void remember_order(struct screen *s, const struct queue_row *row)
{
	struct queue *q = screen_state(s);
	struct order *o = &parts_place(s)->order;

	arena_finish(&o->arena);
	o->query = q->query;
	o->query.filter = NULL;
	if (q->query.filter &&
	    filter_parse(q->filter_text, q->query.now, &o->filter, &o->arena, NULL))
		o->query.filter = &o->filter;
	o->query.me = arena_strdup(&o->arena, q->query.me);
	o->query.my_team = arena_strdup(&o->arena, q->query.my_team);
	o->place = row->place;
	snprintf(o->ticket_id, sizeof(o->ticket_id), "%s", row->ticket.id);
	o->set = true;
	o->moved = false;
}

static void open_row(struct screen *s, const char *args)
{
	struct queue *q = screen_state(s);
	const struct queue_row *row = queue_window_row(&q->window);
	struct err err = {0};
	char id[ID_TEXT];

	if (args[0]) {
		parts_place(s)->order.set = false;
	} else if (row) {
		remember_order(s, row);
		snprintf(id, sizeof(id), "%s", row->ticket.id);
		args = id;
	} else {
		return;
	}
	if (!host_open(screen_host(s), "ticket", args, &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
}

/* "Next" in the list opens the selected ticket; when that is the one just read, the one below. */
static void open_next(struct screen *s, int step)
{
	struct queue *q = screen_state(s);
	const struct queue_row *row = queue_window_row(&q->window);
	int64_t to = q->window.list.selected + step;

	if (row && strcmp(row->ticket.id, parts_place(s)->order.ticket_id) == 0) {
		if (to < 0 || to >= (int64_t)q->window.count) {
			host_say(screen_host(s), STYLE_NORMAL, "%s",
				 _("That was the last of this list."));
			return;
		}
		q->window.list.selected = to;
	}
	open_row(s, "");
}

/* ---- acting ---- */

static bool move(struct screen *s, const struct act *act)
{
	struct queue *q = screen_state(s);
	struct desk *d = parts_desk(s);
	struct err err = {0};
	bool ok = true;

	q->wanted[0] = '\0';
	if (act->action->id == ACT_FIRST && q->window.more_before)
		ok = queue_window_first(&q->window, d, &q->query, &err);
	else if (act->action->id == ACT_LAST && q->window.more_after)
		ok = queue_window_last(&q->window, d, &q->query, &err);
	else if (!list_act(&q->window.list, act))
		return false;
	else if (d->cache)
		ok = queue_window_follow(&q->window, d, &q->query, &err);
	if (!ok)
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	preview_soon(q);
	screen_redraw(s);
	return true;
}

static bool change(struct screen *s, const struct act *act)
{
	struct queue *q = screen_state(s);
	const struct queue_row *row = queue_window_row(&q->window);
	char one[1][ID_TEXT];
	bool taken;

	q->deed.done = false;
	q->deed.undone[0] = '\0';
	if (q->marks.count) {
		taken = deed_begin(s, &q->deed, act, (const char(*)[ID_TEXT])q->marks.ids,
				   q->marks.count);
	} else {
		if (row)
			snprintf(one[0], ID_TEXT, "%s", row->ticket.id);
		taken = deed_begin(s, &q->deed, act, (const char(*)[ID_TEXT])one, row ? 1 : 0);
	}
	if (q->deed.undone[0])
		snprintf(q->wanted, sizeof(q->wanted), "%s", q->deed.undone);
	return taken;
}

static void toggle_preview(struct screen *s)
{
	struct queue *q = screen_state(s);
	struct cells c = {0};
	bool shown;

	screen_size(s, &c.height, &c.width);
	shown = queue_layout(q, c).has_preview;
	q->preview_on = !shown;
	q->preview_off = shown;
	set_height(s);
	list_show(&q->window.list, q->window.list.height);
	queue_preview_load(s);
	screen_redraw(s);
}

static bool choose(struct screen *s, const struct act *act)
{
	struct queue *q = screen_state(s);

	switch (act->action->id) {
	case ACT_VIEW:
		if (act->args[0])
			view_by_name(s, act->args);
		else
			queue_pick_view(s);
		return true;
	case ACT_LEFT:
		set_view(s, (int)q->query.view - 1);
		return true;
	case ACT_RIGHT:
		set_view(s, (int)q->query.view + 1);
		return true;
	case ACT_FILTER:
		if (act->args[0])
			apply_filter(s, act->args);
		else
			ask_filter(s);
		return true;
	case ACT_SORT:
		if (act->args[0])
			sort_by_name(s, act->args);
		else
			pick_words(s, ASK_SORT, _("In which order?"), &queue_sorts,
				   (int)q->query.sort);
		return true;
	case ACT_COLUMNS:
		if (act->args[0])
			queue_set_columns(s, act->args);
		else
			queue_ask_columns(s);
		return true;
	case ACT_PREVIEW:
		toggle_preview(s);
		return true;
	}
	return false;
}

static bool mark(struct screen *s, const struct act *act)
{
	struct queue *q = screen_state(s);
	const struct queue_row *row = queue_window_row(&q->window);
	struct act down = {&actions.rows[ACT_DOWN], ""};

	switch (act->action->id) {
	case ACT_MARK:
		if (row) {
			marks_toggle(&q->marks, row->ticket.id);
			move(s, &down);
		}
		return true;
	case ACT_MARK_ALL:
		queue_mark_all(s);
		return true;
	case ACT_UNMARK:
		marks_clear(&q->marks);
		screen_redraw(s);
		return true;
	}
	return false;
}

/* Going back too often must not end the day's work. */
static void tell_how_to_quit(struct screen *s)
{
	struct buf hint = {0};

	parts_put_hint(&hint, s, "queue", "quit", "",
		       _("This is the first screen; %s leaves Balie."));
	host_say(screen_host(s), STYLE_NORMAL, "%s", hint.data);
	buf_finish(&hint);
}

static bool queue_act(struct screen *s, const struct act *act)
{
	struct queue *q = screen_state(s);

	queue_load_rest(q, parts_desk(s), NULL);
	switch (act->action->id) {
	case ACT_OPEN:
		open_row(s, act->args);
		return true;
	case ACT_NEXT_TICKET:
		open_next(s, 1);
		return true;
	case ACT_PREVIOUS_TICKET:
		open_next(s, -1);
		return true;
	case ACT_CARD:
		people_open_card(s, queue_window_row(&q->window));
		return true;
	case ACT_BACK:
		/* First what narrows or marks is undone; then the program is left, by the host. */
		if (q->marks.count) {
			marks_clear(&q->marks);
			screen_redraw(s);
			return true;
		}
		if (q->filter_text && q->filter_text[0]) {
			apply_filter(s, "");
			return true;
		}
		if (host_below(screen_host(s)))
			return false;
		tell_how_to_quit(s);
		return true;
	}
	return change(s, act) || choose(s, act) || queue_views_act(s, act) || mark(s, act) ||
	       move(s, act);
}

static void queue_answer(struct screen *s, int intent, const char *text)
{
	struct queue *q = screen_state(s);

	if (deed_answer(s, &q->deed, intent, text)) {
		if (q->deed.done)
			marks_clear(&q->marks);
		return;
	}
	if (queue_views_answer(s, intent, text) || !text)
		return;
	switch (intent) {
	case ASK_FILTER:
		apply_filter(s, text);
		return;
	case ASK_VIEW:
		view_by_name(s, text);
		return;
	case ASK_SORT:
		sort_by_name(s, text);
		return;
	case ASK_COLUMNS:
		queue_set_columns(s, text);
		return;
	}
}

static void queue_title(const struct screen *s, struct buf *ret)
{
	const struct queue *q = screen_state(s);

	buf_printf(ret, _("Tickets: %s, by %s"),
		   q->view_name[0] ? q->view_name
		   : q->whose_name ? q->whose_name
				   : _(words_label(&filter_views, (int)q->query.view)),
		   _(words_label(&queue_sorts, (int)q->query.sort)));
	if (q->query.descending)
		buf_printf(ret, " %s", _("(from the end)"));
}

static const int queue_offered[] = {
	ACT_OPEN,    ACT_REGISTER, ACT_NEXT_TICKET, ACT_ANSWER, ACT_ASSIGN, ACT_STATE,	 ACT_NOTE,
	ACT_VIEW,    ACT_FILTER,   ACT_MARK,	    ACT_UNDO,	ACT_REPEAT, ACT_CITIZEN, ACT_CARD,
	ACT_PREVIEW, ACT_MERGE,	   ACT_OUTBOX,	    ACT_QUIT,	-1,
};

const struct screen_ops queue_screen = {
	.name = "queue",
	.label = N_("list"),
	.state_size = sizeof(struct queue),
	.watches = WATCH_TICKETS | WATCH_REFERENCE | WATCH_OUTBOX,
	.offered = queue_offered,
	.open = queue_open,
	.load = queue_load,
	.title = queue_title,
	.draw = queue_draw,
	.act = queue_act,
	.answer = queue_answer,
	.close = queue_close,
};
