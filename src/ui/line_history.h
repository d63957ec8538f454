/* What was typed in fields of one name, for line.c only. */
#pragma once
#include <stddef.h>

/* Oldest first. Read from file (may be NULL) the first time that name is asked for. */
char *const *line_history(const char *name, const char *file, size_t *count);
void line_history_add(const char *name, const char *file, const char *line);
