/* PostgreSQL: hearing what other services did and say, by LISTEN and NOTIFY. */
#include <string.h>
#include "postgres.h"
#include "server_sql.h"

/* A connection that was made anew has heard nothing in between: then all may have changed. */
static bool listen(struct pg_store *st)
{
	if (!pg_ready(st, NULL))
		return false;
	if (st->listens == st->generation)
		return true;
	if (!pg_exec(st, pg_own(SERVER_SQL_LISTEN_COMMIT)->sql, NULL, NULL) ||
	    !pg_exec(st, pg_own(SERVER_SQL_LISTEN_TELL)->sql, NULL, NULL))
		return false;
	st->listens = st->generation;
	st->version++;
	return true;
}

static void take(struct pg_store *st)
{
	PGnotify *note;

	if (!listen(st))
		return;
	if (!PQconsumeInput(st->conn))
		return;
	while ((note = PQnotifies(st->conn)) != NULL) {
		if (strcmp(note->relname, "balie_tell") == 0)
			buf_add(&st->heard, note->extra, strlen(note->extra) + 1);
		else
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
	take(pg_of(base));
	return pg_of(base)->version;
}
