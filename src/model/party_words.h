/* How a name becomes the words it is found by, the same for what is stored and what is typed. */
#pragma once
#include "balie/mem.h"

struct name_words {
	/* Folded words; the same with particles and the word behind them as one; and those with
	 * "vanden" and its like taken off, as long a list. */
	const char **plain, **glued, **joined;
	size_t plain_count, joined_count;
	bool differs; /* joined is another way of reading it */
};
/* name may have commas: a name does not go on behind one. At most max of each are kept, the counts tell
 * how many there would be. */
void name_words(const char *name, size_t max, struct name_words *ret, struct arena *a);
