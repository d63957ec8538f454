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

/* What the help bar of a screen offers. Looked up once a screen: finding which keys are left to
 * [everywhere] compares every row of the keymap with every other. */
struct bar {
	const struct screen_ops *ops;
	struct {
		const struct action *action;
		char key[KEY_NAME * 2];
	} items[BAR_MAX];
	size_t count;
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

/* host_signal.c */
bool host_signals(struct host *h, struct err *err);
void host_suspend(struct host *h);

/* host_prompt.c */
void host_prompt(struct host *h, const char *initial);
/* host_help.c */
extern const struct screen_ops help_screen;
