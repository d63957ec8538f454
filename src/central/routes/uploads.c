/* Files that an agent sends before the mail that they go along with. By their hash: sent twice they are there
 * once, and an answer that was lost costs nothing. */
#include "../routes.h"
#include <string.h>
#include "../parts.h"
#include "balie/clock.h"
#include "central_sql.h"

#define DAY_BYTES (500 * 1024 * 1024) /* of one agent in a day */
#define KEEP_DAYS 30		      /* as long as an answer may wait in an outbox */

struct upload_job {
	struct job job;
	struct request *rq;
	bool full;
};

static bool check_room(struct town *t, struct upload_job *j, bool *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_UPLOAD_BYTES);
	enum store_step step;

	store_bind_text(q, 1, j->rq->agent_id);
	store_bind_int(q, 2, clock_now() - CLOCK_DAY_MS);
	step = store_step(q, err);
	*ret = step == STORE_ROW && store_column_int(q, 0) + (int64_t)j->rq->body.len <= DAY_BYTES;
	store_done(q);
	return step != STORE_FAILED;
}

static bool run_upload(struct town *t, struct job *job)
{
	struct upload_job *j = (struct upload_job *)job;
	struct store_query *q;
	bool room = false;

	if (!check_room(t, j, &room, &job->err))
		return false;
	if (!room) {
		j->full = true;
		return false;
	}
	q = store_query(t->store, CENTRAL_SQL_UPLOAD_PRUNE);
	store_bind_int(q, 1, clock_now() - KEEP_DAYS * CLOCK_DAY_MS);
	if (!store_run(q, &job->err))
		return false;
	q = store_query(t->store, CENTRAL_SQL_BLOB_ADD);
	store_bind_text(q, 1, j->rq->args[0]);
	store_bind_blob(q, 2, j->rq->body.len ? j->rq->body.data : "", j->rq->body.len);
	if (!store_run(q, &job->err))
		return false;
	q = store_query(t->store, CENTRAL_SQL_UPLOAD_ADD);
	store_bind_text(q, 1, j->rq->args[0]);
	store_bind_text(q, 2, j->rq->agent_id);
	store_bind_int(q, 3, (int64_t)j->rq->body.len);
	store_bind_int(q, 4, clock_now());
	return store_run(q, &job->err);
}

static void done_upload(struct job *job, bool committed)
{
	struct upload_job *j = (struct upload_job *)job;

	j->rq->status = committed ? MHD_HTTP_NO_CONTENT : j->full ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
	request_wake(j->rq);
}

void route_upload(struct request *rq)
{
	char hash[HASH_TEXT];
	struct upload_job *j;

	if (rq->turn > 0 && rq->status == MHD_HTTP_CONTENT_TOO_LARGE) {
		answer_problem(rq, PROBLEM_TOO_LARGE, "you sent very many files today",
			       "je hebt vandaag al heel veel bestanden gestuurd");
		return;
	}
	if (answer_job(rq))
		return;
	hash_hex(rq->body.len ? rq->body.data : "", rq->body.len, hash);
	if (strcmp(hash, rq->args[0]) != 0) {
		answer_problem(rq, PROBLEM_BAD_REQUEST, "the file and its sha256 differ",
			       "het bestand en zijn sha256 verschillen");
		return;
	}
	j = arena_alloc(&rq->arena, sizeof(*j));
	*j = (struct upload_job){.job = {.run = run_upload, .done = done_upload}, .rq = rq};
	request_suspend(rq);
	if (!writer_add(rq->service->writer, &j->job))
		request_wake(rq);
}
