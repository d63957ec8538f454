/* The running service: what its threads share, and one request on its way.
 *
 * Threads: the ones of the HTTP library answer GETs themselves, each with its own read-only town.
 * Changes go to the writer, which commits all that wait as one group. Passwords are checked by the
 * doorman, since that takes long on purpose. The bell wakes those that wait for news. */
#pragma once
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/id.h"
#include "balie/mem.h"
#include "balie/model.h"
#include "balie/wire.h"
#include "command.h"
#include "town.h"

#define BODY_MAX (1024 * 1024)
#define FILE_MAX (25 * 1024 * 1024) /* a file that is sent as it is */
#define BODY_FILE "application/octet-stream"
#define PATH_ARGS 2
#define PAGE_MAX 1000

struct auth;
struct bell;
struct doorman;
struct leases;
struct mail_config;
struct mailboxes;
struct outbound;
struct presence;
struct request;
struct writer;

struct service {
	/* fixed after the start */
	const struct settings *settings;
	const struct mail_config *mail; /* the mailboxes */
	char epoch[ID_TEXT];
	struct auth *auth;
	struct bell *bell;
	struct doorman *doorman;
	struct leases *leases;
	struct mailboxes *mailboxes;
	_Atomic(struct outbound *) outbound; /* NULL: no mailbox sends */
	struct presence *presence;
	struct writer *writer;
	struct warm *warm;
	struct MHD_Daemon *daemon;
	const char *openapi;
	/* any thread */
	atomic_bool stopping;
	atomic_int requests; /* that are not answered yet */
	atomic_int trouble; /* enum err_kind: why the last attempt to write failed; 0: it did not */
};

/* What one thread of the HTTP library keeps for itself. */
struct worker {
	struct town town;      /* read-only */
	struct buf out;	       /* the answer that is being made */
	void *page;	       /* of the feed; freed with the rest */
	struct request *spare; /* finished ones, to be used again */
	int spares;
};

/* ---- routes ---- */
enum scope { SCOPE_PUBLIC, SCOPE_AGENT };
typedef void route_fn(struct request *rq);

enum param_kind { PARAM_TEXT, PARAM_ID, PARAM_NUMBER, PARAM_FLAG, PARAM_WORD };
struct param {
	const char *name;
	enum param_kind kind;
	int64_t max;		   /* PARAM_NUMBER */
	const struct words *words; /* PARAM_WORD */
	const char *help;
};
enum content { CONTENT_NONE, CONTENT_JSON, CONTENT_STREAM, CONTENT_BYTES };
struct route {
	const char *method, *path; /* "/v1/tickets/{id}" */
	enum scope scope;
	route_fn *run;
	const char *help;	    /* one sentence, English */
	const struct param *params; /* of the query; ends with a NULL name */
	const char *body;   /* name of the schema of what is sent, or BODY_FILE; NULL for none */
	const char *answer; /* name of the schema of what comes back */
	int status;	    /* of success */
	enum content content;
};
extern const struct route routes[];
extern const size_t route_count;
/* The route, or NULL with *allow set to the methods of that path ("" when there is no such path).
 * args get the parts of the path in braces, cut out of path, which is changed. */
const struct route *route_find(const char *method, char *path, const char *args[PATH_ARGS],
			       char allow[64]);

/* ---- one request ---- */
struct request {
	struct request *next; /* in the list of spare ones, or of a group */
	struct service *service;
	struct MHD_Connection *connection;
	struct guard *guard; /* of the connection */
	const struct route *route;
	const char *method;
	char id[ID_TEXT];
	char *path; /* cut up by route_find() */
	const char *args[PATH_ARGS];
	struct arena arena;
	bool begun, dutch, answered, body_bad, event_stream;
	struct buf body;

	/* who asks, for SCOPE_AGENT */
	unsigned char token_hash[32];
	char agent_id[ID_TEXT], team_id[ID_TEXT];
	struct viewer viewer;

	/* while it is suspended: written by another thread, read after the resume */
	int turn;  /* how often it was resumed */
	bool done; /* the other thread has filled the answer in */
	int status;
	struct buf answer;
	bool replayed;
	int retry_after;
	void *state;			       /* the handler's own, in the arena */
	struct request *wait_next, *wait_prev; /* in the bell's list */
	int64_t wait_until;		       /* clock_mono() */
	int64_t position;		       /* feed: read up to here */
};

struct worker *worker_get(struct request *rq); /* NULL when its database cannot be opened */

/* Answers. The first one counts. */
void answer_json(struct request *rq, int status, struct buf *json); /* takes what is in json */
void answer_problem(struct request *rq, enum problem p, const char *en, const char *nl);
void answer_problem_more(struct request *rq, enum problem p, const char *en, const char *nl,
			 const char *pointer, const char *extra);
void answer_err(struct request *rq, const struct err *err); /* the problem that fits the error */
void answer_empty(struct request *rq, int status);
/* On the second turn of a request that waited for a job of the writer: answers without words with the
 * status that the job left, or as busy with 0. False on the first turn. */
bool answer_job(struct request *rq);
void answer_response(struct request *rq, int status, struct MHD_Response *response);
enum problem problem_for(const struct err *err);
void problem_put(struct request *rq, struct buf *ret, enum problem p, const char *en,
		 const char *nl, const char *pointer, const char *extra);

/* Parameters of the query. False after an answer that says what is wrong. */
bool param_number(struct request *rq, const char *name, int64_t min, int64_t max, int64_t *ret);
const char *param_text(struct request *rq, const char *name); /* NULL when absent */
bool param_flag(struct request *rq, const char *name);
/* The body as JSON; NULL after an answer that says what is wrong. wire_free() it. */
struct cJSON *request_json(struct request *rq);

/* From within a handler: the handler is called again after request_wake(). */
void request_suspend(struct request *rq);
void request_wake(struct request *rq); /* any thread */

/* ---- server.c ---- */
bool service_listen(const char *where, int *ret_fd, struct err *err);
/* Writes where fd listens, as --listen takes it, and unix sockets as they were given. */
void service_where(int fd, const char *where, char *ret, size_t size);
bool server_start(struct service *s, int fd, struct err *err);
void server_stop(struct service *s);
