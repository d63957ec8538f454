/* Of a field, for the prompt only. */
#pragma once
#include "balie/ui.h"

/* What the last key's completion left to choose from; none after any other key. */
const char *const *line_candidates(const struct line *l, size_t *count);
