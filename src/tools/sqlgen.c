/* Turns .sql files into a C table of named statements, so that a statement is a number to its
 * caller and no SQL is ever put together at run time.
 *
 *	sqlgen PREFIX OUT.h OUT.c COMMON.sql... [--sqlite FILE.sql...] [--postgres FILE.sql...]
 *
 *	-- name: ticket_get		starts a statement
 *	-- each: KIND team agent	directly behind: the statement once for each word, which
 *					replaces {KIND} in its name and text; several lines multiply,
 *					one with the same KIND goes on with the words before
 *	-- copy: ticket			behind those: an INSERT of the parameters in order, whose
 *					rows may go into that table by COPY
 *	-- part: ticket_columns		starts a fragment, put in by {{ticket_columns}}; of a list of
 *					names {{ticket_columns | ?2}} makes ?2, ?3 and so on, and
 *					{{ticket_columns | DESC}} puts that behind each
 *	-- migration: first		starts a migration script, which may hold several statements
 *
 * Other lines that start with -- are comments and left out. Statements name their parameters ?1;
 * PostgreSQL's table gets them as $1. There is a table for SQLite, and one for PostgreSQL when
 * --postgres is given. A statement, a part or all migrations stand in a common file or in one of each
 * engine; what is common may put in parts that stand in each, and so is written once where the engines
 * differ by a word. */
#include "sqlgen.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORD_MAX 128

/* ---- small things ---- */

void die(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	if (file != NULL && line > 0)
		fprintf(stderr, "%s:%d: ", file, line);
	else
		fprintf(stderr, "%s: ", file != NULL ? file : "sqlgen");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	/* Not exit(): a leak checker would have its say about a program that has ended early. */
	_exit(1);
}

void *grow(void *p, size_t size)
{
	p = realloc(p, size);
	if (p == NULL)
		die(NULL, 0, "out of memory");
	return p;
}

void text_add(struct text *t, const char *s, size_t n)
{
	if (t->len + n + 1 > t->cap) {
		t->cap = (t->len + n + 1) * 2;
		t->data = grow(t->data, t->cap);
	}
	memcpy(t->data + t->len, s, n);
	t->len += n;
	t->data[t->len] = '\0';
}

const char *text_of(const struct text *t)
{
	return t->data != NULL ? t->data : "";
}

char *copy(const char *s, size_t n)
{
	struct text t = {0};

	text_add(&t, s, n);
	return t.data;
}

bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool is_name(const char *s)
{
	if (!islower((unsigned char)s[0]))
		return false;
	for (; *s != '\0'; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_')
			return false;
	return true;
}

struct piece *list_add(struct list *list)
{
	if ((list->count & (list->count - 1)) == 0)
		list->items = grow(list->items,
				   (list->count == 0 ? 1 : list->count * 2) * sizeof(*list->items));
	memset(&list->items[list->count], 0, sizeof(*list->items));
	return &list->items[list->count++];
}

/* ---- reading ---- */

/* The rest of a line "-- KEYWORD: rest", trimmed at both ends, or NULL when it is another line. */
static char *directive(char *line, const char *keyword)
{
	size_t n = strlen(keyword);
	char *end;

	if (strncmp(line, "--", 2) != 0)
		return NULL;
	line += 2;
	line += strspn(line, " \t");
	if (strncmp(line, keyword, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	line += strspn(line, " \t");
	end = line + strlen(line);
	while (end > line && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return line;
}

static void read_each(struct piece *piece, char *rest, const char *file, int line)
{
	struct each *each = NULL;
	char *save = NULL, *word;

	if (piece == NULL || piece->kind != PIECE_STATEMENT || piece->body.len > 0)
		die(file, line, "'each' must stand directly behind 'name'");
	word = strtok_r(rest, " \t", &save);
	if (word == NULL)
		die(file, line, "'each' needs a name and words");
	for (size_t i = 0; i < piece->each_count; i++)
		if (strcmp(piece->each[i].name, word) == 0)
			each = &piece->each[i];
	if (each == NULL) {
		if (piece->each_count == EACH_MAX)
			die(file, line, "more than %d 'each' lines", EACH_MAX);
		each = &piece->each[piece->each_count++];
		each->name = copy(word, strlen(word));
	}
	while ((word = strtok_r(NULL, " \t", &save)) != NULL) {
		if (strlen(word) > WORD_MAX)
			die(file, line, "the word '%s' is too long", word);
		each->words = grow(each->words, (each->count + 1) * sizeof(*each->words));
		each->words[each->count++] = copy(word, strlen(word));
	}
	if (each->count == 0)
		die(file, line, "'each: %s' needs words", each->name);
}

/* Starts a piece when the line is a heading. Names of statements are checked after 'each' has been
 * put in; the others must be plain at once. */
static struct piece *read_heading(struct list *list, char *text, const char *file, int line)
{
	static const char *const keywords[] = {
		[PIECE_STATEMENT] = "name", [PIECE_PART] = "part", [PIECE_MIGRATION] = "migration"};
	struct piece *piece;
	char *rest;

	for (int kind = PIECE_STATEMENT; kind <= PIECE_MIGRATION; kind++) {
		rest = directive(text, keywords[kind]);
		if (rest == NULL)
			continue;
		if (rest[0] == '\0' || strpbrk(rest, " \t\"\\") != NULL)
			die(file, line, "'%s' needs one word behind it", keywords[kind]);
		if (kind == PIECE_PART && !is_name(rest))
			die(file, line, "'%s' is no name: small letters, digits and _", rest);
		piece = list_add(list);
		piece->kind = kind;
		piece->name = copy(rest, strlen(rest));
		piece->file = file;
		piece->line = line;
		return piece;
	}
	return NULL;
}

/* The table of which the statement's rows may go in by COPY, where an engine has that. */
static void read_copy(struct piece *piece, char *rest, const char *file, int line)
{
	if (piece == NULL || piece->kind != PIECE_STATEMENT || piece->body.len > 0)
		die(file, line, "'copy' must stand directly behind 'name' and 'each'");
	if (rest[0] == '\0' || strpbrk(rest, " \t\"\\") != NULL)
		die(file, line, "'copy' needs one word behind it");
	if (piece->copy != NULL)
		die(file, line, "'copy' stands there twice");
	piece->copy = copy(rest, strlen(rest));
}

static void read_file(struct list *list, const char *path)
{
	FILE *in = fopen(path, "r");
	struct piece *piece = NULL, *started;
	char *text = NULL, *start, *rest;
	size_t cap = 0;
	int line = 0;

	if (in == NULL)
		die(path, 0, "%s", strerror(errno));
	while (getline(&text, &cap, in) >= 0) {
		line++;
		text[strcspn(text, "\r\n")] = '\0';
		start = text + strspn(text, " \t");
		started = read_heading(list, start, path, line);
		if (started != NULL) {
			piece = started;
		} else if ((rest = directive(start, "each")) != NULL) {
			read_each(piece, rest, path, line);
		} else if ((rest = directive(start, "copy")) != NULL) {
			read_copy(piece, rest, path, line);
		} else if (*start != '\0' && strncmp(start, "--", 2) != 0) {
			if (piece == NULL)
				die(path, line,
				    "text before the first 'name', 'part' or 'migration'");
			text_add(&piece->body, text, strlen(text));
			text_add(&piece->body, "\n", 1);
			if (piece->body.len > TEXT_MAX)
				die(path, line, "'%s' is too long", piece->name);
		}
	}
	if (ferror(in))
		die(path, 0, "%s", strerror(errno));
	fclose(in);
	free(text);
}

/* ---- the call ---- */

/* Files behind --sqlite or --postgres are that engine's alone, those before are everybody's. */
static void read_all(struct dialect *dialects, char **argv)
{
	struct dialect *own = NULL;

	for (; *argv != NULL; argv++) {
		if (strncmp(*argv, "--", 2) == 0) {
			own = NULL;
			for (int i = 0; i < DIALECTS; i++)
				if (strcmp(*argv + 2, dialects[i].name) == 0)
					own = &dialects[i];
			if (own == NULL)
				die(*argv, 0, "no engine that is known here");
			own->wanted = true;
			continue;
		}
		for (int i = 0; i < DIALECTS; i++) {
			if (own == NULL || own == &dialects[i])
				read_file(&dialects[i].read, *argv);
			if (own == NULL)
				dialects[i].common = dialects[i].read.count;
		}
	}
}

/* Their order is that of the versions, so they cannot stand partly here and partly there. */
static void check_migrations(const struct dialect *d)
{
	bool common = false;

	for (size_t i = 0; i < d->read.count; i++) {
		const struct piece *piece = &d->read.items[i];

		if (piece->kind != PIECE_MIGRATION)
			continue;
		if (i < d->common)
			common = true;
		else if (common)
			die(piece->file, piece->line,
			    "'%s': migrations stand in the common files or in those of %s, "
			    "not in both",
			    piece->name, d->name);
	}
}

static void finish(struct dialect *d, int engine)
{
	for (size_t i = 0; i < d->out.count; i++) {
		struct piece *piece = &d->out.items[i];

		/* Also for SQLite, which has no COPY, so that a mistake shows in every build. */
		if (piece->copy != NULL)
			make_copy(piece);
		if (engine == POSTGRES && piece->kind == PIECE_STATEMENT)
			number_parameters(piece);
	}
}

int main(int argc, char **argv)
{
	/* static: left to the end of the process */
	static struct dialect dialects[DIALECTS] = {
		[SQLITE] = {.name = "sqlite", .wanted = true},
		[POSTGRES] = {.name = "postgres"},
	};
	size_t statements = 0;

	if (argc < 5 || !is_name(argv[1])) {
		fputs("usage: sqlgen PREFIX OUT.h OUT.c FILE.sql... [--sqlite FILE.sql...] "
		      "[--postgres FILE.sql...]\n",
		      stderr);
		return 2;
	}
	read_all(dialects, argv + 4);
	for (int i = 0; i < DIALECTS; i++) {
		if (!dialects[i].wanted)
			continue;
		check_migrations(&dialects[i]);
		expand_all(&dialects[i]);
	}
	for (size_t i = 0; i < dialects[SQLITE].out.count; i++)
		statements += dialects[SQLITE].out.items[i].kind == PIECE_STATEMENT;
	if (statements == 0)
		die(argv[4], 0, "no statement in these files");
	if (dialects[POSTGRES].wanted) {
		check_same_names(&dialects[SQLITE], &dialects[POSTGRES]);
		check_same_names(&dialects[POSTGRES], &dialects[SQLITE]);
	}
	for (int i = 0; i < DIALECTS; i++)
		finish(&dialects[i], i);
	write_header(argv[2], argv[1], dialects);
	write_source(argv[3], argv[2], argv[1], dialects);
	return 0;
}
