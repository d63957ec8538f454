/* A mail server that does what the test says: real sockets, no TLS. It keeps every message that it took
 * whole, whatever it said to it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum fake_step {
	FAKE_GREETING,
	FAKE_EHLO,
	FAKE_AUTH,
	FAKE_MAIL,
	FAKE_RCPT,
	FAKE_DATA,
	FAKE_END,
	FAKE_STEPS
};
#define FAKE_SILENT "silent" /* says nothing more, and keeps the line */
#define FAKE_CUT "cut"	     /* closes instead of an answer; a message that was whole is taken */
#define FAKE_HELD "held"     /* answers well once fake_smtp_release() is called */

/* What one connection is told. Zeroed: all is well. The texts are not copied. */
struct fake_script {
	/* Said instead of the good answer, with its line end ("550 no\r\n"), or one of the above. */
	const char *replies[FAKE_STEPS];
	long cut_at;	     /* closes when it has read that many bytes in all; 0: never */
	long body_cut_at;    /* the same, of bytes after DATA */
	bool reset;	     /* closes hard, so that the other side gets an error */
	const char *refused; /* recipients with this in them get… */
	const char *refusal; /* …this */
	const char *early;   /* said while the body comes, before its end */
	bool no_utf8, no_auth;
};
struct fake_mail {
	char *from, *to; /* the lines as they came: "MAIL FROM:<…>", all RCPT joined by '\n' */
	char *bytes;	 /* without the doubled dots */
	size_t len;
	bool told; /* that it was taken: 250 was written */
};

struct fake_smtp;
struct fake_smtp *fake_smtp_start(void);
void fake_smtp_stop(struct fake_smtp *f);
const char *fake_smtp_url(const struct fake_smtp *f); /* "smtp+plain://127.0.0.1:PORT" */
int fake_smtp_port(const struct fake_smtp *f);
/* For all connections from now on. */
void fake_smtp_script(struct fake_smtp *f, const struct fake_script *script);
/* Asked at each connection instead, in the thread of that connection; NULL: the script again. */
void fake_smtp_choose(struct fake_smtp *f, void (*choose)(void *user, struct fake_script *ret),
		      void *user);
void fake_smtp_release(struct fake_smtp *f); /* what is held, now and from now on */
/* Waits until so many were taken, or came that far (steps are counted when they were read). */
void fake_smtp_await(struct fake_smtp *f, size_t taken);
void fake_smtp_await_step(struct fake_smtp *f, enum fake_step step, int times);
/* The same, but no longer than so many milliseconds; false when it did not come that far. */
bool fake_smtp_wait_step(struct fake_smtp *f, enum fake_step step, int times, int ms);
size_t fake_smtp_taken(struct fake_smtp *f);
int fake_smtp_steps(struct fake_smtp *f, enum fake_step step);
/* The one with that number, valid until the stop; NULL: there is none. */
const struct fake_mail *fake_smtp_mail(struct fake_smtp *f, size_t i);
const char *
fake_smtp_auth(struct fake_smtp *f); /* the last line of a login; valid until the next */
