/* The connection to a mail server: bytes out, replies in. For smtp.c alone. */
#pragma once
#include <curl/curl.h>
#include "balie/err.h"
#include "smtp.h"

#define SMTP_LINE_MAX 2048
#define SMTP_LINES_MAX 200

enum smtp_wait { SMTP_READY, SMTP_BROKEN, SMTP_LATE, SMTP_STOPPED, SMTP_NONSENSE };

struct smtp_line {
	const struct smtp_config *config;
	CURLM *multi;
	CURL *easy;
	curl_socket_t fd;
	char in[SMTP_LINE_MAX * 2];
	size_t in_len;
	char curl_error[CURL_ERROR_SIZE];
	/* the last reply; words: of its last line, or of the first that libcurl saw in the login */
	int code;
	char words[SMTP_LINE_MAX];
	bool utf8_offered, logged_in;
};

/* From the connection to the login. False: l->words and l->code say what is known. */
bool smtp_line_open(struct smtp_line *l, const struct smtp_config *config, const char *helo,
		    enum smtp_wait *ret);
/* Ends at once, whatever was half sent: nothing more is written. Accepts one that was not opened. */
void smtp_line_close(struct smtp_line *l);
/* Writes all of it. */
enum smtp_wait smtp_line_write(struct smtp_line *l, const void *bytes, size_t len, int timeout_ms);
/* One reply, all its lines, into l->code and l->words. keep_on: does not stop for stop_fd at once but
 * after the grace. */
enum smtp_wait smtp_line_reply(struct smtp_line *l, int timeout_ms, bool keep_on);
/* Whether the server has said something that was not asked for, or is gone. */
bool smtp_line_pending(struct smtp_line *l);
