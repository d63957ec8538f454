/* Writing: one envelope or a list of them. Read and checked here in the thread of the request, done
 * in the writer's, each with its own savepoint. A long list lets others write in between: what it did
 * until then is committed, and since each envelope has its own key, a list that is broken off there
 * can be sent again. A dry run takes each back and says what it would have come to. */
#include "../routes.h"
#include <cjson/cJSON.h>
#include <sodium.h>
#include <string.h>
#include "../rule.h"
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/log.h"
#include "central_sql.h"

#define LIST_MAX 100
#define TURN_MS 12 /* that a list may keep others from writing */

struct item {
	struct envelope envelope;
	unsigned char hash[32]; /* of the envelope in its normal form */
	bool bad;		/* could not even be read: problem holds why */
	bool replayed;
	enum problem problem; /* PROBLEM_COUNT: it went well */
	const char *detail_en, *detail_nl, *pointer, *extra;
	const char *answer; /* JSON, of success */
};
struct actions_job {
	struct job job;
	struct request *rq;
	bool list, dry_run, begun; /* begun: a turn of it was kept */
	size_t count, at;	   /* at: those before it are done */
	struct item *items;
};

/* ---- reading ---- */

static void hash_envelope(struct item *item)
{
	struct buf b = {0};

	wire_put_envelope(&b, &item->envelope);
	crypto_hash_sha256(item->hash, (const unsigned char *)b.data, b.len);
	buf_finish(&b);
}

static void read_item(struct request *rq, const struct cJSON *json, struct item *item)
{
	struct err err = {0};
	const cJSON *id;

	item->problem = PROBLEM_COUNT;
	if (wire_get_envelope(json, &item->envelope, &rq->arena, &item->pointer, &err)) {
		hash_envelope(item);
		return;
	}
	id = cJSON_GetObjectItemCaseSensitive(json, "id");
	item->envelope.id = cJSON_IsString(id) && id_valid(id->valuestring)
				    ? arena_strdup(&rq->arena, id->valuestring)
				    : NULL;
	item->bad = true;
	item->problem = err.kind == ERR_NOT_FOUND ? PROBLEM_UNKNOWN_ACTION : PROBLEM_BAD_FIELD;
	item->detail_en = arena_strdup(&rq->arena, err.text);
}

/* ---- doing, in the writer's thread ---- */

static void *fail(struct item *item, enum problem p)
{
	item->problem = p;
	return NULL;
}

/* *ret_known: this id was used before, and the item is settled. */
static bool find_key(struct town *t, struct actions_job *j, struct item *item, bool *ret_known,
		     struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_IDEMPOTENCY_GET);
	enum store_step step;
	size_t len = 0;
	const void *hash;

	store_bind_text(q, 1, item->envelope.id);
	step = store_step(q, err);
	*ret_known = step == STORE_ROW;
	if (step == STORE_ROW) {
		hash = store_column_blob(q, 1, &len);
		if (strcmp(store_column_text(q, 0), j->rq->agent_id) == 0 && hash && len == 32 &&
		    memcmp(hash, item->hash, 32) == 0) {
			item->answer = arena_strdup(&j->rq->arena, store_column_text(q, 2));
			item->replayed = true;
		} else {
			fail(item, PROBLEM_KEY_REUSED);
		}
	}
	store_done(q);
	return step != STORE_FAILED;
}

/* Who would be disturbed: only before it is done. */
static void put_others(const struct actions_job *j, const struct item *item, struct buf *b)
{
	if (!j->dry_run)
		return;
	buf_add_str(b, ",\"others\":");
	presence_others(j->rq->service->presence, item->envelope.record, j->rq->agent_id, b);
}

static bool make_answer(struct town *t, struct actions_job *j, struct item *item,
			struct outcome *out, struct err *err)
{
	struct buf b = {0};
	int64_t seq = t->seq;

	/* An action that changed nothing (following twice) appended no row. */
	if (!t->chain_known && !j->dry_run && !town_last_seq(t, &seq, err))
		return false;
	/* It would get another one by the time that it is done. */
	if (j->dry_run && item->envelope.action->id == ACT_CREATE)
		out->record.ticket.number = NULL;
	buf_printf(&b, "{\"id\":\"%s\",\"status\":200,\"type\":\"%s\",\"version\":%lld,",
		   item->envelope.id, record_types[out->type].name,
		   (long long)out->record.head.version);
	if (!j->dry_run)
		buf_printf(&b, "\"seq\":\"%lld\",", (long long)seq);
	buf_add_str(&b, "\"record\":");
	wire_put_record(&b, out->type, &out->record);
	put_others(j, item, &b);
	buf_add_char(&b, '}');
	item->answer = arena_strndup(&j->rq->arena, b.data, b.len);
	buf_finish(&b);
	return true;
}

static bool keep_answer(struct town *t, struct actions_job *j, struct item *item, int64_t now,
			struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_IDEMPOTENCY_ADD);

	store_bind_text(q, 1, item->envelope.id);
	store_bind_text(q, 2, j->rq->agent_id);
	store_bind_blob(q, 3, item->hash, sizeof(item->hash));
	store_bind_text(q, 4, item->answer);
	store_bind_int(q, 5, now);
	return store_run(q, err);
}

static bool do_item(struct town *t, struct actions_job *j, struct item *item, struct err *err)
{
	struct outcome out = {.arena = &j->rq->arena, .now = clock_now()};
	bool known;

	if (!find_key(t, j, item, &known, err) || known)
		return err->kind == ERR_NONE;
	if (!rule_run(t, &item->envelope, &j->rq->viewer, &out)) {
		item->problem = out.problem;
		item->detail_en = out.detail_en;
		item->detail_nl = out.detail_nl;
		item->pointer = out.pointer;
		item->extra = out.extra;
		if (problem_rows[out.problem].status >= 500) {
			log_line(LOG_LEVEL_ERROR, "request %s: %s", j->rq->id, out.fatal.text);
			*err = out.fatal;
		}
		return false;
	}
	return make_answer(t, j, item, &out, err) &&
	       (j->dry_run || keep_answer(t, j, item, out.now, err));
}

/* False: with this one all before it in the transaction is gone. */
static bool do_in_list(struct town *t, struct actions_job *j, struct item *item, struct err *err)
{
	bool ok;

	if (item->bad)
		return true;
	if (!town_savepoint(t, err))
		return false;
	ok = do_item(t, j, item, err);
	if (ok && !j->dry_run)
		return town_release(t, err);
	if (!store_in_transaction(t->store) || err->kind == ERR_NET)
		return false;
	town_rollback_to(t);
	if (ok)
		return true;
	item->answer = NULL;
	if (item->problem == PROBLEM_COUNT)
		item->problem = problem_for(err);
	err->kind = ERR_NONE;
	return true;
}

/* A list goes on behind an item that fails. One alone shares the savepoint that the writer made. */
static bool run_actions(struct town *t, struct job *job)
{
	struct actions_job *j = (struct actions_job *)job;
	int64_t until = clock_mono() + TURN_MS;

	j->begun = j->at > 0;
	if (!j->list && !j->dry_run)
		return do_item(t, j, &j->items[0], &job->err);
	while (j->at < j->count) {
		if (!do_in_list(t, j, &j->items[j->at], &job->err))
			return false;
		j->at++;
		if (j->at < j->count && clock_mono() >= until) {
			job->again = true;
			return true;
		}
	}
	return true;
}

/* ---- answering ---- */

static void put_list(struct actions_job *j, struct buf *b)
{
	struct request *rq = j->rq;
	size_t i;

	buf_add_str(b, "{\"results\":[");
	for (i = 0; i < j->count; i++) {
		const struct item *item = &j->items[i];

		if (i)
			buf_add_char(b, ',');
		if (item->problem == PROBLEM_COUNT) {
			buf_add_str(b, item->answer);
			continue;
		}
		buf_add_str(b, "{\"id\":");
		wire_put_text(b, item->envelope.id);
		buf_printf(b, ",\"status\":%d,\"problem\":", problem_rows[item->problem].status);
		problem_put(rq, b, item->problem, item->detail_en, item->detail_nl, item->pointer,
			    item->extra);
		if (item->problem == PROBLEM_STALE) /* so the reader sees the ticket */
			put_others(j, item, b);
		buf_add_char(b, '}');
	}
	buf_add_str(b, "]}");
}

/* Of a transaction that is gone, nothing counts that was found out in it: no refusal either. */
static enum problem problem_of_group(const struct actions_job *j)
{
	if (j->job.end == GROUP_UNKNOWN || j->begun)
		return PROBLEM_OUTCOME_UNKNOWN;
	return j->job.err.kind == ERR_FULL ? PROBLEM_FULL : PROBLEM_BUSY;
}

static void put_refusal(struct actions_job *j)
{
	struct request *rq = j->rq;
	struct item one = j->items[0];

	/* One that is refused, or all because they were not kept. */
	if (j->job.end != GROUP_KEPT || j->list || one.problem == PROBLEM_COUNT)
		one = (struct item){.problem = problem_of_group(j)};
	rq->status = problem_rows[one.problem].status;
	if (rq->status >= 503)
		rq->retry_after = 1;
	problem_put(rq, &rq->answer, one.problem, one.detail_en, one.detail_nl, one.pointer,
		    one.extra);
}

/* Whose rights an action changed: in a file nobody else tells it. */
static void forget_changed(const struct actions_job *j)
{
	struct service *s = j->rq->service;

	for (size_t i = 0; i < j->count; i++) {
		const struct item *item = &j->items[i];

		/* An undo may have been of such a one. */
		if (item->problem != PROBLEM_COUNT || item->bad ||
		    (item->envelope.action->id != ACT_AGENT_CHANGE &&
		     item->envelope.action->id != ACT_UNDO))
			continue;
		auth_forget_agent(s->auth, item->envelope.record);
		bell_recheck(s->bell, NULL, item->envelope.record);
	}
}

static void done_actions(struct job *job, bool committed)
{
	struct actions_job *j = (struct actions_job *)job;
	struct request *rq = j->rq;
	struct item *item = &j->items[0];

	if (committed && !j->dry_run)
		forget_changed(j);
	if (!j->list && item->problem == PROBLEM_COUNT && committed) {
		rq->status = MHD_HTTP_OK;
		rq->replayed = item->replayed;
		buf_add_str(&rq->answer, item->answer);
	} else if (j->list && committed) {
		rq->status = MHD_HTTP_OK;
		put_list(j, &rq->answer);
	} else {
		put_refusal(j);
	}
	rq->done = true;
	request_wake(rq);
}

/* ---- the request ---- */

static bool check_key(struct request *rq, const struct actions_job *j)
{
	const char *key =
		MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, "Idempotency-Key");

	if (!key && j->dry_run)
		return true;
	if (!key) {
		answer_problem(rq, PROBLEM_KEY_MISSING, NULL, NULL);
		return false;
	}
	if (j->list ? !id_valid(key) : strcmp(key, j->items[0].envelope.id) != 0) {
		answer_problem(rq, PROBLEM_KEY_REUSED,
			       "Idempotency-Key must be the id of the envelope",
			       "Idempotency-Key moet de id van de actie zijn");
		return false;
	}
	return true;
}

/* False after an answer. */
static bool read_items(struct request *rq, const struct cJSON *json, struct actions_job *j)
{
	const cJSON *one;
	size_t i = 0;
	int n = cJSON_IsArray(json) ? cJSON_GetArraySize(json) : 1;

	j->list = cJSON_IsArray(json);
	if (n < 1 || n > LIST_MAX) {
		answer_problem(rq, PROBLEM_BAD_REQUEST, "a list has 1 to 100 actions",
			       "een lijst heeft 1 tot 100 acties");
		return false;
	}
	j->count = (size_t)n;
	j->items = arena_alloc(&rq->arena, j->count * sizeof(*j->items));
	if (!j->list)
		read_item(rq, json, &j->items[0]);
	else
		cJSON_ArrayForEach(one, json) read_item(rq, one, &j->items[i++]);
	if (!j->list && j->items[0].bad) {
		answer_problem_more(rq, j->items[0].problem, j->items[0].detail_en, NULL,
				    j->items[0].pointer, NULL);
		return false;
	}
	return check_key(rq, j);
}

/* Nothing is done in earnest for one who wrote in other words that it should not be. False after an
 * answer. */
static bool read_dry_run(struct request *rq, bool *ret)
{
	static const char *const known[] = {"0", "1", "false", "true"};
	const char *text = param_text(rq, "dry_run");

	*ret = param_flag(rq, "dry_run");
	for (size_t i = 0; text && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(text, known[i]) == 0)
			return true;
	if (text)
		answer_problem(rq, PROBLEM_BAD_REQUEST, "dry_run is 1 or 0", "dry_run is 1 of 0");
	return !text;
}

void route_actions(struct request *rq)
{
	struct actions_job *j;
	struct cJSON *json = request_json(rq);
	bool ok, dry_run;

	if (!json)
		return;
	if (!read_dry_run(rq, &dry_run)) {
		wire_free(json);
		return;
	}
	j = arena_alloc(&rq->arena, sizeof(*j));
	j->rq = rq;
	j->job.run = run_actions;
	j->job.done = done_actions;
	j->dry_run = dry_run;
	ok = read_items(rq, json, j);
	j->job.is_long = j->count > 1;
	wire_free(json);
	if (!ok)
		return;
	request_suspend(rq);
	if (!writer_add(rq->service->writer, &j->job)) {
		rq->status = problem_rows[PROBLEM_BUSY].status;
		rq->retry_after = 1;
		problem_put(rq, &rq->answer, PROBLEM_BUSY, NULL, NULL, NULL, NULL);
		rq->done = true;
		request_wake(rq);
	}
}
