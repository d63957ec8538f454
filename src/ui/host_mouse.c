/* The mouse, as an extra: whatever it does, keys do too. A click selects, a second one opens, the wheel
 * moves, and a key on the help bar does what it says. Shift and the mouse mark text, as everywhere. */
#include "host.h"
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "term.h"

#define DOUBLE_MS 400
#define WHEEL_ROWS 3

static void run(struct host *h, const char *name, int times)
{
	struct act act = {action_find(h->spec.actions, name), ""};

	for (int i = 0; act.action != NULL && i < times; i++)
		host_run_act(h, &act);
}

/* Rows of a list and lines of a text stand under each other, and the cursor stands on one of them. */
static void select_row(struct host *h, int row)
{
	int by = row - cells_cursor_wanted.row;

	run(h, by > 0 ? "down" : "up", abs(by));
}

static void on_bar(struct host *h, int col)
{
	const struct bar *bar = &h->bar;
	struct err err = {0};

	for (size_t i = 0; bar->ops == h->top->ops && i < bar->shown; i++)
		if (col >= bar->items[i].from && col < bar->items[i].to)
			host_run_slow(h, bar->items[i].action->name, &err);
}

void host_mouse(struct host *h, const struct key *key)
{
	const struct screen *s = h->top;
	bool wheel = strcmp(key->name, "Wheel+Up") == 0 || strcmp(key->name, "Wheel+Down") == 0;
	bool twice;

	/* Questions are answered by keys: a stray click is no yes. */
	if (s == NULL || s->place != PLACE_MIDDLE || h->small || h->pending[0] != '\0')
		return;
	buf_reset(&h->said);
	buf_reset(&h->hint);
	host_mark(h, true);
	if (wheel) {
		run(h, strcmp(key->name, "Wheel+Up") == 0 ? "up" : "down", WHEEL_ROWS);
		return;
	}
	if (key->row == LINES - 2) {
		on_bar(h, key->col);
		return;
	}
	if (s->ops->takes_text || key->row < 1 || key->row > LINES - 3)
		return;
	twice = key->row == h->click_row && clock_mono() - h->click_at < DOUBLE_MS;
	h->click_row = twice ? -1 : key->row;
	h->click_at = clock_mono();
	if (!twice)
		select_row(h, key->row);
	else if (key->row == cells_cursor_wanted.row)
		run(h, "open", 1);
}
