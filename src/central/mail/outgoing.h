/* How a text of ours leaves by mail: from which mailbox, to whom, under which Message-ID; and the row that
 * the thread works from which sends (outbound.c). Rules and the mail that comes in both call it. */
#pragma once
#include "../town.h"

#define RECALL_MS 15000 /* a mail can be taken back so long */

struct outgoing {
	struct message *
		message; /* id, ticket_id, agent_id, subject, body, created_at; the rest is filled in */
	const struct ticket *ticket;
	const char *to, *cc; /* as the agent typed them; to NULL: the reporter */
	const char *
		mailbox_id; /* NULL: as the ticket came in, else that of its team, else the first */
	const char *
		attachments; /* JSON: [{"sha256":…,"name":…,"type":…}] of this agent's uploads, or NULL */
	const char *with_id; /* files of this message go along too; NULL: none */
	bool automatic;	     /* no person wrote it: goes out at once, within the cap of a day */
	int64_t now;
};
/* Writes the message, its files, its Message-ID and its row for sending. It is QUEUED when it can be sent, else
 * NOT_SENT with the reason. ERR_INPUT for an address or a file that cannot be: *pointer is then the
 * JSON pointer of the field. In a transaction; nothing of it may be kept when it gives false. */
bool outgoing_add(struct town *t, struct outgoing *o, const char **pointer, const struct mark *mark,
		  struct arena *a, struct err *err);
/* Lets a mail of ours go out once more: to those who do not surely have it, or to others when to is not
 * NULL. */
bool outgoing_again(struct town *t, const struct message *before, struct message *after,
		    const char *to, const char **pointer, const struct mark *mark, struct arena *a,
		    struct err *err);
/* Takes a mail back that nobody has. *ret_late: it is just being sent, or somebody has it. */
bool outgoing_recall(struct town *t, const char *message_id, bool *ret_late, struct err *err);
/* A person says what became of it: its row for sending goes. *ret_late: it is just being sent. */
bool outgoing_settle(struct town *t, const char *message_id, bool *ret_late, struct err *err);
