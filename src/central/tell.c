#include "tell.h"
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "balie/log.h"
#include "parts.h"

#define LINE_MAX_BYTES 400
#define HEX 65

bool tell_token(struct town *t, const unsigned char hash[32], struct err *err)
{
	char hex[HEX], line[LINE_MAX_BYTES];

	snprintf(line, sizeof(line), "token %s", sodium_bin2hex(hex, sizeof(hex), hash, 32));
	return store_tell(t->store, line, err);
}

bool tell_agent(struct town *t, const char *agent_id, struct err *err)
{
	char line[LINE_MAX_BYTES];

	snprintf(line, sizeof(line), "agent %s", agent_id);
	return store_tell(t->store, line, err);
}

struct tell_job {
	struct job job;
	struct request *rq;
	char line[LINE_MAX_BYTES];
};

static bool run_tell(struct town *t, struct job *job)
{
	return store_tell(t->store, ((struct tell_job *)job)->line, &job->err);
}

static void done_tell(struct job *job, bool committed)
{
	struct request *rq = ((struct tell_job *)job)->rq;

	rq->status = committed ? MHD_HTTP_NO_CONTENT : 0;
	request_wake(rq);
}

bool tell_look(struct request *rq, const char *name, const char *ticket_id, const char *team_id,
	       bool typing)
{
	/* The same text twice in one transaction is heard once, and the last word would be lost. */
	static _Atomic unsigned number;
	struct tell_job *j = arena_alloc(&rq->arena, sizeof(*j));

	j->job.run = run_tell;
	j->job.done = done_tell;
	j->rq = rq;
	snprintf(j->line, sizeof(j->line), "look %s %s %s %d %u %s", rq->agent_id,
		 ticket_id ? ticket_id : "-", team_id && *team_id ? team_id : "-", typing,
		 atomic_fetch_add(&number, 1) + 1, name);
	return writer_add(rq->service->writer, &j->job);
}

/* ---- hearing ---- */

static void hear_token(struct service *s, const char *rest)
{
	unsigned char hash[32];
	size_t len = 0;

	if (sodium_hex2bin(hash, sizeof(hash), rest, strlen(rest), NULL, &len, NULL) == 0 &&
	    len == sizeof(hash)) {
		auth_forget(s->auth, hash);
		bell_recheck(s->bell, hash, NULL);
	}
}

static void hear_agent(struct service *s, const char *rest)
{
	auth_forget_agent(s->auth, rest);
	bell_recheck(s->bell, NULL, rest);
}

static void hear_look(struct service *s, const char *rest)
{
	char agent[ID_TEXT], ticket[ID_TEXT], team[ID_TEXT];
	int typing = 0;
	int at = 0;

	if (sscanf(rest, "%36s %36s %36s %1d %*u %n", agent, ticket, team, &typing, &at) == 4 && at)
		presence_put(s->presence, s, agent, rest + at, ticket[0] == '-' ? NULL : ticket,
			     team[0] == '-' ? NULL : team, typing != 0);
}

void tell_hear(struct service *s, const char *line)
{
	static const struct {
		const char *word;
		void (*hear)(struct service *s, const char *rest);
	} rows[] = {{"agent ", hear_agent}, {"look ", hear_look}, {"token ", hear_token}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = strlen(rows[i].word);

		if (strncmp(line, rows[i].word, n) == 0) {
			rows[i].hear(s, line + n);
			return;
		}
	}
	log_line(LOG_LEVEL_DEBUG, "another service says something unknown");
}
