/* Who a token belongs to. Looked up in the town once, then kept here for a moment: an agent who was
 * disabled by another program, or who logged out at another service, is out within that moment; one
 * who logs out here at once. Where services hear each other, all of it is at once. */
#include "parts.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "central_sql.h"

#define SLOTS 8192 /* a power of two */
#define FRESH_MS 1000

struct session {
	unsigned char hash[32];
	bool used;
	struct auth_who who;
	int64_t expires_at; /* wall clock */
	int64_t checked_at; /* clock_mono() */
	int64_t filled_at;  /* of the bucket */
	double tokens;
};

struct auth {
	pthread_mutex_t lock;
	double rate, burst;
	struct session slots[SLOTS]; /* two places a hash: the older one gives way */
};

bool auth_create(struct auth **ret, const struct settings *s)
{
	struct auth *a = xcalloc(1, sizeof(*a));

	pthread_mutex_init(&a->lock, NULL);
	a->rate = (double)s->rate;
	a->burst = (double)s->burst;
	*ret = a;
	return true;
}

void auth_destroy(struct auth *a)
{
	if (!a)
		return;
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void token_hash(const char *token, unsigned char ret[32])
{
	crypto_hash_sha256(ret, (const unsigned char *)token, strlen(token));
}

/* The place of a hash, or the one to take for it. */
static struct session *slot_of(struct auth *a, const unsigned char hash[32])
{
	uint32_t n;
	struct session *one, *two;

	memcpy(&n, hash, sizeof(n));
	one = &a->slots[n & (SLOTS - 1)];
	two = &a->slots[(n ^ 1) & (SLOTS - 1)];
	if (one->used && memcmp(one->hash, hash, 32) == 0)
		return one;
	if (two->used && memcmp(two->hash, hash, 32) == 0)
		return two;
	if (!one->used)
		return one;
	return !two->used || two->checked_at < one->checked_at ? two : one;
}

/* From the town. *ret_there false: no such session. */
static bool read_session(struct town *t, const unsigned char hash[32], struct auth_who *who,
			 int64_t *expires_at, bool *ret_there)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_SESSION_GET);
	enum store_step step;

	store_bind_blob(q, 1, hash, 32);
	step = store_step(q, NULL);
	*ret_there = step == STORE_ROW && store_column_int(q, 4) != 0;
	if (*ret_there) {
		snprintf(who->agent_id, ID_TEXT, "%s", store_column_text(q, 0));
		snprintf(who->team_id, ID_TEXT, "%s", store_column_text(q, 2));
		*expires_at = store_column_int(q, 1);
		who->role = words_find(&roles, store_column_text(q, 3));
		who->team_kind = words_find(&team_kinds, store_column_text(q, 5));
		/* An unknown word must not give rights. */
		if (who->role < 0)
			who->role = ROLE_AGENT;
		if (who->team_kind < 0)
			who->team_kind = TEAM_OUTSIDE;
	}
	store_done(q);
	return step != STORE_FAILED;
}

static bool spend_one(struct auth *a, struct session *s, int64_t now, int *ret_retry_after)
{
	s->tokens += (double)(now - s->filled_at) * a->rate / 1000.0;
	s->filled_at = now;
	if (s->tokens > a->burst)
		s->tokens = a->burst;
	if (s->tokens < 1.0) {
		*ret_retry_after = 1;
		return false;
	}
	s->tokens -= 1.0;
	return true;
}

/* Under the lock. */
static enum auth_result from_memory(struct auth *a, struct session *s, bool spend,
				    struct auth_who *ret, int *ret_retry_after)
{
	if (s->expires_at <= clock_now())
		return AUTH_EXPIRED;
	if (spend && !spend_one(a, s, clock_mono(), ret_retry_after))
		return AUTH_TOO_MANY;
	*ret = s->who;
	return AUTH_OK;
}

enum auth_result auth_check(struct auth *a, struct town *t, const unsigned char hash[32],
			    bool spend, struct auth_who *ret, int *ret_retry_after)
{
	struct session *s;
	struct auth_who who;
	int64_t now = clock_mono();
	int64_t expires_at = 0;
	enum auth_result result = AUTH_UNKNOWN;
	bool there;

	pthread_mutex_lock(&a->lock);
	s = slot_of(a, hash);
	if (s->used && memcmp(s->hash, hash, 32) == 0 && now - s->checked_at < FRESH_MS) {
		result = from_memory(a, s, spend, ret, ret_retry_after);
		pthread_mutex_unlock(&a->lock);
		return result;
	}
	pthread_mutex_unlock(&a->lock);

	if (!read_session(t, hash, &who, &expires_at, &there))
		return AUTH_FAILED;
	if (!there) {
		auth_forget(a, hash);
		return AUTH_UNKNOWN;
	}
	pthread_mutex_lock(&a->lock);
	s = slot_of(a, hash);
	if (!s->used || memcmp(s->hash, hash, 32) != 0) {
		memset(s, 0, sizeof(*s));
		memcpy(s->hash, hash, 32);
		s->tokens = a->burst;
		s->filled_at = now;
		s->used = true;
	}
	s->who = who;
	s->expires_at = expires_at;
	s->checked_at = now;
	result = from_memory(a, s, spend, ret, ret_retry_after);
	pthread_mutex_unlock(&a->lock);
	return result;
}

void auth_forget_agent(struct auth *a, const char *agent_id)
{
	size_t i;

	pthread_mutex_lock(&a->lock);
	for (i = 0; i < SLOTS; i++)
		if (a->slots[i].used && strcmp(a->slots[i].who.agent_id, agent_id) == 0)
			a->slots[i].used = false;
	pthread_mutex_unlock(&a->lock);
}

void auth_forget(struct auth *a, const unsigned char hash[32])
{
	struct session *s;

	pthread_mutex_lock(&a->lock);
	s = slot_of(a, hash);
	if (s->used && memcmp(s->hash, hash, 32) == 0)
		s->used = false;
	pthread_mutex_unlock(&a->lock);
}
