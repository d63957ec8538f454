/* Work that only one of all services of a town does. */
#pragma once
#include "town.h"

struct leases;
#define LEASE_CLEANING "cleaning" /* old keys, sessions and misses */
#define LEASE_MAIL "mail"	  /* reads the mailboxes and sends */
void leases_create(struct leases **ret);
void leases_destroy(struct leases *l);
/* Any thread: whether this service does that work, as far as it knows. */
bool lease_held(const struct leases *l, const char *name);
const char *lease_name(size_t i); /* of each there is; NULL behind the last */
/* In the work's own transaction, whose changes are good only when it is still held. */
bool lease_check(struct leases *l, struct town *t, const char *name, bool *ret_held,
		 struct err *err);
/* The rest is for the writer's thread, outside a transaction. leases_due(): clock_mono() at which to
 * renew or to look whether one is free. */
int64_t leases_due(const struct leases *l);
void leases_renew(struct leases *l, struct town *t);
void leases_leave(struct leases *l, struct town *t); /* so that another need not wait */
