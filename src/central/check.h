/* The journal against what is there, in two ways that need no more memory for a large town than for a
 * small one: sums over all rows, by which each record of each kind must be of the version that the
 * journal left it at, and the changes of each ticket one after the other, by which its fields must be
 * what the journal made of them. */
#pragma once
#include <sodium.h>
#include "town.h"

/* Of one kind. Each row of the journal adds its hash, and so does each version of each record: the
 * sums are the same when they are of the same rows. The hash has a key of its own each time. */
struct check_sum {
	int64_t records; /* rows with version 1; records */
	int64_t rows;
	int64_t removed;
	uint64_t sum;
};
struct inspection {
	struct town town;
	unsigned char key[crypto_shorthash_KEYBYTES];
	struct check_sum journal[RECORD_KINDS], state[RECORD_KINDS];
	struct check_sum follows_journal, follows_state;
	int64_t open; /* tickets */
};

/* Takes a row of the journal into the sums. */
void check_add_row(struct inspection *c, enum record_kind kind, const char *id, int64_t version,
		   const char *agent_id, bool gone, const char *after);
/* After all rows: ERR_CORRUPT with the first record that differs. */
bool check_sums(struct inspection *c, struct err *err);
bool check_tickets(struct inspection *c, struct err *err);
/* 1 follows, -1 no longer, 0: this row is of something else. */
int check_follow(const char *after);
