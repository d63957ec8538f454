/* Who is found by a text. */
#pragma once
#include "group.h"

static inline void search(struct group *g, const char *token, const char *text, struct http *ret)
{
	char body[1300];

	snprintf(body, sizeof(body), "{\"q\":\"%s\"}", text);
	http_post(&g->service, token, "/v1/parties/search", body, ret);
}

/* names: those found, in order, with a comma behind each. */
static inline void finds_for(struct group *g, const char *token, const char *text,
			     const char *names)
{
	struct buf b = {0};
	const cJSON *item;
	struct http h;

	search(g, token, text, &h);
	if (h.status != 200)
		fail_msg("%s: %s", text, h.body);
	cJSON_ArrayForEach(item, http_at(&h, "items"))
		buf_printf(&b, "%s,", cJSON_GetObjectItem(item, "name")->valuestring);
	if (strcmp(b.len ? b.data : "", names) != 0)
		fail_msg("%s: %s", text, b.len ? b.data : "nothing");
	buf_finish(&b);
	http_free(&h);
}

static inline void finds(struct group *g, const char *text, const char *names)
{
	finds_for(g, g->an, text, names);
}
