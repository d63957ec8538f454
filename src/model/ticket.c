/* What an action makes of a ticket. The service applies it for good; the client shows it beforehand
 * for what still waits in its outbox, so both call this and nothing else. */
#include "balie/model.h"
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"

#define BIT(state) (1u << (state))
/* What an agent may choose for a ticket on which work remains. */
#define CHOICE \
	(BIT(STATE_OPEN) | BIT(STATE_WAITING_CITIZEN) | BIT(STATE_WAITING_THIRD) | \
	 BIT(STATE_PLANNED) | BIT(STATE_ANSWERED) | BIT(STATE_CLOSED) | BIT(STATE_REJECTED) | \
	 BIT(STATE_INADMISSIBLE) | BIT(STATE_WITHDRAWN))

/* The workflow: from each state, the states that may follow. Nothing becomes new again; merging is
 * an action of its own and undone by one. A planned ticket may be planned for another day. */
static const unsigned follows[] = {
	[STATE_NEW] = CHOICE,
	[STATE_OPEN] = CHOICE & ~BIT(STATE_OPEN),
	[STATE_WAITING_CITIZEN] = CHOICE & ~BIT(STATE_WAITING_CITIZEN),
	[STATE_WAITING_THIRD] = CHOICE & ~BIT(STATE_WAITING_THIRD),
	[STATE_PLANNED] = CHOICE,
	[STATE_ANSWERED] = CHOICE & ~BIT(STATE_ANSWERED),
	[STATE_CLOSED] = BIT(STATE_OPEN),
	[STATE_REJECTED] = BIT(STATE_OPEN),
	[STATE_INADMISSIBLE] = BIT(STATE_OPEN),
	[STATE_WITHDRAWN] = BIT(STATE_OPEN),
	[STATE_MERGED] = 0,
};

static bool state_exists(int state)
{
	return state >= STATE_NEW && state <= STATE_MERGED;
}

bool state_is_open(int state)
{
	return state_exists(state) && state < STATE_ANSWERED;
}

bool state_is_final(int state)
{
	return state_exists(state) && state > STATE_ANSWERED;
}

bool state_can_follow(int from, int to)
{
	return state_exists(from) && state_exists(to) && (follows[from] & BIT(to));
}

int64_t deadline_for(const struct topic *topic, int64_t created_at)
{
	int64_t day;

	if (!topic || created_at == 0 || topic->deadline_basis != DEADLINE_CALENDAR_DAYS)
		return 0;
	/* Days are added at noon: midnight would not survive the change to summer time. */
	day = clock_day_start(created_at) + CLOCK_DAY_MS / 2;
	day = clock_add_days(day, (int)topic->deadline_days + 1);
	return clock_day_start(day) - 1;
}

static const char *or_null(const char *id)
{
	return id && id[0] ? id : NULL;
}

static void set_state(struct ticket *t, int state, int64_t now)
{
	if (state_is_final(state) && !state_is_final(t->state))
		t->closed_at = now;
	if (!state_is_final(state))
		t->closed_at = 0;
	if (state == STATE_ANSWERED && t->answered_at == 0)
		t->answered_at = now;
	if (state != STATE_PLANNED)
		t->wait_until = 0;
	t->state = state;
}

/* Somebody took it up. */
static void take_up(struct ticket *t, int64_t now)
{
	if (t->state == STATE_NEW)
		set_state(t, STATE_OPEN, now);
}

static bool apply_create(struct ticket *t, const struct envelope *e, const struct topic *topic,
			 int64_t now, struct err *err)
{
	const struct args *args = &e->args;

	/* A fresh one has no time; the client may apply the same envelope to it again. */
	if (t->created_at != 0 && t->version > 0) {
		err_set(err, ERR_CONFLICT, _("the ticket exists already"));
		return false;
	}
	t->id = e->record;
	t->state = STATE_NEW;
	t->kind = args->kind >= 0 ? args->kind : topic ? topic->kind : KIND_QUESTION;
	t->channel = args->channel >= 0 ? args->channel : CHANNEL_INTERNAL;
	t->priority = args->priority >= 0 ? args->priority : PRIORITY_NORMAL;
	t->subject = args->subject;
	t->topic_id = or_null(args->topic_id);
	t->party_id = or_null(args->party_id);
	t->agent_id = or_null(args->agent_id);
	t->team_id = or_null(args->team_id);
	if (!t->team_id && topic)
		t->team_id = or_null(topic->team_id);
	if (t->created_at == 0)
		t->created_at = now;
	t->due_at = deadline_for(topic, t->created_at);
	/* What a citizen asked waits for an answer; what the house made up itself does not. */
	t->last_in_at = t->channel == CHANNEL_INTERNAL ? 0 : t->created_at;
	return true;
}

static void apply_answer(struct ticket *t, bool close, int64_t now)
{
	t->last_out_at = now;
	if (t->answered_at == 0)
		t->answered_at = now;
	/* A word after the end does not open it again. */
	if (!state_is_final(t->state))
		set_state(t, close ? STATE_CLOSED : STATE_ANSWERED, now);
}

static bool apply_new(struct ticket *t, const struct envelope *e, const struct topic *topic,
		      int64_t now, struct err *err)
{
	if (!apply_create(t, e, topic, now, err))
		return false;
	if (or_null(e->args.answer))
		apply_answer(t, e->args.close, now);
	else if (e->args.close)
		set_state(t, STATE_CLOSED, now);
	return true;
}

static bool apply_state(struct ticket *t, const struct args *args, int64_t now, struct err *err)
{
	if (!state_can_follow(t->state, args->state)) {
		if (t->state == args->state)
			err_set(err, ERR_CONFLICT, _("the ticket is already \"%s\""),
				_(words_label(&ticket_states, t->state)));
		else
			err_set(err, ERR_CONFLICT,
				_("a ticket that is \"%s\" cannot become \"%s\""),
				_(words_label(&ticket_states, t->state)),
				_(words_label(&ticket_states, args->state)));
		return false;
	}
	if (args->state == STATE_PLANNED && args->until == 0) {
		err_set(err, ERR_INPUT, _("until is missing: a planned ticket needs a day"));
		return false;
	}
	set_state(t, args->state, now);
	if (args->state == STATE_PLANNED)
		t->wait_until = args->until;
	return true;
}

static void apply_topic(struct ticket *t, const struct args *args, const struct topic *topic)
{
	t->topic_id = or_null(args->topic_id);
	t->due_at = deadline_for(topic, t->created_at);
	if (!t->team_id && topic)
		t->team_id = or_null(topic->team_id);
}

/* It is their turn now; what is over stays so. */
static void apply_forward(struct ticket *t, int64_t now)
{
	if (state_is_open(t->state))
		set_state(t, STATE_WAITING_THIRD, now);
}

/* The citizen spoke again: it is our turn. */
static void apply_said(struct ticket *t, int64_t now)
{
	t->last_in_at = now;
	if (t->state == STATE_WAITING_CITIZEN || !state_is_open(t->state))
		set_state(t, STATE_OPEN, now);
	take_up(t, now);
}

static bool apply_judgement(struct ticket *t, bool accepted, int64_t now, struct err *err)
{
	if (t->suspected < 1) {
		err_set(err, ERR_CONFLICT, _("no message waits for your judgement"));
		return false;
	}
	t->suspected--;
	if (accepted)
		apply_said(t, now);
	return true;
}

/* What it was before is in the journal: until the service says so, it is shown as open. */
static bool apply_merge(struct ticket *t, const struct envelope *e, int64_t now, struct err *err)
{
	if (e->action->id == ACT_UNMERGE) {
		if (t->state != STATE_MERGED) {
			err_set(err, ERR_CONFLICT,
				_("this ticket was not merged into another one"));
			return false;
		}
		t->merged_into = NULL;
		set_state(t, STATE_OPEN, now);
		return true;
	}
	if (strcmp(t->id, e->args.into_id) == 0) {
		err_set(err, ERR_CONFLICT, _("a ticket cannot be merged into itself"));
		return false;
	}
	t->merged_into = e->args.into_id;
	set_state(t, STATE_MERGED, now);
	return true;
}

static bool check_link(const struct ticket *t, const struct envelope *e, struct err *err)
{
	bool linked = links_have(t->links, e->args.other_id);

	if (strcmp(t->id, e->args.other_id) == 0)
		err_set(err, ERR_CONFLICT, _("a ticket cannot be linked to itself"));
	else if (e->action->id == ACT_LINK && linked)
		err_set(err, ERR_CONFLICT, _("these two tickets are linked already"));
	else if (e->action->id == ACT_UNLINK && !linked)
		err_set(err, ERR_CONFLICT, _("these two tickets are not linked"));
	else if (e->action->id == ACT_LINK && links_read(t->links, NULL, 0, NULL) >= LINKS_MAX)
		err_set(err, ERR_CONFLICT, _("a ticket has at most %d links"), LINKS_MAX);
	else
		return true;
	return false;
}

bool ticket_goes_on(int action)
{
	return action == ACT_ANSWER || action == ACT_SAID;
}

/* A merged ticket lives on in another one; here one can still read, note and follow. */
static bool merged_allows(int action)
{
	return action == ACT_NOTE || action == ACT_FOLLOW || action == ACT_UNFOLLOW ||
	       action == ACT_UNMERGE || action == ACT_UNLINK || action == ACT_SEND_AGAIN ||
	       action == ACT_SETTLE;
}

static bool apply_field(struct ticket *t, const struct envelope *e, const struct topic *topic,
			int64_t now, struct err *err)
{
	const struct args *args = &e->args;

	switch (e->action->id) {
	case ACT_TOPIC:
		apply_topic(t, args, topic);
		break;
	case ACT_KIND:
		t->kind = args->kind;
		break;
	case ACT_PRIORITY:
		t->priority = args->priority;
		break;
	case ACT_SUBJECT:
		t->subject = args->subject;
		break;
	case ACT_DUE:
		t->due_at = args->due_at;
		break;
	case ACT_ASSIGN:
		t->team_id = or_null(args->team_id);
		t->agent_id = or_null(args->agent_id);
		break;
	case ACT_REPORTER:
		/* The name follows the party: who knows it fills it in. */
		t->party_id = or_null(args->party_id);
		t->party_name = NULL;
		break;
	default:
		err_set(err, ERR_INPUT, _("\"%s\" is not for a ticket"), e->action->name);
		return false;
	}
	take_up(t, now);
	return true;
}

static bool apply(struct ticket *t, const struct envelope *e, const struct topic *topic,
		  int64_t now, struct err *err)
{
	switch (e->action->id) {
	case ACT_CREATE:
		return apply_new(t, e, topic, now, err);
	case ACT_ANSWER:
		apply_answer(t, e->args.close, now);
		return true;
	case ACT_FORWARD:
		apply_forward(t, now);
		return true;
	case ACT_STATE:
		return apply_state(t, &e->args, now, err);
	case ACT_ACCEPT:
	case ACT_DECLINE:
		return apply_judgement(t, e->action->id == ACT_ACCEPT, now, err);
	case ACT_SAID:
		apply_said(t, now);
		return true;
	case ACT_FOLLOW:
	case ACT_UNFOLLOW:
		t->followed = e->action->id == ACT_FOLLOW;
		return true;
	case ACT_MERGE:
	case ACT_UNMERGE:
		return apply_merge(t, e, now, err);
	case ACT_LINK:
	case ACT_UNLINK:
		return check_link(t, e, err);
	case ACT_SPLIT:
	case ACT_SEND_AGAIN:
	case ACT_SETTLE:
	case ACT_NOTE:
		return true;
	default:
		return apply_field(t, e, topic, now, err);
	}
}

bool ticket_apply(struct ticket *t, const struct envelope *e, const struct topic *topic,
		  const char *me_agent_id, int64_t now, struct err *err)
{
	struct ticket next = *t;

	/* Nothing changes here; there it does. */
	if (t->state == STATE_MERGED && ticket_goes_on(e->action->id))
		return true;
	if (t->state == STATE_MERGED && !merged_allows(e->action->id)) {
		err_set(err, ERR_CONFLICT, _("this ticket was merged into another one"));
		return false;
	}
	if (!apply(&next, e, topic, now, err))
		return false;
	/* Who answers or closes what nobody handled becomes its handler: so it stays on his desk, for
	 * him to look back at and to undo. */
	if (!next.agent_id && !state_is_open(next.state) && state_is_open(t->state) &&
	    (e->action->id == ACT_ANSWER || e->action->id == ACT_STATE ||
	     e->action->id == ACT_CREATE))
		next.agent_id = me_agent_id;
	/* Following is between the reader and the ticket: it is no news for others. */
	if (e->action->id != ACT_FOLLOW && e->action->id != ACT_UNFOLLOW)
		next.updated_at = now;
	*t = next;
	return true;
}
