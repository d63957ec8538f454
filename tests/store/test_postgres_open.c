/* Databases of a server: whose they are, how old, who may, and what outlives the server's death. */
#include "things.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "postgres.h"
#include "things_sql.h"

#define ACKED 40

static const char *other_url(const char *url, const char *role, const char *more)
{
	char ret[POSTGRES_URL];

	postgres_url(url, role, more, ret);
	return arena_strdup(&things_arena, ret);
}

static void it_must_be_made(void **state)
{
	const char *url = things_fresh();
	(void)state;

	things_refuse(url, &things_schema, 0, ERR_NOT_FOUND, "still empty");
	things_refuse(url, &things_schema, STORE_READONLY, ERR_NOT_FOUND, "still empty");
	things_refuse(url, &things_schema, STORE_READONLY | STORE_CREATE, ERR_NOT_FOUND, "empty");
	assert_string_equal(things_ask(url, "SELECT count(*) FROM pg_tables "
					    "WHERE schemaname = 'public'"),
			    "0");
	store_close(things_open(url, STORE_CREATE | STORE_PREPARE));
	assert_string_equal(things_ask(url, "SELECT version FROM balie_schema"), "2");
	store_close(things_open(url, STORE_READONLY | STORE_PREPARE));
}

/* Each refusal in our words, whatever the server's language: no word of its own is looked at. */
static void refusals_have_words(void **state)
{
	const char *url = things_fresh();
	(void)state;

	things_refuse(other_url(url, "stranger", ""), &things_schema, 0, ERR_DENIED,
		      "refuses this user");
	things_refuse(other_url("postgresql:///nowhere", POSTGRES_ROLE, ""), &things_schema, 0,
		      ERR_NOT_FOUND, "no such database");
	things_raw(url, "CREATE ROLE " POSTGRES_LOCKED_ROLE " LOGIN PASSWORD 'right'");
	things_refuse(other_url(url, POSTGRES_LOCKED_ROLE, ""), &things_schema, 0, ERR_DENIED,
		      "asks for a password");
	things_refuse(other_url(url, POSTGRES_LOCKED_ROLE, "&password=wr%6fng"), &things_schema, 0,
		      ERR_DENIED, "refuses this user or password");
	assert_null(strstr(things_err.text, "wr"));
	things_refuse(other_url(url, POSTGRES_LOCKED_ROLE, "&password=right"), &things_schema, 0,
		      ERR_NOT_FOUND, "empty");
	things_raw(url, "ALTER ROLE " POSTGRES_ROLE " CONNECTION LIMIT 0");
	things_refuse(url, &things_schema, 0, ERR_BUSY, "no connection free");
	things_raw(url, "ALTER ROLE " POSTGRES_ROLE " CONNECTION LIMIT -1");
	things_refuse("postgresql:///d?host=/nowhere", &things_schema, 0, ERR_NET, "no server");
}

static void addresses_must_be_well_written(void **state)
{
	static const char *const urls[] = {
		"postgresql:town",	 "postgres:dbname=town password=x",
		"POSTGRESQL://h/d",	 "postgresql://h/d?what=x",
		"postgresql://[::1/d",	 "postgresql://h/%zz",
		"postgresql://h/d?user", "postgresql:/h/d"};
	(void)state;

	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		things_refuse(urls[i], &things_schema, STORE_CREATE, ERR_INPUT, "well written");
}

/* Spaces and percent signs, as %20 and %25. */
static void names_may_be_odd(void **state)
{
	char url[POSTGRES_URL];
	struct store *st;
	(void)state;

	things_raw(things_fresh(), "CREATE DATABASE \"the town 100%\" OWNER " POSTGRES_ROLE);
	snprintf(url, sizeof(url), "postgres:///the%%20town%%20100%%25?host=%s&user=%s",
		 postgres_folder(), POSTGRES_ROLE);
	st = things_open(url, STORE_CREATE);
	things_put(st, "a");
	assert_int_equal(things_count(st), 1);
	store_close(st);
}

static void upgraded_is_fresh(void **state)
{
	static const char columns[] = "SELECT string_agg(table_name || column_name || data_type, "
				      "',' ORDER BY table_name, ordinal_position) "
				      "FROM information_schema.columns "
				      "WHERE table_schema = 'public'";
	const char *old = things_fresh(), *fresh = things_fresh();
	struct store_schema first = things_until(1);
	struct store *st;
	(void)state;

	assert_true(store_open(&st, old, &first, STORE_CREATE, &things_err));
	things_put(st, "kept");
	store_close(st);
	things_refuse(old, &things_schema, STORE_READONLY, ERR_BUSY, "brought up to date");
	st = things_open(old, STORE_PREPARE);
	assert_int_equal(things_count(st), 1);
	store_close(st);
	/* Both migrations on one connection. */
	store_close(things_open(fresh, STORE_CREATE));
	assert_string_equal(things_ask(old, columns), things_ask(fresh, columns));
	things_refuse(old, &first, 0, ERR_VERSION, "newer version");
	things_refuse(old, &first, STORE_READONLY, ERR_VERSION, "newer version");
}

static void check_broken_migration(const char *url, const char *sql, const char *part)
{
	const struct store_text migrations[] = {
		things_schema.dialects[STORE_POSTGRES].migrations[0], {"broken", sql, NULL}};
	struct store_schema schema = things_schema;

	schema.dialects[STORE_POSTGRES].migrations = migrations;
	things_refuse(url, &schema, 0, ERR_DB, part);
	assert_string_equal(things_ask(url, "SELECT version FROM balie_schema"), "1");
	assert_null(things_ask(url, "SELECT to_regclass('half')"));
	assert_string_equal(things_ask(url, "SELECT count(*) FROM thing"), "1");
}

static void failed_migrations_leave_nothing(void **state)
{
	const char *url = things_fresh();
	struct store_schema first = things_until(1);
	struct store *st;
	(void)state;

	assert_true(store_open(&st, url, &first, STORE_CREATE, &things_err));
	things_put(st, "a");
	store_close(st);
	check_broken_migration(url, "CREATE TABLE half (x INT); DELETE FROM thing; SELECT bad;",
			       "with 'broken': ");
	check_broken_migration(url, "INSERT INTO part VALUES (1, 'nobody', 1);", "FOREIGN KEY");
	check_broken_migration(url, "ROLLBACK;", "taken back");
	store_close(things_open(url, STORE_PREPARE));
}

static void other_peoples_databases_are_left_alone(void **state)
{
	const char *url = things_fresh(), *town = things_fresh(), *extended = things_fresh();
	(void)state;

	things_raw(url, "CREATE TABLE theirs (x INT)");
	things_refuse(url, &things_schema, STORE_CREATE, ERR_CORRUPT, "another program");
	assert_null(things_ask(url, "SELECT to_regclass('balie_schema')"));
	store_close(things_open(town, STORE_CREATE));
	things_raw(town, "UPDATE balie_schema SET application_id = 77");
	things_refuse(town, &things_schema, STORE_CREATE, ERR_CORRUPT, "another program");
	things_refuse(town, &things_schema, STORE_READONLY, ERR_CORRUPT, "another program");
	/* What belongs to an extension is nobody's data. */
	things_raw(extended, "CREATE EXTENSION pg_stat_statements");
	store_close(things_open(extended, STORE_CREATE));
}

static void readers_only_read(void **state)
{
	const char *url = things_fresh();
	struct store *writer = things_open(url, STORE_CREATE), *reader;
	(void)state;

	things_put(writer, "a");
	reader = things_open(url, STORE_READONLY | STORE_PREPARE);
	assert_int_equal(things_count(reader), 1);
	assert_false(store_run(store_query(reader, THINGS_SQL_THING_DELETE), &things_err));
	things_check_err(ERR_DENIED, "only be read");
	assert_false(store_in_transaction(reader));
	/* One snapshot over several queries. */
	assert_true(store_begin_read(reader, NULL));
	assert_int_equal(things_count(reader), 1);
	things_put(writer, "b");
	assert_int_equal(things_count(reader), 1);
	assert_true(store_commit(reader, NULL));
	assert_int_equal(things_count(reader), 2);
	assert_true(store_check(reader, &things_err));
	assert_false(store_backup(writer, "x", &things_err));
	things_check_err(ERR_INPUT, "pg_dump");
	store_close(reader);
	store_close(writer);
}

static void all_can_start_at_once(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		char *url = arena_strdup(&things_arena, things_fresh());

		things_open_at_once(url);
		assert_string_equal(things_ask(url, "SELECT version FROM balie_schema"), "2");
	}
}

/* Two things a transaction, and a byte to the parent when they are safe. */
static void write_for_ever(const char *url, int ack)
{
	struct store *st = NULL;

	if (!store_open(&st, url, &things_schema, 0, NULL))
		_exit(1);
	for (int i = 0;; i++) {
		char id[32];

		if (!store_begin(st, NULL))
			_exit(0);
		for (int half = 0; half < 2; half++) {
			struct thing thing = {.id = id};
			struct store_query *q = store_query(st, THINGS_SQL_THING_PUT);

			snprintf(id, sizeof(id), "%d-%d", i, half);
			store_bind_fields(q, 1, thing_fields, THING_FIELDS, &thing);
			if (!store_run(q, NULL))
				_exit(0);
		}
		if (!store_commit(st, NULL) || write(ack, "x", 1) != 1)
			_exit(0);
	}
}

static void what_was_committed_outlives_the_server(void **state)
{
	const char *url = things_fresh();
	int fds[2], acked = 0;
	struct store *st;
	pid_t child;
	char c;
	(void)state;

	store_close(things_open(url, STORE_CREATE));
	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(fds[0]);
		write_for_ever(url, fds[1]);
	}
	close(fds[1]);
	while (acked < ACKED && read(fds[0], &c, 1) == 1)
		acked++;
	postgres_kill();
	while (read(fds[0], &c, 1) == 1)
		acked++;
	close(fds[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(acked >= ACKED);
	postgres_restart();
	st = things_open(url, STORE_PREPARE);
	assert_true(store_check(st, &things_err));
	assert_in_range(things_count(st), 2 * acked, 2 * acked + 2);
	assert_int_equal(things_count(st) % 2, 0);
	store_close(st);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_must_be_made),
		cmocka_unit_test(refusals_have_words),
		cmocka_unit_test(addresses_must_be_well_written),
		cmocka_unit_test(names_may_be_odd),
		cmocka_unit_test(upgraded_is_fresh),
		cmocka_unit_test(failed_migrations_leave_nothing),
		cmocka_unit_test(other_peoples_databases_are_left_alone),
		cmocka_unit_test(readers_only_read),
		cmocka_unit_test(all_can_start_at_once),
		cmocka_unit_test(what_was_committed_outlives_the_server),
	};

	postgres_begin(POSTGRES_FSYNC);
	return cmocka_run_group_tests(tests, things_start, things_finish);
}
