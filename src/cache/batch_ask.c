/* What the service says beforehand of one action on many tickets. It knows the tickets as they are now;
 * this computer knows them as they came last. */
#include "balie/cache.h"
#include <stdlib.h>
#include <string.h>
#include "balie/wire.h"

#define LIST_MAX 100

static void count_words(struct batch *b)
{
	b->asked = b->would = b->would_not = 0;
	for (size_t i = 0; i < b->count; i++) {
		const struct batch_item *item = &b->items[i];

		if (item->fate != BATCH_DOES && item->fate != BATCH_TYPING)
			continue;
		b->asked += item->word == BATCH_ASKED;
		b->would += item->word == BATCH_WOULD;
		b->would_not += item->word == BATCH_WOULD_NOT;
	}
}

static void take_word(struct batch *b, struct batch_item *item, const char *refusal, bool said)
{
	/* What it said of another version says nothing of this one. */
	if (!said || item->asked_version != item->version) {
		item->word = BATCH_NOT_ASKED;
		return;
	}
	item->word = refusal ? BATCH_WOULD_NOT : BATCH_WOULD;
	item->refusal = arena_strdup(&b->arena, refusal);
}

bool desk_plan_hear(struct desk *d, struct batch *b)
{
	const struct answer *answer = desk_answer(d, ASK_TRY);
	size_t n = 0;

	if (!b->asking || answer->waiting || !answer->asked ||
	    strcmp(answer->asked, b->asking) != 0)
		return false;
	for (size_t i = 0; i < b->count; i++) {
		bool said = n < answer->refusal_count;

		if (b->items[i].word != BATCH_ASKED)
			continue;
		take_word(b, &b->items[i], said ? answer->refusals[n] : NULL, said);
		n++;
	}
	b->ask_failed = answer->state == ANSWER_FAILED || answer->refusal_count == 0;
	if (b->ask_failed)
		b->not_asked = arena_strdup(&b->arena, answer->why);
	free(b->asking);
	b->asking = NULL;
	count_words(b);
	return true;
}

/* Those whose version became another are asked once more. */
static bool is_to_ask(const struct batch *b, const struct batch_item *item)
{
	if (item->fate != BATCH_DOES && !(item->fate == BATCH_TYPING && b->with_typing))
		return false;
	return !item->waits &&
	       (item->word == BATCH_NOT_ASKED ||
		(item->word != BATCH_ASKED && item->asked_version != item->version));
}

void desk_plan_ask(struct desk *d, struct batch *b)
{
	struct envelope list[LIST_MAX];
	struct batch_item *of[LIST_MAX];
	struct buf text = {0};
	size_t n = 0, i;

	if (d->link != LINK_ONLINE || d->port == NULL || b->asking || b->ask_failed ||
	    b->planned < b->count)
		return;
	for (i = 0; i < b->count && i < BATCH_ASK_MAX && n < LIST_MAX; i++) {
		if (!is_to_ask(b, &b->items[i]))
			continue;
		of[n] = &b->items[i];
		list[n++] = batch_envelope(b, &b->items[i]);
	}
	if (n > 0) {
		n = wire_put_envelopes(&text, list, n);
		for (i = 0; i < n; i++) {
			of[i]->word = BATCH_ASKED;
			of[i]->asked_version = of[i]->version;
		}
		b->asking = xstrdup(text.data);
		desk_ask(d, ASK_TRY, b->asking);
	}
	buf_finish(&text);
	count_words(b);
}

void batch_forget_words(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		b->items[i].word = BATCH_NOT_ASKED;
	free(b->asking);
	b->asking = NULL;
	b->ask_failed = false;
	count_words(b);
}
