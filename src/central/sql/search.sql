-- Parties by what a person types. ?1 is the reader, ?10 the most rows. A search that finds thousands is
-- of no use to anybody: what is looked at and sorted is bounded, at far more than is shown. The last
-- column is how many were looked at: more than are shown, and then there are more.
-- name: search_words_{WHO}
-- each: WHO inside outside
SELECT {{party_columns}}, h.looked
FROM (
	SELECT party_id, words, count(*) OVER () AS looked
	FROM (
		{{search_hits}}
		{{search_{WHO}}}
		LIMIT 2000
	) f ORDER BY words, party_id LIMIT ?10
) h JOIN party t ON t.id = h.party_id
ORDER BY h.words, h.party_id
-- By a phone number (?2), an address for mail (?3) or a number of a register (?4), each null or in its
-- normal form.
-- name: search_keys_{WHO}
-- each: WHO inside outside
SELECT {{party_columns}}, count(*) OVER () AS looked
FROM (
	SELECT coalesce(p.merged_into, p.id) AS party_id
	FROM party_phone k JOIN party p ON p.id = k.party_id WHERE k.value = ?2
	UNION
	SELECT coalesce(p.merged_into, p.id)
	FROM party_email k JOIN party p ON p.id = k.party_id WHERE k.value = ?3
	UNION
	SELECT coalesce(p.merged_into, p.id)
	FROM party_identifier k JOIN party p ON p.id = k.party_id
	WHERE k.scheme IN ('rrn', 'bis', 'kbo') AND k.value = ?4
) w JOIN party_words o ON o.party_id = w.party_id JOIN party t ON t.id = w.party_id
WHERE t.merged_into IS NULL
{{search_{WHO}}}
ORDER BY o.words, t.id LIMIT ?10
-- part: search_inside
-- Only what stands on the desk of an outside organisation (team ?12): its open tickets, and the
-- reader's own that changed after ?11.
-- part: search_outside
AND EXISTS (
	SELECT 1 FROM ticket k
	WHERE k.party_id = w.party_id AND k.team_id = ?12
		AND (k.is_open = 1 OR (k.agent_id = ?1 AND k.updated_at > ?11)))

-- name: words_add
-- copy: party_words
INSERT INTO party_words (party_id, words) VALUES (?1, ?2)
-- name: words_set
UPDATE party_words SET words = ?2 WHERE party_id = ?1
-- Before they are all made anew, when the way of folding has changed.
-- name: words_forget
DELETE FROM party_words
-- name: words_unknown
DELETE FROM meta WHERE key = 'words'
-- Parties of a town that is older than its words.
-- name: words_missing
SELECT t.id, t.name, t.given, t.family, t.merged_into FROM party t
WHERE t.id > ?1 AND NOT EXISTS (SELECT 1 FROM party_words w WHERE w.party_id = t.id)
ORDER BY t.id LIMIT ?2
