/* Teams, topics and agents: made and changed by administrators alone, by command and over the interface;
 * and the town always keeps somebody who can rule it. */
#include "group.h"

static char *admin_token;
static char admin_id[37], bob_id[37], wegen_id[37], outside_id[37];

static int start(void **state)
{
	struct group *g;
	int ret = group_start(state, NULL);
	const char *args[] = {"user",	"add",	   "baas",   "--db",  NULL,
			      "--team", "Onthaal", "--role", "admin", NULL};

	if (ret != 0)
		return ret;
	g = *state;
	args[4] = g->service.db;
	if (service_run(args, SERVICE_PASSWORD "\n", NULL) != 0)
		return 1;
	admin_token = service_login(&g->service, "baas");
	group_find(g, "/v1/agents", "baas", admin_id);
	group_find(g, "/v1/agents", "bob", bob_id);
	group_find(g, "/v1/teams", "Wegen", wegen_id);
	group_find(g, "/v1/teams", "Aannemer", outside_id);
	return 0;
}

static int stop(void **state)
{
	free(admin_token);
	return group_stop(state);
}

static void act(struct group *g, const char *token, const char *action, const char *id,
		int64_t base, const char *more, struct http *ret)
{
	char operation[37];

	service_act(&g->service, token, action, id, base, more, operation, ret);
}

static void does(struct group *g, const char *action, const char *id, int64_t base,
		 const char *more, struct http *ret)
{
	act(g, admin_token, action, id, base, more, ret);
	if (ret->status != 200)
		fail_msg("%s: %s", action, ret->body);
}

static void refuses(struct group *g, const char *action, const char *id, int64_t base,
		    const char *more, int status, const char *problem)
{
	struct http h;

	act(g, admin_token, action, id, base, more, &h);
	if (h.status != status)
		fail_msg("%s: %s", action, h.body);
	assert_problem(&h, status, problem);
	http_free(&h);
}

static int64_t version_of(struct group *g, const char *plural, const char *id)
{
	char path[100];
	struct http h;
	int64_t ret;

	snprintf(path, sizeof(path), "/v1/%s/%s", plural, id);
	http_get(&g->service, g->an, path, &h);
	assert_int_equal(h.status, 200);
	ret = (int64_t)http_number(&h, "version");
	http_free(&h);
	return ret;
}

static void undo(struct group *g, const char *record, const char *operation, struct http *ret)
{
	char more[80];

	snprintf(more, sizeof(more), "\"operation\":\"%s\"", operation);
	act(g, admin_token, "undo", record, 0, more, ret);
}

static void test_only_administrators(void **state)
{
	struct group *g = *state;
	char *const tokens[] = {g->an, g->chef, g->ext};
	char id[37];
	struct http h;

	for (size_t i = 0; i < 3; i++) {
		act(g, tokens[i], "team-create", id_new(id), 0, "\"name\":\"Nieuw\"", &h);
		assert_problem(&h, 403, "denied");
		http_free(&h);
		act(g, tokens[i], "agent-change", bob_id, 1, "\"active\":\"no\"", &h);
		assert_problem(&h, 403, "denied");
		http_free(&h);
	}
}

static void test_teams(void **state)
{
	struct group *g = *state;
	char id[37], operation[37], other[37];
	struct http h;

	does(g, "team-create", id_new(id), 0, "\"name\":\"Groen\"", &h);
	assert_string_equal(http_text(&h, "type"), "team");
	assert_string_equal(http_text(&h, "record.kind"), "inside");
	assert_true(cJSON_IsTrue(http_at(&h, "record.active")));
	http_free(&h);
	refuses(g, "team-create", id_new(other), 0, "\"name\":\"Groen\"", 409, "state");
	refuses(g, "team-create", id_new(other), 0, "\"name\":\"  \"", 422, "bad-field");
	refuses(g, "team-change", id, 1, "\"name\":\"Wegen\"", 409, "state");
	refuses(g, "team-change", id, 0, "\"name\":\"x\"", 428, "no-base");
	refuses(g, "team-change", id_new(other), 1, "\"name\":\"x\"", 404, "not-found");

	service_act(&g->service, admin_token, "team-change", id, 1,
		    "\"name\":\"Groendienst\",\"active\":\"no\"", operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.name"), "Groendienst");
	assert_true(cJSON_IsFalse(http_at(&h, "record.active")));
	http_free(&h);
	refuses(g, "team-change", id, 1, "\"name\":\"x\"", 412, "stale");
	undo(g, id, operation, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.name"), "Groen");
	assert_true(cJSON_IsTrue(http_at(&h, "record.active")));
	http_free(&h);
	/* Nor to a name that another took since. */
	service_act(&g->service, admin_token, "team-change", id, 3, "\"name\":\"Groener\"",
		    operation, &h);
	http_free(&h);
	does(g, "team-create", id_new(other), 0, "\"name\":\"Groen\"", &h);
	http_free(&h);
	undo(g, id, operation, &h);
	assert_problem(&h, 409, "state");
	assert_string_equal(http_text(&h, "detail"), "There is one with this name already");
	http_free(&h);
	/* And only by one who may change it. */
	act(g, g->chef, "undo", id, 0, "\"operation\":\"01900000-0000-7000-8000-000000000009\"",
	    &h);
	assert_true(h.status == 404 || h.status == 403);
	http_free(&h);
}

/* Two names that nobody can tell apart in a list. */
static void test_names_that_read_the_same(void **state)
{
	struct group *g = *state;
	static const char *const same[] = {"sneeuwruimers", "Sneeuwruimers ", " SNEEUWRUIMERS"};
	static const char *const kinds[] = {"team", "topic", "template"};
	char id[37], other[37], action[40], more[120], operation[37];
	struct http h;

	for (size_t k = 0; k < 3; k++) {
		const char *rest = k == 2 ? ",\"body\":\"Beste\"" : "";

		snprintf(action, sizeof(action), "%s-create", kinds[k]);
		snprintf(more, sizeof(more), "\"name\":\"Sneeuwruimers\"%s", rest);
		does(g, action, id_new(id), 0, more, &h);
		http_free(&h);
		for (size_t i = 0; i < 3; i++) {
			snprintf(more, sizeof(more), "\"name\":\"%s\"%s", same[i], rest);
			refuses(g, action, id_new(other), 0, more, 409, "state");
		}
		act(g, admin_token, action, id_new(other), 0, more, &h);
		assert_non_null(strstr(http_text(&h, "detail"), "but for capitals or spaces"));
		http_free(&h);
		/* The same with another accent is another word. */
		snprintf(more, sizeof(more), "\"name\":\"Sneeuwruim\u00e9rs\"%s", rest);
		does(g, action, id_new(other), 0, more, &h);
		http_free(&h);
		snprintf(action, sizeof(action), "%s-change", kinds[k]);
		refuses(g, action, other, 1, "\"name\":\"sneeuwruimers\"", 409, "state");
		/* One may write his own name otherwise, and take it back. */
		service_act(&g->service, admin_token, action, id, 1, "\"name\":\"sneeuwRuimers\"",
			    operation, &h);
		assert_int_equal(h.status, 200);
		http_free(&h);
		undo(g, id, operation, &h);
		assert_int_equal(h.status, 200);
		http_free(&h);
	}
	/* A login name has neither. */
	snprintf(more, sizeof(more), "\"name\":\"Bob\",\"team_id\":\"%s\"", wegen_id);
	refuses(g, "agent-create", id_new(other), 0, more, 422, "bad-field");
	snprintf(more, sizeof(more), "\"name\":\"bob \",\"team_id\":\"%s\"", wegen_id);
	refuses(g, "agent-create", id_new(other), 0, more, 422, "bad-field");
}

static void test_topics(void **state)
{
	struct group *g = *state;
	char id[37], other[37], more[200];
	struct http h;

	snprintf(more, sizeof(more), "\"name\":\"Voetpad\",\"team_id\":\"%s\",\"deadline_days\":10",
		 wegen_id);
	does(g, "topic-create", id_new(id), 0, more, &h);
	assert_string_equal(http_text(&h, "record.kind"), "question");
	assert_string_equal(http_text(&h, "record.deadline_basis"), "calendar-days");
	assert_int_equal(http_number(&h, "record.deadline_days"), 10);
	http_free(&h);
	does(g, "topic-change", id, 1, "\"kind\":\"report\",\"deadline_basis\":\"none\"", &h);
	assert_string_equal(http_text(&h, "record.team_id"), wegen_id);
	assert_string_equal(http_text(&h, "record.deadline_basis"), "none");
	assert_int_equal(http_number(&h, "record.deadline_days"), 0);
	http_free(&h);
	refuses(g, "topic-change", id, 2, "\"deadline_basis\":\"calendar-days\"", 422, "bad-field");
	refuses(g, "topic-change", id, 2, "\"deadline_days\":3651", 422, "bad-field");
	refuses(g, "topic-change", id, 2, "\"deadline_days\":-1", 422, "bad-field");
	snprintf(more, sizeof(more), "\"team_id\":\"%s\"", id_new(other));
	refuses(g, "topic-change", id, 2, more, 422, "bad-field");
}

static void test_agents(void **state)
{
	struct group *g = *state;
	char id[37], other[37], more[200];
	struct http h;

	snprintf(more, sizeof(more), "\"name\":\"els\",\"display\":\"Els\",\"team_id\":\"%s\"",
		 wegen_id);
	does(g, "agent-create", id_new(id), 0, more, &h);
	assert_string_equal(http_text(&h, "record.role"), "agent");
	assert_null(http_at(&h, "record.password"));
	http_free(&h);
	refuses(g, "agent-create", id_new(other), 0, more, 409, "state");
	snprintf(more, sizeof(more), "\"name\":\"Els Claes\",\"team_id\":\"%s\"", wegen_id);
	refuses(g, "agent-create", id_new(other), 0, more, 422, "bad-field");
	does(g, "agent-change", id, 1, "\"role\":\"supervisor\"", &h);
	assert_string_equal(http_text(&h, "record.role"), "supervisor");
	assert_string_equal(http_text(&h, "record.display"), "Els");
	http_free(&h);
}

static void status_is(struct group *g, const char *token, int wanted)
{
	struct http h;

	http_get(&g->service, token, "/v1/me", &h);
	assert_int_equal(h.status, wanted);
	http_free(&h);
}

static void test_nothing_goes_back_to_who_is_gone(void **state)
{
	struct group *g = *state;
	char wim[37], ticket[37], team[37], operation[37], more[200];
	struct http h;

	group_find(g, "/v1/teams", "Onthaal", team);
	snprintf(more, sizeof(more), "\"name\":\"wim\",\"team_id\":\"%s\"", wegen_id);
	does(g, "agent-create", id_new(wim), 0, more, &h);
	http_free(&h);
	service_ticket(&g->service, g->an, "Heen en terug", ticket);
	snprintf(more, sizeof(more), "\"team_id\":\"%s\",\"agent_id\":\"%s\"", wegen_id, wim);
	act(g, g->an, "assign", ticket, 1, more, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	snprintf(more, sizeof(more), "\"team_id\":\"%s\"", team);
	service_act(&g->service, g->an, "assign", ticket, 2, more, operation, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	does(g, "agent-change", wim, 1, "\"active\":\"no\"", &h);
	http_free(&h);
	snprintf(more, sizeof(more), "\"operation\":\"%s\"", operation);
	act(g, g->an, "undo", ticket, 0, more, &h);
	assert_problem(&h, 422, "bad-field");
	assert_string_equal(http_text(&h, "pointer"), "/operation");
	http_free(&h);
	does(g, "agent-change", wim, 2, "\"active\":\"yes\"", &h);
	http_free(&h);
	act(g, g->an, "undo", ticket, 0, more, &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "record.agent_id"), wim);
	http_free(&h);
}

static void test_locked_out_at_once(void **state)
{
	struct group *g = *state;
	char *token = service_login(&g->service, "bob");
	char operation[37];
	struct http h;

	status_is(g, token, 200);
	service_act(&g->service, admin_token, "agent-change", bob_id,
		    version_of(g, "agents", bob_id), "\"active\":\"no\"", operation, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	status_is(g, token, 401);
	http_post(&g->service, NULL, "/v1/login",
		  "{\"name\":\"bob\",\"password\":\"" SERVICE_PASSWORD "\"}", &h);
	assert_int_equal(h.status, 401);
	http_free(&h);
	/* Undone, he can log in again, and his old logins stay ended. */
	undo(g, bob_id, operation, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	status_is(g, token, 401);
	free(token);
	token = service_login(&g->service, "bob");
	/* More rights count at once too. */
	does(g, "agent-change", bob_id, version_of(g, "agents", bob_id), "\"role\":\"admin\"", &h);
	http_free(&h);
	act(g, token, "team-change", wegen_id, 1, "\"active\":\"yes\"", &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	does(g, "agent-change", bob_id, version_of(g, "agents", bob_id), "\"role\":\"agent\"", &h);
	http_free(&h);
	act(g, token, "team-change", wegen_id, 2, "\"active\":\"yes\"", &h);
	assert_int_equal(h.status, 403);
	http_free(&h);
	free(token);
}

static void test_somebody_stays(void **state)
{
	struct group *g = *state;
	char more[80], onthaal_id[37];
	struct http h;

	refuses(g, "agent-change", admin_id, version_of(g, "agents", admin_id), "\"active\":\"no\"",
		409, "state");
	refuses(g, "agent-change", admin_id, version_of(g, "agents", admin_id),
		"\"role\":\"agent\"", 409, "state");
	snprintf(more, sizeof(more), "\"team_id\":\"%s\"", outside_id);
	refuses(g, "agent-change", admin_id, version_of(g, "agents", admin_id), more, 409, "state");
	group_find(g, "/v1/teams", "Onthaal", onthaal_id);
	refuses(g, "team-change", onthaal_id, version_of(g, "teams", onthaal_id),
		"\"team_kind\":\"outside\"", 409, "state");
	/* With another one there, he may go. */
	does(g, "agent-change", bob_id, version_of(g, "agents", bob_id), "\"role\":\"admin\"", &h);
	http_free(&h);
	refuses(g, "agent-change", admin_id, version_of(g, "agents", admin_id), "\"active\":\"no\"",
		409, "state");
	does(g, "agent-change", bob_id, version_of(g, "agents", bob_id), "\"role\":\"agent\"", &h);
	http_free(&h);
}

static void put_password(struct group *g, const char *token, const char *id, const char *body,
			 struct http *ret)
{
	char path[100];

	snprintf(path, sizeof(path), "/v1/agents/%s/password", id);
	http_call(&g->service, token, "PUT", path, body, NULL, ret);
}

static void test_another_password(void **state)
{
	struct group *g = *state;
	const char *check[] = {"check", "--db", g->service.db, NULL};
	char *token = service_login(&g->service, "bob");
	char id[37];
	struct http h;

	put_password(g, g->chef, bob_id, "{\"password\":\"een-ander-woord\"}", &h);
	assert_problem(&h, 403, "denied");
	http_free(&h);
	put_password(g, admin_token, bob_id, "{\"password\":\"kort\"}", &h);
	assert_problem(&h, 422, "bad-field");
	http_free(&h);
	put_password(g, admin_token, id_new(id), "{\"password\":\"een-ander-woord\"}", &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
	put_password(g, admin_token, bob_id, "{\"password\":\"een-ander-woord\"}", &h);
	assert_int_equal(h.status, 204);
	http_free(&h);
	status_is(g, token, 401);
	http_post(&g->service, NULL, "/v1/login",
		  "{\"name\":\"bob\",\"password\":\"een-ander-woord\"}", &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	put_password(g, admin_token, bob_id, "{\"password\":\"" SERVICE_PASSWORD "\"}", &h);
	assert_int_equal(h.status, 204);
	http_free(&h);
	/* The journal knows of it and nothing more. */
	assert_int_equal(service_run(check, NULL, NULL), 0);
	free(token);
}

static int run_with(struct group *g, const char *const *words, const char *input, char **output)
{
	const char *args[12] = {NULL};
	size_t n = 0;

	for (; words[n]; n++)
		args[n] = words[n];
	args[n++] = "--db";
	args[n] = g->service.db;
	return service_run(args, input, output);
}

static int run(struct group *g, const char *const *words, char **output)
{
	return run_with(g, words, NULL, output);
}

static void test_commands(void **state)
{
	struct group *g = *state;
	static const char *const
		add[] = {"team", "add", "Sport", NULL},
		*const rename[] = {"team", "rename", "Sport", "Vrije tijd", NULL},
		*const disable[] = {"team", "disable", "Vrije tijd", NULL},
		*const enable[] = {"team", "enable", "Vrije tijd", NULL},
		*const teams[] = {"team", "list", NULL}, *const topic[] = {"topic",	 "add",
									   "Zaalhuur",	 "--team",
									   "Vrije tijd", "--kind",
									   "aanvraag",	 "--days",
									   "20",	 NULL},
		*const change[] = {"topic", "change", "Zaalhuur", "--days", "0", NULL},
		*const topics[] = {"topic", "list", NULL}, *const user[] = {"user",  "change",
									    "chef",  "--role",
									    "admin", NULL},
		*const back[] = {"user", "change", "chef", "--role", "supervisor", NULL},
		*const nothing[] = {"topic", "change", "Zaalhuur", NULL},
		*const strange[] = {"team", "list", "--dry-run", NULL};
	char *output;

	assert_int_equal(run(g, add, NULL), 0);
	assert_int_equal(run(g, add, NULL), 1);
	assert_int_equal(run(g, rename, NULL), 0);
	assert_int_equal(run(g, rename, NULL), 1);
	assert_int_equal(run(g, disable, NULL), 0);
	assert_int_equal(run(g, topic, NULL), 1);
	assert_int_equal(run(g, teams, &output), 0);
	assert_non_null(strstr(output, "Vrije tijd\town team\tdisabled\n"));
	free(output);
	assert_int_equal(run(g, enable, NULL), 0);
	assert_int_equal(run(g, topic, NULL), 0);
	assert_int_equal(run(g, topics, &output), 0);
	assert_non_null(strstr(output, "Zaalhuur\trequest\tVrije tijd\t20 days\tactive\n"));
	free(output);
	assert_int_equal(run(g, change, NULL), 0);
	assert_int_equal(run(g, topics, &output), 0);
	assert_non_null(strstr(output, "Zaalhuur\trequest\tVrije tijd\tno deadline\tactive\n"));
	free(output);
	assert_int_equal(run(g, nothing, NULL), 1);
	assert_int_equal(run(g, strange, NULL), 2);
	assert_int_equal(run(g, user, NULL), 0);
	assert_int_equal(run(g, back, NULL), 0);
}

#define TEMPLATE(g, input, output, ...) \
	run_with(g, (const char *const[]){"template", __VA_ARGS__, NULL}, input, output)

static void test_template_commands(void **state)
{
	struct group *g = *state;
	char *output;
	struct http h;

	assert_int_equal(TEMPLATE(g, "Dag {naam}\n", NULL, "add", "Ontvangst"), 0);
	assert_int_equal(TEMPLATE(g, "Dag\n", NULL, "add", "Ontvangst"), 1);
	assert_int_equal(TEMPLATE(g, " \n", NULL, "add", "Leeg"), 1);
	assert_int_equal(TEMPLATE(g, "Ciao\n", NULL, "add", "Ricevuta", "--language", "it"), 1);
	assert_int_equal(TEMPLATE(g, "Dag\n", NULL, "add", "Weg", "--topic", "Bestaat niet"), 1);
	assert_int_equal(TEMPLATE(g, NULL, &output, "list"), 0);
	assert_string_equal(output, "Ontvangst\tnl\tactive\n");
	free(output);
	assert_int_equal(TEMPLATE(g, "Bonjour\n", NULL, "change", "Ontvangst", "--language", "fr"),
			 0);
	assert_int_equal(TEMPLATE(g, NULL, NULL, "rename", "Ontvangst", "Accusé"), 0);
	assert_int_equal(TEMPLATE(g, NULL, NULL, "disable", "Ontvangst"), 1);
	assert_int_equal(TEMPLATE(g, NULL, NULL, "disable", "Accusé"), 0);
	assert_int_equal(TEMPLATE(g, NULL, &output, "list"), 0);
	assert_string_equal(output, "Accusé\tfr\tdisabled\n");
	free(output);
	assert_int_equal(TEMPLATE(g, NULL, NULL, "enable", "Accusé"), 0);
	http_get(&g->service, g->an, "/v1/templates", &h);
	assert_string_equal(http_text(&h, "items.0.body"), "Bonjour\n");
	assert_int_equal(http_number(&h, "items.0.version"), 5);
	http_free(&h);
	/* A team has nothing more to change than its name. */
	assert_int_equal(run(g, (const char *const[]){"team", "change", "Onthaal", NULL}, NULL), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_administrators),
		cmocka_unit_test(test_teams),
		cmocka_unit_test(test_topics),
		cmocka_unit_test(test_agents),
		cmocka_unit_test(test_nothing_goes_back_to_who_is_gone),
		cmocka_unit_test(test_locked_out_at_once),
		cmocka_unit_test(test_somebody_stays),
		cmocka_unit_test(test_another_password),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_template_commands),
		cmocka_unit_test(test_names_that_read_the_same),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
