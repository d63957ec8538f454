/* One change on many tickets: shown before it is done. */
#pragma once
#include "balie/id.h"
#include "parts.h"

/* Opens the preview. Everything is copied. */
void bulk_show(struct screen *s, const struct action *action, const struct args *args,
	       const char (*ids)[ID_TEXT], size_t count);
