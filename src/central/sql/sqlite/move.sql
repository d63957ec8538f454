-- The next number of the ledger is behind the largest: SQLite sees to it by itself.
-- name: move_ledger_number
SELECT max(id) FROM mail_ledger
-- Statistics for the planner: none are kept in a file.
-- name: move_statistics
SELECT count(*) FROM meta
