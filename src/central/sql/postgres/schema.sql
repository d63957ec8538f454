-- The town's database on PostgreSQL: the same tables, columns and indexes as on SQLite, where their
-- comments stand. Text is compared by its bytes, as SQLite does, so that both sort alike.
-- migration: first
CREATE TABLE meta (
	key TEXT COLLATE "C" PRIMARY KEY,
	value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE counter (
	name TEXT COLLATE "C" PRIMARY KEY,
	value BIGINT NOT NULL
);

CREATE TABLE team (
	id TEXT COLLATE "C" PRIMARY KEY,
	version BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL UNIQUE,
	kind TEXT COLLATE "C" NOT NULL,
	active BIGINT NOT NULL
);

CREATE TABLE agent (
	id TEXT COLLATE "C" PRIMARY KEY,
	version BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL UNIQUE,
	display TEXT COLLATE "C" NOT NULL,
	role TEXT COLLATE "C" NOT NULL,
	team_id TEXT COLLATE "C" NOT NULL REFERENCES team (id),
	active BIGINT NOT NULL,
	password TEXT COLLATE "C"
);

CREATE TABLE topic (
	id TEXT COLLATE "C" PRIMARY KEY,
	version BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL UNIQUE,
	kind TEXT COLLATE "C" NOT NULL,
	team_id TEXT COLLATE "C" REFERENCES team (id),
	deadline_basis TEXT COLLATE "C" NOT NULL,
	deadline_days BIGINT NOT NULL,
	active BIGINT NOT NULL
);

CREATE TABLE party (
	id TEXT COLLATE "C" PRIMARY KEY,
	version BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	given TEXT COLLATE "C",
	family TEXT COLLATE "C",
	birth_date TEXT COLLATE "C",
	language TEXT COLLATE "C",
	identifiers TEXT COLLATE "C",
	phones TEXT COLLATE "C",
	emails TEXT COLLATE "C",
	addresses TEXT COLLATE "C",
	merged_into TEXT COLLATE "C" REFERENCES party (id),
	created_at BIGINT,
	updated_at BIGINT
);

CREATE TABLE party_identifier (
	scheme TEXT COLLATE "C" NOT NULL,
	value TEXT COLLATE "C" NOT NULL,
	party_id TEXT COLLATE "C" NOT NULL REFERENCES party (id),
	PRIMARY KEY (scheme, value, party_id)
);
CREATE INDEX party_identifier_party ON party_identifier (party_id);
CREATE TABLE party_phone (
	value TEXT COLLATE "C" NOT NULL,
	party_id TEXT COLLATE "C" NOT NULL REFERENCES party (id),
	PRIMARY KEY (value, party_id)
);
CREATE INDEX party_phone_party ON party_phone (party_id);
CREATE TABLE party_email (
	value TEXT COLLATE "C" NOT NULL,
	party_id TEXT COLLATE "C" NOT NULL REFERENCES party (id),
	PRIMARY KEY (value, party_id)
);
CREATE INDEX party_email_party ON party_email (party_id);
CREATE TABLE party_address (
	party_id TEXT COLLATE "C" NOT NULL REFERENCES party (id),
	position BIGINT NOT NULL,
	street TEXT COLLATE "C",
	number TEXT COLLATE "C",
	box TEXT COLLATE "C",
	postcode TEXT COLLATE "C",
	city TEXT COLLATE "C",
	PRIMARY KEY (party_id, position)
);

CREATE TABLE ticket (
	id TEXT COLLATE "C" PRIMARY KEY,
	version BIGINT NOT NULL,
	number TEXT COLLATE "C" UNIQUE,
	kind TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	priority TEXT COLLATE "C" NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	topic_id TEXT COLLATE "C" REFERENCES topic (id),
	team_id TEXT COLLATE "C" REFERENCES team (id),
	agent_id TEXT COLLATE "C" REFERENCES agent (id),
	party_id TEXT COLLATE "C" REFERENCES party (id),
	party_name TEXT COLLATE "C",
	involved TEXT COLLATE "C",
	merged_into TEXT COLLATE "C" REFERENCES ticket (id),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	due_at BIGINT,
	answered_at BIGINT,
	closed_at BIGINT,
	wait_until BIGINT,
	last_in_at BIGINT,
	last_out_at BIGINT,
	suspected BIGINT NOT NULL,
	is_open BIGINT NOT NULL,
	due_key BIGINT GENERATED ALWAYS AS (coalesce(due_at, 9007199254740991)) STORED
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
	number TEXT COLLATE "C" PRIMARY KEY,
	ticket_id TEXT COLLATE "C" NOT NULL REFERENCES ticket (id)
);

CREATE TABLE involvement (
	ticket_id TEXT COLLATE "C" NOT NULL REFERENCES ticket (id),
	position BIGINT NOT NULL,
	role TEXT COLLATE "C" NOT NULL,
	party_id TEXT COLLATE "C" REFERENCES party (id),
	name TEXT COLLATE "C",
	PRIMARY KEY (ticket_id, position)
);
CREATE INDEX involvement_party ON involvement (party_id) WHERE party_id IS NOT NULL;

CREATE TABLE follow (
	ticket_id TEXT COLLATE "C" NOT NULL REFERENCES ticket (id),
	agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent (id),
	PRIMARY KEY (ticket_id, agent_id)
);
CREATE INDEX follow_agent ON follow (agent_id, ticket_id);

CREATE TABLE contact (
	id TEXT COLLATE "C" PRIMARY KEY,
	version BIGINT NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	direction TEXT COLLATE "C" NOT NULL,
	party_id TEXT COLLATE "C" REFERENCES party (id),
	agent_id TEXT COLLATE "C" REFERENCES agent (id),
	started_at BIGINT NOT NULL,
	ended_at BIGINT,
	summary TEXT COLLATE "C"
);

CREATE TABLE message (
	id TEXT COLLATE "C" PRIMARY KEY,
	version BIGINT NOT NULL,
	ticket_id TEXT COLLATE "C" NOT NULL REFERENCES ticket (id),
	contact_id TEXT COLLATE "C" REFERENCES contact (id),
	direction TEXT COLLATE "C" NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	sender TEXT COLLATE "C" NOT NULL,
	agent_id TEXT COLLATE "C" REFERENCES agent (id),
	from_text TEXT COLLATE "C",
	to_text TEXT COLLATE "C",
	subject TEXT COLLATE "C",
	body TEXT COLLATE "C" NOT NULL,
	quoted_at BIGINT NOT NULL,
	attachments TEXT COLLATE "C",
	has_raw BIGINT NOT NULL,
	reason TEXT COLLATE "C",
	created_at BIGINT NOT NULL,
	removed BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX message_ticket ON message (ticket_id, created_at, id);
CREATE INDEX message_contact ON message (contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE note (
	id TEXT COLLATE "C" PRIMARY KEY,
	version BIGINT NOT NULL,
	ticket_id TEXT COLLATE "C" NOT NULL REFERENCES ticket (id),
	agent_id TEXT COLLATE "C" REFERENCES agent (id),
	body TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	removed BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX note_ticket ON note (ticket_id, created_at, id);

CREATE TABLE blob (
	sha256 TEXT COLLATE "C" PRIMARY KEY,
	data BYTEA NOT NULL
);
CREATE TABLE attachment (
	id TEXT COLLATE "C" PRIMARY KEY,
	message_id TEXT COLLATE "C" NOT NULL REFERENCES message (id),
	position BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	type TEXT COLLATE "C" NOT NULL,
	size BIGINT NOT NULL,
	sha256 TEXT COLLATE "C" NOT NULL REFERENCES blob (sha256),
	UNIQUE (message_id, position)
);
CREATE TABLE raw (
	id TEXT COLLATE "C" PRIMARY KEY,
	message_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES message (id),
	sha256 TEXT COLLATE "C" NOT NULL,
	data BYTEA NOT NULL
);

CREATE TABLE mail_ref (
	header_id TEXT COLLATE "C" NOT NULL,
	message_id TEXT COLLATE "C" NOT NULL REFERENCES message (id),
	ticket_id TEXT COLLATE "C" NOT NULL REFERENCES ticket (id),
	PRIMARY KEY (header_id, message_id)
);

CREATE TABLE mail_ledger (
	id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	mailbox TEXT COLLATE "C" NOT NULL,
	uidvalidity BIGINT NOT NULL,
	uid BIGINT,
	sha256 TEXT COLLATE "C" NOT NULL,
	outcome TEXT COLLATE "C" NOT NULL,
	ticket_id TEXT COLLATE "C" REFERENCES ticket (id),
	message_id TEXT COLLATE "C" REFERENCES message (id),
	reason TEXT COLLATE "C",
	at BIGINT NOT NULL,
	UNIQUE (mailbox, uidvalidity, uid)
);
CREATE UNIQUE INDEX mail_ledger_file ON mail_ledger (mailbox, sha256) WHERE uid IS NULL;
CREATE INDEX mail_ledger_sha256 ON mail_ledger (sha256);

CREATE TABLE journal (
	seq BIGINT PRIMARY KEY,
	operation TEXT COLLATE "C" NOT NULL,
	action TEXT COLLATE "C" NOT NULL,
	type TEXT COLLATE "C" NOT NULL,
	record_id TEXT COLLATE "C" NOT NULL,
	ticket_id TEXT COLLATE "C",
	version BIGINT NOT NULL,
	agent_id TEXT COLLATE "C",
	at BIGINT NOT NULL,
	before TEXT COLLATE "C",
	after TEXT COLLATE "C",
	op TEXT COLLATE "C" NOT NULL,
	team_before TEXT COLLATE "C",
	payload_hash BYTEA NOT NULL,
	chain_hash BYTEA NOT NULL
);
CREATE INDEX journal_ticket ON journal (ticket_id, seq) WHERE ticket_id IS NOT NULL;
CREATE INDEX journal_operation ON journal (operation);

CREATE TABLE idempotency (
	id TEXT COLLATE "C" PRIMARY KEY,
	agent_id TEXT COLLATE "C" NOT NULL,
	body_hash BYTEA NOT NULL,
	answer TEXT COLLATE "C" NOT NULL,
	at BIGINT NOT NULL
);
CREATE INDEX idempotency_at ON idempotency (at);

CREATE TABLE session (
	token_hash BYTEA PRIMARY KEY,
	agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent (id),
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE INDEX session_agent ON session (agent_id);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE lease (
	name TEXT COLLATE "C" PRIMARY KEY,
	holder TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL
);

CREATE TABLE login_miss (
	kind TEXT COLLATE "C" NOT NULL,
	who TEXT COLLATE "C" NOT NULL,
	at BIGINT NOT NULL
);
CREATE INDEX login_miss_who ON login_miss (kind, who, at);
CREATE INDEX login_miss_at ON login_miss (at);

-- migration: search
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE party_words (
	id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	party_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES party (id),
	words TEXT COLLATE "C" NOT NULL
);
CREATE INDEX party_words_search ON party_words USING gin (words gin_trgm_ops);
