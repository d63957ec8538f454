/* One mail to the server of its mailbox: the login, then the mail. */
#include <stdio.h>
#include <string.h>
#include "mailbox.h"
#include "outbound.h"

/* How to log in; secrets are wiped by login_finish(). */
struct login {
	struct smtp_config config;
	char *password;
	struct imap_token token;
};

/* With a password of its own, else as it is read: by OAuth or with that password. Without any it is a server
 * that knows us by where we are. */
static bool login_make(struct login *l, const struct mailbox_config *box, int stop_fd,
		       struct err *err)
{
	const char *file = box->smtp_password_file;

	*l = (struct login){
		.config = {.url = box->smtp, .ca_file = box->ca_file, .stop_fd = stop_fd}};
	l->config.user = box->smtp_user != NULL ? box->smtp_user : box->user;
	if (file == NULL && box->oauth_token_url != NULL) {
		if (!mailbox_token(box, stop_fd, &l->token, err))
			return false;
		l->config.bearer = l->token.access;
		return true;
	}
	if (file == NULL)
		file = box->password_file;
	if (file == NULL) {
		l->config.user = NULL;
		return true;
	}
	if (!mail_secret_read(file, &l->password, err))
		return false;
	l->config.password = l->password;
	return true;
}

static void login_finish(struct login *l)
{
	mail_secret_free(l->password);
	imap_token_finish(&l->token);
}

static void fail(size_t count, const char *why, struct arena *a, struct smtp_result *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->state = SMTP_TEMPORARY;
	ret->of_server = true;
	ret->recipients = arena_alloc(a, (count + 1) * sizeof(*ret->recipients));
	for (size_t i = 0; i < count; i++)
		ret->recipients[i].state = SMTP_TEMPORARY;
	snprintf(ret->evidence, sizeof(ret->evidence), "login: %.280s", why);
}

void outbound_hand_over(const struct mailbox_config *box, int stop_fd, const struct smtp_message *m,
			struct arena *a, struct smtp_result *ret)
{
	struct login l;
	struct err err = {0};

	if (login_make(&l, box, stop_fd, &err))
		smtp_send(&l.config, m, a, ret);
	else
		fail(m->recipient_count, err.text, a, ret);
	login_finish(&l);
}

void outbound_try_login(const struct mailbox_config *box, struct arena *a, struct smtp_result *ret)
{
	struct login l;
	struct err err = {0};

	if (login_make(&l, box, -1, &err))
		smtp_test(&l.config, box->address != NULL ? box->address : "", a, ret);
	else
		fail(0, err.text, a, ret);
	login_finish(&l);
}
