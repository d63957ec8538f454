#include "postgres.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY "ready to accept connections"
#define PATH 200

/* What the test asks of the guard, and the guard's answer. */
enum order { ORDER_START, ORDER_KILL, ORDER_STOP };
struct told {
	pid_t pid; /* of the server, 0 when it does not run */
};

static struct {
	char folder[PATH], bin[PATH];
	unsigned flags, databases;
	int guard; /* socket to the guard */
	pid_t owner, pid;
} own = {.guard = -1};

static _Noreturn void give_up(const char *format, ...)
{
	va_list args;

	fputs("private PostgreSQL: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* ---- the guard: a process that starts the server, and ends it when the test has ended ---- */

struct guard {
	int orders, parent; /* parent: a pidfd, readable once the test is gone */
	int said, log;	    /* what the server writes, and where that is kept */
	pid_t server;
	bool ready;
	char line[512];
	size_t len;
};

/* The server refuses to be run by root. */
static void become_nobody(void)
{
	const struct passwd *nobody;

	if (geteuid() != 0)
		return;
	nobody = getpwnam("nobody");
	if (!nobody || setgroups(0, NULL) < 0 || setgid(nobody->pw_gid) < 0 ||
	    setuid(nobody->pw_uid) < 0)
		_exit(126);
}

static void give_folder(void)
{
	const struct passwd *nobody = geteuid() == 0 ? getpwnam("nobody") : NULL;

	if (geteuid() == 0 && (!nobody || chown(own.folder, nobody->pw_uid, nobody->pw_gid) < 0))
		give_up("cannot give %s to nobody", own.folder);
}

/* Runs a program of PostgreSQL in a child that is not root; out: its output, -1 for none. */
static pid_t spawn(const char *program, const char *const *args, int out)
{
	char path[PATH + 40];
	/* With its whole path: these programs look for each other beside themselves. */
	const char *argv[40] = {path};
	sigset_t none;
	pid_t pid;
	int n = 0;

	snprintf(path, sizeof(path), "%s/%s", own.bin, program);
	while (args[n]) {
		argv[n + 1] = args[n];
		n++;
	}
	pid = fork();
	if (pid != 0)
		return pid;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
	}
	for (int fd = 3; fd < 256; fd++)
		close(fd);
	become_nobody();
	if (chdir(own.folder) < 0)
		_exit(125);
	execv(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void launch(struct guard *g)
{
	char sockets[PATH + 40], data[PATH + 10], sync[16];
	int out[2];

	snprintf(sockets, sizeof(sockets), "unix_socket_directories=%s", own.folder);
	snprintf(data, sizeof(data), "%s/data", own.folder);
	snprintf(sync, sizeof(sync), "fsync=%s", own.flags & POSTGRES_FSYNC ? "on" : "off");
	const char *const args[] = {"-D", data,
				    "-c", "listen_addresses=",
				    "-c", sockets,
				    "-c", sync,
				    "-c", "max_connections=200",
				    "-c", "shared_buffers=64MB",
				    "-c", "lc_messages=C",
				    "-c", "dynamic_shared_memory_type=mmap",
				    "-c", "log_line_prefix=%m %u ",
				    NULL};
	if (pipe2(out, O_CLOEXEC) < 0)
		_exit(1);
	g->ready = false;
	g->len = 0;
	g->server = spawn("postgres", args, out[1]);
	close(out[1]);
	g->said = out[0];
}

/* Keeps what the server says. False: nobody is left who could say something. */
static bool listen_to(struct guard *g)
{
	char part[4096];
	ssize_t n = read(g->said, part, sizeof(part));

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (write(g->log, part, (size_t)n) != n)
		return true;
	for (ssize_t i = 0; i < n && !g->ready; i++) {
		if (part[i] != '\n') {
			if (g->len < sizeof(g->line) - 1)
				g->line[g->len++] = part[i];
			continue;
		}
		g->line[g->len] = '\0';
		g->ready = strstr(g->line, READY) != NULL;
		g->len = 0;
	}
	return true;
}

/* All of it is gone when the last that could write has gone: its workers outlive it for a moment. */
static void await_end(struct guard *g)
{
	while (listen_to(g))
		;
	close(g->said);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	g->server = 0;
	g->said = -1;
}

static void end_server(struct guard *g, int signo)
{
	if (g->server <= 0)
		return;
	kill(g->server, signo);
	await_end(g);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void obey(struct guard *g, enum order order)
{
	struct told told;

	switch (order) {
	case ORDER_START:
		if (g->server <= 0)
			launch(g);
		while (g->server > 0 && !g->ready)
			if (!listen_to(g))
				await_end(g);
		break;
	case ORDER_KILL:
		end_server(g, SIGKILL);
		break;
	case ORDER_STOP:
		end_server(g, SIGINT);
		break;
	}
	told.pid = g->server;
	if (send(g->orders, &told, sizeof(told), MSG_NOSIGNAL) < 0)
		return;
}

static _Noreturn void guard_run(struct guard *g)
{
	struct pollfd p[3];
	enum order order;
	char log[PATH + 10];

	/* A test that runs too long is killed with its whole group: the guard must not be in it. */
	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_IGN);
	snprintf(log, sizeof(log), "%s/log", own.folder);
	g->log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	for (;;) {
		p[0] = (struct pollfd){.fd = g->parent, .events = POLLIN};
		p[1] = (struct pollfd){.fd = g->orders, .events = POLLIN};
		p[2] = (struct pollfd){.fd = g->server > 0 ? g->said : -1, .events = POLLIN};
		if (poll(p, 3, -1) < 0 && errno != EINTR)
			break;
		if (p[0].revents)
			break;
		if (p[2].revents && !listen_to(g))
			await_end(g);
		if (p[1].revents) {
			/* Its end: the test has no more orders. */
			if (recv(g->orders, &order, sizeof(order), 0) != sizeof(order))
				break;
			obey(g, order);
		}
	}
	/* At once, but it takes its shared memory with it. */
	end_server(g, SIGQUIT);
	nftw(own.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	_exit(0);
}

static void guard_start(void)
{
	struct guard g = {.said = -1};
	int pair[2];

	own.owner = getpid();
	g.parent = pidfd_open(own.owner, 0);
	if (g.parent < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		give_up("no guard: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		/* Twice, so that it is nobody's child whom a test could find in waitpid(-1). */
		if (fork() != 0)
			_exit(0);
		close(pair[0]);
		g.orders = pair[1];
		guard_run(&g);
	}
	close(g.parent);
	close(pair[1]);
	own.guard = pair[0];
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void tell(enum order order)
{
	struct told told = {0};

	if (send(own.guard, &order, sizeof(order), MSG_NOSIGNAL) != sizeof(order) ||
	    recv(own.guard, &told, sizeof(told), 0) != sizeof(told))
		give_up("the guard is gone");
	own.pid = told.pid;
}

/* ---- the test's side ---- */

bool postgres_wanted(void)
{
	const char *engine = getenv("BALIE_ENGINE");

	return engine && strcmp(engine, "postgres") == 0;
}

static void find_bin(void)
{
	glob_t found;
	FILE *f;

	if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) == 0) {
		snprintf(own.bin, sizeof(own.bin), "%.*s",
			 (int)(strlen(found.gl_pathv[found.gl_pathc - 1]) - strlen("/postgres")),
			 found.gl_pathv[found.gl_pathc - 1]);
		globfree(&found);
		return;
	}
	f = popen("pg_config --bindir", "r");
	if (!f || !fgets(own.bin, sizeof(own.bin), f))
		give_up("there is none on this machine");
	pclose(f);
	own.bin[strcspn(own.bin, "\n")] = '\0';
}

static void show_log(void)
{
	char path[PATH + 10], line[1000];
	FILE *f;

	snprintf(path, sizeof(path), "%s/log", own.folder);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		fputs(line, stderr);
	if (f)
		fclose(f);
}

static void make_data(void)
{
	char data[PATH + 10], path[PATH + 30], log[PATH + 10];
	const char *const args[] = {"-D",
				    data,
				    "-U",
				    "postgres",
				    "--auth=trust",
				    "-E",
				    "UTF8",
				    "--locale=C.UTF-8",
				    "--no-sync",
				    "--no-instructions",
				    NULL};
	int status = -1;
	FILE *f;
	int fd;

	snprintf(data, sizeof(data), "%s/data", own.folder);
	snprintf(log, sizeof(log), "%s/log", own.folder);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	pid_t pid = spawn("initdb", args, fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(fd);
	if (status != 0) {
		show_log();
		give_up("initdb failed");
	}
	snprintf(path, sizeof(path), "%s/pg_hba.conf", data);
	f = fopen(path, "w");
	if (!f)
		give_up("cannot write %s", path);
	fputs("local all " POSTGRES_LOCKED_ROLE " scram-sha-256\nlocal all all trust\n", f);
	fclose(f);
}

/* Waits for the guard, so that whoever sees the test end also sees the server gone. */
static void finish(void)
{
	struct told told;

	if (getpid() != own.owner)
		return;
	shutdown(own.guard, SHUT_WR);
	while (recv(own.guard, &told, sizeof(told), 0) > 0)
		;
}

void postgres_begin(unsigned flags)
{
	const char *top = getenv("TMPDIR");

	/* A child that was forked off uses what its parent started. */
	if (own.guard >= 0)
		return;
	own.flags = flags;
	find_bin();
	snprintf(own.folder, sizeof(own.folder), "%.60s/balie-postgres-XXXXXX", top ? top : "/tmp");
	if (!mkdtemp(own.folder))
		give_up("cannot make %s: %s", own.folder, strerror(errno));
	give_folder();
	guard_start();
	atexit(finish);
	make_data();
	postgres_restart();
	free(postgres_run(NULL, "CREATE ROLE " POSTGRES_ROLE " LOGIN"));
}

void postgres_restart(void)
{
	tell(ORDER_START);
	if (own.pid == 0) {
		show_log();
		give_up("it does not start");
	}
}

void postgres_kill(void)
{
	tell(ORDER_KILL);
}

void postgres_stop(void)
{
	tell(ORDER_STOP);
}

pid_t postgres_pid(void)
{
	return own.pid;
}

const char *postgres_folder(void)
{
	return own.folder;
}

static void name_of(const char *url, char ret[64])
{
	const char *start = url ? strstr(url, ":///") : NULL;

	snprintf(ret, 64, "%s", start ? start + 4 : "postgres");
	ret[strcspn(ret, "?")] = '\0';
}

void postgres_url(const char *url, const char *role, const char *more, char ret[POSTGRES_URL])
{
	char name[64];

	name_of(url, name);
	snprintf(ret, POSTGRES_URL, "postgresql:///%s?host=%s&user=%s%s", name, own.folder, role,
		 more);
}

char *postgres_run(const char *url, const char *sql)
{
	char name[64];
	const char *const keys[] = {"host", "dbname", "user", NULL};
	const char *const values[] = {own.folder, name, "postgres", NULL};
	char *ret = NULL;
	PGconn *conn;
	PGresult *res;

	postgres_begin(0);
	name_of(url, name);
	conn = PQconnectdbParams(keys, values, 0);
	if (PQstatus(conn) != CONNECTION_OK)
		give_up("%s", PQerrorMessage(conn));
	res = PQexec(conn, sql);
	if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
		give_up("%s: %s", sql, PQerrorMessage(conn));
	if (PQntuples(res) > 0 && !PQgetisnull(res, 0, 0))
		ret = strdup(PQgetvalue(res, 0, 0));
	PQclear(res);
	PQfinish(conn);
	return ret;
}

void postgres_database(char ret_url[POSTGRES_URL])
{
	char sql[120], name[64];

	postgres_begin(0);
	/* Children that were forked off make theirs at the same time. */
	snprintf(name, sizeof(name), "town_%ld_%u", (long)getpid(), ++own.databases);
	snprintf(sql, sizeof(sql), "CREATE DATABASE %s OWNER " POSTGRES_ROLE, name);
	free(postgres_run(NULL, sql));
	snprintf(ret_url, POSTGRES_URL, "postgresql:///%s?host=%s&user=" POSTGRES_ROLE, name,
		 own.folder);
}
