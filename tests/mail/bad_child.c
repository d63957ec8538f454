/* A child that does wrong what it is told to: for tests of whoever asks it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct head {
	uint32_t what, len;
};

static int all(void *p, size_t len)
{
	ssize_t n;

	for (char *at = p; len > 0; at += n, len -= (size_t)n)
		if ((n = read(0, at, len)) <= 0)
			return 0;
	return 1;
}

static int say(uint32_t flags, uint32_t len, const char *text, size_t n)
{
	struct head h = {flags, len};

	return write(0, &h, sizeof(h)) == sizeof(h) && write(0, text, n) == (ssize_t)n;
}

int main(void)
{
	static char text[1 << 20];
	struct head h;

	while (all(&h, sizeof(h)) && h.len < sizeof(text) && all(text, h.len)) {
		text[h.len] = '\0';
		if (strstr(text, "DIE"))
			return 1;
		if (strstr(text, "HANG"))
			pause();
		if (strstr(text, "LIE") && !say(1, UINT32_MAX, "x", 1))
			return 1;
		if (strstr(text, "HALF") && say(1, 100, "half", 4))
			return 1;
		if (!say(1, 4, "good", 4))
			return 1;
	}
	return 0;
}
