/* What a file is by its bytes: libmagic, with only its quick and safe parts. */
#include <magic.h>
#include <string.h>
#include "mail_text.h"

#define FLAGS \
	(MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | \
	 MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_TEXT | \
	 MAGIC_NO_CHECK_ENCODING | MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON)

/* One for the process: who calls mail_type_guess() holds the lock of mail_child.c. */
static magic_t magic;

void mail_type_init(void)
{
	if (magic != NULL)
		return;
	magic = magic_open(FLAGS);
	if (magic != NULL && magic_load(magic, NULL) != 0)
		mail_type_finish();
}

void mail_type_finish(void)
{
	if (magic != NULL)
		magic_close(magic);
	magic = NULL;
}

void mail_type_guess(struct buf *ret, const void *data, size_t len)
{
	static const char *const unsure[] = {"application/octet-stream", "text/plain",
					     "application/x-empty", "inode/x-empty", NULL};
	const char *type;

	if (magic == NULL || len == 0)
		return;
	type = magic_buffer(magic, data, len < MAIL_TYPE_BYTES ? len : MAIL_TYPE_BYTES);
	for (int i = 0; type != NULL && unsure[i] != NULL; i++)
		if (strcmp(type, unsure[i]) == 0)
			type = NULL;
	if (type != NULL && strlen(type) < 100)
		buf_add_str(ret, type);
}
