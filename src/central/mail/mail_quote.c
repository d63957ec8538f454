/* Where the older text begins that a message answers. Folding away too little is a nuisance; folding
 * away an answer is a loss: when in doubt, nothing is called quoted. */
#include "mail_text.h"
#include <string.h>
#include <strings.h>

#define ATTRIBUTION_LINES 4 /* mail programs wrap "Op … schreef …:" */
#define ATTRIBUTION_BYTES 400
#define HEADER_LINES 8

static const char *line_end(const char *s)
{
	return s + strcspn(s, "\n");
}

static const char *line_next(const char *s)
{
	s = line_end(s);
	return *s == '\n' ? s + 1 : s;
}

static bool is_blank(const char *s)
{
	s += strspn(s, " \t\r");
	return *s == '\n' || *s == '\0';
}

/* "  *Van:* x" -> "Van:* x": marks that mail programs put around words. */
static const char *skip_marks(const char *s)
{
	return s + strspn(s, " \t*_");
}

static bool starts(const char *s, const char *word)
{
	return strncasecmp(s, word, strlen(word)) == 0;
}

static bool starts_any(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (starts(s, *words))
			return true;
	return false;
}

static bool holds_any(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasestr(s, *words) != NULL)
			return true;
	return false;
}

/* "Op di 24 nov 2026 om 09:12 schreef An Claes <an@example.be>:", on one line or wrapped. Gives the
 * line behind it, or NULL. */
static const char *attribution(const char *s)
{
	static const char *const openings[] = {"Op ",  "On ", "Le ",  "Am ", "El ",
					       "Den ", "Il ", "*Op ", NULL};
	static const char *const verbs[] = {
		" schreef",  " wrote", "geschreven:", " a écrit", " schrieb",
		" escribió", " skrev", " ha scritto", NULL};
	static const char *const inner[] = {" schreef op ", " schreef het volgende op ",
					    " wrote on ",   " schrieb am ",
					    " a écrit le ", NULL};
	char text[ATTRIBUTION_BYTES + 1];
	bool opened = starts_any(skip_marks(s), openings);
	size_t n = 0, len;
	const char *end;

	for (int i = 0; i < ATTRIBUTION_LINES && !is_blank(s); i++) {
		end = line_end(s);
		len = (size_t)(end - s);
		if (n + len + 1 > ATTRIBUTION_BYTES)
			return NULL;
		if (n > 0)
			text[n++] = ' ';
		memcpy(text + n, s, len);
		n += len;
		while (n > 0 && strchr(" \t\r*_", text[n - 1]) != NULL)
			n--;
		text[n] = '\0';
		if (n > 0 && text[n - 1] == ':') {
			if ((opened && holds_any(text, verbs)) || holds_any(text, inner))
				return line_next(s);
			return NULL;
		}
		/* Only one with a known opening may be wrapped. */
		if (!opened)
			return NULL;
		s = line_next(s);
	}
	return NULL;
}

static bool separator(const char *s)
{
	static const char *const words[] = {
		"oorspronkelijk bericht",    "original message",  "doorgestuurd bericht",
		"forwarded message",	     "message d'origine", "message d’origine",
		"message original",	     "message transféré", "ursprüngliche nachricht",
		"weitergeleitete nachricht", "originalnachricht", NULL};
	char text[120];
	size_t len = (size_t)(line_end(s) - s);
	const char *p = s + strspn(s, " \t");

	if (starts(p, "Begin doorgestuurd bericht:") || starts(p, "Begin forwarded message:") ||
	    starts(p, "Début du message transféré"))
		return true;
	if (*p != '-' || len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	return holds_any(text, words);
}

/* The head of an older message: "Van: …", "Verzonden: …", "Aan: …" in a row, in any order. */
static bool header_block(const char *s)
{
	static const char *const from[] = {"Van:", "From:", "De :", "De:", "Von:", NULL};
	static const char *const more[] = {
		"Verzonden:", "Verzonden op:", "Sent:",	   "Date:",    "Datum:",  "Aan:",
		"To:",	      "Onderwerp:",    "Subject:", "Envoyé :", "Envoyé:", "À :",
		"Gesendet:",  "An:",	       "Objet :",  "Betreff:", NULL};
	int found = 0;
	bool sender = false;

	if (!starts_any(skip_marks(s), from) && !starts_any(skip_marks(s), more))
		return false;
	for (int i = 0; i < HEADER_LINES && !is_blank(s); i++, s = line_next(s)) {
		if (starts_any(skip_marks(s), from))
			sender = true;
		else if (starts_any(skip_marks(s), more))
			found++;
	}
	return sender && found >= 2;
}

/* Outlook draws a line of underscores, then the head. */
static bool ruled_block(const char *s)
{
	if (strspn(s, "_") < 20)
		return false;
	s = line_next(s);
	for (int i = 0; i < 2 && is_blank(s) && *s != '\0'; i++)
		s = line_next(s);
	return header_block(s);
}

static bool all_quoted(const char *s)
{
	for (; *s != '\0'; s = line_next(s))
		if (!is_blank(s) && *s != '>')
			return false;
	return true;
}

static const char *skip_blank(const char *s)
{
	while (*s != '\0' && is_blank(s))
		s = line_next(s);
	return s;
}

size_t mail_quote_find(const char *text)
{
	const char *first = skip_blank(text), *s, *behind, *block = NULL;

	for (s = first; *s != '\0'; s = line_next(s)) {
		if (*s == '>') {
			if (block == NULL)
				block = s;
			continue;
		}
		if (is_blank(s))
			continue;
		block = NULL; /* something new behind the '>' lines */
		behind = attribution(s);
		if (behind != NULL) {
			behind = skip_blank(behind);
			/* With '>' below, answers may stand between: then it is no quoted rest. */
			if (*behind != '\0' && (*behind != '>' || all_quoted(behind)))
				break;
			if (*behind == '>')
				continue;
		}
		if (separator(s) || header_block(s) || ruled_block(s))
			break;
	}
	if (*s == '\0')
		s = block;
	if (s == NULL || s == first)
		return 0;
	return (size_t)(s - text);
}
