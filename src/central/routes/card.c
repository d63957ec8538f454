/* The card of a party: who it is and everything it ever asked, over all channels. */
#include "../routes.h"
#include <string.h>
#include "balie/clock.h"
#include "central_sql.h"

#define TICKETS_MAX 200
#define CONTACTS_MAX 50
#define MERGED_MAX 20

/* "name":[…],"more_name":bool. Outside organisations see no contacts, and of tickets their own. */
static bool put_list(struct request *rq, enum central_sql statement, enum record_kind kind,
		     const char *name, const char *id, int64_t max, struct err *err)
{
	const struct record_type *type = &record_types[kind];
	struct worker *w = worker_get(rq);
	bool outside = rq->viewer.team_kind != TEAM_INSIDE;
	struct store_query *q = store_query(w->town.store, statement);
	union {
		struct ticket ticket;
		struct contact contact;
		struct party party;
	} record;
	struct arena a = {0};
	enum store_step step;
	int64_t count = 0;

	if (kind == RECORD_TICKET) {
		store_bind_text(q, 1, rq->agent_id);
		store_bind_text(q, 5, outside ? rq->team_id : NULL);
	}
	store_bind_text(q, 2, id);
	store_bind_int(q, 3, max + 1);
	buf_printf(&w->out, ",\"%s\":[", name);
	while ((step = store_step(q, err)) == STORE_ROW && count < max) {
		memset(&record, 0, sizeof(record));
		store_column_fields(q, 0, type->fields, type->field_count, &record, &a);
		if (kind == RECORD_TICKET && !sees(&rq->viewer, &record.ticket))
			continue;
		if (count++ > 0)
			buf_add_char(&w->out, ',');
		wire_put_record(&w->out, kind, &record);
		arena_reset(&a);
	}
	store_done(q);
	arena_finish(&a);
	buf_printf(&w->out, "],\"more_%s\":%s", name, step == STORE_ROW ? "true" : "false");
	return step != STORE_FAILED;
}

static bool put_card(struct request *rq, bool *ret_here, struct err *err)
{
	struct worker *w = worker_get(rq);
	bool outside = rq->viewer.team_kind != TEAM_INSIDE;
	struct party p = {0};

	/* The one that took over, in the end. */
	if (!town_read(&w->town, RECORD_PARTY, rq->args[0], NULL, &p, &rq->arena, err) ||
	    !party_survivor(&w->town, &p, &rq->arena, err))
		return false;
	*ret_here = !outside;
	if (outside && !party_on_desk(&w->town, &rq->viewer, p.id, clock_now(), ret_here, err))
		return false;
	if (!*ret_here)
		return true;
	buf_add_str(&w->out, "{\"party\":");
	wire_put_record(&w->out, RECORD_PARTY, &p);
	if (!put_list(rq, CENTRAL_SQL_CARD_TICKET, RECORD_TICKET, "tickets", p.id, TICKETS_MAX,
		      err))
		return false;
	if (outside) {
		buf_add_str(&w->out, ",\"contacts\":[],\"more_contacts\":false,\"merged\":[],"
				     "\"more_merged\":false}");
		return true;
	}
	if (!put_list(rq, CENTRAL_SQL_CARD_CONTACT, RECORD_CONTACT, "contacts", p.id, CONTACTS_MAX,
		      err) ||
	    !put_list(rq, CENTRAL_SQL_CARD_MERGED, RECORD_PARTY, "merged", p.id, MERGED_MAX, err))
		return false;
	buf_add_char(&w->out, '}');
	return true;
}

void route_card(struct request *rq)
{
	struct worker *w = worker_get(rq);
	struct err err = {0};
	bool here = false, ok;

	buf_reset(&w->out);
	if (!store_begin_read(w->town.store, &err)) {
		answer_err(rq, &err);
		return;
	}
	ok = put_card(rq, &here, &err) && store_commit(w->town.store, &err);
	store_rollback(w->town.store);
	if (!ok)
		answer_err(rq, &err);
	else if (!here)
		answer_problem(rq, PROBLEM_NOT_FOUND, NULL, NULL);
	else
		answer_json(rq, MHD_HTTP_OK, &w->out);
}
