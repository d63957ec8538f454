/* What a party is searched by: its names, folded, so that each database finds the same. */
#pragma once
#include "town.h"

/* The words of a party follow its names. before NULL: new. */
bool words_follow(struct town *t, const struct party *before, const struct party *after,
		  struct err *err);
/* Makes the words of all parties of a town that was made before there were any; at once when that was
 * done. */
bool words_complete(struct town *t, struct err *err);
