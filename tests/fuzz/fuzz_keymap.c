/* A user's own keymap file. */
#include <stdint.h>
#include <stdlib.h>
#include "balie/mem.h"
#include "balie/model.h"
#include "balie/ui.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const screens[] = {"queue", "ticket", "compose", NULL};
	struct keymap *km = NULL;
	struct err err;
	struct act act;
	bool pending;
	char *text = xstrndup((const char *)data, size);

	if (keymap_create(&km, &actions, &err)) {
		keymap_add(km, "fuzz", text, screens, &err);
		keymap_find(km, "queue", "s c", &act, &pending);
		keymap_key_of(km, "queue", "assign", "");
	}
	keymap_destroy(km);
	free(text);
	return 0;
}
