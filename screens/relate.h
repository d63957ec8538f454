/* Which other ticket is meant: for merging and linking. Used by deed.c. */
#pragma once
#include "deed.h"

/* Asks for what "merge", "link", "unlink" and "split" still need. False when nothing is missing, or it
 * is none of these. */
bool relate_ask(struct screen *s, struct deed *d);
/* Takes what was chosen or typed for one of these. */
bool relate_take(struct screen *s, struct deed *d, const char *text, struct err *err);
/* It was "another one, by its number", which was just asked for. */
bool relate_asks(const struct deed *d, int intent, const char *text);
/* Opens the preview of a merge: these go into that one. */
void merge_show(struct screen *s, const char *into, const char (*ids)[ID_TEXT], size_t count);
/* "today", "3 d": how long ago it came in. */
void relate_put_age(struct buf *ret, const struct ticket *t);
