/* Structs to parameters and columns to structs by a table of fields: the same for every engine. */
#include "balie/store.h"

#include <stdint.h>

static const void *member(const void *from, const struct field *field)
{
	return (const char *)from + field->offset;
}

static void bind_field(struct store_query *q, int i, const struct field *field, const void *from)
{
	const void *at = member(from, field);

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		store_bind_text(q, i, *(const char *const *)at);
		break;
	case FIELD_INT:
		store_bind_int(q, i, *(const int64_t *)at);
		break;
	case FIELD_TIME:
		store_bind_int_or_null(q, i, *(const int64_t *)at);
		break;
	case FIELD_BOOL:
		store_bind_int(q, i, *(const bool *)at);
		break;
	case FIELD_WORD:
		store_bind_text(q, i, words_code(field->words, *(const int *)at));
		break;
	}
}

void store_bind_fields(struct store_query *q, int first, const struct field *fields, size_t count,
		       const void *from)
{
	for (size_t i = 0; i < count; i++)
		bind_field(q, first + (int)i, &fields[i], from);
}

static void column_field(struct store_query *q, int col, const struct field *field, void *ret,
			 struct arena *a)
{
	void *at = (char *)ret + field->offset;
	int word;

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		*(const char **)at = arena_strdup(a, store_column_text(q, col));
		break;
	case FIELD_INT:
	case FIELD_TIME:
		*(int64_t *)at = store_column_int(q, col);
		break;
	case FIELD_BOOL:
		*(bool *)at = store_column_int(q, col) != 0;
		break;
	case FIELD_WORD:
		word = words_find(field->words, store_column_text(q, col));
		*(int *)at = word < 0 ? 0 : word;
		break;
	}
}

void store_column_fields(struct store_query *q, int first, const struct field *fields, size_t count,
			 void *ret, struct arena *a)
{
	for (size_t i = 0; i < count; i++)
		column_field(q, first + (int)i, &fields[i], ret, a);
}
