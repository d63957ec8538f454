/* What an answer begins with: its subject, and the text that it answers. */
#include "mail_build.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "balie/clock.h"
#include "balie/model.h"
#include "balie/text.h"

#define SUBJECT_BYTES_MAX 250
#define QUOTE_BYTES_MAX 32000
#define FROM_BYTES_MAX 200

/* ---- subject ---- */

/* Bytes of "Re:", "RE[2]: ", "Antw.:", "TR :" at s, or 0. */
static size_t prefix_length(const char *s)
{
	static const char *const words[] = {
		"re", "antw", "antwoord", "betr", "betreft", "doorst", "doorgestuurd",
		"fw", "fwd",  "tr",	  "rép",  "ref",     "aw",     "wg",
		"sv", "vs",   "vb",	  "rv",	  "enc",     "rif",    NULL};
	size_t n, more;

	for (int i = 0; words[i] != NULL; i++) {
		n = strlen(words[i]);
		if (strncasecmp(s, words[i], n) != 0)
			continue;
		if (s[n] == '.')
			n++;
		if (s[n] == '[' || s[n] == '(' || s[n] == '^') {
			more = 1 + strspn(s + n + 1, "0123456789");
			if (more > 1 && more < 6)
				n += more + (s[n + more] == ']' || s[n + more] == ')');
		}
		n += strspn(s + n, " ");
		if (s[n] == ':')
			return n + 1;
		if (strncmp(s + n, "\xc2\xa0:", 3) == 0) /* as the French write it */
			return n + 3;
		if (strncmp(s + n, "\xef\xbc\x9a", 3) == 0) /* a wide colon */
			return n + 3;
	}
	return 0;
}

/* Bytes of "[26-004217-69]" at s, or 0. number NULL: any that is right. */
static size_t bracket_length(const char *s, const char *number)
{
	char inside[TRACKING_TEXT], clean[TRACKING_TEXT];
	size_t n;

	if (s[0] != '[')
		return 0;
	n = strcspn(s + 1, "]");
	if (s[1 + n] != ']' || n >= sizeof(inside))
		return 0;
	memcpy(inside, s + 1, n);
	inside[n] = '\0';
	if (tracking_parse(inside, clean) != CHECK_OK ||
	    (number != NULL && strcmp(clean, number) != 0))
		return 0;
	return n + 2;
}

/* Past all prefixes and numbers, in any order. *ret_first: what the first prefix says. */
static const char *skip_prefixes(const char *s, enum mail_prefix *ret_first)
{
	size_t n;

	*ret_first = MAIL_PREFIX_NONE;
	do {
		s += strspn(s, " ");
		n = prefix_length(s);
		if (n > 0 && *ret_first == MAIL_PREFIX_NONE)
			*ret_first = strchr("fFdDtTwW", *s) != NULL ? MAIL_PREFIX_FORWARD
								    : MAIL_PREFIX_REPLY;
		if (n == 0)
			n = bracket_length(s, NULL);
		s += n;
	} while (n > 0);
	return s;
}

const char *mail_subject_make(struct arena *a, const char *subject, const char *number,
			      enum mail_prefix prefix)
{
	static const char *const words[] = {[MAIL_PREFIX_NONE] = "",
					    [MAIL_PREFIX_REPLY] = "Re:",
					    [MAIL_PREFIX_FORWARD] = "Fwd:",
					    [MAIL_PREFIX_KEPT] = ""};
	enum mail_prefix first;
	const char *s = skip_prefixes(
		subject != NULL ? text_clean_dup(a, subject, TEXT_ONE_LINE) : "", &first);
	struct buf b = {0};
	const char *ret;
	size_t n, start;

	if (prefix == MAIL_PREFIX_KEPT)
		prefix = first;
	if (number != NULL)
		buf_printf(&b, "[%s]", number);
	if (prefix != MAIL_PREFIX_NONE)
		buf_printf(&b, "%s%s", b.len > 0 ? " " : "", words[prefix]);
	if (*s != '\0' && b.len > 0)
		buf_add_char(&b, ' ');
	for (start = b.len; *s != '\0'; s++) {
		n = number != NULL ? bracket_length(s, number) : 0;
		/* It goes with the space behind it. */
		if (n > 0) {
			s += n - (s[n] != ' ');
			continue;
		}
		buf_add_char(&b, *s);
	}
	if (b.len > SUBJECT_BYTES_MAX)
		for (b.len = SUBJECT_BYTES_MAX; ((unsigned char)b.data[b.len] & 0xc0) == 0x80;)
			b.len--;
	while (b.len > start && b.data[b.len - 1] == ' ')
		b.len--;
	ret = arena_strndup(a, b.data != NULL ? b.data : "", b.len);
	buf_finish(&b);
	return ret;
}

/* ---- quoting ---- */

static const char *clean_from(struct arena *a, const char *from)
{
	char *s = text_clean_dup(a, from != NULL ? from : "", TEXT_ONE_LINE);
	size_t n = strlen(s);

	if (n > FROM_BYTES_MAX) {
		for (n = FROM_BYTES_MAX; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80;)
			n--;
		s[n] = '\0';
	}
	return s;
}

/* In words that mail_quote_find() knows again. */
static void put_attribution(struct buf *ret, const char *language, const char *from, int64_t at)
{
	struct clock_local t;
	char date[32], hour[16];

	clock_local(at, &t);
	snprintf(date, sizeof(date), "%02d/%02d/%04d", t.day, t.month, t.year);
	snprintf(hour, sizeof(hour), "%02d:%02d", t.hour, t.minute);
	if (language != NULL && strcmp(language, "fr") == 0)
		buf_printf(ret, "Le %s à %s, %s a écrit :\n", date, hour, from);
	else if (language != NULL && strcmp(language, "en") == 0)
		buf_printf(ret, "On %s at %s, %s wrote:\n", date, hour, from);
	else if (language != NULL && strcmp(language, "de") == 0)
		buf_printf(ret, "Am %02d.%02d.%04d um %s schrieb %s:\n", t.day, t.month, t.year,
			   hour, from);
	else
		buf_printf(ret, "Op %s om %s schreef %s:\n", date, hour, from);
}

const char *mail_quote_text(struct arena *a, const char *language, const char *from, int64_t at,
			    const char *body)
{
	const char *s = body != NULL ? text_clean_dup(a, body, TEXT_LINES) : "", *ret;
	struct buf b = {0};
	size_t n;

	from = clean_from(a, from);
	if (at != 0 && from[0] != '\0')
		put_attribution(&b, language, from, at);
	s += strspn(s, "\n");
	while (*s != '\0') {
		n = strcspn(s, "\n");
		if (b.len + n > QUOTE_BYTES_MAX) {
			buf_add_str(&b, "> […]\n");
			break;
		}
		/* Without a space between, or each answer to an answer grows the lines by two. */
		buf_add_str(&b, *s == '>' ? ">" : n > 0 ? "> " : ">");
		buf_add(&b, s, n);
		buf_add_char(&b, '\n');
		s += n;
		s += *s == '\n';
		if (s[strspn(s, "\n ")] == '\0')
			break;
	}
	ret = arena_strndup(a, b.data != NULL ? b.data : "", b.len);
	buf_finish(&b);
	return ret;
}
