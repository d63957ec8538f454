/* Answers: JSON, problem documents, nothing; and what a handler asks of its request. */
#include "parts.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "balie/i18n.h"
#include "balie/log.h"
#include "balie/text.h"

#define HAND_OVER 65536 /* larger ones are not copied */

void answer_response(struct request *rq, int status, struct MHD_Response *response)
{
	char retry[24];

	if (!response || rq->answered) {
		if (response)
			MHD_destroy_response(response);
		return;
	}
	MHD_add_response_header(response, "X-Request-Id", rq->id);
	if (rq->retry_after) {
		snprintf(retry, sizeof(retry), "%d", rq->retry_after);
		MHD_add_response_header(response, "Retry-After", retry);
	}
	if (rq->replayed)
		MHD_add_response_header(response, "Idempotent-Replayed", "true");
	if (atomic_load(&rq->service->stopping))
		MHD_add_response_header(response, "Connection", "close");
	MHD_queue_response(rq->connection, (unsigned)status, response);
	MHD_destroy_response(response);
	rq->answered = true;
}

static struct MHD_Response *response_of(struct buf *b)
{
	size_t len = b->len;

	if (len > HAND_OVER)
		return MHD_create_response_from_buffer(len, buf_take(b), MHD_RESPMEM_MUST_FREE);
	return MHD_create_response_from_buffer(len, b->data ? b->data : (char *)"",
					       MHD_RESPMEM_MUST_COPY);
}

void answer_json(struct request *rq, int status, struct buf *json)
{
	struct MHD_Response *response = response_of(json);

	if (response)
		MHD_add_response_header(response, "Content-Type",
					status >= 400 ? "application/problem+json"
						      : "application/json");
	answer_response(rq, status, response);
}

void answer_empty(struct request *rq, int status)
{
	answer_response(rq, status,
			MHD_create_response_from_buffer(0, (char *)"", MHD_RESPMEM_PERSISTENT));
}

bool answer_job(struct request *rq)
{
	if (rq->turn == 0)
		return false;
	if (rq->status)
		answer_empty(rq, rq->status);
	else
		answer_problem(rq, PROBLEM_BUSY, NULL, NULL);
	return true;
}

void problem_put(struct request *rq, struct buf *ret, enum problem p, const char *en,
		 const char *nl, const char *pointer, const char *extra)
{
	wire_put_problem(ret, p, en, nl, rq->dutch, pointer, rq->id, extra);
}

void answer_problem_more(struct request *rq, enum problem p, const char *en, const char *nl,
			 const char *pointer, const char *extra)
{
	struct buf b = {0};
	struct MHD_Response *response;

	problem_put(rq, &b, p, en, nl, pointer, extra);
	response = MHD_create_response_from_buffer(b.len, b.data, MHD_RESPMEM_MUST_COPY);
	buf_finish(&b);
	if (!response)
		return;
	MHD_add_response_header(response, "Content-Type", "application/problem+json");
	if (p == PROBLEM_LOGIN || p == PROBLEM_LOGIN_EXPIRED)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (p == PROBLEM_METHOD && rq->state)
		MHD_add_response_header(response, "Allow", rq->state);
	if (problem_rows[p].status == 503 && !rq->retry_after)
		rq->retry_after = 1;
	answer_response(rq, problem_rows[p].status, response);
}

void answer_problem(struct request *rq, enum problem p, const char *en, const char *nl)
{
	answer_problem_more(rq, p, en, nl, NULL, NULL);
}

void answer_err(struct request *rq, const struct err *err)
{
	enum problem p = problem_for(err);

	if (problem_rows[p].status >= 500)
		log_line(LOG_LEVEL_ERROR, "request %s: %s", rq->id, err->text);
	answer_problem(rq, p, problem_rows[p].status >= 500 ? NULL : err->text, NULL);
}

/* ---- what was asked ---- */

const char *param_text(struct request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->connection, MHD_GET_ARGUMENT_KIND, name);
}

bool param_flag(struct request *rq, const char *name)
{
	const char *text = param_text(rq, name);

	return text && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

bool param_number(struct request *rq, const char *name, int64_t min, int64_t max, int64_t *ret)
{
	const char *text = param_text(rq, name);
	char en[128], nl[128];

	if (!text)
		return true;
	if (text_to_int(text, min, max, ret))
		return true;
	snprintf(en, sizeof(en), "%s is a number from %lld to %lld", name, (long long)min,
		 (long long)max);
	snprintf(nl, sizeof(nl), "%s is een getal van %lld tot %lld", name, (long long)min,
		 (long long)max);
	answer_problem(rq, PROBLEM_BAD_REQUEST, en, nl);
	return false;
}

struct cJSON *request_json(struct request *rq)
{
	struct err err = {0};
	struct cJSON *json = NULL;

	if (rq->body.len > 0)
		json = wire_parse(rq->body.data, rq->body.len, &err);
	else
		err_set(&err, ERR_INPUT, "the content is empty");
	if (!json)
		answer_problem(rq, PROBLEM_BAD_JSON, err.text, NULL);
	return json;
}
