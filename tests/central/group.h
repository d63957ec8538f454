/* One running service for all tests of a file. Include it last. */
#pragma once
#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>
#include "balie/id.h"
#include "balie/mem.h"
#include "service.h"

struct group {
	struct service service;
	char *an, *bob, *chef, *ext; /* tokens */
};

static inline int group_start(void **state, const char *const *args)
{
	struct group *g = xcalloc(1, sizeof(*g));

	service_make(&g->service);
	service_start(&g->service, args);
	g->an = service_login(&g->service, "an");
	g->bob = service_login(&g->service, "bob");
	g->chef = service_login(&g->service, "chef");
	g->ext = service_login(&g->service, "ext");
	*state = g;
	return 0;
}

static inline int group_stop(void **state)
{
	struct group *g = *state;
	int status = service_stop(&g->service, SIGTERM);

	service_remove(&g->service);
	free(g->an);
	free(g->bob);
	free(g->chef);
	free(g->ext);
	free(g);
	return status;
}

/* Id of the first record of a page whose name is this. */
static inline void group_find(struct group *g, const char *path, const char *name, char ret[37])
{
	const cJSON *item;
	struct http h;

	http_get(&g->service, g->an, path, &h);
	assert_int_equal(h.status, 200);
	ret[0] = '\0';
	cJSON_ArrayForEach(
		item,
		http_at(&h, "items")) if (strcmp(cJSON_GetObjectItem(item, "name")->valuestring,
						 name) == 0)
		snprintf(ret, 37, "%s", cJSON_GetObjectItem(item, "id")->valuestring);
	assert_string_not_equal(ret, "");
	http_free(&h);
}

static inline void assert_problem(const struct http *h, int status, const char *name)
{
	char type[80];

	snprintf(type, sizeof(type), "urn:problem-type:balie:%s", name);
	assert_int_equal(h->status, status);
	assert_string_equal(http_text(h, "type"), type);
	assert_string_equal(http_header(h, "Content-Type"), "application/problem+json");
	assert_non_null(http_header(h, "X-Request-Id"));
}
