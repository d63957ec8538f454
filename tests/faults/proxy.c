#include "proxy.h"
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "balie/mem.h"
#include "fixture.h"

#define THREADS_MAX 65536

struct proxy {
	char *path, *to;
	int listening;
	pthread_t thread;
	pthread_mutex_t lock;
	/* under the lock */
	uint64_t random;
	int lost, cut, broken;
	bool stopping;
	int open[256];
	pthread_t *threads;
	int thread_count;
};

struct pair {
	struct proxy *p;
	int client, service, slot;
	bool action; /* an action was asked and not yet answered */
};

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool pass(int to, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(to, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* What comes back. False: the connection ends here. */
static bool pass_answer(struct pair *pair, const char *data, size_t len)
{
	struct proxy *p = pair->p;
	int dice, lost, cut;

	if (!pair->action)
		return pass(pair->client, data, len);
	pair->action = false;
	pthread_mutex_lock(&p->lock);
	dice = (int)(fixture_random(&p->random) % 1000);
	lost = p->lost;
	cut = p->cut;
	p->broken += dice < lost + cut;
	pthread_mutex_unlock(&p->lock);
	if (dice < lost)
		return false;
	if (dice < lost + cut) {
		pass(pair->client, data, len / 2);
		return false;
	}
	return pass(pair->client, data, len);
}

static bool move(struct pair *pair, int from)
{
	char data[65536];
	ssize_t n = recv(from, data, sizeof(data), 0);

	if (n <= 0)
		return false;
	if (from == pair->service)
		return pass_answer(pair, data, (size_t)n);
	pair->action |= n > 16 && strncmp(data, "POST /v1/actions", 16) == 0;
	return pass(pair->service, data, (size_t)n);
}

static void *pump(void *user)
{
	struct pair *pair = user;
	struct proxy *p = pair->p;
	bool keep = true;

	while (keep) {
		struct pollfd fds[2] = {{.fd = pair->client, .events = POLLIN},
					{.fd = pair->service, .events = POLLIN}};

		if (poll(fds, 2, -1) < 0)
			break;
		for (int i = 0; keep && i < 2; i++)
			if (fds[i].revents != 0)
				keep = move(pair, fds[i].fd);
	}
	pthread_mutex_lock(&p->lock);
	p->open[pair->slot] = -1;
	close(pair->client);
	close(pair->service);
	pthread_mutex_unlock(&p->lock);
	free(pair);
	return NULL;
}

static void begin(struct proxy *p, int client)
{
	int service = connect_to(p->to);
	struct pair *pair;

	if (service < 0) {
		close(client);
		return;
	}
	pair = xcalloc(1, sizeof(*pair));
	pair->p = p;
	pair->client = client;
	pair->service = service;
	pthread_mutex_lock(&p->lock);
	while (p->open[pair->slot] != -1)
		if (++pair->slot == 256)
			abort();
	p->open[pair->slot] = client;
	if (p->thread_count == THREADS_MAX ||
	    pthread_create(&p->threads[p->thread_count++], NULL, pump, pair) != 0)
		abort();
	pthread_mutex_unlock(&p->lock);
}

static void *accept_all(void *user)
{
	struct proxy *p = user;
	int fd;

	while ((fd = accept(p->listening, NULL, NULL)) >= 0)
		begin(p, fd);
	return NULL;
}

struct proxy *proxy_start(const char *path, const char *to, uint64_t seed)
{
	struct proxy *p = xcalloc(1, sizeof(*p));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	p->path = xstrdup(path);
	p->to = xstrdup(to);
	p->random = seed | 1;
	p->threads = xcalloc(THREADS_MAX, sizeof(*p->threads));
	pthread_mutex_init(&p->lock, NULL);
	for (int i = 0; i < 256; i++)
		p->open[i] = -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	p->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(p->listening, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(p->listening, 64) < 0 || pthread_create(&p->thread, NULL, accept_all, p) != 0)
		abort();
	return p;
}

void proxy_set(struct proxy *p, int lost, int cut)
{
	pthread_mutex_lock(&p->lock);
	p->lost = lost;
	p->cut = cut;
	pthread_mutex_unlock(&p->lock);
}

int proxy_broken(struct proxy *p)
{
	int ret;

	pthread_mutex_lock(&p->lock);
	ret = p->broken;
	pthread_mutex_unlock(&p->lock);
	return ret;
}

void proxy_stop(struct proxy *p)
{
	shutdown(p->listening, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	pthread_mutex_lock(&p->lock);
	for (int i = 0; i < 256; i++)
		if (p->open[i] != -1)
			shutdown(p->open[i], SHUT_RDWR);
	pthread_mutex_unlock(&p->lock);
	for (int i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	close(p->listening);
	unlink(p->path);
	pthread_mutex_destroy(&p->lock);
	free(p->threads);
	free(p->path);
	free(p->to);
	free(p);
}
