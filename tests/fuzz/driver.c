/* Runs a fuzz target without libFuzzer: each file given, and many mutations of it, from a printed
 * seed. With clang and -Dfuzz=true the same targets are linked against libFuzzer instead. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 400
#define MAX (1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state;

static uint64_t next(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15ull);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static size_t mutate(uint8_t *p, size_t n)
{
	static const char *const words[] = {
		"\033[", "\xe2\x80\xae", "\"", "{\"", "]", "\\u0000",	"\xff", "9007199254740993",
		"1e999", "\r\n",	 "--", ":",   "<", "26-000001-"};
	for (int k = (int)(next() % 6); k >= 0; k--) {
		size_t at = n ? next() % n : 0;
		const char *w = words[next() % (sizeof(words) / sizeof(*words))];
		size_t len = strlen(w);
		switch (next() % 4) {
		case 0:
			if (n)
				p[at] = (uint8_t)next();
			break;
		case 1:
			if (n)
				n = at;
			break;
		case 2:
			if (n + len < MAX) {
				memmove(p + at + len, p + at, n - at);
				memcpy(p + at, w, len);
				n += len;
			}
			break;
		case 3:
			if (n > 1 && n * 2 < MAX) {
				size_t half = n - at;
				memmove(p + at + half, p + at, half);
				n += half;
			}
			break;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	const char *given = getenv("BALIE_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	uint8_t *original = malloc(MAX), *p = malloc(MAX * 2);
	long runs = 0;

	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	state = seed;
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		if (!f) {
			perror(argv[i]);
			return 1;
		}
		size_t n = fread(original, 1, MAX / 2, f);
		fclose(f);
		for (int k = 0; k < ROUNDS; k++, runs++) {
			memcpy(p, original, n);
			/* exactly as long as it is, so that a sanitizer sees a read behind it */
			size_t m = k ? mutate(p, n) : n;
			uint8_t *exact = malloc(m ? m : 1);
			memcpy(exact, p, m);
			LLVMFuzzerTestOneInput(exact, m);
			free(exact);
		}
	}
	printf("%ld inputs\n", runs);
	free(original);
	free(p);
	return runs > 0 ? 0 : 1;
}
