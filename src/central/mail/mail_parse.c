/* A raw message taken apart: its bytes here, headers in mail_head.c, parts in mail_parts.c. */
#include "mail_parse.h"
#include <iconv.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include "balie/model.h"
#include "balie/text.h"
#include "mail_child.h"
#include "mail_lines.h"
#include "mail_parts.h"
#include "mail_text.h"

#define WORD_BYTES_MAX 100
#define HEADER_NAME_MAX 120
#define HEADER_COLONS_MAX 500
#define HEADER_LINES_MAX 20000
#define HEAD_BYTES_MAX (1024u * 1024)
#define BOUNDARIES_MAX 20000
#define NESTING_WORDS_MAX 1000 /* GMime goes down by recursion: more than this is an attack */

static GMimeParserOptions *options;
/* What iconv reads a charset with is unloaded when nobody has it open: these are met all the time. */
static const char *const usual_charsets[] = {"ISO-8859-1", "ISO-8859-15", "WINDOWS-1252"};
static iconv_t usual[sizeof(usual_charsets) / sizeof(usual_charsets[0])];

static pthread_mutex_t users_lock = PTHREAD_MUTEX_INITIALIZER;
static int users;

static void begin(void)
{
	static const char *charsets[] = {"utf-8", "windows-1252", NULL};

	g_mime_init();
	mail_html_init();
	mail_type_init();
	mail_language_init();
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		usual[i] = iconv_open("UTF-8", usual_charsets[i]);
	options = g_mime_parser_options_new();
	g_mime_parser_options_set_fallback_charsets(options, charsets);
	g_mime_parser_options_set_address_compliance_mode(options, GMIME_RFC_COMPLIANCE_LOOSE);
}

static void end(void)
{
	mail_child_stop();
	g_mime_parser_options_free(options);
	options = NULL;
	g_mime_shutdown();
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (usual[i] != (iconv_t)-1)
			iconv_close(usual[i]);
	mail_type_finish();
	mail_html_finish();
}

void mail_init(void)
{
	pthread_mutex_lock(&users_lock);
	if (users++ == 0)
		begin();
	pthread_mutex_unlock(&users_lock);
}

void mail_finish(void)
{
	pthread_mutex_lock(&users_lock);
	if (--users == 0)
		end();
	pthread_mutex_unlock(&users_lock);
}

/* ---- bytes ---- */

/* Length of the name of a header line at s, or 0 when it is none. */
static size_t header_name(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && n < 80 && s[n] > 32 && s[n] < 127 && s[n] != ':')
		n++;
	return n < len && s[n] == ':' ? n : 0;
}

static size_t line_length(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] != '\n' && s[n] != '\r')
		n++;
	return n;
}

/* Before the headers: a byte order mark, empty lines, the "From " line of an mbox. */
static void skip_preamble(const char **s, size_t *len)
{
	size_t n;

	if (*len >= 3 && memcmp(*s, "\xef\xbb\xbf", 3) == 0)
		*s += 3, *len -= 3;
	while (*len > 0 && (**s == '\n' || **s == '\r'))
		++*s, --*len;
	if (*len > 5 && (memcmp(*s, "From ", 5) == 0 || memcmp(*s, ">From", 5) == 0)) {
		n = line_length(*s, *len);
		*s += n;
		*len -= n;
		for (int i = 0; i < 2 && *len > 0 && (**s == '\n' || **s == '\r'); i++)
			++*s, --*len;
	}
}

bool mail_is_message(const void *raw, size_t len)
{
	static const char *const known[] = {
		"from",	      "to",	     "subject",	     "date",	     "received",
		"message-id", "return-path", "mime-version", "delivered-to", "cc",
		"reply-to",   "sender",	     "content-type", "bcc",	     NULL};
	const char *s = raw;
	size_t n, lines = 0, hits = 0, name;

	skip_preamble(&s, &len);
	while (len > 0 && lines < 200) {
		n = line_length(s, len);
		name = header_name(s, n);
		if (n == 0 || (name == 0 && (lines == 0 || (s[0] != ' ' && s[0] != '\t'))))
			break;
		for (int i = 0; name > 0 && known[i] != NULL; i++)
			if (strlen(known[i]) == name && strncasecmp(s, known[i], name) == 0)
				hits++;
		lines++;
		s += n;
		len -= n;
		if (len > 1 && s[0] == '\r' && s[1] == '\n')
			s++, len--;
		if (len > 0)
			s++, len--;
	}
	return hits > 0;
}

static size_t header_length(const char *s, size_t len)
{
	const char *at = memmem(s, len, "\n\n", 2), *dos = memmem(s, len, "\n\r\n", 3);

	if (at == NULL || (dos != NULL && dos < at))
		at = dos;
	return at != NULL ? (size_t)(at - s) + 1 : len;
}

static size_t count_words(const char *s, size_t len, const char *word)
{
	const char *end = s + len;
	size_t n = strlen(word), count = 0;

	while (end > s && (s = memchr(s, word[n - 1], (size_t)(end - s))) != NULL) {
		/* The last letter, '/', is rare: look back from it. */
		s++;
		if (count > NESTING_WORDS_MAX)
			break;
		count += strncasecmp(s - n < end - len ? end - len : s - n, word, n) == 0;
	}
	return count;
}

/* What of a message costs GMime many times its bytes. */
struct shape {
	size_t dashes; /* lines that begin as a boundary does */
	size_t run;    /* most header lines in a row */
	size_t header; /* bytes of the longest header */
};

/* Measures s. And of a header only so many colons stay, of any message in the message too: GMime goes
 * down by recursion into "a: b: c: …", groups of addresses in each other. */
static void measure(char *s, size_t len, struct shape *ret)
{
	char *end = s + len, *next, *colon, *start = s;
	size_t n, colons = 0, run = 0;

	for (; s < end; s = next) {
		next = memchr(s, '\n', (size_t)(end - s));
		next = next != NULL ? next + 1 : end;
		n = (size_t)(next - s);
		if (*s != ' ' && *s != '\t') {
			colons = 0;
			ret->dashes += n > 2 && s[0] == '-' && s[1] == '-';
			if (memchr(s, ':', n < HEADER_NAME_MAX ? n : HEADER_NAME_MAX) == NULL) {
				start = next;
				run = 0;
				continue;
			}
			start = s;
			run++;
		}
		ret->run = run > ret->run ? run : ret->run;
		if ((size_t)(next - start) > ret->header)
			ret->header = (size_t)(next - start);
		for (colon = s; (colon = memchr(colon, ':', (size_t)(next - colon))) != NULL;
		     colon++)
			if (++colons > HEADER_COLONS_MAX)
				*colon = ' ';
	}
}

/* Headers beyond any measure end early; what follows them stays. */
static const char *cut_head(struct mail_walk *w, const char *s, size_t *len)
{
	size_t head = header_length(s, *len), keep = HEAD_BYTES_MAX, rest;
	char *copy;

	if (head <= HEAD_BYTES_MAX)
		return s;
	while (keep > 1 && s[keep - 1] != '\n')
		keep--;
	rest = *len - head;
	copy = arena_alloc(w->arena, keep + rest + 2);
	memcpy(copy, s, keep);
	copy[keep] = '\n';
	memcpy(copy + keep + 1, s + head, rest);
	*len = keep + 1 + rest;
	mail_parts_flaw(w, "header-cut", NULL);
	return copy;
}

/* Too many parts in each other or in all, or messages in it with headers beyond any measure. */
static bool is_monster(const char *s, size_t len, const struct shape *shape)
{
	size_t multi = count_words(s, len, "multipart/"), inner = count_words(s, len, "message/");

	return multi + inner > NESTING_WORDS_MAX || (multi > 0 && shape->dashes > BOUNDARIES_MAX) ||
	       (inner > 0 && (shape->run > HEADER_LINES_MAX || shape->header > HEAD_BYTES_MAX));
}

/* A copy that GMime reads well: line ends of old Macs made LF, NUL in the headers made a space. */
static char *prepare(struct arena *a, const char *s, size_t len)
{
	char *ret = arena_alloc(a, len + 1);
	bool mac = memchr(s, '\n', len) == NULL, head = true;

	memcpy(ret, s, len);
	for (size_t i = 0; i < len; i++) {
		if (mac && ret[i] == '\r')
			ret[i] = '\n';
		if (head && ret[i] == '\0')
			ret[i] = ' ';
		if (head && i > 0 && ret[i] == '\n' &&
		    (ret[i - 1] == '\n' || (i > 1 && ret[i - 1] == '\r' && ret[i - 2] == '\n')))
			head = false;
		if (!head && !mac)
			break;
	}
	return ret;
}

/* Does an encoded word in base64, "=?utf-8?B?Zm9=", end at s + at? */
static bool ends_word(const char *s, size_t at)
{
	size_t back = at;

	while (back > 0 && at - back < WORD_BYTES_MAX && s[back - 1] != '?' && s[back - 1] > ' ')
		back--;
	return back > 3 && s[back - 1] == '?' && (s[back - 2] == 'B' || s[back - 2] == 'b') &&
	       s[back - 3] == '?';
}

/* GMime takes words in base64 that follow each other for one, of which nothing is read behind the
 * first "=": an empty word of another kind between them keeps them apart. */
static const char *part_words(struct arena *a, const char *s, size_t *len)
{
	static const char between[] = " =?utf-8?Q?"
				      "?=";
	const char *end = s + *len, *from = s, *at = s, *p;
	struct buf out = {0};
	char *copy;

	while ((at = memmem(at, (size_t)(end - at), "=?=", 3)) != NULL) {
		p = at += 3;
		while (p < end && strchr(" \t\r\n", *p) != NULL && *p != '\0')
			p++;
		if (p == at || end - p < 2 || memcmp(p, "=?", 2) != 0 ||
		    !ends_word(s, (size_t)(at - s) - 2))
			continue;
		buf_add(&out, from, (size_t)(at - from));
		buf_add_str(&out, between);
		from = at;
	}
	if (out.len == 0)
		return s;
	buf_add(&out, from, (size_t)(end - from));
	*len = out.len;
	copy = arena_alloc(a, out.len + 1); /* there may be a NUL in it */
	memcpy(copy, out.data, out.len);
	buf_finish(&out);
	return copy;
}

/* ---- all of it ---- */

/* What of the text is old, what a signature, and in which language the rest is. */
static void divide_body(struct mail_parsed *ret)
{
	enum mail_kind kind = mail_kind_of(ret->subject, ret->ref_count > 0);
	const char *body = ret->body;
	size_t len;

	ret->quoted_at = mail_quote_find(body, kind);
	len = ret->quoted_at > 0 ? ret->quoted_at : strlen(body);
	ret->signature_at = mail_sign_find(body, len);
	ret->language = mail_language_guess(body, ret->signature_at > 0 ? ret->signature_at : len);
	if (ret->language == NULL)
		ret->language = mail_language_guess(body, len);
	if (ret->language == NULL && ret->subject != NULL)
		ret->language = mail_language_guess(ret->subject, strlen(ret->subject));
}

/* Is there a line of five dashes, a word and these words? */
static bool has_armour(const char *body, const char *words)
{
	const char *at = strstr(body, words), *line = at;

	while (line != NULL && line > body && line[-1] != '\n')
		line--;
	return line != NULL && strncmp(line, "-----", 5) == 0 && at - line < 20;
}

/* PGP within the text itself. */
static void tell_armour(struct mail_walk *w)
{
	if (has_armour(w->ret->body, "PGP SIGNED MESSAGE-----"))
		mail_parts_flaw(w, "pgp-signed", NULL);
	else if (has_armour(w->ret->body, "PGP MESSAGE-----"))
		mail_parts_flaw(w, "pgp-encrypted", NULL);
}

/* Clean, without blank lines around, cut at a character. */
static void finish_body(struct mail_walk *w)
{
	struct buf clean = {0};
	const char *s;
	size_t len;

	if (mail_parts_blank(&w->body))
		mail_calendar_text(w);
	mail_files_name_pictures(w);
	if (w->body.len > 0)
		text_clean(&clean, w->body.data, w->body.len, TEXT_LINES);
	buf_add_str(&clean, "");
	s = clean.data != NULL ? clean.data : "";
	while (*s != '\0' && lines_blank(s))
		s = lines_next(s);
	len = strlen(s);
	while (len > 0 && strchr(" \n", s[len - 1]) != NULL)
		len--;
	if (len > MAIL_BODY_MAX) {
		for (len = MAIL_BODY_MAX; len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80;)
			len--;
		mail_parts_flaw(w, "text-cut", NULL);
	}
	w->ret->body = arena_strndup(w->arena, s, len);
	tell_armour(w);
	divide_body(w->ret);
	buf_finish(&clean);
}

static GMimeMessage *parse_bytes(const char *s, size_t len)
{
	GMimeStream *mem = g_mime_stream_mem_new_with_buffer(s, len);
	GMimeParser *parser = g_mime_parser_new_with_stream(mem);
	GMimeMessage *ret;

	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	ret = g_mime_parser_construct_message(parser, options);
	g_object_unref(parser);
	g_object_unref(mem);
	return ret;
}

/* What follows the headers, as it stands: for mails whose parts cannot be told apart. */
static void take_plain(struct mail_walk *w, const char *s, size_t len)
{
	mail_text_decode(&w->body, s, len < MAIL_BODY_MAX ? len : MAIL_BODY_MAX, NULL);
}

static void take_message(struct mail_walk *w, GMimeMessage *m, const char *s, size_t len, bool deep)
{
	size_t head = header_length(s, len);
	GMimeObject *top = g_mime_message_get_mime_part(m);

	mail_head_read(m, w->arena, w->ret);
	if (deep) {
		mail_parts_flaw(w, "too-deep-whole", NULL);
		mail_files_add(w, "message.eml", "message/rfc822", s, len);
		return;
	}
	mail_parts_walk(w, top);
	if (w->body.len == 0 && w->ret->attachment_count == 0 && GMIME_IS_MULTIPART(top) &&
	    head < len) {
		mail_parts_flaw(w, "one-part", NULL);
		take_plain(w, s + head, len - head);
	}
}

void mail_parse(const void *raw, size_t len, struct arena *a, struct mail_parsed *ret)
{
	struct mail_walk w = {.arena = a, .ret = ret};
	const char *s = raw;
	GMimeMessage *m = NULL;
	struct shape shape = {0};
	char *copy;
	bool deep;

	memset(ret, 0, sizeof(*ret));
	skip_preamble(&s, &len);
	copy = prepare(a, s, len);
	measure(copy, len, &shape);
	s = cut_head(&w, part_words(a, copy, &len), &len);
	deep = is_monster(s, len, &shape);
	if (mail_is_message(s, len))
		m = parse_bytes(s, deep ? header_length(s, len) : len);
	if (m != NULL) {
		take_message(&w, m, s, len, deep);
	} else {
		mail_parts_flaw(&w, "unreadable", NULL);
		mail_files_add(&w, "message.eml", "application/octet-stream", s, len);
		take_plain(&w, s, len);
	}
	finish_body(&w);
	if (ret->sender == SENDER_BOUNCE)
		mail_bounce_read(&w, m);
	ret->flaws = w.flaws.len > 0 ? arena_strdup(a, w.flaws.data) : NULL;
	if (m != NULL)
		g_object_unref(m);
	buf_finish(&w.body);
	buf_finish(&w.returned);
	buf_finish(&w.report);
	buf_finish(&w.flaws);
}
