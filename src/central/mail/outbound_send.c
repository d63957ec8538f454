/* One mail to the server of its mailbox: the login, then the mail. */
#include <stdio.h>
#include <string.h>
#include "outbound.h"

static void fail(const struct smtp_message *m, const char *why, struct arena *a,
		 struct smtp_result *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->state = SMTP_TEMPORARY;
	ret->of_server = true;
	ret->recipients = arena_alloc(a, (m->recipient_count + 1) * sizeof(*ret->recipients));
	for (size_t i = 0; i < m->recipient_count; i++)
		ret->recipients[i].state = SMTP_TEMPORARY;
	snprintf(ret->evidence, sizeof(ret->evidence), "login: %.280s", why);
}

void outbound_hand_over(const struct mailbox_config *box, int stop_fd, const struct smtp_message *m,
			struct arena *a, struct smtp_result *ret)
{
	const char *file =
		box->smtp_password_file != NULL ? box->smtp_password_file : box->password_file;
	struct smtp_config c = {.url = box->smtp, .ca_file = box->ca_file, .stop_fd = stop_fd};
	char *secret = NULL;
	struct err err = {0};

	c.user = box->smtp_user != NULL ? box->smtp_user : box->user;
	/* Without a password it is a server that knows us by where we are. */
	if (file == NULL) {
		c.user = NULL;
	} else if (!mail_secret_read(file, &secret, &err)) {
		fail(m, err.text, a, ret);
		return;
	}
	c.password = secret;
	smtp_send(&c, m, a, ret);
	mail_secret_free(secret);
}
