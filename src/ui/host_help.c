/* Every action that can be used in the screen below, with its keys; what is typed narrows the list.
 * An action without a key is listed too: it can be typed at the ':' prompt. */
#include "host.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "term.h"

enum group { GROUP_HERE, GROUP_EVERYWHERE, GROUP_UNBOUND, GROUP_COUNT };

struct help_row {
	enum group group;
	const char *keys; /* all of them, joined; "" when there are none */
	const char *call; /* "state closed" */
	const char *help;
	const char *folded; /* what the filter looks in */
};

struct help {
	struct help_row *rows;
	size_t count, cap;
	const struct help_row **shown;
	struct list list; /* of shown */
	struct buf filter;
	struct arena arena;
	const char *screen, *label;
	bool letters_are_text;
};

static const char *const group_titles[GROUP_COUNT] = {
	[GROUP_HERE] = N_("In this screen"),
	[GROUP_EVERYWHERE] = N_("Everywhere"),
	[GROUP_UNBOUND] = N_("Without a key here: type it behind ':'"),
};

static struct help_row *find_row(struct help *help, enum group group, const char *call)
{
	for (size_t i = 0; i < help->count; i++)
		if (help->rows[i].group == group && strcmp(help->rows[i].call, call) == 0)
			return &help->rows[i];
	return NULL;
}

/* With a word behind it the action says which: "State: waits for the citizen", not what all are. */
static const char *explain(struct help *help, const struct action *a, const char *args)
{
	const char *word = host_args_label(a, args), *label;

	if (*args == '\0' || word == args || a->label == NULL || *a->label == '\0')
		return a->help != NULL ? _(a->help) : "";
	label = _(a->label);
	return arena_printf(&help->arena, "%c%s: %s", toupper((unsigned char)*label), label + 1,
			    word);
}

static void add(struct help *help, enum group group, const char *keys, const struct action *a,
		const char *args)
{
	const char *space = *args != '\0' ? " " : "";
	const char *call = arena_printf(&help->arena, "%s%s%s", a->name, space, args);
	struct help_row *row = find_row(help, group, call);

	if (row != NULL) {
		row->keys = arena_printf(&help->arena, "%s, %s", row->keys, keys);
		return;
	}
	if (help->count == help->cap) {
		help->cap = help->cap == 0 ? 64 : help->cap * 2;
		help->rows = xrealloc(help->rows, help->cap * sizeof(*help->rows));
	}
	row = &help->rows[help->count++];
	*row = (struct help_row){group, keys, call, explain(help, a, args), NULL};
}

static void fill(struct help *help, struct host *h)
{
	const struct action_table *t = h->spec.actions;
	struct keymap_row row;

	for (enum group group = GROUP_HERE; group <= GROUP_EVERYWHERE; group++) {
		size_t pos = 0;

		while (keymap_each(h->spec.keymap, help->screen, &pos, &row))
			if (row.everywhere == (group == GROUP_EVERYWHERE) &&
			    !(help->letters_are_text && keymap_types(row.keys)))
				add(help, group, row.keys, row.action, row.args);
	}
	for (size_t i = 0; i < t->count; i++) {
		const struct action *a = &t->rows[i];

		if (a->name != NULL && keymap_key_for(h->spec.keymap, help->screen, a->name, NULL,
						      help->letters_are_text) == NULL)
			add(help, GROUP_UNBOUND, "", a, a->usage != NULL ? a->usage : "");
	}
	for (size_t i = 0; i < help->count; i++) {
		struct help_row *r = &help->rows[i];

		r->folded = text_fold_dup(&help->arena, arena_printf(&help->arena, "%s %s %s",
								     r->keys, r->call, r->help));
	}
	help->shown = xcalloc(help->count + 1, sizeof(*help->shown));
}

static void narrow(struct help *help)
{
	struct buf folded = {0};
	size_t count = 0;

	if (help->filter.len > 0)
		text_fold(&folded, help->filter.data);
	buf_add_str(&folded, "");
	for (size_t i = 0; i < help->count; i++)
		if (strstr(help->rows[i].folded, folded.data) != NULL)
			help->shown[count++] = &help->rows[i];
	buf_finish(&folded);
	help->list.top = help->list.selected = 0;
	list_set_count(&help->list, (int64_t)count);
}

static bool help_open(struct screen *s, const char *args, struct err *err)
{
	struct help *help = s->state;
	struct screen *below = s->below;

	while (below != NULL && below->place != PLACE_MIDDLE)
		below = below->below;
	help->screen = below != NULL ? below->ops->name : "everywhere";
	help->label = below != NULL ? host_label(below->ops) : "";
	help->letters_are_text = below != NULL && below->ops->takes_text;
	fill(help, s->host);
	if (*args != '\0')
		buf_add_str(&help->filter, args);
	narrow(help);
	return true;
}

static void help_title(const struct screen *s, struct buf *ret)
{
	const struct help *help = s->state;

	buf_printf(ret, _("Help: what you can do here (%s)"), help->label);
}

static void draw_row(const struct help *help, struct cells c, int row, int64_t i)
{
	const struct help_row *r = help->shown[i];
	enum style style = i == help->list.selected ? STYLE_SELECTED : STYLE_NORMAL;
	bool narrow = c.width < 80;
	int keys = c.width / 5, call = narrow ? 0 : c.width / 4;

	/* A narrow window keeps the sentence: what is typed at the prompt only stands where no key is. */
	cells_fill(c, row, 0, c.width, style);
	cells_put_in(c, row, 1, keys - 1, ALIGN_LEFT, style == STYLE_NORMAL ? STYLE_BAR_KEY : style,
		     narrow && !*r->keys ? r->call : r->keys);
	if (!narrow)
		cells_put_in(c, row, keys + 1, call - 1, ALIGN_LEFT, style, r->call);
	cells_put_in(c, row, keys + call + 1, c.width - keys - call - 1, ALIGN_LEFT, style,
		     r->help);
}

/* Titles of groups take rows of their own, so the list is laid out from its first visible row. */
static void help_draw(const struct screen *s, struct cells c)
{
	struct help *help = s->state;
	struct cells body = cells_sub(c, 1, 0, c.height - 1, c.width);
	int row = 0, col;

	col = cells_put(c, 0, 1, STYLE_NORMAL, _("Type to narrow:"));
	col = cells_put(c, 0, col + 1, STYLE_FIELD,
			help->filter.data != NULL ? help->filter.data : "");
	cells_cursor(c, 0, col, true);
	cells_putf(c, 0, c.width - 20, STYLE_DIM, "%15lld/%zu", (long long)help->list.count,
		   help->count);
	list_show(&help->list, body.height - GROUP_COUNT);
	for (int64_t i = help->list.top; i < help->list.count && row < body.height; i++) {
		if (i == help->list.top || help->shown[i]->group != help->shown[i - 1]->group)
			cells_rule(body, row++, STYLE_DIM, _(group_titles[help->shown[i]->group]));
		draw_row(help, body, row++, i);
	}
	if (help->list.count == 0)
		cells_put(body, 1, 2, STYLE_WARNING, _("nothing has these letters in it"));
}

static bool help_typed(struct screen *s, const struct key *key)
{
	struct help *help = s->state;
	char bytes[5] = "";

	if (key->ch != 0 && help->filter.len < 100) {
		bytes[utf8_put(key->ch, bytes)] = '\0';
		text_clean(&help->filter, bytes, strlen(bytes), TEXT_ONE_LINE);
	} else if (strcmp(key->name, "Backspace") == 0 && help->filter.len > 0) {
		while (help->filter.len > 0 &&
		       ((unsigned char)help->filter.data[--help->filter.len] & 0xc0) == 0x80)
			;
		help->filter.data[help->filter.len] = '\0';
	} else if (strcmp(key->name, "Backspace") == 0) {
		host_back(s->host);
		return true;
	} else {
		return false;
	}
	narrow(help);
	return true;
}

static bool help_act(struct screen *s, const struct act *act)
{
	struct help *help = s->state;

	if (list_act(&help->list, act))
		return true;
	/* Asking for help in the help closes it: F1 is a switch. */
	if (strcmp(act->action->name, "help") == 0 || strcmp(act->action->name, "open") == 0) {
		host_back(s->host);
		return true;
	}
	return false;
}

static void help_close(struct screen *s)
{
	struct help *help = s->state;

	free(help->rows);
	free(help->shown);
	buf_finish(&help->filter);
	arena_finish(&help->arena);
}

const struct screen_ops help_screen = {
	.name = "help",
	.label = N_("help"),
	.state_size = sizeof(struct help),
	.takes_text = true,
	.open = help_open,
	.title = help_title,
	.draw = help_draw,
	.act = help_act,
	.typed = help_typed,
	.close = help_close,
};
