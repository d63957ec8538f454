/* PostgreSQL: hearing what other services did and say, by LISTEN and NOTIFY. */
#include <string.h>
#include "postgres.h"
#include "server_sql.h"

#define HEARD_MAX (1024 * 1024) /* kept at most for one who does not come to fetch it */

/* A connection that was made anew has heard nothing in between: then all may have changed. Never within
 * a transaction, whose rollback would take it back. */
static bool listen(struct pg_store *st, enum server_sql what, unsigned *in)
{
	if (!pg_ready(st, NULL))
		return false;
	if (*in == st->generation)
		return true;
	if (st->within != PG_OUTSIDE || !pg_exec(st, pg_own(what)->sql, NULL, NULL))
		return false;
	*in = st->generation;
	st->version++;
	return true;
}

static void keep_text(struct pg_store *st, const char *text)
{
	if (st->heard.len > HEARD_MAX) {
		buf_reset(&st->heard);
		st->heard_at = 0;
		st->version++;
	}
	buf_add(&st->heard, text, strlen(text) + 1);
}

/* What this connection committed itself is no news to it. */
static void take(struct pg_store *st)
{
	PGnotify *note;

	if (!PQconsumeInput(st->conn))
		return;
	while ((note = PQnotifies(st->conn)) != NULL) {
		if (strncmp(note->relname, "balie_tell_", 11) == 0)
			keep_text(st, note->extra);
		else if (note->be_pid != PQbackendPID(st->conn))
			st->version++;
		PQfreemem(note);
	}
}

bool pg_tell(struct store *base, const char *text, struct err *err)
{
	struct pg_query *q = &pg_of(base)->tell;

	store_bind_text(&q->base, 1, text);
	return store_run(&q->base, err);
}

bool pg_hear(struct store *base, struct buf *ret)
{
	struct pg_store *st = pg_of(base);
	const char *text;

	if (st->heard_at == st->heard.len) {
		buf_reset(&st->heard);
		st->heard_at = 0;
		if (listen(st, SERVER_SQL_LISTEN_TELL, &st->hears_texts))
			take(st);
	}
	if (st->heard_at == st->heard.len)
		return false;
	text = st->heard.data + st->heard_at;
	buf_add_str(ret, text);
	st->heard_at += strlen(text) + 1;
	return true;
}

int64_t pg_data_version(struct store *base)
{
	struct pg_store *st = pg_of(base);

	if (listen(st, SERVER_SQL_LISTEN_COMMIT, &st->hears_commits))
		take(st);
	return st->version;
}
