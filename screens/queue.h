/* Inside of the queue: the window on the list, the columns, the preview. */
#pragma once
#include "deed.h"
#include "marks.h"
#include "parts.h"

#define QUEUE_WINDOW_MAX 400

/* The rows around the selected one. Only these are in memory, however long the list is: going down
 * a hundred thousand rows costs the same at the end as at the start. */
struct queue_window {
	struct arena arenas[2]; /* of the rows, and of those that are being read */
	int arena_now;
	struct queue_row *rows;
	size_t count;
	bool more_before, more_after;
	struct queue_place before; /* of the row in front of the first; unset at the start */
	struct list list;	   /* positions within rows */
	bool brief;		   /* read no more than one screen of it yet */
};
/* Reads again from the same place. selected: the ticket that must stay selected, or NULL. */
bool queue_window_load(struct queue_window *w, struct desk *d, const struct queue_query *q,
		       const char *selected, struct err *err);
/* From the start, or from the end. */
bool queue_window_first(struct queue_window *w, struct desk *d, const struct queue_query *q,
			struct err *err);
bool queue_window_last(struct queue_window *w, struct desk *d, const struct queue_query *q,
		       struct err *err);
/* Moves the window when the selected row came near one of its ends. */
bool queue_window_follow(struct queue_window *w, struct desk *d, const struct queue_query *q,
			 struct err *err);
/* Selects a ticket that stands at place, wherever in the list that is. */
bool queue_window_go(struct queue_window *w, struct desk *d, const struct queue_query *q,
		     const struct queue_place *place, const char *id, struct err *err);
const struct queue_row *queue_window_row(const struct queue_window *w); /* selected, or NULL */
void queue_window_finish(struct queue_window *w);

enum {
	ASK_FILTER = 1,
	ASK_VIEW,
	ASK_SORT,
	ASK_COLUMNS,
	ASK_SAVE_VIEW,
	ASK_RENAME_VIEW,
	ASK_DROP_VIEW
};

struct queue {
	struct deed deed;
	char view_name[61]; /* of an own view that is shown just so, or "" */
	char whose
		[ID_TEXT]; /* the colleague or team whose list it is; "": the reader and his own */
	const char *whose_name; /* of whose, or NULL; in whose_arena */
	struct arena whose_arena;
	struct queue_query query; /* filter points at filter when there is one */
	struct filter filter;
	char *filter_text;
	struct arena filter_arena;
	struct queue_window window;
	unsigned columns; /* bits by enum queue_column; 0: as the role wants */
	struct marks marks;
	int64_t bulk_done; /* of the workplace, when it was last looked at */
	struct queue_counter counter;
	int64_t counts[5];
	bool counted, count_failed;
	/* Nobody chose a view yet: the first one with work in it is shown. */
	bool settling;
	char wanted[ID_TEXT]; /* what was undone: it is selected when it comes back */
	struct loop_watch *count_timer;
	/* The text of the selected ticket, read when the cursor rests, never while it moves. */
	bool preview_on, preview_off; /* as the agent chose; neither: as the width wants */
	struct loop_watch *preview_timer;
	struct textview *preview;
	char preview_id[ID_TEXT];
};
/* The day begins with a list that has work in it. */
bool queue_settle(struct queue *q, struct desk *d, struct err *err);
/* What the first frame of the day did not need of the list. */
bool queue_load_rest(struct queue *q, struct desk *d, struct err *err);
/* Reads the list again around the ticket that was selected, or that an undo brought back. */
bool queue_load_around(struct queue *q, struct desk *d, struct err *err);
void queue_mark_all(struct screen *s);
bool queue_set_filter(struct queue *q, const char *text, struct err *err);
void queue_begin_list(struct screen *s); /* another view, sort or filter: from the start */
/* The agent's own views. False: there is none of this name. */
bool queue_view_show(struct screen *s, const char *name);
void queue_pick_view(struct screen *s); /* answers ASK_VIEW */
bool queue_views_act(struct screen *s, const struct act *act);
bool queue_views_answer(struct screen *s, int intent, const char *text);
void queue_set_columns(struct screen *s, const char *text);
void queue_ask_columns(struct screen *s); /* answers ASK_COLUMNS */
int queue_column_find(const char *name);  /* by its name or its heading in one word; -1 */
void queue_column_words(unsigned which, struct buf *ret); /* the headings, one word each */
unsigned queue_columns_wanted(const struct queue *q, int role);
size_t queue_column_names(const char **ret, size_t max);
/* Where things stand on a screen of this size: rows of the list, and the preview's rectangle. */
struct queue_layout {
	struct cells list, preview;
	bool has_preview, beside;
};
struct queue_layout queue_layout(const struct queue *q, struct cells c);
void queue_draw(const struct screen *s, struct cells c);
void queue_preview_load(struct screen *s);
