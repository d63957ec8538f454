/* Lists of tickets: what comes in from a spreadsheet, as it is and as it should not be, and out again. */
#include "group.h"
#include <fcntl.h>
#include "balie/clock.h"
#include "town.h"

#define KILL_ROWS 12000
#define BESIDE_ROWS 4000
#define KILLS 4

static void path_in(const struct service *s, const char *name, char ret[120])
{
	snprintf(ret, 120, "%s/%s", s->dir, name);
}

static void put_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Imports the text with up to three more options; gives the exit status. */
static int take_text(const struct service *s, const char *name, const char *text,
		     const char *const options[3], char **output)
{
	char path[120];
	const char *args[16] = {"import", "tickets", path, "--db", s->db};

	path_in(s, name, path);
	put_file(path, text, strlen(text));
	for (size_t i = 0; options && i < 3 && options[i]; i++)
		args[5 + i] = options[i];
	return service_run(args, NULL, output);
}

static char *export_as(const struct service *s, const char *format, const char *filter)
{
	const char *args[] = {"export", "tickets",	   "--db",     s->db,  "--format",
			      format,	"--with-citizens", "--filter", filter, NULL};
	char *ret = NULL;

	assert_int_equal(service_run(args, NULL, &ret), 0);
	return ret;
}

/* The member of the first exported ticket that the filter finds. */
static void exported(const struct service *s, const char *filter, const char *member,
		     const char *wanted)
{
	char *lines = export_as(s, "json", filter);
	cJSON *json = cJSON_ParseWithOpts(lines, NULL, false);
	const char *got = cJSON_GetStringValue(cJSON_GetObjectItem(json, member));

	if (!json)
		fail_msg("nothing for %s", filter);
	if (!got || !wanted ? got != wanted : strcmp(got, wanted) != 0)
		fail_msg("%s of %s is %s", member, filter, got ? got : "nothing");
	cJSON_Delete(json);
	free(lines);
}

static int64_t count_lines(const char *text)
{
	int64_t ret = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		ret++;
	return ret;
}

static void count_tickets(const struct service *s, int64_t wanted)
{
	char *lines = export_as(s, "json", "");

	assert_int_equal(count_lines(lines), wanted);
	free(lines);
}

static void says(const char *output, const char *words)
{
	if (!strstr(output, words))
		fail_msg("'%s' is not in: %s", words, output);
}

static void check_town(const struct service *s)
{
	const char *args[] = {"check", "--db", s->db, NULL};

	assert_int_equal(service_run(args, NULL, NULL), 0);
}

static const char list_one[] =
	"Sleutel;Titel;Omschrijving;Soort;Status;Kanaal;Thema;Groep;Medewerker;Datum;Termijn;"
	"Afgehandeld;Naam;Telefoon;E-mail;Straat;Huisnummer;Gemeente;Nr\r\n"
	"1;Losse tegel;\"Een tegel ligt los.\r\nEcht; "
	"\"\"los\"\".\";melding;nieuw;telefoon;Voetpad;"
	"Wegen;;31/12/2024;5-1-2025;;An Claes;050 33 44 55;an@example.be;Dorpsstraat;1;Brugge;7\r\n"
	"2;Klacht;=1+1;klacht;afgehandeld;e-mail;Voetpad;wegen;bob;1-2-2025 14:05;;3/2/2025;"
	"Jan Peeters;050/33.44.55;;;;;8\r\n"
	"3;Nog een;-;;;;;;;2025-02-03;;;Claes An;+32 50 33 44 55;;;;;9\r\n";

static void test_fields_land(void **state)
{
	const char *const make[3] = {"--create-missing"};
	struct service s;
	char *output;

	(void)state;
	service_make(&s);
	assert_int_equal(take_text(&s, "lijst.csv", list_one, make, &output), 0);
	says(output, "3 rows: 3 taken in, 0 were there, 0 refused");
	says(output, "not used: Nr");
	/* One phone, two names: two citizens; the same words in another order are one. */
	says(output, "2 citizens, 0 teams and 1 topics were new");
	free(output);
	exported(&s, "tegel", "number", "24-000001-67");
	exported(&s, "tegel", "body", "Een tegel ligt los.\nEcht; \"los\".");
	exported(&s, "tegel", "kind", "report");
	exported(&s, "tegel", "channel", "phone");
	exported(&s, "tegel", "topic", "Voetpad");
	exported(&s, "tegel", "team", "Wegen");
	exported(&s, "tegel", "created", "2024-12-30T23:00:00.000Z");
	exported(&s, "tegel", "due", "2025-01-05T22:59:59.999Z");
	exported(&s, "tegel", "phone", "+3250334455");
	exported(&s, "tegel", "city", "Brugge");
	exported(&s, "klacht", "state", "closed");
	exported(&s, "klacht", "agent", "bob");
	exported(&s, "klacht", "closed", "2025-02-02T23:00:00.000Z");
	exported(&s, "klacht", "body", "=1+1");
	exported(&s, "klacht", "name", "Jan Peeters");
	exported(&s, "text:nog", "name", "An Claes");
	exported(&s, "text:nog", "channel", "internal");
	check_town(&s);
	service_remove(&s);
}

static void test_twice_is_once(void **state)
{
	const char *const make[3] = {"--create-missing"};
	const char *const other[3] = {"--source", "andere lijst"};
	const char *const same[3] = {"--source", "een.csv"};
	struct service s;
	char *output;

	(void)state;
	service_make(&s);
	assert_int_equal(take_text(&s, "een.csv", list_one, make, NULL), 0);
	assert_int_equal(take_text(&s, "een.csv", list_one, make, &output), 0);
	says(output, "3 rows: 0 taken in, 3 were there, 0 refused");
	free(output);
	/* A copy of it under another name is told, and comes in only when that is meant. */
	assert_int_equal(take_text(&s, "een (1).csv", list_one, make, NULL), 1);
	count_tickets(&s, 3);
	assert_int_equal(take_text(&s, "een (1).csv", list_one, same, &output), 0);
	says(output, "3 rows: 0 taken in, 3 were there, 0 refused");
	free(output);
	/* What was changed in the list since is told, and nothing is written over. */
	assert_int_equal(take_text(&s, "een.csv", "Sleutel;Titel\n2;Anders\n", NULL, &output), 1);
	says(output, "line 2 refused: key: this key was taken in before");
	free(output);
	exported(&s, "klacht", "subject", "Klacht");
	/* Without a key the row itself is it; the same key in another list is another. */
	assert_int_equal(take_text(&s, "twee.csv", "Titel\nZonder\nZonder\n", NULL, &output), 0);
	says(output, "2 rows: 1 taken in, 1 were there");
	free(output);
	assert_int_equal(take_text(&s, "een.csv", "Sleutel;Titel\n2;Anders\n", other, NULL), 0);
	count_tickets(&s, 5);
	service_remove(&s);
}

static void test_a_bad_row_takes_no_other_along(void **state)
{
	struct service s;
	char report[120], *output, text[2000];
	const char *options[3] = {"--report", report};
	FILE *f;
	size_t len;

	(void)state;
	service_make(&s);
	path_in(&s, "geweigerd.csv", report);
	assert_int_equal(take_text(&s, "slecht.csv",
				   "Titel;Status;Groep;Datum;Rijksregisternummer;E-mail\n"
				   "goed;nieuw;Wegen;1/2/2025;;\n"
				   "staat;half;;;;\n"
				   "groep;;Wegn;;;\n"
				   "dag;;;30/2/2025;;\n"
				   "toekomst;;;1/2/2999;;\n"
				   "kaart;;;;85.07.30-033.27;\n"
				   "post;;;;;geen adres\n"
				   "\"los;;;;;\n"
				   "te veel;;;;;;;8\n"
				   ";;;;;\n"
				   ";nieuw;;;;\n"
				   "\"achter\" aan;;;;;\n"
				   "ook goed",
				   options, &output),
			 1);
	says(output, "12 rows: 2 taken in, 0 were there, 10 refused");
	free(output);
	f = fopen(report, "r");
	assert_non_null(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	text[len] = '\0';
	fclose(f);
	says(text, "3;\"state\";\"there is no \"\"half\"\"");
	says(text, "4;\"team\";\"no team is called \"\"Wegn\"\"; do you mean \"\"Wegen\"\"?\"");
	says(text, "5;\"created\";\"this is no day");
	says(text, "6;\"created\";\"in the future\"");
	says(text, "7;\"rrn\";\"this is no national number\"");
	says(text, "8;\"email\";\"this is no mail address\"");
	says(text, "9;\"\";\"a quote is opened and never closed\"");
	says(text, "10;\"\";\"8 cells, and the header has 6\"");
	says(text, "12;\"subject\";\"neither a subject nor a text\"");
	says(text, "13;\"\";\"text stands behind a closing quote\"");
	assert_null(strstr(text, "geen adres"));
	count_tickets(&s, 2);
	service_remove(&s);
}

/* One sentence each, and nothing half. */
static void test_what_is_no_list(void **state)
{
	static const char no_text[] = "Titel\na\0b\n";
	const size_t large = 20 * 1000 * 1000;
	char path[120], *text = xcalloc(1, large + 8);
	struct service s;
	const char *args[] = {"import", "tickets", path, "--db", s.db, NULL};
	char *output;

	(void)state;
	service_make(&s);
	path_in(&s, "x.csv", path);
	put_file(path, no_text, sizeof(no_text) - 1);
	assert_int_equal(service_run(args, NULL, NULL), 1);
	put_file(path, "", 0);
	assert_int_equal(service_run(args, NULL, NULL), 1);
	put_file(path, "Titel;Status\r\n", 14);
	assert_int_equal(service_run(args, NULL, &output), 0);
	says(output, "there are no rows under the header");
	free(output);
	put_file(path, "\xff\xfeT\0i\0", 6);
	assert_int_equal(service_run(args, NULL, NULL), 1);
	put_file(path, "Kleur;Maat\nrood;9\n", 18);
	assert_int_equal(service_run(args, NULL, NULL), 1);
	put_file(path, "Titel;Betreft\na;b\n", 18);
	assert_int_equal(service_run(args, NULL, NULL), 1);
	/* A million columns and more. */
	memset(text, ';', large);
	put_file(path, text, large);
	assert_int_equal(service_run(args, NULL, NULL), 1);
	/* One cell that never ends, and the row behind it. */
	memset(text, 'x', large);
	memcpy(text, "Titel\n\"", 7);
	memcpy(text + large - 6, "x\ngoed", 6);
	put_file(path, text, large);
	assert_int_equal(service_run(args, NULL, &output), 1);
	says(output, "line 2 refused: a quote is opened and never closed");
	says(output, "2 rows: 1 taken in");
	free(output);
	text[6] = 'x';
	put_file(path, text, large);
	assert_int_equal(service_run(args, NULL, &output), 1);
	says(output, "line 2 refused: longer than");
	free(output);
	count_tickets(&s, 1);
	free(text);
	service_remove(&s);
}

static void test_as_spreadsheets_write_it(void **state)
{
	const char *const map[3] = {"--map", "Kleur=tekst", "--map=Vak=-"};
	const char *const latin[3] = {"--charset", "latin1", "--separator=,"};
	struct service s;

	(void)state;
	service_make(&s);
	assert_int_equal(take_text(&s, "a.csv", "Titel,Naam\nCaf\xe9,Zo\xeb \x80\n", NULL, NULL),
			 0);
	exported(&s, "text:cafe", "subject", "Café");
	exported(&s, "text:cafe", "name", "Zoë €");
	assert_int_equal(take_text(&s, "b.csv", "\xef\xbb\xbfTitel\tNaam\nBéta\tZoë\n", NULL, NULL),
			 0);
	exported(&s, "text:beta", "name", "Zoë");
	assert_int_equal(take_text(&s, "c.csv", "sep=|\rTitel|Naam\rGamma|'=x\r", NULL, NULL), 0);
	exported(&s, "text:gamma", "name", "=x");
	assert_int_equal(take_text(&s, "d.csv", "Titel;Kleur;Vak\nDelta;rood;9\n", map, NULL), 0);
	exported(&s, "text:delta", "body", "rood");
	assert_int_equal(take_text(&s, "e.csv", "Titel,Naam\nEpsilon,\xc3\xab\n", latin, NULL), 0);
	exported(&s, "text:epsilon", "name", "Ã«");
	service_remove(&s);
}

static void test_dry_run_changes_nothing(void **state)
{
	const char *const dry[3] = {"--dry-run", "--create-missing"};
	const char *const make[3] = {"--create-missing"};
	const char *const named[3] = {"--dry-run", "--create-missing", "--source=twee"};
	struct service s;
	struct town t = {0};
	struct err err = {0};
	int64_t before, after;
	char *output;

	(void)state;
	service_make(&s);
	if (!town_open(&t, s.db, 0, &err) || !town_last_seq(&t, &before, &err))
		fail_msg("%s", err.text);
	assert_int_equal(take_text(&s, "een.csv", list_one, dry, &output), 0);
	says(output, "3 rows: 3 would be taken in, 0 were there, 0 refused");
	says(output, "0 teams and 1 topics");
	free(output);
	assert_int_equal(take_text(&s, "een.csv", list_one, make, NULL), 0);
	assert_int_equal(take_text(&s, "een.csv", list_one, dry, &output), 0);
	says(output, "0 would be taken in, 3 were there");
	free(output);
	assert_true(town_last_seq(&t, &after, &err));
	assert_true(after > before);
	before = after;
	assert_int_equal(take_text(&s, "twee.csv", list_one, named, NULL), 0);
	assert_true(town_last_seq(&t, &after, &err));
	assert_int_equal(after, before);
	town_close(&t);
	service_remove(&s);
}

/* What goes out comes in as it was, formulas too, and goes out again as the same bytes. */
static void test_out_and_in_again(void **state)
{
	const char *const make[3] = {"--create-missing"};
	struct service one, two;
	char *first, *second, *output;

	(void)state;
	service_make(&one);
	service_make(&two);
	assert_int_equal(take_text(&one, "een.csv", list_one, make, NULL), 0);
	assert_int_equal(take_text(&one, "een.csv",
				   "Sleutel;Titel;Omschrijving\n"
				   "=4;'''=HYPERLINK(\"\"x\"\");\"@a\n-b\"\n"
				   "5;+32;'\n6;' los;\"  \"\"\"\"  \"\n",
				   NULL, NULL),
			 0);
	first = export_as(&one, "csv", "");
	says(first, "\r\n\"'=4\";");
	assert_null(strstr(first, ";=1+1"));
	says(first, ";\"'=1+1\";");
	assert_int_equal(take_text(&two, "x.csv", first, make, &output), 0);
	says(output, "6 taken in");
	free(output);
	second = export_as(&two, "csv", "");
	assert_string_equal(second, first);
	/* Where they are already, their numbers say so. */
	assert_int_equal(take_text(&one, "x.csv", first, make, &output), 1);
	says(output, "0 taken in, 0 were there, 6 refused");
	says(output, "there is a ticket with this number already");
	free(output);
	/* A number that was kept is not given again. */
	assert_int_equal(take_text(&two, "y.csv", "Titel;Datum\nNieuw;1/1/2024\n", NULL, NULL), 0);
	exported(&two, "text:nieuw", "number", "24-000002-68");
	check_town(&two);
	free(first);
	free(second);
	service_remove(&one);
	service_remove(&two);
}

static void test_citizens_only_when_asked(void **state)
{
	const char *const make[3] = {"--create-missing"};
	struct service s;
	const char *args[] = {"export", "tickets", "--db", s.db, NULL};
	char *output;

	(void)state;
	service_make(&s);
	assert_int_equal(take_text(&s, "een.csv", list_one, make, NULL), 0);
	assert_int_equal(service_run(args, NULL, &output), 0);
	says(output, "key;number;subject;kind;");
	assert_null(strstr(output, "Claes"));
	assert_null(strstr(output, "ligt los"));
	free(output);
	service_remove(&s);
}

static int64_t last_seq(struct town *t)
{
	int64_t seq = -1;

	assert_true(town_last_seq(t, &seq, NULL));
	return seq;
}

/* Killed wherever it stands, and done once more: nothing is lost and nothing is there twice. */
static void test_killed_and_gone_on(void **state)
{
	struct service s;
	struct town t = {0};
	struct err err = {0};
	char path[120], *output;
	const char *args[] = {"import", "tickets", path, "--db", s.db, NULL};
	struct buf text = {0};
	int64_t there;

	(void)state;
	service_make(&s);
	buf_add_str(&text, "Sleutel;Titel;Tekst;Datum;Naam;Telefoon\n");
	for (int i = 0; i < KILL_ROWS; i++)
		buf_printf(&text, "%d;Melding %d;Tekst;%d/%d/2025;Naam %d;0478%06d\n", i, i,
			   i % 28 + 1, i % 12 + 1, i % 500, i % 500);
	path_in(&s, "veel.csv", path);
	put_file(path, text.data, text.len);
	buf_finish(&text);
	if (!town_open(&t, s.db, 0, &err))
		fail_msg("%s", err.text);
	there = last_seq(&t);
	for (int i = 0; i < KILLS; i++) {
		pid_t pid = service_spawn(args);
		int64_t until = clock_mono() + 20000;

		while (last_seq(&t) <= there && clock_mono() < until)
			;
		kill(pid, SIGKILL);
		service_wait(pid);
		assert_true(last_seq(&t) > there);
		there = last_seq(&t);
	}
	town_close(&t);
	assert_int_equal(service_run(args, NULL, &output), 0);
	says(output, "12000 rows");
	free(output);
	assert_int_equal(service_run(args, NULL, &output), 0);
	says(output, "12000 rows: 0 taken in, 12000 were there");
	free(output);
	count_tickets(&s, KILL_ROWS);
	check_town(&s);
	service_remove(&s);
}

/* Others go on writing meanwhile, and see what comes in. */
static void test_beside_a_service(void **state)
{
	struct service s;
	char path[120], id[37], *token;
	const char *args[] = {"import", "tickets", path, "--db", s.db, NULL};
	struct buf text = {0};
	int64_t slowest = 0;
	struct http h;
	pid_t pid;

	(void)state;
	service_make(&s);
	service_start(&s, NULL);
	token = service_login(&s, "an");
	buf_add_str(&text, "Sleutel;Titel;Tekst\n");
	for (int i = 0; i < BESIDE_ROWS; i++)
		buf_printf(&text, "%d;Melding %d;Tekst\n", i, i);
	path_in(&s, "veel.csv", path);
	put_file(path, text.data, text.len);
	buf_finish(&text);
	pid = service_spawn(args);
	for (int i = 0; i < 20; i++) {
		int64_t at = clock_mono();

		service_ticket(&s, token, "Tussendoor", id);
		if (clock_mono() - at > slowest)
			slowest = clock_mono() - at;
	}
	printf("slowest write beside an import: %lld ms\n", (long long)slowest);
	assert_true(slowest < 4000);
	assert_int_equal(service_wait(pid), 0);
	http_get(&s, token, "/v1/tickets?limit=1", &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	count_tickets(&s, BESIDE_ROWS + 20);
	assert_int_equal(service_stop(&s, SIGTERM), 0);
	check_town(&s);
	free(token);
	service_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_land),
		cmocka_unit_test(test_twice_is_once),
		cmocka_unit_test(test_a_bad_row_takes_no_other_along),
		cmocka_unit_test(test_what_is_no_list),
		cmocka_unit_test(test_as_spreadsheets_write_it),
		cmocka_unit_test(test_dry_run_changes_nothing),
		cmocka_unit_test(test_out_and_in_again),
		cmocka_unit_test(test_citizens_only_when_asked),
		cmocka_unit_test(test_killed_and_gone_on),
		cmocka_unit_test(test_beside_a_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
