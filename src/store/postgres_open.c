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

/* What the URL says itself comes after these and counts more. */
static PGconn *connect_to(const char *url)
{
	static const char *const names[] = {
		"fallback_application_name", "connect_timeout",	 "keepalives_idle",
		"keepalives_interval",	     "keepalives_count", "tcp_user_timeout",
		"client_encoding",	     "dbname",		 NULL};
	const char *const values[] = {"balied", "5", "10", "5", "3", "15000", "UTF8", url, NULL};

	return PQconnectdbParams(names, values, 1);
}

static void ignore_notice(void *user, const PGresult *result)
{
	(void)user;
	(void)result;
}

/* Words of ours in English, since they are compared; times and blobs in one form. */
static bool set_session(struct pg_store *st, struct err *err)
{
	if (!pg_exec(st,
		     "SET lock_timeout = '12s'; SET TIME ZONE 'UTC'; SET bytea_output = 'hex';"
		     "SET standard_conforming_strings = on; SET client_min_messages = error",
		     NULL, err))
		return false;
	if ((st->flags & STORE_READONLY) &&
	    !pg_exec(st, "SET default_transaction_read_only = on", NULL, err))
		return false;
	return (st->flags & STORE_RELAXED) == 0 ||
	       pg_exec(st, "SET synchronous_commit = off", NULL, err);
}

static bool begin_session(struct pg_store *st, struct err *err)
{
	if (PQstatus(st->conn) != CONNECTION_OK) {
		pg_connect_error(st->conn, err);
		return false;
	}
	PQsetNoticeReceiver(st->conn, ignore_notice, NULL);
	st->generation++;
	return set_session(st, err);
}

bool pg_ready(struct pg_store *st, struct err *err)
{
	if (st->lost) {
		err_set(err, ERR_NET, _("the connection with the database was lost"));
		return false;
	}
	if (PQstatus(st->conn) == CONNECTION_OK)
		return true;
	if (clock_mono() < st->retry_at) {
		err_set(err, ERR_NET, _("no server answers there"));
		return false;
	}
	PQreset(st->conn);
	if (begin_session(st, err))
		return true;
	st->retry_at = clock_mono() + RECONNECT_MS;
	return false;
}

bool pg_exec(struct pg_store *st, const char *sql, PGresult **ret, struct err *err)
{
	bool within = store_in_transaction(&st->base);
	PGresult *result;

	if (st->lost)
		return pg_ready(st, err);
	result = PQexec(st->conn, sql);
	if (PQstatus(st->conn) != CONNECTION_OK && within)
		st->lost = true;
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
	int64_t ours = 0, others = 0, row[2] = {0};
	int known = (int)st->base.schema->dialects[STORE_POSTGRES].migration_count;

	*ret = 0;
	if (!ask_numbers(st, SERVER_SQL_TABLE_OF_SCHEMA, &ours, 1, err))
		return false;
	if (!ours) {
		if (!ask_numbers(st, SERVER_SQL_COUNT_TABLES, &others, 1, err))
			return false;
		if (others > 0)
			err_set(err, ERR_CORRUPT, _("it is a database of another program or kind"));
		return others == 0;
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
	struct pg_query q;
	bool ok;

	/* A name of its own each time: the server keeps what was prepared. */
	pg_query_init(&q, st, pg_own(SERVER_SQL_WRITE_SCHEMA),
		      (unsigned)(st->base.schema->statement_count + (size_t)version));
	store_bind_int(&q.base, 1, st->base.schema->application_id);
	store_bind_int(&q.base, 2, version);
	ok = store_run(&q.base, err);
	pg_query_finish(&q);
	return ok;
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
		err_set(err, ERR_BUSY, _("it is being filled, or that was broken off"));
		return false;
	}
	if (version == last)
		return true;
	if (version == 0 && (st->flags & STORE_CREATE) == 0) {
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
	st->bulk.rows = xcalloc(count, sizeof(*st->bulk.rows));
	return st;
}

void pg_close(struct store *base)
{
	struct pg_store *st = pg_of(base);

	for (size_t i = 0; i < base->schema->statement_count; i++)
		pg_query_finish(&st->queries[i]);
	pg_query_finish(&st->tell);
	pg_bulk_finish(st);
	buf_finish(&st->heard);
	PQfinish(st->conn);
	free(st->queries);
	free(st);
}

static bool prepare_all(struct pg_store *st, struct err *err)
{
	for (size_t i = 0; i < st->base.schema->statement_count; i++) {
		if (!pg_prepare(&st->queries[i])) {
			*err = st->queries[i].err;
			return false;
		}
	}
	return true;
}

bool pg_open(struct store **ret, const char *url, const struct store_schema *schema, unsigned flags,
	     struct err *err)
{
	struct pg_store *st = make(schema, flags);
	struct buf shown = {0};
	bool ok = false;

	st->conn = connect_to(url);
	if (!begin_session(st, err) || !bring_up_to_date(st, err))
		goto out;
	if ((flags & STORE_PREPARE) && !prepare_all(st, err))
		goto out;
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
