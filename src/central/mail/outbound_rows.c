/* The rows of mail_out, and what becomes of one mail. Everything here runs in a transaction; nothing
 * speaks to a mail server. */
#include <stdio.h>
#include <string.h>
#include <cjson/cJSON.h>
#include "outbound_rows.h"
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "balie/wire.h"
#include "central_sql.h"

#define MINUTE_MS INT64_C(60000)
#define ORPHANS_MAX 100
#define REASON_BYTES_MAX 380

static const char *const state_codes[OUTBOUND_STATES] = {"waiting", "handing", "failed",
							 "uncertain"};

int64_t outbound_delay(int64_t tries)
{
	static const int minutes[] = {1, 2, 5, 15, 60};
	int64_t last = (int64_t)(sizeof(minutes) / sizeof(minutes[0])) - 1;

	return minutes[tries < 1 ? 0 : tries - 1 > last ? last : tries - 1] * MINUTE_MS;
}

/* ---- lists ---- */

const char **outbound_list(const char *json, size_t *ret_count, struct arena *a)
{
	struct cJSON *list = json != NULL ? wire_parse(json, strlen(json), NULL) : NULL;
	const char **ret = arena_alloc(a, MAIL_RECIPIENTS_MAX * sizeof(*ret));
	const struct cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach(item, list)
	{
		if (cJSON_IsString(item) && n < MAIL_RECIPIENTS_MAX)
			ret[n++] = arena_strdup(a, item->valuestring);
	}
	wire_free(list);
	*ret_count = n;
	return ret;
}

const char *outbound_json(const char *const *list, size_t count, struct arena *a)
{
	struct buf b = {0};
	const char *ret;

	buf_add_char(&b, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(&b, ',');
		wire_put_text(&b, list[i]);
	}
	buf_add_char(&b, ']');
	ret = arena_strndup(a, b.data, b.len);
	buf_finish(&b);
	return ret;
}

/* ---- rows ---- */

bool outbound_get(struct town *t, const char *message_id, struct outbound_row *ret, struct arena *a,
		  struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_GET);
	enum store_step step;
	const char *state;

	store_bind_text(q, 1, message_id);
	step = store_step(q, err);
	if (step == STORE_ROW) {
		memset(ret, 0, sizeof(*ret));
		ret->message_id = arena_strdup(a, message_id);
		ret->mailbox = arena_strdup(a, store_column_text(q, 0));
		ret->sender = arena_strdup(a, store_column_text(q, 1));
		ret->recipients = arena_strdup(a, store_column_text(q, 2));
		state = store_column_text(q, 3);
		for (int i = 0; i < OUTBOUND_STATES; i++)
			if (strcmp(state, state_codes[i]) == 0)
				ret->state = i;
		ret->tries = store_column_int(q, 4);
		ret->next_at = store_column_int(q, 5);
		ret->made_at = store_column_int(q, 6);
		ret->holder = arena_strdup(a, store_column_text(q, 7));
		ret->evidence = arena_strdup(a, store_column_text(q, 8));
		ret->is_auto = store_column_int(q, 9) != 0;
		ret->refused = arena_strdup(a, store_column_text(q, 10));
		ret->given = store_column_int(q, 11);
	} else if (step == STORE_DONE) {
		err_set(err, ERR_NOT_FOUND, _("this mail waits no more"));
	}
	store_done(q);
	return step == STORE_ROW;
}

bool outbound_put(struct town *t, const struct outbound_row *row, int64_t handed_at,
		  struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_PUT);

	store_bind_text(q, 1, row->message_id);
	store_bind_text(q, 2, row->recipients);
	store_bind_text(q, 3, state_codes[row->state]);
	store_bind_int(q, 4, row->tries);
	store_bind_int(q, 5, row->next_at);
	store_bind_text(q, 6, row->holder);
	store_bind_int_or_null(q, 7, handed_at);
	store_bind_text(q, 8, row->evidence);
	store_bind_text(q, 9, row->refused);
	store_bind_int(q, 10, row->given);
	return store_run(q, err);
}

bool outbound_drop(struct town *t, const char *message_id, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_DROP);

	store_bind_text(q, 1, message_id);
	return store_run(q, err);
}

bool outbound_again(struct town *t, const char *message_id, int64_t at, struct arena *a,
		    struct err *err)
{
	const char **left, **refused, **all;
	size_t left_count, refused_count;
	struct outbound_row row;

	if (!outbound_get(t, message_id, &row, a, err))
		return false;
	left = outbound_list(row.recipients, &left_count, a);
	refused = outbound_list(row.refused, &refused_count, a);
	all = arena_alloc(a, (left_count + refused_count + 1) * sizeof(*all));
	memcpy(all, left, left_count * sizeof(*all));
	memcpy(all + left_count, refused, refused_count * sizeof(*all));
	row.recipients = outbound_json(all, left_count + refused_count, a);
	row.refused = NULL;
	row.state = OUTBOUND_WAITING;
	row.tries = 0;
	row.next_at = at;
	row.holder = NULL;
	return outbound_put(t, &row, 0, err);
}

/* ---- the message ---- */

/* Codes are parted by "; ", so what others say must not hold it. */
const char *outbound_reason(struct arena *a, const char *code, const char *words)
{
	char *ret;
	size_t n;

	if (code == NULL)
		return NULL;
	ret = arena_printf(a, "%s%s%s", code, words != NULL && words[0] != '\0' ? " " : "",
			   words != NULL ? words : "");
	for (char *p = ret; *p != '\0'; p++)
		if (*p == ';')
			*p = ',';
	n = strlen(ret);
	if (n > REASON_BYTES_MAX)
		for (n = REASON_BYTES_MAX; n > 0 && ((unsigned char)ret[n] & 0xc0) == 0x80;)
			n--;
	ret[n] = '\0';
	return ret;
}

/* Writes state and reason of a message when they became different. */
bool outbound_put_message(struct town *t, const char *id, int state, const char *reason,
			  int64_t now, struct arena *a, struct err *err)
{
	struct message before, after;
	char operation[ID_TEXT];
	struct mark mark = {.operation = id_new(operation), .action = "deliver", .at = now};

	if (!town_read(t, RECORD_MESSAGE, id, NULL, &before, a, err))
		return false;
	/* A try more of the same is no news. */
	if (before.state == state && text_same(before.reason, reason))
		return true;
	after = before;
	after.state = state;
	after.reason = reason;
	return town_update(t, RECORD_MESSAGE, &before, &after, &mark, err);
}

/* ---- claiming ---- */

static bool find_due(struct town *t, const char *mailbox, int64_t now, const char **ret,
		     struct arena *a, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_DUE);
	enum store_step step;

	store_bind_text(q, 1, mailbox);
	store_bind_int(q, 2, now);
	step = store_step(q, err);
	*ret = step == STORE_ROW ? arena_strdup(a, store_column_text(q, 0)) : NULL;
	store_done(q);
	return step != STORE_FAILED;
}

/* *ret NULL: it has none yet. */
static bool read_raw(struct town *t, const char *message_id, const void **ret, size_t *ret_len,
		     struct arena *a, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_RAW_GET);
	enum store_step step;
	const void *data;

	store_bind_text(q, 1, message_id);
	step = store_step(q, err);
	*ret = NULL;
	*ret_len = 0;
	if (step == STORE_ROW) {
		data = store_column_blob(q, 0, ret_len);
		*ret = memcpy(arena_alloc(a, *ret_len + 1), data, *ret_len);
	}
	store_done(q);
	return step != STORE_FAILED;
}

/* What goes out is kept byte for byte, and goes out the same at each try. */
static bool keep_raw(struct town *t, const struct message *before, const struct mail_built *built,
		     const struct mark *mark, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_RAW_ADD);
	struct message after = *before;
	char id[ID_TEXT], sha256[HASH_TEXT];

	after.has_raw = true;
	store_bind_text(q, 1, id_new(id));
	store_bind_text(q, 2, before->id);
	store_bind_text(q, 3, hash_hex(built->bytes, built->len, sha256));
	store_bind_blob(q, 4, built->bytes, built->len);
	return store_run(q, err) && town_update(t, RECORD_MESSAGE, before, &after, mark, err);
}

enum made { MADE, MADE_NOT, MADE_FAILED };

/* MADE_NOT: err says why it can never be sent. */
static enum made make_raw(struct town *t, const struct mailbox_config *box,
			  struct outbound_claim *c, int64_t now, struct arena *a, struct err *err)
{
	char operation[ID_TEXT];
	struct mark mark = {.operation = id_new(operation), .action = "deliver", .at = now};
	struct message message;
	struct mail_built built;

	if (!read_raw(t, c->row.message_id, &c->raw, &c->len, a, err))
		return MADE_FAILED;
	if (c->raw != NULL)
		return MADE;
	if (!town_read(t, RECORD_MESSAGE, c->row.message_id, NULL, &message, a, err))
		return MADE_FAILED;
	if (!outbound_make(t, box, &message, c->row.is_auto, now, a, &built, err))
		return err->kind == ERR_INPUT || err->kind == ERR_INTERNAL ? MADE_NOT : MADE_FAILED;
	if (!keep_raw(t, &message, &built, &mark, err))
		return MADE_FAILED;
	c->raw = built.bytes;
	c->len = built.len;
	return MADE;
}

bool outbound_put_failed(struct town *t, struct outbound_row *row, const char *code,
			 const char *words, int64_t now, struct arena *a, struct err *err)
{
	row->state = OUTBOUND_FAILED;
	row->holder = NULL;
	row->evidence = words;
	return outbound_put(t, row, 0, err) &&
	       outbound_put_message(t, row->message_id, MESSAGE_FAILED,
				    outbound_reason(a, code, words), now, a, err);
}

/* *ret false: it can never be sent, and is out of the way. */
static bool take_up(struct town *t, const struct mailbox_config *box, struct outbound_claim *c,
		    int64_t now, bool *ret, struct arena *a, struct err *err)
{
	struct err why = {0};

	c->recipients = outbound_list(c->row.recipients, &c->recipient_count, a);
	*ret = false;
	if (box->smtp == NULL)
		return outbound_put_failed(t, &c->row, "no-mail", NULL, now, a, err);
	if (c->recipient_count == 0)
		return outbound_put_failed(t, &c->row, "no-address", NULL, now, a, err);
	switch (make_raw(t, box, c, now, a, &why)) {
	case MADE:
		*ret = true;
		return true;
	case MADE_NOT:
		return outbound_put_failed(t, &c->row, "unsendable", why.text, now, a, err);
	case MADE_FAILED:
		break;
	}
	/* Its message was taken out of sight by a hand: nobody waits for it. */
	if (why.kind == ERR_NOT_FOUND)
		return outbound_drop(t, c->row.message_id, err);
	*err = why;
	return false;
}

bool outbound_claim(struct town *t, const struct mailbox_config *box, const char *holder,
		    int64_t now, struct outbound_claim *ret, bool *ret_found, struct arena *a,
		    struct err *err)
{
	struct outbound_claim c;
	const char *id;
	bool ready = false;

	while (!ready) {
		memset(&c, 0, sizeof(c));
		if (!find_due(t, box->name, now, &id, a, err))
			return false;
		*ret_found = id != NULL;
		if (id == NULL)
			return true;
		if (!outbound_get(t, id, &c.row, a, err) ||
		    !take_up(t, box, &c, now, &ready, a, err))
			return false;
	}
	c.row.state = OUTBOUND_HANDING;
	c.row.holder = holder;
	if (!outbound_put(t, &c.row, now, err))
		return false;
	*ret = c;
	return true;
}

bool outbound_put_uncertain(struct town *t, struct outbound_row *row, const char *code,
			    const char *words, int64_t now, struct arena *a, struct err *err)
{
	row->state = OUTBOUND_UNCERTAIN;
	row->evidence = words;
	return outbound_put(t, row, 0, err) &&
	       outbound_put_message(t, row->message_id, MESSAGE_UNCERTAIN,
				    outbound_reason(a, code, words), now, a, err);
}

/* ---- after a death, or without a server ---- */

static size_t read_ids(struct town *t, struct store_query *q, const char **ids, struct arena *a,
		       struct err *err)
{
	enum store_step step;
	size_t n = 0;

	while ((step = store_step(q, err)) == STORE_ROW && n < ORPHANS_MAX)
		ids[n++] = arena_strdup(a, store_column_text(q, 0));
	store_done(q);
	return step == STORE_FAILED ? SIZE_MAX : n;
}

bool outbound_orphans(struct town *t, const char *mailbox, const char *holder, int64_t now,
		      struct arena *a, struct err *err)
{
	const char *ids[ORPHANS_MAX];
	struct outbound_row row;
	size_t n;

	do {
		struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_ORPHANS);

		store_bind_text(q, 1, mailbox);
		store_bind_text(q, 2, holder);
		n = read_ids(t, q, ids, a, err);
		if (n == SIZE_MAX)
			return false;
		for (size_t i = 0; i < n; i++)
			if (!outbound_get(t, ids[i], &row, a, err) ||
			    !outbound_put_uncertain(t, &row, "service-ended", NULL, now, a, err))
				return false;
	} while (n == ORPHANS_MAX);
	return true;
}

bool outbound_release(struct town *t, const char *mailbox, const char *holder, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_RELEASE);

	store_bind_text(q, 1, mailbox);
	store_bind_text(q, 2, holder);
	return store_run(q, err);
}

static bool fail_listed(struct town *t, struct store_query *q, const char *code, const char *words,
			int64_t now, size_t *ret_count, struct arena *a, struct err *err)
{
	const char *ids[ORPHANS_MAX];
	struct outbound_row row;
	size_t n = read_ids(t, q, ids, a, err);

	if (n == SIZE_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!outbound_get(t, ids[i], &row, a, err) ||
		    !outbound_put_failed(t, &row, code, words, now, a, err))
			return false;
	*ret_count = n;
	return true;
}

bool outbound_late(struct town *t, const char *mailbox, const char *evidence, int64_t now,
		   struct arena *a, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_DELAY_DUE);
	size_t n;

	store_bind_text(q, 1, mailbox);
	store_bind_int(q, 2, now);
	if (!store_run(q, err))
		return false;
	do {
		q = store_query(t->store, CENTRAL_SQL_OUT_EXPIRED);
		store_bind_text(q, 1, mailbox);
		store_bind_int(q, 2, now - OUTBOUND_GIVE_UP_MS);
		store_bind_int(q, 3, OUTBOUND_TRIES_MIN);
		if (!fail_listed(t, q, "given-up", evidence, now, &n, a, err))
			return false;
	} while (n == ORPHANS_MAX);
	return true;
}

bool outbound_strays(struct town *t, const struct mail_config *config, int64_t now, struct arena *a,
		     struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_BOXES);
	const char *names[ORPHANS_MAX];
	size_t n = read_ids(t, q, names, a, err), done;

	if (n == SIZE_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (mail_config_find(config, names[i]) != NULL)
			continue;
		do {
			q = store_query(t->store, CENTRAL_SQL_OUT_OF_BOX);
			store_bind_text(q, 1, names[i]);
			if (!fail_listed(t, q, "mailbox-gone", names[i], now, &done, a, err))
				return false;
		} while (done == ORPHANS_MAX);
	}
	return true;
}

static bool count_late(struct town *t, const char *mailbox, int64_t *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_OUT_LATE);
	enum store_step step;

	store_bind_text(q, 1, mailbox);
	step = store_step(q, err);
	*ret = step == STORE_ROW ? store_column_int(q, 0) : 0;
	store_done(q);
	return step != STORE_FAILED;
}

bool outbound_tell(struct town *t, const char *mailbox, int64_t now, struct arena *a,
		   struct err *err)
{
	struct mailbox before, after;
	char operation[ID_TEXT];
	struct mark mark = {.operation = id_new(operation), .action = "deliver", .at = now};
	const char *id;
	struct err own = {0};

	if (!mailbox_by_name(t, mailbox, &id, a, &own)) {
		if (own.kind != ERR_NOT_FOUND)
			*err = own;
		return own.kind == ERR_NOT_FOUND;
	}
	if (!town_read(t, RECORD_MAILBOX, id, NULL, &before, a, err))
		return false;
	after = before;
	if (!count_late(t, mailbox, &after.waiting, err))
		return false;
	return after.waiting == before.waiting ||
	       town_update(t, RECORD_MAILBOX, &before, &after, &mark, err);
}
