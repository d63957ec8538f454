/* Records in the answers of the service. */
#include <cjson/cJSON.h>
#include <string.h>
#include "balie/wire.h"

static bool read_into(const cJSON *item, const struct record_type *type, void *ret, struct arena *a)
{
	memset(ret, 0, type->size);
	return cJSON_IsObject(item) &&
	       wire_get(item, type->fields, type->field_count, false, ret, a, NULL, NULL);
}

void wire_get_list(const struct cJSON *object, const char *member, enum record_kind kind, void *ret,
		   size_t *count, struct arena *a)
{
	const struct record_type *type = &record_types[kind];
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, member), *item;
	size_t n = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
	char *rows = arena_alloc(a, (n + 1) * type->size);

	*count = 0;
	if (n > 0)
		cJSON_ArrayForEach(item, list) if (read_into(item, type, rows + *count * type->size,
							     a))(*count)++;
	memcpy(ret, &rows, sizeof(rows));
}

void *wire_get_member(const struct cJSON *object, const char *member, enum record_kind kind,
		      struct arena *a)
{
	const struct record_type *type = &record_types[kind];
	void *ret = arena_alloc(a, type->size);

	return read_into(cJSON_GetObjectItemCaseSensitive(object, member), type, ret, a) ? ret
											 : NULL;
}

bool wire_get_flag(const struct cJSON *object, const char *member)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, member));
}

void wire_get_refusals(const struct cJSON *object, const char ***ret, size_t *count,
		       struct arena *a)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "results"), *item;
	size_t n = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
	const char **rows = arena_alloc(a, (n + 1) * sizeof(*rows));

	*count = 0;
	if (n > 0)
		cJSON_ArrayForEach(item, list)
		{
			const cJSON *problem = cJSON_GetObjectItemCaseSensitive(item, "problem");
			const char *why = NULL;

			if (problem != NULL)
				wire_get_problem(problem, &why);
			rows[(*count)++] = problem != NULL ? arena_strdup(a, why ? why : "") : NULL;
		}
	*ret = rows;
}
