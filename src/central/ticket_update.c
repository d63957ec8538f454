/* Writing a ticket back with the columns alone that its action changed. An engine makes each index anew
 * that holds a column which is named, also where nothing became different, and a ticket stands in some
 * twenty: to name all columns each time was half the work of a change. */
#include "town.h"
#include "central_sql.h"

#define COLUMN(name) offsetof(struct ticket, name)
#define COLUMNS_MAX 16

/* The columns in the order of the statement's parameters, behind the id. version and updated_at come
 * first: every change has them. */
static const struct narrow {
	enum central_sql statement;
	size_t columns[COLUMNS_MAX]; /* ends with 0, which is the id's */
} narrow[] = {
	{CENTRAL_SQL_UPDATE_TICKET_WORDS,
	 {COLUMN(version), COLUMN(updated_at), COLUMN(kind), COLUMN(priority), COLUMN(subject),
	  COLUMN(topic_id), COLUMN(involved), COLUMN(answered_at), COLUMN(wait_until),
	  COLUMN(last_in_at), COLUMN(last_out_at), COLUMN(suspected), COLUMN(links)}},
	{CENTRAL_SQL_UPDATE_TICKET_HANDLER,
	 {COLUMN(version), COLUMN(updated_at), COLUMN(team_id), COLUMN(agent_id)}},
	{CENTRAL_SQL_UPDATE_TICKET_TAKEN,
	 {COLUMN(version), COLUMN(updated_at), COLUMN(team_id), COLUMN(agent_id), COLUMN(state),
	  COLUMN(wait_until), COLUMN(closed_at)}},
};
_Static_assert(offsetof(struct ticket, id) == 0, "id first");

static bool has_column(const struct narrow *n, const struct field *f)
{
	for (size_t i = 0; i < COLUMNS_MAX && n->columns[i] != 0; i++)
		if (n->columns[i] == f->offset)
			return true;
	return false;
}

static bool is_enough(const struct narrow *n, const struct ticket *before,
		      const struct ticket *after)
{
	const struct record_type *type = &record_types[RECORD_TICKET];

	/* Whether it is open stands in most of the indexes. */
	if (state_is_open(before->state) != state_is_open(after->state))
		return false;
	/* followed, the last, is no column. */
	for (size_t i = 0; i < type->field_count - 1; i++)
		if (!has_column(n, &type->fields[i]) &&
		    journal_field_differs(&type->fields[i], before, after))
			return false;
	return true;
}

static void bind_column(struct store_query *q, int at, size_t offset, const struct ticket *ticket)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	const struct field *f = type->fields;

	while (f->offset != offset)
		f++;
	store_bind_fields(q, at, f, 1, ticket);
}

struct store_query *ticket_narrow_update(struct town *t, const struct ticket *before,
					 const struct ticket *after)
{
	for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++) {
		struct store_query *q;

		if (!is_enough(&narrow[i], before, after))
			continue;
		q = store_query(t->store, narrow[i].statement);
		store_bind_text(q, 1, after->id);
		for (size_t j = 0; j < COLUMNS_MAX && narrow[i].columns[j] != 0; j++)
			bind_column(q, (int)j + 2, narrow[i].columns[j], after);
		return q;
	}
	return NULL;
}
