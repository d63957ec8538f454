-- Leases: only the database's clock counts.
-- name: lease_take
INSERT INTO lease (name, holder, until) VALUES (?1, ?2, {{clock}} + ?3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE lease.holder = excluded.holder OR lease.until <= {{clock}}
-- name: lease_mine
SELECT 1 FROM lease WHERE name = ?1 AND holder = ?2 AND until > {{clock}}
-- name: lease_others
SELECT 1 FROM lease WHERE name = ?1 AND holder <> ?2 AND until > {{clock}}
-- name: lease_leave
DELETE FROM lease WHERE holder = ?1
