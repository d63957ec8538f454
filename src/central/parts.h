/* The parts of the running service, as they see each other. */
#pragma once
#include "lease.h"
#include "service.h"

/* ---- auth.c: who is this token, and how much may it still ask ---- */
bool auth_create(struct auth **ret, const struct settings *s);
void auth_destroy(struct auth *a);
enum auth_result { AUTH_OK, AUTH_UNKNOWN, AUTH_EXPIRED, AUTH_TOO_MANY, AUTH_FAILED };
struct auth_who {
	char agent_id[ID_TEXT], team_id[ID_TEXT];
	int role, team_kind;
};
/* Looks the token's hash up, in memory or in the town. spend: counts as a request. */
enum auth_result auth_check(struct auth *a, struct town *t, const unsigned char hash[32],
			    bool spend, struct auth_who *ret, int *ret_retry_after);
void auth_forget(struct auth *a, const unsigned char hash[32]);
void auth_forget_agent(struct auth *a, const char *agent_id);
void token_hash(const char *token, unsigned char ret[32]);

/* ---- tidier.c ---- */
struct tidier;
/* *ret is NULL when the engine tidies up by itself. */
bool tidier_start(struct tidier **ret, const struct settings *settings, struct err *err);
void tidier_stop(struct tidier *t);
/* After a commit: so many pages stand in the log. By one thread, the one that writes. */
void tidier_note(struct tidier *t, int64_t pages);

/* ---- writer.c ---- */
/* What became of the transaction that a job shared with others. */
enum group_end {
	GROUP_KEPT,
	GROUP_TAKEN_BACK, /* for sure: also what run() read in it counts for nothing */
	GROUP_UNKNOWN,	  /* the answer to the commit was lost: it may be kept or not */
};
/* One thing to write. run() is called in the writer's thread, inside a transaction and a savepoint of
 * its own: false takes back what it wrote. done() is called after the commit, in the writer's thread;
 * committed says whether what run() wrote is surely on disk; see end when it is not. */
struct job {
	struct job *next;
	bool (*run)(struct town *t, struct job *job);
	void (*done)(struct job *job, bool committed);
	struct err err; /* why it could not be committed */
	bool ran;
	enum group_end end;
	/* It can take long: it gets a transaction to itself, in turn with those that are short. */
	bool is_long;
	/* Set by run() of a long one that stops half-way to let others write: what it did so far is
	 * committed, and it is run once more in its next turn. done() comes after the last. */
	bool again;
};
bool writer_start(struct writer **ret, struct service *s, struct err *err);
void writer_stop(struct writer *w); /* after what waits is written */
/* False when too much waits already. */
bool writer_add(struct writer *w, struct job *job);
bool writer_run(struct writer *w, struct job *job); /* and waits; job->done must be NULL */

/* ---- bell.c ---- */
bool bell_start(struct bell **ret, struct service *s, int64_t seq, struct err *err);
void bell_close(struct bell *b); /* wakes all that wait, for the last time */
void bell_stop(struct bell *b);
void bell_ring(struct bell *b, int64_t seq); /* the journal is committed up to seq */
/* Suspends the request until the journal passes rq->position or clock_mono() passes rq->wait_until.
 * False when it has passed already, or when the service stops. */
bool bell_wait(struct bell *b, struct request *rq);
/* Answers with an event stream. */
void bell_stream(struct bell *b, struct request *rq);
/* Sends an event to the streams of those who may see a ticket of that team. */
void bell_say(struct bell *b, const char *team_id, const char *event);
/* Looks now whether the event streams of a token or of an agent (the other is NULL) may go on. */
void bell_recheck(struct bell *b, const unsigned char *token_hash, const char *agent_id);
/* Open event streams, and long polls that wait. */
void bell_count(struct bell *b, size_t *ret_streams, size_t *ret_waiting);

/* Guards a connection against one that is too slow on purpose. */
struct guard;
struct guard *guard_add(struct bell *b, int fd);
void guard_remove(struct bell *b, struct guard *g);
void guard_idle(struct guard *g, int64_t ms); /* 0: no limit */

/* ---- warm.c: reads beforehand what searches read ---- */
void warm_start(struct warm **ret, const struct settings *settings);
void warm_stop(struct warm *w);

/* ---- doorman.c ---- */
bool doorman_start(struct doorman **ret, struct service *s, struct err *err);
void doorman_stop(struct doorman *d);
struct login;
/* Suspends rq and answers it later. name and password are copied. False when too many wait. */
bool doorman_ask(struct doorman *d, struct request *rq, const char *name, const char *password,
		 const char *address);

/* ---- presence.c ---- */
bool presence_create(struct presence **ret);
void presence_destroy(struct presence *p);
/* ticket_id NULL: looks at none. Sends events when it changes anything for a ticket. */
void presence_put(struct presence *p, struct service *s, const char *agent_id, const char *name,
		  const char *ticket_id, const char *team_id, bool typing);
void presence_expire(struct presence *p, struct service *s);
/* Adds [{"agent_id":…,"name":…,"typing":…}] of who else is at a ticket. */
void presence_others(struct presence *p, const char *ticket_id, const char *agent_id,
		     struct buf *ret);
/* Events for all that is known now, of what this viewer may see. */
/* Gives take() the events that tell all of it, "" for nothing, while nothing can change. */
void presence_all(struct presence *p, const struct viewer *v, void (*take)(void *, const char *),
		  void *user);

/* ---- feed.c ---- */
#define CURSOR_TEXT 80
const char *cursor_make(const struct service *s, const struct viewer *v, int64_t seq,
			char ret[CURSOR_TEXT]);
enum cursor_result { CURSOR_OK, CURSOR_BAD, CURSOR_GONE };
enum cursor_result cursor_read(const struct service *s, const struct viewer *v, const char *text,
			       int64_t *ret);

/* ---- documents ---- */
char *openapi_make(void); /* the caller frees it */
/* A history row: change_put() the whole of it, history_put() its members behind others. */
void change_put(struct buf *ret, const struct change *c);
void history_put(struct buf *ret, const struct change *c);
