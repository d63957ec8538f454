/* One table a record type. Names are the struct's members, so that nobody needs a second list. */
#include "balie/model.h"
#include <string.h>
#include "balie/i18n.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define REQ FIELD_REQUIRED
#define RO FIELD_READONLY
#define PER FIELD_PERSONAL

/* S, the struct of the table at hand, is defined before each. */
/* clang-format off */
#define F(member, type, max, flags, help) \
	{#member, type, offsetof(struct S, member), max, flags, NULL, help}
#define W(member, words, flags, help) \
	{#member, FIELD_WORD, offsetof(struct S, member), 0, flags, &words, help}
#define ID_AND_VERSION                                                           \
	F(id, FIELD_ID, 0, REQ, N_("identifier, made by whoever creates it")),   \
	F(version, FIELD_INT, 0, RO, N_("counts up with each change"))
#define NUMBER_MAX INT64_C(9007199254740991)
/* clang-format on */

#define S team
static const struct field team_fields[] = {
	ID_AND_VERSION,
	F(name, FIELD_TEXT, 100, REQ, N_("name of the team")),
	W(kind, team_kinds, REQ, N_("own team or outside organisation")),
	F(active, FIELD_BOOL, 0, 0, N_("can be chosen")),
};
#undef S

#define S agent
static const struct field agent_fields[] = {
	ID_AND_VERSION,
	F(name, FIELD_TEXT, 64, REQ, N_("login name, in lower case")),
	F(display, FIELD_TEXT, 100, REQ, N_("name as colleagues see it")),
	W(role, roles, REQ, N_("what the agent may do")),
	F(team_id, FIELD_ID, 0, REQ, N_("team of the agent")),
	F(active, FIELD_BOOL, 0, 0, N_("can log in and be chosen")),
};
#undef S

#define S topic
static const struct field topic_fields[] = {
	ID_AND_VERSION,
	F(name, FIELD_TEXT, 100, REQ, N_("name of the topic")),
	W(kind, ticket_kinds, REQ, N_("what a ticket on this topic usually is")),
	F(team_id, FIELD_ID, 0, 0, N_("team that usually handles it")),
	W(deadline_basis, deadline_bases, REQ, N_("how the deadline is counted")),
	F(deadline_days, FIELD_INT, 3650, 0, N_("days until the deadline")),
	F(active, FIELD_BOOL, 0, 0, N_("can be chosen")),
};
#undef S

#define S party
static const struct field party_fields[] = {
	ID_AND_VERSION,
	W(kind, party_kinds, REQ, N_("citizen, association or enterprise")),
	F(name, FIELD_TEXT, 200, REQ | PER, N_("name as it is shown")),
	F(given, FIELD_TEXT, 100, PER, N_("given names")),
	F(family, FIELD_TEXT, 100, PER, N_("family name")),
	F(birth_date, FIELD_DATE, 0, PER, N_("date of birth, maybe without day or month")),
	F(language, FIELD_TEXT, 2, PER, N_("language: nl, fr, en or de")),
	F(identifiers, FIELD_JSON, 4000, PER | FIELD_SECRET,
	  N_("national number, enterprise number and the like")),
	F(phones, FIELD_JSON, 4000, PER, N_("phone numbers")),
	F(emails, FIELD_JSON, 8000, PER, N_("mail addresses")),
	F(addresses, FIELD_JSON, 8000, PER, N_("postal addresses")),
	F(merged_into, FIELD_ID, 0, RO, N_("the record that took over this one")),
	F(created_at, FIELD_TIME, 0, RO, N_("when it was made")),
	F(updated_at, FIELD_TIME, 0, RO, N_("when it last changed")),
};
#undef S

#define S ticket
static const struct field ticket_fields[] = {
	ID_AND_VERSION,
	F(number, FIELD_TEXT, 12, RO, N_("tracking number, given by the service")),
	W(kind, ticket_kinds, REQ,
	  N_("report, question, complaint, request, public records request")),
	W(state, ticket_states, REQ, N_("how far it is")),
	W(priority, priorities, REQ, N_("how urgent it is")),
	W(channel, channels, REQ, N_("how it came in")),
	F(subject, FIELD_TEXT, 300, REQ | PER, N_("what it is about, in one line")),
	F(topic_id, FIELD_ID, 0, 0, N_("topic")),
	F(team_id, FIELD_ID, 0, 0, N_("team that handles it")),
	F(agent_id, FIELD_ID, 0, 0, N_("agent who handles it")),
	F(party_id, FIELD_ID, 0, PER, N_("the reporter; empty when anonymous")),
	F(party_name, FIELD_TEXT, 200, RO | PER, N_("name of the reporter")),
	F(involved, FIELD_JSON, 8000, PER, N_("others who are involved and their roles")),
	F(merged_into, FIELD_ID, 0, RO, N_("the ticket that took over this one")),
	F(created_at, FIELD_TIME, 0, RO, N_("when it came in")),
	F(updated_at, FIELD_TIME, 0, RO, N_("when it last changed")),
	F(due_at, FIELD_TIME, 0, 0, N_("deadline for the answer")),
	F(answered_at, FIELD_TIME, 0, RO, N_("when it was first answered")),
	F(closed_at, FIELD_TIME, 0, RO, N_("when it was closed")),
	F(wait_until, FIELD_TIME, 0, 0, N_("when a planned ticket must be taken up")),
	F(last_in_at, FIELD_TIME, 0, RO, N_("when the citizen last wrote or spoke")),
	F(last_out_at, FIELD_TIME, 0, RO, N_("when the citizen last got an answer")),
	F(suspected, FIELD_INT, NUMBER_MAX, RO, N_("messages that may belong to it")),
	F(links, FIELD_JSON, 8000, RO, N_("tickets that are linked to it")),
	F(followed, FIELD_BOOL, 0, RO, N_("followed by the reader")),
};
#undef S

#define S contact
static const struct field contact_fields[] = {
	ID_AND_VERSION,
	W(channel, channels, REQ, N_("how the contact was made")),
	W(direction, directions, REQ, N_("who began: in from the citizen, out to the citizen")),
	F(party_id, FIELD_ID, 0, PER, N_("with whom; empty when anonymous")),
	F(agent_id, FIELD_ID, 0, 0, N_("agent who spoke")),
	F(started_at, FIELD_TIME, 0, REQ, N_("when it began")),
	F(ended_at, FIELD_TIME, 0, 0, N_("when it ended")),
	F(summary, FIELD_LINES, 10000, PER, N_("what was said, in short")),
};
#undef S

#define S message
static const struct field message_fields[] = {
	ID_AND_VERSION,
	F(ticket_id, FIELD_ID, 0, REQ, N_("ticket that it belongs to")),
	F(contact_id, FIELD_ID, 0, 0, N_("contact in which it was given")),
	W(direction, directions, REQ, N_("in from the citizen, out to the citizen")),
	W(channel, channels, REQ, N_("how it came or went")),
	W(state, message_states, REQ, N_("how far it is")),
	W(sender, senders, REQ, N_("who wrote it: a person or a machine")),
	F(agent_id, FIELD_ID, 0, 0, N_("agent who wrote it")),
	F(from_text, FIELD_TEXT, 0, PER, N_("sender as shown")),
	F(to_text, FIELD_TEXT, 0, PER, N_("receiver as shown")),
	F(subject, FIELD_TEXT, 0, PER, N_("subject")),
	F(body, FIELD_LINES, 0, REQ | PER, N_("the text")),
	F(quoted_at, FIELD_INT, FIELD_LINES_MAX, RO, N_("byte where quoted older text begins")),
	F(attachments, FIELD_JSON, 64000, PER, N_("files that came with it")),
	F(has_raw, FIELD_BOOL, 0, RO, N_("the message as it came in is kept")),
	F(reason, FIELD_TEXT, 0, RO,
	  N_("why it is in this state: codes with \"; \" between them, each with what it is "
	     "about")),
	F(created_at, FIELD_TIME, 0, RO, N_("when it was written or came in")),
	F(cc_text, FIELD_TEXT, 0, PER, N_("other receivers as shown")),
	F(send_at, FIELD_TIME, 0, RO, N_("when it goes out; before that it can be taken back")),
	F(signature_at, FIELD_INT, FIELD_LINES_MAX, RO,
	  N_("byte where the signature of the sender begins")),
	F(language, FIELD_TEXT, 2, RO, N_("language of the text: nl, fr, en or de")),
};
#undef S

#define S note
static const struct field note_fields[] = {
	ID_AND_VERSION,
	F(ticket_id, FIELD_ID, 0, REQ, N_("ticket that it belongs to")),
	F(agent_id, FIELD_ID, 0, 0, N_("agent who wrote it")),
	F(body, FIELD_LINES, 0, REQ | PER, N_("the text; never sent")),
	F(created_at, FIELD_TIME, 0, RO, N_("when it was written")),
};
#undef S

#define S template
static const struct field template_fields[] = {
	ID_AND_VERSION,
	F(name, FIELD_TEXT, 100, REQ, N_("name by which it is chosen")),
	F(language, FIELD_TEXT, 2, 0, N_("language: nl, fr, en or de")),
	F(topic_id, FIELD_ID, 0, 0, N_("topic that it is offered for first")),
	F(body, FIELD_LINES, 0, REQ, N_("the text, with fields such as {name} in it")),
	F(active, FIELD_BOOL, 0, 0, N_("can be chosen")),
	W(purpose, template_purposes, 0,
	  N_("for an answer, or what the service says by itself to what comes in")),
};
#undef S

#define S mailbox
static const struct field mailbox_fields[] = {
	ID_AND_VERSION,
	F(name, FIELD_TEXT, 100, REQ, N_("its name in the configuration of the service")),
	F(address, FIELD_TEXT, 254, 0, N_("the address of the town that it is for")),
	F(team_id, FIELD_ID, 0, 0, N_("team that gets what comes in")),
	F(topic_id, FIELD_ID, 0, 0, N_("topic of what comes in")),
	F(active, FIELD_BOOL, 0, 0, N_("read and sent from; no: paused")),
	W(state, mailbox_states, REQ, N_("how it does")),
	F(since, FIELD_TIME, 0, RO, N_("since when it is so")),
	F(reason, FIELD_TEXT, 0, RO, N_("why it is so")),
	F(unknown, FIELD_INT, NUMBER_MAX, RO, N_("messages in it that were not taken in")),
	F(waiting, FIELD_INT, NUMBER_MAX, RO, N_("mails that could not be sent yet")),
};
#undef S

/* clang-format off */
#define ROW(kind, name, plural, help) \
	[kind] = {kind, #name, plural, help, name##_fields, COUNT(name##_fields), \
		  sizeof(struct name)}
/* clang-format on */

const struct record_type record_types[RECORD_KINDS] = {
	ROW(RECORD_TEAM, team, "teams", N_("people who handle tickets together")),
	ROW(RECORD_AGENT, agent, "agents", N_("a person who works with this program")),
	ROW(RECORD_TOPIC, topic, "topics", N_("what a ticket can be about")),
	ROW(RECORD_PARTY, party, "parties", N_("a citizen, association or enterprise")),
	ROW(RECORD_TICKET, ticket, "tickets", N_("what must be followed to its answer")),
	ROW(RECORD_CONTACT, contact, "contacts", N_("one conversation on one channel")),
	ROW(RECORD_MESSAGE, message, "messages", N_("a text from or to a citizen")),
	ROW(RECORD_NOTE, note, "notes", N_("a text for colleagues only")),
	ROW(RECORD_TEMPLATE, template, "templates", N_("a text to begin an answer with")),
	ROW(RECORD_MAILBOX, mailbox, "mailboxes", N_("a mailbox that is read and sent from")),
};

static const char *const record_codes[] = {"team",    "agent",	 "topic", "party",    "ticket",
					   "contact", "message", "note",  "template", "mailbox"};
static const struct words record_words = {record_codes, record_codes, RECORD_KINDS};

#define S change
const struct field change_fields[] = {
	F(seq, FIELD_INT, 0, RO, N_("place in the journal")),
	F(operation, FIELD_ID, 0, RO, N_("identifier of the action that made it")),
	F(action, FIELD_TEXT, 32, RO, N_("name of that action")),
	W(type, record_words, REQ | RO, N_("type of the record")),
	F(record_id, FIELD_ID, 0, RO, N_("record that changed")),
	F(ticket_id, FIELD_ID, 0, RO, N_("ticket that it belongs to")),
	F(version, FIELD_INT, 0, RO, N_("version of the record after it")),
	F(agent_id, FIELD_ID, 0, RO, N_("who did it; empty: the service itself")),
	F(at, FIELD_TIME, 0, RO, N_("when")),
	F(before, FIELD_JSON, 600000, RO | PER, N_("the changed fields before it")),
	F(after, FIELD_JSON, 600000, RO | PER, N_("the changed fields after it")),
};
#undef S
const size_t change_field_count = COUNT(change_fields);

int record_kind_find(const char *name)
{
	int i;

	for (i = 0; name && i < RECORD_KINDS; i++)
		if (strcmp(record_types[i].name, name) == 0)
			return i;
	return -1;
}
