-- The town's database, on both engines. What they do not say alike is a part ({{text}}) that
-- stands in sqlite/schema.sql and postgres/schema.sql. Columns of a record's table stand in the
-- order of its field table (model.h), and then those that never leave the service. Words are
-- stored as text, times as milliseconds UTC.
-- migration: first
CREATE TABLE meta (
	key {{text}} PRIMARY KEY,
	value {{text}} NOT NULL
) {{keyed}};

CREATE TABLE counter (
	name {{text}} PRIMARY KEY,
	value {{int}} NOT NULL
) {{keyed}};

CREATE TABLE team (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	name {{text}} NOT NULL UNIQUE,
	kind {{text}} NOT NULL,
	active {{int}} NOT NULL
);

CREATE TABLE agent (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	name {{text}} NOT NULL UNIQUE,
	display {{text}} NOT NULL,
	role {{text}} NOT NULL,
	team_id {{text}} NOT NULL REFERENCES team (id),
	active {{int}} NOT NULL,
	password {{text}}
);

CREATE TABLE topic (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	name {{text}} NOT NULL UNIQUE,
	kind {{text}} NOT NULL,
	team_id {{text}} REFERENCES team (id),
	deadline_basis {{text}} NOT NULL,
	deadline_days {{int}} NOT NULL,
	active {{int}} NOT NULL
);

CREATE TABLE party (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	kind {{text}} NOT NULL,
	name {{text}} NOT NULL,
	given {{text}},
	family {{text}},
	birth_date {{text}},
	language {{text}},
	identifiers {{text}},
	phones {{text}},
	emails {{text}},
	addresses {{text}},
	merged_into {{text}} REFERENCES party (id),
	created_at {{int}},
	updated_at {{int}}
);

-- What a party is found by. The record's own JSON is what is shown; these rows follow it.
CREATE TABLE party_identifier (
	scheme {{text}} NOT NULL,
	value {{text}} NOT NULL,
	party_id {{text}} NOT NULL REFERENCES party (id),
	PRIMARY KEY (scheme, value, party_id)
) {{keyed}};
CREATE INDEX party_identifier_party ON party_identifier (party_id);
CREATE TABLE party_phone (
	value {{text}} NOT NULL,
	party_id {{text}} NOT NULL REFERENCES party (id),
	PRIMARY KEY (value, party_id)
) {{keyed}};
CREATE INDEX party_phone_party ON party_phone (party_id);
CREATE TABLE party_email (
	value {{text}} NOT NULL,
	party_id {{text}} NOT NULL REFERENCES party (id),
	PRIMARY KEY (value, party_id)
) {{keyed}};
CREATE INDEX party_email_party ON party_email (party_id);
CREATE TABLE party_address (
	party_id {{text}} NOT NULL REFERENCES party (id),
	position {{int}} NOT NULL,
	street {{text}},
	number {{text}},
	box {{text}},
	postcode {{text}},
	city {{text}},
	PRIMARY KEY (party_id, position)
) {{keyed}};

-- is_open follows the state by the one rule in the model. A ticket without a deadline sorts last.
CREATE TABLE ticket (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	number {{text}} UNIQUE,
	kind {{text}} NOT NULL,
	state {{text}} NOT NULL,
	priority {{text}} NOT NULL,
	channel {{text}} NOT NULL,
	subject {{text}} NOT NULL,
	topic_id {{text}} REFERENCES topic (id),
	team_id {{text}} REFERENCES team (id),
	agent_id {{text}} REFERENCES agent (id),
	party_id {{text}} REFERENCES party (id),
	party_name {{text}},
	involved {{text}},
	merged_into {{text}} REFERENCES ticket (id),
	created_at {{int}} NOT NULL,
	updated_at {{int}} NOT NULL,
	due_at {{int}},
	answered_at {{int}},
	closed_at {{int}},
	wait_until {{int}},
	last_in_at {{int}},
	last_out_at {{int}},
	suspected {{int}} NOT NULL,
	is_open {{int}} NOT NULL,
	due_key {{int}} GENERATED ALWAYS AS ({{ifnull}}(due_at, 9007199254740991)) {{computed}}
);
CREATE INDEX ticket_party ON ticket (party_id) WHERE party_id IS NOT NULL;
CREATE INDEX ticket_team ON ticket (team_id, id);
CREATE INDEX ticket_agent ON ticket (agent_id, id) WHERE agent_id IS NOT NULL;
CREATE INDEX ticket_agent_recent ON ticket (agent_id, id)
	WHERE is_open = 0 AND agent_id IS NOT NULL;
CREATE INDEX ticket_state ON ticket (state, id);
CREATE INDEX ticket_open ON ticket (id) WHERE is_open = 1;
CREATE INDEX ticket_open_team ON ticket (team_id, id) WHERE is_open = 1;
CREATE INDEX ticket_open_party ON ticket (party_id, team_id)
	WHERE is_open = 1 AND party_id IS NOT NULL;
-- A page of a queue is one range of one of these.
CREATE INDEX queue_due ON ticket (due_key, id) WHERE is_open = 1;
CREATE INDEX queue_created ON ticket (created_at, id, due_key) WHERE is_open = 1;
CREATE INDEX queue_updated ON ticket (updated_at, id, due_key) WHERE is_open = 1;
CREATE INDEX queue_agent_due ON ticket (agent_id, due_key, id) WHERE is_open = 1;
CREATE INDEX queue_agent_created ON ticket (agent_id, created_at, id) WHERE is_open = 1;
CREATE INDEX queue_agent_updated ON ticket (agent_id, updated_at, id) WHERE is_open = 1;
CREATE INDEX queue_team_due ON ticket (team_id, due_key, id) WHERE is_open = 1;
CREATE INDEX queue_team_created ON ticket (team_id, created_at, id) WHERE is_open = 1;
CREATE INDEX queue_team_updated ON ticket (team_id, updated_at, id) WHERE is_open = 1;

CREATE TABLE number_alias (
	number {{text}} PRIMARY KEY NOT NULL,
	ticket_id {{text}} NOT NULL REFERENCES ticket (id)
) {{keyed}};

-- Follows the JSON of ticket.involved, so that a party's tickets are found.
CREATE TABLE involvement (
	ticket_id {{text}} NOT NULL REFERENCES ticket (id),
	position {{int}} NOT NULL,
	role {{text}} NOT NULL,
	party_id {{text}} REFERENCES party (id),
	name {{text}},
	PRIMARY KEY (ticket_id, position)
) {{keyed}};
CREATE INDEX involvement_party ON involvement (party_id) WHERE party_id IS NOT NULL;

CREATE TABLE follow (
	ticket_id {{text}} NOT NULL REFERENCES ticket (id),
	agent_id {{text}} NOT NULL REFERENCES agent (id),
	PRIMARY KEY (ticket_id, agent_id)
) {{keyed}};
CREATE INDEX follow_agent ON follow (agent_id, ticket_id);

CREATE TABLE contact (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	channel {{text}} NOT NULL,
	direction {{text}} NOT NULL,
	party_id {{text}} REFERENCES party (id),
	agent_id {{text}} REFERENCES agent (id),
	started_at {{int}} NOT NULL,
	ended_at {{int}},
	summary {{text}}
);

-- removed: taken back before it was sent; it stays for the audit and is served to nobody.
CREATE TABLE message (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	ticket_id {{text}} NOT NULL REFERENCES ticket (id),
	contact_id {{text}} REFERENCES contact (id),
	direction {{text}} NOT NULL,
	channel {{text}} NOT NULL,
	state {{text}} NOT NULL,
	sender {{text}} NOT NULL,
	agent_id {{text}} REFERENCES agent (id),
	from_text {{text}},
	to_text {{text}},
	subject {{text}},
	body {{text}} NOT NULL,
	quoted_at {{int}} NOT NULL,
	attachments {{text}},
	has_raw {{int}} NOT NULL,
	reason {{text}},
	created_at {{int}} NOT NULL,
	removed {{int}} NOT NULL DEFAULT 0
);
CREATE INDEX message_ticket ON message (ticket_id, created_at, id);
CREATE INDEX message_contact ON message (contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE note (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	ticket_id {{text}} NOT NULL REFERENCES ticket (id),
	agent_id {{text}} REFERENCES agent (id),
	body {{text}} NOT NULL,
	created_at {{int}} NOT NULL,
	removed {{int}} NOT NULL DEFAULT 0
);
CREATE INDEX note_ticket ON note (ticket_id, created_at, id);

CREATE TABLE blob (
	sha256 {{text}} PRIMARY KEY NOT NULL,
	data {{bytes}} NOT NULL
);
CREATE TABLE attachment (
	id {{text}} PRIMARY KEY NOT NULL,
	message_id {{text}} NOT NULL REFERENCES message (id),
	position {{int}} NOT NULL,
	name {{text}} NOT NULL,
	type {{text}} NOT NULL,
	size {{int}} NOT NULL,
	sha256 {{text}} NOT NULL REFERENCES blob (sha256),
	UNIQUE (message_id, position)
);
CREATE TABLE raw (
	id {{text}} PRIMARY KEY NOT NULL,
	message_id {{text}} NOT NULL UNIQUE REFERENCES message (id),
	sha256 {{text}} NOT NULL,
	data {{bytes}} NOT NULL
);

-- Message-ID of every mail in and out, for threading.
CREATE TABLE mail_ref (
	header_id {{text}} NOT NULL,
	message_id {{text}} NOT NULL REFERENCES message (id),
	ticket_id {{text}} NOT NULL REFERENCES ticket (id),
	PRIMARY KEY (header_id, message_id)
) {{keyed}};

-- One row for each mail ever read and what became of it. uid is null for a mail from a file.
CREATE TABLE mail_ledger (
	id {{serial}} PRIMARY KEY,
	mailbox {{text}} NOT NULL,
	uidvalidity {{int}} NOT NULL,
	uid {{int}},
	sha256 {{text}} NOT NULL,
	outcome {{text}} NOT NULL,
	ticket_id {{text}} REFERENCES ticket (id),
	message_id {{text}} REFERENCES message (id),
	reason {{text}},
	at {{int}} NOT NULL,
	UNIQUE (mailbox, uidvalidity, uid)
);
CREATE UNIQUE INDEX mail_ledger_file ON mail_ledger (mailbox, sha256) WHERE uid IS NULL;
CREATE INDEX mail_ledger_sha256 ON mail_ledger (sha256);

-- Append-only. before and after can be blanked (erasure): payload_hash then still holds the chain.
-- team_before: team of the ticket before the change, to know from whose desk it went.
CREATE TABLE journal (
	seq {{int}} PRIMARY KEY,
	operation {{text}} NOT NULL,
	action {{text}} NOT NULL,
	type {{text}} NOT NULL,
	record_id {{text}} NOT NULL,
	ticket_id {{text}},
	version {{int}} NOT NULL,
	agent_id {{text}},
	at {{int}} NOT NULL,
	before {{text}},
	after {{text}},
	op {{text}} NOT NULL,
	team_before {{text}},
	payload_hash {{bytes}} NOT NULL,
	chain_hash {{bytes}} NOT NULL
);
CREATE INDEX journal_ticket ON journal (ticket_id, seq) WHERE ticket_id IS NOT NULL;
CREATE INDEX journal_operation ON journal (operation);

CREATE TABLE idempotency (
	id {{text}} PRIMARY KEY NOT NULL,
	agent_id {{text}} NOT NULL,
	body_hash {{bytes}} NOT NULL,
	answer {{text}} NOT NULL,
	at {{int}} NOT NULL
) {{keyed}};
CREATE INDEX idempotency_at ON idempotency (at);

CREATE TABLE session (
	token_hash {{bytes}} PRIMARY KEY NOT NULL,
	agent_id {{text}} NOT NULL REFERENCES agent (id),
	created_at {{int}} NOT NULL,
	expires_at {{int}} NOT NULL
) {{keyed}};
CREATE INDEX session_agent ON session (agent_id);
CREATE INDEX session_expires ON session (expires_at);

-- Work that one of all services does: until (by the database's clock) it is the holder's.
CREATE TABLE lease (
	name {{text}} PRIMARY KEY NOT NULL,
	holder {{text}} NOT NULL,
	until {{int}} NOT NULL
) {{keyed}};

-- kind: name or address; who: hash of it, so that a mistyped password in the name field is not
-- kept.
CREATE TABLE login_miss (
	kind {{text}} NOT NULL,
	who {{text}} NOT NULL,
	at {{int}} NOT NULL
);
CREATE INDEX login_miss_who ON login_miss (kind, who, at);
CREATE INDEX login_miss_at ON login_miss (at);

-- What a party is searched by: its names as the service folds them, so that both engines find the
-- same. The words start with a space, and so each word does. The id is only the index's: a
-- party's own rowid may change when the file is packed.
-- migration: search
CREATE TABLE party_words (
	id {{serial}} PRIMARY KEY,
	party_id {{text}} NOT NULL UNIQUE REFERENCES party (id),
	words {{text}} NOT NULL
);
{{party_words_index}}

-- Tickets that came from a list: its name, the row's key in it, a hash of the row as it was.
-- migration: ticket_import
CREATE TABLE ticket_import (
	source {{text}} NOT NULL,
	key {{text}} NOT NULL,
	row_hash {{text}} NOT NULL,
	ticket_id {{text}} NOT NULL REFERENCES ticket (id),
	PRIMARY KEY (source, key)
) {{keyed}};
CREATE INDEX ticket_import_ticket ON ticket_import (ticket_id);

-- Texts to begin an answer with.
-- migration: template
CREATE TABLE template (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	name {{text}} NOT NULL UNIQUE,
	language {{text}},
	topic_id {{text}} REFERENCES topic (id),
	body {{text}} NOT NULL,
	active {{int}} NOT NULL
);

-- A party is found by more than its name: by the day of birth, and by where it lives. Its words are made
-- anew, since "van den" and its like count in another way now; their index has one letter too.
-- migration: people
{{party_words_again}}
DELETE FROM party_words;
DELETE FROM meta WHERE key = 'words';
CREATE INDEX party_words_words ON party_words (words, party_id);
CREATE INDEX party_birth ON party (birth_date) WHERE birth_date IS NOT NULL;
CREATE INDEX party_merged ON party (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX party_address_home ON party_address (postcode, number);
CREATE INDEX contact_party ON contact (party_id) WHERE party_id IS NOT NULL;

-- Tickets that have to do with each other: each has the other in its list, and keeps it as JSON. And a
-- ticket's timeline is also that of those which were merged into it.
-- migration: relations
ALTER TABLE ticket ADD COLUMN links {{text}};
CREATE INDEX ticket_merged ON ticket (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ticket_merged_id ON ticket (id) WHERE merged_into IS NOT NULL;

-- The same list under another name is known by its first row.
-- migration: ticket_import_hash
CREATE INDEX ticket_import_hash ON ticket_import (row_hash);

-- The day of birth and the address stand in the same index as the names, so that a search looks only at
-- those for whom all holds, and none is looked up to be thrown away.
-- migration: facts
{{party_words_closed}}
DROP INDEX party_birth;
DROP INDEX party_address_home;
DELETE FROM party_words;
DELETE FROM meta WHERE key = 'words';
ALTER TABLE party_words ADD COLUMN facts {{text}} NOT NULL DEFAULT '';
{{party_facts_index}}

-- Mailboxes that are read and sent from. The ledger also says what the server must still be told
-- (told 0), and counts a mailbox made anew under the old validity as another one: uidvalidity is
-- generation * 2^32 + what the server says.
-- migration: mail
CREATE TABLE mailbox (
	id {{text}} PRIMARY KEY NOT NULL,
	version {{int}} NOT NULL,
	name {{text}} NOT NULL UNIQUE,
	address {{text}},
	team_id {{text}} REFERENCES team (id),
	topic_id {{text}} REFERENCES topic (id),
	active {{int}} NOT NULL,
	state {{text}} NOT NULL,
	since {{int}},
	reason {{text}},
	unknown {{int}} NOT NULL,
	waiting {{int}} NOT NULL
);
-- How far a mailbox was read: all below uid_next is in the ledger or was there before since.
CREATE TABLE mailbox_place (
	name {{text}} PRIMARY KEY NOT NULL,
	uidvalidity {{int}} NOT NULL,
	generation {{int}} NOT NULL,
	uid_next {{int}} NOT NULL,
	since {{int}} NOT NULL,
	seen_at {{int}} NOT NULL
) {{keyed}};
-- Messages that could not be fetched or taken in yet.
CREATE TABLE mailbox_retry (
	name {{text}} NOT NULL,
	uidvalidity {{int}} NOT NULL,
	uid {{int}} NOT NULL,
	tries {{int}} NOT NULL,
	next_at {{int}} NOT NULL,
	reason {{text}},
	PRIMARY KEY (name, uidvalidity, uid)
) {{keyed}};
ALTER TABLE mail_ledger ADD COLUMN told {{int}} NOT NULL DEFAULT 1;
CREATE INDEX mail_ledger_told ON mail_ledger (mailbox, id) WHERE told = 0;
ALTER TABLE template ADD COLUMN purpose {{text}} NOT NULL DEFAULT 'answer';
CREATE INDEX mail_ledger_message ON mail_ledger (message_id);
CREATE INDEX mail_ledger_twin ON mail_ledger (mailbox, sha256);
ALTER TABLE message ADD COLUMN cc_text {{text}};
ALTER TABLE message ADD COLUMN send_at {{int}};
ALTER TABLE message ADD COLUMN signature_at {{int}} NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN language {{text}};
-- A mail of ours until it is settled. state: waiting, or handing while a service (holder) speaks with the
-- mail server. auto: 1 for what no person wrote.
CREATE TABLE mail_out (
	message_id {{text}} PRIMARY KEY NOT NULL REFERENCES message (id),
	mailbox {{text}} NOT NULL,
	sender {{text}} NOT NULL,
	recipients {{text}} NOT NULL,
	state {{text}} NOT NULL,
	tries {{int}} NOT NULL,
	next_at {{int}} NOT NULL,
	made_at {{int}} NOT NULL,
	holder {{text}},
	handed_at {{int}},
	evidence {{text}},
	auto {{int}} NOT NULL
);
CREATE INDEX mail_out_next ON mail_out (state, next_at, message_id);
-- Automatic mails to an address in a day (days since 1970).
CREATE TABLE mail_auto (
	address {{text}} NOT NULL,
	day {{int}} NOT NULL,
	count {{int}} NOT NULL,
	PRIMARY KEY (address, day)
) {{keyed}};
-- Files that an agent sent to go along with a mail, until the mail is written; by whom and when.
CREATE TABLE upload (
	sha256 {{text}} NOT NULL REFERENCES blob (sha256),
	agent_id {{text}} NOT NULL REFERENCES agent (id),
	size {{int}} NOT NULL,
	at {{int}} NOT NULL,
	PRIMARY KEY (sha256, agent_id)
) {{keyed}};
CREATE INDEX upload_at ON upload (at);

-- A mail to several of whom not all got it: how many have it (given), and who never will (refused, a JSON
-- list). recipients are those who are left.
-- migration: mail_partly
ALTER TABLE mail_out ADD COLUMN refused {{text}};
ALTER TABLE mail_out ADD COLUMN given {{int}} NOT NULL DEFAULT 0;
