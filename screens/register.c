/* Registering a contact at the counter or by phone: who, what questions, what became of each.
 *
 * Every change is on disk before it is on screen, so a kill loses nothing, and several contacts can be
 * open at once: a line says which, with how long they take. Wrapping up does all in one step. It loads
 * again when tickets, their numbers or names change. */
#include "register.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

#define MINUTE 60000
#define OPEN_MAX 20

enum { ASK_DISCARD = 1, ASK_ABOUT };

/* ---- the fields ---- */

struct question *reg_question(const struct reg *v)
{
	return v->questions[v->now];
}

bool reg_shows(const struct reg *v, enum reg_field f)
{
	const struct question *q = reg_question(v);

	switch (f) {
	case REG_NAME:
	case REG_PHONE:
	case REG_BIRTH:
		return v->is_new;
	case REG_BEHALF:
		return v->has_behalf;
	case REG_TOPIC:
		return !q->ticket_id[0];
	case REG_HANDLER:
	case REG_PRIORITY:
		return !q->ticket_id[0] && !q->answered;
	case REG_ANSWER:
		return q->answered;
	case REG_PARTY:
	case REG_ABOUT:
	case REG_DETAILS:
	case REG_HANDLING:
	case REG_PAD:
		return true;
	case REG_FIELDS:
		break;
	}
	return false;
}

struct line *reg_line(const struct reg *v, enum reg_field f)
{
	const struct question *q = reg_question(v);
	struct line *const lines[REG_FIELDS] = {
		[REG_PARTY] = v->party, [REG_NAME] = v->name,	    [REG_PHONE] = v->phone,
		[REG_BIRTH] = v->birth, [REG_BEHALF] = v->behalf,   [REG_ABOUT] = q->about,
		[REG_TOPIC] = q->topic, [REG_HANDLER] = q->handler,
	};

	return lines[f];
}

struct editor *reg_editor(const struct reg *v, enum reg_field f)
{
	const struct question *q = reg_question(v);

	return f == REG_DETAILS	 ? q->details
	       : f == REG_ANSWER ? q->answer
	       : f == REG_PAD	 ? v->pad
				 : NULL;
}

const char *reg_who(const struct reg *v)
{
	const char *text = line_text(v->is_new ? v->name : v->party);

	return text[strspn(text, " \t")] ? text : "";
}

/* ---- which contact ---- */

/* Nothing was typed in it: it was opened by mistake, or not needed. */
static void drop_untouched(struct screen *s)
{
	struct reg *v = screen_state(s);

	if (v->id[0] && !v->touched)
		reg_drop(s, NULL);
}

/* party: "" or the id of a citizen, with the word "party" before it or not. */
static bool open_new(struct screen *s, const char *party, struct err *err)
{
	const char *id = strncmp(party, "party ", 6) == 0 ? party + 6 : party;
	struct reg *v = screen_state(s);
	bool ok;

	drop_untouched(s);
	reg_read_open(s);
	if (v->open_count >= OPEN_MAX) {
		err_set(err, ERR_INPUT, _("%d contacts are open: wrap one up first"), OPEN_MAX);
		return false;
	}
	ok = reg_new(s, id_valid(id) ? id : "", err);
	reg_read_open(s);
	return ok;
}

/* The next open one after this; the newest when there is none. */
static bool open_next(struct screen *s, struct err *err)
{
	struct reg *v = screen_state(s);
	size_t next;
	char id[ID_TEXT];

	reg_read_open(s);
	next = v->open_count - 1;
	for (size_t i = 0; i < v->open_count; i++)
		if (strcmp(v->open[i].contact_id, v->id) == 0)
			next = (i + 1) % v->open_count;
	if (v->open_count == 0)
		return open_new(s, "", err);
	snprintf(id, sizeof(id), "%s", v->open[next].contact_id);
	if (strcmp(id, v->id) == 0)
		return true;
	drop_untouched(s);
	reg_read_open(s);
	return reg_read(s, id, err);
}

static void tell_failure(struct screen *s, bool ok, const struct err *err)
{
	if (!ok)
		host_say(screen_host(s), STYLE_ERROR, "%s", err->text);
	screen_redraw(s);
}

static void on_minute(void *user)
{
	struct screen *s = user;
	struct reg *v = screen_state(s);

	screen_redraw(s);
	loop_set_timer(v->timer, MINUTE);
}

static void reg_close(struct screen *s)
{
	struct reg *v = screen_state(s);

	if (v->timer)
		loop_remove(v->timer);
	reg_clear(v);
	arena_finish(&v->open_arena);
	arena_finish(&v->name_arena);
}

/* args: nothing for a new contact, "open" for one that is open, or the id of a citizen. */
static bool reg_open(struct screen *s, const char *args, struct err *err)
{
	struct reg *v = screen_state(s);
	bool ok;

	screens_names(parts_desk(s), &v->names, &v->name_arena);
	ok = strcmp(args, "open") == 0 ? open_next(s, err) : open_new(s, args, err);
	if (!ok) {
		reg_close(s);
		return false;
	}
	v->timer = loop_add_timer(parts_place(s)->loop, MINUTE, on_minute, s);
	return true;
}

static bool reg_load(struct screen *s, struct err *err)
{
	struct reg *v = screen_state(s);
	char id[ID_TEXT];

	arena_reset(&v->name_arena);
	screens_names(parts_desk(s), &v->names, &v->name_arena);
	reg_read_open(s);
	if (v->mode == REG_MADE) {
		reg_read_numbers(s);
		return true;
	}
	/* Another screen of this kind worked on it meanwhile, or wrapped it up. */
	if (v->writes != parts_place(s)->registered) {
		bool there = false;

		for (size_t i = 0; i < v->open_count; i++)
			there |= strcmp(v->open[i].contact_id, v->id) == 0;
		snprintf(id, sizeof(id), "%s", v->id);
		if (!there)
			v->id[0] = '\0';
		return there ? reg_read(s, id, err) : open_next(s, err);
	}
	reg_read_card(s);
	reg_find(s);
	return true;
}

static void reg_title(const struct screen *s, struct buf *ret)
{
	const struct reg *v = screen_state(s);
	char span[32];

	if (v->mode == REG_MADE) {
		buf_add_str(ret, _("Contact: kept"));
		return;
	}
	buf_printf(ret, v->mode == REG_WRAP ? _("Wrapping up: %s, %s") : _("Contact: %s, %s"),
		   _(words_label(&channels, v->channel)),
		   clock_to_span(v->started_at, clock_now(), span, sizeof(span)));
	if (v->touched && !v->trouble[0])
		buf_printf(ret, ", %s", _("kept on this computer"));
}

/* ---- what it can do ---- */

static void next_channel(struct screen *s, const char *args)
{
	struct reg *v = screen_state(s);
	int wanted = args[0] ? word_parse(&channels, args, NULL) : -1;

	v->channel = wanted >= 0 ? wanted : (v->channel + 1) % CHANNEL_INTERNAL;
	parts_place(s)->channel_used = v->channel + 1;
	reg_keep(s);
	screen_redraw(s);
}

static void go_question(struct screen *s, size_t n)
{
	struct reg *v = screen_state(s);

	v->now = n;
	reg_check_about(s);
	reg_focus_on(s, REG_ABOUT);
	reg_keep(s);
	screen_redraw(s);
}

static void next_question(struct screen *s)
{
	struct reg *v = screen_state(s);

	if (!reg_take_offer(s)) {
		reg_go_on(s, false);
		return;
	}
	if (v->now + 1 < v->count) {
		go_question(s, v->now + 1);
	} else if (!reg_add_question(v)) {
		host_say(screen_host(s), STYLE_WARNING,
			 _("One contact holds at most %d questions."), QUESTIONS_MAX);
	} else {
		go_question(s, v->count - 1);
	}
}

static void answer_at_once(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct question *q = reg_question(v);

	if (!reg_take_offer(s)) {
		reg_go_on(s, false);
		return;
	}
	q->answered = !q->answered;
	reg_focus_on(s, q->answered		    ? REG_ANSWER
			: reg_shows(v, REG_HANDLER) ? REG_HANDLER
						    : REG_DETAILS);
	reg_keep(s);
	screen_redraw(s);
}

static void on_behalf(struct screen *s)
{
	struct reg *v = screen_state(s);

	if (!reg_take_offer(s)) {
		reg_go_on(s, false);
		return;
	}
	v->has_behalf = !v->has_behalf;
	reg_focus_on(s, v->has_behalf ? REG_BEHALF : REG_ABOUT);
	reg_keep(s);
	screen_redraw(s);
}

/* One of the tickets that the citizen has already. */
static void pick_about(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct choice rows[CARD_MAX];
	size_t count = 0;

	for (size_t i = 0; i < v->card.ticket_count && count < CARD_MAX; i++) {
		const struct ticket *t = &v->card.tickets[i];

		if (t->number)
			rows[count++] = (struct choice){t->number, t->subject, t->number};
	}
	if (count == 0) {
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 _("No ticket of this citizen is on your desk; a number can be typed as "
			   "the question."));
		return;
	}
	host_pick(s, ASK_ABOUT, _("About which ticket?"), rows, count, NULL);
}

static void wrap_up(struct screen *s)
{
	struct reg *v = screen_state(s);

	if (v->mode == REG_WRAP) {
		reg_wrap_up(s);
		screen_redraw(s);
		return;
	}
	if (!reg_take_offer(s)) {
		reg_go_on(s, false);
		return;
	}
	v->offer_count = 0;
	reg_keep(s);
	if (reg_may_wrap(s)) {
		reg_fill_summary(s);
		v->mode = REG_WRAP;
	}
	screen_redraw(s);
}

/* Esc: what is open stays open; nothing is thrown away. */
static void leave(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct buf hint = {0};

	if (v->mode == REG_WRAP) {
		v->mode = REG_FORM;
		screen_redraw(s);
		return;
	}
	if (v->mode == REG_FORM) {
		reg_keep(s);
		if (!v->touched)
			reg_drop(s, NULL);
		else {
			parts_put_hint(&hint, s, "queue", "contacts", "",
				       _("The contact stays open: %s goes on with it."));
			host_say(screen_host(s), STYLE_NORMAL, "%s", hint.data);
		}
	}
	buf_finish(&hint);
	host_back(screen_host(s));
}

static void close_made(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct err err = {0};

	if (v->open_count > 0)
		tell_failure(s, open_next(s, &err), &err);
	else
		host_back(screen_host(s));
}

static bool act_made(struct screen *s, int id)
{
	if (id == ACT_BACK || id == ACT_OPEN || id == ACT_WRAP_UP) {
		close_made(s);
		return true;
	}
	/* There is no form below. */
	return id == ACT_CHANNEL || id == ACT_QUESTION || id == ACT_QUESTION_BACK ||
	       id == ACT_AT_ONCE || id == ACT_BEHALF || id == ACT_ABOUT || id == ACT_DISCARD;
}

static bool act_form(struct screen *s, const struct act *act)
{
	struct reg *v = screen_state(s);

	switch (act->action->id) {
	case ACT_CHANNEL:
		next_channel(s, act->args);
		return true;
	case ACT_QUESTION:
		v->mode = REG_FORM;
		next_question(s);
		return true;
	case ACT_QUESTION_BACK:
		v->mode = REG_FORM;
		go_question(s, (v->now + v->count - 1) % v->count);
		return true;
	case ACT_AT_ONCE:
		v->mode = REG_FORM;
		answer_at_once(s);
		return true;
	case ACT_BEHALF:
		v->mode = REG_FORM;
		on_behalf(s);
		return true;
	case ACT_ABOUT:
		v->mode = REG_FORM;
		pick_about(s);
		return true;
	case ACT_WRAP_UP:
		wrap_up(s);
		return true;
	case ACT_DISCARD:
		host_confirm(s, ASK_DISCARD, _("Throw this contact away, with all its questions?"));
		return true;
	case ACT_BACK:
		leave(s);
		return true;
	}
	return false;
}

static bool reg_act(struct screen *s, const struct act *act)
{
	struct reg *v = screen_state(s);
	struct err err = {0};

	if (act->action->id == ACT_REGISTER || act->action->id == ACT_CONTACTS) {
		if (v->mode != REG_MADE)
			reg_keep(s);
		tell_failure(s,
			     act->action->id == ACT_REGISTER ? open_new(s, act->args, &err)
							     : open_next(s, &err),
			     &err);
		return true;
	}
	return v->mode == REG_MADE ? act_made(s, act->action->id) : act_form(s, act);
}

static void reg_answer(struct screen *s, int intent, const char *text)
{
	struct reg *v = screen_state(s);
	struct err err = {0};

	if (!text)
		return;
	if (intent == ASK_ABOUT) {
		line_set(reg_question(v)->about, text);
		reg_check_about(s);
		reg_focus_on(s, REG_DETAILS);
		reg_keep(s);
	} else if (reg_drop(s, &err)) {
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("Thrown away."));
		reg_read_open(s);
		close_made(s);
	} else {
		tell_failure(s, false, &err);
	}
	screen_redraw(s);
}

void screens_tell_contacts(struct host *h, const struct desk *d)
{
	struct work_counts counts = {0};
	const char *key = keymap_key_of(host_keymap(h), "queue", "contacts", "");

	if (work_count(d->work, &counts, NULL) && counts.contacts > 0)
		host_say(
			h, STYLE_WARNING,
			counts.contacts == 1
				? _("%lld contact was not wrapped up yet: %s goes on with it.")
				: _("%lld contacts were not wrapped up yet: %s goes on with them."),
			(long long)counts.contacts, key ? key : ":contacts");
}

static const int reg_offered[] = {
	ACT_WRAP_UP, ACT_QUESTION, ACT_AT_ONCE, ACT_CHANNEL, ACT_CONTACTS, ACT_REGISTER,
	ACT_BEHALF,  ACT_ABOUT,	   ACT_DISCARD, ACT_BACK,    -1,
};

/* With a conversation that is wrapped up or kept, other keys make sense than in the form. */
static const int *reg_offers(const struct screen *s)
{
	static const int wrapping[] = {ACT_WRAP_UP, ACT_BACK, ACT_CHANNEL, -1};
	static const int made[] = {ACT_BACK, ACT_REGISTER, ACT_CONTACTS, -1};
	const struct reg *v = screen_state(s);

	return v->mode == REG_WRAP ? wrapping : v->mode == REG_MADE ? made : reg_offered;
}

const struct screen_ops register_screen = {
	.name = "register",
	.label = N_("registering"),
	.state_size = sizeof(struct reg),
	.watches = WATCH_TICKETS | WATCH_REFERENCE | WATCH_OUTBOX | WATCH_ANSWER,
	.takes_text = true,
	.offered = reg_offered,
	.offers = reg_offers,
	.open = reg_open,
	.load = reg_load,
	.title = reg_title,
	.draw = reg_draw,
	.act = reg_act,
	.typed = reg_typed,
	.answer = reg_answer,
	.close = reg_close,
};
