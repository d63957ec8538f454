-- Lists and pages: read only. ?1 is the reader in all that show tickets.
-- Statement names are lists of records; a page starts behind ?2 (the id or the place of the last
-- row) and has at most ?3 rows.
-- each: KIND team agent topic contact
-- name: list_{KIND}
SELECT {{{KIND}_columns}} FROM {KIND} t WHERE ?1 IS ?1 AND t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: list_party
SELECT {{party_columns}} FROM party t WHERE ?1 IS ?1 AND t.id > ?2 ORDER BY t.id LIMIT ?3
