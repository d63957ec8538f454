#include "balie/field.h"

#include <string.h>

int words_find(const struct words *w, const char *code)
{
	if (code == NULL)
		return -1;
	for (int i = 0; i < w->count; i++)
		if (strcmp(w->code[i], code) == 0)
			return i;
	return -1;
}

const char *words_code(const struct words *w, int value)
{
	return value >= 0 && value < w->count ? w->code[value] : "?";
}

const char *words_label(const struct words *w, int value)
{
	return value >= 0 && value < w->count ? w->label[value] : "?";
}

const struct field *field_find(const struct field *fields, size_t count, const char *name)
{
	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}
