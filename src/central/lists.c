/* Pages by id. What a page looks at is bounded, also when few of the rows are for the reader: then it
 * is short, and its next place lies further on. */
#include "lists.h"
#include <stdio.h>
#include <string.h>
#include "balie/id.h"
#include "central_sql.h"

#define LOOK_MAX 20000
#define STEP_MAX 2000 /* rows asked for at once: they come whole from some databases */

union any_record {
	struct team team;
	struct agent agent;
	struct topic topic;
	struct party party;
	struct ticket ticket;
	struct contact contact;
	struct message message;
	struct note note;
};

static struct store_query *bind_list(const struct list_spec *list, size_t count)
{
	struct store_query *q = store_query(list->town->store, list->statement);

	store_bind_text(q, 1, list->reader);
	store_bind_text(q, 2, list->last[0] ? list->last : list->after ? list->after : "");
	store_bind_int(q, 3, (int64_t)count);
	if (list->since)
		store_bind_int(q, 4, list->since);
	else if (list->extra4)
		store_bind_text(q, 4, list->extra4);
	if (list->extra5)
		store_bind_text(q, 5, list->extra5);
	return q;
}

/* How far a list has come. */
struct progress {
	size_t written, looked;
	bool end;
};

/* So many rows from the last one on. */
static bool run_step(struct list_spec *list, struct progress *p, size_t count, struct err *err)
{
	const struct record_type *type = &record_types[list->kind];
	struct store_query *q = bind_list(list, count);
	char last[ID_TEXT] = "";
	enum store_step step;
	union any_record record;
	struct arena a = {0};
	size_t rows = 0;
	bool ok = true, kept = true;

	while ((step = store_step(q, err)) == STORE_ROW) {
		rows++;
		if (p->written == list->limit || p->looked == LOOK_MAX - 1) {
			list->more = true;
			break;
		}
		memset(&record, 0, type->size);
		store_column_fields(q, 0, type->fields, type->field_count, &record, &a);
		snprintf(last, sizeof(last), "%s", record.team.id);
		p->looked++;
		ok = !list->keep || list->keep(list, &record, &kept, err);
		if (!ok)
			break;
		if (kept) {
			if (p->written++)
				buf_add_char(list->out, ',');
			wire_put_record(list->out, list->kind, &record);
		}
		arena_reset(&a);
	}
	store_done(q);
	/* Not earlier: it was bound. */
	if (last[0])
		memcpy(list->last, last, sizeof(last));
	p->end = rows < count;
	arena_finish(&a);
	return ok && step != STORE_FAILED;
}

bool list_run(struct list_spec *list, struct err *err)
{
	struct progress p = {0};
	size_t count = list->limit + 1;

	list->more = false;
	list->last[0] = '\0';
	while (!p.end && !list->more) {
		if (!run_step(list, &p, count, err))
			return false;
		count = count * 4 < STEP_MAX ? count * 4 : STEP_MAX;
	}
	return true;
}

void list_answer(struct request *rq, struct list_spec *list)
{
	struct err err = {0};

	buf_reset(list->out);
	buf_add_str(list->out, "{\"items\":[");
	if (!list_run(list, &err)) {
		answer_err(rq, &err);
		return;
	}
	buf_add_str(list->out, "],\"next\":");
	wire_put_text(list->out, list->more ? list->last : NULL);
	buf_add_char(list->out, '}');
	answer_json(rq, MHD_HTTP_OK, list->out);
}
