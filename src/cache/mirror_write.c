/* Writing the mirror: the sync thread's half. */
#include "balie/cache.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "cache_sql.h"
#include "room.h"

#define KEY_HALF (INT64_C(1) << 49)

static int64_t clamp(int64_t ms)
{
	return ms < 0 ? 0 : ms < KEY_HALF ? ms : KEY_HALF - 1;
}

int64_t queue_key(enum queue_sort sort, const struct ticket *t)
{
	switch (sort) {
	case SORT_DUE:
		return t->due_at != 0 ? t->due_at : KEY_NO_DUE + clamp(t->created_at);
	case SORT_CREATED:
		return t->created_at;
	case SORT_UPDATED:
		return t->updated_at;
	case SORT_PRIORITY:
		return (INT64_C(2) - t->priority) * (KEY_HALF * 2) +
		       (t->due_at != 0 ? clamp(t->due_at) : KEY_HALF + clamp(t->created_at));
	}
	return 0;
}

bool cache_put(struct cache *c, enum record_kind kind, const void *record, struct err *err)
{
	static const unsigned statements[RECORD_KINDS] = {
		[RECORD_TEAM] = CACHE_SQL_PUT_TEAM,
		[RECORD_AGENT] = CACHE_SQL_PUT_AGENT,
		[RECORD_TOPIC] = CACHE_SQL_PUT_TOPIC,
		[RECORD_PARTY] = CACHE_SQL_PUT_PARTY,
		[RECORD_TICKET] = CACHE_SQL_PUT_TICKET,
		[RECORD_CONTACT] = CACHE_SQL_PUT_CONTACT,
		[RECORD_MESSAGE] = CACHE_SQL_PUT_MESSAGE,
		[RECORD_NOTE] = CACHE_SQL_PUT_NOTE,
		[RECORD_TEMPLATE] = CACHE_SQL_PUT_TEMPLATE,
		[RECORD_MAILBOX] = CACHE_SQL_PUT_MAILBOX,
	};
	const struct record_type *type = &record_types[kind];
	struct store_query *q = store_query(c->store, statements[kind]);
	int i = (int)type->field_count + 1;

	store_bind_fields(q, 1, type->fields, type->field_count, record);
	if (kind == RECORD_TICKET) {
		const struct ticket *t = record;

		store_bind_int(q, i++, state_is_open(t->state));
		store_bind_int(q, i++, queue_key(SORT_DUE, t));
		store_bind_int(q, i++, queue_key(SORT_CREATED, t));
		store_bind_int(q, i++, queue_key(SORT_UPDATED, t));
		store_bind_int(q, i++, queue_key(SORT_PRIORITY, t));
	}
	store_bind_int(q, i, c->seen);
	if (kind == RECORD_TEAM || kind == RECORD_AGENT || kind == RECORD_TOPIC)
		c->reference_changed = true;
	if (!store_run(q, err))
		return false;
	/* One that came too late changed nothing. */
	return kind != RECORD_PARTY || store_changes(c->store) == 0 || people_put(c, record, err);
}

static bool run_id(struct cache *c, unsigned statement, const char *id, struct err *err)
{
	struct store_query *q = store_query(c->store, statement);

	store_bind_text(q, 1, id);
	return store_run(q, err);
}

bool cache_gone(struct cache *c, enum record_kind kind, const char *id, struct err *err)
{
	static const unsigned statements[RECORD_KINDS] = {
		[RECORD_TEAM] = CACHE_SQL_GONE_TEAM,
		[RECORD_AGENT] = CACHE_SQL_GONE_AGENT,
		[RECORD_TOPIC] = CACHE_SQL_GONE_TOPIC,
		[RECORD_PARTY] = CACHE_SQL_GONE_PARTY,
		[RECORD_TICKET] = CACHE_SQL_GONE_TICKET,
		[RECORD_CONTACT] = CACHE_SQL_GONE_CONTACT,
		[RECORD_MESSAGE] = CACHE_SQL_GONE_MESSAGE,
		[RECORD_NOTE] = CACHE_SQL_GONE_NOTE,
		[RECORD_TEMPLATE] = CACHE_SQL_GONE_TEMPLATE,
		[RECORD_MAILBOX] = CACHE_SQL_GONE_MAILBOX,
	};

	if (kind == RECORD_TEAM || kind == RECORD_AGENT || kind == RECORD_TOPIC)
		c->reference_changed = true;
	if (!run_id(c, statements[kind], id, err))
		return false;
	if (kind != RECORD_TICKET)
		return true;
	return run_id(c, CACHE_SQL_GONE_MESSAGE_OF_TICKET, id, err) &&
	       run_id(c, CACHE_SQL_GONE_NOTE_OF_TICKET, id, err) &&
	       run_id(c, CACHE_SQL_GONE_HISTORY_OF_TICKET, id, err) &&
	       run_id(c, CACHE_SQL_GONE_TIMELINE_OF_TICKET, id, err) && family_gone(c, id, err);
}

bool cache_put_change(struct cache *c, const struct change *change, struct err *err)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_PUT_HISTORY);

	store_bind_fields(q, 1, change_fields, change_field_count, change);
	return store_run(q, err);
}

bool cache_set_complete(struct cache *c, const char *ticket_id, struct err *err)
{
	return run_id(c, CACHE_SQL_SET_COMPLETE, ticket_id, err);
}

static bool incomplete(struct cache *c, unsigned statement, const char *who, char (*ret)[37],
		       size_t max, size_t *n, struct err *err)
{
	struct store_query *q = store_query(c->store, statement);
	enum store_step step = STORE_DONE;

	store_bind_text(q, 1, who);
	store_bind_int(q, 2, (int64_t)max);
	while (*n < max && (step = store_step(q, err)) == STORE_ROW) {
		const char *id = store_column_text(q, 0);
		size_t i = 0;

		while (i < *n && strcmp(ret[i], id) != 0)
			i++;
		if (i == *n && strlen(id) < sizeof(ret[0]))
			memcpy(ret[(*n)++], id, strlen(id) + 1);
	}
	store_done(q);
	return step != STORE_FAILED;
}

bool cache_incomplete(struct cache *c, const char *me, const char *my_team, char (*ret)[37],
		      size_t max, size_t *n, struct err *err)
{
	*n = 0;
	return incomplete(c, CACHE_SQL_INCOMPLETE_MINE, me, ret, max, n, err) &&
	       incomplete(c, CACHE_SQL_INCOMPLETE_TEAM, my_team, ret, max, n, err);
}

/* Comfort only: a failure makes it slower, not wrong. */
void cache_expect_many(struct cache *c, bool large)
{
	static const unsigned more[] = {CACHE_SQL_MEMORY_LARGE, CACHE_SQL_CHECKPOINT_SELDOM};
	static const unsigned less[] = {CACHE_SQL_MEMORY_USUAL, CACHE_SQL_CHECKPOINT_USUAL,
					CACHE_SQL_MEMORY_SHRINK};
	const unsigned *statements = large ? more : less;
	size_t count = large ? 2 : 3;

	if (c->many == large)
		return;
	c->many = large;
	for (size_t i = 0; i < count; i++)
		store_run(store_query(c->store, statements[i]), NULL);
}

bool cache_resync_begin(struct cache *c, struct err *err)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)c->seen + 1);
	if (!cache_set(c, "seen", text, err))
		return false;
	c->seen++;
	cache_expect_many(c, true);
	return true;
}

bool cache_resync_end(struct cache *c, struct err *err)
{
	static const unsigned sweeps[] = {
		CACHE_SQL_SWEEP_TEAM,	  CACHE_SQL_SWEEP_AGENT, CACHE_SQL_SWEEP_TOPIC,
		CACHE_SQL_SWEEP_TEMPLATE, CACHE_SQL_SWEEP_PARTY, CACHE_SQL_SWEEP_TICKET,
		CACHE_SQL_SWEEP_CONTACT,
	};
	/* What was said on tickets may have changed unseen: it is fetched again. */
	static const unsigned clears[] = {
		CACHE_SQL_CLEAR_MESSAGE,
		CACHE_SQL_CLEAR_NOTE,
		CACHE_SQL_CLEAR_HISTORY,
		CACHE_SQL_CLEAR_TIMELINE,
	};

	for (size_t i = 0; i < sizeof(sweeps) / sizeof(sweeps[0]); i++) {
		struct store_query *q = store_query(c->store, sweeps[i]);

		store_bind_int(q, 1, c->seen);
		if (!store_run(q, err))
			return false;
	}
	for (size_t i = 0; i < sizeof(clears) / sizeof(clears[0]); i++)
		if (!store_run(store_query(c->store, clears[i]), err))
			return false;
	c->reference_changed = true;
	cache_expect_many(c, false);
	return true;
}

bool cache_clear(struct cache *c, struct err *err)
{
	static const unsigned clears[] = {
		CACHE_SQL_CLEAR_TEAM,	  CACHE_SQL_CLEAR_AGENT,    CACHE_SQL_CLEAR_TOPIC,
		CACHE_SQL_CLEAR_TEMPLATE, CACHE_SQL_CLEAR_PARTY,    CACHE_SQL_CLEAR_TICKET,
		CACHE_SQL_CLEAR_CONTACT,  CACHE_SQL_CLEAR_MESSAGE,  CACHE_SQL_CLEAR_NOTE,
		CACHE_SQL_CLEAR_HISTORY,  CACHE_SQL_CLEAR_TIMELINE, CACHE_SQL_CLEAR_META,
	};

	for (size_t i = 0; i < sizeof(clears) / sizeof(clears[0]); i++)
		if (!store_run(store_query(c->store, clears[i]), err))
			return false;
	c->seen = 1;
	c->reference_changed = true;
	return true;
}
