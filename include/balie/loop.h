/* One event loop: descriptors, timers, signals by signalfd, wake-ups from other threads by eventfd. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "balie/err.h"

struct loop;
struct loop_watch;

bool loop_create(struct loop **ret, struct err *err);
void loop_destroy(struct loop *loop);

/* events: POLLIN, POLLOUT of those asked for; POLLHUP, POLLERR and POLLNVAL come unasked, and again
 * and again until the watch is removed. */
typedef void loop_fd_fn(void *user, int fd, unsigned events);
typedef void loop_fn(void *user);
typedef void loop_signal_fn(void *user, int signo);

/* Watches are owned by the loop; loop_remove() frees one, also from within its own callback. */
struct loop_watch *loop_add_fd(struct loop *, int fd, unsigned events, loop_fd_fn *fn, void *user);
/* Once after delay_ms; a timer that has fired stays and can be set again by loop_set_timer(). */
struct loop_watch *loop_add_timer(struct loop *, int64_t delay_ms, loop_fn *fn, void *user);
void loop_set_timer(struct loop_watch *, int64_t delay_ms); /* negative: switched off */
/* Blocks signo for the process (before any thread starts) and delivers it here. A child inherits the
 * block: take it off between fork() and exec(). */
struct loop_watch *loop_add_signal(struct loop *, int signo, loop_signal_fn *fn, void *user);
/* Runs fn in the loop's thread after loop_wake(): the one call that is safe from another thread. */
struct loop_watch *loop_add_wake(struct loop *, loop_fn *fn, void *user);
void loop_wake(struct loop_watch *);
/* Runs fn when there is nothing else to do, before waiting: drawing. Also, at most every
 * 50 ms, when there is always something else to do. One only. */
void loop_set_idle(struct loop *, loop_fn *fn, void *user);
void loop_remove(struct loop_watch *);

bool loop_run(struct loop *, struct err *err); /* until loop_quit(), also one called before */
void loop_quit(struct loop *);
