/* The thread: making it, waking it, ending it; and what all its parts tell the screens. */
#include "balie/sync.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "room.h"

static char *copy(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

void wanted_add(struct wanted *w, const char *id)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->ids[i], id) == 0)
			return;
	if (w->count == w->cap) {
		w->cap = w->cap == 0 ? 64 : w->cap * 2;
		w->ids = xrealloc(w->ids, w->cap * sizeof(*w->ids));
	}
	w->ids[w->count][0] = '\0';
	strncat(w->ids[w->count++], id, 36);
}

bool wanted_take(struct wanted *w, char ret[37])
{
	if (w->count == 0)
		return false;
	memcpy(ret, w->ids[0], 37);
	memmove(w->ids, w->ids + 1, --w->count * sizeof(*w->ids));
	return true;
}

void sync_tell_link(struct sync *s, enum link link, const char *why)
{
	if (s->port != NULL)
		port_to_ui(s->port, PORT_STATUS, NULL, link, false, why);
}

void sync_changed(struct sync *s, unsigned bits)
{
	s->changed |= bits;
}

void sync_tell_changed(struct sync *s)
{
	if (s->changed == 0)
		return;
	if (s->port != NULL)
		port_to_ui(s->port, PORT_CHANGED, NULL, s->changed, false, NULL);
	s->changed = 0;
}

bool sync_must_stop(void *user)
{
	struct sync *s = user;

	return atomic_load(&s->stopping) && clock_mono() >= atomic_load(&s->stop_at);
}

bool sync_set_up(struct sync *s, const struct sync_spec *spec, struct err *err)
{
	if (spec->server == NULL || spec->name == NULL || spec->token_file == NULL) {
		err_set(err, ERR_INPUT, _("no service or no name is set"));
		return false;
	}
	s->server = copy(spec->server);
	s->name = copy(spec->name);
	s->password = copy(spec->password);
	s->dir_cache = copy(spec->dir_cache);
	s->dir_work = copy(spec->dir_work);
	s->token_file = copy(spec->token_file);
	s->port = spec->port;
	s->http.language = copy(spec->language);
	s->http.must_stop = sync_must_stop;
	s->http.attend = session_attend;
	s->http.user = s;
	pthread_mutex_init(&s->lock, NULL);
	return true;
}

bool sync_open_files(struct sync *s, struct err *err)
{
	bool moved;

	if (s->cache == NULL && !cache_open(&s->cache, s->dir_cache, true, &moved, err))
		return false;
	return s->work != NULL || work_open(&s->work, s->dir_work, err);
}

/* In the sync thread, or in that of sync_once: the databases belong to it. */
void sync_tear_down(struct sync *s)
{
	uploads_stop(s);
	files_stop(s);
	asks_stop(s);
	stream_stop(s);
	pthread_mutex_lock(&s->lock);
	s->wake = NULL;
	pthread_mutex_unlock(&s->lock);
	http_close(&s->http);
	cache_close(s->cache);
	work_close(s->work);
	s->cache = NULL;
	s->work = NULL;
	buf_finish(&s->stream.data);
	arena_finish(&s->arena);
	free(s->timelines.ids);
	free(s->prefetch.ids);
	s->timelines.ids = s->prefetch.ids = NULL;
}

static void destroy(struct sync *s)
{
	if (s->password != NULL)
		explicit_bzero(s->password, strlen(s->password));
	free(s->server);
	free(s->name);
	free(s->password);
	free(s->dir_cache);
	free(s->dir_work);
	free(s->token_file);
	free(s->http.language);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void *run(void *user)
{
	struct sync *s = user;
	struct err err = {0};

	if (http_open(&s->http, s->server, &err)) {
		pthread_mutex_lock(&s->lock);
		s->wake = s->http.multi;
		pthread_mutex_unlock(&s->lock);
		session_run(s);
	} else {
		sync_tell_link(s, LINK_OFFLINE, err.text);
	}
	sync_tear_down(s);
	return NULL;
}

bool sync_start(struct sync **ret, const struct sync_spec *spec, struct err *err)
{
	struct sync *s = xcalloc(1, sizeof(*s));
	sigset_t all, old;
	int failed;

	if (!sync_set_up(s, spec, err)) {
		free(s);
		return false;
	}
	/* Signals are the other thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	failed = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed != 0) {
		err_set(err, ERR_IO, _("cannot start a thread: %s"), strerror(failed));
		destroy(s);
		return false;
	}
	*ret = s;
	return true;
}

void sync_wake(void *sync)
{
	struct sync *s = sync;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	if (s->wake != NULL)
		s->http.api->multi_wakeup(s->wake);
	pthread_mutex_unlock(&s->lock);
}

void sync_stop(struct sync *s, int flush_ms)
{
	if (s == NULL)
		return;
	atomic_store(&s->stop_at, clock_mono() + flush_ms);
	atomic_store(&s->stopping, true);
	sync_wake(s);
	pthread_join(s->thread, NULL);
	destroy(s);
}

/* For the calls that need no thread. */
static bool with_http(const struct sync_spec *spec, const struct sync_try *what, bool files,
		      bool (*run_it)(struct sync *s, struct err *err), struct sync_report *ret,
		      struct err *err)
{
	struct sync *s = xcalloc(1, sizeof(*s));
	bool ok;

	if (!sync_set_up(s, spec, err)) {
		free(s);
		return false;
	}
	s->port = NULL;
	s->what = what;
	ok = http_open(&s->http, s->server, err) && (!files || sync_open_files(s, err)) &&
	     run_it(s, err);
	if (ret != NULL)
		*ret = s->report;
	sync_tear_down(s);
	destroy(s);
	return ok;
}

bool sync_login(const struct sync_spec *spec, struct err *err)
{
	return with_http(spec, NULL, false, token_login, NULL, err);
}

static bool log_out(struct sync *s, struct err *err)
{
	struct call *c;
	bool ok = true;

	if (!token_load(s))
		return true;
	c = http_do(&s->http, "POST", "/v1/logout", "", NULL, &ok, err);
	/* Refused means that it was of no use any more. */
	if (ok && c->status >= 500) {
		answer_error(c, err);
		ok = false;
	}
	call_finish(c);
	/* Also when the service does not hear it: here it is gone. */
	token_drop(s);
	return ok;
}

bool sync_logout(const struct sync_spec *spec, struct err *err)
{
	return with_http(spec, NULL, false, log_out, NULL, err);
}

bool sync_once(const struct sync_spec *spec, struct sync_report *ret, struct err *err)
{
	return with_http(spec, NULL, true, once_run, ret, err);
}

bool sync_try(const struct sync_spec *spec, const struct sync_try *what, struct err *err)
{
	return with_http(spec, what, false, try_run, NULL, err);
}
