/* The feed: what changed on the reader's desk since a cursor; waits when asked to. */
#include "../routes.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "balie/clock.h"
#include "central_sql.h"

#define LIMIT_DEFAULT 500
#define WAIT_MAX 55	 /* seconds: proxies cut at 60 */
#define PAGES_AT_ONCE 20 /* without anything for this reader, before he gets an empty page */

/* What the reader may know of a ticket. */
struct sight {
	const char *ticket_id;
	bool sees, desk;
};
struct feed_row {
	struct change change;
	const char *team_before;
	bool gone; /* the journal says that it is removed */
	bool last; /* the last row of its record in this page */
};
struct page {
	struct request *rq;
	struct town *town;
	struct feed_row rows[PAGE_MAX];
	size_t count;
	size_t limit;
	struct sight sights[PAGE_MAX];
	size_t sight_count;
	struct buf *out;
	size_t written;
	int64_t now;
};

static bool read_rows(struct page *p, int64_t after, struct err *err)
{
	struct store_query *q = store_query(p->town->store, CENTRAL_SQL_JOURNAL_AFTER);
	enum store_step step;

	p->count = 0;
	store_bind_int(q, 1, after);
	store_bind_int(q, 2, (int64_t)p->limit);
	while ((step = store_step(q, err)) == STORE_ROW && p->count < p->limit) {
		struct feed_row *row = &p->rows[p->count++];

		memset(row, 0, sizeof(*row));
		store_column_fields(q, 0, change_fields, change_field_count, &row->change,
				    &p->rq->arena);
		row->gone = strcmp(store_column_text(q, 11), "gone") == 0;
		row->team_before = arena_strdup(&p->rq->arena, store_column_text(q, 12));
	}
	store_done(q);
	return step != STORE_FAILED;
}

static int by_record(const void *a, const void *b)
{
	const struct feed_row *x = *(const struct feed_row *const *)a;
	const struct feed_row *y = *(const struct feed_row *const *)b;
	int d = x->change.type - y->change.type;

	if (d == 0)
		d = strcmp(x->change.record_id, y->change.record_id);
	return d ? d : (x->change.seq > y->change.seq) - (x->change.seq < y->change.seq);
}

/* The record travels once a page, with its last row. */
static void mark_last(struct page *p)
{
	static _Thread_local const struct feed_row *order[PAGE_MAX];
	size_t i;

	for (i = 0; i < p->count; i++)
		order[i] = &p->rows[i];
	qsort(order, p->count, sizeof(order[0]), by_record);
	for (i = 0; i < p->count; i++) {
		const struct change *next = i + 1 < p->count ? &order[i + 1]->change : NULL;

		p->rows[order[i] - p->rows].last =
			!next || next->type != order[i]->change.type ||
			strcmp(next->record_id, order[i]->change.record_id) != 0;
	}
}

/* Reads a record; that there is none is no error. Whatever else goes wrong fails the page: its cursor
 * would lead the reader past what was not read. */
static bool read_one(struct page *p, enum record_kind kind, const char *id, const char *reader_id,
		     void *ret, bool *ret_there, struct err *err)
{
	*ret_there = town_read(p->town, kind, id, reader_id, ret, &p->rq->arena, err);
	if (*ret_there)
		return true;
	if (err->kind != ERR_NOT_FOUND)
		return false;
	*err = (struct err){0};
	return true;
}

/* NULL when it cannot be read. */
static const struct sight *look(struct page *p, const char *ticket_id, struct ticket *ret,
				struct err *err)
{
	struct sight *s;
	bool there;
	size_t i;

	for (i = p->sight_count; !ret && i > 0; i--)
		if (strcmp(p->sights[i - 1].ticket_id, ticket_id) == 0)
			return &p->sights[i - 1];
	struct ticket own = {0};

	if (!ret)
		ret = &own;
	if (!read_one(p, RECORD_TICKET, ticket_id, p->rq->agent_id, ret, &there, err))
		return NULL;
	s = &p->sights[p->sight_count < PAGE_MAX ? p->sight_count++ : PAGE_MAX - 1];
	s->ticket_id = ticket_id;
	s->sees = s->desk = false;
	s->sees = there && sees(&p->rq->viewer, ret);
	if (there &&
	    !ticket_on_desk(p->town, &p->rq->viewer, ret, p->now, &s->desk, &p->rq->arena, err))
		return NULL;
	return s;
}

/* op and record of a row; history for who sees the ticket. */
static void put_row(struct page *p, const struct feed_row *row, bool put, bool history,
		    const void *record)
{
	const struct change *c = &row->change;
	struct buf *b = p->out;

	buf_printf(
		b,
		"%s{\"seq\":\"%lld\",\"type\":\"%s\",\"id\":\"%s\",\"version\":%lld,\"op\":\"%s\"",
		p->written++ ? "," : "", (long long)c->seq, record_types[c->type].name,
		c->record_id, (long long)c->version, put ? "put" : "gone");
	if (put && record) {
		buf_add_str(b, ",\"record\":");
		wire_put_record(b, c->type, record);
	}
	if (history)
		history_put(b, c);
	buf_add_char(b, '}');
}

/* Following is the follower's own affair. */
static bool others_follow(struct page *p, const struct change *c)
{
	return (strcmp(c->action, "follow") == 0 || strcmp(c->action, "unfollow") == 0) &&
	       (!c->agent_id || strcmp(c->agent_id, p->rq->agent_id) != 0);
}

static bool put_ticket(struct page *p, const struct feed_row *row, struct err *err)
{
	struct ticket ticket = {0};
	const struct sight *s = look(p, row->change.record_id, row->last ? &ticket : NULL, err);
	bool had;

	if (!s)
		return false;
	if (s->desk && !others_follow(p, &row->change)) {
		put_row(p, row, true, true, row->last ? &ticket : NULL);
		return true;
	}
	if (s->desk && row->last) {
		/* Another row of this record may have counted on this one to bring it. */
		put_row(p, row, true, false, &ticket);
		return true;
	}
	/* Who never saw it is not told that it is there. */
	had = s->sees || (row->team_before && strcmp(row->team_before, p->rq->team_id) == 0);
	if (!s->desk && had && row->last)
		put_row(p, row, false, false, NULL);
	return true;
}

static bool put_child(struct page *p, const struct feed_row *row, struct err *err)
{
	union {
		struct message message;
		struct note note;
		struct contact contact;
	} record;
	const struct change *c = &row->change;
	const struct sight *s = look(p, c->ticket_id, NULL, err);
	bool there = false;

	if (!s)
		return false;
	if (!s->desk)
		return true;
	memset(&record, 0, sizeof(record));
	if (row->last && !row->gone &&
	    !read_one(p, c->type, c->record_id, p->rq->agent_id, &record, &there, err))
		return false;
	if (row->last && !there)
		put_row(p, row, false, true, NULL);
	else
		put_row(p, row, true, true, there ? &record : NULL);
	return true;
}

/* A contact made before its ticket was known: by the message that came of it. */
static bool find_contact_ticket(struct page *p, struct change *c, struct err *err)
{
	struct store_query *q;
	enum store_step step;

	if (c->ticket_id)
		return true;
	q = store_query(p->town->store, CENTRAL_SQL_CONTACT_TICKET);
	store_bind_text(q, 1, c->record_id);
	step = store_step(q, err);
	if (step == STORE_ROW)
		c->ticket_id = arena_strdup(&p->rq->arena, store_column_text(q, 0));
	store_done(q);
	return step != STORE_FAILED;
}

static bool put_contact(struct page *p, struct feed_row *row, struct err *err)
{
	if (!sees_contacts(&p->rq->viewer))
		return true;
	return find_contact_ticket(p, &row->change, err) &&
	       (!row->change.ticket_id || put_child(p, row, err));
}

static bool put_reference(struct page *p, const struct feed_row *row, struct err *err)
{
	union {
		struct team team;
		struct agent agent;
		struct topic topic;
		struct template template;
		struct mailbox mailbox;
		struct party party;
	} record;
	const struct change *c = &row->change;
	bool here = true, there;

	if (!row->last)
		return true;
	if (c->type == RECORD_PARTY &&
	    !party_on_desk(p->town, &p->rq->viewer, c->record_id, p->now, &here, err))
		return false;
	if (!here)
		return true;
	memset(&record, 0, sizeof(record));
	if (!read_one(p, c->type, c->record_id, NULL, &record, &there, err))
		return false;
	put_row(p, row, there, false, there ? &record : NULL);
	return true;
}

static bool put_any(struct page *p, struct feed_row *row, struct err *err)
{
	switch ((enum record_kind)row->change.type) {
	case RECORD_TICKET:
		return put_ticket(p, row, err);
	case RECORD_MESSAGE:
	case RECORD_NOTE:
		return put_child(p, row, err);
	case RECORD_CONTACT:
		return put_contact(p, row, err);
	case RECORD_TEAM:
	case RECORD_AGENT:
	case RECORD_TOPIC:
	case RECORD_TEMPLATE:
	case RECORD_MAILBOX:
	case RECORD_PARTY:
		return put_reference(p, row, err);
	}
	return true;
}

/* One snapshot of the town: pages from *position on until something is for this reader. On failure
 * *position stays where it was. */
static bool make_page(struct page *p, int64_t *position, bool *more, struct err *err)
{
	int64_t at = *position;
	int pages = 0;
	size_t i;

	if (!store_begin_read(p->town->store, err))
		return false;
	do {
		p->sight_count = 0;
		if (!read_rows(p, at, err))
			goto fail;
		mark_last(p);
		for (i = 0; i < p->count; i++)
			if (!put_any(p, &p->rows[i], err))
				goto fail;
		if (p->count)
			at = p->rows[p->count - 1].change.seq;
		*more = p->count == p->limit;
	} while (*more && p->written == 0 && ++pages < PAGES_AT_ONCE);
	/* It tells of a connection that was lost on the way, whatever the reads made of that. */
	if (!store_commit(p->town->store, err))
		goto fail;
	*position = at;
	return true;
fail:
	store_rollback(p->town->store);
	return false;
}

/* The cursor asked for; false after an answer. */
static bool begin(struct request *rq, struct town *town)
{
	const char *after = param_text(rq, "after");
	int64_t last;
	int64_t wait = 0;
	struct err err = {0};

	if (!after) {
		answer_problem(rq, PROBLEM_BAD_REQUEST, "after is missing: take a cursor first",
			       "after ontbreekt: haal eerst een cursor op");
		return false;
	}
	if (!param_number(rq, "wait", 0, WAIT_MAX, &wait))
		return false;
	if (!town_last_seq(town, &last, &err)) {
		answer_err(rq, &err);
		return false;
	}
	switch (cursor_read(rq->service, &rq->viewer, after, &rq->position)) {
	case CURSOR_BAD:
		answer_problem(rq, PROBLEM_BAD_REQUEST, "after is not a cursor of this service",
			       "after is geen cursor van deze dienst");
		return false;
	case CURSOR_GONE:
		answer_problem(rq, PROBLEM_GONE_CURSOR, NULL, NULL);
		return false;
	case CURSOR_OK:
		break;
	}
	if (rq->position > last || last - rq->position > rq->service->settings->lag) {
		answer_problem(rq, PROBLEM_GONE_CURSOR, NULL, NULL);
		return false;
	}
	rq->wait_until = clock_mono() + wait * 1000;
	return true;
}

static bool wants_stream(struct request *rq)
{
	const char *accept = MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, "Accept");

	return accept && strcasestr(accept, "text/event-stream");
}

void route_changes(struct request *rq)
{
	struct worker *w = worker_get(rq);
	struct page *page;
	int64_t limit = LIMIT_DEFAULT;
	bool more = false;
	char cursor[CURSOR_TEXT];
	struct err err = {0};

	if (rq->turn == 0 && wants_stream(rq)) {
		bell_stream(rq->service->bell, rq);
		return;
	}
	if (!param_number(rq, "limit", 1, PAGE_MAX, &limit) ||
	    (rq->turn == 0 && !begin(rq, &w->town)))
		return;
	if (!w->page)
		w->page = xcalloc(1, sizeof(struct page));
	page = w->page;
	do {
		page->rq = rq;
		page->town = &w->town;
		page->limit = (size_t)limit;
		page->out = &w->out;
		page->written = 0;
		page->now = clock_now();
		buf_reset(&w->out);
		buf_add_str(&w->out, "{\"changes\":[");
		if (!make_page(page, &rq->position, &more, &err)) {
			answer_err(rq, &err);
			return;
		}
		if (page->written == 0 && !more && bell_wait(rq->service->bell, rq))
			return;
		/* Not waiting: there is something, or time is up, or more came in meanwhile. */
	} while (page->written == 0 && !more && clock_mono() < rq->wait_until &&
		 !atomic_load(&rq->service->stopping));
	buf_printf(&w->out, "],\"next\":\"%s\",\"more\":%s}",
		   cursor_make(rq->service, &rq->viewer, rq->position, cursor),
		   more ? "true" : "false");
	answer_json(rq, MHD_HTTP_OK, &w->out);
}

void route_snapshot(struct request *rq)
{
	struct worker *w = worker_get(rq);
	char cursor[CURSOR_TEXT];
	int64_t last;
	struct err err = {0};

	if (!town_last_seq(&w->town, &last, &err)) {
		answer_err(rq, &err);
		return;
	}
	buf_reset(&w->out);
	buf_printf(&w->out, "{\"cursor\":\"%s\"}",
		   cursor_make(rq->service, &rq->viewer, last, cursor));
	answer_json(rq, MHD_HTTP_OK, &w->out);
}
