/* The terminal: cells, theme by meaning, keys, one-line fields, lists, text, and the host that holds
 * the stack of screens. Knows no ticket. Everything here belongs to the one UI thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/action.h"
#include "balie/err.h"
#include "balie/loop.h"
#include "balie/mem.h"

/* ---- theme: what a text means, not how it looks ---- */
/* Each style differs from its neighbours in more than colour (bold, reverse, underline), so that it
 * reads on a terminal without colours too. */
enum style {
	STYLE_NORMAL,
	STYLE_DIM,
	STYLE_STRONG,
	STYLE_HEADER,
	STYLE_SELECTED,
	STYLE_MARKED,
	STYLE_BAR,
	STYLE_BAR_KEY,
	STYLE_STATUS,
	STYLE_FIELD,
	STYLE_INCOMING,
	STYLE_OUTGOING,
	STYLE_INTERNAL,
	STYLE_CHANGE,
	STYLE_QUOTE,
	STYLE_OVERDUE,
	STYLE_SOON,
	STYLE_DONE,
	STYLE_PENDING,
	STYLE_ERROR,
	STYLE_WARNING,
	STYLE_GOOD,
	STYLE_MATCH,
	STYLE_COUNT
};

/* ---- cells: a rectangle of the screen to draw in; what falls outside is cut ---- */
struct cells {
	int row, col; /* of its corner on the terminal */
	int height, width;
};
/* Writes one line of clean text from col on, cut at the right edge by whole graphemes. Gives the
 * column after it. Text is cleaned again here (text_clean), so nothing raw can reach the terminal. */
int cells_put(struct cells c, int row, int col, enum style style, const char *text);
int cells_putf(struct cells c, int row, int col, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
enum align { ALIGN_LEFT, ALIGN_RIGHT };
/* Exactly width cells: clipped with an ellipsis or padded with spaces. */
void cells_put_in(struct cells c, int row, int col, int width, enum align, enum style style,
		  const char *text);
void cells_fill(struct cells c, int row, int col, int width, enum style style);
void cells_clear(struct cells c);
/* A horizontal line ("-" where the terminal has no line drawing). */
void cells_rule(struct cells c, int row, enum style style, const char *title);
struct cells cells_sub(struct cells c, int row, int col, int height, int width);
/* Where the hardware cursor stands after this frame (screen readers and braille follow it). The last
 * call of a frame counts. visible false: it stands there, but the terminal need not show it. */
void cells_cursor(struct cells c, int row, int col, bool visible);

/* ---- keys ---- */
#define KEY_NAME 24
/* One key as typed: its keymap name ("a", "Ctrl+S", "F2", "Enter", "PageDown", "Alt+x", "é") and,
 * when it types a character, that character. */
struct key {
	char name[KEY_NAME];
	uint32_t ch;  /* 0: no character */
	int row, col; /* of the mouse, when is_mouse: "Click", "Wheel+Up", "Wheel+Down" */
	bool is_mouse;
	const char *paste; /* bracketed paste: the whole pasted text (name is "Paste"), else NULL */
};
struct keymap;
/* Parses keymap text (INI: [screen], Key = action args). name is for messages. Rows of a later text
 * replace those of an earlier one: default first, then the chosen map, then the user's own. A text
 * with a mistake changes nothing. screens: the sections there may be besides [everywhere], [prompt] and
 * [help], NULL-ended; NULL allows all. */
bool keymap_create(struct keymap **ret, const struct action_table *actions, struct err *err);
bool keymap_add(struct keymap *km, const char *name, const char *text, const char *const *screens,
		struct err *err);
void keymap_destroy(struct keymap *km);
struct act {
	const struct action *action;
	const char *args; /* "" when there are none */
};
/* The action on a key in a screen, else in [everywhere]. False when unbound. A sequence of two keys
 * ("g g", "s c") is bound as "g g": pending gets true when key starts one. */
bool keymap_find(const struct keymap *km, const char *screen, const char *key, struct act *ret,
		 bool *pending);
/* The shortest key of an action in a screen (for the help bar), NULL when unbound. */
const char *keymap_key_of(const struct keymap *km, const char *screen, const char *action,
			  const char *args);

/* ---- one-line field, edited by libedit with the user's ~/.editrc ---- */
struct line;
/* Candidates for the word before the cursor: fills ret with at most max texts owned by a. *start is
 * the byte of text where the word that they replace begins. */
typedef size_t line_complete_fn(void *user, const char *text, size_t cursor, size_t *start,
				const char **ret, size_t max, struct arena *a);
/* history: a name; fields of the same name share their history ("prompt", "filter"), kept in
 * history_file when not NULL (mode 0600). secret: shows stars, has no history. */
struct line_spec {
	const char *initial;
	const char *history;
	const char *history_file;
	bool secret;
	line_complete_fn *complete;
	void *user;
};
struct line *line_create(const struct line_spec *spec, struct err *err);
void line_destroy(struct line *l);
enum line_result { LINE_MORE, LINE_DONE, LINE_CANCEL };
enum line_result line_feed(struct line *l, const struct key *key);
const char *line_text(struct line *l); /* UTF-8; owned by l, valid until the next feed */
void line_set(struct line *l, const char *text);
void line_draw(struct line *l, struct cells c, int row, int col, enum style style);

/* ---- several lines: the built-in editor of compose ---- */
struct editor;
struct editor *editor_create(const char *initial);
void editor_destroy(struct editor *e);
/* True when the key was an editing key; false gives it back to the keymap. Arrows, Home, End,
 * Ctrl+arrows by word, PageUp/Down, Backspace, Delete, Ctrl+K/U/W/A/E/Y, Ctrl+Z undo, paste. */
bool editor_feed(struct editor *e, const struct key *key);
const char *editor_text(struct editor *e); /* owned by e */
void editor_set(struct editor *e, const char *text);
size_t editor_cursor(const struct editor *e); /* byte */
void editor_set_cursor(struct editor *e, size_t byte);
uint64_t editor_changes(const struct editor *e); /* grows with each change of the text */
void editor_draw(struct editor *e, struct cells c, enum style style);

/* ---- a list that knows only positions ---- */
struct list {
	int64_t count;	       /* rows there are */
	int64_t top, selected; /* first row on screen; -1 when empty */
	int height;	       /* rows on screen, set when drawn */
};
void list_set_count(struct list *l, int64_t count); /* keeps selected within bounds */
void list_show(struct list *l, int height);	    /* scrolls so that selected is visible */
/* Moves for the local actions down, up, page-down, page-up, first, last. False for others. */
bool list_act(struct list *l, const struct act *act);

/* ---- scrolled text, wrapped lines with a style each ---- */
struct textview;
struct textview *textview_create(void);
void textview_destroy(struct textview *v);
void textview_clear(struct textview *v);
/* Adds a paragraph, wrapped when drawn. prefix stands before each of its lines ("> ", "| "). tag: the
 * number of what it belongs to (a message), for moving from one to the next. */
void textview_add(struct textview *v, enum style style, const char *prefix, const char *text,
		  int64_t tag);
bool textview_act(struct textview *v, const struct act *act);
int64_t textview_tag(const struct textview *v); /* of the line the cursor stands on */
void textview_go(struct textview *v, int64_t tag);
void textview_draw(struct textview *v, struct cells c);

/* ---- screens ---- */
struct host;
struct screen;

/* What woke a screen: bits that a screen lists in watches. Their meaning is the application's. */
struct screen_ops {
	const char *name;  /* keymap section, ":name" command, anchor in the manual */
	const char *label; /* what a person calls it, N_(); NULL: the name */
	size_t state_size; /* zeroed before open, freed after close */
	unsigned watches;
	/* What types something goes to typed() first, other keys when the screen's own keymap section
	 * does not bind them; what typed() refuses goes on to the keymap. */
	bool takes_text;
	bool asks;	    /* a question that fills the screen: a macro does not go on into it */
	const int *offered; /* actions of the help bar in order, ended by -1 */
	/* The same for what the screen shows now; NULL: always those. */
	const int *(*offers)(const struct screen *s);

	/* args: what was typed behind the action's name; never NULL. On failure the screen is not
	 * opened, close is not called, and the host shows the error. */
	bool (*open)(struct screen *s, const char *args, struct err *err);
	bool (*load)(struct screen *s, struct err *err); /* data -> state; never the network */
	void (*title)(const struct screen *s, struct buf *ret); /* left of the top line */
	void (*draw)(const struct screen *s, struct cells c);	/* no effects */
	bool (*act)(struct screen *s, const struct act *act);	/* false: hand back to the host */
	bool (*typed)(struct screen *s, const struct key *key); /* for takes_text; may be NULL */
	/* A question that this screen asked was answered: intent is what it gave when asking; text is
	 * NULL when the agent left it. May be NULL. */
	void (*answer)(struct screen *s, int intent, const char *text);
	void (*close)(struct screen *s);
};
void *screen_state(const struct screen *s);
struct host *screen_host(const struct screen *s);
void screen_reload(struct screen *s); /* load and draw before the next frame */
void screen_redraw(struct screen *s);
bool screen_is_top(const struct screen *s); /* questions over it do not count */
/* Size of the part of the terminal that this screen draws in. */
void screen_size(const struct screen *s, int *height, int *width);

struct choice;
struct host_spec {
	struct loop *loop;
	const struct action_table *actions;
	struct keymap *keymap;
	const struct screen_ops *const *screens; /* all that can be opened, NULL-ended */
	void *app;				 /* for the screens: host_app() */
	/* Text of the status line (right of the bottom line): connected or not, how old, how many wait. */
	void (*status)(void *app, struct buf *ret, enum style *style);
	/* An action that neither screen nor host knows (quit needs a question, sent actions by prompt).
	 * False: unknown here too. */
	bool (*act)(void *app, struct host *host, const struct act *act);
	size_t (*complete)(void *app, const char *text, const char **ret, size_t max,
			   struct arena *a);
	/* The agent's macros: those of this name (NULL: all) as name and actions; may be NULL. */
	size_t (*macros)(void *app, const char *name, struct choice *ret, size_t max,
			 struct arena *a);
	const char *history_dir; /* where fields keep their history, or NULL */
	bool no_colour, mouse;
};
/* Takes the terminal. Errors: TERM unknown or dumb, not a terminal: nothing was changed then. */
bool host_create(struct host **ret, const struct host_spec *spec, struct err *err);
void host_destroy(struct host *h); /* gives the terminal back as it was; also after a signal */
void *host_app(const struct host *h);
bool host_open(struct host *h, const char *screen, const char *args, struct err *err);
/* Closes the top screen (after the current act(); its state lives until then); a question is answered
 * with NULL; the last screen asks act("quit"). */
void host_back(struct host *h);
void host_run_act(struct host *h, const struct act *act); /* as if its key were pressed */
bool host_run_text(struct host *h, const char *line, struct err *err); /* as if typed at ':' */
/* Are these actions with ';' between, "topic afval; note \"done\"", of this table? */
bool steps_check(const struct action_table *t, const char *text, struct err *err);
bool steps_several(const char *text);
/* One line over the help bar until the next key. Shown by screen_ops too. */
void host_say(struct host *h, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Reloads the screens that watch any of these bits. Safe only in the UI thread. */
void host_changed(struct host *h, unsigned bits);
void host_status_changed(struct host *h);
/* Asks one line, below the screen. The answer comes through ops->answer(intent). */
void host_ask(struct screen *s, int intent, const char *label, const struct line_spec *spec);
/* Asks to choose one: type letters to narrow (folded, anywhere in the label), Enter takes it. The
 * answer's text is the row's key. Labels and keys are copied. now: the key of the row to start at, the
 * value that there is; NULL, or one that is not there: the first. */
struct choice {
	const char *key, *label, *hint; /* hint: shown right, may be NULL */
};
void host_pick(struct screen *s, int intent, const char *title, const struct choice *rows,
	       size_t count, const char *now);
/* Asks y or n (j or n in Dutch); the answer's text is "yes" or NULL. */
void host_confirm(struct screen *s, int intent, const char *question);
/* Runs a program on the terminal (an editor): gives the terminal to it and takes it back. */
bool host_run_program(struct host *h, char *const argv[], int *ret_status, struct err *err);
void host_quit(struct host *h);
const struct keymap *host_keymap(const struct host *h);
const char *host_below(const struct host *h); /* name of the screen under the top one, or NULL */
