/* The life of the thread: log in, catch up, listen; and when the line is lost, try again. */
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "room.h"

#define SEND_MS 300 /* then others have their turn: the feed, the screens, where we look */

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS 30000
#define PRESENCE_MS 10000
#define FETCH_EVERY_MS 50     /* in a busy town the bell never stops */
#define LOOK_ANYWAY_MS 300000 /* should a bell ever be missed */
#define PREFETCH_EVERY_MS 40  /* leaves room under the service's limit of requests */

static bool stopping(struct sync *s)
{
	return atomic_load(&s->stopping);
}

static void take_message(struct sync *s, struct port_message *m, bool online)
{
	switch (m->kind) {
	case PORT_OUTBOX:
		s->send_at = 0;
		s->send_wait = 0;
		s->upload_due = true;
		break;
	case PORT_TIMELINE:
		wanted_add(&s->timelines, m->id);
		break;
	case PORT_REFRESH:
		s->poke = true;
		s->bell = true;
		s->send_at = 0;
		break;
	case PORT_PRESENCE:
		strcpy(s->at_ticket, m->id);
		s->typing = m->flag;
		s->presence_changed = true;
		break;
	case PORT_ATTACHMENT:
	case PORT_RAW:
		if (online && m->text != NULL)
			files_start(s,
				    m->kind == PORT_RAW ? "/v1/messages/%s/raw"
							: "/v1/attachments/%s",
				    m->id, m->text, m->flag);
		else
			port_to_ui(s->port, PORT_FILE, m->id, m->flag, false,
				   _("no connection with the service"));
		break;
	case PORT_ASK:
		asks_start(s, m, online);
		break;
	case PORT_STOP:
		atomic_store(&s->stop_at, clock_mono());
		atomic_store(&s->stopping, true);
		break;
	case PORT_CHANGED:
	case PORT_STATUS:
	case PORT_OTHERS:
	case PORT_FILE:
	case PORT_TOLD:
	case PORT_ANSWER:
		break;
	}
}

static void take_messages(struct sync *s, bool online)
{
	struct port_message m;

	while (s->port != NULL && port_take_sync(s->port, &m)) {
		take_message(s, &m, online);
		port_message_finish(&m);
	}
}

/* While an answer is waited for: what an agent asks must not wait behind a long synchronisation. */
void session_attend(void *user)
{
	struct sync *s = user;

	if (s->port == NULL)
		return;
	take_messages(s, s->http.token != NULL);
	asks_check(s, false);
}

/* Waits until the time is over or the agent wants something. */
static void wait_offline(struct sync *s, int64_t ms, bool for_login)
{
	int64_t until = clock_mono() + ms;

	s->poke = false;
	s->send_at = -1;
	while (!stopping(s)) {
		take_messages(s, false);
		if (s->poke || (!for_login && (s->send_at == 0 || clock_mono() >= until)))
			break;
		http_poll(&s->http, for_login ? 60000 : until - clock_mono());
	}
	s->send_at = 0;
}

static bool log_in(struct sync *s, struct err *err)
{
	if (s->password != NULL)
		return token_login(s, err);
	/* Another may have logged in for us meanwhile. */
	if ((s->http.token == NULL || s->token_refused) && !token_load(s)) {
		err_set(err, ERR_AUTH, _("you are not logged in"));
		return false;
	}
	return true;
}

static bool connect_now(struct sync *s, struct err *err)
{
	sync_tell_link(s, LINK_CONNECTING, NULL);
	if (!sync_open_files(s, err) || !log_in(s, err) || !token_me(s, err))
		return false;
	s->send_at = 0;
	s->upload_due = true;
	s->upload_at = 0;
	work_files_prune(s->work, clock_now(), NULL);
	if (!send_some(s, SEND_MS, err) || !fetch_changes(s, err) || !fetch_find_prefetch(s, err))
		return false;
	sync_changed(s, WATCH_OUTBOX);
	sync_tell_changed(s);
	sync_tell_link(s, LINK_ONLINE, NULL);
	s->presence_changed = s->at_ticket[0] != '\0';
	stream_start(s);
	return true;
}

/* When each of the things that happen by the clock is due next. */
struct dates {
	int64_t fetch_at, look_at, prefetch_at;
};

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t time_to_wait(struct sync *s, const struct dates *d)
{
	int64_t now = clock_mono(), next = d->look_at;

	next = sooner(next, now + 20000);
	if (s->bell)
		next = sooner(next, d->fetch_at);
	if (s->send_at >= 0)
		next = sooner(next, s->send_at);
	if (s->upload_due && s->upload == NULL)
		next = sooner(next, s->upload_at);
	if (s->at_ticket[0] != '\0')
		next = sooner(next, s->presence_at + PRESENCE_MS);
	if (s->prefetch.count > 0)
		next = sooner(next, d->prefetch_at);
	if (s->timelines.count > 0 || s->presence_changed || stopping(s))
		next = now;
	return next > now ? next - now : 0;
}

static bool fetch_if_due(struct sync *s, struct dates *d, struct err *err)
{
	int64_t now = clock_mono();

	if (now >= d->look_at)
		s->bell = true;
	if (!s->bell || now < d->fetch_at)
		return true;
	if (!fetch_changes(s, err))
		return false;
	now = clock_mono();
	d->fetch_at = now + FETCH_EVERY_MS;
	d->look_at = now + LOOK_ANYWAY_MS;
	return true;
}

static bool fetch_timelines(struct sync *s, struct dates *d, struct err *err)
{
	char id[37];

	if (wanted_take(&s->timelines, id))
		return fetch_timeline(s, id, err);
	if (clock_mono() < d->prefetch_at || !wanted_take(&s->prefetch, id))
		return true;
	d->prefetch_at = clock_mono() + PREFETCH_EVERY_MS;
	return fetch_timeline(s, id, err);
}

/* Everything that is due now, what the agent waits for first. */
static bool do_due(struct sync *s, struct dates *d, struct err *err)
{
	bool presence_due = s->presence_changed || (s->at_ticket[0] != '\0' &&
						    clock_mono() >= s->presence_at + PRESENCE_MS);

	if (s->send_at == 0)
		d->fetch_at = 0;
	if (!send_some(s, SEND_MS, err) || !fetch_if_due(s, d, err) || !fetch_timelines(s, d, err))
		return false;
	if (presence_due && !send_presence(s, err))
		return false;
	files_check(s);
	asks_check(s, true);
	if (!uploads_check(s, err))
		return false;
	sync_tell_changed(s);
	return stream_check(s, err);
}

/* Until the line is lost or the thread must end; then err says why. */
static bool listen_on(struct sync *s, struct err *err)
{
	struct dates d = {.look_at = clock_mono() + LOOK_ANYWAY_MS};

	while (!stopping(s)) {
		take_messages(s, true);
		if (!do_due(s, &d, err))
			return false;
		/* Once more: a wake-up may have been spent on waiting for an answer. */
		take_messages(s, true);
		http_poll(&s->http, time_to_wait(s, &d));
	}
	/* What was appended in the last moment still goes out, as long as there is time. */
	take_messages(s, true);
	s->at_ticket[0] = '\0';
	return send_outbox(s, err) && (s->presence_at == 0 || send_presence(s, err));
}

/* A mirror that turns out broken is begun anew; what was typed lies elsewhere. */
static void replace_cache(struct sync *s)
{
	struct err err = {0};

	log_line(LOG_LEVEL_ERROR, "the cache is broken and is fetched again");
	cache_close(s->cache);
	s->cache = NULL;
	if (!cache_forget(s->dir_cache, &err))
		log_line(LOG_LEVEL_ERROR, "%s", err.text);
}

void session_run(struct sync *s)
{
	int64_t backoff = 0;

	while (!stopping(s)) {
		struct err err = {0};
		bool was_online = connect_now(s, &err);

		if (was_online) {
			backoff = 0;
			listen_on(s, &err);
		}
		stream_stop(s);
		uploads_stop(s);
		files_stop(s);
		asks_stop(s);
		sync_tell_changed(s);
		if (stopping(s))
			break;
		if (err.kind == ERR_CORRUPT && s->cache != NULL)
			replace_cache(s);
		s->token_refused = err.kind == ERR_AUTH;
		sync_tell_link(s, err.kind == ERR_AUTH ? LINK_LOGIN_NEEDED : LINK_OFFLINE,
			       err.text);
		backoff = backoff == 0 ? BACKOFF_FIRST_MS : backoff * 2;
		if (backoff > BACKOFF_MAX_MS)
			backoff = BACKOFF_MAX_MS;
		/* Not all clients of a town at the same moment when the service is back. */
		wait_offline(s, backoff / 2 + (int64_t)(clock_mono_ns() / 1000 % (uint64_t)backoff),
			     err.kind == ERR_AUTH);
	}
	sync_tell_link(s, LINK_OFFLINE, NULL);
}
