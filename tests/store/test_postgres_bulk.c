/* Filling a database: what is gathered, copied and piped arrives as it would one by one. */
#include "things.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postgres.h"
#include "things_sql.h"

#define ROWS 50000

static const char *url;
static struct store *st;

static int start(void **state)
{
	(void)state;
	url = things_fresh();
	st = things_open(url, STORE_CREATE | STORE_PREPARE | STORE_BULK);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	store_close(st);
	arena_reset(&things_arena);
	return 0;
}

static void begin(void)
{
	if (!store_begin(st, &things_err))
		fail_msg("%s", things_err.text);
}

static void commit(void)
{
	if (!store_commit(st, &things_err))
		fail_msg("%s", things_err.text);
}

static bool put(const char *id, const char *name, const char *body)
{
	struct thing thing = {.id = id, .name = name, .body = body};
	struct store_query *q = store_query(st, THINGS_SQL_THING_PUT);

	store_bind_fields(q, 1, thing_fields, THING_FIELDS, &thing);
	return store_run(q, &things_err);
}

static bool put_part(const char *thing, int64_t number)
{
	struct store_query *q = store_query(st, THINGS_SQL_PART_PUT);

	store_bind_text(q, 1, thing);
	store_bind_int(q, 2, number);
	return store_run(q, &things_err);
}

static void rename_all(const char *name)
{
	struct store_query *q = store_query(st, THINGS_SQL_THING_RENAME_ALL);

	store_bind_text(q, 1, name);
	assert_true(store_run(q, &things_err));
}

static const char *const odd[] = {NULL,
				  "",
				  "\\N",
				  "\\.",
				  "\t",
				  "\n",
				  "\r\n",
				  "\\",
				  "a\tb\\tc\nd\re\\\\",
				  "\b\f\v\x01\x7f",
				  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8f\x9b",
				  "  spaces  ",
				  "'\"$1"};
#define ODD (sizeof(odd) / sizeof(*odd))

static void texts_arrive_as_they_were(void **state)
{
	struct store_query *q;
	size_t i = 0;
	char id[16];
	(void)state;

	begin();
	for (; i < ROWS; i++) {
		snprintf(id, sizeof(id), "%06zu", i);
		assert_true(put(id, odd[i % ODD], odd[i / ODD % ODD]));
	}
	commit();
	assert_int_equal(things_count(st), ROWS);
	i = 0;
	for (q = store_query(st, THINGS_SQL_THING_BY_ID); store_step(q, NULL) == STORE_ROW; i++) {
		const char *name = store_column_text(q, 1), *body = store_column_text(q, 2);

		assert_int_equal(atoi(store_column_text(q, 0)), i);
		assert_true(!name == !odd[i % ODD]);
		assert_string_equal(name ? name : "", odd[i % ODD] ? odd[i % ODD] : "");
		assert_true(!body == !odd[i / ODD % ODD]);
		assert_string_equal(body ? body : "", odd[i / ODD % ODD] ? odd[i / ODD % ODD] : "");
	}
	assert_int_equal(i, ROWS);
}

static void put_sheet(int64_t id, const void *data, size_t len)
{
	struct store_query *q = store_query(st, THINGS_SQL_SHEET_PUT);

	store_bind_int(q, 1, id);
	if (data)
		store_bind_blob(q, 2, data, len);
	assert_true(store_run(q, &things_err));
}

/* Some larger than what is gathered, or than one part of a COPY. */
static void blobs_arrive_as_they_were(void **state)
{
	static const size_t lens[] = {0, 1, 256, 300000, 9000000};
	char *data = xcalloc(1, 9000000);
	const void *got;
	size_t len;
	(void)state;

	for (size_t i = 0; i < 9000000; i++)
		data[i] = (char)(i ^ i >> 8);
	begin();
	for (size_t i = 0; i < 5; i++)
		put_sheet((int64_t)i, data, lens[i]);
	put_sheet(9, NULL, 0);
	commit();
	for (size_t i = 0; i < 5; i++) {
		struct store_query *q = store_query(st, THINGS_SQL_SHEET_GET);

		store_bind_int(q, 1, (int64_t)i);
		assert_int_equal(store_step(q, NULL), STORE_ROW);
		got = store_column_blob(q, 0, &len);
		assert_non_null(got);
		assert_int_equal(len, lens[i]);
		assert_memory_equal(got, data, len);
		store_done(q);
	}
	free(data);
	assert_string_equal(things_ask(url, "SELECT count(*) FROM sheet WHERE data IS NULL"), "1");
}

static void reads_see_what_was_gathered(void **state)
{
	struct store_query *q;
	(void)state;

	begin();
	assert_true(put("a", "old", NULL));
	assert_int_equal(store_changes(st), 1);
	assert_int_equal(things_count(st), 1);
	assert_true(put("b", "old", NULL));
	q = store_query(st, THINGS_SQL_THING_RENAME);
	store_bind_text(q, 1, "b");
	store_bind_text(q, 2, "new");
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	store_done(q);
	rename_all("newest");
	q = store_query(st, THINGS_SQL_THING_GET);
	store_bind_text(q, 1, "a");
	assert_int_equal(store_step(q, NULL), STORE_ROW);
	assert_string_equal(store_column_text(q, 1), "newest");
	store_done(q);
	assert_string_equal(things_ask(url, "SELECT count(*) FROM thing"), "0");
	commit();
	assert_string_equal(things_ask(url, "SELECT count(*) FROM thing"), "2");
}

/* A row that comes behind a write is not met by it. */
static void the_order_is_kept(void **state)
{
	struct store_query *q;
	(void)state;

	begin();
	assert_true(put("a", "old", NULL));
	rename_all("new");
	assert_true(put("b", "old", NULL));
	q = store_query(st, THINGS_SQL_THING_DELETE);
	store_bind_text(q, 1, "a");
	assert_true(store_run(q, NULL));
	assert_true(put("a", "again", NULL));
	commit();
	assert_string_equal(things_ask(url, "SELECT string_agg(id || name, ',' ORDER BY id) "
					    "FROM thing"),
			    "aagain,bold");
	assert_string_equal(things_ask(url, "SELECT text FROM log"), "gone a");
}

/* A change of one row by its id holds nothing up: the server has heard of no row yet. */
static void rows_and_their_changes_go_together(void **state)
{
	const char *said;
	(void)state;

	begin();
	for (int i = 0; i < 500; i++) {
		const char *id = arena_printf(&things_arena, "%d", i);
		struct store_query *q;

		assert_true(put(id, NULL, NULL));
		q = store_query(st, THINGS_SQL_THING_PAINT);
		store_bind_text(q, 1, id);
		store_bind_text(q, 2, "blue");
		assert_true(store_run(q, &things_err));
	}
	said = things_ask(url, "SELECT query FROM pg_stat_activity "
			       "WHERE usename = '" POSTGRES_ROLE "'");
	assert_non_null(strstr(said, "BEGIN"));
	commit();
	assert_string_equal(things_ask(url, "SELECT count(*) FROM thing WHERE colour = 'blue'"),
			    "500");
}

static void check_nothing_stays(enum err_kind kind, const char *part)
{
	things_err = (struct err){0};
	assert_false(store_commit(st, &things_err));
	things_check_err(kind, part);
	/* Nor when it is tried again instead of rolled back. */
	assert_false(store_commit(st, NULL));
	put("later", NULL, NULL);
	assert_false(store_commit(st, NULL));
	store_rollback(st);
	assert_int_equal(things_count(st), 0);
	begin();
	assert_true(put("c", NULL, NULL));
	store_rollback(st);
	assert_int_equal(things_count(st), 0);
}

static void failures_leave_nothing(void **state)
{
	(void)state;
	begin();
	assert_true(put("a", NULL, NULL) && put("b", NULL, NULL) && put("a", NULL, NULL));
	check_nothing_stays(ERR_CONFLICT, "thing_put: ");
	begin();
	assert_true(put("a", NULL, NULL) && put_part("nobody", 1));
	check_nothing_stays(ERR_DB, "part_put: a row of part and the row that it points to");
	/* Of many that are piped one fails. */
	begin();
	for (int i = 0; i < 1200; i++) {
		struct store_query *q = store_query(st, i == 700 ? THINGS_SQL_PART_ORPHAN
								 : THINGS_SQL_THING_RENAME_ALL);

		if (i != 700)
			store_bind_text(q, 1, "x");
		assert_true(store_run(q, &things_err));
	}
	check_nothing_stays(ERR_DB, "a row of part");
	/* In a part that may fail alone. */
	begin();
	assert_true(put("a", NULL, NULL));
	assert_true(store_savepoint(st, NULL));
	assert_true(put("b", NULL, NULL) && put("b", NULL, NULL));
	assert_false(store_release(st, &things_err));
	store_rollback_to(st);
	commit();
	assert_int_equal(things_count(st), 1);
}

static void a_cut_leaves_nothing(void **state)
{
	(void)state;
	begin();
	assert_true(put("a", NULL, NULL));
	free(postgres_run(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
			       "WHERE usename = '" POSTGRES_ROLE "'"));
	rename_all("x");
	assert_false(store_commit(st, &things_err));
	things_check_err(ERR_NET, "lost");
	assert_true(put("b", NULL, NULL));
	assert_false(store_commit(st, &things_err));
	store_rollback(st);
	assert_int_equal(things_count(st), 0);
}

static const char definitions[] =
	"SELECT string_agg(line, ';' ORDER BY line) FROM ("
	"SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
	"SELECT conrelid::regclass || conname || pg_get_constraintdef(oid) || convalidated "
	"FROM pg_constraint WHERE connamespace = 'public'::regnamespace) x (line)";

static void indexes_and_keys_come_back(void **state)
{
	const char *before = things_ask(url, definitions);
	(void)state;

	assert_non_null(strstr(before, "thing_named"));
	assert_true(store_fill_begin(st, &things_err));
	assert_null(strstr(things_ask(url, definitions), "thing_named"));
	assert_null(strstr(things_ask(url, definitions), "FOREIGN"));
	begin();
	assert_true(put_part("a", 1) && put("a", NULL, NULL));
	commit();
	/* Broken off. */
	store_close(st);
	things_refuse(url, &things_schema, 0, ERR_BUSY, "begin again with an empty database");
	things_refuse(url, &things_schema, STORE_READONLY, ERR_BUSY, "being filled");
	st = things_open(url, STORE_BULK);
	assert_true(store_fill_begin(st, &things_err));
	assert_true(store_fill_end(st, &things_err));
	assert_string_equal(things_ask(url, definitions), before);
	assert_true(store_check(st, &things_err));
	store_close(st);
	st = things_open(url, STORE_PREPARE);
	assert_int_equal(things_count(st), 1);
}

static void rows_that_point_nowhere_are_found(void **state)
{
	const char *before = things_ask(url, definitions);
	(void)state;

	assert_true(store_fill_begin(st, &things_err));
	begin();
	assert_true(put_part("nobody", 1));
	commit();
	assert_false(store_fill_end(st, &things_err));
	things_check_err(ERR_DB, "a row of part");
	assert_false(store_in_transaction(st));
	/* It is still being filled, and can be mended. */
	things_refuse(url, &things_schema, 0, ERR_BUSY, "being filled");
	begin();
	assert_true(put("nobody", NULL, NULL));
	commit();
	assert_true(store_fill_end(st, &things_err));
	assert_string_equal(things_ask(url, definitions), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(texts_arrive_as_they_were),
		TEST(blobs_arrive_as_they_were),
		TEST(reads_see_what_was_gathered),
		TEST(the_order_is_kept),
		TEST(rows_and_their_changes_go_together),
		TEST(failures_leave_nothing),
		TEST(a_cut_leaves_nothing),
		TEST(indexes_and_keys_come_back),
		TEST(rows_that_point_nowhere_are_found),
	};

	return cmocka_run_group_tests(tests, things_start, things_finish);
}
