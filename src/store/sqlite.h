/* The SQLite engine, shared by the two files that make it. Nothing outside this room sees it. */
#pragma once
#include <sqlite3.h>

#include "driver.h"

/* Statements of our own that every connection needs; prepared on first use like the others. */
enum control {
	CONTROL_BEGIN,
	CONTROL_BEGIN_READ,
	CONTROL_COMMIT,
	CONTROL_ROLLBACK,
	CONTROL_SAVEPOINT,
	CONTROL_RELEASE,
	CONTROL_ROLLBACK_TO,
	CONTROL_DATA_VERSION,
	CONTROL_COUNT
};

struct sqlite_query {
	struct store_query base;
	const struct store_text *text;
	sqlite3_stmt *stmt;
	struct err err; /* why it cannot run: told when it is stepped */
};

struct sqlite_store {
	struct store base;
	sqlite3 *db;
	char *path;
	struct sqlite_query *queries; /* one a statement of the schema */
	struct sqlite_query control[CONTROL_COUNT];
	int64_t log_pages; /* with STORE_TIDIED */
};

#define STORE_BUSY_MS 5000

static inline const struct store_dialect *sqlite_dialect(const struct sqlite_store *st)
{
	return &st->base.schema->dialects[STORE_SQLITE];
}

/* Sets err from what SQLite said last on this connection, without naming the file. */
void sqlite_error(struct sqlite_store *st, struct err *err);
/* Prepares q if that was not done; what goes wrong stays in q->err. */
void sqlite_prepare(struct sqlite_query *q);
bool sqlite_open(struct store **ret, const char *url, const struct store_schema *schema,
		 unsigned flags, struct err *err);
void sqlite_close(struct store *st);
/* Transactions, as the driver has them. */
bool sqlite_begin(struct store *st, struct err *err);
bool sqlite_begin_read(struct store *st, struct err *err);
bool sqlite_commit(struct store *st, struct err *err);
void sqlite_rollback(struct store *st);
bool sqlite_in_transaction(const struct store *st);
bool sqlite_backup(struct store *st, const char *path, struct err *err);

static inline struct sqlite_store *sqlite_of(const struct store *st)
{
	return (struct sqlite_store *)(uintptr_t)st;
}
