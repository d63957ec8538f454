/* A raw message taken apart: headers here, parts in mail_parts.c, machines in mail_machine.c. */
#include "mail_parse.h"
#include <libxml/parser.h>
#include <string.h>
#include <strings.h>
#include "balie/model.h"
#include "balie/text.h"
#include "mail_parts.h"
#include "mail_text.h"

#define LINE_BYTES_MAX 1000 /* of a header's text as it is shown */
#define SUBJECT_BYTES_MAX 300
#define NAME_BYTES_MAX 200
#define NESTING_WORDS_MAX 1000 /* GMime goes down by recursion: more than this is an attack */

static GMimeParserOptions *options;

void mail_init(void)
{
	static const char *charsets[] = {"utf-8", "windows-1252", NULL};

	g_mime_init();
	xmlInitParser();
	options = g_mime_parser_options_new();
	g_mime_parser_options_set_fallback_charsets(options, charsets);
	g_mime_parser_options_set_address_compliance_mode(options, GMIME_RFC_COMPLIANCE_LOOSE);
}

void mail_finish(void)
{
	g_mime_parser_options_free(options);
	options = NULL;
	g_mime_shutdown();
	xmlCleanupParser();
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

/* ---- headers ---- */

static const char *clean_line(struct arena *a, const char *text, size_t max)
{
	struct buf clean = {0};
	const char *s, *ret;
	size_t len;

	if (text == NULL)
		return NULL;
	text_clean(&clean, text, strlen(text), TEXT_ONE_LINE);
	buf_add_str(&clean, "");
	s = clean.data != NULL ? clean.data : "";
	s += strspn(s, " ");
	len = strlen(s);
	while (len > 0 && s[len - 1] == ' ')
		len--;
	if (len > max)
		for (len = max; len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80;)
			len--;
	ret = len > 0 ? arena_strndup(a, s, len) : NULL;
	buf_finish(&clean);
	return ret;
}

static InternetAddressMailbox *mailbox_at(InternetAddressList *list, int i, int depth)
{
	InternetAddress *ia = internet_address_list_get_address(list, i);
	InternetAddressList *members;

	if (INTERNET_ADDRESS_IS_MAILBOX(ia))
		return INTERNET_ADDRESS_MAILBOX(ia);
	members = INTERNET_ADDRESS_IS_GROUP(ia) ? INTERNET_ADDRESS_GROUP(ia)->members : NULL;
	if (depth == 0 && members != NULL && internet_address_list_length(members) > 0)
		return mailbox_at(members, 0, 1);
	return NULL;
}

static const char *address_of(struct arena *a, InternetAddressMailbox *mb)
{
	const char *addr = internet_address_mailbox_get_addr(mb);
	char clean[255];

	if (addr == NULL || email_parse(addr, clean) != CHECK_OK)
		return NULL;
	return arena_strdup(a, clean);
}

static void add_shown(struct arena *a, struct buf *ret, InternetAddressMailbox *mb)
{
	const char *name =
		clean_line(a, internet_address_get_name(INTERNET_ADDRESS(mb)), NAME_BYTES_MAX);
	const char *addr = clean_line(a, internet_address_mailbox_get_addr(mb), NAME_BYTES_MAX);

	if (ret->len > 0)
		buf_add_str(ret, ", ");
	if (name != NULL)
		buf_add_str(ret, name);
	if (addr != NULL)
		buf_printf(ret, name != NULL ? " <%s>" : "%s", addr);
}

static void read_from(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	InternetAddressList *lists[] = {g_mime_message_get_from(m), g_mime_message_get_sender(m),
					g_mime_message_get_reply_to(m)};
	InternetAddressMailbox *mb = NULL;
	struct buf shown = {0};

	for (size_t i = 0; i < 3 && mb == NULL; i++)
		for (int k = 0; lists[i] != NULL && mb == NULL &&
				k < internet_address_list_length(lists[i]) && k < 10;
		     k++)
			mb = mailbox_at(lists[i], k, 0);
	if (mb == NULL)
		return;
	ret->from_name =
		clean_line(a, internet_address_get_name(INTERNET_ADDRESS(mb)), NAME_BYTES_MAX);
	ret->from_addr = address_of(a, mb);
	add_shown(a, &shown, mb);
	ret->from_text = clean_line(a, shown.data, LINE_BYTES_MAX);
	buf_finish(&shown);
}

static void read_to(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	InternetAddressList *lists[] = {g_mime_message_get_to(m), g_mime_message_get_cc(m)};
	InternetAddressMailbox *mb;
	struct buf shown = {0};
	const char *addr;

	for (size_t i = 0; i < 2; i++) {
		for (int k = 0; lists[i] != NULL && k < internet_address_list_length(lists[i]);
		     k++) {
			mb = mailbox_at(lists[i], k, 0);
			if (mb == NULL || ret->to_count == MAIL_ADDRESSES_MAX)
				continue;
			addr = address_of(a, mb);
			if (addr != NULL)
				ret->to_addrs[ret->to_count++] = addr;
			if (shown.len < LINE_BYTES_MAX)
				add_shown(a, &shown, mb);
		}
	}
	ret->to_text = clean_line(a, shown.data, LINE_BYTES_MAX);
	buf_finish(&shown);
}

/* In-Reply-To first, then References from the newest: the order in which they are looked up. */
static void read_ids(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	const char *value = g_mime_object_get_header(GMIME_OBJECT(m), "Message-Id");
	const char *all[MAIL_REFS_MAX * 4];
	size_t count;

	if (value != NULL && mail_ids_scan(a, value, all, 0, 1) == 1)
		ret->message_id = all[0];
	value = g_mime_object_get_header(GMIME_OBJECT(m), "In-Reply-To");
	if (value != NULL)
		ret->ref_count = mail_ids_scan(a, value, ret->refs, 0, 5);
	value = g_mime_object_get_header(GMIME_OBJECT(m), "References");
	if (value == NULL)
		return;
	count = mail_ids_scan(a, value, all, 0, MAIL_REFS_MAX * 4);
	while (count > 0 && ret->ref_count < MAIL_REFS_MAX)
		ret->refs[ret->ref_count++] = all[--count];
}

static void read_headers(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	GDateTime *date = g_mime_message_get_date(m);

	ret->subject = clean_line(a, g_mime_message_get_subject(m), SUBJECT_BYTES_MAX);
	read_from(m, a, ret);
	read_to(m, a, ret);
	read_ids(m, a, ret);
	if (date != NULL)
		ret->date = g_date_time_to_unix(date) * 1000;
	ret->sender = mail_machine_sender(m, ret->from_addr);
}

/* ---- all of it ---- */

/* Clean, without blank lines around, cut at a character. */
static void finish_body(struct mail_walk *w)
{
	struct buf clean = {0};
	const char *s;
	size_t len;

	if (w->body.len > 0)
		text_clean(&clean, w->body.data, w->body.len, TEXT_LINES);
	buf_add_str(&clean, "");
	s = clean.data != NULL ? clean.data : "";
	s += strspn(s, "\n");
	len = strlen(s);
	while (len > 0 && strchr(" \n", s[len - 1]) != NULL)
		len--;
	if (len > MAIL_BODY_MAX) {
		for (len = MAIL_BODY_MAX; len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80;)
			len--;
		mail_parts_flaw(w, "text-cut");
	}
	w->ret->body = arena_strndup(w->arena, s, len);
	w->ret->quoted_at = mail_quote_find(w->ret->body);
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

static size_t header_length(const char *s, size_t len)
{
	const char *at = memmem(s, len, "\n\n", 2), *dos = memmem(s, len, "\n\r\n", 3);

	if (at == NULL || (dos != NULL && dos < at))
		at = dos;
	return at != NULL ? (size_t)(at - s) + 1 : len;
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

	read_headers(m, w->arena, w->ret);
	if (deep) {
		mail_parts_flaw(w, "too-deep-whole");
		mail_parts_attach(w, "message.eml", "message/rfc822", s, len);
		return;
	}
	mail_parts_walk(w, top);
	if (w->body.len == 0 && w->ret->attachment_count == 0 && GMIME_IS_MULTIPART(top) &&
	    head < len) {
		mail_parts_flaw(w, "one-part");
		take_plain(w, s + head, len - head);
	}
}

void mail_parse(const void *raw, size_t len, struct arena *a, struct mail_parsed *ret)
{
	struct mail_walk w = {.arena = a, .ret = ret};
	const char *s = raw;
	GMimeMessage *m = NULL;
	bool deep;

	memset(ret, 0, sizeof(*ret));
	skip_preamble(&s, &len);
	s = prepare(a, s, len);
	deep = count_words(s, len, "multipart/") + count_words(s, len, "message/") >
	       NESTING_WORDS_MAX;
	if (mail_is_message(s, len))
		m = parse_bytes(s, deep ? header_length(s, len) : len);
	if (m != NULL) {
		take_message(&w, m, s, len, deep);
	} else {
		mail_parts_flaw(&w, "unreadable");
		mail_parts_attach(&w, "message.eml", "application/octet-stream", s, len);
		take_plain(&w, s, len);
	}
	finish_body(&w);
	if (ret->sender == SENDER_BOUNCE)
		mail_bounce_read(&w);
	ret->flaws = w.flaws.len > 0 ? arena_strdup(a, w.flaws.data) : NULL;
	if (m != NULL)
		g_object_unref(m);
	buf_finish(&w.body);
	buf_finish(&w.returned);
	buf_finish(&w.report);
	buf_finish(&w.flaws);
}
