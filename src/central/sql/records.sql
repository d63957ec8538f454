-- Records: columns in the order of their field tables.
-- part: team_columns
t.id, t.version, t.name, t.kind, t.active
-- part: agent_columns
t.id, t.version, t.name, t.display, t.role, t.team_id, t.active
-- part: topic_columns
t.id, t.version, t.name, t.kind, t.team_id, t.deadline_basis, t.deadline_days, t.active
-- part: party_columns
t.id, t.version, t.kind, t.name, t.given, t.family, t.birth_date, t.language, t.identifiers,
t.phones, t.emails, t.addresses, t.merged_into, t.created_at, t.updated_at
-- The reader is always ?1: followed is his.
-- part: ticket_columns
t.id, t.version, t.number, t.kind, t.state, t.priority, t.channel, t.subject, t.topic_id, t.team_id,
t.agent_id, t.party_id, t.party_name, t.involved, t.merged_into, t.created_at, t.updated_at,
t.due_at, t.answered_at, t.closed_at, t.wait_until, t.last_in_at, t.last_out_at, t.suspected, t.links,
EXISTS (SELECT 1 FROM follow f WHERE f.ticket_id = t.id AND f.agent_id = ?1) AS followed
-- part: contact_columns
t.id, t.version, t.channel, t.direction, t.party_id, t.agent_id, t.started_at, t.ended_at, t.summary
-- part: message_columns
t.id, t.version, t.ticket_id, t.contact_id, t.direction, t.channel, t.state, t.sender, t.agent_id,
t.from_text, t.to_text, t.subject, t.body, t.quoted_at, t.attachments, t.has_raw, t.reason,
t.created_at, t.cc_text, t.send_at, t.signature_at, t.language
-- part: note_columns
t.id, t.version, t.ticket_id, t.agent_id, t.body, t.created_at
-- part: mailbox_columns
t.id, t.version, t.name, t.address, t.team_id, t.topic_id, t.active,
t.state, t.since, t.reason, t.unknown, t.waiting
-- part: template_columns
t.id, t.version, t.name, t.language, t.topic_id, t.body, t.active, t.purpose

-- One record by id. ?1 reader, ?2 id. All are bound alike, also where the reader has no say.
-- name: read_team
SELECT {{team_columns}} FROM team t WHERE t.id = ?2
-- name: read_agent
SELECT {{agent_columns}} FROM agent t WHERE t.id = ?2
-- name: read_topic
SELECT {{topic_columns}} FROM topic t WHERE t.id = ?2
-- name: read_party
SELECT {{party_columns}} FROM party t WHERE t.id = ?2
-- name: read_ticket
SELECT {{ticket_columns}} FROM ticket t WHERE t.id = ?2
-- name: read_contact
SELECT {{contact_columns}} FROM contact t WHERE t.id = ?2
-- name: read_message
SELECT {{message_columns}} FROM message t WHERE t.id = ?2 AND t.removed = 0
-- name: read_note
SELECT {{note_columns}} FROM note t WHERE t.id = ?2 AND t.removed = 0
-- name: read_template
SELECT {{template_columns}} FROM template t WHERE t.id = ?2
-- name: read_mailbox
SELECT {{mailbox_columns}} FROM mailbox t WHERE t.id = ?2

-- name: insert_team
-- copy: team
INSERT INTO team (id, version, name, kind, active) VALUES (?1, ?2, ?3, ?4, ?5)
-- name: insert_agent
-- copy: agent
INSERT INTO agent (id, version, name, display, role, team_id, active)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
-- name: insert_topic
-- copy: topic
INSERT INTO topic (id, version, name, kind, team_id, deadline_basis, deadline_days, active)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
-- name: insert_template
-- copy: template
INSERT INTO template (id, version, name, language, topic_id, body, active, purpose)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
-- name: insert_mailbox
-- copy: mailbox
INSERT INTO mailbox (id, version, name, address, team_id, topic_id, active, state, since, reason,
	unknown, waiting)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
-- name: insert_party
-- copy: party
INSERT INTO party (id, version, kind, name, given, family, birth_date, language, identifiers, phones,
	emails, addresses, merged_into, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
-- name: insert_ticket
-- copy: ticket
INSERT INTO ticket (id, version, number, kind, state, priority, channel, subject, topic_id, team_id,
	agent_id, party_id, party_name, involved, merged_into, created_at, updated_at, due_at,
	answered_at, closed_at, wait_until, last_in_at, last_out_at, suspected, links,
	is_open)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
	?21, ?22, ?23, ?24, ?25, ?26)
-- name: insert_contact
-- copy: contact
INSERT INTO contact (id, version, channel, direction, party_id, agent_id, started_at, ended_at,
	summary)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
-- name: insert_message
-- copy: message
INSERT INTO message (id, version, ticket_id, contact_id, direction, channel, state, sender, agent_id,
	from_text, to_text, subject, body, quoted_at, attachments, has_raw, reason, created_at, cc_text,
	send_at, signature_at, language)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
	?21, ?22)
-- name: insert_note
-- copy: note
INSERT INTO note (id, version, ticket_id, agent_id, body, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: update_team
UPDATE team SET version = ?2, name = ?3, kind = ?4, active = ?5 WHERE id = ?1
-- name: update_agent
UPDATE agent SET version = ?2, name = ?3, display = ?4, role = ?5, team_id = ?6, active = ?7
WHERE id = ?1
-- name: update_template
UPDATE template SET version = ?2, name = ?3, language = ?4, topic_id = ?5, body = ?6, active = ?7,
	purpose = ?8
WHERE id = ?1
-- name: update_mailbox
UPDATE mailbox SET version = ?2, name = ?3, address = ?4, team_id = ?5, topic_id = ?6, active = ?7,
	state = ?8, since = ?9, reason = ?10, unknown = ?11, waiting = ?12
WHERE id = ?1
-- name: update_topic
UPDATE topic SET version = ?2, name = ?3, kind = ?4, team_id = ?5, deadline_basis = ?6,
	deadline_days = ?7, active = ?8
WHERE id = ?1
-- name: update_party
UPDATE party SET version = ?2, kind = ?3, name = ?4, given = ?5, family = ?6, birth_date = ?7,
	language = ?8, identifiers = ?9, phones = ?10, emails = ?11, addresses = ?12,
	merged_into = ?13, created_at = ?14, updated_at = ?15
WHERE id = ?1
-- name: update_ticket
UPDATE ticket SET version = ?2, number = ?3, kind = ?4, state = ?5, priority = ?6, channel = ?7,
	subject = ?8, topic_id = ?9, team_id = ?10, agent_id = ?11, party_id = ?12,
	party_name = ?13, involved = ?14, merged_into = ?15, created_at = ?16, updated_at = ?17,
	due_at = ?18, answered_at = ?19, closed_at = ?20, wait_until = ?21, last_in_at = ?22,
	last_out_at = ?23, suspected = ?24, links = ?25, is_open = ?26
WHERE id = ?1
-- Of those columns alone that most actions change, so that the indexes of the others are left as they
-- are. Parameters in the order of the table in ticket_update.c.
-- name: update_ticket_words
UPDATE ticket SET version = ?2, updated_at = ?3, kind = ?4, priority = ?5, subject = ?6, topic_id = ?7,
	involved = ?8, answered_at = ?9, wait_until = ?10, last_in_at = ?11, last_out_at = ?12,
	suspected = ?13, links = ?14
WHERE id = ?1
-- name: update_ticket_handler
UPDATE ticket SET version = ?2, updated_at = ?3, team_id = ?4, agent_id = ?5 WHERE id = ?1
-- name: update_ticket_taken
UPDATE ticket SET version = ?2, updated_at = ?3, team_id = ?4, agent_id = ?5, state = ?6,
	wait_until = ?7, closed_at = ?8
WHERE id = ?1
-- name: update_contact
UPDATE contact SET version = ?2, channel = ?3, direction = ?4, party_id = ?5, agent_id = ?6,
	started_at = ?7, ended_at = ?8, summary = ?9
WHERE id = ?1
-- name: update_message
UPDATE message SET version = ?2, ticket_id = ?3, contact_id = ?4, direction = ?5, channel = ?6,
	state = ?7, sender = ?8, agent_id = ?9, from_text = ?10, to_text = ?11, subject = ?12,
	body = ?13, quoted_at = ?14, attachments = ?15, has_raw = ?16, reason = ?17,
	created_at = ?18, cc_text = ?19, send_at = ?20, signature_at = ?21, language = ?22
WHERE id = ?1
-- name: update_note
UPDATE note SET version = ?2, ticket_id = ?3, agent_id = ?4, body = ?5, created_at = ?6
WHERE id = ?1

-- name: remove_message
UPDATE message SET version = ?2, removed = 1 WHERE id = ?1 AND removed = 0
-- name: remove_note
UPDATE note SET version = ?2, removed = 1 WHERE id = ?1 AND removed = 0

-- Search rows that follow the JSON of a record.
-- name: party_clear_{KIND}
-- each: KIND identifier phone email address
DELETE FROM party_{KIND} WHERE party_id = ?1
-- name: involvement_clear
DELETE FROM involvement WHERE ticket_id = ?1

-- Found by name, number, address. Two rows at most: more than one is no answer.
-- name: {KIND}_by_name
-- each: KIND team topic agent template mailbox
SELECT id FROM {KIND} WHERE name = ?1
-- Few enough to be compared one by one, which no two engines do alike.
-- name: {KIND}_other_names
-- each: KIND team topic template
SELECT name FROM {KIND} WHERE id <> ?1
-- name: ticket_by_number
SELECT id FROM ticket WHERE number = ?1
UNION ALL
SELECT ticket_id FROM number_alias WHERE number = ?1
-- What else a ticket heard from its citizen, without one message: how many texts, and the newest that
-- asks for an answer.
-- name: ticket_without
SELECT count(*), max(CASE WHEN direction = 'in' AND sender = 'person'
	AND state NOT IN ('suspected', 'declined') THEN created_at END)
FROM message WHERE ticket_id = ?1 AND id <> ?2 AND removed = 0
-- name: ticket_has_merged
SELECT 1 FROM ticket WHERE merged_into = ?1 LIMIT 1
-- The one that party p went into in the end: who was merged twice is neither lost nor half-way.
-- part: party_survivor
CASE WHEN p.merged_into IS NULL THEN p.id ELSE (
	WITH RECURSIVE up (id, next) AS (
		SELECT u.id, u.merged_into FROM party u WHERE u.id = p.merged_into
		UNION
		SELECT u.id, u.merged_into FROM party u JOIN up ON u.id = up.next)
	SELECT id FROM up WHERE next IS NULL) END
-- name: party_by_{KIND}
-- each: KIND phone email
SELECT DISTINCT {{party_survivor}}
FROM party_{KIND} k JOIN party p ON p.id = k.party_id
WHERE k.value = ?1 LIMIT 2
-- name: party_by_identifier
SELECT DISTINCT {{party_survivor}}
FROM party_identifier k JOIN party p ON p.id = k.party_id
WHERE k.scheme = ?1 AND k.value = ?2 LIMIT 2

-- name: counter_next
INSERT INTO counter (name, value) VALUES (?1, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1
RETURNING value
-- name: meta_get
SELECT value FROM meta WHERE key = ?1
-- name: meta_set
INSERT INTO meta (key, value) VALUES (?1, ?2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: follow_add
INSERT INTO follow (ticket_id, agent_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING
-- name: follow_remove
DELETE FROM follow WHERE ticket_id = ?1 AND agent_id = ?2
