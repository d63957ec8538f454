/* balie: the agent's client. Reads options, then either opens the screens or does one command. */
#include "client.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/log.h"
#include "balie/text.h"

/* clang-format off */
#define OPT(name, kind, member, argument, help) \
	{name, kind, argument, help, offsetof(struct settings, member), 0, 0}
/* clang-format on */
const struct option_row settings_rows[] = {
	OPT("server", OPTION_TEXT, server, "URL",
	    N_("The service: http://host:port, https://host or unix:PATH")),
	OPT("user", OPTION_TEXT, user, "NAME", N_("Your login name; the password is asked")),
	OPT("demo", OPTION_FLAG, demo, NULL,
	    N_("Try it in a town that does not exist; nothing of it stays")),
	OPT("keymap", OPTION_TEXT, keymap, "NAME", N_("Keys: default, azerty, vi or classic")),
	OPT("language", OPTION_TEXT, language, "nl|en", N_("Language on screen")),
	OPT("config", OPTION_TEXT, config, "FILE", N_("Another configuration file")),
	OPT("downloads", OPTION_TEXT, downloads, "FOLDER", N_("Where attachments are saved")),
	OPT("opener", OPTION_TEXT, opener, "PROGRAM", N_("What opens attachments (xdg-open)")),
	OPT("mouse", OPTION_TEXT, mouse, "yes|no", N_("Whether the mouse works too (yes)")),
	OPT("view", OPTION_TEXT, view, "VIEW",
	    N_("For list: mine, team, unassigned, overdue or all")),
	OPT("filter", OPTION_TEXT, filter, "WORDS",
	    N_("For do: all tickets that these words find, instead of one")),
	OPT("dry-run", OPTION_FLAG, dry_run, NULL,
	    N_("For do with a filter: only say what would become of each")),
	OPT("format", OPTION_TEXT, format, "text|json", N_("For list and show: how to print")),
	OPT("help", OPTION_FLAG, help, NULL, N_("Say what this program can do, and end")),
	OPT("version", OPTION_FLAG, version, NULL, N_("Say which version this is, and end")),
	{0},
};
#define ROWS (sizeof(settings_rows) / sizeof(settings_rows[0]))

static void show_help(void)
{
	printf("%s\n",
	       _("Usage: balie [OPTION...]\n"
		 "       balie [OPTION...] sync\n"
		 "       balie [OPTION...] do ACTION TICKET [ARGUMENT...]\n"
		 "       balie [OPTION...] do ACTION [ARGUMENT...] --filter WORDS [--dry-run]\n"
		 "       balie [OPTION...] show TICKET\n"
		 "       balie [OPTION...] list [FILTER]\n"
		 "       balie --demo\n"));
	for (size_t i = 0; settings_rows[i].name; i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s %s", settings_rows[i].name,
			 settings_rows[i].argument ? settings_rows[i].argument : "");
		printf("  %-22s %s\n", left, _(settings_rows[i].help));
	}
	printf("\n%s\n", _("The manual: man balie. A first half hour: man balie-tutorial."));
}

/* The usual file may be absent; one that was named must be there. */
static bool read_file(struct settings *settings, const bool *given, struct arena *a,
		      struct err *err)
{
	struct err why = {0};
	char *dir, *path;
	bool ok;

	if (settings->config)
		return options_read_file(settings_rows, settings->config, settings, given, a, err);
	if (!env_dir('c', &dir, err))
		return false;
	path = xasprintf("%s/balie.conf", dir);
	ok = options_read_file(settings_rows, path, settings, given, a, &why) ||
	     why.kind == ERR_NOT_FOUND;
	if (!ok)
		*err = why;
	free(path);
	free(dir);
	return ok;
}

static bool check_settings(const struct settings *settings, struct err *err)
{
	if (settings->language && strcmp(settings->language, "nl") != 0 &&
	    strcmp(settings->language, "en") != 0) {
		err_set(err, ERR_INPUT, _("language must be nl or en, not “%s”"),
			settings->language);
		return false;
	}
	if (settings->format && strcmp(settings->format, "text") != 0 &&
	    strcmp(settings->format, "json") != 0) {
		err_set(err, ERR_INPUT, _("format must be text or json, not “%s”"),
			settings->format);
		return false;
	}
	return true;
}

static bool check_server(const struct settings *settings, struct err *err)
{
	const char *server = settings->server;

	if (!server || !settings->user) {
		err_set(err, ERR_INPUT,
			_("no service or no name given: use --server URL --user NAME, put them in "
			  "balie.conf, or try balie --demo"));
		return false;
	}
	if (strncmp(server, "http://", 7) != 0 && strncmp(server, "https://", 8) != 0 &&
	    strncmp(server, "unix:", 5) != 0) {
		err_set(err, ERR_INPUT,
			_("“%s” is no address of a service: it begins with http://, https:// or "
			  "unix:"),
			server);
		return false;
	}
	return true;
}

static int run(struct settings *settings, const struct option_list *operands, struct err *err)
{
	struct session session = {.lock = -1};
	struct demo *demo = NULL;
	int code = EXIT_TROUBLE;

	if (settings->demo && !demo_start(&demo, settings, err))
		goto out;
	if (!check_server(settings, err)) {
		code = EXIT_USAGE;
		goto out;
	}
	if (!session_open(&session, settings, err))
		goto out;
	code = operands->count ? command_run(&session, operands, err) : app_run(&session, err);
out:
	session_close(&session);
	demo_stop(demo);
	return code;
}

int main(int argc, char **argv)
{
	struct settings settings = {0};
	const char *filter;
	struct option_list operands = {0};
	struct arena arena = {0};
	struct err err = {0};
	bool given[ROWS] = {false};
	int code = EXIT_USAGE;

	language_begin(NULL);
	/* The screen is the agent's: what has no place there is said at the end, on stderr. */
	log_to(NULL, LOG_LEVEL_ERROR);
	if (!options_parse(settings_rows, argc, argv, &settings, given, &operands, &arena, &err))
		goto out;
	if (settings.help || settings.version) {
		if (settings.version)
			printf("balie %s\n", BALIE_VERSION);
		else
			show_help();
		code = EXIT_FINE;
		goto out;
	}
	if (operands.count && !command_known(operands.items[0])) {
		err_set(&err, ERR_INPUT, _("there is no command “%s”: sync, do, show or list"),
			operands.items[0]);
		goto out;
	}
	/* To which tickets something is done never stands in a file. */
	filter = settings.filter;
	if (!settings.demo && !read_file(&settings, given, &arena, &err))
		goto out;
	settings.filter = filter;
	if (!check_settings(&settings, &err))
		goto out;
	if (settings.language)
		language_begin(settings.language);
	if (!id_init()) {
		err_set(&err, ERR_IO, _("the system gives no random numbers"));
		code = EXIT_TROUBLE;
		goto out;
	}
	code = run(&settings, &operands, &err);
out:
	if (err.kind != ERR_NONE)
		fprintf(stderr, "balie: %s\n", err.text);
	arena_finish(&arena);
	return code;
}
