/* What tickets have to do with each other: merged and un-merged, linked, a message split off. */
#include "group.h"
#include "balie/clock.h"

static const char *const fast[] = {"--rate", "100000", "--burst", "100000", NULL};

static int setup(void **state)
{
	return group_start(state, fast);
}

/* What came of it is left in h. */
static void relate(struct group *g, const char *token, const char *action, const char *id,
		   const char *field, const char *value, char operation[37], struct http *h)
{
	char path[80], more[200] = "\"_\":0";
	int64_t base;
	struct http now;

	snprintf(path, sizeof(path), "/v1/tickets/%s", id);
	http_get(&g->service, g->an, path, &now);
	base = (int64_t)http_number(&now, "version");
	http_free(&now);
	if (field)
		snprintf(more, sizeof(more), "\"%s\":\"%s\"", field, value);
	service_act(&g->service, token, action, id, base, field ? more : NULL, operation, h);
}

static void does(struct group *g, const char *action, const char *id, const char *field,
		 const char *value, char operation[37])
{
	struct http h;

	relate(g, g->an, action, id, field, value, operation, &h);
	if (h.status != 200)
		fail_msg("%s: %s", action, h.body);
	http_free(&h);
}

static void cannot(struct group *g, const char *action, const char *id, const char *field,
		   const char *value, const char *problem, const char *words)
{
	char operation[37];
	struct http h;

	relate(g, g->an, action, id, field, value, operation, &h);
	if (!strstr(h.body, problem) || !strstr(h.body, words))
		fail_msg("%s: %s", action, h.body);
	http_free(&h);
}

static void get(struct group *g, const char *id, const char *rest, struct http *ret)
{
	char path[100];

	snprintf(path, sizeof(path), "/v1/tickets/%s%s", id, rest);
	http_get(&g->service, g->an, path, ret);
	assert_int_equal(ret->status, 200);
}

static void number_of(struct group *g, const char *id, char ret[16])
{
	struct http h;

	get(g, id, "", &h);
	snprintf(ret, 16, "%s", http_text(&h, "number"));
	http_free(&h);
}

static void say(struct group *g, const char *id, const char *words, char ret_message[37])
{
	char more[100];
	struct http h;

	snprintf(more, sizeof(more), "\"body\":\"%s\"", words);
	service_act(&g->service, g->an, "said", id, 0, more, ret_message, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
}

static int count(struct group *g, const char *id, const char *list)
{
	struct http h;
	int n;

	get(g, id, "/timeline", &h);
	n = cJSON_GetArraySize(http_at(&h, list));
	http_free(&h);
	return n;
}

static void test_merged_leads_to_its_survivor(void **state)
{
	struct group *g = *state;
	char one[37], two[37], three[37], key[37], number[16], path[80];
	struct http h;

	service_ticket(&g->service, g->an, "Put", one);
	service_ticket(&g->service, g->an, "Dezelfde put", two);
	service_ticket(&g->service, g->an, "Nog eens die put", three);
	say(g, one, "Het is diep", key);
	say(g, two, "Het is heel diep", key);
	say(g, three, "Mijn wiel", key);
	does(g, "merge", one, "into_id", two, key);
	/* Into what took over the other one. */
	does(g, "merge", three, "into_id", one, key);
	get(g, three, "", &h);
	assert_string_equal(http_text(&h, "merged_into"), two);
	assert_string_equal(http_text(&h, "state"), "merged");
	assert_non_null(http_text(&h, "closed_at"));
	http_free(&h);
	number_of(g, one, number);
	snprintf(path, sizeof(path), "/v1/tickets/by-number/%s", number);
	http_get(&g->service, g->bob, path, &h);
	assert_string_equal(http_text(&h, "id"), two);
	assert_string_equal(http_header(&h, "Merged-From"), number);
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets?number=%s", number);
	http_get(&g->service, g->bob, path, &h);
	assert_string_equal(http_text(&h, "items.0.id"), two);
	http_free(&h);
	/* All that was said, each with the ticket it came with. */
	assert_int_equal(count(g, two, "merged"), 2);
	assert_true(count(g, two, "messages") >= 3);
	assert_int_equal(count(g, one, "merged"), 0);
	/* Words for the one go on in the other, from who did not know. */
	service_act(&g->service, g->bob, "said", one, 0, "\"body\":\"En nat\"", key, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.id"), two);
	http_free(&h);
	service_act(&g->service, g->bob, "answer", three, 0, "\"body\":\"We komen\"", key, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.id"), two);
	assert_string_equal(http_text(&h, "record.state"), "answered");
	http_free(&h);
	cannot(g, "priority", one, "priority", "high", "urn:problem-type:balie:state",
	       "merged into another one");
	get(g, two, "/timeline", &h);
	assert_non_null(strstr(h.body, "Mijn wiel"));
	assert_non_null(strstr(h.body, "En nat"));
	assert_non_null(strstr(h.body, "\"action\":\"merge\""));
	http_free(&h);
}

static void test_no_circle(void **state)
{
	struct group *g = *state;
	char a[37], b[37], c[37], first[37], unmerged[37], key[37];
	struct http h;

	service_ticket(&g->service, g->an, "A", a);
	service_ticket(&g->service, g->an, "B", b);
	service_ticket(&g->service, g->an, "C", c);
	cannot(g, "merge", a, "into_id", a, "state", "one already");
	does(g, "merge", a, "into_id", b, first);
	cannot(g, "merge", b, "into_id", a, "state", "one already");
	cannot(g, "merge", a, "into_id", c, "state", "merged into another one");
	does(g, "merge", b, "into_id", c, key);
	cannot(g, "merge", c, "into_id", a, "state", "one already");
	/* An undone un-merge merges again. */
	does(g, "unmerge", a, NULL, NULL, unmerged);
	does(g, "merge", c, "into_id", a, key);
	relate(g, g->an, "undo", a, "operation", unmerged, key, &h);
	assert_problem(&h, 409, "state");
	assert_non_null(strstr(h.body, "merged into this one since"));
	http_free(&h);
	cannot(g, "merge", a, "into_id", "01890a5d-ac96-774b-bcce-b302099a8057", "bad-field",
	       "/into_id");
}

/* What cannot be done by hand cannot be done by undoing either. */
static void test_undone_unmerge_hides_no_open_one(void **state)
{
	struct group *g = *state;
	char a[37], b[37], unmerged[37], key[37];
	struct http h;

	service_ticket(&g->service, g->an, "Nog open", a);
	service_ticket(&g->service, g->an, "Straks dicht", b);
	does(g, "merge", a, "into_id", b, key);
	does(g, "unmerge", a, NULL, NULL, unmerged);
	does(g, "state", b, "state", "closed", key);
	relate(g, g->an, "undo", a, "operation", unmerged, key, &h);
	assert_problem(&h, 409, "state");
	assert_non_null(strstr(h.body, "open it again first"));
	http_free(&h);
	get(g, a, "", &h);
	assert_null(http_text(&h, "merged_into"));
	http_free(&h);
	does(g, "state", b, "state", "open", key);
	does(g, "undo", a, "operation", unmerged, key);
	get(g, a, "", &h);
	assert_string_equal(http_text(&h, "merged_into"), b);
	http_free(&h);
}

static void test_unmerged_is_as_it_was(void **state)
{
	struct group *g = *state;
	char a[37], b[37], closed[37], key[37];
	struct http h;

	service_ticket(&g->service, g->an, "Gepland", a);
	service_ticket(&g->service, g->an, "Blijft", b);
	service_ticket(&g->service, g->an, "Gesloten", closed);
	service_act(&g->service, g->an, "state", a, 1,
		    "\"state\":\"planned\",\"until\":\"2027-01-01T10:00:00Z\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	does(g, "state", closed, "state", "closed", key);
	cannot(g, "merge", a, "into_id", closed, "state", "open it again first");
	does(g, "merge", a, "into_id", b, key);
	does(g, "unmerge", a, NULL, NULL, key);
	get(g, a, "", &h);
	assert_string_equal(http_text(&h, "state"), "planned");
	assert_string_equal(http_text(&h, "wait_until"), "2027-01-01T10:00:00.000Z");
	assert_null(http_text(&h, "closed_at"));
	assert_null(http_text(&h, "merged_into"));
	http_free(&h);
	cannot(g, "unmerge", a, NULL, NULL, "state", "was not merged");
	/* What was closed before stays closed, since then. */
	does(g, "merge", closed, "into_id", b, key);
	does(g, "unmerge", closed, NULL, NULL, key);
	get(g, closed, "", &h);
	assert_string_equal(http_text(&h, "state"), "closed");
	assert_non_null(http_text(&h, "closed_at"));
	http_free(&h);
	/* The other way back. */
	does(g, "merge", a, "into_id", b, key);
	does(g, "undo", a, "operation", key, key);
	get(g, a, "", &h);
	assert_string_equal(http_text(&h, "state"), "planned");
	http_free(&h);
}

static void links(struct group *g, const char *id, const char *want)
{
	char have[400] = "";
	struct http h;

	get(g, id, "", &h);
	for (int i = 0; i < cJSON_GetArraySize(http_at(&h, "links")); i++) {
		char path[30];

		snprintf(path, sizeof(path), "links.%d.number", i);
		strcat(have, http_text(&h, path));
	}
	assert_string_equal(have, want);
	http_free(&h);
}

static void test_links_stand_with_both(void **state)
{
	struct group *g = *state;
	char a[37], b[37], c[37], first[37], second[37], key[37], na[16], nb[16], nc[16], both[40];
	struct http h;

	service_ticket(&g->service, g->an, "A", a);
	service_ticket(&g->service, g->an, "B", b);
	service_ticket(&g->service, g->an, "C", c);
	number_of(g, a, na);
	number_of(g, b, nb);
	number_of(g, c, nc);
	does(g, "link", a, "other_id", b, first);
	links(g, a, nb);
	links(g, b, na);
	cannot(g, "link", b, "other_id", a, "state", "linked already");
	cannot(g, "link", a, "other_id", a, "state", "to itself");
	cannot(g, "unlink", a, "other_id", c, "state", "not linked");
	does(g, "link", a, "other_id", c, second);
	snprintf(both, sizeof(both), "%s%s", nb, nc);
	links(g, a, both);
	/* The second link is none of the first one's business. */
	does(g, "undo", a, "operation", first, key);
	links(g, a, nc);
	links(g, b, "");
	does(g, "unlink", c, "other_id", a, key);
	links(g, a, "");
	relate(g, g->an, "undo", a, "operation", second, first, &h);
	assert_problem(&h, 409, "undo-conflict");
	http_free(&h);
	does(g, "undo", c, "operation", key, first);
	links(g, a, nc);
	links(g, c, na);
	/* One that was merged is linked as what it became. */
	does(g, "merge", c, "into_id", b, key);
	cannot(g, "link", c, "other_id", a, "state", "merged into another one");
	does(g, "link", a, "other_id", c, key);
	links(g, b, na);
}

static void test_split_and_undone(void **state)
{
	struct group *g = *state;
	char a[37], first[37], second[37], key[37], more[200], number[16];
	const char *made = NULL;
	struct http h, was;

	service_ticket(&g->service, g->an, "Twee vragen", a);
	number_of(g, a, number);
	say(g, a, "De eerste", first);
	get(g, a, "", &was);
	say(g, a, "De tweede", second);
	snprintf(more, sizeof(more), "\"message_id\":\"%s\",\"subject\":\"De andere\"", second);
	service_act(&g->service, g->an, "split", a, 0, more, key, &h);
	if (h.status != 200)
		fail_msg("%s", h.body);
	assert_string_equal(http_text(&h, "record.last_in_at"), http_text(&was, "last_in_at"));
	http_free(&h);
	http_free(&was);
	made = key;
	get(g, made, "", &h);
	assert_string_equal(http_text(&h, "subject"), "De andere");
	assert_string_equal(http_text(&h, "state"), "new");
	assert_string_equal(http_text(&h, "links.0.number"), number);
	assert_string_equal(http_text(&h, "created_at"), http_text(&h, "last_in_at"));
	http_free(&h);
	get(g, made, "/timeline", &h);
	assert_string_equal(http_text(&h, "messages.0.id"), second);
	http_free(&h);
	cannot(g, "split", a, "message_id", second, "state", "belongs to another ticket");
	cannot(g, "split", made, "message_id", second, "state", "only message");
	cannot(g, "split", a, "message_id", a, "bad-field", "/message_id");
	does(g, "undo", a, "operation", key, first);
	get(g, a, "/timeline", &h);
	assert_non_null(strstr(h.body, "De tweede"));
	assert_null(http_at(&h, "ticket.links.0"));
	http_free(&h);
	get(g, made, "", &h);
	assert_string_equal(http_text(&h, "state"), "withdrawn");
	assert_null(http_at(&h, "links.0"));
	http_free(&h);
}

static void test_split_stays_when_another_went_into_it(void **state)
{
	struct group *g = *state;
	char from[37], other[37], message[37], made[37], key[37], more[60];
	struct http h;

	service_ticket(&g->service, g->an, "Twee vragen", from);
	service_ticket(&g->service, g->an, "Ook de tweede", other);
	say(g, from, "En dan nog dit", message);
	does(g, "split", from, "message_id", message, made);
	does(g, "merge", other, "into_id", made, key);
	snprintf(more, sizeof(more), "\"operation\":\"%s\"", made);
	service_act(&g->service, g->an, "undo", from, 0, more, key, &h);
	assert_problem(&h, 409, "state");
	http_free(&h);
	get(g, made, "", &h);
	assert_string_equal(http_text(&h, "state"), "new");
	http_free(&h);
	does(g, "unmerge", other, NULL, NULL, key);
	service_act(&g->service, g->an, "undo", from, 0, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
}

static void test_the_feed_tells_of_it(void **state)
{
	struct group *g = *state;
	char a[37], b[37], key[37], path[200];
	struct http h;

	service_ticket(&g->service, g->an, "A", a);
	service_ticket(&g->service, g->an, "B", b);
	does(g, "state", a, "state", "closed", key);
	http_get(&g->service, g->bob, "/v1/snapshot", &h);
	snprintf(path, sizeof(path), "/v1/changes?after=%s", http_text(&h, "cursor"));
	http_free(&h);
	/* Bob has no closed ticket of another team, but he has what it goes into. */
	does(g, "merge", a, "into_id", b, key);
	http_get(&g->service, g->bob, path, &h);
	assert_string_equal(http_text(&h, "changes.0.id"), a);
	assert_string_equal(http_text(&h, "changes.0.op"), "put");
	assert_string_equal(http_text(&h, "changes.0.record.merged_into"), b);
	snprintf(path, sizeof(path), "/v1/changes?after=%s", http_text(&h, "next"));
	http_free(&h);
	http_get(&g->service, g->bob, "/v1/tickets?desk=1&limit=1000", &h);
	assert_non_null(strstr(h.body, a));
	http_free(&h);
	does(g, "unmerge", a, NULL, NULL, key);
	http_get(&g->service, g->bob, path, &h);
	assert_string_equal(http_text(&h, "changes.0.op"), "gone");
	http_free(&h);
	http_get(&g->service, g->bob, "/v1/tickets?desk=1&limit=1000", &h);
	assert_null(strstr(h.body, a));
	http_free(&h);
}

static void test_outside_may_not(void **state)
{
	struct group *g = *state;
	char a[37], b[37], team[37], key[37];
	struct http h;

	group_find(g, "/v1/teams", "Aannemer", team);
	service_ticket(&g->service, g->an, "Voor hen", a);
	service_ticket(&g->service, g->an, "Niet voor hen", b);
	does(g, "assign", a, "team_id", team, key);
	relate(g, g->ext, "merge", a, "into_id", b, key, &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
	relate(g, g->ext, "link", a, "other_id", b, key, &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
}

/* What an outside organisation gets of three tickets: the survivor and one that went into it are its
 * own, another that went into it never was. */
struct outside {
	char survivor[37], own[37], other[37], party[37];
};

/* One conversation about both tickets (other NULL: about the one). */
static void call(struct group *g, const char *one, const char *other)
{
	char contact[37], key[37], more[160];
	struct http h;

	service_act(&g->service, g->an, "contact", id_new(contact), 0,
		    "\"channel\":\"phone\",\"started_at\":\"2026-11-24T09:00:00Z\","
		    "\"ended_at\":\"2026-11-24T09:04:00Z\",\"summary\":\"Ook iets Geheims\"",
		    key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	for (int i = 0; i < (other ? 2 : 1); i++) {
		snprintf(more, sizeof(more), "\"body\":\"%s\",\"contact_id\":\"%s\"",
			 i ? "Geheim" : "Eigen vraag", contact);
		service_act(&g->service, g->an, "said", i ? other : one, 0, more, key, &h);
		assert_int_equal(h.status, 200);
		http_free(&h);
	}
}

static void hand_over(struct group *g, struct outside *o)
{
	char team[37], key[37];
	struct http h;

	group_find(g, "/v1/teams", "Aannemer", team);
	service_ticket(&g->service, g->an, "De put", o->survivor);
	service_ticket(&g->service, g->an, "Nog eens de put", o->own);
	service_ticket(&g->service, g->an, "Geheim onderwerp", o->other);
	service_act(&g->service, g->an, "party-create", id_new(o->party), 0,
		    "\"family\":\"Putters\"", key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	does(g, "reporter", o->survivor, "party_id", o->party, key);
	does(g, "reporter", o->other, "party_id", o->party, key);
	say(g, o->own, "Eigen woorden", key);
	say(g, o->other, "Geheime woorden", key);
	call(g, o->survivor, o->other);
	service_act(&g->service, g->an, "note", o->other, 0, "\"body\":\"Geheime notitie\"", key,
		    &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	does(g, "assign", o->survivor, "team_id", team, key);
	does(g, "assign", o->own, "team_id", team, key);
}

/* What the outside organisation reads there holds the words (NULL: whatever) and nothing of the other
 * ticket. */
static void reads(struct group *g, const struct outside *o, const char *path, const char *words)
{
	struct http h;

	http_get(&g->service, g->ext, path, &h);
	assert_int_equal(h.status, 200);
	if ((words && !strstr(h.body, words)) || strstr(h.body, "Geheim") ||
	    strstr(h.body, o->other))
		fail_msg("%s: %s", path, h.body);
	http_free(&h);
}

static void test_a_survivor_outside_brings_nothing_along(void **state)
{
	struct group *g = *state;
	struct outside o;
	char key[37], number[16], path[200], feed[200];
	struct http h;

	hand_over(g, &o);
	http_get(&g->service, g->ext, "/v1/snapshot", &h);
	snprintf(feed, sizeof(feed), "/v1/changes?after=%s", http_text(&h, "cursor"));
	http_free(&h);
	does(g, "merge", o.own, "into_id", o.survivor, key);
	does(g, "merge", o.other, "into_id", o.own, key);
	say(g, o.survivor, "Woorden van later", key);
	call(g, o.survivor, NULL);
	reads(g, &o, feed, "Woorden van later");
	reads(g, &o, "/v1/tickets?desk=1&limit=1000", o.own);
	reads(g, &o, "/v1/tickets?limit=1000", o.own);
	reads(g, &o, "/v1/contacts", NULL);
	reads(g, &o, "/v1/contacts?desk=1", NULL);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", o.survivor);
	reads(g, &o, path, "Eigen woorden");
	snprintf(path, sizeof(path), "/v1/parties/%s/card", o.party);
	reads(g, &o, path, o.survivor);
	/* A number leads to the survivor, of which nothing is hidden. */
	number_of(g, o.other, number);
	snprintf(path, sizeof(path), "/v1/tickets/by-number/%s", number);
	reads(g, &o, path, o.survivor);
	snprintf(path, sizeof(path), "{\"q\":\"%s\"}", number);
	http_post(&g->service, g->ext, "/v1/parties/search", path, &h);
	assert_int_equal(h.status, 200);
	assert_null(strstr(h.body, "Geheim"));
	http_free(&h);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/v1/tickets/%s%s", o.other, i ? "/timeline" : "");
		http_get(&g->service, g->ext, path, &h);
		assert_problem(&h, 404, "not-found");
		http_free(&h);
	}
	/* Inside all of it stands together. */
	assert_int_equal(count(g, o.survivor, "merged"), 2);
	get(g, o.survivor, "/timeline", &h);
	assert_non_null(strstr(h.body, "Geheime notitie"));
	http_free(&h);
}

/* A conversation that they may not see is to them as one that is not there. */
static void test_outside_names_no_contact(void **state)
{
	struct group *g = *state;
	struct outside o;
	char contact[37], key[37], more[120];
	struct http h;

	hand_over(g, &o);
	service_act(&g->service, g->an, "contact", id_new(contact), 0,
		    "\"channel\":\"phone\",\"started_at\":\"2026-11-24T09:00:00Z\","
		    "\"ended_at\":\"2026-11-24T09:04:00Z\",\"summary\":\"Geheim\"",
		    key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	snprintf(more, sizeof(more), "\"body\":\"Gehoord\",\"contact_id\":\"%s\"", contact);
	service_act(&g->service, g->ext, "said", o.own, 0, more, key, &h);
	assert_problem(&h, 422, "bad-field");
	assert_non_null(strstr(h.body, "/contact_id"));
	http_free(&h);
}

static void test_one_of_theirs_that_went_elsewhere(void **state)
{
	struct group *g = *state;
	struct outside o;
	char key[37], number[16], path[200];
	struct http h;

	hand_over(g, &o);
	http_get(&g->service, g->ext, "/v1/snapshot", &h);
	snprintf(path, sizeof(path), "/v1/changes?after=%s", http_text(&h, "cursor"));
	http_free(&h);
	does(g, "merge", o.own, "into_id", o.other, key);
	/* Off their desk. */
	http_get(&g->service, g->ext, path, &h);
	assert_string_equal(http_text(&h, "changes.0.id"), o.own);
	assert_string_equal(http_text(&h, "changes.0.op"), "gone");
	http_free(&h);
	http_get(&g->service, g->ext, "/v1/tickets?desk=1&limit=1000", &h);
	assert_null(strstr(h.body, o.own));
	http_free(&h);
	/* What they had they may still read; where it went is not theirs, nor what is said goes there. */
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", o.own);
	http_get(&g->service, g->ext, path, &h);
	assert_int_equal(h.status, 200);
	assert_null(strstr(h.body, "Geheime"));
	http_free(&h);
	number_of(g, o.own, number);
	snprintf(path, sizeof(path), "/v1/tickets/by-number/%s", number);
	http_get(&g->service, g->ext, path, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
	service_act(&g->service, g->ext, "said", o.own, 0, "\"body\":\"Nog dit\"", key, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merged_leads_to_its_survivor),
		cmocka_unit_test(test_no_circle),
		cmocka_unit_test(test_undone_unmerge_hides_no_open_one),
		cmocka_unit_test(test_unmerged_is_as_it_was),
		cmocka_unit_test(test_links_stand_with_both),
		cmocka_unit_test(test_split_and_undone),
		cmocka_unit_test(test_split_stays_when_another_went_into_it),
		cmocka_unit_test(test_the_feed_tells_of_it),
		cmocka_unit_test(test_outside_may_not),
		cmocka_unit_test(test_a_survivor_outside_brings_nothing_along),
		cmocka_unit_test(test_outside_names_no_contact),
		cmocka_unit_test(test_one_of_theirs_that_went_elsewhere),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, group_stop);
}
