/* What balie says to a command line that is wrong, and what it does without a screen. Each error is a
 * sentence on stderr, each exit status the one of the manual. */
#include "town.h"
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char *balie, *balied;

struct scenario {
	const char *name;
	const char *args[8];
	bool town; /* there is a mirror; server and user are given */
	int status;
	const char *out, *err; /* must stand in what is printed */
	const char *lang;      /* a locale that need not be installed; NULL: English */
	bool service;	       /* it is balied that is asked */
};

static const struct scenario scenarios[] = {
	{"version", {"--version"}, false, 0, "balie ", ""},
	{"help", {"--help"}, false, 0, "--server URL", ""},
	{"help in Dutch", {"--help"}, false, 0, "Gebruik: balie", "", "nl_BE.UTF-8"},
	{"help in Dutch of the service",
	 {"--help"},
	 false,
	 0,
	 "Gebruik: balied",
	 "",
	 "nl_NL@euro",
	 true},
	{"help in a language that is not there", {"--help"}, false, 0, "Usage: ", "", "xx.UTF-8"},
	{"unknown option", {"--servr", "x"}, false, 2, "", "did you mean '--server'"},
	{"unknown command", {"frob"}, false, 2, "", "there is no command"},
	{"no service", {"sync"}, false, 2, "", "balie --demo"},
	{"wrong address",
	 {"--server", "ftp://x", "--user", "an", "sync"},
	 false,
	 2,
	 "",
	 "no address of a service"},
	{"wrong language", {"--language", "fr"}, false, 2, "", "nl or en"},
	{"wrong format", {"--format", "xml", "list"}, false, 2, "", "text or json"},
	{"wrong view", {"--view", "everything", "list"}, true, 2, "", "unassigned"},
	{"no such file", {"--config", "/nonexistent/x", "list"}, false, 2, "", "/nonexistent/x"},
	{"no password",
	 {"--server", "unix:/nonexistent", "--user", "an", "sync"},
	 false,
	 1,
	 "",
	 "no password"},
	{"no terminal", {NULL}, true, 1, "", "need a terminal"},
	{"list", {"--view", "mine", "list"}, true, 0, "Diepe put voor de school", ""},
	{"list json",
	 {"list", "kerkstraat", "--format=json"},
	 true,
	 0,
	 "\"number\":\"26-000101-27\"",
	 ""},
	{"list wrong filter", {"list", "sttae:open"}, true, 2, "", "state"},
	{"show", {"show", "26-000101-27"}, true, 0, "INTERNAL NOTE", ""},
	{"show spaced", {"show", "26 000101 27"}, true, 0, "Lieselot", ""},
	{"show json", {"show", "26-000101-27", "--format=json"}, true, 0, "\"notes\":[{", ""},
	{"show mistyped", {"show", "26-000101-28"}, true, 1, "", "cannot be right"},
	{"do offline", {"do", "note", "26-000101-27", "Gebeld"}, true, 0, "Kept", ""},
	{"do named",
	 {"do", "assign", "26-000101-27", "team=wegen", "reason=weg"},
	 true,
	 0,
	 "Kept",
	 ""},
	{"do by word", {"do", "assign", "26-000101-27", "weg"}, true, 0, "Kept", ""},
	{"do create", {"do", "create", "Nieuwe vraag", "topic=rijbewijs"}, true, 0, "Kept", ""},
	{"do unknown", {"do", "asign", "26-000101-27"}, true, 2, "", "assign"},
	{"do local", {"do", "filter", "26-000101-27"}, true, 2, "", "changes only the screen"},
	{"do wrong word", {"do", "state", "26-000101-27", "opne"}, true, 2, "", "none of"},
	{"do nobody", {"do", "assign", "26-000101-27", "xyzzy"}, true, 2, "", "xyzzy"},
	{"do many",
	 {"do", "priority", "high", "--filter", "kerkstraat"},
	 true,
	 0,
	 "kept to be sent, 0 not changed",
	 ""},
	{"do many beforehand",
	 {"do", "assign", "weg", "--filter=kind:question", "--dry-run"},
	 true,
	 0,
	 "Nothing was done.",
	 ""},
	{"do many with a wrong word",
	 {"do", "priority", "high", "--filter=sttae:open"},
	 true,
	 2,
	 "",
	 "state"},
	{"do many of what is for one",
	 {"do", "create", "Nieuw", "--filter=kerkstraat"},
	 true,
	 2,
	 "",
	 "one ticket at a time"},
	{"do nothing to undo", {"do", "undo"}, true, 1, "", ""},
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

static void child(const struct scenario *sc, const char *home, int out, int err)
{
	static char server[] = "--server=" TOWN_SERVER, user[] = "--user=" TOWN_USER;
	char *argv[12];
	int argc = 0, null = open("/dev/null", O_RDWR);

	argv[argc++] = sc->service ? balied : balie;
	for (int i = 0; i < 8 && sc->args[i]; i++)
		argv[argc++] = (char *)(uintptr_t)sc->args[i];
	if (sc->town) {
		argv[argc++] = server;
		argv[argc++] = user;
	}
	argv[argc] = NULL;
	setenv("BALIE_HOME", home, 1);
	setenv("BALIE_NOW", TOWN_NOW, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("LANGUAGE", "en", 1);
	if (sc->lang) {
		unsetenv("LC_ALL");
		unsetenv("LC_MESSAGES");
		unsetenv("LANGUAGE");
		setenv("LANG", sc->lang, 1);
	}
	/* A session of its own has no terminal to ask on. */
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	execv(argv[0], argv);
	_exit(127);
}

static char *read_file(FILE *f)
{
	char *text = calloc(1, 200001);
	size_t n;

	assert_non_null(text);
	rewind(f);
	n = fread(text, 1, 200000, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void test_scenario(void **state)
{
	const struct scenario *sc = *state;
	char dir[] = "/tmp/balie-command-XXXXXX", home[64];
	FILE *out = tmpfile(), *err = tmpfile();
	char *said, *complained;
	int status = 0;
	pid_t pid;

	assert_non_null(mkdtemp(dir));
	snprintf(home, sizeof(home), "%s/home", dir);
	if (sc->town)
		free(town_make(home, 20));
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(sc, home, fileno(out), fileno(err));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	said = read_file(out);
	complained = read_file(err);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != sc->status || !strstr(said, sc->out) ||
	    !strstr(complained, sc->err)) {
		fprintf(stderr, "%s: status %x\nstdout: %s\nstderr: %s\n", sc->name,
			(unsigned)status, said, complained);
		fail();
	}
	/* What went wrong is one sentence. */
	if (sc->status)
		assert_int_equal(strncmp(complained, "balie: ", 7), 0);
	free(said);
	free(complained);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
	enum { COUNT = sizeof(scenarios) / sizeof(scenarios[0]) };
	struct CMUnitTest tests[COUNT];

	if (argc < 3)
		return 2;
	balie = argv[1];
	balied = argv[2];
	for (size_t i = 0; i < COUNT; i++)
		tests[i] = (struct CMUnitTest){scenarios[i].name, test_scenario, NULL, NULL,
					       (void *)(uintptr_t)&scenarios[i]};
	return cmocka_run_group_tests_name("command line", tests, NULL, NULL);
}
