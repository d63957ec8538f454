/* Reading mailboxes: a thread a mailbox, in the one service of a town that has the lease for mail. A
 * message is taken in with its ledger row in one transaction of the writer; only after that the server
 * is told. Whatever breaks in between, the next round finds its place again in the town. */
#pragma once
#include <pthread.h>
#include "../parts.h"
#include "../town.h"
#include "imap.h"
#include "mail_config.h"

struct mailboxes;
/* Never fails for what a mailbox does: that is told on screen. *ret NULL: there are none. */
bool mailboxes_start(struct mailboxes **ret, struct service *s, const struct mail_config *config,
		     struct err *err);
void mailboxes_stop(struct mailboxes *m); /* before the writer; accepts NULL */

/* ---- mailbox_session.c ---- */
/* Connects and logs in as the configuration says. *ret_folder: the folder that is read, owned by a. */
bool mailbox_connect(const struct mailbox_config *c, int stop_fd, struct imap **ret,
		     const char **ret_folder, struct arena *a, struct err *err);
/* A bearer token of a mailbox with OAuth, for reading and for sending: one at a time, since each may make
 * the refresh token of the other worthless. imap_token_finish() it. */
bool mailbox_token(const struct mailbox_config *c, int stop_fd, struct imap_token *ret,
		   struct err *err);
/* A time limit that tests shorten by BALIE_MAIL_MS, at most that many milliseconds; else ms. */
int64_t mailbox_limit(int64_t ms);

/* ---- mailbox_rows.c: all within a transaction of the town ---- */
struct mailbox_place {
	bool known; /* false: never read */
	int64_t uidvalidity, generation, uid_next, since, seen_at;
};
bool mailbox_place_get(struct town *t, const char *name, struct mailbox_place *ret,
		       struct err *err);
bool mailbox_place_put(struct town *t, const char *name, const struct mailbox_place *p,
		       struct err *err);
/* As the ledger has it. */
int64_t mailbox_validity(const struct mailbox_place *p);
bool mailbox_retry_put(struct town *t, const char *name, int64_t validity, uint32_t uid,
		       const char *reason, int64_t now, struct err *err);
bool mailbox_retry_drop(struct town *t, const char *name, int64_t validity, uint32_t uid,
			struct err *err);
/* UIDs of a statement that gives them, from ?1 name, ?2 validity; the others as given. */
bool mailbox_uids(struct town *t, int statement, const char *name, int64_t validity, int64_t third,
		  int64_t fourth, uint32_t *ret, size_t max, size_t *ret_count, struct err *err);
bool mailbox_told(struct town *t, const char *name, int64_t validity, uint32_t uid,
		  struct err *err);
/* The mailbox came back under another validity: what is known of the old one's UIDs is over. */
bool mailbox_forget_uids(struct town *t, const char *name, int64_t validity, struct err *err);
/* Was a message with these bytes met before under another validity, and not yet claimed by another
 * one with the same under this? */
bool mailbox_is_twin(struct town *t, const char *name, const char *sha256, int64_t validity,
		     bool *ret, struct err *err);
/* Makes the records of the mailboxes as configured; those of others say so. */
bool mailbox_records(struct town *t, const struct mail_config *config, int64_t now, struct arena *a,
		     struct err *err);
/* Writes the state when it became another. reason NULL: all is well, or how many are unknown. */
bool mailbox_state_put(struct town *t, const char *name, const char *reason, int64_t now,
		       struct arena *a, struct err *err);

/* ---- one mailbox that is read ---- */
struct mailbox_reader {
	/* fixed */
	struct service *service;
	const struct mailbox_config *config;
	int stop_fd; /* readable: end */
	/* of its thread */
	char team_id[ID_TEXT], topic_id[ID_TEXT]; /* "" none */
	struct imap *imap;
	const char *folder;
	struct arena arena;	     /* of the session */
	struct imap_folder selected; /* in this session; uidvalidity 0: not yet */
	struct mailbox_place place;
	bool keywords;	    /* the server keeps flags of ours */
	int changes;	    /* of validity, in this session */
	int lies;	    /* sizes that were not what came, twice alike */
	bool made_folder;   /* we tried */
	uint32_t stuck_uid; /* the connection broke at this one, */
	int stuck;	    /* so often */
	int64_t tell_at;    /* clock_mono(): not before it, after a refusal */
	int64_t tell_ms;    /* and then so long */
	bool untold;	    /* the server must still be told of some */
	int64_t retry_at;   /* clock_now(): the next that is due; 0: none */
	bool stated;	    /* the record says what is so, */
	int64_t stated_at;  /* and the place that the server answered: clock_mono() */
	char refusal[200];  /* the server's words when it is told in vain; "" */
	/* of the keeper */
	pthread_t thread;
	bool running;
};
/* Looks once at everything: what is new, what is due again, what the server must be told. After ERR_DENIED
 * the session may go on. */
bool mailbox_round(struct mailbox_reader *r, struct err *err);
/* Runs fn in the writer's transaction, while the lease is ours. */
typedef bool mailbox_write_fn(struct town *t, struct mailbox_reader *r, void *user,
			      struct err *err);
bool mailbox_write(struct mailbox_reader *r, mailbox_write_fn *fn, void *user, struct err *err);

/* ---- mailbox_take.c: messages into the town ---- */
struct mailbox_message {
	uint32_t uid;
	int64_t size, date; /* as listed */
	bool again;	    /* from the list of those to try again */
	/* what came; none of it: gone or left out */
	bool came, too_large, gone;
	bool doubtful; /* two different ones came under its UID */
	bool old;      /* from before the mailbox was ours: left */
	void *raw;
	size_t len;
};
/* Takes these in, in their order, and moves the place on; in pieces, so that others write in between. */
bool mailbox_take(struct mailbox_reader *r, struct mailbox_message *messages, size_t count,
		  struct err *err);

/* ---- mailbox_fetch.c: messages from the server ---- */
#define MAILBOX_BATCH 50
struct mailbox_batch {
	struct mailbox_message messages[MAILBOX_BATCH];
	size_t count;
	int64_t bytes;
};
/* Adds one; a batch that is full is done before. again: from the list of those to try again. */
bool mailbox_batch_add(struct mailbox_reader *r, struct mailbox_batch *b,
		       const struct imap_entry *e, bool again, struct err *err);
/* Fetches what is in it, takes it in, and tells the server. The batch is empty after. */
bool mailbox_batch_do(struct mailbox_reader *r, struct mailbox_batch *b, struct err *err);
void mailbox_batch_clear(struct mailbox_batch *b);
/* Is it still there? What another deleted before we read it is nobody's any more. */
bool mailbox_look_for(struct mailbox_reader *r, struct mailbox_message *m, struct err *err);
/* Tells what became of these. Refused, it is tried again later: they are in the ledger. */
bool mailbox_tell(struct mailbox_reader *r, const uint32_t *uids, size_t count, struct err *err);
