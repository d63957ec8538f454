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
			       "\"SELECT '\\\\', \\\"x\\\", '\\303\\251', '?' -- why\", NULL}"));
	assert_non_null(strstr(read_file("out.c"), "\"SELECT\\n\"\n\t \"\\0112\", NULL}"));
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
		strstr(read_file("out.c"), "{\"one_t\",\n\t \"SELECT t.a, '{b}' FROM t\", NULL}"));
	assert_non_null(
		strstr(read_file("out.c"), "{\"one_u\",\n\t \"SELECT u.a, '{b}' FROM u\", NULL}"));
	/* A word of 'each' is not taken for the part of the same name. */
	assert_int_equal(run("-- name: n_{a}\n-- each: a t\nSELECT {{a}}\n-- part: a\n5\n", NULL),
			 0);
	assert_non_null(strstr(read_file("out.c"), "{\"n_t\",\n\t \"SELECT 5\", NULL}"));
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

/* Common files, and one of each engine's own. */
static int run_both(const char *common, const char *sqlite, const char *postgres)
{
	char command[600];
	int status;

	write_file("a.sql", common);
	write_file("s.sql", sqlite);
	write_file("p.sql", postgres);
	snprintf(command, sizeof(command),
		 "cd '%s' && '%s' test out.h out.c a.sql --sqlite s.sql --postgres p.sql 2>words",
		 dir, sqlgen);
	status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void check_both_refused(const char *common, const char *sqlite, const char *postgres,
			       const char *words)
{
	assert_int_equal(run_both(common, sqlite, postgres), 1);
	if (strstr(read_file("words"), words) == NULL)
		fail_msg("'%s' is not in '%s'", words, read_file("words"));
}

static void check_written(const char *words)
{
	if (strstr(read_file("out.c"), words) == NULL)
		fail_msg("'%s' is not in '%s'", words, read_file("out.c"));
}

static void each_engine_has_its_own_table(void **state)
{
	(void)state;
	assert_int_equal(run_both("-- name: one\nSELECT {{all}}, '?3', \"?4\", ?12\n",
				  "-- migration: m\nA;\n-- name: two\nSELECT 2, ?1\n"
				  "-- name: three\nSELECT 3\n-- part: all\n?1\n",
				  "-- part: all\n?1 ? $$?1$$\n-- name: three\nSELECT 33\n"
				  "-- name: two\nSELECT 22, ?1\n-- migration: m\nB ?1;\n"
				  "-- migration: n\nC;\n"),
			 0);
	assert_non_null(strstr(read_file("out.h"),
			       "\tTEST_SQL_ONE,\n\tTEST_SQL_TWO,\n\tTEST_SQL_THREE,\n"
			       "\tTEST_SQL_COUNT\n"));
	assert_non_null(strstr(read_file("out.h"), "test_postgres_statements[TEST_SQL_COUNT];"));
	check_written("test_sqlite_statements[TEST_SQL_COUNT] = {\n\t{\"one\",\n"
		      "\t \"SELECT ?1, '?3', \\\"?4\\\", ?12\", NULL},\n"
		      "\t{\"two\",\n\t \"SELECT 2, ?1\", NULL},\n");
	/* In the order of the one list of numbers, whatever the order in the file. */
	check_written("test_postgres_statements[TEST_SQL_COUNT] = {\n\t{\"one\",\n"
		      "\t \"SELECT $1 ? $$?1$$, '?3', \\\"?4\\\", $12\", NULL},\n"
		      "\t{\"two\",\n\t \"SELECT 22, $1\", NULL},\n"
		      "\t{\"three\",\n\t \"SELECT 33\", NULL},\n");
	check_written("test_sqlite_migration_count = 1;");
	check_written("{\"m\",\n\t \"B ?1;\", NULL},\n");
	check_written("test_postgres_migration_count = 2;");
	/* An engine that is not asked for has no table. */
	assert_int_equal(run("-- name: one\nSELECT 1\n", NULL), 0);
	assert_null(strstr(read_file("out.c"), "postgres"));
}

static void engines_have_the_same_statements(void **state)
{
	const char *one = "-- name: one\nSELECT 1\n";
	(void)state;

	check_both_refused(one, "-- name: two\nSELECT 2\n", "",
			   "s.sql:1: 'two' is not there for postgres");
	check_both_refused(one, "", "\n-- name: two\nSELECT 2\n",
			   "p.sql:2: 'two' is not there for sqlite");
	check_both_refused(one, "", "-- name: one\nSELECT 2\n",
			   "p.sql:1: 'one' is already in a.sql:1");
	check_both_refused("-- name: one\nSELECT {{x}}\n", "-- part: x\n1\n", "",
			   "a.sql:1: 'one': no part is called 'x'");
	check_both_refused("-- migration: m\nA;\n-- name: one\nSELECT 1\n", "",
			   "-- migration: n\nB;\n", "p.sql:1: 'n': migrations stand in");
}

static void engines_differ_by_a_word(void **state)
{
	(void)state;
	assert_int_equal(run_both("-- migration: m\nCREATE TABLE t (n {{int}}){{end}};\n{{own}}\n"
				  "-- migration: n\nB;\n-- name: one\nSELECT 1\n",
				  "-- part: int\nINTEGER\n-- part: end\n STRICT\n"
				  "-- part: own\nOURS;\nAND\n",
				  "-- part: int\nBIGINT\n-- part: end\n-- part: own\nTHEIRS;\n"),
			 0);
	check_written("test_sqlite_migrations[] = {\n\t{\"m\",\n\t \"CREATE TABLE t (n INTEGER) "
		      "STRICT;\\n\"\n\t \"OURS;\\n\"\n\t \"AND\", NULL},\n\t{\"n\",\n"
		      "\t \"B;\", NULL},\n\t{NULL, NULL, NULL}\n};\n");
	check_written("test_postgres_migrations[] = {\n\t{\"m\",\n\t \"CREATE TABLE t (n BIGINT);"
		      "\\n\"\n\t \"THEIRS;\", NULL},\n\t{\"n\",\n");
	check_both_refused("-- migration: m\n{{x}}\n-- name: one\nSELECT 1\n", "-- part: x\n1\n",
			   "", "a.sql:1: 'm': no part is called 'x'");
}

static void lists_have_other_forms(void **state)
{
	(void)state;
	assert_int_equal(run("-- name: n_{T}\n-- each: T t\n-- each: T u\n"
			     "SELECT {{{T}_key | ?2}}, {{{T}_key | DESC}} FROM {T}\n"
			     "-- part: t_key\na, {{rest}}\n-- part: rest\nb,\nc_2\n"
			     "-- part: u_key\na\n",
			     NULL),
			 0);
	check_written(
		"{\"n_t\",\n\t \"SELECT ?2, ?3, ?4, a DESC, b DESC, c_2 DESC FROM t\", NULL}");
	check_written("{\"n_u\",\n\t \"SELECT ?2, a DESC FROM u\", NULL}");
	check_refused("-- name: a\n{{k | ?1}}\n-- part: k\na + b\n",
		      "a.sql:1: 'a': 'a + b' is no list");
	check_refused("-- name: a\n{{k | ?1}}\n-- part: k\na,\n", "'a,' is no list of names");
	check_refused("-- name: a\n{{k | ?1}}\n-- part: k\n", "'' is no list of names");
	check_refused("-- name: a\n{{k | ?}}\n-- part: k\na\n", "a.sql:1: 'a': '{{' without");
	check_refused("-- name: a\n{{k | ?1a}}\n-- part: k\na\n", "'{{' without");
	check_refused("-- name: a\n{{k | }}\n-- part: k\na\n", "'{{' without");
	check_refused("-- name: a\n{{k | DESC\n-- part: k\na\n", "'{{' without");
}

static void rows_may_go_by_copy(void **state)
{
	(void)state;
	assert_int_equal(run_both("-- name: put_{T}\n-- each: T t u\n-- copy: {T}\n"
				  "INSERT INTO {T} (a, b_2,\n\tc)\nVALUES (?1, ?2,\n\t?3);\n",
				  "", ""),
			 0);
	check_written("VALUES (?1, ?2,\\n\"\n\t \"\\011?3)\", NULL},");
	check_written("VALUES ($1, $2,\\n\"\n\t \"\\011$3)\",\n"
		      "\t \"COPY t (a, b_2, c) FROM STDIN\"},");
	check_written("\"COPY u (a, b_2, c) FROM STDIN\"}");
	check_refused("-- name: a\n-- copy: t\nINSERT INTO t (a, b) VALUES (?2, ?1)\n",
		      "a.sql:1: 'a' cannot go by COPY");
	check_refused("-- name: a\n-- copy: t\nINSERT INTO t (a) VALUES (?1, ?2)\n", "cannot go");
	check_refused("-- name: a\n-- copy: t\nINSERT INTO t (a, b) VALUES (?1)\n", "cannot go");
	check_refused("-- name: a\n-- copy: t\nINSERT INTO t (a) VALUES (?1 + 1)\n", "cannot go");
	check_refused("-- name: a\n-- copy: t\nINSERT INTO t (a) VALUES (1)\n", "cannot go");
	check_refused("-- name: a\n-- copy: t\nINSERT INTO t VALUES (?1)\n", "cannot go");
	check_refused("-- name: a\n-- copy: t\nINSERT INTO ta (a) VALUES (?1)\n", "cannot go");
	check_refused("-- name: a\n-- copy: t\nINSERT INTO t (a) VALUES (?1)\n"
		      "ON CONFLICT DO NOTHING\n",
		      "cannot go");
	check_refused("-- name: a\n-- copy: t\nINSERT INTO t (a) SELECT ?1\n", "cannot go");
	check_refused("-- name: a\n-- copy: t u\nSELECT 1\n", "a.sql:2: 'copy' needs one word");
	check_refused("-- name: a\n-- copy: t\n-- copy: t\nSELECT 1\n", "a.sql:3: 'copy' stands");
	check_refused("-- name: a\n-- copy: T\nSELECT 1\n", "'T' is no table's name");
	check_refused("-- name: a\nSELECT 1\n-- copy: t\n", "a.sql:3: 'copy' must stand directly");
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
	snprintf(command, sizeof(command), "'%s' t '%s/h' '%s/c' --oracle 2>'%s/words'", sqlgen,
		 dir, dir, dir);
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(read_file("words"), "--oracle: no engine"));
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
		cmocka_unit_test(each_engine_has_its_own_table),
		cmocka_unit_test(engines_have_the_same_statements),
		cmocka_unit_test(engines_differ_by_a_word),
		cmocka_unit_test(lists_have_other_forms),
		cmocka_unit_test(rows_may_go_by_copy),
		cmocka_unit_test(wrong_calls_are_refused),
	};

	if (argc != 2)
		return 2;
	sqlgen = realpath(argv[1], NULL);
	if (sqlgen == NULL)
		return 2;
	return cmocka_run_group_tests(tests, start, finish);
}
