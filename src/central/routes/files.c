/* Files as they came in: raw messages and attachments. Always to be saved, never to be shown by a
 * browser as a page of ours. */
#include "../routes.h"
#include <stdio.h>
#include <string.h>
#include "central_sql.h"

/* False with ERR_NOT_FOUND when it is not for this reader. */
static bool may_see(struct request *rq, struct worker *w, const char *ticket_id, struct err *err)
{
	struct ticket t = {0};

	if (!town_read(&w->town, RECORD_TICKET, ticket_id, NULL, &t, &rq->arena, err))
		return false;
	if (sees(&rq->viewer, &t))
		return true;
	err->kind = ERR_NOT_FOUND;
	return false;
}

/* RFC 6266 and RFC 8187: the name in ASCII for the old, in UTF-8 for the others. */
static const char *disposition(struct request *rq, const char *name)
{
	static const char keep[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
	struct buf b = {0};
	const char *p, *text;

	buf_add_str(&b, "attachment; filename=\"");
	for (p = name; *p; p++)
		buf_add_char(&b, strchr(keep, *p) || *p == ' ' ? *p : '_');
	buf_add_str(&b, "\"; filename*=UTF-8''");
	for (p = name; *p; p++) {
		if (strchr(keep, *p))
			buf_add_char(&b, *p);
		else
			buf_printf(&b, "%%%02X", (unsigned char)*p);
	}
	text = arena_strdup(&rq->arena, b.data);
	buf_finish(&b);
	return text;
}

/* What a header can hold; anything else is just bytes. */
static const char *type_for_header(const char *type)
{
	const char *p;

	for (p = type; p && *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7E)
			return "application/octet-stream";
	return type && strchr(type, '/') ? type : "application/octet-stream";
}

static void answer_bytes(struct request *rq, const void *data, size_t len, const char *type,
			 const char *name)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		len, len ? (void *)(uintptr_t)data : (void *)(uintptr_t) "", MHD_RESPMEM_MUST_COPY);

	if (response) {
		MHD_add_response_header(response, "Content-Type", type);
		MHD_add_response_header(response, "Content-Disposition", disposition(rq, name));
		MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
		MHD_add_response_header(response, "Content-Security-Policy",
					"default-src 'none'; sandbox");
		MHD_add_response_header(response, "Cache-Control", "private");
	}
	answer_response(rq, MHD_HTTP_OK, response);
}

static void serve_file(struct request *rq, unsigned statement, int ticket_col, const char *type,
		       const char *name)
{
	struct worker *w = worker_get(rq);
	struct store_query *q = store_query(w->town.store, statement);
	enum store_step step;
	const void *data;
	size_t len = 0;
	struct err err = {0};

	store_bind_text(q, 1, rq->args[0]);
	step = store_step(q, &err);
	if (step == STORE_DONE) {
		answer_problem(rq, PROBLEM_NOT_FOUND, NULL, NULL);
	} else if (step == STORE_FAILED ||
		   !may_see(rq, w, store_column_text(q, ticket_col), &err)) {
		if (err.kind == ERR_NOT_FOUND)
			answer_problem(rq, PROBLEM_NOT_FOUND, NULL, NULL);
		else
			answer_err(rq, &err);
	} else {
		data = store_column_blob(q, 0, &len);
		answer_bytes(rq, data, len, type ? type : type_for_header(store_column_text(q, 2)),
			     name ? name : store_column_text(q, 1));
	}
	store_done(q);
}

void route_raw(struct request *rq)
{
	serve_file(rq, CENTRAL_SQL_RAW_GET, 1, "message/rfc822",
		   arena_printf(&rq->arena, "%s.eml", rq->args[0]));
}

void route_attachment(struct request *rq)
{
	serve_file(rq, CENTRAL_SQL_ATTACHMENT_GET, 3, NULL, NULL);
}
