/* Opening and closing the mirror, and moving a broken one aside. */
#include "balie/cache.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "cache_sql.h"
#include "room.h"

#define CACHE_APPLICATION 0x42616c63 /* "Balc" */

static unsigned long long file_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (unsigned long long)st.st_ino : 0;
}

/* The log and its index belong to the file: a new one must not find them. */
static void remove_beside(const char *path)
{
	static const char *const ends[] = {"-wal", "-shm", "-journal"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *beside = xasprintf("%s%s", path, ends[i]);

		unlink(beside);
		free(beside);
	}
}

static bool move_aside(const char *path, struct err *err)
{
	char at[CLOCK_TEXT];
	char *to;
	bool ok = true;

	clock_to_rfc3339(clock_now(), at);
	to = xasprintf("%s.broken-%s", path, at);
	if (rename(path, to) < 0 && errno != ENOENT) {
		err_errno(err, _("cannot move %s aside"), path);
		ok = false;
	} else {
		remove_beside(path);
		log_line(LOG_LEVEL_WARN, "moved a cache that cannot be used to %s", to);
	}
	free(to);
	return ok;
}

static bool open_store(struct cache *c, struct err *err)
{
	unsigned flags = c->writer ? STORE_CREATE | STORE_RELAXED : STORE_READONLY | STORE_RELAXED;

	if (!store_open(&c->store, c->path, &c->schema, flags, err))
		return false;
	c->file = file_of(c->path);
	return true;
}

static bool open_or_begin_anew(struct cache *c, bool *moved, struct err *err)
{
	struct err why = {0};

	if (open_store(c, &why))
		return true;
	if (!c->writer || (why.kind != ERR_CORRUPT && why.kind != ERR_VERSION)) {
		if (err != NULL)
			*err = why;
		return false;
	}
	if (!move_aside(c->path, err) || !open_store(c, err))
		return false;
	if (moved != NULL)
		*moved = true;
	return true;
}

bool cache_open(struct cache **ret, const char *dir, bool writer, bool *moved, struct err *err)
{
	struct cache *c = xcalloc(1, sizeof(*c));
	bool ok = false;

	c->schema = (struct store_schema){
		.what = "cache",
		.application_id = CACHE_APPLICATION,
		.dialects[STORE_SQLITE] = {.migrations = cache_sqlite_migrations,
					   .migration_count = cache_sqlite_migration_count,
					   .statements = cache_sqlite_statements},
		.statement_count = CACHE_SQL_COUNT,
	};
	c->path = xasprintf("%s/cache.db", dir);
	c->writer = writer;
	c->names_version = -1;
	if (moved != NULL)
		*moved = false;
	if (!open_or_begin_anew(c, moved, err))
		goto out;
	if (writer) {
		struct arena a = {0};
		const char *seen = cache_get(c, "seen", &a);

		c->seen = seen != NULL ? strtoll(seen, NULL, 10) : 1;
		arena_finish(&a);
	}

	*ret = c;
	c = NULL;
	ok = true;
out:
	cache_close(c);
	return ok;
}

void cache_close(struct cache *c)
{
	if (c == NULL)
		return;
	store_close(c->store);
	names_destroy(c->names);
	loads_destroy(c->loads);
	pending_finish(&c->pending);
	free(c->path);
	free(c);
}

bool cache_forget(const char *dir, struct err *err)
{
	char *path = xasprintf("%s/cache.db", dir);
	bool ok = true;

	if (unlink(path) < 0 && errno != ENOENT) {
		err_errno(err, _("cannot remove %s"), path);
		ok = false;
	}
	remove_beside(path);
	free(path);
	return ok;
}

void cache_follow(struct cache *c)
{
	unsigned long long now;
	struct store *old = c->store;
	struct err err;

	if (c->writer)
		return;
	now = file_of(c->path);
	if (now == 0 || now == c->file)
		return;
	if (!open_store(c, &err)) {
		c->store = old;
		return;
	}
	store_close(old);
	c->names_version = -1;
	c->names_stamp[0] = '\0';
	c->pending.loaded = false;
}

bool cache_begin(struct cache *c, struct err *err)
{
	return store_begin(c->store, err);
}

bool cache_commit(struct cache *c, struct err *err)
{
	if (c->reference_changed) {
		struct store_query *q = store_query(c->store, CACHE_SQL_META_COUNT_UP);

		store_bind_text(q, 1, "reference");
		if (!store_run(q, err))
			return false;
		c->reference_changed = false;
	}
	if (!store_run(store_query(c->store, CACHE_SQL_TOUCHED_PRUNE), err))
		return false;
	return store_commit(c->store, err);
}

void cache_rollback(struct cache *c)
{
	struct arena a = {0};
	const char *seen;

	store_rollback(c->store);
	/* A synchronisation begun in what was rolled back has not begun. */
	seen = cache_get(c, "seen", &a);
	c->seen = seen != NULL ? strtoll(seen, NULL, 10) : 1;
	arena_finish(&a);
}

bool cache_set(struct cache *c, const char *key, const char *value, struct err *err)
{
	struct store_query *q =
		store_query(c->store, value != NULL ? CACHE_SQL_META_PUT : CACHE_SQL_META_DROP);

	store_bind_text(q, 1, key);
	if (value != NULL)
		store_bind_text(q, 2, value);
	return store_run(q, err);
}

char *cache_get(struct cache *c, const char *key, struct arena *a)
{
	struct store_query *q = store_query(c->store, CACHE_SQL_META_GET);
	char *ret = NULL;

	store_bind_text(q, 1, key);
	if (store_step(q, NULL) == STORE_ROW)
		ret = arena_strdup(a, store_column_text(q, 0));
	store_done(q);
	return ret;
}
