/* Questions on the row of the help bar: the ':' prompt, a line asked by a screen, yes or no. */
#include "host.h"
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "line_priv.h"
#include "term.h"

struct prompt {
	struct line *line;
	char *label;
	bool command; /* the ':' prompt itself */
};

/* ---- the ':' prompt's completion ---- */

static size_t add_matches(const char *word, size_t len, const char *name, const char **ret,
			  size_t count, size_t max)
{
	if (count < max && strncmp(name, word, len) == 0)
		ret[count++] = name;
	return count;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t complete_name(struct host *h, const char *word, size_t len, const char **ret,
			    size_t max)
{
	const struct action_table *t = h->spec.actions;
	size_t count = 0;

	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].name != NULL)
			count = add_matches(word, len, t->rows[i].name, ret, count, max);
	for (size_t i = 0; h->spec.screens != NULL && h->spec.screens[i] != NULL; i++)
		if (action_find(t, h->spec.screens[i]->name) == NULL)
			count = add_matches(word, len, h->spec.screens[i]->name, ret, count, max);
	qsort(ret, count, sizeof(*ret), by_name);
	return count;
}

static size_t complete(void *user, const char *text, size_t cursor, size_t *start, const char **ret,
		       size_t max, struct arena *a)
{
	struct host *h = user;
	char *typed;

	*start = cursor;
	while (*start > 0 && text[*start - 1] != ' ')
		(*start)--;
	if (*start == 0)
		return complete_name(h, text, cursor, ret, max);
	if (h->spec.complete == NULL)
		return 0;
	typed = arena_strndup(a, text, cursor);
	return h->spec.complete(h->spec.app, typed, ret, max, a);
}

/* ---- a line ---- */

static void prompt_done(struct screen *s, const char *text)
{
	struct prompt *p = s->state;
	struct host *h = s->host;
	struct err err = {0};
	char *copy;

	if (!p->command) {
		host_answered(s, text);
		return;
	}
	copy = xstrdup(text);
	host_answered(s, NULL);
	if (!host_run_slow(h, copy, &err))
		host_say(h, STYLE_ERROR, "%s", err.text);
	free(copy);
}

static bool prompt_typed(struct screen *s, const struct key *key)
{
	struct prompt *p = s->state;

	/* As in vi and less: rubbing out an empty command leaves it. */
	if (p->command && strcmp(key->name, "Backspace") == 0 && *line_text(p->line) == '\0') {
		host_answered(s, NULL);
		return true;
	}
	switch (line_feed(p->line, key)) {
	case LINE_MORE:
		break;
	case LINE_DONE:
		prompt_done(s, line_text(p->line));
		break;
	case LINE_CANCEL:
		host_answered(s, NULL);
		break;
	}
	return true;
}

static bool prompt_act(struct screen *s, const struct act *act)
{
	struct prompt *p = s->state;

	if (strcmp(act->action->name, "confirm") == 0)
		prompt_done(s, line_text(p->line));
	else if (strcmp(act->action->name, "reject") == 0 || strcmp(act->action->name, "back") == 0)
		host_answered(s, NULL);
	else
		return strcmp(act->action->name, "redraw") != 0 &&
		       strcmp(act->action->name, "suspend") != 0;
	return true;
}

static void draw_candidates(const struct prompt *p, struct cells c)
{
	size_t count, i = 0;
	const char *const *texts = line_candidates(p->line, &count);
	int wide = 0, columns, rows, top;

	if (count == 0)
		return;
	for (size_t k = 0; k < count; k++) {
		int w = text_width(texts[k]);

		if (w > wide)
			wide = w;
	}
	columns = c.width / (wide + 2) > 0 ? c.width / (wide + 2) : 1;
	rows = ((int)count + columns - 1) / columns;
	if (rows > 6)
		rows = 6;
	top = c.height - 1 - rows;
	if (top < 1)
		return;
	cells_rule(c, top - 1, STYLE_DIM, "");
	for (int row = top; row < c.height - 1; row++) {
		cells_fill(c, row, 0, c.width, STYLE_NORMAL);
		for (int col = 0; col < columns && i < count; col++, i++)
			cells_put_in(c, row, col * (wide + 2), wide, ALIGN_LEFT, STYLE_NORMAL,
				     texts[i]);
	}
	if (i < count)
		cells_put(c, c.height - 2, c.width - 2, STYLE_DIM, "…");
}

static void prompt_draw(const struct screen *s, struct cells c)
{
	const struct prompt *p = s->state;
	int row = c.height - 1, col;

	draw_candidates(p, c);
	cells_fill(c, row, 0, c.width, STYLE_BAR);
	/* A label may take half of the row; the answer needs the rest. */
	col = cells_put(cells_sub(c, row, 0, 1, c.width / 2), 0, 0, STYLE_STRONG, p->label);
	line_draw(p->line, c, row, col, p->command ? STYLE_BAR : STYLE_FIELD);
}

static void prompt_close(struct screen *s)
{
	struct prompt *p = s->state;

	line_destroy(p->line);
	free(p->label);
}

static const struct screen_ops prompt_screen = {
	.name = "prompt",
	.state_size = sizeof(struct prompt),
	.takes_text = true,
	.draw = prompt_draw,
	.act = prompt_act,
	.typed = prompt_typed,
	.close = prompt_close,
};

static void ask(struct host *h, struct screen *asker, int intent, const char *label,
		const struct line_spec *wanted, bool command)
{
	struct line_spec spec = {0};
	struct err err = {0};
	struct screen *s;
	struct line *line;
	struct prompt *p;
	char *file = NULL;

	if (wanted != NULL)
		spec = *wanted;
	if (spec.history != NULL && spec.history_file == NULL && h->spec.history_dir != NULL)
		spec.history_file = file =
			xasprintf("%s/history-%s", h->spec.history_dir, spec.history);
	line = line_create(&spec, &err);
	free(file);
	if (line == NULL) {
		host_say(h, STYLE_ERROR, "%s", err.text);
		return;
	}
	s = host_push(h, &prompt_screen, PLACE_BAR, asker, intent);
	p = s->state;
	p->line = line;
	p->label = xstrdup(label);
	p->command = command;
}

void host_ask(struct screen *s, int intent, const char *label, const struct line_spec *spec)
{
	size_t n = strlen(label);
	char *spaced = xasprintf(n > 0 && label[n - 1] == ' ' ? " %s" : " %s ", label);

	ask(s->host, s, intent, spaced, spec, false);
	free(spaced);
}

void host_prompt(struct host *h, const char *initial)
{
	char *text = *initial != '\0' ? xasprintf("%s ", initial) : NULL;
	struct line_spec spec = {
		.initial = text, .history = "prompt", .complete = complete, .user = h};

	ask(h, NULL, 0, ":", &spec, true);
	free(text);
}

/* ---- yes or no ---- */

struct confirm {
	char *question;
};

/* The letter of the language, and y everywhere: a colleague's fingers know that one. Enter is not
 * yes: it is too easily struck. */
static bool means(const struct key *key, const char *letter, const char *also)
{
	return strcasecmp(key->name, letter) == 0 || strcasecmp(key->name, also) == 0;
}

static bool confirm_typed(struct screen *s, const struct key *key)
{
	/* i18n: the letter typed for yes */
	const char *yes = _("y");
	/* i18n: the letter typed for no */
	const char *no = _("n");

	if (key->paste != NULL)
		return true;
	if (means(key, yes, "y"))
		host_answered(s, "yes");
	else if (means(key, no, "n") || strcmp(key->name, "Esc") == 0 ||
		 strcmp(key->name, "Ctrl+C") == 0)
		host_answered(s, NULL);
	else
		return strcmp(key->name, "Ctrl+L") != 0 && strcmp(key->name, "Ctrl+Z") != 0;
	return true;
}

/* For keymaps that bind keys in [prompt]. */
static bool confirm_act(struct screen *s, const struct act *act)
{
	if (strcmp(act->action->name, "confirm") == 0)
		host_answered(s, "yes");
	else if (strcmp(act->action->name, "reject") == 0 || strcmp(act->action->name, "back") == 0)
		host_answered(s, NULL);
	else
		return strcmp(act->action->name, "redraw") != 0 &&
		       strcmp(act->action->name, "suspend") != 0;
	return true;
}

static void confirm_draw(const struct screen *s, struct cells c)
{
	const struct confirm *q = s->state;
	int row = c.height - 1, col;
	char keys[32];

	snprintf(keys, sizeof(keys), " (%.8s/%.8s) ", _("y"), _("n"));
	cells_fill(c, row, 0, c.width, STYLE_BAR);
	col = cells_put(cells_sub(c, row, 0, 1, c.width - 12), 0, 1, STYLE_WARNING, q->question);
	col = cells_put(c, row, col, STYLE_BAR_KEY, keys);
	cells_cursor(c, row, col, true);
}

static void confirm_close(struct screen *s)
{
	struct confirm *q = s->state;

	free(q->question);
}

static const struct screen_ops confirm_screen = {
	.name = "prompt",
	.state_size = sizeof(struct confirm),
	.takes_text = true,
	.draw = confirm_draw,
	.act = confirm_act,
	.typed = confirm_typed,
	.close = confirm_close,
};

void host_confirm(struct screen *s, int intent, const char *question)
{
	struct screen *q = host_push(s->host, &confirm_screen, PLACE_BAR, s, intent);
	struct confirm *state = q->state;

	state->question = xstrdup(question);
}
