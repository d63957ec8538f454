/* The town on both engines: the same tables, columns and indexes, the same statements, all of which
 * each engine can prepare, pages that follow an index, and the same rows from the same record. */
#include "check.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balie/id.h"
#include "balie/store.h"
#include "central_sql.h"
#include "postgres.h"
#include "town.h"

static char folder[] = "/tmp/balie-dialects-XXXXXX";
static char path[64], url[POSTGRES_URL];
static struct town towns[STORE_ENGINES];
static struct arena arena;

/* The first column of all rows, a line each. */
static const char *ask_sqlite(const char *sql)
{
	struct buf b = {0};
	const char *ret;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	while (sqlite3_step(stmt) == SQLITE_ROW)
		buf_printf(&b, "%s\n", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	ret = arena_strdup(&arena, b.len ? b.data : "");
	buf_finish(&b);
	return ret;
}

static const char *result_text(PGconn *conn, PGresult *result)
{
	struct buf b = {0};
	const char *ret;

	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(conn));
	for (int i = 0; i < PQntuples(result); i++)
		buf_printf(&b, "%s\n", PQgetvalue(result, i, 0));
	PQclear(result);
	ret = arena_strdup(&arena, b.len ? b.data : "");
	buf_finish(&b);
	return ret;
}

static PGconn *connect_postgres(void)
{
	PGconn *conn = PQconnectdb(url);

	if (PQstatus(conn) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(conn));
	return conn;
}

static const char *ask_postgres(const char *sql)
{
	PGconn *conn = connect_postgres();
	const char *ret = result_text(conn, PQexec(conn, sql));

	PQfinish(conn);
	return ret;
}

static void columns_are_the_same(void **state)
{
	const char *columns;
	(void)state;

	/* The index of words is made of tables on SQLite. */
	columns = ask_sqlite(
		"SELECT t.name || '.' || c.name || ' ' || c.cid || ' ' || CASE c.type "
		"WHEN 'TEXT' THEN 'text' WHEN 'INTEGER' THEN 'bigint' WHEN 'BLOB' THEN 'bytea' "
		"ELSE c.type END || CASE WHEN c.\"notnull\" OR c.pk THEN ' NOT NULL' ELSE '' END "
		"FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c "
		"WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' "
		"AND t.name NOT LIKE 'party_search%' "
		"ORDER BY t.name, c.cid");
	assert_true(strlen(columns) > 1000);
	assert_string_equal(
		columns,
		ask_postgres("SELECT table_name || '.' || column_name || ' ' || "
			     "(ordinal_position - 1) || ' ' || data_type || "
			     "CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END "
			     "FROM information_schema.columns WHERE table_schema = 'public' "
			     "AND table_name <> 'balie_schema' "
			     "ORDER BY table_name COLLATE \"C\", ordinal_position"));
	/* Else a list would be in another order than on SQLite. */
	assert_string_equal(ask_postgres("SELECT table_name || '.' || column_name "
					 "FROM information_schema.columns "
					 "WHERE table_schema = 'public' AND data_type = 'text' "
					 "AND table_name <> 'balie_schema' "
					 "AND collation_name IS DISTINCT FROM 'C'"),
			    "");
}

/* Primary keys, unique columns and indexes with their columns in order and their condition, and what
 * points where: a line each. */
static const char sqlite_keys[] =
	"WITH town AS (SELECT name FROM sqlite_schema WHERE type = 'table' "
	"AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'party_search%') "
	"SELECT t.name || ' primary (' || (SELECT group_concat(name) FROM (SELECT name "
	"FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)) || ')' AS line FROM town t "
	"WHERE EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE pk > 0) "
	"UNION ALL "
	"SELECT t.name || CASE x.origin WHEN 'u' THEN '' ELSE ' index ' || x.name END || "
	"CASE WHEN x.\"unique\" THEN ' unique' ELSE '' END || ' (' || (SELECT group_concat(name) "
	"FROM (SELECT name || CASE WHEN \"desc\" THEN ' DESC' ELSE '' END AS name "
	"FROM pragma_index_xinfo(x.name) WHERE key ORDER BY seqno)) || ')' || "
	"CASE WHEN x.partial THEN ' WHERE ' || (SELECT substr(i.sql, instr(i.sql, 'WHERE ') + 6) "
	"FROM sqlite_schema i WHERE i.type = 'index' AND i.name = x.name) ELSE '' END "
	"FROM town t JOIN pragma_index_list(t.name) x WHERE x.origin <> 'pk' "
	"UNION ALL "
	"SELECT t.name || '.' || f.\"from\" || ' to ' || f.\"table\" || '.' || f.\"to\" || ' ' || "
	"f.seq || ' delete ' || f.on_delete || ' update ' || f.on_update "
	"FROM town t JOIN pragma_foreign_key_list(t.name) f "
	"ORDER BY line";
static const char postgres_keys[] =
	"WITH key AS (SELECT t.relname AS of, i.relname AS name, x.*, (SELECT "
	/* Words of theirs come quoted, and conditions (below) with brackets; ours have neither. */
	"string_agg(translate(pg_get_indexdef(x.indexrelid, k, true), '\"', '') || "
	"CASE WHEN x.indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END, ',' ORDER BY k) "
	"FROM generate_series(1, x.indnkeyatts) k) AS columns, "
	"EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype = 'u') AS "
	"bound "
	"FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
	"JOIN pg_class t ON t.oid = x.indrelid WHERE t.relnamespace = 'public'::regnamespace "
	"AND t.relname <> 'balie_schema' AND i.relname <> 'party_words_search'), "
	"link AS (SELECT t.relname AS of, a.attname AS name, o.relname AS other, "
	"b.attname AS other_name, p.n - 1 AS n, c.* FROM pg_constraint c "
	"JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = c.confrelid "
	"CROSS JOIN unnest(c.conkey, c.confkey) WITH ORDINALITY AS p (a, b, n) "
	"JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = p.a "
	"JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = p.b WHERE c.contype = 'f'), "
	"line AS (SELECT CASE WHEN indisprimary THEN of || ' primary (' || columns || ')' "
	"ELSE of || CASE WHEN bound THEN '' ELSE ' index ' || name END || "
	"CASE WHEN indisunique THEN ' unique' ELSE '' END || "
	"CASE WHEN indnullsnotdistinct THEN ' of nulls' ELSE '' END || ' (' || columns || ')' || "
	"coalesce(' WHERE ' || translate(pg_get_expr(indpred, indrelid), '()', ''), '') END "
	"AS line FROM key "
	"UNION ALL "
	"SELECT of || '.' || name || ' to ' || other || '.' || other_name || ' ' || n || "
	"' delete ' || CASE confdeltype WHEN 'a' THEN 'NO ACTION' ELSE confdeltype::text END || "
	"' update ' || CASE confupdtype WHEN 'a' THEN 'NO ACTION' ELSE confupdtype::text END || "
	"CASE WHEN condeferrable THEN ' later' ELSE '' END FROM link) "
	"SELECT line FROM line ORDER BY line COLLATE \"C\"";

static void keys_and_indexes_are_the_same(void **state)
{
	const char *keys = ask_sqlite(sqlite_keys);
	(void)state;

	assert_non_null(strstr(keys, "\nmail_ref primary (header_id,message_id)\n"));
	assert_non_null(strstr(keys, "\nattachment unique (message_id,position)\n"));
	assert_non_null(strstr(keys, " index mail_ledger_file unique (mailbox,sha256) "
				     "WHERE uid IS NULL\n"));
	assert_non_null(strstr(keys, "\nagent.team_id to team.id 0 delete NO ACTION "));
	assert_string_equal(keys, ask_postgres(postgres_keys));
	assert_string_equal(ask_postgres("SELECT conname FROM pg_constraint "
					 "WHERE connamespace = 'public'::regnamespace "
					 "AND contype NOT IN ('p', 'u', 'f') "
					 "AND conrelid <> 'balie_schema'::regclass"),
			    "");
}

/* That the comparison above sees what it is there for. */
static void a_key_that_differs_is_seen(void **state)
{
	static const char *const changes[] = {
		"ALTER TABLE team DROP CONSTRAINT team_name_key",
		"ALTER TABLE team DROP CONSTRAINT team_name_key; "
		"CREATE INDEX team_name_key ON team (name)",
		"ALTER TABLE lease DROP CONSTRAINT lease_pkey",
		"ALTER TABLE mail_ref DROP CONSTRAINT mail_ref_pkey, "
		"ADD PRIMARY KEY (message_id, header_id)",
		"ALTER TABLE agent DROP CONSTRAINT agent_team_id_fkey",
		"ALTER TABLE agent DROP CONSTRAINT agent_team_id_fkey, "
		"ADD FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE CASCADE",
		"DROP INDEX mail_ledger_sha256",
		"DROP INDEX mail_ledger_file; "
		"CREATE INDEX mail_ledger_file ON mail_ledger (mailbox, sha256) WHERE uid IS NULL",
		"DROP INDEX ticket_open; CREATE INDEX ticket_open ON ticket (id) WHERE is_open = 0",
		"DROP INDEX ticket_open; CREATE INDEX ticket_open ON ticket (id)",
		"DROP INDEX ticket_state; CREATE INDEX ticket_state ON ticket (id, state)",
		"DROP INDEX ticket_state; CREATE INDEX ticket_state ON ticket (state, id DESC)",
	};
	const char *keys = ask_sqlite(sqlite_keys);
	PGconn *conn = connect_postgres();
	(void)state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		result_text(conn, PQexec(conn, "BEGIN; SET LOCAL lock_timeout = '20s'"));
		result_text(conn, PQexec(conn, changes[i]));
		if (strcmp(keys, result_text(conn, PQexec(conn, postgres_keys))) == 0)
			fail_msg("not seen: %s", changes[i]);
		result_text(conn, PQexec(conn, "ROLLBACK"));
		assert_string_equal(keys, result_text(conn, PQexec(conn, postgres_keys)));
	}
	PQfinish(conn);
}

static void statements_are_the_same(void **state)
{
	const struct store_dialect *a = &town_schema()->dialects[STORE_SQLITE];
	const struct store_dialect *b = &town_schema()->dialects[STORE_POSTGRES];
	size_t copies = 0;
	(void)state;

	for (size_t i = 0; i < town_schema()->statement_count; i++) {
		assert_string_equal(a->statements[i].name, b->statements[i].name);
		assert_null(strchr(b->statements[i].sql, '?'));
		assert_null(a->statements[i].copy);
		copies += b->statements[i].copy != NULL;
	}
	assert_true(copies >= 10);
	assert_int_equal(a->migration_count, b->migration_count);
	for (size_t i = 0; i < a->migration_count; i++)
		assert_string_equal(a->migrations[i].name, b->migrations[i].name);
}

static int parameter_count(const char *sql)
{
	int ret = 0, n;

	while ((sql = strchr(sql, '$')) != NULL) {
		n = atoi(++sql);
		ret = n > ret ? n : ret;
	}
	return ret;
}

/* With sorting made too dear to be chosen where there is another way, and for parameters that are not
 * known yet, since that is the plan that a service keeps. */
static void pages_follow_an_index(void **state)
{
	const struct store_dialect *d = &town_schema()->dialects[STORE_POSTGRES];
	PGconn *conn = connect_postgres();
	size_t seen = 0;
	(void)state;

	result_text(conn, PQexec(conn, "SET enable_sort = off; SET enable_seqscan = off; "
				       "SET enable_bitmapscan = off; "
				       "SET plan_cache_mode = force_generic_plan"));
	for (size_t i = 0; i < town_schema()->statement_count; i++) {
		const char *name = d->statements[i].name, *sql = d->statements[i].sql;
		int count = parameter_count(sql);
		struct buf b = {0};
		const char *plan;

		if (strncmp(name, "queue_", 6) != 0)
			continue;
		buf_printf(&b, "PREPARE %s AS %s", name, sql);
		result_text(conn, PQexec(conn, b.data));
		buf_reset(&b);
		buf_printf(&b, "EXPLAIN EXECUTE %s (", name);
		for (int k = 0; k < count; k++)
			buf_add_str(&b, k ? ", NULL" : "NULL");
		buf_add_char(&b, ')');
		plan = result_text(conn, PQexec(conn, b.data));
		buf_finish(&b);
		if (strstr(plan, "Sort") || !strstr(plan, "using queue_") ||
		    !strstr(plan, "Index Cond: ("))
			fail_msg("%s: %s", name, plan);
		seen++;
	}
	assert_true(seen >= 30);
	PQfinish(conn);
}

/* ---- the same rows from the same record ---- */

static const struct mark mark = {
	.operation = "01900000-0000-7000-8000-000000000001", .action = "test", .at = 1700000000000};

static void both_have(const char *sql, const char *rows)
{
	assert_string_equal(ask_sqlite(sql), rows);
	assert_string_equal(ask_postgres(sql), rows);
}

static void put_party(struct town *t, struct party *party, const struct party *before)
{
	struct err err = {0};

	assert_true(town_begin(t, &err));
	if (!(before ? town_update(t, RECORD_PARTY, before, party, &mark, &err)
		     : town_insert(t, RECORD_PARTY, party, NULL, &mark, &arena, &err)))
		fail_msg("%s", err.text);
	assert_true(town_commit(t, &err));
}

static void parties_are_found_alike(void **state)
{
	const char *id = "01900000-0000-7000-8000-000000000002";
	(void)state;

	for (int i = 0; i < STORE_ENGINES; i++) {
		struct party before = {
			.id = id,
			.name = "Zoë d'Hondt",
			.identifiers = "[{\"scheme\":\"rrn\",\"value\":\"1\"},{\"scheme\":\"x\"},"
				       "{\"scheme\":\"rrn\",\"value\":\"1\"}]",
			.phones = "[{\"value\":\"+3291\"},{\"kind\":\"home\"},"
				  "{\"value\":\"+3292\"}]",
			.emails = "[{\"value\":\"zo\u00eb@example.be\"}]",
			.addresses = "[{\"street\":\"Kaai\",\"number\":\"12\",\"city\":\"Gent\"},"
				     "{\"postcode\":\"9000\"}]",
		};
		struct party after = before;

		put_party(&towns[i], &before, NULL);
		after.phones = "[{\"value\":\"+3293\"}]";
		put_party(&towns[i], &after, &before);
	}
	both_have("SELECT scheme || ' ' || value FROM party_identifier", "rrn 1\n");
	both_have("SELECT value FROM party_phone", "+3293\n");
	both_have("SELECT value FROM party_email", "zo\u00eb@example.be\n");
	both_have("SELECT position || coalesce(street, '-') || coalesce(number, '-') || "
		  "coalesce(box, '-') || coalesce(postcode, '-') || coalesce(city, '-') "
		  "FROM party_address ORDER BY position",
		  "0Kaai12--Gent\n1---9000-\n");
	both_have("SELECT phones FROM party", "[{\"value\":\"+3293\"}]\n");
	for (int i = 0; i < STORE_ENGINES; i++) {
		struct err err = {0};
		const char *found = NULL;

		assert_true(party_by_phone(&towns[i], "+3293", &found, &arena, &err));
		assert_string_equal(found, id);
		assert_true(party_by_identifier(&towns[i], "rrn", "1", &found, &arena, &err));
		assert_string_equal(found, id);
		assert_true(party_by_email(&towns[i], "zoe@example.be", &found, &arena, &err));
		assert_null(found);
	}
}

static const char *search(struct town *t, const char *one, const char *two)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_SEARCH_WORDS_INSIDE);
	struct buf b = {0};
	const char *ret;
	enum store_step step;
	struct err err = {0};

	store_bind_text(q, 2, one);
	store_bind_text(q, 3, two);
	store_bind_int(q, 10, 50);
	store_bind_int(q, 32, 50);
	while ((step = store_step(q, &err)) == STORE_ROW)
		buf_printf(&b, "%s\n", store_column_text(q, 3));
	store_done(q);
	if (step == STORE_FAILED)
		fail_msg("%s", err.text);
	ret = arena_strdup(&arena, b.len ? b.data : "");
	buf_finish(&b);
	return ret;
}

static void words_find_alike(void **state)
{
	static const char *const names[] = {"Jan \u0141ukasz", "\u00c6gir Jansen",
					    "J\u00fcrgen Jan", "\u0418\u0432\u0430\u043d Jan"};
	char id[ID_TEXT];
	(void)state;

	for (int i = 0; i < STORE_ENGINES; i++) {
		struct town *t = &towns[i];

		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
			struct party party = {.id = arena_strdup(&arena, id_new(id)),
					      .name = names[k]};

			put_party(t, &party, NULL);
		}
		assert_string_equal(search(t, "jan", NULL),
				    "\u00c6gir Jansen\nJan \u0141ukasz\nJ\u00fcrgen Jan\n"
				    "\u0418\u0432\u0430\u043d Jan\n");
		assert_string_equal(search(t, "luka", "j"), "Jan \u0141ukasz\n");
		assert_string_equal(search(t, "jan", "jur"), "J\u00fcrgen Jan\n");
		assert_string_equal(search(t, "\u0438\u0432", NULL),
				    "\u0418\u0432\u0430\u043d Jan\n");
		assert_string_equal(search(t, "an", NULL), "");
	}
	both_have("SELECT party_id || words FROM party_words WHERE words LIKE '%hondt%'",
		  "01900000-0000-7000-8000-000000000002 zoe d hondt dhondt\n");
}

static bool harm_since(struct town *t, const char *ticket_id, int64_t version)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_JOURNAL_HARM_SINCE);
	struct err err = {0};
	enum store_step step;

	store_bind_text(q, 1, ticket_id);
	store_bind_int(q, 2, version);
	step = store_step(q, &err);
	store_done(q);
	if (step == STORE_FAILED)
		fail_msg("%s", err.text);
	return step == STORE_ROW;
}

static void tickets_are_kept_alike(void **state)
{
	const char *id = "01900000-0000-7000-8000-000000000003";
	(void)state;

	for (int i = 0; i < STORE_ENGINES; i++) {
		struct town *t = &towns[i];
		struct err err = {0};
		struct ticket first = {
			.id = id,
			.subject = "Losse stoeptegel",
			.created_at = mark.at,
			.involved = "[{\"role\":\"reporter\",\"name\":\"Jan\"},{\"party_id\":"
				    "\"01900000-0000-7000-8000-000000000002\"},"
				    "{\"party_id\":\"nobody\",\"name\":\"An\"}]"};
		struct ticket second, third;

		assert_true(town_begin(t, &err));
		if (!ticket_insert(t, &first, &mark, &arena, &err))
			fail_msg("%s", err.text);
		second = first;
		second.last_in_at = mark.at + 5;
		assert_true(town_update(t, RECORD_TICKET, &first, &second, &mark, &err));
		third = second;
		third.due_at = mark.at + 7;
		assert_true(town_update(t, RECORD_TICKET, &second, &third, &mark, &err));
		assert_true(town_commit(t, &err));
		assert_true(harm_since(t, id, 1));
		assert_true(harm_since(t, id, 2));
		assert_false(harm_since(t, id, 3));
		assert_true(store_check(t->store, &err));
	}
	both_have("SELECT position || role || coalesce(party_id, '-') || coalesce(name, '-') "
		  "FROM involvement ORDER BY position",
		  "0reporter-Jan\n1concerned01900000-0000-7000-8000-000000000002-\n"
		  "2concerned-An\n");
	both_have("SELECT number || ' ' || due_key FROM ticket",
		  ask_sqlite("SELECT number || ' 1700000000007' FROM ticket"));
	/* The chain over the rows is the same too, byte for byte. */
	assert_string_equal(ask_sqlite("SELECT lower(hex(chain_hash)) FROM journal ORDER BY seq"),
			    ask_postgres("SELECT encode(chain_hash, 'hex') FROM journal "
					 "ORDER BY seq"));
}

static int start(void **state)
{
	struct err err = {0};
	(void)state;

	store_know_postgres();
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/town.db", folder);
	postgres_database(url);
	for (int i = 0; i < STORE_ENGINES; i++) {
		if (!town_open(&towns[i], i == STORE_SQLITE ? path : url,
			       STORE_CREATE | STORE_PREPARE, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return -1;
		}
	}
	return 0;
}

static int finish(void **state)
{
	char command[64];
	(void)state;

	for (int i = 0; i < STORE_ENGINES; i++)
		town_close(&towns[i]);
	arena_finish(&arena);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_the_same),
		cmocka_unit_test(keys_and_indexes_are_the_same),
		cmocka_unit_test(a_key_that_differs_is_seen),
		cmocka_unit_test(statements_are_the_same),
		cmocka_unit_test(pages_follow_an_index),
		cmocka_unit_test(parties_are_found_alike),
		cmocka_unit_test(tickets_are_kept_alike),
		cmocka_unit_test(words_find_alike),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
