/* The client's two files and what lies in them.
 *
 * cache.db: the mirror of the agent's desk. Written by the sync thread alone, read by the UI thread.
 * Can be thrown away. work.db: drafts and outbox. Never thrown away. Written by both threads, each
 * through its own connection. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/err.h"
#include "balie/id.h"
#include "balie/mem.h"
#include "balie/model.h"
#include "balie/store.h"

struct work;

/* ---- mirror, reading (UI thread) ---- */
struct cache;
/* Opens cache.db in dir. writer: makes it when absent; one that is broken or too new is moved aside
 * (cache.db.broken-TIME) and begun anew: *moved (if not NULL) says so. A reader needs it to be there. */
bool cache_open(struct cache **ret, const char *dir, bool writer, bool *moved, struct err *err);
void cache_close(struct cache *c);

/* Views show what is open (state_is_open); a filter that names states shows finished tickets of the
 * desk too. Unassigned: no agent has it, whatever the team.
 * Rising order is the most urgent first: the earliest deadline (none: behind all, oldest first), the
 * oldest, the longest untouched, the highest priority and within it the earliest deadline. */
enum queue_sort { SORT_DUE, SORT_CREATED, SORT_UPDATED, SORT_PRIORITY };
extern const struct words queue_sorts;
struct queue_query {
	enum filter_view view;
	enum queue_sort sort;
	bool descending;
	const char *me, *my_team;    /* ids */
	int64_t now;		     /* for overdue */
	const struct filter *filter; /* NULL: all of the view */
};
/* A page before or after a place in the order. The place is that of a row already read. */
struct queue_place {
	int64_t key; /* sort key */
	int64_t rowid;
};
struct queue_row {
	struct ticket ticket;
	struct queue_place place;
	const char *team_name, *agent_name, *topic_name; /* never NULL */
	bool pending;  /* actions of ours on it still wait; they are already applied here */
	bool conflict; /* one of them met a conflict */
};
/* Reads at most max rows after (or, backwards, before) place, in the order of the query, pending
 * actions applied for show. from NULL: from the start (or the end, backwards). Gives rows in list
 * order always. *more: there are rows beyond. A scan over many non-matching rows stops after 20,000
 * and says so in *more with fewer rows. */
bool cache_queue(struct cache *c, struct work *w, const struct queue_query *q,
		 const struct queue_place *from, bool backwards, size_t max, struct queue_row *ret,
		 size_t *ret_count, bool *more, struct arena *a, struct err *err);
/* Counts in slices so that no key waits: call again with the same counter until done. What waits in
 * the outbox is counted as it will be; when that changes, begin anew. w NULL: without it. */
struct queue_counter {
	int64_t counts[5]; /* by enum filter_view */
	int64_t at;	   /* rowid reached; 0 at start */
	bool done;
};
bool cache_count(struct cache *c, struct work *w, const struct queue_query *q,
		 struct queue_counter *n, int max_rows, struct err *err);
/* ERR_NOT_FOUND when it is not on the desk. ref: id, or tracking number in any writing. */
bool cache_ticket(struct cache *c, struct work *w, const char *ref, struct queue_row *ret,
		  struct arena *a, struct err *err);

/* How much open work somebody has, with what waits in the outbox. */
struct load {
	int64_t open, overdue, today; /* today: of those, to be answered today and not late */
};
struct load_row {
	const char *team_id, *agent_id; /* NULL: of no team; of nobody */
	struct load load;
};
/* One a team and agent, in no order; owned by the cache until the next call. Those with nothing need
 * not be there. max 0: counted at once. Else, for who keeps looking, a first time at most max tickets
 * are read a call, so that no key waits (*ready false: there is nothing yet, call again), and after that
 * only what changed is read. */
bool cache_loads(struct cache *c, struct work *w, int64_t now, size_t max, bool *ready,
		 const struct load_row **ret, size_t *n, struct err *err);

enum timeline_kind { TIMELINE_MESSAGE, TIMELINE_NOTE, TIMELINE_CHANGE };
struct timeline_row {
	enum timeline_kind kind;
	int64_t at;
	struct message message;
	struct note note;
	struct change change;
	const char *agent_name; /* who, or NULL */
	bool pending;		/* still in our outbox */
	const char *
		number; /* of the ticket that it came with, when that was merged into this; else NULL */
};
/* All that is known of a ticket and of those that were merged into it, oldest first, with what waits in the outbox at its end. *complete
 * false: the service may know more (the sync thread is asked by desk_want_timeline). A change that
 * waits has before and after as the journal will; that a message or note was made is told by itself,
 * not again as a change. */
bool cache_timeline(struct cache *c, struct work *w, const char *ticket_id,
		    struct timeline_row **ret, size_t *ret_count, bool *complete, struct arena *a,
		    struct err *err);
/* What others did on tickets of mine or that I follow, or by which one became or stopped being mine;
 * what matters most stands first here. */
enum news_kind { NEWS_GIVEN, NEWS_ANSWER, NEWS_TAKEN, NEWS_CHANGE, NEWS_NONE };
struct news {
	enum news_kind kind;
	int64_t at;
	const char *number, *subject; /* of the ticket; number NULL: not yet */
	const char *agent_name;	      /* who did it; "" for nobody */
	struct change change;
};
/* The news after a moment, newest first, from the last of the journal that is here. */
bool cache_news(struct cache *c, const char *me, int64_t since, size_t max, struct news *ret,
		size_t *ret_count, struct arena *a, struct err *err);
/* Mails that did not arrive, or perhaps not, of mine or on tickets of mine or that I follow; newest first. */
struct mail_trouble {
	const char *ticket_id, *number, *subject; /* of the ticket; number NULL: not yet */
	int64_t at;
	bool unsure; /* it is not known; else it surely did not */
};
bool cache_mail_troubles(struct cache *c, const char *me, size_t max, struct mail_trouble *ret,
			 size_t *ret_count, struct arena *a, struct err *err);
/* Tickets that were merged into this one, also by way of others. */
#define FAMILY_MAX 100
struct family_member {
	const char *id, *number;
};
size_t cache_merged(struct cache *c, struct work *w, const char *ticket_id,
		    struct family_member *ret, size_t max, struct arena *a);
/* Of a ticket that was merged, the one that it went into: *row becomes that. False, and *row as it was,
 * when that is not on the desk. */
bool cache_survivor(struct cache *c, struct work *w, struct queue_row *row, struct arena *a,
		    struct err *err);
/* Open tickets that may be the same question: of the same citizen, oldest first; of the same topic,
 * newest first; the newest of all. Each once. */
bool cache_alike(struct cache *c, struct work *w, const struct ticket *t, struct queue_row **ret,
		 size_t *n, struct arena *a, struct err *err);
/* Reference data by name; also for pickers. Arrays are owned by a. */
bool cache_teams(struct cache *c, struct team **ret, size_t *n, struct arena *a, struct err *err);
bool cache_agents(struct cache *c, const char *team_id, struct agent **ret, size_t *n,
		  struct arena *a, struct err *err); /* team_id NULL: all */
bool cache_topics(struct cache *c, struct topic **ret, size_t *n, struct arena *a, struct err *err);
/* Those in use: what is for that topic first, then what is in that language. Both may be NULL. */
bool cache_mailboxes(struct cache *c, struct mailbox **ret, size_t *n, struct arena *a,
		     struct err *err);
bool cache_templates(struct cache *c, const char *topic_id, const char *language,
		     struct template **ret, size_t *n, struct arena *a, struct err *err);
/* With what waits in the outbox applied; also one that is only made there. w may be NULL. */
bool cache_party(struct cache *c, struct work *w, const char *id, struct party *ret,
		 struct arena *a, struct err *err);
/* Those of the mirror that are meant, at most 50, by name; also those that wait in the outbox to be made.
 * *more: there are others. */
bool cache_people(struct cache *c, struct work *w, const struct party_query *q, struct party **ret,
		  size_t *n, bool *more, struct arena *a, struct err *err);
/* Tickets of a party that are on the desk, newest first, with what waits applied; at most 200. */
bool cache_party_tickets(struct cache *c, struct work *w, const char *party_id, struct ticket **ret,
			 size_t *n, struct arena *a, struct err *err);
bool cache_me(struct cache *c, struct agent *ret, struct arena *a, struct err *err);

/* ---- mirror, writing (sync thread) ---- */
bool cache_begin(struct cache *c, struct err *err);
bool cache_commit(struct cache *c, struct err *err);
void cache_rollback(struct cache *c);
/* Puts a record of the feed; kind says which struct. */
bool cache_put(struct cache *c, enum record_kind kind, const void *record, struct err *err);
/* A record left the desk: it and, for a ticket, all that belongs to it goes. */
bool cache_gone(struct cache *c, enum record_kind kind, const char *id, struct err *err);
bool cache_put_change(struct cache *c, const struct change *change, struct err *err);
/* Marks that all of a ticket's timeline is here (from now on the feed keeps it so). */
bool cache_set_complete(struct cache *c, const char *ticket_id, struct err *err);
/* Tickets on the desk of mine and of my team without a complete timeline, newest first. */
bool cache_incomplete(struct cache *c, const char *me, const char *my_team, char (*ret)[37],
		      size_t max, size_t *n, struct err *err);
/* What an answer or note in the outbox will look like, version 0, until the service's own record
 * comes. True for those two actions; the other of message and note stays untouched. Text is
 * that of e. */
bool timeline_provisional(const struct envelope *e, const char *me, int64_t at,
			  struct message *message, struct note *note);
/* Forgets all, facts too: another agent or another service. */
bool cache_clear(struct cache *c, struct err *err);
/* Removes the files of the mirror (logging out). Nobody may have it open for writing. */
bool cache_forget(const char *dir, struct err *err);
/* A full synchronisation: begin forgets nothing; end deletes what was not put since begin. */
bool cache_resync_begin(struct cache *c, struct err *err);
bool cache_resync_end(struct cache *c, struct err *err);
/* Much will be written, in many transactions: more memory, and less often moved out of the log. A full
 * synchronisation says so itself. */
void cache_expect_many(struct cache *c, bool many);
/* Small facts: "cursor", "me" (agent id), "server", "synced_at", "name". Text, NULL when unset. */
bool cache_set(struct cache *c, const char *key, const char *value, struct err *err);
char *cache_get(struct cache *c, const char *key, struct arena *a);

/* ---- work: drafts and outbox (both threads, a connection each) ---- */
struct work;
bool work_open(struct work **ret, const char *dir, struct err *err);
void work_close(struct work *w);

/* Drafts: one a ticket and kind ("answer", "forward", "note"). Saved at every change, durable. */
struct draft {
	const char *ticket_id, *kind, *to, *subject, *body;
	int64_t cursor, at;
	const char *envelope_id; /* the id that its envelope will have: sending twice sends once */
	const char *cc, *files, *message_id; /* of a mail; files: as args.attachments */
};
bool work_put_draft(struct work *w, const struct draft *d, struct err *err);
bool work_draft(struct work *w, const char *ticket_id, const char *kind, struct draft *ret,
		struct arena *a, struct err *err); /* ERR_NOT_FOUND */
bool work_drafts(struct work *w, struct draft **ret, size_t *n, struct arena *a, struct err *err);
/* It goes on under another ticket, unless that has one of its kind. */
bool work_move_draft(struct work *w, const char *from_id, const char *to_id, const char *kind,
		     struct err *err);
bool work_drop_draft(struct work *w, const char *ticket_id, const char *kind, struct err *err);

/* Files that go along with a mail: copied here, in parts, until nothing refers to them any more. */
#define MAIL_FILES_MAX 50
#define MAIL_FILES_BYTES (25 * 1024 * 1024) /* of one mail */
struct mail_file {
	const char *sha256, *name, *type;
	int64_t size;
};
bool work_file_begin(struct work *w, int64_t now, char ret_id[ID_TEXT], struct err *err);
bool work_file_add(struct work *w, const char *id, int part, const void *data, size_t len,
		   struct err *err);
bool work_file_end(struct work *w, const char *id, const char *sha256, int64_t size, int64_t now,
		   struct err *err);
bool work_file_drop(struct work *w, const char *id, struct err *err);
bool work_file_read(struct work *w, const char *sha256, struct buf *ret, struct err *err);
/* What holds up the oldest mail; then it is sent, or the service will not have it. */
bool work_file_to_send(struct work *w, char ret_sha256[HASH_TEXT], struct err *err);
bool work_file_sent(struct work *w, const char *sha256, int64_t now, struct err *err);
bool work_file_refused(struct work *w, const char *sha256, const char *reason, struct err *err);
bool work_files_prune(struct work *w, int64_t now, struct err *err);
void mail_files_put(struct buf *ret, const struct mail_file *files, size_t n);
/* Small things of the agent's own, by kind ("view", "macro", "mark") and name. */
struct kept {
	const char *name, *value;
};
bool work_keep(struct work *w, const char *kind, const char *name, const char *value,
	       struct err *err); /* replaces */
bool work_forget(struct work *w, const char *kind, const char *name, struct err *err);
char *work_kept(struct work *w, const char *kind, const char *name, struct arena *a); /* or NULL */
/* By name; at most 200. */
bool work_kept_all(struct work *w, const char *kind, struct kept **ret, size_t *n, struct arena *a,
		   struct err *err);

/* Contacts that are being registered. Every change is saved before it is shown, durable; a contact stays
 * until it is wrapped up or thrown away. */
struct registration {
	const char *contact_id; /* the id that the contact will have */
	int64_t started_at;
	int channel;
	const char *who; /* for a list: the name, or "" */
};
struct registration_value {
	int64_t question; /* 0: of the contact itself */
	const char *field;
	const char *value; /* NULL: none any more */
};
/* All in one transaction. When it began is kept from the first time. */
bool work_put_registration(struct work *w, const struct registration *r,
			   const struct registration_value *values, size_t count, struct err *err);
/* Those that are open, oldest first. */
bool work_registrations(struct work *w, struct registration **ret, size_t *n, struct arena *a,
			struct err *err);
/* All values of one, as they were put last; none when there is no such contact. */
bool work_registration_values(struct work *w, const char *contact_id,
			      struct registration_value **ret, size_t *n, struct arena *a,
			      struct err *err);
/* Throws it away with all that was typed. */
bool work_drop_registration(struct work *w, const char *contact_id, struct err *err);

enum outbox_state {
	OUTBOX_WAITING,	 /* to be sent */
	OUTBOX_SENDING,	 /* given to the network: may or may not have arrived; the key makes
				 * sending again harmless */
	OUTBOX_CONFLICT, /* somebody else changed it first: the agent decides */
	OUTBOX_REFUSED,	 /* the service said no for good; reason says why */
	OUTBOX_DONE,	 /* answered; kept a while for undo and the list */
};
struct outbox_row {
	int64_t seq; /* order of doing */
	enum outbox_state state;
	struct envelope envelope;
	int64_t at, tried_at, tries;
	const char *reason;	/* in the agent's language, or NULL */
	const char *theirs;	/* OUTBOX_CONFLICT: JSON of the current record; else NULL */
	int64_t result_version; /* OUTBOX_DONE: version of the record after it */
	bool undone;
	const char *number, *subject; /* of the ticket when it was done, or NULL */
	const char *batch;	      /* what was done to many tickets at once shares it; or NULL */
	/* Its envelope cannot be read by this program: the action is one that does nothing, and its
	 * body the envelope as it stands in the file. */
	bool unreadable;
};
/* Appends in one durable transaction. e->base_version is the version that the screen showed, also for
 * additive actions; behind an action of ours that is not answered yet it is chained.
 * drop_draft removes the draft it came from in the same one. An id that is there already is not
 * added again. */
bool work_append(struct work *w, const struct envelope *e, int64_t now, bool drop_draft,
		 struct err *err);
/* The same; about (may be NULL) is the ticket as the agent saw it: what it is called is kept. */
bool work_append_about(struct work *w, const struct envelope *e, const struct ticket *about,
		       int64_t now, bool drop_draft, struct err *err);
/* Those not done, oldest first; done ones behind them, newest first, at most max_done. */
bool work_outbox(struct work *w, size_t max_done, struct outbox_row **ret, size_t *n,
		 struct arena *a, struct err *err);
/* The same without what belongs to a batch. */
bool work_outbox_alone(struct work *w, size_t max_done, struct outbox_row **ret, size_t *n,
		       struct arena *a, struct err *err);
/* Those of one record that are not done, oldest first. */
bool work_outbox_of(struct work *w, const char *record, struct outbox_row **ret, size_t *n,
		    struct arena *a, struct err *err);
/* The next to send: the oldest waiting or sending one whose record has no earlier conflict or
 * refusal open. Its base_version is already chained on our own previous action of that record.
 * Returns at most max, one a record. What cannot be read is set aside as if it were refused, with a
 * sentence, and stays in the file; what is of other records goes on. */
bool work_next(struct work *w, size_t max, struct outbox_row **ret, size_t *n, struct arena *a,
	       struct err *err);
/* The same of those that were made after row seq: what is under way goes up to there. */
bool work_next_behind(struct work *w, int64_t seq, size_t max, struct outbox_row **ret, size_t *n,
		      struct arena *a, struct err *err);
/* How many work_next() set aside since this was last asked. */
size_t work_new_aside(struct work *w);
bool work_set_sending(struct work *w, int64_t seq, int64_t now, struct err *err);
bool work_set_waiting(struct work *w, int64_t seq, const char *reason, struct err *err);
/* It may have arrived: it stays under way and cannot be taken back until the service has answered. */
bool work_set_unsure(struct work *w, int64_t seq, const char *reason, struct err *err);
bool work_set_done(struct work *w, int64_t seq, int64_t version, struct err *err);
/* A ticket made here got its number: the actions on it that have none yet get it too. */
bool work_set_number(struct work *w, const char *record, const char *number, struct err *err);
bool work_set_conflict(struct work *w, int64_t seq, const char *theirs, const char *reason,
		       struct err *err);
bool work_set_refused(struct work *w, int64_t seq, const char *reason, struct err *err);
/* What became of several that were sent together: all in one durable transaction. state says which of
 * the above; WAITING: surely not done; SENDING: may be done. */
struct work_result {
	int64_t seq;
	enum outbox_state state;
	int64_t version;	     /* OUTBOX_DONE */
	const char *reason, *theirs; /* or NULL */
	const char *record, *number; /* number: a ticket made here got it; or NULL */
};
bool work_set_results(struct work *w, const struct work_result *results, size_t n, struct err *err);
/* Marks all as being sent; *n and rows become those that were not taken back in this very moment. */
bool work_set_sending_many(struct work *w, struct outbox_row *rows, size_t *n, int64_t now,
			   struct err *err);
/* The agent's decisions. take_back (the text of an answer or note becomes a draft again): only
 * while waiting, in conflict or refused (ERR_CONFLICT when it is already under way); of one that
 * cannot be read the envelope is kept under KEPT_UNREADABLE and its id. rebase: try again on that
 * version. */
#define KEPT_UNREADABLE "unreadable"
bool work_take_back(struct work *w, int64_t seq, struct err *err);
bool work_retry(struct work *w, int64_t seq, struct err *err);
bool work_rebase(struct work *w, int64_t seq, int64_t version, struct err *err);
/* What to undo now: the newest action of ours that is undoable and not undone; a mail for as long as it
 * can be taken back. ERR_NOT_FOUND when there is none. */
bool work_last_undoable(struct work *w, const char *record, struct outbox_row *ret, struct arena *a,
			struct err *err);
/* One thing done to many tickets: all appended in one durable transaction, under one batch id. */
struct work_item {
	struct envelope envelope;
	const char *number, *subject; /* what the ticket is called */
};
bool work_append_many(struct work *w, const char *batch, const struct work_item *items, size_t n,
		      int64_t now, struct err *err);
/* Takes back what of a batch is surely not done, and undoes the rest under a batch of its own: all in
 * one durable transaction. */
bool work_undo_batch(struct work *w, const char *batch, int64_t now, size_t *ret_taken,
		     size_t *ret_undone, struct err *err);
/* Lets go of what of a batch met a conflict or was refused. */
bool work_drop_failed(struct work *w, const char *batch, size_t *ret_taken, struct err *err);
struct work_batch {
	const char *id;
	int64_t first_seq, at, count;
	int64_t waiting, conflict, refused, done, undone;
	struct outbox_row first; /* for what it is about */
};
/* Newest first, at most 50. All rows of the last few are kept, also when they are done. */
bool work_batches(struct work *w, struct work_batch **ret, size_t *n, struct arena *a,
		  struct err *err);
/* What went wrong stands first. */
bool work_batch_rows(struct work *w, const char *batch, size_t max, struct outbox_row **ret,
		     size_t *n, struct arena *a, struct err *err);
/* A contact is wrapped up: all that it makes goes to the outbox and the registration is dropped, in
 * one durable transaction, so that nothing is ever half there. */
struct wrap_up {
	struct envelope envelope;
	const struct ticket *about; /* what it is called, or NULL */
};
bool work_wrap_up(struct work *w, const char *contact_id, const struct wrap_up *items, size_t count,
		  int64_t now, struct err *err);
struct work_counts {
	int64_t waiting, conflict, refused;
	int64_t contacts; /* being registered, not wrapped up yet */
};
bool work_count(struct work *w, struct work_counts *ret, struct err *err);
bool work_has_unsent(struct work *w); /* drafts or outbox: asked before logging out */

/* ---- the desk: all that a screen has ---- */
/* Messages between the two threads: plain values, copied. */
enum port_kind {
	/* to the sync thread */
	PORT_OUTBOX,	 /* something was appended: send it */
	PORT_TIMELINE,	 /* fetch the whole timeline of id */
	PORT_REFRESH,	 /* connect and synchronise now */
	PORT_PRESENCE,	 /* I look at ticket id (flag: I type in it); empty id: at nothing */
	PORT_ATTACHMENT, /* fetch attachment id to file text; flag: to be opened */
	PORT_RAW,	 /* fetch the raw message of message id to file text */
	PORT_ASK,	 /* ask the service: desk_ask() */
	PORT_STOP,
	/* to the UI thread */
	PORT_CHANGED, /* the mirror changed: number = WATCH_ bits */
	PORT_STATUS,  /* connection changed: number = enum link, text = why */
	PORT_OTHERS,  /* who else is at ticket id: text = "Jan Claes\tlooks\n…" */
	PORT_FILE,    /* file text is there (flag; else why not); number: to be opened */
	PORT_TOLD,    /* text is a sentence for the agent */
	PORT_ANSWER,  /* what the service answered: for desk_take_answer() */
};
enum link { LINK_OFFLINE, LINK_CONNECTING, LINK_ONLINE, LINK_LOGIN_NEEDED };
enum watch {
	WATCH_TICKETS = 1,
	WATCH_TIMELINE = 2,
	WATCH_REFERENCE = 4,
	WATCH_OUTBOX = 8,
	WATCH_PRESENCE = 16,
	WATCH_DRAFTS = 32,
	WATCH_ANSWER = 64, /* desk_answer() */
};
struct port_message {
	enum port_kind kind;
	char id[37];
	int64_t number;
	bool flag;
	char *text; /* owned by the message: port_message_finish() */
};
void port_message_finish(struct port_message *m);
struct port;
/* wake is called in the sender's thread after a message was queued for the other side. */
struct port *port_create(void (*wake_sync)(void *), void *sync_user, void (*wake_ui)(void *),
			 void *ui_user);
void port_destroy(struct port *p);
void port_to_sync(struct port *p, enum port_kind kind, const char *id, int64_t number, bool flag,
		  const char *text);
void port_to_ui(struct port *p, enum port_kind kind, const char *id, int64_t number, bool flag,
		const char *text);
bool port_take_sync(struct port *p, struct port_message *ret); /* in the sync thread */
bool port_take_ui(struct port *p, struct port_message *ret);   /* in the UI thread */

struct desk {
	struct cache *cache; /* read only here; NULL before the first synchronisation */
	struct work *work;
	struct port *port;
	struct viewer me;
	const char *my_name;
	/* What the status line says, kept by the client's main. */
	enum link link;
	const char *link_reason;
	int64_t synced_at;
	struct work_counts counts;
	struct desk_others *others;   /* who else is where: desk_others() */
	struct desk_answers *answers; /* of the service: desk_answer() */
	const char *downloads;	      /* where attachments are saved */
	const char *language;	      /* "nl" or "en" */
};
/* Does an action: checks it, appends it to the outbox, wakes the sync thread. t is the ticket as the
 * agent sees it (its version becomes the base), NULL for create. ids and base are filled in. */
bool desk_do(struct desk *d, int action, const struct ticket *t, const struct args *args,
	     char ret_envelope_id[37], struct err *err);
/* The same for an action that is about no ticket. record: its id, made by id_new() for a new one.
 * seen: the party as the agent saw it, NULL for what is new and for what is no party. The lists of a
 * party are checked and written in their normal form. */
bool desk_do_record(struct desk *d, int action, const char *record, const struct party *seen,
		    const struct args *args, char ret_envelope_id[37], struct err *err);
/* The same for a team, topic or agent, as an administrator changes it. base_version: as the agent saw it, 0
 * for a new one. name: what it is called, for the outbox. */
bool desk_do_reference(struct desk *d, int action, const char *record, int64_t base_version,
		       const char *name, const struct args *args, char ret_envelope_id[37],
		       struct err *err);
/* The same for all that a contact makes, at once: each is checked before anything is done. ret_item (may
 * be NULL): which of them cannot be. Identifiers and base versions are filled in. */
bool desk_wrap_up(struct desk *d, const char *contact_id, struct wrap_up *items, size_t count,
		  size_t *ret_item, struct err *err);
/* The lists of a party in parts, and back into the arguments of party-create and party-change (owned
 * by a, checked: the error says which item cannot be right). */
bool desk_party_lists(const struct party *p, struct party_lists *ret, struct arena *a,
		      struct err *err);
bool desk_party_args(const struct party_lists *lists, struct args *ret, struct arena *a,
		     struct err *err);
/* One action on many tickets. */
enum batch_fate {
	BATCH_DOES,   /* it will be done */
	BATCH_SAME,   /* it is so already */
	BATCH_CANNOT, /* why says what is in the way */
	BATCH_GONE,   /* the ticket left the desk meanwhile */
	BATCH_TYPING, /* a colleague is typing in it: left out, unless with_typing; why: who */
	BATCH_FATES
};
/* What the service says of it. */
enum batch_word { BATCH_NOT_ASKED, BATCH_ASKED, BATCH_WOULD, BATCH_WOULD_NOT };
struct batch_item {
	char id[ID_TEXT], envelope_id[ID_TEXT];
	enum batch_fate fate;
	int64_t version;
	const char *number, *subject, *why; /* or NULL */
	bool waits; /* something of ours is still on its way to it: its version will be another */
	enum batch_word word;
	int64_t asked_version;
	const char *refusal; /* BATCH_WOULD_NOT */
};
struct batch {
	const struct action *action;
	struct args args; /* text of the caller */
	char id[ID_TEXT];
	struct batch_item *items;
	size_t count, planned;
	size_t fates[BATCH_FATES];
	bool with_typing;
	char *asking;	       /* what the service is asked now, or NULL */
	bool ask_failed;       /* not to be asked again before something changes */
	const char *not_asked; /* ask_failed: why */
	size_t asked, would, would_not;
	struct arena arena;
};
/* *b needs batch_finish(). Each item gets the id of its envelope now, so doing it twice does it once. */
void batch_begin(struct batch *b, int action, const struct args *args, const char (*ids)[ID_TEXT],
		 size_t count);
void batch_finish(struct batch *b);
/* As it will be sent. Text is that of the batch. */
struct envelope batch_envelope(const struct batch *b, const struct batch_item *item);
/* Finds out for at most max more tickets what would become of them; again until planned == count. */
bool desk_plan(struct desk *d, struct batch *b, size_t max, struct err *err);
void desk_plan_again(struct batch *b); /* the tickets or the arguments changed */
/* Takes in what the service said of some of them. False: it said nothing new. */
bool desk_plan_hear(struct desk *d, struct batch *b);
/* Asks the service, when it can be reached, what it would do with the next of those that will be done: a
 * list at a time, not more than BATCH_ASK_MAX. The answer comes with WATCH_ANSWER. */
#define BATCH_ASK_MAX 1000
void desk_plan_ask(struct desk *d, struct batch *b);
void batch_forget_words(struct batch *b); /* the arguments changed */
/* Does it to all that can be: one durable append. What is not planned yet is planned first. *ret_done:
 * how many; none is no failure. */
bool desk_do_many(struct desk *d, struct batch *b, size_t *ret_done, struct err *err);
/* Undoes the newest undoable action of ours (on record, or anywhere when NULL): takes it back when it
 * still waits, else sends an undo; of a batch, all of it. told gets a sentence. */
bool desk_undo(struct desk *d, const char *record, struct buf *told, struct err *err);
void desk_want_timeline(struct desk *d, const char *ticket_id);
void desk_presence(struct desk *d, const char *ticket_id, bool typing); /* NULL: at nothing */
/* Who else is at a ticket: "Jan Claes\tlooks\nBo Maes\ttypes\n", owned by the desk, or NULL. */
const char *desk_others(const struct desk *d, const char *ticket_id);
/* What the service said last of a ticket; "" or NULL: nobody. */
void desk_set_others(struct desk *d, const char *ticket_id, const char *text);
/* Without network nobody knows who is where. */
void desk_forget_others(struct desk *d);

/* ---- asking the service what is not on the desk ---- */
enum ask {
	ASK_SEARCH, /* text: what party_query_parse() reads */
	ASK_LIKELY, /* the same: who may be the one that is being made */
	ASK_PARTY,  /* text: a party's id; its card */
	ASK_TICKET, /* text: a ticket's id or number; it is then in the mirror */
	ASK_TRY,    /* text: a list of envelopes; what would become of each */
	ASKS
};
enum answer_state { ANSWER_NONE, ANSWER_HERE, ANSWER_FAILED };
/* The last answer; it stays while a newer one is on its way, so that nothing flickers. */
struct answer {
	bool waiting;	    /* text wanted was asked, and the answer did not come yet */
	const char *wanted; /* the last that was asked; NULL: nothing */
	enum answer_state state;
	const char *asked; /* what state and all below is about; NULL: nothing */
	const char *why;   /* ANSWER_FAILED: a sentence */
	/* ASK_SEARCH, ASK_LIKELY */
	struct party *parties;
	size_t party_count;
	bool more;
	struct ticket *ticket; /* whose number was typed; also of ASK_TICKET. May be NULL */
	/* ASK_PARTY */
	struct party *party;
	struct ticket *tickets; /* newest first */
	struct contact *contacts;
	struct party *merged; /* that went into it */
	size_t ticket_count, contact_count, merged_count;
	bool more_tickets, more_contacts;
	/* ASK_TRY: of each why it would be refused, NULL when it would be done */
	const char **refusals;
	size_t refusal_count;
};
/* Asks; one that is on its way for the same kind is forgotten. Without network the answer says so. */
void desk_ask(struct desk *d, enum ask ask, const char *text);
/* Never NULL; owned by the desk, valid until the next desk_take_answer(). */
const struct answer *desk_answer(struct desk *d, enum ask ask);
/* For the client's main. False: it is the answer to what nobody asks any more. */
bool desk_take_answer(struct desk *d, const struct port_message *m);
void desk_forget_answers(struct desk *d);
/* What PORT_ASK and PORT_ANSWER carry as number: which ask, and the how many-th of its kind. */
#define ASK_NUMBER(ask, nth) ((int64_t)(nth)*ASKS + (int64_t)(ask))
#define ASK_OF(number) ((enum ask)((uint64_t)(number) % ASKS))
