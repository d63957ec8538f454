/* What stands on the screen of a terminal. */
#include "terminal_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int put_character(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

static VTermScreenCell cell_at(struct terminal *t, int row, int col)
{
	VTermScreenCell cell;

	memset(&cell, 0, sizeof(cell));
	vterm_screen_get_cell(t->screen, (VTermPos){.row = row, .col = col}, &cell);
	return cell;
}

char *terminal_row_text(struct terminal *t, int row)
{
	char *text = calloc((size_t)t->cols * VTERM_MAX_CHARS_PER_CELL * 4 + 1, 1);
	int n = 0, keep = 0;

	for (int col = 0; col < t->cols;) {
		VTermScreenCell cell = cell_at(t, row, col);

		if (!cell.chars[0] || cell.chars[0] == (uint32_t)-1) {
			text[n++] = ' ';
		} else {
			for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
				n += put_character(text + n, cell.chars[i]);
			if (cell.chars[0] != ' ')
				keep = n;
		}
		col += cell.width > 0 ? cell.width : 1;
	}
	text[keep] = '\0';
	return text;
}

char *terminal_screen_text(struct terminal *t)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	for (int row = 0; row < t->rows; row++) {
		char *line = terminal_row_text(t, row);

		fprintf(out, "%s\n", line);
		free(line);
	}
	fclose(out);
	return text;
}

int terminal_row_of(struct terminal *t, const char *text)
{
	for (int row = 0; row < t->rows; row++) {
		char *line = terminal_row_text(t, row);
		bool found = strstr(line, text);

		free(line);
		if (found)
			return row;
	}
	return -1;
}

bool terminal_has_text(struct terminal *t, const char *text)
{
	return terminal_row_of(t, text) >= 0;
}

void terminal_cursor(struct terminal *t, int *row, int *col)
{
	VTermPos pos;

	vterm_state_get_cursorpos(t->state, &pos);
	*row = pos.row;
	*col = pos.col;
}

bool terminal_is_reverse(struct terminal *t, int row, int col)
{
	return cell_at(t, row, col).attrs.reverse;
}

bool terminal_is_coloured(struct terminal *t)
{
	for (int row = 0; row < t->rows; row++) {
		for (int col = 0; col < t->cols; col++) {
			VTermScreenCell cell = cell_at(t, row, col);

			if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) ||
			    !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg))
				return true;
		}
	}
	return false;
}

bool terminal_in_altscreen(const struct terminal *t)
{
	return t->altscreen;
}
