/* A town to try things in: balied on a socket in a folder of its own, filled with invented people,
 * ended and wiped with the client. The same town every time. */
#include "client.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/i18n.h"

#define START_MS 60000 /* only a broken service takes this long */

struct demo {
	char *dir, *program, *db, *socket, *server;
	pid_t pid; /* of the service, 0: not running */
};

const char *demo_password(void)
{
	return "balie";
}

/* Beside us where we were built, beside us where we were installed, or anywhere on the path. */
static char *find_service(void)
{
	static const char *const places[] = {"/../central/balied", "/balied", "/../libexec/balied",
					     "/../sbin/balied"};
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n <= 0)
		return xstrdup("balied");
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *path = xasprintf("%s%s", self, places[i]);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return xstrdup("balied");
}

/* In the folder for what lives as long as a session; a socket's path must be short, so else /tmp. */
static bool make_dir(struct demo *d, struct err *err)
{
	struct sockaddr_un longest;
	char *run = NULL;

	if (env_dir('r', &run, NULL)) {
		d->dir = xasprintf("%s/demo-XXXXXX", run);
		free(run);
		if (strlen(d->dir) + sizeof("/socket") < sizeof(longest.sun_path) &&
		    mkdtemp(d->dir))
			return true;
		free(d->dir);
	}
	d->dir = xstrdup("/tmp/balie-demo-XXXXXX");
	if (mkdtemp(d->dir))
		return true;
	err_errno(err, _("cannot make a folder for the demo"));
	free(d->dir);
	d->dir = NULL;
	return false;
}

/* Runs the service's program. in, out: its standard input and output, -1 for nothing. Its complaints
 * go to a file, so that they cannot write over the screen. */
static pid_t spawn(const struct demo *d, const char *const argv[], int in, int out)
{
	char *log = xasprintf("%s/log", d->dir);
	pid_t parent = getpid(), pid = fork();
	sigset_t none;

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		int errors = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		/* When we are killed the hard way, it ends too. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(127);
		setpgid(0, 0);
		dup2(in >= 0 ? in : null, STDIN_FILENO);
		dup2(out >= 0 ? out : null, STDOUT_FILENO);
		dup2(errors >= 0 ? errors : null, STDERR_FILENO);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	free(log);
	return pid;
}

/* The last line that the service wrote to its log. */
static void read_log(const struct demo *d, char *ret, size_t size)
{
	char *path = xasprintf("%s/log", d->dir), line[300];
	FILE *f = fopen(path, "re");

	ret[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0])
			snprintf(ret, size, "%s", line);
	}
	if (f)
		fclose(f);
	free(path);
}

static void tell_failed(const struct demo *d, const char *what, int status, struct err *err)
{
	char last[300];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		err_set(err, ERR_NOT_FOUND,
			_("cannot start the service of the demo: %s is not there"), d->program);
		return;
	}
	read_log(d, last, sizeof(last));
	err_set(err, ERR_IO, "%s: %s", what, last);
}

static bool seed(struct demo *d, struct err *err)
{
	const char *argv[] = {d->program,  "seed", "--db",   d->db, "--tickets",  "2000",
			      "--parties", "1500", "--seed", "26",  "--password", NULL};
	int status = 0, in[2];
	pid_t pid = -1;

	/* Everybody's password, so that a second window can be a colleague. */
	if (pipe2(in, O_CLOEXEC) == 0) {
		dprintf(in[1], "%s\n", demo_password());
		close(in[1]);
		pid = spawn(d, argv, in[0], -1);
		close(in[0]);
	}
	if (pid < 0) {
		err_errno(err, _("cannot start the service of the demo"));
		return false;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (status == 0)
		return true;
	tell_failed(d, _("cannot make the town of the demo"), status, err);
	return false;
}

/* True when the line that says so came. */
static bool wait_ready(int fd)
{
	int64_t end = clock_mono() + START_MS;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char bytes[256];

	while (clock_mono() < end) {
		int ready = poll(&p, 1, (int)(end - clock_mono()));

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return false;
		return read(fd, bytes, sizeof(bytes)) > 0;
	}
	return false;
}

static bool serve(struct demo *d, struct err *err)
{
	char *listen = xasprintf("unix:%s", d->socket);
	const char *argv[] = {d->program, "serve", "--db", d->db, "--listen", listen, NULL};
	int ends[2], status = 0;
	bool ok = false;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		err_errno(err, _("cannot start the service of the demo"));
		free(listen);
		return false;
	}
	d->pid = spawn(d, argv, -1, ends[1]);
	close(ends[1]);
	if (d->pid < 0) {
		d->pid = 0;
		err_errno(err, _("cannot start the service of the demo"));
	} else if (wait_ready(ends[0])) {
		ok = true;
	} else {
		kill(d->pid, SIGTERM);
		waitpid(d->pid, &status, 0);
		d->pid = 0;
		tell_failed(d, _("the service of the demo does not start"), status, err);
	}
	close(ends[0]);
	free(listen);
	return ok;
}

bool demo_start(struct demo **ret, struct settings *settings, struct err *err)
{
	struct demo *d = xcalloc(1, sizeof(*d));
	sigset_t ending;
	char *home;

	/* Asked to end while the town is made, we end when the loop reads it: after wiping the town. */
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	*ret = d; /* also when it fails: demo_stop() takes away what was made */
	if (!make_dir(d, err))
		return false;
	d->program = find_service();
	d->db = xasprintf("sqlite:%s/town.db", d->dir);
	d->socket = xasprintf("%s/socket", d->dir);
	d->server = xasprintf("unix:%s", d->socket);
	home = xasprintf("%s/home", d->dir);
	setenv("BALIE_HOME", home, 1);
	free(home);
	/* Not on stdout: that may be the result of a command. */
	fprintf(stderr, "%s\n", _("Making the town of the demo; this takes a few seconds."));
	if (!seed(d, err) || !serve(d, err))
		return false;
	settings->server = d->server;
	settings->user = "an";
	return true;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

void demo_stop(struct demo *d)
{
	if (!d)
		return;
	if (d->pid > 0) {
		kill(d->pid, SIGTERM);
		while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	if (d->dir)
		nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(d->dir);
	free(d->program);
	free(d->db);
	free(d->socket);
	free(d->server);
	free(d);
}
