/* An envelope on the wire: id, action, record and base version, and the action's own fields flat
 * beside them. */
#include "wire.h"
#include <cjson/cJSON.h>
#include <stddef.h>
#include <string.h>
#include "balie/i18n.h"

/* Of what is sent in one call; the service takes more. */
#define LIST_MAX 100
#define BODY_MAX ((size_t)600 * 1024)

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What every envelope has; the action is read by name. */
struct head {
	const char *id, *action, *record;
	int64_t base_version;
};
static const struct field head_fields[] = {
	{"id", FIELD_ID, offsetof(struct head, id), 0, FIELD_REQUIRED, NULL,
	 N_("identifier of this action; sending it twice does it once")},
	{"action", FIELD_TEXT, offsetof(struct head, action), 32, FIELD_REQUIRED, NULL,
	 N_("name of the action")},
	{"record", FIELD_ID, offsetof(struct head, record), 0, FIELD_REQUIRED, NULL,
	 N_("the record that it is about")},
	{"base_version", FIELD_INT, offsetof(struct head, base_version), 0, 0, NULL,
	 N_("version of the record that it was done on")},
};
static const char *const head_names[] = {"id", "action", "record", "base_version"};

void wire_put_envelope(struct buf *ret, const struct envelope *e)
{
	const struct head head = {e->id, e->action->name, e->record, e->base_version};
	size_t i;

	wire_put(ret, head_fields, COUNT(head_fields), &head);
	ret->data[--ret->len] = '\0'; /* the brace: more members follow */
	for (i = 0; i < e->action->field_count; i++) {
		const struct field *f = &e->action->fields[i];

		if (!wire_has_value(f, &e->args))
			continue;
		buf_add(ret, ",\"", 2);
		buf_add_str(ret, f->name);
		buf_add(ret, "\":", 2);
		wire_put_value(ret, f, &e->args);
	}
	buf_add_char(ret, '}');
}

static bool get_head(const struct cJSON *object, struct head *ret, struct arena *a,
		     const char **pointer, struct err *err)
{
	const cJSON *v;
	size_t i;

	for (i = 0; i < COUNT(head_names); i++) {
		v = cJSON_GetObjectItemCaseSensitive(object, head_names[i]);
		if (v || !(head_fields[i].flags & FIELD_REQUIRED))
			continue;
		err_set(err, ERR_INPUT, _("%s is missing"), head_names[i]);
		wire_point(pointer, a, head_names[i]);
		return false;
	}
	for (v = object->child; v; v = v->next) {
		struct cJSON one = {.type = cJSON_Object, .child = NULL};
		struct cJSON item = *v;

		if (!field_find(head_fields, COUNT(head_fields), v->string))
			continue;
		item.next = NULL;
		one.child = &item;
		if (!wire_get(&one, head_fields, COUNT(head_fields), true, ret, a, pointer, err))
			return false;
	}
	if (!ret->id || !ret->record) {
		err_set(err, ERR_INPUT, _("%s is missing"), ret->id ? "record" : "id");
		wire_point(pointer, a, ret->id ? "record" : "id");
		return false;
	}
	return true;
}

bool wire_get_envelope(const struct cJSON *object, struct envelope *ret, struct arena *a,
		       const char **pointer, struct err *err)
{
	struct head head = {0};
	struct envelope e = {.args = args_none};
	const char *near, *field;

	if (!cJSON_IsObject(object)) {
		err_set(err, ERR_INPUT, _("an object in braces was expected"));
		if (pointer)
			*pointer = "";
		return false;
	}
	if (!get_head(object, &head, a, pointer, err))
		return false;
	e.action = action_find(&actions, head.action);
	if (!e.action || e.action->kind != ACTION_SENT) {
		/* One that is there but is never sent has no better name. */
		near = e.action ? NULL : action_nearest(&actions, head.action);
		if (near)
			err_set(err, ERR_NOT_FOUND, _("there is no action \"%s\"; do you mean %s?"),
				head.action, near);
		else
			err_set(err, ERR_NOT_FOUND, _("there is no action \"%s\""), head.action);
		wire_point(pointer, a, "action");
		return false;
	}
	e.id = head.id;
	e.record = head.record;
	e.base_version = head.base_version;
	if (!wire_get_except(object, e.action->fields, e.action->field_count, true, head_names,
			     COUNT(head_names), &e.args, a, pointer, err))
		return false;
	if (!args_check_field(e.action, &e.args, &field, err)) {
		wire_point(pointer, a, field);
		return false;
	}
	*ret = e;
	return true;
}

size_t wire_put_envelopes(struct buf *ret, const struct envelope *e, size_t count)
{
	struct buf one = {0};
	size_t n = 0;

	for (; n < count && n < LIST_MAX; n++) {
		buf_reset(&one);
		wire_put_envelope(&one, &e[n]);
		if (n > 0 && ret->len + one.len > BODY_MAX)
			break;
		buf_printf(ret, "%c%s", n > 0 ? ',' : '[', one.data);
	}
	buf_add_char(ret, n > 0 ? ']' : ' ');
	buf_finish(&one);
	return n;
}
