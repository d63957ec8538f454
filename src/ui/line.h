/* libedit in a coroutine, for line.c only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>
#include "balie/err.h"

struct ed;
enum ed_result { ED_MORE, ED_LINE, ED_END, ED_COMPLETE };

struct ed *ed_create(struct err *err);
void ed_destroy(struct ed *ed);
void ed_wipe(struct ed *ed); /* overwrites the line: it held a secret */
void ed_forget(void);	     /* frees what ed_destroy kept for the next one */
/* One character as the keyboard would send it. ED_COMPLETE: the completion key was struck; the line
 * may be changed now. */
enum ed_result ed_feed(struct ed *ed, wchar_t ch);
/* The line; after ED_LINE the finished one, until the next feed. */
const wchar_t *ed_line(struct ed *ed, size_t *len, size_t *cursor);
/* Puts text in place of the before characters left of the cursor. */
void ed_replace(struct ed *ed, size_t before, const wchar_t *text);
void ed_clear(struct ed *ed);
bool ed_is_vi(struct ed *ed);
void ed_remember(struct ed *ed, const wchar_t *line); /* adds to its history */
