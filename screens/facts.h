/* Reads the JSON that our own service made (values of a change, attachments): enough to show it,
 * and bounded. What cannot be read is left out, never guessed. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/mem.h"

enum fact_kind { FACT_TEXT, FACT_NUMBER, FACT_TRUE, FACT_FALSE, FACT_NULL, FACT_NESTED };
struct fact {
	const char *name; /* NULL in a list */
	enum fact_kind kind;
	const char *text; /* text, the number as written, or the nested JSON; "" otherwise */
};
/* The members of an object or the items of a list, at most max. */
size_t facts_read(const char *json, struct fact *ret, size_t max, struct arena *a);
const struct fact *fact_find(const struct fact *facts, size_t count, const char *name);
/* Text of a member, "" when it is not there. */
const char *fact_text(const struct fact *facts, size_t count, const char *name);
int64_t fact_number(const struct fact *facts, size_t count, const char *name);
