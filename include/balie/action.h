/* What an agent can do: one row an action. Keys, the ':' prompt, the help screen, balie do, the API's
 * schema and the manuals are made from these rows. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "balie/field.h"

enum action_kind {
	ACTION_LOCAL, /* changes only what this client shows */
	ACTION_SENT,  /* becomes an envelope: outbox, service, journal */
};
enum action_flag {
	ACTION_UNDOABLE = 1,
	ACTION_ADDITIVE = 2, /* adds and never conflicts: needs no base version */
	ACTION_PROMPTS = 4,  /* when arguments are missing, the screen asks for them */
};

struct action {
	int id;		  /* the enum of the table's owner */
	int about;	  /* which kind of record it is done to: the table owner's enum */
	const char *name; /* "assign": in keymaps, at the prompt, on the wire */
	enum action_kind kind;
	unsigned flags;
	const char *usage; /* arguments as written at the prompt, "TEAM [REASON]"; "" for none */
	const char *help;  /* N_(): one short sentence */
	const char *label; /* N_(): one or two words for the help bar */
	const struct field *fields; /* for ACTION_SENT: what the envelope carries */
	size_t field_count;
};

struct action_table {
	const struct action *rows;
	size_t count;
	const char *const
		*also; /* for each row N_() words it is sought by too, or NULL; NULL: none */
};
const struct action *action_find(const struct action_table *t, const char *name);
/* The name nearest to a misspelled one, or NULL when none is near. */
const char *action_nearest(const struct action_table *t, const char *name);
