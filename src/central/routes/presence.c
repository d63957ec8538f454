/* Who looks at which ticket. */
#include "../routes.h"
#include <stddef.h>
#include <string.h>
#include "../tell.h"

struct looking {
	const char *ticket_id;
	bool typing;
};
static const struct field looking_fields[] = {
	{"ticket_id", FIELD_ID, offsetof(struct looking, ticket_id), 0, 0, NULL,
	 "ticket that the reader looks at; null: none"},
	{"typing", FIELD_BOOL, offsetof(struct looking, typing), 0, 0, NULL,
	 "whether he is typing an answer or note"},
};

static void set_presence(struct request *rq, const struct looking *look)
{
	struct worker *w = worker_get(rq);
	struct ticket t = {0};
	struct agent me = {0};
	struct err err = {0};

	if (look->ticket_id) {
		bool there = town_read(&w->town, RECORD_TICKET, look->ticket_id, NULL, &t,
				       &rq->arena, &err);

		if (there ? !sees(&rq->viewer, &t) : err.kind == ERR_NOT_FOUND) {
			answer_problem(rq, PROBLEM_NOT_FOUND, NULL, NULL);
			return;
		}
	}
	if (err.kind != ERR_NONE ||
	    !town_read(&w->town, RECORD_AGENT, rq->agent_id, NULL, &me, &rq->arena, &err)) {
		answer_err(rq, &err);
		return;
	}
	if (store_engine_of(rq->service->settings->db) == STORE_SQLITE) {
		presence_put(rq->service->presence, rq->service, rq->agent_id, me.display,
			     look->ticket_id, t.team_id, look->typing);
		answer_empty(rq, MHD_HTTP_NO_CONTENT);
		return;
	}
	request_suspend(rq);
	if (!tell_look(rq, me.display, look->ticket_id, t.team_id, look->typing))
		request_wake(rq);
}

void route_presence(struct request *rq)
{
	struct cJSON *json;
	struct looking look = {0};
	const char *pointer = NULL;
	struct err err = {0};

	if (answer_job(rq))
		return;
	json = request_json(rq);
	if (!json)
		return;
	if (wire_get(json, looking_fields, 2, true, &look, &rq->arena, &pointer, &err))
		set_presence(rq, &look);
	else
		answer_problem_more(rq, PROBLEM_BAD_FIELD, err.text, NULL, pointer, NULL);
	wire_free(json);
}
