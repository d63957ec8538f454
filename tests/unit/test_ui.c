#include "check.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balie/ui.h"

/* Nothing is drawn in these tests: without a terminal the drawing functions only lay out. */
static const struct cells page = {0, 0, 10, 20};

static struct key key(const char *name)
{
	struct key ret = {0};

	snprintf(ret.name, sizeof(ret.name), "%s", name);
	return ret;
}

static struct key letter(uint32_t ch)
{
	struct key ret = {.ch = ch, .name = "x"};

	return ret;
}

static struct act act_of(const char *name)
{
	static struct action action;

	action.name = name;
	return (struct act){&action, ""};
}

/* ---- list ---- */

static void list_keeps_within_its_rows(void **state)
{
	struct list l = {0};
	struct act act;
	(void)state;

	list_set_count(&l, 0);
	assert_int_equal(l.selected, -1);
	act = act_of("down");
	assert_true(list_act(&l, &act));
	assert_int_equal(l.selected, -1);
	list_set_count(&l, 100);
	list_show(&l, 10);
	assert_int_equal(l.selected, 0);
	act = act_of("last");
	assert_true(list_act(&l, &act));
	assert_int_equal(l.selected, 99);
	assert_int_equal(l.top, 90);
	act = act_of("page-up");
	assert_true(list_act(&l, &act));
	assert_int_equal(l.selected, 90);
	list_set_count(&l, 50);
	list_show(&l, 10);
	assert_int_equal(l.selected, 49);
	assert_int_equal(l.top, 40);
	/* A taller screen shows more rows above, not emptiness below. */
	list_show(&l, 45);
	assert_int_equal(l.top, 5);
	act = act_of("open");
	assert_false(list_act(&l, &act));
}

/* ---- editor ---- */

static void press(struct editor *e, const char *name)
{
	struct key k = key(name);

	assert_true(editor_feed(e, &k));
}

static void type(struct editor *e, const char *ascii)
{
	for (; *ascii != '\0'; ascii++) {
		struct key k = letter((unsigned char)*ascii);

		assert_true(editor_feed(e, &k));
	}
}

static void paste(struct editor *e, const char *text)
{
	struct key k = key("Paste");

	k.paste = text;
	assert_true(editor_feed(e, &k));
}

static void editor_types_and_rubs_out_graphemes(void **state)
{
	struct editor *e = editor_create("");
	uint64_t before = editor_changes(e);
	(void)state;

	type(e, "abc");
	press(e, "Backspace");
	assert_string_equal(editor_text(e), "ab");
	assert_true(editor_changes(e) > before);
	paste(e, "e\xcc\x81\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9");
	press(e, "Backspace");
	assert_string_equal(editor_text(e), "abe\xcc\x81");
	press(e, "Left");
	assert_int_equal(editor_cursor(e), 2);
	press(e, "Delete");
	assert_string_equal(editor_text(e), "ab");
	editor_destroy(e);
}

static void editor_gives_back_what_is_not_its_own(void **state)
{
	struct editor *e = editor_create("abc");
	struct key k = key("Ctrl+S");
	uint64_t before = editor_changes(e);
	(void)state;

	assert_false(editor_feed(e, &k));
	k = key("Esc");
	assert_false(editor_feed(e, &k));
	press(e, "Right");
	assert_int_equal(editor_changes(e), before);
	editor_destroy(e);
}

static void editor_pastes_text_never_keys(void **state)
{
	struct editor *e = editor_create("");
	(void)state;

	paste(e, "een\r\ntwee\x1b[31m\tdrie");
	assert_string_equal(editor_text(e), "een\ntwee\xe2\x90\x9b[31m       drie");
	press(e, "Ctrl+Z");
	assert_string_equal(editor_text(e), "");
	editor_destroy(e);
}

static void editor_undoes_word_by_word(void **state)
{
	struct editor *e = editor_create("x");
	(void)state;

	press(e, "End");
	type(e, " one two");
	press(e, "Ctrl+Z");
	assert_string_equal(editor_text(e), "x one ");
	press(e, "Ctrl+Z");
	press(e, "Ctrl+Z");
	assert_string_equal(editor_text(e), "x");
	press(e, "Ctrl+Z");
	assert_string_equal(editor_text(e), "x");
	press(e, "Backspace");
	press(e, "Ctrl+Z");
	assert_string_equal(editor_text(e), "x");
	assert_int_equal(editor_cursor(e), 1);
	editor_destroy(e);
}

static void editor_cuts_and_puts_back(void **state)
{
	struct editor *e = editor_create("first line\nsecond line\nthird");
	(void)state;

	press(e, "Ctrl+K");
	press(e, "Ctrl+K");
	assert_string_equal(editor_text(e), "second line\nthird");
	press(e, "Ctrl+End");
	press(e, "Ctrl+Y");
	assert_string_equal(editor_text(e), "second line\nthirdfirst line\n");
	press(e, "Ctrl+Home");
	press(e, "Ctrl+Right");
	press(e, "Ctrl+W");
	assert_string_equal(editor_text(e), " line\nthirdfirst line\n");
	press(e, "Ctrl+E");
	press(e, "Ctrl+U");
	press(e, "Ctrl+Y");
	assert_string_equal(editor_text(e), " line\nthirdfirst line\n");
	editor_destroy(e);
}

/* At 20 columns 19 are used: the last one is for the cursor. */
static void editor_moves_over_wrapped_rows(void **state)
{
	struct editor *e = editor_create("0123456789 abcdefghij klm\n\nlast");
	(void)state;

	editor_draw(e, page, STYLE_NORMAL);
	press(e, "End");
	assert_int_equal(editor_cursor(e), 10);
	press(e, "Down");
	assert_int_equal(editor_cursor(e), 21);
	press(e, "Home");
	assert_int_equal(editor_cursor(e), 11);
	press(e, "End");
	press(e, "Down");
	assert_int_equal(editor_cursor(e), 26);
	press(e, "Down");
	/* The column that one came from is kept over the empty row. */
	assert_int_equal(editor_cursor(e), 31);
	press(e, "Up");
	press(e, "Up");
	assert_int_equal(editor_cursor(e), 25);
	press(e, "PageDown");
	assert_int_equal(editor_cursor(e), 31);
	press(e, "PageUp");
	assert_int_equal(editor_cursor(e), 0);
	editor_set_cursor(e, 1000);
	assert_int_equal(editor_cursor(e), 31);
	editor_destroy(e);
}

static void editor_has_a_limit(void **state)
{
	struct editor *e = editor_create("");
	char *big = malloc(300001);
	(void)state;

	memset(big, 'a', 300000);
	big[300000] = '\0';
	paste(e, big);
	assert_int_equal(strlen(editor_text(e)), 262144);
	type(e, "b");
	assert_int_equal(strlen(editor_text(e)), 262144);
	editor_set(e, big);
	assert_int_equal(strlen(editor_text(e)), 262144);
	editor_draw(e, page, STYLE_NORMAL);
	free(big);
	editor_destroy(e);
}

/* Random keys on random text: the sanitizers watch, and the text must stay whole. */
static void editor_survives_any_keys(void **state)
{
	static const char *const names[] = {"Up",	 "Down",       "Left",	    "Right",
					    "Home",	 "End",	       "PageUp",    "PageDown",
					    "Ctrl+Left", "Ctrl+Right", "Backspace", "Delete",
					    "Ctrl+K",	 "Ctrl+U",     "Ctrl+W",    "Ctrl+Y",
					    "Ctrl+Z",	 "Enter",      "Ctrl+Home", "Ctrl+End"};
	static const uint32_t chars[] = {'a', ' ', 0xe9, 0x301, 0x1f468, 0x200d, 0x65e5, 'b'};
	struct editor *e = editor_create("een twee\n日本語 drie");
	unsigned seed = 1;
	(void)state;

	for (int i = 0; i < 20000; i++) {
		unsigned r = (seed = seed * 1103515245u + 12345u) >> 16;
		struct key k = r % 3 == 0 ? letter(chars[r / 3 % 8]) : key(names[r / 3 % 20]);

		editor_feed(e, &k);
		if (i % 7 == 0)
			editor_draw(e, (struct cells){0, 0, 5, 8 + (int)(r % 9)}, STYLE_NORMAL);
		assert_true(editor_cursor(e) <= strlen(editor_text(e)));
		assert_true(((unsigned char)editor_text(e)[editor_cursor(e)] & 0xc0) != 0x80);
	}
	editor_destroy(e);
}

/* ---- textview ---- */

static void view_moves_from_tag_to_tag(void **state)
{
	struct textview *v = textview_create();
	struct act act = act_of("down");
	(void)state;

	textview_draw(v, page);
	assert_int_equal(textview_tag(v), 0);
	for (int64_t i = 1; i <= 30; i++) {
		textview_add(v, STYLE_STRONG, "", "head", i);
		textview_add(v, STYLE_NORMAL, "| ", "words that wrap at eighteen columns\n\nend",
			     i);
	}
	/* Before the first frame too. */
	textview_go(v, 12);
	textview_draw(v, page);
	assert_int_equal(textview_tag(v), 12);
	for (int i = 0; i < 5; i++)
		assert_true(textview_act(v, &act));
	/* head, two rows, the empty row and the end; then the next head. */
	assert_int_equal(textview_tag(v), 13);
	textview_go(v, 99);
	assert_int_equal(textview_tag(v), 13);
	act = act_of("last");
	textview_act(v, &act);
	assert_int_equal(textview_tag(v), 30);
	/* At another width the cursor stays on its text. */
	textview_go(v, 20);
	textview_draw(v, (struct cells){0, 0, 10, 70});
	assert_int_equal(textview_tag(v), 20);
	/* Filled anew it keeps its place as far as there is one. */
	textview_clear(v);
	textview_add(v, STYLE_NORMAL, "", "alone", 7);
	textview_draw(v, page);
	assert_int_equal(textview_tag(v), 7);
	act = act_of("open");
	assert_false(textview_act(v, &act));
	textview_destroy(v);
}

/* ---- the one-line field ---- */

static enum line_result feed(struct line *l, const char *name)
{
	struct key k = key(name);

	return line_feed(l, &k);
}

static void write_ascii(struct line *l, const char *ascii)
{
	for (; *ascii != '\0'; ascii++) {
		struct key k = letter((unsigned char)*ascii);

		assert_int_equal(line_feed(l, &k), LINE_MORE);
	}
}

static void line_edits_as_libedit_does(void **state)
{
	struct line_spec spec = {.initial = "début"};
	struct err err;
	struct line *l = line_create(&spec, &err);
	(void)state;

	assert_string_equal(line_text(l), "début");
	write_ascii(l, " abc");
	assert_string_equal(line_text(l), "début abc");
	feed(l, "Home");
	write_ascii(l, "x");
	feed(l, "Ctrl+E");
	feed(l, "Backspace");
	assert_string_equal(line_text(l), "xdébut ab");
	feed(l, "Ctrl+W");
	assert_string_equal(line_text(l), "xdébut ");
	feed(l, "Ctrl+A");
	feed(l, "Right");
	feed(l, "Alt+d");
	assert_string_equal(line_text(l), "x ");
	line_set(l, "anders");
	assert_string_equal(line_text(l), "anders");
	write_ascii(l, "!");
	assert_string_equal(line_text(l), "anders!");
	assert_int_equal(feed(l, "Enter"), LINE_DONE);
	assert_string_equal(line_text(l), "anders!");
	line_destroy(l);
}

static void line_is_left_by_esc_and_ctrl_c(void **state)
{
	struct line_spec spec = {0};
	struct err err;
	struct line *l = line_create(&spec, &err);
	struct key pasted = key("Paste");
	(void)state;

	write_ascii(l, "abc");
	assert_int_equal(feed(l, "Esc"), LINE_CANCEL);
	pasted.paste = "geplakt\nmet \x1b[A enter\n";
	assert_int_equal(line_feed(l, &pasted), LINE_MORE);
	assert_string_equal(line_text(l), "abcgeplakt met \xe2\x90\x9b[A enter ");
	assert_int_equal(feed(l, "Ctrl+C"), LINE_CANCEL);
	line_destroy(l);
}

static size_t words(void *user, const char *text, size_t cursor, size_t *start, const char **ret,
		    size_t max, struct arena *a)
{
	static const char *const all[] = {"mark", "mark-all", "mine", "state:"};
	size_t count = 0;

	*start = cursor;
	while (*start > 0 && text[*start - 1] != ' ')
		(*start)--;
	for (size_t i = 0; i < 4 && count < max; i++)
		if (strncmp(all[i], text + *start, cursor - *start) == 0)
			ret[count++] = all[i];
	return count;
}

static void line_completes_words(void **state)
{
	struct line_spec spec = {.initial = "é ", .complete = words};
	struct err err;
	struct line *l = line_create(&spec, &err);
	(void)state;

	write_ascii(l, "mar");
	feed(l, "Tab");
	assert_string_equal(line_text(l), "é mark");
	feed(l, "Backspace");
	feed(l, "Backspace");
	feed(l, "Backspace");
	write_ascii(l, "i");
	feed(l, "Tab");
	assert_string_equal(line_text(l), "é mine ");
	write_ascii(l, "s");
	feed(l, "Tab");
	assert_string_equal(line_text(l), "é mine state:");
	feed(l, "Tab");
	assert_string_equal(line_text(l), "é mine state:");
	line_destroy(l);
}

static void line_remembers_in_its_file(void **state)
{
	char dir[] = "/tmp/balie-ui-XXXXXX", file[64];
	struct line_spec spec = {.history = "test"};
	struct stat st;
	struct err err;
	struct line *l;
	(void)state;

	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/history", dir);
	spec.history_file = file;
	l = line_create(&spec, &err);
	write_ascii(l, "een");
	assert_int_equal(feed(l, "Enter"), LINE_DONE);
	write_ascii(l, "twee");
	assert_int_equal(feed(l, "Enter"), LINE_DONE);
	line_destroy(l);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 9);
	l = line_create(&spec, &err);
	feed(l, "Up");
	assert_string_equal(line_text(l), "twee");
	feed(l, "Up");
	assert_string_equal(line_text(l), "een");
	feed(l, "Down");
	assert_string_equal(line_text(l), "twee");
	line_destroy(l);
	/* A secret is not kept. */
	spec.secret = true;
	l = line_create(&spec, &err);
	write_ascii(l, "geheim");
	assert_int_equal(feed(l, "Enter"), LINE_DONE);
	assert_string_equal(line_text(l), "geheim");
	line_destroy(l);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, 9);
	unlink(file);
	rmdir(dir);
}

static void line_obeys_the_users_editrc(void **state)
{
	char file[] = "/tmp/balie-editrc-XXXXXX";
	int fd = mkstemp(file);
	struct line_spec spec = {0};
	struct err err;
	struct line *l;
	(void)state;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "bind -v\n", 8), 8);
	close(fd);
	setenv("EDITRC", file, 1);
	l = line_create(&spec, &err);
	write_ascii(l, "een twee drie");
	/* In vi mode Esc is its own; a second one leaves. */
	assert_int_equal(feed(l, "Esc"), LINE_MORE);
	write_ascii(l, "0fw2x");
	assert_string_equal(line_text(l), "een te drie");
	write_ascii(l, "dw");
	assert_string_equal(line_text(l), "een tdrie");
	assert_int_equal(feed(l, "Esc"), LINE_MORE);
	assert_int_equal(feed(l, "Esc"), LINE_CANCEL);
	line_destroy(l);
	unsetenv("EDITRC");
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_keeps_within_its_rows),
		cmocka_unit_test(editor_types_and_rubs_out_graphemes),
		cmocka_unit_test(editor_gives_back_what_is_not_its_own),
		cmocka_unit_test(editor_pastes_text_never_keys),
		cmocka_unit_test(editor_undoes_word_by_word),
		cmocka_unit_test(editor_cuts_and_puts_back),
		cmocka_unit_test(editor_moves_over_wrapped_rows),
		cmocka_unit_test(editor_has_a_limit),
		cmocka_unit_test(editor_survives_any_keys),
		cmocka_unit_test(view_moves_from_tag_to_tag),
		cmocka_unit_test(line_edits_as_libedit_does),
		cmocka_unit_test(line_is_left_by_esc_and_ctrl_c),
		cmocka_unit_test(line_completes_words),
		cmocka_unit_test(line_remembers_in_its_file),
		cmocka_unit_test(line_obeys_the_users_editrc),
	};

	setlocale(LC_ALL, "C.UTF-8");
	/* No ~/.editrc of whoever runs this. */
	setenv("HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
