#include "person.h"
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static const char *done(struct buf *b, struct arena *a)
{
	const char *ret = arena_strdup(a, b->len ? b->data : "");

	buf_finish(b);
	return ret;
}

static const char *show_items(const struct party_item *items, size_t count, struct arena *a)
{
	struct buf b = {0};

	for (size_t i = 0; i < count; i++)
		buf_printf(&b, "%s%s", i ? "; " : "",
			   items[i].raw ? items[i].raw : or_empty(items[i].value));
	return done(&b, a);
}

static const char *show_addresses(const struct party_lists *l, struct arena *a)
{
	struct buf b = {0};

	for (size_t i = 0; i < l->address_count; i++) {
		struct buf one = {0};

		people_put_address(&one, &l->addresses[i]);
		buf_printf(&b, "%s%s", i ? "; " : "", one.len ? one.data : "");
		buf_finish(&one);
	}
	return done(&b, a);
}

void person_show(const struct party *p, const char *ret[PERSON_FIELDS], struct arena *a)
{
	struct party_lists *l = arena_alloc(a, sizeof(*l));
	char birth[11];

	if (!desk_party_lists(p, l, a, NULL))
		memset(l, 0, sizeof(*l));
	ret[PERSON_KIND] = _(words_label(&party_kinds, p->kind));
	ret[PERSON_FAMILY] = or_empty(p->family);
	ret[PERSON_GIVEN] = or_empty(p->given);
	ret[PERSON_NAME] = or_empty(p->name);
	ret[PERSON_BIRTH] = arena_strdup(a, birth_show(p->birth_date, birth));
	ret[PERSON_LANGUAGE] = or_empty(p->language);
	ret[PERSON_NUMBERS] = show_items(l->identifiers, l->identifier_count, a);
	ret[PERSON_PHONES] = show_items(l->phones, l->phone_count, a);
	ret[PERSON_EMAILS] = show_items(l->emails, l->email_count, a);
	ret[PERSON_ADDRESSES] = show_addresses(l, a);
}

/* "Van Den Broeck" of the words from first to before end. */
static const char *name_of(const char *const *words, size_t first, size_t end, struct arena *a)
{
	struct buf b = {0};

	for (size_t i = first; i < end; i++) {
		if (i > first)
			buf_add_char(&b, ' ');
		text_capital(&b, words[i]);
	}
	return done(&b, a);
}

/* Whether the word as it was typed is where the next folded ones come from: *at goes behind those. */
static bool is_of_name(const char *word, const struct party_query *q, size_t *at, struct arena *a)
{
	const char *rest = text_fold_dup(a, word);
	size_t before = *at;

	/* Of an address that begins with a name, neither. */
	if (strpbrk(word, "0123456789@"))
		return false;
	while (*at < q->word_count && (rest = strstr(rest, q->words[*at])) != NULL)
		rest += strlen(q->words[(*at)++]);
	return *at > before;
}

/* The words of the name with their capitals and accents, as they were typed. *ret_given: the first that
 * is a given name. The family name is what one asks for first; what stands behind a comma, else the last
 * word, is the given name. */
static size_t read_name(const char *text, const struct party_query *q,
			const char *ret[PARTY_QUERY_WORDS], size_t *ret_given, struct arena *a)
{
	size_t count = 0, at = 0, given = 0;
	const char *p = text;

	while (*p) {
		size_t space = strspn(p, " \t,"), n = strcspn(p + space, " \t,");
		const char *word = arena_strndup(a, p + space, n);

		if (given == 0 && memchr(p, ',', space))
			given = count;
		if (n > 0 && is_of_name(word, q, &at, a))
			ret[count++] = word;
		p += space + n;
	}
	/* Some cannot be told apart in the line: then as they are looked for. */
	if (at < q->word_count) {
		count = q->word_count;
		given = 0;
		memcpy(ret, q->words, count * sizeof(*ret));
	}
	*ret_given = given > 0 && given < count ? given : count > 1 ? count - 1 : count;
	return count;
}

void person_guess(const char *text, const char *ret[PERSON_FIELDS], struct arena *a)
{
	struct party_query *q = arena_alloc(a, sizeof(*q));
	const char *words[PARTY_QUERY_WORDS];
	char shown[16];
	size_t given, count;

	for (int i = 0; i < PERSON_FIELDS; i++)
		ret[i] = "";
	ret[PERSON_KIND] = _(words_label(&party_kinds, PARTY_CITIZEN));
	if (!party_query_parse(text, clock_now(), q, a, NULL))
		return;
	count = read_name(text, q, words, &given, a);
	ret[PERSON_FAMILY] = name_of(words, 0, given, a);
	ret[PERSON_GIVEN] = name_of(words, given, count, a);
	ret[PERSON_BIRTH] = arena_strdup(a, birth_show(q->birth[0] ? q->birth : NULL, shown));
	ret[PERSON_PHONES] = q->phone;
	ret[PERSON_EMAILS] = q->email;
	if (q->rrn[0])
		ret[PERSON_NUMBERS] = arena_strdup(a, rrn_show(q->rrn, shown));
	if (q->kbo[0] || q->vcode[0]) {
		ret[PERSON_NUMBERS] =
			q->kbo[0] ? arena_strdup(a, kbo_show(q->kbo, shown)) : q->vcode;
		ret[PERSON_KIND] = _(words_label(&party_kinds,
						 q->kbo[0] ? PARTY_ENTERPRISE : PARTY_ASSOCIATION));
		ret[PERSON_NAME] = name_of(words, 0, count, a);
		ret[PERSON_FAMILY] = ret[PERSON_GIVEN] = "";
	}
	if (q->number[0])
		ret[PERSON_ADDRESSES] = arena_printf(a, "%s, %s", q->number, q->postcode);
}

/* ---- reading ---- */

static const char *trimmed(const char *text, size_t len, struct arena *a)
{
	while (len > 0 && (*text == ' ' || *text == ',')) {
		text++;
		len--;
	}
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == ','))
		len--;
	return arena_strndup(a, text, len);
}

/* The next of a list with ';' between; NULL at the end. */
static const char *next_part(const char **text, struct arena *a)
{
	while (**text) {
		size_t len = strcspn(*text, ";");
		const char *part = trimmed(*text, len, a);

		*text += len + ((*text)[len] == ';');
		if (part[0])
			return part;
	}
	return NULL;
}

/* "Kerkstraat 12B bus 3": the number is the last word but the box that begins with a digit. */
static void read_street(char *text, struct party_address *ret, struct arena *a)
{
	static const char *const boxes[] = {" bus ", " box ", " bte ", " bt "};
	char *number;

	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		char *at = strcasestr(text, boxes[i]);

		if (!at)
			continue;
		ret->box = trimmed(at + strlen(boxes[i]), strlen(at + strlen(boxes[i])), a);
		*at = '\0';
	}
	number = strrchr(text, ' ');
	if (number && number[1] >= '0' && number[1] <= '9') {
		ret->number = trimmed(number, strlen(number), a);
		*number = '\0';
	} else if (text[0] >= '0' && text[0] <= '9') {
		ret->number = arena_strdup(a, text);
		*text = '\0';
	}
	ret->street = trimmed(text, strlen(text), a);
}

static bool is_postcode(const char *text)
{
	return strspn(text, "0123456789") == 4 && (text[4] == '\0' || text[4] == ' ');
}

static void read_address(const char *text, struct party_address *ret, struct arena *a)
{
	const char *comma = strrchr(text, ','), *place = comma ? comma + 1 : "";

	place += strspn(place, " ");
	/* "8870 Izegem" alone, or the whole in front of a comma. */
	if (!comma && is_postcode(text))
		place = text;
	if (place != text)
		read_street(
			arena_strdup(
				a, trimmed(text, comma ? (size_t)(comma - text) : strlen(text), a)),
			ret, a);
	if (is_postcode(place)) {
		ret->postcode = arena_strndup(a, place, 4);
		place += 4 + strspn(place + 4, " ");
	}
	ret->city = trimmed(place, strlen(place), a);
}

static bool too_many(struct err *err)
{
	err_set(err, ERR_INPUT, _("at most %d in one list"), PARTY_ITEMS_MAX);
	return false;
}

static bool read_list(enum person_field field, const char *text, struct args *ret, struct arena *a,
		      struct err *err)
{
	struct party_lists *l = arena_alloc(a, sizeof(*l));
	struct args parts = args_none;
	const char *part;

	while ((part = next_part(&text, a)) != NULL) {
		struct party_item item = {.raw = part};
		size_t *count = field == PERSON_NUMBERS	 ? &l->identifier_count
				: field == PERSON_PHONES ? &l->phone_count
				: field == PERSON_EMAILS ? &l->email_count
							 : &l->address_count;
		char vcode[9];

		if (*count == PARTY_ITEMS_MAX)
			return too_many(err);
		if (field == PERSON_NUMBERS && vcode_parse(part, vcode) == CHECK_OK)
			item.scheme = "vcode";
		if (field == PERSON_NUMBERS)
			l->identifiers[(*count)++] = item;
		else if (field == PERSON_PHONES)
			l->phones[(*count)++] = item;
		else if (field == PERSON_EMAILS)
			l->emails[(*count)++] = item;
		else
			read_address(part, &l->addresses[(*count)++], a);
	}
	if (!desk_party_args(l, &parts, a, err))
		return false;
	if (field == PERSON_NUMBERS)
		ret->identifiers = parts.identifiers;
	else if (field == PERSON_PHONES)
		ret->phones = parts.phones;
	else if (field == PERSON_EMAILS)
		ret->emails = parts.emails;
	else
		ret->addresses = parts.addresses;
	return true;
}

static bool read_birth(const char *text, struct args *ret, struct arena *a, struct err *err)
{
	char birth[11];

	switch (birth_parse(text, clock_now(), birth)) {
	case CHECK_OK:
		ret->birth_date = arena_strdup(a, birth);
		return true;
	case CHECK_DATE:
		err_set(err, ERR_INPUT, _("%.40s is not a day that somebody can be born on"), text);
		return false;
	case CHECK_FORM:
	case CHECK_DIGITS:
		break;
	}
	err_set(err, ERR_INPUT, _("type the date of birth as 12/3/1964, or 1964 alone"));
	return false;
}

static bool read_language(const char *text, struct args *ret, struct err *err)
{
	if (strcmp(text, "nl") == 0 || strcmp(text, "fr") == 0 || strcmp(text, "en") == 0 ||
	    strcmp(text, "de") == 0) {
		ret->language = text;
		return true;
	}
	err_set(err, ERR_INPUT, _("the language is nl, fr, en or de"));
	return false;
}

bool person_read(enum person_field field, const char *text, struct args *ret, struct arena *a,
		 struct err *err)
{
	const char *words = trimmed(text, strlen(text), a);

	if (!words[0] && field != PERSON_KIND)
		return true;
	switch (field) {
	case PERSON_KIND:
		ret->party_kind = word_parse(&party_kinds, words, err);
		return ret->party_kind >= 0;
	case PERSON_FAMILY:
		ret->family = words;
		return true;
	case PERSON_GIVEN:
		ret->given = words;
		return true;
	case PERSON_NAME:
		ret->name = words;
		return true;
	case PERSON_BIRTH:
		return read_birth(words, ret, a, err);
	case PERSON_LANGUAGE:
		return read_language(words, ret, err);
	case PERSON_NUMBERS:
	case PERSON_PHONES:
	case PERSON_EMAILS:
	case PERSON_ADDRESSES:
		return read_list(field, words, ret, a, err);
	case PERSON_FIELDS:
		break;
	}
	return true;
}
