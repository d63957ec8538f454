/* What the tests of the store share: a schema, a struct for its rows, and a folder. */
#pragma once
#include "check.h"

#include <stdbool.h>
#include <stdint.h>

#include "balie/err.h"
#include "balie/field.h"
#include "balie/mem.h"
#include "balie/store.h"

struct thing {
	const char *id, *name, *body;
	int64_t count;
	bool done;
	int64_t at;
	const char *born;
	int colour;
	const char *extra;
};

#define THING_FIELDS 9
extern const struct field thing_fields[THING_FIELDS];
extern const struct store_schema things_schema;
/* The schema as a program that knows only the first migrations has it. */
struct store_schema things_until(size_t migrations);

extern struct arena things_arena;
extern struct err things_err;

/* Whether the test runs on PostgreSQL (BALIE_ENGINE); if so its server is the test's own. */
bool things_postgres(void);
/* One of two: the first on SQLite. */
const char *things_either(const char *sqlite, const char *postgres);
/* The URL of a database that is there for nobody else, and still empty. */
const char *things_fresh(void);
/* A path in this test's own folder; the folder goes with things_finish(). */
const char *things_path(const char *name);
int things_start(void **state);
int things_finish(void **state);

struct store *things_open(const char *path, unsigned flags);
void things_refuse(const char *url, const struct store_schema *schema, unsigned flags,
		   enum err_kind kind, const char *part);
/* Six threads make or open it at the same time, and none is refused. */
void things_open_at_once(const char *url);
void things_put(struct store *st, const char *id);
int64_t things_count(struct store *st);
/* Runs SQL of the test's own, past the store; path may be a URL. */
void things_raw(const char *path, const char *sql);
/* The first text of the first row. */
const char *things_ask(const char *path, const char *sql);
void things_check_err(enum err_kind kind, const char *part);
