/* The threads that read mailboxes, and the keeper that starts and ends them: they run while this service
 * has the lease for mail and the mailbox is not paused. */
#include "mailbox.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "central_sql.h"

#define LOOK_MS 300		  /* whether one was paused, or the lease is ours */
#define IDLE_MOST_MS (29 * 60000) /* RFC 2177 */
#define BACK_OFF_FIRST_MS 1000
#define BACK_OFF_MOST_MS (5 * 60000)
#define LOGIN_BACK_OFF_MS 60000 /* a server locks who knocks too often with a wrong password */
#define WAIT_LEAST_MS 20

struct mailboxes {
	struct service *service;
	const struct mail_config *config;
	pthread_t thread;
	int stop_fd;
	struct town town; /* of the keeper, read only */
	bool recorded;	  /* the records say what is configured */
	struct mailbox_reader *readers;
	size_t count;
};

/* ---- one mailbox ---- */

/* True: told to end. */
static bool rest(struct mailbox_reader *r, int64_t ms)
{
	struct pollfd p = {r->stop_fd, POLLIN, 0};

	return poll(&p, 1, (int)(ms > WAIT_LEAST_MS ? ms : WAIT_LEAST_MS)) > 0;
}

static const char *reason_for(const struct err *err, char *ret, size_t size)
{
	const char *code = err->kind == ERR_AUTH			      ? "login-refused"
			   : err->kind == ERR_DENIED			      ? "refused"
			   : err->kind == ERR_NET || err->kind == ERR_CORRUPT ? "no-connection"
									      : "not-taken";

	snprintf(ret, size, err->kind == ERR_AUTH ? "%s" : "%s %s", code, err->text);
	/* "; " stands between reasons. */
	for (char *p = ret; *p != '\0'; p++)
		if (*p == ';')
			*p = ',';
	return ret;
}

static bool write_failure(struct town *t, struct mailbox_reader *r, void *user, struct err *err)
{
	struct arena a = {0};
	bool ok = mailbox_state_put(t, r->config->name, user, clock_now(), &a, err);

	arena_finish(&a);
	return ok;
}

/* Told once: the second time on, since a line breaks now and then and is there again at once. */
static void note_failure(struct mailbox_reader *r, int failures, const struct err *err)
{
	char reason[600];

	if (failures != 2)
		return;
	log_line(LOG_LEVEL_WARN, "mailbox %s: %s", r->config->name, err->text);
	reason_for(err, reason, sizeof(reason));
	mailbox_write(r, write_failure, reason, NULL);
}

static int64_t back_off(int failures, const struct err *err)
{
	int64_t ms = BACK_OFF_FIRST_MS;

	for (int i = 1; i < failures && ms < BACK_OFF_MOST_MS; i++)
		ms *= 2;
	if (err->kind == ERR_AUTH && ms < LOGIN_BACK_OFF_MS)
		ms = LOGIN_BACK_OFF_MS;
	return mailbox_limit(ms < BACK_OFF_MOST_MS ? ms : BACK_OFF_MOST_MS);
}

/* Until something is due by the clock. */
static int64_t time_left(const struct mailbox_reader *r)
{
	int64_t ms = r->config->poll * 1000;

	if (ms > IDLE_MOST_MS)
		ms = IDLE_MOST_MS;
	if (r->retry_at != 0 && r->retry_at - clock_now() < ms)
		ms = r->retry_at - clock_now();
	if (r->untold && r->tell_at - clock_mono() < ms)
		ms = r->tell_at - clock_mono();
	return ms > WAIT_LEAST_MS ? ms : WAIT_LEAST_MS;
}

/* One connection, until it breaks or we are told to end. A refusal of the server is told as a failure
 * too, after which all begins anew. */
static bool run_session(struct mailbox_reader *r, int *failures, struct err *err)
{
	bool is_new;

	if (!mailbox_connect(r->config, r->stop_fd, &r->imap, &r->folder, &r->arena, err))
		return false;
	for (;;) {
		if (!mailbox_round(r, err))
			return false;
		if (*failures > 1)
			log_line(LOG_LEVEL_INFO, "mailbox %s: read again", r->config->name);
		*failures = 0;
		if (imap_can(r->imap) & IMAP_CAN_IDLE) {
			if (!imap_idle(r->imap, time_left(r), &is_new, err))
				return false;
		} else if (rest(r, time_left(r))) {
			return true;
		}
	}
}

static void *read_mailbox(void *user)
{
	struct mailbox_reader *r = user;
	int failures = 0;

	r->place.known = false;
	r->stated = false;
	r->stuck = 0;
	do {
		struct err err = {0};

		r->place.known = r->made_folder = false;
		r->changes = r->lies = 0;
		r->selected.uidvalidity = 0;
		if (!run_session(r, &failures, &err)) {
			failures++;
			r->stated = false;
			if (!rest(r, 0))
				note_failure(r, failures, &err);
		}
		imap_close(r->imap);
		r->imap = NULL;
		arena_reset(&r->arena);
		if (failures > 0 && rest(r, back_off(failures, &err)))
			break;
	} while (!rest(r, 0));
	return NULL;
}

/* ---- the keeper ---- */

static void begin_reader(struct mailbox_reader *r, struct town *t)
{
	struct arena a = {0};
	const char *id;

	r->team_id[0] = r->topic_id[0] = '\0';
	if (r->config->team != NULL && team_by_name(t, r->config->team, &id, &a, NULL))
		strcpy(r->team_id, id);
	if (r->config->topic != NULL && topic_by_name(t, r->config->topic, &id, &a, NULL))
		strcpy(r->topic_id, id);
	arena_finish(&a);
	r->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->running = r->stop_fd >= 0 && pthread_create(&r->thread, NULL, read_mailbox, r) == 0;
	if (!r->running && r->stop_fd >= 0)
		close(r->stop_fd);
}

/* All first, so that they end together. */
static void end_readers(struct mailboxes *m, const bool *wanted)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->readers[i].running && !wanted[i])
			eventfd_write(m->readers[i].stop_fd, 1);
	for (size_t i = 0; i < m->count; i++) {
		struct mailbox_reader *r = &m->readers[i];

		if (!r->running || wanted[i])
			continue;
		pthread_join(r->thread, NULL);
		close(r->stop_fd);
		arena_finish(&r->arena);
		r->running = false;
	}
}

static bool write_records(struct town *t, struct mailbox_reader *r, void *user, struct err *err)
{
	struct arena a = {0};
	bool ok = mailbox_records(t, user, clock_now(), &a, err);

	(void)r;
	arena_finish(&a);
	return ok;
}

/* Which are to be read: asked of the town, where somebody may pause one at any time. */
static bool read_wanted(struct mailboxes *m, bool *wanted)
{
	struct store_query *q = store_query(m->town.store, CENTRAL_SQL_MAILBOX_ACTIVES);
	enum store_step step;

	while ((step = store_step(q, NULL)) == STORE_ROW)
		for (size_t i = 0; i < m->count; i++)
			if (strcmp(m->readers[i].config->name, store_column_text(q, 0)) == 0)
				wanted[i] = store_column_int(q, 1) != 0 &&
					    m->readers[i].config->imap != NULL;
	store_done(q);
	return step != STORE_FAILED;
}

static void keep(struct mailboxes *m, bool *wanted)
{
	struct mailbox_reader any = {.service = m->service};
	bool held = lease_held(m->service->leases, LEASE_MAIL);

	memset(wanted, 0, m->count * sizeof(*wanted));
	if (held && !m->recorded)
		m->recorded = mailbox_write(&any, write_records, (void *)m->config, NULL);
	if (held && m->recorded && !read_wanted(m, wanted))
		return; /* the database is away for a moment: as it was */
	end_readers(m, wanted);
	for (size_t i = 0; i < m->count; i++)
		if (wanted[i] && !m->readers[i].running)
			begin_reader(&m->readers[i], &m->town);
}

static void *keep_mailboxes(void *user)
{
	struct mailboxes *m = user;
	struct pollfd p = {m->stop_fd, POLLIN, 0};
	bool *wanted = xcalloc(m->count + 1, sizeof(*wanted));

	/* With none, all there is to do is to say so of those there were. */
	while (poll(&p, 1, m->count == 0 && m->recorded ? -1 : LOOK_MS) <= 0)
		keep(m, wanted);
	memset(wanted, 0, m->count * sizeof(*wanted));
	end_readers(m, wanted);
	free(wanted);
	return NULL;
}

bool mailboxes_start(struct mailboxes **ret, struct service *s, const struct mail_config *config,
		     struct err *err)
{
	struct mailboxes *m = xcalloc(1, sizeof(*m));

	m->service = s;
	m->config = config;
	m->count = config->count;
	m->readers = xcalloc(m->count + 1, sizeof(*m->readers));
	for (size_t i = 0; i < m->count; i++) {
		m->readers[i].service = s;
		m->readers[i].config = &config->mailboxes[i];
	}
	m->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!town_open(&m->town, s->settings->db, STORE_READONLY, err))
		goto fail;
	if (m->stop_fd < 0 || pthread_create(&m->thread, NULL, keep_mailboxes, m) != 0) {
		err_set(err, ERR_IO, _("cannot start a thread"));
		goto fail;
	}
	*ret = m;
	return true;
fail:
	town_close(&m->town);
	if (m->stop_fd >= 0)
		close(m->stop_fd);
	free(m->readers);
	free(m);
	return false;
}

void mailboxes_stop(struct mailboxes *m)
{
	if (m == NULL)
		return;
	eventfd_write(m->stop_fd, 1);
	pthread_join(m->thread, NULL);
	town_close(&m->town);
	close(m->stop_fd);
	free(m->readers);
	free(m);
}
