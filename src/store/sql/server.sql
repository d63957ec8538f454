-- What the PostgreSQL engine itself asks of a server.

-- name: is_parked
SELECT count(*) FROM pg_class
WHERE oid = to_regclass(quote_ident(current_schema()) || '.balie_parked')
-- Ours, and all but those of extensions: in one look, since another program may be making them.
-- name: count_tables
SELECT count(*) FILTER (WHERE relname = 'balie_schema'), count(*) FROM pg_class
WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND relnamespace = current_schema()::regnamespace
	AND NOT EXISTS (SELECT FROM pg_depend d
		WHERE d.classid = 'pg_class'::regclass AND d.objid = pg_class.oid AND d.deptype = 'e')
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
-- How long is waited for a lock, and how long a writer may be silent within its transaction. What the
-- options of the URL say counts more.
-- name: limits
SELECT CASE WHEN name = 'lock_timeout'
	THEN set_config(name, CASE source WHEN 'client' THEN setting ELSE '12s' END, false)
	ELSE set_config('balie.silence', CASE source WHEN 'client' THEN setting ELSE '8s' END, false)
	END
FROM pg_settings WHERE name IN ('lock_timeout', 'idle_in_transaction_session_timeout')
-- name: tell
SELECT pg_notify('balie_tell_' || hashtext(current_schema()), ?1)
-- Of this schema alone: the same database may hold other towns.
-- name: listen_{WHAT}
-- each: WHAT commit tell
DO $$
BEGIN
	EXECUTE format('LISTEN %I', 'balie_{WHAT}_' || hashtext(current_schema()));
END
$$

-- While a database is filled from empty, its indexes and foreign keys are away: their definitions
-- stand in balie_parked, and its presence says that the filling has not come to its end.
-- migration: park
CREATE TABLE IF NOT EXISTS balie_parked (
	place INT NOT NULL,
	definition TEXT NOT NULL
);
DO $$
DECLARE
	item RECORD;
BEGIN
	FOR item IN
		SELECT conrelid::regclass AS owner, conname AS name,
			pg_get_constraintdef(oid) AS definition
		FROM pg_constraint
		WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
	LOOP
		INSERT INTO balie_parked VALUES (2, format('ALTER TABLE %s ADD CONSTRAINT %I %s',
			item.owner, item.name, item.definition));
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', item.owner, item.name);
	END LOOP;
	FOR item IN
		SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS definition
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisprimary
			AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
	LOOP
		INSERT INTO balie_parked VALUES (1, item.definition);
		EXECUTE format('DROP INDEX %s', item.name);
	END LOOP;
END
$$;
-- migration: restore
SET LOCAL maintenance_work_mem = '256MB';
DO $$
DECLARE
	item RECORD;
BEGIN
	FOR item IN SELECT definition FROM balie_parked ORDER BY place
	LOOP
		EXECUTE item.definition;
	END LOOP;
END
$$;
DROP TABLE balie_parked;
