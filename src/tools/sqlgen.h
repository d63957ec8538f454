/* What the parts of sqlgen share: pieces of .sql files, read, expanded and written. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define EACH_MAX 8
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
	char *copy; /* the table of a 'copy' line, or NULL; then the engine's own words for it */
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

/* One engine's view of the files: the common ones and its own. */
struct dialect {
	const char *name;
	bool wanted;
	size_t common; /* so many pieces of read come from common files */
	struct list read, out;
};
enum { SQLITE, POSTGRES, DIALECTS };

/* sqlgen.c */
void die(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));
void *grow(void *p, size_t size);
void text_add(struct text *t, const char *s, size_t n);
const char *text_of(const struct text *t);
char *copy(const char *s, size_t n);
bool is_word_char(char c);
bool is_name(const char *s);
struct piece *list_add(struct list *list);

/* sqlgen_expand.c: the place behind the quoted text, quoted name or comment that starts at s, or s
 * itself. */
const char *skip_quoted(const char *s);
void check_twice(const struct list *list);
/* Fills out with the statements and migrations of read. */
void expand_all(struct dialect *d);

/* sqlgen_engine.c: what PostgreSQL wants otherwise. */
void check_same_names(const struct dialect *a, const struct dialect *b);
/* Makes PostgreSQL's $1 of ?1, but not in quoted text. */
void number_parameters(struct piece *piece);
/* Turns the table of a 'copy' line into "COPY table (columns) FROM STDIN" and dies when the statement
 * is not an INSERT of its parameters in order. */
void make_copy(struct piece *piece);

/* sqlgen_write.c */
void write_header(const char *path, const char *prefix, const struct dialect *dialects);
void write_source(const char *path, const char *header, const char *prefix,
		  const struct dialect *dialects);
