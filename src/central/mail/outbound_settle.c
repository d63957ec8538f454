/* What became of a mail that was handed over: in its row, in its message, for each who should have it. */
#include <string.h>
#include "outbound_rows.h"
#include "balie/clock.h"
#include "balie/id.h"
#include "mail.h"

/* Parts the recipients by what became of each; *ret_words: why the first was refused now. */
static void part_recipients(const struct outbound_claim *c, const struct smtp_result *r,
			    struct outbound_row *row, const char **ret_words, size_t *ret_left,
			    struct arena *a)
{
	const char **left = arena_alloc(a, (c->recipient_count + 1) * sizeof(*left));
	size_t left_count = 0, count;
	const char **refused = outbound_list(row->refused, &count, a);

	*ret_words = NULL;
	for (size_t i = 0; i < c->recipient_count; i++) {
		const struct smtp_recipient *one = &r->recipients[i];

		if (one->state == SMTP_PERMANENT && count < MAIL_RECIPIENTS_MAX) {
			refused[count++] = c->recipients[i];
			if (*ret_words == NULL)
				*ret_words =
					one->words == NULL
						? r->evidence
						: arena_printf(a, "%s: %d %s", c->recipients[i],
							       one->code, one->words);
		} else if (one->state != SMTP_SENT) {
			left[left_count++] = c->recipients[i];
		} else {
			row->given++;
		}
	}
	row->recipients = outbound_json(left, left_count, a);
	row->refused = count > 0 ? outbound_json(refused, count, a) : NULL;
	*ret_left = left_count;
}

/* When the server is away, all that is due waits for it: the thread does, not the row. Else the row waits
 * by itself: it may be this mail at which the server falls over, and the others go on. */
static bool settle_later(struct town *t, struct outbound_row *row, const struct smtp_result *result,
			 int64_t now, struct arena *a, struct err *err)
{
	const char *words = arena_strdup(a, result->evidence);
	bool away = result->of_server && !result->reached;

	row->holder = NULL;
	row->evidence = words;
	row->state = OUTBOUND_WAITING;
	row->next_at = away ? now : now + outbound_delay(row->tries + 1);
	row->tries += !away;
	if (now - row->made_at > OUTBOUND_GIVE_UP_MS && row->tries >= OUTBOUND_TRIES_MIN)
		return outbound_put_failed(t, row, "given-up", words, now, a, err);
	return outbound_put(t, row, 0, err) &&
	       outbound_put_message(t, row->message_id, MESSAGE_QUEUED,
				    outbound_reason(a, "try-again", words), now, a, err) &&
	       (!away || outbound_late(t, row->mailbox, words, now, a, err));
}

/* "5.1.1 no such user": the address itself is wrong (RFC 3463), not the mail or the day. */
static bool mark_bad(struct town *t, const struct outbound_claim *c, const struct smtp_result *r,
		     int64_t now, struct arena *a, struct err *err)
{
	char operation[ID_TEXT];
	struct mark mark = {.operation = id_new(operation), .action = "deliver", .at = now};
	struct message message;
	struct ticket ticket;

	for (size_t i = 0; i < c->recipient_count; i++) {
		const struct smtp_recipient *one = &r->recipients[i];

		if (one->state != SMTP_PERMANENT || one->words == NULL ||
		    strncmp(one->words, "5.1.", 4) != 0)
			continue;
		if (!town_read(t, RECORD_MESSAGE, c->row.message_id, NULL, &message, a, err) ||
		    !town_read(t, RECORD_TICKET, message.ticket_id, NULL, &ticket, a, err) ||
		    !mail_mark_bad(t, ticket.party_id, c->recipients[i], &mark, a, err))
			return false;
	}
	return true;
}

/* Nobody is left to send it to: all have it, or some never will. */
static bool settle_done(struct town *t, struct outbound_row *row, const char *words, int64_t now,
			struct arena *a, struct err *err)
{
	const char **refused;
	struct buf all = {0};
	size_t n;
	bool ok;

	if (row->refused == NULL)
		return outbound_drop(t, row->message_id, err) &&
		       outbound_put_message(t, row->message_id, MESSAGE_SENT, NULL, now, a, err);
	refused = outbound_list(row->refused, &n, a);
	if (n > 1 || words == NULL)
		for (size_t i = 0; i < n; i++)
			buf_printf(&all, "%s%s", i > 0 ? ", " : "", refused[i]);
	if (words != NULL)
		buf_printf(&all, "%s%s", all.len > 0 ? " (" : "", words);
	if (n > 1 && words != NULL)
		buf_add_char(&all, ')');
	ok = outbound_put_failed(t, row, "refused", arena_strndup(a, all.data, all.len), now, a,
				 err);
	buf_finish(&all);
	return ok;
}

bool outbound_settle(struct town *t, const struct outbound_claim *c,
		     const struct smtp_result *result, const char *holder, int64_t now,
		     struct arena *a, struct err *err)
{
	struct outbound_row row;
	struct err own = {0};
	const char *words;
	size_t left;

	if (!outbound_get(t, c->row.message_id, &row, a, &own)) {
		if (own.kind == ERR_NOT_FOUND)
			return true;
		*err = own;
		return false;
	}
	/* Another service may have called it uncertain meanwhile: we know better, unless a person has
	 * decided already. */
	if (row.holder == NULL || strcmp(row.holder, holder) != 0 ||
	    (row.state != OUTBOUND_HANDING && row.state != OUTBOUND_UNCERTAIN))
		return true;
	part_recipients(c, result, &row, &words, &left, a);
	if (!mark_bad(t, c, result, now, a, err))
		return false;
	if (result->state == SMTP_UNCERTAIN)
		return outbound_put_uncertain(t, &row, "uncertain", result->evidence, now, a, err);
	return left > 0 ? settle_later(t, &row, result, now, a, err)
			: settle_done(t, &row, words, now, a, err);
}
