#include "cutter.h"
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "balie/mem.h"
#include "fixture.h"

#define PAIRS 64
#define CHUNK 65536

struct pair {
	int service, server;
	int marked; /* by which cutter_arm() */
};
struct cutter {
	char folder[64], path[100], to[100];
	int listening;
	pthread_t thread;
	pthread_mutex_t lock;
	/* under the lock */
	enum cut cut;
	int left;
	bool stays, away; /* after the cut nobody is let in */
	int fired;
	char mark[37];
	int armed; /* how often */
	/* of the thread */
	struct pair pairs[PAIRS];
	size_t count;
};

static int unix_socket(const char *path, struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
	return fd;
}

static void let_in(struct cutter *c)
{
	struct pair pair = {.service = accept(c->listening, NULL, NULL)};
	struct sockaddr_un address;
	bool away;

	pthread_mutex_lock(&c->lock);
	away = c->away;
	pthread_mutex_unlock(&c->lock);
	pair.server = unix_socket(c->to, &address);
	if (away || c->count == PAIRS ||
	    connect(pair.server, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(pair.server);
		close(pair.service);
		return;
	}
	c->pairs[c->count++] = pair;
}

static bool pass(int from, int to, char *chunk, ssize_t *len)
{
	*len = recv(from, chunk, CHUNK, 0);
	for (ssize_t at = 0; at < *len;) {
		ssize_t n = to < 0 ? *len : send(to, chunk + at, (size_t)(*len - at), MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += n;
	}
	return *len > 0;
}

/* Reads what the server answers to the commit, up to its "ready". */
static void lose_answer(struct pair *p)
{
	static char chunk[CHUNK];
	ssize_t len;

	while (pass(p->server, -1, chunk, &len))
		if (len >= 6 && memcmp(chunk + len - 6, "Z\0\0\0\5", 5) == 0)
			return;
}

/* What to do with a message of the service. */
static enum cut judge(struct cutter *c, struct pair *p, const char *chunk, size_t len)
{
	enum cut ret = CUT_NOTHING;

	pthread_mutex_lock(&c->lock);
	if (c->mark[0] && memmem(chunk, len, c->mark, strlen(c->mark)))
		p->marked = c->armed;
	if (c->mark[0] && p->marked != c->armed)
		goto out;
	if (c->cut == CUT_MESSAGE ? --c->left == 0
				  : c->cut != CUT_NOTHING && memmem(chunk, len, "COMMIT", 6)) {
		ret = c->cut;
		c->cut = CUT_NOTHING;
		c->fired++;
		c->away = c->stays;
	}
out:
	pthread_mutex_unlock(&c->lock);
	return ret;
}

/* False when the connection is over. */
static bool from_service(struct cutter *c, struct pair *p)
{
	static char chunk[CHUNK];
	ssize_t len = recv(p->service, chunk, sizeof(chunk), 0);
	enum cut cut = len > 0 ? judge(c, p, chunk, (size_t)len) : CUT_MESSAGE;

	if (cut == CUT_MESSAGE || cut == CUT_BEFORE_COMMIT ||
	    send(p->server, chunk, (size_t)len, MSG_NOSIGNAL) != len)
		return false;
	if (cut == CUT_AFTER_COMMIT)
		lose_answer(p);
	return cut == CUT_NOTHING;
}

static void *cutter_main(void *user)
{
	static char chunk[CHUNK];
	struct cutter *c = user;
	struct pollfd fds[1 + 2 * PAIRS];
	ssize_t len;

	for (;;) {
		fds[0] = (struct pollfd){.fd = c->listening, .events = POLLIN};
		for (size_t i = 0; i < c->count; i++) {
			fds[1 + 2 * i] =
				(struct pollfd){.fd = c->pairs[i].service, .events = POLLIN};
			fds[2 + 2 * i] =
				(struct pollfd){.fd = c->pairs[i].server, .events = POLLIN};
		}
		if (poll(fds, 1 + 2 * c->count, -1) < 0)
			continue;
		for (size_t i = c->count; i > 0; i--) {
			struct pair *p = &c->pairs[i - 1];
			bool goes_on = true;

			if (fds[2 * i].revents)
				goes_on = pass(p->server, p->service, chunk, &len);
			if (goes_on && fds[2 * i - 1].revents)
				goes_on = from_service(c, p);
			if (goes_on)
				continue;
			close(p->service);
			close(p->server);
			*p = c->pairs[--c->count];
		}
		if (fds[0].revents)
			let_in(c);
	}
	return NULL;
}

struct cutter *cutter_start(const char *url, char ret_url[POSTGRES_URL])
{
	struct cutter *c = xcalloc(1, sizeof(*c));
	const char *host = strstr(url, "?host=");
	struct sockaddr_un address;

	snprintf(c->folder, sizeof(c->folder), "/tmp/balie-cut-XXXXXX");
	assert_non_null(mkdtemp(c->folder));
	snprintf(c->path, sizeof(c->path), "%s/.s.PGSQL.5432", c->folder);
	snprintf(c->to, sizeof(c->to), "%s/.s.PGSQL.5432", postgres_folder());
	snprintf(ret_url, POSTGRES_URL, "%.*s?host=%s&user=" POSTGRES_ROLE, (int)(host - url), url,
		 c->folder);
	c->listening = unix_socket(c->path, &address);
	assert_int_equal(bind(c->listening, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(c->listening, PAIRS), 0);
	pthread_mutex_init(&c->lock, NULL);
	assert_int_equal(pthread_create(&c->thread, NULL, cutter_main, c), 0);
	return c;
}

void cutter_arm(struct cutter *c, enum cut cut, int message, bool stays, const char *mark)
{
	pthread_mutex_lock(&c->lock);
	c->cut = cut;
	c->left = message;
	c->armed++;
	c->stays = stays;
	c->fired = 0;
	snprintf(c->mark, sizeof(c->mark), "%s", mark);
	pthread_mutex_unlock(&c->lock);
}

bool cutter_disarm(struct cutter *c)
{
	bool fired;

	pthread_mutex_lock(&c->lock);
	fired = c->fired > 0;
	c->cut = CUT_NOTHING;
	c->away = false;
	pthread_mutex_unlock(&c->lock);
	return fired;
}

void cutter_remove(struct cutter *c)
{
	unlink(c->path);
	rmdir(c->folder);
}
