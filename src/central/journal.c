/* The one way into the journal, and the chain of hashes over it. */
#include "journal.h"
#include <sodium.h>
#include <string.h>
#include "central_sql.h"

/* Reads where the chain stands. Once a transaction: nobody else can append while we hold the lock. */
static bool know_chain(struct town *t, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_JOURNAL_END);
	enum store_step step;
	const void *hash;
	size_t len = 0;

	if (t->chain_known)
		return true;
	step = store_step(q, err);
	if (step == STORE_FAILED) {
		store_done(q);
		return false;
	}
	memset(t->chain, 0, sizeof(t->chain));
	t->seq = 0;
	if (step == STORE_ROW) {
		t->seq = store_column_int(q, 0);
		hash = store_column_blob(q, 1, &len);
		if (hash && len == sizeof(t->chain))
			memcpy(t->chain, hash, len);
	}
	store_done(q);
	t->chain_known = true;
	return true;
}

/* Field by field with a zero byte between, so that no two rows give the same bytes. */
static void hash_text(crypto_hash_sha256_state *h, const char *s)
{
	if (s)
		crypto_hash_sha256_update(h, (const unsigned char *)s, strlen(s));
	crypto_hash_sha256_update(h, (const unsigned char *)"", 1);
}

static void hash_int(crypto_hash_sha256_state *h, int64_t v)
{
	unsigned char b[8];
	int i;

	for (i = 0; i < 8; i++)
		b[i] = (unsigned char)((uint64_t)v >> (56 - 8 * i));
	crypto_hash_sha256_update(h, b, sizeof(b));
}

void journal_hash_payload(const char *before, const char *after, unsigned char ret[32])
{
	crypto_hash_sha256_state h;

	crypto_hash_sha256_init(&h);
	hash_text(&h, before);
	hash_text(&h, after);
	crypto_hash_sha256_final(&h, ret);
}

void journal_hash_chain(const unsigned char previous[32], const unsigned char payload[32],
			const struct change *c, const char *op, unsigned char ret[32])
{
	crypto_hash_sha256_state h;

	crypto_hash_sha256_init(&h);
	crypto_hash_sha256_update(&h, previous, 32);
	crypto_hash_sha256_update(&h, payload, 32);
	hash_int(&h, c->seq);
	hash_text(&h, c->operation);
	hash_text(&h, c->action);
	hash_text(&h, record_types[c->type].name);
	hash_text(&h, c->record_id);
	hash_int(&h, c->version);
	hash_text(&h, c->agent_id);
	hash_int(&h, c->at);
	hash_text(&h, op);
	crypto_hash_sha256_final(&h, ret);
}

bool journal_append(struct town *t, const struct journal_row *row, struct err *err)
{
	const char *op = row->op == JOURNAL_GONE ? "gone" : "put";
	struct change c = {
		.operation = row->mark->operation,
		.action = row->mark->action,
		.type = row->type,
		.record_id = row->record_id,
		.ticket_id = row->ticket_id,
		.version = row->version,
		.agent_id = row->mark->agent_id,
		.at = row->mark->at,
		.before = row->before,
		.after = row->after,
	};
	unsigned char payload[32], chain[32];
	struct store_query *q;

	if (!know_chain(t, err))
		return false;
	c.seq = t->seq + 1;
	journal_hash_payload(c.before, c.after, payload);
	journal_hash_chain(t->chain, payload, &c, op, chain);

	q = store_query(t->store, CENTRAL_SQL_JOURNAL_ADD);
	store_bind_fields(q, 1, change_fields, change_field_count, &c);
	store_bind_text(q, 12, op);
	store_bind_text(q, 13, row->team_before);
	store_bind_blob(q, 14, payload, sizeof(payload));
	store_bind_blob(q, 15, chain, sizeof(chain));
	if (!store_run(q, err))
		return false;
	t->seq = c.seq;
	memcpy(t->chain, chain, sizeof(chain));
	return true;
}

static bool counts_as_change(const struct field *f)
{
	return strcmp(f->name, "id") != 0 && strcmp(f->name, "version") != 0 &&
	       strcmp(f->name, "updated_at") != 0;
}

bool journal_field_differs(const struct field *f, const void *before, const void *after)
{
	const char *a = (const char *)before + f->offset;
	const char *b = (const char *)after + f->offset;
	const char *s, *u;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		s = *(const char *const *)(const void *)a;
		u = *(const char *const *)(const void *)b;
		return s != u && (!s || !u || strcmp(s, u) != 0);
	case FIELD_INT:
	case FIELD_TIME:
		return *(const int64_t *)(const void *)a != *(const int64_t *)(const void *)b;
	case FIELD_BOOL:
		return *(const bool *)(const void *)a != *(const bool *)(const void *)b;
	case FIELD_WORD:
		return *(const int *)(const void *)a != *(const int *)(const void *)b;
	}
	return false;
}

/* wire_put() writes whole objects: that of one field is opened up to grow. */
static void add_member(struct buf *ret, const struct field *f, const void *from)
{
	if (ret->len > 0)
		ret->data[ret->len - 1] = ',';
	else
		buf_add_char(ret, '{');
	size_t at = ret->len;

	wire_put(ret, f, 1, from);
	memmove(ret->data + at, ret->data + at + 1, ret->len - at - 1);
	ret->len--;
	ret->data[ret->len] = '\0';
}

bool journal_diff(enum record_kind kind, const void *before, const void *after,
		  struct buf *ret_before, struct buf *ret_after)
{
	const struct record_type *type = &record_types[kind];
	bool any = false;
	size_t i;

	buf_reset(ret_before);
	buf_reset(ret_after);
	if (!before)
		return true;
	for (i = 0; i < type->field_count; i++) {
		const struct field *f = &type->fields[i];

		if (!counts_as_change(f) || !journal_field_differs(f, before, after))
			continue;
		add_member(ret_before, f, before);
		add_member(ret_after, f, after);
		any = true;
	}
	return any;
}
