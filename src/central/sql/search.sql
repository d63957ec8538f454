-- Parties by what a person types (party_query). ?1 is the reader, ?10 the most rows. A search that finds
-- thousands is of no use to anybody: what is looked at and sorted is bounded, at far more than is
-- shown. The last column is how many were looked at: more than are shown, and then there are more.
--
-- Whose shown name begins with what was typed, from ?2 to before ?3: what is most often meant, and
-- in the order of the index.
-- name: search_starts_{WHO}
-- each: WHO inside outside
SELECT {{party_columns}}, 0 AS looked
FROM party_words w JOIN party t ON t.id = w.party_id
WHERE w.words >= ?2 AND w.words < ?3
{{search_{WHO}}}
ORDER BY w.words, w.party_id LIMIT ?10
-- Parties with all words (?2 to ?9), or with those where particles stand in one word (?13 to ?20); those
-- of them of whom the facts ?21 and ?22 (null: none further) hold; those of whom the facts do. ?32
-- bounds what is looked at.
-- name: search_{KIND}_{WHO}
-- each: KIND words known facts
-- each: WHO inside outside
SELECT {{party_columns}}, h.looked
FROM (
	SELECT party_id, words, count(*) OVER () AS looked
	FROM (
		{{search_hits_{KIND}}}
		{{search_{WHO}}}
		LIMIT ?32
	) f ORDER BY words, party_id LIMIT ?10
) h JOIN party t ON t.id = h.party_id
ORDER BY h.words, h.party_id
-- By a phone number (?26), an address for mail (?27) or a number of a register (?28, ?29, ?30), each
-- null or in its normal form.
-- name: search_keys_{WHO}
-- each: WHO inside outside
{{search_few_begin}}
	SELECT k.party_id AS id FROM party_phone k WHERE k.value = ?26
	UNION
	SELECT k.party_id FROM party_email k WHERE k.value = ?27
	UNION
	SELECT k.party_id FROM party_identifier k
	WHERE (k.scheme IN ('rrn', 'bis') AND k.value = ?28) OR
		(k.scheme = 'kbo' AND k.value = ?29) OR (k.scheme = 'vcode' AND k.value = ?30)
{{search_few_middle}}
{{search_{WHO}}}
{{search_few_end}}
-- The party of a ticket.
-- name: search_party_{WHO}
-- each: WHO inside outside
{{search_few_begin}}
	SELECT id FROM party WHERE id = ?31
{{search_few_middle}}
{{search_{WHO}}}
{{search_few_end}}
-- A few that are found by an index, each of which must hold against all else that is known.
-- part: search_few_begin
SELECT {{party_columns}}, h.looked
FROM (
	SELECT w.party_id, o.words, count(*) OVER () AS looked
	FROM (
	SELECT DISTINCT {{party_survivor}} AS party_id
	FROM (
-- part: search_few_middle
	) f JOIN party p ON p.id = f.id
) w JOIN party_words o ON o.party_id = w.party_id JOIN party t ON t.id = w.party_id
WHERE t.merged_into IS NULL
{{search_known}}
-- part: search_few_end
	ORDER BY o.words, w.party_id LIMIT ?10
) h JOIN party t ON t.id = h.party_id
ORDER BY h.words, h.party_id
-- part: search_known
AND (CAST(?21 AS TEXT) IS NULL OR o.facts || ' ' LIKE '% ' || ?21 || ' %')
AND (CAST(?22 AS TEXT) IS NULL OR o.facts || ' ' LIKE '% ' || ?22 || ' %')
AND (CAST(?2 AS TEXT) IS NULL OR (o.words LIKE '% ' || ?2 || '%' AND
	o.words LIKE '% ' || coalesce(?3, ?2) || '%' AND
	o.words LIKE '% ' || coalesce(?4, ?2) || '%' AND
	o.words LIKE '% ' || coalesce(?5, ?2) || '%' AND
	o.words LIKE '% ' || coalesce(?6, ?2) || '%' AND
	o.words LIKE '% ' || coalesce(?7, ?2) || '%' AND
	o.words LIKE '% ' || coalesce(?8, ?2) || '%' AND
	o.words LIKE '% ' || coalesce(?9, ?2) || '%') OR
	(o.words LIKE '% ' || ?13 || '%' AND
	o.words LIKE '% ' || coalesce(?14, ?13) || '%' AND
	o.words LIKE '% ' || coalesce(?15, ?13) || '%' AND
	o.words LIKE '% ' || coalesce(?16, ?13) || '%' AND
	o.words LIKE '% ' || coalesce(?17, ?13) || '%' AND
	o.words LIKE '% ' || coalesce(?18, ?13) || '%' AND
	o.words LIKE '% ' || coalesce(?19, ?13) || '%' AND
	o.words LIKE '% ' || coalesce(?20, ?13) || '%'))
-- part: search_inside
-- Only what stands on the desk of an outside organisation (team ?12): its open tickets, and the
-- reader's own that changed after ?11.
-- part: search_outside
AND EXISTS (
	SELECT 1 FROM ticket k
	WHERE k.party_id IN (
			WITH RECURSIVE family (id) AS (
				SELECT c.id FROM party c WHERE c.id = w.party_id
				UNION
				SELECT c.id FROM party c JOIN family f ON c.merged_into = f.id)
			SELECT id FROM family)
		AND k.team_id = ?12
		AND (k.is_open = 1 OR (k.agent_id = ?1 AND k.updated_at > ?11)))

-- name: words_add
-- copy: party_words
INSERT INTO party_words (party_id, words, facts) VALUES (?1, ?2, ?3)
-- name: words_set
UPDATE party_words SET words = ?2, facts = ?3 WHERE party_id = ?1
-- Before they are all made anew, when the way of folding has changed.
-- name: words_forget
DELETE FROM party_words
-- name: words_unknown
DELETE FROM meta WHERE key = 'words'
-- Parties of a town that is older than its words.
-- name: words_missing
SELECT t.id, t.name, t.given, t.family, t.birth_date, t.addresses, t.merged_into FROM party t
WHERE t.id > ?1 AND NOT EXISTS (SELECT 1 FROM party_words w WHERE w.party_id = t.id)
ORDER BY t.id LIMIT ?2
