#include "http.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

#define CONNECT_MS 10000L
#define ANSWER_S 120L
#define SLOW_BYTES 1L /* a second, for SLOW_S: then the other side is gone */
#define SLOW_S 45L
#define PATIENCE 20
#define FILE_MAX ((size_t)512 * 1024 * 1024)

bool http_open(struct http *h, const char *server, struct err *err)
{
	size_t len;

	if (strncmp(server, "unix:", 5) == 0 && server[5] != '\0') {
		h->base = xstrdup("http://localhost");
		h->socket = xstrdup(server + 5);
	} else if (strncmp(server, "http://", 7) == 0 || strncmp(server, "https://", 8) == 0) {
		h->base = xstrdup(server);
		len = strlen(h->base);
		while (len > 0 && h->base[len - 1] == '/')
			h->base[--len] = '\0';
	} else {
		err_set(err, ERR_INPUT,
			_("the service's address must start with https://, http:// or unix:"));
		return false;
	}
	h->api = curl_load(err);
	if (h->api == NULL)
		return false;
	h->multi = h->api->multi_init();
	if (h->multi == NULL) {
		err_set(err, ERR_NET, _("libcurl does not start"));
		return false;
	}
	return true;
}

void http_close(struct http *h)
{
	if (h->multi != NULL)
		h->api->multi_cleanup(h->multi);
	if (h->token != NULL)
		explicit_bzero(h->token, strlen(h->token));
	free(h->base);
	free(h->socket);
	free(h->token);
	free(h->language);
	h->multi = NULL;
	h->base = h->socket = h->token = h->language = NULL;
}

/* ---- what libcurl calls ---- */

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
	struct call *c = user;
	size_t len = size * count;
	long status = 0;

	c->heard_at = clock_mono();
	c->http->heard = true;
	c->http->api->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	if (c->piece != NULL && status == 200)
		return c->piece(c->user, data, len) ? len : 0;
	if (c->file != NULL && status == 200) {
		c->file_len += len;
		return c->file_len <= FILE_MAX && fwrite(data, 1, len, c->file) == len ? len : 0;
	}
	if (c->body.len + len > c->max)
		return 0;
	buf_add(&c->body, data, len);
	return len;
}

/* The value of a header line if it has that name; cut to fit. */
static bool header_value(const char *line, size_t len, const char *name, char *ret, size_t size)
{
	size_t n = strlen(name);

	if (len <= n + 1 || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	if (len >= size)
		len = size - 1;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return true;
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
	struct call *c = user;
	size_t len = size * count;
	char value[128];
	int64_t seconds;
	time_t date;

	c->heard_at = clock_mono();
	if (header_value(data, len, "Retry-After", value, sizeof(value))) {
		if (text_to_int(value, 0, 3600, &seconds))
			c->retry_after_ms = seconds * 1000;
	} else if (header_value(data, len, "Date", value, sizeof(value))) {
		date = c->http->api->getdate(value, NULL);
		if (date > 0)
			c->http->skew_ms = (int64_t)date * 1000 - clock_now();
	} else if (header_value(data, len, "Content-Type", value, sizeof(value))) {
		snprintf(c->content_type, sizeof(c->content_type), "%.63s", value);
	}
	return len;
}

/* ---- calls ---- */

static void add_header(struct call *c, const char *name, const char *value)
{
	char *line = xasprintf("%s: %s", name, value);

	c->headers = c->http->api->slist_append(c->headers, line);
	explicit_bzero(line, strlen(line));
	free(line);
}

static void set_common(struct call *c, const char *method, const char *path)
{
	const struct curl_api *api = c->http->api;
	char *url = xasprintf("%s%s", c->http->base, path);

	api->easy_setopt(c->easy, CURLOPT_URL, url);
	free(url);
	if (c->http->socket != NULL)
		api->easy_setopt(c->easy, CURLOPT_UNIX_SOCKET_PATH, c->http->socket);
	api->easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, method);
	api->easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	api->easy_setopt(c->easy, CURLOPT_FOLLOWLOCATION, 0L);
	api->easy_setopt(c->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	api->easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
	api->easy_setopt(c->easy, CURLOPT_NOPROGRESS, 1L);
	api->easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	api->easy_setopt(c->easy, CURLOPT_BUFFERSIZE, 256L * 1024);
	api->easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error);
	api->easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
	api->easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
	api->easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header);
	api->easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
	api->easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	api->easy_setopt(c->easy, CURLOPT_USERAGENT, "balie/" BALIE_VERSION);
}

/* Everything but adding it to the multi handle. */
static struct call *make(struct http *h, const char *method, const char *path)
{
	struct call *c = xcalloc(1, sizeof(*c));
	char *bearer;

	c->http = h;
	c->path = xstrdup(path);
	c->max = HTTP_BODY_MAX;
	c->heard_at = clock_mono();
	c->easy = h->api->easy_init();
	if (c->easy == NULL) {
		c->done = true;
		c->result = CURLE_FAILED_INIT;
		return c;
	}
	set_common(c, method, path);
	if (h->language != NULL)
		add_header(c, "Accept-Language", h->language);
	if (h->token != NULL) {
		bearer = xasprintf("Bearer %s", h->token);
		add_header(c, "Authorization", bearer);
		explicit_bzero(bearer, strlen(bearer));
		free(bearer);
	}
	return c;
}

static struct call *launch(struct call *c)
{
	if (c->done)
		return c;
	/* No wait for "100 Continue" and no form type that libcurl would add. */
	c->headers = c->http->api->slist_append(c->headers, "Expect:");
	c->http->api->easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
	if (c->http->api->multi_add_handle(c->http->multi, c->easy) != CURLM_OK) {
		c->done = true;
		c->result = CURLE_FAILED_INIT;
	}
	return c;
}

static void set_time_limits(struct call *c)
{
	const struct curl_api *api = c->http->api;

	if (c->done)
		return;
	api->easy_setopt(c->easy, CURLOPT_TIMEOUT, ANSWER_S);
	api->easy_setopt(c->easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	api->easy_setopt(c->easy, CURLOPT_LOW_SPEED_TIME, SLOW_S);
}

struct call *http_start(struct http *h, const char *method, const char *path, const char *body,
			const char *key)
{
	struct call *c = make(h, method, path);

	set_time_limits(c);
	if (body != NULL && !c->done) {
		c->sent = xstrdup(body);
		c->sent_len = strlen(body);
		h->api->easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->sent_len);
		h->api->easy_setopt(c->easy, CURLOPT_POSTFIELDS, c->sent);
		add_header(c, "Content-Type", "application/json");
	}
	if (key != NULL && !c->done)
		add_header(c, "Idempotency-Key", key);
	return launch(c);
}

struct call *http_start_upload(struct http *h, const char *path, struct buf *bytes)
{
	struct call *c = make(h, "PUT", path);

	c->max = 65536;
	c->sent = bytes->data != NULL ? bytes->data : xstrdup("");
	c->sent_len = bytes->len;
	memset(bytes, 0, sizeof(*bytes));
	if (!c->done) {
		h->api->easy_setopt(c->easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
		h->api->easy_setopt(c->easy, CURLOPT_LOW_SPEED_TIME, SLOW_S);
		h->api->easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->sent_len);
		h->api->easy_setopt(c->easy, CURLOPT_POSTFIELDS, c->sent);
		add_header(c, "Content-Type", "application/octet-stream");
	}
	return launch(c);
}

struct call *http_start_stream(struct http *h, const char *path,
			       bool (*piece)(void *user, const char *data, size_t len), void *user)
{
	struct call *c = make(h, "GET", path);

	c->piece = piece;
	c->user = user;
	c->max = 65536;
	if (!c->done)
		add_header(c, "Accept", "text/event-stream");
	return launch(c);
}

struct call *http_start_file(struct http *h, const char *path, FILE *file)
{
	struct call *c = make(h, "GET", path);

	c->file = file;
	c->max = 65536;
	if (!c->done) {
		h->api->easy_setopt(c->easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
		h->api->easy_setopt(c->easy, CURLOPT_LOW_SPEED_TIME, SLOW_S);
	}
	return launch(c);
}

/* Notes which calls are done. */
static bool take_done(struct http *h)
{
	CURLMsg *message;
	bool any = false;
	int left;

	while ((message = h->api->multi_info_read(h->multi, &left)) != NULL) {
		struct call *c = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		h->api->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&c);
		c->result = message->data.result;
		h->api->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->status);
		c->done = true;
		any = true;
	}
	return any;
}

void http_poll(struct http *h, int64_t ms)
{
	int running;

	h->heard = false;
	h->api->multi_perform(h->multi, &running);
	/* What ended or was heard just now would not end the waiting. */
	if (take_done(h) || h->heard || ms <= 0)
		return;
	h->api->multi_poll(h->multi, NULL, 0, ms > 60000 ? 60000 : (int)ms, NULL);
	h->api->multi_perform(h->multi, &running);
	take_done(h);
}

/* The common reasons in the agent's own language; the rest as libcurl says it. */
static const char *reason(const struct call *c)
{
	switch ((int)c->result) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return _("its address is not known");
	case CURLE_COULDNT_CONNECT:
		return _("nothing answers at its address");
	case CURLE_OPERATION_TIMEDOUT:
		return _("it takes too long to answer");
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return _("its certificate is not to be trusted");
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
		return _("a safe connection cannot be made");
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
		return _("it broke off");
	}
	return c->error[0] != '\0' ? c->error : c->http->api->easy_strerror(c->result);
}

bool call_failed(struct call *c, struct err *err)
{
	if (!c->done || c->result == CURLE_OK)
		return false;
	err_set(err, ERR_NET, _("no connection with the service: %s"), reason(c));
	return true;
}

bool call_unsent(struct call *c)
{
	long bytes = 0;

	if (c->easy == NULL)
		return true;
	return c->http->api->easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK &&
	       bytes == 0;
}

static bool must_stop(struct http *h, struct err *err)
{
	if (h->must_stop == NULL || !h->must_stop(h->user))
		return false;
	err_set(err, ERR_NET, _("the program ends"));
	return true;
}

bool http_wait(struct http *h, struct call *c, struct err *err)
{
	http_poll(h, 0);
	while (!must_stop(h, err)) {
		if (c->done)
			return !call_failed(c, err);
		http_poll(h, 1000);
		if (h->attend != NULL)
			h->attend(h->user);
	}
	return false;
}

struct call *http_patient(struct http *h, struct call *c, bool *ok, struct err *err)
{
	int64_t until;

	*ok = http_wait(h, c, err);
	for (int i = 0; *ok && c->status == 429 && i < PATIENCE; i++) {
		struct call *again;

		until = clock_mono() + (c->retry_after_ms > 0 ? c->retry_after_ms : 1000);
		while (*ok && clock_mono() < until) {
			*ok = !must_stop(h, err);
			http_poll(h, until - clock_mono());
		}
		again = http_start(h, "GET", c->path, NULL, NULL);
		call_finish(c);
		c = again;
		*ok = *ok && http_wait(h, c, err);
	}
	return c;
}

struct call *http_do(struct http *h, const char *method, const char *path, const char *body,
		     const char *key, bool *ok, struct err *err)
{
	struct call *c = http_start(h, method, path, body, key);

	*ok = http_wait(h, c, err);
	return c;
}

void call_finish(struct call *c)
{
	if (c == NULL)
		return;
	if (c->easy != NULL) {
		c->http->api->multi_remove_handle(c->http->multi, c->easy);
		c->http->api->easy_cleanup(c->easy);
	}
	if (c->headers != NULL)
		c->http->api->slist_free_all(c->headers);
	if (c->sent != NULL)
		explicit_bzero(c->sent, c->sent_len);
	free(c->sent);
	free(c->path);
	buf_finish(&c->body);
	free(c);
}
