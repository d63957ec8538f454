/* What all rules share: the ticket, the rights, the version it was done on, the journal. */
#include "../rule.h"
#include <string.h>
#include "../parts.h"
#include "../central_rule.h"
#include "balie/i18n.h"
#include "central_sql.h"

#define SINCE_MAX 100

/* Indexed by the sent actions. */
static rule_fn *const rules[ACT_LOCAL_FIRST] = {
	[ACT_CREATE] = rule_create,
	[ACT_ANSWER] = rule_answer,
	[ACT_FORWARD] = rule_forward,
	[ACT_SEND_AGAIN] = rule_send_again,
	[ACT_SETTLE] = rule_settle,
	[ACT_NOTE] = rule_note,
	[ACT_STATE] = rule_change,
	[ACT_TOPIC] = rule_change,
	[ACT_KIND] = rule_change,
	[ACT_PRIORITY] = rule_change,
	[ACT_SUBJECT] = rule_change,
	[ACT_DUE] = rule_change,
	[ACT_ASSIGN] = rule_assign,
	[ACT_FOLLOW] = rule_follow,
	[ACT_UNFOLLOW] = rule_follow,
	[ACT_ACCEPT] = rule_suspected,
	[ACT_DECLINE] = rule_suspected,
	[ACT_SAID] = rule_said,
	[ACT_REPORTER] = rule_reporter,
	[ACT_MERGE] = rule_merge,
	[ACT_UNMERGE] = rule_merge,
	[ACT_LINK] = rule_link,
	[ACT_UNLINK] = rule_link,
	[ACT_SPLIT] = rule_split,
	[ACT_CONTACT] = rule_contact,
	[ACT_PARTY_CREATE] = rule_party,
	[ACT_PARTY_CHANGE] = rule_party,
	[ACT_PARTY_MERGE] = rule_party,
	[ACT_PARTY_UNMERGE] = rule_party,
	[ACT_TEAM_CREATE] = rule_admin,
	[ACT_TEAM_CHANGE] = rule_admin,
	[ACT_TEMPLATE_CREATE] = rule_admin,
	[ACT_TEMPLATE_CHANGE] = rule_admin,
	[ACT_TOPIC_CREATE] = rule_admin,
	[ACT_TOPIC_CHANGE] = rule_admin,
	[ACT_AGENT_CREATE] = rule_admin,
	[ACT_AGENT_CHANGE] = rule_admin,
	[ACT_MAILBOX_CHANGE] = rule_admin,
	[ACT_UNDO] = rule_undo,
};

bool rule_run(struct town *t, const struct envelope *e, const struct viewer *v, struct outcome *out)
{
	out->problem = PROBLEM_COUNT;
	out->type = (enum record_kind)e->action->about;
	return rules[e->action->id](t, e, v, out);
}

bool rule_fail(struct outcome *out, enum problem p, const char *en, const char *nl)
{
	out->problem = p;
	out->detail_en = en;
	out->detail_nl = nl;
	return false;
}

enum problem problem_for(const struct err *err)
{
	switch (err->kind) {
	case ERR_INPUT:
		return PROBLEM_BAD_FIELD;
	case ERR_NOT_FOUND:
		return PROBLEM_NOT_FOUND;
	case ERR_DENIED:
		return PROBLEM_DENIED;
	case ERR_AUTH:
		return PROBLEM_LOGIN;
	case ERR_CONFLICT:
		return PROBLEM_STATE;
	case ERR_BUSY:
	case ERR_NET: /* the server of the database is away */
		return PROBLEM_BUSY;
	case ERR_FULL:
		return PROBLEM_FULL;
	case ERR_NONE:
	case ERR_VERSION:
	case ERR_CORRUPT:
	case ERR_IO:
	case ERR_DB:
	case ERR_INTERNAL:
		return PROBLEM_INTERNAL;
	}
	return PROBLEM_INTERNAL;
}

bool rule_fail_err(struct outcome *out, const struct err *err)
{
	enum problem p = problem_for(err);

	/* What the database or the system says is for the log, not for a reader. */
	out->fatal = *err;
	return rule_fail(out, p,
			 problem_rows[p].status >= 500 ? NULL : arena_strdup(out->arena, err->text),
			 NULL);
}

/* "current":{…},"changes":[…] */
static bool stale(struct town *t, const struct envelope *e, const struct ticket *now,
		  struct outcome *out)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_JOURNAL_SINCE);
	struct buf b = {0};
	struct change c;
	bool any = false;
	enum store_step step;
	struct err err = {0};

	buf_add_str(&b, "\"current\":");
	wire_put_record(&b, RECORD_TICKET, now);
	buf_add_str(&b, ",\"changes\":[");
	store_bind_text(q, 1, now->id);
	store_bind_int(q, 2, e->base_version);
	store_bind_int(q, 3, SINCE_MAX);
	while ((step = store_step(q, &err)) == STORE_ROW) {
		memset(&c, 0, sizeof(c));
		store_column_fields(q, 0, change_fields, change_field_count, &c, out->arena);
		if (any)
			buf_add_char(&b, ',');
		change_put(&b, &c);
		any = true;
	}
	store_done(q);
	buf_add_char(&b, ']');
	out->extra = arena_strndup(out->arena, b.data, b.len);
	buf_finish(&b);
	if (step == STORE_FAILED)
		return rule_fail_err(out, &err);
	return rule_fail(out, PROBLEM_STALE, NULL, NULL);
}

/* A note by a colleague touches the ticket's time and nothing that was looked at: that is no reason
 * to refuse a change that was made without knowing of it. */
static bool harmless_since(struct town *t, const struct envelope *e, const struct ticket *now,
			   bool *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_JOURNAL_HARM_SINCE);
	enum store_step step;

	*ret = false;
	if (e->base_version > now->version)
		return true;
	store_bind_text(q, 1, now->id);
	store_bind_int(q, 2, e->base_version);
	step = store_step(q, err);
	*ret = step == STORE_DONE;
	store_done(q);
	return step != STORE_FAILED;
}

bool rule_ticket(struct town *t, const struct envelope *e, const struct viewer *v,
		 struct ticket *ret, struct outcome *out)
{
	struct err err = {0};
	bool additive = e->action->flags & ACTION_ADDITIVE;
	bool fits = true;

	memset(ret, 0, sizeof(*ret));
	if (!town_read(t, RECORD_TICKET, e->record, v->agent_id, ret, out->arena, &err)) {
		if (err.kind == ERR_NOT_FOUND)
			return rule_fail(out, PROBLEM_NOT_FOUND, NULL, NULL);
		return rule_fail_err(out, &err);
	}
	/* Who wrote it need not know of a merge by a colleague just now. */
	if (ret->merged_into && ticket_goes_on(e->action->id) &&
	    !ticket_survivor(t, ret, v->agent_id, out->arena, &err))
		return rule_fail_err(out, &err);
	if (!sees(v, ret))
		return rule_fail(out, PROBLEM_NOT_FOUND, NULL, NULL);
	if (!can(v, e->action->id, ret))
		return rule_fail(out, PROBLEM_DENIED, NULL, NULL);
	if (!additive && e->base_version == 0) {
		out->pointer = "/base_version";
		return rule_fail(out, PROBLEM_NO_BASE, NULL, NULL);
	}
	if (!additive && e->base_version != ret->version && !harmless_since(t, e, ret, &fits, &err))
		return rule_fail_err(out, &err);
	return fits || stale(t, e, ret, out);
}

struct mark rule_mark(const struct envelope *e, const struct viewer *v, const struct outcome *out)
{
	return (struct mark){.operation = e->id,
			     .action = e->action->name,
			     .agent_id = v->agent_id,
			     .at = out->now};
}

bool rule_no_reference(struct outcome *out, const char *pointer)
{
	out->pointer = pointer;
	return rule_fail(out, PROBLEM_BAD_FIELD, "Nothing has this identifier",
			 "Niets heeft deze identificatie");
}

bool rule_reference(struct town *t, enum record_kind kind, const char *id, const char *pointer,
		    void *ret, struct outcome *out)
{
	struct err err = {0};

	if (town_read(t, kind, id, NULL, ret, out->arena, &err))
		return true;
	if (err.kind != ERR_NOT_FOUND)
		return rule_fail_err(out, &err);
	return rule_no_reference(out, pointer);
}

bool rule_ticket_reference(struct town *t, const char *id, const char *pointer,
			   const struct viewer *v, bool survivor, struct ticket *ret,
			   struct outcome *out)
{
	struct err err = {0};

	memset(ret, 0, sizeof(*ret));
	if (!rule_reference(t, RECORD_TICKET, id, pointer, ret, out))
		return false;
	/* Read again: for whom it is followed. */
	if (!town_read(t, RECORD_TICKET, id, v->agent_id, ret, out->arena, &err) ||
	    (survivor && !ticket_survivor(t, ret, v->agent_id, out->arena, &err)))
		return rule_fail_err(out, &err);
	return sees(v, ret) || rule_no_reference(out, pointer);
}

bool rule_overlay(enum record_kind kind, const char *json, void *record, struct outcome *out)
{
	const struct record_type *type = &record_types[kind];
	struct err err = {0};
	struct cJSON *object = wire_parse(json, strlen(json), &err);
	bool ok = object && wire_get(object, type->fields, type->field_count, false, record,
				     out->arena, NULL, &err);

	wire_free(object);
	return ok || rule_fail_err(out, &err);
}

bool rule_party_reference(struct town *t, const char *id, const char *pointer, struct party *ret,
			  struct outcome *out)
{
	struct err err = {0};

	memset(ret, 0, sizeof(*ret));
	if (!rule_reference(t, RECORD_PARTY, id, pointer, ret, out))
		return false;
	return party_survivor(t, ret, out->arena, &err) || rule_fail_err(out, &err);
}

bool rule_base(const struct envelope *e, enum record_kind kind, const void *now,
	       struct outcome *out)
{
	const struct {
		const char *id;
		int64_t version;
	} *head = now;
	struct buf b = {0};

	if (e->action->flags & ACTION_ADDITIVE || e->base_version == head->version)
		return true;
	if (e->base_version == 0) {
		out->pointer = "/base_version";
		return rule_fail(out, PROBLEM_NO_BASE, NULL, NULL);
	}
	buf_add_str(&b, "\"current\":");
	wire_put_record(&b, kind, now);
	buf_add_str(&b, ",\"changes\":[]");
	out->extra = arena_strndup(out->arena, b.data, b.len);
	buf_finish(&b);
	return rule_fail(out, PROBLEM_STALE, NULL, NULL);
}

bool rule_topic(struct town *t, const char *id, struct topic *ret, const struct topic **ret_topic,
		struct outcome *out)
{
	memset(ret, 0, sizeof(*ret));
	*ret_topic = NULL;
	if (!id)
		return true;
	if (!rule_reference(t, RECORD_TOPIC, id, "/topic_id", ret, out))
		return false;
	*ret_topic = ret;
	return true;
}

bool rule_apply(struct town *t, const struct envelope *e, const struct viewer *v,
		const struct ticket *before, struct ticket *ret_after, struct outcome *out)
{
	struct mark mark = rule_mark(e, v, out);
	struct topic row;
	const struct topic *topic;
	struct err err = {0};

	if (!rule_topic(t, e->args.topic_id ? e->args.topic_id : before->topic_id, &row, &topic,
			out))
		return false;
	*ret_after = *before;
	if (!ticket_apply(ret_after, e, topic, v->agent_id, out->now, &err) ||
	    !town_update(t, RECORD_TICKET, before, ret_after, &mark, &err))
		return rule_fail_err(out, &err);
	return true;
}
