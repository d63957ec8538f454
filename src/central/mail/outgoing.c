#include "outgoing.h"
#include <string.h>
#include <strings.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/wire.h"
#include "cjson/cJSON.h"
#include "central_sql.h"
#include "mail_build.h"
#include "mail_token.h"
#include "outbound.h"

#define AUTO_MAX 20 /* automatic mails to an address in a day */
#define FILES_MAX 50
#define FILES_BYTES (25u * 1024 * 1024)

struct making {
	struct town *t;
	struct outgoing *o;
	const struct mark *mark;
	struct arena *a;
	const char **pointer;
	struct mailbox box;
	struct mail_address receivers[MAIL_RECIPIENTS_MAX];
	size_t count;
	struct attachment files[FILES_MAX];
	size_t file_count, file_bytes;
};

/* ---- receivers ---- */

static void put_address(struct buf *b, const struct mail_address *at)
{
	if (b->len > 0)
		buf_add_str(b, ", ");
	if (at->name != NULL)
		buf_printf(b, "%s <%s>", at->name, at->addr);
	else
		buf_add_str(b, at->addr);
}

/* Adds what was typed to the receivers, and gives how it is shown. */
static bool add_receivers(struct making *m, const char *typed, const char *pointer,
			  const char **ret_shown, struct err *err)
{
	struct buf shown = {0};
	struct mail_addresses list;

	*m->pointer = pointer;
	if (!mail_addresses_parse(typed, m->a, &list, err))
		return false;
	if (list.count == 0 || list.count > MAIL_RECIPIENTS_MAX - m->count) {
		err_set(err, ERR_INPUT, _("a mail goes to 1 to %d receivers"), MAIL_RECIPIENTS_MAX);
		return false;
	}
	for (size_t i = 0; i < list.count; i++) {
		put_address(&shown, &list.items[i]);
		m->receivers[m->count++] = list.items[i];
	}
	*ret_shown = arena_strdup(m->a, shown.data);
	buf_finish(&shown);
	return true;
}

/* The reporter's first address that mail arrives at. reason: why there is none. */
static bool add_reporter(struct making *m, const char **ret_shown, const char **reason,
			 struct err *err)
{
	struct party party;
	struct cJSON *list, *item;
	const char *bad = NULL, *good = NULL;
	struct err own = {0};

	*reason = "no-address";
	if (m->o->ticket->party_id == NULL)
		return true;
	if (!town_read(m->t, RECORD_PARTY, m->o->ticket->party_id, NULL, &party, m->a, err) ||
	    !party_survivor(m->t, &party, m->a, err))
		return false;
	list = party.emails != NULL ? cJSON_Parse(party.emails) : NULL;
	cJSON_ArrayForEach(item, list)
	{
		const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(item, "value"));

		if (value == NULL)
			continue;
		if (cJSON_IsTrue(cJSON_GetObjectItem(item, "bad")))
			bad = bad != NULL ? bad : arena_strdup(m->a, value);
		else
			good = good != NULL ? good : arena_strdup(m->a, value);
	}
	cJSON_Delete(list);
	if (good == NULL && bad != NULL)
		*reason = arena_printf(m->a, "bad-address %s", bad);
	if (good == NULL)
		return true;
	*reason = NULL;
	if (add_receivers(m, good, "/to", ret_shown, &own))
		return true;
	*reason = arena_printf(m->a, "wrong-address %s", good);
	return true;
}

/* ---- from which mailbox ---- */

static bool find_mailbox(struct making *m, const char **ret, struct err *err)
{
	static const enum central_sql ways[] = {CENTRAL_SQL_MAILBOX_OF_TICKET,
						CENTRAL_SQL_MAILBOX_OF_TEAM,
						CENTRAL_SQL_MAILBOX_FIRST};
	const char *ids[] = {m->o->ticket->id, m->o->ticket->team_id, NULL};

	*ret = m->o->mailbox_id;
	for (size_t i = 0; *ret == NULL && i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct store_query *q = store_query(m->t->store, ways[i]);
		enum store_step step;

		if (ways[i] != CENTRAL_SQL_MAILBOX_FIRST)
			store_bind_text(q, 1, ids[i]);
		step = store_step(q, err);
		if (step == STORE_ROW)
			*ret = arena_strdup(m->a, store_column_text(q, 0));
		store_done(q);
		if (step == STORE_FAILED)
			return false;
	}
	return true;
}

/* ---- files ---- */

static bool wrong_file(struct making *m, const char *words, struct err *err)
{
	*m->pointer = "/attachments";
	err_set(err, ERR_INPUT, "%s", words);
	return false;
}

static bool add_file(struct making *m, const char *name, const char *type, struct store_query *q,
		     struct err *err)
{
	struct attachment *f = &m->files[m->file_count];
	size_t len = 0;
	const void *data = store_column_blob(q, 0, &len);

	if (m->file_count == FILES_MAX || len > FILES_BYTES - m->file_bytes)
		return wrong_file(m, _("these are more or larger files than a mail can take along"),
				  err);
	f->id = id_new(arena_alloc(m->a, ID_TEXT));
	f->name = arena_strdup(m->a, name);
	f->type = arena_strdup(m->a, type);
	f->data = memcpy(arena_alloc(m->a, len > 0 ? len : 1), data, len);
	f->size = len;
	m->file_bytes += len;
	m->file_count++;
	return true;
}

static bool add_upload(struct making *m, const struct cJSON *item, struct err *err)
{
	const char *sha = cJSON_GetStringValue(cJSON_GetObjectItem(item, "sha256"));
	const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(item, "name"));
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItem(item, "type"));
	struct store_query *q;
	enum store_step step;
	bool ok = false;

	if (sha == NULL || name == NULL || name[0] == '\0' || strlen(name) > 120 ||
	    (type != NULL && strlen(type) > 100) || strpbrk(name, "/\\\r\n") != NULL)
		return wrong_file(m, _("a file needs its sha256 and a name"), err);
	q = store_query(m->t->store, CENTRAL_SQL_UPLOAD_GET);
	store_bind_text(q, 1, sha);
	store_bind_text(q, 2, m->o->message->agent_id);
	step = store_step(q, err);
	if (step == STORE_ROW)
		ok = add_file(m, name, type != NULL ? type : "application/octet-stream", q, err);
	else if (step == STORE_DONE)
		wrong_file(m, _("this file was not sent to the service"), err);
	store_done(q);
	return ok;
}

static bool add_uploads(struct making *m, struct err *err)
{
	struct cJSON *list = NULL, *item;
	bool ok = true;

	if (m->o->attachments == NULL)
		return true;
	list = cJSON_Parse(m->o->attachments);
	if (!cJSON_IsArray(list))
		ok = wrong_file(m, _("the files are no list"), err);
	cJSON_ArrayForEach(item, list) ok = ok && add_upload(m, item, err);
	cJSON_Delete(list);
	return ok;
}

/* The files of a message that is sent on. */
static bool add_others(struct making *m, struct err *err)
{
	struct store_query *q;
	enum store_step step;
	bool ok = true;

	if (m->o->with_id == NULL)
		return true;
	q = store_query(m->t->store, CENTRAL_SQL_MESSAGE_FILES);
	store_bind_text(q, 1, m->o->with_id);
	while (ok && (step = store_step(q, err)) == STORE_ROW)
		ok = add_file(m, store_column_text(q, 1), store_column_text(q, 2), q, err);
	store_done(q);
	return ok && step != STORE_FAILED;
}

/* ---- the cap ---- */

static bool count_automatic(struct making *m, const char **reason, struct err *err)
{
	struct store_query *q;
	enum store_step step;

	for (size_t i = 0; i < m->count && *reason == NULL; i++) {
		q = store_query(m->t->store, CENTRAL_SQL_MAIL_AUTO_COUNT);
		store_bind_text(q, 1, m->receivers[i].addr);
		store_bind_int(q, 2, m->o->now / CLOCK_DAY_MS);
		step = store_step(q, err);
		if (step == STORE_ROW && store_column_int(q, 0) > AUTO_MAX)
			*reason = arena_printf(m->a, "too-many-automatic %s", m->receivers[i].addr);
		store_done(q);
		if (step == STORE_FAILED)
			return false;
	}
	return true;
}

/* ---- writing ---- */

static const char *receivers_json(struct making *m)
{
	struct buf b = {0};
	const char *ret;

	for (size_t i = 0; i < m->count; i++) {
		buf_add_char(&b, i > 0 ? ',' : '[');
		wire_put_text(&b, m->receivers[i].addr);
	}
	buf_add_char(&b, ']');
	ret = arena_strdup(m->a, b.data);
	buf_finish(&b);
	return ret;
}

static bool add_row(struct making *m, struct err *err)
{
	const struct message *msg = m->o->message;
	struct store_query *q = store_query(m->t->store, CENTRAL_SQL_MAIL_OUT_ADD);

	store_bind_text(q, 1, msg->id);
	store_bind_text(q, 2, m->box.name);
	store_bind_text(q, 3, m->box.address);
	store_bind_text(q, 4, receivers_json(m));
	store_bind_int(q, 5, msg->send_at);
	store_bind_int(q, 6, m->o->now);
	store_bind_int(q, 7, m->o->automatic);
	return store_run(q, err);
}

static bool add_message_id(struct making *m, struct err *err)
{
	unsigned char key[MAIL_KEY];
	char id[MAIL_TOKEN_TEXT];
	const char *at = strrchr(m->box.address, '@');

	if (!mail_token_key(m->t, key, err))
		return false;
	mail_token_message(key, m->o->ticket->number, m->o->message->id,
			   at != NULL ? at + 1 : "localhost", id);
	return mail_ref_add(m->t, id, m->o->message->id, m->o->ticket->id, err);
}

/* Whom it goes to and from where; reason: why it cannot be sent. */
static bool address_it(struct making *m, const char **reason, struct err *err)
{
	struct outgoing *o = m->o;
	struct message *msg = o->message;
	const char *mailbox = NULL;

	if (!find_mailbox(m, &mailbox, err))
		return false;
	if (mailbox == NULL) {
		*reason = "no-mail";
		msg->to_text = o->to != NULL ? o->to : o->ticket->party_name;
		msg->cc_text = o->cc;
		return true;
	}
	*m->pointer = "/mailbox_id";
	if (!town_read(m->t, RECORD_MAILBOX, mailbox, NULL, &m->box, m->a, err))
		return false;
	if (m->box.address == NULL)
		*reason = "no-mail";
	if (o->to != NULL && o->to[0] != '\0') {
		if (!add_receivers(m, o->to, "/to", &msg->to_text, err))
			return false;
	} else if (!add_reporter(m, &msg->to_text, reason, err)) {
		return false;
	}
	if (msg->to_text == NULL)
		msg->to_text = o->ticket->party_name;
	if (o->cc != NULL && o->cc[0] != '\0' &&
	    !add_receivers(m, o->cc, "/cc", &msg->cc_text, err))
		return false;
	return !o->automatic || *reason != NULL || count_automatic(m, reason, err);
}

bool outgoing_add(struct town *t, struct outgoing *o, const char **pointer, const struct mark *mark,
		  struct arena *a, struct err *err)
{
	struct making *m = arena_alloc(a, sizeof(*m));
	struct message *msg = o->message;
	const char *reason = NULL;

	memset(m, 0, sizeof(*m));
	m->t = t;
	m->o = o;
	m->mark = mark;
	m->a = a;
	m->pointer = pointer;
	*pointer = NULL;
	msg->direction = DIRECTION_OUT;
	msg->channel = CHANNEL_MAIL;
	if (!address_it(m, &reason, err) || !add_uploads(m, err) || !add_others(m, err))
		return false;
	*pointer = NULL;
	msg->state = reason == NULL ? MESSAGE_QUEUED : MESSAGE_NOT_SENT;
	msg->reason = reason;
	if (reason == NULL)
		msg->send_at = o->now + (o->automatic ? 0 : RECALL_MS);
	if (!message_insert(t, msg, NULL, 0, m->files, m->file_count, mark, a, err))
		return false;
	return reason != NULL || (add_message_id(m, err) && add_row(m, err));
}

static bool drop(struct town *t, enum central_sql statement, const char *message_id, bool *ret_late,
		 struct err *err)
{
	struct store_query *q = store_query(t->store, statement);

	store_bind_text(q, 1, message_id);
	if (!store_run(q, err))
		return false;
	*ret_late = store_changes(t->store) == 0;
	return true;
}

bool outgoing_recall(struct town *t, const char *message_id, bool *ret_late, struct err *err)
{
	return drop(t, CENTRAL_SQL_MAIL_OUT_RECALL, message_id, ret_late, err);
}

bool outgoing_settle(struct town *t, const char *message_id, bool *ret_late, struct err *err)
{
	struct outbound_row row;
	struct err own = {0};
	struct arena a = {0};
	bool there = outbound_get(t, message_id, &row, &a, &own);

	*ret_late = there && row.state == OUTBOUND_HANDING;
	if (!there && own.kind != ERR_NOT_FOUND)
		*err = own;
	arena_finish(&a);
	if (!there)
		return own.kind == ERR_NOT_FOUND;
	return *ret_late || outbound_drop(t, message_id, err);
}

/* To whom it was meant, as far as they do not have it. *ret false: it has no row any more. */
static bool again_to_same(struct town *t, const struct message *before, struct message *after,
			  const struct mark *mark, bool *ret, struct arena *a, struct err *err)
{
	struct err own = {0};

	*after = *before;
	after->state = MESSAGE_QUEUED;
	after->reason = NULL;
	after->send_at = mark->at + RECALL_MS;
	*ret = outbound_again(t, before->id, after->send_at, a, &own);
	if (!*ret && own.kind != ERR_NOT_FOUND)
		*err = own;
	if (!*ret)
		return own.kind == ERR_NOT_FOUND;
	return town_update(t, RECORD_MESSAGE, before, after, mark, err);
}

/* Its bytes are made anew, since others stand in its head. */
static bool forget_raw(struct town *t, const char *message_id, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_FORGET_RAW);

	store_bind_text(q, 1, message_id);
	return store_run(q, err);
}

bool outgoing_again(struct town *t, const struct message *before, struct message *after,
		    const char *to, const char **pointer, const struct mark *mark, struct arena *a,
		    struct err *err)
{
	struct making *m = arena_alloc(a, sizeof(*m));
	struct ticket ticket;
	struct outgoing o = {.message = after, .ticket = &ticket, .to = to, .now = mark->at};
	const char *reason = NULL;
	bool done, late;

	if (to == NULL) {
		if (!again_to_same(t, before, after, mark, &done, a, err) || done)
			return done;
	}
	*m = (struct making){.t = t, .o = &o, .mark = mark, .a = a, .pointer = pointer};
	*after = *before;
	if (o.to == NULL)
		o.to = before->to_text;
	o.cc = to == NULL ? before->cc_text : NULL;
	if (!town_read(t, RECORD_TICKET, before->ticket_id, NULL, &ticket, a, err) ||
	    !address_it(m, &reason, err) || !outgoing_settle(t, before->id, &late, err) ||
	    !forget_raw(t, before->id, err))
		return false;
	after->cc_text = o.cc;
	after->has_raw = false;
	after->state = reason == NULL ? MESSAGE_QUEUED : MESSAGE_NOT_SENT;
	after->reason = reason;
	after->send_at = reason == NULL ? o.now + RECALL_MS : 0;
	return town_update(t, RECORD_MESSAGE, before, after, mark, err) &&
	       (reason != NULL || (add_message_id(m, err) && add_row(m, err)));
}
