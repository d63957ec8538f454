/* Stands between a service and its PostgreSQL on Unix sockets, and ends a connection at the message that
 * it is told. One a process, for as long as that lives. */
#pragma once
#include <stdbool.h>
#include "postgres.h"

enum cut {
	CUT_NOTHING,
	CUT_MESSAGE,	   /* instead of passing on that message of the service */
	CUT_BEFORE_COMMIT, /* it is not done */
	CUT_AFTER_COMMIT,  /* it is done, and the answer is lost */
};

struct cutter;
/* ret_url: the same database, through it. */
struct cutter *cutter_start(const char *url, char ret_url[POSTGRES_URL]);
/* stays: once cut, nobody is let in until cutter_disarm(). mark: only from the message on that holds this
 * text, and only its connection; "" for all of them, also what the service does by itself. */
void cutter_arm(struct cutter *c, enum cut cut, int message, bool stays, const char *mark);
/* Whether it was cut. From here on all goes well. */
bool cutter_disarm(struct cutter *c);
void cutter_remove(struct cutter *c); /* its folder */
