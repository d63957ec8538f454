/* The database by itself: columns as the field tables say, plans that use their index, the chain. */
#include "group.h"
#include "balie/store.h"
#include "central_sql.h"
#include "postgres.h"
#include "town.h"

static struct service s;
static struct town town;

static int setup(void **state)
{
	struct err err = {0};

	(void)state;
	service_make(&s);
	return town_open(&town, s.db, STORE_PREPARE, &err) ? 0 : 1;
}

static int teardown(void **state)
{
	(void)state;
	town_close(&town);
	service_remove(&s);
	return 0;
}

static void check_columns(enum central_sql statement, enum record_kind kind)
{
	const struct record_type *type = &record_types[kind];
	struct store_query *q = store_query(town.store, statement);
	size_t i;

	assert_true(store_column_count(q) >= (int)type->field_count);
	for (i = 0; i < type->field_count; i++)
		assert_string_equal(store_column_name(q, (int)i), type->fields[i].name);
}

static void test_columns_are_fields(void **state)
{
	static const struct {
		enum central_sql statement;
		enum record_kind kind;
	} rows[] = {
		{CENTRAL_SQL_READ_TEAM, RECORD_TEAM},
		{CENTRAL_SQL_READ_AGENT, RECORD_AGENT},
		{CENTRAL_SQL_READ_TOPIC, RECORD_TOPIC},
		{CENTRAL_SQL_READ_TEMPLATE, RECORD_TEMPLATE},
		{CENTRAL_SQL_LIST_TEMPLATE, RECORD_TEMPLATE},
		{CENTRAL_SQL_READ_PARTY, RECORD_PARTY},
		{CENTRAL_SQL_READ_TICKET, RECORD_TICKET},
		{CENTRAL_SQL_READ_CONTACT, RECORD_CONTACT},
		{CENTRAL_SQL_READ_MESSAGE, RECORD_MESSAGE},
		{CENTRAL_SQL_READ_NOTE, RECORD_NOTE},
		{CENTRAL_SQL_LIST_TEAM, RECORD_TEAM},
		{CENTRAL_SQL_LIST_AGENT, RECORD_AGENT},
		{CENTRAL_SQL_LIST_TOPIC, RECORD_TOPIC},
		{CENTRAL_SQL_LIST_PARTY, RECORD_PARTY},
		{CENTRAL_SQL_LIST_CONTACT, RECORD_CONTACT},
		{CENTRAL_SQL_DESK_PARTY, RECORD_PARTY},
		{CENTRAL_SQL_DESK_CONTACT, RECORD_CONTACT},
		{CENTRAL_SQL_TICKET_LIST, RECORD_TICKET},
		{CENTRAL_SQL_DESK_TICKET, RECORD_TICKET},
		{CENTRAL_SQL_QUEUE_ALL_DUE_KEY_UP, RECORD_TICKET},
		{CENTRAL_SQL_QUEUE_AGENT_ID_UPDATED_AT_DOWN, RECORD_TICKET},
		{CENTRAL_SQL_MESSAGE_LIST, RECORD_MESSAGE},
		{CENTRAL_SQL_NOTE_LIST, RECORD_NOTE},
	};
	struct store_query *q = store_query(town.store, CENTRAL_SQL_JOURNAL_AFTER);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_columns(rows[i].statement, rows[i].kind);
	for (i = 0; i < change_field_count; i++)
		assert_string_equal(store_column_name(q, (int)i), change_fields[i].name);
}

/* No page of a queue sorts, and none reads the whole table. Asked of SQLite in its own words; what
 * PostgreSQL plans, test_dialects asks. */
static void test_pages_follow_an_index(void **state)
{
	struct town plans = {0};
	struct store_text texts[CENTRAL_SQL_COUNT];
	enum central_sql which[CENTRAL_SQL_COUNT];
	struct store_schema schema = *town_schema();
	struct err err = {0};
	size_t count = 0;
	size_t i;

	(void)state;
	if (postgres_wanted())
		skip();
	for (i = 0; i < CENTRAL_SQL_COUNT; i++) {
		const char *name = central_sqlite_statements[i].name;

		if (strncmp(name, "queue_", 6) != 0 && strncmp(name, "desk_ticket", 11) != 0 &&
		    strncmp(name, "ticket_list", 11) != 0 && strncmp(name, "desk_party", 10) != 0)
			continue;
		texts[count].name = name;
		texts[count].sql =
			xasprintf("EXPLAIN QUERY PLAN %s", central_sqlite_statements[i].sql);
		which[count++] = (enum central_sql)i;
	}
	schema.dialects[STORE_SQLITE].statements = texts;
	schema.statement_count = count;
	assert_true(store_open(&plans.store, s.db, &schema, STORE_READONLY, &err));
	for (i = 0; i < count; i++) {
		struct store_query *q = store_query(plans.store, (unsigned)i);
		bool queue = strncmp(texts[i].name, "queue_", 6) == 0;
		bool uses = false;

		while (store_step(q, &err) == STORE_ROW) {
			const char *line = store_column_text(q, 3);

			if (queue && strstr(line, "TEMP B-TREE"))
				fail_msg("%s sorts: %s", texts[i].name, line);
			if (strncmp(line, "SCAN ticket", 11) == 0 || strcmp(line, "SCAN t") == 0)
				fail_msg("%s scans: %s", texts[i].name, line);
			uses = uses || (strstr(line, "INDEX queue_") != NULL);
		}
		store_done(q);
		if (queue && !uses)
			fail_msg("%s uses no queue index", texts[i].name);
		(void)which;
	}
	store_close(plans.store);
	for (i = 0; i < count; i++)
		free((char *)(uintptr_t)texts[i].sql);
}

/* What is read once when the service starts is all that a search reads. */
static void test_searches_are_read_beforehand(void **state)
{
	static const char *const wanted[] = {"SCAN d\n", "INDEX party_words_words\n", "SCAN w\n",
					     "SCAN p\n", "INDEX sqlite_autoindex_party_1\n"};
	struct store_schema schema = *town_schema();
	struct store_text text = {.name = "search_warm"};
	struct town plans = {0};
	struct buf lines = {0};
	struct store_query *q;
	struct err err = {0};
	char *sql;

	(void)state;
	if (postgres_wanted())
		skip();
	sql = xasprintf("EXPLAIN QUERY PLAN %s",
			central_sqlite_statements[CENTRAL_SQL_SEARCH_WARM].sql);
	text.sql = sql;
	schema.dialects[STORE_SQLITE].statements = &text;
	schema.statement_count = 1;
	assert_true(store_open(&plans.store, s.db, &schema, STORE_READONLY, &err));
	q = store_query(plans.store, 0);
	while (store_step(q, &err) == STORE_ROW)
		buf_printf(&lines, "%s\n", store_column_text(q, 3));
	store_done(q);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strstr(lines.data, wanted[i]))
			fail_msg("%s is not in %s", wanted[i], lines.data);
	store_close(plans.store);
	buf_finish(&lines);
	free(sql);
}

static void make_ticket(struct ticket *ticket, const struct mark *mark, struct arena *a)
{
	char id[ID_TEXT];
	struct err err = {0};

	*ticket = (struct ticket){.id = arena_strdup(a, id_new(id)),
				  .state = STATE_NEW,
				  .priority = PRIORITY_NORMAL,
				  .subject = "Proef",
				  .created_at = mark->at};
	if (!ticket_insert(&town, ticket, mark, a, &err))
		fail_msg("%s", err.text);
}

static void test_numbers_count_up(void **state)
{
	struct arena a = {0};
	char operation[ID_TEXT];
	struct mark mark = {
		.operation = id_new(operation), .action = "test", .at = INT64_C(1790000000000)};
	struct ticket one, two;
	const char *id;
	struct err err = {0};

	(void)state;
	assert_true(town_begin(&town, &err));
	make_ticket(&one, &mark, &a);
	make_ticket(&two, &mark, &a);
	assert_string_not_equal(one.number, two.number);
	assert_true(ticket_by_number(&town, two.number, &id, &a, &err));
	assert_string_equal(id, two.id);
	/* The same number twice is refused. */
	two.id = arena_strdup(&a, id_new(operation));
	assert_false(ticket_insert(&town, &two, &mark, &a, &err));
	assert_int_equal(err.kind, ERR_CONFLICT);
	town_rollback(&town);
	arena_finish(&a);
}

/* One other value for a field; false for what no update may change. */
static bool change_field(const struct field *f, struct ticket *ticket, const struct ticket *other)
{
	char *at = (char *)ticket + f->offset;

	if (strcmp(f->name, "id") == 0 || strcmp(f->name, "version") == 0 ||
	    strcmp(f->name, "followed") == 0)
		return false;
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_DATE:
		*(const char **)(void *)at =
			strcmp(f->name, "number") == 0 ? "26-123456" : "anders";
		break;
	case FIELD_JSON:
		*(const char **)(void *)at = "[]";
		break;
	case FIELD_ID:
		if (strcmp(f->name, "merged_into") == 0)
			*(const char **)(void *)at = other->id;
		else
			*(const char **)(void *)at = *(
				const char *const *)(const void *)((const char *)other + f->offset);
		break;
	case FIELD_INT:
	case FIELD_TIME:
		*(int64_t *)(void *)at += 7;
		break;
	case FIELD_BOOL:
		*(bool *)(void *)at = !*(bool *)(void *)at;
		break;
	case FIELD_WORD:
		(*(int *)(void *)at)++;
		break;
	}
	return true;
}

static void check_update(const struct ticket *before, struct ticket *after, const struct mark *mark,
			 struct arena *a)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct ticket read = {0};
	struct err err = {0};

	if (!town_update(&town, RECORD_TICKET, before, after, mark, &err) ||
	    !town_read(&town, RECORD_TICKET, after->id, NULL, &read, a, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < type->field_count; i++)
		if (journal_field_differs(&type->fields[i], after, &read))
			fail_msg("%s was not written", type->fields[i].name);
}

/* Whichever columns an update names, what became different is among them: each field by itself, and
 * each two together. */
static void test_updates_write_what_changed(void **state)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct arena a = {0};
	char operation[ID_TEXT], party[ID_TEXT];
	struct mark mark = {.operation = id_new(operation), .action = "test", .at = 1790000000000};
	struct party p = {.kind = PARTY_CITIZEN, .name = "Claes, An", .created_at = mark.at};
	struct topic topic = {.name = "Proef", .active = true};
	struct team team = {.name = "Proefgroep", .active = true};
	struct agent agent = {.name = "proef", .display = "Proef", .active = true};
	char ids[3][ID_TEXT];
	struct ticket one, other, after;
	struct err err = {0};

	(void)state;
	p.id = id_new(party);
	team.id = id_new(ids[0]);
	topic.id = id_new(ids[1]);
	agent.id = id_new(ids[2]);
	agent.team_id = team.id;
	assert_true(town_begin(&town, &err));
	assert_true(town_insert(&town, RECORD_PARTY, &p, NULL, &mark, &a, &err));
	assert_true(town_insert(&town, RECORD_TEAM, &team, NULL, &mark, &a, &err));
	assert_true(town_insert(&town, RECORD_TOPIC, &topic, NULL, &mark, &a, &err));
	assert_true(town_insert(&town, RECORD_AGENT, &agent, NULL, &mark, &a, &err));
	make_ticket(&one, &mark, &a);
	make_ticket(&other, &mark, &a);
	other.party_id = p.id;
	other.topic_id = topic.id;
	other.team_id = team.id;
	other.agent_id = agent.id;
	for (size_t i = 0; i < type->field_count; i++)
		for (size_t j = i; j < type->field_count; j++) {
			after = one;
			if (!change_field(&type->fields[i], &after, &other) ||
			    (j > i && !change_field(&type->fields[j], &after, &other)))
				continue;
			check_update(&one, &after, &mark, &a);
			/* And back, for the next. */
			one.version = after.version;
			check_update(&after, &one, &mark, &a);
		}
	town_rollback(&town);
	arena_finish(&a);
}

static void test_parties_are_found(void **state)
{
	struct arena a = {0};
	char operation[ID_TEXT], id[ID_TEXT];
	struct mark mark = {.operation = id_new(operation), .action = "test", .at = 1790000000000};
	struct party p = {.kind = PARTY_CITIZEN,
			  .name = "Claes, An",
			  .created_at = mark.at,
			  .emails = "[{\"value\":\"an@example.be\"}]",
			  .phones = "[{\"value\":\"+3256123456\"}]",
			  .identifiers = "[{\"scheme\":\"rrn\",\"value\":\"85073003328\"}]"};
	struct party changed;
	const char *found;
	struct err err = {0};

	(void)state;
	p.id = id_new(id);
	assert_true(town_begin(&town, &err));
	assert_true(town_insert(&town, RECORD_PARTY, &p, NULL, &mark, &a, &err));
	assert_true(party_by_email(&town, "an@example.be", &found, &a, &err));
	assert_string_equal(found, id);
	assert_true(party_by_identifier(&town, "rrn", "85073003328", &found, &a, &err));
	assert_string_equal(found, id);
	changed = p;
	changed.phones = NULL;
	assert_true(town_update(&town, RECORD_PARTY, &p, &changed, &mark, &err));
	assert_true(party_by_phone(&town, "+3256123456", &found, &a, &err));
	assert_null(found);
	town_rollback(&town);
	arena_finish(&a);
}

static void test_ledger_knows_what_was_read(void **state)
{
	struct mail_entry e = {.mailbox = "info",
			       .uidvalidity = 1,
			       .uid = 7,
			       .sha256 = "aa",
			       .outcome = "new",
			       .at = 1};
	struct mail_entry file = {.mailbox = "file", .sha256 = "bb", .outcome = "new", .at = 1};
	bool has;
	struct err err = {0};

	(void)state;
	assert_true(town_begin(&town, &err));
	assert_true(ledger_add(&town, &e, &err));
	assert_true(ledger_add(&town, &file, &err));
	assert_true(ledger_has(&town, "info", 1, 7, NULL, &has, &err) && has);
	assert_true(ledger_has(&town, "info", 2, 7, NULL, &has, &err) && !has);
	assert_true(ledger_has(&town, "file", 0, 0, "bb", &has, &err) && has);
	assert_true(town_savepoint(&town, &err));
	assert_false(ledger_add(&town, &e, &err));
	assert_int_equal(err.kind, ERR_CONFLICT);
	town_rollback_to(&town);
	town_rollback(&town);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_are_fields),
		cmocka_unit_test(test_searches_are_read_beforehand),
		cmocka_unit_test(test_pages_follow_an_index),
		cmocka_unit_test(test_numbers_count_up),
		cmocka_unit_test(test_updates_write_what_changed),
		cmocka_unit_test(test_parties_are_found),
		cmocka_unit_test(test_ledger_knows_what_was_read),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
