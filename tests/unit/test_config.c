#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balie/config.h"
#include "balie/err.h"
#include "balie/mem.h"

struct settings {
	bool verbose;
	const char *listen;
	int64_t workers;
	struct option_list extra;
};

static const struct option_row rows[] = {
	{"verbose", OPTION_FLAG, NULL, "talk", offsetof(struct settings, verbose), 0, 0},
	{"listen", OPTION_TEXT, "ADDRESS", "where", offsetof(struct settings, listen), 0, 0},
	{"workers", OPTION_NUMBER, "N", "how many", offsetof(struct settings, workers), 1, 64},
	{"extra", OPTION_LIST, "WORD", "more", offsetof(struct settings, extra), 0, 0},
	{NULL, OPTION_FLAG, NULL, NULL, 0, 0, 0},
};

static char dir[] = "/tmp/balie-test-XXXXXX";
static struct arena arena;
static struct err err;

#define parse(into, given, operands, ...) \
	parse_words(into, given, operands, (const char *[]){"prog", __VA_ARGS__, NULL})

static bool parse_words(struct settings *into, bool *given, struct option_list *operands,
			const char **words)
{
	char *argv[32];
	int argc = 0;

	for (; words[argc] != NULL; argc++)
		argv[argc] = arena_strdup(&arena, words[argc]);
	argv[argc] = NULL;
	err = (struct err){0};
	return options_parse(rows, argc, argv, into, given, operands, &arena, &err);
}

static const char *write_file(const char *name, const char *text)
{
	char *path = arena_printf(&arena, "%s/%s", dir, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

static bool read_text(struct settings *into, const bool *given, const char *text)
{
	const char *path = write_file("conf", text);

	err = (struct err){0};
	return options_read_file(rows, path, into, given, &arena, &err);
}

static void check_err(enum err_kind kind, const char *part)
{
	assert_int_equal(err.kind, kind);
	if (strstr(err.text, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, err.text);
}

static void command_line_is_read(void **state)
{
	struct settings s = {.listen = "default", .workers = 4};
	struct option_list operands;
	bool given[4];
	(void)state;

	assert_true(parse(&s, given, &operands, "one", "--listen", "a:1", "--workers=8",
			  "--verbose", "-", "--extra", "x", "--extra=y", "--", "--listen", "-z"));
	assert_true(s.verbose);
	assert_string_equal(s.listen, "a:1");
	assert_int_equal(s.workers, 8);
	assert_int_equal(s.extra.count, 2);
	assert_string_equal(s.extra.items[1], "y");
	assert_int_equal(operands.count, 4);
	assert_string_equal(operands.items[0], "one");
	assert_string_equal(operands.items[1], "-");
	assert_string_equal(operands.items[2], "--listen");
	assert_string_equal(operands.items[3], "-z");
	assert_true(given[0] && given[1] && given[2] && given[3]);

	assert_true(parse(&s, given, &operands, "--verbose=no", "--listen="));
	assert_false(s.verbose);
	assert_string_equal(s.listen, "");
	assert_int_equal(s.workers, 8);
	assert_false(given[2]);
	assert_int_equal(operands.count, 0);
	/* A value may look like an option. */
	assert_true(parse(&s, NULL, &operands, "--listen", "--verbose"));
	assert_string_equal(s.listen, "--verbose");
}

static void lists_replace_their_default(void **state)
{
	const char *items[] = {"d1", "d2"};
	struct settings s = {.extra = {items, 2}};
	char *argv[64];
	(void)state;

	assert_true(parse(&s, NULL, NULL, "--verbose"));
	assert_int_equal(s.extra.count, 2);
	argv[0] = arena_strdup(&arena, "prog");
	for (int i = 1; i < 50; i++)
		argv[i] = arena_printf(&arena, "--extra=%d", i);
	argv[50] = NULL;
	assert_true(options_parse(rows, 50, argv, &s, NULL, NULL, &arena, &err));
	assert_int_equal(s.extra.count, 49);
	for (size_t i = 0; i < 49; i++)
		assert_int_equal(atoi(s.extra.items[i]), (int)i + 1);
}

static void command_line_is_refused(void **state)
{
	struct settings s = {0};
	(void)state;

	assert_false(parse(&s, NULL, NULL, "--lisen", "x"));
	check_err(ERR_INPUT, "'--lisen'; did you mean '--listen'?");
	assert_false(parse(&s, NULL, NULL, "--worker=3"));
	check_err(ERR_INPUT, "did you mean '--workers'?");
	assert_false(parse(&s, NULL, NULL, "--zzzzzzzz"));
	check_err(ERR_INPUT, "unknown option '--zzzzzzzz'");
	assert_null(strstr(err.text, "mean"));
	assert_false(parse(&s, NULL, NULL, "-listen"));
	check_err(ERR_INPUT, "'-listen'; did you mean '--listen'?");
	assert_false(parse(&s, NULL, NULL, "-q"));
	check_err(ERR_INPUT, "unknown option '-q'");
	assert_false(parse(&s, NULL, NULL, "--listen"));
	check_err(ERR_INPUT, "'--listen' needs ADDRESS");
	assert_false(parse(&s, NULL, NULL, "--workers", "0"));
	check_err(ERR_INPUT, "from 1 to 64, not '0'");
	assert_false(parse(&s, NULL, NULL, "--workers", "many"));
	assert_false(parse(&s, NULL, NULL, "--verbose=perhaps"));
	check_err(ERR_INPUT, "yes or no, not 'perhaps'");
	assert_false(parse(&s, NULL, NULL, "--listen", "\xff"));
	check_err(ERR_INPUT, "UTF-8");
	assert_false(parse(&s, NULL, NULL, "operand"));
	check_err(ERR_INPUT, "'operand'");
	assert_int_equal(s.workers, 0);
}

static void file_is_read(void **state)
{
	struct settings s = {.workers = 4};
	(void)state;

	assert_true(read_text(&s, NULL,
			      "# comment\n; other\n\n[heading]\nlisten = [::1]:80\n"
			      "verbose=yes\nworkers = 12 ; twelve\nextra = a\nextra = b b\n"));
	assert_true(s.verbose);
	assert_string_equal(s.listen, "[::1]:80");
	assert_int_equal(s.workers, 12);
	assert_int_equal(s.extra.count, 2);
	assert_string_equal(s.extra.items[1], "b b");
	assert_true(read_text(&s, NULL, ""));
	assert_true(read_text(&s, NULL, "verbose = off"));
	assert_false(s.verbose);
}

static void command_line_goes_before_file(void **state)
{
	struct settings s = {.workers = 4};
	bool given[4];
	(void)state;

	assert_true(parse(&s, given, NULL, "--workers=8", "--extra=cli"));
	assert_true(read_text(&s, given, "workers = 2\nlisten = file\nextra = f1\nextra = f2\n"));
	assert_int_equal(s.workers, 8);
	assert_string_equal(s.listen, "file");
	assert_int_equal(s.extra.count, 1);
	assert_string_equal(s.extra.items[0], "cli");
}

static void file_is_refused(void **state)
{
	struct settings s = {0};
	char long_line[600];
	(void)state;

	assert_false(read_text(&s, NULL, "verbose = yes\n\nlistn = x\nworkers = 900\n"));
	check_err(ERR_INPUT, "/conf:3: unknown option 'listn'; did you mean 'listen'?");
	assert_false(read_text(&s, NULL, "workers = 900\n"));
	check_err(ERR_INPUT, "/conf:1: 'workers' is a number from 1 to 64, not '900'");
	assert_false(read_text(&s, NULL, "workers = 3\nnonsense\n"));
	check_err(ERR_INPUT, "/conf:2: ");
	assert_false(read_text(&s, NULL, "[open\n"));
	check_err(ERR_INPUT, "/conf:1: ");
	memset(long_line, 'x', sizeof(long_line));
	memcpy(long_line, "listen = ", 9);
	long_line[sizeof(long_line) - 1] = '\0';
	assert_false(read_text(&s, NULL, long_line));
	check_err(ERR_INPUT, "/conf:1: the line is longer");
	assert_false(read_text(&s, NULL, "listen = caf\xe9\n"));
	check_err(ERR_INPUT, "/conf:1: 'listen': the value is no valid UTF-8");
	assert_false(options_read_file(rows, "/nowhere/at/all", &s, NULL, &arena, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_false(options_read_file(rows, dir, &s, NULL, &arena, &err));
}

static void environment(void **state)
{
	(void)state;
	setenv("BALIE_TEST", "", 1);
	assert_null(env_get("BALIE_TEST"));
	setenv("BALIE_TEST", "x", 1);
	assert_string_equal(env_get("BALIE_TEST"), "x");
	unsetenv("BALIE_TEST");
	assert_null(env_get("BALIE_TEST"));
}

static void check_dir(char kind, const char *below)
{
	char *path, *expected = arena_printf(&arena, "%s/%s", dir, below);
	struct stat info;

	assert_true(env_dir(kind, &path, &err));
	assert_string_equal(path, expected);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0700);
	free(path);
}

static void directories(void **state)
{
	char *path = NULL;
	mode_t before = umask(0);
	(void)state;

	setenv("BALIE_HOME", arena_printf(&arena, "%s/own", dir), 1);
	check_dir('c', "own/config");
	check_dir('h', "own/cache");
	check_dir('d', "own/data");
	check_dir('r', "own/run");
	check_dir('r', "own/run");
	unsetenv("BALIE_HOME");
	setenv("HOME", arena_printf(&arena, "%s/home", dir), 1);
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_DATA_HOME");
	setenv("XDG_CONFIG_HOME", "relative/ignored", 1);
	check_dir('c', "home/.config/balie");
	check_dir('h', "home/.cache/balie");
	check_dir('d', "home/.local/share/balie");
	check_dir('r', "home/.cache/balie/run");
	setenv("XDG_CONFIG_HOME", arena_printf(&arena, "%s/xdg", dir), 1);
	check_dir('c', "xdg/balie");
	/* A file in the way. */
	setenv("BALIE_HOME", write_file("file", "x"), 1);
	assert_false(env_dir('c', &path, &err));
	assert_null(path);
	assert_non_null(strstr(err.text, "file"));
	unsetenv("BALIE_HOME");
	umask(before);
}

static int start(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int finish(void **state)
{
	char command[sizeof(dir) + 16];
	(void)state;

	arena_finish(&arena);
	snprintf(command, sizeof(command), "rm -r '%s'", dir);
	return system(command);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_line_is_read),
		cmocka_unit_test(lists_replace_their_default),
		cmocka_unit_test(command_line_is_refused),
		cmocka_unit_test(file_is_read),
		cmocka_unit_test(command_line_goes_before_file),
		cmocka_unit_test(file_is_refused),
		cmocka_unit_test(environment),
		cmocka_unit_test(directories),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
