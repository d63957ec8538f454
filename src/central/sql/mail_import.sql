-- name: ticket_has_address
SELECT 1 FROM party_email e
WHERE e.value = ?2 AND e.party_id IN (
	SELECT party_id FROM ticket WHERE id = ?1 AND party_id IS NOT NULL
	UNION ALL
	SELECT party_id FROM involvement WHERE ticket_id = ?1 AND party_id IS NOT NULL)
LIMIT 1
-- name: ticket_letterheads
SELECT from_text, to_text FROM message
WHERE ticket_id = ?1 AND removed = 0 AND state NOT IN ('suspected', 'declined')
	AND sender = 'person'
ORDER BY created_at, id LIMIT 1000
-- name: ticket_merged_into
SELECT merged_into FROM ticket WHERE id = ?1
-- name: email_owner_count
SELECT count(*) FROM (SELECT 1 FROM party_email WHERE value = ?1 LIMIT 2) e
