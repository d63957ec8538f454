/* What several screens show the same way. */
#pragma once
#include "balie/screens.h"

struct workplace *parts_place(const struct screen *s);
struct desk *parts_desk(const struct screen *s);

/* Names by id: "" when there is no id, "?" when it is not known here. */
const char *parts_team(const struct names *n, const char *id);
const char *parts_agent(const struct names *n, const char *id);
const char *parts_topic(const struct names *n, const char *id);
const struct agent *parts_agent_row(const struct names *n, const char *id);

/* The same pieces of one row, everywhere the same words and the same meaning of style. */
const char *parts_state_short(int state); /* one word that fits a narrow column; translated */
const char *parts_state(int state);	  /* the whole label; translated */
enum style parts_state_style(int state);
enum style parts_due_style(const struct ticket *t, int64_t now);
const char *parts_who(const struct ticket *t);	     /* the reporter, or "anonymous" */
const char *parts_number(const struct ticket *t);    /* or "not yet numbered" */
void parts_put_size(struct buf *ret, int64_t bytes); /* "240 kB" */
/* A path as it was typed: ~ is the home folder, spaces and quotes around it go. The caller frees it. */
char *parts_path(const char *text);
/* Completes names of files: for a line_spec. */
size_t parts_complete_path(void *user, const char *text, size_t cursor, size_t *start,
			   const char **ret, size_t max, struct arena *a);
/* First line of a text, for a list: no line ends. */
void parts_put_start(struct buf *ret, const char *text, size_t max);

/* "26-004217-69, 26-004218-67" of a ticket's links. */
void parts_put_links(struct buf *ret, const char *links);
/* Who else is at the ticket, as a sentence: "Jan Claes is typing". False when nobody is. */
bool parts_put_others(const struct desk *d, const char *ticket_id, struct buf *ret);
/* What a screen says when there is nothing to list: a heading and lines below it, in the middle. */
void parts_draw_empty(struct cells c, const char *heading, const char *const *lines, size_t count);
/* "v t", or NULL: for sentences that say what to press. */
const char *parts_key(const struct screen *s, const char *screen, const char *action,
		      const char *args);
/* "Press v t to see …": the text with the key for %s, or the action's name at the prompt. */
void parts_put_hint(struct buf *ret, const struct screen *s, const char *screen, const char *action,
		    const char *args, const char *sentence);
