/* The rules: which state follows which, what each action makes of a ticket, deadlines, and who may
 * do and see what. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/model.h"

#define TEAM "01890a5d-ac96-774b-bcce-b302099a8057"
#define TEAM2 "01890a5d-ac96-774b-bcce-b302099a8058"
#define ME "01890a5d-ac96-774b-bcce-b302099a8059"
#define OTHER "01890a5d-ac96-774b-bcce-b302099a805a"
#define TOPIC "01890a5d-ac96-774b-bcce-b302099a805b"
#define TICKET "01890a5d-ac96-774b-bcce-b302099a805c"
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

static int64_t now;

static int64_t time_of(const char *text)
{
	int64_t ret = 0;

	assert_true(clock_from_rfc3339(text, &ret));
	return ret;
}

static int setup(void **state)
{
	(void)state;
	now = time_of("2026-11-24T09:30:00Z");
	return 0;
}

static struct ticket sample(int state)
{
	return (struct ticket){.id = TICKET,
			       .version = 3,
			       .state = state,
			       .subject = "Put in de weg",
			       .kind = KIND_REPORT,
			       .priority = PRIORITY_NORMAL,
			       .created_at = now - 1000,
			       .updated_at = now - 500,
			       .last_in_at = now - 1000};
}

static bool apply(struct ticket *t, int action, struct args args, const struct topic *topic,
		  struct err *err)
{
	struct envelope e = {.id = OTHER,
			     .action = &actions.rows[action],
			     .record = TICKET,
			     .base_version = 3,
			     .args = args};

	return ticket_apply(t, &e, topic, ME, now, err);
}

static void applies(struct ticket *t, int action, struct args args, const struct topic *topic)
{
	struct err err = {0};

	assert_true(apply(t, action, args, topic, &err));
}

/* Refused, said why, and nothing touched. */
static void refuses(struct ticket *t, int action, struct args args, enum err_kind kind)
{
	struct err err = {0};
	struct ticket before = *t;

	assert_false(apply(t, action, args, NULL, &err));
	assert_int_equal(err.kind, kind);
	assert_true(err.text[0]);
	assert_memory_equal(t, &before, sizeof(before));
}

/* Row: from; column: to, in the order of the enum. */
static const char *const table[] = {
	/*                  NOCTPaCRIWM */
	[STATE_NEW] = "-+++++++++-",
	[STATE_OPEN] = "--++++++++-",
	[STATE_WAITING_CITIZEN] = "-+-+++++++-",
	[STATE_WAITING_THIRD] = "-++-++++++-",
	[STATE_PLANNED] = "-+++++++++-",
	[STATE_ANSWERED] = "-++++-++++-",
	[STATE_CLOSED] = "-+---------",
	[STATE_REJECTED] = "-+---------",
	[STATE_INADMISSIBLE] = "-+---------",
	[STATE_WITHDRAWN] = "-+---------",
	[STATE_MERGED] = "-----------",
};

static void states_follow(void **state)
{
	int from, to;

	(void)state;
	for (from = STATE_NEW; from <= STATE_MERGED; from++) {
		for (to = STATE_NEW; to <= STATE_MERGED; to++) {
			struct ticket t = sample(from);
			bool want = table[from][to] == '+';
			struct args args = ARGS(.state = to, .until = now + 5);

			assert_int_equal(state_can_follow(from, to), want);
			if (want) {
				applies(&t, ACT_STATE, args, NULL);
				assert_int_equal(t.state, to);
				assert_int_equal(t.closed_at != 0, state_is_final(to));
				assert_int_equal(t.wait_until, to == STATE_PLANNED ? now + 5 : 0);
				assert_int_equal(t.answered_at, to == STATE_ANSWERED ? now : 0);
				assert_int_equal(t.updated_at, now);
				assert_int_equal(t.version, 3);
			} else {
				refuses(&t, ACT_STATE, args, ERR_CONFLICT);
			}
		}
		assert_false(state_can_follow(from, -1));
		assert_false(state_can_follow(from, STATE_MERGED + 1));
		assert_false(state_can_follow(-1, from));
		assert_false(state_is_open(from) && state_is_final(from));
	}
	assert_true(state_is_open(STATE_NEW) && state_is_open(STATE_PLANNED));
	assert_false(state_is_open(STATE_ANSWERED) || state_is_final(STATE_ANSWERED));
	assert_true(state_is_final(STATE_CLOSED) && state_is_final(STATE_MERGED));
	assert_false(state_is_open(-1) || state_is_final(-1) || state_is_final(99));
}

static void state_times(void **state)
{
	struct ticket t = sample(STATE_OPEN);

	(void)state;
	refuses(&t, ACT_STATE, ARGS(.state = STATE_PLANNED), ERR_INPUT);
	applies(&t, ACT_STATE, ARGS(.state = STATE_PLANNED, .until = now + 9), NULL);
	applies(&t, ACT_STATE, ARGS(.state = STATE_PLANNED, .until = now + 10), NULL);
	assert_int_equal(t.wait_until, now + 10);
	applies(&t, ACT_STATE, ARGS(.state = STATE_OPEN, .until = now + 9), NULL);
	assert_int_equal(t.wait_until, 0);
	applies(&t, ACT_STATE, ARGS(.state = STATE_CLOSED), NULL);
	assert_int_equal(t.closed_at, now);
	applies(&t, ACT_STATE, ARGS(.state = STATE_OPEN), NULL);
	assert_int_equal(t.closed_at, 0);
}

static void answering(void **state)
{
	struct ticket t = sample(STATE_NEW);

	(void)state;
	t.agent_id = NULL;
	applies(&t, ACT_ANSWER, ARGS(.body = "Dag"), NULL);
	assert_int_equal(t.state, STATE_ANSWERED);
	assert_int_equal(t.answered_at, now);
	assert_int_equal(t.last_out_at, now);
	assert_int_equal(t.closed_at, 0);
	assert_string_equal(t.agent_id, ME);
	now += 10;
	applies(&t, ACT_ANSWER, ARGS(.body = "Dag", .close = true), NULL);
	assert_int_equal(t.state, STATE_CLOSED);
	assert_int_equal(t.answered_at, now - 10);
	assert_int_equal(t.last_out_at, now);
	assert_int_equal(t.closed_at, now);
	now += 10;
	applies(&t, ACT_ANSWER, ARGS(.body = "Nog iets"), NULL);
	assert_int_equal(t.state, STATE_CLOSED);
	assert_int_equal(t.closed_at, now - 10);
	t = sample(STATE_REJECTED);
	applies(&t, ACT_ANSWER, ARGS(.body = "Nee, want", .close = true), NULL);
	assert_int_equal(t.state, STATE_REJECTED);
	t = sample(STATE_PLANNED);
	t.wait_until = now;
	applies(&t, ACT_ANSWER, ARGS(.body = "Dag"), NULL);
	assert_int_equal(t.wait_until, 0);
}

static void taking_up(void **state)
{
	static const struct {
		int action;
		bool takes_up;
	} rows[] = {
		{ACT_NOTE, false},  {ACT_FOLLOW, false},  {ACT_UNFOLLOW, false}, {ACT_TOPIC, true},
		{ACT_KIND, true},   {ACT_PRIORITY, true}, {ACT_SUBJECT, true},	 {ACT_DUE, true},
		{ACT_ASSIGN, true}, {ACT_ACCEPT, true},	  {ACT_DECLINE, false},
	};
	struct args args = ARGS(.topic_id = TOPIC, .team_id = TEAM, .agent_id = ME, .subject = "x",
				.due_at = now + 7, .message_id = OTHER, .body = "x");
	size_t i;

	(void)state;
	args.kind = KIND_COMPLAINT;
	args.priority = PRIORITY_HIGH;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ticket t = sample(STATE_NEW);
		struct ticket closed = sample(STATE_WAITING_THIRD);

		t.suspected = closed.suspected = 1;
		applies(&t, rows[i].action, args, NULL);
		assert_int_equal(t.state, rows[i].takes_up ? STATE_OPEN : STATE_NEW);
		applies(&closed, rows[i].action, args, NULL);
		assert_int_equal(closed.state, STATE_WAITING_THIRD);
	}
}

static void single_fields(void **state)
{
	struct topic topic = {.id = TOPIC,
			      .team_id = TEAM2,
			      .kind = KIND_REQUEST,
			      .deadline_basis = DEADLINE_CALENDAR_DAYS,
			      .deadline_days = 20};
	struct ticket t = sample(STATE_OPEN);

	(void)state;
	applies(&t, ACT_TOPIC, ARGS(.topic_id = TOPIC), &topic);
	assert_string_equal(t.topic_id, TOPIC);
	assert_string_equal(t.team_id, TEAM2);
	assert_int_equal(t.due_at, deadline_for(&topic, t.created_at));
	applies(&t, ACT_ASSIGN, ARGS(.team_id = TEAM, .agent_id = ME), NULL);
	assert_string_equal(t.team_id, TEAM);
	assert_string_equal(t.agent_id, ME);
	applies(&t, ACT_TOPIC, ARGS(.topic_id = TOPIC), &topic);
	assert_string_equal(t.team_id, TEAM);
	applies(&t, ACT_ASSIGN, ARGS(.team_id = TEAM2, .agent_id = ""), NULL);
	assert_null(t.agent_id);
	applies(&t, ACT_DUE, ARGS(.due_at = now + 77), NULL);
	assert_int_equal(t.due_at, now + 77);
	applies(&t, ACT_KIND, ARGS(.kind = KIND_DISCLOSURE), NULL);
	assert_int_equal(t.kind, KIND_DISCLOSURE);
	applies(&t, ACT_PRIORITY, ARGS(.priority = PRIORITY_HIGH), NULL);
	assert_int_equal(t.priority, PRIORITY_HIGH);
	applies(&t, ACT_SUBJECT, ARGS(.subject = "Anders"), NULL);
	assert_string_equal(t.subject, "Anders");
	refuses(&t, ACT_UNDO, ARGS(.operation = OTHER), ERR_INPUT);
	refuses(&t, ACT_QUIT, args_none, ERR_INPUT);
}

static void following_and_suspects(void **state)
{
	struct ticket t = sample(STATE_WAITING_CITIZEN);
	int64_t updated = t.updated_at;

	(void)state;
	applies(&t, ACT_FOLLOW, args_none, NULL);
	assert_true(t.followed);
	assert_int_equal(t.updated_at, updated);
	applies(&t, ACT_UNFOLLOW, args_none, NULL);
	assert_false(t.followed);
	refuses(&t, ACT_ACCEPT, ARGS(.message_id = OTHER), ERR_CONFLICT);
	refuses(&t, ACT_DECLINE, ARGS(.message_id = OTHER), ERR_CONFLICT);
	t.suspected = 2;
	applies(&t, ACT_DECLINE, ARGS(.message_id = OTHER), NULL);
	assert_int_equal(t.state, STATE_WAITING_CITIZEN);
	applies(&t, ACT_ACCEPT, ARGS(.message_id = OTHER), NULL);
	assert_int_equal(t.state, STATE_OPEN);
	assert_int_equal(t.last_in_at, now);
	assert_int_equal(t.suspected, 0);
	t = sample(STATE_CLOSED);
	t.closed_at = 5;
	t.suspected = 1;
	applies(&t, ACT_ACCEPT, ARGS(.message_id = OTHER), NULL);
	assert_int_equal(t.state, STATE_OPEN);
	assert_int_equal(t.closed_at, 0);
}

static void merged_stays(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < ACT_LOCAL_FIRST; i++) {
		struct ticket t = sample(STATE_MERGED);

		t.suspected = 1;
		if (i == ACT_NOTE || i == ACT_FOLLOW || i == ACT_UNFOLLOW || i == ACT_UNMERGE ||
		    i == ACT_SEND_AGAIN || i == ACT_SETTLE || ticket_goes_on(i))
			applies(&t, i, ARGS(.body = "x"), NULL);
		else
			refuses(&t, i,
				ARGS(.body = "x", .team_id = TEAM, .subject = "x", .into_id = OTHER,
				     .other_id = OTHER),
				ERR_CONFLICT);
	}
}

static void merging(void **state)
{
	struct ticket t = sample(STATE_PLANNED);

	(void)state;
	t.wait_until = now + 1000;
	applies(&t, ACT_MERGE, ARGS(.into_id = OTHER), NULL);
	assert_int_equal(t.state, STATE_MERGED);
	assert_string_equal(t.merged_into, OTHER);
	assert_int_equal(t.closed_at, now);
	assert_int_equal(t.wait_until, 0);
	refuses(&t, ACT_MERGE, ARGS(.into_id = OTHER), ERR_CONFLICT);
	applies(&t, ACT_UNMERGE, ARGS(.state = -1), NULL);
	assert_int_equal(t.state, STATE_OPEN);
	assert_null(t.merged_into);
	assert_int_equal(t.closed_at, 0);
	refuses(&t, ACT_UNMERGE, ARGS(.state = -1), ERR_CONFLICT);
	refuses(&t, ACT_MERGE, ARGS(.into_id = TICKET), ERR_CONFLICT);
}

static void linking(void **state)
{
	struct ticket t = sample(STATE_NEW);
	struct ticket_link links[2];
	struct arena a = {0};

	(void)state;
	refuses(&t, ACT_LINK, ARGS(.other_id = TICKET), ERR_CONFLICT);
	refuses(&t, ACT_UNLINK, ARGS(.other_id = OTHER), ERR_CONFLICT);
	applies(&t, ACT_LINK, ARGS(.other_id = OTHER), NULL);
	/* To look at is not to take up. */
	assert_int_equal(t.state, STATE_NEW);
	t.links = links_with(NULL, OTHER, "26-000001-94", &a);
	assert_string_equal(t.links, "[{\"id\":\"" OTHER "\",\"number\":\"26-000001-94\"}]");
	refuses(&t, ACT_LINK, ARGS(.other_id = OTHER), ERR_CONFLICT);
	applies(&t, ACT_UNLINK, ARGS(.other_id = OTHER), NULL);
	t.links = links_with(t.links, ME, NULL, &a);
	assert_int_equal(links_read(t.links, NULL, 0, NULL), 2);
	assert_int_equal(links_read(t.links, links, 2, &a), 2);
	assert_string_equal(links[0].number, "26-000001-94");
	assert_string_equal(links[1].id, ME);
	assert_null(links[1].number);
	assert_true(links_have(t.links, ME) && !links_have(t.links, TICKET));
	assert_string_equal(links_without(t.links, OTHER, &a), "[{\"id\":\"" ME "\"}]");
	assert_string_equal(links_without(t.links, TICKET, &a), t.links);
	t.links = links_without(t.links, ME, &a);
	assert_int_equal(links_read(t.links, links, 2, &a), 1);
	assert_string_equal(links[0].id, OTHER);
	assert_null(links_without(t.links, OTHER, &a));
	assert_null(links_without(NULL, OTHER, &a));
	for (int i = 0; i < LINKS_MAX; i++)
		t.links = links_with(t.links, ME, NULL, &a);
	refuses(&t, ACT_LINK, ARGS(.other_id = TEAM), ERR_CONFLICT);
	arena_finish(&a);
}

static void creating(void **state)
{
	struct topic topic = {.id = TOPIC,
			      .team_id = TEAM2,
			      .kind = KIND_REQUEST,
			      .deadline_basis = DEADLINE_CALENDAR_DAYS,
			      .deadline_days = 1};
	struct ticket t = {0};

	(void)state;
	applies(&t, ACT_CREATE,
		ARGS(.subject = "Paspoort", .topic_id = TOPIC, .channel = CHANNEL_COUNTER,
		     .party_id = OTHER),
		&topic);
	assert_string_equal(t.id, TICKET);
	assert_int_equal(t.state, STATE_NEW);
	assert_int_equal(t.kind, KIND_REQUEST);
	assert_int_equal(t.channel, CHANNEL_COUNTER);
	assert_int_equal(t.priority, PRIORITY_NORMAL);
	assert_string_equal(t.team_id, TEAM2);
	assert_string_equal(t.party_id, OTHER);
	assert_int_equal(t.created_at, now);
	assert_int_equal(t.last_in_at, now);
	assert_int_equal(t.due_at, time_of("2026-11-25T22:59:59.999Z"));
	t.version = 1;
	refuses(&t, ACT_CREATE, ARGS(.subject = "Paspoort"), ERR_CONFLICT);
	t = (struct ticket){0};
	applies(&t, ACT_CREATE,
		ARGS(.subject = "Los", .kind = KIND_REPORT, .team_id = TEAM,
		     .priority = PRIORITY_LOW),
		NULL);
	assert_int_equal(t.kind, KIND_REPORT);
	assert_int_equal(t.priority, PRIORITY_LOW);
	assert_int_equal(t.last_in_at, 0);
	assert_int_equal(t.due_at, 0);
}

static void deadlines(void **state)
{
	struct topic topic = {.deadline_basis = DEADLINE_CALENDAR_DAYS, .deadline_days = 30};

	(void)state;
	assert_int_equal(deadline_for(NULL, now), 0);
	assert_int_equal(deadline_for(&topic, 0), 0);
	/* Late in the evening in Brussels is the same day there, though not in UTC. */
	assert_int_equal(deadline_for(&topic, time_of("2026-11-24T22:30:00Z")),
			 time_of("2026-12-24T22:59:59.999Z"));
	assert_int_equal(deadline_for(&topic, time_of("2026-11-24T23:30:00Z")),
			 time_of("2026-12-25T22:59:59.999Z"));
	/* Over both changes of the clock. */
	assert_int_equal(deadline_for(&topic, time_of("2026-03-10T10:00:00Z")),
			 time_of("2026-04-09T21:59:59.999Z"));
	assert_int_equal(deadline_for(&topic, time_of("2026-10-10T10:00:00Z")),
			 time_of("2026-11-09T22:59:59.999Z"));
	topic.deadline_days = 0;
	assert_int_equal(deadline_for(&topic, time_of("2026-03-29T00:30:00Z")),
			 time_of("2026-03-29T21:59:59.999Z"));
	topic.deadline_days = 3650;
	assert_true(deadline_for(&topic, now) > now + INT64_C(3649) * CLOCK_DAY_MS);
	topic.deadline_basis = DEADLINE_NONE;
	assert_int_equal(deadline_for(&topic, now), 0);
}

static void rights(void **state)
{
	/* In the order of the enum; o: an outside team may too, on what was handed to it; a: only an
	 * administrator of an own team. */
	static const char outside[] = "-o---oo-----ooo--o-----------aaaaaaaaao";
	struct viewer admin;
	struct viewer in = {
		.agent_id = ME, .team_id = TEAM, .role = ROLE_AGENT, .team_kind = TEAM_INSIDE};
	struct viewer out = in;
	struct ticket mine = sample(STATE_OPEN);
	struct ticket theirs = sample(STATE_OPEN);
	int i;

	(void)state;
	assert_int_equal(strlen(outside), ACT_LOCAL_FIRST);
	out.team_kind = TEAM_OUTSIDE;
	out.role = ROLE_ADMIN;
	mine.team_id = TEAM;
	theirs.team_id = TEAM2;
	for (i = 0; i < ACT_LOCAL_FIRST; i++) {
		admin = in;
		admin.role = outside[i] == 'a' ? ROLE_ADMIN : ROLE_AGENT;
		assert_true(can(&admin, i, &mine));
		assert_true(can(&admin, i, &theirs));
		assert_int_equal(can(&admin, i, NULL),
				 i == ACT_CREATE || actions.rows[i].about != RECORD_TICKET);
		admin.role = ROLE_SUPERVISOR;
		assert_int_equal(can(&admin, i, &mine), outside[i] != 'a');
		assert_int_equal(can(&out, i, &mine), outside[i] == 'o');
		assert_false(can(&out, i, &theirs));
		assert_false(can(&out, i, NULL));
	}
	for (; i < ACT_COUNT; i++)
		assert_true(can(&in, i, NULL) && can(&out, i, NULL));
	assert_false(can(&in, -1, &mine) || can(&in, ACT_COUNT, &mine));
	assert_true(sees(&in, &theirs) && sees(&out, &mine));
	assert_false(sees(&out, &theirs));
	theirs.team_id = NULL;
	assert_true(sees(&in, &theirs));
	assert_false(sees(&out, &theirs));
	out.team_id = NULL;
	assert_false(sees(&out, &theirs));
	in.agent_id = NULL;
	assert_false(can(&in, ACT_NOTE, &mine));
}

static void desk(void **state)
{
	struct viewer in = {.agent_id = ME, .team_id = TEAM, .team_kind = TEAM_INSIDE};
	struct viewer out = {.agent_id = ME, .team_id = TEAM, .team_kind = TEAM_OUTSIDE};
	int i;

	(void)state;
	for (i = STATE_NEW; i <= STATE_MERGED; i++) {
		struct ticket t = sample(i);

		t.team_id = TEAM2;
		t.agent_id = OTHER;
		assert_int_equal(on_desk(&in, &t, now), state_is_open(i));
		assert_false(on_desk(&out, &t, now));
		t.team_id = TEAM;
		assert_int_equal(on_desk(&out, &t, now), state_is_open(i));
		t.agent_id = ME;
		assert_true(on_desk(&in, &t, now));
		t.updated_at = now - 30 * CLOCK_DAY_MS;
		assert_int_equal(on_desk(&in, &t, now), state_is_open(i));
		t.updated_at++;
		assert_true(on_desk(&in, &t, now));
		t.agent_id = NULL;
		assert_int_equal(on_desk(&in, &t, now), state_is_open(i));
		t.followed = true;
		assert_true(on_desk(&in, &t, now));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(states_follow, setup),
		cmocka_unit_test_setup(state_times, setup),
		cmocka_unit_test_setup(answering, setup),
		cmocka_unit_test_setup(taking_up, setup),
		cmocka_unit_test_setup(single_fields, setup),
		cmocka_unit_test_setup(following_and_suspects, setup),
		cmocka_unit_test_setup(merged_stays, setup),
		cmocka_unit_test_setup(merging, setup),
		cmocka_unit_test_setup(linking, setup),
		cmocka_unit_test_setup(creating, setup),
		cmocka_unit_test_setup(deadlines, setup),
		cmocka_unit_test_setup(rights, setup),
		cmocka_unit_test_setup(desk, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
