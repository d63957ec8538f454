/* A strict reader of the grammar (RFC 8259) in front of cJSON, which is lenient: it takes 01, bad
 * UTF-8, double names and a byte order mark, and cuts a string at \u0000. Only what passes here is
 * given to cJSON, so that all mistakes are told in one way, with their place. */
#include "wire.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"

#define DEPTH_MAX 64
#define NUMBER_MAX 9007199254740992.0
#define NUMBER_DIGITS 32

struct scan {
	const char *text;
	size_t len, pos;
	struct err *err;
};

static bool fail(struct scan *s, const char *what)
{
	err_set(s->err, ERR_INPUT, _("not valid JSON at byte %zu: %s"), s->pos, what);
	return false;
}

/* The byte at the place, -1 at the end. */
static int peek(const struct scan *s)
{
	return s->pos < s->len ? (unsigned char)s->text[s->pos] : -1;
}

static void skip_space(struct scan *s)
{
	int c = peek(s);

	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		s->pos++;
		c = peek(s);
	}
}

static bool hex4(struct scan *s, unsigned *ret)
{
	unsigned v = 0;
	int i, c;

	for (i = 0; i < 4; i++) {
		c = peek(s);
		if (c >= '0' && c <= '9')
			v = v * 16 + (unsigned)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f' && c > 0)
			v = v * 16 + (unsigned)((c | 32) - 'a' + 10);
		else
			return fail(s, _("\\u needs four hexadecimal digits"));
		s->pos++;
	}
	*ret = v;
	return true;
}

/* After \u. */
static bool scan_unicode(struct scan *s)
{
	unsigned high, low;

	if (!hex4(s, &high))
		return false;
	if (high == 0)
		return fail(s, _("\\u0000 is not allowed"));
	if (high >= 0xDC00 && high <= 0xDFFF)
		return fail(s, _("half of a character"));
	if (high < 0xD800 || high > 0xDBFF)
		return true;
	if (s->len - s->pos < 2 || s->text[s->pos] != '\\' || s->text[s->pos + 1] != 'u')
		return fail(s, _("half of a character"));
	s->pos += 2;
	if (!hex4(s, &low))
		return false;
	if (low < 0xDC00 || low > 0xDFFF)
		return fail(s, _("half of a character"));
	return true;
}

static bool scan_string(struct scan *s)
{
	int c;

	if (peek(s) != '"')
		return fail(s, _("a name or text in double quotes was expected"));
	s->pos++;
	for (;;) {
		c = peek(s);
		if (c < 0)
			return fail(s, _("text without end"));
		if (c < 0x20)
			return fail(s, _("control character in text"));
		s->pos++;
		if (c == '"')
			return true;
		if (c != '\\')
			continue;
		c = peek(s);
		if (c <= 0 || !strchr("\"\\/bfnrtu", c))
			return fail(s, _("unknown escape"));
		s->pos++;
		if (c == 'u' && !scan_unicode(s))
			return false;
	}
}

static size_t scan_digits(struct scan *s)
{
	size_t n = 0;

	while (peek(s) >= '0' && peek(s) <= '9') {
		s->pos++;
		n++;
	}
	return n;
}

static bool scan_number(struct scan *s)
{
	size_t start = s->pos;
	size_t whole;
	char copy[NUMBER_DIGITS + 1];
	double value;

	if (peek(s) == '-')
		s->pos++;
	whole = s->pos;
	if (scan_digits(s) == 0)
		return fail(s, _("a value was expected"));
	if (s->text[whole] == '0' && s->pos - whole > 1)
		return fail(s, _("a number begins with 0"));
	if (peek(s) == '.') {
		s->pos++;
		if (scan_digits(s) == 0)
			return fail(s, _("digits were expected"));
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->pos++;
		if (peek(s) == '+' || peek(s) == '-')
			s->pos++;
		if (scan_digits(s) == 0)
			return fail(s, _("digits were expected"));
	}
	if (s->pos - start > NUMBER_DIGITS)
		return fail(s, _("the number is too long"));
	memcpy(copy, s->text + start, s->pos - start);
	copy[s->pos - start] = '\0';
	value = strtod(copy, NULL);
	if (!isfinite(value) || fabs(value) >= NUMBER_MAX)
		return fail(s, _("the number is too large"));
	return true;
}

static bool scan_literal(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len - s->pos < n || memcmp(s->text + s->pos, word, n) != 0)
		return fail(s, _("a value was expected"));
	s->pos += n;
	return true;
}

static bool scan_value(struct scan *s, int depth);

static bool scan_member(struct scan *s, bool object, int depth)
{
	if (object) {
		skip_space(s);
		if (!scan_string(s))
			return false;
		skip_space(s);
		if (peek(s) != ':')
			return fail(s, _("a colon was expected"));
		s->pos++;
	}
	return scan_value(s, depth);
}

/* Object or array: the place is at its first byte. */
static bool scan_many(struct scan *s, int depth)
{
	bool object = peek(s) == '{';
	int end = object ? '}' : ']';

	if (depth >= DEPTH_MAX)
		return fail(s, _("nested too deep"));
	s->pos++;
	skip_space(s);
	if (peek(s) == end) {
		s->pos++;
		return true;
	}
	for (;;) {
		if (!scan_member(s, object, depth + 1))
			return false;
		skip_space(s);
		if (peek(s) == end) {
			s->pos++;
			return true;
		}
		if (peek(s) != ',')
			return fail(s, _("a comma or the end of the list was expected"));
		s->pos++;
	}
}

static bool scan_value(struct scan *s, int depth)
{
	int c;

	skip_space(s);
	c = peek(s);
	if (c == '{' || c == '[')
		return scan_many(s, depth);
	if (c == '"')
		return scan_string(s);
	if (c == 't')
		return scan_literal(s, "true");
	if (c == 'f')
		return scan_literal(s, "false");
	if (c == 'n')
		return scan_literal(s, "null");
	return scan_number(s);
}

/* The first byte that is not valid; text_valid only says that there is one. */
static size_t first_bad_byte(const char *text, size_t len)
{
	size_t good = 0;
	size_t n = 1;

	while (good < len && n <= 4) {
		for (n = 1; n <= 4; n++) {
			if (good + n <= len && text_valid(text + good, n)) {
				good += n;
				break;
			}
		}
	}
	return good;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of one object, once each. Names may be written with escapes, so this is done on the tree;
 * sorted, because a hostile object can have very many. */
static bool names_differ(const cJSON *object, struct err *err)
{
	const cJSON *item;
	const char **names;
	size_t n = 0;
	size_t i = 0;
	bool ok = true;

	for (item = object->child; item; item = item->next)
		n++;
	if (n < 2)
		return true;
	names = xcalloc(n, sizeof(*names));
	for (item = object->child; item; item = item->next)
		names[i++] = item->string;
	qsort(names, n, sizeof(*names), by_name);
	for (i = 1; ok && i < n; i++) {
		if (strcmp(names[i - 1], names[i]) == 0) {
			err_set(err, ERR_INPUT,
				_("not valid JSON: the name \"%.60s\" is there twice"), names[i]);
			ok = false;
		}
	}
	free(names);
	return ok;
}

/* Depth is bounded by the scan before. */
static bool all_names_differ(const cJSON *json, struct err *err)
{
	const cJSON *item;

	if (cJSON_IsObject(json) && !names_differ(json, err))
		return false;
	for (item = json->child; item; item = item->next)
		if (item->child && !all_names_differ(item, err))
			return false;
	return true;
}

struct cJSON *wire_parse(const char *text, size_t len, struct err *err)
{
	struct scan s = {.text = text, .len = len, .err = err};
	cJSON *json = NULL;

	if (!text_valid(text, len)) {
		s.pos = first_bad_byte(text, len);
		fail(&s, _("not valid UTF-8"));
		return NULL;
	}
	if (!scan_value(&s, 0))
		return NULL;
	skip_space(&s);
	if (s.pos != len) {
		fail(&s, _("something follows the end"));
		return NULL;
	}
	json = cJSON_ParseWithLength(text, len);
	if (!json) {
		s.pos = 0;
		fail(&s, _("it cannot be read"));
		return NULL;
	}
	if (!all_names_differ(json, err)) {
		cJSON_Delete(json);
		return NULL;
	}
	return json;
}

void wire_free(struct cJSON *json)
{
	cJSON_Delete(json);
}
