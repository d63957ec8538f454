/* JSON from anybody: parse, fill every record type, read an envelope, write it back. */
#include <stdint.h>
#include <stdlib.h>
#include "balie/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err;
	struct arena a = {0};
	struct buf out = {0};
	const char *pointer = NULL;
	struct cJSON *json = wire_parse((const char *)data, size, &err);

	if (!json)
		return 0;
	for (int kind = 0; kind < RECORD_KINDS; kind++) {
		const struct record_type *type = &record_types[kind];
		void *record = arena_alloc(&a, type->size);
		if (wire_get(json, type->fields, type->field_count, false, record, &a, &pointer,
			     &err)) {
			buf_reset(&out);
			wire_put_record(&out, (enum record_kind)kind, record);
			struct cJSON *again = wire_parse(out.data, out.len, &err);
			if (!again)
				abort(); /* what we write, we must read */
			wire_free(again);
		}
	}
	struct envelope e;
	if (wire_get_envelope(json, &e, &a, &pointer, &err)) {
		buf_reset(&out);
		wire_put_envelope(&out, &e);
	}
	wire_get_problem(json, &pointer);
	wire_free(json);
	buf_finish(&out);
	arena_finish(&a);
	return 0;
}
