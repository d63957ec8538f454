/* What the service sends, into the mirror. */
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "room.h"

union record {
	struct team team;
	struct agent agent;
	struct topic topic;
	struct party party;
	struct ticket ticket;
	struct contact contact;
	struct message message;
	struct note note;
	struct template template;
	struct mailbox mailbox;
};

struct cJSON *apply_parse(const struct call *c, struct err *err)
{
	struct err why = {0};
	struct cJSON *json =
		wire_parse(c->body.data != NULL ? c->body.data : "", c->body.len, &why);

	/* Cut off or garbled on the way: like no answer. */
	if (json == NULL)
		err_set(err, ERR_NET, _("the service's answer cannot be read: %s"), why.text);
	return json;
}

static unsigned watch_of(enum record_kind kind)
{
	switch (kind) {
	case RECORD_TEAM:
	case RECORD_AGENT:
	case RECORD_TOPIC:
	case RECORD_TEMPLATE:
	case RECORD_MAILBOX:
		return WATCH_REFERENCE;
	case RECORD_PARTY:
	case RECORD_CONTACT:
	case RECORD_TICKET:
		return WATCH_TICKETS;
	case RECORD_MESSAGE:
	case RECORD_NOTE:
		return WATCH_TIMELINE;
	}
	return 0;
}

static const char *id_of(const union record *r)
{
	/* Every record begins with its id. */
	return r->team.id;
}

bool apply_record(struct sync *s, enum record_kind kind, const struct cJSON *record,
		  struct err *err)
{
	const struct record_type *type = &record_types[kind];
	union record r = {0};
	struct err why = {0};

	arena_reset(&s->arena);
	if (!wire_get(record, type->fields, type->field_count, false, &r, &s->arena, NULL, &why) ||
	    id_of(&r) == NULL) {
		log_line(LOG_LEVEL_ERROR, "a %s of the service is left out: %s", type->name,
			 why.kind != ERR_NONE ? why.text : "it has no id");
		return true;
	}
	s->report.fetched[kind]++;
	sync_changed(s, watch_of(kind));
	return cache_put(s->cache, kind, &r, err);
}

/* The journal's table without what the wire writes otherwise: seq is text there, the record's id is
 * called id. */
static size_t wire_change_fields(struct field *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < change_field_count && n < max; i++)
		if (strcmp(change_fields[i].name, "seq") != 0)
			ret[n++] = change_fields[i];
	return n;
}

bool apply_history(struct sync *s, const struct cJSON *row, struct err *err)
{
	struct change change = {0};
	struct field fields[16];
	size_t count = wire_change_fields(fields, 16);
	struct err why = {0};

	arena_reset(&s->arena);
	if (!wire_get(row, fields, count, false, &change, &s->arena, NULL, &why)) {
		log_line(LOG_LEVEL_ERROR, "a change of the service is left out: %s", why.text);
		return true;
	}
	change.seq = json_number(row, "seq");
	if (change.record_id == NULL)
		change.record_id = json_text(row, "id");
	if (change.ticket_id == NULL && change.type == RECORD_TICKET)
		change.ticket_id = change.record_id;
	if (change.seq <= 0 || change.ticket_id == NULL)
		return true;
	sync_changed(s, WATCH_TIMELINE);
	return cache_put_change(s->cache, &change, err);
}

bool apply_change_row(struct sync *s, const struct cJSON *row, struct err *err)
{
	int kind = record_kind_find(json_text(row, "type"));
	const char *op = json_text(row, "op"), *id = json_text(row, "id");
	const struct cJSON *record = json_member(row, "record");

	/* A type that only newer clients know. */
	if (kind < 0 || op == NULL || id == NULL)
		return true;
	if (strcmp(op, "gone") == 0) {
		s->report.gone++;
		sync_changed(s, watch_of((enum record_kind)kind) | WATCH_TIMELINE);
		return cache_gone(s->cache, (enum record_kind)kind, id, err);
	}
	if (record != NULL && !apply_record(s, (enum record_kind)kind, record, err))
		return false;
	return json_text(row, "operation") == NULL || apply_history(s, row, err);
}
