/* The board on screen: a bar for how much everybody has, with the numbers beside it. */
#include "assignment.h"
#include <string.h>
#include "balie/i18n.h"

#define NAME 24
#define NUMBERS 27
#define BAR_MAX 100

/* "###==-----": late, due today, the rest; each is seen when there is any. */
static void put_bar(char *ret, int width, const struct load *l, int64_t most)
{
	int64_t rest = l->open - l->overdue - l->today;
	const int64_t parts[] = {l->overdue, l->today, rest > 0 ? rest : 0};
	static const char signs[] = {'#', '=', '-'};
	int at = 0;

	for (int i = 0; i < 3; i++) {
		int cells = most > 0 ? (int)((parts[i] * width + most / 2) / most) : 0;

		if (cells == 0 && parts[i] > 0)
			cells = 1;
		while (cells-- > 0 && at < width)
			ret[at++] = signs[i];
	}
	ret[at] = '\0';
}

static void draw_row(const struct board *v, struct cells c, int line, const struct board_row *row,
		     bool selected)
{
	int width = c.width - NAME - NUMBERS - 5;
	enum style style = selected ? STYLE_SELECTED : STYLE_NORMAL;
	bool pool = row->kind == BOARD_POOL || row->kind == BOARD_TEAM_POOL;
	char bar[BAR_MAX + 1];

	if (!selected && pool)
		style = STYLE_STRONG;
	if (width > BAR_MAX)
		width = BAR_MAX;
	cells_fill(c, line, 0, c.width, style);
	cells_put_in(c, line, 2, NAME, ALIGN_LEFT, style, row->name);
	if (!v->counted)
		return;
	if (width > 0) {
		put_bar(bar, width, row->load, v->most);
		cells_put(c, line, NAME + 3, style, bar);
	}
	cells_putf(c, line, c.width - NUMBERS, style, "%8lld %8lld %8lld",
		   (long long)row->load->open, (long long)row->load->overdue,
		   (long long)row->load->today);
}

static void draw_headings(const struct board *v, struct cells c)
{
	cells_fill(c, 0, 0, c.width, STYLE_HEADER);
	cells_put_in(c, 0, 2, NAME, ALIGN_LEFT, STYLE_HEADER,
		     v->team_id[0] ? _("Colleague") : _("Team"));
	cells_put(c, 0, NAME + 3, STYLE_HEADER, _("# late  = today  - later"));
	cells_put_in(c, 0, c.width - NUMBERS, 8, ALIGN_RIGHT, STYLE_HEADER, _("open"));
	cells_put_in(c, 0, c.width - NUMBERS + 9, 8, ALIGN_RIGHT, STYLE_HEADER, _("late"));
	cells_put_in(c, 0, c.width - NUMBERS + 18, 8, ALIGN_RIGHT, STYLE_HEADER, _("today"));
}

void board_draw(const struct screen *s, struct cells c)
{
	struct board *v = screen_state(s);
	struct cells body = cells_sub(c, 1, 0, c.height - 1, c.width);

	draw_headings(v, c);
	list_show(&v->list, body.height > 0 ? body.height : 1);
	for (int line = 0; line < body.height && v->list.top + line < v->list.count; line++)
		draw_row(v, body, line, &v->rows[v->list.top + line],
			 v->list.top + line == v->list.selected);
	cells_cursor(body, (int)(v->list.selected - v->list.top), 0, false);
}
