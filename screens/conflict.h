/* Inside of conflict: what of a citizen stands side by side. */
#pragma once
#include "parts.h"

#define CONFLICT_PAIRS 9
struct conflict_pair {
	const char *label, *mine, *theirs; /* "": empty */
};
/* The fields in which my correction (party-change) and the record as it is now (JSON) differ. Text is
 * owned by a or the envelope. None for other actions. */
size_t conflict_party(const struct envelope *mine, const char *theirs, struct conflict_pair *ret,
		      size_t max, struct arena *a);
