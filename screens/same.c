/* Two that are one: both side by side, which of them stays, and nothing is done before it is confirmed.
 * It can be undone: tickets keep the one they came with. */
#include "people.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"

#define LABEL 12
#define LINES 7

struct same {
	struct party parties[2];
	const char *texts[2][LINES];
	int stays;
	struct arena arena;
};

static const char *const labels[LINES] = {N_("Name"),  N_("Born"), N_("Language"), N_("Number"),
					  N_("Phone"), N_("Mail"), N_("Address")};

static const char *taken(struct buf *b, struct arena *a)
{
	const char *ret = arena_strdup(a, b->len ? b->data : "");

	buf_reset(b);
	return ret;
}

static void describe(const struct party *p, const char *ret[LINES], struct arena *a)
{
	struct party_lists *l = arena_alloc(a, sizeof(*l));
	struct buf b = {0};
	char birth[11];

	if (!desk_party_lists(p, l, a, NULL))
		memset(l, 0, sizeof(*l));
	ret[0] = p->name ? p->name : "";
	ret[1] = arena_strdup(a, birth_show(p->birth_date, birth));
	ret[2] = p->language ? p->language : "";
	for (size_t i = 0; i < l->identifier_count; i++) {
		buf_add_str(&b, i ? "; " : "");
		people_put_identifier(&b, p, &l->identifiers[i]);
	}
	ret[3] = taken(&b, a);
	for (size_t i = 0; i < l->phone_count; i++) {
		buf_add_str(&b, i ? "; " : "");
		people_put_number(&b, l->phones[i].value ? l->phones[i].value : "");
	}
	ret[4] = taken(&b, a);
	for (size_t i = 0; i < l->email_count; i++)
		buf_printf(&b, "%s%s", i ? "; " : "", l->emails[i].value ? l->emails[i].value : "");
	ret[5] = taken(&b, a);
	if (l->address_count > 0)
		people_put_address(&b, &l->addresses[0]);
	ret[6] = taken(&b, a);
	buf_finish(&b);
}

/* args: both ids; the first stays, unless it is turned round. */
static bool same_open(struct screen *s, const char *args, struct err *err)
{
	struct same *v = screen_state(s);
	struct desk *d = parts_desk(s);
	char ids[2][ID_TEXT] = {"", ""};

	if (sscanf(args, "%36s %36s", ids[0], ids[1]) == 2 && strcmp(ids[0], ids[1]) != 0 &&
	    people_find(d, ids[0], &v->parties[0], &v->arena) &&
	    people_find(d, ids[1], &v->parties[1], &v->arena)) {
		for (int i = 0; i < 2; i++)
			describe(&v->parties[i], v->texts[i], &v->arena);
		return true;
	}
	err_set(err, ERR_NOT_FOUND, _("which two are the same? Begin on the card of one"));
	arena_finish(&v->arena);
	return false;
}

static void same_close(struct screen *s)
{
	struct same *v = screen_state(s);

	arena_finish(&v->arena);
}

static void same_title(const struct screen *s, struct buf *ret)
{
	(void)s;
	buf_add_str(ret, _("Are these two one?"));
}

static void same_draw(const struct screen *s, struct cells c)
{
	const struct same *v = screen_state(s);
	int half = (c.width - LABEL) / 2;
	struct buf hint = {0};

	for (int i = 0; i < 2; i++) {
		struct cells side = cells_sub(c, 0, LABEL + i * half, c.height, half - 1);

		cells_put_in(side, 0, 0, side.width, ALIGN_LEFT,
			     i == v->stays ? STYLE_SELECTED : STYLE_DIM,
			     i == v->stays ? _("This one stays") : _("This one goes into it"));
		for (int line = 0; line < LINES; line++) {
			bool alike = text_same(v->texts[0][line], v->texts[1][line]);

			cells_put_in(side, line + 1, 0, side.width, ALIGN_LEFT,
				     alike ? STYLE_NORMAL : STYLE_STRONG, v->texts[i][line]);
		}
	}
	for (int line = 0; line < LINES; line++)
		cells_put_in(c, line + 1, 1, LABEL - 1, ALIGN_LEFT, STYLE_DIM, _(labels[line]));
	cells_put_in(c, LINES + 2, 1, c.width - 2, ALIGN_LEFT, STYLE_NORMAL,
		     _("What the one that goes ever asked is shown with the one that stays;"));
	cells_put_in(c, LINES + 3, 1, c.width - 2, ALIGN_LEFT, STYLE_NORMAL,
		     _("what is known of it is kept, and it can be undone at any time."));
	parts_put_hint(&hint, s, "same", "right", "", _("%s lets the other one stay."));
	cells_put_in(c, LINES + 4, 1, c.width - 2, ALIGN_LEFT, STYLE_NORMAL, hint.data);
	buf_reset(&hint);
	parts_put_hint(&hint, s, "same", "confirm", "", _("%s makes them one."));
	cells_put_in(c, LINES + 6, 1, c.width - 2, ALIGN_LEFT, STYLE_STRONG, hint.data);
	buf_finish(&hint);
	cells_cursor(c, 0, LABEL + v->stays * half, false);
}

static void merge(struct screen *s)
{
	struct same *v = screen_state(s);
	const struct party *goes = &v->parties[!v->stays], *stays = &v->parties[v->stays];
	struct args args = args_none;
	struct host *h = screen_host(s);
	struct err err = {0};
	struct buf said = {0};
	char id[ID_TEXT];

	args.into_id = stays->id;
	snprintf(id, sizeof(id), "%s", stays->id);
	if (!desk_do_record(parts_desk(s), ACT_PARTY_MERGE, goes->id, goes, &args, NULL, &err)) {
		host_say(h, STYLE_ERROR, "%s", err.text);
		return;
	}
	host_back(h);
	host_open(h, "card", id, NULL);
	host_changed(h, WATCH_OUTBOX | WATCH_TICKETS);
	parts_put_hint(&said, s, "card", "party-unmerge", "",
		       _("They are one now. %s takes them apart again."));
	host_say(h, STYLE_GOOD, "%s", said.data);
	buf_finish(&said);
}

static bool same_act(struct screen *s, const struct act *act)
{
	struct same *v = screen_state(s);

	switch (act->action->id) {
	case ACT_CONFIRM:
		merge(s);
		return true;
	case ACT_REJECT:
		host_back(screen_host(s));
		return true;
	case ACT_LEFT:
	case ACT_RIGHT:
		v->stays = !v->stays;
		screen_redraw(s);
		return true;
	}
	return false;
}

static const int same_offered[] = {ACT_BACK, ACT_CONFIRM, ACT_REJECT, -1};

const struct screen_ops same_screen = {
	.name = "same",
	.label = N_("two that are one"),
	.state_size = sizeof(struct same),
	.offered = same_offered,
	.open = same_open,
	.title = same_title,
	.draw = same_draw,
	.act = same_act,
	.close = same_close,
};
