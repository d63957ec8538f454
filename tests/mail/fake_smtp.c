/* One thread listens, one a connection speaks. */
#include "fake_smtp.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "balie/mem.h"

#define CONNECTIONS_MAX 64

struct fake_smtp {
	int listening, port;
	char url[60];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	bool stopping, released;
	int open[CONNECTIONS_MAX]; /* descriptors; -1: free */
	int open_count;
	struct fake_script script;
	void (*choose)(void *user, struct fake_script *ret);
	void *user;
	struct fake_mail *mails;
	size_t mail_count;
	int steps[FAKE_STEPS];
	char auth[1000];
};

struct talk {
	struct fake_smtp *f;
	int fd, slot;
	struct fake_script script;
	char in[8192];
	size_t in_len;
	long read_count;
	struct buf from, to;
	bool over;
};

static void step_done(struct talk *t, enum fake_step step)
{
	pthread_mutex_lock(&t->f->lock);
	t->f->steps[step]++;
	pthread_cond_broadcast(&t->f->changed);
	pthread_mutex_unlock(&t->f->lock);
}

/* Reads more; false at the end, or where the script cuts. */
static bool fill(struct talk *t)
{
	size_t room = sizeof(t->in) - t->in_len;
	ssize_t n;

	if (t->script.cut_at > 0) {
		if (t->read_count >= t->script.cut_at)
			return false;
		if ((long)room > t->script.cut_at - t->read_count)
			room = (size_t)(t->script.cut_at - t->read_count);
	}
	n = recv(t->fd, t->in + t->in_len, room, 0);
	if (n <= 0)
		return false;
	t->in_len += (size_t)n;
	t->read_count += n;
	return true;
}

static bool read_line(struct talk *t, char *ret, size_t size)
{
	char *end;
	size_t n;

	while ((end = memchr(t->in, '\n', t->in_len)) == NULL)
		if (t->in_len == sizeof(t->in) || !fill(t))
			return false;
	n = (size_t)(end - t->in) + 1;
	snprintf(ret, size, "%.*s", (int)(n - 1), t->in);
	ret[strcspn(ret, "\r")] = '\0';
	t->in_len -= n;
	memmove(t->in, end + 1, t->in_len);
	return true;
}

static void say(struct talk *t, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t sent = send(t->fd, text, n, MSG_NOSIGNAL);

		if (sent <= 0)
			break;
		text += sent;
		n -= (size_t)sent;
	}
}

static void keep_silent(struct talk *t)
{
	char away[4096];

	while (recv(t->fd, away, sizeof(away), 0) > 0)
		;
}

static void hold(struct talk *t)
{
	pthread_mutex_lock(&t->f->lock);
	while (!t->f->released && !t->f->stopping)
		pthread_cond_wait(&t->f->changed, &t->f->lock);
	pthread_mutex_unlock(&t->f->lock);
}

/* False when the connection is over after it. *told: the good answer was given. */
static bool answer(struct talk *t, enum fake_step step, const char *good)
{
	const char *reply = t->script.replies[step];

	step_done(t, step);
	if (reply == NULL) {
		say(t, good);
		return true;
	}
	if (strcmp(reply, FAKE_CUT) == 0)
		return false;
	if (strcmp(reply, FAKE_SILENT) == 0) {
		keep_silent(t);
		return false;
	}
	if (strcmp(reply, FAKE_HELD) == 0) {
		hold(t);
		say(t, good);
		return true;
	}
	say(t, reply);
	return reply[0] != '4' || strncmp(reply, "421", 3) != 0;
}

static void keep(struct talk *t, struct buf *body)
{
	struct fake_smtp *f = t->f;
	struct fake_mail *m;

	pthread_mutex_lock(&f->lock);
	f->mails = xrealloc(f->mails, (f->mail_count + 1) * sizeof(*f->mails));
	m = &f->mails[f->mail_count++];
	memset(m, 0, sizeof(*m));
	m->from = buf_take(&t->from);
	m->to = buf_take(&t->to);
	m->len = body->len;
	m->told = t->script.replies[FAKE_END] == NULL ||
		  strcmp(t->script.replies[FAKE_END], FAKE_HELD) == 0;
	m->bytes = buf_take(body);
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

/* Up to the dot; false when it is cut. */
static bool take_body(struct talk *t)
{
	struct buf body = {0};
	bool whole = false;
	char *end;
	size_t n;

	if (t->script.early != NULL)
		say(t, t->script.early);
	if (t->script.body_cut_at > 0)
		t->script.cut_at = t->read_count - (long)t->in_len + t->script.body_cut_at;
	for (;;) {
		while ((end = memchr(t->in, '\n', t->in_len)) == NULL && t->in_len < sizeof(t->in))
			if (!fill(t))
				goto out;
		n = end != NULL ? (size_t)(end - t->in) + 1 : t->in_len;
		if (n == 3 && memcmp(t->in, ".\r\n", 3) == 0)
			whole = true;
		else
			buf_add(&body, t->in + (t->in[0] == '.'), n - (t->in[0] == '.'));
		t->in_len -= n;
		memmove(t->in, t->in + n, t->in_len);
		if (whole)
			break;
	}
	/* One that is refused was not taken. */
	if (t->script.replies[FAKE_END] == NULL ||
	    (t->script.replies[FAKE_END][0] != '4' && t->script.replies[FAKE_END][0] != '5'))
		keep(t, &body);
out:
	buf_finish(&body);
	return whole;
}

static bool do_recipient(struct talk *t, const char *line)
{
	if (t->script.refused != NULL && strstr(line, t->script.refused) != NULL) {
		step_done(t, FAKE_RCPT);
		say(t, t->script.refusal);
		return true;
	}
	if (t->script.replies[FAKE_RCPT] == NULL)
		buf_printf(&t->to, "%s%s", t->to.len > 0 ? "\n" : "", line);
	return answer(t, FAKE_RCPT, "250 ok\r\n");
}

static bool do_login(struct talk *t, const char *line)
{
	char more[1000];

	if (strchr(line + 5, ' ') == NULL) {
		say(t, "334 \r\n");
		if (!read_line(t, more, sizeof(more)))
			return false;
		line = more;
	}
	pthread_mutex_lock(&t->f->lock);
	snprintf(t->f->auth, sizeof(t->f->auth), "%.900s", line);
	pthread_mutex_unlock(&t->f->lock);
	return answer(t, FAKE_AUTH, "235 welcome\r\n");
}

static bool do_line(struct talk *t, const char *line)
{
	char ehlo[200];

	if (strncasecmp(line, "EHLO", 4) == 0) {
		snprintf(ehlo, sizeof(ehlo), "250-fake\r\n%s%s250 SIZE 50000000\r\n",
			 t->script.no_utf8 ? "" : "250-SMTPUTF8\r\n",
			 t->script.no_auth ? "" : "250-AUTH PLAIN OAUTHBEARER\r\n");
		return answer(t, FAKE_EHLO, ehlo);
	}
	if (strncasecmp(line, "AUTH", 4) == 0)
		return do_login(t, line);
	if (strncasecmp(line, "MAIL", 4) == 0) {
		buf_reset(&t->from);
		buf_reset(&t->to);
		buf_add_str(&t->from, line);
		return answer(t, FAKE_MAIL, "250 ok\r\n");
	}
	if (strncasecmp(line, "RCPT", 4) == 0)
		return do_recipient(t, line);
	if (strncasecmp(line, "DATA", 4) == 0) {
		bool good = t->script.replies[FAKE_DATA] == NULL;

		if (!answer(t, FAKE_DATA, "354 go on\r\n"))
			return false;
		return !good || (take_body(t) && answer(t, FAKE_END, "250 taken\r\n"));
	}
	say(t, strncasecmp(line, "QUIT", 4) == 0 ? "221 bye\r\n" : "500 what?\r\n");
	return strncasecmp(line, "QUIT", 4) != 0;
}

static void *talk_main(void *user)
{
	struct talk *t = user;
	struct fake_smtp *f = t->f;
	struct linger hard = {.l_onoff = 1};
	char line[4000];
	bool on;

	pthread_mutex_lock(&f->lock);
	t->script = f->script;
	if (f->choose != NULL)
		f->choose(f->user, &t->script);
	pthread_mutex_unlock(&f->lock);
	on = answer(t, FAKE_GREETING, "220 fake\r\n");
	while (on && read_line(t, line, sizeof(line)))
		on = do_line(t, line);
	if (t->script.reset)
		setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	pthread_mutex_lock(&f->lock);
	close(t->fd);
	f->open[t->slot] = -1;
	f->open_count--;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	buf_finish(&t->from);
	buf_finish(&t->to);
	free(t);
	return NULL;
}

/* Under the lock. */
static int free_slot(struct fake_smtp *f)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (f->open[i] < 0)
			return i;
	return -1;
}

static void begin_talk(struct fake_smtp *f, int fd)
{
	struct talk *t = xcalloc(1, sizeof(*t));
	pthread_t thread;

	t->f = f;
	t->fd = fd;
	pthread_mutex_lock(&f->lock);
	while ((t->slot = free_slot(f)) < 0 && !f->stopping)
		pthread_cond_wait(&f->changed, &f->lock);
	if (f->stopping || pthread_create(&thread, NULL, talk_main, t) != 0) {
		close(fd);
		free(t);
	} else {
		pthread_detach(thread);
		f->open[t->slot] = fd;
		f->open_count++;
	}
	pthread_mutex_unlock(&f->lock);
}

static void *listen_main(void *user)
{
	struct fake_smtp *f = user;
	int fd;

	while ((fd = accept(f->listening, NULL, NULL)) >= 0)
		begin_talk(f, fd);
	return NULL;
}

struct fake_smtp *fake_smtp_start(void)
{
	struct fake_smtp *f = xcalloc(1, sizeof(*f));
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		f->open[i] = -1;
	f->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(f->listening, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(f->listening, 64) != 0 ||
	    getsockname(f->listening, (struct sockaddr *)&at, &len) != 0 ||
	    pthread_create(&f->thread, NULL, listen_main, f) != 0) {
		perror("fake_smtp");
		abort();
	}
	f->port = ntohs(at.sin_port);
	snprintf(f->url, sizeof(f->url), "smtp+plain://127.0.0.1:%d", f->port);
	return f;
}

void fake_smtp_stop(struct fake_smtp *f)
{
	pthread_mutex_lock(&f->lock);
	f->stopping = true;
	shutdown(f->listening, SHUT_RDWR);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (f->open[i] >= 0)
			shutdown(f->open[i], SHUT_RDWR);
	pthread_cond_broadcast(&f->changed);
	while (f->open_count > 0)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
	pthread_join(f->thread, NULL);
	close(f->listening);
	for (size_t i = 0; i < f->mail_count; i++) {
		free(f->mails[i].from);
		free(f->mails[i].to);
		free(f->mails[i].bytes);
	}
	free(f->mails);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->changed);
	free(f);
}

const char *fake_smtp_url(const struct fake_smtp *f)
{
	return f->url;
}

int fake_smtp_port(const struct fake_smtp *f)
{
	return f->port;
}

void fake_smtp_script(struct fake_smtp *f, const struct fake_script *script)
{
	pthread_mutex_lock(&f->lock);
	f->script = *script;
	f->released = false;
	pthread_mutex_unlock(&f->lock);
}

void fake_smtp_choose(struct fake_smtp *f, void (*choose)(void *user, struct fake_script *ret),
		      void *user)
{
	pthread_mutex_lock(&f->lock);
	f->choose = choose;
	f->user = user;
	pthread_mutex_unlock(&f->lock);
}

void fake_smtp_release(struct fake_smtp *f)
{
	pthread_mutex_lock(&f->lock);
	f->released = true;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

void fake_smtp_await(struct fake_smtp *f, size_t taken)
{
	pthread_mutex_lock(&f->lock);
	while (f->mail_count < taken)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

void fake_smtp_await_step(struct fake_smtp *f, enum fake_step step, int times)
{
	pthread_mutex_lock(&f->lock);
	while (f->steps[step] < times)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

bool fake_smtp_wait_step(struct fake_smtp *f, enum fake_step step, int times, int ms)
{
	struct timespec until;
	bool ret;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&f->lock);
	while (f->steps[step] < times && pthread_cond_timedwait(&f->changed, &f->lock, &until) == 0)
		;
	ret = f->steps[step] >= times;
	pthread_mutex_unlock(&f->lock);
	return ret;
}

size_t fake_smtp_taken(struct fake_smtp *f)
{
	size_t n;

	pthread_mutex_lock(&f->lock);
	n = f->mail_count;
	pthread_mutex_unlock(&f->lock);
	return n;
}

int fake_smtp_steps(struct fake_smtp *f, enum fake_step step)
{
	int n;

	pthread_mutex_lock(&f->lock);
	n = f->steps[step];
	pthread_mutex_unlock(&f->lock);
	return n;
}

const struct fake_mail *fake_smtp_mail(struct fake_smtp *f, size_t i)
{
	static _Thread_local struct fake_mail copy;
	bool there;

	pthread_mutex_lock(&f->lock);
	there = i < f->mail_count;
	if (there)
		copy = f->mails[i];
	pthread_mutex_unlock(&f->lock);
	return there ? &copy : NULL;
}

const char *fake_smtp_auth(struct fake_smtp *f)
{
	static _Thread_local char copy[1000];

	pthread_mutex_lock(&f->lock);
	strcpy(copy, f->auth);
	pthread_mutex_unlock(&f->lock);
	return copy;
}
