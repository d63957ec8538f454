/* The text of the editor and its history of changes, without keys or cells. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/mem.h"

#define EDITOR_TEXT_MAX 262144 /* bytes */

/* One change that can be undone: at this place, these bytes stood and so many stand there now. */
struct edit {
	size_t at, inserted;
	char *removed;
	size_t removed_len, cursor;
};

struct editor_text {
	struct buf text;
	size_t cursor;
	uint64_t changes;
	struct edit *edits;
	size_t edit_count;
	bool joinable; /* the next typed character belongs to the same edit */
};

void editor_text_set(struct editor_text *t, const char *text);
void editor_text_finish(struct editor_text *t);
/* Puts len bytes in place of remove bytes at the cursor's side; the cursor goes behind them. */
void editor_text_replace(struct editor_text *t, size_t at, size_t remove, const char *with,
			 size_t len);
void editor_text_undo(struct editor_text *t);
size_t editor_text_next(const struct editor_text *t, size_t at); /* grapheme */
size_t editor_text_previous(const struct editor_text *t, size_t at);
size_t editor_text_next_word(const struct editor_text *t, size_t at);
size_t editor_text_previous_word(const struct editor_text *t, size_t at);
size_t editor_text_line_start(const struct editor_text *t, size_t at); /* up to a line end */
size_t editor_text_line_end(const struct editor_text *t, size_t at);
