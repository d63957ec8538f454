/* Writing: streamed into the buffer by hand. A page of a list is thousands of these, so runs that
 * need no escape are copied whole. */
#include "wire.h"
#include <string.h>
#include "balie/clock.h"

/* Bytes of the well-formed UTF-8 sequence at s, 0 when it is not one (RFC 3629). */
static size_t sequence(const unsigned char *s)
{
	if (s[0] >= 0xC2 && s[0] <= 0xDF)
		return (s[1] & 0xC0) == 0x80 ? 2 : 0;
	if (s[0] >= 0xE0 && s[0] <= 0xEF) {
		if ((s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80)
			return 0;
		if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F))
			return 0;
		return 3;
	}
	if (s[0] >= 0xF0 && s[0] <= 0xF4) {
		if ((s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80 || (s[3] & 0xC0) != 0x80)
			return 0;
		if ((s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
			return 0;
		return 4;
	}
	return 0;
}

static void put_escape(struct buf *ret, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char u[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
	const char *name = NULL;

	if (c == '"')
		name = "\\\"";
	else if (c == '\\')
		name = "\\\\";
	else if (c == '\n')
		name = "\\n";
	else if (c == '\r')
		name = "\\r";
	else if (c == '\t')
		name = "\\t";
	if (name)
		buf_add(ret, name, 2);
	else
		buf_add(ret, u, sizeof(u));
}

void wire_put_text(struct buf *ret, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	const unsigned char *run = s;
	size_t n;

	if (!text) {
		buf_add(ret, "null", 4);
		return;
	}
	buf_add_char(ret, '"');
	while (*s) {
		if (*s >= 0x20 && *s < 0x7F && *s != '"' && *s != '\\') {
			s++;
			continue;
		}
		n = *s >= 0x80 ? sequence(s) : 0;
		if (n) {
			s += n;
			continue;
		}
		buf_add(ret, run, (size_t)(s - run));
		if (*s >= 0x80)
			buf_add(ret, "\xEF\xBF\xBD", 3);
		else
			put_escape(ret, *s);
		run = ++s;
	}
	buf_add(ret, run, (size_t)(s - run));
	buf_add_char(ret, '"');
}

static void put_int(struct buf *ret, int64_t value)
{
	char digits[24];
	char *p = digits + sizeof(digits);
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		*--p = '-';
	buf_add(ret, p, (size_t)(digits + sizeof(digits) - p));
}

static void put_word(struct buf *ret, const struct words *words, int value)
{
	if (value < 0 || value >= words->count)
		buf_add(ret, "null", 4);
	else
		wire_put_text(ret, words->code[value]);
}

static void put_time(struct buf *ret, int64_t ms)
{
	char text[CLOCK_TEXT];

	if (ms == 0) {
		buf_add(ret, "null", 4);
		return;
	}
	buf_add_char(ret, '"');
	buf_add_str(ret, clock_to_rfc3339(ms, text));
	buf_add_char(ret, '"');
}

void wire_put_value(struct buf *ret, const struct field *f, const void *from)
{
	const void *at = (const char *)from + f->offset;
	const char *text;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
		wire_put_text(ret, *(const char *const *)at);
		break;
	case FIELD_INT:
		put_int(ret, *(const int64_t *)at);
		break;
	case FIELD_BOOL:
		buf_add_str(ret, *(const bool *)at ? "true" : "false");
		break;
	case FIELD_TIME:
		put_time(ret, *(const int64_t *)at);
		break;
	case FIELD_WORD:
		put_word(ret, f->words, *(const int *)at);
		break;
	case FIELD_JSON:
		text = *(const char *const *)at;
		buf_add_str(ret, text && text[0] ? text : "null");
		break;
	}
}

bool wire_has_value(const struct field *f, const void *from)
{
	const void *at = (const char *)from + f->offset;
	const char *text;
	int word;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		text = *(const char *const *)at;
		return text && text[0];
	case FIELD_INT:
		return *(const int64_t *)at != 0;
	case FIELD_BOOL:
		return *(const bool *)at;
	case FIELD_TIME:
		return *(const int64_t *)at != 0;
	case FIELD_WORD:
		word = *(const int *)at;
		return word >= 0 && word < f->words->count;
	}
	return false;
}

/* Names of fields are ours: they need no escapes. */
static void put_name(struct buf *ret, const char *name)
{
	buf_add_char(ret, '"');
	buf_add(ret, name, strlen(name));
	buf_add(ret, "\":", 2);
}

void wire_put(struct buf *ret, const struct field *fields, size_t count, const void *from)
{
	size_t i;

	buf_add_char(ret, '{');
	for (i = 0; i < count; i++) {
		if (i)
			buf_add_char(ret, ',');
		put_name(ret, fields[i].name);
		wire_put_value(ret, &fields[i], from);
	}
	buf_add_char(ret, '}');
}

void wire_put_record(struct buf *ret, enum record_kind kind, const void *record)
{
	const struct record_type *type = &record_types[kind];

	wire_put(ret, type->fields, type->field_count, record);
}
