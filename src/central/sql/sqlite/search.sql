-- When all have been added: one piece of index is read quicker than the many that it grew in.
-- name: words_tidy
INSERT INTO party_search (party_search) VALUES ('optimize')
-- Parties with a word that starts with ?2, and one with ?3, and so on to ?9 (null: none further); or
-- the same of ?13 to ?20 (?13 null: none of these).
-- part: search_hits_words
SELECT w.party_id, w.words
FROM party_search f JOIN party_words w ON w.id = f.rowid
WHERE f.party_search MATCH {{search_match_words}}
-- part: search_hits_known
SELECT w.party_id, w.words
FROM party_search f JOIN party_words w ON w.id = f.rowid
WHERE f.party_search MATCH '(' || {{search_match_words}} || ') AND (' || {{search_match_facts}} || ')'
-- part: search_hits_facts
SELECT w.party_id, w.words
FROM party_search f JOIN party_words w ON w.id = f.rowid
WHERE f.party_search MATCH {{search_match_facts}}
-- part: search_match_words
'("' || ?2 || '"*' || coalesce(' "' || ?3 || '"*', '') ||
	coalesce(' "' || ?4 || '"*', '') || coalesce(' "' || ?5 || '"*', '') ||
	coalesce(' "' || ?6 || '"*', '') || coalesce(' "' || ?7 || '"*', '') ||
	coalesce(' "' || ?8 || '"*', '') || coalesce(' "' || ?9 || '"*', '') || ')' ||
	coalesce(' OR ("' || ?13 || '"*' || coalesce(' "' || ?14 || '"*', '') ||
	coalesce(' "' || ?15 || '"*', '') || coalesce(' "' || ?16 || '"*', '') ||
	coalesce(' "' || ?17 || '"*', '') || coalesce(' "' || ?18 || '"*', '') ||
	coalesce(' "' || ?19 || '"*', '') || coalesce(' "' || ?20 || '"*', '') || ')', '')
-- part: search_match_facts
'"' || ?21 || '"' || coalesce(' "' || ?22 || '"', '')
-- All that a search reads, to have it read once: the words, what they are found by, and the parties.
-- name: search_warm
SELECT substr(d.block, -1) FROM party_search_data d
UNION ALL
SELECT length(w.words) FROM party_words w
UNION ALL
SELECT length(w.facts) FROM party_words w
UNION ALL
SELECT length(p.addresses) FROM party p
UNION ALL
SELECT length(p.id) FROM party p
