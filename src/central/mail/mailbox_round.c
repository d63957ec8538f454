/* One look at a mailbox. Every step may break off; what was committed stands in the town, and the next
 * round goes on from there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "central_sql.h"
#include "mailbox.h"

#define SLICE 20000 /* UIDs listed at once */
#define UNTOLD_MAX 200
#define CHANGES_MAX 3
#define SINCE_MARGIN_MS (10 * 60000) /* clocks of two machines */
#define STATED_MS 60000
#define TELL_FIRST_MS 5000
#define TELL_MOST_MS (10 * 60000)
#define DONE_FLAGS "\\Seen"
#define DONE_KEYWORD "\\Seen $Balie"

/* ---- the town ---- */

struct write_job {
	struct job job;
	struct mailbox_reader *r;
	mailbox_write_fn *fn;
	void *user;
};

static bool run_write(struct town *t, struct job *job)
{
	struct write_job *w = (struct write_job *)job;
	bool held = false;

	if (!lease_check(w->r->service->leases, t, LEASE_MAIL, &held, &job->err))
		return false;
	if (!held) {
		err_set(&job->err, ERR_BUSY, _("another service reads the mail"));
		return false;
	}
	return w->fn(t, w->r, w->user, &job->err);
}

bool mailbox_write(struct mailbox_reader *r, mailbox_write_fn *fn, void *user, struct err *err)
{
	struct write_job w = {.r = r, .fn = fn, .user = user};

	w.job.run = run_write;
	if (writer_run(r->service->writer, &w.job))
		return true;
	r->place.known = false;
	if (err != NULL) {
		*err = w.job.err;
		if (err->kind == ERR_NONE)
			err_set(err, ERR_BUSY, _("too much waits to be written"));
	}
	return false;
}

/* ---- where we are ---- */

struct look {
	struct imap_folder folder;
	uint32_t last_uid; /* of the ledger; 0: none */
	char last_sha256[HASH_TEXT];
	bool other; /* by that UID there is another message now */
	uint32_t due[MAILBOX_BATCH], untold[UNTOLD_MAX];
	size_t due_count, untold_count;
};

static bool set_up(struct town *t, struct mailbox_reader *r, const struct imap_folder *f,
		   struct err *err)
{
	int64_t now = clock_now();
	bool all = r->config->take_existing;

	r->place = (struct mailbox_place){
		.known = true,
		.uidvalidity = f->uidvalidity,
		.uid_next = all ? 1 : f->uid_next,
		.since = all ? 0 : now - SINCE_MARGIN_MS,
		.seen_at = now,
	};
	log_line(LOG_LEVEL_INFO, "mailbox %s: read for the first time, %lld messages are %s",
		 r->config->name, (long long)f->exists, all ? "taken in" : "left");
	return mailbox_place_put(t, r->config->name, &r->place, err);
}

/* The UIDs mean something else than they did: everything is looked at again, and known by its bytes. */
static bool change_validity(struct town *t, struct mailbox_reader *r, const struct imap_folder *f,
			    struct err *err)
{
	log_line(LOG_LEVEL_WARN, "mailbox %s: the server counts anew (UIDVALIDITY %lld, was %lld)",
		 r->config->name, (long long)f->uidvalidity, (long long)r->place.uidvalidity);
	r->changes++;
	r->place.generation++;
	r->place.uidvalidity = f->uidvalidity;
	r->place.uid_next = 1;
	return mailbox_forget_uids(t, r->config->name, mailbox_validity(&r->place), err) &&
	       mailbox_place_put(t, r->config->name, &r->place, err);
}

/* What was to be told by an older configuration need not be any more. */
static bool tell_none(struct town *t, const char *name, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_LEDGER_TOLD_ALL);

	store_bind_text(q, 1, name);
	return store_run(q, err);
}

static bool next_retry(struct town *t, struct mailbox_reader *r, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_MAILBOX_RETRY_COUNT);
	enum store_step step;

	store_bind_text(q, 1, r->config->name);
	step = store_step(q, err);
	r->retry_at = step == STORE_ROW && !store_column_null(q, 1) ? store_column_int(q, 1) : 0;
	store_done(q);
	return step != STORE_FAILED;
}

/* The last that was met under this validity. */
static bool find_last(struct town *t, struct mailbox_reader *r, struct look *l, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_LEDGER_LAST);
	enum store_step step;

	l->last_uid = 0;
	store_bind_text(q, 1, r->config->name);
	store_bind_int(q, 2, mailbox_validity(&r->place));
	step = store_step(q, err);
	if (step == STORE_ROW) {
		l->last_uid = (uint32_t)store_column_int(q, 0);
		snprintf(l->last_sha256, sizeof(l->last_sha256), "%s", store_column_text(q, 1));
	}
	store_done(q);
	return step != STORE_FAILED;
}

static bool look(struct town *t, struct mailbox_reader *r, void *user, struct err *err)
{
	struct look *l = user;
	const struct imap_folder *f = &l->folder;
	const char *name = r->config->name;
	bool fresh = !r->place.known;
	int64_t validity;

	if (fresh && !mailbox_place_get(t, name, &r->place, err))
		return false;
	if (!r->place.known && !set_up(t, r, f, err))
		return false;
	if ((r->place.uidvalidity != f->uidvalidity || l->other ||
	     (f->uid_next != 0 && f->uid_next < r->place.uid_next && r->changes < CHANGES_MAX)) &&
	    !change_validity(t, r, f, err))
		return false;
	if (fresh && r->config->done == DONE_LEAVE && !tell_none(t, name, err))
		return false;
	validity = mailbox_validity(&r->place);
	return (!fresh || find_last(t, r, l, err)) && next_retry(t, r, err) &&
	       mailbox_uids(t, CENTRAL_SQL_MAILBOX_RETRY_DUE, name, validity, clock_now(),
			    MAILBOX_BATCH, l->due, MAILBOX_BATCH, &l->due_count, err) &&
	       mailbox_uids(t, CENTRAL_SQL_LEDGER_UNTOLD, name, validity, UNTOLD_MAX, -1, l->untold,
			    UNTOLD_MAX, &l->untold_count, err);
}

static bool keep_highest(void *user, const struct imap_entry *e)
{
	int64_t *next = user;

	if (e->uid >= *next)
		*next = (int64_t)e->uid + 1;
	return true;
}

static void compare_last(void *user, uint32_t uid, enum imap_body_state state, const void *raw,
			 size_t len)
{
	struct look *l = user;
	char sha256[HASH_TEXT];

	if (uid != l->last_uid || state != IMAP_BODY_WHOLE)
		return;
	hash_hex(raw, len, sha256);
	l->other = strcmp(sha256, l->last_sha256) != 0;
}

/* At the beginning of a session: a mailbox that was made anew may count as far again as the old one. */
static bool meet_last(struct mailbox_reader *r, struct look *l, struct err *err)
{
	uint32_t uid = l->last_uid;
	struct err own = {0};

	if (!imap_fetch(r->imap, &uid, 1, 0, compare_last, l, &own) && own.kind != ERR_DENIED) {
		*err = own;
		return false;
	}
	l->last_uid = 0;
	if (l->other && !mailbox_write(r, look, l, err))
		return false;
	l->other = false;
	return true;
}

/* Once a session: what it says of the UIDs holds as long as it lasts (RFC 3501, 2.3.1.1), and in a large
 * mailbox it is dear. */
static bool select_folder(struct mailbox_reader *r, struct look *l, struct err *err)
{
	bool leave = r->config->done == DONE_LEAVE;
	int64_t next = 1;

	if (r->selected.uidvalidity != 0) {
		l->folder = r->selected;
		l->folder.uid_next = 0;
		return imap_can(r->imap) & IMAP_CAN_IDLE || imap_noop(r->imap, err);
	}
	if (!imap_select(r->imap, r->folder, leave, &l->folder, err))
		return false;
	r->keywords = l->folder.keywords;
	/* A server that does not say where it is, is asked once for all. */
	if (l->folder.uid_next == 0 && !r->place.known) {
		if (!imap_list(r->imap, 1, 0, keep_highest, &next, err))
			return false;
		l->folder.uid_next = next;
	}
	r->selected = l->folder;
	return true;
}

static bool open_folder(struct mailbox_reader *r, struct look *l, struct err *err)
{
	return select_folder(r, l, err) && mailbox_write(r, look, l, err) &&
	       (l->last_uid == 0 || meet_last(r, l, err));
}

/* ---- telling the server ---- */

struct told {
	const uint32_t *uids;
	size_t count;
};

static bool write_told(struct town *t, struct mailbox_reader *r, void *user, struct err *err)
{
	const struct told *told = user;

	for (size_t i = 0; i < told->count; i++)
		if (!mailbox_told(t, r->config->name, mailbox_validity(&r->place), told->uids[i],
				  err))
			return false;
	return true;
}

static bool act(struct mailbox_reader *r, const uint32_t *uids, size_t count, struct err *err)
{
	const struct mailbox_config *c = r->config;
	bool can = imap_can(r->imap) & (IMAP_CAN_MOVE | IMAP_CAN_UIDPLUS);

	if (c->done != DONE_MOVE || !can)
		return imap_flag(r->imap, uids, count, r->keywords ? DONE_KEYWORD : DONE_FLAGS,
				 err);
	if (imap_move(r->imap, uids, count, c->done_folder, err))
		return true;
	if (err->kind != ERR_DENIED || (r->made_folder && strstr(err->text, "TRYCREATE") == NULL))
		return false;
	r->made_folder = true;
	return imap_create_folder(r->imap, c->done_folder, err) &&
	       imap_move(r->imap, uids, count, c->done_folder, err);
}

static void note_refusal(struct mailbox_reader *r, const struct err *err)
{
	if (r->refusal[0] == '\0')
		log_line(LOG_LEVEL_WARN, "mailbox %s: %s", r->config->name, err->text);
	snprintf(r->refusal, sizeof(r->refusal), "%.190s", err->text);
	r->stated = false;
	r->tell_ms = r->tell_ms > 0 ? r->tell_ms * 2 : TELL_FIRST_MS;
	if (r->tell_ms > TELL_MOST_MS)
		r->tell_ms = TELL_MOST_MS;
	r->tell_at = clock_mono() + mailbox_limit(r->tell_ms);
}

/* Tells what became of these. Refused, it is tried again later: they are in the ledger. */
bool mailbox_tell(struct mailbox_reader *r, const uint32_t *uids, size_t count, struct err *err)
{
	struct told told = {uids, count};
	struct err own = {0};

	if (count == 0)
		return true;
	r->untold = true;
	if (clock_mono() < r->tell_at)
		return true;
	if (act(r, uids, count, &own)) {
		r->untold = false;
		r->stated = r->stated && r->refusal[0] == '\0';
		r->refusal[0] = '\0';
		r->tell_ms = 0;
		return mailbox_write(r, write_told, &told, err);
	}
	if (own.kind != ERR_DENIED) {
		*err = own;
		return false;
	}
	/* One that is refused holds up no other. */
	for (size_t i = 0; i < count && count > 1; i++) {
		told = (struct told){uids + i, 1};
		if (act(r, uids + i, 1, &own)) {
			if (!mailbox_write(r, write_told, &told, err))
				return false;
		} else if (own.kind != ERR_DENIED) {
			*err = own;
			return false;
		}
	}
	note_refusal(r, &own);
	return true;
}

/* ---- what is new ---- */

struct list {
	struct imap_entry *entries;
	size_t count, cap;
};

static bool add_entry(void *user, const struct imap_entry *e)
{
	struct list *l = user;

	if (l->count == l->cap) {
		l->cap = l->cap > 0 ? l->cap * 2 : 64;
		l->entries = xrealloc(l->entries, l->cap * sizeof(*l->entries));
	}
	l->entries[l->count++] = *e;
	return true;
}

static int by_uid(const void *a, const void *b)
{
	uint32_t x = ((const struct imap_entry *)a)->uid, y = ((const struct imap_entry *)b)->uid;

	return x < y ? -1 : x > y;
}

static bool take_list(struct mailbox_reader *r, struct list *l, bool again, struct err *err)
{
	struct mailbox_batch *b = xcalloc(1, sizeof(*b));
	bool ok = true;

	if (l->count > 1)
		qsort(l->entries, l->count, sizeof(*l->entries), by_uid);
	for (size_t i = 0; i < l->count && ok; i++)
		if (i == 0 || l->entries[i].uid != l->entries[i - 1].uid)
			ok = mailbox_batch_add(r, b, &l->entries[i], again, err);
	ok = ok && mailbox_batch_do(r, b, err);
	mailbox_batch_clear(b);
	free(b);
	return ok;
}

/* In slices of UIDs, since a mailbox may hold very many; wider ones where there are none. */
static bool take_new(struct mailbox_reader *r, const struct imap_folder *f, struct err *err)
{
	int64_t from = r->place.uid_next, step = SLICE;
	bool ok = true, last = false;

	while (ok && !last && from <= UINT32_MAX) {
		struct list l = {0};

		last = from + step >= f->uid_next;
		ok = imap_list(r->imap, (uint32_t)from, last ? 0 : (uint32_t)(from + step - 1),
			       add_entry, &l, err) &&
		     take_list(r, &l, false, err);
		from += step;
		step = l.count < SLICE / 4 ? step * 4 : l.count > SLICE ? step / 2 : step;
		free(l.entries);
	}
	return ok;
}

static bool take_due(struct mailbox_reader *r, const uint32_t *uids, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct mailbox_message m = {.uid = uids[i], .again = true};
		struct imap_entry e = {.uid = uids[i]};
		struct list l = {&e, 1, 1};

		if (!mailbox_look_for(r, &m, err))
			return false;
		e.size = m.size;
		e.date = m.date;
		r->stated = false;
		if (!(m.gone ? mailbox_take(r, &m, 1, err) : take_list(r, &l, true, err)))
			return false;
	}
	return true;
}

/* ---- all of it ---- */

static bool write_state(struct town *t, struct mailbox_reader *r, void *user, struct err *err)
{
	char reason[220] = "";
	struct arena a = {0};
	bool ok;

	(void)user;
	if (r->refusal[0] != '\0')
		snprintf(reason, sizeof(reason), "refused %s", r->refusal);
	r->place.seen_at = clock_now();
	ok = next_retry(t, r, err) &&
	     mailbox_state_put(t, r->config->name, reason[0] != '\0' ? reason : NULL, clock_now(),
			       &a, err) &&
	     mailbox_place_put(t, r->config->name, &r->place, err);
	arena_finish(&a);
	return ok;
}

/* What an earlier run, or a refusal, left: some at a time, as long as the server takes it. */
static bool tell_rest(struct mailbox_reader *r, struct look *l, struct err *err)
{
	for (;;) {
		if (!mailbox_tell(r, l->untold, l->untold_count, err))
			return false;
		if (l->untold_count < UNTOLD_MAX || r->untold)
			return true;
		if (!mailbox_write(r, look, l, err))
			return false;
	}
}

bool mailbox_round(struct mailbox_reader *r, struct err *err)
{
	struct look l = {0};

	if (!open_folder(r, &l, err) || !tell_rest(r, &l, err) ||
	    !take_due(r, l.due, l.due_count, err) || !take_new(r, &l.folder, err))
		return false;
	if (r->stated && clock_mono() - r->stated_at < STATED_MS)
		return true;
	if (!mailbox_write(r, write_state, NULL, err))
		return false;
	r->stated = true;
	r->stated_at = clock_mono();
	return true;
}
