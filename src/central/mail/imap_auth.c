/* What libcurl does for a session: it connects and logs in, and fetches a token. Waits so that another
 * thread can end it. */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "imap_read.h"

#define ANSWER_MAX 65536
#define TOKEN_MS 30000
#define TOKEN_MAX 16384

/* ---- transfers ---- */

/* One turn of waiting. */
static bool wait_turn(CURLM *multi, int stop_fd, int64_t until, struct err *err)
{
	struct curl_waitfd stop = {stop_fd, CURL_WAIT_POLLIN, 0};
	int64_t left = until - clock_mono();

	if (left <= 0) {
		err_set(err, ERR_NET, _("the mail server does not answer"));
		return false;
	}
	curl_multi_poll(multi, &stop, stop_fd >= 0 ? 1 : 0, left < 1000 ? (int)left : 1000, NULL);
	if (stop.revents) {
		err_set(err, ERR_BUSY, _("stopped"));
		return false;
	}
	return true;
}

bool imap_curl_run(void *curl, int stop_fd, int64_t ms, void **ret_multi, int *ret_code,
		   struct err *err)
{
	CURLM *multi = curl_multi_init();
	int64_t until = clock_mono() + ms;
	CURLMsg *msg;
	int running, queued;

	*ret_multi = multi;
	curl_multi_add_handle(multi, curl);
	for (;;) {
		if (curl_multi_perform(multi, &running) != CURLM_OK) {
			err_set(err, ERR_NET, _("there is no connection with the mail server"));
			return false;
		}
		while ((msg = curl_multi_info_read(multi, &queued)) != NULL)
			if (msg->msg == CURLMSG_DONE) {
				*ret_code = (int)msg->data.result;
				return true;
			}
		if (!wait_turn(multi, stop_fd, until, err))
			return false;
	}
}

void imap_curl_err(struct err *err, int code, const char *said)
{
	struct buf clean = {0};
	const char *words;

	if (said == NULL || said[0] == '\0')
		said = curl_easy_strerror((CURLcode)code);
	text_clean(&clean, said, strnlen(said, 200), TEXT_ONE_LINE);
	words = clean.data != NULL ? clean.data : "";
	switch (code) {
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		err_set(err, ERR_AUTH, _("the mail server refuses the login"));
		break;
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CONNECT_ERROR:
		err_set(err, ERR_NET, _("no secure connection with the mail server: %s"), words);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		err_set(err, ERR_NET, _("the mail server is not who it says: %s"), words);
		break;
	case CURLE_WEIRD_SERVER_REPLY:
		err_set(err, ERR_CORRUPT, _("the mail server says what makes no sense"));
		break;
	default:
		err_set(err, ERR_NET, _("no connection with the mail server: %s"), words);
	}
	buf_finish(&clean);
}

/* ---- tokens ---- */

static size_t keep_answer(char *data, size_t size, size_t count, void *user)
{
	struct buf *b = user;

	if (b->len + size * count > ANSWER_MAX)
		return 0;
	buf_add(b, data, size * count);
	return size * count;
}

static void add_field(CURL *curl, struct buf *form, const char *name, const char *value)
{
	char *text = curl_easy_escape(curl, value, 0);

	buf_printf(form, "%s%s=", form->len > 0 ? "&" : "", name);
	buf_add_str(form, text != NULL ? text : "");
	if (text != NULL)
		sodium_memzero(text, strlen(text));
	curl_free(text);
}

static void wipe(struct buf *b)
{
	if (b->data != NULL)
		sodium_memzero(b->data, b->cap);
	buf_finish(b);
}

static bool is_loopback(const char *url)
{
	return strncmp(url, "http://127.0.0.1:", 17) == 0 ||
	       strncmp(url, "http://localhost:", 17) == 0;
}

static void set_post(CURL *curl, const struct imap_oauth *o, struct buf *form, struct buf *answer)
{
	curl_easy_setopt(curl, CURLOPT_URL, o->token_url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, is_loopback(o->token_url) ? "http" : "https");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	if (o->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, o->ca_file);
	add_field(curl, form, "grant_type", "refresh_token");
	add_field(curl, form, "refresh_token", o->refresh);
	add_field(curl, form, "client_id", o->client);
	if (o->secret != NULL)
		add_field(curl, form, "client_secret", o->secret);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)form->len);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form->data);
}

/* Text of a member, bounded and plain; NULL when it is not there. */
static const char *member(const cJSON *json, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
	const char *text = cJSON_IsString(item) ? item->valuestring : NULL;

	return text != NULL && text[0] != '\0' && strlen(text) <= TOKEN_MAX &&
			       text_plain(text, false)
		       ? text
		       : NULL;
}

static bool read_answer(long status, const struct buf *answer, struct imap_token *ret,
			struct err *err)
{
	cJSON *json =
		answer->data != NULL ? cJSON_ParseWithLength(answer->data, answer->len) : NULL;
	const char *access = member(json, "access_token"), *refresh = member(json, "refresh_token");
	const char *why = member(json, "error");
	const cJSON *expires = cJSON_GetObjectItemCaseSensitive(json, "expires_in");
	bool ok = status == 200 && access != NULL;

	if (ok) {
		ret->access = xstrdup(access);
		ret->refresh = refresh != NULL ? xstrdup(refresh) : NULL;
		ret->expires_in = cJSON_IsNumber(expires) && expires->valuedouble > 0 &&
						  expires->valuedouble < 1e9
					  ? (int64_t)expires->valuedouble
					  : 0;
	} else if (status >= 500 || status == 429) {
		err_set(err, ERR_NET, _("the token service answers %ld"), status);
	} else {
		err_set(err, ERR_AUTH, _("the token service refuses: %ld %.60s"), status,
			why != NULL ? why : "");
	}
	if (json != NULL && ok) {
		sodium_memzero((void *)access, strlen(access));
		if (refresh != NULL)
			sodium_memzero((void *)refresh, strlen(refresh));
	}
	cJSON_Delete(json);
	return ok;
}

bool imap_token_refresh(const struct imap_oauth *o, int stop_fd, struct imap_token *ret,
			struct err *err)
{
	CURL *curl = curl_easy_init();
	struct buf form = {0}, answer = {0};
	char said[CURL_ERROR_SIZE] = "";
	void *multi = NULL;
	int code = 0;
	long status = 0;
	bool ok;

	set_post(curl, o, &form, &answer);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said);
	ok = imap_curl_run(curl, stop_fd, TOKEN_MS, &multi, &code, err);
	if (ok && code != CURLE_OK) {
		err_set(err, ERR_NET, _("no connection with the token service: %.200s"),
			said[0] ? said : curl_easy_strerror((CURLcode)code));
		ok = false;
	}
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	ok = ok && read_answer(status, &answer, ret, err);
	curl_multi_remove_handle(multi, curl);
	curl_easy_cleanup(curl);
	curl_multi_cleanup(multi);
	wipe(&form);
	wipe(&answer);
	return ok;
}

void imap_token_finish(struct imap_token *t)
{
	if (t->access != NULL)
		sodium_memzero(t->access, strlen(t->access));
	if (t->refresh != NULL)
		sodium_memzero(t->refresh, strlen(t->refresh));
	free(t->access);
	free(t->refresh);
	memset(t, 0, sizeof(*t));
}
