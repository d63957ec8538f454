#include "balie/id.h"

#include <pthread.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "balie/clock.h"
#include "balie/mem.h"

static pthread_mutex_t id_lock = PTHREAD_MUTEX_INITIALIZER;
/* under id_lock: the 74 bits behind the time in the newest id */
static uint64_t id_time, id_high, id_low;

/* under id_lock: fetched for many ids at once, since a service gives one to each request */
static uint64_t id_pool[128];
static size_t id_left;

#define HIGH_BITS 12
#define LOW_BITS 62

/* A child must not give out what its parent gives out. */
static void forget_pool(void)
{
	id_left = 0;
}

bool id_init(void)
{
	return sodium_init() >= 0 && pthread_atfork(NULL, NULL, forget_pool) == 0;
}

static uint64_t random_word(void)
{
	if (id_left == 0) {
		randombytes_buf(id_pool, sizeof(id_pool));
		id_left = sizeof(id_pool) / sizeof(id_pool[0]);
	}
	return id_pool[--id_left];
}

/* Writes 48 bits, version, 12 bits, variant, 62 bits. */
static const char *id_write(uint64_t first, unsigned version, uint64_t high, uint64_t low,
			    char ret[ID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[16];
	uint64_t a = first << 16 | (uint64_t)version << 12 | high;
	uint64_t b = UINT64_C(2) << LOW_BITS | low;
	char *to = ret;

	for (int i = 0; i < 8; i++) {
		bytes[i] = (unsigned char)(a >> (56 - 8 * i));
		bytes[8 + i] = (unsigned char)(b >> (56 - 8 * i));
	}
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
	*to = '\0';
	return ret;
}

const char *id_new(char ret[ID_TEXT])
{
	uint64_t now = (uint64_t)clock_now(), random[2];

	pthread_mutex_lock(&id_lock);
	random[0] = random_word();
	random[1] = random_word();
	if (now > id_time) {
		id_time = now;
		id_high = random[0] & ((1u << HIGH_BITS) - 1);
		id_low = random[1] >> (64 - LOW_BITS);
	} else {
		/* The same millisecond, or a clock that was set back: go on from the last one by a
		 * step that cannot be guessed. */
		id_low += 1 + (random[1] & UINT32_MAX);
		id_high += id_low >> LOW_BITS;
		id_low &= (UINT64_C(1) << LOW_BITS) - 1;
		id_time += id_high >> HIGH_BITS;
		id_high &= (1u << HIGH_BITS) - 1;
	}
	id_write(id_time & ((UINT64_C(1) << 48) - 1), 7, id_high, id_low, ret);
	pthread_mutex_unlock(&id_lock);
	return ret;
}

const char *id_from(unsigned long long hi, unsigned long long lo, char ret[ID_TEXT])
{
	/* Version 8: "made by rules of our own". Of hi 60 bits fit and of lo 62. */
	return id_write(hi >> HIGH_BITS & ((UINT64_C(1) << 48) - 1), 8,
			hi & ((1u << HIGH_BITS) - 1), lo & ((UINT64_C(1) << LOW_BITS) - 1), ret);
}

bool id_valid(const char *text)
{
	if (text == NULL)
		return false;
	for (int i = 0; i < ID_TEXT - 1; i++) {
		char c = text[i];

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (c != '-')
				return false;
		} else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
			return false;
		}
	}
	return text[ID_TEXT - 1] == '\0';
}

const char *token_new(char ret[TOKEN_TEXT])
{
	unsigned char bytes[32];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(ret, TOKEN_TEXT, bytes, sizeof(bytes),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
	return ret;
}

const char *hash_hex(const void *data, size_t len, char ret[HASH_TEXT])
{
	unsigned char bytes[crypto_hash_sha256_BYTES];
	static const unsigned char nothing[1];

	crypto_hash_sha256(bytes, len > 0 ? data : nothing, len);
	return sodium_bin2hex(ret, HASH_TEXT, bytes, sizeof(bytes));
}

struct hash {
	crypto_hash_sha256_state state;
};

struct hash *hash_begin(void)
{
	struct hash *h = xcalloc(1, sizeof(*h));

	crypto_hash_sha256_init(&h->state);
	return h;
}

void hash_add(struct hash *h, const void *data, size_t len)
{
	if (len > 0)
		crypto_hash_sha256_update(&h->state, data, len);
}

const char *hash_end(struct hash *h, char ret[HASH_TEXT])
{
	unsigned char bytes[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&h->state, bytes);
	free(h);
	return ret != NULL ? sodium_bin2hex(ret, HASH_TEXT, bytes, sizeof(bytes)) : NULL;
}
