/* What the commands for users, teams and topics share: they do what an administrator does over the
 * interface, by the same rules. */
#pragma once
#include "town.h"

/* One action of an administrator, within a transaction, in the name of the service itself. id: of the record;
 * NULL for a new one. */
bool command_do_admin(struct town *t, int action, const char *id, const struct args *args,
		      struct arena *a, struct err *err);
