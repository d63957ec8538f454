/* What the services of one town say to each other: lines whose first word says what it is about.
 * Heard by all of them, the one that speaks too, in the order of the commits. Nothing that must not
 * be lost is said this way. */
#pragma once
#include "town.h"

struct request;
struct service;

/* Within a transaction. A token ended; all tokens of an agent ended. */
bool tell_token(struct town *t, const unsigned char hash[32], struct err *err);
bool tell_agent(struct town *t, const char *agent_id, struct err *err);
/* Who looks where, of a suspended request, which is woken when it was told, with a status; false when
 * too much waits. Who sends one after the other, to whichever service, has them told in that order.
 * ticket_id and team_id can be NULL. */
bool tell_look(struct request *rq, const char *name, const char *ticket_id, const char *team_id,
	       bool typing);
/* Does what a line says. One that is not understood is of another version. */
void tell_hear(struct service *s, const char *line);
