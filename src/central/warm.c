/* Reads what searches read, once, as soon as the service runs. A search looks at some hundreds of rows that
 * lie anywhere in a file of gigabytes: on a machine that has just started each would wait for the disk, and
 * the first callers of the day with it. Read in one go it is there within seconds. */
#include "parts.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "balie/clock.h"
#include "balie/log.h"
#include "balie/mem.h"
#include "central_sql.h"

struct warm {
	const struct settings *settings;
	pthread_t thread;
	atomic_bool stop;
};

/* Of a file that is not whole nobody says anything here: the first request will. */
static void *warm_main(void *user)
{
	struct warm *w = user;
	struct town t = {0};
	struct store_query *q;
	int64_t from = clock_mono();
	enum store_step step;

	if (!town_open(&t, w->settings->db, STORE_READONLY, NULL))
		return NULL;
	q = store_query(t.store, CENTRAL_SQL_SEARCH_WARM);
	do
		step = store_step(q, NULL);
	while (step == STORE_ROW && !atomic_load(&w->stop));
	store_done(q);
	town_close(&t);
	if (step == STORE_DONE)
		log_line(LOG_LEVEL_INFO, "what searches read was read in %" PRId64 " ms",
			 clock_mono() - from);
	return NULL;
}

/* Without it all works, only slower at first. */
void warm_start(struct warm **ret, const struct settings *settings)
{
	struct warm *w;

	*ret = NULL;
	if (store_engine_of(settings->db) != STORE_SQLITE)
		return;
	w = xcalloc(1, sizeof(*w));
	w->settings = settings;
	if (pthread_create(&w->thread, NULL, warm_main, w) == 0)
		*ret = w;
	else
		free(w);
}

void warm_stop(struct warm *w)
{
	if (w == NULL)
		return;
	atomic_store(&w->stop, true);
	pthread_join(w->thread, NULL);
	free(w);
}
