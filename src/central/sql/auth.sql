-- name: agent_login
SELECT t.id, t.password FROM agent t WHERE t.name = ?1 AND t.active = 1
-- name: agent_password
UPDATE agent SET password = ?2 WHERE id = ?1
-- name: agent_list
SELECT t.name, t.display, t.role, m.name, t.active, t.password IS NOT NULL
FROM agent t JOIN team m ON m.id = t.team_id ORDER BY t.name
-- Somebody who can log in and rule.
-- name: admin_any
SELECT 1 FROM agent t JOIN team m ON m.id = t.team_id
WHERE t.role = 'admin' AND t.active = 1 AND t.password IS NOT NULL AND m.kind = 'inside' LIMIT 1
-- name: session_add
INSERT INTO session (token_hash, agent_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)
-- name: session_get
SELECT s.agent_id, s.expires_at, a.team_id, a.role, a.active, m.kind
FROM session s JOIN agent a ON a.id = s.agent_id JOIN team m ON m.id = a.team_id
WHERE s.token_hash = ?1
-- name: session_remove
DELETE FROM session WHERE token_hash = ?1
-- name: session_remove_agent
DELETE FROM session WHERE agent_id = ?1
-- name: session_prune
DELETE FROM session WHERE expires_at < ?1
-- name: miss_add
INSERT INTO login_miss (kind, who, at) VALUES (?1, ?2, ?3)
-- name: miss_count
SELECT count(*), min(at) FROM login_miss WHERE kind = ?1 AND who = ?2 AND at > ?3
-- name: miss_clear
DELETE FROM login_miss WHERE kind = ?1 AND who = ?2
-- name: miss_prune
DELETE FROM login_miss WHERE at < ?1
