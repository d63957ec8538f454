/* What can be done in a screen, and with which keys: for the help and for the palette. */
#include "host.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "term.h"

static struct offer *find_row(struct offers *o, enum offer_group group, const char *call)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->rows[i].group == group && strcmp(o->rows[i].call, call) == 0)
			return &o->rows[i];
	return NULL;
}

/* With a word behind it the action says which: "State: waits for the citizen", not what all are. */
static const char *explain(struct offers *o, const struct action *a, const char *args)
{
	const char *word = host_args_label(a, args), *label;

	if (*args == '\0' || word == args || a->label == NULL || *a->label == '\0')
		return a->help != NULL ? _(a->help) : "";
	label = _(a->label);
	return arena_printf(&o->arena, "%c%s: %s", toupper((unsigned char)*label), label + 1, word);
}

/* In both languages: an agent may know the word of the manual or of a colleague. */
static const char *searched(struct offers *o, const struct host *h, const struct offer *r)
{
	const char *const *words = h->spec.actions->also;
	const char *also = words != NULL ? words[r->action - h->spec.actions->rows] : NULL;
	const char *label = r->action->label != NULL ? r->action->label : "";
	const char *help = r->action->help != NULL ? r->action->help : "";

	return text_fold_dup(&o->arena,
			     arena_printf(&o->arena, "%s\n%s %s %s %s %s %s",
					  *label ? _(label) : "", r->keys, r->call, r->help, label,
					  help, also != NULL ? _(also) : ""));
}

struct offer *offers_add(struct offers *o, const struct host *h, enum offer_group group,
			 const char *keys, const struct action *a, const char *args)
{
	const char *space = *args != '\0' ? " " : "";
	const char *call = arena_printf(&o->arena, "%s%s%s", a->name, space, args);
	struct offer *row = find_row(o, group, call);

	if (row != NULL) {
		row->keys = arena_printf(&o->arena, "%s, %s", row->keys, keys);
		row->folded = searched(o, h, row);
		return row;
	}
	if (o->count == o->cap) {
		o->cap = o->cap == 0 ? 64 : o->cap * 2;
		o->rows = xrealloc(o->rows, o->cap * sizeof(*o->rows));
	}
	row = &o->rows[o->count++];
	*row = (struct offer){group, a, keys, call, explain(o, a, args), NULL};
	row->folded = searched(o, h, row);
	return row;
}

void offers_fill(struct offers *o, const struct host *h, const struct screen_ops *ops)
{
	const struct action_table *t = h->spec.actions;
	const char *screen = ops != NULL ? ops->name : "everywhere";
	bool letters_are_text = ops != NULL && ops->takes_text;
	struct keymap_row row;

	for (enum offer_group group = OFFER_HERE; group <= OFFER_EVERYWHERE; group++) {
		size_t pos = 0;

		while (keymap_each(h->spec.keymap, screen, &pos, &row))
			if (row.everywhere == (group == OFFER_EVERYWHERE) &&
			    !(letters_are_text && keymap_types(row.keys)))
				offers_add(o, h, group, row.keys, row.action, row.args);
	}
	for (size_t i = 0; i < t->count; i++) {
		const struct action *a = &t->rows[i];

		if (a->name != NULL &&
		    keymap_key_for(h->spec.keymap, screen, a->name, NULL, letters_are_text) == NULL)
			offers_add(o, h, OFFER_UNBOUND, "", a, a->usage != NULL ? a->usage : "");
	}
}

void offers_finish(struct offers *o)
{
	free(o->rows);
	arena_finish(&o->arena);
	*o = (struct offers){0};
}
