/* What an action makes of a party or a contact, for the service and for what waits in an outbox; and
 * the lists of a party: each number as it was written and in its normal form. */
#include "balie/model.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"

#define VCODE_MAX 20

static const char *or_null(const char *text)
{
	return text && text[strspn(text, " \t\r\n")] ? text : NULL;
}

/* ---- lists ---- */

static bool bad_item(struct err *err, const char *what, const char *raw, const char *why)
{
	err_set(err, ERR_INPUT, "%s “%.60s”: %s", what, raw, why);
	return false;
}

static const char *why_not(enum check check)
{
	switch (check) {
	case CHECK_DIGITS:
		return _("the check digits are not right");
	case CHECK_DATE:
		return _("there is no such date in it");
	case CHECK_OK:
	case CHECK_FORM:
		break;
	}
	return _("this cannot be one");
}

static bool check_vcode(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]))
			return false;
	return len > 0 && len <= VCODE_MAX;
}

static bool check_identifier(struct party_item *item, struct arena *a, struct err *err)
{
	const char *raw = item->raw;
	char digits[12], birth[11];
	bool bis;
	enum check rrn, kbo;

	if (item->scheme && strcmp(item->scheme, "vcode") == 0) {
		if (!check_vcode(raw))
			return bad_item(err, _("number"), raw, why_not(CHECK_FORM));
		item->value = raw;
		return true;
	}
	rrn = rrn_parse(raw, digits, birth, &bis);
	if (rrn == CHECK_OK && !(item->scheme && strcmp(item->scheme, "kbo") == 0)) {
		item->scheme = bis ? "bis" : "rrn";
		item->value = arena_strdup(a, digits);
		return true;
	}
	kbo = kbo_parse(raw, digits);
	if (kbo == CHECK_OK && (!item->scheme || strcmp(item->scheme, "kbo") == 0)) {
		item->scheme = "kbo";
		item->value = arena_strdup(a, digits);
		return true;
	}
	return bad_item(err, _("number"), raw, why_not(rrn != CHECK_FORM ? rrn : kbo));
}

static bool check_phone(struct party_item *item, struct arena *a, struct err *err)
{
	char value[17];
	enum check check = phone_parse(item->raw, value);

	if (check != CHECK_OK)
		return bad_item(err, _("phone"), item->raw, why_not(check));
	item->value = arena_strdup(a, value);
	return true;
}

static bool check_email(struct party_item *item, struct arena *a, struct err *err)
{
	char value[255];
	enum check check = email_parse(item->raw, value);

	if (check != CHECK_OK)
		return bad_item(err, _("mail address"), item->raw, why_not(check));
	item->value = arena_strdup(a, value);
	return true;
}

typedef bool item_fn(struct party_item *item, struct arena *a, struct err *err);

static bool is_double(const struct party_item *items, size_t count, const struct party_item *item)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(items[i].value, item->value) == 0)
			return true;
	return false;
}

static bool check_items(struct party_item *items, size_t *count, item_fn *check, struct arena *a,
			struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		struct party_item item = items[i];

		/* What came without its writing is written as its normal form. */
		if (!or_null(item.raw))
			item.raw = item.value;
		if (!or_null(item.raw))
			continue;
		if (!check(&item, a, err))
			return false;
		if (!is_double(items, kept, &item))
			items[kept++] = item;
	}
	*count = kept;
	return true;
}

bool party_lists_check(struct party_lists *lists, struct arena *a, struct err *err)
{
	size_t kept = 0;

	if (!check_items(lists->identifiers, &lists->identifier_count, check_identifier, a, err) ||
	    !check_items(lists->phones, &lists->phone_count, check_phone, a, err) ||
	    !check_items(lists->emails, &lists->email_count, check_email, a, err))
		return false;
	for (size_t i = 0; i < lists->address_count; i++) {
		const struct party_address *at = &lists->addresses[i];

		if (or_null(at->street) || or_null(at->number) || or_null(at->box) ||
		    or_null(at->postcode) || or_null(at->city))
			lists->addresses[kept++] = *at;
	}
	lists->address_count = kept;
	return true;
}

/* ---- actions ---- */

static bool check_birth(const char *date, int64_t now, struct err *err)
{
	struct clock_local today;
	char text[16];

	if (!date)
		return true;
	clock_local(now, &today);
	snprintf(text, sizeof(text), "%04d-%02d-%02d", today.year, today.month, today.day);
	if (strcmp(date, text) <= 0)
		return true;
	err_set(err, ERR_INPUT, _("the date of birth lies in the future"));
	return false;
}

bool language_known(const char *language)
{
	static const char *const known[] = {"nl", "fr", "en", "de"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(language, known[i]) == 0)
			return true;
	return false;
}

static bool check_language(const char *language, struct err *err)
{
	if (!language || language_known(language))
		return true;
	err_set(err, ERR_INPUT, _("the language is nl, fr, en or de"));
	return false;
}

const char *party_make_name(const struct args *args, struct arena *a)
{
	const char *family = or_null(args->family), *given = or_null(args->given);

	if (or_null(args->name))
		return args->name;
	if (family && given)
		return arena_printf(a, "%s, %s", family, given);
	return family ? family : given;
}

static bool fill_party(struct party *p, const struct args *args, int64_t now, struct err *err)
{
	const char *language = or_null(args->language), *birth = or_null(args->birth_date);

	if (!or_null(args->name)) {
		err_set(err, ERR_INPUT, _("name is missing"));
		return false;
	}
	if (!check_birth(birth, now, err) || !check_language(language, err))
		return false;
	p->kind = args->party_kind >= 0 ? args->party_kind : PARTY_CITIZEN;
	p->name = args->name;
	p->given = or_null(args->given);
	p->family = or_null(args->family);
	p->birth_date = birth;
	p->language = language;
	p->identifiers = or_null(args->identifiers);
	p->phones = or_null(args->phones);
	p->emails = or_null(args->emails);
	p->addresses = or_null(args->addresses);
	return true;
}

static bool merge_party(struct party *p, const char *into, struct err *err)
{
	if (strcmp(p->id, into) == 0) {
		err_set(err, ERR_CONFLICT, _("this is the same record already"));
		return false;
	}
	p->merged_into = into;
	return true;
}

bool party_apply(struct party *p, const struct envelope *e, int64_t now, struct err *err)
{
	struct party next = *p;
	int id = e->action->id;
	bool ok = true;

	if (p->merged_into && id != ACT_PARTY_UNMERGE) {
		err_set(err, ERR_CONFLICT, _("this citizen was merged into another record"));
		return false;
	}
	if (id == ACT_PARTY_CREATE) {
		next.id = e->record;
		if (next.created_at == 0)
			next.created_at = now;
	}
	if (id == ACT_PARTY_CREATE || id == ACT_PARTY_CHANGE)
		ok = fill_party(&next, &e->args, now, err);
	else if (id == ACT_PARTY_MERGE)
		ok = merge_party(&next, e->args.into_id, err);
	else
		next.merged_into = NULL;
	if (!ok)
		return false;
	if (id == ACT_PARTY_UNMERGE && !p->merged_into) {
		err_set(err, ERR_CONFLICT, _("this citizen was not merged into another record"));
		return false;
	}
	next.updated_at = now;
	*p = next;
	return true;
}

bool contact_apply(struct contact *c, const struct envelope *e, const char *agent_id,
		   struct err *err)
{
	const struct args *args = &e->args;

	if (args->ended_at && args->ended_at < args->started_at) {
		err_set(err, ERR_INPUT, _("a contact cannot end before it began"));
		return false;
	}
	c->id = e->record;
	c->channel = args->channel;
	c->direction = args->direction >= 0 ? args->direction : DIRECTION_IN;
	c->party_id = or_null(args->party_id);
	c->agent_id = agent_id;
	c->started_at = args->started_at;
	c->ended_at = args->ended_at;
	c->summary = or_null(args->summary);
	return true;
}
