/* The domain in plain structs and pure rules. No I/O, no clock: the time is an argument.
 *
 * A record is what has an id and a version and travels in the feed. Each record type has one table
 * of fields: the JSON of the API, the rows of both databases and the API document follow it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/action.h"
#include "balie/err.h"
#include "balie/field.h"
#include "balie/mem.h"

/* ---- words (enums whose codes are stored and sent) ---- */

enum ticket_kind { KIND_REPORT, KIND_QUESTION, KIND_COMPLAINT, KIND_REQUEST, KIND_DISCLOSURE };
enum ticket_state {
	STATE_NEW,
	STATE_OPEN,
	STATE_WAITING_CITIZEN,
	STATE_WAITING_THIRD,
	STATE_PLANNED,
	STATE_ANSWERED,
	STATE_CLOSED,
	STATE_REJECTED,
	STATE_INADMISSIBLE,
	STATE_WITHDRAWN,
	STATE_MERGED,
};
enum channel {
	CHANNEL_PHONE,
	CHANNEL_COUNTER,
	CHANNEL_MAIL,
	CHANNEL_FORM,
	CHANNEL_APP,
	CHANNEL_LETTER,
	CHANNEL_CHAT,
	CHANNEL_INTERNAL,
};
enum direction { DIRECTION_IN, DIRECTION_OUT };
/* Received and taken in; a stranger's follow-up that waits for a person; such a one refused; an
 * answer that no mail set-up could send; waiting to be sent; sent; refused; handed over but never
 * confirmed. */
enum message_state {
	MESSAGE_RECEIVED,
	MESSAGE_SUSPECTED,
	MESSAGE_DECLINED,
	MESSAGE_NOT_SENT,
	MESSAGE_QUEUED,
	MESSAGE_SENT,
	MESSAGE_FAILED,
	MESSAGE_UNCERTAIN,
};
/* Who wrote: a person, or which sort of machine (RFC 3834, RFC 3464). */
enum sender {
	SENDER_PERSON,
	SENDER_AUTO_REPLY,
	SENDER_BOUNCE,
	SENDER_LIST,
	SENDER_MACHINE,
};
enum party_kind { PARTY_CITIZEN, PARTY_ASSOCIATION, PARTY_ENTERPRISE };
enum team_kind { TEAM_INSIDE, TEAM_OUTSIDE };
enum role { ROLE_AGENT, ROLE_SUPERVISOR, ROLE_ADMIN };
enum involvement_role { INVOLVED_REPORTER, INVOLVED_ON_BEHALF_OF, INVOLVED_CONCERNED };
/* What a ready text is for: an agent puts it in an answer; it is the answer that the service gives by itself
 * to what comes in by mail. */
enum template_purpose { PURPOSE_ANSWER, PURPOSE_ACKNOWLEDGEMENT };
/* How a mailbox does: it is read; nothing could be read or sent since; it holds messages that were not
 * taken in. */
enum mailbox_state { MAILBOX_OK, MAILBOX_FAILING, MAILBOX_UNKNOWN };
enum priority { PRIORITY_LOW, PRIORITY_NORMAL, PRIORITY_HIGH };
enum deadline_basis { DEADLINE_NONE, DEADLINE_CALENDAR_DAYS };

extern const struct words ticket_kinds, ticket_states, channels, directions, message_states,
	senders, party_kinds, mailbox_states, template_purposes, team_kinds, roles,
	involvement_roles, priorities, deadline_bases, yes_no; /* no is 0 */

/* Why a message is in its state, in the reader's language. reason: codes with "; " between them, each
 * with a space and what it is about, "number-unknown 26-004217-68; text-cut". What is no code of ours
 * (of a newer service) is given as it stands. */
void reason_put(struct buf *ret, const char *reason);

/* ---- records ---- */

enum record_kind {
	RECORD_TEAM,
	RECORD_AGENT,
	RECORD_TOPIC,
	RECORD_PARTY,
	RECORD_TICKET,
	RECORD_CONTACT,
	RECORD_MESSAGE,
	RECORD_NOTE,
	RECORD_TEMPLATE,
	RECORD_MAILBOX,
};
#define RECORD_KINDS 10

/* All text is owned by the arena that the record was read into. */
struct team {
	const char *id;
	int64_t version;
	const char *name;
	int kind; /* enum team_kind */
	bool active;
};
struct agent {
	const char *id;
	int64_t version;
	const char *name;    /* login name, lower case, unique */
	const char *display; /* as colleagues see it */
	int role;	     /* enum role */
	const char *team_id;
	bool active;
};
struct topic {
	const char *id;
	int64_t version;
	const char *name;
	int kind;	       /* default enum ticket_kind */
	const char *team_id;   /* default team */
	int deadline_basis;    /* enum deadline_basis */
	int64_t deadline_days; /* 0 to 3650 */
	bool active;
};
struct party {
	const char *id;
	int64_t version;
	int kind;	  /* enum party_kind */
	const char *name; /* shown: "Van den Broeck, Lieselot", "Harmonie Sint-Cecilia vzw" */
	const char *given, *family; /* citizens */
	const char *birth_date;	    /* FIELD_DATE, maybe partial */
	const char *language;	    /* ISO 639-1: nl, fr, en, de */
	const char *identifiers; /* JSON: [{"scheme":"rrn|bis|kbo|vcode","value":…,"raw":…}] */
	const char *phones;	 /* JSON: [{"value":"+3256…","raw":…}] */
	const char *emails;	 /* JSON: [{"value":…,"raw":…,"bad":bool}] */
	const char *addresses; /* JSON: [{"street":…,"number":…,"box":…,"postcode":…,"city":…}] */
	const char *merged_into; /* surviving party, or NULL */
	int64_t created_at, updated_at;
};
struct ticket {
	const char *id;
	int64_t version;
	const char *number; /* tracking number "26-004217-69"; NULL: not yet numbered */
	int kind, state, priority, channel;
	const char *subject;
	const char *topic_id, *team_id,
		*agent_id;	/* team and agent: who handles it; NULL = nobody */
	const char *party_id;	/* the reporter; NULL = anonymous */
	const char *party_name; /* as shown in a list; follows the party */
	const char *involved;	/* JSON: [{"role":…,"party_id":…,"name":…}] */
	const char *merged_into;
	int64_t created_at, updated_at, due_at, answered_at, closed_at;
	int64_t wait_until; /* for STATE_PLANNED */
	int64_t last_in_at; /* newest word from the citizen: an answer is owed when > last_out_at */
	int64_t last_out_at;
	int64_t suspected; /* suspected follow-ups that wait for a person */
	const char *links; /* JSON: [{"id":…,"number":…}]; for links_have() and its kin */
	bool followed;	   /* by the reader; the service fills it in for whom it serves */
};
struct contact {
	const char *id;
	int64_t version;
	int channel, direction;
	const char *party_id, *agent_id; /* NULL: anonymous; nobody (mail) */
	int64_t started_at, ended_at;
	const char *summary;
};
struct message {
	const char *id;
	int64_t version;
	const char *ticket_id, *contact_id;
	int direction, channel, state, sender;
	const char *agent_id;		 /* who wrote it, for DIRECTION_OUT */
	const char *from_text, *to_text; /* as shown: "An Claes <an@example.be>" */
	const char *subject, *body;	 /* body: clean text */
	int64_t quoted_at;		 /* byte of body where quoted older text starts; 0 = none */
	const char *attachments;	 /* JSON: [{"id":…,"name":…,"type":…,"size":n}] */
	bool has_raw;			 /* the raw message is kept and can be fetched */
	const char *reason;		 /* why this state, for reason_put() */
	int64_t created_at;
	const char *cc_text; /* other receivers as shown; NULL when none */
	int64_t send_at; /* a mail of ours goes out from then on, and can be taken back before */
	int64_t signature_at; /* byte of body where the sender's signature starts; 0 = none */
	const char *language; /* ISO 639-1 of the text, as far as it is known: nl, fr, en, de */
};
struct note {
	const char *id;
	int64_t version;
	const char *ticket_id, *agent_id;
	const char *body;
	int64_t created_at;
};

/* A text that is written once and used often: the body of an answer, with fields in braces. */
struct template
{
	const char *id;
	int64_t version;
	const char *name;     /* by which it is chosen, unique */
	const char *language; /* ISO 639-1, of the text */
	const char *topic_id; /* offered first for tickets on it; NULL: for all */
	const char *body;
	bool active;
	int purpose; /* enum template_purpose */
};

/* A mailbox that the service reads and sends from. The service's configuration says which there are; this
 * is what all may know of it. It changes when its state does, not each time it is read. */
struct mailbox {
	const char *id;
	int64_t version;
	const char *name;		/* in the configuration, unique */
	const char *address;		/* what is sent from it, and what citizens write to */
	const char *team_id, *topic_id; /* of what comes in; may be NULL */
	bool active;			/* false: paused */
	int state;			/* enum mailbox_state */
	int64_t since;			/* of this state */
	const char *reason;		/* why, for reason_put(); NULL when all is well */
	int64_t unknown;		/* messages on the server that were not taken in */
	int64_t waiting;		/* mails of ours that could not be sent yet */
};

struct record_type {
	enum record_kind kind;
	const char *name;   /* "ticket": on the wire */
	const char *plural; /* "tickets": in URLs */
	const char *help;   /* N_() */
	const struct field *fields;
	size_t field_count;
	size_t size; /* of the struct */
};
extern const struct record_type record_types[RECORD_KINDS]; /* index: enum record_kind */
int record_kind_find(const char *name);			    /* -1 when unknown */

/* A change as the journal and the feed tell it; also the ticket's history. */
struct change {
	int64_t seq;
	const char *operation; /* id of the action that made it; rows of one action share it */
	const char *action;    /* name of the action */
	int type;	       /* enum record_kind */
	const char *record_id, *ticket_id;
	int64_t version;      /* of the record after it */
	const char *agent_id; /* NULL: the service itself */
	int64_t at;
	const char *before, *after; /* JSON objects: the fields that changed; NULL for none */
};
extern const struct field change_fields[];
extern const size_t change_field_count;

/* ---- actions ---- */

/* Everything an action's envelope may carry. Each action's own table names its part. */
struct args {
	const char *ticket_id, *message_id, *party_id, *contact_id, *topic_id, *team_id, *agent_id;
	const char *on_behalf_id, *into_id, *other_id; /* for whom; what stays; linked to */
	const char *subject, *body, *reason, *to;
	const char *cc, *attachments, *mailbox_id; /* of a mail that goes out */
	const char *answer;			   /* create: answered at once, with these words */
	const char *summary;			   /* contact */
	const char *operation;			   /* undo: the operation to write back */
	int state, kind, channel, priority, direction, party_kind;
	/* Of a team, topic or agent; active: of yes_no. */
	int team_kind, deadline_basis, role, active, purpose;
	int64_t deadline_days;
	const char *display;
	bool close; /* answer, create: and close the ticket */
	int64_t until, due_at, started_at, ended_at;
	/* Of a party, as in struct party. */
	const char *name, *given, *family, *birth_date, *language;
	const char *identifiers, *phones, *emails, *addresses;
};
/* Nothing given: words are -1, the rest is zero. Begin with a copy of it: an all-zero struct would
 * say "report by phone with low priority". */
extern const struct args args_none;
enum {
	/* sent: change something */
	ACT_CREATE,
	ACT_ANSWER,
	ACT_FORWARD,
	ACT_SEND_AGAIN,
	ACT_SETTLE,
	ACT_NOTE,
	ACT_STATE,
	ACT_TOPIC,
	ACT_KIND,
	ACT_PRIORITY,
	ACT_SUBJECT,
	ACT_DUE,
	ACT_ASSIGN,
	ACT_FOLLOW,
	ACT_UNFOLLOW,
	ACT_ACCEPT,
	ACT_DECLINE,
	ACT_SAID,
	ACT_REPORTER,
	ACT_MERGE,
	ACT_UNMERGE,
	ACT_LINK,
	ACT_UNLINK,
	ACT_SPLIT,
	ACT_CONTACT,
	ACT_PARTY_CREATE,
	ACT_PARTY_CHANGE,
	ACT_PARTY_MERGE,
	ACT_PARTY_UNMERGE,
	ACT_TEAM_CREATE,
	ACT_TEAM_CHANGE,
	ACT_TOPIC_CREATE,
	ACT_TOPIC_CHANGE,
	ACT_AGENT_CREATE,
	ACT_AGENT_CHANGE,
	ACT_TEMPLATE_CREATE,
	ACT_TEMPLATE_CHANGE,
	ACT_MAILBOX_CHANGE,
	ACT_UNDO,
	/* local: change what is shown; see actions.c for the sentences */
	ACT_LOCAL_FIRST,
	ACT_QUIT = ACT_LOCAL_FIRST,
	ACT_BACK,
	ACT_OPEN,
	ACT_NEXT_TICKET,
	ACT_PREVIOUS_TICKET,
	ACT_DOWN,
	ACT_UP,
	ACT_PAGE_DOWN,
	ACT_PAGE_UP,
	ACT_FIRST,
	ACT_LAST,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_PROMPT,
	ACT_HELP,
	ACT_REFRESH,
	ACT_REDRAW,
	ACT_SUSPEND,
	ACT_QUEUE,
	ACT_VIEW,
	ACT_FILTER,
	ACT_SORT,
	ACT_PREVIEW,
	ACT_MARK,
	ACT_MARK_ALL,
	ACT_UNMARK,
	ACT_COLUMNS,
	ACT_SEND,
	ACT_SEND_NEXT,
	ACT_TEMPLATE,
	ACT_EDITOR,
	ACT_DISCARD,
	ACT_OUTBOX,
	ACT_REGISTER,
	ACT_CONTACTS,
	ACT_CHANNEL,
	ACT_QUESTION,
	ACT_QUESTION_BACK,
	ACT_AT_ONCE,
	ACT_BEHALF,
	ACT_ABOUT,
	ACT_WRAP_UP,
	ACT_RETRY,
	ACT_TAKE_BACK,
	ACT_CONFLICT,
	ACT_MINE,
	ACT_THEIRS,
	ACT_BOTH,
	ACT_SAVE,
	ACT_FOLD,
	ACT_RAW,
	ACT_DETAILS,
	ACT_LANGUAGE,
	ACT_CONFIRM,
	ACT_REJECT,
	ACT_LOGOUT,
	ACT_REPEAT,
	ACT_PALETTE,
	ACT_NOTICES,
	ACT_SAVE_VIEW,
	ACT_RENAME_VIEW,
	ACT_DROP_VIEW,
	ACT_RUN,
	ACT_MACRO,
	ACT_MACROS,
	ACT_DROP_MACRO,
	ACT_BATCH,
	ACT_REASON,
	ACT_TYPING_TOO,
	ACT_CITIZEN,
	ACT_CARD,
	ACT_SWAP,
	ACT_LINKED,
	ACT_ASSIGNMENT,
	ACT_TAKE,
	ACT_HAND_OVER,
	ACT_CC,
	ACT_ATTACH,
	ACT_DETACH,
	ACT_QUOTE,
	ACT_OPEN_FILE,
	ACT_MAILBOXES,
	ACT_PAUSE,
	ACT_COUNT
};
extern const struct action_table actions; /* rows in the order of the enum: rows[id].id == id */

/* One thing an agent did, as it is sent and kept in the outbox. */
struct envelope {
	const char *id; /* made by the client: also the idempotency key and the operation */
	const struct action *action;
	const char *record;   /* the record it is about (a ticket for most) */
	int64_t base_version; /* version it was done on; 0 for additive actions */
	struct args args;
};

/* Checks the arguments of an action against its table: required ones there, limits, words, ids.
 * The error names the field. */
bool args_check(const struct action *action, const struct args *args, struct err *err);
/* The same, and *field gets the name of the field at fault. */
bool args_check_field(const struct action *action, const struct args *args, const char **field,
		      struct err *err);

/* What an action makes of a ticket: the one rule that the service applies for good and the client
 * shows beforehand for what waits in its outbox. ERR_CONFLICT when the state does not allow it.
 * topic: the topic named by the arguments or by the ticket, NULL if none. The version is left alone:
 * the service counts it. Text that it sets points into the envelope or the topic. "create" fills a
 * zeroed ticket; "undo" is not for here. me_agent_id: who does it; he becomes the handler of what he
 * answers or closes while nobody handled it. Refused: *t is untouched. */
bool ticket_apply(struct ticket *t, const struct envelope *e, const struct topic *topic,
		  const char *me_agent_id, int64_t now, struct err *err);
#define LINKS_MAX 100 /* a set: whoever applies "link" writes it at both tickets */
struct ticket_link {
	const char *id, *number; /* number may be NULL */
};
size_t links_read(const char *links, struct ticket_link *ret, size_t max, struct arena *a);
bool links_have(const char *links, const char *id);
const char *links_with(const char *links, const char *id, const char *number, struct arena *a);
const char *links_without(const char *links, const char *id, struct arena *a); /* NULL: none left */
/* The same for a party: "party-create" fills a zeroed one. The lists in the envelope are taken as they
 * are: party_lists_check() them first. ERR_CONFLICT when it was merged into another one. */
bool party_apply(struct party *p, const struct envelope *e, int64_t now, struct err *err);
/* The same for what an administrator makes and changes: "…-create" fills a zeroed one, "…-change" leaves as
 * it is what the envelope does not name. Whether another one has that name, and whether the team is
 * there, the service looks. */
bool team_apply(struct team *t, const struct envelope *e, struct err *err);
bool topic_apply(struct topic *t, const struct envelope *e, struct err *err);
bool template_apply(struct template *t, const struct envelope *e, struct err *err);
bool mailbox_apply(struct mailbox *t, const struct envelope *e, struct err *err);
bool agent_apply(struct agent *t, const struct envelope *e, struct err *err);
/* Small letters, digits and . - _ @, at most 64. */
bool agent_name_valid(const char *name);
/* The same for a contact, which "contact" fills. agent_id: who spoke. */
bool contact_apply(struct contact *c, const struct envelope *e, const char *agent_id,
		   struct err *err);
bool ticket_goes_on(int action); /* on a merged ticket: it is done to the one that took it over */
bool state_is_open(int state);	 /* work remains: new to planned; "answered" is neither */
bool state_is_final(int state);
/* May a ticket go from one state to the other? One fixed table, shaped like the data it will be. */
bool state_can_follow(int from, int to);
/* By the topic's rule from created_at, to the end of that day in Brussels; 0 when it has none. */
int64_t deadline_for(const struct topic *topic, int64_t created_at);

/* ---- rights ---- */
struct viewer {
	const char *agent_id, *team_id;
	int role, team_kind; /* enum role, enum team_kind */
};
/* May this viewer do this action on this ticket (NULL: a new one, or the action is about no ticket)? */
bool can(const struct viewer *v, int action, const struct ticket *t);
/* Inside teams see all, others what was handed to them: each by itself, not what was merged into it. */
bool sees(const struct viewer *v, const struct ticket *t);
/* Conversations are for own teams alone: a summary tells of all that was asked in one. */
bool sees_contacts(const struct viewer *v);
#define DESK_DAYS 30
/* In his client's copy lie open ones that he sees, and others that he handles or follows and that changed
 * in the last DESK_DAYS. Of one that was merged, ask this of its survivor, and sees() of itself. */
bool on_desk(const struct viewer *v, const struct ticket *t, int64_t now);

/* ---- numbers of the outside world (domain: identifiers) ---- */
enum check { CHECK_OK, CHECK_FORM, CHECK_DIGITS, CHECK_DATE };

#define TRACKING_TEXT 13
/* year 0-99, serial 0-999999; writes "26-004217-69". */
const char *tracking_make(int year, int64_t serial, char ret[TRACKING_TEXT]);
/* Reads any way of writing it (spaces, dots, dashes, none, full-width digits); ret gets the normal
 * form. CHECK_FORM: not ten digits. CHECK_DIGITS: a typing mistake. */
enum check tracking_parse(const char *text, char ret[TRACKING_TEXT]);
/* Finds numbers in running text, in any spelling and over line ends, but not inside phone numbers,
 * bank references and the like: calls found() with the normal form. CHECK_DIGITS, a typing mistake,
 * is told only of what is surely meant as one: 26-004217-68 and #2600421768. */
void tracking_scan(const char *text, void (*found)(void *user, const char *number, enum check),
		   void *user);

/* National number or BIS number: ret gets 11 digits, birth "1964-03-12" (partial when unknown). */
enum check rrn_parse(const char *text, char ret[12], char birth[11], bool *is_bis);
/* Enterprise number: ret gets 10 digits. */
enum check kbo_parse(const char *text, char ret[11]);
/* Phone in any spelling: ret gets E.164. Without country: Belgium. */
enum check phone_parse(const char *text, char ret[17]);
/* Addr-spec: ret gets it with the domain in lower case; at most 254 bytes (RFC 5321 4.5.3.1). */
enum check email_parse(const char *text, char ret[255]);
/* Number of an association: ret gets "V0001001". */
enum check vcode_parse(const char *text, char ret[9]);
/* A date of birth in any writing: 12031964, 120364, 12/3/64, 12-03-1964, 12 maart 1964, 1964-03-12; and
 * "03/1964", "maart 1964", "1964" where the rest is unknown. ret gets a FIELD_DATE. CHECK_DATE: a day
 * that does not exist or is still to come. */
enum check birth_parse(const char *text, int64_t now, char ret[11]);
/* "12/03/1964", "03/1964", "1964" of a FIELD_DATE; "" for NULL. */
const char *birth_show(const char *date, char ret[11]);
const char *rrn_show(const char digits[12], char ret[16]); /* 85.07.30-033.28 */
const char *kbo_show(const char digits[11], char ret[13]); /* 0403.019.261 */

/* ---- finding people: one line with everything that is known ---- */
#define PARTY_QUERY_TEXT 1000 /* bytes of a line */
#define PARTY_QUERY_WORDS 8
/* What is looked for. All that is there must hold, but of the numbers and addresses of the last group
 * one is enough: the same digits may be a phone number and an enterprise number. */
struct party_query {
	/* Beginnings of the words of a name, folded. */
	const char *words[PARTY_QUERY_WORDS];
	size_t word_count;
	/* The same line with "van den broeck" as one word, as party_words() has it; a party that has
	 * all of either is meant. 0: no other way of reading it. */
	const char *joined[PARTY_QUERY_WORDS];
	size_t joined_count;
	char birth[11];		     /* FIELD_DATE, maybe partial: its beginning; "" none */
	char postcode[5], number[8]; /* "8870", "12b" in lower case; "" none */
	char tracking[TRACKING_TEXT], phone[17], email[255], rrn[12], kbo[11], vcode[9];
	bool is_bis;
	bool keys; /* one of tracking, phone, email, rrn, kbo, vcode is there */
	/* What stands at the end and is not whole yet, as "8870 1" of a longer number; else NULL. */
	const char *unfinished;
};
/* Reads a line: name words, date of birth, postcode and house number, phone, mail address, tracking
 * number, national, enterprise and association number, in any order and writing. What cannot be, a day
 * that does not exist or wrong check digits, is said as soon as it is typed. */
bool party_query_parse(const char *text, int64_t now, struct party_query *ret, struct arena *a,
		       struct err *err);
bool party_query_empty(const struct party_query *q);
/* How it was understood, for the line below the box: "name claes, born 12/03/1964". */
void party_query_describe(const struct party_query *q, struct buf *ret);
/* The words that a party is found by: each with a space before it, "" for none. Those of the shown
 * name stand first; then given and family name, and each name with particles as one word
 * ("vandenbroeck") and as what is left when "van den" and its like are taken off ("v0broeck"). */
void party_words(struct buf *ret, const struct party *p, struct arena *a);
/* ---- the lists of a party, in parts ---- */
#define PARTY_ITEMS_MAX 16
/* A number or address as it was written (raw) and in its normal form (value). */
struct party_item {
	const char *scheme; /* identifiers: "rrn", "bis", "kbo", "vcode"; else NULL */
	const char *value, *raw;
	bool bad; /* emails: what was sent there came back */
};
struct party_address {
	const char *street, *number, *box, *postcode, *city; /* "" or NULL: not known */
};
struct party_lists {
	struct party_item identifiers[PARTY_ITEMS_MAX], phones[PARTY_ITEMS_MAX],
		emails[PARTY_ITEMS_MAX];
	struct party_address addresses[PARTY_ITEMS_MAX];
	size_t identifier_count, phone_count, email_count, address_count;
};
/* Gives each item its normal form (owned by a) from what was written, and each identifier its scheme
 * when it has none; drops empty ones and doubles. The error says which item cannot be right, and why. */
bool party_lists_check(struct party_lists *lists, struct arena *a, struct err *err);
/* Is this one of the languages that citizens are written to in: nl, fr, en, de (ISO 639-1)? */
bool language_known(const char *language);
/* The name to show: as given, else "Van den Broeck, Lieselot", which a list sorts by. NULL when the
 * arguments hold none. May be owned by a. */
const char *party_make_name(const struct args *args, struct arena *a);

/* ---- templates ---- */
/* What the fields of a template stand for. NULL: not known, and the field stays in the text for the
 * agent to fill in. */
struct template_values {
	const char *name;   /* {name} {naam} {nom}: of the citizen */
	const char *number; /* {number} {nummer} {numero} {nummer}: tracking number */
	const char *topic;  /* {topic} {onderwerp} {sujet} {thema} */
	const char *agent;  /* {agent} {medewerker}: who writes */
	const char *team;   /* {team} {dienst} {service} */
	const char *due;    /* {due} {termijn} {delai} {frist}: day by which there is an answer */
};
/* As a person is called: "Lieselot Van den Broeck" of "Van den Broeck, Lieselot", as lists have it; any other name
 * as it stands, NULL too. May be owned by a. */
const char *name_called(const char *name, struct arena *a);
/* Appends the text with its fields filled in. A name in braces that is no field of ours is text. Gives the
 * number of known fields that could not be filled in. */
int template_expand(const char *body, const struct template_values *values, struct buf *ret);

#include "balie/filter.h"
