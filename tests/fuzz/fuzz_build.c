/* What an agent types in the fields of a mail, whatever it is: it is refused, or what is built is one
 * message that reads back with those headers and no other. The input is the fields, one a line: name of
 * the sender, to, cc, subject, in reply to, then the text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/mail_build.h"
#include "balie/model.h"
#include "balie/text.h"

#define FIELDS 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The next field: up to the mark that parts them, so that it may hold a line end itself. */
static const char *next_field(struct arena *a, const char **at, size_t *left)
{
	const char *end = memchr(*at, '|', *left);
	size_t n = end != NULL ? (size_t)(end - *at) : *left;
	char *ret = arena_strndup(a, *at, n);

	*at += n + (end != NULL);
	*left -= n + (end != NULL);
	return ret;
}

/* The names of the headers as they stand in the bytes: only those that were asked for, each once. */
static void check_names(const struct mail_built *b)
{
	static const char *const known[] = {
		"Date",		"From",		"Subject",	    "To",
		"Cc",		"Message-Id",	"In-Reply-To",	    "References",
		"MIME-Version", "Content-Type", "Content-Language", "Content-Transfer-Encoding"};
	int seen[sizeof(known) / sizeof(known[0])] = {0};
	const char *s = b->bytes;
	size_t n, i;

	for (; *s != '\r'; s = strstr(s, "\r\n") + 2) {
		if (*s == ' ' || *s == '\t')
			continue;
		n = strcspn(s, ":");
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (strlen(known[i]) == n && strncmp(s, known[i], n) == 0)
				break;
		must(i < sizeof(known) / sizeof(known[0]) && seen[i]++ == 0);
	}
}

static void check_lines(const struct mail_built *b)
{
	size_t line = 0;

	for (size_t i = 0; i < b->len; i++) {
		must(b->bytes[i] != '\0' && (b->utf8 || (unsigned char)b->bytes[i] < 0x80));
		line = b->bytes[i] == '\n' ? 0 : line + 1;
		must(line <= 999 && (b->bytes[i] != '\n' || b->bytes[i - 1] == '\r'));
	}
}

/* Spaces at the ends and in a row are not worth a word: folding may take them. */
static char *squeezed(struct arena *a, const char *s)
{
	struct buf clean = {0};
	char *ret, *to;

	text_clean(&clean, s != NULL ? s : "", s != NULL ? strlen(s) : 0, TEXT_ONE_LINE);
	buf_add_str(&clean, "");
	ret = to = arena_strdup(a, clean.data);
	for (const char *p = clean.data; *p != '\0'; p++)
		if (*p != ' ' || (to > ret && to[-1] != ' '))
			*to++ = *p;
	while (to > ret && to[-1] == ' ')
		to--;
	*to = '\0';
	buf_finish(&clean);
	return ret;
}

/* The reader shows the letters of a domain. */
static bool is_address(const char *read, const char *addr, struct arena *a)
{
	struct mail_addresses list;

	return mail_addresses_parse(read, a, &list, NULL) && list.count == 1 &&
	       strcmp(list.items[0].addr, addr) == 0;
}

static void check_back(const struct mail_out *m, const struct mail_built *b, struct arena *a)
{
	struct mail_addresses to, cc;
	struct mail_parsed p;
	size_t n = 0;
	char *subject = squeezed(a, m->subject);

	mail_parse(b->bytes, b->len, a, &p);
	must(p.flaws == NULL || strcmp(p.flaws, "text-cut") == 0);
	must(p.attachment_count == 0 && p.sender == SENDER_PERSON);
	must(p.from_addr != NULL && strcmp(p.from_addr, m->from_addr) == 0);
	must(p.message_id != NULL && strcmp(p.message_id, m->message_id) == 0);
	if (strlen(subject) < 250)
		must(strcmp(squeezed(a, p.subject), subject) == 0);
	must(mail_addresses_parse(m->to, a, &to, NULL) &&
	     mail_addresses_parse(m->cc, a, &cc, NULL));
	must(b->recipient_count <= to.count + cc.count && b->recipient_count > 0);
	for (size_t i = 0; i < to.count + cc.count; i++) {
		const char *addr = (i < to.count ? &to.items[i] : &cc.items[i - to.count])->addr;

		if (n >= MAIL_ADDRESSES_MAX)
			break;
		must(n < p.to_count && is_address(p.to_addrs[n], addr, a));
		n++;
	}
	must(n == p.to_count);
}

static void check_answer(const char *subject, const char *body, struct arena *a)
{
	const char *once = mail_subject_make(a, subject, "26-004217-69", MAIL_PREFIX_REPLY);
	const char *quote = mail_quote_text(a, "nl", subject, 1, body);

	must(strlen(once) <= 250 && strncmp(once, "[26-004217-69] Re:", 18) == 0);
	must(strstr(once + 1, "[26-004217-69]") == NULL && strchr(once, '\n') == NULL);
	must(strcmp(mail_subject_make(a, once, "26-004217-69", MAIL_PREFIX_REPLY), once) == 0);
	for (const char *s = quote; *s != '\0'; s = strchr(s, '\n') + 1)
		must(*s == '>' || s == quote);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	const char *at = (const char *)data, *fields[FIELDS];
	struct arena a = {0};
	struct mail_built b;
	struct err err = {0};

	if (!ready)
		mail_init();
	ready = true;
	for (int i = 0; i < FIELDS; i++)
		fields[i] = next_field(&a, &at, &size);
	struct mail_out m = {.from_name = fields[0],
			     .from_addr = "info@stad.example",
			     .to = fields[1],
			     .cc = fields[2],
			     .subject = fields[3],
			     .in_reply_to = fields[4],
			     .refs = &fields[4],
			     .ref_count = 1,
			     .body = arena_strndup(&a, at, size),
			     .message_id = "b.1.x@stad.example",
			     .date = INT64_C(1795500000000)};

	if (mail_build(&m, &a, &b, &err)) {
		check_lines(&b);
		check_names(&b);
		check_back(&m, &b, &a);
	} else {
		must(err.kind == ERR_INPUT && err.text[0] != '\0');
	}
	check_answer(m.subject, m.body, &a);
	arena_finish(&a);
	return 0;
}
