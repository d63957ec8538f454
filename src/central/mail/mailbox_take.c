/* Messages that came, into the town: each with its ledger row, and with the place of the mailbox in
 * the same transaction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "balie/wire.h"
#include "central_sql.h"
#include "mail.h"
#include "mailbox.h"

#define PIECE_MS 200 /* then others may write */

struct taking {
	struct job job;
	struct mailbox_reader *r;
	struct mailbox_message *messages;
	size_t count, at;
	struct mailbox_place place;
	int64_t now;
};

/* Not of the message: the next would fail too. */
static bool is_of_town(struct town *t, const struct err *err)
{
	return !store_in_transaction(t->store) || err->kind == ERR_FULL || err->kind == ERR_IO ||
	       err->kind == ERR_NET || err->kind == ERR_BUSY;
}

static struct mail_source source_for(const struct taking *w, const struct mailbox_message *m)
{
	const struct mailbox_reader *r = w->r;

	return (struct mail_source){
		.mailbox = r->config->name,
		.uidvalidity = mailbox_validity(&w->place),
		.uid = m->uid,
		.team_id = r->team_id[0] != '\0' ? r->team_id : NULL,
		.topic_id = r->topic_id[0] != '\0' ? r->topic_id : NULL,
		.received = m->date,
		/* Of one that did not come whole the server keeps the only copy: it stays. */
		.tell = r->config->done != DONE_LEAVE && !m->too_large,
		.acknowledge = r->config->acknowledge,
		.now = w->now,
	};
}

/* Known under an older validity: only its new UID is kept. */
static bool take_twin(struct town *t, struct taking *w, const struct mailbox_message *m,
		      bool *ret_twin, struct err *err)
{
	char sha256[HASH_TEXT];
	struct mail_entry entry = {
		.mailbox = w->r->config->name,
		.uidvalidity = mailbox_validity(&w->place),
		.uid = m->uid,
		.sha256 = sha256,
		.outcome = mail_result_codes[MAIL_SEEN],
		.at = w->now,
		.untold = w->r->config->done != DONE_LEAVE,
	};
	bool seen;

	*ret_twin = false;
	if (w->place.generation == 0)
		return true;
	hash_hex(m->raw, m->len, sha256);
	if (!ledger_has(t, entry.mailbox, entry.uidvalidity, entry.uid, sha256, &seen, err) ||
	    (!seen && !mailbox_is_twin(t, entry.mailbox, sha256, entry.uidvalidity, ret_twin, err)))
		return false;
	return !*ret_twin || ledger_add(t, &entry, err);
}

/* As it is; if it cannot be, as a file; if not even that, later. */
static bool take_message(struct town *t, struct taking *w, const struct mailbox_message *m,
			 bool *ret_later, struct err *err)
{
	struct mail_source src = source_for(w, m);
	struct mail_outcome out;
	struct err own = {0};
	char flaw[60];

	*ret_later = false;
	snprintf(flaw, sizeof(flaw), "too-large %lld", (long long)m->size);
	if (m->too_large)
		src.flaw = flaw;
	if (mail_take(t, &src, m->raw, m->len, &out, &own))
		return true;
	if (!is_of_town(t, &own)) {
		struct err first = own;

		log_line(LOG_LEVEL_WARN, "mailbox %s: message %u is kept as a file: %s",
			 w->r->config->name, m->uid, own.text);
		src.unreadable = first.text;
		if (mail_take(t, &src, m->raw, m->len, &out, &own))
			return true;
	}
	if (is_of_town(t, &own)) {
		*err = own;
		return false;
	}
	log_line(LOG_LEVEL_ERROR, "mailbox %s: message %u cannot be taken in: %s",
		 w->r->config->name, m->uid, own.text);
	*ret_later = true;
	return true;
}

static bool take_one(struct town *t, struct taking *w, const struct mailbox_message *m,
		     struct err *err)
{
	const char *name = w->r->config->name;
	int64_t validity = mailbox_validity(&w->place);
	bool later = !m->came, twin = false;

	if (m->came &&
	    (!take_twin(t, w, m, &twin, err) || (!twin && !take_message(t, w, m, &later, err))))
		return false;
	if (m->gone)
		log_line(LOG_LEVEL_INFO, "mailbox %s: message %u was gone before it was read", name,
			 m->uid);
	if (later && !m->gone && !m->old) {
		if (!mailbox_retry_put(t, name, validity, m->uid,
				       m->came ? "not-taken" : "left-out", w->now, err))
			return false;
	} else if (m->again && !mailbox_retry_drop(t, name, validity, m->uid, err)) {
		return false;
	}
	if (!m->again && m->uid >= w->place.uid_next)
		w->place.uid_next = (int64_t)m->uid + 1;
	return true;
}

static bool run(struct town *t, struct job *job)
{
	struct taking *w = (struct taking *)job;
	int64_t began = clock_mono();
	bool held = false;

	w->now = clock_now();
	if (!lease_check(w->r->service->leases, t, LEASE_MAIL, &held, &job->err))
		return false;
	if (!held) {
		err_set(&job->err, ERR_BUSY, _("another service reads the mail"));
		return false;
	}
	while (w->at < w->count && clock_mono() - began < PIECE_MS) {
		if (!take_one(t, w, &w->messages[w->at], &job->err))
			return false;
		w->at++;
	}
	job->again = w->at < w->count;
	w->place.seen_at = w->now;
	return mailbox_place_put(t, w->r->config->name, &w->place, &job->err);
}

bool mailbox_take(struct mailbox_reader *r, struct mailbox_message *messages, size_t count,
		  struct err *err)
{
	struct taking w = {.r = r, .messages = messages, .count = count, .place = r->place};

	w.job.run = run;
	w.job.is_long = true;
	if (count == 0)
		return true;
	if (writer_run(r->service->writer, &w.job)) {
		r->place = w.place;
		return true;
	}
	/* Pieces may be kept all the same: the town is asked again. */
	r->place.known = false;
	if (err != NULL) {
		*err = w.job.err;
		if (err->kind == ERR_NONE)
			err_set(err, ERR_BUSY, _("too much waits to be written"));
	}
	return false;
}
