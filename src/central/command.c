/* What the commands say alike of wrong command lines. */
#include "command.h"
#include <string.h>
#include "balie/i18n.h"
#include "balie/mem.h"
#include "balie/store.h"
#include "balie/text.h"

#define NAME_MAX_BYTES 100

void command_extra(const char *word, struct err *err)
{
	struct buf shown = {0};

	store_show_url(word, &shown);
	err_set(err, ERR_INPUT, _("'%s' is one word too many"), shown.data ? shown.data : "");
	buf_finish(&shown);
}

bool command_name(const char *option, const char *text, struct err *err)
{
	if (!text || (strlen(text) <= NAME_MAX_BYTES && text_valid(text, strlen(text))))
		return true;
	err_set(err, ERR_INPUT, _("--%s: a name has at most %d bytes of UTF-8 text"), option,
		NAME_MAX_BYTES);
	return false;
}
