/* Lists of records: one statement, a page at a time. */
#pragma once
#include "parts.h"

struct list_spec {
	struct town *town;
	unsigned statement;
	enum record_kind kind;
	const char *reader, *after;  /* ?1, ?2; after NULL: from the start */
	size_t limit;		     /* rows written */
	const char *extra4, *extra5; /* ?4 and ?5 when they are text */
	int64_t since;		     /* ?4 when it is a time */
	struct buf *out;
	struct arena *arena;
	/* *ret: whether the row is for the reader; false: the page fails. NULL: every row is. */
	bool (*keep)(struct list_spec *list, const void *record, bool *ret, struct err *err);
	const struct viewer *viewer;
	void *user;
	/* what came of it */
	bool more;
	char last[ID_TEXT]; /* id of the last row looked at */
};
/* Appends the records with commas between. */
bool list_run(struct list_spec *list, struct err *err);
/* {"items":[…],"next":…} */
void list_answer(struct request *rq, struct list_spec *list);
void queue_answer(struct request *rq, struct worker *w, const char *team, const char *agent,
		  int state, size_t limit);
