/* Where the older text begins that a message answers. Folding away too little is a nuisance; folding
 * away an answer is a loss: when in doubt, nothing is called quoted. */
#include <string.h>
#include <strings.h>
#include "mail_lines.h"
#include "mail_text.h"

#define ATTRIBUTION_LINES 4 /* mail programs wrap "Op … schreef …:" */
#define ATTRIBUTION_BYTES 500
#define HEADER_LINES 12
#define BLANK_LINES 3
#define FOOTER_LINES 12

/* What may stand where older text begins. */
enum border { BORDER_NONE, BORDER_REPLY, BORDER_HEAD, BORDER_FORWARD };

static bool has_digits(const char *s)
{
	return strpbrk(s, "0123456789") != NULL;
}

/* "09:12", "9.12 uur" or "9h12": a program wrote it, nobody writes "Op 3 mei om 09:12 schreef u:". */
static bool has_time(const char *s)
{
	for (const char *p = s; (p = strpbrk(p, ":.hu")) != NULL; p++)
		if (p > s && p[-1] >= '0' && p[-1] <= '9' && p[1] >= '0' && p[1] <= '5' &&
		    p[2] >= '0' && p[2] <= '9')
			return true;
	return false;
}

static bool has_year(const char *s)
{
	for (const char *p = s; (p = strpbrk(p, "12")) != NULL; p++)
		if ((p == s || p[-1] < '0' || p[-1] > '9') && strspn(p, "0123456789") == 4 &&
		    (strncmp(p, "19", 2) == 0 || strncmp(p, "20", 2) == 0))
			return true;
	return false;
}

/* ---- "Op di 24 nov 2026 om 09:12 schreef An Claes <an@example.be>:" ---- */

/* In any language: a time of day, and an address or a year. */
static bool is_dated(const char *text)
{
	return has_time(text) && (strchr(text, '@') != NULL || has_year(text));
}

static bool is_attribution(const char *text, bool opened)
{
	static const char *const verbs[] = {" schreef", "geschreven:", " wrote", " a écrit",
					    " schrieb", " escribió",   " skrev", " ha scritto",
					    "writes:",	NULL};
	static const char *const inner[] = {" schreef op ", " schreef het volgende op ",
					    " wrote on ",   " schrieb am ",
					    " a écrit le ", NULL};

	return (opened && has_digits(text) && lines_hold_any(text, verbs)) ||
	       (has_digits(text) && lines_hold_any(text, inner));
}

/* On one line or wrapped. Gives the line behind it, or NULL; *ret_sure when a program must have
 * written it. */
static const char *attribution(const char *s, bool *ret_sure)
{
	static const char *const openings[] = {"Op ",	  "On ",     "Le ",	"Am ",
					       "El ",	  "Den ",    "Il ",	"Van ",
					       "--- On ", "--- Op ", "--- Le ", NULL};
	char text[ATTRIBUTION_BYTES + 1];
	bool opened = lines_start_any(lines_marks(s), openings), known;
	size_t n = 0, len;

	for (int i = 0; i < ATTRIBUTION_LINES && !lines_blank(s); i++, s = lines_next(s)) {
		len = lines_len(s);
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
			known = is_attribution(text, opened);
			*ret_sure = known && (strchr(text, '@') != NULL || has_time(text));
			return known || is_dated(text) ? lines_next(s) : NULL;
		}
		/* Only one with a known opening, or a date, may be wrapped, in the middle of it. */
		if (i == 0 && (!has_digits(text) || (!opened && !is_dated(text))))
			return NULL;
	}
	return NULL;
}

/* ---- lines that separate ---- */

static enum border separator(const char *s)
{
	static const char *const old[] = {
		"oorspronkelijk bericht", "oorspronkelijke bericht",  "origineel bericht",
		"original message",	  "message d'origine",	      "message d’origine",
		"message original",	  "ursprüngliche nachricht",  "originalnachricht",
		"original-nachricht",	  "originele bericht",	      "reply message",
		"original appointment",	  "oorspronkelijke afspraak", NULL};
	static const char *const forwarded[] = {"doorgestuurd bericht",
						"forwarded message",
						"message transféré",
						"message transmis",
						"weitergeleitete nachricht",
						"mensaje reenviado",
						"forwarded by",
						NULL};
	static const char *const begin[] = {"Begin doorgestuurd bericht", "Begin forwarded message",
					    "Début du message transféré",
					    "Anfang der weitergeleiteten Nachricht", NULL};
	char text[160];
	size_t len = lines_len(s);
	const char *p = lines_marks(s);

	if (len >= sizeof(text))
		return BORDER_NONE;
	if (lines_start_any(p, begin))
		return BORDER_FORWARD;
	memcpy(text, s, len);
	text[len] = '\0';
	/* GroupWise: ">>> An Claes <an@example.be> 24/11/2026 9:12 >>>" */
	if (strncmp(text, ">>> ", 4) == 0 && strstr(text + 4, ">>>") != NULL && has_digits(text))
		return BORDER_REPLY;
	if (*p != '-' && *p != '=')
		return BORDER_NONE;
	if (lines_hold_any(text, old))
		return BORDER_REPLY;
	return lines_hold_any(text, forwarded) ? BORDER_FORWARD : BORDER_NONE;
}

/* ---- the head of an older message ---- */

struct head {
	bool from, address, sent, dated, to, subject;
};

static const char *const from_words[] = {
	"Van:", "Van :", "From:", "De :", "De:", "De\xc2\xa0:", "Von:", NULL};
static const char *const sent_words[] = {
	"Verzonden:",	   "Verzonden op:", "Verzonden :",   "Sent:",	   "Date:",
	"Date :",	   "Datum:",	    "Date\xc2\xa0:", "Envoyé :",   "Envoyé:",
	"Envoyé\xc2\xa0:", "Gesendet:",	    "Sent on:",	     "Verstuurd:", NULL};
static const char *const to_words[] = {"Aan:",	 "Aan :", "To:", "À :", "À:",	"À\xc2\xa0:",
				       "Pour :", "An:",	  "Cc:", "CC:", "Cc :", NULL};
static const char *const subject_words[] = {
	"Onderwerp:", "Onderwerp :", "Subject:", "Betreft:",	   "Objet :", "Objet:",
	"Betreff:",   "Sujet :",     "Sujet:",	 "Objet\xc2\xa0:", NULL};

static void head_line(struct head *h, const char *s, const char *rest)
{
	char text[400];
	size_t len = lines_len(rest);

	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	memcpy(text, rest, len);
	text[len] = '\0';
	if (lines_start_any(s, from_words)) {
		h->from = true;
		h->address = h->address || strchr(text, '@') != NULL;
	} else if (lines_start_any(s, sent_words)) {
		h->sent = true;
		h->dated = h->dated || (has_year(text) && has_time(text));
	} else if (lines_start_any(s, to_words)) {
		h->to = true;
	} else if (lines_start_any(s, subject_words)) {
		h->subject = true;
	}
}

/* "Van: …", "Verzonden: …", "Aan: …", "Onderwerp: …" in a row, in any order. Gives the line behind
 * it, or NULL. A mover also writes "Van:" and "Aan:" and "Datum:": a program adds a time of day, and
 * the subject or an address. */
static const char *head_block(const char *s)
{
	struct head h = {0};
	const char *p = lines_marks(s);
	bool bold = p > s && p[-1] == '*';

	if (!lines_start_any(p, from_words) && !lines_start_any(p, sent_words) &&
	    !lines_start_any(p, subject_words) && !lines_start_any(p, to_words))
		return NULL;
	for (int i = 0; i < HEADER_LINES && !lines_blank(s); i++, s = lines_next(s))
		head_line(&h, lines_marks(s), s);
	if (!h.from || !h.sent || (!h.to && !h.subject))
		return NULL;
	if (h.dated && (h.subject || h.address))
		return s;
	return h.subject && (bold || h.to) ? s : NULL;
}

/* Outlook draws a line of underscores, others of dashes, then comes the head. */
static const char *ruled_block(const char *s)
{
	if (strspn(s, "_") < 10 && strspn(s, "-") < 10)
		return NULL;
	s = lines_next(s);
	for (int i = 0; i < BLANK_LINES && lines_blank(s) && *s != '\0'; i++)
		s = lines_next(s);
	return head_block(s);
}

/* ---- quoted lines ---- */

/* "-- " and a few lines: a signature that stands below all. */
static bool is_footer(const char *s)
{
	size_t n = lines_len(s);
	int lines = 0;

	while (n > 0 && s[n - 1] == ' ')
		n--;
	if (n != 2 || strncmp(s, "--", 2) != 0)
		return false;
	for (s = lines_next(s); *s != '\0'; s = lines_next(s))
		if (++lines > FOOTER_LINES || *s == '>')
			return false;
	return true;
}

static bool all_quoted(const char *s)
{
	for (; *s != '\0'; s = lines_next(s)) {
		if (is_footer(s))
			return true;
		if (!lines_blank(s) && *s != '>')
			return false;
	}
	return true;
}

/* ---- where it begins ---- */

/* They wrote their answers between our lines, which no longer shows when those have no '>'. */
static bool answers_below(const char *s, const char *end)
{
	static const char *const words[] = {
		"hieronder",	    "zie onder",     "in het rood",	"in rood",
		"in het blauw",	    "in het groen",  "in het vet",	"tussen de regels",
		"tussen de lijnen", "in de tekst",   "see below",	"inline",
		"in red.",	    "in red ",	     "ci-dessous",	"en rouge",
		"en bleu",	    "dans le texte", "voir plus bas",	"siehe unten",
		"weiter unten",	    "in rot ",	     "in rot.",		"im text",
		"answers below",    "my answers",    "mijn antwoorden", NULL};

	for (; s < end; s = lines_next(s)) {
		char text[600];
		size_t len = lines_len(s);

		if (len >= sizeof(text))
			len = sizeof(text) - 1;
		memcpy(text, s, len);
		text[len] = '\0';
		if (lines_hold_any(text, words))
			return true;
	}
	return false;
}

/* The kind of border at line s; *ret_behind is the line behind it. */
static enum border border_at(const char *s, enum mail_kind kind, const char **ret_behind)
{
	enum border ret = separator(s);
	const char *behind;

	*ret_behind = lines_next(s);
	if (ret != BORDER_NONE)
		return ret;
	behind = ruled_block(s);
	if (behind == NULL && kind != MAIL_NEW)
		behind = head_block(s);
	if (behind == NULL)
		return BORDER_NONE;
	*ret_behind = behind;
	return BORDER_HEAD;
}

/* Behind a line that says what follows, the head of that message. */
static const char *skip_head(const char *s)
{
	const char *first = lines_skip_blank(s), *behind = head_block(first);

	return behind != NULL ? behind : s;
}

/* The last line of the new text, before at; NULL when there is none. */
static const char *line_before(const char *first, const char *at)
{
	const char *ret = NULL;

	for (const char *s = first; s < at; s = lines_next(s))
		if (!lines_blank(s))
			ret = s;
	return ret;
}

/* "Ik citeer het reglement:", "Zie de mail van de aannemer:": what follows is part of the message. */
static bool is_introduced(const char *first, const char *at)
{
	static const char *const verbs[] = {"schreef", "geschreven", "wrote",
					    "écrit",   "schrieb",    NULL};
	const char *line = line_before(first, at);
	char text[ATTRIBUTION_BYTES + 1];
	size_t len = line != NULL ? lines_len(line) : 0;

	while (len > 0 && line[len - 1] == ' ')
		len--;
	if (len == 0 || line[len - 1] != ':' || len > ATTRIBUTION_BYTES)
		return false;
	memcpy(text, line, len);
	text[len] = '\0';
	return !lines_hold_any(text, verbs);
}

/* Nothing of a person stands before it: then the answer is somewhere below. */
static bool is_wordless(const char *first, const char *at)
{
	for (const char *s = first; s < at; s = lines_next(s))
		if (!lines_blank(s) && !mail_sign_is_program(s))
			return false;
	return true;
}

struct finder {
	enum mail_kind kind;
	const char *first; /* where the newest message begins */
	const char *at;	   /* the line at hand */
	const char
		*block; /* lines with '>' up to here; NULL when something new stands behind them */
	bool bare;	/* what is old does not show it by '>' */
};

/* At a line "Op … schreef …:"? False: it is none. *ret_found: the older text begins here. */
static bool at_attribution(struct finder *f, bool *ret_found)
{
	bool sure;
	const char *behind = attribution(f->at, &sure), *rest;

	if (behind == NULL)
		return false;
	rest = lines_skip_blank(behind);
	if (*rest == '\0' || (*rest != '>' && !sure))
		return false;
	*ret_found = *rest != '>' || all_quoted(rest);
	f->bare = *rest != '>';
	if (*ret_found) {
		if (!f->bare && f->block == NULL)
			f->block = f->at;
	} else {
		/* Answers stand between the lines: it is no quoted rest. */
		f->block = NULL;
		f->at = rest;
	}
	return true;
}

static bool at_border(struct finder *f, bool *ret_found)
{
	const char *behind;
	enum border border = border_at(f->at, f->kind, &behind);

	if (border == BORDER_NONE)
		return false;
	*ret_found = border != BORDER_FORWARD && f->kind != MAIL_FORWARD &&
		     !is_introduced(f->first, f->at);
	f->bare = true;
	if (!*ret_found) {
		/* What was forwarded is the message; what that answered is older. */
		f->at = f->first = lines_skip_blank(skip_head(behind));
		f->kind = MAIL_REPLY;
		f->block = NULL;
	}
	return true;
}

size_t mail_quote_find(const char *text, enum mail_kind kind)
{
	const char *first = lines_skip_blank(text);
	struct finder f = {.kind = kind, .first = first, .at = first};
	bool found = false;

	while (*f.at != '\0' && !found) {
		if (*f.at == '>' && strncmp(f.at, ">>> ", 4) != 0) {
			if (f.block == NULL)
				f.block = f.at;
		} else if (!lines_blank(f.at)) {
			if (f.block != NULL && is_footer(f.at))
				break;
			if (at_attribution(&f, &found) || at_border(&f, &found))
				continue;
			f.block = NULL; /* something new behind the '>' lines */
		}
		f.at = lines_next(f.at);
	}
	if (!found || !f.bare)
		f.at = f.block;
	if (f.at == NULL || f.at <= f.first)
		return 0;
	if (!found && (f.kind == MAIL_NEW || is_introduced(f.first, f.at)))
		return 0;
	if (found && f.bare && (answers_below(f.first, f.at) || is_wordless(f.first, f.at)))
		return 0;
	return (size_t)(f.at - text);
}

/* ---- what kind of message ---- */

static const char *skip_tags(const char *s)
{
	const char *end;

	for (s += strspn(s, " "); *s == '['; s = end + 1 + strspn(end + 1, " "))
		if ((end = strchr(s, ']')) == NULL || end - s > 40)
			break;
	return s;
}

/* "Re:", "RE :", "Re[2]:", "Re (3):" */
static bool is_prefix(const char *s, const char *const *words)
{
	for (; *words != NULL; words++) {
		size_t n = strlen(*words);

		if (strncasecmp(s, *words, n) != 0)
			continue;
		n += strspn(s + n, " .[](0123456789)");
		if (s[n] == '\xc2' && s[n + 1] == '\xa0')
			n += 2;
		if (s[n] == ':')
			return true;
	}
	return false;
}

enum mail_kind mail_kind_of(const char *subject, bool refs)
{
	static const char *const replies[] = {"re",  "antw", "antwoord", "aw",	"betr", "sv",
					      "réf", "rép",  "rif",	 "odp", NULL};
	static const char *const forwards[] = {"fw", "fwd", "doorst", "doorgestuurd",	"tr",
					       "wg", "vb",  "vs",     "weitergeleitet", "i",
					       NULL};

	subject = skip_tags(subject != NULL ? subject : "");
	if (is_prefix(subject, forwards))
		return MAIL_FORWARD;
	return refs || is_prefix(subject, replies) ? MAIL_REPLY : MAIL_NEW;
}
