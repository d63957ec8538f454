/* Parties by what a person types: names, or a phone number, mail address or number of a register. Asked
 * by POST, so that no name of a citizen stands in an address, which proxies write in their logs. */
#include "../lists.h"
#include "../routes.h"
#include <stddef.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/text.h"
#include "central_sql.h"

#define DESK_DAYS 30
#define ANSWER_MAX 50
#define WORDS_MAX 8
#define FIRST_WORD 2 /* parameter of the statement */

struct search {
	const char *q;
};
static const struct field search_fields[] = {
	{"q", FIELD_TEXT, offsetof(struct search, q), 200, FIELD_REQUIRED | FIELD_PERSONAL, NULL,
	 "beginnings of names, in any order; or a phone number, mail address, national or "
	 "enterprise number in any writing"},
};

/* Also for a statement of which these are no parameters: they have the numbers behind all others. */
static void bind_reader(struct store_query *q, const struct request *rq)
{
	store_bind_text(q, 1, rq->agent_id);
	store_bind_int(q, 10, ANSWER_MAX);
	if (rq->viewer.team_kind == TEAM_INSIDE)
		return;
	store_bind_int(q, 11, clock_now() - DESK_DAYS * CLOCK_DAY_MS);
	store_bind_text(q, 12, rq->team_id);
}

/* NULL when the text is none of these. */
static struct store_query *bind_keys(struct request *rq, const char *text)
{
	bool inside = rq->viewer.team_kind == TEAM_INSIDE, bis;
	char phone[17], email[255], number[12], birth[11];
	bool is_phone = phone_parse(text, phone) == CHECK_OK;
	bool is_email = email_parse(text, email) == CHECK_OK;
	bool is_number = rrn_parse(text, number, birth, &bis) == CHECK_OK ||
			 kbo_parse(text, number) == CHECK_OK;
	struct store_query *q;

	if (!is_phone && !is_email && !is_number)
		return NULL;
	q = store_query(worker_get(rq)->town.store,
			inside ? CENTRAL_SQL_SEARCH_KEYS_INSIDE : CENTRAL_SQL_SEARCH_KEYS_OUTSIDE);
	bind_reader(q, rq);
	/* Texts must live as long as the query. */
	store_bind_text(q, 2, is_phone ? arena_strdup(&rq->arena, phone) : NULL);
	store_bind_text(q, 3, is_email ? arena_strdup(&rq->arena, email) : NULL);
	store_bind_text(q, 4, is_number ? arena_strdup(&rq->arena, number) : NULL);
	return q;
}

static struct store_query *bind_words(struct request *rq, const char *text)
{
	bool inside = rq->viewer.team_kind == TEAM_INSIDE;
	char *folded = text_fold_dup(&rq->arena, text), *save = NULL, *word;
	const char *words[WORDS_MAX] = {NULL};
	struct store_query *q;
	int count = 0;

	for (word = strtok_r(folded, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (count == WORDS_MAX)
			return NULL;
		words[count++] = word;
	}
	if (count == 0)
		return NULL;
	q = store_query(worker_get(rq)->town.store, inside ? CENTRAL_SQL_SEARCH_WORDS_INSIDE
							   : CENTRAL_SQL_SEARCH_WORDS_OUTSIDE);
	bind_reader(q, rq);
	for (int i = 0; i < WORDS_MAX; i++)
		store_bind_text(q, FIRST_WORD + i, words[i]);
	return q;
}

static void answer_found(struct request *rq, struct store_query *q)
{
	const struct record_type *type = &record_types[RECORD_PARTY];
	struct buf *out = &worker_get(rq)->out;
	struct err err = {0};
	struct party party;
	enum store_step step;
	int64_t shown = 0, looked = 0;

	buf_reset(out);
	buf_add_str(out, "{\"items\":[");
	while ((step = store_step(q, &err)) == STORE_ROW) {
		memset(&party, 0, sizeof(party));
		store_column_fields(q, 0, type->fields, type->field_count, &party, &rq->arena);
		looked = store_column_int(q, (int)type->field_count);
		if (shown++ > 0)
			buf_add_char(out, ',');
		wire_put_record(out, RECORD_PARTY, &party);
	}
	store_done(q);
	/* As a list's page, which has no next one. */
	buf_printf(out, "],\"next\":null,\"more\":%s}", looked > shown ? "true" : "false");
	if (step == STORE_FAILED)
		answer_err(rq, &err);
	else
		answer_json(rq, MHD_HTTP_OK, out);
}

static void find_parties(struct request *rq, const char *text)
{
	struct store_query *q = bind_keys(rq, text);

	if (!q)
		q = bind_words(rq, text);
	if (q)
		answer_found(rq, q);
	else
		answer_problem_more(rq, PROBLEM_BAD_FIELD, "q has one to eight words",
				    "q heeft een tot acht woorden", "/q", NULL);
}

void route_party_search(struct request *rq)
{
	struct cJSON *json = request_json(rq);
	struct search search = {0};
	const char *pointer = NULL;
	struct err err = {0};

	if (!json)
		return;
	if (wire_get(json, search_fields, 1, true, &search, &rq->arena, &pointer, &err))
		find_parties(rq, search.q ? search.q : "");
	else
		answer_problem_more(rq, PROBLEM_BAD_FIELD, err.text, NULL, pointer, NULL);
	wire_free(json);
}
