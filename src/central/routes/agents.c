/* An administrator gives an agent another password. The journal says that it was done and never what it
 * is; the agent's logins end. */
#include "../routes.h"
#include <stddef.h>
#include <string.h>
#include "../tell.h"
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"

struct word {
	const char *password;
};
static const struct field word_fields[] = {
	{"password", FIELD_TEXT, offsetof(struct word, password), PASSWORD_MAX,
	 FIELD_REQUIRED | FIELD_SECRET, NULL, "password"},
};

struct password_job {
	struct job job;
	struct request *rq;
	const char *agent_id;
	char hash[PASSWORD_TEXT];
	enum problem problem;
};

static bool run_password(struct town *t, struct job *job)
{
	struct password_job *j = (struct password_job *)job;
	char operation[ID_TEXT];
	struct mark mark = {.operation = id_new(operation),
			    .action = "password",
			    .agent_id = j->rq->agent_id,
			    .at = clock_now()};

	if (agent_give_password(t, j->agent_id, j->hash, &mark, &j->rq->arena, &job->err))
		return true;
	if (job->err.kind == ERR_NOT_FOUND)
		j->problem = PROBLEM_NOT_FOUND;
	return false;
}

static void done_password(struct job *job, bool committed)
{
	struct password_job *j = (struct password_job *)job;
	struct request *rq = j->rq;

	explicit_bzero(j->hash, sizeof(j->hash));
	rq->status = committed ? MHD_HTTP_NO_CONTENT : 0;
	if (committed) {
		auth_forget_agent(rq->service->auth, j->agent_id);
		bell_recheck(rq->service->bell, NULL, j->agent_id);
	} else if (j->problem != PROBLEM_COUNT) {
		rq->status = problem_rows[j->problem].status;
		problem_put(rq, &rq->answer, j->problem, NULL, NULL, NULL, NULL);
		rq->done = true;
	}
	request_wake(rq);
}

/* False after an answer. */
static bool read_word(struct request *rq, char hash[PASSWORD_TEXT])
{
	struct cJSON *json = request_json(rq);
	const char *pointer = NULL;
	struct word w = {0};
	struct err err = {0};
	bool ok = false;

	if (!json)
		return false;
	if (!wire_get(json, word_fields, 1, true, &w, &rq->arena, &pointer, &err))
		answer_problem_more(rq, PROBLEM_BAD_FIELD, err.text, NULL, pointer, NULL);
	else if (!w.password || strlen(w.password) < PASSWORD_MIN)
		answer_problem_more(rq, PROBLEM_BAD_FIELD, "A password has at least 8 characters",
				    "Een wachtwoord heeft minstens 8 tekens", "/password", NULL);
	else if (!password_hash(w.password, hash, &err))
		answer_err(rq, &err);
	else
		ok = true;
	wire_free(json);
	explicit_bzero(rq->body.data, rq->body.len);
	return ok;
}

void route_agent_password(struct request *rq)
{
	struct password_job *j;

	if (answer_job(rq))
		return;
	if (!can(&rq->viewer, ACT_AGENT_CHANGE, NULL)) {
		answer_problem(rq, PROBLEM_DENIED, NULL, NULL);
		return;
	}
	j = arena_alloc(&rq->arena, sizeof(*j));
	j->problem = PROBLEM_COUNT;
	if (!read_word(rq, j->hash))
		return;
	j->job.run = run_password;
	j->job.done = done_password;
	j->rq = rq;
	j->agent_id = rq->args[0];
	request_suspend(rq);
	if (!writer_add(rq->service->writer, &j->job))
		request_wake(rq);
}
