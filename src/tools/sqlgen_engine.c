/* What PostgreSQL wants otherwise: $1 for ?1, the same statements, and COPY. */
#include "sqlgen.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool has(const struct list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].kind == PIECE_STATEMENT &&
		    strcmp(list->items[i].name, name) == 0)
			return true;
	return false;
}

void check_same_names(const struct dialect *a, const struct dialect *b)
{
	for (size_t i = 0; i < a->out.count; i++) {
		const struct piece *piece = &a->out.items[i];

		if (piece->kind == PIECE_STATEMENT && !has(&b->out, piece->name))
			die(piece->file, piece->line, "'%s' is not there for %s", piece->name,
			    b->name);
	}
}

void number_parameters(struct piece *piece)
{
	struct text ret = {0};
	const char *s = text_of(&piece->body), *next;

	for (; *s != '\0'; s = next) {
		next = skip_quoted(s);
		if (next != s) {
			text_add(&ret, s, (size_t)(next - s));
			continue;
		}
		next = s + 1;
		/* A '?' alone is an operator of theirs. */
		text_add(&ret, *s == '?' && isdigit((unsigned char)s[1]) ? "$" : s, 1);
	}
	free(piece->body.data);
	piece->body = ret;
}

/* ---- copy ---- */

/* Reads words and signs of a statement; what does not fit stays where it is. */
static bool take(const char **s, const char *what)
{
	size_t n = strlen(what);

	*s += strspn(*s, " \t\n");
	if (strncmp(*s, what, n) != 0 || (is_word_char(what[n - 1]) && is_word_char((*s)[n])))
		return false;
	*s += n;
	return true;
}

static bool take_name(const char **s, struct text *ret)
{
	size_t n = 0;

	*s += strspn(*s, " \t\n");
	while (is_word_char((*s)[n]))
		n++;
	text_add(ret, *s, n);
	*s += n;
	return n > 0;
}

static bool take_parameter(const char **s, unsigned long number)
{
	char *end;

	if (!take(s, "?") || !isdigit((unsigned char)**s) || strtoul(*s, &end, 10) != number)
		return false;
	*s = end;
	return true;
}

/* INSERT INTO table (a, b) VALUES (?1, ?2), and nothing else. */
static bool read_insert(const char *s, const char *table, struct text *columns)
{
	unsigned long count = 0, i = 0;

	if (!take(&s, "INSERT") || !take(&s, "INTO") || !take(&s, table) || !take(&s, "("))
		return false;
	do {
		if (count++ > 0)
			text_add(columns, ", ", 2);
		if (!take_name(&s, columns))
			return false;
	} while (take(&s, ","));
	if (!take(&s, ")") || !take(&s, "VALUES") || !take(&s, "("))
		return false;
	do {
		if (!take_parameter(&s, ++i))
			return false;
	} while (take(&s, ","));
	return i == count && take(&s, ")") && s[strspn(s, " \t\n")] == '\0';
}

void make_copy(struct piece *piece)
{
	struct text columns = {0}, ret = {0};

	if (!is_name(piece->copy))
		die(piece->file, piece->line, "'%s': '%s' is no table's name", piece->name,
		    piece->copy);
	if (!read_insert(text_of(&piece->body), piece->copy, &columns))
		die(piece->file, piece->line,
		    "'%s' cannot go by COPY: it must be INSERT INTO %s (columns) VALUES (?1, ?2 "
		    "and so on)",
		    piece->name, piece->copy);
	text_add(&ret, "COPY ", 5);
	text_add(&ret, piece->copy, strlen(piece->copy));
	text_add(&ret, " (", 2);
	text_add(&ret, columns.data, columns.len);
	text_add(&ret, ") FROM STDIN", 12);
	free(columns.data);
	free(piece->copy);
	piece->copy = ret.data;
}
