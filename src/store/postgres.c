/* PostgreSQL: statements and transactions. How a connection is made stands in postgres_open.c. */
#include "postgres.h"
#include <ctype.h>
#include <endian.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "server_sql.h"

enum type { TYPE_BOOL = 16, TYPE_BYTES = 17, TYPE_TEXT = 25, TYPE_NAME = 19 };
/* And those of whole numbers, by their length. */
enum { TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23 };

static struct pg_query *query_of(struct store_query *q)
{
	return (struct pg_query *)q;
}

static struct pg_store *store_of(const struct pg_query *q)
{
	return pg_of(q->base.st);
}

/* ---- making and preparing ---- */

/* The table that a write names first, behind its verb and INTO or FROM. */
static void find_table(struct pg_query *q)
{
	static const char *const verbs[] = {"INSERT", "UPDATE", "DELETE"};
	const char *sql = q->text->sql;
	size_t verb = 0, i;

	q->table[0] = '\0';
	for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strncmp(sql, verbs[i], strlen(verbs[i])) == 0)
			verb = strlen(verbs[i]) + 1;
	if (verb == 0)
		return;
	sql += verb;
	while (isupper((unsigned char)*sql))
		sql += strcspn(sql, " \n") + 1;
	snprintf(q->table, sizeof(q->table), "%.*s", (int)strcspn(sql, " (\n"), sql);
}

/* The highest number behind a '$', and which of them are there at all. */
static int count_parameters(const char *sql, bool used[64])
{
	int most = 0;

	for (const char *p = sql; (p = strchr(p, '$')) != NULL; p++) {
		int n = atoi(p + 1);

		if (n < 1 || n > 63)
			continue;
		used[n] = true;
		most = n > most ? n : most;
	}
	return most;
}

void pg_query_init(struct pg_query *q, struct pg_store *st, const struct store_text *text,
		   unsigned number)
{
	bool used[64] = {false};

	*q = (struct pg_query){.base = {&st->base}, .text = text, .number = number};
	q->count = count_parameters(text->sql, used);
	if (q->count > 0) {
		q->values = xcalloc((size_t)q->count, sizeof(*q->values));
		q->lengths = xcalloc((size_t)q->count, sizeof(*q->lengths));
		q->formats = xcalloc((size_t)q->count, sizeof(*q->formats));
		q->numbers = xcalloc((size_t)q->count, sizeof(*q->numbers));
	}
	find_table(q);
}

void pg_query_finish(struct pg_query *q)
{
	PQclear(q->result);
	PQclear(q->description);
	free(q->values);
	free(q->lengths);
	free(q->formats);
	free(q->numbers);
}

static void name_statement(struct pg_query *q, struct err *err)
{
	err_prefix(err, "%s %s", q->base.st->schema->what, q->text->name);
}

static void statement_name(const struct pg_query *q, char ret[16])
{
	snprintf(ret, 16, "q%u", q->number);
}

/* Whether it gives rows is only asked where it matters. */
static void find_silent(struct pg_query *q, const char *name)
{
	PGresult *result;

	if ((store_of(q)->flags & STORE_BULK) == 0 || q->table[0] == '\0')
		return;
	result = PQdescribePrepared(store_of(q)->conn, name);
	q->silent = PQresultStatus(result) == PGRES_COMMAND_OK && PQnfields(result) == 0;
	PQclear(result);
}

bool pg_prepare(struct pg_query *q, struct err *err)
{
	struct pg_store *st = store_of(q);
	bool used[64] = {false};
	Oid types[64] = {0};
	PGresult *result;
	char name[16];

	if (!pg_ready(st, err))
		return false;
	if (q->prepared == st->generation)
		return true;
	count_parameters(q->text->sql, used);
	/* The server finds out the type of a parameter that it sees; of the others there is none. */
	for (int i = 0; i < q->count; i++)
		types[i] = used[i + 1] ? 0 : TYPE_TEXT;
	statement_name(q, name);
	result = PQprepare(st->conn, name, q->text->sql, q->count, types);
	/* Outside a transaction a connection that turns out to be broken is made again, once. */
	if (PQstatus(st->conn) != CONNECTION_OK && st->within == PG_OUTSIDE) {
		PQclear(result);
		if (!pg_ready(st, err))
			return false;
		result = PQprepare(st->conn, name, q->text->sql, q->count, types);
	}
	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		pg_error(st, result, err);
		name_statement(q, err);
		return false;
	}
	PQclear(result);
	find_silent(q, name);
	q->prepared = st->generation;
	return true;
}

/* ---- parameters ---- */

static void clear(struct pg_query *q)
{
	PQclear(q->result);
	q->result = NULL;
	q->row = q->rows = 0;
}

static struct store_query *query(struct store *base, unsigned statement)
{
	struct pg_query *q = &pg_of(base)->queries[statement];

	clear(q);
	q->err.kind = ERR_NONE;
	for (int i = 0; i < q->count; i++)
		q->values[i] = NULL;
	return &q->base;
}

static void bind(struct pg_query *q, int i, const char *data, int len, int format)
{
	if (i < 1 || i > q->count) {
		err_set(&q->err, ERR_INTERNAL, "no parameter %d", i);
		name_statement(q, &q->err);
		return;
	}
	q->values[i - 1] = data;
	q->lengths[i - 1] = len;
	q->formats[i - 1] = format;
}

static void bind_text(struct store_query *base, int i, const char *text)
{
	bind(query_of(base), i, text, 0, 0);
}

static void bind_null(struct store_query *base, int i)
{
	bind(query_of(base), i, NULL, 0, 0);
}

static void bind_int(struct store_query *base, int i, int64_t value)
{
	struct pg_query *q = query_of(base);

	if (i >= 1 && i <= q->count)
		snprintf(q->numbers[i - 1], sizeof(*q->numbers), "%lld", (long long)value);
	bind(q, i, i >= 1 && i <= q->count ? q->numbers[i - 1] : NULL, 0, 0);
}

static void bind_blob(struct store_query *base, int i, const void *data, size_t len)
{
	struct pg_query *q = query_of(base);

	if (len > INT_MAX)
		err_set(&q->err, ERR_INPUT, "%s", _("the text is too long to keep"));
	else
		bind(q, i, data, (int)len, 1);
}

/* ---- running ---- */

static PGresult *execute(struct pg_query *q)
{
	char name[16];

	statement_name(q, name);
	return PQexecPrepared(store_of(q)->conn, name, q->count, q->values, q->lengths, q->formats,
			      1);
}

/* A broken connection is only met when it is used. A lone read is simply asked again. */
static bool run(struct pg_query *q, struct err *err)
{
	struct pg_store *st = store_of(q);

	if (!pg_prepare(q, err))
		return false;
	q->result = execute(q);
	if (PQstatus(st->conn) != CONNECTION_OK && st->within == PG_OUTSIDE) {
		clear(q);
		if (!pg_prepare(q, err))
			return false;
		q->result = execute(q);
	}
	if (PQresultStatus(q->result) != PGRES_TUPLES_OK &&
	    PQresultStatus(q->result) != PGRES_COMMAND_OK) {
		pg_error(st, q->result, err);
		q->result = NULL;
		name_statement(q, err);
		return false;
	}
	q->rows = PQntuples(q->result);
	q->row = 0;
	st->changes = atoll(PQcmdTuples(q->result));
	return true;
}

/* A lone write takes its turn among the writers as every other, and is made known. */
static bool run_alone(struct pg_query *q, struct err *err)
{
	struct store *base = q->base.st;
	bool ok = store_begin(base, err) && run(q, err) && store_commit(base, err);

	if (!ok) {
		clear(q);
		store_rollback(base);
	}
	return ok;
}

static enum store_step step(struct store_query *base, struct err *err)
{
	struct pg_query *q = query_of(base);
	struct err own = {0};
	bool ok;

	if (!err)
		err = &own;
	if (q->err.kind != ERR_NONE) {
		*err = q->err;
		return STORE_FAILED;
	}
	if (q->result)
		q->row++;
	else if (pg_gather(q, err, &ok))
		return ok ? STORE_DONE : STORE_FAILED;
	else if (q->table[0] != '\0' && store_of(q)->within == PG_OUTSIDE ? !run_alone(q, err)
									  : !run(q, err))
		return STORE_FAILED;
	if (q->row < q->rows)
		return STORE_ROW;
	clear(q);
	return STORE_DONE;
}

static void done(struct store_query *base)
{
	clear(query_of(base));
}

/* ---- columns ---- */

int64_t pg_number(const PGresult *result, int row, int col)
{
	const char *data = PQgetvalue(result, row, col);
	uint64_t wide;
	uint32_t half;
	uint16_t quarter;

	switch (PQftype(result, col)) {
	case TYPE_BOOL:
		return data[0] != 0;
	case TYPE_INT2:
		memcpy(&quarter, data, sizeof(quarter));
		return (int16_t)be16toh(quarter);
	case TYPE_INT4:
		memcpy(&half, data, sizeof(half));
		return (int32_t)be32toh(half);
	case TYPE_INT8:
		memcpy(&wide, data, sizeof(wide));
		return (int64_t)be64toh(wide);
	default: /* a number kept as text */
		return atoll(data);
	}
}

static bool is_null(const struct pg_query *q, int col)
{
	return !q->result || PQgetisnull(q->result, q->row, col);
}

static enum store_type column_type(struct store_query *base, int col)
{
	struct pg_query *q = query_of(base);

	if (is_null(q, col))
		return STORE_NULL;
	switch (PQftype(q->result, col)) {
	case TYPE_BOOL:
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		return STORE_INT;
	case TYPE_BYTES:
		return STORE_BLOB;
	default: /* text and its kin */
		return STORE_TEXT;
	}
}

/* Numbers come in binary, so their text is made here; it lives as long as the result. */
static const char *column_text(struct store_query *base, int col)
{
	struct pg_query *q = query_of(base);
	char *text;

	if (is_null(q, col))
		return NULL;
	if (column_type(base, col) != STORE_INT)
		return PQgetvalue(q->result, q->row, col);
	text = PQresultAlloc(q->result, 24);
	if (text)
		snprintf(text, 24, "%lld", (long long)pg_number(q->result, q->row, col));
	return text;
}

static int64_t column_int(struct store_query *base, int col)
{
	struct pg_query *q = query_of(base);

	return is_null(q, col) ? 0 : pg_number(q->result, q->row, col);
}

static const void *column_blob(struct store_query *base, int col, size_t *ret_len)
{
	struct pg_query *q = query_of(base);

	*ret_len = 0;
	if (is_null(q, col))
		return NULL;
	*ret_len = (size_t)PQgetlength(q->result, q->row, col);
	return PQgetvalue(q->result, q->row, col);
}

/* Known before the first step too, as with the other engine: from a description then. */
static const PGresult *described(struct pg_query *q)
{
	char name[16];

	if (q->result)
		return q->result;
	/* Twice, should the connection turn out to be broken. */
	for (int i = 0; i < 2 && !q->description && pg_prepare(q, NULL); i++) {
		statement_name(q, name);
		q->description = PQdescribePrepared(store_of(q)->conn, name);
		if (PQresultStatus(q->description) != PGRES_COMMAND_OK) {
			PQclear(q->description);
			q->description = NULL;
		}
	}
	return q->description;
}

static int column_count(struct store_query *base)
{
	return PQnfields(described(query_of(base)));
}

static const char *column_name(struct store_query *base, int col)
{
	return PQfname(described(query_of(base)), col);
}

/* ---- transactions ---- */

/* Until it is ended by its owner, even when the server has ended it: what follows belongs to it. */
static bool in_transaction(const struct store *base)
{
	return pg_of(base)->within != PG_OUTSIDE;
}

/* What a transaction leaves that failed before it was one for the caller. */
static void take_back(struct pg_store *st)
{
	st->within = PG_OUTSIDE;
	pg_forget(st);
	if (PQstatus(st->conn) == CONNECTION_OK && PQtransactionStatus(st->conn) != PQTRANS_IDLE &&
	    !pg_exec(st, "ROLLBACK", NULL, NULL))
		st->ready = false;
}

static bool start(struct pg_store *st, const char *sql, enum pg_within within, struct err *err)
{
	bool ok = pg_ready(st, err) && pg_exec(st, sql, NULL, err);

	/* Nothing was done yet: a connection that turns out to be broken is made again, once. */
	if (!ok && st->ready && PQstatus(st->conn) != CONNECTION_OK)
		ok = pg_ready(st, err) && pg_exec(st, sql, NULL, err);
	if (ok)
		st->within = within;
	else
		take_back(st);
	return ok;
}

/* One writer at a time over all services of this schema, since one database may hold several towns, and so the journal is numbered in the order of the commits.
 * A writer that hangs is cut off before the others have waited too long for it. */
static bool begin(struct store *base, struct err *err)
{
	struct pg_store *st = pg_of(base);

	if ((st->flags & STORE_BULK) != 0)
		return start(
			st,
			"BEGIN ISOLATION LEVEL READ COMMITTED;"
			" SELECT pg_advisory_xact_lock(1113680964, hashtext(current_schema()))",
			PG_WRITING, err);
	return start(st,
		     "BEGIN ISOLATION LEVEL READ COMMITTED;"
		     " SELECT set_config('idle_in_transaction_session_timeout',"
		     " current_setting('balie.silence'), true),"
		     " pg_advisory_xact_lock(1113680964, hashtext(current_schema()))",
		     PG_WRITING, err);
}

static bool begin_read(struct store *base, struct err *err)
{
	return start(pg_of(base), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", PG_READING,
		     err);
}

static void rollback(struct store *base)
{
	if (in_transaction(base))
		take_back(pg_of(base));
}

static bool outside(struct pg_store *st, struct err *err)
{
	if (st->within != PG_OUTSIDE)
		return false;
	err_set(err, ERR_DB, "%s: there is no transaction to end", st->base.schema->what);
	return true;
}

/* Of a transaction that failed, PostgreSQL makes a rollback and says that all is well: it is not asked
 * then. What failed is still to be rolled back by its owner; until then nothing else runs. */
static bool commit(struct store *base, struct err *err)
{
	struct pg_store *st = pg_of(base);
	bool tells = st->within == PG_WRITING && (st->flags & STORE_READONLY) == 0;

	if (outside(st, err) || !pg_flush(st, err))
		return false;
	if (PQtransactionStatus(st->conn) == PQTRANS_INERROR) {
		err_set(err, ERR_DB, "the transaction was taken back");
		return false;
	}
	if (!pg_exec(st, "COMMIT", NULL, err))
		return false;
	st->within = PG_OUTSIDE;
	/* Behind it and not in it: who notifies holds a lock of the whole server until his commit is on
	 * disk, and towns beside each other would wait for it. A note that is lost is made up for by
	 * those who listen, who look by themselves now and then. */
	if (tells)
		pg_exec(st, "SELECT pg_notify('balie_commit_' || hashtext(current_schema()), '')",
			NULL, NULL);
	return true;
}

static bool savepoint(struct store *base, struct err *err)
{
	return pg_flush(pg_of(base), err) && pg_exec(pg_of(base), "SAVEPOINT part", NULL, err);
}

static bool release(struct store *base, struct err *err)
{
	return !outside(pg_of(base), err) && pg_flush(pg_of(base), err) &&
	       pg_exec(pg_of(base), "RELEASE SAVEPOINT part", NULL, err);
}

static void rollback_to(struct store *base)
{
	pg_forget(pg_of(base));
	pg_exec(pg_of(base), "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part", NULL, NULL);
}

/* ---- what else there is to know ---- */

static int64_t changes(const struct store *base)
{
	return pg_of(base)->changes;
}

/* The server itself sees to its pages and keys: what it does not vouch for is said. */
static bool check(struct store *base, struct err *err)
{
	PGresult *result = NULL;
	bool ok;

	if (!pg_exec(pg_of(base), pg_own(SERVER_SQL_NOT_VALID)->sql, &result, err))
		return false;
	ok = PQntuples(result) == 0;
	if (!ok)
		err_set(err, ERR_CORRUPT, _("%s: a key or index of %s is not valid"),
			base->schema->what, PQgetvalue(result, 0, 0));
	PQclear(result);
	return ok;
}

static bool backup(struct store *st, const char *path, struct err *err)
{
	(void)st;
	(void)path;
	err_set(err, ERR_INPUT, _("a town on PostgreSQL is copied by pg_dump; see balied(8)"));
	return false;
}

const struct store_driver postgres_driver = {
	.open = pg_open,
	.close = pg_close,
	.begin = begin,
	.begin_read = begin_read,
	.commit = commit,
	.rollback = rollback,
	.savepoint = savepoint,
	.release = release,
	.rollback_to = rollback_to,
	.in_transaction = in_transaction,
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
	.backup = backup,
	.fill_begin = pg_fill_begin,
	.fill_end = pg_fill_end,
	.data_version = pg_data_version,
	.tell = pg_tell,
	.hear = pg_hear,
};

void store_know_postgres(void)
{
	store_know(STORE_POSTGRES, &postgres_driver);
}
