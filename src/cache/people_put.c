/* What a party is found by: written with it, by the sync thread. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "balie/text.h"
#include "balie/wire.h"
#include "cache_sql.h"
#include "room.h"

static void put_items(struct buf *ret, char kind, const struct party_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].value != NULL && !strchr(items[i].value, ' '))
			buf_printf(ret, " %c:%s", kind, items[i].value);
}

static void put_home(struct buf *ret, const struct party_address *home)
{
	const char *postcode = home->postcode != NULL ? home->postcode : "";

	if (postcode[0] == '\0' || strchr(postcode, ' '))
		return;
	buf_printf(ret, " h:%s", postcode);
	if (home->number == NULL || home->number[0] == '\0' || strchr(home->number, ' '))
		return;
	buf_printf(ret, " h:%s:", postcode);
	for (const char *p = home->number; *p != '\0'; p++)
		buf_add_char(ret, (char)tolower((unsigned char)*p));
}

void people_words(struct buf *ret, const struct party *p, struct arena *a)
{
	struct party_lists *lists = arena_alloc(a, sizeof(*lists));

	party_words(ret, p, a);
	if (p->birth_date != NULL)
		buf_printf(ret, " b:%s", p->birth_date);
	/* Lists that cannot be read are not searched by. */
	if (!wire_get_party_lists(p, lists, a, NULL))
		return;
	for (size_t i = 0; i < lists->address_count; i++)
		put_home(ret, &lists->addresses[i]);
	put_items(ret, 'p', lists->phones, lists->phone_count);
	put_items(ret, 'e', lists->emails, lists->email_count);
	put_items(ret, 'i', lists->identifiers, lists->identifier_count);
}

static bool put_terms(struct cache *c, int64_t rowid, const char *words, struct arena *a,
		      struct err *err)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_PEOPLE_CLEAR_TERMS);
	char *copy = arena_strdup(a, words), *save = NULL, *term;

	store_bind_int(q, 1, rowid);
	if (!store_run(q, err))
		return false;
	for (term = strtok_r(copy, " ", &save); term; term = strtok_r(NULL, " ", &save)) {
		q = store_query(c->store, CACHE_SQL_PEOPLE_ADD_TERM);
		store_bind_text(q, 1, term);
		store_bind_int(q, 2, rowid);
		if (!store_run(q, err))
			return false;
	}
	q = store_query(c->store, CACHE_SQL_PEOPLE_SET_WORDS);
	store_bind_int(q, 1, rowid);
	store_bind_text(q, 2, words);
	return store_run(q, err);
}

bool people_put(struct cache *c, const struct party *p, struct err *err)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_PEOPLE_WORDS_OF);
	struct arena a = {0};
	struct buf words = {0};
	const char *before = NULL;
	enum store_step step;
	int64_t rowid = 0;
	bool ok = true;

	store_bind_text(q, 1, p->id);
	step = store_step(q, err);
	if (step == STORE_ROW) {
		rowid = store_column_int(q, 0);
		before = arena_strdup(&a, store_column_text(q, 1));
	}
	store_done(q);
	buf_add(&words, "", 0);
	if (p->merged_into == NULL)
		people_words(&words, p, &a);
	if (step == STORE_ROW && (before == NULL || strcmp(before, words.data) != 0))
		ok = put_terms(c, rowid, words.data, &a, err);
	buf_finish(&words);
	arena_finish(&a);
	return ok && step != STORE_FAILED;
}
