/* Both sides of a move against each other: the rows of each table in the order of its key, hashed as
 * typed values, so that it does not matter how an engine keeps them. */
#include "move.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"

#define PROGRESS 20000

struct sum {
	crypto_hash_sha256_state hash;
	int64_t rows;
	char text[2 * crypto_hash_sha256_BYTES + 1];
};

static void hash_number(struct sum *sum, uint64_t v)
{
	unsigned char b[8];

	for (int i = 0; i < 8; i++)
		b[i] = (unsigned char)(v >> (56 - 8 * i));
	crypto_hash_sha256_update(&sum->hash, b, sizeof(b));
}

/* Type, then a number or length and bytes: no two rows give the same bytes. */
static void hash_value(struct sum *sum, const struct move_value *v)
{
	static const unsigned char tags[] = {
		[STORE_NULL] = 'n', [STORE_INT] = 'i', [STORE_TEXT] = 't', [STORE_BLOB] = 'b'};

	crypto_hash_sha256_update(&sum->hash, &tags[v->type], 1);
	if (v->type == STORE_INT)
		hash_number(sum, (uint64_t)v->number);
	if (v->type != STORE_TEXT && v->type != STORE_BLOB)
		return;
	hash_number(sum, v->len);
	if (v->len > 0)
		crypto_hash_sha256_update(&sum->hash, (const unsigned char *)v->data, v->len);
}

static bool sum_table(const struct move *m, struct store *store, int table, struct sum *ret,
		      struct err *err)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	struct move_pages p;
	struct move_value v;
	enum store_step step;

	crypto_hash_sha256_init(&ret->hash);
	ret->rows = 0;
	move_pages_begin(&p, store, table);
	while ((step = move_pages_next(&p, err)) == STORE_ROW) {
		for (int i = 0; i < p.columns; i++) {
			move_value_of(p.q, i, &v);
			hash_value(ret, &v);
		}
		if (++ret->rows % PROGRESS == 0)
			move_progress(m, move_table(table), ret->rows);
	}
	move_pages_end(&p);
	crypto_hash_sha256_final(&ret->hash, hash);
	sodium_bin2hex(ret->text, sizeof(ret->text), hash, sizeof(hash));
	return step == STORE_DONE;
}

bool move_verify(struct move *m, struct err *err)
{
	struct sum from, to;

	printf("%-18s %12s  %-64s\n", _("table"), _("rows"), _("checksum"));
	for (int table = 0; table < MOVE_TABLES; table++) {
		const char *name = move_table(table);

		if (!sum_table(m, m->from.store, table, &from, err) ||
		    !sum_table(m, m->to.store, table, &to, err))
			return false;
		if (from.rows != to.rows || strcmp(from.text, to.text) != 0) {
			err_set(err, ERR_CORRUPT,
				_("table %s differs after the move (%lld and %lld rows): begin "
				  "again with an empty database"),
				name, (long long)from.rows, (long long)to.rows);
			return false;
		}
		printf("%-18s %12" PRId64 "  %s %s\n", name, to.rows, to.text, _("ok"));
		fflush(stdout);
		m->rows += to.rows;
	}
	return true;
}
