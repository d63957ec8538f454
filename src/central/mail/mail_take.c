/* The one rule by which a message comes into the town. */
#include "mail.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/wire.h"
#include "central_sql.h"

#define DATE_FIRST INT64_C(631152000000) /* 1990: before it no mail of ours was written */
#define DATE_AHEAD INT64_C(3600000)	 /* clocks go wrong, but not by days */
#define SUBJECT_MAX 80

const char *const mail_result_codes[MAIL_RESULTS] = {
	[MAIL_TICKET] = "ticket",   [MAIL_FOLLOW_UP] = "follow-up", [MAIL_SUSPECTED] = "suspected",
	[MAIL_BOUNCE] = "bounce",   [MAIL_MACHINE] = "machine",	    [MAIL_SEEN] = "seen",
	[MAIL_REFUSED] = "refused",
};

/* One message on its way in. */
struct intake {
	struct town *town;
	const struct mail_source *src;
	struct arena arena;
	const void *raw;
	size_t len;
	struct mail_parsed parsed;
	struct mail_match match;
	struct mark mark;
	struct ticket ticket;
	struct message message;
	struct contact contact;
	char ids[4][ID_TEXT]; /* operation, ticket, message, contact */
	char party_id[ID_TEXT];
	const char *party, *party_name; /* NULL: nobody, or more than one */
	const char *language;		/* to write to the party in; NULL: not known */
	struct message answered;	/* what came back; only with lost */
	bool lost;			/* a mail of ours did not arrive */
	bool silent;			/* the sender never wants an answer */
	char sha256[HASH_TEXT];
	struct mail_outcome *out;
};

static int64_t sane_date(const struct intake *in)
{
	int64_t at = in->parsed.date;

	if (at >= DATE_FIRST && at <= in->src->now + DATE_AHEAD)
		return at;
	return in->src->received != 0 ? in->src->received : in->src->now;
}

/* ---- who ---- */

static bool create_party(struct intake *in, struct err *err)
{
	const struct mail_parsed *m = &in->parsed;
	struct buf emails = {0};
	struct party party = {
		.id = id_new(in->party_id),
		.kind = PARTY_CITIZEN,
		.name = m->from_name != NULL ? m->from_name : m->from_addr,
		.language = m->language,
		.created_at = in->src->now,
		.updated_at = in->src->now,
	};
	bool ok;

	buf_add_str(&emails, "[{\"value\":");
	wire_put_text(&emails, m->from_addr);
	buf_add_str(&emails, ",\"raw\":");
	wire_put_text(&emails, m->from_addr);
	buf_add_str(&emails, ",\"bad\":false}]");
	party.emails = emails.data;
	ok = town_insert(in->town, RECORD_PARTY, &party, NULL, &in->mark, &in->arena, err);
	buf_finish(&emails);
	in->party = in->party_id;
	in->party_name = party.name;
	return ok;
}

static bool count_owners(struct intake *in, int64_t *ret, struct err *err)
{
	struct store_query *q = store_query(in->town->store, CENTRAL_SQL_EMAIL_OWNER_COUNT);
	enum store_step step;

	store_bind_text(q, 1, in->parsed.from_addr);
	step = store_step(q, err);
	*ret = step == STORE_ROW ? store_column_int(q, 0) : 0;
	store_done(q);
	return step != STORE_FAILED;
}

/* The party with exactly this address; a new one when nobody has it; nobody when a family shares it.
 * Machines are no citizens. */
static bool find_party(struct intake *in, struct err *err)
{
	struct party party;
	int64_t owners;

	if (in->parsed.from_addr == NULL)
		return true;
	if (!party_by_email(in->town, in->parsed.from_addr, &in->party, &in->arena, err))
		return false;
	if (in->party != NULL) {
		if (!town_read(in->town, RECORD_PARTY, in->party, NULL, &party, &in->arena, err))
			return false;
		in->party_name = party.name;
		in->language = party.language;
		return true;
	}
	if (in->parsed.sender != SENDER_PERSON || in->silent)
		return true;
	if (!count_owners(in, &owners, err))
		return false;
	return owners > 0 || create_party(in, err);
}

/* ---- ticket ---- */

static const char *subject_of(struct intake *in)
{
	const char *s = in->parsed.subject, *body = in->parsed.body;
	size_t n;

	if (s != NULL)
		return s;
	body += strspn(body, " \n");
	n = strcspn(body, "\n");
	if (n > SUBJECT_MAX)
		for (n = SUBJECT_MAX; n > 0 && ((unsigned char)body[n] & 0xc0) == 0x80;)
			n--;
	return n > 0 ? arena_strndup(&in->arena, body, n) : _("(no subject)");
}

static bool read_topic(struct intake *in, struct topic *row, const struct topic **ret,
		       struct err *err)
{
	*ret = NULL;
	if (in->src->topic_id == NULL)
		return true;
	if (!town_read(in->town, RECORD_TOPIC, in->src->topic_id, NULL, row, &in->arena, err))
		return false;
	*ret = row;
	return true;
}

static bool make_ticket(struct intake *in, struct err *err)
{
	struct ticket *t = &in->ticket;
	struct topic row = {0};
	const struct topic *topic;
	char number[TRACKING_TEXT];

	/* The number is of the year in which it is registered, however old the mail. */
	if (!find_party(in, err) || !read_topic(in, &row, &topic, err) ||
	    !town_number(in->town, in->src->now, number, err))
		return false;
	*t = (struct ticket){
		.id = in->ids[1],
		.number = arena_strdup(&in->arena, number),
		.kind = topic != NULL ? topic->kind : KIND_QUESTION,
		.state = STATE_NEW,
		.priority = PRIORITY_NORMAL,
		.channel = CHANNEL_MAIL,
		.subject = subject_of(in),
		.topic_id = in->src->topic_id,
		.team_id = in->src->team_id != NULL ? in->src->team_id
			   : topic != NULL	    ? topic->team_id
						    : NULL,
		.party_id = in->party,
		.party_name = in->party_name,
		.created_at = sane_date(in),
		.updated_at = in->src->now,
	};
	t->due_at = deadline_for(topic, t->created_at);
	/* A machine waits for no answer. */
	if (in->parsed.sender == SENDER_PERSON)
		t->last_in_at = t->created_at;
	return ticket_insert(in->town, t, &in->mark, &in->arena, err);
}

static bool join_ticket(struct intake *in, struct err *err)
{
	struct ticket before, *t = &in->ticket;
	int64_t at = sane_date(in);

	if (!town_read(in->town, RECORD_TICKET, in->match.ticket_id, NULL, &before, &in->arena,
		       err))
		return false;
	*t = before;
	if (in->message.state == MESSAGE_SUSPECTED) {
		t->suspected++;
	} else if (in->match.twin_id != NULL) {
		/* It was heard once already. */
		in->party = before.party_id;
	} else if (in->lost && in->answered.agent_id != NULL && !state_is_open(t->state) &&
		   state_can_follow(t->state, STATE_OPEN)) {
		/* The answer did not arrive: there is work again. */
		t->state = STATE_OPEN;
		t->closed_at = 0;
	} else if (in->parsed.sender == SENDER_PERSON) {
		in->party = before.party_id;
		if (at > t->last_in_at)
			t->last_in_at = at;
		/* A word from the citizen gives work again. */
		if ((t->state == STATE_WAITING_CITIZEN || !state_is_open(t->state)) &&
		    state_can_follow(t->state, STATE_OPEN)) {
			t->state = STATE_OPEN;
			t->closed_at = 0;
		}
	}
	t->updated_at = in->src->now;
	return town_update(in->town, RECORD_TICKET, &before, t, &in->mark, err);
}

/* Which mail of ours came back; one that is only late may still arrive. */
static bool find_lost(struct intake *in, struct err *err)
{
	struct message *m = &in->answered;

	if (in->parsed.sender != SENDER_BOUNCE || in->match.answered_id == NULL ||
	    in->parsed.delayed)
		return true;
	if (!town_read(in->town, RECORD_MESSAGE, in->match.answered_id, NULL, m, &in->arena, err))
		return err->kind == ERR_NOT_FOUND;
	in->lost = m->direction == DIRECTION_OUT &&
		   (m->state == MESSAGE_SENT || m->state == MESSAGE_UNCERTAIN);
	return true;
}

/* What we sent did not arrive: the message says so. */
static bool mark_failed(struct intake *in, struct err *err)
{
	const struct mail_parsed *m = &in->parsed;
	struct message after = in->answered;

	if (!in->lost)
		return true;
	after.state = MESSAGE_FAILED;
	after.reason =
		arena_printf(&in->arena, "returned %s%s%s", m->status != NULL ? m->status : "",
			     m->status != NULL && m->failed != NULL ? " " : "",
			     m->failed != NULL ? m->failed : "");
	return town_update(in->town, RECORD_MESSAGE, &in->answered, &after, &in->mark, err);
}

/* An address of the citizen at which nobody is (5.1.x and the like), not one that is full today. */
static bool mark_address(struct intake *in, struct err *err)
{
	const struct mail_parsed *m = &in->parsed;

	if (!in->lost || m->failed == NULL || m->status == NULL ||
	    strncmp(m->status, "5.1.", 4) != 0)
		return true;
	/* Who got a mail of ours could tell anything of anybody. */
	if ((in->answered.to_text == NULL ||
	     !mail_names_address(in->answered.to_text, m->failed)) &&
	    (in->answered.cc_text == NULL || !mail_names_address(in->answered.cc_text, m->failed)))
		return true;
	return mail_mark_bad(in->town, in->ticket.party_id, m->failed, &in->mark, &in->arena, err);
}

/* ---- message ---- */

static const char *join_reasons(struct arena *a, const char *first, const char *second)
{
	if (first == NULL || second == NULL)
		return first != NULL ? first : second;
	return arena_printf(a, "%s; %s", first, second);
}

/* Whether it is taken in, or must be looked at first. What came back by its Message-ID is ours: a
 * stranger does not know it. */
static void judge(struct intake *in)
{
	const struct mail_match *match = &in->match;
	bool returned = in->parsed.sender == SENDER_BOUNCE && match->by_token;
	struct message *m = &in->message;

	m->state = MESSAGE_RECEIVED;
	m->reason = match->reason;
	if (match->ticket_id != NULL && match->reason != NULL) {
		m->state = MESSAGE_SUSPECTED;
	} else if (match->ticket_id != NULL && !match->takes_part && !match->by_token &&
		   !returned) {
		m->state = MESSAGE_SUSPECTED;
		m->reason = "stranger";
	}
	m->reason = join_reasons(&in->arena, m->reason, in->parsed.flaws);
}

/* Delivered twice to one mailbox, it is heard once and kept twice; sent to two desks on purpose, each has
 * its own ticket, and both know of the other. */
static bool join_twin(struct intake *in, struct err *err)
{
	struct mail_match *match = &in->match;
	struct store_query *q;
	enum store_step step;
	struct message twin;
	struct ticket other;
	bool here;

	/* Its Message-ID is known to whom it was sent. */
	if (match->own && !in->silent) {
		match->own = false;
		match->twin_id = NULL;
	}
	if (match->twin_id == NULL)
		return true;
	if (!town_read(in->town, RECORD_MESSAGE, match->twin_id, NULL, &twin, &in->arena, err) ||
	    !town_read(in->town, RECORD_TICKET, twin.ticket_id, NULL, &other, &in->arena, err))
		return false;
	q = store_query(in->town->store, CENTRAL_SQL_LEDGER_OF_MESSAGE);
	store_bind_text(q, 1, twin.id);
	step = store_step(q, err);
	here = step == STORE_ROW && strcmp(store_column_text(q, 0), in->src->mailbox) == 0;
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	in->message.reason = join_reasons(&in->arena, in->message.reason,
					  arena_printf(&in->arena, "twin %s", other.number));
	if (match->own) {
		in->parsed.sender = SENDER_MACHINE;
		in->message.state = MESSAGE_RECEIVED;
	}
	if (match->own || (here && match->ticket_id == NULL && twin.state != MESSAGE_SUSPECTED)) {
		match->ticket_id = other.id;
		match->takes_part = true;
	}
	return true;
}

static bool add_contact(struct intake *in, struct err *err)
{
	int64_t at = sane_date(in);

	if (in->parsed.sender != SENDER_PERSON)
		return true;
	in->contact = (struct contact){
		.id = in->ids[3],
		.channel = CHANNEL_MAIL,
		.direction = DIRECTION_IN,
		.party_id = in->message.state == MESSAGE_SUSPECTED ? NULL : in->party,
		.started_at = at,
		.ended_at = at,
		.summary = subject_of(in),
	};
	in->message.contact_id = in->contact.id;
	return town_insert(in->town, RECORD_CONTACT, &in->contact, in->ticket.id, &in->mark,
			   &in->arena, err);
}

static bool add_message(struct intake *in, struct err *err)
{
	const struct mail_parsed *p = &in->parsed;
	struct attachment *files = NULL;
	struct message *m = &in->message;

	if (p->attachment_count > 0)
		files = arena_alloc(&in->arena, p->attachment_count * sizeof(*files));
	for (size_t i = 0; i < p->attachment_count; i++) {
		files[i].id = id_new(arena_alloc(&in->arena, ID_TEXT));
		files[i].name = p->attachments[i].name;
		files[i].type = p->attachments[i].type;
		files[i].data = p->attachments[i].data;
		files[i].size = p->attachments[i].len;
	}
	m->id = in->ids[2];
	m->ticket_id = in->ticket.id;
	m->direction = DIRECTION_IN;
	m->channel = CHANNEL_MAIL;
	m->sender = p->sender;
	m->from_text = p->from_text;
	m->to_text = p->to_text;
	m->subject = p->subject;
	m->body = p->body;
	m->quoted_at = (int64_t)p->quoted_at;
	m->signature_at = (int64_t)p->signature_at;
	m->language = p->language;
	m->has_raw = true;
	m->created_at = sane_date(in);
	return message_insert(in->town, m, in->raw, in->len, files, p->attachment_count, &in->mark,
			      &in->arena, err) &&
	       (p->message_id == NULL ||
		mail_ref_add(in->town, p->message_id, m->id, in->ticket.id, err));
}

/* ---- all of it ---- */

static enum mail_result result_of(const struct intake *in)
{
	if (in->parsed.sender == SENDER_BOUNCE)
		return MAIL_BOUNCE;
	if (in->parsed.sender != SENDER_PERSON)
		return MAIL_MACHINE;
	if (in->match.ticket_id == NULL)
		return MAIL_TICKET;
	return in->message.state == MESSAGE_SUSPECTED ? MAIL_SUSPECTED : MAIL_FOLLOW_UP;
}

static bool add_ledger(struct intake *in, struct err *err)
{
	struct mail_outcome *out = in->out;
	struct mail_entry entry = {
		.mailbox = in->src->mailbox,
		.uidvalidity = in->src->uidvalidity,
		.uid = in->src->uid,
		.sha256 = in->sha256,
		.ticket_id = in->ticket.id,
		.message_id = in->message.id,
		.reason = in->message.reason,
		.at = in->src->now,
		.untold = in->src->tell,
	};

	out->result = result_of(in);
	entry.outcome = mail_result_codes[out->result];
	snprintf(out->ticket_id, sizeof(out->ticket_id), "%s", in->ticket.id);
	snprintf(out->message_id, sizeof(out->message_id), "%s", in->message.id);
	snprintf(out->number, sizeof(out->number), "%s", in->ticket.number);
	snprintf(out->reason, sizeof(out->reason), "%s",
		 in->message.reason != NULL ? in->message.reason : "");
	return ledger_add(in->town, &entry, err);
}

/* Only persons, and only of what is new: who writes on knows his number. */
static bool acknowledge(struct intake *in, struct err *err)
{
	if (!in->src->acknowledge || in->match.ticket_id != NULL || in->match.twin_id != NULL ||
	    in->parsed.sender != SENDER_PERSON || in->parsed.from_addr == NULL || in->silent)
		return true;
	return mail_acknowledge(in->town, &in->ticket, in->parsed.from_addr,
				in->language != NULL ? in->language : in->parsed.language,
				&in->mark, &in->arena, err);
}

/* The message as one file of a ticket that says why. */
static void leave_whole(struct intake *in)
{
	struct mail_parsed *p = &in->parsed;

	p->subject = _("(unreadable message)");
	p->body = "";
	p->sender = SENDER_MACHINE;
	p->flaws = arena_printf(&in->arena, "unreadable %s", in->src->unreadable);
	p->attachments = arena_alloc(&in->arena, sizeof(*p->attachments));
	p->attachment_count = 1;
	p->attachments[0] = (struct mail_attachment){
		.name = "message.eml", .type = "message/rfc822", .data = in->raw, .len = in->len};
}

static bool take(struct intake *in, struct err *err)
{
	for (size_t i = 0; i < sizeof(in->ids) / sizeof(in->ids[0]); i++)
		id_new(in->ids[i]);
	in->mark = (struct mark){.operation = in->ids[0], .action = "import", .at = in->src->now};
	if (in->src->unreadable != NULL)
		leave_whole(in);
	else
		mail_parse(in->raw, in->len, &in->arena, &in->parsed);
	in->parsed.flaws = join_reasons(&in->arena, in->parsed.flaws, in->src->flaw);
	if (!mail_match_ticket(in->town, &in->parsed, &in->match, &in->arena, err) ||
	    !find_lost(in, err) ||
	    (in->parsed.from_addr != NULL &&
	     !mail_answers_nobody(in->town, in->parsed.from_addr, &in->silent, err)))
		return false;
	judge(in);
	if (!join_twin(in, err))
		return false;
	if (!(in->match.ticket_id != NULL ? join_ticket(in, err) : make_ticket(in, err)))
		return false;
	return add_contact(in, err) && add_message(in, err) && mark_failed(in, err) &&
	       mark_address(in, err) && acknowledge(in, err) && add_ledger(in, err);
}

bool mail_take(struct town *t, const struct mail_source *src, const void *raw, size_t len,
	       struct mail_outcome *ret, struct err *err)
{
	struct intake *in = xcalloc(1, sizeof(*in));
	struct err own = {0};
	bool seen = false, ok = false;

	memset(ret, 0, sizeof(*ret));
	in->town = t;
	in->src = src;
	in->raw = raw;
	in->len = len;
	in->out = ret;
	hash_hex(raw, len, in->sha256);
	if (!ledger_has(t, src->mailbox, src->uidvalidity, src->uid, in->sha256, &seen, &own))
		goto out;
	if (seen) {
		ret->result = MAIL_SEEN;
		ok = true;
		goto out;
	}
	if (!town_savepoint(t, &own))
		goto out;
	ok = take(in, &own) && town_release(t, &own);
	if (!ok)
		town_rollback_to(t);
out:
	if (!ok && err != NULL)
		*err = own;
	arena_finish(&in->arena);
	free(in);
	return ok;
}
