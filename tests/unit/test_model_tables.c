/* The tables: complete, consistent with the structs, and every action described. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "balie/id.h"
#include "balie/model.h"

static const struct words *const all_words[] = {
	&ticket_kinds, &ticket_states,	&channels,     &directions, &message_states,
	&senders,      &party_kinds,	&team_kinds,   &roles,	    &involvement_roles,
	&priorities,   &deadline_bases, &filter_views,
};
#define WORDS_COUNT (sizeof(all_words) / sizeof(all_words[0]))

static bool is_code(const char *s)
{
	return s && s[0] && strspn(s, "abcdefghijklmnopqrstuvwxyz-") == strlen(s);
}

static void words_are_complete(void **state)
{
	size_t i;
	int j, k;

	(void)state;
	assert_int_equal(ticket_states.count, STATE_MERGED + 1);
	assert_int_equal(ticket_kinds.count, KIND_DISCLOSURE + 1);
	assert_int_equal(channels.count, CHANNEL_INTERNAL + 1);
	assert_int_equal(message_states.count, MESSAGE_UNCERTAIN + 1);
	assert_int_equal(senders.count, SENDER_MACHINE + 1);
	assert_int_equal(filter_views.count, VIEW_ALL + 1);
	for (i = 0; i < WORDS_COUNT; i++) {
		for (j = 0; j < all_words[i]->count; j++) {
			assert_true(is_code(all_words[i]->code[j]));
			assert_true(all_words[i]->label[j] && all_words[i]->label[j][0]);
			assert_int_equal(words_find(all_words[i], all_words[i]->code[j]), j);
			for (k = 0; k < j; k++)
				assert_string_not_equal(all_words[i]->label[j],
							all_words[i]->label[k]);
		}
	}
}

static size_t size_of(enum field_type type)
{
	switch (type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		return sizeof(const char *);
	case FIELD_INT:
	case FIELD_TIME:
		return sizeof(int64_t);
	case FIELD_BOOL:
		return sizeof(bool);
	case FIELD_WORD:
		return sizeof(int);
	}
	return 0;
}

/* Every byte of a struct but padding belongs to one field, so none is forgotten. */
static void check_fields(const struct field *fields, size_t count, size_t size, size_t loose)
{
	size_t used = 0;
	size_t i, j;

	for (i = 0; i < count; i++) {
		const struct field *f = &fields[i];

		assert_true(f->name && f->name[0] && f->help && f->help[0]);
		assert_true(f->offset + size_of(f->type) <= size);
		assert_int_equal(f->type == FIELD_WORD, f->words != NULL);
		used += size_of(f->type);
		for (j = 0; j < i; j++) {
			assert_string_not_equal(f->name, fields[j].name);
			assert_true(f->offset != fields[j].offset);
		}
	}
	assert_true(size - used <= loose);
}

static void records_are_complete(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < RECORD_KINDS; i++) {
		const struct record_type *t = &record_types[i];

		assert_int_equal(t->kind, i);
		assert_int_equal(record_kind_find(t->name), i);
		assert_string_equal(t->fields[0].name, "id");
		assert_string_equal(t->fields[1].name, "version");
		/* id and version stand at the same place in all: a store may rely on it. */
		assert_int_equal(t->fields[0].offset, 0);
		assert_int_equal(t->fields[1].offset, sizeof(char *));
		check_fields(t->fields, t->field_count, t->size, 15);
	}
	assert_int_equal(record_kind_find("ticke"), -1);
	assert_int_equal(record_kind_find(NULL), -1);
	check_fields(change_fields, change_field_count, sizeof(struct change), 7);
}

static void actions_are_complete(void **state)
{
	size_t i, j;

	(void)state;
	assert_int_equal(actions.count, ACT_COUNT);
	for (i = 0; i < actions.count; i++) {
		const struct action *a = &actions.rows[i];

		assert_int_equal(a->id, i);
		assert_true(is_code(a->name));
		assert_true(a->help && strlen(a->help) > 3);
		assert_true(strlen(a->help) < 80);
		assert_true(a->label && a->label[0] && strlen(a->label) <= 12);
		assert_non_null(a->usage);
		assert_int_equal(a->kind, i < ACT_LOCAL_FIRST ? ACTION_SENT : ACTION_LOCAL);
		assert_ptr_equal(action_find(&actions, a->name), a);
		for (j = 0; j < a->field_count; j++)
			assert_true(a->fields[j].offset < sizeof(struct args));
		for (j = 0; j < i; j++)
			assert_string_not_equal(a->name, actions.rows[j].name);
	}
	assert_string_equal(action_nearest(&actions, "asign"), "assign");
	assert_null(action_find(&actions, "delete"));
}

static void additive_and_replacing(void **state)
{
	static const int adds[] = {ACT_CREATE,	     ACT_ANSWER,       ACT_NOTE,
				   ACT_FOLLOW,	     ACT_UNFOLLOW,     ACT_ACCEPT,
				   ACT_DECLINE,	     ACT_SAID,	       ACT_CONTACT,
				   ACT_UNDO,	     ACT_PARTY_CREATE, ACT_TEAM_CREATE,
				   ACT_TOPIC_CREATE, ACT_AGENT_CREATE, ACT_TEMPLATE_CREATE,
				   ACT_LINK,	     ACT_UNLINK,       ACT_SPLIT,
				   ACT_FORWARD,	     ACT_SEND_AGAIN,   ACT_SETTLE};
	int i;
	size_t j;

	(void)state;
	for (i = 0; i < ACT_LOCAL_FIRST; i++) {
		bool additive = false;

		for (j = 0; j < sizeof(adds) / sizeof(adds[0]); j++)
			additive = additive || adds[j] == i;
		assert_int_equal(!!(actions.rows[i].flags & ACTION_ADDITIVE), additive);
		/* What replaces a value can be written back, and what two tickets have to do with
		 * each other taken away. */
		assert_int_equal(!!(actions.rows[i].flags & ACTION_UNDOABLE),
				 !additive || i == ACT_LINK || i == ACT_UNLINK || i == ACT_SPLIT);
	}
}

static void expands(const char *body, const char *want, int left)
{
	const struct template_values values = {.name = "An Claes", .number = "26-004217-69"};
	struct buf b = {0};

	assert_int_equal(template_expand(body, &values, &b), left);
	assert_string_equal(b.data, want);
	buf_finish(&b);
}

static void templates(void **state)
{
	(void)state;
	expands("Beste {naam}, over {nummer}", "Beste An Claes, over 26-004217-69", 0);
	expands("Dear {name}: {number}", "Dear An Claes: 26-004217-69", 0);
	/* What is not known stays, to be filled in by hand. */
	expands("voor {termijn} bij {dienst}", "voor {termijn} bij {dienst}", 2);
	/* Braces that are no field are text. */
	expands("{} {x} {", "{} {x} {", 0);
	expands("{naam", "{naam", 0);
	expands("{{naam}}", "{An Claes}", 0);
	expands("{een {naam}}", "{een An Claes}", 0);
}

static bool checks(int action, struct args args, const char **field)
{
	struct err err = {0};
	bool ok = args_check_field(&actions.rows[action], &args, field, &err);

	assert_int_equal(ok, err.kind == ERR_NONE);
	assert_int_equal(ok, err.text[0] == '\0');
	return ok;
}

/* "Nothing given", and then what a test gives. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define ARGS(...) \
	((struct args){.state = -1, \
		       .kind = -1, \
		       .channel = -1, \
		       .priority = -1, \
		       .direction = -1, \
		       .party_kind = -1, \
		       .team_kind = -1, \
		       .deadline_basis = -1, \
		       .role = -1, \
		       .active = -1, \
		       __VA_ARGS__})
#define ID1 "01890a5d-ac96-774b-bcce-b302099a8057"

static void assert_bad(int action, struct args args, const char *want)
{
	const char *field = NULL;

	assert_false(checks(action, args, &field));
	assert_string_equal(field, want);
}

static void arguments(void **state)
{
	static char wide[302], note[FIELD_LINES_MAX + 2];
	const char *field = NULL;

	(void)state;
	memset(wide, 'x', 301);
	memset(note, 'x', FIELD_LINES_MAX + 1);
	assert_true(checks(ACT_CREATE, ARGS(.subject = "Losse tegel"), &field));
	assert_true(checks(ACT_CREATE, ARGS(.subject = wide + 1), &field));
	assert_bad(ACT_CREATE, ARGS(.subject = NULL), "subject");
	assert_bad(ACT_CREATE, ARGS(.subject = " \t"), "subject");
	assert_bad(ACT_CREATE, ARGS(.subject = wide), "subject");
	assert_bad(ACT_CREATE, ARGS(.subject = "a\r\nBcc: x@y.be"), "subject");
	assert_bad(ACT_CREATE, ARGS(.subject = "a\xff"), "subject");
	assert_bad(ACT_CREATE, ARGS(.subject = "a", .topic_id = "7"), "topic_id");
	assert_bad(ACT_CREATE, ARGS(.subject = "a", .priority = 3), "priority");
	assert_bad(ACT_CREATE, ARGS(.subject = "a", .priority = -2), "priority");
	assert_true(checks(ACT_NOTE, ARGS(.body = "a\nb"), &field));
	assert_true(checks(ACT_NOTE, ARGS(.body = note + 1), &field));
	assert_bad(ACT_NOTE, ARGS(.body = note), "body");
	assert_bad(ACT_NOTE, ARGS(.body = "\n \n"), "body");
	/* What the reader of an envelope refuses would never leave an outbox. */
	assert_true(checks(ACT_NOTE, ARGS(.body = "a\tb\r\nc"), &field));
	assert_bad(ACT_NOTE, ARGS(.body = "a\x1b[2J"), "body");
	assert_bad(ACT_NOTE, ARGS(.body = "a\fb"), "body");
	assert_bad(ACT_CREATE, ARGS(.subject = "a\tb"), "subject");
	assert_bad(ACT_STATE, ARGS(.reason = "x"), "state");
	assert_bad(ACT_STATE, ARGS(.state = STATE_PLANNED), "until");
	assert_true(checks(ACT_STATE, ARGS(.state = STATE_PLANNED, .until = 1), &field));
	assert_bad(ACT_STATE, ARGS(.state = STATE_MERGED), "state");
	assert_bad(ACT_STATE, ARGS(.state = STATE_NEW), "state");
	assert_bad(ACT_DUE, ARGS(.body = "x"), "due_at");
	assert_bad(ACT_ASSIGN, ARGS(.agent_id = ID1), "team_id");
	assert_true(checks(ACT_ASSIGN, ARGS(.team_id = ID1, .agent_id = ""), &field));
	assert_bad(ACT_ASSIGN, ARGS(.team_id = ID1, .agent_id = "me"), "agent_id");
	assert_bad(ACT_UNDO, ARGS(.body = "x"), "operation");
	assert_bad(ACT_ACCEPT, ARGS(.body = "x"), "message_id");
	assert_true(checks(ACT_FOLLOW, args_none, &field));
	assert_true(checks(ACT_QUIT, args_none, &field));
}

static void check_reason(const char *stored, const char *shown)
{
	struct buf b = {0};

	reason_put(&b, stored);
	assert_string_equal(b.data, shown);
	buf_finish(&b);
}

static void reasons(void **state)
{
	(void)state;
	check_reason("no-mail", "no mail set up");
	check_reason("number-unknown 26-004217-68; text-cut",
		     "no ticket has the number 26-004217-68; the text was cut");
	check_reason("returned 5.1.1 weg@example.be", "it came back: 5.1.1 weg@example.be");
	check_reason("disguised factuur.pdf; smime-encrypted",
		     "the file factuur.pdf is a program in disguise; encrypted with S/MIME: only "
		     "the attached file holds the text");
	check_reason("of-later %s 1; stranger",
		     "of-later %s 1; the sender takes no part in this ticket");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates),
		cmocka_unit_test(words_are_complete),
		cmocka_unit_test(records_are_complete),
		cmocka_unit_test(actions_are_complete),
		cmocka_unit_test(additive_and_replacing),
		cmocka_unit_test(arguments),
		cmocka_unit_test(reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
