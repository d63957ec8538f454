/* Requests to the service over libcurl's multi interface. Those that must be answered before the
 * next step are waited for; streams and downloads run beside them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "balie/err.h"
#include "balie/mem.h"
#include "curl_load.h"

struct http {
	const struct curl_api *api;
	CURLM *multi;
	char *base;   /* "https://host:port" */
	char *socket; /* path, or NULL */
	char *token;  /* or NULL */
	char *language;
	int64_t skew_ms; /* clock of the service minus ours */
	bool heard;	 /* some body arrived in this http_poll() */
	bool (*must_stop)(void *user);
	void (*attend)(void *user); /* called while an answer is waited for */
	void *user;
};

#define HTTP_BODY_MAX ((size_t)64 * 1024 * 1024)

struct call {
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	char *path;
	char *sent; /* body of the request */
	size_t sent_len;
	/* the answer */
	bool done;
	CURLcode result;
	long status;
	struct buf body;
	size_t max;
	FILE *file; /* body goes here when the status is 200; not owned */
	size_t file_len;
	int64_t retry_after_ms;
	char content_type[64];
	char error[CURL_ERROR_SIZE];
	int64_t heard_at; /* clock_mono() of the last bytes */
	/* called with each piece of the body instead of keeping it; false ends the call */
	bool (*piece)(void *user, const char *data, size_t len);
	void *user;
};

bool http_open(struct http *h, const char *server, struct err *err);
void http_close(struct http *h);
/* The call is owned by the caller: call_finish(). body NULL: none. key: Idempotency-Key or NULL. */
struct call *http_start(struct http *h, const char *method, const char *path, const char *body,
			const char *key);
/* Bytes as they are; they are moved into the call. */
struct call *http_start_upload(struct http *h, const char *path, struct buf *bytes);
/* Like it, but with an Accept header for the event stream and without a time limit. */
struct call *http_start_stream(struct http *h, const char *path,
			       bool (*piece)(void *user, const char *data, size_t len), void *user);
struct call *http_start_file(struct http *h, const char *path, FILE *file);
/* Moves all calls on; waits at most ms for something to happen or for a wake-up. */
void http_poll(struct http *h, int64_t ms);
/* Until the call is done. False when the network failed or the thread must stop: err is ERR_NET. */
bool http_wait(struct http *h, struct call *c, struct err *err);
/* Waits for a GET. Told to come back later (429), it does so, in a call of its own that takes the
 * place of the old one. */
struct call *http_patient(struct http *h, struct call *c, bool *ok, struct err *err);
/* Start and wait. */
struct call *http_do(struct http *h, const char *method, const char *path, const char *body,
		     const char *key, bool *ok, struct err *err);
bool call_failed(struct call *c, struct err *err); /* done, but without an answer */
/* True when surely nothing of it reached the service. */
bool call_unsent(struct call *c);
void call_finish(struct call *c);
