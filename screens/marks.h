/* Tickets that one action will be about, by id, in the order of marking. */
#pragma once
#include "balie/id.h"
#include "parts.h"

#define MARKS_MAX 100000

struct marks {
	char (*ids)[ID_TEXT];
	size_t count, cap;
	unsigned *slots; /* by the hash of the id: its place in ids, plus one */
	size_t slot_count;
};
bool marks_has(const struct marks *m, const char *id);
bool marks_add(struct marks *m, const char *id); /* false: there are too many */
void marks_toggle(struct marks *m, const char *id);
void marks_clear(struct marks *m);
/* Adds what the query lists, until there are max. True: all of it. */
bool marks_add_query(struct marks *m, struct desk *d, const struct queue_query *query, size_t max);
