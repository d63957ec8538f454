-- How far a mailbox was read.
-- name: mailbox_place_get
SELECT uidvalidity, generation, uid_next, since, seen_at FROM mailbox_place WHERE name = ?1
-- name: mailbox_place_put
INSERT INTO mailbox_place (name, uidvalidity, generation, uid_next, since, seen_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (name) DO UPDATE SET uidvalidity = excluded.uidvalidity,
	generation = excluded.generation, uid_next = excluded.uid_next, since = excluded.since,
	seen_at = excluded.seen_at

-- Messages that are still to be fetched or taken in.
-- name: mailbox_retry_put
INSERT INTO mailbox_retry (name, uidvalidity, uid, tries, next_at, reason)
VALUES (?1, ?2, ?3, 1, ?4, ?5)
ON CONFLICT (name, uidvalidity, uid) DO UPDATE SET tries = mailbox_retry.tries + 1,
	next_at = excluded.next_at, reason = excluded.reason
-- name: mailbox_retry_tries
SELECT tries FROM mailbox_retry WHERE name = ?1 AND uidvalidity = ?2 AND uid = ?3
-- name: mailbox_retry_drop
DELETE FROM mailbox_retry WHERE name = ?1 AND uidvalidity = ?2 AND uid = ?3
-- Of a validity that is over: what is still there is looked at again under the new one.
-- name: mailbox_retry_old
DELETE FROM mailbox_retry WHERE name = ?1 AND uidvalidity <> ?2
-- name: mailbox_retry_due
SELECT uid FROM mailbox_retry WHERE name = ?1 AND uidvalidity = ?2 AND next_at <= ?3
ORDER BY uid LIMIT ?4
-- name: mailbox_retry_count
SELECT count(*), min(next_at) FROM mailbox_retry WHERE name = ?1

-- What the server must still be told.
-- name: ledger_untold
SELECT uid FROM mail_ledger
WHERE mailbox = ?1 AND told = 0 AND uidvalidity = ?2 ORDER BY id LIMIT ?3
-- name: ledger_told
UPDATE mail_ledger SET told = 1 WHERE mailbox = ?1 AND uidvalidity = ?2 AND uid = ?3
-- name: ledger_told_old
UPDATE mail_ledger SET told = 1 WHERE mailbox = ?1 AND told = 0 AND uidvalidity <> ?2
-- name: ledger_told_all
UPDATE mail_ledger SET told = 1 WHERE mailbox = ?1 AND told = 0
-- How often these bytes were taken in before under another validity, and how many of those were met again under this.
-- name: ledger_twins
SELECT coalesce(sum(CASE WHEN uidvalidity <> ?3 AND outcome <> 'seen' THEN 1 ELSE 0 END), 0),
	coalesce(sum(CASE WHEN uidvalidity = ?3 THEN 1 ELSE 0 END), 0)
FROM mail_ledger WHERE mailbox = ?1 AND sha256 = ?2 AND uid IS NOT NULL
-- name: ledger_uids
SELECT uid FROM mail_ledger WHERE mailbox = ?1 AND uidvalidity = ?2 ORDER BY uid

-- The last that was met, to see whether its UID still means the same.
-- name: ledger_last
SELECT uid, sha256 FROM mail_ledger WHERE mailbox = ?1 AND uidvalidity = ?2
ORDER BY uid DESC LIMIT 1

-- name: mailbox_actives
SELECT name, active FROM mailbox
