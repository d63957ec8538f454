/* undo: a new action that writes back what one operation changed, where nobody changed it since.
 * What was sent cannot be undone; a note or an unsent answer is taken out of sight. */
#include "../central_rule.h"
#include <string.h>
#include "central_sql.h"
#include "../mail/outgoing.h"

#define ROWS_MAX 16

struct undo {
	struct town *t;
	const struct envelope *e;
	const struct viewer *v;
	struct outcome *out;
	struct mark mark;
	bool has_ticket;      /* the action undone was about a ticket */
	struct ticket ticket; /* that one as it is now */
	struct change rows[ROWS_MAX];
	size_t count;
};

static bool conflict_with(struct undo *u, enum record_kind kind, const void *now)
{
	struct buf b = {0};

	buf_add_str(&b, "\"current\":");
	wire_put_record(&b, kind, now);
	u->out->extra = arena_strndup(u->out->arena, b.data, b.len);
	buf_finish(&b);
	return rule_fail(u->out, PROBLEM_UNDO_CONFLICT, NULL, NULL);
}

static bool conflict(struct undo *u)
{
	return conflict_with(u, RECORD_TICKET, &u->ticket);
}

static bool refuse(struct undo *u, const char *en, const char *nl)
{
	u->out->pointer = "/operation";
	return rule_fail(u->out, PROBLEM_STATE, en, nl);
}

/* True when the fields in after still have those values; next gets those of before. */
static bool write_back(struct undo *u, const struct change *c, const void *now, void *seen,
		       void *next)
{
	if (!rule_overlay(c->type, c->after, seen, u->out))
		return false;
	if (journal_diff(c->type, now, seen, &u->t->before, &u->t->after))
		return u->has_ticket ? conflict(u) : conflict_with(u, c->type, now);
	return rule_overlay(c->type, c->before, next, u->out);
}

/* Links are a set, and the newest word is the newest: what others linked, or the citizen said, since
 * stays as it is. */
static bool write_back_links(struct undo *u, const struct change *c, const struct ticket *now,
			     struct ticket *next)
{
	struct ticket was = {0}, left = {0};
	struct ticket_link *links = arena_alloc(u->out->arena, LINKS_MAX * sizeof(*links));
	size_t count;

	if (!rule_overlay(RECORD_TICKET, c->before, &was, u->out) ||
	    !rule_overlay(RECORD_TICKET, c->after, &left, u->out))
		return false;
	count = links_read(left.links, links, LINKS_MAX, u->out->arena);
	for (size_t i = 0; i < count; i++) {
		if (links_have(was.links, links[i].id))
			continue;
		if (!links_have(now->links, links[i].id))
			return conflict_with(u, RECORD_TICKET, now);
		next->links = links_without(next->links, links[i].id, u->out->arena);
	}
	count = links_read(was.links, links, LINKS_MAX, u->out->arena);
	for (size_t i = 0; i < count; i++) {
		if (links_have(left.links, links[i].id))
			continue;
		if (links_have(now->links, links[i].id))
			return conflict_with(u, RECORD_TICKET, now);
		next->links = links_with(next->links, links[i].id, links[i].number, u->out->arena);
	}
	if (was.last_in_at > next->last_in_at)
		next->last_in_at = was.last_in_at;
	return true;
}

static bool relates(const struct change *c)
{
	return strcmp(c->action, "link") == 0 || strcmp(c->action, "unlink") == 0 ||
	       strcmp(c->action, "split") == 0;
}

/* As when it was merged by hand: a question that waits may not be gone into one that is answered. */
static bool check_open(struct undo *u, const struct ticket *into)
{
	return u->ticket.merged_into || !state_is_open(u->ticket.state) ||
	       state_is_open(into->state) ||
	       refuse(u, "The other ticket is answered or closed: open it again first",
		      "De andere melding is beantwoord of afgesloten: heropen ze eerst");
}

/* An undone un-merge merges again: not into what was merged into it meanwhile. */
static bool check_circle(struct undo *u, enum record_kind kind, const char *into, const char *id)
{
	struct ticket ticket;
	struct party party;

	if (!into)
		return true;
	if (kind == RECORD_TICKET &&
	    !rule_ticket_reference(u->t, into, "/operation", u->v, true, &ticket, u->out))
		return false;
	if (kind == RECORD_PARTY && !rule_party_reference(u->t, into, "/operation", &party, u->out))
		return false;
	if (strcmp(kind == RECORD_TICKET ? ticket.id : party.id, id) != 0)
		return kind != RECORD_TICKET || check_open(u, &ticket);
	return refuse(u, "The other one was merged into this one since",
		      "De andere is intussen met deze samengevoegd");
}

/* What was merged into a ticket leaves no trace in it, and would be gone with it. */
static bool check_alone(struct undo *u, const char *id)
{
	struct store_query *q = store_query(u->t->store, CENTRAL_SQL_TICKET_HAS_MERGED);
	struct err err = {0};
	enum store_step step;

	store_bind_text(q, 1, id);
	step = store_step(q, &err);
	store_done(q);
	if (step == STORE_FAILED)
		return rule_fail_err(u->out, &err);
	return step == STORE_DONE ||
	       refuse(u, "Another ticket was merged into the new one since",
		      "Een andere melding is intussen met de nieuwe samengevoegd");
}

/* A ticket that a message became: empty again, so it is withdrawn. */
static bool undo_new_ticket(struct undo *u, const struct change *c)
{
	struct ticket before = {0}, after;
	struct err err = {0};

	if (strcmp(c->action, "decline") != 0 && strcmp(c->action, "split") != 0)
		return refuse(u, "A new ticket cannot be undone; withdraw it",
			      "Een nieuwe melding kan niet ongedaan gemaakt worden; trek ze in");
	if (!town_read(u->t, RECORD_TICKET, c->record_id, NULL, &before, u->out->arena, &err))
		return rule_fail_err(u->out, &err);
	if (before.version != 1)
		return conflict(u);
	if (!check_alone(u, before.id))
		return false;
	after = before;
	after.links = NULL;
	after.state = STATE_WITHDRAWN;
	after.updated_at = after.closed_at = u->out->now;
	if (!town_update(u->t, RECORD_TICKET, &before, &after, &u->mark, &err))
		return rule_fail_err(u->out, &err);
	return true;
}

static bool undo_follow(struct undo *u, const struct change *c)
{
	bool followed = strcmp(c->action, "follow") == 0;
	bool changed;
	struct err err = {0};

	if (u->ticket.followed != followed)
		return conflict(u);
	if (!follow_set(u->t, &u->ticket, u->v->agent_id, !followed, &u->mark, &changed, &err))
		return rule_fail_err(u->out, &err);
	u->ticket.followed = !followed;
	return true;
}

/* Back to whom it was with, unless he cannot take it any more. */
static bool check_handler(struct undo *u, const struct change *c, const struct ticket *next)
{
	if (strcmp(c->action, "assign") != 0 ||
	    rule_handler(u->t, next->team_id, next->agent_id, u->out))
		return true;
	u->out->pointer = "/operation";
	return false;
}

static bool undo_ticket(struct undo *u, const struct change *c)
{
	struct ticket seen = u->ticket, next = u->ticket;
	struct err err = {0};

	if (!c->after && c->version == 1)
		return undo_new_ticket(u, c);
	if (!c->after)
		return true;
	if (strcmp(c->action, "follow") == 0 || strcmp(c->action, "unfollow") == 0)
		return undo_follow(u, c);
	if (!(relates(c) ? write_back_links(u, c, &u->ticket, &next)
			 : write_back(u, c, &u->ticket, &seen, &next)) ||
	    !check_circle(u, RECORD_TICKET, next.merged_into, next.id) ||
	    !check_handler(u, c, &next))
		return false;
	next.updated_at = u->out->now;
	if (!town_update(u->t, RECORD_TICKET, &u->ticket, &next, &u->mark, &err))
		return rule_fail_err(u->out, &err);
	u->ticket = next;
	return true;
}

static bool undo_message(struct undo *u, const struct change *c)
{
	struct message now = {0}, seen, next;
	struct err err = {0};
	bool late;

	if (!town_read(u->t, RECORD_MESSAGE, c->record_id, NULL, &now, u->out->arena, &err))
		return err.kind == ERR_NOT_FOUND ? conflict(u) : rule_fail_err(u->out, &err);
	if (c->after) {
		seen = next = now;
		if (!write_back(u, c, &now, &seen, &next))
			return false;
		if (!town_update(u->t, RECORD_MESSAGE, &now, &next, &u->mark, &err))
			return rule_fail_err(u->out, &err);
		return true;
	}
	if (now.state == MESSAGE_QUEUED) {
		if (!outgoing_recall(u->t, now.id, &late, &err))
			return rule_fail_err(u->out, &err);
		if (late)
			return refuse(u, "The mail is on its way already",
				      "De mail is al onderweg");
	} else if (now.direction != DIRECTION_OUT || now.state != MESSAGE_NOT_SENT)
		return refuse(u, "What was sent or came in cannot be undone",
			      "Wat verzonden of ontvangen is, kan niet ongedaan gemaakt worden");
	if (!town_remove(u->t, RECORD_MESSAGE, now.id, now.version, &u->ticket, &u->mark, &err))
		return rule_fail_err(u->out, &err);
	return true;
}

static bool undo_note(struct undo *u, const struct change *c)
{
	struct note now = {0};
	struct err err = {0};

	if (!town_read(u->t, RECORD_NOTE, c->record_id, NULL, &now, u->out->arena, &err))
		return err.kind == ERR_NOT_FOUND ? conflict(u) : rule_fail_err(u->out, &err);
	if (!town_remove(u->t, RECORD_NOTE, now.id, now.version, &u->ticket, &u->mark, &err))
		return rule_fail_err(u->out, &err);
	return true;
}

/* A record that an action changed beside the ticket, or that it was about: a party, a team, the other
 * ticket of two. What was made cannot be unmade, since others may point at it by now. */
static bool undo_other(struct undo *u, const struct change *c)
{
	union any_record now, seen, next;
	struct err err = {0};

	if (!c->after)
		return refuse(u, "What was made cannot be undone",
			      "Wat gemaakt is, kan niet ongedaan gemaakt worden");
	memset(&now, 0, sizeof(now));
	if (!town_read(u->t, c->type, c->record_id, u->v->agent_id, &now, u->out->arena, &err))
		return rule_fail_err(u->out, &err);
	seen = next = now;
	if (!(c->type == RECORD_TICKET && relates(c)
		      ? write_back_links(u, c, &now.ticket, &next.ticket)
		      : write_back(u, c, &now, &seen, &next)))
		return false;
	if (c->type == RECORD_TICKET)
		next.ticket.updated_at = u->out->now;
	if (c->type == RECORD_PARTY) {
		next.party.updated_at = u->out->now;
		if (!check_circle(u, RECORD_PARTY, next.party.merged_into, next.party.id))
			return false;
	}
	if (!town_update(u->t, c->type, &now, &next, &u->mark, &err))
		return err.kind == ERR_CONFLICT ? refuse(u, "There is one with this name already",
							 "Er is er al een met deze naam")
						: rule_fail_err(u->out, &err);
	if (!admin_settle(u->t, c->type, &now, &next, u->v, u->out))
		return false;
	if (strcmp(c->record_id, u->e->record) == 0) {
		u->out->type = c->type;
		u->out->record = next;
	}
	return true;
}

static bool undo_row(struct undo *u, const struct change *c)
{
	switch ((enum record_kind)c->type) {
	case RECORD_TICKET:
		if (u->has_ticket && (!c->after || strcmp(c->record_id, u->ticket.id) == 0))
			return undo_ticket(u, c);
		return undo_other(u, c);
	case RECORD_MESSAGE:
		return undo_message(u, c);
	case RECORD_NOTE:
		return undo_note(u, c);
	case RECORD_TEAM:
	case RECORD_AGENT:
	case RECORD_TOPIC:
	case RECORD_TEMPLATE:
	case RECORD_MAILBOX:
	case RECORD_PARTY:
		return undo_other(u, c);
	case RECORD_CONTACT:
		break;
	}
	return refuse(u, "This cannot be undone", "Dit kan niet ongedaan gemaakt worden");
}

static bool read_rows(struct undo *u)
{
	struct store_query *q = store_query(u->t->store, CENTRAL_SQL_JOURNAL_OF_OPERATION);
	struct err err = {0};
	enum store_step step;

	store_bind_text(q, 1, u->e->args.operation);
	store_bind_int(q, 2, ROWS_MAX);
	while ((step = store_step(q, &err)) == STORE_ROW && u->count < ROWS_MAX)
		store_column_fields(q, 0, change_fields, change_field_count, &u->rows[u->count++],
				    u->out->arena);
	store_done(q);
	return step == STORE_DONE || rule_fail_err(u->out, &err);
}

/* His own; a leader's are those of all, and of an outside organisation those of its own people. */
static bool check_doer(struct undo *u, const char *agent_id)
{
	struct agent doer = {0};
	struct err err = {0};

	if (agent_id && strcmp(agent_id, u->v->agent_id) == 0)
		return true;
	if (u->v->role != ROLE_AGENT && u->v->team_kind == TEAM_INSIDE)
		return true;
	if (u->v->role != ROLE_AGENT && agent_id) {
		if (!town_read(u->t, RECORD_AGENT, agent_id, NULL, &doer, u->out->arena, &err))
			return rule_fail_err(u->out, &err);
		if (strcmp(doer.team_id, u->v->team_id) == 0)
			return true;
	}
	return rule_fail(u->out, PROBLEM_DENIED, "A colleague did this",
			 "Een collega heeft dit gedaan");
}

/* It must be of this record and an action of an agent, which the reader might have done himself. */
static bool check_rows(struct undo *u)
{
	const struct action *action;
	size_t i;
	bool here = false;

	for (i = 0; i < u->count; i++) {
		const struct change *c = &u->rows[i];
		const char *about = u->has_ticket ? c->ticket_id : c->record_id;

		here = here || (about && strcmp(about, u->e->record) == 0);
	}
	if (!here) {
		u->out->pointer = "/operation";
		return rule_fail(u->out, PROBLEM_NOT_FOUND, "There is no such change here",
				 "Zo'n wijziging is er hier niet");
	}
	action = action_find(&actions, u->rows[0].action);
	if (!action || action->kind != ACTION_SENT || action->id == ACT_CREATE ||
	    action->id == ACT_UNDO)
		return refuse(u, "This cannot be undone", "Dit kan niet ongedaan gemaakt worden");
	if (!can(u->v, action->id, u->has_ticket ? &u->ticket : NULL))
		return rule_fail(u->out, PROBLEM_DENIED, NULL, NULL);
	return check_doer(u, u->rows[0].agent_id);
}

/* What is undone is about a ticket unless its rows name another kind of record by that id. */
static bool find_about(struct undo *u)
{
	size_t i;

	u->has_ticket = true;
	for (i = 0; i < u->count; i++)
		if (u->rows[i].type != RECORD_TICKET &&
		    strcmp(u->rows[i].record_id, u->e->record) == 0)
			u->has_ticket = false;
	return !u->has_ticket || rule_ticket(u->t, u->e, u->v, &u->ticket, u->out);
}

bool rule_undo(struct town *t, const struct envelope *e, const struct viewer *v,
	       struct outcome *out)
{
	struct undo u = {.t = t, .e = e, .v = v, .out = out, .mark = rule_mark(e, v, out)};
	size_t i;

	if (!read_rows(&u) || !find_about(&u) || !check_rows(&u))
		return false;
	for (i = u.count; i > 0; i--)
		if (!undo_row(&u, &u.rows[i - 1]))
			return false;
	if (u.has_ticket)
		out->record.ticket = u.ticket;
	return true;
}
