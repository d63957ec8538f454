/* From a key in the box that finds people to the frame that shows what the service found: a real balie on
 * a terminal, a real balied on loopback, names and dates typed letter by letter.
 *   bench_found BALIE URL TOWNSPEOPLE     BALIE_HOME holds the login of "an" */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "terminal.h"

#define KEYS_MAX 4000
#define ROUNDS 6

static const char *const lines[] = {
	"claes",   "janssens jan",   "peeters 1964", "de smet an",
	"8870 12", "van den broeck", "maes 12/3/64",
};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static uint64_t first[KEYS_MAX], found[KEYS_MAX];
static size_t count;

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(const char *what, uint64_t *ns, const char *aim)
{
	qsort(ns, count, sizeof(*ns), by_size);
	printf("%-48s %5zu keys   p50 %7.2f ms   p99 %7.2f ms   most %7.2f ms%s\n", what, count,
	       (double)ns[count / 2] / 1e6, (double)ns[count * 99 / 100] / 1e6,
	       (double)ns[count - 1] / 1e6, aim);
}

/* The first frame has what is on this computer and says that the service is asked; the one that no longer
 * says so has the answer. */
static void press(struct terminal *t, const char *key, bool measured)
{
	unsigned frames = terminal_frames(t);
	uint64_t at;

	terminal_key(t, key);
	terminal_wait_frames(t, frames + 1, TERMINAL_LIMIT_MS);
	at = terminal_key_to_frame_ns(t);
	while (terminal_has_text(t, "the service is asked") ||
	       terminal_has_text(t, "The service is asked"))
		if (!terminal_wait_frames(t, terminal_frames(t) + 1, TERMINAL_LIMIT_MS)) {
			fprintf(stderr, "no answer to “%s”\n", key);
			exit(1);
		}
	if (!measured || count == KEYS_MAX)
		return;
	first[count] = at;
	found[count++] = terminal_key_to_frame_ns(t);
}

static void type(struct terminal *t, const char *line)
{
	for (const char *p = line; *p; p++) {
		char key[2] = {*p, '\0'};

		press(t, *p == ' ' ? "Space" : key, true);
	}
	for (const char *p = line; *p; p++)
		press(t, "Backspace", false);
}

int main(int argc, char **argv)
{
	struct terminal *t;

	if (argc != 4)
		return 2;
	t = terminal_start((char *[]){argv[1], (char[]){"--server"}, argv[2], (char[]){"--user"},
				      (char[]){"an"}, NULL},
			   NULL, 50, 160);
	if (!terminal_wait_text(t, "connected", TERMINAL_LIMIT_MS)) {
		char *text = terminal_screen_text(t);

		puts(text);
		free(text);
		terminal_stop(t);
		return 1;
	}
	terminal_key(t, "F7");
	terminal_wait_text(t, "Who is it?", TERMINAL_LIMIT_MS);
	for (int i = 0; i < ROUNDS; i++)
		for (size_t j = 0; j < LINES; j++)
			type(t, lines[j]);
	terminal_stop(t);
	printf("a town of %s people\n", argv[3]);
	report("the key shown, with what is on this computer", first, "");
	report("the service's results shown", found, " (aim 30)");
	return 0;
}
