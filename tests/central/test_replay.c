/* Whatever agents do to tickets, in any order, with any version in hand: the journal replays to exactly what
 * is there, forward from what each ticket was made as and backward from what it is; no ticket is lost, none is
 * merged in a circle, every number leads to where its ticket went, and who follows the feed has the same.
 * BALIE_SEED repeats a run, BALIE_STEPS makes it longer. */
#include "group.h"

#define TICKETS 400
#define PARTIES 5
#define PAST 4000

static const char *const fast[] = {"--rate", "1000000", "--burst", "1000000", NULL};

struct past {
	char ticket[37], operation[37];
	const char *token; /* whose it was */
};
struct run {
	struct group *g;
	uint64_t random;
	char ids[TICKETS][37];
	cJSON *made[TICKETS];
	size_t count;
	char parties[PARTIES][37], teams[2][37];
	struct past past[PAST], said[PAST];
	size_t past_count, said_count;
	int done[10];
};

static int setup(void **state)
{
	return group_start(state, fast);
}

static size_t any(struct run *r, size_t below)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return below ? (size_t)(r->random >> 11) % below : 0;
}

static const char *who(struct run *r)
{
	const char *tokens[] = {r->g->an, r->g->bob, r->g->chef, r->g->ext};

	/* The outside organisation now and then: it may do little. */
	return tokens[any(r, 20) ? any(r, 3) : 3];
}

static cJSON *read_ticket(struct run *r, const char *token, const char *id)
{
	char path[80];
	cJSON *ret;
	struct http h;

	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	http_get(&r->g->service, token, path, &h);
	if (h.status != 200)
		fail_msg("%s is lost: %s", id, h.body);
	ret = cJSON_Duplicate(h.json, true);
	http_free(&h);
	return ret;
}

static void know(struct run *r, const char *id)
{
	if (r->count == TICKETS)
		return;
	snprintf(r->ids[r->count], 37, "%s", id);
	r->made[r->count++] = read_ticket(r, r->g->an, id);
}

static int64_t base_of(struct run *r, const char *id)
{
	cJSON *now = read_ticket(r, r->g->an, id);
	int64_t version = (int64_t)cJSON_GetObjectItem(now, "version")->valuedouble;

	cJSON_Delete(now);
	return any(r, 8) ? version : version - (int64_t)any(r, 4);
}

static void note(struct past *past, size_t *count, const char *token, const char *ticket,
		 const char *operation)
{
	if (*count == PAST)
		return;
	past[*count].token = token;
	snprintf(past[*count].ticket, 37, "%s", ticket);
	snprintf(past[(*count)++].operation, 37, "%s", operation);
}

/* What it gives is said by its status; trouble inside never is an answer. */
static bool act_as(struct run *r, const char *token, const char *action, const char *record,
		   int64_t base, const char *more)
{
	char key[37];
	bool ok;
	struct http h;

	service_act(&r->g->service, token, action, record, base, more, key, &h);
	if (h.status >= 500 || h.status < 200)
		fail_msg("%s: %s", action, h.body);
	ok = h.status == 200;
	http_free(&h);
	if (!ok)
		return false;
	if (strcmp(action, "create") == 0 || strcmp(action, "split") == 0)
		know(r, strcmp(action, "create") == 0 ? record : key);
	if (strncmp(action, "party", 5) != 0)
		note(r->past, &r->past_count, token, record, key);
	if (strcmp(action, "said") == 0)
		note(r->said, &r->said_count, token, record, key);
	return true;
}

static bool act(struct run *r, const char *action, const char *record, int64_t base,
		const char *more)
{
	return act_as(r, who(r), action, record, base, more);
}

static void step_party(struct run *r)
{
	const char *id = r->parties[any(r, PARTIES)];
	char more[100], path[80];
	int64_t base;
	struct http h;

	snprintf(path, sizeof(path), "/v1/parties/%s", id);
	http_get(&r->g->service, r->g->an, path, &h);
	base = (int64_t)http_number(&h, "version");
	http_free(&h);
	snprintf(more, sizeof(more), "\"into_id\":\"%s\"", r->parties[any(r, PARTIES)]);
	if (any(r, 2))
		act(r, "party-merge", id, base, more);
	else
		act(r, "party-unmerge", id, base, NULL);
}

static void step(struct run *r)
{
	static const char *const states[] = {"open", "closed", "answered", "withdrawn",
					     "waiting-citizen"};
	const char *id = r->ids[any(r, r->count)], *other = r->ids[any(r, r->count)];
	int64_t base = base_of(r, id);
	const struct past *p;
	char more[200], fresh[37];

	switch (any(r, 13)) {
	case 0:
		act(r, "create", id_new(fresh), 0, "\"subject\":\"x\",\"channel\":\"phone\"");
		return;
	case 1:
		snprintf(more, sizeof(more), "\"state\":\"%s\"", states[any(r, 5)]);
		r->done[0] += act(r, "state", id, base, more);
		return;
	case 2:
		snprintf(more, sizeof(more), "\"team_id\":\"%s\"", r->teams[any(r, 2)]);
		r->done[1] += act(r, "assign", id, base, more);
		return;
	case 3:
		r->done[2] += act(r, "said", id, 0, "\"body\":\"En nog iets\"");
		return;
	case 4:
		snprintf(more, sizeof(more), "\"party_id\":\"%s\"", r->parties[any(r, PARTIES)]);
		r->done[3] += act(r, "reporter", id, base, more);
		return;
	case 5:
		step_party(r);
		return;
	case 6:
		snprintf(more, sizeof(more), "\"other_id\":\"%s\"", other);
		r->done[4] += act(r, any(r, 3) ? "link" : "unlink", id, 0, more);
		return;
	case 7:
		if (r->said_count == 0)
			return;
		p = &r->said[any(r, r->said_count)];
		snprintf(more, sizeof(more), "\"message_id\":\"%s\"", p->operation);
		r->done[5] += act(r, "split", p->ticket, 0, more);
		return;
	case 8:
		r->done[6] += act(r, "unmerge", id, base, NULL);
		return;
	case 9:
	case 10:
		snprintf(more, sizeof(more), "\"into_id\":\"%s\"", other);
		r->done[7] += act(r, "merge", id, base, more);
		return;
	default:
		if (r->past_count == 0)
			return;
		/* The newest ones more often than those long ago. */
		p = &r->past[any(r, 3) ? r->past_count - 1 -
						 any(r, r->past_count < 12 ? r->past_count : 12)
				       : any(r, r->past_count)];
		snprintf(more, sizeof(more), "\"operation\":\"%s\"", p->operation);
		/* Mostly one's own: of a colleague only who leads may. */
		r->done[8] += act_as(r, any(r, 6) ? p->token : who(r), "undo", p->ticket, 0, more);
	}
}

/* ---- afterwards ---- */

static bool counts(const char *name)
{
	return strcmp(name, "version") != 0 && strcmp(name, "updated_at") != 0 &&
	       strcmp(name, "followed") != 0;
}

static void same(const cJSON *a, const cJSON *b, const char *what)
{
	const cJSON *item;

	for (item = a->child; item; item = item->next)
		if (counts(item->string) &&
		    !cJSON_Compare(item, cJSON_GetObjectItem(b, item->string), true))
			fail_msg("%s: %s of %s: %s, not %s", what, item->string,
				 cJSON_GetObjectItem(a, "id")->valuestring,
				 cJSON_PrintUnformatted(item),
				 cJSON_PrintUnformatted(cJSON_GetObjectItem(b, item->string)));
}

static void lay(cJSON *record, const cJSON *over)
{
	const cJSON *item;

	for (item = over ? over->child : NULL; item; item = item->next)
		cJSON_ReplaceItemInObject(record, item->string, cJSON_Duplicate(item, true));
}

static void replay(struct run *r, size_t at)
{
	cJSON *now = read_ticket(r, r->g->an, r->ids[at]);
	cJSON *forth = cJSON_Duplicate(r->made[at], true), *back = cJSON_Duplicate(now, true);
	const cJSON *changes, *c, *item;
	char path[80];
	struct http h;

	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", r->ids[at]);
	http_get(&r->g->service, r->g->an, path, &h);
	changes = http_at(&h, "changes");
	cJSON_ArrayForEach(c, changes)
	{
		if (strcmp(cJSON_GetObjectItem(c, "type")->valuestring, "ticket") == 0 &&
		    strcmp(cJSON_GetObjectItem(c, "id")->valuestring, r->ids[at]) == 0)
			lay(forth, cJSON_GetObjectItem(c, "after"));
	}
	same(forth, now, "forward");
	for (int i = cJSON_GetArraySize(changes) - 1; i >= 0; i--) {
		c = cJSON_GetArrayItem(changes, i);
		if (strcmp(cJSON_GetObjectItem(c, "type")->valuestring, "ticket") != 0 ||
		    strcmp(cJSON_GetObjectItem(c, "id")->valuestring, r->ids[at]) != 0)
			continue;
		item = cJSON_GetObjectItem(c, "after");
		for (item = item ? item->child : NULL; item; item = item->next)
			if (!cJSON_Compare(item, cJSON_GetObjectItem(back, item->string), true))
				fail_msg("backward: %s of %s", item->string, r->ids[at]);
		lay(back, cJSON_GetObjectItem(c, "before"));
	}
	same(back, r->made[at], "backward");
	cJSON_Delete(now);
	cJSON_Delete(forth);
	cJSON_Delete(back);
	http_free(&h);
}

static void number_leads(struct run *r, size_t at)
{
	cJSON *now = read_ticket(r, r->g->an, r->ids[at]);
	const cJSON *into = cJSON_GetObjectItem(now, "merged_into");
	char path[80], end[37];
	struct http h;
	size_t hops = 0;

	snprintf(path, sizeof(path), "/v1/tickets/by-number/%s",
		 cJSON_GetObjectItem(now, "number")->valuestring);
	while (cJSON_IsString(into)) {
		cJSON *next = read_ticket(r, r->g->an, into->valuestring);

		assert_true(hops++ < r->count);
		cJSON_Delete(now);
		now = next;
		into = cJSON_GetObjectItem(now, "merged_into");
	}
	snprintf(end, sizeof(end), "%s", cJSON_GetObjectItem(now, "id")->valuestring);
	http_get(&r->g->service, r->g->an, path, &h);
	assert_string_equal(http_text(&h, "id"), end);
	http_free(&h);
	cJSON_Delete(now);
}

/* As a client keeps it, from a cursor on. */
static void follow(struct run *r, const char *cursor)
{
	cJSON *mirror = cJSON_CreateObject();
	char next[200], path[260];
	const cJSON *c;
	bool more = true;
	struct http h;

	snprintf(next, sizeof(next), "%s", cursor);
	while (more) {
		snprintf(path, sizeof(path), "/v1/changes?limit=50&after=%s", next);
		http_get(&r->g->service, r->g->bob, path, &h);
		assert_int_equal(h.status, 200);
		cJSON_ArrayForEach(c, http_at(&h, "changes"))
		{
			const char *id = cJSON_GetObjectItem(c, "id")->valuestring;
			const cJSON *record = cJSON_GetObjectItem(c, "record");

			if (strcmp(cJSON_GetObjectItem(c, "type")->valuestring, "ticket") != 0)
				continue;
			if (strcmp(cJSON_GetObjectItem(c, "op")->valuestring, "gone") == 0) {
				cJSON_DeleteItemFromObject(mirror, id);
			} else if (record) {
				cJSON_DeleteItemFromObject(mirror, id);
				cJSON_AddItemToObject(mirror, id, cJSON_Duplicate(record, true));
			}
		}
		snprintf(next, sizeof(next), "%s", http_text(&h, "next"));
		more = cJSON_IsTrue(http_at(&h, "more"));
		http_free(&h);
	}
	for (size_t i = 0; i < r->count; i++) {
		cJSON *now = read_ticket(r, r->g->bob, r->ids[i]);
		const cJSON *has = cJSON_GetObjectItem(mirror, r->ids[i]);
		const char *state = cJSON_GetObjectItem(now, "state")->valuestring;

		if (has)
			same(has, now, "feed");
		else if (strcmp(state, "new") == 0 || strcmp(state, "open") == 0 ||
			 strncmp(state, "waiting", 7) == 0)
			fail_msg("the feed never told of %s", r->ids[i]);
		cJSON_Delete(now);
	}
	cJSON_Delete(mirror);
}

static void begin(struct run *r, struct group *g, uint64_t seed)
{
	char key[37], id[37];
	struct http h;

	*r = (struct run){.g = g, .random = seed * 2654435761u + 88172645463325252u};
	group_find(g, "/v1/teams", "Onthaal", r->teams[0]);
	group_find(g, "/v1/teams", "Wegen", r->teams[1]);
	for (size_t i = 0; i < PARTIES; i++) {
		service_act(&g->service, g->an, "party-create", id_new(r->parties[i]), 0,
			    "\"name\":\"Claes\"", key, &h);
		assert_int_equal(h.status, 200);
		http_free(&h);
	}
	for (int i = 0; i < 8; i++) {
		service_ticket(&g->service, g->an, "Begin", id);
		know(r, id);
	}
}

static void test_any_order(void **state)
{
	struct group *g = *state;
	const char *given = getenv("BALIE_SEED"), *steps = getenv("BALIE_STEPS");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)getpid();
	const char *const check[] = {"check", "--db", g->service.db, NULL};
	struct run *r = xcalloc(1, sizeof(*r));
	long count = steps ? strtol(steps, NULL, 10) : 700;
	char cursor[200], *output = NULL;
	struct http h;

	print_message("BALIE_SEED=%llu\n", (unsigned long long)seed);
	http_get(&g->service, g->bob, "/v1/snapshot", &h);
	snprintf(cursor, sizeof(cursor), "%s", http_text(&h, "cursor"));
	http_free(&h);
	begin(r, g, seed);
	for (long i = 0; i < count; i++)
		step(r);
	print_message("done: state %d, assign %d, said %d, reporter %d, links %d, split %d, "
		      "unmerge %d, merge %d, undo %d; %zu tickets\n",
		      r->done[0], r->done[1], r->done[2], r->done[3], r->done[4], r->done[5],
		      r->done[6], r->done[7], r->done[8], r->count);
	for (size_t i = 0; i < r->count; i++) {
		replay(r, i);
		number_leads(r, i);
	}
	follow(r, cursor);
	if (service_run(check, NULL, &output) != 0)
		fail_msg("%s", output);
	free(output);
	for (size_t i = 0; i < r->count; i++)
		cJSON_Delete(r->made[i]);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_order)};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, group_stop);
}
