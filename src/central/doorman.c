/* Checks passwords. That takes 70 ms of a processor on purpose, so it happens in a thread of its own,
 * one at a time, with a short queue. */
#include "parts.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "central_sql.h"

#define QUEUE_MAX 64
#define WINDOW_MS (15 * 60 * 1000)
#define NAME_MISSES 5
#define ADDRESS_MISSES 20
#define HOUR_MS INT64_C(3600000)

struct login {
	struct login *next;
	struct request *rq;
	char *name, *password, *address; /* address NULL: none (a unix socket) */
};

struct doorman {
	struct service *service;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* under the lock */
	struct login *first, **last;
	int waiting;
	bool stop;
	/* of the thread */
	struct town town;
	char nobody[PASSWORD_TEXT]; /* checked for unknown names, so that they take as long */
};

static void login_free(struct login *l)
{
	if (l->password)
		explicit_bzero(l->password, strlen(l->password));
	free(l->password);
	free(l->name);
	free(l->address);
	free(l);
}

/* ---- misses ---- */

/* Seconds to wait, 0 when it may be tried. */
static bool misses_wait(struct doorman *d, const char *kind, const char *who, int limit, int *ret,
			struct err *err)
{
	struct store_query *q = store_query(d->town.store, CENTRAL_SQL_MISS_COUNT);
	char hash[HASH_TEXT];
	int64_t now = clock_now();
	enum store_step step;

	store_bind_text(q, 1, kind);
	store_bind_text(q, 2, hash_hex(who, strlen(who), hash));
	store_bind_int(q, 3, now - WINDOW_MS);
	step = store_step(q, err);
	*ret = 0;
	if (step == STORE_ROW && store_column_int(q, 0) >= limit)
		*ret = (int)((store_column_int(q, 1) + WINDOW_MS - now) / 1000) + 1;
	store_done(q);
	return step != STORE_FAILED;
}

static bool must_wait(struct doorman *d, const struct login *l, int *ret, struct err *err)
{
	return misses_wait(d, "name", l->name, NAME_MISSES, ret, err) &&
	       (*ret || !l->address ||
		misses_wait(d, "address", l->address, ADDRESS_MISSES, ret, err));
}

struct door_job {
	struct job job;
	const struct login *login;
	const char *agent_id;
	unsigned char token_hash[32];
	int64_t expires_at;
};

static bool add_miss(struct town *t, const char *kind, const char *who, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_MISS_ADD);
	char hash[HASH_TEXT];

	store_bind_text(q, 1, kind);
	store_bind_text(q, 2, hash_hex(who, strlen(who), hash));
	store_bind_int(q, 3, clock_now());
	return store_run(q, err);
}

static bool write_miss(struct town *t, struct job *job)
{
	struct door_job *j = (struct door_job *)job;

	return add_miss(t, "name", j->login->name, &job->err) &&
	       (!j->login->address || add_miss(t, "address", j->login->address, &job->err));
}

static bool write_session(struct town *t, struct job *job)
{
	struct door_job *j = (struct door_job *)job;
	struct store_query *q = store_query(t->store, CENTRAL_SQL_SESSION_ADD);
	char hash[HASH_TEXT];

	store_bind_blob(q, 1, j->token_hash, sizeof(j->token_hash));
	store_bind_text(q, 2, j->agent_id);
	store_bind_int(q, 3, clock_now());
	store_bind_int(q, 4, j->expires_at);
	if (!store_run(q, &job->err))
		return false;
	q = store_query(t->store, CENTRAL_SQL_MISS_CLEAR);
	store_bind_text(q, 1, "name");
	store_bind_text(q, 2, hash_hex(j->login->name, strlen(j->login->name), hash));
	return store_run(q, &job->err);
}

/* ---- one login ---- */

static void refuse(struct login *l, enum problem p, int retry_after)
{
	struct request *rq = l->rq;

	rq->status = problem_rows[p].status;
	rq->retry_after = retry_after;
	problem_put(rq, &rq->answer, p,
		    p == PROBLEM_LOGIN ? "The name or the password is wrong" : NULL,
		    p == PROBLEM_LOGIN ? "De naam of het wachtwoord klopt niet" : NULL, NULL, NULL);
}

static bool put_answer(struct doorman *d, struct request *rq, const char *agent_id,
		       const char *token, int64_t expires_at)
{
	struct agent agent = {0};
	struct team team = {0};
	char until[CLOCK_TEXT];

	if (!town_read(&d->town, RECORD_AGENT, agent_id, NULL, &agent, &rq->arena, NULL) ||
	    !town_read(&d->town, RECORD_TEAM, agent.team_id, NULL, &team, &rq->arena, NULL))
		return false;
	buf_printf(&rq->answer, "{\"token\":\"%s\",\"expires\":\"%s\",\"agent\":", token,
		   clock_to_rfc3339(expires_at, until));
	wire_put_record(&rq->answer, RECORD_AGENT, &agent);
	buf_add_str(&rq->answer, ",\"team\":");
	wire_put_record(&rq->answer, RECORD_TEAM, &team);
	buf_add_char(&rq->answer, '}');
	rq->status = 200;
	return true;
}

static void admit(struct doorman *d, struct login *l, const char *agent_id)
{
	struct door_job job = {.job = {.run = write_session}, .login = l, .agent_id = agent_id};
	char token[TOKEN_TEXT];

	token_new(token);
	token_hash(token, job.token_hash);
	job.expires_at = clock_now() + d->service->settings->session_hours * HOUR_MS;
	if (!writer_run(d->service->writer, &job.job) ||
	    !put_answer(d, l->rq, agent_id, token, job.expires_at)) {
		buf_reset(&l->rq->answer);
		refuse(l, PROBLEM_BUSY, 1);
	}
}

/* *ret: the agent's id, in a, when name and password fit; else NULL. */
static bool check_password(struct doorman *d, const struct login *l, const char **ret,
			   struct arena *a, struct err *err)
{
	struct store_query *q = store_query(d->town.store, CENTRAL_SQL_AGENT_LOGIN);
	const char *id = NULL;
	const char *hash = NULL;
	enum store_step step;

	store_bind_text(q, 1, l->name);
	step = store_step(q, err);
	if (step == STORE_ROW) {
		id = arena_strdup(a, store_column_text(q, 0));
		hash = arena_strdup(a, store_column_text(q, 1));
	}
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = NULL;
	if (crypto_pwhash_str_verify(hash ? hash : d->nobody, l->password, strlen(l->password)) ==
		    0 &&
	    hash)
		*ret = id;
	return true;
}

static void serve(struct doorman *d, struct login *l)
{
	struct door_job miss = {.job = {.run = write_miss}, .login = l};
	struct request *rq = l->rq;
	const char *agent_id;
	int wait;
	struct err err = {0};

	/* What cannot be read says nothing of who it is: neither a miss nor a free try. */
	if (!must_wait(d, l, &wait, &err)) {
		log_line(LOG_LEVEL_ERROR, "cannot check a login: %s", err.text);
		refuse(l, PROBLEM_BUSY, 1);
		goto out;
	}
	if (wait) {
		refuse(l, PROBLEM_TOO_MANY, wait);
		goto out;
	}
	if (!check_password(d, l, &agent_id, &rq->arena, &err)) {
		log_line(LOG_LEVEL_ERROR, "cannot check a login: %s", err.text);
		refuse(l, PROBLEM_BUSY, 1);
		goto out;
	}
	if (agent_id) {
		admit(d, l, agent_id);
		goto out;
	}
	log_line(LOG_LEVEL_INFO, "a login failed from %s",
		 l->address ? l->address : "a local socket");
	/* A miss that cannot be counted must not give free tries. */
	if (writer_run(d->service->writer, &miss.job))
		refuse(l, PROBLEM_LOGIN, 0);
	else
		refuse(l, PROBLEM_BUSY, 1);
out:
	rq->done = true;
	request_wake(rq);
}

static void *doorman_main(void *user)
{
	struct doorman *d = user;
	struct login *l;

	pthread_mutex_lock(&d->lock);
	for (;;) {
		while (!d->first && !d->stop)
			pthread_cond_wait(&d->wake, &d->lock);
		l = d->first;
		if (!l)
			break;
		d->first = l->next;
		if (!d->first)
			d->last = &d->first;
		d->waiting--;
		pthread_mutex_unlock(&d->lock);
		serve(d, l);
		login_free(l);
		pthread_mutex_lock(&d->lock);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

bool doorman_start(struct doorman **ret, struct service *s, struct err *err)
{
	struct doorman *d = xcalloc(1, sizeof(*d));
	char word[TOKEN_TEXT];

	d->service = s;
	d->last = &d->first;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	if (!password_hash(token_new(word), d->nobody, err) ||
	    !town_open(&d->town, s->settings->db, STORE_READONLY, err))
		goto fail;
	if (pthread_create(&d->thread, NULL, doorman_main, d) != 0) {
		err_set(err, ERR_IO, _("cannot start a thread"));
		goto fail;
	}
	*ret = d;
	return true;
fail:
	town_close(&d->town);
	free(d);
	return false;
}

void doorman_stop(struct doorman *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	town_close(&d->town);
	pthread_mutex_destroy(&d->lock);
	pthread_cond_destroy(&d->wake);
	free(d);
}

bool doorman_ask(struct doorman *d, struct request *rq, const char *name, const char *password,
		 const char *address)
{
	struct login *l = xcalloc(1, sizeof(*l));
	bool ok;

	l->rq = rq;
	l->name = xstrdup(name);
	l->password = xstrdup(password);
	l->address = address ? xstrdup(address) : NULL;
	pthread_mutex_lock(&d->lock);
	ok = !d->stop && d->waiting < QUEUE_MAX;
	if (ok) {
		request_suspend(rq);
		*d->last = l;
		d->last = &l->next;
		d->waiting++;
		pthread_cond_signal(&d->wake);
	}
	pthread_mutex_unlock(&d->lock);
	if (!ok)
		login_free(l);
	return ok;
}
