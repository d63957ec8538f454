/* balied check: is the database whole, does the chain of its journal hold, and is what is there what the
 * journal made? All in one snapshot, so that a service may go on beside it. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "central_sql.h"
#include "command.h"
#include "journal.h"

struct chain {
	unsigned char hash[32];
	int64_t seq;
	int64_t rows;
	int64_t blanked;
};

static bool same_hash(struct store_query *q, int col, const unsigned char hash[32])
{
	size_t len = 0;
	const void *data = store_column_blob(q, col, &len);

	return data && len == 32 && memcmp(data, hash, 32) == 0;
}

/* One row against the one before it. A payload that was blanked can no longer be hashed: the chain
 * holds its hash all the same. */
static bool check_row(struct inspection *check, struct store_query *q, struct chain *chain,
		      struct err *err)
{
	struct change c = {
		.seq = store_column_int(q, 0),
		.operation = store_column_text(q, 1),
		.action = store_column_text(q, 2),
		.record_id = store_column_text(q, 4),
		.version = store_column_int(q, 5),
		.agent_id = store_column_text(q, 6),
		.at = store_column_int(q, 7),
	};
	bool blank = store_column_null(q, 8) && store_column_null(q, 9);
	unsigned char payload[32], hash[32];
	size_t len = 0;
	const void *kept;
	int type = record_kind_find(store_column_text(q, 3));

	if (c.seq != chain->seq + 1 || type < 0) {
		err_set(err, ERR_CORRUPT, _("the journal misses row %lld"),
			(long long)chain->seq + 1);
		return false;
	}
	c.type = type;
	journal_hash_payload(store_column_text(q, 8), store_column_text(q, 9), payload);
	kept = store_column_blob(q, 11, &len);
	if (!same_hash(q, 11, payload) && !(blank && kept && len == 32)) {
		err_set(err, ERR_CORRUPT, _("row %lld of the journal was changed"),
			(long long)c.seq);
		return false;
	}
	blank = !same_hash(q, 11, payload);
	if (blank) {
		memcpy(payload, kept, 32);
		chain->blanked++;
	}
	journal_hash_chain(chain->hash, payload, &c, store_column_text(q, 10), hash);
	if (!same_hash(q, 12, hash)) {
		err_set(err, ERR_CORRUPT, _("the chain of the journal breaks at row %lld"),
			(long long)c.seq);
		return false;
	}
	c.after = store_column_text(q, 9);
	if (!check_add_row(check, &c, strcmp(store_column_text(q, 10), "gone") == 0, blank, err))
		return false;
	memcpy(chain->hash, hash, 32);
	chain->seq = c.seq;
	chain->rows++;
	return true;
}

static bool check_chain(struct inspection *check, struct chain *chain, struct err *err)
{
	struct store_query *q;
	enum store_step step;
	int64_t rows;

	do {
		rows = chain->rows;
		q = store_query(check->town.store, CENTRAL_SQL_JOURNAL_CHAIN);
		store_bind_int(q, 1, chain->seq);
		store_bind_int(q, 2, 10000);
		while ((step = store_step(q, err)) == STORE_ROW) {
			if (!check_row(check, q, chain, err)) {
				step = STORE_FAILED;
				break;
			}
		}
		store_done(q);
	} while (step == STORE_DONE && chain->rows > rows);
	return step == STORE_DONE;
}

static void show(const struct inspection *c, const struct chain *chain)
{
	printf(_("all is well: %lld rows in the journal, %lld of them blanked\n"),
	       (long long)chain->rows, (long long)chain->blanked);
	printf(_("as the journal says: %lld tickets, %lld of them open; %lld messages and %lld "
		 "notes, "
		 "%lld of them taken back; %lld contacts, %lld citizens, %lld agents\n"),
	       (long long)c->state[RECORD_TICKET].records, (long long)c->open,
	       (long long)c->state[RECORD_MESSAGE].records,
	       (long long)c->state[RECORD_NOTE].records,
	       (long long)(c->state[RECORD_MESSAGE].removed + c->state[RECORD_NOTE].removed),
	       (long long)c->state[RECORD_CONTACT].records,
	       (long long)c->state[RECORD_PARTY].records,
	       (long long)c->state[RECORD_AGENT].records);
}

int command_check(const struct settings *s, const struct option_list *operands, struct err *err)
{
	struct inspection *c = xcalloc(1, sizeof(*c));
	struct chain chain = {0};
	unsigned flags = STORE_READONLY | STORE_PREPARE;
	bool ok = false;

	if (operands->count > 0) {
		command_extra(operands->items[0], err);
		free(c);
		return 2;
	}
	crypto_shorthash_keygen(c->key);
	/* Each row is looked up in each index: with a small cache most of that is reading again. */
	if (store_engine_of(s->db) == STORE_SQLITE)
		flags |= STORE_BULK;
	if (!town_open(&c->town, s->db, flags, err) || !store_begin_read(c->town.store, err))
		goto out;
	ok = store_check(c->town.store, err) && check_chain(c, &chain, err) && check_sums(c, err) &&
	     check_tickets(c, err) && check_relations(c, err) && check_follows(c, err);
	store_rollback(c->town.store);
	if (ok)
		show(c, &chain);
out:
	town_close(&c->town);
	free(c);
	return ok ? 0 : 1;
}
