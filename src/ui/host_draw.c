/* One frame: title, the screen and what stands over it, help bar, status. */
#include "host.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "term.h"

static struct cells row_at(int row)
{
	return (struct cells){row, 0, 1, COLS};
}

struct cells host_middle(void)
{
	return (struct cells){1, 0, LINES > 3 ? LINES - 3 : 1, COLS};
}

const char *host_label(const struct screen_ops *ops)
{
	return ops->label != NULL ? _(ops->label) : ops->name;
}

static void draw_title(struct host *h)
{
	struct screen *s = host_main(h);
	struct cells c = row_at(0);
	struct clock_local at;
	char time[16];

	buf_reset(&h->scratch);
	if (s != NULL && s->ops->title != NULL)
		s->ops->title(s, &h->scratch);
	else if (s != NULL)
		buf_add_str(&h->scratch, host_label(s->ops));
	clock_local(clock_now(), &at);
	snprintf(time, sizeof(time), " %02d:%02d ", at.hour % 100, at.minute % 100);
	cells_fill(c, 0, 0, 1, STYLE_STATUS);
	cells_put_in(c, 0, 1, COLS - 8, ALIGN_LEFT, STYLE_STATUS,
		     h->scratch.data != NULL ? h->scratch.data : "");
	cells_put_in(c, 0, COLS - 7, 7, ALIGN_LEFT, STYLE_STATUS, time);
}

static void draw_status(struct host *h)
{
	struct cells c = row_at(LINES - 1);
	struct screen *s = host_main(h);
	enum style style = STYLE_STATUS;
	const char *right = "";
	int width, left;

	buf_reset(&h->scratch);
	if (h->spec.status != NULL)
		h->spec.status(h->spec.app, &h->scratch, &style);
	if (h->scratch.data != NULL)
		right = h->scratch.data;
	cells_fill(c, 0, 0, COLS, style);
	left = cells_put(c, 0, 1, style, s != NULL ? host_label(s->ops) : "");
	if (h->pending[0] != '\0')
		left = cells_putf(c, 0, left, style, "  %s …", h->pending);
	width = text_width(right);
	if (width > COLS - left - 3)
		width = COLS - left - 3;
	if (width > 0)
		cells_put_in(c, 0, COLS - width - 1, width, ALIGN_RIGHT, style, right);
}

/* ---- the help bar ---- */

/* Puts "Enter open  " when it fits before col max; false when it does not. */
static bool bar_put(struct cells c, int *col, int max, const char *key, const char *label)
{
	int need = text_width(key) + 1 + text_width(label);

	if (*col + need > max)
		return false;
	*col = cells_put(c, 0, *col, STYLE_BAR_KEY, key);
	*col = cells_put(c, 0, *col, STYLE_BAR, " ");
	*col = cells_put(c, 0, *col, STYLE_BAR, label);
	*col += 2;
	return true;
}

static const char *label_of(const struct action *a)
{
	return a->label != NULL && *a->label != '\0' ? _(a->label) : a->name;
}

const char *host_args_label(const struct action *a, const char *args)
{
	for (size_t i = 0; i < a->field_count; i++) {
		const struct words *w = a->fields[i].words;
		int n = w != NULL ? words_find(w, args) : -1;

		if (n >= 0)
			return _(words_label(w, n));
	}
	return args;
}

/* What can follow the keys typed so far. Takes rows above the bar when one is not enough: the key that
 * one looks for may not be the one that is cut. */
static int bar_continuations(struct host *h, struct cells c, bool draw)
{
	struct keymap_row row;
	size_t pos = 0, n = strlen(h->pending);
	int start = text_width(h->pending) + 4, col = start, line = 0;

	while (keymap_each(h->spec.keymap, h->top->ops->name, &pos, &row)) {
		const char *key = row.keys + n + 1, *label;
		int need;

		if (strncmp(row.keys, h->pending, n) != 0 || row.keys[n] != ' ')
			continue;
		label = *row.args != '\0' ? host_args_label(row.action, row.args)
					  : label_of(row.action);
		need = text_width(key) + 1 + text_width(label);
		if (col + need > c.width && col > start) {
			line++;
			col = start;
		}
		if (draw)
			bar_put(cells_sub(c, line, 0, 1, c.width), &col, c.width, key, label);
		else
			col += need + 2;
	}
	return line + 1;
}

static void draw_continuations(struct host *h)
{
	struct cells c = {LINES - 2, 0, 1, COLS};
	int rows = bar_continuations(h, c, false);

	if (rows > LINES / 2)
		rows = LINES / 2;
	c.row -= rows - 1;
	c.height = rows;
	cells_clear(c);
	cells_putf(c, 0, 1, STYLE_BAR_KEY, "%s …", h->pending);
	bar_continuations(h, c, true);
}

/* "v" of "v v", when "v m" does it with an argument: what follows is shown once it is pressed. */
static bool starts_several(const struct host *h, const struct screen_ops *ops, const char *action,
			   const char *keys)
{
	size_t pos = 0, n = strcspn(keys, " ");
	struct keymap_row row;

	while (keys[n] != '\0' && keymap_each(h->spec.keymap, ops->name, &pos, &row))
		if (*row.args != '\0' && strcmp(row.action->name, action) == 0 &&
		    strncmp(row.keys, keys, n + 1) == 0)
			return true;
	return false;
}

bool host_bar_key(const struct host *h, const struct screen_ops *ops, const char *action,
		  char ret[KEY_NAME * 2])
{
	const struct keymap *km = h->spec.keymap;
	const char *plain = keymap_key_for(km, ops->name, action, "", ops->takes_text);
	const char *any = plain;
	int n;

	if (any == NULL)
		any = keymap_key_for(km, ops->name, action, NULL, ops->takes_text);
	if (any == NULL)
		return false;
	n = (int)(plain != NULL && !starts_several(h, ops, action, plain) ? strlen(any)
									  : strcspn(any, " "));
	return snprintf(ret, KEY_NAME * 2, "%.*s", n, any) < KEY_NAME * 2;
}

static void fill_bar(struct host *h, const struct screen_ops *ops, const int *offered)
{
	struct bar *bar = &h->bar;
	char help[KEY_NAME * 2];

	bar->ops = ops;
	bar->offered = offered;
	bar->count = 0;
	bar->help[0] = '\0';
	if (host_bar_key(h, ops, "help", help))
		snprintf(bar->help, sizeof(bar->help), "%.20s", help);
	for (const int *id = offered; id != NULL && *id >= 0 && bar->count < BAR_MAX; id++) {
		const struct action *a = host_action(h, *id);

		if (a == NULL || strcmp(a->name, "help") == 0 ||
		    !host_bar_key(h, ops, a->name, bar->items[bar->count].key))
			continue;
		bar->items[bar->count++].action = a;
	}
}

static void bar_offered(struct host *h, struct cells c)
{
	struct bar *bar = &h->bar;
	const struct screen_ops *ops = h->top->ops;
	const int *offered = ops->offers != NULL ? ops->offers(h->top) : ops->offered;
	const char *help_label = _("help");
	int col = 1, max = c.width;

	if (bar->ops != ops || bar->offered != offered)
		fill_bar(h, ops, offered);
	if (bar->help[0] != '\0')
		max -= text_width(bar->help) + 1 + text_width(help_label) + 2;
	for (bar->shown = 0; bar->shown < bar->count; bar->shown++) {
		size_t i = bar->shown;

		bar->items[i].from = col;
		if (!bar_put(c, &col, max, bar->items[i].key, label_of(bar->items[i].action)))
			break;
		bar->items[i].to = col - 2;
	}
	if (bar->help[0] != '\0')
		bar_put(c, &col, c.width, bar->help, help_label);
}

/* What was said, and behind it the shorter key when there is room for both. */
static void draw_said(struct host *h, struct cells c)
{
	const char *hint = h->hint.len > 0 ? h->hint.data : "";
	int col = 1 + (h->said.len > 0 ? text_width(h->said.data) + 2 : 0);

	if (h->said.len > 0)
		cells_put_in(c, 0, 1, COLS - 1, ALIGN_LEFT, h->said_style, h->said.data);
	if (*hint != '\0' && (h->said.len == 0 || col + text_width(hint) < COLS))
		cells_put_in(c, 0, col, COLS - col, ALIGN_LEFT, STYLE_DIM, hint);
}

static void draw_bar(struct host *h)
{
	struct cells c = row_at(LINES - 2);
	bool asks = h->top != NULL && h->top->place != PLACE_MIDDLE;

	/* A question stands here itself. */
	if (h->top != NULL && h->top->place == PLACE_BAR && h->said.len == 0)
		return;
	cells_fill(c, 0, 0, COLS, STYLE_BAR);
	if (h->said.len > 0 || (h->hint.len > 0 && !asks))
		draw_said(h, c);
	else if (h->top != NULL && h->pending[0] != '\0')
		draw_continuations(h);
	else if (h->top != NULL)
		bar_offered(h, c);
}

/* ---- all of it ---- */

static void draw_screen(struct screen *s)
{
	struct cells c = host_middle();

	if (s == NULL)
		return;
	if (s->place != PLACE_MIDDLE)
		draw_screen(s->below);
	else
		cells_clear(c);
	/* A question draws at the bottom of the middle and may take the bar's row as well. */
	if (s->place == PLACE_BAR)
		c.height++;
	if (s->ops->draw != NULL)
		s->ops->draw(s, c);
}

static void draw_small(void)
{
	const char *text = _("The window is too small: 60 by 15 is needed.");
	struct cells c = {0, 0, LINES, COLS};

	erase();
	cells_put(c, LINES / 2, 0, STYLE_NORMAL, text);
	cells_cursor_wanted = (struct cursor){LINES - 1, 0, false};
}

void host_draw(struct host *h)
{
	host_load(h);
	/* A question draws where the bar is, continuations of a sequence over the middle. */
	if (h->pending[0] != '\0' || (h->top != NULL && h->top->place == PLACE_BAR))
		h->dirty_middle = true;
	h->small = LINES < HOST_HEIGHT_MIN || COLS < HOST_WIDTH_MIN;
	if (h->small) {
		draw_small();
	} else {
		if (h->dirty_middle) {
			cells_cursor_wanted = (struct cursor){LINES - 2, 0, false};
			draw_screen(h->top);
		}
		draw_title(h);
		draw_bar(h);
		draw_status(h);
	}
	h->dirty = h->dirty_middle = false;
	term_flush();
}
