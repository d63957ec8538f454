/* balied template: the ready texts. */
#include <stdio.h>
#include <string.h>
#include "admin.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "central_sql.h"
#include "command.h"

#define PAGE 500

struct texts {
	struct town town;
	struct arena arena;
	const struct settings *settings;
	const char *name, *other; /* operands behind the verb */
};

typedef bool texts_fn(struct texts *t, struct err *err);

/* The text stands on the input, as an editor saved it. */
static bool read_body(struct texts *t, struct args *args, struct err *err)
{
	struct buf raw = {0}, clean = {0};
	char bytes[4096];
	size_t n;
	bool ok = false;

	while (raw.len <= FIELD_LINES_MAX && (n = fread(bytes, 1, sizeof(bytes), stdin)) > 0)
		buf_add(&raw, bytes, n);
	if (raw.len > FIELD_LINES_MAX) {
		err_set(err, ERR_INPUT, _("the text is too long: at most %d bytes"),
			FIELD_LINES_MAX);
		goto out;
	}
	if (raw.len)
		text_clean(&clean, raw.data, raw.len, TEXT_LINES);
	if (!clean.len || clean.data[strspn(clean.data, " \t\r\n")] == '\0') {
		err_set(err, ERR_INPUT, _("no text on the input"));
		goto out;
	}
	args->body = arena_strndup(&t->arena, clean.data, clean.len);
	ok = true;
out:
	buf_finish(&raw);
	buf_finish(&clean);
	return ok;
}

static bool read_options(struct texts *t, struct args *args, struct err *err)
{
	const struct settings *s = t->settings;

	args->language = s->language;
	return !s->topic || topic_by_name(&t->town, s->topic, &args->topic_id, &t->arena, err);
}

static bool change(struct texts *t, const struct args *args, struct err *err)
{
	const char *id;

	return template_by_name(&t->town, t->name, &id, &t->arena, err) &&
	       command_do_admin(&t->town, ACT_TEMPLATE_CHANGE, id, args, &t->arena, err);
}

static bool verb_add(struct texts *t, struct err *err)
{
	struct args args = args_none;

	args.name = t->name;
	return read_options(t, &args, err) && read_body(t, &args, err) &&
	       command_do_admin(&t->town, ACT_TEMPLATE_CREATE, NULL, &args, &t->arena, err);
}

static bool verb_change(struct texts *t, struct err *err)
{
	struct args args = args_none;

	return read_options(t, &args, err) && read_body(t, &args, err) && change(t, &args, err);
}

static bool verb_rename(struct texts *t, struct err *err)
{
	struct args args = args_none;

	args.name = t->other;
	return change(t, &args, err);
}

static bool set_active(struct texts *t, int active, struct err *err)
{
	struct args args = args_none;

	args.active = active;
	return change(t, &args, err);
}

static bool verb_disable(struct texts *t, struct err *err)
{
	return set_active(t, 0, err);
}

static bool verb_enable(struct texts *t, struct err *err)
{
	return set_active(t, 1, err);
}

static bool verb_list(struct texts *t, struct err *err)
{
	const struct record_type *type = &record_types[RECORD_TEMPLATE];
	char after[64] = "";
	enum store_step step;
	int got;

	do {
		struct store_query *q = store_query(t->town.store, CENTRAL_SQL_LIST_TEMPLATE);

		got = 0;
		store_bind_text(q, 1, NULL);
		store_bind_text(q, 2, after);
		store_bind_int(q, 3, PAGE);
		while ((step = store_step(q, err)) == STORE_ROW) {
			struct template row = {0};

			store_column_fields(q, 0, type->fields, type->field_count, &row, &t->arena);
			snprintf(after, sizeof(after), "%s", row.id);
			printf("%s\t%s\t%s\n", row.name, row.language ? row.language : "",
			       row.active ? _("active") : _("disabled"));
			got++;
		}
		store_done(q);
	} while (step == STORE_DONE && got == PAGE);
	return step == STORE_DONE;
}

static const struct {
	const char *name;
	texts_fn *run;
	size_t operands; /* with the verb */
} verbs[] = {
	{"add", verb_add, 2},	    {"change", verb_change, 2}, {"disable", verb_disable, 2},
	{"enable", verb_enable, 2}, {"list", verb_list, 1},	{"rename", verb_rename, 3},
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static bool run_verb(struct texts *t, texts_fn *run, struct err *err)
{
	if (!town_begin(&t->town, err))
		return false;
	if (!run(t, err)) {
		town_rollback(&t->town);
		return false;
	}
	return town_commit(&t->town, err);
}

int command_template(const struct settings *s, const struct option_list *operands, struct err *err)
{
	struct texts t = {.settings = s};
	size_t i = 0;
	bool ok;

	while (operands->count > 0 && i < VERBS && strcmp(operands->items[0], verbs[i].name) != 0)
		i++;
	if (operands->count == 0 || i == VERBS || operands->count != verbs[i].operands) {
		err_set(err, ERR_INPUT,
			_("say: template add NAME, change NAME, rename NAME NEW, disable NAME, "
			  "enable NAME or list"));
		return 2;
	}
	t.name = operands->count > 1 ? operands->items[1] : NULL;
	t.other = operands->count > 2 ? operands->items[2] : NULL;
	if (!town_open(&t.town, s->db, STORE_PREPARE, err))
		return 1;
	ok = run_verb(&t, verbs[i].run, err);
	town_close(&t.town);
	arena_finish(&t.arena);
	return ok ? 0 : 1;
}
