/* Wrapping a contact up: what is made of it, its summary, and all of it at once into the outbox. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "register.h"

#define SUMMARY_MAX 10000 /* bytes, as the action says */
#define SUBJECT_MAX 290

static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

bool reg_is_asked(const struct question *q)
{
	return !is_blank(line_text(q->about)) || !is_blank(editor_text(q->details)) ||
	       !is_blank(editor_text(q->answer));
}

/* ---- may it? ---- */

static bool fault(struct screen *s, size_t question, enum reg_field f, const char *text)
{
	struct reg *v = screen_state(s);

	if (question > 0)
		v->now = question - 1;
	v->mode = REG_FORM;
	v->focus = f;
	reg_check_about(s);
	reg_find(s);
	host_say(screen_host(s), STYLE_WARNING, "%s", text);
	return false;
}

static bool check_new(struct screen *s)
{
	struct reg *v = screen_state(s);
	const char *name = line_text(v->name), *phone = line_text(v->phone);
	const char *birth = line_text(v->birth);
	char normal[17], date[11];

	if (!v->is_new)
		return true;
	if (is_blank(name))
		return fault(s, 0, REG_NAME, _("The new citizen has no name yet."));
	if (strlen(name) > 200)
		return fault(s, 0, REG_NAME, _("The name is too long: at most 200 bytes."));
	if (!is_blank(phone) && phone_parse(phone, normal) != CHECK_OK)
		return fault(s, 0, REG_PHONE, _("This phone number cannot be right."));
	if (!is_blank(birth) && birth_parse(birth, clock_now(), date) != CHECK_OK)
		return fault(s, 0, REG_BIRTH,
			     _("This date of birth cannot be: write 12/3/1964, 3/1964 or 1964."));
	return true;
}

static bool check_question(struct screen *s, size_t n)
{
	struct reg *v = screen_state(s);
	const struct question *q = v->questions[n - 1];
	char number[TRACKING_TEXT];

	if (!reg_is_asked(q))
		return true;
	if (tracking_parse(line_text(q->about), number) == CHECK_DIGITS)
		return fault(
			s, n, REG_ABOUT,
			_("This number has a typing mistake: its last two digits do not fit."));
	if (is_blank(line_text(q->about)) && is_blank(editor_text(q->details)))
		return fault(s, n, REG_ABOUT, _("What was the question? Write it in one line."));
	if (strlen(line_text(q->about)) > 300)
		return fault(s, n, REG_ABOUT,
			     _("The question is too long for one line: at most 300 bytes. Put the "
			       "rest in the details."));
	if (!q->topic_id[0] && !is_blank(line_text(q->topic)) && !q->ticket_id[0])
		return fault(s, n, REG_TOPIC, _("No topic is chosen: type other letters."));
	if (q->answered && is_blank(editor_text(q->answer)))
		return fault(s, n, REG_ANSWER, _("What was answered? Write it in short."));
	if (!q->answered && !q->team_id[0] && !is_blank(line_text(q->handler)))
		return fault(s, n, REG_HANDLER,
			     _("No team or colleague is chosen: type other letters."));
	return true;
}

bool reg_may_wrap(struct screen *s)
{
	struct reg *v = screen_state(s);

	if (!v->party_id[0] && !v->is_new && !is_blank(line_text(v->party)))
		return fault(
			s, 0, REG_PARTY,
			_("No citizen is chosen: Enter takes one, an empty field is anonymous."));
	if (!check_new(s))
		return false;
	if (v->has_behalf && !v->behalf_id[0] && !is_blank(line_text(v->behalf)))
		return fault(s, 0, REG_BEHALF, _("For whom? Enter takes the citizen."));
	for (size_t n = 1; n <= v->count; n++)
		if (!check_question(s, n))
			return false;
	return true;
}

/* ---- in words ---- */

static const char *subject_of(const struct question *q, struct buf *b)
{
	if (!is_blank(line_text(q->about)))
		return line_text(q->about) + strspn(line_text(q->about), " \t");
	parts_put_start(b, editor_text(q->details), SUBJECT_MAX);
	return b->data ? b->data : "";
}

void reg_put_question(const struct reg *v, size_t i, struct buf *ret)
{
	const struct question *q = v->questions[i];
	const struct topic *t = reg_topic(v, q);
	struct buf subject = {0};
	char when[48];

	buf_printf(ret, "%zu. %s", i + 1, subject_of(q, &subject));
	buf_finish(&subject);
	if (q->answered) {
		buf_add_str(ret, _(", answered: "));
		parts_put_start(ret, editor_text(q->answer), 120);
	} else if (q->ticket_id[0]) {
		buf_add_str(ret, _(", added to that ticket"));
	} else {
		if (line_text(q->handler)[0])
			buf_printf(ret, ", %s", line_text(q->handler));
		if (t && deadline_for(t, v->started_at))
			buf_printf(ret, _(", by %s"),
				   clock_to_short(deadline_for(t, v->started_at), clock_now(), when,
						  sizeof(when)));
	}
}

void reg_fill_summary(struct screen *s)
{
	struct reg *v = screen_state(s);
	const char *who = reg_who(v), *pad = editor_text(v->pad);
	struct buf b = {0}, channel = {0};
	char span[32];

	if (v->summary_own)
		return;
	text_capital(&channel, _(words_label(&channels, v->channel)));
	buf_printf(&b, "%s, %s, %s", channel.data, who[0] ? who : _("anonymous"),
		   clock_to_span(v->started_at, clock_now(), span, sizeof(span)));
	if (v->has_behalf && v->behalf_id[0])
		buf_printf(&b, _(", for %s"), line_text(v->behalf));
	buf_add_char(&b, '\n');
	for (size_t i = 0; i < v->count; i++) {
		if (!reg_is_asked(v->questions[i]))
			continue;
		reg_put_question(v, i, &b);
		buf_add_char(&b, '\n');
	}
	if (!is_blank(pad) && b.len + strlen(pad) + 2 <= SUMMARY_MAX) {
		buf_add_char(&b, '\n');
		buf_add_str(&b, pad);
	}
	editor_set(v->summary, b.data);
	buf_finish(&b);
	buf_finish(&channel);
}

/* ---- envelopes ---- */

#define ITEMS_MAX (2 * QUESTIONS_MAX + 3)
struct wrap {
	struct wrap_up items[ITEMS_MAX];
	size_t question[ITEMS_MAX]; /* that it is of, from 1; 0: of the contact */
	size_t count;
	struct queue_row tickets[QUESTIONS_MAX]; /* those that were there already */
	struct arena arena;
};

static struct wrap_up *add(struct wrap *w, int action, const char *record, size_t question)
{
	struct wrap_up *item = &w->items[w->count];

	w->question[w->count++] = question;
	item->envelope = (struct envelope){
		.action = &actions.rows[action], .record = record, .args = args_none};
	return item;
}

/* Numbers and addresses that were typed with the name and have no field of their own. */
static void add_typed(const struct reg *v, struct args *args, struct party_lists *lists,
		      struct arena *a)
{
	struct party_query *q = arena_alloc(a, sizeof(*q));

	if (!party_query_parse(line_text(v->party), clock_now(), q, a, NULL))
		return;
	if (q->email[0])
		lists->emails[lists->email_count++].raw = q->email;
	if (q->rrn[0])
		lists->identifiers[lists->identifier_count++].raw = q->rrn;
	if (q->kbo[0]) {
		lists->identifiers[lists->identifier_count++].raw = q->kbo;
		args->party_kind = PARTY_ENTERPRISE;
	}
	if (q->vcode[0]) {
		lists->identifiers[lists->identifier_count++] =
			(struct party_item){.scheme = "vcode", .raw = q->vcode};
		args->party_kind = PARTY_ASSOCIATION;
	}
	if (q->postcode[0])
		lists->addresses[lists->address_count++] = (struct party_address){
			.number = q->number[0] ? q->number : NULL, .postcode = q->postcode};
}

static bool add_new_party(const struct reg *v, struct wrap *w, struct err *err)
{
	struct args *args = &add(w, ACT_PARTY_CREATE, v->new_id, 0)->envelope.args;
	struct party_lists lists = {0};
	const char *name = line_text(v->name), *comma = strchr(name, ',');
	char date[11];

	args->party_kind = PARTY_CITIZEN;
	args->name = name;
	/* "Claes, An" says which is the family name; "An Claes" does not, and is not guessed. */
	if (comma && comma - name <= 100 && strlen(comma + 1) <= 100) {
		args->family = arena_strndup(&w->arena, name, (size_t)(comma - name));
		args->given = comma + 1 + strspn(comma + 1, " ");
	}
	if (birth_parse(line_text(v->birth), clock_now(), date) == CHECK_OK)
		args->birth_date = arena_strdup(&w->arena, date);
	if (!is_blank(line_text(v->phone)))
		lists.phones[lists.phone_count++].raw = line_text(v->phone);
	add_typed(v, args, &lists, &w->arena);
	return desk_party_args(&lists, args, &w->arena, err);
}

static const char *party_of(const struct reg *v)
{
	return v->is_new ? v->new_id : v->party_id[0] ? v->party_id : NULL;
}

static void add_contact(const struct reg *v, struct wrap *w)
{
	struct args *args = &add(w, ACT_CONTACT, v->id, 0)->envelope.args;

	args->channel = v->channel;
	args->direction = DIRECTION_IN;
	args->party_id = party_of(v);
	args->started_at = v->started_at;
	args->ended_at = clock_now();
	args->summary = editor_text(v->summary);
}

static void add_to_ticket(struct desk *d, const struct reg *v, struct wrap *w, size_t i)
{
	const struct question *q = v->questions[i];
	struct queue_row *row = &w->tickets[i];
	struct wrap_up *item;

	if (!cache_ticket(d->cache, d->work, q->ticket_id, row, &w->arena, NULL))
		row->ticket.id = q->ticket_id;
	if (!q->answered || !is_blank(editor_text(q->details))) {
		item = add(w, ACT_SAID, row->ticket.id, i + 1);
		item->about = &row->ticket;
		item->envelope.args.body = !is_blank(editor_text(q->details))
						   ? editor_text(q->details)
						   : _("The citizen asked how far it is.");
		item->envelope.args.channel = v->channel;
		item->envelope.args.contact_id = v->id;
	}
	if (q->answered) {
		item = add(w, ACT_ANSWER, row->ticket.id, i + 1);
		item->about = &row->ticket;
		item->envelope.args.body = editor_text(q->answer);
		item->envelope.args.channel = v->channel;
		item->envelope.args.contact_id = v->id;
	}
}

static void add_ticket(struct desk *d, const struct reg *v, struct wrap *w, size_t i,
		       const char *id)
{
	const struct question *q = v->questions[i];
	struct args *args = &add(w, ACT_CREATE, id, i + 1)->envelope.args;
	struct buf subject = {0};

	args->subject = arena_strdup(&w->arena, subject_of(q, &subject));
	args->body = is_blank(editor_text(q->details)) ? NULL : editor_text(q->details);
	args->channel = v->channel;
	args->topic_id = q->topic_id[0] ? q->topic_id : NULL;
	args->party_id = party_of(v);
	args->on_behalf_id = v->has_behalf && v->behalf_id[0] ? v->behalf_id : NULL;
	args->contact_id = v->id;
	args->priority = q->priority;
	args->agent_id = q->agent_id[0] ? q->agent_id : NULL;
	/* Nobody's would be lost from sight. */
	args->team_id = q->team_id[0] ? q->team_id : d->me.team_id;
	if (q->answered) {
		args->answer = editor_text(q->answer);
		args->close = true;
	}
	buf_finish(&subject);
}

/* What does not fit in the summary goes along as a note, so that nothing is lost. */
static bool add_pad(const struct reg *v, struct wrap *w, struct err *err)
{
	const char *pad = editor_text(v->pad);

	if (is_blank(pad) || v->summary_own || strstr(editor_text(v->summary), pad))
		return true;
	for (size_t i = 0; i < w->count; i++) {
		const struct envelope *e = &w->items[i].envelope;

		if (e->action->about != RECORD_TICKET)
			continue;
		add(w, ACT_NOTE, e->record, w->question[i])->envelope.args.body = pad;
		return true;
	}
	err_set(err, ERR_INPUT,
		_("the scratch-pad does not fit in the summary: write a question that it belongs "
		  "to, or make it shorter"));
	return false;
}

static bool collect(struct desk *d, struct reg *v, struct wrap *w, struct err *err)
{
	if (v->is_new && !add_new_party(v, w, err))
		return false;
	add_contact(v, w);
	v->made_count = 0;
	for (size_t i = 0; i < v->count; i++) {
		struct reg_made *made = &v->made[v->made_count];
		struct buf subject = {0};

		if (!reg_is_asked(v->questions[i]))
			continue;
		if (v->questions[i]->ticket_id[0]) {
			add_to_ticket(d, v, w, i);
			continue;
		}
		add_ticket(d, v, w, i, id_new(made->id));
		free(made->subject);
		made->subject = xstrdup(subject_of(v->questions[i], &subject));
		made->number[0] = '\0';
		v->made_count++;
		buf_finish(&subject);
	}
	return add_pad(v, w, err);
}

static void tell(struct screen *s, const struct reg *v)
{
	struct host *h = screen_host(s);

	if (v->made_count == 0)
		host_say(h, STYLE_GOOD, "%s", _("The contact is kept."));
	else if (parts_desk(s)->link == LINK_ONLINE)
		host_say(h, STYLE_GOOD,
			 v->made_count == 1 ? _("The contact is kept with %zu ticket.")
					    : _("The contact is kept with %zu tickets."),
			 v->made_count);
	else
		host_say(h, STYLE_GOOD, "%s",
			 _("The contact is kept here until there is a connection; the numbers "
			   "follow."));
}

bool reg_wrap_up(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct wrap *w = xcalloc(1, sizeof(*w));
	struct err err = {0};
	size_t at = SIZE_MAX;
	bool ok = false;

	if (strlen(editor_text(v->summary)) > SUMMARY_MAX)
		err_set(&err, ERR_INPUT, _("the summary is too long: at most %d bytes"),
			SUMMARY_MAX);
	else
		ok = collect(d, v, w, &err) &&
		     desk_wrap_up(d, v->id, w->items, w->count, &at, &err);
	if (ok) {
		parts_place(s)->channel_used = v->channel + 1;
		v->writes = ++parts_place(s)->registered;
		v->id[0] = '\0';
		v->mode = REG_MADE;
		reg_read_open(s);
		reg_read_numbers(s);
		tell(s, v);
		host_changed(screen_host(s), WATCH_TICKETS | WATCH_TIMELINE | WATCH_OUTBOX);
	} else if (at < w->count && w->question[at] > 0) {
		fault(s, w->question[at], REG_ABOUT, err.text);
	} else {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	}
	arena_finish(&w->arena);
	free(w);
	return ok;
}

/* Numbers come when the service has answered. */
void reg_read_numbers(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct desk *d = parts_desk(s);

	for (size_t i = 0; d->cache && i < v->made_count; i++) {
		struct arena a = {0};
		struct queue_row row;

		if (!v->made[i].number[0] &&
		    cache_ticket(d->cache, d->work, v->made[i].id, &row, &a, NULL) &&
		    row.ticket.number)
			snprintf(v->made[i].number, sizeof(v->made[i].number), "%s",
				 row.ticket.number);
		arena_finish(&a);
	}
}
