/* balied backup: copies of a town that is being written, one more than it can be pulled apart. */
#include "group.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "central_sql.h"
#include "town.h"

struct place {
	struct service service;
	char copy[160], part[180];
};

static int setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	service_make(&p->service);
	snprintf(p->copy, sizeof(p->copy), "%s/copy.db", p->service.dir);
	snprintf(p->part, sizeof(p->part), "%s.part", p->copy);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	unlink(p->copy);
	unlink(p->part);
	service_remove(&p->service);
	free(p);
	return 0;
}

static int backup(struct place *p, bool replace, char **output)
{
	const char *args[] = {
		"backup", p->copy, "--db", p->service.db, replace ? "--replace" : NULL, NULL};

	return service_run(args, NULL, output);
}

/* Chain's hash at that row: the same row and the same rows before it, or another hash. */
static void chain_at(const char *db, int64_t seq, unsigned char ret[32])
{
	struct town t = {0};
	struct store_query *q;
	struct err err = {0};
	const void *hash;
	size_t len;

	if (!town_open(&t, db, STORE_READONLY, &err))
		fail_msg("%s", err.text);
	q = store_query(t.store, CENTRAL_SQL_JOURNAL_CHAIN);
	store_bind_int(q, 1, seq - 1);
	store_bind_int(q, 2, 1);
	assert_int_equal(store_step(q, &err), STORE_ROW);
	assert_int_equal(store_column_int(q, 0), seq);
	hash = store_column_blob(q, 12, &len);
	assert_int_equal(len, 32);
	memcpy(ret, hash, 32);
	store_done(q);
	town_close(&t);
}

static int64_t last_row(const char *db, char *epoch, size_t size)
{
	struct town t = {0};
	struct arena a = {0};
	struct err err = {0};
	int64_t seq = 0;

	if (!town_open(&t, db, STORE_READONLY, &err))
		fail_msg("%s", err.text);
	assert_true(town_last_seq(&t, &seq, &err));
	snprintf(epoch, size, "%s", town_meta(&t, "epoch", &a));
	town_close(&t);
	arena_finish(&a);
	return seq;
}

static void check_prefix(struct place *p, int64_t seq)
{
	const char *args[] = {"check", "--db", p->copy, NULL};
	unsigned char here[32], there[32];

	chain_at(p->copy, seq, here);
	chain_at(p->service.db, seq, there);
	assert_memory_equal(here, there, 32);
	assert_int_equal(service_run(args, NULL, NULL), 0);
}

static void test_copy_while_written(void **state)
{
	struct place *p = *state;
	static const char *const fast[] = {"--rate", "100000", "--burst", "100000", NULL};
	char epoch[64], copied[64], id[37];
	int64_t first, seq = 0;
	int rounds = 0;
	pid_t storm;

	service_start(&p->service, fast);
	first = last_row(p->service.db, epoch, sizeof(epoch));
	storm = fork();
	assert_true(storm >= 0);
	if (storm == 0) {
		char *an = service_login(&p->service, "an");

		for (;;)
			service_ticket(&p->service, an, "Storm", id);
	}
	/* Until copies were made before, in and after a good part of the storm. */
	while (seq < first + 60 && rounds < 2000) {
		assert_int_equal(backup(p, rounds++ > 0, NULL), 0);
		seq = last_row(p->copy, copied, sizeof(copied));
		check_prefix(p, seq);
		assert_string_not_equal(epoch, copied);
	}
	kill(storm, SIGKILL);
	waitpid(storm, NULL, 0);
	assert_true(seq >= first + 60);
	assert_true(rounds > 1);
	assert_true(seq <= last_row(p->service.db, copied, sizeof(copied)));
	assert_int_equal(service_stop(&p->service, SIGTERM), 0);
}

static void test_nothing_is_overwritten(void **state)
{
	struct place *p = *state;
	struct stat info, after;
	char *output = NULL;
	int fd;

	/* What a killed one left is no obstacle. */
	fd = open(p->part, O_CREAT | O_WRONLY, 0644);
	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	assert_int_equal(backup(p, false, &output), 0);
	assert_non_null(strstr(output, "copy.db"));
	free(output);
	assert_int_equal(access(p->part, F_OK), -1);
	assert_int_equal(stat(p->copy, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_equal(backup(p, false, NULL), 1);
	assert_int_equal(stat(p->copy, &after), 0);
	assert_int_equal(info.st_ino, after.st_ino);
	assert_int_equal(backup(p, true, NULL), 0);
	assert_int_equal(access(p->part, F_OK), -1);
}

static void test_not_over_the_town(void **state)
{
	struct place *p = *state;
	const char *args[] = {"backup", p->service.db, "--db", p->service.db, "--replace", NULL};
	const char *check[] = {"check", "--db", p->service.db, NULL};

	assert_int_equal(service_run(args, NULL, NULL), 1);
	assert_int_equal(service_run(check, NULL, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_copy_while_written, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_overwritten, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_over_the_town, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
