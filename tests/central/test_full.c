/* No room left: what was answered stays, what does not fit is told, and it recovers by itself. */
#include "group.h"
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "postgres.h"

#define TICKETS_MAX 4000
#define TEXT 8000

static const char *const fast[] = {"--rate", "1000000", "--burst", "1000000", NULL};

struct full {
	struct service s;
	char *token;
	char text[TEXT + 1];
	char ids[TICKETS_MAX][37], keys[TICKETS_MAX][37];
	int kept;
	int status; /* of the refusal: SQLite tells a full disk from a file at its limit */
	const char *problem;
	char lost[37], lost_key[37]; /* the one that was refused */
};

static void send_ticket(struct full *f, const char *id, const char *key, struct http *ret)
{
	char header[80];
	const char *headers[] = {header, NULL};
	char *body = xasprintf("{\"id\":\"%s\",\"action\":\"create\",\"record\":\"%s\","
			       "\"subject\":\"Vol\",\"body\":\"%s\",\"channel\":\"phone\"}",
			       key, id, f->text);

	snprintf(header, sizeof(header), "Idempotency-Key: %s", key);
	http_call(&f->s, f->token, "POST", "/v1/actions", body, headers, ret);
	free(body);
}

/* Until one does not fit. */
static void fill(struct full *f)
{
	struct http h;

	for (;;) {
		assert_true(f->kept < TICKETS_MAX);
		id_new(f->lost);
		id_new(f->lost_key);
		send_ticket(f, f->lost, f->lost_key, &h);
		if (h.status != 200)
			break;
		snprintf(f->ids[f->kept], 37, "%s", f->lost);
		snprintf(f->keys[f->kept++], 37, "%s", f->lost_key);
		http_free(&h);
	}
	assert_problem(&h, f->status, f->problem);
	http_free(&h);
}

static void check_kept(struct full *f)
{
	char path[100];
	struct http h;
	int i;

	for (i = 0; i < f->kept; i++) {
		snprintf(path, sizeof(path), "/v1/tickets/%s", f->ids[i]);
		http_get(&f->s, f->token, path, &h);
		assert_int_equal(h.status, 200);
		http_free(&h);
	}
	snprintf(path, sizeof(path), "/v1/tickets/%s", f->lost);
	http_get(&f->s, f->token, path, &h);
	assert_int_equal(h.status, 404);
	http_free(&h);
}

/* Sending again gives the same answers, and no second ticket. */
static void send_all_again(struct full *f)
{
	struct http h;
	int i;

	for (i = 0; i < f->kept; i++) {
		send_ticket(f, f->ids[i], f->keys[i], &h);
		assert_int_equal(h.status, 200);
		assert_string_equal(http_header(&h, "Idempotent-Replayed"), "true");
		http_free(&h);
	}
}

static void await_health(struct full *f, long status)
{
	struct http h;
	long got;

	do {
		http_get(&f->s, NULL, "/v1/health", &h);
		got = h.status;
		if (got != 200)
			assert_problem(&h, f->status, f->problem);
		http_free(&h);
	} while (got != status);
}

static void make(struct full *f)
{
	memset(f->text, 'x', TEXT);
	service_make(&f->s);
}

static void start(struct full *f, int status, const char *problem)
{
	f->status = status;
	f->problem = problem;
	service_start_unix(&f->s, fast);
	f->token = service_login(&f->s, "an");
}

static void finish(struct full *f)
{
	const char *check[] = {"check", "--db", f->s.db, NULL};
	struct http h;

	/* By itself, before anybody writes. */
	await_health(f, 200);
	send_ticket(f, f->lost, f->lost_key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	send_all_again(f);
	assert_int_equal(service_stop(&f->s, SIGTERM), 0);
	assert_int_equal(service_run(check, NULL, NULL), 0);
	service_remove(&f->s);
	print_message("kept %d, lost 0, doubled 0\n", f->kept);
	free(f->token);
	free(f);
}

/* What is left but 1 MiB is taken by another. */
static char *take_the_rest(const char *dir)
{
	char *filler = xasprintf("%s/filler", dir);
	char *data = xcalloc(1, 1024 * 1024);
	int fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (write(fd, data, 1024 * 1024) > 0)
		;
	assert_int_equal(ftruncate(fd, lseek(fd, 0, SEEK_END) - 1024 * 1024), 0);
	close(fd);
	free(data);
	return filler;
}

static void make_in_folder(struct full *f, const char *dir)
{
	setenv("TMPDIR", dir, 1);
	make(f);
	unsetenv("TMPDIR");
}

/* The town's tables there, the rest of the server elsewhere: without room for its log it would stop, and
 * that is another fault (test_postgres). */
static void make_in_tablespace(struct full *f, const char *dir)
{
	const struct passwd *nobody = getpwnam("nobody");
	char *space = xasprintf("%s/space", dir);
	char *sql = xasprintf("CREATE TABLESPACE small LOCATION '%s'", space);

	assert_non_null(nobody);
	assert_int_equal(mkdir(space, 0700), 0);
	assert_int_equal(chown(space, nobody->pw_uid, nobody->pw_gid), 0);
	free(postgres_run(NULL, sql));
	free(sql);
	/* Where a new database gets its tables, unless it is told. */
	free(postgres_run(NULL, "ALTER DATABASE template1 SET TABLESPACE small"));
	make(f);
	free(space);
}

/* A file system of its own, that nobody else sees. */
static void test_full_disk(void **state)
{
	char dir[] = "/tmp/balie-full-XXXXXX";
	struct full *f;
	char *filler;

	(void)state;
	assert_non_null(mkdtemp(dir));
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", dir, "tmpfs", 0, postgres_wanted() ? "size=48m" : "size=4m") < 0) {
		rmdir(dir);
		skip();
	}
	f = xcalloc(1, sizeof(*f));
	if (postgres_wanted())
		make_in_tablespace(f, dir);
	else
		make_in_folder(f, dir);
	start(f, 507, "full");
	filler = take_the_rest(dir);
	fill(f);
	await_health(f, f->status);
	check_kept(f);
	unlink(filler);
	finish(f);
	/* The server of the test is still in it. */
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	free(filler);
}

/* The same where no file system can be mounted: no file may grow beyond a limit. Only where it is the
 * service that writes the files: a server that may not write its log ends by itself. */
static void test_limit_of_a_file(void **state)
{
	struct full *f = xcalloc(1, sizeof(*f));
	struct rlimit limit, before;

	(void)state;
	if (postgres_wanted()) {
		free(f);
		skip();
	}
	make(f);
	start(f, 503, "busy");
	assert_int_equal(prlimit(f->s.pid, RLIMIT_FSIZE, NULL, &before), 0);
	limit = before;
	limit.rlim_cur = 2 * 1024 * 1024;
	assert_int_equal(prlimit(f->s.pid, RLIMIT_FSIZE, &limit, NULL), 0);
	fill(f);
	await_health(f, f->status);
	check_kept(f);
	assert_int_equal(prlimit(f->s.pid, RLIMIT_FSIZE, &before, NULL), 0);
	finish(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_limit_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
