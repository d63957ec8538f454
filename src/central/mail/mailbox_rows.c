/* What the town keeps of its mailboxes. */
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "central_sql.h"
#include "mailbox.h"

#define RETRY_FIRST_MS 2000
#define RETRY_MOST_MS (10 * 60000)

int64_t mailbox_validity(const struct mailbox_place *p)
{
	return (p->generation << 32) + p->uidvalidity;
}

bool mailbox_place_get(struct town *t, const char *name, struct mailbox_place *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_MAILBOX_PLACE_GET);
	struct mailbox_place p = {0};
	enum store_step step;

	store_bind_text(q, 1, name);
	step = store_step(q, err);
	if (step == STORE_ROW)
		p = (struct mailbox_place){true,
					   store_column_int(q, 0),
					   store_column_int(q, 1),
					   store_column_int(q, 2),
					   store_column_int(q, 3),
					   store_column_int(q, 4)};
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = p;
	return true;
}

bool mailbox_place_put(struct town *t, const char *name, const struct mailbox_place *p,
		       struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_MAILBOX_PLACE_PUT);

	store_bind_text(q, 1, name);
	store_bind_int(q, 2, p->uidvalidity);
	store_bind_int(q, 3, p->generation);
	store_bind_int(q, 4, p->uid_next);
	store_bind_int(q, 5, p->since);
	store_bind_int(q, 6, p->seen_at);
	return store_run(q, err);
}

static struct store_query *uid_query(struct town *t, unsigned statement, const char *name,
				     int64_t validity, uint32_t uid)
{
	struct store_query *q = store_query(t->store, statement);

	store_bind_text(q, 1, name);
	store_bind_int(q, 2, validity);
	store_bind_int(q, 3, uid);
	return q;
}

bool mailbox_retry_put(struct town *t, const char *name, int64_t validity, uint32_t uid,
		       const char *reason, int64_t now, struct err *err)
{
	struct store_query *q = uid_query(t, CENTRAL_SQL_MAILBOX_RETRY_TRIES, name, validity, uid);
	enum store_step step = store_step(q, err);
	int64_t tries = step == STORE_ROW ? store_column_int(q, 0) : 0;
	int64_t wait = RETRY_FIRST_MS;

	store_done(q);
	if (step == STORE_FAILED)
		return false;
	for (int64_t i = 0; i < tries && wait < RETRY_MOST_MS; i++)
		wait *= 2;
	q = uid_query(t, CENTRAL_SQL_MAILBOX_RETRY_PUT, name, validity, uid);
	store_bind_int(q, 4, now + mailbox_limit(wait < RETRY_MOST_MS ? wait : RETRY_MOST_MS));
	store_bind_text(q, 5, reason);
	return store_run(q, err);
}

bool mailbox_retry_drop(struct town *t, const char *name, int64_t validity, uint32_t uid,
			struct err *err)
{
	return store_run(uid_query(t, CENTRAL_SQL_MAILBOX_RETRY_DROP, name, validity, uid), err);
}

bool mailbox_told(struct town *t, const char *name, int64_t validity, uint32_t uid, struct err *err)
{
	return store_run(uid_query(t, CENTRAL_SQL_LEDGER_TOLD, name, validity, uid), err);
}

bool mailbox_uids(struct town *t, int statement, const char *name, int64_t validity, int64_t third,
		  int64_t fourth, uint32_t *ret, size_t max, size_t *ret_count, struct err *err)
{
	struct store_query *q = store_query(t->store, (unsigned)statement);
	enum store_step step;
	size_t n = 0;

	store_bind_text(q, 1, name);
	store_bind_int(q, 2, validity);
	if (third >= 0)
		store_bind_int(q, 3, third);
	if (fourth >= 0)
		store_bind_int(q, 4, fourth);
	while ((step = store_step(q, err)) == STORE_ROW && n < max)
		ret[n++] = (uint32_t)store_column_int(q, 0);
	store_done(q);
	*ret_count = n;
	return step != STORE_FAILED;
}

bool mailbox_forget_uids(struct town *t, const char *name, int64_t validity, struct err *err)
{
	static const unsigned statements[] = {CENTRAL_SQL_MAILBOX_RETRY_OLD,
					      CENTRAL_SQL_LEDGER_TOLD_OLD};

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		struct store_query *q = store_query(t->store, statements[i]);

		store_bind_text(q, 1, name);
		store_bind_int(q, 2, validity);
		if (!store_run(q, err))
			return false;
	}
	return true;
}

bool mailbox_is_twin(struct town *t, const char *name, const char *sha256, int64_t validity,
		     bool *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_LEDGER_TWINS);
	enum store_step step;
	bool twin;

	store_bind_text(q, 1, name);
	store_bind_text(q, 2, sha256);
	store_bind_int(q, 3, validity);
	step = store_step(q, err);
	twin = step == STORE_ROW && store_column_int(q, 1) < store_column_int(q, 0);
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = twin;
	return true;
}

/* ---- records ---- */

static struct mark mark_now(char operation[ID_TEXT], int64_t now)
{
	return (struct mark){.operation = id_new(operation), .action = "mailbox", .at = now};
}

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool read_record(struct town *t, const char *name, struct mailbox *ret, bool *ret_found,
			struct arena *a, struct err *err)
{
	struct err own = {0};
	const char *id;

	*ret_found = mailbox_by_name(t, name, &id, a, &own);
	if (*ret_found)
		return town_read(t, RECORD_MAILBOX, id, NULL, ret, a, err);
	if (own.kind == ERR_NOT_FOUND)
		return true;
	*err = own;
	return false;
}

/* One that the configuration names wrongly is told in the log, and is nobody's. */
static const char *find_named(struct town *t, const char *name,
			      bool (*find)(struct town *, const char *, const char **,
					   struct arena *, struct err *),
			      struct arena *a)
{
	const char *id = NULL;

	return name != NULL && find(t, name, &id, a, NULL) ? id : NULL;
}

static bool put_record(struct town *t, const struct mailbox_config *c, int64_t now, struct arena *a,
		       struct err *err)
{
	char operation[ID_TEXT], id[ID_TEXT];
	struct mark mark = mark_now(operation, now);
	struct mailbox before = {0}, after;
	bool found;

	if (!read_record(t, c->name, &before, &found, a, err))
		return false;
	after = before;
	after.name = c->name;
	after.address = c->address;
	after.team_id = find_named(t, c->team, team_by_name, a);
	after.topic_id = find_named(t, c->topic, topic_by_name, a);
	if (!found) {
		after.id = id_new(id);
		after.active = true;
		after.since = now;
		return town_insert(t, RECORD_MAILBOX, &after, NULL, &mark, a, err);
	}
	/* It is configured again. */
	if (before.reason != NULL && strcmp(before.reason, "not-configured") == 0) {
		after.state = MAILBOX_OK;
		after.reason = NULL;
		after.since = now;
	}
	if (same(before.address, after.address) && same(before.team_id, after.team_id) &&
	    same(before.topic_id, after.topic_id) && same(before.reason, after.reason))
		return true;
	return town_update(t, RECORD_MAILBOX, &before, &after, &mark, err);
}

static bool retire(struct town *t, const char *name, int64_t now, struct arena *a, struct err *err)
{
	char operation[ID_TEXT];
	struct mark mark = mark_now(operation, now);
	struct mailbox before, after;
	bool found;

	if (!read_record(t, name, &before, &found, a, err))
		return false;
	if (!found || (before.reason != NULL && strcmp(before.reason, "not-configured") == 0))
		return true;
	after = before;
	after.state = MAILBOX_FAILING;
	after.reason = "not-configured";
	after.since = now;
	return town_update(t, RECORD_MAILBOX, &before, &after, &mark, err);
}

bool mailbox_records(struct town *t, const struct mail_config *config, int64_t now, struct arena *a,
		     struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_MAILBOX_ACTIVES);
	const char **names = NULL;
	size_t count = 0;
	enum store_step step;
	bool ok;

	while ((step = store_step(q, err)) == STORE_ROW) {
		names = xrealloc(names, (count + 1) * sizeof(*names));
		names[count++] = arena_strdup(a, store_column_text(q, 0));
	}
	store_done(q);
	ok = step != STORE_FAILED;
	for (size_t i = 0; i < count && ok; i++)
		if (mail_config_find(config, names[i]) == NULL)
			ok = retire(t, names[i], now, a, err);
	for (size_t i = 0; i < config->count && ok; i++)
		ok = put_record(t, &config->mailboxes[i], now, a, err);
	free(names);
	return ok;
}

static bool count_unknown(struct town *t, const char *name, int64_t *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_MAILBOX_RETRY_COUNT);
	enum store_step step;

	store_bind_text(q, 1, name);
	step = store_step(q, err);
	*ret = step == STORE_ROW ? store_column_int(q, 0) : 0;
	store_done(q);
	return step != STORE_FAILED;
}

/* The code of a reason, without what it is about: that may differ at each try. */
static bool same_code(const char *a, const char *b)
{
	size_t n;

	if (a == NULL || b == NULL)
		return a == b;
	n = strcspn(a, " ");
	return n == strcspn(b, " ") && strncmp(a, b, n) == 0;
}

bool mailbox_state_put(struct town *t, const char *name, const char *reason, int64_t now,
		       struct arena *a, struct err *err)
{
	char operation[ID_TEXT];
	struct mark mark = mark_now(operation, now);
	struct mailbox before, after;
	bool found;

	if (!read_record(t, name, &before, &found, a, err))
		return false;
	if (!found)
		return true;
	after = before;
	if (!count_unknown(t, name, &after.unknown, err))
		return false;
	after.state = reason != NULL	  ? MAILBOX_FAILING
		      : after.unknown > 0 ? MAILBOX_UNKNOWN
					  : MAILBOX_OK;
	if (!same_code(before.reason, reason))
		after.reason = reason;
	if (after.state == before.state && after.unknown == before.unknown &&
	    same_code(before.reason, after.reason))
		return true;
	if (after.state != before.state)
		after.since = now;
	return town_update(t, RECORD_MAILBOX, &before, &after, &mark, err);
}
