/* Macros: several actions under a name of the agent's own, kept on this computer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app.h"
#include "balie/i18n.h"

#define KIND "macro"

size_t app_macros(void *user, const char *name, struct choice *ret, size_t max, struct arena *a)
{
	struct work *w = app_here()->session->place.desk.work;
	struct kept *rows;
	size_t count = 0, found = 0;

	if (!work_kept_all(w, KIND, &rows, &count, a, NULL))
		return 0;
	for (size_t i = 0; i < count && found < max; i++)
		if (!name || strcmp(name, rows[i].name) == 0)
			ret[found++] = (struct choice){rows[i].name, rows[i].value, NULL};
	return found;
}

/* A name stands where an action's does, so it is one word and none of theirs. */
static bool good_name(const char *name, struct err *err)
{
	if (!*name || strlen(name) > 60) {
		err_set(err, ERR_INPUT,
			_("type a name of one word, then the actions with ; between"));
		return false;
	}
	if (action_find(&actions, name)) {
		err_set(err, ERR_INPUT, _("'%s' is an action already"), name);
		return false;
	}
	return true;
}

void app_macro_keep(struct host *h, const char *args)
{
	struct work *w = app_here()->session->place.desk.work;
	struct arena a = {0};
	struct err err = {0};
	size_t n = strcspn(args, " \t");
	char *name = arena_strndup(&a, args, n);
	const char *steps = args + n + strspn(args + n, " \t");

	if (!good_name(name, &err) || !steps_check(&actions, steps, &err) ||
	    !work_keep(w, KIND, name, steps, &err))
		host_say(h, STYLE_ERROR, "%s", err.text);
	else
		host_say(h, STYLE_GOOD, _("Kept: :%s does this from now on."), name);
	arena_finish(&a);
}

void app_macro_drop(struct host *h, const char *name)
{
	struct work *w = app_here()->session->place.desk.work;
	struct arena a = {0};
	struct err err = {0};

	if (!work_kept(w, KIND, name, &a))
		host_say(h, STYLE_ERROR, _("There is no macro “%s”."), name);
	else if (!work_forget(w, KIND, name, &err))
		host_say(h, STYLE_ERROR, "%s", err.text);
	else
		host_say(h, STYLE_GOOD, _("The macro “%s” is gone."), name);
	arena_finish(&a);
}
