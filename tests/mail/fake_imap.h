/* A scripted IMAP server for tests: real sockets of loopback, mailboxes in memory, and it does wrong
 * what it is told to do wrong. Many may be connected at once. Everything may be called from the test's
 * thread while they are. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fake_fault {
	FAKE_CUT,	     /* the connection ends after so many bytes (argument) of the answer */
	FAKE_CUT_BEFORE,     /* … before the command is carried out */
	FAKE_CUT_AFTER,	     /* … after it was carried out, nothing answered */
	FAKE_SILENT,	     /* no answer, for good */
	FAKE_NO,	     /* NO to whatever it is */
	FAKE_NO_STORE,	     /* NO to STORE, MOVE, COPY */
	FAKE_BAD,	     /* BAD */
	FAKE_WRONG_TAG,	     /* answered under another tag, then silent */
	FAKE_WRONG_UID,	     /* a body under the UID of another message */
	FAKE_NO_UID,	     /* bodies without UID */
	FAKE_LEFT_OUT,	     /* one of the messages asked for does not come */
	FAKE_TWICE,	     /* one comes twice */
	FAKE_SHORT_LITERAL,  /* the count is one line less than what comes */
	FAKE_CUT_LITERAL,    /* count and bytes agree, but the end of the message is not there */
	FAKE_LONG_LITERAL,   /* more is announced than comes */
	FAKE_HUGE_LITERAL,   /* 99999999999 bytes are announced */
	FAKE_STORM,	     /* very many EXISTS before the answer */
	FAKE_LINE,	     /* a line without end */
	FAKE_GARBAGE,	     /* bytes that are no IMAP */
	FAKE_HIGH_NEXT,	     /* UIDNEXT 4294967295 */
	FAKE_LOW_NEXT,	     /* UIDNEXT 1 */
	FAKE_OTHER_VALIDITY, /* UIDVALIDITY is another, this once */
	FAKE_BYE,	     /* BYE and the end */
	FAKE_LOGIN,	     /* the login is refused */
	FAKE_FAULTS
};
extern const char *const fake_fault_names[FAKE_FAULTS];

struct fake_imap;
struct fake_imap *fake_start(void);
void fake_stop(struct fake_imap *f);
int fake_port(const struct fake_imap *f);

/* What it can: all at first. */
void fake_can(struct fake_imap *f, bool idle, bool move, bool uidplus);
/* Logs in by this bearer token alone; NULL: by any name and the password "geheim". */
void fake_token(struct fake_imap *f, const char *token);

/* Puts a message into INBOX and tells who waits. Gives its UID. */
uint32_t fake_add(struct fake_imap *f, const void *raw, size_t len);
uint32_t fake_add_dated(struct fake_imap *f, const void *raw, size_t len, int64_t ms);
/* Somebody else deletes it; false: it is not there. was_sent: its body had been sent whole. */
bool fake_expunge(struct fake_imap *f, uint32_t uid, bool *was_sent);
/* INBOX gets another UIDVALIDITY; its messages are numbered from 1 on. */
void fake_renumber(struct fake_imap *f);
/* INBOX keeps its UIDVALIDITY but its messages are numbered from 1 on, as one that was made anew. */
void fake_remake(struct fake_imap *f);
/* Messages in a folder; -1: there is none by that name, as it stands in the command. */
int fake_count(struct fake_imap *f, const char *folder);
/* UID of the nth of INBOX, 0 behind the last. */
uint32_t fake_uid(struct fake_imap *f, int n);
/* SHA-256 in hex of one of INBOX; false: it is not there. */
bool fake_sha(struct fake_imap *f, uint32_t uid, char ret[65]);
bool fake_flagged(struct fake_imap *f, uint32_t uid, const char *flag);

/* That fault the next times that it fits; argument for FAKE_CUT, FAKE_STORM, FAKE_LINE. */
void fake_fault(struct fake_imap *f, enum fake_fault fault, int times, long argument);
/* From now on faults by chance: of a thousand commands so many. 0: no more. */
void fake_chaos(struct fake_imap *f, uint64_t seed, int permille);
long fake_done(struct fake_imap *f, enum fake_fault fault); /* how often it was done */
long fake_commands(struct fake_imap *f, const char *name);  /* that began with it, "UID FETCH" */
long fake_bytes(struct fake_imap *f);			    /* sent */
int fake_connected(struct fake_imap *f);		    /* logged in now */
int fake_connected_most(struct fake_imap *f);		    /* at once, since the last call */
/* Waits until somebody idles, at most ms. */
bool fake_await_idle(struct fake_imap *f, int ms);
/* Ends all connections. */
void fake_hang_up(struct fake_imap *f);
