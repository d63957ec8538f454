/* Wakes those who wait: long polls, event streams, connections that are too slow. */
#include "bell.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "mail/outbound.h"
#include "tell.h"

#define TICK_MS 200
#define LOOK_MS 5000

struct guard {
	struct guard *next, *prev;
	int fd;
	_Atomic int64_t until; /* clock_mono(), 0 = no limit */
};

/* ---- guards ---- */

struct guard *guard_add(struct bell *b, int fd)
{
	struct guard *g = xcalloc(1, sizeof(*g));

	g->fd = fd;
	pthread_mutex_lock(&b->guard_lock);
	g->next = b->guards;
	if (g->next)
		g->next->prev = g;
	b->guards = g;
	pthread_mutex_unlock(&b->guard_lock);
	return g;
}

void guard_remove(struct bell *b, struct guard *g)
{
	if (!g)
		return;
	pthread_mutex_lock(&b->guard_lock);
	if (g->prev)
		g->prev->next = g->next;
	else
		b->guards = g->next;
	if (g->next)
		g->next->prev = g->prev;
	pthread_mutex_unlock(&b->guard_lock);
	free(g);
}

void guard_idle(struct guard *g, int64_t ms)
{
	if (g)
		atomic_store(&g->until, ms ? clock_mono() + ms : 0);
}

/* The library restarts its own timeout at each byte, so one byte a while would hold a place for
 * ever. The descriptor is still open as long as its guard is in the list. */
static void cut_slow(struct bell *b, int64_t now)
{
	struct guard *g;
	int64_t until;

	pthread_mutex_lock(&b->guard_lock);
	for (g = b->guards; g; g = g->next) {
		until = atomic_load(&g->until);
		if (until && now > until) {
			atomic_store(&g->until, 0);
			shutdown(g->fd, SHUT_RDWR);
		}
	}
	pthread_mutex_unlock(&b->guard_lock);
}

/* ---- long polls; all under the lock ---- */

static void unlink_request(struct bell *b, struct request *rq)
{
	if (rq->wait_prev)
		rq->wait_prev->wait_next = rq->wait_next;
	else
		b->waiting = rq->wait_next;
	if (rq->wait_next)
		rq->wait_next->wait_prev = rq->wait_prev;
	rq->wait_next = rq->wait_prev = NULL;
}

/* now 0: all of them. */
static void wake_requests(struct bell *b, int64_t now)
{
	struct request *rq = b->waiting;
	struct request *next;

	for (; rq; rq = next) {
		next = rq->wait_next;
		if (now && rq->wait_until > now)
			continue;
		unlink_request(b, rq);
		request_wake(rq);
	}
}

bool bell_wait(struct bell *b, struct request *rq)
{
	bool waits = false;

	pthread_mutex_lock(&b->lock);
	if (!b->closed && b->seq <= rq->position && clock_mono() < rq->wait_until) {
		rq->wait_prev = NULL;
		rq->wait_next = b->waiting;
		if (rq->wait_next)
			rq->wait_next->wait_prev = rq;
		b->waiting = rq;
		/* Under the lock, so that nobody resumes it before it is suspended. */
		request_suspend(rq);
		waits = true;
	}
	pthread_mutex_unlock(&b->lock);
	return waits;
}

void bell_count(struct bell *b, size_t *ret_streams, size_t *ret_waiting)
{
	const struct request *rq;

	*ret_waiting = 0;
	pthread_mutex_lock(&b->lock);
	*ret_streams = b->stream_count;
	for (rq = b->waiting; rq; rq = rq->wait_next)
		++*ret_waiting;
	pthread_mutex_unlock(&b->lock);
}

void bell_ring(struct bell *b, int64_t seq)
{
	bool news;

	pthread_mutex_lock(&b->lock);
	news = seq > b->seq;
	if (news) {
		b->seq = seq;
		wake_requests(b, 0);
		streams_upto(b);
	}
	pthread_mutex_unlock(&b->lock);
	/* There may be a mail to send. */
	if (news)
		outbound_wake(atomic_load(&b->service->outbound));
}

/* ---- the thread ---- */

static void hear_others(struct bell *b)
{
	struct buf line = {0};

	while (store_hear(b->town.store, &line)) {
		tell_hear(b->service, line.data);
		buf_reset(&line);
	}
	buf_finish(&line);
}

/* Another service, or another program (an import, a seed), may have written. A look that fails, since
 * the database is away or the connection was cut, is tried again at the next tick: only what was seen
 * counts as seen. And now and then without being told, should a word of news ever have been lost. */
static void look_outside(struct bell *b, int64_t now)
{
	int64_t version = store_data_version(b->town.store);
	int64_t seq;
	struct err err = {0};

	if (b->looked && version == b->data_version && now < b->look_at)
		return;
	if (town_last_seq(&b->town, &seq, &err)) {
		b->looked = true;
		b->data_version = version;
		b->look_at = now + LOOK_MS;
		bell_ring(b, seq);
	} else if (b->looked) {
		b->looked = false;
		log_line(LOG_LEVEL_WARN, "cannot read the journal: %s", err.text);
	}
}

static void *bell_main(void *user)
{
	struct bell *b = user;
	struct timespec at;
	int64_t now;

	pthread_mutex_lock(&b->lock);
	while (!b->stop) {
		clock_gettime(CLOCK_MONOTONIC, &at);
		at.tv_nsec += TICK_MS * 1000000L;
		at.tv_sec += at.tv_nsec / 1000000000L;
		at.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&b->wake, &b->lock, &at);
		now = clock_mono();
		wake_requests(b, now);
		streams_tick(b, now);
		pthread_mutex_unlock(&b->lock);
		cut_slow(b, now);
		hear_others(b);
		presence_expire(b->service->presence, b->service);
		look_outside(b, now);
		pthread_mutex_lock(&b->lock);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

bool bell_start(struct bell **ret, struct service *s, int64_t seq, struct err *err)
{
	struct bell *b = xcalloc(1, sizeof(*b));
	pthread_condattr_t attr;

	b->service = s;
	b->seq = seq;
	pthread_mutex_init(&b->lock, NULL);
	pthread_mutex_init(&b->guard_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (!town_open(&b->town, s->settings->db, STORE_READONLY, err))
		goto fail;
	if (pthread_create(&b->thread, NULL, bell_main, b) != 0) {
		err_set(err, ERR_IO, _("cannot start a thread"));
		goto fail;
	}
	*ret = b;
	return true;
fail:
	town_close(&b->town);
	free(b);
	return false;
}

void bell_close(struct bell *b)
{
	pthread_mutex_lock(&b->lock);
	b->closed = true;
	wake_requests(b, 0);
	streams_end(b);
	pthread_mutex_unlock(&b->lock);
}

void bell_stop(struct bell *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->stop = true;
	pthread_cond_signal(&b->wake);
	pthread_mutex_unlock(&b->lock);
	pthread_join(b->thread, NULL);
	town_close(&b->town);
	pthread_mutex_destroy(&b->lock);
	pthread_mutex_destroy(&b->guard_lock);
	pthread_cond_destroy(&b->wake);
	free(b);
}
