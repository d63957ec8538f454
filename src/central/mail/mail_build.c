/* From a struct to the bytes of a message, by GMime. What it cannot be trusted with is done here: no
 * value with a line end comes near a header, and what is 8 bits wide is coded. */
#include "mail_build.h"
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "mail_text.h"

#define SUBJECT_BYTES_MAX 500
#define NAME_BYTES_MAX 200
#define ID_BYTES_MAX 250
#define BODY_BYTES_MAX (4u * 1024 * 1024)
#define LINE_BYTES_MAX 900 /* of a body that goes as it is; RFC 5321 has room for 998 */
#define REFS_KEPT 20
#define WORD_BYTES_MAX 42 /* makes an encoded word of at most 75 bytes */

struct build {
	const struct mail_out *m;
	struct arena *arena;
	struct mail_built built;
	const char **recipients;
	GMimeMessage *message;
	struct err *err;
};

static bool refuse(struct build *b, const char *sentence)
{
	err_set(b->err, ERR_INPUT, "%s", sentence);
	return false;
}

/* ---- what is in a header ---- */

static bool header_fits(struct build *b, const char *text, size_t max, const char *what)
{
	if (text == NULL)
		return true;
	if (!text_valid(text, strlen(text)) || !text_plain(text, false)) {
		err_set(b->err, ERR_INPUT, _("%s can hold no line end or control character"), what);
		return false;
	}
	if (strlen(text) > max) {
		err_set(b->err, ERR_INPUT, _("%s is too long"), what);
		return false;
	}
	return true;
}

/* An id without its <>, that can stand in a header as it is. */
static bool id_fits(const char *id)
{
	size_t n = strlen(id), at = strcspn(id, "@");

	if (n > ID_BYTES_MAX || at == 0 || at + 1 >= n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (id[i] < 33 || id[i] > 126 || strchr("<>(),\"\\;", id[i]) != NULL)
			return false;
	return true;
}

static bool token_fits(const char *s)
{
	for (; *s != '\0'; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') && *s != '-')
			return false;
	return true;
}

static void add_recipient(struct build *b, const char *addr)
{
	size_t n = b->built.recipient_count;

	for (size_t i = 0; i < n; i++)
		if (strcmp(b->recipients[i], addr) == 0)
			return;
	b->recipients[n] = addr;
	b->built.recipient_count = n + 1;
}

/* A name that only looks as if it were coded must not become another one on the way. */
static const char *name_plain(struct arena *a, const char *name)
{
	char *ret = arena_strdup(a, name), *at = ret;

	while (at != NULL && (at = strstr(at, "=?")) != NULL)
		at[1] = ' ';
	return ret;
}

static bool add_list(struct build *b, GMimeAddressType type, const char *text)
{
	struct mail_addresses list;

	if (!mail_addresses_parse(text, b->arena, &list, b->err))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const struct mail_address *one = &list.items[i];

		g_mime_message_add_mailbox(b->message, type, name_plain(b->arena, one->name),
					   one->addr);
		b->built.utf8 |= mail_address_needs_utf8(one->addr);
		if (type == GMIME_ADDRESS_TYPE_REPLY_TO)
			continue;
		if (b->built.recipient_count == MAIL_RECIPIENTS_MAX)
			return refuse(b, _("too many people to send one message to"));
		add_recipient(b, one->addr);
	}
	return true;
}

static bool add_from(struct build *b)
{
	struct mail_addresses list;

	if (!header_fits(b, b->m->from_name, NAME_BYTES_MAX, _("the name of the sender")) ||
	    !mail_addresses_parse(b->m->from_addr, b->arena, &list, b->err))
		return false;
	if (list.count != 1)
		return refuse(b, _("a message has one sender"));
	g_mime_message_add_mailbox(b->message, GMIME_ADDRESS_TYPE_FROM,
				   name_plain(b->arena, b->m->from_name), list.items[0].addr);
	b->built.utf8 |= mail_address_needs_utf8(list.items[0].addr);
	return true;
}

/* In Brussels, where who reads it is. */
static void add_date(struct build *b)
{
	struct clock_local at;
	GTimeZone *zone;
	GDateTime *date;
	int64_t offset;

	clock_local(b->m->date, &at);
	/* The same numbers on a clock of UTC are later by the offset. */
	date = g_date_time_new_utc(at.year, at.month, at.day, at.hour, at.minute, at.second);
	offset = g_date_time_to_unix(date) - b->m->date / 1000;
	g_date_time_unref(date);
	zone = g_time_zone_new_offset((gint32)offset);
	date = g_date_time_new(zone, at.year, at.month, at.day, at.hour, at.minute, at.second);
	g_mime_message_set_date(b->message, date);
	g_date_time_unref(date);
	g_time_zone_unref(zone);
}

static void set_header(struct build *b, const char *name, const char *value)
{
	g_mime_object_set_header(GMIME_OBJECT(b->message), name, value, NULL);
}

/* The first, that began it all, and the newest: a conversation of years must still fit. */
static void add_refs(struct build *b)
{
	const struct mail_out *m = b->m;
	size_t good = 0, at = 0;
	struct buf text = {0};

	if (m->in_reply_to != NULL && id_fits(m->in_reply_to))
		set_header(b, "In-Reply-To", arena_printf(b->arena, "<%s>", m->in_reply_to));
	for (size_t i = 0; i < m->ref_count; i++)
		good += id_fits(m->refs[i]);
	for (size_t i = 0; i < m->ref_count; i++) {
		if (!id_fits(m->refs[i]))
			continue;
		if (at == 0 || at + REFS_KEPT > good)
			buf_printf(&text, "%s<%s>", text.len > 0 ? " " : "", m->refs[i]);
		at++;
	}
	if (text.len > 0)
		set_header(b, "References", text.data);
	buf_finish(&text);
}

/* Words of RFC 2047 for what is not plain, and for what only looks as if it were coded: GMime would take
 * the latter as it is. */
static const char *encode_words(struct arena *a, const char *text)
{
	struct buf ret = {0};
	const char *coded;
	gchar *word;
	size_t n;

	while (*text != '\0') {
		n = strlen(text);
		if (n > WORD_BYTES_MAX)
			for (n = WORD_BYTES_MAX; ((unsigned char)text[n] & 0xc0) == 0x80;)
				n--;
		word = g_base64_encode((const guchar *)text, n);
		buf_printf(&ret, "%s=?utf-8?b?%s?=", ret.len > 0 ? " " : "", word);
		g_free(word);
		text += n;
	}
	coded = arena_strndup(a, ret.data, ret.len);
	buf_finish(&ret);
	return coded;
}

static void add_subject(struct build *b)
{
	const char *s = b->m->subject;

	if (s == NULL || s[0] == '\0')
		return;
	if (strstr(s, "=?") != NULL)
		set_header(b, "Subject", encode_words(b->arena, s));
	else
		g_mime_message_set_subject(b->message, s, "utf-8");
}

static bool add_headers(struct build *b)
{
	const struct mail_out *m = b->m;

	if (!header_fits(b, m->subject, SUBJECT_BYTES_MAX, _("the subject")) || !add_from(b) ||
	    !add_list(b, GMIME_ADDRESS_TYPE_REPLY_TO, m->reply_to) ||
	    !add_list(b, GMIME_ADDRESS_TYPE_TO, m->to) ||
	    !add_list(b, GMIME_ADDRESS_TYPE_CC, m->cc))
		return false;
	if (b->built.recipient_count == 0)
		return refuse(b, _("there is nobody to send it to"));
	if (m->message_id == NULL || !id_fits(m->message_id))
		return refuse(b, _("the message has no right id"));
	if ((m->auto_submitted != NULL && !token_fits(m->auto_submitted)) ||
	    (m->language != NULL && !token_fits(m->language)))
		return refuse(b, _("the message has a header that is not well-formed"));
	add_subject(b);
	g_mime_message_set_message_id(b->message, m->message_id);
	add_date(b);
	add_refs(b);
	if (m->auto_submitted != NULL) {
		set_header(b, "Auto-Submitted", m->auto_submitted);
		set_header(b, "X-Auto-Response-Suppress", "All");
	}
	return true;
}

/* ---- the body ---- */

/* How a text can pass anywhere: as it is, or coded in the way that stays readable the longest. */
static GMimeContentEncoding encoding_of(const char *s, size_t len)
{
	size_t line = 0, high = 0;
	bool plain = true;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		/* Some put '>' before it. */
		if (line == 0 && (len - i >= 5 && memcmp(s + i, "From ", 5) == 0))
			return GMIME_CONTENT_ENCODING_BASE64;
		if (c == '\n') {
			/* some take the spaces before a line end away, and a signature with it */
			if (i > 0 && (s[i - 1] == ' ' || s[i - 1] == '\t'))
				plain = false;
			line = 0;
			continue;
		}
		line++;
		high += c >= 0x80;
		plain = plain && line <= LINE_BYTES_MAX && c < 0x7f && (c >= 0x20 || c == '\t');
	}
	if (plain)
		return GMIME_CONTENT_ENCODING_7BIT;
	return high > len / 5 ? GMIME_CONTENT_ENCODING_BASE64
			      : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

/* Lines end in CRLF whatever they ended in. */
static void to_lines(struct buf *ret, const char *s, const char *end_of_line)
{
	for (; *s != '\0'; s++) {
		if (*s != '\n' && *s != '\r') {
			buf_add_char(ret, *s);
			continue;
		}
		s += *s == '\r' && s[1] == '\n';
		buf_add_str(ret, end_of_line);
	}
	if (ret->len > 0 && ret->data[ret->len - 1] != '\n')
		buf_add_str(ret, end_of_line);
}

static GMimeObject *make_part(const char *type, const char *subtype, const char *data, size_t len,
			      GMimeContentEncoding encoding)
{
	GMimePart *part = g_mime_part_new_with_type(type, subtype);
	GMimeStream *mem = g_mime_stream_mem_new_with_buffer(data != NULL ? data : "", len);
	GMimeDataWrapper *content =
		g_mime_data_wrapper_new_with_stream(mem, GMIME_CONTENT_ENCODING_DEFAULT);

	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, encoding);
	g_object_unref(content);
	g_object_unref(mem);
	return GMIME_OBJECT(part);
}

static bool make_text(struct build *b, GMimeObject **ret)
{
	const char *body = b->m->body != NULL ? b->m->body : "";
	GMimeContentEncoding encoding;
	struct buf text = {0};

	if (strlen(body) > BODY_BYTES_MAX)
		return refuse(b, _("the text is too long"));
	if (!text_valid(body, strlen(body)))
		return refuse(b, _("the text is no UTF-8"));
	to_lines(&text, body, "\n");
	encoding = encoding_of(text.data != NULL ? text.data : "", text.len);
	/* What is coded in base64 keeps its line ends, and those of mail are CRLF. */
	if (encoding == GMIME_CONTENT_ENCODING_BASE64) {
		buf_reset(&text);
		to_lines(&text, body, "\r\n");
	}
	*ret = make_part("text", "plain", text.data != NULL ? text.data : "", text.len, encoding);
	g_mime_object_set_content_type_parameter(*ret, "charset", "utf-8");
	buf_finish(&text);
	return true;
}

/* Parts of mail within mail may not be coded, and what is not coded does not pass everywhere. */
static const char *file_type(struct arena *a, const char *type)
{
	const char *ret = mail_type_clean(a, type != NULL ? type : "");

	if (strncmp(ret, "message/", 8) == 0 || strncmp(ret, "multipart/", 10) == 0)
		return "application/octet-stream";
	return ret;
}

static GMimeObject *make_file(struct build *b, const struct mail_attachment *file)
{
	const char *type = file_type(b->arena, file->type), *slash = strchr(type, '/');
	GMimeObject *ret =
		make_part(arena_strndup(b->arena, type, (size_t)(slash - type)), slash + 1,
			  file->data, file->len, GMIME_CONTENT_ENCODING_BASE64);

	g_mime_object_set_disposition(ret, GMIME_DISPOSITION_ATTACHMENT);
	g_mime_part_set_filename(GMIME_PART(ret),
				 mail_name_clean(b->arena, file->name != NULL ? file->name : ""));
	return ret;
}

static bool check_files(struct build *b)
{
	size_t total = 0;

	if (b->m->file_count > MAIL_OUT_FILES_MAX)
		return refuse(b, _("too many files"));
	for (size_t i = 0; i < b->m->file_count; i++) {
		if (b->m->files[i].len > MAIL_OUT_BYTES_MAX - total)
			return refuse(b, _("the files are too large to be sent by mail"));
		total += b->m->files[i].len;
	}
	return true;
}

static bool add_content(struct build *b)
{
	GMimeObject *top, *file;
	GMimeMultipart *mixed;

	if (!check_files(b) || !make_text(b, &top))
		return false;
	if (b->m->file_count > 0) {
		mixed = g_mime_multipart_new_with_subtype("mixed");
		g_mime_multipart_add(mixed, top);
		g_object_unref(top);
		for (size_t i = 0; i < b->m->file_count; i++) {
			file = make_file(b, &b->m->files[i]);
			g_mime_multipart_add(mixed, file);
			g_object_unref(file);
		}
		top = GMIME_OBJECT(mixed);
	}
	if (b->m->language != NULL)
		g_mime_object_set_header(top, "Content-Language", b->m->language, NULL);
	g_mime_message_set_mime_part(b->message, top);
	g_object_unref(top);
	return true;
}

/* ---- all of it ---- */

/* The last look at what goes out, whoever made it. */
static bool check_bytes(struct build *b)
{
	const char *s = b->built.bytes;
	size_t line = 0;

	for (size_t i = 0; i < b->built.len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\n') {
			if (line == 0 || s[i - 1] != '\r' || line > 999)
				break;
			line = 0;
			continue;
		}
		if (c == '\0' || (c >= 0x80 && !b->built.utf8) ||
		    (c == '\r' && (i + 1 == b->built.len || s[i + 1] != '\n')))
			break;
		line++;
		if (i + 1 == b->built.len)
			break;
	}
	if (line == 0 && b->built.len > 0 && s[b->built.len - 1] == '\n')
		return true;
	err_set(b->err, ERR_INTERNAL, _("the message cannot be put into the form that mail has"));
	return false;
}

static void write_bytes(struct build *b)
{
	GMimeFormatOptions *format = g_mime_format_options_new();
	GMimeStream *mem = g_mime_stream_mem_new();
	GByteArray *bytes;

	g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
	g_mime_object_write_to_stream(GMIME_OBJECT(b->message), format, mem);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
	b->built.bytes = arena_strndup(b->arena, (const char *)bytes->data, bytes->len);
	b->built.len = bytes->len;
	g_object_unref(mem);
	g_mime_format_options_free(format);
}

bool mail_build(const struct mail_out *m, struct arena *a, struct mail_built *ret, struct err *err)
{
	struct build b = {.m = m, .arena = a, .err = err};
	bool ok = false;

	b.recipients = arena_alloc(a, MAIL_RECIPIENTS_MAX * sizeof(*b.recipients));
	b.built.recipients = b.recipients;
	b.message = g_mime_message_new(TRUE);
	if (!add_headers(&b) || !add_content(&b))
		goto out;
	write_bytes(&b);
	if (!check_bytes(&b))
		goto out;
	*ret = b.built;
	ok = true;
out:
	g_object_unref(b.message);
	return ok;
}
