/* What an IMAP server sends, from bytes to what it means. The other side may be broken or hostile: every
 * length is bounded and nothing in a literal is ever read as a line. */
#include "imap_read.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "mail_parse.h"

#define IN_SIZE 65536
#define DEPTH_MAX 32
#define SET_MAX 2000 /* bytes of a set in a command: the limit of RFC 7162 is 8192 for a line */

/* ---- responses ---- */

static enum imap_got fill(struct imap_reader *r, struct err *err)
{
	long n;

	if (r->in == NULL)
		r->in = xcalloc(1, IN_SIZE);
	r->at = r->end = 0;
	n = r->fill(r->user, r->in, IN_SIZE, err);
	if (n <= 0)
		return n == 0 ? IMAP_GOT_NOTHING : IMAP_GOT_ERROR;
	r->end = (size_t)n;
	r->bytes += n;
	return IMAP_GOT_RESPONSE;
}

/* Adds up to the end of the line, with it. */
static enum imap_got read_line(struct imap_reader *r, struct err *err)
{
	size_t begun = r->out.len;

	for (;;) {
		const char *from = r->in + r->at;
		const char *nl = r->at < r->end ? memchr(from, '\n', r->end - r->at) : NULL;
		size_t n = nl != NULL ? (size_t)(nl - from) + 1 : r->end - r->at;
		enum imap_got got;

		if (r->out.len - begun + n > IMAP_LINE_MAX) {
			err_set(err, ERR_CORRUPT, _("the mail server sends a line without end"));
			return IMAP_GOT_ERROR;
		}
		if (n > 0)
			buf_add(&r->out, from, n);
		r->at += n;
		if (nl != NULL)
			return IMAP_GOT_RESPONSE;
		got = fill(r, err);
		if (got != IMAP_GOT_RESPONSE)
			return got;
	}
}

/* Length of the literal that a line announces at its end; -1: none. *ret_brace: where. */
static int64_t literal_at_end(const struct buf *b, size_t begun, size_t *ret_brace)
{
	size_t end = b->len, at;
	int64_t n = 0;

	if (end - begun < 3 || b->data[end - 1] != '\n')
		return -1;
	end--;
	if (b->data[end - 1] == '\r')
		end--;
	if (end <= begun || b->data[end - 1] != '}')
		return -1;
	for (at = end - 1; at > begun && b->data[at - 1] >= '0' && b->data[at - 1] <= '9';)
		at--;
	if (at <= begun || b->data[at - 1] != '{' || at == end - 1 || end - 1 - at > 12)
		return -1;
	for (size_t i = at; i < end - 1; i++)
		n = n * 10 + (b->data[i] - '0');
	*ret_brace = at - 1;
	return n;
}

/* Adds n bytes, or reads them away. */
static enum imap_got read_bytes(struct imap_reader *r, int64_t n, bool keep, struct err *err)
{
	while (n > 0) {
		size_t some = r->end - r->at;
		enum imap_got got;

		if (some == 0) {
			got = fill(r, err);
			if (got != IMAP_GOT_RESPONSE)
				return got;
			continue;
		}
		if ((int64_t)some > n)
			some = (size_t)n;
		if (keep)
			buf_add(&r->out, r->in + r->at, some);
		r->at += some;
		n -= (int64_t)some;
	}
	return IMAP_GOT_RESPONSE;
}

static enum imap_got read_literal(struct imap_reader *r, int64_t n, size_t brace, bool *too_large,
				  struct err *err)
{
	bool keep = n <= MAIL_BYTES_MAX && r->out.len + (size_t)n <= MAIL_BYTES_MAX + IMAP_LINE_MAX;

	if (n > IMAP_SKIP_MAX) {
		err_set(err, ERR_CORRUPT, _("the mail server announces %lld bytes"), (long long)n);
		return IMAP_GOT_ERROR;
	}
	if (!keep) {
		*too_large = true;
		r->out.len = brace;
		buf_add_str(&r->out, "{0}\r\n");
	}
	return read_bytes(r, n, keep, err);
}

enum imap_got imap_read(struct imap_reader *r, struct imap_response *ret, struct err *err)
{
	bool too_large = false;
	enum imap_got got;

	/* One large message must not keep its room for the whole day. */
	if (r->out.cap > 4 * 1024 * 1024)
		buf_finish(&r->out);
	buf_reset(&r->out);
	for (int literals = 0; literals <= IMAP_LITERALS_MAX; literals++) {
		size_t begun = r->out.len, brace = 0;
		int64_t n;

		got = read_line(r, err);
		if (got == IMAP_GOT_NOTHING && r->out.len == 0)
			return got;
		if (got == IMAP_GOT_RESPONSE) {
			n = literal_at_end(&r->out, begun, &brace);
			if (n < 0)
				goto whole;
			got = read_literal(r, n, brace, &too_large, err);
		}
		if (got == IMAP_GOT_NOTHING)
			err_set(err, ERR_NET, _("the mail server stopped in the middle of a word"));
		if (got != IMAP_GOT_RESPONSE)
			return IMAP_GOT_ERROR;
	}
	err_set(err, ERR_CORRUPT, _("the mail server sends an answer without end"));
	return IMAP_GOT_ERROR;
whole:
	r->out.len--;
	if (r->out.len > 0 && r->out.data[r->out.len - 1] == '\r')
		r->out.len--;
	r->out.data[r->out.len] = '\0';
	ret->data = r->out.data;
	ret->len = r->out.len;
	ret->too_large = too_large;
	return IMAP_GOT_RESPONSE;
}

void imap_reader_finish(struct imap_reader *r)
{
	free(r->in);
	buf_finish(&r->out);
	memset(r, 0, sizeof(*r));
}

/* ---- words ---- */

static enum imap_token_kind scan_quoted(struct imap_scan *s, const char **ret, size_t *ret_len)
{
	const char *p = s->at + 1;

	for (*ret = p; p < s->end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < s->end)
			p++;
		else if (*p == '\r' || *p == '\n')
			return IMAP_BAD;
	if (p >= s->end)
		return IMAP_BAD;
	*ret_len = (size_t)(p - *ret);
	s->at = p + 1;
	return IMAP_STRING;
}

static enum imap_token_kind scan_literal(struct imap_scan *s, const char **ret, size_t *ret_len)
{
	const char *p = s->at + 1;
	size_t n = 0;

	for (; p < s->end && *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (size_t)(*p - '0');
		if (n > MAIL_BYTES_MAX)
			return IMAP_BAD;
	}
	if (p >= s->end || *p++ != '}')
		return IMAP_BAD;
	if (p < s->end && *p == '\r')
		p++;
	if (p >= s->end || *p++ != '\n' || (size_t)(s->end - p) < n)
		return IMAP_BAD;
	*ret = p;
	*ret_len = n;
	s->at = p + n;
	return IMAP_STRING;
}

/* An atom, with what stands between brackets: BODY[HEADER.FIELDS (TO)]<0> is one. */
static enum imap_token_kind scan_atom(struct imap_scan *s, const char **ret, size_t *ret_len)
{
	const char *p = s->at;
	bool inside = false;

	for (; p < s->end; p++) {
		if (*p == '\r' || *p == '\n')
			return IMAP_BAD;
		if (*p == '[')
			inside = true;
		else if (*p == ']')
			inside = false;
		else if (!inside && (*p == ' ' || *p == '(' || *p == ')' || *p == '"'))
			break;
	}
	*ret = s->at;
	*ret_len = (size_t)(p - s->at);
	s->at = p;
	return *ret_len > 0 ? IMAP_ATOM : IMAP_BAD;
}

enum imap_token_kind imap_scan_next(struct imap_scan *s, const char **ret, size_t *ret_len)
{
	*ret = s->at;
	*ret_len = 0;
	while (s->at < s->end && *s->at == ' ')
		s->at++;
	if (s->at >= s->end)
		return IMAP_END;
	if (*s->at == '(' || *s->at == ')')
		return *s->at++ == '(' ? IMAP_OPEN : IMAP_CLOSE;
	if (*s->at == '"')
		return scan_quoted(s, ret, ret_len);
	if (*s->at == '{')
		return scan_literal(s, ret, ret_len);
	return scan_atom(s, ret, ret_len);
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

bool imap_number(const char *text, size_t len, uint32_t *ret)
{
	uint64_t n = 0;

	if (len == 0 || len > 10)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	if (n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

bool imap_date(const char *text, size_t len, int64_t *ret)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	char in[40], iso[40], month[4] = "";
	int m = 0;

	/* " 1-Jan-2026 10:00:00 +0100" */
	if (len != 26 || text[2] != '-' || text[6] != '-' || text[11] != ' ' || text[20] != ' ')
		return false;
	memcpy(in, text, len);
	in[len] = '\0';
	if (in[0] == ' ')
		in[0] = '0';
	for (int i = 0; i < 3; i++)
		month[i] = (char)(in[3 + i] | 0x20);
	while (m < 12 && memcmp(months + (size_t)m * 3, month, 3) != 0)
		m++;
	if (m == 12)
		return false;
	memset(iso, 0, sizeof(iso));
	memcpy(iso, in + 7, 4);
	iso[4] = '-';
	iso[5] = (char)('0' + (m + 1) / 10);
	iso[6] = (char)('0' + (m + 1) % 10);
	iso[7] = '-';
	memcpy(iso + 8, in, 2);
	iso[10] = 'T';
	memcpy(iso + 11, in + 12, 8);
	memcpy(iso + 19, in + 21, 3);
	iso[22] = ':';
	memcpy(iso + 23, in + 24, 2);
	return clock_from_rfc3339(iso, ret);
}

/* ---- what they say ---- */

/* Passes one value, a list with all in it. */
static bool skip_value(struct imap_scan *s, enum imap_token_kind kind)
{
	const char *text;
	size_t len;
	int depth = 0;

	for (;;) {
		if (kind == IMAP_OPEN)
			depth++;
		else if (kind == IMAP_CLOSE)
			depth--;
		else if (kind == IMAP_BAD || kind == IMAP_END)
			return false;
		if (depth <= 0 || depth > DEPTH_MAX)
			return depth == 0;
		kind = imap_scan_next(s, &text, &len);
	}
}

static bool fetch_number(enum imap_token_kind kind, const char *text, size_t len, uint32_t *ret)
{
	return kind == IMAP_ATOM && imap_number(text, len, ret);
}

/* One name and its value. False: it makes no sense. */
static bool fetch_item(struct imap_scan *s, const char *name, size_t name_len,
		       const struct imap_response *r, struct imap_fetched *ret)
{
	const char *text;
	size_t len;
	enum imap_token_kind kind = imap_scan_next(s, &text, &len);
	uint32_t n = 0;

	if (is_word(name, name_len, "UID")) {
		/* Twice with two values is a lie: better none. */
		if (!fetch_number(kind, text, len, &n) || (ret->uid != 0 && ret->uid != n))
			return false;
		ret->uid = n;
		return true;
	}
	if (is_word(name, name_len, "RFC822.SIZE")) {
		if (!fetch_number(kind, text, len, &n))
			return false;
		ret->size = n;
		return true;
	}
	if (is_word(name, name_len, "INTERNALDATE") && kind == IMAP_STRING) {
		imap_date(text, len, &ret->date);
		return true;
	}
	if (name_len >= 6 && strncasecmp(name, "BODY[]", 6) == 0 &&
	    (kind == IMAP_STRING || (kind == IMAP_ATOM && is_word(text, len, "NIL")))) {
		if (ret->body != NULL)
			return false;
		ret->body = kind == IMAP_STRING ? text : "";
		ret->body_len = kind == IMAP_STRING ? len : 0;
		ret->too_large = r->too_large;
		return true;
	}
	return skip_value(s, kind);
}

bool imap_read_fetch(const struct imap_response *r, struct imap_fetched *ret)
{
	struct imap_scan s = {r->data, r->data + r->len};
	const char *text;
	size_t len;
	uint32_t n;

	memset(ret, 0, sizeof(*ret));
	if (imap_scan_next(&s, &text, &len) != IMAP_ATOM || !is_word(text, len, "*") ||
	    imap_scan_next(&s, &text, &len) != IMAP_ATOM || !imap_number(text, len, &n) ||
	    imap_scan_next(&s, &text, &len) != IMAP_ATOM || !is_word(text, len, "FETCH") ||
	    imap_scan_next(&s, &text, &len) != IMAP_OPEN)
		return false;
	for (;;) {
		enum imap_token_kind kind = imap_scan_next(&s, &text, &len);

		if (kind == IMAP_CLOSE)
			return imap_scan_next(&s, &text, &len) == IMAP_END;
		if (kind != IMAP_ATOM || !fetch_item(&s, text, len, r, ret))
			return false;
	}
}

bool imap_read_count(const struct imap_response *r, const char *word, uint32_t *ret)
{
	struct imap_scan s = {r->data, r->data + r->len};
	const char *text;
	size_t len;
	uint32_t n;

	if (imap_scan_next(&s, &text, &len) != IMAP_ATOM || !is_word(text, len, "*") ||
	    imap_scan_next(&s, &text, &len) != IMAP_ATOM || !imap_number(text, len, &n) ||
	    imap_scan_next(&s, &text, &len) != IMAP_ATOM || !is_word(text, len, word))
		return false;
	*ret = n;
	return true;
}

bool imap_read_code(const struct imap_response *r, const char *word, uint32_t *ret)
{
	size_t n = strlen(word), len = strcspn(r->data, "\r\n");
	const char *p = memchr(r->data, '[', len);
	const char *end = r->data + len;
	size_t digits = 0;

	/* Only as the first of the text: "* OK [CODE 5] …" */
	if (p == NULL || p - r->data > 8 || (size_t)(end - p) < n + 3 ||
	    strncasecmp(p + 1, word, n) != 0 || p[n + 1] != ' ')
		return false;
	p += n + 2;
	while (p + digits < end && p[digits] >= '0' && p[digits] <= '9')
		digits++;
	return p + digits < end && p[digits] == ']' && imap_number(p, digits, ret);
}

bool imap_has_word(const struct imap_response *r, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= r->len; i++) {
		if (strncasecmp(r->data + i, word, n) != 0)
			continue;
		if ((i == 0 || strchr(" [(", r->data[i - 1]) != NULL) &&
		    (i + n == r->len || strchr(" ])\r\n", r->data[i + n]) != NULL))
			return true;
	}
	return false;
}

bool imap_makes_sense(const struct imap_response *r)
{
	struct imap_fetched f;
	uint32_t n;

	if (r->data[0] != '*' && r->data[0] != '+')
		return false;
	return !imap_read_count(r, "FETCH", &n) || imap_read_fetch(r, &f);
}

unsigned imap_read_can(const struct imap_response *r)
{
	return (imap_has_word(r, "IDLE") ? IMAP_CAN_IDLE : 0) |
	       (imap_has_word(r, "MOVE") ? IMAP_CAN_MOVE : 0) |
	       (imap_has_word(r, "UIDPLUS") ? IMAP_CAN_UIDPLUS : 0);
}

void imap_read_select(const struct imap_response *r, struct imap_folder *ret)
{
	uint32_t n;

	if (imap_read_count(r, "EXISTS", &n))
		ret->exists = n;
	else if (imap_read_code(r, "UIDVALIDITY", &n))
		ret->uidvalidity = n;
	else if (imap_read_code(r, "UIDNEXT", &n))
		ret->uid_next = n;
	else if (strncasecmp(r->data, "* OK [PERMANENTFLAGS", 20) == 0)
		ret->keywords = memmem(r->data, r->len, "\\*", 2) != NULL;
}

void imap_say_no(struct err *err, const struct imap_response *r)
{
	struct buf clean = {0};
	const char *text = memchr(r->data, ' ', r->len);
	size_t len;

	text = text != NULL ? text + 1 : r->data;
	len = r->len - (size_t)(text - r->data);
	text_clean(&clean, text, len < 200 ? len : 200, TEXT_ONE_LINE);
	err_set(err, ERR_DENIED, _("the mail server says: %s"),
		clean.data != NULL ? clean.data : "");
	buf_finish(&clean);
}

/* ---- what we say ---- */

static void put_base64(struct buf *ret, const unsigned char *p, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16;

		if (i + 1 < n)
			v |= (unsigned)p[i + 1] << 8;
		if (i + 2 < n)
			v |= p[i + 2];
		buf_add_char(ret, digits[v >> 18]);
		buf_add_char(ret, digits[v >> 12 & 63]);
		if (i + 1 < n)
			buf_add_char(ret, digits[v >> 6 & 63]);
		if (i + 2 < n)
			buf_add_char(ret, digits[v & 63]);
	}
}

/* One character of UTF-8 that is known to be valid. */
static uint32_t character_at(const char *p, size_t *ret_len)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t v = n == 1 ? c : c & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		v = v << 6 | ((unsigned char)p[i] & 0x3f);
	*ret_len = n;
	return v;
}

static void add_utf16(struct buf *units, uint32_t v)
{
	uint32_t pair[2] = {v, 0};
	int n = 1;

	if (v >= 0x10000) {
		pair[0] = 0xd800 + ((v - 0x10000) >> 10);
		pair[1] = 0xdc00 + ((v - 0x10000) & 0x3ff);
		n = 2;
	}
	for (int i = 0; i < n; i++) {
		buf_add_char(units, (char)(pair[i] >> 8));
		buf_add_char(units, (char)pair[i]);
	}
}

static void end_shift(struct buf *ret, struct buf *units)
{
	if (units->len == 0)
		return;
	buf_add_char(ret, '&');
	put_base64(ret, (const unsigned char *)units->data, units->len);
	buf_add_char(ret, '-');
	buf_reset(units);
}

bool imap_put_folder(struct buf *ret, const char *name)
{
	struct buf units = {0};
	size_t len = strlen(name), n;

	if (len == 0 || len > 500 || !text_valid(name, len))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return false;
	buf_add_char(ret, '"');
	for (size_t i = 0; i < len; i += n) {
		uint32_t v = character_at(name + i, &n);

		if (v >= 0x80) {
			add_utf16(&units, v);
			continue;
		}
		end_shift(ret, &units);
		if (v == '"' || v == '\\')
			buf_add_char(ret, '\\');
		buf_add_char(ret, (char)v);
		if (v == '&')
			buf_add_char(ret, '-');
	}
	end_shift(ret, &units);
	buf_add_char(ret, '"');
	buf_finish(&units);
	return true;
}

size_t imap_put_set(struct buf *ret, const uint32_t *uids, size_t count)
{
	size_t begun = ret->len, i = 0;

	while (i < count && ret->len - begun < SET_MAX) {
		size_t last = i;

		while (last + 1 < count && uids[last + 1] == uids[last] + 1)
			last++;
		buf_printf(ret, last > i ? "%s%u:%u" : "%s%u", i > 0 ? "," : "", uids[i],
			   uids[last]);
		i = last + 1;
	}
	return i;
}
