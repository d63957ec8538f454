#include "fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEAM "Contactcenter"
#define DESK "loket" /* who registers what the tests need, and does nothing else */

static const struct {
	const char *name, *display;
} agents[] = {{"an", "An Claes"}, {"bart", "Bart Declercq"}, {DESK, "Het loket"}};

static const char *program(const char *variable)
{
	const char *path = getenv(variable);

	if (!path) {
		fprintf(stderr, "%s must say which program is tested\n", variable);
		exit(1);
	}
	return path;
}

const char *program_balie(void)
{
	return program("BALIE_BIN");
}

const char *program_balied(void)
{
	return program("BALIED_BIN");
}

static char *text_of(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static char *text_of(const char *fmt, ...)
{
	char *ret = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&ret, fmt, ap) < 0)
		abort();
	va_end(ap);
	return ret;
}

/* ---- checks ---- */

static void print_screen(struct terminal *terminal)
{
	char *text = terminal_screen_text(terminal);

	/* print_message() cuts after a thousand bytes. */
	printf("---- the screen ----\n%s--------------------\n", text);
	fflush(stdout);
	free(text);
}

void check_at(struct terminal *terminal, bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	if (terminal)
		print_screen(terminal);
	print_message("not so: %s\n", what);
	_fail(file, line);
}

void see_at(struct terminal *terminal, const char *text, bool there, const char *file, int line)
{
	bool ok = there ? terminal_wait_text(terminal, text, TERMINAL_LIMIT_MS)
			: terminal_wait_no_text(terminal, text, TERMINAL_LIMIT_MS);

	if (ok)
		return;
	print_message("this %s: “%s”\n", there ? "does not come" : "stays on the screen", text);
	print_screen(terminal);
	_fail(file, line);
}

/* ---- programs without a terminal ---- */

static void child_env(const struct town *t, const char *user)
{
	char *home = text_of("%s/home-%s", t->dir, user);

	setenv("BALIE_HOME", home, 1);
	setenv("HOME", t->dir, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("LANGUAGE");
	unsetenv("XDG_RUNTIME_DIR");
	free(home);
}

/* Runs a program with input on its standard input; *ret gets what it printed, both ways. */
static int run(const struct town *t, const char *user, const char *const *argv, const char *input,
	       char **ret)
{
	size_t len = 0;
	FILE *all = open_memstream(ret, &len);
	int in[2], out[2], status = 0;
	char bytes[4096];
	pid_t pid;
	ssize_t n;

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		child_env(t, user);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		setsid();
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	if (input && write(in[1], input, strlen(input)) < 0)
		print_message("%s reads nothing\n", argv[0]);
	close(in[1]);
	while ((n = read(out[0], bytes, sizeof(bytes))) > 0)
		fwrite(bytes, 1, (size_t)n, all);
	close(out[0]);
	fclose(all);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void must_run(const struct town *t, const char *const *argv, const char *input)
{
	char *out;
	int code = run(t, "nobody", argv, input, &out);

	if (code != 0)
		print_message("%s %s ends with %d: %s\n", argv[0], argv[1], code, out);
	free(out);
	assert_int_equal(code, 0);
}

void town_balied_words(const struct town *t, const char *const *words, const char *input)
{
	const char *argv[16] = {program_balied()};
	char *db = text_of("sqlite:%s", t->db);
	size_t n = 1;

	for (size_t i = 0; words[i]; i++) {
		assert_true(n < 13);
		argv[n++] = words[i];
	}
	argv[n++] = "--db";
	argv[n] = db;
	must_run(t, argv, input);
	free(db);
}

char *town_path(const struct town *t, const char *name)
{
	return text_of("%s/%s", t->dir, name);
}

/* ---- the service ---- */

void town_folder(struct town *t)
{
	*t = (struct town){0};
	strcpy(t->dir, "/tmp/balie-terminal-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	snprintf(t->db, sizeof(t->db), "%s/town.db", t->dir);
}

void town_make(struct town *t)
{
	char *db;

	town_folder(t);
	db = text_of("sqlite:%s", t->db);
	must_run(t, (const char *[]){program_balied(), "init", "--db", db, NULL}, NULL);
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		must_run(t,
			 (const char *[]){program_balied(), "user", "add", agents[i].name,
					  "--display", agents[i].display, "--team", TEAM, "--db",
					  db, NULL},
			 TOWN_PASSWORD "\n");
		town_join(t, agents[i].name);
	}
	free(db);
	town_serve(t);
	BALIE(t, DESK, "sync");
}

/* Ready when it says so. */
static bool says_ready(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char line[256] = "";
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < sizeof(line) - 1 && poll(&p, 1, TERMINAL_LIMIT_MS) > 0) {
		n = read(fd, line + len, sizeof(line) - 1 - len);
		len += n > 0 ? (size_t)n : 0;
		if (memchr(line, '\n', len))
			return strncmp(line, "listening", 9) == 0;
	}
	return false;
}

void town_serve(struct town *t)
{
	char *db = text_of("sqlite:%s", t->db), *listen = text_of("unix:%s/socket", t->dir);
	char *log = text_of("%s/balied.log", t->dir);
	char *conf = text_of("%s/balied.conf", t->dir);
	bool has = access(conf, R_OK) == 0;
	const char *argv[] = {program_balied(),	       "serve", "--db", db, "--listen", listen,
			      has ? "--config" : NULL, conf,	NULL};
	int out[2], code;
	pid_t pid;

	assert_int_equal(t->pid, 0);
	if (pipe2(out, O_CLOEXEC) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		int errors = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		setsid();
		dup2(out[1], STDOUT_FILENO);
		dup2(errors, STDERR_FILENO);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(out[1]);
	t->pid = pid;
	code = says_ready(out[0]);
	close(out[0]);
	free(db);
	free(listen);
	free(log);
	free(conf);
	assert_true(code);
}

static void print_log(const struct town *t)
{
	char *path = text_of("%s/balied.log", t->dir), line[512];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		print_message("balied: %s", line);
	if (f)
		fclose(f);
	free(path);
}

void town_stop(struct town *t)
{
	int status = 0;

	if (!t->pid)
		return;
	kill(t->pid, SIGTERM);
	while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
		;
	t->pid = 0;
	if (status != 0)
		print_log(t);
	assert_int_equal(status, 0);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	if (kind == FTW_DP)
		chmod(path, 0700);
	return remove(path);
}

void town_remove(struct town *t)
{
	for (int i = 0; i < TOWN_TERMINALS; i++) {
		terminal_stop(t->open[i]);
		t->open[i] = NULL;
	}
	if (t->pid) {
		kill(t->pid, SIGTERM);
		waitpid(t->pid, NULL, 0);
		t->pid = 0;
	}
	if (t->dir[0])
		nftw(t->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	t->dir[0] = '\0';
}

void town_cut(struct town *t, const char *user)
{
	char *path = text_of("%s/%s", t->dir, user);

	unlink(path);
	free(path);
}

void town_join(struct town *t, const char *user)
{
	char *path = text_of("%s/%s", t->dir, user);

	if (symlink("socket", path) != 0 && errno != EEXIST)
		abort();
	free(path);
}

/* ---- the client ---- */

char *town_home(struct town *t, const char *user)
{
	return text_of("%s/home-%s", t->dir, user);
}

char *town_balie(struct town *t, const char *user, int *code, const char *const *words)
{
	char *server = text_of("unix:%s/%s", t->dir, user), *out = NULL;
	const char *argv[32] = {program_balie(), "--server", server, "--user", user};
	int n = 5, status;

	while (*words && n < 31)
		argv[n++] = *words++;
	status = run(t, user, argv, TOWN_PASSWORD "\n", &out);
	free(server);
	if (code) {
		*code = status;
		return out;
	}
	if (status != 0)
		print_message("balie %s %s ends with %d: %s\n", argv[5], argv[6] ? argv[6] : "",
			      status, out);
	assert_int_equal(status, 0);
	return out;
}

void town_ticket(struct town *t, const char *subject, const char *body)
{
	char *text = text_of("body=%s", body);

	BALIE(t, DESK, "do", "create", subject, "team=" TEAM, text);
	free(text);
}

struct terminal *town_run(struct town *t, const char *const *argv, const char *const *env, int rows,
			  int cols)
{
	char *home = text_of("HOME=%s", t->dir), *own = text_of("BALIE_HOME=%s/home", t->dir);
	const char *all[32] = {home, own, "XDG_RUNTIME_DIR"};
	struct terminal *ret;
	int n = 3, i = 0;

	while (env && *env && n < 31)
		all[n++] = *env++;
	ret = terminal_start((char *const *)argv, all, rows, cols);
	free(home);
	free(own);
	while (i < TOWN_TERMINALS && t->open[i])
		i++;
	assert_int_not_equal(i, TOWN_TERMINALS);
	t->open[i] = ret;
	return ret;
}

struct terminal *town_open(struct town *t, const char *user, const char *const *words,
			   const char *const *env, int rows, int cols)
{
	char *server = text_of("unix:%s/%s", t->dir, user);
	char *home = text_of("BALIE_HOME=%s/home-%s", t->dir, user);
	const char *argv[32] = {program_balie(), "--server", server, "--user", user};
	const char *all[32] = {home};
	struct terminal *ret;
	int n = 5, e = 1;

	while (words && *words && n < 31)
		argv[n++] = *words++;
	while (env && *env && e < 31)
		all[e++] = *env++;
	ret = town_run(t, argv, all, rows, cols);
	free(server);
	free(home);
	return ret;
}

struct terminal *town_log_in(struct town *t, const char *user, int rows, int cols)
{
	struct terminal *ret = town_open(t, user, NULL, NULL, rows, cols);

	see(ret, "Password of");
	terminal_type(ret, TOWN_PASSWORD "\r");
	see(ret, "connected");
	see(ret, "by deadline");
	return ret;
}

int town_close(struct town *t, struct terminal *terminal)
{
	for (int i = 0; i < TOWN_TERMINALS; i++)
		if (t->open[i] == terminal)
			t->open[i] = NULL;
	return terminal_stop(terminal);
}

void town_leave(struct town *t, struct terminal *terminal)
{
	int status;

	terminal_key(terminal, "Ctrl+Q");
	check(terminal, terminal_wait_exit(terminal, TERMINAL_LIMIT_MS));
	check(terminal, terminal_is_restored(terminal));
	check(terminal, !terminal_in_altscreen(terminal));
	status = town_close(t, terminal);
	assert_int_equal(status, 0);
}

/* ---- the database ---- */

static sqlite3_stmt *ask(struct town *t, sqlite3 **db, int flags, const char *sql, const char *text)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_open_v2(t->db, db, flags, NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(*db, TERMINAL_LIMIT_MS) != SQLITE_OK ||
	    sqlite3_prepare_v2(*db, sql, -1, &st, NULL) != SQLITE_OK)
		print_message("%s: %s\n", sql, sqlite3_errmsg(*db));
	assert_non_null(st);
	for (int i = 1; text && i <= sqlite3_bind_parameter_count(st); i++)
		sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
	return st;
}

int64_t town_number(struct town *t, const char *sql, const char *text)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = ask(t, &db, SQLITE_OPEN_READWRITE, sql, text);
	int64_t ret = -1;

	if (sqlite3_step(st) == SQLITE_ROW)
		ret = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return ret;
}

void town_change(struct town *t, const char *sql, const char *text)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = ask(t, &db, SQLITE_OPEN_READWRITE, sql, text);
	int rc = sqlite3_step(st);

	if (rc != SQLITE_DONE)
		print_message("%s: %s\n", sql, sqlite3_errmsg(db));
	sqlite3_finalize(st);
	sqlite3_close(db);
	assert_int_equal(rc, SQLITE_DONE);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void town_wait_at(struct town *t, const char *sql, const char *text, int64_t wanted,
		  const char *file, int line)
{
	int64_t end = now_ms() + TERMINAL_LIMIT_MS, got;

	while ((got = town_number(t, sql, text)) != wanted && now_ms() < end)
		poll(NULL, 0, 20);
	if (got == wanted)
		return;
	print_message("%s (%s) gives %lld, not %lld\n", sql, text ? text : "", (long long)got,
		      (long long)wanted);
	_fail(file, line);
}

/* ---- processes ---- */

bool process_runs(pid_t pid)
{
	char path[64], line[512] = "", *state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	state = strrchr(line, ')');
	return state && state[1] && state[2] != 'Z' && state[2] != 'X';
}

pid_t process_child(pid_t pid)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%d", &child) != 1)
		child = 0;
	fclose(f);
	return child;
}

FILE *record_open(const char *ending)
{
	const char *path = getenv("BALIE_RECORD");
	char *file = path ? text_of("%s%s", path, ending) : NULL;
	FILE *ret = file ? fopen(file, "we") : NULL;

	free(file);
	return ret;
}

void record_screen(FILE *record, struct terminal *t, const char *caption)
{
	char *text;

	if (!record)
		return;
	text = terminal_screen_text(t);
	fprintf(record, "== %s\n\n%s\n", caption, text);
	free(text);
}
