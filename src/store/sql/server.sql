-- What the PostgreSQL engine itself asks of a server.

-- name: table_of_schema
SELECT count(*) FROM pg_class
WHERE oid = to_regclass(quote_ident(current_schema()) || '.balie_schema')
-- name: count_tables
SELECT count(*) FROM pg_class
WHERE relkind IN ('r', 'v', 'm', 'p') AND relnamespace = current_schema()::regnamespace
-- name: make_schema
CREATE TABLE balie_schema (
	one INT PRIMARY KEY CHECK (one = 1),
	application_id BIGINT NOT NULL,
	version BIGINT NOT NULL
)
-- name: read_schema
SELECT application_id, version FROM balie_schema
-- name: write_schema
INSERT INTO balie_schema (one, application_id, version) VALUES (1, ?1, ?2)
ON CONFLICT (one) DO UPDATE SET version = excluded.version
-- Keys and indexes that the server does not vouch for.
-- name: not_valid
SELECT conrelid::regclass::text FROM pg_constraint
WHERE NOT convalidated AND connamespace = current_schema()::regnamespace
UNION ALL
SELECT i.indrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace
-- name: tell
SELECT pg_notify('balie_tell', ?1)
-- name: listen_{WHAT}
-- each: WHAT commit tell
LISTEN balie_{WHAT}
