/* A configuration file (INI, by libinih) and the command line, as one table of options.
 * "Every option of the command line can stand in the file": both fill the same rows. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdint.h>
#include "balie/err.h"
#include "balie/mem.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_LIST };

/* One option. The table ends with a row whose name is NULL. Also written into the manuals. */
struct option_row {
	const char *name; /* "listen": --listen VALUE, and listen = VALUE in the file */
	enum option_kind kind;
	const char *argument; /* what VALUE is, "PORT"; NULL for flags */
	const char *help;     /* N_() sentence */
	size_t offset;	      /* into the caller's struct: bool, const char *, int64_t, or
				 * struct option_list; text is owned by the arena given */
	int64_t min, max;     /* for OPTION_NUMBER, inclusive */
};
struct option_list {
	const char **items;
	size_t count;
};

/* Reads argv[1..]: "--name value", "--name=value", "--" ends options; the rest are operands in order.
 * A flag stands alone or as "--name=no". An unknown option names the nearest known one. into is the
 * caller's struct, already holding defaults; a list given here replaces its default. given (may be
 * NULL) has one bool a row: true for those that were set. */
bool options_parse(const struct option_row *rows, int argc, char **argv, void *into, bool *given,
		   struct option_list *operands, struct arena *a, struct err *err);
/* Reads path; rows that the command line set (in given, as options_parse() left it) are left alone.
 * A missing file is an error of kind ERR_NOT_FOUND. Errors name file, line and the nearest valid
 * word. Flags are yes or no; a name that stands twice gives a list two items. [headings] may stand
 * there to group and mean nothing, but those of two words begin a section that is not for this: see below.
 * " ;" starts a comment, also behind a value. */
bool options_read_file(const struct option_row *rows, const char *path, void *into,
		       const bool *given, struct arena *a, struct err *err);

/* The struct that the values of section "[KIND NAME]" go into, already holding defaults; NULL and err when there
 * can be none. Called at the first line of the section. */
typedef void *options_section_fn(void *user, const char *name, struct err *err);
/* Reads the sections "[KIND NAME]" of path, each by the rows, and nothing else. Errors and values as
 * options_read_file(). */
bool options_read_sections(const struct option_row *rows, const char *path, const char *kind,
			   options_section_fn *section, void *user, struct arena *a,
			   struct err *err);

/* The one place that reads the environment: NULL when unset or empty. */
const char *env_get(const char *name);
/* Where the client keeps its files: BALIE_HOME/{config,cache,data,run}, else the XDG directories
 * with /balie behind them. Made with mode 0700. kind: 'c' config, 'h' cache, 'd' data, 'r' run. *ret is the
 * caller's to free. */
bool env_dir(char kind, char **ret, struct err *err);
