/* Moves what SQLite's log holds into the file, in a thread of its own: the disk takes its time for pages
 * all over a large file, and whoever waits for the one writer would wait for that too. */
#include "parts.h"
#include <pthread.h>
#include <stdlib.h>
#include "balie/i18n.h"
#include "balie/log.h"

#define PAGES 1000 /* that came since the last time */

struct tidier {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* under the lock */
	bool wanted, stop;
	/* of the thread that notes */
	int64_t at; /* pages when it was last wanted */
};

static void tidy(struct tidier *t)
{
	struct err err = {0};

	if (!store_tidy(t->store, &err) && err.kind != ERR_BUSY)
		log_line(LOG_LEVEL_WARN, "cannot tidy the log: %s", err.text);
}

static void *tidier_main(void *user)
{
	struct tidier *t = user;

	pthread_mutex_lock(&t->lock);
	while (!t->stop) {
		if (!t->wanted) {
			pthread_cond_wait(&t->wake, &t->lock);
			continue;
		}
		t->wanted = false;
		pthread_mutex_unlock(&t->lock);
		tidy(t);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

bool tidier_start(struct tidier **ret, const struct settings *settings, struct err *err)
{
	struct tidier *t;

	*ret = NULL;
	if (store_engine_of(settings->db) != STORE_SQLITE)
		return true;
	t = xcalloc(1, sizeof(*t));
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->wake, NULL);
	if (!store_open(&t->store, settings->db, town_schema(), 0, err))
		goto fail;
	if (pthread_create(&t->thread, NULL, tidier_main, t) != 0) {
		err_set(err, ERR_IO, _("cannot start a thread"));
		goto fail;
	}
	*ret = t;
	return true;
fail:
	store_close(t->store);
	free(t);
	return false;
}

void tidier_stop(struct tidier *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	store_close(t->store);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->wake);
	free(t);
}

void tidier_note(struct tidier *t, int64_t pages)
{
	if (!t)
		return;
	/* The log began anew. */
	if (pages < t->at)
		t->at = 0;
	if (pages - t->at < PAGES)
		return;
	t->at = pages;
	pthread_mutex_lock(&t->lock);
	t->wanted = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
}
