/* The parts of a message: which text is shown, and which files came along. */
#include "mail_parts.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "balie/text.h"
#include "mail_text.h"

#define TEXT_PART_MAX (4u * 1024 * 1024)
#define RETURNED_MAX (64u * 1024)

/* What to do with text met on the way: show it, or take the files only. */
enum take { TAKE_ALL, TAKE_FILES };

static void walk(struct mail_walk *w, GMimeObject *o, int depth, enum take take);

void mail_parts_flaw(struct mail_walk *w, const char *code)
{
	if (w->flaws.len > 0 && strstr(w->flaws.data, code) != NULL)
		return;
	if (w->flaws.len > 400)
		return;
	if (w->flaws.len > 0)
		buf_add_str(&w->flaws, "; ");
	buf_add_str(&w->flaws, code);
}

static bool is_type(GMimeObject *o, const char *type, const char *subtype)
{
	GMimeContentType *ct = g_mime_object_get_content_type(o);

	return ct != NULL && g_mime_content_type_is_type(ct, type, subtype);
}

static GByteArray *bytes_of_part(GMimePart *part)
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

static GByteArray *bytes_of_object(GMimeObject *o)
{
	GByteArray *ret = g_byte_array_new();
	GMimeStream *mem = g_mime_stream_mem_new_with_byte_array(ret);

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(mem), FALSE);
	if (o != NULL)
		g_mime_object_write_to_stream(o, NULL, mem);
	g_object_unref(mem);
	return ret;
}

/* ---- attachments ---- */

void mail_parts_attach(struct mail_walk *w, const char *name, const char *type, const void *data,
		       size_t len)
{
	struct mail_attachment *at, *grown;
	char *copy;

	if (w->ret->attachment_count == w->attachments_cap) {
		w->attachments_cap = w->attachments_cap * 2 + 8;
		grown = arena_alloc(w->arena, w->attachments_cap * sizeof(*grown));
		if (w->ret->attachment_count > 0)
			memcpy(grown, w->ret->attachments,
			       w->ret->attachment_count * sizeof(*grown));
		w->ret->attachments = grown;
	}
	at = &w->ret->attachments[w->ret->attachment_count++];
	at->type = mail_type_clean(w->arena, type);
	at->name = name != NULL ? mail_name_clean(w->arena, name) : "";
	copy = arena_alloc(w->arena, len + 1);
	if (len > 0)
		memcpy(copy, data, len);
	at->data = copy;
	at->len = len;
	if (strcasecmp(at->name, "winmail.dat") == 0)
		mail_parts_flaw(w, "hidden-files");
}

/* Files without a name get one that says what they are. */
static const char *name_of(struct mail_walk *w, const char *type)
{
	static const struct {
		const char *type, *word, *ending;
	} known[] = {
		{"image/jpeg", "image", "jpg"},
		{"image/png", "image", "png"},
		{"image/gif", "image", "gif"},
		{"image/", "image", "img"},
		{"text/calendar", "calendar", "ics"},
		{"text/html", "page", "html"},
		{"text/rfc822-headers", "headers", "txt"},
		{"text/", "text", "txt"},
		{"message/delivery-status", "delivery-status", "txt"},
		{"message/", "message", "eml"},
		{"application/pdf", "document", "pdf"},
		{"application/pkcs7-signature", "smime", "p7s"},
		{"application/pgp-signature", "signature", "asc"},
		{"application/ms-tnef", "winmail", "dat"},
	};
	size_t n = w->ret->attachment_count + 1;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(type, known[i].type, strlen(known[i].type)) == 0)
			return arena_printf(w->arena, "%s-%zu.%s", known[i].word, n,
					    known[i].ending);
	return arena_printf(w->arena, "attachment-%zu.bin", n);
}

static void attach_bytes(struct mail_walk *w, GMimeObject *o, const char *name, GByteArray *bytes)
{
	GMimeContentType *ct = g_mime_object_get_content_type(o);
	char *declared = ct != NULL ? g_mime_content_type_get_mime_type(ct) : NULL;
	const char *type = mail_type_clean(w->arena, declared), *clean = NULL;

	if (name != NULL && name[0] != '\0')
		clean = mail_name_clean(w->arena, name);
	if (clean == NULL || clean[0] == '\0')
		clean = name_of(w, type);
	mail_parts_attach(w, clean, type, bytes->data, bytes->len);
	g_free(declared);
}

static void attach_part(struct mail_walk *w, GMimePart *part)
{
	GByteArray *bytes = bytes_of_part(part);

	attach_bytes(w, GMIME_OBJECT(part), g_mime_part_get_filename(part), bytes);
	g_byte_array_unref(bytes);
}

static void attach_message(struct mail_walk *w, GMimeMessagePart *part)
{
	GMimeMessage *inner = g_mime_message_part_get_message(part);
	const char *subject = inner != NULL ? g_mime_message_get_subject(inner) : NULL;
	GByteArray *bytes = bytes_of_object(inner != NULL ? GMIME_OBJECT(inner) : NULL);
	const char *name =
		g_mime_object_get_content_disposition_parameter(GMIME_OBJECT(part), "filename");

	if (name == NULL && subject != NULL && subject[0] != '\0') {
		/* A subject is no path: what stands before its last '/' is part of the name. */
		char *flat = arena_strdup(w->arena, subject);

		for (char *p = flat; *p != '\0'; p++)
			if (*p == '/' || *p == '\\')
				*p = '-';
		name = arena_printf(w->arena, "%s.eml", flat);
	}
	attach_bytes(w, GMIME_OBJECT(part), name, bytes);
	g_byte_array_unref(bytes);
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

static void text_of_part(struct mail_walk *w, GMimePart *part, struct buf *ret)
{
	GMimeObject *o = GMIME_OBJECT(part);
	const char *charset = g_mime_object_get_content_type_parameter(o, "charset");
	const char *format = g_mime_object_get_content_type_parameter(o, "format");
	const char *delsp = g_mime_object_get_content_type_parameter(o, "delsp");
	GByteArray *bytes = bytes_of_part(part);
	const char *data = bytes->len > 0 ? (const char *)bytes->data : "";
	size_t len = bytes->len;
	struct buf text = {0};
	bool page;

	if (len > TEXT_PART_MAX) {
		len = TEXT_PART_MAX;
		mail_parts_flaw(w, "text-cut");
	}
	page = is_type(o, "text", "html") || looks_like_page(data, len);
	if (page && charset == NULL)
		charset = charset_of_page(w, data, len);
	mail_text_decode(&text, data, len, charset);
	if (page) {
		if (!mail_html_to_text(ret, text.data != NULL ? text.data : "", text.len))
			mail_parts_flaw(w, "text-cut");
	} else if (format != NULL && strcasecmp(format, "flowed") == 0) {
		mail_text_unflow(ret, text.data != NULL ? text.data : "", text.len,
				 delsp != NULL && strcasecmp(delsp, "yes") == 0);
	} else {
		buf_add(ret, text.data != NULL ? text.data : "", text.len);
	}
	buf_finish(&text);
	g_byte_array_unref(bytes);
}

static bool is_blank(const struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (strchr(" \t\r\n", b->data[i]) == NULL || b->data[i] == '\0')
			return false;
	return true;
}

static void add_text(struct mail_walk *w, GMimePart *part)
{
	struct buf text = {0};

	text_of_part(w, part, &text);
	if (!is_blank(&text)) {
		if (w->body.len > 0)
			buf_add_str(&w->body,
				    w->body.data[w->body.len - 1] == '\n' ? "\n" : "\n\n");
		buf_add(&w->body, text.data, text.len);
	}
	buf_finish(&text);
}

/* Text to show, as against a file that happens to be text. */
static bool is_shown_text(GMimeObject *o)
{
	if (!GMIME_IS_PART(o) || !is_type(o, "text", "*"))
		return false;
	if (is_type(o, "text", "calendar") || is_type(o, "text", "rfc822-headers") ||
	    is_type(o, "text", "vcard") || is_type(o, "text", "x-vcard") ||
	    is_type(o, "text", "csv"))
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

/* Of several versions of one text, the plain one when it says anything, else the last, richest one.
 * The others still give their files: Apple Mail puts attachments within the richer version. */
static void walk_alternative(struct mail_walk *w, GMimeMultipart *m, int depth, enum take take)
{
	int count = g_mime_multipart_get_count(m);
	GMimeObject *chosen = NULL, *child;
	struct buf text = {0};

	for (int i = 0; i < count && i < MAIL_PARTS_MAX && chosen == NULL; i++) {
		child = g_mime_multipart_get_part(m, i);
		if (!is_type(child, "text", "plain") || !is_shown_text(child))
			continue;
		buf_reset(&text);
		text_of_part(w, GMIME_PART(child), &text);
		if (!is_blank(&text))
			chosen = child;
	}
	for (int i = count - 1; i >= 0 && chosen == NULL; i--) {
		child = g_mime_multipart_get_part(m, i);
		if (is_shown_text(child) || GMIME_IS_MULTIPART(child))
			chosen = child;
	}
	buf_finish(&text);
	walk_children(w, m, depth, take, chosen);
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

	if (is_type(o, "message", "delivery-status") ||
	    is_type(o, "message", "global-delivery-status"))
		into = &w->report;
	else if (GMIME_IS_MESSAGE_PART(o) || is_type(o, "text", "rfc822-headers") ||
		 is_type(o, "message", "*"))
		into = &w->returned;
	if (into == NULL || into->len > RETURNED_MAX)
		return;
	bytes = bytes_of_object(o);
	for (size_t i = 0; i < bytes->len && into->len <= RETURNED_MAX; i++)
		buf_add_char(into, bytes->data[i] != '\0' ? (char)bytes->data[i] : ' ');
	g_byte_array_unref(bytes);
}

static void walk(struct mail_walk *w, GMimeObject *o, int depth, enum take take)
{
	if (o == NULL)
		return;
	if (++w->parts > MAIL_PARTS_MAX) {
		mail_parts_flaw(w, "too-many-parts");
		return;
	}
	if (depth > MAIL_DEPTH_MAX) {
		mail_parts_flaw(w, "too-deep");
		return;
	}
	keep_report(w, o);
	if (GMIME_IS_MULTIPART(o)) {
		if (is_type(o, "multipart", "alternative"))
			walk_alternative(w, GMIME_MULTIPART(o), depth, take);
		else if (is_type(o, "multipart", "related"))
			walk_related(w, GMIME_MULTIPART(o), depth, take);
		else
			walk_children(w, GMIME_MULTIPART(o), depth, take, NULL);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		attach_message(w, GMIME_MESSAGE_PART(o));
	} else if (is_shown_text(o)) {
		if (take == TAKE_ALL)
			add_text(w, GMIME_PART(o));
	} else if (GMIME_IS_PART(o)) {
		attach_part(w, GMIME_PART(o));
	}
}

void mail_parts_walk(struct mail_walk *w, GMimeObject *top)
{
	walk(w, top, 0, TAKE_ALL);
}
