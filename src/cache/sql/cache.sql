-- The mirror of the agent's desk. Columns of a record follow its field table, so that one call binds
-- or reads them all; tests compare the two. `seen` is the synchronisation that last brought a row:
-- what a full one did not bring is swept away at its end.
-- migration: first
CREATE TABLE team(
	rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
	name TEXT, kind TEXT, active INTEGER, seen INTEGER NOT NULL);
CREATE TABLE agent(
	rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
	name TEXT, display TEXT, role TEXT, team_id TEXT, active INTEGER,
	seen INTEGER NOT NULL);
CREATE TABLE topic(
	rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
	name TEXT, kind TEXT, team_id TEXT, deadline_basis TEXT, deadline_days INTEGER,
	active INTEGER, seen INTEGER NOT NULL);
CREATE TABLE party(
	rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
	kind TEXT, name TEXT, given TEXT, family TEXT, birth_date TEXT, language TEXT,
	identifiers TEXT, phones TEXT, emails TEXT, addresses TEXT, merged_into TEXT,
	created_at INTEGER, updated_at INTEGER, seen INTEGER NOT NULL);
CREATE TABLE ticket(
	rowid INTEGER PRIMARY KEY, open INTEGER NOT NULL, due_key INTEGER NOT NULL,
	created_key INTEGER NOT NULL, updated_key INTEGER NOT NULL,
	priority_key INTEGER NOT NULL, seen INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
	version INTEGER NOT NULL, "number" TEXT, kind TEXT, state TEXT, priority TEXT,
	channel TEXT, subject TEXT, topic_id TEXT, team_id TEXT, agent_id TEXT,
	party_id TEXT, party_name TEXT, involved TEXT, merged_into TEXT,
	created_at INTEGER, updated_at INTEGER, due_at INTEGER, answered_at INTEGER,
	closed_at INTEGER, wait_until INTEGER, last_in_at INTEGER, last_out_at INTEGER,
	suspected INTEGER, followed INTEGER);
CREATE TABLE contact(
	rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
	channel TEXT, direction TEXT, party_id TEXT, agent_id TEXT, started_at INTEGER,
	ended_at INTEGER, summary TEXT, seen INTEGER NOT NULL);
CREATE TABLE message(
	rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
	ticket_id TEXT, contact_id TEXT, direction TEXT, channel TEXT, state TEXT,
	sender TEXT, agent_id TEXT, from_text TEXT, to_text TEXT, subject TEXT, body TEXT,
	quoted_at INTEGER, attachments TEXT, has_raw INTEGER, reason TEXT,
	created_at INTEGER, seen INTEGER NOT NULL);
CREATE TABLE note(
	rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
	ticket_id TEXT, agent_id TEXT, body TEXT, created_at INTEGER, seen INTEGER NOT NULL);
CREATE TABLE history(
	seq INTEGER PRIMARY KEY, operation TEXT, "action" TEXT, "type" TEXT,
	record_id TEXT, ticket_id TEXT, version INTEGER NOT NULL, agent_id TEXT,
	"at" INTEGER, "before" TEXT, "after" TEXT);
CREATE TABLE timeline(ticket_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE INDEX ticket_number ON ticket("number") WHERE "number" IS NOT NULL;
CREATE INDEX ticket_all_due ON ticket(due_key);
CREATE INDEX ticket_team_due ON ticket(team_id, due_key);
CREATE INDEX ticket_all_created ON ticket(created_key);
CREATE INDEX ticket_team_created ON ticket(team_id, created_key);
CREATE INDEX ticket_all_updated ON ticket(updated_key);
CREATE INDEX ticket_team_updated ON ticket(team_id, updated_key);
CREATE INDEX ticket_all_priority ON ticket(priority_key);
CREATE INDEX ticket_team_priority ON ticket(team_id, priority_key);
CREATE INDEX ticket_mine_due ON ticket(agent_id, due_key) WHERE agent_id IS NOT NULL;
CREATE INDEX ticket_unassigned_due ON ticket(due_key) WHERE agent_id IS NULL;
CREATE INDEX message_ticket ON message(ticket_id);
CREATE INDEX note_ticket ON note(ticket_id);
CREATE INDEX history_ticket ON history(ticket_id);
-- Tickets that have to do with each other, and what a ticket may be merged into.
-- migration: relations
ALTER TABLE ticket ADD COLUMN links TEXT;
CREATE INDEX ticket_merged ON ticket(merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ticket_open_party ON ticket(party_id) WHERE open = 1 AND party_id IS NOT NULL;
CREATE INDEX ticket_open_topic ON ticket(topic_id) WHERE open = 1 AND topic_id IS NOT NULL;

-- A mirror from before has none of them: it is filled anew.
-- migration: template
CREATE TABLE template(
	rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
	name TEXT, language TEXT, topic_id TEXT, body TEXT, active INTEGER,
	seen INTEGER NOT NULL);
DELETE FROM meta WHERE key = 'cursor';

-- What a party is found by: a row a word of its name, and "b:", "h:", "p:", "e:", "i:" before its day of
-- birth, home, phones, addresses for mail and numbers; and all of them in one text, names first. A
-- mirror from before has none: it is filled anew.
-- migration: people
CREATE TABLE party_term(
	term TEXT NOT NULL, party INTEGER NOT NULL, PRIMARY KEY(term, party)) WITHOUT ROWID;
CREATE INDEX party_term_party ON party_term(party);
CREATE TABLE party_words(party INTEGER PRIMARY KEY, words TEXT NOT NULL);
CREATE INDEX party_words_words ON party_words(words);
CREATE TRIGGER party_gone AFTER DELETE ON party BEGIN
	DELETE FROM party_term WHERE party = old.rowid;
	DELETE FROM party_words WHERE party = old.rowid;
END;
CREATE INDEX ticket_of_party ON ticket(party_id) WHERE party_id IS NOT NULL;
CREATE INDEX contact_of_party ON contact(party_id) WHERE party_id IS NOT NULL;
DELETE FROM meta WHERE key = 'cursor';
-- Who has how much open work, read without touching the tickets.
-- migration: load
CREATE INDEX ticket_load ON ticket(team_id, agent_id, due_key) WHERE open = 1;
-- Which tickets changed last, so that a reader need not look at all of them again. Only the last few
-- thousand are kept.
-- migration: touched
CREATE TABLE touched(n INTEGER PRIMARY KEY, ticket_id TEXT NOT NULL);
CREATE TRIGGER ticket_touched_new AFTER INSERT ON ticket BEGIN
	INSERT INTO touched(ticket_id) VALUES (new.id);
END;
CREATE TRIGGER ticket_touched AFTER UPDATE ON ticket BEGIN
	INSERT INTO touched(ticket_id) VALUES (new.id);
END;
CREATE TRIGGER ticket_touched_gone AFTER DELETE ON ticket BEGIN
	INSERT INTO touched(ticket_id) VALUES (old.id);
END;
-- A mirror from before has none of these: it is filled anew.
-- migration: mail
ALTER TABLE template ADD COLUMN purpose TEXT;
ALTER TABLE message ADD COLUMN cc_text TEXT;
ALTER TABLE message ADD COLUMN send_at INTEGER;
ALTER TABLE message ADD COLUMN signature_at INTEGER;
ALTER TABLE message ADD COLUMN language TEXT;
CREATE TABLE mailbox(
	rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
	name TEXT, address TEXT, team_id TEXT, topic_id TEXT, active INTEGER, state TEXT,
	since INTEGER, reason TEXT, unknown INTEGER, waiting INTEGER, seen INTEGER NOT NULL);
DELETE FROM meta WHERE key = 'cursor';
-- Mails that did not arrive are few among many.
-- migration: trouble
CREATE INDEX message_trouble ON message(created_at) WHERE state IN ('failed', 'uncertain');

-- part: team_columns
id, version, name, kind, active
-- part: agent_columns
id, version, name, display, role, team_id, active
-- part: topic_columns
id, version, name, kind, team_id, deadline_basis, deadline_days, active
-- part: template_columns
id, version, name, language, topic_id, body, active, purpose
-- part: mailbox_columns
id, version, name, address, team_id, topic_id, active,
state, since, reason, unknown, waiting
-- part: party_columns
id, version, kind, name, given, family, birth_date, language, identifiers, phones, emails,
addresses, merged_into, created_at, updated_at
-- part: ticket_columns
id, version, "number", kind, state, priority, channel, subject, topic_id, team_id,
agent_id, party_id, party_name, involved, merged_into, created_at, updated_at, due_at,
answered_at, closed_at, wait_until, last_in_at, last_out_at, suspected, links, followed
-- part: contact_columns
id, version, channel, direction, party_id, agent_id, started_at, ended_at, summary
-- part: message_columns
id, version, ticket_id, contact_id, direction, channel, state, sender, agent_id, from_text,
to_text, subject, body, quoted_at, attachments, has_raw, reason, created_at,
cc_text, send_at, signature_at, language
-- part: note_columns
id, version, ticket_id, agent_id, body, created_at
-- part: history_columns
seq, operation, "action", "type", record_id, ticket_id, version, agent_id, "at", "before",
"after"
-- Lists never show the others involved, so their JSON is not read for them.
-- part: ticket_list_columns
id, version, "number", kind, state, priority, channel, subject, topic_id, team_id,
agent_id, party_id, party_name, NULL, merged_into, created_at, updated_at, due_at,
answered_at, closed_at, wait_until, last_in_at, last_out_at, suspected, NULL, followed

-- An answer of the service can be older than what the feed already brought: the higher version
-- stays, unless a full synchronisation says anew what is true.
-- name: put_team
INSERT INTO team({{team_columns}},
	seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, name = excluded.name, kind = excluded.kind,
	active = excluded.active, seen = excluded.seen
WHERE excluded.version >= team.version OR excluded.seen > team.seen;
-- name: put_agent
INSERT INTO agent({{agent_columns}},
	seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, name = excluded.name, display = excluded.display,
	role = excluded.role, team_id = excluded.team_id, active = excluded.active,
	seen = excluded.seen
WHERE excluded.version >= agent.version OR excluded.seen > agent.seen;
-- name: put_topic
INSERT INTO topic({{topic_columns}},
	seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, name = excluded.name, kind = excluded.kind,
	team_id = excluded.team_id, deadline_basis = excluded.deadline_basis,
	deadline_days = excluded.deadline_days, active = excluded.active,
	seen = excluded.seen
WHERE excluded.version >= topic.version OR excluded.seen > topic.seen;
-- name: put_template
INSERT INTO template({{template_columns}},
	seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, name = excluded.name, language = excluded.language,
	topic_id = excluded.topic_id, body = excluded.body, active = excluded.active,
	purpose = excluded.purpose, seen = excluded.seen
WHERE excluded.version >= template.version OR excluded.seen > template.seen;
-- name: put_mailbox
INSERT INTO mailbox({{mailbox_columns}},
	seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, name = excluded.name, address = excluded.address,
	team_id = excluded.team_id, topic_id = excluded.topic_id, active = excluded.active,
	state = excluded.state, since = excluded.since, reason = excluded.reason,
	unknown = excluded.unknown, waiting = excluded.waiting, seen = excluded.seen
WHERE excluded.version >= mailbox.version OR excluded.seen > mailbox.seen;
-- name: put_party
INSERT INTO party({{party_columns}},
	seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, kind = excluded.kind, name = excluded.name,
	given = excluded.given, family = excluded.family, birth_date = excluded.birth_date,
	language = excluded.language, identifiers = excluded.identifiers,
	phones = excluded.phones, emails = excluded.emails, addresses = excluded.addresses,
	merged_into = excluded.merged_into, created_at = excluded.created_at,
	updated_at = excluded.updated_at, seen = excluded.seen
WHERE excluded.version >= party.version OR excluded.seen > party.seen;
-- What an action of our own made of a ticket comes twice, as its answer and in the feed: the second time
-- it is the same, and nothing is written.
-- name: put_ticket
INSERT INTO ticket({{ticket_columns}},
	open, due_key, created_key, updated_key, priority_key, seen)
VALUES (
	?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
	?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, "number" = excluded."number", kind = excluded.kind,
	state = excluded.state, priority = excluded.priority, channel = excluded.channel,
	subject = excluded.subject, topic_id = excluded.topic_id,
	team_id = excluded.team_id, agent_id = excluded.agent_id,
	party_id = excluded.party_id, party_name = excluded.party_name,
	involved = excluded.involved, merged_into = excluded.merged_into,
	created_at = excluded.created_at, updated_at = excluded.updated_at,
	due_at = excluded.due_at, answered_at = excluded.answered_at,
	closed_at = excluded.closed_at, wait_until = excluded.wait_until,
	last_in_at = excluded.last_in_at, last_out_at = excluded.last_out_at,
	suspected = excluded.suspected, links = excluded.links,
	followed = excluded.followed, open = excluded.open,
	due_key = excluded.due_key, created_key = excluded.created_key,
	updated_key = excluded.updated_key, priority_key = excluded.priority_key,
	seen = excluded.seen
WHERE excluded.seen > ticket.seen OR (excluded.version >= ticket.version AND (
		excluded.version, excluded."number", excluded.kind, excluded.state, excluded.priority,
		excluded.channel, excluded.subject, excluded.topic_id, excluded.team_id,
		excluded.agent_id, excluded.party_id, excluded.party_name, excluded.involved,
		excluded.merged_into, excluded.created_at, excluded.updated_at, excluded.due_at,
		excluded.answered_at, excluded.closed_at, excluded.wait_until, excluded.last_in_at,
		excluded.last_out_at, excluded.suspected, excluded.links, excluded.followed
	) IS NOT (
		ticket.version, ticket."number", ticket.kind, ticket.state, ticket.priority,
		ticket.channel, ticket.subject, ticket.topic_id, ticket.team_id, ticket.agent_id,
		ticket.party_id, ticket.party_name, ticket.involved, ticket.merged_into,
		ticket.created_at, ticket.updated_at, ticket.due_at, ticket.answered_at,
		ticket.closed_at, ticket.wait_until, ticket.last_in_at, ticket.last_out_at,
		ticket.suspected, ticket.links, ticket.followed));
-- name: put_contact
INSERT INTO contact({{contact_columns}},
	seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, channel = excluded.channel,
	direction = excluded.direction, party_id = excluded.party_id,
	agent_id = excluded.agent_id, started_at = excluded.started_at,
	ended_at = excluded.ended_at, summary = excluded.summary, seen = excluded.seen
WHERE excluded.version >= contact.version OR excluded.seen > contact.seen;
-- name: put_message
INSERT INTO message({{message_columns}},
	seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
	?20, ?21, ?22, ?23)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, ticket_id = excluded.ticket_id,
	contact_id = excluded.contact_id, direction = excluded.direction,
	channel = excluded.channel, state = excluded.state, sender = excluded.sender,
	agent_id = excluded.agent_id, from_text = excluded.from_text,
	to_text = excluded.to_text, subject = excluded.subject, body = excluded.body,
	quoted_at = excluded.quoted_at, attachments = excluded.attachments,
	has_raw = excluded.has_raw, reason = excluded.reason,
	created_at = excluded.created_at, cc_text = excluded.cc_text,
	send_at = excluded.send_at, signature_at = excluded.signature_at,
	language = excluded.language, seen = excluded.seen
WHERE excluded.version >= message.version OR excluded.seen > message.seen;
-- name: put_note
INSERT INTO note({{note_columns}},
	seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT(id) DO UPDATE SET
	version = excluded.version, ticket_id = excluded.ticket_id,
	agent_id = excluded.agent_id, body = excluded.body,
	created_at = excluded.created_at, seen = excluded.seen
WHERE excluded.version >= note.version OR excluded.seen > note.seen;
-- name: put_history
INSERT OR REPLACE INTO history({{history_columns}})
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: gone_{KIND}
-- each: KIND team agent topic party ticket contact message note template mailbox
DELETE FROM {KIND} WHERE id = ?1;
-- name: gone_{KIND}_of_ticket
-- each: KIND message note history timeline
DELETE FROM {KIND} WHERE ticket_id = ?1;
-- name: sweep_{KIND}
-- each: KIND team agent topic party ticket contact template mailbox
DELETE FROM {KIND} WHERE seen < ?1;
-- name: clear_{KIND}
-- each: KIND team agent topic party ticket contact message note history timeline meta template mailbox
DELETE FROM {KIND};

-- name: set_complete
INSERT OR IGNORE INTO timeline(ticket_id) VALUES (?1);
-- name: is_complete
SELECT 1 FROM timeline WHERE ticket_id = ?1;
-- name: incomplete_mine
SELECT id FROM ticket INDEXED BY ticket_mine_due WHERE agent_id = ?1 AND open = 1
AND NOT EXISTS (SELECT 1 FROM timeline WHERE ticket_id = ticket.id)
ORDER BY updated_key DESC LIMIT ?2;
-- name: incomplete_team
SELECT id FROM ticket INDEXED BY ticket_team_updated WHERE team_id = ?1 AND open = 1
AND NOT EXISTS (SELECT 1 FROM timeline WHERE ticket_id = ticket.id)
ORDER BY updated_key DESC LIMIT ?2;

-- name: meta_get
SELECT value FROM meta WHERE key = ?1;
-- name: meta_put
INSERT INTO meta(key, value) VALUES (?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value;
-- name: meta_drop
DELETE FROM meta WHERE key = ?1;
-- name: meta_count_up
INSERT INTO meta(key, value) VALUES (?1, '1')
ON CONFLICT(key) DO UPDATE SET value = CAST(value AS INTEGER) + 1;

-- name: name_team
SELECT name FROM team WHERE id = ?1;
-- name: name_agent
SELECT display FROM agent WHERE id = ?1;
-- name: name_topic
SELECT name FROM topic WHERE id = ?1;

-- name: teams
SELECT {{team_columns}} FROM team ORDER BY name COLLATE NOCASE, id;
-- name: agents
SELECT {{agent_columns}} FROM agent WHERE ?1 IS NULL OR team_id = ?1
ORDER BY display COLLATE NOCASE, id;
-- name: topics
SELECT {{topic_columns}} FROM topic ORDER BY name COLLATE NOCASE, id;
-- What fits the topic first, then the language, then by name.
-- name: templates
SELECT {{template_columns}} FROM template WHERE active = 1 AND purpose = 'answer'
ORDER BY topic_id IS NOT ?1 OR topic_id IS NULL, language IS NOT ?2, name COLLATE NOCASE, id;
-- name: mailboxes
SELECT {{mailbox_columns}} FROM mailbox ORDER BY name COLLATE NOCASE, id;
-- name: topic_by_id
SELECT {{topic_columns}} FROM topic WHERE id = ?1;
-- name: party_by_id
SELECT {{party_columns}} FROM party WHERE id = ?1;
-- name: agent_by_id
SELECT {{agent_columns}} FROM agent WHERE id = ?1;
-- name: ticket_by_id
SELECT rowid, {{ticket_columns}} FROM ticket WHERE id = ?1;
-- name: merged_of
SELECT id, "number" FROM ticket WHERE merged_into = ?1 ORDER BY id LIMIT 100;
-- What a ticket may be the same as: the same citizen's, of the same topic, the newest.
-- name: alike_party
SELECT rowid, {{ticket_columns}} FROM ticket WHERE open = 1 AND party_id = ?1
ORDER BY created_at, id LIMIT ?2;
-- name: alike_topic
SELECT rowid, {{ticket_columns}} FROM ticket WHERE open = 1 AND topic_id = ?1
ORDER BY created_at DESC, id LIMIT ?2;
-- name: alike_newest
SELECT rowid, {{ticket_columns}} FROM ticket INDEXED BY ticket_all_created WHERE open = 1
ORDER BY created_key DESC LIMIT ?2;
-- name: ticket_by_number
SELECT rowid, {{ticket_columns}} FROM ticket WHERE "number" = ?1;

-- name: messages
SELECT {{message_columns}} FROM message WHERE ticket_id = ?1 ORDER BY created_at, id LIMIT 10000;
-- name: notes
SELECT {{note_columns}} FROM note WHERE ticket_id = ?1 ORDER BY created_at, id LIMIT 10000;
-- A message or note tells itself that it was made; only later changes of it are history.
-- name: history
SELECT {{history_columns}} FROM history
WHERE ticket_id = ?1 AND (type = 'ticket' OR "before" IS NOT NULL) ORDER BY seq LIMIT 10000;

-- What others did, the newest first. Only the end of the journal is looked at, however long it is.
-- name: news
SELECT h.seq, h.operation, h."action", h."type", h.record_id, h.ticket_id, h.version, h.agent_id,
	h."at", h."before", h."after", m.direction, t."number", t.subject,
	t.agent_id IS ?2 OR coalesce(t.followed, 0)
FROM (SELECT * FROM history ORDER BY seq DESC LIMIT 2000) AS h
JOIN ticket AS t ON t.id = h.ticket_id
LEFT JOIN message AS m ON h."type" = 'message' AND m.id = h.record_id
WHERE h."at" > ?1 AND h.agent_id IS NOT ?2
ORDER BY h.seq DESC LIMIT 1000;

-- name: mail_troubles
SELECT m.ticket_id, t."number", t.subject, m.created_at, m.state = 'uncertain'
FROM message AS m INDEXED BY message_trouble JOIN ticket AS t ON t.id = m.ticket_id
WHERE m.state IN ('failed', 'uncertain') AND m.direction = 'out'
AND (t.agent_id IS ?1 OR m.agent_id IS ?1 OR coalesce(t.followed, 0))
ORDER BY m.created_at DESC LIMIT ?2;

-- name: is_undelivered
SELECT 1 FROM message INDEXED BY message_trouble WHERE state IN ('failed', 'uncertain')
AND direction = 'out' AND ticket_id = ?1 LIMIT 1;

-- Each by itself: together the two would read the whole table.
-- name: touched_range
SELECT coalesce((SELECT min(n) FROM touched), 0), coalesce((SELECT max(n) FROM touched), 0);
-- name: touched_since
SELECT ticket_id FROM touched WHERE n > ?1;
-- name: touched_prune
DELETE FROM touched WHERE n <= (SELECT max(n) FROM touched) - 5000;

-- name: loads
SELECT team_id, agent_id, count(*), sum(due_key < ?1), sum(due_key >= ?1 AND due_key < ?2)
FROM ticket INDEXED BY ticket_load WHERE open = 1 GROUP BY team_id, agent_id;

-- name: loads_slice
SELECT rowid, id, team_id, agent_id, due_key, open FROM ticket WHERE rowid > ?1
ORDER BY rowid LIMIT ?2;
-- name: loads_ticket
SELECT team_id, agent_id, due_key, open FROM ticket WHERE id = ?1;

-- name: probe_unassigned
SELECT count(*) FROM (
	SELECT 1 FROM ticket INDEXED BY ticket_unassigned_due WHERE agent_id IS NULL LIMIT 4000);
-- name: probe_overdue
SELECT count(*) FROM (
	SELECT 1 FROM ticket INDEXED BY ticket_all_due WHERE due_key < ?1 LIMIT 4000);

-- A full synchronisation writes all over ten indexes: with the usual 2 MB in memory it would move
-- each page to the log many times over.
-- name: memory_large
PRAGMA cache_size = -98304;
-- name: memory_usual
PRAGMA cache_size = -4096;
-- name: memory_shrink
PRAGMA shrink_memory;
-- name: checkpoint_seldom
PRAGMA wal_autocheckpoint = 16000;
-- name: checkpoint_usual
PRAGMA wal_autocheckpoint = 1000;

-- name: count_plain
SELECT rowid, open, due_key, id, agent_id, team_id FROM ticket
WHERE rowid > ?1 ORDER BY rowid LIMIT ?2;
-- name: count_filtered
SELECT rowid, open, due_key, {{ticket_list_columns}} FROM ticket
WHERE rowid > ?1 ORDER BY rowid LIMIT ?2;

-- Which index each view and sort walks. An agent's own work, what nobody has and what is late are
-- mostly small sets: they are sorted as they are read. When a probe finds the last two large, the
-- order of all is walked and what does not belong is passed over.
-- part: from_mine_due
ticket INDEXED BY ticket_mine_due
-- part: from_mine_created
ticket INDEXED BY ticket_mine_due
-- part: from_mine_updated
ticket INDEXED BY ticket_mine_due
-- part: from_mine_priority
ticket INDEXED BY ticket_mine_due
-- part: from_team_due
ticket INDEXED BY ticket_team_due
-- part: from_team_created
ticket INDEXED BY ticket_team_created
-- part: from_team_updated
ticket INDEXED BY ticket_team_updated
-- part: from_team_priority
ticket INDEXED BY ticket_team_priority
-- part: from_unassigned_due
ticket INDEXED BY ticket_unassigned_due
-- part: from_unassigned_created
ticket INDEXED BY ticket_unassigned_due
-- part: from_unassigned_updated
ticket INDEXED BY ticket_unassigned_due
-- part: from_unassigned_priority
ticket INDEXED BY ticket_unassigned_due
-- part: from_overdue_due
ticket INDEXED BY ticket_all_due
-- part: from_overdue_created
ticket INDEXED BY ticket_all_due
-- part: from_overdue_updated
ticket INDEXED BY ticket_all_due
-- part: from_overdue_priority
ticket INDEXED BY ticket_all_due
-- part: from_all_due
ticket INDEXED BY ticket_all_due
-- part: from_all_created
ticket INDEXED BY ticket_all_created
-- part: from_all_updated
ticket INDEXED BY ticket_all_updated
-- part: from_all_priority
ticket INDEXED BY ticket_all_priority
-- part: from_unassigned_many_due
ticket INDEXED BY ticket_all_due
-- part: from_unassigned_many_created
ticket INDEXED BY ticket_all_created
-- part: from_unassigned_many_updated
ticket INDEXED BY ticket_all_updated
-- part: from_unassigned_many_priority
ticket INDEXED BY ticket_all_priority
-- part: from_overdue_many_due
ticket INDEXED BY ticket_all_due
-- part: from_overdue_many_created
ticket INDEXED BY ticket_all_created
-- part: from_overdue_many_updated
ticket INDEXED BY ticket_all_updated
-- part: from_overdue_many_priority
ticket INDEXED BY ticket_all_priority
-- part: where_mine
agent_id = ?3 AND open >= ?4
-- part: where_team
team_id = ?3 AND open >= ?4
-- part: where_unassigned
agent_id IS NULL AND open >= ?4
-- part: where_overdue
due_key < ?5 AND open = 1 AND open >= ?4
-- part: where_unassigned_many
agent_id IS NULL AND open >= ?4
-- part: where_overdue_many
due_key < ?5 AND open = 1 AND open >= ?4
-- part: where_all
open >= ?4
-- part: beyond_up
>
-- part: beyond_down
<
-- part: order_up
ASC
-- part: order_down
DESC
-- name: queue_{VIEW}_{SORT}_{WAY}
-- each: VIEW mine team unassigned overdue all unassigned_many overdue_many
-- each: SORT due created updated priority
-- each: WAY up down
SELECT rowid, {SORT}_key, {{ticket_list_columns}} FROM {{from_{VIEW}_{SORT}}}
WHERE {{where_{VIEW}}} AND ({SORT}_key, rowid) {{beyond_{WAY}}} (?1, ?2)
ORDER BY {SORT}_key {{order_{WAY}}}, rowid {{order_{WAY}}};

-- name: people_words_of
SELECT rowid, (SELECT words FROM party_words WHERE party = party.rowid) FROM party WHERE id = ?1;
-- name: people_set_words
INSERT INTO party_words(party, words) VALUES (?1, ?2)
ON CONFLICT(party) DO UPDATE SET words = excluded.words;
-- name: people_clear_terms
DELETE FROM party_term WHERE party = ?1;
-- name: people_add_term
INSERT INTO party_term(term, party) VALUES (?1, ?2) ON CONFLICT DO NOTHING;
-- name: people_starts
SELECT party, words FROM party_words WHERE words >= ?1 AND words < ?2 ORDER BY words LIMIT ?3;
-- name: people_terms
SELECT w.party, w.words FROM party_term t JOIN party_words w ON w.party = t.party
WHERE t.term >= ?1 AND t.term < ?2 ORDER BY t.term LIMIT ?3;
-- name: party_by_rowid
SELECT {{party_columns}} FROM party WHERE rowid = ?1;
-- name: tickets_of_party
SELECT rowid, {{ticket_columns}} FROM ticket WHERE party_id = ?1
ORDER BY created_at DESC, id DESC LIMIT ?2;
