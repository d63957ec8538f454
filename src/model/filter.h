/* The vocabulary of the filter, shared by its three files. */
#pragma once
#include "balie/model.h"

/* What a field is compared by. */
enum filter_sort { SORT_WORD, SORT_NAME, SORT_DAY, SORT_TEXT };

struct filter_row {
	enum filter_field field;
	const char *english, *dutch;
	const char *other; /* a third name, or NULL */
	enum filter_sort sort;
	const struct words *words; /* SORT_WORD */
};
extern const struct filter_row filter_rows[];
extern const size_t filter_row_count;

/* By name or the beginning of one; NULL when there is none, and *nearest gets one that looks like
 * it, or NULL. */
const struct filter_row *filter_row_find(const char *folded, const char **nearest);
/* Bits of the words that folded is, or begins. 0 when none; *nearest as above. */
uint64_t filter_word_bits(const struct words *words, const char *folded, const char **nearest);
/* The Dutch word for typing, with dashes for spaces; NULL when there is none. */
const char *filter_dutch(const struct words *words, int value);
/* "none", "geen", "niemand", … */
bool filter_is_none(const char *folded);
bool filter_is_me(const char *folded);
