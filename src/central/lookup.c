/* Finding by name and address, the mail ledger, threading, passwords. */
#include "town.h"
#include <sodium.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "central_sql.h"
#include "tell.h"

_Static_assert(PASSWORD_TEXT > crypto_pwhash_STRBYTES, "room for a hash");

/* The one row that the query gives; NULL in *ret when there is none or more than one. */
static bool only_row(struct store_query *q, const char **ret, struct arena *a, struct err *err)
{
	const char *found = NULL;
	enum store_step step = store_step(q, err);

	if (step == STORE_ROW) {
		found = arena_strdup(a, store_column_text(q, 0));
		step = store_step(q, err);
		if (step == STORE_ROW)
			found = NULL;
	}
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = found;
	return true;
}

static bool by_name(struct town *t, enum central_sql statement, const char *what, const char *name,
		    const char **ret, struct arena *a, struct err *err)
{
	struct store_query *q = store_query(t->store, statement);
	const char *found;

	store_bind_text(q, 1, name);
	if (!only_row(q, &found, a, err))
		return false;
	if (!found) {
		err_set(err, ERR_NOT_FOUND, _("no %s is called \"%s\""), what, name);
		return false;
	}
	*ret = found;
	return true;
}

bool team_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		  struct err *err)
{
	return by_name(t, CENTRAL_SQL_TEAM_BY_NAME, _("team"), name, ret, a, err);
}

bool topic_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		   struct err *err)
{
	return by_name(t, CENTRAL_SQL_TOPIC_BY_NAME, _("topic"), name, ret, a, err);
}

bool template_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		      struct err *err)
{
	return by_name(t, CENTRAL_SQL_TEMPLATE_BY_NAME, _("template"), name, ret, a, err);
}

bool mailbox_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		     struct err *err)
{
	return by_name(t, CENTRAL_SQL_MAILBOX_BY_NAME, _("mailbox"), name, ret, a, err);
}

bool agent_by_name(struct town *t, const char *name, const char **ret, struct arena *a,
		   struct err *err)
{
	return by_name(t, CENTRAL_SQL_AGENT_BY_NAME, _("agent"), name, ret, a, err);
}

bool town_name_taken(struct town *t, enum record_kind kind, const char *id, const char *name,
		     bool *ret, struct err *err)
{
	struct store_query *q;
	enum store_step step;

	q = store_query(t->store, kind == RECORD_TEAM	 ? CENTRAL_SQL_TEAM_OTHER_NAMES
				  : kind == RECORD_TOPIC ? CENTRAL_SQL_TOPIC_OTHER_NAMES
							 : CENTRAL_SQL_TEMPLATE_OTHER_NAMES);
	store_bind_text(q, 1, id);
	while ((step = store_step(q, err)) == STORE_ROW &&
	       !text_same_name(store_column_text(q, 0), name))
		;
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = step == STORE_ROW;
	return true;
}

bool party_by_email(struct town *t, const char *email, const char **ret, struct arena *a,
		    struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_PARTY_BY_EMAIL);

	store_bind_text(q, 1, email);
	return only_row(q, ret, a, err);
}

bool party_by_phone(struct town *t, const char *phone, const char **ret, struct arena *a,
		    struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_PARTY_BY_PHONE);

	store_bind_text(q, 1, phone);
	return only_row(q, ret, a, err);
}

bool party_by_identifier(struct town *t, const char *scheme, const char *value, const char **ret,
			 struct arena *a, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_PARTY_BY_IDENTIFIER);

	store_bind_text(q, 1, scheme);
	store_bind_text(q, 2, value);
	return only_row(q, ret, a, err);
}

bool ledger_add(struct town *t, const struct mail_entry *entry, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_LEDGER_ADD);

	store_bind_text(q, 1, entry->mailbox);
	store_bind_int(q, 2, entry->uidvalidity);
	store_bind_int_or_null(q, 3, entry->uid);
	store_bind_text(q, 4, entry->sha256);
	store_bind_text(q, 5, entry->outcome);
	store_bind_text(q, 6, entry->ticket_id);
	store_bind_text(q, 7, entry->message_id);
	store_bind_text(q, 8, entry->reason);
	store_bind_int(q, 9, entry->at);
	store_bind_int(q, 10, !entry->untold);
	return store_run(q, err);
}

bool ledger_has(struct town *t, const char *mailbox, int64_t uidvalidity, int64_t uid,
		const char *sha256, bool *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, uid ? CENTRAL_SQL_LEDGER_HAS_UID
							  : CENTRAL_SQL_LEDGER_HAS_FILE);
	enum store_step step;

	store_bind_text(q, 1, mailbox);
	if (uid) {
		store_bind_int(q, 2, uidvalidity);
		store_bind_int(q, 3, uid);
	} else {
		store_bind_text(q, 2, sha256);
	}
	step = store_step(q, err);
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	*ret = step == STORE_ROW;
	return true;
}

bool mail_ref_add(struct town *t, const char *header_id, const char *message_id,
		  const char *ticket_id, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_MAIL_REF_ADD);

	store_bind_text(q, 1, header_id);
	store_bind_text(q, 2, message_id);
	store_bind_text(q, 3, ticket_id);
	return store_run(q, err);
}

bool mail_ref_find(struct town *t, const char *header_id, const char **ret_ticket,
		   const char **ret_message, struct arena *a, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_MAIL_REF_FIND);
	enum store_step step;

	store_bind_text(q, 1, header_id);
	step = store_step(q, err);
	*ret_ticket = NULL;
	*ret_message = NULL;
	if (step == STORE_ROW) {
		*ret_ticket = arena_strdup(a, store_column_text(q, 0));
		*ret_message = arena_strdup(a, store_column_text(q, 1));
	}
	store_done(q);
	return step != STORE_FAILED;
}

bool password_hash(const char *password, char ret[PASSWORD_TEXT], struct err *err)
{
	if (crypto_pwhash_str(ret, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
			      crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
		err_set(err, ERR_FULL, _("not enough memory to store a password"));
		return false;
	}
	return true;
}

bool agent_set_password(struct town *t, const char *agent_id, const char *hash, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_AGENT_PASSWORD);

	store_bind_text(q, 1, agent_id);
	store_bind_text(q, 2, hash);
	if (!store_run(q, err))
		return false;
	q = store_query(t->store, CENTRAL_SQL_SESSION_REMOVE_AGENT);
	store_bind_text(q, 1, agent_id);
	return store_run(q, err);
}

/* Nothing that the record shows changes, so the row of the journal is empty. */
bool agent_give_password(struct town *t, const char *agent_id, const char *hash,
			 const struct mark *mark, struct arena *a, struct err *err)
{
	struct agent before = {0}, after;

	if (!town_read(t, RECORD_AGENT, agent_id, NULL, &before, a, err))
		return false;
	after = before;
	return agent_set_password(t, agent_id, hash, err) && tell_agent(t, agent_id, err) &&
	       town_update(t, RECORD_AGENT, &before, &after, mark, err);
}

bool party_on_desk(struct town *t, const struct viewer *v, const char *party_id, int64_t now,
		   bool *ret, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_PARTY_ON_DESK);
	enum store_step step;

	store_bind_text(q, 1, v->agent_id);
	store_bind_text(q, 2, party_id);
	store_bind_int(q, 4, now - DESK_DAYS * CLOCK_DAY_MS);
	store_bind_text(q, 5, v->team_kind == TEAM_INSIDE ? NULL : v->team_id);
	step = store_step(q, err);
	store_done(q);
	if (step != STORE_FAILED)
		*ret = step == STORE_ROW;
	return step != STORE_FAILED;
}
