/* Statements, rows, transactions: on each engine the same. */
#include "things.h"

#include <stdlib.h>
#include <string.h>

#include "things_sql.h"

static struct store *st;

static int start(void **state)
{
	(void)state;
	st = things_open(things_fresh(), STORE_CREATE | STORE_PREPARE);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	store_close(st);
	st = NULL;
	arena_reset(&things_arena);
	return 0;
}

static bool run(struct store_query *q)
{
	things_err = (struct err){0};
	return store_run(q, &things_err);
}

static void check_thing(const struct thing *put)
{
	struct store_query *q = store_query(st, THINGS_SQL_THING_PUT);
	struct thing got;

	store_bind_fields(q, 1, thing_fields, THING_FIELDS, put);
	assert_true(run(q));
	assert_int_equal(store_changes(st), 1);
	q = store_query(st, THINGS_SQL_THING_GET);
	store_bind_text(q, 1, put->id);
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	memset(&got, 0xee, sizeof(got));
	store_column_fields(q, 0, thing_fields, THING_FIELDS, &got, &things_arena);
	assert_int_equal(store_step(q, NULL), STORE_DONE);
	assert_string_equal(got.id, put->id);
	assert_true((got.name == NULL) == (put->name == NULL));
	assert_string_equal(got.name != NULL ? got.name : "", put->name != NULL ? put->name : "");
	assert_string_equal(got.body != NULL ? got.body : "", put->body != NULL ? put->body : "");
	assert_true(got.count == put->count);
	assert_true(got.done == put->done);
	assert_true(got.at == put->at);
	assert_true((got.born == NULL) == (put->born == NULL));
	assert_int_equal(got.colour, put->colour);
	assert_true((got.extra == NULL) == (put->extra == NULL));
}

static void fields_come_back(void **state)
{
	(void)state;
	check_thing(&(struct thing){.id = "a",
				    .name = "caf\xc3\xa9",
				    .body = "two\nlines",
				    .count = INT64_MIN,
				    .done = true,
				    .at = INT64_C(1795843916123),
				    .born = "1964-03",
				    .colour = 2,
				    .extra = "[1]"});
	check_thing(&(struct thing){.id = "b", .name = "", .count = INT64_MAX});
	check_thing(&(struct thing){.id = "c"});
}

static void no_time_is_null(void **state)
{
	struct store_query *q;
	(void)state;

	things_put(st, "a");
	q = store_query(st, THINGS_SQL_THING_BY_ID);
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	assert_true(store_column_null(q, 5));
	assert_false(store_column_null(q, 3));
	assert_string_equal(store_column_text(q, 7), "red");
	assert_null(store_column_text(q, 8));
	assert_int_equal(store_column_count(q), THING_FIELDS);
	assert_string_equal(store_column_name(q, 7), "colour");
	store_done(q);
}

static void unknown_words_are_the_first(void **state)
{
	struct thing got = {.colour = 9};
	struct store_query *q = store_query(st, THINGS_SQL_ECHO);
	(void)state;

	store_bind_text(q, 1, "ultraviolet");
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	store_column_fields(q, 0, &thing_fields[7], 1, &got, &things_arena);
	store_done(q);
	assert_int_equal(got.colour, 0);
}

static void put_sheet(int64_t id, const void *data, size_t len)
{
	struct store_query *q = store_query(st, THINGS_SQL_SHEET_PUT);

	store_bind_int(q, 1, id);
	store_bind_blob(q, 2, data, len);
	assert_true(run(q));
}

static void blobs_come_back(void **state)
{
	struct store_query *q = store_query(st, THINGS_SQL_SHEET_GET);
	char all[512];
	const void *data;
	size_t len;
	(void)state;

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	put_sheet(1, all, sizeof(all));
	put_sheet(2, NULL, 0);
	store_bind_int(q, 1, 1);
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	assert_int_equal(store_column_type(q, 0), STORE_BLOB);
	data = store_column_blob(q, 0, &len);
	assert_int_equal(len, sizeof(all));
	assert_memory_equal(data, all, sizeof(all));
	q = store_query(st, THINGS_SQL_SHEET_GET);
	store_bind_int(q, 1, 2);
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	store_column_blob(q, 0, &len);
	assert_int_equal(len, 0);
	assert_false(store_column_null(q, 0));
	store_done(q);
}

static void numbers_are_text_too(void **state)
{
	struct store_query *q;
	(void)state;

	things_put(st, "a");
	q = store_query(st, THINGS_SQL_THING_BY_ID);
	assert_string_equal(store_column_name(q, 7), "colour");
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	assert_string_equal(store_column_text(q, 3), "1");
	assert_int_equal(store_column_type(q, 3), STORE_INT);
	assert_int_equal(store_column_int(q, 3), 1);
	store_done(q);
}

static void bare_values(void **state)
{
	struct store_query *q = store_query(st, THINGS_SQL_ECHO);
	(void)state;

	/* Fetched again it is reset and nothing is bound any more. */
	q = store_query(st, THINGS_SQL_ECHO);
	store_bind_int_or_null(q, 2, 7);
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	assert_true(store_column_null(q, 0));
	assert_int_equal(store_column_int(q, 1), 7);
	q = store_query(st, THINGS_SQL_ECHO);
	store_bind_text(q, 1, "");
	store_bind_int_or_null(q, 2, 0);
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	assert_false(store_column_null(q, 0));
	assert_true(store_column_null(q, 1));
	store_done(q);
}

static void wrong_parameters_fail_when_stepped(void **state)
{
	struct store_query *q = store_query(st, THINGS_SQL_ECHO);
	(void)state;

	store_bind_text(q, 3, "there are two");
	store_bind_int(q, 1, 1);
	assert_int_equal(store_step(q, &things_err), STORE_FAILED);
	things_check_err(ERR_INTERNAL, "things echo");
	/* And the statement is not spoilt for the next. */
	q = store_query(st, THINGS_SQL_ECHO);
	assert_int_equal(store_step(q, &things_err), STORE_ROW);
	store_done(q);
}

static void constraints_have_kinds(void **state)
{
	struct thing thing = {.id = "a"};
	struct store_query *q;
	(void)state;

	things_put(st, "a");
	q = store_query(st, THINGS_SQL_THING_PUT);
	store_bind_fields(q, 1, thing_fields, THING_FIELDS, &thing);
	assert_false(run(q));
	things_check_err(ERR_CONFLICT, "things thing_put: ");
	q = store_query(st, THINGS_SQL_PART_PUT);
	store_bind_text(q, 1, "a");
	store_bind_int(q, 2, 5);
	assert_true(run(q));
	/* Run again without asking for it again: the values are still bound. */
	assert_false(run(q));
	things_check_err(ERR_CONFLICT, things_either("part.number", "part_number_key"));
	store_bind_int(q, 2, -5);
	assert_false(run(q));
	things_check_err(ERR_DB, things_either("CHECK", "check"));
	assert_false(run(store_query(st, THINGS_SQL_PART_ORPHAN)));
	things_check_err(ERR_DB, "FOREIGN KEY");
}

static void running_takes_rows_and_triggers(void **state)
{
	struct store_query *q;
	(void)state;

	things_put(st, "a");
	q = store_query(st, THINGS_SQL_THING_RENAME);
	store_bind_text(q, 1, "a");
	store_bind_text(q, 2, "new");
	assert_true(run(q));
	assert_int_equal(store_changes(st), 1);
	q = store_query(st, THINGS_SQL_THING_DELETE);
	store_bind_text(q, 1, "a");
	assert_true(run(q));
	q = store_query(st, THINGS_SQL_LOG_LIST);
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	assert_string_equal(store_column_text(q, 0), "gone a");
	store_done(q);
}

static void transactions_roll_back(void **state)
{
	(void)state;
	assert_false(store_in_transaction(st));
	store_rollback(st);
	assert_true(store_begin(st, NULL));
	assert_true(store_in_transaction(st));
	things_put(st, "a");
	store_rollback(st);
	assert_false(store_in_transaction(st));
	assert_int_equal(things_count(st), 0);
	assert_true(store_begin(st, NULL));
	things_put(st, "a");
	assert_true(store_commit(st, NULL));
	assert_int_equal(things_count(st), 1);
	assert_false(store_commit(st, &things_err));
	things_check_err(ERR_DB, "no transaction");
	assert_true(store_begin(st, NULL));
	assert_false(store_begin(st, &things_err));
	things_check_err(ERR_INTERNAL, "within");
	assert_false(store_begin_read(st, &things_err));
	store_rollback(st);
	/* In the middle of reading. */
	assert_true(store_begin(st, NULL));
	things_put(st, "b");
	assert_int_equal(store_step(store_query(st, THINGS_SQL_THING_LIST), NULL), STORE_ROW);
	store_rollback(st);
	assert_false(store_in_transaction(st));
	assert_int_equal(things_count(st), 1);
}

static void savepoints_fail_alone(void **state)
{
	(void)state;
	assert_false(store_savepoint(st, &things_err));
	things_check_err(ERR_INTERNAL, "outside");
	store_rollback_to(st);
	assert_true(store_begin(st, NULL));
	things_put(st, "a");
	assert_true(store_savepoint(st, NULL));
	things_put(st, "b");
	/* One within the other. */
	assert_true(store_savepoint(st, NULL));
	things_put(st, "c");
	store_rollback_to(st);
	assert_int_equal(things_count(st), 2);
	assert_true(store_release(st, NULL));
	assert_true(store_savepoint(st, NULL));
	things_put(st, "d");
	store_rollback_to(st);
	assert_true(store_in_transaction(st));
	assert_true(store_commit(st, NULL));
	assert_int_equal(things_count(st), 2);
	assert_false(store_release(st, &things_err));
}

static void a_full_disk_is_told(void **state)
{
	char *body = xcalloc(1, 10001);
	struct thing thing = {.id = "x", .body = body};
	struct store_query *q;
	bool ok = true;
	(void)state;

	/* Of one file only: the town's own test fills the disk of both. */
	if (things_postgres()) {
		free(body);
		skip();
	}
	memset(body, 'x', 10000);
	assert_true(run(store_query(st, THINGS_SQL_LIMIT_PAGES)));
	things_put(st, "before");
	assert_true(store_begin(st, NULL));
	for (int i = 0; i < 100 && ok; i++) {
		thing.id = arena_printf(&things_arena, "%d", i);
		q = store_query(st, THINGS_SQL_THING_PUT);
		store_bind_fields(q, 1, thing_fields, THING_FIELDS, &thing);
		ok = run(q);
	}
	assert_false(ok);
	things_check_err(ERR_FULL, "things thing_put: the disk is full");
	store_rollback(st);
	assert_int_equal(things_count(st), 1);
	assert_true(store_check(st, &things_err));
	free(body);
}

static void wrong_statements_are_named(void **state)
{
	static const struct store_text statements[] = {{"good", "SELECT 1"},
						       {"bad", "SELECT x FROM nowhere"},
						       {"quoted", "SELECT \"text\""}};
	struct store_schema schema = things_schema;
	const char *url = things_fresh();
	struct store *other = NULL;
	(void)state;

	schema.dialects[STORE_SQLITE].statements = statements;
	schema.dialects[STORE_POSTGRES].statements = statements;
	schema.statement_count = 3;
	things_refuse(url, &schema, STORE_CREATE | STORE_PREPARE, ERR_DB,
		      things_either("things :memory:: things bad: no such table: nowhere",
				    ": things bad: relation \"nowhere\" does not exist"));
	assert_true(store_open(&other, url, &schema, STORE_CREATE, &things_err));
	assert_int_equal(store_step(store_query(other, 0), NULL), STORE_ROW);
	for (unsigned i = 1; i < 3; i++) {
		struct store_query *q = store_query(other, i);

		/* What is not there has no parameters, which SQLite cannot know. */
		if (!things_postgres()) {
			store_bind_text(q, 1, "x");
			store_bind_int(q, 1, 1);
			store_bind_blob(q, 1, "x", 1);
			store_bind_null(q, 1);
		}
		assert_int_equal(store_column_count(q), 0);
		assert_null(store_column_name(q, 0));
		assert_int_equal(store_step(q, &things_err), STORE_FAILED);
		things_check_err(ERR_DB, statements[i].name);
		assert_false(store_run(q, NULL));
		store_done(q);
	}
	store_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(fields_come_back),
		TEST(no_time_is_null),
		TEST(unknown_words_are_the_first),
		TEST(blobs_come_back),
		TEST(numbers_are_text_too),
		TEST(bare_values),
		TEST(wrong_parameters_fail_when_stepped),
		TEST(constraints_have_kinds),
		TEST(running_takes_rows_and_triggers),
		TEST(transactions_roll_back),
		TEST(savepoints_fail_alone),
		TEST(a_full_disk_is_told),
		TEST(wrong_statements_are_named),
	};

	return cmocka_run_group_tests(tests, things_start, things_finish);
}
