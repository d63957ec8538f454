/* A service of a few tickets over HTTP on a Unix socket, that fails when it is told to: for what a
 * real one cannot be made to do at the right moment. It keeps the contract's promises (versions,
 * idempotency keys, a feed with a cursor) and counts what it did. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define SCRIPTED_TICKETS 64
#define SCRIPTED_ROWS 4096

enum scripted_fault {
	FAULT_DROP_BEFORE, /* the connection ends before anything is done */
	FAULT_DROP_AFTER,  /* … after it is done: the answer is lost */
	FAULT_CUT,	   /* … in the middle of the answer */
	FAULT_INTERNAL,	   /* 500 with a problem document, nothing done */
	FAULT_GATEWAY,	   /* 502 without one, but it is done */
	FAULT_BUSY,	   /* 429, try again in 1 s */
	FAULT_GARBAGE,	   /* 200 with something that is no JSON, but it is done */
	FAULT_DENIED,	   /* 403 with a problem document */
	FAULT_UNKNOWN,	   /* 503 with the document that says so, but it is done */
	FAULT_KINDS,
};

struct scripted_ticket {
	char id[37];
	int64_t version;
	int priority;
	bool hidden; /* not on the desk any more */
};

struct scripted {
	char *path;
	pthread_t thread;
	int listening;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	bool stopping;
	int connections[64];
	pthread_t threads[1024];
	int thread_count;
	struct scripted_ticket tickets[SCRIPTED_TICKETS];
	int ticket_count;
	int epoch;
	char *rows[SCRIPTED_ROWS];
	int row_count;
	struct {
		char id[37];
		char *answer;
	} answers[SCRIPTED_ROWS];
	int answer_count;
	/* what to do wrong: how many times, for POST /v1/actions */
	int faults[FAULT_KINDS];
	bool no_stream, login_refused;
	/* what happened */
	int applied, action_requests, lists, snapshots, streams, conflicts, presences;
};

/* Listens on a socket in dir. Tickets get versions from 1 on. */
struct scripted *scripted_start(const char *dir, int tickets);
void scripted_stop(struct scripted *s);
void scripted_fault(struct scripted *s, enum scripted_fault fault, int times);
/* Somebody else changes a ticket. */
void scripted_change(struct scripted *s, int ticket, int priority);
void scripted_hide(struct scripted *s, int ticket); /* it leaves the desk */
void scripted_new_epoch(struct scripted *s);	    /* restored from a backup: cursors are gone */
int scripted_get(struct scripted *s, const int *counter);
/* Until presences (or what else is told by the condition) has reached the value. */
void scripted_await(struct scripted *s, const int *counter, int value);
#define SCRIPTED_ME "00000002-0000-7000-8000-000000000001"
#define SCRIPTED_TEAM "00000001-0000-7000-8000-000000000001"
