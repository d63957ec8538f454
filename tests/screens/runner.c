/* Runs scenarios: the real client on a terminal, on a town that lies on disk, without network. The
 * expected screens stand beside this file; REGENERATE=1 writes them anew, and a person reads the
 * difference. Every scenario waits for words, never for time. */
#include "runner.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "terminal.h"

static const char *balie, *expected_dir;

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

static struct terminal *start(const struct scenario *sc, const char *home)
{
	char *argv[] = {(char *)balie,	  (char *)"--server", (char *)TOWN_SERVER,
			(char *)"--user", (char *)TOWN_USER,  NULL};
	char *home_env = xasprintf("BALIE_HOME=%s", home);
	char *language = xasprintf("LANGUAGE=%s", sc->language ? sc->language : "en");
	const char *env[] = {home_env, language, "BALIE_NOW=" TOWN_NOW, "HOME=/nonexistent", NULL};
	struct terminal *t = terminal_start(argv, env, sc->rows, sc->cols);

	free(home_env);
	free(language);
	return t;
}

static void run_steps(struct terminal *t, const struct scenario *sc)
{
	assert_true(terminal_wait_text(t, "10:00", TERMINAL_LIMIT_MS));
	for (const struct step *s = sc->steps; s->keys || s->text || s->wait; s++) {
		if (s->keys)
			terminal_keys(t, s->keys);
		if (s->text)
			terminal_type(t, s->text);
		if (s->wait && !terminal_wait_text(t, s->wait, TERMINAL_LIMIT_MS)) {
			char *screen = terminal_screen_text(t);

			fprintf(stderr, "%s: “%s” never came:\n%s", sc->name, s->wait, screen);
			free(screen);
			terminal_stop(t);
			fail();
		}
	}
}

static char *read_expected(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0, n;
	char bytes[4096];
	FILE *out = open_memstream(&text, &len);

	while (f && (n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		fwrite(bytes, 1, n, out);
	fclose(out);
	if (f)
		fclose(f);
	return text;
}

/* The last frame may still be on its way: the screen must become what is expected. */
static void compare(struct terminal *t, const struct scenario *sc, const char *path)
{
	char *expected = read_expected(path), *screen = terminal_screen_text(t);
	int64_t end = clock_mono() + 5000;

	while (strcmp(expected, screen) != 0 && clock_mono() < end) {
		terminal_wait_frames(t, terminal_frames(t) + 1, 100);
		free(screen);
		screen = terminal_screen_text(t);
	}
	if (strcmp(expected, screen) != 0) {
		fprintf(stderr, "%s: expected:\n%sbut it is:\n%s", sc->name, expected, screen);
		free(expected);
		free(screen);
		terminal_stop(t);
		fail();
	}
	free(expected);
	free(screen);
}

static void regenerate(struct terminal *t, const char *path)
{
	FILE *f = fopen(path, "w");
	char *screen;

	while (terminal_wait_frames(t, terminal_frames(t) + 1, 400))
		;
	screen = terminal_screen_text(t);
	assert_non_null(f);
	fputs(screen, f);
	fclose(f);
	free(screen);
}

static void test_scenario(void **state)
{
	const struct scenario *sc = *state;
	char dir[] = "/tmp/balie-screens-XXXXXX";
	char *home, *dir_work, *path = xasprintf("%s/%s.txt", expected_dir, sc->name);
	struct terminal *t;

	assert_non_null(mkdtemp(dir));
	home = xasprintf("%s/home", dir);
	dir_work = town_make(home, sc->tickets);
	if (sc->prepare)
		sc->prepare(dir_work);
	t = start(sc, home);
	run_steps(t, sc);
	if (getenv("REGENERATE"))
		regenerate(t, path);
	else
		compare(t, sc, path);
	assert_int_equal(terminal_stop(t), 0);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(path);
	free(home);
	free(dir_work);
}

int runner_main(int argc, char **argv, const struct scenarios *lists, size_t list_count)
{
	struct CMUnitTest *tests;
	size_t count = 0;
	int ret;

	if (argc < 3)
		return 2;
	balie = argv[1];
	expected_dir = argv[2];
	for (size_t l = 0; l < list_count; l++)
		count += lists[l].count;
	tests = calloc(count + 1, sizeof(*tests));
	count = 0;
	for (size_t l = 0; l < list_count; l++)
		for (size_t i = 0; i < lists[l].count; i++)
			tests[count++] =
				(struct CMUnitTest){lists[l].rows[i].name, test_scenario, NULL,
						    NULL, (void *)(uintptr_t)&lists[l].rows[i]};
	ret = _cmocka_run_group_tests("screens", tests, count, NULL, NULL);
	free(tests);
	return ret;
}
