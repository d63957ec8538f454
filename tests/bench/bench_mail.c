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

#define ROUND_MS 1500

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

/* Messages a second, in whole rounds over all of them. */
static double rate(const struct mails *m, const char *name, void (*fn)(const struct mail_raw *))
{
	uint64_t start, end;
	size_t done = 0;
	double ret;

	for (size_t i = 0; i < m->count; i++) /* what is needed once is there */
		fn(&m->items[i]);
	start = end = clock_mono_ns();
	while (end - start < ROUND_MS * UINT64_C(1000000)) {
		for (size_t i = 0; i < m->count; i++)
			fn(&m->items[i]);
		done += m->count;
		end = clock_mono_ns();
	}
	ret = (double)done * 1e9 / (double)(end - start);
	printf("  %-34s %9.0f a second %8.1f us %7.1f MB/s\n", name, ret, 1e6 / ret,
	       ret * (double)m->bytes / (double)m->count / 1e6);
	return ret;
}

static bool measure(const char *path, const char *balied)
{
	struct mails m = {0};
	struct err err = {0};
	double parse, decoded, own, child;

	if (!mail_read_path(path, keep, &m, &err) || m.count == 0) {
		fprintf(stderr, "%s: %s\n", path, err.text[0] != '\0' ? err.text : "no mail");
		return false;
	}
	printf("%zu messages of %zu bytes on average\n", m.count, m.bytes / m.count);
	parse = rate(&m, "bare GMime, parsed", bare_parse);
	decoded = rate(&m, "bare GMime, parts decoded", bare_decode);
	mail_child_use(NULL, 0);
	own = rate(&m, "taken apart, in this process", ours);
	mail_child_use(balied, MAIL_CHILD_PATIENCE);
	child = rate(&m, "taken apart, HTML in the child", ours);
	printf("  of bare parsing %.2f, of bare decoding %.2f; the child costs %.1f us a message\n",
	       child / parse, child / decoded, 1e6 / child - 1e6 / own);
	for (size_t i = 0; i < m.count; i++)
		free(m.items[i].data);
	free(m.items);
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
