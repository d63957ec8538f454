#include "things.h"

#include <sqlite3.h>
#include <stdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "postgres.h"
#include "things_sql.h"

static const char *const colour_codes[] = {"red", "green", "blue"};
static const struct words colours = {colour_codes, colour_codes, 3};

/* clang-format off */
#define ROW(member, kind) {.name = #member, .type = kind, .offset = offsetof(struct thing, member)}
/* clang-format on */
const struct field thing_fields[THING_FIELDS] = {
	ROW(id, FIELD_ID),
	ROW(name, FIELD_TEXT),
	ROW(body, FIELD_LINES),
	ROW(count, FIELD_INT),
	ROW(done, FIELD_BOOL),
	ROW(at, FIELD_TIME),
	ROW(born, FIELD_DATE),
	{.name = "colour",
	 .type = FIELD_WORD,
	 .offset = offsetof(struct thing, colour),
	 .words = &colours},
	ROW(extra, FIELD_JSON),
};

const struct store_schema things_schema = {
	.what = "things",
	.application_id = 0xba11e001,
	.dialects[STORE_SQLITE] = {.migrations = things_sqlite_migrations,
				   .migration_count = 2,
				   .statements = things_sqlite_statements},
	.dialects[STORE_POSTGRES] = {.migrations = things_postgres_migrations,
				     .migration_count = 2,
				     .statements = things_postgres_statements},
	.statement_count = THINGS_SQL_COUNT,
};

struct arena things_arena;
struct err things_err;
static char dir[64];

struct store_schema things_until(size_t migrations)
{
	struct store_schema ret = things_schema;

	ret.dialects[STORE_SQLITE].migration_count = migrations;
	ret.dialects[STORE_POSTGRES].migration_count = migrations;
	return ret;
}

bool things_postgres(void)
{
	return postgres_wanted();
}

const char *things_either(const char *sqlite, const char *postgres)
{
	return things_postgres() ? postgres : sqlite;
}

const char *things_fresh(void)
{
	char url[POSTGRES_URL];

	if (!things_postgres())
		return ":memory:";
	postgres_database(url);
	return arena_strdup(&things_arena, url);
}

const char *things_path(const char *name)
{
	return arena_printf(&things_arena, "%s/%s", dir, name);
}

int things_start(void **state)
{
	(void)state;
	if (things_postgres())
		store_know_postgres();
	snprintf(dir, sizeof(dir), "/tmp/balie-store-XXXXXX");
	/* Others must be able to look in, for the test of what they may not. */
	return mkdtemp(dir) == NULL || chmod(dir, 0755) != 0 ? -1 : 0;
}

int things_finish(void **state)
{
	char command[sizeof(dir) + 16];
	(void)state;

	arena_finish(&things_arena);
	snprintf(command, sizeof(command), "rm -r '%s'", dir);
	return system(command);
}

struct store *things_open(const char *path, unsigned flags)
{
	struct store *st = NULL;

	if (!store_open(&st, path, &things_schema, flags, &things_err))
		fail_msg("%s", things_err.text);
	return st;
}

void things_check_err(enum err_kind kind, const char *part)
{
	if (things_err.kind != kind)
		fail_msg("kind %d, not %d: %s", (int)things_err.kind, (int)kind, things_err.text);
	if (strstr(things_err.text, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, things_err.text);
}

void things_refuse(const char *url, const struct store_schema *schema, unsigned flags,
		   enum err_kind kind, const char *part)
{
	struct store *st = NULL;

	things_err = (struct err){0};
	assert_false(store_open(&st, url, schema, flags, &things_err));
	assert_null(st);
	things_check_err(kind, part);
	assert_false(store_open(&st, url, schema, flags, NULL));
}

static void *open_in_thread(void *url)
{
	struct store *st = NULL;
	struct err err = {0};

	if (!store_open(&st, url, &things_schema, STORE_CREATE | STORE_PREPARE, &err))
		return xstrdup(err.text);
	store_close(st);
	return NULL;
}

void things_open_at_once(const char *url)
{
	char *copy = xstrdup(url);
	pthread_t threads[6];
	void *words;

	for (int i = 0; i < 6; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_in_thread, copy), 0);
	for (int i = 0; i < 6; i++) {
		pthread_join(threads[i], &words);
		if (words)
			fail_msg("%s", (char *)words);
	}
	free(copy);
}

void things_put(struct store *st, const char *id)
{
	struct thing thing = {.id = id, .name = "name", .count = 1};
	struct store_query *q = store_query(st, THINGS_SQL_THING_PUT);

	store_bind_fields(q, 1, thing_fields, THING_FIELDS, &thing);
	if (!store_run(q, &things_err))
		fail_msg("%s", things_err.text);
}

int64_t things_count(struct store *st)
{
	struct store_query *q = store_query(st, THINGS_SQL_THING_COUNT);
	int64_t ret;

	assert_int_equal(store_step(q, NULL), STORE_ROW);
	ret = store_column_int(q, 0);
	store_done(q);
	return ret;
}

void things_raw(const char *path, const char *sql)
{
	sqlite3 *db;
	char *words = NULL;

	if (store_engine_of(path) == STORE_POSTGRES) {
		free(postgres_run(path, sql));
		return;
	}
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
		fail_msg("%s: %s", sql, words);
	sqlite3_close(db);
}

const char *things_ask(const char *path, const char *sql)
{
	const char *ret;
	sqlite3_stmt *stmt;
	char *answer;
	sqlite3 *db;

	if (store_engine_of(path) == STORE_POSTGRES) {
		answer = postgres_run(path, sql);
		ret = answer ? arena_strdup(&things_arena, answer) : NULL;
		free(answer);
		return ret;
	}
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	ret = arena_strdup(&things_arena, (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return ret;
}
