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
	PGresult *result, *description;
	int row, rows;
	struct err err; /* why it cannot run: told when it is stepped */
};

/* What STORE_BULK gathers until it must be seen: rows of plain inserts, and other writes. */
struct pg_bulk {
	struct buf *rows; /* one a statement, as COPY takes them */
	struct pg_op *ops;
	size_t op_count, op_cap;
	struct arena arena; /* of the ops' parameters */
	size_t size;	    /* bytes gathered */
};

struct pg_store {
	struct store base;
	PGconn *conn;
	unsigned generation; /* of the connection: those before it have lost their statements */
	unsigned flags;
	struct pg_query *queries;
	struct pg_query tell;
	bool lost;	  /* the connection broke within a transaction, which is not ended yet */
	int64_t retry_at; /* clock_mono(): not connected again before this */
	int64_t changes;
	struct pg_bulk bulk;
	/* of store_hear() and store_data_version() */
	unsigned listens; /* in which connection; 0: in none */
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
/* Connected, or connected again. Never within a transaction whose connection broke. */
bool pg_ready(struct pg_store *st, struct err *err);
/* Runs fixed words; *ret (NULL: not wanted) is to be cleared. */
bool pg_exec(struct pg_store *st, const char *sql, PGresult **ret, struct err *err);

/* ---- postgres.c ---- */
void pg_query_init(struct pg_query *q, struct pg_store *st, const struct store_text *text,
		   unsigned number);
void pg_query_finish(struct pg_query *q);
bool pg_prepare(struct pg_query *q);
int64_t pg_number(const PGresult *result, int row, int col);

/* ---- postgres_error.c ---- */
/* Sets err from a result (NULL: from the connection), and frees it. */
void pg_error(struct pg_store *st, PGresult *result, struct err *err);
/* Why no connection was made. */
void pg_connect_error(PGconn *conn, struct err *err);

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
