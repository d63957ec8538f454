/* Who wrote: a person or a machine (RFC 3834, RFC 3464, and what mail programs do in its place). */
#include "mail_parts.h"
#include <string.h>
#include <strings.h>
#include "balie/model.h"

#define ID_BYTES_MAX 500
#define ADDRESSES_LOOKED_AT 1000

static const char *header(GMimeMessage *m, const char *name)
{
	return g_mime_object_get_header(GMIME_OBJECT(m), name);
}

/* The first word of a header's value, in any case: "auto-replied; owner=x" is auto-replied. */
static bool first_word(const char *value, const char *word)
{
	size_t n = strlen(word);

	value += strspn(value, " \t\r\n");
	return strncasecmp(value, word, n) == 0 &&
	       (value[n] == '\0' || strchr(" \t;\r\n(", value[n]));
}

static bool starts_any(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strncasecmp(s, *words, strlen(*words)) == 0)
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

static bool local_part_is(const char *addr, const char *name)
{
	size_t n = strlen(name);

	return addr != NULL && strncasecmp(addr, name, n) == 0 && addr[n] == '@';
}

static bool null_return_path(GMimeMessage *m)
{
	const char *path = header(m, "Return-Path");

	if (path == NULL)
		return false;
	path += strspn(path, " \t");
	return strncmp(path, "<>", 2) == 0;
}

static bool is_report(GMimeMessage *m, const char *type)
{
	GMimeObject *part = g_mime_message_get_mime_part(m);
	GMimeContentType *ct = part != NULL ? g_mime_object_get_content_type(part) : NULL;
	const char *value;

	if (ct == NULL || !g_mime_content_type_is_type(ct, "multipart", "report"))
		return false;
	value = g_mime_content_type_get_parameter(ct, "report-type");
	return value != NULL && strcasecmp(value, type) == 0;
}

static bool is_bounce(GMimeMessage *m, const char *from, const char *subject)
{
	static const char *const words[] = {"undeliverable",
					    "undelivered mail",
					    "delivery status notification",
					    "failure notice",
					    "mail delivery fail",
					    "delivery failure",
					    "returned mail",
					    "mail delivery system",
					    "onbestelbaar",
					    "niet bezorgd",
					    "niet afgeleverd",
					    "kan niet worden bezorgd",
					    "non remis",
					    "unzustellbar",
					    "delivery has failed",
					    "could not be delivered",
					    "message delivery",
					    "mail system error",
					    "mislukte bezorging",
					    NULL};
	const char *raw = header(m, "From"), *path = header(m, "Return-Path");
	bool daemon = local_part_is(from, "mailer-daemon") || local_part_is(from, "mail-daemon");

	/* "MAILER-DAEMON <>" is no address. */
	if (from == NULL && raw != NULL)
		daemon = strcasestr(raw, "mailer-daemon") != NULL;
	if (path != NULL && strncasecmp(path + strspn(path, " <"), "mailer-daemon", 13) == 0)
		daemon = true;
	if (is_report(m, "delivery-status") || header(m, "X-Failed-Recipients") != NULL || daemon)
		return true;
	return (from == NULL || local_part_is(from, "postmaster") ||
		local_part_is(from, "mail.delivery.system") || null_return_path(m)) &&
	       holds_any(subject, words);
}

static bool is_auto_reply(GMimeMessage *m, const char *subject)
{
	static const char *const prefixes[] = {"afwezig:",
					       "automatisch antwoord:",
					       "automatisch bericht:",
					       "automatic reply:",
					       "auto:",
					       "out of office",
					       "autoreply:",
					       "auto-reply:",
					       "auto reply:",
					       "réponse automatique",
					       "absence du bureau",
					       "abwesenheit",
					       "automatische antwort",
					       "niet aanwezig:",
					       "afwezigheidsbericht",
					       NULL};
	const char *value = header(m, "Auto-Submitted"), *precedence = header(m, "Precedence");

	if (value != NULL && first_word(value, "auto-replied"))
		return true;
	if (precedence != NULL && first_word(precedence, "auto_reply"))
		return true;
	if (header(m, "X-Autoreply") != NULL || header(m, "X-Autorespond") != NULL ||
	    header(m, "X-Auto-Reply-From") != NULL)
		return true;
	return starts_any(subject, prefixes);
}

/* Exchange sets DR, RN and the like on what people write; OOF, AutoReply and All speak of machines. */
static bool suppresses_answers(GMimeMessage *m)
{
	static const char *const words[] = {"all", "oof", "autoreply", NULL};
	const char *value = header(m, "X-Auto-Response-Suppress");

	return value != NULL && holds_any(value, words);
}

static bool is_bulk(GMimeMessage *m)
{
	const char *precedence = header(m, "Precedence");

	return precedence != NULL &&
	       (first_word(precedence, "list") || first_word(precedence, "bulk") ||
		first_word(precedence, "junk"));
}

int mail_machine_sender(GMimeMessage *m, const char *from_addr)
{
	const char *subject = g_mime_message_get_subject(m);
	const char *submitted = header(m, "Auto-Submitted");
	bool person = submitted != NULL && first_word(submitted, "no");

	if (subject == NULL)
		subject = "";
	subject += strspn(subject, " \t");
	if (is_bounce(m, from_addr, subject))
		return SENDER_BOUNCE;
	if (header(m, "List-Id") != NULL)
		return SENDER_LIST;
	if (person)
		return SENDER_PERSON;
	/* Gmail sends its out-of-office with Precedence: bulk. */
	if (is_auto_reply(m, subject))
		return SENDER_AUTO_REPLY;
	if (is_bulk(m))
		return SENDER_LIST;
	if (is_report(m, "disposition-notification") || is_report(m, "feedback-report") ||
	    submitted != NULL || suppresses_answers(m) || null_return_path(m))
		return SENDER_MACHINE;
	return SENDER_PERSON;
}

/* ---- what a bounce tells ---- */

size_t mail_ids_scan(struct arena *a, const char *text, const char **ids, size_t count, size_t max)
{
	const char *end;
	size_t n;

	while (count < max && (text = strchr(text, '<')) != NULL) {
		text++;
		n = strcspn(text, "<> \t\r\n");
		end = text + n;
		if (*end != '>' || n == 0 || memchr(text, '@', n) == NULL)
			continue;
		ids[count++] = arena_strndup(a, text, n < ID_BYTES_MAX ? n : ID_BYTES_MAX);
		text = end;
	}
	return count;
}

/* Value of the first "NAME: value" line, folded lines joined; NULL when there is none. */
static char *line_value(struct arena *a, const char *text, const char *name)
{
	struct buf value = {0};
	size_t n = strlen(name), len;
	char *ret = NULL;

	for (; *text != '\0'; text += strcspn(text, "\n"), text += *text == '\n') {
		const char *p = text + strspn(text, " \t>");

		if (strncasecmp(p, name, n) != 0 || p[n] != ':')
			continue;
		p += n + 1;
		do {
			len = strcspn(p, "\r\n");
			buf_add(&value, p, len);
			p += len;
			p += *p == '\r';
			p += *p == '\n';
		} while ((*p == ' ' || *p == '\t') && value.len < 4000);
		ret = arena_strndup(a, value.data, value.len);
		break;
	}
	buf_finish(&value);
	return ret;
}

/* "rfc822;an@example.be" -> "an@example.be". What was given at first is what we wrote to; the final
 * one may stand behind a forward, or be a number in a directory. */
static const char *report_address(struct arena *a, const char *report, const char *name)
{
	const char *value = line_value(a, report, name), *sep;
	char clean[255];

	if (value == NULL)
		return NULL;
	sep = strchr(value, ';');
	value = sep != NULL ? sep + 1 : value;
	value += strspn(value, " \t<");
	value = arena_strndup(a, value, strcspn(value, " \t>"));
	return email_parse(value, clean) == CHECK_OK ? arena_strdup(a, clean) : NULL;
}

static const char *report_status(struct arena *a, const char *report)
{
	const char *value = line_value(a, report, "Status");
	size_t n;

	if (value == NULL)
		return NULL;
	value += strspn(value, " \t");
	n = strspn(value, "0123456789.");
	return n >= 5 && n <= 11 ? arena_strndup(a, value, n) : NULL;
}

/* Without a report: "550 5.1.1 No such user", "#5.1.1". */
static const char *text_status(struct arena *a, const char *text)
{
	for (const char *p = text; (p = strpbrk(p, "45")) != NULL; p++) {
		size_t n = strspn(p, "0123456789.");

		if ((p == text || strchr(" #(\n-[", p[-1]) != NULL) && n >= 5 && n <= 9 &&
		    p[1] == '.' && p[2] >= '0' && p[2] <= '9' && p[3] == '.' && p[4] != '.')
			return arena_strndup(a, p, p[n - 1] == '.' ? n - 1 : n);
	}
	return NULL;
}

/* How much of the text a mailer wrote itself: behind it stands the message that came back. */
static size_t report_length(const char *text)
{
	static const char *const starts[] = {"--- Below this line",
					     "Return-Path:",
					     "Received:",
					     "Message-ID:",
					     "------ This is a copy",
					     "----- Original",
					     "----- Unsent message",
					     "From:",
					     "--- Undelivered message",
					     "Original message",
					     NULL};
	const char *s = text;

	while (*s != '\0' && !starts_any(s, starts)) {
		s = strchrnul(s, '\n');
		s += *s == '\n';
	}
	return (size_t)(s - text);
}

/* Without a report: the one address that the text names before what came back. With two of them
 * nobody knows which. own: that of the program itself. */
static const char *text_address(struct arena *a, const char *text, const char *own)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"._+=-";
	const char *stop = text + report_length(text), *ret = NULL, *from, *at = text;
	char clean[255], *word;
	size_t n;

	for (int i = 0; i < ADDRESSES_LOOKED_AT; i++) {
		if ((at = memchr(at, '@', (size_t)(stop - at))) == NULL)
			break;
		for (from = at; from > text && strchr(letters, from[-1]) != NULL;)
			from--;
		n = (size_t)(at - from) + 1 + strspn(at + 1, letters);
		while (n > 0 && strchr(".-", from[n - 1]) != NULL)
			n--;
		at++;
		if (n > 320)
			continue;
		word = arena_strndup(a, from, n);
		if (email_parse(word, clean) != CHECK_OK ||
		    (own != NULL && strcasecmp(clean, own) == 0) ||
		    local_part_is(clean, "mailer-daemon") || local_part_is(clean, "postmaster"))
			continue;
		if (ret != NULL && strcasecmp(ret, clean) != 0)
			return NULL;
		if (ret == NULL)
			ret = arena_strdup(a, clean);
	}
	return ret;
}

static void read_failed(struct mail_walk *w, GMimeMessage *m, const char *report)
{
	const char *failed = header(m, "X-Failed-Recipients");
	struct mail_parsed *ret = w->ret;
	const char *action = line_value(w->arena, report, "Action");

	ret->failed = report_address(w->arena, report, "Original-Recipient");
	if (ret->failed == NULL)
		ret->failed = report_address(w->arena, report, "Final-Recipient");
	ret->status = report_status(w->arena, report);
	if (ret->failed == NULL && failed != NULL)
		ret->failed = text_address(w->arena, failed, NULL);
	if (w->report.len == 0 && ret->failed == NULL)
		ret->failed = text_address(w->arena, ret->body, ret->from_addr);
	if (ret->status == NULL)
		ret->status = text_status(w->arena, ret->body);
	if (action != NULL) {
		action += strspn(action, " \t");
		ret->delayed = strncasecmp(action, "failed", 6) != 0;
	} else {
		ret->delayed = ret->status != NULL && ret->status[0] == '4' &&
			       strcasestr(ret->body, "still") != NULL;
	}
}

void mail_bounce_read(struct mail_walk *w, GMimeMessage *m)
{
	static const char *const names[] = {"Message-ID", "In-Reply-To", "References"};
	struct mail_parsed *ret = w->ret;
	const char *text = w->returned.len > 0 ? w->returned.data : ret->body, *value;
	const char *report = w->report.len > 0 ? w->report.data : ret->body;

	read_failed(w, m, report);
	ret->returned = arena_strdup(w->arena, text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = line_value(w->arena, text, names[i]);
		if (value != NULL)
			ret->returned_count = mail_ids_scan(w->arena, value, ret->returned_ids,
							    ret->returned_count, MAIL_REFS_MAX);
	}
}
