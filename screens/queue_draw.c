/* The queue on screen: the views with their counts, the columns, the preview. */
#include "queue.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

#define WIDE 120 /* from here on the preview stands beside the list */
#define HEAD 3	 /* rows above the list: views, a blank one or the filter, headings */
#define GAP 2
#define GUTTER 2 /* mark or sign in front of a row */
#define SUBJECT_LEAST 20

enum queue_column {
	COLUMN_NUMBER,
	COLUMN_STATE,
	COLUMN_DUE,
	COLUMN_SUBJECT,
	COLUMN_WHO,
	COLUMN_HANDLER,
	COLUMN_TEAM,
	COLUMN_AGE,
	COLUMN_TOPIC,
	COLUMN_CHANNEL,
	COLUMN_KIND,
	COLUMN_COUNT
};
/* weight: which goes first when the terminal is narrow: the lightest. */
static const struct column {
	const char *name; /* as typed behind "columns" */
	const char *heading;
	int width, wide;
	int weight;
} columns[COLUMN_COUNT] = {
	[COLUMN_NUMBER] = {"number", N_("Number"), 12, 12, 9},
	[COLUMN_STATE] = {"state", N_("State"), 8, 10, 8},
	[COLUMN_DUE] = {"due", N_("Deadline"), 10, 11, 7},
	[COLUMN_SUBJECT] = {"subject", N_("Subject"), 0, 0, 99},
	[COLUMN_WHO] = {"who", N_("Who"), 14, 22, 6},
	[COLUMN_HANDLER] = {"handler", N_("Handled by"), 12, 18, 5},
	[COLUMN_TEAM] = {"team", N_("Team"), 10, 16, 4},
	[COLUMN_AGE] = {"age", N_("Age"), 6, 6, 3},
	[COLUMN_TOPIC] = {"topic", N_("Topic"), 12, 18, 2},
	[COLUMN_CHANNEL] = {"channel", N_("Channel"), 8, 10, 1},
	[COLUMN_KIND] = {"kind", N_("Kind"), 9, 12, 1},
};

#define BIT(column) (1u << (column))
#define AGENT_COLUMNS \
	(BIT(COLUMN_NUMBER) | BIT(COLUMN_STATE) | BIT(COLUMN_DUE) | BIT(COLUMN_SUBJECT) | \
	 BIT(COLUMN_WHO) | BIT(COLUMN_HANDLER))
#define SUPERVISOR_COLUMNS (AGENT_COLUMNS | BIT(COLUMN_TEAM) | BIT(COLUMN_AGE))

/* A heading as one word: "bij-wie". */
static void put_word(const char *heading, struct buf *ret)
{
	size_t before = ret->len;

	text_fold(ret, heading);
	buf_add_str(ret, "");
	for (size_t i = before; i < ret->len; i++)
		if (ret->data[i] == ' ')
			ret->data[i] = '-';
}

int queue_column_find(const char *name)
{
	struct buf given = {0}, word = {0};
	int found = -1;

	put_word(name, &given);
	for (int i = 0; i < COLUMN_COUNT && found < 0; i++) {
		buf_reset(&word);
		put_word(_(columns[i].heading), &word);
		if (strcmp(columns[i].name, given.data) == 0 || strcmp(word.data, given.data) == 0)
			found = i;
	}
	buf_finish(&given);
	buf_finish(&word);
	return found;
}

void queue_column_words(unsigned which, struct buf *ret)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (!(which & BIT(i)))
			continue;
		if (ret->len > 0)
			buf_add_char(ret, ' ');
		put_word(_(columns[i].heading), ret);
	}
	buf_add_str(ret, "");
}

unsigned queue_columns_wanted(const struct queue *q, int role)
{
	return q->columns ? q->columns : role == ROLE_AGENT ? AGENT_COLUMNS : SUPERVISOR_COLUMNS;
}

size_t queue_column_names(const char **ret, size_t max)
{
	size_t count = 0;

	while (count < COLUMN_COUNT && count < max) {
		ret[count] = columns[count].name;
		count++;
	}
	return count;
}

struct queue_layout queue_layout(const struct queue *q, struct cells c)
{
	struct queue_layout l = {.list = c};
	bool wide = c.width >= WIDE;
	int below = (c.height - HEAD) * 2 / 5;

	l.has_preview = q->preview_on || (wide && !q->preview_off);
	l.beside = l.has_preview && wide;
	if (l.beside) {
		int width = c.width / 3 + 2;

		l.list = cells_sub(c, 0, 0, c.height, c.width - width - 2);
		l.preview = cells_sub(c, HEAD - 1, c.width - width, c.height - HEAD + 1, width - 1);
	} else if (l.has_preview && below >= 5) {
		l.list = cells_sub(c, 0, 0, c.height - below, c.width);
		l.preview = cells_sub(c, c.height - below, 0, below, c.width);
	} else {
		l.has_preview = false;
	}
	return l;
}

/* Which columns fit and how wide each is. */
static unsigned choose_columns(const struct queue *q, int role, int width, int *ret_widths)
{
	unsigned chosen = queue_columns_wanted(q, role);
	bool wide = width >= 120;

	chosen |= BIT(COLUMN_SUBJECT);
	for (;;) {
		int used = GUTTER + GAP, lightest = -1;

		for (int i = 0; i < COLUMN_COUNT; i++) {
			if (!(chosen & BIT(i)) || i == COLUMN_SUBJECT)
				continue;
			ret_widths[i] = wide ? columns[i].wide : columns[i].width;
			used += ret_widths[i] + GAP;
			if (lightest < 0 || columns[i].weight < columns[lightest].weight)
				lightest = i;
		}
		ret_widths[COLUMN_SUBJECT] = width - used;
		if (width - used >= SUBJECT_LEAST || lightest < 0)
			return chosen;
		chosen &= ~BIT(lightest);
	}
}

static void put_handler(const struct queue_row *row, bool with_team, struct buf *ret)
{
	if (row->agent_name[0])
		buf_add_str(ret, row->agent_name);
	else if (row->team_name[0] && !with_team)
		buf_add_str(ret, row->team_name);
	else
		buf_add_str(ret, _("nobody"));
}

static enum style put_column(int column, const struct queue_row *row, bool with_team, int64_t now,
			     struct buf *ret)
{
	const struct ticket *t = &row->ticket;
	bool owed = t->state == STATE_NEW || (t->last_out_at && t->last_in_at > t->last_out_at);
	char text[48];

	switch ((enum queue_column)column) {
	case COLUMN_NUMBER:
		buf_add_str(ret, parts_number(t));
		return owed ? STYLE_STRONG : STYLE_NORMAL;
	case COLUMN_STATE:
		buf_add_str(ret, row->conflict ? _("conflict") : parts_state_short(t->state));
		return row->conflict ? STYLE_ERROR : parts_state_style(t->state);
	case COLUMN_DUE:
		buf_add_str(ret, screens_due(t, now, text, sizeof(text)));
		return parts_due_style(t, now);
	case COLUMN_SUBJECT:
		if (t->suspected)
			buf_printf(ret, "[%s] ", _("reply?"));
		buf_add_str(ret, t->subject ? t->subject : "");
		return owed ? STYLE_STRONG : STYLE_NORMAL;
	case COLUMN_WHO:
		buf_add_str(ret, parts_who(t));
		return t->party_name ? STYLE_NORMAL : STYLE_DIM;
	case COLUMN_HANDLER:
		put_handler(row, with_team, ret);
		return row->agent_name[0] ? STYLE_NORMAL : STYLE_DIM;
	case COLUMN_TEAM:
		buf_add_str(ret, row->team_name);
		return STYLE_NORMAL;
	case COLUMN_AGE:
		buf_add_str(ret, clock_to_span(t->created_at, now, text, sizeof(text)));
		return STYLE_DIM;
	case COLUMN_TOPIC:
		buf_add_str(ret, row->topic_name);
		return STYLE_NORMAL;
	case COLUMN_CHANNEL:
		buf_add_str(ret, _(words_label(&channels, t->channel)));
		return STYLE_DIM;
	case COLUMN_KIND:
		buf_add_str(ret, _(words_label(&ticket_kinds, t->kind)));
		return STYLE_NORMAL;
	case COLUMN_COUNT:
		break;
	}
	return STYLE_NORMAL;
}

static void draw_row(const struct queue *q, struct cells c, int line, unsigned chosen,
		     const int *widths, const struct queue_row *row, bool selected)
{
	bool marked = marks_has(&q->marks, row->ticket.id);
	enum style base = selected ? STYLE_SELECTED : marked ? STYLE_MARKED : STYLE_NORMAL;
	struct buf text = {0};
	int col = GUTTER;

	cells_fill(c, line, 0, c.width, base);
	cells_put(c, line, 0, base, marked ? "*" : row->conflict ? "!" : row->pending ? "↑" : " ");
	for (int i = 0; i < COLUMN_COUNT; i++) {
		enum style style;

		if (!(chosen & BIT(i)))
			continue;
		buf_reset(&text);
		style = put_column(i, row, chosen & BIT(COLUMN_TEAM), q->query.now, &text);
		if (base != STYLE_NORMAL)
			style = base;
		else if (row->pending && style == STYLE_NORMAL)
			style = STYLE_PENDING;
		cells_put_in(c, line, col, widths[i], ALIGN_LEFT, style,
			     text.data ? text.data : "");
		col += widths[i] + GAP;
	}
	buf_finish(&text);
}

static void draw_headings(struct cells c, int line, unsigned chosen, const int *widths)
{
	int col = GUTTER;

	cells_fill(c, line, 0, c.width, STYLE_HEADER);
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (!(chosen & BIT(i)))
			continue;
		cells_put_in(c, line, col, widths[i], ALIGN_LEFT, STYLE_HEADER,
			     _(columns[i].heading));
		col += widths[i] + GAP;
	}
}

/* "1234" as "1 234": the way Belgians and the standard write it. */
static void put_count(struct buf *ret, int64_t n)
{
	if (n >= 1000) {
		put_count(ret, n / 1000);
		buf_printf(ret, " %03d", (int)(n % 1000));
	} else {
		buf_printf(ret, "%d", (int)n);
	}
}

static void draw_views(const struct queue *q, struct cells c)
{
	struct buf text = {0};
	int col = GUTTER;

	for (int i = 0; i < filter_views.count; i++) {
		bool current = (int)q->query.view == i;

		buf_reset(&text);
		buf_printf(&text, current ? "[%s" : " %s", _(words_label(&filter_views, i)));
		if (q->counted) {
			buf_add_char(&text, ' ');
			put_count(&text, q->counts[i]);
		}
		buf_add_char(&text, current ? ']' : ' ');
		col = cells_put(c, 0, col, current ? STYLE_STRONG : STYLE_DIM, text.data) + 1;
	}
	buf_finish(&text);
}

static void draw_second_line(const struct queue *q, struct cells c)
{
	struct buf text = {0};

	if (q->marks.count)
		buf_printf(&text, _("%zu marked: one action does them all.  "), q->marks.count);
	if (q->filter_text && q->filter_text[0])
		buf_printf(&text, _("Filter: %s"), q->filter_text);
	if (text.len)
		cells_put_in(c, 1, GUTTER, c.width - GUTTER, ALIGN_LEFT,
			     q->marks.count ? STYLE_MARKED : STYLE_MATCH, text.data);
	buf_finish(&text);
}

static void draw_nothing(const struct screen *s, const struct queue *q, struct cells c)
{
	const struct desk *d = parts_desk(s);
	struct buf hint = {0};
	const char *heading, *lines[2] = {NULL, NULL};

	if (!d->cache) {
		heading = _("Nothing was fetched yet");
		lines[0] =
			d->link == LINK_OFFLINE
				? _("There is no connection with the service. Balie keeps trying.")
				: _("The tickets of your desk are being fetched now.");
		lines[1] = d->link == LINK_OFFLINE ? d->link_reason : NULL;
	} else if (q->filter_text && q->filter_text[0]) {
		bool elsewhere = q->counted && q->counts[VIEW_ALL] > 0;

		heading = elsewhere ? _("No ticket of this list fits the filter")
				    : _("No ticket fits this filter");
		if (elsewhere)
			parts_put_hint(&hint, s, "queue", "view", "all",
				       _("Press %s to see those of other lists that fit."));
		else
			parts_put_hint(&hint, s, "queue", "filter", "",
				       _("Press %s and clear the line to see all again."));
		lines[0] = hint.data;
	} else if (q->query.view == VIEW_MINE) {
		heading = _("No ticket is in your name");
		parts_put_hint(&hint, s, "queue", "view", "team",
			       _("Press %s to see those of your team, and take one."));
		lines[0] = hint.data;
	} else if (q->query.view == VIEW_OVERDUE) {
		heading = _("Nothing is late");
		lines[0] = _("Every deadline is still to come.");
	} else if (q->query.view == VIEW_ALL || (q->counted && q->counts[VIEW_ALL] == 0)) {
		heading = _("There is no open ticket");
		parts_put_hint(&hint, s, "queue", "create", "", _("%s registers a new one."));
		lines[0] = hint.data;
	} else {
		heading = _("Nothing waits here");
		parts_put_hint(&hint, s, "queue", "view", "all", _("Press %s to see all tickets."));
		lines[0] = hint.data;
	}
	parts_draw_empty(c, heading, lines, 2);
	buf_finish(&hint);
	cells_cursor(c, 0, 0, false);
}

static void draw_preview(const struct queue *q, const struct queue_layout *l)
{
	struct cells c = l->preview;
	const struct queue_row *row = queue_window_row(&q->window);

	cells_rule(c, 0, STYLE_DIM, row ? parts_number(&row->ticket) : "");
	if (!row || !q->preview || strcmp(q->preview_id, row->ticket.id) != 0)
		return;
	textview_draw(q->preview, cells_sub(c, 1, 0, c.height - 1, c.width));
}

void queue_draw(const struct screen *s, struct cells c)
{
	const struct queue *q = screen_state(s);
	struct queue_layout l = queue_layout(q, c);
	struct cells body = cells_sub(l.list, HEAD, 0, l.list.height - HEAD, l.list.width);
	const struct list *list = &q->window.list;
	int widths[COLUMN_COUNT] = {0};
	unsigned chosen = choose_columns(q, parts_desk(s)->me.role, l.list.width, widths);
	int64_t top = list->top;

	draw_views(q, c);
	draw_second_line(q, c);
	draw_headings(l.list, HEAD - 1, chosen, widths);
	if (l.has_preview)
		draw_preview(q, &l);
	if (q->window.count == 0) {
		draw_nothing(s, q, body);
		return;
	}
	/* The height may differ from the one the list was moved with (a resize). */
	if (list->selected < top)
		top = list->selected;
	if (list->selected >= top + body.height)
		top = list->selected - body.height + 1;
	for (int line = 0; line < body.height && top + line < (int64_t)q->window.count; line++)
		draw_row(q, body, line, chosen, widths, &q->window.rows[top + line],
			 top + line == list->selected);
	cells_cursor(body, (int)(list->selected - top), 0, false);
}
