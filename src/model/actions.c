/* Every action there is. Each row's place is its id: the compiler checks that none is forgotten by
 * the size of the array, a test that none is left empty. */
#include "balie/model.h"
#include "actions.h"
#include "balie/i18n.h"

/* clang-format off */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define REQ FIELD_REQUIRED
#define PER FIELD_PERSONAL
#define F(member, type, max, flags, help) \
	{#member, type, offsetof(struct args, member), max, flags, NULL, help}
#define W(member, words, flags, help) \
	{#member, FIELD_WORD, offsetof(struct args, member), 0, flags, &words, help}
/* clang-format on */

static const struct field create_fields[] = {
	F(subject, FIELD_TEXT, 300, REQ | PER, N_("what it is about, in one line")),
	F(body, FIELD_LINES, 0, PER, N_("what the citizen said or wrote")),
	W(kind, ticket_kinds, 0, N_("what sort of ticket; else as the topic says")),
	W(channel, channels, 0, N_("how it came in")),
	F(topic_id, FIELD_ID, 0, 0, N_("topic")),
	F(party_id, FIELD_ID, 0, PER, N_("the reporter; leave out when anonymous")),
	W(priority, priorities, 0, N_("how urgent it is")),
	F(team_id, FIELD_ID, 0, 0, N_("team that handles it; else as the topic says")),
	F(agent_id, FIELD_ID, 0, 0, N_("agent who handles it")),
	F(contact_id, FIELD_ID, 0, 0, N_("the contact in which it was asked")),
	F(on_behalf_id, FIELD_ID, 0, PER, N_("for whom the reporter asks it")),
	F(answer, FIELD_LINES, 0, PER, N_("answered at once: what was said")),
	F(close, FIELD_BOOL, 0, 0, N_("close the ticket as well")),
};
#define MAIL_FIELDS \
	F(cc, FIELD_TEXT, 0, PER, N_("other receivers, with commas between them")), \
		F(attachments, FIELD_JSON, 64000, PER, \
		  N_("list of files that were sent to the service before: sha256, name, type")), \
		F(mailbox_id, FIELD_ID, 0, 0, \
		  N_("mailbox that it goes out from; else as the ticket came in"))
static const struct field answer_fields[] = {
	F(body, FIELD_LINES, 0, REQ | PER, N_("the text of the answer")),
	F(to, FIELD_TEXT, 0, PER, N_("receiver; else the reporter")),
	F(subject, FIELD_TEXT, 300, PER, N_("subject; else that of the ticket")),
	F(close, FIELD_BOOL, 0, 0, N_("close the ticket as well")),
	W(channel, channels, 0, N_("how it is given; else by mail")),
	F(contact_id, FIELD_ID, 0, 0, N_("the contact in which it was given")),
	MAIL_FIELDS,
};
static const struct field forward_fields[] = {
	F(to, FIELD_TEXT, 0, REQ | PER, N_("receivers, with commas between them")),
	F(body, FIELD_LINES, 0, REQ | PER, N_("what is asked of them")),
	F(message_id, FIELD_ID, 0, 0, N_("the message that goes along; else none")),
	F(subject, FIELD_TEXT, 300, PER, N_("subject; else that of the ticket")),
	MAIL_FIELDS,
};
static const struct field settle_fields[] = {
	F(message_id, FIELD_ID, 0, REQ, N_("the message of which it is not sure that it went out")),
	F(reason, FIELD_TEXT, 0, PER, N_("how you know")),
};
static const struct field send_again_fields[] = {
	F(message_id, FIELD_ID, 0, REQ, N_("the message to send once more")),
	F(to, FIELD_TEXT, 0, PER, N_("to another address; else the same")),
};
static const struct field said_fields[] = {
	F(body, FIELD_LINES, 0, REQ | PER, N_("what the citizen said or handed in")),
	W(channel, channels, 0, N_("how it came in")),
	F(contact_id, FIELD_ID, 0, 0, N_("the contact in which it was said")),
};
static const struct field reporter_fields[] = {
	F(party_id, FIELD_ID, 0, REQ | PER, N_("the citizen whose ticket it is")),
};
static const struct field contact_fields[] = {
	W(channel, channels, REQ, N_("how the contact was made")),
	W(direction, directions, 0, N_("who began; else the citizen")),
	F(party_id, FIELD_ID, 0, PER, N_("with whom; leave out when anonymous")),
	F(started_at, FIELD_TIME, 0, REQ, N_("when it began")),
	F(ended_at, FIELD_TIME, 0, 0, N_("when it ended")),
	F(summary, FIELD_LINES, 10000, PER, N_("what was said, in short")),
};
static const struct field party_fields[] = {
	W(party_kind, party_kinds, 0, N_("citizen, association or enterprise")),
	F(name, FIELD_TEXT, 200, PER, N_("name as it is shown; else family name, given name")),
	F(given, FIELD_TEXT, 100, PER, N_("given names")),
	F(family, FIELD_TEXT, 100, PER, N_("family name")),
	F(birth_date, FIELD_DATE, 0, PER, N_("date of birth, maybe without day or month")),
	F(language, FIELD_TEXT, 2, PER, N_("language: nl, fr, en or de")),
	F(identifiers, FIELD_JSON, 4000, PER | FIELD_SECRET,
	  N_("list of national and enterprise numbers: raw, scheme")),
	F(phones, FIELD_JSON, 4000, PER, N_("list of phone numbers: raw")),
	F(emails, FIELD_JSON, 8000, PER, N_("list of mail addresses: raw")),
	F(addresses, FIELD_JSON, 8000, PER,
	  N_("list of addresses: street, number, box, postcode, city")),
};
static const struct field party_merge_fields[] = {
	F(into_id, FIELD_ID, 0, REQ | PER, N_("the record that stays")),
};
static const struct field team_create_fields[] = {
	F(name, FIELD_TEXT, 100, REQ, N_("name of the team")),
	W(team_kind, team_kinds, 0, N_("own team or outside organisation; else an own team")),
};
static const struct field team_change_fields[] = {
	F(name, FIELD_TEXT, 100, 0, N_("new name of the team")),
	W(team_kind, team_kinds, 0, N_("own team or outside organisation")),
	W(active, yes_no, 0, N_("can be chosen")),
};
static const struct field topic_create_fields[] = {
	F(name, FIELD_TEXT, 100, REQ, N_("name of the topic")),
	W(kind, ticket_kinds, 0, N_("what a ticket on this topic usually is")),
	F(team_id, FIELD_ID, 0, 0, N_("team that usually handles it")),
	W(deadline_basis, deadline_bases, 0, N_("how the deadline is counted")),
	F(deadline_days, FIELD_INT, 3650, 0, N_("days until the deadline")),
};
static const struct field topic_change_fields[] = {
	F(name, FIELD_TEXT, 100, 0, N_("new name of the topic")),
	W(kind, ticket_kinds, 0, N_("what a ticket on this topic usually is")),
	F(team_id, FIELD_ID, 0, 0, N_("team that usually handles it")),
	W(deadline_basis, deadline_bases, 0, N_("how the deadline is counted; none: no deadline")),
	F(deadline_days, FIELD_INT, 3650, 0, N_("days until the deadline")),
	W(active, yes_no, 0, N_("can be chosen")),
};
static const struct field agent_create_fields[] = {
	F(name, FIELD_TEXT, 64, REQ, N_("login name, in lower case")),
	F(display, FIELD_TEXT, 100, 0, N_("name as colleagues see it; else the login name")),
	W(role, roles, 0, N_("what the agent may do; else agent")),
	F(team_id, FIELD_ID, 0, REQ, N_("team of the agent")),
};
static const struct field agent_change_fields[] = {
	F(display, FIELD_TEXT, 100, 0, N_("name as colleagues see it")),
	W(role, roles, 0, N_("what the agent may do")),
	F(team_id, FIELD_ID, 0, 0, N_("team of the agent")),
	W(active, yes_no, 0, N_("can log in and be chosen")),
};
static const struct field template_create_fields[] = {
	F(name, FIELD_TEXT, 100, REQ, N_("name by which it is chosen")),
	F(body, FIELD_LINES, 0, REQ, N_("the text, with fields such as {name} in it")),
	F(language, FIELD_TEXT, 2, 0, N_("language: nl, fr, en or de; else nl")),
	F(topic_id, FIELD_ID, 0, 0, N_("topic that it is offered for first")),
	W(purpose, template_purposes, 0, N_("for answers, or the first answer to what comes in")),
};
static const struct field template_change_fields[] = {
	F(name, FIELD_TEXT, 100, 0, N_("new name by which it is chosen")),
	F(body, FIELD_LINES, 0, 0, N_("the text, with fields such as {name} in it")),
	F(language, FIELD_TEXT, 2, 0, N_("language: nl, fr, en or de")),
	F(topic_id, FIELD_ID, 0, 0, N_("topic that it is offered for first")),
	W(purpose, template_purposes, 0, N_("for answers, or the first answer to what comes in")),
	W(active, yes_no, 0, N_("can be chosen")),
};
static const struct field mailbox_change_fields[] = {
	W(active, yes_no, REQ, N_("read and sent from; no: paused")),
};
static const struct field merge_fields[] = {
	F(into_id, FIELD_ID, 0, REQ, N_("the ticket that stays")),
};
static const struct field link_fields[] = {
	F(other_id, FIELD_ID, 0, REQ, N_("the other ticket")),
};
static const struct field split_fields[] = {
	F(message_id, FIELD_ID, 0, REQ, N_("the message that becomes a ticket of its own")),
	F(subject, FIELD_TEXT, 300, PER, N_("what that is about; else as the message says")),
};
/* No member of the arguments: it never leaves the program, but its words have labels. */
static const struct field view_fields[] = {
	{"view", FIELD_WORD, 0, 0, 0, &filter_views, N_("which tickets")},
};
static const struct field note_fields[] = {
	F(body, FIELD_LINES, 0, REQ | PER, N_("the text; only colleagues see it")),
};
static const struct field state_fields[] = {
	W(state, ticket_states, REQ, N_("the new state")),
	F(until, FIELD_TIME, 0, 0, N_("when a planned ticket must be taken up")),
	F(reason, FIELD_TEXT, 0, PER, N_("why")),
};
static const struct field topic_fields[] = {
	F(topic_id, FIELD_ID, 0, REQ, N_("the new topic")),
};
static const struct field kind_fields[] = {
	W(kind, ticket_kinds, REQ, N_("what sort of ticket it is")),
};
static const struct field priority_fields[] = {
	W(priority, priorities, REQ, N_("how urgent it is")),
};
static const struct field subject_fields[] = {
	F(subject, FIELD_TEXT, 300, REQ | PER, N_("what it is about, in one line")),
};
static const struct field due_fields[] = {
	F(due_at, FIELD_TIME, 0, REQ, N_("the new deadline")),
};
static const struct field assign_fields[] = {
	F(team_id, FIELD_ID, 0, REQ, N_("team that handles it")),
	F(agent_id, FIELD_ID, 0, 0, N_("agent who handles it; leave out for nobody yet")),
	F(reason, FIELD_TEXT, 0, PER, N_("why")),
};
static const struct field message_fields[] = {
	F(message_id, FIELD_ID, 0, REQ, N_("the message that may belong to the ticket")),
};
static const struct field undo_fields[] = {
	F(operation, FIELD_ID, 0, REQ, N_("identifier of the action to undo")),
};

/* clang-format off */
#define SENT_OF(kind, id, name, flags, usage, help, label, fields) \
	[id] = {id, kind, name, ACTION_SENT, flags, usage, help, label, fields, COUNT(fields)}
#define BARE_OF(kind, id, name, flags, help, label) \
	[id] = {id, kind, name, ACTION_SENT, flags, "", help, label, NULL, 0}
#define SENT(id, name, flags, usage, help, label, fields) \
	SENT_OF(RECORD_TICKET, id, name, flags, usage, help, label, fields)
#define BARE(id, name, flags, help, label) BARE_OF(RECORD_TICKET, id, name, flags, help, label)
#define LOCAL(id, name, help, label) \
	[id] = {id, RECORD_TICKET, name, ACTION_LOCAL, 0, "", help, label, NULL, 0}
#define ASKS(id, name, usage, help, label) \
	[id] = {id, RECORD_TICKET, name, ACTION_LOCAL, ACTION_PROMPTS, usage, help, label, NULL, 0}
#define UNDO ACTION_UNDOABLE
#define ADDS ACTION_ADDITIVE
#define ASK ACTION_PROMPTS
/* clang-format on */

static const struct action rows[ACT_COUNT] = {
	SENT(ACT_CREATE, "create", ADDS | ASK, "SUBJECT",
	     N_("Register a new question, report, complaint or request"), N_("new"), create_fields),
	SENT(ACT_ANSWER, "answer", ADDS | ASK, "[TEXT]", N_("Answer the citizen"), N_("answer"),
	     answer_fields),
	SENT(ACT_FORWARD, "forward", ADDS | ASK, "[ADDRESS] [TEXT]",
	     N_("Ask somebody outside by mail; the answer comes back to this ticket"),
	     N_("forward"), forward_fields),
	SENT(ACT_SEND_AGAIN, "send-again", ADDS | ASK, "[MESSAGE] [ADDRESS]",
	     N_("Send a mail once more that did not go out, or perhaps not"), N_("send again"),
	     send_again_fields),
	SENT(ACT_SETTLE, "settle", ADDS | ASK, "[MESSAGE] [REASON]",
	     N_("Say that a mail went out well, although it was not sure"), N_("it went out"),
	     settle_fields),
	SENT(ACT_NOTE, "note", ADDS | ASK, "[TEXT]",
	     N_("Write a note that only colleagues can read"), N_("note"), note_fields),
	SENT(ACT_STATE, "state", UNDO | ASK, "STATE [DAY] [REASON]",
	     N_("Say how far the ticket is: open, waiting, planned, closed"), N_("state"),
	     state_fields),
	SENT(ACT_TOPIC, "topic", UNDO | ASK, "TOPIC", N_("Choose what the ticket is about"),
	     N_("topic"), topic_fields),
	SENT(ACT_KIND, "kind", UNDO | ASK, "KIND",
	     N_("Say what sort of ticket it is: question, report, complaint, request"), N_("kind"),
	     kind_fields),
	SENT(ACT_PRIORITY, "priority", UNDO | ASK, "PRIORITY", N_("Say how urgent the ticket is"),
	     N_("priority"), priority_fields),
	SENT(ACT_SUBJECT, "subject", UNDO | ASK, "TEXT", N_("Change the subject line"),
	     N_("subject"), subject_fields),
	SENT(ACT_DUE, "due", UNDO | ASK, "DAY", N_("Change the day by which it must be answered"),
	     N_("deadline"), due_fields),
	SENT(ACT_ASSIGN, "assign", UNDO | ASK, "TEAM [AGENT] [REASON]",
	     N_("Give the ticket to a team or a colleague"), N_("assign"), assign_fields),
	BARE(ACT_FOLLOW, "follow", ADDS, N_("Follow the ticket: hear of each change"),
	     N_("follow")),
	BARE(ACT_UNFOLLOW, "unfollow", ADDS, N_("Stop following the ticket"), N_("unfollow")),
	SENT(ACT_ACCEPT, "accept", ADDS | ASK, "[MESSAGE]",
	     N_("Yes, this message belongs to the ticket"), N_("accept"), message_fields),
	SENT(ACT_DECLINE, "decline", ADDS | ASK, "[MESSAGE]",
	     N_("No, make a new ticket of this message"), N_("decline"), message_fields),
	SENT(ACT_SAID, "said", ADDS | ASK, "TEXT",
	     N_("Write down what the citizen said or handed in"), N_("said"), said_fields),
	SENT(ACT_REPORTER, "reporter", UNDO, "", N_("Say whose ticket it is"), N_("citizen"),
	     reporter_fields),
	SENT(ACT_MERGE, "merge", UNDO | ASK, "[NUMBER]",
	     N_("Say that this is the same question as another ticket, which stays"), N_("merge"),
	     merge_fields),
	BARE(ACT_UNMERGE, "unmerge", UNDO,
	     N_("Make a merged ticket one of its own again, as it was"), N_("un-merge")),
	SENT(ACT_LINK, "link", UNDO | ADDS | ASK, "[NUMBER]",
	     N_("Link the ticket to another one that has to do with it"), N_("link"), link_fields),
	SENT(ACT_UNLINK, "unlink", UNDO | ADDS | ASK, "[NUMBER]",
	     N_("Take away the link between two tickets"), N_("unlink"), link_fields),
	SENT(ACT_SPLIT, "split", UNDO | ADDS | ASK, "[MESSAGE] [SUBJECT]",
	     N_("Make a new ticket of this message, linked to the old one"), N_("split"),
	     split_fields),
	SENT_OF(RECORD_CONTACT, ACT_CONTACT, "contact", ADDS, "",
		N_("Keep a conversation with a citizen"), N_("contact"), contact_fields),
	SENT_OF(RECORD_PARTY, ACT_PARTY_CREATE, "party-create", ADDS, "",
		N_("Make a new citizen, association or enterprise"), N_("new citizen"),
		party_fields),
	SENT_OF(RECORD_PARTY, ACT_PARTY_CHANGE, "party-change", UNDO, "",
		N_("Correct what is known of a citizen"), N_("correct"), party_fields),
	SENT_OF(RECORD_PARTY, ACT_PARTY_MERGE, "party-merge", UNDO, "",
		N_("Say that this is the same citizen as another one"), N_("same as"),
		party_merge_fields),
	BARE_OF(RECORD_PARTY, ACT_PARTY_UNMERGE, "party-unmerge", UNDO,
		N_("Say that this citizen is another one after all"), N_("not the same")),
	SENT_OF(RECORD_TEAM, ACT_TEAM_CREATE, "team-create", ADDS, "NAME [team_kind=outside]",
		N_("Make a new team (administrators)"), N_("new team"), team_create_fields),
	SENT_OF(RECORD_TEAM, ACT_TEAM_CHANGE, "team-change", UNDO,
		"TEAM [name=NAME] [team_kind=KIND] [active=no]",
		N_("Change a team or take it out of use (administrators)"), N_("team"),
		team_change_fields),
	SENT_OF(RECORD_TOPIC, ACT_TOPIC_CREATE, "topic-create", ADDS,
		"NAME [kind=KIND] [team=TEAM] [deadline_days=NUMBER]",
		N_("Make a new topic (administrators)"), N_("new topic"), topic_create_fields),
	SENT_OF(RECORD_TOPIC, ACT_TOPIC_CHANGE, "topic-change", UNDO,
		"TOPIC [name=NAME] [kind=KIND] [team=TEAM] [deadline_days=NUMBER] [active=no]",
		N_("Change a topic or take it out of use (administrators)"), N_("topic"),
		topic_change_fields),
	SENT_OF(RECORD_AGENT, ACT_AGENT_CREATE, "agent-create", ADDS,
		"LOGIN team=TEAM [display=NAME] [role=ROLE]",
		N_("Make a new colleague; the service sets the password (administrators)"),
		N_("new agent"), agent_create_fields),
	SENT_OF(RECORD_AGENT, ACT_AGENT_CHANGE, "agent-change", UNDO,
		"AGENT [display=NAME] [role=ROLE] [team=TEAM] [active=no]",
		N_("Change what a colleague may do, or lock him out (administrators)"), N_("agent"),
		agent_change_fields),
	SENT_OF(RECORD_TEMPLATE, ACT_TEMPLATE_CREATE, "template-create", ADDS,
		"NAME body=TEXT [language=CODE]", N_("Make a new ready text (administrators)"),
		N_("new text"), template_create_fields),
	SENT_OF(RECORD_TEMPLATE, ACT_TEMPLATE_CHANGE, "template-change", UNDO,
		"NAME [name=NAME] [body=TEXT] [active=no]",
		N_("Change a ready text or take it out of use (administrators)"), N_("text"),
		template_change_fields),
	SENT_OF(RECORD_MAILBOX, ACT_MAILBOX_CHANGE, "mailbox-change", UNDO, "MAILBOX [active=no]",
		N_("Pause a mailbox, or read and send from it again (administrators)"),
		N_("mailbox"), mailbox_change_fields),
	SENT(ACT_UNDO, "undo", ADDS, "[ACTION]", N_("Undo what you did last"), N_("undo"),
	     undo_fields),

	LOCAL(ACT_QUIT, "quit", N_("Leave the program; what is not sent yet is kept"), N_("quit")),
	LOCAL(ACT_BACK, "back", N_("Go back to where you came from"), N_("back")),
	ASKS(ACT_OPEN, "open", "[NUMBER]",
	     N_("Open the selected ticket, or the one with this number"), N_("open")),
	LOCAL(ACT_NEXT_TICKET, "next", N_("Open the next ticket of the list"), N_("next")),
	LOCAL(ACT_PREVIOUS_TICKET, "previous", N_("Open the previous ticket of the list"),
	      N_("previous")),
	LOCAL(ACT_DOWN, "down", N_("Go one line down"), N_("down")),
	LOCAL(ACT_UP, "up", N_("Go one line up"), N_("up")),
	LOCAL(ACT_PAGE_DOWN, "page-down", N_("Go one page down"), N_("page down")),
	LOCAL(ACT_PAGE_UP, "page-up", N_("Go one page up"), N_("page up")),
	LOCAL(ACT_FIRST, "first", N_("Go to the first line"), N_("first")),
	LOCAL(ACT_LAST, "last", N_("Go to the last line"), N_("last")),
	LOCAL(ACT_LEFT, "left", N_("Go to the left"), N_("left")),
	LOCAL(ACT_RIGHT, "right", N_("Go to the right"), N_("right")),
	LOCAL(ACT_PROMPT, "prompt", N_("Type the name of an action"), N_("command")),
	[ACT_HELP] = {ACT_HELP, RECORD_TICKET, "help", ACTION_LOCAL, 0, "[ACTION]",
		      N_("Show what you can do here and with which keys"), N_("help"), NULL, 0},
	LOCAL(ACT_REFRESH, "refresh", N_("Ask the service for news now"), N_("refresh")),
	LOCAL(ACT_REDRAW, "redraw", N_("Draw the whole screen again"), N_("redraw")),
	LOCAL(ACT_SUSPEND, "suspend", N_("Go to the shell; come back with fg"), N_("shell")),
	LOCAL(ACT_QUEUE, "queue", N_("Show the list of tickets"), N_("tickets")),
	[ACT_VIEW] = {ACT_VIEW, RECORD_TICKET, "view", ACTION_LOCAL, ACTION_PROMPTS, "[VIEW]",
		      N_("Choose which tickets to list: mine, of my team, unassigned, overdue, "
			 "all"),
		      N_("view"), view_fields, COUNT(view_fields)},
	ASKS(ACT_FILTER, "filter", "[WORDS]", N_("List only the tickets that fit these words"),
	     N_("filter")),
	ASKS(ACT_SORT, "sort", "[COLUMN]", N_("Sort the list by another column"), N_("sort")),
	LOCAL(ACT_PREVIEW, "preview", N_("Show or hide the ticket below the list"), N_("preview")),
	LOCAL(ACT_MARK, "mark", N_("Mark or unmark the ticket, for one action on many"),
	      N_("mark")),
	LOCAL(ACT_MARK_ALL, "mark-all", N_("Mark all tickets of the list"), N_("mark all")),
	LOCAL(ACT_UNMARK, "unmark", N_("Take away all marks"), N_("unmark")),
	ASKS(ACT_COLUMNS, "columns", "[COLUMNS]", N_("Choose the columns of the list"),
	     N_("columns")),
	LOCAL(ACT_SEND, "send", N_("Send what you wrote"), N_("send")),
	LOCAL(ACT_SEND_NEXT, "send-next", N_("Send what you wrote and open the next ticket"),
	      N_("send, next")),
	ASKS(ACT_TEMPLATE, "template", "[NAME]", N_("Put a ready text into what you write"),
	     N_("ready text")),
	LOCAL(ACT_EDITOR, "editor", N_("Write the text in your own editor"), N_("editor")),
	LOCAL(ACT_DISCARD, "discard", N_("Throw away what you wrote"), N_("discard")),
	[ACT_REGISTER] = {ACT_REGISTER, RECORD_TICKET, "register", ACTION_LOCAL, 0, "[CITIZEN]",
			  N_("Register a contact: somebody calls or stands at the counter"),
			  N_("contact"), NULL, 0},
	LOCAL(ACT_CONTACTS, "contacts",
	      N_("Go on with the next contact that is not wrapped up yet"), N_("switch")),
	[ACT_CHANNEL] = {ACT_CHANNEL, RECORD_TICKET, "channel", ACTION_LOCAL, 0, "[CHANNEL]",
			 N_("Change how the contact is made: phone, counter, letter"),
			 N_("channel"), NULL, 0},
	LOCAL(ACT_QUESTION, "question", N_("Go to the next question of this contact, or add one"),
	      N_("question")),
	LOCAL(ACT_QUESTION_BACK, "question-back", N_("Go to the question before"), N_("one back")),
	LOCAL(ACT_AT_ONCE, "at-once",
	      N_("Say that the question is answered at once, or is to be followed up"),
	      N_("answered")),
	LOCAL(ACT_BEHALF, "behalf", N_("Say for whom the citizen speaks"), N_("on behalf")),
	LOCAL(ACT_ABOUT, "about", N_("Choose the ticket that the question is about"),
	      N_("about ticket")),
	LOCAL(ACT_WRAP_UP, "wrap-up", N_("End the contact and keep it, with all its questions"),
	      N_("wrap up")),
	LOCAL(ACT_OUTBOX, "outbox", N_("Show what waits to be sent"), N_("outbox")),
	LOCAL(ACT_RETRY, "retry", N_("Try to send it again now"), N_("retry")),
	LOCAL(ACT_TAKE_BACK, "take-back", N_("Take back what is not sent yet"), N_("take back")),
	LOCAL(ACT_CONFLICT, "conflict", N_("Show what you and a colleague both changed"),
	      N_("conflict")),
	LOCAL(ACT_MINE, "mine", N_("Keep your change"), N_("mine")),
	LOCAL(ACT_THEIRS, "theirs", N_("Keep the change of your colleague"), N_("theirs")),
	LOCAL(ACT_BOTH, "both", N_("Keep both texts"), N_("both")),
	LOCAL(ACT_SAVE, "save", N_("Save"), N_("save")),
	LOCAL(ACT_FOLD, "fold", N_("Show or hide older quoted text"), N_("quotes")),
	LOCAL(ACT_RAW, "raw", N_("Show the message exactly as it came in"), N_("original")),
	LOCAL(ACT_DETAILS, "details", N_("Show or hide details"), N_("details")),
	ASKS(ACT_LANGUAGE, "language", "[LANGUAGE]", N_("Choose the language of the program"),
	     N_("language")),
	LOCAL(ACT_CONFIRM, "confirm", N_("Yes, do it"), N_("yes")),
	LOCAL(ACT_REJECT, "reject", N_("No, do not do it"), N_("no")),
	LOCAL(ACT_LOGOUT, "logout", N_("Log out and clear what is kept on this computer"),
	      N_("log out")),
	ASKS(ACT_CITIZEN, "citizen", "[WORDS]",
	     N_("Find a citizen, association or enterprise by all that is known"),
	     N_("find citizen")),
	LOCAL(ACT_CARD, "card", N_("Show the citizen of the ticket and all he ever asked"),
	      N_("card")),
	LOCAL(ACT_REPEAT, "repeat",
	      N_("Do the last change again, on this ticket or the marked ones"), N_("again")),
	LOCAL(ACT_PALETTE, "palette", N_("Find an action by any of its letters, and do it"),
	      N_("find action")),
	LOCAL(ACT_NOTICES, "notices", N_("Show what others did on your tickets"), N_("news")),
	ASKS(ACT_SAVE_VIEW, "save-view", "[NAME]",
	     N_("Keep this list under a name: its view, filter, order and columns"),
	     N_("keep view")),
	ASKS(ACT_RENAME_VIEW, "rename-view", "[NAME]", N_("Give this view of yours another name"),
	     N_("rename view")),
	ASKS(ACT_DROP_VIEW, "drop-view", "[NAME]", N_("Throw away this view of yours"),
	     N_("drop view")),
	[ACT_RUN] = {ACT_RUN, RECORD_TICKET, "run", ACTION_LOCAL, 0, "ACTION; ACTION...",
		     N_("Do several actions one after the other"), N_("run"), NULL, 0},
	[ACT_MACRO] = {ACT_MACRO, RECORD_TICKET, "macro", ACTION_LOCAL, 0, "NAME ACTION; ACTION...",
		       N_("Keep several actions under a name of your own"), N_("keep macro"), NULL,
		       0},
	LOCAL(ACT_MACROS, "macros", N_("Choose one of your macros and do it"), N_("macros")),
	[ACT_DROP_MACRO] = {ACT_DROP_MACRO, RECORD_TICKET, "drop-macro", ACTION_LOCAL, 0, "NAME",
			    N_("Throw away a macro of yours"), N_("drop macro"), NULL, 0},
	LOCAL(ACT_BATCH, "batch", N_("Show what became of what you did to many tickets at once"),
	      N_("results")),
	ASKS(ACT_REASON, "reason", "[TEXT]", N_("Say why; colleagues can read it on each ticket"),
	     N_("reason")),
	LOCAL(ACT_TYPING_TOO, "typing-too",
	      N_("Do it also to the tickets in which a colleague is typing now"),
	      N_("typed in too")),
	LOCAL(ACT_SWAP, "swap", N_("Let the other ticket stay"), N_("swap")),
	LOCAL(ACT_LINKED, "linked", N_("Open a ticket that is linked to this one"), N_("linked")),
	LOCAL(ACT_ASSIGNMENT, "assignment", N_("Show who has how much work, and hand it out"),
	      N_("workload")),
	ASKS(ACT_TAKE, "take", "[COUNT]",
	     N_("Give the most urgent tickets that nobody has to the selected colleague or team"),
	     N_("hand out")),
	LOCAL(ACT_HAND_OVER, "hand-over",
	      N_("Hand all open work of the selected colleague or team to others"),
	      N_("hand over")),
	LOCAL(ACT_CC, "cc", N_("Send a copy of the mail to somebody else too"), N_("copy to")),
	ASKS(ACT_ATTACH, "attach", "[FILE]", N_("Send a file along with the mail"), N_("attach")),
	LOCAL(ACT_DETACH, "detach", N_("Take a file away from the mail again"), N_("detach")),
	LOCAL(ACT_QUOTE, "quote", N_("Put the last message below what you write"), N_("quote")),
	LOCAL(ACT_OPEN_FILE, "open-file", N_("Open an attachment with a program of your own"),
	      N_("open file")),
	LOCAL(ACT_MAILBOXES, "mailboxes", N_("Show how the mailboxes do"), N_("mailboxes")),
	LOCAL(ACT_PAUSE, "pause",
	      N_("Stop reading and sending with this mailbox, or begin again (administrators)"),
	      N_("pause")),
};
const struct action_table actions = {rows, ACT_COUNT, action_also};
