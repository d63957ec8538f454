/* The filter, in both languages: what it takes, what it finds, and how it says what is wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/model.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ME "01890a5d-ac96-774b-bcce-b302099a8059"

static int64_t now;
static struct arena arena;

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

static int teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static struct filter parsed(const char *text)
{
	struct filter f = {0};
	struct err err = {0};

	if (!filter_parse(text, now, &f, &arena, &err))
		fail_msg("%s: %s", text, err.text);
	return f;
}

static void assert_same(const struct filter *a, const struct filter *b)
{
	size_t i;

	assert_int_equal(a->count, b->count);
	for (i = 0; i < a->count; i++) {
		assert_int_equal(a->terms[i].field, b->terms[i].field);
		assert_int_equal(a->terms[i].op, b->terms[i].op);
		assert_int_equal(a->terms[i].negated, b->terms[i].negated);
		assert_int_equal(a->terms[i].words, b->terms[i].words);
		assert_int_equal(a->terms[i].time, b->terms[i].time);
		assert_string_equal(a->terms[i].text ? a->terms[i].text : "",
				    b->terms[i].text ? b->terms[i].text : "");
	}
}

static void dutch_is_english(void **state)
{
	static const char *const rows[][2] = {
		{"state:new", "status:nieuw"},
		{"state:waiting-citizen,planned", "toestand:wacht-op-burger,gepland"},
		{"state:closed", "STATUS:Gesloten"},
		{"state:inadmissible", "status:onont"},
		{"kind:complaint", "soort:klacht"},
		{"kind:report,question", "type:melding,vraag"},
		{"kind:disclosure", "soort:openbaarheidsvraag"},
		{"team:green", "groep:green"},
		{"agent:me", "medewerker:ik"},
		{"agent:none", "behandelaar:niemand"},
		{"topic:roads", "onderwerp:roads"},
		{"channel:phone,counter", "kanaal:telefoon,balie"},
		{"priority:high", "prioriteit:hoog"},
		{"due<7d", "termijn<7d"},
		{"due<7d", "deadline<1w"},
		{"due<today", "deadline<vandaag"},
		{"due:none", "deadline:geen"},
		{"due<now", "termijn<nu"},
		{"due:tomorrow", "deadline:morgen"},
		{"created>yesterday", "gemaakt>gisteren"},
		{"updated>=2026-01-31", "gewijzigd>=31/01/2026"},
		{"updated>=2026-01-31", "gew>=31.1.2026"},
		{"followed:yes", "gevolgd:ja"},
		{"-followed:yes", "-gevolgd:ja"},
		{"suspected:no", "vermoed:nee"},
		{"text:tile", "tekst:tile"},
		{"tile", "text:TILE"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct filter a = parsed(rows[i][0]);
		struct filter b = parsed(rows[i][1]);

		assert_int_equal(a.count, 1);
		assert_same(&a, &b);
	}
}

/* All codes, labels and Dutch words lead to their value. */
static void every_word(void **state)
{
	static const struct {
		const char *name;
		const struct words *words;
	} rows[] = {{"state", &ticket_states},
		    {"kind", &ticket_kinds},
		    {"channel", &channels},
		    {"priority", &priorities}};
	const char *offers[32];
	size_t i, n;
	int w;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		for (w = 0; w < rows[i].words->count; w++) {
			struct filter f = parsed(arena_printf(&arena, "%s:%s", rows[i].name,
							      rows[i].words->code[w]));

			assert_int_equal(f.terms[0].words, UINT64_C(1) << w);
			f = parsed(arena_printf(&arena, "%s:\"%s\"", rows[i].name,
						rows[i].words->label[w]));
			assert_int_equal(f.terms[0].words, UINT64_C(1) << w);
			assert_int_equal(word_parse(rows[i].words, rows[i].words->code[w], NULL),
					 w);
		}
		/* What completion offers can be read. */
		n = filter_complete(arena_printf(&arena, "%s:", rows[i].name), offers,
				    COUNT(offers), &arena);
		assert_true(n >= (size_t)rows[i].words->count);
		while (n--)
			assert_int_equal(__builtin_popcountll(parsed(offers[n]).terms[0].words), 1);
	}
	/* The beginning of several means all of them. */
	assert_int_equal(parsed("state:wait").terms[0].words,
			 1u << STATE_WAITING_CITIZEN | 1u << STATE_WAITING_THIRD);
}

static struct ticket sample(void)
{
	return (struct ticket){
		.id = ME,
		.number = "26-004217-69",
		.kind = KIND_REPORT,
		.state = STATE_OPEN,
		.priority = PRIORITY_HIGH,
		.channel = CHANNEL_PHONE,
		.subject = "Losse tegel Grôte Markt",
		.party_name = "Van den Broeck, Lieselot",
		.created_at = time_of("2026-11-20T10:00:00Z"),
		.updated_at = time_of("2026-11-23T23:30:00Z"), /* the 24th in Brussels */
		.due_at = time_of("2026-11-27T22:59:59.999Z"),
		.suspected = 1,
		.followed = true,
	};
}

/* clang-format off */
static void matching(void **state)
{
	static const char *const yes[] = {
		"", "state:open", "status:open,nieuw", "-state:closed", "soort:melding", "tegel",
		"losse grote", "\"grote markt\"", "GROTE", "broeck", "\"van den broeck\"",
		"26-004217-69", "2600421769", "004217", "26.004217", "team:groen", "groep:dienst",
		"team:wegen,groen", "agent:claes", "agent:an", "medewerker:me,claes", "topic:openbaar",
		"-agent:none", "agent:none,claes", "prio:hoog", "kanaal:tel", "due<7d", "due:3d", "due>2d",
		"due<=3d", "due>=3d", "-due<3d", "due<2026-11-28", "created:2026-11-20",
		"created>-5d", "-created>20/11/2026", "created<21/11", "updated:today",
		"gevolgd:ja", "vermoed:ja", "-vermoed:nee", "-zebra", "-due:none", "state:open tegel team:gr",
	};
	static const char *const no[] = {
		"state:closed", "-status:open", "soort:klacht", "zebra", "tegel zebra", "team:roen",
		"team:none", "agent:none", "agent:niemand", "agent:me", "priority:low", "due<3d",
		"due>3d", "due:today", "due:none", "created<20/11/2026", "created>20/11/2026",
		"updated:yesterday", "gevolgd:nee", "vermoed:nee", "-tegel", "due<now", "markttegel",
	};
	struct filter_names names = {"dienst groen", "an claes", "openbaar domein"};
	struct ticket t = sample();
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(yes); i++) {
		struct filter f = parsed(yes[i]);

		if (!filter_match(&f, &t, &names))
			fail_msg("should match: %s", yes[i]);
	}
	for (i = 0; i < COUNT(no); i++) {
		struct filter f = parsed(no[i]);

		if (filter_match(&f, &t, &names))
			fail_msg("should not match: %s", no[i]);
	}
}
/* clang-format on */

static void empty_ticket(void **state)
{
	struct ticket t = {0};
	struct filter f = parsed("team:none agent:geen topic:niemand due:none -created>2000-01-01");

	(void)state;
	assert_true(filter_match(&f, &t, NULL));
	f = parsed("due<9999d");
	assert_false(filter_match(&f, &t, NULL));
	f = parsed("tegel");
	assert_false(filter_match(&f, &t, NULL));
}

static void me(void **state)
{
	struct filter f = parsed("agent:me,none tegel team:me");
	struct filter_names names = {"me", "an claes", NULL, false};
	struct ticket t = sample();

	(void)state;
	assert_string_equal(f.terms[0].text, "me,");
	assert_false(filter_match(&f, &t, &names));
	names.mine = true;
	assert_true(filter_match(&f, &t, &names));
	/* Nobody whose name begins so. */
	names.mine = false;
	names.agent = "mertens me";
	assert_false(filter_match(&f, &t, &names));
}

static void free_words(void **state)
{
	struct filter f = parsed("  10:30 http://x.be/ -  !!! a:b \"state:open\" -\"niet dit\"");

	(void)state;
	assert_int_equal(f.count, 5);
	assert_string_equal(f.terms[0].text, "10 30");
	assert_string_equal(f.terms[1].text, "http x be");
	assert_string_equal(f.terms[2].text, "a b");
	assert_string_equal(f.terms[3].text, "state open");
	assert_string_equal(f.terms[4].text, "niet dit");
	assert_true(f.terms[4].negated);
}

static void mistakes(void **state)
{
	static const char *const rows[][3] = {
		/* text, the word it names, the word it offers */
		{"tegel stat2e x statee:open", "word 4, \"statee:open\"", "\"state\""},
		{"tegel statos:open", "word 2, \"statos:open\"", "\"status\""},
		{"state:opne", "word 1", "\"open\""},
		{"soort:klaght", "word 1", "\"klacht\""},
		{"zebra:x", "word 1", "no such field"},
		{"state:", "word 1", "missing"},
		{"a b state:open,", "word 3", "missing"},
		{"agent:", "word 1", "missing"},
		{"agent:an,,bo", "word 1", "missing"},
		{"due<morgn", "word 1", "morgen"},
		{"due:31/02/2026", "word 1", "not a day"},
		{"due<", "word 1", "missing"},
		{"due:2026-13-01", "word 1", "not a day"},
		{"due<99999999999d", "word 1", "not a day"},
		{"state<open", "word 1", "days only"},
	};
	struct filter before, f;
	size_t i;

	(void)state;
	memset(&before, 7, sizeof(before));
	for (i = 0; i < COUNT(rows); i++) {
		struct err err = {0};

		f = before;
		assert_false(filter_parse(rows[i][0], now, &f, &arena, &err));
		assert_int_equal(err.kind, ERR_INPUT);
		if (!strstr(err.text, rows[i][1]) || !strstr(err.text, rows[i][2]))
			fail_msg("%s: %s", rows[i][0], err.text);
		assert_memory_equal(&f, &before, sizeof(f));
	}
}

static void limits(void **state)
{
	char text[1200];
	struct filter f;
	struct err err = {0};
	int i;

	(void)state;
	for (i = 0; i < 16; i++)
		memcpy(text + 2 * i, "a ", 3);
	assert_int_equal(parsed(text).count, 16);
	memcpy(text + 32, "b", 2);
	assert_false(filter_parse(text, now, &f, &arena, &err));
	memset(text, 'x', 1001);
	text[1001] = '\0';
	assert_false(filter_parse(text, now, &f, &arena, &err));
	assert_false(filter_parse("a\xff", now, &f, &arena, &err));
	text[1000] = '\0';
	assert_true(filter_parse(text, now, &f, &arena, &err));
}

static void days(void **state)
{
	static const char *const rows[][2] = {
		{"today", "2026-11-23T23:00:00Z"},	{"Vandaag", "2026-11-23T23:00:00Z"},
		{"morgen", "2026-11-24T23:00:00Z"},	{"0d", "2026-11-23T23:00:00Z"},
		{"7d", "2026-11-30T23:00:00Z"},		{"+7d", "2026-11-30T23:00:00Z"},
		{"-3d", "2026-11-20T23:00:00Z"},	{"-2W", "2026-11-09T23:00:00Z"},
		{"2026-01-31", "2026-01-30T23:00:00Z"}, {"31/01/2026", "2026-01-30T23:00:00Z"},
		{"1/2/2026", "2026-01-31T23:00:00Z"},	{"29-02-2028", "2028-02-28T23:00:00Z"},
		{"1/7", "2026-06-30T22:00:00Z"},	{"-30w", "2026-04-27T22:00:00Z"},
	};
	static const char *const bad[] = {
		"",	"d",	   "7",		"7x",	      "--7d",	     "2026",   "2026-02-29",
		"1/13", "0/1",	   "32/1/2026", "31/04/2026", "2026-01-31x", "1/1/99", "maandag?",
		"7 d",	"2026-1-", "1/1/",	"/1",	      "-d"};
	int64_t ret = 5;
	struct err err = {0};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_true(day_parse(rows[i][0], now, &ret, &err));
		if (ret != time_of(rows[i][1]))
			fail_msg("%s", rows[i][0]);
	}
	ret = 5;
	for (i = 0; i < COUNT(bad); i++) {
		if (day_parse(bad[i], now, &ret, &err))
			fail_msg("%s", bad[i]);
		assert_int_equal(ret, 5);
	}
}

static void one_word(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(word_parse(&ticket_states, "ges", &err), STATE_CLOSED);
	assert_int_equal(word_parse(&filter_views, "te laat", &err), VIEW_OVERDUE);
	assert_int_equal(word_parse(&filter_views, "van mij", &err), VIEW_MINE);
	assert_int_equal(word_parse(&ticket_states, "wait", &err), -1);
	assert_non_null(strstr(err.text, "several"));
	assert_int_equal(word_parse(&ticket_states, "gesloteen", &err), -1);
	assert_non_null(strstr(err.text, "gesloten"));
	assert_int_equal(word_parse(&ticket_states, "", &err), -1);
	assert_int_equal(word_parse(&ticket_states, "!!", &err), -1);
}

static void completion(void **state)
{
	const char *ret[40];

	(void)state;
	assert_int_equal(filter_complete("tegel sta", ret, COUNT(ret), &arena), 2);
	assert_string_equal(ret[0], "state:");
	assert_string_equal(ret[1], "status:");
	assert_int_equal(filter_complete("-sta", ret, COUNT(ret), &arena), 2);
	assert_string_equal(ret[0], "-state:");
	assert_int_equal(filter_complete("-state:new,ge", ret, COUNT(ret), &arena), 3);
	assert_string_equal(ret[0], "-state:new,gepland");
	assert_int_equal(filter_complete("due<=t", ret, COUNT(ret), &arena), 2);
	assert_string_equal(ret[0], "due<=today");
	assert_int_equal(filter_complete("agent:", ret, COUNT(ret), &arena), 4);
	assert_int_equal(filter_complete("zebra:", ret, COUNT(ret), &arena), 0);
	assert_int_equal(filter_complete("zebra", ret, COUNT(ret), &arena), 0);
	assert_int_equal(filter_complete("", ret, 3, &arena), 3);
	assert_true(filter_complete("", ret, COUNT(ret), &arena) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dutch_is_english),
		cmocka_unit_test(every_word),
		cmocka_unit_test(matching),
		cmocka_unit_test(empty_ticket),
		cmocka_unit_test(me),
		cmocka_unit_test(free_words),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(limits),
		cmocka_unit_test(days),
		cmocka_unit_test(one_word),
		cmocka_unit_test(completion),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
