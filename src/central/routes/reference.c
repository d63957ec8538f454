/* Teams, agents, topics, parties, contacts: pages by id, and one by id. */
#include "../lists.h"
#include "../routes.h"
#include <string.h>
#include "balie/clock.h"
#include "central_sql.h"

static void serve_list(struct request *rq, enum record_kind kind, unsigned statement, bool desk)
{
	struct worker *w = worker_get(rq);
	int64_t limit = 500;
	struct list_spec list = {
		.town = &w->town,
		.statement = statement,
		.kind = kind,
		.reader = rq->agent_id,
		.after = param_text(rq, "after"),
		.out = &w->out,
		.arena = &rq->arena,
	};

	if (!param_number(rq, "limit", 1, PAGE_MAX, &limit))
		return;
	list.limit = (size_t)limit;
	if (desk) {
		list.since = clock_now() - DESK_DAYS * CLOCK_DAY_MS;
		if (rq->viewer.team_kind != TEAM_INSIDE)
			list.extra5 = rq->team_id;
	}
	list_answer(rq, &list);
}

void route_teams(struct request *rq)
{
	serve_list(rq, RECORD_TEAM, CENTRAL_SQL_LIST_TEAM, false);
}

void route_agents(struct request *rq)
{
	serve_list(rq, RECORD_AGENT, CENTRAL_SQL_LIST_AGENT, false);
}

void route_topics(struct request *rq)
{
	serve_list(rq, RECORD_TOPIC, CENTRAL_SQL_LIST_TOPIC, false);
}

void route_templates(struct request *rq)
{
	serve_list(rq, RECORD_TEMPLATE, CENTRAL_SQL_LIST_TEMPLATE, false);
}

void route_mailboxes(struct request *rq)
{
	serve_list(rq, RECORD_MAILBOX, CENTRAL_SQL_LIST_MAILBOX, false);
}

void route_parties(struct request *rq)
{
	bool outside = rq->viewer.team_kind != TEAM_INSIDE;

	/* An outside organisation gets what belongs to its own desk. */
	if (!outside && !param_flag(rq, "desk"))
		serve_list(rq, RECORD_PARTY, CENTRAL_SQL_LIST_PARTY, false);
	else
		serve_list(rq, RECORD_PARTY,
			   outside ? CENTRAL_SQL_DESK_PARTY_OUTSIDE : CENTRAL_SQL_DESK_PARTY, true);
}

void route_contacts(struct request *rq)
{
	bool desk = param_flag(rq, "desk");

	if (!sees_contacts(&rq->viewer)) {
		struct worker *w = worker_get(rq);

		buf_reset(&w->out);
		buf_add_str(&w->out, "{\"items\":[],\"next\":null}");
		answer_json(rq, MHD_HTTP_OK, &w->out);
		return;
	}
	serve_list(rq, RECORD_CONTACT, desk ? CENTRAL_SQL_DESK_CONTACT : CENTRAL_SQL_LIST_CONTACT,
		   desk);
}

static void serve_one(struct request *rq, enum record_kind kind)
{
	struct worker *w = worker_get(rq);
	union {
		struct team team;
		struct agent agent;
		struct topic topic;
		struct template template;
		struct mailbox mailbox;
		struct party party;
		struct contact contact;
	} record;
	struct err err = {0};

	memset(&record, 0, sizeof(record));
	if (!town_read(&w->town, kind, rq->args[0], NULL, &record, &rq->arena, &err)) {
		answer_err(rq, &err);
		return;
	}
	buf_reset(&w->out);
	wire_put_record(&w->out, kind, &record);
	answer_json(rq, MHD_HTTP_OK, &w->out);
}

void route_team(struct request *rq)
{
	serve_one(rq, RECORD_TEAM);
}

void route_agent(struct request *rq)
{
	serve_one(rq, RECORD_AGENT);
}

void route_topic(struct request *rq)
{
	serve_one(rq, RECORD_TOPIC);
}

void route_template(struct request *rq)
{
	serve_one(rq, RECORD_TEMPLATE);
}

void route_mailbox(struct request *rq)
{
	serve_one(rq, RECORD_MAILBOX);
}

void route_party(struct request *rq)
{
	struct err err = {0};
	bool here = true;

	if (rq->viewer.team_kind != TEAM_INSIDE &&
	    !party_on_desk(&worker_get(rq)->town, &rq->viewer, rq->args[0], clock_now(), &here,
			   &err))
		answer_err(rq, &err);
	else if (!here)
		answer_problem(rq, PROBLEM_NOT_FOUND, NULL, NULL);
	else
		serve_one(rq, RECORD_PARTY);
}

void route_contact(struct request *rq)
{
	if (!sees_contacts(&rq->viewer))
		answer_problem(rq, PROBLEM_NOT_FOUND, NULL, NULL);
	else
		serve_one(rq, RECORD_CONTACT);
}
