/* From what the configuration says to a session that is logged in. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/config.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "mailbox.h"

#define PATIENCE_MS 60000

int64_t mailbox_limit(int64_t ms)
{
	const char *text = env_get("BALIE_MAIL_MS");
	int64_t most = text != NULL ? atoll(text) : 0;

	return most > 0 && most < ms ? most : ms;
}

/* ---- the address ---- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *decode(struct arena *a, const char *text)
{
	char *ret = arena_strdup(a, text), *to = ret;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
			*to++ = (char)(hex(p[1]) << 4 | hex(p[2]));
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return ret;
}

/* imaps://HOST[:PORT]/FOLDER, imap://…, imap+plain://… */
static bool read_url(const char *url, struct imap_account *ret, const char **ret_folder,
		     struct arena *a, struct err *err)
{
	static const struct {
		const char *scheme;
		enum imap_security security;
	} schemes[] = {
		{"imaps://", IMAP_TLS}, {"imap://", IMAP_STARTTLS}, {"imap+plain://", IMAP_PLAIN}};
	const char *at = NULL, *end, *path;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncasecmp(url, schemes[i].scheme, strlen(schemes[i].scheme)) == 0) {
			ret->security = schemes[i].security;
			at = url + strlen(schemes[i].scheme);
		}
	if (at == NULL)
		goto bad;
	if (*at == '[') {
		end = strchr(at, ']');
		if (end == NULL)
			goto bad;
		ret->host = arena_strndup(a, at + 1, (size_t)(end - at) - 1);
		end++;
	} else {
		end = at + strcspn(at, ":/");
		ret->host = arena_strndup(a, at, (size_t)(end - at));
	}
	if (*end == ':')
		ret->port = atoi(end + 1);
	path = strchr(end, '/');
	*ret_folder = path != NULL && path[1] != '\0' ? decode(a, path + 1) : "INBOX";
	if (ret->host[0] != '\0' && ret->port >= 0 && ret->port < 65536)
		return true;
bad:
	err_set(err, ERR_INPUT, _("this is no address of a mailbox: %s"), url);
	return false;
}

/* ---- the token ---- */

/* A service that gives new refresh tokens no longer takes the old one: it is on disk before it is used. */
static bool keep_refresh(const char *path, const char *text, struct err *err)
{
	char *temporary = xasprintf("%s.new", path);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t len = strlen(text);
	bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len && write(fd, "\n", 1) == 1 &&
		  fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	ok = ok && rename(temporary, path) == 0;
	if (!ok)
		err_errno(err, "%s", path);
	free(temporary);
	return ok;
}

static bool get_token(const struct mailbox_config *c, int stop_fd, struct imap_token *ret,
		      struct err *err)
{
	char *secret = NULL, *refresh = NULL;
	struct imap_oauth o = {
		.token_url = c->oauth_token_url, .client = c->oauth_client, .ca_file = c->ca_file};
	struct err own = {0};
	bool ok = mail_secret_read(c->oauth_refresh_file, &refresh, err) &&
		  (c->oauth_secret_file == NULL ||
		   mail_secret_read(c->oauth_secret_file, &secret, err));

	o.secret = secret;
	o.refresh = refresh;
	ok = ok && imap_token_refresh(&o, stop_fd, ret, err);
	if (ok && ret->refresh != NULL && strcmp(ret->refresh, refresh) != 0 &&
	    !keep_refresh(c->oauth_refresh_file, ret->refresh, &own))
		log_line(LOG_LEVEL_ERROR, "mailbox %s: cannot keep the new refresh token: %s",
			 c->name, own.text);
	mail_secret_free(secret);
	mail_secret_free(refresh);
	return ok;
}

bool mailbox_token(const struct mailbox_config *c, int stop_fd, struct imap_token *ret,
		   struct err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	bool ok;

	pthread_mutex_lock(&lock);
	ok = get_token(c, stop_fd, ret, err);
	pthread_mutex_unlock(&lock);
	return ok;
}

bool mailbox_connect(const struct mailbox_config *c, int stop_fd, struct imap **ret,
		     const char **ret_folder, struct arena *a, struct err *err)
{
	struct imap_account account = {
		.user = c->user, .ca_file = c->ca_file, .patience_ms = mailbox_limit(PATIENCE_MS)};
	struct imap_token token = {0};
	char *password = NULL;
	bool ok;

	if (!read_url(c->imap, &account, ret_folder, a, err))
		return false;
	if (c->oauth_token_url != NULL) {
		ok = mailbox_token(c, stop_fd, &token, err);
		account.token = token.access;
	} else {
		ok = mail_secret_read(c->password_file, &password, err);
		account.password = password;
	}
	ok = ok && imap_open(ret, &account, stop_fd, err);
	imap_token_finish(&token);
	mail_secret_free(password);
	return ok;
}
