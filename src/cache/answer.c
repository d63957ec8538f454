/* What the service was asked, and what it answered last. */
#include <stdlib.h>
#include <string.h>
#include "balie/cache.h"
#include "balie/text.h"
#include "balie/wire.h"

struct desk_answers {
	struct {
		struct answer answer;
		char *wanted;
		int64_t nth;
		struct arena arena; /* of the answer that is there */
	} of[ASKS];
};

static struct desk_answers *answers_of(struct desk *d)
{
	if (d->answers == NULL)
		d->answers = xcalloc(1, sizeof(*d->answers));
	return d->answers;
}

const struct answer *desk_answer(struct desk *d, enum ask ask)
{
	return &answers_of(d)->of[ask].answer;
}

void desk_ask(struct desk *d, enum ask ask, const char *text)
{
	struct desk_answers *all = answers_of(d);
	struct answer *answer = &all->of[ask].answer;

	free(all->of[ask].wanted);
	all->of[ask].wanted = xstrdup(text);
	all->of[ask].nth++;
	answer->wanted = all->of[ask].wanted;
	answer->waiting = d->port != NULL;
	if (d->port != NULL)
		port_to_sync(d->port, PORT_ASK, NULL, ASK_NUMBER(ask, all->of[ask].nth), false,
			     text);
}

/* Words that cannot be read leave the lists empty. */
static bool read_answer(enum ask ask, const char *text, struct answer *ret, struct arena *a,
			struct err *err)
{
	struct cJSON *json = wire_parse(text, strlen(text), err);

	if (json == NULL)
		return false;
	switch (ask) {
	case ASK_SEARCH:
	case ASK_LIKELY:
		wire_get_list(json, "items", RECORD_PARTY, &ret->parties, &ret->party_count, a);
		ret->more = wire_get_flag(json, "more");
		ret->ticket = wire_get_member(json, "ticket", RECORD_TICKET, a);
		break;
	case ASK_PARTY:
		ret->party = wire_get_member(json, "party", RECORD_PARTY, a);
		wire_get_list(json, "tickets", RECORD_TICKET, &ret->tickets, &ret->ticket_count, a);
		wire_get_list(json, "contacts", RECORD_CONTACT, &ret->contacts, &ret->contact_count,
			      a);
		wire_get_list(json, "merged", RECORD_PARTY, &ret->merged, &ret->merged_count, a);
		ret->more_tickets = wire_get_flag(json, "more_tickets");
		ret->more_contacts = wire_get_flag(json, "more_contacts");
		break;
	case ASK_TICKET:
		ret->ticket = wire_get_member(json, "ticket", RECORD_TICKET, a);
		break;
	case ASK_TRY:
		wire_get_refusals(json, &ret->refusals, &ret->refusal_count, a);
		break;
	case ASKS:
		break;
	}
	wire_free(json);
	return true;
}

bool desk_take_answer(struct desk *d, const struct port_message *m)
{
	struct desk_answers *all = answers_of(d);
	enum ask ask = ASK_OF(m->number);
	struct answer fresh = {0};
	struct arena a = {0};
	struct err err = {0};
	const char *text = m->text ? m->text : "";
	bool ok = m->flag;

	if (m->number != ASK_NUMBER(ask, all->of[ask].nth))
		return false;
	fresh.wanted = all->of[ask].wanted;
	fresh.asked = arena_strdup(&a, all->of[ask].wanted);
	if (ok && !read_answer(ask, text, &fresh, &a, &err)) {
		ok = false;
		text = err.text;
	}
	fresh.state = ok ? ANSWER_HERE : ANSWER_FAILED;
	if (!ok) {
		struct buf why = {0};

		text_capital(&why, text);
		fresh.why = arena_strndup(&a, why.data, why.len);
		buf_finish(&why);
	}
	arena_finish(&all->of[ask].arena);
	all->of[ask].arena = a;
	all->of[ask].answer = fresh;
	return true;
}

void desk_forget_answers(struct desk *d)
{
	if (d->answers == NULL)
		return;
	for (int i = 0; i < ASKS; i++) {
		free(d->answers->of[i].wanted);
		arena_finish(&d->answers->of[i].arena);
	}
	free(d->answers);
	d->answers = NULL;
}
