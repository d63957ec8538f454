/* The text of a message by itself, as a page and as it is: what is divided is divided at lines, in
 * order, and a page gives text within bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/central/mail/mail_text.h"
#include "balie/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void divide(const char *text)
{
	size_t len = strlen(text), quote, sign;

	for (int kind = MAIL_NEW; kind <= MAIL_FORWARD; kind++) {
		quote = mail_quote_find(text, (enum mail_kind)kind);
		must(quote <= len && (quote == 0 || text[quote - 1] == '\n'));
		sign = mail_sign_find(text, quote > 0 ? quote : len);
		must(sign == 0 || (sign < (quote > 0 ? quote : len) && text[sign - 1] == '\n'));
	}
	mail_language_guess(text, len);
	mail_kind_of(text, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct buf page = {0}, flowed = {0}, clean = {0}, type = {0};
	struct arena a = {0};
	const char *text;

	if (!ready) {
		mail_html_init();
		mail_type_init();
		mail_language_init();
	}
	ready = true;
	mail_html_to_text(&page, (const char *)data, size);
	must(page.len <= 1024 * 1024);
	text_clean(&clean, page.data ? page.data : "", page.len, TEXT_LINES);
	divide(clean.data);
	buf_reset(&clean);
	mail_text_unflow(&flowed, (const char *)data, size, size % 2 == 0);
	text_clean(&clean, flowed.data ? flowed.data : "", flowed.len, TEXT_LINES);
	divide(clean.data);
	mail_type_guess(&type, data, size);
	text = mail_name_clean(&a, clean.data);
	must(text_valid(text, strlen(text)) && !strchr(text, '/') && text[0] != '.');
	text = mail_type_clean(&a, clean.data);
	must(strchr(text, '/') != NULL);
	buf_finish(&page);
	buf_finish(&flowed);
	buf_finish(&clean);
	buf_finish(&type);
	arena_finish(&a);
	return 0;
}
