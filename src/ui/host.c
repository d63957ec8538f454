#include "balie/ui.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <poll.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "host.h"
#include "line.h"
#include "term.h"

/* ---- small things ---- */

const struct action *host_action(const struct host *h, int id)
{
	const struct action_table *t = h->spec.actions;

	if (id >= 0 && (size_t)id < t->count && t->rows[id].id == id)
		return &t->rows[id];
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].id == id)
			return &t->rows[i];
	return NULL;
}

void host_mark(struct host *h, bool middle)
{
	h->dirty = true;
	h->dirty_middle |= middle;
}

struct screen *host_main(const struct host *h)
{
	struct screen *s = h->top;

	while (s != NULL && s->place != PLACE_MIDDLE)
		s = s->below;
	return s;
}

void *screen_state(const struct screen *s)
{
	return s->state;
}

struct host *screen_host(const struct screen *s)
{
	return s->host;
}

void screen_reload(struct screen *s)
{
	s->need_load = true;
	host_mark(s->host, true);
}

void screen_redraw(struct screen *s)
{
	host_mark(s->host, true);
}

bool screen_is_top(const struct screen *s)
{
	return host_main(s->host) == s;
}

void screen_size(const struct screen *s, int *height, int *width)
{
	struct cells c = host_middle();

	*height = c.height;
	*width = c.width;
}

void *host_app(const struct host *h)
{
	return h->spec.app;
}

const struct keymap *host_keymap(const struct host *h)
{
	return h->spec.keymap;
}

const char *host_below(const struct host *h)
{
	struct screen *s = host_main(h);

	do
		s = s != NULL ? s->below : NULL;
	while (s != NULL && s->place != PLACE_MIDDLE);
	return s != NULL ? s->ops->name : NULL;
}

void host_say(struct host *h, enum style style, const char *fmt, ...)
{
	va_list ap;
	struct buf begun = {0};
	char text[1024];

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Here it is a sentence; in the text of an error it may stand behind a colon. */
	text_capital(&begun, text);
	buf_reset(&h->said);
	text_clean(&h->said, begun.data, begun.len, TEXT_ONE_LINE);
	buf_finish(&begun);
	h->said_style = style;
	host_mark(h, false);
}

void host_changed(struct host *h, unsigned bits)
{
	for (struct screen *s = h->top; s != NULL; s = s->below)
		if ((s->ops->watches & bits) != 0)
			screen_reload(s);
	host_mark(h, false);
}

void host_status_changed(struct host *h)
{
	host_mark(h, false);
}

void host_quit(struct host *h)
{
	loop_quit(h->spec.loop);
}

/* ---- the stack ---- */

struct screen *host_push(struct host *h, const struct screen_ops *ops, enum place place,
			 struct screen *asker, int intent)
{
	struct screen *s = xcalloc(1, sizeof(*s));

	s->ops = ops;
	s->host = h;
	s->state = xcalloc(1, ops->state_size > 0 ? ops->state_size : 1);
	s->need_load = true;
	s->place = place;
	s->asker = asker;
	s->intent = intent;
	s->below = h->top;
	h->top = s;
	h->pending[0] = '\0';
	host_mark(h, true);
	return s;
}

static void screen_free(struct screen *s, bool opened)
{
	if (opened && s->ops->close != NULL)
		s->ops->close(s);
	free(s->state);
	free(s);
}

/* Only unlinks: a screen often closes itself in the middle of its own act(). */
void host_pop(struct host *h)
{
	struct screen *s = h->top;

	if (s == NULL)
		return;
	h->top = s->below;
	s->below = h->closed;
	h->closed = s;
	h->pending[0] = '\0';
	if (h->top != NULL)
		screen_reload(h->top);
	host_mark(h, true);
}

void host_reap(struct host *h)
{
	while (h->closed != NULL) {
		struct screen *s = h->closed;

		h->closed = s->below;
		screen_free(s, true);
	}
}

void host_answered(struct screen *question, const char *text)
{
	struct screen *asker = question->asker;
	char *copy = text != NULL ? xstrdup(text) : NULL;

	if (question->host->top == question)
		host_pop(question->host);
	if (asker != NULL && asker->ops->answer != NULL)
		asker->ops->answer(asker, question->intent, copy);
	if (asker != NULL && text == NULL)
		host_steps_left(question->host);
	free(copy);
}

void host_load(struct host *h)
{
	struct screen *s = h->top;

	for (; s != NULL; s = s->below) {
		struct err err = {0};

		if (s->need_load) {
			s->need_load = false;
			if (s->ops->load != NULL && !s->ops->load(s, &err))
				host_say(h, STYLE_ERROR, "%s", err.text);
		}
		if (s->place == PLACE_MIDDLE)
			break;
	}
}

static const struct screen_ops *find_screen(const struct host *h, const char *name)
{
	if (strcmp(name, help_screen.name) == 0)
		return &help_screen;
	for (size_t i = 0; h->spec.screens != NULL && h->spec.screens[i] != NULL; i++)
		if (strcmp(h->spec.screens[i]->name, name) == 0)
			return h->spec.screens[i];
	return NULL;
}

bool host_open(struct host *h, const char *screen, const char *args, struct err *err)
{
	const struct screen_ops *ops = find_screen(h, screen);
	struct screen *s;

	if (ops == NULL) {
		err_set(err, ERR_INPUT, _("there is no screen '%s'"), screen);
		return false;
	}
	/* It is on the stack while it opens, so that it may ask something at once. */
	s = host_push(h, ops, PLACE_MIDDLE, NULL, 0);
	if (ops->open == NULL || ops->open(s, args != NULL ? args : "", err))
		return true;
	while (h->top != NULL && h->top != s)
		host_pop(h);
	if (h->top == s) {
		h->top = s->below;
		screen_free(s, false);
	}
	host_mark(h, true);
	return false;
}

void host_back(struct host *h)
{
	struct act quit = {action_find(h->spec.actions, "quit"), ""};

	if (h->top != NULL && h->top->place != PLACE_MIDDLE) {
		host_answered(h->top, NULL);
		return;
	}
	if (h->top != NULL && h->top->below != NULL) {
		host_pop(h);
		return;
	}
	if (quit.action == NULL || h->spec.act == NULL || !h->spec.act(h->spec.app, h, &quit))
		host_quit(h);
}

/* ---- actions ---- */

/* A screen that is open already is gone back to; "queue" does not pile up queues. */
static bool open_named(struct host *h, const struct act *act)
{
	struct err err = {0};
	struct screen *s = h->top;

	if (find_screen(h, act->action->name) == NULL)
		return false;
	while (s != NULL &&
	       (s->place != PLACE_MIDDLE || strcmp(s->ops->name, act->action->name) != 0))
		s = s->below;
	if (s != NULL && *act->args == '\0') {
		while (h->top != s && h->top != NULL)
			host_back(h);
		return true;
	}
	if (!host_open(h, act->action->name, act->args, &err))
		host_say(h, STYLE_ERROR, "%s", err.text);
	return true;
}

static bool host_act(struct host *h, const struct act *act)
{
	const char *name = act->action->name;

	if (strcmp(name, "back") == 0) {
		host_back(h);
	} else if (strcmp(name, "prompt") == 0) {
		host_prompt(h, act->args);
	} else if (strcmp(name, "run") == 0) {
		host_steps(h, act->args);
	} else if (strcmp(name, "macros") == 0) {
		host_macros(h);
	} else if (strcmp(name, "palette") == 0) {
		host_palette(h);
	} else if (strcmp(name, "redraw") == 0) {
		clearok(curscr, TRUE);
		host_mark(h, true);
	} else if (strcmp(name, "suspend") == 0) {
		host_suspend(h);
	} else if (strcmp(name, "refresh") == 0) {
		/* The application may fetch too; what is on disk is shown anew in any case. */
		if (h->top != NULL)
			screen_reload(h->top);
		if (h->spec.act != NULL)
			h->spec.act(h->spec.app, h, act);
	} else {
		return open_named(h, act);
	}
	return true;
}

void host_run_act(struct host *h, const struct act *act)
{
	struct screen *s = h->top;

	host_load(h);
	host_mark(h, true);
	if (s != NULL && s->ops->act != NULL && s->ops->act(s, act))
		return;
	if (host_act(h, act))
		return;
	if (h->spec.act != NULL && h->spec.act(h->spec.app, h, act))
		return;
	host_say(h, STYLE_WARNING, _("'%s' is not possible here"), act->action->name);
}

/* A name of the agent's own for several actions. */
static bool run_macro(struct host *h, const char *name)
{
	struct arena a = {0};
	struct choice found;
	bool ok = h->spec.macros != NULL && h->spec.macros(h->spec.app, name, &found, 1, &a) == 1;

	if (ok)
		host_steps(h, found.label);
	arena_finish(&a);
	return ok;
}

/* A number alone is what "open" takes. */
static bool open_number(struct host *h, const char *text)
{
	const struct action *open = action_find(h->spec.actions, "open");

	if (open == NULL || !isdigit((unsigned char)*text))
		return false;
	host_run_act(h, &(struct act){open, text});
	return true;
}

bool host_run_text(struct host *h, const char *line, struct err *err)
{
	char *text, *args;
	const char *near;
	struct act act;
	bool ok = true;

	line += strspn(line, " \t:");
	if (*line == '\0')
		return true;
	text = xstrdup(line);
	args = text + strcspn(text, " \t");
	if (*args != '\0')
		*args++ = '\0';
	args += strspn(args, " \t");
	act = (struct act){action_find(h->spec.actions, text), args};
	if (act.action != NULL) {
		host_run_act(h, &act);
	} else if (run_macro(h, text)) {
		ok = true;
	} else if (find_screen(h, text) != NULL) {
		ok = host_open(h, text, args, err);
	} else if (open_number(h, text)) {
		ok = true;
	} else {
		near = action_nearest(h->spec.actions, text);
		ok = false;
		if (near != NULL)
			err_set(err, ERR_INPUT, _("there is no action '%s'; did you mean '%s'?"),
				text, near);
		else
			err_set(err, ERR_INPUT, _("there is no action '%s'"), text);
	}
	free(text);
	return ok;
}

/* ---- life ---- */

static void on_idle(void *user)
{
	struct host *h = user;

	host_reap(h);
	if (h->dirty && term_is_open())
		host_draw(h);
}

static void set_clock(struct host *h)
{
	int64_t now = clock_now();

	loop_set_timer(h->clock, 60000 - now % 60000 + 10);
}

static void on_clock(void *user)
{
	struct host *h = user;

	host_mark(h, false);
	set_clock(h);
}

bool host_create(struct host **ret, const struct host_spec *spec, struct err *err)
{
	struct host *h = xcalloc(1, sizeof(*h));

	h->spec = *spec;
	h->slow = xcalloc(spec->actions->count + 1, 1);
	/* Signals first: a SIGWINCH that ncurses' own handler takes is lost to a loop that polls. */
	if (!host_signals(h, err))
		goto fail;
	if (!term_open(spec->no_colour, spec->mouse, err))
		goto fail;
	h->input = loop_add_fd(spec->loop, STDIN_FILENO, POLLIN, host_input, h);
	h->clock = loop_add_timer(spec->loop, 60000, on_clock, h);
	set_clock(h);
	loop_set_idle(spec->loop, on_idle, h);
	host_mark(h, true);
	*ret = h;
	return true;
fail:
	host_destroy(h);
	return false;
}

void host_destroy(struct host *h)
{
	if (h == NULL)
		return;
	/* The agent gets his terminal back before screens start to close, which may take a moment. */
	term_pause();
	while (h->top != NULL)
		host_pop(h);
	host_reap(h);
	ed_forget();
	term_close();
	if (h->input != NULL) {
		loop_set_idle(h->spec.loop, NULL, NULL);
		loop_remove(h->input);
		loop_remove(h->clock);
	}
	for (size_t i = 0; i < h->signal_count; i++)
		loop_remove(h->signals[i]);
	buf_finish(&h->said);
	buf_finish(&h->hint);
	buf_finish(&h->steps);
	free(h->slow);
	for (size_t i = 0; i < HOST_RECENT; i++)
		free(h->recent[i]);
	buf_finish(&h->scratch);
	free(h);
}
