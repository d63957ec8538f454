/* Tickets and their numbers, messages with what came along, following. */
#include "town.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/wire.h"
#include "central_sql.h"

#define SERIAL_MAX 999999
#define MERGES_MAX 1000

bool ticket_insert(struct town *t, struct ticket *ticket, const struct mark *mark, struct arena *a,
		   struct err *err)
{
	return town_insert(t, RECORD_TICKET, ticket, NULL, mark, a, err);
}

static bool next_serial(struct town *t, const char *counter, int64_t *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_COUNTER_NEXT);
	enum store_step step;

	store_bind_text(q, 1, counter);
	step = store_step(q, err);
	if (step == STORE_ROW)
		*ret = store_column_int(q, 0);
	store_done(q);
	return step == STORE_ROW;
}

/* Tickets that came from elsewhere keep the number that they had. */
static bool number_taken(struct town *t, const char *number, bool *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_TICKET_BY_NUMBER);
	enum store_step step;

	store_bind_text(q, 1, number);
	step = store_step(q, err);
	store_done(q);
	*ret = step == STORE_ROW;
	return step != STORE_FAILED;
}

bool town_number(struct town *t, int64_t now, char ret[TRACKING_TEXT], struct err *err)
{
	char number[TRACKING_TEXT], name[32];
	struct clock_local at;
	int64_t serial = 0;
	bool taken = true;

	clock_local(now, &at);
	snprintf(name, sizeof(name), "number-%04d", at.year);
	while (taken) {
		if (!next_serial(t, name, &serial, err))
			return false;
		if (serial > SERIAL_MAX) {
			err_set(err, ERR_FULL, _("all tracking numbers of %d are used"), at.year);
			return false;
		}
		tracking_make(at.year % 100, serial, number);
		if (!number_taken(t, number, &taken, err))
			return false;
	}
	memcpy(ret, number, TRACKING_TEXT);
	return true;
}

bool ticket_by_number(struct town *t, const char *number, const char **ret_id, struct arena *a,
		      struct err *err)
{
	struct store_query *q;
	char normal[TRACKING_TEXT];
	enum store_step step;

	if (tracking_parse(number, normal) != CHECK_OK) {
		err_set(err, ERR_INPUT, _("this is no tracking number"));
		return false;
	}
	q = store_query(t->store, CENTRAL_SQL_TICKET_BY_NUMBER);
	store_bind_text(q, 1, normal);
	step = store_step(q, err);
	if (step == STORE_ROW)
		*ret_id = arena_strdup(a, store_column_text(q, 0));
	else if (step == STORE_DONE)
		err_set(err, ERR_NOT_FOUND, _("no ticket has this number"));
	store_done(q);
	return step == STORE_ROW;
}

bool ticket_survivor(struct town *t, struct ticket *ticket, const char *reader_id, struct arena *a,
		     struct err *err)
{
	const char *id;
	int hops;

	/* A chain of merges ends; the bound is for a file that was tampered with. */
	for (hops = 0; ticket->merged_into; hops++) {
		if (hops == MERGES_MAX) {
			err_set(err, ERR_CORRUPT, "ticket %s was merged in a circle",
				ticket->number);
			return false;
		}
		id = ticket->merged_into;
		memset(ticket, 0, sizeof(*ticket));
		if (!town_read(t, RECORD_TICKET, id, reader_id, ticket, a, err))
			return false;
	}
	return true;
}

bool party_survivor(struct town *t, struct party *party, struct arena *a, struct err *err)
{
	const char *id;
	int hops;

	for (hops = 0; party->merged_into; hops++) {
		if (hops == MERGES_MAX) {
			err_set(err, ERR_CORRUPT, "party %s was merged in a circle", party->id);
			return false;
		}
		id = party->merged_into;
		memset(party, 0, sizeof(*party));
		if (!town_read(t, RECORD_PARTY, id, NULL, party, a, err))
			return false;
	}
	return true;
}

bool ticket_on_desk(struct town *t, const struct viewer *v, const struct ticket *ticket,
		    int64_t now, bool *ret, struct arena *a, struct err *err)
{
	struct ticket last = *ticket;

	if (!ticket_survivor(t, &last, v->agent_id, a, err))
		return false;
	*ret = sees(v, ticket) && on_desk(v, &last, now);
	return true;
}

bool follow_set(struct town *t, const struct ticket *ticket, const char *agent_id, bool follow,
		const struct mark *mark, bool *ret_changed, struct err *err)
{
	struct store_query *q =
		store_query(t->store, follow ? CENTRAL_SQL_FOLLOW_ADD : CENTRAL_SQL_FOLLOW_REMOVE);
	struct journal_row row = {
		.mark = mark,
		.type = RECORD_TICKET,
		.record_id = ticket->id,
		.ticket_id = ticket->id,
		.team_before = ticket->team_id,
		.version = ticket->version,
		.before = follow ? "{\"followed\":false}" : "{\"followed\":true}",
		.after = follow ? "{\"followed\":true}" : "{\"followed\":false}",
	};

	store_bind_text(q, 1, ticket->id);
	store_bind_text(q, 2, agent_id);
	if (!store_run(q, err))
		return false;
	*ret_changed = store_changes(t->store) > 0;
	return !*ret_changed || journal_append(t, &row, err);
}

static bool add_raw(struct town *t, const struct message *m, const void *raw, size_t len,
		    struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_RAW_ADD);
	char id[ID_TEXT], hash[HASH_TEXT];

	store_bind_text(q, 1, id_new(id));
	store_bind_text(q, 2, m->id);
	store_bind_text(q, 3, hash_hex(raw, len, hash));
	store_bind_blob(q, 4, raw, len);
	return store_run(q, err);
}

static bool add_file(struct town *t, const struct message *m, const struct attachment *file,
		     size_t position, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_BLOB_ADD);
	char hash[HASH_TEXT];

	hash_hex(file->data, file->size, hash);
	store_bind_text(q, 1, hash);
	store_bind_blob(q, 2, file->size ? file->data : "", file->size);
	if (!store_run(q, err))
		return false;
	q = store_query(t->store, CENTRAL_SQL_ATTACHMENT_ADD);
	store_bind_text(q, 1, file->id);
	store_bind_text(q, 2, m->id);
	store_bind_int(q, 3, (int64_t)position);
	store_bind_text(q, 4, file->name);
	store_bind_text(q, 5, file->type);
	store_bind_int(q, 6, (int64_t)file->size);
	store_bind_text(q, 7, hash);
	return store_run(q, err);
}

/* [{"id":…,"name":…,"type":…,"size":n}] */
static const char *files_json(const struct attachment *files, size_t count, struct arena *a)
{
	struct buf b = {0};
	const char *text;
	size_t i;

	for (i = 0; i < count; i++) {
		buf_add_str(&b, i ? ",{\"id\":" : "[{\"id\":");
		wire_put_text(&b, files[i].id);
		buf_add_str(&b, ",\"name\":");
		wire_put_text(&b, files[i].name);
		buf_add_str(&b, ",\"type\":");
		wire_put_text(&b, files[i].type);
		buf_printf(&b, ",\"size\":%zu}", files[i].size);
	}
	buf_add_char(&b, ']');
	text = arena_strdup(a, b.data);
	buf_finish(&b);
	return text;
}

bool message_insert(struct town *t, struct message *message, const void *raw, size_t raw_len,
		    const struct attachment *files, size_t file_count, const struct mark *mark,
		    struct arena *a, struct err *err)
{
	size_t i;

	message->has_raw = raw != NULL;
	if (file_count)
		message->attachments = files_json(files, file_count, a);
	if (!town_insert(t, RECORD_MESSAGE, message, NULL, mark, a, err))
		return false;
	if (raw && !add_raw(t, message, raw, raw_len, err))
		return false;
	for (i = 0; i < file_count; i++)
		if (!add_file(t, message, &files[i], i, err))
			return false;
	return true;
}
