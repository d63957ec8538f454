/* Links between tickets: the list as it stands in the record's JSON. It is always written by these or by
 * the one writer of JSON in the house, so it is read as just that, without a reader of any JSON. */
#include "balie/model.h"
#include <string.h>

#define ENTRY "{\"id\":\""
#define NUMBER "\",\"number\":\""

/* The text from *at up to a quote; *at goes there. */
static const char *take(const char **at, struct arena *a)
{
	size_t len = strcspn(*at, "\"");
	const char *text = a ? arena_strndup(a, *at, len) : NULL;

	*at += len;
	return text;
}

size_t links_read(const char *links, struct ticket_link *ret, size_t max, struct arena *a)
{
	const char *at = links;
	size_t count = 0;

	while (at && (at = strstr(at, ENTRY)) != NULL) {
		struct ticket_link link = {0};

		at += strlen(ENTRY);
		link.id = take(&at, a);
		if (strncmp(at, NUMBER, strlen(NUMBER)) == 0) {
			at += strlen(NUMBER);
			link.number = take(&at, a);
		}
		if (count < max)
			ret[count] = link;
		count++;
	}
	return max > 0 && count > max ? max : count;
}

/* Where the entry of id starts, or NULL. */
static const char *find(const char *links, const char *id)
{
	size_t len = strlen(id);
	const char *at = links;

	for (; at && (at = strstr(at, ENTRY)) != NULL; at += strlen(ENTRY)) {
		const char *is = at + strlen(ENTRY);

		if (strncmp(is, id, len) == 0 && is[len] == '"')
			return at;
	}
	return NULL;
}

bool links_have(const char *links, const char *id)
{
	return find(links, id) != NULL;
}

const char *links_with(const char *links, const char *id, const char *number, struct arena *a)
{
	size_t len = links ? strlen(links) : 0;
	struct buf b = {0};
	const char *ret;

	if (len > 2 && links[len - 1] == ']') {
		buf_add(&b, links, len - 1);
		buf_add_char(&b, ',');
	} else {
		buf_add_char(&b, '[');
	}
	buf_printf(&b, ENTRY "%s", id);
	if (number)
		buf_printf(&b, NUMBER "%s", number);
	buf_add_str(&b, "\"}]");
	ret = arena_strndup(a, b.data, b.len);
	buf_finish(&b);
	return ret;
}

const char *links_without(const char *links, const char *id, struct arena *a)
{
	const char *from = find(links, id);
	const char *to = from ? strchr(from, '}') : NULL;
	struct buf b = {0};
	const char *ret = NULL;

	if (!to)
		return links;
	to++;
	/* One of the two commas beside it goes along. */
	if (*to == ',')
		to++;
	else if (from > links && from[-1] == ',')
		from--;
	buf_add(&b, links, (size_t)(from - links));
	buf_add_str(&b, to);
	if (b.len > 2)
		ret = arena_strndup(a, b.data, b.len);
	buf_finish(&b);
	return ret;
}
