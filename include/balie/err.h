/* What went wrong, in words fit to show a person.
 *
 * Functions that can fail take a struct err * as their last argument. It is written only on failure;
 * NULL is allowed and means that the caller does not want to know. */
#pragma once
#include <stdbool.h>

enum err_kind {
	ERR_NONE,
	ERR_INPUT,     /* what the caller or the user gave is wrong; trying again is of no use */
	ERR_NOT_FOUND, /* no such record, file or name */
	ERR_DENIED,    /* not allowed */
	ERR_AUTH,      /* who are you: refused, expired or missing login */
	ERR_CONFLICT,  /* somebody else changed it first */
	ERR_BUSY,      /* locked by another; trying again later may work */
	ERR_FULL,      /* disk, quota or a limit of ours is full */
	ERR_VERSION,   /* made by a newer version of this program */
	ERR_CORRUPT,   /* the data on disk cannot be trusted */
	ERR_NET,       /* the other side cannot be reached */
	ERR_IO,	       /* the operating system refused: errno is in the text */
	ERR_DB,	       /* the database refused for another reason than those above */
	ERR_INTERNAL,  /* a mistake of ours */
};

struct err {
	enum err_kind kind;
	char text[512]; /* UTF-8, one line, no trailing stop; cut at a character, never in one */
};

/* Sets kind and text. The text is cut to fit. */
void err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts words before the text that is there: "cannot open cache: disk is full". */
void err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets an error of kind ERR_IO, or ERR_FULL, ERR_DENIED, ERR_NOT_FOUND where errno says so,
 * with strerror(errno) behind the words. */
void err_errno(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
