-- Mail that goes out: what waits, what is being handed over, and how that ended.
-- name: out_get
SELECT mailbox, sender, recipients, state, tries, next_at, made_at, holder, evidence, auto, refused,
	given
FROM mail_out WHERE message_id = ?1
-- name: out_put
UPDATE mail_out SET recipients = ?2, state = ?3, tries = ?4, next_at = ?5, holder = ?6,
	handed_at = ?7, evidence = ?8, refused = ?9, given = ?10
WHERE message_id = ?1
-- name: out_drop
DELETE FROM mail_out WHERE message_id = ?1
-- part: out_ready
o.mailbox = ?1 AND o.state = 'waiting'
	AND NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.name = o.mailbox AND b.active = 0)
-- name: out_due
SELECT message_id FROM mail_out o
WHERE {{out_ready}} AND next_at <= ?2 ORDER BY next_at, message_id LIMIT 1
-- name: out_next
SELECT min(next_at) FROM mail_out o WHERE {{out_ready}}
-- name: out_late
-- Could not be sent yet.
SELECT count(*) FROM mail_out WHERE mailbox = ?1 AND state = 'waiting' AND tries > 0
-- name: out_release
-- Claimed by us, and surely never handed over.
UPDATE mail_out SET state = 'waiting', holder = NULL
WHERE mailbox = ?1 AND state = 'handing' AND holder = ?2
-- name: out_orphans
SELECT message_id FROM mail_out
WHERE mailbox = ?1 AND state = 'handing' AND holder <> ?2 ORDER BY message_id LIMIT 100
-- name: out_delay_due
-- The server is away: what was due to go is as late as the one that was tried.
UPDATE mail_out SET tries = tries + 1
WHERE mailbox = ?1 AND state = 'waiting' AND next_at <= ?2
-- name: out_expired
-- Made before ?2 and tried at least ?3 times: a service that was down for long begins with its tries.
SELECT message_id FROM mail_out
WHERE mailbox = ?1 AND state = 'waiting' AND made_at < ?2 AND tries >= ?3
ORDER BY made_at, message_id LIMIT 100
-- name: out_boxes
-- Mailboxes that have mail waiting.
SELECT DISTINCT mailbox FROM mail_out WHERE state = 'waiting'
-- name: out_of_box
SELECT message_id FROM mail_out WHERE mailbox = ?1 AND state = 'waiting'
ORDER BY message_id LIMIT 100
-- name: out_refs
-- The conversation so far, the newest first.
SELECT r.header_id, m.direction FROM mail_ref r JOIN message m ON m.id = r.message_id
WHERE m.ticket_id = ?1 AND m.id <> ?2 AND m.removed = 0 AND m.state <> 'suspected'
ORDER BY m.created_at DESC, m.id DESC LIMIT 40
-- name: out_header_id
-- The Message-ID of a mail of ours.
SELECT header_id FROM mail_ref WHERE message_id = ?1 ORDER BY header_id LIMIT 1
-- name: out_forget_raw
-- It is to be made anew, for others.
DELETE FROM raw WHERE message_id = ?1
-- name: out_open
-- All of a mailbox that is not settled by a person or by itself.
SELECT message_id, state, next_at FROM mail_out
WHERE mailbox = ?1 AND state IN ('waiting', 'handing') ORDER BY message_id
