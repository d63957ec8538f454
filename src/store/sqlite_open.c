/* SQLite: opening a file, making sure that it is ours, and bringing its schema up to date. */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balie/i18n.h"

#define MEMORY ":memory:"
#define LOG_PAGES_MAX 12000 /* 48 MB */
#define RETRY_MS 20
#define NOTHING INT64_MIN /* no pragma answers this */

static const struct store_text control_texts[CONTROL_COUNT] = {
	[CONTROL_BEGIN] = {"begin", "BEGIN IMMEDIATE"},
	[CONTROL_BEGIN_READ] = {"begin", "BEGIN"},
	[CONTROL_COMMIT] = {"commit", "COMMIT"},
	[CONTROL_ROLLBACK] = {"rollback", "ROLLBACK"},
	[CONTROL_SAVEPOINT] = {"savepoint", "SAVEPOINT part"},
	[CONTROL_RELEASE] = {"release", "RELEASE part"},
	[CONTROL_ROLLBACK_TO] = {"rollback to", "ROLLBACK TO part"},
	[CONTROL_DATA_VERSION] = {"data version", "PRAGMA data_version"},
};

static struct sqlite_store *store_make(const struct store_schema *schema, const char *path)
{
	struct sqlite_store *st = xcalloc(1, sizeof(*st));

	st->base.driver = &sqlite_driver;
	st->base.schema = schema;
	st->path = xstrdup(path);
	st->queries = xcalloc(schema->statement_count, sizeof(*st->queries));
	for (size_t i = 0; i < schema->statement_count; i++)
		st->queries[i] = (struct sqlite_query){
			.base = {&st->base}, .text = &schema->dialects[STORE_SQLITE].statements[i]};
	for (int i = 0; i < CONTROL_COUNT; i++)
		st->control[i] =
			(struct sqlite_query){.base = {&st->base}, .text = &control_texts[i]};
	return st;
}

void sqlite_close(struct store *base)
{
	struct sqlite_store *st = sqlite_of(base);

	if (st == NULL)
		return;
	for (size_t i = 0; i < st->base.schema->statement_count; i++)
		sqlite3_finalize(st->queries[i].stmt);
	for (int i = 0; i < CONTROL_COUNT; i++)
		sqlite3_finalize(st->control[i].stmt);
	sqlite3_close(st->db);
	free(st->queries);
	free(st->path);
	free(st);
}

/* ---- pragmas ---- */

/* Runs a pragma or another statement with one number as its answer; an answer is not required. */
static bool ask_number(struct sqlite_store *st, const char *sql, int64_t *ret, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool ok = false;
	int rc;

	if (sqlite3_prepare_v2(st->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		goto out;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && ret != NULL)
		*ret = sqlite3_column_int64(stmt, 0);
	ok = rc == SQLITE_ROW || rc == SQLITE_DONE;
out:
	if (!ok)
		sqlite_error(st, err);
	sqlite3_finalize(stmt);
	return ok;
}

struct pragma {
	const char *set, *ask;
	int64_t wanted;
};

/* Asks back what was set: SQLite ignores what it does not know without a word. */
static bool set_pragma(struct sqlite_store *st, const struct pragma *pragma, struct err *err)
{
	int64_t is = NOTHING;

	if (!ask_number(st, pragma->set, NULL, err) || !ask_number(st, pragma->ask, &is, err))
		return false;
	if (is != pragma->wanted) {
		err_set(err, ERR_DB, "%s: SQLite answers %" PRId64, pragma->set, is);
		return false;
	}
	return true;
}

static bool has_mode(struct sqlite_store *st, const char *sql, const char *mode, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool ret = false;

	if (sqlite3_prepare_v2(st->db, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		sqlite_error(st, err);
	else if (!(ret = strcmp((const char *)sqlite3_column_text(stmt, 0), mode) == 0))
		err_set(err, ERR_DB, "journal mode is %s, not %s", sqlite3_column_text(stmt, 0),
			mode);
	sqlite3_finalize(stmt);
	return ret;
}

/* The busy timeout does not cover the change to WAL, which two programs that start together on a new
 * file both want to make. */
static bool set_wal(struct sqlite_store *st, struct err *err)
{
	struct err why = {0};

	if (strcmp(st->path, MEMORY) == 0 || has_mode(st, "PRAGMA journal_mode", "wal", NULL))
		return true;
	for (int waited = 0; waited < STORE_BUSY_MS; waited += RETRY_MS) {
		if (has_mode(st, "PRAGMA journal_mode=WAL", "wal", &why))
			return true;
		if (why.kind != ERR_BUSY)
			break;
		sqlite3_sleep(RETRY_MS);
	}
	err_set(err, why.kind, "%s", why.text);
	return false;
}

/* After each commit. Who tidies the log cannot overtake a writer that never rests: before it grows without
 * end, this connection takes the rest of it, and it begins anew. */
static int note_log(void *user, sqlite3 *db, const char *name, int pages)
{
	struct sqlite_store *st = user;

	st->log_pages = pages;
	if (pages >= LOG_PAGES_MAX)
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

static bool set_pragmas(struct sqlite_store *st, unsigned flags, struct err *err)
{
	static const struct pragma always[] = {
		{"PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", 1},
		{"PRAGMA temp_store=MEMORY", "PRAGMA temp_store", 2},
	};
	static const struct pragma small = {"PRAGMA cache_size=-2000", "PRAGMA cache_size", -2000};
	static const struct pragma middle = {"PRAGMA cache_size=-8000", "PRAGMA cache_size", -8000};
	static const struct pragma large = {"PRAGMA cache_size=-400000", "PRAGMA cache_size",
					    -400000};
	static const struct pragma full = {"PRAGMA synchronous=FULL", "PRAGMA synchronous", 2};
	static const struct pragma relaxed = {"PRAGMA synchronous=NORMAL", "PRAGMA synchronous", 1};
	static const struct pragma limit = {"PRAGMA journal_size_limit=67108864",
					    "PRAGMA journal_size_limit", 67108864};

	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		if (!set_pragma(st, &always[i], err))
			return false;
	/* Only for speed; SQLite maps no more than this, and how much of it the system grants is its own
	 * affair. */
	if ((flags & STORE_MAPPED) != 0 &&
	    !ask_number(st, "PRAGMA mmap_size=2147418112", NULL, err))
		return false;
	if (!set_pragma(st,
			(flags & STORE_BULK) != 0     ? &large
			: (flags & STORE_MAPPED) != 0 ? &middle
						      : &small,
			err))
		return false;
	if ((flags & STORE_READONLY) != 0)
		return true;
	if ((flags & STORE_TIDIED) != 0)
		sqlite3_wal_hook(st->db, note_log, st);
	return set_wal(st, err) && set_pragma(st, &limit, err) &&
	       set_pragma(st, (flags & STORE_RELAXED) != 0 ? &relaxed : &full, err);
}

/* ---- whose file is it, and how old ---- */

struct header {
	int64_t version, id;
	int64_t changes; /* of the schema, ever; 0 when nothing was made yet */
};

/* In one snapshot: another program may be making the file just now. */
static bool read_header(struct sqlite_store *st, struct header *ret, struct err *err)
{
	bool ours = !sqlite_in_transaction(&st->base), ok;

	if (ours && !sqlite_begin_read(&st->base, err))
		return false;
	ok = ask_number(st, "PRAGMA user_version", &ret->version, err) &&
	     ask_number(st, "PRAGMA application_id", &ret->id, err) &&
	     ask_number(st, "PRAGMA schema_version", &ret->changes, err);
	if (ours)
		sqlite_rollback(&st->base);
	return ok;
}

/* Finds the version of the schema; 0 for an empty file. */
static bool read_version(struct sqlite_store *st, int64_t *ret, struct err *err)
{
	struct header header = {0};

	if (!read_header(st, &header, err))
		return false;
	if (header.version == 0 && header.id == 0 && header.changes == 0) {
		*ret = 0;
		return true;
	}
	if ((uint32_t)header.id != st->base.schema->application_id || header.version <= 0) {
		err_set(err, ERR_CORRUPT, _("it is a database of another program or kind"));
		return false;
	}
	if (header.version > (int64_t)sqlite_dialect(st)->migration_count) {
		err_set(err, ERR_VERSION,
			_("it was made by a newer version of this program (%d, we know %d)"),
			(int)header.version, (int)sqlite_dialect(st)->migration_count);
		return false;
	}
	*ret = header.version;
	return true;
}

/* ---- migrations ---- */

/* A pragma takes no parameters, so here alone a number of ours is written into one. Signed, since
 * SQLite makes 0 of what does not fit in 31 bits. */
static bool set_header(struct sqlite_store *st, const char *fmt, int32_t value, struct err *err)
{
	char sql[64];

	/* cppcheck-suppress wrongPrintfScanfArgNum */
	snprintf(sql, sizeof(sql), fmt, value);
	return ask_number(st, sql, NULL, err);
}

static bool run_script(struct sqlite_store *st, const struct store_text *script, struct err *err)
{
	int64_t broken = NOTHING;

	if (sqlite3_exec(st->db, script->sql, NULL, NULL, NULL) != SQLITE_OK) {
		sqlite_error(st, err);
		return false;
	}
	if (!sqlite_in_transaction(&st->base)) {
		err_set(err, ERR_INTERNAL, "the migration ends its own transaction");
		return false;
	}
	/* Keys are off while tables are rebuilt, so they are all looked at afterwards: one row a
	 * finding, which starts with the name of a table and so reads as 0. */
	if (!ask_number(st, "PRAGMA foreign_key_check", &broken, err))
		return false;
	if (broken != NOTHING) {
		err_set(err, ERR_CORRUPT, _("rows point to rows that are gone"));
		return false;
	}
	return true;
}

/* One step, in its own transaction together with the new version. */
static bool migrate_one(struct sqlite_store *st, int64_t *version, struct err *err)
{
	const struct store_text *script;
	bool ok = false;

	if (!sqlite_begin(&st->base, err))
		return false;
	/* Again, now that nobody else can: another program may have just done it. */
	if (!read_version(st, version, err))
		goto out;
	if (*version == (int64_t)sqlite_dialect(st)->migration_count) {
		ok = true;
		goto out;
	}
	if (*version == 0 && !set_header(st, "PRAGMA application_id=%" PRId32,
					 (int32_t)st->base.schema->application_id, err))
		goto out;
	script = &sqlite_dialect(st)->migrations[*version];
	if (!run_script(st, script, err)) {
		err_prefix(err, _("bringing it up to date with '%s'"), script->name);
		goto out;
	}
	if (!set_header(st, "PRAGMA user_version=%" PRId32, (int32_t)(*version + 1), err))
		goto out;
	ok = sqlite_commit(&st->base, err);
	if (ok)
		(*version)++;
out:
	sqlite_rollback(&st->base);
	return ok;
}

static bool migrate(struct sqlite_store *st, int64_t version, struct err *err)
{
	static const struct pragma off = {"PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys", 0};
	static const struct pragma on = {"PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", 1};
	int64_t last = (int64_t)sqlite_dialect(st)->migration_count;

	if (version == last)
		return true;
	/* Inside a transaction this pragma does nothing. */
	if (!set_pragma(st, &off, err))
		return false;
	while (version < last)
		if (!migrate_one(st, &version, err))
			return false;
	return set_pragma(st, &on, err);
}

/* ---- opening ---- */

static bool find_path(const char *url, const char **ret, struct err *err)
{
	*ret = strncmp(url, "sqlite:", 7) == 0 ? url + 7 : url;
	if (**ret == '\0') {
		err_set(err, ERR_INPUT, _("the name of the database is empty"));
		return false;
	}
	return true;
}

/* Makes the file with the mode that it must have; SQLite would ask the umask, and gives its log the
 * mode of the file. */
static bool find_file(const char *path, unsigned flags, struct err *err)
{
	struct stat info;
	int fd;

	if (strcmp(path, MEMORY) == 0)
		return true;
	if ((flags & (STORE_CREATE | STORE_READONLY)) == STORE_CREATE) {
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
		else if (errno != EEXIST) {
			err_errno(err, _("cannot make it"));
			return false;
		}
	}
	if (stat(path, &info) != 0) {
		err_errno(err, _("cannot open it"));
		return false;
	}
	if (!S_ISREG(info.st_mode)) {
		err_set(err, ERR_INPUT, _("it is no file"));
		return false;
	}
	return true;
}

static bool open_db(struct sqlite_store *st, unsigned flags, struct err *err)
{
	int how = (flags & STORE_READONLY) != 0 ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

	if (sqlite3_open_v2(st->path, &st->db, how | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
			    NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(st->db, STORE_BUSY_MS) != SQLITE_OK ||
	    /* "text" is a misspelled column, never a string. */
	    sqlite3_db_config(st->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL) != SQLITE_OK ||
	    sqlite3_db_config(st->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL) != SQLITE_OK ||
	    sqlite3_db_config(st->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK) {
		sqlite_error(st, err);
		return false;
	}
	/* SQLite opens for reading alone, and says nothing, what it may not write. */
	if ((flags & STORE_READONLY) == 0 && sqlite3_db_readonly(st->db, "main") == 1) {
		errno = EACCES;
		err_errno(err, _("cannot write it"));
		return false;
	}
	return true;
}

/* What a reader needs, when nobody has made or renewed the file yet. */
static bool check_current(const struct sqlite_store *st, int64_t version, struct err *err)
{
	if (version == (int64_t)sqlite_dialect(st)->migration_count)
		return true;
	if (version == 0)
		err_set(err, ERR_NOT_FOUND, _("it is still empty"));
	else
		err_set(err, ERR_BUSY, _("it must be brought up to date first"));
	return false;
}

static bool prepare_all(struct sqlite_store *st, struct err *err)
{
	for (size_t i = 0; i < st->base.schema->statement_count; i++) {
		sqlite_prepare(&st->queries[i]);
		if (st->queries[i].err.kind != ERR_NONE) {
			err_set(err, st->queries[i].err.kind, "%s", st->queries[i].err.text);
			return false;
		}
	}
	return true;
}

bool sqlite_open(struct store **ret, const char *url, const struct store_schema *schema,
		 unsigned flags, struct err *err)
{
	struct sqlite_store *st = NULL;
	const char *path;
	int64_t version;
	bool ok = false;

	if (!find_path(url, &path, err))
		return false;
	if (!find_file(path, flags, err))
		goto out;
	st = store_make(schema, path);
	/* Whose it is comes before the pragmas: a file of another program is left as it was. */
	if (!open_db(st, flags, err) || !read_version(st, &version, err) ||
	    !set_pragmas(st, flags, err))
		goto out;
	if ((flags & STORE_READONLY) != 0 ? !check_current(st, version, err)
					  : !migrate(st, version, err))
		goto out;
	if ((flags & STORE_PREPARE) != 0 && !prepare_all(st, err))
		goto out;
	*ret = &st->base;
	st = NULL;
	ok = true;
out:
	if (st != NULL)
		sqlite_close(&st->base);
	if (!ok)
		err_prefix(err, "%s %s", schema->what, path);
	return ok;
}
