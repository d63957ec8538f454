/* What the files of this room share. */
#pragma once
#include "balie/cache.h"

#define SCAN_MAX 20000		      /* rows that one page may read past */
#define KEY_NO_DUE (INT64_C(1) << 62) /* what has no deadline stands behind what has one */

struct names;
struct loads;

/* A row of the outbox that is not done. Where it stands in memory never changes. */
struct waiting {
	struct outbox_row row;
	bool gone;  /* from the outbox; forgotten at the end of this load */
	bool fresh; /* what it makes of its ticket must be found out anew */
};

/* Tickets on which actions of ours wait, with these applied. Kept up with the two files: only what
 * changed in them is read and applied again. */
struct pending {
	struct arena arena;	/* of rows and tickets */
	struct waiting **out;	/* not done, oldest first */
	struct waiting **order; /* the same by record, and within it oldest first */
	size_t out_count, out_cap;
	struct queue_row *tickets; /* by id */
	struct ticket *before;	   /* each as it is in the mirror; id NULL: it is not there */
	size_t ticket_count;
	size_t built; /* tickets since the arena was empty */
	int64_t last_seq, touched;
	const char *me;
	char *stamp; /* who we are and which names there are */
	int64_t cache_version, work_version, work_writes;
	bool loaded;
};

struct cache {
	struct store *store;
	struct store_schema schema;
	char *path;
	bool writer;
	unsigned long long file; /* inode: another one means that it was begun anew */
	struct names *names;
	int64_t names_version; /* data version that the names were last checked at */
	char names_stamp[24];  /* value of "reference" then */
	struct pending pending;
	struct loads *loads; /* or NULL */
	int64_t seen;	     /* number of the synchronisation under way; writer only */
	bool reference_changed, many;
};

struct work {
	struct store *store;
	struct store_schema schema;
	int64_t writes; /* of this connection: data_version tells only of others' */
	size_t aside;	/* set aside and not told yet */
};

/* Reader: opens anew when the writer has moved the file aside and begun another. */
void cache_follow(struct cache *c);

/* Names of teams, agents and topics by id, read once and kept until reference data changes. */
enum name_kind { NAME_TEAM, NAME_AGENT, NAME_TOPIC };
void names_check(struct cache *c);
/* "" for NULL and for what is unknown. Valid until the next names_check(). */
const char *names_get(struct cache *c, enum name_kind kind, const char *id);
const char *names_get_folded(struct cache *c, enum name_kind kind, const char *id);
void names_destroy(struct names *n);
void loads_destroy(struct loads *l);

int64_t queue_key(enum queue_sort sort, const struct ticket *t);
/* Copies a record with all its text into a. */
void record_copy(enum record_kind kind, const void *from, void *to, struct arena *a);
/* Is this field the same in two records? */
bool record_same_value(const struct field *f, const void *a, const void *b);
/* Reads a ticket of the mirror as it is there. ret->ticket and ret->place are filled. */
bool mirror_ticket(struct cache *c, const char *id, struct queue_row *ret, struct arena *a,
		   struct err *err);
bool mirror_topic(struct cache *c, const char *id, struct topic *ret, struct arena *a);
/* A ticket and those that were merged into it, itself first. What waits must be loaded. */
bool family_read(struct cache *c, const char *ticket_id, struct family_member *ret, size_t max,
		 size_t *n, struct arena *a, struct err *err);
/* What was merged into a ticket leaves with it. */
bool family_gone(struct cache *c, const char *ticket_id, struct err *err);
/* Fills in the names, copied into a. */
void queue_row_name(struct cache *c, struct queue_row *row, struct arena *a);

/* Brings c->pending up to date. w may be NULL: then there is nothing pending. */
bool pending_load(struct cache *c, struct work *w, struct err *err);
void pending_finish(struct pending *p);
/* The ticket that these rows are about, made of the mirror and of them. False: there is none. */
bool pending_build(struct cache *c, struct waiting *const *rows, size_t count, const char *me,
		   struct queue_row *ret, struct ticket *ret_before);
const struct queue_row *pending_find(const struct pending *p, const char *id);
/* Applies the row's action for show. False when it cannot be (its state does not allow it). */
bool pending_apply(struct cache *c, struct ticket *t, const struct outbox_row *row, const char *me,
		   struct arena *a);

/* Applies what waits for that party; *party is zeroed when the mirror has none. False: nothing waits. */
bool pending_party(const struct pending *p, const char *id, struct party *party, struct arena *a);

/* What a party is found by follows it. */
bool people_put(struct cache *c, const struct party *p, struct err *err);
/* All of it as one text. */
void people_words(struct buf *ret, const struct party *p, struct arena *a);

/* What is written as the reason of a row that was set aside. */
extern const char *const outbox_aside;
/* Reads an outbox row that the query stands on; its envelope may be unreadable. like: a row read before
 * into the same arena, or NULL; of one batch only what differs is read. */
void outbox_read(struct store_query *q, const struct outbox_row *like, struct outbox_row *ret,
		 struct arena *a);
/* Rows of a query behind those that are there already, with those that cannot be read; the array is
 * owned by a. */
bool outbox_read_rows(struct store_query *q, size_t max, struct outbox_row **rows, size_t *n,
		      struct arena *a, struct err *err);
/* The same without those that cannot be read. */
bool outbox_read_known(struct store_query *q, size_t max, struct outbox_row **rows, size_t *n,
		       struct arena *a, struct err *err);
/* To be decided on by the agent; its id stays, as the service never answered it. */
bool outbox_set_aside(struct work *w, int64_t seq, struct err *err);
/* Within the caller's transaction. batch may be NULL. */
bool outbox_insert(struct work *w, const struct envelope *e, const struct ticket *about,
		   const char *batch, int64_t now, struct err *err);
/* The text of an answer, a mail or a note goes back to where it came from, unless a newer draft is there. */
bool outbox_keep_text(struct work *w, const struct outbox_row *row, struct err *err);
/* Undoes a mail and makes a draft of it again, in one transaction. */
bool outbox_undo_mail(struct work *w, const struct outbox_row *row, const struct envelope *e,
		      const struct ticket *about, int64_t now, struct err *err);
bool outbox_get(struct work *w, int64_t seq, struct outbox_row *ret, struct arena *a,
		struct err *err);
