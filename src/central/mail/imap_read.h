/* Between the files of the IMAP session, and for its fuzzer: bytes into responses, responses into
 * what they say. Pure but for the function that brings bytes. Nobody else includes this. */
#pragma once
#include "balie/mem.h"
#include "imap.h"

#define IMAP_LINE_MAX (64u * 1024) /* of one line, between literals */
#define IMAP_LITERALS_MAX 64	   /* in one response */
#define IMAP_SKIP_MAX \
	(1024LL * 1024 * 1024) /* a literal that is too large is read away up to this */

/* Puts up to size bytes at ret. Gives how many, 0 when the time is over, -1 with err. */
typedef long imap_fill_fn(void *user, void *ret, size_t size, struct err *err);

struct imap_reader {
	imap_fill_fn *fill;
	void *user;
	char *in; /* read and not used: from at on, until end */
	size_t at, end;
	struct buf out; /* the response */
	int64_t bytes;
};
enum imap_got { IMAP_GOT_RESPONSE, IMAP_GOT_NOTHING, IMAP_GOT_ERROR };
/* One response, valid until the next call. Its literals stand in data as they were sent, behind "{n}\r\n";
 * the last line end is off. Of one that is too large "{0}\r\n" stands there. */
struct imap_response {
	const char *data;
	size_t len;
	bool too_large;
};
enum imap_got imap_read(struct imap_reader *r, struct imap_response *ret, struct err *err);
void imap_reader_finish(struct imap_reader *r);

enum imap_token_kind { IMAP_ATOM, IMAP_STRING, IMAP_OPEN, IMAP_CLOSE, IMAP_END, IMAP_BAD };
struct imap_scan {
	const char *at, *end;
};
/* The next word. Of a quoted string, text is what stands between the quotes as it is written. */
enum imap_token_kind imap_scan_next(struct imap_scan *s, const char **ret, size_t *ret_len);

/* 0 to 4294967295 and nothing else. */
bool imap_number(const char *text, size_t len, uint32_t *ret);
/* Of "01-Jan-2026 10:00:00 +0100". */
bool imap_date(const char *text, size_t len, int64_t *ret);

struct imap_fetched {
	uint32_t uid; /* 0: not said */
	int64_t size, date;
	const char *body; /* NULL: not there */
	size_t body_len;
	bool too_large;
};
/* False when it is no FETCH response that makes sense. */
bool imap_read_fetch(const struct imap_response *r, struct imap_fetched *ret);
/* "* 5 EXISTS": its number, when the word is that one. */
bool imap_read_count(const struct imap_response *r, const char *word, uint32_t *ret);
/* Of a status line "* OK [UIDNEXT 5] x" the number behind that word; false when it is not there. */
bool imap_read_code(const struct imap_response *r, const char *word, uint32_t *ret);
/* An untagged response as it should be. Once one is not, what was told and what not is anybody's guess. */
bool imap_makes_sense(const struct imap_response *r);
unsigned imap_read_can(const struct imap_response *r); /* enum imap_can, of a CAPABILITY line */
/* What one line of the answer to SELECT says of the folder. */
void imap_read_select(const struct imap_response *r, struct imap_folder *ret);
/* An error of the server's own words, fit to be shown; without the tag. */
void imap_say_no(struct err *err, const struct imap_response *r);
bool imap_has_word(const struct imap_response *r, const char *word); /* in any case */

/* A folder's name in modified UTF-7 (RFC 3501, 5.1.3), between quotes. False: it cannot be one. */
bool imap_put_folder(struct buf *ret, const char *name);
/* As many of the UIDs as fit into one command: "3,5:9". Gives how many. They are in order. */
size_t imap_put_set(struct buf *ret, const uint32_t *uids, size_t count);

/* ---- imap_auth.c ---- */
/* Runs a transfer until its end, the time is over, or stop_fd can be read. *ret_multi owns the
 * connection of a handle that only connects: clean up the handle, then it. */
bool imap_curl_run(void *curl, int stop_fd, int64_t ms, void **ret_multi, int *ret_code,
		   struct err *err);
/* Why it failed, in words. said: libcurl's. */
void imap_curl_err(struct err *err, int code, const char *said);
