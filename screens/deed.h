/* A change that an agent is making, on one ticket or on many: asks what is missing and does it;
 * when there are many, they are shown first (bulk.h). Used by the queue and the ticket alike. */
#pragma once
#include "balie/id.h"
#include "parts.h"

/* Intents that a screen passes on to deed_answer(); its own are below 1000. */
enum { DEED_CHOICE = 1000, DEED_TEXT, DEED_DAY, DEED_TOPIC };

struct deed {
	const struct action *action; /* NULL: nothing is being made */
	struct args args;	     /* text in arena */
	char (*ids)[ID_TEXT];	     /* of the tickets; in arena */
	size_t count;
	char undone[ID_TEXT]; /* the ticket that the last undo was about, or "" */
	bool done;	      /* the last one went through: the screen may clear its marks */
	struct arena arena;
};

/* Takes an action that changes something. ids: the tickets it is about. False when it is none of
 * those (then the host gets it). */
bool deed_begin(struct screen *s, struct deed *d, const struct act *act, const char (*ids)[ID_TEXT],
		size_t count);
/* False when the intent is not one of the deed's. */
bool deed_answer(struct screen *s, struct deed *d, int intent, const char *text);
void deed_finish(struct deed *d);
