/* The lists that a party's record holds as JSON: numbers, mail addresses, postal addresses. */
#include "wire.h"
#include <cjson/cJSON.h>
#include <stddef.h>
#include <string.h>
#include "balie/i18n.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PART_MAX 200

/* clang-format off */
#define PART(S, member, max) \
	{#member, FIELD_TEXT, offsetof(struct S, member), max, FIELD_PERSONAL, NULL, ""}
/* clang-format on */
static const struct field identifier_fields[] = {
	PART(party_item, scheme, 8),
	PART(party_item, value, PART_MAX),
	PART(party_item, raw, PART_MAX),
};
static const struct field phone_fields[] = {
	PART(party_item, value, PART_MAX),
	PART(party_item, raw, PART_MAX),
};
static const struct field email_fields[] = {
	PART(party_item, value, 254),
	PART(party_item, raw, 300),
	{"bad", FIELD_BOOL, offsetof(struct party_item, bad), 0, 0, NULL, ""},
};
static const struct field address_fields[] = {
	PART(party_address, street, PART_MAX), PART(party_address, number, 20),
	PART(party_address, box, 20),	       PART(party_address, postcode, 20),
	PART(party_address, city, PART_MAX),
};

struct list_type {
	const char *name;
	size_t json;		   /* in struct party */
	size_t items, count, size; /* in struct party_lists; size of one item */
	const struct field *fields;
	size_t field_count;
};
/* clang-format off */
#define LIST(list, count, fields, S) \
	{#list, offsetof(struct party, list), offsetof(struct party_lists, list), \
	 offsetof(struct party_lists, count), sizeof(struct S), fields, COUNT(fields)}
/* clang-format on */
static const struct list_type lists[] = {
	LIST(identifiers, identifier_count, identifier_fields, party_item),
	LIST(phones, phone_count, phone_fields, party_item),
	LIST(emails, email_count, email_fields, party_item),
	LIST(addresses, address_count, address_fields, party_address),
};

static bool no_list(const struct list_type *type, struct err *err)
{
	err_set(err, ERR_INPUT, _("%s must be a list of at most %d"), type->name, PARTY_ITEMS_MAX);
	return false;
}

static bool get_items(const struct list_type *type, const cJSON *json, struct party_lists *ret,
		      struct arena *a, struct err *err)
{
	size_t *count = (size_t *)(void *)((char *)ret + type->count);
	char *items = (char *)ret + type->items;
	const cJSON *one;

	if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) > PARTY_ITEMS_MAX)
		return no_list(type, err);
	cJSON_ArrayForEach(one, json)
	{
		struct err own = {0};

		if (!wire_get(one, type->fields, type->field_count, true,
			      items + *count * type->size, a, NULL, &own)) {
			err_set(err, ERR_INPUT, "%s: %s", type->name, own.text);
			return false;
		}
		(*count)++;
	}
	return true;
}

static bool get_list(const struct list_type *type, const struct party *p, struct party_lists *ret,
		     struct arena *a, struct err *err)
{
	const char *text = *(const char *const *)(const void *)((const char *)p + type->json);
	struct cJSON *json;
	bool ok;

	if (!text || !text[0])
		return true;
	json = wire_parse(text, strlen(text), err);
	ok = json && get_items(type, json, ret, a, err);
	wire_free(json);
	return ok;
}

bool wire_get_party_lists(const struct party *p, struct party_lists *ret, struct arena *a,
			  struct err *err)
{
	struct party_lists found;
	size_t i;

	memset(&found, 0, sizeof(found));
	for (i = 0; i < COUNT(lists); i++)
		if (!get_list(&lists[i], p, &found, a, err))
			return false;
	*ret = found;
	return true;
}

static void put_item(struct buf *b, const struct list_type *type, const char *item)
{
	bool first = true;
	size_t i;

	buf_add_char(b, '{');
	for (i = 0; i < type->field_count; i++) {
		const struct field *f = &type->fields[i];

		if (!wire_has_value(f, item))
			continue;
		buf_printf(b, "%s\"%s\":", first ? "" : ",", f->name);
		wire_put_value(b, f, item);
		first = false;
	}
	buf_add_char(b, '}');
}

static const char *put_list(const struct list_type *type, const struct party_lists *from,
			    struct arena *a)
{
	size_t count = *(const size_t *)(const void *)((const char *)from + type->count);
	const char *items = (const char *)from + type->items;
	struct buf b = {0};
	const char *ret;
	size_t i;

	if (count == 0)
		return NULL;
	buf_add_char(&b, '[');
	for (i = 0; i < count; i++) {
		if (i)
			buf_add_char(&b, ',');
		put_item(&b, type, items + i * type->size);
	}
	buf_add_char(&b, ']');
	ret = arena_strndup(a, b.data, b.len);
	buf_finish(&b);
	return ret;
}

void wire_put_party_lists(const struct party_lists *from, struct party *ret, struct arena *a)
{
	size_t i;

	for (i = 0; i < COUNT(lists); i++)
		*(const char **)(void *)((char *)ret + lists[i].json) =
			put_list(&lists[i], from, a);
}

bool wire_party_args(struct args *args, struct arena *a, struct err *err)
{
	struct party p = {.identifiers = args->identifiers,
			  .phones = args->phones,
			  .emails = args->emails,
			  .addresses = args->addresses};
	struct party_lists parts;

	if (!wire_get_party_lists(&p, &parts, a, err) || !party_lists_check(&parts, a, err))
		return false;
	wire_put_party_lists(&parts, &p, a);
	args->identifiers = p.identifiers;
	args->phones = p.phones;
	args->emails = p.emails;
	args->addresses = p.addresses;
	args->name = party_make_name(args, a);
	return true;
}
