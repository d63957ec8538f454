/* The private server of the tests itself: that it starts, forgets nothing, and stays behind nowhere. */
#include "../unit/check.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "postgres.h"

static void test_databases_are_apart(void **state)
{
	char one[POSTGRES_URL], two[POSTGRES_URL];
	char *text;

	(void)state;
	postgres_database(one);
	postgres_database(two);
	assert_string_not_equal(one, two);
	free(postgres_run(one, "CREATE TABLE t (n int); INSERT INTO t VALUES (7)"));
	text = postgres_run(two, "SELECT count(*) FROM pg_class WHERE relname = 't'");
	assert_string_equal(text, "0");
	free(text);
	text = postgres_run(one, "SELECT datdba::regrole FROM pg_database WHERE datname = "
				 "current_database()");
	assert_string_equal(text, POSTGRES_ROLE);
	free(text);
	text = postgres_run(one, "SELECT rolsuper FROM pg_roles WHERE rolname = 'balied'");
	assert_string_equal(text, "f");
	free(text);
}

static void test_nobody_else_can_reach_it(void **state)
{
	struct stat st;
	char *text;

	(void)state;
	text = postgres_run(NULL, "SHOW listen_addresses");
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(stat(postgres_folder(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void test_killed_and_back(void **state)
{
	char url[POSTGRES_URL];
	pid_t before = postgres_pid();
	char *text;

	(void)state;
	postgres_database(url);
	free(postgres_run(url, "CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)"));
	postgres_kill();
	assert_int_equal(postgres_pid(), 0);
	assert_int_equal(kill(before, 0), -1);
	postgres_restart();
	assert_int_not_equal(postgres_pid(), before);
	text = postgres_run(url, "SELECT count(*) FROM t");
	assert_string_equal(text, "2");
	free(text);
	postgres_stop();
	assert_int_equal(postgres_pid(), 0);
	postgres_restart();
	text = postgres_run(url, "SELECT count(*) FROM t");
	assert_string_equal(text, "2");
	free(text);
}

struct left {
	pid_t server;
	char folder[200];
};

/* A program of its own: what this one has started would be in the way. */
static _Noreturn void be_a_test(int out)
{
	struct left left = {0};

	postgres_begin(0);
	left.server = postgres_pid();
	snprintf(left.folder, sizeof(left.folder), "%s", postgres_folder());
	if (write(out, &left, sizeof(left)) != sizeof(left))
		_exit(1);
	for (;;)
		pause();
}

static void await_gone(pid_t pid)
{
	struct pollfd p = {.fd = pidfd_open(pid, 0), .events = POLLIN};

	if (p.fd < 0 && errno == ESRCH)
		return;
	assert_true(p.fd >= 0);
	assert_int_equal(poll(&p, 1, 20000), 1);
	close(p.fd);
}

static void killed_leaves_nothing(int signo, bool group)
{
	struct left left;
	int out[2];
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (pid == 0) {
		char fd[12];

		setpgid(0, 0);
		snprintf(fd, sizeof(fd), "%d", out[1]);
		execl("/proc/self/exe", "test_postgres_server", fd, NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	close(out[1]);
	assert_int_equal(read(out[0], &left, sizeof(left)), sizeof(left));
	assert_true(left.server > 0);
	assert_int_equal(kill(left.server, 0), 0);
	assert_int_equal(kill(group ? -pid : pid, signo), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* The guard holds this end too: it closes when the guard has done its work. */
	assert_int_equal(read(out[0], &left.server, sizeof(pid_t)), 0);
	await_gone(left.server);
	assert_int_equal(access(left.folder, F_OK), -1);
	close(out[0]);
}

static void test_a_killed_test_leaves_nothing(void **state)
{
	(void)state;
	killed_leaves_nothing(SIGKILL, false);
	killed_leaves_nothing(SIGTERM, true);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_databases_are_apart),
		cmocka_unit_test(test_nobody_else_can_reach_it),
		cmocka_unit_test(test_killed_and_back),
		cmocka_unit_test(test_a_killed_test_leaves_nothing),
	};

	if (argc > 1)
		be_a_test(atoi(argv[1]));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
