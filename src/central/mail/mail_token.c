#include "mail_token.h"
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define TOKEN 16 /* letters: 80 bits */
#define DIGITS 10
#define KEY_META "mail_key"

static bool read_hex(const char *hex, unsigned char ret[MAIL_KEY])
{
	size_t len = 0;

	return sodium_hex2bin(ret, MAIL_KEY, hex, strlen(hex), NULL, &len, NULL) == 0 &&
	       len == MAIL_KEY;
}

bool mail_token_key(struct town *t, unsigned char ret[MAIL_KEY], struct err *err)
{
	char hex[MAIL_KEY * 2 + 1];
	struct arena a = {0};
	const char *text = town_meta(t, KEY_META, &a);
	bool ok;

	if (text != NULL) {
		ok = read_hex(text, ret);
		if (!ok)
			err_set(err, ERR_CORRUPT, "the key for mail is no key");
	} else {
		randombytes_buf(ret, MAIL_KEY);
		sodium_bin2hex(hex, sizeof(hex), ret, MAIL_KEY);
		ok = town_set_meta(t, KEY_META, hex, err);
		sodium_memzero(hex, sizeof(hex));
	}
	arena_finish(&a);
	return ok;
}

/* number: any writing. Ten digits, or "" when it is no tracking number. */
static void digits_of(const char *number, char ret[DIGITS + 1])
{
	size_t n = 0;

	for (; *number != '\0' && n < DIGITS; number++)
		if (isdigit((unsigned char)*number))
			ret[n++] = *number;
	ret[n] = '\0';
}

static void make(const unsigned char key[MAIL_KEY], const char *digits, char ret[TOKEN + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char mac[crypto_auth_hmacsha256_BYTES];

	crypto_auth_hmacsha256(mac, (const unsigned char *)digits, strlen(digits), key);
	for (size_t i = 0; i < TOKEN; i++) {
		size_t bit = i * 5;
		unsigned two = (unsigned)mac[bit / 8] << 8 | mac[bit / 8 + 1];

		ret[i] = letters[two >> (11 - bit % 8) & 31];
	}
	ret[TOKEN] = '\0';
}

void mail_token_message(const unsigned char key[MAIL_KEY], const char *number,
			const char *message_id, const char *domain, char ret[MAIL_TOKEN_TEXT])
{
	char digits[DIGITS + 1], token[TOKEN + 1];

	digits_of(number, digits);
	make(key, digits, token);
	snprintf(ret, MAIL_TOKEN_TEXT, "b.%s.%s.%.36s@%.200s", digits, token, message_id, domain);
}

bool mail_token_address(const unsigned char key[MAIL_KEY], const char *number, const char *address,
			char ret[MAIL_TOKEN_TEXT])
{
	const char *at = strrchr(address, '@');
	char digits[DIGITS + 1], token[TOKEN + 1];
	int n;

	digits_of(number, digits);
	/* RFC 5321 4.5.3.1.1: 64 bytes before the @. */
	if (at == NULL || strlen(digits) != DIGITS || (at - address) + 3 + DIGITS + 1 + TOKEN > 64)
		return false;
	make(key, digits, token);
	n = snprintf(ret, MAIL_TOKEN_TEXT, "%.*s+b.%s.%s%s", (int)(at - address), address, digits,
		     token, at);
	return n > 0 && n < MAIL_TOKEN_TEXT;
}

/* Behind "b.": is this our token? */
static bool right(const unsigned char key[MAIL_KEY], const char *text, char ret[TRACKING_TEXT])
{
	char digits[DIGITS + 1], token[TOKEN + 1], given[TOKEN + 1];
	size_t i;

	for (i = 0; i < DIGITS; i++)
		if (!isdigit((unsigned char)text[i]))
			return false;
	if (text[DIGITS] != '.')
		return false;
	memcpy(digits, text, DIGITS);
	digits[DIGITS] = '\0';
	for (i = 0; i < TOKEN && isalnum((unsigned char)text[DIGITS + 1 + i]); i++)
		given[i] = (char)tolower((unsigned char)text[DIGITS + 1 + i]);
	if (i < TOKEN || isalnum((unsigned char)text[DIGITS + 1 + TOKEN]))
		return false;
	make(key, digits, token);
	return sodium_memcmp(given, token, TOKEN) == 0 && tracking_parse(digits, ret) == CHECK_OK;
}

bool mail_token_find(const unsigned char key[MAIL_KEY], const char *text, char ret[TRACKING_TEXT])
{
	const char *at = strchr(text, '@'), *p = text;

	for (; *p != '\0' && (at == NULL || p < at); p++)
		if ((*p == 'b' || *p == 'B') && p[1] == '.' && (p == text || p[-1] == '+') &&
		    right(key, p + 2, ret))
			return true;
	return false;
}
