/* Files: whose they are, how old, who may, and what several connections see of each other. */
#include "things.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "things_sql.h"

#define NOBODY 65534

static void fresh_file(void **state)
{
	const char *path = things_path("fresh.db");
	mode_t before = umask(0);
	struct store *st;
	struct stat info;
	(void)state;

	things_refuse(path, &things_schema, 0, ERR_NOT_FOUND, path);
	st = things_open(arena_printf(&things_arena, "sqlite:%s", path),
			 STORE_CREATE | STORE_PREPARE);
	things_put(st, "a");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_equal(stat(things_path("fresh.db-wal"), &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	store_close(st);
	assert_string_equal(things_ask(path, "PRAGMA user_version"), "2");
	assert_string_equal(things_ask(path, "PRAGMA application_id"), "-1173233663");
	assert_string_equal(things_ask(path, "PRAGMA journal_mode"), "wal");
	st = things_open(path, STORE_RELAXED);
	assert_int_equal(things_count(st), 1);
	assert_true(store_check(st, &things_err));
	store_close(st);
	store_close(NULL);
	umask(before);
}

static void odd_places(void **state)
{
	(void)state;
	things_refuse(things_path("no/such/folder.db"), &things_schema, STORE_CREATE, ERR_NOT_FOUND,
		      "no/such");
	things_refuse(things_path("."), &things_schema, STORE_CREATE, ERR_INPUT, "no file");
	things_refuse("sqlite:", &things_schema, STORE_CREATE, ERR_INPUT, "empty");
	things_refuse("postgresql://u:secret@h/d", &things_schema, STORE_CREATE, ERR_INPUT,
		      "SQLite");
	assert_null(strstr(things_err.text, "secret"));
}

static void upgraded_is_fresh(void **state)
{
	static const char schema_sql[] = "SELECT group_concat(sql, ';') FROM "
					 "(SELECT sql FROM sqlite_schema ORDER BY type, name)";
	const char *old = things_path("old.db"), *fresh = things_path("new.db");
	struct store_schema first = things_until(1);
	struct store *st;
	(void)state;

	assert_true(store_open(&st, old, &first, STORE_CREATE, &things_err));
	things_put(st, "kept");
	store_close(st);
	assert_string_equal(things_ask(old, "PRAGMA user_version"), "1");
	things_refuse(old, &things_schema, STORE_READONLY, ERR_BUSY, "brought up to date");
	st = things_open(old, STORE_PREPARE);
	assert_int_equal(things_count(st), 1);
	store_close(st);
	store_close(things_open(fresh, STORE_CREATE));
	assert_string_equal(things_ask(old, schema_sql), things_ask(fresh, schema_sql));
	assert_string_equal(things_ask(old, "PRAGMA user_version"), "2");
	things_refuse(old, &first, 0, ERR_VERSION, "newer version");
	things_refuse(old, &first, STORE_READONLY, ERR_VERSION, "newer version");
}

static void check_broken_migration(const char *path, const char *sql, enum err_kind kind,
				   const char *part)
{
	const struct store_text migrations[] = {things_schema.dialects[STORE_SQLITE].migrations[0],
						{"broken", sql}};
	struct store_schema schema = things_schema;

	schema.dialects[STORE_SQLITE].migrations = migrations;
	things_refuse(path, &schema, 0, kind, part);
	assert_string_equal(things_ask(path, "PRAGMA user_version"), "1");
	assert_string_equal(things_ask(path, "SELECT count(*) FROM sqlite_schema "
					     "WHERE name LIKE 'half%'"),
			    "0");
	assert_string_equal(things_ask(path, "SELECT count(*) FROM thing"), "1");
}

static void failed_migrations_leave_nothing(void **state)
{
	const char *path = things_path("broken.db");
	struct store_schema first = things_until(1);
	struct store *st;
	(void)state;

	assert_true(store_open(&st, path, &first, STORE_CREATE, &things_err));
	things_put(st, "a");
	store_close(st);
	check_broken_migration(path, "CREATE TABLE half (x); DELETE FROM thing; SELECT nonsense;",
			       ERR_DB, "with 'broken': ");
	check_broken_migration(path, "INSERT INTO part VALUES (1, 'nobody', 1);", ERR_CORRUPT,
			       "gone");
	check_broken_migration(path, "ROLLBACK;", ERR_INTERNAL, "ends its own transaction");
	/* The good one still goes. */
	store_close(things_open(path, STORE_PREPARE));
}

static const char *file_hash(const char *path)
{
	return arena_printf(&things_arena, "%s", things_ask(path, "PRAGMA schema_version"));
}

static void other_peoples_files_are_left_alone(void **state)
{
	const char *path = things_path("other.db"), *before;
	(void)state;

	things_raw(path, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
	before = file_hash(path);
	things_refuse(path, &things_schema, STORE_CREATE, ERR_CORRUPT, "another program");
	things_raw(path, "PRAGMA application_id = 77; PRAGMA user_version = 1");
	things_refuse(path, &things_schema, STORE_CREATE, ERR_CORRUPT, "another program");
	things_refuse(path, &things_schema, STORE_READONLY, ERR_CORRUPT, "another program");
	assert_string_equal(file_hash(path), before);
	assert_string_equal(things_ask(path, "PRAGMA journal_mode"), "delete");
}

static void write_bytes(const char *path, long at, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
	close(fd);
}

static void garbage_is_refused(void **state)
{
	const char *path = things_path("garbage.db");
	char bytes[5000];
	(void)state;

	memset(bytes, 'g', sizeof(bytes));
	write_bytes(path, 0, bytes, sizeof(bytes));
	things_refuse(path, &things_schema, STORE_CREATE, ERR_CORRUPT, "no database");
	things_refuse(path, &things_schema, STORE_READONLY, ERR_CORRUPT, "no database");
}

static void damage_is_found(void **state)
{
	const char *path = things_path("damaged.db");
	struct store *st = things_open(path, STORE_CREATE);
	struct store_query *q;
	enum store_step step;
	char bytes[4096];
	(void)state;

	assert_true(store_begin(st, NULL));
	for (int i = 0; i < 2000; i++)
		things_put(st, arena_printf(&things_arena, "thing-%d", i));
	assert_true(store_commit(st, NULL));
	assert_true(store_check(st, NULL));
	store_close(st);
	memset(bytes, 0xff, sizeof(bytes));
	for (long page = 8; page < 20; page++)
		write_bytes(path, page * 4096, bytes, sizeof(bytes));
	st = things_open(path, 0);
	things_err = (struct err){0};
	assert_false(store_check(st, &things_err));
	things_check_err(ERR_CORRUPT, "damaged");
	q = store_query(st, THINGS_SQL_THING_BY_ROWID);
	do {
		step = store_step(q, &things_err);
	} while (step == STORE_ROW);
	assert_int_equal(step, STORE_FAILED);
	things_check_err(ERR_CORRUPT, "things thing_by_rowid: the file is damaged");
	store_close(st);
}

static void lost_rows_are_found(void **state)
{
	const char *path = things_path("orphan.db");
	struct store *st;
	(void)state;

	store_close(things_open(path, STORE_CREATE));
	things_raw(path, "INSERT INTO part VALUES (1, 'nobody', 1)");
	st = things_open(path, 0);
	assert_false(store_check(st, &things_err));
	things_check_err(ERR_CORRUPT, "a row of part points to a row of thing that is gone");
	store_close(st);
}

static void readers_only_read(void **state)
{
	const char *path = things_path("readonly.db");
	struct store *writer, *reader;
	int64_t version;
	(void)state;

	things_refuse(path, &things_schema, STORE_READONLY, ERR_NOT_FOUND, path);
	things_refuse(path, &things_schema, STORE_READONLY | STORE_CREATE, ERR_NOT_FOUND, path);
	write_bytes(path, 0, "", 0);
	things_refuse(path, &things_schema, STORE_READONLY, ERR_NOT_FOUND, "empty");
	writer = things_open(path, STORE_CREATE);
	things_put(writer, "a");
	reader = things_open(path, STORE_READONLY | STORE_PREPARE);
	assert_int_equal(things_count(reader), 1);
	version = store_data_version(reader);
	assert_int_equal(store_data_version(reader), version);
	things_put(writer, "b");
	assert_int_not_equal(store_data_version(reader), version);
	assert_int_equal(things_count(reader), 2);
	assert_false(store_run(store_query(reader, THINGS_SQL_THING_DELETE), &things_err));
	things_check_err(ERR_DENIED, "not allowed");
	/* One snapshot over several queries. */
	assert_true(store_begin_read(reader, NULL));
	assert_int_equal(things_count(reader), 2);
	things_put(writer, "c");
	assert_int_equal(things_count(reader), 2);
	assert_true(store_commit(reader, NULL));
	assert_int_equal(things_count(reader), 3);
	/* The log and its index go with the last writer and a reader can still come. */
	store_close(reader);
	store_close(writer);
	reader = things_open(path, STORE_READONLY);
	assert_int_equal(things_count(reader), 3);
	store_close(reader);
}

static void a_stale_snapshot_cannot_write(void **state)
{
	const char *path = things_path("stale.db");
	struct store *one = things_open(path, STORE_CREATE), *two = things_open(path, 0);
	(void)state;

	assert_true(store_begin_read(one, NULL));
	assert_int_equal(things_count(one), 0);
	things_put(two, "a");
	assert_false(store_run(store_query(one, THINGS_SQL_THING_DELETE), &things_err));
	things_check_err(ERR_BUSY, "locked");
	store_rollback(one);
	assert_true(store_run(store_query(one, THINGS_SQL_THING_DELETE), &things_err));
	store_close(one);
	store_close(two);
}

static void rights_are_told(void **state)
{
	const char *path = things_path("rights.db");
	bool root = geteuid() == 0;
	(void)state;

	store_close(things_open(path, STORE_CREATE));
	if (root)
		assert_int_equal(seteuid(NOBODY), 0);
	else
		chmod(path, 0);
	things_refuse(path, &things_schema, STORE_CREATE, ERR_DENIED, "not allowed");
	if (root)
		things_refuse(things_path("denied.db"), &things_schema, STORE_CREATE, ERR_DENIED,
			      "denied.db");
	if (root)
		assert_int_equal(seteuid(0), 0);
	/* SQLite alone would open this one and let only writing fail. */
	chmod(path, 0444);
	if (root)
		assert_int_equal(seteuid(NOBODY), 0);
	things_refuse(path, &things_schema, 0, ERR_DENIED, "cannot write");
	if (root)
		assert_int_equal(seteuid(0), 0);
}

static void all_can_start_at_once(void **state)
{
	(void)state;
	for (int round = 0; round < 10; round++)
		things_open_at_once(
			arena_printf(&things_arena, "%s-%d", things_path("race.db"), round));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_file),
		cmocka_unit_test(odd_places),
		cmocka_unit_test(upgraded_is_fresh),
		cmocka_unit_test(failed_migrations_leave_nothing),
		cmocka_unit_test(other_peoples_files_are_left_alone),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(lost_rows_are_found),
		cmocka_unit_test(readers_only_read),
		cmocka_unit_test(a_stale_snapshot_cannot_write),
		cmocka_unit_test(rights_are_told),
		cmocka_unit_test(all_can_start_at_once),
	};

	return cmocka_run_group_tests(tests, things_start, things_finish);
}
