/* One message handed over to a mail server, with sure knowledge of how far it came. Knows no town and
 * keeps nothing between two messages.
 *
 * libcurl makes the connection (TLS, STARTTLS, the login); from there on the dialogue is our own, since
 * only who wrote the bytes himself knows whether the last of them can have left. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/mem.h"

enum smtp_state {
	SMTP_SENT,	/* the server said that it has it */
	SMTP_TEMPORARY, /* surely not sent; later it may be */
	SMTP_PERMANENT, /* surely not sent, and it will not be */
	SMTP_UNCERTAIN, /* the end of the message may have left, and nobody said what became of it */
};

struct smtp_config {
	/* smtp://host:587: STARTTLS or nothing; smtps://host: TLS from the start;
	 * smtp+plain://127.0.0.1:25: no TLS, only to this machine itself */
	const char *url;
	const char *user, *password; /* NULL: no login */
	const char *bearer;	     /* token of OAuth instead of the password; NULL: none */
	const char *ca_file;	     /* NULL: those of the system */
	int connect_ms;		     /* connection, TLS and login together; 0: 30 s */
	int reply_ms;		     /* silence until the end of the message; 0: 120 s */
	int final_ms;		     /* silence after it; 0: 10 min, as RFC 5321 4.5.3.2.6 asks */
	int grace_ms;		     /* the same when it must stop; 0: 10 s */
	int stop_fd;		     /* stop when it is readable; 0: never */
};

struct smtp_message {
	const char *from; /* of the envelope; "": a machine wrote it, and nothing may come back */
	const char *const *recipients;
	size_t recipient_count;
	const void *bytes; /* as mail_build() makes them */
	size_t len;
	bool utf8; /* an address needs SMTPUTF8 */
};

struct smtp_recipient {
	enum smtp_state state; /* never SMTP_UNCERTAIN unless all of it is */
	int code;
	const char
		*words; /* of the server, when it was refused by itself; else NULL; in the arena */
};
struct smtp_result {
	/* SMTP_SENT: at least one has it. See recipients for each. */
	enum smtp_state state;
	/* It says nothing of this message: no connection, no TLS, no login, a server that is closing. */
	bool of_server;
	bool reached; /* the server was told of this message, so it may be the cause after all */
	int code;     /* of the reply that decided; 0: there was none */
	/* What was last done and what the server said to it, fit to show: "RCPT 550 no such user". */
	char evidence[300];
	struct smtp_recipient
		*recipients; /* as many as were asked for, in their order; in the arena */
	size_t sent_count;
};

/* Takes as long as the server does; from another thread it ends by stop_fd. */
void smtp_send(const struct smtp_config *config, const struct smtp_message *m, struct arena *a,
	       struct smtp_result *ret);
/* Connects and logs in, no more: whether the configuration works. */
void smtp_test(const struct smtp_config *config, const char *from, struct arena *a,
	       struct smtp_result *ret);
