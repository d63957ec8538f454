/* Inside of the client: options, the folders of one agent, the commands, the screens' host. */
#pragma once
#include <stdbool.h>
#include "balie/config.h"
#include "balie/screens.h"
#include "balie/sync.h"

enum { EXIT_FINE = 0, EXIT_TROUBLE = 1, EXIT_USAGE = 2 };

struct settings {
	const char *server, *user;
	const char *config;
	const char *keymap, *language;
	const char *format, *view;
	const char *downloads, *mouse, *opener;
	const char *filter;
	bool demo, dry_run, help, version;
};
extern const struct option_row settings_rows[];

/* Everything of one agent with one service: folders of their own, so that two agents on one counter
 * computer never see each other's. */
struct session {
	const struct settings *settings;
	char *dir_cache, *dir_work, *dir_run, *token_file;
	char *downloads;
	int lock; /* descriptor, -1 when not held */
	struct workplace place;
	struct arena arena; /* who I am; until the end */
};
bool session_open(struct session *ret, const struct settings *settings, struct err *err);
void session_close(struct session *s);
/* Only one program may write an agent's mirror. ERR_BUSY with a sentence when another has it. */
bool session_lock(struct session *s, struct err *err);
/* Opens the mirror for reading when it is there, and learns who I am. False: it is not there yet. */
bool session_read(struct session *s);
void session_learn(struct session *s);	/* names and rights may have changed */
void session_forget(struct session *s); /* after logging out: the mirror and the token go */
struct sync_spec session_sync(const struct session *s, const char *password);
bool session_has_token(const struct session *s);

/* Asked on the terminal without showing it, or the first line of the input. The caller wipes and
 * frees it. NULL: there was none. */
char *password_ask(const struct session *s, struct err *err);
void password_free(char *password);
/* Logs in with the kept token or by asking. */
bool login_when_needed(struct session *s, bool again, struct err *err);

int app_run(struct session *s, struct err *err); /* the screens, until the agent leaves */
int command_run(struct session *s, const struct option_list *operands, struct err *err);
bool command_known(const char *name);
int command_show(struct session *s, const struct option_list *operands, struct err *err);
int command_list(struct session *s, const struct option_list *operands, struct err *err);
int command_do(struct session *s, const struct option_list *operands, struct err *err);
/* The action on all tickets that --filter finds. */
int command_do_many(struct session *s, const struct action *action,
		    const struct option_list *operands, struct err *err);
/* What command_do() and command_do_many() share. first: the operand that the arguments begin at. */
bool command_read_args(struct session *s, const struct action *action,
		       const struct option_list *operands, size_t first, struct args *args,
		       struct arena *a, struct err *err);
/* Sends what waits. Without network it stays in the outbox, which is no error; false: another balie has
 * the files and sends it. */
bool command_send(struct session *s);

/* A town of its own: a service with invented people that ends with it. */
struct demo;
/* Starts it and fills in server and user; BALIE_HOME points into it from now on. */
bool demo_start(struct demo **ret, struct settings *settings, struct err *err);
const char *demo_password(void);
void demo_stop(struct demo *d); /* ends the service and takes every file away */
