-- The town's database. Columns of a record's table stand in the order of its field table (model.h),
-- and then those that never leave the service. Words are stored as text, times as milliseconds UTC.
-- migration: first
CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE counter (
	name TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE team (
	id TEXT PRIMARY KEY NOT NULL,
	version INTEGER NOT NULL,
	name TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,
	active INTEGER NOT NULL
);

CREATE TABLE agent (
	id TEXT PRIMARY KEY NOT NULL,
	version INTEGER NOT NULL,
	name TEXT NOT NULL UNIQUE,
	display TEXT NOT NULL,
	role TEXT NOT NULL,
	team_id TEXT NOT NULL REFERENCES team (id),
	active INTEGER NOT NULL,
	password TEXT
);

CREATE TABLE topic (
	id TEXT PRIMARY KEY NOT NULL,
	version INTEGER NOT NULL,
	name TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,
	team_id TEXT REFERENCES team (id),
	deadline_basis TEXT NOT NULL,
	deadline_days INTEGER NOT NULL,
	active INTEGER NOT NULL
);

CREATE TABLE party (
	id TEXT PRIMARY KEY NOT NULL,
	version INTEGER NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	given TEXT,
	family TEXT,
	birth_date TEXT,
	language TEXT,
	identifiers TEXT,
	phones TEXT,
	emails TEXT,
	addresses TEXT,
	merged_into TEXT REFERENCES party (id),
	created_at INTEGER,
	updated_at INTEGER
);

-- What a party is found by. The record's own JSON is what is shown; these rows follow it.
CREATE TABLE party_identifier (
	scheme TEXT NOT NULL,
	value TEXT NOT NULL,
	party_id TEXT NOT NULL REFERENCES party (id),
	PRIMARY KEY (scheme, value, party_id)
) WITHOUT ROWID;
CREATE INDEX party_identifier_party ON party_identifier (party_id);
CREATE TABLE party_phone (
	value TEXT NOT NULL,
	party_id TEXT NOT NULL REFERENCES party (id),
	PRIMARY KEY (value, party_id)
) WITHOUT ROWID;
CREATE INDEX party_phone_party ON party_phone (party_id);
CREATE TABLE party_email (
	value TEXT NOT NULL,
	party_id TEXT NOT NULL REFERENCES party (id),
	PRIMARY KEY (value, party_id)
) WITHOUT ROWID;
CREATE INDEX party_email_party ON party_email (party_id);
CREATE TABLE party_address (
	party_id TEXT NOT NULL REFERENCES party (id),
	position INTEGER NOT NULL,
	street TEXT,
	number TEXT,
	box TEXT,
	postcode TEXT,
	city TEXT,
	PRIMARY KEY (party_id, position)
) WITHOUT ROWID;

-- is_open follows the state by the one rule in the model. A ticket without a deadline sorts last.
CREATE TABLE ticket (
	id TEXT PRIMARY KEY NOT NULL,
	version INTEGER NOT NULL,
	number TEXT UNIQUE,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	priority TEXT NOT NULL,
	channel TEXT NOT NULL,
	subject TEXT NOT NULL,
	topic_id TEXT REFERENCES topic (id),
	team_id TEXT REFERENCES team (id),
	agent_id TEXT REFERENCES agent (id),
	party_id TEXT REFERENCES party (id),
	party_name TEXT,
	involved TEXT,
	merged_into TEXT REFERENCES ticket (id),
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	due_at INTEGER,
	answered_at INTEGER,
	closed_at INTEGER,
	wait_until INTEGER,
	last_in_at INTEGER,
	last_out_at INTEGER,
	suspected INTEGER NOT NULL,
	is_open INTEGER NOT NULL,
	due_key INTEGER GENERATED ALWAYS AS (ifnull(due_at, 9007199254740991)) VIRTUAL
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
	number TEXT PRIMARY KEY NOT NULL,
	ticket_id TEXT NOT NULL REFERENCES ticket (id)
) WITHOUT ROWID;

-- Follows the JSON of ticket.involved, so that a party's tickets are found.
CREATE TABLE involvement (
	ticket_id TEXT NOT NULL REFERENCES ticket (id),
	position INTEGER NOT NULL,
	role TEXT NOT NULL,
	party_id TEXT REFERENCES party (id),
	name TEXT,
	PRIMARY KEY (ticket_id, position)
) WITHOUT ROWID;
CREATE INDEX involvement_party ON involvement (party_id) WHERE party_id IS NOT NULL;

CREATE TABLE follow (
	ticket_id TEXT NOT NULL REFERENCES ticket (id),
	agent_id TEXT NOT NULL REFERENCES agent (id),
	PRIMARY KEY (ticket_id, agent_id)
) WITHOUT ROWID;
CREATE INDEX follow_agent ON follow (agent_id, ticket_id);

CREATE TABLE contact (
	id TEXT PRIMARY KEY NOT NULL,
	version INTEGER NOT NULL,
	channel TEXT NOT NULL,
	direction TEXT NOT NULL,
	party_id TEXT REFERENCES party (id),
	agent_id TEXT REFERENCES agent (id),
	started_at INTEGER NOT NULL,
	ended_at INTEGER,
	summary TEXT
);

-- removed: taken back before it was sent; it stays for the audit and is served to nobody.
CREATE TABLE message (
	id TEXT PRIMARY KEY NOT NULL,
	version INTEGER NOT NULL,
	ticket_id TEXT NOT NULL REFERENCES ticket (id),
	contact_id TEXT REFERENCES contact (id),
	direction TEXT NOT NULL,
	channel TEXT NOT NULL,
	state TEXT NOT NULL,
	sender TEXT NOT NULL,
	agent_id TEXT REFERENCES agent (id),
	from_text TEXT,
	to_text TEXT,
	subject TEXT,
	body TEXT NOT NULL,
	quoted_at INTEGER NOT NULL,
	attachments TEXT,
	has_raw INTEGER NOT NULL,
	reason TEXT,
	created_at INTEGER NOT NULL,
	removed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX message_ticket ON message (ticket_id, created_at, id);
CREATE INDEX message_contact ON message (contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE note (
	id TEXT PRIMARY KEY NOT NULL,
	version INTEGER NOT NULL,
	ticket_id TEXT NOT NULL REFERENCES ticket (id),
	agent_id TEXT REFERENCES agent (id),
	body TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	removed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX note_ticket ON note (ticket_id, created_at, id);

CREATE TABLE blob (
	sha256 TEXT PRIMARY KEY NOT NULL,
	data BLOB NOT NULL
);
CREATE TABLE attachment (
	id TEXT PRIMARY KEY NOT NULL,
	message_id TEXT NOT NULL REFERENCES message (id),
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	size INTEGER NOT NULL,
	sha256 TEXT NOT NULL REFERENCES blob (sha256),
	UNIQUE (message_id, position)
);
CREATE TABLE raw (
	id TEXT PRIMARY KEY NOT NULL,
	message_id TEXT NOT NULL UNIQUE REFERENCES message (id),
	sha256 TEXT NOT NULL,
	data BLOB NOT NULL
);

-- Message-ID of every mail in and out, for threading.
CREATE TABLE mail_ref (
	header_id TEXT NOT NULL,
	message_id TEXT NOT NULL REFERENCES message (id),
	ticket_id TEXT NOT NULL REFERENCES ticket (id),
	PRIMARY KEY (header_id, message_id)
) WITHOUT ROWID;

-- One row for each mail ever read and what became of it. uid is null for a mail from a file.
CREATE TABLE mail_ledger (
	id INTEGER PRIMARY KEY,
	mailbox TEXT NOT NULL,
	uidvalidity INTEGER NOT NULL,
	uid INTEGER,
	sha256 TEXT NOT NULL,
	outcome TEXT NOT NULL,
	ticket_id TEXT REFERENCES ticket (id),
	message_id TEXT REFERENCES message (id),
	reason TEXT,
	at INTEGER NOT NULL,
	UNIQUE (mailbox, uidvalidity, uid)
);
CREATE UNIQUE INDEX mail_ledger_file ON mail_ledger (mailbox, sha256) WHERE uid IS NULL;
CREATE INDEX mail_ledger_sha256 ON mail_ledger (sha256);

-- Append-only. before and after can be blanked (erasure): payload_hash then still holds the chain.
-- team_before: team of the ticket before the change, to know from whose desk it went.
CREATE TABLE journal (
	seq INTEGER PRIMARY KEY,
	operation TEXT NOT NULL,
	action TEXT NOT NULL,
	type TEXT NOT NULL,
	record_id TEXT NOT NULL,
	ticket_id TEXT,
	version INTEGER NOT NULL,
	agent_id TEXT,
	at INTEGER NOT NULL,
	before TEXT,
	after TEXT,
	op TEXT NOT NULL,
	team_before TEXT,
	payload_hash BLOB NOT NULL,
	chain_hash BLOB NOT NULL
);
CREATE INDEX journal_ticket ON journal (ticket_id, seq) WHERE ticket_id IS NOT NULL;
CREATE INDEX journal_operation ON journal (operation);

CREATE TABLE idempotency (
	id TEXT PRIMARY KEY NOT NULL,
	agent_id TEXT NOT NULL,
	body_hash BLOB NOT NULL,
	answer TEXT NOT NULL,
	at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);

CREATE TABLE session (
	token_hash BLOB PRIMARY KEY NOT NULL,
	agent_id TEXT NOT NULL REFERENCES agent (id),
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_agent ON session (agent_id);
CREATE INDEX session_expires ON session (expires_at);

-- Work that one of all services does: until (by the database's clock) it is the holder's.
CREATE TABLE lease (
	name TEXT PRIMARY KEY NOT NULL,
	holder TEXT NOT NULL,
	until INTEGER NOT NULL
) WITHOUT ROWID;

-- kind: name or address; who: hash of it, so that a mistyped password in the name field is not kept.
CREATE TABLE login_miss (
	kind TEXT NOT NULL,
	who TEXT NOT NULL,
	at INTEGER NOT NULL
);
CREATE INDEX login_miss_who ON login_miss (kind, who, at);
CREATE INDEX login_miss_at ON login_miss (at);

-- What a party is searched by: its names as the service folds them, so that both engines find the same.
-- The words start with a space, and so each word does. The id is only the index's: a party's own rowid
-- may change when the file is packed.
-- migration: search
CREATE TABLE party_words (
	id INTEGER PRIMARY KEY,
	party_id TEXT NOT NULL UNIQUE REFERENCES party (id),
	words TEXT NOT NULL
);
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
