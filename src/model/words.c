/* The codes that are stored and sent never change; the labels are what a person reads. */
#include "balie/model.h"
#include "balie/i18n.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define WORDS(name, codes, labels) \
	_Static_assert(sizeof(codes) == sizeof(labels), "a label for each code: " #name); \
	const struct words name = {codes, labels, COUNT(codes)}

static const char *const kind_codes[] = {"report", "question", "complaint", "request",
					 "disclosure"};
static const char *const kind_labels[] = {N_("report"), N_("question"), N_("complaint"),
					  N_("request"), N_("public records request")};
WORDS(ticket_kinds, kind_codes, kind_labels);

static const char *const state_codes[] = {
	[STATE_NEW] = "new",
	[STATE_OPEN] = "open",
	[STATE_WAITING_CITIZEN] = "waiting-citizen",
	[STATE_WAITING_THIRD] = "waiting-third",
	[STATE_PLANNED] = "planned",
	[STATE_ANSWERED] = "answered",
	[STATE_CLOSED] = "closed",
	[STATE_REJECTED] = "rejected",
	[STATE_INADMISSIBLE] = "inadmissible",
	[STATE_WITHDRAWN] = "withdrawn",
	[STATE_MERGED] = "merged",
};
static const char *const state_labels[] = {
	[STATE_NEW] = N_("new"),
	[STATE_OPEN] = N_("open"),
	[STATE_WAITING_CITIZEN] = N_("waiting for citizen"),
	[STATE_WAITING_THIRD] = N_("waiting for third party"),
	[STATE_PLANNED] = N_("planned"),
	[STATE_ANSWERED] = N_("answered"),
	[STATE_CLOSED] = N_("closed"),
	[STATE_REJECTED] = N_("rejected"),
	[STATE_INADMISSIBLE] = N_("inadmissible"),
	[STATE_WITHDRAWN] = N_("withdrawn"),
	[STATE_MERGED] = N_("merged"),
};
WORDS(ticket_states, state_codes, state_labels);

static const char *const channel_codes[] = {"phone", "counter", "mail", "form",
					    "app",   "letter",	"chat", "internal"};
static const char *const channel_labels[] = {N_("phone"), N_("counter"), N_("mail"),
					     N_("form"),  N_("app"),	 N_("letter"),
					     N_("chat"),  N_("internal")};
WORDS(channels, channel_codes, channel_labels);

static const char *const direction_codes[] = {"in", "out"};
static const char *const direction_labels[] = {N_("in"), N_("out")};
WORDS(directions, direction_codes, direction_labels);

static const char *const message_codes[] = {"received", "suspected", "declined", "not-sent",
					    "queued",	"sent",	     "failed",	 "uncertain"};
static const char *const message_labels[] = {
	N_("received"),	      N_("perhaps a reply"),	N_("refused as reply"),
	N_("not sent"),	      N_("waiting to be sent"), N_("sent"),
	N_("sending failed"), N_("perhaps sent"),
};
WORDS(message_states, message_codes, message_labels);

static const char *const sender_codes[] = {"person", "auto-reply", "bounce", "list", "machine"};
static const char *const sender_labels[] = {N_("person"), N_("automatic reply"),
					    N_("undeliverable"), N_("mailing list"), N_("machine")};
WORDS(senders, sender_codes, sender_labels);

static const char *const party_codes[] = {"citizen", "association", "enterprise"};
static const char *const party_labels[] = {N_("citizen"), N_("association"), N_("enterprise")};
WORDS(party_kinds, party_codes, party_labels);

static const char *const purpose_codes[] = {"answer", "acknowledgement"};
static const char *const purpose_labels[] = {N_("answer"), N_("acknowledgement")};
WORDS(template_purposes, purpose_codes, purpose_labels);

static const char *const mailbox_codes[] = {"ok", "failing", "unknown"};
static const char *const mailbox_labels[] = {N_("in order"), N_("fails"), N_("not all taken in")};
WORDS(mailbox_states, mailbox_codes, mailbox_labels);

static const char *const team_codes[] = {"inside", "outside"};
static const char *const team_labels[] = {N_("own team"), N_("outside organisation")};
WORDS(team_kinds, team_codes, team_labels);

static const char *const role_codes[] = {"agent", "supervisor", "admin"};
static const char *const role_labels[] = {N_("agent"), N_("supervisor"), N_("administrator")};
WORDS(roles, role_codes, role_labels);

static const char *const involvement_codes[] = {"reporter", "on-behalf-of", "concerned"};
static const char *const involvement_labels[] = {N_("reporter"), N_("on behalf of"),
						 N_("concerned")};
WORDS(involvement_roles, involvement_codes, involvement_labels);

static const char *const priority_codes[] = {"low", "normal", "high"};
static const char *const priority_labels[] = {N_("low"), N_("normal"), N_("high")};
WORDS(priorities, priority_codes, priority_labels);

static const char *const basis_codes[] = {"none", "calendar-days"};
static const char *const basis_labels[] = {N_("no deadline"), N_("calendar days")};
WORDS(deadline_bases, basis_codes, basis_labels);

static const char *const yes_no_codes[] = {"no", "yes"};
static const char *const yes_no_labels[] = {N_("no"), N_("yes")};
WORDS(yes_no, yes_no_codes, yes_no_labels);

static const char *const view_codes[] = {"mine", "team", "unassigned", "overdue", "all"};
static const char *const view_labels[] = {N_("mine"), N_("my team"), N_("unassigned"),
					  N_("overdue"), N_("all")};
WORDS(filter_views, view_codes, view_labels);
