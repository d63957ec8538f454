/* Writing: streamed into the buffer by hand. A page of a list is thousands of these, so runs that
 * need no escape are copied whole. */
#include "wire.h"
#include <string.h>
#include "balie/clock.h"

#define TIME_MIN (INT64_C(-719162) * CLOCK_DAY_MS) /* 1 January of the year 1 */
#define TIME_MAX INT64_C(253402300799999)	   /* the end of the year 9999 */

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

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
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
	for (;;) {
		while (is_plain(*s))
			s++;
		if (!*s)
			break;
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

/* Two digits at p. */
static void two(char *p, unsigned value)
{
	p[0] = (char)('0' + value / 10 % 10);
	p[1] = (char)('0' + value % 10);
}

/* As clock_to_rfc3339 writes it, but without printf: a ticket has eight times, and printf would
 * cost more than all the rest of it. Days to date after Hinnant, with years that begin in March. */
static void put_time(struct buf *ret, int64_t ms)
{
	char t[] = "\"0000-00-00T00:00:00.000Z\"";
	int64_t days, era;
	unsigned day_ms, doe, yoe, doy, mp, year, month;

	if (ms == 0 || ms < TIME_MIN || ms > TIME_MAX) {
		buf_add(ret, "null", 4);
		return;
	}
	days = (ms - TIME_MIN) / CLOCK_DAY_MS + TIME_MIN / CLOCK_DAY_MS;
	day_ms = (unsigned)((ms - TIME_MIN) % CLOCK_DAY_MS);
	days += 719468; /* from 1 March of the year 0 */
	era = days / 146097;
	doe = (unsigned)(days % 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	month = mp < 10 ? mp + 3 : mp - 9;
	year = yoe + (unsigned)era * 400 + (month <= 2);
	two(t + 1, year / 100);
	two(t + 3, year % 100);
	two(t + 6, month);
	two(t + 9, doy - (153 * mp + 2) / 5 + 1);
	two(t + 12, day_ms / 3600000);
	two(t + 15, day_ms / 60000 % 60);
	two(t + 18, day_ms / 1000 % 60);
	t[21] = (char)('0' + day_ms % 1000 / 100);
	two(t + 22, day_ms % 100);
	buf_add(ret, t, sizeof(t) - 1);
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
