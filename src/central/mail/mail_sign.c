/* Where the signature of a text begins. It may be drawn dimmer, so a sentence must never be taken for
 * one: of what stands below a closing formula only short lines pass. */
#include <string.h>
#include <strings.h>
#include "balie/text.h"
#include "mail_lines.h"
#include "mail_text.h"

#define DASHES_LINES 25 /* below "-- " */
#define BLOCK_LINES 14	/* below "Met vriendelijke groeten" */
#define BLOCK_COLUMNS 90
#define FORMULA_BYTES 70
#define ALONE_COLUMNS 45

static const char *const formulas[] = {"met vriendelijke groet",
				       "vriendelijke groet",
				       "met beleefde groet",
				       "beleefde groet",
				       "met hartelijke groet",
				       "hartelijke groet",
				       "hoogachtend",
				       "met de meeste hoogachting",
				       "met hoogachting",
				       "groetjes",
				       "groeten",
				       "groet",
				       "mvg",
				       "m.v.g",
				       "vr. gr",
				       "alvast bedankt en",
				       "cordialement",
				       "bien cordialement",
				       "bien à vous",
				       "salutations",
				       "meilleures salutations",
				       "sincères salutations",
				       "bien à toi",
				       "mit freundlichen gr",
				       "freundliche gr",
				       "viele gr",
				       "beste gr",
				       "mfg",
				       "kind regards",
				       "best regards",
				       "regards",
				       "with kind regards",
				       "yours sincerely",
				       "yours faithfully",
				       "sincerely",
				       "best wishes",
				       "warm regards",
				       "liebe gr",
				       "hochachtungsvoll",
				       "cdlt",
				       "bav",
				       "met oprechte groet",
				       "met warme groet",
				       "warme groet",
				       NULL};

/* Lines that a program adds by itself. */
static const char *const programs[] = {"verstuurd vanaf",
				       "verstuurd vanuit",
				       "verzonden vanaf",
				       "verzonden vanuit",
				       "verzonden met",
				       "verstuurd met",
				       "sent from my",
				       "sent from outlook",
				       "sent from mail for",
				       "sent from yahoo",
				       "sent from proton",
				       "sent with proton",
				       "sent via",
				       "get outlook for",
				       "outlook voor ",
				       "envoyé de mon",
				       "envoyé depuis",
				       "envoyé à partir d",
				       "envoyé avec",
				       "envoyé de l",
				       "télécharger outlook",
				       "obtenez outlook",
				       "obtenir outlook",
				       "von meinem ",
				       "gesendet von",
				       "gesendet mit",
				       "gesendet über",
				       "outlook für ",
				       "holen sie sich outlook",
				       "provenance : courrier",
				       "yahoo mail op ",
				       "mailed with",
				       "-----begin pgp signature",
				       "download outlook",
				       "virusvrij.",
				       "virus-free.",
				       "-----einde pgp",
				       NULL};

/* Columns of the line at s, at most those that a name or an address take. */
static bool is_short(const char *s, size_t columns)
{
	size_t n = 0;

	for (; *s != '\n' && *s != '\0'; s++)
		if (((unsigned char)*s & 0xc0) != 0x80 && ++n > columns)
			return false;
	return true;
}

/* A word more that matters: "PS", a question, a sentence that goes on. */
static bool says_something(const char *s)
{
	size_t n = lines_len(s), words = 0;

	if (*s == '>')
		return true;
	if (strncasecmp(s, "ps", 2) == 0 && strchr(" :.;,", s[2]) != NULL)
		return true;
	if (strncasecmp(s, "p.s", 3) == 0 || memchr(s, '?', n) != NULL)
		return true;
	while (n > 0 && s[n - 1] == ' ')
		n--;
	for (size_t i = 1; i < n; i++)
		words += s[i] == ' ' && s[i - 1] != ' ';
	return n > 0 && strchr(".!:;,", s[n - 1]) != NULL && words >= 3;
}

static bool is_formula(const char *s)
{
	static const char *const also[] = {"groet", "salutation", "regards",  "grüße",
					   "gruss", "gruß",	  "hoogacht", NULL};
	const char *p = lines_marks(s);
	char text[FORMULA_BYTES + 1];
	size_t len = lines_len(p);

	if (len > FORMULA_BYTES)
		return false;
	memcpy(text, p, len);
	text[len] = '\0';
	/* "Bedankt en vriendelijke groeten": the formula may have a word before it. */
	return lines_start_any(text, formulas) ||
	       (len < 45 && strpbrk(text, ".?!") == NULL && lines_hold_any(text, also));
}

/* "-- " (RFC 3676) and no more than a signature below it. */
static bool is_dashes(const char *s, const char *end)
{
	int lines = 0;

	if (strncmp(s, "--", 2) != 0 || lines_len(s) != 2 + (size_t)(s[2] == ' '))
		return false;
	for (s = lines_next(s); s < end && lines <= DASHES_LINES; s = lines_next(s))
		lines++;
	return lines > 0 && lines <= DASHES_LINES;
}

/* Nothing but names, functions and addresses up to end. */
static bool is_block(const char *s, const char *end)
{
	/* "Groeten Rita" needs no more. */
	int lines = 0, named = is_short(s, ALONE_COLUMNS);

	for (s = lines_next(s); s < end && !is_dashes(s, end); s = lines_next(s)) {
		if (lines_blank(s))
			continue;
		if (lines_start_any(lines_marks(s), programs)) {
			named++;
			continue;
		}
		if (++lines > BLOCK_LINES || !is_short(s, BLOCK_COLUMNS) ||
		    says_something(lines_marks(s)))
			return false;
		named++;
	}
	return named > 0;
}

/* "Verstuurd vanaf mijn iPhone", with at most a few short lines behind it. */
static bool is_program(const char *s, const char *end)
{
	int lines = 0;

	if (!lines_start_any(lines_marks(s), programs) || !is_short(s, 160))
		return false;
	if (strncasecmp(s, "-----begin", 10) == 0)
		return true;
	for (s = lines_next(s); s < end; s = lines_next(s))
		if (!lines_blank(s) && (++lines > 2 || says_something(s)))
			return false;
	return true;
}

bool mail_sign_is_program(const char *line)
{
	return lines_start_any(lines_marks(line), programs);
}

size_t mail_sign_find(const char *text, size_t len)
{
	const char *end = text + len, *first = lines_skip_blank(text), *s;

	for (s = first; s < end; s = lines_next(s)) {
		if (s == first || lines_blank(s) || *s == '>')
			continue;
		if (is_dashes(s, end) || is_program(s, end) || (is_formula(s) && is_block(s, end)))
			return (size_t)(s - text);
	}
	return 0;
}
