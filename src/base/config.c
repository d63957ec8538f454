#include "balie/config.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "balie/i18n.h"
#include "balie/text.h"
#include "nearest.h"

#define LIST_MAX 1000

/* Where values go, and what has been set by whom. */
struct options {
	const struct option_row *rows;
	void *into;
	bool *given;	   /* by this reading: a list starts anew with its first item */
	const bool *fixed; /* by an earlier reading that has precedence; may be NULL */
	struct arena *a;
};

static size_t count_rows(const struct option_row *rows)
{
	size_t n = 0;

	while (rows[n].name != NULL)
		n++;
	return n;
}

/* The row with that name of len bytes. When there is none, err names the nearest. dashes is "--" on
 * the command line and "" in a file: how the words are written there; typed is what stood there. */
static const struct option_row *find_row(const struct options *o, const char *name, size_t len,
					 const char *typed_dashes, const char *dashes,
					 struct err *err)
{
	struct nearest nearest;
	const char *typed;

	for (const struct option_row *row = o->rows; row->name != NULL; row++)
		if (strlen(row->name) == len && memcmp(row->name, name, len) == 0)
			return row;
	typed = arena_strndup(o->a, name, len);
	nearest_start(&nearest, typed);
	for (const struct option_row *row = o->rows; row->name != NULL; row++)
		nearest_try(&nearest, row->name);
	if (nearest.word != NULL)
		err_set(err, ERR_INPUT, _("unknown option '%s%s'; did you mean '%s%s'?"),
			typed_dashes, typed, dashes, nearest.word);
	else
		err_set(err, ERR_INPUT, _("unknown option '%s%s'"), typed_dashes, typed);
	return NULL;
}

/* ---- values ---- */

static void add_item(struct option_list *list, const char *item, struct arena *a)
{
	const char **items;

	/* Powers of two: what an arena gave cannot grow. */
	if ((list->count & (list->count - 1)) == 0) {
		items = arena_alloc(a, (list->count == 0 ? 1 : list->count * 2) * sizeof(*items));
		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
	}
	list->items[list->count++] = item;
}

static bool set_flag(bool *ret, const char *value)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(value, words[i]) == 0) {
			*ret = i % 2 == 1;
			return true;
		}
	}
	return false;
}

static bool set_value(const struct options *o, const struct option_row *row, const char *dashes,
		      const char *value, struct err *err)
{
	void *at = (char *)o->into + row->offset;
	bool *given = &o->given[row - o->rows];
	struct option_list *list;

	if (!text_valid(value, strlen(value))) {
		err_set(err, ERR_INPUT, _("'%s%s': the value is no valid UTF-8"), dashes,
			row->name);
		return false;
	}
	switch (row->kind) {
	case OPTION_FLAG:
		if (!set_flag(at, value)) {
			err_set(err, ERR_INPUT, _("'%s%s' is yes or no, not '%s'"), dashes,
				row->name, value);
			return false;
		}
		break;
	case OPTION_TEXT:
		*(const char **)at = arena_strdup(o->a, value);
		break;
	case OPTION_NUMBER:
		if (!text_to_int(value, row->min, row->max, at)) {
			err_set(err, ERR_INPUT, _("'%s%s' is a number from %lld to %lld, not '%s'"),
				dashes, row->name, (long long)row->min, (long long)row->max, value);
			return false;
		}
		break;
	case OPTION_LIST:
		list = at;
		if (!*given)
			*list = (struct option_list){0};
		if (list->count == LIST_MAX) {
			err_set(err, ERR_INPUT, _("'%s%s' stands there too often"), dashes,
				row->name);
			return false;
		}
		add_item(list, arena_strdup(o->a, value), o->a);
		break;
	}
	*given = true;
	return true;
}

/* ---- the command line ---- */

/* Takes the option that starts at argv[*i] and moves *i to its last word. */
static bool parse_option(const struct options *o, int argc, char **argv, int *i, struct err *err)
{
	const char *word = argv[*i], *dashes = strncmp(word, "--", 2) == 0 ? "--" : "-";
	const char *name = word + strlen(dashes), *equals = strchr(name, '='), *value;
	const struct option_row *row;
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);

	if (dashes[1] == '\0') {
		/* There are no short ones, but "-listen" says what was meant. */
		if (find_row(o, name, len, "-", "--", err) != NULL)
			err_set(err, ERR_INPUT, _("unknown option '%s'; did you mean '-%s'?"), word,
				word);
		return false;
	}
	row = find_row(o, name, len, "--", "--", err);
	if (row == NULL)
		return false;
	if (equals != NULL) {
		value = equals + 1;
	} else if (row->kind == OPTION_FLAG) {
		value = "yes";
	} else if (*i + 1 < argc) {
		value = argv[++*i];
	} else {
		err_set(err, ERR_INPUT, _("'--%s' needs %s behind it"), row->name,
			row->argument != NULL ? row->argument : _("a value"));
		return false;
	}
	return set_value(o, row, dashes, value, err);
}

bool options_parse(const struct option_row *rows, int argc, char **argv, void *into, bool *given,
		   struct option_list *operands, struct arena *a, struct err *err)
{
	struct options o = {.rows = rows, .into = into, .given = given, .a = a};
	struct option_list words = {0};
	bool only_operands = false;

	if (o.given == NULL)
		o.given = arena_alloc(a, count_rows(rows) * sizeof(*o.given));
	else
		memset(given, 0, count_rows(rows) * sizeof(*given));
	for (int i = 1; i < argc; i++) {
		if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0')
			add_item(&words, arena_strdup(a, argv[i]), a);
		else if (strcmp(argv[i], "--") == 0)
			only_operands = true;
		else if (!parse_option(&o, argc, argv, &i, err))
			return false;
	}
	if (operands != NULL) {
		*operands = words;
	} else if (words.count > 0) {
		err_set(err, ERR_INPUT, _("'%s' is one word too many"), words.items[0]);
		return false;
	}
	return true;
}

/* ---- the file ---- */

struct file {
	struct options o;
	/* Of sections: */
	const char *kind; /* NULL: what stands in none */
	options_section_fn *section;
	void *user;
	char *name; /* of the one that is being read */
	FILE *in;
	int line;
	int bad_line; /* the first; 0 = none */
	struct err err;
};

static void file_fail(struct file *file, const struct err *err)
{
	if (file->bad_line == 0) {
		file->bad_line = file->line;
		file->err = *err;
	}
}

/* libinih takes what does not fit in its line as a line of its own, so that is refused here. */
static char *file_line(char *text, int size, void *user)
{
	struct file *file = user;
	struct err err;
	size_t len;

	if (file->bad_line != 0 || fgets(text, size, file->in) == NULL)
		return NULL;
	file->line++;
	len = strlen(text);
	if (len == (size_t)size - 1 && text[len - 1] != '\n' && !feof(file->in)) {
		err_set(&err, ERR_INPUT, _("the line is longer than %d bytes"), size - 2);
		file_fail(file, &err);
		return NULL;
	}
	return text;
}

/* "[KIND NAME]": NAME, or NULL. */
static const char *section_name(const char *section, const char *kind)
{
	size_t len = strlen(kind);

	if (strncmp(section, kind, len) != 0 || section[len] != ' ')
		return NULL;
	section += len;
	return section + strspn(section, " ");
}

/* Is this line for who reads? A new section gets a struct of its own. */
static bool file_section(struct file *file, const char *section, struct err *err)
{
	const char *name;

	if (file->kind == NULL)
		return strchr(section, ' ') == NULL;
	name = section_name(section, file->kind);
	if (name == NULL)
		return false;
	if (file->name != NULL && strcmp(file->name, name) == 0)
		return true;
	file->name = arena_strdup(file->o.a, name);
	memset(file->o.given, 0, count_rows(file->o.rows) * sizeof(bool));
	file->o.into = file->section(file->user, file->name, err);
	if (file->o.into == NULL)
		file_fail(file, err);
	return file->o.into != NULL;
}

static int file_value(void *user, const char *section, const char *name, const char *value)
{
	struct file *file = user;
	const struct option_row *row;
	struct err err;

	if (file->bad_line != 0)
		return 0;
	if (!file_section(file, section, &err))
		return file->bad_line == 0;
	row = find_row(&file->o, name, strlen(name), "", "", &err);
	if (row == NULL) {
		file_fail(file, &err);
		return 0;
	}
	if (file->o.fixed != NULL && file->o.fixed[row - file->o.rows])
		return 1;
	if (!set_value(&file->o, row, "", value != NULL ? value : "", &err)) {
		file_fail(file, &err);
		return 0;
	}
	return 1;
}

static bool read_file(struct file *given, const char *path, struct err *err)
{
	struct file file = *given;
	bool ok = false;
	int line;

	file.o.given = arena_alloc(file.o.a, count_rows(file.o.rows) * sizeof(bool));
	file.in = fopen(path, "re");
	if (file.in == NULL) {
		err_errno(err, "%s", path);
		return false;
	}
	errno = 0;
	line = ini_parse_stream(file_line, &file, file_value, &file);
	if (file.bad_line != 0)
		err_set(err, file.err.kind, "%s:%d: %s", path, file.bad_line, file.err.text);
	else if (ferror(file.in))
		err_errno(err, "%s", path);
	else if (line != 0)
		err_set(err, ERR_INPUT, _("%s:%d: neither 'name = value' nor a [heading]"), path,
			line);
	else
		ok = true;
	fclose(file.in);
	return ok;
}

bool options_read_file(const struct option_row *rows, const char *path, void *into,
		       const bool *given, struct arena *a, struct err *err)
{
	struct file file = {.o = {.rows = rows, .into = into, .fixed = given, .a = a}};

	return read_file(&file, path, err);
}

bool options_read_sections(const struct option_row *rows, const char *path, const char *kind,
			   options_section_fn *section, void *user, struct arena *a,
			   struct err *err)
{
	struct file file = {
		.o = {.rows = rows, .a = a}, .kind = kind, .section = section, .user = user};

	return read_file(&file, path, err);
}
