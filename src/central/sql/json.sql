-- Statements that look into JSON. {{elements}} are those of the array ?2, as j.

-- Did anything that an agent looks at change since? Times of the last word do not count.
-- name: journal_harm_since
SELECT 1 FROM journal j, {{keys_after}}
WHERE j.ticket_id = ?1 AND j.type = 'ticket' AND j.version > ?2
	AND f.key NOT IN ('last_in_at', 'followed')
LIMIT 1

-- name: party_add_identifier
INSERT INTO party_identifier (scheme, value, party_id)
SELECT j.value ->> 'scheme', j.value ->> 'value', ?1
FROM {{elements}}
WHERE j.value ->> 'scheme' IS NOT NULL AND j.value ->> 'value' IS NOT NULL
ON CONFLICT DO NOTHING
-- name: party_add_{KIND}
-- each: KIND phone email
INSERT INTO party_{KIND} (value, party_id)
SELECT j.value ->> 'value', ?1
FROM {{elements}}
WHERE j.value ->> 'value' IS NOT NULL
ON CONFLICT DO NOTHING
-- name: party_add_address
INSERT INTO party_address (party_id, position, street, number, box, postcode, city)
SELECT ?1, {{element_position}}, j.value ->> 'street', j.value ->> 'number', j.value ->> 'box',
	j.value ->> 'postcode', j.value ->> 'city'
FROM {{elements}}
-- name: involvement_add
INSERT INTO involvement (ticket_id, position, role, party_id, name)
SELECT ?1, {{element_position}}, coalesce(j.value ->> 'role', 'concerned'),
	(SELECT p.id FROM party p WHERE p.id = j.value ->> 'party_id'), j.value ->> 'name'
FROM {{elements}}
