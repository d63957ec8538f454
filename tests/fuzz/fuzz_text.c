/* Text from anybody: what is made fit to draw must be valid UTF-8 without control characters. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "balie/model.h"
#include "balie/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool count_line(void *user, const char *s, size_t len)
{
	(void)s;
	*(size_t *)user += len;
	return true;
}

static void found(void *user, const char *number, enum check check)
{
	(void)user;
	if (check == CHECK_OK && strlen(number) != 12)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf clean = {0}, folded = {0};
	char number[TRACKING_TEXT], rrn[12], birth[11], kbo[11], phone[17], mail[255];
	size_t sum = 0;
	bool bis;

	text_clean(&clean, (const char *)data, size, TEXT_LINES);
	if (clean.data) {
		if (!text_valid(clean.data, clean.len))
			abort();
		for (size_t i = 0; i < clean.len; i++)
			if ((unsigned char)clean.data[i] < 32 && clean.data[i] != '\n')
				abort();
		text_fold(&folded, clean.data);
		text_wrap(clean.data, 20, count_line, &sum);
		tracking_scan(clean.data, found, NULL);
		tracking_parse(clean.data, number);
		rrn_parse(clean.data, rrn, birth, &bis);
		kbo_parse(clean.data, kbo);
		phone_parse(clean.data, phone);
		email_parse(clean.data, mail);
	}
	buf_finish(&clean);
	buf_finish(&folded);
	return 0;
}
