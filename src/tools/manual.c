/* Writes the parts of the manuals that are tables in the program: actions, states, words of the
 * filter. Reads a page in scdoc's syntax and puts a part where a line @NAME@ stands. */
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

static bool put_part(const char *name)
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

int main(int argc, char **argv)
{
	char line[4096], name[64];
	FILE *in = argc == 2 ? fopen(argv[1], "r") : NULL;
	if (!in) {
		fprintf(stderr, "usage: manual PAGE.scd.in\n");
		return 2;
	}
	while (fgets(line, sizeof(line), in)) {
		char end = 0;
		if (sscanf(line, "@%63[A-Z]%c", name, &end) == 2 && end == '@') {
			if (!put_part(name)) {
				fprintf(stderr, "%s: no part is called %s\n", argv[1], name);
				return 1;
			}
		} else {
			fputs(line, stdout);
		}
	}
	fclose(in);
	return 0;
}
