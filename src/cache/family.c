/* Tickets that were merged: those that went into one, and the one that they went into; and those that
 * may be the same question. What waits in the outbox counts as done. */
#include "balie/cache.h"
#include <stdio.h>
#include <string.h>
#include "balie/text.h"
#include "cache_sql.h"
#include "room.h"

#define ALIKE_PARTY 50
#define ALIKE_TOPIC 50
#define ALIKE_NEWEST 200

struct family {
	struct family_member *items;
	size_t count, max;
	struct arena *arena;
};

static void join(struct family *f, const char *id, const char *number)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->items[i].id, id) == 0)
			return;
	if (f->count == f->max)
		return;
	f->items[f->count].id = arena_strdup(f->arena, id);
	f->items[f->count++].number = arena_strdup(f->arena, number);
}

/* Those of the mirror that point to it, unless what waits says otherwise; and those that will. */
static bool join_merged(struct cache *c, struct family *f, const char *into, struct err *err)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_MERGED_OF);
	const struct pending *p = &c->pending;
	enum store_step step;

	store_bind_text(q, 1, into);
	while ((step = store_step(q, err)) == STORE_ROW) {
		const char *id = store_column_text(q, 0);
		const struct queue_row *waiting = pending_find(p, id);

		if (waiting == NULL || text_same(waiting->ticket.merged_into, into))
			join(f, id, store_column_text(q, 1));
	}
	store_done(q);
	for (size_t i = 0; i < p->ticket_count; i++)
		if (text_same(p->tickets[i].ticket.merged_into, into))
			join(f, p->tickets[i].ticket.id, p->tickets[i].ticket.number);
	return step != STORE_FAILED;
}

bool family_read(struct cache *c, const char *ticket_id, struct family_member *ret, size_t max,
		 size_t *n, struct arena *a, struct err *err)
{
	struct family f = {ret, 0, max, a};

	join(&f, ticket_id, NULL);
	for (size_t i = 0; i < f.count; i++)
		if (!join_merged(c, &f, f.items[i].id, err))
			return false;
	*n = f.count;
	return true;
}

size_t cache_merged(struct cache *c, struct work *w, const char *ticket_id,
		    struct family_member *ret, size_t max, struct arena *a)
{
	struct family_member *all = arena_alloc(a, (max + 1) * sizeof(*all));
	size_t count = 0;

	cache_follow(c);
	if (!pending_load(c, w, NULL) ||
	    !family_read(c, ticket_id, all, max + 1, &count, a, NULL) || count == 0)
		return 0;
	memcpy(ret, all + 1, (count - 1) * sizeof(*ret));
	return count - 1;
}

bool cache_survivor(struct cache *c, struct work *w, struct queue_row *row, struct arena *a,
		    struct err *err)
{
	struct queue_row at = *row;

	/* A chain ends; the bound is for a mirror of something that went wrong. */
	for (int hops = 0; at.ticket.merged_into != NULL && hops < FAMILY_MAX; hops++)
		if (!cache_ticket(c, w, at.ticket.merged_into, &at, a, err))
			return false;
	*row = at;
	return true;
}

bool family_gone(struct cache *c, const char *ticket_id, struct err *err)
{
	char ids[FAMILY_MAX][ID_TEXT];
	size_t count;

	do {
		struct store_query *q = store_query(c->store, CACHE_SQL_MERGED_OF);
		enum store_step step = STORE_DONE;

		count = 0;
		store_bind_text(q, 1, ticket_id);
		while (count < FAMILY_MAX && (step = store_step(q, err)) == STORE_ROW)
			snprintf(ids[count++], ID_TEXT, "%s", store_column_text(q, 0));
		store_done(q);
		if (step == STORE_FAILED)
			return false;
		for (size_t i = 0; i < count; i++)
			if (!cache_gone(c, RECORD_TICKET, ids[i], err))
				return false;
	} while (count == FAMILY_MAX);
	return true;
}

/* ---- likely the same ---- */

struct alike {
	struct cache *c;
	const struct ticket *t;
	struct queue_row *rows;
	size_t count;
	struct arena *arena;
};

static bool is_new(const struct alike *l, const char *id)
{
	if (strcmp(id, l->t->id) == 0)
		return false;
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->rows[i].ticket.id, id) == 0)
			return false;
	return true;
}

static bool add_alike(struct alike *l, unsigned statement, const char *what, size_t max,
		      struct err *err)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct store_query *q = store_query(l->c->store, statement);
	enum store_step step;

	store_bind_text(q, 1, what);
	store_bind_int(q, 2, (int64_t)max);
	while ((step = store_step(q, err)) == STORE_ROW) {
		struct queue_row *row = &l->rows[l->count];
		const struct queue_row *waiting;

		memset(row, 0, sizeof(*row));
		row->place.rowid = store_column_int(q, 0);
		store_column_fields(q, 1, type->fields, type->field_count, &row->ticket, l->arena);
		waiting = pending_find(&l->c->pending, row->ticket.id);
		if (waiting != NULL && !state_is_open(waiting->ticket.state))
			continue;
		if (!is_new(l, row->ticket.id))
			continue;
		queue_row_name(l->c, row, l->arena);
		l->count++;
	}
	store_done(q);
	return step != STORE_FAILED;
}

bool cache_alike(struct cache *c, struct work *w, const struct ticket *t, struct queue_row **ret,
		 size_t *n, struct arena *a, struct err *err)
{
	struct alike l = {c, t, NULL, 0, a};

	l.rows = arena_alloc(a, (ALIKE_PARTY + ALIKE_TOPIC + ALIKE_NEWEST + 1) * sizeof(*l.rows));
	cache_follow(c);
	names_check(c);
	if (!pending_load(c, w, err))
		return false;
	if ((t->party_id != NULL &&
	     !add_alike(&l, CACHE_SQL_ALIKE_PARTY, t->party_id, ALIKE_PARTY, err)) ||
	    (t->topic_id != NULL &&
	     !add_alike(&l, CACHE_SQL_ALIKE_TOPIC, t->topic_id, ALIKE_TOPIC, err)) ||
	    !add_alike(&l, CACHE_SQL_ALIKE_NEWEST, NULL, ALIKE_NEWEST, err))
		return false;
	*ret = l.rows;
	*n = l.count;
	return true;
}
