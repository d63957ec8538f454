#include "balie/ui.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include "balie/text.h"
#include "term.h"

#define CELLS_MAX 512 /* cells handed to ncurses at once; a row is drawn up to here */
#define ZWJ 0x200D

struct cursor cells_cursor_wanted;

/* Where texts that are not plain ASCII are cleaned; kept, so that drawing allocates nothing. */
static struct buf cleaned;

/* A row of cells being made. */
struct run {
	cchar_t cell[CELLS_MAX];
	int width; /* cells of the terminal that are taken */
	int max;
	int count; /* entries in cell: a wide character is one entry */
};

void cells_forget(void)
{
	buf_finish(&cleaned);
}

static size_t ascii_length(const char *text)
{
	size_t n = 0;

	while (text[n] >= 0x20 && text[n] < 0x7f)
		n++;
	return n;
}

static void run_add(struct run *run, const cchar_t *look, wchar_t ch, int width)
{
	run->cell[run->count] = *look;
	run->cell[run->count].chars[0] = ch;
	run->count++;
	run->width += width;
}

/* One grapheme in exactly width cells. ncurses and the terminal count per character, so a cluster
 * that they would make wider (a family joined by ZWJ) is reduced to what fits, and one that they
 * would make narrower is padded: columns behind it stay where they belong. */
static void run_add_grapheme(struct run *run, const cchar_t *look, const char *s, size_t len,
			     int width)
{
	int taken = 0, marks = 0;

	for (size_t pos = 0; pos < len;) {
		uint32_t ch = utf8_next(s, len, &pos);
		int w = wcwidth((wchar_t)ch);

		if (ch == ZWJ)
			break;
		if (w < 0 || (w == 0 && taken == 0)) {
			ch = 0xfffd;
			w = 1;
		}
		if (w == 0) {
			if (++marks < CCHARW_MAX - 1 && (ch < 0xfe00 || ch > 0xfe0f))
				run->cell[run->count - 1].chars[marks] = (wchar_t)ch;
			continue;
		}
		if (taken + w > width)
			break;
		run_add(run, look, (wchar_t)ch, w);
		taken += w;
		marks = 0;
	}
	for (; taken < width; taken++)
		run_add(run, look, L' ', 1);
}

/* Adds text up to the run's width. True when all of it went in. */
static bool run_add_text(struct run *run, const cchar_t *look, const char *text)
{
	size_t n = ascii_length(text), pos = 0, len;
	int width;

	if (text[n] == '\0') {
		size_t room = (size_t)(run->max - run->width);
		size_t take = n < room ? n : room;

		for (size_t i = 0; i < take; i++) {
			run->cell[run->count + (int)i] = *look;
			run->cell[run->count + (int)i].chars[0] = text[i];
		}
		run->count += (int)take;
		run->width += (int)take;
		return take == n;
	}
	buf_reset(&cleaned);
	text_clean(&cleaned, text, strlen(text), TEXT_ONE_LINE);
	len = cleaned.len;
	while (pos < len) {
		size_t start = pos;

		if (!text_next(cleaned.data, len, &pos, &width))
			break;
		if (run->width + width > run->max)
			return false;
		if (width > 0)
			run_add_grapheme(run, look, cleaned.data + start, pos - start, width);
	}
	return true;
}

static void run_draw(const struct run *run, int row, int col)
{
	if (run->count > 0)
		mvadd_wchnstr(row, col, run->cell, run->count);
}

static bool outside(struct cells c, int row, int col)
{
	return row < 0 || row >= c.height || col < 0 || col >= c.width;
}

static int room_from(struct cells c, int col, int width)
{
	int room = c.width - col;

	if (width < room)
		room = width;
	return room < CELLS_MAX ? room : CELLS_MAX;
}

int cells_put(struct cells c, int row, int col, enum style style, const char *text)
{
	struct run run;

	if (text == NULL || outside(c, row, col))
		return col;
	run.width = run.count = 0;
	run.max = room_from(c, col, CELLS_MAX);
	run_add_text(&run, theme_cell(style), text);
	run_draw(&run, c.row + row, c.col + col);
	return col + run.width;
}

int cells_putf(struct cells c, int row, int col, enum style style, const char *fmt, ...)
{
	char text[CELLS_MAX * 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return cells_put(c, row, col, style, text);
}

void cells_put_in(struct cells c, int row, int col, int width, enum align align, enum style style,
		  const char *text)
{
	const cchar_t *look = theme_cell(style);
	struct run run;
	int room;

	if (outside(c, row, col) || width < 1)
		return;
	room = room_from(c, col, width);
	run.width = run.count = 0;
	run.max = room;
	if (!run_add_text(&run, look, text != NULL ? text : "")) {
		run.width = run.count = 0;
		run.max = room - 1;
		run_add_text(&run, look, text);
		run.max = room;
		run_add(&run, look, L'…', 1);
	}
	if (align == ALIGN_RIGHT && run.width < room) {
		struct run padded;
		int taken = run.width;

		padded.width = padded.count = 0;
		while (padded.width < room - taken)
			run_add(&padded, look, L' ', 1);
		memcpy(&padded.cell[padded.count], run.cell,
		       (size_t)run.count * sizeof(run.cell[0]));
		padded.count += run.count;
		run_draw(&padded, c.row + row, c.col + col);
		return;
	}
	while (run.width < room)
		run_add(&run, look, L' ', 1);
	run_draw(&run, c.row + row, c.col + col);
}

void cells_fill(struct cells c, int row, int col, int width, enum style style)
{
	if (outside(c, row, col))
		return;
	mvhline_set(c.row + row, c.col + col, theme_cell(style), room_from(c, col, width));
}

void cells_clear(struct cells c)
{
	for (int row = 0; row < c.height; row++)
		cells_fill(c, row, 0, c.width, STYLE_NORMAL);
}

void cells_rule(struct cells c, int row, enum style style, const char *title)
{
	cchar_t line = *theme_cell(style);

	if (outside(c, row, 0))
		return;
	line.chars[0] = WACS_HLINE->chars[0];
	line.attr |= WACS_HLINE->attr;
	mvhline_set(c.row + row, c.col, &line, c.width);
	if (title != NULL && *title != '\0' && c.width > 8) {
		struct cells inner = cells_sub(c, row, 2, 1, c.width - 4);

		cells_put(inner, 0,
			  cells_put(inner, 0, cells_put(inner, 0, 0, style, " "), style, title),
			  style, " ");
	}
}

struct cells cells_sub(struct cells c, int row, int col, int height, int width)
{
	struct cells ret = {c.row + row, c.col + col, height, width};

	if (row < 0 || col < 0 || row >= c.height || col >= c.width)
		return (struct cells){c.row, c.col, 0, 0};
	if (ret.height > c.height - row)
		ret.height = c.height - row;
	if (ret.width > c.width - col)
		ret.width = c.width - col;
	return ret;
}

void cells_cursor(struct cells c, int row, int col, bool visible)
{
	if (col >= c.width)
		col = c.width - 1;
	if (outside(c, row, col))
		return;
	cells_cursor_wanted = (struct cursor){c.row + row, c.col + col, visible};
}
