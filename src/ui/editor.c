#include "balie/ui.h"
#include <stdlib.h>
#include <string.h>
#include "balie/text.h"
#include "editor_text.h"
#include "term.h"

/* A row as shown: bytes from start up to end; the line end or the rest of the line follows. */
struct row {
	size_t start, end;
};

struct editor {
	struct editor_text t;
	/* layout, remade when the text or the width is another */
	struct row *rows;
	size_t row_count, row_cap;
	uint64_t laid_out; /* changes of the text that the rows are of */
	int width, height; /* of the last frame */
	size_t top;	   /* first row on screen */
	int goal;	   /* column that Up and Down keep to; -1: that of the cursor */
	struct buf killed;
	bool killing; /* the last key cut: the next cut adds to it */
	struct buf scratch;
};

struct editor *editor_create(const char *initial)
{
	struct editor *e = xcalloc(1, sizeof(*e));

	e->width = 79;
	e->height = 20;
	e->goal = -1;
	editor_set(e, initial != NULL ? initial : "");
	return e;
}

void editor_destroy(struct editor *e)
{
	if (e == NULL)
		return;
	editor_text_finish(&e->t);
	free(e->rows);
	buf_finish(&e->killed);
	buf_finish(&e->scratch);
	free(e);
}

const char *editor_text(struct editor *e)
{
	return e->t.text.data;
}

void editor_set(struct editor *e, const char *text)
{
	editor_text_set(&e->t, text);
	e->goal = -1;
}

size_t editor_cursor(const struct editor *e)
{
	return e->t.cursor;
}

void editor_set_cursor(struct editor *e, size_t byte)
{
	if (byte > e->t.text.len)
		byte = e->t.text.len;
	while (byte > 0 && ((unsigned char)e->t.text.data[byte] & 0xc0) == 0x80)
		byte--;
	e->t.cursor = byte;
	e->goal = -1;
}

uint64_t editor_changes(const struct editor *e)
{
	return e->t.changes;
}

/* ---- layout ---- */

static void add_row(struct editor *e, size_t start, size_t end)
{
	if (e->row_count == e->row_cap) {
		e->row_cap = e->row_cap == 0 ? 64 : e->row_cap * 2;
		e->rows = xrealloc(e->rows, e->row_cap * sizeof(*e->rows));
	}
	e->rows[e->row_count++] = (struct row){start, end};
}

/* The grapheme at *pos: a plain one needs no tables, and nearly all are. */
static int step(const struct buf *text, size_t *pos)
{
	unsigned char c = (unsigned char)text->data[*pos];
	int width = 0;

	if (c >= 0x20 && c < 0x7f && (unsigned char)text->data[*pos + 1] < 0x80) {
		(*pos)++;
		return 1;
	}
	if (!text_next(text->data, text->len, pos, &width))
		*pos = text->len;
	return width;
}

/* Where the row that starts here ends. Spaces at its end hang over the edge and are not shown, so
 * that every byte of the text belongs to a row. */
static size_t row_end(const struct buf *text, size_t start, int width, size_t line_end)
{
	size_t pos = start, after_space = 0;
	int column = 0;

	while (pos < line_end) {
		bool space = text->data[pos] == ' ';
		size_t at = pos;
		int w = step(text, &pos);

		if (column + w > width && !space)
			return after_space > start ? after_space : at > start ? at : pos;
		column += w;
		if (space)
			after_space = pos;
	}
	return line_end;
}

static void lay_out(struct editor *e)
{
	const struct buf *text = &e->t.text;
	size_t start = 0;

	if (e->laid_out == e->t.changes && e->row_count > 0)
		return;
	e->laid_out = e->t.changes;
	e->row_count = 0;
	for (;;) {
		const char *newline = memchr(text->data + start, '\n', text->len - start);
		size_t line_end = newline != NULL ? (size_t)(newline - text->data) : text->len;
		size_t end = row_end(text, start, e->width, line_end);

		add_row(e, start, end);
		if (end < line_end) {
			start = end;
			continue;
		}
		if (line_end == text->len)
			break;
		start = line_end + 1;
	}
}

static size_t row_of(struct editor *e, size_t byte)
{
	size_t low = 0, high;

	lay_out(e);
	high = e->row_count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (e->rows[middle].start <= byte)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int column_of(const struct editor *e, size_t row, size_t byte)
{
	size_t pos = e->rows[row].start;
	int column = 0;

	while (pos < byte)
		column += step(&e->t.text, &pos);
	return column;
}

/* The last place of a row where the cursor can stand and still be seen on that row. */
static size_t last_place(const struct editor *e, size_t row)
{
	const struct row *r = &e->rows[row];
	bool soft = row + 1 < e->row_count && e->rows[row + 1].start == r->end;

	return soft && r->end > r->start ? editor_text_previous(&e->t, r->end) : r->end;
}

static size_t byte_at(const struct editor *e, size_t row, int column)
{
	size_t pos = e->rows[row].start, last = last_place(e, row);
	int at = 0;

	while (pos < last) {
		size_t next = pos;
		int w = step(&e->t.text, &next);

		if (at + w > column)
			break;
		at += w;
		pos = next;
	}
	return pos;
}

/* ---- keys ---- */

static void move_rows(struct editor *e, int64_t by)
{
	size_t row = row_of(e, e->t.cursor);
	int64_t to = (int64_t)row + by;

	if (e->goal < 0)
		e->goal = column_of(e, row, e->t.cursor);
	if (to < 0)
		e->t.cursor = 0;
	else if (to >= (int64_t)e->row_count)
		e->t.cursor = e->t.text.len;
	else
		e->t.cursor = byte_at(e, (size_t)to, e->goal);
}

static void cut(struct editor *e, size_t from, size_t to, bool killing)
{
	bool forward = from >= e->t.cursor;

	if (from >= to) {
		e->killing = killing;
		return;
	}
	if (!killing)
		buf_reset(&e->killed);
	if (forward) {
		buf_add(&e->killed, e->t.text.data + from, to - from);
	} else {
		/* Cut backwards: what comes now stood before what was cut already. */
		char *old = xstrndup(e->killed.data != NULL ? e->killed.data : "", e->killed.len);

		buf_reset(&e->killed);
		buf_add(&e->killed, e->t.text.data + from, to - from);
		buf_add_str(&e->killed, old);
		free(old);
	}
	editor_text_replace(&e->t, from, to - from, "", 0);
	e->killing = true;
}

static void erase_range(struct editor *e, size_t from, size_t to)
{
	editor_text_replace(&e->t, from, to - from, "", 0);
}

static void paste(struct editor *e, const char *text)
{
	buf_reset(&e->scratch);
	text_clean(&e->scratch, text, strlen(text), TEXT_LINES);
	if (e->scratch.len > 0)
		editor_text_replace(&e->t, e->t.cursor, 0, e->scratch.data, e->scratch.len);
	e->t.joinable = false;
}

static void do_up(struct editor *e)
{
	move_rows(e, -1);
}

static void do_down(struct editor *e)
{
	move_rows(e, 1);
}

static void do_page_up(struct editor *e)
{
	move_rows(e, -(e->height > 1 ? e->height - 1 : 1));
}

static void do_page_down(struct editor *e)
{
	move_rows(e, e->height > 1 ? e->height - 1 : 1);
}

static void do_left(struct editor *e)
{
	e->t.cursor = editor_text_previous(&e->t, e->t.cursor);
}

static void do_right(struct editor *e)
{
	e->t.cursor = editor_text_next(&e->t, e->t.cursor);
}

static void do_word_left(struct editor *e)
{
	e->t.cursor = editor_text_previous_word(&e->t, e->t.cursor);
}

static void do_word_right(struct editor *e)
{
	e->t.cursor = editor_text_next_word(&e->t, e->t.cursor);
}

static void do_home(struct editor *e)
{
	size_t row = row_of(e, e->t.cursor);

	e->t.cursor = e->rows[row].start;
}

static void do_end(struct editor *e)
{
	size_t row = row_of(e, e->t.cursor);

	e->t.cursor = last_place(e, row);
}

static void do_top(struct editor *e)
{
	e->t.cursor = 0;
}

static void do_bottom(struct editor *e)
{
	e->t.cursor = e->t.text.len;
}

static void do_enter(struct editor *e)
{
	editor_text_replace(&e->t, e->t.cursor, 0, "\n", 1);
}

static void do_backspace(struct editor *e)
{
	erase_range(e, editor_text_previous(&e->t, e->t.cursor), e->t.cursor);
}

static void do_delete(struct editor *e)
{
	erase_range(e, e->t.cursor, editor_text_next(&e->t, e->t.cursor));
}

static void do_kill_line(struct editor *e)
{
	size_t end = editor_text_line_end(&e->t, e->t.cursor);

	/* At the end of a line the line end itself goes, so that two strokes take a whole line. */
	if (end == e->t.cursor && end < e->t.text.len)
		end++;
	cut(e, e->t.cursor, end, e->killing);
}

static void do_kill_start(struct editor *e)
{
	cut(e, editor_text_line_start(&e->t, e->t.cursor), e->t.cursor, e->killing);
}

static void do_kill_word(struct editor *e)
{
	cut(e, editor_text_previous_word(&e->t, e->t.cursor), e->t.cursor, e->killing);
}

static void do_yank(struct editor *e)
{
	if (e->killed.len > 0)
		editor_text_replace(&e->t, e->t.cursor, 0, e->killed.data, e->killed.len);
}

static void do_undo(struct editor *e)
{
	editor_text_undo(&e->t);
}

enum key_flag { KEEPS_GOAL = 1, KILLS = 2, CHANGES = 4 };

static const struct {
	const char *key;
	void (*run)(struct editor *e);
	unsigned flags;
} keys[] = {
	{"Up", do_up, KEEPS_GOAL},
	{"Down", do_down, KEEPS_GOAL},
	{"PageUp", do_page_up, KEEPS_GOAL},
	{"PageDown", do_page_down, KEEPS_GOAL},
	{"Left", do_left, 0},
	{"Right", do_right, 0},
	{"Ctrl+Left", do_word_left, 0},
	{"Ctrl+Right", do_word_right, 0},
	{"Alt+b", do_word_left, 0},
	{"Alt+f", do_word_right, 0},
	{"Home", do_home, 0},
	{"End", do_end, 0},
	{"Ctrl+A", do_home, 0},
	{"Ctrl+E", do_end, 0},
	{"Ctrl+Home", do_top, 0},
	{"Ctrl+End", do_bottom, 0},
	{"Enter", do_enter, CHANGES},
	{"Backspace", do_backspace, CHANGES},
	{"Delete", do_delete, CHANGES},
	{"Ctrl+K", do_kill_line, KILLS | CHANGES},
	{"Ctrl+U", do_kill_start, KILLS | CHANGES},
	{"Ctrl+W", do_kill_word, KILLS | CHANGES},
	{"Alt+Backspace", do_kill_word, KILLS | CHANGES},
	{"Ctrl+Y", do_yank, CHANGES},
	{"Ctrl+Z", do_undo, CHANGES},
};

bool editor_feed(struct editor *e, const struct key *key)
{
	char bytes[4];

	if (key->paste != NULL) {
		paste(e, key->paste);
	} else if (key->ch != 0) {
		editor_text_replace(&e->t, e->t.cursor, 0, bytes, utf8_put(key->ch, bytes));
	} else {
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			if (strcmp(keys[i].key, key->name) != 0)
				continue;
			if ((keys[i].flags & CHANGES) == 0)
				e->t.joinable = false;
			keys[i].run(e);
			if ((keys[i].flags & KEEPS_GOAL) == 0)
				e->goal = -1;
			if ((keys[i].flags & KILLS) == 0)
				e->killing = false;
			return true;
		}
		return false;
	}
	e->goal = -1;
	e->killing = false;
	return true;
}

/* ---- drawing ---- */

static void draw_row(struct editor *e, struct cells c, int row, const struct row *r,
		     enum style style)
{
	size_t end = r->end;

	while (end > r->start && e->t.text.data[end - 1] == ' ')
		end--;
	buf_reset(&e->scratch);
	buf_add(&e->scratch, e->t.text.data + r->start, end - r->start);
	cells_put_in(c, row, 0, c.width, ALIGN_LEFT, style,
		     e->scratch.data != NULL ? e->scratch.data : "");
}

void editor_draw(struct editor *e, struct cells c, enum style style)
{
	size_t row;
	int column;

	if (c.height < 1 || c.width < 4)
		return;
	/* The last column is kept for the cursor behind a full row. */
	if (e->width != c.width - 1) {
		e->width = c.width - 1;
		e->row_count = 0;
	}
	e->height = c.height;
	row = row_of(e, e->t.cursor);
	if (row < e->top)
		e->top = row;
	if (row >= e->top + (size_t)c.height)
		e->top = row - (size_t)c.height + 1;
	/* After much was removed no empty screen below the end. */
	if (e->top + (size_t)c.height > e->row_count)
		e->top = e->row_count > (size_t)c.height ? e->row_count - (size_t)c.height : 0;
	for (int i = 0; i < c.height; i++) {
		if (e->top + (size_t)i < e->row_count)
			draw_row(e, c, i, &e->rows[e->top + (size_t)i], style);
		else
			cells_fill(c, i, 0, c.width, style);
	}
	column = column_of(e, row, e->t.cursor);
	cells_cursor(c, (int)(row - e->top), column, true);
}
