/* A message from anybody: whatever the bytes are, it gives a body that can be shown, files with safe
 * names, and no more of anything than the bounds say. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/mail_parse.h"
#include "balie/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct arena a = {0};
	struct mail_parsed m;

	if (!ready)
		mail_init();
	ready = true;
	mail_is_message(data, size);
	mail_parse(data, size, &a, &m);
	must(m.body && text_valid(m.body, strlen(m.body)) && !strchr(m.body, '\033'));
	must(m.quoted_at <= strlen(m.body));
	must(!m.subject || (text_valid(m.subject, strlen(m.subject)) && !strchr(m.subject, '\n')));
	must(m.to_count <= MAIL_ADDRESSES_MAX && m.ref_count <= MAIL_REFS_MAX);
	must(m.returned_count <= MAIL_REFS_MAX && m.attachment_count <= MAIL_PARTS_MAX + 1);
	for (size_t i = 0; i < m.attachment_count; i++) {
		const char *name = m.attachments[i].name;

		must(name && name[0] && name[0] != '.' && strlen(name) <= 120 &&
		     !strchr(name, '/'));
		must(text_valid(name, strlen(name)));
	}
	arena_finish(&a);
	return 0;
}
