/* An invitation without any text: what, when and where, out of its calendar (RFC 5545). */
#include <string.h>
#include <strings.h>
#include "mail_lines.h"
#include "mail_parts.h"
#include "mail_text.h"

#define CALENDAR_BYTES_MAX 65536
#define VALUE_BYTES_MAX 1000

/* Value of the first line "NAME;…:value" of an event, its folded lines joined. */
static bool find_value(const char *event, const char *name, struct buf *ret)
{
	size_t n = strlen(name);

	buf_reset(ret);
	for (const char *s = event; *s != '\0'; s = lines_next(s)) {
		const char *colon = s + strcspn(s, ":\n");

		if (strncasecmp(s, name, n) != 0 || (s[n] != ':' && s[n] != ';') || *colon != ':')
			continue;
		buf_add(ret, colon + 1, lines_len(colon + 1));
		for (s = lines_next(s); (*s == ' ' || *s == '\t') && ret->len < VALUE_BYTES_MAX;
		     s = lines_next(s))
			buf_add(ret, s + 1, lines_len(s + 1));
		return ret->len > 0;
	}
	return false;
}

/* "Stadhuis\, zaal 2" -> "Stadhuis, zaal 2" */
static void put_text(struct buf *out, const struct buf *value)
{
	for (size_t i = 0; i < value->len && i < VALUE_BYTES_MAX; i++) {
		char c = value->data[i];

		if (c == '\\' && i + 1 < value->len) {
			c = value->data[++i];
			c = c == 'n' || c == 'N' ? '\n' : c;
		}
		if (c != '\r')
			buf_add_char(out, c);
	}
	buf_add_char(out, '\n');
}

/* "20261201T130000Z" -> "2026-12-01 13:00 UTC"; a day alone stays one. */
static void put_time(struct buf *out, const struct buf *value)
{
	const char *s = value->data;

	if (strspn(s, "0123456789") != 8)
		return;
	buf_printf(out, "%.4s-%.2s-%.2s", s, s + 4, s + 6);
	if (s[8] == 'T' && strspn(s + 9, "0123456789") == 6)
		buf_printf(out, " %.2s:%.2s%s", s + 9, s + 11, s[15] == 'Z' ? " UTC" : "");
	buf_add_char(out, '\n');
}

void mail_calendar_text(struct mail_walk *w)
{
	struct buf text = {0}, value = {0};
	const struct mail_attachment *at = NULL;
	const char *event;

	for (size_t i = 0; i < w->ret->attachment_count && at == NULL; i++)
		if (strcmp(w->ret->attachments[i].type, "text/calendar") == 0)
			at = &w->ret->attachments[i];
	if (at == NULL)
		return;
	mail_text_decode(&text, at->data,
			 at->len < CALENDAR_BYTES_MAX ? at->len : CALENDAR_BYTES_MAX, NULL);
	buf_add_str(&text, "");
	event = text.data != NULL ? strcasestr(text.data, "begin:vevent") : NULL;
	if (event != NULL) {
		if (find_value(event, "SUMMARY", &value))
			put_text(&w->body, &value);
		if (find_value(event, "DTSTART", &value))
			put_time(&w->body, &value);
		if (find_value(event, "LOCATION", &value))
			put_text(&w->body, &value);
	}
	buf_finish(&value);
	buf_finish(&text);
}
