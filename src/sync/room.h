/* What the files of this room share. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include "balie/sync.h"
#include "balie/wire.h"
#include "http.h"
#include "json.h"

#define PAGE 1000 /* records a page of the snapshot */

/* What was asked for and is not yet done: ids in the order of asking. */
struct wanted {
	char (*ids)[37];
	size_t count, cap;
};

struct stream {
	struct call *call;
	char line[65536]; /* the line being read; longer ones are cut */
	size_t len;
	char event[32];
	struct buf data;
	bool spoke;   /* something was heard: the service has streams */
	bool refused; /* it has none: long polls instead */
};

struct download {
	struct call *call;
	FILE *file;
	char *path, *temp;
	char id[37];
	bool opens; /* it is to be opened, not only kept */
	struct download *next;
};

struct sync {
	const struct sync_try *what; /* of sync_try() */
	/* set before the thread starts */
	char *server, *name, *password, *dir_cache, *dir_work, *token_file;
	struct port *port; /* or NULL */
	pthread_t thread;
	/* any thread */
	pthread_mutex_t lock;
	CURLM *wake; /* under lock */
	atomic_bool stopping;
	atomic_llong stop_at; /* clock_mono() */
	/* the sync thread */
	struct http http;
	struct cache *cache;
	struct work *work;
	char me[37], my_team[37], my_display[128];
	bool token_refused;
	int64_t send_at;   /* when the outbox is tried again; 0: now; -1: never */
	int64_t send_wait; /* back-off after a service in trouble */
	size_t send_alone; /* so many go one by one: as a list they were refused */
	bool bell;	   /* there is something to fetch */
	bool poke;	   /* the agent asked to connect now */
	struct stream stream;
	struct call *long_poll;
	struct wanted timelines; /* asked by a screen */
	struct wanted prefetch;	 /* own and team's, in spare time */
	char at_ticket[37];	 /* presence */
	bool typing, presence_changed, presence_tell;
	int64_t presence_at;
	struct download *downloads;
	struct call *upload; /* of upload_sha256; NULL: none is under way */
	char upload_sha256[65];
	bool upload_due;	 /* there may be a file to send */
	int64_t upload_at;	 /* not before */
	struct call *asks[ASKS]; /* NULL: nothing of that kind is asked */
	int64_t ask_numbers[ASKS];
	unsigned changed; /* WATCH_ bits not yet told */
	int64_t told_at, synced_at;
	int64_t batch_at; /* when the open transaction began */
	struct sync_report report;
	struct arena arena; /* of the record at hand */
};

/* sync.c */
void sync_tell_link(struct sync *s, enum link link, const char *why);
void sync_changed(struct sync *s, unsigned bits);
void sync_tell_changed(struct sync *s); /* after a commit */
bool sync_must_stop(void *user);
bool sync_set_up(struct sync *s, const struct sync_spec *spec, struct err *err);
bool sync_open_files(struct sync *s, struct err *err);
void sync_tear_down(struct sync *s);
void wanted_add(struct wanted *w, const char *id);
bool wanted_take(struct wanted *w, char ret[37]);

/* token.c */
bool token_load(struct sync *s); /* from the file; false when there is none */
bool token_login(struct sync *s, struct err *err);
void token_drop(struct sync *s);
/* Who am I: fills me and my_team and puts both records in the mirror. ERR_AUTH, ERR_NET. */
bool token_me(struct sync *s, struct err *err);
bool try_run(struct sync *s, struct err *err);
/* Sets err from an answer that is not what was hoped for: ERR_AUTH for 401, ERR_NET for trouble of
 * the service, ERR_BUSY for 429, ERR_INPUT for the rest; the service's words. */
void answer_error(const struct call *c, struct err *err);

/* apply.c */
struct cJSON *apply_parse(const struct call *c, struct err *err);
/* A record that we cannot understand is left out and logged: one odd row must not stop the rest. */
bool apply_record(struct sync *s, enum record_kind kind, const struct cJSON *record,
		  struct err *err);
bool apply_change_row(struct sync *s, const struct cJSON *row, struct err *err);
bool apply_history(struct sync *s, const struct cJSON *row, struct err *err);

/* fetch.c */
/* Brings the mirror up to date: a full synchronisation when there is no cursor or it is refused. */
bool fetch_changes(struct sync *s, struct err *err);
bool fetch_timeline(struct sync *s, const char *id, struct err *err);
bool fetch_find_prefetch(struct sync *s, struct err *err);
/* Handles the answer of /v1/changes. *more: ask again at once. ERR_NOT_FOUND: cursor is gone. */
bool fetch_apply_changes(struct sync *s, const struct call *c, bool *more, struct err *err);

/* send.c */
/* Sends what waits, in order. False when the network or the login failed. */
bool send_outbox(struct sync *s, struct err *err);
/* The same, but after ms it leaves the rest for the next call. */
bool send_some(struct sync *s, int64_t ms, struct err *err);
/* What an answer means for the row. */
enum fate {
	FATE_DONE,
	FATE_CONFLICT,
	FATE_REFUSED,
	FATE_LATER,  /* surely not done: the service is too busy or in trouble */
	FATE_UNSURE, /* may be done: ask again with the same key */
	FATE_LOGIN,
};
/* problem: the document in the answer, or NULL when it is none of ours. */
enum fate send_fate(long status, const struct cJSON *problem);
enum fate send_fate_of(const struct call *c);
void send_wait_before_next(struct sync *s, const struct call *c);
/* Puts what an action made, or met, into the mirror, within the caller's transaction. */
bool send_put_result(struct sync *s, const struct outbox_row *row, const struct cJSON *json,
		     struct err *err);
bool send_put_current(struct sync *s, const struct outbox_row *row, const struct cJSON *current,
		      struct err *err);
int64_t send_version_of(const struct cJSON *json);
enum told { TOLD_CONFLICT, TOLD_REFUSED, TOLD_ASIDE };
void send_tell(struct sync *s, enum told what);

/* send_list.c: several in one call, each with its own key. */
struct list;
/* Sends as many of the rows as fit, and waits for nothing. *ret takes over what a holds; NULL when all
 * were taken back meanwhile. */
bool list_start(struct sync *s, struct outbox_row *rows, size_t n, struct arena *a,
		struct list **ret, struct err *err);
int64_t list_last(const struct list *l); /* seq of its last row */
/* Waits for the answer, takes it in, and frees the list. */
bool list_finish(struct list *l, struct err *err);
/* Frees it without waiting: what may have arrived is asked for again another time. */
void list_drop(struct list *l);
bool send_presence(struct sync *s, struct err *err);

/* stream.c */
void stream_start(struct sync *s);
void stream_stop(struct sync *s);
/* False when it broke. */
bool stream_check(struct sync *s, struct err *err);

/* files.c */
void files_start(struct sync *s, const char *what, const char *id, const char *path, bool opens);
void files_check(struct sync *s);
void files_stop(struct sync *s);

/* uploads.c: files go before the mail that they go along with, beside all else. */
bool uploads_check(struct sync *s, struct err *err);
bool uploads_all(struct sync *s, struct err *err); /* waits for them */
void uploads_stop(struct sync *s);

/* asks.c: what an agent asks, beside everything else. */
void asks_start(struct sync *s, const struct port_message *m, bool online);
/* Hands on what was answered; what goes into the mirror only when may_write: between transactions. */
void asks_check(struct sync *s, bool may_write);
void asks_stop(struct sync *s);
void session_attend(void *user);

/* once.c */
bool once_run(struct sync *s, struct err *err);

/* session.c */
void session_run(struct sync *s); /* the thread's whole life */
