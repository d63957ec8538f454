#include "balie/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define mem_hide(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define mem_show(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define mem_hide(p, n) ((void)(p), (void)(n))
#define mem_show(p, n) ((void)(p), (void)(n))
#endif

/* ---- allocation that never fails ---- */

static void mem_out(void) __attribute__((noreturn));

static void mem_out(void)
{
	static const char text[] = "balie: out of memory\n";

	/* Nothing that could allocate; abort() so that the terminal is put back on the way out. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		abort();
	abort();
}

void *xcalloc(size_t count, size_t size)
{
	void *p = count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size);

	if (p == NULL)
		mem_out();
	return p;
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size == 0 ? 1 : size);
	if (p == NULL)
		mem_out();
	return p;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
	char *p;

	n = strnlen(s, n);
	p = xrealloc(NULL, n + 1);
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *ret;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&ret, fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_out();
	return ret;
}

/* ---- arena ---- */

#define BLOCK_FIRST 4096
#define BLOCK_MOST (256 * 1024)
#define ALIGN _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

static struct arena_block *block_create(size_t size)
{
	struct arena_block *block = xrealloc(NULL, sizeof(*block) + size);

	block->next = NULL;
	block->size = size;
	block->used = 0;
	mem_hide(block->data, size);
	return block;
}

static void block_destroy(struct arena_block *block)
{
	mem_show(block->data, block->size);
	free(block);
}

/* n bytes that are not cleared. */
static void *arena_take(struct arena *a, size_t n)
{
	struct arena_block *head = a->head, *block;
	size_t need, size;
	void *p;

	if (n > SIZE_MAX / 2)
		mem_out();
	need = (n + ALIGN - 1) & ~(ALIGN - 1);
	if (need == 0)
		need = ALIGN;
	if (head != NULL && head->size - head->used >= need) {
		block = head;
	} else if (need > BLOCK_MOST / 4) {
		/* A block of its own behind the head, so that the head's room is not lost and a
		 * reset does not keep it. */
		block = block_create(need);
		if (head == NULL) {
			a->head = block;
		} else {
			block->next = head->next;
			head->next = block;
		}
	} else {
		size = head == NULL ? BLOCK_FIRST : head->size * 2;
		if (size > BLOCK_MOST)
			size = BLOCK_MOST;
		while (size < need)
			size *= 2;
		block = block_create(size);
		block->next = head;
		a->head = block;
	}
	p = block->data + block->used;
	block->used += need;
	mem_show(p, n);
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	void *p = arena_take(a, n);

	memset(p, 0, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	size_t n;
	char *p;

	if (s == NULL)
		return NULL;
	n = strlen(s) + 1;
	p = arena_take(a, n);
	memcpy(p, s, n);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p;

	if (s == NULL)
		return NULL;
	n = strnlen(s, n);
	p = arena_take(a, n + 1);
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	char small[256], *p;
	va_list ap;
	int n;

	/* Most fit: formatted once and copied. */
	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_out();
	p = arena_take(a, (size_t)n + 1);
	if ((size_t)n < sizeof(small)) {
		memcpy(p, small, (size_t)n + 1);
		return p;
	}
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void arena_reset(struct arena *a)
{
	struct arena_block *block, *next;

	if (a->head == NULL)
		return;
	for (block = a->head->next; block != NULL; block = next) {
		next = block->next;
		block_destroy(block);
	}
	a->head->next = NULL;
	if (a->head->size > BLOCK_MOST) {
		block_destroy(a->head);
		a->head = NULL;
		return;
	}
	a->head->used = 0;
	mem_hide(a->head->data, a->head->size);
}

void arena_finish(struct arena *a)
{
	struct arena_block *block, *next;

	for (block = a->head; block != NULL; block = next) {
		next = block->next;
		block_destroy(block);
	}
	a->head = NULL;
}

/* ---- buffer ---- */

/* Makes room for n more bytes and a NUL. */
static void buf_reserve(struct buf *b, size_t n)
{
	size_t need;

	if (n > SIZE_MAX / 4 || b->len > SIZE_MAX / 4)
		mem_out();
	need = b->len + n + 1;
	if (need <= b->cap)
		return;
	b->cap = need < 32 ? 64 : need + need / 2;
	b->data = xrealloc(b->data, b->cap);
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	buf_reserve(b, n);
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_add_str(struct buf *b, const char *s)
{
	if (s != NULL)
		buf_add(b, s, strlen(s));
}

void buf_add_char(struct buf *b, char c)
{
	buf_reserve(b, 1);
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	buf_reserve(b, 64);
	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_out();
	if ((size_t)n >= b->cap - b->len) {
		buf_reserve(b, (size_t)n);
		va_start(ap, fmt);
		vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

char *buf_take(struct buf *b)
{
	char *ret = b->data != NULL ? b->data : xstrdup("");

	*b = (struct buf){0};
	return ret;
}

void buf_finish(struct buf *b)
{
	free(b->data);
	*b = (struct buf){0};
}
