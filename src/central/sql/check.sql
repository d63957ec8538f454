-- What 'balied check' asks: the journal against what is there.
-- The kinds stand in the order of enum record_kind. ?1 most rows, ?2 last id of the page before.
-- name: check_page_{KIND}
-- each: KIND team agent topic party ticket contact
SELECT id, version, 0 AS removed FROM {KIND} WHERE id > ?2 ORDER BY id LIMIT ?1
-- name: check_page_{TEXT}
-- each: TEXT message note
SELECT id, version, removed FROM {TEXT} WHERE id > ?2 ORDER BY id LIMIT ?1
-- name: check_page_{LATER}
-- each: LATER template mailbox
SELECT id, version, 0 AS removed FROM {LATER} WHERE id > ?2 ORDER BY id LIMIT ?1
-- name: check_follows
SELECT ticket_id, agent_id FROM follow WHERE (ticket_id, agent_id) > (?2, ?3)
ORDER BY ticket_id, agent_id LIMIT ?1
-- is_open is the last column, behind those of the record.
-- name: check_tickets
SELECT id, version, number, kind, state, priority, channel, subject, topic_id, team_id, agent_id,
	party_id, party_name, involved, merged_into, created_at, updated_at, due_at, answered_at,
	closed_at, wait_until, last_in_at, last_out_at, suspected, links, is_open
FROM ticket WHERE id > ?2 ORDER BY id LIMIT ?1
-- name: check_links
SELECT id, number, links FROM ticket WHERE links IS NOT NULL AND id > ?2 ORDER BY id LIMIT ?1
-- name: check_links_of
SELECT links FROM ticket WHERE id = ?1
-- name: check_ticket_rows
SELECT ticket_id, seq, version, before, after, payload_hash, action, agent_id FROM journal
WHERE ticket_id IS NOT NULL AND type = 'ticket' AND (ticket_id, seq) > (?2, ?3)
ORDER BY ticket_id, seq LIMIT ?1
-- A row of a ticket that left its version as it was. ?3: the row's number.
-- name: check_same_version
SELECT 1 FROM journal WHERE ticket_id = ?1 AND type = 'ticket' AND version = ?2 AND seq < ?3 LIMIT 1

-- Only asked when the sums of a kind differ: which record is it?
-- name: check_lost_{KIND}
-- each: KIND team agent topic party ticket contact message note template mailbox
SELECT j.record_id FROM journal j
WHERE j.type = '{KIND}' AND j.version = 1
	AND NOT EXISTS (SELECT 1 FROM {KIND} t WHERE t.id = j.record_id)
LIMIT 1
-- name: check_strange_{KIND}
-- each: KIND team agent topic party ticket contact message note template mailbox
SELECT id FROM {KIND} EXCEPT SELECT record_id FROM journal WHERE type = '{KIND}' AND version = 1
LIMIT 1
-- name: check_version_{KIND}
-- each: KIND team agent topic party ticket contact message note template mailbox
SELECT t.id, t.version, j.version FROM {KIND} t
JOIN (SELECT record_id, max(version) AS version FROM journal WHERE type = '{KIND}'
	GROUP BY record_id) j ON j.record_id = t.id
WHERE t.version <> j.version LIMIT 1
-- name: check_removed_{KIND}
-- each: KIND message note
SELECT t.id, t.removed FROM {KIND} t
LEFT JOIN (SELECT DISTINCT record_id FROM journal WHERE type = '{KIND}' AND op = 'gone') j
	ON j.record_id = t.id
WHERE (t.removed = 1) <> (j.record_id IS NOT NULL) LIMIT 1
