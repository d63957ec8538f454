/* A queue shows three names a row. Reading them for each would triple the work of a page, so each is
 * read once and kept in a table of ids. */
#include "room.h"
#include <stdlib.h>
#include <string.h>
#include "balie/text.h"
#include "cache_sql.h"

struct name {
	char *id, *name, *folded; /* folded NULL: not asked for yet */
	int kind;
};

struct names {
	struct name *slots; /* open addressing; capacity a power of two */
	size_t count, capacity;
	struct arena arena;
};

static size_t hash(const char *s, int kind)
{
	size_t h = 14695981039346656037u ^ (size_t)kind;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h ^ (h >> 29);
}

static struct name *slot_for(struct names *n, int kind, const char *id)
{
	size_t i = hash(id, kind) & (n->capacity - 1);

	while (n->slots[i].id != NULL &&
	       (n->slots[i].kind != kind || strcmp(n->slots[i].id, id) != 0))
		i = (i + 1) & (n->capacity - 1);
	return &n->slots[i];
}

static void grow(struct names *n)
{
	struct name *old = n->slots;
	size_t old_capacity = n->capacity;

	n->capacity = old_capacity == 0 ? 256 : old_capacity * 2;
	n->slots = xcalloc(n->capacity, sizeof(*n->slots));
	for (size_t i = 0; i < old_capacity; i++)
		if (old[i].id != NULL)
			*slot_for(n, old[i].kind, old[i].id) = old[i];
	free(old);
}

void names_destroy(struct names *n)
{
	if (n == NULL)
		return;
	free(n->slots);
	arena_finish(&n->arena);
	free(n);
}

void names_check(struct cache *c)
{
	int64_t version = store_data_version(c->store);
	struct arena a = {0};
	const char *stamp;

	if (c->names != NULL && version == c->names_version && !c->writer)
		return;
	stamp = cache_get(c, "reference", &a);
	if (stamp == NULL)
		stamp = "";
	if (c->names == NULL || strcmp(stamp, c->names_stamp) != 0) {
		names_destroy(c->names);
		c->names = xcalloc(1, sizeof(*c->names));
		grow(c->names);
		c->names_stamp[0] = '\0';
		strncat(c->names_stamp, stamp, sizeof(c->names_stamp) - 1);
	}
	c->names_version = version;
	arena_finish(&a);
}

static struct name *find(struct cache *c, enum name_kind kind, const char *id)
{
	static const unsigned statements[] = {CACHE_SQL_NAME_TEAM, CACHE_SQL_NAME_AGENT,
					      CACHE_SQL_NAME_TOPIC};
	struct names *n;
	struct name *slot;
	struct store_query *q;
	const char *name = NULL;

	if (c->names == NULL)
		names_check(c);
	n = c->names;
	slot = slot_for(n, kind, id);
	if (slot->id != NULL)
		return slot;
	if (n->count * 2 >= n->capacity) {
		grow(n);
		slot = slot_for(n, kind, id);
	}
	q = store_query(c->store, statements[kind]);
	store_bind_text(q, 1, id);
	if (store_step(q, NULL) == STORE_ROW)
		name = store_column_text(q, 0);
	slot->kind = kind;
	slot->id = arena_strdup(&n->arena, id);
	slot->name = arena_strdup(&n->arena, name != NULL ? name : "");
	store_done(q);
	n->count++;
	return slot;
}

const char *names_get(struct cache *c, enum name_kind kind, const char *id)
{
	return id != NULL ? find(c, kind, id)->name : "";
}

const char *names_get_folded(struct cache *c, enum name_kind kind, const char *id)
{
	struct name *name;

	if (id == NULL)
		return "";
	name = find(c, kind, id);
	if (name->folded == NULL)
		name->folded = text_fold_dup(&c->names->arena, name->name);
	return name->folded;
}
