/* balied init. */
#include "command.h"
#include <stdio.h>
#include "balie/i18n.h"
#include "town.h"

int command_init(const struct settings *s, const struct option_list *operands, struct err *err)
{
	struct town t = {0};

	if (operands->count > 0) {
		command_extra(operands->items[0], err);
		return 2;
	}
	if (!town_open(&t, s->db, STORE_CREATE | STORE_PREPARE, err))
		return 1;
	town_close(&t);
	printf(_("the town is in %s\n"), s->db_shown);
	return 0;
}
