/* Kills each program before every single call that changes something, one call further each time, and
 * looks whether what was done is there exactly once. The same with clocks that are a day apart. */
#include "fixture.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "balie/clock.h"
#include "service.h"

#define CALLS_MAX 400

struct world {
	struct service service;
	char home[160], kill_file[200], id[37], *token;
	long tried, killed, lost, doubled;
};

static void write_number(const char *path, long n)
{
	char part[220];

	snprintf(part, sizeof(part), "%s.part", path);
	FILE *f = fopen(part, "w");
	assert_non_null(f);
	fprintf(f, "%ld", n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(rename(part, path), 0);
}

static void preload(const struct world *w, bool on)
{
	if (on) {
		setenv("LD_PRELOAD", getenv("BALIE_KILL_LIB"), 1);
		setenv("BALIE_KILL_FILE", w->kill_file, 1);
	} else {
		unsetenv("LD_PRELOAD");
		unsetenv("BALIE_KILL_FILE");
	}
}

/* Runs balie as an; gives the exit status, 128 + signal when it was killed. */
static int run_client(const struct world *w, const char *input, const char *const *words)
{
	const char *argv[16] = {getenv("BALIE_BIN"), "--server", w->service.address, "--user",
				"an"};
	int in[2], status, n = 5;

	while (*words)
		argv[n++] = *words++;
	assert_int_equal(pipe(in), 0);
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);
		dup2(in[0], STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(in[0]);
		close(in[1]);
		setenv("BALIE_HOME", w->home, 1);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(in[0]);
	if (input)
		dprintf(in[1], "%s\n", input);
	close(in[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#define CLIENT(w, ...) run_client(w, NULL, (const char *const[]){__VA_ARGS__, NULL})

/* How often a text stands in the ticket, by the service's own word. */
static int times(struct world *w, const char *text)
{
	struct http h;
	char path[100];
	int n = 0;

	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", w->id);
	http_get(&w->service, w->token, path, &h);
	assert_int_equal(h.status, 200);
	static const char *const lists[] = {"messages", "notes"};
	for (int list = 0; list < 2; list++)
		for (int i = 0;; i++) {
			char at[40];
			snprintf(at, sizeof(at), "%s.%d.body", lists[list], i);
			const char *body = http_text(&h, at);
			if (!body)
				break;
			n += !strcmp(body, text);
		}
	http_free(&h);
	return n;
}

/* Who looks at many tickets one by one is no person. */
static const char *const wide[] = {"--rate", "1000000", "--burst", "1000000", NULL};

static void set_up(struct world *w)
{
	memset(w, 0, sizeof(*w));
	service_make(&w->service);
	service_start_unix(&w->service, wide);
	snprintf(w->home, sizeof(w->home), "%s/home", w->service.dir);
	snprintf(w->kill_file, sizeof(w->kill_file), "%s/kill", w->service.dir);
	assert_int_equal(mkdir(w->home, 0700), 0);
	w->token = service_login(&w->service, "an");
	service_ticket(&w->service, w->token, "Losse tegel", w->id);
	const char *const words[] = {"sync", NULL};
	assert_int_equal(run_client(w, SERVICE_PASSWORD, words), 0);
}

/* must: it was answered, so it has to be there. */
static void look(struct world *w, const char *text, bool must)
{
	int n = times(w, text);

	w->tried++;
	w->lost += must && n == 0;
	w->doubled += n > 1;
}

static void tear_down(struct world *w, const char *who)
{
	printf("%s: %ld writes tried, killed %ld times, lost %ld, doubled %ld\n", who, w->tried,
	       w->killed, w->lost, w->doubled);
	service_stop(&w->service, SIGTERM);
	service_remove(&w->service);
	free(w->token);
	assert_int_equal(w->lost, 0);
	assert_int_equal(w->doubled, 0);
}

/* What a client was told is done is there; what it typed is sent once when both run again. */
static void service_killed(void **state)
{
	struct world w;
	bool died = true;

	(void)state;
	set_up(&w);
	service_stop(&w.service, SIGTERM);
	for (long n = 1; died; n++) {
		char note[40], answer[40];
		int status;

		assert_in_range(n, 1, CALLS_MAX);
		snprintf(note, sizeof(note), "notitie %ld", n);
		snprintf(answer, sizeof(answer), "antwoord %ld", n);
		unlink(w.kill_file);
		preload(&w, true);
		service_start_unix(&w.service, NULL);
		preload(&w, false);
		write_number(w.kill_file, n);
		CLIENT(&w, "do", "note", w.id, note);
		CLIENT(&w, "do", "answer", w.id, answer);
		died = waitpid(w.service.pid, &status, WNOHANG) == w.service.pid;
		if (died)
			w.service.pid = 0;
		else
			service_stop(&w.service, SIGTERM);
		unlink(w.kill_file);
		service_start_unix(&w.service, NULL);
		assert_int_equal(CLIENT(&w, "sync"), 0);
		look(&w, note, true);
		look(&w, answer, true);
		service_stop(&w.service, SIGTERM);
		w.killed += died;
	}
	assert_true(w.killed > 10); /* else the calls were not seen at all */
	service_start_unix(&w.service, NULL);
	tear_down(&w, "service");
}

/* What balie said is done is there once. Killed before it could say so: once or not at all. */
static void client_killed(void **state)
{
	struct world w;
	int status = 0;

	(void)state;
	set_up(&w);
	for (long n = 1; n == 1 || status == 128 + SIGKILL; n++) {
		char note[40];

		assert_in_range(n, 1, CALLS_MAX);
		snprintf(note, sizeof(note), "notitie %ld", n);
		write_number(w.kill_file, n);
		preload(&w, true);
		status = CLIENT(&w, "do", "note", w.id, note);
		preload(&w, false);
		assert_true(status == 0 || status == 128 + SIGKILL);
		assert_int_equal(CLIENT(&w, "sync"), 0);
		look(&w, note, status == 0);
		w.killed += status != 0;
	}
	assert_true(w.killed > 10);
	tear_down(&w, "client");
}

/* ---- many at once ---- */

#define MANY 25

/* What the service has of all of them: how many have that priority, and the sum of their versions. */
static int look_at_all(struct world *w, char (*ids)[37], const char *priority, long *ret_versions)
{
	int n = 0;

	*ret_versions = 0;
	for (int i = 0; i < MANY; i++) {
		struct http h;
		char path[100];

		snprintf(path, sizeof(path), "/v1/tickets/%s", ids[i]);
		http_get(&w->service, w->token, path, &h);
		assert_int_equal(h.status, 200);
		n += !strcmp(http_text(&h, "priority"), priority);
		*ret_versions += (long)http_number(&h, "version");
		http_free(&h);
	}
	return n;
}

/* One step of a batch, after all was set right again: wanted have the priority, each was changed once. */
static int settle(struct world *w, char (*ids)[37], const char *priority, long *versions, bool must)
{
	long now;
	int n = look_at_all(w, ids, priority, &now);

	w->tried++;
	w->lost += n != MANY && (n != 0 || must) ? 1 : 0;
	w->doubled += now != *versions + n;
	*versions = now;
	return n;
}

static void make_many(struct world *w, char (*ids)[37], long *versions)
{
	for (int i = 0; i < MANY; i++)
		service_ticket(&w->service, w->token, "Veel tegelijk", ids[i]);
	assert_int_equal(CLIENT(w, "sync"), 0);
	assert_int_equal(look_at_all(w, ids, "high", versions), 0);
}

static long step_from(long n)
{
	return n + 3 + n * 7 % 11;
}

/* Killed in the middle of a batch or of its undo: all of it or nothing, and each once. */
static void client_killed_in_a_batch(void **state)
{
	struct world w;
	char ids[MANY][37];
	long versions;
	bool died = true;

	(void)state;
	set_up(&w);
	make_many(&w, ids, &versions);
	for (long n = 1; died; n = step_from(n)) {
		static const char *const what[] = {"high", "normal"};

		died = false;
		for (int undo = 0; undo < 2; undo++) {
			int status;

			assert_in_range(n, 1, 40 * CALLS_MAX);
			write_number(w.kill_file, n);
			preload(&w, true);
			status = undo ? CLIENT(&w, "do", "undo")
				      : CLIENT(&w, "do", "priority", "high", "--filter", "Veel");
			preload(&w, false);
			assert_true(status == 0 || status == 128 + SIGKILL);
			w.killed += status != 0;
			died = died || status != 0;
			assert_int_equal(CLIENT(&w, "sync"), 0);
			if (settle(&w, ids, what[undo], &versions, status == 0) == MANY)
				continue;
			/* Nothing was kept: once more, undisturbed. */
			status = undo ? CLIENT(&w, "do", "undo")
				      : CLIENT(&w, "do", "priority", "high", "--filter", "Veel");
			assert_int_equal(status, 0);
			settle(&w, ids, what[undo], &versions, true);
		}
	}
	assert_true(w.killed > 10);
	tear_down(&w, "client in a batch");
}

/* Starts the service so that it is killed before its n-th call, and lets the client go on with it. */
static bool step_with_a_mortal(struct world *w, long n, const char *const *words)
{
	int status;
	bool died;

	unlink(w->kill_file);
	preload(w, true);
	service_start_unix(&w->service, wide);
	preload(w, false);
	write_number(w->kill_file, n);
	run_client(w, NULL, words);
	died = waitpid(w->service.pid, &status, WNOHANG) == w->service.pid;
	if (died)
		w->service.pid = 0;
	else
		service_stop(&w->service, SIGTERM);
	unlink(w->kill_file);
	service_start_unix(&w->service, wide);
	assert_int_equal(CLIENT(w, "sync"), 0);
	w->killed += died;
	return died;
}

static void service_killed_in_a_batch(void **state)
{
	static const char *const words[] = {"do", "priority", "high", "--filter", "Veel", NULL};
	static const char *const back[] = {"do", "undo", NULL};
	struct world w;
	char ids[MANY][37];
	long versions;
	bool died = true;

	(void)state;
	set_up(&w);
	make_many(&w, ids, &versions);
	service_stop(&w.service, SIGTERM);
	for (long n = 1; died; n = step_from(n)) {
		assert_in_range(n, 1, 40 * CALLS_MAX);
		died = step_with_a_mortal(&w, n, words);
		settle(&w, ids, "high", &versions, true);
		service_stop(&w.service, SIGTERM);
		died = step_with_a_mortal(&w, n, back) || died;
		settle(&w, ids, "normal", &versions, true);
		service_stop(&w.service, SIGTERM);
	}
	assert_true(w.killed > 10);
	service_start_unix(&w.service, wide);
	tear_down(&w, "service in a batch");
}

/* When the service took a note in, by its own clock. */
static int64_t noted_at(struct world *w, const char *text)
{
	struct http h;
	char path[100], at[40];
	int64_t ms = 0;

	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", w->id);
	http_get(&w->service, w->token, path, &h);
	for (int i = 0; ms == 0; i++) {
		snprintf(at, sizeof(at), "notes.%d.body", i);
		const char *body = http_text(&h, at);
		assert_non_null(body);
		if (strcmp(body, text))
			continue;
		snprintf(at, sizeof(at), "notes.%d.created_at", i);
		assert_true(clock_from_rfc3339(http_text(&h, at), &ms));
	}
	http_free(&h);
	return ms;
}

/* A computer whose clock is wrong by a day works as any other; what is kept is the service's time. */
static void clocks_a_day_apart(void **state)
{
	static const int days[] = {-1, 1, -30, 30};
	struct world w;

	(void)state;
	set_up(&w);
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
		char note[40], now[CLOCK_TEXT];
		int64_t real = clock_now();

		snprintf(note, sizeof(note), "klok %d", days[i]);
		setenv("BALIE_NOW", clock_to_rfc3339(real + days[i] * CLOCK_DAY_MS, now), 1);
		assert_int_equal(CLIENT(&w, "do", "note", w.id, note), 0);
		assert_int_equal(CLIENT(&w, "sync"), 0);
		unsetenv("BALIE_NOW");
		look(&w, note, true);
		assert_in_range(noted_at(&w, note), real - 60000, clock_now() + 60000);
	}
	tear_down(&w, "clocks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(service_killed),
		cmocka_unit_test(client_killed),
		cmocka_unit_test(service_killed_in_a_batch),
		cmocka_unit_test(client_killed_in_a_batch),
		cmocka_unit_test(clocks_a_day_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
