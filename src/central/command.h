/* The commands of balied and the options they share: each can stand on the command line and in
 * balied.conf. One table of commands in main.c, one file a command. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/config.h"
#include "balie/err.h"

struct settings {
	const char *db;	      /* URL as store_open() takes it; it may hold a password */
	const char *db_shown; /* the same without one */
	const char *config;   /* file to read options from */
	bool help, version;
	/* serve */
	const char *listen;  /* "ADDRESS:PORT" or "unix:PATH" */
	int64_t threads;     /* that answer requests; 0: as many as there are processors */
	int64_t connections; /* at the same time */
	int64_t per_address; /* connections from one address; 0: no limit */
	const char *proxy;   /* addresses that are believed about whose request it is */
	int64_t lag;	     /* how many changes a client may be behind before it must begin anew */
	int64_t rate, burst; /* requests a second and at once, for each login */
	int64_t session_hours;
	int64_t patience; /* seconds for a request line and headers */
	bool verbose;
	/* user add */
	const char *team, *role, *display;
	bool outside; /* the team is an outside organisation */
	/* seed */
	int64_t tickets, parties, agents;
	int64_t random;	  /* same number, same town */
	const char *size; /* a named size */
	bool password;	  /* read one from the input for all invented agents */
	/* topic */
	const char *kind;
	int64_t days; /* -1: not said; 0: no deadline */
	/* template */
	const char *topic, *language;
	/* import */
	const char *mailbox;
	bool dry_run;
	bool take;	    /* mailbox reconcile */
	const char *format; /* "table", "csv" or "json" */
	/* import tickets, export tickets */
	struct option_list map;		 /* "COLUMN=FIELD" */
	const char *separator, *charset; /* NULL: as the file has it */
	const char *source, *report;
	bool create_missing, with_citizens;
	const char *filter;
	/* backup */
	bool replace;
	/* move */
	const char *from, *to;
};
extern const struct option_row settings_rows[];

/* Says that a command has a word too many; an address is shown without its password. */
void command_extra(const char *word, struct err *err);

/* Is this fit to be a name: at most 100 bytes of UTF-8? text NULL: it was not given, and is. */
bool command_name(const char *option, const char *text, struct err *err);

/* Exit code; on 1 err holds what to tell. operands: what stands behind the command's name. */
typedef int command_fn(const struct settings *s, const struct option_list *operands,
		       struct err *err);
struct command {
	const char *name;
	const char *usage; /* operands and its own options */
	const char *help;  /* N_() */
	command_fn *run;
	const char *options; /* its own, " " between them; all know those of every command */
};
command_fn command_init, command_user, command_team, command_topic, command_template, command_serve,
	command_api_manual, command_check, command_backup, command_move;
/* Written by others: seed.c, mail/import.c, mail/mailbox_command.c, csv/import.c and csv/export.c. */
command_fn command_seed, command_import_mail, command_mailbox;
command_fn command_import, command_import_tickets, command_export;
