/* Logging in again while working: what is on screen stays, what waits goes on waiting. */
#include "app.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"

enum { ASK_PASSWORD = 1 };

static bool login_open(struct screen *s, const char *args, struct err *err)
{
	struct line_spec spec = {.initial = "", .secret = true};

	host_ask(s, ASK_PASSWORD, _("Password: "), &spec);
	return true;
}

static void login_draw(const struct screen *s, struct cells c)
{
	struct app *app = app_here();
	char who[256];

	snprintf(who, sizeof(who), _("Log in again as %s at %s"), app->session->settings->user,
		 app->session->settings->server);
	cells_put(c, 1, 2, STYLE_STRONG, who);
	if (app->link_reason)
		cells_put_in(c, 3, 2, c.width - 4, ALIGN_LEFT, STYLE_WARNING, app->link_reason);
	cells_put_in(
		c, 5, 2, c.width - 4, ALIGN_LEFT, STYLE_NORMAL,
		_("Nothing is lost: what you did waits on this computer and is sent after this."));
	cells_put_in(c, 6, 2, c.width - 4, ALIGN_LEFT, STYLE_NORMAL,
		     _("Esc goes back to work without connection; refresh asks again."));
}

static void login_answer(struct screen *s, int intent, const char *text)
{
	struct app *app = app_here();

	if (text && text[0]) {
		app_stop_sync(app, 0);
		app_start_sync(app, text);
	}
	host_back(screen_host(s));
}

static void login_title(const struct screen *s, struct buf *ret)
{
	buf_add_str(ret, _("Log in"));
}

static const int login_offered[] = {ACT_BACK, -1};

const struct screen_ops login_screen = {
	.name = "login",
	.label = N_("login"),
	.offered = login_offered,
	.open = login_open,
	.title = login_title,
	.draw = login_draw,
	.answer = login_answer,
};
