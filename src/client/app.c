/* The screens' host with the sync thread behind it: two threads that share two queues of values. */
#include "client.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "app.h"
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

#define FLUSH_MS 2000 /* how long leaving may still send */
#define NEWS_MS 150
#define STATUS_MS 10000 /* how often "how old" is told anew */

/* host_app() must be the workplace, for the screens; our own callbacks find the app here. */
static struct app *here;

struct app *app_here(void)
{
	return here;
}

/* ---- the sync thread ---- */

void app_start_sync(struct app *app, const char *password)
{
	struct sync_spec spec = session_sync(app->session, password);
	struct err err = {0};

	if (app->sync)
		return;
	if (!sync_start(&app->sync, &spec, &err)) {
		host_say(app->host, STYLE_ERROR, "%s", err.text);
		return;
	}
	app->wake_sync = app->sync;
}

void app_stop_sync(struct app *app, int flush_ms)
{
	app->wake_sync = NULL;
	if (app->sync)
		sync_stop(app->sync, flush_ms);
	app->sync = NULL;
}

/* Posted before the thread runs it waits in the queue, which the thread reads when it starts. */
static void wake_sync(void *user)
{
	struct app *app = user;

	if (app->wake_sync)
		sync_wake(app->wake_sync);
}

static void wake_ui(void *user)
{
	struct app *app = user;

	loop_wake(app->ui_wake);
}

static void start_after_first_frame(void *user)
{
	struct app *app = user;

	/* Before anything comes: what comes from now on is news. */
	notices_begin(&app->session->place);
	mailboxes_watch(&app->session->place);
	app_start_sync(app, NULL);
	loop_set_timer(app->news_timer, NEWS_MS);
}

/* ---- what the sync thread tells ---- */

static void on_changed(struct app *app, unsigned bits)
{
	struct desk *d = &app->session->place.desk;

	if (!d->cache)
		bits |= session_read(app->session) ? (unsigned)WATCH_TICKETS : 0;
	else if (bits & WATCH_REFERENCE)
		session_learn(app->session);
	if ((bits & (WATCH_REFERENCE | WATCH_TICKETS)) && mailboxes_watch(&app->session->place))
		host_status_changed(app->host);
	if ((bits & (WATCH_TICKETS | WATCH_TIMELINE)) && !app->news_waits) {
		app->news_waits = true;
		loop_set_timer(app->news_timer, NEWS_MS);
	}
	host_changed(app->host, bits);
}

/* Once for a page of changes, and never between a key and its answer. */
static void count_news(void *user)
{
	struct app *app = user;

	app->news_waits = false;
	if (notices_count(&app->session->place))
		host_status_changed(app->host);
}

static void read_synced(struct app *app)
{
	struct desk *d = &app->session->place.desk;
	struct arena a = {0};
	char *synced = d->cache ? cache_get(d->cache, "synced_at", &a) : NULL;

	if (synced)
		d->synced_at = strtoll(synced, NULL, 10);
	arena_finish(&a);
}

static void on_status(struct app *app, enum link link, const char *why)
{
	struct desk *d = &app->session->place.desk;
	struct buf reason = {0};
	bool asks = link == LINK_LOGIN_NEEDED && d->link != LINK_LOGIN_NEEDED;

	if (link != LINK_ONLINE && d->others) {
		desk_forget_others(d);
		host_changed(app->host, WATCH_PRESENCE);
	}
	d->link = link;
	free(app->link_reason);
	app->link_reason = NULL;
	if (why) {
		text_capital(&reason, why);
		app->link_reason = xstrdup(reason.data);
		buf_finish(&reason);
	}
	d->link_reason = app->link_reason;
	/* Said, not asked: keys that are typed just now must not end up in a password. */
	if (asks)
		host_say(app->host, STYLE_WARNING, "%s",
			 _("Your login has ended. Work goes on; :refresh logs in again."));
	host_status_changed(app->host);
	/* An empty list says why it is empty. */
	if (!d->cache)
		host_changed(app->host, WATCH_TICKETS);
}

static void on_others(struct app *app, const struct port_message *m)
{
	desk_set_others(&app->session->place.desk, m->id, m->text);
	host_changed(app->host, WATCH_PRESENCE);
}

static void on_message(struct app *app, const struct port_message *m)
{
	const char *text = m->text ? m->text : "";

	switch (m->kind) {
	case PORT_CHANGED:
		on_changed(app, (unsigned)m->number);
		break;
	case PORT_STATUS:
		on_status(app, (enum link)m->number, m->text);
		break;
	case PORT_OTHERS:
		on_others(app, m);
		break;
	case PORT_FILE:
		if (m->flag && m->number)
			app_open_file(app, text, true);
		else if (m->flag)
			host_say(app->host, STYLE_GOOD, _("Saved: %s"), text);
		else
			host_say(app->host, STYLE_ERROR, _("Not saved: %s"), text);
		break;
	case PORT_ANSWER:
		if (desk_take_answer(&app->session->place.desk, m))
			host_changed(app->host, WATCH_ANSWER);
		break;
	case PORT_TOLD:
		host_say(app->host, STYLE_WARNING, "%s", text);
		break;
	case PORT_OUTBOX:
	case PORT_TIMELINE:
	case PORT_REFRESH:
	case PORT_PRESENCE:
	case PORT_ATTACHMENT:
	case PORT_RAW:
	case PORT_ASK:
	case PORT_STOP:
		break;
	}
}

static void on_port(void *user)
{
	struct app *app = user;
	struct port_message m;

	while (port_take_ui(app->session->place.desk.port, &m)) {
		on_message(app, &m);
		port_message_finish(&m);
	}
	read_synced(app);
	host_status_changed(app->host);
}

/* ---- the status line ---- */

static void put_link(const struct desk *d, struct buf *ret, enum style *style)
{
	switch (d->link) {
	case LINK_ONLINE:
		buf_add_str(ret, _("connected"));
		return;
	case LINK_CONNECTING:
		buf_add_str(ret, _("connecting"));
		return;
	case LINK_OFFLINE:
		buf_add_str(ret, _("no network, work goes on"));
		*style = STYLE_WARNING;
		return;
	case LINK_LOGIN_NEEDED:
		buf_add_str(ret, _("log in again (:refresh)"));
		*style = STYLE_WARNING;
		return;
	}
}

static void put_age(const struct desk *d, struct buf *ret)
{
	int64_t now = clock_now();
	char span[32];

	if (!d->synced_at)
		buf_add_str(ret, _("nothing fetched yet"));
	else if (now - d->synced_at < 60000)
		buf_printf(ret, _("%lld s old"),
			   (long long)(now > d->synced_at ? (now - d->synced_at) / 1000 : 0));
	else
		buf_printf(ret, _("%s old"), clock_to_span(d->synced_at, now, span, sizeof(span)));
}

/* Told where it cannot be missed and takes no key: when to look is the agent's choice. */
static void put_news(struct app *app, struct buf *ret)
{
	int64_t count = app->session->place.news.count;
	const char *key = keymap_key_of(app->keymap, "queue", "notices", "");

	if (!count)
		return;
	buf_printf(ret, count < NOTICES_MAX ? _(" · %lld new") : _(" · %lld+ new"),
		   (long long)count);
	if (key)
		buf_printf(ret, " (%s)", key);
}

/* That mail does not come in, or did not go out, must not wait until somebody misses it. */
static void put_mail(const struct workplace *w, struct buf *ret, enum style *style)
{
	if (w->mail_alarm[0])
		buf_printf(ret, " · %s", w->mail_alarm);
	if (w->news.mails)
		buf_printf(ret,
			   w->news.mails == 1 ? _(" · %lld mail did not arrive")
					      : _(" · %lld mails did not arrive"),
			   (long long)w->news.mails);
	if (w->mail_alarm[0] || w->news.mails)
		*style = STYLE_WARNING;
}

static void app_status(void *user, struct buf *ret, enum style *style)
{
	struct app *app = here;
	struct desk *d = &app->session->place.desk;

	if (!app->begun) {
		/* This is the first frame: what is not needed for it comes after it. */
		app->begun = true;
		loop_set_timer(app->start_timer, 0);
	}
	work_count(d->work, &d->counts, NULL);
	put_link(d, ret, style);
	put_mail(&app->session->place, ret, style);
	/* With a connection changes come as they are made: an age would only raise doubt. */
	if (d->link != LINK_ONLINE || !d->synced_at) {
		buf_add_str(ret, " · ");
		put_age(d, ret);
	}
	put_news(app, ret);
	if (d->counts.waiting)
		buf_printf(ret, _(" · %lld wait"), (long long)d->counts.waiting);
	else if (!d->counts.conflict && !d->counts.refused)
		buf_add_str(ret, _(" · all sent"));
	if (d->counts.contacts)
		buf_printf(ret,
			   d->counts.contacts == 1 ? _(" · %lld contact open")
						   : _(" · %lld contacts open"),
			   (long long)d->counts.contacts);
	if (d->counts.conflict) {
		buf_printf(ret, _(" · %lld in conflict"), (long long)d->counts.conflict);
		*style = STYLE_WARNING;
	}
	if (d->counts.refused) {
		buf_printf(ret, _(" · %lld refused"), (long long)d->counts.refused);
		*style = STYLE_WARNING;
	}
}

static void status_again(void *user)
{
	struct app *app = user;

	read_synced(app);
	host_status_changed(app->host);
	loop_set_timer(app->status_timer, STATUS_MS);
}

/* ---- actions that are the program's ---- */

static void log_out(struct app *app, struct host *h)
{
	if (work_has_unsent(app->session->place.desk.work)) {
		host_say(h, STYLE_WARNING, "%s",
			 _("Something is not sent yet, or not finished. Send it or throw it away "
			   "first: "
			   "see the outbox."));
		return;
	}
	app->logging_out = true;
	host_quit(h);
}

static void set_language(struct app *app, struct host *h, const char *language)
{
	if (strcmp(language, "nl") != 0 && strcmp(language, "en") != 0) {
		host_say(h, STYLE_ERROR, "%s", _("Type nl or en behind it."));
		return;
	}
	language_begin(language);
	app->session->place.desk.language = language_now();
	host_changed(h, ~0u);
}

static bool app_act(void *user, struct host *h, const struct act *act)
{
	struct app *app = here;
	struct desk *d = &app->session->place.desk;
	struct err err = {0};

	switch (act->action->id) {
	case ACT_QUIT:
		host_quit(h);
		return true;
	case ACT_REFRESH:
		if (d->link == LINK_LOGIN_NEEDED)
			host_open(h, "login", "", NULL);
		else
			port_to_sync(d->port, PORT_REFRESH, NULL, 0, false, NULL);
		return true;
	case ACT_OPEN:
		if (!act->args[0])
			return false;
		app->session->place.order.set = false;
		if (!host_open(h, "ticket", act->args, &err))
			host_say(h, STYLE_ERROR, "%s", err.text);
		return true;
	case ACT_MACRO:
		app_macro_keep(h, act->args);
		return true;
	case ACT_DROP_MACRO:
		app_macro_drop(h, act->args);
		return true;
	case ACT_CONTACTS:
		if (!host_open(h, "register", "open", &err))
			host_say(h, STYLE_ERROR, "%s", err.text);
		return true;
	case ACT_LANGUAGE:
		set_language(app, h, act->args);
		return true;
	case ACT_LOGOUT:
		log_out(app, h);
		return true;
	}
	return false;
}

/* ---- starting ---- */

static const char *const *screen_names(struct app *app)
{
	size_t count = 0;

	while (screens_all[count])
		count++;
	app->screens = arena_alloc(&app->arena, (count + 2) * sizeof(*app->screens));
	app->names = arena_alloc(&app->arena, (count + 2) * sizeof(*app->names));
	for (size_t i = 0; i < count; i++)
		app->screens[i] = screens_all[i];
	app->screens[count] = &login_screen;
	for (size_t i = 0; i <= count; i++)
		app->names[i] = app->screens[i]->name;
	return app->names;
}

static bool make_host(struct app *app, struct err *err)
{
	struct session *s = app->session;
	struct host_spec spec = {
		.actions = &actions,
		.app = &s->place,
		.status = app_status,
		.act = app_act,
		.complete = app_complete,
		.macros = app_macros,
		.history_dir = s->dir_work,
		.mouse = !s->settings->mouse || strcmp(s->settings->mouse, "no") != 0,
		.no_colour = env_get("NO_COLOR") != NULL,
	};

	if (!loop_create(&app->loop, err))
		return false;
	s->place.loop = app->loop;
	app->ui_wake = loop_add_wake(app->loop, on_port, app);
	app->start_timer = loop_add_timer(app->loop, -1, start_after_first_frame, app);
	app->news_timer = loop_add_timer(app->loop, -1, count_news, app);
	app->status_timer = loop_add_timer(app->loop, STATUS_MS, status_again, app);
	s->place.desk.port = port_create(wake_sync, app, wake_ui, app);
	s->place.desk.link = LINK_CONNECTING;
	spec.loop = app->loop;
	spec.keymap = app->keymap;
	spec.screens = app->screens;
	return host_create(&app->host, &spec, err);
}

static void app_finish(struct app *app, bool ran)
{
	struct desk *d = &app->session->place.desk;
	struct sync_spec spec;
	bool sends = ran && d->link == LINK_ONLINE && work_count(d->work, &d->counts, NULL) &&
		     d->counts.waiting > 0;

	app_drop_opened(app);
	/* The terminal first: whatever sending still takes, the agent has his shell back. */
	host_destroy(app->host);
	app_stop_sync(app, sends ? FLUSH_MS : 0);
	if (app->logging_out) {
		spec = session_sync(app->session, NULL);
		spec.port = NULL;
		sync_logout(&spec, NULL);
		session_forget(app->session);
	}
	port_destroy(d->port);
	d->port = NULL;
	keymap_destroy(app->keymap);
	loop_destroy(app->loop);
	free(app->link_reason);
	arena_finish(&app->arena);
}

/* The words of the password came by a pipe: the keys come from the terminal. */
static bool take_terminal(struct err *err)
{
	int fd;

	if (isatty(STDIN_FILENO))
		return true;
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0) {
		err_set(err, ERR_INPUT,
			_("the screens need a terminal; without one, use sync, do, show or list"));
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(fd);
	return true;
}

int app_run(struct session *s, struct err *err)
{
	struct app app = {.session = s};
	bool ok = false;

	here = &app;
	if (!session_lock(s, err))
		return EXIT_TROUBLE;
	if (!isatty(STDOUT_FILENO)) {
		err_set(err, ERR_INPUT,
			_("the screens need a terminal; without one, use sync, do, show or list"));
		return EXIT_TROUBLE;
	}
	/* With a mirror on disk the screen opens without asking anything; without one there is nothing
	 * to show before the agent said who he is. A wrong name of a keymap is told before that. */
	if (!app_keymap(&app.keymap, s->settings, screen_names(&app), err) ||
	    (!session_read(s) && !login_when_needed(s, false, err)) || !take_terminal(err)) {
		keymap_destroy(app.keymap);
		arena_finish(&app.arena);
		return EXIT_TROUBLE;
	}
	if (make_host(&app, err) && host_open(app.host, "queue", "", err)) {
		if (s->settings->view)
			host_run_act(app.host,
				     &(struct act){&actions.rows[ACT_VIEW], s->settings->view});
		screens_tell_contacts(app.host, &s->place.desk);
		ok = loop_run(app.loop, err);
	}
	app_finish(&app, ok);
	if (app.logging_out)
		printf("%s\n", _("Logged out. Nothing of the tickets is left on this computer."));
	return ok ? EXIT_FINE : EXIT_TROUBLE;
}
