/* What of the address of a database may be shown, and which engine it asks for. */
#include "things.h"

#include <string.h>

struct sample {
	const char *url, *shown;
};

static const struct sample samples[] = {
	{"/var/lib/town.db", "/var/lib/town.db"},
	{"sqlite:a:b@c", "sqlite:a:b@c"},
	{"postgresql://balied@host:5432/town", "postgresql://balied@host:5432/town"},
	{"postgres://host/town", "postgresql://host/town"},
	{"postgresql:///town?host=/run/pg&user=balied",
	 "postgresql:///town?host=/run/pg&user=balied"},
	{"postgresql://u@[::1]:5432/d", "postgresql://u@[::1]:5432/d"},
	{"postgresql://u:secret@h/d", "postgresql://u@h/d"},
	{"postgresql://u:secret@h:1,i:2/d?sslmode=require",
	 "postgresql://u@h:1,i:2/d?sslmode=require"},
	{"postgresql://u:@h/d", "postgresql://u@h/d"},
	{"postgresql://:secret@h/d", "postgresql://@h/d"},
	{"postgresql://u:sec/ret@h/d", "postgresql://u@h/d"},
	{"postgresql://u:sec?secret=1@h/d", "postgresql://u@h/d"},
	{"postgresql://u:sec@secret@h/d", "postgresql://u@h/d"},
	{"postgresql://u:sec:secret@h/d", "postgresql://u@h/d"},
	{"postgresql://u:sec%40secret@h/d", "postgresql://u@h/d"},
	{"postgresql://u:se cret@h/d e", "postgresql://u@h/d e"},
	{"postgresql:///d?password=secret", "postgresql:///d?password=..."},
	{"postgresql:///d?user=u&password=secret&host=/x",
	 "postgresql:///d?user=u&password=...&host=/x"},
	{"postgresql://h/d?sslpassword=secret", "postgresql://h/d?sslpassword=..."},
	{"postgresql://h/d?p%61ssword=secret", "postgresql://h/d?p%61ssword=..."},
	{"postgresql://h/d?password=sec=secret", "postgresql://h/d?password=..."},
	{"postgresql://h/d?password=", "postgresql://h/d?password=..."},
	{"postgresql://h/d?password=x?&user=y", "postgresql://h/d?password=...&user=y"},
	{"postgresql://", "postgresql://"},
	{"postgresql://h/d?", "postgresql://h/d?"},
	{"postgresql://h/d?&", "postgresql://h/d?&"},
	{"postgresql:", "postgresql:..."},
	{"postgres:dbname=d password=secret", "postgres:..."},
	{"postgresql:/u:secret@h/d", "postgresql:..."},
	{"PostgreSQL://u:secret@h/d", "postgresql://u@h/d"},
	{"postgres:secret://h", "postgres:..."},
};

static void passwords_are_never_shown(void **state)
{
	struct buf shown = {0};
	(void)state;

	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		buf_reset(&shown);
		store_show_url(samples[i].url, &shown);
		assert_string_equal(shown.data, samples[i].shown);
		assert_null(strstr(shown.data, "secret"));
	}
	buf_finish(&shown);
}

static void the_engine_is_in_the_name(void **state)
{
	static const char *const files[] = {
		"postgresql.db",	 "postgres", "./postgres:town",
		"sqlite:postgresql://h", "",	     "/postgresql://h/town.db",
		"xpostgres://h"};
	static const char *const servers[] = {"postgres://", "postgresql://h/d", "POSTGRES://h",
					      "postgres:d"};
	(void)state;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		assert_int_equal(store_engine_of(files[i]), STORE_SQLITE);
	for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++)
		assert_int_equal(store_engine_of(servers[i]), STORE_POSTGRES);
}

/* A slip in an address makes no file, and what it holds is not said. */
static void slips_are_no_files(void **state)
{
	static const char *const slips[] = {"posgresql://u:secret@h/d", "mysql://u:secret@h/d",
					    "postgresq:u:secret@h", "host=h user=u password=secret",
					    "SQLITE:town.db"};
	struct buf shown = {0};
	(void)state;

	for (size_t i = 0; i < sizeof(slips) / sizeof(*slips); i++) {
		things_refuse(slips[i], &things_schema, STORE_CREATE, ERR_INPUT, "sqlite:PATH");
		assert_null(strstr(things_err.text, "secret"));
		buf_reset(&shown);
		store_show_url(slips[i], &shown);
		assert_string_equal(shown.data, "...");
	}
	buf_finish(&shown);
}

/* And they are files of that name. */
static void files_may_be_called_so(void **state)
{
	const char *path = things_path("postgresql.db");
	struct store *st = things_open(path, STORE_CREATE);
	(void)state;

	assert_string_equal(things_ask(path, "PRAGMA user_version"), "2");
	store_close(st);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_are_never_shown),
		cmocka_unit_test(the_engine_is_in_the_name),
		cmocka_unit_test(slips_are_no_files),
		cmocka_unit_test(files_may_be_called_so),
	};

	return cmocka_run_group_tests(tests, things_start, things_finish);
}
