/* Envelopes and problem documents: the contract between the programs. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "balie/wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ID1 "01890a5d-ac96-774b-bcce-b302099a8057"
#define ID2 "01890a5d-ac96-774b-bcce-b302099a8058"
#define ID3 "01890a5d-ac96-774b-bcce-b302099a8059"
#define HEAD "\"id\":\"" ID1 "\",\"record\":\"" ID2 "\","

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static bool gets(const char *text, struct envelope *e, const char **pointer, struct err *err)
{
	struct cJSON *json = wire_parse(text, strlen(text), err);
	bool ok;

	if (!json)
		fail_msg("%s: %s", err->text, text);
	*pointer = NULL;
	ok = wire_get_envelope(json, e, &arena, pointer, err);
	wire_free(json);
	return ok;
}

static struct envelope taken(const char *text)
{
	struct envelope e = {0};
	const char *pointer;
	struct err err = {0};

	if (!gets(text, &e, &pointer, &err))
		fail_msg("%s: %s", err.text, text);
	assert_null(pointer);
	return e;
}

static void reading(void **state)
{
	struct envelope e =
		taken("{" HEAD "\"action\":\"assign\",\"base_version\":17,"
		      "\"team_id\":\"" ID3 "\",\"agent_id\":null,\"reason\":\"verlof\"}");

	(void)state;
	assert_string_equal(e.id, ID1);
	assert_string_equal(e.record, ID2);
	assert_int_equal(e.action->id, ACT_ASSIGN);
	assert_int_equal(e.base_version, 17);
	assert_string_equal(e.args.team_id, ID3);
	assert_null(e.args.agent_id);
	assert_string_equal(e.args.reason, "verlof");
	e = taken("{" HEAD "\"action\":\"create\",\"subject\":\"Tegel\"}");
	assert_int_equal(e.base_version, 0);
	assert_int_equal(e.args.kind, -1);
	assert_int_equal(e.args.channel, -1);
	assert_int_equal(e.args.priority, -1);
	e = taken("{" HEAD "\"action\":\"create\",\"subject\":\"Tegel\",\"kind\":null,"
		  "\"priority\":\"low\",\"base_version\":0}");
	assert_int_equal(e.args.kind, -1);
	assert_int_equal(e.args.priority, PRIORITY_LOW);
	/* Without a version it is for the service to ask for one. */
	e = taken("{" HEAD "\"action\":\"kind\",\"kind\":\"question\"}");
	assert_int_equal(e.base_version, 0);
}

static void refusing(void **state)
{
	static const struct {
		const char *text, *pointer;
		enum err_kind kind;
	} rows[] = {
		{"[]", "", ERR_INPUT},
		{"{}", "/id", ERR_INPUT},
		{"{\"id\":\"" ID1 "\",\"action\":\"note\"}", "/record", ERR_INPUT},
		{"{\"id\":\"" ID1 "\",\"record\":\"" ID2 "\"}", "/action", ERR_INPUT},
		{"{\"id\":null,\"record\":\"" ID2 "\",\"action\":\"note\"}", "/id", ERR_INPUT},
		{"{\"id\":\"\",\"record\":\"" ID2 "\",\"action\":\"note\"}", "/id", ERR_INPUT},
		{"{\"id\":\"1\",\"record\":\"" ID2 "\",\"action\":\"note\"}", "/id", ERR_INPUT},
		{"{" HEAD "\"action\":\"asign\"}", "/action", ERR_NOT_FOUND},
		{"{" HEAD "\"action\":\"quit\"}", "/action", ERR_NOT_FOUND},
		{"{" HEAD "\"action\":7}", "/action", ERR_INPUT},
		{"{" HEAD "\"action\":\"note\",\"body\":\"x\",\"base_version\":-1}",
		 "/base_version", ERR_INPUT},
		{"{" HEAD "\"action\":\"note\",\"body\":\"x\",\"base_version\":1.5}",
		 "/base_version", ERR_INPUT},
		{"{" HEAD "\"action\":\"note\",\"body\":\"x\",\"base_version\":\"1\"}",
		 "/base_version", ERR_INPUT},
		{"{" HEAD "\"action\":\"note\",\"body\":\"x\",\"x\":1}", "/x", ERR_INPUT},
		{"{" HEAD "\"action\":\"note\",\"body\":\"x\",\"subject\":\"y\"}", "/subject",
		 ERR_INPUT},
		{"{" HEAD "\"action\":\"note\"}", "/body", ERR_INPUT},
		{"{" HEAD "\"action\":\"note\",\"body\":\" \\n\"}", "/body", ERR_INPUT},
		{"{" HEAD "\"action\":\"note\",\"body\":\"a\\u001b[2J\"}", "/body", ERR_INPUT},
		{"{" HEAD "\"action\":\"answer\",\"body\":\"x\",\"to\":\"a\\r\\nBcc: b\"}", "/to",
		 ERR_INPUT},
		{"{" HEAD "\"action\":\"state\",\"state\":\"planned\"}", "/until", ERR_INPUT},
		{"{" HEAD "\"action\":\"state\",\"state\":\"merged\"}", "/state", ERR_INPUT},
		{"{" HEAD "\"action\":\"state\",\"state\":\"opne\"}", "/state", ERR_INPUT},
		{"{" HEAD "\"action\":\"assign\",\"agent_id\":\"" ID3 "\"}", "/team_id", ERR_INPUT},
		{"{" HEAD "\"action\":\"follow\",\"body\":\"x\"}", "/body", ERR_INPUT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct envelope e = {.base_version = 99};
		const char *pointer;
		struct err err = {0};

		if (gets(rows[i].text, &e, &pointer, &err))
			fail_msg("should refuse: %s", rows[i].text);
		assert_int_equal(err.kind, rows[i].kind);
		assert_non_null(pointer);
		assert_string_equal(pointer, rows[i].pointer);
		assert_int_equal(e.base_version, 99);
	}
}

static void nearest_action(void **state)
{
	struct envelope e;
	const char *pointer;
	struct err err = {0};

	(void)state;
	assert_false(gets("{" HEAD "\"action\":\"asign\"}", &e, &pointer, &err));
	assert_non_null(strstr(err.text, "assign"));
}

static const struct args all_args = {.topic_id = ID1,
				     .team_id = ID2,
				     .agent_id = ID3,
				     .party_id = ID1,
				     .message_id = ID2,
				     .operation = ID3,
				     .subject = "Ondérwerp \"x\"",
				     .body = "a\nb",
				     .reason = "daarom",
				     .to = "An <an@example.be>",
				     .state = STATE_PLANNED,
				     .kind = KIND_DISCLOSURE,
				     .channel = CHANNEL_CHAT,
				     .priority = PRIORITY_LOW,
				     .close = true,
				     .until = 1795498316123,
				     .due_at = 1795498316124,
				     .contact_id = ID2,
				     .on_behalf_id = ID3,
				     .into_id = ID1,
				     .other_id = ID2,
				     .answer = "Ja.",
				     .summary = "Kort",
				     .direction = DIRECTION_OUT,
				     .party_kind = PARTY_ENTERPRISE,
				     .started_at = 1795498316125,
				     .ended_at = 1795498316126,
				     .name = "Bakkerij",
				     .given = "An",
				     .family = "Claes",
				     .birth_date = "1964-03-12",
				     .language = "nl",
				     .identifiers = "[]",
				     .phones = "[]",
				     .emails = "[]",
				     .addresses = "[]",
				     .team_kind = TEAM_OUTSIDE,
				     .deadline_basis = DEADLINE_CALENDAR_DAYS,
				     .deadline_days = 30,
				     .role = ROLE_ADMIN,
				     .active = 1,
				     .display = "An",
				     .purpose = PURPOSE_ACKNOWLEDGEMENT,
				     .cc = "Bo <bo@example.be>",
				     .attachments = "[]",
				     .mailbox_id = ID3};

/* Each sent action with all its fields, there and back. */
static void every_action(void **state)
{
	struct buf first = {0};
	struct buf second = {0};
	int i;
	size_t j;

	(void)state;
	for (i = 0; i < ACT_LOCAL_FIRST; i++) {
		struct envelope e = {.id = ID1,
				     .action = &actions.rows[i],
				     .record = ID2,
				     .base_version = i,
				     .args = all_args};
		struct envelope back;

		buf_reset(&first);
		wire_put_envelope(&first, &e);
		for (j = 0; j < e.action->field_count; j++)
			assert_non_null(strstr(first.data, e.action->fields[j].name));
		back = taken(first.data);
		assert_ptr_equal(back.action, e.action);
		assert_int_equal(back.base_version, i);
		buf_reset(&second);
		wire_put_envelope(&second, &back);
		assert_string_equal(first.data, second.data);
	}
	buf_finish(&first);
	buf_finish(&second);
}

/* What was not given is not sent. */
static void short_envelope(void **state)
{
	struct envelope e = {
		.id = ID1, .action = &actions.rows[ACT_CREATE], .record = ID2, .args = args_none};
	struct buf b = {0};

	(void)state;
	e.args.subject = "Tegel";
	wire_put_envelope(&b, &e);
	assert_string_equal(b.data, "{\"id\":\"" ID1 "\",\"action\":\"create\",\"record\":\"" ID2
				    "\",\"base_version\":0,\"subject\":\"Tegel\"}");
	buf_finish(&b);
}

static void problems(void **state)
{
	static const int status[PROBLEM_COUNT] = {
		[PROBLEM_BAD_REQUEST] = 400,   [PROBLEM_BAD_JSON] = 400,
		[PROBLEM_BAD_FIELD] = 422,     [PROBLEM_UNKNOWN_ACTION] = 422,
		[PROBLEM_LOGIN] = 401,	       [PROBLEM_LOGIN_EXPIRED] = 401,
		[PROBLEM_TOO_MANY] = 429,      [PROBLEM_DENIED] = 403,
		[PROBLEM_NOT_FOUND] = 404,     [PROBLEM_METHOD] = 405,
		[PROBLEM_GONE_CURSOR] = 410,   [PROBLEM_STALE] = 412,
		[PROBLEM_NO_BASE] = 428,       [PROBLEM_STATE] = 409,
		[PROBLEM_KEY_REUSED] = 422,    [PROBLEM_KEY_MISSING] = 428,
		[PROBLEM_UNDO_CONFLICT] = 409, [PROBLEM_TOO_LARGE] = 413,
		[PROBLEM_TYPE] = 415,	       [PROBLEM_BUSY] = 503,
		[PROBLEM_FULL] = 507,	       [PROBLEM_INTERNAL] = 500,
		[PROBLEM_STOPPING] = 503,      [PROBLEM_OUTCOME_UNKNOWN] = 503,
	};
	struct buf b = {0};
	int p, q;

	(void)state;
	for (p = 0; p < PROBLEM_COUNT; p++) {
		struct err err = {0};
		const char *detail = NULL;
		struct cJSON *json;

		assert_int_equal(problem_rows[p].problem, p);
		assert_int_equal(problem_rows[p].status, status[p]);
		for (q = 0; q < p; q++)
			assert_string_not_equal(problem_rows[p].name, problem_rows[q].name);
		buf_reset(&b);
		wire_put_problem(&b, (enum problem)p, "the \"why\"", "het waarom", p % 2,
				 "/subject", "r1", "\"current\":{\"version\":3}");
		json = wire_parse(b.data, b.len, &err);
		if (!json)
			fail_msg("%s: %s", err.text, b.data);
		assert_int_equal(wire_get_problem(json, &detail), p);
		assert_string_equal(detail, p % 2 ? "het waarom" : "the \"why\"");
		assert_non_null(strstr(b.data, p % 2 ? problem_rows[p].title_nl
						     : problem_rows[p].title_en));
		wire_free(json);
	}
	buf_finish(&b);
}

static void problem_text(void **state)
{
	struct buf b = {0};

	(void)state;
	wire_put_problem(&b, PROBLEM_STALE, NULL, NULL, false, NULL, NULL, NULL);
	assert_string_equal(b.data, "{\"type\":\"urn:problem-type:balie:stale\",\"status\":412,"
				    "\"title\":\"Somebody else changed it first\"}");
	buf_finish(&b);
}

static void foreign_problems(void **state)
{
	static const char *const rows[] = {
		"{}",
		"[]",
		"1",
		"{\"type\":1}",
		"{\"type\":\"about:blank\"}",
		"{\"type\":\"urn:problem-type:balie:\"}",
		"{\"type\":\"urn:problem-type:balie:stalest\",\"detail\":7}"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct cJSON *json = wire_parse(rows[i], strlen(rows[i]), NULL);
		const char *detail = "x";

		assert_non_null(json);
		assert_int_equal(wire_get_problem(json, &detail), PROBLEM_COUNT);
		assert_null(detail);
		wire_free(json);
	}
	assert_int_equal(wire_get_problem(NULL, NULL), PROBLEM_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),	  cmocka_unit_test(refusing),
		cmocka_unit_test(nearest_action), cmocka_unit_test(every_action),
		cmocka_unit_test(short_envelope), cmocka_unit_test(problems),
		cmocka_unit_test(problem_text),	  cmocka_unit_test(foreign_problems),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
