/* balied move: copies a whole town into another database, page by page, and goes on where an earlier
 * one was stopped: what is committed there tells how far it came. */
#include "move.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "command.h"

#define COMMIT_ROWS 20000 /* bounds what a kill throws away, and the log */
#define COMMIT_BYTES ((size_t)32 << 20)
#define MARK "moving"

struct copy {
	struct move *m;
	struct move_pages pages;
	int64_t rows, pending;
	size_t bytes;
};

void move_progress(const struct move *m, const char *table, int64_t rows)
{
	if (m->terminal)
		fprintf(stderr, "\r%-20s %12" PRId64 "\r", table, rows);
}

/* ---- rows ---- */

/* A row that points to one of its own table must wait until that one is there: see merge_table(). */
static bool waits(const struct copy *c, int col)
{
	return strcmp(store_column_name(c->pages.q, col), "merged_into") == 0;
}

static bool add_row(struct copy *c, struct err *err)
{
	unsigned add = (unsigned)(CENTRAL_SQL_MOVE_ADD_META + c->pages.table);
	struct store_query *q = store_query(c->m->to.store, add);
	struct move_value v;

	for (int i = 0; i < c->pages.columns; i++) {
		move_value_of(c->pages.q, i, &v);
		if (v.type == STORE_NULL || waits(c, i))
			store_bind_null(q, i + 1);
		else if (v.type == STORE_INT)
			store_bind_int(q, i + 1, v.number);
		else if (v.type == STORE_TEXT)
			store_bind_text(q, i + 1, v.data);
		else
			store_bind_blob(q, i + 1, v.data, v.len);
	}
	c->rows++;
	c->pending++;
	c->bytes += c->pages.bytes;
	return store_run(q, err);
}

static bool commit_some(struct copy *c, bool all, struct err *err)
{
	if (!all && c->pending < COMMIT_ROWS && c->bytes < COMMIT_BYTES)
		return true;
	c->pending = 0;
	c->bytes = 0;
	move_progress(c->m, move_table(c->pages.table), c->rows);
	return town_commit(&c->m->to, err) && town_begin(&c->m->to, err);
}

/* Inside a transaction of the destination. whole: without a commit in between. */
static bool copy_table(struct move *m, int table, bool whole, struct err *err)
{
	struct copy c = {.m = m};
	enum store_step step = STORE_FAILED;

	move_pages_begin(&c.pages, m->from.store, table);
	if (!move_pages_resume(&c.pages, m->to.store, err))
		goto out;
	while ((step = move_pages_next(&c.pages, err)) == STORE_ROW) {
		if (!add_row(&c, err) || (!whole && !commit_some(&c, false, err))) {
			step = STORE_FAILED;
			break;
		}
	}
out:
	move_pages_end(&c.pages);
	return step == STORE_DONE && (whole || commit_some(&c, true, err));
}

/* ---- rows that point into their own table ---- */

struct merge {
	char id[64], into[64];
};
#define MERGES 1000

static bool read_merges(struct move *m, unsigned statement, struct merge *list, size_t *count,
			struct err *err)
{
	struct store_query *q = store_query(m->from.store, statement);
	char after[64];
	enum store_step step;

	snprintf(after, sizeof(after), "%s", *count > 0 ? list[*count - 1].id : "");
	*count = 0;
	store_bind_int(q, 1, MERGES);
	store_bind_text(q, 2, after);
	while ((step = store_step(q, err)) == STORE_ROW && *count < MERGES) {
		struct merge *row = &list[(*count)++];

		snprintf(row->id, sizeof(row->id), "%s", store_column_text(q, 0));
		snprintf(row->into, sizeof(row->into), "%s", store_column_text(q, 1));
	}
	store_done(q);
	return step != STORE_FAILED;
}

static bool merge_table(struct move *m, unsigned from, unsigned to, struct err *err)
{
	struct merge *list = xcalloc(MERGES, sizeof(*list));
	size_t count = 0;
	bool ok;

	while ((ok = read_merges(m, from, list, &count, err)) && count > 0) {
		for (size_t i = 0; ok && i < count; i++) {
			struct store_query *q = store_query(m->to.store, to);

			store_bind_text(q, 1, list[i].id);
			store_bind_text(q, 2, list[i].into);
			ok = store_run(q, err);
		}
		ok = ok && town_commit(&m->to, err) && town_begin(&m->to, err);
		if (!ok || count < MERGES)
			break;
	}
	free(list);
	return ok;
}

/* ---- the two sides ---- */

static bool is_empty(struct move *m, struct err *err)
{
	struct move_pages p;
	bool ok = true;

	/* Meta may hold the epoch that 'balied init' gave. */
	for (int table = MOVE_TABLE_META + 1; ok && table < MOVE_TABLES; table++) {
		move_pages_begin(&p, m->to.store, table);
		ok = move_pages_resume(&p, m->to.store, err);
		if (ok && p.key_count > 0) {
			err_set(err, ERR_CONFLICT,
				_("there is something in that database already (table %s): a "
				  "town can only move into an empty one"),
				move_table(table));
			ok = false;
		}
		move_pages_end(&p);
	}
	return ok;
}

static bool run(struct move *m, unsigned statement, struct err *err)
{
	return store_run(store_query(m->to.store, statement), err);
}

/* The first transaction: the mark, and all of meta, which is small. */
static bool begin_anew(struct move *m, struct err *err)
{
	return is_empty(m, err) && run(m, CENTRAL_SQL_MOVE_META_CLEAR, err) &&
	       town_set_meta(&m->to, MARK, m->mark, err) &&
	       copy_table(m, MOVE_TABLE_META, true, err);
}

static bool begin(struct move *m, struct err *err)
{
	struct arena a = {0};
	const char *mark, *theirs;
	bool ok = false;

	if (!town_begin(&m->to, err))
		return false;
	mark = town_meta(&m->to, MARK, &a);
	theirs = town_meta(&m->to, "epoch", &a);
	if (mark == NULL && theirs != NULL && strncmp(theirs, m->mark, strcspn(m->mark, " ")) == 0)
		err_set(err, ERR_CONFLICT,
			_("this town is there already; nothing was copied. To copy it again, begin "
			  "with an empty destination"));
	else if (mark == NULL)
		ok = begin_anew(m, err);
	else if (strcmp(mark, m->mark) != 0)
		err_set(err, ERR_CONFLICT,
			_("the move that was begun there is of another town, or this town has "
			  "changed since: begin again with an empty database"));
	else
		ok = true;
	ok = ok && town_commit(&m->to, err);
	arena_finish(&a);
	return ok;
}

static bool copy_rows(struct move *m, struct err *err)
{
	if (!town_begin(&m->to, err))
		return false;
	for (int table = MOVE_TABLE_META + 1; table < MOVE_TABLES; table++)
		if (!copy_table(m, table, false, err))
			return false;
	return merge_table(m, CENTRAL_SQL_MOVE_MERGED_PARTY, CENTRAL_SQL_MOVE_MERGE_PARTY, err) &&
	       merge_table(m, CENTRAL_SQL_MOVE_MERGED_TICKET, CENTRAL_SQL_MOVE_MERGE_TICKET, err) &&
	       run(m, CENTRAL_SQL_MOVE_LEDGER_NUMBER, err) && town_commit(&m->to, err);
}

static bool copy_all(struct move *m, struct err *err)
{
	return store_fill_begin(m->to.store, err) && copy_rows(m, err) &&
	       store_fill_end(m->to.store, err);
}

/* Nobody keeps a service from writing in the source: what came there since would be lost. */
static bool is_still_whole(struct move *m, struct err *err)
{
	int64_t seq;

	store_rollback(m->from.store);
	if (!town_last_seq(&m->from, &seq, err))
		return false;
	if (seq != m->seq)
		err_set(err, ERR_CONFLICT,
			_("the town was changed while it moved: stop its services, empty the new "
			  "database and begin again"));
	return seq == m->seq;
}

static bool finish(struct move *m, struct err *err)
{
	return town_begin(&m->to, err) && run(m, CENTRAL_SQL_MOVE_DONE, err) &&
	       town_commit(&m->to, err);
}

/* The source in one snapshot for all that follows, and never written. */
static bool open_both(struct move *m, const struct settings *s, struct err *err)
{
	struct arena a = {0};
	const char *epoch;
	bool ok = false;

	if (!town_open(&m->from, s->from, STORE_READONLY | STORE_PREPARE, err) ||
	    !store_begin_read(m->from.store, err) || !town_last_seq(&m->from, &m->seq, err))
		goto out;
	epoch = town_meta(&m->from, "epoch", &a);
	if (epoch == NULL) {
		err_set(err, ERR_CORRUPT,
			_("the town to move has no epoch: look at it with "
			  "balied check"));
		goto out;
	}
	m->mark = xasprintf("%s %" PRId64, epoch, m->seq);
	/* Not town_open(), which gives an epoch and refuses half a town. */
	ok = store_open(&m->to.store, s->to, town_schema(),
			STORE_CREATE | STORE_BULK | STORE_RELAXED | STORE_PREPARE, err);
out:
	arena_finish(&a);
	return ok;
}

int command_move(const struct settings *s, const struct option_list *operands, struct err *err)
{
	struct move m = {.terminal = isatty(STDERR_FILENO) != 0};
	bool ok;

	if (operands->count > 0 || s->from == NULL || s->to == NULL) {
		err_set(err, ERR_INPUT, _("say --from and --to, and nothing else"));
		return 2;
	}
	ok = open_both(&m, s, err) && begin(&m, err) && copy_all(&m, err) && move_verify(&m, err) &&
	     is_still_whole(&m, err) && finish(&m, err);
	if (ok)
		printf(_("the town has moved: %lld rows, up to row %lld of the journal\n"),
		       (long long)m.rows, (long long)m.seq);
	if (m.to.store != NULL)
		town_rollback(&m.to);
	if (m.from.store != NULL)
		store_rollback(m.from.store);
	town_close(&m.to);
	town_close(&m.from);
	free(m.mark);
	return ok ? 0 : 1;
}
