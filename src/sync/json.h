/* Walking a parsed document. All take NULL and give NULL or 0 for what is not there. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct cJSON;
const struct cJSON *json_member(const struct cJSON *object, const char *name);
const struct cJSON *json_first(const struct cJSON *list);
const struct cJSON *json_next(const struct cJSON *item);
const char *json_text(const struct cJSON *object, const char *name);
/* A number, or a text of digits: sequence numbers are sent as text. */
int64_t json_number(const struct cJSON *object, const char *name);
bool json_true(const struct cJSON *object, const char *name);
bool json_is_object(const struct cJSON *json);
/* The value written out again; the caller frees it. NULL for NULL. */
char *json_print(const struct cJSON *json);
