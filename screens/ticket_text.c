/* The timeline as text. What the citizen reads and what only colleagues read differ in sign, in word
 * and in style, so that nobody mistakes one for the other on any terminal. */
#include "ticket.h"
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "facts.h"

#define ATTACHMENTS_MAX 64

static const char *row_id(const struct timeline_row *row)
{
	switch (row->kind) {
	case TIMELINE_MESSAGE:
		return row->message.id;
	case TIMELINE_NOTE:
		return row->note.id;
	case TIMELINE_CHANGE:
		return row->change.operation;
	}
	return NULL;
}

const struct timeline_row *ticket_text_row(const struct ticket_view *v)
{
	int64_t tag = textview_tag(v->text);

	return tag > 0 && tag <= (int64_t)v->count ? &v->rows[tag - 1] : NULL;
}

static void add_attachments(struct ticket_view *v, const char *prefix, const char *json,
			    int64_t tag)
{
	struct arena a = {0};
	struct fact *items = arena_alloc(&a, ATTACHMENTS_MAX * sizeof(*items));
	size_t count = facts_read(json, items, ATTACHMENTS_MAX, &a);

	for (size_t i = 0; i < count; i++) {
		struct fact facts[8];
		size_t n = facts_read(items[i].text, facts, 8, &a);
		struct buf line = {0};

		buf_printf(&line, _("Attachment: %s ("), fact_text(facts, n, "name"));
		parts_put_size(&line, fact_number(facts, n, "size"));
		buf_add_char(&line, ')');
		textview_add(v->text, STYLE_STRONG, prefix, line.data, tag);
		buf_finish(&line);
	}
	arena_finish(&a);
}

static size_t count_lines(const char *text, size_t len)
{
	size_t lines = 0;

	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines + 1;
}

/* What was said before, and under which name it is closed: one line, until it is asked for. */
static void add_folded(struct ticket_view *v, const char *text, size_t len, const char *words,
		       const char *prefix, int64_t tag)
{
	struct buf part = {0};

	if (v->unfolded)
		buf_add(&part, text, len);
	else
		buf_printf(&part, "[%zu %s]", count_lines(text, len), words);
	while (part.len && strchr(" \t\r\n", part.data[part.len - 1]))
		part.data[--part.len] = '\0';
	if (part.len)
		textview_add(v->text, STYLE_QUOTE, prefix, part.data, tag);
	buf_finish(&part);
}

static void add_body(struct ticket_view *v, const struct message *m, const char *prefix,
		     int64_t tag)
{
	const char *body = m->body ? m->body : "";
	size_t len = strlen(body), quoted = len, own;
	struct buf part = {0};

	if (m->quoted_at > 0 && (size_t)m->quoted_at < len)
		quoted = (size_t)m->quoted_at;
	own = quoted;
	if (m->signature_at > 0 && (size_t)m->signature_at < quoted)
		own = (size_t)m->signature_at;
	buf_add(&part, body, own);
	while (part.len && strchr(" \t\r\n", part.data[part.len - 1]))
		part.data[--part.len] = '\0';
	textview_add(v->text, STYLE_NORMAL, prefix, part.len ? part.data : _("(no text)"), tag);
	if (own < quoted)
		add_folded(v, body + own, quoted - own, _("lines of signature, folded"), prefix,
			   tag);
	if (quoted < len)
		add_folded(v, body + quoted, len - quoted, _("older lines, folded"), prefix, tag);
	buf_finish(&part);
}

static void add_state(struct ticket_view *v, const struct message *m, const char *prefix,
		      int64_t tag)
{
	struct buf line = {0};
	enum style style;

	ticket_mail_put_state(v, m, &line, &style);
	if (line.len)
		textview_add(v->text, style, prefix, line.data, tag);
	buf_finish(&line);
}

/* "An Claes" of "An Claes <an@example.be>": the line is about who, the details say where. */
static void put_name(struct buf *ret, const char *from)
{
	size_t len = strcspn(from, "<");

	while (len && from[len - 1] == ' ')
		len--;
	buf_add(ret, from, len ? len : strlen(from));
}

/* With which ticket it came, when that was merged into this one. */
static void put_origin(struct buf *ret, const struct timeline_row *row)
{
	if (row->number)
		buf_printf(ret, "  [%s]", row->number);
}

static void add_line(struct ticket_view *v, const char *format, const char *text,
		     const char *prefix, int64_t tag)
{
	const char *hole = strstr(format, "%s");
	struct buf line = {0};

	buf_add(&line, format, (size_t)(hole - format));
	buf_add_str(&line, text);
	buf_add_str(&line, hole + 2);
	textview_add(v->text, STYLE_DIM, prefix, line.data, tag);
	buf_finish(&line);
}

/* What the service sent by itself: that it did, in one line. */
static void add_automatic(struct ticket_view *v, const struct timeline_row *row, int64_t tag)
{
	const struct message *m = &row->message;
	struct buf line = {0}, state = {0};
	enum style style;
	char when[48];

	clock_to_short(row->at, clock_now(), when, sizeof(when));
	ticket_mail_put_state(v, m, &state, &style);
	if (m->state == MESSAGE_SENT && !state.len)
		buf_add_str(&state, _("sent"));
	buf_printf(&line, _("%s  automatic mail: %s"), when, m->subject ? m->subject : "");
	if (m->to_text && m->to_text[0])
		buf_printf(&line, "  → %s", m->to_text);
	put_origin(&line, row);
	if (state.len)
		buf_printf(&line, "  (%s)", state.data);
	textview_add(v->text, style == STYLE_DIM ? STYLE_CHANGE : style, "▷ ", line.data, tag);
	buf_finish(&line);
	buf_finish(&state);
}

static void add_message(struct ticket_view *v, const struct timeline_row *row, int64_t tag)
{
	const struct message *m = &row->message;
	bool out = m->direction == DIRECTION_OUT;
	const char *prefix = out ? "┃ " : "│ ";
	const char *who = out ? row->agent_name : m->from_text;
	struct buf head = {0}, name = {0};
	char when[48];

	if (!who || !who[0])
		who = out ? _("us") : parts_who(&v->row.ticket);
	put_name(&name, who);
	who = name.data;
	clock_to_short(row->at, clock_now(), when, sizeof(when));
	if (row->pending)
		buf_printf(&head, _("OUT  %s, waits to be sent"), who);
	else
		buf_printf(&head, out ? _("OUT  %s, %s, %s") : _("IN  %s, %s, %s"), who,
			   _(words_label(&channels, m->channel)), when);
	if (out && m->channel == CHANNEL_MAIL && m->state == MESSAGE_SENT)
		buf_printf(&head, ", %s", _("sent"));
	if (m->sender != SENDER_PERSON)
		buf_printf(&head, " (%s)", _(words_label(&senders, m->sender)));
	put_origin(&head, row);
	textview_add(v->text, out ? STYLE_OUTGOING : STYLE_INCOMING, out ? "▶ " : "◀ ", head.data,
		     tag);
	if (out && m->to_text && m->to_text[0])
		add_line(v, _("To: %s"), m->to_text, prefix, tag);
	if (m->cc_text && m->cc_text[0])
		add_line(v, _("Cc: %s"), m->cc_text, prefix, tag);
	if (!row->pending)
		add_state(v, m, prefix, tag);
	if (m->subject && m->subject[0] && !text_same(m->subject, v->row.ticket.subject))
		add_line(v, _("Subject: %s"), m->subject, prefix, tag);
	add_body(v, m, prefix, tag);
	if (m->attachments)
		add_attachments(v, prefix, m->attachments, tag);
	buf_finish(&head);
	buf_finish(&name);
}

static void add_note(struct ticket_view *v, const struct timeline_row *row, int64_t tag)
{
	struct buf head = {0};
	char when[48];

	clock_to_short(row->at, clock_now(), when, sizeof(when));
	buf_printf(&head,
		   row->pending ? _("INTERNAL NOTE  %s, waits to be sent")
				: _("INTERNAL NOTE  %s, %s"),
		   row->agent_name ? row->agent_name : "?", when);
	put_origin(&head, row);
	textview_add(v->text, STYLE_INTERNAL, "▒ ", head.data, tag);
	textview_add(v->text, STYLE_INTERNAL, "▒ ", row->note.body ? row->note.body : "", tag);
	buf_finish(&head);
}

/* A change that a message or a note already tells of is not told twice. */
static bool add_change(struct ticket_view *v, const struct timeline_row *row, int64_t tag)
{
	const struct action *action =
		action_find(&actions, row->change.action ? row->change.action : "");
	struct buf words = {0}, line = {0};
	bool worth = true;
	char when[48];

	screens_put_change(&v->names, &row->change, &words);
	if (row->change.type == RECORD_MESSAGE || row->change.type == RECORD_NOTE)
		worth = action && (action->id == ACT_ACCEPT || action->id == ACT_DECLINE ||
				   action->id == ACT_SEND_AGAIN || action->id == ACT_SETTLE);
	else if (action &&
		 (action->id == ACT_ANSWER || action->id == ACT_NOTE || action->id == ACT_FORWARD))
		worth = strcmp(words.data, _(action->label)) != 0;
	if (worth) {
		clock_to_short(row->at, clock_now(), when, sizeof(when));
		buf_printf(&line, "%s  %s", when, words.data);
		if (row->agent_name && row->agent_name[0])
			buf_printf(&line, "  (%s)", row->agent_name);
		put_origin(&line, row);
		textview_add(v->text, STYLE_CHANGE, "· ", line.data, tag);
	}
	buf_finish(&words);
	buf_finish(&line);
	return worth;
}

static bool is_automatic(const struct timeline_row *row)
{
	return row->kind == TIMELINE_MESSAGE && row->message.direction == DIRECTION_OUT &&
	       row->message.sender != SENDER_PERSON;
}

static int64_t newest_message(const struct ticket_view *v)
{
	for (size_t i = v->count; i-- > 0;)
		if (v->rows[i].kind == TIMELINE_MESSAGE && !is_automatic(&v->rows[i]))
			return (int64_t)i + 1;
	return (int64_t)v->count;
}

static int64_t tag_of(const struct ticket_view *v, const char *id)
{
	for (size_t i = 0; id[0] && i < v->count; i++)
		if (row_id(&v->rows[i]) && strcmp(row_id(&v->rows[i]), id) == 0)
			return (int64_t)i + 1;
	return 0;
}

void ticket_text_build(struct ticket_view *v)
{
	bool after_change = false, first = true;

	textview_clear(v->text);
	for (size_t i = 0; i < v->count; i++) {
		const struct timeline_row *row = &v->rows[i];
		bool is_change =
			row->kind == TIMELINE_CHANGE || (is_automatic(row) && !v->unfolded);
		int64_t tag = (int64_t)i + 1;

		/* A blank line between texts; changes that follow each other stay together. */
		if (!first && !(is_change && after_change) && !is_change)
			textview_add(v->text, STYLE_NORMAL, "", "", tag);
		if (is_automatic(row) && !v->unfolded)
			add_automatic(v, row, tag);
		else if (row->kind == TIMELINE_MESSAGE)
			add_message(v, row, tag);
		else if (row->kind == TIMELINE_NOTE)
			add_note(v, row, tag);
		else if (!add_change(v, row, tag))
			continue;
		after_change = is_change;
		first = false;
	}
	if (first)
		textview_add(v->text, STYLE_DIM, "",
			     v->complete ? _("Nothing was said yet.")
					 : _("What was said is being fetched."),
			     0);
}

void ticket_text_place(struct ticket_view *v, const char *id)
{
	int64_t tag = tag_of(v, id);

	if (!v->placed && v->complete) {
		tag = newest_message(v);
		v->placed = true;
	} else if (!v->placed) {
		tag = newest_message(v);
	}
	if (tag > 0)
		textview_go(v->text, tag);
}

static bool is_mine(const struct timeline_row *row, const char *me)
{
	const char *by = row->kind == TIMELINE_MESSAGE ? row->message.agent_id
			 : row->kind == TIMELINE_NOTE  ? row->note.agent_id
						       : NULL;

	return by && me && strcmp(by, me) == 0;
}

void ticket_text_follow(struct ticket_view *v, const char *me)
{
	size_t mine = 0, newest = 0;

	for (size_t i = 0; i < v->count; i++) {
		if (is_mine(&v->rows[i], me)) {
			mine++;
			newest = i + 1;
		}
	}
	if (v->counted && mine > v->mine)
		textview_go(v->text, (int64_t)newest);
	/* A history that is still being fetched grows by what is old. */
	v->counted = v->complete;
	v->mine = mine;
}

const char *ticket_text_id(const struct ticket_view *v)
{
	const struct timeline_row *row = ticket_text_row(v);

	return row && row_id(row) ? row_id(row) : "";
}
