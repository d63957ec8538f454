/* The scripted server: its mailboxes and what the test tells it. How it talks is in fake_talk.c. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "fake_private.h"

const char *const fake_fault_names[FAKE_FAULTS] = {
	"cut",		 "cut before",	 "cut after",	 "silent",	   "no",       "no store",
	"bad",		 "wrong tag",	 "wrong uid",	 "no uid",	   "left out", "twice",
	"short literal", "cut literal",	 "long literal", "huge literal",   "storm",    "line",
	"garbage",	 "high uidnext", "low uidnext",	 "other validity", "bye",      "login",
};

uint64_t fake_next(struct fake_imap *f)
{
	uint64_t z = (f->seed += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* ---- mailboxes ---- */

int fake_find_folder(struct fake_imap *f, const char *name)
{
	for (int i = 0; i < f->folder_count; i++)
		if (strcmp(f->folders[i].name, name) == 0)
			return i;
	return -1;
}

int fake_make_folder(struct fake_imap *f, const char *name)
{
	struct fake_folder *folder = &f->folders[f->folder_count];

	if (f->folder_count == FAKE_FOLDERS)
		return -1;
	snprintf(folder->name, sizeof(folder->name), "%s", name);
	folder->validity = 1000 + (uint32_t)f->folder_count;
	folder->next = 1;
	return f->folder_count++;
}

struct fake_message *fake_append(struct fake_folder *folder, struct fake_raw *raw, int64_t date)
{
	struct fake_message *m;

	folder->messages =
		xrealloc(folder->messages, (folder->count + 1) * sizeof(*folder->messages));
	m = &folder->messages[folder->count++];
	memset(m, 0, sizeof(*m));
	m->uid = folder->next++;
	m->raw = raw;
	m->date = date;
	raw->refs++;
	return m;
}

void fake_drop(struct fake_folder *folder, size_t at)
{
	struct fake_raw *raw = folder->messages[at].raw;

	if (--raw->refs == 0) {
		free(raw->data);
		free(raw);
	}
	folder->count--;
	memmove(folder->messages + at, folder->messages + at + 1,
		(folder->count - at) * sizeof(*folder->messages));
}

static void wake_all(struct fake_imap *f)
{
	for (int i = 0; i < FAKE_CONNECTIONS; i++)
		if (f->connections[i].used && !f->connections[i].ended)
			eventfd_write(f->connections[i].wake, 1);
}

uint32_t fake_add_dated(struct fake_imap *f, const void *raw, size_t len, int64_t ms)
{
	struct fake_raw *r = xcalloc(1, sizeof(*r));
	uint32_t uid;

	r->len = len;
	r->data = xcalloc(1, len + 1);
	memcpy(r->data, raw, len);
	pthread_mutex_lock(&f->lock);
	uid = fake_append(&f->folders[0], r, ms)->uid;
	wake_all(f);
	pthread_mutex_unlock(&f->lock);
	return uid;
}

uint32_t fake_add(struct fake_imap *f, const void *raw, size_t len)
{
	return fake_add_dated(f, raw, len, clock_now());
}

bool fake_expunge(struct fake_imap *f, uint32_t uid, bool *was_sent)
{
	struct fake_folder *in = &f->folders[0];
	bool found = false;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < in->count && !found; i++)
		if (in->messages[i].uid == uid) {
			*was_sent = in->messages[i].raw->sent;
			fake_drop(in, i);
			found = true;
		}
	pthread_mutex_unlock(&f->lock);
	return found;
}

/* Under the lock. What is answered from now on arrives nowhere. */
static void end_all(struct fake_imap *f)
{
	for (int i = 0; i < FAKE_CONNECTIONS; i++)
		if (f->connections[i].used && !f->connections[i].ended)
			shutdown(f->connections[i].fd, SHUT_RDWR);
}

static void number_again(struct fake_imap *f, uint32_t validity)
{
	struct fake_folder *in = &f->folders[0];

	pthread_mutex_lock(&f->lock);
	/* A session does not live through it, and sees nothing of it. */
	end_all(f);
	in->next = 1;
	in->validity += validity;
	for (size_t i = 0; i < in->count; i++)
		in->messages[i].uid = in->next++;
	pthread_mutex_unlock(&f->lock);
}

void fake_renumber(struct fake_imap *f)
{
	number_again(f, 17);
}

void fake_remake(struct fake_imap *f)
{
	number_again(f, 0);
}

int fake_count(struct fake_imap *f, const char *folder)
{
	int i, ret;

	pthread_mutex_lock(&f->lock);
	i = fake_find_folder(f, folder);
	ret = i < 0 ? -1 : (int)f->folders[i].count;
	pthread_mutex_unlock(&f->lock);
	return ret;
}

uint32_t fake_uid(struct fake_imap *f, int n)
{
	uint32_t ret = 0;

	pthread_mutex_lock(&f->lock);
	if ((size_t)n < f->folders[0].count)
		ret = f->folders[0].messages[n].uid;
	pthread_mutex_unlock(&f->lock);
	return ret;
}

bool fake_sha(struct fake_imap *f, uint32_t uid, char ret[65])
{
	struct fake_folder *in = &f->folders[0];
	bool found = false;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < in->count; i++)
		if (in->messages[i].uid == uid) {
			hash_hex(in->messages[i].raw->data, in->messages[i].raw->len, ret);
			found = true;
		}
	pthread_mutex_unlock(&f->lock);
	return found;
}

bool fake_flagged(struct fake_imap *f, uint32_t uid, const char *flag)
{
	bool ret = false;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->folders[0].count; i++)
		if (f->folders[0].messages[i].uid == uid)
			ret = strstr(f->folders[0].messages[i].flags, flag) != NULL;
	pthread_mutex_unlock(&f->lock);
	return ret;
}

/* ---- what the test tells ---- */

void fake_can(struct fake_imap *f, bool idle, bool move, bool uidplus)
{
	pthread_mutex_lock(&f->lock);
	f->idle = idle;
	f->move = move;
	f->uidplus = uidplus;
	pthread_mutex_unlock(&f->lock);
}

void fake_token(struct fake_imap *f, const char *token)
{
	pthread_mutex_lock(&f->lock);
	free(f->token);
	f->token = token ? xstrdup(token) : NULL;
	pthread_mutex_unlock(&f->lock);
}

void fake_fault(struct fake_imap *f, enum fake_fault fault, int times, long argument)
{
	pthread_mutex_lock(&f->lock);
	f->faults[fault].times = times;
	f->faults[fault].argument = argument;
	pthread_mutex_unlock(&f->lock);
}

void fake_chaos(struct fake_imap *f, uint64_t seed, int permille)
{
	pthread_mutex_lock(&f->lock);
	f->seed = seed;
	f->permille = permille;
	pthread_mutex_unlock(&f->lock);
}

long fake_done(struct fake_imap *f, enum fake_fault fault)
{
	long ret;

	pthread_mutex_lock(&f->lock);
	ret = f->done[fault];
	pthread_mutex_unlock(&f->lock);
	return ret;
}

long fake_commands(struct fake_imap *f, const char *name)
{
	long ret = 0;

	pthread_mutex_lock(&f->lock);
	for (int i = 0; i < f->name_count; i++)
		if (strncmp(f->names[i].name, name, strlen(name)) == 0)
			ret += f->names[i].count;
	pthread_mutex_unlock(&f->lock);
	return ret;
}

long fake_bytes(struct fake_imap *f)
{
	long ret;

	pthread_mutex_lock(&f->lock);
	ret = f->bytes;
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static int count_in(struct fake_imap *f)
{
	int ret = 0;

	for (int i = 0; i < FAKE_CONNECTIONS; i++)
		ret += f->connections[i].used && !f->connections[i].ended && f->connections[i].in;
	return ret;
}

int fake_connected(struct fake_imap *f)
{
	int ret;

	pthread_mutex_lock(&f->lock);
	ret = count_in(f);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

int fake_connected_most(struct fake_imap *f)
{
	int ret;

	pthread_mutex_lock(&f->lock);
	ret = f->most;
	f->most = count_in(f);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

bool fake_await_idle(struct fake_imap *f, int ms)
{
	struct timespec at;
	bool ret = false;
	int late = 0;

	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000L;
	if (at.tv_nsec >= 1000000000L) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&f->lock);
	for (;;) {
		for (int i = 0; i < FAKE_CONNECTIONS; i++)
			ret |= f->connections[i].used && !f->connections[i].ended &&
			       f->connections[i].idles;
		if (ret || late != 0)
			break;
		late = pthread_cond_timedwait(&f->changed, &f->lock, &at);
	}
	pthread_mutex_unlock(&f->lock);
	return ret;
}

void fake_hang_up(struct fake_imap *f)
{
	pthread_mutex_lock(&f->lock);
	end_all(f);
	pthread_mutex_unlock(&f->lock);
}

void fake_count_command(struct fake_imap *f, const char *command)
{
	size_t n = strcspn(command, " ");
	int i = 0;

	if (strncmp(command, "UID ", 4) == 0)
		n = 4 + strcspn(command + 4, " ");
	if (n >= sizeof(f->names[0].name))
		return;
	while (i < f->name_count &&
	       (strncmp(f->names[i].name, command, n) != 0 || f->names[i].name[n] != '\0'))
		i++;
	if (i == FAKE_NAMES)
		return;
	if (i == f->name_count) {
		memcpy(f->names[i].name, command, n);
		f->name_count++;
	}
	f->names[i].count++;
}

/* ---- connections ---- */

/* Of one that ended; under the lock. */
static void clear_connection(struct fake_connection *c)
{
	pthread_join(c->thread, NULL);
	close(c->fd);
	close(c->wake);
	buf_finish(&c->line);
	buf_finish(&c->answer);
	memset(c, 0, sizeof(*c));
}

static void take_connection(struct fake_imap *f, int fd)
{
	struct fake_connection *c = NULL;

	pthread_mutex_lock(&f->lock);
	for (int i = 0; i < FAKE_CONNECTIONS; i++) {
		if (f->connections[i].used && f->connections[i].ended)
			clear_connection(&f->connections[i]);
		if (!f->connections[i].used && !c)
			c = &f->connections[i];
	}
	if (c) {
		c->used = true;
		c->server = f;
		c->fd = fd;
		c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		c->folder = -1;
		c->fault = FAKE_FAULTS;
		pthread_create(&c->thread, NULL, fake_talk, c);
	} else {
		close(fd);
	}
	pthread_mutex_unlock(&f->lock);
}

static void *accept_all(void *user)
{
	struct fake_imap *f = user;
	int fd;

	while ((fd = accept4(f->listening, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		take_connection(f, fd);
	return NULL;
}

struct fake_imap *fake_start(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct fake_imap *f = xcalloc(1, sizeof(*f));
	socklen_t len = sizeof(at);

	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	f->idle = f->move = f->uidplus = true;
	fake_make_folder(f, "INBOX");
	f->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(f->listening, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(f->listening, 64) != 0 ||
	    getsockname(f->listening, (struct sockaddr *)&at, &len) != 0 ||
	    pthread_create(&f->thread, NULL, accept_all, f) != 0)
		abort();
	f->port = ntohs(at.sin_port);
	return f;
}

int fake_port(const struct fake_imap *f)
{
	return f->port;
}

void fake_stop(struct fake_imap *f)
{
	shutdown(f->listening, SHUT_RDWR);
	pthread_join(f->thread, NULL);
	close(f->listening);
	pthread_mutex_lock(&f->lock);
	f->stopping = true;
	pthread_mutex_unlock(&f->lock);
	fake_hang_up(f);
	wake_all(f);
	for (int i = 0; i < FAKE_CONNECTIONS; i++)
		if (f->connections[i].used)
			clear_connection(&f->connections[i]);
	for (int i = 0; i < f->folder_count; i++) {
		while (f->folders[i].count > 0)
			fake_drop(&f->folders[i], f->folders[i].count - 1);
		free(f->folders[i].messages);
	}
	free(f->token);
	free(f);
}
