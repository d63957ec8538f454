/* A real balied sends: an agent answers by the API, takes it back or lets it go, sees what became of it, and
 * what waits for a server that is away; it stops while a server says nothing, and goes on after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../central/service.h"
#include "balie/clock.h"
#include "fake_smtp.h"
#include "post.h"

static struct service service;
static struct post post;
static struct fake_smtp *server;
static char config[100];
static char *an;

static void start(void)
{
	const char *args[] = {"--config", config, NULL};

	service_start(&service, args);
	free(an);
	an = service_login(&service, "an");
}

/* The state of a message as the API tells it, and why; "" when it is not there. */
static void look(const char *id, char state[40], char reason[300])
{
	char *path = xasprintf("/v1/tickets/%s/timeline", post.ticket_id);
	struct http h;

	state[0] = reason[0] = '\0';
	http_get(&service, an, path, &h);
	assert_int_equal(h.status, 200);
	for (int i = 0; i < 200; i++) {
		char at[60];
		const char *text;

		snprintf(at, sizeof(at), "messages.%d.id", i);
		text = http_text(&h, at);
		if (text == NULL || strcmp(text, id) != 0)
			continue;
		snprintf(at, sizeof(at), "messages.%d.state", i);
		snprintf(state, 40, "%s", http_text(&h, at));
		snprintf(at, sizeof(at), "messages.%d.reason", i);
		text = http_text(&h, at);
		snprintf(reason, 300, "%s", text != NULL ? text : "");
	}
	http_free(&h);
	free(path);
}

/* Long polls until the message is in that state. */
static void await_state(const char *id, const char *wanted)
{
	char state[40], reason[300];
	int64_t until = clock_mono() + 30000;

	for (look(id, state, reason); strcmp(state, wanted) != 0; look(id, state, reason)) {
		if (clock_mono() > until)
			fail_msg("%s is %s (%s)", id, state, reason);
		fake_smtp_wait_step(server, FAKE_END, fake_smtp_steps(server, FAKE_END) + 1, 20);
	}
}

static void answer(const char *more, char id[37])
{
	struct http h;

	service_act(&service, an, "answer", post.ticket_id, 0, more, id, &h);
	if (h.status != 200)
		fail_msg("%s", h.body);
	http_free(&h);
}

/* As if the time to take it back were over; another mail wakes the sender. */
static void let_go(void)
{
	char id[ID_TEXT];

	post_hurry(&post, clock_now());
	post_answer(&post, "wekker@x.example", NULL, "x", true, clock_now(), id);
}

static int taken_with(const char *text)
{
	int times = 0;

	for (size_t i = 0; i < fake_smtp_taken(server); i++)
		times += strstr(fake_smtp_mail(server, i)->bytes, text) != NULL;
	return times;
}

static void an_answer_can_be_taken_back(void **state)
{
	char id[37], key[37], now[40], reason[300], *more;
	struct http h;

	answer("\"body\":\"Dag An\"", id);
	look(id, now, reason);
	assert_string_equal(now, "queued");
	more = xasprintf("\"operation\":\"%s\"", id);
	service_act(&service, an, "undo", post.ticket_id, 0, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	free(more);
	look(id, now, reason);
	assert_string_equal(now, "");
	assert_int_equal(post_row_state(&post, id), -1);
}

static void an_answer_goes_out(void **state)
{
	size_t n = fake_smtp_taken(server);
	char id[37], key[37], *more;
	struct http h;
	bool found = false;

	answer("\"body\":\"De put is dicht\",\"cc\":\"Bo <bo@y.example>\"", id);
	let_go();
	await_state(id, "sent");
	for (size_t i = n; i < fake_smtp_taken(server); i++)
		found |= strcmp(fake_smtp_mail(server, i)->to,
				"RCPT TO:<an@x.example>\nRCPT TO:<bo@y.example>") == 0;
	assert_true(found);
	more = xasprintf("\"operation\":\"%s\"", id);
	service_act(&service, an, "undo", post.ticket_id, 0, more, key, &h);
	assert_int_equal(h.status, 409);
	http_free(&h);
	free(more);
	more = xasprintf("/v1/messages/%s/raw", id);
	http_get(&service, an, more, &h);
	assert_int_equal(h.status, 200);
	assert_non_null(strstr(h.body, "De put is dicht"));
	http_free(&h);
	free(more);
}

static void a_wrong_address_is_told_at_once(void **state)
{
	struct http h;
	char id[37];

	service_act(&service, an, "answer", post.ticket_id, 0,
		    "\"body\":\"x\",\"to\":\"an@x.example, bo@\"", id, &h);
	assert_true(h.status == 400 || h.status == 422);
	assert_string_equal(http_text(&h, "pointer"), "/to");
	assert_non_null(strstr(h.body, "bo@"));
	http_free(&h);
}

static void what_is_not_sure_is_for_a_person(void **state)
{
	struct fake_script s = {0};
	char id[37], key[37], *more;
	struct http h;

	s.replies[FAKE_END] = FAKE_CUT;
	fake_smtp_script(server, &s);
	answer("\"body\":\"Is dit aangekomen?\"", id);
	let_go();
	await_state(id, "uncertain");
	fake_smtp_script(server, &(struct fake_script){0});
	more = xasprintf("\"message_id\":\"%s\",\"reason\":\"An belde\"", id);
	service_act(&service, an, "settle", post.ticket_id, 0, more, key, &h);
	if (h.status != 200)
		fail_msg("%s", h.body);
	http_free(&h);
	free(more);
	await_state(id, "sent");
	assert_int_equal(taken_with("Is dit aangekomen"), 1);
}

/* A stop is not held up by a server that says nothing; what was not sure stays so, what was is sent. */
static void a_stop_waits_for_no_silent_server(void **state)
{
	struct fake_script s = {0};
	char id[37];
	int64_t from;
	int times = fake_smtp_steps(server, FAKE_MAIL);

	s.replies[FAKE_MAIL] = FAKE_SILENT;
	fake_smtp_script(server, &s);
	answer("\"body\":\"Straks\"", id);
	let_go();
	fake_smtp_await_step(server, FAKE_MAIL, times + 1);
	from = clock_mono();
	assert_int_equal(service_stop(&service, SIGTERM), 0);
	assert_true(clock_mono() - from < 9000);
	fake_smtp_script(server, &(struct fake_script){0});
	start();
	let_go();
	await_state(id, "sent");
}

/* Two services of one town: one sends, and when it is killed the other goes on where it was. */
static void two_services_send_each_mail_once(void **state)
{
	const char *args[] = {"--config", config, NULL};
	struct service two = service;
	char ids[40][ID_TEXT], now[40], reason[300];
	int uncertain = 0;

	if (!postgres_wanted())
		skip();
	two.pid = 0;
	service_start(&two, args);
	for (int i = 0; i < 40; i++) {
		char to[40], body[40];

		snprintf(to, sizeof(to), "twee%d@x.example", i);
		snprintf(body, sizeof(body), "Brief %d van twee\n", i);
		post_answer(&post, to, NULL, body, true, clock_now(), ids[i]);
	}
	fake_smtp_await(server, fake_smtp_taken(server) + 5);
	service_stop(&service, SIGKILL);
	free(postgres_run(service.db, "DELETE FROM lease"));
	service = two;
	free(an);
	an = service_login(&service, "an");
	for (int64_t until = clock_mono() + 30000; post_hurry(&post, clock_now()) > 0;) {
		assert_true(clock_mono() < until);
		fake_smtp_wait_step(server, FAKE_END, fake_smtp_steps(server, FAKE_END) + 1, 20);
	}
	for (int i = 0; i < 40; i++) {
		char body[40];

		snprintf(body, sizeof(body), "Brief %d van twee", i);
		look(ids[i], now, reason);
		uncertain += strcmp(now, "uncertain") == 0;
		assert_true(strcmp(now, "sent") == 0 || strcmp(now, "uncertain") == 0);
		assert_true(taken_with(body) <= 1);
		assert_true(taken_with(body) == 1 || strcmp(now, "uncertain") == 0);
	}
	assert_true(uncertain <= 1);
}

static int setup(void **state)
{
	FILE *f;

	server = fake_smtp_start();
	service_make(&service);
	post_open(&post, service.db, clock_now());
	post_take(&post, "From: An Claes <an@x.example>\nSubject: put\n\nEen put.\n", clock_now());
	snprintf(config, sizeof(config), "%s/balied.conf", service.dir);
	f = fopen(config, "w");
	fprintf(f, "[mailbox info]\naddress = %s\nsmtp = %s\n", POST_ADDRESS,
		fake_smtp_url(server));
	fclose(f);
	start();
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(service_stop(&service, SIGTERM), 0);
	post_close(&post);
	service_remove(&service);
	fake_smtp_stop(server);
	free(an);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_can_be_taken_back),
		cmocka_unit_test(an_answer_goes_out),
		cmocka_unit_test(a_wrong_address_is_told_at_once),
		cmocka_unit_test(what_is_not_sure_is_for_a_person),
		cmocka_unit_test(a_stop_waits_for_no_silent_server),
		cmocka_unit_test(two_services_send_each_mail_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
