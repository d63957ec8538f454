/* The two queues under two threads; meant for the thread sanitizer too. */
#include "fixture.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES 5000

static atomic_int woken_sync, woken_ui;

static void wake(void *user)
{
	atomic_fetch_add((atomic_int *)user, 1);
}

/* Plays the sync thread: answers each message with another. */
static void *other_side(void *user)
{
	struct port *p = user;
	struct port_message m;
	int64_t expected = 0;

	while (expected < MESSAGES) {
		if (!port_take_sync(p, &m))
			continue;
		if (m.kind == PORT_PRESENCE) {
			if (m.number != expected)
				return NULL;
			expected++;
			port_to_ui(p, PORT_TOLD, m.id, m.number, false, m.text);
		}
		port_message_finish(&m);
	}
	return user;
}

static void every_message_once_and_in_order(void **state)
{
	struct port *p = port_create(wake, &woken_sync, wake, &woken_ui);
	struct port_message m;
	pthread_t thread;
	int64_t sent = 0, got = 0;
	void *result = NULL;

	assert_int_equal(pthread_create(&thread, NULL, other_side, p), 0);
	while (got < MESSAGES) {
		char text[24];

		snprintf(text, sizeof(text), "%lld", (long long)sent);
		/* Never further ahead than the queue is long. */
		if (sent < MESSAGES && sent - got < 1000) {
			port_to_sync(p, PORT_PRESENCE, "t", sent++, false, text);
			port_to_sync(p, PORT_OUTBOX, NULL, 0, false, NULL);
		}
		while (port_take_ui(p, &m)) {
			assert_int_equal(m.number, got++);
			assert_int_equal(strtoll(m.text, NULL, 10), m.number);
			port_message_finish(&m);
		}
	}
	pthread_join(thread, &result);
	assert_ptr_equal(result, p);
	assert_int_equal(atomic_load(&woken_sync), 2 * MESSAGES);
	assert_int_equal(atomic_load(&woken_ui), MESSAGES);
	port_destroy(p);
}

static void changes_melt_together(void **state)
{
	struct port *p = port_create(NULL, NULL, NULL, NULL);
	struct port_message m;

	port_to_ui(p, PORT_CHANGED, NULL, WATCH_TICKETS, false, NULL);
	port_to_ui(p, PORT_STATUS, NULL, LINK_ONLINE, false, NULL);
	port_to_ui(p, PORT_CHANGED, NULL, WATCH_OUTBOX, false, NULL);
	assert_true(port_take_ui(p, &m));
	assert_int_equal(m.number, WATCH_TICKETS | WATCH_OUTBOX);
	assert_true(port_take_ui(p, &m));
	assert_int_equal(m.kind, PORT_STATUS);
	assert_false(port_take_ui(p, &m));
	for (int i = 0; i < 20000; i++)
		port_to_sync(p, PORT_PRESENCE, "t", i, false, "x");
	port_destroy(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_once_and_in_order),
		cmocka_unit_test(changes_melt_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
