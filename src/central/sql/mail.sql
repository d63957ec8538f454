-- name: ledger_add
-- copy: mail_ledger
INSERT INTO mail_ledger (mailbox, uidvalidity, uid, sha256, outcome, ticket_id, message_id, reason,
	at, told)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
-- name: ledger_has_uid
SELECT 1 FROM mail_ledger WHERE mailbox = ?1 AND uidvalidity = ?2 AND uid = ?3
-- name: ledger_has_file
SELECT 1 FROM mail_ledger WHERE mailbox = ?1 AND sha256 = ?2 AND uid IS NULL
-- name: ledger_of_message
SELECT mailbox FROM mail_ledger WHERE message_id = ?1 LIMIT 1
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

-- From which mailbox a ticket is answered: the one that it came in by, else that of its team, else the
-- first. One that the configuration no longer names has state failing for that reason, and is none.
-- part: mailbox_known
(b.reason IS NULL OR b.reason <> 'not-configured')
-- name: mailbox_of_ticket
SELECT b.id FROM message m
JOIN mail_ledger l ON l.message_id = m.id
JOIN mailbox b ON b.name = l.mailbox
WHERE m.ticket_id = ?1 AND m.direction = 'in' AND {{mailbox_known}}
ORDER BY m.created_at DESC, m.id DESC LIMIT 1
-- name: mailbox_of_team
SELECT b.id FROM mailbox b WHERE b.team_id = ?1 AND {{mailbox_known}} ORDER BY b.name LIMIT 1
-- name: mailbox_first
SELECT b.id FROM mailbox b WHERE {{mailbox_known}} ORDER BY b.name LIMIT 1
-- name: mailbox_address
SELECT 1 FROM mailbox WHERE address = ?1 LIMIT 1

-- name: mail_out_add
INSERT INTO mail_out (message_id, mailbox, sender, recipients, state, tries, next_at, made_at, auto)
VALUES (?1, ?2, ?3, ?4, 'waiting', 0, ?5, ?6, ?7)
-- What is being handed over, or what somebody has, can no longer be taken back.
-- name: mail_out_recall
DELETE FROM mail_out WHERE message_id = ?1 AND state = 'waiting' AND given = 0
-- name: mail_auto_count
INSERT INTO mail_auto (address, day, count) VALUES (?1, ?2, 1)
ON CONFLICT (address, day) DO UPDATE SET count = mail_auto.count + 1
RETURNING count
-- name: mail_auto_prune
DELETE FROM mail_auto WHERE day < ?1

-- Files for a mail that is still being written.
-- name: upload_add
INSERT INTO upload (sha256, agent_id, size, at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (sha256, agent_id) DO UPDATE SET at = excluded.at
-- name: upload_get
SELECT b.data FROM upload u JOIN blob b ON b.sha256 = u.sha256
WHERE u.sha256 = ?1 AND u.agent_id = ?2
-- name: upload_bytes
SELECT coalesce(sum(size), 0) FROM upload WHERE agent_id = ?1 AND at > ?2
-- name: upload_prune
DELETE FROM upload WHERE at < ?1
-- name: message_files
SELECT b.data, a.name, a.type FROM attachment a JOIN blob b ON b.sha256 = a.sha256
WHERE a.message_id = ?1 ORDER BY a.position
-- What the service answers by itself: the text of the topic, else that for all; in the language of the citizen.
-- name: acknowledgement
SELECT body FROM template
WHERE purpose = 'acknowledgement' AND active = 1 AND language = ?1
	AND (topic_id = ?2 OR topic_id IS NULL)
ORDER BY CASE WHEN topic_id IS NULL THEN 1 ELSE 0 END, id LIMIT 1
