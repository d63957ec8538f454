/* Between the HTTP library and the handlers: one request from its first byte to its answer. */
#include "parts.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "balie/text.h"

#define SPARES_MAX 64
#define SPARE_BUFFER_MAX 65536
#define BODY_MS 60000
#define SEND_MS 300000
#define STOP_MS 10000

static _Thread_local struct worker *worker;

/* ---- one thread's own things ---- */

static void request_free(struct request *rq)
{
	arena_finish(&rq->arena);
	buf_finish(&rq->body);
	buf_finish(&rq->answer);
	free(rq);
}

static void worker_free(void *user)
{
	struct worker *w = user;
	struct request *rq;

	if (!w)
		return;
	while ((rq = w->spare) != NULL) {
		w->spare = rq->next;
		request_free(rq);
	}
	town_close(&w->town);
	buf_finish(&w->out);
	free(w->page);
	free(w);
}

static pthread_key_t worker_key;
static pthread_once_t worker_once = PTHREAD_ONCE_INIT;

static void make_key(void)
{
	pthread_key_create(&worker_key, worker_free);
}

struct worker *worker_get(struct request *rq)
{
	struct err err = {0};

	if (!worker) {
		pthread_once(&worker_once, make_key);
		worker = xcalloc(1, sizeof(*worker));
		pthread_setspecific(worker_key, worker);
	}
	if (!worker->town.store &&
	    !town_open(&worker->town, rq->service->settings->db, STORE_READONLY, &err)) {
		log_line(LOG_LEVEL_ERROR, "cannot open the town: %s", err.text);
		return NULL;
	}
	return worker;
}

static struct request *request_new(struct service *s, struct MHD_Connection *connection)
{
	struct request *rq = NULL;
	struct request keep;

	if (worker && worker->spare) {
		rq = worker->spare;
		worker->spare = rq->next;
		worker->spares--;
		keep = *rq;
		memset(rq, 0, sizeof(*rq));
		rq->arena = keep.arena;
		rq->body = keep.body;
		rq->answer = keep.answer;
	} else {
		rq = xcalloc(1, sizeof(*rq));
	}
	rq->service = s;
	rq->connection = connection;
	atomic_fetch_add(&s->requests, 1);
	return rq;
}

static void request_done(void *user, struct MHD_Connection *connection, void **con_cls,
			 enum MHD_RequestTerminationCode code)
{
	struct service *s = user;
	struct request *rq = *con_cls;

	(void)connection;
	(void)code;
	if (!rq)
		return;
	*con_cls = NULL;
	guard_idle(rq->guard, s->settings->patience * 1000);
	atomic_fetch_sub(&s->requests, 1);
	if (!worker || worker->spares >= SPARES_MAX || rq->body.cap > SPARE_BUFFER_MAX ||
	    rq->answer.cap > SPARE_BUFFER_MAX) {
		request_free(rq);
		return;
	}
	arena_reset(&rq->arena);
	buf_reset(&rq->body);
	buf_reset(&rq->answer);
	rq->next = worker->spare;
	worker->spare = rq;
	worker->spares++;
}

/* ---- suspending ---- */

void request_suspend(struct request *rq)
{
	guard_idle(rq->guard, 0);
	MHD_suspend_connection(rq->connection);
}

void request_wake(struct request *rq)
{
	rq->turn++;
	MHD_resume_connection(rq->connection);
}

/* ---- beginning ---- */

/* Dutch is the language of the house; English for who asks for it first. */
static bool wants_dutch(const char *accept)
{
	const char *nl = accept ? strcasestr(accept, "nl") : NULL;
	const char *en = accept ? strcasestr(accept, "en") : NULL;

	return nl && (!en || nl < en);
}

static bool find_viewer(struct request *rq)
{
	const char *header =
		MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, "Authorization");
	struct worker *w = worker_get(rq);
	struct auth_who who;

	if (!w) {
		answer_problem(rq, PROBLEM_BUSY, NULL, NULL);
		return false;
	}
	if (!header || strncasecmp(header, "Bearer ", 7) != 0) {
		answer_problem(rq, PROBLEM_LOGIN, NULL, NULL);
		return false;
	}
	token_hash(header + 7 + strspn(header + 7, " "), rq->token_hash);
	switch (auth_check(rq->service->auth, &w->town, rq->token_hash, true, &who,
			   &rq->retry_after)) {
	case AUTH_OK:
		break;
	case AUTH_UNKNOWN:
	case AUTH_EXPIRED:
		answer_problem(rq, PROBLEM_LOGIN_EXPIRED, NULL, NULL);
		return false;
	case AUTH_TOO_MANY:
		answer_problem(rq, PROBLEM_TOO_MANY, NULL, NULL);
		return false;
	case AUTH_FAILED:
		answer_problem(rq, PROBLEM_BUSY, NULL, NULL);
		return false;
	}
	memcpy(rq->agent_id, who.agent_id, ID_TEXT);
	memcpy(rq->team_id, who.team_id, ID_TEXT);
	rq->viewer = (struct viewer){.agent_id = rq->agent_id,
				     .team_id = rq->team_id,
				     .role = who.role,
				     .team_kind = who.team_kind};
	return true;
}

static bool takes_file(const struct request *rq)
{
	return rq->route && rq->route->body && strcmp(rq->route->body, BODY_FILE) == 0;
}

static size_t body_max(const struct request *rq)
{
	return takes_file(rq) ? FILE_MAX : BODY_MAX;
}

/* What comes in before a body is taken in. */
static bool accept_body(struct request *rq)
{
	const char *length =
		MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, "Content-Length");
	const char *type =
		MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, "Content-Type");
	const char *wanted = takes_file(rq) ? BODY_FILE : "application/json";
	size_t len = strlen(wanted);
	int64_t n = 0;

	if (length && (!text_to_int(length, 0, INT64_MAX, &n) || (size_t)n > body_max(rq))) {
		answer_problem(rq, PROBLEM_TOO_LARGE, NULL, NULL);
		return false;
	}
	if (!rq->route || !rq->route->body)
		return true;
	if (!type || strncasecmp(type, wanted, len) != 0 ||
	    (type[len] && !strchr("; \t", type[len]))) {
		answer_problem(rq, PROBLEM_TYPE, NULL, NULL);
		return false;
	}
	return true;
}

static enum MHD_Result look_at_text(void *user, enum MHD_ValueKind kind, const char *key,
				    const char *value)
{
	bool *bad = user;

	(void)kind;
	if (!text_valid(key, strlen(key)) || (value && !text_valid(value, strlen(value))))
		*bad = true;
	return *bad ? MHD_NO : MHD_YES;
}

/* An address that is no text is nobody's: not every database takes it as a question. */
static bool check_text(struct request *rq)
{
	bool bad = !text_valid(rq->path, strlen(rq->path));

	if (!bad)
		MHD_get_connection_values(rq->connection, MHD_GET_ARGUMENT_KIND, look_at_text,
					  &bad);
	if (bad)
		answer_problem(rq, PROBLEM_BAD_REQUEST, "the address is no UTF-8 text",
			       "het adres is geen UTF-8-tekst");
	return !bad;
}

static void begin(struct request *rq, const char *url, const char *method)
{
	char allow[64];

	rq->begun = true;
	rq->method = method;
	rq->path = arena_strdup(&rq->arena, url);
	id_new(rq->id);
	rq->dutch = wants_dutch(
		MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, "Accept-Language"));
	if (atomic_load(&rq->service->stopping)) {
		answer_problem(rq, PROBLEM_STOPPING, NULL, NULL);
		return;
	}
	rq->route =
		route_find(strcmp(method, "HEAD") == 0 ? "GET" : method, rq->path, rq->args, allow);
	if (!rq->route) {
		rq->state = arena_strdup(&rq->arena, allow);
		answer_problem(rq, allow[0] ? PROBLEM_METHOD : PROBLEM_NOT_FOUND, NULL, NULL);
		return;
	}
	if (check_text(rq) && (rq->route->scope != SCOPE_AGENT || find_viewer(rq)))
		accept_body(rq);
}

static void take_body(struct request *rq, const char *data, size_t *size)
{
	if (rq->answered || rq->body_bad) {
		*size = 0;
		return;
	}
	if (rq->body.len + *size > body_max(rq))
		rq->body_bad = true;
	else if (rq->route && rq->route->body)
		buf_add(&rq->body, data, *size);
	*size = 0;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **con_cls)
{
	struct service *s = user;
	struct request *rq = *con_cls;
	const union MHD_ConnectionInfo *info;

	(void)version;
	if (!rq) {
		rq = request_new(s, connection);
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
		rq->guard = info ? info->socket_context : NULL;
		*con_cls = rq;
		guard_idle(rq->guard, BODY_MS);
		begin(rq, url, method);
		/* A refusal goes out at once, without reading what was announced. */
		return MHD_YES;
	}
	if (*size) {
		take_body(rq, data, size);
		return MHD_YES;
	}
	if (rq->answered)
		return MHD_YES;
	guard_idle(rq->guard, SEND_MS);
	if (rq->body_bad)
		answer_problem(rq, PROBLEM_TOO_LARGE, NULL, NULL);
	else if (rq->done)
		answer_json(rq, rq->status, &rq->answer);
	else
		rq->route->run(rq);
	if (rq->event_stream)
		guard_idle(rq->guard, 0);
	return MHD_YES;
}

/* ---- connections ---- */

static void connection_notify(void *user, struct MHD_Connection *connection, void **socket_context,
			      enum MHD_ConnectionNotificationCode code)
{
	struct service *s = user;
	const union MHD_ConnectionInfo *info;

	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		*socket_context = info ? guard_add(s->bell, info->connect_fd) : NULL;
		guard_idle(*socket_context, s->settings->patience * 1000);
		break;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		guard_remove(s->bell, *socket_context);
		*socket_context = NULL;
		break;
	}
}

static void mhd_log(void *user, const char *fmt, va_list args)
{
	char line[512];

	(void)user;
	vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = '\0';
	log_line(LOG_LEVEL_DEBUG, "http: %s", line);
}

/* A thread that asks a server waits for it; one that reads a file does not. */
static unsigned thread_count(const struct settings *settings)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	long threads = settings->threads;

	if (threads == 0)
		threads = (cpus > 0 ? cpus : 1) *
			  (store_engine_of(settings->db) == STORE_SQLITE ? 1 : 4);
	return threads > 64 ? 64 : (unsigned)threads;
}

bool server_start(struct service *s, int fd, struct err *err)
{
	unsigned threads = thread_count(s->settings);

	s->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
		NULL, NULL, handle, s, MHD_OPTION_EXTERNAL_LOGGER, mhd_log, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
		threads > 1 ? threads : 0u, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)s->settings->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)s->settings->per_address, MHD_OPTION_CONNECTION_TIMEOUT, 120u,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_NOTIFY_COMPLETED,
		request_done, s, MHD_OPTION_NOTIFY_CONNECTION, connection_notify, s,
		MHD_OPTION_END);
	if (!s->daemon)
		err_errno(err, _("cannot start serving"));
	return s->daemon != NULL;
}

/* Answers what is being asked, wakes what waits, then closes. */
void server_stop(struct service *s)
{
	int64_t until = clock_mono() + STOP_MS;
	int fd;

	if (!s->daemon)
		return;
	atomic_store(&s->stopping, true);
	fd = MHD_quiesce_daemon(s->daemon);
	bell_close(s->bell);
	while (atomic_load(&s->requests) > 0 && clock_mono() < until)
		usleep(2000);
	MHD_stop_daemon(s->daemon);
	/* Not before: its thread may still be taking the socket out of its epoll set, and a closed one
	 * there ends the program. */
	if (fd >= 0)
		close(fd);
	s->daemon = NULL;
}
