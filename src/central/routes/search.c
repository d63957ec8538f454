/* Parties by what a person types: a line with all that is known of somebody (party_query_parse). Asked by
 * POST, so that no name of a citizen stands in an address, which proxies write in their logs. */
#include "../lists.h"
#include "../routes.h"
#include "../words.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/text.h"
#include "central_sql.h"

#define ANSWER_MAX 50
/* Parameters of the statements. */
#define FIRST_WORD 2
#define FIRST_JOINED 13
/* More are not to choose from: who types one more letter looks at others. Each costs a row. */
#define LOOK_MAX 250
#define AFTER_ALL "\xf4\x8f\xbf\xbf" /* sorts behind every text that goes on */

struct search {
	const char *q;
};
static const struct field search_fields[] = {
	{"q", FIELD_TEXT, offsetof(struct search, q), 400, FIELD_REQUIRED | FIELD_PERSONAL, NULL,
	 "all that is known, in any order and writing: beginnings of names, date of birth, "
	 "postcode "
	 "and house number, phone, mail address, tracking number, national, enterprise and "
	 "association number"},
};

/* Where one search stands: what was found by several ways, each party once. */
struct finding {
	struct request *rq;
	struct party_query query;
	struct buf *out;
	const char *ids[ANSWER_MAX];
	size_t count;
	bool more;
	const struct ticket *ticket; /* whose number was typed */
};

/* ---- parameters ---- */

static bool inside(const struct finding *f)
{
	return f->rq->viewer.team_kind == TEAM_INSIDE;
}

static struct store_query *begin(const struct finding *f, enum central_sql inside_one,
				 enum central_sql outside_one)
{
	struct request *rq = f->rq;
	struct store_query *q =
		store_query(worker_get(rq)->town.store, inside(f) ? inside_one : outside_one);

	store_bind_text(q, 1, rq->agent_id);
	/* One more than is shown, to know whether there are more. */
	store_bind_int(q, 10, ANSWER_MAX + 1);
	if (inside(f))
		return q;
	store_bind_int(q, 11, clock_now() - DESK_DAYS * CLOCK_DAY_MS);
	store_bind_text(q, 12, rq->team_id);
	return q;
}

static void bind_words(struct store_query *q, const struct party_query *p)
{
	size_t i;

	for (i = 0; i < p->word_count; i++)
		store_bind_text(q, FIRST_WORD + (int)i, p->words[i]);
	for (i = 0; i < p->joined_count; i++)
		store_bind_text(q, FIRST_JOINED + (int)i, p->joined[i]);
}

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static void bind_facts(struct store_query *q, struct finding *f)
{
	const struct party_query *p = &f->query;
	struct arena *a = &f->rq->arena;
	const char *facts[2] = {NULL, NULL};
	size_t count = 0;

	if (p->birth[0])
		facts[count++] = words_birth_fact(p->birth, a);
	if (p->postcode[0])
		facts[count] = words_home_fact(p->postcode, or_null(p->number), a);
	store_bind_text(q, 21, facts[0]);
	store_bind_text(q, 22, facts[1]);
}

/* ---- what comes out ---- */

static bool is_new(struct finding *f, const char *id)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (strcmp(f->ids[i], id) == 0)
			return false;
	return true;
}

/* counted: the last column says how many were looked at, maybe more than these. */
static bool take(struct finding *f, struct store_query *q, struct err *err)
{
	const struct record_type *type = &record_types[RECORD_PARTY];
	enum store_step step;
	int64_t looked = 0, rows = 0;

	while ((step = store_step(q, err)) == STORE_ROW) {
		struct party party = {0};

		rows++;
		looked = store_column_int(q, (int)type->field_count);
		if (!is_new(f, store_column_text(q, 0)))
			continue;
		if (f->count == ANSWER_MAX) {
			f->more = true;
			break;
		}
		store_column_fields(q, 0, type->fields, type->field_count, &party, &f->rq->arena);
		f->ids[f->count++] = party.id;
		if (f->count > 1)
			buf_add_char(f->out, ',');
		wire_put_record(f->out, RECORD_PARTY, &party);
	}
	store_done(q);
	f->more = f->more || (looked > rows && rows > ANSWER_MAX);
	return step != STORE_FAILED;
}

/* ---- ways of finding ---- */

/* The ticket that has the number, when it is for this reader. */
static bool find_ticket(struct finding *f, struct err *err)
{
	struct request *rq = f->rq;
	struct town *town = &worker_get(rq)->town;
	struct ticket *t = arena_alloc(&rq->arena, sizeof(*t));
	struct store_query *q;
	const char *id;

	if (!ticket_by_number(town, f->query.tracking, &id, &rq->arena, err) ||
	    !town_read(town, RECORD_TICKET, id, rq->agent_id, t, &rq->arena, err))
		return err->kind == ERR_NOT_FOUND;
	if (!sees(&rq->viewer, t))
		return true;
	f->ticket = t;
	if (!t->party_id)
		return true;
	q = begin(f, CENTRAL_SQL_SEARCH_PARTY_INSIDE, CENTRAL_SQL_SEARCH_PARTY_OUTSIDE);
	bind_words(q, &f->query);
	bind_facts(q, f);
	store_bind_text(q, 31, t->party_id);
	return take(f, q, err);
}

static bool find_keys(struct finding *f, struct err *err)
{
	const struct party_query *p = &f->query;
	struct store_query *q =
		begin(f, CENTRAL_SQL_SEARCH_KEYS_INSIDE, CENTRAL_SQL_SEARCH_KEYS_OUTSIDE);

	bind_words(q, p);
	bind_facts(q, f);
	store_bind_text(q, 26, or_null(p->phone));
	store_bind_text(q, 27, or_null(p->email));
	store_bind_text(q, 28, or_null(p->rrn));
	store_bind_text(q, 29, or_null(p->kbo));
	store_bind_text(q, 30, or_null(p->vcode));
	return take(f, q, err);
}

/* Those whose shown name begins so stand first. */
static bool find_starts(struct finding *f, struct err *err)
{
	struct arena *a = &f->rq->arena;
	struct buf b = {0};
	struct store_query *q;
	const char *from;
	size_t i;

	for (i = 0; i < f->query.word_count; i++)
		buf_printf(&b, " %s", f->query.words[i]);
	from = arena_strndup(a, b.data, b.len);
	buf_finish(&b);
	q = begin(f, CENTRAL_SQL_SEARCH_STARTS_INSIDE, CENTRAL_SQL_SEARCH_STARTS_OUTSIDE);
	store_bind_text(q, 2, from);
	store_bind_text(q, 3, arena_printf(a, "%s" AFTER_ALL, from));
	return take(f, q, err);
}

static bool find_names(struct finding *f, struct err *err)
{
	struct store_query *q;

	if (!find_starts(f, err))
		return false;
	if (f->more)
		return true;
	q = begin(f, CENTRAL_SQL_SEARCH_WORDS_INSIDE, CENTRAL_SQL_SEARCH_WORDS_OUTSIDE);
	bind_words(q, &f->query);
	store_bind_int(q, 32, LOOK_MAX);
	return take(f, q, err);
}

/* By a day of birth or an address, and maybe a name. */
static bool find_known(struct finding *f, struct err *err)
{
	struct store_query *q;

	if (f->query.word_count)
		q = begin(f, CENTRAL_SQL_SEARCH_KNOWN_INSIDE, CENTRAL_SQL_SEARCH_KNOWN_OUTSIDE);
	else
		q = begin(f, CENTRAL_SQL_SEARCH_FACTS_INSIDE, CENTRAL_SQL_SEARCH_FACTS_OUTSIDE);
	bind_words(q, &f->query);
	bind_facts(q, f);
	store_bind_int(q, 32, LOOK_MAX);
	return take(f, q, err);
}

static bool find(struct finding *f, struct err *err)
{
	const struct party_query *p = &f->query;

	if (p->keys)
		return (!p->tracking[0] || find_ticket(f, err)) && find_keys(f, err);
	return p->birth[0] || p->postcode[0] ? find_known(f, err) : find_names(f, err);
}

static void answer_found(struct finding *f)
{
	struct request *rq = f->rq;
	struct err err = {0};

	f->out = &worker_get(rq)->out;
	buf_reset(f->out);
	buf_add_str(f->out, "{\"items\":[");
	if (!find(f, &err)) {
		answer_err(rq, &err);
		return;
	}
	/* As a list's page, which has no next one. */
	buf_printf(f->out, "],\"next\":null,\"more\":%s", f->more ? "true" : "false");
	if (f->ticket) {
		buf_add_str(f->out, ",\"ticket\":");
		wire_put_record(f->out, RECORD_TICKET, f->ticket);
	}
	buf_add_char(f->out, '}');
	answer_json(rq, MHD_HTTP_OK, f->out);
}

void route_party_search(struct request *rq)
{
	struct cJSON *json = request_json(rq);
	struct search search = {0};
	struct finding f = {.rq = rq};
	const char *pointer = NULL;
	struct err err = {0};

	if (!json)
		return;
	if (!wire_get(json, search_fields, 1, true, &search, &rq->arena, &pointer, &err))
		answer_problem_more(rq, PROBLEM_BAD_FIELD, err.text, NULL, pointer, NULL);
	else if (!party_query_parse(search.q ? search.q : "", clock_now(), &f.query, &rq->arena,
				    &err))
		answer_problem_more(rq, PROBLEM_BAD_FIELD, err.text, NULL, "/q", NULL);
	else if (party_query_empty(&f.query))
		answer_problem_more(rq, PROBLEM_BAD_FIELD, "q has nothing to look for",
				    "q bevat niets om op te zoeken", "/q", NULL);
	else
		answer_found(&f);
	wire_free(json);
}
