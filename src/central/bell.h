/* Shared by bell.c and stream.c. */
#pragma once
#include <pthread.h>
#include "parts.h"

struct stream;

struct bell {
	struct service *service;
	pthread_t thread;
	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int64_t seq;
	bool closed, stop;
	struct request *waiting;
	struct stream *streams;
	size_t stream_count;
	/* under its own lock */
	pthread_mutex_t guard_lock;
	struct guard *guards;
	/* of the thread */
	struct town town;
	int64_t data_version, look_at;
	bool looked; /* since then nothing went wrong */
};

/* All with the lock held. */
void streams_upto(struct bell *b); /* the journal has grown */
void streams_tick(struct bell *b, int64_t now);
void streams_end(struct bell *b);
