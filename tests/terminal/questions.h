/* A town with a few questions in it, and an agent who looks at them. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include "fixture.h"

#define TICKETS 6

static inline int setup(void **state)
{
	static struct town town;

	town_make(&town);
	for (int i = 0; i < TICKETS; i++) {
		char subject[32];

		snprintf(subject, sizeof(subject), "Vraag %c", 'a' + i);
		town_ticket(&town, subject, "Dag,\n\nWanneer zijn jullie open?\n\nGroeten");
	}
	*state = &town;
	return 0;
}

static inline int setup_bare(void **state)
{
	static struct town town;

	town_folder(&town);
	*state = &town;
	return 0;
}

static inline int teardown(void **state)
{
	town_remove(*state);
	return 0;
}

static inline struct terminal *synced(struct town *t, const char *const *env)
{
	struct terminal *a;

	BALIE(t, "an", "sync");
	a = town_open(t, "an", NULL, env, 24, 80);
	see(a, "Vraag a");
	see(a, "connected");
	return a;
}
