/* Who has how much open work, corrected by what waits in the outbox. Who asks once has it counted in an
 * index of the mirror. Who keeps looking has all open tickets read in slices, a few words of each are
 * kept, and from then on only those that changed are read. */
#include "balie/cache.h"
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/text.h"
#include "cache_sql.h"
#include "room.h"

#define KEEP_MS 10000 /* deadlines pass at the end of a day */

/* A ticket as it was when it was read last. */
struct counted {
	uint64_t key; /* of its id */
	int64_t due;  /* key of the deadline */
	unsigned row; /* whose it is, plus one; 0: it is not open */
};

/* All tickets of the mirror, by key. */
struct followed {
	struct counted *items;
	unsigned *slots; /* place in items, plus one */
	size_t count, slot_count;
	int64_t at;	 /* rowid reached */
	int64_t touched; /* what changed up to here is counted */
	bool filled;
};

struct loads {
	struct arena arena;
	struct followed all;
	struct load_row *rows;
	size_t count, cap;
	unsigned *slots; /* by team and agent: place in rows, plus one */
	size_t slot_count;
	int64_t versions[3], at; /* of the two files, and what was written here */
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

static void begin_anew(struct loads *l)
{
	l->count = 0;
	arena_reset(&l->arena);
	if (l->slot_count > 0)
		memset(l->slots, 0, l->slot_count * sizeof(*l->slots));
}

static bool count_all(struct cache *c, struct loads *l, int64_t now, struct err *err)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_LOADS);
	int64_t tomorrow = clock_add_days(clock_day_start(now), 1);
	enum store_step step;

	begin_anew(l);
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

/* ---- ticket by ticket ---- */

static void grow_followed(struct followed *f)
{
	f->slot_count = f->slot_count == 0 ? 4096 : f->slot_count * 2;
	f->items = xrealloc(f->items, f->slot_count / 2 * sizeof(*f->items));
	f->slots = xrealloc(f->slots, f->slot_count * sizeof(*f->slots));
	memset(f->slots, 0, f->slot_count * sizeof(*f->slots));
	for (size_t i = 0; i < f->count; i++) {
		size_t at = (size_t)f->items[i].key & (f->slot_count - 1);

		while (f->slots[at] != 0)
			at = (at + 1) & (f->slot_count - 1);
		f->slots[at] = (unsigned)i + 1;
	}
}

/* Two of a hundred thousand tickets share a key once in some thousand million desks. */
static struct counted *find_ticket(struct followed *f, const char *id)
{
	uint64_t key = hash(14695981039346656037u, id);
	size_t at;

	key ^= key >> 29;
	if (f->count == f->slot_count / 2)
		grow_followed(f);
	at = (size_t)key & (f->slot_count - 1);
	while (f->slots[at] != 0 && f->items[f->slots[at] - 1].key != key)
		at = (at + 1) & (f->slot_count - 1);
	if (f->slots[at] == 0) {
		f->items[f->count] = (struct counted){.key = key};
		f->slots[at] = (unsigned)++f->count;
	}
	return &f->items[f->slots[at] - 1];
}

/* first: the column of the team; agent, deadline and whether it is open stand behind it. */
static void take_ticket(struct loads *l, const char *id, struct store_query *q, int first)
{
	struct counted *counted = find_ticket(&l->all, id);

	counted->row = 0;
	if (q == NULL || store_column_int(q, first + 3) == 0)
		return;
	find(l, store_column_text(q, first), store_column_text(q, first + 1));
	counted->row =
		l->slots[place_of(l, store_column_text(q, first), store_column_text(q, first + 1))];
	counted->due = store_column_int(q, first + 2);
}

static bool read_range(struct cache *c, int64_t *ret_first, int64_t *ret_last, struct err *err)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_TOUCHED_RANGE);
	enum store_step step = store_step(q, err);

	if (step == STORE_ROW) {
		*ret_first = store_column_int(q, 0);
		*ret_last = store_column_int(q, 1);
	}
	store_done(q);
	return step == STORE_ROW;
}

static bool fill_some(struct cache *c, struct loads *l, size_t max, struct err *err)
{
	struct followed *f = &l->all;
	struct store_query *q;
	enum store_step step;
	int64_t first;
	size_t read = 0;

	if (f->at == 0) {
		begin_anew(l);
		f->count = 0;
		if (f->slot_count > 0)
			memset(f->slots, 0, f->slot_count * sizeof(*f->slots));
		if (!read_range(c, &first, &f->touched, err))
			return false;
	}
	q = store_query(c->store, CACHE_SQL_LOADS_SLICE);
	store_bind_int(q, 1, f->at);
	store_bind_int(q, 2, (int64_t)max);
	while ((step = store_step(q, err)) == STORE_ROW) {
		f->at = store_column_int(q, 0);
		take_ticket(l, store_column_text(q, 1), q, 2);
		read++;
	}
	store_done(q);
	f->filled = step != STORE_FAILED && read < max;
	return step != STORE_FAILED;
}

static bool take_touched(struct cache *c, struct loads *l, const char *id, struct err *err)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_LOADS_TICKET);
	enum store_step step;

	store_bind_text(q, 1, id);
	step = store_step(q, err);
	take_ticket(l, id, step == STORE_ROW ? q : NULL, 0);
	store_done(q);
	return step != STORE_FAILED;
}

/* More changed than is kept: all of it is read anew. */
static bool follow(struct cache *c, struct loads *l, struct err *err)
{
	struct followed *f = &l->all;
	struct store_query *q;
	enum store_step step;
	int64_t first, last;
	bool ok = true;

	if (!read_range(c, &first, &last, err))
		return false;
	if (last < f->touched || first > f->touched + 1) {
		f->filled = false;
		f->at = 0;
		return true;
	}
	q = store_query(c->store, CACHE_SQL_TOUCHED_SINCE);
	store_bind_int(q, 1, f->touched);
	while (ok && (step = store_step(q, err)) == STORE_ROW)
		ok = take_touched(c, l, store_column_text(q, 0), err);
	store_done(q);
	if (!ok || step == STORE_FAILED)
		return false;
	f->touched = last;
	return true;
}

static void add_up(struct cache *c, struct loads *l, int64_t now)
{
	int64_t tomorrow = clock_add_days(clock_day_start(now), 1);

	for (size_t i = 0; i < l->count; i++)
		l->rows[i].load = (struct load){0};
	for (size_t i = 0; i < l->all.count; i++) {
		const struct counted *t = &l->all.items[i];
		struct load *load;

		if (t->row == 0)
			continue;
		load = &l->rows[t->row - 1].load;
		load->open++;
		load->overdue += t->due < now;
		load->today += t->due >= now && t->due < tomorrow;
	}
	add_waiting(c, l, now, tomorrow);
}

/* ---- asking ---- */

static bool is_fresh(const struct cache *c, const struct loads *l, int64_t now,
		     const int64_t versions[3])
{
	return l->at != 0 && !c->writer && now >= l->at && now < l->at + KEEP_MS &&
	       memcmp(l->versions, versions, sizeof(l->versions)) == 0;
}

/* max 0: at once. In one look at the mirror, so that what waits is set against what was counted. */
static bool bring_up(struct cache *c, struct work *w, int64_t now, size_t max, bool *ret_ready,
		     struct err *err)
{
	struct loads *l = c->loads;
	int64_t versions[3];
	bool ok = true;

	if (!pending_load(c, w, err))
		return false;
	versions[0] = store_data_version(c->store);
	versions[1] = w != NULL ? store_data_version(w->store) : 0;
	versions[2] = w != NULL ? w->writes : 0;
	*ret_ready = true;
	if (is_fresh(c, l, now, versions) && (max == 0 || l->all.filled))
		return true;
	l->at = 0;
	if (max > 0 && !l->all.filled)
		ok = fill_some(c, l, max, err);
	if (ok && l->all.filled)
		ok = follow(c, l, err);
	if (!ok)
		return false;
	if (l->all.filled) {
		add_up(c, l, now);
	} else if (max > 0) {
		*ret_ready = false;
		return true;
	} else {
		l->all.at = 0; /* its places in the rows are gone */
		if (!count_all(c, l, now, err))
			return false;
	}
	l->at = now;
	memcpy(l->versions, versions, sizeof(l->versions));
	return true;
}

bool cache_loads(struct cache *c, struct work *w, int64_t now, size_t max, bool *ret_ready,
		 const struct load_row **ret, size_t *n, struct err *err)
{
	bool within, ok, ready = false;

	cache_follow(c);
	if (c->loads == NULL)
		c->loads = xcalloc(1, sizeof(*c->loads));
	/* What was rolled back was never there: who writes counts anew. */
	if (c->writer) {
		c->loads->all.filled = false;
		c->loads->all.at = 0;
	}
	within = store_in_transaction(c->store);
	if (!within && !store_begin_read(c->store, err))
		return false;
	ok = bring_up(c, w, now, max, &ready, err);
	if (!within)
		store_rollback(c->store);
	if (!ok) {
		c->loads->all.filled = false;
		c->loads->all.at = 0;
		return false;
	}
	*ret_ready = ready;
	*ret = c->loads->rows;
	*n = c->loads->count;
	return true;
}

void loads_destroy(struct loads *l)
{
	if (l == NULL)
		return;
	free(l->rows);
	free(l->slots);
	free(l->all.items);
	free(l->all.slots);
	arena_finish(&l->arena);
	free(l);
}
