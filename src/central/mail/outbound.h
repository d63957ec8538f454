/* Mail that goes out. An answer is a message and a row of mail_out, written together; the row is claimed
 * in a transaction, handed over to the mail server, and settled in another. What is claimed and not
 * settled when its service died is uncertain: a person decides, and nothing is sent twice by itself. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../town.h"
#include "balie/id.h"
#include "mail_build.h"
#include "mail_config.h"
#include "smtp.h"

#define OUTBOUND_GIVE_UP_MS (3 * CLOCK_DAY_MS)
#define OUTBOUND_TRIES_MIN 10 /* before it gives up: the service may have been down for days */

/* ---- the threads: one a mailbox, so that a server that is away holds up no other ---- */
struct outbound;
struct service;
/* *ret NULL: there are no mailboxes. One that cannot send has a thread too, which tells so of each mail. */
bool outbound_start(struct outbound **ret, struct service *s, struct err *err);
void outbound_stop(struct outbound *o);	   /* accepts NULL; before the writer */
void outbound_destroy(struct outbound *o); /* after who wakes it; accepts NULL */
void outbound_wake(struct outbound *o);	   /* any thread: something was committed; accepts NULL */

/* ---- rows: within a transaction of the town ---- */
enum outbound_state { OUTBOUND_WAITING, OUTBOUND_HANDING, OUTBOUND_FAILED, OUTBOUND_UNCERTAIN };
#define OUTBOUND_STATES (OUTBOUND_UNCERTAIN + 1)

/* Text is owned by the arena of the call that fills it. */
struct outbound_row {
	const char *message_id;
	const char *mailbox;
	const char *sender;	/* address that it goes out from */
	const char *recipients; /* JSON list of the addresses that do not have it yet */
	const char *refused;	/* JSON list of those that will never have it; NULL: none */
	int64_t given;		/* how many have it */
	int state;		/* enum outbound_state */
	int64_t tries, next_at, made_at;
	const char *holder;   /* run of a service that hands it over */
	const char *evidence; /* of the last try */
	bool is_auto;
};
/* ERR_NOT_FOUND: it was settled, or never waited. */
bool outbound_get(struct town *t, const char *message_id, struct outbound_row *ret, struct arena *a,
		  struct err *err);
bool outbound_drop(struct town *t, const char *message_id, struct err *err);
/* Back to waiting: for what failed or is uncertain, when a person says so. Only those get it who do not
 * surely have it. ERR_NOT_FOUND. */
bool outbound_again(struct town *t, const char *message_id, int64_t at, struct arena *a,
		    struct err *err);
/* Addresses of a JSON list; NULL gives none. */
const char **outbound_list(const char *json, size_t *ret_count, struct arena *a);
const char *outbound_json(const char *const *list, size_t count, struct arena *a);

/* ---- one mail on its way ---- */
struct outbound_claim {
	struct outbound_row row;
	const char **recipients;
	size_t recipient_count;
	const void *raw;
	size_t len;
};
/* The next that is due: builds it when it was not yet, keeps its bytes, makes it ours. One that cannot be
 * built fails for good, and the next is looked at. *ret_found false: none is due. */
bool outbound_claim(struct town *t, const struct mailbox_config *box, const char *holder,
		    int64_t now, struct outbound_claim *ret, bool *ret_found, struct arena *a,
		    struct err *err);
/* What became of it, in the row and in the message. Does nothing when a person has decided meanwhile. */
bool outbound_settle(struct town *t, const struct outbound_claim *c,
		     const struct smtp_result *result, const char *holder, int64_t now,
		     struct arena *a, struct err *err);
/* When this service begins to send for a mailbox: what another had in its hands becomes uncertain. */
bool outbound_orphans(struct town *t, const char *mailbox, const char *holder, int64_t now,
		      struct arena *a, struct err *err);
/* What was claimed and surely not handed over waits again: a claim whose commit is in doubt. */
bool outbound_release(struct town *t, const char *mailbox, const char *holder, struct err *err);
/* After a try that did not reach the server at all: all that is due is late, and what is late for too
 * long fails. */
bool outbound_late(struct town *t, const char *mailbox, const char *evidence, int64_t now,
		   struct arena *a, struct err *err);
/* Puts how many mails of a mailbox could not be sent yet in its record, when that became different. */
bool outbound_tell(struct town *t, const char *mailbox, int64_t now, struct arena *a,
		   struct err *err);
/* Mail of mailboxes that are in no configuration any more fails, so that somebody sees it. */
bool outbound_strays(struct town *t, const struct mail_config *config, int64_t now, struct arena *a,
		     struct err *err);
/* Time until the next try after so many. */
int64_t outbound_delay(int64_t tries);

/* ---- outbound_make.c ---- */
/* The bytes of a message of the town, as they go out by that mailbox. ERR_INPUT: it cannot be sent so. */
bool outbound_make(struct town *t, const struct mailbox_config *box, const struct message *message,
		   bool is_auto, int64_t now, struct arena *a, struct mail_built *ret,
		   struct err *err);

/* ---- outbound_send.c ---- */
/* Logs in to the mail server of the mailbox and hands a mail over. */
void outbound_hand_over(const struct mailbox_config *box, int stop_fd, const struct smtp_message *m,
			struct arena *a, struct smtp_result *ret);
/* The login alone, for who tries the configuration. */
void outbound_try_login(const struct mailbox_config *box, struct arena *a, struct smtp_result *ret);
