/* Tickets of the invented town and what happened to them. Each is made as it came in and then changed
 * as people would, so that its journal tells the same story as its record. */
#include "seed.h"
#include <string.h>
#include "balie/clock.h"

#define HOUR (INT64_C(3600) * 1000)
#define MINUTE (INT64_C(60) * 1000)
#define TOWN_MAIL "Stad Izegem <info@izegem.example>"

/* One ticket while it is made. */
struct story {
	struct ticket ticket, before;
	struct seed_face face;
	bool known; /* the reporter is a known party */
	size_t topic, agent;
	int64_t at; /* of the last thing that happened */
	char id[ID_TEXT], contact_id[ID_TEXT];
	bool has_contact;
	/* an earlier ticket on the same topic, to merge into */
	char (*last_of_topic)[ID_TEXT];
};

/* ---- when, what, who ---- */

/* Working hours for what is said, evenings too for what is typed; few on a Sunday. */
static int64_t pick_time(struct seed *s, int64_t i, bool typed)
{
	static const int busy[] = {9, 9, 10, 10, 11, 11, 13, 14, 14, 15, 16, 8, 12};
	int64_t span = s->now - s->start, at;
	struct clock_local local;

	at = s->start + (int64_t)((double)span * (double)i / (double)s->tickets);
	clock_local(at, &local);
	if ((local.weekday == 0 || local.weekday == 6) && !seed_chance(&s->dice, typed ? 500 : 100))
		at = clock_add_days(at, local.weekday == 0 ? -2 : -1);
	at = clock_day_start(at);
	if (typed && seed_chance(&s->dice, 400))
		at += HOUR * (int64_t)(17 + seed_below(&s->dice, 7));
	else
		at += HOUR * busy[seed_below(&s->dice, sizeof(busy) / sizeof(busy[0]))];
	at += (int64_t)seed_below(&s->dice, 3600) * 1000;
	if (at >= s->now)
		at = s->now - (int64_t)(1 + seed_below(&s->dice, 600)) * MINUTE;
	return at > s->start ? at : s->start;
}

static int pick_channel(struct seed *s)
{
	static const struct {
		int channel, weight;
	} channels_of[] = {{CHANNEL_PHONE, 38},	  {CHANNEL_MAIL, 24},	{CHANNEL_FORM, 15},
			   {CHANNEL_COUNTER, 12}, {CHANNEL_APP, 7},	{CHANNEL_LETTER, 2},
			   {CHANNEL_CHAT, 1},	  {CHANNEL_INTERNAL, 1}};
	int roll = (int)seed_below(&s->dice, 100);
	size_t i = 0;

	while (roll >= channels_of[i].weight)
		roll -= channels_of[i++].weight;
	return channels_of[i].channel;
}

static size_t pick_topic(struct seed *s)
{
	int roll = (int)seed_below(&s->dice, (size_t)s->topic_weights);
	size_t i = 0;

	while (roll >= seed_topics[i].weight)
		roll -= seed_topics[i++].weight;
	return i;
}

static size_t pick_agent(struct seed *s, int team)
{
	size_t n = s->team_agent_count[team];

	if (n == 0)
		return pick_agent(s, SEED_CONTACT_CENTRE);
	return s->team_agents[team][seed_below(&s->dice, n)];
}

/* The younger, the more likely that work remains; about six in a hundred over three years. */
static bool still_open(struct seed *s, int64_t created_at)
{
	static const struct {
		int days, per_mille;
	} chances[] = {{3, 900},  {7, 750},  {14, 600},	  {30, 450},
		       {90, 220}, {365, 90}, {100000, 13}};
	int64_t age = (s->now - created_at) / CLOCK_DAY_MS;
	size_t i = 0;

	while (age >= chances[i].days)
		i++;
	return seed_chance(&s->dice, chances[i].per_mille);
}

static int pick_open_state(struct seed *s, int64_t created_at)
{
	bool young = s->now - created_at < 3 * CLOCK_DAY_MS;
	size_t roll = seed_below(&s->dice, 100);

	if (roll < (young ? 60u : 15u))
		return STATE_NEW;
	if (roll < 70)
		return STATE_OPEN;
	if (roll < 82)
		return STATE_WAITING_CITIZEN;
	return roll < 93 ? STATE_WAITING_THIRD : STATE_PLANNED;
}

static int pick_end_state(struct seed *s)
{
	size_t roll = seed_below(&s->dice, 1000);

	if (roll < 880)
		return STATE_CLOSED;
	if (roll < 930)
		return STATE_ANSWERED;
	if (roll < 955)
		return STATE_REJECTED;
	if (roll < 970)
		return STATE_INADMISSIBLE;
	return roll < 992 ? STATE_WITHDRAWN : STATE_MERGED;
}

/* ---- rows ---- */

static const char *person_text(struct seed *s, const struct story *st)
{
	const struct seed_face *f = &st->face;
	const char *name =
		f->given != NULL ? arena_printf(&s->arena, "%s %s", f->given, f->family) : f->name;

	if (!st->known)
		return NULL;
	return f->email != NULL ? arena_printf(&s->arena, "%s <%s>", name, f->email) : name;
}

static bool add_message(struct seed *s, struct story *st, int direction, int state,
			const char *body, struct err *err)
{
	bool in = direction == DIRECTION_IN;
	char id[ID_TEXT];
	struct message m = {
		.id = seed_id(&s->dice, st->at, id),
		.ticket_id = st->id,
		.direction = direction,
		.channel = st->ticket.channel,
		.state = state,
		.subject = st->ticket.subject,
		.body = body,
		.created_at = st->at,
		.from_text = in ? person_text(s, st) : TOWN_MAIL,
		.to_text = in ? NULL : person_text(s, st),
		.agent_id = in ? NULL : s->agent_ids[st->agent],
	};

	if (st->has_contact && in && st->at == st->ticket.created_at)
		m.contact_id = st->contact_id;
	if (state == MESSAGE_SUSPECTED)
		m.reason = "stranger";
	if (!in && st->ticket.channel != CHANNEL_MAIL)
		m.channel = st->face.email != NULL ? CHANNEL_MAIL : CHANNEL_PHONE;
	return message_insert(&s->town, &m, NULL, 0, NULL, 0, &s->mark, &s->arena, err);
}

static bool add_note(struct seed *s, struct story *st, const char *body, struct err *err)
{
	char id[ID_TEXT];
	struct note note = {.id = seed_id(&s->dice, st->at, id),
			    .ticket_id = st->id,
			    .agent_id = s->agent_ids[st->agent],
			    .body = body,
			    .created_at = st->at};

	return town_insert(&s->town, RECORD_NOTE, &note, NULL, &s->mark, &s->arena, err);
}

static bool add_contact(struct seed *s, struct story *st, struct err *err)
{
	int channel = st->ticket.channel;
	struct contact c = {
		.channel = channel, .direction = DIRECTION_IN, .started_at = st->ticket.created_at};

	if (channel != CHANNEL_PHONE && channel != CHANNEL_COUNTER && channel != CHANNEL_MAIL)
		return true;
	st->has_contact = true;
	c.id = seed_id(&s->dice, c.started_at, st->contact_id);
	c.party_id = st->known ? st->face.id : NULL;
	c.ended_at = c.started_at;
	c.summary = st->ticket.subject;
	if (channel != CHANNEL_MAIL) {
		c.agent_id = s->agent_ids[pick_agent(s, SEED_CONTACT_CENTRE)];
		c.ended_at += (int64_t)(1 + seed_below(&s->dice, 14)) * MINUTE;
	}
	return town_insert(&s->town, RECORD_CONTACT, &c, st->id, &s->mark, &s->arena, err);
}

/* Time goes on, but not beyond now. False when there is no time left. */
static bool later(struct seed *s, struct story *st, int64_t most)
{
	int64_t room = s->now - st->at;

	if (room < 2 * MINUTE)
		return false;
	st->at += MINUTE +
		  (int64_t)(seed_roll(&s->dice) % (uint64_t)(most < room ? most : room - MINUTE));
	return true;
}

/* Begins a change to the ticket: what it was is kept for the journal. */
static void change(struct seed *s, struct story *st, const char *action)
{
	st->before = st->ticket;
	seed_mark(s, action, s->agent_ids[st->agent], st->at);
	st->ticket.updated_at = st->at;
}

static bool write_change(struct seed *s, struct story *st, struct err *err)
{
	return town_update(&s->town, RECORD_TICKET, &st->before, &st->ticket, &s->mark, err);
}

static const char *phrase(struct seed *s, const struct story *st, const struct seed_words *words)
{
	buf_reset(&s->text);
	seed_fill(s, &s->text, seed_pick(&s->dice, words->items, words->count), &st->face);
	return arena_strdup(&s->arena, s->text.data);
}

/* ---- the story ---- */

static const char *ask_body(struct seed *s, const struct story *st, const struct seed_text *text)
{
	bool typed = st->ticket.channel != CHANNEL_PHONE && st->ticket.channel != CHANNEL_COUNTER;
	struct seed_dice *d = &s->dice;
	struct buf *b = &s->text;

	buf_reset(b);
	if (typed) {
		buf_add_str(b, seed_pick(d, seed_greetings.items, seed_greetings.count));
		buf_add_str(b, "\n\n");
	} else if (seed_chance(d, 400)) {
		buf_add_str(b, seed_pick(d, seed_phone_lines.items, seed_phone_lines.count));
		buf_add_str(b, ": ");
	}
	seed_fill(s, b, text->body, &st->face);
	if (seed_chance(d, 450)) {
		buf_add_str(b, seed_chance(d, 500) ? " " : "\n");
		seed_fill(s, b, seed_pick(d, seed_extras.items, seed_extras.count), &st->face);
	}
	if (typed && st->known) {
		buf_add_str(b, "\n\n");
		seed_fill(s, b, seed_pick(d, seed_closings.items, seed_closings.count), &st->face);
	}
	return arena_strdup(&s->arena, b->data);
}

static bool begin(struct seed *s, struct story *st, int64_t i, struct err *err)
{
	struct ticket *t = &st->ticket;
	const struct seed_text *text;
	struct topic *topic;

	st->topic = pick_topic(s);
	topic = &s->topics[st->topic];
	text = &seed_texts[s->texts_of[st->topic][0] +
			   seed_below(&s->dice, s->texts_of[st->topic][1])];
	t->channel = pick_channel(s);
	t->created_at = st->at =
		pick_time(s, i, t->channel != CHANNEL_PHONE && t->channel != CHANNEL_COUNTER);
	st->known = s->parties > 0 && seed_chance(&s->dice, 930);
	seed_face(s, s->parties > 0 ? (int64_t)seed_below(&s->dice, (size_t)s->parties) : 0,
		  &st->face, NULL);
	t->id = seed_id(&s->dice, t->created_at, st->id);
	t->kind = topic->kind;
	t->state = STATE_NEW;
	t->priority = seed_chance(&s->dice, 60)	  ? PRIORITY_HIGH
		      : seed_chance(&s->dice, 80) ? PRIORITY_LOW
						  : PRIORITY_NORMAL;
	t->topic_id = topic->id;
	t->team_id = topic->team_id;
	if (seed_chance(&s->dice, 220))
		t->team_id = s->team_ids[SEED_CONTACT_CENTRE];
	t->due_at = deadline_for(topic, t->created_at);
	t->last_in_at = t->created_at;
	if (st->known) {
		t->party_id = st->face.id;
		t->party_name = st->face.name;
	}
	buf_reset(&s->text);
	seed_fill(s, &s->text, text->subject, &st->face);
	t->subject = arena_strdup(&s->arena, s->text.data);
	st->agent = pick_agent(s, SEED_CONTACT_CENTRE);
	seed_mark(s, "create",
		  t->channel == CHANNEL_PHONE || t->channel == CHANNEL_COUNTER
			  ? s->agent_ids[st->agent]
			  : NULL,
		  st->at);
	return ticket_insert(&s->town, t, &s->mark, &s->arena, err) && add_contact(s, st, err) &&
	       add_message(s, st, DIRECTION_IN, MESSAGE_RECEIVED, ask_body(s, st, text), err);
}

/* From the contact centre to the team of the topic, and sometimes once more. */
static bool hand_over(struct seed *s, struct story *st, struct err *err)
{
	const char *team = s->topics[st->topic].team_id;

	if (strcmp(st->ticket.team_id, team) == 0 || !later(s, st, 20 * HOUR))
		return true;
	change(s, st, "assign");
	st->ticket.team_id = team;
	return write_change(s, st, err) && (!seed_chance(&s->dice, 400) ||
					    add_note(s, st, phrase(s, st, &seed_handovers), err));
}

static int team_index(struct seed *s, const char *id)
{
	for (size_t i = 0; i < seed_team_count; i++)
		if (strcmp(s->team_ids[i], id) == 0)
			return (int)i;
	return SEED_CONTACT_CENTRE;
}

static bool talk(struct seed *s, struct story *st, struct err *err)
{
	if (seed_chance(&s->dice, 220) && later(s, st, 60 * HOUR)) {
		seed_mark(s, "note", s->agent_ids[st->agent], st->at);
		if (!add_note(s, st, phrase(s, st, &seed_notes), err))
			return false;
	}
	if (seed_chance(&s->dice, 200) && later(s, st, 80 * HOUR)) {
		change(s, st, "answer");
		st->ticket.last_out_at = st->at;
		if (st->ticket.answered_at == 0)
			st->ticket.answered_at = st->at;
		if (!write_change(s, st, err) ||
		    !add_message(s, st, DIRECTION_OUT, MESSAGE_SENT,
				 phrase(s, st, &seed_answers_more), err))
			return false;
	}
	if (seed_chance(&s->dice, 150) && later(s, st, 120 * HOUR)) {
		change(s, st, "mail");
		s->mark.agent_id = NULL;
		st->ticket.last_in_at = st->at;
		return write_change(s, st, err) &&
		       add_message(s, st, DIRECTION_IN, MESSAGE_RECEIVED,
				   phrase(s, st, &seed_followups), err);
	}
	return true;
}

/* Somebody else quotes the number: an agent must look. */
static bool suspect(struct seed *s, struct story *st, struct err *err)
{
	if (!seed_chance(&s->dice, 12) || !later(s, st, 40 * HOUR))
		return true;
	change(s, st, "mail");
	s->mark.agent_id = NULL;
	st->ticket.suspected = 1;
	return write_change(s, st, err) && add_message(s, st, DIRECTION_IN, MESSAGE_SUSPECTED,
						       phrase(s, st, &seed_followups), err);
}

/* Of what would be overdue most was put off: a town with only red in its queue is not believable. */
static bool put_off(struct seed *s, struct story *st, struct err *err)
{
	struct clock_local at;

	if (st->ticket.due_at == 0 || st->ticket.due_at > s->now || !seed_chance(&s->dice, 780) ||
	    !later(s, st, 30 * HOUR))
		return true;
	change(s, st, "due");
	clock_local(clock_add_days(s->now, 1 + (int)seed_below(&s->dice, 40)), &at);
	at.hour = 23;
	at.minute = at.second = 59;
	st->ticket.due_at = clock_from_local(&at) + 999;
	return write_change(s, st, err);
}

static bool keep_open(struct seed *s, struct story *st, struct err *err)
{
	int state = pick_open_state(s, st->ticket.created_at);
	int team;

	if (state == STATE_NEW)
		return true;
	if (!seed_chance(&s->dice, 300) && !hand_over(s, st, err))
		return false;
	team = team_index(s, st->ticket.team_id);
	st->agent = pick_agent(s, team);
	if (!later(s, st, 30 * HOUR))
		return true;
	change(s, st, "assign");
	st->ticket.state = STATE_OPEN;
	if (seed_chance(&s->dice, 700))
		st->ticket.agent_id = s->agent_ids[st->agent];
	if (!write_change(s, st, err) || !talk(s, st, err) || !suspect(s, st, err) ||
	    !put_off(s, st, err))
		return false;
	if (state == STATE_OPEN || !later(s, st, 50 * HOUR))
		return true;
	change(s, st, "state");
	st->ticket.state = state;
	if (state == STATE_PLANNED)
		st->ticket.wait_until =
			clock_day_start(clock_add_days(s->now, 1 + (int)seed_below(&s->dice, 40)));
	return write_change(s, st, err);
}

static void end_ticket(struct seed *s, struct story *st)
{
	struct ticket *t = &st->ticket;
	int state = pick_end_state(s);

	if (state == STATE_MERGED && st->last_of_topic[st->topic][0] == '\0')
		state = STATE_CLOSED;
	change(s, st, state == STATE_MERGED ? "merge" : state == STATE_CLOSED ? "answer" : "state");
	t->state = state;
	t->agent_id = s->agent_ids[st->agent];
	if (state == STATE_MERGED)
		t->merged_into = st->last_of_topic[st->topic];
	if (state == STATE_CLOSED || state == STATE_ANSWERED) {
		t->last_out_at = st->at;
		if (t->answered_at == 0)
			t->answered_at = st->at;
	}
	t->closed_at = state_is_final(state) ? st->at : 0;
}

static bool finish(struct seed *s, struct story *st, struct err *err)
{
	int64_t days = seed_topics[st->topic].days > 0 ? seed_topics[st->topic].days : 7;
	struct ticket *t = &st->ticket;

	if (!hand_over(s, st, err))
		return false;
	st->agent = pick_agent(s, team_index(s, t->team_id));
	if (seed_chance(&s->dice, 350) && later(s, st, 24 * HOUR)) {
		change(s, st, "assign");
		t->state = STATE_OPEN;
		t->agent_id = s->agent_ids[st->agent];
		if (!write_change(s, st, err) || !talk(s, st, err))
			return false;
	}
	/* Most in time, some late. */
	if (!later(s, st, days * CLOCK_DAY_MS * (seed_chance(&s->dice, 120) ? 2 : 1)))
		return true;
	end_ticket(s, st);
	if (!write_change(s, st, err))
		return false;
	if (t->last_out_at == st->at &&
	    (t->channel != CHANNEL_COUNTER || seed_chance(&s->dice, 300)))
		return add_message(s, st, DIRECTION_OUT, MESSAGE_SENT,
				   phrase(s, st, &seed_answers_done), err);
	return true;
}

bool seed_tickets(struct seed *s, struct err *err)
{
	static char last_of_topic[SEED_TOPICS_MAX][ID_TEXT];
	struct story *st;

	memset(last_of_topic, 0, sizeof(last_of_topic));
	for (int64_t i = 0; i < s->tickets; i++) {
		arena_reset(&s->arena);
		st = arena_alloc(&s->arena, sizeof(*st));
		st->last_of_topic = last_of_topic;
		if (!begin(s, st, i, err))
			return false;
		if (still_open(s, st->ticket.created_at)) {
			if (!keep_open(s, st, err))
				return false;
		} else if (!finish(s, st, err)) {
			return false;
		}
		if (!seed_step(s, err))
			return false;
		if (st->ticket.state != STATE_MERGED)
			memcpy(last_of_topic[st->topic], st->id, ID_TEXT);
	}
	return true;
}
