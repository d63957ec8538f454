/* Balie's screens against a bare ncurses list over the same cache, in turn, in one run: start to full
 * screen, memory, and from a key to the last byte painted while the mirror is being written. What is kept
 * on disk at each key is measured against that list keeping one row a key; opening the board against
 * opening a list.
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
#define OPENINGS 200

static char dir[] = "/tmp/balie-bench-XXXXXX";
#define SERVER "unix:/nonexistent/balied"

static char home[64], cache[160], db[192];
static const char *fill; /* bench_fill */
static char *const server[] = {(char[]){"--server"}, (char[]){SERVER}, (char[]){"--user"},
			       (char[]){"an"}};

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

enum where { IN_LIST, IN_TICKET, IN_CITIZEN, IN_CONTACT, IN_COMPOSE, IN_BOARD };

struct subject {
	const char *name;
	enum where where;
	char *argv[8];
	const char *env[8];
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

static const char *key_of(enum where where, int i)
{
	switch (where) {
	case IN_LIST:
		return i % 10 == 9 ? "PageDown" : i % 2 || i % 5 ? "Down" : "Up";
	case IN_TICKET:
		return "n";
	case IN_CITIZEN:
		return letter(i);
	case IN_CONTACT:
		return i % 50 == 49 ? "Ctrl+U" : "a";
	case IN_COMPOSE:
		return i % 50 == 49 ? "Enter" : "a";
	case IN_BOARD:
		return i / 40 % 2 ? "Up" : "Down";
	}
	return "";
}

/* From the list to where the keys are pressed. */
static void go(struct terminal *t, enum where where)
{
	static const struct {
		const char *keys[2], *text[2];
	} ways[] = {
		[IN_LIST] = {{NULL, NULL}, {NULL, NULL}},
		[IN_TICKET] = {{"Enter", NULL}, {"Ticket 26-0", NULL}},
		[IN_CITIZEN] = {{"F7", NULL}, {"postcode", NULL}},
		[IN_CONTACT] = {{"F2 Enter", NULL}, {"Question 1 of 1", NULL}},
		[IN_COMPOSE] = {{"Enter", "r"}, {"Ticket 26-0", "Answer"}},
		[IN_BOARD] = {{"g a", NULL}, {"Team 41", NULL}},
	};

	for (int i = 0; i < 2 && ways[where].keys[i]; i++) {
		terminal_keys(t, ways[where].keys[i]);
		if (!terminal_wait_text(t, ways[where].text[i], 20000)) {
			fprintf(stderr, "no “%s”\n", ways[where].text[i]);
			exit(1);
		}
	}
}

/* Nanoseconds from the last key of several to the frame behind it. */
static uint64_t press(struct terminal *t, const char *key)
{
	unsigned frames = terminal_frames(t);

	terminal_key(t, key);
	terminal_wait_frames(t, frames + 1, 20000);
	return terminal_key_to_frame_ns(t);
}

static void keys(struct subject *s)
{
	struct terminal *t = start(s, -1);

	go(t, s->where);
	for (int i = 0; i < KEYS; i++)
		s->key[i] = press(t, key_of(s->where, i));
	s->kb = memory_kb(terminal_pid(t));
	terminal_stop(t);
	qsort(s->key, KEYS, sizeof(*s->key), by_size);
}

/* The board and a list (the tickets that nobody has), each opened from scratch and left again. */
static void opening(struct subject *s, uint64_t board[OPENINGS], uint64_t list[OPENINGS])
{
	struct terminal *t = start(s, -1);

	go(t, IN_BOARD);
	for (int i = 0; i < OPENINGS; i++) {
		press(t, "Home");
		list[i] = press(t, "Enter");
		press(t, "Esc");
		press(t, "Esc");
		press(t, "g");
		board[i] = press(t, "a");
	}
	terminal_stop(t);
	qsort(board, OPENINGS, sizeof(*board), by_size);
	qsort(list, OPENINGS, sizeof(*list), by_size);
}

static pid_t run(const char *mode, const char *n)
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

static double p99(const uint64_t *ns, size_t n)
{
	return (double)ns[n * 99 / 100] / 1e6;
}

static void report_keys(const char *what, const struct subject *s, const struct subject *bare)
{
	printf("%-52s key p50 %6.3f ms  p99 %6.3f ms   ratio p99 %.2f (aim 2)\n", what,
	       (double)s->key[KEYS / 2] / 1e6, p99(s->key, KEYS),
	       p99(s->key, KEYS) / p99(bare->key, KEYS));
}

static void report_opening(const char *what, const uint64_t *ns)
{
	printf("%-52s     p50 %6.3f ms  p99 %6.3f ms\n", what, (double)ns[OPENINGS / 2] / 1e6,
	       p99(ns, OPENINGS));
}

/* What was measured, by where the keys were pressed; the two bare ones apart. */
struct measured {
	struct subject bare, keeps, balie[IN_BOARD + 1];
	uint64_t board_opens[OPENINGS], list_opens[OPENINGS];
};

static double ratio(uint64_t ours, uint64_t theirs)
{
	return (double)ours / (double)theirs;
}

static void report_all(struct measured *m)
{
	const struct subject *balie = m->balie, *bare = &m->bare, *keeps = &m->keeps;

	report(&m->bare);
	report(&m->balie[IN_LIST]);
	printf("start ratio %.2f (aim 2)   memory ratio %.2f (aim 3)\n",
	       ratio(balie[IN_LIST].start[STARTS / 2], bare->start[STARTS / 2]),
	       (double)balie[IN_LIST].kb / (double)bare->kb);
	puts("against the bare list:");
	report_keys("the list", &balie[IN_LIST], bare);
	report_keys("a ticket opened by n", &balie[IN_TICKET], bare);
	report_keys("a citizen typed, letter by letter", &balie[IN_CITIZEN], bare);
	report_keys("the board, 50 teams and 500 colleagues", &balie[IN_BOARD], bare);
	puts("against the bare list that has one row a key on disk before it is shown:");
	report_keys("that list", keeps, keeps);
	report_keys("a letter typed in a contact, kept on disk", &balie[IN_CONTACT], keeps);
	report_keys("a letter typed in an answer, kept on disk", &balie[IN_COMPOSE], keeps);
	report_opening("a list of what nobody has opened", m->list_opens);
	report_opening("the board opened", m->board_opens);
	printf("opening the board against a list: ratio p50 %.2f  p99 %.2f (aim 1)\n",
	       ratio(m->board_opens[OPENINGS / 2], m->list_opens[OPENINGS / 2]),
	       p99(m->board_opens, OPENINGS) / p99(m->list_opens, OPENINGS));
}

/* All keys while the mirror is being written. */
static void measure(struct measured *m)
{
	struct subject *balie = m->balie;

	for (int i = 0; i < STARTS; i++) {
		terminal_stop(start(&m->bare, i));
		terminal_stop(start(&balie[IN_LIST], i));
	}
	qsort(m->bare.start, STARTS, sizeof(uint64_t), by_size);
	qsort(balie[IN_LIST].start, STARTS, sizeof(uint64_t), by_size);

	pid_t writer = run("write", NULL);
	keys(&m->bare);
	keys(&balie[IN_LIST]);
	keys(&balie[IN_TICKET]);
	keys(&balie[IN_CITIZEN]);
	keys(&balie[IN_BOARD]);
	keys(&m->keeps);
	keys(&balie[IN_CONTACT]);
	keys(&balie[IN_COMPOSE]);
	opening(&balie[IN_BOARD], m->board_opens, m->list_opens);
	kill(writer, SIGTERM);
	waitpid(writer, NULL, 0);
}

int main(int argc, char **argv)
{
	static char home_env[160], kept[96];
	static struct measured m;
	int status;

	if (argc != 4 || !mkdtemp(dir))
		return 2;
	snprintf(home, sizeof(home), "%s/home", dir);
	snprintf(home_env, sizeof(home_env), "BALIE_HOME=%s", home);
	snprintf(kept, sizeof(kept), "%s/kept.db", dir);
	fill = argv[3];
	if (!make_home())
		return 1;
	waitpid(run("fill", TICKETS), &status, 0);
	if (status)
		return 1;
	m.bare = (struct subject){.name = "bare list", .argv = {argv[2], db}};
	m.keeps = (struct subject){.name = "bare list that keeps", .argv = {argv[2], db, kept}};
	for (int i = 0; i <= IN_BOARD; i++)
		m.balie[i] = (struct subject){
			.name = "balie",
			.where = (enum where)i,
			.argv = {argv[1], server[0], server[1], server[2], server[3]},
			.env = {home_env}};
	measure(&m);
	report_all(&m);
	if (fork() == 0) {
		execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	wait(NULL);
	return 0;
}
