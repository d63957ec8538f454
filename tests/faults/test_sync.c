/* The network thread against a service that fails on purpose: nothing is lost, nothing doubled. */
#include "fixture.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/sync.h"
#include "scripted.h"

#define TICKETS 10

struct world {
	char *dir, *server, *token_file;
	struct scripted *service;
	struct sync_spec spec;
	struct work *work; /* as the screens have it */
	struct arena arena;
	/* for tests with a thread */
	pthread_mutex_t lock;
	pthread_cond_t woken;
	int wakes;
	struct sync *sync;
	struct port *port;
};

static void set_up(struct world *w)
{
	struct err err = {0};

	memset(w, 0, sizeof(*w));
	w->dir = fixture_dir();
	w->service = scripted_start(w->dir, TICKETS);
	w->server = xasprintf("unix:%s", w->service->path);
	w->token_file = xasprintf("%s/token", w->dir);
	w->spec = (struct sync_spec){.server = w->server,
				     .name = "an",
				     .password = "geheim",
				     .dir_cache = w->dir,
				     .dir_work = w->dir,
				     .token_file = w->token_file,
				     .language = "nl"};
	assert_ok(work_open(&w->work, w->dir, &err), err);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->woken, NULL);
}

static void tear_down(struct world *w)
{
	work_close(w->work);
	if (w->service != NULL)
		scripted_stop(w->service);
	arena_finish(&w->arena);
	free(w->server);
	free(w->token_file);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->woken);
	fixture_remove(w->dir);
}

static const char *ticket_id(struct world *w, int i)
{
	return w->service->tickets[i].id;
}

static void append(struct world *w, int action, const char *record, int64_t base)
{
	struct envelope e = {.action = &actions.rows[action],
			     .record = record,
			     .base_version = base,
			     .args = args_none};
	struct err err = {0};
	char id[37];

	e.id = id_new(id);
	if (action == ACT_PRIORITY)
		e.args.priority = PRIORITY_HIGH;
	else
		e.args.body = "Dit mag niet verloren gaan";
	assert_ok(work_append(w->work, &e, clock_now(), false, &err), err);
}

static struct sync_report once(struct world *w)
{
	struct sync_report report = {0};
	struct err err = {0};

	assert_ok(sync_once(&w->spec, &report, &err), err);
	return report;
}

static struct outbox_row *outbox(struct world *w, size_t expected)
{
	struct outbox_row *rows;
	struct err err = {0};
	size_t n;

	assert_ok(work_outbox(w->work, 100, &rows, &n, &w->arena, &err), err);
	assert_int_equal(n, expected);
	return rows;
}

static struct queue_row mirrored(struct world *w, const char *id, bool expected)
{
	struct cache *c;
	struct queue_row row = {0};
	struct err err = {0};
	bool found;

	assert_ok(cache_open(&c, w->dir, false, NULL, &err), err);
	found = cache_ticket(c, NULL, id, &row, &w->arena, &err);
	assert_int_equal(found, expected);
	cache_close(c);
	return row;
}

/* ---- one by one ---- */

static void everything_comes_in_once(void **state)
{
	struct world w;
	struct sync_report report;
	struct stat st;

	set_up(&w);
	report = once(&w);
	assert_true(report.full);
	assert_int_equal(report.fetched[RECORD_TICKET], TICKETS);
	assert_int_equal(report.timelines, TICKETS);
	assert_int_equal(stat(w.token_file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (int i = 0; i < TICKETS; i++)
		mirrored(&w, ticket_id(&w, i), true);
	/* With the token from now on; only what changed. */
	w.spec.password = NULL;
	for (int i = 0; i < 12; i++)
		scripted_change(w.service, 3, i % 3);
	scripted_hide(w.service, 4);
	report = once(&w);
	assert_false(report.full);
	assert_int_equal(report.gone, 1);
	assert_int_equal(mirrored(&w, ticket_id(&w, 3), true).ticket.version, 13);
	mirrored(&w, ticket_id(&w, 4), false);
	assert_int_equal(scripted_get(w.service, &w.service->snapshots), 1);
	tear_down(&w);
}

/* The answer does not come, in every way that it can fail to come; the action is done once. */
static void a_lost_answer_is_asked_for_again(void **state)
{
	static const struct {
		enum scripted_fault fault;
		int applied; /* behind the first try */
	} cases[] = {
		{FAULT_DROP_BEFORE, 0}, {FAULT_DROP_AFTER, 1}, {FAULT_CUT, 1}, {FAULT_GARBAGE, 1}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		struct outbox_row *rows;
		struct err err = {0};

		set_up(&w);
		once(&w);
		append(&w, ACT_NOTE, ticket_id(&w, 0), 1);
		append(&w, ACT_PRIORITY, ticket_id(&w, 0), 1);
		/* libcurl itself tries once more on a connection that it had used before. */
		scripted_fault(w.service, cases[i].fault, 2);
		assert_false(sync_once(&w.spec, NULL, &err));
		assert_int_equal(err.kind, ERR_NET);
		assert_int_equal(scripted_get(w.service, &w.service->applied), cases[i].applied);
		rows = outbox(&w, 2);
		assert_int_equal(rows[0].state, OUTBOX_SENDING);
		assert_false(work_take_back(w.work, rows[0].seq, &err));
		scripted_fault(w.service, cases[i].fault, 0);
		once(&w);
		assert_int_equal(scripted_get(w.service, &w.service->applied), 2);
		rows = outbox(&w, 2);
		assert_int_equal(rows[0].state, OUTBOX_DONE);
		assert_int_equal(rows[1].state, OUTBOX_DONE);
		assert_int_equal(mirrored(&w, ticket_id(&w, 0), true).ticket.version, 3);
		assert_int_equal(scripted_get(w.service, &w.service->conflicts), 0);
		tear_down(&w);
	}
}

/* What may be done is not taken back, and a service that is too busy the next time changes nothing. */
static void an_unknown_outcome_stays_unsure(void **state)
{
	struct world w;
	struct outbox_row *rows;
	struct err err = {0};

	set_up(&w);
	once(&w);
	append(&w, ACT_NOTE, ticket_id(&w, 0), 1);
	/* As many as it tries at a time, and this one first. */
	scripted_fault(w.service, FAULT_UNKNOWN, 1);
	scripted_fault(w.service, FAULT_BUSY, 4);
	assert_int_equal(once(&w).sent, 0);
	assert_int_equal(scripted_get(w.service, &w.service->applied), 1);
	rows = outbox(&w, 1);
	assert_int_equal(rows[0].state, OUTBOX_SENDING);
	assert_false(work_take_back(w.work, rows[0].seq, &err));
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_int_equal(once(&w).sent, 1);
	rows = outbox(&w, 1);
	assert_int_equal(rows[0].state, OUTBOX_DONE);
	assert_int_equal(scripted_get(w.service, &w.service->applied), 1);
	tear_down(&w);
}

static void trouble_of_the_service_is_waited_out(void **state)
{
	static const enum scripted_fault faults[] = {FAULT_BUSY, FAULT_INTERNAL, FAULT_GATEWAY,
						     FAULT_UNKNOWN};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct world w;
		struct outbox_row *rows;
		struct sync_report report;

		set_up(&w);
		once(&w);
		append(&w, ACT_NOTE, ticket_id(&w, 0), 1);
		scripted_fault(w.service, faults[i], 1);
		report = once(&w);
		assert_int_equal(report.sent, 1);
		assert_int_equal(scripted_get(w.service, &w.service->applied), 1);
		assert_int_equal(scripted_get(w.service, &w.service->action_requests), 2);
		rows = outbox(&w, 1);
		assert_int_equal(rows[0].state, OUTBOX_DONE);
		tear_down(&w);
	}
}

static void a_conflict_waits_for_the_agent(void **state)
{
	struct world w;
	struct outbox_row *rows;
	struct sync_report report;
	struct err err = {0};

	set_up(&w);
	once(&w);
	scripted_change(w.service, 0, PRIORITY_LOW);
	append(&w, ACT_PRIORITY, ticket_id(&w, 0), 1);
	append(&w, ACT_NOTE, ticket_id(&w, 0), 1);
	append(&w, ACT_PRIORITY, ticket_id(&w, 1), 1);
	report = once(&w);
	assert_int_equal(report.conflicts, 1);
	assert_int_equal(report.sent, 1);
	rows = outbox(&w, 3);
	assert_int_equal(rows[0].state, OUTBOX_CONFLICT);
	assert_non_null(strstr(rows[0].theirs, "\"version\":2"));
	assert_string_equal(rows[0].reason, "words of the service");
	assert_int_equal(rows[1].state, OUTBOX_WAITING);
	assert_int_equal(rows[2].state, OUTBOX_DONE);
	/* Their side is in the mirror already. */
	assert_int_equal(mirrored(&w, ticket_id(&w, 0), true).ticket.version, 2);
	assert_ok(work_rebase(w.work, rows[0].seq, 2, &err), err);
	report = once(&w);
	assert_int_equal(report.sent, 2);
	assert_int_equal(mirrored(&w, ticket_id(&w, 0), true).ticket.version, 4);
	tear_down(&w);
}

static void a_refusal_is_told_in_the_services_words(void **state)
{
	struct world w;
	struct outbox_row *rows;

	set_up(&w);
	append(&w, ACT_NOTE, ticket_id(&w, 0), 1);
	scripted_fault(w.service, FAULT_DENIED, 1);
	assert_int_equal(once(&w).refused, 1);
	rows = outbox(&w, 1);
	assert_int_equal(rows[0].state, OUTBOX_REFUSED);
	assert_string_equal(rows[0].reason, "words of the service");
	tear_down(&w);
}

static void many_actions_go_in_order(void **state)
{
	struct world w;
	struct outbox_row *rows;
	uint64_t random = fixture_seed();

	set_up(&w);
	once(&w);
	for (int i = 0; i < 90; i++)
		append(&w, fixture_random(&random) % 2 ? ACT_NOTE : ACT_PRIORITY,
		       ticket_id(&w, i % 3), 1);
	assert_int_equal(once(&w).sent, 90);
	assert_int_equal(scripted_get(w.service, &w.service->conflicts), 0);
	assert_int_equal(scripted_get(w.service, &w.service->applied), 90);
	rows = outbox(&w, 90);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mirrored(&w, ticket_id(&w, i), true).ticket.version, 31);
	assert_int_equal(rows[0].state, OUTBOX_DONE);
	tear_down(&w);
}

static void a_restored_service_is_fetched_anew(void **state)
{
	struct world w;
	struct sync_report report;

	set_up(&w);
	scripted_change(w.service, 0, PRIORITY_LOW);
	once(&w);
	scripted_hide(w.service, 5);
	scripted_new_epoch(w.service);
	/* The backup was older than what we hold. */
	w.service->tickets[0].version = 1;
	report = once(&w);
	assert_true(report.full);
	assert_int_equal(mirrored(&w, ticket_id(&w, 0), true).ticket.version, 1);
	mirrored(&w, ticket_id(&w, 5), false);
	mirrored(&w, ticket_id(&w, 6), true);
	tear_down(&w);
}

static void an_expired_login_keeps_the_outbox(void **state)
{
	struct world w;
	struct err err = {0};

	set_up(&w);
	once(&w);
	w.spec.password = NULL;
	append(&w, ACT_NOTE, ticket_id(&w, 0), 1);
	w.service->login_refused = true;
	assert_false(sync_once(&w.spec, NULL, &err));
	assert_int_equal(err.kind, ERR_AUTH);
	assert_string_equal(err.text, "words of the service");
	assert_int_equal(outbox(&w, 1)[0].state, OUTBOX_WAITING);
	w.service->login_refused = false;
	assert_ok(sync_logout(&w.spec, &err), err);
	assert_false(sync_once(&w.spec, NULL, &err));
	assert_int_equal(err.kind, ERR_AUTH);
	tear_down(&w);
}

/* ---- the thread ---- */

static void wake_ui(void *user)
{
	struct world *w = user;

	pthread_mutex_lock(&w->lock);
	w->wakes++;
	pthread_cond_signal(&w->woken);
	pthread_mutex_unlock(&w->lock);
}

static void wake_sync(void *user)
{
	sync_wake(((struct world *)user)->sync);
}

static void start(struct world *w)
{
	struct err err = {0};

	w->port = port_create(wake_sync, w, wake_ui, w);
	w->spec.port = w->port;
	assert_ok(sync_start(&w->sync, &w->spec, &err), err);
}

static void stop(struct world *w, int flush_ms)
{
	sync_stop(w->sync, flush_ms);
	w->sync = NULL;
	port_destroy(w->port);
}

/* Waits for a message that fits; others are passed over. */
static void await(struct world *w, enum port_kind kind, int64_t number)
{
	struct port_message m;
	struct timespec until;
	bool found = false;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	while (!found) {
		while (!found && port_take_ui(w->port, &m)) {
			found = m.kind == kind && (kind == PORT_CHANGED ? (m.number & number) != 0
									: m.number == number);
			port_message_finish(&m);
		}
		pthread_mutex_lock(&w->lock);
		while (!found && w->wakes == 0)
			if (pthread_cond_timedwait(&w->woken, &w->lock, &until) == ETIMEDOUT)
				fail_msg("no message %d %lld in a minute", kind, (long long)number);
		w->wakes = 0;
		pthread_mutex_unlock(&w->lock);
	}
	/* What else came in between is for the next call to look at. */
	wake_ui(w);
}

static void await_applied(struct world *w, int applied)
{
	while (scripted_get(w->service, &w->service->applied) < applied)
		await(w, PORT_CHANGED, WATCH_OUTBOX);
}

static void await_version(struct world *w, int ticket, int64_t version)
{
	while (mirrored(w, ticket_id(w, ticket), true).ticket.version < version)
		await(w, PORT_CHANGED, WATCH_TICKETS);
}

static void the_thread_listens(bool no_stream)
{
	struct world w;

	set_up(&w);
	w.service->no_stream = no_stream;
	start(&w);
	await(&w, PORT_STATUS, LINK_ONLINE);
	for (int i = 0; i < 20; i++)
		scripted_change(w.service, 2, i % 3);
	await_version(&w, 2, 21);
	/* What an agent does goes out at once and comes back. */
	append(&w, ACT_NOTE, ticket_id(&w, 1), 1);
	port_to_sync(w.port, PORT_OUTBOX, NULL, 0, false, NULL);
	await_applied(&w, 1);
	await_version(&w, 1, 2);
	if (!no_stream)
		assert_int_equal(scripted_get(w.service, &w.service->streams), 1);
	stop(&w, 2000);
	tear_down(&w);
}

static void the_thread_listens_to_the_stream(void **state)
{
	the_thread_listens(false);
}

static void the_thread_polls_without_a_stream(void **state)
{
	the_thread_listens(true);
}

static void the_thread_comes_back(void **state)
{
	struct world w;

	set_up(&w);
	start(&w);
	await(&w, PORT_STATUS, LINK_ONLINE);
	scripted_stop(w.service);
	w.service = NULL;
	await(&w, PORT_STATUS, LINK_OFFLINE);
	append(&w, ACT_NOTE, "00000004-0000-7000-8000-000000000001", 1);
	append(&w, ACT_PRIORITY, "00000004-0000-7000-8000-000000000001", 1);
	port_to_sync(w.port, PORT_OUTBOX, NULL, 0, false, NULL);
	w.service = scripted_start(w.dir, TICKETS);
	w.service->epoch = 2;
	port_to_sync(w.port, PORT_REFRESH, NULL, 0, false, NULL);
	await(&w, PORT_STATUS, LINK_ONLINE);
	assert_int_equal(scripted_get(w.service, &w.service->applied), 2);
	assert_int_equal(scripted_get(w.service, &w.service->snapshots), 1);
	assert_int_equal(outbox(&w, 2)[0].state, OUTBOX_DONE);
	stop(&w, 2000);
	tear_down(&w);
}

static void the_thread_waits_for_a_login(void **state)
{
	struct world w;
	struct err err = {0};
	struct sync_spec with_password;

	set_up(&w);
	with_password = w.spec;
	w.spec.password = NULL;
	start(&w);
	await(&w, PORT_STATUS, LINK_LOGIN_NEEDED);
	append(&w, ACT_NOTE, ticket_id(&w, 0), 1);
	port_to_sync(w.port, PORT_OUTBOX, NULL, 0, false, NULL);
	assert_ok(sync_login(&with_password, &err), err);
	port_to_sync(w.port, PORT_REFRESH, NULL, 0, false, NULL);
	await(&w, PORT_STATUS, LINK_ONLINE);
	assert_int_equal(scripted_get(w.service, &w.service->applied), 1);
	stop(&w, 2000);
	tear_down(&w);
}

/* The answer about a file; its text goes into ret. */
static bool await_file(struct world *w, char ret[512])
{
	struct port_message m;

	for (;;) {
		while (port_take_ui(w->port, &m)) {
			bool file = m.kind == PORT_FILE, ok = m.flag;

			snprintf(ret, 512, "%s", m.text != NULL ? m.text : "");
			port_message_finish(&m);
			if (file)
				return ok;
		}
		pthread_mutex_lock(&w->lock);
		while (w->wakes == 0)
			pthread_cond_wait(&w->woken, &w->lock);
		w->wakes = 0;
		pthread_mutex_unlock(&w->lock);
	}
}

static void files_come_whole_or_not(void **state)
{
	struct world w;
	struct stat st;
	char text[512], content[64] = "";
	char *path;
	FILE *file;

	set_up(&w);
	path = xasprintf("%s/bericht.eml", w.dir);
	start(&w);
	await(&w, PORT_STATUS, LINK_ONLINE);
	port_to_sync(w.port, PORT_RAW, ticket_id(&w, 0), 0, false, path);
	assert_true(await_file(&w, text));
	assert_string_equal(text, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(content, 1, sizeof(content) - 1, file) > 0);
	fclose(file);
	assert_string_equal(content, "From: an@example.be\r\n\r\nDag\r\n");
	unlink(path);
	port_to_sync(w.port, PORT_ATTACHMENT, ticket_id(&w, 0), 0, false, path);
	assert_false(await_file(&w, text));
	assert_string_equal(text, "words of the service");
	assert_int_not_equal(stat(path, &st), 0);
	/* Where the agent looks is told, and taken back at the end. */
	port_to_sync(w.port, PORT_PRESENCE, ticket_id(&w, 0), 0, true, NULL);
	scripted_await(w.service, &w.service->presences, 1);
	stop(&w, 20000);
	assert_true(scripted_get(w.service, &w.service->presences) >= 2);
	free(path);
	tear_down(&w);
}

/* What is appended in the last moment still goes out within the time that stopping is given. */
static void stopping_sends_what_waits(void **state)
{
	struct world w;

	set_up(&w);
	start(&w);
	await(&w, PORT_STATUS, LINK_ONLINE);
	append(&w, ACT_NOTE, ticket_id(&w, 0), 1);
	port_to_sync(w.port, PORT_OUTBOX, NULL, 0, false, NULL);
	stop(&w, 20000);
	assert_int_equal(scripted_get(w.service, &w.service->applied), 1);
	assert_int_equal(outbox(&w, 1)[0].state, OUTBOX_DONE);
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_comes_in_once),
		cmocka_unit_test(a_lost_answer_is_asked_for_again),
		cmocka_unit_test(an_unknown_outcome_stays_unsure),
		cmocka_unit_test(trouble_of_the_service_is_waited_out),
		cmocka_unit_test(a_conflict_waits_for_the_agent),
		cmocka_unit_test(a_refusal_is_told_in_the_services_words),
		cmocka_unit_test(many_actions_go_in_order),
		cmocka_unit_test(a_restored_service_is_fetched_anew),
		cmocka_unit_test(an_expired_login_keeps_the_outbox),
		cmocka_unit_test(the_thread_listens_to_the_stream),
		cmocka_unit_test(the_thread_polls_without_a_stream),
		cmocka_unit_test(the_thread_comes_back),
		cmocka_unit_test(the_thread_waits_for_a_login),
		cmocka_unit_test(files_come_whole_or_not),
		cmocka_unit_test(stopping_sends_what_waits),
	};

	return id_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
