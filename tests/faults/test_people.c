/* Finding people in the mirror, and asking the service for them. */
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/id.h"

struct world {
	char *dir;
	struct cache *writer;
	struct desk desk;
	struct arena arena;
};

static const struct party people[] = {
	{.id = "01900000-0000-7000-8000-0000000000d1",
	 .name = "Claes, An",
	 .birth_date = "1964-03-12",
	 .phones = "[{\"value\":\"+32470123456\"}]",
	 .emails = "[{\"value\":\"an@example.be\"}]",
	 .addresses = "[{\"street\":\"Kerkstraat\",\"number\":\"12B\",\"postcode\":\"8870\"}]"},
	{.id = "01900000-0000-7000-8000-0000000000d2",
	 .name = "Claes, Bo",
	 .birth_date = "1964",
	 .addresses = "[{\"number\":\"12\",\"postcode\":\"8870\"}]"},
	{.id = "01900000-0000-7000-8000-0000000000d3",
	 .name = "Van de Voorde, Dirk",
	 .identifiers = "[{\"scheme\":\"rrn\",\"value\":\"85073003328\"}]"},
	{.id = "01900000-0000-7000-8000-0000000000d4", .name = "Vandenvoorde, Claes"},
	{.id = "01900000-0000-7000-8000-0000000000d5",
	 .name = "Claes, Weg",
	 .merged_into = "01900000-0000-7000-8000-0000000000d1"},
	{.id = "01900000-0000-7000-8000-0000000000d6", .name = "محمد علي"},
};

static void set_up(struct world *w)
{
	struct err err = {0};

	memset(w, 0, sizeof(*w));
	w->dir = fixture_dir();
	assert_ok(cache_open(&w->writer, w->dir, true, NULL, &err), err);
	assert_ok(cache_open(&w->desk.cache, w->dir, false, NULL, &err), err);
	assert_ok(work_open(&w->desk.work, w->dir, &err), err);
	assert_ok(cache_begin(w->writer, &err), err);
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		struct party p = people[i];

		p.version = 1;
		assert_ok(cache_put(w->writer, RECORD_PARTY, &p, &err), err);
	}
	assert_ok(cache_commit(w->writer, &err), err);
}

static void tear_down(struct world *w)
{
	desk_forget_answers(&w->desk);
	port_destroy(w->desk.port);
	work_close(w->desk.work);
	cache_close(w->desk.cache);
	cache_close(w->writer);
	arena_finish(&w->arena);
	fixture_remove(w->dir);
}

static void finds(struct world *w, const char *text, const char *names)
{
	struct party_query q;
	struct party *rows;
	struct buf b = {0};
	struct err err = {0};
	size_t count;
	bool more;

	assert_ok(party_query_parse(text, clock_now(), &q, &w->arena, &err), err);
	assert_ok(cache_people(w->desk.cache, w->desk.work, &q, &rows, &count, &more, &w->arena,
			       &err),
		  err);
	for (size_t i = 0; i < count; i++)
		buf_printf(&b, "%s;", rows[i].name);
	if (strcmp(b.len ? b.data : "", names) != 0)
		fail_msg("%s: %s", text, b.len ? b.data : "nobody");
	buf_finish(&b);
}

static void the_mirror_finds_as_the_service_does(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	finds(&w, "claes", "Claes, An;Claes, Bo;Vandenvoorde, Claes;");
	finds(&w, "cl a", "Claes, An;");
	finds(&w, "claes 12031964", "Claes, An;");
	finds(&w, "claes 1964", "Claes, An;Claes, Bo;");
	finds(&w, "12/3/64", "Claes, An;");
	finds(&w, "8870 12", "Claes, Bo;");
	finds(&w, "8870 12b", "Claes, An;");
	finds(&w, "8870", "Claes, An;Claes, Bo;");
	finds(&w, "bo 8870", "Claes, Bo;");
	finds(&w, "0470/12.34.56", "Claes, An;");
	finds(&w, "an@example.be", "Claes, An;");
	finds(&w, "an@example.be bo", "");
	finds(&w, "85.07.30-033.28", "Van de Voorde, Dirk;");
	finds(&w, "vd voorde", "Van de Voorde, Dirk;Vandenvoorde, Claes;");
	finds(&w, "van den voorde", "Van de Voorde, Dirk;Vandenvoorde, Claes;");
	finds(&w, "vandevoorde", "Van de Voorde, Dirk;Vandenvoorde, Claes;");
	finds(&w, "محمد", "محمد علي;");
	finds(&w, "oorde", "");
	tear_down(&w);
}

static void what_is_found_by_follows_the_record(void **state)
{
	struct party p = people[0];
	struct err err = {0};
	struct world w;

	(void)state;
	set_up(&w);
	p.version = 2;
	p.name = "Peeters, An";
	p.phones = NULL;
	assert_ok(cache_begin(w.writer, &err), err);
	assert_ok(cache_put(w.writer, RECORD_PARTY, &p, &err), err);
	assert_ok(cache_gone(w.writer, RECORD_PARTY, people[1].id, &err), err);
	/* One that comes too late changes nothing. */
	p = people[0];
	p.version = 1;
	assert_ok(cache_put(w.writer, RECORD_PARTY, &p, &err), err);
	assert_ok(cache_commit(w.writer, &err), err);
	finds(&w, "claes", "Vandenvoorde, Claes;");
	finds(&w, "peeters", "Peeters, An;");
	finds(&w, "0470/12.34.56", "");
	finds(&w, "8870 12", "");
	tear_down(&w);
}

/* Made here, without network: found before the service knows of it. */
static void what_waits_is_found(void **state)
{
	struct args args = args_none;
	char id[ID_TEXT];
	struct err err = {0};
	struct world w;

	(void)state;
	set_up(&w);
	w.desk.me = (struct viewer){.agent_id = people[0].id, .team_kind = TEAM_INSIDE};
	args.party_kind = PARTY_CITIZEN;
	args.family = "Zwart";
	args.given = "Zita";
	args.phones = "[{\"raw\":\"0470 99 88 77\"}]";
	assert_ok(desk_do_record(&w.desk, ACT_PARTY_CREATE, id_new(id), NULL, &args, NULL, &err),
		  err);
	finds(&w, "zwart", "Zwart, Zita;");
	finds(&w, "0470998877", "Zwart, Zita;");
	tear_down(&w);
}

/* As the sync thread would. */
static void answer(struct world *w, int64_t number, bool ok, const char *text)
{
	struct port_message m;

	port_to_ui(w->desk.port, PORT_ANSWER, NULL, number, ok, text);
	assert_true(port_take_ui(w->desk.port, &m));
	desk_take_answer(&w->desk, &m);
	port_message_finish(&m);
}

static void the_last_question_counts(void **state)
{
	static const char json[] = "{\"items\":[{\"id\":\"01900000-0000-7000-8000-0000000000d1\","
				   "\"version\":1,\"kind\":\"citizen\",\"name\":\"Claes, An\"}],"
				   "\"next\":null,\"more\":true}";
	struct port_message m;
	const struct answer *a;
	struct world w;

	(void)state;
	set_up(&w);
	w.desk.port = port_create(NULL, NULL, NULL, NULL);
	desk_ask(&w.desk, ASK_SEARCH, "cla");
	assert_true(port_take_sync(w.desk.port, &m));
	assert_int_equal(m.kind, PORT_ASK);
	assert_string_equal(m.text, "cla");
	/* Two more before the thread looks: one is left, the last. */
	desk_ask(&w.desk, ASK_SEARCH, "clae");
	desk_ask(&w.desk, ASK_SEARCH, "claes");
	answer(&w, m.number, true, "{\"items\":[]}");
	a = desk_answer(&w.desk, ASK_SEARCH);
	assert_true(a->waiting);
	assert_int_equal(a->state, ANSWER_NONE);
	port_message_finish(&m);
	assert_true(port_take_sync(w.desk.port, &m));
	assert_string_equal(m.text, "claes");
	answer(&w, m.number, true, json);
	assert_false(a->waiting);
	assert_int_equal(a->state, ANSWER_HERE);
	assert_string_equal(a->asked, "claes");
	assert_int_equal(a->party_count, 1);
	assert_string_equal(a->parties[0].name, "Claes, An");
	assert_true(a->more);
	port_message_finish(&m);
	assert_false(port_take_sync(w.desk.port, &m));
	/* A newer question leaves what is there until its own answer comes, here that there is none. */
	desk_ask(&w.desk, ASK_SEARCH, "claes b");
	assert_true(a->waiting);
	assert_string_equal(a->asked, "claes");
	assert_int_equal(a->party_count, 1);
	assert_true(port_take_sync(w.desk.port, &m));
	answer(&w, m.number, false, "no network");
	assert_int_equal(a->state, ANSWER_FAILED);
	assert_string_equal(a->why, "No network");
	assert_int_equal(a->party_count, 0);
	port_message_finish(&m);
	/* Not what it should be. */
	desk_ask(&w.desk, ASK_SEARCH, "x");
	assert_true(port_take_sync(w.desk.port, &m));
	answer(&w, m.number, true, "<html>");
	assert_int_equal(a->state, ANSWER_FAILED);
	port_message_finish(&m);
	tear_down(&w);
}

/* A hundred thousand: a few milliseconds each, also for what is short and common. */
static void many_are_searched_at_once(void **state)
{
	static const char *const texts[] = {"v",       "van",	   "claes",	     "an de",
					    "jan van", "vd velde", "claes 12031964", "8870 12"};
	static const char *const families[] = {"Van den Velde", "Claes", "De Smet", "Janssens",
					       "Vandenbroeck"};
	static const char *const given[] = {"Jan", "An", "Dirk", "Eva"};
	struct err err = {0};
	struct world w;
	uint64_t worst = 0;

	(void)state;
	set_up(&w);
	assert_ok(cache_begin(w.writer, &err), err);
	for (int i = 0; i < 100000; i++) {
		char id[ID_TEXT], name[80], birth[11], home[100];
		struct party p = {.id = id_from(1, (unsigned long long)i, id), .version = 1};

		snprintf(name, sizeof(name), "%s, %s %d", families[i % 5], given[i / 5 % 4], i);
		snprintf(birth, sizeof(birth), "%04d-%02d-%02d", 1930 + i % 80, 1 + i % 12,
			 1 + i % 28);
		snprintf(home, sizeof(home), "[{\"number\":\"%d\",\"postcode\":\"%d\"}]",
			 1 + i % 200, 8800 + i % 100);
		p.name = name;
		p.birth_date = birth;
		p.addresses = home;
		assert_ok(cache_put(w.writer, RECORD_PARTY, &p, &err), err);
	}
	assert_ok(cache_commit(w.writer, &err), err);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct party_query q;
		struct party *rows;
		uint64_t start = clock_mono_ns(), took;
		size_t count;
		bool more;

		assert_ok(party_query_parse(texts[i], clock_now(), &q, &w.arena, &err), err);
		assert_ok(cache_people(w.desk.cache, w.desk.work, &q, &rows, &count, &more,
				       &w.arena, &err),
			  err);
		took = (clock_mono_ns() - start) / 1000;
		print_message("%s: %zu in %llu µs\n", texts[i], count, (unsigned long long)took);
		worst = took > worst ? took : worst;
		assert_true(count > 0 || i >= 6);
	}
	/* Far above what it takes on a quiet machine. */
	assert_true(worst < 200000);
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mirror_finds_as_the_service_does),
		cmocka_unit_test(what_is_found_by_follows_the_record),
		cmocka_unit_test(what_waits_is_found),
		cmocka_unit_test(the_last_question_counts),
		cmocka_unit_test(many_are_searched_at_once),
	};

	assert_true(id_init());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
