/* Finding people in the mirror, by the same line as the service finds them: shown at once, before it
 * answers. One fact leads to candidates, and all the others are held against their words. */
#include "balie/cache.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/text.h"
#include "cache_sql.h"
#include "room.h"

#define FOUND_MAX 50
#define LOOK_MAX 1000
#define TICKETS_MAX 200
#define AFTER_ALL "\xf4\x8f\xbf\xbf"

struct hit {
	int64_t rowid;
	const char *words;
};

#define SEEN_SLOTS (4 * LOOK_MAX)

/* What all who are found must have, as it stands among their words. */
struct wanted {
	const struct party_query *q;
	char birth[24], home[24];
};

struct search {
	struct cache *c;
	const struct party_query *q;
	struct wanted wanted;
	struct hit hits[LOOK_MAX];
	int64_t seen[SEEN_SLOTS]; /* rowids of hits, by their hash; 0: free */
	size_t count;
	bool more;
	struct arena *arena;
};

/* ---- holding against the words ---- */

/* whole: the word itself, not its beginning. */
static bool has(const char *words, const char *word, bool whole)
{
	size_t len = strlen(word);
	const char *at = words;

	for (; (at = strstr(at, word)) != NULL; at += len)
		if (at > words && at[-1] == ' ' && (!whole || at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static bool has_all(const char *words, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!has(words, list[i], false))
			return false;
	return true;
}

static bool has_key(const char *words, char kind, const char *value)
{
	char term[300];

	if (value[0] == '\0')
		return false;
	snprintf(term, sizeof(term), "%c:%s", kind, value);
	return has(words, term, true);
}

static bool has_any_key(const struct party_query *q, const char *words)
{
	return has_key(words, 'p', q->phone) || has_key(words, 'e', q->email) ||
	       has_key(words, 'i', q->rrn) || has_key(words, 'i', q->kbo) ||
	       has_key(words, 'i', q->vcode);
}

static void home_term(const struct party_query *q, char ret[24])
{
	snprintf(ret, 24, "h:%s%s%s", q->postcode, q->number[0] ? ":" : "", q->number);
}

static void wanted_of(const struct party_query *q, struct wanted *ret)
{
	ret->q = q;
	snprintf(ret->birth, sizeof(ret->birth), "b:%s", q->birth);
	home_term(q, ret->home);
}

static bool matches(const struct wanted *w, const char *words)
{
	const struct party_query *q = w->q;

	if (q->keys && !has_any_key(q, words))
		return false;
	if (q->birth[0] && !has(words, w->birth, false))
		return false;
	if (q->postcode[0] && !has(words, w->home, true))
		return false;
	return has_all(words, q->words, q->word_count) ||
	       (q->joined_count > 0 && has_all(words, q->joined, q->joined_count));
}

/* ---- candidates ---- */

/* True the first time. */
static bool see(struct search *s, int64_t rowid)
{
	size_t at = (size_t)rowid * 2654435761u % SEEN_SLOTS;

	while (s->seen[at] != 0 && s->seen[at] != rowid)
		at = (at + 1) % SEEN_SLOTS;
	if (s->seen[at] == rowid)
		return false;
	s->seen[at] = rowid;
	return true;
}

static bool scan(struct search *s, unsigned statement, const char *from, const char *to,
		 int64_t max, struct err *err)
{
	struct store_query *q = store_query(s->c->store, statement);
	enum store_step step;
	int64_t looked = 0;

	store_bind_text(q, 1, from);
	store_bind_text(q, 2, to);
	store_bind_int(q, 3, max);
	while ((step = store_step(q, err)) == STORE_ROW) {
		const char *words = store_column_text(q, 1);
		int64_t rowid = store_column_int(q, 0);

		looked++;
		if (s->count == LOOK_MAX || !matches(&s->wanted, words) || !see(s, rowid))
			continue;
		s->hits[s->count++] = (struct hit){rowid, arena_strdup(s->arena, words)};
	}
	store_done(q);
	s->more = s->more || looked == max;
	return step != STORE_FAILED;
}

static bool by_beginning(struct search *s, const char *term, struct err *err)
{
	return scan(s, CACHE_SQL_PEOPLE_TERMS, term, arena_printf(s->arena, "%s" AFTER_ALL, term),
		    LOOK_MAX, err);
}

static bool by_term(struct search *s, char kind, const char *value, struct err *err)
{
	const char *term;

	if (value[0] == '\0')
		return true;
	term = arena_printf(s->arena, "%c:%s", kind, value);
	return scan(s, CACHE_SQL_PEOPLE_TERMS, term, arena_printf(s->arena, "%s ", term), LOOK_MAX,
		    err);
}

static const char *longest(const char *const *words, size_t count)
{
	const char *ret = words[0];

	for (size_t i = 1; i < count; i++)
		if (strlen(words[i]) > strlen(ret))
			ret = words[i];
	return ret;
}

static bool by_name(struct search *s, struct err *err)
{
	const struct party_query *q = s->q;
	struct buf line = {0};
	const char *from;
	bool ok;

	for (size_t i = 0; i < q->word_count; i++)
		buf_printf(&line, " %s", q->words[i]);
	from = arena_strdup(s->arena, line.data);
	buf_finish(&line);
	/* Whose shown name begins so come first, and they alone when they fill the list. */
	ok = scan(s, CACHE_SQL_PEOPLE_STARTS, from, arena_printf(s->arena, "%s" AFTER_ALL, from),
		  FOUND_MAX + 1, err);
	if (!ok || s->count > FOUND_MAX)
		return ok;
	return by_beginning(s, longest(q->words, q->word_count), err) &&
	       (q->joined_count == 0 || by_beginning(s, longest(q->joined, q->joined_count), err));
}

static bool collect(struct search *s, struct err *err)
{
	const struct party_query *q = s->q;
	char home[24];

	home_term(q, home);
	if (q->keys)
		return by_term(s, 'p', q->phone, err) && by_term(s, 'e', q->email, err) &&
		       by_term(s, 'i', q->rrn, err) && by_term(s, 'i', q->kbo, err) &&
		       by_term(s, 'i', q->vcode, err);
	if (strlen(q->birth) == 10 || (q->birth[0] && q->word_count == 0))
		return by_beginning(s, arena_printf(s->arena, "b:%s", q->birth), err);
	if (q->number[0] || (q->postcode[0] && q->word_count == 0))
		return by_term(s, 'h', home + 2, err);
	return q->word_count == 0 || by_name(s, err);
}

/* ---- the rows ---- */

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct hit *)a)->words, ((const struct hit *)b)->words);
}

/* Those whose name begins with what was typed stay in front. */
static void sort_hits(struct search *s)
{
	struct buf line = {0};
	size_t first = 0, i;

	qsort(s->hits, s->count, sizeof(s->hits[0]), compare);
	for (i = 0; i < s->q->word_count; i++)
		buf_printf(&line, " %s", s->q->words[i]);
	for (i = 0; line.len > 0 && i < s->count; i++) {
		struct hit hit = s->hits[i];

		if (strncmp(hit.words, line.data, line.len) != 0)
			continue;
		memmove(&s->hits[first + 1], &s->hits[first], (i - first) * sizeof(hit));
		s->hits[first++] = hit;
	}
	buf_finish(&line);
}

static bool read_party(struct cache *c, int64_t rowid, struct party *ret, struct arena *a,
		       struct err *err)
{
	const struct record_type *type = &record_types[RECORD_PARTY];
	struct store_query *q = store_query(c->store, CACHE_SQL_PARTY_BY_ROWID);
	enum store_step step;

	store_bind_int(q, 1, rowid);
	step = store_step(q, err);
	memset(ret, 0, sizeof(*ret));
	if (step == STORE_ROW)
		store_column_fields(q, 0, type->fields, type->field_count, ret, a);
	store_done(q);
	return step == STORE_ROW;
}

/* Made here and not sent yet. */
static void add_waiting(struct search *s, struct party *rows, size_t *count)
{
	const struct pending *p = &s->c->pending;

	for (size_t i = 0; i < p->out_count && *count < FOUND_MAX; i++) {
		const struct envelope *e = &p->out[i]->row.envelope;
		struct party party = {0};
		struct buf words = {0};

		if (e->action->id != ACT_PARTY_CREATE ||
		    !pending_party(p, e->record, &party, s->arena))
			continue;
		people_words(&words, &party, s->arena);
		if (party.merged_into == NULL && matches(&s->wanted, words.data))
			rows[(*count)++] = party;
		buf_finish(&words);
	}
}

bool cache_people(struct cache *c, struct work *w, const struct party_query *q, struct party **ret,
		  size_t *n, bool *more, struct arena *a, struct err *err)
{
	struct arena own = {0};
	struct search *s = arena_alloc(&own, sizeof(*s));
	struct party *rows = arena_alloc(a, (FOUND_MAX + 1) * sizeof(*rows));
	size_t count = 0;
	bool within, ok;

	cache_follow(c);
	s->c = c;
	s->q = q;
	s->arena = a;
	wanted_of(q, &s->wanted);
	/* In one look: fifty statements by themselves would take and leave the file's lock each. */
	within = store_in_transaction(c->store);
	if (!within && !store_begin_read(c->store, err)) {
		arena_finish(&own);
		return false;
	}
	ok = pending_load(c, w, err) && collect(s, err);
	if (ok) {
		sort_hits(s);
		add_waiting(s, rows, &count);
	}
	for (size_t i = 0; ok && i < s->count && count < FOUND_MAX; i++) {
		if (!read_party(c, s->hits[i].rowid, &rows[count], a, err))
			continue;
		pending_party(&c->pending, rows[count].id, &rows[count], a);
		count += rows[count].merged_into == NULL;
	}
	if (!within)
		store_rollback(c->store);
	if (ok) {
		*ret = rows;
		*n = count;
		*more = s->more || s->count > FOUND_MAX;
	}
	arena_finish(&own);
	return ok;
}

bool cache_party_tickets(struct cache *c, struct work *w, const char *party_id, struct ticket **ret,
			 size_t *n, struct arena *a, struct err *err)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct ticket *rows = arena_alloc(a, TICKETS_MAX * sizeof(*rows));
	struct store_query *q;
	enum store_step step;
	size_t count = 0;

	cache_follow(c);
	if (!pending_load(c, w, err))
		return false;
	/* What is only made here stands first: it is the newest. */
	for (size_t i = 0; i < c->pending.ticket_count && count < TICKETS_MAX; i++) {
		const struct ticket *t = &c->pending.tickets[i].ticket;

		if (t->party_id != NULL && strcmp(t->party_id, party_id) == 0)
			record_copy(RECORD_TICKET, t, &rows[count++], a);
	}
	q = store_query(c->store, CACHE_SQL_TICKETS_OF_PARTY);
	store_bind_text(q, 1, party_id);
	store_bind_int(q, 2, TICKETS_MAX);
	while ((step = store_step(q, err)) == STORE_ROW && count < TICKETS_MAX) {
		struct ticket t = {0};

		store_column_fields(q, 1, type->fields, type->field_count, &t, a);
		if (pending_find(&c->pending, t.id) == NULL)
			rows[count++] = t;
	}
	store_done(q);
	*ret = rows;
	*n = count;
	return step != STORE_FAILED;
}
