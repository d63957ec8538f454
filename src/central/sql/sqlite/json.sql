-- Statements that look into JSON: the same names as for the other engine, answered alike.

-- Did anything that an agent looks at change since? Times of the last word do not count.
-- name: journal_harm_since
SELECT 1 FROM journal j, json_each(j.after) f
WHERE j.ticket_id = ?1 AND j.type = 'ticket' AND j.version > ?2
	AND f.key NOT IN ('last_in_at', 'followed')
LIMIT 1

-- name: party_add_identifier
INSERT INTO party_identifier (scheme, value, party_id)
SELECT json_extract(j.value, '$.scheme'), json_extract(j.value, '$.value'), ?1
FROM json_each(?2) j
WHERE json_extract(j.value, '$.scheme') IS NOT NULL AND json_extract(j.value, '$.value') IS NOT NULL
ON CONFLICT DO NOTHING
-- name: party_add_{KIND}
-- each: KIND phone email
INSERT INTO party_{KIND} (value, party_id)
SELECT json_extract(j.value, '$.value'), ?1
FROM json_each(?2) j
WHERE json_extract(j.value, '$.value') IS NOT NULL
ON CONFLICT DO NOTHING
-- name: party_add_address
INSERT INTO party_address (party_id, position, street, number, box, postcode, city)
SELECT ?1, j.key, json_extract(j.value, '$.street'), json_extract(j.value, '$.number'),
	json_extract(j.value, '$.box'), json_extract(j.value, '$.postcode'),
	json_extract(j.value, '$.city')
FROM json_each(?2) j
-- name: involvement_add
INSERT INTO involvement (ticket_id, position, role, party_id, name)
SELECT ?1, j.key, coalesce(json_extract(j.value, '$.role'), 'concerned'),
	(SELECT p.id FROM party p WHERE p.id = json_extract(j.value, '$.party_id')),
	json_extract(j.value, '$.name')
FROM json_each(?2) j
