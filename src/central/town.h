/* The town's database as the service, the seed and the mail see it: records in, records out, and one
 * journal. One struct town is one connection and belongs to one thread; there is one that writes.
 *
 * Everything that changes a record goes through the functions here, inside a transaction that the
 * caller began with town_begin(): they keep version, journal, search rows and the record's JSON in
 * step. Nothing else in the house writes these tables. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/err.h"
#include "balie/mem.h"
#include "balie/model.h"
#include "balie/store.h"

const struct store_schema *town_schema(void);

struct town {
	struct store *store;
	struct buf before, after; /* of the journal row that is being made */
	/* end of the hash chain, read once a transaction by journal_append() */
	unsigned char chain[32];
	bool chain_known;
	int64_t seq; /* of the last row that this connection appended */
};

/* Opens the database at url ("sqlite:PATH" or a bare path) with the flags of store.h, and on the
 * first time gives it an epoch. On success town_close() it. */
bool town_open(struct town *ret, const char *url, unsigned flags, struct err *err);
void town_close(struct town *t); /* accepts a zeroed one */
/* Transactions. Use these, not the store's own: they also forget the end of the chain. */
bool town_begin(struct town *t, struct err *err);
bool town_commit(struct town *t, struct err *err);
void town_rollback(struct town *t);
bool town_savepoint(struct town *t, struct err *err);
bool town_release(struct town *t, struct err *err);
void town_rollback_to(struct town *t);

/* ---- meta ---- */
/* Value of a key of meta, owned by a; NULL when there is none or on an error. */
const char *town_meta(struct town *t, const char *key, struct arena *a);
bool town_set_meta(struct town *t, const char *key, const char *value, struct err *err);
bool town_last_seq(struct town *t, int64_t *ret, struct err *err); /* 0 for an empty journal */

/* ---- journal ---- */
/* In whose name and by what a change is made. The rows of one action share all of this. */
struct mark {
	const char *operation; /* UUID: id of the envelope, or id_new() once an operation */
	const char *action;    /* "create", "import", "seed", … at most 32 bytes */
	const char *agent_id;  /* NULL: the service itself */
	int64_t at;
};
enum journal_op { JOURNAL_PUT, JOURNAL_GONE };
struct journal_row {
	const struct mark *mark;
	enum journal_op op;
	enum record_kind type;
	const char *record_id;
	const char *ticket_id;	    /* ticket that it belongs to; NULL for reference data */
	const char *team_before;    /* team of that ticket before it; NULL when it was made now */
	int64_t version;	    /* of the record after it */
	const char *before, *after; /* JSON objects of the changed fields; NULL for none */
};
/* Appends one row at the end of the journal and its chain. The one way in. The functions below call
 * it; call it yourself only for a change that none of them makes. */
bool journal_append(struct town *t, const struct journal_row *row, struct err *err);
/* Writes the fields that differ between two records of a kind as two JSON objects. Skips id, version,
 * updated_at and what is the same. before NULL: a new record, *ret_before stays empty and
 * *ret_after gets nothing too (a new record's values stand in the record). True when any differ. */
bool journal_diff(enum record_kind kind, const void *before, const void *after,
		  struct buf *ret_before, struct buf *ret_after);
bool journal_field_differs(const struct field *f, const void *before, const void *after);

/* ---- records: any kind ---- */
/* Reads one by id into ret (its struct), text owned by a. ERR_NOT_FOUND. For a ticket `followed` is
 * that of agent reader_id (NULL: false). Removed messages and notes are not found. */
bool town_read(struct town *t, enum record_kind kind, const char *id, const char *reader_id,
	       void *ret, struct arena *a, struct err *err);
/* Inserts a record with version 1 (version in the struct is set) and appends its journal row.
 * ticket_id: for a contact, the ticket it led to, if known; for the others NULL is right.
 * Does a ticket's number too when ticket->number is NULL (owned by a; see ticket_insert).
 * ERR_CONFLICT when the id, or a unique name or number, is there already. */
bool town_insert(struct town *t, enum record_kind kind, void *record, const char *ticket_id,
		 const struct mark *mark, struct arena *a, struct err *err);
/* Writes a changed record: sets after->version to before->version + 1, appends the journal row with
 * what changed. Both are of the kind's struct; before as it was read in this transaction. For a
 * ticket, `followed` is not looked at (see follow_set). */
bool town_update(struct town *t, enum record_kind kind, const void *before, void *after,
		 const struct mark *mark, struct err *err);

/* ---- tickets ---- */
/* town_insert() for a ticket. Needs id, kind, state, priority, channel, subject, created_at; sets
 * version, updated_at (when 0, to created_at) and, when NULL, the number (owned by a), of the year of
 * created_at. Writes involvement rows from `involved`. Does not make a message: message_insert(). */
/* An update of no more columns than became different, bound and ready to run; NULL when only all of them
 * will do. */
struct store_query *ticket_narrow_update(struct town *t, const struct ticket *before,
					 const struct ticket *after);
bool ticket_insert(struct town *t, struct ticket *ticket, const struct mark *mark, struct arena *a,
		   struct err *err);
/* Next tracking number of the year that now falls in. ERR_FULL after 999,999 in one year. */
bool town_number(struct town *t, int64_t now, char ret[TRACKING_TEXT], struct err *err);
/* Id of the ticket with that tracking number (any writing, aliases too), owned by a.
 * ERR_NOT_FOUND, ERR_INPUT when it is no tracking number. */
bool ticket_by_number(struct town *t, const char *number, const char **ret_id, struct arena *a,
		      struct err *err);
/* Of a ticket that was merged, the one that it went into, which was not: *t becomes that one. */
bool ticket_survivor(struct town *t, struct ticket *ticket, const char *reader_id, struct arena *a,
		     struct err *err);
/* The same of a party. */
bool party_survivor(struct town *t, struct party *party, struct arena *a, struct err *err);
/* on_desk() of any ticket: one that was merged lies where its survivor lies, for who sees it by itself. */
bool ticket_on_desk(struct town *t, const struct viewer *v, const struct ticket *ticket,
		    int64_t now, bool *ret, struct arena *a, struct err *err);
/* *ret_changed false: it was so already and nothing was written. The ticket's version stays. */
bool follow_set(struct town *t, const struct ticket *ticket, const char *agent_id, bool follow,
		const struct mark *mark, bool *ret_changed, struct err *err);

/* ---- messages ---- */
/* Attachments as files that came with a message. data is not copied. */
struct attachment {
	const char *id;		 /* UUID */
	const char *name, *type; /* cleaned by the caller */
	const void *data;
	size_t size;
};
/* Writes the message, its raw bytes (raw NULL: none), its attachments (and message->attachments from
 * them, owned by a), one journal row. It does not touch the ticket: town_update() that for
 * last_in_at and the like. */
bool message_insert(struct town *t, struct message *message, const void *raw, size_t raw_len,
		    const struct attachment *files, size_t file_count, const struct mark *mark,
		    struct arena *a, struct err *err);
/* Takes a message that was never sent, or a note, out of sight: its row stays, the feed says gone. */
bool town_remove(struct town *t, enum record_kind kind, const char *id, int64_t version,
		 const struct ticket *ticket, const struct mark *mark, struct err *err);

/* ---- mail: what was read, and threading ---- */
struct mail_entry {
	const char *mailbox;
	int64_t uidvalidity;
	int64_t uid;	     /* 0: from a file */
	const char *sha256;  /* hex, of the raw bytes */
	const char *outcome; /* "new", "reply", "suspected", "duplicate", "refused", … */
	const char *ticket_id, *message_id, *reason;
	int64_t at;
	bool untold; /* the server must still be told what became of it */
};
/* ERR_CONFLICT when that mailbox and uid (or, from a file, mailbox and sha256) is in the ledger. */
bool ledger_add(struct town *t, const struct mail_entry *entry, struct err *err);
/* *ret: this mail is in the ledger already (by mailbox and uid; uid 0: by mailbox and sha256). */
bool ledger_has(struct town *t, const char *mailbox, int64_t uidvalidity, int64_t uid,
		const char *sha256, bool *ret, struct err *err);
bool mail_ref_add(struct town *t, const char *header_id, const char *message_id,
		  const char *ticket_id, struct err *err);
/* Ticket that a Message-ID belongs to, owned by a; *ret_ticket NULL when unknown. */
bool mail_ref_find(struct town *t, const char *header_id, const char **ret_ticket,
		   const char **ret_message, struct arena *a, struct err *err);

/* ---- parties ---- */
/* The party that has this address, phone (E.164) or identifier: id owned by a, NULL when none or
 * more than one. Merged ones give the survivor. */
bool party_by_email(struct town *t, const char *email, const char **ret, struct arena *a,
		    struct err *err);
bool party_by_phone(struct town *t, const char *phone, const char **ret, struct arena *a,
		    struct err *err);
bool party_by_identifier(struct town *t, const char *scheme, const char *value, const char **ret,
			 struct arena *a, struct err *err);

/* Whether the viewer's desk at that time has a ticket of this party, or of one that was merged into it:
 * that is what an outside organisation may know of parties, and what the feed tells of them. */
bool party_on_desk(struct town *t, const struct viewer *v, const char *party_id, int64_t now,
		   bool *ret, struct err *err);

/* ---- agents and teams ---- */
/* Id of the team, topic or agent with that unique name, owned by a. ERR_NOT_FOUND. */
bool team_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		  struct err *err);
bool topic_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		   struct err *err);
bool template_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		      struct err *err);
bool mailbox_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		     struct err *err);
bool agent_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		   struct err *err);
/* Has another team, topic or ready text a name that reads the same? id: the one that is to have it. */
bool town_name_taken(struct town *t, enum record_kind kind, const char *id, const char *name,
		     bool *ret, struct err *err);
/* Argon2id hash as it is stored; takes some 70 ms. password_hash() of the same word may be set for
 * many agents (a seed). */
#define PASSWORD_TEXT 129
#define PASSWORD_MIN 8
#define PASSWORD_MAX 1000
bool password_hash(const char *password, char ret[PASSWORD_TEXT], struct err *err);
/* hash NULL: the agent cannot log in. Ends the agent's sessions. */
bool agent_set_password(struct town *t, const char *agent_id, const char *hash, struct err *err);
/* The same with a row in the journal that says that it was done, for all services to hear. */
bool agent_give_password(struct town *t, const char *agent_id, const char *hash,
			 const struct mark *mark, struct arena *a, struct err *err);
