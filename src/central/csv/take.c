/* A row of a list into the town: a ticket with its text, and the citizen. */
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "central_sql.h"
#include "tickets.h"

/* Whether the list brought it before. Another row under the same key is told, since it is lost. */
static bool is_seen(struct take *k, const struct ticket_row *row, enum row_result *ret,
		    const char **ret_column, struct err *err)
{
	struct store_query *q = store_query(k->town->store, CENTRAL_SQL_IMPORT_FIND);
	enum store_step step;
	bool same = true;

	store_bind_text(q, 1, k->source);
	store_bind_text(q, 2, row->key);
	step = store_step(q, err);
	if (step == STORE_ROW)
		same = strcmp(store_column_text(q, 1), row->hash) == 0;
	store_done(q);
	*ret = step == STORE_DONE ? ROW_NEW : same ? ROW_SEEN : ROW_REFUSED;
	if (step == STORE_ROW && !same) {
		*ret_column = column_names[COLUMN_KEY];
		err_set(err, ERR_CONFLICT,
			_("this key was taken in before with something else in its row; what is "
			  "there is left as it is"));
	}
	return step != STORE_FAILED;
}

static bool number_is_free(struct take *k, const struct ticket_row *row, enum row_result *ret,
			   struct arena *a, const char **ret_column, struct err *err)
{
	struct err own = {0};
	const char *id;

	if (row->number == NULL)
		return true;
	if (ticket_by_number(k->town, row->number, &id, a, &own)) {
		*ret = ROW_REFUSED;
		*ret_column = column_names[COLUMN_NUMBER];
		err_set(err, ERR_CONFLICT, _("there is a ticket with this number already"));
		return true;
	}
	if (own.kind == ERR_NOT_FOUND)
		return true;
	*err = own;
	return false;
}

bool row_judge(struct take *k, const struct ticket_row *row, enum row_result *ret, struct arena *a,
	       const char **ret_column, struct err *err)
{
	*ret = ROW_NEW;
	*ret_column = NULL;
	if (!is_seen(k, row, ret, ret_column, err))
		return false;
	return *ret != ROW_NEW || number_is_free(k, row, ret, a, ret_column, err);
}

/* ---- what is made ---- */

static bool make_team(struct take *k, struct ticket_row *row, const struct mark *mark,
		      struct arena *a, struct err *err)
{
	struct team team = {.name = row->new_team, .kind = TEAM_INSIDE, .active = true};
	const struct town_name *there;
	char id[ID_TEXT];

	if (row->new_team == NULL)
		return true;
	there = town_name_find(&k->lists->teams, row->new_team);
	if (there == NULL) {
		team.id = id_new(id);
		if (!town_insert(k->town, RECORD_TEAM, &team, NULL, mark, a, err))
			return false;
		there = town_name_add(k->lists, &k->lists->teams, team.name, id);
		k->teams++;
	}
	row->ticket.team_id = there->id;
	return true;
}

static bool make_topic(struct take *k, struct ticket_row *row, const struct mark *mark,
		       struct arena *a, struct err *err)
{
	struct topic topic = {.name = row->new_topic, .kind = row->ticket.kind, .active = true};
	const struct town_name *there;
	struct town_name *made;
	char id[ID_TEXT];

	if (row->new_topic == NULL)
		return true;
	there = town_name_find(&k->lists->topics, row->new_topic);
	if (there == NULL) {
		topic.id = id_new(id);
		if (!town_insert(k->town, RECORD_TOPIC, &topic, NULL, mark, a, err))
			return false;
		made = town_name_add(k->lists, &k->lists->topics, topic.name, id);
		made->kind = topic.kind;
		there = made;
		k->topics++;
	}
	row->ticket.topic_id = there->id;
	return true;
}

static bool find_party(struct take *k, struct ticket_row *row, const struct mark *mark,
		       struct arena *a, struct err *err)
{
	const char *id, *name;
	char new_id[ID_TEXT];

	if (!row->has_party)
		return true;
	if (!party_for_row(k->town, row, &id, &name, a, err))
		return false;
	if (id == NULL) {
		row->party.id = arena_strdup(a, id_new(new_id));
		row->party.created_at = row->party.updated_at = k->now;
		if (!town_insert(k->town, RECORD_PARTY, &row->party, NULL, mark, a, err))
			return false;
		id = row->party.id;
		name = row->party.name;
		k->parties++;
	}
	row->ticket.party_id = id;
	row->ticket.party_name = name;
	return true;
}

/* The one that the citizen knows when it was one of ours; else of the year in which it came in, and when
 * that one is full, of this one. */
static bool give_number(struct take *k, struct ticket_row *row, struct arena *a, struct err *err)
{
	struct ticket *t = &row->ticket;
	char number[TRACKING_TEXT];
	struct err own = {0};

	t->number = row->number;
	if (t->number != NULL)
		return true;
	if (!town_number(k->town, t->created_at, number, &own)) {
		*err = own;
		if (own.kind != ERR_FULL || !town_number(k->town, k->now, number, err))
			return false;
	}
	t->number = arena_strdup(a, number);
	return true;
}

static bool add_body(struct take *k, struct ticket_row *row, const struct mark *mark,
		     struct arena *a, struct err *err)
{
	struct ticket *t = &row->ticket;
	char id[ID_TEXT];
	struct message m = {
		.id = id_new(id),
		.ticket_id = t->id,
		.direction = DIRECTION_IN,
		.channel = t->channel,
		.state = MESSAGE_RECEIVED,
		.sender = SENDER_PERSON,
		.from_text = t->party_name,
		.subject = t->subject,
		.body = row->body,
		.created_at = t->created_at,
	};

	return row->body == NULL || message_insert(k->town, &m, NULL, 0, NULL, 0, mark, a, err);
}

static bool add_note(struct take *k, struct ticket_row *row, const struct mark *mark,
		     struct arena *a, struct err *err)
{
	char id[ID_TEXT];
	struct note n = {
		.id = id_new(id),
		.ticket_id = row->ticket.id,
		.body = row->note,
		.created_at = k->now,
	};

	return row->note == NULL || town_insert(k->town, RECORD_NOTE, &n, NULL, mark, a, err);
}

static bool remember(struct take *k, const struct ticket_row *row, struct err *err)
{
	struct store_query *q = store_query(k->town->store, CENTRAL_SQL_IMPORT_ADD);

	store_bind_text(q, 1, k->source);
	store_bind_text(q, 2, row->key);
	store_bind_text(q, 3, row->hash);
	store_bind_text(q, 4, row->ticket.id);
	return store_run(q, err);
}

bool row_take(struct take *k, struct ticket_row *row, enum row_result *ret, struct arena *a,
	      const char **ret_column, struct err *err)
{
	char ids[2][ID_TEXT];
	struct mark mark = {.operation = id_new(ids[0]), .action = "import-list", .at = k->now};
	struct ticket *t = &row->ticket;

	if (!row_judge(k, row, ret, a, ret_column, err))
		return false;
	if (*ret != ROW_NEW)
		return true;
	t->id = id_new(ids[1]);
	t->last_in_at = row->body != NULL && t->last_out_at == 0 ? t->created_at : 0;
	return make_team(k, row, &mark, a, err) && make_topic(k, row, &mark, a, err) &&
	       find_party(k, row, &mark, a, err) && give_number(k, row, a, err) &&
	       ticket_insert(k->town, t, &mark, a, err) && add_body(k, row, &mark, a, err) &&
	       add_note(k, row, &mark, a, err) && remember(k, row, err);
}
