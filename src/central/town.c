/* Opening, transactions, meta. */
#include "town.h"
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "central_sql.h"
#include "words.h"

#define TOWN_APPLICATION_ID 0x42614C64u /* "BaLd" */

/* Filled by town_open(): the count of migrations is no constant expression in C. */
static struct store_schema schema_of(void)
{
	return (struct store_schema){
		.what = "town",
		.application_id = TOWN_APPLICATION_ID,
		.dialects[STORE_SQLITE] = {.migrations = central_sqlite_migrations,
					   .migration_count = central_sqlite_migration_count,
					   .statements = central_sqlite_statements},
		.dialects[STORE_POSTGRES] = {.migrations = central_postgres_migrations,
					     .migration_count = central_postgres_migration_count,
					     .statements = central_postgres_statements},
		.statement_count = CENTRAL_SQL_COUNT,
	};
}

const struct store_schema *town_schema(void)
{
	static struct store_schema schema;
	static bool made;

	/* Made by the first thread, before any other is started. */
	if (!made) {
		schema = schema_of();
		made = true;
	}
	return &schema;
}

/* A new database gets an epoch, so that a cursor of another one is known as such. */
static bool make_epoch(struct town *t, struct err *err)
{
	struct arena a = {0};
	char id[ID_TEXT];
	bool ok = false;

	if (!town_begin(t, err))
		goto out;
	if (!town_meta(t, "epoch", &a) && !town_set_meta(t, "epoch", id_new(id), err)) {
		town_rollback(t);
		goto out;
	}
	ok = town_commit(t, err);
out:
	arena_finish(&a);
	return ok;
}

bool town_open(struct town *ret, const char *url, unsigned flags, struct err *err)
{
	struct town t = {0};
	struct arena a = {0};
	bool ok = false;

	if (!store_open(&t.store, url, town_schema(), flags | STORE_MAPPED, err))
		goto out;
	if (town_meta(&t, "moving", &a)) {
		err_set(err, ERR_BUSY,
			_("a move into this town has not come to its end: do the same 'balied "
			  "move' once more, or begin again with an empty database"));
		goto out;
	}
	if (!(flags & STORE_READONLY) && !town_meta(&t, "epoch", &a) && !make_epoch(&t, err))
		goto out;
	if (!(flags & STORE_READONLY) && !words_complete(&t, err))
		goto out;
	*ret = t;
	memset(&t, 0, sizeof(t));
	ok = true;
out:
	arena_finish(&a);
	town_close(&t);
	return ok;
}

void town_close(struct town *t)
{
	store_close(t->store);
	buf_finish(&t->before);
	buf_finish(&t->after);
	memset(t, 0, sizeof(*t));
}

bool town_begin(struct town *t, struct err *err)
{
	t->chain_known = false;
	return store_begin(t->store, err);
}

bool town_commit(struct town *t, struct err *err)
{
	t->chain_known = false;
	return store_commit(t->store, err);
}

void town_rollback(struct town *t)
{
	t->chain_known = false;
	store_rollback(t->store);
}

bool town_savepoint(struct town *t, struct err *err)
{
	return store_savepoint(t->store, err);
}

bool town_release(struct town *t, struct err *err)
{
	return store_release(t->store, err);
}

void town_rollback_to(struct town *t)
{
	t->chain_known = false;
	store_rollback_to(t->store);
}

const char *town_meta(struct town *t, const char *key, struct arena *a)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_META_GET);
	const char *value = NULL;

	store_bind_text(q, 1, key);
	if (store_step(q, NULL) == STORE_ROW)
		value = arena_strdup(a, store_column_text(q, 0));
	store_done(q);
	return value;
}

bool town_set_meta(struct town *t, const char *key, const char *value, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_META_SET);

	store_bind_text(q, 1, key);
	store_bind_text(q, 2, value);
	return store_run(q, err);
}

bool town_last_seq(struct town *t, int64_t *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_JOURNAL_END);
	enum store_step step = store_step(q, err);

	if (step == STORE_ROW)
		*ret = store_column_int(q, 0);
	else if (step == STORE_DONE)
		*ret = 0;
	store_done(q);
	return step != STORE_FAILED;
}
