/* Puts parts and words into what was read. */
#include "sqlgen.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16 /* parts in parts; more is a circle */

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

/* A list of names in another form: {{names | ?2}} is as many parameters, numbered from there, and
 * {{names | DESC}} has that word behind each. */
static void put_form(struct text *ret, const struct piece *top, const char *names, const char *form,
		     size_t n)
{
	unsigned long number = *form == '?' ? strtoul(form + 1, NULL, 10) : 0;
	char parameter[32];
	size_t length;

	for (const char *s = names;; s++) {
		s += strspn(s, " \t\n");
		length = 0;
		while (is_word_char(s[length]))
			length++;
		if (length == 0)
			die(top->file, top->line, "'%s': '%s' is no list of names", top->name,
			    names);
		if (*form == '?') {
			snprintf(parameter, sizeof(parameter), "?%lu", number++);
			text_add(ret, parameter, strlen(parameter));
		} else {
			text_add(ret, s, length);
			text_add(ret, " ", 1);
			text_add(ret, form, n);
		}
		s += length + strspn(s + length, " \t\n");
		if (*s == '\0')
			return;
		if (*s != ',')
			die(top->file, top->line, "'%s': '%s' is no list of names", top->name,
			    names);
		text_add(ret, ", ", 2);
	}
}

/* What stands in {{...}}: a part's name, and perhaps the form that its list is wanted in. */
struct use {
	const char *name, *form, *end;
	size_t name_size, form_size;
};

static bool read_use(const char *s, struct use *ret)
{
	*ret = (struct use){.name = s};
	while (is_word_char(s[ret->name_size]))
		ret->name_size++;
	s += ret->name_size;
	if (strncmp(s, " | ", 3) == 0) {
		ret->form = s + 3;
		ret->form_size = *ret->form == '?';
		while (is_word_char(ret->form[ret->form_size]))
			ret->form_size++;
		s = ret->form + ret->form_size;
		if (ret->form_size == 0 ||
		    (*ret->form == '?' &&
		     (ret->form_size == 1 ||
		      strspn(ret->form + 1, "0123456789") != ret->form_size - 1)))
			return false;
	}
	ret->end = s + 2;
	return ret->name_size > 0 && strncmp(s, "}}", 2) == 0;
}

static void put_parts(struct text *ret, const struct list *list, const struct choice *choice,
		      const char *s, int depth);

static void put_part(struct text *ret, const struct list *list, const struct choice *choice,
		     const struct use *use, int depth)
{
	const struct piece *top = choice->piece;
	const struct piece *part = find_part(list, use->name, use->name_size);
	struct text text = {0};
	size_t body;
	char *inner;

	if (part == NULL)
		die(top->file, top->line, "'%s': no part is called '%.*s'", top->name,
		    (int)use->name_size, use->name);
	/* Without its last line end, so that a part can stand within a line. */
	body = part->body.len > 0 ? part->body.len - 1 : 0;
	inner = copy(text_of(&part->body), body);
	put_parts(&text, list, choice, inner, depth + 1);
	free(inner);
	if (use->form != NULL)
		put_form(ret, top, text_of(&text), use->form, use->form_size);
	else
		text_add(ret, text_of(&text), text.len);
	free(text.data);
}

/* Appends s with its words and parts put in. Words first, so that {{{KIND}_columns}} can choose a
 * part. */
static void put_parts(struct text *ret, const struct list *list, const struct choice *choice,
		      const char *s, int depth)
{
	const struct piece *top = choice->piece;
	char *text = put_words(choice, s);
	const char *from = text, *open;
	struct use use;

	if (depth > DEPTH_MAX)
		die(top->file, top->line, "'%s': parts go round in a circle", top->name);
	while ((open = strstr(from, "{{")) != NULL) {
		if (!read_use(open + 2, &use))
			die(top->file, top->line, "'%s': '{{' without a part's name and '}}'",
			    top->name);
		text_add(ret, from, (size_t)(open - from));
		put_part(ret, list, choice, &use, depth);
		from = use.end;
		if (ret->len > TEXT_MAX)
			die(top->file, top->line, "'%s' is too long", top->name);
	}
	text_add(ret, from, strlen(from));
	free(text);
}

const char *skip_quoted(const char *s)
{
	const char *end;

	if (*s == '\'' || *s == '"') {
		end = strchr(s + 1, *s);
		return end != NULL ? end + 1 : s + strlen(s);
	}
	if (s[0] == '-' && s[1] == '-')
		return s + strcspn(s, "\n");
	/* The body of a function in PostgreSQL. */
	if (s[0] == '$' && s[1] == '$') {
		end = strstr(s + 2, "$$");
		return end != NULL ? end + 2 : s + strlen(s);
	}
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
	if (from->copy != NULL)
		piece->copy = put_words(choice, from->copy);
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

void check_twice(const struct list *list)
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

void expand_all(struct dialect *d)
{
	check_twice(&d->read);
	for (size_t i = 0; i < d->read.count; i++)
		if (d->read.items[i].kind != PIECE_PART)
			expand(&d->out, &d->read, &d->read.items[i]);
	check_twice(&d->out);
}
