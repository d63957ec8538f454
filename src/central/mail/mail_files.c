/* The files that came along: safe names, the type that their bytes show, what must be known of them. */
#include <string.h>
#include <strings.h>
#include "mail_child.h"
#include "mail_parts.h"
#include "mail_text.h"

#define PICTURES_MAX 500 /* named in one text */
#define CID_BYTES 300
#define SNIFF_BYTES 4096

/* ---- what they are ---- */

#define ZIP "application/zip"
#define OLE "application/x-ole-storage"
#define DOS_PROGRAM "application/x-dosexec"

/* The commonest, so that nobody need be asked. */
static const char *type_by_start(const char *data, size_t len)
{
	static const struct {
		const char *start, *type;
	} known[] = {
		{"\x89PNG\r\n\x1a\n", "image/png"},
		{"\xff\xd8\xff", "image/jpeg"},
		{"GIF87a", "image/gif"},
		{"GIF89a", "image/gif"},
		{"%PDF-", "application/pdf"},
		{"PK\x03\x04", ZIP},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE},
		{"\x78\x9f\x3e\x22", "application/ms-tnef"},
		{"MZ", DOS_PROGRAM},
		{"\x7f"
		 "ELF",
		 "application/x-executable"},
		{"#!", "text/x-shellscript"},
		{"{\\rtf", "application/rtf"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t n = strlen(known[i].start);

		if (len >= n && memcmp(data, known[i].start, n) == 0)
			return known[i].type;
	}
	return NULL;
}

/* Letters and line ends, in whatever charset. */
static bool is_text(const char *data, size_t len)
{
	if (len > SNIFF_BYTES)
		len = SNIFF_BYTES;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c < 0x20 && strchr("\t\n\r\f\x1b", c) == NULL)
			return false;
		if (c == '\0')
			return false;
	}
	return true;
}

/* What can be no text, whatever the message says. */
static bool is_binary_type(const char *declared)
{
	if (strcmp(declared, "image/svg+xml") == 0)
		return false;
	return strncmp(declared, "image/", 6) == 0 || strncmp(declared, "audio/", 6) == 0 ||
	       strncmp(declared, "video/", 6) == 0 || strcmp(declared, "application/pdf") == 0 ||
	       strcmp(declared, ZIP) == 0 || strncmp(declared, "application/vnd.openxml", 23) == 0;
}

static bool among(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcasecmp(s, *list) == 0)
			return true;
	return false;
}

static bool is_program_type(const char *type)
{
	static const char *const types[] = {"application/x-dosexec",
					    "application/vnd.microsoft.portable-executable",
					    "application/x-executable",
					    "application/x-pie-executable",
					    "application/x-sharedlib",
					    "application/x-mach-binary",
					    "application/x-object",
					    "application/x-ms-shortcut",
					    "text/x-shellscript",
					    "text/x-msdos-batch",
					    NULL};

	return among(type, types);
}

static bool is_program_name(const char *name)
{
	static const char *const endings[] = {
		"exe", "com", "scr", "pif", "bat", "cmd", "ps1", "vbs", "vbe", "js",  "jse",
		"wsf", "wsh", "hta", "lnk", "msi", "msp", "cpl", "dll", "jar", "reg", "sh",
		"run", "app", "iso", "img", "chm", "scf", "url", "apk", NULL};
	const char *dot = strrchr(name, '.');

	return dot != NULL && among(dot + 1, endings);
}

/* Is found only the wrapping of what the message says? A docx is a zip, a .doc an OLE file. */
static bool is_wrapping(const char *found, const char *declared)
{
	static const char *const wraps[] = {
		ZIP, OLE, "application/cdfv2", "application/gzip", "application/vnd.ms-office",
		NULL};

	return among(found, wraps) && (strncmp(declared, "application/vnd.", 16) == 0 ||
				       strcmp(declared, "application/msword") == 0 ||
				       strcmp(declared, "application/java-archive") == 0 ||
				       strcmp(declared, "application/epub+zip") == 0 ||
				       (strncmp(declared, "application/x-", 14) == 0 &&
					strcmp(declared, DOS_PROGRAM) != 0));
}

/* Of documents whose bytes only show the wrapping, what their name says. */
static const char *type_by_ending(const char *name)
{
	static const struct {
		const char *ending, *type;
	} known[] = {
#define OFFICE "application/vnd.openxmlformats-officedocument."
#define OPEN "application/vnd.oasis.opendocument."
		{"docx", OFFICE "wordprocessingml.document"},
		{"xlsx", OFFICE "spreadsheetml.sheet"},
		{"pptx", OFFICE "presentationml.presentation"},
		{"odt", OPEN "text"},
		{"ods", OPEN "spreadsheet"},
		{"odp", OPEN "presentation"},
		{"doc", "application/msword"},
		{"xls", "application/vnd.ms-excel"},
		{"ppt", "application/vnd.ms-powerpoint"},
		{"msg", "application/vnd.ms-outlook"},
#undef OFFICE
#undef OPEN
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(dot + 1, known[i].ending) == 0)
			return known[i].type;
	return NULL;
}

/* By the child; NULL when it is unsure. */
static const char *ask_type(struct mail_walk *w, const char *data, size_t len)
{
	struct buf guess = {0};
	const char *ret = NULL;

	if (len > 0 && mail_child_type(&guess, data, len) && guess.len > 0)
		ret = mail_type_clean(w->arena, guess.data);
	buf_finish(&guess);
	return ret != NULL && strcmp(ret, "application/octet-stream") != 0 ? ret : NULL;
}

/* By the bytes where they say it, else what the message says. */
static const char *settle_type(struct mail_walk *w, const char *name, const char *declared,
			       const char *data, size_t len)
{
	const char *found = type_by_start(data, len), *by_name;
	bool wrapped = found != NULL && (strcmp(found, ZIP) == 0 || strcmp(found, OLE) == 0);

	if (found == NULL && is_text(data, len))
		return len > 0 && is_binary_type(declared) ? "text/plain" : declared;
	if (found != NULL && !wrapped)
		return found;
	if (wrapped && is_wrapping(found, declared))
		return declared;
	by_name = wrapped ? type_by_ending(name) : NULL;
	if (by_name != NULL)
		return by_name;
	found = ask_type(w, data, len);
	return found == NULL || is_wrapping(found, declared) ? declared : found;
}

static void tell_danger(struct mail_walk *w, const struct mail_attachment *at)
{
	bool named = is_program_name(at->name), is = is_program_type(at->type);

	if (is && !named)
		mail_parts_flaw(w, "disguised", at->name);
	else if (is || named)
		mail_parts_flaw(w, "program", at->name);
	if (strcmp(at->type, "application/ms-tnef") == 0 ||
	    strcmp(at->type, "application/vnd.ms-tnef") == 0 ||
	    strcasecmp(at->name, "winmail.dat") == 0)
		mail_parts_flaw(w, "hidden-files", NULL);
}

/* ---- adding them ---- */

struct mail_attachment *mail_files_add(struct mail_walk *w, const char *name, const char *type,
				       const void *data, size_t len)
{
	const char *clean = mail_name_clean(w->arena, name);
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
	copy = arena_alloc(w->arena, len + 1);
	if (len > 0)
		memcpy(copy, data, len);
	at = &w->ret->attachments[w->ret->attachment_count++];
	*at = (struct mail_attachment){
		.name = clean,
		.type = settle_type(w, clean, mail_type_clean(w->arena, type), copy, len),
		.data = copy,
		.len = len};
	tell_danger(w, at);
	return at;
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
		{"image/jpg", "image", "jpg"},
		{"image/heic", "image", "heic"},
		{"image/tiff", "image", "tiff"},
		{"image/svg+xml", "image", "svg"},
		{"image/", "image", "bin"},
		{"text/calendar", "calendar", "ics"},
		{"text/html", "page", "html"},
		{"text/rfc822-headers", "headers", "txt"},
		{"text/", "text", "txt"},
		{"message/delivery-status", "delivery-status", "txt"},
		{"message/global-delivery-status", "delivery-status", "txt"},
		{"message/disposition-notification", "receipt", "txt"},
		{"message/feedback-report", "report", "txt"},
		{"message/", "message", "eml"},
		{"application/pdf", "document", "pdf"},
		{"application/pkcs7-signature", "smime", "p7s"},
		{"application/x-pkcs7-signature", "smime", "p7s"},
		{"application/pkcs7-mime", "smime", "p7m"},
		{"application/x-pkcs7-mime", "smime", "p7m"},
		{"application/pgp-signature", "signature", "asc"},
		{"application/pgp-encrypted", "pgp-version", "txt"},
		{"application/ms-tnef", "winmail", "dat"},
	};
	size_t n = w->ret->attachment_count + 1;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(type, known[i].type, strlen(known[i].type)) == 0)
			return arena_printf(w->arena, "%s-%zu.%s", known[i].word, n,
					    known[i].ending);
	return arena_printf(w->arena, "attachment-%zu.bin", n);
}

/* As it came, without the <> that some leave out. */
static const char *cid_of(struct mail_walk *w, GMimeObject *o)
{
	const char *cid = g_mime_object_get_content_id(o);
	size_t n;

	if (cid == NULL)
		return NULL;
	cid += strspn(cid, "< ");
	n = strcspn(cid, "> ");
	return n > 0 && n < CID_BYTES ? arena_strndup(w->arena, cid, n) : NULL;
}

static void add_bytes(struct mail_walk *w, GMimeObject *o, const char *name, GByteArray *bytes)
{
	GMimeContentType *ct = g_mime_object_get_content_type(o);
	GMimeContentDisposition *how = g_mime_object_get_content_disposition(o);
	char *declared = ct != NULL ? g_mime_content_type_get_mime_type(ct) : NULL;
	const char *type = mail_type_clean(w->arena, declared), *clean = NULL;
	const char *disposition =
		how != NULL ? g_mime_content_disposition_get_disposition(how) : NULL;
	struct mail_attachment *at;

	if (name != NULL && name[0] != '\0')
		clean = mail_name_clean(w->arena, name);
	if (clean == NULL || clean[0] == '\0')
		clean = name_of(w, type);
	at = mail_files_add(w, clean, type, bytes->data, bytes->len);
	at->cid = cid_of(w, o);
	at->in_text =
		strncmp(at->type, "image/", 6) == 0 &&
		(disposition != NULL ? strcasecmp(disposition, "inline") == 0 : at->cid != NULL);
	g_free(declared);
}

void mail_files_add_part(struct mail_walk *w, GMimePart *part)
{
	GByteArray *bytes = mail_parts_bytes(part);

	add_bytes(w, GMIME_OBJECT(part), g_mime_part_get_filename(part), bytes);
	g_byte_array_unref(bytes);
}

void mail_files_add_message(struct mail_walk *w, GMimeMessagePart *part)
{
	GMimeMessage *inner = g_mime_message_part_get_message(part);
	const char *subject = inner != NULL ? g_mime_message_get_subject(inner) : NULL;
	GByteArray *bytes = mail_parts_write(inner != NULL ? GMIME_OBJECT(inner) : NULL);
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
	add_bytes(w, GMIME_OBJECT(part), name, bytes);
	g_byte_array_unref(bytes);
}

/* ---- pictures in the text ---- */

static struct mail_attachment *by_cid(struct mail_walk *w, const char *cid, size_t len)
{
	for (size_t i = 0; i < w->ret->attachment_count; i++) {
		struct mail_attachment *at = &w->ret->attachments[i];

		if (at->cid != NULL && strlen(at->cid) == len && memcmp(at->cid, cid, len) == 0)
			return at;
	}
	return NULL;
}

void mail_files_name_pictures(struct mail_walk *w)
{
	const char *s = w->body.data, *end, *at, *stop;
	struct mail_attachment *file;
	struct buf out = {0};
	size_t n;

	if (s == NULL || memmem(s, w->body.len, "[cid:", 5) == NULL)
		return;
	end = s + w->body.len;
	for (int i = 0; i < PICTURES_MAX; i++, s = stop + 1) {
		at = memmem(s, (size_t)(end - s), "[cid:", 5);
		if (at == NULL)
			break;
		n = (size_t)(end - at) < CID_BYTES ? (size_t)(end - at) : CID_BYTES;
		stop = memchr(at, ']', n);
		buf_add(&out, s, (size_t)(at - s));
		if (stop == NULL) {
			buf_add(&out, at, 5);
			stop = at + 4;
			continue;
		}
		file = by_cid(w, at + 5, (size_t)(stop - at - 5));
		if (file != NULL) {
			file->in_text = true;
			buf_printf(&out, "[%s]", file->name);
		} else {
			buf_add(&out, at, (size_t)(stop + 1 - at));
		}
	}
	buf_add(&out, s, (size_t)(end - s));
	buf_finish(&w->body);
	w->body = out;
}

/* ---- signed and encrypted ---- */

static bool protocol_is(GMimeObject *o, const char *word)
{
	const char *value = g_mime_object_get_content_type_parameter(o, "protocol");

	return value != NULL && strcasestr(value, word) != NULL;
}

void mail_files_tell_sealed(struct mail_walk *w, GMimeObject *o)
{
	const char *kind;

	if (mail_parts_is(o, "multipart", "signed")) {
		mail_parts_flaw(w, protocol_is(o, "pgp") ? "pgp-signed" : "smime-signed", NULL);
	} else if (mail_parts_is(o, "multipart", "encrypted")) {
		mail_parts_flaw(w, protocol_is(o, "pgp") ? "pgp-encrypted" : "smime-encrypted",
				NULL);
	} else if (mail_parts_is(o, "application", "pkcs7-mime") ||
		   mail_parts_is(o, "application", "x-pkcs7-mime")) {
		kind = g_mime_object_get_content_type_parameter(o, "smime-type");
		mail_parts_flaw(w,
				kind != NULL && strcasecmp(kind, "signed-data") == 0
					? "smime-opaque"
					: "smime-encrypted",
				NULL);
	}
}
