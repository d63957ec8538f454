/* What an IMAP server sends: whatever the bytes are, responses end, are bounded, and are read the same
 * in whatever pieces they come. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/imap_read.h"
#include "../../src/central/mail/mail_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
	const uint8_t *data;
	size_t size, at, piece;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static long bring(void *user, void *ret, size_t size, struct err *err)
{
	struct source *s = user;
	size_t n = s->size - s->at;

	if (n > size)
		n = size;
	if (n > s->piece)
		n = s->piece;
	if (n == 0) {
		err_set(err, ERR_NET, "end");
		return -1;
	}
	memcpy(ret, s->data + s->at, n);
	s->at += n;
	return (long)n;
}

static void look(const struct imap_response *r)
{
	struct imap_scan scan = {r->data, r->data + r->len};
	struct imap_folder folder = {0};
	struct imap_fetched f;
	struct err err;
	enum imap_token_kind kind;
	const char *text;
	size_t len;
	uint32_t n;

	if (imap_read_fetch(r, &f) && f.body) {
		must(f.body_len <= MAIL_BYTES_MAX);
		must(f.body_len == 0 ||
		     (f.body >= r->data && f.body + f.body_len <= r->data + r->len));
	}
	imap_read_count(r, "EXISTS", &n);
	imap_read_code(r, "UIDVALIDITY", &n);
	imap_read_select(r, &folder);
	imap_say_no(&err, r);
	must(strlen(err.text) < sizeof(err.text));
	do {
		kind = imap_scan_next(&scan, &text, &len);
		must(text >= r->data && text + len <= r->data + r->len);
	} while (kind != IMAP_END && kind != IMAP_BAD);
}

/* A sum over all responses. */
static uint64_t read_all(const uint8_t *data, size_t size, size_t piece)
{
	struct source s = {data, size, 0, piece};
	struct imap_reader reader = {.fill = bring, .user = &s};
	struct imap_response r;
	struct err err;
	uint64_t sum = 14695981039346656037ull;

	while (imap_read(&reader, &r, &err) == IMAP_GOT_RESPONSE) {
		look(&r);
		for (size_t i = 0; i < r.len; i++)
			sum = (sum ^ (uint8_t)r.data[i]) * 1099511628211ull;
		sum = (sum ^ 0x100) * 1099511628211ull;
	}
	imap_reader_finish(&reader);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b = {0};
	char *name = malloc(size + 1);

	must(read_all(data, size, SIZE_MAX) == read_all(data, size, 1));
	memcpy(name, data, size);
	name[size] = '\0';
	if (imap_put_folder(&b, name))
		must(b.data[0] == '"' && b.data[b.len - 1] == '"' && !strpbrk(b.data, "\r\n"));
	buf_finish(&b);
	free(name);
	return 0;
}
