#include "check.h"

#include <stdio.h>
#include <string.h>

#include "balie/model.h"
#include "balie/ui.h"
#include "keymaps.h"

static const char *const screens[] = {"queue",	    "ticket", "compose", "outbox",  "conflict",
				      "assignment", "batch",  "bulk",	 "notices", "citizen",
				      "card",	    "person", "same",	 "merge",   "register",
				      "mailboxes",  NULL};

static struct keymap *made(const char *text)
{
	struct keymap *km;
	struct err err = {0};

	assert_true(keymap_create(&km, &actions, &err));
	if (!keymap_add(km, "test", text, screens, &err))
		fail_msg("%s", err.text);
	return km;
}

static const char *refused(const char *text)
{
	static struct err err;
	struct keymap *km;

	assert_true(keymap_create(&km, &actions, &err));
	assert_false(keymap_add(km, "my.keymap", text, screens, &err));
	assert_int_equal(err.kind, ERR_INPUT);
	keymap_destroy(km);
	return err.text;
}

/* "action args" of a key, "..." when it starts a sequence, "" when it is unbound. */
static const char *bound(const struct keymap *km, const char *screen, const char *key)
{
	static char text[100];
	struct act act;
	bool pending;

	if (keymap_find(km, screen, key, &act, &pending)) {
		assert_false(pending);
		snprintf(text, sizeof(text), "%s%s%s", act.action->name, *act.args ? " " : "",
			 act.args);
		return text;
	}
	return pending ? "..." : "";
}

static void finds_in_the_screen_then_everywhere(void **state)
{
	struct keymap *km = made("[everywhere]\nq = back\nEnter=open\n[queue]\nq = quit\n"
				 "s c = state closed\nCtrl+S = send\n");
	(void)state;

	assert_string_equal(bound(km, "queue", "q"), "quit");
	assert_string_equal(bound(km, "ticket", "q"), "back");
	assert_string_equal(bound(km, "queue", "Enter"), "open");
	assert_string_equal(bound(km, "queue", "s"), "...");
	assert_string_equal(bound(km, "queue", "s c"), "state closed");
	assert_string_equal(bound(km, "queue", "s x"), "");
	assert_string_equal(bound(km, "ticket", "s"), "");
	assert_string_equal(bound(km, "queue", "Ctrl+S"), "send");
	keymap_destroy(km);
}

static void spells_keys_in_one_way(void **state)
{
	struct keymap *km = made("[queue]\nctrl+s = send\nalt+X = raw\npagedown = page-down\n"
				 "Shift+a = first\nctrl+i = mark\nSPACE = down\nf3 = filter\n"
				 "é = last\nHash = up\nalt+ctrl+Left = left\nCtrl+[ = back\n");
	(void)state;

	assert_string_equal(bound(km, "queue", "Ctrl+S"), "send");
	assert_string_equal(bound(km, "queue", "Alt+X"), "raw");
	assert_string_equal(bound(km, "queue", "PageDown"), "page-down");
	assert_string_equal(bound(km, "queue", "A"), "first");
	assert_string_equal(bound(km, "queue", "Tab"), "mark");
	assert_string_equal(bound(km, "queue", "Space"), "down");
	assert_string_equal(bound(km, "queue", "F3"), "filter");
	assert_string_equal(bound(km, "queue", "é"), "last");
	assert_string_equal(bound(km, "queue", "#"), "up");
	assert_string_equal(bound(km, "queue", "Ctrl+Alt+Left"), "left");
	assert_string_equal(bound(km, "queue", "Esc"), "back");
	keymap_destroy(km);
}

static void signs_of_the_format_are_keys_too(void **state)
{
	struct keymap *km = made("[queue]\n= = filter\n; = prompt\n[ [ = previous\n] ] = next\n"
				 "\" = view mine\n* = mark-all\n  # q = quit\n");
	(void)state;

	assert_string_equal(bound(km, "queue", "="), "filter");
	assert_string_equal(bound(km, "queue", ";"), "prompt");
	assert_string_equal(bound(km, "queue", "[ ["), "previous");
	assert_string_equal(bound(km, "queue", "] ]"), "next");
	assert_string_equal(bound(km, "queue", "\""), "view mine");
	assert_string_equal(bound(km, "queue", "*"), "mark-all");
	assert_string_equal(bound(km, "queue", "q"), "");
	keymap_destroy(km);
}

static void later_rows_replace_earlier_ones(void **state)
{
	struct keymap *km = made("[everywhere]\nq = back\n[queue]\ns c = state closed\n"
				 "s o = state open\nz = fold\n");
	struct err err;
	(void)state;

	assert_true(
		keymap_add(km, "user", "[queue]\ns = sort\nz a = fold\nq = none\n", screens, &err));
	assert_string_equal(bound(km, "queue", "s"), "sort");
	assert_string_equal(bound(km, "queue", "s c"), "");
	assert_string_equal(bound(km, "queue", "z"), "...");
	assert_string_equal(bound(km, "queue", "q"), "");
	assert_string_equal(bound(km, "ticket", "q"), "back");
	/* A mistake leaves everything as it was. */
	assert_false(keymap_add(km, "user", "[queue]\ns = back\nx = nonsense\n", screens, &err));
	assert_string_equal(bound(km, "queue", "s"), "sort");
	keymap_destroy(km);
}

static void errors_name_line_and_nearest_word(void **state)
{
	(void)state;
	assert_string_equal(
		refused("[queue]\n\nx = assing\n"),
		"my.keymap, line 3: there is no action 'assing'; did you mean 'assign'?");
	assert_string_equal(refused("[queu]\n"),
			    "my.keymap, line 1: there is no screen 'queu'; did you mean 'queue'?");
	assert_string_equal(
		refused("[queue]\nPagDown = down\n"),
		"my.keymap, line 2: there is no key 'PagDown'; did you mean 'PageDown'?");
	assert_string_equal(refused("x = open\n"),
			    "my.keymap, line 1: a [section] must come first");
	assert_string_equal(refused("[queue]\nopen\n"),
			    "my.keymap, line 2: expected 'Key = action'");
	assert_string_equal(refused("[queue]\ns = sort\ns c = state closed\n"),
			    "my.keymap, line 3: 's c' clashes with 's' on line 2");
	assert_string_equal(refused("[queue]\na b c d e = sort\n"),
			    "my.keymap, line 2: too many keys in a row at 'e'");
	refused("[queue]\n\xff = sort\n");
}

static void tells_the_shortest_key_that_works(void **state)
{
	struct keymap *km = made("[everywhere]\nF5 = refresh\nq = back\nEsc = back\n[queue]\n"
				 "F3 = filter\n/ = filter\nv m = view mine\nq = quit\n");
	(void)state;

	assert_string_equal(keymap_key_of(km, "queue", "filter", NULL), "/");
	assert_string_equal(keymap_key_of(km, "queue", "view", "mine"), "v m");
	assert_null(keymap_key_of(km, "queue", "view", "team"));
	assert_string_equal(keymap_key_of(km, "queue", "refresh", NULL), "F5");
	/* "q" is another action here, so it is no key of back. */
	assert_string_equal(keymap_key_of(km, "queue", "back", NULL), "Esc");
	assert_string_equal(keymap_key_of(km, "ticket", "back", NULL), "q");
	assert_null(keymap_key_of(km, "queue", "logout", NULL));
	keymap_destroy(km);
}

/* Every map that we ship can be read, alone on top of the default one. */
static void shipped_keymaps_are_right(void **state)
{
	(void)state;
	assert_int_equal(keymaps_count, 4);
	assert_string_equal(keymaps_names[0], "default");
	assert_null(keymaps_names[keymaps_count]);
	for (size_t i = 0; i < keymaps_count; i++) {
		struct keymap *km = made(keymaps_texts[0]);
		struct err err = {0};

		if (i > 0 && !keymap_add(km, keymaps_names[i], keymaps_texts[i], screens, &err))
			fail_msg("%s", err.text);
		assert_non_null(keymap_key_of(km, "queue", "back", NULL));
		assert_non_null(keymap_key_of(km, "compose", "send", NULL));
		keymap_destroy(km);
	}
}

/* The default map is also the catalogue: each action stands in it, bound or behind a '#'. */
static void default_keymap_names_every_action(void **state)
{
	(void)state;
	for (size_t i = 0; i < actions.count; i++) {
		char row[64];

		snprintf(row, sizeof(row), "= %s", actions.rows[i].name);
		if (strstr(keymaps_texts[0], row) == NULL)
			fail_msg("default.keymap does not name '%s'", actions.rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_in_the_screen_then_everywhere),
		cmocka_unit_test(spells_keys_in_one_way),
		cmocka_unit_test(signs_of_the_format_are_keys_too),
		cmocka_unit_test(later_rows_replace_earlier_ones),
		cmocka_unit_test(errors_name_line_and_nearest_word),
		cmocka_unit_test(tells_the_shortest_key_that_works),
		cmocka_unit_test(shipped_keymaps_are_right),
		cmocka_unit_test(default_keymap_names_every_action),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
