/* Several actions one after the other: on one key, or under a name of the agent's own. A step that
 * asks something is waited for; when one does not go through, those behind it are not done. */
#include "host.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "term.h"

#define STEPS_MAX 20

/* Up to the next ';' that does not stand in quotes. */
static size_t step_length(const char *text)
{
	bool quoted = false;
	size_t n = 0;

	for (; text[n] != '\0' && (quoted || text[n] != ';'); n++)
		if (text[n] == '"')
			quoted = !quoted;
	return n;
}

bool steps_several(const char *text)
{
	return text[step_length(text)] == ';';
}

/* The next step without its spaces; the quotes around all of its arguments go. */
static bool step_next(const char **text, struct arena *a, const char **ret_name,
		      const char **ret_args)
{
	size_t len = step_length(*text), n;
	char *step = arena_strndup(a, *text, len), *args;

	*text += len + ((*text)[len] == ';');
	step += strspn(step, " \t");
	for (len = strlen(step); len > 0 && (step[len - 1] == ' ' || step[len - 1] == '\t'); len--)
		step[len - 1] = '\0';
	n = strcspn(step, " \t");
	args = step + n + strspn(step + n, " \t");
	step[n] = '\0';
	len = strlen(args);
	if (len > 1 && args[0] == '"' && args[len - 1] == '"') {
		args[len - 1] = '\0';
		args++;
	}
	*ret_name = step;
	*ret_args = args;
	return *step != '\0';
}

bool steps_check(const struct action_table *t, const char *text, struct err *err)
{
	struct arena a = {0};
	const char *name, *args, *near;
	int count = 0;
	bool ok = true;

	while (ok && *text != '\0') {
		if (!step_next(&text, &a, &name, &args))
			continue;
		ok = action_find(t, name) != NULL && strcmp(name, "run") != 0 &&
		     strcmp(name, "macros") != 0 && ++count <= STEPS_MAX;
		near = action_nearest(t, name);
		if (!ok && count > STEPS_MAX)
			err_set(err, ERR_INPUT, _("more than %d actions in a row"), STEPS_MAX);
		else if (!ok && near != NULL && strcmp(near, name) != 0)
			err_set(err, ERR_INPUT, _("there is no action '%s'; did you mean '%s'?"),
				name, near);
		else if (!ok)
			err_set(err, ERR_INPUT, _("'%s' cannot be one of several actions"), name);
	}
	if (ok && count == 0) {
		err_set(err, ERR_INPUT, _("which actions? Write them with ; between"));
		ok = false;
	}
	arena_finish(&a);
	return ok;
}

static void stop(struct host *h)
{
	buf_reset(&h->steps);
	h->steps_done = h->steps_undoable = 0;
}

static bool failed(const struct host *h)
{
	return h->said.len > 0 && (h->said_style == STYLE_ERROR || h->said_style == STYLE_WARNING);
}

/* Why it stopped is said already by the step that did not go through; behind it what is left. */
static void tell_stopped(struct host *h)
{
	char why[512], left[200];
	size_t n = h->steps.len > 0 ? strspn(h->steps.data, " \t;") : 0;

	snprintf(why, sizeof(why), "%s", h->said.len > 0 ? h->said.data : "");
	snprintf(left, sizeof(left), "%.150s", h->steps.len > n ? h->steps.data + n : "");
	if (*left != '\0')
		host_say(h, STYLE_ERROR, _("%s Not done: %s"), why, left);
}

static void tell_done(struct host *h)
{
	const struct screen *s = host_main(h);
	const char *key =
		keymap_key_for(h->spec.keymap, s != NULL ? s->ops->name : "", "undo", NULL, false);

	if (h->steps_done < 2)
		return;
	if (h->steps_undoable > 0 && key != NULL)
		host_say(h, STYLE_GOOD, _("%d actions done; %s pressed %d times takes them back."),
			 h->steps_done, key, h->steps_undoable);
	else
		host_say(h, STYLE_GOOD, _("%d actions done."), h->steps_done);
}

void host_steps_go(struct host *h)
{
	while (h->steps.len > 0 && h->top != NULL && h->top->place == PLACE_MIDDLE) {
		struct arena a = {0};
		struct act act = {0};
		const char *rest = h->steps.data, *name = "", *args = "";
		char *keep;
		bool any;

		/* What was begun before has come to its end: did it go through? */
		if (failed(h) || h->top->ops->asks) {
			tell_stopped(h);
			stop(h);
			return;
		}
		any = step_next(&rest, &a, &name, &args);
		keep = arena_strdup(&a, rest);
		buf_reset(&h->steps);
		buf_add_str(&h->steps, keep);
		act = (struct act){action_find(h->spec.actions, name), args};
		if (any && act.action != NULL) {
			h->steps_done++;
			h->steps_undoable += (act.action->flags & ACTION_UNDOABLE) != 0;
			buf_reset(&h->said);
			host_run_act(h, &act);
		}
		arena_finish(&a);
		if (h->steps.len == 0 && !failed(h) && h->top != NULL &&
		    h->top->place == PLACE_MIDDLE && !h->top->ops->asks) {
			tell_done(h);
			stop(h);
		}
	}
}

void host_steps_left(struct host *h)
{
	if (h->steps.len == 0)
		return;
	buf_reset(&h->said);
	buf_add_str(&h->said, _("Stopped."));
	tell_stopped(h);
	stop(h);
}

void host_steps(struct host *h, const char *text)
{
	struct err err = {0};

	stop(h);
	if (!steps_check(h->spec.actions, text, &err)) {
		host_say(h, STYLE_ERROR, "%s", err.text);
		return;
	}
	buf_reset(&h->said);
	buf_add_str(&h->steps, text);
	host_steps_go(h);
}
