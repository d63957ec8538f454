/* What others did that concerns this agent: the one place that says what news is. */
#include "balie/cache.h"
#include <string.h>
#include "balie/text.h"
#include "cache_sql.h"
#include "room.h"

/* The ids in the JSON of a change are quoted, so this finds no part of another. */
static bool names_me(const char *json, const char *me)
{
	const char *at = json != NULL ? strstr(json, "\"agent_id\"") : NULL;

	if (at == NULL)
		return false;
	at += strlen("\"agent_id\"");
	at += strspn(at, ": ");
	return *at == '"' && strncmp(at + 1, me, strlen(me)) == 0;
}

/* direction: of the message that the change made, or NULL. mine: the ticket is, or I follow it. */
static enum news_kind judge(const struct change *c, const char *direction, bool mine,
			    const char *me)
{
	bool was = names_me(c->before, me), is = names_me(c->after, me);

	if (c->agent_id != NULL && strcmp(c->agent_id, me) == 0)
		return NEWS_NONE;
	if (is && !was)
		return NEWS_GIVEN;
	if (was && !is)
		return NEWS_TAKEN;
	if (!mine)
		return NEWS_NONE;
	/* How far a mail of ours is the service tells of each; what went wrong stands above. */
	if (c->type == RECORD_MESSAGE && c->agent_id == NULL && direction != NULL &&
	    strcmp(direction, "out") == 0)
		return NEWS_NONE;
	if (c->type == RECORD_MESSAGE && direction != NULL && strcmp(direction, "in") == 0)
		return NEWS_ANSWER;
	if (c->type == RECORD_MESSAGE || c->type == RECORD_NOTE || c->type == RECORD_TICKET)
		return NEWS_CHANGE;
	return NEWS_NONE;
}

static void fill(struct news *n, struct store_query *q, int col, struct arena *a)
{
	n->number = arena_strdup(a, store_column_text(q, col + 1));
	n->subject = arena_strdup(a, store_column_text(q, col + 2));
	if (n->subject == NULL)
		n->subject = "";
}

/* The rows of one action stand together: it is told once, by what matters most of it. */
static struct news *same_action(struct news *rows, size_t count, const struct change *c)
{
	if (count > 0 && text_same(rows[count - 1].change.operation, c->operation) &&
	    text_same(rows[count - 1].change.ticket_id, c->ticket_id))
		return &rows[count - 1];
	return NULL;
}

bool cache_news(struct cache *c, const char *me, int64_t since, size_t max, struct news *ret,
		size_t *ret_count, struct arena *a, struct err *err)
{
	struct store_query *q;
	enum store_step step = STORE_DONE;
	size_t count = 0;
	int col = (int)change_field_count;

	cache_follow(c);
	names_check(c);
	q = store_query(c->store, CACHE_SQL_NEWS);
	store_bind_int(q, 1, since);
	store_bind_text(q, 2, me);
	while (count < max && (step = store_step(q, err)) == STORE_ROW) {
		struct change change = {0};
		struct news *same;
		enum news_kind kind;

		store_column_fields(q, 0, change_fields, change_field_count, &change, a);
		kind = judge(&change, store_column_text(q, col), store_column_int(q, col + 3) != 0,
			     me);
		same = same_action(ret, count, &change);
		if (kind == NEWS_NONE || (same != NULL && same->kind <= kind))
			continue;
		if (same == NULL)
			same = &ret[count++];
		*same = (struct news){.kind = kind, .at = change.at, .change = change};
		same->agent_name = arena_strdup(a, names_get(c, NAME_AGENT, change.agent_id));
		fill(same, q, col, a);
	}
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret_count = count;
	return true;
}

bool cache_mail_troubles(struct cache *c, const char *me, size_t max, struct mail_trouble *ret,
			 size_t *ret_count, struct arena *a, struct err *err)
{
	struct store_query *q;
	enum store_step step = STORE_DONE;
	size_t n = 0;

	cache_follow(c);
	q = store_query(c->store, CACHE_SQL_MAIL_TROUBLES);
	store_bind_text(q, 1, me);
	store_bind_int(q, 2, (int64_t)max);
	while (n < max && (step = store_step(q, err)) == STORE_ROW) {
		const char *subject = store_column_text(q, 2);

		ret[n++] = (struct mail_trouble){
			.ticket_id = arena_strdup(a, store_column_text(q, 0)),
			.number = arena_strdup(a, store_column_text(q, 1)),
			.subject = arena_strdup(a, subject != NULL ? subject : ""),
			.at = store_column_int(q, 3),
			.unsure = store_column_int(q, 4) != 0,
		};
	}
	store_done(q);
	*ret_count = n;
	return step != STORE_FAILED;
}
