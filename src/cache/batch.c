/* One action on many tickets: first what it would do to each, then all of it at once. */
#include "balie/cache.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "room.h"

void batch_begin(struct batch *b, int action, const struct args *args, const char (*ids)[ID_TEXT],
		 size_t count)
{
	memset(b, 0, sizeof(*b));
	b->action = &actions.rows[action];
	b->args = *args;
	id_new(b->id);
	b->count = count;
	b->items = arena_alloc(&b->arena, (count + 1) * sizeof(*b->items));
	for (size_t i = 0; i < count; i++) {
		memcpy(b->items[i].id, ids[i], ID_TEXT);
		/* Made now, so that who tries it and who does it speak of the same. */
		id_new(b->items[i].envelope_id);
	}
}

void batch_finish(struct batch *b)
{
	arena_finish(&b->arena);
	free(b->asking);
	memset(b, 0, sizeof(*b));
}

struct envelope batch_envelope(const struct batch *b, const struct batch_item *item)
{
	return (struct envelope){
		.id = item->envelope_id,
		.action = b->action,
		.record = item->id,
		.base_version = item->version,
		.args = b->args,
	};
}

static bool is_typed_in(const struct desk *d, const char *id)
{
	const char *others = desk_others(d, id);

	return others != NULL && strstr(others, "\ttypes\n") != NULL;
}

/* Nothing that anybody could see would become different. */
static bool is_same(const struct batch *b, const struct ticket *before, const struct ticket *after)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct ticket as_if = *after;

	if (b->args.reason != NULL && b->args.reason[0] != '\0')
		return false;
	if (b->action->id == ACT_NOTE)
		return false;
	as_if.updated_at = before->updated_at;
	for (size_t i = 0; i < type->field_count; i++)
		if (!record_same_value(&type->fields[i], before, &as_if))
			return false;
	return true;
}

/* As cache_ticket(), without what was looked at once for all of them. */
static bool find_ticket(struct desk *d, const char *id, struct ticket *ret, struct arena *a,
			struct err *err)
{
	const struct queue_row *waiting = pending_find(&d->cache->pending, id);
	struct queue_row row;

	if (waiting != NULL) {
		*ret = waiting->ticket;
		return true;
	}
	if (!mirror_ticket(d->cache, id, &row, a, err))
		return false;
	*ret = row.ticket;
	return true;
}

static void plan_item(struct desk *d, struct batch *b, struct batch_item *item, int64_t now,
		      struct arena *scratch)
{
	struct envelope e = batch_envelope(b, item);
	struct ticket before, after;
	struct topic topic = {0};
	struct err err = {0};
	bool has_topic;

	if (!find_ticket(d, item->id, &before, scratch, &err)) {
		item->fate = BATCH_GONE;
		item->why = err.kind == ERR_NOT_FOUND ? NULL : arena_strdup(&b->arena, err.text);
		return;
	}
	item->version = before.version;
	item->waits = pending_find(&d->cache->pending, item->id) != NULL;
	item->number = arena_strdup(&b->arena, before.number);
	item->subject = arena_strdup(&b->arena, before.subject);
	after = before;
	has_topic = b->action->id == ACT_TOPIC &&
		    mirror_topic(d->cache, b->args.topic_id, &topic, scratch);
	if (!can(&d->me, b->action->id, &before))
		err_set(&err, ERR_DENIED, _("you may not do this"));
	else
		ticket_apply(&after, &e, has_topic ? &topic : NULL, d->me.agent_id, now, &err);
	if (err.kind != ERR_NONE) {
		item->fate = BATCH_CANNOT;
		item->why = arena_strdup(&b->arena, err.text);
	} else if (is_same(b, &before, &after)) {
		item->fate = BATCH_SAME;
	} else if (is_typed_in(d, item->id)) {
		item->fate = BATCH_TYPING;
		item->why = arena_strdup(&b->arena, desk_others(d, item->id));
	} else {
		item->fate = BATCH_DOES;
	}
}

bool desk_plan(struct desk *d, struct batch *b, size_t max, struct err *err)
{
	struct arena scratch = {0};
	int64_t now = clock_now();
	bool within;

	if (b->planned == 0 && !args_check(b->action, &b->args, err))
		return false;
	if (d->cache == NULL) {
		err_set(err, ERR_NOT_FOUND, _("nothing was fetched from the service yet"));
		return false;
	}
	cache_follow(d->cache);
	if (!pending_load(d->cache, d->work, err))
		return false;
	within = store_begin_read(d->cache->store, NULL);
	for (; max > 0 && b->planned < b->count; max--) {
		struct batch_item *item = &b->items[b->planned++];

		arena_reset(&scratch);
		plan_item(d, b, item, now, &scratch);
		b->fates[item->fate]++;
	}
	if (within)
		store_rollback(d->cache->store);
	arena_finish(&scratch);
	return true;
}

void desk_plan_again(struct batch *b)
{
	memset(b->fates, 0, sizeof(b->fates));
	b->planned = 0;
}

/* Just before it is done, a colleague may have begun to type. */
static bool is_wanted(const struct desk *d, const struct batch *b, const struct batch_item *item)
{
	if (item->fate != BATCH_DOES && item->fate != BATCH_TYPING)
		return false;
	return b->with_typing || !is_typed_in(d, item->id);
}

bool desk_do_many(struct desk *d, struct batch *b, size_t *ret_done, struct err *err)
{
	struct arena a = {0};
	struct work_item *items;
	size_t n = 0;
	bool ok;

	if (!desk_plan(d, b, b->count, err))
		return false;
	items = arena_alloc(&a, (b->count + 1) * sizeof(*items));
	for (size_t i = 0; i < b->count; i++) {
		const struct batch_item *item = &b->items[i];

		if (is_wanted(d, b, item))
			items[n++] = (struct work_item){batch_envelope(b, item), item->number,
							item->subject};
	}
	ok = n == 0 || work_append_many(d->work, b->id, items, n, clock_now(), err);
	arena_finish(&a);
	if (!ok)
		return false;
	*ret_done = n;
	if (n > 0 && d->port != NULL)
		port_to_sync(d->port, PORT_OUTBOX, NULL, 0, false, NULL);
	return true;
}
