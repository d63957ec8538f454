/* Doing the last change again. */
#pragma once
#include "parts.h"

/* Keeps a change that was made, when it is one that another ticket can get too. */
void repeat_keep(struct workplace *w, const struct action *action, const struct args *args);
/* The arguments with their texts in an arena of the caller. */
void repeat_copy(const struct action *action, const struct args *from, struct args *ret,
		 struct arena *a);
