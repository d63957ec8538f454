/* Reading: a JSON object into a struct by the table of its fields. */
#include "wire.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "balie/id.h"

#define NUMBER_MAX 9007199254740991.0

void wire_point(const char **pointer, struct arena *a, const char *name)
{
	struct buf b = {0};

	if (!pointer)
		return;
	buf_add_char(&b, '/');
	for (; *name; name++) {
		if (*name == '~')
			buf_add(&b, "~0", 2);
		else if (*name == '/')
			buf_add(&b, "~1", 2);
		else
			buf_add_char(&b, *name);
	}
	*pointer = arena_strndup(a, b.data, b.len);
	buf_finish(&b);
}

static bool fail(const struct field *f, const char *what, struct err *err)
{
	err_set(err, ERR_INPUT, "%s %s", f->name, what);
	return false;
}

static bool get_text(const struct field *f, const cJSON *v, bool strict, const char **ret,
		     struct arena *a, struct err *err)
{
	size_t own = f->type == FIELD_LINES ? FIELD_LINES_MAX : FIELD_TEXT_MAX;
	size_t max = f->max ? (size_t)f->max : own;
	size_t len;

	if (!cJSON_IsString(v))
		return fail(f, _("must be text"), err);
	len = strlen(v->valuestring);
	if (len > max) {
		err_set(err, ERR_INPUT, _("%s is too long: at most %zu bytes"), f->name, max);
		return false;
	}
	if (strict && !text_plain(v->valuestring, f->type == FIELD_LINES))
		return fail(f,
			    f->type == FIELD_LINES ? _("holds control characters")
						   : _("must be one line"),
			    err);
	*ret = arena_strndup(a, v->valuestring, len);
	return true;
}

static bool get_id(const struct field *f, const cJSON *v, const char **ret, struct arena *a,
		   struct err *err)
{
	if (!cJSON_IsString(v))
		return fail(f, _("must be an identifier"), err);
	if (v->valuestring[0] == '\0') {
		*ret = NULL;
		return true;
	}
	if (!id_valid(v->valuestring))
		return fail(f, _("is not an identifier"), err);
	*ret = arena_strdup(a, v->valuestring);
	return true;
}

static int two(const char *s)
{
	return (s[0] - '0') * 10 + s[1] - '0';
}

/* "1964-03-12", "1964-03" or "1964", and in the calendar. */
static bool date_valid(const char *s)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	static const char form[] = "dddd-dd-dd";
	size_t len = strlen(s);
	size_t i;
	int year, month;
	bool leap;

	if (len != 4 && len != 7 && len != 10)
		return false;
	for (i = 0; i < len; i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != '-')
			return false;
	year = two(s) * 100 + two(s + 2);
	if (year < 1800)
		return false;
	if (len == 4)
		return true;
	month = two(s + 5);
	if (month < 1 || month > 12)
		return false;
	if (len == 7)
		return true;
	leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return two(s + 8) >= 1 && two(s + 8) <= days[month - 1] + leap;
}

static bool get_date(const struct field *f, const cJSON *v, const char **ret, struct arena *a,
		     struct err *err)
{
	if (!cJSON_IsString(v) || !date_valid(v->valuestring))
		return fail(f, _("must be a date such as 1964-03-12, 1964-03 or 1964"), err);
	*ret = arena_strdup(a, v->valuestring);
	return true;
}

static bool get_int(const struct field *f, const cJSON *v, int64_t *ret, struct err *err)
{
	double n;

	if (!cJSON_IsNumber(v))
		return fail(f, _("must be a number"), err);
	n = v->valuedouble;
	if (n != floor(n) || n < 0 || n > (f->max ? (double)f->max : NUMBER_MAX)) {
		err_set(err, ERR_INPUT, _("%s must be a whole number from 0 to %.0f"), f->name,
			f->max ? (double)f->max : NUMBER_MAX);
		return false;
	}
	*ret = (int64_t)n;
	return true;
}

static bool get_time(const struct field *f, const cJSON *v, int64_t *ret, struct err *err)
{
	int64_t ms;

	if (!cJSON_IsString(v) || !clock_from_rfc3339(v->valuestring, &ms))
		return fail(f, _("must be a time such as 2026-11-24T05:31:56Z"), err);
	*ret = ms;
	return true;
}

static bool get_word(const struct field *f, const cJSON *v, int *ret, struct err *err)
{
	struct buf all = {0};
	int word = cJSON_IsString(v) ? words_find(f->words, v->valuestring) : -1;
	int i;

	if (word >= 0) {
		*ret = word;
		return true;
	}
	for (i = 0; i < f->words->count; i++) {
		if (i)
			buf_add(&all, ", ", 2);
		buf_add_str(&all, f->words->code[i]);
	}
	err_set(err, ERR_INPUT, _("%s must be one of: %s"), f->name, all.data);
	buf_finish(&all);
	return false;
}

static bool get_json(const struct field *f, const cJSON *v, const char **ret, struct arena *a,
		     struct err *err)
{
	char *text = cJSON_PrintUnformatted(v);
	size_t max = f->max ? (size_t)f->max : FIELD_LINES_MAX;
	size_t len = text ? strlen(text) : 0;
	bool ok = false;

	if (!text || len > max) {
		err_set(err, ERR_INPUT, _("%s is too long: at most %zu bytes"), f->name, max);
		goto out;
	}
	*ret = arena_strndup(a, text, len);
	ok = true;
out:
	cJSON_free(text);
	return ok;
}

static bool get_null(const struct field *f, bool strict, void *at, struct err *err)
{
	if (strict && (f->flags & FIELD_REQUIRED))
		return fail(f, _("is missing"), err);
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		*(const char **)at = NULL;
		return true;
	case FIELD_TIME:
		*(int64_t *)at = 0;
		return true;
	case FIELD_WORD:
		if (f->flags & FIELD_REQUIRED)
			return get_word(f, NULL, at, err);
		*(int *)at = -1;
		return true;
	case FIELD_INT:
		return fail(f, _("must be a number"), err);
	case FIELD_BOOL:
		return fail(f, _("must be true or false"), err);
	}
	return false;
}

static bool get_value(const struct field *f, const cJSON *v, bool strict, void *at, struct arena *a,
		      struct err *err)
{
	if (cJSON_IsNull(v))
		return get_null(f, strict, at, err);
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
		return get_text(f, v, strict, at, a, err);
	case FIELD_ID:
		return get_id(f, v, at, a, err);
	case FIELD_DATE:
		return get_date(f, v, at, a, err);
	case FIELD_INT:
		return get_int(f, v, at, err);
	case FIELD_BOOL:
		if (!cJSON_IsBool(v))
			return fail(f, _("must be true or false"), err);
		*(bool *)at = cJSON_IsTrue(v);
		return true;
	case FIELD_TIME:
		return get_time(f, v, at, err);
	case FIELD_WORD:
		return get_word(f, v, at, err);
	case FIELD_JSON:
		return get_json(f, v, at, a, err);
	}
	return false;
}

static bool is_in(const char *name, const char *const *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool wire_get_except(const struct cJSON *object, const struct field *fields, size_t count,
		     bool strict, const char *const *except, size_t except_count, void *ret,
		     struct arena *a, const char **pointer, struct err *err)
{
	const cJSON *v;
	const struct field *f;

	if (!cJSON_IsObject(object)) {
		err_set(err, ERR_INPUT, _("an object in braces was expected"));
		if (pointer)
			*pointer = "";
		return false;
	}
	for (v = object->child; v; v = v->next) {
		if (is_in(v->string, except, except_count))
			continue;
		f = field_find(fields, count, v->string);
		if (!f && !strict)
			continue;
		if (!f) {
			err_set(err, ERR_INPUT, _("there is no field \"%.60s\" here"), v->string);
			wire_point(pointer, a, v->string);
			return false;
		}
		/* What the service makes, a client may send back as he got it. */
		if (strict && (f->flags & FIELD_READONLY))
			continue;
		if (!get_value(f, v, strict, (char *)ret + f->offset, a, err)) {
			wire_point(pointer, a, v->string);
			return false;
		}
	}
	return true;
}

bool wire_get(const struct cJSON *object, const struct field *fields, size_t count, bool strict,
	      void *ret, struct arena *a, const char **pointer, struct err *err)
{
	return wire_get_except(object, fields, count, strict, NULL, 0, ret, a, pointer, err);
}
