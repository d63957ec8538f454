-- What the tests keep, as SQLite says it.

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
CREATE TABLE sheet (id INTEGER PRIMARY KEY, data BLOB);
CREATE TRIGGER thing_gone AFTER DELETE ON thing BEGIN
	INSERT INTO log VALUES ('gone ' || old.id);
END;

-- part: order_rowid
rowid

-- name: log_list
SELECT text FROM log ORDER BY rowid

-- name: echo
SELECT ?1 AS one, ?2 AS two

-- name: limit_pages
PRAGMA max_page_count = 40

-- name: journal
PRAGMA journal_mode
