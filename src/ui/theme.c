/* What each style looks like. Attributes carry the meaning, colours only help: without colours
 * every style still differs from those it stands next to. */
#include "term.h"

struct look {
	attr_t attr;
	short fg256, fg8; /* -1: the terminal's own */
};

/* The tones of 256 read on a dark and on a light background alike. */
static const struct look looks[STYLE_COUNT] = {
	[STYLE_NORMAL] = {A_NORMAL, -1, -1},
	[STYLE_DIM] = {A_DIM, 245, -1},
	[STYLE_STRONG] = {A_BOLD, -1, -1},
	[STYLE_HEADER] = {A_BOLD | A_UNDERLINE, -1, -1},
	[STYLE_SELECTED] = {A_REVERSE, -1, -1},
	[STYLE_MARKED] = {A_BOLD, 133, COLOR_MAGENTA},
	[STYLE_BAR] = {A_NORMAL, -1, -1},
	[STYLE_BAR_KEY] = {A_BOLD, 37, COLOR_CYAN},
	[STYLE_STATUS] = {A_REVERSE, -1, -1},
	[STYLE_FIELD] = {A_UNDERLINE, -1, -1},
	[STYLE_INCOMING] = {A_BOLD, 33, COLOR_CYAN},
	[STYLE_OUTGOING] = {A_NORMAL, 34, COLOR_GREEN},
	[STYLE_INTERNAL] = {A_UNDERLINE, 172, COLOR_YELLOW},
	[STYLE_CHANGE] = {A_DIM, 245, -1},
	[STYLE_QUOTE] = {A_DIM, 67, COLOR_BLUE},
	[STYLE_OVERDUE] = {A_BOLD | A_UNDERLINE, 160, COLOR_RED},
	[STYLE_SOON] = {A_BOLD, 172, COLOR_YELLOW},
	[STYLE_DONE] = {A_DIM, 34, COLOR_GREEN},
	[STYLE_PENDING] = {A_ITALIC, 133, COLOR_MAGENTA},
	[STYLE_ERROR] = {A_BOLD | A_REVERSE, 160, COLOR_RED},
	[STYLE_WARNING] = {A_BOLD, 172, COLOR_YELLOW},
	[STYLE_GOOD] = {A_NORMAL, 34, COLOR_GREEN},
	[STYLE_MATCH] = {A_BOLD | A_UNDERLINE, 172, COLOR_YELLOW},
};

static cchar_t cells[STYLE_COUNT];

/* With 16 colours the bright half is used: the dark blue of many terminals cannot be read. */
static short colour_of(const struct look *look)
{
	if (COLORS >= 256)
		return look->fg256;
	if (COLORS >= 16 && look->fg8 > 0)
		return (short)(look->fg8 + 8);
	return look->fg8;
}

void theme_init(bool no_colour)
{
	bool colour = !no_colour && has_colors();
	bool has_default = false;
	short pair = 0;

	if (colour) {
		start_color();
		has_default = use_default_colors() == OK;
	}
	for (int i = 0; i < STYLE_COUNT; i++) {
		short fg = colour ? colour_of(&looks[i]) : -1;
		short used = 0;

		if (fg >= 0 && pair + 1 < COLOR_PAIRS &&
		    init_pair((short)(pair + 1), fg, has_default ? -1 : COLOR_BLACK) == OK)
			used = ++pair;
		setcchar(&cells[i], L" ", looks[i].attr, used, NULL);
	}
}

const cchar_t *theme_cell(enum style style)
{
	return &cells[(unsigned)style < STYLE_COUNT ? style : STYLE_NORMAL];
}
