/* Applies a filter, and completes one. */
#include "filter.h"
#include <string.h>
#include "balie/clock.h"
#include "balie/text.h"

/* ---- match ---- */

/* Does it begin a word of the name? Nothing fits no name. */
static bool name_fits(const char *part, size_t len, const char *name)
{
	if (len == 0)
		return !name || !name[0];
	for (const char *at = name; at && *at; at++)
		if ((at == name || at[-1] == ' ') && strncmp(at, part, len) == 0)
			return true;
	return false;
}

/* Does one of the alternatives, with commas between? */
static bool names_fit(const char *alternatives, const char *name)
{
	const char *alt = alternatives;
	size_t len;

	for (;; alt += len + 1) {
		len = strcspn(alt, ",");
		if (name_fits(alt, len, name))
			return true;
		if (!alt[len])
			return false;
	}
}

static bool agent_fits(const char *alternatives, const struct filter_names *names)
{
	const char *alt = alternatives;
	size_t len;

	for (;; alt += len + 1) {
		len = strcspn(alt, ",");
		/* Nobody else whose name begins so is meant. */
		if (len != 2 || strncmp(alt, "me", 2) != 0) {
			if (name_fits(alt, len, names ? names->agent : NULL))
				return true;
		} else if (names && names->mine) {
			return true;
		}
		if (!alt[len])
			return false;
	}
}

static bool time_fits(const struct filter_term *term, int64_t time)
{
	switch (term->op) {
	case FILTER_BEFORE:
		return time != 0 && time < term->time;
	case FILTER_AFTER:
		return time != 0 && time >= term->time;
	case FILTER_IS:
	case FILTER_HAS:
		if (term->time == 0 || time == 0)
			return time == term->time;
		return clock_day_start(time) == clock_day_start(term->time);
	}
	return false;
}

/* Subject, number and name, folded; and the number once more without dashes, since people type it
 * so. */
static void fold_ticket(struct buf *ret, const struct ticket *t)
{
	const char *s;

	text_fold(ret, t->subject ? t->subject : "");
	buf_add_char(ret, '\n');
	text_fold(ret, t->party_name ? t->party_name : "");
	buf_add_char(ret, '\n');
	text_fold(ret, t->number ? t->number : "");
	buf_add_char(ret, '\n');
	for (s = t->number; s && *s; s++)
		if (*s >= '0' && *s <= '9')
			buf_add_char(ret, *s);
}

static bool bit_fits(const struct filter_term *term, int value)
{
	return value >= 0 && value < 64 && (term->words >> value & 1);
}

static bool term_fits(const struct filter_term *term, const struct ticket *t,
		      const struct filter_names *names, struct buf *folded)
{
	switch (term->field) {
	case FILTER_STATE:
		return bit_fits(term, t->state);
	case FILTER_KIND:
		return bit_fits(term, t->kind);
	case FILTER_CHANNEL:
		return bit_fits(term, t->channel);
	case FILTER_PRIORITY:
		return bit_fits(term, t->priority);
	case FILTER_FOLLOWED:
		return bit_fits(term, t->followed);
	case FILTER_SUSPECTED:
		return bit_fits(term, t->suspected > 0);
	case FILTER_UNDELIVERED:
		return bit_fits(term, names->undelivered);
	case FILTER_TEAM:
		return names_fit(term->text, names ? names->team : NULL);
	case FILTER_AGENT:
		return agent_fits(term->text, names);
	case FILTER_TOPIC:
		return names_fit(term->text, names ? names->topic : NULL);
	case FILTER_DUE:
		return time_fits(term, t->due_at);
	case FILTER_CREATED:
		return time_fits(term, t->created_at);
	case FILTER_UPDATED:
		return time_fits(term, t->updated_at);
	case FILTER_TEXT:
		if (!folded->len)
			fold_ticket(folded, t);
		return strstr(folded->data, term->text) != NULL;
	}
	return false;
}

bool filter_match(const struct filter *f, const struct ticket *t, const struct filter_names *names)
{
	struct buf folded = {0};
	bool fits = true;
	size_t i;

	for (i = 0; fits && i < f->count; i++)
		fits = term_fits(&f->terms[i], t, names, &folded) != f->terms[i].negated;
	buf_finish(&folded);
	return fits;
}

/* ---- completion ---- */

struct list {
	const char **ret;
	size_t count, max;
	struct arena *a;
	const char *head; /* what stands before the part that is completed */
	size_t head_len;
	const char *typed;
};

static void offer(struct list *l, const char *word, const char *tail)
{
	size_t i;
	const char *whole;

	if (!word || l->count == l->max || strncmp(word, l->typed, strlen(l->typed)) != 0)
		return;
	whole = arena_printf(l->a, "%.*s%s%s", (int)l->head_len, l->head, word, tail);
	for (i = 0; i < l->count; i++)
		if (strcmp(l->ret[i], whole) == 0)
			return;
	l->ret[l->count++] = whole;
}

static void offer_values(struct list *l, const struct filter_row *row)
{
	static const char *const names[] = {"me", "ik", "none", "niemand"};
	static const char *const days[] = {"today", "vandaag", "tomorrow", "morgen", "7d"};
	size_t i;
	int w;

	switch (row->sort) {
	case SORT_WORD:
		for (w = 0; w < row->words->count; w++) {
			offer(l, row->words->code[w], "");
			offer(l, filter_dutch(row->words, w), "");
		}
		break;
	case SORT_NAME:
		for (i = row->field == FILTER_AGENT ? 0 : 2; i < 4; i++)
			offer(l, names[i], "");
		break;
	case SORT_DAY:
		for (i = 0; i < sizeof(days) / sizeof(days[0]); i++)
			offer(l, days[i], "");
		break;
	case SORT_TEXT:
		break;
	}
}

size_t filter_complete(const char *text, const char **ret, size_t max, struct arena *a)
{
	const char *space = strrchr(text, ' ');
	const char *word = space ? space + 1 : text;
	const char *name = word + (word[0] == '-');
	size_t len = strcspn(name, ":<>");
	struct list l = {.ret = ret, .max = max, .a = a, .head = word};
	const struct filter_row *row;
	const char *nearest, *comma;
	size_t i;

	if (!name[len]) {
		l.head_len = (size_t)(name - word);
		l.typed = name;
		for (i = 0; i < filter_row_count; i++) {
			offer(&l, filter_rows[i].english, ":");
			offer(&l, filter_rows[i].dutch, ":");
		}
		return l.count;
	}
	row = filter_row_find(text_fold_dup(a, arena_strndup(a, name, len)), &nearest);
	if (!row)
		return 0;
	comma = strrchr(name + len, ',');
	l.typed = comma ? comma + 1 : name + len + 1 + (name[len + 1] == '=');
	l.head_len = (size_t)(l.typed - word);
	offer_values(&l, row);
	return l.count;
}
