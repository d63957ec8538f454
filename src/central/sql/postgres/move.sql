-- The next number of the ledger is behind the largest that came along.
-- name: move_ledger_number
SELECT setval(pg_get_serial_sequence('mail_ledger', 'id'), coalesce(max(id), 0) + 1, false)
FROM mail_ledger
