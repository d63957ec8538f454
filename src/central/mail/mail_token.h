/* What we put in our mails so that an answer finds its ticket: "b.2600421769.TOKEN" and, in a Message-ID,
 * ".MESSAGE" behind it. A tracking number can be guessed or overheard; the token, an HMAC of it, cannot
 * (RFC 2104), so whoever has it was sent it. Small letters and digits alone survive mail programs that
 * change the case of an address. */
#pragma once
#include "../town.h"

#define MAIL_KEY 32
#define MAIL_TOKEN_TEXT 300

/* The town's own secret. It is made at the first need, so call it in a transaction of the writer. */
bool mail_token_key(struct town *t, unsigned char ret[MAIL_KEY], struct err *err);
/* Message-ID without <>, of a message of a ticket. domain: what stands behind the @. */
void mail_token_message(const unsigned char key[MAIL_KEY], const char *number,
			const char *message_id, const char *domain, char ret[MAIL_TOKEN_TEXT]);
/* "info@x.be" -> "info+b.2600421769.TOKEN@x.be"; false when the address is no address or too long. */
bool mail_token_address(const unsigned char key[MAIL_KEY], const char *number, const char *address,
			char ret[MAIL_TOKEN_TEXT]);
/* Does this Message-ID or address hold a token of ours that is right? ret gets the tracking number. */
bool mail_token_find(const unsigned char key[MAIL_KEY], const char *text, char ret[TRACKING_TEXT]);
