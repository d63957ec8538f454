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

static void draw_row(struct cells c, int row, const char *label, enum style style, const char *text)
{
	cells_put_in(c, row, 1, LABEL, ALIGN_LEFT, STYLE_DIM, label);
	cells_put_in(c, row, 1 + LABEL, c.width - LABEL - 2, ALIGN_LEFT, style, text);
}

/* What goes along, each once and with its size. */
static int draw_files(const struct compose *v, struct cells c, int row)
{
	struct mail_file files[MAIL_FILES_MAX];
	struct arena a = {0};
	struct buf text = {0};
	size_t count = compose_files(v, files, MAIL_FILES_MAX, &a);

	if (v->along[0])
		draw_row(c, row++, _("Along"), STYLE_NORMAL, v->along);
	for (size_t i = 0; i < count; i++) {
		buf_printf(&text, "%s%s (", i ? ", " : "", files[i].name);
		parts_put_size(&text, files[i].size);
		buf_printf(&text, ", %s)", files[i].type);
	}
	if (count)
		draw_row(c, row++, _("Files"), STYLE_NORMAL, text.data);
	buf_reset(&text);
	compose_put_copying(v, &text);
	if (text.len)
		draw_row(c, row++, count ? "" : _("Files"), STYLE_PENDING, text.data);
	buf_finish(&text);
	arena_finish(&a);
	return row;
}

/* What is wrong with it or, while it is typed, how it may go on. */
static int draw_below(const struct screen *s, enum compose_field field, struct cells c, int row)
{
	struct compose *v = screen_state(s);
	struct err err = {0};
	struct buf text = {0};
	const char *known = NULL;

	if (compose_wrong(v, field, &err)) {
		draw_row(c, row++, "", STYLE_ERROR, err.text);
		return row;
	}
	if (v->focus == field &&
	    (field == COMPOSE_CC || (field == COMPOSE_TO && v->kind == COMPOSE_FORWARD)))
		known = compose_known_address(v, parts_desk(s), line_text(v->lines[field]));
	if (known) {
		buf_printf(&text, "Tab: %s", known);
		draw_row(c, row++, "", STYLE_DIM, text.data);
	}
	buf_finish(&text);
	return row;
}

/* The lines above the text; *focused gets the row of the one that is written in. */
static int draw_lines(const struct screen *s, struct cells c, int row, int *focused)
{
	const struct compose *v = screen_state(s);
	const char *const labels[] = {_("To"), _("Cc"), _("Subject")};

	for (int i = 0; compose_is_mail(v) && i < COMPOSE_LINES; i++) {
		if (i == COMPOSE_CC && !v->shows_cc)
			continue;
		cells_put_in(c, row, 1, LABEL, ALIGN_LEFT, STYLE_DIM, labels[i]);
		if ((int)v->focus == i)
			*focused = row;
		else
			line_draw(v->lines[i], c, row, 1 + LABEL, STYLE_FIELD);
		row = draw_below(s, (enum compose_field)i, c, row + 1);
	}
	return draw_files(v, c, row);
}

static void draw_text(const struct compose *v, struct cells c, int row)
{
	struct buf rule = {0};
	struct cells body;

	buf_add_str(&rule, v->kind == COMPOSE_ANSWER ? _("▶ Answer: the citizen reads this")
			   : v->kind == COMPOSE_FORWARD
				   ? _("▶ Mail to others: they read this")
				   : _("▒ Internal note: only colleagues read this"));
	if (compose_is_mail(v) && v->from[0])
		buf_printf(&rule, _(" + signature of %s"), v->from);
	cells_rule(c, row, compose_is_mail(v) ? STYLE_OUTGOING : STYLE_INTERNAL, rule.data);
	body = cells_sub(c, row + 1, 1, c.height - row - 1, c.width - 2);
	editor_draw(v->body, body, STYLE_NORMAL);
	buf_finish(&rule);
}

void compose_draw(const struct screen *s, struct cells c)
{
	const struct compose *v = screen_state(s);
	struct cells write = c, read;
	int row, focused = -1;

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
	row = draw_notices(v, write);
	row = draw_lines(s, write, row, &focused);
	draw_text(v, write, row);
	/* The cursor of the field that is written in is drawn last: it is the one that stays. */
	if (focused >= 0)
		line_draw(v->lines[v->focus], write, focused, 1 + LABEL, STYLE_FIELD);
}
