/* What was committed is there after a kill, and nothing of what was not. */
#include "things.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "things_sql.h"

#define ACKED 40

/* Two things a transaction, and a byte to the parent when they are safe. */
static void write_for_ever(const char *path, int ack)
{
	struct store *st = things_open(path, STORE_CREATE);

	for (int i = 0;; i++) {
		char id[32];

		if (!store_begin(st, NULL))
			_exit(1);
		snprintf(id, sizeof(id), "%d-a", i);
		things_put(st, id);
		snprintf(id, sizeof(id), "%d-b", i);
		things_put(st, id);
		if (!store_commit(st, NULL) || write(ack, "x", 1) != 1)
			_exit(1);
	}
}

static void killed_while_writing(void **state)
{
	const char *path = things_path("killed.db");
	int fds[2], status, acked = 0;
	struct store *st;
	pid_t child;
	char c;
	(void)state;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(fds[0]);
		write_for_ever(path, fds[1]);
	}
	close(fds[1]);
	while (acked < ACKED && read(fds[0], &c, 1) == 1)
		acked++;
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while (read(fds[0], &c, 1) == 1)
		acked++;
	close(fds[0]);
	st = things_open(path, STORE_PREPARE);
	assert_true(store_check(st, &things_err));
	assert_true(things_count(st) >= 2 * acked);
	assert_true(things_count(st) <= 2 * acked + 2);
	assert_int_equal(things_count(st) % 2, 0);
	store_close(st);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_while_writing),
	};

	return cmocka_run_group_tests(tests, things_start, things_finish);
}
