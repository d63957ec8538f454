/* A town with a mailbox and a citizen who wrote, for tests of mail that goes out; on the engine that
 * BALIE_ENGINE names. What does not work ends the test with a message. */
#pragma once
#include "../../src/central/mail/mail_config.h"
#include "../../src/central/mail/outbound.h"
#include "../../src/central/mail/outgoing.h"
#include "postgres.h"

#define POST_NOW INT64_C(1795500000000)
#define POST_ADDRESS "info@stad.example"
#define POST_AGENT "00000002-0000-7000-8000-000000000099"

struct post {
	struct town town;
	struct arena arena;
	char folder[40], url[POSTGRES_URL];
	struct mailbox_config box;
	char ticket_id[ID_TEXT], number[TRACKING_TEXT];
	int64_t uid;
};

/* db NULL: makes a town; else that one is opened. now: time of what is made. */
void post_open(struct post *p, const char *db, int64_t now);
void post_close(struct post *p);
/* A mail from that address comes in: its ticket becomes the post's. */
void post_take(struct post *p, const char *raw, int64_t now);
/* An answer on the ticket; id gets that of the message. to NULL: the reporter. */
void post_answer(struct post *p, const char *to, const char *cc, const char *body, bool automatic,
		 int64_t now, char id[ID_TEXT]);
struct message post_message(struct post *p, const char *id);
/* -1: it has no row any more. */
int post_row_state(struct post *p, const char *id);
/* Lets those that wait for another try go now; gives how many wait or are in somebody's hands. */
size_t post_hurry(struct post *p, int64_t now);
