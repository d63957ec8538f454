/* A citizen whom two corrected at once: the fields in which the two differ, side by side. */
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "conflict.h"
#include "facts.h"

#define FACTS_MAX 32
#define ITEMS_MAX 16

struct shown {
	const char *field;
	const char *label;
	size_t offset;	     /* in struct args */
	const char *part[6]; /* of a list: which members of an item are shown */
};
static const struct shown shown[] = {
	{"name", N_("Name"), offsetof(struct args, name), {NULL}},
	{"given", N_("Given name"), offsetof(struct args, given), {NULL}},
	{"family", N_("Family name"), offsetof(struct args, family), {NULL}},
	{"birth_date", N_("Born"), offsetof(struct args, birth_date), {NULL}},
	{"language", N_("Language"), offsetof(struct args, language), {NULL}},
	{"phones", N_("Phone"), offsetof(struct args, phones), {"value"}},
	{"emails", N_("Mail"), offsetof(struct args, emails), {"value"}},
	{"addresses",
	 N_("Address"),
	 offsetof(struct args, addresses),
	 {"street", "number", "box", "postcode", "city"}},
	{"identifiers", N_("Number"), offsetof(struct args, identifiers), {"value"}},
};

/* The items of a list in words, "; " between them; a plain text as it is. */
static const char *in_words(const struct shown *row, const char *text, struct arena *a)
{
	struct fact items[ITEMS_MAX];
	struct buf out = {0};
	const char *ret;
	size_t count;

	if (!text || !row->part[0])
		return text ? text : "";
	count = facts_read(text, items, ITEMS_MAX, a);
	for (size_t i = 0; i < count; i++) {
		struct fact facts[FACTS_MAX];
		size_t n = facts_read(items[i].text, facts, FACTS_MAX, a);

		if (i)
			buf_add_str(&out, "; ");
		for (int p = 0; p < 6 && row->part[p]; p++) {
			const char *value = fact_text(facts, n, row->part[p]);

			if (value[0])
				buf_printf(&out, "%s%s", p ? " " : "", value);
		}
	}
	ret = arena_strdup(a, out.data ? out.data : "");
	buf_finish(&out);
	return ret;
}

size_t conflict_party(const struct envelope *mine, const char *theirs, struct conflict_pair *ret,
		      size_t max, struct arena *a)
{
	struct fact *facts = arena_alloc(a, FACTS_MAX * sizeof(*facts));
	size_t n = facts_read(theirs, facts, FACTS_MAX, a), count = 0;

	if (mine->action->id != ACT_PARTY_CHANGE)
		return 0;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]) && count < max; i++) {
		const struct fact *fact = fact_find(facts, n, shown[i].field);
		const char *own = *(const char *const *)(const void *)((const char *)&mine->args +
								       shown[i].offset);
		const char *left = in_words(&shown[i], own, a);
		const char *right =
			in_words(&shown[i], fact && fact->kind != FACT_NULL ? fact->text : NULL, a);

		if (!text_same(left, right))
			ret[count++] = (struct conflict_pair){_(shown[i].label), left, right};
	}
	return count;
}
