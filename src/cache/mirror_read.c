/* Reading records of the mirror one by one and as short lists. */
#include "balie/cache.h"
#include <string.h>
#include "balie/i18n.h"
#include "cache_sql.h"
#include "room.h"

void record_copy(enum record_kind kind, const void *from, void *to, struct arena *a)
{
	const struct record_type *type = &record_types[kind];

	memcpy(to, from, type->size);
	for (size_t i = 0; i < type->field_count; i++) {
		const struct field *f = &type->fields[i];

		if (f->type == FIELD_TEXT || f->type == FIELD_LINES || f->type == FIELD_ID ||
		    f->type == FIELD_DATE || f->type == FIELD_JSON) {
			const char **text = (const char **)(void *)((char *)to + f->offset);

			*text = arena_strdup(a, *text);
		}
	}
}

void queue_row_name(struct cache *c, struct queue_row *row, struct arena *a)
{
	row->team_name = arena_strdup(a, names_get(c, NAME_TEAM, row->ticket.team_id));
	row->agent_name = arena_strdup(a, names_get(c, NAME_AGENT, row->ticket.agent_id));
	row->topic_name = arena_strdup(a, names_get(c, NAME_TOPIC, row->ticket.topic_id));
}

static bool read_ticket(struct cache *c, unsigned statement, const char *ref, struct queue_row *ret,
			struct arena *a, struct err *err)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct store_query *q = store_query(c->store, statement);
	enum store_step step;

	store_bind_text(q, 1, ref);
	step = store_step(q, err);
	if (step == STORE_ROW) {
		memset(ret, 0, sizeof(*ret));
		ret->place.rowid = store_column_int(q, 0);
		store_column_fields(q, 1, type->fields, type->field_count, &ret->ticket, a);
		ret->place.key = queue_key(SORT_DUE, &ret->ticket);
	} else if (step == STORE_DONE) {
		err_set(err, ERR_NOT_FOUND, _("this ticket is not on your desk"));
	}
	store_done(q);
	return step == STORE_ROW;
}

bool mirror_ticket(struct cache *c, const char *id, struct queue_row *ret, struct arena *a,
		   struct err *err)
{
	return read_ticket(c, CACHE_SQL_TICKET_BY_ID, id, ret, a, err);
}

bool cache_ticket(struct cache *c, struct work *w, const char *ref, struct queue_row *ret,
		  struct arena *a, struct err *err)
{
	const struct queue_row *waiting;
	struct queue_row row = {0};
	char number[TRACKING_TEXT];

	cache_follow(c);
	names_check(c);
	if (!pending_load(c, w, err))
		return false;
	if (tracking_parse(ref, number) == CHECK_OK) {
		if (!read_ticket(c, CACHE_SQL_TICKET_BY_NUMBER, number, &row, a, err))
			return false;
		ref = row.ticket.id;
	}
	waiting = pending_find(&c->pending, ref);
	if (waiting != NULL) {
		row = *waiting;
		record_copy(RECORD_TICKET, &waiting->ticket, &row.ticket, a);
		row.place.key = queue_key(SORT_DUE, &row.ticket);
	} else if (row.ticket.id == NULL && !mirror_ticket(c, ref, &row, a, err)) {
		return false;
	}
	queue_row_name(c, &row, a);
	*ret = row;
	return true;
}

bool mirror_topic(struct cache *c, const char *id, struct topic *ret, struct arena *a)
{
	const struct record_type *type = &record_types[RECORD_TOPIC];
	struct store_query *q;
	bool found;

	if (id == NULL)
		return false;
	q = store_query(c->store, CACHE_SQL_TOPIC_BY_ID);
	store_bind_text(q, 1, id);
	found = store_step(q, NULL) == STORE_ROW;
	if (found)
		store_column_fields(q, 0, type->fields, type->field_count, ret, a);
	store_done(q);
	return found;
}

/* Reads all rows of a query into an array that is owned by a. */
static bool read_all(struct store_query *q, enum record_kind kind, void **ret, size_t *n,
		     struct arena *a, struct err *err)
{
	const struct record_type *type = &record_types[kind];
	size_t count = 0, cap = 64;
	char *rows = arena_alloc(a, cap * type->size);
	enum store_step step;

	while ((step = store_step(q, err)) == STORE_ROW) {
		if (count == cap) {
			char *more = arena_alloc(a, cap * 2 * type->size);

			memcpy(more, rows, cap * type->size);
			rows = more;
			cap *= 2;
		}
		store_column_fields(q, 0, type->fields, type->field_count,
				    rows + count++ * type->size, a);
	}
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = rows;
	*n = count;
	return true;
}

bool cache_teams(struct cache *c, struct team **ret, size_t *n, struct arena *a, struct err *err)
{
	void *rows;

	cache_follow(c);
	if (!read_all(store_query(c->store, CACHE_SQL_TEAMS), RECORD_TEAM, &rows, n, a, err))
		return false;
	*ret = rows;
	return true;
}

bool cache_agents(struct cache *c, const char *team_id, struct agent **ret, size_t *n,
		  struct arena *a, struct err *err)
{
	struct store_query *q;
	void *rows;

	cache_follow(c);
	q = store_query(c->store, CACHE_SQL_AGENTS);
	store_bind_text(q, 1, team_id);
	if (!read_all(q, RECORD_AGENT, &rows, n, a, err))
		return false;
	*ret = rows;
	return true;
}

bool cache_topics(struct cache *c, struct topic **ret, size_t *n, struct arena *a, struct err *err)
{
	void *rows;

	cache_follow(c);
	if (!read_all(store_query(c->store, CACHE_SQL_TOPICS), RECORD_TOPIC, &rows, n, a, err))
		return false;
	*ret = rows;
	return true;
}

bool cache_mailboxes(struct cache *c, struct mailbox **ret, size_t *n, struct arena *a,
		     struct err *err)
{
	void *rows;

	cache_follow(c);
	if (!read_all(store_query(c->store, CACHE_SQL_MAILBOXES), RECORD_MAILBOX, &rows, n, a, err))
		return false;
	*ret = rows;
	return true;
}

bool cache_templates(struct cache *c, const char *topic_id, const char *language,
		     struct template **ret, size_t *n, struct arena *a, struct err *err)
{
	struct store_query *q;
	void *rows;

	cache_follow(c);
	q = store_query(c->store, CACHE_SQL_TEMPLATES);
	store_bind_text(q, 1, topic_id);
	store_bind_text(q, 2, language);
	if (!read_all(q, RECORD_TEMPLATE, &rows, n, a, err))
		return false;
	*ret = rows;
	return true;
}

static bool read_one(struct cache *c, unsigned statement, enum record_kind kind, const char *id,
		     void *ret, struct arena *a, struct err *err)
{
	const struct record_type *type = &record_types[kind];
	struct store_query *q;
	enum store_step step;

	cache_follow(c);
	q = store_query(c->store, statement);
	store_bind_text(q, 1, id);
	step = store_step(q, err);
	if (step == STORE_ROW)
		store_column_fields(q, 0, type->fields, type->field_count, ret, a);
	else if (step == STORE_DONE)
		err_set(err, ERR_NOT_FOUND, _("this is not on your desk"));
	store_done(q);
	return step == STORE_ROW;
}

bool cache_party(struct cache *c, struct work *w, const char *id, struct party *ret,
		 struct arena *a, struct err *err)
{
	struct party party = {0};
	struct err why = {0};
	bool there = read_one(c, CACHE_SQL_PARTY_BY_ID, RECORD_PARTY, id, &party, a, &why);

	if ((!there && why.kind != ERR_NOT_FOUND) || !pending_load(c, w, &why) ||
	    (!pending_party(&c->pending, id, &party, a) && !there)) {
		if (err != NULL)
			*err = why;
		return false;
	}
	*ret = party;
	return true;
}

bool cache_me(struct cache *c, struct agent *ret, struct arena *a, struct err *err)
{
	const char *me;

	cache_follow(c);
	me = cache_get(c, "me", a);
	if (me == NULL) {
		err_set(err, ERR_NOT_FOUND, _("nobody has logged in here yet"));
		return false;
	}
	return read_one(c, CACHE_SQL_AGENT_BY_ID, RECORD_AGENT, me, ret, a, err);
}
