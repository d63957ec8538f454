/* Is the service well, and what can it do. */
#include "../routes.h"
#include <string.h>
#include "balie/clock.h"

/* The work that this service does for all that serve the town. */
static void put_leases(const struct leases *l, struct buf *ret)
{
	const char *name;
	bool any = false;
	size_t i;

	buf_add_str(ret, ",\"leases\":[");
	for (i = 0; (name = lease_name(i)) != NULL; i++) {
		if (!lease_held(l, name))
			continue;
		if (any)
			buf_add_char(ret, ',');
		wire_put_text(ret, name);
		any = true;
	}
	buf_add_str(ret, "]}");
}

void route_health(struct request *rq)
{
	struct worker *w = worker_get(rq);
	char now[CLOCK_TEXT];
	size_t streams, waiting;
	int64_t seq;
	struct err err = {0};
	int trouble;

	if (!w || !town_last_seq(&w->town, &seq, &err)) {
		answer_problem(rq, PROBLEM_BUSY, NULL, NULL);
		return;
	}
	trouble = atomic_load(&rq->service->trouble);
	if (trouble != ERR_NONE) {
		answer_problem(rq, trouble == ERR_FULL ? PROBLEM_FULL : PROBLEM_BUSY,
			       "reading goes on, but changes cannot be kept",
			       "lezen gaat door, maar wijzigingen kunnen niet bewaard worden");
		return;
	}
	bell_count(rq->service->bell, &streams, &waiting);
	buf_reset(&w->out);
	buf_printf(&w->out,
		   "{\"status\":\"ok\",\"version\":\"" BALIE_VERSION
		   "\",\"epoch\":\"%s\",\"seq\":\"%lld\",\"time\":\"%s\",\"streams\":%zu,"
		   "\"waiting\":%zu",
		   rq->service->epoch, (long long)seq, clock_to_rfc3339(clock_now(), now), streams,
		   waiting);
	put_leases(rq->service->leases, &w->out);
	answer_json(rq, MHD_HTTP_OK, &w->out);
}

void route_openapi(struct request *rq)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(rq->service->openapi), (char *)rq->service->openapi, MHD_RESPMEM_PERSISTENT);

	if (response)
		MHD_add_response_header(response, "Content-Type", "application/json");
	answer_response(rq, MHD_HTTP_OK, response);
}
