/* Every record type there and back by its table, so a new field is tested the day it comes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/wire.h"

#define RECORD_MAX 512

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static const char *text_of(const struct buf *b)
{
	return b->data ? b->data : "";
}

/* A value for the field that is its own, and not the one it has when nothing is set. */
static void fill(const struct field *f, void *record, unsigned n)
{
	void *at = (char *)record + f->offset;
	char id[ID_TEXT];

	switch (f->type) {
	case FIELD_TEXT:
		*(const char **)at = f->max == 2    ? "nl"
				     : f->max == 12 ? "26-004217-69"
						    : "Één \"tegel\" \\ \xF0\x9F\x98\x80";
		break;
	case FIELD_LINES:
		*(const char **)at = "eerste\ntweede\t\"\\\r\neind \xE2\x82\xAC";
		break;
	case FIELD_ID:
		*(const char **)at = arena_strdup(&arena, id_from(n, n * 7 + 1, id));
		break;
	case FIELD_INT:
		*(int64_t *)at = f->max && f->max < 9007199254740991 ? f->max : 9007199254740991;
		break;
	case FIELD_BOOL:
		*(bool *)at = true;
		break;
	case FIELD_TIME:
		*(int64_t *)at = INT64_C(1795498316123) + n;
		break;
	case FIELD_DATE:
		*(const char **)at = "1964-03";
		break;
	case FIELD_WORD:
		*(int *)at = f->words->count - 1;
		break;
	case FIELD_JSON:
		*(const char **)at = "[{\"value\":\"+3256\",\"raw\":null,\"n\":12,\"bad\":false}]";
		break;
	}
}

static bool is_text(enum field_type type)
{
	return type == FIELD_TEXT || type == FIELD_LINES || type == FIELD_ID ||
	       type == FIELD_DATE || type == FIELD_JSON;
}

static void assert_same(const struct field *fields, size_t count, const void *a, const void *b)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const void *x = (const char *)a + fields[i].offset;
		const void *y = (const char *)b + fields[i].offset;
		size_t size = fields[i].type == FIELD_BOOL   ? sizeof(bool)
			      : fields[i].type == FIELD_WORD ? sizeof(int)
							     : sizeof(int64_t);

		if (is_text(fields[i].type) && *(char *const *)x && *(char *const *)y)
			assert_string_equal(*(char *const *)x, *(char *const *)y);
		else
			assert_memory_equal(x, y, size);
	}
}

static void there_and_back(const struct field *fields, size_t count, const void *from)
{
	char back[RECORD_MAX] __attribute__((aligned(16)));
	struct buf first = {0};
	struct buf second = {0};
	struct err err = {0};
	struct cJSON *json;

	memset(back, 0, sizeof(back));
	wire_put(&first, fields, count, from);
	json = wire_parse(first.data, first.len, &err);
	if (!json)
		fail_msg("%s: %s", err.text, first.data);
	if (!wire_get(json, fields, count, false, back, &arena, NULL, &err))
		fail_msg("%s: %s", err.text, first.data);
	wire_free(json);
	assert_same(fields, count, from, back);
	wire_put(&second, fields, count, back);
	assert_string_equal(text_of(&first), text_of(&second));
	buf_finish(&first);
	buf_finish(&second);
}

static void every_record(void **state)
{
	char record[RECORD_MAX] __attribute__((aligned(16)));
	int kind;
	unsigned i;

	(void)state;
	for (kind = 0; kind < RECORD_KINDS; kind++) {
		const struct record_type *t = &record_types[kind];

		assert_true(t->size <= sizeof(record));
		memset(record, 0, sizeof(record));
		there_and_back(t->fields, t->field_count, record);
		for (i = 0; i < t->field_count; i++)
			fill(&t->fields[i], record, (unsigned)kind * 100 + i);
		there_and_back(t->fields, t->field_count, record);
	}
	memset(record, 0, sizeof(record));
	there_and_back(change_fields, change_field_count, record);
	for (i = 0; i < change_field_count; i++)
		fill(&change_fields[i], record, 900 + i);
	there_and_back(change_fields, change_field_count, record);
}

static void as_written(void **state)
{
	struct note n = {.id = "01890a5d-ac96-774b-bcce-b302099a8057",
			 .version = 12,
			 .ticket_id = "01890a5d-ac96-774b-bcce-b302099a8058",
			 .body = "a\"b\\c\nd\x01\x7f",
			 .created_at = INT64_C(1795498316123)};
	struct buf b = {0};
	char time[CLOCK_TEXT];
	char want[400];

	(void)state;
	wire_put_record(&b, RECORD_NOTE, &n);
	snprintf(want, sizeof(want),
		 "{\"id\":\"%s\",\"version\":12,\"ticket_id\":\"%s\",\"agent_id\":null,"
		 "\"body\":\"a\\\"b\\\\c\\nd\\u0001\\u007f\",\"created_at\":\"%s\"}",
		 n.id, n.ticket_id, clock_to_rfc3339(n.created_at, time));
	assert_string_equal(b.data, want);
	buf_finish(&b);
}

static void bad_text_is_replaced(void **state)
{
	static const char *const rows[][2] = {
		{"\xff", "\"\xEF\xBF\xBD\""},
		{"a\xc3", "\"a\xEF\xBF\xBD\""},
		{"\xc3(", "\"\xEF\xBF\xBD(\""},
		{"\xed\xa0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{"\xf0\x9f\x98", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{"\xc0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{"\xf4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
		{"", "\"\""},
	};
	struct buf b = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		wire_put_text(&b, rows[i][0]);
		assert_string_equal(b.data, rows[i][1]);
	}
	buf_reset(&b);
	wire_put_text(&b, NULL);
	assert_string_equal(b.data, "null");
	buf_finish(&b);
}

/* Any bytes at all come out as a document that can be read. */
static void any_bytes(void **state)
{
	const char *given = getenv("BALIE_SEED");
	uint64_t rng = given ? strtoull(given, NULL, 10) : (uint64_t)clock_mono_ns() | 1;
	struct buf b = {0};
	char text[64];
	int round, i;

	(void)state;
	print_message("BALIE_SEED=%llu\n", (unsigned long long)rng);
	for (round = 0; round < 5000; round++) {
		struct err err = {0};
		struct cJSON *json;

		for (i = 0; i < 63; i++) {
			rng ^= rng << 13;
			rng ^= rng >> 7;
			rng ^= rng << 17;
			text[i] = (char)(rng >> 8);
		}
		text[rng % 64] = '\0';
		text[63] = '\0';
		buf_reset(&b);
		wire_put_text(&b, text);
		json = wire_parse(b.data, b.len, &err);
		if (!json)
			fail_msg("%s", err.text);
		wire_free(json);
	}
	buf_finish(&b);
}

static bool gets(const char *text, bool strict, struct ticket *ret, const char **pointer)
{
	const struct record_type *t = &record_types[RECORD_TICKET];
	struct err err = {0};
	struct cJSON *json = wire_parse(text, strlen(text), &err);
	bool ok;

	if (!json)
		fail_msg("%s", err.text);
	*pointer = NULL;
	ok = wire_get(json, t->fields, t->field_count, strict, ret, &arena, pointer, &err);
	assert_int_equal(ok, err.kind == ERR_NONE);
	assert_int_equal(ok, *pointer == NULL);
	wire_free(json);
	return ok;
}

static void assert_refuses(const char *text, bool strict, const char *want)
{
	struct ticket t = {0};
	const char *pointer;

	if (gets(text, strict, &t, &pointer))
		fail_msg("should refuse: %s", text);
	assert_string_equal(pointer, want);
}

static void values_are_checked(void **state)
{
	static const char *const rows[][2] = {
		{"{\"subject\":1}", "/subject"},
		{"{\"subject\":true}", "/subject"},
		{"{\"subject\":{}}", "/subject"},
		{"{\"id\":\"x\"}", "/id"},
		{"{\"id\":7}", "/id"},
		{"{\"state\":\"opne\"}", "/state"},
		{"{\"state\":1}", "/state"},
		{"{\"state\":null}", "/state"},
		{"{\"version\":\"1\"}", "/version"},
		{"{\"version\":1.5}", "/version"},
		{"{\"version\":-1}", "/version"},
		{"{\"version\":null}", "/version"},
		{"{\"followed\":1}", "/followed"},
		{"{\"followed\":null}", "/followed"},
		{"{\"due_at\":1}", "/due_at"},
		{"{\"due_at\":\"morgen\"}", "/due_at"},
		{"{\"due_at\":\"2026-02-30T00:00:00Z\"}", "/due_at"},
		{"[]", ""},
		{"1", ""},
	};
	static char wide[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refuses(rows[i][0], false, rows[i][1]);
	snprintf(wide, sizeof(wide), "{\"subject\":\"%0301d\"}", 7);
	assert_refuses(wide, false, "/subject");
}

static void missing_unknown_null(void **state)
{
	struct ticket t = {.subject = "blijft", .due_at = 5, .topic_id = "x", .version = 4};
	const char *pointer;

	(void)state;
	assert_true(gets("{\"due_at\":null,\"topic_id\":null,\"nieuw\":[1,{\"a\":2}]}", false, &t,
			 &pointer));
	assert_string_equal(t.subject, "blijft");
	assert_int_equal(t.due_at, 0);
	assert_null(t.topic_id);
	assert_int_equal(t.version, 4);
	assert_refuses("{\"nieuw\":1}", true, "/nieuw");
	assert_refuses("{\"a/b~c\":1}", true, "/a~1b~0c");
	assert_refuses("{\"subject\":null}", true, "/subject");
	assert_refuses("{\"subject\":\"a\\nb\"}", true, "/subject");
	assert_refuses("{\"subject\":\"a\\u001bb\"}", true, "/subject");
	/* What the service makes is not taken from a client. */
	assert_true(gets("{\"version\":9,\"number\":\"x\",\"subject\":\"s\"}", true, &t, &pointer));
	assert_int_equal(t.version, 4);
	assert_null(t.number);
	/* An empty identifier is none. */
	assert_true(gets("{\"topic_id\":\"\"}", true, &t, &pointer));
	assert_null(t.topic_id);
}

static void dates(void **state)
{
	static const char *const good[] = {"1964", "1964-03", "1964-03-12", "2000-02-29",
					   "1900-02-28"};
	static const char *const bad[] = {"",		"64",	      "1964-",
					  "1964-3",	"1964-13",    "1964-00-01",
					  "1964-03-32", "1900-02-29", "1964-03-12 ",
					  "1964/03/12", "1700-01-01", "1964-03-00"};
	const struct record_type *p = &record_types[RECORD_PARTY];
	char text[80];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]) + sizeof(bad) / sizeof(bad[0]); i++) {
		bool want = i < sizeof(good) / sizeof(good[0]);
		const char *date = want ? good[i] : bad[i - sizeof(good) / sizeof(good[0])];
		struct party party = {0};
		struct err err = {0};
		struct cJSON *json;

		snprintf(text, sizeof(text), "{\"birth_date\":\"%s\"}", date);
		json = wire_parse(text, strlen(text), &err);
		assert_non_null(json);
		assert_int_equal(
			wire_get(json, p->fields, p->field_count, true, &party, &arena, NULL, &err),
			want);
		wire_free(json);
	}
}

/* Times are written by hand for speed: they must be what the clock writes. */
static void times(void **state)
{
	static const int64_t edges[] = {1,
					-1,
					999,
					-999,
					INT64_C(951782400000),
					INT64_C(951868799999),
					INT64_C(-2208988800000),
					INT64_C(253402300799999),
					INT64_C(4107542399999)};
	const char *given = getenv("BALIE_SEED");
	uint64_t rng = given ? strtoull(given, NULL, 10) : clock_mono_ns() | 1;
	struct note n = {0};
	struct buf b = {0};
	char text[CLOCK_TEXT];
	char want[64];
	size_t i;

	(void)state;
	print_message("BALIE_SEED=%llu\n", (unsigned long long)rng);
	for (i = 0; i < 20000; i++) {
		rng ^= rng << 13;
		rng ^= rng >> 7;
		rng ^= rng << 17;
		n.created_at = i < sizeof(edges) / sizeof(edges[0])
				       ? edges[i]
				       : (int64_t)(rng % 255611289600000u) - INT64_C(2208988800000);
		buf_reset(&b);
		wire_put_record(&b, RECORD_NOTE, &n);
		snprintf(want, sizeof(want), "\"created_at\":\"%s\"}",
			 clock_to_rfc3339(n.created_at, text));
		if (n.created_at && !strstr(b.data, want))
			fail_msg("%s: %s", want, b.data);
	}
	n.created_at = INT64_MAX;
	buf_reset(&b);
	wire_put_record(&b, RECORD_NOTE, &n);
	assert_non_null(strstr(b.data, "\"created_at\":null"));
	n.created_at = INT64_MIN;
	wire_put_record(&b, RECORD_NOTE, &n);
	buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record),
		cmocka_unit_test(as_written),
		cmocka_unit_test(bad_text_is_replaced),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(missing_unknown_null),
		cmocka_unit_test(dates),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
