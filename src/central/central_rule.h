/* Shared by the rules alone. */
#pragma once
#include "rule.h"

struct mark rule_mark(const struct envelope *e, const struct viewer *v, const struct outcome *out);
/* Reads a record that an argument names; a problem with that pointer when there is none. */
bool rule_reference(struct town *t, enum record_kind kind, const char *id, const char *pointer,
		    void *ret, struct outcome *out);
/* *ret_topic is ret, or NULL when id is NULL. */
bool rule_topic(struct town *t, const char *id, struct topic *ret, const struct topic **ret_topic,
		struct outcome *out);
/* Teams and agents that may be given a ticket: they are there, active, and fit together. */
bool rule_handler(struct town *t, const char *team_id, const char *agent_id, struct outcome *out);
