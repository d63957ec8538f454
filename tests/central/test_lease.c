/* Work that one of all services does: one holds it, and another takes over when that one ends. */
#include "group.h"
#include "balie/clock.h"
#include "lease.h"

#define TAKEN_OVER_MS 15000

static bool does_cleaning(const struct service *s)
{
	const cJSON *name;
	struct http h;
	bool ret = false;

	http_get(s, NULL, "/v1/health", &h);
	assert_int_equal(h.status, 200);
	assert_true(cJSON_IsArray(http_at(&h, "leases")));
	cJSON_ArrayForEach(name, http_at(&h, "leases"))
	{
		ret |= strcmp(name->valuestring, LEASE_CLEANING) == 0;
	}
	http_free(&h);
	return ret;
}

/* Asks again after each second that the service itself waits for news. */
static void await_cleaning(const struct service *s, const char *token)
{
	int64_t until = clock_mono() + TAKEN_OVER_MS;
	char path[200];
	struct http h;

	while (!does_cleaning(s)) {
		assert_true(clock_mono() < until);
		http_get(s, token, "/v1/snapshot", &h);
		snprintf(path, sizeof(path), "/v1/changes?after=%s&wait=1",
			 http_text(&h, "cursor"));
		http_free(&h);
		http_get(s, token, path, &h);
		http_free(&h);
	}
}

static void test_killed_and_stopped_holders_lose_it(void **state)
{
	struct service one, two;
	char *token;

	(void)state;
	service_make(&one);
	service_start(&one, NULL);
	token = service_login(&one, "an");
	await_cleaning(&one, token);
	two = one;
	two.pid = 0;
	service_start(&two, NULL);
	assert_false(does_cleaning(&two));
	service_stop(&one, SIGKILL);
	await_cleaning(&two, token);

	/* The old address may be another's by now. */
	service_start(&one, NULL);
	assert_false(does_cleaning(&one));
	kill(two.pid, SIGSTOP);
	await_cleaning(&one, token);
	kill(two.pid, SIGCONT);
	assert_false(does_cleaning(&two));

	/* Who stops in order gives it back. */
	assert_int_equal(service_stop(&one, SIGTERM), 0);
	await_cleaning(&two, token);
	assert_int_equal(service_stop(&two, SIGTERM), 0);
	service_remove(&one);
	free(token);
}

static bool check(struct leases *l, struct town *t)
{
	struct err err = {0};
	bool held = false;

	assert_true(town_begin(t, &err));
	assert_true(lease_check(l, t, LEASE_CLEANING, &held, &err));
	town_rollback(t);
	return held;
}

static void test_the_work_looks_itself(void **state)
{
	struct service s;
	struct town a = {0}, b = {0};
	struct leases *mine, *theirs;
	struct err err = {0};

	(void)state;
	service_make(&s);
	assert_true(town_open(&a, s.db, 0, &err));
	assert_true(town_open(&b, s.db, 0, &err));
	leases_create(&mine);
	leases_create(&theirs);
	assert_string_equal(lease_name(0), LEASE_CLEANING);
	assert_false(lease_held(mine, LEASE_CLEANING));
	assert_false(lease_held(mine, "something else"));
	assert_false(check(mine, &a));
	leases_renew(mine, &a);
	leases_renew(theirs, &b);
	leases_renew(mine, &a);
	assert_true(leases_due(mine) > clock_mono());
	assert_true(lease_held(mine, LEASE_CLEANING));
	assert_false(lease_held(theirs, LEASE_CLEANING));
	assert_true(check(mine, &a));
	assert_false(check(theirs, &b));
	/* Lost without knowing: the work finds out, and from then on this service knows. */
	leases_leave(mine, &a);
	leases_renew(theirs, &b);
	assert_true(lease_held(theirs, LEASE_CLEANING));
	assert_true(lease_held(mine, LEASE_CLEANING));
	assert_false(check(mine, &a));
	assert_false(lease_held(mine, LEASE_CLEANING));
	assert_true(check(theirs, &b));
	leases_destroy(mine);
	leases_destroy(theirs);
	town_close(&a);
	town_close(&b);
	service_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_work_looks_itself),
		cmocka_unit_test(test_killed_and_stopped_holders_lose_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
