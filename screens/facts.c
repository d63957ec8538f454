#include "facts.h"
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

static void skip_space(const char **p)
{
	while (**p == ' ' || **p == '\t' || **p == '\n' || **p == '\r')
		(*p)++;
}

static int hex_value(const char *p)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

static void add_character(struct buf *ret, uint32_t c)
{
	if (c == 0 || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		c = 0xfffd;
	if (c < 0x80) {
		buf_add_char(ret, (char)c);
	} else if (c < 0x800) {
		buf_add_char(ret, (char)(0xc0 | c >> 6));
		buf_add_char(ret, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_add_char(ret, (char)(0xe0 | c >> 12));
		buf_add_char(ret, (char)(0x80 | (c >> 6 & 63)));
		buf_add_char(ret, (char)(0x80 | (c & 63)));
	} else {
		buf_add_char(ret, (char)(0xf0 | c >> 18));
		buf_add_char(ret, (char)(0x80 | (c >> 12 & 63)));
		buf_add_char(ret, (char)(0x80 | (c >> 6 & 63)));
		buf_add_char(ret, (char)(0x80 | (c & 63)));
	}
}

static bool read_escape(const char **p, struct buf *ret)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = **p ? strchr(from, **p) : NULL;
	int high, low;

	if (at) {
		buf_add_char(ret, to[at - from]);
		(*p)++;
		return true;
	}
	if (**p != 'u')
		return false;
	high = hex_value(*p + 1);
	if (high < 0)
		return false;
	*p += 5;
	if (high >= 0xd800 && high < 0xdc00 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		low = hex_value(*p + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			*p += 6;
			add_character(ret, 0x10000u + (((uint32_t)high - 0xd800u) << 10) +
						   ((uint32_t)low - 0xdc00u));
			return true;
		}
	}
	add_character(ret, (uint32_t)high);
	return true;
}

/* Behind the opening quote; leaves *p behind the closing one. */
static bool read_string(const char **p, const char **ret, struct arena *a)
{
	struct buf text = {0};
	bool ok = false;

	while (**p && **p != '"') {
		char c = *(*p)++;

		if (c != '\\')
			buf_add_char(&text, c);
		else if (!read_escape(p, &text))
			goto out;
	}
	if (**p != '"')
		goto out;
	(*p)++;
	*ret = text.data ? arena_strndup(a, text.data, text.len) : "";
	ok = true;
out:
	buf_finish(&text);
	return ok;
}

static bool skip_nested(const char **p)
{
	int depth = 0;
	bool quoted = false;

	for (; **p; (*p)++) {
		if (quoted) {
			if (**p == '\\' && (*p)[1])
				(*p)++;
			else if (**p == '"')
				quoted = false;
		} else if (**p == '"') {
			quoted = true;
		} else if (**p == '{' || **p == '[') {
			if (++depth > DEPTH_MAX)
				return false;
		} else if (**p == '}' || **p == ']') {
			if (--depth == 0) {
				(*p)++;
				return true;
			}
		}
	}
	return false;
}

static bool read_word(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len) != 0)
		return false;
	*p += len;
	return true;
}

static bool read_value(const char **p, struct fact *ret, struct arena *a)
{
	const char *start;

	skip_space(p);
	start = *p;
	ret->text = "";
	if (**p == '"') {
		(*p)++;
		ret->kind = FACT_TEXT;
		return read_string(p, &ret->text, a);
	}
	if (**p == '{' || **p == '[') {
		ret->kind = FACT_NESTED;
		if (!skip_nested(p))
			return false;
		ret->text = arena_strndup(a, start, (size_t)(*p - start));
		return true;
	}
	if (read_word(p, "true")) {
		ret->kind = FACT_TRUE;
		return true;
	}
	if (read_word(p, "false")) {
		ret->kind = FACT_FALSE;
		return true;
	}
	if (read_word(p, "null")) {
		ret->kind = FACT_NULL;
		return true;
	}
	*p += strspn(*p, "+-.0123456789eE");
	ret->kind = FACT_NUMBER;
	ret->text = arena_strndup(a, start, (size_t)(*p - start));
	return *p > start;
}

size_t facts_read(const char *json, struct fact *ret, size_t max, struct arena *a)
{
	const char *p = json ? json : "";
	size_t count = 0;
	bool object;

	skip_space(&p);
	if (*p != '{' && *p != '[')
		return 0;
	object = *p++ == '{';
	while (count < max) {
		struct fact fact = {0};

		skip_space(&p);
		if (object) {
			if (*p++ != '"' || !read_string(&p, &fact.name, a))
				break;
			skip_space(&p);
			if (*p++ != ':')
				break;
		} else if (*p == ']' || !*p) {
			break;
		}
		if (!read_value(&p, &fact, a))
			break;
		ret[count++] = fact;
		skip_space(&p);
		if (*p++ != ',')
			break;
	}
	return count;
}

const struct fact *fact_find(const struct fact *facts, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (facts[i].name && strcmp(facts[i].name, name) == 0)
			return &facts[i];
	return NULL;
}

const char *fact_text(const struct fact *facts, size_t count, const char *name)
{
	const struct fact *fact = fact_find(facts, count, name);

	return fact && fact->kind == FACT_TEXT ? fact->text : "";
}

int64_t fact_number(const struct fact *facts, size_t count, const char *name)
{
	const struct fact *fact = fact_find(facts, count, name);

	if (!fact || (fact->kind != FACT_NUMBER && fact->kind != FACT_TEXT))
		return 0;
	return strtoll(fact->text, NULL, 10);
}
