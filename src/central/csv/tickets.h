/* Tickets as rows of a list: the columns, what a row says, and the two commands over them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "balie/mem.h"
#include "balie/model.h"
#include "../town.h"
#include "csv.h"

enum column {
	COLUMN_KEY,
	COLUMN_NUMBER,
	COLUMN_SUBJECT,
	COLUMN_BODY,
	COLUMN_KIND,
	COLUMN_STATE,
	COLUMN_PRIORITY,
	COLUMN_CHANNEL,
	COLUMN_TOPIC,
	COLUMN_TEAM,
	COLUMN_AGENT,
	COLUMN_CREATED,
	COLUMN_DUE,
	COLUMN_CLOSED,
	/* of the citizen */
	COLUMN_NAME,
	COLUMN_GIVEN,
	COLUMN_FAMILY,
	COLUMN_BIRTH_DATE,
	COLUMN_PHONE,
	COLUMN_EMAIL,
	COLUMN_STREET,
	COLUMN_HOUSE,
	COLUMN_BOX,
	COLUMN_POSTCODE,
	COLUMN_CITY,
	COLUMN_RRN,
	COLUMN_KBO,
	COLUMN_COUNT,
	COLUMN_CITIZEN = COLUMN_NAME,
};
extern const char *const column_names[COLUMN_COUNT]; /* as export writes them */

/* ---- which column is what (columns.c) ---- */
struct column_map {
	size_t count;	      /* columns of the file */
	int what[CSV_CELLS];  /* enum column; -1: not used */
	int at[COLUMN_COUNT]; /* column of the file; -1: there is none */
	const char *heads[CSV_CELLS];
};
/* rules: "COLUMN=FIELD", FIELD "-" for a column that is not used; what they do not name is known by
 * its header, in Dutch or English. */
bool column_map_make(const struct csv_row *head, const char *const *rules, size_t rule_count,
		     struct column_map *ret, struct arena *a, struct err *err);

/* ---- names of the town (names.c) ---- */
struct town_name {
	const char *name, *folded, *id;
	const char *team_id; /* of a topic or an agent */
	int kind;	     /* of a topic */
	int64_t days;	     /* of a topic; 0: no deadline */
	bool active;
	const char *display; /* of an agent, folded */
};
struct town_names {
	struct town_name *rows;
	size_t count, room;
	size_t last; /* the one found last: lists are often in order */
};
struct town_lists {
	struct town_names teams, topics, agents;
	struct arena arena;
};
bool town_lists_read(struct town_lists *ret, struct town *t, struct err *err);
void town_lists_finish(struct town_lists *l);
/* By its name, in any case and with or without accents. NULL when there is none. */
const struct town_name *town_name_find(struct town_names *n, const char *name);
const struct town_name *town_name_by_id(struct town_names *n, const char *id);
const char *town_name_nearest(const struct town_names *n, const char *name); /* or NULL */
struct town_name *town_name_add(struct town_lists *l, struct town_names *n, const char *name,
				const char *id);

/* ---- what a row says (row.c, values.c) ---- */
struct ticket_row {
	const char *key;    /* in the list it came from */
	const char *hash;   /* of all its cells */
	const char *number; /* a tracking number that it had and keeps, or NULL */
	const char *note;   /* what fits nowhere else, or NULL */
	const char *body;
	struct ticket ticket; /* without id, number and party */
	/* names that are not there and are to be made; NULL: none */
	const char *new_team, *new_topic;
	bool has_party;
	struct party party; /* without id */
	/* what it may be found by, each ends with NULL */
	const char *phones[8], *emails[8], *rrn, *rrn_scheme, *kbo;
};
struct row_reader {
	const struct column_map *map;
	struct town_lists *lists;
	const struct town_name *team; /* of those that name none; NULL: nobody's */
	bool create_missing;
	int64_t now;
};
/* False: the row is refused; err says why and *ret_column gets the name of the column at fault, or
 * NULL for the whole row. Text is owned by a. */
bool row_read(struct row_reader *r, const struct csv_row *row, struct ticket_row *ret,
	      struct arena *a, const char **ret_column, struct err *err);
/* Fills in the citizen; *ret_column as above. cells: by enum column, NULL for empty ones. */
bool row_citizen(const char *const cells[COLUMN_COUNT], struct ticket_row *ret, struct arena *a,
		 int *ret_column, struct err *err);
/* "31/12/2025", "31-12-2025 14:05", "2025-12-31 14:05:00", RFC 3339. *ret_day: it told no time. */
bool value_time(const char *text, int64_t *ret, bool *ret_day, struct err *err);
bool value_date(const char *text, char ret[11], struct err *err);
/* A word of the table, or what other programs call it. */
int value_word(const struct words *words, const char *text, struct err *err);

/* A cell that a spreadsheet would take for a formula is written with ' in front, and read without. */
bool cell_is_guarded(const char *cell);
bool cell_needs_guard(const char *cell);

/* ---- into the town (take.c) ---- */
enum row_result { ROW_NEW, ROW_SEEN, ROW_REFUSED };
struct take {
	struct town *town;
	const char *source;
	struct town_lists *lists;
	int64_t now;
	int64_t parties, teams, topics; /* made */
};
/* Within a transaction. ROW_REFUSED: err and *ret_column say why, and nothing was written. False
 * when the database failed: the transaction must be rolled back. */
bool row_take(struct take *k, struct ticket_row *row, enum row_result *ret, struct arena *a,
	      const char **ret_column, struct err *err);
/* What row_take() would make of it, without writing. */
bool row_judge(struct take *k, const struct ticket_row *row, enum row_result *ret, struct arena *a,
	       const char **ret_column, struct err *err);
/* The one party that the row surely means: by its number, else by phone or mail where the name
 * agrees. NULL when there is none. */
bool party_for_row(struct town *t, const struct ticket_row *row, const char **ret_id,
		   const char **ret_name, struct arena *a, struct err *err);
