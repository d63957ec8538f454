-- When all have been added: so many are there now.
-- name: words_tidy
ANALYZE party_words
-- Parties with a word that starts with ?2, and one with ?3, and so on to ?9 (null: none further, which
-- is then the first once more); or the same of ?13 to ?20 (?13 null: none of these). The words are
-- letters and digits alone, so no % is among them.
-- part: search_hits_words
SELECT w.party_id, w.words
FROM party_words w
WHERE ((w.words LIKE '% ' || ?2 || '%' AND w.words LIKE '% ' || coalesce(?3, ?2) || '%' AND
	w.words LIKE '% ' || coalesce(?4, ?2) || '%' AND
	w.words LIKE '% ' || coalesce(?5, ?2) || '%' AND
	w.words LIKE '% ' || coalesce(?6, ?2) || '%' AND
	w.words LIKE '% ' || coalesce(?7, ?2) || '%' AND
	w.words LIKE '% ' || coalesce(?8, ?2) || '%' AND
	w.words LIKE '% ' || coalesce(?9, ?2) || '%') OR
	(w.words LIKE '% ' || ?13 || '%' AND w.words LIKE '% ' || coalesce(?14, ?13) || '%' AND
	w.words LIKE '% ' || coalesce(?15, ?13) || '%' AND
	w.words LIKE '% ' || coalesce(?16, ?13) || '%' AND
	w.words LIKE '% ' || coalesce(?17, ?13) || '%' AND
	w.words LIKE '% ' || coalesce(?18, ?13) || '%' AND
	w.words LIKE '% ' || coalesce(?19, ?13) || '%' AND
	w.words LIKE '% ' || coalesce(?20, ?13) || '%'))
-- part: search_hits_known
{{search_hits_words}}
AND {{search_facts}}
-- part: search_hits_facts
SELECT w.party_id, w.words
FROM party_words w
WHERE {{search_facts}}
-- part: search_facts
string_to_array(w.facts, ' ') @> ARRAY[?21, coalesce(?22, ?21)]
-- The server keeps what is read by itself, for all its services.
-- name: search_warm
SELECT 0 WHERE false
