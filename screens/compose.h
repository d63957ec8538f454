/* Inside of compose: its state, its mail, its files, its drawing. */
#pragma once
#include "balie/id.h"
#include "parts.h"

enum compose_kind { COMPOSE_ANSWER, COMPOSE_FORWARD, COMPOSE_NOTE };
/* In the order of Tab; those before the text are of a mail only. */
enum compose_field { COMPOSE_TO, COMPOSE_CC, COMPOSE_SUBJECT, COMPOSE_BODY };
#define COMPOSE_LINES COMPOSE_BODY
enum { COMPOSE_ASK_DISCARD = 1, COMPOSE_ASK_SEND, COMPOSE_ASK_SEND_NEXT };
enum { COMPOSE_ASK_TEMPLATE = 10, COMPOSE_ASK_FILE, COMPOSE_ASK_DETACH };

struct copying; /* a file on its way into work.db */

struct compose {
	enum compose_kind kind;
	char id[ID_TEXT];		   /* of the ticket */
	char envelope_id[ID_TEXT];	   /* kept with the draft: sending twice sends once */
	char message_id[ID_TEXT];	   /* that goes along with a forward; "" none */
	struct line *lines[COMPOSE_LINES]; /* of a mail only */
	struct editor *body;
	enum compose_field focus;
	bool shows_cc;
	char *files;	  /* JSON, as args.attachments; NULL none */
	char *known;	  /* what others were written to before, a line each; NULL: not read yet */
	char along[200];  /* names of the files of message_id */
	char language[3]; /* of whom it is written to */
	char from[160];	  /* the mailbox whose signature is added; "" when there is none */
	struct copying *copying;
	/* What is on disk, to know whether a key changed anything. */
	char *saved[COMPOSE_LINES];
	uint64_t saved_changes;
	bool files_changed;
	bool has_draft;	   /* something was kept */
	char trouble[256]; /* why keeping it failed; "" when all is well */
	/* The ticket as it was when writing began, and as it is. */
	struct arena arena;
	struct queue_row row;
	int64_t began;
	char notice[256];	   /* a colleague answered meanwhile */
	char typing[256];	   /* a colleague is here now */
	struct textview *question; /* what is answered, to read while writing */
};
extern const char *const compose_kinds[]; /* of drafts, by enum compose_kind */
bool compose_is_mail(const struct compose *v);
/* Saves the draft when something changed since. */
void compose_keep(struct screen *s);
void compose_leave(struct screen *s);
/* Puts the ready text with that id, or with that beginning of its name, at the cursor. Neither: asks. */
void compose_template(struct screen *s, const char *name, const char *id);
void compose_draw(const struct screen *s, struct cells c);
void compose_edit_outside(struct screen *s);

/* compose_others.c: what is answered, and what others do meanwhile. */
bool compose_load(struct screen *s, struct err *err);

/* compose_send.c */
void compose_send(struct screen *s, bool next, bool sure);

/* compose_mail.c */
/* "An Claes <an@x.be>, b@y.be": how many addresses. The error names what is none. all: also the last one,
 * which may still be being typed. */
bool compose_addresses(const char *text, bool all, size_t *ret_count, struct err *err);
/* What is wrong with a line, to be said below it; false when nothing is. */
bool compose_wrong(const struct compose *v, enum compose_field field, struct err *err);
/* The newest word of the citizen that an answer is to; NULL when there is none. */
const struct message *compose_asked(struct desk *d, const struct compose *v,
				    const struct timeline_row *rows, size_t count, struct arena *a);
const char *compose_receiver(struct desk *d, const struct compose *v, const struct message *in,
			     struct arena *a);
/* who: when the message does not say who wrote it. whole: with what it quotes itself. */
void compose_put_quote(struct buf *ret, const struct message *m, const char *who, bool whole,
		       const char *language);
void compose_quote(struct screen *s);
void compose_find_language(struct compose *v, struct desk *d, const struct message *in);
void compose_find_mailbox(struct compose *v, struct desk *d);
/* The address that begins as what is typed last in the line; NULL when there is none. */
const char *compose_known_address(struct compose *v, struct desk *d, const char *text);
void compose_remember_addresses(struct desk *d, const char *text);

/* compose_files.c */
void compose_attach(struct screen *s, const char *path);   /* "": asks */
void compose_detach(struct screen *s, const char *sha256); /* NULL: asks when there are several */
bool compose_files_settle(struct screen *s); /* what is still being copied is copied now */
void compose_files_stop(struct screen *s);
size_t compose_files(const struct compose *v, struct mail_file *ret, size_t max, struct arena *a);
/* "being copied: plan.pdf, 40 %", or "". */
void compose_put_copying(const struct compose *v, struct buf *ret);
