#include "balie/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "balie/clock.h"
#include "utf8.h"

#define LINE_MAX_BYTES 2048

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
/* under log_lock */
static FILE *log_file;
static bool log_chosen; /* else stderr, which is no constant */
static enum log_level log_most = LOG_LEVEL_INFO;

void log_to(FILE *file, enum log_level level)
{
	pthread_mutex_lock(&log_lock);
	log_file = file;
	log_chosen = true;
	log_most = level;
	pthread_mutex_unlock(&log_lock);
}

/* Whatever could move the cursor or the eye of who reads the log on a terminal. */
static bool log_unfit(int32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x200e && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0x61c;
}

/* In place: what is unfit takes at least the one byte of its '?'. */
static size_t log_tidy(char *text)
{
	size_t len = strlen(text), to = 0, n;
	int32_t cp;

	len = utf8_whole(text, len);
	for (size_t from = 0; from < len; from += n) {
		n = utf8_read(text + from, len - from, &cp);
		if (log_unfit(cp)) {
			text[to++] = '?';
		} else {
			memmove(text + to, text + from, n);
			to += n;
		}
	}
	text[to] = '\0';
	return to;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = {[LOG_LEVEL_ERROR] = "error",
					    [LOG_LEVEL_WARN] = "warning",
					    [LOG_LEVEL_INFO] = "info",
					    [LOG_LEVEL_DEBUG] = "debug"};
	char text[LINE_MAX_BYTES], at[CLOCK_TEXT];
	int error = errno;
	FILE *file;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_tidy(text);
	clock_to_rfc3339(clock_now(), at);
	pthread_mutex_lock(&log_lock);
	file = log_chosen ? log_file : stderr;
	if (file != NULL && level <= log_most) {
		fprintf(file, "%s %s: %s\n", at, names[level], text);
		fflush(file);
	}
	pthread_mutex_unlock(&log_lock);
	errno = error;
}
