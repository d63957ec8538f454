/* Shared by the rules alone. */
#pragma once
#include "rule.h"

struct mark rule_mark(const struct envelope *e, const struct viewer *v, const struct outcome *out);
/* Nothing that he may know of has the identifier that stands there. Always false. */
bool rule_no_reference(struct outcome *out, const char *pointer);
/* Reads a record that an argument names; a problem with that pointer when there is none. */
bool rule_reference(struct town *t, enum record_kind kind, const char *id, const char *pointer,
		    void *ret, struct outcome *out);
/* The party that an argument names; of one that was merged, the one that it went into. */
bool rule_party_reference(struct town *t, const char *id, const char *pointer, struct party *ret,
			  struct outcome *out);
/* The base version of an action on a record that is no ticket: 428 when it is missing, 412 with the
 * record as it is now when somebody changed it since. */
bool rule_base(const struct envelope *e, enum record_kind kind, const void *now,
	       struct outcome *out);
/* Fills the fields that the JSON object of a journal's row holds; others stay. */
bool rule_overlay(enum record_kind kind, const char *json, void *record, struct outcome *out);
/* The ticket that an argument names, when the reader sees it. survivor: of one that was merged, the one
 * that it went into. */
bool rule_ticket_reference(struct town *t, const char *id, const char *pointer,
			   const struct viewer *v, bool survivor, struct ticket *ret,
			   struct outcome *out);
/* *ret_topic is ret, or NULL when id is NULL. */
bool rule_topic(struct town *t, const char *id, struct topic *ret, const struct topic **ret_topic,
		struct outcome *out);
/* How an answer goes: what is said at the counter, by phone or in a chat has gone with the word; what goes by
 * letter is for the agent to post. Sets channel, state and reason; false, and nothing set, when it goes by
 * mail: see rule_mail(). channel -1: by mail. */
bool answer_channel(struct message *m, int channel);
struct outgoing;
/* outgoing_add() of mail/outgoing.h for a rule: o->now is filled in, and what is wrong becomes the problem. */
bool rule_mail(struct town *t, struct outgoing *o, const struct mark *mark, struct outcome *out);
/* After something of an administrator was changed or written back: its name is no other's; nobody locks
 * himself out, and somebody stays who
 * can rule the town; whose rights changed is looked up anew, and who is locked out is out at once. */
bool admin_settle(struct town *t, enum record_kind kind, const union any_record *before,
		  const union any_record *after, const struct viewer *v, struct outcome *out);
/* Teams and agents that may be given a ticket: they are there, active, and fit together. */
bool rule_handler(struct town *t, const char *team_id, const char *agent_id, struct outcome *out);
