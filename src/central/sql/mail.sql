-- name: ledger_add
-- copy: mail_ledger
INSERT INTO mail_ledger (mailbox, uidvalidity, uid, sha256, outcome, ticket_id, message_id, reason,
	at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
-- name: ledger_has_uid
SELECT 1 FROM mail_ledger WHERE mailbox = ?1 AND uidvalidity = ?2 AND uid = ?3
-- name: ledger_has_file
SELECT 1 FROM mail_ledger WHERE mailbox = ?1 AND sha256 = ?2 AND uid IS NULL
-- name: mail_ref_add
INSERT INTO mail_ref (header_id, message_id, ticket_id) VALUES (?1, ?2, ?3)
ON CONFLICT DO NOTHING
-- name: mail_ref_find
-- A message may have gone to another ticket since.
SELECT m.ticket_id, r.message_id FROM mail_ref r JOIN message m ON m.id = r.message_id
WHERE r.header_id = ?1 ORDER BY r.message_id LIMIT 1
-- name: raw_add
-- copy: raw
INSERT INTO raw (id, message_id, sha256, data) VALUES (?1, ?2, ?3, ?4)
-- name: blob_add
INSERT INTO blob (sha256, data) VALUES (?1, ?2)
ON CONFLICT DO NOTHING
-- name: attachment_add
-- copy: attachment
INSERT INTO attachment (id, message_id, position, name, type, size, sha256)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
-- name: raw_get
SELECT r.data, m.ticket_id FROM raw r JOIN message m ON m.id = r.message_id
WHERE r.message_id = ?1 AND m.removed = 0
-- name: attachment_get
SELECT b.data, a.name, a.type, m.ticket_id
FROM attachment a JOIN message m ON m.id = a.message_id JOIN blob b ON b.sha256 = a.sha256
WHERE a.id = ?1 AND m.removed = 0
