/* Every address of the service. Dispatch, the OpenAPI document and balie-api(7) read this table. */
#include "routes.h"
#include <string.h>

/* clang-format off */
#define TEXT(name, help) {name, PARAM_TEXT, 0, NULL, help}
#define ID(name, help) {name, PARAM_ID, 0, NULL, help}
#define NUMBER(name, max, help) {name, PARAM_NUMBER, max, NULL, help}
#define FLAG(name, help) {name, PARAM_FLAG, 0, NULL, help}
#define WORD(name, words, help) {name, PARAM_WORD, 0, words, help}
#define PAGE                                                                       \
	TEXT("after", "the \"next\" of the page before; leave out for the first page"), \
	NUMBER("limit", PAGE_MAX, "rows on a page")
/* clang-format on */

static const char *const sort_codes[] = {"due", "created", "updated"};
static const struct words sorts = {sort_codes, sort_codes, 3};

static const struct param page_params[] = {PAGE, {0}};
static const struct param desk_params[] = {
	PAGE,
	FLAG("desk", "1: only what belongs to the tickets on the reader's desk"),
	{0},
};
static const struct param ticket_params[] = {
	PAGE,
	FLAG("desk", "1: only the reader's desk: open tickets, and his own of the last 30 days"),
	ID("team", "only tickets of this team"),
	ID("agent", "only tickets of this agent"),
	WORD("state", &ticket_states, "only tickets in this state"),
	TEXT("number", "the ticket with this tracking number"),
	WORD("view", &filter_views, "a page of a queue: which open tickets"),
	WORD("sort", &sorts, "a page of a queue: in which order"),
	FLAG("desc", "1: from the last to the first"),
	{0},
};
static const struct param action_params[] = {
	FLAG("dry_run", "1: changes and keeps nothing, and says what would come of each and who is "
			"at its ticket now; needs no key"),
	{0},
};
static const struct param change_params[] = {
	TEXT("after", "cursor: of /v1/snapshot, of a page before, or the id of an event"),
	NUMBER("limit", PAGE_MAX, "changes looked at for one page"),
	NUMBER("wait", 55, "seconds to wait for the first change"),
	{0},
};

/* clang-format off */
#define AGENT SCOPE_AGENT
#define GET(path, run, help, params, answer) \
	{"GET", path, AGENT, run, help, params, NULL, answer, 200, CONTENT_JSON}
/* clang-format on */

const struct route routes[] = {
	{"GET", "/v1/health", SCOPE_PUBLIC, route_health,
	 "Whether the service is well; 507 or 503 when it can be read but not written", NULL, NULL,
	 "Health", 200, CONTENT_JSON},
	{"GET", "/v1/openapi.json", SCOPE_PUBLIC, route_openapi, "This interface as OpenAPI 3.1",
	 NULL, NULL, "Document", 200, CONTENT_JSON},
	{"POST", "/v1/login", SCOPE_PUBLIC, route_login,
	 "Exchanges a name and password for a token", NULL, "Credentials", "Login", 200,
	 CONTENT_JSON},
	{"POST", "/v1/logout", AGENT, route_logout, "Ends this token", NULL, NULL, NULL, 204,
	 CONTENT_NONE},
	GET("/v1/me", route_me, "The agent whose token it is, and his team", NULL, "Me"),
	{"POST", "/v1/actions", AGENT, route_actions,
	 "Does one action, or a list of at most 100, each with its own result", action_params,
	 "Envelopes", "Results", 200, CONTENT_JSON},
	GET("/v1/changes", route_changes,
	    "What changed on the reader's desk since a cursor; as an event stream when asked for",
	    change_params, "Changes"),
	GET("/v1/snapshot", route_snapshot, "The cursor to start the feed at, before a first copy",
	    NULL, "Snapshot"),
	GET("/v1/tickets", route_tickets, "Tickets: by id, or a page of a queue", ticket_params,
	    "ticket[]"),
	GET("/v1/tickets/by-number/{number}", route_ticket_by_number,
	    "A ticket by its tracking number, in any way of writing", NULL, "ticket"),
	GET("/v1/tickets/{id}", route_ticket, "A ticket; its ETag is its version", NULL, "ticket"),
	GET("/v1/tickets/{id}/timeline", route_timeline,
	    "A ticket with its messages, notes and history", NULL, "Timeline"),
	GET("/v1/teams", route_teams, "Teams", page_params, "team[]"),
	GET("/v1/teams/{id}", route_team, "A team", NULL, "team"),
	GET("/v1/agents", route_agents, "Agents", page_params, "agent[]"),
	GET("/v1/agents/{id}", route_agent, "An agent", NULL, "agent"),
	{"PUT", "/v1/agents/{id}/password", AGENT, route_agent_password,
	 "Gives an agent another password and ends his logins (administrators)", NULL, "Password",
	 NULL, 204, CONTENT_NONE},
	GET("/v1/topics", route_topics, "Topics", page_params, "topic[]"),
	GET("/v1/topics/{id}", route_topic, "A topic", NULL, "topic"),
	GET("/v1/mailboxes", route_mailboxes, "Mailboxes that are read and sent from", page_params,
	    "mailbox[]"),
	GET("/v1/mailboxes/{id}", route_mailbox, "A mailbox that is read and sent from", NULL,
	    "mailbox"),
	GET("/v1/templates", route_templates, "Texts to begin an answer with", page_params,
	    "template[]"),
	GET("/v1/templates/{id}", route_template, "A text to begin an answer with", NULL,
	    "template"),
	GET("/v1/parties", route_parties, "Citizens, associations and enterprises", desk_params,
	    "party[]"),
	{"POST", "/v1/parties/search", AGENT, route_party_search,
	 "At most 50 citizens, associations and enterprises by all that is known: name, date of "
	 "birth, postcode and house number, phone, mail address, tracking number or number of a "
	 "register; more says whether there are others",
	 NULL, "Search", "Found", 200, CONTENT_JSON},
	GET("/v1/parties/{id}", route_party, "A citizen, association or enterprise", NULL, "party"),
	GET("/v1/parties/{id}/card", route_card,
	    "A citizen, association or enterprise with all it ever asked, newest first, and the "
	    "conversations; of one that was merged, those of the one that took over",
	    NULL, "Card"),
	GET("/v1/contacts", route_contacts, "Conversations", desk_params, "contact[]"),
	GET("/v1/contacts/{id}", route_contact, "A conversation", NULL, "contact"),
	{"GET", "/v1/messages/{id}/raw", AGENT, route_raw, "A message exactly as it came in", NULL,
	 NULL, "message/rfc822", 200, CONTENT_BYTES},
	{"GET", "/v1/attachments/{id}", AGENT, route_attachment, "A file that came with a message",
	 NULL, NULL, "application/octet-stream", 200, CONTENT_BYTES},
	{"PUT", "/v1/uploads/{sha256}", AGENT, route_upload,
	 "Sends a file, at most 25 MiB, that a mail will take along; kept for 30 days", NULL,
	 BODY_FILE, NULL, 204, CONTENT_NONE},
	{"PUT", "/v1/presence", AGENT, route_presence,
	 "Says which ticket the reader looks at; forgotten after 30 seconds", NULL, "Looking", NULL,
	 204, CONTENT_NONE},
};
const size_t route_count = sizeof(routes) / sizeof(routes[0]);

/* Both start behind the same slash. On a match args point into path and nothing is changed yet. */
static bool match(const char *pattern, const char *path, const char *ret_at[PATH_ARGS],
		  size_t ret_len[PATH_ARGS])
{
	int n = 0;
	size_t len;

	for (;;) {
		if (*pattern == '{') {
			len = strcspn(path, "/");
			if (len == 0 || n == PATH_ARGS)
				return false;
			ret_at[n] = path;
			ret_len[n++] = len;
			path += len;
			pattern = strchr(pattern, '}') + 1;
			continue;
		}
		if (*pattern != *path)
			return false;
		if (!*pattern)
			return true;
		pattern++;
		path++;
	}
}

static void add_allowed(char allow[64], const char *method)
{
	if (strstr(allow, method))
		return;
	if (allow[0])
		strncat(allow, ", ", 63 - strlen(allow));
	strncat(allow, method, 63 - strlen(allow));
	if (strcmp(method, "GET") == 0)
		add_allowed(allow, "HEAD");
}

const struct route *route_find(const char *method, char *path, const char *args[PATH_ARGS],
			       char allow[64])
{
	const char *at[PATH_ARGS] = {NULL};
	size_t len[PATH_ARGS] = {0};
	size_t i;
	int n;

	allow[0] = '\0';
	for (i = 0; i < route_count; i++) {
		if (!match(routes[i].path, path, at, len))
			continue;
		if (strcmp(routes[i].method, method) != 0) {
			add_allowed(allow, routes[i].method);
			continue;
		}
		for (n = 0; n < PATH_ARGS && at[n]; n++) {
			args[n] = at[n];
			path[(size_t)(at[n] - path) + len[n]] = '\0';
		}
		return &routes[i];
	}
	return NULL;
}
