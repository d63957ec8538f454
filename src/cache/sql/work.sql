-- What an agent typed and did. Never thrown away.
-- An outbox row keeps the version that the screen saw (seen), the one that it will be sent with
-- (base), and, while the agent's own previous action of that record is not answered yet, which one
-- that is (behind).
-- migration: first
CREATE TABLE draft(
	ticket_id TEXT NOT NULL, kind TEXT NOT NULL, to_text TEXT, subject TEXT, body TEXT,
	place INTEGER NOT NULL, changed_at INTEGER NOT NULL, envelope_id TEXT,
	PRIMARY KEY (ticket_id, kind)) WITHOUT ROWID;
CREATE TABLE outbox(
	seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, state INTEGER NOT NULL,
	record TEXT NOT NULL, additive INTEGER NOT NULL, undoable INTEGER NOT NULL,
	envelope TEXT NOT NULL, seen INTEGER NOT NULL, base INTEGER NOT NULL, behind INTEGER,
	made_at INTEGER NOT NULL, tried_at INTEGER NOT NULL DEFAULT 0,
	tries INTEGER NOT NULL DEFAULT 0, reason TEXT, theirs TEXT,
	result INTEGER NOT NULL DEFAULT 0, undone INTEGER NOT NULL DEFAULT 0, undoes TEXT);
CREATE INDEX outbox_open ON outbox(record, seq) WHERE state < 4;
CREATE INDEX outbox_record ON outbox(record, seq);
CREATE INDEX outbox_behind ON outbox(behind) WHERE behind IS NOT NULL;
-- What the ticket was called: it may leave the desk by what is done here.
-- migration: called
ALTER TABLE outbox ADD COLUMN number TEXT;
ALTER TABLE outbox ADD COLUMN subject TEXT;
-- Identifiers of other records that the envelope names, with spaces between: one that an earlier action
-- here is still to make must be there first.
-- migration: needs
ALTER TABLE outbox ADD COLUMN needs TEXT;
-- One thing done to many tickets: rows that were made together and are undone together.
-- migration: batch
ALTER TABLE outbox ADD COLUMN batch TEXT;
CREATE INDEX outbox_batch ON outbox(batch, state) WHERE batch IS NOT NULL;
CREATE INDEX outbox_order ON outbox(seq) WHERE state < 4;
CREATE INDEX outbox_alone ON outbox(seq) WHERE state = 4 AND batch IS NULL;
-- Small things of the agent's own: saved views, macros, how far the news was read.
-- migration: kept
CREATE TABLE kept(
	kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
	PRIMARY KEY (kind, name)) WITHOUT ROWID;
-- A contact that is not wrapped up yet: question 0 is what belongs to the contact itself. Every value
-- stands by itself, so that a key writes no more than the field it is typed in.
-- migration: registration
CREATE TABLE registration(
	contact_id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, channel INTEGER NOT NULL,
	who TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE registration_value(
	contact_id TEXT NOT NULL, question INTEGER NOT NULL, field TEXT NOT NULL,
	value TEXT NOT NULL, PRIMARY KEY (contact_id, question, field)) WITHOUT ROWID;

-- Mail: who else it goes to, which files and which message go along. A file lies here by its hash, in parts, until
-- nothing refers to it; before it is whole it has none. An outbox row names its files, with spaces
-- between: it is not sent before they are with the service.
-- migration: mail
ALTER TABLE draft ADD COLUMN cc TEXT;
ALTER TABLE draft ADD COLUMN files TEXT;
ALTER TABLE draft ADD COLUMN message_id TEXT;
ALTER TABLE outbox ADD COLUMN files TEXT;
CREATE TABLE file(
	id TEXT PRIMARY KEY, sha256 TEXT UNIQUE, size INTEGER NOT NULL DEFAULT 0,
	put_at INTEGER NOT NULL, sent_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE file_part(
	file TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (file, part));

-- States are those of enum outbox_state: 0 waiting, 1 sending, 2 conflict, 3 refused, 4 done.
-- part: outbox_columns
seq, state, envelope, base, made_at, tried_at, tries, reason, theirs, result, undone, number, subject,
batch, id, record, undoes

-- name: draft_put
INSERT INTO draft(ticket_id, kind, to_text, subject, body, place, changed_at, envelope_id, cc, files,
	message_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT(ticket_id, kind) DO UPDATE SET to_text = excluded.to_text,
	subject = excluded.subject, body = excluded.body, place = excluded.place,
	changed_at = excluded.changed_at, envelope_id = excluded.envelope_id, cc = excluded.cc,
	files = excluded.files, message_id = excluded.message_id;
-- name: draft_keep
INSERT INTO draft(ticket_id, kind, to_text, subject, body, place, changed_at, envelope_id, cc, files,
	message_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT(ticket_id, kind) DO NOTHING;
-- name: draft_get
SELECT ticket_id, kind, to_text, subject, body, place, changed_at, envelope_id, cc, files, message_id
FROM draft WHERE ticket_id = ?1 AND kind = ?2;
-- name: draft_list
SELECT ticket_id, kind, to_text, subject, body, place, changed_at, envelope_id, cc, files, message_id
FROM draft ORDER BY changed_at DESC LIMIT 1000;
-- name: draft_move
UPDATE OR IGNORE draft SET ticket_id = ?2 WHERE ticket_id = ?1 AND kind = ?3;
-- name: draft_drop
DELETE FROM draft WHERE ticket_id = ?1 AND kind = ?2;
-- name: draft_count
SELECT (SELECT count(*) FROM draft WHERE body <> '') + (SELECT count(*) FROM registration);

-- name: registration_put
INSERT INTO registration(contact_id, started_at, channel, who) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT(contact_id) DO UPDATE SET channel = excluded.channel, who = excluded.who
-- Most keys leave it as it is: then it is no page of the log.
WHERE channel <> excluded.channel OR who <> excluded.who;
-- name: registration_list
SELECT contact_id, started_at, channel, who FROM registration
ORDER BY started_at, contact_id LIMIT 100;
-- name: registration_drop
DELETE FROM registration WHERE contact_id = ?1;
-- name: registration_value_put
INSERT INTO registration_value(contact_id, question, field, value) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT(contact_id, question, field) DO UPDATE SET value = excluded.value;
-- name: registration_value_drop
DELETE FROM registration_value WHERE contact_id = ?1 AND question = ?2 AND field = ?3;
-- name: registration_values
SELECT question, field, value FROM registration_value WHERE contact_id = ?1
ORDER BY question, field LIMIT 10000;
-- name: registration_values_drop
DELETE FROM registration_value WHERE contact_id = ?1;

-- name: kept_put
INSERT INTO kept(kind, name, value) VALUES (?1, ?2, ?3)
ON CONFLICT(kind, name) DO UPDATE SET value = excluded.value;
-- name: kept_get
SELECT value FROM kept WHERE kind = ?1 AND name = ?2;
-- name: kept_list
SELECT name, value FROM kept WHERE kind = ?1 ORDER BY name COLLATE NOCASE, name;
-- name: kept_drop
DELETE FROM kept WHERE kind = ?1 AND name = ?2;

-- name: outbox_append
INSERT INTO outbox(id, state, record, additive, undoable, envelope, seen, base, behind, made_at,
	undoes, number, subject, needs, batch, files)
VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT(id) DO NOTHING;
-- name: outbox_last_open
SELECT seq, base FROM outbox WHERE record = ?1 AND state < 4 ORDER BY seq DESC LIMIT 1;
-- name: outbox_next_version
-- Our own done action that was made on this very version: nobody stands between it and its result.
SELECT result FROM outbox
WHERE record = ?1 AND state = 4 AND result > ?2 AND base = ?2 AND (additive = 0 OR result = base + 1)
ORDER BY seq DESC LIMIT 1;
-- name: outbox_open
SELECT {{outbox_columns}} FROM outbox INDEXED BY outbox_order WHERE state < 4
ORDER BY seq LIMIT 200000;
-- What of them can change, and those behind a place.
-- name: outbox_open_states
SELECT seq, state, base, id FROM outbox INDEXED BY outbox_order WHERE state < 4
ORDER BY seq LIMIT 200000;
-- name: outbox_open_behind
SELECT {{outbox_columns}} FROM outbox INDEXED BY outbox_order WHERE state < 4 AND seq > ?1
ORDER BY seq LIMIT 200000;
-- name: outbox_open_alone
SELECT {{outbox_columns}} FROM outbox INDEXED BY outbox_order WHERE state < 4 AND batch IS NULL
ORDER BY seq LIMIT 10000;
-- name: outbox_open_of
SELECT {{outbox_columns}} FROM outbox WHERE record = ?1 AND state < 4 ORDER BY seq LIMIT 10000;
-- name: outbox_done
SELECT {{outbox_columns}} FROM outbox INDEXED BY outbox_alone WHERE state = 4 AND batch IS NULL
ORDER BY seq DESC LIMIT ?1;
-- name: outbox_get
SELECT {{outbox_columns}} FROM outbox WHERE seq = ?1;
-- name: outbox_next
SELECT {{outbox_columns}} FROM outbox INDEXED BY outbox_order WHERE state < 4 AND state < 2
AND seq > ?2
AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
	WHERE earlier.record = outbox.record AND earlier.seq < outbox.seq AND earlier.state < 4)
AND (needs IS NULL OR NOT EXISTS (SELECT 1 FROM outbox AS made INDEXED BY outbox_order
	WHERE made.seq < outbox.seq AND made.state < 4 AND instr(outbox.needs, made.record) > 0))
AND (files IS NULL OR NOT EXISTS (SELECT 1 FROM file
	WHERE file.sent_at = 0 AND file.sha256 IS NOT NULL AND instr(outbox.files, file.sha256) > 0))
ORDER BY seq LIMIT ?1;
-- name: outbox_sending
UPDATE outbox SET state = 1, tried_at = ?2, tries = tries + 1 WHERE seq = ?1 AND state < 2;
-- name: outbox_waiting
UPDATE outbox SET state = 0, reason = ?2 WHERE seq = ?1 AND state < 2;
-- name: outbox_unsure
UPDATE outbox SET reason = ?2 WHERE seq = ?1 AND state = 1;
-- name: outbox_set_done
UPDATE outbox SET state = 4, result = ?2, reason = NULL, theirs = NULL, behind = NULL
WHERE seq = ?1 AND state < 4;
-- An additive action asks for no base, so another's change can lie before it: those behind it are
-- carried along only when it was the very next version.
-- name: outbox_chain
UPDATE outbox SET behind = NULL, base = CASE WHEN (
	SELECT p.additive = 0 OR p.result <= p.base + 1 FROM outbox AS p WHERE p.seq = ?1)
	THEN ?2 ELSE max(base, (SELECT p.base FROM outbox AS p WHERE p.seq = ?1)) END
WHERE behind = ?1;
-- name: outbox_number
UPDATE outbox SET number = ?2 WHERE record = ?1 AND number IS NULL;
-- name: outbox_conflict
UPDATE outbox SET state = 2, theirs = ?2, reason = ?3 WHERE seq = ?1 AND state < 2;
-- name: outbox_refused
UPDATE outbox SET state = 3, reason = ?2 WHERE seq = ?1 AND state < 2;
-- name: outbox_undo_failed
UPDATE outbox SET undone = 0 WHERE id = (SELECT undoes FROM outbox WHERE seq = ?1);
-- name: outbox_hand_on
UPDATE outbox SET behind = (SELECT p.behind FROM outbox AS p WHERE p.seq = ?1),
	base = max(base, (SELECT p.base FROM outbox AS p WHERE p.seq = ?1)) WHERE behind = ?1;
-- name: outbox_delete
DELETE FROM outbox WHERE seq = ?1 AND state IN (0, 2, 3);
-- name: outbox_new_id
UPDATE outbox SET id = ?2, envelope = ?3 WHERE seq = ?1;
-- name: outbox_retry
UPDATE outbox SET state = 0, reason = NULL, theirs = NULL WHERE seq = ?1 AND state IN (0, 2, 3);
-- name: outbox_rebase
UPDATE outbox SET state = 0, reason = NULL, theirs = NULL, base = ?2, behind = NULL
WHERE seq = ?1 AND state IN (0, 2, 3);
-- A mail (2) only while it waits here, or for the moment in which the service still holds it back.
-- name: outbox_undoable
SELECT {{outbox_columns}} FROM outbox
WHERE (undoable = 1 OR (undoable = 2 AND (state = 0 OR tried_at > ?2)))
AND undone = 0 AND state IN (0, 1, 4) AND (?1 IS NULL OR record = ?1)
ORDER BY seq DESC LIMIT 1;
-- name: file_begin
INSERT INTO file(id, put_at) VALUES (?1, ?2);
-- name: file_add
INSERT INTO file_part(file, part, bytes) VALUES (?1, ?2, ?3);
-- name: file_end
UPDATE OR IGNORE file SET sha256 = ?2, size = ?3, put_at = ?4 WHERE id = ?1;
-- name: file_drop
DELETE FROM file WHERE id = ?1;
-- name: file_drop_parts
DELETE FROM file_part WHERE file = ?1;
-- name: file_get
SELECT id, size, sent_at FROM file WHERE sha256 = ?1;
-- name: file_parts
SELECT bytes FROM file_part WHERE file = ?1 ORDER BY part;
-- The file that holds up the oldest mail.
-- name: file_to_send
SELECT f.sha256, f.size FROM outbox AS o INDEXED BY outbox_order
JOIN file AS f ON f.sent_at = 0 AND f.sha256 IS NOT NULL AND instr(o.files, f.sha256) > 0
WHERE o.state < 4 AND o.state < 2 AND o.files IS NOT NULL ORDER BY o.seq LIMIT 1;
-- name: file_sent
UPDATE file SET sent_at = ?2 WHERE sha256 = ?1;
-- name: file_refused
UPDATE outbox SET state = 3, reason = ?2 WHERE state < 2 AND files IS NOT NULL AND instr(files, ?1) > 0;
-- Once more: the service may have forgotten what it was given.
-- name: file_again
UPDATE file SET sent_at = 0 WHERE EXISTS (SELECT 1 FROM outbox AS o
	WHERE o.seq = ?1 AND o.files IS NOT NULL AND instr(o.files, file.sha256) > 0);
-- What nothing refers to: no draft, no mail that is not done or was made just now.
-- name: file_unused
SELECT id FROM file WHERE put_at < ?1 AND (sha256 IS NULL OR (
	NOT EXISTS (SELECT 1 FROM draft WHERE draft.files IS NOT NULL
		AND instr(draft.files, file.sha256) > 0)
	AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.files IS NOT NULL
		AND (o.state < 4 OR o.made_at >= ?1) AND instr(o.files, file.sha256) > 0))) LIMIT 100;
-- name: outbox_undone_by
UPDATE outbox SET undone = 1 WHERE id = ?1;
-- name: outbox_prune
DELETE FROM outbox WHERE state = 4 AND batch IS NULL
AND seq <= (SELECT max(seq) FROM outbox) - 1000;
-- name: outbox_counts
SELECT sum(state < 2), sum(state = 2), sum(state = 3), (SELECT count(*) FROM registration)
FROM outbox WHERE state < 4;

-- Of the last few batches all is kept, however many that are, for the list and to undo them whole.
-- name: batch_prune
DELETE FROM outbox WHERE state = 4 AND batch IS NOT NULL AND batch NOT IN (
	SELECT batch FROM outbox WHERE batch IS NOT NULL GROUP BY batch
	ORDER BY max(seq) DESC LIMIT 4);
-- name: batches
SELECT batch, min(seq), min(made_at), count(*), sum(state < 2), sum(state = 2), sum(state = 3),
	sum(state = 4 AND undone = 0), sum(state = 4 AND undone = 1)
FROM outbox WHERE batch IS NOT NULL GROUP BY batch ORDER BY max(seq) DESC LIMIT 50;
-- What went wrong stands first.
-- name: batch_rows
SELECT {{outbox_columns}} FROM outbox WHERE batch = ?1
ORDER BY CASE state WHEN 3 THEN 0 WHEN 2 THEN 1 WHEN 4 THEN 3 ELSE 2 END, seq LIMIT ?2;
-- name: batch_to_undo
SELECT {{outbox_columns}} FROM outbox
WHERE batch = ?1 AND state IN (1, 4) AND undone = 0 AND undoable = 1 ORDER BY seq;
-- name: batch_hand_on
UPDATE outbox SET base = max(base, (SELECT p.base FROM outbox AS p WHERE p.seq = outbox.behind)),
	behind = (SELECT p.behind FROM outbox AS p WHERE p.seq = outbox.behind)
WHERE behind IN (SELECT seq FROM outbox WHERE batch = ?1 AND state >= ?2 AND state IN (0, 2, 3));
-- name: batch_undo_failed
UPDATE outbox SET undone = 0 WHERE id IN (
	SELECT undoes FROM outbox WHERE batch = ?1 AND state >= ?2 AND state IN (0, 2, 3));
-- name: batch_delete
DELETE FROM outbox WHERE batch = ?1 AND state >= ?2 AND state IN (0, 2, 3);
