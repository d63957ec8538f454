/* The parts of a message: which text is shown, and which files came along. */
#include "mail_parts.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "balie/text.h"
#include "mail_child.h"
#include "mail_text.h"

#define TEXT_PART_MAX (4u * 1024 * 1024)
#define EXCUSE_BYTES 400
#define RETURNED_MAX (64u * 1024)
#define FLAWS_BYTES 380 /* so that all of it goes in a reason */

/* What to do with text met on the way: show it, or take the files only. */
enum take { TAKE_ALL, TAKE_FILES };

static void walk(struct mail_walk *w, GMimeObject *o, int depth, enum take take);

/* Is code, with what it is about, told already? */
static bool has_flaw(const struct buf *flaws, const char *code, size_t len)
{
	const char *s = flaws->data;

	for (; s != NULL && (s = strstr(s, code)) != NULL; s++)
		if ((s == flaws->data || s[-1] == ' ') && (s[len] == '\0' || s[len] == ';'))
			return true;
	return false;
}

void mail_parts_flaw(struct mail_walk *w, const char *code, const char *about)
{
	char *flaw = about != NULL ? arena_printf(w->arena, "%s %s", code, about)
				   : arena_strdup(w->arena, code);

	/* "; " stands between them. */
	for (char *p = flaw; *p != '\0'; p++)
		if (*p == ';')
			*p = ',';
	if (has_flaw(&w->flaws, flaw, strlen(flaw)) || w->flaws.len + strlen(flaw) > FLAWS_BYTES)
		return;
	if (w->flaws.len > 0)
		buf_add_str(&w->flaws, "; ");
	buf_add_str(&w->flaws, flaw);
}

bool mail_parts_is(GMimeObject *o, const char *type, const char *subtype)
{
	GMimeContentType *ct = g_mime_object_get_content_type(o);

	return ct != NULL && g_mime_content_type_is_type(ct, type, subtype);
}

GByteArray *mail_parts_bytes(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GByteArray *ret = g_byte_array_new();
	GMimeStream *mem = g_mime_stream_mem_new_with_byte_array(ret);

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(mem), FALSE);
	if (content != NULL)
		g_mime_data_wrapper_write_to_stream(content, mem);
	g_object_unref(mem);
	return ret;
}

GByteArray *mail_parts_write(GMimeObject *o)
{
	GByteArray *ret = g_byte_array_new();
	GMimeStream *mem = g_mime_stream_mem_new_with_byte_array(ret);

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(mem), FALSE);
	if (o != NULL)
		g_mime_object_write_to_stream(o, NULL, mem);
	g_object_unref(mem);
	return ret;
}

/* ---- text ---- */

/* charset=… in the first bytes of a page, for mails that say nothing themselves. */
static const char *charset_of_page(struct mail_walk *w, const char *html, size_t len)
{
	char *head = arena_strndup(w->arena, html, len < 2048 ? len : 2048);
	const char *at = strcasestr(head, "charset=");

	if (at == NULL)
		return NULL;
	at += strlen("charset=");
	at += strspn(at, "\"' ");
	return arena_strndup(w->arena, at, strcspn(at, "\"' ;/>"));
}

static bool looks_like_page(const char *s, size_t len)
{
	char start[65];
	size_t n = 0;

	while (len > 0 && strchr(" \t\r\n", *s) != NULL && *s != '\0')
		s++, len--;
	for (; n < sizeof(start) - 1 && n < len; n++)
		start[n] = s[n];
	start[n] = '\0';
	return strncasecmp(start, "<html", 5) == 0 || strncasecmp(start, "<!doctype html", 14) == 0;
}

/* A page that the child could not read goes along as a file. */
static void add_page(struct mail_walk *w, GMimePart *part, const struct buf *page, struct buf *ret)
{
	bool whole = true;

	if (!mail_child_html(ret, page->data != NULL ? page->data : "", page->len, &whole)) {
		mail_parts_flaw(w, "html-unreadable", NULL);
		mail_files_add_part(w, part);
	} else if (!whole) {
		mail_parts_flaw(w, "text-cut", NULL);
	}
}

static void text_of_part(struct mail_walk *w, GMimePart *part, struct buf *ret)
{
	GMimeObject *o = GMIME_OBJECT(part);
	const char *charset = g_mime_object_get_content_type_parameter(o, "charset");
	const char *format = g_mime_object_get_content_type_parameter(o, "format");
	const char *delsp = g_mime_object_get_content_type_parameter(o, "delsp");
	GByteArray *bytes = mail_parts_bytes(part);
	const char *data = bytes->len > 0 ? (const char *)bytes->data : "";
	size_t len = bytes->len;
	struct buf text = {0};
	bool page;

	if (len > TEXT_PART_MAX) {
		len = TEXT_PART_MAX;
		mail_parts_flaw(w, "text-cut", NULL);
	}
	page = mail_parts_is(o, "text", "html") || looks_like_page(data, len);
	if (page && charset == NULL)
		charset = charset_of_page(w, data, len);
	mail_text_decode(&text, data, len, charset);
	if (page)
		add_page(w, part, &text, ret);
	else if (format != NULL && strcasecmp(format, "flowed") == 0)
		mail_text_unflow(ret, text.data != NULL ? text.data : "", text.len,
				 delsp != NULL && strcasecmp(delsp, "yes") == 0);
	else
		buf_add(ret, text.data != NULL ? text.data : "", text.len);
	buf_finish(&text);
	g_byte_array_unref(bytes);
}

bool mail_parts_blank(const struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (strchr(" \t\r\n", b->data[i]) == NULL || b->data[i] == '\0')
			return false;
	return true;
}

static void append_text(struct mail_walk *w, const struct buf *text)
{
	if (mail_parts_blank(text))
		return;
	if (w->body.len > 0)
		buf_add_str(&w->body, w->body.data[w->body.len - 1] == '\n' ? "\n" : "\n\n");
	buf_add(&w->body, text->data, text->len);
}

static void add_text(struct mail_walk *w, GMimePart *part)
{
	struct buf text = {0};

	text_of_part(w, part, &text);
	append_text(w, &text);
	buf_finish(&text);
}

/* "Your program cannot show HTML": the other version is the message. */
static bool is_excuse(const struct buf *text)
{
	static const char *const words[] = {"support html",    "html-enabled",	    "html email",
					    "view html",       "html format",	    "geen html",
					    "html-bericht",    "html-weergave",	    "in html",
					    "format html",     "html-nachricht",    "kein html",
					    "view this email", "view this message", NULL};

	if (text->len > EXCUSE_BYTES)
		return false;
	for (int i = 0; words[i] != NULL; i++)
		if (strcasestr(text->data, words[i]) != NULL)
			return true;
	return false;
}

/* Text to show, as against a file that happens to be text. */
static bool is_shown_text(GMimeObject *o)
{
	if (!GMIME_IS_PART(o) || !mail_parts_is(o, "text", "*"))
		return false;
	if (mail_parts_is(o, "text", "calendar") || mail_parts_is(o, "text", "rfc822-headers") ||
	    mail_parts_is(o, "text", "vcard") || mail_parts_is(o, "text", "x-vcard") ||
	    mail_parts_is(o, "text", "csv"))
		return false;
	return !g_mime_part_is_attachment(GMIME_PART(o)) &&
	       g_mime_part_get_filename(GMIME_PART(o)) == NULL;
}

/* ---- the tree ---- */

static void walk_children(struct mail_walk *w, GMimeMultipart *m, int depth, enum take take,
			  GMimeObject *only)
{
	int count = g_mime_multipart_get_count(m);
	GMimeObject *child;

	for (int i = 0; i < count; i++) {
		child = g_mime_multipart_get_part(m, i);
		walk(w, child, depth + 1, only == NULL || child == only ? take : TAKE_FILES);
	}
}

static bool holds_page(GMimeMultipart *m)
{
	int count = g_mime_multipart_get_count(m);

	for (int i = 0; i < count && i < MAIL_PARTS_MAX; i++)
		if (mail_parts_is(g_mime_multipart_get_part(m, i), "text", "html"))
			return true;
	return false;
}

/* Of several versions of one text, the plain one when it says anything, else the last, richest one.
 * The others still give their files: Apple Mail puts attachments within the richer version. */
static void walk_alternative(struct mail_walk *w, GMimeMultipart *m, int depth, enum take take)
{
	int count = g_mime_multipart_get_count(m);
	GMimeObject *chosen = NULL, *child;
	struct buf text = {0};
	bool plain = false;

	for (int i = 0; i < count && i < MAIL_PARTS_MAX && !plain; i++) {
		child = g_mime_multipart_get_part(m, i);
		if (!mail_parts_is(child, "text", "plain") || !is_shown_text(child))
			continue;
		buf_reset(&text);
		text_of_part(w, GMIME_PART(child), &text);
		plain = !mail_parts_blank(&text) && !(is_excuse(&text) && holds_page(m));
	}
	for (int i = count - 1; i >= 0 && chosen == NULL && !plain; i--) {
		child = g_mime_multipart_get_part(m, i);
		if (is_shown_text(child) || GMIME_IS_MULTIPART(child))
			chosen = child;
	}
	if (plain && take == TAKE_ALL)
		append_text(w, &text);
	buf_finish(&text);
	walk_children(w, m, depth, chosen != NULL ? take : TAKE_FILES, chosen);
}

/* The first part of related is what is shown; pictures follow. */
static void walk_related(struct mail_walk *w, GMimeMultipart *m, int depth, enum take take)
{
	GMimeObject *first = NULL;

	if (g_mime_multipart_get_count(m) > 0)
		first = g_mime_multipart_get_part(m, 0);
	walk_children(w, m, depth, take, first);
}

static void keep_report(struct mail_walk *w, GMimeObject *o)
{
	struct buf *into = NULL;
	GByteArray *bytes;

	if (mail_parts_is(o, "message", "delivery-status") ||
	    mail_parts_is(o, "message", "global-delivery-status"))
		into = &w->report;
	else if (GMIME_IS_MESSAGE_PART(o) || mail_parts_is(o, "text", "rfc822-headers") ||
		 mail_parts_is(o, "message", "*"))
		into = &w->returned;
	if (into == NULL || into->len > RETURNED_MAX)
		return;
	bytes = mail_parts_write(o);
	for (size_t i = 0; i < bytes->len && into->len <= RETURNED_MAX; i++)
		buf_add_char(into, bytes->data[i] != '\0' ? (char)bytes->data[i] : ' ');
	g_byte_array_unref(bytes);
}

static void walk(struct mail_walk *w, GMimeObject *o, int depth, enum take take)
{
	if (o == NULL)
		return;
	if (++w->parts > MAIL_PARTS_MAX) {
		mail_parts_flaw(w, "too-many-parts", NULL);
		return;
	}
	if (depth > MAIL_DEPTH_MAX) {
		mail_parts_flaw(w, "too-deep", NULL);
		return;
	}
	keep_report(w, o);
	mail_files_tell_sealed(w, o);
	if (GMIME_IS_MULTIPART(o)) {
		if (mail_parts_is(o, "multipart", "alternative"))
			walk_alternative(w, GMIME_MULTIPART(o), depth, take);
		else if (mail_parts_is(o, "multipart", "related"))
			walk_related(w, GMIME_MULTIPART(o), depth, take);
		else
			walk_children(w, GMIME_MULTIPART(o), depth, take, NULL);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		mail_files_add_message(w, GMIME_MESSAGE_PART(o));
	} else if (is_shown_text(o)) {
		if (take == TAKE_ALL)
			add_text(w, GMIME_PART(o));
	} else if (GMIME_IS_PART(o)) {
		mail_files_add_part(w, GMIME_PART(o));
	}
}

void mail_parts_walk(struct mail_walk *w, GMimeObject *top)
{
	walk(w, top, 0, TAKE_ALL);
}
