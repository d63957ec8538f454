/* Who may come in, how often he may try, and how he leaves. */
#include "group.h"

static int setup(void **state)
{
	static const char *const args[] = {"--rate", "50", "--burst", "200", NULL};

	return group_start(state, args);
}

static void test_health_needs_no_token(void **state)
{
	struct group *g = *state;
	struct http h;

	http_get(&g->service, NULL, "/v1/health", &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "status"), "ok");
	assert_true(id_valid(http_text(&h, "epoch")));
	assert_non_null(http_header(&h, "Date"));
	assert_non_null(http_header(&h, "X-Request-Id"));
	http_free(&h);
}

static void test_login_gives_agent_and_team(void **state)
{
	struct group *g = *state;
	struct http h;

	http_post(&g->service, NULL, "/v1/login",
		  "{\"name\":\"AN\",\"password\":\"" SERVICE_PASSWORD "\"}", &h);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_text(&h, "agent.name"), "an");
	assert_string_equal(http_text(&h, "team.name"), "Onthaal");
	assert_non_null(http_text(&h, "expires"));
	assert_null(strstr(h.body, "argon2"));
	http_free(&h);
	http_get(&g->service, g->ext, "/v1/me", &h);
	assert_string_equal(http_text(&h, "agent.name"), "ext");
	assert_string_equal(http_text(&h, "team.kind"), "outside");
	http_free(&h);
}

static void test_wrong_tokens(void **state)
{
	struct group *g = *state;
	struct http h;

	http_get(&g->service, NULL, "/v1/me", &h);
	assert_problem(&h, 401, "login");
	assert_string_equal(http_header(&h, "WWW-Authenticate"), "Bearer");
	http_free(&h);
	http_get(&g->service, "geen-token", "/v1/me", &h);
	assert_problem(&h, 401, "login-expired");
	http_free(&h);
}

static void test_problems_in_the_readers_language(void **state)
{
	static const char *const nl[] = {"Accept-Language: nl-BE, en;q=0.5", NULL};
	static const char *const en[] = {"Accept-Language: en", NULL};
	struct group *g = *state;
	struct http h;

	http_call(&g->service, NULL, "GET", "/v1/me", NULL, nl, &h);
	assert_string_equal(http_text(&h, "title"), "Meld u eerst aan");
	http_free(&h);
	http_call(&g->service, NULL, "GET", "/v1/me", NULL, en, &h);
	assert_string_equal(http_text(&h, "title"), "Log in first");
	http_free(&h);
}

static void test_five_misses_then_wait(void **state)
{
	struct group *g = *state;
	struct http h;
	int i;

	for (i = 0; i < 5; i++) {
		http_post(&g->service, NULL, "/v1/login",
			  "{\"name\":\"bob\",\"password\":\"niet-het-juiste\"}", &h);
		assert_problem(&h, 401, "login");
		http_free(&h);
	}
	/* Also the right one: else one could go on trying. */
	http_post(&g->service, NULL, "/v1/login",
		  "{\"name\":\"bob\",\"password\":\"" SERVICE_PASSWORD "\"}", &h);
	assert_problem(&h, 429, "too-many");
	assert_true(atoi(http_header(&h, "Retry-After")) > 60);
	http_free(&h);
	/* Others are not kept out by it, and who is in stays in. */
	free(service_login(&g->service, "chef"));
	http_get(&g->service, g->bob, "/v1/me", &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
}

static void test_twenty_misses_an_address(void **state)
{
	struct group *g = *state;
	struct http h;
	char body[100];
	int i;

	/* Five were spent by the test before. */
	for (i = 5; i < 20; i++) {
		snprintf(body, sizeof(body), "{\"name\":\"niemand%d\",\"password\":\"x\"}", i);
		http_post(&g->service, NULL, "/v1/login", body, &h);
		assert_problem(&h, 401, "login");
		http_free(&h);
	}
	http_post(&g->service, NULL, "/v1/login",
		  "{\"name\":\"an\",\"password\":\"" SERVICE_PASSWORD "\"}", &h);
	assert_problem(&h, 429, "too-many");
	http_free(&h);
}

/* What a proxy adds stands last, in the last header; what stands before it anybody can have sent. */
static void test_forged_addresses(void **state)
{
	static const char *const args[] = {"--proxy", "unix", NULL};
	const char *headers[] = {NULL, "X-Forwarded-For: 198.51.100.7, 203.0.113.9", NULL};
	struct service s;
	struct http h;
	char body[100], forged[60];
	int i;

	(void)state;
	service_make(&s);
	service_start_unix(&s, args);
	for (i = 0; i < 21; i++) {
		snprintf(body, sizeof(body), "{\"name\":\"iemand%d\",\"password\":\"x\"}", i);
		snprintf(forged, sizeof(forged), "x-forwarded-for: 192.0.2.%d", i + 1);
		headers[0] = forged;
		http_call(&s, NULL, "POST", "/v1/login", body, headers, &h);
		if (i < 20)
			assert_problem(&h, 401, "login");
		else
			assert_problem(&h, 429, "too-many");
		http_free(&h);
	}
	/* Another one behind the same proxy. */
	headers[1] = "X-Forwarded-For: 203.0.113.10";
	http_call(&s, NULL, "POST", "/v1/login",
		  "{\"name\":\"an\",\"password\":\"" SERVICE_PASSWORD "\"}", headers, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	assert_int_equal(service_stop(&s, SIGTERM), 0);
	service_remove(&s);
}

static void test_requests_are_limited(void **state)
{
	struct group *g = *state;
	struct http h;
	long status = 200;
	int i;

	for (i = 0; i < 2000 && status == 200; i++) {
		http_get(&g->service, g->chef, "/v1/me", &h);
		status = h.status;
		if (status == 429) {
			assert_problem(&h, 429, "too-many");
			assert_string_equal(http_header(&h, "Retry-After"), "1");
		}
		http_free(&h);
	}
	assert_int_equal(status, 429);
	assert_true(i >= 200);
	http_get(&g->service, g->an, "/v1/me", &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
}

static void test_logout_ends_the_token(void **state)
{
	struct group *g = *state;
	struct http h;

	http_call(&g->service, g->ext, "POST", "/v1/logout", NULL, NULL, &h);
	assert_int_equal(h.status, 204);
	http_free(&h);
	http_get(&g->service, g->ext, "/v1/me", &h);
	assert_problem(&h, 401, "login-expired");
	http_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_health_needs_no_token),
		cmocka_unit_test(test_login_gives_agent_and_team),
		cmocka_unit_test(test_wrong_tokens),
		cmocka_unit_test(test_problems_in_the_readers_language),
		cmocka_unit_test(test_five_misses_then_wait),
		cmocka_unit_test(test_twenty_misses_an_address),
		cmocka_unit_test(test_forged_addresses),
		cmocka_unit_test(test_requests_are_limited),
		cmocka_unit_test(test_logout_ends_the_token),
	};

	return cmocka_run_group_tests(tests, setup, group_stop);
}
