-- A whole town from one database to another: pages of each table by its key, and its rows again.
-- The tables stand in such an order that a row comes after the rows it points to; a table that
-- points into itself does so by merged_into, which is set at the end.
--
-- TABLE: the one list. A page is the columns, then move_end, then what the next page begins behind.
-- ?1 is the most rows of a page, from ?2 on the last key of the page before.
-- name: move_{WHAT}_{TABLE}
-- each: TABLE meta counter team agent topic party party_identifier party_phone party_email
-- each: TABLE party_address party_words template mailbox mailbox_place mailbox_retry
-- each: TABLE ticket number_alias ticket_import involvement
-- each: TABLE follow contact message note blob upload attachment raw mail_ref mail_ledger mail_out
-- each: TABLE mail_auto journal idempotency
-- each: TABLE session login_miss
-- each: WHAT first next last
{{move_{WHAT}}}
-- part: move_first
SELECT {{{TABLE}_move_columns}}, 0 AS move_end, {{{TABLE}_move_key}}
FROM {{{TABLE}_move_source}} ORDER BY {{{TABLE}_move_key}} LIMIT ?1
-- part: move_next
SELECT {{{TABLE}_move_columns}}, 0 AS move_end, {{{TABLE}_move_key}}
FROM {{{TABLE}_move_source}} WHERE ({{{TABLE}_move_key}}) > ({{{TABLE}_move_key | ?2}})
ORDER BY {{{TABLE}_move_key}} LIMIT ?1
-- part: move_last
SELECT 0 AS move_end, {{{TABLE}_move_key}}
FROM {{{TABLE}_move_source}} ORDER BY {{{TABLE}_move_key | DESC}} LIMIT 1

-- The same tables again, in the same order: a test holds them against each other and the schema.
-- name: move_add_{TABLE}
-- each: TABLE meta counter team agent topic party party_identifier party_phone party_email
-- each: TABLE party_address party_words template mailbox mailbox_place mailbox_retry
-- each: TABLE ticket number_alias ticket_import involvement
-- each: TABLE follow contact message note blob upload attachment raw mail_ref mail_ledger mail_out
-- each: TABLE mail_auto journal idempotency
-- each: TABLE session login_miss
-- copy: {TABLE}
INSERT INTO {TABLE} ({{{TABLE}_move_columns}}) VALUES ({{{TABLE}_move_columns | ?1}})

-- name: move_merged_{TABLE}
-- each: TABLE party ticket
SELECT id, merged_into FROM {TABLE} WHERE id > ?2 AND merged_into IS NOT NULL ORDER BY id LIMIT ?1
-- name: move_merge_{TABLE}
-- each: TABLE party ticket
UPDATE {TABLE} SET merged_into = ?2 WHERE id = ?1
-- name: move_meta_clear
DELETE FROM meta
-- name: move_done
DELETE FROM meta WHERE key = 'moving'

-- part: meta_move_columns
key, value
-- part: meta_move_key
key
-- The word that a move goes on is no part of the town.
-- part: meta_move_source
(SELECT key, value FROM meta WHERE key <> 'moving') m
-- part: counter_move_columns
name, value
-- part: counter_move_key
name
-- part: counter_move_source
counter
-- part: team_move_columns
id, version, name, kind, active
-- part: team_move_key
id
-- part: team_move_source
team
-- part: agent_move_columns
id, version, name, display, role, team_id, active, password
-- part: agent_move_key
id
-- part: agent_move_source
agent
-- part: topic_move_columns
id, version, name, kind, team_id, deadline_basis, deadline_days, active
-- part: topic_move_key
id
-- part: topic_move_source
topic
-- part: party_move_columns
id, version, kind, name, given, family, birth_date, language, identifiers, phones, emails,
addresses, merged_into, created_at, updated_at
-- part: party_move_key
id
-- part: party_move_source
party
-- part: party_identifier_move_columns
scheme, value, party_id
-- part: party_identifier_move_key
scheme, value, party_id
-- part: party_identifier_move_source
party_identifier
-- part: party_phone_move_columns
value, party_id
-- part: party_phone_move_key
value, party_id
-- part: party_phone_move_source
party_phone
-- part: party_email_move_columns
value, party_id
-- part: party_email_move_key
value, party_id
-- part: party_email_move_source
party_email
-- part: party_address_move_columns
party_id, position, street, number, box, postcode, city
-- part: party_address_move_key
party_id, position
-- part: party_address_move_source
party_address
-- part: party_words_move_columns
party_id, words, facts
-- part: party_words_move_key
party_id
-- part: party_words_move_source
party_words
-- part: ticket_move_columns
id, version, number, kind, state, priority, channel, subject, topic_id, team_id, agent_id,
party_id, party_name, involved, merged_into, created_at, updated_at, due_at, answered_at,
closed_at, wait_until, last_in_at, last_out_at, suspected, is_open, links
-- part: template_move_columns
id, version, name, language, topic_id, body, active, purpose
-- part: template_move_key
id
-- part: template_move_source
template
-- part: mailbox_move_columns
id, version, name, address, team_id, topic_id, active, state, since, reason, unknown, waiting
-- part: mailbox_move_key
id
-- part: mailbox_move_source
mailbox
-- part: mailbox_place_move_columns
name, uidvalidity, generation, uid_next, since, seen_at
-- part: mailbox_place_move_key
name
-- part: mailbox_place_move_source
mailbox_place
-- part: mailbox_retry_move_columns
name, uidvalidity, uid, tries, next_at, reason
-- part: mailbox_retry_move_key
name, uidvalidity, uid
-- part: mailbox_retry_move_source
mailbox_retry
-- part: ticket_move_key
id
-- part: ticket_move_source
ticket
-- part: number_alias_move_columns
number, ticket_id
-- part: number_alias_move_key
number
-- part: number_alias_move_source
number_alias
-- part: ticket_import_move_columns
source, key, row_hash, ticket_id
-- part: ticket_import_move_key
source, key
-- part: ticket_import_move_source
ticket_import
-- part: involvement_move_columns
ticket_id, position, role, party_id, name
-- part: involvement_move_key
ticket_id, position
-- part: involvement_move_source
involvement
-- part: follow_move_columns
ticket_id, agent_id
-- part: follow_move_key
ticket_id, agent_id
-- part: follow_move_source
follow
-- part: contact_move_columns
id, version, channel, direction, party_id, agent_id, started_at, ended_at, summary
-- part: contact_move_key
id
-- part: contact_move_source
contact
-- part: message_move_columns
id, version, ticket_id, contact_id, direction, channel, state, sender, agent_id, from_text,
to_text, subject, body, quoted_at, attachments, has_raw, reason, created_at, removed,
cc_text, send_at, signature_at, language
-- part: message_move_key
id
-- part: message_move_source
message
-- part: note_move_columns
id, version, ticket_id, agent_id, body, created_at, removed
-- part: note_move_key
id
-- part: note_move_source
note
-- part: blob_move_columns
sha256, data
-- part: blob_move_key
sha256
-- part: blob_move_source
blob
-- part: attachment_move_columns
id, message_id, position, name, type, size, sha256
-- part: attachment_move_key
id
-- part: attachment_move_source
attachment
-- part: raw_move_columns
id, message_id, sha256, data
-- part: raw_move_key
id
-- part: raw_move_source
raw
-- part: mail_ref_move_columns
header_id, message_id, ticket_id
-- part: mail_ref_move_key
header_id, message_id
-- part: mail_ref_move_source
mail_ref
-- part: mail_ledger_move_columns
id, mailbox, uidvalidity, uid, sha256, outcome, ticket_id, message_id, reason, at, told
-- part: mail_ledger_move_key
id
-- part: mail_ledger_move_source
mail_ledger
-- part: upload_move_columns
sha256, agent_id, size, at
-- part: upload_move_key
sha256, agent_id
-- part: upload_move_source
upload
-- part: mail_out_move_columns
message_id, mailbox, sender, recipients, state, tries, next_at, made_at, holder, handed_at,
evidence, auto, refused, given
-- part: mail_out_move_key
message_id
-- part: mail_out_move_source
mail_out
-- part: mail_auto_move_columns
address, day, count
-- part: mail_auto_move_key
address, day
-- part: mail_auto_move_source
mail_auto
-- part: journal_move_columns
seq, operation, action, type, record_id, ticket_id, version, agent_id, at, before, after, op,
team_before, payload_hash, chain_hash
-- part: journal_move_key
seq
-- part: journal_move_source
journal
-- part: idempotency_move_columns
id, agent_id, body_hash, answer, at
-- part: idempotency_move_key
id
-- part: idempotency_move_source
idempotency
-- part: session_move_columns
token_hash, agent_id, created_at, expires_at
-- part: session_move_key
token_hash
-- part: session_move_source
session
-- part: login_miss_move_columns
kind, who, at
-- part: login_miss_move_key
kind, who, at, n
-- It has no key of its own, so rows that are alike are counted.
-- part: login_miss_move_source
(SELECT kind, who, at, row_number() OVER (PARTITION BY kind, who, at) AS n FROM login_miss) m
