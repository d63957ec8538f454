#include "balie/action.h"

#include <string.h>

#include "nearest.h"

const struct action *action_find(const struct action_table *t, const char *name)
{
	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->rows[i].name, name) == 0)
			return &t->rows[i];
	return NULL;
}

const char *action_nearest(const struct action_table *t, const char *name)
{
	struct nearest nearest;

	if (name == NULL || *name == '\0')
		return NULL;
	nearest_start(&nearest, name);
	for (size_t i = 0; i < t->count; i++)
		nearest_try(&nearest, t->rows[i].name);
	return nearest.word;
}
