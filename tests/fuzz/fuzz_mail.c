/* A message from anybody: whatever the bytes are, it gives a body that can be shown, files with safe
 * names, and no more of anything than the bounds say. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/mail_numbers.h"
#include "../../src/central/mail/mail_parse.h"
#include "balie/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* One line, or nothing. */
static void must_be_line(const char *s)
{
	must(!s || (text_valid(s, strlen(s)) && !strchr(s, '\n') && !strchr(s, '\033')));
}

/* New text, then the signature, then what is old. */
static void must_divide(const struct mail_parsed *m)
{
	size_t len = strlen(m->body), end = m->quoted_at > 0 ? m->quoted_at : len;

	must(m->quoted_at <= len && (m->quoted_at == 0 || m->body[m->quoted_at - 1] == '\n'));
	must(m->signature_at == 0 ||
	     (m->signature_at < end && m->body[m->signature_at - 1] == '\n'));
	must(!m->language || strlen(m->language) == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct arena a = {0};
	struct mail_numbers n;
	struct mail_parsed m;

	if (!ready)
		mail_init();
	ready = true;
	mail_is_message(data, size);
	mail_parse(data, size, &a, &m);
	must(m.body && text_valid(m.body, strlen(m.body)) && !strchr(m.body, '\033'));
	must_divide(&m);
	must_be_line(m.subject);
	must_be_line(m.from_text);
	must_be_line(m.to_text);
	must_be_line(m.list_id);
	must_be_line(m.flaws);
	must(!m.flaws || strlen(m.flaws) < 400);
	must(m.delivered_count <= MAIL_ADDRESSES_MAX);
	must(m.to_count <= MAIL_ADDRESSES_MAX && m.ref_count <= MAIL_REFS_MAX);
	must(m.returned_count <= MAIL_REFS_MAX && m.attachment_count <= MAIL_PARTS_MAX + 1);
	for (size_t i = 0; i < m.attachment_count; i++) {
		const char *name = m.attachments[i].name;

		must(name && name[0] && name[0] != '.' && strlen(name) <= 120 &&
		     !strchr(name, '/'));
		must_be_line(name);
		must_be_line(m.attachments[i].type);
	}
	mail_numbers_find(&m, &n);
	must(n.count <= MAIL_NUMBERS_MAX);
	arena_finish(&a);
	return 0;
}
