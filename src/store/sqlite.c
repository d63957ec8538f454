/* SQLite: statements, transactions, checks. How a file is opened stands in sqlite_open.c. */
#include "sqlite.h"

#include <errno.h>
#include <string.h>

#include "balie/i18n.h"

/* ---- errors ---- */

static void io_error(struct sqlite_store *st, struct err *err)
{
	int error = sqlite3_system_errno(st->db);

	if (error == 0) {
		err_set(err, ERR_IO, _("cannot read or write it (%s)"), sqlite3_errmsg(st->db));
		return;
	}
	/* A full disk shows here when it is the log's index that cannot grow. */
	errno = error;
	err_errno(err, _("cannot read or write it"));
}

static void constraint_error(struct sqlite_store *st, struct err *err)
{
	enum err_kind kind = ERR_DB;

	switch (sqlite3_extended_errcode(st->db)) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		kind = ERR_CONFLICT;
		break;
	}
	err_set(err, kind, "%s", sqlite3_errmsg(st->db));
}

void sqlite_error(struct sqlite_store *st, struct err *err)
{
	const char *words = st->db != NULL ? sqlite3_errmsg(st->db) : _("out of memory");

	switch (sqlite3_errcode(st->db) & 0xff) {
	case SQLITE_FULL:
		err_set(err, ERR_FULL, _("the disk is full"));
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		err_set(err, ERR_BUSY, _("it is locked by another program"));
		break;
	case SQLITE_NOTADB:
		err_set(err, ERR_CORRUPT, _("the file is no database"));
		break;
	case SQLITE_CORRUPT:
		err_set(err, ERR_CORRUPT, _("the file is damaged (%s)"), words);
		break;
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		err_set(err, ERR_DENIED, _("not allowed to open or change it (%s)"), words);
		break;
	case SQLITE_IOERR:
		io_error(st, err);
		break;
	case SQLITE_CONSTRAINT:
		constraint_error(st, err);
		break;
	case SQLITE_TOOBIG:
		err_set(err, ERR_INPUT, _("the text is too long to keep"));
		break;
	case SQLITE_NOMEM:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		err_set(err, ERR_INTERNAL, "%s", words);
		break;
	default: /* an int of SQLite's, no enum of ours */
		err_set(err, ERR_DB, "%s", words);
		break;
	}
}

/* ---- statements ---- */

static struct sqlite_query *query_of(struct store_query *q)
{
	return (struct sqlite_query *)q;
}

static struct sqlite_store *store_of(const struct sqlite_query *q)
{
	return sqlite_of(q->base.st);
}

static void name_statement(struct sqlite_query *q, struct err *err)
{
	err_prefix(err, "%s %s", q->base.st->schema->what, q->text->name);
}

void sqlite_prepare(struct sqlite_query *q)
{
	struct sqlite_store *st = store_of(q);

	q->err.kind = ERR_NONE;
	if (q->stmt != NULL)
		return;
	if (sqlite3_prepare_v3(st->db, q->text->sql, -1, SQLITE_PREPARE_PERSISTENT, &q->stmt,
			       NULL) != SQLITE_OK) {
		sqlite_error(st, &q->err);
	} else if (q->stmt == NULL) {
		err_set(&q->err, ERR_INTERNAL, "it is empty");
	}
	if (q->err.kind != ERR_NONE)
		name_statement(q, &q->err);
}

static struct store_query *query_start(struct sqlite_query *q)
{
	sqlite_prepare(q);
	if (q->stmt != NULL) {
		sqlite3_reset(q->stmt);
		sqlite3_clear_bindings(q->stmt);
	}
	return &q->base;
}

static struct store_query *query(struct store *st, unsigned statement)
{
	return query_start(&sqlite_of(st)->queries[statement]);
}

static void bind_result(struct sqlite_query *q, int rc)
{
	if (rc == SQLITE_OK || q->err.kind != ERR_NONE)
		return;
	sqlite_error(store_of(q), &q->err);
	name_statement(q, &q->err);
}

static void bind_text(struct store_query *base, int i, const char *text)
{
	struct sqlite_query *q = query_of(base);

	if (q->stmt != NULL)
		bind_result(q, sqlite3_bind_text64(q->stmt, i, text, strlen(text), SQLITE_STATIC,
						   SQLITE_UTF8));
}

static void bind_int(struct store_query *base, int i, int64_t value)
{
	struct sqlite_query *q = query_of(base);

	if (q->stmt != NULL)
		bind_result(q, sqlite3_bind_int64(q->stmt, i, value));
}

static void bind_blob(struct store_query *base, int i, const void *data, size_t len)
{
	struct sqlite_query *q = query_of(base);

	if (q->stmt != NULL)
		bind_result(q, sqlite3_bind_blob64(q->stmt, i, data, len, SQLITE_STATIC));
}

static void bind_null(struct store_query *base, int i)
{
	struct sqlite_query *q = query_of(base);

	if (q->stmt != NULL)
		bind_result(q, sqlite3_bind_null(q->stmt, i));
}

static enum store_step step(struct store_query *base, struct err *err)
{
	struct sqlite_query *q = query_of(base);
	enum store_step ret = STORE_FAILED;

	if (q->err.kind != ERR_NONE) {
		err_set(err, q->err.kind, "%s", q->err.text);
		return STORE_FAILED;
	}
	switch (sqlite3_step(q->stmt)) {
	case SQLITE_ROW:
		return STORE_ROW;
	case SQLITE_DONE:
		ret = STORE_DONE;
		break;
	default: /* an int of SQLite's, no enum of ours */
		sqlite_error(store_of(q), err);
		name_statement(q, err);
		break;
	}
	/* At once: a statement left open would keep its snapshot and the log would grow. */
	sqlite3_reset(q->stmt);
	return ret;
}

static const char *column_text(struct store_query *q, int col)
{
	return (const char *)sqlite3_column_text(query_of(q)->stmt, col);
}

static int64_t column_int(struct store_query *q, int col)
{
	return sqlite3_column_int64(query_of(q)->stmt, col);
}

static const void *column_blob(struct store_query *q, int col, size_t *ret_len)
{
	const void *data = sqlite3_column_blob(query_of(q)->stmt, col);

	*ret_len = (size_t)sqlite3_column_bytes(query_of(q)->stmt, col);
	return data;
}

static enum store_type column_type(struct store_query *q, int col)
{
	switch (sqlite3_column_type(query_of(q)->stmt, col)) {
	case SQLITE_INTEGER:
	case SQLITE_FLOAT: /* no column of ours holds one */
		return STORE_INT;
	case SQLITE_TEXT:
		return STORE_TEXT;
	case SQLITE_BLOB:
		return STORE_BLOB;
	default: /* an int of SQLite's, no enum of ours */
		return STORE_NULL;
	}
}

static int column_count(struct store_query *q)
{
	return query_of(q)->stmt != NULL ? sqlite3_column_count(query_of(q)->stmt) : 0;
}

static const char *column_name(struct store_query *q, int col)
{
	return query_of(q)->stmt != NULL ? sqlite3_column_name(query_of(q)->stmt, col) : NULL;
}

static void done(struct store_query *q)
{
	if (query_of(q)->stmt != NULL)
		sqlite3_reset(query_of(q)->stmt);
}

/* ---- transactions ---- */

static bool control_run(struct store *st, enum control which, struct err *err)
{
	return store_run(query_start(&sqlite_of(st)->control[which]), err);
}

bool sqlite_begin(struct store *st, struct err *err)
{
	return control_run(st, CONTROL_BEGIN, err);
}

bool sqlite_begin_read(struct store *st, struct err *err)
{
	return control_run(st, CONTROL_BEGIN_READ, err);
}

bool sqlite_commit(struct store *st, struct err *err)
{
	return control_run(st, CONTROL_COMMIT, err);
}

void sqlite_rollback(struct store *st)
{
	/* SQLite has rolled back by itself after a full disk and the like. */
	if (sqlite_in_transaction(st))
		control_run(st, CONTROL_ROLLBACK, NULL);
}

static bool savepoint(struct store *st, struct err *err)
{
	return control_run(st, CONTROL_SAVEPOINT, err);
}

static bool release(struct store *st, struct err *err)
{
	return control_run(st, CONTROL_RELEASE, err);
}

static void rollback_to(struct store *st)
{
	control_run(st, CONTROL_ROLLBACK_TO, NULL);
	control_run(st, CONTROL_RELEASE, NULL);
}

bool sqlite_in_transaction(const struct store *st)
{
	return sqlite3_get_autocommit(sqlite_of(st)->db) == 0;
}

/* ---- what else there is to know ---- */

static int64_t changes(const struct store *st)
{
	return sqlite3_changes64(sqlite_of(st)->db);
}

static int64_t data_version(struct store *st)
{
	struct store_query *q = query_start(&sqlite_of(st)->control[CONTROL_DATA_VERSION]);
	int64_t ret = 0;

	if (step(q, NULL) == STORE_ROW)
		ret = column_int(q, 0);
	done(q);
	return ret;
}

static int64_t log_pages(const struct store *st)
{
	return sqlite_of(st)->log_pages;
}

static bool tidy(struct store *base, struct err *err)
{
	struct sqlite_store *st = sqlite_of(base);

	if (sqlite3_wal_checkpoint_v2(st->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) ==
	    SQLITE_OK)
		return true;
	sqlite_error(st, err);
	return false;
}

static bool check(struct store *base, struct err *err)
{
	static const struct store_text integrity = {.name = "integrity",
						    .sql = "PRAGMA integrity_check(1)"};
	static const struct store_text keys = {.name = "foreign keys",
					       .sql = "PRAGMA foreign_key_check"};
	struct sqlite_store *st = sqlite_of(base);
	struct sqlite_query q = {.base = {base}, .text = &integrity};
	enum store_step got;
	bool ok = false;

	got = step(query_start(&q), err);
	if (got != STORE_ROW)
		goto out;
	if (strcmp(column_text(&q.base, 0), "ok") != 0) {
		err_set(err, ERR_CORRUPT, _("%s %s: the file is damaged (%s)"), base->schema->what,
			st->path, column_text(&q.base, 0));
		goto out;
	}
	sqlite3_finalize(q.stmt);
	q = (struct sqlite_query){.base = {base}, .text = &keys};
	got = step(query_start(&q), err);
	if (got == STORE_ROW)
		err_set(err, ERR_CORRUPT,
			_("%s %s: a row of %s points to a row of %s that is gone"),
			base->schema->what, st->path, column_text(&q.base, 0),
			column_text(&q.base, 2));
	ok = got == STORE_DONE;
out:
	sqlite3_finalize(q.stmt);
	return ok;
}

/* Its indexes cost little enough while rows come in the order of their keys. */
static bool fill(struct store *st, struct err *err)
{
	(void)st;
	(void)err;
	return true;
}

/* One program writes a file: who waits in it is told by the program's own bell. */
static bool tell(struct store *st, const char *text, struct err *err)
{
	(void)st;
	(void)text;
	(void)err;
	return true;
}

static bool hear(struct store *st, struct buf *ret)
{
	(void)st;
	(void)ret;
	return false;
}

const struct store_driver sqlite_driver = {
	.open = sqlite_open,
	.close = sqlite_close,
	.begin = sqlite_begin,
	.begin_read = sqlite_begin_read,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.savepoint = savepoint,
	.release = release,
	.rollback_to = rollback_to,
	.in_transaction = sqlite_in_transaction,
	.query = query,
	.bind_text = bind_text,
	.bind_int = bind_int,
	.bind_blob = bind_blob,
	.bind_null = bind_null,
	.step = step,
	.done = done,
	.column_text = column_text,
	.column_int = column_int,
	.column_blob = column_blob,
	.column_type = column_type,
	.column_count = column_count,
	.column_name = column_name,
	.changes = changes,
	.check = check,
	.backup = sqlite_backup,
	.fill_begin = fill,
	.fill_end = fill,
	.data_version = data_version,
	.log_pages = log_pages,
	.tidy = tidy,
	.tell = tell,
	.hear = hear,
};
