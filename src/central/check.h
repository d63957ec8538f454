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

/* Takes a row of the journal into the sums; blank: what it held was taken away. */
bool check_add_row(struct inspection *c, const struct change *row, bool gone, bool blank,
		   struct err *err);
/* After all rows: ERR_CORRUPT with the first record that differs. */
bool check_sums(struct inspection *c, struct err *err);
bool check_tickets(struct inspection *c, struct err *err);
/* A ticket that was merged ends in one that was not, and of two that are linked each has the other. */
bool check_relations(struct inspection *c, struct err *err);
/* After the tickets, which say who followed what. */
bool check_follows(struct inspection *c, struct err *err);
/* What a row of a ticket's journal is, by what its erasure leaves where it can be. */
enum check_row {
	CHECK_CHANGE,
	CHECK_FOLLOW,
	CHECK_UNFOLLOW,
	CHECK_UNKNOWN, /* an undo, blanked: of one of these, which the ticket's version tells */
};
enum check_row check_row_kind(const char *action, const char *after, bool blank);
uint64_t check_hash(const struct inspection *c, const char *a, const char *b, int64_t n);
