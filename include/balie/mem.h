/* Memory: allocation that never fails, an arena that is freed at once, a growing buffer. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Like calloc, realloc, strdup, but end the program with a message when memory is out:
 * nothing in it could go on sensibly. Everything a stranger can size is bounded before. */
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* An arena: many small things that live and die together. Zero-initialised is empty and usable. */
struct arena {
	struct arena_block *head;
};
/* n bytes, zeroed, aligned for any type; owned by the arena. */
void *arena_alloc(struct arena *a, size_t n);
char *arena_strdup(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Forgets all that was allocated but keeps the first block for the next use. */
void arena_reset(struct arena *a);
void arena_finish(struct arena *a);

/* A growing byte string, always NUL-terminated when data is not NULL. Zero-initialised is empty. */
struct buf {
	char *data;
	size_t len, cap;
};
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_reset(struct buf *b); /* length 0, memory kept */
char *buf_take(struct buf *b); /* hands the string over (never NULL); the buffer is empty after */
void buf_finish(struct buf *b);
