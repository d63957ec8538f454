#include "balie/ui.h"
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "balie/text.h"
#include "line.h"
#include "line_history.h"
#include "line_priv.h"
#include "term.h"

#define LINE_MAX_CHARS 4000
#define CANDIDATES_MAX 200

struct line {
	struct line_spec spec;
	char *history_name, *history_file;
	struct ed *ed; /* made with the first key: many are never typed in */
	struct buf text;
	size_t cursor;		  /* byte of text */
	bool escaped;		  /* vi: the last key was Esc */
	int scroll;		  /* columns hidden on the left */
	struct buf shown, before; /* for drawing */
	/* candidates of the last completion */
	struct arena arena;
	const char *candidates[CANDIDATES_MAX];
	size_t candidate_count;
};

/* ---- UTF-8 and wide characters ---- */

static wchar_t *to_wide(const char *text)
{
	size_t len = strlen(text), n = 0, pos = 0;
	wchar_t *ret = xcalloc(len + 1, sizeof(*ret));

	while (pos < len && n < LINE_MAX_CHARS) {
		wchar_t ch = (wchar_t)utf8_next(text, len, &pos);

		if (ch != L'\0')
			ret[n++] = ch;
	}
	return ret;
}

static void sync_text(struct line *l)
{
	size_t len, cursor;
	const wchar_t *s = ed_line(l->ed, &len, &cursor);
	char bytes[4];

	buf_reset(&l->text);
	l->cursor = 0;
	for (size_t i = 0; i < len; i++) {
		if (i == cursor)
			l->cursor = l->text.len;
		buf_add(&l->text, bytes, utf8_put((uint32_t)s[i], bytes));
	}
	if (cursor >= len)
		l->cursor = l->text.len;
}

/* ---- life ---- */

struct line *line_create(const struct line_spec *spec, struct err *err)
{
	struct line *l = xcalloc(1, sizeof(*l));

	l->spec = *spec;
	if (spec->history != NULL && !spec->secret) {
		l->history_name = xstrdup(spec->history);
		if (spec->history_file != NULL)
			l->history_file = xstrdup(spec->history_file);
	}
	buf_add_str(&l->text, "");
	line_set(l, spec->initial != NULL ? spec->initial : "");
	return l;
}

void line_destroy(struct line *l)
{
	if (l == NULL)
		return;
	if (l->ed != NULL && l->spec.secret)
		ed_wipe(l->ed);
	ed_destroy(l->ed);
	if (l->spec.secret && l->text.data != NULL)
		explicit_bzero(l->text.data, l->text.cap);
	buf_finish(&l->text);
	buf_finish(&l->shown);
	buf_finish(&l->before);
	arena_finish(&l->arena);
	free(l->history_name);
	free(l->history_file);
	free(l);
}

static void fill_history(struct line *l)
{
	size_t count;
	char *const *lines = line_history(l->history_name, l->history_file, &count);

	for (size_t i = 0; i < count; i++) {
		wchar_t *wide = to_wide(lines[i]);

		ed_remember(l->ed, wide);
		free(wide);
	}
}

static void put_text(struct line *l, size_t before, const char *text)
{
	wchar_t *wide = to_wide(text);
	size_t len, cursor;

	ed_line(l->ed, &len, &cursor);
	if (len < LINE_MAX_CHARS) {
		if (wcslen(wide) > LINE_MAX_CHARS - len)
			wide[LINE_MAX_CHARS - len] = L'\0';
		ed_replace(l->ed, before, wide);
	}
	free(wide);
}

static bool start(struct line *l)
{
	struct err err;

	if (l->ed != NULL)
		return true;
	l->ed = ed_create(&err);
	if (l->ed == NULL)
		return false;
	if (l->history_name != NULL)
		fill_history(l);
	if (l->text.len > 0)
		put_text(l, 0, l->text.data);
	return true;
}

const char *line_text(struct line *l)
{
	return l->text.data;
}

void line_set(struct line *l, const char *text)
{
	char *copy = xstrdup(text);

	buf_reset(&l->text);
	text_clean(&l->text, copy, strlen(copy), TEXT_ONE_LINE);
	buf_add_str(&l->text, "");
	l->cursor = l->text.len;
	if (l->ed != NULL) {
		ed_clear(l->ed);
		put_text(l, 0, l->text.data);
	}
	free(copy);
}

/* ---- completion ---- */

/* Bytes that all candidates have in common, ended at a character. */
static size_t common(const char *const *texts, size_t count)
{
	size_t n = strlen(texts[0]);

	for (size_t i = 1; i < count; i++) {
		size_t k = 0;

		while (k < n && texts[0][k] == texts[i][k])
			k++;
		n = k;
	}
	while (n > 0 && ((unsigned char)texts[0][n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void complete(struct line *l)
{
	size_t start = l->cursor, typed, n, chars = 0;
	char *text;

	if (l->spec.complete == NULL)
		return;
	arena_reset(&l->arena);
	l->candidate_count = l->spec.complete(l->spec.user, l->text.data, l->cursor, &start,
					      l->candidates, CANDIDATES_MAX, &l->arena);
	if (l->candidate_count == 0 || start > l->cursor)
		return;
	n = common(l->candidates, l->candidate_count);
	typed = l->cursor - start;
	if (n < typed && l->candidate_count > 1)
		return;
	text = xasprintf("%.*s", (int)n, l->candidates[0]);
	if (l->candidate_count == 1 && n > 0 && text[n - 1] != ':' && l->cursor == l->text.len) {
		char *spaced = xasprintf("%s ", text);

		free(text);
		text = spaced;
	}
	for (size_t i = start; i < l->cursor; i++)
		if (((unsigned char)l->text.data[i] & 0xc0) != 0x80)
			chars++;
	put_text(l, chars, text);
	sync_text(l);
	free(text);
	/* One candidate is no choice to show. */
	if (l->candidate_count == 1)
		l->candidate_count = 0;
}

const char *const *line_candidates(const struct line *l, size_t *count)
{
	*count = l->candidate_count;
	return l->candidates;
}

/* ---- keys ---- */

/* What the keyboard of line_libedit.c's bindings sends for a key; NULL: nothing of ours. */
static const wchar_t *sequence_of(const char *name)
{
	static const struct {
		const char *name;
		const wchar_t *keys;
	} known[] = {
		{"Up", L"\033[A"},
		{"Down", L"\033[B"},
		{"Right", L"\033[C"},
		{"Left", L"\033[D"},
		{"Home", L"\033[H"},
		{"End", L"\033[F"},
		{"Delete", L"\033[3~"},
		{"Ctrl+Right", L"\033[1;5C"},
		{"Ctrl+Left", L"\033[1;5D"},
		{"Backspace", L"\177"},
		{"Tab", L"\t"},
		{"Enter", L"\n"},
		{"Esc", L"\033"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].keys;
	return NULL;
}

/* Writes the characters of a key; 0 when it is none of the field's. */
static size_t keys_of(const struct key *key, wchar_t ret[8])
{
	const char *name = key->name;
	const wchar_t *keys;
	size_t n = 0;

	if (key->ch != 0) {
		ret[0] = (wchar_t)key->ch;
		return 1;
	}
	if (strncmp(name, "Alt+", 4) == 0 || strncmp(name, "Ctrl+Alt+", 9) == 0) {
		ret[n++] = 27;
		if (name[0] == 'A') {
			size_t pos = 0;

			keys = sequence_of(name + 4);
			if (keys == NULL && strcmp(name + 4, "Space") == 0)
				keys = L" ";
			if (keys == NULL) {
				ret[n++] = (wchar_t)utf8_next(name + 4, strlen(name + 4), &pos);
				return name[4 + pos] == '\0' ? n : 0;
			}
			wcsncpy(ret + n, keys, 6);
			return n + wcslen(keys);
		}
		name += 9;
		ret[n++] = (wchar_t)(name[0] & 0x1f);
		return name[1] == '\0' ? n : 0;
	}
	keys = sequence_of(name);
	if (keys != NULL) {
		wcsncpy(ret, keys, 7);
		return wcslen(keys);
	}
	if (strncmp(name, "Ctrl+", 5) == 0 && name[5] >= '@' && name[5] <= '_' && name[6] == '\0') {
		ret[0] = (wchar_t)(name[5] & 0x1f);
		return 1;
	}
	return 0;
}

static bool cancels(struct line *l, const struct key *key)
{
	bool esc = strcmp(key->name, "Esc") == 0;

	if (strcmp(key->name, "Ctrl+C") == 0 || strcmp(key->name, "Ctrl+G") == 0)
		return true;
	/* In vi mode the first Esc goes to its command mode; a second one leaves. */
	if (esc && (l->escaped || !ed_is_vi(l->ed)))
		return true;
	l->escaped = esc;
	return false;
}

static enum line_result finish(struct line *l)
{
	sync_text(l);
	l->escaped = false;
	if (l->history_name != NULL && l->text.len > 0) {
		wchar_t *wide = to_wide(l->text.data);

		ed_remember(l->ed, wide);
		free(wide);
		line_history_add(l->history_name, l->history_file, l->text.data);
	}
	return LINE_DONE;
}

static void paste(struct line *l, const char *text)
{
	struct buf clean = {0};

	text_clean(&clean, text, strlen(text), TEXT_ONE_LINE);
	if (clean.len > 0)
		put_text(l, 0, clean.data);
	buf_finish(&clean);
	sync_text(l);
}

enum line_result line_feed(struct line *l, const struct key *key)
{
	wchar_t keys[8];
	size_t count, len, cursor;

	l->candidate_count = 0;
	if (!start(l))
		return LINE_CANCEL;
	if (key->paste != NULL) {
		paste(l, key->paste);
		return LINE_MORE;
	}
	if (cancels(l, key))
		return LINE_CANCEL;
	ed_line(l->ed, &len, &cursor);
	if (key->ch != 0 && len >= LINE_MAX_CHARS)
		return LINE_MORE;
	count = keys_of(key, keys);
	for (size_t i = 0; i < count; i++) {
		switch (ed_feed(l->ed, keys[i])) {
		case ED_MORE:
			break;
		case ED_LINE:
			return finish(l);
		case ED_END:
			return LINE_CANCEL;
		case ED_COMPLETE:
			sync_text(l);
			complete(l);
			return LINE_MORE;
		}
	}
	sync_text(l);
	return LINE_MORE;
}

/* ---- drawing ---- */

/* Bytes of text that take at least so many columns. */
static size_t skip_columns(const char *text, size_t len, int columns)
{
	size_t pos = 0;
	int width, sum = 0;

	while (sum < columns && text_next(text, len, &pos, &width))
		sum += width;
	return pos;
}

static void prepare(struct line *l)
{
	buf_reset(&l->shown);
	buf_reset(&l->before);
	if (l->spec.secret) {
		size_t pos = 0;
		int width;

		while (text_next(l->text.data, l->text.len, &pos, &width)) {
			buf_add_char(&l->shown, '*');
			if (pos <= l->cursor)
				buf_add_char(&l->before, '*');
		}
	} else {
		text_clean(&l->shown, l->text.data, l->text.len, TEXT_ONE_LINE);
		text_clean(&l->before, l->text.data, l->cursor, TEXT_ONE_LINE);
	}
	buf_add_str(&l->shown, "");
	buf_add_str(&l->before, "");
}

void line_draw(struct line *l, struct cells c, int row, int col, enum style style)
{
	int width = c.width - col, cursor;
	size_t from;

	if (width < 2)
		return;
	prepare(l);
	cursor = text_width(l->before.data);
	/* One cell is kept free at the end, for the cursor. */
	if (cursor < l->scroll)
		l->scroll = cursor > width / 3 ? cursor - width / 3 : 0;
	if (cursor >= l->scroll + width)
		l->scroll = cursor - width + 1 + width / 3;
	from = skip_columns(l->shown.data, l->shown.len, l->scroll);
	cells_fill(c, row, col, width, style);
	cells_put(c, row, col, style, l->shown.data + from);
	cursor -= text_width(l->shown.data) - text_width(l->shown.data + from);
	cells_cursor(c, row, col + (cursor > 0 ? cursor : 0), true);
}
