/* Balie's queue against a bare ncurses list over the same cache, in turn, in one run: start to full
 * screen, memory, and from a key to the last byte painted while the mirror is being written.
 *   bench_client BALIE BARE_LIST FILL */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "terminal.h"

#define TICKETS "100000"
#define STARTS 21
#define KEYS 1500

static char dir[] = "/tmp/balie-bench-XXXXXX";
#define SERVER "unix:/nonexistent/balied"

static char home[64], cache[160], db[192];

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static long memory_kb(pid_t pid)
{
	char path[64], line[256];
	long kb = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

struct subject {
	const char *name;
	char *argv[8];
	const char *env[8];
	bool ticket;  /* keys are pressed in a ticket: each opens the next one */
	bool contact; /* letters are typed in a contact: each is on disk before it is shown */
	bool citizen; /* letters are typed in the box that finds people: each searches the mirror */
	uint64_t start[STARTS], key[KEYS];
	long kb;
};

static struct terminal *start(struct subject *s, int i)
{
	uint64_t from = clock_mono_ns();
	struct terminal *t = terminal_start(s->argv, s->env, 50, 160);
	if (!t || !terminal_wait_text(t, "26-0", 20000)) {
		fprintf(stderr, "%s shows no ticket\n", s->name);
		if (t)
			puts(terminal_screen_text(t));
		exit(1);
	}
	if (i >= 0)
		s->start[i] = clock_mono_ns() - from;
	return t;
}

/* "claes 12/3/64" and "vd v 8812 1", typed and taken back letter by letter. */
static const char *letter(int i)
{
	static const char text[] = "claes 12/3/64vd v 8812 1";
	static char key[2];
	int at = i % 26;

	if (at >= 13)
		return "Backspace";
	key[0] = i / 26 % 2 ? text[13 + at % 11] : text[at];
	return key[0] == ' ' ? "Space" : key;
}

static void keys(struct subject *s)
{
	struct terminal *t = start(s, -1);
	if (s->citizen) {
		terminal_key(t, "F7");
		terminal_wait_text(t, "postcode", 20000);
	}
	if (s->ticket) {
		terminal_key(t, "Enter");
		terminal_wait_text(t, "Ticket 26-0", 20000);
	}
	if (s->contact) {
		terminal_keys(t, "F2 Enter");
		terminal_wait_text(t, "Question 1 of 1", 20000);
	}
	for (int i = 0; i < KEYS; i++) {
		const char *key = s->citizen	? letter(i)
				  : s->contact	? i % 50 == 49 ? "Ctrl+U" : "a"
				  : s->ticket	? "n"
				  : i % 10 == 9 ? "PageDown"
				  : i % 2	? "Down"
				  : i % 5	? "Down"
						: "Up";
		unsigned frames = terminal_frames(t);
		terminal_key(t, key);
		terminal_wait_frames(t, frames + 1, 20000);
		s->key[i] = terminal_key_to_frame_ns(t);
	}
	s->kb = memory_kb(terminal_pid(t));
	terminal_stop(t);
	qsort(s->key, KEYS, sizeof(*s->key), by_size);
}

static pid_t run(const char *fill, const char *mode, const char *n)
{
	pid_t pid = fork();
	if (pid == 0) {
		execl(fill, fill, mode, cache, n, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void report(struct subject *s)
{
	printf("%-10s start p50 %7.2f ms   memory %6.1f MB   key p50 %6.3f ms  p99 %6.3f ms\n",
	       s->name, (double)s->start[STARTS / 2] / 1e6, (double)s->kb / 1024,
	       (double)s->key[KEYS / 2] / 1e6, (double)s->key[KEYS * 99 / 100] / 1e6);
}

/* The folders of an agent who has logged in before, so that the program starts from what is there. */
static bool make_home(void)
{
	char hash[HASH_TEXT], path[256];

	hash_hex(SERVER, strlen(SERVER), hash);
	static const char *const places[] = {"cache", "data"};
	mkdir(home, 0700);
	for (int i = 1; i >= 0; i--) {
		snprintf(path, sizeof(path), "%s/%s", home, places[i]);
		mkdir(path, 0700);
		snprintf(cache, sizeof(cache), "%s/%s/an-%.12s", home, places[i], hash);
		mkdir(cache, 0700);
	}
	snprintf(path, sizeof(path), "%s/data/an-%.12s/token", home, hash);
	snprintf(db, sizeof(db), "%s/cache.db", cache);
	FILE *f = fopen(path, "w");
	if (!f)
		return false;
	fputs("0123456789012345678901234567890123456789012", f);
	return fclose(f) == 0;
}

static void report_contact(const struct subject *contact, const struct subject *bare)
{
	printf("a letter typed in a contact, kept on disk            key p50 %6.3f ms  p99 %6.3f "
	       "ms   ratio p99 %.2f (aim 2)\n",
	       (double)contact->key[KEYS / 2] / 1e6, (double)contact->key[KEYS * 99 / 100] / 1e6,
	       (double)contact->key[KEYS * 99 / 100] / (double)bare->key[KEYS * 99 / 100]);
}

static void report_citizen(const struct subject *citizen, const struct subject *bare)
{
	printf("a citizen typed, letter by letter                    key p50 %6.3f ms  p99 %6.3f "
	       "ms   ratio p99 %.2f (aim 2)\n",
	       (double)citizen->key[KEYS / 2] / 1e6, (double)citizen->key[KEYS * 99 / 100] / 1e6,
	       (double)citizen->key[KEYS * 99 / 100] / (double)bare->key[KEYS * 99 / 100]);
}

static struct subject made(struct subject like, const char *name)
{
	like.name = name;
	return like;
}

int main(int argc, char **argv)
{
	static char home_env[160];
	int status;
	if (argc != 4 || !mkdtemp(dir))
		return 2;
	snprintf(home, sizeof(home), "%s/home", dir);
	snprintf(home_env, sizeof(home_env), "BALIE_HOME=%s", home);
	if (!make_home())
		return 1;
	waitpid(run(argv[3], "fill", TICKETS), &status, 0);
	if (status)
		return 1;

	struct subject balie = {.name = "balie",
				.argv = {argv[1], (char[]){"--server"}, (char[]){SERVER},
					 (char[]){"--user"}, (char[]){"an"}},
				.env = {home_env}};
	struct subject bare = {.name = "bare list", .argv = {argv[2], db}};
	struct subject ticket = made(balie, "a ticket");
	ticket.ticket = true;
	struct subject citizen = made(balie, "a citizen");
	citizen.citizen = true;
	struct subject contact = made(balie, "a contact");
	contact.contact = true;
	for (int i = 0; i < STARTS; i++) {
		terminal_stop(start(&bare, i));
		terminal_stop(start(&balie, i));
	}
	qsort(bare.start, STARTS, sizeof(*bare.start), by_size);
	qsort(balie.start, STARTS, sizeof(*balie.start), by_size);

	pid_t writer = run(argv[3], "write", NULL);
	keys(&bare);
	keys(&balie);
	keys(&ticket);
	keys(&citizen);
	keys(&contact);
	kill(writer, SIGTERM);
	waitpid(writer, &status, 0);

	report(&bare);
	report(&balie);
	printf("a ticket opened by n                                 key p50 %6.3f ms  p99 %6.3f "
	       "ms\n",
	       (double)ticket.key[KEYS / 2] / 1e6, (double)ticket.key[KEYS * 99 / 100] / 1e6);
	report_citizen(&citizen, &bare);
	report_contact(&contact, &bare);
	printf("ratio      start %.2f (aim 2)   memory %.2f (aim 3)   key p99 %.2f, in a ticket "
	       "%.2f "
	       "(aim 2)\n",
	       (double)balie.start[STARTS / 2] / (double)bare.start[STARTS / 2],
	       (double)balie.kb / (double)bare.kb,
	       (double)balie.key[KEYS * 99 / 100] / (double)bare.key[KEYS * 99 / 100],
	       (double)ticket.key[KEYS * 99 / 100] / (double)bare.key[KEYS * 99 / 100]);
	if (fork() == 0) {
		execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	wait(NULL);
	return 0;
}
