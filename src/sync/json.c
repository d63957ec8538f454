#include "json.h"
#include <cjson/cJSON.h>
#include "balie/mem.h"
#include "balie/text.h"

const struct cJSON *json_member(const struct cJSON *object, const char *name)
{
	const cJSON *ret = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNull(ret) ? NULL : ret;
}

const struct cJSON *json_first(const struct cJSON *list)
{
	return cJSON_IsArray(list) ? list->child : NULL;
}

const struct cJSON *json_next(const struct cJSON *item)
{
	return item != NULL ? item->next : NULL;
}

const char *json_text(const struct cJSON *object, const char *name)
{
	return cJSON_GetStringValue(json_member(object, name));
}

int64_t json_number(const struct cJSON *object, const char *name)
{
	const cJSON *value = json_member(object, name);
	int64_t ret = 0;

	if (cJSON_IsString(value) && text_to_int(value->valuestring, INT64_MIN, INT64_MAX, &ret))
		return ret;
	if (cJSON_IsNumber(value) && value->valuedouble > -9e15 && value->valuedouble < 9e15)
		return (int64_t)value->valuedouble;
	return 0;
}

bool json_true(const struct cJSON *object, const char *name)
{
	return cJSON_IsTrue(json_member(object, name));
}

bool json_is_object(const struct cJSON *json)
{
	return cJSON_IsObject(json);
}

char *json_print(const struct cJSON *json)
{
	char *text, *ret;

	if (json == NULL)
		return NULL;
	text = cJSON_PrintUnformatted(json);
	ret = text != NULL ? xstrdup(text) : NULL;
	cJSON_free(text);
	return ret;
}
