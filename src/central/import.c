/* balied import: by what is taken in. */
#include <string.h>
#include "balie/i18n.h"
#include "command.h"

int command_import(const struct settings *s, const struct option_list *operands, struct err *err)
{
	const char *what = operands->count > 0 ? operands->items[0] : "";

	if (strcmp(what, "mail") == 0)
		return command_import_mail(s, operands, err);
	if (strcmp(what, "tickets") == 0)
		return command_import_tickets(s, operands, err);
	err_set(err, ERR_INPUT,
		_("write: balied import mail PATH... or balied import tickets FILE.csv"));
	return 2;
}
