/* What a party is searched by, made here so that each database finds the same: its names, folded, and
 * the facts that are known with a name, day of birth and address. */
#pragma once
#include "town.h"

/* The words and facts of a party follow it. before NULL: new. */
bool words_follow(struct town *t, const struct party *before, const struct party *after,
		  struct err *err);
/* Makes the words of all parties of a town that was made before there were any; at once when that was
 * done. */
bool words_complete(struct town *t, struct err *err);
/* As it stands among the facts of a party. birth may be partial. Owned by a. */
const char *words_birth_fact(const char *birth, struct arena *a);
/* number NULL: whoever lives there. NULL when it is nothing that can be searched by. */
const char *words_home_fact(const char *postcode, const char *number, struct arena *a);
