/* Real mail servers for tests: dovecot and postfix of the machine, on loopback, in a folder of their
 * own, on ports that are free, without any of the machine's configuration. They run as children of the
 * test and end with it. Only root may start them; mail_servers_can() says whether they can be. Any
 * test may use this: `mail_servers_dep` in meson. What does not work ends the test with a message. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MAIL_SERVERS_PASSWORD "geheim"
/* Mailboxes are IMAP users by the same names. Mail for burger…@… goes to burger, all other to info,
 * with +anything behind the name too. "big" is one file in the format mbox. */
#define MAIL_SERVERS_INFO "info"
#define MAIL_SERVERS_CITIZEN "burger"
#define MAIL_SERVERS_BIG "big"

enum mail_servers_part {
	MAIL_SERVERS_IMAP = 1, /* dovecot: imap with STARTTLS, imaps */
	MAIL_SERVERS_SMTP = 2, /* postfix: smtp that takes all; submission with STARTTLS and AUTH */
};
struct mail_servers {
	char dir[64];	  /* removed by mail_servers_remove() */
	char ca_file[96]; /* certificate for localhost and 127.0.0.1 */
	int imap, imaps;  /* ports */
	int smtp, submission, smtps;
	pid_t dovecot, postfix; /* 0: does not run */
};

/* False: this machine has them not, or we are not root; says so on stdout. Then skip the test. */
bool mail_servers_can(void);
/* Makes folder, certificate and configuration, and starts the parts. Submission authenticates by
 * dovecot: it wants both. */
void mail_servers_make(struct mail_servers *s, unsigned parts);
void mail_servers_start(struct mail_servers *s, unsigned parts); /* again, after a stop */
void mail_servers_stop(struct mail_servers *s, unsigned parts);
void mail_servers_remove(struct mail_servers *s);
/* Puts a message into the INBOX of info or burger past every server, as a delivery does. */
void mail_servers_put(struct mail_servers *s, const char *user, const void *raw, size_t len);
/* Sends by SMTP: the real way in. */
void mail_servers_send(struct mail_servers *s, const char *from, const char *to, const char *raw);
/* Messages in a folder ("" INBOX, else "Verwerkt") of a user as it lies on disk. */
int mail_servers_count(const struct mail_servers *s, const char *user, const char *folder);
/* The nth message (from 0, by time) that lies there, NUL-terminated, to be freed; NULL when there is none. */
char *mail_servers_get(const struct mail_servers *s, const char *user, const char *folder, int n);
/* A port of loopback that nobody listens on. */
int mail_servers_port(void);
