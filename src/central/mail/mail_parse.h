/* A raw message taken apart: who, what, when, the text fit to show, the files. No database, no file,
 * no network. Whatever the bytes are, the result is bounded and clean. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/err.h"
#include "balie/mem.h"

#define MAIL_BYTES_MAX (64u * 1024 * 1024) /* a larger message is refused whole */
#define MAIL_PARTS_MAX 200
#define MAIL_DEPTH_MAX 30
#define MAIL_REFS_MAX 50
#define MAIL_ADDRESSES_MAX 50

struct mail_attachment {
	const char *name; /* safe: no path, no control characters, at most 120 bytes */
	const char *type; /* "image/png", lower case: by its bytes, else as declared */
	const char *cid;  /* Content-ID without <>, by which the text names it; NULL when none */
	bool in_text; /* a picture that the text shows in its place, as "[NAME]" where it says where */
	const void *data;
	size_t len;
};

/* All of it is owned by the arena given to mail_parse(). */
struct mail_parsed {
	const char *subject;   /* one line; NULL when there is none */
	const char *from_name; /* NULL when none */
	const char *from_addr; /* as email_parse() gives it; NULL when none or no address */
	const char *from_text, *to_text;	  /* as shown; to_text is of To and Cc */
	const char *cc_text;			  /* of Cc alone; NULL when none */
	const char *to_addrs[MAIL_ADDRESSES_MAX]; /* To and Cc */
	size_t to_count;
	/* Where servers delivered it: Delivered-To, X-Original-To, Envelope-To, each once */
	const char *delivered[MAIL_ADDRESSES_MAX];
	size_t delivered_count;
	const char *reply_to; /* address of Reply-To; NULL when none */
	const char
		*envelope_from; /* of Return-Path: "" for <>, which machines use; NULL when none */
	const char *list_id;	/* of a mailing list, "gemeente.list.example"; NULL when none */
	const char *message_id; /* without <>; NULL when none */
	const char *refs[MAIL_REFS_MAX]; /* In-Reply-To, then References from the newest on */
	size_t ref_count;
	int64_t date;	      /* of the Date header; 0 when none */
	int sender;	      /* enum sender */
	const char *body;     /* clean, never NULL */
	size_t quoted_at;     /* byte of body where older text begins; 0 = none */
	size_t signature_at;  /* byte where the signature of the newest text begins; 0 = none */
	const char *language; /* of the newest text: "nl", "fr", "en" or "de"; NULL: not clear */
	struct mail_attachment *attachments;
	size_t attachment_count;
	const char *flaws; /* codes of reason_put() for what was not read whole, or NULL */
	/* SENDER_BOUNCE: what came back */
	const char *returned; /* headers and text of the returned message; NULL when none */
	const char *returned_ids[MAIL_REFS_MAX];
	size_t returned_count;
	const char *failed; /* address that was not reached; NULL when not said */
	const char *status; /* "5.1.1", or NULL */
	bool delayed;	    /* it only tells that it is on its way: nothing failed yet */
};

/* Before the others, and at the end: each user once, from any thread. mail_child.h says who reads HTML
 * and files. */
void mail_init(void);
void mail_finish(void);

/* Never fails for what a stranger wrote: what cannot be taken apart is described in ret->flaws and
 * goes along whole as an attachment. len is at most MAIL_BYTES_MAX. */
void mail_parse(const void *raw, size_t len, struct arena *a, struct mail_parsed *ret);

/* Do these bytes begin as a message does, with header lines of which one is known? */
bool mail_is_message(const void *raw, size_t len);
