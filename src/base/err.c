#include "balie/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* Makes one line of it, and cuts a character that vsnprintf() may have left half. */
static void err_tidy(char *text)
{
	size_t len = strlen(text);

	text[utf8_whole(text, len)] = '\0';
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = *text == '\n' || *text == '\t' ? ' ' : '?';
}

void err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list ap;

	if (err == NULL)
		return;
	/* Through a copy, since the arguments may well be the text that is there. */
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_tidy(text);
	err->kind = kind;
	memcpy(err->text, text, sizeof(text));
}

void err_prefix(struct err *err, const char *fmt, ...)
{
	char text[2 * sizeof(err->text) + 2];
	va_list ap;
	int n;

	if (err == NULL)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(err->text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(err->text))
		snprintf(text + n, sizeof(text) - (size_t)n, ": %s", err->text);
	text[sizeof(err->text) - 1] = '\0';
	err_tidy(text);
	memcpy(err->text, text, sizeof(err->text));
}

static enum err_kind err_kind_of(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_FULL;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	}
	return ERR_IO;
}

void err_errno(struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->text)], reason[128];
	int error = errno, n;
	va_list ap;

	if (err == NULL)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n, ": %s",
			 strerror_r(error, reason, sizeof(reason)));
	err_tidy(text);
	err->kind = err_kind_of(error);
	memcpy(err->text, text, sizeof(text));
	errno = error;
}
