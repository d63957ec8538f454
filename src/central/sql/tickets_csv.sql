-- Lists of tickets, in and out.
-- name: import_find
SELECT ticket_id, row_hash FROM ticket_import WHERE source = ?1 AND key = ?2
-- name: import_elsewhere
SELECT source FROM ticket_import WHERE row_hash = ?1 AND source <> ?2 LIMIT 1
-- name: import_add
INSERT INTO ticket_import (source, key, row_hash, ticket_id) VALUES (?1, ?2, ?3, ?4)
-- Does a service look after the town? Then others wait for what we write.
-- name: import_is_served
SELECT 1 FROM lease WHERE until > {{clock}} LIMIT 1
-- name: import_party_{KIND}
-- each: KIND phone email
SELECT DISTINCT s.id, s.name FROM party_{KIND} k JOIN party p ON p.id = k.party_id
JOIN party s ON s.id = {{party_survivor}}
WHERE k.value = ?1 ORDER BY s.id LIMIT 50
-- name: import_party_identifier
SELECT DISTINCT s.id, s.name FROM party_identifier k JOIN party p ON p.id = k.party_id
JOIN party s ON s.id = {{party_survivor}}
WHERE k.scheme = ?2 AND k.value = ?1 ORDER BY s.id LIMIT 50

-- ?1 reader (nobody), ?2 id of the last one of the page before, ?3 how many.
-- name: export_tickets
SELECT {{ticket_columns}},
	(SELECT k.key FROM ticket_import k WHERE k.ticket_id = t.id ORDER BY k.source, k.key LIMIT 1),
	(SELECT m.body FROM message m
		WHERE m.ticket_id = t.id AND m.removed = 0 AND m.direction = 'in'
		ORDER BY m.created_at, m.id LIMIT 1),
	{{party_of_columns}}
FROM ticket t LEFT JOIN party p ON p.id = t.party_id
LEFT JOIN party s ON s.id = {{party_survivor}}
WHERE t.id > ?2 ORDER BY t.id LIMIT ?3
-- part: party_of_columns
s.id, s.version, s.kind, s.name, s.given, s.family, s.birth_date, s.language, s.identifiers,
s.phones, s.emails, s.addresses, s.merged_into, s.created_at, s.updated_at
