/* Both ends of the line to the child: mail_child_main() is the child, all else the one that asks. */
#include "mail_child.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/log.h"
#include "mail_text.h"

#define QUESTION_MAX (8u * 1024 * 1024)
#define ANSWER_MAX (4u * 1024 * 1024) /* what is believed of a child that went astray */
#define MEMORY_MAX (512u * 1024 * 1024)
#define CPU_SECONDS 10

enum { ASK_HTML = 1, ASK_TYPE = 2 };
enum { ANSWER_WHOLE = 1 };

struct head {
	uint32_t what, len;
};

static struct {
	pthread_mutex_t lock;
	char *program; /* NULL: no child is used */
	int patience;
	pid_t pid;
	int fd; /* -1: none runs */
} child = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

/* ---- the child ---- */

static bool read_all(void *p, size_t len)
{
	ssize_t n;

	for (char *at = p; len > 0; at += n, len -= (size_t)n) {
		n = read(0, at, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return false;
	}
	return true;
}

static bool write_all(const void *p, size_t len)
{
	ssize_t n;

	for (const char *at = p; len > 0; at += n, len -= (size_t)n) {
		n = send(0, at, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return false;
	}
	return true;
}

static void limit(int what, rlim_t most)
{
	struct rlimit r = {most, most};

	setrlimit(what, &r);
}

/* Everything that is needed is open already: no descriptor more means no file and no network. */
static void give_up_power(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	limit(RLIMIT_NOFILE, 0);
	limit(RLIMIT_NPROC, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CORE, 0);
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes */
	limit(RLIMIT_AS, MEMORY_MAX);
#endif
}

/* The limit counts from the start of the process: for each question it is moved. */
static void limit_cpu(void)
{
	struct rusage used;
	struct rlimit r;

	if (getrusage(RUSAGE_SELF, &used) < 0 || getrlimit(RLIMIT_CPU, &r) < 0)
		return;
	r.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 2 + CPU_SECONDS);
	setrlimit(RLIMIT_CPU, &r);
}

static bool answer(const struct head *h, const char *data)
{
	struct buf text = {0};
	struct head reply = {0};
	bool ok;

	if (h->what == ASK_HTML && mail_html_to_text(&text, data, h->len))
		reply.what = ANSWER_WHOLE;
	else if (h->what == ASK_TYPE)
		mail_type_guess(&text, data, h->len);
	reply.len = (uint32_t)text.len;
	ok = write_all(&reply, sizeof(reply)) && (text.len == 0 || write_all(text.data, text.len));
	buf_finish(&text);
	return ok;
}

int mail_child_main(void)
{
	struct head h;
	char *data;
	bool ok = true;

	mail_html_init();
	mail_type_init();
	give_up_power();
	while (ok && read_all(&h, sizeof(h)) && h.len <= QUESTION_MAX) {
		/* Exactly as long as it is: a sanitizer sees a read behind it. */
		data = xcalloc(1, h.len > 0 ? h.len : 1);
		limit_cpu();
		ok = read_all(data, h.len) && answer(&h, data);
		free(data);
	}
	mail_type_finish();
	mail_html_finish();
	return 0;
}

/* ---- who asks: all of this under the lock ---- */

static void end_child(void)
{
	if (child.fd < 0)
		return;
	close(child.fd);
	child.fd = -1;
	kill(child.pid, SIGKILL);
	while (waitpid(child.pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	child.pid = 0;
}

/* It gets the one end of a line and nothing else: no descriptor, no environment. Not by fork(): other
 * threads may hold locks. */
static bool spawn(int end)
{
	char *argv[] = {child.program, (char[]){MAIL_CHILD_COMMAND}, NULL};
	char *env[] = {NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	bool ok;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&files, end, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
	ok = posix_spawn(&child.pid, child.program, &files, &attr, argv, env) == 0;
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return ok;
}

static bool start_child(void)
{
	int ends[2];

	if (child.fd >= 0)
		return true;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	if (!spawn(ends[1])) {
		child.pid = 0;
		close(ends[0]);
		close(ends[1]);
		return false;
	}
	close(ends[1]);
	child.fd = ends[0];
	return true;
}

/* Sends or receives all of it before until; ETIMEDOUT when it takes longer. */
static bool transfer(void *p, size_t len, bool out, int64_t until)
{
	struct pollfd wait = {.fd = child.fd, .events = out ? POLLOUT : POLLIN};
	char *at = p;
	int64_t left;
	ssize_t n;

	while (len > 0) {
		n = out ? send(child.fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL)
			: recv(child.fd, at, len, MSG_DONTWAIT);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
			continue;
		}
		if (n == 0)
			errno = EPIPE;
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return false;
		left = until - clock_mono();
		if (left <= 0) {
			errno = ETIMEDOUT;
			return false;
		}
		poll(&wait, 1, (int)left);
	}
	return true;
}

static bool converse(uint32_t what, const void *data, size_t len, struct buf *ret,
		     uint32_t *ret_flags)
{
	int64_t until = clock_mono() + child.patience;
	struct head h = {what, (uint32_t)len};
	char *text;

	if (!transfer(&h, sizeof(h), true, until) ||
	    !transfer((void *)(uintptr_t)data, len, true, until) ||
	    !transfer(&h, sizeof(h), false, until))
		return false;
	if (h.len > ANSWER_MAX) {
		errno = EPROTO;
		return false;
	}
	text = xcalloc(1, h.len + 1);
	if (!transfer(text, h.len, false, until)) {
		free(text);
		return false;
	}
	buf_add(ret, text, h.len);
	free(text);
	*ret_flags = h.what;
	return true;
}

/* Twice: the child may have died before, of something else. Not when it took too long. */
static bool ask(uint32_t what, const void *data, size_t len, struct buf *ret, uint32_t *ret_flags)
{
	bool ok = false;
	int why = 0;

	for (int i = 0; i < 2 && !ok && why != ETIMEDOUT; i++) {
		if (!start_child()) {
			why = errno;
			break;
		}
		ok = converse(what, data, len, ret, ret_flags);
		why = errno;
		if (!ok)
			end_child();
	}
	if (!ok)
		log_line(LOG_LEVEL_WARN, "the child that reads HTML and files gave no answer: %s",
			 strerror(why));
	return ok;
}

void mail_child_use(const char *program, int patience)
{
	pthread_mutex_lock(&child.lock);
	end_child();
	free(child.program);
	child.program = program != NULL ? xstrdup(program) : NULL;
	child.patience = patience;
	pthread_mutex_unlock(&child.lock);
}

void mail_child_stop(void)
{
	pthread_mutex_lock(&child.lock);
	end_child();
	pthread_mutex_unlock(&child.lock);
}

pid_t mail_child_pid(void)
{
	pid_t ret;

	pthread_mutex_lock(&child.lock);
	ret = child.fd >= 0 ? child.pid : 0;
	pthread_mutex_unlock(&child.lock);
	return ret;
}

bool mail_child_html(struct buf *ret, const char *html, size_t len, bool *ret_whole)
{
	uint32_t flags = 0;
	bool ok = true, whole = len <= QUESTION_MAX;

	if (!whole)
		len = QUESTION_MAX;
	pthread_mutex_lock(&child.lock);
	if (child.program == NULL)
		flags = mail_html_to_text(ret, html, len) ? ANSWER_WHOLE : 0;
	else
		ok = ask(ASK_HTML, html, len, ret, &flags);
	pthread_mutex_unlock(&child.lock);
	if (ok)
		*ret_whole = whole && flags == ANSWER_WHOLE;
	return ok;
}

bool mail_child_type(struct buf *ret, const void *data, size_t len)
{
	uint32_t flags = 0;
	bool ok = true;

	if (len > MAIL_TYPE_BYTES)
		len = MAIL_TYPE_BYTES;
	pthread_mutex_lock(&child.lock);
	if (child.program == NULL)
		mail_type_guess(ret, data, len);
	else
		ok = ask(ASK_TYPE, data, len, ret, &flags);
	pthread_mutex_unlock(&child.lock);
	return ok;
}
