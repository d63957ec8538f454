/* What an agent can type behind the filter's prompt. */
#include <stdint.h>
#include <string.h>
#include "balie/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	struct filter f;
	struct err err;
	const char *words[16];
	struct ticket t = {
		.subject = "Losse tegel", .party_name = "Claes", .number = "26-000001-01"};
	struct filter_names names = {"wegen", "an claes", "voetpad"};
	char *text = arena_strndup(&a, (const char *)data, size);

	if (filter_parse(text, INT64_C(1790000000000), &f, &a, &err))
		filter_match(&f, &t, &names);
	filter_complete(text, words, 16, &a);
	arena_finish(&a);
	return 0;
}
