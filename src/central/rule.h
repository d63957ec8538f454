/* Rules: what an action does to the town. One file an action or a small family in rules/. HTTP, mail
 * and the command line all call rule_run(). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "balie/mem.h"
#include "balie/model.h"
#include "balie/wire.h"
#include "town.h"

union any_record {
	/* Each begins with these two. */
	struct {
		const char *id;
		int64_t version;
	} head;
	struct ticket ticket;
	struct party party;
	struct contact contact;
	struct team team;
	struct agent agent;
	struct topic topic;
	struct template template;
	struct mailbox mailbox;
};
/* What came of it. On success problem is PROBLEM_COUNT and the record is the one after it; otherwise
 * problem says which document to send, and the caller rolls back. */
struct outcome {
	struct arena *arena; /* everything below that is not constant lives here */
	int64_t now;	     /* the time of the action */
	enum record_kind type;
	union any_record record;
	enum problem problem;
	const char *detail_en, *detail_nl; /* words for the reader, or NULL */
	const char *pointer;		   /* JSON pointer of the field at fault, or NULL */
	const char *extra;		   /* members of the problem document, or NULL */
	struct err fatal;		   /* the error behind a problem, for the log */
};

/* Runs one envelope inside the caller's transaction (and savepoint). e has been checked by
 * args_check(). False when out->problem is set: then nothing it wrote may be kept. */
bool rule_run(struct town *t, const struct envelope *e, const struct viewer *v,
	      struct outcome *out);

/* One a rule. */
typedef bool rule_fn(struct town *t, const struct envelope *e, const struct viewer *v,
		     struct outcome *out);
rule_fn rule_create, rule_answer, rule_forward, rule_send_again, rule_settle, rule_note,
	rule_change, rule_assign, rule_follow, rule_suspected, rule_said, rule_reporter, rule_merge,
	rule_link, rule_split, rule_contact, rule_party, rule_admin, rule_undo;

/* rule_admin() without asking who: for the command line of the service's own machine. v->agent_id NULL:
 * the service itself. */
bool admin_run(struct town *t, const struct envelope *e, const struct viewer *v,
	       struct outcome *out);

/* ---- for the rules ---- */
/* Sets the problem and gives false. detail in both languages, or NULL. */
bool rule_fail(struct outcome *out, enum problem p, const char *en, const char *nl);
bool rule_fail_err(struct outcome *out,
		   const struct err *err); /* the problem that fits the error */
/* Reads the envelope's ticket, checks that the viewer sees it and may do the action, and that nobody
 * changed it since base_version (unless the action is additive). */
bool rule_ticket(struct town *t, const struct envelope *e, const struct viewer *v,
		 struct ticket *ret, struct outcome *out);
/* Applies the envelope to the ticket by ticket_apply() and writes it. */
bool rule_apply(struct town *t, const struct envelope *e, const struct viewer *v,
		const struct ticket *before, struct ticket *ret_after, struct outcome *out);
