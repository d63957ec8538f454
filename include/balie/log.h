/* Log lines for the person who runs the program: one line each, to stderr, time first.
 * Never personal data, never secrets. The client logs to a file, since the screen is the agent's. */
#pragma once
#include <stdio.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Where lines go and from which level on. file NULL: nowhere. Not owned. Default: stderr, INFO. */
void log_to(FILE *file, enum log_level level);
/* Safe to call from any thread. Control characters in the arguments are shown as '?'. */
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
