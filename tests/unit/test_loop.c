#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "balie/clock.h"
#include "balie/loop.h"

static struct loop *loop;
static char trace[256];
static struct err err;

static void note(const char *word)
{
	strncat(trace, word, sizeof(trace) - strlen(trace) - 1);
}

static int start(void **state)
{
	(void)state;
	trace[0] = '\0';
	return loop_create(&loop, &err) ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	loop_destroy(loop);
	loop = NULL;
	return 0;
}

static void note_word(void *user)
{
	note(user);
}

static void quit(void *user)
{
	(void)user;
	loop_quit(loop);
}

static void quit_with_word(void *user)
{
	note(user);
	loop_quit(loop);
}

static void run(void)
{
	assert_true(loop_run(loop, &err));
}

/* ---- timers ---- */

static void timers_fire_in_time(void **state)
{
	int64_t begin = clock_mono();
	(void)state;

	loop_add_timer(loop, 30, quit_with_word, (char[]){"c"});
	loop_add_timer(loop, 0, note_word, (char[]){"a"});
	loop_add_timer(loop, 10, note_word, (char[]){"b"});
	loop_add_timer(loop, -1, note_word, (char[]){"never"});
	loop_add_timer(loop, INT64_MAX, note_word, (char[]){"never"});
	run();
	assert_string_equal(trace, "abc");
	assert_true(clock_mono() - begin >= 30);
}

struct again {
	struct loop_watch *timer;
	int left;
};

static void set_again(void *user)
{
	struct again *again = user;

	note("t");
	if (--again->left > 0)
		loop_set_timer(again->timer, 0);
	else
		loop_quit(loop);
}

static void timers_can_be_set_again(void **state)
{
	struct again again = {.left = 3};
	struct loop_watch *off;
	(void)state;

	again.timer = loop_add_timer(loop, 0, set_again, &again);
	off = loop_add_timer(loop, 0, note_word, (char[]){"never"});
	loop_set_timer(off, -1);
	run();
	assert_string_equal(trace, "ttt");
	/* It stayed, switched off by having fired. */
	again.left = 1;
	loop_set_timer(again.timer, 1);
	run();
	assert_string_equal(trace, "tttt");
}

/* A timer that always sets itself again keeps neither descriptors nor drawing out. */
static void set_always(void *user)
{
	loop_set_timer(*(struct loop_watch **)user, 0);
}

static void read_and_quit(void *user, int fd, unsigned events)
{
	char c;

	(void)user;
	assert_true((events & POLLIN) != 0);
	assert_int_equal(read(fd, &c, 1), 1);
	note("r");
}

static void busy_timers_let_others_in(void **state)
{
	struct loop_watch *timer;
	int fds[2];
	(void)state;

	assert_int_equal(pipe(fds), 0);
	timer = loop_add_timer(loop, 0, set_always, &timer);
	loop_add_fd(loop, fds[0], POLLIN, read_and_quit, NULL);
	loop_set_idle(loop, quit_with_word, (char[]){"i"});
	assert_int_equal(write(fds[1], "x", 1), 1);
	run();
	assert_string_equal(trace, "ri");
	close(fds[0]);
	close(fds[1]);
}

/* ---- descriptors ---- */

struct reader {
	struct loop_watch *self, *other;
	int fd;
};

static void read_all(void *user, int fd, unsigned events)
{
	char text[16];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	(void)user;
	(void)events;
	if (n == 0) {
		loop_quit(loop);
		return;
	}
	text[n] = '\0';
	note(text);
}

static void close_end(void *user)
{
	close(*(int *)user);
}

static void descriptors_are_read_to_their_end(void **state)
{
	int fds[2];
	(void)state;

	assert_int_equal(pipe(fds), 0);
	loop_add_fd(loop, fds[0], POLLIN, read_all, NULL);
	loop_add_timer(loop, 5, close_end, &fds[1]);
	assert_int_equal(write(fds[1], "hello", 5), 5);
	run();
	assert_string_equal(trace, "hello");
	close(fds[0]);
}

static void remove_both(void *user, int fd, unsigned events)
{
	struct reader *reader = user;

	(void)fd;
	(void)events;
	note("x");
	loop_remove(reader->other);
	loop_remove(reader->self);
	loop_remove(reader->self); /* twice does no harm while in the callback */
	loop_add_timer(loop, 1, quit, NULL);
}

static void watches_are_removed_from_callbacks(void **state)
{
	struct reader a, b;
	int one[2], two[2];
	(void)state;

	assert_int_equal(pipe(one), 0);
	assert_int_equal(pipe(two), 0);
	a.self = b.other = loop_add_fd(loop, one[0], POLLIN, remove_both, &a);
	b.self = a.other = loop_add_fd(loop, two[0], POLLIN, remove_both, &b);
	assert_int_equal(write(one[1], "x", 1), 1);
	assert_int_equal(write(two[1], "x", 1), 1);
	run();
	/* Both were ready in one turn, and still only one was called. */
	assert_string_equal(trace, "x");
	loop_remove(NULL);
	for (int i = 0; i < 2; i++) {
		close(one[i]);
		close(two[i]);
	}
}

static struct loop_watch *doomed;

static void remove_doomed(void *user)
{
	static char word[] = "new";

	(void)user;
	note("r");
	loop_remove(doomed);
	loop_add_timer(loop, 0, quit_with_word, word);
}

static void timers_are_removed_from_callbacks(void **state)
{
	(void)state;
	loop_add_timer(loop, 0, remove_doomed, NULL);
	doomed = loop_add_timer(loop, 0, note_word, (char[]){"never"});
	run();
	assert_string_equal(trace, "rnew");
}

static void many_descriptors(void **state)
{
	enum { COUNT = 40 };
	int fds[COUNT][2];
	(void)state;

	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(pipe(fds[i]), 0);
		loop_add_fd(loop, fds[i][0], POLLIN, read_and_quit, NULL);
		assert_int_equal(write(fds[i][1], "x", 1), 1);
	}
	loop_set_idle(loop, quit, NULL);
	run();
	assert_int_equal(strlen(trace), COUNT);
	for (int i = 0; i < COUNT; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
}

static void writable_is_told(void *user, int fd, unsigned events)
{
	(void)user;
	(void)fd;
	assert_int_equal(events & POLLOUT, POLLOUT);
	loop_quit(loop);
}

static void writing_is_watched(void **state)
{
	int fds[2];
	(void)state;

	assert_int_equal(pipe(fds), 0);
	loop_add_fd(loop, fds[1], POLLOUT, writable_is_told, NULL);
	run();
	close(fds[0]);
	close(fds[1]);
}

/* ---- signals ---- */

static void got_signal(void *user, int signo)
{
	(void)user;
	note(signo == SIGUSR1 ? "1" : "2");
	if (signo == SIGUSR2)
		loop_quit(loop);
}

static void signals_are_delivered(void **state)
{
	(void)state;
	loop_add_signal(loop, SIGUSR1, got_signal, NULL);
	loop_add_signal(loop, SIGUSR2, got_signal, NULL);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	run();
	assert_string_equal(trace, "12");
}

static void kill_self(void *user)
{
	(void)user;
	kill(getpid(), SIGUSR2);
}

static void signals_end_the_wait(void **state)
{
	(void)state;
	loop_add_signal(loop, SIGUSR2, got_signal, NULL);
	loop_add_timer(loop, 5, kill_self, NULL);
	run();
	assert_string_equal(trace, "2");
}

/* ---- wakes ---- */

static int woken;
static _Atomic int asked;

static void count_wake(void *user)
{
	(void)user;
	woken++;
	if (asked == 1000)
		loop_quit(loop);
}

static void *wake_many(void *watch)
{
	for (int i = 0; i < 1000; i++) {
		asked = i + 1;
		loop_wake(watch);
	}
	return NULL;
}

static void wakes_come_from_threads(void **state)
{
	struct loop_watch *watch = loop_add_wake(loop, count_wake, NULL);
	pthread_t thread;
	(void)state;

	woken = 0;
	asked = 0;
	assert_int_equal(pthread_create(&thread, NULL, wake_many, watch), 0);
	run();
	pthread_join(thread, NULL);
	/* Several at once may come as one, the last is never lost. */
	assert_true(woken >= 1 && woken <= 1000);
}

static void wakes_before_running_count(void **state)
{
	struct loop_watch *watch = loop_add_wake(loop, quit_with_word, (char[]){"w"});
	(void)state;

	loop_wake(watch);
	loop_wake(watch);
	run();
	assert_string_equal(trace, "w");
}

/* ---- idle, quit ---- */

static void idle_runs_before_waiting(void **state)
{
	(void)state;
	loop_set_idle(loop, note_word, (char[]){"i"});
	loop_add_timer(loop, 0, note_word, (char[]){"t"});
	loop_add_timer(loop, 15, quit, NULL);
	run();
	assert_memory_equal(trace, "ti", 3);
}

static void quit_before_running_counts(void **state)
{
	(void)state;
	loop_add_timer(loop, 0, note_word, (char[]){"t"});
	loop_quit(loop);
	run();
	assert_string_equal(trace, "");
	/* Only once. */
	loop_add_timer(loop, 0, quit, NULL);
	run();
	assert_string_equal(trace, "t");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(timers_fire_in_time),
		TEST(timers_can_be_set_again),
		TEST(busy_timers_let_others_in),
		TEST(descriptors_are_read_to_their_end),
		TEST(watches_are_removed_from_callbacks),
		TEST(timers_are_removed_from_callbacks),
		TEST(many_descriptors),
		TEST(writing_is_watched),
		TEST(signals_are_delivered),
		TEST(signals_end_the_wait),
		TEST(wakes_come_from_threads),
		TEST(wakes_before_running_count),
		TEST(idle_runs_before_waiting),
		TEST(quit_before_running_counts),
	};

	loop_destroy(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
