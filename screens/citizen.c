/* Finding somebody: one box for all that is known of him, and below it who that may be.
 *
 * What is on this computer is there at once and marked; what the service has comes as soon as it
 * answers, and the selection stays on the same person. Enter opens the card. It loads again when an
 * answer comes, and when the mirror or the outbox changes. */
#include "people.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"

#define HEAD 3 /* box, how it was understood, headings */
#define ROWS_MAX 64

struct found {
	const struct party *party;
	const struct ticket *ticket; /* whose number was typed: a row of its own */
	bool here;		     /* only on this computer, so far */
};

struct citizen {
	struct line *box;
	char asked[PARTY_QUERY_TEXT + 8]; /* what the rows below are about */
	struct party_query query;
	bool understood; /* query is what is in the box */
	char said[600];	 /* how it was understood, or what is wrong with it */
	struct arena arenas[2];
	int arena_now;
	/* What the mirror has for a text. */
	char here_for[PARTY_QUERY_TEXT + 8];
	struct arena here_arena;
	struct party *here;
	size_t here_count;
	bool here_more, was_waiting;
	enum answer_state was_state;
	struct found rows[ROWS_MAX];
	size_t count;
	bool more, from_service;
	const char *why; /* there is no answer of the service */
	bool waiting;
	struct list list;
	char at[ID_TEXT];   /* who is selected */
	char same[ID_TEXT]; /* choosing who is the same as this one; "" : finding */
	char intent[16];    /* what the choice is for */
};

static void parse(struct citizen *v, struct arena *a)
{
	struct err err = {0};
	struct buf b = {0};

	v->understood = party_query_parse(v->asked, clock_now(), &v->query, a, &err);
	v->said[0] = '\0';
	if (v->understood) {
		party_query_describe(&v->query, &b);
		if (b.len)
			snprintf(v->said, sizeof(v->said), "%s", b.data);
	} else {
		text_capital(&b, err.text);
		snprintf(v->said, sizeof(v->said), "%s", b.data);
	}
	buf_finish(&b);
}

static bool to_be_asked(const struct citizen *v)
{
	return v->understood && !party_query_empty(&v->query);
}

static void ask(struct screen *s)
{
	struct citizen *v = screen_state(s);
	struct arena a = {0};

	snprintf(v->asked, sizeof(v->asked), "%s", line_text(v->box));
	parse(v, &a);
	if (to_be_asked(v))
		desk_ask(parts_desk(s), ASK_SEARCH, v->asked);
	arena_finish(&a);
}

/* args: what to look for; or "same ID", to choose who is the same as that one. */
static bool citizen_open(struct screen *s, const char *args, struct err *err)
{
	struct citizen *v = screen_state(s);
	struct line_spec spec = {.initial = args};

	if (strncmp(args, "same ", 5) == 0 && id_valid(args + 5)) {
		snprintf(v->same, sizeof(v->same), "%s", args + 5);
		spec.initial = "";
	}
	v->box = line_create(&spec, err);
	if (!v->box)
		return false;
	ask(s);
	return true;
}

static void citizen_close(struct screen *s)
{
	struct citizen *v = screen_state(s);

	line_destroy(v->box);
	arena_finish(&v->arenas[0]);
	arena_finish(&v->arenas[1]);
	arena_finish(&v->here_arena);
}

/* ---- reading ---- */

static const char *id_of(const struct found *f)
{
	return f->party ? f->party->id : f->ticket->id;
}

static void add(struct citizen *v, const struct party *p, const struct ticket *t, bool here)
{
	struct found row = {p, t, here};
	const char *id = p ? p->id : t->id;

	if (!id || v->count == ROWS_MAX || strcmp(id, v->same) == 0)
		return;
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(id_of(&v->rows[i]), id) == 0)
			return;
	v->rows[v->count++] = row;
}

/* Looked up once for a text: when only the answer of the service came since, it stands as it was. */
static void look_here(struct citizen *v, struct desk *d)
{
	const struct answer *answer = desk_answer(d, ASK_SEARCH);
	bool answered = answer->waiting != v->was_waiting || answer->state != v->was_state;

	v->was_waiting = answer->waiting;
	v->was_state = answer->state;
	if (answered && strcmp(v->here_for, v->asked) == 0)
		return;
	arena_reset(&v->here_arena);
	v->here_count = 0;
	v->here_more = false;
	snprintf(v->here_for, sizeof(v->here_for), "%s", v->asked);
	if (d->cache && !cache_people(d->cache, d->work, &v->query, &v->here, &v->here_count,
				      &v->here_more, &v->here_arena, NULL))
		v->here_count = 0;
}

static void add_here(struct citizen *v, struct desk *d)
{
	look_here(v, d);
	for (size_t i = 0; i < v->here_count; i++)
		add(v, &v->here[i], NULL, true);
	v->more = v->more || (v->here_more && !v->from_service);
}

/* A tracking number leads to the ticket, and to whose it is. */
static void add_ticket_here(struct citizen *v, struct desk *d, struct arena *a)
{
	struct queue_row *row = arena_alloc(a, sizeof(*row));
	struct party *p = arena_alloc(a, sizeof(*p));

	if (!v->query.tracking[0] || v->same[0] || !d->cache ||
	    !cache_ticket(d->cache, d->work, v->query.tracking, row, a, NULL))
		return;
	add(v, NULL, &row->ticket, true);
	if (row->ticket.party_id &&
	    cache_party(d->cache, d->work, row->ticket.party_id, p, a, NULL))
		add(v, p, NULL, true);
}

static void select_again(struct citizen *v)
{
	list_set_count(&v->list, (int64_t)v->count);
	for (size_t i = 0; v->at[0] && i < v->count; i++) {
		if (strcmp(id_of(&v->rows[i]), v->at) == 0) {
			v->list.selected = (int64_t)i;
			return;
		}
	}
	/* Who was chosen is not among them: the first is the best. */
	v->list.selected = v->count ? 0 : -1;
	v->at[0] = '\0';
}

static void take_answer(struct citizen *v, const struct answer *answer)
{
	bool mine = answer->asked && strcmp(answer->asked, v->asked) == 0;

	v->from_service = mine && answer->state == ANSWER_HERE;
	v->why = mine && answer->state == ANSWER_FAILED ? answer->why : NULL;
	v->waiting = answer->waiting;
	if (!v->from_service)
		return;
	if (answer->ticket && !v->same[0])
		add(v, NULL, answer->ticket, false);
	for (size_t i = 0; i < answer->party_count; i++)
		add(v, &answer->parties[i], NULL, false);
	v->more = answer->more;
}

static bool citizen_load(struct screen *s, struct err *err)
{
	struct citizen *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct arena *a = &v->arenas[!v->arena_now];

	(void)err;
	v->arena_now = !v->arena_now;
	arena_reset(a);
	parse(v, a);
	v->count = 0;
	v->more = v->from_service = v->waiting = false;
	v->why = NULL;
	if (to_be_asked(v)) {
		take_answer(v, desk_answer(d, ASK_SEARCH));
		add_ticket_here(v, d, a);
		add_here(v, d);
	}
	select_again(v);
	return true;
}

/* ---- drawing ---- */

static void citizen_title(const struct screen *s, struct buf *ret)
{
	const struct citizen *v = screen_state(s);

	buf_add_str(ret, v->same[0] ? _("Who is the same?") : _("Find a citizen"));
	if (v->count)
		buf_printf(ret, v->more ? _(": %zu, and there are more") : ": %zu", v->count);
}

static void draw_said(const struct citizen *v, struct cells c)
{
	enum style style = v->understood ? STYLE_DIM : STYLE_WARNING;
	const char *state = NULL;

	cells_fill(c, 1, 0, c.width, STYLE_NORMAL);
	cells_put_in(c, 1, 2, c.width - 3, ALIGN_LEFT, style, v->said);
	if (!to_be_asked(v))
		return;
	if (v->waiting)
		state = _("the service is asked…");
	else if (v->why)
		state = _("only what is on this computer");
	if (state)
		cells_put_in(c, 1, c.width - text_width(state) - 1, text_width(state), ALIGN_LEFT,
			     v->why ? STYLE_WARNING : STYLE_PENDING, state);
}

static void draw_row(struct cells c, int line, const struct found *f, bool selected)
{
	enum style style = selected ? STYLE_SELECTED : f->here ? STYLE_DIM : STYLE_NORMAL;
	const char *mark = f->here ? "~" : "";

	if (f->party) {
		people_draw_row(c, line, f->party, style, mark);
		return;
	}
	cells_fill(c, line, 0, c.width, style);
	cells_put_in(c, line, 0, 2, ALIGN_LEFT, style, mark);
	cells_putf(c, line, 2, style, _("ticket %s, %s: %s"), parts_number(f->ticket),
		   parts_state(f->ticket->state), f->ticket->subject ? f->ticket->subject : "");
}

static void draw_nothing(const struct screen *s, const struct citizen *v, struct cells c)
{
	struct buf make = {0};
	const char *how[] = {
		_("Type a name, a date of birth, postcode and house number, a phone number,"),
		_("a mail address, a tracking number, a national or an enterprise number."),
		_("In any order and writing: claes 12/3/64, 8870 12, vd broeck 0470…"),
	};
	const char *none[] = {NULL};

	if (!to_be_asked(v)) {
		parts_draw_empty(c, _("Who is it?"), how, 3);
	} else if (v->waiting) {
		parts_draw_empty(c, _("The service is asked…"), how, 0);
	} else {
		parts_put_hint(&make, s, "citizen", "party-create", "", _("%s makes a new one."));
		none[0] = v->why ? v->why : make.data;
		parts_draw_empty(c,
				 v->why ? _("Nobody like that is on this computer")
					: _("Nobody like that is known"),
				 none, 1);
	}
	buf_finish(&make);
}

static void citizen_draw(const struct screen *s, struct cells c)
{
	const struct citizen *v = screen_state(s);
	struct cells body = cells_sub(c, HEAD, 0, c.height - HEAD, c.width);
	struct list list = v->list;

	cells_put(c, 0, 1, STYLE_STRONG, _("Who:"));
	draw_said(v, c);
	people_draw_headings(c, 2);
	list_show(&list, body.height);
	if (v->count == 0)
		draw_nothing(s, v, body);
	for (int line = 0; line < body.height && list.top + line < (int64_t)v->count; line++)
		draw_row(body, line, &v->rows[list.top + line], list.top + line == list.selected);
	/* Last: the cursor stands in the box. */
	line_draw(
		v->box,
		cells_sub(c, 0, 2 + text_width(_("Who:")), 1, c.width - 3 - text_width(_("Who:"))),
		0, 0, STYLE_FIELD);
}

/* ---- keys ---- */

static const struct found *selected(const struct citizen *v)
{
	return v->list.selected >= 0 && v->list.selected < (int64_t)v->count
		       ? &v->rows[v->list.selected]
		       : NULL;
}

static bool for_list(const char *name)
{
	static const char *const names[] = {"Enter",	"Up",  "Down", "PageUp",
					    "PageDown", "Esc", "Tab",  "Shift+Tab"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return name[0] == 'F' && name[1] >= '1' && name[1] <= '9';
}

static bool citizen_typed(struct screen *s, const struct key *key)
{
	struct citizen *v = screen_state(s);

	if (key->ch == 0 && !key->paste && for_list(key->name))
		return false;
	if (strcmp(key->name, "Enter") == 0)
		return false;
	line_feed(v->box, key);
	if (strcmp(line_text(v->box), v->asked) != 0) {
		ask(s);
		screen_reload(s);
	} else {
		screen_redraw(s);
	}
	return true;
}

static bool open_selected(struct screen *s)
{
	struct citizen *v = screen_state(s);
	const struct found *f = selected(v);
	char both[2 * ID_TEXT];

	if (!f)
		return true;
	if (f->ticket) {
		parts_place(s)->order.set = false;
		return people_go(s, "ticket", "", f->ticket->id);
	}
	if (!v->same[0])
		return people_go(s, "card", "", f->party->id);
	snprintf(both, sizeof(both), "%s %s", v->same, f->party->id);
	host_back(screen_host(s));
	return people_go(s, "same", "", both);
}

static bool citizen_act(struct screen *s, const struct act *act)
{
	struct citizen *v = screen_state(s);
	const struct found *f = selected(v);
	int height, width;

	screen_size(s, &height, &width);
	v->list.height = height > HEAD ? height - HEAD : 1;
	if (list_act(&v->list, act)) {
		f = selected(v);
		snprintf(v->at, sizeof(v->at), "%s", f ? id_of(f) : "");
		screen_redraw(s);
		return true;
	}
	switch (act->action->id) {
	case ACT_OPEN:
		return !act->args[0] && open_selected(s);
	case ACT_REGISTER:
	case ACT_CREATE:
		return f && f->party && !act->args[0] &&
		       people_go(s, "register", "party ", f->party->id);
	case ACT_PARTY_CREATE:
		return !act->args[0] && people_go(s, "person", "new ", v->asked);
	case ACT_PARTY_CHANGE:
		return !act->args[0] && f && f->party && people_go(s, "person", "", f->party->id);
	}
	return false;
}

static const int citizen_offered[] = {
	ACT_BACK, ACT_OPEN, ACT_REGISTER, ACT_PARTY_CREATE, ACT_PARTY_CHANGE, ACT_HELP, -1,
};

const struct screen_ops citizen_screen = {
	.name = "citizen",
	.label = N_("find a citizen"),
	.state_size = sizeof(struct citizen),
	.watches = WATCH_ANSWER | WATCH_TICKETS | WATCH_OUTBOX,
	.takes_text = true,
	.offered = citizen_offered,
	.open = citizen_open,
	.load = citizen_load,
	.title = citizen_title,
	.draw = citizen_draw,
	.act = citizen_act,
	.typed = citizen_typed,
	.close = citizen_close,
};
