/* Pages of a table by its key, whatever columns it has. */
#include "move.h"
#include <string.h>
#include "balie/i18n.h"

#define PAGE_ROWS 2000
#define PAGE_BYTES ((size_t)4 << 20) /* as far as the rows so far tell */
#define FIRST_ROWS 16		     /* nothing is known of the rows yet */
#define DATA_ROWS 4		     /* of mails and files, which may be tens of megabytes each */

_Static_assert(CENTRAL_SQL_MOVE_LAST_LOGIN_MISS - CENTRAL_SQL_MOVE_FIRST_META + 1 ==
		       MOVE_TABLES * MOVE_WHATS,
	       "both lists in move.sql name the same tables");
_Static_assert(CENTRAL_SQL_MOVE_NEXT_META == CENTRAL_SQL_MOVE_FIRST_META + MOVE_NEXT &&
		       CENTRAL_SQL_MOVE_LAST_META == CENTRAL_SQL_MOVE_FIRST_META + MOVE_LAST,
	       "in this order");

const char *move_table(int table)
{
	const struct store_dialect *d = &town_schema()->dialects[STORE_SQLITE];

	return d->statements[CENTRAL_SQL_MOVE_ADD_META + table].name + strlen("move_add_");
}

static unsigned statement(int table, enum move_what what)
{
	return (unsigned)(CENTRAL_SQL_MOVE_FIRST_META + table * MOVE_WHATS) + what;
}

void move_value_of(struct store_query *q, int col, struct move_value *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->type = store_column_type(q, col);
	switch (ret->type) {
	case STORE_NULL:
		break;
	case STORE_INT:
		ret->number = store_column_int(q, col);
		ret->len = sizeof(ret->number);
		break;
	case STORE_TEXT:
		ret->data = store_column_text(q, col);
		ret->len = strlen(ret->data);
		break;
	case STORE_BLOB:
		ret->data = store_column_blob(q, col, &ret->len);
		break;
	}
}

static int find_end(struct store_query *q)
{
	int count = store_column_count(q), i = 0;

	while (i < count && strcmp(store_column_name(q, i), "move_end") != 0)
		i++;
	return i;
}

/* The key of the row at hand, into the arena that the page was not asked with. */
static void keep_key(struct move_pages *p, int end)
{
	struct arena *other = p->a == &p->arenas[0] ? &p->arenas[1] : &p->arenas[0];
	int count = store_column_count(p->q) - end - 1;

	arena_reset(other);
	for (int i = 0; i < count; i++) {
		struct move_value *v = &p->key[i];

		move_value_of(p->q, end + 1 + i, v);
		if (v->data != NULL) {
			char *copy = arena_alloc(other, v->len + 1);

			memcpy(copy, v->data, v->len);
			v->data = copy;
		}
	}
	p->key_count = count;
	p->a = other;
}

void move_pages_begin(struct move_pages *p, struct store *store, int table)
{
	memset(p, 0, sizeof(*p));
	p->store = store;
	p->table = table;
	p->limit = FIRST_ROWS;
	p->got = FIRST_ROWS;
	p->a = &p->arenas[0];
}

bool move_pages_resume(struct move_pages *p, struct store *store, struct err *err)
{
	enum store_step step;

	p->q = store_query(store, statement(p->table, MOVE_LAST));
	step = store_step(p->q, err);
	if (step == STORE_ROW)
		keep_key(p, find_end(p->q));
	store_done(p->q);
	p->q = NULL;
	return step != STORE_FAILED;
}

static void bind_key(struct move_pages *p)
{
	for (int i = 0; i < p->key_count; i++) {
		const struct move_value *v = &p->key[i];

		if (v->type == STORE_INT)
			store_bind_int(p->q, i + 2, v->number);
		else if (v->type == STORE_BLOB)
			store_bind_blob(p->q, i + 2, v->data, v->len);
		else
			store_bind_text(p->q, i + 2, v->data);
	}
}

/* As many rows as fit in a page when they are as large as the largest so far. */
static void next_limit(struct move_pages *p)
{
	int64_t most = p->row_max > 0 ? (int64_t)(PAGE_BYTES / p->row_max) : FIRST_ROWS;
	int64_t rows = p->limit * 4;

	rows = rows > most ? most : rows;
	rows = rows > p->most ? p->most : rows;
	p->limit = rows < 1 ? 1 : rows;
}

/* What table it is, known before anything is asked of it. One engine gives a page as one answer, so
 * that of large rows there must be few from the first page on. */
static void look(struct move_pages *p)
{
	p->columns = find_end(p->q);
	p->most = PAGE_ROWS;
	for (int i = 0; i < p->columns; i++)
		if (strcmp(store_column_name(p->q, i), "data") == 0) {
			p->most = DATA_ROWS;
			p->limit = 1;
		}
}

static void start_page(struct move_pages *p)
{
	p->q = store_query(p->store,
			   statement(p->table, p->key_count > 0 ? MOVE_NEXT : MOVE_FIRST));
	if (p->most == 0)
		look(p);
	store_bind_int(p->q, 1, p->limit);
	bind_key(p);
	p->got = 0;
}

/* What the row at hand weighs. */
static void weigh(struct move_pages *p)
{
	struct move_value v;

	p->bytes = 0;
	for (int i = 0; i < p->columns; i++) {
		move_value_of(p->q, i, &v);
		p->bytes += v.len;
	}
	if (p->bytes > p->row_max)
		p->row_max = p->bytes;
}

enum store_step move_pages_next(struct move_pages *p, struct err *err)
{
	enum store_step step;

	for (;;) {
		if (p->q == NULL) {
			if (p->got < p->limit)
				return STORE_DONE;
			if (p->row_max > 0)
				next_limit(p);
			start_page(p);
		}
		step = store_step(p->q, err);
		if (step == STORE_FAILED) {
			err_prefix(err, "%s", move_table(p->table));
			return step;
		}
		if (step == STORE_ROW)
			break;
		store_done(p->q);
		p->q = NULL;
	}
	p->got++;
	weigh(p);
	if (p->got == p->limit)
		keep_key(p, p->columns);
	return STORE_ROW;
}

void move_pages_end(struct move_pages *p)
{
	if (p->q != NULL)
		store_done(p->q);
	p->q = NULL;
	arena_finish(&p->arenas[0]);
	arena_finish(&p->arenas[1]);
}
