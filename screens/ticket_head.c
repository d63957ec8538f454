/* Above the timeline: what it is, how far it is, whose it is, and what asks for attention. */
#include "ticket.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "facts.h"

#define LABEL 11 /* cells of a label column */

static void put_pair(struct cells c, int row, int col, int width, const char *label,
		     const char *value)
{
	cells_put_in(c, row, col, LABEL, ALIGN_LEFT, STYLE_DIM, label);
	cells_put_in(c, row, col + LABEL, width - LABEL - 1, ALIGN_LEFT, STYLE_NORMAL, value);
}

static void put_due(const struct ticket *t, struct buf *ret)
{
	char text[48], day[48];
	struct clock_local at;

	if (!t->due_at)
		return;
	clock_local(t->due_at, &at);
	snprintf(day, sizeof(day), "%02d/%02d/%d", at.day, at.month, at.year);
	screens_due(t, clock_now(), text, sizeof(text));
	if (text[0])
		buf_printf(ret, "%s (%s)", day, text);
	else
		buf_add_str(ret, day);
}

/* State, kind, deadline, priority: the line that is read first. */
static void draw_first(const struct ticket_view *v, struct cells c)
{
	const struct ticket *t = &v->row.ticket;
	struct buf text = {0};
	int64_t now = clock_now();
	int col;

	text_capital(&text, parts_state(t->state));
	if (t->state == STATE_PLANNED && t->wait_until) {
		struct clock_local at;

		clock_local(t->wait_until, &at);
		buf_printf(&text, _(" until %02d/%02d/%d"), at.day, at.month, at.year);
	}
	col = cells_put(c, 0, 1, STYLE_STRONG, text.data);
	col = cells_putf(c, 0, col, STYLE_NORMAL, "   %s", _(words_label(&ticket_kinds, t->kind)));
	buf_reset(&text);
	put_due(t, &text);
	if (text.len) {
		col = cells_putf(c, 0, col, STYLE_DIM, "   %s ",
				 state_is_open(t->state) ? _("to be answered by") : _("deadline"));
		col = cells_put(c, 0, col, parts_due_style(t, now), text.data);
	}
	if (t->priority != PRIORITY_NORMAL)
		col = cells_putf(c, 0, col,
				 t->priority == PRIORITY_HIGH ? STYLE_WARNING : STYLE_DIM,
				 _("   %s priority"), _(words_label(&priorities, t->priority)));
	if (t->followed)
		cells_putf(c, 0, col, STYLE_DIM, "   %s", _("followed"));
	buf_finish(&text);
}

static void draw_grid(const struct ticket_view *v, struct cells c, int row)
{
	const struct ticket *t = &v->row.ticket;
	int half = c.width / 2;
	struct buf text = {0};
	char when[48];

	put_pair(c, row, 1, half - 1, _("Citizen"), parts_who(t));
	put_pair(c, row, half, c.width - half, _("Topic"),
		 v->row.topic_name[0] ? v->row.topic_name : _("none yet"));
	buf_printf(&text, "%s, %s", _(words_label(&channels, t->channel)),
		   clock_to_short(t->created_at, clock_now(), when, sizeof(when)));
	put_pair(c, row + 1, 1, half - 1, _("Came by"), text.data);
	buf_reset(&text);
	buf_add_str(&text, v->row.team_name[0] ? v->row.team_name : _("no team"));
	buf_printf(&text, " / %s", v->row.agent_name[0] ? v->row.agent_name : _("nobody yet"));
	put_pair(c, row + 1, half, c.width - half, _("Handled by"), text.data);
	buf_finish(&text);
}

/* The values of a list such as the party's phones, one behind the other. */
static void put_values(const char *json, const char *const *members, struct buf *ret)
{
	struct arena a = {0};
	struct fact *items = arena_alloc(&a, 16 * sizeof(*items));
	size_t count = facts_read(json, items, 16, &a);

	for (size_t i = 0; i < count; i++) {
		struct fact facts[12];
		size_t n = facts_read(items[i].text, facts, 12, &a);

		if (ret->len)
			buf_add_str(ret, ", ");
		for (size_t m = 0; members[m]; m++) {
			const char *value = fact_text(facts, n, members[m]);

			if (value[0])
				buf_printf(ret, "%s%s", m ? " " : "", value);
		}
	}
	arena_finish(&a);
}

static int draw_details(const struct ticket_view *v, struct cells c, int row)
{
	static const char *const value[] = {"value", NULL};
	static const char *const address[] = {"street", "number", "box", "postcode", "city", NULL};
	const struct {
		const char *label, *json;
		const char *const *members;
	} lines[] = {
		{_("Phone"), v->party.phones, value},
		{_("Mail"), v->party.emails, value},
		{_("Address"), v->party.addresses, address},
	};
	struct buf text = {0};

	if (!v->has_party) {
		put_pair(c, row, 1, c.width - 1, "",
			 _("Nothing more is known of this citizen on this computer."));
		return row + 1;
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		buf_reset(&text);
		put_values(lines[i].json, lines[i].members, &text);
		put_pair(c, row++, 1, c.width - 1, lines[i].label, text.len ? text.data : "–");
	}
	buf_finish(&text);
	return row;
}

static int put_notice(struct cells c, int row, enum style style, const char *text)
{
	cells_put_in(c, row, 1, c.width - 2, ALIGN_LEFT, style, text);
	return row + 1;
}

static int draw_suspected(const struct screen *s, struct cells c, int row)
{
	struct buf yes = {0}, no = {0}, text = {0};

	parts_put_hint(&yes, s, "ticket", "accept", "", "%s");
	parts_put_hint(&no, s, "ticket", "decline", "", "%s");
	buf_printf(&text,
		   _("Perhaps a reply from somebody else: %s accepts it, %s makes a new ticket."),
		   yes.data, no.data);
	row = put_notice(c, row, STYLE_WARNING, text.data);
	buf_finish(&yes);
	buf_finish(&no);
	buf_finish(&text);
	return row;
}

/* Merged into it, and linked to it. */
static int draw_related(const struct screen *s, struct cells c, int row)
{
	const struct ticket_view *v = screen_state(s);
	struct buf text = {0}, hint = {0};

	if (v->from_number[0]) {
		buf_printf(&text, _("You asked for %s: it was merged into this one."),
			   v->from_number);
		row = put_notice(c, row, STYLE_WARNING, text.data);
	}
	buf_reset(&text);
	for (size_t i = 0; i < v->merged_count; i++)
		buf_printf(&text, "%s%s", i ? ", " : _("Merged into this one: "),
			   v->merged[i].number ? v->merged[i].number : "?");
	if (text.len)
		row = put_notice(c, row, STYLE_DIM, text.data);
	if (links_read(v->row.ticket.links, NULL, 0, NULL) > 0) {
		buf_reset(&text);
		buf_add_str(&text, _("Linked to: "));
		parts_put_links(&text, v->row.ticket.links);
		parts_put_hint(&hint, s, "ticket", "linked", "", _(" (%s opens it)"));
		buf_add_str(&text, hint.data);
		row = put_notice(c, row, STYLE_NORMAL, text.data);
	}
	buf_finish(&text);
	buf_finish(&hint);
	return row;
}

/* What asks for attention; no line at all on a quiet ticket. */
static int draw_notices(const struct screen *s, const struct ticket_view *v, struct cells c,
			int row)
{
	const struct desk *d = parts_desk(s);
	struct buf text = {0};

	if (v->left)
		row = put_notice(c, row, STYLE_WARNING,
				 _("This ticket left your desk: you see it as it was."));
	if (v->row.conflict) {
		parts_put_hint(&text, s, "ticket", "conflict", "",
			       _("You and a colleague both changed this ticket: %s shows both."));
		row = put_notice(c, row, STYLE_ERROR, text.data);
	} else if (v->row.pending) {
		row = put_notice(c, row, STYLE_PENDING, _("What you did here waits to be sent."));
	}
	buf_reset(&text);
	if (parts_put_others(d, v->id, &text))
		row = put_notice(c, row, STYLE_WARNING, text.data);
	row = draw_related(s, c, row);
	if (v->row.ticket.suspected)
		row = draw_suspected(s, c, row);
	buf_reset(&text);
	if (v->has_draft || v->has_note_draft) {
		parts_put_hint(&text, s, "ticket", v->has_draft ? "answer" : "note", "",
			       v->has_draft ? _("Your answer is not finished: %s goes on with it.")
					    : _("Your note is not finished: %s goes on with it."));
		row = put_notice(c, row, STYLE_PENDING, text.data);
	}
	if (!v->complete)
		row = put_notice(c, row, STYLE_DIM,
				 d->link == LINK_ONLINE
					 ? _("The rest of what was said is being fetched.")
					 : _("Only part of what was said is on this computer."));
	buf_finish(&text);
	return row;
}

int ticket_head_draw(const struct screen *s, struct cells c)
{
	const struct ticket_view *v = screen_state(s);
	int row = 4;

	cells_put_in(c, 0, 1, c.width - 2, ALIGN_LEFT, STYLE_STRONG,
		     v->row.ticket.subject ? v->row.ticket.subject : "");
	draw_first(v, cells_sub(c, 1, 0, 1, c.width));
	draw_grid(v, c, 2);
	if (v->details)
		row = draw_details(v, c, row);
	row = draw_notices(s, v, c, row);
	cells_rule(c, row, STYLE_DIM, "");
	return row + 1;
}
