/* Signals of the terminal, and other programs on it. */
#include "host.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "term.h"

extern char **environ;

static void resume(struct host *h)
{
	term_resume();
	host_mark(h, true);
}

/* SIGSTOP to our whole group: SIGTSTP is blocked for the loop, and the system ignores it in a group
 * that no shell watches. */
void host_suspend(struct host *h)
{
	term_pause();
	kill(0, SIGSTOP);
	resume(h);
}

static void on_signal(void *user, int signo)
{
	struct host *h = user;

	switch (signo) {
	case SIGWINCH:
		term_resized();
		clearok(curscr, TRUE);
		host_mark(h, true);
		break;
	case SIGTSTP:
		host_suspend(h);
		break;
	case SIGCONT:
		/* Stopped by SIGSTOP from outside, the terminal may have been used since. */
		resume(h);
		break;
	default:
		/* Whatever closing takes, the terminal is given back now. */
		term_pause();
		host_quit(h);
		break;
	}
}

bool host_signals(struct host *h, struct err *err)
{
	static const int wanted[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct loop_watch *w = loop_add_signal(h->spec.loop, wanted[i], on_signal, h);

		if (w == NULL) {
			err_set(err, ERR_IO, _("cannot watch signal %d"), wanted[i]);
			return false;
		}
		h->signals[h->signal_count++] = w;
	}
	return true;
}

/* The program gets no blocked signals and none of our handlers: Ctrl+C and Ctrl+Z are its own. */
static int spawn(char *const argv[], pid_t *ret)
{
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	rc = posix_spawnp(ret, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	return rc;
}

bool host_run_program(struct host *h, char *const argv[], int *ret_status, struct err *err)
{
	pid_t pid = -1;
	int status = 0, rc;

	term_pause();
	rc = spawn(argv, &pid);
	while (rc == 0 && waitpid(pid, &status, WUNTRACED) >= 0 && WIFSTOPPED(status)) {
		/* The program was stopped with Ctrl+Z: we stop along, so that the shell comes back,
		 * and go on with it. */
		kill(0, SIGSTOP);
		kill(pid, SIGCONT);
	}
	resume(h);
	if (rc != 0) {
		errno = rc;
		err_errno(err, _("cannot start %s"), argv[0]);
		return false;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		err_set(err, ERR_NOT_FOUND, _("cannot start %s"), argv[0]);
		return false;
	}
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return true;
}
