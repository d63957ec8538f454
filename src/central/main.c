/* balied: the central service. Reads options and runs one command of the table. */
#include "command.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/log.h"
#include "balie/mem.h"
#include "balie/store.h"
#include "balie/text.h"
#include "mail/mail_child.h"

/* Also stands, for translators, in the help of --config. */
#define CONFIG_DEFAULT "/etc/balie/balied.conf"
#define BILLION INT64_C(1000000000)

/* clang-format off */
#define OPT(name, kind, member, argument, help, min, max) \
	{name, kind, argument, help, offsetof(struct settings, member), min, max}
/* clang-format on */

const struct option_row settings_rows[] = {
	OPT("db", OPTION_TEXT, db, "sqlite:PATH|postgresql://...", N_("Database of the town"), 0,
	    0),
	OPT("config", OPTION_TEXT, config, "PATH",
	    N_("File with options, else /etc/balie/balied.conf when it is there"), 0, 0),
	OPT("listen", OPTION_TEXT, listen, "ADDRESS:PORT|unix:PATH",
	    N_("Where to serve; port 0 takes a free one and tells which"), 0, 0),
	OPT("threads", OPTION_NUMBER, threads, "NUMBER",
	    N_("Threads that answer requests; 0: one for each processor, four on PostgreSQL"), 0,
	    64),
	OPT("connections", OPTION_NUMBER, connections, "NUMBER",
	    N_("Most connections at the same time"), 8, 100000),
	OPT("per-address", OPTION_NUMBER, per_address, "NUMBER",
	    N_("Most connections from one address; 0: no limit, for behind a proxy"), 0, 100000),
	OPT("proxy", OPTION_TEXT, proxy, "ADDRESS,...",
	    N_("Proxies that are believed when they say from whom a request is (X-Forwarded-For); "
	       "unix: whoever comes by the local socket"),
	    0, 0),
	OPT("lag", OPTION_NUMBER, lag, "NUMBER",
	    N_("Changes that a client may be behind before it must begin anew"), 10, BILLION),
	OPT("rate", OPTION_NUMBER, rate, "NUMBER", N_("Requests a second for each login"), 1,
	    BILLION),
	OPT("burst", OPTION_NUMBER, burst, "NUMBER",
	    N_("Requests that each login may do at once before that rate counts"), 1, BILLION),
	OPT("session-hours", OPTION_NUMBER, session_hours, "NUMBER",
	    N_("Hours after which an agent must log in again"), 1, 8760),
	OPT("patience", OPTION_NUMBER, patience, "SECONDS",
	    N_("How long a connection may be silent or take to begin a request"), 1, 3600),
	OPT("verbose", OPTION_FLAG, verbose, NULL, N_("Tell more in the log"), 0, 0),
	OPT("team", OPTION_TEXT, team, "NAME",
	    N_("Team of the agent, made when it is not there; team that gets what is taken in"), 0,
	    0),
	OPT("role", OPTION_TEXT, role, "ROLE", N_("Role of the agent: agent, supervisor or admin"),
	    0, 0),
	OPT("display", OPTION_TEXT, display, "TEXT", N_("Name of the agent as colleagues see it"),
	    0, 0),
	OPT("outside", OPTION_FLAG, outside, NULL, N_("The new team is an outside organisation"), 0,
	    0),
	OPT("kind", OPTION_TEXT, kind, "KIND", N_("What a ticket on the topic usually is"), 0, 0),
	OPT("topic", OPTION_TEXT, topic, "NAME", N_("Topic that the text is offered for first"), 0,
	    0),
	OPT("language", OPTION_TEXT, language, "CODE", N_("Language of the text: nl, fr, en or de"),
	    0, 0),
	OPT("days", OPTION_NUMBER, days, "NUMBER",
	    N_("Days until the deadline of the topic; 0: no deadline"), 0, 3650),
	OPT("tickets", OPTION_NUMBER, tickets, "NUMBER", N_("Tickets to invent"), 0, BILLION),
	OPT("parties", OPTION_NUMBER, parties, "NUMBER", N_("Citizens to invent"), 0, BILLION),
	OPT("agents", OPTION_NUMBER, agents, "NUMBER", N_("Agents to invent"), 0, 10000),
	OPT("seed", OPTION_NUMBER, random, "NUMBER",
	    N_("The same number invents the same town again"), 0, BILLION),
	OPT("size", OPTION_TEXT, size, "SIZE", N_("How large a town to invent"), 0, 0),
	OPT("password", OPTION_FLAG, password, NULL,
	    N_("Read one password from the input for all invented agents"), 0, 0),
	OPT("mailbox", OPTION_TEXT, mailbox, "NAME", N_("Mailbox to write in the ledger"), 0, 0),
	OPT("take", OPTION_FLAG, take, NULL, N_("Have what is unknown taken in"), 0, 0),
	OPT("dry-run", OPTION_FLAG, dry_run, NULL, N_("Only say what would be done"), 0, 0),
	OPT("format", OPTION_TEXT, format, "table|csv|json", N_("How to write the result"), 0, 0),
	OPT("map", OPTION_LIST, map, "COLUMN=FIELD",
	    N_("What a column of the list is, \"-\" for nothing; may stand several times"), 0, 0),
	OPT("separator", OPTION_TEXT, separator, "CHARACTER",
	    N_("What stands between the cells: ; or , or tab"), 0, 0),
	OPT("charset", OPTION_TEXT, charset, "NAME",
	    N_("How the list is written: utf-8, windows-1252 or latin1"), 0, 0),
	OPT("source", OPTION_TEXT, source, "NAME",
	    N_("Name of the list, under which its keys are remembered; else that of the file"), 0,
	    0),
	OPT("report", OPTION_TEXT, report, "FILE",
	    N_("Where to write the refused rows, each with its line and the reason"), 0, 0),
	OPT("create-missing", OPTION_FLAG, create_missing, NULL,
	    N_("Make the topics and teams of the list that are not there"), 0, 0),
	OPT("filter", OPTION_TEXT, filter, "WORDS",
	    N_("Only these tickets, in the words of the filter of a queue"), 0, 0),
	OPT("with-citizens", OPTION_FLAG, with_citizens, NULL,
	    N_("Also the texts and who the citizens are: personal data"), 0, 0),
	OPT("replace", OPTION_FLAG, replace, NULL, N_("Write the copy over a file that is there"),
	    0, 0),
	OPT("from", OPTION_TEXT, from, "URL", N_("Database to move a town out of; it is only read"),
	    0, 0),
	OPT("to", OPTION_TEXT, to, "URL", N_("Empty database to move the town into"), 0, 0),
	OPT("help", OPTION_FLAG, help, NULL, N_("Show what this program can do"), 0, 0),
	OPT("version", OPTION_FLAG, version, NULL, N_("Show which version this is"), 0, 0),
	{0},
};
#define ROWS (sizeof(settings_rows) / sizeof(settings_rows[0]))

/* Options that every command knows. */
#define COMMON "db config verbose help version"

static const struct command commands[] = {
	{"init", "", N_("Make an empty town"), command_init, ""},
	{"user", "add NAME | change NAME | list | disable NAME | enable NAME | password NAME",
	 N_("Say who may log in; a password is read from the first line of the input"),
	 command_user, "team role display outside"},
	{"team", "add NAME | rename NAME NEW | disable NAME | enable NAME | list",
	 N_("Say which teams there are"), command_team, "outside"},
	{"topic", "add NAME | change NAME | rename NAME NEW | disable NAME | enable NAME | list",
	 N_("Say what a ticket can be about, who handles it and by when"), command_topic,
	 "team kind days"},
	{"template", "add NAME | change NAME | rename NAME NEW | disable NAME | enable NAME | list",
	 N_("Say which ready texts there are; the text is read from the input"), command_template,
	 "topic language"},
	{"serve", "", N_("Serve the town until told to stop"), command_serve,
	 "listen threads connections per-address proxy lag rate burst session-hours patience"},
	{"seed", "", N_("Fill an empty town with invented people and tickets"), command_seed,
	 "tickets parties agents seed size password"},
	{"import", "mail PATH... | tickets FILE.csv",
	 N_("Read mails from files and folders, or tickets from a list"), command_import,
	 "mailbox team dry-run format map separator charset source report create-missing"},
	{"export", "tickets", N_("Write all tickets as a list"), command_export,
	 "format separator filter with-citizens"},
	{"mailbox", "list | test NAME | pause NAME | resume NAME | reconcile NAME",
	 N_("Say how the mailboxes do, and whether all in them was taken in"), command_mailbox,
	 "format take"},
	{"check", "", N_("Check the database, its journal, and one against the other"),
	 command_check, ""},
	{"backup", "FILE", N_("Write a copy of a town that may be in use"), command_backup,
	 "replace"},
	{"move", "--from URL --to URL", N_("Copy a whole town to another database"), command_move,
	 "from to"},
	{"api-manual", "", N_("Write the manual page of the interface"), command_api_manual, ""},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void show_help(FILE *out)
{
	size_t i;

	fprintf(out, _("Usage: balied COMMAND [OPTION...]\n\nCommands:\n"));
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %s %s\n\t%s\n", commands[i].name, commands[i].usage,
			_(commands[i].help));
	fprintf(out, _("\nOptions (each can also stand in the file of --config):\n"));
	for (i = 0; settings_rows[i].name; i++)
		fprintf(out, "  --%s %s\n\t%s\n", settings_rows[i].name,
			settings_rows[i].argument ? settings_rows[i].argument : "",
			_(settings_rows[i].help));
}

/* The file that the command line names must be there; the usual one may be. */
static bool read_config(struct settings *s, const bool *given, struct arena *a, struct err *err)
{
	struct err own = {0};
	const char *path = s->config ? s->config : CONFIG_DEFAULT;

	if (options_read_file(settings_rows, path, s, given, a, &own)) {
		s->config = path;
		return true;
	}
	if (!s->config && own.kind == ERR_NOT_FOUND)
		return true;
	*err = own;
	return false;
}

/* For messages and logs: a URL may hold a password. */
static const char *show_db(const struct settings *s, struct arena *a)
{
	struct buf shown = {0};
	const char *ret;

	store_show_url(s->db, &shown);
	ret = arena_strdup(a, shown.data);
	buf_finish(&shown);
	return ret;
}

static const struct command *find_command(const char *name, struct err *err)
{
	const struct command *nearest = NULL;
	int best = 3;
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		int d = text_distance(name, commands[i].name, 3);

		if (d == 0)
			return &commands[i];
		if (d < best) {
			best = d;
			nearest = &commands[i];
		}
	}
	if (nearest)
		err_set(err, ERR_INPUT, _("there is no command \"%s\"; did you mean \"%s\"?"), name,
			nearest->name);
	else
		err_set(err, ERR_INPUT, _("there is no command \"%s\""), name);
	return NULL;
}

static bool is_among(const char *name, const char *list)
{
	size_t len = strlen(name);

	for (const char *at = list; (at = strstr(at, name)) != NULL; at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

/* What stands on the command line is meant for this command; the file is for all. */
static bool knows_options(const struct command *command, const bool *given, struct err *err)
{
	for (size_t i = 0; i < ROWS - 1; i++) {
		const char *name = settings_rows[i].name;

		if (!given[i] || is_among(name, COMMON) || is_among(name, command->options))
			continue;
		err_set(err, ERR_INPUT, _("balied %s knows no --%s"), command->name, name);
		return false;
	}
	return true;
}

static int run(int argc, char **argv, struct arena *a, struct err *err)
{
	struct settings s = {
		.db = "sqlite:town.db",
		.listen = "127.0.0.1:8450",
		.connections = 4096,
		.per_address = 256,
		.lag = 1000000,
		.rate = 50,
		.burst = 200,
		.session_hours = 12,
		.patience = 60,
		.days = -1,
		.tickets = -1,
		.parties = -1,
		.agents = -1,
		.random = 1,
	};
	struct option_list operands = {0};
	const struct command *command;
	bool given[ROWS] = {0};

	if (!options_parse(settings_rows, argc, argv, &s, given, &operands, a, err))
		return 2;
	if (s.version) {
		puts("balied " BALIE_VERSION);
		return 0;
	}
	if (s.help || operands.count == 0) {
		show_help(s.help ? stdout : stderr);
		return s.help ? 0 : 2;
	}
	command = find_command(operands.items[0], err);
	if (!command || !knows_options(command, given, err) || !read_config(&s, given, a, err))
		return 2;
	s.db_shown = show_db(&s, a);
	operands.items++;
	operands.count--;
	log_to(stderr, s.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	return command->run(&s, &operands, err);
}

int main(int argc, char **argv)
{
	struct arena a = {0};
	struct err err = {0};
	int code;

	if (argc == 2 && strcmp(argv[1], MAIL_CHILD_COMMAND) == 0)
		return mail_child_main();
	language_begin(NULL);
	store_know_postgres();
	mail_child_use("/proc/self/exe", MAIL_CHILD_PATIENCE);
	if (!id_init()) {
		fprintf(stderr, "balied: %s\n", _("the system gives no random numbers"));
		return 1;
	}
	code = run(argc, argv, &a, &err);
	if (code != 0 && err.text[0])
		fprintf(stderr, "balied: %s\n", err.text);
	mail_child_use(NULL, 0);
	arena_finish(&a);
	return code;
}
