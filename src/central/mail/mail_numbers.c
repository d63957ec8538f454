/* Tracking numbers in a message. */
#include "mail_numbers.h"
#include <string.h>

#define LOOKS_MAX 100 /* each goes through the whole text */

struct scan {
	struct mail_numbers *ret;
	const char *text;
	bool groups_only;
	int looks;
};

static bool written_in_groups(struct scan *s, const char *number)
{
	static const char seps[] = "- .";
	char form[TRACKING_TEXT];

	if (s->looks++ > LOOKS_MAX)
		return false;
	for (const char *sep = seps; *sep != '\0'; sep++) {
		memcpy(form, number, sizeof(form));
		for (char *p = form; *p != '\0'; p++)
			if (*p == '-')
				*p = *sep;
		if (strstr(s->text, form) != NULL)
			return true;
	}
	return false;
}

static void note_number(void *user, const char *number, enum check check)
{
	struct scan *s = user;
	struct mail_numbers *n = s->ret;
	size_t i = 0;
	bool grouped;

	if (check == CHECK_DIGITS && n->wrong[0] == '\0' && written_in_groups(s, number))
		memcpy(n->wrong, number, TRACKING_TEXT);
	if (check != CHECK_OK)
		return;
	while (i < n->count && strcmp(n->right[i], number) != 0)
		i++;
	if (i == MAIL_NUMBERS_MAX || (i < n->count && n->grouped[i]))
		return;
	grouped = written_in_groups(s, number);
	if (s->groups_only && !grouped)
		return;
	memcpy(n->right[i], number, TRACKING_TEXT);
	n->grouped[i] = grouped;
	if (i == n->count)
		n->count++;
}

static void scan(struct mail_numbers *n, const char *text, bool groups_only)
{
	struct scan s = {.ret = n, .text = text, .groups_only = groups_only};

	if (text != NULL)
		tracking_scan(text, note_number, &s);
}

void mail_numbers_find(const struct mail_parsed *m, struct mail_numbers *ret)
{
	memset(ret, 0, sizeof(*ret));
	scan(ret, m->subject, false);
	scan(ret, m->body, false);
	scan(ret, m->returned, false);
	for (size_t i = 0; i < m->attachment_count; i++)
		scan(ret, m->attachments[i].name, true);
}
