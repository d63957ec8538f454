/* Mail that comes in: one rule takes a message into the town, whoever brings it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/id.h"
#include "../town.h"
#include "mail_parse.h"

/* What became of a message. Every message has exactly one. */
enum mail_result {
	MAIL_TICKET,	/* a new ticket of a person */
	MAIL_FOLLOW_UP, /* taken in on a ticket that its sender takes part in */
	MAIL_SUSPECTED, /* waits on a ticket for the judgement of an agent */
	MAIL_BOUNCE,	/* something could not be delivered */
	MAIL_MACHINE,	/* automatic reply, mailing list, other machine */
	MAIL_SEEN,	/* was taken in before: nothing was written */
	MAIL_REFUSED,	/* no message: nothing was written */
	MAIL_RESULTS
};
extern const char *const mail_result_codes[MAIL_RESULTS]; /* ledger and JSON */

struct mail_source {
	const char *mailbox;
	int64_t uidvalidity,
		uid; /* uid 0: from a file; uidvalidity with the generation, see schema.sql */
	const char *team_id;	/* gets the new tickets; NULL: nobody */
	const char *topic_id;	/* of new tickets; NULL: none yet */
	int64_t received;	/* when the mail server got it; 0: not known */
	bool tell;		/* the server must be told what became of it */
	const char *flaw;	/* a reason more for reason_put(): it did not come whole; NULL */
	const char *unreadable; /* why it is not taken apart but kept as a file; NULL: it is */
	bool acknowledge;	/* answer the citizen at once with the tracking number */
	int64_t now;
};
struct mail_outcome {
	enum mail_result result;
	char ticket_id[ID_TEXT], message_id[ID_TEXT]; /* "" when none */
	char number[TRACKING_TEXT];
	char reason[400]; /* that of the message; "" when there is nothing to tell */
};

/* Takes one message in: ticket or follow-up, raw bytes, files and ledger row, all or nothing. Call it
 * within a transaction of the town; it makes a savepoint of its own. False when the database failed:
 * then nothing of this message was written. */
bool mail_take(struct town *t, const struct mail_source *src, const void *raw, size_t len,
	       struct mail_outcome *ret, struct err *err);

/* ---- which ticket a message belongs to ---- */
struct mail_match {
	const char *ticket_id;	 /* NULL: a new ticket */
	const char *answered_id; /* our message that came back or is answered; may be NULL */
	bool by_id;		 /* found by a Message-ID, not by a number in the text */
	bool by_token;		 /* and it holds what only whom we wrote to can know */
	bool own;		 /* a mail of ours, under its own Message-ID */
	const char *twin_id;	 /* the same message, taken in before; NULL when none */
	bool takes_part;	 /* the sender is one of the ticket's people */
	const char *reason;	 /* of the message, for reason_put(), or NULL */
};
bool mail_match_ticket(struct town *t, const struct mail_parsed *m, struct mail_match *ret,
		       struct arena *a, struct err *err);

/* Does shown, "An Claes <an@example.be>, b@example.be", name this address in its own place, not in a display
 * name that anybody can choose? */
bool mail_names_address(const char *shown, const char *addr);

/* ---- the first answer ---- */
/* Queues the acknowledgement of a new ticket: the text of its topic in that language, else our own. */
bool mail_acknowledge(struct town *t, const struct ticket *ticket, const char *to,
		      const char *language, const struct mark *mark, struct arena *a,
		      struct err *err);
/* Nobody is at this address of a party: it stands so in its list. party_id NULL: of no party. */
bool mail_mark_bad(struct town *t, const char *party_id, const char *addr, const struct mark *mark,
		   struct arena *a, struct err *err);
/* Does this address never want an answer: noreply@ and the like, or one of our own? */
bool mail_answers_nobody(struct town *t, const char *addr, bool *ret, struct err *err);

/* ---- messages on disk ---- */
/* One message, or one file that holds none. Everything is valid during the call only. */
struct mail_found {
	const char *path, *folder;
	const void *raw;
	size_t len;
	const char *refused; /* why it is no message; NULL when it is one */
};
typedef bool mail_found_fn(void *user, const struct mail_found *found, struct err *err);
/* A file, an mbox, a Maildir or a folder with all below it. Calls fn for every message and every file
 * that holds none, in the order of their names; stops when it gives false. */
bool mail_read_path(const char *path, mail_found_fn *fn, void *user, struct err *err);
