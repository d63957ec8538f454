/* The network thread: login, changes in, outbox out. It alone touches the network and writes the
 * mirror. libcurl is loaded when the thread starts, not when the program does. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "balie/cache.h"
#include "balie/err.h"

struct sync;
struct sync_spec {
	const char *server;		  /* "http://host:port", "https://…" or "unix:PATH" */
	const char *name;		  /* agent's login name */
	const char *password;		  /* NULL: use the kept token */
	const char *dir_cache, *dir_work; /* where cache.db and work.db lie */
	const char *token_file;		  /* mode 0600; written after a login */
	const char *language;		  /* "nl" or "en": Accept-Language */
	struct port *port;		  /* NULL for sync_once */
};
/* Starts the thread. Everything in spec is copied. */
bool sync_start(struct sync **ret, const struct sync_spec *spec, struct err *err);
void sync_wake(void *sync); /* for port_create; safe from any thread */
/* Asks the thread to end and waits for it. flush_ms: how long it may still send what waits. */
void sync_stop(struct sync *s, int flush_ms);

/* One full synchronisation in the caller's thread: login, outbox out, everything in, timelines of
 * own and team tickets. For balie sync and balie do. */
struct sync_report {
	int64_t sent, refused, conflicts;
	int64_t fetched[RECORD_KINDS], gone, timelines;
	bool full; /* the mirror was fetched anew */
};
bool sync_once(const struct sync_spec *spec, struct sync_report *ret, struct err *err);
/* Logs in and keeps the token; ERR_AUTH with the service's words, ERR_NET. */
bool sync_login(const struct sync_spec *spec, struct err *err);
bool sync_logout(const struct sync_spec *spec, struct err *err); /* revokes the token */
/* What would become of envelopes, by the service's word; nothing is changed. tell is called for each; why
 * NULL: it would be done. ERR_AUTH, ERR_NET: it cannot be asked, and some may be told already. */
struct sync_try {
	const struct envelope *envelopes;
	size_t count;
	void (*tell)(void *user, size_t i, const char *why);
	void *user;
};
bool sync_try(const struct sync_spec *spec, const struct sync_try *what, struct err *err);
