/* Who has how much open work: counted in an index of the mirror, and corrected by what waits in the
 * outbox. Kept until one of the two files changes or a deadline may have passed. */
#include "balie/cache.h"
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/text.h"
#include "cache_sql.h"
#include "room.h"

#define KEEP_MS 10000 /* deadlines pass at the end of a day */

struct loads {
	struct arena arena;
	struct load_row *rows;
	size_t count, cap;
	unsigned *slots; /* by team and agent: place in rows, plus one */
	size_t slot_count;
	int64_t cache_version, work_version, work_writes, at;
};

static size_t hash(size_t h, const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return (h ^ 31) * 1099511628211u;
}

static size_t place_of(const struct loads *l, const char *team, const char *agent)
{
	size_t at = hash(hash(14695981039346656037u, team), agent);

	at = (at ^ (at >> 29)) & (l->slot_count - 1);
	while (l->slots[at] != 0) {
		const struct load_row *row = &l->rows[l->slots[at] - 1];

		if (text_same(row->team_id, team) && text_same(row->agent_id, agent))
			break;
		at = (at + 1) & (l->slot_count - 1);
	}
	return at;
}

static void grow(struct loads *l)
{
	l->cap = l->cap == 0 ? 512 : l->cap * 2;
	l->rows = xrealloc(l->rows, l->cap * sizeof(*l->rows));
	l->slot_count = l->cap * 2;
	l->slots = xrealloc(l->slots, l->slot_count * sizeof(*l->slots));
	memset(l->slots, 0, l->slot_count * sizeof(*l->slots));
	for (size_t i = 0; i < l->count; i++)
		l->slots[place_of(l, l->rows[i].team_id, l->rows[i].agent_id)] = (unsigned)i + 1;
}

static struct load *find(struct loads *l, const char *team, const char *agent)
{
	size_t at;

	if (l->count == l->cap)
		grow(l);
	at = place_of(l, team, agent);
	if (l->slots[at] == 0) {
		l->rows[l->count] = (struct load_row){.team_id = arena_strdup(&l->arena, team),
						      .agent_id = arena_strdup(&l->arena, agent)};
		l->slots[at] = (unsigned)++l->count;
	}
	return &l->rows[l->slots[at] - 1].load;
}

static void add_ticket(struct loads *l, const struct ticket *t, int by, int64_t now,
		       int64_t tomorrow)
{
	struct load *load;

	if (!state_is_open(t->state))
		return;
	load = find(l, t->team_id, t->agent_id);
	load->open += by;
	if (t->due_at != 0 && t->due_at < now)
		load->overdue += by;
	else if (t->due_at != 0 && t->due_at < tomorrow)
		load->today += by;
}

/* Those that actions of ours are about count as they will be. */
static void add_waiting(struct cache *c, struct loads *l, int64_t now, int64_t tomorrow)
{
	const struct pending *p = &c->pending;

	for (size_t i = 0; i < p->ticket_count; i++) {
		if (p->before[i].id != NULL)
			add_ticket(l, &p->before[i], -1, now, tomorrow);
		add_ticket(l, &p->tickets[i].ticket, 1, now, tomorrow);
	}
}

static bool count_all(struct cache *c, struct loads *l, int64_t now, struct err *err)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_LOADS);
	int64_t tomorrow = clock_add_days(clock_day_start(now), 1);
	enum store_step step;

	l->count = 0;
	arena_reset(&l->arena);
	if (l->slot_count > 0)
		memset(l->slots, 0, l->slot_count * sizeof(*l->slots));
	store_bind_int(q, 1, now);
	store_bind_int(q, 2, tomorrow);
	while ((step = store_step(q, err)) == STORE_ROW) {
		struct load *load = find(l, store_column_text(q, 0), store_column_text(q, 1));

		load->open = store_column_int(q, 2);
		load->overdue = store_column_int(q, 3);
		load->today = store_column_int(q, 4);
	}
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	add_waiting(c, l, now, tomorrow);
	return true;
}

bool cache_loads(struct cache *c, struct work *w, int64_t now, const struct load_row **ret,
		 size_t *n, struct err *err)
{
	struct loads *l;
	int64_t cache_version, work_version, writes;

	cache_follow(c);
	if (!pending_load(c, w, err))
		return false;
	if (c->loads == NULL)
		c->loads = xcalloc(1, sizeof(*c->loads));
	l = c->loads;
	cache_version = store_data_version(c->store);
	work_version = w != NULL ? store_data_version(w->store) : 0;
	writes = w != NULL ? w->writes : 0;
	if (l->at == 0 || c->writer || now < l->at || now >= l->at + KEEP_MS ||
	    l->cache_version != cache_version || l->work_version != work_version ||
	    l->work_writes != writes) {
		l->at = 0;
		if (!count_all(c, l, now, err))
			return false;
		l->at = now;
		l->cache_version = cache_version;
		l->work_version = work_version;
		l->work_writes = writes;
	}
	*ret = l->rows;
	*n = l->count;
	return true;
}

void loads_destroy(struct loads *l)
{
	if (l == NULL)
		return;
	free(l->rows);
	free(l->slots);
	arena_finish(&l->arena);
	free(l);
}
