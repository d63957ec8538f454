/* The palette: everything that can be done here in one list, found by any of its letters. And the
 * shorter key of what was done the long way. */
#include "host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "term.h"

#define NAME_COLUMN 21
#define MACROS_MAX 200
#define HINT_EVERY 3 /* the long way is taken so often before the key is told again */

/* ---- the shorter key ---- */

/* The key for exactly this; else the one that starts it and asks the rest. */
static bool find_key(const struct host *h, const struct screen_ops *ops, const struct action *a,
		     const char *args, char ret[KEY_NAME * 2])
{
	const char *key = keymap_key_for(h->spec.keymap, ops->name, a->name, args, ops->takes_text);

	if (key != NULL)
		return snprintf(ret, KEY_NAME * 2, "%s", key) < KEY_NAME * 2;
	return (a->flags & ACTION_PROMPTS) != 0 && host_bar_key(h, ops, a->name, ret);
}

static void note_slow(struct host *h, const struct action *a, const char *args)
{
	const struct screen *s = host_main(h);
	unsigned char *times = &h->slow[a - h->spec.actions->rows];
	char key[KEY_NAME * 2];

	buf_reset(&h->hint);
	if (s == NULL || strcmp(a->name, "palette") == 0 || !find_key(h, s->ops, a, args, key))
		return;
	if (*times % HINT_EVERY == 0)
		buf_printf(&h->hint, _("Next time: press %s"), key);
	*times = (unsigned char)(*times % HINT_EVERY + 1);
}

/* Used now: it comes first next time. */
static void remember(struct host *h, const char *call)
{
	size_t at = 0;
	char *kept;

	while (at < HOST_RECENT - 1 && h->recent[at] != NULL && strcmp(h->recent[at], call) != 0)
		at++;
	kept = h->recent[at];
	if (kept == NULL || strcmp(kept, call) != 0) {
		free(kept);
		kept = xstrdup(call);
	}
	memmove(&h->recent[1], &h->recent[0], at * sizeof(h->recent[0]));
	h->recent[0] = kept;
}

bool host_run_slow(struct host *h, const char *call, struct err *err)
{
	char name[64];
	const struct action *a;
	size_t n;

	call += strspn(call, " \t:");
	n = strcspn(call, " \t");
	snprintf(name, sizeof(name), "%.*s", n < sizeof(name) ? (int)n : 0, call);
	a = action_find(h->spec.actions, name);
	if (a != NULL) {
		remember(h, call);
		note_slow(h, a, call + n + strspn(call + n, " \t"));
	}
	return host_run_text(h, call, err);
}

static int rank_recent(const struct host *h, const char *call)
{
	for (int i = 0; i < HOST_RECENT && h->recent[i] != NULL; i++)
		if (strcmp(h->recent[i], call) == 0)
			return i;
	return HOST_RECENT;
}

/* ---- the list ---- */

/* Bound in other screens alone: it does nothing here. */
static bool belongs_elsewhere(const struct host *h, const struct screen_ops *ops,
			      const struct action *a)
{
	if (strcmp(a->name, "confirm") == 0 || strcmp(a->name, "reject") == 0)
		return true;
	if (keymap_key_for(h->spec.keymap, ops->name, a->name, NULL, false) != NULL)
		return false;
	return keymap_has(h->spec.keymap, a->name);
}

/* Those that have keys only for some of their arguments ("s c") can be asked for without any too. */
static void add_plain(struct offers *o, const struct host *h, const struct screen_ops *ops)
{
	size_t count = o->count;

	for (size_t i = 0; i < count; i++) {
		const struct action *a = o->rows[i].action;
		char key[KEY_NAME * 2] = "";

		if ((a->flags & ACTION_PROMPTS) == 0 || o->rows[i].group == OFFER_UNBOUND ||
		    keymap_key_for(h->spec.keymap, ops->name, a->name, "", ops->takes_text) != NULL)
			continue;
		host_bar_key(h, ops, a->name, key);
		/* One row each: a second one joins its keys, which are the same. */
		if (i == 0 || o->rows[i - 1].action != a)
			offers_add(o, h, OFFER_HERE, arena_strdup(&o->arena, key), a, "");
	}
}

struct palette_row {
	const struct offer *offer;
	const char *call;
	int recent;
	size_t place;
};

static int compare(const void *a, const void *b)
{
	const struct palette_row *x = a, *y = b;

	if (x->recent != y->recent)
		return x->recent < y->recent ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static size_t collect(struct host *h, struct offers *o, const struct screen_ops *ops,
		      struct palette_row *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < o->count; i++) {
		const struct offer *r = &o->rows[i];
		const char *call = r->group == OFFER_UNBOUND ? r->action->name : r->call;

		if (strcmp(r->action->name, "palette") == 0 ||
		    (r->group == OFFER_UNBOUND && belongs_elsewhere(h, ops, r->action)))
			continue;
		ret[count++] = (struct palette_row){r, call, rank_recent(h, call), i};
	}
	qsort(ret, count, sizeof(*ret), compare);
	return count;
}

static const char *padded(struct arena *a, const char *name, const char *sentence)
{
	int space = NAME_COLUMN - text_width(name);

	return arena_printf(a, "%s%*s %s", name, space > 0 ? space : 0, "", sentence);
}

static void chosen(struct host *h, const char *call)
{
	struct err err = {0};

	if (!host_run_slow(h, call, &err))
		host_say(h, STYLE_ERROR, "%s", err.text);
}

void host_macros(struct host *h)
{
	struct choice rows[MACROS_MAX];
	struct arena a = {0};
	size_t count = 0;

	if (h->spec.macros != NULL)
		count = h->spec.macros(h->spec.app, NULL, rows, MACROS_MAX, &a);
	for (size_t i = 0; i < count; i++)
		rows[i].label = padded(&a, rows[i].key, rows[i].label);
	if (count == 0)
		host_say(h, STYLE_NORMAL, "%s",
			 _("You have no macro yet. Make one: :macro NAME ACTION; ACTION"));
	else
		host_pick_push(h, NULL, 0,
			       &(struct pick_spec){.title = _("Which macro?"),
						   .rows = rows,
						   .count = count,
						   .done = chosen});
	arena_finish(&a);
}

/* Behind what the program can do. */
static size_t add_macros(struct host *h, struct choice *ret, struct arena *a)
{
	size_t count =
		h->spec.macros != NULL ? h->spec.macros(h->spec.app, NULL, ret, MACROS_MAX, a) : 0;

	for (size_t i = 0; i < count; i++) {
		ret[i].label = padded(a, ret[i].key, ret[i].label);
		ret[i].hint = _("your own");
	}
	return count;
}

void host_palette(struct host *h)
{
	const struct screen *s = host_main(h);
	struct offers o = {0};
	struct palette_row *rows;
	struct choice *choices;
	const char **also;
	size_t count;

	if (s == NULL || h->top != s)
		return;
	offers_fill(&o, h, s->ops);
	add_plain(&o, h, s->ops);
	rows = arena_alloc(&o.arena, (o.count + 1) * sizeof(*rows));
	choices = arena_alloc(&o.arena, (o.count + MACROS_MAX) * sizeof(*choices));
	also = arena_alloc(&o.arena, (o.count + MACROS_MAX) * sizeof(*also));
	count = collect(h, &o, s->ops, rows);
	for (size_t i = 0; i < count; i++) {
		const struct offer *r = rows[i].offer;

		choices[i] = (struct choice){.key = rows[i].call,
					     .label = padded(&o.arena, r->call, r->help),
					     .hint = r->keys};
		also[i] = r->folded;
	}
	for (size_t own = add_macros(h, &choices[count], &o.arena); own > 0; own--)
		also[count++] = "";
	host_pick_push(h, NULL, 0,
		       &(struct pick_spec){.title = _("What do you want to do?"),
					   .rows = choices,
					   .also = also,
					   .count = count,
					   .done = chosen});
	offers_finish(&o);
}
