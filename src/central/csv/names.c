/* Teams, topics and agents of the town, read once: a list names them on every row. */
#include <stdlib.h>
#include <string.h>
#include "balie/id.h"
#include "balie/text.h"
#include "central_sql.h"
#include "tickets.h"

#define PAGE 200
#define NEAR 4

static struct town_name *add(struct town_lists *l, struct town_names *n, const char *name,
			     const char *id)
{
	struct town_name *row;

	if (n->count == n->room) {
		n->room = n->room > 0 ? n->room * 2 : 64;
		n->rows = xrealloc(n->rows, n->room * sizeof(*n->rows));
	}
	row = &n->rows[n->count++];
	*row = (struct town_name){
		.name = arena_strdup(&l->arena, name),
		.folded = text_fold_dup(&l->arena, name),
		.id = arena_strdup(&l->arena, id),
		.active = true,
	};
	return row;
}

struct town_name *town_name_add(struct town_lists *l, struct town_names *n, const char *name,
				const char *id)
{
	return add(l, n, name, id);
}

static void keep_team(struct town_lists *l, const void *record)
{
	const struct team *t = record;

	add(l, &l->teams, t->name, t->id)->active = t->active;
}

static void keep_topic(struct town_lists *l, const void *record)
{
	const struct topic *t = record;
	struct town_name *row = add(l, &l->topics, t->name, t->id);

	row->team_id = arena_strdup(&l->arena, t->team_id);
	row->kind = t->kind;
	row->days = t->deadline_basis == DEADLINE_NONE ? 0 : t->deadline_days;
	row->active = t->active;
}

static void keep_agent(struct town_lists *l, const void *record)
{
	const struct agent *t = record;
	struct town_name *row = add(l, &l->agents, t->name, t->id);

	row->team_id = arena_strdup(&l->arena, t->team_id);
	row->display = text_fold_dup(&l->arena, t->display);
	row->active = t->active;
}

static bool read_all(struct town *t, enum central_sql statement, enum record_kind kind,
		     struct town_lists *l, void (*keep)(struct town_lists *, const void *),
		     struct err *err)
{
	const struct record_type *type = &record_types[kind];
	char after[ID_TEXT] = "";
	struct arena a = {0};
	enum store_step step;
	int64_t got;

	do {
		struct store_query *q = store_query(t->store, statement);

		got = 0;
		store_bind_text(q, 1, NULL);
		store_bind_text(q, 2, after);
		store_bind_int(q, 3, PAGE);
		arena_reset(&a);
		while ((step = store_step(q, err)) == STORE_ROW) {
			void *record = arena_alloc(&a, type->size);

			store_column_fields(q, 0, type->fields, type->field_count, record, &a);
			keep(l, record);
			memcpy(after, *(const char **)record, ID_TEXT);
			got++;
		}
		store_done(q);
	} while (step == STORE_DONE && got == PAGE);
	arena_finish(&a);
	return step == STORE_DONE;
}

bool town_lists_read(struct town_lists *ret, struct town *t, struct err *err)
{
	struct town_lists l = {0};

	if (!read_all(t, CENTRAL_SQL_LIST_TEAM, RECORD_TEAM, &l, keep_team, err) ||
	    !read_all(t, CENTRAL_SQL_LIST_TOPIC, RECORD_TOPIC, &l, keep_topic, err) ||
	    !read_all(t, CENTRAL_SQL_LIST_AGENT, RECORD_AGENT, &l, keep_agent, err)) {
		town_lists_finish(&l);
		return false;
	}
	*ret = l;
	return true;
}

void town_lists_finish(struct town_lists *l)
{
	free(l->teams.rows);
	free(l->topics.rows);
	free(l->agents.rows);
	arena_finish(&l->arena);
	memset(l, 0, sizeof(*l));
}

const struct town_name *town_name_find(struct town_names *n, const char *name)
{
	const struct town_name *ret = NULL;
	struct buf folded = {0};

	/* Nothing is called so twice. */
	for (size_t i = 0; i < n->count; i++) {
		size_t k = (n->last + i) % n->count;

		if (strcmp(n->rows[k].name, name) == 0) {
			n->last = k;
			return &n->rows[k];
		}
	}
	text_fold(&folded, name);
	for (size_t i = 0; i < n->count && folded.len > 0 && ret == NULL; i++)
		if (strcmp(n->rows[i].folded, folded.data) == 0 ||
		    (n->rows[i].display != NULL && strcmp(n->rows[i].display, folded.data) == 0))
			ret = &n->rows[i];
	buf_finish(&folded);
	return ret;
}

const struct town_name *town_name_by_id(struct town_names *n, const char *id)
{
	for (size_t i = 0; i < n->count && id != NULL; i++)
		if (strcmp(n->rows[i].id, id) == 0)
			return &n->rows[i];
	return NULL;
}

const char *town_name_nearest(const struct town_names *n, const char *name)
{
	const char *ret = NULL;
	struct buf folded = {0};
	int best = NEAR;

	text_fold(&folded, name);
	for (size_t i = 0; i < n->count && folded.len > 0; i++) {
		int d = text_distance(folded.data, n->rows[i].folded, NEAR);

		if (d < best && (size_t)d < folded.len) {
			best = d;
			ret = n->rows[i].name;
		}
	}
	buf_finish(&folded);
	return ret;
}
