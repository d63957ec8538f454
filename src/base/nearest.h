/* "Did you mean": the word nearest to a misspelled one. Private to this room. */
#pragma once
#include <string.h>

#include "balie/text.h"

struct nearest {
	const char *typed;
	const char *word; /* NULL: none is near */
	int distance;
};

static inline void nearest_start(struct nearest *n, const char *typed)
{
	size_t len = strlen(typed);

	n->typed = typed;
	n->word = NULL;
	/* One more than is still near: half of the letters may be wrong, but never more than
	 * three. */
	n->distance = (len < 3 ? 1 : len < 7 ? 2 : 3) + 1;
}

static inline void nearest_try(struct nearest *n, const char *word)
{
	size_t len = strlen(n->typed);
	/* Somebody who stopped halfway meant this one more likely than one with other letters. */
	int distance = len >= 2 && strncmp(word, n->typed, len) == 0
			       ? 1
			       : text_distance(n->typed, word, n->distance);

	if (distance < n->distance) {
		n->distance = distance;
		n->word = word;
	}
}
