/* PostgreSQL: connecting, whose database it is, and bringing its schema up to date. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "postgres.h"
#include "server_sql.h"

#define RECONNECT_MS 1000 /* a server that is gone is not asked more often */

const struct store_text *pg_own(unsigned which)
{
	return &server_postgres_statements[which];
}

/* ---- connecting ---- */

/* What the URL says itself counts more than what stands before it. */
static void connect_to(struct pg_store *st)
{
	static const char *const names[] = {"fallback_application_name",
					    "connect_timeout",
					    "keepalives_idle",
					    "keepalives_interval",
					    "keepalives_count",
					    "tcp_user_timeout",
					    "dbname",
					    "client_encoding",
					    NULL};
	const char *const values[] = {"balied", "5",	 "10",	 "5", "3",
				      "15000",	st->url, "UTF8", NULL};

	st->conn = PQconnectdbParams(names, values, 1);
	/* Before there is a connection its errors are only words, in whatever language the server
	 * speaks. Asked for the bare code instead, it gives that the second time. */
	PQsetErrorVerbosity(st->conn, PQERRORS_SQLSTATE);
	if (PQstatus(st->conn) != CONNECTION_OK && pg_is_url(st->url))
		PQreset(st->conn);
}

static void ignore_notice(void *user, const PGresult *result)
{
	(void)user;
	(void)result;
}

/* Times and blobs in one form, and our limits where the URL's options do not give others. */
static bool set_session(struct pg_store *st, struct err *err)
{
	if (!pg_exec(st,
		     "SET TIME ZONE 'UTC'; SET bytea_output = 'hex';"
		     "SET standard_conforming_strings = on; SET client_min_messages = error",
		     NULL, err) ||
	    !pg_exec(st, pg_own(SERVER_SQL_LIMITS)->sql, NULL, err))
		return false;
	if ((st->flags & STORE_READONLY) &&
	    !pg_exec(st, "SET default_transaction_read_only = on", NULL, err))
		return false;
	return (st->flags & STORE_RELAXED) == 0 ||
	       pg_exec(st, "SET synchronous_commit = off", NULL, err);
}

/* A session that could not be set is no session: the next use makes another connection. */
static bool begin_session(struct pg_store *st, struct err *err)
{
	if (PQstatus(st->conn) != CONNECTION_OK) {
		pg_connect_error(st->conn, st->url, err);
		return false;
	}
	if (strcmp(PQparameterStatus(st->conn, "server_encoding"), "UTF8") != 0) {
		err_set(err, ERR_INPUT, _("the database does not keep its text as UTF-8"));
		return false;
	}
	PQsetNoticeReceiver(st->conn, ignore_notice, NULL);
	st->generation++;
	st->ready = set_session(st, err);
	return st->ready;
}

/* False when what the caller began is gone. */
static bool is_whole(struct pg_store *st, struct err *err)
{
	if (!st->ready || PQstatus(st->conn) != CONNECTION_OK) {
		err_set(err, ERR_NET, "%s", _("the connection with the database was lost"));
		return false;
	}
	if (PQtransactionStatus(st->conn) == PQTRANS_IDLE) {
		err_set(err, ERR_DB, "the transaction was taken back");
		return false;
	}
	return true;
}

bool pg_ready(struct pg_store *st, struct err *err)
{
	if (st->within != PG_OUTSIDE)
		return is_whole(st, err);
	if (st->ready && PQstatus(st->conn) == CONNECTION_OK)
		return true;
	if (clock_mono() < st->retry_at) {
		err_set(err, ERR_NET, "%s", _("no server answers there"));
		return false;
	}
	st->ready = false;
	PQreset(st->conn);
	if (begin_session(st, err))
		return true;
	/* Whatever it is that keeps a town away that was open before: it is away, and may come back. */
	if (err && st->opened)
		err->kind = ERR_NET;
	st->retry_at = clock_mono() + RECONNECT_MS;
	return false;
}

bool pg_exec(struct pg_store *st, const char *sql, PGresult **ret, struct err *err)
{
	PGresult *result;

	if (st->within != PG_OUTSIDE && !is_whole(st, err))
		return false;
	result = PQexec(st->conn, sql);
	if (PQresultStatus(result) != PGRES_COMMAND_OK &&
	    PQresultStatus(result) != PGRES_TUPLES_OK) {
		struct err own;

		pg_error(st, result, err ? err : &own);
		return false;
	}
	if (ret)
		*ret = result;
	else
		PQclear(result);
	return true;
}

/* ---- whose database is it, and how old ---- */

/* The numbers of the first row that a statement gives. */
static bool ask_numbers(struct pg_store *st, enum server_sql which, int64_t *ret, int count,
			struct err *err)
{
	PGresult *result = NULL;

	if (!pg_exec(st, pg_own(which)->sql, &result, err))
		return false;
	for (int i = 0; i < count; i++)
		ret[i] = PQntuples(result) > 0 ? atoll(PQgetvalue(result, 0, i)) : 0;
	PQclear(result);
	return true;
}

/* Finds the version of the schema; 0 for an empty database. */
static bool read_version(struct pg_store *st, int64_t *ret, struct err *err)
{
	int64_t tables[2] = {0}, row[2] = {0};
	int known = (int)st->base.schema->dialects[STORE_POSTGRES].migration_count;

	*ret = 0;
	if (!ask_numbers(st, SERVER_SQL_COUNT_TABLES, tables, 2, err))
		return false;
	if (tables[0] == 0) {
		if (tables[1] > 0)
			err_set(err, ERR_CORRUPT, _("it is a database of another program or kind"));
		return tables[1] == 0;
	}
	if (!ask_numbers(st, SERVER_SQL_READ_SCHEMA, row, 2, err))
		return false;
	*ret = row[1];
	if ((uint32_t)row[0] != st->base.schema->application_id || *ret <= 0) {
		err_set(err, ERR_CORRUPT, _("it is a database of another program or kind"));
		return false;
	}
	if (*ret > known) {
		err_set(err, ERR_VERSION,
			_("it was made by a newer version of this program (%d, we know %d)"),
			(int)*ret, known);
		return false;
	}
	return true;
}

/* ---- migrations ---- */

static bool write_version(struct pg_store *st, int64_t version, struct err *err)
{
	struct store_query *q = &st->write_version.base;

	store_bind_int(q, 1, st->base.schema->application_id);
	store_bind_int(q, 2, version);
	return store_run(q, err);
}

/* One step, in its own transaction together with the new version. */
static bool migrate_one(struct pg_store *st, int64_t *version, struct err *err)
{
	const struct store_dialect *dialect = &st->base.schema->dialects[STORE_POSTGRES];
	const struct store_text *script;
	bool ok = false;

	if (!store_begin(&st->base, err))
		return false;
	/* Again, now that nobody else can: another program may have just done it. */
	if (!read_version(st, version, err))
		goto out;
	if (*version == (int64_t)dialect->migration_count) {
		ok = true;
		goto out;
	}
	if (*version == 0 && !pg_exec(st, pg_own(SERVER_SQL_MAKE_SCHEMA)->sql, NULL, err))
		goto out;
	script = &dialect->migrations[*version];
	if (!pg_exec(st, script->sql, NULL, err)) {
		err_prefix(err, _("bringing it up to date with '%s'"), script->name);
		goto out;
	}
	if (!write_version(st, *version + 1, err))
		goto out;
	ok = store_commit(&st->base, err);
	if (ok)
		(*version)++;
out:
	store_rollback(&st->base);
	return ok;
}

/* A reader, and one who may not make a town, leave an empty database empty. */
static bool bring_up_to_date(struct pg_store *st, struct err *err)
{
	int64_t parked, version,
		last = (int64_t)st->base.schema->dialects[STORE_POSTGRES].migration_count;

	if (!read_version(st, &version, err) ||
	    !ask_numbers(st, SERVER_SQL_IS_PARKED, &parked, 1, err))
		return false;
	if (parked && (st->flags & STORE_BULK) == 0) {
		err_set(err, ERR_BUSY,
			_("it is being filled; if that was broken off, let the move that did it "
			  "go on, or begin again with an empty database"));
		return false;
	}
	if (version == last)
		return true;
	if (version == 0 && (st->flags & (STORE_CREATE | STORE_READONLY)) != STORE_CREATE) {
		err_set(err, ERR_NOT_FOUND, _("it is still empty"));
		return false;
	}
	if (st->flags & STORE_READONLY) {
		err_set(err, ERR_BUSY, _("it must be brought up to date first"));
		return false;
	}
	while (version < last)
		if (!migrate_one(st, &version, err))
			return false;
	return true;
}

/* ---- opening ---- */

static struct pg_store *make(const struct store_schema *schema, unsigned flags)
{
	struct pg_store *st = xcalloc(1, sizeof(*st));
	unsigned count = (unsigned)schema->statement_count;

	st->base.driver = &postgres_driver;
	st->base.schema = schema;
	st->flags = flags;
	st->queries = xcalloc(count, sizeof(*st->queries));
	for (unsigned i = 0; i < count; i++)
		pg_query_init(&st->queries[i], st, &schema->dialects[STORE_POSTGRES].statements[i],
			      i);
	pg_query_init(&st->tell, st, pg_own(SERVER_SQL_TELL), count);
	pg_query_init(&st->write_version, st, pg_own(SERVER_SQL_WRITE_SCHEMA), count + 1);
	st->bulk.rows = xcalloc(count, sizeof(*st->bulk.rows));
	return st;
}

void pg_close(struct store *base)
{
	struct pg_store *st = pg_of(base);

	for (size_t i = 0; i < base->schema->statement_count; i++)
		pg_query_finish(&st->queries[i]);
	pg_query_finish(&st->tell);
	pg_query_finish(&st->write_version);
	pg_bulk_finish(st);
	buf_finish(&st->heard);
	PQfinish(st->conn);
	free(st->url);
	free(st->queries);
	free(st);
}

static bool prepare_all(struct pg_store *st, struct err *err)
{
	for (size_t i = 0; i < st->base.schema->statement_count; i++)
		if (!pg_prepare(&st->queries[i], err))
			return false;
	return true;
}

bool pg_open(struct store **ret, const char *url, const struct store_schema *schema, unsigned flags,
	     struct err *err)
{
	struct pg_store *st = make(schema, flags);
	struct buf shown = {0};
	bool ok = false;

	st->url = xstrdup(url);
	connect_to(st);
	if (!begin_session(st, err) || !bring_up_to_date(st, err))
		goto out;
	if ((flags & STORE_PREPARE) && !prepare_all(st, err))
		goto out;
	st->opened = true;
	*ret = &st->base;
	st = NULL;
	ok = true;
out:
	if (st)
		pg_close(&st->base);
	if (!ok) {
		store_show_url(url, &shown);
		err_prefix(err, "%s %s", schema->what, shown.data);
	}
	buf_finish(&shown);
	return ok;
}
