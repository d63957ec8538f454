-- What the tests keep: as much of SQL as sqlgen has rules for.

-- migration: first
CREATE TABLE thing (
	id TEXT PRIMARY KEY,
	name TEXT,
	body TEXT,
	count INTEGER NOT NULL,
	done INTEGER NOT NULL,
	at INTEGER,
	born TEXT,
	colour TEXT NOT NULL,
	extra TEXT
);
CREATE TABLE part (
	id INTEGER PRIMARY KEY,
	thing_id TEXT NOT NULL REFERENCES thing (id),
	number INTEGER NOT NULL UNIQUE CHECK (number > 0)
);

-- migration: second
-- A trigger holds statements of its own.
CREATE TABLE log (text TEXT);
CREATE TRIGGER thing_gone AFTER DELETE ON thing BEGIN
	INSERT INTO log VALUES ('gone ' || old.id);
END;

-- part: thing_columns
id, name, body, count, done, at, born, colour, extra
-- part: part_columns
id, {{key}}, number
-- part: key
thing_id

-- name: thing_put
INSERT INTO thing ({{thing_columns}}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- name: {TABLE}_by_{ORDER}
-- each: TABLE thing part
-- each: ORDER id rowid
-- Four statements.
SELECT {{{TABLE}_columns}} FROM {TABLE} ORDER BY {ORDER}

-- name: thing_get
SELECT {{thing_columns}} FROM thing WHERE id = ?1

-- name: thing_list
SELECT id FROM thing ORDER BY id

-- name: thing_delete
DELETE FROM thing WHERE id = ?1

-- name: thing_rename
UPDATE thing SET name = ?2 WHERE id = ?1 RETURNING id, name

-- name: part_put
INSERT INTO part (thing_id, number) VALUES (?1, ?2)

-- name: part_orphan
INSERT INTO part (thing_id, number) VALUES ('nobody', 1)

-- name: log_list
SELECT text FROM log ORDER BY rowid

-- name: echo
SELECT ?1 AS one, ?2 AS two

-- name: thing_count
SELECT count(*) FROM thing

-- name: limit_pages
PRAGMA max_page_count = 40

-- name: journal
PRAGMA journal_mode
