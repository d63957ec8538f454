/* Turns .sql files into a C table of named statements, so that a statement is a number to its
 * caller and no SQL is ever put together at run time.
 *
 *	sqlgen PREFIX OUT.h OUT.c FILE.sql...
 *
 *	-- name: ticket_get		starts a statement
 *	-- each: KIND team agent	directly behind: the statement once for each word, which
 *					replaces {KIND} in its name and text; several lines multiply
 *	-- part: ticket_columns		starts a fragment, put in by {{ticket_columns}}
 *	-- migration: first		starts a migration script, which may hold several statements
 *
 * Other lines that start with -- are comments and left out. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 16 /* parts in parts; more is a circle */
#define EACH_MAX 8
#define WORD_MAX 128
#define TEXT_MAX (1024 * 1024)

struct text {
	char *data;
	size_t len, cap;
};

enum piece_kind { PIECE_STATEMENT, PIECE_PART, PIECE_MIGRATION };

struct each {
	char *name;
	char **words;
	size_t count;
};

struct piece {
	enum piece_kind kind;
	char *name;
	struct text body;
	struct each each[EACH_MAX];
	size_t each_count;
	const char *file;
	int line;
};

/* What has been read, and after expansion what will be written. */
struct list {
	struct piece *items;
	size_t count;
};

/* ---- small things ---- */

static void die(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));

static void die(const char *file, int line, const char *fmt, ...)
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

static void *grow(void *p, size_t size)
{
	p = realloc(p, size);
	if (p == NULL)
		die(NULL, 0, "out of memory");
	return p;
}

static void text_add(struct text *t, const char *s, size_t n)
{
	if (t->len + n + 1 > t->cap) {
		t->cap = (t->len + n + 1) * 2;
		t->data = grow(t->data, t->cap);
	}
	memcpy(t->data + t->len, s, n);
	t->len += n;
	t->data[t->len] = '\0';
}

static const char *text_of(const struct text *t)
{
	return t->data != NULL ? t->data : "";
}

static char *copy(const char *s, size_t n)
{
	struct text t = {0};

	text_add(&t, s, n);
	return t.data;
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool is_name(const char *s)
{
	if (!islower((unsigned char)s[0]))
		return false;
	for (; *s != '\0'; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_')
			return false;
	return true;
}

static struct piece *list_add(struct list *list)
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
	struct each *each;
	char *save = NULL, *word;

	if (piece == NULL || piece->kind != PIECE_STATEMENT || piece->body.len > 0)
		die(file, line, "'each' must stand directly behind 'name'");
	if (piece->each_count == EACH_MAX)
		die(file, line, "more than %d 'each' lines", EACH_MAX);
	each = &piece->each[piece->each_count++];
	word = strtok_r(rest, " \t", &save);
	if (word == NULL)
		die(file, line, "'each' needs a name and words");
	each->name = copy(word, strlen(word));
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

/* ---- expanding ---- */

/* Puts word in the place of {name}, but leaves {{name}}, which names a part, alone. */
static char *put_word(const char *s, const char *name, const char *word)
{
	struct text ret = {0};
	size_t n = strlen(name);
	const char *from = s, *at;

	text_add(&ret, "", 0);
	for (at = s; (at = strchr(at, '{')) != NULL; at++) {
		if (strncmp(at + 1, name, n) != 0 || at[n + 1] != '}')
			continue;
		if (at > s && at[-1] == '{' && at[n + 2] == '}')
			continue;
		text_add(&ret, from, (size_t)(at - from));
		text_add(&ret, word, strlen(word));
		from = at + n + 2;
		at += n + 1;
	}
	text_add(&ret, from, strlen(from));
	return ret.data;
}

static const struct piece *find_part(const struct list *list, const char *name, size_t n)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].kind == PIECE_PART && strlen(list->items[i].name) == n &&
		    memcmp(list->items[i].name, name, n) == 0)
			return &list->items[i];
	return NULL;
}

/* What was chosen of each 'each' line of a statement. */
struct choice {
	const struct piece *piece;
	size_t index[EACH_MAX];
};

static char *put_words(const struct choice *choice, const char *s)
{
	char *ret = copy(s, strlen(s)), *next;

	for (size_t i = 0; i < choice->piece->each_count; i++) {
		const struct each *each = &choice->piece->each[i];

		next = put_word(ret, each->name, each->words[choice->index[i]]);
		free(ret);
		ret = next;
	}
	return ret;
}

/* Appends s with its words and parts put in. Words first, so that {{{KIND}_columns}} can choose a
 * part. */
static void put_parts(struct text *ret, const struct list *list, const struct choice *choice,
		      const char *s, int depth)
{
	const struct piece *top = choice->piece, *part;
	char *text = put_words(choice, s);
	const char *from = text, *open, *name, *end;
	size_t n, body;

	if (depth > DEPTH_MAX)
		die(top->file, top->line, "'%s': parts go round in a circle", top->name);
	while ((open = strstr(from, "{{")) != NULL) {
		name = open + 2;
		end = name;
		while (is_word_char(*end))
			end++;
		n = (size_t)(end - name);
		if (n == 0 || strncmp(end, "}}", 2) != 0)
			die(top->file, top->line, "'%s': '{{' without a part's name and '}}'",
			    top->name);
		part = find_part(list, name, n);
		if (part == NULL)
			die(top->file, top->line, "'%s': no part is called '%.*s'", top->name,
			    (int)n, name);
		text_add(ret, from, (size_t)(open - from));
		/* Without its last line end, so that a part can stand within a line. */
		body = part->body.len > 0 ? part->body.len - 1 : 0;
		char *inner = copy(text_of(&part->body), body);
		put_parts(ret, list, choice, inner, depth + 1);
		free(inner);
		from = end + 2;
		if (ret->len > TEXT_MAX)
			die(top->file, top->line, "'%s' is too long", top->name);
	}
	text_add(ret, from, strlen(from));
	free(text);
}

/* The place behind the quoted text, quoted name or comment that starts at s, or s itself. */
static const char *skip_quoted(const char *s)
{
	const char *end;

	if (*s == '\'' || *s == '"') {
		end = strchr(s + 1, *s);
		return end != NULL ? end + 1 : s + strlen(s);
	}
	if (s[0] == '-' && s[1] == '-')
		return s + strcspn(s, "\n");
	if (s[0] == '/' && s[1] == '*') {
		end = strstr(s + 2, "*/");
		return end != NULL ? end + 2 : s + strlen(s);
	}
	return s;
}

/* One name is one statement: a second one behind a ';' would silently never run. The last ';' is
 * taken off. */
static void check_single(struct piece *piece)
{
	const char *s = text_of(&piece->body), *next;
	const char *end = NULL;

	while (*s != '\0') {
		next = skip_quoted(s);
		if (next != s && (*s == '-' || *s == '/')) {
			s = next;
			continue;
		}
		if (end != NULL && !isspace((unsigned char)*s))
			die(piece->file, piece->line, "'%s' holds a second statement behind ';'",
			    piece->name);
		if (*s == ';')
			end = s;
		s = next != s ? next : s + 1;
	}
	if (end != NULL) {
		piece->body.len = (size_t)(end - piece->body.data);
		piece->body.data[piece->body.len] = '\0';
	}
}

static void add_expanded(struct list *out, const struct list *list, const struct choice *choice)
{
	const struct piece *from = choice->piece;
	struct piece *piece = list_add(out);

	piece->kind = from->kind;
	piece->file = from->file;
	piece->line = from->line;
	piece->name = put_words(choice, from->name);
	if (piece->kind == PIECE_STATEMENT && !is_name(piece->name))
		die(from->file, from->line, "'%s' is no name: small letters, digits and _",
		    piece->name);
	if (piece->kind == PIECE_STATEMENT && strcmp(piece->name, "count") == 0)
		die(from->file, from->line, "'count' is the name of the number of statements");
	put_parts(&piece->body, list, choice, text_of(&from->body), 0);
	if (piece->kind == PIECE_STATEMENT)
		check_single(piece);
	while (piece->body.len > 0 && isspace((unsigned char)piece->body.data[piece->body.len - 1]))
		piece->body.data[--piece->body.len] = '\0';
	if (piece->body.len == 0)
		die(from->file, from->line, "'%s' is empty", piece->name);
}

/* All choices of the 'each' lines, the last line turning fastest. */
static void expand(struct list *out, const struct list *list, const struct piece *piece)
{
	struct choice choice = {.piece = piece};
	size_t i;

	do {
		add_expanded(out, list, &choice);
		for (i = piece->each_count; i > 0; i--) {
			if (++choice.index[i - 1] < piece->each[i - 1].count)
				break;
			choice.index[i - 1] = 0;
		}
	} while (i > 0);
}

static void check_twice(const struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		for (size_t k = 0; k < i; k++) {
			const struct piece *a = &list->items[k], *b = &list->items[i];

			if (a->kind == b->kind && strcmp(a->name, b->name) == 0)
				die(b->file, b->line, "'%s' is already in %s:%d", b->name, a->file,
				    a->line);
		}
	}
}

/* ---- writing ---- */

static FILE *open_out(const char *path)
{
	FILE *out = fopen(path, "w");

	if (out == NULL)
		die(path, 0, "%s", strerror(errno));
	return out;
}

static void close_out(FILE *out, const char *path)
{
	bool bad = ferror(out) != 0;

	if (fclose(out) != 0 || bad)
		die(path, 0, "cannot write: %s", strerror(errno));
}

static void write_upper(FILE *out, const char *s)
{
	for (; *s != '\0'; s++)
		fputc(toupper((unsigned char)*s), out);
}

static void write_header(const char *path, const char *prefix, const struct list *list)
{
	FILE *out = open_out(path);

	fprintf(out,
		"/* Made by sqlgen; change the .sql files. */\n#pragma once\n"
		"#include \"balie/store.h\"\n\nenum %s_sql {\n",
		prefix);
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].kind != PIECE_STATEMENT)
			continue;
		fputc('\t', out);
		write_upper(out, prefix);
		fputs("_SQL_", out);
		write_upper(out, list->items[i].name);
		fputs(",\n", out);
	}
	fputc('\t', out);
	write_upper(out, prefix);
	fputs("_SQL_COUNT\n};\n\nextern const struct store_text ", out);
	fprintf(out, "%s_sqlite_statements[", prefix);
	write_upper(out, prefix);
	fprintf(out,
		"_SQL_COUNT];\nextern const struct store_text %s_sqlite_migrations[];\n"
		"extern const size_t %s_sqlite_migration_count;\n",
		prefix, prefix);
	close_out(out, path);
}

static void write_literal(FILE *out, const char *s)
{
	fputs("\t \"", out);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n')
			fputs(s[1] != '\0' ? "\\n\"\n\t \"" : "\\n", out);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(out, "\\%03o", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static size_t write_table(FILE *out, const struct list *list, enum piece_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].kind != kind)
			continue;
		fprintf(out, "\t{\"%s\",\n", list->items[i].name);
		write_literal(out, text_of(&list->items[i].body));
		fputs("},\n", out);
		count++;
	}
	return count;
}

static void write_source(const char *path, const char *header, const char *prefix,
			 const struct list *list)
{
	FILE *out = open_out(path);
	const char *slash = strrchr(header, '/');
	size_t migrations;

	fprintf(out,
		"/* Made by sqlgen; change the .sql files. */\n#include \"%s\"\n\n"
		"const struct store_text %s_sqlite_statements[",
		slash != NULL ? slash + 1 : header, prefix);
	write_upper(out, prefix);
	fputs("_SQL_COUNT] = {\n", out);
	write_table(out, list, PIECE_STATEMENT);
	fprintf(out, "};\n\nconst struct store_text %s_sqlite_migrations[] = {\n", prefix);
	migrations = write_table(out, list, PIECE_MIGRATION);
	/* One row more than counted: C has no empty arrays. */
	fprintf(out, "\t{NULL, NULL}\n};\n\nconst size_t %s_sqlite_migration_count = %zu;\n",
		prefix, migrations);
	close_out(out, path);
}

int main(int argc, char **argv)
{
	static struct list read, out; /* static: left to the end of the process */
	size_t statements = 0;

	if (argc < 5 || !is_name(argv[1])) {
		fputs("usage: sqlgen PREFIX OUT.h OUT.c FILE.sql...\n", stderr);
		return 2;
	}
	for (int i = 4; i < argc; i++)
		read_file(&read, argv[i]);
	check_twice(&read);
	for (size_t i = 0; i < read.count; i++)
		if (read.items[i].kind != PIECE_PART)
			expand(&out, &read, &read.items[i]);
	check_twice(&out);
	for (size_t i = 0; i < out.count; i++)
		statements += out.items[i].kind == PIECE_STATEMENT;
	if (statements == 0)
		die(argv[4], 0, "no statement in these files");
	write_header(argv[2], argv[1], &out);
	write_source(argv[3], argv[2], argv[1], &out);
	return 0;
}
