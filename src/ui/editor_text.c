#include "editor_text.h"
#include <stdlib.h>
#include <string.h>
#include "balie/text.h"

#define EDITS_MAX 1000

static void forget_edits(struct editor_text *t)
{
	for (size_t i = 0; i < t->edit_count; i++)
		free(t->edits[i].removed);
	t->edit_count = 0;
	t->joinable = false;
}

void editor_text_set(struct editor_text *t, const char *text)
{
	char *copy = xstrdup(text);

	buf_reset(&t->text);
	text_clean(&t->text, copy, strlen(copy), TEXT_LINES);
	if (t->text.len > EDITOR_TEXT_MAX) {
		size_t n = EDITOR_TEXT_MAX;

		while (n > 0 && ((unsigned char)t->text.data[n] & 0xc0) == 0x80)
			n--;
		t->text.data[n] = '\0';
		t->text.len = n;
	}
	buf_add_str(&t->text, "");
	free(copy);
	forget_edits(t);
	if (t->cursor > t->text.len)
		t->cursor = t->text.len;
	t->changes++;
}

void editor_text_finish(struct editor_text *t)
{
	forget_edits(t);
	free(t->edits);
	buf_finish(&t->text);
}

/* ---- changing ---- */

static void splice(struct editor_text *t, size_t at, size_t remove, const char *with, size_t len)
{
	size_t tail = t->text.len - at - remove;

	/* Room first: buf_add grows, then everything behind moves. */
	if (len > remove) {
		size_t grow = len - remove;
		char zeros[64] = "";

		for (size_t left = grow; left > 0;) {
			size_t n = left < sizeof(zeros) ? left : sizeof(zeros);

			buf_add(&t->text, zeros, n);
			left -= n;
		}
	}
	memmove(t->text.data + at + len, t->text.data + at + remove, tail);
	if (len > 0)
		memcpy(t->text.data + at, with, len);
	t->text.len = at + len + tail;
	t->text.data[t->text.len] = '\0';
	t->changes++;
}

static struct edit *new_edit(struct editor_text *t)
{
	if (t->edits == NULL)
		t->edits = xcalloc(EDITS_MAX, sizeof(*t->edits));
	if (t->edit_count == EDITS_MAX) {
		free(t->edits[0].removed);
		memmove(&t->edits[0], &t->edits[1], (EDITS_MAX - 1) * sizeof(*t->edits));
		t->edit_count--;
	}
	return &t->edits[t->edit_count++];
}

static void record(struct editor_text *t, size_t at, size_t remove, const char *with, size_t len)
{
	struct edit *last = t->edit_count > 0 ? &t->edits[t->edit_count - 1] : NULL;
	bool typed = remove == 0 && len > 0 && len <= 4 && with[0] != '\n';
	struct edit *e;

	/* Undo takes back what was typed in one go, up to a space after a word. */
	if (typed && t->joinable && last != NULL && last->at + last->inserted == at) {
		last->inserted += len;
	} else {
		e = new_edit(t);
		*e = (struct edit){at, len, xstrndup(t->text.data + at, remove), remove, t->cursor};
	}
	t->joinable = typed && with[0] != ' ';
}

void editor_text_replace(struct editor_text *t, size_t at, size_t remove, const char *with,
			 size_t len)
{
	if (len > remove && t->text.len - remove + len > EDITOR_TEXT_MAX) {
		size_t room = EDITOR_TEXT_MAX - (t->text.len - remove);

		while (room > 0 && ((unsigned char)with[room] & 0xc0) == 0x80)
			room--;
		len = room;
	}
	if (remove == 0 && len == 0)
		return;
	record(t, at, remove, with, len);
	splice(t, at, remove, with, len);
	t->cursor = at + len;
}

void editor_text_undo(struct editor_text *t)
{
	struct edit e;

	t->joinable = false;
	if (t->edit_count == 0)
		return;
	e = t->edits[--t->edit_count];
	splice(t, e.at, e.inserted, e.removed, e.removed_len);
	t->cursor = e.cursor;
	free(e.removed);
}

/* ---- places ---- */

size_t editor_text_next(const struct editor_text *t, size_t at)
{
	size_t pos = at;
	int width;

	if (at >= t->text.len)
		return t->text.len;
	return text_next(t->text.data, t->text.len, &pos, &width) ? pos : t->text.len;
}

size_t editor_text_line_start(const struct editor_text *t, size_t at)
{
	while (at > 0 && t->text.data[at - 1] != '\n')
		at--;
	return at;
}

size_t editor_text_line_end(const struct editor_text *t, size_t at)
{
	while (at < t->text.len && t->text.data[at] != '\n')
		at++;
	return at;
}

/* Clusters can be told only from their beginning, so the line is walked from its start. */
size_t editor_text_previous(const struct editor_text *t, size_t at)
{
	size_t pos, last;
	int width;

	if (at == 0)
		return 0;
	if (t->text.data[at - 1] == '\n')
		return at - 1;
	if (at >= 2 && (unsigned char)t->text.data[at - 1] < 0x80 &&
	    (unsigned char)t->text.data[at - 2] < 0x80)
		return at - 1;
	last = pos = editor_text_line_start(t, at);
	while (pos < at) {
		last = pos;
		if (!text_next(t->text.data, t->text.len, &pos, &width))
			break;
	}
	return last;
}

static bool is_gap(char c)
{
	return c == ' ' || c == '\n';
}

size_t editor_text_next_word(const struct editor_text *t, size_t at)
{
	while (at < t->text.len && is_gap(t->text.data[at]))
		at++;
	while (at < t->text.len && !is_gap(t->text.data[at]))
		at++;
	return at;
}

size_t editor_text_previous_word(const struct editor_text *t, size_t at)
{
	while (at > 0 && is_gap(t->text.data[at - 1]))
		at--;
	while (at > 0 && !is_gap(t->text.data[at - 1]))
		at--;
	return at;
}
