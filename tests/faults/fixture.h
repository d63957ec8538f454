/* What the tests of the client's files and of its network thread share. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "balie/cache.h"

/* A fresh directory, removed by fixture_remove(). */
char *fixture_dir(void);
void fixture_remove(char *dir);

/* Numbers that are the same for the same seed. The seed is printed; BALIE_SEED sets it. */
uint64_t fixture_seed(void);
uint64_t fixture_random(uint64_t *state);

#define TEAMS 4
#define AGENTS 8
#define TOPICS 6
struct town {
	char team[TEAMS][37], agent[AGENTS][37], topic[TOPICS][37];
};
/* Ids and reference data, put into the mirror when c is not NULL. */
void fixture_town(struct town *t, struct cache *c);
/* A random ticket; its text is owned by a. n gives its id. */
struct ticket fixture_ticket(const struct town *t, uint64_t n, uint64_t *random, struct arena *a);

/* err->text is shown when ok is false. */
#define assert_ok(ok, err) \
	do { \
		if (!(ok)) \
			fail_msg("%s:%d: %s", __FILE__, __LINE__, (err).text); \
	} while (0)
