/* The mirror: pages of the queue against brute force, broken files, names, timelines. */
#include "fixture.h"
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "balie/text.h"

#define TICKETS 700
#define NOW INT64_C(1790090000000)

struct world {
	char *dir;
	struct cache *writer, *reader;
	struct work *work;
	struct town town;
	struct ticket tickets[TICKETS + 50];
	size_t count;
	struct arena arena;
};

static void set_up(struct world *w)
{
	struct err err = {0};
	bool moved;

	memset(w, 0, sizeof(*w));
	w->dir = fixture_dir();
	assert_ok(cache_open(&w->writer, w->dir, true, &moved, &err), err);
	assert_false(moved);
	fixture_town(&w->town, w->writer);
	assert_ok(cache_open(&w->reader, w->dir, false, NULL, &err), err);
	assert_ok(work_open(&w->work, w->dir, &err), err);
	assert_ok(cache_set(w->writer, "me", w->town.agent[0], &err), err);
}

static void tear_down(struct world *w)
{
	cache_close(w->reader);
	cache_close(w->writer);
	work_close(w->work);
	arena_finish(&w->arena);
	fixture_remove(w->dir);
}

static void put_tickets(struct world *w, size_t count, uint64_t *random)
{
	struct err err = {0};

	assert_ok(cache_begin(w->writer, &err), err);
	for (size_t i = 0; i < count; i++) {
		w->tickets[w->count] = fixture_ticket(&w->town, i + 1, random, &w->arena);
		assert_ok(cache_put(w->writer, RECORD_TICKET, &w->tickets[w->count++], &err), err);
	}
	assert_ok(cache_commit(w->writer, &err), err);
}

/* ---- brute force ---- */

struct expected {
	int64_t major, minor, rowid; /* major: deadline or none, and so on */
	const struct ticket *ticket;
};

static const struct queue_query *sorting;

/* Written from the words of the header, not from the code. */
static int compare(const void *a, const void *b)
{
	const struct expected *x = a, *y = b;
	const struct ticket *t = x->ticket, *u = y->ticket;
	int64_t keys[2][3] = {{0}};
	int ret = 0;

	for (int i = 0; i < 2; i++) {
		const struct ticket *it = i == 0 ? t : u;
		int64_t *k = keys[i];

		if (sorting->sort == SORT_PRIORITY)
			k[0] = -it->priority;
		if (sorting->sort == SORT_CREATED)
			k[1] = it->created_at;
		else if (sorting->sort == SORT_UPDATED)
			k[1] = it->updated_at;
		else {
			k[1] = it->due_at == 0;
			k[2] = it->due_at != 0 ? it->due_at : it->created_at;
		}
	}
	for (int k = 0; k < 3 && ret == 0; k++)
		ret = keys[0][k] < keys[1][k] ? -1 : keys[0][k] > keys[1][k];
	if (ret == 0)
		ret = x->rowid < y->rowid ? -1 : x->rowid > y->rowid;
	return sorting->descending ? -ret : ret;
}

static bool in_view(const struct queue_query *q, const struct ticket *t, bool finished_too)
{
	if (!finished_too && !state_is_open(t->state))
		return false;
	switch (q->view) {
	case VIEW_MINE:
		return t->agent_id != NULL && strcmp(t->agent_id, q->me) == 0;
	case VIEW_TEAM:
		return t->team_id != NULL && strcmp(t->team_id, q->my_team) == 0;
	case VIEW_UNASSIGNED:
		return t->agent_id == NULL;
	case VIEW_OVERDUE:
		return state_is_open(t->state) && t->due_at != 0 && t->due_at < q->now;
	case VIEW_ALL:
		return true;
	}
	return false;
}

static const char *folded_name(char (*ids)[37], size_t n, const char *id, const char **names)
{
	for (size_t i = 0; id != NULL && i < n; i++)
		if (strcmp(ids[i], id) == 0)
			return names[i];
	return "";
}

static bool matches(struct world *w, const struct queue_query *q, const struct ticket *t)
{
	static const char *teams[] = {"team a", "team b", "team c", "team d"};
	static const char *topics[] = {"zwerfvuil",    "straatverlichting", "rijbewijs",
				       "speelpleinen", "bouwvergunning",    "ecologie"};
	char agent_texts[AGENTS][32];
	const char *agents[AGENTS];
	struct filter_names names;

	if (q->filter == NULL)
		return true;
	for (int i = 0; i < AGENTS; i++) {
		snprintf(agent_texts[i], sizeof(agent_texts[i]), "agent numero %d", i);
		agents[i] = agent_texts[i];
	}
	names.team = folded_name(w->town.team, TEAMS, t->team_id, teams);
	names.agent = folded_name(w->town.agent, AGENTS, t->agent_id, agents);
	names.topic = folded_name(w->town.topic, TOPICS, t->topic_id, topics);
	names.mine = t->agent_id && q->me && strcmp(t->agent_id, q->me) == 0;
	return filter_match(q->filter, t, &names);
}

/* Rowids follow the order in which tickets were put first. */
static size_t expect(struct world *w, const struct queue_query *q, bool finished_too,
		     struct expected *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < w->count; i++) {
		if (!in_view(q, &w->tickets[i], finished_too) || !matches(w, q, &w->tickets[i]))
			continue;
		ret[n].rowid = (int64_t)i;
		ret[n++].ticket = &w->tickets[i];
	}
	sorting = q;
	qsort(ret, n, sizeof(*ret), compare);
	return n;
}

/* Walks all pages in one direction and compares every row. */
static void walk(struct world *w, const struct queue_query *q, const struct expected *expected,
		 size_t count, bool backwards, size_t page)
{
	struct queue_row *rows = xcalloc(page, sizeof(*rows));
	struct queue_place place;
	struct arena a = {0};
	struct err err = {0};
	size_t seen = 0, n;
	bool more = true, first = true;

	while (more) {
		assert_ok(cache_queue(w->reader, w->work, q, first ? NULL : &place, backwards, page,
				      rows, &n, &more, &a, &err),
			  err);
		assert_true(n <= page);
		assert_true(seen + n <= count);
		for (size_t i = 0; i < n; i++) {
			size_t at = backwards ? count - seen - n + i : seen + i;

			assert_string_equal(rows[i].ticket.id, expected[at].ticket->id);
			assert_int_equal(rows[i].ticket.state, expected[at].ticket->state);
			assert_true(
				text_same(rows[i].ticket.agent_id, expected[at].ticket->agent_id));
		}
		assert_true(n > 0 || !more);
		if (n > 0)
			place = rows[backwards ? 0 : n - 1].place;
		seen += n;
		first = false;
		arena_reset(&a);
	}
	assert_int_equal(seen, count);
	arena_finish(&a);
	free(rows);
}

static void check_all(struct world *w, const struct filter *filter, bool finished_too,
		      uint64_t *random)
{
	struct expected *expected = xcalloc(TICKETS + 50, sizeof(*expected));

	for (int view = VIEW_MINE; view <= VIEW_ALL; view++) {
		for (int i = 0; i < 8; i++) {
			struct queue_query q = {
				.view = (enum filter_view)view,
				.sort = (enum queue_sort)(i / 2),
				.descending = i % 2,
				.me = w->town.agent[0],
				.my_team = w->town.team[0],
				.now = NOW,
				.filter = filter,
			};
			size_t n = expect(w, &q, finished_too, expected);
			size_t page = 1 + fixture_random(random) % 90;

			walk(w, &q, expected, n, false, page);
			walk(w, &q, expected, n, true, page);
		}
	}
	free(expected);
}

static void pages_are_those_of_brute_force(void **state)
{
	static const char *const filters[] = {"kind:question,complaint",
					      "-priority:low",
					      "glasbol",
					      "team:\"team b\"",
					      "topic:rijbewijs channel:phone",
					      "state:closed,open",
					      "agent:numero",
					      "-agent:me"};
	uint64_t random = fixture_seed();
	struct world w;
	struct err err = {0};

	set_up(&w);
	put_tickets(&w, TICKETS, &random);
	check_all(&w, NULL, false, &random);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct filter filter;

		if (!filter_parse(filters[i], NOW, &filter, &w.arena, &err)) {
			print_message("filter %s: %s\n", filters[i], err.text);
			continue;
		}
		check_all(&w, &filter, strncmp(filters[i], "state:", 6) == 0, &random);
	}
	tear_down(&w);
}

/* Does actions on tickets of the mirror that only the outbox knows; the tickets of w get them. */
static void put_waiting(struct world *w, int count, uint64_t *random)
{
	struct err err = {0};

	for (int i = 0; i < count; i++) {
		struct ticket *t = &w->tickets[fixture_random(random) % w->count];
		struct envelope e = {
			.record = t->id, .base_version = t->version, .args = args_none};
		char id[37];

		e.id = id_new(id);
		switch (fixture_random(random) % 4) {
		case 0:
			e.action = &actions.rows[ACT_ASSIGN];
			e.args.team_id = w->town.team[fixture_random(random) % TEAMS];
			e.args.agent_id = w->town.agent[0];
			break;
		case 1:
			e.action = &actions.rows[ACT_PRIORITY];
			e.args.priority = (int)(fixture_random(random) % 3);
			break;
		case 2:
			e.action = &actions.rows[ACT_STATE];
			e.args.state = STATE_CLOSED;
			break;
		default:
			e.action = &actions.rows[ACT_DUE];
			e.args.due_at =
				NOW + ((int64_t)(fixture_random(random) % 100) - 50) * 3600000;
			break;
		}
		assert_ok(work_append(w->work, &e, NOW, false, &err), err);
		if (ticket_apply(t, &e, NULL, w->town.agent[0], NOW, &err)) {
			t->team_id = arena_strdup(&w->arena, t->team_id);
			t->agent_id = arena_strdup(&w->arena, t->agent_id);
		}
	}
}

/* Actions that wait move tickets about: the pages must be those of a mirror where they are done. */
static void pages_show_what_waits(void **state)
{
	uint64_t random = fixture_seed();
	struct world w;

	set_up(&w);
	put_tickets(&w, TICKETS, &random);
	put_waiting(&w, 60, &random);
	check_all(&w, NULL, false, &random);
	tear_down(&w);
}

static void a_ticket_made_offline_is_in_the_queue(void **state)
{
	struct world w;
	struct err err = {0};
	struct envelope e = {.action = &actions.rows[ACT_CREATE], .args = args_none};
	struct queue_query q = {.view = VIEW_ALL, .now = NOW};
	struct queue_row rows[4], row;
	struct timeline_row *timeline;
	struct arena a = {0};
	char id[37], ticket[37], note_id[37];
	bool more, complete;
	size_t n;

	set_up(&w);
	e.id = id_new(id);
	e.record = id_new(ticket);
	e.args.subject = "Putdeksel weg";
	e.args.channel = CHANNEL_PHONE;
	assert_ok(work_append(w.work, &e, NOW, false, &err), err);
	e = (struct envelope){
		.action = &actions.rows[ACT_NOTE], .record = ticket, .args = args_none};
	e.id = id_new(note_id);
	e.args.body = "Terugbellen na vier uur";
	assert_ok(work_append(w.work, &e, NOW + 1, false, &err), err);
	assert_ok(cache_queue(w.reader, w.work, &q, NULL, false, 4, rows, &n, &more, &a, &err),
		  err);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].ticket.subject, "Putdeksel weg");
	assert_true(rows[0].pending);
	assert_ok(cache_ticket(w.reader, w.work, ticket, &row, &a, &err), err);
	assert_null(row.ticket.number);
	assert_ok(cache_timeline(w.reader, w.work, ticket, &timeline, &n, &complete, &a, &err),
		  err);
	assert_int_equal(n, 2);
	assert_false(complete);
	assert_int_equal(timeline[0].kind, TIMELINE_CHANGE);
	assert_string_equal(timeline[0].change.action, "create");
	assert_non_null(strstr(timeline[0].change.after, "Putdeksel weg"));
	assert_int_equal(timeline[1].kind, TIMELINE_NOTE);
	assert_string_equal(timeline[1].note.body, "Terugbellen na vier uur");
	assert_true(timeline[1].pending);
	/* Once the service's own note is there, it is not shown twice. */
	struct note note = {.id = note_id,
			    .version = 1,
			    .ticket_id = ticket,
			    .body = e.args.body,
			    .created_at = NOW + 5};
	assert_ok(cache_put(w.writer, RECORD_NOTE, &note, &err), err);
	assert_ok(cache_timeline(w.reader, w.work, ticket, &timeline, &n, &complete, &a, &err),
		  err);
	assert_int_equal(n, 2);
	arena_finish(&a);
	tear_down(&w);
}

/* Counts slice by slice, and compares with what brute force finds in the tickets of w. */
static void check_counts(struct world *w, const struct filter *filter, bool finished_too)
{
	struct queue_counter counter = {0};
	struct queue_query q = {.now = NOW, .filter = filter};
	struct err err = {0};
	int64_t expected[5] = {0};

	q.me = w->town.agent[0];
	q.my_team = w->town.team[0];
	for (size_t i = 0; i < w->count; i++) {
		for (int view = VIEW_MINE; view <= VIEW_ALL; view++) {
			q.view = (enum filter_view)view;
			expected[view] += in_view(&q, &w->tickets[i], finished_too) &&
					  matches(w, &q, &w->tickets[i]);
		}
	}
	while (!counter.done)
		assert_ok(cache_count(w->reader, w->work, &q, &counter, 37, &err), err);
	assert_memory_equal(counter.counts, expected, sizeof(expected));
}

static void counts_are_right(void **state)
{
	static const char *const filters[] = {"kind:question,complaint", "priority:high",
					      "state:closed,open", "agent:numero"};
	uint64_t random = fixture_seed();
	struct world w;
	struct err err = {0};

	set_up(&w);
	put_tickets(&w, TICKETS, &random);
	for (int waiting = 0; waiting <= 120; waiting += 60) {
		check_counts(&w, NULL, false);
		for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
			struct filter filter;

			assert_ok(filter_parse(filters[i], NOW, &filter, &w.arena, &err), err);
			check_counts(&w, &filter, strncmp(filters[i], "state:", 6) == 0);
		}
		put_waiting(&w, 60, &random);
	}
	tear_down(&w);
}

/* One that exists in the outbox alone is counted too. */
static void counts_know_a_ticket_made_offline(void **state)
{
	struct envelope e = {.action = &actions.rows[ACT_CREATE], .args = args_none};
	struct queue_query q = {.now = NOW};
	struct queue_counter counter = {0};
	struct err err = {0};
	struct world w;
	char id[37], ticket[37];

	set_up(&w);
	e.id = id_new(id);
	e.record = id_new(ticket);
	e.args.subject = "Putdeksel weg";
	e.args.channel = CHANNEL_PHONE;
	assert_ok(work_append(w.work, &e, NOW, false, &err), err);
	assert_ok(cache_count(w.reader, w.work, &q, &counter, 37, &err), err);
	assert_true(counter.done);
	assert_int_equal(counter.counts[VIEW_ALL], 1);
	assert_int_equal(counter.counts[VIEW_UNASSIGNED], 1);
	tear_down(&w);
}

static void older_never_wins_but_a_resync_does(void **state)
{
	uint64_t random = 7;
	struct world w;
	struct err err = {0};
	struct queue_row row;
	struct ticket t;

	set_up(&w);
	put_tickets(&w, 3, &random);
	t = w.tickets[0];
	t.version = 9;
	t.subject = "nieuw";
	assert_ok(cache_put(w.writer, RECORD_TICKET, &t, &err), err);
	t.version = 8;
	t.subject = "oud";
	assert_ok(cache_put(w.writer, RECORD_TICKET, &t, &err), err);
	assert_ok(cache_ticket(w.reader, NULL, t.id, &row, &w.arena, &err), err);
	assert_string_equal(row.ticket.subject, "nieuw");
	/* What came once already is not written again; but one field that differs is. */
	t.version = 9;
	t.subject = "nieuw";
	assert_ok(cache_put(w.writer, RECORD_TICKET, &t, &err), err);
	t.followed = !t.followed;
	assert_ok(cache_put(w.writer, RECORD_TICKET, &t, &err), err);
	assert_ok(cache_ticket(w.reader, NULL, t.id, &row, &w.arena, &err), err);
	assert_int_equal(row.ticket.followed, t.followed);
	t.version = 8;
	t.subject = "oud";
	assert_ok(cache_resync_begin(w.writer, &err) && cache_begin(w.writer, &err), err);
	assert_ok(cache_put(w.writer, RECORD_TICKET, &t, &err), err);
	assert_ok(cache_resync_end(w.writer, &err) && cache_commit(w.writer, &err), err);
	assert_ok(cache_ticket(w.reader, NULL, t.number, &row, &w.arena, &err), err);
	assert_string_equal(row.ticket.subject, "oud");
	/* What the resync did not bring is gone. */
	assert_false(cache_ticket(w.reader, NULL, w.tickets[1].id, &row, &w.arena, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	tear_down(&w);
}

static void names_follow_the_reference_data(void **state)
{
	uint64_t random = 3;
	struct world w;
	struct err err = {0};
	struct team team = {.version = 2, .name = "Groendienst", .active = true};
	struct queue_row row;

	set_up(&w);
	put_tickets(&w, 1, &random);
	w.tickets[0].team_id = w.town.team[1];
	w.tickets[0].version = 20;
	assert_ok(cache_put(w.writer, RECORD_TICKET, &w.tickets[0], &err), err);
	assert_ok(cache_ticket(w.reader, w.work, w.tickets[0].id, &row, &w.arena, &err), err);
	assert_string_equal(row.team_name, "Team B");
	team.id = w.town.team[1];
	assert_ok(cache_begin(w.writer, &err) && cache_put(w.writer, RECORD_TEAM, &team, &err) &&
			  cache_commit(w.writer, &err),
		  err);
	assert_ok(cache_ticket(w.reader, w.work, w.tickets[0].id, &row, &w.arena, &err), err);
	assert_string_equal(row.team_name, "Groendienst");
	tear_down(&w);
}

static void spoil(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "this is no database any more", 28, 0), 28);
	close(fd);
	free(path);
}

static size_t count_files(const char *dir, const char *pattern)
{
	char *path = xasprintf("%s/%s", dir, pattern);
	glob_t found;
	size_t ret;

	glob(path, 0, NULL, &found);
	ret = found.gl_pathc;
	globfree(&found);
	free(path);
	return ret;
}

static void a_broken_mirror_is_moved_aside_and_work_never(void **state)
{
	struct world w;
	struct err err = {0};
	struct draft draft = {.ticket_id = "t", .kind = "note", .body = "belangrijk", .at = 1};
	bool moved = false;

	set_up(&w);
	assert_ok(work_put_draft(w.work, &draft, &err), err);
	/* The writer last: it takes the log into the file. */
	cache_close(w.reader);
	cache_close(w.writer);
	work_close(w.work);
	w.work = NULL;
	w.writer = w.reader = NULL;
	spoil(w.dir, "cache.db");
	assert_false(cache_open(&w.reader, w.dir, false, NULL, &err));
	assert_ok(cache_open(&w.writer, w.dir, true, &moved, &err), err);
	assert_true(moved);
	assert_int_equal(count_files(w.dir, "cache.db.broken-*"), 1);
	assert_ok(cache_open(&w.reader, w.dir, false, NULL, &err), err);
	spoil(w.dir, "work.db");
	assert_false(work_open(&w.work, w.dir, &err));
	assert_int_equal(count_files(w.dir, "work.db*broken*"), 0);
	assert_int_equal(count_files(w.dir, "work.db"), 1);
	tear_down(&w);
}

/* The reader goes on with the new file when the writer has begun one. */
static void the_reader_follows_a_new_mirror(void **state)
{
	uint64_t random = 5;
	struct world w;
	struct err err = {0};
	struct queue_row row;

	set_up(&w);
	put_tickets(&w, 2, &random);
	assert_ok(cache_ticket(w.reader, w.work, w.tickets[0].id, &row, &w.arena, &err), err);
	cache_close(w.writer);
	assert_ok(cache_forget(w.dir, &err), err);
	assert_ok(cache_open(&w.writer, w.dir, true, NULL, &err), err);
	assert_false(cache_ticket(w.reader, w.work, w.tickets[0].id, &row, &w.arena, &err));
	assert_ok(cache_put(w.writer, RECORD_TICKET, &w.tickets[1], &err), err);
	assert_ok(cache_ticket(w.reader, w.work, w.tickets[1].id, &row, &w.arena, &err), err);
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_those_of_brute_force),
		cmocka_unit_test(pages_show_what_waits),
		cmocka_unit_test(a_ticket_made_offline_is_in_the_queue),
		cmocka_unit_test(counts_are_right),
		cmocka_unit_test(counts_know_a_ticket_made_offline),
		cmocka_unit_test(older_never_wins_but_a_resync_does),
		cmocka_unit_test(names_follow_the_reference_data),
		cmocka_unit_test(a_broken_mirror_is_moved_aside_and_work_never),
		cmocka_unit_test(the_reader_follows_a_new_mirror),
	};

	return id_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
