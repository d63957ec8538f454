/* balied export tickets: all tickets as a list, in the memory of one page, as of one moment. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"
#include "balie/wire.h"
#include "central_sql.h"
#include "../command.h"
#include "tickets.h"

#define PAGE 500
#define EXTRA_KEY 0 /* columns behind those of the ticket */
#define EXTRA_BODY 1
#define EXTRA_PARTY 2

struct export
{
	const struct settings *settings;
	struct town town;
	struct town_lists lists;
	struct filter filter;
	struct arena arena, row;
	struct buf out;
	bool json;
	char separator;
	int64_t now;
};

/* One ticket and what stands with it; text is of the row's arena. */
struct exported {
	struct ticket ticket;
	const char *key, *body;
	struct party party; /* id NULL: nobody */
	const char *cells[COLUMN_COUNT];
};

static const char *name_of(struct town_names *n, const char *id)
{
	const struct town_name *row = town_name_by_id(n, id);

	return row != NULL ? row->name : NULL;
}

/* As spreadsheets know a time; it is what import reads. */
static const char *time_of(const struct export *x, int64_t at, struct arena *a)
{
	struct clock_local l;
	char text[CLOCK_TEXT];

	if (at == 0)
		return NULL;
	if (x->json)
		return arena_strdup(a, clock_to_rfc3339(at, text));
	clock_local(at, &l);
	return arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d", l.year, l.month, l.day, l.hour,
			    l.minute, l.second);
}

/* Values of a member in a list of a party, "; " between them; scheme NULL: of all. */
static const char *values_of(const char *json, const char *scheme, const char *member, bool first,
			     struct arena *a)
{
	struct cJSON *list = json != NULL ? wire_parse(json, strlen(json), NULL) : NULL;
	const char *ret = NULL;
	const struct cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(item, member));
		const char *which = cJSON_GetStringValue(cJSON_GetObjectItem(item, "scheme"));

		if (value == NULL || (scheme != NULL && !text_same(which, scheme)))
			continue;
		ret = ret == NULL ? arena_strdup(a, value) : arena_printf(a, "%s; %s", ret, value);
		if (first)
			break;
	}
	wire_free(list);
	return ret;
}

static void take_citizen(struct exported *e, struct arena *a)
{
	const struct party *p = &e->party;
	const char *bis = values_of(p->identifiers, "bis", "value", true, a);
	const char *rrn = values_of(p->identifiers, "rrn", "value", true, a);

	e->cells[COLUMN_NAME] = p->name != NULL ? p->name : e->ticket.party_name;
	e->cells[COLUMN_GIVEN] = p->given;
	e->cells[COLUMN_FAMILY] = p->family;
	e->cells[COLUMN_BIRTH_DATE] = p->birth_date;
	e->cells[COLUMN_PHONE] = values_of(p->phones, NULL, "value", false, a);
	e->cells[COLUMN_EMAIL] = values_of(p->emails, NULL, "value", false, a);
	e->cells[COLUMN_STREET] = values_of(p->addresses, NULL, "street", true, a);
	e->cells[COLUMN_HOUSE] = values_of(p->addresses, NULL, "number", true, a);
	e->cells[COLUMN_BOX] = values_of(p->addresses, NULL, "box", true, a);
	e->cells[COLUMN_POSTCODE] = values_of(p->addresses, NULL, "postcode", true, a);
	e->cells[COLUMN_CITY] = values_of(p->addresses, NULL, "city", true, a);
	e->cells[COLUMN_RRN] = rrn != NULL ? rrn : bis;
	e->cells[COLUMN_KBO] = values_of(p->identifiers, "kbo", "value", true, a);
	e->cells[COLUMN_BODY] = e->body;
}

static void take_cells(struct export *x, struct exported *e)
{
	const struct ticket *t = &e->ticket;
	struct arena *a = &x->row;

	e->cells[COLUMN_KEY] = e->key;
	e->cells[COLUMN_NUMBER] = t->number;
	e->cells[COLUMN_SUBJECT] = t->subject;
	e->cells[COLUMN_KIND] = words_code(&ticket_kinds, t->kind);
	e->cells[COLUMN_STATE] = words_code(&ticket_states, t->state);
	e->cells[COLUMN_PRIORITY] = words_code(&priorities, t->priority);
	e->cells[COLUMN_CHANNEL] = words_code(&channels, t->channel);
	e->cells[COLUMN_TOPIC] = name_of(&x->lists.topics, t->topic_id);
	e->cells[COLUMN_TEAM] = name_of(&x->lists.teams, t->team_id);
	e->cells[COLUMN_AGENT] = name_of(&x->lists.agents, t->agent_id);
	e->cells[COLUMN_CREATED] = time_of(x, t->created_at, a);
	e->cells[COLUMN_DUE] = time_of(x, t->due_at, a);
	e->cells[COLUMN_CLOSED] =
		time_of(x, t->state == STATE_ANSWERED ? t->answered_at : t->closed_at, a);
	if (x->settings->with_citizens)
		take_citizen(e, a);
}

/* ---- writing ---- */

static void put_cell(struct export *x, const char *cell)
{
	const char special[] = {'"', '\r', '\n', x->separator, '\0'};

	if (cell == NULL)
		return;
	if (!cell_needs_guard(cell) && strpbrk(cell, special) == NULL && cell[0] != ' ') {
		buf_add_str(&x->out, cell);
		return;
	}
	buf_add_char(&x->out, '"');
	if (cell_needs_guard(cell))
		buf_add_char(&x->out, '\'');
	for (; *cell != '\0'; cell++) {
		if (*cell == '"')
			buf_add_char(&x->out, '"');
		buf_add_char(&x->out, *cell);
	}
	buf_add_char(&x->out, '"');
}

static bool is_exported(const struct export *x, int column)
{
	return x->settings->with_citizens || (column < COLUMN_CITIZEN && column != COLUMN_BODY);
}

static void put_row(struct export *x, const char *const *cells)
{
	bool first = true;

	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (!is_exported(x, i))
			continue;
		if (!first)
			buf_add_char(&x->out, x->separator);
		put_cell(x, cells[i]);
		first = false;
	}
	buf_add_str(&x->out, "\r\n");
}

static void put_line(struct export *x, const char *const *cells)
{
	bool first = true;

	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (!is_exported(x, i))
			continue;
		buf_add_char(&x->out, first ? '{' : ',');
		wire_put_text(&x->out, column_names[i]);
		buf_add_char(&x->out, ':');
		wire_put_text(&x->out, cells[i]);
		first = false;
	}
	buf_add_str(&x->out, "}\n");
}

static bool flush(struct export *x, struct err *err)
{
	bool ok = fwrite(x->out.data, 1, x->out.len, stdout) == x->out.len && fflush(stdout) == 0;

	if (!ok)
		err_errno(err, _("cannot write the list"));
	buf_reset(&x->out);
	return ok;
}

/* ---- pages ---- */

static bool fits(struct export *x, const struct exported *e)
{
	struct arena *a = &x->row;
	const char *team = name_of(&x->lists.teams, e->ticket.team_id);
	const char *topic = name_of(&x->lists.topics, e->ticket.topic_id);
	const struct town_name *agent = town_name_by_id(&x->lists.agents, e->ticket.agent_id);
	struct filter_names names = {
		.team = team != NULL ? text_fold_dup(a, team) : NULL,
		.agent = agent != NULL ? agent->display : NULL,
		.topic = topic != NULL ? text_fold_dup(a, topic) : NULL,
	};

	return filter_match(&x->filter, &e->ticket, &names);
}

static void take_row(struct export *x, struct store_query *q)
{
	const struct record_type *ticket = &record_types[RECORD_TICKET];
	const struct record_type *party = &record_types[RECORD_PARTY];
	int extra = (int)ticket->field_count;
	struct exported e = {0};

	store_column_fields(q, 0, ticket->fields, ticket->field_count, &e.ticket, &x->row);
	if (x->filter.count > 0 && !fits(x, &e))
		return;
	e.key = arena_strdup(&x->row, store_column_text(q, extra + EXTRA_KEY));
	/* A row's hash would be of another row by then. */
	if (e.key != NULL && strncmp(e.key, "row:", 4) == 0)
		e.key = NULL;
	if (x->settings->with_citizens) {
		e.body = arena_strdup(&x->row, store_column_text(q, extra + EXTRA_BODY));
		store_column_fields(q, extra + EXTRA_PARTY, party->fields, party->field_count,
				    &e.party, &x->row);
	}
	take_cells(x, &e);
	x->json ? put_line(x, e.cells) : put_row(x, e.cells);
}

static bool export_page(struct export *x, char after[ID_TEXT], int64_t *ret_got, struct err *err)
{
	struct store_query *q = store_query(x->town.store, CENTRAL_SQL_EXPORT_TICKETS);
	char next[ID_TEXT] = "";
	enum store_step step;

	*ret_got = 0;
	store_bind_text(q, 1, NULL);
	store_bind_text(q, 2, after);
	store_bind_int(q, 3, PAGE);
	while ((step = store_step(q, err)) == STORE_ROW) {
		arena_reset(&x->row);
		snprintf(next, sizeof(next), "%s", store_column_text(q, 0));
		take_row(x, q);
		++*ret_got;
	}
	store_done(q);
	memcpy(after, next, ID_TEXT);
	return step == STORE_DONE && flush(x, err);
}

static bool export_all(struct export *x, struct err *err)
{
	char after[ID_TEXT] = "";
	int64_t got = PAGE;

	if (!x->json) {
		buf_add_str(&x->out, "\xef\xbb\xbf");
		put_row(x, column_names);
	}
	while (got == PAGE)
		if (!export_page(x, after, &got, err))
			return false;
	return true;
}

static bool read_options(struct export *x, struct err *err)
{
	const struct settings *s = x->settings;
	const char *name = s->separator == NULL		      ? ";"
			   : strcmp(s->separator, "tab") == 0 ? "\t"
							      : s->separator;

	x->json = s->format != NULL && strcmp(s->format, "json") == 0;
	if (s->format != NULL && !x->json && strcmp(s->format, "csv") != 0) {
		err_set(err, ERR_INPUT, _("'%s' is no format; there are csv and json"), s->format);
		return false;
	}
	if (strlen(name) != 1 || strchr("\"\r\n'", name[0]) != NULL) {
		err_set(err, ERR_INPUT, _("--separator: write ; or , or tab"));
		return false;
	}
	x->separator = name[0];
	return s->filter == NULL || filter_parse(s->filter, x->now, &x->filter, &x->arena, err);
}

int command_export(const struct settings *s, const struct option_list *operands, struct err *err)
{
	struct export x = {.settings = s, .now = clock_now()};
	int ret = 2;

	if (operands->count != 1 || strcmp(operands->items[0], "tickets") != 0) {
		err_set(err, ERR_INPUT, _("write: balied export tickets"));
		return ret;
	}
	if (!read_options(&x, err))
		goto out;
	ret = 1;
	if (!town_open(&x.town, s->db, STORE_READONLY, err))
		goto out;
	if (!store_begin_read(x.town.store, err))
		goto out;
	if (town_lists_read(&x.lists, &x.town, err) && export_all(&x, err))
		ret = 0;
	store_rollback(x.town.store);
out:
	town_lists_finish(&x.lists);
	town_close(&x.town);
	buf_finish(&x.out);
	arena_finish(&x.row);
	arena_finish(&x.arena);
	return ret;
}
