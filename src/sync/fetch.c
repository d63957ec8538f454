/* Everything that comes in: the snapshot, the changes after it, timelines. */
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "room.h"

#define BATCH_MS 700 /* commits write many pages of the indexes again: not too often */
#define PREFETCH_MAX 2000
#define ROUNDS_MAX 1000000

/* Ids and cursors come from the service: what does not belong in an address is escaped. */
static void add_escaped(struct buf *url, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    strchr("-._~", c) != NULL)
			buf_add_char(url, *text);
		else
			buf_printf(url, "%%%02X", c);
	}
}

/* ---- full synchronisation ---- */

static struct call *ask_page(struct sync *s, enum record_kind kind, const char *after)
{
	struct buf url = {0};
	struct call *c;

	buf_printf(&url, "/v1/%s?limit=%d", record_types[kind].plural, PAGE);
	if (kind == RECORD_TICKET || kind == RECORD_PARTY)
		buf_add_str(&url, "&desk=1");
	if (after != NULL) {
		buf_add_str(&url, "&after=");
		add_escaped(&url, after);
	}
	c = http_start(&s->http, "GET", url.data, NULL, NULL);
	buf_finish(&url);
	/* The request goes out before we return to the rows of the page before it. */
	http_poll(&s->http, 0);
	return c;
}

/* Commits now and then, so that screens fill while a long synchronisation runs. */
static bool commit_batch(struct sync *s, struct err *err)
{
	if (clock_mono() - s->batch_at < BATCH_MS)
		return true;
	if (!cache_commit(s->cache, err))
		return false;
	sync_tell_changed(s);
	if (s->port != NULL && !send_outbox(s, err))
		return false;
	s->batch_at = clock_mono();
	return cache_begin(s->cache, err);
}

static bool apply_items(struct sync *s, enum record_kind kind, const struct cJSON *items,
			struct err *err)
{
	const struct cJSON *item;
	int n = 0;

	for (item = json_first(items); item != NULL; item = json_next(item)) {
		if (!apply_record(s, kind, item, err))
			return false;
		/* The next page streams in while this one is written. */
		if (++n % 200 == 0) {
			http_poll(&s->http, 0);
			session_attend(s);
		}
	}
	return true;
}

/* All records of a kind; while a page is written the next one is on its way. */
static bool fetch_kind(struct sync *s, enum record_kind kind, struct err *err)
{
	struct call *c = ask_page(s, kind, NULL), *next;
	struct cJSON *json = NULL;
	const char *after;
	bool ok = false;

	for (int round = 0; c != NULL; round++) {
		c = http_patient(&s->http, c, &ok, err);
		if (!ok)
			goto out;
		ok = false;
		if (c->status != 200) {
			answer_error(c, err);
			goto out;
		}
		json = apply_parse(c, err);
		if (json == NULL)
			goto out;
		after = json_text(json, "next");
		next = after != NULL && round < ROUNDS_MAX ? ask_page(s, kind, after) : NULL;
		call_finish(c);
		c = next;
		if (!apply_items(s, kind, json_member(json, "items"), err) || !commit_batch(s, err))
			goto out;
		wire_free(json);
		json = NULL;
	}
	ok = true;
out:
	wire_free(json);
	call_finish(c);
	return ok;
}

static bool fetch_cursor(struct sync *s, char **ret, struct err *err)
{
	bool ok;
	struct call *c = http_do(&s->http, "GET", "/v1/snapshot", NULL, NULL, &ok, err);
	struct cJSON *json = NULL;
	const char *cursor;

	if (ok && c->status != 200) {
		answer_error(c, err);
		ok = false;
	}
	if (ok) {
		json = apply_parse(c, err);
		cursor = json_text(json, "cursor");
		ok = cursor != NULL;
		if (ok)
			*ret = xstrdup(cursor);
		else if (json != NULL)
			err_set(err, ERR_NET, _("the service gives no place to start from"));
	}
	wire_free(json);
	call_finish(c);
	return ok;
}

static bool resync(struct sync *s, struct err *err)
{
	static const enum record_kind kinds[] = {RECORD_TEAM,	  RECORD_AGENT,	  RECORD_TOPIC,
						 RECORD_TEMPLATE, RECORD_MAILBOX, RECORD_PARTY,
						 RECORD_TICKET};
	char *cursor = NULL;
	bool ok = false;

	if (!fetch_cursor(s, &cursor, err))
		return false;
	log_line(LOG_LEVEL_INFO, "a full synchronisation begins");
	s->report.full = true;
	s->batch_at = clock_mono();
	if (!cache_resync_begin(s->cache, err) || !cache_begin(s->cache, err))
		goto out;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!fetch_kind(s, kinds[i], err))
			goto out;
	if (!cache_resync_end(s->cache, err) || !cache_set(s->cache, "cursor", cursor, err) ||
	    !cache_commit(s->cache, err))
		goto out;
	sync_changed(s, WATCH_TICKETS | WATCH_TIMELINE | WATCH_REFERENCE);
	ok = true;
out:
	if (!ok)
		cache_rollback(s->cache);
	free(cursor);
	sync_tell_changed(s);
	return ok;
}

/* ---- the feed ---- */

static bool apply_changes(struct sync *s, const struct cJSON *json, bool *more, struct err *err)
{
	const char *next = json_text(json, "next");
	const struct cJSON *row;
	bool ok = false;

	*more = json_true(json, "more");
	if (next == NULL) {
		err_set(err, ERR_NET, _("the service's answer cannot be read: %s"), "next");
		return false;
	}
	if (!cache_begin(s->cache, err))
		return false;
	for (row = json_first(json_member(json, "changes")); row != NULL; row = json_next(row))
		if (!apply_change_row(s, row, err))
			goto out;
	/* In the same transaction: a row is never applied without the cursor moving past it. */
	ok = cache_set(s->cache, "cursor", next, err) && cache_commit(s->cache, err);
out:
	if (!ok)
		cache_rollback(s->cache);
	return ok;
}

bool fetch_apply_changes(struct sync *s, const struct call *c, bool *more, struct err *err)
{
	struct cJSON *json;
	bool ok;

	*more = false;
	if (c->status != 200) {
		answer_error(c, err);
		return false;
	}
	json = apply_parse(c, err);
	if (json == NULL)
		return false;
	ok = apply_changes(s, json, more, err);
	wire_free(json);
	return ok;
}

/* One page. *gone: the cursor is of no use any more. */
static bool fetch_page(struct sync *s, const char *cursor, bool *more, bool *gone, struct err *err)
{
	struct buf url = {0};
	struct call *c;
	bool ok;

	buf_add_str(&url, "/v1/changes?limit=500&after=");
	add_escaped(&url, cursor);
	c = http_patient(&s->http, http_start(&s->http, "GET", url.data, NULL, NULL), &ok, err);
	if (ok && (c->status == 410 || c->status == 400)) {
		*gone = true;
		*more = false;
	} else if (ok) {
		ok = fetch_apply_changes(s, c, more, err);
	}
	call_finish(c);
	buf_finish(&url);
	return ok;
}

static bool note_time(struct sync *s, struct err *err)
{
	int64_t now = clock_now();
	struct arena a = {0};
	char text[24];
	const char *skew;
	bool ok = true;

	/* Each write here makes the screens look again: not more often than they need. */
	if (s->synced_at != 0 && now - s->synced_at < 20000 && s->changed == 0)
		return true;
	s->synced_at = now;
	snprintf(text, sizeof(text), "%lld", (long long)now);
	ok = cache_set(s->cache, "synced_at", text, err);
	skew = cache_get(s->cache, "skew_ms", &a);
	if (ok && (skew == NULL || llabs(strtoll(skew, NULL, 10) - s->http.skew_ms) > 2000)) {
		snprintf(text, sizeof(text), "%lld", (long long)s->http.skew_ms);
		ok = cache_set(s->cache, "skew_ms", text, err);
	}
	arena_finish(&a);
	return ok;
}

bool fetch_changes(struct sync *s, struct err *err)
{
	bool more = true, gone = false, fresh = false;

	s->bell = false;
	while (more) {
		struct arena a = {0};
		const char *cursor = cache_get(s->cache, "cursor", &a);
		bool ok = true;

		if (cursor == NULL || gone) {
			/* Twice in a row: the service itself does not know what it said. */
			if (fresh) {
				err_set(err, ERR_NET,
					_("the service refuses its own place to start"));
				ok = false;
			}
			gone = false;
			fresh = true;
			ok = ok && resync(s, err);
		} else {
			ok = fetch_page(s, cursor, &more, &gone, err);
			more |= gone;
		}
		arena_finish(&a);
		if (!ok)
			return false;
		sync_tell_changed(s);
	}
	if (s->send_at < 0)
		cache_expect_many(s->cache, false);
	return note_time(s, err);
}

/* ---- timelines ---- */

static bool apply_timeline(struct sync *s, const char *id, const struct cJSON *json,
			   struct err *err)
{
	const struct cJSON *ticket = json_member(json, "ticket");
	const struct cJSON *row;
	int64_t tickets = s->report.fetched[RECORD_TICKET];
	bool ok = false;

	if (!cache_begin(s->cache, err))
		return false;
	if (ticket != NULL && !apply_record(s, RECORD_TICKET, ticket, err))
		goto out;
	for (row = json_first(json_member(json, "merged")); row != NULL; row = json_next(row))
		if (!apply_record(s, RECORD_TICKET, row, err) ||
		    (json_text(row, "id") != NULL &&
		     !cache_set_complete(s->cache, json_text(row, "id"), err)))
			goto out;
	/* They came along; what is reported is how many came. */
	s->report.fetched[RECORD_TICKET] = tickets;
	if (!apply_items(s, RECORD_MESSAGE, json_member(json, "messages"), err) ||
	    !apply_items(s, RECORD_NOTE, json_member(json, "notes"), err))
		goto out;
	for (row = json_first(json_member(json, "changes")); row != NULL; row = json_next(row))
		if (!apply_history(s, row, err))
			goto out;
	ok = cache_set_complete(s->cache, id, err) && cache_commit(s->cache, err);
	sync_changed(s, WATCH_TIMELINE);
out:
	if (!ok)
		cache_rollback(s->cache);
	return ok;
}

bool fetch_timeline(struct sync *s, const char *id, struct err *err)
{
	struct buf url = {0};
	struct cJSON *json = NULL;
	struct call *c;
	bool ok;

	buf_add_str(&url, "/v1/tickets/");
	add_escaped(&url, id);
	buf_add_str(&url, "/timeline");
	c = http_patient(&s->http, http_start(&s->http, "GET", url.data, NULL, NULL), &ok, err);
	if (ok && (c->status == 404 || c->status == 403)) {
		/* Not there yet (its creation waits in the outbox), or no longer ours to see. */
	} else if (ok && c->status != 200) {
		answer_error(c, err);
		ok = false;
	} else if (ok) {
		json = apply_parse(c, err);
		ok = json != NULL && apply_timeline(s, id, json, err);
		s->report.timelines += ok;
	}
	wire_free(json);
	call_finish(c);
	buf_finish(&url);
	sync_tell_changed(s);
	return ok;
}

bool fetch_find_prefetch(struct sync *s, struct err *err)
{
	char(*ids)[37] = xcalloc(PREFETCH_MAX, sizeof(*ids));
	size_t n = 0;
	bool ok = cache_incomplete(s->cache, s->me, s->my_team, ids, PREFETCH_MAX, &n, err);

	s->prefetch.count = 0;
	for (size_t i = 0; ok && i < n; i++)
		wanted_add(&s->prefetch, ids[i]);
	free(ids);
	return ok;
}
