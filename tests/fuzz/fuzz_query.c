/* What an agent can type in the box that finds people, and a name that a stranger can have. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "balie/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	struct party_query q;
	struct buf b = {0};
	struct err err;
	char birth[11];
	char *text = arena_strndup(&a, (const char *)data, size);
	struct party p = {.name = text, .family = text};

	if (party_query_parse(text, INT64_C(1790000000000), &q, &a, &err)) {
		if (q.word_count > PARTY_QUERY_WORDS || q.joined_count > PARTY_QUERY_WORDS)
			abort();
		party_query_describe(&q, &b);
	}
	birth_parse(text, INT64_C(1790000000000), birth);
	buf_reset(&b);
	if (size <= 400)
		party_words(&b, &p, &a);
	buf_finish(&b);
	arena_finish(&a);
	return 0;
}
