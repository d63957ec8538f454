/* One session with an IMAP server, for a thread of its own: it blocks, within time limits, and ends
 * at once when its stop descriptor can be read. Knows no town. libcurl connects, secures and logs in;
 * from there on we speak ourselves, since only counting literals keeps a mail from being read as an
 * answer of the server (RFC 3501, 2177 IDLE, 4315 UIDPLUS, 6851 MOVE). Messages are known by UID only,
 * never by sequence number. Nothing here deletes a message, but for the original of one that was
 * copied elsewhere.
 *
 * Errors: ERR_NET no connection or it broke, ERR_AUTH login refused, ERR_DENIED the server says no,
 * ERR_CORRUPT it says what makes no sense, ERR_BUSY we were told to stop. After any but ERR_DENIED the
 * session is of no more use. What the server said stands in the text, cleaned. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/err.h"

enum imap_security {
	IMAP_TLS,
	IMAP_STARTTLS, /* or no session */
	IMAP_PLAIN,    /* tests, loopback */
};
/* Read during the call only. */
struct imap_account {
	const char *host;
	int port; /* 0: the usual one */
	enum imap_security security;
	const char *user;
	const char *password; /* NULL: by token */
	const char *token;    /* OAuth bearer */
	const char *ca_file;  /* NULL: those of the system */
	int64_t patience_ms;  /* for the connection, and for each answer; 0: 60 s */
};
enum imap_can { IMAP_CAN_IDLE = 1, IMAP_CAN_MOVE = 2, IMAP_CAN_UIDPLUS = 4 };

struct imap;
/* stop_fd: an eventfd of the caller; -1: none. On success imap_close() the session. */
bool imap_open(struct imap **ret, const struct imap_account *account, int stop_fd, struct err *err);
/* Ends it, politely when it still can be within a moment. Accepts NULL. */
void imap_close(struct imap *im);
unsigned imap_can(const struct imap *im);
/* Since the beginning: commands sent, bytes read. */
void imap_count(const struct imap *im, int64_t *ret_commands, int64_t *ret_bytes);

struct imap_folder {
	uint32_t uidvalidity; /* never 0 */
	int64_t uid_next;     /* 0: the server did not say */
	int64_t exists;
	bool keywords; /* it keeps flags of our own */
};
/* name in UTF-8. read_only: nothing can be changed then. Also to look again: what it says is new. */
bool imap_select(struct imap *im, const char *name, bool read_only, struct imap_folder *ret,
		 struct err *err);
/* True when it is made or was there. */
bool imap_create_folder(struct imap *im, const char *name, struct err *err);

struct imap_entry {
	uint32_t uid;
	int64_t size;
	int64_t date; /* INTERNALDATE; 0: not said */
};
/* false: no more, please; the rest is read and left. */
typedef bool imap_entry_fn(void *user, const struct imap_entry *entry);
/* Tells of the messages with UIDs from first to last, 0: to the end, in the order in which the server
 * tells. One may come twice. */
bool imap_list(struct imap *im, uint32_t first, uint32_t last, imap_entry_fn *fn, void *user,
	       struct err *err);

enum imap_body_state { IMAP_BODY_WHOLE, IMAP_BODY_TOO_LARGE };
/* raw is valid during the call; NULL when it is larger than MAIL_BYTES_MAX. */
typedef void imap_body_fn(void *user, uint32_t uid, enum imap_body_state state, const void *raw,
			  size_t len);
/* Brings the messages with these UIDs and none that was not asked for; twice when the server sends
 * it twice. One that is gone does not come. Marks none as read. limit: bytes of each from its beginning; 0: all of it. */
bool imap_fetch(struct imap *im, const uint32_t *uids, size_t count, size_t limit, imap_body_fn *fn,
		void *user, struct err *err);

/* flag: "\\Seen" or a keyword. */
bool imap_flag(struct imap *im, const uint32_t *uids, size_t count, const char *flag,
	       struct err *err);
/* By MOVE, else by copying and expunging exactly these; ERR_DENIED when the server can do neither. */
bool imap_move(struct imap *im, const uint32_t *uids, size_t count, const char *folder,
	       struct err *err);
/* Waits until something is new in the folder (*ret true) or the time is over. Needs IMAP_CAN_IDLE. */
bool imap_idle(struct imap *im, int64_t ms, bool *ret, struct err *err);
bool imap_noop(struct imap *im, struct err *err);

/* ---- imap_auth.c: a bearer token by RFC 6749 section 6 ---- */
struct imap_oauth {
	const char *token_url; /* https, or http on loopback */
	const char *client, *secret, *refresh;
	const char *ca_file;
};
/* Text of secrets: imap_token_finish() wipes it. */
struct imap_token {
	char *access;
	char *refresh;	    /* a new one that takes the place of the old; NULL: it stays */
	int64_t expires_in; /* seconds; 0: not said */
};
bool imap_token_refresh(const struct imap_oauth *o, int stop_fd, struct imap_token *ret,
			struct err *err);
void imap_token_finish(struct imap_token *t);
