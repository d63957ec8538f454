/* The inside of the host, for the host_*.c files only. */
#pragma once
#include "balie/ui.h"

/* Where a screen draws. Those of the last two leave the screen below visible. */
enum place { PLACE_MIDDLE, PLACE_OVER, PLACE_BAR };

struct screen {
	const struct screen_ops *ops;
	struct host *host;
	struct screen *below;
	void *state;
	bool need_load;
	/* Questions: who asked and what for. */
	enum place place;
	struct screen *asker;
	int intent;
};

#define PENDING_MAX 128
#define BAR_MAX 24
#define HOST_RECENT 8

/* What the help bar of a screen offers. Looked up once a screen: finding which keys are left to
 * [everywhere] compares every row of the keymap with every other. */
struct bar {
	const struct screen_ops *ops;
	const int *offered; /* those that it was made of */
	struct {
		const struct action *action;
		char key[KEY_NAME * 2];
		int from, to; /* columns, when shown */
	} items[BAR_MAX];
	size_t count, shown;
	char help[KEY_NAME];
};

struct host {
	struct host_spec spec;
	struct screen *top;
	struct screen *closed;	   /* taken off the stack, not yet freed */
	char pending[PENDING_MAX]; /* the keys of a sequence so far, "" when none */
	struct buf said;	   /* over the help bar until the next key */
	enum style said_style;
	bool dirty, dirty_middle; /* all, or the bars alone */
	bool small;		  /* the terminal is too small to draw in */
	bool loading;
	struct bar bar;
	struct buf steps; /* of a macro, still to be done */
	int steps_done, steps_undoable;
	int click_row;
	int64_t click_at;
	struct buf hint;	   /* "Next time: press a", until a key in a screen */
	unsigned char *slow;	   /* how often each action was done the long way */
	char *recent[HOST_RECENT]; /* calls, the newest first */
	struct loop_watch *input, *clock;
	struct loop_watch *signals[6];
	size_t signal_count;
	struct buf scratch;
};

#define HOST_HEIGHT_MIN 15
#define HOST_WIDTH_MIN 60

/* host.c */
const struct action *host_action(const struct host *h, int id);
struct screen *host_push(struct host *h, const struct screen_ops *ops, enum place place,
			 struct screen *asker, int intent);
/* Closes a question and tells who asked. text is copied before the question is closed. */
void host_answered(struct screen *question, const char *text);
void host_pop(struct host *h);
void host_reap(struct host *h);
void host_load(struct host *h);
/* The screen that fills the middle. */
struct screen *host_main(const struct host *h);
void host_mark(struct host *h, bool middle);

/* host_input.c */
void host_key(struct host *h, const struct key *key);
void host_input(void *user, int fd, unsigned events);

/* host_draw.c */
void host_draw(struct host *h);
struct cells host_middle(void);
const char *host_label(const struct screen_ops *ops); /* what a person calls the screen */
/* What an argument is called: the label of a word that the action's fields know, else itself. */
const char *host_args_label(const struct action *a, const char *args);
/* The key that starts an action: when it has one for each argument ("s c", "s o") their first. */
bool host_bar_key(const struct host *h, const struct screen_ops *ops, const char *action,
		  char ret[KEY_NAME * 2]);

/* host_signal.c */
bool host_signals(struct host *h, struct err *err);
void host_suspend(struct host *h);

/* host_prompt.c */
void host_prompt(struct host *h, const char *initial);
/* Does what was chosen the long way (palette, ':', mouse). When it has a key, that is said once in a
 * while, behind whatever the action itself says. */
bool host_run_slow(struct host *h, const char *call, struct err *err);

/* host_pick.c */
/* The same as host_pick() for the host's own use: without an asker done gets the row's key, or is
 * not called when the agent leaves. also: what is searched besides the label, one a row, folded; NULL
 * for nothing. */
struct pick_spec {
	const char *title;
	const struct choice *rows;
	const char *const *also;
	size_t count;
	const char *now;
	void (*done)(struct host *h, const char *key);
};
/* Each word of the filter, folded as the text is, stands somewhere in it. */
bool host_fits(const char *text, const char *filter);
void host_pick_push(struct host *h, struct screen *asker, int intent, const struct pick_spec *spec);

/* host_palette.c */
void host_palette(struct host *h);

void host_macros(struct host *h); /* a choice of them */

/* host_mouse.c */
void host_mouse(struct host *h, const struct key *key);

/* host_steps.c */
void host_steps(struct host *h, const char *text);
void host_steps_go(struct host *h);   /* what is left, unless something is being asked */
void host_steps_left(struct host *h); /* the agent left what was asked: the rest is not done */

/* host_offers.c */
enum offer_group { OFFER_HERE, OFFER_EVERYWHERE, OFFER_UNBOUND, OFFER_COUNT };
struct offer {
	enum offer_group group;
	const struct action *action;
	const char *keys;   /* all of them, joined; "" when there are none */
	const char *call;   /* "state closed" */
	const char *help;   /* a sentence, in the language of the agent */
	const char *folded; /* what letters are looked for in */
};
struct offers {
	struct offer *rows;
	size_t count, cap;
	struct arena arena;
};
/* What the screen ops offers by key, then what all do, then what has no key there. */
void offers_fill(struct offers *o, const struct host *h, const struct screen_ops *ops);
struct offer *offers_add(struct offers *o, const struct host *h, enum offer_group group,
			 const char *keys, const struct action *a, const char *args);
void offers_finish(struct offers *o);

/* host_help.c */
extern const struct screen_ops help_screen;
