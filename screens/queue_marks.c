/* Marks: which tickets the next action is about. They are ids, so they stay when the list moves. */
#include "queue.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"

#define PAGE 2000

/* Identifiers are random at their end. */
static size_t place_of(const struct marks *m, const char *id)
{
	size_t at = 14695981039346656037u;

	for (const char *p = id; *p; p++)
		at = (at ^ (unsigned char)*p) * 1099511628211u;
	at &= m->slot_count - 1;
	while (m->slots[at] && strcmp(m->ids[m->slots[at] - 1], id) != 0)
		at = (at + 1) & (m->slot_count - 1);
	return at;
}

static void fill_slots(struct marks *m)
{
	memset(m->slots, 0, m->slot_count * sizeof(*m->slots));
	for (size_t i = 0; i < m->count; i++)
		m->slots[place_of(m, m->ids[i])] = (unsigned)i + 1;
}

static void grow(struct marks *m)
{
	m->cap = m->cap ? m->cap * 2 : 256;
	m->ids = xrealloc(m->ids, m->cap * sizeof(*m->ids));
	m->slot_count = m->cap * 2;
	m->slots = xrealloc(m->slots, m->slot_count * sizeof(*m->slots));
	fill_slots(m);
}

bool marks_has(const struct marks *m, const char *id)
{
	return m->count > 0 && m->slots[place_of(m, id)] != 0;
}

bool marks_add(struct marks *m, const char *id)
{
	if (marks_has(m, id))
		return true;
	if (m->count >= MARKS_MAX)
		return false;
	if (m->count == m->cap)
		grow(m);
	snprintf(m->ids[m->count], ID_TEXT, "%s", id);
	m->slots[place_of(m, id)] = (unsigned)m->count + 1;
	m->count++;
	return true;
}

void marks_toggle(struct marks *m, const char *id)
{
	size_t i;

	if (!marks_has(m, id)) {
		marks_add(m, id);
		return;
	}
	i = m->slots[place_of(m, id)] - 1;
	memmove(&m->ids[i], &m->ids[i + 1], (m->count - i - 1) * sizeof(*m->ids));
	m->count--;
	fill_slots(m);
}

void marks_clear(struct marks *m)
{
	free(m->ids);
	free(m->slots);
	memset(m, 0, sizeof(*m));
}

bool marks_add_query(struct marks *m, struct desk *d, const struct queue_query *query, size_t max)
{
	struct queue_place from;
	struct arena a = {0}, page = {0};
	struct queue_row *rows = arena_alloc(&a, PAGE * sizeof(*rows));
	bool more = true, begun = false, ok = true;
	size_t count;

	while (d->cache && more && ok && m->count < max) {
		size_t want = max - m->count < PAGE ? max - m->count : PAGE;

		arena_reset(&page);
		if (!cache_queue(d->cache, d->work, query, begun ? &from : NULL, false, want, rows,
				 &count, &more, &page, NULL) ||
		    count == 0)
			break;
		for (size_t i = 0; i < count && ok; i++)
			ok = marks_add(m, rows[i].ticket.id);
		from = rows[count - 1].place;
		begun = true;
	}
	arena_finish(&page);
	arena_finish(&a);
	return ok && !more;
}

void queue_mark_all(struct screen *s)
{
	struct queue *q = screen_state(s);

	marks_add_query(&q->marks, parts_desk(s), &q->query, MARKS_MAX);
	if (q->marks.count >= MARKS_MAX)
		host_say(screen_host(s), STYLE_WARNING,
			 _("The first %d are marked; more at once is not done."), MARKS_MAX);
	screen_redraw(s);
}
