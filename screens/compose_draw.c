/* Compose on screen: who reads it stands above it in words, what it answers beside or below it. */
#include "compose.h"
#include <string.h>
#include "balie/i18n.h"

#define LABEL 10
#define WIDE 120

static bool compose_is_wide(struct cells c)
{
	return c.width >= WIDE;
}

static int draw_notices(const struct compose *v, struct cells c)
{
	int row = 0;

	if (v->trouble[0])
		cells_put_in(c, row++, 1, c.width - 2, ALIGN_LEFT, STYLE_ERROR, v->trouble);
	if (v->notice[0])
		cells_put_in(c, row++, 1, c.width - 2, ALIGN_LEFT, STYLE_WARNING, v->notice);
	if (v->typing[0])
		cells_put_in(c, row++, 1, c.width - 2, ALIGN_LEFT, STYLE_WARNING, v->typing);
	return row;
}

static int draw_lines(const struct compose *v, struct cells c, int row)
{
	if (!v->answer)
		return row;
	cells_put_in(c, row, 1, LABEL, ALIGN_LEFT, STYLE_DIM, _("To"));
	line_draw(v->to, c, row++, 1 + LABEL, STYLE_FIELD);
	cells_put_in(c, row, 1, LABEL, ALIGN_LEFT, STYLE_DIM, _("Subject"));
	line_draw(v->subject, c, row++, 1 + LABEL, STYLE_FIELD);
	return row;
}

static void draw_text(const struct compose *v, struct cells c, int row)
{
	struct cells body;

	cells_rule(c, row, v->answer ? STYLE_OUTGOING : STYLE_INTERNAL,
		   v->answer ? _("▶ Answer: the citizen reads this")
			     : _("▒ Internal note: only colleagues read this"));
	body = cells_sub(c, row + 1, 1, c.height - row - 1, c.width - 2);
	editor_draw(v->body, body, STYLE_NORMAL);
}

void compose_draw(const struct screen *s, struct cells c)
{
	const struct compose *v = screen_state(s);
	struct cells write = c, read;
	int row;

	if (compose_is_wide(c)) {
		int width = c.width * 2 / 5;

		write.width = c.width - width - 2;
		read = cells_sub(c, 0, c.width - width, c.height, width - 1);
	} else {
		int height = c.height >= 18 ? c.height / 3 : 0;

		write.height = c.height - height;
		read = cells_sub(c, write.height, 0, height, c.width);
	}
	if (read.height > 2) {
		cells_rule(read, 0, STYLE_DIM, _("What was asked"));
		textview_draw(v->question, cells_sub(read, 1, 1, read.height - 1, read.width - 2));
	}
	/* The cursor of the field that is written in is drawn last: it is the one that stays. */
	row = draw_notices(v, write);
	if (v->focus == COMPOSE_BODY) {
		int lines = draw_lines(v, write, row);

		draw_text(v, write, lines);
		return;
	}
	draw_text(v, write, row + 2);
	cells_put_in(write, row, 1, LABEL, ALIGN_LEFT, STYLE_DIM, _("To"));
	cells_put_in(write, row + 1, 1, LABEL, ALIGN_LEFT, STYLE_DIM, _("Subject"));
	if (v->focus == COMPOSE_TO) {
		line_draw(v->subject, write, row + 1, 1 + LABEL, STYLE_FIELD);
		line_draw(v->to, write, row, 1 + LABEL, STYLE_FIELD);
	} else {
		line_draw(v->to, write, row, 1 + LABEL, STYLE_FIELD);
		line_draw(v->subject, write, row + 1, 1 + LABEL, STYLE_FIELD);
	}
}
