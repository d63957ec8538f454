/* PostgreSQL: filling a database. Plain inserts are gathered and go by COPY, other writes go one behind
 * the other in pipeline mode; before anything is read that they touch, and at the commit, all of it
 * is written. Tables are written in the order of their statements, parents before children. */
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "postgres.h"
#include "server_sql.h"

#define SIZE_MAX_BYTES (8u * 1024 * 1024) /* gathered at most */
#define PART (1024 * 1024)		  /* of a COPY, sent at once */
#define PIPELINE 500 /* statements until answers are read: they fit in a socket */

struct pg_op {
	struct pg_query *q;
	const char **values;
	int *lengths, *formats;
};

/* ---- gathering ---- */

/* As COPY wants text: a tab between columns, a line end behind a row, \N for null. */
static void put_value(struct buf *b, const char *value, int len, bool binary)
{
	static const char hex[] = "0123456789abcdef";

	if (!value) {
		buf_add_str(b, "\\N");
		return;
	}
	if (binary) {
		buf_add_str(b, "\\\\x");
		for (int i = 0; i < len; i++) {
			unsigned char c = (unsigned char)value[i];

			buf_add_char(b, hex[c >> 4]);
			buf_add_char(b, hex[c & 15]);
		}
		return;
	}
	while (*value) {
		size_t n = strcspn(value, "\\\t\n\r");

		buf_add(b, value, n);
		value += n;
		if (!*value)
			break;
		buf_add_char(b, '\\');
		buf_add_char(b, *value == '\t'	 ? 't'
				: *value == '\n' ? 'n'
				: *value == '\r' ? 'r'
						 : '\\');
		value++;
	}
}

static void gather_row(struct pg_store *st, const struct pg_query *q)
{
	struct buf *b = &st->bulk.rows[q->number];
	size_t before = b->len;

	st->changes = 1;

	for (int i = 0; i < q->count; i++) {
		if (i > 0)
			buf_add_char(b, '\t');
		put_value(b, q->values[i], q->lengths[i], q->formats[i] == 1);
	}
	buf_add_char(b, '\n');
	st->bulk.size += b->len - before;
}

static void gather_op(struct pg_store *st, struct pg_query *q)
{
	struct pg_bulk *bulk = &st->bulk;
	size_t n = (size_t)q->count;
	struct pg_op *op;

	if (bulk->op_count == bulk->op_cap) {
		bulk->op_cap = bulk->op_cap ? 2 * bulk->op_cap : 256;
		bulk->ops = xrealloc(bulk->ops, bulk->op_cap * sizeof(*bulk->ops));
	}
	op = &bulk->ops[bulk->op_count++];
	bulk->size += sizeof(*op);
	st->changes = 1;
	q->waits = true;
	op->q = q;
	op->values = arena_alloc(&bulk->arena, (n + 1) * sizeof(*op->values));
	op->lengths = arena_alloc(&bulk->arena, (n + 1) * sizeof(*op->lengths));
	op->formats = arena_alloc(&bulk->arena, (n + 1) * sizeof(*op->formats));
	for (size_t i = 0; i < n; i++) {
		size_t len = !q->values[i]	  ? 0
			     : q->formats[i] == 1 ? (size_t)q->lengths[i]
						  : strlen(q->values[i]) + 1;
		char *copy = q->values[i] ? arena_alloc(&bulk->arena, len + 1) : NULL;

		if (copy)
			memcpy(copy, q->values[i], len);
		op->values[i] = copy;
		op->lengths[i] = q->lengths[i];
		op->formats[i] = q->formats[i];
		bulk->size += len;
	}
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
}

static bool names(const char *sql, const char *table)
{
	size_t n = strlen(table);

	for (const char *p = sql; (p = strstr(p, table)) != NULL; p += n)
		if ((p == sql || !is_word(p[-1])) && !is_word(p[n]))
			return true;
	return false;
}

/* Does a query that gives rows look at what is gathered? */
static bool touches(const struct pg_store *st, const struct pg_query *q)
{
	for (size_t i = 0; i < st->base.schema->statement_count; i++)
		if ((st->bulk.rows[i].len > 0 || st->queries[i].waits) &&
		    names(q->text->sql, st->queries[i].table))
			return true;
	return false;
}

/* Could this write meet a row that came behind it? A change of one row by its id cannot: a row that is
 * only then inserted has another id. */
static bool reaches_later_rows(const struct pg_query *write)
{
	const char *sql = write->text->sql;

	return strncmp(sql, "DELETE", 6) == 0 ||
	       (strncmp(sql, "UPDATE", 6) == 0 && !strstr(sql, "WHERE id = $1"));
}

/* Copied rows go before other writes: not when one of those, which came first, would reach them in their
 * table. (One that only reads it sees rows that came a little later: nothing that is written so may
 * mind.) */
static bool would_overtake(const struct pg_store *st, const struct pg_query *row)
{
	for (size_t i = 0; st->bulk.op_count > 0 && i < st->base.schema->statement_count; i++)
		if (st->queries[i].waits && strcmp(st->queries[i].table, row->table) == 0 &&
		    reaches_later_rows(&st->queries[i]))
			return true;
	return false;
}

bool pg_gather(struct pg_query *q, struct err *err, bool *ret_ok)
{
	struct pg_store *st = pg_of(q->base.st);

	*ret_ok = true;
	if ((st->flags & STORE_BULK) == 0 || !store_in_transaction(&st->base) ||
	    q->number >= st->base.schema->statement_count)
		return false;
	if (!q->silent) {
		if (!touches(st, q))
			return false;
		*ret_ok = pg_flush(st, err);
		return !*ret_ok;
	}
	if (q->text->copy && would_overtake(st, q) && !pg_flush(st, err)) {
		*ret_ok = false;
		return true;
	}
	if (q->text->copy)
		gather_row(st, q);
	else
		gather_op(st, q);
	if (st->bulk.size > SIZE_MAX_BYTES)
		*ret_ok = pg_flush(st, err);
	return true;
}

/* ---- filling from empty ---- */

enum script { SCRIPT_PARK, SCRIPT_RESTORE };

static bool run_script(struct store *base, enum script which, struct err *err)
{
	struct pg_store *st = pg_of(base);
	bool ok;

	if (!store_begin(base, err))
		return false;
	ok = pg_exec(st, server_postgres_migrations[which].sql, NULL, err) &&
	     store_commit(base, err);
	store_rollback(base);
	return ok;
}

bool pg_fill_begin(struct store *base, struct err *err)
{
	return run_script(base, SCRIPT_PARK, err);
}

/* Until the server has looked by itself it would plan as if the tables were still empty. */
bool pg_fill_end(struct store *base, struct err *err)
{
	return run_script(base, SCRIPT_RESTORE, err) && pg_exec(pg_of(base), "ANALYZE", NULL, err);
}

/* ---- writing ---- */

/* In parts, since a length is an int; where they are cut is of no matter. */
static bool put_rows(struct pg_store *st, const struct buf *rows)
{
	bool ok = true;

	for (size_t at = 0, n; at < rows->len && ok; at += n) {
		n = rows->len - at < PART ? rows->len - at : PART;
		ok = PQputCopyData(st->conn, rows->data + at, (int)n) == 1;
	}
	return PQputCopyEnd(st->conn, ok ? NULL : "not all could be sent") == 1 && ok;
}

static bool copy_rows(struct pg_store *st, const struct pg_query *q, struct buf *rows,
		      struct err *err)
{
	PGresult *result = PQexec(st->conn, q->text->copy);
	bool ok = PQresultStatus(result) == PGRES_COPY_IN;
	bool sent;

	if (!ok) {
		pg_error(st, result, err);
		goto out;
	}
	PQclear(result);
	sent = put_rows(st, rows);
	/* Without its end there would be no other answer than that more is awaited. */
	while (sent && (result = PQgetResult(st->conn)) != NULL) {
		if (PQresultStatus(result) == PGRES_COMMAND_OK) {
			PQclear(result);
			continue;
		}
		pg_error(st, result, err);
		ok = false;
	}
	ok = ok && sent;
	if (!ok && err->kind == ERR_NONE)
		pg_error(st, NULL, err);
out:
	if (!ok)
		err_prefix(err, "%s", q->text->name);
	buf_reset(rows);
	return ok;
}

/* Reads the answers of what was sent, up to the mark. The first failure is told; behind it the server
 * skips the rest. */
static bool read_answers(struct pg_store *st, struct err *err)
{
	ExecStatusType status = PGRES_COMMAND_OK;
	bool ok = true;

	while (status != PGRES_PIPELINE_SYNC && PQstatus(st->conn) == CONNECTION_OK) {
		PGresult *result = PQgetResult(st->conn);

		if (!result) /* between two answers */
			continue;
		status = PQresultStatus(result);
		if (ok && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
		    status != PGRES_PIPELINE_SYNC) {
			pg_error(st, result, err);
			ok = false;
		} else {
			PQclear(result);
		}
	}
	if (ok && status != PGRES_PIPELINE_SYNC) {
		pg_error(st, NULL, err);
		ok = false;
	}
	return ok;
}

static bool send_ops(struct pg_store *st, size_t from, size_t to, struct err *err)
{
	for (size_t i = from; i < to; i++) {
		const struct pg_op *op = &st->bulk.ops[i];
		char name[16];

		snprintf(name, sizeof(name), "q%u", op->q->number);
		if (!PQsendQueryPrepared(st->conn, name, op->q->count, op->values, op->lengths,
					 op->formats, 1)) {
			pg_error(st, NULL, err);
			return false;
		}
	}
	if (!PQpipelineSync(st->conn)) {
		pg_error(st, NULL, err);
		return false;
	}
	return read_answers(st, err);
}

static bool run_ops(struct pg_store *st, struct err *err)
{
	size_t count = st->bulk.op_count, to;
	bool ok = true;

	if (count == 0)
		return true;
	if (!PQenterPipelineMode(st->conn)) {
		pg_error(st, NULL, err);
		return false;
	}
	for (size_t from = 0; from < count && ok; from = to) {
		to = from + PIPELINE < count ? from + PIPELINE : count;
		ok = send_ops(st, from, to, err);
	}
	/* Refused while answers are still to come: then the connection is of no use any more. */
	if (!PQexitPipelineMode(st->conn))
		st->ready = false;
	return ok;
}

bool pg_flush(struct pg_store *st, struct err *err)
{
	struct err own = {0};
	bool ok = true;

	if (st->bulk.size == 0)
		return true;
	for (size_t i = 0; i < st->base.schema->statement_count && ok; i++)
		if (st->bulk.rows[i].len > 0)
			ok = copy_rows(st, &st->queries[i], &st->bulk.rows[i], &own);
	ok = ok && run_ops(st, &own);
	/* When the server has not seen the failure itself it would still let the rest be committed. */
	if (!ok && PQtransactionStatus(st->conn) != PQTRANS_INERROR)
		st->ready = false;
	if (!ok && err)
		*err = own;
	pg_forget(st);
	return ok;
}

void pg_forget(struct pg_store *st)
{
	if (st->bulk.size == 0)
		return;
	for (size_t i = 0; i < st->base.schema->statement_count; i++) {
		buf_reset(&st->bulk.rows[i]);
		st->queries[i].waits = false;
	}
	st->bulk.op_count = 0;
	st->bulk.size = 0;
	arena_reset(&st->bulk.arena);
}

void pg_bulk_finish(struct pg_store *st)
{
	for (size_t i = 0; i < st->base.schema->statement_count; i++)
		buf_finish(&st->bulk.rows[i]);
	free(st->bulk.rows);
	free(st->bulk.ops);
	arena_finish(&st->bulk.arena);
}
