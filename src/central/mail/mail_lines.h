/* Going through a text line by line. A line ends at LF or at the end of the text. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static inline size_t lines_len(const char *s)
{
	return (size_t)(strchrnul(s, '\n') - s);
}

static inline const char *lines_next(const char *s)
{
	s = strchrnul(s, '\n');
	return *s == '\n' ? s + 1 : s;
}

/* Spaces and no-break spaces only. */
static inline bool lines_blank(const char *s)
{
	for (;; s++) {
		if (*s == '\n' || *s == '\0')
			return true;
		if (*s == '\xc2' && s[1] == '\xa0')
			s++;
		else if (*s != ' ' && *s != '\t' && *s != '\r')
			return false;
	}
}

static inline const char *lines_skip_blank(const char *s)
{
	while (*s != '\0' && lines_blank(s))
		s = lines_next(s);
	return s;
}

/* "  *Van:* x" -> "Van:* x": marks that mail programs put around words. */
static inline const char *lines_marks(const char *s)
{
	for (;; s++) {
		if (*s == '\xc2' && s[1] == '\xa0')
			s++;
		else if (*s == '\0' || strchr(" \t*_", *s) == NULL)
			return s;
	}
}

static inline bool lines_start_any(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strncasecmp(s, *words, strlen(*words)) == 0)
			return true;
	return false;
}

/* text is one string, not a line of it. */
static inline bool lines_hold_any(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasestr(text, *words) != NULL)
			return true;
	return false;
}
