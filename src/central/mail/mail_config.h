/* [mailbox NAME] in balied.conf: which mailboxes are read and sent from. See balied.conf(5). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/err.h"
#include "balie/mem.h"

#define MAILBOXES_MAX 200

enum mailbox_done { DONE_LEAVE, DONE_FLAG, DONE_MOVE };

/* Text is owned by the arena; what was not given is NULL. Passwords are never here: who needs one reads
 * its file with mail_secret_read(). */
struct mailbox_config {
	const char *name;
	const char *imap; /* imaps://HOST[:PORT]/FOLDER, imap://… with STARTTLS, imap+plain://… */
	const char *user, *password_file;
	const char *oauth_token_url, *oauth_client, *oauth_secret_file, *oauth_refresh_file;
	const char *team, *topic; /* names */
	const char *address, *from_name, *signature_file;
	bool plus;	       /* address+TOKEN@… is delivered here too */
	const char *done_text; /* "leave", "flag", "move FOLDER" */
	enum mailbox_done done;
	const char *done_folder; /* DONE_MOVE */
	const char *existing;
	bool take_existing; /* also what was there before the first run */
	int64_t poll;	    /* seconds */
	bool acknowledge;
	const char *ca_file;
	const char *
		smtp; /* smtp://HOST[:PORT] with STARTTLS, smtps://…, smtp+plain://…; NULL: cannot send */
	const char *smtp_user, *smtp_password_file; /* else those of imap */
};

struct mail_config {
	struct mailbox_config *mailboxes;
	size_t count;
};
/* Reads the sections of the file; no file, or none in it, is an empty list. The error names file, line
 * and what is wrong. */
bool mail_config_read(const char *path, struct mail_config *ret, struct arena *a, struct err *err);
const struct mailbox_config *mail_config_find(const struct mail_config *c, const char *name);

/* The first line of a file that only its owner may read (mode 0600 or 0400), at most 8000 bytes. *ret is for
 * mail_secret_free(), which wipes it. */
bool mail_secret_read(const char *path, char **ret, struct err *err);
void mail_secret_free(char *secret); /* accepts NULL */
