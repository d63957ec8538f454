/* Opens a file with the agent's own program, without a shell: the name of the file came from a stranger. What was
 * opened lies in a folder of its own until the screens are left. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "app.h"
#include "balie/i18n.h"

#define WORDS_MAX 14

/* In the grandchild: nobody's terminal, nobody's child. Only its failure to start is told. */
static void run(char *const argv[], int told)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), why;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (fork() == 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], argv);
		why = errno;
		if (write(told, &why, sizeof(why)) < 0)
			_exit(126);
	}
	_exit(0);
}

/* 0, or why it does not start. */
static int start(char *const argv[])
{
	int told[2], why = 0;
	pid_t pid;

	if (pipe2(told, O_CLOEXEC) != 0)
		return errno;
	pid = fork();
	if (pid == 0)
		run(argv, told[1]);
	close(told[1]);
	if (pid < 0)
		why = errno;
	/* Closed without a word by the program that took its place. */
	while (pid > 0 && read(told[0], &why, sizeof(why)) < 0 && errno == EINTR)
		;
	close(told[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return why;
}

static void drop_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = xasprintf("%.*s", (int)(slash ? slash - path : 0), path);

	unlink(path);
	rmdir(folder);
	free(folder);
}

void app_open_file(struct app *app, const char *path, bool there)
{
	const char *program = app->session->settings->opener;
	char *words = xstrdup(program ? program : "xdg-open"), *save = NULL;
	const char *slash = strrchr(path, '/');
	char *argv[WORDS_MAX + 2];
	int argc = 0, why;

	for (char *p = strtok_r(words, " \t", &save); p && argc < WORDS_MAX;
	     p = strtok_r(NULL, " \t", &save))
		argv[argc++] = p;
	argv[argc] = (char *)path;
	argv[argc + 1] = NULL;
	if (!there || argc == 0)
		goto out;
	if (app->opened_count == sizeof(app->opened) / sizeof(app->opened[0])) {
		drop_folder(app->opened[0]);
		free(app->opened[0]);
		memmove(app->opened, app->opened + 1, --app->opened_count * sizeof(app->opened[0]));
	}
	app->opened[app->opened_count++] = xstrdup(path);
	if (!program && !getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY")) {
		host_say(app->host, STYLE_WARNING, "%s",
			 _("There is no desktop here to open it on: save it instead, or set "
			   "\"opener\"."));
		goto out;
	}
	why = start(argv);
	if (why)
		host_say(app->host, STYLE_ERROR, _("%s does not start: %s"), argv[0],
			 strerror(why));
	else
		host_say(app->host, STYLE_GOOD, _("Opened with %s: %s"), argv[0],
			 slash ? slash + 1 : path);
out:
	free(words);
}

void app_drop_opened(struct app *app)
{
	for (size_t i = 0; i < app->opened_count; i++) {
		drop_folder(app->opened[i]);
		free(app->opened[i]);
	}
	app->opened_count = 0;
}
