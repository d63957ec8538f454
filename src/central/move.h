/* The copy of a whole town from one database to another, in two files: how rows go (move.c) and how
 * both sides are held against each other (move_verify.c). The tables stand in sql/move.sql alone. */
#pragma once
#include "balie/store.h"
#include "central_sql.h"
#include "town.h"

#define MOVE_TABLES (CENTRAL_SQL_MOVE_ADD_LOGIN_MISS - CENTRAL_SQL_MOVE_ADD_META + 1)
#define MOVE_TABLE_META 0
enum move_what { MOVE_FIRST, MOVE_NEXT, MOVE_LAST, MOVE_WHATS };

struct move {
	struct town from, to;
	char *mark; /* what meta 'moving' holds: epoch and last row of the source */
	bool terminal;
	int64_t rows; /* of all tables, as verified */
	int64_t seq;
};

/* Name of a table, for people. */
const char *move_table(int table);

/* Rows of a table, in the order of its key, a page at a time: no more memory than a page takes. */
struct move_value {
	enum store_type type;
	int64_t number;
	const char *data;
	size_t len;
};
struct move_pages {
	struct store *store;
	int table;
	int64_t limit;	 /* rows of the page at hand */
	int64_t got;	 /* rows that came of it */
	int64_t most;	 /* rows that a page of this table may have; 0: not known yet */
	size_t row_max;	 /* bytes of the largest row so far */
	int columns;	 /* of the row at hand, in front of move_end */
	struct arena *a; /* the key, while a page is read */
	struct arena arenas[2];
	struct move_value key[4];
	int key_count;	       /* 0: from the start */
	struct store_query *q; /* the page at hand, NULL between pages */
	size_t bytes;	       /* of the row at hand */
};
void move_pages_begin(struct move_pages *p, struct store *store, int table);
/* Behind the largest key that the table has in that database. */
bool move_pages_resume(struct move_pages *p, struct store *store, struct err *err);
/* STORE_ROW: the columns of p->q from 0 to p->columns - 1 hold a row. */
enum store_step move_pages_next(struct move_pages *p, struct err *err);
void move_pages_end(struct move_pages *p);
void move_value_of(struct store_query *q, int col, struct move_value *ret);

/* Prints a line a table; false at the first that differs. */
bool move_verify(struct move *m, struct err *err);
void move_progress(const struct move *m, const char *table, int64_t rows);
