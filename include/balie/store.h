/* A database as the rest of the house sees it: open, migrate, named statements, typed rows. Two engines
 * stand behind it, SQLite and PostgreSQL, and nobody who calls this knows which.
 * Knows nothing of tickets. One struct store is one connection and belongs to one thread.
 *
 * Statements stand in .sql files that src/tools/sqlgen turns into a table at build time; a caller
 * names one by its number (enum made by the same tool). No SQL is ever made at run time. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/err.h"
#include "balie/field.h"
#include "balie/mem.h"

struct store;
struct store_query; /* a prepared statement of one connection */

struct store_text {
	const char *name, *sql;
	/* "COPY table (columns) FROM STDIN" when the statement's rows can go in that way, else NULL */
	const char *copy;
};
enum store_engine { STORE_SQLITE, STORE_POSTGRES, STORE_ENGINES };
/* What one engine is told. All NULL and 0 for an engine that the database is not made for. */
struct store_dialect {
	const struct store_text
		*migrations; /* in order; number n brings the schema to version n+1 */
	size_t migration_count;
	const struct store_text *statements; /* by the same numbers on each engine */
};
/* What a database is made of. Lives as long as the program. */
struct store_schema {
	const char *what;	 /* "cache", "work", "town": for messages */
	uint32_t application_id; /* whose database this is; in the file's header on SQLite */
	struct store_dialect dialects[STORE_ENGINES];
	size_t statement_count;
};

enum store_flag {
	STORE_READONLY = 1,
	STORE_CREATE = 2,  /* make it when it is not there, mode 0600 */
	STORE_PREPARE = 4, /* prepare every statement now, so that a wrong one is found at start */
	STORE_RELAXED = 8, /* synchronous=NORMAL: a power cut may lose the last transactions but
				 * never corrupts (mirrors that can be fetched again) */
	STORE_MAPPED = 16, /* read through mapped memory: faster on a large file, and counted as
				 * memory of this program, so for a service and not for a client */
	STORE_BULK = 32,   /* for filling a database with millions of rows: SQLite gets a cache of
			    * 400 MB; PostgreSQL gathers within a transaction what is only written,
			    * and sends it by COPY and in pipeline mode before it must be seen and at
			    * the commit, so that a failure may be told later than where it began */
	STORE_TIDIED = 64, /* another connection empties the log of SQLite, by store_tidy(), so that
			    * no commit here waits for that */
};

/* Makes store_open() know PostgreSQL. In a library of its own (store_postgres), which the client does
 * not link. Call it before any thread is started. */
void store_know_postgres(void);
/* The engine that a URL asks for, known or not. */
enum store_engine store_engine_of(const char *url);
/* Adds the URL as it may be shown: without a password. */
void store_show_url(const char *url, struct buf *ret);

/* Opens url and, unless STORE_READONLY, brings the schema up to date, each migration in its own
 * transaction.
 * "sqlite:PATH", or a bare path: WAL, foreign keys on, synchronous=FULL (see STORE_RELAXED), busy
 * timeout 5 s; each pragma is read back.
 * "postgresql://…": a URL of libpq (PostgreSQL 15, 34.1.1.2), whose database must exist. STORE_CREATE
 * makes the tables in an empty one. A connection that breaks is made again at the next use; what was
 * in a transaction then fails with ERR_NET until it is rolled back.
 * ERR_VERSION when the file is of a newer program, ERR_CORRUPT when it is no database or not ours,
 * ERR_NOT_FOUND without STORE_CREATE, ERR_DENIED, ERR_FULL. With STORE_READONLY the file must be
 * there and up to date: ERR_NOT_FOUND while it is empty, ERR_BUSY while it is older. */
bool store_open(struct store **ret, const char *url, const struct store_schema *schema,
		unsigned flags, struct err *err);
void store_close(struct store *st);

/* Transactions: begin takes the write lock at once, on PostgreSQL too: there is one writer at a time
 * over all connections of all services, so what it reads stays true until its commit, and numbers
 * that it hands out are published in their order. A writer that is silent for 8 s within its
 * transaction is cut off. Not nested; savepoints are for a part that may fail alone, and after a
 * failure in one it must be rolled back before anything else. */
bool store_begin(struct store *st, struct err *err);
bool store_begin_read(struct store *st, struct err *err); /* one snapshot over several queries,
								 * which are also faster for it */
/* False with ERR_NET: the connection broke, and nobody knows whether the transaction was kept. With
 * any other error it was not. store_rollback() is right in both cases. */
bool store_commit(struct store *st, struct err *err);
void store_rollback(struct store *st); /* does nothing outside a transaction */
bool store_savepoint(struct store *st, struct err *err);
bool store_release(struct store *st, struct err *err);
void store_rollback_to(struct store *st); /* and releases the savepoint */
bool store_in_transaction(const struct store *st);

/* The statement with that number, reset and with nothing bound. Prepared on first use. Never NULL:
 * a statement that cannot be prepared fails when it is stepped. Owned by the store. */
struct store_query *store_query(struct store *st, unsigned statement);
/* Parameters from 1. Text and blobs are not copied: they must live until the query is done. */
void store_bind_text(struct store_query *q, int i, const char *text); /* NULL binds null */
void store_bind_int(struct store_query *q, int i, int64_t value);
void store_bind_int_or_null(struct store_query *q, int i, int64_t value); /* 0 binds null */
void store_bind_blob(struct store_query *q, int i, const void *data, size_t len);
void store_bind_null(struct store_query *q, int i);
/* Binds fields of a struct from parameter first on, in the table's order. */
void store_bind_fields(struct store_query *q, int first, const struct field *fields, size_t count,
		       const void *from);

enum store_step { STORE_ROW, STORE_DONE, STORE_FAILED };
/* Failures say ERR_FULL, ERR_BUSY, ERR_CORRUPT, ERR_DENIED, ERR_IO; ERR_CONFLICT when the row is there
 * already (primary key or unique index), ERR_DB for the other constraints. After ERR_FULL or ERR_IO
 * the transaction may be gone: store_rollback() is right in both cases. */
enum store_step store_step(struct store_query *q, struct err *err);
/* Steps to the end and resets; for statements without rows. */
bool store_run(struct store_query *q, struct err *err);
/* Columns from 0, valid until the next step. Text is NULL for null. */
const char *store_column_text(struct store_query *q, int col);
int64_t store_column_int(struct store_query *q, int col);
const void *store_column_blob(struct store_query *q, int col, size_t *ret_len);
enum store_type { STORE_NULL, STORE_INT, STORE_TEXT, STORE_BLOB };
enum store_type store_column_type(struct store_query *q, int col);
bool store_column_null(struct store_query *q, int col);
/* Fills a struct from the columns from first on, in the table's order; text goes into a. An unknown
 * word of a FIELD_WORD becomes 0. */
void store_column_fields(struct store_query *q, int first, const struct field *fields, size_t count,
			 void *ret, struct arena *a);
int store_column_count(struct store_query *q);
const char *store_column_name(struct store_query *q, int col);
/* Resets a query that was not stepped to its end. Always call it: an open reader keeps the log long. */
void store_done(struct store_query *q);
int64_t store_changes(const struct store *st); /* rows that the last run changed */
/* Integrity and foreign keys; ERR_CORRUPT with the first finding. */
bool store_check(struct store *st, struct err *err);
/* Copies the database as it is now, also while others write, to a new file at path (mode 0600).
 * The caller syncs the file when it has done with it. Only SQLite: ERR_INPUT on PostgreSQL, which has programs of its own for it. */
bool store_backup(struct store *st, const char *path, struct err *err);
/* Around the filling of a database that has no rows yet, opened with STORE_BULK, outside transactions:
 * PostgreSQL puts its indexes and foreign keys away and makes them again at the end, which finds rows
 * that point nowhere (ERR_DB). In between it can be opened with STORE_BULK only (ERR_BUSY). A filling
 * that was broken off may be begun again, but only its caller can know how far it came: one that does
 * not can only begin with an empty database. */
bool store_fill_begin(struct store *st, struct err *err);
bool store_fill_end(struct store *st, struct err *err);
/* A number that changes when another connection has committed (PRAGMA data_version; NOTIFY), and when
 * a connection was broken, since nobody knows what was missed. */
int64_t store_data_version(struct store *st);
/* With STORE_TIDIED: how many pages stood in the log after the last commit here, also those that were
 * moved out of it already; it begins anew when it is empty. On PostgreSQL always 0. */
int64_t store_log_pages(const struct store *st);
/* Moves what stands in the log into the file, beside who writes and who reads. PostgreSQL does so by
 * itself. */
bool store_tidy(struct store *st, struct err *err);
/* Within a transaction: after its commit every connection that hears gets this text (at most 7,000
 * bytes), this one's own process too. SQLite has one service on a file: nobody hears it. */
bool store_tell(struct store *st, const char *text, struct err *err);
/* Adds the next text that was told since the first call to ret; false when there is none now. Texts are
 * lost while the connection is broken (see store_data_version()). */
bool store_hear(struct store *st, struct buf *ret);
