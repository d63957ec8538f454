/* Inside of the ticket screen: its state, its head, its text, saving from it. */
#pragma once
#include "deed.h"
#include "parts.h"

struct ticket_view {
	struct deed deed;
	char id[ID_TEXT];
	struct arena arenas[2]; /* of what is shown, and of what is being read */
	int arena_now;
	struct queue_row row;
	struct timeline_row *rows;
	size_t count;
	bool complete;
	bool fetching;	 /* it is not on the desk: the service is asked for it */
	const char *why; /* it cannot be had */
	bool left;	 /* it left the desk while it was open */
	struct names names;
	struct party party; /* when details are shown */
	bool has_party, details;
	struct family_member *merged; /* into this one */
	size_t merged_count;
	char from[ID_TEXT], from_number[TRACKING_TEXT]; /* what was opened, and led here */
	bool unfolded;					/* quoted text is shown */
	bool has_draft, has_note_draft;
	struct textview *text;
	bool counted; /* mine is known */
	size_t mine;  /* messages and notes of my own that were there */
	bool placed;  /* the cursor was put at the newest message */
	bool ordered; /* it was opened from a list: next and previous are known */
	struct queue_place place;
	const struct screen *screen;
	struct loop_watch *tick; /* while a mail is held back */
	char save_id[ID_TEXT];	 /* of the attachment that is asked where to */
	char *save_name;
};

/* Builds the scrolled text anew. */
void ticket_text_build(struct ticket_view *v);
/* Identifier of what the cursor stands in ("" for none), and back to it after reading again; the
 * first time, to the newest message. */
const char *ticket_text_id(const struct ticket_view *v);
void ticket_text_place(struct ticket_view *v, const char *id);
/* To what I wrote myself when there is more of it than before: it is seen whole. */
void ticket_text_follow(struct ticket_view *v, const char *me);
/* The row that the cursor stands in, NULL when none. */
const struct timeline_row *ticket_text_row(const struct ticket_view *v);
/* Draws the head and gives the rows it took. */
int ticket_head_draw(const struct screen *s, struct cells c);
/* Attachments: one is saved at once, of several the agent picks. Answers come back by intent. */
enum { ASK_ATTACHMENT = 1, ASK_LINKED, ASK_UNMERGE, ASK_OPEN, ASK_WHERE };
void ticket_save_begin(struct screen *s);
void ticket_open_begin(struct screen *s);
void ticket_save_answer(struct screen *s, int intent, const char *text);
void ticket_save_raw(struct screen *s);

/* ticket_mail.c: what became of a mail of ours, in words; *ret_style how it stands out. Nothing for what
 * needs no word. */
void ticket_mail_put_state(const struct ticket_view *v, const struct message *m, struct buf *ret,
			   enum style *ret_style);
/* The mail that "send again" and "settle" are about: the one under the cursor, else the newest that did not
 * go out for sure. NULL: none. */
const char *ticket_mail_unsure(const struct ticket_view *v);
/* How long until the words above change: -1 when they do not by themselves. */
int64_t ticket_mail_next_tick(const struct ticket_view *v);
