/* Keys in, screen out: the real client on a terminal, on a town that lies on disk, without network.
 * The expected screens stand beside this file; REGENERATE=1 writes them anew, and a person reads the
 * difference. Every scenario waits for words, never for time. */
#include "town.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "terminal.h"

static const char *balie, *expected_dir;

struct step {
	const char *keys; /* names with spaces between, or NULL */
	const char *text; /* typed as it is, or NULL */
	const char *wait; /* must come before the next step */
};
struct scenario {
	const char *name; /* of the expected screen */
	int rows, cols;
	int tickets;
	void (*prepare)(const char *dir_work);
	const char *language;
	struct step steps[12]; /* ended by an empty one */
};

#define OFFLINE "no network"

/* ---- what was there before ---- */

static struct ticket first_ticket(char id[37])
{
	return (struct ticket){.id = town_id('k', 1, id), .version = 4};
}

static void append(struct work *w, int action, const struct ticket *t, struct args args, int number)
{
	struct err err = {0};
	struct envelope e = {.action = &actions.rows[action],
			     .record = t->id,
			     .base_version = t->version,
			     .args = args};
	char id[37];
	int64_t now;

	clock_from_rfc3339(TOWN_NOW, &now);
	e.id = town_id('e', number, id);
	assert_true(work_append(w, &e, now - 60000, false, &err));
}

/* I corrected a name and a phone; a colleague corrected the phone otherwise. */
static void prepare_party_conflict(const char *dir_work)
{
	struct work *w = town_work(dir_work);
	char id[37], envelope[37];
	struct envelope e = {.action = &actions.rows[ACT_PARTY_CHANGE],
			     .record = town_id('p', 1, id),
			     .base_version = 1,
			     .args = args_none};
	struct ticket about = {.subject = "Vandenbroeck, Lieselot"};
	struct err err = {0};
	struct outbox_row *rows;
	struct arena a = {0};
	size_t count;
	int64_t now;
	char *theirs = xasprintf("{\"id\":\"%s\",\"version\":2,\"name\":\"Van den Broeck, "
				 "Lieselot\",\"language\":null,\"phones\":[{\"value\":"
				 "\"+32471999999\",\"raw\":\"0471 99 99 99\"}]}",
				 id);

	clock_from_rfc3339(TOWN_NOW, &now);
	e.id = town_id('e', 1, envelope);
	e.args.name = "Vandenbroeck, Lieselot";
	e.args.phones = "[{\"value\":\"+32471111111\",\"raw\":\"0471 11 11 11\"}]";
	assert_true(work_append_about(w, &e, &about, now - 60000, false, &err));
	assert_true(work_outbox(w, 0, &rows, &count, &a, &err));
	assert_true(work_set_conflict(w, rows[0].seq, theirs, "somebody else was first", &err));
	work_close(w);
	arena_finish(&a);
	free(theirs);
}

/* I closed it; the service answers that Jan handed it over meanwhile. */
static void prepare_conflict(const char *dir_work)
{
	struct work *w = town_work(dir_work);
	struct args args = args_none;
	struct err err = {0};
	struct outbox_row *rows;
	struct arena a = {0};
	size_t count;
	char id[37], team[37];
	struct ticket t = first_ticket(id);
	char *theirs = xasprintf("{\"id\":\"%s\",\"version\":5,\"state\":\"answered\","
				 "\"team_id\":\"%s\"}",
				 id, town_id('t', TOWN_TEAM_DESK, team));

	args.state = STATE_CLOSED;
	append(w, ACT_STATE, &t, args, 1);
	assert_true(work_outbox(w, 0, &rows, &count, &a, &err));
	assert_true(work_set_conflict(w, rows[0].seq, theirs, "somebody else was first", &err));
	work_close(w);
	arena_finish(&a);
	free(theirs);
}

static void prepare_outbox(const char *dir_work)
{
	struct work *w = town_work(dir_work);
	struct args note = args_none, state = args_none;
	struct err err = {0};
	struct outbox_row *rows;
	struct arena a = {0};
	size_t count;
	char id[37], draft_id[37];
	struct ticket t = first_ticket(id);
	struct draft draft = {.ticket_id = id,
			      .kind = "answer",
			      .body = "Beste mevrouw,\nWij",
			      .envelope_id = town_id('e', 9, draft_id)};

	clock_from_rfc3339(TOWN_NOW, &draft.at);
	note.body = "Ploeg gebeld, komt morgen.";
	append(w, ACT_NOTE, &t, note, 1);
	state.state = STATE_CLOSED;
	append(w, ACT_STATE, &t, state, 2);
	assert_true(work_outbox(w, 0, &rows, &count, &a, &err));
	assert_true(work_set_refused(w, rows[1].seq, "you may not close this ticket", &err));
	assert_true(work_put_draft(w, &draft, &err));
	work_close(w);
	arena_finish(&a);
}

/* An answer went out, and the ticket is no longer on the desk. */
static void prepare_left(const char *dir_work)
{
	struct work *w = town_work(dir_work);
	char id[37], ticket_id[37];
	struct ticket t = {.id = town_id('k', 9999, ticket_id),
			   .version = 4,
			   .number = "26-000777-51",
			   .subject = "Slagboom blijft open staan"};
	struct envelope e = {.action = &actions.rows[ACT_ANSWER],
			     .id = town_id('e', 1, id),
			     .record = t.id,
			     .args = args_none};
	struct outbox_row *rows;
	struct err err = {0};
	struct arena a = {0};
	size_t count;
	int64_t now;

	clock_from_rfc3339(TOWN_NOW, &now);
	e.args.to = "karel@example.org";
	e.args.body = "Beste meneer,\n\nDe slagboom is hersteld.";
	assert_true(work_append_about(w, &e, &t, now - 60000, false, &err));
	assert_true(work_outbox(w, 0, &rows, &count, &a, &err));
	assert_true(work_set_done(w, rows[0].seq, 5, &err));
	work_close(w);
	arena_finish(&a);
}

static const struct scenario scenarios[] = {
	{"queue", 24, 80, 40, NULL, NULL, {{NULL, NULL, "my team 22"}, {NULL, NULL, OFFLINE}}},
	{"queue-wide",
	 40,
	 150,
	 40,
	 NULL,
	 NULL,
	 {{NULL, NULL, "my team 22"}, {"j j", NULL, "nog altijd open"}, {NULL, NULL, OFFLINE}}},
	{"queue-mine", 24, 80, 40, NULL, NULL, {{"v m", NULL, "[mine 5]"}, {NULL, NULL, OFFLINE}}},
	{"queue-empty",
	 24,
	 80,
	 0,
	 NULL,
	 NULL,
	 {{"v m", NULL, "No ticket is in your name"}, {NULL, NULL, OFFLINE}}},
	{"queue-filter",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"v a /", NULL, "Filter:"},
	  {NULL, "rijbewijs state:open", "state:open"},
	  {"Enter", NULL, "Filter: rijbewijs state:open"},
	  {NULL, NULL, OFFLINE}}},
	{"queue-filter-none",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"/", NULL, "Filter:"},
	  {NULL, "olifant", "olifant"},
	  {"Enter", NULL, "No ticket fits"},
	  {NULL, NULL, OFFLINE}}},
	{"queue-last",
	 24,
	 80,
	 400,
	 NULL,
	 NULL,
	 {{"v a G", NULL, "Harmonie"}, {NULL, NULL, "[all 335]"}, {NULL, NULL, OFFLINE}}},
	{"queue-paged",
	 24,
	 80,
	 400,
	 NULL,
	 NULL,
	 {{"v a PageDown PageDown PageDown PageDown PageDown PageDown PageDown PageDown PageUp "
	   "Down",
	   NULL, "[all 335]"},
	  {NULL, NULL, OFFLINE}}},
	{"queue-small",
	 15,
	 60,
	 40,
	 NULL,
	 NULL,
	 {{NULL, NULL, "my team 22"}, {NULL, NULL, OFFLINE}}},
	{"queue-marked",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"Space Space", NULL, "2 marked"},
	  {"a", NULL, "Hand over to"},
	  {NULL, "weg", "1/7"},
	  {"Enter", NULL, "do this to 2 tickets"},
	  {NULL, NULL, OFFLINE}}},
	{"queue-marked-done",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"Space Space", NULL, "2 marked"},
	  {"a", NULL, "Hand over to"},
	  {NULL, "weg", "1/7"},
	  {"Enter", NULL, "do this to 2 tickets"},
	  {"y", NULL, "(2 tickets)"},
	  {NULL, NULL, "2 wait"}}},
	{"queue-repeated",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"v t c p", NULL, "How urgent"},
	  {NULL, "high", "1/"},
	  {"Enter", NULL, "Priority: high"},
	  {"j j Space Space .", NULL, "do this to 2 tickets"},
	  {"y", NULL, "(2 tickets)"},
	  {"j .", NULL, "Priority: high."},
	  {NULL, NULL, "4 wait"}}},
	{"queue-repeat-none",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{".", NULL, "Nothing was changed yet"}, {NULL, NULL, OFFLINE}}},
	{"ticket",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "Dank u, maar"}, {NULL, NULL, OFFLINE}}},
	{"ticket-wide",
	 40,
	 150,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "INTERNAL NOTE"},
	  {"d z", NULL, "> Beste mevrouw"},
	  {NULL, NULL, OFFLINE}}},
	{"ticket-assigned",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "Dank u, maar"},
	  {"a", NULL, "Hand over to"},
	  {NULL, "we", "1/7"},
	  {"Enter", NULL, "Wegen / nobody yet"},
	  {NULL, NULL, "1 wait"},
	  {NULL, NULL, OFFLINE}}},
	{"ticket-closed",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "Dank u, maar"},
	  {"s c", NULL, "State: closed"},
	  {NULL, NULL, OFFLINE}}},
	{"ticket-undone",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "Dank u, maar"},
	  {"s c", NULL, "State: closed"},
	  {"u", NULL, "aken back"},
	  {NULL, NULL, "all sent"},
	  {NULL, NULL, OFFLINE}}},
	{"ticket-next",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"n", NULL, "26-000102"}, {"n", NULL, "Ticket 26-000103"}, {NULL, NULL, OFFLINE}}},
	{"compose",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "Dank u, maar"},
	  {"r", NULL, "the citizen reads this"},
	  {NULL, "Beste mevrouw, de ploeg komt morgen.", "kept on this computer"},
	  {NULL, NULL, OFFLINE}}},
	{"compose-sent",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "Dank u, maar"},
	  {"r", NULL, "the citizen reads this"},
	  {NULL, "Morgen.", "Morgen."},
	  {"Ctrl+S", NULL, "kept here"},
	  {NULL, NULL, "1 wait"},
	  {NULL, NULL, OFFLINE}}},
	{"compose-kept",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "Dank u, maar"},
	  {"r", NULL, "the citizen reads this"},
	  {NULL, "Morgen.", "Morgen."},
	  {"Esc", NULL, "not finished"},
	  {NULL, NULL, OFFLINE}}},
	{"compose-template",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "Dank u, maar"},
	  {"r Ctrl+T", NULL, "Which text?"},
	  {NULL, "ontv", "Ontvangst"},
	  {"Enter", NULL, "We kregen 26-000101"},
	  {NULL, NULL, OFFLINE}}},
	{"note",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"j j Enter", NULL, "Dank u, maar"},
	  {"i", NULL, "only colleagues read this"},
	  {NULL, "Gebeld.", "Gebeld."},
	  {NULL, NULL, OFFLINE}}},
	{"create",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"F2", NULL, "New ticket, subject:"},
	  {NULL, "Slagboom blijft open staan", "open staan"},
	  {"Enter", NULL, "> counter"},
	  {"Enter", NULL, "What is it about?"},
	  {"Esc", NULL, "Ticket no number"},
	  {NULL, NULL, "1 wait"},
	  {NULL, NULL, OFFLINE}}},
	{"create-topic",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"F2", NULL, "New ticket, subject:"},
	  {NULL, "Nieuw rijbewijs", "rijbewijs"},
	  {"Enter", NULL, "> counter"},
	  {"Up Enter", NULL, "What is it about?"},
	  {NULL, "rijb", "1/"},
	  {"Enter", NULL, "Ticket no number"},
	  {"q F2", NULL, "New ticket, subject:"},
	  {NULL, "Nog een", "Nog een"},
	  {"Enter", NULL, "> phone"},
	  {NULL, NULL, OFFLINE}}},
	{"outbox-empty",
	 24,
	 80,
	 40,
	 NULL,
	 NULL,
	 {{"F8", NULL, "Nothing waits to be sent"}, {NULL, NULL, OFFLINE}}},
	{"outbox",
	 24,
	 80,
	 40,
	 prepare_outbox,
	 NULL,
	 {{"F8", NULL, "3 not sent yet"},
	  {"j", NULL, "The service refused it"},
	  {NULL, NULL, OFFLINE}}},
	{"outbox-left",
	 24,
	 80,
	 40,
	 prepare_left,
	 NULL,
	 {{"F8", NULL, "26-000777-51"},
	  {"Enter", NULL, "De slagboom is hersteld."},
	  {"Esc", NULL, "How far"},
	  {"Enter", NULL, "De slagboom is hersteld."},
	  {NULL, NULL, OFFLINE}}},
	{"conflict",
	 24,
	 80,
	 40,
	 prepare_conflict,
	 NULL,
	 {{"g c", NULL, "What should it be?"}, {NULL, NULL, OFFLINE}}},
	{"queue-dutch",
	 24,
	 80,
	 40,
	 NULL,
	 "nl",
	 {{NULL, NULL, "mijn groep 22"}, {NULL, NULL, "geen netwerk"}}},
	{"ticket-dutch",
	 24,
	 80,
	 40,
	 NULL,
	 "nl",
	 {{"j j Enter", NULL, "Dank u, maar"}, {NULL, NULL, "geen netwerk"}}},
	{"conflict-party",
	 24,
	 80,
	 40,
	 prepare_party_conflict,
	 NULL,
	 {{"g c", NULL, "What should it be?"}, {NULL, NULL, OFFLINE}}},
	{"queue-dutch",
	 24,
	 80,
	 40,
	 NULL,
	 "nl",
	 {{NULL, NULL, "mijn groep 22"}, {NULL, NULL, "geen netwerk"}}},
	{"ticket-dutch",
	 24,
	 80,
	 40,
	 NULL,
	 "nl",
	 {{"j j Enter", NULL, "Dank u, maar"}, {NULL, NULL, "geen netwerk"}}},
	{"conflict-theirs",
	 24,
	 80,
	 40,
	 prepare_conflict,
	 NULL,
	 {{"g c", NULL, "What should it be?"},
	  {"c t", NULL, "yours is dropped"},
	  {NULL, NULL, "all sent"},
	  {NULL, NULL, OFFLINE}}},
};

/* ---- running ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

static struct terminal *start(const struct scenario *sc, const char *home)
{
	char *argv[] = {(char *)balie,	  (char *)"--server", (char *)TOWN_SERVER,
			(char *)"--user", (char *)TOWN_USER,  NULL};
	char *home_env = xasprintf("BALIE_HOME=%s", home);
	char *language = xasprintf("LANGUAGE=%s", sc->language ? sc->language : "en");
	const char *env[] = {home_env, language, "BALIE_NOW=" TOWN_NOW, "HOME=/nonexistent", NULL};
	struct terminal *t = terminal_start(argv, env, sc->rows, sc->cols);

	free(home_env);
	free(language);
	return t;
}

static void run_steps(struct terminal *t, const struct scenario *sc)
{
	assert_true(terminal_wait_text(t, "10:00", TERMINAL_LIMIT_MS));
	for (const struct step *s = sc->steps; s->keys || s->text || s->wait; s++) {
		if (s->keys)
			terminal_keys(t, s->keys);
		if (s->text)
			terminal_type(t, s->text);
		if (s->wait && !terminal_wait_text(t, s->wait, TERMINAL_LIMIT_MS)) {
			char *screen = terminal_screen_text(t);

			fprintf(stderr, "%s: “%s” never came:\n%s", sc->name, s->wait, screen);
			free(screen);
			terminal_stop(t);
			fail();
		}
	}
}

static char *read_expected(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0, n;
	char bytes[4096];
	FILE *out = open_memstream(&text, &len);

	while (f && (n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		fwrite(bytes, 1, n, out);
	fclose(out);
	if (f)
		fclose(f);
	return text;
}

/* The last frame may still be on its way: the screen must become what is expected. */
static void compare(struct terminal *t, const struct scenario *sc, const char *path)
{
	char *expected = read_expected(path), *screen = terminal_screen_text(t);
	int64_t end = clock_mono() + 5000;

	while (strcmp(expected, screen) != 0 && clock_mono() < end) {
		terminal_wait_frames(t, terminal_frames(t) + 1, 100);
		free(screen);
		screen = terminal_screen_text(t);
	}
	if (strcmp(expected, screen) != 0) {
		fprintf(stderr, "%s: expected:\n%sbut it is:\n%s", sc->name, expected, screen);
		free(expected);
		free(screen);
		terminal_stop(t);
		fail();
	}
	free(expected);
	free(screen);
}

static void regenerate(struct terminal *t, const char *path)
{
	FILE *f = fopen(path, "w");
	char *screen;

	while (terminal_wait_frames(t, terminal_frames(t) + 1, 400))
		;
	screen = terminal_screen_text(t);
	assert_non_null(f);
	fputs(screen, f);
	fclose(f);
	free(screen);
}

static void test_scenario(void **state)
{
	const struct scenario *sc = *state;
	char dir[] = "/tmp/balie-screens-XXXXXX";
	char *home, *dir_work, *path = xasprintf("%s/%s.txt", expected_dir, sc->name);
	struct terminal *t;

	assert_non_null(mkdtemp(dir));
	home = xasprintf("%s/home", dir);
	dir_work = town_make(home, sc->tickets);
	if (sc->prepare)
		sc->prepare(dir_work);
	t = start(sc, home);
	run_steps(t, sc);
	if (getenv("REGENERATE"))
		regenerate(t, path);
	else
		compare(t, sc, path);
	assert_int_equal(terminal_stop(t), 0);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(path);
	free(home);
	free(dir_work);
}

int main(int argc, char **argv)
{
	enum { COUNT = sizeof(scenarios) / sizeof(scenarios[0]) };
	struct CMUnitTest tests[COUNT];

	if (argc < 3)
		return 2;
	balie = argv[1];
	expected_dir = argv[2];
	for (size_t i = 0; i < COUNT; i++)
		tests[i] = (struct CMUnitTest){scenarios[i].name, test_scenario, NULL, NULL,
					       (void *)(uintptr_t)&scenarios[i]};
	return cmocka_run_group_tests_name("screens", tests, NULL, NULL);
}
