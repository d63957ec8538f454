/* The threads that send: one a mailbox. Each sleeps until a mail of its mailbox is due, claims it through
 * the writer, hands it over, and settles it through the writer. Only the service that holds the lease
 * sends. */
#include "outbound.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "../parts.h"
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "central_sql.h"

#define LOOK_MS 30000 /* though nobody woke us */
#define CALM_MS 50    /* between two looks, however often we are woken */
#define LEASE_LOOK_MS 1000
#define RETRY_MS 1000 /* after a failure of the database */
#define PAUSE_MAX_MS (15 * 60 * 1000)
#define LAST_TRIES 5 /* to settle when we must stop */

struct box_thread {
	struct outbound *outbound;
	const struct mailbox_config *box;
	pthread_t thread;
	bool started;
	/* of the thread */
	struct town town;    /* read-only */
	bool mine;	     /* it held the lease the last time, and has looked for orphans */
	bool doubt;	     /* something may be claimed that was not handed over */
	bool troubled;	     /* the last try did not reach the server, and it was told */
	int64_t pause_until; /* clock_mono() */
	int failures;	     /* in a row, of the server */
};

struct outbound {
	struct service *service;
	char holder[ID_TEXT]; /* of this run */
	int stop_fd;
	struct box_thread *boxes;
	size_t count;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* under the lock */
	bool stop;
	uint64_t wakes;
};

/* ---- waiting ---- */

static bool is_stopping(struct outbound *o)
{
	bool ret;

	pthread_mutex_lock(&o->lock);
	ret = o->stop;
	pthread_mutex_unlock(&o->lock);
	return ret;
}

static uint64_t count_wakes(struct outbound *o)
{
	uint64_t ret;

	pthread_mutex_lock(&o->lock);
	ret = o->wakes;
	pthread_mutex_unlock(&o->lock);
	return ret;
}

/* Until then, or a stop, or, when seen is given, a wake after it. */
static void wait_until(struct outbound *o, int64_t until, const uint64_t *seen)
{
	struct timespec at = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000L};

	pthread_mutex_lock(&o->lock);
	while (!o->stop && clock_mono() < until && (seen == NULL || o->wakes == *seen))
		pthread_cond_timedwait(&o->wake, &o->lock, &at);
	pthread_mutex_unlock(&o->lock);
}

/* ---- jobs of the writer ---- */

struct out_job {
	struct job job; /* first: the writer gives it back */
	struct box_thread *thread;
	bool (*act)(struct town *t, struct out_job *j);
	struct arena *arena;
	struct outbound_claim claim;
	const struct smtp_result *result;
	bool found, held;
};

static bool run_job(struct town *t, struct job *job)
{
	struct out_job *j = (struct out_job *)job;
	struct service *s = j->thread->outbound->service;

	/* A writer that slept may have lost it: only who has it now may send. */
	if (!lease_check(s->leases, t, LEASE_MAIL, &j->held, &job->err))
		return false;
	return j->act(t, j);
}

static bool act_claim(struct town *t, struct out_job *j)
{
	struct box_thread *b = j->thread;

	return !j->held || outbound_claim(t, b->box, b->outbound->holder, clock_now(), &j->claim,
					  &j->found, j->arena, &j->job.err);
}

/* Whoever has the lease by now: what became of a mail is told in any case. */
static bool act_settle(struct town *t, struct out_job *j)
{
	struct box_thread *b = j->thread;

	return outbound_settle(t, &j->claim, j->result, b->outbound->holder, clock_now(), j->arena,
			       &j->job.err) &&
	       outbound_tell(t, b->box->name, clock_now(), j->arena, &j->job.err);
}

static bool act_release(struct town *t, struct out_job *j)
{
	struct box_thread *b = j->thread;

	return outbound_release(t, b->box->name, b->outbound->holder, &j->job.err);
}

static bool act_begin(struct town *t, struct out_job *j)
{
	struct box_thread *b = j->thread;
	struct outbound *o = b->outbound;
	const struct mail_config *all = o->service->mail;

	if (!j->held)
		return true;
	return outbound_orphans(t, b->box->name, o->holder, clock_now(), j->arena, &j->job.err) &&
	       outbound_strays(t, all, clock_now(), j->arena, &j->job.err);
}

/* True when it is surely on disk. */
static bool do_job(struct box_thread *b, struct out_job *j,
		   bool (*act)(struct town *t, struct out_job *j))
{
	memset(&j->job, 0, sizeof(j->job));
	j->job.run = run_job;
	j->thread = b;
	j->act = act;
	return writer_run(b->outbound->service->writer, &j->job);
}

/* ---- handing over ---- */

static void settle(struct box_thread *b, struct out_job *j, const struct smtp_result *result)
{
	int tries = 0;

	j->result = result;
	while (!do_job(b, j, act_settle)) {
		if (tries++ == 0)
			log_line(LOG_LEVEL_ERROR,
				 "mailbox %s: cannot note what became of a mail: %s", b->box->name,
				 j->job.err.text);
		/* What is not told becomes uncertain at the next start. */
		if (is_stopping(b->outbound) && tries >= LAST_TRIES)
			return;
		wait_until(b->outbound,
			   clock_mono() + RETRY_MS / (is_stopping(b->outbound) ? 5 : 1), NULL);
	}
}

/* A server that cannot be reached is tried again after a while, with the next mail that is due. */
static void note_server(struct box_thread *b, const struct smtp_result *r)
{
	int64_t pause;

	/* The line broke while it spoke of this mail: the next will tell whose fault it was. */
	if (r->of_server && r->reached && r->code != 421)
		return;
	if (!r->of_server) {
		if (b->troubled)
			log_line(LOG_LEVEL_INFO, "mailbox %s: its mail goes out again",
				 b->box->name);
		b->troubled = false;
		b->failures = 0;
		return;
	}
	b->failures++;
	pause = outbound_delay(b->failures);
	b->pause_until = clock_mono() + (pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
	if (!b->troubled)
		log_line(LOG_LEVEL_WARN, "mailbox %s: cannot send: %s", b->box->name, r->evidence);
	b->troubled = true;
}

static void hand_over(struct box_thread *b, struct out_job *j)
{
	struct smtp_result result = {0};
	struct smtp_message m = {
		/* What a machine wrote must not come back to a machine (RFC 3834). */
		.from = j->claim.row.is_auto ? "" : j->claim.row.sender,
		.recipients = j->claim.recipients,
		.recipient_count = j->claim.recipient_count,
		.bytes = j->claim.raw,
		.len = j->claim.len,
	};

	for (size_t i = 0; i < m.recipient_count; i++)
		m.utf8 |= mail_address_needs_utf8(m.recipients[i]);
	outbound_hand_over(b->box, b->outbound->stop_fd, &m, j->arena, &result);
	note_server(b, &result);
	settle(b, j, &result);
}

/* ---- the thread ---- */

/* When the next is due, by clock_now(); INT64_MAX: none waits. */
static bool find_next(struct box_thread *b, int64_t *ret)
{
	struct store_query *q;
	struct err err = {0};
	enum store_step step;

	if (b->town.store == NULL &&
	    !town_open(&b->town, b->outbound->service->settings->db, STORE_READONLY, &err))
		return false;
	q = store_query(b->town.store, CENTRAL_SQL_OUT_NEXT);
	store_bind_text(q, 1, b->box->name);
	step = store_step(q, &err);
	*ret = step == STORE_ROW && !store_column_null(q, 0) ? store_column_int(q, 0) : INT64_MAX;
	store_done(q);
	return step != STORE_FAILED;
}

/* Before anything is sent, and after a doubt: what is claimed and not in our hands is put right. */
static bool put_right(struct box_thread *b)
{
	struct arena a = {0};
	struct out_job j = {.arena = &a};
	bool ok = true;

	if (!b->mine) {
		ok = do_job(b, &j, act_begin) && j.held;
		b->mine = ok;
	}
	if (ok && b->doubt) {
		ok = do_job(b, &j, act_release);
		b->doubt = !ok;
	}
	arena_finish(&a);
	return ok;
}

/* False when none was sent, and there is no use in trying the next at once. */
static bool send_next(struct box_thread *b)
{
	struct arena a = {0};
	struct out_job j = {.arena = &a};
	bool ok = do_job(b, &j, act_claim);

	b->doubt = !ok;
	if (!ok)
		log_line(LOG_LEVEL_WARN, "mailbox %s: cannot take the next mail to send: %s",
			 b->box->name, j.job.err.text);
	b->mine = b->mine && (!ok || j.held);
	ok = ok && j.held && j.found;
	if (ok)
		hand_over(b, &j);
	arena_finish(&a);
	return ok;
}

/* One round: gives clock_mono() until which there is nothing to do but for a wake. */
static int64_t do_round(struct box_thread *b)
{
	struct service *s = b->outbound->service;
	int64_t now = clock_mono(), next, left;

	if (!lease_held(s->leases, LEASE_MAIL)) {
		b->mine = false;
		return now + LEASE_LOOK_MS;
	}
	if (!put_right(b))
		return now + RETRY_MS;
	if (now < b->pause_until)
		return b->pause_until;
	if (!find_next(b, &next))
		return now + RETRY_MS;
	left = next == INT64_MAX ? LOOK_MS : next - clock_now();
	if (left > 0)
		return now + (left < LOOK_MS ? left : LOOK_MS);
	return send_next(b) ? now : now + RETRY_MS;
}

static void *box_main(void *user)
{
	struct box_thread *b = user;
	struct outbound *o = b->outbound;

	while (!is_stopping(o)) {
		uint64_t seen = count_wakes(o);
		int64_t from = clock_mono(), until = do_round(b);

		if (until <= from)
			continue;
		/* A pause is not cut short by others' work. */
		wait_until(o, until, until == b->pause_until ? NULL : &seen);
		if (clock_mono() < until)
			wait_until(o, clock_mono() + CALM_MS, NULL);
	}
	town_close(&b->town);
	return NULL;
}

/* ---- all of them ---- */

void outbound_wake(struct outbound *o)
{
	if (o == NULL)
		return;
	pthread_mutex_lock(&o->lock);
	o->wakes++;
	pthread_cond_broadcast(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

static struct outbound *create(struct service *s, size_t count)
{
	struct outbound *o = xcalloc(1, sizeof(*o));
	pthread_condattr_t attr;

	o->service = s;
	o->boxes = xcalloc(count, sizeof(*o->boxes));
	o->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	id_new(o->holder);
	pthread_mutex_init(&o->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&o->wake, &attr);
	pthread_condattr_destroy(&attr);
	return o;
}

bool outbound_start(struct outbound **ret, struct service *s, struct err *err)
{
	const struct mail_config *all = s->mail;
	struct outbound *o;

	*ret = NULL;
	if (all == NULL || all->count == 0)
		return true;
	o = create(s, all->count);
	for (size_t i = 0; i < all->count; i++) {
		struct box_thread *b = &o->boxes[o->count];

		b->outbound = o;
		b->box = &all->mailboxes[i];
		o->count++;
		b->started = pthread_create(&b->thread, NULL, box_main, b) == 0;
		if (!b->started) {
			err_set(err, ERR_IO, _("cannot start a thread"));
			outbound_stop(o);
			outbound_destroy(o);
			return false;
		}
	}
	*ret = o;
	return true;
}

void outbound_stop(struct outbound *o)
{
	uint64_t one = 1;

	if (o == NULL)
		return;
	pthread_mutex_lock(&o->lock);
	o->stop = true;
	pthread_cond_broadcast(&o->wake);
	pthread_mutex_unlock(&o->lock);
	if (write(o->stop_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		log_line(LOG_LEVEL_WARN, "cannot stop sending at once");
	for (size_t i = 0; i < o->count; i++)
		if (o->boxes[i].started)
			pthread_join(o->boxes[i].thread, NULL);
}

void outbound_destroy(struct outbound *o)
{
	if (o == NULL)
		return;
	close(o->stop_fd);
	pthread_mutex_destroy(&o->lock);
	pthread_cond_destroy(&o->wake);
	free(o->boxes);
	free(o);
}
