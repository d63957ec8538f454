/* A message that goes out: from what an agent typed to the bytes of RFC 5322, and what an answer is made
 * of. Pure: no database, no clock, no file. mail_init() comes before it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/err.h"
#include "balie/mem.h"
#include "mail_parse.h"

#define MAIL_RECIPIENTS_MAX 100
#define MAIL_OUT_FILES_MAX 50
#define MAIL_OUT_BYTES_MAX (24u * 1024 * 1024) /* of all files together, before they are coded */

/* ---- addresses ---- */
struct mail_address {
	const char *name; /* NULL: none */
	const char *
		addr; /* its domain in ASCII and lower case; only what is before the @ may be UTF-8 */
};
struct mail_addresses {
	struct mail_address *items; /* in the arena */
	size_t count;
};
/* "An Claes <an@x.be>, b@y.be" (or with ';' as some programs do) to a list; NULL and "" to an empty one.
 * A domain with other letters than ASCII becomes what the network knows it by. ERR_INPUT names the one
 * that is no address. */
bool mail_addresses_parse(const char *text, struct arena *a, struct mail_addresses *ret,
			  struct err *err);
/* Only with this from server to server does the address work: its first part is not ASCII. */
bool mail_address_needs_utf8(const char *addr);

/* ---- a message ---- */
struct mail_out {
	const char *from_name, *from_addr;    /* name NULL: none */
	const char *reply_to, *to, *cc;	      /* lists as they were typed; NULL: none */
	const char *subject, *body;	      /* UTF-8; NULL: none */
	const char *message_id, *in_reply_to; /* without <>; in_reply_to NULL: none */
	const char *const *refs;	      /* of References, the oldest first */
	size_t ref_count;
	int64_t date;
	const char *auto_submitted; /* "auto-replied"; NULL: a person wrote it */
	const char *language;	    /* of the body, ISO 639-1; NULL: not said */
	const struct mail_attachment *files;
	size_t file_count;
};
struct mail_built {
	const char *bytes; /* lines end in CRLF, none is over 998 bytes */
	size_t len;
	const char *const *recipients; /* of the envelope: To and Cc, each once */
	size_t recipient_count;
	bool utf8; /* an address needs SMTPUTF8; otherwise all of it is 7 bits */
};
/* All of *ret is owned by a. ERR_INPUT with a sentence for the agent: a line end or control character in
 * a header, a wrong address, nobody to send it to, too much. What strangers wrote (in_reply_to, refs) is
 * left out where it is not well-formed. */
bool mail_build(const struct mail_out *m, struct arena *a, struct mail_built *ret, struct err *err);

/* ---- answering ---- */
enum mail_prefix {
	MAIL_PREFIX_NONE,
	MAIL_PREFIX_REPLY,
	MAIL_PREFIX_FORWARD,
	MAIL_PREFIX_KEPT, /* whichever of them stands there first */
};
/* "[26-004217-69] Re: put in de straat": the number once, one prefix, whatever stood there before.
 * number NULL: none. */
const char *mail_subject_make(struct arena *a, const char *subject, const char *number,
			      enum mail_prefix prefix);
/* The text that is answered: a line that says who wrote it when, then all of it behind "> ". language
 * is that of the citizen (nl, fr, en, de; NULL: nl); from may be NULL, at 0. */
const char *mail_quote_text(struct arena *a, const char *language, const char *from, int64_t at,
			    const char *body);
