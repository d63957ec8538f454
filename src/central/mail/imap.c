/* The session: what we say and how we wait. What the server says is read in imap_read.c. */
#include "imap.h"
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "imap_read.h"

#define PATIENCE_MS 60000
#define LONG_MS (30 * 60000) /* for a list, or the messages of one command */
#define BYE_MS 1000	     /* for the last words */
#define NOISE_MAX 20000	     /* lines that we did not ask for, within one command */
#define ENTRIES_MAX 1000000  /* told in one list */

struct imap {
	CURL *curl;
	CURLM *multi;
	curl_socket_t socket;
	int stop_fd;
	int64_t patience, until; /* of what we wait for now, clock_mono() */
	int64_t final; /* as long as bytes come, until moves on up to here; 0: it does not */
	bool broken;   /* nothing more can be said */
	bool begun;    /* before it, the rest of a line may come that libcurl began to read */
	unsigned can;
	unsigned tag;
	int64_t commands;
	struct imap_reader reader;
	struct buf line; /* the command */
	bool news;	 /* more is said to be there than at the last look */
};

/* What a response that was not asked for by its tag is given to. */
struct listener {
	/* True: it was for us. */
	bool (*hear)(void *user, struct imap *im, const struct imap_response *r);
	void *user;
};

/* ---- bytes ---- */

static bool stopped(struct imap *im, struct err *err)
{
	err_set(err, ERR_BUSY, _("stopped"));
	im->broken = true;
	return false;
}

/* Waits for the socket. 1 it is ready, 0 the time is over, -1 with err. */
static int wait_socket(struct imap *im, short events, struct err *err)
{
	struct pollfd p[2] = {{im->socket, events, 0}, {im->stop_fd, POLLIN, 0}};
	int64_t left = im->until - clock_mono();
	int n = poll(p, im->stop_fd >= 0 ? 2 : 1,
		     left > 0 ? (int)(left < 600000 ? left : 600000) : 0);

	if (n < 0 && errno != EINTR) {
		err_errno(err, _("cannot wait for the mail server"));
		return -1;
	}
	if (n > 0 && im->stop_fd >= 0 && p[1].revents) {
		stopped(im, err);
		return -1;
	}
	if (n > 0 && p[0].revents)
		return 1;
	return left > 0 ? 2 : 0;
}

static long fill(void *user, void *ret, size_t size, struct err *err)
{
	struct imap *im = user;

	for (;;) {
		size_t got = 0;
		/* First this: TLS may hold bytes that poll() cannot see. */
		CURLcode code = curl_easy_recv(im->curl, ret, size, &got);
		int ready;

		if (code == CURLE_OK && got > 0) {
			int64_t until = clock_mono() + im->patience;

			if (im->final > 0)
				im->until = until < im->final ? until : im->final;
			return (long)got;
		}
		if (code != CURLE_AGAIN) {
			err_set(err, ERR_NET, _("the mail server ended the connection"));
			return -1;
		}
		ready = wait_socket(im, POLLIN, err);
		if (ready <= 0)
			return ready;
	}
}

static bool send_all(struct imap *im, const char *data, size_t len, struct err *err)
{
	while (len > 0) {
		size_t sent = 0;
		CURLcode code = curl_easy_send(im->curl, data, len, &sent);
		int ready;

		if (code == CURLE_OK) {
			data += sent;
			len -= sent;
			continue;
		}
		ready = code == CURLE_AGAIN ? wait_socket(im, POLLOUT, err) : -1;
		if (code != CURLE_AGAIN || ready == 0)
			err_set(err, ERR_NET, _("the mail server ended the connection"));
		if (ready <= 0) {
			im->broken = true;
			return false;
		}
	}
	return true;
}

/* ---- commands ---- */

/* In capitals, as everybody says them. */
static void begin_command(struct imap *im, const char *words)
{
	buf_reset(&im->line);
	buf_printf(&im->line, "B%05u ", ++im->tag % 100000);
	for (; *words != '\0'; words++)
		buf_add_char(&im->line, (char)toupper((unsigned char)*words));
}

static bool send_command(struct imap *im, int64_t ms, struct err *err)
{
	if (im->broken) {
		err_set(err, ERR_NET, _("there is no connection with the mail server"));
		return false;
	}
	buf_add_str(&im->line, "\r\n");
	im->until = clock_mono() + ms;
	im->final = 0;
	im->commands++;
	return send_all(im, im->line.data, im->line.len, err);
}

/* What every command may hear in between. */
static void hear_untagged(struct imap *im, const struct imap_response *r)
{
	uint32_t n;

	if (imap_read_count(r, "EXISTS", &n))
		im->news = true;
	else if (strncasecmp(r->data, "* CAPABILITY ", 13) == 0)
		im->can = imap_read_can(r);
}

enum status { STATUS_NONE, STATUS_OK, STATUS_NO, STATUS_NONSENSE };

/* Whether a response ends the command whose tag stands at the beginning of the line that was sent. */
static enum status status_of(const struct imap *im, const struct imap_response *r)
{
	size_t n = strcspn(im->line.data, " ") + 1;

	if (r->len < n || memcmp(r->data, im->line.data, n) != 0)
		return STATUS_NONE;
	if (strncasecmp(r->data + n, "OK", 2) == 0)
		return STATUS_OK;
	if (strncasecmp(r->data + n, "NO", 2) == 0 || strncasecmp(r->data + n, "BAD", 3) == 0)
		return STATUS_NO;
	return STATUS_NONSENSE;
}

static bool fail_read(struct imap *im, enum imap_got got, struct err *err)
{
	im->broken = true;
	if (got == IMAP_GOT_NOTHING)
		err_set(err, ERR_NET, _("the mail server does not answer"));
	return false;
}

/* Reads until the command is answered. */
static bool hear_answer(struct imap *im, const struct listener *l, struct err *err)
{
	struct imap_response r;
	int noise = 0;

	while (noise < NOISE_MAX) {
		enum imap_got got = imap_read(&im->reader, &r, err);
		enum status status;

		if (got != IMAP_GOT_RESPONSE)
			return fail_read(im, got, err);
		status = status_of(im, &r);
		if (status == STATUS_OK)
			return true;
		if (status == STATUS_NO) {
			imap_say_no(err, &r);
			return false;
		}
		if (status == STATUS_NONSENSE)
			break;
		if (strncasecmp(r.data, "* BYE", 5) == 0) {
			im->broken = true;
			imap_say_no(err, &r);
			if (err != NULL)
				err->kind = ERR_NET;
			return false;
		}
		if (im->begun && !imap_makes_sense(&r))
			break;
		if (l != NULL && l->hear(l->user, im, &r))
			continue;
		hear_untagged(im, &r);
		noise++;
	}
	im->broken = true;
	err_set(err, ERR_CORRUPT, _("the mail server says what makes no sense"));
	return false;
}

static bool command(struct imap *im, const struct listener *l, struct err *err)
{
	return send_command(im, im->patience, err) && hear_answer(im, l, err);
}

/* One whose answer may go on for long, as long as something comes. */
static bool long_command(struct imap *im, const struct listener *l, struct err *err)
{
	if (!send_command(im, im->patience, err))
		return false;
	im->final = clock_mono() + LONG_MS;
	return hear_answer(im, l, err);
}

/* ---- open and close ---- */

static void set_options(CURL *curl, const struct imap_account *a, const char *url)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_USE_SSL,
			 (long)(a->security == IMAP_PLAIN ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(curl, CURLOPT_USERNAME, a->user);
	if (a->token != NULL)
		curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, a->token);
	else
		curl_easy_setopt(curl, CURLOPT_PASSWORD, a->password);
	if (a->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, a->ca_file);
}

static bool connect_account(struct imap *im, const struct imap_account *a, struct err *err)
{
	char said[CURL_ERROR_SIZE] = "";
	int port = a->port != 0 ? a->port : a->security == IMAP_TLS ? 993 : 143;
	bool v6 = strchr(a->host, ':') != NULL;
	char *url = xasprintf("%s://%s%s%s:%d/", a->security == IMAP_TLS ? "imaps" : "imap",
			      v6 ? "[" : "", a->host, v6 ? "]" : "", port);
	void *multi = NULL;
	int code = CURLE_OK;
	bool ok;

	im->curl = curl_easy_init();
	set_options(im->curl, a, url);
	curl_easy_setopt(im->curl, CURLOPT_ERRORBUFFER, said);
	ok = imap_curl_run(im->curl, im->stop_fd, im->patience, &multi, &code, err);
	curl_easy_setopt(im->curl, CURLOPT_ERRORBUFFER, NULL);
	im->multi = multi;
	if (ok && code != CURLE_OK) {
		imap_curl_err(err, code, said);
		ok = false;
	}
	if (ok && (curl_easy_getinfo(im->curl, CURLINFO_ACTIVESOCKET, &im->socket) != CURLE_OK ||
		   im->socket == CURL_SOCKET_BAD)) {
		err_set(err, ERR_NET, _("the mail server ended the connection"));
		ok = false;
	}
	free(url);
	return ok;
}

bool imap_open(struct imap **ret, const struct imap_account *account, int stop_fd, struct err *err)
{
	struct imap *im = xcalloc(1, sizeof(*im));

	im->stop_fd = stop_fd;
	im->patience = account->patience_ms > 0 ? account->patience_ms : PATIENCE_MS;
	im->reader.fill = fill;
	im->reader.user = im;
	im->broken = true;
	if (!connect_account(im, account, err))
		goto fail;
	im->broken = false;
	/* libcurl asked before the login, and a server may offer more after it. */
	begin_command(im, "CAPABILITY");
	if (!command(im, NULL, err))
		goto fail;
	im->begun = true;
	*ret = im;
	return true;
fail:
	imap_close(im);
	return false;
}

void imap_close(struct imap *im)
{
	if (im == NULL)
		return;
	if (!im->broken) {
		im->stop_fd = -1;
		begin_command(im, "LOGOUT");
		send_command(im, BYE_MS, NULL);
	}
	if (im->curl != NULL && im->multi != NULL)
		curl_multi_remove_handle(im->multi, im->curl);
	curl_easy_cleanup(im->curl);
	curl_multi_cleanup(im->multi);
	imap_reader_finish(&im->reader);
	buf_finish(&im->line);
	free(im);
}

unsigned imap_can(const struct imap *im)
{
	return im->can;
}

void imap_count(const struct imap *im, int64_t *ret_commands, int64_t *ret_bytes)
{
	*ret_commands = im->commands;
	*ret_bytes = im->reader.bytes;
}

/* ---- folders ---- */

static bool put_folder(struct imap *im, const char *name, struct err *err)
{
	if (imap_put_folder(&im->line, name))
		return true;
	err_set(err, ERR_DENIED, _("this cannot be the name of a mail folder"));
	return false;
}

static bool hear_select(void *user, struct imap *im, const struct imap_response *r)
{
	imap_read_select(r, user);
	return false; /* it counts as noise, so that it ends */
}

bool imap_select(struct imap *im, const char *name, bool read_only, struct imap_folder *ret,
		 struct err *err)
{
	struct imap_folder f = {0};
	struct listener l = {hear_select, &f};

	begin_command(im, read_only ? "examine " : "select ");
	if (!put_folder(im, name, err) || !command(im, &l, err))
		return false;
	if (f.uidvalidity == 0) {
		err_set(err, ERR_CORRUPT, _("the mail server says no UIDVALIDITY"));
		im->broken = true;
		return false;
	}
	im->news = false;
	*ret = f;
	return true;
}

bool imap_create_folder(struct imap *im, const char *name, struct err *err)
{
	struct err own = {0};

	begin_command(im, "create ");
	if (!put_folder(im, name, err))
		return false;
	if (command(im, NULL, &own) ||
	    (own.kind == ERR_DENIED && strstr(own.text, "ALREADYEXISTS")))
		return true;
	if (err != NULL)
		*err = own;
	return false;
}

/* ---- messages ---- */

struct list_call {
	imap_entry_fn *fn;
	void *user;
	uint32_t first, last;
	bool enough;
	int told;
};

static bool hear_entry(void *user, struct imap *im, const struct imap_response *r)
{
	struct list_call *call = user;
	struct imap_entry e;
	struct imap_fetched f;

	(void)im;
	/* n:* also gives the last message when it comes before n. */
	if (!imap_read_fetch(r, &f) || f.uid < call->first || f.uid == 0 ||
	    (call->last != 0 && f.uid > call->last) || call->told >= ENTRIES_MAX)
		return false;
	e = (struct imap_entry){f.uid, f.size, f.date};
	call->told++;
	if (!call->enough)
		call->enough = !call->fn(call->user, &e);
	return true;
}

bool imap_list(struct imap *im, uint32_t first, uint32_t last, imap_entry_fn *fn, void *user,
	       struct err *err)
{
	struct list_call call = {fn, user, first, last, false, 0};
	struct listener l = {hear_entry, &call};

	begin_command(im, "UID FETCH ");
	buf_printf(&im->line, last != 0 ? "%u:%u" : "%u:*", first, last);
	buf_add_str(&im->line, " (UID INTERNALDATE RFC822.SIZE)");
	return long_command(im, &l, err);
}

struct fetch_call {
	imap_body_fn *fn;
	void *user;
	const uint32_t *uids;
	size_t count;
};

static bool hear_body(void *user, struct imap *im, const struct imap_response *r)
{
	struct fetch_call *call = user;
	struct imap_fetched f;
	size_t i = 0;

	(void)im;
	if (!imap_read_fetch(r, &f) || f.body == NULL || f.uid == 0)
		return false;
	while (i < call->count && call->uids[i] != f.uid)
		i++;
	if (i == call->count)
		return false;
	if (f.too_large)
		call->fn(call->user, f.uid, IMAP_BODY_TOO_LARGE, NULL, 0);
	else
		call->fn(call->user, f.uid, IMAP_BODY_WHOLE, f.body, f.body_len);
	return true;
}

bool imap_fetch(struct imap *im, const uint32_t *uids, size_t count, size_t limit, imap_body_fn *fn,
		void *user, struct err *err)
{
	bool ok = true;

	for (size_t at = 0, n; at < count && ok; at += n) {
		struct fetch_call call = {fn, user, uids + at, 0};
		struct listener l = {hear_body, &call};

		begin_command(im, "UID FETCH ");
		n = imap_put_set(&im->line, uids + at, count - at);
		buf_add_str(&im->line, " (UID BODY.PEEK[]");
		if (limit > 0)
			buf_printf(&im->line, "<0.%zu>", limit);
		buf_add_char(&im->line, ')');
		call.count = n;
		ok = long_command(im, &l, err);
	}
	return ok;
}

/* One command for as many UIDs as fit, again for the rest. before and behind stand around the set. */
static bool for_sets(struct imap *im, const uint32_t *uids, size_t count, const char *before,
		     const char *behind, const char *folder, struct err *err)
{
	for (size_t at = 0; at < count;) {
		begin_command(im, before);
		at += imap_put_set(&im->line, uids + at, count - at);
		buf_add_str(&im->line, behind);
		if (folder != NULL && !put_folder(im, folder, err))
			return false;
		if (!command(im, NULL, err))
			return false;
	}
	return true;
}

bool imap_flag(struct imap *im, const uint32_t *uids, size_t count, const char *flag,
	       struct err *err)
{
	char behind[100];

	snprintf(behind, sizeof(behind), " +FLAGS.SILENT (%s)", flag);
	return for_sets(im, uids, count, "UID STORE ", behind, NULL, err);
}

bool imap_move(struct imap *im, const uint32_t *uids, size_t count, const char *folder,
	       struct err *err)
{
	if (im->can & IMAP_CAN_MOVE)
		return for_sets(im, uids, count, "UID MOVE ", " ", folder, err);
	if (!(im->can & IMAP_CAN_UIDPLUS)) {
		err_set(err, ERR_DENIED, _("the mail server cannot move a message"));
		return false;
	}
	/* Each set by itself, so that nothing stands there twice for long. */
	return for_sets(im, uids, count, "uid copy ", " ", folder, err) &&
	       for_sets(im, uids, count, "UID STORE ", " +FLAGS.SILENT (\\Deleted)", NULL, err) &&
	       for_sets(im, uids, count, "UID EXPUNGE ", "", NULL, err);
}

/* ---- waiting ---- */

/* Until the server is ready to tell. */
static bool begin_idle(struct imap *im, struct err *err)
{
	struct imap_response r;

	begin_command(im, "IDLE");
	if (!send_command(im, im->patience, err))
		return false;
	for (int i = 0; i < NOISE_MAX; i++) {
		enum imap_got got = imap_read(&im->reader, &r, err);

		if (got != IMAP_GOT_RESPONSE)
			return fail_read(im, got, err);
		if (r.data[0] == '+')
			return true;
		if (status_of(im, &r) != STATUS_NONE) {
			imap_say_no(err, &r);
			return false;
		}
		hear_untagged(im, &r);
	}
	im->broken = true;
	err_set(err, ERR_CORRUPT, _("the mail server says what makes no sense"));
	return false;
}

/* Hears until there is more than there was, or less: then it counts differently. */
static bool hear_idle(struct imap *im, bool *ret_new, struct err *err)
{
	struct imap_response r;

	for (int i = 0; i < NOISE_MAX; i++) {
		enum imap_got got = imap_read(&im->reader, &r, err);
		uint32_t n;

		if (got == IMAP_GOT_NOTHING)
			return true;
		if (got == IMAP_GOT_ERROR || strncasecmp(r.data, "* BYE", 5) == 0 ||
		    status_of(im, &r) != STATUS_NONE) {
			if (got != IMAP_GOT_ERROR)
				err_set(err, ERR_NET, _("the mail server ended the connection"));
			im->broken = true;
			return false;
		}
		if (imap_read_count(&r, "EXISTS", &n)) {
			*ret_new = true;
			return true;
		}
	}
	return true;
}

bool imap_idle(struct imap *im, int64_t ms, bool *ret, struct err *err)
{
	bool is_new = false;

	if (!begin_idle(im, err))
		return false;
	/* What was said before is not said again. */
	im->until = clock_mono() + (im->news ? 0 : ms);
	im->final = 0;
	is_new = im->news;
	if (!im->news && !hear_idle(im, &is_new, err))
		return false;
	im->until = clock_mono() + im->patience;
	im->news = false;
	if (!send_all(im, "DONE\r\n", 6, err) || !hear_answer(im, NULL, err))
		return false;
	*ret = is_new;
	return true;
}

bool imap_noop(struct imap *im, struct err *err)
{
	begin_command(im, "NOOP");
	return command(im, NULL, err);
}
