/* The box in which an agent types whatever he knows of somebody. The line is cut at its spaces; from each
 * token on, the longest row of tokens that is a number, a date or an address is taken, and what is
 * none is a word of a name. */
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/model.h"
#include "balie/text.h"
#include "birth.h"
#include "digits.h"
#include "party_span.h"
#include "party_words.h"

#define TOKENS 64
#define SPAN 7 /* "+ 32 (0) 470 12 34 56" */

struct line {
	const char *token[TOKENS]; /* without commas at the end */
	bool number[TOKENS];	   /* may be a part of a number */
	size_t count;
	struct buf names; /* the rest */
	struct arena *arena;
};

/* Digits, dashes and spaces of all kinds as ASCII. */
static char *plain_text(const char *text, struct arena *a)
{
	struct buf b = {0};
	size_t len = 0;
	int digit = 0;
	char *ret;

	for (;; text += len) {
		enum glyph g = glyph_read(text, &len, &digit);

		if (g == GLYPH_END)
			break;
		if (g == GLYPH_DIGIT)
			buf_add_char(&b, (char)('0' + digit));
		else if (g == GLYPH_SPACE || g == GLYPH_NEWLINE)
			buf_add_char(&b, ' ');
		else if (g == GLYPH_DASH)
			buf_add_char(&b, '-');
		else
			buf_add(&b, text, len);
	}
	ret = arena_strdup(a, b.len ? b.data : "");
	buf_finish(&b);
	return ret;
}

/* "12/3/64", "+32", "(0)470", "8870", "12B", "V0001001", "BE0403.019.261", "an@example.be". */
static bool may_be_number(const char *token)
{
	size_t letters = 0, digits = 0;
	const char *p;

	if (strchr(token, '@'))
		return true;
	for (p = token; *p; p++) {
		if (*p >= '0' && *p <= '9')
			digits++;
		else if (strchr("+-/.()#", *p))
			continue;
		else if (((*p | 32) >= 'a' && (*p | 32) <= 'z') && ++letters <= 2)
			continue;
		else
			return false;
	}
	if (letters == 2)
		return digits >= 4 && (token[0] | 32) == 'b' && (token[1] | 32) == 'e';
	return digits > 0 || (letters == 0 && strpbrk(token, "+("));
}

/* A month between two numbers, and the BE before an enterprise number. */
static bool joins(const struct line *l, size_t i)
{
	const char *t = l->token[i];
	struct buf b = {0};
	bool ret;

	if (i + 1 >= l->count || !l->number[i + 1])
		return false;
	if ((t[0] | 32) == 'b' && (t[1] | 32) == 'e' && !t[2])
		return true;
	if (i == 0 || !l->number[i - 1])
		return false;
	text_fold(&b, t);
	ret = month_find(b.data) > 0;
	buf_finish(&b);
	return ret;
}

static bool cut_line(struct line *l, char *text, struct err *err)
{
	char *save = NULL, *token = strtok_r(text, " ", &save);
	bool number[TOKENS] = {false};
	size_t i;

	for (; token; token = strtok_r(NULL, " ", &save)) {
		if (l->count == TOKENS) {
			err_set(err, ERR_INPUT, _("these are too many words to search for"));
			return false;
		}
		l->number[l->count] = false;
		l->token[l->count++] = token;
	}
	for (i = 0; i < l->count; i++) {
		size_t len = strlen(l->token[i]);
		char *bare = arena_strdup(l->arena, l->token[i]);

		while (len > 1 && (bare[len - 1] == ',' || bare[len - 1] == ';'))
			bare[--len] = '\0';
		l->number[i] = may_be_number(bare);
		if (l->number[i])
			l->token[i] = bare;
	}
	for (i = 0; i < l->count; i++)
		number[i] = !l->number[i] && joins(l, i);
	for (i = 0; i < l->count; i++)
		l->number[i] = l->number[i] || number[i];
	return true;
}

static const char *join_tokens(struct line *l, size_t first, size_t count)
{
	struct buf b = {0};
	const char *ret;
	size_t i;

	for (i = 0; i < count; i++)
		buf_printf(&b, "%s%s", i ? " " : "", l->token[first + i]);
	ret = arena_strdup(l->arena, b.data);
	buf_finish(&b);
	return ret;
}

/* How many tokens from first on, all of which may be numbers, are one number. 0: none. */
static size_t longest(struct line *l, size_t first, int64_t now, struct party_query *q)
{
	struct party_query filled;
	size_t run = 0, n;

	while (first + run < l->count && run < SPAN && l->number[first + run])
		run++;
	for (n = run; n > 0; n--) {
		filled = *q;
		if (!party_span_read(&filled, join_tokens(l, first, n), n, now))
			continue;
		*q = filled;
		return n;
	}
	return 0;
}

/* Whether something behind first, in the same run, is a number by itself. */
static bool another_follows(struct line *l, size_t first, size_t run, int64_t now)
{
	struct party_query none = {0};
	size_t i;

	for (i = 1; i < run; i++)
		if (longest(l, first + i, now, &none) > 0)
			return true;
	return false;
}

/* The token is no number as it stands: wrong, not whole yet, or a word of a name ("Studio 100"). */
static bool leave(struct line *l, size_t *at, int64_t now, struct party_query *q, struct err *err)
{
	size_t run = 0;
	bool alone;

	while (*at + run < l->count && l->number[*at + run])
		run++;
	alone = another_follows(l, *at, run, now);
	if (party_span_wrong(join_tokens(l, *at, alone ? 1 : run), alone ? 1 : run, now, err))
		return false;
	if (*at + run == l->count && !alone) {
		q->unfinished = join_tokens(l, *at, run);
		*at = l->count;
		return true;
	}
	buf_printf(&l->names, " %s", l->token[(*at)++]);
	return true;
}

static bool take_names(struct line *l, struct party_query *q, struct err *err)
{
	struct name_words w;

	name_words(l->names.len ? l->names.data : "", PARTY_QUERY_WORDS, &w, l->arena);
	if (w.plain_count > PARTY_QUERY_WORDS) {
		err_set(err, ERR_INPUT, _("a name is searched by at most %d words"),
			PARTY_QUERY_WORDS);
		return false;
	}
	q->word_count = w.plain_count;
	memcpy(q->words, w.plain, w.plain_count * sizeof(*w.plain));
	if (!w.differs)
		return true;
	q->joined_count = w.joined_count;
	memcpy(q->joined, w.joined, w.joined_count * sizeof(*w.joined));
	return true;
}

bool party_query_parse(const char *text, int64_t now, struct party_query *ret, struct arena *a,
		       struct err *err)
{
	struct line l = {.arena = a};
	struct party_query q = {.unfinished = NULL};
	size_t i = 0, n;
	bool ok;

	if (strlen(text) > PARTY_QUERY_TEXT) {
		err_set(err, ERR_INPUT, _("this is too long to search for"));
		return false;
	}
	ok = cut_line(&l, plain_text(text, a), err);
	while (ok && i < l.count) {
		n = l.number[i] ? longest(&l, i, now, &q) : 0;
		if (n > 0)
			i += n;
		else if (l.number[i])
			ok = leave(&l, &i, now, &q, err);
		else
			buf_printf(&l.names, " %s", l.token[i++]);
	}
	ok = ok && take_names(&l, &q, err);
	if (ok)
		*ret = q;
	buf_finish(&l.names);
	return ok;
}

bool party_query_empty(const struct party_query *q)
{
	return q->word_count == 0 && !q->birth[0] && !q->postcode[0] && !q->keys;
}

/* ---- how it was understood ---- */

static void put(struct buf *ret, const char *what, const char *value)
{
	if (value && value[0])
		buf_printf(ret, "%s%s %s", ret->len ? ", " : "", what, value);
}

void party_query_describe(const struct party_query *q, struct buf *ret)
{
	char shown[16], address[16] = "";
	struct buf name = {0};
	size_t i;

	for (i = 0; i < q->word_count; i++)
		buf_printf(&name, "%s%s", i ? " " : "", q->words[i]);
	put(ret, _("name"), name.data);
	put(ret, _("born"), birth_show(q->birth, shown));
	if (q->postcode[0])
		snprintf(address, sizeof(address), "%s%s%s", q->postcode, q->number[0] ? " " : "",
			 q->number);
	put(ret, _("living at"), address);
	put(ret, _("tracking number"), q->tracking);
	put(ret, _("phone"), q->phone);
	put(ret, _("mail"), q->email);
	put(ret, q->is_bis ? _("BIS number") : _("national number"),
	    q->rrn[0] ? rrn_show(q->rrn, shown) : NULL);
	put(ret, _("enterprise number"), q->kbo[0] ? kbo_show(q->kbo, shown) : NULL);
	put(ret, _("association number"), q->vcode);
	if (q->unfinished)
		buf_printf(ret, _("%s(%s: not whole yet)"), ret->len ? ", " : "", q->unfinished);
	buf_finish(&name);
}
