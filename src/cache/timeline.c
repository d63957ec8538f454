/* A ticket's timeline: what was written, noted and changed, and at its end what still waits. */
#include "balie/cache.h"
#include <stdlib.h>
#include <string.h>
#include "balie/text.h"
#include "balie/wire.h"
#include "cache_sql.h"
#include "room.h"

struct rows {
	struct timeline_row *items;
	size_t count, cap;
	struct arena *arena;
};

static struct timeline_row *add(struct rows *rows, enum timeline_kind kind)
{
	if (rows->count == rows->cap) {
		size_t cap = rows->cap == 0 ? 64 : rows->cap * 2;
		struct timeline_row *items = arena_alloc(rows->arena, cap * sizeof(*items));

		if (rows->count > 0)
			memcpy(items, rows->items, rows->count * sizeof(*items));
		rows->items = items;
		rows->cap = cap;
	}
	rows->items[rows->count].kind = kind;
	return &rows->items[rows->count++];
}

static void read_row(struct store_query *q, struct timeline_row *row, struct arena *a)
{
	const struct record_type *message = &record_types[RECORD_MESSAGE];
	const struct record_type *note = &record_types[RECORD_NOTE];

	switch (row->kind) {
	case TIMELINE_MESSAGE:
		store_column_fields(q, 0, message->fields, message->field_count, &row->message, a);
		row->at = row->message.created_at;
		row->agent_name = row->message.agent_id;
		break;
	case TIMELINE_NOTE:
		store_column_fields(q, 0, note->fields, note->field_count, &row->note, a);
		row->at = row->note.created_at;
		row->agent_name = row->note.agent_id;
		break;
	case TIMELINE_CHANGE:
		store_column_fields(q, 0, change_fields, change_field_count, &row->change, a);
		row->at = row->change.at;
		row->agent_name = row->change.agent_id;
		break;
	}
}

static bool read_kind(struct cache *c, struct rows *rows, unsigned statement,
		      enum timeline_kind kind, const char *ticket_id, const char *number,
		      struct err *err)
{
	struct store_query *q = store_query(c->store, statement);
	enum store_step step;

	store_bind_text(q, 1, ticket_id);
	while ((step = store_step(q, err)) == STORE_ROW) {
		struct timeline_row *row = add(rows, kind);

		read_row(q, row, rows->arena);
		row->number = number;
	}
	store_done(q);
	return step != STORE_FAILED;
}

/* Same moment: what was written stands before the change that it brought. */
static int compare(const void *a, const void *b)
{
	const struct timeline_row *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->kind == TIMELINE_CHANGE)
		return x->change.seq < y->change.seq ? -1 : x->change.seq > y->change.seq;
	return strcmp(x->kind == TIMELINE_NOTE ? x->note.id : x->message.id,
		      y->kind == TIMELINE_NOTE ? y->note.id : y->message.id);
}

bool timeline_provisional(const struct envelope *e, const char *me, int64_t at,
			  struct message *message, struct note *note)
{
	if (e->action->id == ACT_NOTE) {
		*note = (struct note){.id = e->id,
				      .ticket_id = e->record,
				      .agent_id = me,
				      .body = e->args.body,
				      .created_at = at};
		return true;
	}
	if (e->action->id == ACT_SAID) {
		*message = (struct message){
			.id = e->id,
			.ticket_id = e->record,
			.contact_id = e->args.contact_id,
			.direction = DIRECTION_IN,
			.channel = e->args.channel >= 0 ? e->args.channel : CHANNEL_PHONE,
			.state = MESSAGE_RECEIVED,
			.sender = SENDER_PERSON,
			.body = e->args.body,
			.created_at = at,
		};
		return true;
	}
	if (e->action->id != ACT_ANSWER && e->action->id != ACT_FORWARD)
		return false;
	*message = (struct message){
		.id = e->id,
		.ticket_id = e->record,
		.direction = DIRECTION_OUT,
		.contact_id = e->args.contact_id,
		.channel = e->args.channel >= 0 ? e->args.channel : CHANNEL_MAIL,
		.state = MESSAGE_QUEUED,
		.sender = SENDER_PERSON,
		.agent_id = me,
		.to_text = e->args.to,
		.cc_text = e->args.cc,
		.attachments = e->args.attachments,
		.subject = e->args.subject,
		.body = e->args.body != NULL ? e->args.body : "",
		.created_at = at,
	};
	return true;
}

bool record_same_value(const struct field *f, const void *a, const void *b)
{
	const void *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		return text_same(*(const char *const *)x, *(const char *const *)y);
	case FIELD_INT:
	case FIELD_TIME:
		return *(const int64_t *)x == *(const int64_t *)y;
	case FIELD_BOOL:
		return *(const bool *)x == *(const bool *)y;
	case FIELD_WORD:
		return *(const int *)x == *(const int *)y;
	}
	return true;
}

/* What an action that waits will change, told like a row of history. */
static void add_change(struct cache *c, struct rows *rows, struct ticket *t,
		       const struct outbox_row *out, const char *me)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct timeline_row *row = add(rows, TIMELINE_CHANGE);
	struct ticket before = *t;
	struct buf text = {0};
	struct field changed[40];
	size_t count = 0;

	row->change = (struct change){
		.operation = out->envelope.id,
		.action = out->envelope.action->name,
		.type = RECORD_TICKET,
		.record_id = out->envelope.record,
		.ticket_id = out->envelope.record,
		.agent_id = me,
		.at = out->at,
	};
	if (!pending_apply(c, t, out, me, rows->arena))
		return;
	for (size_t i = 0; i < type->field_count && count < 40; i++)
		if (strcmp(type->fields[i].name, "updated_at") != 0 &&
		    !record_same_value(&type->fields[i], &before, t))
			changed[count++] = type->fields[i];
	/* There was nothing before a new one. */
	if (out->envelope.action->id != ACT_CREATE) {
		wire_put(&text, changed, count, &before);
		row->change.before = arena_strdup(rows->arena, text.data);
		buf_reset(&text);
	}
	wire_put(&text, changed, count, t);
	row->change.after = arena_strdup(rows->arena, text.data);
	buf_finish(&text);
}

/* True when the mirror already holds what this action makes. */
static bool is_there(const struct rows *rows, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		const struct timeline_row *row = &rows->items[i];
		const char *has = row->kind == TIMELINE_MESSAGE ? row->message.id
				  : row->kind == TIMELINE_NOTE	? row->note.id
								: row->change.operation;

		if (text_same(has, id))
			return true;
	}
	return false;
}

static void add_waiting(struct cache *c, struct rows *rows, const struct family_member *member)
{
	const char *ticket_id = member->id;
	const char *me = cache_get(c, "me", rows->arena);
	const struct pending *p = &c->pending;
	size_t known = rows->count;
	struct queue_row base = {0};
	bool applied;

	if (p->ticket_count == 0 || pending_find(p, ticket_id) == NULL)
		return;
	applied = mirror_ticket(c, ticket_id, &base, rows->arena, NULL);
	for (size_t i = 0; i < p->out_count; i++) {
		const struct outbox_row *out = &p->out[i]->row;
		struct message message = {0};
		struct note note = {0};

		if (!text_same(out->envelope.record, ticket_id) ||
		    is_there(rows, known, out->envelope.id))
			continue;
		if (!timeline_provisional(&out->envelope, me, out->at, &message, &note)) {
			if (!applied)
				base.ticket = (struct ticket){.id = ticket_id, .subject = ""};
			add_change(c, rows, &base.ticket, out, me);
			applied = true;
		} else if (note.id != NULL) {
			add(rows, TIMELINE_NOTE)->note = note;
		} else {
			pending_apply(c, &base.ticket, out, me, rows->arena);
			add(rows, TIMELINE_MESSAGE)->message = message;
		}
		rows->items[rows->count - 1].at = out->at;
		rows->items[rows->count - 1].pending = true;
		rows->items[rows->count - 1].number = member->number;
		rows->items[rows->count - 1].agent_name = me;
	}
}

static bool is_complete(struct cache *c, const char *ticket_id)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_IS_COMPLETE);
	bool ret;

	store_bind_text(q, 1, ticket_id);
	ret = store_step(q, NULL) == STORE_ROW;
	store_done(q);
	return ret;
}

/* Until here agent_name held the id. */
static void name_agents(struct cache *c, struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct timeline_row *row = &rows->items[i];
		const char *name = names_get(c, NAME_AGENT, row->agent_name);

		row->agent_name = name[0] != '\0' ? arena_strdup(rows->arena, name) : NULL;
	}
}

/* Outbox rows belong to the pending set, which the next load frees: the caller gets copies. */
static void copy_waiting(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct timeline_row *row = &rows->items[i];

		if (!row->pending)
			continue;
		if (row->kind == TIMELINE_MESSAGE) {
			struct message m = row->message;
			record_copy(RECORD_MESSAGE, &m, &row->message, rows->arena);
		} else if (row->kind == TIMELINE_NOTE) {
			struct note n = row->note;
			record_copy(RECORD_NOTE, &n, &row->note, rows->arena);
		} else {
			row->change.operation = arena_strdup(rows->arena, row->change.operation);
			row->change.record_id = arena_strdup(rows->arena, row->change.record_id);
			row->change.ticket_id = row->change.record_id;
		}
	}
}

static bool read_member(struct cache *c, struct rows *rows, const struct family_member *member,
			struct err *err)
{
	const char *id = member->id, *number = member->number;

	return read_kind(c, rows, CACHE_SQL_MESSAGES, TIMELINE_MESSAGE, id, number, err) &&
	       read_kind(c, rows, CACHE_SQL_NOTES, TIMELINE_NOTE, id, number, err) &&
	       read_kind(c, rows, CACHE_SQL_HISTORY, TIMELINE_CHANGE, id, number, err);
}

bool cache_timeline(struct cache *c, struct work *w, const char *ticket_id,
		    struct timeline_row **ret, size_t *ret_count, bool *complete, struct arena *a,
		    struct err *err)
{
	struct rows rows = {.arena = a};
	struct family_member *family = arena_alloc(a, FAMILY_MAX * sizeof(*family));
	size_t count = 0;
	bool ok = false;

	cache_follow(c);
	names_check(c);
	if (!pending_load(c, w, err) || !store_begin_read(c->store, err))
		return false;
	if (!family_read(c, ticket_id, family, FAMILY_MAX, &count, a, err))
		goto out;
	*complete = true;
	for (size_t i = 0; i < count; i++) {
		if (!read_member(c, &rows, &family[i], err))
			goto out;
		*complete = *complete && is_complete(c, family[i].id);
	}
	if (rows.count > 0)
		qsort(rows.items, rows.count, sizeof(*rows.items), compare);
	for (size_t i = 0; i < count; i++)
		add_waiting(c, &rows, &family[i]);
	name_agents(c, &rows);
	copy_waiting(&rows);
	*ret = rows.items;
	*ret_count = rows.count;
	ok = true;
out:
	store_rollback(c->store);
	return ok;
}
