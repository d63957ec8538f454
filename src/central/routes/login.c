/* Logging in and out. */
#include "../routes.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../tell.h"
#include "central_sql.h"

struct credentials {
	const char *name, *password;
};
static const struct field credential_fields[] = {
	{"name", FIELD_TEXT, offsetof(struct credentials, name), 64, FIELD_REQUIRED, NULL,
	 "login name"},
	{"password", FIELD_TEXT, offsetof(struct credentials, password), 1000,
	 FIELD_REQUIRED | FIELD_SECRET, NULL, "password"},
};

/* Is this address one of the settings' proxies, or a local socket one of them? */
static bool is_proxy(const char *proxies, const char *address)
{
	size_t n = strlen(address);

	while (proxies && *proxies) {
		proxies += strspn(proxies, ", ");
		if (strncmp(proxies, address, n) == 0 && strchr(", ", proxies[n]))
			return true;
		proxies += strcspn(proxies, ", ");
	}
	return false;
}

static enum MHD_Result keep_forwarded(void *user, enum MHD_ValueKind kind, const char *name,
				      const char *value)
{
	const char **last = user;

	(void)kind;
	if (strcasecmp(name, "X-Forwarded-For") == 0)
		*last = value ? value : "";
	return MHD_YES;
}

/* The last address that is named, in the last of the headers, since some proxies add one of their own:
 * the one that the proxy itself saw. What stands before it is what the client says. */
static const char *forwarded(struct request *rq, char ret[INET6_ADDRSTRLEN])
{
	const char *list = NULL, *comma;
	struct in6_addr at;

	MHD_get_connection_values(rq->connection, MHD_HEADER_KIND, keep_forwarded, &list);
	if (!list)
		return NULL;
	comma = strrchr(list, ',');
	list = comma ? comma + 1 : list;
	list += strspn(list, " ");
	if (strlen(list) >= INET6_ADDRSTRLEN ||
	    (inet_pton(AF_INET, list, &at) != 1 && inet_pton(AF_INET6, list, &at) != 1))
		return NULL;
	return strcpy(ret, list);
}

/* NULL for a local socket: all who come through it look the same, so it has no limit of its own. */
static const char *address_of(struct request *rq, char ret[INET6_ADDRSTRLEN])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(rq->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *at = info ? info->client_addr : NULL;
	const char *address = NULL;
	char from[INET6_ADDRSTRLEN];

	if (at && at->sa_family == AF_INET)
		address = inet_ntop(AF_INET,
				    &((const struct sockaddr_in *)(const void *)at)->sin_addr, ret,
				    INET6_ADDRSTRLEN);
	else if (at && at->sa_family == AF_INET6)
		address = inet_ntop(AF_INET6,
				    &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr,
				    ret, INET6_ADDRSTRLEN);
	if (is_proxy(rq->service->settings->proxy, address ? address : "unix") &&
	    forwarded(rq, from))
		address = strcpy(ret, from);
	return address;
}

void route_login(struct request *rq)
{
	struct cJSON *json = request_json(rq);
	struct credentials c = {0};
	const char *pointer = NULL;
	char address[INET6_ADDRSTRLEN];
	char *name, *p;
	struct err err = {0};

	if (!json)
		return;
	if (!wire_get(json, credential_fields, 2, true, &c, &rq->arena, &pointer, &err)) {
		answer_problem_more(rq, PROBLEM_BAD_FIELD, err.text, NULL, pointer, NULL);
	} else if (!c.name || !c.password) {
		answer_problem_more(rq, PROBLEM_BAD_FIELD, "name and password are both needed",
				    "naam en wachtwoord zijn beide nodig",
				    c.name ? "/password" : "/name", NULL);
	} else {
		name = arena_strdup(&rq->arena, c.name);
		for (p = name; *p; p++)
			*p = (char)tolower((unsigned char)*p);
		if (!doorman_ask(rq->service->doorman, rq, name, c.password,
				 address_of(rq, address)))
			answer_problem(rq, PROBLEM_BUSY, NULL, NULL);
	}
	wire_free(json);
	explicit_bzero(rq->body.data, rq->body.len);
}

/* ---- logging out ---- */

struct logout_job {
	struct job job;
	struct request *rq;
};

static bool run_logout(struct town *t, struct job *job)
{
	struct logout_job *j = (struct logout_job *)job;
	struct store_query *q = store_query(t->store, CENTRAL_SQL_SESSION_REMOVE);

	store_bind_blob(q, 1, j->rq->token_hash, sizeof(j->rq->token_hash));
	return store_run(q, &job->err) && tell_token(t, j->rq->token_hash, &job->err);
}

static void done_logout(struct job *job, bool committed)
{
	struct request *rq = ((struct logout_job *)job)->rq;

	auth_forget(rq->service->auth, rq->token_hash);
	bell_recheck(rq->service->bell, rq->token_hash, NULL);
	rq->status = committed ? MHD_HTTP_NO_CONTENT : 0;
	request_wake(rq);
}

void route_logout(struct request *rq)
{
	struct logout_job *j;

	if (answer_job(rq))
		return;
	j = arena_alloc(&rq->arena, sizeof(*j));
	j->job.run = run_logout;
	j->job.done = done_logout;
	j->rq = rq;
	request_suspend(rq);
	if (!writer_add(rq->service->writer, &j->job))
		request_wake(rq);
}

void route_me(struct request *rq)
{
	struct worker *w = worker_get(rq);
	struct agent agent = {0};
	struct team team = {0};
	struct err err = {0};

	if (!town_read(&w->town, RECORD_AGENT, rq->agent_id, NULL, &agent, &rq->arena, &err) ||
	    !town_read(&w->town, RECORD_TEAM, agent.team_id, NULL, &team, &rq->arena, &err)) {
		answer_err(rq, &err);
		return;
	}
	buf_reset(&w->out);
	buf_add_str(&w->out, "{\"agent\":");
	wire_put_record(&w->out, RECORD_AGENT, &agent);
	buf_add_str(&w->out, ",\"team\":");
	wire_put_record(&w->out, RECORD_TEAM, &team);
	buf_add_char(&w->out, '}');
	answer_json(rq, MHD_HTTP_OK, &w->out);
}
