/* Every action that can be used in the screen below, with its keys; what is typed narrows the list.
 * An action without a key is listed too: it can be typed at the ':' prompt. */
#include "host.h"
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "term.h"

struct help {
	struct offers offers;
	const struct offer **shown;
	struct list list; /* of shown */
	struct buf filter;
	const char *label;
};

static const char *const group_titles[OFFER_COUNT] = {
	[OFFER_HERE] = N_("In this screen"),
	[OFFER_EVERYWHERE] = N_("Everywhere"),
	[OFFER_UNBOUND] = N_("Without a key here: type it behind ':'"),
};

static void narrow(struct help *help)
{
	struct buf folded = {0};
	size_t count = 0;

	if (help->filter.len > 0)
		text_fold(&folded, help->filter.data);
	buf_add_str(&folded, "");
	for (size_t i = 0; i < help->offers.count; i++)
		if (host_fits(help->offers.rows[i].folded, folded.data))
			help->shown[count++] = &help->offers.rows[i];
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
	help->label = below != NULL ? host_label(below->ops) : "";
	offers_fill(&help->offers, s->host, below != NULL ? below->ops : NULL);
	help->shown = xcalloc(help->offers.count + 1, sizeof(*help->shown));
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
	const struct offer *r = help->shown[i];
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
		   help->offers.count);
	list_show(&help->list, body.height - OFFER_COUNT);
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

	offers_finish(&help->offers);
	free(help->shown);
	buf_finish(&help->filter);
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
