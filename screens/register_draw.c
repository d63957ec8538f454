/* Registering on screen: which contacts are open, the form, and beside it who it is. */
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "register.h"

#define LABEL 11
#define WIDE 120

static const char *const labels[REG_FIELDS] = {
	[REG_PARTY] = N_("Citizen"),	 [REG_NAME] = N_("New: name"),
	[REG_PHONE] = N_("Phone"),	 [REG_BIRTH] = N_("Born"),
	[REG_BEHALF] = N_("For"),	 [REG_ABOUT] = N_("Question"),
	[REG_TOPIC] = N_("Topic"),	 [REG_DETAILS] = N_("Details"),
	[REG_HANDLING] = N_("Handling"), [REG_HANDLER] = N_("Handler"),
	[REG_PRIORITY] = N_("Priority"), [REG_ANSWER] = N_("Answer"),
	[REG_PAD] = N_("Scratch-pad"),
};

static void draw_open(const struct screen *s, const struct reg *v, struct cells c)
{
	struct buf hint = {0};
	int64_t now = clock_now();
	int col = 1;
	char span[32];

	for (size_t i = 0; i < v->open_count && col < c.width; i++) {
		const struct registration *r = &v->open[i];
		bool here = strcmp(r->contact_id, v->id) == 0;
		struct buf b = {0}, who = {0};

		const char *name = here ? reg_who(v) : r->who;

		text_clean(&who, name, strlen(name), TEXT_ONE_LINE);
		buf_add_str(&who, "");
		who.data[text_fit(who.data, 24, &(int){0})] = '\0';
		buf_printf(&b, here ? "[%zu %s %s %s]" : " %zu %s %s %s ", i + 1,
			   _(words_label(&channels, here ? v->channel : r->channel)),
			   who.data[0] ? who.data : _("anonymous"),
			   clock_to_span(r->started_at, now, span, sizeof(span)));
		col = cells_put(c, 0, col, here ? STYLE_SELECTED : STYLE_NORMAL, b.data) + 1;
		buf_finish(&b);
		buf_finish(&who);
	}
	if (v->open_count > 1) {
		parts_put_hint(&hint, s, "register", "contacts", "", _("%s: the next one"));
		if (col + text_width(hint.data) < c.width)
			cells_put(c, 0, c.width - 1 - text_width(hint.data), STYLE_DIM, hint.data);
	}
	buf_finish(&hint);
}

/* ---- the form ---- */

struct place {
	int row, height;
};

static const char *contact_line(const struct reg *v, char *ret, size_t size, enum style *style)
{
	struct arena a = {0};
	struct party_lists lists;
	struct buf b = {0};
	char born[11];
	size_t open = 0;

	*style = STYLE_DIM;
	snprintf(ret, size, "%s", v->said);
	if (v->said[0] || !v->card.there) {
		if (v->said[0])
			*style = STYLE_WARNING;
		else if (!v->is_new && !line_text(v->party)[0])
			snprintf(ret, size, "%s",
				 _("Name, date of birth, phone or number; empty is anonymous."));
		return ret;
	}
	for (size_t i = 0; i < v->card.ticket_count; i++)
		open += state_is_open(v->card.tickets[i].state);
	buf_add_str(&b, birth_show(v->card.party.birth_date, born));
	if (desk_party_lists(&v->card.party, &lists, &a, NULL)) {
		if (lists.phone_count > 0)
			buf_printf(&b, "%s%s", b.len ? " · " : "", lists.phones[0].value);
		if (lists.address_count > 0 && lists.addresses[0].street)
			buf_printf(&b, "%s%s %s", b.len ? " · " : "", lists.addresses[0].street,
				   lists.addresses[0].number ? lists.addresses[0].number : "");
	}
	if (open > 0)
		buf_printf(&b, open == 1 ? _("%s%zu open ticket") : _("%s%zu open tickets"),
			   b.len ? " · " : "", open);
	snprintf(ret, size, "%s", b.data ? b.data : "");
	buf_finish(&b);
	arena_finish(&a);
	return ret;
}

static void lay_out(const struct reg *v, struct cells c, struct place p[REG_FIELDS], int *rule)
{
	int row = 1, spare;

	memset(p, 0, REG_FIELDS * sizeof(*p));
	for (int f = REG_PARTY; f < REG_PAD; f++) {
		if (f == REG_ABOUT)
			*rule = row++;
		if (!reg_shows(v, (enum reg_field)f))
			continue;
		p[f].row = row;
		p[f].height = f == REG_DETAILS || f == REG_ANSWER ? 2 : 1;
		row += p[f].height;
		/* What is known of the citizen, or how it was understood. */
		if (f == REG_PARTY || (f == REG_ABOUT && v->about[0]))
			row++;
	}
	/* The field that is written in gets what the pad can spare. */
	spare = c.height - row - 5;
	for (int f = REG_DETAILS; f < REG_PAD && spare > 0; f++) {
		int more = f == (int)v->focus ? spare : spare / 3;

		if (p[f].height < 2)
			continue;
		more = more > 6 ? 6 : more;
		p[f].height += more;
		for (int below = f + 1; below < REG_PAD; below++)
			p[below].row += p[below].row ? more : 0;
		row += more;
		spare -= more;
	}
	p[REG_PAD].row = row + 1;
	p[REG_PAD].height = c.height - row - 1;
}

static void draw_topic_hint(const struct reg *v, const struct question *q, struct cells c, int row)
{
	const struct topic *t = reg_topic(v, q);
	char when[48];
	struct buf b = {0};
	int64_t due;

	if (!t)
		return;
	due = deadline_for(t, v->started_at);
	buf_printf(&b, "%s · %s", _(words_label(&ticket_kinds, t->kind)),
		   parts_team(&v->names, t->team_id));
	if (due)
		buf_printf(&b, _(" · by %s"), clock_to_short(due, clock_now(), when, sizeof(when)));
	cells_put_in(c, row, c.width / 2, c.width - c.width / 2 - 1, ALIGN_LEFT, STYLE_DIM, b.data);
	buf_finish(&b);
}

/* A word of a few, changed by Space. */
static void draw_word(struct cells c, int row, bool focus, const char *text)
{
	int col = cells_put(c, row, LABEL + 1, focus ? STYLE_SELECTED : STYLE_NORMAL, text);

	if (focus) {
		cells_put(c, row, col + 2, STYLE_DIM, _("Space: another"));
		cells_cursor(c, row, LABEL + 1, true);
	}
}

static void draw_field(const struct reg *v, struct cells c, enum reg_field f, const struct place *p)
{
	const struct question *q = reg_question(v);
	struct cells part = c;
	struct line *line = reg_line(v, f);
	struct editor *editor = reg_editor(v, f);

	if (!p->height)
		return;
	if (f != REG_PAD)
		cells_put_in(c, p->row, 1, LABEL, ALIGN_LEFT,
			     f == v->focus ? STYLE_STRONG : STYLE_DIM, _(labels[f]));
	if (f == REG_TOPIC || f == REG_HANDLER) {
		part.width = c.width / 2 - 1;
		if (f == REG_TOPIC)
			draw_topic_hint(v, q, c, p->row);
	} else if (part.width > 1) {
		part.width--;
	}
	if (line)
		line_draw(line, part, p->row, LABEL + 1, STYLE_FIELD);
	else if (editor)
		editor_draw(editor,
			    cells_sub(c, p->row, f == REG_PAD ? 1 : LABEL + 1, p->height,
				      c.width - (f == REG_PAD ? 2 : LABEL + 2)),
			    f == REG_PAD ? STYLE_NORMAL : STYLE_FIELD);
	if (f == REG_HANDLER && !line_text(line)[0])
		cells_put_in(c, p->row, c.width / 2, c.width - c.width / 2 - 1, ALIGN_LEFT,
			     STYLE_DIM, _("empty: your own team"));
	if (f == REG_HANDLING)
		draw_word(c, p->row, f == v->focus,
			  q->answered ? _("answered at once") : _("to be followed up"));
	else if (f == REG_PRIORITY)
		draw_word(c, p->row, f == v->focus, _(words_label(&priorities, q->priority)));
}

static void draw_offers(const struct reg *v, struct cells c, const struct place *p)
{
	int height = (int)v->offer_count, row = p->row + 1;
	struct cells box;

	if (height == 0)
		return;
	if (row + height > c.height)
		height = c.height - row;
	box = cells_sub(c, row, LABEL + 1, height, c.width - LABEL - 2);
	cells_clear(cells_sub(c, row, 0, height, c.width));
	for (int i = 0; i < height; i++) {
		bool here = (size_t)i == v->offer_now;
		const struct offer *o = &v->offers[i];
		int hint = text_width(o->hint ? o->hint : "");

		if (hint > box.width / 2)
			hint = box.width / 2;
		cells_put_in(box, i, 0, box.width, ALIGN_LEFT, here ? STYLE_SELECTED : STYLE_NORMAL,
			     o->label ? o->label : "?");
		if (hint > 0)
			cells_put_in(box, i, box.width - hint - 1, hint, ALIGN_RIGHT,
				     here ? STYLE_SELECTED : STYLE_DIM, o->hint);
	}
}

static void draw_form(const struct reg *v, struct cells c)
{
	struct place p[REG_FIELDS];
	char text[256];
	enum style style;
	int rule = 0;

	lay_out(v, c, p, &rule);
	contact_line(v, text, sizeof(text), &style);
	cells_put_in(c, p[REG_PARTY].row + 1, LABEL + 1, c.width - LABEL - 2, ALIGN_LEFT, style,
		     text);
	snprintf(text, sizeof(text), _("Question %zu of %zu"), v->now + 1, v->count);
	cells_rule(c, rule, STYLE_STRONG, text);
	if (v->about[0])
		cells_put_in(c, p[REG_ABOUT].row + 1, LABEL + 1, c.width - LABEL - 2, ALIGN_LEFT,
			     reg_question(v)->ticket_id[0] ? STYLE_GOOD : STYLE_WARNING, v->about);
	cells_rule(c, p[REG_PAD].row - 1, STYLE_DIM, _(labels[REG_PAD]));
	/* The cursor of the field that is written in is drawn last: it is the one that stays. */
	for (int f = 0; f < REG_FIELDS; f++)
		if (f != (int)v->focus)
			draw_field(v, c, (enum reg_field)f, &p[f]);
	draw_offers(v, c, &p[v->focus]);
	draw_field(v, c, v->focus, &p[v->focus]);
}

/* ---- who it is ---- */

static int draw_facts(const struct reg *v, struct cells c, int row)
{
	const struct party *p = &v->card.party;
	struct arena a = {0};
	struct party_lists lists;
	char born[11];

	cells_put_in(c, row++, 0, c.width, ALIGN_LEFT, STYLE_STRONG, p->name ? p->name : "?");
	if (p->birth_date)
		cells_putf(c, row++, 0, STYLE_NORMAL, _("born %s"),
			   birth_show(p->birth_date, born));
	if (desk_party_lists(p, &lists, &a, NULL)) {
		for (size_t i = 0; i < lists.phone_count && i < 3; i++)
			cells_put(c, row++, 0, STYLE_NORMAL, lists.phones[i].value);
		for (size_t i = 0; i < lists.email_count && i < 3; i++)
			cells_put(c, row++, 0, STYLE_NORMAL, lists.emails[i].value);
		for (size_t i = 0; i < lists.address_count && i < 3; i++) {
			const struct party_address *at = &lists.addresses[i];

			cells_putf(c, row++, 0, STYLE_NORMAL, "%s %s%s%s, %s %s",
				   at->street ? at->street : "", at->number ? at->number : "",
				   at->box && at->box[0] ? " " : "", at->box ? at->box : "",
				   at->postcode ? at->postcode : "", at->city ? at->city : "");
		}
	}
	arena_finish(&a);
	return row + 1;
}

static void draw_card(const struct reg *v, struct cells c)
{
	const struct reg_card *card = &v->card;
	int64_t now = clock_now();
	char when[48];
	int row;

	if (!card->there) {
		cells_put_in(c, 1, 0, c.width, ALIGN_LEFT, STYLE_DIM,
			     v->is_new ? _("A new citizen: made with the contact.")
				       : _("No citizen is chosen: the contact is anonymous."));
		return;
	}
	row = draw_facts(v, c, 1);
	cells_rule(c, row++, STYLE_DIM, _("Tickets"));
	for (size_t i = 0; i < card->ticket_count && row < c.height; i++) {
		const struct ticket *t = &card->tickets[i];

		cells_putf(c, row, 0, parts_state_style(t->state), "%-13.13s %s", parts_number(t),
			   t->subject ? t->subject : "");
		cells_put_in(c, row++, c.width - 11, 11, ALIGN_RIGHT, parts_state_style(t->state),
			     parts_state_short(t->state));
	}
	if (card->ticket_count == 0 && row < c.height)
		cells_put(c, row++, 0, STYLE_DIM, _("none on this desk"));
	if (card->contact_count > 0)
		cells_rule(c, ++row, STYLE_DIM, _("Contacts"));
	for (size_t i = 0; i < card->contact_count && ++row < c.height; i++) {
		struct buf b = {0};

		parts_put_start(&b, card->contacts[i].summary, 100);
		cells_putf(c, row, 0, STYLE_NORMAL, "%s  %s  %s",
			   clock_to_short(card->contacts[i].started_at, now, when, sizeof(when)),
			   _(words_label(&channels, card->contacts[i].channel)),
			   b.data ? b.data : "");
		buf_finish(&b);
	}
}

/* ---- wrapping up ---- */

static void draw_wrap(const struct reg *v, struct cells c)
{
	struct buf line = {0};
	int row = 2;

	cells_rule(c, 1, STYLE_STRONG, _("This is what will be kept"));
	if (v->is_new) {
		buf_printf(&line, _("New citizen: %.80s"), line_text(v->name));
		cells_put_in(c, row++, 1, c.width - 2, ALIGN_LEFT, STYLE_NORMAL, line.data);
	}
	for (size_t i = 0; i < v->count && row < c.height / 2; i++) {
		if (!reg_is_asked(v->questions[i]))
			continue;
		buf_reset(&line);
		reg_put_question(v, i, &line);
		cells_put_in(c, row++, 1, c.width - 2, ALIGN_LEFT, STYLE_NORMAL, line.data);
	}
	if (strlen(editor_text(v->pad)) + strlen(editor_text(v->summary)) > 10000 &&
	    !v->summary_own)
		cells_put_in(c, row++, 1, c.width - 2, ALIGN_LEFT, STYLE_WARNING,
			     _("The scratch-pad is long: it goes along as a note on the first "
			       "ticket."));
	cells_rule(c, row++, STYLE_DIM, _("Summary of the contact"));
	editor_draw(v->summary, cells_sub(c, row, 1, c.height - row, c.width - 2), STYLE_NORMAL);
	buf_finish(&line);
}

static void draw_made(const struct reg *v, struct cells c)
{
	int row = 3;

	cells_rule(c, 1, STYLE_GOOD, _("The contact is kept"));
	for (size_t i = 0; i < v->made_count && row < c.height - 2; i++) {
		const struct reg_made *m = &v->made[i];

		cells_put_in(c, row, 1, 18, ALIGN_LEFT, m->number[0] ? STYLE_STRONG : STYLE_PENDING,
			     m->number[0] ? m->number : _("number follows"));
		cells_put_in(c, row++, 20, c.width - 21, ALIGN_LEFT, STYLE_NORMAL, m->subject);
	}
	if (v->made_count == 0)
		cells_put(c, row++, 1, STYLE_NORMAL, _("No new ticket was made."));
	cells_cursor(c, 3, 1, false);
}

void reg_draw(const struct screen *s, struct cells c)
{
	const struct reg *v = screen_state(s);
	struct cells form = c;

	draw_open(s, v, c);
	if (v->trouble[0]) {
		cells_put_in(c, 0, 1, c.width - 2, ALIGN_LEFT, STYLE_ERROR, v->trouble);
	}
	if (v->mode == REG_MADE) {
		draw_made(v, c);
		return;
	}
	if (v->mode == REG_WRAP) {
		draw_wrap(v, c);
		return;
	}
	if (c.width >= WIDE) {
		form.width = c.width * 3 / 5;
		draw_card(v, cells_sub(c, 0, form.width + 1, c.height, c.width - form.width - 2));
	}
	draw_form(v, form);
}
