/* The card of a citizen, association or enterprise: who it is, and everything it ever asked, newest first.
 *
 * What is on this computer is there at once; the service adds the rest, also what was closed long ago.
 * Enter opens a ticket. It loads again when the answer comes, and when tickets or the outbox change. */
#include "people.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"

#define LABEL 12
#define NUMBER 14
#define STATE 12
#define WHEN 12
#define MERGED_MAX 32

enum { ASK_UNMERGE = 1 };

struct row {
	const struct ticket *ticket; /* or */
	const struct contact *contact;
	int64_t at;
};

struct card {
	char id[ID_TEXT];
	struct arena arenas[2];
	int arena_now;
	struct party party;
	struct party_lists lists;
	bool known, from_service, waiting, pending;
	const char *why;
	struct names names;
	struct row *rows;
	size_t count;
	bool more;
	const struct party *merged;
	size_t merged_count;
	struct list list;
	char at[ID_TEXT];
	int64_t unsent; /* when it was asked last: anew when something was sent */
};

static int64_t count_unsent(struct desk *d)
{
	struct work_counts counts = {0};

	return work_count(d->work, &counts, NULL) ? counts.waiting : 0;
}

static bool card_open(struct screen *s, const char *args, struct err *err)
{
	struct card *v = screen_state(s);

	if (!id_valid(args)) {
		err_set(err, ERR_INPUT, _("whose card? Find a citizen first"));
		return false;
	}
	snprintf(v->id, sizeof(v->id), "%s", args);
	v->unsent = count_unsent(parts_desk(s));
	desk_ask(parts_desk(s), ASK_PARTY, v->id);
	return true;
}

static void card_close(struct screen *s)
{
	struct card *v = screen_state(s);

	arena_finish(&v->arenas[0]);
	arena_finish(&v->arenas[1]);
}

/* ---- reading ---- */

static const char *row_id(const struct row *r)
{
	return r->ticket ? r->ticket->id : r->contact->id;
}

static void add_row(struct card *v, const struct ticket *t, const struct contact *c)
{
	struct row row = {t, c, t ? t->created_at : c->started_at};
	size_t at = v->count;

	for (size_t i = 0; i < v->count; i++)
		if (strcmp(row_id(&v->rows[i]), row_id(&row)) == 0)
			return;
	while (at > 0 && v->rows[at - 1].at < row.at) {
		v->rows[at] = v->rows[at - 1];
		at--;
	}
	v->rows[at] = row;
	v->count++;
}

/* As it is with what waits in the outbox, where the desk has it. */
static const struct ticket *fresh(struct desk *d, const struct ticket *t, struct arena *a)
{
	struct queue_row *row = arena_alloc(a, sizeof(*row));

	if (d->cache && cache_ticket(d->cache, d->work, t->id, row, a, NULL) &&
	    (row->pending || row->ticket.version >= t->version))
		return &row->ticket;
	return t;
}

static void read_rows(struct card *v, struct desk *d, const struct answer *answer, struct arena *a)
{
	struct ticket *here = NULL;
	size_t count = 0;

	if (d->cache &&
	    !cache_party_tickets(d->cache, d->work, v->party.id, &here, &count, a, NULL))
		count = 0;
	v->rows = arena_alloc(
		a, (count + 1 + (answer ? answer->ticket_count + answer->contact_count : 0)) *
			   sizeof(*v->rows));
	v->count = 0;
	for (size_t i = 0; i < count; i++)
		add_row(v, &here[i], NULL);
	for (size_t i = 0; answer && i < answer->ticket_count; i++)
		add_row(v, fresh(d, &answer->tickets[i], a), NULL);
	for (size_t i = 0; answer && i < answer->contact_count; i++)
		add_row(v, NULL, &answer->contacts[i]);
	v->more = answer && (answer->more_tickets || answer->more_contacts);
}

static void read_party(struct card *v, struct desk *d, const struct answer *answer, struct arena *a)
{
	struct party here = {0};
	bool there = d->cache && cache_party(d->cache, d->work, v->id, &here, a, NULL);

	if (answer && answer->party) {
		v->party = *answer->party;
		v->known = true;
	}
	/* The desk's own has what waits in the outbox. */
	if (there && (!answer || !answer->party || here.version >= v->party.version) &&
	    !(answer && answer->party && here.merged_into)) {
		v->party = here;
		v->known = true;
	}
}

static void select_again(struct card *v)
{
	list_set_count(&v->list, (int64_t)v->count);
	for (size_t i = 0; v->at[0] && i < v->count; i++)
		if (strcmp(row_id(&v->rows[i]), v->at) == 0)
			v->list.selected = (int64_t)i;
}

static bool card_load(struct screen *s, struct err *err)
{
	struct card *v = screen_state(s);
	struct desk *d = parts_desk(s);
	const struct answer *answer = desk_answer(d, ASK_PARTY);
	struct arena *a = &v->arenas[!v->arena_now];
	bool mine = answer->asked && strcmp(answer->asked, v->id) == 0;
	int64_t unsent = count_unsent(d);

	(void)err;
	/* What was done here has come to the service: the card there is another one now. Also when
	 * another card was asked for meanwhile. */
	if (v->unsent > unsent ||
	    (screen_is_top(s) && (!answer->wanted || strcmp(answer->wanted, v->id) != 0)))
		desk_ask(d, ASK_PARTY, v->id);
	v->unsent = unsent;
	v->arena_now = !v->arena_now;
	arena_reset(a);
	v->waiting = answer->waiting;
	v->from_service = mine && answer->state == ANSWER_HERE;
	v->why = mine && answer->state == ANSWER_FAILED ? arena_strdup(a, answer->why) : NULL;
	v->known = false;
	v->merged_count = 0;
	v->count = 0;
	screens_names(d, &v->names, a);
	read_party(v, d, v->from_service ? answer : NULL, a);
	if (v->known) {
		read_rows(v, d, v->from_service ? answer : NULL, a);
		if (!desk_party_lists(&v->party, &v->lists, a, NULL))
			memset(&v->lists, 0, sizeof(v->lists));
	}
	if (v->from_service) {
		v->merged = answer->merged;
		v->merged_count = answer->merged_count;
	}
	select_again(v);
	return true;
}

/* ---- drawing ---- */

static void card_title(const struct screen *s, struct buf *ret)
{
	const struct card *v = screen_state(s);

	if (!v->known) {
		buf_add_str(ret, _("Citizen"));
		return;
	}
	buf_printf(ret, "%s: %s", _(words_label(&party_kinds, v->party.kind)),
		   v->party.name ? v->party.name : "");
}

struct head {
	struct cells cells;
	int row, col, width;
	struct buf text;
};

static void put_line(struct head *h, const char *label)
{
	if (h->text.len == 0)
		return;
	cells_put_in(h->cells, h->row, h->col, LABEL, ALIGN_LEFT, STYLE_DIM, label);
	cells_put_in(h->cells, h->row++, h->col + LABEL, h->width - LABEL, ALIGN_LEFT, STYLE_NORMAL,
		     h->text.data);
	buf_reset(&h->text);
}

static void comma(struct buf *text, size_t i)
{
	if (i > 0)
		buf_add_str(text, "; ");
}

static void put_who(struct head *h, const struct card *v)
{
	const struct party *p = &v->party;
	char birth[11];

	if (p->birth_date)
		buf_add_str(&h->text, birth_show(p->birth_date, birth));
	put_line(h, _("Born"));
	for (size_t i = 0; i < v->lists.identifier_count; i++) {
		people_put_identifier(&h->text, p, &v->lists.identifiers[i]);
		put_line(h, _("Number"));
	}
	if (p->language)
		buf_add_str(&h->text, p->language);
	put_line(h, _("Language"));
	for (size_t i = 0; i < v->merged_count; i++) {
		comma(&h->text, i);
		buf_add_str(&h->text, v->merged[i].name ? v->merged[i].name : "?");
	}
	put_line(h, _("Also called"));
}

static void put_where(struct head *h, const struct card *v)
{
	const struct party_lists *l = &v->lists;

	for (size_t i = 0; i < l->phone_count; i++) {
		comma(&h->text, i);
		people_put_number(&h->text, l->phones[i].value ? l->phones[i].value : "");
	}
	put_line(h, _("Phone"));
	for (size_t i = 0; i < l->email_count; i++) {
		comma(&h->text, i);
		buf_add_str(&h->text, l->emails[i].value ? l->emails[i].value : "");
		if (l->emails[i].bad)
			buf_add_str(&h->text, _(" (came back)"));
	}
	put_line(h, _("Mail"));
	for (size_t i = 0; i < l->address_count && i < 3; i++) {
		struct buf one = {0};

		people_put_address(&one, &l->addresses[i]);
		if (one.len)
			buf_add_str(&h->text, one.data);
		put_line(h, _("Address"));
		buf_finish(&one);
	}
}

/* Gives the rows it took. On a wide terminal who stands beside where. */
static int draw_head(const struct card *v, struct cells c)
{
	bool wide = c.width >= 110;
	struct head h = {.cells = c, .col = 1, .width = wide ? c.width / 2 - 2 : c.width - 2};
	int first;

	put_who(&h, v);
	first = h.row;
	if (wide) {
		h.row = 0;
		h.col = c.width / 2;
	}
	put_where(&h, v);
	buf_finish(&h.text);
	return h.row > first ? h.row : first;
}

static void draw_rule(const struct card *v, struct cells c, int row)
{
	struct buf title = {0};

	if (v->count)
		buf_printf(&title,
			   v->more ? _("All that was asked: the last %zu")
				   : _("All that was asked: %zu"),
			   v->count);
	else
		buf_add_str(&title, _("Nothing was asked yet"));
	if (v->waiting)
		buf_printf(&title, "  (%s)", _("the service is asked…"));
	else if (!v->from_service)
		buf_printf(&title, "  (%s)", _("only what is on this computer"));
	cells_rule(c, row, v->from_service ? STYLE_DIM : STYLE_WARNING, title.data);
	buf_finish(&title);
}

static void draw_ticket(const struct card *v, struct cells c, int line, const struct ticket *t,
			enum style style)
{
	char when[48], due[48];
	int col = 1;

	cells_put_in(c, line, col, NUMBER - 1, ALIGN_LEFT, style, parts_number(t));
	col += NUMBER;
	cells_put_in(c, line, col, STATE - 1, ALIGN_LEFT, style, parts_state_short(t->state));
	col += STATE;
	cells_put_in(c, line, col, WHEN - 1, ALIGN_LEFT, style,
		     clock_to_short(t->created_at, clock_now(), when, sizeof(when)));
	col += WHEN;
	if (c.width >= 110) {
		cells_put_in(c, line, col, 20, ALIGN_LEFT, style,
			     parts_team(&v->names, t->team_id));
		col += 21;
	}
	screens_due(t, clock_now(), due, sizeof(due));
	cells_put_in(c, line, col, c.width - col - 10, ALIGN_LEFT, style,
		     t->subject ? t->subject : "");
	cells_put_in(c, line, c.width - 9, 9, ALIGN_RIGHT,
		     style == STYLE_SELECTED ? style : parts_due_style(t, clock_now()), due);
}

static void draw_contact(struct cells c, int line, const struct contact *k, enum style style)
{
	struct buf start = {0};
	char when[48];

	parts_put_start(&start, k->summary ? k->summary : "", 300);
	cells_put_in(c, line, 1, NUMBER + STATE - 1, ALIGN_LEFT, style,
		     _(words_label(&channels, k->channel)));
	cells_put_in(c, line, 1 + NUMBER + STATE, WHEN - 1, ALIGN_LEFT, style,
		     clock_to_short(k->started_at, clock_now(), when, sizeof(when)));
	cells_put_in(c, line, 1 + NUMBER + STATE + WHEN, c.width - 2 - NUMBER - STATE - WHEN,
		     ALIGN_LEFT, style, start.len ? start.data : "");
	buf_finish(&start);
}

static void card_draw(const struct screen *s, struct cells c)
{
	const struct card *v = screen_state(s);
	struct list list = v->list;
	const char *lines[] = {v->why};
	struct cells body;
	int head;

	if (!v->known) {
		parts_draw_empty(
			c, v->why ? _("This card cannot be shown") : _("The service is asked…"),
			lines, v->why ? 1 : 0);
		cells_cursor(c, 0, 0, false);
		return;
	}
	head = draw_head(v, c);
	draw_rule(v, c, head);
	body = cells_sub(c, head + 1, 0, c.height - head - 1, c.width);
	list_show(&list, body.height);
	for (int line = 0; line < body.height && list.top + line < (int64_t)v->count; line++) {
		const struct row *r = &v->rows[list.top + line];
		bool here = list.top + line == list.selected;
		enum style style = here	       ? STYLE_SELECTED
				   : r->ticket ? parts_state_style(r->ticket->state)
					       : STYLE_DIM;

		cells_fill(body, line, 0, body.width, style);
		if (r->ticket)
			draw_ticket(v, body, line, r->ticket, style);
		else
			draw_contact(body, line, r->contact, style);
	}
	cells_cursor(body, list.selected > list.top ? (int)(list.selected - list.top) : 0, 0,
		     false);
}

/* ---- keys ---- */

static bool open_row(struct screen *s)
{
	struct card *v = screen_state(s);
	const struct row *r;

	if (v->list.selected < 0 || v->list.selected >= (int64_t)v->count)
		return true;
	r = &v->rows[v->list.selected];
	if (!r->ticket) {
		host_say(screen_host(s), STYLE_NORMAL, "%s",
			 r->contact->summary ? r->contact->summary
					     : _("Nothing was written down."));
		return true;
	}
	parts_place(s)->order.set = false;
	return people_go(s, "ticket", "", r->ticket->id);
}

/* ---- who was merged into this one ---- */

static void unmerge(struct screen *s, const char *id)
{
	struct card *v = screen_state(s);
	struct err err = {0};

	for (size_t i = 0; i < v->merged_count; i++) {
		if (strcmp(v->merged[i].id, id) != 0)
			continue;
		if (desk_do_record(parts_desk(s), ACT_PARTY_UNMERGE, id, &v->merged[i], &args_none,
				   NULL, &err))
			host_say(screen_host(s), STYLE_GOOD, _("%s is another one again."),
				 v->merged[i].name ? v->merged[i].name : "?");
		else
			host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		host_changed(screen_host(s), WATCH_OUTBOX);
		return;
	}
}

static void ask_which(struct screen *s)
{
	struct card *v = screen_state(s);
	struct choice rows[MERGED_MAX];
	size_t count = 0;

	for (; count < v->merged_count && count < MERGED_MAX; count++)
		rows[count] =
			(struct choice){v->merged[count].id,
					v->merged[count].name ? v->merged[count].name : "?", NULL};
	if (count == 0)
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("Nobody was merged into this one."));
	else
		host_pick(s, ASK_UNMERGE, _("Who is another one after all?"), rows, count, NULL);
}

static void undo(struct screen *s)
{
	struct buf told = {0};
	struct err err = {0};

	if (desk_undo(parts_desk(s), NULL, &told, &err))
		host_say(screen_host(s), STYLE_GOOD, "%s", told.data);
	else
		host_say(screen_host(s), STYLE_NORMAL, "%s", err.text);
	buf_finish(&told);
	host_changed(screen_host(s), WATCH_OUTBOX | WATCH_TICKETS);
}

static bool card_act(struct screen *s, const struct act *act)
{
	struct card *v = screen_state(s);

	if (!v->known || act->args[0])
		return false;
	if (list_act(&v->list, act)) {
		snprintf(v->at, sizeof(v->at), "%s",
			 v->list.selected >= 0 ? row_id(&v->rows[v->list.selected]) : "");
		screen_redraw(s);
		return true;
	}
	switch (act->action->id) {
	case ACT_OPEN:
		return open_row(s);
	case ACT_REGISTER:
	case ACT_CREATE:
		return people_go(s, "register", "party ", v->party.id);
	case ACT_PARTY_CHANGE:
		return people_go(s, "person", "", v->party.id);
	case ACT_PARTY_MERGE:
		return people_go(s, "citizen", "same ", v->party.id);
	case ACT_PARTY_UNMERGE:
		ask_which(s);
		return true;
	case ACT_UNDO:
		undo(s);
		return true;
	}
	return false;
}

static void card_answer(struct screen *s, int intent, const char *text)
{
	if (intent == ASK_UNMERGE && text)
		unmerge(s, text);
}

static const int card_offered[] = {
	ACT_BACK, ACT_OPEN, ACT_REGISTER, ACT_PARTY_CHANGE, ACT_PARTY_MERGE, ACT_PARTY_UNMERGE, -1,
};

const struct screen_ops card_screen = {
	.name = "card",
	.label = N_("citizen"),
	.state_size = sizeof(struct card),
	.watches = WATCH_ANSWER | WATCH_TICKETS | WATCH_OUTBOX | WATCH_REFERENCE,
	.offered = card_offered,
	.open = card_open,
	.load = card_load,
	.title = card_title,
	.draw = card_draw,
	.act = card_act,
	.answer = card_answer,
	.close = card_close,
};
