/* Every mail of fixtures/ is taken apart and compared with what stands beside it, in this process and
 * again with the child of a real balied. REGENERATE=1 writes what it gives: read the difference. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/mail_child.h"
#include "../../src/central/mail/mail_numbers.h"
#include "../../src/central/mail/mail_parse.h"
#include "balie/model.h"
#include "balie/text.h"

static const char *const sender_words[] = {
	[SENDER_PERSON] = "person", [SENDER_AUTO_REPLY] = "auto-reply", [SENDER_BOUNCE] = "bounce",
	[SENDER_LIST] = "list",	    [SENDER_MACHINE] = "machine",
};

static bool read_file(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "rb");
	char part[4096];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(ret, part, n);
	fclose(f);
	buf_add(ret, "", 0);
	return true;
}

static void put_line(struct buf *ret, const char *name, const char *value)
{
	if (value != NULL)
		buf_printf(ret, "%s: %s\n", name, value);
}

static void put_list(struct buf *ret, const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_line(ret, name, list[i]);
}

static void put_numbers(struct buf *ret, const struct mail_parsed *m)
{
	struct mail_numbers n;

	mail_numbers_find(m, &n);
	for (size_t i = 0; i < n.count; i++)
		put_line(ret, n.grouped[i] ? "number" : "number, not in groups", n.right[i]);
	put_line(ret, "number with a mistake", n.wrong[0] != '\0' ? n.wrong : NULL);
}

static void put_part(struct buf *ret, const char *name, const char *text, size_t len)
{
	if (len == 0)
		return;
	buf_printf(ret, "\n---- %s ----\n", name);
	buf_add(ret, text, len);
	if (text[len - 1] != '\n')
		buf_add_char(ret, '\n');
}

static void put_body(struct buf *ret, const struct mail_parsed *m)
{
	size_t len = strlen(m->body), quote = m->quoted_at > 0 ? m->quoted_at : len;
	size_t sign = m->signature_at > 0 ? m->signature_at : quote;

	put_part(ret, "new", m->body, sign);
	put_part(ret, "signature", m->body + sign, quote - sign);
	put_part(ret, "folded", m->body + quote, len - quote);
}

static void describe(struct buf *ret, const struct mail_parsed *m)
{
	put_line(ret, "sender", sender_words[m->sender]);
	put_line(ret, "from", m->from_text);
	put_line(ret, "address", m->from_addr);
	put_line(ret, "to", m->to_text);
	put_line(ret, "cc", m->cc_text);
	put_list(ret, "to address", m->to_addrs, m->to_count);
	put_list(ret, "delivered to", m->delivered, m->delivered_count);
	put_line(ret, "reply to", m->reply_to);
	put_line(ret, "envelope from", m->envelope_from);
	put_line(ret, "list", m->list_id);
	put_line(ret, "subject", m->subject);
	buf_printf(ret, "date: %lld\n", (long long)(m->date / 1000));
	put_line(ret, "message id", m->message_id);
	put_list(ret, "ref", m->refs, m->ref_count);
	put_line(ret, "language", m->language);
	put_line(ret, "not reached", m->failed);
	put_line(ret, "status", m->status);
	put_list(ret, "returned id", m->returned_ids, m->returned_count);
	put_numbers(ret, m);
	put_line(ret, "flaws", m->flaws);
	for (size_t i = 0; i < m->attachment_count; i++) {
		const struct mail_attachment *at = &m->attachments[i];

		buf_printf(ret, "file: %s, %s, %zu%s\n", at->name, at->type, at->len,
			   at->in_text ? ", in the text" : "");
	}
	put_body(ret, m);
}

/* The lines that one has and the other has not, around the first difference. */
static void tell_difference(const char *name, const char *expected, const char *found)
{
	size_t line = 1, at = 0;

	while (expected[at] != '\0' && expected[at] == found[at])
		line += expected[at++] == '\n';
	while (at > 0 && expected[at - 1] != '\n')
		at--;
	printf("%s, line %zu\n  expected: %.*s\n     found: %.*s\n", name, line,
	       (int)strcspn(expected + at, "\n"), expected + at, (int)strcspn(found + at, "\n"),
	       found + at);
}

static bool check_one(const char *dir, const char *name, bool write)
{
	char *path = xasprintf("%s/%s", dir, name);
	char *beside = xasprintf("%s/%.*s.expect", dir, (int)strlen(name) - 4, name);
	struct buf raw = {0}, expected = {0}, found = {0};
	struct mail_parsed m;
	struct arena a = {0};
	FILE *f;
	bool ok = read_file(path, &raw);

	if (ok) {
		mail_parse(raw.data, raw.len, &a, &m);
		describe(&found, &m);
		if (write && (f = fopen(beside, "wb")) != NULL) {
			fwrite(found.data, 1, found.len, f);
			fclose(f);
		}
		ok = read_file(beside, &expected) && strcmp(expected.data, found.data) == 0;
		if (!ok)
			tell_difference(name, expected.data != NULL ? expected.data : "(none)\n",
					found.data);
	}
	arena_finish(&a);
	buf_finish(&raw);
	buf_finish(&expected);
	buf_finish(&found);
	free(path);
	free(beside);
	return ok;
}

static int is_mail(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 4 && strcmp(e->d_name + n - 4, ".eml") == 0;
}

static int check_all(const char *dir, bool write)
{
	struct dirent **found;
	int count = scandir(dir, &found, is_mail, alphasort), wrong = 0;

	for (int i = 0; i < count; i++) {
		wrong += !check_one(dir, found[i]->d_name, write);
		free(found[i]);
	}
	if (count >= 0)
		free(found);
	printf("%d mails, %d not as expected\n", count, wrong);
	return count < 40 ? 1 : wrong;
}

/* test_mail_fixtures FOLDER BALIED */
int main(int argc, char **argv)
{
	int wrong;

	if (argc != 3)
		return 2;
	mail_init();
	wrong = check_all(argv[1], getenv("REGENERATE") != NULL);
	mail_child_use(argv[2], MAIL_CHILD_PATIENCE);
	wrong += check_all(argv[1], false);
	if (mail_child_pid() == 0) {
		printf("no child was asked\n");
		wrong++;
	}
	mail_finish();
	mail_child_use(NULL, 0);
	return wrong > 0;
}
