/* The PostgreSQL engine, shared by the files that make it. Nothing outside this room sees it. */
#pragma once
#include <libpq-fe.h>
#include "driver.h"

#define PG_TABLE_MAX 48

struct pg_query {
	struct store_query base;
	const struct store_text *text;
	unsigned number;
	unsigned prepared;	  /* in which connection, counted from 1; 0: in none yet */
	int count;		  /* parameters */
	const char **values;	  /* of the parameters; NULL is null */
	int *lengths, *formats;	  /* as PQexecPrepared() wants them */
	char (*numbers)[24];	  /* where the text of a number stands */
	char table[PG_TABLE_MAX]; /* that it writes, "" when it only reads */
	bool silent;		  /* gives no rows */
	bool waits;		  /* among what is gathered and not copied */
	PGresult *result, *description;
	int row, rows;
	struct err err; /* what was bound that cannot be: told when it is stepped */
};

/* What STORE_BULK gathers until it must be seen: rows of plain inserts, and other writes. */
struct pg_bulk {
	struct buf *rows; /* one a statement, as COPY takes them */
	struct pg_op *ops;
	size_t op_count, op_cap;
	struct arena arena; /* of the ops' parameters */
	size_t size;	    /* bytes gathered */
};

/* The transaction that the caller is in, whatever became of it on the server. */
enum pg_within { PG_OUTSIDE, PG_READING, PG_WRITING };

struct pg_store {
	struct store base;
	char *url; /* never to be shown whole */
	PGconn *conn;
	unsigned generation; /* of the connection: those before it have lost their statements */
	unsigned flags;
	struct pg_query *queries;
	struct pg_query tell, write_version;
	enum pg_within within;
	bool opened;	  /* it was once found to be ours and usable */
	bool ready;	  /* the session is set as it must be, and nothing is left half in it */
	int64_t retry_at; /* clock_mono(): not connected again before this */
	int64_t changes;
	struct pg_bulk bulk;
	/* of store_hear() and store_data_version() */
	unsigned hears_commits, hears_texts; /* in which connection; 0: in none */
	int64_t version;
	struct buf heard; /* texts behind each other, each ends with a zero byte */
	size_t heard_at;
};

static inline struct pg_store *pg_of(const struct store *st)
{
	return (struct pg_store *)(uintptr_t)st;
}

/* ---- postgres_open.c ---- */
bool pg_open(struct store **ret, const char *url, const struct store_schema *schema, unsigned flags,
	     struct err *err);
void pg_close(struct store *st);
/* A statement of the engine's own, of server.sql. */
const struct store_text *pg_own(unsigned which);
/* Connected, or connected again; but within a transaction only while that is whole: until it is rolled
 * back nothing may run on another connection, or outside of it. */
bool pg_ready(struct pg_store *st, struct err *err);
/* Runs fixed words; *ret (NULL: not wanted) is to be cleared. */
bool pg_exec(struct pg_store *st, const char *sql, PGresult **ret, struct err *err);

/* ---- postgres.c ---- */
void pg_query_init(struct pg_query *q, struct pg_store *st, const struct store_text *text,
		   unsigned number);
void pg_query_finish(struct pg_query *q);
bool pg_prepare(struct pg_query *q, struct err *err);
int64_t pg_number(const PGresult *result, int row, int col);

/* ---- postgres_error.c ---- */
/* Sets err from a result (NULL: from the connection), and frees it. */
void pg_error(struct pg_store *st, PGresult *result, struct err *err);
/* As libpq writes addresses, and well written. */
bool pg_is_url(const char *url);
/* Why no connection was made to url. */
void pg_connect_error(PGconn *conn, const char *url, struct err *err);

/* ---- postgres_bulk.c ---- */
/* Gathers the query instead of running it. False when it must run now. */
bool pg_gather(struct pg_query *q, struct err *err, bool *ret_ok);
bool pg_flush(struct pg_store *st, struct err *err);
void pg_forget(struct pg_store *st); /* what was gathered, after a rollback */
void pg_bulk_finish(struct pg_store *st);
bool pg_fill_begin(struct store *st, struct err *err);
bool pg_fill_end(struct store *st, struct err *err);

/* ---- postgres_listen.c ---- */
bool pg_tell(struct store *st, const char *text, struct err *err);
bool pg_hear(struct store *st, struct buf *ret);
int64_t pg_data_version(struct store *st);
