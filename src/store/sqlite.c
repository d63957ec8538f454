/* SQLite: statements, transactions, checks. How a file is opened stands in sqlite_open.c. */
#include "sqlite.h"

#include <errno.h>
#include <string.h>

#include "balie/i18n.h"

/* ---- errors ---- */

static void io_error(struct store *st, struct err *err)
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

static void constraint_error(struct store *st, struct err *err)
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

void sqlite_error(struct store *st, struct err *err)
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

void sqlite_prepare(struct store_query *q)
{
	q->err.kind = ERR_NONE;
	if (q->stmt != NULL)
		return;
	if (sqlite3_prepare_v3(q->st->db, q->text->sql, -1, SQLITE_PREPARE_PERSISTENT, &q->stmt,
			       NULL) != SQLITE_OK) {
		sqlite_error(q->st, &q->err);
	} else if (q->stmt == NULL) {
		err_set(&q->err, ERR_INTERNAL, "it is empty");
	}
	if (q->err.kind != ERR_NONE)
		err_prefix(&q->err, "%s %s", q->st->schema->what, q->text->name);
}

static struct store_query *query_start(struct store_query *q)
{
	sqlite_prepare(q);
	if (q->stmt != NULL) {
		sqlite3_reset(q->stmt);
		sqlite3_clear_bindings(q->stmt);
	}
	return q;
}

struct store_query *store_query(struct store *st, unsigned statement)
{
	return query_start(&st->queries[statement]);
}

static void bind_result(struct store_query *q, int rc)
{
	if (rc == SQLITE_OK || q->err.kind != ERR_NONE)
		return;
	sqlite_error(q->st, &q->err);
	err_prefix(&q->err, "%s %s", q->st->schema->what, q->text->name);
}

void store_bind_text(struct store_query *q, int i, const char *text)
{
	if (q->stmt != NULL)
		bind_result(q, text == NULL ? sqlite3_bind_null(q->stmt, i)
					    : sqlite3_bind_text64(q->stmt, i, text, strlen(text),
								  SQLITE_STATIC, SQLITE_UTF8));
}

void store_bind_int(struct store_query *q, int i, int64_t value)
{
	if (q->stmt != NULL)
		bind_result(q, sqlite3_bind_int64(q->stmt, i, value));
}

void store_bind_int_or_null(struct store_query *q, int i, int64_t value)
{
	if (value == 0)
		store_bind_null(q, i);
	else
		store_bind_int(q, i, value);
}

void store_bind_blob(struct store_query *q, int i, const void *data, size_t len)
{
	if (q->stmt == NULL)
		return;
	/* An empty blob is not null. */
	bind_result(q, data == NULL ? sqlite3_bind_zeroblob(q->stmt, i, 0)
				    : sqlite3_bind_blob64(q->stmt, i, data, len, SQLITE_STATIC));
}

void store_bind_null(struct store_query *q, int i)
{
	if (q->stmt != NULL)
		bind_result(q, sqlite3_bind_null(q->stmt, i));
}

enum store_step store_step(struct store_query *q, struct err *err)
{
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
		sqlite_error(q->st, err);
		err_prefix(err, "%s %s", q->st->schema->what, q->text->name);
		break;
	}
	/* At once: a statement left open would keep its snapshot and the log would grow. */
	sqlite3_reset(q->stmt);
	return ret;
}

bool store_run(struct store_query *q, struct err *err)
{
	enum store_step step;

	do {
		step = store_step(q, err);
	} while (step == STORE_ROW);
	return step == STORE_DONE;
}

const char *store_column_text(struct store_query *q, int col)
{
	return (const char *)sqlite3_column_text(q->stmt, col);
}

int64_t store_column_int(struct store_query *q, int col)
{
	return sqlite3_column_int64(q->stmt, col);
}

const void *store_column_blob(struct store_query *q, int col, size_t *ret_len)
{
	const void *data = sqlite3_column_blob(q->stmt, col);

	*ret_len = (size_t)sqlite3_column_bytes(q->stmt, col);
	return data;
}

bool store_column_null(struct store_query *q, int col)
{
	return sqlite3_column_type(q->stmt, col) == SQLITE_NULL;
}

int store_column_count(struct store_query *q)
{
	return q->stmt != NULL ? sqlite3_column_count(q->stmt) : 0;
}

const char *store_column_name(struct store_query *q, int col)
{
	return q->stmt != NULL ? sqlite3_column_name(q->stmt, col) : NULL;
}

void store_done(struct store_query *q)
{
	if (q->stmt != NULL)
		sqlite3_reset(q->stmt);
}

/* ---- transactions ---- */

static bool control_run(struct store *st, enum control which, struct err *err)
{
	return store_run(query_start(&st->control[which]), err);
}

static bool begin(struct store *st, enum control which, struct err *err)
{
	if (store_in_transaction(st)) {
		err_set(err, ERR_INTERNAL, "%s: a transaction within a transaction",
			st->schema->what);
		return false;
	}
	return control_run(st, which, err);
}

bool store_begin(struct store *st, struct err *err)
{
	return begin(st, CONTROL_BEGIN, err);
}

bool store_begin_read(struct store *st, struct err *err)
{
	return begin(st, CONTROL_BEGIN_READ, err);
}

bool store_commit(struct store *st, struct err *err)
{
	return control_run(st, CONTROL_COMMIT, err);
}

void store_rollback(struct store *st)
{
	/* SQLite has rolled back by itself after a full disk and the like. */
	if (store_in_transaction(st))
		control_run(st, CONTROL_ROLLBACK, NULL);
}

bool store_savepoint(struct store *st, struct err *err)
{
	if (!store_in_transaction(st)) {
		err_set(err, ERR_INTERNAL, "%s: a savepoint outside a transaction",
			st->schema->what);
		return false;
	}
	return control_run(st, CONTROL_SAVEPOINT, err);
}

bool store_release(struct store *st, struct err *err)
{
	return control_run(st, CONTROL_RELEASE, err);
}

void store_rollback_to(struct store *st)
{
	if (!store_in_transaction(st))
		return;
	control_run(st, CONTROL_ROLLBACK_TO, NULL);
	control_run(st, CONTROL_RELEASE, NULL);
}

bool store_in_transaction(const struct store *st)
{
	return sqlite3_get_autocommit(st->db) == 0;
}

/* ---- what else there is to know ---- */

int64_t store_changes(const struct store *st)
{
	return sqlite3_changes64(st->db);
}

int64_t store_data_version(struct store *st)
{
	struct store_query *q = query_start(&st->control[CONTROL_DATA_VERSION]);
	int64_t ret = 0;

	if (store_step(q, NULL) == STORE_ROW)
		ret = store_column_int(q, 0);
	store_done(q);
	return ret;
}

bool store_check(struct store *st, struct err *err)
{
	static const struct store_text integrity = {"integrity", "PRAGMA integrity_check(1)"};
	static const struct store_text keys = {"foreign keys", "PRAGMA foreign_key_check"};
	struct store_query q = {.st = st, .text = &integrity};
	enum store_step step;
	bool ok = false;

	query_start(&q);
	step = store_step(&q, err);
	if (step != STORE_ROW)
		goto out;
	if (strcmp(store_column_text(&q, 0), "ok") != 0) {
		err_set(err, ERR_CORRUPT, _("%s %s: the file is damaged (%s)"), st->schema->what,
			st->path, store_column_text(&q, 0));
		goto out;
	}
	sqlite3_finalize(q.stmt);
	q = (struct store_query){.st = st, .text = &keys};
	query_start(&q);
	step = store_step(&q, err);
	if (step == STORE_ROW)
		err_set(err, ERR_CORRUPT,
			_("%s %s: a row of %s points to a row of %s that is gone"),
			st->schema->what, st->path, store_column_text(&q, 0),
			store_column_text(&q, 2));
	ok = step == STORE_DONE;
out:
	sqlite3_finalize(q.stmt);
	return ok;
}
