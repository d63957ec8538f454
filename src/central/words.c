#include "words.h"
#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "balie/id.h"
#include "balie/text.h"
#include "balie/wire.h"
#include "central_sql.h"

#define PAGE_ROWS 4000
/* In meta, when all parties have words; the number is of the way of making them. */
#define DONE_KEY "words"
#define DONE_VALUE "3"

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

/* ---- facts ---- */

/* "=b1964" and "=b19640312" of "1964-03-12"; a sign before each, which no word of a name begins with. */
const char *words_birth_fact(const char *birth, struct arena *a)
{
	char digits[9];
	size_t len = 0;

	for (; *birth && len + 1 < sizeof(digits); birth++)
		if (*birth >= '0' && *birth <= '9')
			digits[len++] = *birth;
	digits[len] = '\0';
	return arena_printf(a, "=b%s", digits);
}

static bool plain_number(const char *number)
{
	size_t i;

	for (i = 0; number[i]; i++)
		if (!isascii((unsigned char)number[i]) || !isalnum((unsigned char)number[i]))
			return false;
	return i > 0 && i < 8;
}

const char *words_home_fact(const char *postcode, const char *number, struct arena *a)
{
	char *ret, *c;

	if (strlen(postcode) != 4 || strspn(postcode, "0123456789") != 4)
		return NULL;
	if (!number)
		return arena_printf(a, "=p%s", postcode);
	if (!plain_number(number))
		return NULL;
	ret = arena_strdup(a, arena_printf(a, "=h%s%s", postcode, number));
	for (c = ret; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return ret;
}

static const char *text_in(const cJSON *object, const char *member)
{
	const char *ret = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));

	return ret ? ret : "";
}

static void put_fact(struct buf *b, const char *fact)
{
	if (fact)
		buf_printf(b, " %s", fact);
}

static void put_birth(struct buf *b, const char *birth, struct arena *a)
{
	static const size_t ends[] = {4, 7, 10}; /* the year, the month, the day */
	size_t i, len = strlen(birth);

	for (i = 0; i < 3 && ends[i] <= len; i++)
		put_fact(b, words_birth_fact(arena_strndup(a, birth, ends[i]), a));
}

static const char *make_facts(const struct party *p, struct arena *a)
{
	struct buf b = {0};
	cJSON *homes = NULL, *home;
	const char *ret;

	if (!p->merged_into && p->birth_date)
		put_birth(&b, p->birth_date, a);
	if (!p->merged_into && p->addresses)
		homes = wire_parse(p->addresses, strlen(p->addresses), NULL);
	cJSON_ArrayForEach(home, homes)
	{
		put_fact(&b, words_home_fact(text_in(home, "postcode"), NULL, a));
		put_fact(&b,
			 words_home_fact(text_in(home, "postcode"), text_in(home, "number"), a));
	}
	wire_free(homes);
	ret = arena_strdup(a, b.len ? b.data : "");
	buf_finish(&b);
	return ret;
}

/* ---- rows ---- */

static bool put(struct town *t, enum central_sql statement, const char *id, const char *words,
		const char *facts, struct err *err)
{
	struct store_query *q = store_query(t->store, statement);

	store_bind_text(q, 1, id);
	store_bind_text(q, 2, words);
	store_bind_text(q, 3, facts);
	return store_run(q, err);
}

bool words_follow(struct town *t, const struct party *before, const struct party *after,
		  struct err *err)
{
	struct arena a = {0};
	const char *words = make_words(after, &a);
	const char *facts = make_facts(after, &a);
	bool ok = true;

	if (!before)
		ok = put(t, CENTRAL_SQL_WORDS_ADD, after->id, words, facts, err);
	else if (strcmp(make_words(before, &a), words) != 0 ||
		 strcmp(make_facts(before, &a), facts) != 0)
		ok = put(t, CENTRAL_SQL_WORDS_SET, after->id, words, facts, err);
	arena_finish(&a);
	return ok;
}

/* So many parties behind last, which then is the last of them; "" when there were none. */
static bool add_page(struct town *t, char last[ID_TEXT], struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_WORDS_MISSING);
	struct arena a = {0};
	struct row {
		const char *id, *words, *facts;
	} *rows = arena_alloc(&a, PAGE_ROWS * sizeof(*rows));
	size_t count = 0, i;
	enum store_step step;
	bool ok;

	store_bind_text(q, 1, last);
	store_bind_int(q, 2, PAGE_ROWS);
	while ((step = store_step(q, err)) == STORE_ROW && count < PAGE_ROWS) {
		struct party p = {.name = store_column_text(q, 1),
				  .given = store_column_text(q, 2),
				  .family = store_column_text(q, 3),
				  .birth_date = store_column_text(q, 4),
				  .addresses = store_column_text(q, 5),
				  .merged_into = store_column_text(q, 6)};

		rows[count++] = (struct row){
			.id = arena_strdup(&a, store_column_text(q, 0)),
			.words = make_words(&p, &a),
			.facts = make_facts(&p, &a),
		};
	}
	store_done(q);
	ok = step != STORE_FAILED;
	for (i = 0; ok && i < count; i++)
		ok = put(t, CENTRAL_SQL_WORDS_ADD, rows[i].id, rows[i].words, rows[i].facts, err);
	snprintf(last, ID_TEXT, "%s", count ? rows[count - 1].id : "");
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
			ok = store_run(store_query(t->store, CENTRAL_SQL_WORDS_TIDY), err) &&
			     town_set_meta(t, DONE_KEY, DONE_VALUE, err);
		if (ok)
			ok = town_commit(t, err);
		if (!ok)
			town_rollback(t);
	}
	return ok;
}
