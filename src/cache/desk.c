/* What a screen does with the desk: every action goes through here. */
#include "balie/cache.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"
#include "balie/wire.h"
#include "room.h"

/* A text that was written as a draft is sent under the draft's id, so that sending it twice sends it
 * once. A text typed elsewhere leaves the draft alone. */
static bool use_draft(struct desk *d, struct envelope *e, char id[ID_TEXT])
{
	struct arena a = {0};
	struct draft draft;
	bool ret = false;

	if (e->action->id != ACT_ANSWER && e->action->id != ACT_FORWARD &&
	    e->action->id != ACT_NOTE)
		return false;
	if (work_draft(d->work, e->record, e->action->name, &draft, &a, NULL) &&
	    text_same(draft.body, e->args.body)) {
		ret = true;
		if (draft.envelope_id != NULL && id_valid(draft.envelope_id))
			memcpy(id, draft.envelope_id, ID_TEXT);
	}
	arena_finish(&a);
	return ret;
}

static bool check(struct desk *d, const struct envelope *e, const struct ticket *t, int64_t now,
		  struct err *err)
{
	struct ticket changed = {0};
	struct topic topic = {0};
	struct arena a = {0};
	const char *topic_id = e->args.topic_id;
	bool has_topic, ok;

	if (!args_check(e->action, &e->args, err))
		return false;
	if (!can(&d->me, e->action->id, t)) {
		err_set(err, ERR_DENIED, _("you may not do this"));
		return false;
	}
	if (t != NULL) {
		changed = *t;
		if (topic_id == NULL)
			topic_id = t->topic_id;
	}
	has_topic = d->cache != NULL && mirror_topic(d->cache, topic_id, &topic, &a);
	ok = ticket_apply(&changed, e, has_topic ? &topic : NULL, d->me.agent_id, now, err);
	arena_finish(&a);
	return ok;
}

static bool append(struct desk *d, const struct envelope *e, const struct ticket *about,
		   int64_t now, bool drop_draft, char ret_envelope_id[37], struct err *err)
{
	if (!work_append_about(d->work, e, about, now, drop_draft, err))
		return false;
	if (ret_envelope_id != NULL)
		memcpy(ret_envelope_id, e->id, ID_TEXT);
	if (d->port != NULL)
		port_to_sync(d->port, PORT_OUTBOX, NULL, 0, false, NULL);
	return true;
}

bool desk_do(struct desk *d, int action, const struct ticket *t, const struct args *args,
	     char ret_envelope_id[37], struct err *err)
{
	struct envelope e = {.args = *args};
	int64_t now = clock_now();
	char id[ID_TEXT], record[ID_TEXT];
	bool drop_draft;

	if (action < 0 || action >= ACT_LOCAL_FIRST) {
		err_set(err, ERR_INTERNAL, "this action is not sent");
		return false;
	}
	e.action = &actions.rows[action];
	e.id = id_new(id);
	if (t != NULL)
		e.record = t->id;
	else if (args->ticket_id != NULL)
		e.record = args->ticket_id;
	else
		e.record = id_new(record);
	/* Kept for additive actions too: it tells whether another's change lies between ours. */
	e.base_version = t != NULL ? t->version : 0;
	if (!check(d, &e, t, now, err))
		return false;
	drop_draft = use_draft(d, &e, id);
	return append(d, &e, t, now, drop_draft, ret_envelope_id, err);
}

static bool check_record(struct desk *d, const struct envelope *e, const struct party *seen,
			 int64_t now, struct err *err)
{
	struct party party = {0};
	struct contact contact = {0};

	if (!args_check(e->action, &e->args, err))
		return false;
	if (!can(&d->me, e->action->id, NULL)) {
		err_set(err, ERR_DENIED, _("you may not do this"));
		return false;
	}
	if (seen != NULL)
		party = *seen;
	if (e->action->about == RECORD_PARTY)
		return party_apply(&party, e, now, err);
	if (e->action->about == RECORD_CONTACT)
		return contact_apply(&contact, e, d->me.agent_id, err);
	return true;
}

bool desk_do_record(struct desk *d, int action, const char *record, const struct party *seen,
		    const struct args *args, char ret_envelope_id[37], struct err *err)
{
	struct envelope e = {.action = &actions.rows[action], .record = record, .args = *args};
	/* What it is called, for the outbox. */
	struct ticket about = {0};
	struct arena a = {0};
	int64_t now = clock_now();
	char id[ID_TEXT];
	bool ok = false;

	e.id = id_new(id);
	if (seen != NULL)
		e.base_version = seen->version;
	if ((action == ACT_PARTY_CREATE || action == ACT_PARTY_CHANGE) &&
	    !wire_party_args(&e.args, &a, err))
		goto out;
	about.subject = e.args.name != NULL ? e.args.name
			: seen != NULL	    ? seen->name
					    : e.args.summary;
	ok = check_record(d, &e, seen, now, err) &&
	     append(d, &e, &about, now, false, ret_envelope_id, err);
out:
	arena_finish(&a);
	return ok;
}

bool desk_do_reference(struct desk *d, int action, const char *record, int64_t base_version,
		       const char *name, const struct args *args, char ret_envelope_id[37],
		       struct err *err)
{
	struct envelope e = {.action = &actions.rows[action],
			     .record = record,
			     .base_version = base_version,
			     .args = *args};
	struct ticket about = {.subject = name};
	int64_t now = clock_now();
	char id[ID_TEXT];

	e.id = id_new(id);
	return check_record(d, &e, NULL, now, err) &&
	       append(d, &e, &about, now, false, ret_envelope_id, err);
}

static bool check_wrap_up(struct desk *d, struct wrap_up *item, int64_t now, struct arena *a,
			  struct err *err)
{
	struct envelope *e = &item->envelope;
	const struct ticket *t = item->about;
	char id[ID_TEXT];

	e->id = arena_strdup(a, id_new(id));
	if (e->action->about == RECORD_TICKET) {
		bool made = e->action->id == ACT_CREATE || !t || t->version == 0;

		e->base_version = t != NULL ? t->version : 0;
		/* A note on a ticket that the same contact makes has no ticket yet to be checked on. */
		if (made && e->action->id != ACT_CREATE)
			return args_check(e->action, &e->args, err);
		return check(d, e, made ? NULL : t, now, err);
	}
	if (e->action->id == ACT_PARTY_CREATE && !wire_party_args(&e->args, a, err))
		return false;
	return check_record(d, e, NULL, now, err);
}

bool desk_wrap_up(struct desk *d, const char *contact_id, struct wrap_up *items, size_t count,
		  size_t *ret_item, struct err *err)
{
	struct arena a = {0};
	int64_t now = clock_now();
	bool ok = false;

	for (size_t i = 0; i < count; i++) {
		if (ret_item != NULL)
			*ret_item = i;
		if (!check_wrap_up(d, &items[i], now, &a, err))
			goto out;
	}
	ok = work_wrap_up(d->work, contact_id, items, count, now, err);
	if (ok && d->port != NULL)
		port_to_sync(d->port, PORT_OUTBOX, NULL, 0, false, NULL);
out:
	arena_finish(&a);
	return ok;
}

bool desk_party_lists(const struct party *p, struct party_lists *ret, struct arena *a,
		      struct err *err)
{
	return wire_get_party_lists(p, ret, a, err);
}

bool desk_party_args(const struct party_lists *lists, struct args *ret, struct arena *a,
		     struct err *err)
{
	struct party_lists checked = *lists;
	struct party p = {0};

	if (!party_lists_check(&checked, a, err))
		return false;
	wire_put_party_lists(&checked, &p, a);
	ret->identifiers = p.identifiers;
	ret->phones = p.phones;
	ret->emails = p.emails;
	ret->addresses = p.addresses;
	return true;
}

/* All that was done to many at once. */
static bool undo_batch(struct desk *d, const struct outbox_row *row, struct buf *told,
		       struct err *err)
{
	size_t taken = 0, undone = 0;

	if (!work_undo_batch(d->work, row->batch, clock_now(), &taken, &undone, err))
		return false;
	if (undone == 0)
		buf_printf(told, _("taken back: %s (%zu tickets)"), _(row->envelope.action->label),
			   taken);
	else
		buf_printf(told, _("undone: %s (%zu tickets)"), _(row->envelope.action->label),
			   taken + undone);
	return true;
}

static bool is_mail(const struct outbox_row *row)
{
	return row->envelope.action->id == ACT_ANSWER || row->envelope.action->id == ACT_FORWARD;
}

bool desk_undo(struct desk *d, const char *record, struct buf *told, struct err *err)
{
	struct arena a = {0};
	struct outbox_row row;
	struct ticket about = {0};
	struct envelope e = {.action = &actions.rows[ACT_UNDO]};
	struct err why = {0};
	char id[ID_TEXT];
	bool ok = false;

	if (!work_last_undoable(d->work, record, &row, &a, err))
		goto out;
	if (row.batch != NULL && record == NULL) {
		ok = undo_batch(d, &row, told, err);
		goto wake;
	}
	if (row.state == OUTBOX_WAITING) {
		ok = work_take_back(d->work, row.seq, &why);
		if (ok)
			buf_printf(told, _("taken back: %s"), _(row.envelope.action->label));
		/* Just now it went under way: then it is undone behind it. */
		if (ok || why.kind != ERR_CONFLICT) {
			if (!ok && err != NULL)
				*err = why;
			goto wake;
		}
	}
	e.id = id_new(id);
	e.record = row.envelope.record;
	/* Under way its result is not known yet; it may be by the time this is written. The outbox
	 * follows the chain from what it was made on. */
	e.base_version = row.result_version > 0 ? row.result_version : row.envelope.base_version;
	e.args = args_none;
	e.args.operation = row.envelope.id;
	about.number = row.number;
	about.subject = row.subject;
	ok = is_mail(&row) ? outbox_undo_mail(d->work, &row, &e, &about, clock_now(), err)
			   : work_append_about(d->work, &e, &about, clock_now(), false, err);
	if (ok)
		buf_printf(told, _("undone: %s"), _(row.envelope.action->label));
wake:
	if (ok && d->port != NULL)
		port_to_sync(d->port, PORT_OUTBOX, NULL, 0, false, NULL);
out:
	arena_finish(&a);
	return ok;
}

void desk_want_timeline(struct desk *d, const char *ticket_id)
{
	if (d->port != NULL)
		port_to_sync(d->port, PORT_TIMELINE, ticket_id, 0, false, NULL);
}

void desk_presence(struct desk *d, const char *ticket_id, bool typing)
{
	if (d->port != NULL)
		port_to_sync(d->port, PORT_PRESENCE, ticket_id, 0, typing, NULL);
}

struct desk_others {
	struct desk_others *next;
	char ticket_id[37];
	char *text;
};

static struct desk_others **others_place(struct desk *d, const char *ticket_id)
{
	struct desk_others **at = &d->others;

	while (*at != NULL && strcmp((*at)->ticket_id, ticket_id) != 0)
		at = &(*at)->next;
	return at;
}

static void others_drop(struct desk_others **at)
{
	struct desk_others *gone = *at;

	*at = gone->next;
	free(gone->text);
	free(gone);
}

const char *desk_others(const struct desk *d, const char *ticket_id)
{
	const struct desk_others *o = d->others;

	while (o != NULL && strcmp(o->ticket_id, ticket_id) != 0)
		o = o->next;
	return o != NULL ? o->text : NULL;
}

void desk_set_others(struct desk *d, const char *ticket_id, const char *text)
{
	struct desk_others **at = others_place(d, ticket_id);

	if (text == NULL || text[0] == '\0') {
		if (*at != NULL)
			others_drop(at);
		return;
	}
	if (*at == NULL) {
		*at = xcalloc(1, sizeof(**at));
		snprintf((*at)->ticket_id, sizeof((*at)->ticket_id), "%s", ticket_id);
	}
	free((*at)->text);
	(*at)->text = xstrdup(text);
}

void desk_forget_others(struct desk *d)
{
	while (d->others != NULL)
		others_drop(&d->others);
}
