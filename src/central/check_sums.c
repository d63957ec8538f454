/* balied check: is each record there, and of the version that the journal left it at? */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "central_sql.h"

#define PAGE 5000

_Static_assert(CENTRAL_SQL_CHECK_PAGE_MAILBOX - CENTRAL_SQL_CHECK_PAGE_TEAM == RECORD_MAILBOX &&
		       CENTRAL_SQL_CHECK_LOST_MAILBOX - CENTRAL_SQL_CHECK_LOST_TEAM ==
			       RECORD_MAILBOX &&
		       CENTRAL_SQL_CHECK_STRANGE_MAILBOX - CENTRAL_SQL_CHECK_STRANGE_TEAM ==
			       RECORD_MAILBOX &&
		       CENTRAL_SQL_CHECK_VERSION_MAILBOX - CENTRAL_SQL_CHECK_VERSION_TEAM ==
			       RECORD_MAILBOX,
	       "statements in the order of the kinds");

uint64_t check_hash(const struct inspection *c, const char *a, const char *b, int64_t n)
{
	unsigned char out[crypto_shorthash_BYTES];
	char text[160];
	uint64_t ret;
	int len = snprintf(text, sizeof(text), "%s %s %lld", a, b, (long long)n);

	crypto_shorthash(out, (const unsigned char *)text,
			 (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1, c->key);
	memcpy(&ret, out, sizeof(ret));
	return ret;
}

enum check_row check_row_kind(const char *action, const char *after, bool blank)
{
	if (strcmp(action, "follow") == 0)
		return CHECK_FOLLOW;
	if (strcmp(action, "unfollow") == 0)
		return CHECK_UNFOLLOW;
	if (strcmp(action, "undo") != 0)
		return CHECK_CHANGE;
	if (blank)
		return CHECK_UNKNOWN;
	if (after != NULL && strcmp(after, "{\"followed\":true}") == 0)
		return CHECK_FOLLOW;
	return after != NULL && strcmp(after, "{\"followed\":false}") == 0 ? CHECK_UNFOLLOW
									   : CHECK_CHANGE;
}

/* Is the row of a ticket, of which only that is left, one behind which the version stayed? */
static bool kept_version(struct inspection *c, const struct change *row, bool *ret, struct err *err)
{
	struct store_query *q = store_query(c->town.store, CENTRAL_SQL_CHECK_SAME_VERSION);
	enum store_step step;

	store_bind_text(q, 1, row->record_id);
	store_bind_int(q, 2, row->version);
	store_bind_int(q, 3, row->seq);
	step = store_step(q, err);
	*ret = step == STORE_ROW;
	store_done(q);
	return step != STORE_FAILED;
}

bool check_add_row(struct inspection *c, const struct change *row, bool gone, bool blank,
		   struct err *err)
{
	struct check_sum *sum = &c->journal[row->type];
	enum check_row is = row->type == RECORD_TICKET
				    ? check_row_kind(row->action, row->after, blank)
				    : CHECK_CHANGE;
	bool follows = is != CHECK_CHANGE;

	if (is == CHECK_UNKNOWN && !kept_version(c, row, &follows, err))
		return false;
	if (follows)
		return true;
	sum->rows++;
	sum->records += row->version == 1;
	sum->removed += gone;
	sum->sum += check_hash(c, row->record_id, gone ? "gone" : "put", row->version);
	return true;
}

/* Every version that the record has had. */
static bool add_record(struct inspection *c, enum record_kind kind, struct store_query *q)
{
	struct check_sum *sum = &c->state[kind];
	const char *id = store_column_text(q, 0);
	int64_t version = store_column_int(q, 1);
	bool removed = store_column_int(q, 2) != 0;

	sum->records++;
	sum->removed += removed;
	/* A version that was made up could be any number: more rows than there are need no sum. */
	if (version < 1 || version > c->journal[kind].rows - sum->rows)
		return false;
	sum->rows += version;
	for (int64_t v = 1; v <= version; v++)
		sum->sum += check_hash(c, id, removed && v == version ? "gone" : "put", v);
	return true;
}

static bool sum_kind(struct inspection *c, enum record_kind kind, bool *ret_same, struct err *err)
{
	struct store_query *q;
	char after[64] = "";
	enum store_step step;
	int64_t got;

	*ret_same = true;
	do {
		q = store_query(c->town.store, CENTRAL_SQL_CHECK_PAGE_TEAM + kind);
		store_bind_int(q, 1, PAGE);
		store_bind_text(q, 2, after);
		got = 0;
		char last[64] = "";

		while (*ret_same && (step = store_step(q, err)) == STORE_ROW) {
			*ret_same = add_record(c, kind, q);
			snprintf(last, sizeof(last), "%s", store_column_text(q, 0));
			got++;
		}
		store_done(q);
		if (!*ret_same)
			return true;
		memcpy(after, last, sizeof(after));
	} while (step == STORE_DONE && got == PAGE);
	*ret_same = c->journal[kind].records == c->state[kind].records &&
		    c->journal[kind].rows == c->state[kind].rows &&
		    c->journal[kind].sum == c->state[kind].sum;
	return step == STORE_DONE;
}

/* ---- which one is it? ---- */

/* True when there is such a record; err then says so. */
static bool find(struct inspection *c, unsigned statement, enum record_kind kind, const char *words,
		 struct err *err)
{
	struct store_query *q = store_query(c->town.store, statement);
	enum store_step step = store_step(q, err);

	if (step == STORE_ROW && store_column_count(q) == 3)
		err_set(err, ERR_CORRUPT, words, record_types[kind].name, store_column_text(q, 0),
			(long long)store_column_int(q, 1), (long long)store_column_int(q, 2));
	else if (step == STORE_ROW)
		err_set(err, ERR_CORRUPT, words, record_types[kind].name, store_column_text(q, 0));
	store_done(q);
	return step != STORE_DONE;
}

static void say_which(struct inspection *c, enum record_kind kind, struct err *err)
{
	const struct check_sum *j = &c->journal[kind], *s = &c->state[kind];

	if (find(c, CENTRAL_SQL_CHECK_LOST_TEAM + kind, kind,
		 _("%s %s is in the journal, but it is gone"), err) ||
	    find(c, CENTRAL_SQL_CHECK_STRANGE_TEAM + kind, kind,
		 _("%s %s is there, but not in the journal"), err) ||
	    find(c, CENTRAL_SQL_CHECK_VERSION_TEAM + kind, kind,
		 _("%s %s is of version %lld, but the journal left it at %lld"), err))
		return;
	if (kind >= RECORD_MESSAGE &&
	    find(c, CENTRAL_SQL_CHECK_REMOVED_MESSAGE + (kind - RECORD_MESSAGE), kind,
		 _("%s %s was taken back, or not, otherwise than the journal says"), err))
		return;
	err_set(err, ERR_CORRUPT, _("the journal makes %lld %s of %lld, and there are %lld"),
		(long long)j->records, record_types[kind].plural, (long long)j->rows,
		(long long)s->records);
}

/* ---- who follows what ---- */

static bool sum_follows(struct inspection *c, struct err *err)
{
	char ticket[64] = "", agent[64] = "", last[2][64];
	enum store_step step;
	struct store_query *q;
	int64_t got;

	do {
		q = store_query(c->town.store, CENTRAL_SQL_CHECK_FOLLOWS);
		store_bind_int(q, 1, PAGE);
		store_bind_text(q, 2, ticket);
		store_bind_text(q, 3, agent);
		for (got = 0; (step = store_step(q, err)) == STORE_ROW; got++) {
			snprintf(last[0], sizeof(last[0]), "%s", store_column_text(q, 0));
			snprintf(last[1], sizeof(last[1]), "%s", store_column_text(q, 1));
			c->follows_state.records++;
			c->follows_state.sum += check_hash(c, last[0], last[1], 0);
		}
		store_done(q);
		if (got > 0) {
			memcpy(ticket, last[0], sizeof(ticket));
			memcpy(agent, last[1], sizeof(agent));
		}
	} while (step == STORE_DONE && got == PAGE);
	return step == STORE_DONE;
}

bool check_sums(struct inspection *c, struct err *err)
{
	bool same;

	for (int kind = 0; kind < RECORD_KINDS; kind++) {
		if (!sum_kind(c, kind, &same, err))
			return false;
		if (!same) {
			say_which(c, kind, err);
			return false;
		}
	}
	return true;
}

bool check_follows(struct inspection *c, struct err *err)
{
	bool same;

	if (!sum_follows(c, err))
		return false;
	same = c->follows_journal.sum == c->follows_state.sum &&
	       c->follows_journal.records == c->follows_state.records;
	if (!same)
		err_set(err, ERR_CORRUPT,
			_("who follows which ticket (%lld) is not what the journal says (%lld)"),
			(long long)c->follows_state.records, (long long)c->follows_journal.records);
	return same;
}
