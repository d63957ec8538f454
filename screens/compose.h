/* Inside of compose: its state and its drawing. */
#pragma once
#include "balie/id.h"
#include "parts.h"

enum compose_field { COMPOSE_TO, COMPOSE_SUBJECT, COMPOSE_BODY };

struct compose {
	bool answer;		   /* else a note */
	char id[ID_TEXT];	   /* of the ticket */
	char envelope_id[ID_TEXT]; /* kept with the draft: sending twice sends once */
	struct line *to, *subject; /* of an answer only */
	struct editor *body;
	enum compose_field focus;
	/* What is on disk, to know whether a key changed anything. */
	char *saved_to, *saved_subject;
	uint64_t saved_changes;
	bool has_draft;	   /* something was kept */
	char trouble[256]; /* why keeping it failed; "" when all is well */
	/* The ticket as it was when writing began, and as it is. */
	struct arena arena;
	struct queue_row row;
	int64_t began;
	char notice[256];	   /* a colleague answered meanwhile */
	char typing[256];	   /* a colleague is here now */
	struct textview *question; /* what is answered, to read while writing */
};
enum { COMPOSE_ASK_TEMPLATE = 10 };
/* Saves the draft when something changed since. */
void compose_keep(struct screen *s);
/* Puts the ready text with that id, or with that beginning of its name, at the cursor. Neither: asks. */
void compose_template(struct screen *s, const char *name, const char *id);
void compose_draw(const struct screen *s, struct cells c);
