#include "words.h"
#include <stdio.h>
#include <string.h>
#include "balie/id.h"
#include "balie/text.h"
#include "central_sql.h"

#define PAGE_ROWS 1000
/* In meta, when all parties have words; the number is of the way of folding. */
#define DONE_KEY "words"
#define DONE_VALUE "2"

/* Display name first: the result of a search is sorted by it. A party that went into another one has
 * none, since the other is the one to find. */
static const char *make_words(const struct party *p, struct arena *a)
{
	struct buf b = {0};
	const char *ret;

	if (!p->merged_into)
		party_words(&b, p, a);
	ret = arena_strdup(a, b.len ? b.data : "");
	buf_finish(&b);
	return ret;
}

static bool put(struct town *t, enum central_sql statement, const char *id, const char *words,
		struct err *err)
{
	struct store_query *q = store_query(t->store, statement);

	store_bind_text(q, 1, id);
	store_bind_text(q, 2, words);
	return store_run(q, err);
}

bool words_follow(struct town *t, const struct party *before, const struct party *after,
		  struct err *err)
{
	struct arena a = {0};
	const char *words = make_words(after, &a);
	bool ok = true;

	if (!before)
		ok = put(t, CENTRAL_SQL_WORDS_ADD, after->id, words, err);
	else if (strcmp(make_words(before, &a), words) != 0)
		ok = put(t, CENTRAL_SQL_WORDS_SET, after->id, words, err);
	arena_finish(&a);
	return ok;
}

/* So many parties behind last, which then is the last of them; "" when there were none. */
static bool add_page(struct town *t, char last[ID_TEXT], struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_WORDS_MISSING);
	const char *ids[PAGE_ROWS], *words[PAGE_ROWS];
	struct arena a = {0};
	size_t count = 0, i;
	enum store_step step;
	bool ok;

	store_bind_text(q, 1, last);
	store_bind_int(q, 2, PAGE_ROWS);
	while ((step = store_step(q, err)) == STORE_ROW && count < PAGE_ROWS) {
		struct party p = {.name = store_column_text(q, 1),
				  .given = store_column_text(q, 2),
				  .family = store_column_text(q, 3),
				  .merged_into = store_column_text(q, 4)};

		ids[count] = arena_strdup(&a, store_column_text(q, 0));
		words[count++] = make_words(&p, &a);
	}
	store_done(q);
	ok = step != STORE_FAILED;
	for (i = 0; ok && i < count; i++)
		ok = put(t, CENTRAL_SQL_WORDS_ADD, ids[i], words[i], err);
	snprintf(last, ID_TEXT, "%s", count ? ids[count - 1] : "");
	arena_finish(&a);
	return ok;
}

/* Whether all parties have words, and of another way of folding. */
static bool is_done(struct town *t, bool *ret_stale)
{
	struct arena a = {0};
	const char *done = town_meta(t, DONE_KEY, &a);
	bool ret = done && strcmp(done, DONE_VALUE) == 0;

	*ret_stale = done && !ret;
	arena_finish(&a);
	return ret;
}

static bool forget(struct town *t, struct err *err)
{
	bool ok;

	if (!town_begin(t, err))
		return false;
	ok = store_run(store_query(t->store, CENTRAL_SQL_WORDS_FORGET), err) &&
	     store_run(store_query(t->store, CENTRAL_SQL_WORDS_UNKNOWN), err) &&
	     town_commit(t, err);
	if (!ok)
		town_rollback(t);
	return ok;
}

/* In parts, so that a service that runs already can write in between. */
bool words_complete(struct town *t, struct err *err)
{
	char last[ID_TEXT] = "";
	bool stale, more = !is_done(t, &stale);
	bool ok = !stale || forget(t, err);

	while (ok && more) {
		if (!town_begin(t, err))
			return false;
		ok = add_page(t, last, err);
		more = last[0] != '\0';
		if (ok && !more)
			ok = town_set_meta(t, DONE_KEY, DONE_VALUE, err);
		if (ok)
			ok = town_commit(t, err);
		if (!ok)
			town_rollback(t);
	}
	return ok;
}
