/* Reading and writing records of any kind, each with its journal row. */
#include "town.h"
#include <string.h>
#include "balie/i18n.h"
#include "central_sql.h"
#include "words.h"

struct record_sql {
	enum central_sql read, insert, update, remove;
};
#define NONE CENTRAL_SQL_COUNT
static const struct record_sql record_sql[RECORD_KINDS] = {
	[RECORD_TEAM] = {CENTRAL_SQL_READ_TEAM, CENTRAL_SQL_INSERT_TEAM, CENTRAL_SQL_UPDATE_TEAM,
			 NONE},
	[RECORD_AGENT] = {CENTRAL_SQL_READ_AGENT, CENTRAL_SQL_INSERT_AGENT,
			  CENTRAL_SQL_UPDATE_AGENT, NONE},
	[RECORD_TOPIC] = {CENTRAL_SQL_READ_TOPIC, CENTRAL_SQL_INSERT_TOPIC,
			  CENTRAL_SQL_UPDATE_TOPIC, NONE},
	[RECORD_PARTY] = {CENTRAL_SQL_READ_PARTY, CENTRAL_SQL_INSERT_PARTY,
			  CENTRAL_SQL_UPDATE_PARTY, NONE},
	[RECORD_TICKET] = {CENTRAL_SQL_READ_TICKET, CENTRAL_SQL_INSERT_TICKET,
			   CENTRAL_SQL_UPDATE_TICKET, NONE},
	[RECORD_CONTACT] = {CENTRAL_SQL_READ_CONTACT, CENTRAL_SQL_INSERT_CONTACT,
			    CENTRAL_SQL_UPDATE_CONTACT, NONE},
	[RECORD_MESSAGE] = {CENTRAL_SQL_READ_MESSAGE, CENTRAL_SQL_INSERT_MESSAGE,
			    CENTRAL_SQL_UPDATE_MESSAGE, CENTRAL_SQL_REMOVE_MESSAGE},
	[RECORD_NOTE] = {CENTRAL_SQL_READ_NOTE, CENTRAL_SQL_INSERT_NOTE, CENTRAL_SQL_UPDATE_NOTE,
			 CENTRAL_SQL_REMOVE_NOTE},
	[RECORD_TEMPLATE] = {CENTRAL_SQL_READ_TEMPLATE, CENTRAL_SQL_INSERT_TEMPLATE,
			     CENTRAL_SQL_UPDATE_TEMPLATE, NONE},
	[RECORD_MAILBOX] = {CENTRAL_SQL_READ_MAILBOX, CENTRAL_SQL_INSERT_MAILBOX,
			    CENTRAL_SQL_UPDATE_MAILBOX, NONE},
};

/* Each record begins with these two, in every struct. */
struct head {
	const char *id;
	int64_t version;
};
_Static_assert(offsetof(struct ticket, version) == offsetof(struct head, version) &&
		       offsetof(struct party, version) == offsetof(struct head, version) &&
		       offsetof(struct message, version) == offsetof(struct head, version) &&
		       offsetof(struct note, version) == offsetof(struct head, version) &&
		       offsetof(struct contact, version) == offsetof(struct head, version) &&
		       offsetof(struct team, version) == offsetof(struct head, version) &&
		       offsetof(struct agent, version) == offsetof(struct head, version) &&
		       offsetof(struct topic, version) == offsetof(struct head, version) &&
		       offsetof(struct template, version) == offsetof(struct head, version) &&
		       offsetof(struct mailbox, version) == offsetof(struct head, version),
	       "id and version first");

bool town_read(struct town *t, enum record_kind kind, const char *id, const char *reader_id,
	       void *ret, struct arena *a, struct err *err)
{
	const struct record_type *type = &record_types[kind];
	struct store_query *q = store_query(t->store, record_sql[kind].read);
	enum store_step step;

	store_bind_text(q, 1, reader_id);
	store_bind_text(q, 2, id);
	step = store_step(q, err);
	if (step == STORE_ROW)
		store_column_fields(q, 0, type->fields, type->field_count, ret, a);
	else if (step == STORE_DONE)
		err_set(err, ERR_NOT_FOUND, _("no %s has this id"), type->name);
	store_done(q);
	return step == STORE_ROW;
}

/* Binds the record's columns; followed is the last field of a ticket and no column. */
static struct store_query *bind_record(struct town *t, enum central_sql statement,
				       enum record_kind kind, const void *record)
{
	const struct record_type *type = &record_types[kind];
	size_t count = type->field_count - (kind == RECORD_TICKET ? 1 : 0);
	struct store_query *q = store_query(t->store, statement);
	const struct ticket *ticket = record;

	store_bind_fields(q, 1, type->fields, count, record);
	if (kind == RECORD_TICKET)
		store_bind_int(q, (int)count + 1, state_is_open(ticket->state));
	return q;
}

/* was NULL: there are no rows yet. */
static bool run_list(struct town *t, enum central_sql clear, enum central_sql add, const char *id,
		     const char *was, const char *is, struct err *err)
{
	struct store_query *q;

	if (was) {
		q = store_query(t->store, clear);
		store_bind_text(q, 1, id);
		if (!store_run(q, err))
			return false;
	}
	if (!is)
		return true;
	q = store_query(t->store, add);
	store_bind_text(q, 1, id);
	store_bind_text(q, 2, is);
	return store_run(q, err);
}

/* Search rows follow the JSON of the record. before NULL: new. */
static bool follow_party(struct town *t, const struct party *before, const struct party *p,
			 struct err *err)
{
	static const struct {
		size_t offset;
		enum central_sql clear, add;
	} lists[] = {
		{offsetof(struct party, identifiers), CENTRAL_SQL_PARTY_CLEAR_IDENTIFIER,
		 CENTRAL_SQL_PARTY_ADD_IDENTIFIER},
		{offsetof(struct party, phones), CENTRAL_SQL_PARTY_CLEAR_PHONE,
		 CENTRAL_SQL_PARTY_ADD_PHONE},
		{offsetof(struct party, emails), CENTRAL_SQL_PARTY_CLEAR_EMAIL,
		 CENTRAL_SQL_PARTY_ADD_EMAIL},
		{offsetof(struct party, addresses), CENTRAL_SQL_PARTY_CLEAR_ADDRESS,
		 CENTRAL_SQL_PARTY_ADD_ADDRESS},
	};
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const char *was = NULL;
		const char *is =
			*(const char *const *)(const void *)((const char *)p + lists[i].offset);

		if (before)
			was = *(const char *const *)(const void *)((const char *)before +
								   lists[i].offset);
		if (was == is || (was && is && strcmp(was, is) == 0))
			continue;
		if (!run_list(t, lists[i].clear, lists[i].add, p->id, was, is, err))
			return false;
	}
	return true;
}

static bool follow_record(struct town *t, enum record_kind kind, const void *before,
			  const void *after, struct err *err)
{
	const struct ticket *was = before;
	const struct ticket *is = after;

	if (kind == RECORD_PARTY)
		return follow_party(t, before, after, err) && words_follow(t, before, after, err);
	if (kind != RECORD_TICKET)
		return true;
	if ((!was && !is->involved) ||
	    (was && (was->involved == is->involved ||
		     (was->involved && is->involved && strcmp(was->involved, is->involved) == 0))))
		return true;
	return run_list(t, CENTRAL_SQL_INVOLVEMENT_CLEAR, CENTRAL_SQL_INVOLVEMENT_ADD, is->id,
			was ? was->involved : NULL, is->involved, err);
}

/* Which ticket a record belongs to, for its journal row. */
static const char *ticket_of(enum record_kind kind, const void *record, const char *given)
{
	switch (kind) {
	case RECORD_TICKET:
		return ((const struct ticket *)record)->id;
	case RECORD_MESSAGE:
		return ((const struct message *)record)->ticket_id;
	case RECORD_NOTE:
		return ((const struct note *)record)->ticket_id;
	case RECORD_CONTACT:
	case RECORD_TEAM:
	case RECORD_AGENT:
	case RECORD_TOPIC:
	case RECORD_TEMPLATE:
	case RECORD_MAILBOX:
	case RECORD_PARTY:
		return given;
	}
	return given;
}

static bool write_record(struct store_query *q, enum record_kind kind, struct err *err)
{
	struct err own = {0};

	if (store_run(q, &own))
		return true;
	*(err ? err : &own) = own;
	/* What the database calls it is of no use to a reader. */
	if (own.kind == ERR_CONFLICT)
		err_set(err, ERR_CONFLICT, _("there is a %s like this already"),
			record_types[kind].name);
	return false;
}

bool town_insert(struct town *t, enum record_kind kind, void *record, const char *ticket_id,
		 const struct mark *mark, struct arena *a, struct err *err)
{
	struct head *head = record;
	struct journal_row row = {.mark = mark, .type = kind};
	struct ticket *ticket = record;

	if (kind == RECORD_TICKET) {
		char number[TRACKING_TEXT];

		if (!ticket->updated_at)
			ticket->updated_at = ticket->created_at;
		if (!ticket->number) {
			if (!town_number(t, ticket->created_at, number, err))
				return false;
			ticket->number = arena_strdup(a, number);
		}
	}
	head->version = 1;
	if (!write_record(bind_record(t, record_sql[kind].insert, kind, record), kind, err) ||
	    !follow_record(t, kind, NULL, record, err))
		return false;
	row.record_id = head->id;
	row.ticket_id = ticket_of(kind, record, ticket_id);
	row.version = 1;
	return journal_append(t, &row, err);
}

bool town_update(struct town *t, enum record_kind kind, const void *before, void *after,
		 const struct mark *mark, struct err *err)
{
	const struct head *was = before;
	struct head *is = after;
	struct journal_row row = {.mark = mark, .type = kind};
	struct store_query *q = NULL;
	struct ticket shown;

	is->version = was->version + 1;
	if (kind == RECORD_TICKET)
		q = ticket_narrow_update(t, before, after);
	if (q == NULL)
		q = bind_record(t, record_sql[kind].update, kind, after);
	if (!write_record(q, kind, err) || !follow_record(t, kind, before, after, err))
		return false;
	if (kind == RECORD_TICKET) {
		/* followed is the reader's own and has its own row in the journal. */
		shown = *(const struct ticket *)after;
		shown.followed = ((const struct ticket *)before)->followed;
		journal_diff(kind, before, &shown, &t->before, &t->after);
		row.team_before = ((const struct ticket *)before)->team_id;
	} else {
		journal_diff(kind, before, after, &t->before, &t->after);
	}
	row.record_id = is->id;
	row.ticket_id = ticket_of(kind, after, NULL);
	row.version = is->version;
	row.before = t->before.len ? t->before.data : NULL;
	row.after = t->after.len ? t->after.data : NULL;
	return journal_append(t, &row, err);
}

bool town_remove(struct town *t, enum record_kind kind, const char *id, int64_t version,
		 const struct ticket *ticket, const struct mark *mark, struct err *err)
{
	struct journal_row row = {
		.mark = mark,
		.op = JOURNAL_GONE,
		.type = kind,
		.record_id = id,
		.ticket_id = ticket->id,
		.team_before = ticket->team_id,
		.version = version + 1,
	};
	struct store_query *q;

	if (record_sql[kind].remove == NONE) {
		err_set(err, ERR_INTERNAL, "a %s cannot be removed", record_types[kind].name);
		return false;
	}
	q = store_query(t->store, record_sql[kind].remove);
	store_bind_text(q, 1, id);
	store_bind_int(q, 2, row.version);
	return store_run(q, err) && journal_append(t, &row, err);
}
