#include "queue.h"
#include <stdio.h>
#include <string.h>

static size_t window_size(const struct queue_window *w)
{
	size_t rows = w->list.height > 0 ? (size_t)w->list.height * 3 : 120;

	if (w->brief && w->list.height > 0)
		return (size_t)w->list.height;
	if (rows < 60)
		rows = 60;
	return rows > QUEUE_WINDOW_MAX ? QUEUE_WINDOW_MAX : rows;
}

const struct queue_row *queue_window_row(const struct queue_window *w)
{
	if (w->count == 0 || w->list.selected < 0 || w->list.selected >= (int64_t)w->count)
		return NULL;
	return &w->rows[w->list.selected];
}

static int64_t find_row(const struct queue_row *rows, size_t count, const char *id)
{
	for (size_t i = 0; id && i < count; i++)
		if (strcmp(rows[i].ticket.id, id) == 0)
			return (int64_t)i;
	return -1;
}

/* Reads rows behind w->before into the other arena and makes them the window. */
static bool read_rows(struct queue_window *w, struct desk *d, const struct queue_query *q,
		      struct err *err)
{
	struct arena *a = &w->arenas[!w->arena_now];
	size_t max = window_size(w), count = 0;
	struct queue_row *rows;
	bool more = false;

	arena_reset(a);
	rows = arena_alloc(a, max * sizeof(*rows));
	if (!cache_queue(d->cache, d->work, q, w->more_before ? &w->before : NULL, false, max, rows,
			 &count, &more, a, err))
		return false;
	w->arena_now = !w->arena_now;
	w->rows = rows;
	w->count = count;
	w->more_after = more;
	return true;
}

bool queue_window_load(struct queue_window *w, struct desk *d, const struct queue_query *q,
		       const char *selected, struct err *err)
{
	struct list *l = &w->list;
	int64_t line = l->selected > l->top ? l->selected - l->top : 0;
	int64_t was = l->selected, found;
	char id[ID_TEXT] = "";

	if (selected)
		strncpy(id, selected, sizeof(id) - 1);
	if (!read_rows(w, d, q, err))
		return false;
	if (w->count == 0 && w->more_before) {
		/* All that stood behind the window's start is gone. */
		return queue_window_last(w, d, q, err);
	}
	list_set_count(l, (int64_t)w->count);
	found = find_row(w->rows, w->count, id);
	/* The selected ticket stays on its line of the screen; when it left the list, the one that
	 * took its place is selected. */
	if (found < 0)
		found = was < (int64_t)w->count ? was : (int64_t)w->count - 1;
	if (found < 0 && w->count > 0)
		found = 0;
	l->selected = found;
	l->top = found - line > 0 ? found - line : 0;
	if (l->height > 0)
		list_show(l, l->height);
	return true;
}

bool queue_window_first(struct queue_window *w, struct desk *d, const struct queue_query *q,
			struct err *err)
{
	w->more_before = false;
	if (!read_rows(w, d, q, err))
		return false;
	list_set_count(&w->list, (int64_t)w->count);
	w->list.selected = w->count ? 0 : -1;
	w->list.top = 0;
	return true;
}

/* Makes the window begin at most rows before the place: one row more is read, since the window is
 * known by the row in front of it. */
static bool start_before(struct queue_window *w, struct desk *d, const struct queue_query *q,
			 const struct queue_place *place, size_t rows, struct err *err)
{
	struct arena a = {0};
	struct queue_row *found = arena_alloc(&a, (rows + 1) * sizeof(*found));
	size_t count = 0;
	bool more, ok = false;

	if (!cache_queue(d->cache, d->work, q, place, true, rows + 1, found, &count, &more, &a,
			 err))
		goto out;
	w->more_before = count == rows + 1;
	if (w->more_before)
		w->before = found[0].place;
	ok = true;
out:
	arena_finish(&a);
	return ok;
}

bool queue_window_last(struct queue_window *w, struct desk *d, const struct queue_query *q,
		       struct err *err)
{
	if (!start_before(w, d, q, NULL, window_size(w) / 2, err) || !read_rows(w, d, q, err))
		return false;
	list_set_count(&w->list, (int64_t)w->count);
	w->list.selected = (int64_t)w->count - 1;
	w->list.top = 0;
	if (w->list.height > 0)
		list_show(&w->list, w->list.height);
	return true;
}

bool queue_window_follow(struct queue_window *w, struct desk *d, const struct queue_query *q,
			 struct err *err)
{
	struct list *l = &w->list;
	int64_t near = l->height > 0 ? l->height : 20;
	const struct queue_row *row = queue_window_row(w);
	int64_t keep = (int64_t)window_size(w) / 3;
	char id[ID_TEXT];
	struct queue_place place;

	if (!row)
		return true;
	snprintf(id, sizeof(id), "%s", row->ticket.id);
	place = row->place;
	if (w->more_after && l->selected + near >= (int64_t)w->count && l->selected > keep) {
		/* Downwards the row to begin behind is here already. */
		w->before = w->rows[l->selected - keep - 1].place;
		w->more_before = true;
		return queue_window_load(w, d, q, id, err);
	}
	if (w->more_before && l->selected < near)
		return start_before(w, d, q, &place, window_size(w) * 2 / 3, err) &&
		       queue_window_load(w, d, q, id, err);
	return true;
}

bool queue_window_go(struct queue_window *w, struct desk *d, const struct queue_query *q,
		     const struct queue_place *place, const char *id, struct err *err)
{
	const struct queue_row *row;

	if (!queue_window_load(w, d, q, id, err))
		return false;
	row = queue_window_row(w);
	if (row && strcmp(row->ticket.id, id) == 0)
		return queue_window_follow(w, d, q, err);
	if (!start_before(w, d, q, place, window_size(w) / 2, err))
		return false;
	return queue_window_load(w, d, q, id, err);
}

bool queue_settle(struct queue *q, struct desk *d, struct err *err)
{
	static const enum filter_view order[] = {VIEW_TEAM, VIEW_MINE, VIEW_UNASSIGNED, VIEW_ALL};

	/* The first frame shows no more than this; the rest is read behind it, or at the first key. */
	q->window.brief = true;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		q->query.view = order[i];
		if (!queue_window_first(&q->window, d, &q->query, err))
			return false;
		if (q->window.count) {
			q->settling = false;
			return true;
		}
	}
	q->query.view = VIEW_TEAM;
	return true;
}

bool queue_load_rest(struct queue *q, struct desk *d, struct err *err)
{
	if (!q->window.brief || !d->cache)
		return true;
	return queue_load_around(q, d, err);
}

bool queue_load_around(struct queue *q, struct desk *d, struct err *err)
{
	const struct queue_row *row = queue_window_row(&q->window);
	char id[ID_TEXT] = "";

	q->window.brief = false;
	if (row)
		snprintf(id, sizeof(id), "%s", row->ticket.id);
	if (!queue_window_load(&q->window, d, &q->query, id[0] ? id : NULL, err))
		return false;
	for (size_t i = 0; q->wanted[0] && i < q->window.count; i++) {
		if (strcmp(q->window.rows[i].ticket.id, q->wanted) == 0) {
			q->window.list.selected = (int64_t)i;
			list_show(&q->window.list, q->window.list.height);
			q->wanted[0] = '\0';
		}
	}
	return true;
}

void queue_window_finish(struct queue_window *w)
{
	arena_finish(&w->arenas[0]);
	arena_finish(&w->arenas[1]);
}
