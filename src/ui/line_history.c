#include "line_history.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "balie/mem.h"
#include "balie/text.h"

#define LINES_MAX 200
#define LINE_BYTES_MAX 16000

/* Fields come and go; what was typed in them is kept as long as the program runs. */
struct history {
	struct history *next;
	char *name;
	char *lines[LINES_MAX];
	size_t count;
	size_t in_file; /* lines there, some of them too old to be kept here */
};

static struct history *histories;

static bool keep(struct history *h, const char *line)
{
	if (h->count > 0 && strcmp(h->lines[h->count - 1], line) == 0)
		return false;
	if (h->count == LINES_MAX) {
		free(h->lines[0]);
		memmove(&h->lines[0], &h->lines[1], (LINES_MAX - 1) * sizeof(h->lines[0]));
		h->count--;
	}
	h->lines[h->count++] = xstrdup(line);
	return true;
}

static FILE *open_private(const char *file, int flags)
{
	int fd = open(file, flags | O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd >= 0 ? fdopen(fd, "w") : NULL;
}

/* The file grows by appending; once it holds twice what is kept it is written anew. A history that
 * cannot be written is no reason to trouble the agent. */
static void rewrite(struct history *h, const char *file)
{
	char *beside = xasprintf("%s.new", file);
	FILE *f = open_private(beside, O_TRUNC);
	bool ok;

	if (f != NULL) {
		for (size_t i = 0; i < h->count; i++)
			fprintf(f, "%s\n", h->lines[i]);
		ok = !ferror(f);
		if (fclose(f) == 0 && ok && rename(beside, file) == 0)
			h->in_file = h->count;
	}
	free(beside);
}

static void read_file(struct history *h, const char *file)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (f == NULL)
		return;
	while ((n = getline(&line, &size, f)) > 0) {
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		h->in_file++;
		if (n > 0 && n < LINE_BYTES_MAX && text_valid(line, (size_t)n))
			keep(h, line);
	}
	free(line);
	fclose(f);
	if (h->in_file > LINES_MAX * 2)
		rewrite(h, file);
}

static struct history *find(const char *name, const char *file)
{
	struct history *h = histories;

	while (h != NULL && strcmp(h->name, name) != 0)
		h = h->next;
	if (h != NULL)
		return h;
	h = xcalloc(1, sizeof(*h));
	h->name = xstrdup(name);
	h->next = histories;
	histories = h;
	if (file != NULL)
		read_file(h, file);
	return h;
}

char *const *line_history(const char *name, const char *file, size_t *count)
{
	struct history *h = find(name, file);

	*count = h->count;
	return h->lines;
}

void line_history_add(const char *name, const char *file, const char *line)
{
	struct history *h = find(name, file);
	FILE *f;

	if (strchr(line, '\n') != NULL || strlen(line) >= LINE_BYTES_MAX || !keep(h, line) ||
	    file == NULL)
		return;
	f = open_private(file, O_APPEND);
	if (f == NULL)
		return;
	fprintf(f, "%s\n", line);
	fclose(f);
	h->in_file++;
}
