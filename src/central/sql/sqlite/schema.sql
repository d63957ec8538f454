-- Words of the schema, as SQLite says them.
-- part: text
TEXT
-- part: int
INTEGER
-- part: bytes
BLOB
-- A number that the database gives when none is said.
-- part: serial
INTEGER
-- A table that is its primary key's index.
-- part: keyed
WITHOUT ROWID
-- part: ifnull
ifnull
-- Kept for the indexes alone, which hold it.
-- part: computed
VIRTUAL
-- part: party_words_index
CREATE VIRTUAL TABLE party_search USING fts5 (
	words, content='party_words', content_rowid='id', prefix='2 3 4 5',
	tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER party_words_insert AFTER INSERT ON party_words BEGIN
	INSERT INTO party_search (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER party_words_delete AFTER DELETE ON party_words BEGIN
	INSERT INTO party_search (party_search, rowid, words) VALUES ('delete', old.id, old.words);
END;
CREATE TRIGGER party_words_update AFTER UPDATE ON party_words BEGIN
	INSERT INTO party_search (party_search, rowid, words) VALUES ('delete', old.id, old.words);
	INSERT INTO party_search (rowid, words) VALUES (new.id, new.words);
END;
-- part: party_words_again
DROP TRIGGER party_words_insert;
DROP TRIGGER party_words_delete;
DROP TRIGGER party_words_update;
DROP TABLE party_search;
DELETE FROM party_words;
CREATE VIRTUAL TABLE party_search USING fts5 (
	words, content='party_words', content_rowid='id', prefix='1 2 3 4 5',
	tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER party_words_insert AFTER INSERT ON party_words BEGIN
	INSERT INTO party_search (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER party_words_delete AFTER DELETE ON party_words BEGIN
	INSERT INTO party_search (party_search, rowid, words) VALUES ('delete', old.id, old.words);
END;
CREATE TRIGGER party_words_update AFTER UPDATE ON party_words BEGIN
	INSERT INTO party_search (party_search, rowid, words) VALUES ('delete', old.id, old.words);
	INSERT INTO party_search (rowid, words) VALUES (new.id, new.words);
END;
-- part: party_words_closed
DROP TRIGGER party_words_insert;
DROP TRIGGER party_words_delete;
DROP TRIGGER party_words_update;
DROP TABLE party_search;
-- Of a word the index holds in which parties it is and no more, which is all that is asked: places and
-- lengths would be read each time. Each beginning up to 12 letters has its own list; of a longer one
-- there are few. A fact begins with =, which no word of a name does.
-- part: party_facts_index
CREATE VIRTUAL TABLE party_search USING fts5 (
	words, facts, content='party_words', content_rowid='id', detail='none', columnsize=0,
	prefix='1 2 3 4 5 6 7 8 9 10 11 12',
	tokenize="unicode61 remove_diacritics 2 tokenchars '='");
CREATE TRIGGER party_words_insert AFTER INSERT ON party_words BEGIN
	INSERT INTO party_search (rowid, words, facts) VALUES (new.id, new.words, new.facts);
END;
CREATE TRIGGER party_words_delete AFTER DELETE ON party_words BEGIN
	INSERT INTO party_search (party_search, rowid, words, facts)
	VALUES ('delete', old.id, old.words, old.facts);
END;
CREATE TRIGGER party_words_update AFTER UPDATE ON party_words BEGIN
	INSERT INTO party_search (party_search, rowid, words, facts)
	VALUES ('delete', old.id, old.words, old.facts);
	INSERT INTO party_search (rowid, words, facts) VALUES (new.id, new.words, new.facts);
END;
