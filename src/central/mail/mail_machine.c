/* Who wrote: a person or a machine (RFC 3834, RFC 3464, and what mail programs do in its place). */
#include "mail_parts.h"
#include <string.h>
#include <strings.h>
#include "balie/model.h"

#define ID_BYTES_MAX 500
#define REPORT_LINE_MAX 400

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
	bool daemon = local_part_is(from, "mailer-daemon") || local_part_is(from, "mail-daemon");

	if (is_report(m, "delivery-status") || header(m, "X-Failed-Recipients") != NULL || daemon)
		return true;
	return (local_part_is(from, "postmaster") || null_return_path(m)) &&
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

static bool is_list(GMimeMessage *m)
{
	const char *precedence = header(m, "Precedence");

	if (header(m, "List-Id") != NULL)
		return true;
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
	if (is_list(m))
		return SENDER_LIST;
	if (person)
		return SENDER_PERSON;
	if (is_auto_reply(m, subject))
		return SENDER_AUTO_REPLY;
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

/* "rfc822;an@example.be" -> "an@example.be" */
static const char *report_address(struct arena *a, const char *report)
{
	const char *value = line_value(a, report, "Final-Recipient"), *sep;
	char clean[255];

	if (value == NULL)
		value = line_value(a, report, "Original-Recipient");
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

void mail_bounce_read(struct mail_walk *w)
{
	static const char *const names[] = {"Message-ID", "In-Reply-To", "References"};
	struct mail_parsed *ret = w->ret;
	const char *text = w->returned.len > 0 ? w->returned.data : ret->body, *value;
	const char *report = w->report.len > 0 ? w->report.data : ret->body;

	ret->failed = report_address(w->arena, report);
	ret->status = report_status(w->arena, report);
	value = line_value(w->arena, report, "Action");
	ret->delayed = value != NULL && first_word(value, "delayed");
	ret->returned = arena_strdup(w->arena, text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = line_value(w->arena, text, names[i]);
		if (value != NULL)
			ret->returned_count = mail_ids_scan(w->arena, value, ret->returned_ids,
							    ret->returned_count, MAIL_REFS_MAX);
	}
}
