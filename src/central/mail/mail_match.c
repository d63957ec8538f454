/* Which ticket a message belongs to. A number in a text proves nothing: anyone can write it. So the
 * ticket is found here, and whether its sender takes part in it is asked apart. */
#include "mail.h"
#include <string.h>
#include <strings.h>
#include "balie/i18n.h"
#include "central_sql.h"
#include "mail_numbers.h"
#include "mail_token.h"

#define MERGES_MAX 1000

/* The ticket that took over this one, if any did. */
static bool follow_merges(struct town *t, const char **id, struct arena *a, struct err *err)
{
	struct store_query *q;
	enum store_step step;
	const char *next;

	for (int i = 0; i < MERGES_MAX; i++) {
		q = store_query(t->store, CENTRAL_SQL_TICKET_MERGED_INTO);
		store_bind_text(q, 1, *id);
		step = store_step(q, err);
		next = step == STORE_ROW ? arena_strdup(a, store_column_text(q, 0)) : NULL;
		store_done(q);
		if (step == STORE_FAILED)
			return false;
		if (next == NULL)
			break;
		*id = next;
	}
	return true;
}

static bool match_ids(struct town *t, const unsigned char key[MAIL_KEY], const char *const *ids,
		      size_t count, struct mail_match *ret, struct arena *a, struct err *err)
{
	const char *ticket = NULL, *message = NULL;
	char number[TRACKING_TEXT];
	size_t i = 0;

	for (; i < count && ticket == NULL; i++)
		if (!mail_ref_find(t, ids[i], &ticket, &message, a, err))
			return false;
	if (ticket != NULL) {
		/* The very one that is known, not another beside it: who wrote it was sent it. */
		ret->by_token = mail_token_find(key, ids[i - 1], number);
		ret->ticket_id = ticket;
		ret->answered_id = message;
		ret->by_id = true;
	}
	return true;
}

/* A token that is right says the ticket, also when the Message-ID itself is not known any more. */
static bool match_tokens(struct town *t, const unsigned char key[MAIL_KEY],
			 const char *const *texts, size_t count, struct mail_match *ret,
			 struct arena *a, struct err *err)
{
	char number[TRACKING_TEXT];
	struct err own = {0};
	const char *id;

	for (size_t i = 0; i < count && !ret->by_token; i++) {
		if (!mail_token_find(key, texts[i], number))
			continue;
		own = (struct err){0};
		if (ticket_by_number(t, number, &id, a, &own)) {
			ret->by_token = true;
			/* A message that was split off tells where the talk goes on. */
			if (ret->ticket_id == NULL)
				ret->ticket_id = id;
		} else if (own.kind != ERR_NOT_FOUND) {
			*err = own;
			return false;
		}
	}
	return true;
}

/* Said by the same one, with as many files; an empty text says nothing. */
static bool same_mail(const struct message *before, const struct mail_parsed *m)
{
	size_t files = 0;

	for (const char *at = before->attachments;
	     at != NULL && (at = strstr(at, "{\"id\":")) != NULL; at++)
		files++;
	return m->body[strspn(m->body, " \n")] != '\0' && strcmp(before->body, m->body) == 0 &&
	       files == m->attachment_count && m->from_addr != NULL && before->from_text != NULL &&
	       mail_names_address(before->from_text, m->from_addr);
}

/* The same mail to two of our addresses, or delivered twice: not by its Message-ID alone, which some
 * programs give twice. */
static bool match_twin(struct town *t, const struct mail_parsed *m, struct mail_match *ret,
		       struct arena *a, struct err *err)
{
	const char *ticket = NULL, *id = NULL;
	struct message before;

	if (m->message_id == NULL)
		return true;
	if (!mail_ref_find(t, m->message_id, &ticket, &id, a, err))
		return false;
	if (id == NULL)
		return true;
	if (!town_read(t, RECORD_MESSAGE, id, NULL, &before, a, err))
		return err->kind == ERR_NOT_FOUND;
	/* One of ours that came back to us as it went is no word of anybody. */
	ret->own = before.direction == DIRECTION_OUT;
	if (ret->own || same_mail(&before, m))
		ret->twin_id = id;
	return true;
}

/* Numbers that are right and belong to a ticket of ours. */
static bool match_numbers(struct town *t, const struct mail_numbers *n, struct mail_match *ret,
			  struct arena *a, struct err *err)
{
	const char *id, *unknown = NULL;
	struct err own;

	for (size_t i = 0; i < n->count; i++) {
		own = (struct err){0};
		if (!ticket_by_number(t, n->right[i], &id, a, &own)) {
			if (own.kind != ERR_NOT_FOUND && own.kind != ERR_INPUT) {
				*err = own;
				return false;
			}
			if (unknown == NULL && n->grouped[i])
				unknown = n->right[i];
		} else if (!follow_merges(t, &id, a, err)) {
			return false;
		} else if (ret->ticket_id == NULL) {
			ret->ticket_id = id;
		} else if (strcmp(ret->ticket_id, id) != 0 && ret->reason == NULL) {
			ret->reason =
				arena_printf(a, "two-numbers %s, %s", n->right[0], n->right[i]);
		}
	}
	if (ret->ticket_id == NULL && n->wrong[0] != '\0')
		ret->reason = arena_printf(a, "number-mistyped %s", n->wrong);
	else if (ret->ticket_id == NULL && unknown != NULL)
		ret->reason = arena_printf(a, "number-unknown %s", unknown);
	return true;
}

/* Does shown, "An Claes <an@example.be>, b@example.be", name this address? Only an address in its
 * own place counts, not one that a stranger put in his display name. */
bool mail_names_address(const char *shown, const char *addr)
{
	size_t n = strlen(addr);
	const char *at = shown;

	for (; at != NULL && (at = strcasestr(at, addr)) != NULL; at++) {
		bool open = at > shown && at[-1] == '<';
		bool alone = at == shown || (at - shown >= 2 && memcmp(at - 2, ", ", 2) == 0);

		if (open && at[n] == '>' && (at[n + 1] == '\0' || at[n + 1] == ','))
			return true;
		if (alone && (at[n] == '\0' || (at[n] == ',' && at[n + 1] == ' ')))
			return true;
	}
	return false;
}

static bool takes_part(struct town *t, const char *ticket, const char *addr, bool *ret,
		       struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_TICKET_HAS_ADDRESS);
	enum store_step step;

	*ret = false;
	if (addr == NULL)
		return true;
	store_bind_text(q, 1, ticket);
	store_bind_text(q, 2, addr);
	step = store_step(q, err);
	store_done(q);
	if (step != STORE_DONE) {
		*ret = step == STORE_ROW;
		return step != STORE_FAILED;
	}
	q = store_query(t->store, CENTRAL_SQL_TICKET_LETTERHEADS);
	store_bind_text(q, 1, ticket);
	while (!*ret && (step = store_step(q, err)) == STORE_ROW)
		*ret = mail_names_address(store_column_text(q, 0), addr) ||
		       mail_names_address(store_column_text(q, 1), addr);
	store_done(q);
	return step != STORE_FAILED;
}

bool mail_match_ticket(struct town *t, const struct mail_parsed *m, struct mail_match *ret,
		       struct arena *a, struct err *err)
{
	struct mail_match match = {0};
	struct mail_numbers n;
	unsigned char key[MAIL_KEY];

	if (!mail_token_key(t, key, err) || !match_twin(t, m, &match, a, err))
		return false;
	if (!match_ids(t, key, m->returned_ids, m->returned_count, &match, a, err))
		return false;
	if (match.ticket_id == NULL && !match_ids(t, key, m->refs, m->ref_count, &match, a, err))
		return false;
	if (match.ticket_id == NULL &&
	    (!match_tokens(t, key, m->returned_ids, m->returned_count, &match, a, err) ||
	     !match_tokens(t, key, m->refs, m->ref_count, &match, a, err) ||
	     !match_tokens(t, key, m->to_addrs, m->to_count, &match, a, err) ||
	     !match_tokens(t, key, m->delivered, m->delivered_count, &match, a, err)))
		return false;
	if (match.ticket_id == NULL) {
		mail_numbers_find(m, &n);
		if (!match_numbers(t, &n, &match, a, err))
			return false;
	}
	if (match.ticket_id != NULL &&
	    (!follow_merges(t, &match.ticket_id, a, err) ||
	     !takes_part(t, match.ticket_id, m->from_addr, &match.takes_part, err)))
		return false;
	*ret = match;
	return true;
}
