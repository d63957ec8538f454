/* Marks: which tickets the next action is about. They are ids, so they stay when the list moves. */
#include "queue.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"

bool queue_is_marked(const struct queue *q, const char *id)
{
	for (size_t i = 0; i < q->mark_count; i++)
		if (strcmp(q->marks[i], id) == 0)
			return true;
	return false;
}

static bool add_mark(struct queue *q, const char *id)
{
	if (queue_is_marked(q, id))
		return true;
	if (q->mark_count >= QUEUE_MARKS_MAX)
		return false;
	if (!q->marks)
		q->marks = xcalloc(QUEUE_MARKS_MAX, sizeof(*q->marks));
	snprintf(q->marks[q->mark_count++], ID_TEXT, "%s", id);
	return true;
}

void queue_mark_toggle(struct queue *q, const char *id)
{
	for (size_t i = 0; i < q->mark_count; i++) {
		if (strcmp(q->marks[i], id) == 0) {
			memmove(&q->marks[i], &q->marks[i + 1],
				(q->mark_count - i - 1) * sizeof(*q->marks));
			q->mark_count--;
			return;
		}
	}
	add_mark(q, id);
}

void queue_mark_all(struct screen *s)
{
	struct queue *q = screen_state(s);
	struct desk *d = parts_desk(s);
	struct queue_place from;
	struct arena a = {0};
	struct queue_row *rows = arena_alloc(&a, 200 * sizeof(*rows));
	struct arena page = {0};
	bool more = true, begun = false;
	size_t count;

	while (d->cache && more && q->mark_count < QUEUE_MARKS_MAX) {
		arena_reset(&page);
		if (!cache_queue(d->cache, d->work, &q->query, begun ? &from : NULL, false, 200,
				 rows, &count, &more, &page, NULL) ||
		    count == 0)
			break;
		for (size_t i = 0; i < count; i++)
			add_mark(q, rows[i].ticket.id);
		from = rows[count - 1].place;
		begun = true;
	}
	if (q->mark_count >= QUEUE_MARKS_MAX)
		host_say(screen_host(s), STYLE_WARNING,
			 _("The first %d are marked; more at once is not done."), QUEUE_MARKS_MAX);
	arena_finish(&page);
	arena_finish(&a);
	screen_redraw(s);
}
