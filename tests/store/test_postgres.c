/* Connections that break, and what several connections see and hear of each other. */
#include "things.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "postgres.h"
#include "things_sql.h"

static const char *url;
static struct store *st;

static int start(void **state)
{
	(void)state;
	url = things_fresh();
	st = things_open(url, STORE_CREATE | STORE_PREPARE);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	store_close(st);
	arena_reset(&things_arena);
	return 0;
}

/* The URL with options, such as a shorter limit. */
static const char *with(const char *options)
{
	return arena_printf(&things_arena, "%s&options=%s", url, options);
}

/* All connections to this database but the one that says so; true when there were any. They are gone
 * when this returns. */
static void cut(void)
{
	free(postgres_run(url, "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity "
			       "WHERE datname = current_database() AND pid <> pg_backend_pid()"));
}

static bool put(const char *id)
{
	struct thing thing = {.id = id};
	struct store_query *q = store_query(st, THINGS_SQL_THING_PUT);

	things_err = (struct err){0};
	store_bind_fields(q, 1, thing_fields, THING_FIELDS, &thing);
	return store_run(q, &things_err);
}

static const char *on_server(void)
{
	return things_ask(url, "SELECT coalesce(string_agg(id, ',' ORDER BY id), '') FROM thing");
}

/* Waits on the server itself until a question of the superuser says "t". */
static void await(const char *question)
{
	while (strcmp(things_ask(url, question), "t") != 0)
		sched_yield();
}

static void an_idle_connection_comes_back(void **state)
{
	struct store_query *q;
	(void)state;

	assert_true(put("a"));
	cut();
	assert_int_equal(things_count(st), 1);
	cut();
	assert_true(put("b"));
	cut();
	assert_true(store_begin(st, &things_err));
	assert_true(put("c"));
	assert_true(store_commit(st, &things_err));
	cut();
	assert_true(store_begin_read(st, &things_err));
	assert_int_equal(things_count(st), 3);
	store_rollback(st);
	/* A query that is run again without being asked for again. */
	q = store_query(st, THINGS_SQL_THING_COUNT);
	cut();
	assert_int_equal(store_step(q, &things_err), STORE_ROW);
	store_done(q);
	cut();
	assert_int_equal(store_column_count(store_query(st, THINGS_SQL_THING_BY_ID)), THING_FIELDS);
}

/* Each kind of use is the first to meet the broken connection. */
static void meet_by(int kind)
{
	struct buf text = {0};

	switch (kind) {
	case 0: /* a statement that is prepared already */
		assert_false(put("within"));
		break;
	case 1:
		assert_false(store_savepoint(st, &things_err));
		break;
	case 2:
		store_data_version(st);
		break;
	case 3:
		assert_false(store_hear(st, &text));
		break;
	case 4:
		store_rollback_to(st);
		break;
	case 5:
		assert_false(store_tell(st, "x", &things_err));
		break;
	case 6: /* one that is not: it is first prepared */
		store_column_count(store_query(st, THINGS_SQL_THING_LIST));
		break;
	case 7:
		assert_false(store_begin(st, &things_err));
		break;
	default:
		assert_int_equal(store_step(store_query(st, THINGS_SQL_THING_COUNT), &things_err),
				 STORE_FAILED);
		break;
	}
	buf_finish(&text);
}

static void check_all_fails(void)
{
	assert_true(store_in_transaction(st));
	assert_false(put("leak"));
	things_check_err(ERR_NET, "lost");
	assert_int_equal(store_step(store_query(st, THINGS_SQL_THING_LIST), &things_err),
			 STORE_FAILED);
	things_check_err(ERR_NET, "lost");
	assert_false(store_savepoint(st, &things_err));
	things_check_err(ERR_NET, "lost");
	store_rollback_to(st);
	assert_false(store_begin(st, &things_err));
	things_check_err(ERR_INTERNAL, "within");
	assert_false(store_commit(st, &things_err));
	things_check_err(ERR_NET, "lost");
	assert_false(put("leak"));
	things_check_err(ERR_NET, "lost");
}

static void nothing_leaks_out_of_a_cut_transaction(void **state)
{
	(void)state;
	for (int kind = 0; kind < 9; kind++) {
		store_close(st);
		st = things_open(url, 0);
		assert_true(store_begin(st, &things_err));
		if (kind < 6) /* the connection knows it then */
			assert_true(put("before"));
		cut();
		meet_by(kind);
		check_all_fails();
		store_rollback(st);
		assert_false(store_in_transaction(st));
		assert_string_equal(on_server(), "");
		assert_int_equal(things_count(st), 0);
	}
	assert_true(store_begin(st, &things_err));
	cut();
	assert_false(store_commit(st, &things_err));
	things_check_err(ERR_NET, "lost");
	check_all_fails();
	store_rollback(st);
	assert_true(put("a"));
	assert_string_equal(on_server(), "a");
}

static void a_server_comes_back(void **state)
{
	(void)state;
	assert_true(put("a"));
	postgres_stop();
	assert_false(put("b"));
	things_check_err(ERR_NET, "");
	assert_int_equal(store_step(store_query(st, THINGS_SQL_THING_LIST), &things_err),
			 STORE_FAILED);
	things_check_err(ERR_NET, "no server");
	postgres_restart();
	/* Not asked more often than once a second. */
	while (!put("c"))
		things_check_err(ERR_NET, "no server");
	assert_string_equal(on_server(), "a,c");
	assert_true(store_begin(st, NULL));
	assert_true(put("d"));
	postgres_kill();
	postgres_restart();
	check_all_fails();
	store_rollback(st);
	while (!put("e"))
		things_check_err(ERR_NET, "");
	assert_string_equal(on_server(), "a,c,e");
}

static void a_failed_transaction_is_refused(void **state)
{
	(void)state;
	assert_true(store_begin(st, NULL));
	assert_true(put("a"));
	assert_false(put("a"));
	things_check_err(ERR_CONFLICT, "thing_put: ");
	assert_false(put("b"));
	assert_false(store_commit(st, &things_err));
	assert_true(store_in_transaction(st));
	assert_false(put("c"));
	store_rollback(st);
	assert_string_equal(on_server(), "");
	assert_true(put("a"));
	/* A lone one leaves nothing open. */
	assert_false(put("a"));
	assert_false(store_in_transaction(st));
	assert_true(put("b"));
}

/* What a town refuses that was open before passes: nobody may take it for an answer that stands. */
static void a_refusal_of_an_open_town_passes(void **state)
{
	(void)state;
	things_raw(url, "ALTER ROLE " POSTGRES_ROLE " SET default_transaction_read_only = on");
	cut();
	assert_false(put("a"));
	things_check_err(ERR_BUSY, "only be read");
	things_raw(url, "ALTER ROLE " POSTGRES_ROLE " RESET default_transaction_read_only");
	cut();
	assert_true(put("a"));
	things_raw(url, "ALTER TABLE thing OWNER TO CURRENT_USER");
	assert_false(put("b"));
	things_check_err(ERR_BUSY, "may not do that");
	things_raw(url, "ALTER TABLE thing OWNER TO " POSTGRES_ROLE);
	assert_true(put("b"));
	things_raw(url, "ALTER ROLE " POSTGRES_ROLE " NOLOGIN");
	cut();
	assert_false(put("c"));
	things_check_err(ERR_NET, "refuses this user");
	things_refuse(url, &things_schema, 0, ERR_DENIED, "refuses this user");
	things_raw(url, "ALTER ROLE " POSTGRES_ROLE " LOGIN");
	while (!put("c"))
		things_check_err(ERR_NET, "no server");
	assert_string_equal(on_server(), "a,b,c");
}

/* Whatever the server would begin a transaction with. */
static void writers_see_what_was_committed_before_them(void **state)
{
	(void)state;
	things_raw(url, "ALTER ROLE " POSTGRES_ROLE
			" SET default_transaction_isolation = 'serializable'");
	cut();
	assert_true(store_begin(st, &things_err));
	assert_int_equal(things_count(st), 0);
	things_raw(url, "INSERT INTO thing SELECT 'x', 'x', 'x', 1, 0, 1, NULL, 'red', NULL");
	assert_int_equal(things_count(st), 1);
	store_rollback(st);
	things_raw(url, "ALTER ROLE " POSTGRES_ROLE " RESET default_transaction_isolation");
}

static void *write_in_thread(void *ret)
{
	struct store *own = things_open(url, 0);

	*(bool *)ret = store_begin(own, NULL) && store_commit(own, NULL);
	store_close(own);
	return NULL;
}

static void writers_take_turns(void **state)
{
	bool written = false;
	pthread_t thread;
	(void)state;

	assert_true(store_begin(st, NULL));
	assert_int_equal(pthread_create(&thread, NULL, write_in_thread, &written), 0);
	await("SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
	assert_false(written);
	assert_true(put("a"));
	assert_true(store_commit(st, NULL));
	pthread_join(thread, NULL);
	assert_true(written);
}

static void who_waits_too_long_is_told(void **state)
{
	struct store *other = things_open(with("-c%20lock_timeout%3D50"), 0);
	(void)state;

	assert_true(store_begin(st, NULL));
	assert_false(store_begin(other, &things_err));
	things_check_err(ERR_BUSY, "locked");
	assert_false(store_in_transaction(other));
	/* A lone write waits for its turn too. */
	assert_false(store_run(store_query(other, THINGS_SQL_THING_DELETE), &things_err));
	things_check_err(ERR_BUSY, "locked");
	assert_true(store_commit(st, NULL));
	assert_true(store_begin(other, NULL));
	store_rollback(other);
	store_close(other);
}

static void a_silent_writer_is_cut_off(void **state)
{
	struct store *silent =
		things_open(with("-c%20idle_in_transaction_session_timeout%3D300"), 0);
	(void)state;

	assert_string_equal(things_ask(url, "SELECT count(*) FROM pg_stat_activity "
					    "WHERE usename = '" POSTGRES_ROLE "'"),
			    "2");
	assert_true(store_begin(silent, NULL));
	/* Waits for the lock until the server has taken it from the silent one. */
	assert_true(store_begin(st, &things_err));
	assert_true(store_commit(st, &things_err));
	assert_false(store_run(store_query(silent, THINGS_SQL_THING_DELETE), &things_err));
	things_check_err(ERR_NET, "lost");
	store_rollback(silent);
	assert_int_equal(things_count(silent), 0);
	/* A reader may think as long as he likes, as long as the URL says nothing else. */
	assert_true(store_begin_read(st, NULL));
	assert_string_equal(things_ask(url, "SELECT count(*) FROM pg_stat_activity "
					    "WHERE state = 'idle in transaction'"),
			    "1");
	store_rollback(st);
	store_close(silent);
}

static void check_hears(struct store *who, const char *const *texts, size_t count)
{
	struct buf text = {0};

	for (size_t i = 0; i < count; i++) {
		buf_reset(&text);
		while (!store_hear(who, &text))
			sched_yield();
		assert_string_equal(text.data, texts[i]);
	}
	assert_false(store_hear(who, &text));
	buf_finish(&text);
}

static void tell(const char *text)
{
	if (!store_tell(st, text, &things_err))
		fail_msg("%s", things_err.text);
}

static void what_is_told_is_heard(void **state)
{
	struct store *other = things_open(url, 0);
	char *longest = xcalloc(1, 7001);
	const char *const texts[] = {"one", "two", longest};
	const char *const after[] = {"after"};
	(void)state;

	memset(longest, 'x', 7000);
	check_hears(other, NULL, 0);
	assert_true(store_begin(st, NULL));
	tell("never");
	store_rollback(st);
	assert_true(store_begin(st, NULL));
	tell("one");
	tell("two");
	tell(longest);
	check_hears(other, NULL, 0);
	assert_true(store_commit(st, NULL));
	check_hears(other, texts, 3);
	/* Also after a cut, once it has listened again. */
	cut();
	while (strcmp(things_ask(url, "SELECT count(*) FROM pg_stat_activity "
				      "WHERE query LIKE '%LISTEN%balie_tell_%' AND pid <> "
				      "pg_backend_pid()"),
		      "1") != 0)
		check_hears(other, NULL, 0);
	assert_true(store_begin(st, NULL));
	tell("after");
	assert_true(store_commit(st, NULL));
	check_hears(other, after, 1);
	free(longest);
	store_close(other);
}

static void await_version(struct store *who, int64_t before)
{
	while (store_data_version(who) == before)
		sched_yield();
}

static void commits_of_others_change_the_version(void **state)
{
	struct store *other = things_open(url, 0);
	int64_t version = store_data_version(other), own = store_data_version(st);
	(void)state;

	assert_int_equal(store_data_version(other), version);
	assert_true(store_begin(st, NULL));
	assert_true(put("a"));
	assert_int_equal(store_data_version(other), version);
	assert_true(store_commit(st, NULL));
	await_version(other, version);
	version = store_data_version(other);
	/* A lone write too, */
	assert_true(put("b"));
	await_version(other, version);
	version = store_data_version(other);
	/* but neither its own commits nor reading. */
	assert_int_equal(store_data_version(st), own);
	assert_true(store_begin_read(st, NULL));
	assert_int_equal(things_count(st), 2);
	assert_true(store_commit(st, NULL));
	assert_true(store_begin(st, NULL));
	store_rollback(st);
	assert_int_equal(things_count(other), 2);
	assert_int_equal(store_data_version(other), version);
	/* Nobody knows what was missed while it was cut. */
	cut();
	await_version(other, version);
	store_close(other);
}

/* In a transaction nothing is listened to that its rollback would take back. */
static void listening_outlives_a_rollback(void **state)
{
	struct store *other = things_open(url, 0);
	struct buf text = {0};
	int64_t version;
	(void)state;

	assert_true(store_begin(other, NULL));
	store_data_version(other);
	assert_false(store_hear(other, &text));
	store_rollback(other);
	version = store_data_version(other);
	assert_true(put("a"));
	await_version(other, version);
	buf_finish(&text);
	store_close(other);
}

/* Two towns in schemas of one database are nothing to each other. */
static void schemas_are_apart(void **state)
{
	struct store *other;
	struct buf text = {0};
	int64_t version;
	(void)state;

	things_raw(url, "CREATE SCHEMA other AUTHORIZATION " POSTGRES_ROLE);
	other = things_open(with("-c%20search_path%3Dother"), STORE_CREATE);
	assert_false(store_hear(other, &text));
	version = store_data_version(other);
	assert_true(store_begin(st, &things_err));
	assert_true(put("a"));
	tell("not for you");
	/* It does not wait for the other's end. */
	things_put(other, "b");
	assert_true(store_commit(st, &things_err));
	/* What the server sends is in the answer to any question that comes behind it. */
	assert_int_equal(things_count(other), 1);
	assert_int_equal(store_data_version(other), version);
	assert_false(store_hear(other, &text));
	assert_int_equal(things_count(st), 1);
	buf_finish(&text);
	store_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_idle_connection_comes_back),
		TEST(nothing_leaks_out_of_a_cut_transaction),
		TEST(a_server_comes_back),
		TEST(a_failed_transaction_is_refused),
		TEST(a_refusal_of_an_open_town_passes),
		TEST(writers_see_what_was_committed_before_them),
		TEST(writers_take_turns),
		TEST(who_waits_too_long_is_told),
		TEST(a_silent_writer_is_cut_off),
		TEST(what_is_told_is_heard),
		TEST(commits_of_others_change_the_version),
		TEST(listening_outlives_a_rollback),
		TEST(schemas_are_apart),
	};

	return cmocka_run_group_tests(tests, things_start, things_finish);
}
