/* Reads the language of the queue. Every mistake names the word and, when there is one, a word that
 * looks like it. */
#include "filter.h"
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT_MAX 1000

struct parse {
	int64_t now;
	struct filter filter;
	struct arena *a;
	struct err *err;
	size_t place;	  /* of the word, from 1 */
	const char *word; /* as typed, without quotes */
};

static bool fail(struct parse *p, const char *what, const char *nearest)
{
	if (nearest)
		err_set(p->err, ERR_INPUT, _("word %zu, \"%.60s\": %s; do you mean \"%s\"?"),
			p->place, p->word, what, nearest);
	else
		err_set(p->err, ERR_INPUT, _("word %zu, \"%.60s\": %s"), p->place, p->word, what);
	return false;
}

static bool add(struct parse *p, const struct filter_term *term)
{
	if (p->filter.count == COUNT(p->filter.terms)) {
		err_set(p->err, ERR_INPUT, _("too many words: at most %zu"),
			COUNT(p->filter.terms));
		return false;
	}
	p->filter.terms[p->filter.count++] = *term;
	return true;
}

/* The next of values with commas between; NULL when there is none left. *rest moves on. */
static const char *next_value(const char **rest, struct arena *a)
{
	const char *s = *rest;
	size_t len;

	if (!s)
		return NULL;
	len = strcspn(s, ",");
	*rest = s[len] ? s + len + 1 : NULL;
	return text_fold_dup(a, arena_strndup(a, s, len));
}

static bool values_words(struct parse *p, const struct filter_row *row, const char *values,
			 struct filter_term *term)
{
	const char *value, *nearest;
	uint64_t bits;

	term->op = FILTER_IS;
	while ((value = next_value(&values, p->a))) {
		bits = filter_word_bits(row->words, value, &nearest);
		if (!bits)
			return fail(
				p, value[0] ? _("there is no such value") : _("a value is missing"),
				nearest);
		term->words |= bits;
	}
	return true;
}

static bool values_names(struct parse *p, const char *values, struct filter_term *term)
{
	struct buf all = {0};
	const char *value;
	bool first = true;
	bool ok = true;

	term->op = FILTER_HAS;
	while (ok && (value = next_value(&values, p->a))) {
		if (!first)
			buf_add_char(&all, ',');
		first = false;
		if (value[0] == '\0')
			ok = fail(p, _("a name is missing"), NULL);
		else if (filter_is_me(value))
			buf_add_str(&all, "me");
		else if (!filter_is_none(value))
			buf_add_str(&all, value);
	}
	term->text = arena_strndup(p->a, all.data ? all.data : "", all.len);
	buf_finish(&all);
	return ok;
}

static int64_t day_after(int64_t day)
{
	return clock_day_start(clock_add_days(day + CLOCK_DAY_MS / 2, 1));
}

/* sign: ':', '<' or '>'; with: '=' stood behind it. */
static bool values_day(struct parse *p, char sign, bool with, const char *value,
		       struct filter_term *term)
{
	struct err why = {0};
	const char *folded = text_fold_dup(p->a, value);

	if (sign == ':' && filter_is_none(folded)) {
		term->op = FILTER_IS;
		return true;
	}
	if (sign != ':' && (strcmp(folded, "now") == 0 || strcmp(folded, "nu") == 0)) {
		term->op = sign == '<' ? FILTER_BEFORE : FILTER_AFTER;
		term->time = p->now;
		return true;
	}
	if (!day_parse(value, p->now, &term->time, &why))
		return fail(p, why.text, NULL);
	term->op = sign == ':' ? FILTER_IS : sign == '<' ? FILTER_BEFORE : FILTER_AFTER;
	/* Before or on the day, and after the day, begin where the day ends. */
	if ((sign == '<' && with) || (sign == '>' && !with))
		term->time = day_after(term->time);
	return true;
}

static bool text_term(struct parse *p, const char *text, bool negated)
{
	struct filter_term term = {.field = FILTER_TEXT, .op = FILTER_HAS, .negated = negated};

	term.text = text_fold_dup(p->a, text);
	/* Nothing but signs: nothing to look for. */
	return term.text[0] == '\0' || add(p, &term);
}

static bool field_term(struct parse *p, const struct filter_row *row, const char *sign,
		       bool negated)
{
	struct filter_term term = {.field = row->field, .negated = negated};
	bool with = sign[0] != ':' && sign[1] == '=';
	const char *values = sign + 1 + with;

	if (values[0] == '\0')
		return fail(p, _("a value is missing"), NULL);
	if (sign[0] != ':' && row->sort != SORT_DAY)
		return fail(p, _("< and > are for days only"), NULL);
	switch (row->sort) {
	case SORT_WORD:
		return values_words(p, row, values, &term) && add(p, &term);
	case SORT_NAME:
		return values_names(p, values, &term) && add(p, &term);
	case SORT_DAY:
		return values_day(p, sign[0], with, values, &term) && add(p, &term);
	case SORT_TEXT:
		return text_term(p, values, negated);
	}
	return false;
}

/* Is what stands before the sign meant as the name of a field? "10:30" and "http://" are not. */
static bool looks_like_name(const char *word, size_t len, const char *sign)
{
	size_t i;

	if (len < 2 || (sign[0] == ':' && sign[1] == '/'))
		return false;
	for (i = 0; i < len; i++)
		if (((unsigned char)word[i] | 32) < 'a' || ((unsigned char)word[i] | 32) > 'z')
			return false;
	return true;
}

static bool one_word(struct parse *p, bool quoted)
{
	const char *word = p->word;
	bool negated = word[0] == '-' && word[1] != '\0';
	const struct filter_row *row;
	const char *nearest;
	size_t len;

	word += negated;
	len = strcspn(word, ":<>");
	if (quoted || !word[len] || !looks_like_name(word, len, word + len))
		return text_term(p, word, negated);
	row = filter_row_find(text_fold_dup(p->a, arena_strndup(p->a, word, len)), &nearest);
	if (!row)
		return fail(p, _("there is no such field"), nearest);
	return field_term(p, row, word + len, negated);
}

/* The next word: ends at a space outside quotes; the quotes are left out. NULL at the end.
 * *quoted: it began with a quote, so that a colon in it is only a colon. */
static const char *next_word(const char **rest, bool *quoted, struct arena *a)
{
	const char *s = *rest + strspn(*rest, " \t\n");
	struct buf b = {0};
	bool inside = false;
	const char *ret;

	if (!*s) {
		*rest = s;
		return NULL;
	}
	*quoted = s[0] == '"' || (s[0] == '-' && s[1] == '"');
	for (; *s && (inside || !strchr(" \t\n", *s)); s++) {
		if (*s == '"')
			inside = !inside;
		else
			buf_add_char(&b, *s);
	}
	*rest = s;
	ret = arena_strndup(a, b.data ? b.data : "", b.len);
	buf_finish(&b);
	return ret;
}

bool filter_parse(const char *text, int64_t now, struct filter *ret, struct arena *a,
		  struct err *err)
{
	struct parse p = {.now = now, .a = a, .err = err};
	bool quoted = false;

	if (strlen(text) > TEXT_MAX || !text_valid(text, strlen(text))) {
		err_set(err, ERR_INPUT, _("the filter is too long or not valid text"));
		return false;
	}
	while ((p.word = next_word(&text, &quoted, a))) {
		p.place++;
		if (!one_word(&p, quoted))
			return false;
	}
	*ret = p.filter;
	return true;
}
