/* Work that only one of all services of a town may do: each kind has a lease, and who holds it does
 * the work. A holder that does not renew (it was killed, stopped, or its network is gone) loses it to
 * another. Only the database's clock counts, and a transaction of the work looks again whether the
 * lease is still held: one that slept through its end cannot do what another does by now. */
#include "lease.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/log.h"
#include "central_sql.h"

#define LIFE_MS 10000
#define RENEW_MS 3000
#define LOOK_MS 1000 /* whether one is free */

static const char *const names[] = {LEASE_CLEANING, LEASE_MAIL};
#define LEASES (sizeof(names) / sizeof(names[0]))

struct leases {
	char holder[ID_TEXT]; /* of this run of the program, so that a restart is another */
	/* any thread */
	_Atomic int64_t until[LEASES]; /* clock_mono(): surely ours before it; 0: not ours */
	/* of the writer's thread */
	int64_t due;
	bool failed; /* the last time, and it was told */
};

void leases_create(struct leases **ret)
{
	struct leases *l = xcalloc(1, sizeof(*l));

	id_new(l->holder);
	*ret = l;
}

void leases_destroy(struct leases *l)
{
	free(l);
}

static size_t find(const char *name)
{
	size_t i = 0;

	while (i < LEASES && strcmp(names[i], name) != 0)
		i++;
	return i;
}

bool lease_held(const struct leases *l, const char *name)
{
	size_t i = find(name);

	return i < LEASES && clock_mono() < atomic_load(&l->until[i]);
}

const char *lease_name(size_t i)
{
	return i < LEASES ? names[i] : NULL;
}

int64_t leases_due(const struct leases *l)
{
	return l->due;
}

/* *ret: the query gives a row. */
static bool any_row(struct leases *l, struct town *t, enum central_sql statement, const char *name,
		    bool *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, statement);
	enum store_step step;

	store_bind_text(q, 1, name);
	store_bind_text(q, 2, l->holder);
	step = store_step(q, err);
	*ret = step == STORE_ROW;
	store_done(q);
	return step != STORE_FAILED;
}

bool lease_check(struct leases *l, struct town *t, const char *name, bool *ret_held,
		 struct err *err)
{
	size_t i = find(name);

	if (!any_row(l, t, CENTRAL_SQL_LEASE_MINE, name, ret_held, err))
		return false;
	if (!*ret_held && i < LEASES)
		atomic_store(&l->until[i], 0);
	return true;
}

/* In a transaction: ours, or taken when it is nobody's. */
static bool take(struct leases *l, struct town *t, const char *name, bool *ret_ours,
		 struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_LEASE_TAKE);

	store_bind_text(q, 1, name);
	store_bind_text(q, 2, l->holder);
	store_bind_int(q, 3, LIFE_MS);
	return store_run(q, err) && any_row(l, t, CENTRAL_SQL_LEASE_MINE, name, ret_ours, err);
}

static bool renew_one(struct leases *l, struct town *t, size_t i, struct err *err)
{
	/* From before the transaction, that may have to wait: never longer than the database says. */
	int64_t until = clock_mono() + LIFE_MS;
	bool was = lease_held(l, names[i]);
	bool ours = false;

	/* A look costs little; a transaction makes all services wait for each other. */
	if (!was) {
		bool others;

		if (!any_row(l, t, CENTRAL_SQL_LEASE_OTHERS, names[i], &others, err))
			return false;
		if (others)
			return true;
	}
	if (!town_begin(t, err))
		return false;
	if (!take(l, t, names[i], &ours, err) || !town_commit(t, err)) {
		town_rollback(t);
		return false;
	}
	atomic_store(&l->until[i], ours ? until : 0);
	if (ours != was)
		log_line(LOG_LEVEL_INFO, "lease %s: %s", names[i], ours ? "taken" : "lost");
	return true;
}

void leases_renew(struct leases *l, struct town *t)
{
	struct err err = {0};
	bool ok = true;
	size_t i;

	for (i = 0; i < LEASES && ok; i++)
		ok = renew_one(l, t, i, &err);
	if (!ok && !l->failed)
		log_line(LOG_LEVEL_WARN, "cannot renew a lease: %s", err.text);
	l->failed = !ok;
	l->due = clock_mono() + RENEW_MS;
	for (i = 0; i < LEASES; i++)
		if (!lease_held(l, names[i]))
			l->due = clock_mono() + LOOK_MS;
}

void leases_leave(struct leases *l, struct town *t)
{
	struct store_query *q;
	struct err err = {0};

	if (!town_begin(t, &err))
		return;
	q = store_query(t->store, CENTRAL_SQL_LEASE_LEAVE);
	store_bind_text(q, 1, l->holder);
	if (!store_run(q, &err) || !town_commit(t, &err))
		town_rollback(t);
}
