/* Identifiers and secrets: UUIDv7 (RFC 9562 section 5.7), random tokens, hashes in hex. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define ID_TEXT 37    /* 36 characters and NUL */
#define HASH_TEXT 65  /* SHA-256 in hex and NUL */
#define TOKEN_TEXT 44 /* 32 random bytes, base64url without padding, and NUL */

/* Once before the others; false only when the system gives no random numbers. */
bool id_init(void);
/* A fresh UUIDv7; ids made by one process sort in the order they were made. Thread-safe. */
const char *id_new(char ret[ID_TEXT]);
/* A UUID from fixed numbers: same in, same out (seeded towns, tests). */
const char *id_from(unsigned long long hi, unsigned long long lo, char ret[ID_TEXT]);
/* True for 36 characters of lower-case hex and dashes in a UUID's places, any version. */
bool id_valid(const char *text);
const char *token_new(char ret[TOKEN_TEXT]);
const char *hash_hex(const void *data, size_t len, char ret[HASH_TEXT]);
/* The same piece by piece. */
struct hash;
struct hash *hash_begin(void);
void hash_add(struct hash *h, const void *data, size_t len);
const char *hash_end(struct hash *h, char ret[HASH_TEXT]); /* and frees it; ret NULL: only that */
