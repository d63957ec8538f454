/* The connection: made by libcurl, then spoken over byte by byte. */
#include "smtp_line.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include "balie/clock.h"

#define CONNECT_MS 30000
#define GRACE_MS 10000

static int or_default(int given, int fallback)
{
	return given > 0 ? given : fallback;
}

static bool must_stop(const struct smtp_line *l)
{
	struct pollfd p = {.fd = l->config->stop_fd, .events = POLLIN};

	return l->config->stop_fd > 0 && poll(&p, 1, 0) > 0;
}

/* ---- making it ---- */

/* Notes what the server says while libcurl speaks with it, for when that fails. */
static size_t hear(char *data, size_t size, size_t count, void *user)
{
	struct smtp_line *l = user;
	size_t n = size * count;

	if (n >= 4 && data[0] >= '2' && data[0] <= '5' && data[3] == ' ') {
		size_t len = n - 4 < sizeof(l->words) ? n - 4 : sizeof(l->words) - 1;

		l->code = atoi(data);
		l->logged_in |= l->code == 235;
		memcpy(l->words, data + 4, len);
		l->words[len] = '\0';
	}
	return n;
}

static bool is_here(const char *host)
{
	return strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0 ||
	       strcmp(host, "localhost") == 0;
}

/* *ret_tls: TLS must be. NULL: the address is none of ours. The path is the name that EHLO gives. */
static char *make_url(const char *text, const char *helo, bool *ret_tls)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *ret = NULL;
	bool plain;

	if (curl_url_set(u, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		goto out;
	plain = strcmp(scheme, "smtp+plain") == 0;
	if (plain ? !is_here(host) : strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0)
		goto out;
	*ret_tls = !plain;
	if (curl_url_set(u, CURLUPART_SCHEME, strcmp(scheme, "smtps") == 0 ? "smtps" : "smtp", 0) ==
		    CURLUE_OK &&
	    curl_url_set(u, CURLUPART_PATH, helo, 0) == CURLUE_OK)
		curl_url_get(u, CURLUPART_URL, &ret, 0);
out:
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(u);
	return ret;
}

static bool set_up(struct smtp_line *l, const char *helo)
{
	const struct smtp_config *c = l->config;
	int ms = or_default(c->connect_ms, CONNECT_MS);
	bool tls;
	char *url = make_url(c->url, helo, &tls);
	CURL *h = l->easy;

	if (url == NULL) {
		strcpy(l->words, "the address of the mail server is wrong");
		return false;
	}
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_free(url);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(h, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(h, CURLOPT_USE_SSL, (long)(tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)ms);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)ms);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, l->curl_error);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, hear);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, l);
	if (c->ca_file != NULL)
		curl_easy_setopt(h, CURLOPT_CAINFO, c->ca_file);
	if (c->user != NULL)
		curl_easy_setopt(h, CURLOPT_USERNAME, c->user);
	if (c->bearer != NULL)
		curl_easy_setopt(h, CURLOPT_XOAUTH2_BEARER, c->bearer);
	else if (c->user != NULL)
		curl_easy_setopt(h, CURLOPT_PASSWORD, c->password != NULL ? c->password : "");
	return true;
}

/* False while it goes on. */
static bool transfer_done(struct smtp_line *l, CURLcode *ret)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(l->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		*ret = msg->data.result;
		return true;
	}
	return false;
}

static enum smtp_wait connect_now(struct smtp_line *l)
{
	struct curl_waitfd stop = {.fd = l->config->stop_fd, .events = CURL_WAIT_POLLIN};
	int64_t until = clock_mono() + or_default(l->config->connect_ms, CONNECT_MS);
	CURLcode result = CURLE_OK;
	int running;

	for (;;) {
		if (curl_multi_perform(l->multi, &running) != CURLM_OK)
			return SMTP_BROKEN;
		if (transfer_done(l, &result))
			break;
		if (must_stop(l))
			return SMTP_STOPPED;
		if (clock_mono() > until)
			return SMTP_LATE;
		curl_multi_poll(l->multi, &stop, l->config->stop_fd > 0 ? 1 : 0, 1000, NULL);
	}
	if (result == CURLE_OK &&
	    curl_easy_getinfo(l->easy, CURLINFO_ACTIVESOCKET, &l->fd) == CURLE_OK &&
	    l->fd != CURL_SOCKET_BAD)
		return SMTP_READY;
	l->fd = CURL_SOCKET_BAD;
	return result == CURLE_OPERATION_TIMEDOUT ? SMTP_LATE : SMTP_BROKEN;
}

bool smtp_line_open(struct smtp_line *l, const struct smtp_config *config, const char *helo,
		    enum smtp_wait *ret)
{
	memset(l, 0, sizeof(*l));
	l->config = config;
	l->fd = CURL_SOCKET_BAD;
	l->multi = curl_multi_init();
	l->easy = curl_easy_init();
	*ret = SMTP_BROKEN;
	if (l->multi == NULL || l->easy == NULL || !set_up(l, helo) ||
	    curl_multi_add_handle(l->multi, l->easy) != CURLM_OK)
		return false;
	*ret = connect_now(l);
	/* libcurl goes on without when no login is offered. */
	if (*ret == SMTP_READY && config->user != NULL && !l->logged_in) {
		l->code = 0;
		strcpy(l->words, "the mail server offers no login");
		return false;
	}
	return *ret == SMTP_READY;
}

void smtp_line_close(struct smtp_line *l)
{
	/* Or libcurl says QUIT, in the middle of a message too, and waits for the answer. */
	if (l->fd != CURL_SOCKET_BAD)
		shutdown(l->fd, SHUT_RDWR);
	if (l->multi != NULL && l->easy != NULL)
		curl_multi_remove_handle(l->multi, l->easy);
	curl_easy_cleanup(l->easy);
	if (l->multi != NULL)
		curl_multi_cleanup(l->multi);
	l->multi = NULL;
	l->easy = NULL;
	l->fd = CURL_SOCKET_BAD;
}

/* ---- speaking ---- */

/* Until the socket is ready. stop_fd 0: is not looked at. */
static enum smtp_wait wait_for(struct smtp_line *l, short events, int64_t until, bool stops)
{
	struct pollfd p[2] = {{.fd = l->fd, .events = events},
			      {.fd = l->config->stop_fd, .events = POLLIN}};
	int64_t left = until - clock_mono();

	if (left <= 0)
		return SMTP_LATE;
	if (poll(p, stops && l->config->stop_fd > 0 ? 2 : 1, left > 60000 ? 60000 : (int)left) < 0)
		return SMTP_READY; /* a signal: look again */
	return stops && p[1].revents != 0 ? SMTP_STOPPED : SMTP_READY;
}

enum smtp_wait smtp_line_write(struct smtp_line *l, const void *bytes, size_t len, int timeout_ms)
{
	const char *s = bytes;
	int64_t until = clock_mono() + timeout_ms;
	enum smtp_wait w;
	size_t n;

	while (len > 0) {
		CURLcode r = curl_easy_send(l->easy, s, len, &n);

		if (r == CURLE_OK && n > 0) {
			s += n;
			len -= n;
			until = clock_mono() + timeout_ms;
			continue;
		}
		if (r != CURLE_OK && r != CURLE_AGAIN)
			return SMTP_BROKEN;
		w = wait_for(l, POLLOUT, until, true);
		if (w != SMTP_READY)
			return w;
	}
	return SMTP_READY;
}

/* True when some were read; *ret says why not. Asks libcurl before poll(): TLS may hold some. */
static bool fill(struct smtp_line *l, enum smtp_wait *ret)
{
	size_t n = 0;
	CURLcode r;

	if (l->in_len == sizeof(l->in)) {
		*ret = SMTP_NONSENSE;
		return false;
	}
	r = curl_easy_recv(l->easy, l->in + l->in_len, sizeof(l->in) - l->in_len, &n);
	l->in_len += r == CURLE_OK ? n : 0;
	*ret = r == CURLE_AGAIN ? SMTP_READY : SMTP_BROKEN;
	return r == CURLE_OK && n > 0;
}

/* Takes the line at the front of what came in; false when it is not whole yet. */
static bool take_line(struct smtp_line *l, char line[SMTP_LINE_MAX * 2])
{
	char *end = memchr(l->in, '\n', l->in_len);
	size_t n;

	if (end == NULL)
		return false;
	n = (size_t)(end - l->in);
	memcpy(line, l->in, n);
	line[n > 0 && line[n - 1] == '\r' ? n - 1 : n] = '\0';
	l->in_len -= n + 1;
	memmove(l->in, end + 1, l->in_len);
	return true;
}

/* *ret_last: the reply ends with this line. False: it is no line of a reply. */
static bool read_line(struct smtp_line *l, const char *line, int lines, bool *ret_last)
{
	int code;

	if (strlen(line) < 3 || line[0] < '2' || line[0] > '5' || line[1] < '0' || line[1] > '9' ||
	    line[2] < '0' || line[2] > '9' || strchr(" -", line[3]) == NULL ||
	    strlen(line) >= SMTP_LINE_MAX)
		return false;
	code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	if (lines > 0 && code != l->code)
		return false;
	l->code = code;
	strcpy(l->words, line[3] != '\0' ? line + 4 : "");
	l->utf8_offered |= strcasecmp(l->words, "SMTPUTF8") == 0;
	*ret_last = line[3] != '-';
	return true;
}

enum smtp_wait smtp_line_reply(struct smtp_line *l, int timeout_ms, bool keep_on)
{
	int64_t until = clock_mono() + timeout_ms, grace;
	char line[SMTP_LINE_MAX * 2];
	bool last = false, stops = true;
	enum smtp_wait w;

	l->code = 0;
	l->words[0] = '\0';
	for (int lines = 0; !last;) {
		if (take_line(l, line)) {
			if (lines == SMTP_LINES_MAX || !read_line(l, line, lines, &last)) {
				l->code = 0;
				return SMTP_NONSENSE;
			}
			lines++;
			continue;
		}
		if (fill(l, &w))
			continue;
		if (w == SMTP_READY)
			w = wait_for(l, POLLIN, until, stops);
		if (w == SMTP_STOPPED && keep_on) {
			grace = clock_mono() + or_default(l->config->grace_ms, GRACE_MS);
			until = grace < until ? grace : until;
			stops = false;
			continue;
		}
		if (w != SMTP_READY) {
			l->code = 0;
			return w;
		}
	}
	return SMTP_READY;
}

bool smtp_line_pending(struct smtp_line *l)
{
	enum smtp_wait w;

	return l->in_len > 0 || fill(l, &w) || w != SMTP_READY;
}
