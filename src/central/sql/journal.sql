-- part: change_columns
j.seq, j.operation, j.action, j.type, j.record_id, j.ticket_id, j.version, j.agent_id, j.at,
j.before, j.after

-- name: journal_end
SELECT seq, chain_hash FROM journal ORDER BY seq DESC LIMIT 1
-- name: journal_add
-- copy: journal
INSERT INTO journal (seq, operation, action, type, record_id, ticket_id, version, agent_id, at,
	before, after, op, team_before, payload_hash, chain_hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
-- The feed: op and team_before behind the change's own columns.
-- name: journal_after
SELECT {{change_columns}}, j.op, j.team_before
FROM journal j WHERE j.seq > ?1 ORDER BY j.seq LIMIT ?2
-- name: journal_of_ticket
WITH RECURSIVE {{family}}
SELECT {{change_columns}}
FROM journal j WHERE j.ticket_id IN (SELECT id FROM seen) ORDER BY j.seq LIMIT ?3
-- name: journal_since
SELECT {{change_columns}}
FROM journal j
WHERE j.ticket_id = ?1 AND j.type = 'ticket' AND j.version > ?2
ORDER BY j.seq LIMIT ?3
-- The newest change by which a ticket was merged: what it was before.
-- name: journal_merge
SELECT before FROM journal
WHERE ticket_id = ?1 AND type = 'ticket' AND after LIKE '%"merged_into":"%'
ORDER BY seq DESC LIMIT 1
-- name: journal_of_operation
SELECT {{change_columns}}, j.op
FROM journal j WHERE j.operation = ?1 ORDER BY j.seq LIMIT ?2
-- name: journal_chain
SELECT seq, operation, action, type, record_id, version, agent_id, at, before, after, op,
	payload_hash, chain_hash
FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2

-- name: idempotency_get
SELECT agent_id, body_hash, answer FROM idempotency WHERE id = ?1
-- name: idempotency_add
INSERT INTO idempotency (id, agent_id, body_hash, answer, at) VALUES (?1, ?2, ?3, ?4, ?5)
-- name: idempotency_prune
DELETE FROM idempotency WHERE at < ?1
