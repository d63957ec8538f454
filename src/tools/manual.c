/* Writes the parts of the manuals that are tables in the program: actions, states, words of the
 * filter, options. Reads a page in scdoc's syntax and puts a part where a line @NAME@ stands, and a
 * file where a line @FILE name@ stands. The options come from what the program itself prints for
 * --help. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "balie/action.h"
#include "balie/model.h"

/* Inside scdoc text, these begin markup. */
static void put_plain(const char *s)
{
	for (; *s; s++) {
		if (strchr("*_\\#", *s))
			putchar('\\');
		putchar(*s);
	}
}

static void put_actions(enum action_kind kind)
{
	for (size_t i = 0; i < actions.count; i++) {
		const struct action *a = &actions.rows[i];
		if (a->kind != kind)
			continue;
		printf("*%s*", a->name);
		if (a->usage && *a->usage) {
			putchar(' ');
			put_plain(a->usage);
		}
		printf("\n\t");
		put_plain(a->help);
		if (a->flags & ACTION_UNDOABLE)
			printf(" Can be undone.");
		printf("\n\n");
	}
}

static void put_words(const struct words *w)
{
	for (int i = 0; i < w->count; i++)
		printf("%s*%s* (%s)", i ? ", " : "", w->code[i], w->label[i]);
	printf("\n");
}

/* "  --name ARGUMENT   help", or the help in the next line. */
static bool put_options(const char *path)
{
	char line[1024], name[64], argument[64];
	FILE *in = fopen(path, "r");
	bool open = false; /* an option waits for its help */

	if (!in)
		return false;
	while (fgets(line, sizeof(line), in)) {
		int at = 0;

		line[strcspn(line, "\n")] = '\0';
		argument[0] = '\0';
		if (line[0] == '\t' && open) {
			open = false;
			printf("\t");
			put_plain(line + 1);
			printf("\n\n");
		} else if (sscanf(line, " --%63s%n", name, &at) == 1) {
			const char *rest = line + at;

			if (rest[0] == ' ' && rest[1] && rest[1] != ' ') {
				sscanf(rest, " %63s%n", argument, &at);
				rest += at;
			}
			printf("*--%s*", name);
			if (argument[0]) {
				printf(" _");
				put_plain(argument);
				putchar('_');
			}
			printf("\n");
			rest += strspn(rest, " ");
			open = !*rest;
			if (*rest) {
				printf("\t");
				put_plain(rest);
				printf("\n\n");
			}
		}
	}
	fclose(in);
	return true;
}

static bool put_part(const char *name, const char *help)
{
	static const struct {
		const char *name;
		const struct words *words;
	} lists[] = {
		{"STATES", &ticket_states}, {"KINDS", &ticket_kinds},	 {"CHANNELS", &channels},
		{"VIEWS", &filter_views},   {"PRIORITIES", &priorities}, {"ROLES", &roles},
	};
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		if (!strcmp(name, lists[i].name)) {
			put_words(lists[i].words);
			return true;
		}
	}
	if (!strcmp(name, "OPTIONS"))
		return put_options(help);
	if (!strcmp(name, "SENT")) {
		put_actions(ACTION_SENT);
		return true;
	}
	if (!strcmp(name, "LOCAL")) {
		put_actions(ACTION_LOCAL);
		return true;
	}
	return false;
}

/* A file from the page's own folder, as it is: for a block that shows it. */
static bool put_file(const char *page, const char *name)
{
	const char *slash = strrchr(page, '/');
	char path[4096], line[4096];
	FILE *in;

	snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - page + 1) : 0, page, name);
	in = fopen(path, "r");
	if (!in)
		return false;
	while (fgets(line, sizeof(line), in))
		fputs(line, stdout);
	fclose(in);
	return true;
}

int main(int argc, char **argv)
{
	char line[4096], name[64];
	FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL;
	if (!in) {
		fprintf(stderr, "usage: manual PAGE.scd.in HELP.txt\n");
		return 2;
	}
	while (fgets(line, sizeof(line), in)) {
		char end = 0;
		if (sscanf(line, "@%63[A-Z]%c", name, &end) == 2 && end == '@') {
			if (!put_part(name, argv[2])) {
				fprintf(stderr, "%s: no part is called %s\n", argv[1], name);
				return 1;
			}
		} else if (sscanf(line, "@FILE %63[a-z.]%c", name, &end) == 2 && end == '@') {
			if (!put_file(argv[1], name)) {
				fprintf(stderr, "%s: no file is called %s\n", argv[1], name);
				return 1;
			}
		} else {
			fputs(line, stdout);
		}
	}
	fclose(in);
	return 0;
}
