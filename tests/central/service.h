/* A real balied for tests, on the engine that BALIE_ENGINE names: sqlite when it does not, or postgres,
 * where each town is a database of the test's own server (postgres.h). Made in a folder of its own, started, spoken to by HTTP, stopped by its
 * process id. Anybody's tests may use it: `central_service_dep` in meson. Everything here ends the
 * test with a message when it cannot do what it should. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVICE_PASSWORD "een-goed-wachtwoord"

struct service {
	char dir[64];	   /* removed by service_remove() */
	char db[300];	   /* for --db: DIR/town.db, or a URL of PostgreSQL */
	char address[200]; /* "127.0.0.1:12345" or "unix:PATH", for --listen and for clients */
	char url[220];	   /* "http://127.0.0.1:12345", "http://localhost" for a unix socket */
	char socket[200];  /* path of the unix socket, or "" */
	pid_t pid;	   /* 0: does not run */
};

/* Makes the folder and an empty town with agent an (team Onthaal), agent bob (team Wegen), supervisor
 * chef (team Onthaal) and agent ext (outside team Aannemer), all with SERVICE_PASSWORD. */
void service_make(struct service *s);
/* Starts it and waits until it listens. args: more options, ends with NULL; NULL for none. */
void service_start(struct service *s, const char *const *args);
void service_start_unix(struct service *s, const char *const *args);
/* Sends the signal, waits for the end, gives the exit status (128 + signal when killed). */
int service_stop(struct service *s, int signo);
void service_remove(struct service *s);
/* Runs balied with arguments (ends with NULL) and input (NULL: none); gives the exit status. output
 * (NULL: not wanted) gets what it wrote, to be freed. */
int service_run(const char *const *args, const char *input, char **output);

/* The same without waiting for it: service_wait() gives its status. */
pid_t service_spawn(const char *const *args);
int service_wait(pid_t pid);

/* One answer. */
struct http {
	long status;
	char *body; /* never NULL */
	size_t len;
	char *headers;	    /* all lines as they came */
	struct cJSON *json; /* NULL when it is none */
};
/* body NULL: none. headers: "Name: value" lines, ends with NULL; NULL for none. Content-Type is
 * application/json unless it is among them. token NULL: no login. Release with http_free(). */
void http_call(const struct service *s, const char *token, const char *method, const char *path,
	       const char *body, const char *const *headers, struct http *ret);
void http_get(const struct service *s, const char *token, const char *path, struct http *ret);
void http_post(const struct service *s, const char *token, const char *path, const char *body,
	       struct http *ret);
void http_free(struct http *h);
/* Value of a header of the answer, or NULL; valid until the next call. */
const char *http_header(const struct http *h, const char *name);
/* Text, number or truth at a path such as "record.state" or "changes.0.op"; NULL or -1 when absent. */
const char *http_text(const struct http *h, const char *path);
double http_number(const struct http *h, const char *path);
const struct cJSON *http_at(const struct http *h, const char *path);

/* Logs in and gives the token, to be freed. */
char *service_login(const struct service *s, const char *name);
/* Sends one action. more: further members, `"subject":"x"`, or NULL. id gets the envelope's id. */
void service_act(const struct service *s, const char *token, const char *action, const char *record,
		 int64_t base_version, const char *more, char id[37], struct http *ret);
/* A new ticket; id gets its id. */
void service_ticket(const struct service *s, const char *token, const char *subject, char id[37]);
/* A connected socket, for what no client library would send. */
int service_connect(const struct service *s);
/* The same, or -1 when nobody listens any more. */
int service_try_connect(const struct service *s);
