/* Inside of the screens' host of balie. */
#pragma once
#include "client.h"

struct app {
	struct session *session;
	struct arena arena; /* until the end */
	struct loop *loop;
	struct host *host;
	struct keymap *keymap;
	const struct screen_ops **screens;
	const char **names;
	/* UI thread; wake_sync is read under no lock by whoever posts, all of them in this thread */
	struct sync *sync;
	void *wake_sync;
	struct loop_watch *ui_wake, *start_timer, *status_timer, *news_timer;
	char *link_reason;
	char *opened[64]; /* files that were given to another program */
	size_t opened_count;
	bool news_waits; /* to be counted in a moment */
	bool begun;	 /* the first frame is drawn */
	bool logging_out;
};
/* host_app() is the workplace, so that screens know no app: this gives it back to the client's own
 * screens. One app a program. */
struct app *app_here(void);
void app_start_sync(struct app *app, const char *password);
void app_stop_sync(struct app *app, int flush_ms);
/* What can stand behind an action at the ':' prompt. */
size_t app_complete(void *app, const char *text, const char **ret, size_t max, struct arena *a);
size_t app_macros(void *app, const char *name, struct choice *ret, size_t max, struct arena *a);
void app_macro_keep(struct host *h, const char *args);
void app_macro_drop(struct host *h, const char *name);
bool app_keymap(struct keymap **ret, const struct settings *settings, const char *const *screens,
		struct err *err);
/* opener.c: there false: only lets go of what was made ready for it. */
void app_open_file(struct app *app, const char *path, bool there);
void app_drop_opened(struct app *app);
extern const struct screen_ops login_screen;
