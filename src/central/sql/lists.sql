-- Lists and pages, read only. ?1 is always the reader, also where it does not occur. A page starts
-- behind the id of the last row of the page before (?2) and stops after ?3 rows.

-- name: list_team
SELECT {{team_columns}} FROM team t WHERE t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: list_agent
SELECT {{agent_columns}} FROM agent t WHERE t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: list_topic
SELECT {{topic_columns}} FROM topic t WHERE t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: list_template
SELECT {{template_columns}} FROM template t WHERE t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: list_mailbox
SELECT {{mailbox_columns}} FROM mailbox t WHERE t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: list_party
SELECT {{party_columns}} FROM party t WHERE t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: list_contact
SELECT {{contact_columns}} FROM contact t WHERE t.id > ?2 ORDER BY t.id LIMIT ?3

-- Parties and contacts of the tickets on the reader's desk: open ones, and his own that changed
-- after ?4. The many of a union have an order and limit of their own: not every engine sees by
-- itself that it need not read all of them. The reader's own are few, and are found by him alone.
-- name: desk_party
SELECT {{party_columns}}
FROM (
	SELECT id FROM (
		SELECT DISTINCT party_id AS id FROM ticket WHERE is_open = 1 AND party_id > ?2
		ORDER BY party_id LIMIT ?3) a
	UNION
	SELECT party_id FROM ticket
	WHERE agent_id = ?1 AND is_open = 0 AND updated_at > ?4 AND party_id > ?2
	UNION
	SELECT k.party_id FROM follow f JOIN ticket k ON k.id = f.ticket_id
	WHERE f.agent_id = ?1 AND k.is_open = 0 AND k.updated_at > ?4 AND k.party_id > ?2
	ORDER BY 1 LIMIT ?3
) d JOIN party t ON t.id = d.id ORDER BY t.id
-- name: desk_party_outside
SELECT {{party_columns}}
FROM (
	SELECT id FROM (
		SELECT DISTINCT party_id AS id FROM ticket
		WHERE team_id = ?5 AND is_open = 1 AND party_id > ?2
		ORDER BY party_id LIMIT ?3) a
	UNION
	SELECT party_id FROM ticket
	WHERE agent_id = ?1 AND team_id = ?5 AND is_open = 0 AND updated_at > ?4 AND party_id > ?2
	ORDER BY 1 LIMIT ?3
) d JOIN party t ON t.id = d.id ORDER BY t.id
-- A contact is looked up by its messages, one by one: joined at once, all messages of all open
-- tickets would be read for one page.
-- name: desk_contact
SELECT {{contact_columns}}
FROM contact t
WHERE t.id > ?2 AND (t.agent_id = ?1 OR (
	SELECT 1 FROM message m JOIN ticket k ON k.id = m.ticket_id
	WHERE m.contact_id = t.id
		AND (k.is_open = 1 OR (k.agent_id = ?1 AND k.updated_at > ?4))
	LIMIT 1) = 1)
ORDER BY t.id LIMIT ?3
-- Whether the reader's desk has a ticket of this party (?2), or of one that was merged into it: an open
-- one, or his own that changed after ?4; for an outside organisation (?5) of those handed to it.
-- name: party_on_desk
WITH RECURSIVE family (id) AS (
	SELECT p.id FROM party p WHERE p.id = ?2
	UNION
	SELECT p.id FROM party p JOIN family f ON p.merged_into = f.id)
SELECT 1 FROM ticket
WHERE party_id IN (SELECT id FROM family) AND is_open = 1 AND (team_id = ?5 OR ?5 IS NULL)
UNION ALL
SELECT 1 FROM ticket
WHERE party_id IN (SELECT id FROM family) AND is_open = 0 AND (team_id = ?5 OR ?5 IS NULL)
	AND agent_id = ?1 AND updated_at > ?4
LIMIT 1

-- name: ticket_list
SELECT {{ticket_columns}} FROM ticket t WHERE t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: ticket_list_team
SELECT {{ticket_columns}} FROM ticket t WHERE t.team_id = ?4 AND t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: ticket_list_agent
SELECT {{ticket_columns}} FROM ticket t WHERE t.agent_id = ?4 AND t.id > ?2 ORDER BY t.id LIMIT ?3
-- name: ticket_list_state
SELECT {{ticket_columns}} FROM ticket t WHERE t.state = ?4 AND t.id > ?2 ORDER BY t.id LIMIT ?3
-- What was merged is needed with what it was merged into; which of those that is not merged itself, and
-- whether that is on the desk, is asked of each row.
-- name: desk_ticket
SELECT {{ticket_columns}}
FROM (
	SELECT id FROM (
		SELECT id FROM ticket WHERE is_open = 1 AND id > ?2 ORDER BY id LIMIT ?3) a
	UNION
	SELECT id FROM (
		SELECT id FROM ticket
		WHERE agent_id = ?1 AND is_open = 0 AND id > ?2 AND updated_at > ?4
		ORDER BY id LIMIT ?3) b
	UNION
	SELECT id FROM (
		SELECT k.id FROM follow f JOIN ticket k ON k.id = f.ticket_id
		WHERE f.agent_id = ?1 AND f.ticket_id > ?2 AND k.is_open = 0 AND k.updated_at > ?4
		ORDER BY f.ticket_id LIMIT ?3) c
	UNION
	SELECT id FROM (
		SELECT m.id FROM ticket m JOIN ticket k ON k.id = m.merged_into
		WHERE m.merged_into IS NOT NULL AND m.id > ?2
			AND (k.is_open = 1 OR k.merged_into IS NOT NULL)
		ORDER BY m.id LIMIT ?3) e
	ORDER BY 1 LIMIT ?3
) d JOIN ticket t ON t.id = d.id ORDER BY t.id
-- name: desk_ticket_outside
SELECT {{ticket_columns}}
FROM (
	SELECT id FROM (
		SELECT id FROM ticket WHERE team_id = ?5 AND is_open = 1 AND id > ?2
		ORDER BY id LIMIT ?3) a
	UNION
	SELECT id FROM (
		SELECT id FROM ticket
		WHERE agent_id = ?1 AND is_open = 0 AND id > ?2 AND updated_at > ?4 AND team_id = ?5
		ORDER BY id LIMIT ?3) b
	UNION
	SELECT id FROM (
		SELECT k.id FROM follow f JOIN ticket k ON k.id = f.ticket_id
		WHERE f.agent_id = ?1 AND f.ticket_id > ?2 AND k.is_open = 0 AND k.updated_at > ?4
			AND k.team_id = ?5
		ORDER BY f.ticket_id LIMIT ?3) c
	UNION
	SELECT id FROM (
		SELECT m.id FROM ticket m JOIN ticket k ON k.id = m.merged_into
		WHERE m.merged_into IS NOT NULL AND m.id > ?2 AND m.team_id = ?5
			AND ((k.is_open = 1 AND k.team_id = ?5) OR k.merged_into IS NOT NULL)
		ORDER BY m.id LIMIT ?3) e
	ORDER BY 1 LIMIT ?3
) d JOIN ticket t ON t.id = d.id ORDER BY t.id

-- Pages of a queue: open tickets in the order of a key, behind the place (?2, ?3). ?4 bounds what
-- is looked at, ?5 is who or when. The key stands behind the record's own columns.
-- name: queue_all_{KEY}_up
-- each: KEY due_key created_at updated_at
SELECT {{ticket_columns}}, t.{KEY} FROM ticket t
WHERE t.is_open = 1 AND (t.{KEY}, t.id) > (?2, ?3) ORDER BY t.{KEY}, t.id LIMIT ?4
-- name: queue_all_{KEY}_down
-- each: KEY due_key created_at updated_at
SELECT {{ticket_columns}}, t.{KEY} FROM ticket t
WHERE t.is_open = 1 AND (t.{KEY}, t.id) < (?2, ?3) ORDER BY t.{KEY} DESC, t.id DESC LIMIT ?4
-- name: queue_overdue_{KEY}_up
-- each: KEY due_key created_at updated_at
SELECT {{ticket_columns}}, t.{KEY} FROM ticket t
WHERE t.is_open = 1 AND (t.{KEY}, t.id) > (?2, ?3) AND t.due_key < ?5
ORDER BY t.{KEY}, t.id LIMIT ?4
-- name: queue_overdue_{KEY}_down
-- each: KEY due_key created_at updated_at
SELECT {{ticket_columns}}, t.{KEY} FROM ticket t
WHERE t.is_open = 1 AND (t.{KEY}, t.id) < (?2, ?3) AND t.due_key < ?5
ORDER BY t.{KEY} DESC, t.id DESC LIMIT ?4
-- name: queue_{WHO}_{KEY}_up
-- each: WHO agent_id team_id
-- each: KEY due_key created_at updated_at
SELECT {{ticket_columns}}, t.{KEY} FROM ticket t
WHERE t.is_open = 1 AND t.{WHO} = ?5 AND (t.{KEY}, t.id) > (?2, ?3)
ORDER BY t.{KEY}, t.id LIMIT ?4
-- name: queue_{WHO}_{KEY}_down
-- each: WHO agent_id team_id
-- each: KEY due_key created_at updated_at
SELECT {{ticket_columns}}, t.{KEY} FROM ticket t
WHERE t.is_open = 1 AND t.{WHO} = ?5 AND (t.{KEY}, t.id) < (?2, ?3)
ORDER BY t.{KEY} DESC, t.id DESC LIMIT ?4
-- Of nobody: the same index, of which the order must then name the first column.
-- name: queue_nobody_{KEY}_up
-- each: KEY due_key created_at updated_at
SELECT {{ticket_columns}}, t.{KEY} FROM ticket t
WHERE t.is_open = 1 AND t.agent_id IS NULL AND (t.{KEY}, t.id) > (?2, ?3)
ORDER BY t.agent_id, t.{KEY}, t.id LIMIT ?4
-- name: queue_nobody_{KEY}_down
-- each: KEY due_key created_at updated_at
SELECT {{ticket_columns}}, t.{KEY} FROM ticket t
WHERE t.is_open = 1 AND t.agent_id IS NULL AND (t.{KEY}, t.id) < (?2, ?3)
ORDER BY t.agent_id DESC, t.{KEY} DESC, t.id DESC LIMIT ?4

-- A ticket and all that were merged into it, also by way of others. Its reader is ?1, its id ?2. Handing a
-- ticket to an outside organisation (?5) hands over none of those: it sees what was its own before.
-- part: family
family (id) AS (
	SELECT k.id FROM ticket k WHERE k.id = ?2
	UNION
	SELECT k.id FROM ticket k JOIN family f ON k.merged_into = f.id),
seen (id) AS (
	SELECT k.id FROM family f JOIN ticket k ON k.id = f.id WHERE k.team_id = ?5 OR ?5 IS NULL)
-- name: merged_list
WITH RECURSIVE {{family}}
SELECT {{ticket_columns}} FROM ticket t
WHERE t.id IN (SELECT id FROM seen) AND t.id <> ?2 ORDER BY t.id LIMIT ?3
-- name: message_list
WITH RECURSIVE {{family}}
SELECT {{message_columns}} FROM message t
WHERE t.ticket_id IN (SELECT id FROM seen) AND t.removed = 0 ORDER BY t.created_at, t.id LIMIT ?3
-- name: note_list
WITH RECURSIVE {{family}}
SELECT {{note_columns}} FROM note t
WHERE t.ticket_id IN (SELECT id FROM seen) AND t.removed = 0 ORDER BY t.created_at, t.id LIMIT ?3
-- name: contact_ticket
SELECT m.ticket_id FROM message m WHERE m.contact_id = ?1 AND m.removed = 0
ORDER BY m.created_at, m.id LIMIT 1

-- Everything that a party (?2) and those that went into it ever asked: as reporter or otherwise
-- involved. Newest first; for an outside organisation (?5) only what was handed to it.
-- name: card_ticket
SELECT {{ticket_columns}}
FROM (
	SELECT k.id FROM ticket k WHERE k.party_id IN ({{card_family}})
	UNION
	SELECT i.ticket_id FROM involvement i WHERE i.party_id IN ({{card_family}})
) d JOIN ticket t ON t.id = d.id
WHERE t.team_id = ?5 OR ?5 IS NULL
ORDER BY t.created_at DESC, t.id DESC LIMIT ?3
-- name: card_contact
SELECT {{contact_columns}} FROM contact t
WHERE t.party_id IN ({{card_family}})
ORDER BY t.started_at DESC, t.id DESC LIMIT ?3
-- name: card_merged
SELECT {{party_columns}} FROM party t
WHERE t.id IN ({{card_family}}) AND t.id <> ?2 ORDER BY t.id LIMIT ?3
-- part: card_family
WITH RECURSIVE family (id) AS (
	SELECT id FROM party WHERE id = ?2
	UNION
	SELECT p.id FROM party p JOIN family f ON p.merged_into = f.id)
SELECT id FROM family
