-- The next number of the ledger is behind the largest: SQLite sees to it by itself.
-- name: move_ledger_number
SELECT max(id) FROM mail_ledger
