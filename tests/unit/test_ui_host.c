/* The host on a real terminal. The program under test is this one itself, started with an argument:
 * a list of numbered rows with a text screen behind it. */
#include "check.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "balie/model.h"
#include "balie/ui.h"
#include "keymaps.h"
#include "terminal.h"

/* ---- the program ---- */

struct rows {
	struct list list;
	int loads;
};

static bool rows_load(struct screen *s, struct err *err)
{
	struct rows *r = screen_state(s);

	list_set_count(&r->list, 1000);
	r->loads++;
	return true;
}

static void rows_title(const struct screen *s, struct buf *ret)
{
	buf_add_str(ret, "Rows of the test");
}

/* One grapheme that many terminals and ncurses take for several. */
static const char family[] = "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9";

static void rows_draw(const struct screen *s, struct cells c)
{
	struct rows *r = screen_state(s);

	list_show(&r->list, c.height);
	for (int i = 0; i < c.height; i++) {
		bool selected = r->list.top + i == r->list.selected;
		char text[64];

		snprintf(text, sizeof(text), "%s row %d %s \x1b[31mx", selected ? ">" : " ",
			 (int)r->list.top + i, family);
		cells_put_in(c, i, 0, c.width - 6, ALIGN_LEFT,
			     selected ? STYLE_SELECTED : STYLE_OVERDUE, text);
		cells_put_in(c, i, c.width - 6, 6, ALIGN_RIGHT, STYLE_SOON, "end|");
		if (selected)
			cells_cursor(c, i, 0, false);
	}
}

static void rows_pick(struct screen *s)
{
	static const struct choice choices[] = {{"roads", "Wegen", "4 open"},
						{"green", "Groen en wegen", NULL},
						{"clean", "Réiniging", NULL}};

	host_pick(s, 2, "Assign to", choices, 3, "clean");
}

static bool rows_act(struct screen *s, const struct act *act)
{
	static char sh[] = "sh", c[] = "-c", script[] = "exit 3";
	char *const argv[] = {sh, c, script, NULL};
	struct rows *r = screen_state(s);
	struct host *h = screen_host(s);
	struct err err = {0};
	int status = -1;

	if (list_act(&r->list, act))
		return true;
	if (act->action->id == ACT_FILTER)
		host_ask(s, 1, "Filter", &(struct line_spec){.history = "filter"});
	else if (act->action->id == ACT_ASSIGN)
		rows_pick(s);
	else if (act->action->id == ACT_STATE)
		host_confirm(s, 3, act->args);
	else if (act->action->id == ACT_SORT && host_run_program(h, argv, &status, &err))
		host_say(h, STYLE_GOOD, "ended with %d", status);
	else if (act->action->id == ACT_NOTE)
		host_open(h, "compose", "", &err);
	else if (act->action->id == ACT_UNDO)
		raise(SIGSEGV);
	else
		return false;
	return true;
}

static void rows_answer(struct screen *s, int intent, const char *text)
{
	host_say(screen_host(s), STYLE_GOOD, "answer %d: %s", intent, text != NULL ? text : "none");
}

static const int rows_offered[] = {ACT_OPEN, ACT_STATE, ACT_ASSIGN, ACT_FILTER, -1};
static const struct screen_ops rows_screen = {
	.name = "queue",
	.state_size = sizeof(struct rows),
	.watches = 1,
	.offered = rows_offered,
	.load = rows_load,
	.title = rows_title,
	.draw = rows_draw,
	.act = rows_act,
	.answer = rows_answer,
};

struct text_state {
	struct editor *e;
};

static bool text_open(struct screen *s, const char *args, struct err *err)
{
	struct text_state *t = screen_state(s);

	t->e = editor_create("");
	return true;
}

static void text_draw(const struct screen *s, struct cells c)
{
	struct text_state *t = screen_state(s);

	editor_draw(t->e, c, STYLE_NORMAL);
}

static bool text_act(struct screen *s, const struct act *act)
{
	struct text_state *t = screen_state(s);

	if (act->action->id != ACT_SEND)
		return false;
	host_say(screen_host(s), STYLE_GOOD, "sent %zu", strlen(editor_text(t->e)));
	host_back(screen_host(s));
	return true;
}

static bool text_typed(struct screen *s, const struct key *key)
{
	struct text_state *t = screen_state(s);

	return editor_feed(t->e, key);
}

static void text_close(struct screen *s)
{
	struct text_state *t = screen_state(s);

	editor_destroy(t->e);
}

static const int text_offered[] = {ACT_SEND, ACT_BACK, -1};
static const struct screen_ops text_screen = {
	.name = "compose",
	.state_size = sizeof(struct text_state),
	.takes_text = true,
	.offered = text_offered,
	.open = text_open,
	.draw = text_draw,
	.act = text_act,
	.typed = text_typed,
	.close = text_close,
};
static const struct screen_ops *const screens[] = {&rows_screen, &text_screen, NULL};

static bool app_act(void *app, struct host *h, const struct act *act)
{
	if (act->action->id != ACT_QUIT)
		return false;
	host_quit(h);
	return true;
}

static void app_status(void *app, struct buf *ret, enum style *style)
{
	buf_add_str(ret, "connected");
}

static int program(void)
{
	struct host_spec spec = {
		.actions = &actions, .screens = screens, .act = app_act, .status = app_status};
	struct host *host = NULL;
	struct err err = {0};
	bool ok;

	setlocale(LC_ALL, "");
	ok = loop_create(&spec.loop, &err) && keymap_create(&spec.keymap, &actions, &err) &&
	     keymap_add(spec.keymap, "default", keymaps_texts[0], NULL, &err) &&
	     host_create(&host, &spec, &err) && host_open(host, "queue", "", &err) &&
	     loop_run(spec.loop, &err);
	host_destroy(host);
	keymap_destroy(spec.keymap);
	loop_destroy(spec.loop);
	if (!ok)
		printf("error: %s\n", err.text);
	return ok ? 0 : 1;
}

/* ---- the tests ---- */

#define LIMIT TERMINAL_LIMIT_MS

static struct terminal *begin(const char *env, int rows, int cols)
{
	static char self[] = "/proc/self/exe", argument[] = "program";
	char *const argv[] = {self, argument, NULL};
	const char *const envs[] = {"HOME=/nonexistent", env, NULL};

	return terminal_start(argv, envs, rows, cols);
}

static struct terminal *started(void)
{
	struct terminal *t = begin(NULL, 24, 80);

	assert_true(terminal_wait_text(t, "> row 0", LIMIT));
	return t;
}

#define see(t, text) \
	do { \
		if (!terminal_wait_text(t, text, LIMIT)) \
			fail_msg("no '%s' on:\n%s", text, terminal_screen_text(t)); \
	} while (0)

static void quits_and_gives_the_terminal_back(void **state)
{
	struct terminal *t = started();
	(void)state;

	see(t, "Rows of the test");
	see(t, "Enter open  s state  a assign  / filter  ? help");
	see(t, "connected");
	assert_true(terminal_in_altscreen(t));
	assert_true(terminal_is_coloured(t));
	/* Raw text is shown, not obeyed, and what stands behind odd clusters keeps its place. */
	assert_true(terminal_has_text(t, "\xe2\x90\x9b[31mx"));
	terminal_type(t, "Q");
	assert_true(terminal_wait_exit(t, LIMIT));
	assert_true(terminal_is_restored(t));
	assert_false(terminal_in_altscreen(t));
	assert_int_equal(terminal_stop(t), 0);
}

static void keys_typed_ahead_are_all_done_in_order(void **state)
{
	struct terminal *t = started();
	static const char keys[] = "jjjjj/abc\rGk";
	(void)state;

	terminal_raw(t, keys, sizeof(keys) - 1);
	see(t, "> row 998");
	terminal_stop(t);
}

static void follows_the_size_of_the_window(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_resize(t, 50, 160);
	see(t, "row 46");
	terminal_resize(t, 10, 40);
	see(t, "too small");
	/* What cannot be seen is not done. The redraw tells that the key before it was taken. */
	unsigned frames = terminal_frames(t);
	terminal_type(t, "G");
	terminal_key(t, "Ctrl+L");
	assert_true(terminal_wait_frames(t, frames + 1, LIMIT));
	terminal_resize(t, 30, 100);
	see(t, "> row 0");
	assert_true(terminal_wait_no_text(t, "too small", LIMIT));
	terminal_stop(t);
}

static void shows_what_can_follow_a_key(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_type(t, "s");
	see(t, "c closed");
	terminal_key(t, "Esc");
	assert_true(terminal_wait_no_text(t, "c closed", LIMIT));
	terminal_type(t, "sz");
	see(t, "'s z' does nothing here");
	terminal_type(t, "gg");
	assert_true(terminal_wait_no_text(t, "does nothing", LIMIT));
	terminal_stop(t);
}

static void asks_yes_or_no(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_type(t, "sc");
	see(t, "closed (y/n)");
	/* Too easily struck to be a yes. */
	terminal_key(t, "Enter");
	terminal_type(t, "y");
	see(t, "Answer 3: yes");
	terminal_type(t, "scn");
	see(t, "Answer 3: none");
	terminal_stop(t);
}

static void narrows_a_choice_by_letters(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_type(t, "a");
	see(t, "Assign to");
	see(t, "4 open");
	terminal_type(t, "rein");
	assert_true(terminal_wait_no_text(t, "Wegen", LIMIT));
	terminal_key(t, "Enter");
	see(t, "Answer 2: clean");
	terminal_type(t, "awe");
	terminal_key(t, "Down");
	terminal_key(t, "Enter");
	see(t, "Answer 2: green");
	terminal_type(t, "aqqq");
	see(t, "nothing has these letters");
	terminal_key(t, "Enter");
	terminal_key(t, "Esc");
	see(t, "Answer 2: none");
	/* With nothing typed it starts at what there is. */
	terminal_type(t, "a");
	see(t, "Assign to");
	terminal_key(t, "Enter");
	see(t, "Answer 2: clean");
	terminal_stop(t);
}

static void asks_a_line(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_type(t, "/één");
	terminal_key(t, "Home");
	terminal_type(t, "x");
	terminal_key(t, "Enter");
	see(t, "Answer 1: xéén");
	terminal_type(t, "/");
	terminal_key(t, "Up");
	see(t, "Filter xéén");
	terminal_key(t, "Esc");
	see(t, "Answer 1: none");
	terminal_stop(t);
}

static void runs_what_is_typed_behind_the_colon(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_type(t, ":la");
	terminal_key(t, "Tab");
	see(t, "language");
	terminal_type(t, "st");
	terminal_key(t, "Enter");
	see(t, "> row 999");
	see(t, "Next time: press G");
	terminal_type(t, ":assing x\r");
	see(t, "did you mean 'assign'?");
	terminal_type(t, ":mar");
	terminal_key(t, "Tab");
	see(t, "mark-all");
	terminal_key(t, "Esc");
	assert_true(terminal_wait_no_text(t, "mark-all", LIMIT));
	terminal_stop(t);
}

/* A screen's own action, one of everywhere, and one that asks; by the word of either language. */
static void finds_any_action_by_its_letters(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_key(t, "F9");
	see(t, "What do you want to do?");
	terminal_type(t, "last line");
	see(t, "last                  Go to the last line");
	terminal_key(t, "Enter");
	see(t, "> row 999");
	see(t, "Next time: press G");
	/* What was used comes first. */
	terminal_key(t, "Ctrl+P");
	see(t, "> last ");
	terminal_type(t, "assign");
	terminal_key(t, "Enter");
	see(t, "Assign to");
	terminal_key(t, "Enter");
	/* The key is told behind what was done, when that is done. */
	see(t, "Answer 2: clean  Next time: press a");
	terminal_type(t, "k");
	assert_true(terminal_wait_no_text(t, "Next time", LIMIT));
	/* Not each time. */
	terminal_type(t, ":last\r");
	see(t, "> row 999");
	assert_false(terminal_has_text(t, "Next time"));
	/* What only another screen does is not offered. */
	terminal_key(t, "F9");
	terminal_type(t, "take-back");
	see(t, "nothing has these letters");
	terminal_key(t, "Esc");
	terminal_stop(t);
}

static void pasted_text_is_never_keys(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_paste(t, "QQQscy\n");
	see(t, "Pasted text is not taken as keys");
	see(t, "> row 0");
	terminal_type(t, "i");
	see(t, "Ctrl+S send");
	terminal_paste(t, "one\ntwo\x1b"
			  "Q\nthree");
	see(t, "three");
	terminal_key(t, "Ctrl+S");
	see(t, "Sent 17");
	terminal_stop(t);
}

static void helps_with_every_key(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_key(t, "F1");
	see(t, "Help: what you can do here (queue)");
	see(t, "state closed");
	terminal_type(t, "overdue");
	assert_true(terminal_wait_no_text(t, "state closed", LIMIT));
	see(t, "v o");
	terminal_key(t, "Esc");
	see(t, "> row 0");
	/* Where letters are text they are no keys, in the help and in the help bar. */
	terminal_type(t, "i");
	see(t, "Esc back");
	terminal_key(t, "F1");
	see(t, "Help: what you can do here (compose)");
	terminal_key(t, "End");
	assert_false(terminal_has_text(t, " q "));
	terminal_stop(t);
}

static void stops_and_goes_on(void **state)
{
	struct terminal *t = started();
	unsigned frames;
	siginfo_t info;
	(void)state;

	terminal_key(t, "Ctrl+Z");
	assert_int_equal(waitid(P_PID, (id_t)terminal_pid(t), &info, WSTOPPED | WNOWAIT), 0);
	assert_true(terminal_is_restored(t));
	frames = terminal_frames(t);
	terminal_signal(t, SIGCONT);
	assert_true(terminal_wait_frames(t, frames + 1, LIMIT));
	terminal_type(t, "j");
	see(t, "> row 1");
	assert_true(terminal_in_altscreen(t));
	terminal_stop(t);
}

static void lends_the_terminal_to_a_program(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_type(t, "o");
	see(t, "Ended with 3");
	terminal_type(t, "j");
	see(t, "> row 1");
	terminal_type(t, "Q");
	assert_true(terminal_wait_exit(t, LIMIT));
	assert_true(terminal_is_restored(t));
	terminal_stop(t);
}

static void signals_give_the_terminal_back(void **state)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGABRT};
	(void)state;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct terminal *t = started();

		/* After the line editor too, which has its own ideas of terminals. */
		terminal_type(t, "/x");
		see(t, "Filter x");
		terminal_signal(t, signals[i]);
		assert_true(terminal_wait_exit(t, LIMIT));
		assert_true(terminal_is_restored(t));
		assert_false(terminal_in_altscreen(t));
		terminal_stop(t);
	}
}

static void a_crash_gives_the_terminal_back(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_type(t, "u");
	assert_true(terminal_wait_exit(t, LIMIT));
	assert_true(terminal_is_restored(t));
	assert_false(terminal_in_altscreen(t));
	assert_int_not_equal(terminal_stop(t), 0);
}

static void ends_when_the_window_is_closed(void **state)
{
	struct terminal *t = started();
	(void)state;

	terminal_hang_up(t);
	assert_true(terminal_wait_exit(t, LIMIT));
	terminal_stop(t);
}

static void needs_no_colours(void **state)
{
	static const char *const envs[] = {"NO_COLOR=1", "TERM=vt100", "TERM=xterm-mono"};
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct terminal *t = begin(envs[i], 24, 80);

		see(t, "> row 0");
		assert_false(terminal_is_coloured(t));
		assert_true(terminal_is_reverse(t, 1, 2));
		terminal_stop(t);
	}
}

static void refuses_a_terminal_that_cannot(void **state)
{
	static const char *const envs[] = {"TERM=dumb", "TERM=nonsense", "TERM"};
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct terminal *t = begin(envs[i], 24, 80);

		assert_true(terminal_wait_exit(t, LIMIT));
		assert_true(terminal_has_text(t, "error: the terminal type"));
		assert_true(terminal_is_restored(t));
		assert_int_equal(terminal_stop(t), 1);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quits_and_gives_the_terminal_back),
		cmocka_unit_test(keys_typed_ahead_are_all_done_in_order),
		cmocka_unit_test(follows_the_size_of_the_window),
		cmocka_unit_test(shows_what_can_follow_a_key),
		cmocka_unit_test(asks_yes_or_no),
		cmocka_unit_test(narrows_a_choice_by_letters),
		cmocka_unit_test(asks_a_line),
		cmocka_unit_test(runs_what_is_typed_behind_the_colon),
		cmocka_unit_test(finds_any_action_by_its_letters),
		cmocka_unit_test(pasted_text_is_never_keys),
		cmocka_unit_test(helps_with_every_key),
		cmocka_unit_test(stops_and_goes_on),
		cmocka_unit_test(lends_the_terminal_to_a_program),
		cmocka_unit_test(signals_give_the_terminal_back),
		cmocka_unit_test(a_crash_gives_the_terminal_back),
		cmocka_unit_test(ends_when_the_window_is_closed),
		cmocka_unit_test(needs_no_colours),
		cmocka_unit_test(refuses_a_terminal_that_cannot),
	};

	if (argc > 1 && strcmp(argv[1], "program") == 0)
		return program();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
