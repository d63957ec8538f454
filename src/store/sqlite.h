/* The SQLite engine, shared by the two files that make it. Nothing outside this room sees it. */
#pragma once
#include <sqlite3.h>

#include "balie/store.h"

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

struct store_query {
	struct store *st;
	const struct store_text *text;
	sqlite3_stmt *stmt;
	struct err err; /* why it cannot run: told when it is stepped */
};

struct store {
	sqlite3 *db;
	const struct store_schema *schema;
	char *path;
	struct store_query *queries; /* one a statement of the schema */
	struct store_query control[CONTROL_COUNT];
};

#define STORE_BUSY_MS 5000

static inline const struct store_dialect *sqlite_dialect(const struct store *st)
{
	return &st->schema->dialects[STORE_SQLITE];
}

/* Sets err from what SQLite said last on this connection, without naming the file. */
void sqlite_error(struct store *st, struct err *err);
/* Prepares q if that was not done; what goes wrong stays in q->err. */
void sqlite_prepare(struct store_query *q);
