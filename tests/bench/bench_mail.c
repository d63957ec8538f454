/* How fast a message is taken apart, against bare GMime on the same messages in the same run: only
 * parsing, and parsing with all parts decoded. With and without the child that reads HTML.
 *   bench_mail BALIED PATH...   BALIE_BENCH_MAIL names one more file or folder. */
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/mail.h"
#include "../../src/central/mail/mail_child.h"
#include "balie/clock.h"

#define ROUNDS 25

struct mails {
	struct mail_raw {
		char *data;
		size_t len;
	} * items;
	size_t count, bytes;
};
static GMimeParserOptions *options;

static bool keep(void *user, const struct mail_found *found, struct err *err)
{
	struct mails *m = user;

	if (found->refused != NULL || strstr(found->path, ".expect") != NULL)
		return true;
	m->items = xrealloc(m->items, (m->count + 1) * sizeof(*m->items));
	m->items[m->count].data = xcalloc(1, found->len + 1);
	memcpy(m->items[m->count].data, found->raw, found->len);
	m->items[m->count++].len = found->len;
	m->bytes += found->len;
	return true;
}

static void decode(GMimeObject *parent, GMimeObject *part, gpointer user)
{
	GMimeDataWrapper *content;
	GMimeStream *mem;

	if (!GMIME_IS_PART(part) || (content = g_mime_part_get_content(GMIME_PART(part))) == NULL)
		return;
	mem = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, mem);
	g_object_unref(mem);
}

static void bare(const struct mail_raw *raw, bool parts)
{
	GMimeStream *mem = g_mime_stream_mem_new_with_buffer(raw->data, raw->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(mem);
	GMimeMessage *m = g_mime_parser_construct_message(parser, options);

	if (m != NULL && parts)
		g_mime_message_foreach(m, decode, NULL);
	if (m != NULL)
		g_object_unref(m);
	g_object_unref(parser);
	g_object_unref(mem);
}

static void bare_parse(const struct mail_raw *raw)
{
	bare(raw, false);
}

static void bare_decode(const struct mail_raw *raw)
{
	bare(raw, true);
}

static void ours(const struct mail_raw *raw)
{
	struct arena a = {0};
	struct mail_parsed m;

	mail_parse(raw->data, raw->len, &a, &m);
	arena_finish(&a);
}

static const struct way {
	const char *name;
	void (*fn)(const struct mail_raw *);
	bool child;
} ways[] = {
	{"bare GMime, parsed", bare_parse, false},
	{"bare GMime, parts decoded", bare_decode, false},
	{"taken apart, in this process", ours, false},
	{"taken apart, HTML in the child", ours, true},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* Nanoseconds for one round over all messages. */
static uint64_t round_of(const struct mails *m, const struct way *way)
{
	uint64_t start = clock_mono_ns();

	for (size_t i = 0; i < m->count; i++)
		way->fn(&m->items[i]);
	return clock_mono_ns() - start;
}

/* By turns, and the best round of each counts: others use the machine too. */
static void measure_all(const struct mails *m, const char *balied)
{
	uint64_t best[WAYS], took;
	double us[WAYS];

	memset(best, 0xff, sizeof(best));
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t k = 0; k < WAYS; k++) {
			mail_child_use(ways[k].child ? balied : NULL, MAIL_CHILD_PATIENCE);
			if (ways[k].child)
				round_of(m, &ways[k]); /* it starts at the first page */
			took = round_of(m, &ways[k]);
			best[k] = took < best[k] ? took : best[k];
		}
	}
	printf("%zu messages of %zu bytes on average\n", m->count, m->bytes / m->count);
	for (size_t k = 0; k < WAYS; k++) {
		us[k] = (double)best[k] / 1000 / (double)m->count;
		printf("  %-32s %8.0f a second %7.1f us %6.1f MB/s\n", ways[k].name, 1e6 / us[k],
		       us[k], (double)m->bytes / ((double)best[k] / 1000));
	}
	printf("  of bare parsing %.2f, of bare decoding %.2f; the child costs %.1f us a message\n",
	       us[0] / us[3], us[1] / us[3], us[3] - us[2]);
}

static bool measure(const char *path, const char *balied)
{
	struct mails m = {0}, pages = {0};
	struct err err = {0};

	if (!mail_read_path(path, keep, &m, &err) || m.count == 0) {
		fprintf(stderr, "%s: %s\n", path, err.text[0] != '\0' ? err.text : "no mail");
		return false;
	}
	measure_all(&m, balied);
	pages.items = xcalloc(m.count, sizeof(*pages.items));
	for (size_t i = 0; i < m.count; i++) {
		if (memmem(m.items[i].data, m.items[i].len, "text/html", 9) == NULL)
			continue;
		pages.items[pages.count++] = m.items[i];
		pages.bytes += m.items[i].len;
	}
	if (pages.count > 0) {
		printf("of these, with a page: ");
		measure_all(&pages, balied);
	}
	for (size_t i = 0; i < m.count; i++)
		free(m.items[i].data);
	free(m.items);
	free(pages.items);
	return true;
}

int main(int argc, char **argv)
{
	const char *more = getenv("BALIE_BENCH_MAIL");
	bool ok = argc > 2;

	mail_init();
	options = g_mime_parser_options_new();
	for (int i = 2; i < argc && ok; i++)
		ok = measure(argv[i], argv[1]);
	if (ok && more != NULL)
		ok = measure(more, argv[1]);
	g_mime_parser_options_free(options);
	mail_finish();
	mail_child_use(NULL, 0);
	return !ok;
}
