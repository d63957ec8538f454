/* A contact on disk: what is typed is there before it is on screen. Every field is a value of its own,
 * so a key writes no more than the field it was typed in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "register.h"

enum contact_value {
	VALUE_PARTY,
	VALUE_PARTY_TEXT,
	VALUE_NEW,
	VALUE_NEW_ID,
	VALUE_NAME,
	VALUE_PHONE,
	VALUE_BIRTH,
	VALUE_HAS_BEHALF,
	VALUE_BEHALF,
	VALUE_BEHALF_TEXT,
	VALUE_PAD,
	VALUE_SUMMARY,
	VALUE_QUESTION,
	VALUE_FOCUS,
	VALUE_CHANNEL,
	CONTACT_VALUES
};
static const char *const contact_names[CONTACT_VALUES] = {
	"party",  "party_text",	 "new", "new_id",  "name",     "phone", "birth",  "has_behalf",
	"behalf", "behalf_text", "pad", "summary", "question", "focus", "channel"};

enum question_value {
	QUESTION_ABOUT,
	QUESTION_TICKET,
	QUESTION_TOPIC,
	QUESTION_TOPIC_TEXT,
	QUESTION_DETAILS,
	QUESTION_HANDLING,
	QUESTION_HANDLER,
	QUESTION_ANSWER,
	QUESTION_VALUES
};
static const char *const question_names[QUESTION_VALUES] = {
	"about", "ticket", "topic", "topic_text", "details", "handling", "handler", "answer"};

/* ---- fields to text ---- */

static const char *number_text(int64_t n, char ret[24])
{
	snprintf(ret, 24, "%lld", (long long)n);
	return ret;
}

static const char *contact_text(const struct reg *v, enum contact_value i, char num[24])
{
	switch (i) {
	case VALUE_PARTY:
		return v->party_id;
	case VALUE_PARTY_TEXT:
		return line_text(v->party);
	case VALUE_NEW:
		return v->is_new ? "1" : "";
	case VALUE_NEW_ID:
		return v->new_id;
	case VALUE_NAME:
		return line_text(v->name);
	case VALUE_PHONE:
		return line_text(v->phone);
	case VALUE_BIRTH:
		return line_text(v->birth);
	case VALUE_HAS_BEHALF:
		return v->has_behalf ? "1" : "";
	case VALUE_BEHALF:
		return v->behalf_id;
	case VALUE_BEHALF_TEXT:
		return line_text(v->behalf);
	case VALUE_PAD:
		return editor_text(v->pad);
	case VALUE_SUMMARY:
		return v->summary_own ? editor_text(v->summary) : "";
	case VALUE_QUESTION:
		return number_text((int64_t)v->now, num);
	case VALUE_FOCUS:
		return number_text((int64_t)v->focus, num);
	case VALUE_CHANNEL:
		return number_text(v->channel, num);
	case CONTACT_VALUES:
		break;
	}
	return "";
}

/* "1 answered, priority" and "team agent text" share a value each: they change together. */
static const char *question_text(const struct question *q, enum question_value i, struct buf *b)
{
	switch (i) {
	case QUESTION_ABOUT:
		return line_text(q->about);
	case QUESTION_TICKET:
		return q->ticket_id;
	case QUESTION_TOPIC:
		return q->topic_id;
	case QUESTION_TOPIC_TEXT:
		return line_text(q->topic);
	case QUESTION_DETAILS:
		return editor_text(q->details);
	case QUESTION_HANDLING:
		buf_printf(b, "%d %d", q->answered, q->priority);
		return b->data;
	case QUESTION_HANDLER:
		buf_printf(b, "%s\t%s\t%s", q->team_id, q->agent_id, line_text(q->handler));
		return b->data;
	case QUESTION_ANSWER:
		return editor_text(q->answer);
	case QUESTION_VALUES:
		break;
	}
	return "";
}

/* Whether a field changed since it was kept; of the long ones their editor knows. */
static uint64_t stamp(const char *text, const struct editor *e)
{
	uint64_t h = UINT64_C(14695981039346656037);

	if (e)
		return editor_changes(e) + 1;
	for (const char *p = text; *p; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	return h | 1;
}

static const struct editor *contact_editor(const struct reg *v, enum contact_value i)
{
	return i == VALUE_PAD ? v->pad : i == VALUE_SUMMARY && v->summary_own ? v->summary : NULL;
}

static const struct editor *question_editor(const struct question *q, enum question_value i)
{
	return i == QUESTION_DETAILS ? q->details : i == QUESTION_ANSWER ? q->answer : NULL;
}

/* ---- keeping ---- */

struct change_set {
	struct registration_value values[CONTACT_VALUES + QUESTION_VALUES * QUESTIONS_MAX];
	uint64_t *place[CONTACT_VALUES + QUESTION_VALUES * QUESTIONS_MAX];
	uint64_t stamps[CONTACT_VALUES + QUESTION_VALUES * QUESTIONS_MAX];
	size_t count;
	bool typed; /* more than where the cursor stands */
	struct arena arena;
};

static void add(struct change_set *c, int64_t question, const char *name, const char *text,
		uint64_t now, uint64_t *saved)
{
	if (now == *saved)
		return;
	c->values[c->count] = (struct registration_value){question, name, text};
	c->place[c->count] = saved;
	c->stamps[c->count++] = now;
}

static void collect(struct reg *v, struct change_set *c)
{
	for (int i = 0; i < CONTACT_VALUES; i++) {
		char num[24];
		const char *text = contact_text(v, (enum contact_value)i, num);
		uint64_t now = stamp(text, contact_editor(v, (enum contact_value)i));
		size_t before = c->count;

		if (text == num)
			text = arena_strdup(&c->arena, num);
		add(c, 0, contact_names[i], text, now, &v->saved[i]);
		if (c->count > before && i < VALUE_QUESTION)
			c->typed = true;
	}
	for (size_t n = 0; n < v->count; n++) {
		struct question *q = v->questions[n];

		for (int i = 0; i < QUESTION_VALUES; i++) {
			struct buf b = {0};
			const char *text = question_text(q, (enum question_value)i, &b);
			uint64_t now = stamp(text, question_editor(q, (enum question_value)i));
			size_t before = c->count;

			if (now != q->saved[i] && b.data)
				text = arena_strdup(&c->arena, text);
			add(c, (int64_t)n + 1, question_names[i], text, now, &q->saved[i]);
			c->typed |= c->count > before;
			buf_finish(&b);
		}
	}
}

static struct registration head(const struct reg *v)
{
	return (struct registration){v->id, v->started_at, v->channel, reg_who(v)};
}

void reg_keep(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct change_set c = {0};
	struct registration r = head(v);
	struct err err = {0};

	if (!v->id[0] || v->mode == REG_MADE)
		return;
	collect(v, &c);
	if (c.count > 0) {
		if (work_put_registration(parts_desk(s)->work, &r, c.values, c.count, &err)) {
			for (size_t i = 0; i < c.count; i++)
				*c.place[i] = c.stamps[i];
			v->touched |= c.typed;
			v->trouble[0] = '\0';
			v->writes = ++parts_place(s)->registered;
		} else {
			snprintf(v->trouble, sizeof(v->trouble), _("NOT KEPT ON DISK: %.200s"),
				 err.text);
		}
	}
	arena_finish(&c.arena);
}

bool reg_drop(struct screen *s, struct err *err)
{
	struct reg *v = screen_state(s);

	if (!v->id[0])
		return true;
	if (!work_drop_registration(parts_desk(s)->work, v->id, err))
		return false;
	v->writes = ++parts_place(s)->registered;
	v->id[0] = '\0';
	return true;
}

/* ---- beginning and reading back ---- */

static struct line *new_line(void)
{
	struct line_spec spec = {.initial = ""};

	return line_create(&spec, NULL);
}

bool reg_add_question(struct reg *v)
{
	struct question *q;

	if (v->count == QUESTIONS_MAX)
		return false;
	q = xcalloc(1, sizeof(*q));
	q->about = new_line();
	q->topic = new_line();
	q->handler = new_line();
	q->details = editor_create("");
	q->answer = editor_create("");
	q->priority = PRIORITY_NORMAL;
	v->questions[v->count++] = q;
	return true;
}

void reg_clear(struct reg *v)
{
	line_destroy(v->party);
	line_destroy(v->name);
	line_destroy(v->phone);
	line_destroy(v->birth);
	line_destroy(v->behalf);
	editor_destroy(v->pad);
	editor_destroy(v->summary);
	for (size_t i = 0; i < v->count; i++) {
		struct question *q = v->questions[i];

		line_destroy(q->about);
		line_destroy(q->topic);
		line_destroy(q->handler);
		editor_destroy(q->details);
		editor_destroy(q->answer);
		free(q);
	}
	for (size_t i = 0; i < v->made_count; i++)
		free(v->made[i].subject);
	arena_finish(&v->offer_arena);
	arena_finish(&v->card.arena);
	v->party = v->name = v->phone = v->birth = v->behalf = NULL;
	v->pad = v->summary = NULL;
	memset(v->questions, 0, sizeof(v->questions));
	memset(v->saved, 0, sizeof(v->saved));
	memset(&v->card, 0, sizeof(v->card));
	v->count = v->now = v->made_count = v->offer_count = 0;
	v->id[0] = v->party_id[0] = v->behalf_id[0] = v->new_id[0] = '\0';
	v->said[0] = v->about[0] = v->trouble[0] = '\0';
	v->is_new = v->has_behalf = v->summary_own = v->touched = false;
	v->mode = REG_FORM;
	v->focus = REG_PARTY;
}

static void begin(struct reg *v)
{
	reg_clear(v);
	v->party = new_line();
	v->name = new_line();
	v->phone = new_line();
	v->birth = new_line();
	v->behalf = new_line();
	v->pad = editor_create("");
	v->summary = editor_create("");
	reg_add_question(v);
}

bool reg_new(struct screen *s, const char *party_id, struct err *err)
{
	struct reg *v = screen_state(s);
	int used = parts_place(s)->channel_used;

	begin(v);
	id_new(v->id);
	v->started_at = clock_now();
	v->channel = used ? used - 1 : CHANNEL_PHONE;
	if (party_id && party_id[0]) {
		reg_set_party(s, party_id);
		v->focus = REG_ABOUT;
	}
	reg_keep(s);
	v->touched = v->party_id[0] != '\0';
	if (v->trouble[0])
		err_set(err, ERR_IO, "%s", v->trouble);
	return !v->trouble[0];
}

/* Writing goes on at its end. */
static void set_text(struct editor *e, const char *text)
{
	editor_set(e, text);
	editor_set_cursor(e, strlen(text));
}

static void take_contact(struct reg *v, const char *field, const char *text)
{
	struct line *const lines[CONTACT_VALUES] = {
		[VALUE_PARTY_TEXT] = v->party,	 [VALUE_NAME] = v->name,
		[VALUE_PHONE] = v->phone,	 [VALUE_BIRTH] = v->birth,
		[VALUE_BEHALF_TEXT] = v->behalf,
	};
	char *const ids[CONTACT_VALUES] = {
		[VALUE_PARTY] = v->party_id,
		[VALUE_NEW_ID] = v->new_id,
		[VALUE_BEHALF] = v->behalf_id,
	};
	int i = 0;

	while (i < CONTACT_VALUES && strcmp(contact_names[i], field) != 0)
		i++;
	if (i == CONTACT_VALUES)
		return;
	if (lines[i])
		line_set(lines[i], text);
	else if (ids[i])
		snprintf(ids[i], ID_TEXT, "%.36s", text);
	else if (i == VALUE_NEW)
		v->is_new = text[0] == '1';
	else if (i == VALUE_HAS_BEHALF)
		v->has_behalf = text[0] == '1';
	else if (i == VALUE_PAD)
		set_text(v->pad, text);
	else if (i == VALUE_SUMMARY && text[0]) {
		set_text(v->summary, text);
		v->summary_own = true;
	} else if (i == VALUE_QUESTION)
		v->now = (size_t)strtoul(text, NULL, 10);
	else if (i == VALUE_FOCUS)
		v->focus = (enum reg_field)strtoul(text, NULL, 10);
}

static void take_question(struct question *q, const char *field, const char *text)
{
	const char *tab = strchr(text, '\t'), *second = tab ? strchr(tab + 1, '\t') : NULL;
	int answered = 0, priority = PRIORITY_NORMAL;

	if (strcmp(field, "about") == 0)
		line_set(q->about, text);
	else if (strcmp(field, "ticket") == 0)
		snprintf(q->ticket_id, ID_TEXT, "%.36s", text);
	else if (strcmp(field, "topic") == 0)
		snprintf(q->topic_id, ID_TEXT, "%.36s", text);
	else if (strcmp(field, "topic_text") == 0)
		line_set(q->topic, text);
	else if (strcmp(field, "details") == 0)
		set_text(q->details, text);
	else if (strcmp(field, "answer") == 0)
		set_text(q->answer, text);
	else if (strcmp(field, "handling") == 0 && sscanf(text, "%d %d", &answered, &priority)) {
		q->answered = answered != 0;
		q->priority =
			priority >= 0 && priority < priorities.count ? priority : PRIORITY_NORMAL;
	} else if (strcmp(field, "handler") == 0 && second) {
		snprintf(q->team_id, ID_TEXT, "%.*s", (int)(tab - text), text);
		snprintf(q->agent_id, ID_TEXT, "%.*s", (int)(second - tab - 1), tab + 1);
		line_set(q->handler, second + 1);
	}
}

/* What was read is what is on disk. */
static void remember(struct reg *v)
{
	struct change_set c = {0};

	collect(v, &c);
	for (size_t i = 0; i < c.count; i++)
		*c.place[i] = c.stamps[i];
	arena_finish(&c.arena);
}

bool reg_read(struct screen *s, const char *id, struct err *err)
{
	struct reg *v = screen_state(s);
	struct registration_value *values;
	struct arena a = {0};
	char copy[ID_TEXT];
	size_t count;
	bool ok = work_registration_values(parts_desk(s)->work, id, &values, &count, &a, err);

	snprintf(copy, sizeof(copy), "%s", id);
	if (!ok)
		goto out;
	begin(v);
	snprintf(v->id, sizeof(v->id), "%s", copy);
	for (size_t i = 0; i < v->open_count; i++) {
		if (strcmp(v->open[i].contact_id, copy) != 0)
			continue;
		v->started_at = v->open[i].started_at;
		v->channel = v->open[i].channel;
	}
	for (size_t i = 0; i < count; i++) {
		int64_t n = values[i].question;

		if (n == 0)
			take_contact(v, values[i].field, values[i].value);
		while (n > 0 && (int64_t)v->count < n && reg_add_question(v))
			;
		if (n > 0 && n <= (int64_t)v->count)
			take_question(v->questions[n - 1], values[i].field, values[i].value);
		v->touched |= values[i].value[0] && strcmp(values[i].field, "channel") != 0 &&
			      strcmp(values[i].field, "question") != 0 &&
			      strcmp(values[i].field, "focus") != 0 &&
			      strcmp(values[i].field, "handling") != 0 &&
			      strcmp(values[i].value, "\t\t") != 0;
	}
	if (v->now >= v->count)
		v->now = v->count - 1;
	if (v->focus >= REG_FIELDS || !reg_shows(v, v->focus))
		v->focus = REG_PARTY;
	remember(v);
	v->writes = parts_place(s)->registered;
	reg_read_card(s);
	reg_check_about(s);
	reg_find(s);
out:
	arena_finish(&a);
	return ok;
}

void reg_read_open(struct screen *s)
{
	struct reg *v = screen_state(s);

	arena_reset(&v->open_arena);
	v->open_count = 0;
	if (!work_registrations(parts_desk(s)->work, &v->open, &v->open_count, &v->open_arena,
				NULL))
		v->open_count = 0;
}
