#include "deed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "bulk.h"
#include "relate.h"
#include "workload.h"
#include "repeat.h"

static void tell_error(struct screen *s, const struct err *err)
{
	host_say(screen_host(s), STYLE_ERROR, "%s", err->text);
}

/* What was done, with the key that takes it back. */
static void tell_done(struct screen *s, const struct deed *d)
{
	struct envelope e = {.action = d->action, .args = d->args};
	struct buf text = {0}, hint = {0};
	struct arena a = {0};
	struct names names;

	screens_names(parts_desk(s), &names, &a);
	screens_put_envelope(&names, &e, &text);
	if (d->action->flags & ACTION_UNDOABLE)
		parts_put_hint(&hint, s, "queue", "undo", "", _(" %s takes it back."));
	host_say(screen_host(s), STYLE_GOOD, "%s.%s", text.data, hint.data ? hint.data : "");
	buf_finish(&text);
	buf_finish(&hint);
	arena_finish(&a);
}

static const struct topic *find_topic(const struct names *names, const char *id)
{
	for (size_t i = 0; id && i < names->topic_count; i++)
		if (strcmp(names->topics[i].id, id) == 0)
			return &names->topics[i];
	return NULL;
}

/* Registers a new ticket, with the team of its topic or else the agent's own: nobody's would be lost
 * from sight. */
static bool create(struct screen *s, struct deed *d, struct err *err)
{
	struct desk *desk = parts_desk(s);
	const struct topic *topic;
	struct names names;
	char id[ID_TEXT];

	screens_names(desk, &names, &d->arena);
	topic = find_topic(&names, d->args.topic_id);
	if (!d->args.team_id && (!topic || !topic->team_id || !topic->team_id[0]))
		d->args.team_id = arena_strdup(&d->arena, desk->me.team_id);
	d->args.ticket_id = arena_strdup(&d->arena, id_new(id));
	if (!desk_do(desk, ACT_CREATE, NULL, &d->args, NULL, err))
		return false;
	parts_place(s)->channel_used = d->args.channel + 1;
	return true;
}

static void open_new(struct screen *s, const char *id)
{
	struct err err = {0};

	parts_place(s)->order.set = false;
	if (!host_open(screen_host(s), "ticket", id, &err))
		tell_error(s, &err);
}

static bool do_one(struct screen *s, struct deed *d, struct err *err)
{
	struct desk *desk = parts_desk(s);
	struct queue_row row;
	struct arena a = {0};
	bool ok;

	if (d->action->id == ACT_CREATE)
		return create(s, d, err);
	ok = d->count == 1 && cache_ticket(desk->cache, desk->work, d->ids[0], &row, &a, err) &&
	     desk_do(desk, d->action->id, &row.ticket, &d->args, NULL, err);
	arena_finish(&a);
	return ok;
}

static void do_it(struct screen *s, struct deed *d)
{
	struct err err = {0};

	d->done = do_one(s, d, &err);
	if (d->done) {
		repeat_keep(parts_place(s), d->action, &d->args);
		tell_done(s, d);
	} else {
		tell_error(s, &err);
	}
	if (d->action->id == ACT_CREATE && d->done)
		open_new(s, d->args.ticket_id);
	d->action = NULL;
	host_changed(screen_host(s), WATCH_TICKETS | WATCH_TIMELINE | WATCH_OUTBOX);
	screen_reload(s);
}

/* One is done at once, since it is undone at once; many are shown first, and so is a merge. */
static void ask_sure(struct screen *s, struct deed *d)
{
	if (d->action->id == ACT_MERGE) {
		merge_show(s, d->args.into_id, (const char(*)[ID_TEXT])d->ids, d->count);
		d->action = NULL;
		return;
	}
	if (d->count <= 1) {
		do_it(s, d);
		return;
	}
	bulk_show(s, d->action, &d->args, (const char(*)[ID_TEXT])d->ids, d->count);
	d->action = NULL;
}

/* The ticket as it is now, when it is only one. */
static bool one_ticket(struct screen *s, const struct deed *d, struct queue_row *ret,
		       struct arena *a)
{
	struct desk *desk = parts_desk(s);

	return d->action->id != ACT_CREATE && d->count == 1 &&
	       cache_ticket(desk->cache, desk->work, d->ids[0], ret, a, NULL);
}

static void pick_word(struct screen *s, const struct deed *d, const char *title,
		      const struct words *words)
{
	struct choice rows[32];
	size_t count = 0;
	struct queue_row row;
	struct arena a = {0};
	int now = -1;

	if (one_ticket(s, d, &row, &a))
		now = words == &ticket_states  ? row.ticket.state
		      : words == &ticket_kinds ? row.ticket.kind
					       : row.ticket.priority;
	for (int i = 0; i < words->count && count < 32; i++) {
		if (words == &ticket_states && (i == STATE_NEW || i == STATE_MERGED ||
						(now >= 0 && !state_can_follow(now, i))))
			continue;
		rows[count++] =
			(struct choice){words_code(words, i), _(words_label(words, i)), NULL};
	}
	host_pick(s, DEED_CHOICE, title, rows, count, now >= 0 ? words_code(words, now) : NULL);
	arena_finish(&a);
}

/* Starts at how the one before came in: who stands at the counter stays there for a while. */
static void pick_channel(struct screen *s)
{
	int used = parts_place(s)->channel_used;
	struct choice rows[16];
	size_t count = 0;

	for (int i = 0; i < channels.count && count < 16; i++)
		rows[count++] = (struct choice){words_code(&channels, i),
						_(words_label(&channels, i)), NULL};
	host_pick(s, DEED_CHOICE, _("How did it come in?"), rows, count,
		  words_code(&channels, used ? used - 1 : CHANNEL_COUNTER));
}

/* Teams first, since most is handed to a team; then the people; each with how much they have. */
static void pick_assignee(struct screen *s, const struct deed *d)
{
	struct desk *desk = parts_desk(s);
	struct arena a = {0};
	struct names names;
	struct queue_row row = {0};
	struct choice *rows;
	const char *now = NULL;
	size_t count;

	if (one_ticket(s, d, &row, &a) && row.ticket.agent_id)
		now = arena_printf(&a, "a%s", row.ticket.agent_id);
	else if (row.ticket.team_id)
		now = arena_printf(&a, "t%s", row.ticket.team_id);
	screens_names(desk, &names, &a);
	rows = arena_alloc(&a, (names.team_count + names.agent_count + 1) * sizeof(*rows));
	count = workload_choices(desk, &names, rows, &a);
	host_pick(s, DEED_CHOICE, _("Hand over to"), rows, count, now);
	arena_finish(&a);
}

static void pick_topic(struct screen *s, const struct deed *d, int intent, const char *title)
{
	struct arena a = {0};
	struct names names;
	struct queue_row row;
	struct choice *rows;
	const char *now = one_ticket(s, d, &row, &a) ? row.ticket.topic_id : NULL;
	size_t count = 0;

	screens_names(parts_desk(s), &names, &a);
	rows = arena_alloc(&a, (names.topic_count + 1) * sizeof(*rows));
	for (size_t i = 0; i < names.topic_count; i++)
		if (names.topics[i].active)
			rows[count++] =
				(struct choice){names.topics[i].id, names.topics[i].name,
						parts_team(&names, names.topics[i].team_id)};
	host_pick(s, intent, title, rows, count, now);
	arena_finish(&a);
}

static bool has_topics(struct screen *s)
{
	struct arena a = {0};
	struct names names;

	screens_names(parts_desk(s), &names, &a);
	arena_finish(&a);
	return names.topic_count > 0;
}

static void ask_text(struct screen *s, const char *label, const char *initial)
{
	struct line_spec spec = {.initial = initial};

	host_ask(s, DEED_TEXT, label, &spec);
}

static void ask_day(struct screen *s, const char *label)
{
	struct line_spec spec = {.history = "day"};

	host_ask(s, DEED_DAY, label, &spec);
}

static void ask_subject(struct screen *s, const struct deed *d)
{
	struct queue_row row;
	struct arena a = {0};
	const char *initial = "";

	if (d->count == 1 &&
	    cache_ticket(parts_desk(s)->cache, parts_desk(s)->work, d->ids[0], &row, &a, NULL))
		initial = row.ticket.subject;
	ask_text(s, _("Subject: "), initial);
	arena_finish(&a);
}

/* Asks for one thing that the action still needs. False when nothing is missing. */
static bool ask_missing(struct screen *s, struct deed *d)
{
	const struct args *args = &d->args;
	int id = d->action->id;

	if (id == ACT_STATE && args->state < 0)
		pick_word(s, d, _("New state"), &ticket_states);
	else if (id == ACT_STATE && args->state == STATE_PLANNED && !args->until)
		ask_day(s, _("Planned until (1/12, 5d, tomorrow): "));
	else if (id == ACT_KIND && args->kind < 0)
		pick_word(s, d, _("What sort of ticket is it?"), &ticket_kinds);
	else if (id == ACT_PRIORITY && args->priority < 0)
		pick_word(s, d, _("How urgent is it?"), &priorities);
	else if (id == ACT_TOPIC && !args->topic_id)
		pick_topic(s, d, DEED_CHOICE, _("What is it about?"));
	else if (id == ACT_ASSIGN && !args->team_id)
		pick_assignee(s, d);
	else if (id == ACT_DUE && !args->due_at)
		ask_day(s, _("To be answered by (1/12, 5d, tomorrow): "));
	else if (id == ACT_SUBJECT && !args->subject)
		ask_subject(s, d);
	else if (id == ACT_CREATE && !args->subject)
		ask_text(s, _("New ticket, subject: "), "");
	else if (id == ACT_CREATE && args->channel < 0)
		pick_channel(s);
	else if (id == ACT_CREATE && !args->topic_id && has_topics(s))
		pick_topic(s, d, DEED_TOPIC, _("What is it about? (Esc: not known yet)"));
	else if (id == ACT_NOTE && !args->body)
		ask_text(s, _("Note for colleagues: "), "");
	else if (id == ACT_SAID && !args->body)
		ask_text(s, _("What the citizen said: "), "");
	else
		return relate_ask(s, d);
	return true;
}

static void ask_rest(struct screen *s, struct deed *d)
{
	if (!ask_missing(s, d) && d->action)
		ask_sure(s, d);
}

static void open_compose(struct screen *s, const char *kind, const char *id)
{
	struct err err = {0};
	char args[64];

	snprintf(args, sizeof(args), "%s %s", kind, id);
	if (!host_open(screen_host(s), "compose", args, &err))
		tell_error(s, &err);
}

/* The last thing done anywhere: what an agent means by "oops". */
static void undo(struct screen *s, struct deed *d)
{
	struct buf told = {0}, text = {0};
	struct outbox_row row;
	struct arena a = {0};
	struct err err = {0};
	const struct action *again = NULL;

	if (work_last_undoable(parts_desk(s)->work, NULL, &row, &a, NULL))
		snprintf(d->undone, sizeof(d->undone), "%s", row.envelope.record);
	if (desk_undo(parts_desk(s), NULL, &told, &err)) {
		text_capital(&text, told.data ? told.data : "");
		host_say(screen_host(s), STYLE_GOOD, "%s.", text.data);
		again = row.envelope.action;
	} else {
		tell_error(s, &err);
	}
	buf_finish(&told);
	buf_finish(&text);
	host_changed(screen_host(s), WATCH_TICKETS | WATCH_TIMELINE | WATCH_OUTBOX | WATCH_DRAFTS);
	/* A mail that did not go: its text is there to go on with. */
	if (again && (again->id == ACT_ANSWER || again->id == ACT_FORWARD))
		open_compose(s, again->name, d->undone);
	arena_finish(&a);
}

static bool is_id(const char *text)
{
	char id[ID_TEXT];

	if (strcspn(text, " ") != ID_TEXT - 1)
		return false;
	snprintf(id, sizeof(id), "%s", text);
	return id_valid(id);
}

/* "[MESSAGE] [ADDRESS]" and no text. */
static bool forwards_at_leisure(const char *args)
{
	if (is_id(args)) {
		args += ID_TEXT - 1;
		args += strspn(args, " ");
	}
	return !strchr(args, ' ');
}

static void open_forward(struct screen *s, const char *id, const char *args)
{
	struct err err = {0};
	char *text = xasprintf("forward %s %s", id, args);

	if (!host_open(screen_host(s), "compose", text, &err))
		tell_error(s, &err);
	free(text);
}

/* Those that need no asking, or another screen. True: taken. */
static bool begin_elsewhere(struct screen *s, struct deed *d, const struct act *act,
			    const char (*ids)[ID_TEXT], size_t count)
{
	int id = act->action->id;

	if (id == ACT_UNDO) {
		undo(s, d);
		return true;
	}
	if (id == ACT_CREATE)
		return false;
	if (count == 0) {
		host_say(screen_host(s), STYLE_WARNING, "%s", _("There is no ticket here."));
		return true;
	}
	if ((id == ACT_ANSWER || id == ACT_FORWARD) && count > 1) {
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 _("An answer is written for one ticket at a time: take the marks away "
			   "first."));
		return true;
	}
	if (count == 1 && (id == ACT_ANSWER || id == ACT_NOTE) && !act->args[0]) {
		open_compose(s, id == ACT_ANSWER ? "answer" : "note", ids[0]);
		return true;
	}
	/* With words of his own it goes at once; else it is written. */
	if (id == ACT_FORWARD && forwards_at_leisure(act->args)) {
		open_forward(s, ids[0], act->args);
		return true;
	}
	return false;
}

static void set_up(struct deed *d, const struct action *action, const char (*ids)[ID_TEXT],
		   size_t count)
{
	arena_reset(&d->arena);
	d->done = false;
	d->action = action;
	d->args = args_none;
	d->count = action->id == ACT_CREATE ? 1 : count;
	d->ids = arena_alloc(&d->arena, (count + 1) * sizeof(*d->ids));
	if (count)
		memcpy(d->ids, ids, count * sizeof(*d->ids));
}

/* The change made last, on the tickets of now; for many it is asked again whether that is meant. */
static void do_again(struct screen *s, struct deed *d, const char (*ids)[ID_TEXT], size_t count)
{
	const struct repeat *r = &parts_place(s)->repeat;

	if (!r->action || count == 0) {
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 r->action ? _("There is no ticket here.")
				   : _("Nothing was changed yet that could be done again."));
		return;
	}
	set_up(d, r->action, ids, count);
	repeat_copy(r->action, &r->args, &d->args, &d->arena);
	ask_rest(s, d);
}

static void do_admin(struct screen *s, const struct act *act)
{
	struct buf told = {0};
	struct err err = {0};

	if (screens_do_admin(parts_desk(s), act->action, act->args, NULL, &told, &err))
		host_say(screen_host(s), STYLE_GOOD, "%s.", told.data);
	else
		tell_error(s, &err);
	buf_finish(&told);
	host_changed(screen_host(s), WATCH_REFERENCE | WATCH_OUTBOX);
}

bool deed_begin(struct screen *s, struct deed *d, const struct act *act, const char (*ids)[ID_TEXT],
		size_t count)
{
	struct desk *desk = parts_desk(s);
	struct err err = {0};
	struct names names;

	if (act->action->kind != ACTION_SENT && act->action->id != ACT_REPEAT)
		return false;
	if (screens_is_admin(act->action)) {
		do_admin(s, act);
		return true;
	}
	if (act->action->about != RECORD_TICKET || act->action->id == ACT_REPORTER) {
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 _("This is done on the screen of the citizen."));
		return true;
	}
	if (!desk->cache) {
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 _("Nothing was fetched from the service yet."));
		return true;
	}
	if (act->action->id == ACT_REPEAT) {
		do_again(s, d, ids, count);
		return true;
	}
	if (begin_elsewhere(s, d, act, ids, count))
		return true;
	set_up(d, act->action, ids, count);
	screens_names(desk, &names, &d->arena);
	if (!screens_read_args(desk, &names, act->action, act->args, &d->args, &d->arena, &err)) {
		tell_error(s, &err);
		d->action = NULL;
		return true;
	}
	ask_rest(s, d);
	return true;
}

static bool take_choice(struct screen *s, struct deed *d, const char *key, struct err *err)
{
	struct names names;
	const struct agent *agent;

	switch (d->action->id) {
	case ACT_CREATE:
		d->args.channel = words_find(&channels, key);
		return true;
	case ACT_STATE:
		d->args.state = words_find(&ticket_states, key);
		return true;
	case ACT_KIND:
		d->args.kind = words_find(&ticket_kinds, key);
		return true;
	case ACT_PRIORITY:
		d->args.priority = words_find(&priorities, key);
		return true;
	case ACT_TOPIC:
		d->args.topic_id = arena_strdup(&d->arena, key);
		return true;
	case ACT_ASSIGN:
		if (key[0] == 't') {
			d->args.team_id = arena_strdup(&d->arena, key + 1);
			return true;
		}
		screens_names(parts_desk(s), &names, &d->arena);
		agent = parts_agent_row(&names, key + 1);
		if (!agent) {
			err_set(err, ERR_NOT_FOUND, _("this colleague is not known here any more"));
			return false;
		}
		d->args.agent_id = agent->id;
		d->args.team_id = agent->team_id;
		return true;
	case ACT_MERGE:
	case ACT_LINK:
	case ACT_UNLINK:
		return relate_take(s, d, key, err);
	}
	return true;
}

static bool take_day(struct deed *d, const char *text, struct err *err)
{
	int64_t day;

	if (!screens_read_day(text, clock_now(), &day)) {
		err_set(err, ERR_INPUT, _("“%s” is no day: write 1/12, 5d or 2026-12-01"), text);
		return false;
	}
	if (d->action->id == ACT_STATE)
		d->args.until = day;
	else
		d->args.due_at = clock_add_days(day, 1) - 1000;
	return true;
}

bool deed_answer(struct screen *s, struct deed *d, int intent, const char *text)
{
	struct err err = {0};
	bool ok = true;

	if (intent < DEED_CHOICE || intent > DEED_TOPIC)
		return false;
	if (!d->action)
		return true;
	if (intent == DEED_TOPIC) {
		/* A new ticket may go without a topic. */
		d->args.topic_id = text ? arena_strdup(&d->arena, text) : NULL;
		do_it(s, d);
		return true;
	}
	if (!text || !text[0]) {
		d->action = NULL;
		return true;
	}
	if (intent == DEED_CHOICE)
		ok = take_choice(s, d, text, &err);
	else if (intent == DEED_DAY)
		ok = take_day(d, text, &err);
	else if (d->action->id == ACT_MERGE || d->action->id == ACT_LINK ||
		 d->action->id == ACT_SPLIT)
		ok = relate_take(s, d, text, &err);
	else if (d->action->id == ACT_NOTE || d->action->id == ACT_SAID)
		d->args.body = arena_strdup(&d->arena, text);
	else
		d->args.subject = arena_strdup(&d->arena, text);
	/* Its number is asked for now. */
	if (ok && relate_asks(d, intent, text))
		return true;
	if (ok) {
		ask_rest(s, d);
	} else {
		tell_error(s, &err);
		d->action = NULL;
	}
	return true;
}

void deed_finish(struct deed *d)
{
	arena_finish(&d->arena);
}
