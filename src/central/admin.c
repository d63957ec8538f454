/* balied team, balied topic, balied template: which teams, topics and ready texts there are. */
#include "admin.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"
#include "central_sql.h"
#include "command.h"
#include "rule.h"

#define PAGE 500

struct admin;
typedef bool admin_fn(struct admin *m, struct err *err);

/* What one of the three commands is about. */
struct subject {
	enum record_kind kind;
	int create, change; /* actions */
	enum central_sql list;
	bool (*find)(struct town *t, const char *name, const char **ret, struct arena *a,
		     struct err *err);
	/* Fills the arguments from the options, and from the input where it is read. */
	bool (*read)(struct admin *m, struct args *args, struct err *err);
	void (*print)(struct admin *m, const union any_record *r);
};

struct admin {
	struct town town;
	struct arena arena;
	const struct settings *settings;
	const struct subject *subject;
	const char *name, *other; /* operands behind the verb */
};

static int64_t version_of(struct town *t, enum record_kind kind, const char *id, struct arena *a)
{
	union any_record now;

	memset(&now, 0, sizeof(now));
	return town_read(t, kind, id, NULL, &now, a, NULL) ? now.head.version : 0;
}

bool command_do_admin(struct town *t, int action, const char *id, const struct args *args,
		      struct arena *a, struct err *err)
{
	struct envelope e = {.action = &actions.rows[action], .record = id, .args = *args};
	struct outcome out = {.arena = a, .now = clock_now()};
	struct viewer nobody = {0};
	char operation[ID_TEXT], record[ID_TEXT];

	e.id = id_new(operation);
	if (!id)
		e.record = arena_strdup(a, id_new(record));
	else
		e.base_version = version_of(t, (enum record_kind)e.action->about, id, a);
	if (!args_check(e.action, &e.args, err))
		return false;
	if (admin_run(t, &e, &nobody, &out))
		return true;
	if (out.fatal.kind != ERR_NONE)
		*err = out.fatal;
	else if (out.problem == PROBLEM_STATE)
		err_set(err, ERR_CONFLICT, _("there is one called \"%s\" already"),
			args->name ? args->name : "");
	else if (strcmp(language_now(), "nl") == 0)
		err_set(err, ERR_INPUT, "%s",
			out.detail_nl ? out.detail_nl : problem_rows[out.problem].title_nl);
	else
		err_set(err, ERR_INPUT, "%s",
			out.detail_en ? out.detail_en : problem_rows[out.problem].title_en);
	return false;
}

/* ---- teams, topics, ready texts ---- */

static bool read_team(struct admin *m, struct args *args, struct err *err)
{
	(void)err;
	args->team_kind = m->settings->outside ? TEAM_OUTSIDE : TEAM_INSIDE;
	return true;
}

static bool read_topic(struct admin *m, struct args *args, struct err *err)
{
	const struct settings *s = m->settings;

	if (s->team && !team_by_name(&m->town, s->team, &args->team_id, &m->arena, err))
		return false;
	if (s->kind && (args->kind = word_parse(&ticket_kinds, s->kind, err)) < 0)
		return false;
	if (s->days == 0)
		args->deadline_basis = DEADLINE_NONE;
	else if (s->days > 0)
		args->deadline_days = s->days;
	return true;
}

/* The text stands on the input, as an editor saved it. */
static bool read_body(struct admin *m, struct args *args, struct err *err)
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
	args->body = arena_strndup(&m->arena, clean.data, clean.len);
	ok = true;
out:
	buf_finish(&raw);
	buf_finish(&clean);
	return ok;
}

static bool read_template(struct admin *m, struct args *args, struct err *err)
{
	const struct settings *s = m->settings;

	args->language = s->language;
	if (s->topic && !topic_by_name(&m->town, s->topic, &args->topic_id, &m->arena, err))
		return false;
	return read_body(m, args, err);
}

static const char *in_use(bool active)
{
	return active ? _("active") : _("disabled");
}

static void print_team(struct admin *m, const union any_record *r)
{
	(void)m;
	printf("%s\t%s\t%s\n", r->team.name, _(words_label(&team_kinds, r->team.kind)),
	       in_use(r->team.active));
}

static void print_topic(struct admin *m, const union any_record *r)
{
	const struct topic *t = &r->topic;
	struct team team = {0};

	if (t->team_id)
		town_read(&m->town, RECORD_TEAM, t->team_id, NULL, &team, &m->arena, NULL);
	printf("%s\t%s\t%s\t", t->name, _(words_label(&ticket_kinds, t->kind)),
	       team.name ? team.name : "");
	if (t->deadline_basis == DEADLINE_NONE)
		printf("%s", _("no deadline"));
	else
		printf(_("%lld days"), (long long)t->deadline_days);
	printf("\t%s\n", in_use(t->active));
}

static void print_template(struct admin *m, const union any_record *r)
{
	const struct template *t = &r->template;

	(void)m;
	printf("%s\t%s\t%s\n", t->name, t->language ? t->language : "", in_use(t->active));
}

static const struct subject teams = {
	RECORD_TEAM,  ACT_TEAM_CREATE, ACT_TEAM_CHANGE, CENTRAL_SQL_LIST_TEAM,
	team_by_name, read_team,       print_team,
};
static const struct subject topics = {
	RECORD_TOPIC,  ACT_TOPIC_CREATE, ACT_TOPIC_CHANGE, CENTRAL_SQL_LIST_TOPIC,
	topic_by_name, read_topic,	 print_topic,
};
static const struct subject templates = {
	RECORD_TEMPLATE,  ACT_TEMPLATE_CREATE, ACT_TEMPLATE_CHANGE, CENTRAL_SQL_LIST_TEMPLATE,
	template_by_name, read_template,       print_template,
};

/* ---- verbs ---- */

static bool change(struct admin *m, const struct args *args, struct err *err)
{
	const char *id;

	return m->subject->find(&m->town, m->name, &id, &m->arena, err) &&
	       command_do_admin(&m->town, m->subject->change, id, args, &m->arena, err);
}

static bool verb_add(struct admin *m, struct err *err)
{
	struct args args = args_none;

	args.name = m->name;
	return m->subject->read(m, &args, err) &&
	       command_do_admin(&m->town, m->subject->create, NULL, &args, &m->arena, err);
}

static bool verb_rename(struct admin *m, struct err *err)
{
	struct args args = args_none;

	args.name = m->other;
	return change(m, &args, err);
}

static bool verb_change(struct admin *m, struct err *err)
{
	const struct settings *s = m->settings;
	struct args args = args_none;

	if (m->subject == &topics && !s->team && !s->kind && s->days < 0) {
		err_set(err, ERR_INPUT, _("say what changes: --team, --kind or --days"));
		return false;
	}
	return m->subject->read(m, &args, err) && change(m, &args, err);
}

static bool set_active(struct admin *m, int active, struct err *err)
{
	struct args args = args_none;

	args.active = active;
	return change(m, &args, err);
}

static bool verb_disable(struct admin *m, struct err *err)
{
	return set_active(m, 0, err);
}

static bool verb_enable(struct admin *m, struct err *err)
{
	return set_active(m, 1, err);
}

static bool verb_list(struct admin *m, struct err *err)
{
	const struct record_type *type = &record_types[m->subject->kind];
	char after[ID_TEXT] = "";
	enum store_step step;
	int got;

	do {
		struct store_query *q = store_query(m->town.store, m->subject->list);

		got = 0;
		store_bind_text(q, 1, NULL);
		store_bind_text(q, 2, after);
		store_bind_int(q, 3, PAGE);
		while ((step = store_step(q, err)) == STORE_ROW) {
			union any_record r;

			memset(&r, 0, sizeof(r));
			store_column_fields(q, 0, type->fields, type->field_count, &r, &m->arena);
			snprintf(after, sizeof(after), "%s", r.head.id);
			m->subject->print(m, &r);
			got++;
		}
		store_done(q);
	} while (step == STORE_DONE && got == PAGE);
	return step == STORE_DONE;
}

/* ---- the commands ---- */

static const struct {
	const char *name;
	admin_fn *run;
	size_t operands; /* with the verb */
} verbs[] = {
	{"add", verb_add, 2},	    {"change", verb_change, 2}, {"disable", verb_disable, 2},
	{"enable", verb_enable, 2}, {"list", verb_list, 1},	{"rename", verb_rename, 3},
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static bool run_verb(struct admin *m, admin_fn *run, struct err *err)
{
	if (!town_begin(&m->town, err))
		return false;
	if (!run(m, err)) {
		town_rollback(&m->town);
		return false;
	}
	return town_commit(&m->town, err);
}

/* Of a team all there is to change has a verb of its own. */
static bool has_verb(const struct subject *subject, size_t i, const char *name)
{
	return strcmp(verbs[i].name, name) == 0 &&
	       (subject != &teams || verbs[i].run != verb_change);
}

static int run(const struct settings *s, const struct option_list *operands,
	       const struct subject *subject, const char *usage, struct err *err)
{
	struct admin m = {.settings = s, .subject = subject};
	size_t i = 0;
	bool ok;

	while (operands->count > 0 && i < VERBS && !has_verb(subject, i, operands->items[0]))
		i++;
	if (operands->count == 0 || i == VERBS || operands->count != verbs[i].operands) {
		err_set(err, ERR_INPUT, "%s", usage);
		return 2;
	}
	m.name = operands->count > 1 ? operands->items[1] : NULL;
	m.other = operands->count > 2 ? operands->items[2] : NULL;
	if (!town_open(&m.town, s->db, STORE_PREPARE, err))
		return 1;
	ok = run_verb(&m, verbs[i].run, err);
	town_close(&m.town);
	arena_finish(&m.arena);
	return ok ? 0 : 1;
}

int command_team(const struct settings *s, const struct option_list *operands, struct err *err)
{
	return run(s, operands, &teams,
		   _("say: team add NAME, rename NAME NEW, disable NAME, enable NAME or list"),
		   err);
}

int command_topic(const struct settings *s, const struct option_list *operands, struct err *err)
{
	return run(
		s, operands, &topics,
		_("say: topic add NAME, change NAME, rename NAME NEW, disable NAME, enable NAME or "
		  "list"),
		err);
}

int command_template(const struct settings *s, const struct option_list *operands, struct err *err)
{
	return run(s, operands, &templates,
		   _("say: template add NAME, change NAME, rename NAME NEW, disable NAME, "
		     "enable NAME or list"),
		   err);
}
