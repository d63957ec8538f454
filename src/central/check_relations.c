/* balied check: what tickets have to do with each other. */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "central_sql.h"

#define PAGE 1000
#define MERGES_MAX 1000

/* Follows the pointers to their end. */
static bool check_chain(struct inspection *c, const char *id, struct err *err)
{
	char at[ID_TEXT];

	memcpy(at, id, sizeof(at));
	for (int hops = 0; hops < MERGES_MAX; hops++) {
		struct store_query *q = store_query(c->town.store, CENTRAL_SQL_TICKET_MERGED_INTO);
		enum store_step step;
		const char *into;

		store_bind_text(q, 1, at);
		step = store_step(q, err);
		into = step == STORE_ROW ? store_column_text(q, 0) : NULL;
		if (into)
			snprintf(at, sizeof(at), "%s", into);
		store_done(q);
		if (step == STORE_FAILED)
			return false;
		if (!into)
			return true;
	}
	err_set(err, ERR_CORRUPT, _("ticket %s was merged in a circle"), id);
	return false;
}

static bool check_merged(struct inspection *c, struct err *err)
{
	char ids[PAGE][ID_TEXT];
	char after[ID_TEXT] = "";
	size_t count;

	do {
		struct store_query *q = store_query(c->town.store, CENTRAL_SQL_MOVE_MERGED_TICKET);
		enum store_step step;

		count = 0;
		store_bind_int(q, 1, PAGE);
		store_bind_text(q, 2, after);
		while (count < PAGE && (step = store_step(q, err)) == STORE_ROW)
			snprintf(ids[count++], ID_TEXT, "%s", store_column_text(q, 0));
		store_done(q);
		if (count < PAGE && step == STORE_FAILED)
			return false;
		for (size_t i = 0; i < count; i++)
			if (!check_chain(c, ids[i], err))
				return false;
		if (count > 0)
			memcpy(after, ids[count - 1], sizeof(after));
	} while (count == PAGE);
	return true;
}

static bool check_back(struct inspection *c, const char *id, const char *number,
		       const struct ticket_link *link, struct err *err)
{
	struct store_query *q = store_query(c->town.store, CENTRAL_SQL_CHECK_LINKS_OF);
	enum store_step step;
	bool back;

	store_bind_text(q, 1, link->id);
	step = store_step(q, err);
	back = step == STORE_ROW && links_have(store_column_text(q, 0), id);
	store_done(q);
	if (step != STORE_FAILED && !back)
		err_set(err, ERR_CORRUPT, _("ticket %s is linked to %s, which is not linked to it"),
			number, link->number ? link->number : link->id);
	return back;
}

static bool check_links_page(struct inspection *c, char after[ID_TEXT], size_t *got,
			     struct err *err)
{
	struct store_query *q = store_query(c->town.store, CENTRAL_SQL_CHECK_LINKS);
	struct ticket_link links[LINKS_MAX];
	struct arena a = {0};
	char last[ID_TEXT] = "";
	enum store_step step;

	*got = 0;
	store_bind_int(q, 1, PAGE);
	store_bind_text(q, 2, after);
	while ((step = store_step(q, err)) == STORE_ROW) {
		const char *id = store_column_text(q, 0);
		size_t count;

		arena_reset(&a);
		count = links_read(store_column_text(q, 2), links, LINKS_MAX, &a);
		for (size_t i = 0; i < count && step == STORE_ROW; i++)
			if (!check_back(c, id, store_column_text(q, 1), &links[i], err))
				step = STORE_FAILED;
		if (step == STORE_FAILED)
			break;
		snprintf(last, sizeof(last), "%s", id);
		++*got;
	}
	store_done(q);
	memcpy(after, last, sizeof(last));
	arena_finish(&a);
	return step != STORE_FAILED;
}

bool check_relations(struct inspection *c, struct err *err)
{
	char after[ID_TEXT] = "";
	size_t got = PAGE;

	if (!check_merged(c, err))
		return false;
	while (got == PAGE)
		if (!check_links_page(c, after, &got, err))
			return false;
	return true;
}
