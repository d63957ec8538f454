#include "balie/ui.h"
#include <stdlib.h>
#include <string.h>
#include "balie/text.h"

struct paragraph {
	enum style style;
	char *prefix, *text;
	int64_t tag;
};

/* A row as shown: a part of a paragraph. */
struct view_row {
	size_t paragraph, start, len;
};

struct textview {
	struct paragraph *paragraphs;
	size_t count, cap;
	/* layout for a width, remade when something was added */
	struct view_row *rows;
	size_t row_count, row_cap;
	int width, height;
	bool stale;
	int64_t cursor; /* row it stands on, -1 when empty */
	int64_t wanted; /* tag to go to when laid out; 0: none */
	struct buf scratch;
};

struct textview *textview_create(void)
{
	struct textview *v = xcalloc(1, sizeof(*v));

	v->height = 1;
	return v;
}

static void free_paragraphs(struct textview *v)
{
	for (size_t i = 0; i < v->count; i++) {
		free(v->paragraphs[i].prefix);
		free(v->paragraphs[i].text);
	}
	v->count = 0;
}

void textview_destroy(struct textview *v)
{
	if (v == NULL)
		return;
	free_paragraphs(v);
	free(v->paragraphs);
	free(v->rows);
	buf_finish(&v->scratch);
	free(v);
}

/* The cursor keeps its row: a screen that is filled anew after a change stays where it was. */
void textview_clear(struct textview *v)
{
	free_paragraphs(v);
	v->stale = true;
}

void textview_add(struct textview *v, enum style style, const char *prefix, const char *text,
		  int64_t tag)
{
	struct buf clean = {0};

	if (v->count == v->cap) {
		v->cap = v->cap == 0 ? 32 : v->cap * 2;
		v->paragraphs = xrealloc(v->paragraphs, v->cap * sizeof(*v->paragraphs));
	}
	text_clean(&clean, text != NULL ? text : "", text != NULL ? strlen(text) : 0, TEXT_LINES);
	v->paragraphs[v->count++] = (struct paragraph){style, xstrdup(prefix != NULL ? prefix : ""),
						       buf_take(&clean), tag};
	v->stale = true;
}

/* ---- layout ---- */

static void add_row(struct textview *v, struct view_row row)
{
	if (v->row_count == v->row_cap) {
		v->row_cap = v->row_cap == 0 ? 128 : v->row_cap * 2;
		v->rows = xrealloc(v->rows, v->row_cap * sizeof(*v->rows));
	}
	v->rows[v->row_count++] = row;
}

struct wrapping {
	struct textview *v;
	size_t paragraph;
	const char *text;
	size_t rows;
};

static bool on_line(void *user, const char *s, size_t len)
{
	struct wrapping *w = user;
	size_t start = (size_t)(s - w->text);

	add_row(w->v, (struct view_row){w->paragraph, start, len});
	w->rows++;
	return true;
}

static void lay_out(struct textview *v)
{
	v->row_count = 0;
	for (size_t i = 0; i < v->count; i++) {
		const struct paragraph *p = &v->paragraphs[i];
		struct wrapping w = {v, i, p->text, 0};
		int room = v->width - text_width(p->prefix);

		text_wrap(p->text, room > 1 ? room : 1, on_line, &w);
		if (w.rows == 0)
			add_row(v, (struct view_row){i, 0, 0});
	}
	v->stale = false;
	if (v->cursor >= (int64_t)v->row_count)
		v->cursor = (int64_t)v->row_count - 1;
	if (v->cursor < 0 && v->row_count > 0)
		v->cursor = 0;
}

/* Another width: the cursor stays on the text that it stood on. */
static void rewrap(struct textview *v, int width)
{
	struct view_row was = {0};
	bool had = !v->stale && v->cursor >= 0 && v->row_count > 0;

	if (had)
		was = v->rows[v->cursor];
	v->width = width;
	lay_out(v);
	for (size_t i = 0; had && i < v->row_count; i++)
		if (v->rows[i].paragraph == was.paragraph && v->rows[i].start <= was.start)
			v->cursor = (int64_t)i;
}

static void find_tag(struct textview *v)
{
	for (size_t i = 0; v->wanted != 0 && i < v->row_count; i++) {
		if (v->paragraphs[v->rows[i].paragraph].tag == v->wanted) {
			v->cursor = (int64_t)i;
			v->wanted = 0;
		}
	}
}

static void prepare(struct textview *v)
{
	if (v->stale && v->width > 0)
		lay_out(v);
	if (v->width > 0)
		find_tag(v);
}

/* ---- moving ---- */

/* The row at the top: the cursor is there while there is more text below, as in a pager, and goes
 * down the screen once the end is in sight. */
static int64_t top_of(const struct textview *v)
{
	int64_t most = (int64_t)v->row_count - v->height;

	if (most < 0)
		most = 0;
	return v->cursor < most ? (v->cursor > 0 ? v->cursor : 0) : most;
}

bool textview_act(struct textview *v, const struct act *act)
{
	const char *name = act->action->name;
	int64_t page = v->height > 1 ? v->height - 1 : 1;
	int64_t last, to;

	prepare(v);
	last = (int64_t)v->row_count - 1;
	to = v->cursor;
	if (strcmp(name, "down") == 0)
		to++;
	else if (strcmp(name, "up") == 0)
		to--;
	else if (strcmp(name, "page-down") == 0)
		to = top_of(v) + page;
	else if (strcmp(name, "page-up") == 0)
		to = top_of(v) - page;
	else if (strcmp(name, "first") == 0)
		to = 0;
	else if (strcmp(name, "last") == 0)
		to = last;
	else
		return false;
	if (to > last)
		to = last;
	v->cursor = to < 0 && last >= 0 ? 0 : to;
	v->wanted = 0;
	return true;
}

int64_t textview_tag(const struct textview *v)
{
	if (v->wanted != 0)
		return v->wanted;
	if (v->stale || v->cursor < 0 || v->cursor >= (int64_t)v->row_count)
		return v->count > 0 ? v->paragraphs[0].tag : 0;
	return v->paragraphs[v->rows[v->cursor].paragraph].tag;
}

void textview_go(struct textview *v, int64_t tag)
{
	v->wanted = tag;
	if (!v->stale)
		prepare(v);
	/* A tag that is not there is forgotten, not waited for. */
	if (!v->stale && v->width > 0)
		v->wanted = 0;
}

void textview_draw(struct textview *v, struct cells c)
{
	int64_t top;

	if (c.height < 1 || c.width < 1)
		return;
	v->height = c.height;
	if (v->width != c.width)
		rewrap(v, c.width);
	prepare(v);
	v->wanted = 0;
	top = top_of(v);
	for (int i = 0; i < c.height && top + i < (int64_t)v->row_count; i++) {
		const struct view_row *r = &v->rows[top + i];
		const struct paragraph *p = &v->paragraphs[r->paragraph];

		buf_reset(&v->scratch);
		buf_add(&v->scratch, p->text + r->start, r->len);
		cells_put(c, i, cells_put(c, i, 0, p->style, p->prefix), p->style,
			  v->scratch.data != NULL ? v->scratch.data : "");
	}
	if (v->cursor >= 0)
		cells_cursor(c, (int)(v->cursor - top), 0, false);
}
