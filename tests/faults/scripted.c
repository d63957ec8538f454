#include "scripted.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "balie/id.h"
#include "balie/mem.h"
#include "balie/model.h"
#include "balie/wire.h"
#include "scripted_records.h"

struct request {
	char method[8], path[512], key[64], accept[64];
	char *body;
	size_t len;
};

/* Adds a row to the feed; under the lock. */
static void add_row(struct scripted *s, const struct scripted_ticket *t, bool gone,
		    const char *operation, const char *action)
{
	struct buf b = {0};

	if (s->row_count == SCRIPTED_ROWS)
		abort();
	buf_printf(&b, "{\"seq\":\"%d\",\"type\":\"ticket\",\"id\":\"%s\",\"version\":%lld,",
		   s->row_count + 1, t->id, (long long)t->version);
	if (gone) {
		buf_add_str(&b, "\"op\":\"gone\"}");
	} else {
		buf_printf(&b,
			   "\"op\":\"put\",\"operation\":\"%s\",\"action\":\"%s\",\"ticket_id\":\"%"
			   "s\","
			   "\"agent_id\":\"" SCRIPTED_ME "\",\"at\":\"2026-11-24T05:31:56.123Z\","
			   "\"before\":null,\"after\":{},\"record\":",
			   operation, action, t->id);
		scripted_put_ticket(&b, t);
		buf_add_char(&b, '}');
	}
	s->rows[s->row_count++] = buf_take(&b);
	pthread_cond_broadcast(&s->changed);
}

/* ---- answers ---- */

static void send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

static void answer(int fd, int status, const char *type, const char *body, const char *extra)
{
	struct buf b = {0};

	buf_printf(&b,
		   "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		   "Date: Tue, 24 Nov 2026 05:31:56 GMT\r\n%s\r\n%s",
		   status, type, strlen(body), extra, body);
	send_all(fd, b.data, b.len);
	buf_finish(&b);
}

static void answer_json(int fd, const char *body)
{
	answer(fd, 200, "application/json", body, "");
}

static void answer_problem(int fd, enum problem p, const char *extra, const char *headers)
{
	struct buf b = {0};

	wire_put_problem(&b, p, "words of the service", NULL, false, NULL, NULL, extra);
	answer(fd, problem_rows[p].status, "application/problem+json", b.data, headers);
	buf_finish(&b);
}

static bool take_fault(struct scripted *s, enum scripted_fault fault)
{
	if (s->faults[fault] == 0)
		return false;
	s->faults[fault]--;
	return true;
}

static struct scripted_ticket *find(struct scripted *s, const char *id)
{
	for (int i = 0; i < s->ticket_count; i++)
		if (strcmp(s->tickets[i].id, id) == 0)
			return &s->tickets[i];
	return NULL;
}

static const char *text_of(const cJSON *json, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

	return text != NULL ? text : "";
}

/* Does the action once; the answer is kept under its key. NULL: 412, *current is the ticket. */
static const char *apply(struct scripted *s, const cJSON *json, struct scripted_ticket **current)
{
	const char *id = text_of(json, "id"), *action = text_of(json, "action");
	const cJSON *base = cJSON_GetObjectItemCaseSensitive(json, "base_version");
	struct scripted_ticket *t = find(s, text_of(json, "record"));
	struct buf b = {0};

	for (int i = 0; i < s->answer_count; i++)
		if (strcmp(s->answers[i].id, id) == 0)
			return s->answers[i].answer;
	if (t == NULL && s->ticket_count < SCRIPTED_TICKETS) {
		t = &s->tickets[s->ticket_count++];
		snprintf(t->id, sizeof(t->id), "%.36s", text_of(json, "record"));
	}
	if (t == NULL)
		abort();
	*current = t;
	if (cJSON_IsNumber(base) && base->valueint != 0 && base->valueint != t->version) {
		s->conflicts++;
		return NULL;
	}
	t->version++;
	if (strcmp(action, "priority") == 0)
		t->priority = words_find(&priorities, text_of(json, "priority"));
	s->applied++;
	add_row(s, t, false, id, action);
	buf_printf(
		&b,
		"{\"id\":\"%s\",\"status\":200,\"type\":\"ticket\",\"seq\":\"%d\",\"version\":%lld,"
		"\"record\":",
		id, s->row_count, (long long)t->version);
	scripted_put_ticket(&b, t);
	buf_add_char(&b, '}');
	snprintf(s->answers[s->answer_count].id, 37, "%.36s", id);
	s->answers[s->answer_count].answer = buf_take(&b);
	return s->answers[s->answer_count++].answer;
}

static void put_stale(struct buf *b, const struct scripted_ticket *t)
{
	struct buf extra = {0};

	buf_add_str(&extra, "\"current\":");
	scripted_put_ticket(&extra, t);
	wire_put_problem(b, PROBLEM_STALE, "words of the service", NULL, false, NULL, NULL,
			 extra.data);
	buf_finish(&extra);
}

/* Does all of a list; gives the answer, to be freed. */
static char *apply_list(struct scripted *s, const cJSON *json)
{
	const cJSON *one;
	struct buf b = {0};

	buf_add_str(&b, "{\"results\":[");
	cJSON_ArrayForEach(one, json)
	{
		struct scripted_ticket *t = NULL;
		const char *text = apply(s, one, &t);

		if (one != json->child)
			buf_add_char(&b, ',');
		if (text != NULL) {
			buf_add_str(&b, text);
			continue;
		}
		buf_printf(&b, "{\"id\":\"%s\",\"status\":412,\"problem\":", text_of(one, "id"));
		put_stale(&b, t);
		buf_add_char(&b, '}');
	}
	buf_add_str(&b, "]}");
	return buf_take(&b);
}

/* Does what was sent; gives the answer, to be freed. NULL: 412, *current is the ticket. */
static char *do_body(struct scripted *s, const struct request *r, struct scripted_ticket **current)
{
	struct cJSON *json = wire_parse(r->body, r->len, NULL);
	char *ret = NULL;
	const char *one;

	if (json == NULL ||
	    (cJSON_IsArray(json) ? !id_valid(r->key) : strcmp(text_of(json, "id"), r->key) != 0))
		abort();
	if (cJSON_IsArray(json)) {
		s->lists++;
		ret = apply_list(s, json);
	} else if ((one = apply(s, json, current)) != NULL) {
		ret = xstrdup(one);
	}
	wire_free(json);
	return ret;
}

/* False: the connection ends. Under the lock. */
static bool serve_action(struct scripted *s, int fd, const struct request *r)
{
	struct scripted_ticket *t = NULL;
	char *text;
	bool keep = true;

	s->action_requests++;
	if (take_fault(s, FAULT_DROP_BEFORE))
		return false;
	if (take_fault(s, FAULT_INTERNAL)) {
		answer_problem(fd, PROBLEM_INTERNAL, NULL, "");
		return true;
	}
	/* Too busy when it is asked again. */
	if (s->faults[FAULT_UNKNOWN] == 0 && take_fault(s, FAULT_BUSY)) {
		answer_problem(fd, PROBLEM_TOO_MANY, NULL, "Retry-After: 1\r\n");
		return true;
	}
	if (take_fault(s, FAULT_DENIED)) {
		answer_problem(fd, PROBLEM_DENIED, NULL, "");
		return true;
	}
	text = do_body(s, r, &t);
	if (text == NULL) {
		struct buf b = {0};

		put_stale(&b, t);
		answer(fd, 412, "application/problem+json", b.data, "");
		buf_finish(&b);
	} else if (take_fault(s, FAULT_DROP_AFTER)) {
		keep = false;
	} else if (take_fault(s, FAULT_CUT)) {
		char head[128];

		snprintf(head, sizeof(head),
			 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
			 "%zu\r\n\r\n",
			 strlen(text));
		send_all(fd, head, strlen(head));
		send_all(fd, text, strlen(text) / 2);
		keep = false;
	} else if (take_fault(s, FAULT_GATEWAY)) {
		answer(fd, 502, "text/html", "<h1>Bad Gateway</h1>", "");
	} else if (take_fault(s, FAULT_UNKNOWN)) {
		answer_problem(fd, PROBLEM_OUTCOME_UNKNOWN, NULL, "Retry-After: 1\r\n");
	} else if (take_fault(s, FAULT_GARBAGE)) {
		answer_json(fd, "{\"id\":");
	} else {
		answer_json(fd, text);
	}
	free(text);
	return keep;
}

static void serve_changes(struct scripted *s, int fd, const struct request *r)
{
	const char *after = strstr(r->path, "after=");
	int epoch = 0, seq = 0, limit = 5, to;
	struct buf b = {0};

	/* A small page whatever was asked: pages must be followed. */
	if (after == NULL || sscanf(after + 6, "%d.%d", &epoch, &seq) != 2 || epoch != s->epoch ||
	    seq > s->row_count) {
		answer_problem(fd, PROBLEM_GONE_CURSOR, NULL, "");
		return;
	}
	while (strstr(r->path, "wait=") != NULL && seq == s->row_count && !s->stopping)
		pthread_cond_wait(&s->changed, &s->lock);
	to = seq + limit < s->row_count ? seq + limit : s->row_count;
	buf_add_str(&b, "{\"changes\":[");
	for (int i = seq; i < to; i++)
		buf_printf(&b, "%s%s", i > seq ? "," : "", s->rows[i]);
	buf_printf(&b, "],\"next\":\"%d.%d\",\"more\":%s}", epoch, to,
		   to < s->row_count ? "true" : "false");
	answer_json(fd, b.data);
	buf_finish(&b);
}

/* Until the other side or the test ends it. Under the lock, but for the waiting. */
static void serve_stream(struct scripted *s, int fd)
{
	int told = -1;
	char text[128];

	s->streams++;
	snprintf(text, sizeof(text),
		 "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
	send_all(fd, text, strlen(text));
	while (!s->stopping) {
		if (told != s->row_count) {
			told = s->row_count;
			snprintf(text, sizeof(text),
				 "id: %d.%d\nevent: upto\ndata: {\"seq\":\"%d\"}\n\n", s->epoch,
				 told, told);
			if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
				return;
		}
		pthread_cond_wait(&s->changed, &s->lock);
	}
}

static void serve_list(struct scripted *s, int fd, const struct request *r)
{
	const char *after = strstr(r->path, "after=");
	int at = after != NULL ? atoi(after + 6) : 0, sent = 0;
	struct buf b = {0};

	buf_add_str(&b, "{\"items\":[");
	if (strncmp(r->path, "/v1/teams", 9) == 0)
		scripted_put_team(&b);
	else if (strncmp(r->path, "/v1/agents", 10) == 0)
		scripted_put_agent(&b);
	else if (strncmp(r->path, "/v1/tickets", 11) == 0)
		for (; at < s->ticket_count && sent < 3; at++) {
			if (s->tickets[at].hidden)
				continue;
			if (sent++ > 0)
				buf_add_char(&b, ',');
			scripted_put_ticket(&b, &s->tickets[at]);
		}
	else
		at = s->ticket_count;
	if (strncmp(r->path, "/v1/tickets", 11) == 0 && at < s->ticket_count)
		buf_printf(&b, "],\"next\":\"%d\"}", at);
	else
		buf_add_str(&b, "],\"next\":null}");
	answer_json(fd, b.data);
	buf_finish(&b);
}

static void serve_me(int fd, bool login)
{
	struct buf b = {0};

	buf_add_str(&b, login ? "{\"token\":\"secret\",\"agent\":" : "{\"agent\":");
	scripted_put_agent(&b);
	buf_add_str(&b, ",\"team\":");
	scripted_put_team(&b);
	buf_add_char(&b, '}');
	answer_json(fd, b.data);
	buf_finish(&b);
}

static bool serve(struct scripted *s, int fd, const struct request *r)
{
	char text[128];

	if (s->login_refused) {
		answer_problem(fd, PROBLEM_LOGIN_EXPIRED, NULL, "");
	} else if (strcmp(r->path, "/v1/login") == 0 || strcmp(r->path, "/v1/me") == 0) {
		serve_me(fd, r->method[0] == 'P');
	} else if (strcmp(r->path, "/v1/actions") == 0) {
		return serve_action(s, fd, r);
	} else if (strcmp(r->path, "/v1/snapshot") == 0) {
		s->snapshots++;
		snprintf(text, sizeof(text), "{\"cursor\":\"%d.%d\"}", s->epoch, s->row_count);
		answer_json(fd, text);
	} else if (strncmp(r->path, "/v1/changes", 11) == 0) {
		if (strstr(r->accept, "event-stream") == NULL)
			serve_changes(s, fd, r);
		else if (s->no_stream)
			answer(fd, 406, "text/plain", "no", "");
		else
			serve_stream(s, fd);
	} else if (strstr(r->path, "/timeline") != NULL) {
		answer_json(fd, "{\"messages\":[],\"notes\":[],\"changes\":[]}");
	} else if (strstr(r->path, "/raw") != NULL) {
		answer(fd, 200, "message/rfc822", "From: an@example.be\r\n\r\nDag\r\n", "");
	} else if (strncmp(r->path, "/v1/attachments/", 16) == 0) {
		answer_problem(fd, PROBLEM_NOT_FOUND, NULL, "");
	} else if (strcmp(r->path, "/v1/presence") == 0) {
		s->presences++;
		pthread_cond_broadcast(&s->changed);
		answer(fd, 204, "text/plain", "", "");
	} else {
		serve_list(s, fd, r);
	}
	return true;
}

/* ---- connections ---- */

static void header(const char *head, const char *name, char *ret, size_t size)
{
	const char *at = strcasestr(head, name);

	ret[0] = '\0';
	if (at == NULL)
		return;
	at += strlen(name);
	at += strspn(at, ": ");
	snprintf(ret, size, "%.*s", (int)strcspn(at, "\r\n"), at);
}

/* Reads one request; the body is owned by the caller. */
static bool read_request(int fd, struct request *r)
{
	char head[16384], length[24];
	size_t len = 0, want;
	char *end;

	memset(r, 0, sizeof(*r));
	do {
		ssize_t n = recv(fd, head + len, sizeof(head) - 1 - len, 0);

		if (n <= 0)
			return false;
		len += (size_t)n;
		head[len] = '\0';
		end = strstr(head, "\r\n\r\n");
	} while (end == NULL);
	if (sscanf(head, "%7s %511s", r->method, r->path) != 2)
		return false;
	header(head, "\nIdempotency-Key", r->key, sizeof(r->key));
	header(head, "\nAccept:", r->accept, sizeof(r->accept));
	header(head, "\nContent-Length", length, sizeof(length));
	want = (size_t)strtoul(length, NULL, 10);
	r->body = xcalloc(want + 1, 1);
	r->len = len - (size_t)(end + 4 - head);
	memcpy(r->body, end + 4, r->len);
	while (r->len < want) {
		ssize_t n = recv(fd, r->body + r->len, want - r->len, 0);

		if (n <= 0) {
			free(r->body);
			return false;
		}
		r->len += (size_t)n;
	}
	return true;
}

struct connection {
	struct scripted *s;
	int slot;
};

static void *serve_connection(void *user)
{
	struct connection *c = user;
	struct scripted *s = c->s;
	struct request r;
	bool keep = true;
	int fd;

	pthread_mutex_lock(&s->lock);
	fd = s->connections[c->slot];
	pthread_mutex_unlock(&s->lock);
	while (keep && read_request(fd, &r)) {
		pthread_mutex_lock(&s->lock);
		keep = !s->stopping && serve(s, fd, &r);
		pthread_mutex_unlock(&s->lock);
		free(r.body);
		r.body = NULL;
	}
	pthread_mutex_lock(&s->lock);
	s->connections[c->slot] = -1;
	close(fd);
	pthread_mutex_unlock(&s->lock);
	free(c);
	return NULL;
}

static void *accept_all(void *user)
{
	struct scripted *s = user;
	struct connection *c;
	int fd;

	while ((fd = accept(s->listening, NULL, NULL)) >= 0) {
		c = xcalloc(1, sizeof(*c));
		c->s = s;
		pthread_mutex_lock(&s->lock);
		while (s->connections[c->slot] != -1)
			if (++c->slot == 64)
				abort();
		s->connections[c->slot] = fd;
		if (s->thread_count == 1024 ||
		    pthread_create(&s->threads[s->thread_count++], NULL, serve_connection, c) != 0)
			abort();
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

struct scripted *scripted_start(const char *dir, int tickets)
{
	struct scripted *s = xcalloc(1, sizeof(*s));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->path = xasprintf("%s/service", dir);
	s->epoch = 1;
	for (int i = 0; i < 64; i++)
		s->connections[i] = -1;
	for (int i = 0; i < tickets; i++) {
		struct scripted_ticket *t = &s->tickets[s->ticket_count++];

		id_from(4, (unsigned)i + 1, t->id);
		t->version = 1;
	}
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", s->path);
	unlink(s->path);
	s->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listening, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(s->listening, 64) < 0 || pthread_create(&s->thread, NULL, accept_all, s) != 0)
		abort();
	return s;
}

void scripted_stop(struct scripted *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	shutdown(s->listening, SHUT_RDWR);
	for (int i = 0; i < 64; i++)
		if (s->connections[i] != -1)
			shutdown(s->connections[i], SHUT_RDWR);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	for (int i = 0; i < s->thread_count; i++)
		pthread_join(s->threads[i], NULL);
	close(s->listening);
	unlink(s->path);
	for (int i = 0; i < s->row_count; i++)
		free(s->rows[i]);
	for (int i = 0; i < s->answer_count; i++)
		free(s->answers[i].answer);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	free(s->path);
	free(s);
}

void scripted_fault(struct scripted *s, enum scripted_fault fault, int times)
{
	pthread_mutex_lock(&s->lock);
	s->faults[fault] = times;
	pthread_mutex_unlock(&s->lock);
}

void scripted_change(struct scripted *s, int ticket, int priority)
{
	pthread_mutex_lock(&s->lock);
	s->tickets[ticket].version++;
	s->tickets[ticket].priority = priority;
	add_row(s, &s->tickets[ticket], false, "00000009-0000-7000-8000-000000000001", "priority");
	pthread_mutex_unlock(&s->lock);
}

void scripted_hide(struct scripted *s, int ticket)
{
	pthread_mutex_lock(&s->lock);
	s->tickets[ticket].hidden = true;
	add_row(s, &s->tickets[ticket], true, NULL, NULL);
	pthread_mutex_unlock(&s->lock);
}

void scripted_new_epoch(struct scripted *s)
{
	pthread_mutex_lock(&s->lock);
	s->epoch++;
	pthread_mutex_unlock(&s->lock);
}

int scripted_get(struct scripted *s, const int *counter)
{
	int ret;

	pthread_mutex_lock(&s->lock);
	ret = *counter;
	pthread_mutex_unlock(&s->lock);
	return ret;
}

void scripted_await(struct scripted *s, const int *counter, int value)
{
	pthread_mutex_lock(&s->lock);
	while (*counter < value)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}
