/* The one thread that writes. It takes all that waits, gives each a savepoint, and commits them as a
 * group: under load the disk is asked to be sure once for many, and alone nobody waits for others.
 * What can take long comes alone and in turn with the rest, a short while at a time, so that a list of
 * a hundred changes keeps nobody waiting. */
#include "parts.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "central_sql.h"

#define GROUP_MAX 256
#define WAITING_MAX 4096
#define PRUNE_EVERY_MS (60 * 60 * 1000)
#define KEEP_KEYS_MS (30 * CLOCK_DAY_MS)
#define KEEP_MISSES_MS (60 * 60 * 1000)
#define RETRY_MS 1000

struct writer {
	struct service *service;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake, ended;
	/* under the lock */
	struct job *first, **last;
	int waiting;
	bool stop;
	bool was_long; /* the last group was one long job: now the others */
	/* of the thread */
	struct town town;
	struct tidier *tidier;
	int64_t prune_at, retry_at; /* clock_mono() */
};

/* Takes at most max jobs that are long, or that are not, in their order. Under the lock. */
static struct job *take_jobs(struct writer *w, bool is_long, int max)
{
	struct job *ret = NULL, **end = &ret, **at = &w->first;

	while (*at && max > 0) {
		struct job *job = *at;

		if (job->is_long != is_long) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		job->next = NULL;
		*end = job;
		end = &job->next;
		w->waiting--;
		max--;
	}
	for (w->last = at; *w->last; w->last = &(*w->last)->next)
		;
	return ret;
}

static struct job *take_group(struct writer *w)
{
	bool is_long = !w->was_long;
	struct job *ret = take_jobs(w, is_long, is_long ? 1 : GROUP_MAX);

	if (!ret) {
		is_long = !is_long;
		ret = take_jobs(w, is_long, is_long ? 1 : GROUP_MAX);
	}
	w->was_long = is_long;
	return ret;
}

/* Behind all that waits, however much that is: it has begun. */
static void put_back(struct writer *w, struct job *job)
{
	job->next = NULL;
	job->again = false;
	pthread_mutex_lock(&w->lock);
	*w->last = job;
	w->last = &job->next;
	w->waiting++;
	pthread_mutex_unlock(&w->lock);
}

static bool prune_rows(struct writer *w, struct err *err)
{
	static const struct {
		enum central_sql statement;
		int64_t keep;
	} rows[] = {
		{CENTRAL_SQL_IDEMPOTENCY_PRUNE, KEEP_KEYS_MS},
		{CENTRAL_SQL_SESSION_PRUNE, 0},
		{CENTRAL_SQL_MISS_PRUNE, KEEP_MISSES_MS},
	};
	bool ok = true;
	size_t i;

	for (i = 0; ok && i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_query *q = store_query(w->town.store, rows[i].statement);

		store_bind_int(q, 1, clock_now() - rows[i].keep);
		ok = store_run(q, err);
	}
	return ok;
}

/* Old keys and misses go a while after they lost their use; in a transaction of its own, by the one
 * service whose work it is. */
static void prune(struct writer *w)
{
	struct err err = {0};
	bool held = false;
	bool ok = town_begin(&w->town, &err) &&
		  lease_check(w->service->leases, &w->town, LEASE_CLEANING, &held, &err) &&
		  (!held || prune_rows(w, &err)) && town_commit(&w->town, &err);

	if (!ok) {
		town_rollback(&w->town);
		log_line(LOG_LEVEL_WARN, "cannot clean up: %s", err.text);
	}
	w->prune_at = clock_mono() + PRUNE_EVERY_MS;
}

/* err also tells of a job in a kept group that found no room. */
static enum group_end run_group(struct writer *w, struct job *group, struct err *err)
{
	enum group_end ret = GROUP_TAKEN_BACK;
	struct job *job;

	if (!town_begin(&w->town, err))
		return ret;
	for (job = group; job; job = job->next) {
		if (!town_savepoint(&w->town, err))
			goto fail;
		job->ran = job->run(&w->town, job);
		if (!store_in_transaction(w->town.store)) {
			/* A full disk makes SQLite take the whole transaction back by itself. */
			*err = job->err;
			if (err->kind == ERR_NONE)
				err_set(err, ERR_DB, "the transaction was taken back");
			goto fail;
		}
		if (!job->ran && (job->err.kind == ERR_FULL || job->err.kind == ERR_IO ||
				  job->err.kind == ERR_NET))
			*err = job->err;
		/* The connection broke before anything was committed, so nothing ever will be. */
		if (!job->ran && job->err.kind == ERR_NET)
			goto fail;
		if (!job->ran)
			town_rollback_to(&w->town);
		else if (!town_release(&w->town, err))
			goto fail;
	}
	if (town_commit(&w->town, err))
		return GROUP_KEPT;
	if (err->kind == ERR_NET)
		ret = GROUP_UNKNOWN;
fail:
	town_rollback(&w->town);
	return ret;
}

static void finish_group(struct writer *w, struct job *group, enum group_end end,
			 const struct err *err)
{
	bool committed = end == GROUP_KEPT;
	struct job *job = group;
	struct job *next;

	for (; job; job = next) {
		next = job->next;
		if (!committed)
			job->err = *err;
		job->end = end;
		if (committed && job->ran && job->again) {
			put_back(w, job);
			continue;
		}
		if (job->done) {
			job->done(job, committed && job->ran);
			continue;
		}
		pthread_mutex_lock(&w->lock);
		job->ran = committed && job->ran;
		job->run = NULL;
		pthread_cond_broadcast(&w->ended);
		pthread_mutex_unlock(&w->lock);
	}
}

/* Remembers for the health of the service whether the last attempt to write went well. */
static void note_trouble(struct writer *w, bool ok, const struct err *err)
{
	int now = ok ? ERR_NONE : (int)err->kind;

	/* Told once: a database that is away is asked for often. */
	if (atomic_exchange(&w->service->trouble, now) != now && !ok)
		log_line(LOG_LEVEL_ERROR, "cannot write: %s", err->text);
}

/* While writing fails and nobody asks for more of it: is there room again? Writes what is there. */
static void try_again(struct writer *w)
{
	struct err err = {0};
	bool ok = town_begin(&w->town, &err) &&
		  town_set_meta(&w->town, "epoch", w->service->epoch, &err) &&
		  town_commit(&w->town, &err);

	if (!ok)
		town_rollback(&w->town);
	note_trouble(w, ok, &err);
}

/* What is done by the clock. */
static void do_chores(struct writer *w)
{
	struct leases *l = w->service->leases;

	if (atomic_load(&w->service->trouble) == ERR_NONE)
		w->retry_at = clock_mono() + RETRY_MS;
	else if (clock_mono() >= w->retry_at) {
		try_again(w);
		w->retry_at = clock_mono() + RETRY_MS;
	}
	if (clock_mono() >= leases_due(l))
		leases_renew(l, &w->town);
	if (clock_mono() >= w->prune_at && lease_held(l, LEASE_CLEANING))
		prune(w);
}

/* Waits for work, under the lock: until there is, or a chore is due. */
static void wait_for_jobs(struct writer *w)
{
	struct timespec at;
	int64_t until = leases_due(w->service->leases);

	if (atomic_load(&w->service->trouble) != ERR_NONE && w->retry_at < until)
		until = w->retry_at;
	at.tv_sec = until / 1000;
	at.tv_nsec = until % 1000 * 1000000L;
	while (!w->first && !w->stop && clock_mono() < until)
		pthread_cond_timedwait(&w->wake, &w->lock, &at);
}

static void do_group(struct writer *w, struct job *group)
{
	struct err err = {0};
	enum group_end end = run_group(w, group, &err);
	int64_t seq;

	tidier_note(w->tidier, store_log_pages(w->town.store));
	note_trouble(w, end == GROUP_KEPT && err.kind == ERR_NONE, &err);
	finish_group(w, group, end, &err);
	/* Asked again: what a savepoint took back had numbers too. */
	if (end == GROUP_KEPT && town_last_seq(&w->town, &seq, NULL))
		bell_ring(w->service->bell, seq);
}

static void *writer_main(void *user)
{
	struct writer *w = user;
	struct job *group;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		wait_for_jobs(w);
		if (!w->first && w->stop)
			break;
		group = take_group(w);
		pthread_mutex_unlock(&w->lock);
		if (group)
			do_group(w, group);
		do_chores(w);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	leases_leave(w->service->leases, &w->town);
	return NULL;
}

bool writer_start(struct writer **ret, struct service *s, struct err *err)
{
	struct writer *w = xcalloc(1, sizeof(*w));
	pthread_condattr_t attr;

	w->service = s;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_cond_init(&w->ended, NULL);
	if (!town_open(&w->town, s->settings->db, STORE_PREPARE | STORE_TIDIED, err) ||
	    !tidier_start(&w->tidier, s->settings, err))
		goto fail;
	if (pthread_create(&w->thread, NULL, writer_main, w) != 0) {
		err_set(err, ERR_IO, _("cannot start a thread"));
		goto fail;
	}
	*ret = w;
	return true;
fail:
	tidier_stop(w->tidier);
	town_close(&w->town);
	free(w);
	return false;
}

void writer_stop(struct writer *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	tidier_stop(w->tidier);
	town_close(&w->town);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->wake);
	pthread_cond_destroy(&w->ended);
	free(w);
}

bool writer_add(struct writer *w, struct job *job)
{
	bool ok;

	job->next = NULL;
	pthread_mutex_lock(&w->lock);
	ok = !w->stop && w->waiting < WAITING_MAX;
	if (ok) {
		*w->last = job;
		w->last = &job->next;
		w->waiting++;
		pthread_cond_signal(&w->wake);
	}
	pthread_mutex_unlock(&w->lock);
	return ok;
}

bool writer_run(struct writer *w, struct job *job)
{
	if (!writer_add(w, job))
		return false;
	pthread_mutex_lock(&w->lock);
	while (job->run)
		pthread_cond_wait(&w->ended, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return job->ran;
}
