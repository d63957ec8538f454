/* Messages from the server: those of a batch are fetched, looked at, taken in, and told. */
#include <stdlib.h>
#include <string.h>
#include "mail_parse.h"
#include "mailbox.h"

#define BATCH_BYTES (16 * 1024 * 1024)
#define HEAD_BYTES (1024 * 1024) /* of a message that is too large: as much is taken in */
#define STUCK_MAX 3
#define LIES_MAX 5

void mailbox_batch_clear(struct mailbox_batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->messages[i].raw);
	b->count = 0;
	b->bytes = 0;
}

static void keep_body(void *user, uint32_t uid, enum imap_body_state state, const void *raw,
		      size_t len)
{
	struct mailbox_batch *b = user;

	for (size_t i = 0; i < b->count; i++) {
		struct mailbox_message *m = &b->messages[i];

		if (m->uid != uid)
			continue;
		if (state == IMAP_BODY_TOO_LARGE) {
			m->too_large = true;
			continue;
		}
		/* Two messages under one UID: neither is believed. */
		if (m->came && (m->len != len || memcmp(m->raw, raw, len) != 0))
			m->doubtful = true;
		free(m->raw);
		m->raw = xcalloc(1, len + 1);
		memcpy(m->raw, raw, len);
		m->len = len;
		m->came = true;
	}
}

static bool keep_entry(void *user, const struct imap_entry *e)
{
	struct mailbox_message *m = user;

	if (e->uid == m->uid) {
		m->gone = false;
		m->size = e->size;
		m->date = e->date;
	}
	return true;
}

/* Is it still there? What another deleted before we read it is nobody's any more. */
bool mailbox_look_for(struct mailbox_reader *r, struct mailbox_message *m, struct err *err)
{
	struct mailbox_message now = {.uid = m->uid, .gone = true};

	if (!imap_list(r->imap, m->uid, m->uid, keep_entry, &now, err))
		return false;
	m->gone = now.gone;
	m->size = now.size;
	m->date = now.date;
	return true;
}

/* One alone, again; limit: only its beginning. A refusal is no failure: it did not come. */
static bool fetch_alone(struct mailbox_reader *r, struct mailbox_batch *b, size_t i, size_t limit,
			struct err *err)
{
	struct err own = {0};

	b->messages[i].came = b->messages[i].doubtful = false;
	if (imap_fetch(r->imap, &b->messages[i].uid, 1, limit, keep_body, b, &own) ||
	    own.kind == ERR_DENIED)
		return true;
	*err = own;
	return false;
}

/* What came is looked at: is it there, is it whole? */
static bool settle_one(struct mailbox_reader *r, struct mailbox_batch *b, size_t i, bool refused,
		       struct err *err)
{
	struct mailbox_message *m = &b->messages[i];

	if (m->old)
		return true;
	if (m->doubtful && !fetch_alone(r, b, i, 0, err))
		return false;
	if (m->doubtful)
		m->came = false;
	if (!m->came && !m->too_large && refused && b->count > 1 && !fetch_alone(r, b, i, 0, err))
		return false;
	if (m->too_large)
		return fetch_alone(r, b, i, HEAD_BYTES, err);
	if (!m->came)
		return mailbox_look_for(r, m, err);
	/* Some servers count wrongly, and some cut: the same twice is what there is. */
	if (m->size > 0 && (int64_t)m->len != m->size && r->lies < LIES_MAX) {
		size_t before = m->len;

		if (!fetch_alone(r, b, i, 0, err))
			return false;
		if (m->came && m->len == before && (int64_t)m->len != m->size)
			r->lies++;
		else if (m->came && (int64_t)m->len != m->size)
			m->came = false;
	}
	return true;
}

static bool fetch_all(struct mailbox_reader *r, struct mailbox_batch *b, struct err *err)
{
	struct err own = {0};
	uint32_t uids[MAILBOX_BATCH];
	size_t n = 0;
	bool refused = false;

	for (size_t i = 0; i < b->count; i++) {
		struct mailbox_message *m = &b->messages[i];

		m->too_large = m->size > MAIL_BYTES_MAX;
		if (!m->too_large && !m->old)
			uids[n++] = m->uid;
	}
	if (n > 0 && !imap_fetch(r->imap, uids, n, 0, keep_body, b, &own)) {
		if (own.kind != ERR_DENIED) {
			*err = own;
			return false;
		}
		refused = true;
	}
	for (size_t i = 0; i < b->count; i++)
		if (!settle_one(r, b, i, refused, err))
			return false;
	return true;
}

/* The connection broke. What came before that is taken in; and one at which it always breaks waits, so that
 * it stops no other. */
static void save_batch(struct mailbox_reader *r, struct mailbox_batch *b)
{
	size_t whole = 0;

	while (whole < b->count && !b->messages[whole].doubtful &&
	       (b->messages[whole].came || b->messages[whole].old) &&
	       !b->messages[whole].too_large &&
	       (b->messages[whole].size == 0 ||
		(int64_t)b->messages[whole].len == b->messages[whole].size ||
		b->messages[whole].old))
		whole++;
	if (whole == 0 && b->count > 0) {
		uint32_t uid = b->messages[0].uid;

		r->stuck = r->stuck_uid == uid ? r->stuck + 1 : 1;
		r->stuck_uid = uid;
		if (r->stuck >= STUCK_MAX) {
			b->messages[0].came = false;
			whole = 1;
			r->stuck = 0;
			r->stated = false;
		}
	}
	mailbox_take(r, b->messages, whole, NULL);
	mailbox_batch_clear(b);
}

/* Fetches what is in the batch, takes it in, and tells the server. The batch is empty after. */
bool mailbox_batch_do(struct mailbox_reader *r, struct mailbox_batch *b, struct err *err)
{
	uint32_t uids[MAILBOX_BATCH];
	size_t n = 0;

	if (b->count == 0)
		return true;
	if (!fetch_all(r, b, err)) {
		if (err->kind != ERR_BUSY)
			save_batch(r, b);
		mailbox_batch_clear(b);
		return false;
	}
	if (!mailbox_take(r, b->messages, b->count, err)) {
		mailbox_batch_clear(b);
		return false;
	}
	r->stuck = 0;
	for (size_t i = 0; i < b->count; i++) {
		const struct mailbox_message *m = &b->messages[i];

		if (m->came && !m->too_large)
			uids[n++] = m->uid;
		else if (!m->old && !m->gone)
			r->stated = false;
		r->stated = r->stated && !m->again;
	}
	mailbox_batch_clear(b);
	return r->config->done == DONE_LEAVE || mailbox_tell(r, uids, n, err);
}

bool mailbox_batch_add(struct mailbox_reader *r, struct mailbox_batch *b,
		       const struct imap_entry *e, bool again, struct err *err)
{
	size_t most = r->stuck > 0 ? 1 : MAILBOX_BATCH;

	if (b->count > 0 && (b->count >= most || b->bytes + e->size > BATCH_BYTES) &&
	    !mailbox_batch_do(r, b, err))
		return false;
	b->messages[b->count++] = (struct mailbox_message){
		.uid = e->uid,
		.size = e->size,
		.date = e->date,
		.again = again,
		.old = !again && r->place.generation > 0 && e->date != 0 &&
		       e->date < r->place.since,
	};
	b->bytes += e->size;
	return true;
}
