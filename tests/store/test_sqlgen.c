/* The tool that makes tables of statements: what it writes and what it refuses. Its path is the first
 * argument. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "balie/mem.h"
#include "things_sql.h"

static const char *sqlgen;
static char dir[] = "/tmp/balie-sqlgen-XXXXXX";
static struct arena arena;

static const char *path_of(const char *name)
{
	return arena_printf(&arena, "%s/%s", dir, name);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const char *read_file(const char *name)
{
	FILE *file = fopen(path_of(name), "r");
	struct buf b = {0};
	const char *ret;
	char part[1024];
	size_t n;

	assert_non_null(file);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(&b, part, n);
	fclose(file);
	ret = arena_strndup(&arena, b.data != NULL ? b.data : "", b.len);
	buf_finish(&b);
	return ret;
}

/* Runs it on a.sql, and b.sql when there is one; what it says goes to words. */
static int run(const char *a, const char *b)
{
	char command[600];
	int status;

	write_file("a.sql", a);
	if (b != NULL)
		write_file("b.sql", b);
	snprintf(command, sizeof(command), "cd '%s' && '%s' test out.h out.c a.sql %s 2>words", dir,
		 sqlgen, b != NULL ? "b.sql" : "");
	status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void check_refused(const char *sql, const char *words)
{
	assert_int_equal(run(sql, NULL), 1);
	if (strstr(read_file("words"), words) == NULL)
		fail_msg("'%s' is not in '%s'", words, read_file("words"));
}

static const char *statement(enum things_sql number, const char *name)
{
	assert_string_equal(things_sqlite_statements[number].name, name);
	return things_sqlite_statements[number].sql;
}

static void the_build_has_made_a_table(void **state)
{
	(void)state;
	assert_string_equal(statement(THINGS_SQL_THING_LIST, "thing_list"),
			    "SELECT id FROM thing ORDER BY id");
	assert_string_equal(
		statement(THINGS_SQL_THING_GET, "thing_get"),
		"SELECT id, name, body, count, done, at, born, colour, extra FROM thing "
		"WHERE id = ?1");
	/* Parts within parts, chosen by a word; the last 'each' turns fastest. */
	assert_string_equal(statement(THINGS_SQL_PART_BY_ID, "part_by_id"),
			    "SELECT id, thing_id, number FROM part ORDER BY id");
	assert_int_equal(THINGS_SQL_THING_BY_ID + 1, THINGS_SQL_THING_BY_ROWID);
	assert_int_equal(THINGS_SQL_THING_BY_ROWID + 1, THINGS_SQL_PART_BY_ID);
	assert_int_equal(THINGS_SQL_THING_PUT, 0);
	assert_int_equal(things_sqlite_migration_count, 2);
	assert_string_equal(things_sqlite_migrations[0].name, "first");
	assert_string_equal(things_sqlite_migrations[1].name, "second");
	/* A migration keeps its several statements, with the last ';'. */
	assert_non_null(strstr(things_sqlite_migrations[1].sql, "END;"));
	assert_null(strstr(things_sqlite_migrations[1].sql, "--"));
}

static void files_are_written_in_order(void **state)
{
	(void)state;
	assert_int_equal(run("-- name: one\nSELECT '\\', \"x\", '\xc3\xa9', '?' -- why\n  ;\n",
			     "-- name: two\r\nSELECT\n\t2\r\n"),
			 0);
	assert_non_null(strstr(read_file("out.h"),
			       "enum test_sql {\n\tTEST_SQL_ONE,\n\tTEST_SQL_TWO,"
			       "\n\tTEST_SQL_COUNT\n};"));
	assert_non_null(strstr(read_file("out.c"), "#include \"out.h\""));
	assert_non_null(strstr(read_file("out.c"),
			       "\"SELECT '\\\\', \\\"x\\\", '\\303\\251', '?' -- why\"}"));
	assert_non_null(strstr(read_file("out.c"), "\"SELECT\\n\"\n\t \"\\0112\"}"));
	assert_non_null(strstr(read_file("out.c"), "test_sqlite_migration_count = 0;"));
	assert_string_equal(read_file("words"), "");
}

static void parts_may_stand_in_another_file(void **state)
{
	(void)state;
	assert_int_equal(run("-- name: one\nSELECT {{a}}, '{b}' FROM {x}\n-- each: x t u\n", NULL),
			 1);
	assert_int_equal(run("-- name: one_{x}\n-- each: x t u\nSELECT {{a}}, '{b}' FROM {x}\n",
			     "-- part: a\n{x}.a\n"),
			 0);
	assert_non_null(
		strstr(read_file("out.c"), "{\"one_t\",\n\t \"SELECT t.a, '{b}' FROM t\"}"));
	assert_non_null(
		strstr(read_file("out.c"), "{\"one_u\",\n\t \"SELECT u.a, '{b}' FROM u\"}"));
	/* A word of 'each' is not taken for the part of the same name. */
	assert_int_equal(run("-- name: n_{a}\n-- each: a t\nSELECT {{a}}\n-- part: a\n5\n", NULL),
			 0);
	assert_non_null(strstr(read_file("out.c"), "{\"n_t\",\n\t \"SELECT 5\"}"));
}

static void mistakes_are_named(void **state)
{
	(void)state;
	check_refused("\nSELECT 1\n", "a.sql:2: text before the first");
	check_refused("-- name: a\nSELECT 1\n-- name: a\nSELECT 2\n",
		      "a.sql:3: 'a' is already in a.sql:1");
	check_refused("-- name: {X}\n-- each: X a a\nSELECT 1\n", "'a' is already");
	check_refused("-- name: a\n\n-- name: b\nSELECT 1\n", "a.sql:1: 'a' is empty");
	check_refused("-- name: a\n;\n", "a.sql:1: 'a' is empty");
	check_refused("-- name: a\nSELECT 1; SELECT 2;\n", "a.sql:1: 'a' holds a second statement");
	check_refused("-- name: a\nSELECT {{b}}\n", "a.sql:1: 'a': no part is called 'b'");
	check_refused("-- name: a\nSELECT {{b\n", "a.sql:1: 'a': '{{' without");
	check_refused("-- part: b\n{{c}}\n-- part: c\n{{b}}\n-- name: a\nSELECT {{b}}\n",
		      "a.sql:5: 'a': parts go round in a circle");
	check_refused("-- name: A\nSELECT 1\n", "a.sql:1: 'A' is no name");
	check_refused("-- name: a b\nSELECT 1\n", "a.sql:1: 'name' needs one word");
	check_refused("-- name:\nSELECT 1\n", "a.sql:1: 'name' needs one word");
	check_refused("-- name: a_{X}\nSELECT 1\n", "is no name");
	check_refused("-- name: count\nSELECT 1\n", "a.sql:1: 'count' is the name");
	check_refused("-- name: a\nSELECT 1\n-- each: X a\n",
		      "a.sql:3: 'each' must stand directly");
	check_refused("-- part: a\n-- each: X a\n1\n", "a.sql:2: 'each' must stand directly");
	check_refused("-- each: X a\n", "a.sql:1: 'each' must stand directly");
	check_refused("-- name: a\n-- each: X\nSELECT 1\n", "a.sql:2: 'each: X' needs words");
	check_refused("-- migration: a\nSELECT 1;\n", "a.sql: no statement");
	check_refused("", "a.sql: no statement");
	/* A ';' in text or a comment ends nothing. */
	assert_int_equal(run("-- name: a\nSELECT 'x; y' /* ; */ -- ; z\n;\n", NULL), 0);
	assert_non_null(strstr(read_file("out.c"), "'x; y'"));
}

static void wrong_calls_are_refused(void **state)
{
	char command[600];
	int status;
	(void)state;

	snprintf(command, sizeof(command), "'%s' 2>'%s/words'", sqlgen, dir);
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), 2);
	snprintf(command, sizeof(command), "'%s' t '%s/h' '%s/c' /nowhere.sql 2>'%s/words'", sqlgen,
		 dir, dir, dir);
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(read_file("words"), "/nowhere.sql: "));
	assert_int_not_equal(access(path_of("h"), F_OK), 0);
}

static int start(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int finish(void **state)
{
	char command[64];
	(void)state;

	arena_finish(&arena);
	snprintf(command, sizeof(command), "rm -r '%s'", dir);
	return system(command);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_build_has_made_a_table),
		cmocka_unit_test(files_are_written_in_order),
		cmocka_unit_test(parts_may_stand_in_another_file),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(wrong_calls_are_refused),
	};

	if (argc != 2)
		return 2;
	sqlgen = realpath(argv[1], NULL);
	if (sqlgen == NULL)
		return 2;
	return cmocka_run_group_tests(tests, start, finish);
}
