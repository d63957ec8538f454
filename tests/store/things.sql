-- What the tests keep: as much of SQL as sqlgen has rules for.

-- part: thing_columns
id, name, body, count, done, at, born, colour, extra
-- part: part_columns
id, {{key}}, number
-- part: key
thing_id
-- part: order_id
id

-- name: thing_put
-- copy: thing
INSERT INTO thing ({{thing_columns}}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- name: {TABLE}_by_{ORDER}
-- each: TABLE thing part
-- each: ORDER id rowid
-- Four statements.
SELECT {{{TABLE}_columns}} FROM {TABLE} ORDER BY {{order_{ORDER}}}

-- name: thing_get
SELECT {{thing_columns}} FROM thing WHERE id = ?1

-- name: thing_list
SELECT id FROM thing ORDER BY id

-- name: thing_delete
DELETE FROM thing WHERE id = ?1

-- name: thing_rename
UPDATE thing SET name = ?2 WHERE id = ?1 RETURNING id, name

-- name: part_put
-- copy: part
INSERT INTO part (thing_id, number) VALUES (?1, ?2)

-- name: part_orphan
INSERT INTO part (thing_id, number) VALUES ('nobody', 1)

-- name: thing_count
SELECT count(*) FROM thing

-- Answers not asked for: they are gathered while a database is filled.
-- name: thing_rename_all
UPDATE thing SET name = ?1

-- name: thing_paint
UPDATE thing SET colour = ?2 WHERE id = ?1

-- name: sheet_put
-- copy: sheet
INSERT INTO sheet (id, data) VALUES (?1, ?2)

-- name: sheet_get
SELECT data FROM sheet WHERE id = ?1

-- name: part_get
SELECT thing_id FROM part WHERE number = ?1
