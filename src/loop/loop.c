#include "balie/loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "balie/clock.h"
#include "balie/mem.h"

#define IDLE_LATE_MS 50

enum watch_kind { WATCH_FD, WATCH_TIMER, WATCH_SIGNAL, WATCH_WAKE };

struct loop_watch {
	struct loop *loop;
	struct loop_watch *next;
	enum watch_kind kind;
	bool removed;	 /* freed when nobody stands on the list any more */
	int fd;		 /* WATCH_FD: the caller's; WATCH_SIGNAL, WATCH_WAKE: ours */
	unsigned events; /* WATCH_FD */
	int64_t due;	 /* WATCH_TIMER: on the clock that never jumps; -1: off */
	uint64_t turn;	 /* WATCH_TIMER: when it was set, so that it waits for the next one */
	union {
		loop_fd_fn *fd;
		loop_fn *plain;
		loop_signal_fn *signal;
	} fn;
	void *user;
};

struct loop {
	struct loop_watch *first, **last;
	struct pollfd *polls;
	struct loop_watch **polled; /* whose polls[i] is */
	size_t poll_cap;
	bool has_removed;
	bool quit;
	uint64_t turn;
	loop_fn *idle;
	void *idle_user;
	int64_t idle_at;
};

bool loop_create(struct loop **ret, struct err *err)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	loop->last = &loop->first;
	*ret = loop;
	return true;
}

static void watch_free(struct loop_watch *w)
{
	if (w->kind == WATCH_SIGNAL || w->kind == WATCH_WAKE)
		close(w->fd);
	free(w);
}

void loop_destroy(struct loop *loop)
{
	struct loop_watch *w, *next;

	if (loop == NULL)
		return;
	for (w = loop->first; w != NULL; w = next) {
		next = w->next;
		watch_free(w);
	}
	free(loop->polls);
	free(loop->polled);
	free(loop);
}

/* ---- watches ---- */

static struct loop_watch *watch_add(struct loop *loop, enum watch_kind kind, void *user)
{
	struct loop_watch *w = xcalloc(1, sizeof(*w));

	w->loop = loop;
	w->kind = kind;
	w->fd = -1;
	w->due = -1;
	w->user = user;
	*loop->last = w;
	loop->last = &w->next;
	return w;
}

/* The system refuses us a descriptor of our own: nothing could be delivered any more. */
static int need_fd(int fd)
{
	static const char text[] = "balie: no more file descriptors\n";

	if (fd < 0) {
		if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
			abort();
		abort();
	}
	return fd;
}

struct loop_watch *loop_add_fd(struct loop *loop, int fd, unsigned events, loop_fd_fn *fn,
			       void *user)
{
	struct loop_watch *w = watch_add(loop, WATCH_FD, user);

	w->fd = fd;
	w->events = events;
	w->fn.fd = fn;
	return w;
}

struct loop_watch *loop_add_timer(struct loop *loop, int64_t delay_ms, loop_fn *fn, void *user)
{
	struct loop_watch *w = watch_add(loop, WATCH_TIMER, user);

	w->fn.plain = fn;
	loop_set_timer(w, delay_ms);
	return w;
}

void loop_set_timer(struct loop_watch *w, int64_t delay_ms)
{
	w->turn = w->loop->turn;
	if (delay_ms < 0)
		w->due = -1;
	else if (__builtin_add_overflow(clock_mono(), delay_ms, &w->due))
		w->due = INT64_MAX;
}

struct loop_watch *loop_add_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *user)
{
	struct loop_watch *w = watch_add(loop, WATCH_SIGNAL, user);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	w->fd = need_fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
	w->fn.signal = fn;
	return w;
}

struct loop_watch *loop_add_wake(struct loop *loop, loop_fn *fn, void *user)
{
	struct loop_watch *w = watch_add(loop, WATCH_WAKE, user);

	w->fd = need_fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	w->fn.plain = fn;
	return w;
}

void loop_wake(struct loop_watch *w)
{
	static const uint64_t one = 1;
	int error = errno;

	/* EAGAIN: so many wakes wait already that this one is not missed. */
	while (write(w->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
	errno = error;
}

void loop_set_idle(struct loop *loop, loop_fn *fn, void *user)
{
	loop->idle = fn;
	loop->idle_user = user;
}

void loop_remove(struct loop_watch *w)
{
	if (w == NULL || w->removed)
		return;
	w->removed = true;
	w->loop->has_removed = true;
}

/* Between turns only: nobody holds a watch then. */
static void sweep(struct loop *loop)
{
	struct loop_watch **at = &loop->first, *w;

	if (!loop->has_removed)
		return;
	while ((w = *at) != NULL) {
		if (w->removed) {
			*at = w->next;
			watch_free(w);
		} else {
			at = &w->next;
		}
	}
	loop->last = at;
	loop->has_removed = false;
}

/* ---- running ---- */

/* Runs what is due. A timer set meanwhile, even to 0, waits for the next turn, so that one which sets
 * itself again cannot keep the keys out. True when one has run. */
static bool run_timers(struct loop *loop)
{
	int64_t now = clock_mono();
	bool ran = false;

	loop->turn++;
	for (struct loop_watch *w = loop->first; w != NULL && !loop->quit; w = w->next) {
		if (w->kind != WATCH_TIMER || w->removed || w->due < 0 || w->due > now ||
		    w->turn == loop->turn)
			continue;
		w->due = -1;
		w->fn.plain(w->user);
		ran = true;
	}
	return ran;
}

/* Milliseconds until the next timer; -1: none. */
static int timeout_of(const struct loop *loop)
{
	int64_t now = clock_mono(), least = -1, left;

	for (const struct loop_watch *w = loop->first; w != NULL; w = w->next) {
		if (w->kind != WATCH_TIMER || w->removed || w->due < 0)
			continue;
		left = w->due > now ? w->due - now : 0;
		if (least < 0 || left < least)
			least = left;
	}
	return least > INT_MAX ? INT_MAX : (int)least;
}

static size_t fill_polls(struct loop *loop)
{
	size_t n = 0;

	for (struct loop_watch *w = loop->first; w != NULL; w = w->next) {
		if (w->kind == WATCH_TIMER || w->removed)
			continue;
		if (n == loop->poll_cap) {
			loop->poll_cap = n == 0 ? 8 : n * 2;
			loop->polls = xrealloc(loop->polls, loop->poll_cap * sizeof(*loop->polls));
			loop->polled =
				xrealloc(loop->polled, loop->poll_cap * sizeof(*loop->polled));
		}
		loop->polls[n].fd = w->fd;
		loop->polls[n].events = w->kind == WATCH_FD ? (short)w->events : POLLIN;
		loop->polls[n].revents = 0;
		loop->polled[n++] = w;
	}
	return n;
}

static void run_signal(struct loop_watch *w)
{
	struct signalfd_siginfo info;

	while (!w->removed && read(w->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		w->fn.signal(w->user, (int)info.ssi_signo);
}

static void run_ready(struct loop *loop, size_t count)
{
	uint64_t wakes;

	for (size_t i = 0; i < count && !loop->quit; i++) {
		struct loop_watch *w = loop->polled[i];

		if (loop->polls[i].revents == 0 || w->removed)
			continue;
		switch (w->kind) {
		case WATCH_FD:
			w->fn.fd(w->user, w->fd, (unsigned short)loop->polls[i].revents);
			break;
		case WATCH_SIGNAL:
			run_signal(w);
			break;
		case WATCH_WAKE:
			if (read(w->fd, &wakes, sizeof(wakes)) == (ssize_t)sizeof(wakes))
				w->fn.plain(w->user);
			break;
		case WATCH_TIMER:
			break;
		}
	}
}

/* Waits at most timeout and runs what came. *ret_count: descriptors that had something. */
static bool turn(struct loop *loop, int timeout, int *ret_count, struct err *err)
{
	size_t count = fill_polls(loop);
	int ready = poll(loop->polls, (nfds_t)count, timeout);

	if (ready < 0 && errno != EINTR) {
		err_errno(err, "poll");
		return false;
	}
	*ret_count = ready > 0 ? ready : 0;
	if (ready > 0)
		run_ready(loop, count);
	return true;
}

static void run_idle(struct loop *loop)
{
	loop->idle_at = clock_mono();
	if (loop->idle != NULL)
		loop->idle(loop->idle_user);
}

bool loop_run(struct loop *loop, struct err *err)
{
	bool ok = true;
	int ready;

	while (ok && !loop->quit) {
		sweep(loop);
		/* Look without waiting first, so that typed-ahead keys are all taken before a frame
		 * is drawn for them; but a stream without end must not freeze the picture. */
		ok = turn(loop, 0, &ready, err);
		if (!ok || loop->quit)
			break;
		if ((run_timers(loop) || ready > 0) && clock_mono() - loop->idle_at < IDLE_LATE_MS)
			continue;
		if (!loop->quit)
			run_idle(loop);
		sweep(loop);
		if (!loop->quit)
			ok = turn(loop, timeout_of(loop), &ready, err);
	}
	sweep(loop);
	loop->quit = false;
	return ok;
}

void loop_quit(struct loop *loop)
{
	loop->quit = true;
}
